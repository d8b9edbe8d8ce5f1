/* Filling a bureau's own DOCX. Word splits text over runs wherever it likes ({{na + me}}), so a paragraph's text is put together first,
 * placeholders are found in it, and each replacement goes into the run where its {{ stands. Blocks work on siblings: paragraphs of one
 * parent or rows of one table. Everything is expat and a tree; nothing in the file is ever executed or fetched. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "document/document_private.h"
#include "document/xml.h"

#define TEMPLATE_ARENA_BYTES (384u << 20)
#define TEMPLATE_REPEATS_MAX 20000
#define TEMPLATE_NAMES_MAX 500

struct scope {
	const struct document_value *values;
	size_t count;
	size_t index; /* number of this item, from 1; 0 outside of lists */
	const struct scope *up;
};

struct fill {
	struct arena *mem;
	struct str prefix; /* "w:" */
	bool listing;      /* document_placeholders: names are collected, nothing is unknown */
	struct str *names;
	size_t name_count;
	size_t repeats;
	struct err *err;
};

/* ---- tags ---- */

enum tag_kind { TAG_TEXT, TAG_OPEN, TAG_CLOSE, TAG_INDEX };
struct tag {
	enum tag_kind kind;
	struct str name;
	size_t from, to; /* in the text, with the braces */
};

/** The next tag at or after `at`; *ret_found false when there is none. */
static enum err_code tag_next(struct str text, size_t at, struct tag *ret, bool *ret_found, struct err *err)
{
	ptrdiff_t open = str_find(str_sub(text, at, text.len), STR("{{")), close;
	struct str inside;

	*ret_found = open >= 0;
	if (open < 0)
		return ERR_OK;
	ret->from = at + (size_t)open;
	close = str_find(str_sub(text, ret->from, text.len), STR("}}"));
	if (close < 0) {
		struct str rest = str_sub(text, ret->from, ret->from + 60);

		return err_set(err, ERR_INPUT, "模板中的占位符没有用 }} 结束：“%.*s”", STR_ARG(rest));
	}
	ret->to = ret->from + (size_t)close + 2;
	inside = str_trim(str_sub(text, ret->from + 2, ret->to - 2));
	ret->kind = TAG_TEXT;
	if (str_eq(inside, STR("#"))) {
		ret->kind = TAG_INDEX;
	} else if (str_starts(inside, STR("#")) || str_starts(inside, STR("/"))) {
		ret->kind = inside.ptr[0] == '#' ? TAG_OPEN : TAG_CLOSE;
		inside = str_trim(str_sub(inside, 1, inside.len));
	}
	ret->name = inside;
	if (inside.len == 0 || inside.len > 120 || str_has(inside, STR("{")))
		return err_set(
			err, ERR_INPUT, "模板中的占位符名称不合要求：“%.*s”，应形如 {{名称}}", STR_ARG(str_sub(text, ret->from, ret->to)));
	return ERR_OK;
}

/** The end of the block that `open` begins, within one text; *ret_found false when it is not in this text. */
static enum err_code tag_match(struct str text, const struct tag *open, struct tag *ret, bool *ret_found, struct err *err)
{
	size_t at = open->to;
	int depth = 1;

	for (;;) {
		TRY(tag_next(text, at, ret, ret_found, err));
		if (!*ret_found)
			return ERR_OK;
		at = ret->to;
		if (!str_eq(ret->name, open->name))
			continue;
		depth += ret->kind == TAG_OPEN ? 1 : ret->kind == TAG_CLOSE ? -1 : 0;
		if (depth == 0)
			return ERR_OK;
	}
}

/** The first block tag of a text that has no partner in it. */
static enum err_code tag_unmatched(struct str text, struct tag *ret, bool *ret_found, struct err *err)
{
	struct tag close;
	size_t at = 0;
	bool matched;

	for (;;) {
		TRY(tag_next(text, at, ret, ret_found, err));
		if (!*ret_found)
			return ERR_OK;
		at = ret->to;
		if (ret->kind == TAG_CLOSE)
			return ERR_OK;
		if (ret->kind != TAG_OPEN)
			continue;
		TRY(tag_match(text, ret, &close, &matched, err));
		if (!matched) {
			*ret_found = true;
			return ERR_OK;
		}
		at = close.to;
	}
}

/* ---- values ---- */

