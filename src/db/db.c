/* What is the same for both databases: the statement cache, nesting transactions, retry. */
#include "db/db_private.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/fault.h"

#define TRANSACT_TRIES_MAX 8
#define LIKE_BYTES_MAX 65536

enum err_code db_open(struct str url, struct db **ret, struct err *err)
{
	const struct db_driver *driver = str_starts(url, STR("sqlite:"))                                                ? &db_driver_sqlite
	                                 : str_starts(url, STR("postgres://")) || str_starts(url, STR("postgresql://")) ? &db_driver_pg
	                                                                                                                : NULL;
	struct db *db;
	enum err_code code;

	if (!driver)
		return err_set(err, ERR_INPUT, "数据库地址须以 sqlite: 或 postgres:// 开头，收到的是 %.*s",
			(int)(url.len > 40 ? 40 : url.len), url.ptr ? url.ptr : "");
	db = mem_alloc(1, sizeof(*db));
	if (!db)
		return err_nomem(err);
	db->driver = driver;
	db->tx.db = db;
	db->url = mem_alloc(url.len + 1, 1);
	if (!db->url) {
		free(db);
		return err_nomem(err);
	}
	memcpy(db->url, url.ptr, url.len);
	code = driver->open(db, err);
	if (code != ERR_OK) {
		free(db->url);
		free(db);
		return code;
	}
	*ret = db;
	return ERR_OK;
}

static void stmt_free(struct db_stmt *q)
{
	q->db->driver->finalize(q);
	free(q->sql);
	free(q);
}

void db_close(struct db *db)
{
	if (!db)
		return;
	if (db->tx_depth > 0)
		db->driver->rollback(db);
	for (int i = 0; i < STMT_BUCKETS; i++)
		for (struct db_stmt *q = db->stmts[i], *next; q; q = next) {
			next = q->next;
			stmt_free(q);
		}
	db->driver->close(db);
	free(db->url);
	free(db);
}

void db_closep(struct db **db)
{
	db_close(*db);
	*db = NULL;
}

enum db_dialect db_dialect(const struct db *db)
{
	return db->driver->dialect;
}

struct str db_url(const struct db *db)
{
	return str_of(db->url);
}

enum err_code db_prepare(struct db *db, const struct query *q, struct db_stmt **ret, struct err *err)
{
	return db_prepare_text(db, str_of(db->driver->dialect == DB_PG && q->pg ? q->pg : q->sqlite), ret, err);
}

static struct db_stmt *stmt_new(struct db *db, struct str sql)
{
	struct db_stmt *q = mem_alloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->db = db;
	q->sql_len = sql.len;
	q->sql = mem_alloc(sql.len + 1, 1);
	if (!q->sql) {
		free(q);
		return NULL;
	}
	memcpy(q->sql, sql.ptr, sql.len);
	return q;
}

enum err_code db_prepare_text(struct db *db, struct str sql, struct db_stmt **ret, struct err *err)
{
	struct db_stmt **bucket = &db->stmts[str_hash(sql) % STMT_BUCKETS];
	struct db_stmt *q = *bucket;
	enum err_code code;

	while (q && !str_eq((struct str){ .ptr = q->sql, .len = q->sql_len }, sql))
		q = q->next;
	if (q && !q->in_use) {
		q->in_use = true;
		q->stream = false;
		*ret = q;
		return ERR_OK;
	}
	bool cached = q == NULL;

	q = stmt_new(db, sql);
	if (!q)
		return err_nomem(err);
	code = fault_hit(FAULT_SQL) ? err_set(err, ERR_DB, "数据库错误（注入）") : db->driver->prepare(db, q, err);
	if (code != ERR_OK) {
		free(q->sql);
		free(q);
		return code;
	}
	q->cached = cached;
	q->in_use = true;
	if (cached) {
		q->next = *bucket;
		*bucket = q;
	}
	*ret = q;
	return ERR_OK;
}

enum err_code db_prepare_once(struct db *db, struct str sql, struct db_stmt **ret, struct err *err)
{
	struct db_stmt *q = stmt_new(db, sql);
	enum err_code code;

	if (!q)
		return err_nomem(err);
	code = fault_hit(FAULT_SQL) ? err_set(err, ERR_DB, "数据库错误（注入）") : db->driver->prepare(db, q, err);
	if (code != ERR_OK) {
		free(q->sql);
		free(q);
		return code;
	}
	q->in_use = true;
	*ret = q;
	return ERR_OK;
}

