/* Tables out: CSV, XLSX and JSON Lines behind one interface. A file at `path` appears complete or not at all. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/fault.h"
#include "base/json.h"
#include "sheet/sheet_private.h"

#define XLSX_ROWS_MAX 1048576
#define XLSX_CELL_CHARS_MAX 32767
#define FLUSH_BYTES (256 << 10)

struct sheet_writer {
	enum sheet_format format;
	bool trusted, finished;
	char *path, *part_path; /* NULL when writing to out */
	struct buf *out;
	FILE *file;
	struct buf pending; /* CSV and JSON Lines: not yet in the file */
	struct arena *mem;
	struct str *header;
	size_t header_count;
	int64_t row_count;
	int fd; /* memory file a workbook is written to, -1 none */
	lxw_workbook *book;
	lxw_worksheet *page;
	lxw_format *bold;
};

static bool is_plain_number(struct str s)
{
	size_t i = s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+') ? 1 : 0, digits = 0;
	bool point = false;

	for (; i < s.len; i++) {
		if (s.ptr[i] >= '0' && s.ptr[i] <= '9')
			digits++;
		else if (s.ptr[i] == '.' && !point && digits > 0)
			point = true;
		else
			return false;
	}
	return digits > 0 && s.ptr[s.len - 1] != '.';
}

/** True when a spreadsheet program would run the text, or when our own reader would take an apostrophe off it. */
static bool needs_guard(struct str s)
{
	size_t i = 0;

	while (i < s.len && s.ptr[i] == '\'')
		i++;
	return i < s.len && sheet_is_formula_start(s.ptr[i]) && (i > 0 || !is_plain_number(s));
}

static void csv_cell(struct sheet_writer *w, struct str s)
{
	bool guard = !w->trusted && needs_guard(s), quote = guard;

	for (size_t i = 0; i < s.len && !quote; i++)
		quote = s.ptr[i] == ',' || s.ptr[i] == '"' || s.ptr[i] == '\n' || s.ptr[i] == '\r' || s.ptr[i] == '\t' || s.ptr[i] == ';';
	if (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[s.len - 1] == ' '))
		quote = true;
	if (!quote) {
		buf_put(&w->pending, s);
		return;
	}
	buf_putc(&w->pending, '"');
	if (guard)
		buf_putc(&w->pending, '\'');
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"')
			buf_putc(&w->pending, '"');
		buf_putc(&w->pending, s.ptr[i]);
	}
	buf_putc(&w->pending, '"');
}

static void csv_row(struct sheet_writer *w, const struct sheet_cell *cells, size_t count)
{
	size_t before = w->pending.len;

	for (size_t i = 0; i < w->header_count; i++) {
		if (i > 0)
			buf_putc(&w->pending, ',');
		if (i < count)
			csv_cell(w, cells[i].text);
	}
	if (w->pending.len == before) /* one empty column: a blank line would be no row */
		buf_puts(&w->pending, "\"\"");
	buf_puts(&w->pending, "\r\n");
}

/** JSON's number syntax, which is stricter than ours. */
static bool is_json_number(struct str s)
{
	size_t i = s.len > 0 && s.ptr[0] == '-' ? 1 : 0;

	return is_plain_number(s) && s.ptr[0] != '+' && !(s.len > i + 1 && s.ptr[i] == '0' && s.ptr[i + 1] != '.');
}

static void jsonl_row(struct sheet_writer *w, const struct sheet_cell *cells, size_t count)
{
	struct json j;

	json_init(&j, &w->pending);
	json_obj(&j);
	for (size_t i = 0; i < w->header_count && i < count; i++) {
		const struct sheet_cell *c = &cells[i];

		if (!c->text.ptr)
			continue;
		json_key_str(&j, w->header[i]);
		if ((c->flags & CELL_JSON) || ((c->flags & CELL_NUMBER) && is_json_number(c->text)) ||
			((c->flags & CELL_BOOL) && (str_eq(c->text, STR("true")) || str_eq(c->text, STR("false")))))
			json_raw(&j, c->text);
		else
			json_str(&j, c->text);
	}
	json_obj_end(&j);
	buf_putc(&w->pending, '\n');
}

