/* Router, field tables, problem documents and the description: without a socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/http_private.h"

static struct arena *mem;
static struct err err;

static int setup(void **state)
{
	(void)state;
	mem = arena_open(16 << 20);
	memset(&err, 0, sizeof(err));
	return mem ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_close(mem);
	return 0;
}

static enum err_code handler(struct request *req, struct response *res, struct err *e)
{
	(void)req;
	(void)res;
	(void)e;
	return ERR_OK;
}

/* ---- router ---- */

#define ROW(m, p)                                                                                                                          \
	{                                                                                                                                  \
		m, p, handler, .roles = ROLE_LEADER, .scope = SCOPE_ORG, .summary = "试"                                                  \
	}

static const struct route org_rows[] = { ROW(HTTP_GET, "/api/orgs/{id}"), ROW(HTTP_GET, "/api/orgs/tree"), ROW(HTTP_PUT, "/api/orgs/{id}"),
	ROW(HTTP_GET, "/api/orgs/{org}/contacts"), ROW(HTTP_GET, "/api/orgs"), ROW(HTTP_GET, "/api/{kind}/{id}/preview.pdf") };
static const struct route_table org_table = { .rows = org_rows, .count = 6, .tag = "org" };

static struct route_match find(const struct route_table *table, enum http_method m, const char *path)
{
	struct str segments[HTTP_SEGMENTS_MAX];
	struct route_match match;
	struct router *r;
	size_t count;

	assert_int_equal(router_open(table, 1, &r, &err), ERR_OK);
	assert_true(path_split(str_of(path), segments, &count));
	router_find(r, m, segments, count, &match);
	router_close(r);
	return match;
}

static void a_literal_goes_before_a_name(void **state)
{
	(void)state;
	assert_string_equal(find(&org_table, HTTP_GET, "/api/orgs/tree").row->path, "/api/orgs/tree");
	assert_string_equal(find(&org_table, HTTP_GET, "/api/orgs/12").row->path, "/api/orgs/{id}");
}

static void a_literal_that_leads_nowhere_gives_way_to_a_name(void **state)
{
	struct route_match m = find(&org_table, HTTP_GET, "/api/orgs/tree/contacts");

	(void)state;
	assert_string_equal(m.row->path, "/api/orgs/{org}/contacts");
	assert_true(str_eq(m.segments[2], STR("tree")));
	assert_string_equal(find(&org_table, HTTP_GET, "/api/orgs/7/preview.pdf").row->path, "/api/{kind}/{id}/preview.pdf");
}

static void a_known_path_by_another_method_lists_what_it_has(void **state)
{
	struct route_match m = find(&org_table, HTTP_DELETE, "/api/orgs/12");

	(void)state;
	assert_null(m.row);
	assert_int_equal(m.allowed, 1u << HTTP_GET | 1u << HTTP_PUT);
	assert_int_equal(find(&org_table, HTTP_GET, "/api/orgs/12/13").allowed, 0);
	assert_int_equal(find(&org_table, HTTP_GET, "/api/orgs/").allowed, 0);
}

static enum err_code check(struct route row)
{
	struct route rows[2] = { ROW(HTTP_GET, "/api/things/{id}"), row };
	struct route_table table = { .rows = rows, .count = 2, .tag = "t" };

	return http_check_tables(&table, 1, &err);
}

static void rows_that_would_admit_by_omission_are_refused(void **state)
{
	(void)state;
	assert_int_equal(check((struct route){ HTTP_GET, "/api/a", handler, .roles = ROLE_LEADER, .scope = SCOPE_ORG }), ERR_OK);
	assert_int_equal(check((struct route){ HTTP_GET, "/api/a", handler, .scope = SCOPE_ORG }), ERR_INTERNAL);
	assert_non_null(strstr(err.msg, "没有写明角色"));
	assert_int_equal(check((struct route){ HTTP_GET, "/api/a", handler, .roles = ROLE_LEADER }), ERR_INTERNAL);
	assert_non_null(strstr(err.msg, "没有写明数据范围"));
	assert_int_equal(check((struct route){ HTTP_GET, "/api/a", NULL, .roles = ROLE_LEADER, .scope = SCOPE_ORG }), ERR_INTERNAL);
}

