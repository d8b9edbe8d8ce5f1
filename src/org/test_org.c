/* The organisation tree on both databases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/date.h"
#include "org/org.h"
#include "support/test_db.h"

static struct test_db test;
static struct arena *mem;
static struct id_source ids;
static const struct actor who = { .name = STR_INIT("测试") };
static struct org city, bureau, county, county_body, market;

static struct org add(
	const struct org *parent, enum org_kind kind, enum org_level level, const char *code, const char *name, const char *region)
{
	struct org o = { .parent_id = parent ? parent->id : 0,
		.kind = kind,
		.level = level,
		.code = str_of(code),
		.name = str_of(name),
		.region = str_of(region),
		.confirmed_on = DAY_NONE,
		.published_on = DAY_NONE,
		.cancelled_on = DAY_NONE };
	struct err err;

	if (org_add(test.db, &ids, &who, 1000, &o, mem, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return o;
}

static int open_with(enum db_dialect dialect)
{
	test_db_open(&test, dialect);
	mem = arena_open(4 << 20);
	id_source_init(&ids, 0, 0);
	city = add(NULL, ORG_GOVERNMENT, ORG_CITY, "C1", "临川市人民政府", "3699");
	bureau = add(&city, ORG_SUPERVISION_BODY, ORG_CITY, "C2", "临川市司法局", "3699");
	market = add(&city, ORG_AGENCY, ORG_CITY, "C3", "临川市市场监督管理局", "3699");
	county = add(&city, ORG_GOVERNMENT, ORG_COUNTY, "C4", "云岭县人民政府", "369901");
	county_body = add(&county, ORG_SUPERVISION_BODY, ORG_COUNTY, "C5", "云岭县司法局", "369901");
	return 0;
}

static int open_sqlite(void **state)
{
	(void)state;
	return open_with(DB_SQLITE);
}

static int open_pg(void **state)
{
	(void)state;
	return open_with(DB_PG);
}

static int close_db(void **state)
{
	(void)state;
	arena_close(mem);
	test_db_close(&test);
	return 0;
}

static int64_t find(const char *code, const char *name)
{
	struct err err;
	int64_t id;

	if (org_find(test.db, str_of(code), str_of(name), &id, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return id;
}

static int64_t put(const char *code, const char *name, const char *region)
{
	struct org_agency a = { .code = str_of(code),
		.name = str_of(name),
		.region = str_of(region),
		.kind = ORG_AGENCY,
		.level = ORG_COUNTY,
		.confirmed_on = day_from_ymd(2025, 1, 2),
		.published_on = DAY_NONE,
		.cancelled_on = DAY_NONE };
	struct err err;
	int64_t id;

	if (org_agency_put(test.db, &ids, 2000, &a, mem, &id, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return id;
}

static void names_are_found_however_they_are_typed(void **state)
{
	(void)state;
	assert_int_equal(find("", "临川市　市场监督管理局 "), market.id);
	assert_int_equal(find("C3", "写错了"), market.id);
	assert_int_equal(find("", "没有的局"), 0);
}

static void a_name_that_two_share_finds_neither(void **state)
{
	(void)state;
	add(&county, ORG_AGENCY, ORG_COUNTY, "X1", "综合执法队", "369901");
	add(&city, ORG_AGENCY, ORG_CITY, "X2", "综合执法队", "3699");
	assert_int_equal(find("", "综合执法队"), 0);
}

/* EVIDENCE: 条例 6(1) */
static void the_nearest_supervision_body_is_responsible(void **state)
{
	int64_t water = put("W1", "云岭县水利局", "369901");
	struct org body;
	struct err err;

	(void)state;
	assert_int_equal(org_body_of(test.db, water, mem, &body, &err), ERR_OK);
	assert_int_equal(body.id, county_body.id);
	assert_int_equal(org_body_of(test.db, market.id, mem, &body, &err), ERR_OK);
	assert_int_equal(body.id, bureau.id);
}

static void an_imported_agency_goes_below_the_government_of_its_region(void **state)
{
	int64_t id = put("W2", "云岭县林业局", "369901102");
	struct org o;
	struct err err;

	(void)state;
	assert_int_equal(org_get(test.db, id, mem, &o, &err), ERR_OK);
	assert_int_equal(o.parent_id, county.id);
	assert_true(str_starts(o.path, county.path));
}

