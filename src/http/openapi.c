/* The description of the API, printed from the rows that the server answers: sorted, two blanks a level, one line a small object, so that a
 * change of a row is a readable change of the file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/http_private.h"

#ifndef XZ_VERSION
#define XZ_VERSION "0"
#endif

#define ROWS_MAX 1024
#define DESCRIPTION_BYTES_MAX (16u << 20)
#define SMALL_BYTES 110

struct printed {
	const struct route *row;
	const char *tag;
};

static const char *const scope_slugs[] = { "nobody", "public", "account", "org", "installation" };

static int by_path(const void *a, const void *b)
{
	const struct printed *x = a, *y = b;
	int order = strcmp(x->row->path, y->row->path);

	return order ? order : (int)x->row->method - (int)y->row->method;
}

static const char *id_pattern(void)
{
	return "^[1-9][0-9]{0,18}$";
}

static void one_of_put(struct json *j, const char *one_of)
{
	struct str rest = str_of(one_of), part;

	json_key(j, "enum");
	json_arr(j);
	while (str_next(&rest, '|', &part))
		json_str(j, part);
	json_arr_end(j);
}

static void string_schema(struct json *j, const struct field *f)
{
	json_kputs(j, "type", "string");
	if (f->one_of) {
		one_of_put(j, f->one_of);
		return;
	}
	if (f->min > 0)
		json_ki64(j, "minLength", f->min);
	json_ki64(j, "maxLength", f->max > 0 ? f->max : 1000);
}

static void ids_schema(struct json *j, const struct field *f)
{
	json_kputs(j, "type", "array");
	json_key(j, "items");
	json_obj(j);
	json_kputs(j, "type", "string");
	json_kputs(j, "pattern", id_pattern());
	json_obj_end(j);
	if (f->min > 0 || f->required)
		json_ki64(j, "minItems", f->min > 0 ? f->min : 1);
	json_ki64(j, "maxItems", f->max > 0 ? f->max : 10000);
}

static void field_schema(struct json *j, const struct field *f)
{
	json_obj(j);
	switch (f->type) {
	case FIELD_STR:
		string_schema(j, f);
		break;
	case FIELD_I64:
		json_kputs(j, "type", "integer");
		json_kputs(j, "format", "int64");
		if (f->min != 0 || f->max != 0) {
			json_ki64(j, "minimum", f->min);
			json_ki64(j, "maximum", f->max);
		}
		break;
	case FIELD_ID:
		json_kputs(j, "type", "string");
		json_kputs(j, "pattern", id_pattern());
		break;
	case FIELD_BOOL:
		json_kputs(j, "type", "boolean");
		break;
	case FIELD_DAY:
		json_kputs(j, "type", "string");
		json_kputs(j, "format", "date");
		break;
	case FIELD_IDS:
		ids_schema(j, f);
		break;
	case FIELD_JSON:
		break;
	}
	if (f->label)
		json_kputs(j, "description", f->label);
	json_obj_end(j);
}

static void path_parameters(struct json *j, const char *path)
{
	struct str segments[HTTP_SEGMENTS_MAX];
	size_t count = 0;

	path_split(str_of(path), segments, &count);
	for (size_t i = 0; i < count; i++) {
		if (segments[i].ptr[0] != '{')
			continue;
		json_obj(j);
		json_kstr(j, "name", str_sub(segments[i], 1, segments[i].len - 1));
		json_kputs(j, "in", "path");
		json_kbool(j, "required", true);
		json_key(j, "schema");
		json_obj(j);
		json_kputs(j, "type", "string");
		json_obj_end(j);
		json_obj_end(j);
	}
}

static void query_parameters(struct json *j, const struct route *row)
{
	static const struct field name = { .name = "name", .type = FIELD_STR, .required = true, .max = 255, .label = "文件名" };

	for (const struct field *f = row->query; f && f->name; f++) {
		json_obj(j);
		json_kputs(j, "name", f->name);
		json_kputs(j, "in", "query");
		if (f->required)
			json_kbool(j, "required", true);
		json_key(j, "schema");
		field_schema(j, f);
		json_obj_end(j);
	}
	if (row->upload) {
		json_obj(j);
		json_kputs(j, "name", name.name);
		json_kputs(j, "in", "query");
		json_kbool(j, "required", true);
		json_key(j, "schema");
		field_schema(j, &name);
		json_obj_end(j);
	}
}

static void body_schema(struct json *j, const struct field *fields)
{
	bool any_required = false;

	json_obj(j);
	json_kputs(j, "type", "object");
	json_kbool(j, "additionalProperties", false);
	json_key(j, "properties");
	json_obj(j);
	for (const struct field *f = fields; f->name; f++) {
		json_key(j, f->name);
		field_schema(j, f);
		any_required |= f->required;
	}
	json_obj_end(j);
	if (any_required) {
		json_key(j, "required");
		json_arr(j);
		for (const struct field *f = fields; f->name; f++)
			if (f->required)
				json_str(j, str_of(f->name));
		json_arr_end(j);
	}
	json_obj_end(j);
}

static void request_body(struct json *j, const struct route *row)
{
	if (!row->body && !row->upload)
		return;
	json_key(j, "requestBody");
	json_obj(j);
	json_kbool(j, "required", true);
	json_key(j, "content");
	json_obj(j);
	json_key(j, row->upload ? "application/octet-stream" : "application/json");
	json_obj(j);
	json_key(j, "schema");
	if (row->upload) {
		json_obj(j);
		json_kputs(j, "type", "string");
		json_kputs(j, "format", "binary");
		json_obj_end(j);
	} else {
		body_schema(j, row->body);
	}
	json_obj_end(j);
	json_obj_end(j);
	json_obj_end(j);
}

static void responses(struct json *j, const struct route *row)
{
	json_key(j, "responses");
	json_obj(j);
	json_key(j, "2XX");
	json_obj(j);
	json_kputs(j, "description", row->answers ? row->answers : "OK");
	json_obj_end(j);
	json_key(j, "default");
	json_obj(j);
	json_kputs(j, "$ref", "#/components/responses/Problem");
	json_obj_end(j);
	json_obj_end(j);
}

static void roles_put(struct json *j, unsigned int roles)
{
	json_key(j, "x-roles");
	json_arr(j);
	if (roles & ROLE_ANYONE)
		json_str(j, STR("anyone"));
	for (int i = 0; i < ROLE_COUNT; i++)
		if (roles & (1u << i))
			json_str(j, str_of(role_slug(i)));
	json_arr_end(j);
}

/** getApiMattersId: from the method and the path, so that it changes only when they do. */
static void operation_id(struct json *j, const struct route *row)
{
	char id[200];
	size_t len = 0;
	bool up = true;

	for (const char *c = method_name(row->method); *c; c++)
		id[len++] = (char)(*c | 0x20);
	for (const char *c = row->path; *c && len < sizeof(id) - 1; c++) {
		bool word = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9');

		if (word)
			id[len++] = up && *c >= 'a' ? (char)(*c & ~0x20) : *c;
		up = !word;
	}
	id[len] = '\0';
	json_kputs(j, "operationId", id);
}