static void duplicate_and_malformed_rows_are_refused(void **state)
{
	(void)state;
	assert_int_equal(check((struct route)ROW(HTTP_GET, "/api/things/{other}")), ERR_INTERNAL);
	assert_non_null(strstr(err.msg, "路由重复"));
	assert_int_equal(check((struct route)ROW(HTTP_POST, "/api/things/{other}")), ERR_OK);
	assert_int_equal(check((struct route)ROW(HTTP_GET, "api/x")), ERR_INTERNAL);
	assert_int_equal(check((struct route)ROW(HTTP_GET, "/api//x")), ERR_INTERNAL);
	assert_int_equal(check((struct route)ROW(HTTP_GET, "/api/X")), ERR_INTERNAL);
	assert_int_equal(check((struct route)ROW(HTTP_GET, "/api/{id}/{id}")), ERR_INTERNAL);
	assert_int_equal(
		check((struct route){ HTTP_GET, "/api/f", handler, .roles = 1, .scope = SCOPE_ORG, .upload = true }), ERR_INTERNAL);
}

/* ---- fields ---- */

struct thing {
	struct str title, kind, note;
	int64_t amount, org_id;
	bool sealed;
	int32_t on;
	struct id_list clue_ids;
	struct str extra;
};
static const struct field thing_fields[] = {
	F_STR(struct thing, title, .required = true, .max = 5, .label = "标题"),
	F_STR(struct thing, kind, .one_of = "a|bb", .label = "类型"),
	F_STR(struct thing, note, .min = 2),
	F_I64(struct thing, amount, .min = 1, .max = 10, .label = "金额"),
	F_ID(struct thing, org_id, .label = "单位"),
	F_BOOL(struct thing, sealed),
	F_DAY(struct thing, on, .label = "日期"),
	F_IDS(struct thing, clue_ids, .max = 2),
	F_JSON(struct thing, extra),
	{ 0 },
};

static enum err_code decode(const char *json, struct thing **ret, struct field_fault *fault)
{
	void *out = NULL;
	enum err_code code;

	*fault = (struct field_fault){ 0 };
	code = fields_from_json(thing_fields, sizeof(struct thing), str_of(json), mem, &out, fault, &err);
	*ret = out;
	return code;
}

static void a_full_body_is_decoded(void **state)
{
	struct field_fault fault;
	struct thing *t;

	(void)state;
	assert_int_equal(decode("{\"title\":\"线索一二三\",\"kind\":\"bb\",\"amount\":10,\"org_id\":\"9007199254740993\",\"sealed\":true,"
				"\"on\":\"2026-02-28\","
				"\"clue_ids\":[\"1\",\"2\"],\"extra\":{\"b\":[1,null],\"a\":\"中\"},\"note\":null}",
				 &t, &fault),
		ERR_OK);
	assert_true(str_eq(t->title, STR("线索一二三")));
	assert_int_equal(t->org_id, 9007199254740993ll);
	assert_int_equal(t->on, day_from_ymd(2026, 2, 28));
	assert_int_equal(t->clue_ids.count, 2);
	assert_int_equal(t->clue_ids.v[1], 2);
	assert_true(str_eq(t->extra, STR("{\"b\":[1,null],\"a\":\"中\"}")));
	assert_null(t->note.ptr);
}

static void absent_fields_have_their_resting_values(void **state)
{
	struct field_fault fault;
	struct thing *t;

	(void)state;
	assert_int_equal(decode("{\"title\":\"x\",\"on\":null}", &t, &fault), ERR_OK);
	assert_int_equal(t->on, DAY_NONE);
	assert_int_equal(t->org_id, 0);
	assert_false(t->sealed);
	assert_int_equal(t->clue_ids.count, 0);
}

