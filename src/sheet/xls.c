/* Workbooks of the old binary format (BIFF, .xls) through FreeXL, which loads a whole workbook: such files cannot be large. */
#include <errno.h>
#include <freexl.h>
#include <stdlib.h>

#include "base/fault.h"
#include "sheet/sheet_private.h"

#define XLS_BYTES_MAX ((int64_t)256 << 20)
#define XLS_SHEETS_MAX 256

struct xls {
	struct source source;
	const void *book;
	struct arena *mem, *row_mem;
	struct str names[XLS_SHEETS_MAX];
	unsigned int row, rows;
	unsigned short columns;
	struct sheet_cell *cells;
	int64_t file_bytes;
};

static bool cell_of(struct xls *x, const FreeXL_CellValue *v, struct sheet_cell *ret)
{
	switch (v->type) {
	case FREEXL_CELL_INT:
		*ret = (struct sheet_cell){ .text = str_printf(x->row_mem, "%d", v->value.int_value), .flags = CELL_NUMBER };
		return ret->text.ptr;
	case FREEXL_CELL_DOUBLE:
		*ret = (struct sheet_cell){ .text = sheet_number_text(x->row_mem, v->value.double_value), .flags = CELL_NUMBER };
		return ret->text.ptr;
	case FREEXL_CELL_TEXT:
	case FREEXL_CELL_SST_TEXT:
		*ret = (struct sheet_cell){ .text = str_of(v->value.text_value) };
		return true;
	case FREEXL_CELL_DATE:
	case FREEXL_CELL_DATETIME:
	case FREEXL_CELL_TIME:
		*ret = (struct sheet_cell){ .text = str_of(v->value.text_value), .flags = CELL_DATE };
		if (str_ends(ret->text, STR(" 00:00:00")))
			ret->text.len -= 9;
		return true;
	case FREEXL_CELL_NULL:
	default:
		*ret = (struct sheet_cell){ 0 };
		return true;
	}
}

static enum err_code xls_next(struct source *s, struct raw_row *ret, struct err *err)
{
	struct xls *x = (struct xls *)s;

	*ret = (struct raw_row){ .line = (int64_t)x->row + 1 };
	if (x->row >= x->rows)
		return ERR_OK;
	arena_reset(x->row_mem);
	for (unsigned short c = 0; c < x->columns; c++) {
		FreeXL_CellValue v = { .type = FREEXL_CELL_NULL };

		if (freexl_get_cell_value(x->book, x->row, c, &v) != FREEXL_OK)
			v.type = FREEXL_CELL_NULL;
		if (!cell_of(x, &v, &x->cells[c]))
			return err_nomem(err);
		if (!utf8_valid(x->cells[c].text)) {
			x->cells[c] = (struct sheet_cell){ 0 };
			ret->reason = STR("该行有无法识别的字符：编码损坏");
		}
	}
	x->row++;
	ret->any = true;
	ret->cells = x->cells;
	ret->cell_count = x->columns;
	return ERR_OK;
}

static enum err_code xls_select(struct source *s, size_t index, struct err *err)
{
	struct xls *x = (struct xls *)s;

	free(x->cells);
	x->cells = NULL;
	x->row = x->rows = 0;
	x->columns = 0;
	if (freexl_select_active_worksheet(x->book, (unsigned short)index) != FREEXL_OK ||
		freexl_worksheet_dimensions(x->book, &x->rows, &x->columns) != FREEXL_OK)
		return err_set(err, ERR_SYNTAX, "%s：工作簿已损坏，无法读取工作表 %.*s", s->shown, STR_ARG(x->names[index]));
	x->cells = mem_alloc(x->columns, sizeof(*x->cells));
	return x->cells ? ERR_OK : err_nomem(err);
}

static void xls_progress(const struct source *s, int64_t *ret_done, int64_t *ret_total)
{
	const struct xls *x = (const struct xls *)s;

	*ret_total = x->file_bytes;
	*ret_done = x->rows ? x->file_bytes * x->row / x->rows : x->file_bytes;
}

static void xls_close(struct source *s)
{
	struct xls *x = (struct xls *)s;

	if (x->book)
		freexl_close(x->book);
	arena_close(x->mem);
	arena_close(x->row_mem);
	free(x->cells);
	free(x);
}

static const struct source_ops xls_ops = { xls_next, xls_select, xls_progress, xls_close };

static enum err_code open_book(struct xls *x, const char *path, struct err *err)
{
	FILE *file = fopen(path, "rbe");
	unsigned int sheets = 0, password = 0;
	int code;

	if (!file)
		return err_set(err, ERR_IO, "%s：读取失败：%s", x->source.shown, strerror(errno));
	fseeko(file, 0, SEEK_END);
	x->file_bytes = (int64_t)ftello(file);
	fclose(file);
	if (x->file_bytes > XLS_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "%s：XLS 文件超过 256 MiB，请另存为 XLSX 或 CSV", x->source.shown);
	code = freexl_open(path, &x->book);
	if (code == FREEXL_BIFF_OBFUSCATED ||
		(x->book && freexl_get_info(x->book, FREEXL_BIFF_PASSWORD, &password) == FREEXL_OK && password == FREEXL_BIFF_OBFUSCATED))
		return err_set(err, ERR_UNSUPPORTED, "%s：工作簿已加密，请去掉密码后再导入", x->source.shown);
	if (code == FREEXL_BIFF_WORKBOOK_NOT_FOUND)
		return err_set(err, ERR_UNSUPPORTED, "%s：不是 XLS 工作簿，或是加密的 XLSX（请去掉密码后再导入）", x->source.shown);
	if (code != FREEXL_OK)
		return err_set(err, ERR_SYNTAX, "%s：XLS 工作簿不完整或已损坏，请另存为 XLSX 后再导入", x->source.shown);
	if (freexl_get_info(x->book, FREEXL_BIFF_SHEET_COUNT, &sheets) != FREEXL_OK || sheets == 0)
		return err_set(err, ERR_INPUT, "%s：工作簿里没有工作表", x->source.shown);
	x->source.table_count = sheets < XLS_SHEETS_MAX ? sheets : XLS_SHEETS_MAX;
	for (size_t i = 0; i < x->source.table_count; i++) {
		const char *name = NULL;

		if (freexl_get_worksheet_name(x->book, (unsigned short)i, &name) == FREEXL_OK && name && utf8_valid(str_of(name)))
			x->names[i] = str_dup(x->mem, str_of(name));
	}
	return ERR_OK;
}

enum err_code xls_open(const char *path, const char *shown, struct source **ret, struct err *err)
{
	struct xls *x = mem_alloc(1, sizeof(*x));
	enum err_code code;

	if (!x)
		return err_nomem(err);
	x->source = (struct source){ .ops = &xls_ops, .shown = shown, .encoding = "BIFF", .names = x->names };
	x->mem = arena_open((size_t)1 << 20);
	x->row_mem = arena_open((size_t)8 << 20);
	code = x->mem && x->row_mem ? open_book(x, path, err) : err_nomem(err);
	if (code != ERR_OK) {
		xls_close(&x->source);
		return code;
	}
	*ret = &x->source;
	return ERR_OK;
}
