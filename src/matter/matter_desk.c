/* The first page after signing in: what must I do today, in the order of the clocks. Each role gets its own, nobody gets another's. */
#include "detect/detect.h"
#include "matter/matter_private.h"
#include "matter_sql.h"

#define TODO_MAX 50

struct todo {
	const char *kind;
	struct str title;
	const char *subject;
	int64_t subject_id;
	int32_t due_on;
	const struct clock *clock; /* NULL: none */
	bool mine;
};

static void put_todo(struct matter_context *ctx, const struct todo *t, struct json *j)
{
	json_obj(j);
	json_kputs(j, "kind", t->kind);
	json_kstr(j, "title", t->title);
	json_kputs(j, "subject", t->subject);
	json_kid(j, "subject_id", t->subject_id);
	json_kday(j, "due_on", t->due_on);
	if (t->due_on == DAY_NONE)
		json_knull(j, "days_left");
	else
		json_ki64(j, "days_left", t->due_on - ctx->today);
	json_key(j, "clock");
	if (t->clock)
		clock_json(t->clock, j);
	else
		json_none(j);
	json_kbool(j, "mine", t->mine);
	json_obj_end(j);
}

/* ---- the body's staff ---- */

/** "县市场监管局 · 应公开处罚未按期公开"; the agency is not said twice when the title begins with it. */
static struct str heading(struct matter_context *ctx, struct str agency, struct str title)
{
	return str_starts(title, agency) ? str_dup(ctx->mem, title) : str_printf(ctx->mem, "%.*s · %.*s", STR_ARG(agency), STR_ARG(title));
}

static enum err_code put_running_clocks(struct matter_context *ctx, struct json *j, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(ctx->db, &SQL_MATTER_DESK_CLOCKS, &q, err));
	db_bind_i64(q, 1, ctx->who->org_id);
	db_bind_i64(q, 2, TODO_MAX);
	TRY(db_step(q, &row, err));
	while (row) {
		struct matter_clock k = matter_clock_from_row(q, ctx->mem);
		struct clock clock;
		struct todo t = { .kind = "clock",
			.title = heading(ctx, db_str(q, 21), db_str(q, 19)),
			.subject = "matter",
			.subject_id = db_i64(q, 18),
			.clock = &clock,
			.due_on = k.due_on,
			.mine = db_i64(q, 20) == ctx->who->account_id };

		TRY(matter_clock_count(ctx, &k, &clock, err));
		put_todo(ctx, &t, j);
		TRY(db_step(q, &row, err));
	}
	return ERR_OK;
}

/** What came back: answers that wait for somebody. */
static enum err_code put_came_back(struct matter_context *ctx, struct json *j, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(ctx->db, &SQL_MATTER_DESK_REPLIES, &q, err));
	db_bind_i64(q, 1, ctx->who->org_id);
	db_bind_i64(q, 2, TODO_MAX);
	TRY(db_step(q, &row, err));
	while (row) {
		struct todo t = { .kind = "reply",
			.title = str_printf(
				ctx->mem, "%s · %.*s", matter_reply_title(db_str(q, 4)), STR_ARG(heading(ctx, db_str(q, 3), db_str(q, 2)))),
			.subject = "matter",
			.subject_id = db_i64(q, 0),
			.due_on = DAY_NONE,
			.mine = db_i64(q, 6) == ctx->who->account_id };

		put_todo(ctx, &t, j);
		TRY(db_step(q, &row, err));
	}
	return ERR_OK;
}

static enum err_code put_clues_to_triage(struct matter_context *ctx, struct json *j, struct err *err)
{
	struct clue_context clues = clue_context_of(ctx);
	struct clue_query q = { .state = CLUE_RECEIVED, .channel = CLUE_CHANNEL_COUNT, .limit = 20 };
	struct clue_page page;

	TRY(clue_list(&clues, &q, &page, err));
	for (size_t i = 0; i < page.row_count; i++) {
		struct clock clock;
		struct todo t = { .kind = "clue", .title = page.rows[i].title, .subject = "clue", .subject_id = page.rows[i].id };

		if (page.rows[i].owner_id != ctx->who->org_id)
			continue;
		TRY(clue_clock(&clues, &page.rows[i], &clock, err));
		t.due_on = clock.due_on;
		t.clock = &clock;
		put_todo(ctx, &t, j);
	}
	return ERR_OK;
}

/** Documents that wait for this account's approval; *ret_count how many. */
static enum err_code put_approvals(struct matter_context *ctx, struct json *j, int64_t *ret_count, struct err *err)
{
	struct instrument_context documents = instrument_context_of(ctx);
	struct instrument *list;
	size_t count;

	TRY(instrument_to_approve(&documents, TODO_MAX, &list, &count, err));
	for (size_t i = 0; j && i < count; i++) {
		struct todo t = { .kind = "approval",
			.title = str_printf(ctx->mem, "%.*s · %.*s", STR_ARG(list[i].title), STR_ARG(list[i].main_to)),
			.subject = "instrument",
			.subject_id = list[i].id,
			.due_on = DAY_NONE,
			.mine = true };

		put_todo(ctx, &t, j);
	}
	*ret_count = (int64_t)count;
	return ERR_OK;
}