static void assert_bad(const char *json, enum err_code code, const char *field, const char *text)
{
	struct field_fault fault;
	struct thing *t;

	assert_int_equal(decode(json, &t, &fault), code);
	assert_string_equal(fault.name, field);
	if (!strstr(err.msg, text))
		fail_msg("“%s” is not in “%s”", text, err.msg);
}

static void what_is_wrong_is_named_with_what_is_allowed(void **state)
{
	(void)state;
	assert_bad("{}", ERR_INPUT, "title", "标题（title）必填");
	assert_bad("", ERR_INPUT, "title", "必填");
	assert_bad("{\"title\":null}", ERR_INPUT, "title", "必填");
	assert_bad("{\"title\":\"　 \"}", ERR_INPUT, "title", "不能为空");
	assert_bad("{\"title\":\"一二三四五六\"}", ERR_INPUT, "title", "最多 5 个字，收到 6 个");
	assert_bad("{\"title\":7}", ERR_INPUT, "title", "应为文字");
	assert_bad("{\"title\":\"x\",\"kind\":\"c\"}", ERR_INPUT, "kind", "只能是 a|bb 之一");
	assert_bad("{\"title\":\"x\",\"note\":\"y\"}", ERR_INPUT, "note", "应为 2 至 1000 个字");
	assert_bad("{\"title\":\"x\",\"amount\":11}", ERR_INPUT, "amount", "1 至 10 之间，收到 11");
	assert_bad("{\"title\":\"x\",\"amount\":1.5}", ERR_INPUT, "amount", "应为整数");
	assert_bad("{\"title\":\"x\",\"org_id\":12}", ERR_INPUT, "org_id", "数字串");
	assert_bad("{\"title\":\"x\",\"org_id\":\"-1\"}", ERR_INPUT, "org_id", "数字串");
	assert_bad("{\"title\":\"x\",\"sealed\":1}", ERR_INPUT, "sealed", "true 或 false");
	assert_bad("{\"title\":\"x\",\"on\":\"2026-02-29\"}", ERR_INPUT, "on", "真实存在的日期");
	assert_bad("{\"title\":\"x\",\"clue_ids\":[\"1\",\"2\",\"3\"]}", ERR_INPUT, "clue_ids", "0 至 2 个编号，收到 3 个");
	assert_bad("{\"title\":\"x\",\"clue_ids\":[1]}", ERR_INPUT, "clue_ids", "每一项");
	assert_bad("{\"title\":\"x\",\"titel\":1}", ERR_INPUT, "titel", "可用：title、kind");
	assert_bad("{\"title\":\"a\\u0001\"}", ERR_INPUT, "title", "控制字符");
}

static void a_long_unknown_name_is_cut_between_characters(void **state)
{
	(void)state;
	assert_bad("{\"a很长很长很长很长很长很长很长很长很长很长很长\":1}", ERR_INPUT, "a很长很长很长很长很长很长很长很长很长很", "可用：");
	assert_true(utf8_valid(str_of(err.msg)));
}

static void text_that_is_not_one_object_is_a_syntax_error(void **state)
{
	(void)state;
	assert_bad("[]", ERR_SYNTAX, "", "一个 JSON 对象");
	assert_bad("{\"title\":\"x\"", ERR_SYNTAX, "", "第 1 行");
	assert_bad("{\"title\":\"x\",\"title\":\"y\"}", ERR_SYNTAX, "", "JSON");
	assert_bad("{\"title\":\"\xff\"}", ERR_SYNTAX, "", "JSON");
	assert_bad("{\"n0\\\\\\\xd0\x91\t<\xb7\t", ERR_SYNTAX, "", "JSON");
	assert_true(utf8_valid(str_of(err.msg)));
	assert_bad("{\"title\":\"a\\u0000b\"}", ERR_SYNTAX, "", "JSON");
}

static void a_query_is_decoded_by_the_same_table(void **state)
{
	const struct param params[] = { { STR("title"), STR("x") }, { STR("amount"), STR("3") }, { STR("sealed"), STR("1") },
		{ STR("clue_ids"), STR("4,5") }, { STR("on"), STR("") }, { STR("fine_from"), STR("9") } };
	struct field_fault fault = { 0 };
	struct thing *t;
	void *out;

	(void)state;
	assert_int_equal(fields_from_query(thing_fields, sizeof(struct thing), params, 6, mem, &out, &fault, &err), ERR_OK);
	t = out;
	assert_int_equal(t->amount, 3);
	assert_true(t->sealed);
	assert_int_equal(t->clue_ids.v[1], 5);
	assert_int_equal(t->on, DAY_NONE);
}

