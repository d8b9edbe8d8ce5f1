/* The workbench on both databases: checking a text, trying it, and the way of a revision through two people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "support/test_city.h"
#include "workbench/workbench_private.h"

/** The rule in force is big-fine version 1: fine > 1000 元. */
#define DRAFT(version, limit)                                                                                                              \
	"id: big-fine\ntitle: 大额罚款\nversion: " version "\nstatus: stable\n"                                                            \
	"basis:\n  - {law: 行政处罚法, article: \"51\"}\non: penalty_case\nwhen: fine > limit\n"                                      \
	"params:\n  limit: {value: " limit " 元, label: 上限, kind: managerial}\n"                                                      \
	"severity: warn\nproblem: illegal_procedure\ninstrument: supervision_opinion\nmessage: \"{party_name} 罚款 {fine}\"\n"           \
	"false_positives: 无\ntests:\n"                                                                                                   \
	"  - {name: 超过, hit: true, given: {fine: " limit ".01 元}}\n"                                                                   \
	"  - {name: 等于, hit: false, given: {fine: " limit " 元}}\n"                                                                     \
	"  - {name: 没有罚款, unknown: true, given: {}}\n"

static struct workbench_report check_text(const char *text)
{
	struct workbench_report report;
	struct err err;

	ok(workbench_check(&world.app, str_of(text), world.today, world.mem, &report, &err), &err);
	return report;
}

static struct workbench_trial try_as(const struct actor *who, const char *text)
{
	CLEANUP(workbench_report_clear) struct workbench_report report = check_text(text);
	struct workbench_trial trial;
	struct err err;

	assert_non_null(report.rule);
	ok(workbench_try(&world.app, world.db.db, who, report.rule, report.pack, rule_find(world.app.rules, report.rule->id), world.today,
		   world.mem, &trial, &err),
		&err);
	return trial;
}

static bool has_fatal(const struct workbench_report *r)
{
	for (size_t i = 0; i < r->problem_count; i++)
		if (r->problems[i].fatal)
			return true;
	return false;
}

static void a_sound_text_has_no_fatal_problem(void **state)
{
	CLEANUP(workbench_report_clear) struct workbench_report report = check_text(DRAFT("2", "2000"));

	(void)state;
	for (size_t i = 0; i < report.problem_count; i++)
		if (report.problems[i].fatal)
			fail_msg("%.*s", STR_ARG(report.problems[i].text));
	assert_int_equal(report.tests.passed, 3);
}

static void a_mistake_is_told_with_its_place(void **state)
{
	CLEANUP(workbench_report_clear)
	struct workbench_report report =
		check_text("id: x\ntitle: 甲\nversion: 1\non: penalty_case\nwhen: fien > 3 元\nseverity: warn\nmessage: 乙\n");

	(void)state;
	assert_null(report.rule);
	assert_int_equal(report.problem_count, 1);
	assert_int_equal(report.problems[0].line, 5);
	assert_int_equal(report.problems[0].column, 7);
	assert_true(str_find(report.problems[0].text, STR("fine")) >= 0);
}

static void the_same_version_again_cannot_be_switched_on(void **state)
{
	CLEANUP(workbench_report_clear) struct workbench_report report = check_text(DRAFT("1", "2000"));

	(void)state;
	assert_true(has_fatal(&report));
}

static void a_trial_counts_and_compares_and_writes_nothing(void **state)
{
	struct workbench_trial t;

	(void)state;
	test_penalty("1", "明州市市场监督管理局", "甲公司", 1500);
	test_penalty("2", "明州市市场监督管理局", "乙公司", 2500);
	test_penalty("3", "明州市税务局", "丙公司", 500);
	t = try_as(&world.supervisor, DRAFT("2", "2000"));
	assert_int_equal(t.checked, 3);
	assert_int_equal(t.counts[VERDICT_HIT], 1);
	assert_int_equal(t.base_hit, 2);
	assert_int_equal(t.added, 0);
	assert_int_equal(t.removed, 1);
	assert_int_equal(t.removed_examples.count, 1);
	assert_int_equal(t.agency_count, 1);
	assert_true(str_eq(t.agencies[0].name, STR("明州市市场监督管理局")));
	t = try_as(&world.supervisor, DRAFT("2", "100"));
	assert_int_equal(t.counts[VERDICT_HIT], 3);
	assert_int_equal(t.added, 1);
	assert_int_equal(t.removed, 0);
	assert_int_equal(test_findings(&world.supervisor).total, 0);
}

