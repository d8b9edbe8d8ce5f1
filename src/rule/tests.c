/* A rule's own tests: each `given` becomes a record (with its parents and children) in a frame of its own, the rule is run on
 * it as a sweep would, and the verdict is compared. In a test everything is supplied unless `absent` names it, so a column
 * that is not given is empty, and a collection that is not given has no members. */
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "rule/code.h"

#define TEST_KEYS "name|hit|exempt|unknown|not_in_force|given|absent|today|severity|message|undecided|note"
#define TEST_DEPTH_MAX 8
#define PATCHES_MAX 4096
#define TIMES_MAX 1000
#define PARENTS_MAX 256
#define CASE_BYTES_MAX ((size_t)32 << 20)

/** A reference that the test spells out instead of naming a key. */
struct patch {
	const struct dictionary_type *type;
	int child, reference;
	size_t row; /* ROW_OPEN until the record is added */
	uint32_t target;
};
#define ROW_OPEN SIZE_MAX

/** A parent that was spelled out: equal content is the same parent. */
struct spelled {
	const struct dictionary_type *type;
	const struct yaml *given;
	uint32_t row;
};

struct case_builder {
	const struct dictionary *dictionary;
	struct arena *mem;
	struct frame_builder *builders[DICTIONARY_TYPES_MAX];
	size_t child_rows[DICTIONARY_TYPES_MAX][DICTIONARY_CHILDREN_MAX];
	struct patch *patches; /* PATCHES_MAX */
	size_t patch_count;
	struct spelled parents[PARENTS_MAX];
	size_t parent_count;
	struct err *err;
};

static void case_clear(struct case_builder *b)
{
	for (size_t i = 0; i < DICTIONARY_TYPES_MAX; i++)
		frame_builder_close(b->builders[i]);
}

/* ---- given -> frames ---- */

static enum err_code add_record(struct case_builder *b, const struct dictionary_type *type, const struct yaml *given,
	const struct yaml *absent, int depth, size_t *ret_row);

static const struct dictionary_column *column_named(const struct dictionary_column *columns, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(columns[i].name, name))
			return &columns[i];
	return NULL;
}

static enum err_code give_value(
	struct case_builder *b, const struct dictionary_column *column, const struct yaml *node, struct dictionary_value *ret)
{
	struct err why = { 0 };

	if (yaml_is_null(node))
		return ERR_OK;
	if (node->kind != YAML_SCALAR)
		return yaml_fail(b->err, ERR_INPUT, node, "%.*s 应当是一个值", STR_ARG(column->name));
	if (!column_parse(column, node->text, (struct str){ 0 }, b->mem, ret, &why))
		return yaml_fail(b->err, ERR_INPUT, node, "%.*s：%s", STR_ARG(column->name), why.msg);
	return ERR_OK;
}

/** The row of a spelled-out parent, which is added when no parent like it is there. */
static enum err_code parent_row(
	struct case_builder *b, const struct dictionary_type *type, const struct yaml *given, int depth, uint32_t *ret, struct err *err)
{
	size_t row;

	for (size_t i = 0; i < b->parent_count; i++)
		if (b->parents[i].type == type && test_differences(b->parents[i].given, given) == 0) {
			*ret = b->parents[i].row;
			return ERR_OK;
		}
	if (b->parent_count == PARENTS_MAX)
		return yaml_fail(err, ERR_LIMIT, given, "一个测试里的上级超过 %d 个", PARENTS_MAX);
	TRY(add_record(b, type, given, NULL, depth + 1, &row));
	*ret = (uint32_t)row;
	b->parents[b->parent_count++] = (struct spelled){ .type = type, .given = given, .row = *ret };
	return ERR_OK;
}

static enum err_code add_patch(struct case_builder *b, const struct patch *p, const struct yaml *given)
{
	if (b->patch_count == PATCHES_MAX)
		return yaml_fail(b->err, ERR_LIMIT, given, "一个测试里的引用超过 %d 个", PATCHES_MAX);
	b->patches[b->patch_count++] = *p;
	return ERR_OK;
}

