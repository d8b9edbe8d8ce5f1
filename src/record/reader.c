/* A file, row by row, as typed records: header → columns, cells → values, and for every row a verdict. Needs no store.
 *
 * Invariant: nothing is guessed silently. A cell that cannot be read rejects its row with the reason and the header it stood under; two
 * different rows of one key are never both taken unless the mapping says which one wins. */
#include <assert.h>
#include <endian.h>
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "record/record_private.h"

#define READER_BYTES_MAX (64u << 20)
#define ROW_BYTES_MAX (64u << 20)
#define ROW_REJECTS_MAX 32
#define SPLIT_ITEMS_MAX 200
#define JSON_ROWS_MAX 2000

/** A mapping column bound to the cells of this file. */
struct bound {
	const struct mapping_column *m;
	int cells[MAPPING_SOURCES_MAX + 40]; /* indices, best first */
	struct str units[MAPPING_SOURCES_MAX + 40];
	int cell_count;
};

struct bound_group {
	const struct mapping_group *g;
	struct bound *columns;
	size_t count;
	bool present; /* at least one header is there */
};

/** Keys seen in this file: open addressing over hashes, 20 to 28 bytes a row. */
struct seen {
	uint64_t *keys, *digests;
	uint32_t *lines;
	int64_t *latest; /* only for mappings with `latest` */
	size_t cap, count;
};

/** A row of JSON children supplies what its objects name: a blank cell says nothing about the collection, [] says that it is empty. */
struct variant {
	struct variant *next;
	struct record_supply supply;
	uint64_t hash;
};

struct record_reader {
	struct arena *mem;     /* lives as long as the reader */
	struct arena *row_mem; /* of the public record_reader_next */
	struct sheet *sheet;
	const struct dictionary_type *type;
	const struct mapping *mapping;
	const struct mapping_set *mappings;
	const struct dictionary_type *wanted_type;
	const struct str *header;
	size_t header_count;
	int64_t header_line;
	struct bound *columns;
	size_t column_count;
	struct bound_group *groups;
	size_t group_count;
	int child_cell[DICTIONARY_CHILDREN_MAX]; /* native JSON arrays; -1 none */
	struct record_supply supply;
	uint64_t supply_hash;
	struct variant *variants; /* supply sets of rows whose JSON children say less than the file as a whole */
	struct seen seen;
	struct sheet_row row;
	struct str *cells;
	size_t cell_count;
	struct record_reject rejects[ROW_REJECTS_MAX];
	size_t reject_count;
};

/* ---- digests ---- */

/** Two independent multiply-xor streams; for finding changes, never for anything an adversary gains from. */
struct digest {
	uint64_t a, b;
};

static void digest_number(struct digest *d, uint64_t v)
{
	d->a = (d->a ^ v) * 0x9ddfea08eb382d69u;
	d->a ^= d->a >> 29;
	d->b = (d->b + v) * 0xc2b2ae3d27d4eb4fu;
	d->b ^= d->b >> 31;
}

/** Eight bytes at a time; the length goes in too, so that "a" + "bc" differs from "ab" + "c". */
static void digest_bytes(struct digest *d, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	uint64_t word;
	size_t i;

	for (i = 0; i + 8 <= len; i += 8) {
		memcpy(&word, p + i, 8);
		digest_number(d, le64toh(word));
	}
	word = 0;
	for (size_t k = 0; i + k < len; k++)
		word |= (uint64_t)p[i + k] << (8 * k);
	digest_number(d, word ^ ((uint64_t)len << 56));
}

static void digest_values(struct digest *d, const struct dictionary_column *columns, size_t count, const struct dictionary_value *values)
{
	for (size_t i = 0; i < count; i++) {
		if (values[i].null)
			continue;
		digest_bytes(d, columns[i].name.ptr, columns[i].name.len);
		if (columns[i].type == COLUMN_TEXT || columns[i].type == COLUMN_CODE) {
			digest_bytes(d, values[i].s.ptr, values[i].s.len);
		} else {
			digest_number(d, (uint64_t)values[i].i);
		}
	}
}

static struct digest digest_row(const struct dictionary_type *t, const struct record_row *row, uint64_t supply_hash)
{
	struct digest d = { 0xcbf29ce484222325u, 0x27d4eb2f165667c5u };

	digest_number(&d, supply_hash);
	digest_values(&d, t->columns, t->column_count, row->values);
	for (size_t c = 0; c < t->child_count; c++) {
		const struct dictionary_child *child = &t->children[c];

		for (size_t r = 0; r < row->children[c].row_count; r++) {
			digest_bytes(&d, child->name.ptr, child->name.len);
			digest_values(&d, child->columns, child->column_count, row->children[c].cells + r * child->column_count);
		}
	}
	d.a ^= d.a >> 32;
	d.b ^= d.b >> 32;
	return d;
}

