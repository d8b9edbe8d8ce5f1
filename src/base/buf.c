/* The text buffer: one growth function, one failure flag. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"

void buf_init(struct buf *b, size_t bytes_max)
{
	*b = (struct buf){ .max = bytes_max };
}

void buf_clear(struct buf *b)
{
	free(b->ptr);
	*b = (struct buf){ .max = b->max };
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->ptr)
		b->ptr[0] = '\0';
}

/** Makes room for `more` bytes and a NUL. */
static bool reserve(struct buf *b, size_t more)
{
	size_t need, cap = b->cap ? b->cap : 256;
	char *grown;

	if (b->failed || __builtin_add_overflow(b->len, more, &need) || need > b->max) {
		b->failed = true;
		return false;
	}
	if (need + 1 <= b->cap)
		return true;
	while (cap < need + 1)
		cap *= 2;
	grown = mem_resize(b->ptr, cap, 1);
	if (!grown) {
		b->failed = true;
		return false;
	}
	b->ptr = grown;
	b->cap = cap;
	return true;
}

void buf_put(struct buf *b, struct str s)
{
	if (!reserve(b, s.len))
		return;
	if (s.len)
		memcpy(b->ptr + b->len, s.ptr, s.len);
	b->len += s.len;
	b->ptr[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *text)
{
	buf_put(b, str_of(text));
}

void buf_putc(struct buf *b, char c)
{
	buf_put(b, (struct str){ .ptr = &c, .len = 1 });
}

void buf_put_i64(struct buf *b, int64_t v)
{
	char digits[24];
	int at = sizeof(digits);
	uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (v < 0)
		digits[--at] = '-';
	buf_put(b, (struct str){ .ptr = digits + at, .len = sizeof(digits) - (size_t)at });
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0 || !reserve(b, (size_t)len))
		return;
	va_start(args, fmt);
	vsnprintf(b->ptr + b->len, (size_t)len + 1, fmt, args);
	va_end(args);
	b->len += (size_t)len;
}