void db_stmt_done(struct db_stmt *q)
{
	if (!q)
		return;
	assert(q->in_use);
	if (!q->cached) {
		stmt_free(q);
		return;
	}
	q->db->driver->reset(q);
	q->in_use = false;
}

void db_stmt_donep(struct db_stmt **q)
{
	db_stmt_done(*q);
	*q = NULL;
}

void db_stmt_stream(struct db_stmt *q)
{
	q->stream = true;
}

void db_bind_i64(struct db_stmt *q, int index, int64_t v)
{
	q->db->driver->bind_i64(q, index, v);
}

void db_bind_bool(struct db_stmt *q, int index, bool v)
{
	q->db->driver->bind_i64(q, index, v);
}

void db_bind_str(struct db_stmt *q, int index, struct str v)
{
	if (v.ptr)
		q->db->driver->bind_str(q, index, v);
	else
		q->db->driver->bind_null(q, index);
}

/** "%…%" for LIKE … ESCAPE '\', its own characters escaped, letters lowered when asked for. Empty text binds ''. */
static void bind_like(struct db_stmt *q, int index, struct str text, bool lower)
{
	CLEANUP(buf_clear) struct buf out;

	buf_init(&out, LIKE_BYTES_MAX);
	if (text.len)
		buf_putc(&out, '%');
	for (size_t i = 0; i < text.len; i++) {
		if (strchr("%_\\", text.ptr[i]))
			buf_putc(&out, '\\');
		buf_putc(&out, (char)(lower ? tolower((unsigned char)text.ptr[i]) : text.ptr[i]));
	}
	if (text.len)
		buf_putc(&out, '%');
	if (out.failed)
		db_bind_null(q, index); /* LIKE NULL finds nothing */
	else
		db_bind_str(q, index, text.len ? buf_str(&out) : STR(""));
}

void db_bind_like(struct db_stmt *q, int index, struct str text)
{
	bind_like(q, index, text, false);
}

void db_bind_like_lower(struct db_stmt *q, int index, struct str text)
{
	bind_like(q, index, str_trim(text), true);
}

void db_bind_prefix_end(struct db_stmt *q, int index, struct str prefix)
{
	char end[256];

	if (prefix.len == 0 || prefix.len >= sizeof(end)) {
		db_bind_str(q, index, STR("0"));
		return;
	}
	memcpy(end, prefix.ptr, prefix.len);
	end[prefix.len - 1]++;
	db_bind_str(q, index, (struct str){ .ptr = end, .len = prefix.len });
}

void db_bind_null(struct db_stmt *q, int index)
{
	q->db->driver->bind_null(q, index);
}

void db_bind_day(struct db_stmt *q, int index, int32_t day)
{
	char text[11];

	if (day == DAY_NONE) {
		db_bind_null(q, index);
		return;
	}
	day_format(day, text);
	db_bind_str(q, index, str_of(text));
}

void db_bind_id(struct db_stmt *q, int index, int64_t id)
{
	if (id == 0)
		db_bind_null(q, index);
	else
		db_bind_i64(q, index, id);
}

enum err_code db_step(struct db_stmt *q, bool *ret_row, struct err *err)
{
	if (fault_hit(FAULT_SQL))
		return err_set(err, ERR_DB, "数据库错误（注入）");
	return q->db->driver->step(q, ret_row, err);
}

enum err_code db_run(struct db_stmt *q, int64_t *ret_changed, struct err *err)
{
	int64_t changed;

	if (fault_hit(FAULT_SQL))
		return err_set(err, ERR_DB, "数据库错误（注入）");
	TRY(q->db->driver->run(q, &changed, err));
	if (ret_changed)
		*ret_changed = changed;
	return ERR_OK;
}

bool db_is_null(struct db_stmt *q, int column)
{
	return q->db->driver->is_null(q, column);
}

int64_t db_i64(struct db_stmt *q, int column)
{
	return q->db->driver->i64(q, column);
}

bool db_bool(struct db_stmt *q, int column)
{
	return db_i64(q, column) != 0;
}

struct str db_str(struct db_stmt *q, int column)
{
	return q->db->driver->str(q, column);
}

struct str db_str_dup(struct db_stmt *q, int column, struct arena *mem)
{
	return db_is_null(q, column) ? (struct str){ 0 } : str_dup(mem, db_str(q, column));
}

int32_t db_day(struct db_stmt *q, int column)
{
	int32_t day;

	return day_parse(db_str(q, column), &day) ? day : DAY_NONE;
}

int db_column_count(struct db_stmt *q)
{
	return q->db->driver->column_count(q);
}

