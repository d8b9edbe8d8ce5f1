/* Builds and keeps frames. While building, arrays grow by doubling; finishing pads them to whole blocks. */
#include "frame/frame.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/fault.h"
#include "base/vec.h"
#include "frame/image.h"
#include "frame/packed.h"

#define ALIGN 64
#define HUGE ((size_t)2 << 20) /* a large page */

/** A growing array of fixed-width values, aligned; what lies behind its length is made zero when it is taken. */
struct grow {
	unsigned char *v;
	size_t bytes, cap;
};

struct column_builder {
	struct frame_column column; /* type and loaded only, until it is finished */
	struct grow valid, values, heap;
};

struct table_builder {
	struct column_builder *columns;
	size_t column_count, rows;
};

struct child_builder {
	struct table_builder table;
	struct grow first, parent;
};

struct frame_builder {
	const struct dictionary_type *type;
	struct table_builder table;
	struct child_builder children[DICTIONARY_CHILDREN_MAX];
	struct column_builder keys;
	struct grow ids, orgs, lines, supply;
	VEC(struct frame_supply) supplies;
};

/* ---- growing arrays ---- */

/** Makes room for exactly `cap` bytes. */
static bool grow_reserve(struct grow *g, size_t cap)
{
	unsigned char *v;

	if (cap <= g->cap)
		return true;
	v = frame_alloc(cap);
	if (!v)
		return false;
	if (g->bytes > 0)
		memcpy(v, g->v, g->bytes);
	free(g->v);
	g->v = v;
	g->cap = cap;
	return true;
}

static bool grow_to(struct grow *g, size_t bytes)
{
	size_t cap = g->cap > 4096 ? g->cap : 4096;

	if (bytes <= g->cap)
		return true;
	while (cap < bytes)
		cap *= 2;
	return grow_reserve(g, cap);
}

static bool grow_put(struct grow *g, const void *value, size_t size)
{
	if (!grow_to(g, g->bytes + size))
		return false;
	if (size > 0)
		memcpy(g->v + g->bytes, value, size);
	g->bytes += size;
	return true;
}

static bool grow_put_u32(struct grow *g, size_t v)
{
	uint32_t narrow = (uint32_t)v;

	return grow_put(g, &narrow, sizeof(narrow));
}

/** Sets bit `i`, which is the last one of the array. */
static bool grow_bit(struct grow *g, size_t i, bool bit)
{
	uint64_t word = 0;

	if (i % 64 == 0)
		return word = bit, grow_put(g, &word, sizeof(word));
	memcpy(&word, g->v + i / 64 * 8, 8);
	word |= (uint64_t)bit << (i % 64);
	memcpy(g->v + i / 64 * 8, &word, 8);
	return true;
}

/** `count` bits from position `from` of `source` become the bits from `at` on, which are the array's last. */
static bool grow_bits(struct grow *g, size_t at, const uint64_t *source, size_t from, size_t count)
{
	size_t bytes = (at + count + 63) / 64 * 8;
	uint64_t *out;

	if (!grow_to(g, bytes))
		return false;
	memset(g->v + g->bytes, 0, bytes - g->bytes);
	g->bytes = bytes;
	out = (uint64_t *)(void *)g->v;
	for (size_t i = 0; i < count; i += 64) {
		size_t take = count - i < 64 ? count - i : 64, low = (from + i) & 63, to = (at + i) & 63;
		uint64_t word = source[(from + i) >> 6] >> low;

		if (low + take > 64)
			word |= source[((from + i) >> 6) + 1] << (64 - low);
		word &= take == 64 ? ~(uint64_t)0 : ((uint64_t)1 << take) - 1;
		out[(at + i) >> 6] |= word << to;
		if (to + take > 64)
			out[((at + i) >> 6) + 1] |= word >> (64 - to);
	}
	return true;
}

