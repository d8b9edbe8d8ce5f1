/* The only file that runs the queries of clue.sql. */
#include <ctype.h>
#include <stdio.h>

#include "attachment/attachment.h"
#include "audit/audit.h"
#include "base/buf.h"
#include "clue/clue_private.h"
#include "clue_sql.h"
#include "org/org.h"

static struct str or_empty(struct str s)
{
	return s.ptr ? s : STR("");
}

/* ---- reading ---- */

static enum clue_state state_of(struct str slug)
{
	for (int i = 0; i < CLUE_STATE_COUNT; i++)
		if (str_eq(slug, str_of(clue_state_slug((enum clue_state)i))))
			return (enum clue_state)i;
	return CLUE_RECEIVED;
}

static enum clue_channel channel_of(struct str slug)
{
	enum clue_channel c = clue_channel_parse(slug);

	return c == CLUE_CHANNEL_COUNT ? CLUE_OTHER : c;
}

static struct clue clue_from_row(struct db_stmt *q, struct arena *mem)
{
	return (struct clue){ .id = db_i64(q, 0),
		.no = db_str_dup(q, 1, mem),
		.channel = channel_of(db_str(q, 2)),
		.state = state_of(db_str(q, 3)),
		.title = db_str_dup(q, 4, mem),
		.content = db_str_dup(q, 5, mem),
		.org_id = db_i64(q, 6),
		.org_name = or_empty(db_str_dup(q, 7, mem)),
		.org_path = or_empty(db_str_dup(q, 8, mem)),
		.owner_id = db_i64(q, 9),
		.owner_name = or_empty(db_str_dup(q, 10, mem)),
		.from_org_id = db_i64(q, 11),
		.from_org_name = or_empty(db_str_dup(q, 12, mem)),
		.complainant = db_str_dup(q, 13, mem),
		.phone = db_str_dup(q, 14, mem),
		.sealed = db_bool(q, 15),
		.happened_on = db_day(q, 16),
		.received_on = db_day(q, 17),
		.rule_id = db_str_dup(q, 18, mem),
		.group_key = db_str_dup(q, 19, mem),
		.source_name = db_str_dup(q, 20, mem),
		.source_no = or_empty(db_str_dup(q, 21, mem)),
		.merged_into_id = db_i64(q, 22),
		.matter_id = db_i64(q, 23),
		.reason = db_str_dup(q, 24, mem),
		.decided_name = db_str_dup(q, 25, mem),
		.decided_ms = db_is_null(q, 26) ? TIME_NONE : db_i64(q, 26),
		.created_by = db_i64(q, 27),
		.created_name = db_str_dup(q, 28, mem),
		.created_ms = db_i64(q, 29),
		.finding_count = db_i64(q, 30) };
}

/** An account that is only a township's sees what its own office collected; everybody else goes by all three organisations. */
static bool township_only(const struct actor *who)
{
	return who->account_id != 0 && !actor_has(who, ROLE_BODY);
}

static bool may_see_clues(const struct actor *who)
{
	return who->account_id == 0 || actor_has(who, ROLE_BODY | ROLE_TOWNSHIP);
}