static const struct document_value *find_value(const struct scope *scope, struct str name)
{
	for (; scope; scope = scope->up)
		for (size_t i = 0; i < scope->count; i++)
			if (str_eq(scope->values[i].name, name) || (str_eq(name, STR(".")) && scope->index > 0))
				return &scope->values[i];
	return NULL;
}

static enum err_code unknown(const struct fill *f, const struct scope *scope, struct str name)
{
	char list[300];
	size_t used = 0;

	list[0] = '\0';
	for (; scope; scope = scope->up)
		for (size_t i = 0; i < scope->count; i++) {
			struct str n = scope->values[i].name;

			if (used + n.len + 8 > sizeof(list))
				break;
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%.*s", used ? "、" : "", STR_ARG(n));
		}
	return err_set(f->err, ERR_INPUT, "模板中的占位符 {{%.*s}} 不存在；可用：%s", STR_ARG(name), list);
}

static enum err_code note_name(struct fill *f, struct str name)
{
	if (str_eq(name, STR(".")))
		return ERR_OK;
	for (size_t i = 0; i < f->name_count; i++)
		if (str_eq(f->names[i], name))
			return ERR_OK;
	if (f->name_count == TEMPLATE_NAMES_MAX)
		return err_set(f->err, ERR_LIMIT, "模板的占位符超过 %d 个", TEMPLATE_NAMES_MAX);
	f->names[f->name_count] = str_dup(f->mem, name);
	return f->names[f->name_count++].ptr ? ERR_OK : err_nomem(f->err);
}

/** How often a block is shown, and with which scope each time. */
struct block {
	const struct document_value *value;
	size_t times;
};

static enum err_code block_of(struct fill *f, const struct scope *scope, struct str name, struct block *ret)
{
	if (f->listing) {
		*ret = (struct block){ .times = 1 };
		return note_name(f, name);
	}
	ret->value = find_value(scope, name);
	if (!ret->value)
		return unknown(f, scope, name);
	ret->times = ret->value->is_list ? ret->value->item_count : ret->value->text.len > 0;
	f->repeats += ret->times;
	if (f->repeats > TEMPLATE_REPEATS_MAX)
		return err_set(f->err, ERR_LIMIT, "模板重复展开超过 %d 次", TEMPLATE_REPEATS_MAX);
	return ERR_OK;
}

static struct scope block_scope(const struct block *b, size_t i, const struct scope *up)
{
	if (b->value && b->value->is_list)
		return (struct scope){ .values = b->value->items[i].values, .count = b->value->items[i].count, .index = i + 1, .up = up };
	return (struct scope){ .up = up };
}

static enum err_code text_of(struct fill *f, const struct scope *scope, const struct tag *tag, struct str *ret)
{
	const struct document_value *value;
	const struct scope *item = scope;

	if (tag->kind == TAG_INDEX) {
		while (item && item->index == 0)
			item = item->up;
		if (!item && !f->listing)
			return err_set(f->err, ERR_INPUT, "模板中的 {{#}} 只能用在 {{#列表}}…{{/列表}} 之间");
		*ret = item ? str_printf(f->mem, "%zu", item->index) : STR("");
		return ret->ptr ? ERR_OK : err_nomem(f->err);
	}
	if (f->listing) {
		*ret = STR("");
		return note_name(f, tag->name);
	}
	value = find_value(scope, tag->name);
	if (!value)
		return unknown(f, scope, tag->name);
	if (value->is_list)
		return err_set(f->err, ERR_INPUT, "模板中的 {{%.*s}} 是列表，应写成 {{#%.*s}}…{{/%.*s}}", STR_ARG(tag->name),
			STR_ARG(tag->name), STR_ARG(tag->name));
	*ret = value->text;
	return ERR_OK;
}

/** A text with every tag replaced, blocks inside it repeated as text. */
static enum err_code expand(struct fill *f, struct str text, const struct scope *scope, int depth, struct buf *out)
{
	size_t at = 0;

