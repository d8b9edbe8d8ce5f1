/* The language from its users' side: every complaint with its place and caret, the examples of the documentation, both sides
 * of what is supplied, the order of verdicts, parameters of a profile, explanations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "rule/code.h"

#define TODAY 20634 /* 2026-06-30 */

static struct arena *mem;
static struct dictionary *dictionary, *builtin_dictionary;
static struct calendar *calendar;
static const struct asset_set builtin;
static const struct asset_set fixture = { .dirs = { { .dir = "tests/rule/dictionary", .prefix = "dictionary/", .replace = true } },
	.dir_count = 1 };

static int setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	mem = arena_open((size_t)256 << 20);
	if (!mem || dictionary_load(&fixture, mem, &dictionary, &err) != ERR_OK ||
		dictionary_load(&builtin, mem, &builtin_dictionary, &err) != ERR_OK ||
		calendar_load(&builtin, STR(""), mem, &calendar, &err) != ERR_OK) {
		print_error("%s\n", err.msg);
		return -1;
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_close(mem);
	return 0;
}

static enum err_code parse_rule(
	const struct asset_set *assets, const struct dictionary *d, struct str text, struct rule_pack **ret, struct err *err)
{
	struct rule_options o = { .assets = assets, .dictionary = d, .calendar = calendar };

	return rule_pack_parse(&o, STR("rules/t/a.yaml"), text, ret, err);
}

/** A rule on the fixture's penalty with this condition. */
static struct str rule_with(const char *when, const char *more)
{
	return str_printf(mem, "id: a\ntitle: t\non: penalty\nseverity: warn\nwhen: |\n  %s\n%s", when, more);
}

/* ---- complaints ---- */

static void every_mistake_is_named_and_pointed_at(void **state)
{
	CLEANUP(arena_closep) struct arena *own = arena_open(4u << 20);
	struct str cases, line, golden;
	struct buf got;

	(void)state;
	buf_init(&got, 1 << 20);
	assert_int_equal(file_read("tests/rule/errors.txt", 1 << 20, own, &cases, NULL), ERR_OK);
	while (str_next(&cases, '\n', &line)) {
		struct rule_pack *pack = NULL;
		struct err err = { 0 };

		if (line.len == 0)
			continue;
		if (parse_rule(NULL, dictionary, rule_with(str_cstr(own, line), ""), &pack, &err) == ERR_OK)
			buf_printf(&got, "accepted: %.*s\n\n", STR_ARG(line));
		else
			buf_printf(&got, "%s\n\n", err.msg);
		rule_pack_close(pack);
	}
	if (getenv("XZ_GOLDEN"))
		assert_int_equal(file_write("tests/rule/errors.golden", buf_str(&got), NULL), ERR_OK);
	assert_int_equal(file_read("tests/rule/errors.golden", 1 << 20, own, &golden, NULL), ERR_OK);
	assert_string_equal(got.ptr, golden.ptr);
	buf_clear(&got);
}

static void complaint_of(const char *text, const char *want)
{
	struct rule_pack *pack = NULL;
	struct err err = { 0 };

	assert_int_not_equal(parse_rule(NULL, dictionary, str_of(text), &pack, &err), ERR_OK);
	assert_string_equal(err.msg, want);
}

static void places_are_those_of_the_file_in_every_style_of_yaml(void **state)
{
	(void)state;
	complaint_of("id: a\ntitle: t\non: penalty\nseverity: warn\nwhen: fine > 1 元 and decidd_on is null\n",
		"rules/t/a.yaml:5:22: penalty 没有 decidd_on，是否想写 decided_on？\n  fine > 1 元 and decidd_on is null\n                 "
		" ^~~~~~~~~");
	complaint_of("id: a\ntitle: t\non: penalty\nseverity: warn\nwhen: \"decidd_on is null\"\n",
		"rules/t/a.yaml:5:8: penalty 没有 decidd_on，是否想写 decided_on？\n  decidd_on is null\n  ^~~~~~~~~");
	complaint_of("id: a\ntitle: t\non: penalty\nseverity: warn\nwhen: |\n    major\n    and decidd_on is null\n",
		"rules/t/a.yaml:7:9: penalty 没有 decidd_on，是否想写 decided_on？\n  and decidd_on is null\n      ^~~~~~~~~");
	complaint_of("id: a\ntitle: t\non: penalty\nseverity: warn\nwhen: major\nmessage: \"由 {decidd_on} 决定\"\n",
		"rules/t/a.yaml:6:14: penalty 没有 decidd_on，是否想写 decided_on？\n  decidd_on\n  ^~~~~~~~~");
}

/** A rule whose last lines are these; the complaint without its path. */
static void group_complaint(const char *more, const char *want)
{
	complaint_of(str_cstr(mem, str_printf(mem, "id: a\ntitle: t\non: penalty\nseverity: warn\n%s", more)),
		str_cstr(mem, str_printf(mem, "rules/t/a.yaml:%s", want)));
}