enum err_code clue_get(struct clue_context *ctx, int64_t id, struct clue *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool found;

	if (!may_see_clues(ctx->who))
		return err_set(err, ERR_NOT_FOUND, "没有这条线索");
	TRY(db_prepare(ctx->db, &SQL_CLUE_BY_ID, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, or_empty(ctx->who->scope_path));
	db_bind_i64(q, 3, township_only(ctx->who));
	TRY(db_step(q, &found, err));
	if (!found)
		return err_set(err, ERR_NOT_FOUND, "没有这条线索");
	*ret = clue_from_row(q, ctx->mem);
	return ERR_OK;
}

static void bind_filter(struct db_stmt *s, struct clue_context *ctx, const struct clue_query *q, int64_t before_id)
{
	db_bind_i64(s, 1, before_id > 0 ? before_id : INT64_MAX);
	db_bind_str(s, 2, or_empty(ctx->who->scope_path));
	db_bind_i64(s, 3, township_only(ctx->who));
	db_bind_str(s, 4, q->state < CLUE_STATE_COUNT ? str_of(clue_state_slug(q->state)) : STR(""));
	db_bind_str(s, 5, q->channel < CLUE_CHANNEL_COUNT ? str_of(clue_channel_slug(q->channel)) : STR(""));
	db_bind_i64(s, 6, q->org_id);
	db_bind_i64(s, 7, q->matter_id);
	db_bind_str(s, 8, or_empty(q->rule_id));
	db_bind_like_lower(s, 9, q->q);
}

static enum err_code count_total(struct clue_context *ctx, const struct clue_query *q, int64_t *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *s = NULL;
	bool row;

	TRY(db_prepare(ctx->db, &SQL_CLUE_TOTAL, &s, err));
	bind_filter(s, ctx, q, 0);
	TRY(db_step(s, &row, err));
	*ret = row ? db_i64(s, 0) : 0;
	return ERR_OK;
}

enum err_code clue_list(struct clue_context *ctx, const struct clue_query *q, struct clue_page *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *s = NULL;
	struct clue_page page = { .total = -1 };
	int limit = q->limit < 1 ? 50 : q->limit > 500 ? 500 : q->limit;
	bool row;

	*ret = page;
	if (!may_see_clues(ctx->who))
		return ERR_OK;
	page.rows = ARENA_NEW(ctx->mem, struct clue, (size_t)limit);
	if (!page.rows)
		return err_nomem(err);
	TRY(db_prepare(ctx->db, &SQL_CLUE_PAGE, &s, err));
	bind_filter(s, ctx, q, q->after_id);
	db_bind_i64(s, 10, limit + 1);
	TRY(db_step(s, &row, err));
	while (row && page.row_count < (size_t)limit) {
		page.rows[page.row_count++] = clue_from_row(s, ctx->mem);
		TRY(db_step(s, &row, err));
	}
	if (row)
		page.next_id = page.rows[page.row_count - 1].id;
	if (q->want_total)
		TRY(count_total(ctx, q, &page.total, err));
	*ret = page;
	return ERR_OK;
}

static struct str why_alike(struct db_stmt *q, const struct clue *c, struct str digits)
{
	if (c->source_no.len > 0 && str_eq(db_str(q, 4), c->source_no))
		return STR("来源编号相同");
	if (digits.len > 0 && str_eq(db_str(q, 5), digits))
		return STR("联系电话相同");
	if (c->group_key.len > 0 && str_eq(db_str(q, 8), c->group_key))
		return STR("同一监督模型、同一机关");
	if (c->org_id != 0 && db_i64(q, 6) == c->org_id && str_eq(db_str(q, 9), c->title))
		return STR("同一机关、标题相同");
	return STR("同一机关、同一发生日期");
}

#define HINTS_MAX 10

enum err_code clue_similar(struct clue_context *ctx, const struct clue *c, struct clue_hint **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct clue_hint *hints = ARENA_NEW(ctx->mem, struct clue_hint, HINTS_MAX);
	struct str digits = clue_phone_digits(c->phone, ctx->mem);
	size_t count = 0;
	bool row;

	if (!hints)
		return err_nomem(err);
	TRY(db_prepare(ctx->db, &SQL_CLUE_ALIKE, &q, err));
	db_bind_i64(q, 1, c->owner_id);
	db_bind_i64(q, 2, c->id);
	db_bind_str(q, 3, or_empty(c->source_no));
	db_bind_str(q, 4, digits);
	db_bind_str(q, 5, or_empty(c->group_key));
	db_bind_id(q, 6, c->org_id);
	db_bind_day(q, 7, c->happened_on);
	db_bind_str(q, 8, c->title);
	TRY(db_step(q, &row, err));
	while (row && count < HINTS_MAX) {
		hints[count++] = (struct clue_hint){ .id = db_i64(q, 0),
			.no = db_str_dup(q, 1, ctx->mem),
			.title = db_str_dup(q, 2, ctx->mem),
			.state = state_of(db_str(q, 3)),
			.why = why_alike(q, c, digits) };
		TRY(db_step(q, &row, err));
	}
	*ret = hints;
	*ret_count = count;
	return ERR_OK;
}

enum err_code clue_finding_ids(
	struct clue_context *ctx, int64_t clue_id, int64_t after_id, int limit, int64_t **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t *ids = ARENA_NEW(ctx->mem, int64_t, (size_t)limit);
	size_t count = 0;
	bool row;

	if (!ids)
		return err_nomem(err);
	TRY(db_prepare(ctx->db, &SQL_CLUE_FINDING_PAGE, &q, err));
	db_bind_i64(q, 1, clue_id);
	db_bind_i64(q, 2, after_id);
	db_bind_i64(q, 3, limit);
	TRY(db_step(q, &row, err));
	while (row) {
		ids[count++] = db_i64(q, 0);
		TRY(db_step(q, &row, err));
	}
	*ret = ids;
	*ret_count = count;
	return ERR_OK;
}

#define EVENTS_MAX 500

enum err_code clue_events(struct clue_context *ctx, int64_t clue_id, struct clue_event **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct clue_event *events = ARENA_NEW(ctx->mem, struct clue_event, EVENTS_MAX);
	size_t count = 0;
	bool row;

	if (!events)
		return err_nomem(err);
	TRY(db_prepare(ctx->db, &SQL_CLUE_EVENT_LIST, &q, err));
	db_bind_i64(q, 1, clue_id);
	TRY(db_step(q, &row, err));
	while (row) {
		events[count++] = (struct clue_event){ .at_ms = db_i64(q, 0),
			.action = db_str_dup(q, 1, ctx->mem),
			.text = db_str_dup(q, 2, ctx->mem),
			.account_name = db_str_dup(q, 3, ctx->mem) };
		TRY(db_step(q, &row, err));
	}
	*ret = events;
	*ret_count = count;
	return ERR_OK;
}

enum err_code clue_may_read(struct db *db, const struct actor *who, int64_t id, bool *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	*ret = false;
	if (!may_see_clues(who))
		return ERR_OK;
	TRY(db_prepare(db, &SQL_CLUE_BY_ID, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, or_empty(who->scope_path));
	db_bind_i64(q, 3, township_only(who));
	return db_step(q, ret, err);
}

/** The last day on which a clue received then is due by today at the latest: what was received up to it is late tomorrow. */
static int32_t late_from(struct clue_context *ctx)
{
	const struct period *period = period_find(ctx->app->calendar, STR(CLUE_PERIOD));

	if (!period || !period->has_length)
		return DAY_NONE;
	return calendar_deadline(ctx->app->calendar, ctx->today, -period->length, period->unit, false) - 1;
}

enum err_code clue_inbox(struct clue_context *ctx, int64_t *ret_received, int64_t *ret_late, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	*ret_received = *ret_late = 0;
	if (!may_see_clues(ctx->who))
		return ERR_OK;
	TRY(db_prepare(ctx->db, &SQL_CLUE_INBOX_COUNT, &q, err));
	db_bind_i64(q, 1, ctx->who->org_id);
	db_bind_day(q, 2, late_from(ctx));
	TRY(db_step(q, &row, err));
	*ret_received = db_i64(q, 0);
	*ret_late = db_i64(q, 1);
	return ERR_OK;
}

/* ---- pieces of a change ---- */

enum err_code clue_add_event(struct clue_context *ctx, int64_t clue_id, const char *action, struct str text, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(ctx->db, &SQL_CLUE_EVENT_INSERT, &q, err));
	db_bind_i64(q, 1, id_new(ctx->ids));
	db_bind_i64(q, 2, clue_id);
	db_bind_i64(q, 3, ctx->now_ms);
	db_bind_str(q, 4, str_of(action));
	db_bind_str(q, 5, or_empty(text));
	db_bind_id(q, 6, ctx->who->account_id);
	db_bind_str(q, 7, or_empty(ctx->who->name));
	return db_run(q, NULL, err);
}

enum err_code clue_audit(
	struct clue_context *ctx, const char *action, int64_t clue_id, struct str summary, struct str detail, struct err *err)
{
	struct audit_entry e = {
		.action = str_of(action), .subject = STR("clue"), .subject_id = clue_id, .summary = summary, .detail = detail
	};

	return audit_add(ctx->db, ctx->who, ctx->now_ms, &e, err);
}

static enum err_code next_no(struct clue_context *ctx, struct str *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *add = NULL;
	CLEANUP(db_stmt_donep) struct db_stmt *read = NULL;
	int year = day_to_ymd(ctx->today).year;
	struct str name = str_printf(ctx->mem, "clue-%04d", year);
	bool row;

	TRY(db_prepare(ctx->db, &SQL_CLUE_COUNTER_ADD, &add, err));
	db_bind_str(add, 1, name);
	TRY(db_run(add, NULL, err));
	TRY(db_prepare(ctx->db, &SQL_CLUE_COUNTER_READ, &read, err));
	db_bind_str(read, 1, name);
	TRY(db_step(read, &row, err));
	*ret = str_printf(ctx->mem, "JD-线-%04d-%06lld", year, (long long)db_i64(read, 0));
	return ERR_OK;
}

static enum err_code insert_row(struct clue_context *ctx, const struct clue_row *row, int64_t id, struct str no, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(ctx->db, &SQL_CLUE_INSERT, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, no);
	db_bind_str(q, 3, str_of(clue_channel_slug(row->channel)));
	db_bind_str(q, 4, row->title);
	db_bind_str(q, 5, row->content);
	db_bind_id(q, 6, row->org_id);
	db_bind_i64(q, 7, row->owner_id);
	db_bind_i64(q, 8, row->from_org_id);
	db_bind_str(q, 9, or_empty(row->complainant));
	db_bind_str(q, 10, or_empty(row->phone));
	db_bind_str(q, 11, clue_phone_digits(row->phone, ctx->mem));
	db_bind_bool(q, 12, row->sealed);
	db_bind_day(q, 13, row->happened_on);
	db_bind_day(q, 14, row->received_on);
	db_bind_str(q, 15, or_empty(row->rule_id));
	db_bind_str(q, 16, or_empty(row->group_key));
	db_bind_str(q, 17, or_empty(row->source_name));
	if (row->source_no.len > 0)
		db_bind_str(q, 18, row->source_no);
	db_bind_id(q, 19, ctx->who->account_id);
	db_bind_str(q, 20, or_empty(ctx->who->name));
	db_bind_i64(q, 21, ctx->now_ms);
	return db_run(q, NULL, err);
}

enum err_code clue_insert(struct clue_context *ctx, const struct clue_row *row, int64_t *ret_id, struct err *err)
{
	int64_t id = id_new(ctx->ids);
	struct str no;

	TRY(next_no(ctx, &no, err));
	TRY(insert_row(ctx, row, id, no, err));
	for (size_t i = 0; i < row->attachment_count; i++)
		TRY(attachment_claim(ctx->db, row->attachments[i], ctx->who->account_id, STR("clue"), id, true, err));
	TRY(clue_add_event(ctx, id, "receive", str_of(row->event), err));
	TRY(clue_audit(ctx, "clue.receive", id, str_printf(ctx->mem, "登记线索 %.*s（%s）", STR_ARG(no), clue_channel_title(row->channel)),
		STR(""), err));
	*ret_id = id;
	return ERR_OK;
}

enum err_code clue_put_finding(struct clue_context *ctx, int64_t clue_id, int64_t finding_id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(ctx->db, &SQL_CLUE_FINDING_PUT, &q, err));
	db_bind_i64(q, 1, finding_id);
	db_bind_i64(q, 2, clue_id);
	return db_run(q, NULL, err);
}

