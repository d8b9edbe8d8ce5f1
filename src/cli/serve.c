/* serve: connections in a pool (one a request), workers that claim jobs, and an orderly end on SIGTERM or SIGINT. */
#include "cli/serve.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/auth.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/log.h"
#include "brief/brief.h"
#include "calendar/calendar.h"
#include "cli/commands.h"
#include "catalog/catalog.h"
#include "clue/clue.h"
#include "detect/detect.h"
#include "document/document.h"
#include "instrument/instrument.h"
#include "job/job.h"
#include "matter/matter.h"
#include "org/org.h"
#include "record/record.h"
#include "snapshot/snapshot.h"
#include "workbench/workbench.h"

#define POOL_MAX 64
#define JOB_BYTES_MAX (1u << 30)
#define JOB_POLL_MS 250

const struct route_table *const route_tables[] = {
	&auth_routes,
	&brief_routes,
	&calendar_routes,
	&catalog_routes,
	&cli_routes,
	&clue_routes,
	&detect_routes,
	&instrument_routes,
	&matter_routes,
	&org_routes,
	&record_routes,
	&workbench_routes,
};
const size_t route_table_count = sizeof(route_tables) / sizeof(route_tables[0]);

void route_tables_collect(struct route_table *out)
{
	for (size_t i = 0; i < route_table_count; i++)
		out[i] = *route_tables[i];
}

/* ---- connections ---- */

static struct {
	pthread_mutex_t lock;
	struct db *idle[POOL_MAX];
	int idle_count;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER };

static enum err_code lend(struct app *app, struct db **ret, struct err *err)
{
	struct db *db = NULL;

	pthread_mutex_lock(&pool.lock);
	if (pool.idle_count > 0)
		db = pool.idle[--pool.idle_count];
	pthread_mutex_unlock(&pool.lock);
	if (!db)
		return db_open(str_of(app->db_url), ret, err);
	*ret = db;
	return ERR_OK;
}

static void give_back(struct app *app, struct db *db)
{
	(void)app;
	pthread_mutex_lock(&pool.lock);
	if (pool.idle_count < POOL_MAX && !db_in_tx(db)) {
		pool.idle[pool.idle_count++] = db;
		db = NULL;
	}
	pthread_mutex_unlock(&pool.lock);
	db_close(db);
}

static void pool_close(void)
{
	while (pool.idle_count > 0)
		db_close(pool.idle[--pool.idle_count]);
}

/* ---- workers ---- */

struct worker {
	pthread_t thread;
	struct context *c;
	const struct job_kind *kinds; /* NULL: keeps the process's jobs and takes over those of dead ones */
	int kind_count;
	volatile sig_atomic_t *stop;
	char name[JOB_WORKER_BYTES]; /* of the process */
};

static void run_jobs(struct worker *w, struct db *db, struct arena *mem)
{
	while (!*w->stop) {
		struct job_context ctx = { .db = db,
			.mem = mem,
			.ids = &w->c->ids,
			.app = &w->c->app,
			.now_ms = time_on_day(w->c->app.fixed_today, time_now_ms()),
			.worker = str_of(w->name) };
		struct err err;
		bool ran = false;

		if (job_run_one(&ctx, w->kinds, w->kind_count, &ran, &err) != ERR_OK)
			log_event(LOG_ERROR, "job.queue", "error=%s", err.msg);
		arena_reset(mem);
		if (!ran)
			usleep(JOB_POLL_MS * 1000);
	}
}

/** Says that this process lives, and looks for jobs whose process does not. */
static void keep_jobs(struct worker *w, struct db *db)
{
	for (int waited_ms = 0; !*w->stop; waited_ms += JOB_POLL_MS) {
		struct err err;

		usleep(JOB_POLL_MS * 1000);
		if (waited_ms < JOB_BEAT_MS)
			continue;
		waited_ms = 0;
		if (job_beat(db, str_of(w->name), time_now_ms(), &err) != ERR_OK || job_recover(db, time_now_ms(), &err) != ERR_OK)
			log_event(LOG_WARN, "job.beat", "error=%s", err.msg);
	}
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	CLEANUP(arena_closep) struct arena *mem = arena_open(JOB_BYTES_MAX);
	CLEANUP(db_closep) struct db *db = NULL;
	struct err err;

	if (!mem || db_open(w->c->db_url, &db, &err) != ERR_OK) {
		log_event(LOG_ERROR, "job.worker", "error=%s", mem ? err.msg : "out of memory");
		return NULL;
	}
	if (w->kinds)
		run_jobs(w, db, mem);
	else
		keep_jobs(w, db);
	return NULL;
}

/** What was imported is looked at right away: the import's arguments go on to a sweep, which notes itself in the import. */
static enum err_code import_then_sweep(struct job_context *ctx, const struct job *job, struct buf *result, struct err *err)
{
	int64_t sweep_job_id;

	TRY(import_job.run(ctx, job, result, err));
	return job_add(ctx->db, ctx->ids, str_of(sweep_job.kind), job->args, job->account_id, ctx->now_ms, &sweep_job_id, err);
}

/** The pack may have changed since, here or in another process. */
static enum err_code refresh_then_sweep(struct job_context *ctx, const struct job *job, struct buf *result, struct err *err)
{
	TRY(workbench_refresh(ctx->app->workbench, ctx->app, ctx->db, err));
	return sweep_job.run(ctx, job, result, err);
}

static const struct job_kind import_kind = { .kind = "import", .run = import_then_sweep };
static const struct job_kind sweep_kind = { .kind = "sweep", .run = refresh_then_sweep };

#define WORKER_COUNT 3