static void operation(struct json *j, const struct printed *p)
{
	const struct route *row = p->row;

	json_key(j, row->method == HTTP_GET ? "get" : row->method == HTTP_POST ? "post" : row->method == HTTP_PUT ? "put" : "delete");
	json_obj(j);
	operation_id(j, row);
	json_key(j, "tags");
	json_arr(j);
	json_str(j, str_of(p->tag ? p->tag : "xiezhi"));
	json_arr_end(j);
	if (row->summary)
		json_kputs(j, "summary", row->summary);
	roles_put(j, row->roles);
	json_kputs(j, "x-scope", scope_slugs[row->scope]);
	if (row->query || row->upload || strchr(row->path, '{')) {
		json_key(j, "parameters");
		json_arr(j);
		path_parameters(j, row->path);
		query_parameters(j, row);
		json_arr_end(j);
	}
	request_body(j, row);
	responses(j, row);
	if (row->roles & ROLE_ANYONE) {
		json_key(j, "security");
		json_arr(j);
		json_arr_end(j);
	}
	json_obj_end(j);
}

static void problem_schema(struct json *j)
{
	static const char *const names[] = { "type", "title", "detail", "field", "article", "request_id" };

	json_key(j, "Problem");
	json_obj(j);
	json_kputs(j, "type", "object");
	json_key(j, "properties");
	json_obj(j);
	json_key(j, "status");
	json_obj(j);
	json_kputs(j, "type", "integer");
	json_obj_end(j);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		json_key(j, names[i]);
		json_obj(j);
		json_kputs(j, "type", "string");
		json_obj_end(j);
	}
	json_obj_end(j);
	json_key(j, "required");
	json_arr(j);
	json_str(j, STR("type"));
	json_str(j, STR("title"));
	json_str(j, STR("status"));
	json_str(j, STR("detail"));
	json_arr_end(j);
	json_obj_end(j);
}