static enum err_code add_parent(struct case_builder *b, const struct dictionary_type *type, int child, int reference, size_t row,
	const struct yaml *given, int depth)
{
	const struct dictionary_reference *r = child < 0 ? &type->references[reference] : &type->children[child].references[reference];
	struct patch p = { .type = type, .child = child, .reference = reference, .row = row };

	TRY(parent_row(b, r->type, given, depth, &p.target, b->err));
	return add_patch(b, &p, given);
}

/** Columns and spelled-out references of one map; children are left to the caller (found in *ret_children by index). */
static enum err_code give_map(struct case_builder *b, const struct dictionary_type *type, int child, const struct yaml *given, size_t row,
	struct dictionary_value *values, const struct yaml **ret_children, int depth)
{
	const struct dictionary_child *ch = child < 0 ? NULL : &type->children[child];
	const struct dictionary_column *columns = ch ? ch->columns : type->columns;
	size_t column_count = ch ? ch->column_count : type->column_count,
	       reference_count = ch ? ch->reference_count : type->reference_count;
	const struct dictionary_reference *references = ch ? ch->references : type->references;

	for (size_t i = 0; i < column_count; i++)
		values[i] = (struct dictionary_value){ .null = true };
	for (size_t i = 0; given && i < given->count; i++) {
		struct str name = given->keys[i]->text;
		const struct yaml *node = given->values[i];
		const struct dictionary_column *column = column_named(columns, column_count, name);
		const struct dictionary_child *collection = ch ? NULL : dictionary_child(type, name);
		int reference = -1;

		for (size_t k = 0; k < reference_count; k++)
			if (str_eq(references[k].name, name))
				reference = (int)k;
		if (reference >= 0 && node->kind == YAML_MAP)
			TRY(add_parent(b, type, child, reference, row, node, depth));
		else if (column)
			TRY(give_value(b, column, node, &values[column->index]));
		else if (collection && node->kind == YAML_SEQ)
			ret_children[collection->index] = node;
		else if (!ch && ((depth > 0 && str_eq(name, STR("absent"))) || str_eq(name, STR("times"))))
			continue; /* a parent's own source; how often the record is there */
		else if (!ch && dictionary_referrer(type, name) && node->kind == YAML_SEQ)
			continue; /* added when the record's row is known */
		else
			return yaml_fail(
				b->err, ERR_INPUT, given->keys[i], "%.*s 没有 %.*s", STR_ARG(ch ? ch->name : type->name), STR_ARG(name));
	}
	return ERR_OK;
}

static enum err_code add_children(struct case_builder *b, const struct dictionary_type *type, const struct yaml *const *lists, int depth)
{
	struct dictionary_value values[DICTIONARY_COLUMNS_MAX];

	for (size_t c = 0; c < type->child_count; c++)
		for (size_t i = 0; lists[c] && i < lists[c]->count; i++) {
			if (lists[c]->values[i]->kind != YAML_MAP)
				return yaml_fail(b->err, ERR_INPUT, lists[c]->values[i], "%.*s 的每一项写作 {列: 值}",
					STR_ARG(type->children[c].name));
			TRY(give_map(b, type, (int)c, lists[c]->values[i], b->child_rows[type->index][c]++, values, NULL, depth));
			TRY(frame_builder_child(b->builders[type->index], (int)c, values, b->err));
		}
	return ERR_OK;
}

static enum err_code supply_of(struct case_builder *b, const struct dictionary_type *type, const struct yaml *absent, size_t *ret_index)
{
	struct frame_supply supply;

	frame_supply_all(type, &supply);
	for (size_t i = 0; absent && i < absent->count; i++)
		if (!dictionary_referrer(type, absent->values[i]->text) && !frame_supply_remove(type, absent->values[i]->text, &supply))
			return yaml_fail(b->err, ERR_INPUT, absent->values[i], "%.*s 没有 %.*s", STR_ARG(type->name),
				STR_ARG(absent->values[i]->text));
	return frame_builder_supply(b->builders[type->index], &supply, ret_index, b->err);
}

