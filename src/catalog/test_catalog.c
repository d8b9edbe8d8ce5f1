/* Registers as of a day and the enterprise seen whole, on both databases. EVIDENCE: 行政处罚法 34 — a fine is measured by the tiers of the
 * day of its decision. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/file.h"
#include "catalog/catalog.h"
#include "support/test_db.h"

static struct test_db test;
static struct arena *mem;
static struct id_source ids;
static struct dictionary *dictionary;
static struct mapping_set *mappings;
static const struct actor program = { .name = STR_INIT("测试"), .roles = ROLE_SIGNED_IN };

static void ok(enum err_code code, const struct err *err)
{
	if (code != ERR_OK)
		fail_msg("%s", err->msg);
}

static int open_with(enum db_dialect dialect)
{
	static const struct asset_set builtin;
	struct err err;

	test_db_open(&test, dialect);
	mem = arena_open(256 << 20);
	id_source_init(&ids, 0, 0);
	ok(dictionary_load(&builtin, mem, &dictionary, &err), &err);
	ok(mapping_load(&builtin, dictionary, mem, &mappings, &err), &err);
	ok(record_tables_ensure(test.db, dictionary, &err), &err);
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

static int32_t day(const char *text)
{
	int32_t d;

	assert_true(day_parse(str_of(text), &d));
	return d;
}

/** Imports a JSON Lines file of native rows. */
static void put(const char *type, const char *lines)
{
	struct import_options o = { .dictionary = dictionary, .mappings = mappings, .ids = &ids, .data_dir = test.dir, .now_ms = 5000 };
	struct record_reader_options file = {
		.dictionary = dictionary, .mappings = mappings, .type = dictionary_type(dictionary, str_of(type))
	};
	struct import import;
	struct err err;
	char path[200];

	snprintf(path, sizeof(path), "%s/%s.jsonl", test.dir, type);
	ok(file_write(path, str_of(lines), &err), &err);
	file.path = path;
	ok(import_file(test.db, &o, &program, &file, &import, mem, &err), &err);
	assert_int_equal(import.counts.rejected, 0);
}

#define TIERS                                                                                                                              \
	"{\"tier_code\":\"X1-1\",\"item_code\":\"X1\",\"name\":\"较轻\",\"periods\":["                                                   \
	"{\"from_on\":\"2020-01-01\",\"to_on\":\"2024-12-31\",\"fine_min\":\"1000\",\"fine_max\":\"5000\"},"                               \
	"{\"from_on\":\"2025-01-01\",\"fine_min\":\"1000\",\"fine_max\":\"3000\"}]}\n"                                                     \
	"{\"tier_code\":\"X1-2\",\"item_code\":\"X1\",\"name\":\"一般\",\"periods\":["                                                   \
	"{\"from_on\":\"2025-01-01\",\"fine_min\":\"3000\",\"fine_max\":\"9000\"}]}\n"

static struct catalog_tier *tiers_on(const char *on, int64_t fine_fen, size_t *ret_count)
{
	struct catalog_tier *tiers;
	struct err err;

	ok(catalog_tiers(test.db, dictionary, &program, STR("X1"), day(on), fine_fen, mem, &tiers, ret_count, &err), &err);
	return tiers;
}

static void a_fine_falls_into_the_tier_of_the_day(void **state)
{
	struct catalog_tier *tiers;
	size_t count;

	(void)state;
	put("discretion_tier", TIERS);
	tiers = tiers_on("2024-12-31", 400000, &count);
	assert_int_equal(count, 2);
	assert_true(tiers[0].holds); /* 4000 元 was in the old range */
	assert_false(tiers[1].version.in_force);
	tiers = tiers_on("2025-01-01", 400000, &count);
	assert_false(tiers[0].holds);
	assert_true(tiers[1].holds);
	assert_int_equal(tiers[0].most_fen, 300000);
}

static void a_shared_limit_lies_in_both_tiers_and_a_fen_more_in_one(void **state)
{
	struct catalog_tier *tiers;
	size_t count;

	(void)state;
	put("discretion_tier", TIERS);
	tiers = tiers_on("2025-06-01", 300000, &count);
	assert_true(tiers[0].holds && tiers[1].holds);
	tiers = tiers_on("2025-06-01", 300001, &count);
	assert_false(tiers[0].holds);
	assert_true(tiers[1].holds);
	tiers = tiers_on("2025-06-01", 900001, &count);
	assert_false(tiers[0].holds || tiers[1].holds);
	tiers = tiers_on("2025-06-01", -1, &count);
	assert_false(tiers[0].holds || tiers[1].holds); /* nothing was asked */
}