void *frame_alloc(size_t bytes)
{
	size_t align = bytes >= HUGE ? HUGE : ALIGN;
	void *v = fault_hit(FAULT_ALLOC) ? NULL : aligned_alloc(align, (bytes + align - 1) / align * align);

#ifdef MADV_HUGEPAGE
	if (v && align == HUGE)
		madvise(v, bytes, MADV_HUGEPAGE); /* fewer faults; refused, nothing changes */
#endif
	return v;
}

static size_t padded_rows(size_t rows)
{
	return (rows / FRAME_BLOCK + 1) * FRAME_BLOCK;
}

/** Gives the array to its final owner, padded to `bytes`; NULL when memory is out. */
static void *grow_take(struct grow *g, size_t bytes)
{
	void *v;

	if (!grow_to(g, bytes))
		return NULL;
	v = g->v;
	if (g->bytes < bytes)
		memset(g->v + g->bytes, 0, bytes - g->bytes);
	*g = (struct grow){ 0 };
	return v;
}

/* ---- columns ---- */

static size_t value_width(enum column_type type)
{
	switch (type) {
	case COLUMN_DATE:
	case COLUMN_TEXT:
		return 4;
	case COLUMN_CODE:
		return 2;
	case COLUMN_BOOL:
		return 0;
	case COLUMN_INT:
	case COLUMN_MONEY:
	case COLUMN_DECIMAL:
	case COLUMN_DATETIME:
	case COLUMN_TYPE_COUNT:
		break;
	}
	return 8;
}

static enum err_code column_put(struct column_builder *c, size_t row, const struct dictionary_value *v, struct err *err)
{
	bool null = v->null || (c->column.type == COLUMN_CODE && v->i < 0);
	int64_t i = null ? 0 : v->i;
	int32_t day = (int32_t)i;
	uint16_t code = (uint16_t)i;
	bool done = grow_bit(&c->valid, row, !null);

	switch (c->column.type) {
	case COLUMN_BOOL:
		done = done && grow_bit(&c->values, row, i != 0);
		break;
	case COLUMN_DATE:
		done = done && grow_put(&c->values, &day, sizeof(day));
		break;
	case COLUMN_CODE:
		done = done && grow_put(&c->values, &code, sizeof(code));
		break;
	case COLUMN_TEXT:
		if (c->heap.bytes + v->s.len > UINT32_MAX)
			return err_set(err, ERR_LIMIT, "一列文字超过 4 GiB，请分区处理");
		done = done && grow_put_u32(&c->values, c->heap.bytes) && (null || grow_put(&c->heap, v->s.ptr, v->s.len));
		break;
	case COLUMN_INT:
	case COLUMN_MONEY:
	case COLUMN_DECIMAL:
	case COLUMN_DATETIME:
	case COLUMN_TYPE_COUNT:
		done = done && grow_put(&c->values, &i, sizeof(i));
		break;
	}
	return done ? ERR_OK : err_nomem(err);
}

/** @param ret  holds type and loaded already */
static enum err_code column_finish(struct column_builder *c, size_t rows, struct frame_column *ret, struct err *err)
{
	enum column_type type = c->column.type;
	size_t padded = padded_rows(rows);

	*ret = c->column;
	if (!c->column.loaded)
		return ERR_OK;
	if (type == COLUMN_TEXT) /* every start behind the last row is the heap's end */
		for (size_t i = rows; i <= padded; i++)
			if (!grow_put_u32(&c->values, c->heap.bytes))
				return err_nomem(err);
	ret->valid = grow_take(&c->valid, padded / 8);
	ret->values = grow_take(&c->values, type == COLUMN_BOOL ? padded / 8 : padded * value_width(type));
	ret->heap = type == COLUMN_TEXT ? grow_take(&c->heap, 1) : NULL;
	return ret->valid && ret->values && (ret->heap || type != COLUMN_TEXT) ? ERR_OK : err_nomem(err);
}

static void column_builder_clear(struct column_builder *c)
{
	free(c->valid.v);
	free(c->values.v);
	free(c->heap.v);
}