/** Records that refer to this one: {…, cases: [{…}]}. */
static enum err_code add_referrers(
	struct case_builder *b, const struct dictionary_type *type, const struct yaml *given, size_t row, int depth)
{
	for (size_t k = 0; given && k < given->count; k++) {
		const struct dictionary_referrer *r = dictionary_referrer(type, given->keys[k]->text);
		const struct yaml *list = given->values[k];

		for (size_t i = 0; r && list->kind == YAML_SEQ && i < list->count; i++) {
			struct patch p = { .type = r->type, .child = -1, .reference = r->reference, .target = (uint32_t)row };
			const struct yaml *times = yaml_get(list->values[i], "times");
			int64_t n = 1;

			if (times && (!str_to_i64(times->text, &n) || n < 1 || n > TIMES_MAX))
				return yaml_fail(b->err, ERR_INPUT, times, "times 应当是 1 到 %d", TIMES_MAX);
			while (n-- > 0) {
				TRY(add_record(b, r->type, list->values[i], yaml_get(list->values[i], "absent"), depth + 1, &p.row));
				TRY(add_patch(b, &p, list));
			}
		}
	}
	return ERR_OK;
}

static enum err_code add_record(struct case_builder *b, const struct dictionary_type *type, const struct yaml *given,
	const struct yaml *absent, int depth, size_t *ret_row)
{
	struct dictionary_value *values = ARENA_NEW(b->mem, struct dictionary_value, type->column_count + 1);
	const struct yaml *lists[DICTIONARY_CHILDREN_MAX] = { 0 };
	struct frame_row row = { .key = STR("test"), .values = values };
	size_t patches = b->patch_count;

	if (!values)
		return err_nomem(b->err);
	if (depth > TEST_DEPTH_MAX)
		return yaml_fail(b->err, ERR_LIMIT, given, "引用嵌套超过 %d 层", TEST_DEPTH_MAX);
	if (given && given->kind != YAML_MAP)
		return yaml_fail(b->err, ERR_INPUT, given, "given 写作 {列: 值}");
	if (!absent && depth > 0)
		absent = yaml_get(given, "absent");
	if (!b->builders[type->index])
		TRY(frame_builder_open(type, NULL, &b->builders[type->index], b->err));
	TRY(give_map(b, type, -1, given, ROW_OPEN, values, lists, depth));
	/* parents of the same type came first: only now the row's number is known */
	for (; patches < b->patch_count; patches++)
		if (b->patches[patches].type == type && b->patches[patches].row == ROW_OPEN)
			b->patches[patches].row = frame_builder_rows(b->builders[type->index]);
	TRY(supply_of(b, type, absent, &row.supply));
	*ret_row = frame_builder_rows(b->builders[type->index]);
	row.key = dictionary_row_key(type, values, b->mem);
	if (row.key.len == 0)
		row.key = STR("test");
	TRY(frame_builder_row(b->builders[type->index], &row, b->err));
	TRY(add_children(b, type, lists, depth));
	return add_referrers(b, type, given, *ret_row, depth);
}

/** One record, or a list of them of which the last is judged; {times: 12, …} stands for twelve. */
static enum err_code add_given(
	struct case_builder *b, const struct dictionary_type *type, const struct yaml *given, const struct yaml *absent, size_t *ret_row)
{
	if (!given || given->kind != YAML_SEQ)
		return add_record(b, type, given, absent, 0, ret_row);
	if (given->count == 0)
		return yaml_fail(b->err, ERR_INPUT, given, "given 的列表里至少要有一条记录");
	for (size_t i = 0; i < given->count; i++) {
		const struct yaml *times = yaml_get(given->values[i], "times");
		int64_t n = 1;

		if (times && (!str_to_i64(times->text, &n) || n < 1 || n > TIMES_MAX))
			return yaml_fail(b->err, ERR_INPUT, times, "times 应当是 1 到 %d", TIMES_MAX);
		while (n-- > 0)
			TRY(add_record(b, type, given->values[i], absent, 0, ret_row));
	}
	return ERR_OK;
}

