/* The queue: claiming is one conditional UPDATE, so that two workers never run the same job. */
#include "job/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static enum err_code taken_over(struct err *err)
{
	return err_set(err, ERR_STATE, "任务已由另一个进程接手");
}

enum err_code job_progress(struct db *db, const struct job *job, int64_t done, int64_t total, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t changed;

	TRY(db_prepare(db, &SQL_JOB_PROGRESS_SET, &q, err));
	db_bind_i64(q, 1, job->id);
	db_bind_i64(q, 2, done);
	db_bind_i64(q, 3, total);
	db_bind_i64(q, 4, now_ms);
	db_bind_i64(q, 5, job->attempts);
	TRY(db_run(q, &changed, err));
	return changed == 1 ? ERR_OK : taken_over(err);
}

/* ---- workers ---- */

/** When the process started, in ticks since boot, as /proc tells; empty when there is no such process or it is a zombie. */
static void process_start(long pid, char out[static 32])
{
	char path[64], line[1024];
	const char *at;
	FILE *file;
	size_t n;

	out[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	file = fopen(path, "r");
	if (!file)
		return;
	n = fread(line, 1, sizeof(line) - 1, file);
	fclose(file);
	line[n] = '\0';
	at = strrchr(line, ')'); /* the name before it may hold anything */
	if (!at || at[1] != ' ' || at[2] == 'Z' || at[2] == 'X')
		return;
	for (int field = 2; field < 22 && at; field++)
		at = strchr(at + 1, ' ');
	if (at)
		snprintf(out, 32, "%.*s", (int)strcspn(at + 1, " "), at + 1);
}

static void host_name(char out[static 64])
{
	if (gethostname(out, 64) != 0)
		out[0] = '\0';
	out[63] = '\0';
	for (char *c = out; *c; c++)
		if (*c == '/')
			*c = '_';
}

void job_worker_name(char out[static JOB_WORKER_BYTES])
{
	char host[64], start[32];

	host_name(host);
	process_start((long)getpid(), start);
	snprintf(out, JOB_WORKER_BYTES, "%s/%ld/%s", host, (long)getpid(), start);
}

/** A worker of this host whose process is gone. Of other hosts nothing is known: false. */
static bool is_dead(struct str worker)
{
	char host[64], start[32];
	struct str rest = worker, name, pid_text;
	int64_t pid;

	host_name(host);
	if (!str_next(&rest, '/', &name) || !str_next(&rest, '/', &pid_text) || !str_eq(name, str_of(host)) || !str_to_i64(pid_text, &pid))
		return false;
	process_start((long)pid, start);
	return !str_eq(rest, str_of(start));
}

enum err_code job_beat(struct db *db, struct str worker, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_JOB_BEAT, &q, err));
	db_bind_str(q, 1, worker);
	db_bind_i64(q, 2, now_ms);
	return db_run(q, NULL, err);
}

/* ---- running ---- */

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

static enum err_code claim(struct db *db, int64_t id, struct str worker, int64_t now_ms, bool *ret_mine, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t changed;

	TRY(db_prepare(db, &SQL_JOB_CLAIM, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_i64(q, 2, now_ms);
	db_bind_str(q, 3, worker);
	db_bind_i64(q, 4, time_now_ms()); /* the beat is the clock's, whatever day the store lives on */
	TRY(db_run(q, &changed, err));
	*ret_mine = changed == 1;
	return ERR_OK;
}

/** Of a job that was taken over the one who has it now tells the end. */
static enum err_code finish(
	struct db *db, const struct job *job, enum job_state state, struct str result, const char *error, int64_t ended_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_JOB_END, &q, err));
	db_bind_i64(q, 1, job->id);
	db_bind_str(q, 2, str_of(slugs[state]));
	db_bind_str(q, 3, result);
	db_bind_str(q, 4, str_of(error));
	db_bind_i64(q, 5, ended_ms);
	db_bind_i64(q, 6, job->attempts);
	return db_run(q, NULL, err);
}

enum err_code job_run_one(struct job_context *ctx, const struct job_kind *kinds, int kind_count, bool *ret_ran, struct err *err)
{
	const struct job_kind *kind = NULL;
	struct err failure = { 0 };
	struct buf result;
	struct job job;
	int64_t id, begun_ms = time_now_ms(), ended_ms;
	enum err_code code;

	*ret_ran = false;
	TRY(find(ctx->db, kinds, kind_count, &id, &kind, err));
	if (id == 0)
		return ERR_OK;
	TRY(claim(ctx->db, id, ctx->worker, ctx->now_ms, ret_ran, err));
	if (!*ret_ran)
		return ERR_OK;
	TRY(job_get(ctx->db, id, ctx->mem, &job, err));
	buf_init(&result, RESULT_BYTES_MAX);
	code = kind->run(ctx, &job, &result, &failure);
	if (code == ERR_OK && result.failed)
		code = err_set(&failure, ERR_LIMIT, "任务结果过大");
	if (code != ERR_OK)
		log_event(LOG_WARN, "job.failed", "id=%lld kind=%s error=%s", (long long)id, kind->kind, failure.msg);
	ended_ms = ctx->now_ms + (time_now_ms() - begun_ms); /* on the day that the store lives on */
	code = code == ERR_OK ? finish(ctx->db, &job, JOB_DONE, buf_str(&result), NULL, ended_ms, err)
	                      : finish(ctx->db, &job, JOB_FAILED, (struct str){ 0 }, failure.msg, ended_ms, err);
	buf_clear(&result);
	return code;
}

/** Only as it was seen: a beat or a claim in between saves it. */
static enum err_code requeue(struct db *db, int64_t id, int64_t attempts, int64_t heartbeat_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t changed;

	TRY(db_prepare(db, &SQL_JOB_REQUEUE, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_i64(q, 2, attempts);
	db_bind_i64(q, 3, heartbeat_ms);
	TRY(db_run(q, &changed, err));
	if (changed > 0)
		log_event(LOG_INFO, "job.requeued", "id=%lld", (long long)id);
	return ERR_OK;
}

#define RECOVER_MAX 64 /* running jobs looked at in one go; the rest in the next */

enum err_code job_recover(struct db *db, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct {
		int64_t id, attempts, heartbeat_ms;
	} lost[RECOVER_MAX];
	size_t count = 0;
	bool row;

	TRY(db_prepare(db, &SQL_JOB_RUNNING, &q, err));
	TRY(db_step(q, &row, err));
	for (; row && count < RECOVER_MAX;) {
		int64_t heartbeat_ms = db_i64(q, 3);

		if (heartbeat_ms <= now_ms - JOB_LEASE_MS || db_is_null(q, 2) || is_dead(db_str(q, 2))) {
			lost[count].id = db_i64(q, 0);
			lost[count].attempts = db_i64(q, 1);
			lost[count++].heartbeat_ms = heartbeat_ms;
		}
		TRY(db_step(q, &row, err));
	}
	db_stmt_done(q);
	q = NULL;
	for (size_t i = 0; i < count; i++)
		TRY(requeue(db, lost[i].id, lost[i].attempts, lost[i].heartbeat_ms, err));
	return ERR_OK;
}
