/* The tree is built from libyaml's events, because events carry line and column; whatever a rule file never needs is refused. */
#include "yaml/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/vec.h"

struct builder {
	yaml_parser_t parser;
	struct arena *mem;
	const char *path;
	struct err *err;
};

static void event_delete(yaml_event_t *event)
{
	yaml_event_delete(event);
}

__attribute__((format(printf, 4, 5))) static enum err_code fail_at(struct builder *b, size_t line, size_t column, const char *fmt, ...)
{
	char text[300];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return err_set(b->err, ERR_SYNTAX, "%s:%zu:%zu: %s", b->path, line + 1, column + 1, text);
}

static enum err_code next_event(struct builder *b, yaml_event_t *event)
{
	if (yaml_parser_parse(&b->parser, event))
		return ERR_OK;
	if (b->parser.error == YAML_MEMORY_ERROR)
		return err_nomem(b->err);
	*event = (yaml_event_t){ 0 };
	return fail_at(b, b->parser.problem_mark.line, b->parser.problem_mark.column, "YAML 语法错误：%s",
		b->parser.problem ? b->parser.problem : "无法解析");
}

static struct yaml *node_new(struct builder *b, enum yaml_kind kind, const yaml_event_t *event)
{
	struct yaml *node = ARENA_NEW(b->mem, struct yaml, 1);

	if (node)
		*node = (struct yaml){
			.kind = kind, .line = (int)event->start_mark.line + 1, .column = (int)event->start_mark.column + 1, .path = b->path
		};
	return node;
}

static enum err_code build_scalar(struct builder *b, const yaml_event_t *event, struct yaml **ret)
{
	struct yaml *node = node_new(b, YAML_SCALAR, event);

	if (event->data.scalar.anchor || (event->data.scalar.tag && !event->data.scalar.quoted_implicit))
		return fail_at(b, event->start_mark.line, event->start_mark.column, "不允许锚点和标签");
	if (!node)
		return err_nomem(b->err);
	node->text = str_dup(b->mem, (struct str){ .ptr = (const char *)event->data.scalar.value, .len = event->data.scalar.length });
	if (!node->text.ptr)
		return err_nomem(b->err);
	node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	*ret = node;
	return ERR_OK;
}

static enum err_code build_node(struct builder *b, const yaml_event_t *event, int depth, struct yaml **ret);

/** Puts the collected children into the arena. */
static enum err_code keep(struct builder *b, struct yaml *node, struct yaml **keys, struct yaml **values, size_t count)
{
	node->values = ARENA_NEW(b->mem, struct yaml *, count + 1);
	node->keys = keys ? ARENA_NEW(b->mem, struct yaml *, count + 1) : NULL;
	if (!node->values || (keys && !node->keys))
		return err_nomem(b->err);
	if (count > 0) {
		memcpy(node->values, values, count * sizeof(*values));
		if (keys)
			memcpy(node->keys, keys, count * sizeof(*keys));
	}
	node->count = count;
	return ERR_OK;
}

typedef VEC(struct yaml *) node_vec;

static enum err_code collect(struct builder *b, struct yaml *node, int depth, node_vec *keys, node_vec *values)
{
	yaml_event_type_t end = node->kind == YAML_MAP ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;

	for (;;) {
		CLEANUP(event_delete) yaml_event_t event = { 0 };
		struct yaml *child = NULL;

		TRY(next_event(b, &event));
		if (event.type == end)
			return ERR_OK;
		TRY(build_node(b, &event, depth + 1, &child));
		if (node->kind == YAML_MAP && keys->len == values->len) {
			if (child->kind != YAML_SCALAR)
				return fail_at(b, event.start_mark.line, event.start_mark.column, "键必须是文字");
			for (size_t i = 0; i < keys->len; i++)
				if (str_eq(keys->v[i]->text, child->text))
					return fail_at(b, event.start_mark.line, event.start_mark.column, "键 %.*s 重复，前一处在第 %d 行",
						STR_ARG(child->text), keys->v[i]->line);
			if (!vec_push(keys, child))
				return err_nomem(b->err);
		} else if (!vec_push(values, child)) {
			return err_nomem(b->err);
		}
	}
}

