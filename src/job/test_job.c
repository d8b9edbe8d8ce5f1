/* The queue on both databases: order, progress, failure, recovery, no double run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "job/job.h"
#include "support/test_db.h"

static struct test_db test;
static struct arena *mem;
static struct id_source ids;

static int open_with(enum db_dialect dialect)
{
	test_db_open(&test, dialect);
	mem = arena_open(1 << 20);
	id_source_init(&ids, 0, 0);
	return 0;
}

static int open_sqlite(void **state)
{
	(void)state;
	return open_with(DB_SQLITE);
}

static int open_pg(void **state)
{
	(void)state;
	return open_with(DB_PG);
}

static int close_db(void **state)
{
	(void)state;
	arena_close(mem);
	test_db_close(&test);
	return 0;
}

static enum err_code echo(struct job_context *ctx, const struct job *job, struct buf *result, struct err *err)
{
	TRY(job_progress(ctx->db, job, 3, 4, 5, err));
	buf_put(result, job->args);
	return ERR_OK;
}

static enum err_code fails(struct job_context *ctx, const struct job *job, struct buf *result, struct err *err)
{
	(void)ctx;
	(void)job;
	buf_puts(result, "half");
	return err_set(err, ERR_IO, "磁盘已满");
}

static const struct job_kind kinds[] = { { "echo", echo }, { "fails", fails } };

static int64_t add(const char *kind, const char *args)
{
	struct err err;
	int64_t id;

	if (job_add(test.db, &ids, str_of(kind), str_of(args), 9, 1000, &id, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return id;
}

static bool run_one(int kind_count)
{
	struct job_context ctx = { .db = test.db, .mem = mem, .ids = &ids, .now_ms = 2000, .worker = STR("elsewhere/1/1") };
	struct err err;
	bool ran;

	if (job_run_one(&ctx, kinds, kind_count, &ran, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return ran;
}

static struct job get(int64_t id)
{
	struct job job;
	struct err err;

	if (job_get(test.db, id, mem, &job, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return job;
}

static void a_job_runs_once_and_keeps_its_result(void **state)
{
	int64_t id = add("echo", "{\"n\":1}");

	(void)state;
	assert_true(run_one(2));
	assert_false(run_one(2));
	assert_int_equal(get(id).state, JOB_DONE);
	assert_true(str_eq(get(id).result, STR("{\"n\":1}")));
	assert_int_equal(get(id).done_count, 3);
}

static void a_failure_is_told_in_the_job(void **state)
{
	int64_t id = add("fails", "{}");

	(void)state;
	assert_true(run_one(2));
	assert_int_equal(get(id).state, JOB_FAILED);
	assert_true(str_eq(get(id).error, STR("磁盘已满")));
	assert_null(get(id).result.ptr);
}

static void a_worker_takes_only_its_kinds(void **state)
{
	int64_t other = add("fails", "{}"), mine = add("echo", "{}");

	(void)state;
	assert_true(run_one(1));
	assert_int_equal(get(mine).state, JOB_DONE);
	assert_int_equal(get(other).state, JOB_QUEUED);
}

/* ---- two processes on one queue ---- */

static void exec(const char *sql)
{
	struct err err;

	if (db_exec_script(test.db, str_of(sql), &err) != ERR_OK)
		fail_msg("%s", err.msg);
}

static void recover(int64_t now_ms)
{
	struct err err;

	if (job_recover(test.db, now_ms, &err) != ERR_OK)
		fail_msg("%s", err.msg);
}

/** A job that another worker claimed and works on; its last beat was at `beat_ms`. */
static int64_t add_running(const char *worker, int64_t beat_ms)
{
	int64_t id = add("echo", "{}");
	char sql[300];

	snprintf(sql, sizeof(sql), "UPDATE job SET state = 'running', attempts = 1, worker = '%s', heartbeat_ms = %lld WHERE id = %lld",
		worker, (long long)beat_ms, (long long)id);
	exec(sql);
	return id;
}

static void a_running_job_of_another_process_is_left_alone(void **state)
{
	int64_t id = add_running("another-host/77/5", 1000000);

	(void)state;
	recover(1000000 + JOB_LEASE_MS - 1);
	assert_int_equal(get(id).state, JOB_RUNNING);
	assert_false(run_one(2));
}

