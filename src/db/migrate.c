/* Forward-only migrations from the built-in files; each runs once, in the order of its name, in a transaction of its own. */
#include "db/db.h"

#include "base/asset.h"
#include "base/date.h"
#include "db_sql.h"

#define MIGRATION_MEMORY_MAX (32u << 20)

static const struct str folder = STR_INIT("sql/migrations/");

/** NNNN at the start of the file's name. */
static int64_t version_of(struct str name)
{
	int64_t version;

	return str_to_i64(str_sub(name, 0, 4), &version) ? version : 0;
}

static bool is_for_dialect(struct str name, enum db_dialect dialect)
{
	if (str_ends(name, STR(".sqlite.sql")))
		return dialect == DB_SQLITE;
	if (str_ends(name, STR(".pg.sql")))
		return dialect == DB_PG;
	return true;
}

static enum err_code is_done(struct db *db, struct str name, bool *ret_done, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_MIGRATION_DONE, &q, err));
	db_bind_str(q, 1, name);
	return db_step(q, ret_done, err);
}

static enum err_code note_done(struct db *db, struct str name, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_MIGRATION_ADD, &q, err));
	db_bind_str(q, 1, name);
	db_bind_i64(q, 2, version_of(name));
	db_bind_i64(q, 3, time_now_ms());
	return db_run(q, NULL, err);
}

static enum err_code lock(struct db *db, struct err *err)
{
	if (db_dialect(db) == DB_PG)
		return db_exec_script(db, str_of(SQL_MIGRATION_LOCK.pg), err);
	return ERR_OK;
}

static enum err_code apply(struct db *db, const struct asset_file *file, struct str name, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	bool done;

	TRY(db_begin(db, &tx, err));
	TRY(lock(db, err));
	TRY(is_done(db, name, &done, err));
	if (!done) {
		if (db_exec_script(db, file->text, err) != ERR_OK)
			return err_prefix(err, "迁移 %.*s", STR_ARG(name));
		TRY(note_done(db, name, err));
	}
	return db_commit(&tx, err);
}

enum err_code db_migrate(struct db *db, int *ret_version, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(MIGRATION_MEMORY_MAX);
	struct asset_file *files;
	size_t count;

	if (!mem)
		return err_nomem(err);
	TRY(db_exec_script(db,
		STR("CREATE TABLE IF NOT EXISTS schema_version (name TEXT PRIMARY KEY, version BIGINT NOT NULL, applied_ms BIGINT NOT "
		    "NULL)"),
		err));
	TRY(asset_list(NULL, folder, STR(".sql"), mem, &files, &count, err));
	for (size_t i = 0; i < count; i++) {
		struct str name = str_sub(files[i].path, folder.len, files[i].path.len);

		if (is_for_dialect(name, db_dialect(db)))
			TRY(apply(db, &files[i], name, err));
	}
	return db_schema_version(db, ret_version, err);
}

int db_migration_count(void)
{
	int count = 0;

	for (size_t i = 0; i < asset_builtin_count; i++) {
		struct str path = str_of(asset_builtin[i].path);

		count += str_starts(path, folder) && str_ends(path, STR(".sql")) && !str_ends(path, STR(".pg.sql"));
	}
	return count;
}

enum err_code db_schema_version(struct db *db, int *ret_version, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_MIGRATION_LAST, &q, err));
	TRY(db_step(q, &row, err));
	*ret_version = (int)db_i64(q, 0);
	return ERR_OK;
}
