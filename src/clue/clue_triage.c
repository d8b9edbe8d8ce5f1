/* From findings to clues: people's verdicts in bulk. One transaction a group, so that a large triage never blocks the others for long; who
 * was slower leaves alone what somebody else has decided. */
#include <stdlib.h>

#include "base/vec.h"
#include "clue/clue_private.h"
#include "clue_sql.h"
#include "detect/detect.h"
#include "dictionary/dictionary.h"
#include "record/record.h"
#include "rule/rule.h"

#define TRIAGE_FINDINGS_MAX 100000
#define VERDICT_BATCH 1000
#define CONTENT_EXAMPLES 5
#define FINDINGS_SHOWN 100

/** One finding to be decided, with the key of the group it goes to. */
struct taken {
	int64_t id, org_id;
	struct str key, rule_id, org_name, message, title;
	bool sealed;
};
struct taken_list {
	VEC(struct taken) all;
};

static void taken_clear(struct taken_list *l)
{
	vec_clear(&l->all);
}

static int by_key(const void *a, const void *b)
{
	const struct taken *x = a, *y = b;
	int order = str_cmp(x->key, y->key);

	return order != 0 ? order : (x->id > y->id) - (x->id < y->id);
}

/** The party of a finding's record: column party_name of the types that have one. */
static struct str party_of(struct clue_context *ctx, const struct finding *f, struct arena *scratch)
{
	const struct dictionary_type *type = dictionary_type(ctx->app->dictionary, f->type);
	const struct dictionary_column *column = type ? dictionary_column(type, STR("party_name")) : NULL;
	struct record_row row;

	if (!column || record_get(ctx->db, ctx->app->dictionary, ctx->who, type, f->record_id, scratch, &row, NULL) != ERR_OK)
		return STR("");
	return row.values[column->index].null ? STR("") : text_normalise(row.values[column->index].s, scratch);
}

static enum err_code keep(struct clue_context *ctx, const struct clue_triage *t, const struct finding *f, struct arena *scratch,
	struct taken_list *l, struct err *err)
{
	struct str party = t->per_party ? party_of(ctx, f, scratch) : STR("");
	struct taken one = { .id = f->id,
		.org_id = f->org_id,
		.rule_id = str_dup(ctx->mem, f->rule_id),
		.org_name = str_dup(ctx->mem, f->org_name),
		.message = str_dup(ctx->mem, f->message),
		.title = str_dup(ctx->mem, f->record_title),
		.sealed = f->sealed,
		.key = str_printf(ctx->mem, "%.*s|%lld|%.*s", STR_ARG(f->rule_id), (long long)f->org_id, STR_ARG(party)) };

	if (l->all.len >= TRIAGE_FINDINGS_MAX)
		return err_set(err, ERR_LIMIT, "一次最多研判 %d 条，请缩小范围", TRIAGE_FINDINGS_MAX);
	return one.key.ptr && vec_push(&l->all, one) ? ERR_OK : err_nomem(err);
}

/** The chosen ones that are open and in the actor's scope; scratch holds each finding's evidence only as long as it is looked at. */
static enum err_code read_chosen(
	struct clue_context *ctx, const struct clue_triage *t, struct arena *scratch, struct taken_list *l, struct err *err)
{
	for (size_t i = 0; i < t->finding_count; i++) {
		struct finding f;

		arena_reset(scratch);
		TRY(finding_get(ctx->db, ctx->who, t->finding_ids[i], scratch, &f, err));
		if (f.state == FINDING_OPEN)
			TRY(keep(ctx, t, &f, scratch, l, err));
	}
	return ERR_OK;
}

/** All open findings of a rule × agency, page by page. */
static enum err_code read_filtered(
	struct clue_context *ctx, const struct clue_triage *t, struct arena *scratch, struct taken_list *l, struct err *err)
{
	struct finding_query q = {
		.who = ctx->who, .rule_id = t->rule_id, .org_id = t->org_id, .state = FINDING_OPEN, .severity = -1, .limit = 500
	};
	struct finding_page page;

	do {
		arena_reset(scratch);
		TRY(finding_list(ctx->db, &q, scratch, &page, err));
		for (size_t i = 0; i < page.row_count; i++)
			TRY(keep(ctx, t, &page.rows[i], scratch, l, err));
		q.after_id = page.next_id;
	} while (page.next_id != 0);
	return ERR_OK;
}

static enum err_code read_open(struct clue_context *ctx, const struct clue_triage *t, struct taken_list *l, struct err *err)
{
	CLEANUP(arena_closep) struct arena *scratch = arena_open(64u << 20);

	if (!scratch)
		return err_nomem(err);
	if (t->finding_count > 0)
		return read_chosen(ctx, t, scratch, l, err);
	if (t->rule_id.len == 0 && t->org_id == 0)
		return err_set(err, ERR_INPUT, "请选择疑似问题，或者按监督模型、执法机关筛选");
	return read_filtered(ctx, t, scratch, l, err);
}

