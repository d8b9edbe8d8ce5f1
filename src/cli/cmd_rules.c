/* Commands about rules and periods: list, show, lint, test, explain, clock. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "calendar/calendar.h"
#include "cli/commands.h"
#include "dictionary/dictionary.h"
#include "record/record.h"
#include "rule/rule.h"
#include "snapshot/snapshot.h"
#include "workbench/workbench.h"

#define OUTPUT_BYTES_MAX (256u << 20)

static enum err_code need_rule(const struct context *c, const char *id, const struct rule **ret, struct err *err)
{
	struct str names[RULES_MAX], near;
	size_t count = rule_count(c->app.rules);

	*ret = rule_find(c->app.rules, str_of(id));
	if (*ret)
		return ERR_OK;
	for (size_t i = 0; i < count; i++)
		names[i] = rule_at(c->app.rules, i)->id;
	near = yaml_nearest(str_of(id), names, count);
	return err_set(err, ERR_NOT_FOUND, "没有规则 %s%s%.*s", id, near.len ? "，是否为 " : "", STR_ARG(near));
}

/** Runs body with a loaded context and a buffer, prints the buffer. */
static enum err_code with_output(const struct arguments *args,
	enum err_code (*body)(struct context *c, struct buf *out, bool *ret_found, struct err *err), bool *ret_found, struct err *err)
{
	struct context c;
	struct buf out;
	enum err_code code = context_load(&c, args, err);

	buf_init(&out, OUTPUT_BYTES_MAX);
	if (code == ERR_OK)
		code = body(&c, &out, ret_found, err);
	if (code == ERR_OK || out.len > 0) {
		struct err print;
		enum err_code printed = context_print(&c, &out, &print);

		if (code == ERR_OK && printed != ERR_OK)
			code = err_set(err, printed, "%s", print.msg);
	}
	buf_clear(&out);
	context_close(&c);
	return code;
}

/* ---- list, show ---- */

static enum err_code list_rules(struct context *c, struct buf *out, bool *ret_found, struct err *err)
{
	struct json j;

	(void)ret_found;
	(void)err;
	json_init(&j, out);
	if (c->json) {
		json_obj(&j);
		json_key(&j, "rules");
		json_arr(&j);
	}
	for (size_t i = 0; i < rule_count(c->app.rules); i++) {
		const struct rule *r = rule_at(c->app.rules, i);

		if (!c->json) {
			buf_printf(out, "%-36.*s %-8s %-6s %.*s\n", STR_ARG(r->id), rule_severity_slug(r->severity),
				r->off ? "off" : rule_status_slug(r->status), STR_ARG(r->title));
			continue;
		}
		json_obj(&j);
		rule_json(r, c->app.law, &j);
		json_obj_end(&j);
	}
	if (c->json) {
		json_arr_end(&j);
		json_obj_end(&j);
		buf_putc(out, '\n');
	}
	return ERR_OK;
}

enum err_code cmd_rules_list(const struct arguments *args, bool *ret_found, struct err *err)
{
	return with_output(args, list_rules, ret_found, err);
}

static void show_text(const struct context *c, const struct rule *r, struct buf *out)
{
	buf_printf(out, "%.*s  %.*s（v%lld，%s，%s）\n", STR_ARG(r->id), STR_ARG(r->title), (long long)r->version,
		r->off ? "地方规则，未启用" : rule_status_title(r->status), rule_severity_title(r->severity));
	for (size_t i = 0; i < r->basis_count; i++) {
		struct law_citation citation;
		enum law_lookup found = law_lookup(c->app.law, r->basis[i].law, r->basis[i].article, c->today, &citation);

		buf_printf(out, "  依据  %.*s 第%.*s条%s\n", STR_ARG(r->basis[i].law), STR_ARG(r->basis[i].article),
			found == LAW_FOUND ? "" : "（登记簿中无此条或今日未施行）");
	}
	for (size_t i = 0; i < r->param_count; i++)
		buf_printf(out, "  参数  %.*s = %.*s  %.*s〔%s〕\n", STR_ARG(r->params[i].name), STR_ARG(r->params[i].value),
			STR_ARG(r->params[i].label), rule_param_kind_title(r->params[i].kind));
	if (r->group_count)
		buf_puts(out, "  分组  ");
	for (size_t i = 0; i < r->group_count; i++)
		buf_printf(out, "%s%.*s", i ? "、" : "", STR_ARG(str_trim(r->group[i].source)));
	buf_puts(out, r->group_count ? "\n" : "");
	if (r->members.len)
		buf_printf(out, "  参加  %.*s\n", STR_ARG(str_trim(r->members)));
	if (r->within_days)
		buf_printf(out, "  时间窗  %lld 日（按 %.*s）\n", (long long)r->within_days, STR_ARG(r->within_by));
	buf_printf(out, "  %s\n%.*s\n", r->having ? "一组的条件" : "条件", STR_ARG(r->when));
	for (size_t i = 0; i < r->exemption_count; i++)
		buf_printf(out, "  豁免  %.*s：%.*s\n", STR_ARG(r->exemptions[i].label), STR_ARG(r->exemptions[i].when));
	if (r->false_positives.len)
		buf_printf(out, "  误报  %.*s\n", STR_ARG(r->false_positives));
}

