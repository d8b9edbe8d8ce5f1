/* Who may do what: accounts, passwords, sessions, roles, the three administrators and the data scope of an account.
 *
 * Separation of the administrators (等保 三员分离): a system administrator makes accounts, which are born disabled and without
 * roles; a security administrator grants roles and scope and enables them; an auditor reads the trail. No administrator role goes
 * together with a business role or with another administrator role, and nobody changes rights of their own account.
 *
 * Scope: by the account's organisation. Staff of a supervision body and of a government see the subtree of that government, a
 * township office the subtree of its township government, an agency its own subtree, an administrator everything (accounts and
 * trail only: no business route admits them). A security administrator may narrow it to an organisation inside that subtree. */
#ifndef XZ_AUTH_AUTH_H
#define XZ_AUTH_AUTH_H

#include "actor/actor.h"
#include "base/id.h"
#include "crypto/crypto.h"
#include "db/db.h"
#include "http/http.h"
#include "org/org.h"

#define AUTH_COOKIE "xz_session"
#define AUTH_IDLE_MS (30ll * 60 * 1000)
#define AUTH_ABSOLUTE_MS (12ll * 3600 * 1000)
#define AUTH_FAILURES_MAX 5          /* of one account, then it is locked … */
#define AUTH_FAILURES_ADDRESS_MAX 20 /* … and of one address over all accounts */
#define AUTH_LOCK_MS (15ll * 60 * 1000)
#define AUTH_PASSWORD_MIN 8
#define AUTH_PASSWORD_MAX 128
#define AUTH_DEMO_PASSWORD "xiezhi-demo"

struct account {
	int64_t id, org_id;
	int64_t scope_org_id; /* narrowed scope, 0 = by the organisation */
	struct str name, display_name;
	unsigned int roles;
	bool enabled;
	bool must_change; /* a password that somebody else has set */
	bool has_totp;
	bool demo;                                                   /* shown with its password on the sign-in page of a demo store */
	int64_t version, created_ms, last_login_ms, locked_until_ms; /* TIME_NONE: never */
	struct str org_name, org_path;                               /* of org_id */
	enum org_kind org_kind;
	enum org_level org_level;
};

/** Why a set of roles is not allowed for one account, or NULL: administrators overlap with nothing, roles fit the organisation's kind. */
const char *auth_roles_problem(unsigned int roles, enum org_kind kind);
/** ERR_INPUT with the rule that a new password breaks: length, kinds of characters, the account's own name, the commonest passwords. */
enum err_code auth_password_check(struct str password, struct str account_name, struct err *err);

/** ERR_NOT_FOUND. Memory: the arena. */
enum err_code auth_account_get(struct db *db, int64_t id, struct arena *mem, struct account *ret, struct err *err);
/** By sign-in name; ERR_NOT_FOUND. */
enum err_code auth_account_find(struct db *db, struct str name, struct arena *mem, struct account *ret, struct err *err);
/** Accounts in id order after `after_id`; org_id 0 and an empty q are no filter. */
enum err_code auth_account_list(struct db *db, int64_t org_id, struct str q, int64_t after_id, int limit, struct arena *mem,
	struct account **ret, size_t *ret_count, struct err *err);

struct account_new {
	struct str name, display_name, password;
	int64_t org_id;
};
/** A system administrator's act: the account is disabled, has no roles and must change its password. Audited. ERR_UNIQUE when the name is
 * taken. */
enum err_code auth_account_create(struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms,
	const struct account_new *a, struct arena *mem, int64_t *ret_id, struct err *err);
/** A security administrator's act; audited. ERR_FORBIDDEN for one's own account, ERR_INPUT for roles that do not go together. Ends its
 * sessions. */
enum err_code auth_account_grant(struct db *db, const struct actor *who, int64_t now_ms, int64_t id, unsigned int roles,
	int64_t scope_org_id, bool enabled, struct arena *mem, struct err *err);

/** For demo stores and commands: no checks of who acts, no audit entry, one row found or made by its name; inside the caller's transaction.
 */
struct account_seed {
	struct str name, display_name, password_hash; /* hash from crypto: one may serve many accounts */
	int64_t org_id;
	unsigned int roles;
	bool demo;
	bool must_change;
};
enum err_code auth_account_put(
	struct db *db, struct id_source *ids, int64_t now_ms, const struct account_seed *seed, int64_t *ret_id, struct err *err);

/** The first accounts of a store: `name` is the system administrator, `name`-sec the security administrator, `name`-audit the auditor. */
#define AUTH_FIRST_COUNT 3
struct first_account {
	struct str name;
	char password[33]; /* one-time: must be changed at the first sign-in */
	unsigned int role;
};
/** Makes them (with a root organisation called `bureau` when the tree is empty); *ret_made false when the store already has accounts.
 * Audited. */
enum err_code auth_first_accounts(struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, struct str name,
	struct str bureau, struct arena *mem, struct first_account ret[static AUTH_FIRST_COUNT], bool *ret_made, struct err *err);

/** The actor of an account, as its session has it: for tests and commands that act for somebody. */
enum err_code auth_actor(struct db *db, int64_t account_id, struct arena *mem, struct actor *ret, struct err *err);

struct session_ticket {
	char token[65]; /* goes into the cookie, never into the store */
	char csrf[65];  /* derived from it; every change must carry it in X-CSRF */
	struct account account;
};
/** Checks name, password and (when the account has one) the six-digit code. ERR_UNAUTHENTICATED in the same words for every wrong part;
 * ERR_LOCKED after too many failures, counted by account and by address. Audited either way. */
enum err_code auth_sign_in(struct db *db, struct id_source *ids, int64_t now_ms, struct str remote, struct str name, struct str password,
	struct str code, struct arena *mem, struct session_ticket *ret, struct err *err);
/** Ends one session. */
enum err_code auth_sign_out(struct db *db, const struct actor *who, int64_t now_ms, struct err *err);
/** Own password, knowing the old one; other sessions of the account end. Audited. */
enum err_code auth_password_change(struct db *db, const struct actor *who, int64_t now_ms, struct str old_password, struct str new_password,
	struct arena *mem, struct err *err);

/** http_config.authenticate: fills req->who and req->csrf from the session cookie; roles 0 when there is no valid one. */
enum err_code auth_authenticate(struct request *req, struct err *err);

/** POST GET DELETE /api/session, PUT /api/session/password, /api/session/totp, GET POST PUT /api/accounts. */
extern const struct route_table auth_routes;

#endif