static void components(struct json *j)
{
	json_key(j, "components");
	json_obj(j);
	json_key(j, "responses");
	json_obj(j);
	json_key(j, "Problem");
	json_obj(j);
	json_kputs(j, "description", "出错时的问题文档（RFC 9457）");
	json_key(j, "content");
	json_obj(j);
	json_key(j, "application/problem+json");
	json_obj(j);
	json_key(j, "schema");
	json_obj(j);
	json_kputs(j, "$ref", "#/components/schemas/Problem");
	json_obj_end(j);
	json_obj_end(j);
	json_obj_end(j);
	json_obj_end(j);
	json_obj_end(j);
	json_key(j, "schemas");
	json_obj(j);
	problem_schema(j);
	json_obj_end(j);
	json_key(j, "securitySchemes");
	json_obj(j);
	json_key(j, "session");
	json_obj(j);
	json_kputs(j, "type", "apiKey");
	json_kputs(j, "in", "cookie");
	json_kputs(j, "name", "xz_session");
	json_kputs(j, "description", "另外，每个非 GET 请求须带 X-CSRF，值来自 GET /api/session");
	json_obj_end(j);
	json_obj_end(j);
	json_obj_end(j);
}

static void describe(const struct printed *rows, size_t count, struct json *j)
{
	json_obj(j);
	json_kputs(j, "openapi", "3.1.0");
	json_key(j, "info");
	json_obj(j);
	json_kputs(j, "title", "獬豸 行政执法监督系统");
	json_kputs(j, "version", XZ_VERSION);
	json_obj_end(j);
	json_key(j, "security");
	json_arr(j);
	json_obj(j);
	json_key(j, "session");
	json_arr(j);
	json_arr_end(j);
	json_obj_end(j);
	json_arr_end(j);
	json_key(j, "paths");
	json_obj(j);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(rows[i].row->path, rows[i - 1].row->path) != 0) {
			if (i > 0)
				json_obj_end(j);
			json_key(j, rows[i].row->path);
			json_obj(j);
		}
		operation(j, &rows[i]);
	}
	if (count > 0)
		json_obj_end(j);
	json_obj_end(j);
	components(j);
	json_obj_end(j);
}

/* ---- layout ---- */

static void line(struct buf *out, int depth)
{
	buf_putc(out, '\n');
	for (int i = 0; i < depth; i++)
		buf_puts(out, "  ");
}

/** Length of the container that starts at `from`, or 0 when it is longer than a line may be. */
static size_t small_container(struct str text, size_t from)
{
	bool quoted = false;
	int depth = 0;

	for (size_t i = from; i < text.len && i - from < SMALL_BYTES; i++) {
		char c = text.ptr[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			depth++;
		else if (!quoted && (c == '}' || c == ']') && --depth == 0)
			return i - from + 1;
	}
	return 0;
}

static void put_small(struct str text, struct buf *out)
{
	bool quoted = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		buf_putc(out, c);
		if (quoted && c == '\\')
			buf_putc(out, text.ptr[++i]);
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == ',' || c == ':'))
			buf_putc(out, ' ');
	}
}

static void lay_out(struct str text, struct buf *out)
{
	bool quoted = false;
	int depth = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		size_t small = !quoted && (c == '{' || c == '[') ? small_container(text, i) : 0;

		if (small > 0) {
			put_small(str_sub(text, i, i + small), out);
			i += small - 1;
		} else if (quoted) {
			buf_putc(out, c);
			if (c == '\\')
				buf_putc(out, text.ptr[++i]);
			else if (c == '"')
				quoted = false;
		} else if (c == '{' || c == '[') {
			buf_putc(out, c);
			line(out, ++depth);
		} else if (c == '}' || c == ']') {
			line(out, --depth);
			buf_putc(out, c);
		} else {
			quoted = c == '"';
			buf_putc(out, c);
			if (c == ',')
				line(out, depth);
			else if (c == ':')
				buf_putc(out, ' ');
		}
	}
}

void http_openapi(const struct route_table *tables, size_t table_count, struct buf *out)
{
	struct printed *rows = calloc(ROWS_MAX, sizeof(*rows));
	struct buf compact;
	struct json j;
	size_t count = 0;

	if (!rows) {
		out->failed = true;
		return;
	}
	for (size_t t = 0; t < table_count; t++)
		for (size_t i = 0; i < tables[t].count && count < ROWS_MAX; i++)
			rows[count++] = (struct printed){ .row = &tables[t].rows[i], .tag = tables[t].tag };
	qsort(rows, count, sizeof(*rows), by_path);
	buf_init(&compact, DESCRIPTION_BYTES_MAX);
	json_init(&j, &compact);
	describe(rows, count, &j);
	if (compact.failed)
		out->failed = true;
	else
		lay_out(buf_str(&compact), out);
	buf_clear(&compact);
	free(rows);
}