	if (depth > 8)
		return err_set(f->err, ERR_LIMIT, "模板中的块嵌套超过 8 层");
	for (;;) {
		struct tag tag, close;
		struct block block;
		struct str shown;
		bool found;

		TRY(tag_next(text, at, &tag, &found, f->err));
		buf_put(out, str_sub(text, at, found ? tag.from : text.len));
		if (!found)
			return out->failed ? err_set(f->err, ERR_LIMIT, "填充后的文字过长") : ERR_OK;
		at = tag.to;
		if (tag.kind == TAG_TEXT || tag.kind == TAG_INDEX) {
			TRY(text_of(f, scope, &tag, &shown));
			buf_put(out, shown);
			continue;
		}
		if (tag.kind == TAG_CLOSE)
			return err_set(f->err, ERR_INPUT, "模板中的 {{/%.*s}} 没有对应的 {{#%.*s}}", STR_ARG(tag.name), STR_ARG(tag.name));
		TRY(tag_match(text, &tag, &close, &found, f->err));
		if (!found)
			return err_set(f->err, ERR_INPUT, "模板中的 {{#%.*s}} 没有对应的 {{/%.*s}}", STR_ARG(tag.name), STR_ARG(tag.name));
		TRY(block_of(f, scope, tag.name, &block));
		for (size_t i = 0; i < block.times; i++) {
			struct scope inner = block_scope(&block, i, scope);

			TRY(expand(f, str_sub(text, tag.to, close.from), &inner, depth + 1, out));
		}
		at = close.to;
	}
}

/* ---- text of paragraphs and rows ---- */

static bool is_word(const struct fill *f, const struct xml_node *n, const char *local)
{
	return n->name.len == f->prefix.len + strlen(local) && str_starts(n->name, f->prefix) &&
	       memcmp(n->name.ptr + f->prefix.len, local, strlen(local)) == 0;
}

typedef VEC(struct xml_node *) node_list;

/** The w:t nodes of a paragraph in order; those of paragraphs inside it (text boxes) are their own. With `deep` all of them. */
static bool gather_texts(const struct fill *f, struct xml_node *n, bool deep, node_list *ret)
{
	for (struct xml_node *c = n->first; c; c = c->next) {
		if (is_word(f, c, "t")) {
			if (!vec_push(ret, c))
				return false;
		} else if (c->name.len > 0 && (deep || !is_word(f, c, "p")) && !gather_texts(f, c, deep, ret)) {
			return false;
		}
	}
	return true;
}

static void put_node_text(struct buf *b, const struct xml_node *t)
{
	for (const struct xml_node *c = t->first; c; c = c->next)
		buf_put(b, c->text);
}

/** Text of a paragraph, or of a row with all its cells. */
static enum err_code node_text(struct fill *f, struct xml_node *n, struct str *ret)
{
	node_list texts = { 0 };
	struct buf b;
	bool fits = gather_texts(f, n, is_word(f, n, "tr"), &texts);

	buf_init(&b, DOCUMENT_BYTES_MAX);
	for (size_t i = 0; fits && i < texts.len; i++)
		put_node_text(&b, texts.v[i]);
	*ret = b.len > 0 ? str_dup(f->mem, buf_str(&b)) : STR("");
	fits = fits && !b.failed && ret->ptr;
	buf_clear(&b);
	vec_clear(&texts);
	return fits ? ERR_OK : err_nomem(f->err);
}

static enum err_code set_text(struct fill *f, struct xml_node *t, struct str text)
{
	struct xml_node *node = xml_new(f->mem, STR(""));
	const char **attributes = ARENA_NEW(f->mem, const char *, 3);

	if (!node || !attributes)
		return err_nomem(f->err);
	attributes[0] = "xml:space";
	attributes[1] = "preserve";
	t->attributes = attributes;
	node->text = text;
	t->first = t->last = NULL;
	if (text.len > 0)
		xml_append(t, node);
	return ERR_OK;
}

/** Turns line breaks inside a w:t into w:br between several. */
static enum err_code split_lines(struct fill *f, struct xml_node *t)
{
	struct str text = t->first ? t->first->text : STR(""), line;
	struct xml_node *run = t->parent, *after = t;
	bool first = true;

	if (!str_has(text, STR("\n")))
		return ERR_OK;
	while (str_next(&text, '\n', &line)) {
		struct xml_node *brk, *more;

		if (first) {
			TRY(set_text(f, t, line));
			first = false;
			continue;
		}
		brk = xml_new(f->mem, str_printf(f->mem, "%.*sbr", STR_ARG(f->prefix)));
		more = xml_new(f->mem, t->name);
		if (!brk || !more)
			return err_nomem(f->err);
		xml_insert_after(run, after, brk);
		xml_insert_after(run, brk, more);
		TRY(set_text(f, more, line));
		after = more;
	}
	return ERR_OK;
}

