/* One decoder for bodies (JSON) and queries over the same tables. Every refusal names the field, what is allowed, and is 422. */
#include <jansson.h>
#include <stdio.h>

#include "http/http_private.h"

#define STR_CHARS_MAX 1000
#define IDS_MAX 10000
#define JSON_FIELD_BYTES_MAX (1u << 20)

static enum err_code bad(const struct field *f, struct field_fault *fault, struct err *err, const char *what)
{
	snprintf(fault->name, sizeof(fault->name), "%s", f->name);
	return err_set(err, ERR_INPUT, "%s（%s）%s", f->label ? f->label : f->name, f->name, what);
}

static const struct field *field_named(const struct field *fields, struct str name)
{
	for (const struct field *f = fields; f && f->name; f++)
		if (str_eq(str_of(f->name), name))
			return f;
	return NULL;
}

static enum err_code unknown(const struct field *fields, struct str name, struct field_fault *fault, struct err *err)
{
	char allowed[300] = "";
	size_t len = 0;

	for (const struct field *f = fields; f && f->name && len < sizeof(allowed) - 80; f++)
		len += (size_t)snprintf(allowed + len, sizeof(allowed) - len, "%s%s", len ? "、" : "", f->name);
	while (name.len > 60 || !utf8_valid(name)) /* cut between characters */
		name.len--;
	snprintf(fault->name, sizeof(fault->name), "%.*s", STR_ARG(name));
	if (len == 0)
		return err_set(err, ERR_INPUT, "没有名为 %s 的字段，这里不收任何字段", fault->name);
	return err_set(err, ERR_INPUT, "没有名为 %s 的字段，可用：%s", fault->name, allowed);
}

static bool is_one_of(struct str value, const char *one_of)
{
	struct str rest = str_of(one_of), part;

	while (str_next(&rest, '|', &part))
		if (str_eq(part, value))
			return true;
	return false;
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (((unsigned char)s.ptr[i] < 0x20 && s.ptr[i] != '\n' && s.ptr[i] != '\t' && s.ptr[i] != '\r') || s.ptr[i] == 0x7f)
			return true;
	return false;
}

static enum err_code put_str(
	const struct field *f, struct str value, struct arena *mem, void *at, struct field_fault *fault, struct err *err)
{
	int64_t max = f->max > 0 ? f->max : STR_CHARS_MAX;
	char what[400];
	size_t chars;

	if (f->required && str_trim(value).len == 0)
		return bad(f, fault, err, "必填，不能为空");
	if (!utf8_valid(value) || has_control(value))
		return bad(f, fault, err, "含有不允许的控制字符");
	chars = utf8_count(value);
	if ((int64_t)chars > max || (value.len > 0 && (int64_t)chars < f->min)) {
		if (f->min > 0)
			snprintf(what, sizeof(what), "应为 %lld 至 %lld 个字，收到 %zu 个", (long long)f->min, (long long)max, chars);
		else
			snprintf(what, sizeof(what), "最多 %lld 个字，收到 %zu 个", (long long)max, chars);
		return bad(f, fault, err, what);
	}
	if (f->one_of && value.len > 0 && !is_one_of(value, f->one_of)) {
		snprintf(what, sizeof(what), "只能是 %s 之一，收到“%.*s”", f->one_of, value.len > 60 ? 0 : (int)value.len, value.ptr);
		return bad(f, fault, err, what);
	}
	*(struct str *)at = str_dup(mem, value);
	return ((struct str *)at)->ptr ? ERR_OK : err_nomem(err);
}

static enum err_code put_i64(const struct field *f, int64_t v, void *at, struct field_fault *fault, struct err *err)
{
	char what[120];

	if ((f->min != 0 || f->max != 0) && (v < f->min || v > f->max)) {
		snprintf(what, sizeof(what), "应在 %lld 至 %lld 之间，收到 %lld", (long long)f->min, (long long)f->max, (long long)v);
		return bad(f, fault, err, what);
	}
	*(int64_t *)at = v;
	return ERR_OK;
}

static bool parse_id(struct str s, int64_t *ret)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	return s.len > 0 && str_to_i64(s, ret) && *ret > 0;
}

static enum err_code put_id(const struct field *f, struct str s, void *at, struct field_fault *fault, struct err *err)
{
	if (s.len == 0 && !f->required)
		return ERR_OK;
	return parse_id(s, at) ? ERR_OK : bad(f, fault, err, "应为十进制数字串形式的编号");
}