static enum err_code show_rule(struct context *c, struct buf *out, bool *ret_found, struct err *err)
{
	const struct rule *r;
	struct json j;

	(void)ret_found;
	TRY(need_rule(c, c->args->positional[0], &r, err));
	if (!c->json) {
		show_text(c, r, out);
		return ERR_OK;
	}
	json_init(&j, out);
	json_obj(&j);
	rule_json(r, c->app.law, &j);
	json_obj_end(&j);
	buf_putc(out, '\n');
	return ERR_OK;
}

enum err_code cmd_rules_show(const struct arguments *args, bool *ret_found, struct err *err)
{
	return with_output(args, show_rule, ret_found, err);
}

/* ---- lint, test ---- */

struct report {
	struct buf *out;
	struct json j;
	bool json;
	int64_t errors, warnings;
};

static void on_lint(void *arg, const struct rule_lint_entry *entry)
{
	struct report *report = arg;
	bool error = entry->level == LINT_ERROR;

	report->errors += error;
	report->warnings += !error;
	if (!report->json) {
		buf_printf(report->out, "%s %.*s\n", error ? "错误" : "提醒", STR_ARG(entry->text));
		return;
	}
	json_obj(&report->j);
	json_kputs(&report->j, "level", error ? "error" : "warning");
	json_kstr(&report->j, "rule", entry->rule ? entry->rule->id : (struct str){ 0 });
	json_kstr(&report->j, "text", entry->text);
	json_obj_end(&report->j);
}

static enum err_code lint_rules(struct context *c, struct buf *out, bool *ret_found, struct err *err)
{
	struct report report = { .out = out, .json = c->json };

	(void)err;
	json_init(&report.j, out);
	if (c->json) {
		json_obj(&report.j);
		json_key(&report.j, "entries");
		json_arr(&report.j);
	}
	rule_lint(c->app.rules, on_lint, &report);
	if (c->json) {
		json_arr_end(&report.j);
		json_ki64(&report.j, "rules", (int64_t)rule_count(c->app.rules));
		json_ki64(&report.j, "errors", report.errors);
		json_obj_end(&report.j);
		buf_putc(out, '\n');
	} else {
		buf_printf(out, "%zu 条规则，%lld 处错误，%lld 处提醒\n", rule_count(c->app.rules), (long long)report.errors,
			(long long)report.warnings);
	}
	*ret_found = report.errors > 0;
	return ERR_OK;
}

enum err_code cmd_rules_lint(const struct arguments *args, bool *ret_found, struct err *err)
{
	return with_output(args, lint_rules, ret_found, err);
}

static void on_test(void *arg, const struct rule_test_outcome *outcome)
{
	struct report *report = arg;

	if (outcome->passed && !report->json)
		return;
	if (!report->json) {
		buf_printf(report->out, "FAILED %.*s %.*s：%.*s\n", STR_ARG(outcome->rule->id), STR_ARG(outcome->name),
			STR_ARG(outcome->text));
		return;
	}
	json_obj(&report->j);
	json_kstr(&report->j, "rule", outcome->rule->id);
	json_kstr(&report->j, "name", outcome->name);
	json_kbool(&report->j, "passed", outcome->passed);
	json_kstr(&report->j, "text", outcome->text);
	json_obj_end(&report->j);
}