/** By names, so that a dictionary that gains columns leaves old digests alone. */
static uint64_t supply_hash(const struct dictionary_type *t, const struct record_supply *s)
{
	struct digest d = { 1, 2 };

	for (size_t i = 0; i < t->column_count; i++)
		if (record_supplies_column(s, &t->columns[i]))
			digest_bytes(&d, t->columns[i].name.ptr, t->columns[i].name.len);
	for (size_t c = 0; c < t->child_count; c++) {
		const struct dictionary_child *child = &t->children[c];

		if (!record_supplies_child(s, child))
			continue;
		digest_bytes(&d, child->name.ptr, child->name.len);
		for (size_t i = 0; i < child->column_count; i++)
			if ((s->child_columns[c][i / 64] >> (i % 64)) & 1)
				digest_bytes(&d, child->columns[i].name.ptr, child->columns[i].name.len);
	}
	return d.a ^ d.b;
}

static void digest_write(struct digest d, char out[static 33])
{
	snprintf(out, 33, "%016llx%016llx", (unsigned long long)d.a, (unsigned long long)d.b);
}

void record_digest(const struct dictionary_type *t, const struct record_row *row, char out[static 33])
{
	digest_write(digest_row(t, row, supply_hash(t, row->supply)), out);
}

/* ---- copies ---- */

static enum err_code copy_values(
	const struct dictionary_value *from, size_t count, struct arena *mem, struct dictionary_value **ret, struct err *err)
{
	struct dictionary_value *to = ARENA_NEW(mem, struct dictionary_value, count + 1);

	if (!to)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		to[i] = from[i];
		if (from[i].null || !from[i].s.ptr)
			continue;
		to[i].s = str_dup(mem, from[i].s);
		if (!to[i].s.ptr)
			return err_nomem(err);
	}
	*ret = to;
	return ERR_OK;
}

enum err_code record_row_copy(
	const struct dictionary_type *t, const struct record_row *row, struct arena *mem, struct record_row *ret, struct err *err)
{
	*ret = *row;
	ret->key = str_dup(mem, row->key);
	ret->region = row->region.ptr ? str_dup(mem, row->region) : row->region;
	ret->children = ARENA_NEW(mem, struct record_child_rows, t->child_count + 1);
	if (!ret->children || !ret->key.ptr)
		return err_nomem(err);
	TRY(copy_values(row->values, t->column_count, mem, &ret->values, err));
	for (size_t c = 0; row->children && c < t->child_count; c++) {
		ret->children[c].row_count = row->children[c].row_count;
		TRY(copy_values(row->children[c].cells, row->children[c].row_count * t->children[c].column_count, mem,
			&ret->children[c].cells, err));
	}
	return ERR_OK;
}

/* ---- keys seen ---- */

static void seen_clear(struct seen *s)
{
	free(s->keys);
	free(s->digests);
	free(s->lines);
	free(s->latest);
	*s = (struct seen){ 0 };
}

static size_t seen_slot(const struct seen *s, uint64_t key)
{
	size_t at = (size_t)((key ^ (key >> 32)) & (s->cap - 1));

	while (s->keys[at] && s->keys[at] != key)
		at = (at + 1) & (s->cap - 1);
	return at;
}

static enum err_code seen_grow(struct seen *s, bool with_latest, struct err *err)
{
	struct seen n = { .cap = s->cap ? s->cap * 2 : 4096, .count = s->count };

	n.keys = mem_alloc(n.cap, sizeof(*n.keys));
	n.digests = mem_alloc(n.cap, sizeof(*n.digests));
	n.lines = mem_alloc(n.cap, sizeof(*n.lines));
	n.latest = with_latest ? mem_alloc(n.cap, sizeof(*n.latest)) : NULL;
	if (!n.keys || !n.digests || !n.lines || (with_latest && !n.latest)) {
		seen_clear(&n);
		return err_nomem(err);
	}
	for (size_t i = 0; i < s->cap; i++) {
		size_t at;

		if (!s->keys[i])
			continue;
		at = seen_slot(&n, s->keys[i]);
		n.keys[at] = s->keys[i];
		n.digests[at] = s->digests[i];
		n.lines[at] = s->lines[i];
		if (with_latest)
			n.latest[at] = s->latest[i];
	}
	seen_clear(s);
	*s = n;
	return ERR_OK;
}

/* ---- opening ---- */