static void hits_outside_the_scope_are_counted_and_not_shown(void **state)
{
	struct workbench_trial t;

	(void)state;
	test_penalty("1", "明州市市场监督管理局", "甲公司", 1500);
	test_penalty("2", "江北区市场监督管理局", "乙公司", 2500);
	t = try_as(&world.county_supervisor, DRAFT("2", "1200"));
	assert_int_equal(t.counts[VERDICT_HIT], 2);
	assert_int_equal(t.outside, 1);
	assert_int_equal(t.examples.count, 1);
	assert_int_equal(t.agency_count, 1);
	assert_true(str_eq(t.agencies[0].name, STR("江北区市场监督管理局")));
}

static void personal_data_are_masked_in_examples(void **state)
{
	const char *const person[] = { "case_no", "1", "agency_name", "明州市市场监督管理局", "party_name", "欧阳震华", "party_type",
		"natural_person", NULL };
	struct workbench_trial t;

	(void)state;
	test_record("penalty_case", person, 5000);
	t = try_as(&world.supervisor, DRAFT("2", "2000"));
	assert_int_equal(t.examples.count, 1);
	assert_true(str_find(t.examples.v[0].message, STR("震华")) < 0);
	assert_true(str_find(t.examples.v[0].title, STR("震华")) < 0);
}

static void a_rule_about_groups_is_tried_group_by_group(void **state)
{
	static const char text[] = "id: many-fines\ntitle: 一家多罚\nversion: 1\nstatus: trial\non: penalty_case\ngroup: [party_name]\n"
				   "having: count() >= many\nparams:\n  many: {value: 2, label: 次数, kind: managerial}\nseverity: info\n"
				   "message: \"{party_name} {count()} 次\"\n";
	struct workbench_trial t;

	(void)state;
	test_penalty("1", "明州市市场监督管理局", "甲公司", 1500);
	test_penalty("2", "明州市市场监督管理局", "甲公司", 2500);
	test_penalty("3", "明州市税务局", "乙公司", 500);
	t = try_as(&world.supervisor, text);
	assert_int_equal(t.checked, 2);
	assert_int_equal(t.counts[VERDICT_HIT], 1);
	assert_false(t.has_base);
	assert_int_equal(t.examples.count, 1);
	assert_int_equal(t.examples.v[0].record_id, 0);
	assert_true(str_find(t.examples.v[0].message, STR(" 2 次")) >= 0);
	assert_int_equal(t.agency_count, 1);
	assert_true(str_eq(t.agencies[0].name, STR("明州市市场监督管理局")));
}

static int64_t draft_of(const struct actor *who, const char *text)
{
	struct revision r = {
		.rule_id = STR("big-fine"), .title = STR("大额罚款"), .version = 2, .text = str_of(text), .note = STR("调整")
	};
	struct err err;

	ok(revision_add(world.db.db, &world.ids, who, CITY_NOW, &r, &err), &err);
	return r.id;
}

static void refresh(void)
{
	struct err err;

	ok(workbench_refresh(world.app.workbench, &world.app, world.db.db, &err), &err);
}

static void nobody_switches_on_what_they_wrote(void **state)
{
	struct err err;
	int64_t id;

	(void)state;
	id = draft_of(&world.leader, DRAFT("2", "2000"));
	ok(revision_propose(world.db.db, &world.leader, CITY_NOW, id, STR(""), &err), &err);
	assert_int_equal(revision_decide(world.db.db, &world.leader, CITY_NOW, id, true, STR("同意"), &err), ERR_FORBIDDEN);
	assert_int_equal(revision_decide(world.db.db, &world.reviewer, CITY_NOW, id, true, STR(" "), &err), ERR_INPUT);
	ok(revision_decide(world.db.db, &world.reviewer, CITY_NOW, id, true, STR("同意"), &err), &err);
	assert_int_equal(revision_decide(world.db.db, &world.reviewer, CITY_NOW, id, true, STR("同意"), &err), ERR_STATE);
}

