/* What the two drivers and db.c share; nobody else includes it. */
#ifndef XZ_DB_DB_PRIVATE_H
#define XZ_DB_DB_PRIVATE_H

#include "db/db.h"

struct db_driver {
	enum db_dialect dialect;
	enum err_code (*open)(struct db *db, struct err *err); /* sets db->handle */
	void (*close)(struct db *db);
	enum err_code (*prepare)(struct db *db, struct db_stmt *q, struct err *err); /* sets q->handle */
	void (*finalize)(struct db_stmt *q);
	void (*reset)(struct db_stmt *q); /* drops results and bindings */
	void (*bind_i64)(struct db_stmt *q, int index, int64_t v);
	void (*bind_str)(struct db_stmt *q, int index, struct str v);
	void (*bind_null)(struct db_stmt *q, int index);
	enum err_code (*step)(struct db_stmt *q, bool *ret_row, struct err *err);
	enum err_code (*run)(struct db_stmt *q, int64_t *ret_changed, struct err *err);
	bool (*is_null)(struct db_stmt *q, int column);
	int64_t (*i64)(struct db_stmt *q, int column);
	struct str (*str)(struct db_stmt *q, int column);
	int (*column_count)(struct db_stmt *q);
	const char *(*column_name)(struct db_stmt *q, int column);
	enum err_code (*script)(struct db *db, const char *sql, struct err *err);
	enum err_code (*begin)(struct db *db, bool read_only, struct err *err);
	enum err_code (*commit)(struct db *db, struct err *err);
	void (*rollback)(struct db *db);
	enum err_code (*batch)(struct db *db, bool on, struct err *err);
	enum err_code (*add_function)(
		struct db *db, const char *name, int args, bool (*function)(const int64_t *args, int64_t *ret), struct err *err);
};

struct db_stmt {
	struct db *db;
	struct db_stmt *next; /* in its hash bucket */
	char *sql;            /* owned, NUL-terminated */
	size_t sql_len;
	void *handle; /* the driver's */
	bool in_use;
	bool cached; /* false: made because the cached one was in use; finalized when done */
	bool stream;
	bool in_order; /* SQLite: parameter $n is number n */
};

struct db_tx {
	struct db *db;
};

#define STMT_BUCKETS 128

struct db {
	const struct db_driver *driver;
	void *handle;
	char *url;
	struct db_stmt *stmts[STMT_BUCKETS];
	int tx_depth;
	bool tx_read_only;
	bool tx_doomed; /* an inner transaction rolled back: the outer one may only roll back too */
	struct db_tx tx;
};

extern const struct db_driver db_driver_sqlite;
extern const struct db_driver db_driver_pg;

#endif