/** Text that a workbook can hold: well-formed, NUL-terminated, at most 32,767 UTF-16 units. */
static const char *xlsx_text(struct arena *mem, struct str s)
{
	static const struct str cut = STR_INIT("……（内容过长，完整内容请导出 CSV）");
	char *out = ARENA_NEW(mem, char, s.len * 3 + cut.len + 1);
	size_t len = 0, units = 0;

	for (size_t i = 0; out && i < s.len;) {
		uint32_t c = utf8_next(s, &i);

		units += c > 0xFFFF ? 2 : 1;
		if (units > XLSX_CELL_CHARS_MAX - 64) {
			memcpy(out + len, cut.ptr, cut.len);
			len += cut.len;
			break;
		}
		if (c == 0 || (c < 0x20 && c != '\t' && c != '\n' && c != '\r'))
			c = 0xFFFD;
		if (c == '\r')
			continue;
		len += utf8_put(c, out + len);
	}
	return out;
}

static enum err_code xlsx_row(struct sheet_writer *w, const struct sheet_cell *cells, size_t count, struct err *err)
{
	lxw_row_t row = (lxw_row_t)w->row_count;

	if (w->row_count >= XLSX_ROWS_MAX)
		return err_set(err, ERR_LIMIT, "XLSX 一张工作表最多 %d 行，请缩小范围或导出 CSV", XLSX_ROWS_MAX);
	arena_reset(w->mem);
	for (size_t i = 0; i < w->header_count && i < count; i++) {
		struct str s = cells[i].text;
		lxw_error code = LXW_NO_ERROR;

		if (s.len == 0)
			continue;
		if ((cells[i].flags & CELL_NUMBER) && is_plain_number(s) && s.len <= 15) {
			char *text = str_cstr(w->mem, s);

			if (!text)
				return err_nomem(err);
			code = worksheet_write_number(w->page, row, (lxw_col_t)i, strtod(text, NULL), NULL);
		} else {
			const char *text = xlsx_text(w->mem, s);

			if (!text)
				return err_nomem(err);
			code = worksheet_write_string(w->page, row, (lxw_col_t)i, text, row == 0 ? w->bold : NULL);
		}
		if (code != LXW_NO_ERROR)
			return err_set(
				err, ERR_IO, "写 XLSX 第 %lld 行第 %zu 列失败：%s", (long long)w->row_count + 1, i + 1, lxw_strerror(code));
	}
	return ERR_OK;
}

static enum err_code flush(struct sheet_writer *w, struct err *err)
{
	if (w->pending.failed)
		return err_nomem(err);
	if (w->file) {
		if (fault_hit(FAULT_WRITE) || (w->pending.len > 0 && fwrite(w->pending.ptr, 1, w->pending.len, w->file) != w->pending.len))
			return err_set(err, ERR_IO, "写 %s 失败：%s", w->path, strerror(errno));
	} else if (w->format != SHEET_XLSX) {
		buf_put(w->out, buf_str(&w->pending));
		if (w->out->failed)
			return err_set(err, ERR_LIMIT, "导出内容超过 %zu 字节，请缩小范围", w->out->max);
	}
	buf_reset(&w->pending);
	return ERR_OK;
}

enum err_code sheet_writer_row(struct sheet_writer *w, const struct sheet_cell *cells, size_t count, struct err *err)
{
	if (w->format == SHEET_XLSX)
		TRY(xlsx_row(w, cells, count, err));
	else if (w->format == SHEET_CSV)
		csv_row(w, cells, count);
	else
		jsonl_row(w, cells, count);
	w->row_count++;
	return w->pending.len >= FLUSH_BYTES ? flush(w, err) : ERR_OK;
}

/* ---- beginning and end ---- */