struct group_call {
	struct clue_context *ctx;
	const struct taken *taken;
	size_t count;
	int64_t owner_id;
	int64_t into_id; /* MERGE: this clue; 0: by group key */
	bool per_party;
	int64_t *ids; /* room for the largest group */
	int64_t clue_id;
	int64_t decided;
};

static bool any_sealed(const struct group_call *g)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->taken[i].sealed)
			return true;
	return false;
}

static struct str rule_title(struct clue_context *ctx, struct str rule_id)
{
	const struct rule *rule = ctx->app->rules ? rule_find(ctx->app->rules, rule_id) : NULL;

	return rule ? rule->title : rule_id;
}

static struct str content_of(struct clue_context *ctx, const struct group_call *g)
{
	struct str text = str_printf(ctx->mem, "监督模型“%.*s”在%.*s的执法数据中发现 %zu 条疑似问题线索，尚待人核实。",
		STR_ARG(rule_title(ctx, g->taken[0].rule_id)),
		STR_ARG(g->taken[0].org_name.len > 0 ? g->taken[0].org_name : STR("（机关不明）")), g->count);

	for (size_t i = 0; i < g->count && i < CONTENT_EXAMPLES; i++)
		text = str_printf(ctx->mem, "%.*s\n%zu. %.*s", STR_ARG(text), i + 1, STR_ARG(g->taken[i].message));
	return text;
}

static enum err_code insert_group(struct group_call *g, struct err *err)
{
	struct clue_context *ctx = g->ctx;
	const struct taken *first = &g->taken[0];
	struct clue_row row = { .channel = CLUE_RULE,
		.title = str_printf(ctx->mem, "%.*s：%.*s%s%.*s", STR_ARG(first->org_name.len > 0 ? first->org_name : STR("机关不明")),
			STR_ARG(rule_title(ctx, first->rule_id)), g->per_party || g->count == 1 ? "，" : "",
			STR_ARG(g->per_party || g->count == 1 ? first->title : STR(""))),
		.content = content_of(ctx, g),
		.complainant = STR(""),
		.phone = STR(""),
		.rule_id = first->rule_id,
		.group_key = first->key,
		.source_name = STR("监督模型"),
		.org_id = first->org_id,
		.owner_id = g->owner_id,
		.from_org_id = ctx->who->org_id != 0 ? ctx->who->org_id : g->owner_id,
		.happened_on = DAY_NONE,
		.received_on = ctx->today,
		.sealed = any_sealed(g),
		.event = "由监督模型的疑似问题生成" };

	return clue_insert(ctx, &row, &g->clue_id, err);
}

/** Decides the findings of the group and keeps those that the decision gave to this clue: others were faster with the rest. */
static enum err_code take_findings(struct group_call *g, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct clue_context *ctx = g->ctx;
	struct finding_verdict verdict = { .to = FINDING_ACCEPTED, .reason = STR(""), .clue_id = g->clue_id };

	for (size_t i = 0; i < g->count; i++)
		g->ids[i] = g->taken[i].id;
	TRY(finding_decide(ctx->db, ctx->who, ctx->ids, ctx->now_ms, g->ids, g->count, &verdict, &g->decided, err));
	TRY(db_prepare(ctx->db, &SQL_CLUE_FINDINGS_TAKE, &q, err));
	db_bind_i64(q, 1, g->clue_id);
	return db_run(q, NULL, err);
}

/** The clue that findings are merged into: received, and this body's. */
static enum err_code check_target(struct clue_context *ctx, int64_t clue_id, struct err *err)
{
	struct clue c;

	if (clue_id == 0)
		return err_set(err, ERR_INPUT, "请选择并入哪一条线索");
	TRY(clue_get(ctx, clue_id, &c, err));
	if (ctx->who->account_id != 0 && c.owner_id != ctx->who->org_id)
		return err_set(err, ERR_FORBIDDEN, "这条线索由%.*s研判", STR_ARG(c.owner_name));
	if (c.state != CLUE_RECEIVED)
		return err_set(err, ERR_STATE, "线索 %.*s %s，不能再并入", STR_ARG(c.no), clue_state_title(c.state));
	return ERR_OK;
}

static enum err_code group_body(struct db *db, void *arg, struct err *err)
{
	struct group_call *g = arg;
	struct clue_context *ctx = g->ctx;
	bool sealed = false, extends;

	(void)db;
	g->clue_id = g->into_id;
	if (g->clue_id != 0)
		TRY(check_target(ctx, g->clue_id, err)); /* again: it may have been decided since */
	else
		TRY(clue_find_group(ctx, g->owner_id, g->taken[0].key, &g->clue_id, &sealed, err));
	extends = g->clue_id != 0;
	if (!extends)
		TRY(insert_group(g, err));
	TRY(take_findings(g, err));
	if (g->decided == 0)
		return err_set(err, ERR_STATE, "这些疑似问题刚刚被他人处理");
	TRY(clue_recount(ctx, g->clue_id, err));
	if (!extends)
		return ERR_OK;
	if (any_sealed(g) && !sealed)
		TRY(clue_set_sealed(ctx, g->clue_id, err));
	TRY(clue_add_event(ctx, g->clue_id, "extend", str_printf(ctx->mem, "新增 %lld 条疑似问题", (long long)g->decided), err));
	return clue_audit(
		ctx, "clue.extend", g->clue_id, str_printf(ctx->mem, "线索新增 %lld 条疑似问题", (long long)g->decided), STR(""), err);
}