struct str db_column_name(struct db_stmt *q, int column)
{
	return str_of(q->db->driver->column_name(q, column));
}

static enum err_code begin(struct db *db, bool read_only, struct db_tx **ret, struct err *err)
{
	if (db->tx_depth == 0) {
		if (fault_hit(FAULT_SQL))
			return err_set(err, ERR_DB, "数据库错误（注入）");
		TRY(db->driver->begin(db, read_only, err));
		db->tx_doomed = false;
		db->tx_read_only = read_only;
	}
	assert(read_only || !db->tx_read_only); /* a writer inside a reader would see an old state */
	db->tx_depth++;
	*ret = &db->tx;
	return ERR_OK;
}

enum err_code db_begin(struct db *db, struct db_tx **ret, struct err *err)
{
	return begin(db, false, ret, err);
}

enum err_code db_begin_read(struct db *db, struct db_tx **ret, struct err *err)
{
	return begin(db, true, ret, err);
}

enum err_code db_commit(struct db_tx **tx, struct err *err)
{
	struct db *db = (*tx)->db;

	if (db->tx_depth > 1) {
		*tx = NULL;
		db->tx_depth--;
		return db->tx_doomed ? err_set(err, ERR_INTERNAL, "事务的一部分已回滚") : ERR_OK;
	}
	if (db->tx_doomed || fault_hit(FAULT_SQL))
		return err_set(err, ERR_DB, "事务未能提交"); /* the caller's cleanup rolls back */
	TRY(db->driver->commit(db, err));
	db->tx_depth = 0;
	*tx = NULL;
	return ERR_OK;
}

void db_rollbackp(struct db_tx **tx)
{
	struct db *db;

	if (!*tx)
		return;
	db = (*tx)->db;
	*tx = NULL;
	if (--db->tx_depth > 0) {
		db->tx_doomed = true;
		return;
	}
	db->driver->rollback(db);
}

bool db_in_tx(const struct db *db)
{
	return db->tx_depth > 0;
}

static enum err_code transact_once(
	struct db *db, enum err_code (*body)(struct db *db, void *arg, struct err *err), void *arg, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;

	TRY(db_begin(db, &tx, err));
	TRY(body(db, arg, err));
	return db_commit(&tx, err);
}

enum err_code db_transact(struct db *db, enum err_code (*body)(struct db *db, void *arg, struct err *err), void *arg, struct err *err)
{
	enum err_code code = transact_once(db, body, arg, err);

	for (int i = 1; code == ERR_RETRY && i < TRANSACT_TRIES_MAX && !db_in_tx(db); i++) {
		nanosleep(&(struct timespec){ .tv_nsec = (1000000l << i) + (long)(intptr_t)db % 1000000 }, NULL);
		code = transact_once(db, body, arg, err);
	}
	return code;
}

/** Puts COLLATE "C" behind every TEXT that stands as a word of its own. */
static char *collated(const char *sql, size_t len)
{
	static const char collate[] = " COLLATE \"C\"";
	char *out = mem_alloc(len * 4 + 1, 1);
	size_t at = 0;

	for (size_t i = 0; out && i < len; i++) {
		out[at++] = sql[i];
		bool word = i >= 4 && memcmp(sql + i - 3, "TEXT", 4) == 0 && strchr(" \t\n(", sql[i - 4]) &&
		            (i + 1 == len || strchr(" \t\n,)", sql[i + 1]));

		if (word) {
			memcpy(out + at, collate, sizeof(collate) - 1);
			at += sizeof(collate) - 1;
		}
	}
	return out;
}

enum err_code db_exec_script(struct db *db, struct str sql, struct err *err)
{
	CLEANUP(mem_freep) char *text = NULL;

	if (db->driver->dialect == DB_PG) {
		text = collated(sql.ptr, sql.len);
	} else {
		text = mem_alloc(sql.len + 1, 1);
		if (text)
			memcpy(text, sql.ptr, sql.len);
	}
	if (!text)
		return err_nomem(err);
	return db->driver->script(db, text, err);
}

enum err_code db_add_function(
	struct db *db, const char *name, int args, bool (*function)(const int64_t *args, int64_t *ret), struct err *err)
{
	return db->driver->add_function(db, name, args, function, err);
}

enum err_code db_batch_begin(struct db *db, struct err *err)
{
	assert(db_in_tx(db));
	return db->driver->batch(db, true, err);
}

enum err_code db_batch_end(struct db *db, struct err *err)
{
	return db->driver->batch(db, false, err);
}