static enum err_code run_with_id(struct clue_context *ctx, const struct query *query, int64_t id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(ctx->db, query, &q, err));
	db_bind_i64(q, 1, id);
	return db_run(q, NULL, err);
}

static enum err_code run_with_ids(struct clue_context *ctx, const struct query *query, int64_t first, int64_t second, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(ctx->db, query, &q, err));
	db_bind_i64(q, 1, first);
	db_bind_id(q, 2, second);
	return db_run(q, NULL, err);
}

enum err_code clue_recount(struct clue_context *ctx, int64_t clue_id, struct err *err)
{
	return run_with_id(ctx, &SQL_CLUE_RECOUNT, clue_id, err);
}

enum err_code clue_set_sealed(struct clue_context *ctx, int64_t clue_id, struct err *err)
{
	return run_with_id(ctx, &SQL_CLUE_SEAL, clue_id, err);
}

enum err_code clue_find_group(
	struct clue_context *ctx, int64_t owner_id, struct str group_key, int64_t *ret_id, bool *ret_sealed, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(ctx->db, &SQL_CLUE_OPEN_GROUP, &q, err));
	db_bind_i64(q, 1, owner_id);
	db_bind_str(q, 2, group_key);
	TRY(db_step(q, &row, err));
	*ret_id = row ? db_i64(q, 0) : 0;
	*ret_sealed = row && db_bool(q, 1);
	return ERR_OK;
}

