/* Resolves references: for each pair (own column, column of the target) an index of the target's values is built once, then
 * every row that is still open is looked up. A value that stands on two rows of the target identifies neither. */
#include <stdlib.h>

#include "base/fault.h"
#include "frame/frame.h"
#include "frame/packed.h"

#define ROW_SEVERAL (FRAME_NO_ROW - 1)

/** Open addressing over row numbers; the values stay in the target's column. */
struct value_index {
	const struct dictionary_column *column;
	const struct frame_column *values;
	uint32_t *slots;
	size_t mask;
};

static void value_index_clear(struct value_index *x)
{
	free(x->slots);
}

static uint64_t value_hash(const struct dictionary_value *v, bool text)
{
	uint64_t x = text ? str_hash(v->s) : (uint64_t)v->i;

	x ^= x >> 32;
	x *= 0x9e3779b97f4a7c15u;
	return x ^ x >> 29;
}

static bool value_same(const struct dictionary_value *a, const struct dictionary_value *b, bool text)
{
	return text ? str_eq(a->s, b->s) : a->i == b->i;
}

/** Texts and codes are compared as text, everything else as number. */
static bool is_text(const struct dictionary_column *c)
{
	return c->type == COLUMN_TEXT || c->type == COLUMN_CODE;
}

static uint32_t *value_index_slot(const struct value_index *x, const struct dictionary_value *v)
{
	bool text = is_text(x->column);

	for (size_t i = value_hash(v, text) & x->mask;; i = (i + 1) & x->mask) {
		struct dictionary_value there;

		if (x->slots[2 * i] == FRAME_NO_ROW)
			return &x->slots[2 * i];
		there = frame_value(x->column, x->values, x->slots[2 * i]);
		if (value_same(&there, v, text))
			return &x->slots[2 * i];
	}
}

/** Each slot is a pair: the first row with the value, and what the value resolves to (that row, or ROW_SEVERAL). */
static enum err_code value_index_open(struct value_index *x, const struct frame *to, int column, struct err *err)
{
	size_t cap = 16;

	x->column = &to->type->columns[column];
	x->values = &to->table.columns[column];
	while (cap < to->table.rows * 2)
		cap *= 2;
	x->mask = cap - 1;
	x->slots = mem_alloc(cap * 2, sizeof(*x->slots));
	if (!x->slots)
		return err_nomem(err);
	memset(x->slots, 0xff, cap * 2 * sizeof(*x->slots));
	for (size_t row = 0; row < to->table.rows; row++) {
		struct dictionary_value v = frame_value(x->column, x->values, row);
		uint32_t *slot;

		if (v.null)
			continue;
		slot = value_index_slot(x, &v);
		slot[1] = slot[0] == FRAME_NO_ROW ? (uint32_t)row : ROW_SEVERAL;
		slot[0] = slot[0] == FRAME_NO_ROW ? (uint32_t)row : slot[0];
	}
	return ERR_OK;
}

/** Rows of a table, a record's or a child's. */
struct span {
	size_t from, to;
};

static enum err_code link_by(struct frame_link *link, const struct frame_table *from, const struct dictionary_column *from_column,
	int to_column, const struct span *spans, size_t span_count, struct err *err)
{
	CLEANUP(value_index_clear) struct value_index x = { 0 };
	const struct frame_column *c = &from->columns[from_column->index];

	if (!c->loaded || !link->to->table.columns[to_column].loaded)
		return err_set(err, ERR_INTERNAL, "列 %.*s 没有读入，无法解析引用", STR_ARG(from_column->name));
	TRY(value_index_open(&x, link->to, to_column, err));
	if (is_text(from_column) != is_text(x.column))
		return ERR_OK;
	for (size_t i = 0; i < span_count; i++)
		for (size_t row = spans[i].from; row < spans[i].to; row++) {
			struct dictionary_value v = frame_value(from_column, c, row);
			uint32_t found;

			if (v.null || link->rows[row] != FRAME_NO_ROW)
				continue;
			found = value_index_slot(&x, &v)[1];
			if (found != FRAME_NO_ROW && found != ROW_SEVERAL)
				link->rows[row] = found;
		}
	return ERR_OK;
}

/** Copies what an older link found for the blocks of records that did not change; *ret gets the rows that are left to look up, and the
 * caller frees them. Without an older link all are left. */
static enum err_code reuse(
	struct frame_link *link, const struct frame_link *had, int child, struct span **ret, size_t *ret_count, struct err *err)
{
	const struct frame *from = link->from;
	const struct frame_child *now = child < 0 ? NULL : &from->children[child],
				 *then = child < 0 || !had ? NULL : &had->from->children[child];
	size_t records = from->table.rows, count = 0;
	struct span *spans = mem_alloc(records / FRAME_BLOCK + 1, sizeof(*spans));

	if (!spans)
		return err_nomem(err);
	for (size_t at = 0; at < records; at += FRAME_BLOCK) {
		size_t to = at + FRAME_BLOCK < records ? at + FRAME_BLOCK : records;
		struct span s = now ? (struct span){ now->first[at], now->first[to] } : (struct span){ at, to };

		if (!had || frame_block_is_dirty(from, at / FRAME_BLOCK))
			spans[count++] = s;
		else
			memcpy(link->rows + s.from, had->rows + (then ? then->first[at] : at), (s.to - s.from) * sizeof(*link->rows));
	}
	*ret = spans;
	*ret_count = count;
	return ERR_OK;
}