static void column_clear(struct frame_column *c)
{
	free(c->valid);
	free(c->values);
	free(c->heap);
}

/* ---- tables ---- */

static enum err_code table_open(
	struct table_builder *t, const struct dictionary_column *columns, size_t count, const uint64_t *wanted, struct err *err)
{
	t->columns = mem_alloc(count + 1, sizeof(*t->columns));
	if (!t->columns)
		return err_nomem(err);
	t->column_count = count;
	for (size_t i = 0; i < count; i++)
		t->columns[i].column = (struct frame_column){ .type = columns[i].type, .loaded = !wanted || frame_bit(wanted, i) };
	return ERR_OK;
}

static enum err_code table_put(struct table_builder *t, const struct dictionary_value *values, struct err *err)
{
	if (t->rows + 1 >= FRAME_ROWS_MAX)
		return err_set(err, ERR_LIMIT, "超过 %zu 行，请分区处理", FRAME_ROWS_MAX);
	for (size_t i = 0; i < t->column_count; i++)
		if (t->columns[i].column.loaded)
			TRY(column_put(&t->columns[i], t->rows, &values[i], err));
	t->rows++;
	return ERR_OK;
}

static enum err_code table_finish(struct table_builder *t, struct frame_table *ret, struct err *err)
{
	ret->columns = mem_alloc(t->column_count + 1, sizeof(*ret->columns));
	if (!ret->columns)
		return err_nomem(err);
	ret->rows = t->rows;
	ret->column_count = t->column_count;
	for (size_t i = 0; i < t->column_count; i++)
		TRY(column_finish(&t->columns[i], t->rows, &ret->columns[i], err));
	return ERR_OK;
}

static void table_builder_clear(struct table_builder *t)
{
	for (size_t i = 0; t->columns && i < t->column_count; i++)
		column_builder_clear(&t->columns[i]);
	free(t->columns);
}

static void table_clear(struct frame_table *t)
{
	for (size_t i = 0; t->columns && i < t->column_count; i++)
		column_clear(&t->columns[i]);
	free(t->columns);
}

/* ---- builder ---- */

enum err_code frame_builder_open(
	const struct dictionary_type *type, const struct frame_wanted *wanted, struct frame_builder **ret, struct err *err)
{
	CLEANUP(frame_builder_closep) struct frame_builder *b = mem_alloc(1, sizeof(*b));

	if (!b)
		return err_nomem(err);
	b->type = type;
	b->keys.column = (struct frame_column){ .type = COLUMN_TEXT, .loaded = true };
	TRY(table_open(&b->table, type->columns, type->column_count, wanted ? wanted->columns : NULL, err));
	for (size_t i = 0; i < type->child_count; i++) {
		const struct dictionary_child *child = &type->children[i];

		TRY(table_open(&b->children[i].table, child->columns, child->column_count, wanted ? wanted->child_columns[i] : NULL, err));
	}
	*ret = b;
	b = NULL;
	return ERR_OK;
}

void frame_builder_close(struct frame_builder *b)
{
	if (!b)
		return;
	table_builder_clear(&b->table);
	for (size_t i = 0; i < DICTIONARY_CHILDREN_MAX; i++) {
		table_builder_clear(&b->children[i].table);
		free(b->children[i].first.v);
		free(b->children[i].parent.v);
	}
	column_builder_clear(&b->keys);
	free(b->ids.v);
	free(b->orgs.v);
	free(b->lines.v);
	free(b->supply.v);
	vec_clear(&b->supplies);
	free(b);
}

void frame_builder_closep(struct frame_builder **b)
{
	frame_builder_close(*b);
	*b = NULL;
}

/** Field by field: the caller's padding means nothing. */
static bool same_supply(const struct frame_supply *a, const struct frame_supply *b)
{
	return a->children == b->children && memcmp(a->columns, b->columns, sizeof(a->columns)) == 0 &&
	       memcmp(a->child_columns, b->child_columns, sizeof(a->child_columns)) == 0;
}