static void importing_again_updates_and_keeps_the_place(void **state)
{
	int64_t first = put("W3", "云岭县教育局", "369901"), second = put("W3", "云岭县教育和体育局", "3699");
	struct org o;
	struct err err;

	(void)state;
	assert_int_equal(first, second);
	assert_int_equal(org_get(test.db, first, mem, &o, &err), ERR_OK);
	assert_true(str_eq(o.name, STR("云岭县教育和体育局")));
	assert_int_equal(o.parent_id, county.id);
	assert_int_equal(o.confirmed_on, day_from_ymd(2025, 1, 2));
}

static void a_scope_hides_what_lies_outside(void **state)
{
	struct actor county_clerk = { .scope_path = county.path };
	struct org_query query = { .scope_path = county.path, .kind = -1, .limit = 100 };
	struct org *found, o;
	struct err err;
	size_t count;

	(void)state;
	assert_int_equal(org_list(test.db, &query, mem, &found, &count, &err), ERR_OK);
	assert_int_equal(count, 2);
	assert_int_equal(org_get_in_scope(test.db, &county_clerk, market.id, mem, &o, &err), ERR_NOT_FOUND);
	assert_int_equal(org_get_in_scope(test.db, &county_clerk, county_body.id, mem, &o, &err), ERR_OK);
}

static void lists_page_by_key_and_filter(void **state)
{
	struct org_query query = { .kind = ORG_KIND_COUNT, .limit = 10 };
	struct org *found;
	struct err err;
	size_t count;

	(void)state;
	assert_int_equal(org_list(test.db, &query, mem, &found, &count, &err), ERR_OK);
	assert_int_equal(count, 1);
	query = (struct org_query){ .kind = -1, .q = STR("司法局"), .limit = 1 };
	if (org_list(test.db, &query, mem, &found, &count, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(found[0].id, bureau.id);
	query.after_id = bureau.id;
	assert_int_equal(org_list(test.db, &query, mem, &found, &count, &err), ERR_OK);
	assert_int_equal(found[0].id, county_body.id);
	query = (struct org_query){ .kind = -1, .q = STR("100%_"), .limit = 9 };
	assert_int_equal(org_list(test.db, &query, mem, &found, &count, &err), ERR_OK);
	assert_int_equal(count, 0);
}

static void codes_are_unique(void **state)
{
	struct org o = { .kind = ORG_AGENCY,
		.level = ORG_CITY,
		.code = STR("C3"),
		.name = STR("另一个"),
		.confirmed_on = DAY_NONE,
		.published_on = DAY_NONE,
		.cancelled_on = DAY_NONE };
	struct err err;

	(void)state;
	assert_int_equal(org_add(test.db, &ids, &who, 1, &o, mem, &err), ERR_UNIQUE);
	assert_string_equal(err.msg, "代码 C3 已被另一个单位使用");
	o.name = STR("　");
	assert_int_equal(org_add(test.db, &ids, &who, 1, &o, mem, &err), ERR_INPUT);
}

static void contacts_are_three_named_persons(void **state)
{
	struct org_contact contact = { .role = ORG_CONTACT_LIAISON, .name = STR("王敏"), .phone = STR("13800000000") },
			   found[ORG_CONTACT_COUNT];
	struct err err;
	size_t count;

	(void)state;
	assert_int_equal(org_contact_set(test.db, &who, 5, market.id, &contact, &err), ERR_OK);
	contact.name = STR("李强");
	assert_int_equal(org_contact_set(test.db, &who, 6, market.id, &contact, &err), ERR_OK);
	assert_int_equal(org_contacts(test.db, market.id, mem, found, &count, &err), ERR_OK);
	assert_int_equal(count, 1);
	assert_true(str_eq(found[0].name, STR("李强")));
}

#define BOTH(f) cmocka_unit_test_setup_teardown(f, open_sqlite, close_db), cmocka_unit_test_setup_teardown(f, open_pg, close_db)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(names_are_found_however_they_are_typed),
		BOTH(a_name_that_two_share_finds_neither),
		BOTH(the_nearest_supervision_body_is_responsible),
		BOTH(an_imported_agency_goes_below_the_government_of_its_region),
		BOTH(importing_again_updates_and_keeps_the_place),
		BOTH(a_scope_hides_what_lies_outside),
		BOTH(lists_page_by_key_and_filter),
		BOTH(codes_are_unique),
		BOTH(contacts_are_three_named_persons),
	};
	struct CMUnitTest chosen[sizeof(tests) / sizeof(tests[0])];
	size_t count = 0;
	bool pg = test_db_has_pg();

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (pg || tests[i].setup_func != open_pg)
			chosen[count++] = tests[i];
	return _cmocka_run_group_tests("org", chosen, count, NULL, NULL);
}