static enum err_code start_xlsx(struct sheet_writer *w, const struct sheet_writer_options *o, struct err *err)
{
	lxw_workbook_options options = { .constant_memory = LXW_TRUE };
	char to[64], title[128];
	lxw_doc_properties properties = { .created = (time_t)(o->now_ms / 1000) };
	struct str name = o->title.len ? o->title : STR("数据");
	size_t at = 0, units = 0, len = 0;

	if (!w->part_path) {
		w->fd = memfd_create("xiezhi-xlsx", MFD_CLOEXEC);
		if (w->fd < 0)
			return err_set(err, ERR_IO, "写 XLSX 失败：%s", strerror(errno));
		snprintf(to, sizeof(to), "/proc/self/fd/%d", w->fd);
	}
	w->book = workbook_new_opt(w->part_path ? w->part_path : to, &options);
	if (!w->book)
		return err_nomem(err);
	if (o->now_ms > 0)
		workbook_set_properties(w->book, &properties);
	while (at < name.len && units < 31) { /* Excel: 31 characters, none of []:*?/\ */
		uint32_t c = utf8_next(name, &at);

		units += c > 0xFFFF ? 2 : 1;
		if (c < 0x20 || (c < 0x80 && strchr("[]:*?/\\'", (int)c)))
			c = '_';
		if (units <= 31)
			len += utf8_put(c, title + len);
	}
	title[len] = '\0';
	w->page = workbook_add_worksheet(w->book, title);
	w->bold = workbook_add_format(w->book);
	if (!w->page || !w->bold)
		return err_set(err, ERR_IO, "写 XLSX 失败：无法建立工作表“%s”", title);
	format_set_bold(w->bold);
	for (size_t i = 0; i < o->header_count; i++) {
		size_t width = utf8_count(o->header[i]) * 2 + 4;

		worksheet_set_column(w->page, (lxw_col_t)i, (lxw_col_t)i, width < 12 ? 12 : width > 40 ? 40 : (double)width, NULL);
	}
	worksheet_freeze_panes(w->page, 1, 0);
	return ERR_OK;
}

static enum err_code write_header(struct sheet_writer *w, const struct sheet_writer_options *o, struct err *err)
{
	struct arena *mem;
	struct sheet_cell *cells;
	enum err_code code;

	if (w->format == SHEET_JSONL) {
		w->header = mem_alloc(o->header_count, sizeof(*w->header));
		w->mem = arena_open((size_t)16 << 20);
		if (!w->header || !w->mem)
			return err_nomem(err);
		for (size_t i = 0; i < o->header_count; i++) {
			w->header[i] = str_dup(w->mem, o->header[i]);
			if (!w->header[i].ptr && o->header[i].len)
				return err_nomem(err);
		}
		return ERR_OK;
	}
	w->mem = arena_open((size_t)128 << 20);
	mem = arena_open((size_t)16 << 20);
	cells = mem ? ARENA_NEW(mem, struct sheet_cell, o->header_count) : NULL;
	if (!cells || !w->mem) {
		arena_close(mem);
		return err_nomem(err);
	}
	for (size_t i = 0; i < o->header_count; i++)
		cells[i].text = o->header[i];
	if (w->format == SHEET_CSV && o->bom)
		buf_puts(&w->pending, "\xEF\xBB\xBF");
	code = sheet_writer_row(w, cells, o->header_count, err);
	arena_close(mem);
	return code;
}

enum err_code sheet_writer_open(const struct sheet_writer_options *o, struct sheet_writer **ret, struct err *err)
{
	CLEANUP(sheet_writer_closep) struct sheet_writer *w = mem_alloc(1, sizeof(*w));