enum err_code frame_builder_supply(struct frame_builder *b, const struct frame_supply *supply, size_t *ret_index, struct err *err)
{
	for (size_t i = b->supplies.len; i-- > 0;) /* neighbours mostly come from the same source */
		if (same_supply(&b->supplies.v[i], supply)) {
			*ret_index = i;
			return ERR_OK;
		}
	if (b->supplies.len >= FRAME_SUPPLIES_MAX)
		return err_set(err, ERR_LIMIT, "%.*s 的来源种类超过 %d", STR_ARG(b->type->name), FRAME_SUPPLIES_MAX);
	if (!vec_push(&b->supplies, *supply))
		return err_nomem(err);
	*ret_index = b->supplies.len - 1;
	return ERR_OK;
}

enum err_code frame_builder_row(struct frame_builder *b, const struct frame_row *row, struct err *err)
{
	size_t at = b->table.rows;
	uint16_t supply = (uint16_t)row->supply;
	struct dictionary_value key = { .s = row->key };
	bool done = grow_put(&b->ids, &row->id, 8) && grow_put(&b->orgs, &row->org_id, 8) && grow_put(&b->lines, &row->line, 8) &&
	            grow_put(&b->supply, &supply, sizeof(supply));

	for (size_t i = 0; done && i < b->type->child_count; i++)
		done = grow_put_u32(&b->children[i].first, b->children[i].table.rows);
	if (!done)
		return err_nomem(err);
	TRY(column_put(&b->keys, at, &key, err));
	return table_put(&b->table, row->values, err);
}

enum err_code frame_builder_child(struct frame_builder *b, int child, const struct dictionary_value *values, struct err *err)
{
	struct child_builder *c = &b->children[child];

	if (!grow_put_u32(&c->parent, b->table.rows - 1))
		return err_nomem(err);
	return table_put(&c->table, values, err);
}

/** Appends rows of a finished column at row `at`. */
static enum err_code column_copy(
	struct column_builder *c, size_t at, const struct frame_column *from, size_t first, size_t count, struct err *err)
{
	bool done;

	if (!c->column.loaded)
		return ERR_OK;
	if (!from->loaded)
		return err_set(err, ERR_INTERNAL, "要抄的数据没有读入需要的列");
	done = grow_bits(&c->valid, at, from->valid, first, count);
	if (from->type == COLUMN_BOOL) {
		done = done && grow_bits(&c->values, at, from->bits, first, count);
	} else if (from->type == COLUMN_TEXT) {
		uint32_t base = from->starts[first];
		size_t heap = c->heap.bytes, bytes = from->starts[first + count] - base;

		if (heap + bytes > UINT32_MAX)
			return err_set(err, ERR_LIMIT, "一列文字超过 4 GiB，请分区处理");
		done = done && grow_to(&c->values, c->values.bytes + count * 4);
		for (size_t i = 0; done && i < count; i++)
			done = grow_put_u32(&c->values, heap + (from->starts[first + i] - base));
		done = done && grow_put(&c->heap, from->heap + base, bytes);
	} else {
		size_t width = value_width(from->type);

		done = done && grow_put(&c->values, (const char *)from->values + first * width, count * width);
	}
	return done ? ERR_OK : err_nomem(err);
}

static enum err_code table_copy(struct table_builder *t, const struct frame_table *from, size_t first, size_t count, struct err *err)
{
	if (t->rows + count >= FRAME_ROWS_MAX)
		return err_set(err, ERR_LIMIT, "超过 %zu 行，请分区处理", FRAME_ROWS_MAX);
	for (size_t i = 0; i < t->column_count; i++)
		TRY(column_copy(&t->columns[i], t->rows, &from->columns[i], first, count, err));
	t->rows += count;
	return ERR_OK;
}