static void an_approved_revision_is_in_force_until_it_is_retired(void **state)
{
	struct err err;
	int64_t id;

	(void)state;
	ok(workbench_open(&world.app, &world.app.workbench, &err), &err);
	id = draft_of(&world.supervisor, DRAFT("2", "2000"));
	refresh();
	assert_int_equal(rule_find(world.app.rules, STR("big-fine"))->version, 1);
	ok(revision_propose(world.db.db, &world.supervisor, CITY_NOW, id, STR("{}"), &err), &err);
	ok(revision_decide(world.db.db, &world.leader, CITY_NOW, id, true, STR("同意"), &err), &err);
	refresh();
	assert_int_equal(rule_find(world.app.rules, STR("big-fine"))->version, 2);
	test_penalty("1", "明州市市场监督管理局", "甲公司", 1500);
	test_sweep();
	assert_int_equal(test_findings(&world.supervisor).total, 0);
	assert_int_equal(revision_retire(world.db.db, &world.supervisor, CITY_NOW, id, STR("有误"), &err), ERR_FORBIDDEN);
	ok(revision_retire(world.db.db, &world.leader, CITY_NOW, id, STR("有误"), &err), &err);
	refresh();
	assert_int_equal(rule_find(world.app.rules, STR("big-fine"))->version, 1);
	test_sweep();
	assert_int_equal(test_findings(&world.supervisor).total, 1);
	workbench_close(world.app.workbench);
	world.app.workbench = NULL;
}

static void a_second_approval_retires_the_first(void **state)
{
	struct revision *rows;
	struct err err;
	int64_t ids[2];
	size_t count;

	(void)state;
	for (int i = 0; i < 2; i++) {
		ids[i] = draft_of(&world.supervisor, DRAFT("2", "2000"));
		ok(revision_propose(world.db.db, &world.supervisor, CITY_NOW, ids[i], STR(""), &err), &err);
		ok(revision_decide(world.db.db, &world.leader, CITY_NOW, ids[i], true, STR("同意"), &err), &err);
	}
	ok(revision_list(world.db.db, STR("big-fine"), REVISION_ACTIVE, 0, 10, world.mem, &rows, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].id, ids[1]);
}

static void only_the_author_edits_a_draft(void **state)
{
	struct revision r = { .rule_id = STR("big-fine"), .title = STR("改"), .version = 3, .text = STR("x"), .note = STR("") };
	struct err err;

	(void)state;
	r.id = draft_of(&world.supervisor, DRAFT("2", "2000"));
	assert_int_equal(revision_save(world.db.db, &world.second, CITY_NOW, &r, &err), ERR_FORBIDDEN);
	ok(revision_save(world.db.db, &world.supervisor, CITY_NOW, &r, &err), &err);
	ok(revision_propose(world.db.db, &world.supervisor, CITY_NOW, r.id, STR(""), &err), &err);
	assert_int_equal(revision_save(world.db.db, &world.supervisor, CITY_NOW, &r, &err), ERR_STATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_sound_text_has_no_fatal_problem),
		BOTH(a_mistake_is_told_with_its_place),
		BOTH(the_same_version_again_cannot_be_switched_on),
		BOTH(a_trial_counts_and_compares_and_writes_nothing),
		BOTH(hits_outside_the_scope_are_counted_and_not_shown),
		BOTH(personal_data_are_masked_in_examples),
		BOTH(a_rule_about_groups_is_tried_group_by_group),
		BOTH(nobody_switches_on_what_they_wrote),
		BOTH(an_approved_revision_is_in_force_until_it_is_retired),
		BOTH(a_second_approval_retires_the_first),
		BOTH(only_the_author_edits_a_draft),
	};

	return test_city_run("workbench", tests, sizeof(tests) / sizeof(tests[0]));
}
