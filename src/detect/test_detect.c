/* Sweeps and verdicts on both databases, with one rule of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/date.h"
#include "base/file.h"
#include "detect/detect_private.h"
#include "org/org.h"
#include "support/test_db.h"

static const char rule_text[] = "id: big-fine\ntitle: 大额罚款\nversion: 1\nstatus: stable\n"
				"basis:\n  - {law: 行政处罚法, article: \"51\"}\non: penalty_case\nwhen: fine > limit\n"
				"params:\n  limit: {value: 1000 元, label: 上限, kind: managerial}\n"
				"unless:\n  - {id: waived, label: 已书面放弃, when: hearing_waived_on is not null}\n"
				"severity: warn\nproblem: illegal_procedure\ninstrument: supervision_opinion\nmessage: \"罚款 {fine}\"\n";

static struct test_db test;
static struct arena *mem;
static struct id_source ids;
static struct calendar *calendar;
static struct dictionary *dictionary;
static struct mapping_set *mappings;
static struct rule_pack *rules;
static struct app app;
static struct org city, market, water;
static const struct actor program = { .name = STR_INIT("测试"), .roles = ROLE_SIGNED_IN };

static void ok(enum err_code code, const struct err *err)
{
	if (code != ERR_OK)
		fail_msg("%s", err->msg);
}

static struct org add_org(const struct org *parent, enum org_kind kind, const char *code, const char *name)
{
	struct org o = { .parent_id = parent ? parent->id : 0,
		.kind = kind,
		.level = ORG_CITY,
		.code = str_of(code),
		.name = str_of(name),
		.confirmed_on = DAY_NONE,
		.published_on = DAY_NONE,
		.cancelled_on = DAY_NONE };
	struct err err;

	ok(org_add(test.db, &ids, &program, 1000, &o, mem, &err), &err);
	return o;
}

static void load_rules(void)
{
	static struct asset_set set;
	static char path[128];
	struct rule_options options = { .assets = &set, .dictionary = dictionary, .calendar = calendar };
	struct err err;

	snprintf(path, sizeof(path), "%s/rules/test", test.dir);
	ok(dir_make(path, &err), &err);
	snprintf(path, sizeof(path), "%s/rules/test/big-fine.yaml", test.dir);
	ok(file_write(path, str_of(rule_text), &err), &err);
	snprintf(path, sizeof(path), "%s/rules", test.dir);
	set = (struct asset_set){ .dir_count = 1, .dirs = { { .dir = path, .prefix = "rules/", .replace = true } } };
	ok(rule_pack_load(&options, &rules, &err), &err);
}

static int open_with(enum db_dialect dialect)
{
	struct asset_set builtin = { 0 };
	struct err err;

	test_db_open(&test, dialect);
	mem = arena_open(512 << 20);
	id_source_init(&ids, 0, 0);
	ok(calendar_load(&builtin, STR(""), mem, &calendar, &err), &err);
	ok(dictionary_load(&builtin, mem, &dictionary, &err), &err);
	ok(mapping_load(&builtin, dictionary, mem, &mappings, &err), &err);
	ok(record_tables_ensure(test.db, dictionary, &err), &err);
	load_rules();
	app = (struct app){ .calendar = calendar,
		.dictionary = dictionary,
		.mappings = mappings,
		.rules = rules,
		.ids = &ids,
		.data_dir = test.dir,
		.fixed_today = DAY_NONE };
	ok(snapshot_store_open(dictionary, NULL, &app.snapshots, &err), &err);
	city = add_org(NULL, ORG_GOVERNMENT, "G1", "临川市人民政府");
	market = add_org(&city, ORG_AGENCY, "A1", "临川市市场监督管理局");
	water = add_org(&city, ORG_AGENCY, "A2", "临川市水利局");
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

static void set_text(struct dictionary_value *values, const struct dictionary_type *t, const char *column, const char *text)
{
	values[dictionary_column(t, str_of(column))->index] = (struct dictionary_value){ .s = str_of(text) };
}

/** Stores one penalty; fine_yuan < 0 leaves the fine out. */
static void put_case(const char *case_no, const char *agency, int64_t fine_yuan)
{
	const struct dictionary_type *t = dictionary_type(dictionary, STR("penalty_case"));
	struct import_options options = {
		.dictionary = dictionary, .mappings = mappings, .ids = &ids, .data_dir = test.dir, .now_ms = 5000
	};
	CLEANUP(record_writer_closep) struct record_writer *writer = NULL;
	struct dictionary_value values[DICTIONARY_COLUMNS_MAX];
	struct record_child_rows children[DICTIONARY_CHILDREN_MAX] = { 0 };
	struct record_row row = { .line = 1, .values = values, .children = children };
	struct record_supply supply;
	struct record_counts counts;
	struct err err;

	for (size_t i = 0; i < t->column_count; i++)
		values[i] = (struct dictionary_value){ .null = true };
	record_supply_all(t, &supply);
	row.supply = &supply;
	set_text(values, t, "case_no", case_no);
	set_text(values, t, "agency_name", agency);
	set_text(values, t, "party_name", "云山食品厂");
	if (fine_yuan >= 0)
		values[dictionary_column(t, STR("fine"))->index] = (struct dictionary_value){ .i = fine_yuan * 100 };
	ok(record_writer_open(test.db, &options, &program, t, &supply, str_of(case_no), &writer, &err), &err);
	ok(record_writer_put(writer, &row, &err), &err);
	ok(record_writer_finish(&writer, &counts, &err), &err);
}

