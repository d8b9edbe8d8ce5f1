/* Borrowed text. A `struct str` never owns its bytes and need not end in NUL; whoever keeps one longer than the
 * memory behind it copies it with str_dup into an arena that lives long enough. */
#ifndef XZ_BASE_STR_H
#define XZ_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;

/** UTF-8 bytes; ptr may be NULL iff len == 0. */
struct str {
	const char *ptr;
	size_t len;
};

#define STR(lit) ((struct str){ .ptr = "" lit, .len = sizeof(lit) - 1 })
/** For initialisers of constant tables, where a compound literal is not allowed. */
#define STR_INIT(lit)                                                                                                                      \
	{                                                                                                                                  \
		.ptr = "" lit, .len = sizeof(lit) - 1                                                                                      \
	}
/** printf("%.*s", STR_ARG(s)) */
#define STR_ARG(s) (int)(s).len, (s).ptr ? (s).ptr : ""

/** View of a NUL-terminated string; NULL gives the empty view. */
static inline struct str str_of(const char *text)
{
	return (struct str){ .ptr = text, .len = text ? strlen(text) : 0 };
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/** Byte order, shorter first on a tie: the order SQLite's BINARY and PostgreSQL's "C" collation use. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/** Byte offset of the first `needle` in `s`, or -1. The empty needle is found at 0. */
ptrdiff_t str_find(struct str s, struct str needle);
bool str_has(struct str s, struct str needle);
/** Bytes [from, to) of s, both clamped to its length. */
struct str str_sub(struct str s, size_t from, size_t to);
/** Without ASCII white space, U+3000 and U+00A0 at either end. */
struct str str_trim(struct str s);
/** Splits at the first `sep`: returns what is before it and moves *rest behind it. False when *rest is exhausted. */
bool str_next(struct str *rest, char sep, struct str *ret_part);

/** Whole decimal number with optional sign; false on anything else or on overflow. */
bool str_to_i64(struct str s, int64_t *ret_value);
/** Decimal number with up to `scale` fraction digits as value * 10^scale; more digits round half up. False on anything else. */
bool str_to_scaled(struct str s, int scale, int64_t *ret_value);

/** Copy in the arena, NUL-terminated behind its length. A NULL ptr with len 0 means empty; on exhaustion ptr is NULL and len 0. */
struct str str_dup(struct arena *mem, struct str s);
/** NUL-terminated copy in the arena; NULL on exhaustion. */
char *str_cstr(struct arena *mem, struct str s);
__attribute__((format(printf, 2, 3))) struct str str_printf(struct arena *mem, const char *fmt, ...);

/** Strict UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF). */
bool utf8_valid(struct str s);
/** Next code point, moving *at; U+FFFD and one byte on malformed input. Precondition: *at < s.len. */
uint32_t utf8_next(struct str s, size_t *at);
/** Writes 1–4 bytes, returns how many. */
size_t utf8_put(uint32_t code_point, char out[static 4]);
size_t utf8_count(struct str s);

/** FNV-1a, 64 bit: for hash tables, never for anything an adversary gains from. */
uint64_t str_hash(struct str s);

#endif
