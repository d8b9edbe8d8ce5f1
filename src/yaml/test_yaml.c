/* Unit tests of the YAML tree: positions, refusals, lookups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "yaml/yaml.h"

static struct arena *mem;

static int open_arena(void **state)
{
	(void)state;
	mem = arena_open(1 << 20);
	return mem ? 0 : -1;
}

static int close_arena(void **state)
{
	(void)state;
	arena_close(mem);
	return 0;
}

static struct yaml *parse(const char *text)
{
	struct err err = { 0 };
	struct yaml *root = NULL;

	if (yaml_parse(str_of(text), "t.yaml", mem, &root, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return root;
}

static void expect_error(const char *text, const char *message)
{
	struct err err = { 0 };
	struct yaml *root = NULL;

	assert_int_not_equal(yaml_parse(str_of(text), "t.yaml", mem, &root, &err), ERR_OK);
	assert_string_equal(err.msg, message);
}

static void nodes_know_where_they_stand(void **state)
{
	struct yaml *root = parse("id: a\nparams:\n  limit: {value: 90, label: 期限}\nlist: [x, 'true']\n");
	struct yaml *limit = yaml_get(yaml_get(root, "params"), "limit");
	int64_t value;
	struct err err;

	(void)state;
	assert_int_equal(limit->line, 3);
	assert_int_equal(limit->column, 10);
	assert_int_equal(yaml_i64(limit, "value", 0, &value, &err), ERR_OK);
	assert_int_equal(value, 90);
	assert_true(str_eq(yaml_text(limit, "label"), STR("期限")));
	assert_true(yaml_get(root, "list")->values[1]->quoted);
	assert_null(yaml_get(root, "nothing"));
}

static void what_rules_never_need_is_refused(void **state)
{
	(void)state;
	expect_error("a: &x 1\nb: *x\n", "t.yaml:1:4: 不允许锚点和标签");
	expect_error("a: 1\na: 2\n", "t.yaml:2:1: 键 a 重复，前一处在第 1 行");
	expect_error("a: 1\n---\nb: 2\n", "t.yaml:3:1: 一个文件只能有一个 YAML 文档");
	expect_error("", "t.yaml:1:1: 文件是空的");
}

static void nesting_has_a_limit(void **state)
{
	char deep[200];

	(void)state;
	memset(deep, '[', 100);
	memset(deep + 100, ']', 100);
	struct err err = { 0 };
	struct yaml *root;

	assert_int_equal(yaml_parse((struct str){ deep, 200 }, "t.yaml", mem, &root, &err), ERR_SYNTAX);
}

static void an_unknown_key_suggests_the_nearest(void **state)
{
	struct yaml *root = parse("titel: x\n");
	struct err err;

	(void)state;
	assert_int_equal(yaml_only(root, "id|title|when", &err), ERR_INPUT);
	assert_string_equal(err.msg, "t.yaml:1:1: 不认识的键 titel，是否为 title？");
}

static void a_quoted_number_is_text(void **state)
{
	struct yaml *root = parse("n: '5'\nb: yes\n");
	int64_t n;
	bool b;
	struct err err;

	(void)state;
	assert_int_equal(yaml_i64(root, "n", 0, &n, &err), ERR_INPUT);
	assert_int_equal(yaml_bool(root, "b", false, &b, &err), ERR_INPUT);
	assert_int_equal(yaml_i64(root, "absent", 7, &n, &err), ERR_OK);
	assert_int_equal(n, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_know_where_they_stand),
		cmocka_unit_test(what_rules_never_need_is_refused),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(an_unknown_key_suggests_the_nearest),
		cmocka_unit_test(a_quoted_number_is_text),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