static struct sweep_rule sweep(void)
{
	struct sweep_options o = { .app = &app, .ids = &ids, .who = &program, .now_ms = 9000, .today = day_from_ymd(2026, 6, 30) };
	struct sweep s;
	struct err err;

	ok(detect_sweep(test.db, &o, NULL, NULL, mem, &s, &err), &err);
	assert_int_equal(s.rule_count, 1);
	return s.rules[0];
}

static struct finding_page list(const struct actor *who)
{
	struct finding_query q = { .who = who, .state = FINDING_STATE_COUNT, .severity = -1, .limit = 100, .want_total = true };
	struct finding_page page;
	struct err err;

	ok(finding_list(test.db, &q, mem, &page, &err), &err);
	return page;
}

static int64_t decide(int64_t id, enum finding_state to, const char *reason)
{
	struct finding_verdict v = { .to = to, .reason = str_of(reason) };
	struct err err;
	int64_t changed;

	ok(finding_decide(test.db, &program, &ids, 9500, &id, 1, &v, &changed, &err), &err);
	return changed;
}

static void a_sweep_finds_once_and_its_counts_add_up(void **state)
{
	struct sweep_rule r;

	(void)state;
	put_case("1号", "临川市市场监督管理局", 2000);
	put_case("2号", "临川市水利局", 1000);
	put_case("3号", "临川市水利局", -1);
	r = sweep();
	assert_int_equal(r.checked, 3);
	assert_int_equal(r.hit, 1);
	assert_int_equal(r.clean, 1);
	assert_int_equal(r.unknown, 1);
	assert_int_equal(r.checked, r.hit + r.exempt + r.suppressed + r.unknown + r.not_in_force + r.clean);
	assert_int_equal(r.fresh, 1);
	assert_int_equal(sweep().fresh, 0);
	assert_int_equal(list(&program).total, 1);
	assert_int_equal(list(&program).rows[0].org_id, market.id);
}

static void a_false_positive_is_a_counted_exemption_until_the_facts_change(void **state)
{
	struct sweep_rule r;

	(void)state;
	put_case("1号", "临川市市场监督管理局", 2000);
	sweep();
	assert_int_equal(decide(list(&program).rows[0].id, FINDING_FALSE_POSITIVE, "系统未对接延期审批"), 1);
	r = sweep();
	assert_int_equal(r.hit, 0);
	assert_int_equal(r.suppressed, 1);
	put_case("1号", "临川市市场监督管理局", 3000);
	r = sweep();
	assert_int_equal(r.hit, 1);
	assert_int_equal(list(&program).rows[0].state, FINDING_OPEN);
}

static void a_hit_that_vanishes_is_gone_and_may_return(void **state)
{
	(void)state;
	put_case("1号", "临川市市场监督管理局", 2000);
	sweep();
	put_case("1号", "临川市市场监督管理局", 900);
	assert_int_equal(sweep().gone, 1);
	assert_int_equal(list(&program).rows[0].state, FINDING_GONE);
	put_case("1号", "临川市市场监督管理局", 2000);
	assert_int_equal(sweep().fresh, 1);
	assert_int_equal(list(&program).rows[0].state, FINDING_OPEN);
	assert_int_equal(list(&program).total, 1);
}

static bool history_is(int64_t id, const char *first, const char *second)
{
	struct verdict_row *rows;
	struct err err;
	size_t count;

	ok(verdicts_of(test.db, id, mem, &rows, &count, &err), &err);
	return count == 2 && str_eq(rows[0].verdict, str_of(first)) && str_eq(rows[1].verdict, str_of(second));
}