static void mistakes_in_groups_are_named_and_pointed_at(void **state)
{
	(void)state;
	group_complaint("group: [agency]\nhaving: fine > 3 元\n",
		"6:9: 这里判断的是分组，只能直接用它的键（agency）；fine 是记录的，要放在 sum、max、count 等聚合里\n  fine > 3 元\n  ^~~~");
	group_complaint("group: [agency]\nhaving: agncy.rank > 3\n",
		"6:9: 分组的键和参数中没有 agncy，是否想写 agency？\n  agncy.rank > 3\n  ^~~~~~~~~~");
	group_complaint(
		"group: [agency]\nhaving: agency.rnk > 3\n", "6:9: agency 没有 rnk，是否想写 rank？\n  agency.rnk > 3\n  ^~~~~~~~~~");
	group_complaint("group: [agncy]\nhaving: count() > 3\n", "5:9: penalty 没有 agncy，是否想写 agency？\n  agncy\n  ^~~~~");
	group_complaint("group: [today()]\nhaving: count() > 3\n", "5:9: 分组的键 today() 与记录无关\n  today()\n  ^~~~~");
	group_complaint(
		"group: [agency]\nhaving: sum(facts) > 3\n", "6:13: sum 只用于数和金额，facts 是文字\n  sum(facts) > 3\n      ^~~~~");
	group_complaint("group: [agency]\nhaving: sum() > 3\n", "6:9: sum 要写明求什么的值，例如 sum(case_no)\n  sum() > 3\n  ^~~");
	group_complaint("group: [agency]\nhaving: sum(count()) > 3\n", "6:13: 聚合里面不能再有 count\n  sum(count()) > 3\n      ^~~~~");
	group_complaint("group: [agency]\nhaving: sum(distinct fine) > 3\n",
		"6:13: distinct 只能用在 count 中：count(distinct x)\n  sum(distinct fine) > 3\n      ^~~~~~~~");
	group_complaint("group: [agency]\nhaving: count(fine, where major) > 3\n",
		"6:21: where 前面不写逗号\n  count(fine, where major) > 3\n              ^~~~~");
	group_complaint("group: [agency]\nhaving: quantile(fine, 1.5) > 3 元\n",
		"6:24: 分位写作 0 到 1 之间的小数，例如 0.9\n  quantile(fine, 1.5) > 3 元\n                 ^~~");
	group_complaint("group: [agency]\nhaving: prior(count(), 12) > 3\n",
		"6:9: prior 要求分组的键中有一个 year(…)、quarter_start(…) 或 month_start(…)\n  prior(count(), 12) > 3\n  ^~~~~");
	group_complaint("group: [agency, year(decided_on)]\nhaving: prior(count(), 5) > 3\n",
		"6:24: prior 的第二项是往前的月数，应当是 12 的倍数\n  prior(count(), 5) > 3\n                 ^");
	group_complaint("group: [agency, channel]\nhaving: share(count(), chanel) > 0.5\n",
		"6:24: 分组的键中没有 chanel，是否想写 channel？\n  share(count(), chanel) > 0.5\n                 ^~~~~~");
	group_complaint("group: [agency]\nhaving: share(fine) > 0.5\n",
		"6:15: share 的第一项应当是一个聚合，例如 share(sum(…))\n  share(fine) > 0.5\n        ^~~~");
	group_complaint("group: [agency]\nhaving: count() > 3\nwhen: major\n",
		"6:9: having 和 when 只能写一个：having 判断分组，when 判断每条记录");
	group_complaint("having: count() > 3\n", "5:9: having、members、within 要和 group 一起写");
	group_complaint(
		"group: [agency]\nwithin: 30 days\nhaving: count() > 3\n", "6:9: within 用于 when（判断每条记录），不能和 having 一起写");
	group_complaint("group: [agency]\nwithin: 30 weeks\nwhen: count() > 3\n",
		"6:9: within 写作 30 days，或 {days: 30, by: 日期}，1 到 36500 天");
	group_complaint("group: []\nhaving: count() > 3\n", "5:8: group 写作列表 [键, …]，1 到 6 项");
	group_complaint("group: [agency, agency]\nhaving: count() > 3\n", "5:17: 键 agency 写了两次");
	group_complaint("when: share(sum(fine)) > 0.5\n", "5:7: share 只能用在分组规则（group）中\n  share(sum(fine)) > 0.5\n  ^~~~~");
	group_complaint("when: median(officers.hours) > 5\n",
		"5:7: median 用于分组和引用这条记录的记录，还不能用于成员 officers\n  median(officers.hours) > 5\n  ^~~~~~");
}