static void on_fire(void *arg, const struct rule_fire *fire)
{
	struct report *report = arg;

	if (!report->json) {
		buf_printf(report->out, "  %.*s 命中 %.*s 的例子 %lld/%lld\n", STR_ARG(fire->rule->id), STR_ARG(fire->example_of->id),
			(long long)fire->hits, (long long)fire->examples);
		return;
	}
	json_obj(&report->j);
	json_kstr(&report->j, "rule", fire->rule->id);
	json_kstr(&report->j, "example_of", fire->example_of->id);
	json_ki64(&report->j, "hits", fire->hits);
	json_ki64(&report->j, "examples", fire->examples);
	json_obj_end(&report->j);
}

/** How often rules hit the positive examples of others. */
static enum err_code cross_fire(struct context *c, struct report *report, struct err *err)
{
	struct rule_fire_summary sum;

	if (c->json) {
		json_key(&report->j, "cross_fire");
		json_arr(&report->j);
	} else {
		buf_puts(report->out, "互相命中：\n");
	}
	TRY(rule_cross_fire(c->app.rules, c->today, on_fire, report, &sum, err));
	if (c->json)
		json_arr_end(&report->j);
	else
		buf_printf(report->out, "%lld 个命中例子被别的规则命中 %lld 次，涉及 %lld 对规则\n", (long long)sum.examples,
			(long long)sum.hits, (long long)sum.pairs);
	return ERR_OK;
}

static enum err_code test_rules(struct context *c, struct buf *out, bool *ret_found, struct err *err)
{
	struct report report = { .out = out, .json = c->json };
	struct rule_test_summary summary;
	struct rule_results results;
	const struct rule *only = NULL;

	if (c->args->positional_count > 0)
		TRY(need_rule(c, c->args->positional[0], &only, err));
	json_init(&report.j, out);
	if (c->json) {
		json_obj(&report.j);
		json_key(&report.j, "tests");
		json_arr(&report.j);
	}
	TRY(rule_test(c->app.rules, only, c->today, on_test, &report, &summary, &results, err));
	if (c->json) {
		json_arr_end(&report.j);
		rule_results_json(&results, &report.j);
		json_ki64(&report.j, "passed", summary.passed);
		json_ki64(&report.j, "failed", summary.failed);
		json_ki64(&report.j, "missing", summary.missing);
	}
	rule_results_clear(&results);
	if (argument(c->args, "cross-fire"))
		TRY(cross_fire(c, &report, err));
	if (c->json) {
		json_obj_end(&report.j);
		buf_putc(out, '\n');
	} else {
		buf_printf(out, "%lld passed, %lld failed\n", (long long)summary.passed, (long long)(summary.failed + summary.missing));
	}
	*ret_found = summary.failed + summary.missing > 0;
	return ERR_OK;
}

enum err_code cmd_rules_test(const struct arguments *args, bool *ret_found, struct err *err)
{
	return with_output(args, test_rules, ret_found, err);
}

/* ---- coverage ---- */

static void put_coverage(const struct rule *r, struct buf *out)
{
	struct rule_coverage x;

	rule_coverage(r, &x);
	buf_printf(out, "| `%.*s` | %.*s | %s | %lld | %lld | %s | %lld | ", STR_ARG(r->id), STR_ARG(r->title),
		rule_status_title(r->status), (long long)x.hit, (long long)x.clean,
		!x.needs_boundary ? "—"
		: x.boundary      ? "✓"
				  : "缺",
		(long long)x.unknown);
	if (r->exemption_count)
		buf_printf(out, "%zu/%zu", x.exemptions_tested, r->exemption_count);
	else
		buf_puts(out, "—");
	if (x.has_window)
		buf_printf(out, " | %lld |\n", (long long)x.not_in_force);
	else
		buf_puts(out, " | — |\n");
}

/** The table of docs/rule-coverage.md. */
static enum err_code coverage(struct context *c, struct buf *out, bool *ret_found, struct err *err)
{
	size_t tests = 0, count = rule_count(c->app.rules);

