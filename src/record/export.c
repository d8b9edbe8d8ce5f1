/* Records on their way out: titles, masked values, revealing one of them, and whole lists as files.
 *
 * Invariant: nothing personal leaves unmasked unless the caller was told to (a person with the right, on the record in the audit trail). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/audit.h"
#include "record/record_private.h"

#define PURPOSE_CHARACTERS_MIN 4
#define EXPORT_PAGE_ROWS 500
#define EXPORT_PAGE_BYTES_MAX ((size_t)512 << 20)

struct str record_title(const struct dictionary_type *t, const struct record_row *row, bool masked, struct arena *mem)
{
	CLEANUP(buf_clear) struct buf out;

	buf_init(&out, 64u << 10);
	dictionary_title(t, row->values, masked, &out);
	return str_dup(mem, buf_str(&out));
}

enum err_code record_reveal(struct db *db, const struct dictionary *d, const struct actor *who, const struct dictionary_type *t, int64_t id,
	struct str column, struct str purpose, int64_t now_ms, struct arena *mem, struct str *ret, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	const struct dictionary_column *c = dictionary_column(t, column);
	struct audit_entry entry = { .action = STR("record.reveal"), .subject = STR("record"), .subject_id = id };
	CLEANUP(buf_clear) struct buf detail;
	struct record_row row;
	struct json j;

	buf_init(&detail, 64u << 10);
	if (!c || c->privacy == PRIVACY_NONE)
		return err_set(err, ERR_INPUT, "“%.*s”不是脱敏的列", STR_ARG(column));
	if (utf8_count(str_trim(purpose)) < PURPOSE_CHARACTERS_MIN)
		return err_set(err, ERR_INPUT, "请写明查看的用途（至少 %d 个字），将记入留痕", PURPOSE_CHARACTERS_MIN);
	TRY(record_get(db, d, who, t, id, mem, &row, err));
	json_init(&j, &detail);
	json_obj(&j);
	json_kstr(&j, "type", t->name);
	json_kstr(&j, "column", c->name);
	json_kstr(&j, "purpose", str_trim(purpose));
	json_obj_end(&j);
	entry.summary = str_printf(mem, "查看%.*s的%.*s", STR_ARG(t->label.zh), STR_ARG(c->label.zh));
	entry.detail = buf_str(&detail);
	TRY(db_begin(db, &tx, err));
	TRY(audit_add(db, who, now_ms, &entry, err));
	TRY(db_commit(&tx, err));
	*ret = STR("");
	if (!row.values[c->index].null) {
		buf_reset(&detail);
		column_display(c, &row.values[c->index], &detail);
		*ret = str_dup(mem, buf_str(&detail));
	}
	return ERR_OK;
}

/* ---- files ---- */

struct export
{
	struct db *db;
	const struct dictionary *dictionary;
	const struct dictionary_type *type;
	struct sheet_writer *w;
	struct buf scratch;
	bool unmasked, as_of;
	struct privacy_words words;    /* of the row being written; none when unmasked */
	struct record_supply supplied; /* by at least one source: what nobody supplies is no column of the file */
	bool for_programs;             /* JSON Lines: names, codes and true/false instead of labels and 是/否 */
};

static struct sheet_cell value_cell(struct export *x, const struct dictionary_type *t, const struct dictionary_column *c,
	const struct dictionary_value *values, struct arena *mem)
{
	const struct dictionary_value *v = &values[c->index];
	struct sheet_cell cell = { 0 };

	if (v->null)
		return cell;
	buf_reset(&x->scratch);
	if (!x->unmasked && privacy_applies(t, c, values))
		column_mask(c, v, &x->scratch);
	else if (x->words.count > 0 && privacy_words_apply(t, c))
		privacy_words_mask(&x->words, v->s, &x->scratch);
	else if (x->for_programs)
		column_format(c, v, &x->scratch);
	else
		column_display(c, v, &x->scratch);
	cell.text = str_dup(mem, x->scratch.len ? buf_str(&x->scratch) : STR(""));
	if (c->type == COLUMN_MONEY || c->type == COLUMN_INT || c->type == COLUMN_DECIMAL)
		cell.flags = CELL_NUMBER;
	if (c->type == COLUMN_BOOL && x->for_programs)
		cell.flags = CELL_BOOL;
	return cell;
}

/** All rows of a child as a JSON array of objects in the machine form, which the native mapping reads again: nothing when the source does
 * not supply the collection, null for a supplied column without value. */
static struct sheet_cell child_cell(struct export *x, const struct dictionary_child *child, const struct record_row *row, struct arena *mem)
{
	const struct record_child_rows *rows = &row->children[child->index];
	const uint64_t *named = row->supply->child_columns[child->index];
	CLEANUP(buf_clear) struct buf text;
	struct json j;