static void a_query_parameter_given_twice_is_refused(void **state)
{
	const struct param params[] = { { STR("title"), STR("x") }, { STR("title"), STR("y") } };
	struct field_fault fault = { 0 };
	void *out;

	(void)state;
	assert_int_equal(fields_from_query(thing_fields, sizeof(struct thing), params, 2, mem, &out, &fault, &err), ERR_INPUT);
	assert_string_equal(fault.name, "title");
}

/* ---- text ---- */

static void percent_escapes_are_strict(void **state)
{
	struct str out;

	(void)state;
	assert_true(percent_decode(STR("%E6%B3%95a+b"), true, mem, &out));
	assert_true(str_eq(out, STR("法a b")));
	assert_true(percent_decode(STR("a%2Fb+c"), false, mem, &out));
	assert_true(str_eq(out, STR("a/b+c")));
	assert_true(percent_decode(STR(""), false, mem, &out));
	assert_false(percent_decode(STR("%"), false, mem, &out));
	assert_false(percent_decode(STR("%4"), false, mem, &out));
	assert_false(percent_decode(STR("%zz"), false, mem, &out));
	assert_false(percent_decode(STR("a%00"), false, mem, &out));
	assert_false(percent_decode(STR("%ff"), false, mem, &out));
	assert_true(percent_decode(STR("%41"), false, mem, &out));
	assert_true(str_eq(out, STR("A")));
}

static void encodings_are_negotiated_by_token_and_quality(void **state)
{
	(void)state;
	assert_true(accepts_token(STR("gzip, deflate, br"), STR("br")));
	assert_true(accepts_token(STR("GZIP;q=0.5"), STR("gzip")));
	assert_false(accepts_token(STR("br;q=0, gzip"), STR("br")));
	assert_false(accepts_token(STR("br; q=0.000"), STR("br")));
	assert_false(accepts_token(STR("brx"), STR("br")));
	assert_false(accepts_token(STR(""), STR("br")));
}

/* ---- problems ---- */

static json_t *problem(enum err_code code, const char *msg, const char *field)
{
	struct buf out;
	json_t *root;

	buf_init(&out, 8192);
	problem_put(&out, code, msg, field, "0011");
	root = json_loadb(out.ptr, out.len, 0, NULL);
	buf_clear(&out);
	assert_non_null(root);
	return root;
}

static void the_basis_of_a_refusal_becomes_the_article(void **state)
{
	json_t *p = problem(ERR_BLOCKED, "决定书由本级人民政府制发〔依据：条例第26条第1款〕", "");

	(void)state;
	assert_string_equal(json_string_value(json_object_get(p, "detail")), "决定书由本级人民政府制发");
	assert_string_equal(json_string_value(json_object_get(p, "article")), "条例第26条第1款");
	assert_int_equal(json_integer_value(json_object_get(p, "status")), 409);
	assert_null(json_object_get(p, "field"));
	json_decref(p);
	p = problem(ERR_INPUT, "标题（title）必填", "title");
	assert_string_equal(json_string_value(json_object_get(p, "field")), "title");
	assert_null(json_object_get(p, "article"));
	assert_string_equal(json_string_value(json_object_get(p, "type")), "urn:xiezhi:problem:invalid_input");
	json_decref(p);
}

static void failures_of_the_machine_keep_their_text_to_themselves(void **state)
{
	json_t *p = problem(ERR_DB, "SELECT secret FROM …", "");

	(void)state;
	assert_null(strstr(json_string_value(json_object_get(p, "detail")), "secret"));
	assert_non_null(strstr(json_string_value(json_object_get(p, "detail")), "0011"));
	json_decref(p);
}

/* ---- description ---- */