static void workers_start(struct worker *workers, int count, struct context *c, volatile sig_atomic_t *stop)
{
	static const struct job_kind *const classes[WORKER_COUNT] = { &import_kind, &sweep_kind, NULL /* the keeper */ };

	for (int i = 0; i < count; i++) {
		workers[i].c = c;
		workers[i].kinds = classes[i];
		workers[i].kind_count = 1;
		job_worker_name(workers[i].name);
		workers[i].stop = stop;
		pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]);
	}
}

static void workers_join(struct worker *workers, int count)
{
	for (int i = 0; i < count; i++)
		pthread_join(workers[i].thread, NULL);
}

/* ---- the command ---- */

/** "127.0.0.1:8080" or "[::1]:8080" into its parts. */
static enum err_code parse_listen(const char *text, char host[static 64], int *ret_port, struct err *err)
{
	const char *colon = text ? strrchr(text, ':') : NULL;
	int64_t port = 8080;

	snprintf(host, 64, "127.0.0.1");
	*ret_port = 8080;
	if (!text)
		return ERR_OK;
	if (!colon || colon - text > 60 || !str_to_i64(str_of(colon + 1), &port) || port < 0 || port > 65535)
		return err_set(err, ERR_INPUT, "--listen 应为 主机:端口，收到的是 %.60s", text);
	snprintf(host, 64, "%.*s", (int)(colon - text), text);
	*ret_port = (int)port;
	return ERR_OK;
}

/** The portal's page that a document's QR code opens; NULL (the bare code) when memory is out. */
static const char *public_page(struct context *c)
{
	return str_printf(c->mem, "%s/check", argument(c->args, "public-url")).ptr;
}

/** A new holiday file may have come with the program or the profile since the store was last served. */
static enum err_code recount_clocks(struct context *c, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(JOB_BYTES_MAX);
	const struct actor program = { .name = STR("放假安排更新") };
	struct matter_context ctx = {
		.db = c->db, .mem = mem, .ids = &c->ids, .app = &c->app, .who = &program, .now_ms = c->now_ms, .today = c->today
	};
	struct clock_recount moved;

	if (!mem)
		return err_nomem(err);
	TRY(matter_clocks_recount(&ctx, &moved, err));
	if (moved.counted > 0)
		log_event(LOG_INFO, "clock.recount", "counted=%lld moved=%lld", (long long)moved.counted, (long long)moved.moved);
	return ERR_OK;
}

static enum err_code serve(struct context *c, struct err *err)
{
	static volatile sig_atomic_t stop;
	struct route_table tables[ROUTE_TABLES_MAX];
	struct worker workers[WORKER_COUNT];
	struct http_server *server;
	char host[64], uploads[PATH_MAX];
	int64_t threads;
	sigset_t signals;
	int port, signal_number;
	bool fang;

	TRY(parse_listen(argument(c->args, "listen"), host, &port, err));
	TRY(context_number(c->args, "threads", 4, 1, POOL_MAX, &threads, err));
	snprintf(uploads, sizeof(uploads), "%s/files/incoming", c->data_dir.ptr);
	TRY(dir_make(uploads, err));
	TRY(job_recover(c->db, time_now_ms(), err));
	TRY(recount_clocks(c, err));
	TRY(context_open_snapshots(c, err));
	if (argument(c->args, "public-url"))
		instrument_set_public_url(c->app.instruments, public_page(c));
	TRY(document_fonts_load(context_fonts_folder(), &fang, err));
	route_tables_collect(tables);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	TRY(http_start(&(struct http_config){ .host = host,
			       .port = port,
			       .threads = (int)threads,
			       .json_bytes_max = 1 << 20,
			       .upload_bytes_max = 256ll << 20,
			       .header_timeout_s = 10,
			       .upload_dir = uploads,
			       .tables = tables,
			       .table_count = route_table_count,
			       .assets = &c->assets,
			       .data_dir = c->data_dir.ptr,
			       .ids = &c->ids,
			       .fixed_today = c->app.fixed_today,
			       .app = &c->app,
			       .db_lend = lend,
			       .db_return = give_back,
			       .authenticate = auth_authenticate },
		&server, err));
	workers_start(workers, WORKER_COUNT, c, &stop);
	fprintf(stderr, "獬豸 已启动：http://%s:%d/office/（办公）  http://%s:%d/（公众）\n", host, http_port(server), host,
		http_port(server));
	if (c->app.demo)
		fprintf(stderr, "演示账号：supervisor reviewer leader mayor agency township auditor sysadmin secadmin，口令 xiezhi-demo\n");
	sigwait(&signals, &signal_number);
	log_event(LOG_INFO, "serve.stop", "signal=%d", signal_number);
	http_stop(server);
	stop = 1;
	workers_join(workers, WORKER_COUNT);
	pool_close();
	return ERR_OK;
}

enum err_code cmd_serve(const struct arguments *args, bool *ret_found, struct err *err)
{
	struct context c;
	enum err_code code = context_load(&c, args, err);

	(void)ret_found;
	if (code == ERR_OK)
		code = context_open_store(&c, err);
	if (code == ERR_OK)
		code = serve(&c, err);
	context_close(&c);
	return code;
}

enum err_code cmd_openapi(const struct arguments *args, bool *ret_found, struct err *err)
{
	struct route_table tables[ROUTE_TABLES_MAX];
	struct context c = { .args = args };
	struct buf out;
	enum err_code code;

	(void)ret_found;
	route_tables_collect(tables);
	buf_init(&out, 16 << 20);
	http_openapi(tables, route_table_count, &out);
	buf_putc(&out, '\n');
	code = context_print(&c, &out, err);
	buf_clear(&out);
	return code;
}