static void leaving_and_returning_is_history(void **state)
{
	int64_t id;

	(void)state;
	put_case("1号", "临川市市场监督管理局", 2000);
	sweep();
	id = list(&program).rows[0].id;
	put_case("1号", "临川市市场监督管理局", 900);
	sweep();
	put_case("1号", "临川市市场监督管理局", 2000);
	sweep();
	assert_true(history_is(id, "gone", "returned"));
}

static void findings_of_a_retired_rule_are_gone(void **state)
{
	struct rule_options options = { .dictionary = dictionary, .calendar = calendar };
	struct rule_pack *other;
	struct err err;

	(void)state;
	put_case("1号", "临川市市场监督管理局", 2000);
	sweep();
	ok(rule_pack_parse(&options, STR("rules/test/other.yaml"),
		   STR("id: other\ntitle: 其他\nversion: 1\nstatus: stable\nbasis: [{law: 行政处罚法, article: \"51\"}]\non: "
		       "penalty_case\nwhen: fine < 0 元\n"
		       "severity: warn\nproblem: other\ninstrument: feedback_letter\nmessage: 无\n"),
		   &other, &err),
		&err);
	app.rules = other;
	assert_int_equal(sweep().hit, 0);
	app.rules = rules;
	rule_pack_close(other);
	assert_int_equal(list(&program).rows[0].state, FINDING_GONE);
}

/** A having rule: one finding a group, the same in the next sweep, with its members and the agency they have in common. */
static void a_group_is_one_finding_with_its_members(void **state)
{
	struct rule_options options = { .dictionary = dictionary, .calendar = calendar };
	struct rule_pack *groups;
	struct finding_page page;
	struct sweep_rule r;
	struct err err;
	int64_t id;
	bool still;

	(void)state;
	ok(rule_pack_parse(&options, STR("rules/test/groups.yaml"),
		   STR("id: groups\ntitle: 合计\nversion: 1\nstatus: stable\nbasis: [{law: 行政处罚法, article: \"51\"}]\non: "
		       "penalty_case\n"
		       "group: [agency_name, fine]\nhaving: count() >= 2\nseverity: warn\nproblem: other\ninstrument: feedback_letter\n"
		       "message: \"{agency_name} {count()} 件\"\n"),
		   &groups, &err),
		&err);
	app.rules = groups;
	put_case("1号", "临川市水利局", 1000);
	put_case("2号", "临川市水利局", 1000);
	put_case("3号", "临川市水利局", 500);
	put_case("4号", "临川市水利局", -1);
	r = sweep();
	assert_int_equal(r.checked, 3); /* two groups, and one case without a fine that is in none */
	assert_int_equal(r.hit, 1);
	assert_int_equal(r.clean, 1);
	assert_int_equal(r.unknown, 1);
	assert_int_equal(r.fresh, 1);
	assert_int_equal(sweep().fresh, 0);
	page = list(&program);
	assert_int_equal(page.total, 1);
	id = page.rows[0].id;
	assert_true(page.rows[0].record_id < 0);
	assert_int_equal(page.rows[0].org_id, water.id);
	assert_true(str_eq(page.rows[0].row_key, STR("临川市水利局|1000.00")));
	assert_true(str_eq(page.rows[0].message, STR("临川市水利局 2 件")));
	ok(finding_reevaluate(test.db, &app, &program, &ids, 9800, day_from_ymd(2026, 6, 30), id, mem, &still, &err), &err);
	assert_true(still);
	put_case("2号", "临川市水利局", 600);
	sweep();
	assert_int_equal(list(&program).rows[0].state, FINDING_GONE);
	app.rules = rules;
	rule_pack_close(groups);
}

static void a_finding_keeps_the_day_and_the_calendar_it_was_judged_by(void **state)
{
	struct finding f;
	struct err err;

	(void)state;
	put_case("1号", "临川市市场监督管理局", 2000);
	sweep();
	ok(finding_get(test.db, &program, list(&program).rows[0].id, mem, &f, &err), &err);
	assert_int_equal(f.judged_on, day_from_ymd(2026, 6, 30));
	assert_true(str_eq(f.calendar_version, calendar_version(calendar)));
}