/** Collections of referrers that are not given have no members; those that `absent` names are not supplied. */
static enum err_code open_referrers(struct case_builder *b, const struct dictionary_type *type, const struct yaml *absent)
{
	for (size_t i = 0; i < type->referrer_count; i++) {
		const struct dictionary_referrer *r = &type->referrers[i];
		const struct yaml *named = NULL;
		size_t ignored;

		for (size_t k = 0; absent && k < absent->count; k++)
			if (str_eq(absent->values[k]->text, r->name))
				named = absent->values[k];
		if (named && b->builders[r->type->index])
			return yaml_fail(b->err, ERR_INPUT, named, "%.*s 不能既没有提供又有记录", STR_ARG(r->name));
		if (!named && !b->builders[r->type->index]) {
			TRY(frame_builder_open(r->type, NULL, &b->builders[r->type->index], b->err));
			TRY(supply_of(b, r->type, NULL, &ignored));
		}
	}
	return ERR_OK;
}

static void release_frames(struct frame *(*frames)[DICTIONARY_TYPES_MAX])
{
	for (size_t i = 0; i < DICTIONARY_TYPES_MAX; i++)
		frame_release((*frames)[i]);
}

static enum err_code build_set(struct case_builder *b, struct frame_set **ret, struct err *err)
{
	CLEANUP(release_frames) struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 };

	for (size_t i = 0; i < b->dictionary->type_count; i++)
		if (b->builders[i])
			TRY(frame_builder_finish(&b->builders[i], &frames[i], err));
	TRY(frame_set_open(b->dictionary, frames, NULL, ret, err));
	for (size_t i = 0; i < b->patch_count; i++) {
		const struct patch *p = &b->patches[i];

		(*ret)->links[p->type->index][frame_link_slot(p->type, p->child, p->reference)]->rows[p->row] = p->target;
	}
	return ERR_OK;
}

/* ---- running ---- */

struct tester {
	const struct rule_pack *pack;
	int32_t today;
	void (*on_outcome)(void *arg, const struct rule_test_outcome *outcome);
	void *arg;
	struct rule_test_summary *summary;
	struct rule_result *result; /* of the rule that is tested */
	struct err *err;
};

struct expectation {
	enum rule_verdict verdict;
	struct str exemption;
};

/** What the test says must come out: hit: true|false, exempt: id, unknown: true, not_in_force: true. */
static enum err_code expectation_of(const struct yaml *test, struct expectation *ret, struct err *err)
{
	const struct yaml *exempt = yaml_get(test, "exempt");
	bool hit, unknown, not_in_force;
	int said = (yaml_get(test, "hit") != NULL) + (exempt != NULL) + (yaml_get(test, "unknown") != NULL) +
	           (yaml_get(test, "not_in_force") != NULL);

	if (said != 1)
		return yaml_fail(err, ERR_INPUT, test, "每个测试恰好写 hit、exempt、unknown、not_in_force 中的一个");
	TRY(yaml_bool(test, "hit", false, &hit, err));
	TRY(yaml_bool(test, "unknown", false, &unknown, err));
	TRY(yaml_bool(test, "not_in_force", false, &not_in_force, err));
	*ret = (struct expectation){ .verdict = exempt         ? VERDICT_EXEMPT
		                                : unknown      ? VERDICT_UNKNOWN
		                                : not_in_force ? VERDICT_NOT_IN_FORCE
		                                : hit          ? VERDICT_HIT
		                                               : VERDICT_CLEAN };
	if (exempt)
		ret->exemption = exempt->text;
	return ERR_OK;
}

static bool undecided_is(const struct rule *rule, uint32_t undecided, const struct yaml *want)
{
	uint32_t wanted = 0;

	for (size_t i = 0; i < want->count; i++)
		for (size_t k = 0; k < rule->exemption_count; k++)
			if (str_eq(rule->exemptions[k].id, want->values[i]->text))
				wanted |= (uint32_t)1 << k;
	return wanted == undecided;
}