static enum err_code put_day(const struct field *f, struct str s, void *at, struct field_fault *fault, struct err *err)
{
	if (s.len == 0 && !f->required)
		return ERR_OK;
	return day_parse(s, at) ? ERR_OK : bad(f, fault, err, "应为真实存在的日期，写作 2026-01-31");
}

static enum err_code ids_room(
	const struct field *f, size_t count, struct arena *mem, int64_t **ret, struct field_fault *fault, struct err *err)
{
	int64_t max = f->max > 0 ? f->max : IDS_MAX;
	char what[80];

	if ((int64_t)count > max || (int64_t)count < f->min || (f->required && count == 0)) {
		snprintf(what, sizeof(what), "应有 %lld 至 %lld 个编号，收到 %zu 个", (long long)(f->min > 0 ? f->min : f->required),
			(long long)max, count);
		return bad(f, fault, err, what);
	}
	*ret = ARENA_NEW(mem, int64_t, count + 1);
	return *ret ? ERR_OK : err_nomem(err);
}

/* ---- JSON ---- */

static struct str json_text(const json_t *v)
{
	return (struct str){ .ptr = json_string_value(v), .len = json_string_length(v) };
}

static enum err_code ids_from_json(
	const struct field *f, const json_t *v, struct arena *mem, void *at, struct field_fault *fault, struct err *err)
{
	struct id_list *list = at;
	size_t count = json_array_size(v);
	int64_t *ids;

	if (!json_is_array(v))
		return bad(f, fault, err, "应为编号的数组");
	TRY(ids_room(f, count, mem, &ids, fault, err));
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(v, i);

		if (!json_is_string(one) || !parse_id(json_text(one), &ids[i]))
			return bad(f, fault, err, "的每一项应为十进制数字串形式的编号");
	}
	*list = (struct id_list){ .v = ids, .count = count };
	return ERR_OK;
}

static enum err_code raw_from_json(
	const struct field *f, const json_t *v, struct arena *mem, void *at, struct field_fault *fault, struct err *err)
{
	size_t size = json_dumpb(v, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
	char *text;

	if (size == 0 || size > JSON_FIELD_BYTES_MAX)
		return bad(f, fault, err, "过大");
	text = ARENA_NEW(mem, char, size + 1);
	if (!text)
		return err_nomem(err);
	json_dumpb(v, text, size, JSON_COMPACT | JSON_ENCODE_ANY);
	*(struct str *)at = (struct str){ .ptr = text, .len = size };
	return ERR_OK;
}

static enum err_code value_from_json(
	const struct field *f, const json_t *v, struct arena *mem, void *at, struct field_fault *fault, struct err *err)
{
	switch (f->type) {
	case FIELD_STR:
		return json_is_string(v) ? put_str(f, json_text(v), mem, at, fault, err) : bad(f, fault, err, "应为文字");
	case FIELD_I64:
		return json_is_integer(v) ? put_i64(f, json_integer_value(v), at, fault, err) : bad(f, fault, err, "应为整数");
	case FIELD_ID:
		return json_is_string(v) ? put_id(f, json_text(v), at, fault, err) : bad(f, fault, err, "应为十进制数字串形式的编号");
	case FIELD_BOOL:
		if (!json_is_boolean(v))
			return bad(f, fault, err, "应为 true 或 false");
		*(bool *)at = json_is_true(v);
		return ERR_OK;
	case FIELD_DAY:
		return json_is_string(v) ? put_day(f, json_text(v), at, fault, err) : bad(f, fault, err, "应为日期，写作 \"2026-01-31\"");
	case FIELD_IDS:
		return ids_from_json(f, v, mem, at, fault, err);
	case FIELD_JSON:
		return raw_from_json(f, v, mem, at, fault, err);
	}
	return err_set(err, ERR_INTERNAL, "字段 %s 的类型未知", f->name);
}

/** A zeroed struct with the dates absent. */
static void *blank(const struct field *fields, size_t size, struct arena *mem)
{
	void *out = arena_alloc(mem, 1, size > 0 ? size : 1, _Alignof(max_align_t));

	for (const struct field *f = fields; out && f && f->name; f++)
		if (f->type == FIELD_DAY)
			*(int32_t *)((char *)out + f->at) = DAY_NONE;
	return out;
}

static enum err_code from_object(
	const struct field *fields, const json_t *root, struct arena *mem, char *out, struct field_fault *fault, struct err *err)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)root, key, v)
	{
		const struct field *f = field_named(fields, str_of(key));

		if (!f)
			return unknown(fields, str_of(key), fault, err);
		if (!json_is_null(v))
			TRY(value_from_json(f, v, mem, out + f->at, fault, err));
	}
	for (const struct field *f = fields; f && f->name; f++)
		if (f->required && (!(v = json_object_get(root, f->name)) || json_is_null(v)))
			return bad(f, fault, err, "必填");
	return ERR_OK;
}

