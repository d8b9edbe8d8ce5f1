/* One database handle over SQLite and PostgreSQL. SQL text is the same for both: $1…$n parameters, keyset paging,
 * ON CONFLICT (columns), no vendor functions (design rules: docs/adr/0003). Queries live in <module>.sql and become
 * `SQL_<NAME>` constants at build time (tools/sqlgen.sh); text made at run time is for dictionary tables and rules only
 * and goes through db_prepare_text with identifiers that the dictionary has checked.
 *
 * Threads: a `struct db` belongs to one thread at a time. On SQLite all writers of a process queue on one mutex inside
 * db_begin (WAL: readers never wait); on PostgreSQL a transaction that lost a race ends in ERR_RETRY and is run again by
 * db_transact. */
#ifndef XZ_DB_DB_H
#define XZ_DB_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct db;
struct db_stmt;
struct db_tx;

enum db_dialect { DB_SQLITE, DB_PG };

/** A named query; `pg` is NULL when both dialects share `sqlite`'s text. */
struct query {
	const char *name;
	const char *sqlite;
	const char *pg;
};

/** "sqlite:/path/file.db" or "postgres://…" / "postgresql://…" (anything libpq takes). The SQLite file is made when absent. */
enum err_code db_open(struct str url, struct db **ret, struct err *err);
void db_close(struct db *db); /* NULL is a no-op */
void db_closep(struct db **db);
enum db_dialect db_dialect(const struct db *db);
/** The URL it was opened with, for opening another connection for another thread. */
struct str db_url(const struct db *db);

/** Prepares (or finds prepared) and clears old bindings. The statement is borrowed from the connection's cache until db_stmt_done. */
enum err_code db_prepare(struct db *db, const struct query *q, struct db_stmt **ret, struct err *err);
enum err_code db_prepare_text(struct db *db, struct str sql, struct db_stmt **ret, struct err *err);
/** As db_prepare_text, for text that is used once: it is not kept in the connection's cache. */
enum err_code db_prepare_once(struct db *db, struct str sql, struct db_stmt **ret, struct err *err);
/** Ends the use of a statement: results are dropped, it stays cached. CLEANUP(db_stmt_donep). */
void db_stmt_done(struct db_stmt *q);
void db_stmt_donep(struct db_stmt **q);

/* Parameters count from 1. Text and blobs are copied. Unbound parameters are NULL. */
void db_bind_i64(struct db_stmt *q, int index, int64_t v);
void db_bind_bool(struct db_stmt *q, int index, bool v);      /* stored as 0/1 in SMALLINT */
void db_bind_str(struct db_stmt *q, int index, struct str v); /* NULL ptr binds NULL; empty text binds '' */
void db_bind_null(struct db_stmt *q, int index);
/** "%text%" for LIKE … ESCAPE '\', its own %, _ and \ escaped; empty text binds ''. The second trims and lowers ASCII letters first. */
void db_bind_like(struct db_stmt *q, int index, struct str text);
void db_bind_like_lower(struct db_stmt *q, int index, struct str text);
/** The smallest text above every text that starts with prefix: [prefix, end) is a subtree of paths ("/1/2/"). Empty: above every path. */
void db_bind_prefix_end(struct db_stmt *q, int index, struct str prefix);
/** ISO date; DAY_NONE binds NULL. */
void db_bind_day(struct db_stmt *q, int index, int32_t day);
/** Zero identifiers bind NULL. */
void db_bind_id(struct db_stmt *q, int index, int64_t id);

/** Runs or continues: *ret_row is true while a row is there. Errors: UNIQUE, REFERENCE, RETRY, DB. */
enum err_code db_step(struct db_stmt *q, bool *ret_row, struct err *err);
/** Runs a statement that returns no rows; *ret_changed (may be NULL) gets the number of rows changed. */
enum err_code db_run(struct db_stmt *q, int64_t *ret_changed, struct err *err);

/** Before the first step of a scan over very many rows: rows are then fetched one by one instead of all at once (PostgreSQL); no other
 * statement may run on this connection until the scan is done. */
void db_stmt_stream(struct db_stmt *q);

/* Columns count from 0 and are valid until the next step. NULL reads as 0, empty view, DAY_NONE. */
bool db_is_null(struct db_stmt *q, int column);
int64_t db_i64(struct db_stmt *q, int column);
bool db_bool(struct db_stmt *q, int column);
struct str db_str(struct db_stmt *q, int column);                        /* borrowed until the next step */
struct str db_str_dup(struct db_stmt *q, int column, struct arena *mem); /* copy; NULL ptr for SQL NULL */
int32_t db_day(struct db_stmt *q, int column);
int db_column_count(struct db_stmt *q); /* after the first step */
struct str db_column_name(struct db_stmt *q, int column);

/**
 * Opens a transaction that undoes itself: CLEANUP(db_rollbackp) struct db_tx *tx = NULL; … return db_commit(&tx, err).
 * Inside an open transaction of the same connection it nests: the inner commit does nothing, an inner rollback dooms the outer one.
 */
enum err_code db_begin(struct db *db, struct db_tx **ret, struct err *err);
/** A transaction that only reads and sees one state of the data from begin to end; writers go on. End it like any other. */
enum err_code db_begin_read(struct db *db, struct db_tx **ret, struct err *err);
enum err_code db_commit(struct db_tx **tx, struct err *err);
void db_rollbackp(struct db_tx **tx);
bool db_in_tx(const struct db *db);

/** Runs body in a transaction and again (up to 8 times, backing off) while it ends in ERR_RETRY. `body` must have no effect outside the
 * database. */
enum err_code db_transact(struct db *db, enum err_code (*body)(struct db *db, void *arg, struct err *err), void *arg, struct err *err);

/** Several statements without parameters or results: schema only. The word TEXT becomes TEXT COLLATE "C" on PostgreSQL, so that text sorts
 * alike. */
enum err_code db_exec_script(struct db *db, struct str sql, struct err *err);

/**
 * A function of integers that SQL text on this connection may call, for SQLite, whose arithmetic ends at 64 bits and cannot be taught
 * otherwise. It must be a pure function of its arguments; null when any of them is, or when it returns false.
 *
 * @param args  how many, at most 4
 * Errors: ERR_UNSUPPORTED on PostgreSQL, which has NUMERIC.
 */
enum err_code db_add_function(
	struct db *db, const char *name, int args, bool (*function)(const int64_t *args, int64_t *ret), struct err *err);

/**
 * Bulk writing: between begin and end, db_run on PostgreSQL is sent without waiting for its answer (libpq pipeline), 200 times as fast over
 * a network; its error then surfaces at a later call or at db_batch_end, and *ret_changed is unknown (-1). On SQLite nothing changes. Use
 * inside a transaction only; db_step may be called in between and waits for everything before it.
 */
enum err_code db_batch_begin(struct db *db, struct err *err);
enum err_code db_batch_end(struct db *db, struct err *err);

/** Brings the schema up to date from the built-in assets "sql/migrations/NNNN_name.sql", each once, in the order of their names, each in
 * its own transaction. `NNNN_name.sqlite.sql` / `.pg.sql` run on one dialect only. Running again changes nothing. */
enum err_code db_migrate(struct db *db, int *ret_version, struct err *err);
/** How many migrations this program carries for a fresh store. */
int db_migration_count(void);
enum err_code db_schema_version(struct db *db, int *ret_version, struct err *err);

#endif
