/* Signing in and what follows from it. The store keeps only the digest of a session's token; the CSRF token is derived from the token, so
 * whoever reads the store can forge neither. */
#include "auth/auth_private.h"

#include <stdio.h>

#include "audit/audit.h"
#include "base/date.h"

#define TOKEN_HEX 64
#define SEEN_EVERY_MS 60000 /* the time of last use is written at most once a minute */
#define ATTEMPTS_KEPT_MS (24ll * 3600 * 1000)

/** Of a random password: what an unknown account's password is checked against, so that both answers take the same time. */
#define NOBODY_HASH "$argon2id$v=19$m=65536,t=3,p=1$ci8Ua72NoLqRFIW7l6ywlA$ENAXa9FboeC4heREKF/oTa1WOk/Q5CctniIA09zBwlQ"

static void digest(struct str token, char out[static SM3_HEX_SIZE])
{
	sm3_hex((struct str[]){ STR("xiezhi session\n"), token }, 2, out);
}

void auth_csrf(struct str token, char out[static SM3_HEX_SIZE])
{
	sm3_hex((struct str[]){ STR("xiezhi csrf\n"), token }, 2, out);
}

/* ---- failures ---- */

static enum err_code locked(int64_t now_ms, int64_t until_ms, const char *what, struct err *err)
{
	return err_set(
		err, ERR_LOCKED, "登录失败次数过多，%s已锁定，%lld 分钟后再试", what, (long long)((until_ms - now_ms + 59999) / 60000));
}

static enum err_code check_locks(struct db *db, int64_t now_ms, struct str key, struct str remote, struct err *err)
{
	int64_t until;

	TRY(auth_locked_until(db, now_ms, false, key, &until, err));
	if (until != TIME_NONE)
		return locked(now_ms, until, "此账号", err);
	TRY(auth_locked_until(db, now_ms, true, remote, &until, err));
	if (until != TIME_NONE)
		return locked(now_ms, until, "您所在的地址", err);
	return ERR_OK;
}

static enum err_code note(struct db *db, const struct actor *who, int64_t now_ms, const char *action, const char *summary, struct err *err)
{
	return audit_add(db, who, now_ms,
		&(struct audit_entry){
			.action = str_of(action), .subject = STR("account"), .subject_id = who->account_id, .summary = str_of(summary) },
		err);
}

/** Counts a failure and says in the trail when it locks; commits, whatever the caller then answers. */
static enum err_code count_failure(
	struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, struct str key, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	int64_t account_until, address_until;

	TRY(db_begin(db, &tx, err));
	TRY(auth_attempt_prune(db, now_ms - ATTEMPTS_KEPT_MS, err));
	TRY(auth_attempt_insert(db, id_new(ids), now_ms, key, who->remote, err));
	TRY(note(db, who, now_ms, "session.refuse", "登录失败", err));
	TRY(auth_locked_until(db, now_ms, false, key, &account_until, err));
	if (account_until != TIME_NONE)
		TRY(note(db, who, now_ms, "account.lock", "连续登录失败，账号锁定 15 分钟", err));
	TRY(auth_locked_until(db, now_ms, true, who->remote, &address_until, err));
	if (address_until != TIME_NONE)
		TRY(note(db, who, now_ms, "address.lock", "同一地址登录失败过多，地址锁定 15 分钟", err));
	return db_commit(&tx, err);
}

/* ---- sign in, sign out ---- */

static enum err_code open_session(struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, struct account_secret *s,
	int64_t step, struct session_ticket *ret, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	char hashed[SM3_HEX_SIZE];
	bool fresh = true;

	random_hex(TOKEN_HEX / 2, ret->token);
	digest(str_of(ret->token), hashed);
	auth_csrf(str_of(ret->token), ret->csrf);
	TRY(db_begin(db, &tx, err));
	if (step != 0)
		TRY(auth_totp_used(db, s->a.id, step, &fresh, err));
	if (!fresh)
		return err_set(err, ERR_UNAUTHENTICATED, "此动态口令已经用过，请等下一个");
	TRY(auth_session_prune(db, now_ms, err));
	TRY(auth_session_insert(db, id_new(ids), str_of(hashed), s->a.id, who->remote, now_ms, err));
	TRY(auth_account_signed_in(db, s->a.id, now_ms, err));
	TRY(auth_attempt_forget(db, s->a.name, err));
	TRY(note(db, who, now_ms, "session.open", "登录", err));
	TRY(db_commit(&tx, err));
	s->a.last_login_ms = now_ms;
	ret->account = s->a;
	return ERR_OK;
}

/** What keeps an account with the right password out. */
static enum err_code check_account(
	const struct account_secret *s, struct str code, int64_t now_ms, int64_t *ret_step, bool *ret_wrong_code, struct err *err)
{
	*ret_step = 0;
	*ret_wrong_code = false;
	if (!s->a.enabled || s->a.roles == 0)
		return err_set(err, ERR_FORBIDDEN, "账号未启用，请联系安全管理员");
	if (s->totp_secret.len == 0)
		return ERR_OK;
	if (code.len == 0)
		return err_set(err, ERR_UNAUTHENTICATED, "请输入动态口令");
	*ret_wrong_code = !totp_check(s->totp_secret, code, now_ms, ret_step);
	return *ret_wrong_code ? err_set(err, ERR_UNAUTHENTICATED, "用户名、口令或动态口令不正确") : ERR_OK;
}