static void link_release(struct frame_link *link)
{
	if (!link || --link->references > 0)
		return;
	free(link->rows);
	free(link);
}

static void link_releasep(struct frame_link **link)
{
	link_release(*link);
}

/** @param had  a link of the frame that `from` was made from to the same frame, NULL when there is none */
static enum err_code link_open(const struct frame *from, int child, const struct dictionary_reference *reference, const struct frame *to,
	const struct frame_link *had, struct frame_link **ret, struct err *err)
{
	CLEANUP(link_releasep) struct frame_link *link = mem_alloc(1, sizeof(*link));
	const struct frame_table *table = child < 0 ? &from->table : &from->children[child].table;
	const struct dictionary_column *columns = child < 0 ? from->type->columns : from->type->children[child].columns;
	CLEANUP(mem_freep) struct span *spans = NULL;
	size_t padded = (table->rows / FRAME_BLOCK + 1) * FRAME_BLOCK, span_count = 0;

	if (!link)
		return err_nomem(err);
	link->references = 1;
	link->from = from;
	link->to = to;
	link->rows = mem_alloc(padded, sizeof(*link->rows));
	if (!link->rows)
		return err_nomem(err);
	memset(link->rows, 0xff, padded * sizeof(*link->rows));
	TRY(reuse(link, had, child, &spans, &span_count, err));
	for (size_t k = 0; to && k < reference->by_count; k++)
		TRY(link_by(link, table, &columns[reference->by[k].from], reference->by[k].to, spans, span_count, err));
	*ret = link;
	link = NULL;
	return ERR_OK;
}

size_t frame_link_slot(const struct dictionary_type *type, int child, int reference)
{
	size_t slot = (size_t)reference;

	if (child < 0)
		return slot;
	slot += type->reference_count;
	for (int c = 0; c < child; c++)
		slot += type->children[c].reference_count;
	return slot;
}

static size_t slot_count(const struct dictionary_type *type)
{
	return frame_link_slot(type, (int)type->child_count, 0);
}

static enum err_code link_references(
	struct frame_set *s, const struct frame_set *old, const struct dictionary_type *type, int child, struct err *err)
{
	const struct dictionary_reference *references = child < 0 ? type->references : type->children[child].references;
	size_t count = child < 0 ? type->reference_count : type->children[child].reference_count;
	struct frame *from = s->frames[type->index];

	for (size_t i = 0; i < count; i++) {
		size_t slot = frame_link_slot(type, child, (int)i);
		struct frame *to = s->frames[references[i].type->index];
		struct frame_link *had = old && old->links[type->index] ? old->links[type->index][slot] : NULL;

		if (had && had->from == from && had->to == to) {
			had->references++;
			s->links[type->index][slot] = had;
		} else {
			bool patched = had && had->to == to && from->patched_from == had->from;

			TRY(link_open(from, child, &references[i], to, patched ? had : NULL, &s->links[type->index][slot], err));
		}
	}
	return ERR_OK;
}

enum err_code frame_set_open(
	const struct dictionary *d, struct frame *const *frames, const struct frame_set *old, struct frame_set **ret, struct err *err)
{
	CLEANUP(frame_set_releasep) struct frame_set *s = mem_alloc(1, sizeof(*s));

	if (!s)
		return err_nomem(err);
	s->references = 1;
	s->dictionary = d;
	s->frames = mem_alloc(d->type_count + 1, sizeof(*s->frames));
	s->links = mem_alloc(d->type_count + 1, sizeof(*s->links));
	s->packs = frame_packs_open();
	if (!s->frames || !s->links || !s->packs)
		return err_nomem(err);
	for (size_t t = 0; t < d->type_count; t++)
		s->frames[t] = frames[t] ? frame_take(frames[t]) : NULL;
	for (size_t t = 0; t < d->type_count; t++) {
		if (!frames[t])
			continue;
		s->links[t] = mem_alloc(slot_count(&d->types[t]) + 1, sizeof(*s->links[t]));
		if (!s->links[t])
			return err_nomem(err);
		for (int child = -1; child < (int)d->types[t].child_count; child++)
			TRY(link_references(s, old, &d->types[t], child, err));
	}
	if (old)
		frame_packs_inherit(s, old);
	*ret = s;
	s = NULL;
	return ERR_OK;
}

struct frame_set *frame_set_take(struct frame_set *s)
{
	s->references++;
	return s;
}

void frame_set_release(struct frame_set *s)
{
	if (!s || --s->references > 0)
		return;
	for (size_t t = 0; s->frames && s->links && t < s->dictionary->type_count; t++) {
		for (size_t i = 0; s->links[t] && i < slot_count(&s->dictionary->types[t]); i++)
			link_release(s->links[t][i]);
		free(s->links[t]);
		frame_release(s->frames[t]);
	}
	frame_packs_close(s->packs);
	free(s->frames);
	free(s->links);
	free(s);
}

void frame_set_releasep(struct frame_set **s)
{
	frame_set_release(*s);
	*s = NULL;
}
