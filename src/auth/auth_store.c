/* Runs the queries of auth.sql. */
#include "auth/auth_private.h"

#include <stdlib.h>

#include "auth_sql.h"
#include "base/date.h"
#include "base/vec.h"

static struct str or_empty(struct str s)
{
	return s.ptr ? s : STR("");
}

static int64_t time_or_none(struct db_stmt *q, int column)
{
	return db_is_null(q, column) ? TIME_NONE : db_i64(q, column);
}

static struct account_secret read_account(struct db_stmt *q, struct arena *mem)
{
	struct account_secret s = { .a = { .id = db_i64(q, 0),
					    .name = db_str_dup(q, 1, mem),
					    .display_name = db_str_dup(q, 2, mem),
					    .org_id = db_i64(q, 3),
					    .scope_org_id = db_i64(q, 4),
					    .roles = auth_roles_parse(db_str(q, 5)),
					    .enabled = db_bool(q, 6),
					    .must_change = db_bool(q, 7),
					    .demo = db_bool(q, 8),
					    .version = db_i64(q, 9),
					    .created_ms = db_i64(q, 10),
					    .last_login_ms = time_or_none(q, 11),
					    .locked_until_ms = TIME_NONE,
					    .org_name = db_str_dup(q, 16, mem),
					    .org_path = db_str_dup(q, 17, mem) },
		.password_hash = db_str_dup(q, 12, mem),
		.totp_secret = db_str_dup(q, 13, mem),
		.totp_pending = db_str_dup(q, 14, mem),
		.totp_step = db_i64(q, 15) };

	s.a.has_totp = s.totp_secret.len > 0;
	org_kind_parse(db_str(q, 18), &s.a.org_kind);
	org_level_parse(db_str(q, 19), &s.a.org_level);
	return s;
}

static enum err_code one_account(struct db_stmt *q, struct arena *mem, struct account_secret *ret, bool *ret_found, struct err *err)
{
	TRY(db_step(q, ret_found, err));
	if (*ret_found)
		*ret = read_account(q, mem);
	return ERR_OK;
}

enum err_code auth_secret_by_id(struct db *db, int64_t id, struct arena *mem, struct account_secret *ret, bool *ret_found, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_ACCOUNT_BY_ID, &q, err));
	db_bind_i64(q, 1, id);
	return one_account(q, mem, ret, ret_found, err);
}

enum err_code auth_secret_by_name(
	struct db *db, struct str key, struct arena *mem, struct account_secret *ret, bool *ret_found, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_ACCOUNT_BY_NAME, &q, err));
	db_bind_str(q, 1, or_empty(key));
	return one_account(q, mem, ret, ret_found, err);
}

static enum err_code many_accounts(struct db_stmt *q, struct arena *mem, struct account **ret, size_t *ret_count, struct err *err)
{
	VEC(struct account) found = { 0 };
	struct account *copy = NULL;
	enum err_code code;
	bool row = true;

	while ((code = db_step(q, &row, err)) == ERR_OK && row)
		if (!vec_push(&found, read_account(q, mem).a)) {
			code = err_nomem(err);
			break;
		}
	if (code == ERR_OK && !(copy = ARENA_NEW(mem, struct account, found.len + 1)))
		code = err_nomem(err);
	if (code == ERR_OK) {
		if (found.len > 0)
			memcpy(copy, found.v, found.len * sizeof(*copy));
		*ret = copy;
		*ret_count = found.len;
	}
	vec_clear(&found);
	return code;
}

enum err_code auth_demo_accounts(struct db *db, struct arena *mem, struct account **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_ACCOUNT_DEMO, &q, err));
	return many_accounts(q, mem, ret, ret_count, err);
}

enum err_code auth_account_list(struct db *db, int64_t org_id, struct str text, int64_t after_id, int limit, struct arena *mem,
	struct account **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_ACCOUNT_PAGE, &q, err));
	db_bind_i64(q, 1, after_id);
	db_bind_i64(q, 2, org_id);
	db_bind_str(q, 3, or_empty(text));
	db_bind_like(q, 4, text);
	db_bind_i64(q, 5, limit);
	return many_accounts(q, mem, ret, ret_count, err);
}

static enum err_code one_number(struct db_stmt *q, int64_t *ret, struct err *err)
{
	bool row;

	TRY(db_step(q, &row, err));
	*ret = row ? db_i64(q, 0) : 0;
	return ERR_OK;
}

enum err_code auth_account_count(struct db *db, int64_t *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_ACCOUNT_COUNT, &q, err));
	return one_number(q, ret, err);
}