static enum err_code child_copy(
	struct child_builder *c, size_t record, const struct frame_child *from, size_t first, size_t count, struct err *err)
{
	size_t from_row = from->first[first], rows = from->first[first + count] - from_row, at = c->table.rows;

	if (!grow_to(&c->first, c->first.bytes + count * 4) || !grow_to(&c->parent, c->parent.bytes + rows * 4))
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		if (!grow_put_u32(&c->first, at + (from->first[first + i] - from_row)))
			return err_nomem(err);
	for (size_t i = 0; i < rows; i++)
		if (!grow_put_u32(&c->parent, record + (from->parent[from_row + i] - first)))
			return err_nomem(err);
	return table_copy(&c->table, &from->table, from_row, rows, err);
}

enum err_code frame_builder_copy(struct frame_builder *b, const struct frame *from, size_t first, size_t count, struct err *err)
{
	size_t at = b->table.rows;

	if (count == 0)
		return ERR_OK;
	for (size_t i = 0, supply = 0; i < count; i++) {
		uint16_t narrow;

		if (i == 0 || from->supply[first + i] != from->supply[first + i - 1])
			TRY(frame_builder_supply(b, &from->supplies[from->supply[first + i]], &supply, err));
		narrow = (uint16_t)supply;
		if (!grow_put(&b->supply, &narrow, sizeof(narrow)))
			return err_nomem(err);
	}
	if (!grow_put(&b->ids, from->ids + first, count * 8) || !grow_put(&b->orgs, from->orgs + first, count * 8) ||
		!grow_put(&b->lines, from->lines + first, count * 8))
		return err_nomem(err);
	for (size_t i = 0; i < b->type->child_count; i++)
		TRY(child_copy(&b->children[i], at, &from->children[i], first, count, err));
	TRY(column_copy(&b->keys, at, &from->keys, first, count, err));
	return table_copy(&b->table, &from->table, first, count, err);
}

/* ---- changing ---- */

static size_t block_words(size_t rows)
{
	return (rows / FRAME_BLOCK + 1 + 63) / 64;
}

/** Where the records are that changed, as row numbers of the old frame; false when rows move: one is gone, or comes between others. */
static bool mark_dirty(const struct frame *old, const struct frame_change *changes, size_t count, uint64_t *dirty)
{
	size_t row = 0, rows = old->table.rows, appended = 0;

	for (size_t i = 0; i < count; i++) {
		while (row < rows && old->ids[row] < changes[i].id)
			row++;
		if (row == rows)
			appended += changes[i].row != FRAME_NO_ROW;
		else if (old->ids[row] != changes[i].id || changes[i].row == FRAME_NO_ROW)
			return false;
		else
			dirty[row / FRAME_BLOCK >> 6] |= (uint64_t)1 << (row / FRAME_BLOCK & 63);
	}
	for (size_t block = rows / FRAME_BLOCK; appended > 0 && block <= (rows + appended) / FRAME_BLOCK; block++)
		dirty[block >> 6] |= (uint64_t)1 << (block & 63);
	return true;
}

/** Room for a table of `rows` rows that is much like an old one. */
static bool table_reserve(struct table_builder *t, const struct frame_table *old, size_t rows)
{
	bool done = true;

	for (size_t i = 0; i < t->column_count && done; i++) {
		const struct frame_column *c = &old->columns[i];
		size_t padded = padded_rows(rows) + FRAME_BLOCK;

		if (!t->columns[i].column.loaded || !c->loaded)
			continue;
		done = grow_reserve(&t->columns[i].valid, padded / 8) &&
		       grow_reserve(&t->columns[i].values, c->type == COLUMN_BOOL ? padded / 8 : padded * value_width(c->type)) &&
		       (c->type != COLUMN_TEXT || grow_reserve(&t->columns[i].heap, c->starts[old->rows] + (rows - old->rows) * 64 + 4096));
	}
	return done;
}