static int on_header_score(void *ctx, const struct str *cells, size_t count)
{
	const struct record_reader *r = ctx;
	int score = -1;

	if (r->mapping)
		return mapping_score(r->mapping, cells, count);
	mapping_recognise(r->mappings, r->wanted_type, cells, count, &score);
	return score;
}

static enum err_code bind_column(
	struct record_reader *r, const struct mapping_column *m, const struct str *normal, struct bound *b, struct err *err)
{
	const int max = (int)(sizeof(b->cells) / sizeof(b->cells[0]));

	(void)err;
	b->m = m;
	for (size_t k = 0; k < m->from_count; k++) {
		for (size_t i = 0; i < r->header_count; i++) {
			struct str unit = m->unit;

			if (b->cell_count == max || !header_matches(normal[i], &m->from[k], m->column, &unit))
				continue;
			b->units[b->cell_count] = unit;
			b->cells[b->cell_count++] = (int)i;
		}
	}
	return ERR_OK;
}

static void supply_bit(uint64_t *words, int i, bool on)
{
	if (!on)
		words[i / 64] &= ~((uint64_t)1 << (i % 64));
}

/** What this file supplies: what the mapping claims, without the columns whose headers are not here. */
static void narrow_supply(struct record_reader *r)
{
	const struct dictionary_type *t = r->type;
	bool column_here[DICTIONARY_COLUMNS_MAX] = { false };

	r->supply = r->mapping->info.supply;
	for (size_t i = 0; i < r->column_count; i++) {
		const struct dictionary_column *c = r->columns[i].m->column;
		bool here = r->columns[i].m->is_constant || r->columns[i].cell_count > 0;

		column_here[c->index] |= here;
		if (here && c->foreign >= 0)
			column_here[c->foreign] = true;
		if (here && c->currency >= 0)
			column_here[c->currency] = true;
	}
	for (size_t i = 0; i < t->column_count; i++)
		supply_bit(r->supply.columns, (int)i, column_here[i]);
	if (!str_eq(r->mapping->info.currency, STR("CNY")))
		for (size_t i = 0; i < t->column_count; i++)
			supply_bit(r->supply.columns, (int)i, t->columns[i].type != COLUMN_MONEY);
	for (size_t c = 0; c < t->child_count; c++) {
		bool here[DICTIONARY_COLUMNS_MAX] = { false };
		bool child_here = r->child_cell[c] >= 0;

		for (size_t g = 0; g < r->group_count; g++) {
			if (r->groups[g].g->child != (int)c || !r->groups[g].present)
				continue;
			child_here = true;
			for (size_t i = 0; i < r->groups[g].count; i++)
				here[r->groups[g].columns[i].m->column->index] |=
					r->groups[g].columns[i].m->is_constant || r->groups[g].columns[i].cell_count > 0;
		}
		if (!child_here)
			r->supply.children &= ~((uint32_t)1 << c);
		for (size_t i = 0; i < t->children[c].column_count && r->child_cell[c] < 0; i++)
			supply_bit(r->supply.child_columns[c], (int)i, child_here && here[i]);
	}
	r->supply_hash = supply_hash(t, &r->supply);
}

static enum err_code bind_all(struct record_reader *r, struct err *err)
{
	const struct mapping *m = r->mapping;
	struct str *normal = ARENA_NEW(r->mem, struct str, r->header_count + 1);

	r->columns = ARENA_NEW(r->mem, struct bound, m->column_count + 1);
	r->groups = ARENA_NEW(r->mem, struct bound_group, m->group_count + 1);
	if (!normal || !r->columns || !r->groups)
		return err_nomem(err);
	for (size_t i = 0; i < r->header_count; i++)
		normal[i] = header_normalise(r->header[i], r->mem);
	for (size_t i = 0; i < m->column_count; i++) {
		struct bound *b = &r->columns[r->column_count];

		TRY(bind_column(r, &m->columns[i], normal, b, err));
		if (m->columns[i].is_constant || b->cell_count > 0)
			r->column_count++;
		else if (m->columns[i].column->required)
			return err_set(err, ERR_INPUT, "缺少必需的列“%.*s”（%.*s）",
				STR_ARG(m->columns[i].from_count ? m->columns[i].from[0].shown : m->columns[i].column->label.zh),
				STR_ARG(m->columns[i].column->label.zh));
		else
			*b = (struct bound){ 0 };
	}
	for (size_t g = 0; g < m->group_count; g++) {
		struct bound_group *b = &r->groups[r->group_count++];

		b->g = &m->groups[g];
		b->columns = ARENA_NEW(r->mem, struct bound, m->groups[g].column_count + 1);
		if (!b->columns)
			return err_nomem(err);
		for (size_t i = 0; i < m->groups[g].column_count; i++) {
			TRY(bind_column(r, &m->groups[g].columns[i], normal, &b->columns[i], err));
			b->present |= b->columns[i].cell_count > 0;
		}
		b->count = m->groups[g].column_count;
	}
	for (size_t c = 0; c < DICTIONARY_CHILDREN_MAX; c++) {
		r->child_cell[c] = -1;
		for (size_t i = 0; i < r->header_count && c < r->type->child_count; i++)
			if (normal[i].len > 0 &&
				(str_eq(normal[i], m->child_json[c].normal) || str_eq(normal[i], m->child_json_label[c].normal)))
				r->child_cell[c] = (int)i;
	}
	narrow_supply(r);
	return ERR_OK;
}

