/* SQLite: WAL, durable commits, one writer at a time per file in this process (a mutex; other processes wait on the file's lock). */
#include "db/db_private.h"

#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "base/fault.h"

#define BUSY_TIMEOUT_MS 15000
#define FUNCTION_ARGS_MAX 4

/** The writers' queue of one file, shared by its connections. */
struct writer {
	struct writer *next;
	char *path;
	int users;
	pthread_mutex_t turn;
};

struct handle {
	sqlite3 *lite;
	struct writer *writer;
};

static pthread_mutex_t writers_lock = PTHREAD_MUTEX_INITIALIZER;
static struct writer *writers;

static struct writer *writer_get(const char *path)
{
	struct writer *w;

	pthread_mutex_lock(&writers_lock);
	for (w = writers; w && strcmp(w->path, path) != 0;)
		w = w->next;
	if (!w && (w = mem_alloc(1, sizeof(*w)))) {
		w->path = strdup(path);
		pthread_mutex_init(&w->turn, NULL);
		w->next = writers;
		writers = w;
	}
	if (w)
		w->users++;
	pthread_mutex_unlock(&writers_lock);
	return w;
}

static void writer_put(struct writer *w)
{
	pthread_mutex_lock(&writers_lock);
	if (--w->users == 0) {
		struct writer **at = &writers;

		while (*at != w)
			at = &(*at)->next;
		*at = w->next;
		pthread_mutex_destroy(&w->turn);
		free(w->path);
		free(w);
	}
	pthread_mutex_unlock(&writers_lock);
}

static struct handle *handle_of(const struct db *db)
{
	return db->handle;
}

static enum err_code fail(struct handle *h, struct err *err)
{
	int full = sqlite3_extended_errcode(h->lite), basic = full & 0xff;
	enum err_code code = ERR_DB;

	if (full == SQLITE_CONSTRAINT_UNIQUE || full == SQLITE_CONSTRAINT_PRIMARYKEY)
		code = ERR_UNIQUE;
	else if (full == SQLITE_CONSTRAINT_FOREIGNKEY)
		code = ERR_REFERENCE;
	else if (basic == SQLITE_BUSY || basic == SQLITE_LOCKED)
		code = ERR_RETRY;
	else if (basic == SQLITE_NOMEM)
		code = ERR_NOMEM;
	else if (basic == SQLITE_CORRUPT || basic == SQLITE_NOTADB)
		code = ERR_CORRUPT;
	else if (basic == SQLITE_FULL || basic == SQLITE_IOERR || basic == SQLITE_CANTOPEN || basic == SQLITE_READONLY)
		code = ERR_IO;
	return err_set(err, code, "数据库：%s", sqlite3_errmsg(h->lite));
}

static void lite_close(struct db *db)
{
	struct handle *h = handle_of(db);

	sqlite3_close(h->lite);
	writer_put(h->writer);
	free(h);
}