/** Room for the old frame's rows and `more`: what is copied is then copied once. */
static bool builder_reserve(struct frame_builder *b, const struct frame *old, size_t more)
{
	bool done = table_reserve(&b->table, &old->table, old->table.rows + more);

	for (size_t i = 0; i < b->type->child_count && done; i++)
		done = table_reserve(&b->children[i].table, &old->children[i].table, old->children[i].table.rows + more * 4);
	return done;
}

enum err_code frame_patch(struct frame *old, const struct frame_wanted *wanted, const struct frame *changed,
	const struct frame_change *changes, size_t count, struct frame **ret, struct err *err)
{
	CLEANUP(frame_builder_closep) struct frame_builder *b = NULL;
	CLEANUP(frame_releasep) struct frame *f = NULL;
	CLEANUP(mem_freep) uint64_t *dirty = mem_alloc(block_words(old->table.rows + count), sizeof(*dirty));
	size_t row = 0;

	if (!dirty)
		return err_nomem(err);
	TRY(frame_builder_open(old->type, wanted, &b, err));
	if (!builder_reserve(b, old, count))
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		size_t from = row;

		while (row < old->table.rows && old->ids[row] < changes[i].id)
			row++;
		TRY(frame_builder_copy(b, old, from, row - from, err));
		if (row < old->table.rows && old->ids[row] == changes[i].id)
			row++;
		if (changes[i].row != FRAME_NO_ROW)
			TRY(frame_builder_copy(b, changed, changes[i].row, 1, err));
	}
	TRY(frame_builder_copy(b, old, row, old->table.rows - row, err));
	TRY(frame_builder_finish(&b, &f, err));
	if (mark_dirty(old, changes, count, dirty)) {
		f->patched_from = old;
		f->dirty = dirty;
		dirty = NULL;
	}
	*ret = f;
	f = NULL;
	return ERR_OK;
}

size_t frame_builder_rows(const struct frame_builder *b)
{
	return b->table.rows;
}

static enum err_code child_finish(struct child_builder *c, size_t rows, struct frame_child *ret, struct err *err)
{
	for (size_t i = rows; i <= padded_rows(rows); i++)
		if (!grow_put_u32(&c->first, c->table.rows))
			return err_nomem(err);
	ret->first = grow_take(&c->first, padded_rows(rows) * 4);
	ret->parent = grow_take(&c->parent, padded_rows(c->table.rows) * 4);
	if (!ret->first || !ret->parent)
		return err_nomem(err);
	return table_finish(&c->table, &ret->table, err);
}

enum err_code frame_builder_finish(struct frame_builder **builder, struct frame **ret, struct err *err)
{
	CLEANUP(frame_builder_closep) struct frame_builder *b = *builder;
	CLEANUP(frame_releasep) struct frame *f = mem_alloc(1, sizeof(*f));
	size_t padded = padded_rows(b->table.rows);

	*builder = NULL;
	if (!f)
		return err_nomem(err);
	f->references = 1;
	f->type = b->type;
	f->children = mem_alloc(b->type->child_count + 1, sizeof(*f->children));
	f->ids = grow_take(&b->ids, padded * 8);
	f->orgs = grow_take(&b->orgs, padded * 8);
	f->lines = grow_take(&b->lines, padded * 8);
	f->supply = grow_take(&b->supply, padded * 2);
	f->supplies = mem_alloc(b->supplies.len + 1, sizeof(*f->supplies));
	if (!f->children || !f->ids || !f->orgs || !f->lines || !f->supply || !f->supplies)
		return err_nomem(err);
	if (b->supplies.len > 0)
		memcpy(f->supplies, b->supplies.v, b->supplies.len * sizeof(*f->supplies));
	f->supply_count = b->supplies.len;
	TRY(column_finish(&b->keys, b->table.rows, &f->keys, err));
	for (size_t i = 0; i < b->type->child_count; i++)
		TRY(child_finish(&b->children[i], b->table.rows, &f->children[i], err));
	TRY(table_finish(&b->table, &f->table, err));
	*ret = f;
	f = NULL;
	return ERR_OK;
}