static void mistakes_in_versions_and_choice_of_law_are_named(void **state)
{
	(void)state;
	group_complaint("when: fine > cap\nparams:\n  cap: {values: [{from: 2021-01-01, value: 1 元}]}\n",
		"7:8: 有 values 就要用 decision 写明按哪个日期取值");
	group_complaint(
		"when: fine > cap\nparams:\n  cap: {values: [{from: 2021-01-01, value: 1 元}], decision: decided_on, act: filed_on}\n",
		"7:78: act 和 favours 要一起写：行为时的值，除非处理时的值对当事人更有利");
	group_complaint("when: fine > cap\nparams:\n  cap: {values: [{from: 2021-01-01, value: 1 元}, {from: 2020-01-01, value: 2 元}], "
			"decision: decided_on}\n",
		"7:57: values 要按 from 从早到晚写");
	group_complaint("when: fine > cap\nparams:\n  cap: {values: [{from: 2021-01-01, value: 1 元}], decision: decidd_on}\n",
		"7:61: penalty 没有 decidd_on，是否想写 decided_on？\n  decidd_on\n  ^~~~~~~~~");
	group_complaint("in_force: 2021-01-01..\nact: filed_on\nnew_law: worse\nwhen: major\n",
		"7:10: new_law 只能是 heavier（新法较重）、lighter（新法较轻）、unclear（看不出轻重）");
	group_complaint("act: filed_on\nnew_law: heavier\nwhen: major\n", "5:6: 有 act 就要有 in_force，并且写明从哪天起");
	group_complaint("in_force: 2021-01-01..\nact: filed_on\nwhen: major\n", "6:6: act 和 new_law 要一起写");
}

static void a_mistake_in_a_parameter_points_at_the_parameter(void **state)
{
	(void)state;
	complaint_of(
		"id: a\ntitle: t\non: penalty\nseverity: warn\nwhen: procedure = wanted\nparams:\n  wanted: {value: genral, label: x}\n",
		"rules/t/a.yaml:7:19: procedure 没有代码 'genral'，是否想写 'general'？\n  genral\n  ^~~~~~");
}

/* ---- documentation ---- */

static void print_failure(void *arg, const struct rule_test_outcome *outcome)
{
	(void)arg;
	if (!outcome->passed)
		print_error("%.*s [%.*s] %.*s\n", STR_ARG(outcome->rule->id), STR_ARG(outcome->name), STR_ARG(outcome->text));
}