static enum err_code no_mapping(const struct record_reader *r, const struct record_reader_options *o, struct err *err)
{
	char seen[300];
	size_t used = 0;

	seen[0] = '\0';
	for (size_t i = 0; i < r->header_count && used + r->header[i].len + 8 < sizeof(seen) && i < 12; i++)
		used += (size_t)snprintf(seen + used, sizeof(seen) - used, "%s%.*s", i ? "、" : "", STR_ARG(r->header[i]));
	return err_set(err, ERR_INPUT, "认不出文件%.*s的表头（第 %lld 行：%s…），请指定类型或映射", STR_ARG(o->name),
		(long long)r->header_line, seen);
}

static enum err_code reader_start(struct record_reader *r, const struct record_reader_options *o, struct err *err)
{
	const struct sheet_options options = {
		.path = o->path,
		.name = o->name,
		.sheet = o->sheet,
		.header_score = on_header_score,
		.header_score_ctx = r,
	};

	r->mapping = o->mapping;
	r->mappings = o->mappings;
	r->wanted_type = o->type;
	TRY(sheet_open(&options, &r->sheet, err));
	r->header = sheet_header(r->sheet, &r->header_count, &r->header_line);
	if (!r->mapping)
		r->mapping = mapping_recognise(o->mappings, o->type, r->header, r->header_count, NULL);
	if (!r->mapping)
		return no_mapping(r, o, err);
	r->type = r->mapping->info.type;
	if (o->type && o->type != r->type)
		return err_set(err, ERR_INPUT, "映射“%.*s”的类型是 %.*s，不是 %.*s", STR_ARG(r->mapping->info.name), STR_ARG(r->type->name),
			STR_ARG(o->type->name));
	return bind_all(r, err);
}

enum err_code record_reader_open(const struct record_reader_options *o, struct record_reader **ret, struct err *err)
{
	CLEANUP(record_reader_closep) struct record_reader *r = mem_alloc(1, sizeof(*r));

	if (!r)
		return err_nomem(err);
	r->mem = arena_open(READER_BYTES_MAX);
	r->row_mem = arena_open(ROW_BYTES_MAX);
	if (!r->mem || !r->row_mem)
		return err_nomem(err);
	TRY(reader_start(r, o, err));
	*ret = r;
	r = NULL;
	return ERR_OK;
}

void record_reader_close(struct record_reader *r)
{
	if (!r)
		return;
	sheet_close(r->sheet);
	seen_clear(&r->seen);
	arena_close(r->row_mem);
	arena_close(r->mem);
	free(r);
}

void record_reader_closep(struct record_reader **r)
{
	record_reader_close(*r);
	*r = NULL;
}

const struct mapping *record_reader_mapping(const struct record_reader *r)
{
	return r->mapping;
}

const struct dictionary_type *record_reader_type(const struct record_reader *r)
{
	return r->type;
}

const struct record_supply *record_reader_supply(const struct record_reader *r)
{
	return &r->supply;
}

const struct str *record_reader_header(const struct record_reader *r, size_t *ret_count, int64_t *ret_line)
{
	*ret_count = r->header_count;
	if (ret_line)
		*ret_line = r->header_line;
	return r->header;
}

const struct str *record_reader_cells(const struct record_reader *r, size_t *ret_count)
{
	*ret_count = r->cell_count;
	return r->cells;
}

int64_t record_reader_line(const struct record_reader *r)
{
	return r->row.line;
}

void record_reader_progress(const struct record_reader *r, int64_t *ret_done, int64_t *ret_total)
{
	sheet_progress(r->sheet, ret_done, ret_total);
}

/* ---- one row ---- */

static void reject(struct record_reader *r, struct arena *mem, struct str column, const char *reason)
{
	if (r->reject_count == ROW_REJECTS_MAX)
		return;
	r->rejects[r->reject_count++] =
		(struct record_reject){ .line = r->row.line, .column = column, .reason = str_dup(mem, str_of(reason)) };
}