	(void)ret_found;
	(void)err;
	for (size_t i = 0; i < count; i++)
		tests += rule_at(c->app.rules, i)->test_count;
	buf_printf(out,
		"# 规则的测试\n\n由 `xiezhi rules coverage` 写出：%zu 条规则，%zu "
		"个测试。“—”是不需要：条件里没有大小比较、没有豁免、没有时间范围。\n",
		count, tests);
	for (size_t i = 0; i < count; i++) {
		const struct rule *r = rule_at(c->app.rules, i);
		bool known = false;

		for (size_t k = 0; k < i; k++)
			known |= str_eq(rule_at(c->app.rules, k)->pack, r->pack);
		if (known)
			continue;
		buf_printf(out,
			"\n## %.*s\n\n| 规则 | 名称 | 状态 | 命中 | 未命中 | 边界 | 无法判断 | 豁免 | 不适用 "
			"|\n|---|---|---|---|---|---|---|---|---|\n",
			STR_ARG(r->pack));
		for (size_t k = i; k < count; k++)
			if (str_eq(rule_at(c->app.rules, k)->pack, r->pack))
				put_coverage(rule_at(c->app.rules, k), out);
	}
	return ERR_OK;
}

enum err_code cmd_rules_coverage(const struct arguments *args, bool *ret_found, struct err *err)
{
	return with_output(args, coverage, ret_found, err);
}

/* ---- explain ---- */

/** The row that the rule judges for a key: of the record, of the group, or of the group that the record is in. *ret_unplaced: a record that
 * can be put into no group, which is unknown. */
static enum err_code find_judged(struct rule_probe *probe, const struct frame_set *set, const struct rule *rule, struct str key,
	size_t *ret, bool *ret_unplaced, struct err *err)
{
	const struct frame *judged, *records = set->frames[rule->on->index];
	uint32_t row;

	*ret_unplaced = false;
	TRY(rule_probe_frame(probe, rule, &judged, err));
	row = judged ? frame_find(judged, key) : FRAME_NO_ROW;
	*ret = row;
	if (row != FRAME_NO_ROW)
		return ERR_OK;
	row = rule->having && records ? frame_find(records, key) : FRAME_NO_ROW;
	if (row != FRAME_NO_ROW) {
		TRY(rule_probe_unplaced(probe, rule, row, ret_unplaced, err));
		if (!*ret_unplaced)
			TRY(rule_probe_row(probe, rule, row, ret, err));
		if (*ret_unplaced || *ret != FRAME_NO_ROW)
			return ERR_OK;
		return err_set(err, ERR_NOT_FOUND, "记录 %.*s 不参加这条规则的分组", STR_ARG(key));
	}
	return err_set(err, ERR_NOT_FOUND, rule->having ? "%.*s中没有分组或者记录 %.*s（分组的键用 | 连接）" : "%.*s中没有记录 %.*s",
		STR_ARG(rule->on->label.zh), STR_ARG(key));
}

static enum err_code explain(struct context *c, struct buf *out, bool *ret_found, struct err *err)
{
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	CLEANUP(rule_probe_closep) struct rule_probe *probe = NULL;
	const struct rule *rule;
	struct rule_explanation x;
	struct json j;
	bool unplaced;
	size_t row;

	(void)ret_found;
	TRY(context_open_store(c, err));
	TRY(context_open_snapshots(c, err));
	TRY(need_rule(c, c->args->positional[0], &rule, err));
	TRY(snapshot_get(c->app.snapshots, c->db, &set, NULL, err));
	TRY(rule_probe_open(c->app.rules, set, c->today, &probe, err));
	TRY(find_judged(probe, set, rule, str_of(c->args->positional[1]), &row, &unplaced, err));
	if (unplaced)
		x = (struct rule_explanation){
			.rule = rule, .verdict = VERDICT_UNKNOWN, .message = STR("分组的键或者参加条件无法判断，不能归入任何一组")
		};
	else
		TRY(rule_explain(probe, rule, row, c->mem, &x, err));
	if (!c->json) {
		rule_explanation_text(&x, out);
		return ERR_OK;
	}
	json_init(&j, out);
	rule_explanation_json(&x, &j);
	buf_putc(out, '\n');
	return ERR_OK;
}

enum err_code cmd_rules_explain(const struct arguments *args, bool *ret_found, struct err *err)
{
	return with_output(args, explain, ret_found, err);
}

