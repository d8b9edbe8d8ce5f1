/* SM3 and randomness from OpenSSL, Argon2id from libsodium. At most two full-strength hashes run at once: each holds 64 MiB. */
#define ERR_STATE openssl_err_state /* OpenSSL's typedef of this name, out of the way of our enum */
#include <openssl/evp.h>
#include <openssl/rand.h>
#undef ERR_STATE

#include "crypto/crypto.h"

#include <semaphore.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/fault.h"

_Static_assert(PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES, "libsodium's hash string fits");

#define ARGON_PASSES 3
#define ARGON_BYTES (64u << 20)
#define FAST_PASSES 1
#define FAST_BYTES (1u << 20)
#define HASHES_AT_ONCE 2

struct sm3 {
	EVP_MD_CTX *ctx;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t hashing;

static void start_libraries(void)
{
	if (sodium_init() < 0)
		abort();
	sem_init(&hashing, 0, HASHES_AT_ONCE);
}

static void put_hex(const unsigned char *bytes, size_t size, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * size] = '\0';
}

struct sm3 *sm3_open(void)
{
	struct sm3 *s = mem_alloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->ctx = EVP_MD_CTX_new();
	if (!s->ctx || EVP_DigestInit_ex(s->ctx, EVP_sm3(), NULL) != 1) {
		EVP_MD_CTX_free(s->ctx);
		free(s);
		return NULL;
	}
	return s;
}

void sm3_update(struct sm3 *s, struct str bytes)
{
	EVP_DigestUpdate(s->ctx, bytes.ptr, bytes.len);
}

void sm3_close(struct sm3 *s, char out[static SM3_HEX_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	EVP_DigestFinal_ex(s->ctx, digest, &size);
	put_hex(digest, size, out);
	EVP_MD_CTX_free(s->ctx);
	free(s);
}

void sm3_hex(const struct str *parts, size_t count, char out[static SM3_HEX_SIZE])
{
	struct sm3 *s = sm3_open();

	if (!s)
		abort(); /* a digest of unknown value would be worse than no process */
	for (size_t i = 0; i < count; i++)
		sm3_update(s, parts[i]);
	sm3_close(s, out);
}

void random_hex(size_t size_bytes, char *out)
{
	unsigned char bytes[64];

	while (size_bytes > 0) {
		size_t n = size_bytes < sizeof(bytes) ? size_bytes : sizeof(bytes);

		if (RAND_bytes(bytes, (int)n) != 1)
			abort(); /* no randomness: no tokens */
		put_hex(bytes, n, out);
		out += 2 * n;
		size_bytes -= n;
	}
}

static enum err_code hash(struct str password, char *out, unsigned long long passes, size_t bytes, struct err *err)
{
	int failed;

	pthread_once(&once, start_libraries);
	sem_wait(&hashing);
	failed = fault_hit(FAULT_ALLOC) || crypto_pwhash_str(out, password.ptr ? password.ptr : "", password.len, passes, bytes) != 0;
	sem_post(&hashing);
	return failed ? err_nomem(err) : ERR_OK;
}

enum err_code password_hash(struct str password, char out[static PASSWORD_HASH_SIZE], struct err *err)
{
	return hash(password, out, ARGON_PASSES, ARGON_BYTES, err);
}

enum err_code password_hash_fast(struct str password, char out[static PASSWORD_HASH_SIZE], struct err *err)
{
	return hash(password, out, FAST_PASSES, FAST_BYTES, err);
}

bool password_verify(struct str password, struct str hash_text)
{
	char text[PASSWORD_HASH_SIZE] = { 0 };
	bool same;

	if (hash_text.len >= sizeof(text))
		return false;
	memcpy(text, hash_text.ptr ? hash_text.ptr : "", hash_text.len);
	pthread_once(&once, start_libraries);
	sem_wait(&hashing);
	same = crypto_pwhash_str_verify(text, password.ptr ? password.ptr : "", password.len) == 0;
	sem_post(&hashing);
	return same;
}

bool secret_equal(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0);
}