static struct str translate(const struct mapping_column *m, struct str text, struct arena *mem)
{
	struct str normal;

	if (m->translation_count == 0)
		return text;
	normal = text_normalise(text, mem);
	for (size_t i = 0; i < m->translation_count; i++)
		if (str_eq(m->translations[i].from, normal))
			return m->translations[i].to;
	return text;
}

/** Parses one text for one column; false after a reject. */
static bool parse_cell(struct record_reader *r, const struct mapping_column *m, struct str text, struct str unit, struct str header,
	struct arena *mem, struct dictionary_value *ret)
{
	struct err why = { 0 };

	if (!column_parse(m->column, translate(m, text, mem), unit, mem, ret, &why)) {
		if (m->has_otherwise && column_parse(m->column, m->otherwise, (struct str){ 0 }, mem, ret, &why))
			return true;
		reject(r, mem, header, why.msg);
		return false;
	}
	if (m->column->type == COLUMN_TEXT && !ret->null) /* the cell dies with the row of the sheet */
		ret->s = str_dup(mem, ret->s);
	return true;
}

/** The value of a column from the first of its cells that has text. */
static bool read_bound(struct record_reader *r, const struct bound *b, struct arena *mem, struct dictionary_value *ret)
{
	*ret = (struct dictionary_value){ .null = true };
	if (b->m->is_constant)
		return parse_cell(r, b->m, b->m->constant, (struct str){ 0 }, (struct str){ 0 }, mem, ret);
	for (int i = 0; i < b->cell_count; i++) {
		size_t at = (size_t)b->cells[i];
		struct str text = at < r->row.cell_count ? r->row.cells[at].text : (struct str){ 0 };

		if (str_trim(text).len == 0)
			continue;
		if (r->row.cells[at].flags & CELL_ERROR) {
			reject(r, mem, r->header[at], "单元格是表格软件的错误值（如 #N/A）");
			return false;
		}
		if (!parse_cell(r, b->m, text, b->units[i], r->header[at], mem, ret))
			return false;
		if (!ret->null)
			return true;
	}
	return true;
}

/** Scales fen to the foreign column's 4 decimals, so that an amount in another currency is never fen of CNY. */
static void move_foreign(struct record_reader *r, struct record_row *row, struct arena *mem)
{
	const struct dictionary_type *t = r->type;

	for (size_t i = 0; i < t->column_count; i++) {
		const struct dictionary_column *c = &t->columns[i];
		struct str currency = r->mapping->info.currency;

		if (c->type != COLUMN_MONEY || row->values[i].null)
			continue;
		if (c->currency >= 0 && !row->values[c->currency].null)
			currency = row->values[c->currency].s;
		if (str_eq(currency, STR("CNY")) || str_eq(currency, STR("RMB")) || str_eq(currency, STR("人民币")))
			continue;
		if (c->foreign < 0) {
			reject(r, mem, c->label.zh, "金额不是人民币，这一列没有对应的外币列");
			continue;
		}
		if (__builtin_mul_overflow(row->values[i].i, 100, &row->values[c->foreign].i)) {
			reject(r, mem, c->label.zh, "金额过大");
			continue;
		}
		row->values[c->foreign].null = false;
		row->values[i] = (struct dictionary_value){ .null = true };
		if (c->currency >= 0)
			row->values[c->currency] = (struct dictionary_value){ .s = currency };
	}
}

/* ---- children ---- */

static enum err_code child_grow(struct record_child_rows *rows, size_t column_count, size_t add, struct arena *mem, struct err *err)
{
	struct dictionary_value *cells = ARENA_NEW(mem, struct dictionary_value, (rows->row_count + add) * column_count);

	if (!cells)
		return err_nomem(err);
	if (rows->row_count > 0)
		memcpy(cells, rows->cells, rows->row_count * column_count * sizeof(*cells));
	for (size_t i = rows->row_count * column_count; i < (rows->row_count + add) * column_count; i++)
		cells[i].null = true;
	rows->cells = cells;
	rows->row_count += add;
	return ERR_OK;
}

/** Next item of a cell: text up to one of the separator characters. */
static bool next_item(struct str *rest, struct str separators, struct str *ret)
{
	size_t at = 0;

	if (!rest->ptr)
		return false;
	while (at < rest->len) {
		size_t start = at, probe = 0;
		uint32_t c = utf8_next(*rest, &at);

		while (probe < separators.len) {
			if (utf8_next(separators, &probe) == c) {
				*ret = str_trim(str_sub(*rest, 0, start));
				*rest = str_sub(*rest, at, rest->len);
				return true;
			}
		}
	}
	*ret = str_trim(*rest);
	*rest = (struct str){ 0 };
	return true;
}