/** Replaces bytes [from, to) of the joined text: the new text goes where `from` stands. */
static enum err_code replace_range(struct fill *f, const node_list *texts, size_t from, size_t to, struct str by)
{
	size_t at = 0;
	bool placed = false;

	for (size_t i = 0; i < texts->len; i++) {
		struct xml_node *t = texts->v[i];
		struct str old = t->first ? t->first->text : STR("");
		size_t end = at + old.len;
		struct buf b;
		enum err_code code = ERR_OK;

		if (end > from && at < to) {
			buf_init(&b, DOCUMENT_BYTES_MAX);
			buf_put(&b, str_sub(old, 0, from > at ? from - at : 0));
			if (!placed)
				buf_put(&b, by);
			placed = true;
			buf_put(&b, str_sub(old, to - at, old.len));
			code = b.failed ? err_nomem(f->err) : set_text(f, t, b.len > 0 ? str_dup(f->mem, buf_str(&b)) : STR(""));
			buf_clear(&b);
		}
		TRY(code);
		at = end;
	}
	return ERR_OK;
}

/** One text node under each w:t, so that offsets are simple. */
static enum err_code join_pieces(struct fill *f, const node_list *texts)
{
	for (size_t i = 0; i < texts->len; i++) {
		struct xml_node *t = texts->v[i];
		struct buf b;
		enum err_code code;

		if (!t->first || !t->first->next)
			continue;
		buf_init(&b, DOCUMENT_BYTES_MAX);
		put_node_text(&b, t);
		code = set_text(f, t, str_dup(f->mem, buf_str(&b)));
		buf_clear(&b);
		TRY(code);
	}
	return ERR_OK;
}

/** Removes one tag from a paragraph or row. */
static enum err_code remove_range(struct fill *f, struct xml_node *n, size_t from, size_t to)
{
	node_list texts = { 0 };
	enum err_code code = gather_texts(f, n, is_word(f, n, "tr"), &texts) ? join_pieces(f, &texts) : err_nomem(f->err);

	if (code == ERR_OK)
		code = replace_range(f, &texts, from, to, STR(""));
	vec_clear(&texts);
	return code;
}

/* ---- paragraphs ---- */

static enum err_code fill_texts(struct fill *f, const node_list *texts, const struct scope *scope)
{
	struct buf joined, shown;
	struct tag tag, close;
	size_t at = 0;
	enum err_code code = ERR_OK;

	/* Left to right; after each replacement the text is joined again, behind what was put in: values are never read as tags. */
	for (;;) {
		bool found;
		struct str text;

		buf_init(&joined, DOCUMENT_BYTES_MAX);
		buf_init(&shown, DOCUMENT_BYTES_MAX);
		for (size_t i = 0; i < texts->len; i++)
			put_node_text(&joined, texts->v[i]);
		text = buf_str(&joined);
		code = tag_next(text, at, &tag, &found, f->err);
		if (code == ERR_OK && found) {
			size_t end = tag.to;
			bool matched = false;

			if (tag.kind == TAG_OPEN) {
				code = tag_match(text, &tag, &close, &matched, f->err);
				end = code == ERR_OK && matched ? close.to : end;
			}
			if (code == ERR_OK)
				code = expand(f, str_sub(text, tag.from, end), scope, 0, &shown);
			if (code == ERR_OK)
				code = replace_range(f, texts, tag.from, end, shown.len > 0 ? str_dup(f->mem, buf_str(&shown)) : STR(""));
			at = tag.from + shown.len;
		}
		buf_clear(&joined);
		buf_clear(&shown);
		if (code != ERR_OK || !found)
			break;
	}
	for (size_t i = 0; code == ERR_OK && i < texts->len; i++)
		code = split_lines(f, texts->v[i]);
	return code;
}

static enum err_code fill_children(struct fill *f, struct xml_node *parent, const struct scope *scope);

static enum err_code fill_paragraph(struct fill *f, struct xml_node *p, const struct scope *scope)
{
	node_list texts = { 0 };
	enum err_code code = gather_texts(f, p, false, &texts) ? join_pieces(f, &texts) : err_nomem(f->err);

	if (code == ERR_OK)
		code = fill_texts(f, &texts, scope);
	vec_clear(&texts);
	TRY(code);
	return fill_children(f, p, scope); /* text boxes */
}

