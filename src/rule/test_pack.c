/* The shipped rules: every file loads, every test in them passes, lint has nothing to say that is an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/file.h"
#include "rule/rule.h"

#define TODAY 20634 /* 2026-06-30 */

static struct arena *mem;
static struct dictionary *dictionary;
static struct calendar *calendar;
static struct law_register *law;
static struct rule_pack *pack;
static const struct asset_set builtin;
static int problems;

static void on_problem(void *arg, const struct err *problem)
{
	(void)arg;
	problems++;
	print_error("%s\n", problem->msg);
}

static int setup(void **state)
{
	struct err err = { 0 };
	struct rule_options o = { .assets = &builtin, .on_problem = on_problem };

	(void)state;
	mem = arena_open((size_t)256 << 20);
	if (!mem || dictionary_load(&builtin, mem, &dictionary, &err) != ERR_OK ||
		calendar_load(&builtin, STR(""), mem, &calendar, &err) != ERR_OK || law_load(&builtin, mem, &law, &err) != ERR_OK) {
		print_error("%s\n", err.msg);
		return -1;
	}
	o.dictionary = dictionary;
	o.calendar = calendar;
	o.law = law;
	if (rule_pack_load(&o, &pack, &err) != ERR_OK) {
		print_error("%s\n", err.msg);
		return -1;
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rule_pack_close(pack);
	arena_close(mem);
	return 0;
}

static void every_shipped_rule_loads(void **state)
{
	(void)state;
	assert_int_equal(problems, 0);
	assert_true(rule_count(pack) > 0);
}

static void print_failure(void *arg, const struct rule_test_outcome *outcome)
{
	(void)arg;
	if (!outcome->passed)
		print_error("%.*s [%.*s] %.*s\n", STR_ARG(outcome->rule->id), STR_ARG(outcome->name), STR_ARG(outcome->text));
}

static void every_shipped_rule_passes_its_own_tests(void **state)
{
	struct rule_test_summary summary;
	struct rule_results results;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(rule_test(pack, NULL, TODAY, print_failure, NULL, &summary, &results, &err), ERR_OK);
	print_message("%ld passed, %ld failed, %ld missing\n", (long)summary.passed, (long)summary.failed, (long)summary.missing);
	rule_results_clear(&results);
	assert_int_equal(summary.failed, 0);
	assert_int_equal(summary.missing, 0);
}

static void print_entry(void *arg, const struct rule_lint_entry *entry)
{
	print_error("%s %.*s\n", entry->level == LINT_ERROR ? "error" : "warning", STR_ARG(entry->text));
	*(int *)arg += entry->level == LINT_ERROR;
}

static void lint_finds_no_error_in_shipped_rules(void **state)
{
	int errors = 0;

	(void)state;
	rule_lint(pack, print_entry, &errors);
	assert_int_equal(errors, 0);
}

/** No rule that runs may rest on an article nobody has seen; no period of the table may cite one the register does not hold. */
static void citations_are_seen_and_known(void **state)
{
	const struct period *periods;
	struct law_citation c;
	struct err err = { 0 };
	size_t count;

	(void)state;
	for (size_t i = 0; i < rule_count(pack); i++) {
		const struct rule *r = rule_at(pack, i);

		for (size_t k = 0; k < r->basis_count && rule_is_active(r); k++) {
			assert_int_equal(law_need(law, r->basis[k].law, r->basis[k].article, r->in_force_from, &c, &err), ERR_OK);
			assert_true(c.article && c.article->evidence != LAW_UNVERIFIED);
		}
	}
	periods = calendar_periods(calendar, &count);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < periods[i].basis_count; k++)
			if (law_need(law, periods[i].basis[k].law, periods[i].basis[k].article, periods[i].in_force_from, &c, &err) !=
				ERR_OK)
				fail_msg("%.*s: %s", STR_ARG(periods[i].id), err.msg);
}

/** The shipped rules under a profile whose packs.yaml has this text; NULL: the error's text in *err. */
static struct rule_pack *with_packs(const char *text, struct err *err)
{
	char dir[] = "/tmp/xz-profile-XXXXXX", path[64];
	struct asset_set set = { .dirs = { { .dir = dir, .prefix = "" } }, .dir_count = 1 };
	struct rule_options o = { .assets = &set, .dictionary = dictionary, .calendar = calendar, .law = law };
	struct rule_pack *p = NULL;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/packs.yaml", dir);
	assert_int_equal(file_write(path, str_of(text), NULL), ERR_OK);
	if (rule_pack_load(&o, &p, err) != ERR_OK)
		p = NULL;
	unlink(path);
	rmdir(dir);
	return p;
}

static void local_packs_are_off_until_a_profile_turns_them_on(void **state)
{
	const struct str hainan = STR("inspection-result-untold"), shenzhen = STR("inspection-no-scan");
	struct err err = { 0 };
	struct rule_pack *p = with_packs("enabled: [local/hainan]\n", &err);

	(void)state;
	assert_non_null(p);
	assert_false(rule_is_active(rule_find(pack, hainan)));
	assert_true(rule_is_active(rule_find(p, hainan)));
	assert_false(rule_is_active(rule_find(p, shenzhen)));
	assert_true(rule_is_active(rule_find(p, STR("inspection-unapproved"))));
	rule_pack_close(p);
	assert_null(with_packs("enabled: [local/nowhere]\n", &err));
	assert_string_equal(err.msg, "packs.yaml:1:11: 没有地方规则包 local/nowhere");
	assert_null(with_packs("enabled: [penalty]\n", &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shipped_rule_loads),
		cmocka_unit_test(every_shipped_rule_passes_its_own_tests),
		cmocka_unit_test(lint_finds_no_error_in_shipped_rules),
		cmocka_unit_test(citations_are_seen_and_known),
		cmocka_unit_test(local_packs_are_off_until_a_profile_turns_them_on),
	};

	return cmocka_run_group_tests_name("pack", tests, setup, teardown);
}
