/* Unit tests of the synthetic city: check digits, the naive day-walk, determinism, and that every planted case is what it was planned as.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "demo/demo_private.h"
#include "support/test_db.h"

static struct arena *mem;
static struct err err;

static int open_arena(void **state)
{
	(void)state;
	mem = arena_open((size_t)512 << 20);
	return mem ? 0 : -1;
}

static int close_arena(void **state)
{
	(void)state;
	arena_close(mem);
	return 0;
}

static void check_digits_follow_the_standards(void **state)
{
	(void)state;
	assert_int_equal(demo_credit_check("91350100M000100Y4"), '3');   /* GB 32100-2015, annex: 91350100M000100Y43 */
	assert_int_equal(demo_credit_check("1235000042600632I"), 0);     /* I is not in the alphabet */
	assert_int_equal(demo_organisation_check("D2143569"), 'X');      /* GB 11714-1997: D2143569-X */
	assert_int_equal(demo_identity_check("11010519491231002"), 'X'); /* GB 11643-1999: 11010519491231002X */
	assert_int_equal(demo_identity_check("44052418800101001"), '4');
}

static void made_codes_are_valid(void **state)
{
	struct rng r = rng_open(7, STREAM_PERSON, 1);

	(void)state;
	for (int i = 0; i < 200; i++) {
		assert_true(credit_code_valid(make_credit_code('9', '1', STR("990101"), rng_next(&r) % 800000000u, mem)));
		assert_true(id_number_valid(make_identity_number(STR("990101"), (int32_t)rng_in(&r, 0, 20000), i, mem)));
	}
}

static struct day_facts *facts(void)
{
	static const struct asset_set set = { 0 };
	struct day_facts *f = NULL;