enum err_code auth_count_role(struct db *db, unsigned int role, int64_t id, struct arena *mem, int64_t *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_ACCOUNT_COUNT_ROLE, &q, err));
	db_bind_str(q, 1, auth_roles_text(role, mem));
	db_bind_i64(q, 2, id);
	return one_number(q, ret, err);
}

enum err_code auth_account_insert(struct db *db, const struct account_row *row, struct arena *mem, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_ACCOUNT_INSERT, &q, err));
	db_bind_i64(q, 1, row->id);
	db_bind_str(q, 2, row->name);
	db_bind_str(q, 3, row->display_name);
	db_bind_i64(q, 4, row->org_id);
	db_bind_id(q, 5, row->scope_org_id);
	db_bind_str(q, 6, auth_roles_text(row->roles, mem));
	db_bind_bool(q, 7, row->enabled);
	db_bind_bool(q, 8, row->must_change);
	db_bind_bool(q, 9, row->demo);
	db_bind_str(q, 10, row->password_hash);
	db_bind_i64(q, 11, row->created_ms);
	return db_run(q, NULL, err);
}

enum err_code auth_account_seed(struct db *db, const struct account_row *row, struct arena *mem, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_ACCOUNT_SEED, &q, err));
	db_bind_i64(q, 1, row->id);
	db_bind_str(q, 2, row->display_name);
	db_bind_i64(q, 3, row->org_id);
	db_bind_str(q, 4, auth_roles_text(row->roles, mem));
	db_bind_bool(q, 5, row->enabled);
	db_bind_bool(q, 6, row->must_change);
	db_bind_bool(q, 7, row->demo);
	db_bind_str(q, 8, row->password_hash);
	return db_run(q, NULL, err);
}

enum err_code auth_account_rights(
	struct db *db, int64_t id, unsigned int roles, int64_t scope_org_id, bool enabled, struct arena *mem, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_ACCOUNT_RIGHTS, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, auth_roles_text(roles, mem));
	db_bind_id(q, 3, scope_org_id);
	db_bind_bool(q, 4, enabled);
	return db_run(q, NULL, err);
}

/** UPDATE … SET text = $2 WHERE id = $1 */
static enum err_code set_text(struct db *db, const struct query *query, int64_t id, struct str text, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, query, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, text);
	return db_run(q, NULL, err);
}

/** The same with a number; *ret_changed may be NULL. */
static enum err_code set_number(struct db *db, const struct query *query, int64_t id, int64_t number, int64_t *ret_changed, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, query, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_i64(q, 2, number);
	return db_run(q, ret_changed, err);
}

enum err_code auth_account_display(struct db *db, int64_t id, struct str display_name, struct err *err)
{
	return set_text(db, &SQL_AUTH_ACCOUNT_DISPLAY, id, display_name, err);
}

enum err_code auth_account_move(struct db *db, int64_t id, int64_t org_id, struct err *err)
{
	return set_number(db, &SQL_AUTH_ACCOUNT_MOVE, id, org_id, NULL, err);
}

enum err_code auth_account_password(struct db *db, int64_t id, struct str hash, bool must_change, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_ACCOUNT_PASSWORD, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, hash);
	db_bind_bool(q, 3, must_change);
	return db_run(q, NULL, err);
}

enum err_code auth_account_reset(struct db *db, int64_t id, struct str hash, struct err *err)
{
	return set_text(db, &SQL_AUTH_ACCOUNT_RESET, id, hash, err);
}

enum err_code auth_account_signed_in(struct db *db, int64_t id, int64_t now_ms, struct err *err)
{
	return set_number(db, &SQL_AUTH_ACCOUNT_SIGNED_IN, id, now_ms, NULL, err);
}

enum err_code auth_totp_set(struct db *db, int64_t id, struct str secret, struct str pending, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_TOTP_SET, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, secret.len ? secret : (struct str){ 0 });
	db_bind_str(q, 3, pending.len ? pending : (struct str){ 0 });
	return db_run(q, NULL, err);
}

enum err_code auth_totp_used(struct db *db, int64_t id, int64_t step, bool *ret_fresh, struct err *err)
{
	int64_t changed;

	TRY(set_number(db, &SQL_AUTH_TOTP_USED, id, step, &changed, err));
	*ret_fresh = changed == 1;
	return ERR_OK;
}

/* ---- sessions ---- */