enum err_code auth_sign_in(struct db *db, struct id_source *ids, int64_t now_ms, struct str remote, struct str name, struct str password,
	struct str code, struct arena *mem, struct session_ticket *ret, struct err *err)
{
	struct str key = auth_name_key(name, mem);
	struct actor who = { .name = key, .remote = remote };
	struct account_secret s = { .password_hash = STR(NOBODY_HASH) };
	bool found = false, right, wrong_code = false;
	enum err_code code_of_account;
	int64_t step = 0;

	if (!key.ptr)
		return err_nomem(err);
	TRY(check_locks(db, now_ms, key, remote, err));
	TRY(auth_secret_by_name(db, key, mem, &s, &found, err));
	right = password_verify(str_sub(password, 0, 1024), found ? s.password_hash : STR(NOBODY_HASH)) && found;
	if (!found)
		who.name = STR("（未知账号）"); /* people type passwords into the wrong box: the trail keeps no unknown name */
	else
		who = (struct actor){ .account_id = s.a.id, .name = s.a.display_name, .remote = remote, .org_id = s.a.org_id };
	if (!right) {
		TRY(count_failure(db, ids, &who, now_ms, key, err));
		return err_set(err, ERR_UNAUTHENTICATED, "用户名或口令不正确");
	}
	code_of_account = check_account(&s, code, now_ms, &step, &wrong_code, err);
	if (wrong_code) {
		struct err failed;

		TRY(count_failure(db, ids, &who, now_ms, key, &failed));
	}
	return code_of_account == ERR_OK ? open_session(db, ids, &who, now_ms, &s, step, ret, err) : code_of_account;
}

enum err_code auth_sign_out(struct db *db, const struct actor *who, int64_t now_ms, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;

	TRY(db_begin(db, &tx, err));
	TRY(auth_session_delete(db, who->session_id, err));
	TRY(note(db, who, now_ms, "session.close", "退出", err));
	return db_commit(&tx, err);
}

enum err_code auth_password_change(struct db *db, const struct actor *who, int64_t now_ms, struct str old_password, struct str new_password,
	struct arena *mem, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	char hash[PASSWORD_HASH_SIZE];
	struct account_secret s;
	bool found = false;

	TRY(auth_secret_by_id(db, who->account_id, mem, &s, &found, err));
	if (!found)
		return err_set(err, ERR_NOT_FOUND, "没有这个账号");
	if (!password_verify(str_sub(old_password, 0, 1024), s.password_hash))
		return err_set(err, ERR_INPUT, "原口令不正确");
	if (str_eq(old_password, new_password))
		return err_set(err, ERR_INPUT, "新口令不能与原口令相同");
	TRY(auth_password_check(new_password, s.a.name, err));
	TRY(password_hash(new_password, hash, err));
	TRY(db_begin(db, &tx, err));
	TRY(auth_account_password(db, s.a.id, str_of(hash), false, err));
	TRY(auth_session_delete_of(db, s.a.id, who->session_id, err));
	TRY(note(db, who, now_ms, "account.password", "修改口令，其他会话已结束", err));
	return db_commit(&tx, err);
}

/* ---- every request ---- */

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.ptr[i] >= '0' && s.ptr[i] <= '9') || (s.ptr[i] >= 'a' && s.ptr[i] <= 'f')))
			return false;
	return s.len == TOKEN_HEX;
}

/** Remembers that the session is in use. Losing a race for the store costs nothing: the next request tries again. */
static void touch(struct db *db, int64_t session_id, int64_t now_ms)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct err err;

	if (db_begin(db, &tx, &err) == ERR_OK && auth_session_seen(db, session_id, now_ms, &err) == ERR_OK)
		db_commit(&tx, &err);
}

enum err_code auth_authenticate(struct request *req, struct err *err)
{
	struct str token = request_cookie(req, AUTH_COOKIE);
	char hashed[SM3_HEX_SIZE], csrf[SM3_HEX_SIZE];
	struct session_row row;
	struct str remote = req->who.remote;
	bool found = false;

	if (!is_token(token))
		return ERR_OK;
	digest(token, hashed);
	TRY(auth_actor_by_token(req->db, str_of(hashed), req->mem, &row, &found, err));
	if (!found || !row.enabled || row.who.roles == 0 || req->now_ms - row.seen_ms > AUTH_IDLE_MS ||
		req->now_ms - row.created_ms > AUTH_ABSOLUTE_MS)
		return ERR_OK;
	if (req->now_ms - row.seen_ms > SEEN_EVERY_MS)
		touch(req->db, row.who.session_id, req->now_ms);
	auth_csrf(token, csrf);
	req->csrf = str_dup(req->mem, str_of(csrf));
	if (!req->csrf.ptr)
		return err_nomem(err);
	req->who = row.who;
	req->who.remote = remote;
	if (row.must_change && !str_starts(req->path, STR("/api/session")))
		return err_set(err, ERR_FORBIDDEN, "请先修改由他人设定的口令");
	return ERR_OK;
}
