/* The command line's table: options, values, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/commands.h"

static struct arguments *parse(int argc, const char *const *argv, const char *allowed, enum err_code expected, const char *message)
{
	static struct arguments args;
	struct err err = { 0 };

	assert_int_equal(arguments_parse(argc, argv, allowed, &args, &err), expected);
	if (message)
		assert_string_equal(err.msg, message);
	return &args;
}

static void options_and_positional_arguments_may_mix(void **state)
{
	const char *argv[] = { "a.csv", "--as", "penalty_case", "b.csv", "--format=json", "--pause", "x..y", "--pause=z" };
	struct arguments *args = parse(8, argv, "as format pause", ERR_OK, NULL);

	(void)state;
	assert_int_equal(args->positional_count, 2);
	assert_string_equal(args->positional[1], "b.csv");
	assert_string_equal(argument(args, "as"), "penalty_case");
	assert_string_equal(argument(args, "format"), "json");
	assert_string_equal(argument_nth(args, "pause", 1), "z");
	assert_null(argument(args, "today"));
}

static void an_option_of_another_command_is_refused(void **state)
{
	const char *wrong[] = { "--as", "x" }, *novalue[] = { "--format" }, *valued[] = { "--json=1" };

	(void)state;
	parse(2, wrong, "format json", ERR_INPUT, "不认识的选项 --as；可用：format json");
	parse(1, novalue, "format json", ERR_INPUT, "--format 需要一个值：FORMAT");
	parse(1, valued, "format json", ERR_INPUT, "--json 不带值");
}

static void every_command_names_known_options_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++) {
		char *copy = strdup(commands[i].options), *rest = copy, *word;

		while ((word = strsep(&rest, " ")))
			if (*word) {
				char option[64];
				const char *argv[] = { option, "1" };
				struct arguments args;
				struct err err;
				enum err_code code;

				snprintf(option, sizeof(option), "--%s", word);
				code = arguments_parse(2, argv, commands[i].options, &args, &err);
				if (code != ERR_OK)
					fail_msg("%s: %s", commands[i].name, err.msg);
			}
		free(copy);
	}
}

static void commands_have_one_row_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++)
		for (size_t j = i + 1; j < command_count; j++)
			assert_string_not_equal(commands[i].name, commands[j].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_and_positional_arguments_may_mix),
		cmocka_unit_test(an_option_of_another_command_is_refused),
		cmocka_unit_test(every_command_names_known_options_only),
		cmocka_unit_test(commands_have_one_row_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