static size_t count_items(struct str text, struct str separators)
{
	struct str item;
	size_t count = 0;

	while (count < SPLIT_ITEMS_MAX && next_item(&text, separators, &item))
		count += item.len > 0;
	return count;
}

static struct str item_at(struct str text, struct str separators, size_t index)
{
	struct str item;
	size_t seen = 0;

	while (next_item(&text, separators, &item))
		if (item.len > 0 && seen++ == index)
			return item;
	return (struct str){ 0 };
}

static struct str bound_text(const struct record_reader *r, const struct bound *b, struct str *ret_header, struct str *ret_unit)
{
	for (int i = 0; i < b->cell_count; i++) {
		size_t at = (size_t)b->cells[i];
		struct str text = at < r->row.cell_count ? str_trim(r->row.cells[at].text) : (struct str){ 0 };

		if (text.len > 0) {
			*ret_header = r->header[at];
			*ret_unit = b->units[i];
			return text;
		}
	}
	return (struct str){ 0 };
}

static enum err_code read_group(
	struct record_reader *r, const struct bound_group *g, struct record_row *row, struct arena *mem, struct err *err)
{
	const struct dictionary_child *child = &r->type->children[g->g->child];
	struct record_child_rows *rows = &row->children[g->g->child];
	size_t items = 0, first = rows->row_count;

	for (size_t i = 0; i < g->count; i++) {
		struct str header, unit, text = bound_text(r, &g->columns[i], &header, &unit);
		size_t n = text.len == 0 ? 0 : g->g->split.len > 0 ? count_items(text, g->g->split) : 1;

		items = n > items ? n : items;
	}
	if (items == 0)
		return ERR_OK;
	TRY(child_grow(rows, child->column_count, items, mem, err));
	for (size_t i = 0; i < g->count; i++) {
		const struct bound *b = &g->columns[i];
		struct str header = { 0 }, unit = { 0 }, text = b->m->is_constant ? b->m->constant : bound_text(r, b, &header, &unit);
		size_t n = g->g->split.len > 0 && !b->m->is_constant ? count_items(text, g->g->split) : 1;

		for (size_t k = 0; k < items; k++) {
			struct str item = n > 1 ? item_at(text, g->g->split, k) : text; /* one value stands for every item */

			if (item.len > 0)
				parse_cell(r, b->m, item, unit, header, mem,
					&rows->cells[(first + k) * child->column_count + (size_t)b->m->column->index]);
		}
	}
	return ERR_OK;
}

/** A scalar of JSON as the text that column_parse takes. */
static struct str json_text(const json_t *v, struct arena *mem)
{
	switch (json_typeof(v)) {
	case JSON_STRING:
		return (struct str){ .ptr = json_string_value(v), .len = json_string_length(v) };
	case JSON_INTEGER:
		return str_printf(mem, "%lld", (long long)json_integer_value(v));
	case JSON_REAL:
		return str_printf(mem, "%.15g", json_real_value(v));
	case JSON_TRUE:
		return STR("true");
	case JSON_FALSE:
		return STR("false");
	case JSON_OBJECT:
	case JSON_ARRAY:
	case JSON_NULL:
		break;
	}
	return (struct str){ 0 };
}

static const struct dictionary_column *child_key(const struct dictionary_child *child, struct str key)
{
	const struct dictionary_column *c = dictionary_child_column(child, key);

	for (size_t i = 0; i < child->column_count && !c; i++) {
		if (str_eq(child->columns[i].label.zh, key))
			c = &child->columns[i];
		for (size_t k = 0; k < child->columns[i].alias_count && !c; k++)
			if (str_eq(child->columns[i].aliases[k], key))
				c = &child->columns[i];
	}
	return c;
}

static enum err_code read_child_object(struct record_reader *r, const struct dictionary_child *child, json_t *object, struct str header,
	struct dictionary_value *cells, uint64_t *named, struct arena *mem, struct err *err)
{
	const char *key;
	json_t *value;

	(void)err;
	json_object_foreach(object, key, value)
	{
		const struct dictionary_column *c = child_key(child, str_of(key));
		struct mapping_column m = { .column = c };

		if (c)
			named[c->index / 64] |= (uint64_t)1 << (c->index % 64);
		if (c)
			parse_cell(r, &m, json_text(value, mem), (struct str){ 0 }, header, mem, &cells[c->index]);
		else
			reject(r, mem, header, str_cstr(mem, str_printf(mem, "子表“%.*s”没有列“%s”", STR_ARG(child->label.zh), key)));
	}
	return ERR_OK;
}

