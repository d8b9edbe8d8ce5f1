/* JSON text straight into a buffer. Misuse (a value where a key belongs) is a programmer's error and asserts. */
#include "base/json.h"

#include <assert.h>
#include <math.h>

#include "base/date.h"

void json_init(struct json *j, struct buf *out)
{
	*j = (struct json){ .out = out };
	j->first[0] = true;
}

static void before_value(struct json *j)
{
	if (j->after_key) {
		j->after_key = false;
		return;
	}
	if (!j->first[j->depth])
		buf_putc(j->out, ',');
	j->first[j->depth] = false;
}

static void open_level(struct json *j, char bracket)
{
	before_value(j);
	buf_putc(j->out, bracket);
	assert(j->depth + 1 < JSON_DEPTH_MAX);
	j->first[++j->depth] = true;
}

static void close_level(struct json *j, char bracket)
{
	assert(j->depth > 0 && !j->after_key);
	j->depth--;
	buf_putc(j->out, bracket);
}

void json_obj(struct json *j)
{
	open_level(j, '{');
}

void json_obj_end(struct json *j)
{
	close_level(j, '}');
}

void json_arr(struct json *j)
{
	open_level(j, '[');
}

void json_arr_end(struct json *j)
{
	close_level(j, ']');
}

/** Bytes below 0x20, the quote, the backslash; '<' too, so that JSON inside HTML stays inert. */
static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != '<';
}

static void put_escaped_char(struct json *j, struct str s, size_t *at)
{
	size_t from = *at;
	uint32_t c = utf8_next(s, at);

	if (c == '"' || c == '\\')
		buf_printf(j->out, "\\%c", (int)c);
	else if (c == '\n')
		buf_puts(j->out, "\\n");
	else if (c < 0x20 || c == '<' || c == 0x2028 || c == 0x2029)
		buf_printf(j->out, "\\u%04x", c);
	else if (c == 0xFFFD)
		buf_puts(j->out, "\xEF\xBF\xBD");
	else
		buf_put(j->out, str_sub(s, from, *at));
}

static void put_string(struct json *j, struct str s)
{
	buf_putc(j->out, '"');
	for (size_t at = 0; at < s.len;) {
		size_t end = at;

		while (end < s.len && is_plain((unsigned char)s.ptr[end]))
			end++;
		buf_put(j->out, str_sub(s, at, end));
		at = end;
		if (at < s.len)
			put_escaped_char(j, s, &at);
	}
	buf_putc(j->out, '"');
}

void json_key_str(struct json *j, struct str key)
{
	assert(!j->after_key);
	before_value(j);
	put_string(j, key);
	buf_putc(j->out, ':');
	j->after_key = true;
}

void json_key(struct json *j, const char *key)
{
	json_key_str(j, str_of(key));
}

void json_str(struct json *j, struct str s)
{
	if (!s.ptr) {
		json_none(j);
		return;
	}
	before_value(j);
	put_string(j, s);
}

void json_i64(struct json *j, int64_t v)
{
	before_value(j);
	buf_put_i64(j->out, v);
}

void json_id(struct json *j, int64_t id)
{
	if (id == 0) {
		json_none(j);
		return;
	}
	before_value(j);
	buf_putc(j->out, '"');
	buf_put_i64(j->out, id);
	buf_putc(j->out, '"');
}

void json_bool(struct json *j, bool v)
{
	before_value(j);
	buf_puts(j->out, v ? "true" : "false");
}

void json_none(struct json *j)
{
	before_value(j);
	buf_puts(j->out, "null");
}

void json_scaled(struct json *j, int64_t v, int scale)
{
	uint64_t magnitude = v < 0 ? 0 - (uint64_t)v : (uint64_t)v, unit = 1;

	for (int i = 0; i < scale; i++)
		unit *= 10;
	before_value(j);
	buf_printf(j->out, "%s%llu", v < 0 ? "-" : "", (unsigned long long)(magnitude / unit));
	if (scale > 0)
		buf_printf(j->out, ".%0*llu", scale, (unsigned long long)(magnitude % unit));
}

void json_double(struct json *j, double v)
{
	if (!isfinite(v)) {
		json_none(j);
		return;
	}
	before_value(j);
	buf_printf(j->out, "%.15g", v);
}

void json_raw(struct json *j, struct str s)
{
	before_value(j);
	buf_put(j->out, s.len ? s : STR("null"));
}

void json_kstr(struct json *j, const char *key, struct str s)
{
	json_key(j, key);
	json_str(j, s);
}

void json_kputs(struct json *j, const char *key, const char *s)
{
	json_kstr(j, key, str_of(s));
}

void json_ki64(struct json *j, const char *key, int64_t v)
{
	json_key(j, key);
	json_i64(j, v);
}

void json_kid(struct json *j, const char *key, int64_t id)
{
	json_key(j, key);
	json_id(j, id);
}

void json_kbool(struct json *j, const char *key, bool v)
{
	json_key(j, key);
	json_bool(j, v);
}

void json_knull(struct json *j, const char *key)
{
	json_key(j, key);
	json_none(j);
}

void json_kday(struct json *j, const char *key, int32_t day)
{
	char text[11];

	if (day == DAY_NONE) {
		json_knull(j, key);
		return;
	}
	day_format(day, text);
	json_kputs(j, key, text);
}

void json_ktime(struct json *j, const char *key, int64_t time_ms)
{
	char text[25];

	if (time_ms == TIME_NONE) {
		json_knull(j, key);
		return;
	}
	time_format(time_ms, text);
	json_kputs(j, key, text);
}