static void a_silent_worker_loses_its_job_after_the_lease(void **state)
{
	int64_t id = add_running("another-host/77/5", 1000000);

	(void)state;
	recover(1000000 + JOB_LEASE_MS);
	assert_int_equal(get(id).state, JOB_QUEUED);
	assert_true(run_one(2));
	assert_int_equal(get(id).state, JOB_DONE);
}

static void a_beat_keeps_the_job(void **state)
{
	int64_t id = add_running("another-host/77/5", 1000000);
	struct err err;

	(void)state;
	assert_int_equal(job_beat(test.db, STR("another-host/77/5"), 1000000 + JOB_BEAT_MS, &err), ERR_OK);
	recover(1000000 + JOB_LEASE_MS);
	assert_int_equal(get(id).state, JOB_RUNNING);
}

static void a_job_of_a_dead_process_of_this_host_runs_again_at_once(void **state)
{
	char own[JOB_WORKER_BYTES], dead[JOB_WORKER_BYTES + 8], *start;
	int64_t id, mine;

	(void)state;
	job_worker_name(own);
	mine = add_running(own, 1000000);
	start = strrchr(own, '/');
	snprintf(dead, sizeof(dead), "%.*s/1", (int)(start - own), own); /* this number, another start: the process before */
	id = add_running(dead, 1000000);

	recover(1000001);

	assert_int_equal(get(id).state, JOB_QUEUED);
	assert_int_equal(get(mine).state, JOB_RUNNING);
}

static void who_lost_a_job_can_neither_progress_nor_end_it(void **state)
{
	int64_t id = add_running("another-host/77/5", 1000000);
	struct job before = get(id);
	struct err err;

	(void)state;
	recover(1000000 + JOB_LEASE_MS);
	exec("UPDATE job SET state = 'running', attempts = 2, worker = 'third/1/1'");
	assert_int_equal(job_progress(test.db, &before, 1, 2, 3, &err), ERR_STATE);
	assert_int_equal(get(id).done_count, 0);
}

/** The body is overtaken while it works: what it says at the end is not written. */
static enum err_code overtaken(struct job_context *ctx, const struct job *job, struct buf *result, struct err *err)
{
	(void)ctx;
	(void)job;
	exec("UPDATE job SET attempts = attempts + 1, worker = 'third/1/1'");
	buf_puts(result, "\"late\"");
	(void)err;
	return ERR_OK;
}

static void an_overtaken_worker_does_not_end_the_job(void **state)
{
	const struct job_kind kind = { "echo", overtaken };
	struct job_context ctx = { .db = test.db, .mem = mem, .ids = &ids, .now_ms = 2000, .worker = STR("elsewhere/1/1") };
	int64_t id = add("echo", "{}");
	struct err err;
	bool ran;

	(void)state;
	assert_int_equal(job_run_one(&ctx, &kind, 1, &ran, &err), ERR_OK);
	assert_int_equal(get(id).state, JOB_RUNNING);
	assert_null(get(id).result.ptr);
}

#define BOTH(f) cmocka_unit_test_setup_teardown(f, open_sqlite, close_db), cmocka_unit_test_setup_teardown(f, open_pg, close_db)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_job_runs_once_and_keeps_its_result),
		BOTH(a_failure_is_told_in_the_job),
		BOTH(a_worker_takes_only_its_kinds),
		BOTH(a_running_job_of_another_process_is_left_alone),
		BOTH(a_silent_worker_loses_its_job_after_the_lease),
		BOTH(a_beat_keeps_the_job),
		BOTH(a_job_of_a_dead_process_of_this_host_runs_again_at_once),
		BOTH(who_lost_a_job_can_neither_progress_nor_end_it),
		BOTH(an_overtaken_worker_does_not_end_the_job),
	};
	struct CMUnitTest chosen[sizeof(tests) / sizeof(tests[0])];
	size_t count = 0;
	bool pg = test_db_has_pg();

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (pg || tests[i].setup_func != open_pg)
			chosen[count++] = tests[i];
	return _cmocka_run_group_tests("job", chosen, count, NULL, NULL);
}
