/* The queue: claiming is one conditional UPDATE, so that two workers never run the same job. */
#include "job/job.h"

#include <stdlib.h>

#include "base/date.h"
#include "base/log.h"
#include "job_sql.h"

#define RESULT_BYTES_MAX (8u << 20)

static const char *const slugs[JOB_STATE_COUNT] = { "queued", "running", "done", "failed", "cancelled" };

const char *job_state_slug(enum job_state s)
{
	return slugs[s];
}

static enum job_state state_from(struct str slug)
{
	int s = 0;

	while (s < JOB_CANCELLED && !str_eq(slug, str_of(slugs[s])))
		s++;
	return (enum job_state)s;
}

enum err_code job_add(struct db *db, struct id_source *ids, struct str kind, struct str args, int64_t account_id, int64_t now_ms,
	int64_t *ret_id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t id = id_new(ids);

	TRY(db_prepare(db, &SQL_JOB_INSERT, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, kind);
	db_bind_str(q, 3, args.ptr ? args : STR("{}"));
	db_bind_id(q, 4, account_id);
	db_bind_i64(q, 5, now_ms);
	TRY(db_run(q, NULL, err));
	*ret_id = id;
	return ERR_OK;
}

enum err_code job_get(struct db *db, int64_t id, struct arena *mem, struct job *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_JOB_BY_ID, &q, err));
	db_bind_i64(q, 1, id);
	TRY(db_step(q, &row, err));
	if (!row)
		return err_set(err, ERR_NOT_FOUND, "没有这个任务");
	*ret = (struct job){ .id = id,
		.kind = db_str_dup(q, 1, mem),
		.args = db_str_dup(q, 2, mem),
		.result = db_str_dup(q, 3, mem),
		.error = db_str_dup(q, 4, mem),
		.state = state_from(db_str(q, 5)),
		.account_id = db_i64(q, 6),
		.done_count = db_i64(q, 7),
		.total_count = db_i64(q, 8),
		.attempts = (int)db_i64(q, 9),
		.created_ms = db_i64(q, 10),
		.started_ms = db_is_null(q, 11) ? TIME_NONE : db_i64(q, 11),
		.ended_ms = db_is_null(q, 12) ? TIME_NONE : db_i64(q, 12) };
	return ERR_OK;
}

enum err_code job_progress(struct db *db, int64_t id, int64_t done, int64_t total, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_JOB_PROGRESS_SET, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_i64(q, 2, done);
	db_bind_i64(q, 3, total);
	db_bind_i64(q, 4, now_ms);
	return db_run(q, NULL, err);
}

static const struct job_kind *kind_of(struct str name, const struct job_kind *kinds, int kind_count)
{
	for (int i = 0; i < kind_count; i++)
		if (str_eq(name, str_of(kinds[i].kind)))
			return &kinds[i];
	return NULL;
}

/** The oldest queued job of one of the kinds; *ret_id is 0 when there is none. */
static enum err_code find(
	struct db *db, const struct job_kind *kinds, int kind_count, int64_t *ret_id, const struct job_kind **ret_kind, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	*ret_id = 0;
	TRY(db_prepare(db, &SQL_JOB_NEXT, &q, err));
	TRY(db_step(q, &row, err));
	while (row) {
		*ret_kind = kind_of(db_str(q, 1), kinds, kind_count);
		if (*ret_kind) {
			*ret_id = db_i64(q, 0);
			return ERR_OK;
		}
		TRY(db_step(q, &row, err));
	}
	return ERR_OK;
}

static enum err_code claim(struct db *db, int64_t id, int64_t now_ms, bool *ret_mine, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t changed;

	TRY(db_prepare(db, &SQL_JOB_CLAIM, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_i64(q, 2, now_ms);
	TRY(db_run(q, &changed, err));
	*ret_mine = changed == 1;
	return ERR_OK;
}

static enum err_code finish(struct db *db, int64_t id, enum job_state state, struct str result, const char *error, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_JOB_END, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, str_of(slugs[state]));
	db_bind_str(q, 3, result);
	db_bind_str(q, 4, str_of(error));
	db_bind_i64(q, 5, time_now_ms());
	return db_run(q, NULL, err);
}

enum err_code job_run_one(struct job_context *ctx, const struct job_kind *kinds, int kind_count, bool *ret_ran, struct err *err)
{
	const struct job_kind *kind = NULL;
	struct err failure = { 0 };
	struct buf result;
	struct job job;
	int64_t id;
	enum err_code code;

	*ret_ran = false;
	TRY(find(ctx->db, kinds, kind_count, &id, &kind, err));
	if (id == 0)
		return ERR_OK;
	TRY(claim(ctx->db, id, ctx->now_ms, ret_ran, err));
	if (!*ret_ran)
		return ERR_OK;
	TRY(job_get(ctx->db, id, ctx->mem, &job, err));
	buf_init(&result, RESULT_BYTES_MAX);
	code = kind->run(ctx, &job, &result, &failure);
	if (code == ERR_OK && result.failed)
		code = err_set(&failure, ERR_LIMIT, "任务结果过大");
	if (code != ERR_OK)
		log_event(LOG_WARN, "job.failed", "id=%lld kind=%s error=%s", (long long)id, kind->kind, failure.msg);
	code = code == ERR_OK ? finish(ctx->db, id, JOB_DONE, buf_str(&result), NULL, err)
	                      : finish(ctx->db, id, JOB_FAILED, (struct str){ 0 }, failure.msg, err);
	buf_clear(&result);
	return code;
}

enum err_code job_recover(struct db *db, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_JOB_REQUEUE, &q, err));
	db_bind_i64(q, 1, now_ms);
	return db_run(q, NULL, err);
}
