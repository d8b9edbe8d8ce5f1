/* Runs the queries of auth.sql. */
#include "auth/auth_private.h"

#include <stdlib.h>

#include "auth_sql.h"
#include "base/vec.h"

static struct account read_account(struct db_stmt *q, int at, struct arena *mem)
{
	return (struct account){ .id = db_i64(q, at),
		.name = db_str_dup(q, at + 1, mem),
		.display_name = db_str_dup(q, at + 2, mem),
		.org_id = db_i64(q, at + 3),
		.password_hash = db_str_dup(q, at + 4, mem),
		.roles = (unsigned int)db_i64(q, at + 5),
		.enabled = db_bool(q, at + 6),
		.must_change_password = db_bool(q, at + 7),
		.created_ms = db_i64(q, at + 8) };
}

enum err_code account_insert(struct db *db, const struct account *a, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_ACCOUNT_INSERT, &q, err));
	db_bind_i64(q, 1, a->id);
	db_bind_str(q, 2, a->name);
	db_bind_str(q, 3, a->display_name.ptr ? a->display_name : a->name);
	db_bind_id(q, 4, a->org_id);
	db_bind_str(q, 5, a->password_hash);
	db_bind_i64(q, 6, a->roles);
	db_bind_bool(q, 7, a->enabled);
	db_bind_bool(q, 8, a->must_change_password);
	db_bind_i64(q, 9, a->created_ms);
	return db_run(q, NULL, err);
}

enum err_code auth_account_get(struct db *db, int64_t id, struct arena *mem, struct account *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_ACCOUNT_BY_ID, &q, err));
	db_bind_i64(q, 1, id);
	TRY(db_step(q, &row, err));
	if (!row)
		return err_set(err, ERR_NOT_FOUND, "没有这个账号");
	*ret = read_account(q, 0, mem);
	return ERR_OK;
}

enum err_code auth_account_find(struct db *db, struct str name, struct arena *mem, struct account *ret, bool *ret_found, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_ACCOUNT_BY_NAME, &q, err));
	db_bind_str(q, 1, name.ptr ? name : STR(""));
	TRY(db_step(q, ret_found, err));
	if (*ret_found)
		*ret = read_account(q, 0, mem);
	return ERR_OK;
}

/** "%…%" with LIKE's own characters escaped. */
static struct str like_pattern(struct str text, struct arena *mem)
{
	char *out = ARENA_NEW(mem, char, text.len * 2 + 3);
	size_t at = 0;

	if (!out)
		return (struct str){ 0 };
	out[at++] = '%';
	for (size_t i = 0; i < text.len; i++) {
		if (strchr("%_\\", text.ptr[i]))
			out[at++] = '\\';
		out[at++] = text.ptr[i];
	}
	out[at++] = '%';
	return (struct str){ .ptr = out, .len = at };
}

enum err_code account_page(struct db *db, int64_t after_id, struct str q_text, int limit, struct arena *mem, struct account **ret, size_t *ret_count,
	struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct account *found = ARENA_NEW(mem, struct account, (size_t)limit + 1);
	size_t count = 0;
	bool row;

	if (!found)
		return err_nomem(err);
	TRY(db_prepare(db, &SQL_ACCOUNT_PAGE, &q, err));
	db_bind_i64(q, 1, after_id);
	db_bind_str(q, 2, q_text.ptr ? q_text : STR(""));
	db_bind_str(q, 3, like_pattern(q_text, mem));
	db_bind_i64(q, 4, limit);
	TRY(db_step(q, &row, err));
	while (row) {
		found[count++] = read_account(q, 0, mem);
		TRY(db_step(q, &row, err));
	}
	*ret = found;
	*ret_count = count;
	return ERR_OK;
}

enum err_code auth_account_count(struct db *db, int64_t *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_ACCOUNT_TOTAL, &q, err));
	TRY(db_step(q, &row, err));
	*ret = db_i64(q, 0);
	return ERR_OK;
}

enum err_code account_set_rights(struct db *db, int64_t id, unsigned int roles, bool enabled, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_ACCOUNT_SET_RIGHTS, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_i64(q, 2, roles);
	db_bind_bool(q, 3, enabled);
	return db_run(q, NULL, err);
}

