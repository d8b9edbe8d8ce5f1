/* PostgreSQL through libpq: named prepared statements, text parameters, whole results (or row by row for scans), pipelined bulk writing. */
#include "db/db_private.h"

#include <assert.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"

#define BATCH_PENDING_MAX 512
#define PARAMS_MAX 320 /* above DICTIONARY_COLUMNS_MAX: one statement writes a whole record */

struct handle {
	PGconn *conn;
	int next_name;
	bool batch;       /* pipeline mode is on */
	int pending;      /* statements sent whose answers were not read */
	struct err first; /* first error of the pipeline */
};

struct statement {
	char name[16];
	int param_count;
	char *values[PARAMS_MAX]; /* owned, NULL = SQL NULL */
	size_t room[PARAMS_MAX];
	bool is_null[PARAMS_MAX];
	PGresult *result;
	int row, rows;
	bool started;   /* the statement was sent */
	bool streaming; /* more results may be waiting on the connection */
};

static struct handle *handle_of(const struct db *db)
{
	return db->handle;
}

static struct statement *statement_of(const struct db_stmt *q)
{
	return q->handle;
}

static enum err_code class_of(const char *state)
{
	if (!state)
		return ERR_IO;
	if (strcmp(state, "23505") == 0)
		return ERR_UNIQUE;
	if (strcmp(state, "23503") == 0)
		return ERR_REFERENCE;
	if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0 || strcmp(state, "55P03") == 0)
		return ERR_RETRY;
	if (strncmp(state, "08", 2) == 0 || strncmp(state, "57P", 3) == 0)
		return ERR_IO;
	return ERR_DB;
}

static enum err_code fail_result(const PGresult *result, PGconn *conn, struct err *err)
{
	const char *text = result ? PQresultErrorMessage(result) : PQerrorMessage(conn);

	return err_set(err, class_of(result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL), "数据库：%.300s", text ? text : "");
}

/** Reads the answers of everything that was sent; keeps the first error. */
static void drain(struct handle *h)
{
	if (h->pending == 0)
		return;
	PQpipelineSync(h->conn);
	for (bool synced = false; !synced;) {
		PGresult *result = PQgetResult(h->conn);

		if (!result) {
			if (PQstatus(h->conn) == CONNECTION_BAD)
				break;
			continue; /* a NULL separates the answers of two statements */
		}
		ExecStatusType status = PQresultStatus(result);

		if (status == PGRES_PIPELINE_SYNC)
			synced = true;
		else if (status == PGRES_FATAL_ERROR && h->first.code == ERR_OK)
			fail_result(result, h->conn, &h->first);
		PQclear(result);
	}
	if (PQstatus(h->conn) == CONNECTION_BAD && h->first.code == ERR_OK)
		fail_result(NULL, h->conn, &h->first);
	h->pending = 0;
}

static enum err_code take_first_error(struct handle *h, struct err *err)
{
	enum err_code code = h->first.code;

	if (code == ERR_OK)
		return ERR_OK;
	err_set(err, code, "%s", h->first.msg);
	h->first = (struct err){ 0 };
	return code;
}

/** Leaves pipeline mode for a call that needs its answer; enter again with resume. */
static enum err_code pause_batch(struct handle *h, struct err *err)
{
	if (!h->batch)
		return ERR_OK;
	drain(h);
	TRY(take_first_error(h, err));
	if (!PQexitPipelineMode(h->conn))
		return fail_result(NULL, h->conn, err);
	return ERR_OK;
}

static void resume_batch(struct handle *h)
{
	if (h->batch)
		PQenterPipelineMode(h->conn);
}

