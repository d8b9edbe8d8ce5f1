/* A trie of path segments. Building it is also the check of the rows: a row that could not be reached, or would admit by
 * omission, stops the program at start. */
#include "http/http_private.h"

#include <stdlib.h>

#include "base/fault.h"
#include "base/vec.h"

struct node {
	struct str segment;          /* empty for {names} */
	VEC(struct node *) children; /* literals */
	struct node *any;            /* {name} */
	struct {
		const struct route *row;
		size_t index;
		const char *tag;
	} rows[HTTP_METHOD_COUNT];
};

struct router {
	struct node root;
	VEC(const struct route *) rows;
};

static const char *const method_names[HTTP_METHOD_COUNT] = { "GET", "POST", "PUT", "DELETE" };

const char *method_name(enum http_method m)
{
	return method_names[m];
}

bool path_split(struct str path, struct str segments[static HTTP_SEGMENTS_MAX], size_t *ret_count)
{
	size_t count = 0, from = 1;

	if (path.len == 0 || path.ptr[0] != '/')
		return false;
	for (size_t i = 1; i <= path.len; i++) {
		if (i < path.len && path.ptr[i] != '/')
			continue;
		if (count == HTTP_SEGMENTS_MAX)
			return false;
		segments[count++] = str_sub(path, from, i);
		from = i + 1;
	}
	*ret_count = count;
	return true;
}

static bool is_name(struct str segment)
{
	return segment.len > 2 && segment.ptr[0] == '{' && segment.ptr[segment.len - 1] == '}';
}

static bool segment_is_valid(struct str segment)
{
	struct str inner = is_name(segment) ? str_sub(segment, 1, segment.len - 1) : segment;

	for (size_t i = 0; i < inner.len; i++) {
		char c = inner.ptr[i];
		bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';

		if (!word && (is_name(segment) || (c != '.' && c != '-')))
			return false;
	}
	return inner.len > 0;
}

static struct node *child_of(struct node *n, struct str segment)
{
	struct node *made;

	if (is_name(segment)) {
		if (!n->any)
			n->any = mem_alloc(1, sizeof(*n));
		return n->any;
	}
	for (size_t i = 0; i < n->children.len; i++)
		if (str_eq(n->children.v[i]->segment, segment))
			return n->children.v[i];
	made = mem_alloc(1, sizeof(*made));
	if (!made)
		return NULL;
	made->segment = segment;
	if (!vec_push(&n->children, made)) {
		free(made);
		return NULL;
	}
	return made;
}

/** A row that must not be registered. */
static enum err_code check_row(const struct route *row, struct err *err)
{
	struct str segments[HTTP_SEGMENTS_MAX];
	size_t count;

	if (!row->path || !path_split(str_of(row->path), segments, &count))
		return err_set(err, ERR_INTERNAL, "路由 %s 的路径不合规", row->path ? row->path : "(空)");
	for (size_t i = 0; i < count; i++) {
		if (!segment_is_valid(segments[i]))
			return err_set(err, ERR_INTERNAL, "路由 %s 的第 %zu 段不合规", row->path, i + 1);
		for (size_t k = 0; k < i; k++)
			if (is_name(segments[i]) && str_eq(segments[i], segments[k]))
				return err_set(err, ERR_INTERNAL, "路由 %s 的参数名重复", row->path);
	}
	if (row->method >= HTTP_METHOD_COUNT || !row->handler)
		return err_set(err, ERR_INTERNAL, "路由 %s 没有方法或处理函数", row->path);
	if (row->roles == 0)
		return err_set(err, ERR_INTERNAL, "路由 %s %s 没有写明角色", method_name(row->method), row->path);
	if (row->scope <= SCOPE_NOBODY || row->scope > SCOPE_INSTALLATION)
		return err_set(err, ERR_INTERNAL, "路由 %s %s 没有写明数据范围", method_name(row->method), row->path);
	if (row->upload && (row->body || row->method == HTTP_GET || row->method == HTTP_DELETE))
		return err_set(err, ERR_INTERNAL, "路由 %s %s 不能接收文件", method_name(row->method), row->path);
	if (row->body && (row->method == HTTP_GET || row->body_size == 0))
		return err_set(err, ERR_INTERNAL, "路由 %s %s 的请求体声明不合规", method_name(row->method), row->path);
	return ERR_OK;
}

