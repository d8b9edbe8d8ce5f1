/* Long work in the database: a queue that survives a kill, progress that anyone can read, one worker thread a class.
 * A job body must be able to start again from the beginning: what it acknowledged it finds in the database.
 *
 * Several processes may work on one queue. A running job carries the name of its worker and a heartbeat; job_recover takes only jobs whose
 * worker is known to be dead or has been silent for JOB_LEASE_MS. A worker that lost its job that way learns it at its next progress
 * (ERR_STATE) and cannot end it: every claim has a number (attempts), and progress and end name the claim. */
#ifndef XZ_JOB_JOB_H
#define XZ_JOB_JOB_H

#include "actor/app.h"
#include "base/buf.h"
#include "base/id.h"
#include "db/db.h"

enum job_state { JOB_QUEUED, JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_CANCELLED, JOB_STATE_COUNT };

struct job {
	int64_t id;
	struct str kind;   /* "import", "sweep" */
	struct str args;   /* JSON */
	struct str result; /* JSON, set when done */
	struct str error;
	enum job_state state;
	int64_t account_id;
	int64_t done_count, total_count; /* progress; total 0 = not known yet */
	int64_t created_ms, started_ms, ended_ms;
	int attempts;
};

/** "queued", "running", "done", "failed", "cancelled". */
const char *job_state_slug(enum job_state s);

/** Queues inside or outside a transaction. */
enum err_code job_add(struct db *db, struct id_source *ids, struct str kind, struct str args, int64_t account_id, int64_t now_ms,
	int64_t *ret_id, struct err *err);
enum err_code job_get(struct db *db, int64_t id, struct arena *mem, struct job *ret, struct err *err);
/** Progress in a transaction of its own; also a heartbeat. ERR_STATE when another worker has taken the job over: the body ends. */
enum err_code job_progress(struct db *db, const struct job *job, int64_t done, int64_t total, int64_t now_ms, struct err *err);

/* ---- workers ---- */

#define JOB_LEASE_MS 60000 /* silence after which a worker counts as dead */
#define JOB_BEAT_MS 10000  /* how often a process says that it lives */
#define JOB_WORKER_BYTES 160
/** The name of this process as a worker: "<host>/<pid>/<start of the process>". */
void job_worker_name(char out[static JOB_WORKER_BYTES]);
/** Says that the worker's running jobs are alive. Every JOB_BEAT_MS by whoever runs workers. */
enum err_code job_beat(struct db *db, struct str worker, int64_t now_ms, struct err *err);

/** What a worker runs. `result` receives JSON. */
struct job_context {
	struct db *db;
	struct arena *mem;
	struct id_source *ids;
	struct app *app; /* actor/app.h */
	int64_t now_ms;
	struct str worker; /* job_worker_name of the process */
};
struct job_kind {
	const char *kind;
	enum err_code (*run)(struct job_context *ctx, const struct job *job, struct buf *result, struct err *err);
};

/** Claims and runs one queued job of any of the kinds; *ret_ran tells whether there was one. Failure is recorded in the job, not returned.
 */
enum err_code job_run_one(struct job_context *ctx, const struct job_kind *kinds, int kind_count, bool *ret_ran, struct err *err);
/** Queues again what dead workers left running: at once when the process was on this host and is gone, else after JOB_LEASE_MS of silence.
 * At start and every JOB_BEAT_MS. Clocks of the hosts must agree within half of JOB_LEASE_MS. */
enum err_code job_recover(struct db *db, int64_t now_ms, struct err *err);

#endif