static void read_actor(struct db_stmt *q, struct arena *mem, struct session_row *ret)
{
	enum org_kind kind = ORG_AGENCY, parent_kind = ORG_AGENCY;
	enum org_level parent_level = ORG_CITY;
	unsigned int roles = auth_roles_parse(db_str(q, 2));
	struct str path = db_str_dup(q, 6, mem);
	struct str scope;

	org_kind_parse(db_str(q, 7), &kind);
	org_kind_parse(or_empty(db_str(q, 9)), &parent_kind);
	org_level_parse(or_empty(db_str(q, 10)), &parent_level);
	scope = auth_scope(roles, kind, path, parent_kind, parent_level, or_empty(db_str_dup(q, 8, mem)), or_empty(db_str_dup(q, 11, mem)));
	*ret = (struct session_row){ .who = { .account_id = db_i64(q, 0),
					     .name = db_str_dup(q, 1, mem),
					     .roles = roles,
					     .org_id = db_i64(q, 5),
					     .org_path = path,
					     .scope_path = scope,
					     .remote = STR(""),
					     .session_id = db_i64(q, 12) },
		.enabled = db_bool(q, 3),
		.must_change = db_bool(q, 4),
		.created_ms = db_i64(q, 13),
		.seen_ms = db_i64(q, 14) };
}

enum err_code auth_actor_by_token(
	struct db *db, struct str token_sm3, struct arena *mem, struct session_row *ret, bool *ret_found, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_ACTOR_BY_TOKEN, &q, err));
	db_bind_str(q, 1, token_sm3);
	TRY(db_step(q, ret_found, err));
	if (*ret_found)
		read_actor(q, mem, ret);
	return ERR_OK;
}

enum err_code auth_actor_by_account(
	struct db *db, int64_t account_id, struct arena *mem, struct session_row *ret, bool *ret_found, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_ACTOR_BY_ACCOUNT, &q, err));
	db_bind_i64(q, 1, account_id);
	TRY(db_step(q, ret_found, err));
	if (*ret_found)
		read_actor(q, mem, ret);
	return ERR_OK;
}

enum err_code auth_session_insert(
	struct db *db, int64_t id, struct str token_sm3, int64_t account_id, struct str remote, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_SESSION_INSERT, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, token_sm3);
	db_bind_i64(q, 3, account_id);
	db_bind_str(q, 4, or_empty(remote));
	db_bind_i64(q, 5, now_ms);
	return db_run(q, NULL, err);
}

enum err_code auth_session_seen(struct db *db, int64_t id, int64_t now_ms, struct err *err)
{
	return set_number(db, &SQL_AUTH_SESSION_SEEN, id, now_ms, NULL, err);
}

enum err_code auth_session_delete(struct db *db, int64_t id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_SESSION_DELETE, &q, err));
	db_bind_i64(q, 1, id);
	return db_run(q, NULL, err);
}

enum err_code auth_session_delete_of(struct db *db, int64_t account_id, int64_t but_id, struct err *err)
{
	return set_number(db, &SQL_AUTH_SESSION_DELETE_OF, account_id, but_id, NULL, err);
}

enum err_code auth_session_prune(struct db *db, int64_t now_ms, struct err *err)
{
	return set_number(db, &SQL_AUTH_SESSION_PRUNE, now_ms - AUTH_IDLE_MS, now_ms - AUTH_ABSOLUTE_MS, NULL, err);
}

/* ---- failures ---- */

enum err_code auth_attempt_insert(struct db *db, int64_t id, int64_t now_ms, struct str name, struct str remote, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_ATTEMPT_INSERT, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_i64(q, 2, now_ms);
	db_bind_str(q, 3, or_empty(name));
	db_bind_str(q, 4, or_empty(remote));
	return db_run(q, NULL, err);
}

enum err_code auth_attempt_forget(struct db *db, struct str name, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_ATTEMPT_FORGET, &q, err));
	db_bind_str(q, 1, or_empty(name));
	return db_run(q, NULL, err);
}

enum err_code auth_attempt_prune(struct db *db, int64_t before_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_AUTH_ATTEMPT_PRUNE, &q, err));
	db_bind_i64(q, 1, before_ms);
	return db_run(q, NULL, err);
}

enum err_code auth_attempts(
	struct db *db, bool by_remote, struct str key, int nth, int64_t *ret_newest_ms, int64_t *ret_nth_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int count = 0;
	bool row;

	*ret_newest_ms = *ret_nth_ms = TIME_NONE;
	TRY(db_prepare(db, by_remote ? &SQL_AUTH_ATTEMPT_BY_REMOTE : &SQL_AUTH_ATTEMPT_BY_NAME, &q, err));
	db_bind_str(q, 1, or_empty(key));
	db_bind_i64(q, 2, nth);
	TRY(db_step(q, &row, err));
	while (row) {
		if (count++ == 0)
			*ret_newest_ms = db_i64(q, 0);
		if (count == nth)
			*ret_nth_ms = db_i64(q, 0);
		TRY(db_step(q, &row, err));
	}
	return ERR_OK;
}