/** Compares; writes what differs into `text`. */
static bool outcome_matches(const struct rule *rule, const struct yaml *test, const struct expectation *want,
	const struct rule_explanation *got, struct arena *mem, struct str *ret_text)
{
	struct str severity = yaml_text(test, "severity"), message = yaml_text(test, "message");
	const struct yaml *undecided = yaml_get(test, "undecided");

	if (want->verdict != got->verdict) {
		*ret_text = str_printf(mem, "应当是“%s”，得到“%s”%s%.*s", rule_verdict_title(want->verdict),
			rule_verdict_title(got->verdict), got->exemption ? "：" : "", got->exemption ? (int)got->exemption->id.len : 0,
			got->exemption ? got->exemption->id.ptr : "");
		return false;
	}
	if (want->exemption.len && !str_eq(want->exemption, got->exemption->id)) {
		*ret_text = str_printf(mem, "应当因 %.*s 豁免，得到 %.*s", STR_ARG(want->exemption), STR_ARG(got->exemption->id));
		return false;
	}
	if (severity.len && !str_eq(severity, str_of(rule_severity_slug(got->severity)))) {
		*ret_text = str_printf(mem, "级别应当是 %.*s，得到 %s", STR_ARG(severity), rule_severity_slug(got->severity));
		return false;
	}
	if (message.len && !str_eq(message, got->message)) {
		*ret_text = str_printf(mem, "文字应当是“%.*s”，得到“%.*s”", STR_ARG(message), STR_ARG(got->message));
		return false;
	}
	if (undecided && !undecided_is(rule, got->undecided, undecided)) {
		*ret_text = STR("无法判断的豁免与所写的不同");
		return false;
	}
	return true;
}

/** A record of no group: unknown when nobody can say of which, else it takes no part and there is nothing to judge. */
static enum err_code outside_of_groups(
	struct rule_probe *probe, const struct rule *rule, size_t record, struct rule_explanation *ret, struct err *err)
{
	bool undecided;

	TRY(rule_probe_unplaced(probe, rule, record, &undecided, err));
	*ret = (struct rule_explanation){ .rule = rule, .verdict = undecided ? VERDICT_UNKNOWN : VERDICT_CLEAN };
	return ERR_OK;
}

/** The records of one test. */
struct test_case {
	struct frame_set *set;
	size_t row; /* the record that is judged */
	int32_t today;
};

static void test_case_clear(struct test_case *c)
{
	frame_set_release(c->set);
}

/** @param today  for a test that does not give its own */
static enum err_code build_case(const struct rule_pack *p, const struct rule *rule, const struct yaml *test, int32_t today,
	struct arena *mem, struct test_case *ret, struct err *err)
{
	CLEANUP(case_clear) struct case_builder b = { .dictionary = p->options.dictionary, .mem = mem, .err = err };
	struct str own = yaml_text(test, "today");

	ret->today = today;
	if (own.len && !day_parse(own, &ret->today))
		return yaml_fail(err, ERR_INPUT, yaml_get(test, "today"), "today 写作 2026-06-30");
	b.patches = ARENA_NEW(mem, struct patch, PATCHES_MAX);
	if (!b.patches)
		return err_nomem(err);
	TRY(add_given(&b, rule->on, yaml_get(test, "given"), yaml_get(test, "absent"), &ret->row));
	TRY(open_referrers(&b, rule->on, yaml_get(test, "absent")));
	return build_set(&b, &ret->set, err);
}

static enum err_code run_case(
	struct tester *t, const struct rule *rule, const struct yaml *test, struct arena *mem, struct rule_test_outcome *ret)
{
	CLEANUP(test_case_clear) struct test_case c = { 0 };
	CLEANUP(rule_probe_closep) struct rule_probe *probe = NULL;
	CLEANUP(rule_results_clear) struct rule_results results = { 0 };
	struct rule_run_options o = { .only = rule, .keep_unknown = true };
	struct rule_explanation got = { 0 };
	struct expectation want = { 0 };
	size_t judged;