/** Runs one group; a group that somebody else decided completely is passed over. */
static enum err_code take_group(struct group_call *g, struct clue_triage_result *ret, struct err *err)
{
	struct err why = { 0 };
	enum err_code code = db_transact(g->ctx->db, group_body, g, &why);

	if (code == ERR_STATE)
		return ERR_OK;
	if (code != ERR_OK) {
		if (err)
			*err = why;
		return code;
	}
	ret->clue_ids[ret->clue_count++] = g->clue_id;
	ret->finding_count += g->decided;
	return ERR_OK;
}

static enum err_code take_groups(struct clue_context *ctx, const struct clue_triage *t, struct taken *all, size_t count,
	struct clue_triage_result *ret, struct err *err)
{
	struct group_call g = { .ctx = ctx, .into_id = t->verdict == CLUE_MERGE ? t->clue_id : 0, .per_party = t->per_party };

	ret->clue_ids = ARENA_NEW(ctx->mem, int64_t, count + 1);
	g.ids = ARENA_NEW(ctx->mem, int64_t, count + 1);
	if (!ret->clue_ids || !g.ids)
		return err_nomem(err);
	TRY(clue_owner(ctx, &g.owner_id, err));
	if (count > 1)
		qsort(all, count, sizeof(*all), by_key);
	for (size_t from = 0, to; from < count; from = to) {
		to = from + 1;
		while (to < count && (g.into_id != 0 || str_eq(all[to].key, all[from].key)))
			to++;
		g.taken = all + from;
		g.count = to - from;
		TRY(take_group(&g, ret, err));
	}
	return ERR_OK;
}

struct verdict_call {
	struct clue_context *ctx;
	const int64_t *ids;
	size_t count;
	struct finding_verdict verdict;
	int64_t decided;
};

static enum err_code verdict_body(struct db *db, void *arg, struct err *err)
{
	struct verdict_call *call = arg;

	return finding_decide(
		db, call->ctx->who, call->ctx->ids, call->ctx->now_ms, call->ids, call->count, &call->verdict, &call->decided, err);
}

static enum err_code dismiss(struct clue_context *ctx, const struct clue_triage *t, const struct taken *all, size_t count,
	struct clue_triage_result *ret, struct err *err)
{
	struct verdict_call call = { .ctx = ctx,
		.verdict = {
			.to = t->verdict == CLUE_DISMISS ? FINDING_REJECTED : FINDING_FALSE_POSITIVE, .reason = str_trim(t->reason) } };
	int64_t *ids = ARENA_NEW(ctx->mem, int64_t, count + 1);

	if (!ids)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		ids[i] = all[i].id;
	for (size_t at = 0; at < count; at += call.count) {
		call.ids = ids + at;
		call.count = count - at < VERDICT_BATCH ? count - at : VERDICT_BATCH;
		TRY(db_transact(ctx->db, verdict_body, &call, err));
		ret->finding_count += call.decided;
	}
	return ERR_OK;
}

enum err_code clue_triage_findings(struct clue_context *ctx, const struct clue_triage *t, struct clue_triage_result *ret, struct err *err)
{
	CLEANUP(taken_clear) struct taken_list list = { 0 };

	*ret = (struct clue_triage_result){ 0 };
	if (!clue_may_decide(ctx->who))
		return err_set(err, ERR_FORBIDDEN, "只有监督人员和监督机构负责人可以研判疑似问题线索");
	if ((t->verdict == CLUE_DISMISS || t->verdict == CLUE_FALSE_POSITIVE) && str_trim(t->reason).len == 0)
		return err_set(err, ERR_INPUT, "请写明理由");
	if (t->verdict == CLUE_MERGE)
		TRY(check_target(ctx, t->clue_id, err));
	TRY(read_open(ctx, t, &list, err));
	if (t->verdict == CLUE_DISMISS || t->verdict == CLUE_FALSE_POSITIVE)
		return dismiss(ctx, t, list.all.v, list.all.len, ret, err);
	return take_groups(ctx, t, list.all.v, list.all.len, ret, err);
}

enum err_code clue_put_findings(struct clue_context *ctx, const struct clue *c, struct json *j, struct err *err)
{
	int64_t *ids;
	size_t count;

	TRY(clue_finding_ids(ctx, c->id, 0, FINDINGS_SHOWN, &ids, &count, err));
	json_key(j, "findings");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		struct finding f;
		enum err_code code = finding_get(ctx->db, ctx->who, ids[i], ctx->mem, &f, err);

		if (code == ERR_NOT_FOUND) /* outside this account's scope */
			continue;
		TRY(code);
		finding_json(&f, ctx->app->rules, j);
	}
	json_arr_end(j);
	return ERR_OK;
}