static void quiet(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

static enum err_code pg_open(struct db *db, struct err *err)
{
	struct handle *h = mem_alloc(1, sizeof(*h));
	PGresult *result;

	if (!h)
		return err_nomem(err);
	h->conn = PQconnectdb(db->url);
	if (PQstatus(h->conn) != CONNECTION_OK) {
		enum err_code code = err_set(err, ERR_IO, "连不上 PostgreSQL：%.300s", PQerrorMessage(h->conn));

		PQfinish(h->conn);
		free(h);
		return code;
	}
	PQsetNoticeReceiver(h->conn, quiet, NULL);
	PQsetClientEncoding(h->conn, "UTF8");
	result = PQexec(h->conn, "SET TIME ZONE 'UTC'; SET statement_timeout = 0; SET standard_conforming_strings = on");
	PQclear(result);
	db->handle = h;
	return ERR_OK;
}

static void pg_close(struct db *db)
{
	PQfinish(handle_of(db)->conn);
	free(handle_of(db));
}

/** Highest $n in the text. */
static int count_params(const char *sql)
{
	int highest = 0;

	for (const char *c = strchr(sql, '$'); c; c = strchr(c + 1, '$')) {
		int n = atoi(c + 1);

		if (n > highest)
			highest = n;
	}
	return highest;
}

static enum err_code pg_prepare(struct db *db, struct db_stmt *q, struct err *err)
{
	struct handle *h = handle_of(db);
	struct statement *s = mem_alloc(1, sizeof(*s));
	PGresult *result;
	enum err_code code = ERR_OK;

	if (!s)
		return err_nomem(err);
	s->param_count = count_params(q->sql);
	assert(s->param_count < PARAMS_MAX);
	for (int i = 0; i <= s->param_count; i++)
		s->is_null[i] = true;
	snprintf(s->name, sizeof(s->name), "q%d", h->next_name++);
	code = pause_batch(h, err);
	if (code == ERR_OK) {
		result = PQprepare(h->conn, s->name, q->sql, 0, NULL);
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			code = fail_result(result, h->conn, err);
		PQclear(result);
		resume_batch(h);
	}
	if (code != ERR_OK)
		free(s);
	else
		q->handle = s;
	return code;
}

static void pg_reset(struct db_stmt *q)
{
	struct statement *s = statement_of(q);

	PQclear(s->result);
	s->result = NULL;
	while (s->streaming) { /* an abandoned scan: let the rest go by */
		PGresult *rest = PQgetResult(handle_of(q->db)->conn);

		s->streaming = rest != NULL;
		PQclear(rest);
	}
	s->started = false;
	s->row = s->rows = 0;
	for (int i = 0; i <= s->param_count; i++)
		s->is_null[i] = true;
}

static void pg_finalize(struct db_stmt *q)
{
	struct handle *h = handle_of(q->db);
	struct statement *s = statement_of(q);
	char sql[40];

	pg_reset(q);
	if (!q->cached && !h->batch && PQtransactionStatus(h->conn) != PQTRANS_INERROR) {
		snprintf(sql, sizeof(sql), "DEALLOCATE %s", s->name);
		PQclear(PQexec(h->conn, sql));
	}
	for (int i = 0; i < PARAMS_MAX; i++)
		free(s->values[i]);
	free(s);
}

static void pg_bind_str(struct db_stmt *q, int index, struct str v)
{
	struct statement *s = statement_of(q);

	assert(index >= 1 && index <= s->param_count);
	if (s->room[index] < v.len + 1) {
		char *grown = mem_resize(s->values[index], v.len + 64, 1);

		if (!grown) {
			s->is_null[index] = true; /* the statement then fails on its NOT NULL or finds nothing; memory is out anyway */
			return;
		}
		s->values[index] = grown;
		s->room[index] = v.len + 64;
	}
	memcpy(s->values[index], v.ptr, v.len);
	s->values[index][v.len] = '\0';
	s->is_null[index] = false;
}

static void pg_bind_i64(struct db_stmt *q, int index, int64_t v)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%lld", (long long)v);

	pg_bind_str(q, index, (struct str){ .ptr = text, .len = (size_t)len });
}

static void pg_bind_null(struct db_stmt *q, int index)
{
	statement_of(q)->is_null[index] = true;
}

static void gather(const struct statement *s, const char *values[static PARAMS_MAX])
{
	for (int i = 0; i < s->param_count; i++)
		values[i] = s->is_null[i + 1] ? NULL : s->values[i + 1];
}

static enum err_code check_result(struct handle *h, PGresult *result, struct err *err)
{
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_SINGLE_TUPLE)
		return ERR_OK;
	return fail_result(result, h->conn, err);
}

static enum err_code start(struct db_stmt *q, struct err *err)
{
	struct handle *h = handle_of(q->db);
	struct statement *s = statement_of(q);
	const char *values[PARAMS_MAX];

	gather(s, values);
	TRY(pause_batch(h, err));
	s->started = true;
	if (q->stream) {
		if (!PQsendQueryPrepared(h->conn, s->name, s->param_count, values, NULL, NULL, 0))
			return fail_result(NULL, h->conn, err);
		PQsetSingleRowMode(h->conn);
		s->streaming = true;
		return ERR_OK;
	}
	s->result = PQexecPrepared(h->conn, s->name, s->param_count, values, NULL, NULL, 0);
	resume_batch(h);
	TRY(check_result(h, s->result, err));
	s->rows = PQntuples(s->result);
	s->row = -1;
	return ERR_OK;
}

static enum err_code pg_step(struct db_stmt *q, bool *ret_row, struct err *err)
{
	struct handle *h = handle_of(q->db);
	struct statement *s = statement_of(q);

	if (!s->started)
		TRY(start(q, err));
	if (!s->streaming) {
		*ret_row = ++s->row < s->rows;
		return ERR_OK;
	}
	PQclear(s->result);
	s->result = PQgetResult(h->conn);
	s->row = 0;
	if (!s->result) {
		s->streaming = false;
		resume_batch(h);
		*ret_row = false;
		return ERR_OK;
	}
	TRY(check_result(h, s->result, err));
	if (PQresultStatus(s->result) == PGRES_SINGLE_TUPLE) {
		*ret_row = true;
		return ERR_OK;
	}
	return pg_step(q, ret_row, err); /* the closing empty result, then NULL */
}