static enum err_code lite_open(struct db *db, struct err *err)
{
	static const char setup[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
				    "PRAGMA cache_size=-32768; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=1073741824;";
	const char *path = db->url + strlen("sqlite:");
	struct handle *h = mem_alloc(1, sizeof(*h));
	enum err_code code;

	if (!h || !(h->writer = writer_get(path))) {
		free(h);
		return err_nomem(err);
	}
	db->handle = h;
	if (sqlite3_open_v2(path, &h->lite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		code = err_set(err, ERR_IO, "打不开数据库文件 %s：%s", path, h->lite ? sqlite3_errmsg(h->lite) : "内存不足");
		lite_close(db);
		return code;
	}
	sqlite3_busy_timeout(h->lite, BUSY_TIMEOUT_MS);
	sqlite3_extended_result_codes(h->lite, 1);
	if (sqlite3_exec(h->lite, setup, NULL, NULL, NULL) != SQLITE_OK) {
		code = fail(h, err);
		lite_close(db);
		return code;
	}
	return ERR_OK;
}

/** Are the parameters $1, $2, … in the order of their first appearance? Then binding needs no search by name, which bulk inserts feel. */
static bool parameters_in_order(sqlite3_stmt *stmt)
{
	int count = sqlite3_bind_parameter_count(stmt);
	char name[16];

	for (int i = 1; i <= count; i++) {
		sqlite3_snprintf(sizeof(name), name, "$%d", i);
		if (!sqlite3_bind_parameter_name(stmt, i) || strcmp(sqlite3_bind_parameter_name(stmt, i), name) != 0)
			return false;
	}
	return true;
}

static enum err_code lite_prepare(struct db *db, struct db_stmt *q, struct err *err)
{
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v3(handle_of(db)->lite, q->sql, (int)q->sql_len, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK)
		return fail(handle_of(db), err);
	q->handle = stmt;
	q->in_order = parameters_in_order(stmt);
	return ERR_OK;
}

static void lite_finalize(struct db_stmt *q)
{
	sqlite3_finalize(q->handle);
}

static void lite_reset(struct db_stmt *q)
{
	sqlite3_reset(q->handle);
	sqlite3_clear_bindings(q->handle);
}

/** SQLite numbers $1 in order of first appearance, not by its digits. */
static int parameter(struct db_stmt *q, int index)
{
	if (q->in_order)
		return index;
	char name[16];
	int at = sqlite3_snprintf(sizeof(name), name, "$%d", index) ? sqlite3_bind_parameter_index(q->handle, name) : 0;

	assert(at > 0);
	return at;
}

static void lite_bind_i64(struct db_stmt *q, int index, int64_t v)
{
	sqlite3_bind_int64(q->handle, parameter(q, index), v);
}

static void lite_bind_str(struct db_stmt *q, int index, struct str v)
{
	sqlite3_bind_text64(q->handle, parameter(q, index), v.ptr, v.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static void lite_bind_null(struct db_stmt *q, int index)
{
	sqlite3_bind_null(q->handle, parameter(q, index));
}

static enum err_code lite_step(struct db_stmt *q, bool *ret_row, struct err *err)
{
	int result = sqlite3_step(q->handle);
	enum err_code code;

	if (result == SQLITE_ROW || result == SQLITE_DONE) {
		*ret_row = result == SQLITE_ROW;
		return ERR_OK;
	}
	code = fail(handle_of(q->db), err);
	sqlite3_reset(q->handle);
	return code;
}

static enum err_code lite_run(struct db_stmt *q, int64_t *ret_changed, struct err *err)
{
	bool row;

	TRY(lite_step(q, &row, err));
	*ret_changed = sqlite3_changes(handle_of(q->db)->lite);
	sqlite3_reset(q->handle);
	return ERR_OK;
}

static bool lite_is_null(struct db_stmt *q, int column)
{
	return sqlite3_column_type(q->handle, column) == SQLITE_NULL;
}

static int64_t lite_i64(struct db_stmt *q, int column)
{
	return sqlite3_column_int64(q->handle, column);
}

static struct str lite_str(struct db_stmt *q, int column)
{
	const char *text = (const char *)sqlite3_column_text(q->handle, column);

	return (struct str){ .ptr = text, .len = text ? (size_t)sqlite3_column_bytes(q->handle, column) : 0 };
}

static int lite_column_count(struct db_stmt *q)
{
	return sqlite3_column_count(q->handle);
}

static enum err_code lite_script(struct db *db, const char *sql, struct err *err)
{
	return sqlite3_exec(handle_of(db)->lite, sql, NULL, NULL, NULL) == SQLITE_OK ? ERR_OK : fail(handle_of(db), err);
}

static const char *lite_column_name(struct db_stmt *q, int column)
{
	return sqlite3_column_name(q->handle, column);
}

static enum err_code lite_begin(struct db *db, bool read_only, struct err *err)
{
	struct handle *h = handle_of(db);
	enum err_code code;

	if (read_only)
		return sqlite3_exec(h->lite, "BEGIN", NULL, NULL, NULL) == SQLITE_OK ? ERR_OK : fail(h, err);
	pthread_mutex_lock(&h->writer->turn);
	if (sqlite3_exec(h->lite, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK)
		return ERR_OK;
	code = fail(h, err);
	pthread_mutex_unlock(&h->writer->turn);
	return code;
}

static enum err_code lite_commit(struct db *db, struct err *err)
{
	struct handle *h = handle_of(db);

	if (sqlite3_exec(h->lite, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		return fail(h, err);
	if (!db->tx_read_only)
		pthread_mutex_unlock(&h->writer->turn);
	return ERR_OK;
}

static void lite_rollback(struct db *db)
{
	struct handle *h = handle_of(db);

	if (!sqlite3_get_autocommit(h->lite))
		sqlite3_exec(h->lite, "ROLLBACK", NULL, NULL, NULL);
	if (!db->tx_read_only)
		pthread_mutex_unlock(&h->writer->turn);
}

static enum err_code lite_batch(struct db *db, bool on, struct err *err)
{
	(void)db;
	(void)on;
	(void)err;
	return ERR_OK;
}

/** The function behind a name, as SQLite keeps it for us. */
struct added_function {
	bool (*call)(const int64_t *args, int64_t *ret);
};

static void on_call(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct added_function *f = sqlite3_user_data(context);
	int64_t args[FUNCTION_ARGS_MAX], result;

	for (int i = 0; i < count; i++) {
		if (sqlite3_value_type(values[i]) == SQLITE_NULL)
			return;
		args[i] = sqlite3_value_int64(values[i]);
	}
	if (f->call(args, &result))
		sqlite3_result_int64(context, result);
}

static enum err_code lite_add_function(
	struct db *db, const char *name, int args, bool (*function)(const int64_t *args, int64_t *ret), struct err *err)
{
	struct added_function *f = mem_alloc(1, sizeof(*f));

	assert(args > 0 && args <= FUNCTION_ARGS_MAX);
	if (!f)
		return err_nomem(err);
	f->call = function;
	if (sqlite3_create_function_v2(handle_of(db)->lite, name, args, SQLITE_UTF8 | SQLITE_DETERMINISTIC, f, on_call, NULL, NULL, free) !=
		SQLITE_OK)
		return fail(handle_of(db), err);
	return ERR_OK;
}

const struct db_driver db_driver_sqlite = {
	.add_function = lite_add_function,
	.dialect = DB_SQLITE,
	.open = lite_open,
	.close = lite_close,
	.prepare = lite_prepare,
	.finalize = lite_finalize,
	.reset = lite_reset,
	.bind_i64 = lite_bind_i64,
	.bind_str = lite_bind_str,
	.bind_null = lite_bind_null,
	.step = lite_step,
	.run = lite_run,
	.is_null = lite_is_null,
	.i64 = lite_i64,
	.str = lite_str,
	.column_count = lite_column_count,
	.column_name = lite_column_name,
	.script = lite_script,
	.begin = lite_begin,
	.commit = lite_commit,
	.rollback = lite_rollback,
	.batch = lite_batch,
};
