/* The desk of the demo on both databases: what each account finds on its first day, played through the real gate, numbers and audit chain.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "attachment/attachment.h"
#include "audit/audit.h"
#include "auth/auth.h"
#include "calendar/calendar.h"
#include "clue/clue.h"
#include "demo/demo.h"
#include "detect/detect.h"
#include "law/law.h"
#include "matter/matter.h"
#include "support/library_leaks.h"
#include "support/test_db.h"

static const struct asset_set assets;
static struct test_db test;
static struct arena *mem;
static struct id_source ids;
static struct app app;
static struct rule_pack *rules;
static int32_t today;
static struct demo_desk_result desk;
static const struct actor program = { .name = STR_INIT("测试"), .roles = ROLE_SIGNED_IN };

#define MUST(call)                                                                                                                         \
	do {                                                                                                                               \
		struct err why = { 0 };                                                                                                    \
		struct err *err = &why;                                                                                                    \
		if ((call) != ERR_OK)                                                                                                      \
			fail_msg("%s", why.msg);                                                                                           \
	} while (0)

static void load_app(void)
{
	struct calendar *calendar;
	struct law_register *law;
	struct dictionary *dictionary;
	struct mapping_set *mappings;
	struct process_set *processes;
	struct instrument_set *instruments;

	MUST(calendar_load(&assets, STR(""), mem, &calendar, err));
	MUST(law_load(&assets, mem, &law, err));
	MUST(dictionary_load(&assets, mem, &dictionary, err));
	MUST(mapping_load(&assets, dictionary, mem, &mappings, err));
	MUST(rule_pack_load(
		&(struct rule_options){ .assets = &assets, .dictionary = dictionary, .calendar = calendar, .law = law }, &rules, err));
	MUST(process_load(&assets, calendar, mem, &processes, err));
	MUST(instrument_set_load(&assets, law, mem, &instruments, err));
	instrument_set_hooks(instruments, &matter_instrument_hooks);
	app = (struct app){ .assets = &assets,
		.calendar = calendar,
		.law = law,
		.dictionary = dictionary,
		.mappings = mappings,
		.rules = rules,
		.processes = processes,
		.instruments = instruments,
		.ids = &ids,
		.data_dir = test.dir,
		.fixed_today = today };
	MUST(record_tables_ensure(test.db, dictionary, err));
	MUST(snapshot_store_open(dictionary, NULL, &app.snapshots, err));
}

static int64_t hits_of_a_sweep(void)
{
	struct sweep_options o = {
		.app = &app, .ids = &ids, .who = &program, .now_ms = (int64_t)today * 86400000, .today = today, .threads = 1
	};
	struct sweep s;
	int64_t hits = 0;

	MUST(detect_sweep(test.db, &o, NULL, NULL, mem, &s, err));
	for (size_t i = 0; i < s.rule_count; i++)
		hits += s.rules[i].hit;
	return hits;
}

static int64_t hits_before;

static int open_with(enum db_dialect dialect)
{
	struct import_options import;
	struct demo_options o = { .seed = 5, .assets = &assets, .import = &import, .who = &program };
	struct demo_result result;

	test_db_open(&test, dialect);
	mem = arena_open(1u << 30);
	assert_true(day_parse(STR("2026-06-30"), &today));
	o.today = today;
	o.now_ms = (int64_t)today * 86400000;
	id_source_init(&ids, 0, o.now_ms);
	load_app();
	import = (struct import_options){
		.dictionary = app.dictionary, .mappings = app.mappings, .ids = &ids, .data_dir = test.dir, .now_ms = o.now_ms
	};
	MUST(demo_size_parse(STR("400"), &o.size, err));
	MUST(demo_fill(test.db, &o, &result, err));
	hits_before = hits_of_a_sweep();
	MUST(demo_desk(test.db, &(struct demo_desk_options){ .app = &app, .ids = &ids, .seed = 5, .today = today }, &desk, err));
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
	snapshot_store_close(app.snapshots);
	rule_pack_close(rules);
	arena_close(mem);
	test_db_close(&test);
	return 0;
}

static struct actor account(const char *name)
{
	struct account a;
	struct actor who;

	MUST(auth_account_find(test.db, str_of(name), mem, &a, err));
	MUST(auth_actor(test.db, a.id, mem, &who, err));
	return who;
}

static struct matter_context as(const struct actor *who)
{
	return (struct matter_context){
		.db = test.db, .mem = mem, .ids = &ids, .app = &app, .who = who, .now_ms = (int64_t)today * 86400000, .today = today
	};
}

static int64_t matters_in(const char *step)
{
	struct actor leader = account("leader");
	struct matter_context ctx = as(&leader);
	struct matter_query q = { .step = str_of(step), .due_until = DAY_NONE, .limit = 50, .want_total = true };
	struct matter_page page;

	MUST(matter_list(&ctx, &q, &page, err));
	return page.total;
}

static void every_step_has_a_matter_and_the_chain_holds(void **state)
{
	struct audit_report report;

	(void)state;
	assert_int_equal(matters_in("analysis"), 1);
	assert_int_equal(matters_in("verification"), 2);
	assert_int_equal(matters_in("supervision"), 2);
	assert_int_equal(matters_in("rectification"), 2);
	assert_int_equal(matters_in("feedback"), 1);
	assert_int_equal(matters_in("closed"), 1);
	assert_int_equal(desk.documents, 8);
	MUST(audit_verify(test.db, &report, err));
	assert_int_equal(report.broken_seq, 0);
}

static void what_a_sweep_counts_stays_the_same(void **state)
{
	(void)state;
	assert_true(desk.findings > 0);
	assert_int_equal(hits_of_a_sweep(), hits_before);
}

/** The answer of the desk for an account, as text. */
static struct str desk_of(const char *name)
{
	struct actor who = account(name);
	struct matter_context ctx = as(&who);
	struct buf b;
	struct json j;
	struct str text;

