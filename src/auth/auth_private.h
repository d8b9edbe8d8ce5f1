/* What auth.c, auth_store.c and auth_api.c share. */
#ifndef XZ_AUTH_AUTH_PRIVATE_H
#define XZ_AUTH_AUTH_PRIVATE_H

#include "auth/auth.h"

struct session_row {
	int64_t id, created_ms, seen_ms;
	struct str csrf;
	struct account account;
};

enum err_code account_insert(struct db *db, const struct account *a, struct err *err);
enum err_code account_page(struct db *db, int64_t after_id, struct str q, int limit, struct arena *mem, struct account **ret, size_t *ret_count, struct err *err);
enum err_code account_set_rights(struct db *db, int64_t id, unsigned int roles, bool enabled, struct err *err);
enum err_code account_set_names(struct db *db, int64_t id, struct str display_name, int64_t org_id, struct err *err);
enum err_code account_set_password(struct db *db, int64_t id, struct str hash, bool must_change, struct err *err);
enum err_code session_insert(struct db *db, int64_t id, struct str token_sm3, int64_t account_id, struct str csrf, struct str remote, int64_t now_ms, struct err *err);
enum err_code session_find(struct db *db, struct str token_sm3, struct arena *mem, struct session_row *ret, bool *ret_found, struct err *err);
enum err_code session_seen(struct db *db, int64_t id, int64_t now_ms, struct err *err);
enum err_code session_delete(struct db *db, int64_t id, struct err *err);
enum err_code session_delete_of_account(struct db *db, int64_t account_id, struct err *err);
enum err_code session_delete_old(struct db *db, int64_t now_ms, struct err *err);
enum err_code attempt_get(struct db *db, const char *kind, struct str name, int64_t *ret_failures, int64_t *ret_last_ms, int64_t *ret_locked_until_ms, struct err *err);
enum err_code attempt_put(struct db *db, const char *kind, struct str name, int64_t failures, int64_t now_ms, int64_t locked_until_ms, struct err *err);
enum err_code attempt_clear(struct db *db, const char *kind, struct str name, struct err *err);

#endif
