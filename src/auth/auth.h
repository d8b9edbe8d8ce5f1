/* Accounts, sessions, rights. Passwords are Argon2id; a session is a random token of which the database keeps only the SM3; five failures lock an
 * account for fifteen minutes, twenty an address. The three administrators' duties are kept apart: the system administrator makes accounts that
 * can do nothing, the security administrator gives rights, the auditor reads the trail; none of them may hold a business role, nobody
 * changes their own rights.
 *
 * Scope: staff of a supervision body and a government approver see the subtree of their government, a township office that of its township, an
 * agency itself and what lies below it, administrators no organisation's data at all. */
#ifndef XZ_AUTH_AUTH_H
#define XZ_AUTH_AUTH_H

#include "http/http.h"
#include "org/org.h"

#define AUTH_PASSWORD_MIN 10
#define AUTH_PASSWORD_MAX 128
#define AUTH_FAILURES_ACCOUNT 5
#define AUTH_FAILURES_REMOTE 20
#define AUTH_LOCK_MS (15 * 60 * 1000ll)
#define AUTH_IDLE_MS (30 * 60 * 1000ll)
#define AUTH_LIFE_MS (12 * 3600 * 1000ll)

struct account {
	int64_t id, org_id;
	struct str name;         /* to sign in with; lower-case letters, digits, dot, dash, underscore */
	struct str display_name; /* what documents and the trail show */
	struct str password_hash;
	unsigned int roles;
	bool enabled, must_change_password;
	int64_t created_ms;
};

/** One administrator's duty alone, the supervision body's roles together, or one of approver, liaison, township. ERR_INPUT says why not. */
enum err_code auth_roles_check(unsigned int roles, struct err *err);
/** Length, not the name itself, two kinds of characters. ERR_INPUT. */
enum err_code auth_password_check(struct str name, struct str password, struct err *err);

/** A new account, disabled and without roles. Audited. ERR_UNIQUE when the name is taken. */
enum err_code auth_account_add(struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, struct account *a, struct str password,
	struct err *err);
/** Rights of another account; ends its sessions. Audited. ERR_FORBIDDEN for one's own account. */
enum err_code auth_account_grant(struct db *db, const struct actor *who, int64_t now_ms, int64_t id, unsigned int roles, bool enabled, struct err *err);
/** Name and organisation; audited. */
enum err_code auth_account_update(struct db *db, const struct actor *who, int64_t now_ms, int64_t id, struct str display_name, int64_t org_id, struct err *err);
/** A new password given by an administrator: must be changed at the next sign-in; ends the sessions. Audited. */
enum err_code auth_password_reset(struct db *db, const struct actor *who, int64_t now_ms, int64_t id, struct str password, struct err *err);
/** One's own, with the old one. ERR_INPUT when the old one is wrong. */
enum err_code auth_password_change(struct db *db, const struct actor *who, int64_t now_ms, struct str old_password, struct str new_password, struct err *err);
/** An account as it stands (demo, tests): hash, roles and state are taken over; a->id is set. In the caller's transaction, without audit. */
enum err_code auth_account_put(struct db *db, struct id_source *ids, struct account *a, struct err *err);
enum err_code auth_account_get(struct db *db, int64_t id, struct arena *mem, struct account *ret, struct err *err);
/** *ret_found false when there is none of that name. */
enum err_code auth_account_find(struct db *db, struct str name, struct arena *mem, struct account *ret, bool *ret_found, struct err *err);
/** How many accounts there are. */
enum err_code auth_account_count(struct db *db, int64_t *ret, struct err *err);

/** The actor that an account is: its roles and scope. Memory: the arena. */
enum err_code auth_actor(struct db *db, const struct account *a, struct arena *mem, struct actor *ret, struct err *err);

struct auth_session {
	char token[65]; /* for the cookie; never stored */
	char csrf[33];
	struct account account;
};
/** Signs in. ERR_UNAUTHENTICATED with the same words for an unknown name, a wrong password and a disabled account; ERR_LOCKED. Audited. */
enum err_code auth_sign_in(struct db *db, struct id_source *ids, struct str name, struct str password, struct str remote, int64_t now_ms, struct arena *mem,
	struct auth_session *ret, struct err *err);
enum err_code auth_sign_out(struct db *db, const struct actor *who, int64_t now_ms, struct err *err);

/** For http_config.authenticate: fills req->who from the cookie xz_session; a change needs the session's token in X-CSRF. */
enum err_code auth_authenticate(struct request *req, struct err *err);

/** Session, password and account routes. */
extern const struct route_table auth_routes;

#endif