/** A paragraph that is nothing but {{name}} becomes as many paragraphs as the value has lines. */
static enum err_code multiply_lines(struct fill *f, struct xml_node *parent, struct xml_node *p, const struct scope *scope, bool *ret_done)
{
	const struct document_value *value;
	struct str text, rest, line;
	struct tag tag;
	struct xml_node *after = p;
	bool found, first = true;

	*ret_done = false;
	TRY(node_text(f, p, &text));
	text = str_trim(text);
	TRY(tag_next(text, 0, &tag, &found, f->err));
	if (f->listing || !found || tag.kind != TAG_TEXT || tag.from != 0 || tag.to != text.len)
		return ERR_OK;
	value = find_value(scope, tag.name);
	if (!value || value->is_list || !str_has(value->text, STR("\n")))
		return ERR_OK;
	rest = value->text;
	while (str_next(&rest, '\n', &line)) {
		struct document_value one = { .name = tag.name, .text = str_trim(line) };
		struct scope inner = { .values = &one, .count = 1, .up = scope };
		struct xml_node *copy = p;

		if (one.text.len == 0)
			continue;
		if (rest.len > 0 || !first) { /* the last one uses the paragraph itself only when it is also the first */
			copy = xml_clone(f->mem, p);
			if (!copy)
				return err_nomem(f->err);
			xml_insert_after(parent, after, copy);
			after = copy;
		}
		first = false;
		TRY(fill_paragraph(f, copy, &inner));
	}
	*ret_done = !first;
	return ERR_OK;
}

/* ---- blocks of siblings ---- */

static bool has_section(const struct fill *f, const struct xml_node *n)
{
	for (const struct xml_node *c = n->first; c; c = c->next)
		if (is_word(f, c, "sectPr") || (is_word(f, c, "pPr") && has_section(f, c)))
			return true;
	return false;
}

/** Copies [first, last] once, without the two tags, behind `after`; *ret_last is the last copy (or after). */
static enum err_code copy_range(struct fill *f, struct xml_node *parent, struct xml_node *first, const struct tag *open,
	struct xml_node *last, const struct tag *close, struct xml_node *after, const struct scope *scope, struct xml_node **ret_last)
{
	struct xml_node holder = { .name = parent->name };
	struct str text;

	for (struct xml_node *n = first;; n = n->next) {
		struct xml_node *copy = xml_clone(f->mem, n);

		if (!copy)
			return err_nomem(f->err);
		if (n == last) /* the close first: offsets of the open stay valid when both are in one node */
			TRY(remove_range(f, copy, close->from, close->to));
		if (n == first)
			TRY(remove_range(f, copy, open->from, open->to));
		if (n == first || n == last) {
			TRY(node_text(f, copy, &text));
			if (str_trim(text).len > 0 || (n == first && n == last) || has_section(f, n))
				xml_append(&holder, copy);
		} else {
			xml_append(&holder, copy);
		}
		if (n == last)
			break;
	}
	TRY(fill_children(f, &holder, scope));
	while (holder.first) {
		struct xml_node *n = holder.first;

		xml_remove(&holder, NULL, n);
		xml_insert_after(parent, after, n);
		after = n;
	}
	*ret_last = after;
	return ERR_OK;
}

/** Finds the sibling that closes the block which `first` opens. */
static enum err_code find_last(
	struct fill *f, struct xml_node *first, struct str text, const struct tag *open, struct xml_node **ret_last, struct tag *ret_close)
{
	size_t at = open->to;
	int depth = 1;
	struct xml_node *n = first;

	for (;;) {
		struct tag tag;
		bool found;

		TRY(tag_next(text, at, &tag, &found, f->err));
		if (found) {
			at = tag.to;
			if (!str_eq(tag.name, open->name))
				continue;
			depth += tag.kind == TAG_OPEN ? 1 : tag.kind == TAG_CLOSE ? -1 : 0;
			if (depth == 0) {
				*ret_last = n;
				*ret_close = tag;
				return ERR_OK;
			}
			continue;
		}
		do
			n = n->next;
		while (n && !str_eq(n->name, first->name));
		if (!n)
			return err_set(f->err, ERR_INPUT, "模板中的 {{#%.*s}} 没有对应的 {{/%.*s}}（应在同一层的段落或同一表格的行中）",
				STR_ARG(open->name), STR_ARG(open->name));
		TRY(node_text(f, n, &text));
		at = 0;
	}
}