static enum err_code build_collection(struct builder *b, const yaml_event_t *event, int depth, struct yaml **ret)
{
	bool map = event->type == YAML_MAPPING_START_EVENT;
	struct yaml *node = node_new(b, map ? YAML_MAP : YAML_SEQ, event);
	node_vec keys = { 0 }, values = { 0 };
	enum err_code code;

	if (depth >= YAML_DEPTH_MAX)
		return fail_at(b, event->start_mark.line, event->start_mark.column, "嵌套超过 %d 层", YAML_DEPTH_MAX);
	if (map ? event->data.mapping_start.anchor != NULL : event->data.sequence_start.anchor != NULL)
		return fail_at(b, event->start_mark.line, event->start_mark.column, "不允许锚点和标签");
	if (!node)
		return err_nomem(b->err);
	code = collect(b, node, depth, &keys, &values);
	if (code == ERR_OK)
		code = keep(b, node, map ? keys.v : NULL, values.v, values.len);
	vec_clear(&keys);
	vec_clear(&values);
	if (code == ERR_OK)
		*ret = node;
	return code;
}

static enum err_code build_node(struct builder *b, const yaml_event_t *event, int depth, struct yaml **ret)
{
	if (event->type == YAML_SCALAR_EVENT)
		return build_scalar(b, event, ret);
	if (event->type == YAML_MAPPING_START_EVENT || event->type == YAML_SEQUENCE_START_EVENT)
		return build_collection(b, event, depth, ret);
	return fail_at(b, event->start_mark.line, event->start_mark.column, "不允许别名（*）");
}

static enum err_code build_document(struct builder *b, struct yaml **ret)
{
	struct yaml *root = NULL;

	for (;;) {
		CLEANUP(event_delete) yaml_event_t event = { 0 };

		TRY(next_event(b, &event));
		if (event.type == YAML_STREAM_END_EVENT)
			break;
		if (event.type == YAML_STREAM_START_EVENT || event.type == YAML_DOCUMENT_START_EVENT ||
			event.type == YAML_DOCUMENT_END_EVENT)
			continue;
		if (root)
			return fail_at(b, event.start_mark.line, event.start_mark.column, "一个文件只能有一个 YAML 文档");
		TRY(build_node(b, &event, 0, &root));
	}
	if (!root)
		return fail_at(b, 0, 0, "文件是空的");
	*ret = root;
	return ERR_OK;
}

enum err_code yaml_parse(struct str text, const char *path, struct arena *mem, struct yaml **ret, struct err *err)
{
	struct builder b = { .mem = mem, .path = path, .err = err };
	enum err_code code;

	if (text.len > YAML_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "%s：超过 %u 字节", path, YAML_BYTES_MAX);
	if (!utf8_valid(text))
		return err_set(err, ERR_SYNTAX, "%s：不是有效的 UTF-8", path);
	if (!yaml_parser_initialize(&b.parser))
		return err_nomem(err);
	yaml_parser_set_input_string(&b.parser, (const unsigned char *)(text.ptr ? text.ptr : ""), text.len);
	code = build_document(&b, ret);
	yaml_parser_delete(&b.parser);
	return code;
}

struct yaml *yaml_get(const struct yaml *map, const char *key)
{
	struct str wanted = str_of(key);

	for (size_t i = 0; map && map->kind == YAML_MAP && i < map->count; i++)
		if (str_eq(map->keys[i]->text, wanted))
			return map->values[i];
	return NULL;
}

struct str yaml_text(const struct yaml *map, const char *key)
{
	const struct yaml *node = yaml_get(map, key);

	return node && node->kind == YAML_SCALAR && !yaml_is_null(node) ? node->text : (struct str){ 0 };
}

bool yaml_is_null(const struct yaml *node)
{
	if (!node)
		return true;
	return node->kind == YAML_SCALAR && !node->quoted &&
	       (node->text.len == 0 || str_eq(node->text, STR("~")) || str_eq(node->text, STR("null")));
}