enum err_code clue_find_source(
	struct clue_context *ctx, int64_t owner_id, struct str source_name, struct str source_no, int64_t *ret_id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(ctx->db, &SQL_CLUE_BY_SOURCE, &q, err));
	db_bind_i64(q, 1, owner_id);
	db_bind_str(q, 2, or_empty(source_name));
	db_bind_str(q, 3, source_no);
	TRY(db_step(q, &row, err));
	*ret_id = row ? db_i64(q, 0) : 0;
	return ERR_OK;
}

enum err_code clue_owner(struct clue_context *ctx, int64_t *ret_owner_id, struct err *err)
{
	struct org own, body;

	TRY(org_get(ctx->db, ctx->who->org_id, ctx->mem, &own, err));
	if (own.kind == ORG_SUPERVISION_BODY) {
		*ret_owner_id = own.id;
		return ERR_OK;
	}
	TRY(org_body_of(ctx->db, own.id, ctx->mem, &body, err));
	*ret_owner_id = body.id;
	return ERR_OK;
}

/* ---- changes ---- */

struct add_call {
	struct clue_context *ctx;
	const struct clue_row *row;
	int64_t id;
};

static enum err_code add_body(struct db *db, void *arg, struct err *err)
{
	struct add_call *call = arg;

	(void)db;
	return clue_insert(call->ctx, call->row, &call->id, err);
}