/** Which child of a row the byte `at` of the row's text lies in. */
static enum err_code cell_at(struct fill *f, const struct xml_node *row, size_t at, const struct xml_node **ret)
{
	size_t end = 0;

	for (struct xml_node *cell = row->first; cell; cell = cell->next) {
		node_list texts = { 0 };
		bool fits = gather_texts(f, cell, true, &texts);

		for (size_t i = 0; fits && i < texts.len; i++)
			for (const struct xml_node *c = texts.v[i]->first; c; c = c->next)
				end += c->text.len;
		vec_clear(&texts);
		if (!fits)
			return err_nomem(f->err);
		*ret = cell;
		if (at < end)
			return ERR_OK;
	}
	return ERR_OK;
}

/** The block that this paragraph or row begins, if it does: opened here and closed in a later sibling, or filling a paragraph whole, or
 * reaching from one cell of a row into another. Blocks inside one cell belong to the cell's paragraphs. */
static enum err_code begins_block(struct fill *f, struct xml_node *n, struct str text, struct tag *ret_open, bool *ret, struct err *err)
{
	bool row = is_word(f, n, "tr"), found;
	struct tag close;
	size_t at = 0;

	TRY(tag_unmatched(text, ret_open, ret, err));
	if (*ret && ret_open->kind == TAG_CLOSE)
		return err_set(err, ERR_INPUT, "模板中的 {{/%.*s}} 没有对应的 {{#%.*s}}", STR_ARG(ret_open->name), STR_ARG(ret_open->name));
	while (!*ret) {
		TRY(tag_next(text, at, ret_open, &found, err));
		if (!found)
			return ERR_OK;
		at = ret_open->to;
		if (ret_open->kind != TAG_OPEN)
			continue;
		TRY(tag_match(text, ret_open, &close, &found, err));
		at = close.to;
		if (row) {
			const struct xml_node *from = NULL, *to = NULL;

			TRY(cell_at(f, n, ret_open->from, &from));
			TRY(cell_at(f, n, close.from, &to));
			*ret = from != to;
		} else {
			*ret = str_trim(str_sub(text, 0, ret_open->from)).len == 0 && str_trim(str_sub(text, close.to, text.len)).len == 0;
		}
	}
	return ERR_OK;
}

static enum err_code fill_block(struct fill *f, struct xml_node *parent, struct xml_node *before, struct xml_node *first, struct str text,
	const struct tag *open, const struct scope *scope, struct xml_node **ret_next)
{
	struct xml_node *last = NULL, *after;
	struct tag close = { 0 };
	struct block block;

	TRY(find_last(f, first, text, open, &last, &close));
	TRY(block_of(f, scope, open->name, &block));
	after = last;
	for (size_t i = 0; i < block.times; i++) {
		struct scope inner = block_scope(&block, i, scope);

		TRY(copy_range(f, parent, first, open, last, &close, after, &inner, &after));
	}
	*ret_next = after->next;
	for (struct xml_node *n = first;;) {
		struct xml_node *next = n->next;
		bool end = n == last;

		xml_remove(parent, before, n);
		if (end)
			break;
		n = next;
	}
	return ERR_OK;
}

/** A cell needs a paragraph at its end, a table a row; what a block left empty is mended. */
static enum err_code mend(struct fill *f, struct xml_node *parent)
{
	struct xml_node *p;
	size_t rows = 0;

	if (is_word(f, parent, "tbl")) {
		for (const struct xml_node *c = parent->first; c; c = c->next)
			rows += is_word(f, c, "tr");
		if (rows == 0) {
			parent->name = str_printf(f->mem, "%.*sp", STR_ARG(f->prefix));
			parent->first = parent->last = NULL;
			if (!parent->name.ptr)
				return err_nomem(f->err);
		}
	}
	if (is_word(f, parent, "tc") && !(parent->last && is_word(f, parent->last, "p"))) {
		p = xml_new(f->mem, str_printf(f->mem, "%.*sp", STR_ARG(f->prefix)));
		if (!p || !p->name.ptr)
			return err_nomem(f->err);
		xml_append(parent, p);
	}
	return ERR_OK;
}