struct frame *frame_take(struct frame *f)
{
	f->references++;
	return f;
}

static void table_drop(struct frame_table *t, bool mapped)
{
	if (!mapped)
		table_clear(t);
	else
		free(t->columns);
}

void frame_release(struct frame *f)
{
	bool mapped;

	if (!f || --f->references > 0)
		return;
	mapped = f->image != NULL;
	table_drop(&f->table, mapped);
	for (size_t i = 0; f->children && i < f->type->child_count; i++) {
		table_drop(&f->children[i].table, mapped);
		if (mapped)
			continue;
		free(f->children[i].first);
		free(f->children[i].parent);
	}
	if (!mapped) {
		column_clear(&f->keys);
		free(f->ids);
		free(f->orgs);
		free(f->lines);
		free(f->supply);
		free(f->supplies);
	}
	free(f->children);
	free(f->dirty);
	frame_image_release(f->image);
	free(f);
}

void frame_releasep(struct frame **f)
{
	frame_release(*f);
	*f = NULL;
}

/* ---- supply sets and wanted columns ---- */

static void set_bits(uint64_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		words[i >> 6] |= (uint64_t)1 << (i & 63);
}

static void set_bit(uint64_t *words, int i, bool on)
{
	uint64_t bit = (uint64_t)1 << (i & 63);

	words[i >> 6] = on ? words[i >> 6] | bit : words[i >> 6] & ~bit;
}

void frame_supply_all(const struct dictionary_type *type, struct frame_supply *ret)
{
	*ret = (struct frame_supply){ 0 };
	set_bits(ret->columns, type->column_count);
	ret->children = (uint32_t)(((uint64_t)1 << type->child_count) - 1);
	for (size_t i = 0; i < type->child_count; i++)
		set_bits(ret->child_columns[i], type->children[i].column_count);
}

static bool supply_change(const struct dictionary_type *type, struct str name, bool on, struct frame_supply *supply)
{
	struct str head, rest = name;
	const struct dictionary_column *column = dictionary_column(type, name);
	const struct dictionary_child *child;
	const struct dictionary_column *part;

	if (column)
		return set_bit(supply->columns, column->index, on), true;
	if (!str_next(&rest, '.', &head) || !(child = dictionary_child(type, head)))
		return false;
	if (head.len == name.len) {
		supply->children = on ? supply->children | (uint32_t)1 << child->index : supply->children & ~((uint32_t)1 << child->index);
		memset(supply->child_columns[child->index], 0, sizeof(supply->child_columns[0]));
		if (on)
			set_bits(supply->child_columns[child->index], child->column_count);
		return true;
	}
	part = dictionary_child_column(child, rest);
	if (!part)
		return false;
	if (on)
		supply->children |= (uint32_t)1 << child->index;
	set_bit(supply->child_columns[child->index], part->index, on);
	return true;
}

bool frame_supply_add(const struct dictionary_type *type, struct str name, struct frame_supply *supply)
{
	return supply_change(type, name, true, supply);
}

bool frame_supply_remove(const struct dictionary_type *type, struct str name, struct frame_supply *supply)
{
	return supply_change(type, name, false, supply);
}

void frame_wanted_add(struct frame_wanted *w, int child, int column)
{
	set_bit(child < 0 ? w->columns : w->child_columns[child], column, true);
}

static void add_references(struct frame_wanted *w, int child, const struct dictionary_reference *references, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < references[i].by_count; k++)
			frame_wanted_add(w, child, references[i].by[k].from);
}

static void add_targets(
	struct frame_wanted *w, const struct dictionary_type *type, const struct dictionary_reference *references, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; references[i].type == type && k < references[i].by_count; k++)
			frame_wanted_add(w, -1, references[i].by[k].to);
}

