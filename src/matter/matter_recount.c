/* When the State Council announces holidays, due days move. The program notices that it counts with another calendar than the store was
 * last counted with, counts every clock that still goes on again, and tells which moved: in the matter's history, and in a list. */
#include <stdio.h>

#include "audit/audit.h"
#include "matter/matter_private.h"
#include "matter_sql.h"

#define CLOCKS_AT_ONCE 500

static enum err_code last_calendar(struct db *db, struct arena *mem, struct str *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	*ret = (struct str){ 0 };
	TRY(db_prepare(db, &SQL_CALENDAR_SEEN_LAST, &q, err));
	TRY(db_step(q, &row, err));
	if (row)
		*ret = db_str_dup(q, 0, mem);
	return ERR_OK;
}

static enum err_code put_calendar(struct matter_context *ctx, struct str version, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(ctx->db, &SQL_CALENDAR_SEEN_PUT, &q, err));
	db_bind_str(q, 1, version);
	db_bind_i64(q, 2, ctx->now_ms);
	return db_run(q, NULL, err);
}

struct going_on {
	struct matter_clock clock;
	int64_t matter_id;
};

static enum err_code read_some(struct matter_context *ctx, int64_t after_id, struct going_on *ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	*ret_count = 0;
	TRY(db_prepare(ctx->db, &SQL_CLOCKS_GOING_ON, &q, err));
	db_bind_i64(q, 1, after_id);
	db_bind_i64(q, 2, CLOCKS_AT_ONCE);
	TRY(db_step(q, &row, err));
	while (row) {
		ret[*ret_count] = (struct going_on){ .clock = matter_clock_from_row(q, ctx->mem), .matter_id = db_i64(q, 18) };
		++*ret_count;
		TRY(db_step(q, &row, err));
	}
	return ERR_OK;
}

static enum err_code note_move(struct matter_context *ctx, const struct going_on *g, int32_t before, struct str version, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	char was[11], now[11];

	day_format(before, was);
	day_format(g->clock.due_on, now);
	TRY(db_prepare(ctx->db, &SQL_CLOCK_MOVE_INSERT, &q, err));
	db_bind_i64(q, 1, id_new(ctx->ids));
	db_bind_i64(q, 2, g->matter_id);
	db_bind_i64(q, 3, g->clock.id);
	db_bind_str(q, 4, g->clock.label);
	db_bind_day(q, 5, before);
	db_bind_day(q, 6, g->clock.due_on);
	db_bind_str(q, 7, version);
	db_bind_i64(q, 8, ctx->now_ms);
	TRY(db_run(q, NULL, err));
	return matter_add_event(ctx, g->matter_id, "recount",
		str_printf(ctx->mem, "放假安排有变，“%.*s”由 %s 重新计算为 %s", STR_ARG(g->clock.label), was, now), STR("{}"),
		g->clock.instrument_id != 0, err); /* the agency has its own clocks only */
}

static enum err_code recount_one(
	struct matter_context *ctx, struct going_on *g, struct str version, struct clock_recount *ret, struct err *err)
{
	int32_t before = g->clock.due_on;

	TRY(matter_clock_recount(ctx, &g->clock, err));
	ret->counted++;
	if (g->clock.due_on == before)
		return ERR_OK;
	ret->moved++;
	return note_move(ctx, g, before, version, err);
}

static enum err_code recount_all(struct matter_context *ctx, struct str version, struct clock_recount *ret, struct err *err)
{
	struct going_on *some = ARENA_NEW(ctx->mem, struct going_on, CLOCKS_AT_ONCE);
	int64_t after_id = 0;
	size_t count;

	if (!some)
		return err_nomem(err);
	do {
		TRY(read_some(ctx, after_id, some, &count, err));
		for (size_t i = 0; i < count; i++)
			TRY(recount_one(ctx, &some[i], version, ret, err));
		if (count)
			after_id = some[count - 1].clock.id;
	} while (count == CLOCKS_AT_ONCE);
	return ERR_OK;
}

enum err_code matter_clocks_recount(struct matter_context *ctx, struct clock_recount *ret, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct str version = calendar_version(ctx->app->calendar), last;
	char summary[200];

	*ret = (struct clock_recount){ 0 };
	TRY(db_begin(ctx->db, &tx, err));
	TRY(last_calendar(ctx->db, ctx->mem, &last, err));
	if (str_eq(last, version))
		return db_commit(&tx, err);
	if (last.ptr)
		TRY(recount_all(ctx, version, ret, err));
	TRY(put_calendar(ctx, version, err));
	snprintf(summary, sizeof(summary), "放假安排更新为 %.*s：重新计算期限 %lld 个，变动 %lld 个", STR_ARG(version),
		(long long)ret->counted, (long long)ret->moved);
	if (last.ptr)
		TRY(audit_add(ctx->db, ctx->who, ctx->now_ms,
			&(struct audit_entry){ .action = STR("clock.recount"), .subject = STR("calendar"), .summary = str_of(summary) },
			err));
	return db_commit(&tx, err);
}

enum err_code clock_moves(
	struct matter_context *ctx, int64_t before_id, int limit, struct clock_move **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct clock_move *rows = ARENA_NEW(ctx->mem, struct clock_move, (size_t)limit + 1);
	size_t count = 0;
	bool row;

	if (!rows)
		return err_nomem(err);
	TRY(db_prepare(ctx->db, &SQL_CLOCK_MOVE_PAGE, &q, err));
	db_bind_i64(q, 1, before_id ? before_id : INT64_MAX);
	db_bind_str(q, 2, ctx->who->scope_path.ptr ? ctx->who->scope_path : STR(""));
	db_bind_prefix_end(q, 3, ctx->who->scope_path);
	db_bind_i64(q, 4, limit);
	TRY(db_step(q, &row, err));
	while (row && count < (size_t)limit) {
		rows[count++] = (struct clock_move){ .id = db_i64(q, 0),
			.matter_id = db_i64(q, 1),
			.no = db_str_dup(q, 2, ctx->mem),
			.title = db_str_dup(q, 3, ctx->mem),
			.label = db_str_dup(q, 4, ctx->mem),
			.due_before = db_day(q, 5),
			.due_after = db_day(q, 6),
			.calendar_version = db_str_dup(q, 7, ctx->mem),
			.at_ms = db_i64(q, 8) };
		TRY(db_step(q, &row, err));
	}
	*ret = rows;
	*ret_count = count;
	return ERR_OK;
}