static enum err_code fill_children(struct fill *f, struct xml_node *parent, const struct scope *scope)
{
	struct xml_node *before = NULL, *n = parent->first;

	while (n) {
		struct xml_node *next = n->next;
		bool paragraph = is_word(f, n, "p"), block = false, done = false;
		struct str text;
		struct tag open;

		if (paragraph || is_word(f, n, "tr")) {
			TRY(node_text(f, n, &text));
			TRY(begins_block(f, n, text, &open, &block, f->err));
		}
		if (block) {
			TRY(fill_block(f, parent, before, n, text, &open, scope, &next));
			/* what was put in is filled already: go on behind it */
			before = NULL;
			for (struct xml_node *c = parent->first; c && c != next; c = c->next)
				before = c;
			n = next;
			continue;
		}
		if (paragraph)
			TRY(multiply_lines(f, parent, n, scope, &done));
		if (done) {
			if (n->next != next) /* copies follow: the pattern goes */
				xml_remove(parent, before, n);
			before = NULL;
			for (struct xml_node *c = parent->first; c && c != next; c = c->next)
				before = c;
			n = next;
			continue;
		}
		if (paragraph)
			TRY(fill_paragraph(f, n, scope));
		else if (n->name.len > 0)
			TRY(fill_children(f, n, scope));
		before = n;
		n = next;
	}
	return mend(f, parent);
}

/* ---- the package ---- */

static bool is_text_part(struct str name)
{
	static const char *const prefixes[] = { "word/document", "word/header", "word/footer", "word/footnotes", "word/endnotes" };

	if (!str_ends(name, STR(".xml")) || str_has(str_sub(name, 5, name.len), STR("/")))
		return false;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (str_starts(name, str_of(prefixes[i])))
			return true;
	return false;
}

static enum err_code on_relation(const char *name, const char **attributes, void *arg, struct err *err)
{
	const char *mode = xml_attribute(attributes, "TargetMode"), *type = xml_attribute(attributes, "Type");

	(void)name;
	(void)arg;
	if (mode && strcmp(mode, "External") == 0 && !(type && str_ends(str_of(type), STR("/hyperlink"))))
		return err_set(err, ERR_UNSUPPORTED, "模板引用了外部文件或网络资源，请在 Word 中断开链接后再上传");
	return ERR_OK;
}

static enum err_code check_part(const struct package_part *part, struct err *err)
{
	if (str_has(part->name, STR("vbaProject")) || str_has(part->name, STR("activeX")))
		return err_set(err, ERR_UNSUPPORTED, "模板含有宏或控件，请另存为不含宏的 .docx 后再上传");
	if (str_ends(part->name, STR(".rels")))
		return xml_scan(part->bytes, part->name, on_relation, NULL, err);
	if (str_ends(part->name, STR(".xml")) && !is_text_part(part->name))
		return xml_scan(part->bytes, part->name, NULL, NULL, err);
	return ERR_OK;
}

/** The prefix that the root binds to WordprocessingML, with its colon. */
static enum err_code word_prefix(struct fill *f, const struct xml_node *root, struct str part)
{
	for (size_t i = 0; root->attributes[i]; i += 2) {
		struct str name = str_of(root->attributes[i]), uri = str_of(root->attributes[i + 1]);

		if (!str_eq(uri, STR("http://schemas.openxmlformats.org/wordprocessingml/2006/main")) &&
			!str_eq(uri, STR("http://purl.oclc.org/ooxml/wordprocessingml/main")))
			continue;
		f->prefix = STR("");
		if (str_starts(name, STR("xmlns:")))
			f->prefix = str_printf(f->mem, "%.*s:", STR_ARG(str_sub(name, 6, name.len)));
		return f->prefix.ptr ? ERR_OK : err_nomem(f->err);
	}
	return err_set(f->err, ERR_UNSUPPORTED, "%.*s 不是 Word 文档部件", STR_ARG(part));
}

static enum err_code open_template(struct str docx, struct arena *mem, struct package_part **ret, size_t *ret_count, struct err *err)
{
	bool types = false, main_part = false;

	TRY(package_read(docx, mem, ret, ret_count, err));
	for (size_t i = 0; i < *ret_count; i++) {
		types |= str_eq((*ret)[i].name, STR("[Content_Types].xml"));
		main_part |= str_eq((*ret)[i].name, STR("word/document.xml"));
		TRY(check_part(&(*ret)[i], err));
	}
	if (!types || !main_part)
		return err_set(err, ERR_UNSUPPORTED, "不是 Word 文档（缺少 word/document.xml）");
	return ERR_OK;
}