static const struct route described_rows[] = {
	{ HTTP_POST, "/api/things", handler, .roles = ROLE_LEADER | ROLE_LIAISON, .scope = SCOPE_ORG, .summary = "新建",
		ROUTE_BODY(struct thing, thing_fields), .answers = "Thing" },
	{ HTTP_GET, "/api/things/{id}", handler, .roles = ROLE_ANYONE, .scope = SCOPE_PUBLIC, .summary = "查看",
		ROUTE_QUERY(struct thing, thing_fields) },
	{ HTTP_POST, "/api/files", handler, .roles = ROLE_SIGNED_IN, .scope = SCOPE_ACCOUNT, .summary = "上传", .upload = true },
};
static const struct route_table described = { .rows = described_rows, .count = 3, .tag = "thing" };

static void the_description_is_valid_sorted_json(void **state)
{
	struct buf out;
	json_error_t where;
	json_t *root, *paths, *post;

	(void)state;
	buf_init(&out, 1 << 20);
	http_openapi(&described, 1, &out);
	root = json_loadb(out.ptr, out.len, JSON_REJECT_DUPLICATES, &where);
	if (!root)
		fail_msg("line %d: %s", where.line, where.text);
	assert_true(str_find(buf_str(&out), STR("\"/api/files\"")) < str_find(buf_str(&out), STR("\"/api/things\"")));
	paths = json_object_get(root, "paths");
	post = json_object_get(json_object_get(paths, "/api/things"), "post");
	assert_string_equal(json_string_value(json_object_get(post, "operationId")), "postApiThings");
	assert_string_equal(json_string_value(json_array_get(json_object_get(post, "x-roles"), 0)), "leader");
	assert_string_equal(json_string_value(json_array_get(json_object_get(post, "x-roles"), 1)), "liaison");
	assert_string_equal(json_string_value(json_object_get(post, "x-scope")), "org");
	assert_int_equal(
		json_array_size(json_object_get(json_object_get(json_object_get(paths, "/api/things/{id}"), "get"), "parameters")), 10);
	assert_non_null(json_object_get(json_object_get(paths, "/api/files"), "post"));
	json_decref(root);
	buf_clear(&out);
}

static void the_description_is_stable(void **state)
{
	struct route reversed[] = { described_rows[2], described_rows[1], described_rows[0] };
	struct route_table table = { .rows = reversed, .count = 3, .tag = "thing" };
	struct buf a, b;

	(void)state;
	buf_init(&a, 1 << 20);
	buf_init(&b, 1 << 20);
	http_openapi(&described, 1, &a);
	http_openapi(&table, 1, &b);
	assert_true(str_eq(buf_str(&a), buf_str(&b)));
	buf_clear(&a);
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_literal_goes_before_a_name),
		cmocka_unit_test(a_literal_that_leads_nowhere_gives_way_to_a_name),
		cmocka_unit_test(a_known_path_by_another_method_lists_what_it_has),
		cmocka_unit_test(rows_that_would_admit_by_omission_are_refused),
		cmocka_unit_test(duplicate_and_malformed_rows_are_refused),
		cmocka_unit_test(a_full_body_is_decoded),
		cmocka_unit_test(absent_fields_have_their_resting_values),
		cmocka_unit_test(what_is_wrong_is_named_with_what_is_allowed),
		cmocka_unit_test(a_long_unknown_name_is_cut_between_characters),
		cmocka_unit_test(text_that_is_not_one_object_is_a_syntax_error),
		cmocka_unit_test(a_query_is_decoded_by_the_same_table),
		cmocka_unit_test(a_query_parameter_given_twice_is_refused),
		cmocka_unit_test(percent_escapes_are_strict),
		cmocka_unit_test(encodings_are_negotiated_by_token_and_quality),
		cmocka_unit_test(the_basis_of_a_refusal_becomes_the_article),
		cmocka_unit_test(failures_of_the_machine_keep_their_text_to_themselves),
		cmocka_unit_test(the_description_is_valid_sorted_json),
		cmocka_unit_test(the_description_is_stable),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
