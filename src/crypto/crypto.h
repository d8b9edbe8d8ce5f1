/* The few cryptographic services the product needs, over OpenSSL (SM3, random) and libsodium (Argon2id), behind one
 * header so that a certified module can replace them. */
#ifndef XZ_CRYPTO_CRYPTO_H
#define XZ_CRYPTO_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

#define SM3_HEX_SIZE 65

/** SM3 (GB/T 32905-2016) of the concatenated parts as 64 lower-case hex digits and NUL. */
void sm3_hex(const struct str *parts, size_t count, char out[static SM3_HEX_SIZE]);

/** Streaming form for files. */
struct sm3;
struct sm3 *sm3_open(void); /* NULL when memory is out */
void sm3_update(struct sm3 *s, struct str bytes);
void sm3_close(struct sm3 *s, char out[static SM3_HEX_SIZE]); /* finishes and frees */

/** size random bytes as 2*size hex digits and NUL into out. */
void random_hex(size_t size_bytes, char *out);

#define PASSWORD_HASH_SIZE 128
/** Argon2id, t=3, m=64 MiB (at most two at a time in a process). ERR_NOMEM. */
enum err_code password_hash(struct str password, char out[static PASSWORD_HASH_SIZE], struct err *err);
/** Cheap parameters for demo stores with thousands of accounts and for tests only; verifies with the same function. */
enum err_code password_hash_fast(struct str password, char out[static PASSWORD_HASH_SIZE], struct err *err);
bool password_verify(struct str password, struct str hash);
/** Constant time. */
bool secret_equal(struct str a, struct str b);

#endif