static enum err_code add_row(struct router *r, const struct route *row, const char *tag, struct err *err)
{
	struct str segments[HTTP_SEGMENTS_MAX];
	struct node *n = &r->root;
	size_t count;

	TRY(check_row(row, err));
	path_split(str_of(row->path), segments, &count);
	for (size_t i = 0; i < count && n; i++)
		n = child_of(n, segments[i]);
	if (!n)
		return err_nomem(err);
	if (n->rows[row->method].row)
		return err_set(
			err, ERR_INTERNAL, "路由重复：%s %s 与 %s", method_name(row->method), row->path, n->rows[row->method].row->path);
	n->rows[row->method].row = row;
	n->rows[row->method].index = r->rows.len;
	n->rows[row->method].tag = tag;
	return vec_push(&r->rows, row) ? ERR_OK : err_nomem(err);
}

static enum err_code add_tables(struct router *r, const struct route_table *tables, size_t table_count, struct err *err)
{
	for (size_t t = 0; t < table_count; t++)
		for (size_t i = 0; i < tables[t].count; i++)
			TRY(add_row(r, &tables[t].rows[i], tables[t].tag, err));
	return ERR_OK;
}

enum err_code router_open(const struct route_table *tables, size_t table_count, struct router **ret, struct err *err)
{
	struct router *r = mem_alloc(1, sizeof(*r));
	enum err_code code;

	if (!r)
		return err_nomem(err);
	code = add_tables(r, tables, table_count, err);
	if (code != ERR_OK) {
		router_close(r);
		return code;
	}
	*ret = r;
	return ERR_OK;
}

static void node_clear(struct node *n)
{
	for (size_t i = 0; i < n->children.len; i++) {
		node_clear(n->children.v[i]);
		free(n->children.v[i]);
	}
	vec_clear(&n->children);
	if (n->any) {
		node_clear(n->any);
		free(n->any);
	}
}

void router_close(struct router *r)
{
	if (!r)
		return;
	node_clear(&r->root);
	vec_clear(&r->rows);
	free(r);
}

size_t router_row_count(const struct router *r)
{
	return r->rows.len;
}

const struct route *router_row(const struct router *r, size_t index)
{
	return r->rows.v[index];
}

static bool has_rows(const struct node *n)
{
	for (int m = 0; m < HTTP_METHOD_COUNT; m++)
		if (n->rows[m].row)
			return true;
	return false;
}

/** The node of a path that has rows; literals first, back to {names} when they lead nowhere. Depth is bounded by HTTP_SEGMENTS_MAX. */
static const struct node *descend(const struct node *n, const struct str *segments, size_t count)
{
	if (count == 0)
		return has_rows(n) ? n : NULL;
	for (size_t i = 0; i < n->children.len; i++)
		if (str_eq(n->children.v[i]->segment, segments[0])) {
			const struct node *found = descend(n->children.v[i], segments + 1, count - 1);

			if (found)
				return found;
			break;
		}
	return n->any && segments[0].len > 0 ? descend(n->any, segments + 1, count - 1) : NULL;
}

void router_find(const struct router *r, enum http_method method, const struct str *segments, size_t count, struct route_match *ret)
{
	const struct node *n = descend(&r->root, segments, count);

	*ret = (struct route_match){ .index = r->rows.len, .segment_count = count };
	for (size_t i = 0; i < count && i < HTTP_SEGMENTS_MAX; i++)
		ret->segments[i] = segments[i];
	if (!n)
		return;
	for (int m = 0; m < HTTP_METHOD_COUNT; m++)
		if (n->rows[m].row)
			ret->allowed |= 1u << m;
	if (method < HTTP_METHOD_COUNT && n->rows[method].row) {
		ret->row = n->rows[method].row;
		ret->index = n->rows[method].index;
		ret->tag = n->rows[method].tag;
	}
}

enum err_code http_check_tables(const struct route_table *tables, size_t table_count, struct err *err)
{
	struct router *r;

	TRY(router_open(tables, table_count, &r, err));
	router_close(r);
	return ERR_OK;
}