static void run_example(struct str text, struct rule_test_summary *sum)
{
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	struct rule_test_summary summary;
	struct err err = { 0 };

	if (parse_rule(NULL, builtin_dictionary, text, &pack, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(rule_test(pack, NULL, TODAY, print_failure, NULL, &summary, NULL, &err), ERR_OK);
	sum->passed += summary.passed;
	sum->failed += summary.failed;
}

static void examples_of_the_documentation_do_what_it_says(void **state)
{
	CLEANUP(arena_closep) struct arena *own = arena_open(4u << 20);
	struct rule_test_summary sum = { 0 };
	struct str text;
	ptrdiff_t at;

	(void)state;
	assert_int_equal(file_read("docs/rule-language.md", 1 << 20, own, &text, NULL), ERR_OK);
	while ((at = str_find(text, STR("```yaml\nid:"))) >= 0) {
		text = str_sub(text, (size_t)at + 8, text.len);
		at = str_find(text, STR("\n```"));
		assert_true(at > 0);
		run_example(str_sub(text, 0, (size_t)at + 1), &sum);
		text = str_sub(text, (size_t)at + 4, text.len);
	}
	assert_int_equal(sum.failed, 0);
	assert_true(sum.passed >= 15);
}

/* ---- verdicts ---- */

/** Runs the tests that are written in the rule. */
static struct rule_test_summary tests_of(struct str text)
{
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	struct rule_test_summary summary = { 0 };
	struct err err = { 0 };

	if (parse_rule(NULL, dictionary, text, &pack, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	if (rule_test(pack, NULL, TODAY, print_failure, NULL, &summary, NULL, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return summary;
}

static void expect_all(const char *when, const char *more, int passed)
{
	struct rule_test_summary s = tests_of(rule_with(when, more));

	assert_int_equal(s.failed, 0);
	assert_int_equal(s.passed, passed);
}

static void an_unsupplied_collection_makes_aggregates_unknown_and_an_empty_one_does_not(void **state)
{
	(void)state;
	expect_all("count(officers where certified) < 2",
		"tests:\n"
		"  - {name: empty, hit: true, given: {}}\n"
		"  - {name: absent, unknown: true, absent: [officers], given: {}}\n"
		"  - {name: two, hit: false, given: {officers: [{certified: true}, {certified: true}]}}\n"
		"  - {name: empty certificate, hit: true, given: {officers: [{certified: true}, {cert_no: x}]}}\n"
		"  - {name: absent certificate, unknown: true, absent: [officers.certified], given: {officers: [{cert_no: x}]}}\n",
		5);
}

static void coalesce_of_an_unsupplied_column_is_unknown(void **state)
{
	(void)state;
	expect_all("coalesce(decided_on, today()) > '2025-01-01'",
		"tests:\n"
		"  - {name: empty, hit: true, given: {}}\n"
		"  - {name: absent, unknown: true, absent: [decided_on], given: {}}\n"
		"  - {name: there, hit: false, given: {decided_on: 2024-01-01}}\n",
		3);
}

static void is_null_of_an_unsupplied_column_is_unknown(void **state)
{
	(void)state;
	expect_all("decided_on is null",
		"tests:\n"
		"  - {name: empty, hit: true, given: {}}\n"
		"  - {name: absent, unknown: true, absent: [decided_on], given: {}}\n"
		"  - {name: there, hit: false, given: {decided_on: 2024-01-01}}\n",
		3);
}

static void counting_different_texts_of_nobody_is_zero(void **state)
{
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	struct rule_test_summary summary;
	struct err err = { 0 };

	(void)state;
	if (parse_rule(NULL, dictionary,
		    STR("id: a\ntitle: t\non: agency\nseverity: warn\nwhen: count(distinct cases.facts) = 0\ntests:\n"
			"  - {name: none, hit: true, given: {code: A}}\n"
			"  - {name: one, hit: false, given: {code: A, cases: [{facts: x}, {facts: x}]}}\n"
			"  - {name: empty text of one, hit: true, given: {code: A, cases: [{fine: 1 元}]}}\n"),
		    &pack, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(rule_test(pack, NULL, TODAY, print_failure, NULL, &summary, NULL, &err), ERR_OK);
	assert_int_equal(summary.passed, 3);
	assert_int_equal(summary.failed, 0);
}

static void an_unknown_parent_is_absent(void **state)
{
	(void)state;
	expect_all("agency.status = 'cancelled' or agency.confirmed_on is null",
		"tests:\n"
		"  - {name: cancelled, hit: true, given: {agency: {status: cancelled}}}\n"
		"  - {name: not confirmed, hit: true, given: {agency: {status: active}}}\n"
		"  - {name: fine, hit: false, given: {agency: {status: active, confirmed_on: 2020-01-01}}}\n"
		"  - {name: not in the register, unknown: true, given: {agency_code: X}}\n",
		4);
}

static void parents_of_parents_and_of_members_are_read(void **state)
{
	(void)state;
	expect_all("agency.superior.rank > 3 and exists(officers where officer.cert_to_on < decided_on)",
		"tests:\n"
		"  - {name: both, hit: true, given: {decided_on: 2025-01-02, agency: {superior: {rank: 4}}, officers: [{officer: "
		"{cert_to_on: 2025-01-01}}]}}\n"
		"  - {name: valid certificate, hit: false, given: {decided_on: 2025-01-01, agency: {superior: {rank: 4}}, officers: "
		"[{officer: {cert_to_on: 2025-01-01}}]}}\n"
		"  - {name: officer unknown, unknown: true, given: {decided_on: 2025-01-02, agency: {superior: {rank: 4}}, officers: "
		"[{cert_no: X}]}}\n"
		"  - {name: one of two unknown but the other decides, hit: true, given: {decided_on: 2025-01-02, agency: {superior: {rank: "
		"4}}, officers: [{cert_no: X}, {officer: {cert_to_on: 2025-01-01}}]}}\n",
		4);
}

static void verdicts_come_in_their_order(void **state)
{
	(void)state;
	expect_all("fine > 100 元",
		"in_force: 2021-07-15..2025-12-31\n"
		"judged_by: decided_on\n"
		"unless:\n"
		"  - {id: first, when: major}\n"
		"  - {id: second, when: \"rate > 0.5\"}\n"
		"tests:\n"
		"  - {name: before the window, not_in_force: true, given: {decided_on: 2021-07-14}}\n"
		"  - {name: first day, hit: true, undecided: [first, second], given: {decided_on: 2021-07-15, fine: 101 元}}\n"
		"  - {name: last day, hit: true, given: {decided_on: 2025-12-31, fine: 101 元}}\n"
		"  - {name: behind the window, not_in_force: true, given: {decided_on: 2026-01-01, fine: 101 元}}\n"
		"  - {name: no date, unknown: true, given: {fine: 99 元}}\n"
		"  - {name: no fine, unknown: true, given: {decided_on: 2025-01-01}}\n"
		"  - {name: clean, hit: false, given: {decided_on: 2025-01-01, fine: 100 元, major: true}}\n"
		"  - {name: the first of two exemptions, exempt: first, given: {decided_on: 2025-01-01, fine: 101 元, major: true, rate: "
		"0.6}}\n"
		"  - {name: the second while the first is undecided, exempt: second, given: {decided_on: 2025-01-01, fine: 101 元, rate: "
		"0.6}}\n"
		"  - {name: decided, hit: true, undecided: [], given: {decided_on: 2025-01-01, fine: 101 元, major: false, rate: 0.5}}\n",
		10);
}

static void arithmetic_keeps_money_decimals_and_dates_apart(void **state)
{
	(void)state;
	expect_all("fine * 0.03 = 0.02 元 and fine / confiscated = 0.6667 and 1 / 3 = 0.3333 and filed_on + 30 = '2025-03-01' and "
		   "decided_on - filed_on = 2",
		"tests:\n"
		"  - {name: half away from zero, hit: true, given: {fine: 0.50 元, confiscated: 0.75 元, filed_on: 2025-01-30, decided_on: "
		"2025-02-01}}\n"
		"  - {name: division by zero, unknown: true, given: {fine: 0.50 元, confiscated: 0 元, filed_on: 2025-01-30, decided_on: "
		"2025-02-01}}\n",
		2);
}

static void text_operators_count_case_and_characters(void **state)
{
	(void)state;
	expect_all("facts like '无_经营%' and not matches(facts, 'ABC') and contains(facts, '食品') and note is not null",
		"tests:\n"
		"  - {name: hit, hit: true, given: {facts: 无证经营食品 abc, note: x}}\n"
		"  - {name: case, hit: false, given: {facts: 无证经营食品 ABC, note: x}}\n"
		"  - {name: two characters for one, hit: false, given: {facts: 无许可经营食品, note: x}}\n",
		3);
}

static void a_pattern_that_backtracks_without_end_is_unknown(void **state)
{
	(void)state;
	expect_all("matches(facts, '^(a|aa|aaa)+(a|b)*(a+)+$')",
		"tests:\n"
		"  - {name: bomb, unknown: true, given: {facts: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!}}\n"
		"  - {name: short, hit: true, given: {facts: aaa}}\n",
		2);
}

static void first_and_last_follow_the_declared_order(void **state)
{
	(void)state;
	expect_all("first(documents.title) = 'a' and last(documents.title) = 'c'",
		"tests:\n"
		"  - {name: by date, hit: true, given: {documents: [{title: c, made_on: 2025-03-01}, {title: x}, {title: a, made_on: "
		"2025-01-01}]}}\n"
		"  - {name: ties in file order, hit: true, given: {documents: [{title: a, made_on: 2025-03-01}, {title: c, made_on: "
		"2025-03-01}]}}\n"
		"  - {name: nothing dated, unknown: true, given: {documents: [{title: a}]}}\n",
		3);
}

static void lists_of_parameters_stand_in_in(void **state)
{
	(void)state;
	expect_all("procedure in (wanted) and days_given not in (1, limit)",
		"params:\n"
		"  wanted: {value: [simple, general], label: x, kind: local}\n"
		"  limit: {value: 5, label: y, kind: managerial}\n"
		"tests:\n"
		"  - {name: hit, hit: true, given: {procedure: general, days_given: 4}}\n"
		"  - {name: clean, hit: false, given: {procedure: general, days_given: 5}}\n",
		2);
}

static void messages_show_labels_and_amounts(void **state)
{
	(void)state;
	expect_all("fine > 1 元",
		"message: \"{procedure}：{fine} 元，{coalesce(decided_on, '未决定')}，{agency.name}，{coalesce(channel, '来源不明')}\"\n"
		"tests:\n"
		"  - {name: full, hit: true, message: \"简易程序：1234.50 元，2025-01-02，甲局，检查\", given: {procedure: simple, fine: "
		"1234.5 元, decided_on: 2025-01-02, channel: inspection, agency: {name: 甲局}}}\n"
		"  - {name: empty, hit: true, message: \"（无）：2.00 元，未决定，（无），来源不明\", given: {fine: 2 元}}\n",
		2);
}

/* ---- profile ---- */

static const char profile_rule[] =
	"id: a\ntitle: t\non: penalty\nseverity: warn\nwhen: days_given > limit\nparams:\n  limit: {value: 5, label: x, kind: %s}\n"
	"tests:\n  - {name: six, hit: true, given: {days_given: 6}}\n";

static enum err_code with_profile(const char *kind, const char *params, struct rule_pack **ret, struct err *err)
{
	char dir[] = "/tmp/xz-profile-XXXXXX", path[64];
	struct asset_set set = { .dirs = { { .dir = dir, .prefix = "" } }, .dir_count = 1 };
	enum err_code code;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/params.yaml", dir);
	assert_int_equal(file_write(path, str_of(params), NULL), ERR_OK);
	code = parse_rule(&set, dictionary, str_printf(mem, profile_rule, kind), ret, err);
	unlink(path);
	rmdir(dir);
	return code;
}

static void a_profile_changes_managerial_parameters(void **state)
{
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	struct rule_test_summary summary;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(with_profile("managerial", "a: {limit: 10}\n", &pack, &err), ERR_OK);
	assert_true(rule_at(pack, 0)->params[0].overridden);
	assert_true(str_eq(rule_at(pack, 0)->params[0].value, STR("10")));
	assert_int_equal(rule_test(pack, NULL, TODAY, NULL, NULL, &summary, NULL, &err), ERR_OK);
	assert_int_equal(summary.failed, 1);
}

static void a_profile_cannot_change_statutory_parameters(void **state)
{
	struct rule_pack *pack = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(with_profile("statutory", "a: {limit: 10}\n", &pack, &err), ERR_INPUT);
	assert_string_equal(err.msg, "params.yaml:1:12: 规则 a 的参数 limit 是法定的，本地配置不能修改");
}

/* ---- explanation ---- */

static void an_explanation_lists_every_term_with_value_and_label(void **state)
{
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	CLEANUP(rule_probe_closep) struct rule_probe *probe = NULL;
	struct frame_builder *b = NULL;
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 };
	const struct dictionary_type *penalty = dictionary_type(dictionary, STR("penalty"));
	struct dictionary_value values[DICTIONARY_COLUMNS_MAX];
	struct frame_supply supply;
	struct rule_explanation x;
	struct buf text;
	size_t at;

	(void)state;
	assert_int_equal(
		parse_rule(NULL, dictionary,
			rule_with("procedure = 'general' and decided_on > deadline(filed_on, limit, 'day') and count(officers) < 2",
				"params: {limit: {value: 90, label: 办案期限, kind: statutory}}\nunless: [{id: t, label: 移送, when: "
				"transferred_on is not null}]\n"),
			&pack, NULL),
		ERR_OK);
	assert_int_equal(frame_builder_open(penalty, NULL, &b, NULL), ERR_OK);
	frame_supply_all(penalty, &supply);
	frame_supply_remove(penalty, STR("officers"), &supply);
	assert_int_equal(frame_builder_supply(b, &supply, &at, NULL), ERR_OK);
	for (size_t i = 0; i < penalty->column_count; i++)
		values[i] = (struct dictionary_value){ .null = true };
	values[dictionary_column(penalty, STR("procedure"))->index] = (struct dictionary_value){ .i = 0 };
	values[dictionary_column(penalty, STR("filed_on"))->index] = (struct dictionary_value){ .i = 20090 };
	values[dictionary_column(penalty, STR("decided_on"))->index] = (struct dictionary_value){ .i = 20190 };
	assert_int_equal(frame_builder_row(b, &(struct frame_row){ .key = STR("k"), .values = values }, NULL), ERR_OK);
	assert_int_equal(frame_builder_finish(&b, &frames[penalty->index], NULL), ERR_OK);
	assert_int_equal(frame_set_open(dictionary, frames, NULL, &set, NULL), ERR_OK);
	frame_release(frames[penalty->index]);
	assert_int_equal(rule_probe_open(pack, set, TODAY, &probe, NULL), ERR_OK);

	assert_int_equal(rule_explain(probe, rule_at(pack, 0), 0, mem, &x, NULL), ERR_OK);

	buf_init(&text, 1 << 16);
	rule_explanation_text(&x, &text);
	assert_string_equal(text.ptr,
		"a  t\n"
		"结论：无法判断\n"
		"  procedure = 'general' and decided_on > deadline(filed_on, limit, 'day') and count(officers) < 2 = 无法判断\n"
		"    procedure = 'general' and decided_on > deadline(filed_on, limit, 'day') = 是\n"
		"      procedure = 'general' = 是\n"
		"        procedure = 普通程序   程序\n"
		"      decided_on > deadline(filed_on, limit, 'day') = 是\n"
		"        decided_on = 2025-04-12   决定日期\n"
		"        deadline(filed_on, limit, 'day') = 2025-04-02\n"
		"          filed_on = 2025-01-02   立案日期\n"
		"          limit = 90   办案期限（法定）\n"
		"    count(officers) < 2 = 无法判断\n"
		"      count(officers) = 未提供   执法人员\n"
		"  transferred_on is not null = 否   豁免：移送\n"
		"    transferred_on = （空）   移送日期\n");
	buf_clear(&text);
}

/* ---- lint ---- */

struct lint_text {
	struct buf out;
};

static void on_lint(void *arg, const struct rule_lint_entry *entry)
{
	struct lint_text *l = arg;

	if (entry->level == LINT_ERROR && !str_has(entry->text, STR("测试")) && !str_has(entry->text, STR("basis")))
		buf_printf(&l->out, "%.*s\n", STR_ARG(entry->text));
}

static void lint_of(const char *when, const char *more, const char *want)
{
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	struct lint_text l;
	struct err err = { 0 };

	buf_init(&l.out, 1 << 16);
	if (parse_rule(NULL, dictionary, rule_with(when, more), &pack, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	rule_lint(pack, on_lint, &l);
	assert_string_equal(l.out.ptr ? l.out.ptr : "", want);
	buf_clear(&l.out);
}

static void lint_finds_what_can_never_or_always_hold(void **state)
{
	(void)state;
	lint_of("fine > 5 元 and fine < 3 元", "", "rules/t/a.yaml:6: 条件 fine > 5 元 and fine < 3 元 不可能成立\n");
	lint_of("procedure = 'general' and procedure = 'simple'", "",
		"rules/t/a.yaml:6: 条件 procedure = 'general' and procedure = 'simple' 不可能成立\n");
	lint_of("decided_on is null and decided_on > '2025-01-01'", "",
		"rules/t/a.yaml:6: 条件 decided_on is null and decided_on > '2025-01-01' 不可能成立\n");
	lint_of("procedure <> 'general' or procedure <> 'simple'", "",
		"rules/t/a.yaml:6: 条件 procedure <> 'general' or procedure <> 'simple' 只要能判断就总是成立\n");
	lint_of("major or 1 = 2", "", "rules/t/a.yaml:6: 条件 1 = 2 与记录无关，结果永远一样\n");
	lint_of("fine between 1 元 and 3 元 or fine > 5 元", "", "");
	lint_of("fine between 3 元 and 1 元", "", "rules/t/a.yaml:6: 条件 fine between 3 元 and 1 元 不可能成立\n");
	lint_of("facts = 'a' and facts = 'b'", "", "rules/t/a.yaml:6: 条件 facts = 'a' and facts = 'b' 不可能成立\n");
	lint_of("count(officers) < 0", "", "rules/t/a.yaml:6: 条件 count(officers) < 0 不可能成立\n");
	lint_of("count() >= 0 and major", "group: [agency]\n", "rules/t/a.yaml:6: 条件 count() >= 0 只要能判断就总是成立\n");
	lint_of("major", "group: [agency]\nmembers: fine > 5 元 and fine < 3 元\n",
		"rules/t/a.yaml:8: 条件 fine > 5 元 and fine < 3 元 不可能成立\n");
}

/* ---- packs of several rules ---- */

static char pack_dir[64];

/** A pack of the fixture's dictionary with these rules, a.yaml and b.yaml. */
static struct rule_pack *pack_of(const char *a, const char *b)
{
	static const char *const names[] = { "a", "b" };
	const char *const texts[] = { a, b };
	struct asset_set assets = { .dirs = { { .dir = "tests/rule/dictionary", .prefix = "dictionary/", .replace = true },
					    { .dir = pack_dir, .prefix = "rules/", .replace = true } },
		.dir_count = 2 };
	struct rule_options o = { .assets = &assets, .dictionary = dictionary, .calendar = calendar };
	struct rule_pack *pack = NULL;
	struct err err = { 0 };

	snprintf(pack_dir, sizeof(pack_dir), "/tmp/xz-pack-XXXXXX");
	assert_non_null(mkdtemp(pack_dir));
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			file_write(str_cstr(mem, str_printf(mem, "%s/%s.yaml", pack_dir, names[i])), str_of(texts[i]), NULL), ERR_OK);
	if (rule_pack_load(&o, &pack, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	for (int i = 0; i < 2; i++)
		unlink(str_cstr(mem, str_printf(mem, "%s/%s.yaml", pack_dir, names[i])));
	rmdir(pack_dir);
	return pack;
}

static void on_twin(void *arg, const struct rule_lint_entry *entry)
{
	if (str_has(entry->text, STR("只差数值")))
		buf_printf(arg, "%.*s\n", STR_ARG(entry->text));
}

static void rules_that_differ_only_in_numbers_are_told(void **state)
{
	CLEANUP(rule_pack_closep)
	struct rule_pack *twins = pack_of("id: a\ntitle: t\non: penalty\nseverity: warn\nwhen: fine > cap and procedure = 'simple'\n"
					  "params: {cap: {value: 50 元, label: x, kind: local}}\n",
		"id: b\ntitle: t\non: penalty\nseverity: warn\nwhen: fine > 3000 元 and procedure = 'simple'\n");
	CLEANUP(rule_pack_closep)
	struct rule_pack *others = pack_of("id: a\ntitle: t\non: penalty\nseverity: warn\nwhen: fine > 50 元 and procedure = 'general'\n",
		"id: b\ntitle: t\non: penalty\nseverity: warn\nwhen: fine > 50 元 and procedure = 'simple'\n");
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	rule_lint(twins, on_twin, &out);
	assert_string_equal(out.ptr, "rules/b.yaml:5: 条件与规则 a 只差数值，可以合成一条带参数的规则\n");
	buf_reset(&out);
	rule_lint(others, on_twin, &out);
	assert_string_equal(out.ptr ? out.ptr : "", "");
	buf_clear(&out);
}

static void on_fire(void *arg, const struct rule_fire *fire)
{
	buf_printf(arg, "%.*s hits %.*s %lld/%lld\n", STR_ARG(fire->rule->id), STR_ARG(fire->example_of->id), (long long)fire->hits,
		(long long)fire->examples);
}

static void cross_fire_counts_what_other_rules_hit(void **state)
{
	CLEANUP(rule_pack_closep)
	struct rule_pack *pack = pack_of("id: a\ntitle: t\non: penalty\nseverity: warn\nwhen: fine > 50 元\ntests:\n"
					 "  - {name: one, hit: true, given: {fine: 51 元, agency: {code: A}}}\n  - {name: two, hit: true, "
					 "given: {fine: 90 元, agency: {code: A}}}\n"
					 "  - {name: no, hit: false, given: {fine: 1 元, agency: {code: A}}}\n",
		"id: b\ntitle: t\non: penalty\nseverity: warn\ngroup: [agency]\nhaving: sum(fine) >= 90 元\ntests:\n"
		"  - {name: three, hit: true, given: [{times: 3, fine: 30 元, agency: {code: A}}]}\n");
	struct rule_fire_summary sum;
	struct rule_coverage coverage;
	struct err err = { 0 };
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	assert_int_equal(rule_cross_fire(pack, TODAY, on_fire, &out, &sum, &err), ERR_OK);
	assert_string_equal(out.ptr, "b hits a 1/2\n");
	assert_int_equal(sum.examples, 3);
	assert_int_equal(sum.hits, 1);
	assert_int_equal(sum.pairs, 1);
	buf_clear(&out);
	rule_coverage(rule_at(pack, 0), &coverage);
	assert_int_equal(coverage.hit, 2);
	assert_int_equal(coverage.clean, 1);
	assert_int_equal(coverage.unknown, 0);
	assert_true(coverage.needs_boundary);
	assert_true(coverage.boundary); /* 51 and 1 differ in one value */
}

static void lint_finds_unused_parameters_and_unknown_problems(void **state)
{
	(void)state;
	lint_of("major", "params: {limit: {value: 1, label: x, kind: local}}\nproblem: inactoin\n",
		"rules/t/a.yaml:1: problem 没有 inactoin 这一类，是否想写 inaction\nrules/t/a.yaml:1: 参数 limit 没有被用到\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mistake_is_named_and_pointed_at),
		cmocka_unit_test(places_are_those_of_the_file_in_every_style_of_yaml),
		cmocka_unit_test(mistakes_in_groups_are_named_and_pointed_at),
		cmocka_unit_test(mistakes_in_versions_and_choice_of_law_are_named),
		cmocka_unit_test(a_mistake_in_a_parameter_points_at_the_parameter),
		cmocka_unit_test(examples_of_the_documentation_do_what_it_says),
		cmocka_unit_test(an_unsupplied_collection_makes_aggregates_unknown_and_an_empty_one_does_not),
		cmocka_unit_test(coalesce_of_an_unsupplied_column_is_unknown),
		cmocka_unit_test(is_null_of_an_unsupplied_column_is_unknown),
		cmocka_unit_test(counting_different_texts_of_nobody_is_zero),
		cmocka_unit_test(an_unknown_parent_is_absent),
		cmocka_unit_test(parents_of_parents_and_of_members_are_read),
		cmocka_unit_test(verdicts_come_in_their_order),
		cmocka_unit_test(arithmetic_keeps_money_decimals_and_dates_apart),
		cmocka_unit_test(text_operators_count_case_and_characters),
		cmocka_unit_test(a_pattern_that_backtracks_without_end_is_unknown),
		cmocka_unit_test(first_and_last_follow_the_declared_order),
		cmocka_unit_test(lists_of_parameters_stand_in_in),
		cmocka_unit_test(messages_show_labels_and_amounts),
		cmocka_unit_test(a_profile_changes_managerial_parameters),
		cmocka_unit_test(a_profile_cannot_change_statutory_parameters),
		cmocka_unit_test(an_explanation_lists_every_term_with_value_and_label),
		cmocka_unit_test(lint_finds_what_can_never_or_always_hold),
		cmocka_unit_test(lint_finds_unused_parameters_and_unknown_problems),
		cmocka_unit_test(rules_that_differ_only_in_numbers_are_told),
		cmocka_unit_test(cross_fire_counts_what_other_rules_hit),
	};

	return cmocka_run_group_tests_name("language", tests, setup, teardown);
}