	if (day_facts_load(&set, mem, &f, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return f;
}

static void days_are_walked_over_holidays_and_makeup_days(void **state)
{
	const struct day_facts *f = facts();

	(void)state;
	assert_true(day_is_work(f, day_from_ymd(2026, 2, 14)));  /* Saturday, make-up day */
	assert_false(day_is_work(f, day_from_ymd(2026, 2, 16))); /* Monday, Spring Festival */
	assert_int_equal(workday_step(f, day_from_ymd(2026, 2, 12), 7), day_from_ymd(2026, 2, 28));
	assert_int_equal(workday_step(f, day_from_ymd(2026, 6, 15), -7), day_from_ymd(2026, 6, 4));
	assert_int_equal(day_deadline(f, day_from_ymd(2025, 11, 17), 90), day_from_ymd(2026, 2, 24));
	assert_int_equal(workday_count(f, day_from_ymd(2026, 6, 1), day_from_ymd(2026, 6, 8)), 5);
	assert_int_equal(workday_step(f, DAY_NONE, 5), DAY_NONE);
}

static void sizes_are_read(void **state)
{
	struct demo_size s;

	(void)state;
	assert_int_equal(demo_size_parse(STR(""), &s, &err), ERR_OK);
	assert_int_equal(s.cases, 120000);
	assert_int_equal(demo_size_parse(STR("county"), &s, &err), ERR_OK);
	assert_int_equal(s.parties, 1500);
	assert_int_equal(demo_size_parse(STR("600"), &s, &err), ERR_OK);
	assert_int_equal(s.tickets, 240);
	assert_int_equal(demo_size_parse(STR("480000"), &s, &err), ERR_OK);
	assert_int_equal(s.cities, 4);
	assert_int_equal(demo_size_parse(STR("village"), &s, &err), ERR_INPUT);
	assert_int_equal(demo_size_parse(STR("12"), &s, &err), ERR_INPUT);
}

/** A demo in a store of its own; the key's text in *ret_key, the first identifiers in *ret_ids. */
static struct demo_result run(
	enum db_dialect dialect, const char *size, uint64_t seed, const char *today, struct str *ret_key, struct str *ret_ids)
{
	static const struct asset_set assets = { 0 };
	struct test_db t;
	struct dictionary *dictionary;
	struct mapping_set *mappings = NULL;
	struct id_source ids;
	struct import_options import;
	struct demo_options o = { .seed = seed, .assets = &assets, .import = &import };
	const struct actor who = { .name = STR("测试"), .roles = ROLE_SIGNED_IN };
	struct demo_result result = { 0 };
	struct db_stmt *q = NULL;
	char path[128];
	bool row;

	assert_true(day_parse(str_of(today), &o.today));
	o.now_ms = (int64_t)o.today * 86400000;
	o.who = &who;
	id_source_init(&ids, 0, o.now_ms);
	test_db_open(&t, dialect);
	snprintf(path, sizeof(path), "%s/answer-key.json", t.dir);
	o.key_path = path;
	assert_int_equal(demo_size_parse(str_of(size), &o.size, &err), ERR_OK);
	if (dictionary_load(&assets, mem, &dictionary, &err) != ERR_OK ||
		mapping_load(&assets, dictionary, mem, &mappings, &err) != ERR_OK || record_tables_ensure(t.db, dictionary, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	import = (struct import_options){
		.dictionary = dictionary, .mappings = mappings, .ids = &ids, .data_dir = t.dir, .now_ms = o.now_ms
	};
	if (demo_fill(t.db, &o, &result, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(file_read(path, 64 << 20, mem, ret_key, &err), ERR_OK);
	assert_int_equal(db_prepare_text(t.db, STR("SELECT SUM(id % 1000003), COUNT(*), MAX(id) FROM r_penalty_case"), &q, &err), ERR_OK);
	assert_int_equal(db_step(q, &row, &err), ERR_OK);
	*ret_ids = str_printf(mem, "%lld %lld %lld", (long long)db_i64(q, 0), (long long)db_i64(q, 1), (long long)db_i64(q, 2));
	db_stmt_done(q);
	assert_int_equal(demo_fill(t.db, &o, &result, &err), ERR_STATE); /* never into a store that has something */
	test_db_close(&t);
	return result;
}

static void the_same_seed_gives_the_same_city(void **state)
{
	struct str key[3], ids[3];

	(void)state;
	run(DB_SQLITE, "400", 1, DEMO_TODAY, &key[0], &ids[0]);
	run(DB_SQLITE, "400", 1, DEMO_TODAY, &key[1], &ids[1]);
	run(DB_SQLITE, "400", 2, DEMO_TODAY, &key[2], &ids[2]);

	assert_true(str_eq(key[0], key[1]));
	assert_true(str_eq(ids[0], ids[1]));
	assert_false(str_eq(key[0], key[2]));
}

static void both_databases_get_the_same_city(void **state)
{
	struct str key[2], ids[2];

	(void)state;
	if (!test_db_has_pg())
		skip();
	run(DB_SQLITE, "300", 5, DEMO_TODAY, &key[0], &ids[0]);
	run(DB_PG, "300", 5, DEMO_TODAY, &key[1], &ids[1]);

	assert_true(str_eq(key[0], key[1]));
	assert_true(str_eq(ids[0], ids[1]));
}

/** Every rule is planted; one that comes into force only after DEMO_TODAY cannot be hit on that day. */
static void expect_a_hit(struct str key, const char *rule)
{
	static const char *const not_yet[] = { "redo-default-late", /* 2026-07-01 */
		"fine-device-concentration" };                      /* needs more cases of one device than a county has */

	for (size_t i = 0; i < sizeof(not_yet) / sizeof(not_yet[0]); i++)
		if (strcmp(rule, not_yet[i]) == 0)
			return;
	if (!str_has(key, str_printf(mem, "\"%s\": {\n\"hit\": [\"", rule))) /* not an empty list */
		fail_msg("%s has no hit", rule);
}

static void every_planted_case_is_what_it_was_planned_as(void **state)
{
	/* of the rules about groups those whose groups are planted in a county too */
	static const char *const grouped[] = { "agency-loss-rate", "agency-correction-rate", "complaint-repeat-enterprise",
		"complaint-many-parties", "hotline-surge", "sup-repeat-problem", "sup-common-problem", "sup-burden-excess",
		"sup-blind-spot", "staff-signature-concentration", "cert-coverage-low" };
	struct str key, ids;
	struct demo_result r;

	(void)state;
	r = run(DB_SQLITE, "county", 1, DEMO_TODAY, &key, &ids);

	assert_int_equal(r.unintended, 0);
	assert_int_equal(r.cases, 3000);
	assert_true(r.planted > 500);
	assert_int_equal(r.accounts, 9);
	for (size_t i = 0; i < sizeof(grouped) / sizeof(grouped[0]); i++)
		expect_a_hit(key, grouped[i]);
	for (const struct generator *const *g = generators; *g; g++)
		for (const struct theme *const *theme = (*g)->themes; theme && *theme; theme++)
			for (int i = 0; i < (*theme)->rule_count; i++)
				expect_a_hit(key, (*theme)->rules[i].id);
}

static void other_days_plan_well_too(void **state)
{
	static const char *const days[] = { "2026-02-24", "2026-03-02", "2025-10-09", "2024-02-29", "2028-01-01" };

	(void)state;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		struct str key, ids;
		struct demo_result r = run(DB_SQLITE, "1200", i + 11, days[i], &key, &ids);

		if (r.unintended != 0)
			fail_msg("%s: %d", days[i], (int)r.unintended);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_digits_follow_the_standards),
		cmocka_unit_test(made_codes_are_valid),
		cmocka_unit_test(days_are_walked_over_holidays_and_makeup_days),
		cmocka_unit_test(sizes_are_read),
		cmocka_unit_test(the_same_seed_gives_the_same_city),
		cmocka_unit_test(both_databases_get_the_same_city),
		cmocka_unit_test(every_planted_case_is_what_it_was_planned_as),
		cmocka_unit_test(other_days_plan_well_too),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