static void an_item_is_read_as_it_was_in_force(void **state)
{
	const struct dictionary_type *t = dictionary_type(dictionary, STR("enforcement_item"));
	const struct dictionary_column *basis = dictionary_column(t, STR("legal_basis"));
	struct dictionary_value *values;
	struct catalog_version v;
	struct record_row row;
	struct err err;

	(void)state;
	put("enforcement_item", "{\"item_code\":\"X1\",\"name\":\"无证经营\",\"legal_basis\":\"现行办法第九条\",\"periods\":["
				"{\"from_on\":\"2018-01-01\",\"to_on\":\"2022-06-30\",\"legal_basis\":\"旧办法第七条\"},"
				"{\"from_on\":\"2022-07-01\",\"legal_basis\":\"现行办法第九条\"}]}\n");
	ok(record_find(test.db, dictionary, &program, t, STR("X1"), mem, &row, &err), &err);
	ok(catalog_as_of(t, &row, day("2022-06-30"), mem, &values, &v, &err), &err);
	assert_true(v.has_history && v.in_force);
	assert_true(str_eq(values[basis->index].s, STR("旧办法第七条")));
	ok(catalog_as_of(t, &row, day("2022-07-01"), mem, &values, &v, &err), &err);
	assert_true(str_eq(values[basis->index].s, STR("现行办法第九条")));
	assert_int_equal(v.from_on, day("2022-07-01"));
	assert_int_equal(v.to_on, DAY_NONE);
	ok(catalog_as_of(t, &row, day("2017-12-31"), mem, &values, &v, &err), &err);
	assert_false(v.in_force);
}

static void a_source_without_versions_gives_what_it_has(void **state)
{
	const struct dictionary_type *t = dictionary_type(dictionary, STR("enforcement_item"));
	struct dictionary_value *values;
	struct catalog_version v;
	struct record_row row;
	struct err err;

	(void)state;
	put("enforcement_item", "{\"item_code\":\"X2\",\"name\":\"占道经营\"}\n");
	ok(record_find(test.db, dictionary, &program, t, STR("X2"), mem, &row, &err), &err);
	ok(catalog_as_of(t, &row, day("2010-01-01"), mem, &values, &v, &err), &err);
	assert_false(v.has_history);
	assert_true(v.in_force);
}

static void an_enterprise_is_found_by_code_and_by_name_once(void **state)
{
	const struct dictionary_type *party = dictionary_type(dictionary, STR("party")),
				     *t = dictionary_type(dictionary, STR("penalty_case"));
	struct record_row row, *rows;
	struct err err;
	size_t count;

	(void)state;
	put("party", "{\"code\":\"91350100M000100Y43\",\"name\":\"云山食品厂\"}\n");
	put("penalty_case",
		"{\"case_no\":\"1号\",\"agency_name\":\"甲局\",\"party_name\":\"云山食品厂\",\"party_code\":\"91350100M000100Y43\"}\n"
		"{\"case_no\":\"2号\",\"agency_name\":\"乙局\",\"party_name\":\"云山食品厂\"}\n"
		"{\"case_no\":\"3号\",\"agency_name\":\"乙局\",\"party_name\":\"云山食品厂二分厂\"}\n");
	ok(record_find(test.db, dictionary, &program, party, STR("91350100M000100Y43"), mem, &row, &err), &err);
	ok(catalog_party_rows(test.db, dictionary, &program, t, &row, 50, mem, &rows, &count, &err), &err);
	assert_int_equal(count, 2);
}

#define BOTH(f) cmocka_unit_test_setup_teardown(f, open_sqlite, close_db), cmocka_unit_test_setup_teardown(f, open_pg, close_db)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_fine_falls_into_the_tier_of_the_day),
		BOTH(a_shared_limit_lies_in_both_tiers_and_a_fen_more_in_one),
		BOTH(an_item_is_read_as_it_was_in_force),
		BOTH(a_source_without_versions_gives_what_it_has),
		BOTH(an_enterprise_is_found_by_code_and_by_name_once),
	};
	struct CMUnitTest chosen[sizeof(tests) / sizeof(tests[0])];
	size_t count = 0;
	bool pg = test_db_has_pg();

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (pg || tests[i].setup_func != open_pg)
			chosen[count++] = tests[i];
	return _cmocka_run_group_tests("catalog", chosen, count, NULL, NULL);
}