static enum err_code put_proposals(struct matter_context *ctx, struct json *j, int64_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(ctx->db, &SQL_MATTER_DESK_PROPOSALS, &q, err));
	db_bind_str(q, 1, or_empty(ctx->who->scope_path));
	db_bind_i64(q, 2, TODO_MAX);
	TRY(db_step(q, &row, err));
	while (row) {
		struct todo t = { .kind = "proposal",
			.title = heading(ctx, db_str(q, 3), db_str(q, 2)),
			.subject = "matter",
			.subject_id = db_i64(q, 0),
			.due_on = DAY_NONE,
			.mine = true };

		put_todo(ctx, &t, j);
		++*ret_count;
		TRY(db_step(q, &row, err));
	}
	return ERR_OK;
}

/* ---- agency and township ---- */

static enum err_code put_asked(struct matter_context *ctx, struct json *j, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	if (ctx->who->scope_path.len == 0)
		return ERR_OK;
	TRY(db_prepare(ctx->db, &SQL_MATTER_DESK_ASSIGNED, &q, err));
	db_bind_str(q, 1, ctx->who->scope_path);
	db_bind_i64(q, 2, TODO_MAX);
	TRY(db_step(q, &row, err));
	while (row) {
		struct matter_clock k = matter_clock_from_row(q, ctx->mem);
		struct str title = db_str(q, 20);
		struct clock clock;
		struct todo t = { .kind = "assigned",
			.title = str_printf(
				ctx->mem, "%.*s · %.*s", STR_ARG(title.len > 0 ? title : STR("监督事项")), STR_ARG(db_str(q, 19))),
			.subject = "assigned",
			.subject_id = db_i64(q, 18),
			.clock = &clock,
			.due_on = k.due_on,
			.mine = true };

		TRY(matter_clock_count(ctx, &k, &clock, err));
		put_todo(ctx, &t, j);
		TRY(db_step(q, &row, err));
	}
	return ERR_OK;
}

static enum err_code put_help_asked(struct matter_context *ctx, struct json *j, struct err *err)
{
	struct matter_assist *assists;
	size_t count;

	TRY(matter_assists(ctx, 0, true, 0, TODO_MAX, &assists, &count, err));
	for (size_t i = 0; i < count; i++) {
		struct todo t = { .kind = "assist",
			.title = assists[i].text,
			.subject = "assist",
			.subject_id = assists[i].id,
			.due_on = assists[i].until,
			.mine = true };

		put_todo(ctx, &t, j);
	}
	return ERR_OK;
}

/* ---- counts ---- */

static enum err_code count_findings(struct matter_context *ctx, int64_t *ret, struct err *err)
{
	struct finding_query q = { .who = ctx->who, .state = FINDING_OPEN, .severity = -1, .limit = 1, .want_total = true };
	struct finding_page page;

	*ret = 0;
	if (!actor_has(ctx->who, ROLE_BODY | ROLE_LIAISON) || (actor_is_agency(ctx->who) && ctx->who->scope_path.len == 0))
		return ERR_OK;
	TRY(finding_list(ctx->db, &q, ctx->mem, &page, err));
	*ret = page.total;
	return ERR_OK;
}

static enum err_code count_replies(struct matter_context *ctx, int64_t *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	*ret = 0;
	if (!actor_has(ctx->who, ROLE_BODY))
		return ERR_OK;
	TRY(db_prepare(ctx->db, &SQL_MATTER_DESK_REPLY_COUNT, &q, err));
	db_bind_i64(q, 1, ctx->who->org_id);
	TRY(db_step(q, &row, err));
	*ret = row ? db_i64(q, 0) : 0;
	return ERR_OK;
}

static enum err_code put_inbox(struct matter_context *ctx, int64_t approvals, struct json *j, struct err *err)
{
	struct clue_context clues = clue_context_of(ctx);
	int64_t findings, received = 0, late = 0, replies;

	TRY(count_findings(ctx, &findings, err));
	if (actor_has(ctx->who, ROLE_BODY))
		TRY(clue_inbox(&clues, &received, &late, err));
	TRY(count_replies(ctx, &replies, err));
	json_key(j, "inbox");
	json_obj(j);
	json_ki64(j, "findings", findings);
	json_ki64(j, "clues", received);
	json_ki64(j, "clues_late", late);
	json_ki64(j, "replies", replies);
	json_ki64(j, "approvals", approvals);
	json_obj_end(j);
	return ERR_OK;
}

#define DAY_MS (24ll * 3600 * 1000)

/** Midnight in China at the beginning of the week (Monday) that `weeks` weeks ago was. */
static int64_t week_start_ms(int32_t today, int weeks)
{
	return ((int64_t)today - day_weekday(today) - 7ll * weeks) * DAY_MS - (int64_t)CST_OFFSET_S * 1000;
}