enum err_code account_set_names(struct db *db, int64_t id, struct str display_name, int64_t org_id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_ACCOUNT_SET_NAMES, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, display_name);
	db_bind_id(q, 3, org_id);
	return db_run(q, NULL, err);
}

enum err_code account_set_password(struct db *db, int64_t id, struct str hash, bool must_change, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_ACCOUNT_SET_PASSWORD, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, hash);
	db_bind_bool(q, 3, must_change);
	return db_run(q, NULL, err);
}

enum err_code session_insert(struct db *db, int64_t id, struct str token_sm3, int64_t account_id, struct str csrf, struct str remote, int64_t now_ms,
	struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_SESSION_INSERT, &q, err));
	db_bind_str(q, 1, token_sm3);
	db_bind_i64(q, 2, id);
	db_bind_i64(q, 3, account_id);
	db_bind_str(q, 4, csrf);
	db_bind_str(q, 5, remote.ptr ? remote : STR(""));
	db_bind_i64(q, 6, now_ms);
	return db_run(q, NULL, err);
}

enum err_code session_find(struct db *db, struct str token_sm3, struct arena *mem, struct session_row *ret, bool *ret_found, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_SESSION_BY_TOKEN, &q, err));
	db_bind_str(q, 1, token_sm3);
	TRY(db_step(q, ret_found, err));
	if (*ret_found)
		*ret = (struct session_row){ .id = db_i64(q, 0),
			.csrf = db_str_dup(q, 1, mem),
			.created_ms = db_i64(q, 2),
			.seen_ms = db_i64(q, 3),
			.account = read_account(q, 4, mem) };
	return ERR_OK;
}

enum err_code session_seen(struct db *db, int64_t id, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_SESSION_SEEN, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_i64(q, 2, now_ms);
	return db_run(q, NULL, err);
}

static enum err_code run_with_id(struct db *db, const struct query *query, int64_t id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, query, &q, err));
	db_bind_i64(q, 1, id);
	return db_run(q, NULL, err);
}

enum err_code session_delete(struct db *db, int64_t id, struct err *err)
{
	return run_with_id(db, &SQL_SESSION_DELETE, id, err);
}

enum err_code session_delete_of_account(struct db *db, int64_t account_id, struct err *err)
{
	return run_with_id(db, &SQL_SESSION_DELETE_OF_ACCOUNT, account_id, err);
}

enum err_code session_delete_old(struct db *db, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_SESSION_DELETE_OLD, &q, err));
	db_bind_i64(q, 1, now_ms - AUTH_LIFE_MS);
	db_bind_i64(q, 2, now_ms - AUTH_IDLE_MS);
	return db_run(q, NULL, err);
}

enum err_code attempt_get(struct db *db, const char *kind, struct str name, int64_t *ret_failures, int64_t *ret_last_ms, int64_t *ret_locked_until_ms,
	struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_ATTEMPT_GET, &q, err));
	db_bind_str(q, 1, str_of(kind));
	db_bind_str(q, 2, name.ptr ? name : STR(""));
	TRY(db_step(q, &row, err));
	*ret_failures = row ? db_i64(q, 0) : 0;
	*ret_last_ms = row ? db_i64(q, 1) : 0;
	*ret_locked_until_ms = row ? db_i64(q, 2) : 0;
	return ERR_OK;
}

enum err_code attempt_put(struct db *db, const char *kind, struct str name, int64_t failures, int64_t now_ms, int64_t locked_until_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_ATTEMPT_PUT, &q, err));
	db_bind_str(q, 1, str_of(kind));
	db_bind_str(q, 2, name.ptr ? name : STR(""));
	db_bind_i64(q, 3, failures);
	db_bind_i64(q, 4, now_ms);
	db_bind_i64(q, 5, locked_until_ms);
	return db_run(q, NULL, err);
}

enum err_code attempt_clear(struct db *db, const char *kind, struct str name, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_ATTEMPT_CLEAR, &q, err));
	db_bind_str(q, 1, str_of(kind));
	db_bind_str(q, 2, name.ptr ? name : STR(""));
	return db_run(q, NULL, err);
}