enum err_code clue_add(struct clue_context *ctx, const struct clue_new *clue, int64_t *ret_id, struct err *err)
{
	struct clue_row row;
	struct add_call call = { .ctx = ctx, .row = &row };

	if (ctx->who->account_id != 0 && !actor_has(ctx->who, ROLE_SUPERVISOR | ROLE_LEADER | ROLE_REVIEWER | ROLE_TOWNSHIP))
		return err_set(err, ERR_FORBIDDEN, "只有监督机构和司法所的工作人员可以登记线索");
	TRY(clue_complete(ctx, clue, &row, err));
	if (row.org_id != 0) { /* the agency must exist; it may lie outside the scope: the body then transfers the clue */
		struct str path;

		TRY(org_path(ctx->db, row.org_id, ctx->mem, &path, err));
	}
	row.from_org_id = ctx->who->org_id;
	TRY(clue_owner(ctx, &row.owner_id, err));
	TRY(db_transact(ctx->db, add_body, &call, err));
	*ret_id = call.id;
	return ERR_OK;
}

/** Sets the decision on a received clue; ERR_STATE names who was faster. */
static enum err_code mark(struct clue_context *ctx, const struct clue *c, enum clue_state to, struct str reason, int64_t into_id,
	int64_t matter_id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t changed;

	TRY(db_prepare(ctx->db, &SQL_CLUE_MARK, &q, err));
	db_bind_i64(q, 1, c->id);
	db_bind_str(q, 2, str_of(clue_state_slug(to)));
	db_bind_str(q, 3, or_empty(reason));
	db_bind_id(q, 4, into_id);
	db_bind_id(q, 5, matter_id);
	db_bind_id(q, 6, ctx->who->account_id);
	db_bind_str(q, 7, or_empty(ctx->who->name));
	db_bind_i64(q, 8, ctx->now_ms);
	TRY(db_run(q, &changed, err));
	if (changed == 1)
		return ERR_OK;
	return err_set(err, ERR_STATE, "线索 %.*s 已经处理过了（%s），不能再次处理", STR_ARG(c->no),
		c->state == CLUE_RECEIVED ? "刚刚被他人处理" : clue_state_title(c->state));
}

