/* Streaming JSON writer over a buf: no tree. Commas are placed by the writer; misuse asserts. Reading JSON is jansson's job. */
#ifndef XZ_BASE_JSON_H
#define XZ_BASE_JSON_H

#include "base/buf.h"

#define JSON_DEPTH_MAX 32

struct json {
	struct buf *out;
	int depth;
	bool first[JSON_DEPTH_MAX];
	bool after_key;
};

/* One call a token; containers nest to JSON_DEPTH_MAX. */
void json_init(struct json *j, struct buf *out);
void json_obj(struct json *j);
void json_obj_end(struct json *j);
void json_arr(struct json *j);
void json_arr_end(struct json *j);
void json_key(struct json *j, const char *key);
void json_key_str(struct json *j, struct str key);
/** A string; a view with NULL ptr writes null. Malformed UTF-8 becomes U+FFFD. */
void json_str(struct json *j, struct str s);
void json_i64(struct json *j, int64_t v);
/** Identifiers are 63 bits wide and JavaScript's numbers are not: written as a decimal string, 0 as null. */
void json_id(struct json *j, int64_t id);
void json_bool(struct json *j, bool v);
/** null; not called json_null because jansson exports that name. */
void json_none(struct json *j);
/** A number with `scale` decimals from a scaled integer: json_scaled(j, 12345, 2) writes 123.45. */
void json_scaled(struct json *j, int64_t v, int scale);
void json_double(struct json *j, double v);
/** Text that is already valid JSON. */
void json_raw(struct json *j, struct str s);

/* key and value in one call */
void json_kstr(struct json *j, const char *key, struct str s);
void json_kputs(struct json *j, const char *key, const char *s); /* NULL writes null */
void json_ki64(struct json *j, const char *key, int64_t v);
void json_kid(struct json *j, const char *key, int64_t id);
void json_kbool(struct json *j, const char *key, bool v);
void json_knull(struct json *j, const char *key);
/** ISO date from a day number, DAY_NONE as null. */
void json_kday(struct json *j, const char *key, int32_t day);
/** RFC 3339 UTC time with milliseconds, TIME_NONE as null. */
void json_ktime(struct json *j, const char *key, int64_t time_ms);

#endif
