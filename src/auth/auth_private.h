/* What the files of auth share. */
#ifndef XZ_AUTH_AUTH_PRIVATE_H
#define XZ_AUTH_AUTH_PRIVATE_H

#include "auth/auth.h"

#define ADMIN_ROLES (ROLE_AUDITOR | ROLE_SYSADMIN | ROLE_SECADMIN)

/** An account with what never leaves this module. */
struct account_secret {
	struct account a;
	struct str password_hash;
	struct str totp_secret, totp_pending; /* base32; empty: none */
	int64_t totp_step;                    /* last accepted 30-second step: a code works once */
};

/** Sign-in names are compared without white space at the ends and in lower-case ASCII. Memory: the arena. */
struct str auth_name_key(struct str name, struct arena *mem);
/** Roles as slugs separated by blanks, in the order of their bits, and back (unknown words are dropped). */
struct str auth_roles_text(unsigned int roles, struct arena *mem);
unsigned int auth_roles_parse(struct str text);

/* ---- auth_store.c ---- */

/** *ret_found false when there is none. */
enum err_code auth_secret_by_id(struct db *db, int64_t id, struct arena *mem, struct account_secret *ret, bool *ret_found, struct err *err);
enum err_code auth_secret_by_name(
	struct db *db, struct str key, struct arena *mem, struct account_secret *ret, bool *ret_found, struct err *err);
enum err_code auth_demo_accounts(struct db *db, struct arena *mem, struct account **ret, size_t *ret_count, struct err *err);
enum err_code auth_account_count(struct db *db, int64_t *ret, struct err *err);
/** Enabled accounts with exactly this role other than id. */
enum err_code auth_count_role(struct db *db, unsigned int role, int64_t id, struct arena *mem, int64_t *ret, struct err *err);

struct account_row {
	int64_t id, org_id, scope_org_id, created_ms;
	struct str name, display_name, password_hash;
	unsigned int roles;
	bool enabled, must_change, demo;
};
enum err_code auth_account_insert(struct db *db, const struct account_row *row, struct arena *mem, struct err *err);
enum err_code auth_account_seed(struct db *db, const struct account_row *row, struct arena *mem, struct err *err);
enum err_code auth_account_rights(
	struct db *db, int64_t id, unsigned int roles, int64_t scope_org_id, bool enabled, struct arena *mem, struct err *err);
enum err_code auth_account_display(struct db *db, int64_t id, struct str display_name, struct err *err);
enum err_code auth_account_move(struct db *db, int64_t id, int64_t org_id, struct err *err);
enum err_code auth_account_password(struct db *db, int64_t id, struct str hash, bool must_change, struct err *err);
enum err_code auth_account_reset(struct db *db, int64_t id, struct str hash, struct err *err);
enum err_code auth_account_signed_in(struct db *db, int64_t id, int64_t now_ms, struct err *err);
enum err_code auth_totp_set(struct db *db, int64_t id, struct str secret, struct str pending, struct err *err);
/** *ret_fresh false when this step or a later one was used before. */
enum err_code auth_totp_used(struct db *db, int64_t id, int64_t step, bool *ret_fresh, struct err *err);

/** A session's account, for one request. */
struct session_row {
	struct actor who;
	bool enabled, must_change;
	int64_t created_ms, seen_ms;
};
enum err_code auth_actor_by_token(
	struct db *db, struct str token_sm3, struct arena *mem, struct session_row *ret, bool *ret_found, struct err *err);
enum err_code auth_actor_by_account(
	struct db *db, int64_t account_id, struct arena *mem, struct session_row *ret, bool *ret_found, struct err *err);
enum err_code auth_session_insert(
	struct db *db, int64_t id, struct str token_sm3, int64_t account_id, struct str remote, int64_t now_ms, struct err *err);
enum err_code auth_session_seen(struct db *db, int64_t id, int64_t now_ms, struct err *err);
enum err_code auth_session_delete(struct db *db, int64_t id, struct err *err);
/** All sessions of an account but one (0: all). */
enum err_code auth_session_delete_of(struct db *db, int64_t account_id, int64_t but_id, struct err *err);
enum err_code auth_session_prune(struct db *db, int64_t now_ms, struct err *err);

enum err_code auth_attempt_insert(struct db *db, int64_t id, int64_t now_ms, struct str name, struct str remote, struct err *err);
enum err_code auth_attempt_forget(struct db *db, struct str name, struct err *err);
enum err_code auth_attempt_prune(struct db *db, int64_t before_ms, struct err *err);
/** Newest failure, and the one `nth` before it, TIME_NONE when there are fewer. by_remote chooses the column. */
enum err_code auth_attempts(
	struct db *db, bool by_remote, struct str key, int nth, int64_t *ret_newest_ms, int64_t *ret_nth_ms, struct err *err);

/* ---- auth.c ---- */

/** Data scope of an account: never empty for business roles. */
struct str auth_scope(unsigned int roles, enum org_kind kind, struct str path, enum org_kind parent_kind, enum org_level parent_level,
	struct str parent_path, struct str narrowed);
/** Until when an account or address is locked, TIME_NONE when it is not. */
enum err_code auth_locked_until(struct db *db, int64_t now_ms, bool by_remote, struct str key, int64_t *ret_until_ms, struct err *err);

/** What PUT /api/accounts/{id} may change; absent parts have a NULL ptr or are DEFAULT. */
struct account_change {
	struct str display_name, password; /* system administrator */
	int64_t org_id;
	bool has_roles, has_scope, has_enabled; /* security administrator */
	unsigned int roles;
	int64_t scope_org_id;
	bool enabled;
};
enum err_code auth_account_change(struct db *db, const struct actor *who, int64_t now_ms, int64_t id, const struct account_change *c,
	struct arena *mem, struct err *err);
/** Forgets failed sign-ins of an account; audited. */
enum err_code auth_account_unlock(struct db *db, const struct actor *who, int64_t now_ms, int64_t id, struct arena *mem, struct err *err);

/* ---- session.c ---- */

void auth_csrf(struct str token, char out[static SM3_HEX_SIZE]);

/* ---- totp.c ---- */

#define TOTP_SECRET_SIZE 33 /* 20 random bytes as base32 and NUL */
void totp_new_secret(char out[static TOTP_SECRET_SIZE]);
/** True when the code is right now (± one step of 30 s); *ret_step is the step that it belongs to. */
bool totp_check(struct str secret, struct str code, int64_t now_ms, int64_t *ret_step);
/** Begins enrolment: the secret counts once auth_totp_confirm has seen a code of it. */
enum err_code auth_totp_begin(struct db *db, const struct actor *who, int64_t now_ms, struct arena *mem,
	char ret_secret[static TOTP_SECRET_SIZE], struct err *err);
enum err_code auth_totp_confirm(
	struct db *db, const struct actor *who, int64_t now_ms, struct str code, struct arena *mem, struct err *err);
/** Needs a current code. */
enum err_code auth_totp_remove(struct db *db, const struct actor *who, int64_t now_ms, struct str code, struct arena *mem, struct err *err);

#endif