	if (!w)
		return err_nomem(err);
	w->fd = -1;
	w->format = o->format;
	w->trusted = o->trusted;
	w->out = o->out;
	w->header_count = o->header_count;
	buf_init(&w->pending, (size_t)1 << 30);
	if (o->format != SHEET_CSV && o->format != SHEET_XLSX && o->format != SHEET_JSONL)
		return err_set(err, ERR_UNSUPPORTED, "只能写 CSV、XLSX、JSON Lines");
	if (o->header_count == 0 || o->header_count > SHEET_COLUMNS_MAX)
		return err_set(err, ERR_INPUT, "表应当有 1 到 %d 列，现在有 %zu 列", SHEET_COLUMNS_MAX, o->header_count);
	if (o->path) {
		size_t len = strlen(o->path);

		w->path = mem_alloc(len + 1, 1);
		w->part_path = mem_alloc(len + 32, 1);
		if (!w->path || !w->part_path)
			return err_nomem(err);
		memcpy(w->path, o->path, len);
		snprintf(w->part_path, len + 32, "%s.%d.part", o->path, (int)getpid());
	}
	if (w->format == SHEET_XLSX) {
		TRY(start_xlsx(w, o, err));
	} else if (w->part_path) {
		w->file = fopen(w->part_path, "wbe");
		if (!w->file)
			return err_set(err, ERR_IO, "无法建立 %s：%s", o->path, strerror(errno));
	}
	TRY(write_header(w, o, err));
	*ret = w;
	w = NULL;
	return ERR_OK;
}

/** Copies the finished workbook from the memory file into the caller's buffer. */
static enum err_code take_workbook(struct sheet_writer *w, struct err *err)
{
	char chunk[64 << 10];
	ssize_t got;
	off_t at = 0;

	while ((got = pread(w->fd, chunk, sizeof(chunk), at)) > 0) {
		buf_put(w->out, (struct str){ .ptr = chunk, .len = (size_t)got });
		at += got;
	}
	if (got < 0 || at == 0)
		return err_set(err, ERR_IO, "写 XLSX 失败：%s", strerror(errno));
	return w->out->failed ? err_set(err, ERR_LIMIT, "导出内容超过 %zu 字节，请缩小范围", w->out->max) : ERR_OK;
}

enum err_code sheet_writer_finish(struct sheet_writer *w, struct err *err)
{
	if (w->format == SHEET_XLSX) {
		lxw_workbook *book = w->book;
		lxw_error code;

		if (w->row_count > 1)
			worksheet_autofilter(w->page, 0, 0, (lxw_row_t)w->row_count - 1, (lxw_col_t)w->header_count - 1);
		w->book = NULL;
		code = fault_hit(FAULT_WRITE) ? LXW_ERROR_CREATING_XLSX_FILE : LXW_NO_ERROR;
		if (workbook_close(book) != LXW_NO_ERROR || code != LXW_NO_ERROR)
			return err_set(err, ERR_IO, "写 XLSX 失败：%s", strerror(errno));
		if (!w->path)
			TRY(take_workbook(w, err));
	} else {
		TRY(flush(w, err));
	}
	if (w->file) {
		bool bad = fflush(w->file) != 0 || fsync(fileno(w->file)) != 0;

		bad |= fclose(w->file) != 0;
		w->file = NULL;
		if (bad)
			return err_set(err, ERR_IO, "写 %s 失败：%s", w->path, strerror(errno));
	}
	if (w->path && rename(w->part_path, w->path) != 0)
		return err_set(err, ERR_IO, "写 %s 失败：%s", w->path, strerror(errno));
	w->finished = true;
	return ERR_OK;
}

void sheet_writer_close(struct sheet_writer *w)
{
	if (!w)
		return;
	if (w->book)
		workbook_close(w->book); /* frees it; what it wrote is removed below */
	if (w->file)
		fclose(w->file);
	if (w->fd >= 0)
		close(w->fd);
	if (w->part_path && !w->finished)
		unlink(w->part_path);
	buf_clear(&w->pending);
	arena_close(w->mem);
	free(w->header);
	free(w->path);
	free(w->part_path);
	free(w);
}

void sheet_writer_closep(struct sheet_writer **w)
{
	sheet_writer_close(*w);
}