enum err_code fields_from_json(
	const struct field *fields, size_t size, struct str text, struct arena *mem, void **ret, struct field_fault *fault, struct err *err)
{
	json_error_t where;
	json_t *root = str_trim(text).len > 0 ? json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &where) : json_object();
	void *out = blank(fields, size, mem);
	enum err_code code;

	if (!root && str_trim(text).len > 0) {
		struct str near = str_of(where.text);

		while (near.len > 120 || !utf8_valid(near)) /* jansson repeats the bytes as they came */
			near.len--;
		return err_set(
			err, ERR_SYNTAX, "请求体不是合规的 JSON：第 %d 行第 %d 列附近（%.*s）", where.line, where.column, STR_ARG(near));
	}
	if (!root || !out)
		code = err_nomem(err);
	else if (!json_is_object(root))
		code = err_set(err, ERR_SYNTAX, "请求体应为一个 JSON 对象");
	else
		code = from_object(fields, root, mem, out, fault, err);
	json_decref(root);
	if (code == ERR_OK)
		*ret = out;
	return code;
}

/* ---- query ---- */

static enum err_code ids_from_query(
	const struct field *f, struct str text, struct arena *mem, void *at, struct field_fault *fault, struct err *err)
{
	struct str rest = text, part;
	size_t count = text.len > 0 ? 1 : 0, n = 0;
	int64_t *ids;

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == ',';
	TRY(ids_room(f, count, mem, &ids, fault, err));
	while (n < count && str_next(&rest, ',', &part))
		if (!parse_id(part, &ids[n++]))
			return bad(f, fault, err, "应为逗号分隔的编号");
	*(struct id_list *)at = (struct id_list){ .v = ids, .count = n };
	return ERR_OK;
}

static enum err_code value_from_query(
	const struct field *f, struct str s, struct arena *mem, void *at, struct field_fault *fault, struct err *err)
{
	int64_t v;

	switch (f->type) {
	case FIELD_STR:
	case FIELD_JSON:
		return put_str(f, s, mem, at, fault, err);
	case FIELD_I64:
		if (s.len == 0 && !f->required)
			return ERR_OK;
		return str_to_i64(s, &v) ? put_i64(f, v, at, fault, err) : bad(f, fault, err, "应为整数");
	case FIELD_ID:
		return put_id(f, s, at, fault, err);
	case FIELD_BOOL:
		if (!is_one_of(s, "true|false|1|0") && s.len > 0)
			return bad(f, fault, err, "应为 true 或 false");
		*(bool *)at = str_eq(s, STR("true")) || str_eq(s, STR("1"));
		return ERR_OK;
	case FIELD_DAY:
		return put_day(f, s, at, fault, err);
	case FIELD_IDS:
		return ids_from_query(f, s, mem, at, fault, err);
	}
	return err_set(err, ERR_INTERNAL, "字段 %s 的类型未知", f->name);
}

static const struct param *param_named(const struct param *params, size_t count, const char *name, bool *ret_twice)
{
	const struct param *found = NULL;

	*ret_twice = false;
	for (size_t i = 0; i < count; i++)
		if (str_eq(params[i].name, str_of(name))) {
			*ret_twice = found != NULL;
			found = &params[i];
		}
	return found;
}

enum err_code fields_from_query(const struct field *fields, size_t size, const struct param *params, size_t param_count, struct arena *mem,
	void **ret, struct field_fault *fault, struct err *err)
{
	char *out = blank(fields, size, mem);

	if (!out)
		return err_nomem(err);
	for (const struct field *f = fields; f && f->name; f++) {
		bool twice;
		const struct param *p = param_named(params, param_count, f->name, &twice);

		if (twice)
			return bad(f, fault, err, "只能给一次");
		if (!p && f->required)
			return bad(f, fault, err, "必填");
		if (p)
			TRY(value_from_query(f, p->value, mem, out + f->at, fault, err));
	}
	*ret = out;
	return ERR_OK;
}