/* EVIDENCE: 条例 20 — whether somebody complained is not the agency's to know */
static void an_agency_never_learns_of_a_clue(void **state)
{
	struct actor of_market = { .roles = ROLE_LIAISON, .scope_path = market.path };
	struct finding_verdict v = { .to = FINDING_ACCEPTED, .reason = STR(""), .clue_id = 77 };
	struct finding_query q = { .who = &of_market, .state = FINDING_STATE_COUNT, .severity = -1, .limit = 10, .clue_id = 77 };
	struct finding_page page;
	struct finding f;
	struct err err;
	int64_t id, changed;

	(void)state;
	put_case("1号", "临川市市场监督管理局", 2000);
	sweep();
	id = list(&program).rows[0].id;
	ok(finding_decide(test.db, &program, &ids, 9500, &id, 1, &v, &changed, &err), &err);
	assert_int_equal(list(&program).rows[0].clue_id, 77);
	assert_int_equal(list(&of_market).rows[0].clue_id, 0);
	ok(finding_get(test.db, &of_market, id, mem, &f, &err), &err);
	assert_int_equal(f.clue_id, 0);
	ok(finding_list(test.db, &q, mem, &page, &err), &err);
	assert_int_equal(page.row_count, 0);
}

/** The newest import of the store. */
static struct import newest_import(void)
{
	struct import *imports;
	struct err err;
	size_t count;

	ok(import_list(test.db, &program, 0, 1, mem, &imports, &count, &err), &err);
	assert_int_equal(count, 1);
	return imports[0];
}