static enum err_code check_may_decide(struct clue_context *ctx, const struct clue *c, struct err *err)
{
	if (!clue_may_decide(ctx->who))
		return err_set(err, ERR_FORBIDDEN, "只有监督人员和监督机构负责人可以研判线索");
	if (ctx->who->account_id != 0 && c->owner_id != ctx->who->org_id)
		return err_set(err, ERR_FORBIDDEN, "这条线索由%.*s研判，您可以查看，不能代为处理", STR_ARG(c->owner_name));
	return ERR_OK;
}

static enum err_code merge_into(struct clue_context *ctx, const struct clue *c, int64_t into_id, struct err *err)
{
	struct clue into;

	TRY(clue_get(ctx, into_id, &into, err));
	if (into.id == c->id)
		return err_set(err, ERR_INPUT, "不能合并到自己");
	if (into.owner_id != c->owner_id)
		return err_set(err, ERR_INPUT, "只能合并到同一监督机构的线索");
	if (into.state != CLUE_RECEIVED && into.state != CLUE_ACCEPTED)
		return err_set(err, ERR_STATE, "线索 %.*s %s，不能再合并进去", STR_ARG(into.no), clue_state_title(into.state));
	TRY(mark(ctx, c, CLUE_MERGED, str_printf(ctx->mem, "合并到 %.*s", STR_ARG(into.no)), into.id, into.matter_id, err));
	TRY(run_with_ids(ctx, &SQL_CLUE_FINDINGS_MOVE, c->id, into.id, err));
	TRY(clue_recount(ctx, c->id, err));
	TRY(clue_recount(ctx, into.id, err));
	if (c->sealed && !into.sealed)
		TRY(clue_set_sealed(ctx, into.id, err));
	return clue_add_event(ctx, into.id, "extend", str_printf(ctx->mem, "并入线索 %.*s", STR_ARG(c->no)), err);
}

struct decide_call {
	struct clue_context *ctx;
	int64_t id;
	const struct clue_decision *d;
};

static enum err_code decide_body(struct db *db, void *arg, struct err *err)
{
	struct decide_call *call = arg;
	struct clue_context *ctx = call->ctx;
	const struct clue_decision *d = call->d;
	struct str reason = str_trim(d->reason);
	struct clue c;

	(void)db;
	TRY(clue_get(ctx, call->id, &c, err));
	TRY(check_may_decide(ctx, &c, err));
	if (d->to == CLUE_MERGED)
		TRY(merge_into(ctx, &c, d->into, err));
	else if (d->to == CLUE_TRANSFERRED)
		TRY(mark(ctx, &c, d->to, str_printf(ctx->mem, "转%.*s：%.*s", STR_ARG(str_trim(d->transferred_to)), STR_ARG(reason)), 0, 0,
			err));
	else
		TRY(mark(ctx, &c, d->to, reason, 0, 0, err));
	TRY(clue_add_event(ctx, c.id, d->to == CLUE_REJECTED ? "reject" : d->to == CLUE_MERGED ? "merge" : "transfer", reason, err));
	return clue_audit(ctx,
		d->to == CLUE_REJECTED ? "clue.reject"
		: d->to == CLUE_MERGED ? "clue.merge"
				       : "clue.transfer",
		c.id, str_printf(ctx->mem, "线索 %.*s %s", STR_ARG(c.no), clue_state_title(d->to)), STR(""), err);
}