	TRY(yaml_only(test, TEST_KEYS, t->err));
	TRY(expectation_of(test, &want, t->err));
	TRY(build_case(t->pack, rule, test, t->today, mem, &c, t->err));
	o.today = c.today;
	TRY(rule_probe_open(t->pack, c.set, o.today, &probe, t->err));
	TRY(rule_probe_row(probe, rule, c.row, &judged, t->err));
	if (judged == FRAME_NO_ROW)
		TRY(outside_of_groups(probe, rule, c.row, &got, t->err));
	else
		TRY(rule_explain(probe, rule, judged, mem, &got, t->err));
	TRY(rule_run(t->pack, c.set, &o, &results, t->err));
	for (int v = 0; v < VERDICT_COUNT && t->result; v++)
		t->result->counts[v] += v == (int)got.verdict;
	if (t->result) {
		t->result->checked++;
		t->result->seconds += results.seconds;
	}
	ret->passed = outcome_matches(rule, test, &want, &got, mem, &ret->text);
	/* two ways of evaluating, one verdict; rows of parents of the same type are judged too, so only the row's own mark counts */
	for (size_t i = 0; i < results.v[0].hit_count; i++) {
		const struct rule_hit *hit = &results.v[0].hits[i];

		if (hit->row == (judged == FRAME_NO_ROW ? c.row : judged) && hit->unplaced == (judged == FRAME_NO_ROW) &&
			hit->verdict != got.verdict)
			return err_set(t->err, ERR_INTERNAL, "%.*s：批量结果与单条结果不同", STR_ARG(rule->id));
	}
	return ERR_OK;
}

static void tell(struct tester *t, const struct rule_test_outcome *outcome)
{
	if (outcome->passed)
		t->summary->passed++;
	else if (outcome->name.len)
		t->summary->failed++;
	else
		t->summary->missing++;
	if (t->on_outcome)
		t->on_outcome(t->arg, outcome);
}

static enum err_code run_test(struct tester *t, const struct rule *rule, const struct yaml *test)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(CASE_BYTES_MAX);
	struct rule_test_outcome outcome = { .rule = rule, .name = yaml_text(test, "name") };
	struct err why = { 0 }, *err = t->err;
	enum err_code code;

	if (!mem)
		return err_nomem(err);
	if (outcome.name.len == 0)
		outcome.name = STR("（没有名称）");
	t->err = &why;
	code = run_case(t, rule, test, mem, &outcome);
	t->err = err;
	if (code == ERR_NOMEM || code == ERR_INTERNAL)
		return err_set(err, code, "%s", why.msg);
	if (code != ERR_OK) {
		outcome.passed = false;
		outcome.text = str_of(why.msg);
	} else if (!outcome.passed) {
		outcome.text = str_printf(mem, "%.*s:%d: %.*s", STR_ARG(rule->path), test->line, STR_ARG(outcome.text));
	}
	tell(t, &outcome);
	return ERR_OK;
}

/* ---- all rules ---- */

struct missing_context {
	struct tester *t;
	const struct rule *rule;
};

static void on_missing_test(void *arg, struct str text)
{
	struct missing_context *m = arg;

	tell(m->t, &(struct rule_test_outcome){ .rule = m->rule, .text = text });
}

enum err_code rule_test(const struct rule_pack *p, const struct rule *only, int32_t today,
	void (*on_outcome)(void *arg, const struct rule_test_outcome *outcome), void *arg, struct rule_test_summary *ret,
	struct rule_results *ret_results, struct err *err)
{
	CLEANUP(rule_results_clear) struct rule_results results = { 0 };
	struct rule_test_summary summary = { 0 };
	struct tester t = { .pack = p, .today = today, .on_outcome = on_outcome, .arg = arg, .summary = &summary, .err = err };

