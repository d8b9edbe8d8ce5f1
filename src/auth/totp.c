/* Time-based one-time codes (RFC 6238: SHA-1, six digits, 30 s), as every phone application shows them. */
#include "auth/auth_private.h"

#include <liboath/oath.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"

#define SECRET_BYTES 20
#define STEP_S 30

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_library(void)
{
	if (oath_init() != OATH_OK)
		abort();
}

void totp_new_secret(char out[static TOTP_SECRET_SIZE])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	char hex[2 * (TOTP_SECRET_SIZE - 1) + 1];

	random_hex(TOTP_SECRET_SIZE - 1, hex); /* one byte a letter: 256 is a multiple of 32 */
	for (size_t i = 0; i < TOTP_SECRET_SIZE - 1; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		out[i] = alphabet[strtoul(pair, NULL, 16) & 31];
	}
	out[TOTP_SECRET_SIZE - 1] = '\0';
}

bool totp_check(struct str secret, struct str code, int64_t now_ms, int64_t *ret_step)
{
	char text[7] = "", *bytes = NULL;
	uint64_t counter = 0;
	size_t size = 0;
	int position, result;

	if (code.len != 6)
		return false;
	memcpy(text, code.ptr, 6);
	pthread_once(&once, start_library);
	if (oath_base32_decode(secret.ptr, secret.len, &bytes, &size) != OATH_OK)
		return false;
	result = oath_totp_validate4(bytes, size, (time_t)(now_ms / 1000), STEP_S, 0, 1, &position, &counter, 0, text);
	free(bytes);
	if (result < 0)
		return false;
	*ret_step = (int64_t)counter;
	return true;
}

static enum err_code own_secret(struct db *db, const struct actor *who, struct arena *mem, struct account_secret *ret, struct err *err)
{
	bool found = false;

	TRY(auth_secret_by_id(db, who->account_id, mem, ret, &found, err));
	return found ? ERR_OK : err_set(err, ERR_NOT_FOUND, "没有这个账号");
}

static enum err_code note(struct db *db, const struct actor *who, int64_t now_ms, const char *action, const char *summary, struct err *err)
{
	return audit_add(db, who, now_ms,
		&(struct audit_entry){
			.action = str_of(action), .subject = STR("account"), .subject_id = who->account_id, .summary = str_of(summary) },
		err);
}

enum err_code auth_totp_begin(struct db *db, const struct actor *who, int64_t now_ms, struct arena *mem,
	char ret_secret[static TOTP_SECRET_SIZE], struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct account_secret s;

	TRY(db_begin(db, &tx, err));
	TRY(own_secret(db, who, mem, &s, err));
	if (s.totp_secret.len > 0)
		return err_set(err, ERR_STATE, "已经启用动态口令，请先停用");
	totp_new_secret(ret_secret);
	TRY(auth_totp_set(db, who->account_id, (struct str){ 0 }, str_of(ret_secret), err));
	TRY(note(db, who, now_ms, "account.totp_begin", "开始绑定动态口令", err));
	return db_commit(&tx, err);
}

enum err_code auth_totp_confirm(struct db *db, const struct actor *who, int64_t now_ms, struct str code, struct arena *mem, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct account_secret s;
	int64_t step;
	bool fresh;

	TRY(db_begin(db, &tx, err));
	TRY(own_secret(db, who, mem, &s, err));
	if (s.totp_pending.len == 0)
		return err_set(err, ERR_STATE, "没有待确认的动态口令，请重新绑定");
	if (!totp_check(s.totp_pending, code, now_ms, &step))
		return err_set(err, ERR_INPUT, "动态口令不正确，请核对手机时间");
	TRY(auth_totp_set(db, who->account_id, s.totp_pending, (struct str){ 0 }, err));
	TRY(auth_totp_used(db, who->account_id, step, &fresh, err));
	TRY(note(db, who, now_ms, "account.totp_on", "启用动态口令", err));
	return db_commit(&tx, err);
}

enum err_code auth_totp_remove(struct db *db, const struct actor *who, int64_t now_ms, struct str code, struct arena *mem, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct account_secret s;
	bool fresh = false;
	int64_t step;

	TRY(db_begin(db, &tx, err));
	TRY(own_secret(db, who, mem, &s, err));
	if (s.totp_secret.len == 0)
		return err_set(err, ERR_STATE, "没有启用动态口令");
	if (totp_check(s.totp_secret, code, now_ms, &step))
		TRY(auth_totp_used(db, who->account_id, step, &fresh, err));
	if (!fresh)
		return err_set(err, ERR_INPUT, "动态口令不正确或已经用过");
	TRY(auth_totp_set(db, who->account_id, (struct str){ 0 }, (struct str){ 0 }, err));
	TRY(note(db, who, now_ms, "account.totp_off", "停用动态口令", err));
	return db_commit(&tx, err);
}