void frame_wanted_add_links(struct frame_wanted *w, const struct dictionary *d, const struct dictionary_type *type)
{
	add_references(w, -1, type->references, type->reference_count);
	for (size_t c = 0; c < type->child_count; c++)
		add_references(w, (int)c, type->children[c].references, type->children[c].reference_count);
	for (size_t t = 0; t < d->type_count; t++) {
		const struct dictionary_type *other = &d->types[t];

		add_targets(w, type, other->references, other->reference_count);
		for (size_t c = 0; c < other->child_count; c++)
			add_targets(w, type, other->children[c].references, other->children[c].reference_count);
	}
}

static bool table_covers(const struct frame_table *t, const uint64_t *wanted)
{
	for (size_t i = 0; i < t->column_count; i++)
		if (frame_bit(wanted, i) && !t->columns[i].loaded)
			return false;
	return true;
}

bool frame_covers(const struct frame *f, const struct frame_wanted *wanted)
{
	for (size_t i = 0; i < f->type->child_count; i++)
		if (!table_covers(&f->children[i].table, wanted->child_columns[i]))
			return false;
	return table_covers(&f->table, wanted->columns);
}

/* ---- reading ---- */

struct str frame_text(const struct frame_column *c, size_t row)
{
	return (struct str){ .ptr = c->heap + c->starts[row], .len = c->starts[row + 1] - c->starts[row] };
}

struct dictionary_value frame_value(const struct dictionary_column *column, const struct frame_column *c, size_t row)
{
	if (!c->loaded || !frame_bit(c->valid, row))
		return (struct dictionary_value){ .null = true };
	switch (c->type) {
	case COLUMN_BOOL:
		return (struct dictionary_value){ .i = frame_bit(c->bits, row) };
	case COLUMN_DATE:
		return (struct dictionary_value){ .i = c->days[row] };
	case COLUMN_TEXT:
		return (struct dictionary_value){ .s = frame_text(c, row) };
	case COLUMN_CODE:
		return (struct dictionary_value){ .i = c->codes[row], .s = column->codes[c->codes[row]].code };
	case COLUMN_INT:
	case COLUMN_MONEY:
	case COLUMN_DECIMAL:
	case COLUMN_DATETIME:
	case COLUMN_TYPE_COUNT:
		break;
	}
	return (struct dictionary_value){ .i = c->nums[row] };
}

struct str frame_key(const struct frame *f, size_t row)
{
	return frame_text(&f->keys, row);
}

uint32_t frame_find(const struct frame *f, struct str key)
{
	for (size_t i = 0; i < f->table.rows; i++)
		if (str_eq(frame_key(f, i), key))
			return (uint32_t)i;
	return FRAME_NO_ROW;
}

uint32_t frame_find_id(const struct frame *f, int64_t id)
{
	for (size_t i = 0; i < f->table.rows; i++)
		if (f->ids[i] == id)
			return (uint32_t)i;
	return FRAME_NO_ROW;
}

static size_t table_bytes(const struct frame_table *t)
{
	size_t padded = padded_rows(t->rows), bytes = 0;

	for (size_t i = 0; i < t->column_count; i++) {
		const struct frame_column *c = &t->columns[i];

		if (!c->loaded)
			continue;
		bytes += padded / 8 + (c->type == COLUMN_BOOL ? padded / 8 : padded * value_width(c->type));
		bytes += c->type == COLUMN_TEXT ? c->starts[t->rows] : 0;
	}
	return bytes;
}

size_t frame_bytes(const struct frame *f)
{
	size_t bytes = table_bytes(&f->table) + padded_rows(f->table.rows) * 30 + f->keys.starts[f->table.rows];

	for (size_t i = 0; i < f->type->child_count; i++)
		bytes += table_bytes(&f->children[i].table) + padded_rows(f->table.rows) * 4 + padded_rows(f->children[i].table.rows) * 4;
	return bytes;
}