	results.v = mem_alloc(p->rule_count + 1, sizeof(*results.v));
	if (!results.v)
		return err_nomem(err);
	for (size_t i = 0; i < p->rule_count; i++) {
		const struct rule *rule = p->rules[i];

		if (only && only != rule)
			continue;
		t.result = &results.v[results.count++];
		t.result->rule = rule;
		for (size_t k = 0; rule->tests && k < rule->tests->count; k++)
			TRY(run_test(&t, rule, rule->tests->values[k]));
		rule_missing_tests(rule, on_missing_test, &(struct missing_context){ .t = &t, .rule = rule });
		results.seconds += t.result->seconds;
	}
	*ret = summary;
	if (ret_results) {
		*ret_results = results;
		results = (struct rule_results){ 0 };
	}
	return ERR_OK;
}

/* ---- cross-fire ---- */

/** Counts the other rules of the type that hit the record of one positive example. */
static enum err_code fire_at(const struct rule_pack *p, const struct rule *rule, const struct test_case *c, int64_t *hits, struct err *err)
{
	CLEANUP(rule_probe_closep) struct rule_probe *probe = NULL;
	CLEANUP(rule_results_clear) struct rule_results results = { 0 };
	bool types[DICTIONARY_TYPES_MAX] = { 0 };

	types[rule->on->index] = true;
	TRY(rule_probe_open(p, c->set, c->today, &probe, err));
	TRY(rule_run(p, c->set, &(struct rule_run_options){ .today = c->today, .types = types }, &results, err));
	for (size_t i = 0; i < results.count; i++) {
		const struct rule_result *r = &results.v[i];
		size_t judged;

		if (r->rule == rule || r->counts[VERDICT_HIT] == 0)
			continue;
		TRY(rule_probe_row(probe, r->rule, c->row, &judged, err));
		for (size_t k = 0; k < r->hit_count; k++)
			hits[r->rule->index] += r->hits[k].verdict == VERDICT_HIT && r->hits[k].row == judged;
	}
	return ERR_OK;
}

static enum err_code cross_fire_of(
	const struct rule_pack *p, const struct rule *rule, int32_t today, int64_t *hits, int64_t *ret_examples, struct err *err)
{
	*ret_examples = 0;
	for (size_t k = 0; rule->tests && k < rule->tests->count; k++) {
		CLEANUP(arena_closep) struct arena *mem = arena_open(CASE_BYTES_MAX);
		CLEANUP(test_case_clear) struct test_case c = { 0 };
		const struct yaml *test = rule->tests->values[k];

		if (!str_eq(yaml_text(test, "hit"), STR("true")))
			continue;
		if (!mem)
			return err_nomem(err);
		TRY(build_case(p, rule, test, today, mem, &c, err));
		TRY(fire_at(p, rule, &c, hits, err));
		++*ret_examples;
	}
	return ERR_OK;
}

enum err_code rule_cross_fire(const struct rule_pack *p, int32_t today, void (*on_fire)(void *arg, const struct rule_fire *fire), void *arg,
	struct rule_fire_summary *ret, struct err *err)
{
	CLEANUP(mem_freep) int64_t *hits = mem_alloc(p->rule_count + 1, sizeof(*hits));
	struct rule_fire_summary summary = { 0 };

	if (!hits)
		return err_nomem(err);
	for (size_t i = 0; i < p->rule_count; i++) {
		struct rule_fire fire = { .example_of = p->rules[i] };

		if (!rule_is_active(p->rules[i]))
			continue;
		memset(hits, 0, p->rule_count * sizeof(*hits));
		TRY(cross_fire_of(p, p->rules[i], today, hits, &fire.examples, err));
		summary.examples += fire.examples;
		for (size_t k = 0; k < p->rule_count; k++) {
			if (hits[k] == 0)
				continue;
			fire.rule = p->rules[k];
			fire.hits = hits[k];
			summary.hits += hits[k];
			summary.pairs++;
			on_fire(arg, &fire);
		}
	}
	*ret = summary;
	return ERR_OK;
}
