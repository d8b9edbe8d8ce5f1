/* A growing text buffer with a ceiling and a sticky failure: write freely, check `failed` once at the end. */
#ifndef XZ_BASE_BUF_H
#define XZ_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct buf {
	char *ptr; /* owned; NUL-terminated when not NULL */
	size_t len;
	size_t cap;
	size_t max;  /* ceiling in bytes, fixed at buf_init */
	bool failed; /* a write did not fit or memory was out; nothing more is written */
};

/** Empty, without memory; the ceiling must be given. */
void buf_init(struct buf *b, size_t bytes_max);
void buf_clear(struct buf *b); /* frees; the buffer may be used again after buf_init */
void buf_reset(struct buf *b); /* empties, keeps the memory, forgets the failure */
void buf_put(struct buf *b, struct str s);
void buf_puts(struct buf *b, const char *text);
void buf_putc(struct buf *b, char c);
void buf_put_i64(struct buf *b, int64_t v);
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *b, const char *fmt, ...);
static inline struct str buf_str(const struct buf *b)
{
	return (struct str){ .ptr = b->ptr, .len = b->len };
}

#endif