enum err_code yaml_bool(const struct yaml *map, const char *key, bool fallback, bool *ret, struct err *err)
{
	const struct yaml *node = yaml_get(map, key);

	if (yaml_is_null(node))
		*ret = fallback;
	else if (node->kind == YAML_SCALAR && !node->quoted && str_eq(node->text, STR("true")))
		*ret = true;
	else if (node->kind == YAML_SCALAR && !node->quoted && str_eq(node->text, STR("false")))
		*ret = false;
	else
		return yaml_fail(err, ERR_INPUT, node, "%s 只能是 true 或 false", key);
	return ERR_OK;
}

enum err_code yaml_i64(const struct yaml *map, const char *key, int64_t fallback, int64_t *ret, struct err *err)
{
	const struct yaml *node = yaml_get(map, key);

	if (yaml_is_null(node)) {
		*ret = fallback;
		return ERR_OK;
	}
	if (node->kind != YAML_SCALAR || node->quoted || !str_to_i64(node->text, ret))
		return yaml_fail(err, ERR_INPUT, node, "%s 必须是整数", key);
	return ERR_OK;
}

enum err_code yaml_need(const struct yaml *map, const char *key, enum yaml_kind kind, struct yaml **ret, struct err *err)
{
	static const char *const names[] = { "文字", "映射", "列表" };
	struct yaml *node = yaml_get(map, key);

	if (!node)
		return yaml_fail(err, ERR_INPUT, map, "缺少 %s", key);
	if (node->kind != kind)
		return yaml_fail(err, ERR_INPUT, node, "%s 必须是%s", key, names[kind]);
	*ret = node;
	return ERR_OK;
}

#define ALLOWED_KEYS_MAX 64

enum err_code yaml_only(const struct yaml *map, const char *allowed, struct err *err)
{
	struct str names[ALLOWED_KEYS_MAX], rest = str_of(allowed), near;
	size_t count = 0;

	while (count < ALLOWED_KEYS_MAX && str_next(&rest, '|', &names[count]))
		count++;
	for (size_t i = 0; map && map->kind == YAML_MAP && i < map->count; i++) {
		bool known = false;

		for (size_t k = 0; k < count && !known; k++)
			known = str_eq(names[k], map->keys[i]->text);
		if (known)
			continue;
		near = yaml_nearest(map->keys[i]->text, names, count);
		if (near.len)
			return yaml_fail(
				err, ERR_INPUT, map->keys[i], "不认识的键 %.*s，是否为 %.*s？", STR_ARG(map->keys[i]->text), STR_ARG(near));
		return yaml_fail(err, ERR_INPUT, map->keys[i], "不认识的键 %.*s，允许：%s", STR_ARG(map->keys[i]->text), allowed);
	}
	return ERR_OK;
}

enum err_code yaml_fail(struct err *err, enum err_code code, const struct yaml *at, const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return err_set(err, code, "%s:%d:%d: %s", at ? at->path : "", at ? at->line : 0, at ? at->column : 0, text);
}

#define NEAREST_LENGTH_MAX 64

/** Levenshtein distance of two short byte strings. */
static size_t edit_distance(struct str a, struct str b)
{
	size_t row[NEAREST_LENGTH_MAX + 1];

	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t best = diagonal + (a.ptr[i - 1] != b.ptr[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[b.len];
}

struct str yaml_nearest(struct str word, const struct str *candidates, size_t count)
{
	struct str best = { 0 };
	size_t best_distance = word.len / 3 + 2;

	if (word.len > NEAREST_LENGTH_MAX)
		return best;
	for (size_t i = 0; i < count; i++) {
		size_t distance;

		if (candidates[i].len > NEAREST_LENGTH_MAX)
			continue;
		distance = edit_distance(word, candidates[i]);
		if (distance < best_distance) {
			best_distance = distance;
			best = candidates[i];
		}
	}
	return best;
}