static enum err_code pg_run(struct db_stmt *q, int64_t *ret_changed, struct err *err)
{
	struct handle *h = handle_of(q->db);
	struct statement *s = statement_of(q);
	const char *values[PARAMS_MAX];
	PGresult *result;
	enum err_code code;

	gather(s, values);
	if (h->batch) {
		*ret_changed = -1;
		if (!PQsendQueryPrepared(h->conn, s->name, s->param_count, values, NULL, NULL, 0))
			return fail_result(NULL, h->conn, err);
		if (++h->pending >= BATCH_PENDING_MAX)
			drain(h);
		return take_first_error(h, err);
	}
	result = PQexecPrepared(h->conn, s->name, s->param_count, values, NULL, NULL, 0);
	code = check_result(h, result, err);
	if (code == ERR_OK)
		*ret_changed = atoll(PQcmdTuples(result));
	PQclear(result);
	return code;
}

static bool pg_is_null(struct db_stmt *q, int column)
{
	return PQgetisnull(statement_of(q)->result, statement_of(q)->row, column);
}

static struct str pg_str(struct db_stmt *q, int column)
{
	struct statement *s = statement_of(q);

	if (PQgetisnull(s->result, s->row, column))
		return (struct str){ 0 };
	return (struct str){ .ptr = PQgetvalue(s->result, s->row, column), .len = (size_t)PQgetlength(s->result, s->row, column) };
}

static int64_t pg_i64(struct db_stmt *q, int column)
{
	struct str text = pg_str(q, column);

	return text.ptr ? atoll(text.ptr) : 0;
}

static int pg_column_count(struct db_stmt *q)
{
	return PQnfields(statement_of(q)->result);
}

static enum err_code pg_script(struct db *db, const char *sql, struct err *err)
{
	struct handle *h = handle_of(db);
	PGresult *result;
	enum err_code code;

	TRY(pause_batch(h, err));
	result = PQexec(h->conn, sql);
	code = PQresultStatus(result) == PGRES_EMPTY_QUERY ? ERR_OK : check_result(h, result, err);
	PQclear(result);
	resume_batch(h);
	return code;
}

static const char *pg_column_name(struct db_stmt *q, int column)
{
	return PQfname(statement_of(q)->result, column);
}

static enum err_code pg_begin(struct db *db, bool read_only, struct err *err)
{
	return pg_script(db, read_only ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN", err);
}

static enum err_code pg_batch(struct db *db, bool on, struct err *err)
{
	struct handle *h = handle_of(db);

	if (on == h->batch)
		return ERR_OK;
	if (on) {
		h->first = (struct err){ 0 };
		if (!PQenterPipelineMode(h->conn))
			return fail_result(NULL, h->conn, err);
		h->batch = true;
		return ERR_OK;
	}
	drain(h);
	h->batch = false;
	PQexitPipelineMode(h->conn);
	return take_first_error(h, err);
}

static enum err_code pg_commit(struct db *db, struct err *err)
{
	struct handle *h = handle_of(db);
	PGresult *result;
	enum err_code code;

	TRY(pg_batch(db, false, err));
	if (PQtransactionStatus(h->conn) == PQTRANS_INERROR) /* COMMIT would answer ROLLBACK without an error */
		return err_set(err, ERR_DB, "事务中有语句失败，不能提交");
	result = PQexec(h->conn, "COMMIT");
	code = check_result(h, result, err);
	PQclear(result);
	return code;
}

static void pg_rollback(struct db *db)
{
	struct err ignored;

	pg_batch(db, false, &ignored);
	PQclear(PQexec(handle_of(db)->conn, "ROLLBACK"));
}

static enum err_code pg_add_function(
	struct db *db, const char *name, int args, bool (*function)(const int64_t *args, int64_t *ret), struct err *err)
{
	(void)db;
	(void)args;
	(void)function;
	return err_set(err, ERR_UNSUPPORTED, "PostgreSQL 上不能添加函数 %s", name);
}

const struct db_driver db_driver_pg = {
	.add_function = pg_add_function,
	.dialect = DB_PG,
	.open = pg_open,
	.close = pg_close,
	.prepare = pg_prepare,
	.finalize = pg_finalize,
	.reset = pg_reset,
	.bind_i64 = pg_bind_i64,
	.bind_str = pg_bind_str,
	.bind_null = pg_bind_null,
	.step = pg_step,
	.run = pg_run,
	.is_null = pg_is_null,
	.i64 = pg_i64,
	.str = pg_str,
	.column_count = pg_column_count,
	.column_name = pg_column_name,
	.script = pg_script,
	.begin = pg_begin,
	.commit = pg_commit,
	.rollback = pg_rollback,
	.batch = pg_batch,
};