	buf_init(&text, 16u << 20);
	if (rows->row_count == 0 && !record_supplies_child(row->supply, child))
		return (struct sheet_cell){ 0 };
	json_init(&j, &x->scratch);
	buf_reset(&x->scratch);
	json_arr(&j);
	for (size_t r = 0; r < rows->row_count; r++) {
		json_obj(&j);
		for (size_t i = 0; i < child->column_count; i++) {
			const struct dictionary_column *c = &child->columns[i];
			const struct dictionary_value *v = &rows->cells[r * child->column_count + i];

			if (v->null && !((named[i / 64] >> (i % 64)) & 1))
				continue;
			json_key_str(&j, c->name);
			if (v->null) {
				json_none(&j);
				continue;
			}
			buf_reset(&text);
			if (!x->unmasked && c->privacy != PRIVACY_NONE)
				column_mask(c, v, &text);
			else if (x->words.count > 0 && privacy_words_apply(NULL, c))
				privacy_words_mask(&x->words, v->s, &text);
			else
				column_format(c, v, &text);
			json_str(&j, text.len ? buf_str(&text) : STR(""));
		}
		json_obj_end(&j);
	}
	json_arr_end(&j);
	return (struct sheet_cell){ .text = str_dup(mem, buf_str(&x->scratch)), .flags = CELL_JSON };
}

static enum err_code export_row(struct export *x, struct record_row *row, struct arena *mem, struct err *err)
{
	const struct dictionary_type *t = x->type;
	struct sheet_cell *cells = ARENA_NEW(mem, struct sheet_cell, t->column_count + t->child_count);
	size_t n = 0;

	if (!cells)
		return err_nomem(err);
	if (!x->as_of) /* the list has read them for it */
		TRY(rows_read_children(x->db, t, row, 1, mem, err));
	if (!x->unmasked)
		privacy_words(t, row->values, &x->words);
	for (size_t i = 0; i < t->column_count; i++)
		if (record_supplies_column(&x->supplied, &t->columns[i]))
			cells[n++] = value_cell(x, t, &t->columns[i], row->values, mem);
	for (size_t c = 0; c < t->child_count; c++)
		if (record_supplies_child(&x->supplied, &t->children[c]))
			cells[n++] = child_cell(x, &t->children[c], row, mem);
	if (x->scratch.failed)
		return err_nomem(err);
	return sheet_writer_row(x->w, cells, n, err);
}

static enum err_code export_pages(struct export *x, struct record_query *q, int64_t *ret_rows, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(EXPORT_PAGE_BYTES_MAX);
	char after[120] = "";

	if (!mem)
		return err_nomem(err);
	*ret_rows = 0;
	for (;;) {
		struct record_page page;

		arena_reset(mem);
		q->after = str_of(after);
		TRY(record_list(x->db, x->dictionary, q, mem, &page, err));
		for (size_t i = 0; i < page.row_count; i++)
			TRY(export_row(x, &page.rows[i], mem, err));
		*ret_rows += (int64_t)page.row_count;
		if (page.next.len == 0)
			return ERR_OK;
		snprintf(after, sizeof(after), "%.*s", STR_ARG(page.next));
	}
}

static struct str column_header(const struct export *x, const struct dictionary_column *c, struct arena *mem)
{
	if (x->for_programs)
		return c->name;
	return c->type == COLUMN_MONEY ? str_printf(mem, "%.*s（元）", STR_ARG(c->label.zh)) : c->label.zh;
}

static enum err_code export_open(
	struct export *x, const char *path, struct buf *out, enum sheet_format format, struct arena *mem, struct err *err)
{
	const struct dictionary_type *t = x->type;
	struct sheet_writer_options o = { .path = path, .out = out, .format = format, .title = t->label.zh, .bom = true };
	struct str *header = ARENA_NEW(mem, struct str, t->column_count + t->child_count);
	size_t n = 0;

	if (!header)
		return err_nomem(err);
	TRY(supply_in_use(x->db, t, mem, &x->supplied, err));
	for (size_t i = 0; i < t->key_count; i++) /* an empty table still gets a header to fill in */
		record_supply_add(t, t->columns[t->key[i]].name, &x->supplied);
	for (size_t i = 0; i < t->column_count; i++)
		if (record_supplies_column(&x->supplied, &t->columns[i]))
			header[n++] = column_header(x, &t->columns[i], mem);
	for (size_t c = 0; c < t->child_count; c++)
		if (record_supplies_child(&x->supplied, &t->children[c]))
			header[n++] = x->for_programs ? t->children[c].name : t->children[c].label.zh;
	o.header = header;
	o.header_count = n;
	return sheet_writer_open(&o, &x->w, err);
}