/** <w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:t>banner</w:t></w:r></w:p> at the head of the body. */
static enum err_code add_banner(struct fill *f, struct xml_node *root, struct str banner)
{
	static const char *const names[] = { "p", "pPr", "jc", "r", "t" };
	struct xml_node *nodes[5], *body = NULL;
	const char **centre = ARENA_NEW(f->mem, const char *, 3);

	for (struct xml_node *c = root->first; c; c = c->next)
		if (is_word(f, c, "body"))
			body = c;
	if (!body)
		return ERR_OK;
	for (size_t i = 0; i < 5; i++) {
		nodes[i] = xml_new(f->mem, str_printf(f->mem, "%.*s%s", STR_ARG(f->prefix), names[i]));
		if (!nodes[i] || !nodes[i]->name.ptr)
			return err_nomem(f->err);
	}
	if (!centre || !(centre[0] = str_cstr(f->mem, str_printf(f->mem, "%.*sval", STR_ARG(f->prefix)))))
		return err_nomem(f->err);
	centre[1] = "center";
	nodes[2]->attributes = centre;
	xml_append(nodes[1], nodes[2]);
	xml_append(nodes[0], nodes[1]);
	xml_append(nodes[3], nodes[4]);
	xml_append(nodes[0], nodes[3]);
	xml_insert_after(body, NULL, nodes[0]);
	return set_text(f, nodes[4], banner);
}

static enum err_code fill_part(struct fill *f, struct package_part *part, const struct scope *scope, struct str banner)
{
	struct xml_node *root;
	struct buf out;
	bool failed;

	TRY(xml_parse(part->bytes, part->name, f->mem, &root, f->err));
	TRY(word_prefix(f, root, part->name));
	TRY(fill_children(f, root, scope));
	if (f->listing)
		return ERR_OK;
	if (banner.len > 0)
		TRY(add_banner(f, root, banner));
	buf_init(&out, DOCUMENT_BYTES_MAX);
	xml_write(&out, root);
	part->bytes = str_dup(f->mem, buf_str(&out));
	failed = out.failed || !part->bytes.ptr;
	buf_clear(&out);
	return !failed ? ERR_OK : err_set(f->err, ERR_LIMIT, "填充后的文书过大");
}

enum err_code document_fill(
	struct str docx, const struct document_value *values, size_t value_count, struct str banner, struct buf *out, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(TEMPLATE_ARENA_BYTES);
	CLEANUP(package_abandonp) struct package *p = NULL;
	struct fill f = { .mem = mem, .err = err };
	struct scope scope = { .values = values, .count = value_count };
	struct package_part *parts;
	size_t count;

	if (!mem)
		return err_nomem(err);
	TRY(open_template(docx, mem, &parts, &count, err));
	TRY(package_open(&p, err));
	for (size_t i = 0; i < count; i++) {
		if (is_text_part(parts[i].name))
			TRY(fill_part(&f, &parts[i], &scope, banner));
		TRY(package_add(p, parts[i].name.ptr, parts[i].bytes, err));
	}
	return package_close(&p, out, err);
}

enum err_code document_placeholders(struct str docx, struct arena *mem, struct str **ret_names, size_t *ret_count, struct err *err)
{
	CLEANUP(arena_closep) struct arena *work = arena_open(TEMPLATE_ARENA_BYTES);
	struct fill f = { .mem = work, .err = err, .listing = true };
	struct package_part *parts;
	struct str *names;
	size_t count;

	if (!work || !(f.names = ARENA_NEW(work, struct str, TEMPLATE_NAMES_MAX)))
		return err_nomem(err);
	TRY(open_template(docx, work, &parts, &count, err));
	for (size_t i = 0; i < count; i++)
		if (is_text_part(parts[i].name))
			TRY(fill_part(&f, &parts[i], NULL, STR("")));
	names = ARENA_NEW(mem, struct str, f.name_count + 1);
	for (size_t i = 0; names && i < f.name_count; i++)
		names[i] = str_dup(mem, f.names[i]);
	if (!names)
		return err_nomem(err);
	*ret_names = names;
	*ret_count = f.name_count;
	return ERR_OK;
}