static void findings_are_found_by_the_import_that_brought_their_records(void **state)
{
	struct finding_query q = { .who = &program, .state = FINDING_STATE_COUNT, .severity = -1, .limit = 10, .want_total = true };
	struct finding_cell *cells;
	struct finding_page page;
	struct import second;
	struct err err;
	size_t count;

	(void)state;
	put_case("1号", "临川市市场监督管理局", 2000);
	put_case("2号", "临川市水利局", 3000);
	second = newest_import();
	sweep();
	q.import = &second;
	q.import_type = dictionary_type(dictionary, STR("penalty_case"));
	ok(finding_list(test.db, &q, mem, &page, &err), &err);
	assert_int_equal(page.total, 1);
	assert_int_equal(page.rows[0].org_id, water.id);
	ok(finding_summary(test.db, &q, mem, &cells, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_int_equal(cells[0].org_id, water.id);
}

static void a_finding_ends_with_its_matter_and_comes_back_with_it(void **state)
{
	struct finding_verdict v = { .to = FINDING_ACCEPTED, .reason = STR(""), .clue_id = 77 };
	struct err err;
	int64_t id, changed;

	(void)state;
	put_case("1号", "临川市市场监督管理局", 2000);
	sweep();
	id = list(&program).rows[0].id;
	ok(finding_follow(test.db, &program, &ids, 1, &id, 1, FINDING_CLOSED, STR("事项 1 结案"), &changed, &err), &err);
	assert_int_equal(changed, 0); /* nobody has accepted it yet */
	ok(finding_decide(test.db, &program, &ids, 2, &id, 1, &v, &changed, &err), &err);
	ok(finding_follow(test.db, &program, &ids, 3, &id, 1, FINDING_CLOSED, STR("事项 1 结案"), &changed, &err), &err);
	assert_int_equal(list(&program).rows[0].state, FINDING_CLOSED);
	assert_int_equal(sweep().fresh, 0); /* the same facts raise nothing again */
	assert_int_equal(list(&program).rows[0].state, FINDING_CLOSED);
	ok(finding_follow(test.db, &program, &ids, 4, &id, 1, FINDING_ACCEPTED, STR("事项 1 重新办理"), &changed, &err), &err);
	assert_int_equal(list(&program).rows[0].state, FINDING_ACCEPTED);
	ok(finding_follow(test.db, &program, &ids, 5, &id, 1, FINDING_CLOSED, STR("事项 1 结案"), &changed, &err), &err);
	put_case("1号", "临川市市场监督管理局", 4000);
	sweep();
	assert_int_equal(list(&program).rows[0].state, FINDING_OPEN); /* other facts are a new question */
}

static void a_decision_needs_a_reason_and_is_taken_once(void **state)
{
	struct finding_verdict v = { .to = FINDING_REJECTED };
	struct err err;
	int64_t id, changed;

	(void)state;
	put_case("1号", "临川市市场监督管理局", 2000);
	sweep();
	id = list(&program).rows[0].id;
	assert_int_equal(finding_decide(test.db, &program, &ids, 1, &id, 1, &v, &changed, &err), ERR_INPUT);
	assert_int_equal(decide(id, FINDING_REJECTED, "已另案处理完毕"), 1);
	assert_int_equal(decide(id, FINDING_FALSE_POSITIVE, "第二个人的意见"), 0);
	sweep();
	assert_int_equal(list(&program).rows[0].state, FINDING_REJECTED);
}

/* EVIDENCE: 条例 8、28 — a dismissed suspicion is not shown to the agency, another agency's never is */
static void an_agency_sees_its_own_open_findings_only(void **state)
{
	struct actor of_market = { .roles = ROLE_LIAISON, .scope_path = market.path },
		     of_water = { .roles = ROLE_LIAISON, .scope_path = water.path };
	struct finding f;
	struct err err;
	int64_t id;

	(void)state;
	put_case("1号", "临川市市场监督管理局", 2000);
	sweep();
	id = list(&program).rows[0].id;
	assert_int_equal(list(&of_market).total, 1);
	assert_int_equal(list(&of_water).total, 0);
	assert_int_equal(finding_get(test.db, &of_market, id, mem, &f, &err), ERR_OK);
	assert_int_equal(finding_get(test.db, &of_water, id, mem, &f, &err), ERR_NOT_FOUND);
	decide(id, FINDING_REJECTED, "已另案处理完毕");
	assert_int_equal(list(&of_market).total, 0);
	assert_int_equal(finding_get(test.db, &of_market, id, mem, &f, &err), ERR_NOT_FOUND);
}

static void corrected_data_close_the_finding_and_are_counted(void **state)
{
	struct rule_precision precision;
	struct err err;
	bool still;
	int64_t id;

	(void)state;
	put_case("1号", "临川市市场监督管理局", 2000);
	sweep();
	id = list(&program).rows[0].id;
	ok(finding_reevaluate(test.db, &app, &program, &ids, 9600, day_from_ymd(2026, 6, 30), id, mem, &still, &err), &err);
	assert_true(still);
	put_case("1号", "临川市市场监督管理局", 200);
	ok(finding_reevaluate(test.db, &app, &program, &ids, 9700, day_from_ymd(2026, 6, 30), id, mem, &still, &err), &err);
	assert_false(still);
	assert_int_equal(list(&program).rows[0].state, FINDING_CORRECTED);
	ok(finding_precision(test.db, STR("big-fine"), &precision, &err), &err);
	assert_int_equal(precision.corrected, 1);
}

static void a_dry_run_writes_nothing(void **state)
{
	struct sweep_options o = {
		.app = &app, .ids = &ids, .who = &program, .now_ms = 9000, .today = day_from_ymd(2026, 6, 30), .dry_run = true
	};
	struct sweep s;
	struct err err;

	(void)state;
	put_case("1号", "临川市市场监督管理局", 2000);
	ok(detect_sweep(test.db, &o, NULL, NULL, mem, &s, &err), &err);
	assert_int_equal(s.rules[0].hit, 1);
	assert_int_equal(list(&program).total, 0);
}

static void the_summary_is_by_agency_and_rule(void **state)
{
	struct finding_cell *cells;
	struct err err;
	size_t count;

	(void)state;
	put_case("1号", "临川市市场监督管理局", 2000);
	put_case("2号", "临川市市场监督管理局", 2000);
	put_case("3号", "临川市水利局", 2000);
	sweep();
	ok(finding_summary(test.db, &(struct finding_query){ .who = &program }, mem, &cells, &count, &err), &err);
	assert_int_equal(count, 2);
	assert_int_equal(cells[0].open, 2);
	assert_true(str_eq(cells[0].org_name, STR("临川市市场监督管理局")));
}

#define BOTH(f) cmocka_unit_test_setup_teardown(f, open_sqlite, close_db), cmocka_unit_test_setup_teardown(f, open_pg, close_db)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_sweep_finds_once_and_its_counts_add_up),
		BOTH(a_false_positive_is_a_counted_exemption_until_the_facts_change),
		BOTH(a_hit_that_vanishes_is_gone_and_may_return),
		BOTH(leaving_and_returning_is_history),
		BOTH(findings_of_a_retired_rule_are_gone),
		BOTH(a_group_is_one_finding_with_its_members),
		BOTH(a_finding_keeps_the_day_and_the_calendar_it_was_judged_by),
		BOTH(an_agency_never_learns_of_a_clue),
		BOTH(findings_are_found_by_the_import_that_brought_their_records),
		BOTH(a_finding_ends_with_its_matter_and_comes_back_with_it),
		BOTH(a_decision_needs_a_reason_and_is_taken_once),
		BOTH(an_agency_sees_its_own_open_findings_only),
		BOTH(corrected_data_close_the_finding_and_are_counted),
		BOTH(a_dry_run_writes_nothing),
		BOTH(the_summary_is_by_agency_and_rule),
	};
	struct CMUnitTest chosen[sizeof(tests) / sizeof(tests[0])];
	size_t count = 0;
	bool pg = test_db_has_pg();

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (pg || tests[i].setup_func != open_pg)
			chosen[count++] = tests[i];
	return _cmocka_run_group_tests("detect", chosen, count, NULL, NULL);
}