enum err_code clue_decide(struct clue_context *ctx, int64_t id, const struct clue_decision *d, struct err *err)
{
	struct decide_call call = { .ctx = ctx, .id = id, .d = d };

	if (d->to != CLUE_REJECTED && d->to != CLUE_MERGED && d->to != CLUE_TRANSFERRED)
		return err_set(err, ERR_INPUT, "决定只能是不采纳、合并或者转出");
	if (d->to != CLUE_MERGED && str_trim(d->reason).len == 0)
		return err_set(err, ERR_INPUT, "请写明理由");
	if (utf8_count(d->reason) > CLUE_REASON_CHARS)
		return err_set(err, ERR_INPUT, "理由不能超过 %d 个字", CLUE_REASON_CHARS);
	if (d->to == CLUE_MERGED && d->into == 0)
		return err_set(err, ERR_INPUT, "请选择合并到哪一条线索");
	if (d->to == CLUE_TRANSFERRED && str_trim(d->transferred_to).len == 0)
		return err_set(err, ERR_INPUT, "请写明转给谁");
	return db_transact(ctx->db, decide_body, &call, err);
}

enum err_code clue_accept(struct clue_context *ctx, int64_t id, int64_t matter_id, struct err *err)
{
	struct clue c;

	TRY(clue_get(ctx, id, &c, err));
	TRY(check_may_decide(ctx, &c, err));
	TRY(mark(ctx, &c, CLUE_ACCEPTED, STR(""), 0, matter_id, err));
	TRY(run_with_ids(ctx, &SQL_CLUE_FOLLOW_MATTER, c.id, matter_id, err));
	TRY(clue_add_event(ctx, c.id, "accept", STR("采纳，转为监督事项"), err));
	return clue_audit(ctx, "clue.accept", c.id, str_printf(ctx->mem, "采纳线索 %.*s", STR_ARG(c.no)), STR(""), err);
}

/* ---- personal data ---- */

struct reveal_call {
	struct clue_context *ctx;
	int64_t id;
	bool phone;
	struct str purpose, value;
};

static enum err_code reveal_body(struct db *db, void *arg, struct err *err)
{
	struct reveal_call *call = arg;
	struct clue_context *ctx = call->ctx;
	struct clue c;

	(void)db;
	TRY(clue_get(ctx, call->id, &c, err));
	TRY(check_may_decide(ctx, &c, err));
	call->value = call->phone ? c.phone : c.complainant;
	return clue_audit(ctx, "clue.reveal", c.id,
		str_printf(ctx->mem, "查看线索 %.*s 的%s，用途：%.*s", STR_ARG(c.no), call->phone ? "联系电话" : "反映人",
			STR_ARG(call->purpose)),
		STR(""), err);
}

enum err_code clue_reveal(struct clue_context *ctx, int64_t id, struct str field, struct str purpose, struct str *ret, struct err *err)
{
	struct reveal_call call = { .ctx = ctx, .id = id, .phone = str_eq(field, STR("phone")), .purpose = str_trim(purpose) };

	if (!call.phone && !str_eq(field, STR("complainant")))
		return err_set(err, ERR_INPUT, "只有反映人（complainant）和联系电话（phone）需要查看原文");
	if (utf8_count(call.purpose) < 4)
		return err_set(err, ERR_INPUT, "请写明查看的用途，不少于四个字");
	TRY(db_transact(ctx->db, reveal_body, &call, err));
	*ret = call.value;
	return ERR_OK;
}