static enum err_code read_child_json(
	struct record_reader *r, int index, struct record_row *row, struct record_supply *supply, struct arena *mem, struct err *err)
{
	const struct dictionary_child *child = &r->type->children[index];
	size_t at = (size_t)r->child_cell[index];
	struct str text = at < r->row.cell_count ? str_trim(r->row.cells[at].text) : (struct str){ 0 };
	struct record_child_rows *rows = &row->children[index];
	enum err_code code = ERR_OK;
	json_error_t where;
	json_t *array;

	if (text.len == 0) {
		supply->children &= ~((uint32_t)1 << index);
		memset(supply->child_columns[index], 0, sizeof(supply->child_columns[index]));
		return ERR_OK;
	}
	array = json_loadb(text.ptr, text.len, 0, &where);
	if (!json_is_array(array) || json_array_size(array) > JSON_ROWS_MAX) {
		reject(r, mem, r->header[at],
			"这一列应为 JSON 数组，如 [{\"kind\":\"notice\",\"delivered_on\":\"2025-01-02\"}]，最多 2000 项");
		json_decref(array);
		return ERR_OK;
	}
	if (json_array_size(array) > 0) {
		memset(supply->child_columns[index], 0, sizeof(supply->child_columns[index]));
		code = child_grow(rows, child->column_count, json_array_size(array), mem, err);
	}
	for (size_t i = 0; i < json_array_size(array) && code == ERR_OK; i++) {
		json_t *object = json_array_get(array, i);

		if (json_is_object(object))
			code = read_child_object(r, child, object, r->header[at], rows->cells + i * child->column_count,
				supply->child_columns[index], mem, err);
		else
			reject(r, mem, r->header[at], "数组的每一项应为对象");
	}
	json_decref(array);
	return code;
}

static enum err_code variant_of(
	struct record_reader *r, const struct record_supply *supply, const struct record_supply **ret, struct err *err)
{
	struct variant *v;

	for (v = r->variants; v; v = v->next) {
		if (memcmp(&v->supply, supply, sizeof(*supply)) == 0) {
			*ret = &v->supply;
			return ERR_OK;
		}
	}
	v = ARENA_NEW(r->mem, struct variant, 1);
	if (!v)
		return err_nomem(err);
	v->supply = *supply;
	v->hash = supply_hash(r->type, supply);
	v->next = r->variants;
	r->variants = v;
	*ret = &v->supply;
	return ERR_OK;
}

static enum err_code read_children_json(struct record_reader *r, struct record_row *row, struct arena *mem, struct err *err)
{
	struct record_supply supply;
	bool any = false;

	for (size_t i = 0; i < r->type->child_count; i++) {
		if (r->child_cell[i] < 0)
			continue;
		if (!any)
			supply = r->supply;
		any = true;
		TRY(read_child_json(r, (int)i, row, &supply, mem, err));
	}
	return any ? variant_of(r, &supply, &row->supply, err) : ERR_OK;
}

static uint64_t supply_hash_of(const struct record_reader *r, const struct record_supply *supply)
{
	return supply == &r->supply ? r->supply_hash
	                            : ((const struct variant *)((const char *)supply - offsetof(struct variant, supply)))->hash;
}

/* ---- verdicts ---- */

static void check_required(struct record_reader *r, const struct record_row *row, struct arena *mem)
{
	const struct dictionary_type *t = r->type;

	for (size_t i = 0; i < t->column_count; i++) {
		struct str header;
		bool told = false;

		if (!t->columns[i].required || !row->values[i].null)
			continue;
		header = mapping_source(r->mapping, &t->columns[i], NULL);
		for (size_t k = 0; k < r->reject_count; k++)
			told |= str_eq(r->rejects[k].column, header);
		if (!told)
			reject(r, mem, header.len ? header : t->columns[i].label.zh, "必填，不能为空");
	}
}

static enum err_code judge_key(struct record_reader *r, struct record_row *row, struct digest d, struct arena *mem,
	enum record_outcome *ret, int64_t *ret_replaces, struct err *err)
{
	const struct dictionary_column *latest = r->mapping->latest;
	struct seen *s = &r->seen;
	uint64_t key = str_hash(row->key) | 1;
	int64_t version = latest && !row->values[latest->index].null ? row->values[latest->index].i : INT64_MIN;
	size_t at;

