/* Views of text: comparison, search, numbers, UTF-8. Nothing here allocates but the functions that take an arena. */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"

int str_cmp(struct str a, struct str b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	int order = shorter ? memcmp(a.ptr, b.ptr, shorter) : 0;

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len && (suffix.len == 0 || memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

ptrdiff_t str_find(struct str s, struct str needle)
{
	const char *hit;

	if (needle.len == 0)
		return 0;
	hit = s.len ? memmem(s.ptr, s.len, needle.ptr, needle.len) : NULL;
	return hit ? hit - s.ptr : -1;
}

bool str_has(struct str s, struct str needle)
{
	return str_find(s, needle) >= 0;
}

struct str str_sub(struct str s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from > to)
		from = to;
	return (struct str){ .ptr = s.ptr ? s.ptr + from : NULL, .len = to - from };
}

/** Length of the white space character at the start of s, 0 when there is none. */
static size_t space_at_start(struct str s)
{
	if (s.len >= 1 && (s.ptr[0] == ' ' || (s.ptr[0] >= '\t' && s.ptr[0] <= '\r')))
		return 1;
	if (str_starts(s, STR("\xC2\xA0")))
		return 2;
	return str_starts(s, STR("\xE3\x80\x80")) || str_starts(s, STR("\xEF\xBB\xBF")) ? 3 : 0;
}

static size_t space_at_end(struct str s)
{
	if (s.len >= 1 && (s.ptr[s.len - 1] == ' ' || (s.ptr[s.len - 1] >= '\t' && s.ptr[s.len - 1] <= '\r')))
		return 1;
	if (str_ends(s, STR("\xC2\xA0")))
		return 2;
	return str_ends(s, STR("\xE3\x80\x80")) ? 3 : 0;
}

struct str str_trim(struct str s)
{
	for (size_t n; (n = space_at_start(s)) > 0;)
		s = str_sub(s, n, s.len);
	for (size_t n; (n = space_at_end(s)) > 0;)
		s.len -= n;
	return s;
}

bool str_next(struct str *rest, char sep, struct str *ret_part)
{
	const char *hit;

	if (!rest->ptr)
		return false;
	hit = memchr(rest->ptr, sep, rest->len);
	if (!hit) {
		*ret_part = *rest;
		*rest = (struct str){ 0 };
		return true;
	}
	*ret_part = str_sub(*rest, 0, (size_t)(hit - rest->ptr));
	*rest = str_sub(*rest, ret_part->len + 1, rest->len);
	return true;
}

bool str_to_i64(struct str s, int64_t *ret_value)
{
	return str_to_scaled(s, 0, ret_value) && memchr(s.ptr, '.', s.len) == NULL;
}

/** Appends one decimal digit to a negative accumulator (INT64_MIN has no positive twin). */
static bool push_digit(int64_t *negative, int digit)
{
	return !__builtin_mul_overflow(*negative, 10, negative) && !__builtin_sub_overflow(*negative, digit, negative);
}

bool str_to_scaled(struct str s, int scale, int64_t *ret_value)
{
	bool minus = s.len > 0 && s.ptr[0] == '-';
	size_t at = s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+');
	int fraction = -1; /* digits seen behind the point, -1 before it */
	int64_t negative = 0;
	bool any = false, round_up = false;

	for (; at < s.len; at++) {
		char c = s.ptr[at];

		if (c == '.' && fraction < 0) {
			fraction = 0;
			continue;
		}
		if (c < '0' || c > '9')
			return false;
		any = true;
		if (fraction == scale) { /* beyond the scale: only the first digit rounds */
			round_up = c >= '5';
			fraction++;
		} else if (fraction > scale) {
			fraction++;
		} else {
			if (!push_digit(&negative, c - '0'))
				return false;
			fraction += fraction >= 0;
		}
	}
	if (!any)
		return false;
	for (int i = fraction < 0 ? 0 : fraction; i < scale; i++)
		if (!push_digit(&negative, 0))
			return false;
	if (round_up && __builtin_sub_overflow(negative, 1, &negative))
		return false;
	if (!minus && negative == INT64_MIN)
		return false;
	*ret_value = minus ? negative : -negative;
	return true;
}

struct str str_dup(struct arena *mem, struct str s)
{
	char *copy = ARENA_NEW(mem, char, s.len + 1);

	if (!copy)
		return (struct str){ 0 };
	if (s.len)
		memcpy(copy, s.ptr, s.len);
	return (struct str){ .ptr = copy, .len = s.len };
}

char *str_cstr(struct arena *mem, struct str s)
{
	return (char *)str_dup(mem, s).ptr;
}

struct str str_printf(struct arena *mem, const char *fmt, ...)
{
	va_list args;
	int len;
	char *text;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0)
		return (struct str){ 0 };
	text = ARENA_NEW(mem, char, (size_t)len + 1);
	if (!text)
		return (struct str){ 0 };
	va_start(args, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, args);
	va_end(args);
	return (struct str){ .ptr = text, .len = (size_t)len };
}

/** Bytes of the well-formed character at s.ptr[at], 0 when malformed (Unicode 15, table 3-7). */
static size_t utf8_length_at(struct str s, size_t at)
{
	const unsigned char *p = (const unsigned char *)s.ptr + at;
	size_t left = s.len - at;

	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xC2 && p[0] <= 0xDF)
		return left >= 2 && (p[1] & 0xC0) == 0x80 ? 2 : 0;
	if ((p[0] & 0xF0) == 0xE0) {
		if (left < 3 || (p[1] & 0xC0) != 0x80 || (p[2] & 0xC0) != 0x80)
			return 0;
		if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F))
			return 0;
		return 3;
	}
	if (p[0] >= 0xF0 && p[0] <= 0xF4) {
		if (left < 4 || (p[1] & 0xC0) != 0x80 || (p[2] & 0xC0) != 0x80 || (p[3] & 0xC0) != 0x80)
			return 0;
		if ((p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
			return 0;
		return 4;
	}
	return 0;
}

bool utf8_valid(struct str s)
{
	for (size_t at = 0; at < s.len;) {
		size_t n = utf8_length_at(s, at);

		if (n == 0)
			return false;
		at += n;
	}
	return true;
}

uint32_t utf8_next(struct str s, size_t *at)
{
	const unsigned char *p = (const unsigned char *)s.ptr + *at;
	size_t n = utf8_length_at(s, *at);

	*at += n ? n : 1;
	switch (n) {
	case 1:
		return p[0];
	case 2:
		return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
	case 3:
		return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
	case 4:
		return (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
	default:
		return 0xFFFD;
	}
}

size_t utf8_put(uint32_t c, char out[static 4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

size_t utf8_count(struct str s)
{
	size_t count = 0;

	for (size_t at = 0; at < s.len; count++)
		utf8_next(s, &at);
	return count;
}

uint64_t str_hash(struct str s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 0x100000001b3u;
	return h;
}
