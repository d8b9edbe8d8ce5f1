/* The small grammar of HTTP: percent encoding, tokens, quality values. */
#include <strings.h>

#include "http/http_private.h"

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool percent_decode(struct str raw, bool plus, struct arena *mem, struct str *ret)
{
	char *out = ARENA_NEW(mem, char, raw.len + 1);
	size_t len = 0;

	if (!out)
		return false;
	for (size_t i = 0; i < raw.len; i++) {
		char c = raw.ptr[i];

		if (c == '%') {
			bool whole = i + 2 < raw.len;
			int high = whole ? hex_value(raw.ptr[i + 1]) : -1;
			int low = whole ? hex_value(raw.ptr[i + 2]) : -1;

			if (high < 0 || low < 0 || (high == 0 && low == 0))
				return false;
			c = (char)(high * 16 + low);
			i += 2;
		} else if (plus && c == '+') {
			c = ' ';
		}
		out[len++] = c;
	}
	*ret = (struct str){ .ptr = out, .len = len };
	return utf8_valid(*ret);
}

void percent_encode(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_')
			buf_putc(out, (char)c);
		else
			buf_printf(out, "%%%02X", c);
	}
}

bool token_equal(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp(a.ptr, b.ptr, a.len) == 0);
}

/** q=0, q=0.0, q=0.000 */
static bool is_refused(struct str parameters)
{
	struct str part;

	while (str_next(&parameters, ';', &part)) {
		int64_t thousandths;

		part = str_trim(part);
		if (part.len > 2 && (part.ptr[0] == 'q' || part.ptr[0] == 'Q') && part.ptr[1] == '=')
			return str_to_scaled(str_sub(part, 2, part.len), 3, &thousandths) && thousandths == 0;
	}
	return false;
}

bool accepts_token(struct str header, struct str token)
{
	struct str part;

	while (str_next(&header, ',', &part)) {
		struct str name, parameters = part;

		if (!str_next(&parameters, ';', &name))
			continue;
		if (token_equal(str_trim(name), token))
			return !is_refused(parameters);
	}
	return false;
}