static enum err_code put_week_counts(
	struct matter_context *ctx, const char *key, int64_t from_ms, int64_t to_ms, struct json *j, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(ctx->db, &SQL_MATTER_DESK_WEEK, &q, err));
	db_bind_i64(q, 1, ctx->who->org_id);
	db_bind_i64(q, 2, from_ms);
	db_bind_i64(q, 3, to_ms);
	TRY(db_step(q, &row, err));
	json_key(j, key);
	json_obj(j);
	json_ki64(j, "clues", db_i64(q, 0));
	json_ki64(j, "opened", db_i64(q, 1));
	json_ki64(j, "closed", db_i64(q, 2));
	json_ki64(j, "replies", db_i64(q, 3));
	json_obj_end(j);
	return ERR_OK;
}

static enum err_code put_state_counts(struct matter_context *ctx, struct json *j, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(ctx->db, &SQL_MATTER_DESK_STATE, &q, err));
	db_bind_i64(q, 1, ctx->who->org_id);
	db_bind_day(q, 2, ctx->today);
	TRY(db_step(q, &row, err));
	json_key(j, "matters");
	json_obj(j);
	json_ki64(j, "open", db_i64(q, 0));
	json_ki64(j, "suspended", db_i64(q, 1));
	json_ki64(j, "overdue", db_i64(q, 2));
	json_ki64(j, "unheeded", db_i64(q, 3));
	json_obj_end(j);
	return ERR_OK;
}

static enum err_code put_week(struct matter_context *ctx, struct json *j, struct err *err)
{
	json_key(j, "week");
	json_obj(j);
	if (actor_has(ctx->who, ROLE_BODY)) {
		int64_t now = week_start_ms(ctx->today, 0), before = week_start_ms(ctx->today, 1);

		TRY(put_week_counts(ctx, "this", now, now + 7 * DAY_MS, j, err));
		TRY(put_week_counts(ctx, "last", before, now, j, err));
		TRY(put_state_counts(ctx, j, err));
	}
	json_obj_end(j);
	return ERR_OK;
}

/* ---- news of the last seven days ---- */

static void put_notice(struct json *j, const char *subject, int64_t id, struct str text, int64_t at_ms)
{
	json_obj(j);
	json_kputs(j, "subject", subject);
	json_kid(j, "subject_id", id);
	json_kstr(j, "text", text);
	json_ktime(j, "at", at_ms);
	json_obj_end(j);
}

static enum err_code put_agency_news(struct matter_context *ctx, struct json *j, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	if (ctx->who->scope_path.len == 0)
		return ERR_OK;
	TRY(db_prepare(ctx->db, &SQL_MATTER_DESK_AGENCY_NEWS, &q, err));
	db_bind_i64(q, 1, ctx->now_ms - 7 * DAY_MS);
	db_bind_str(q, 2, ctx->who->scope_path);
	TRY(db_step(q, &row, err));
	while (row) {
		put_notice(j, "assigned", db_i64(q, 0), str_printf(ctx->mem, "%.*s %.*s", STR_ARG(db_str(q, 1)), STR_ARG(db_str(q, 4))),
			db_i64(q, 3));
		TRY(db_step(q, &row, err));
	}
	return ERR_OK;
}

static enum err_code put_body_news(struct matter_context *ctx, struct json *j, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(ctx->db, &SQL_MATTER_DESK_BODY_NEWS, &q, err));
	db_bind_i64(q, 1, ctx->now_ms - 7 * DAY_MS);
	db_bind_i64(q, 2, ctx->who->org_id);
	TRY(db_step(q, &row, err));
	while (row) {
		put_notice(j, "matter", db_i64(q, 0),
			str_printf(ctx->mem, "%.*s已答复协助：%.*s", STR_ARG(db_str(q, 4)), STR_ARG(db_str(q, 2))), db_i64(q, 3));
		TRY(db_step(q, &row, err));
	}
	return ERR_OK;
}

enum err_code matter_desk_json(struct matter_context *ctx, struct json *j, struct err *err)
{
	const struct actor *who = ctx->who;
	int64_t approvals = 0;

	json_obj(j);
	json_key(j, "todo");
	json_arr(j);
	if (actor_has(who, ROLE_LEADER | ROLE_GOV_APPROVER))
		TRY(put_approvals(ctx, j, &approvals, err));
	if (actor_has(who, ROLE_GOV_APPROVER))
		TRY(put_proposals(ctx, j, &approvals, err));
	if (actor_has(who, ROLE_BODY)) {
		TRY(put_running_clocks(ctx, j, err));
		TRY(put_came_back(ctx, j, err));
		TRY(put_clues_to_triage(ctx, j, err));
	}
	if (actor_has(who, ROLE_LIAISON))
		TRY(put_asked(ctx, j, err));
	if (actor_has(who, ROLE_TOWNSHIP))
		TRY(put_help_asked(ctx, j, err));
	json_arr_end(j);
	TRY(put_inbox(ctx, approvals, j, err));
	TRY(put_week(ctx, j, err));
	json_key(j, "notices");
	json_arr(j);
	if (actor_has(who, ROLE_BODY))
		TRY(put_body_news(ctx, j, err));
	if (actor_has(who, ROLE_LIAISON))
		TRY(put_agency_news(ctx, j, err));
	json_arr_end(j);
	json_obj_end(j);
	return ERR_OK;
}