/* ---- backtest ---- */

static void print_examples(struct buf *out, const char *what, const struct workbench_examples *x)
{
	for (size_t i = 0; i < x->count; i++)
		buf_printf(out, "  %s %.*s：%.*s\n", what, STR_ARG(x->v[i].title), STR_ARG(x->v[i].message));
}

static void print_trial(struct buf *out, const struct rule *draft, const struct workbench_trial *t)
{
	buf_printf(out, "%.*s v%lld：检查 %lld，命中 %lld，豁免 %lld，无法判断 %lld，不适用 %lld，未命中 %lld（%.3f 秒）\n",
		STR_ARG(draft->id), (long long)draft->version, (long long)t->checked, (long long)t->counts[VERDICT_HIT],
		(long long)t->counts[VERDICT_EXEMPT], (long long)t->counts[VERDICT_UNKNOWN], (long long)t->counts[VERDICT_NOT_IN_FORCE],
		(long long)t->counts[VERDICT_CLEAN], t->seconds);
	if (!t->has_base) {
		buf_puts(out, "现行规则中没有这个编号，全部是新增\n");
		print_examples(out, "命中", &t->examples);
		return;
	}
	buf_printf(out, "现行 v%lld：命中 %lld；改动后新增 %lld，减少 %lld\n", (long long)t->base_version, (long long)t->base_hit,
		(long long)t->added, (long long)t->removed);
	print_examples(out, "新增", &t->added_examples);
	print_examples(out, "减少", &t->removed_examples);
}

/** A changed rule against the one in force, over all records of the store. */
static enum err_code backtest(struct context *c, struct buf *out, bool *ret_found, struct err *err)
{
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	struct rule_options o = { .assets = &c->assets, .dictionary = c->app.dictionary, .calendar = c->app.calendar, .law = c->app.law };
	const char *path = c->args->positional[0];
	const struct actor program = { .name = STR("命令行") };
	struct workbench_trial trial;
	struct str text;
	struct json j;

	TRY(context_input(path, err));
	TRY(file_read(path, WORKBENCH_TEXT_BYTES_MAX, c->mem, &text, err));
	TRY(rule_pack_parse(&o, str_of(path), text, &pack, err));
	TRY(context_open_store(c, err));
	TRY(context_open_snapshots(c, err));
	TRY(workbench_try(&c->app, c->db, &program, rule_at(pack, 0), pack, rule_find(c->app.rules, rule_at(pack, 0)->id), c->today, c->mem,
		&trial, err));
	*ret_found = trial.added + trial.removed > 0;
	if (!c->json) {
		print_trial(out, rule_at(pack, 0), &trial);
		return ERR_OK;
	}
	json_init(&j, out);
	workbench_trial_json(&trial, &j);
	buf_putc(out, '\n');
	return ERR_OK;
}

enum err_code cmd_rules_backtest(const struct arguments *args, bool *ret_found, struct err *err)
{
	return with_output(args, backtest, ret_found, err);
}

/* ---- clock ---- */

/** "30" "day": the unit may be a word of its own or the third positional argument. */
static enum err_code run_clock(struct context *c, struct buf *out, bool *ret_found, struct err *err)
{
	const struct arguments *args = c->args;
	struct clock_options o = { .start = str_of(args->positional[0]),
		.length = str_of(args->positional_count > 1 ? args->positional[1] : NULL),
		.unit = str_of(args->positional_count > 2 ? args->positional[2] : NULL),
		.law = str_of(argument(args, "law")),
		.rollover = str_of(argument(args, "no-rollover") ? "no" : NULL),
		.today = c->today };
	const char *value;

	(void)ret_found;
	while ((value = argument_nth(args, "pause", (int)o.pause_count)) && o.pause_count < CLOCK_PARTS_MAX)
		o.pauses[o.pause_count++] = str_of(value);
	while ((value = argument_nth(args, "extend", (int)o.extension_count)) && o.extension_count < CLOCK_PARTS_MAX)
		o.extensions[o.extension_count++] = str_of(value);
	return clock_main(c->app.calendar, &o, c->json, c->mem, out, err);
}

enum err_code cmd_clock(const struct arguments *args, bool *ret_found, struct err *err)
{
	return with_output(args, run_clock, ret_found, err);
}