	buf_init(&b, 4 << 20);
	json_init(&j, &b);
	MUST(matter_desk_json(&ctx, &j, err));
	text = str_dup(mem, buf_str(&b));
	buf_clear(&b);
	return text;
}

static void everybody_finds_work(void **state)
{
	(void)state;
	assert_true(str_has(desk_of("supervisor"), STR("\"kind\":\"reply\"")));
	assert_true(str_has(desk_of("supervisor"), STR("\"days_left\":-"))); /* something is overdue */
	assert_true(str_has(desk_of("leader"), STR("\"kind\":\"approval\"")));
	assert_true(str_has(desk_of("mayor"), STR("\"kind\":\"proposal\"")));
	assert_true(str_has(desk_of("agency"), STR("\"kind\":\"assigned\"")));
	assert_true(str_has(desk_of("township"), STR("\"kind\":\"assist\"")));
}

/* EVIDENCE: 条例 20 — what a complaint says is not the agency's to know */
static void complaints_are_sealed(void **state)
{
	struct actor supervisor = account("supervisor");
	struct clue_context ctx = {
		.db = test.db, .mem = mem, .ids = &ids, .app = &app, .who = &supervisor, .now_ms = (int64_t)today * 86400000, .today = today
	};
	struct clue_query q = { .state = CLUE_STATE_COUNT, .channel = CLUE_HOTLINE_12345, .limit = 10 };
	struct clue_page page;

	(void)state;
	MUST(clue_list(&ctx, &q, &page, err));
	assert_int_equal(page.row_count, 2);
	assert_true(page.rows[0].sealed && page.rows[1].sealed);
	assert_false(str_has(desk_of("agency"), page.rows[0].title));
	assert_false(str_has(desk_of("agency"), page.rows[1].title));
}

#define BOTH(f) cmocka_unit_test_setup_teardown(f, open_sqlite, close_db), cmocka_unit_test_setup_teardown(f, open_pg, close_db)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(every_step_has_a_matter_and_the_chain_holds),
		BOTH(what_a_sweep_counts_stays_the_same),
		BOTH(everybody_finds_work),
		BOTH(complaints_are_sealed),
	};
	struct CMUnitTest chosen[sizeof(tests) / sizeof(tests[0])];
	size_t count = 0;
	bool pg = test_db_has_pg();

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (pg || tests[i].setup_func != open_pg)
			chosen[count++] = tests[i];
	return _cmocka_run_group_tests("desk", chosen, count, NULL, NULL);
}