/** To a file, or to `out` when path is NULL. */
static enum err_code export_to(struct db *db, const struct dictionary *d, const struct record_query *q, bool unmasked, const char *path,
	struct buf *out, enum sheet_format format, int64_t *ret_rows, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(16u << 20);
	struct export x = { .db = db,
		.dictionary = d,
		.type = q->type,
		.unmasked = unmasked,
		.as_of = q->as_of != 0 && q->type->history.child >= 0,
		.for_programs = format == SHEET_JSONL };
	struct record_query all = *q;
	enum err_code code;

	if (!mem)
		return err_nomem(err);
	if (format != SHEET_CSV && format != SHEET_XLSX && format != SHEET_JSONL)
		return err_set(err, ERR_UNSUPPORTED, "可导出为 csv、xlsx 或 jsonl");
	all.limit = EXPORT_PAGE_ROWS;
	all.want_total = false;
	buf_init(&x.scratch, 64u << 20);
	code = export_open(&x, path, out, format, mem, err);
	if (code == ERR_OK)
		code = export_pages(&x, &all, ret_rows, err);
	if (code == ERR_OK)
		code = sheet_writer_finish(x.w, err);
	sheet_writer_close(x.w);
	buf_clear(&x.scratch);
	return code;
}

enum err_code record_export(struct db *db, const struct dictionary *d, const struct record_query *q, bool unmasked, const char *path,
	int64_t *ret_rows, struct err *err)
{
	return export_to(db, d, q, unmasked, path, NULL, sheet_format_of_name(str_of(path)), ret_rows, err);
}

enum err_code record_export_to_buf(struct db *db, const struct dictionary *d, const struct record_query *q, enum sheet_format format,
	struct buf *out, int64_t *ret_rows, struct err *err)
{
	return export_to(db, d, q, false, NULL, out, format, ret_rows, err);
}

/* ---- the dictionary as a table, for whoever reads an export ---- */

static void note_cells(const struct dictionary_column *c, struct str child, struct sheet_cell *cells, struct arena *mem)
{
	CLEANUP(buf_clear) struct buf codes;

	buf_init(&codes, 64u << 10);
	for (size_t i = 0; i < c->code_count; i++)
		buf_printf(&codes, "%s%.*s=%.*s", i ? "；" : "", STR_ARG(c->codes[i].code), STR_ARG(c->codes[i].label.zh));
	cells[0].text = child;
	cells[1].text = c->name;
	cells[2].text = c->label.zh;
	cells[3].text = str_of(column_type_slug(c->type));
	cells[4].text = c->required ? STR("是") : STR("否");
	cells[5].text = c->type == COLUMN_MONEY ? STR("元") : STR("");
	cells[6].text = str_dup(mem, codes.len ? buf_str(&codes) : STR(""));
	cells[7].text = c->privacy != PRIVACY_NONE ? STR("个人信息") : STR("");
	cells[8].text = c->note.ptr ? c->note : STR("");
}

enum err_code record_notes_write(const struct dictionary_type *t, const char *path, struct err *err)
{
	static const struct str header[] = { STR_INIT("子表"), STR_INIT("列"), STR_INIT("名称"), STR_INIT("类型"), STR_INIT("必填"),
		STR_INIT("单位"), STR_INIT("取值"), STR_INIT("隐私"), STR_INIT("说明") };
	enum { COLUMNS = sizeof(header) / sizeof(header[0]) };
	CLEANUP(arena_closep) struct arena *mem = arena_open(16u << 20);
	CLEANUP(sheet_writer_closep) struct sheet_writer *w = NULL;
	struct sheet_writer_options o = { .path = path,
		.format = sheet_format_of_name(str_of(path)),
		.title = STR("字段说明"),
		.bom = true,
		.header = header,
		.header_count = COLUMNS };
	struct sheet_cell cells[COLUMNS] = { 0 };

	if (!mem)
		return err_nomem(err);
	TRY(sheet_writer_open(&o, &w, err));
	for (size_t i = 0; i < t->column_count; i++) {
		note_cells(&t->columns[i], STR(""), cells, mem);
		TRY(sheet_writer_row(w, cells, COLUMNS, err));
	}
	for (size_t c = 0; c < t->child_count; c++) {
		for (size_t i = 0; i < t->children[c].column_count; i++) {
			note_cells(&t->children[c].columns[i], t->children[c].label.zh, cells, mem);
			TRY(sheet_writer_row(w, cells, COLUMNS, err));
		}
	}
	return sheet_writer_finish(w, err);
}
