/* Any bytes as a JSON body, a query and a path: decoded within the table's bounds or refused with a field, never with text that is not
 * UTF-8. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "http/http_private.h"

#define PARAMS_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct form {
	struct str name, choice;
	int64_t count, org_id;
	bool open;
	int32_t on;
	struct id_list ids;
	struct str items;
};
static const struct field fields[] = {
	F_STR(struct form, name, .min = 2, .max = 20, .label = "名称"),
	F_STR(struct form, choice, .one_of = "yes|no", .label = "选择"),
	F_I64(struct form, count, .min = 1, .max = 100, .label = "数量"),
	F_ID(struct form, org_id, .label = "单位"),
	F_BOOL(struct form, open, .label = "公开"),
	F_DAY(struct form, on, .label = "日期"),
	F_IDS(struct form, ids, .max = 20, .label = "编号"),
	F_JSON(struct form, items, .label = "内容"),
	{ 0 },
};

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void look_at(const struct form *f)
{
	size_t chars = utf8_count(f->name);

	need(utf8_valid(f->name) && chars <= 20 && (chars == 0 || chars >= 2));
	need(f->choice.len == 0 || str_eq(f->choice, STR("yes")) || str_eq(f->choice, STR("no")));
	need(f->count >= 0 && f->count <= 100 && f->org_id >= 0 && f->ids.count <= 20);
	for (size_t i = 0; i < f->ids.count; i++)
		need(f->ids.v[i] > 0);
}

/** What a refusal becomes must be a JSON document that says where. */
static void look_at_problem(enum err_code code, const struct err *err, const struct field_fault *fault)
{
	struct buf out;

	need(err->msg[0] != '\0' && utf8_valid(str_of(err->msg)));
	need(utf8_valid(str_of(fault->name)));
	buf_init(&out, 1 << 20);
	problem_put(&out, code, err->msg, fault->name[0] ? fault->name : NULL, "id");
	need(!out.failed && utf8_valid(buf_str(&out)));
	buf_clear(&out);
}

static void as_body(struct str text, struct arena *mem)
{
	struct field_fault fault = { 0 };
	struct err err = { 0 };
	void *form = NULL;
	enum err_code code = fields_from_json(fields, sizeof(struct form), text, mem, &form, &fault, &err);

	if (code == ERR_OK)
		look_at(form);
	else
		look_at_problem(code, &err, &fault);
}

/** name=value&name=value, percent-decoded as the server does. */
static void as_query(struct str text, struct arena *mem)
{
	struct param params[PARAMS_MAX];
	struct field_fault fault = { 0 };
	struct err err = { 0 };
	void *form = NULL;
	size_t count = 0;
	struct str pair;
	enum err_code code;

	while (count < PARAMS_MAX && str_next(&text, '&', &pair)) {
		struct str name = pair, rest = pair;

		if (!str_next(&rest, '=', &name))
			continue;
		if (percent_decode(name, true, mem, &params[count].name) && percent_decode(rest, true, mem, &params[count].value))
			count++;
	}
	code = fields_from_query(fields, sizeof(struct form), params, count, mem, &form, &fault, &err);
	if (code == ERR_OK)
		look_at(form);
	else
		look_at_problem(code, &err, &fault);
}

static void as_path(struct str text, struct arena *mem)
{
	struct str segments[HTTP_SEGMENTS_MAX], path;
	struct buf encoded;
	size_t count;

	if (memchr(text.ptr, 0, text.len) || !percent_decode(text, false, mem, &path)) /* libmicrohttpd gives a C string */
		return;
	if (path_split(path, segments, &count))
		need(count <= HTTP_SEGMENTS_MAX);
	buf_init(&encoded, 1 << 20);
	percent_encode(path, &encoded);
	if (encoded.len > 0) {
		struct str back;

		need(percent_decode(buf_str(&encoded), false, mem, &back) && str_eq(back, path));
	}
	buf_clear(&encoded);
	accepts_token(text, STR("br"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(64u << 20);
	struct str text = { .ptr = (const char *)data + 1, .len = size - 1 };

	if (!mem || size < 1 || size > 65536)
		return 0;
	switch (data[0] % 3) {
	case 0:
		as_body(text, mem);
		break;
	case 1:
		as_query(text, mem);
		break;
	default:
		as_path(text, mem);
	}
	return 0;
}