	*ret = RECORD_TAKEN;
	*ret_replaces = 0;
	if (s->count * 10 >= s->cap * 7)
		TRY(seen_grow(s, latest != NULL, err));
	at = seen_slot(s, key);
	if (!s->keys[at]) {
		s->keys[at] = key;
		s->count++;
	} else if (s->digests[at] == (d.a ^ d.b)) {
		*ret = RECORD_REPEATED;
		return ERR_OK;
	} else if (!latest) {
		struct str key_shown = row->key;

		while (utf8_count(key_shown) > 40 || !utf8_valid(key_shown))
			key_shown.len--;
		reject(r, mem, (struct str){ 0 },
			str_cstr(mem, str_printf(mem, "与第 %u 行主键相同（%.*s）而内容不同，无法判断以哪一行为准", s->lines[at],
					      STR_ARG(key_shown))));
		*ret = RECORD_REJECTED;
		return ERR_OK;
	} else if (version < s->latest[at]) {
		*ret = RECORD_OLDER;
		return ERR_OK;
	} else {
		*ret_replaces = s->lines[at];
	}
	s->digests[at] = d.a ^ d.b;
	s->lines[at] = (uint32_t)row->line;
	if (latest)
		s->latest[at] = version;
	return ERR_OK;
}

static enum err_code convert(struct record_reader *r, struct record_row *row, struct arena *mem, struct err *err)
{
	const struct dictionary_type *t = r->type;

	*row = (struct record_row){ .line = r->row.line, .supply = &r->supply, .sealed = t->sealed };
	row->values = ARENA_NEW(mem, struct dictionary_value, t->column_count);
	row->children = ARENA_NEW(mem, struct record_child_rows, t->child_count + 1);
	if (!row->values || !row->children)
		return err_nomem(err);
	for (size_t i = 0; i < t->column_count; i++)
		row->values[i].null = true;
	for (size_t i = 0; i < r->column_count; i++)
		read_bound(r, &r->columns[i], mem, &row->values[r->columns[i].m->column->index]);
	for (size_t i = 0; i < r->group_count; i++)
		if (r->groups[i].present)
			TRY(read_group(r, &r->groups[i], row, mem, err));
	TRY(read_children_json(r, row, mem, err));
	move_foreign(r, row, mem);
	check_required(r, row, mem);
	row->key = dictionary_row_key(t, row->values, mem);
	return row->key.ptr ? ERR_OK : err_nomem(err);
}

static enum err_code keep_cells(struct record_reader *r, struct arena *mem, struct err *err)
{
	r->cells = ARENA_NEW(mem, struct str, r->row.cell_count + 1);
	if (!r->cells)
		return err_nomem(err);
	for (size_t i = 0; i < r->row.cell_count; i++)
		r->cells[i] = str_dup(mem, r->row.cells[i].text);
	r->cell_count = r->row.cell_count;
	return ERR_OK;
}

enum err_code record_reader_next_in(struct record_reader *r, struct arena *mem, enum record_outcome *ret, struct record_row *ret_row,
	const struct record_reject **ret_rejects, size_t *ret_reject_count, int64_t *ret_replaces_line, struct err *err)
{
	int64_t replaces = 0;
	struct digest d;

	r->reject_count = 0;
	do {
		TRY(sheet_next(r->sheet, &r->row, err));
	} while (r->row.kind == SHEET_ROW_SKIPPED);
	if (r->row.kind == SHEET_ROW_END) {
		*ret = RECORD_END;
		return ERR_OK;
	}
	*ret = RECORD_REJECTED;
	if (r->row.kind == SHEET_ROW_REJECTED) {
		reject(r, mem, (struct str){ 0 }, str_cstr(mem, r->row.reason));
	} else {
		TRY(convert(r, ret_row, mem, err));
		if (r->reject_count == 0) {
			d = digest_row(r->type, ret_row, supply_hash_of(r, ret_row->supply));
			digest_write(d, ret_row->digest);
			TRY(judge_key(r, ret_row, d, mem, ret, &replaces, err));
		}
	}
	if (*ret == RECORD_REJECTED)
		TRY(keep_cells(r, mem, err));
	if (ret_rejects)
		*ret_rejects = r->rejects;
	if (ret_reject_count)
		*ret_reject_count = r->reject_count;
	if (ret_replaces_line)
		*ret_replaces_line = replaces;
	return ERR_OK;
}

enum err_code record_reader_next(struct record_reader *r, enum record_outcome *ret, struct record_row *ret_row,
	const struct record_reject **ret_rejects, size_t *ret_reject_count, int64_t *ret_replaces_line, struct err *err)
{
	arena_reset(r->row_mem);
	return record_reader_next_in(r, r->row_mem, ret, ret_row, ret_rejects, ret_reject_count, ret_replaces_line, err);
}
