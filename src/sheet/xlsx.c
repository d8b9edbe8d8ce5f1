/* Workbooks of Office Open XML, read as a stream: the parser is suspended at the end of every row, so memory holds one row, the shared
 * strings and the merged areas, whatever the size of the sheet. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/fault.h"
#include "sheet/xlsx_private.h"

#define SHEETS_MAX 1000
#define STYLES_MAX 65536
#define MERGES_MAX 200000
#define MERGE_COLUMNS_FILLED 256 /* of one merged area */
#define MERGE_BYTES_KEPT 32768   /* longer texts are not repeated */
#define ROW_BYTES_MAX ((size_t)96 << 20)
#define SMALL_BYTES_MAX ((size_t)64 << 20) /* names, styles, targets, merged texts */
#define FORMAT_DATE 1
#define FORMAT_TIME 2

struct merge {
	int64_t row_from, row_to;
	uint32_t column_from, column_to;
	char *text; /* of the first cell, owned; NULL until its row came */
	size_t text_len;
	unsigned int flags;
};

struct number_format {
	int id;
	unsigned char kind;
};

struct xlsx {
	struct xml_ctx xml; /* context of the row parser's handlers */
	struct source source;
	zip_t *zip;
	int64_t file_bytes;
	struct arena *mem; /* names, targets, styles */
	struct arena *strings_mem;
	VEC(struct str) names;
	VEC(struct str) relation_ids;
	VEC(struct str) targets; /* part names, parallel to names */
	VEC(bool) hidden;
	VEC(struct str) strings;
	bool strings_missing;
	VEC(struct number_format) formats;
	VEC(unsigned char) styles; /* FORMAT_* bits by cell style */
	bool base_1904;
	struct str workbook_part, strings_part, styles_part;

	/* the sheet being read */
	size_t selected;
	bool selected_any;
	struct part part;
	XML_Parser parser;
	bool suspended, part_end, done;
	VEC(struct merge) merges; /* by first row */
	size_t merge_next;        /* first that has not begun */
	VEC(uint32_t) merge_open; /* begun and not over */
	struct arena *row_mem;
	VEC(struct sheet_cell) cells;
	struct buf value;
	bool nomem;
	bool in_row, in_cell, in_value, in_phonetic, row_ready;
	int64_t row;   /* number of the row, from 1 */
	size_t column; /* of the cell */
	char type;     /* n s(hared) i(nline) t(ext of a formula) b e d */
	unsigned int style;
	const char *reject;
};

/* ---- small parts ---- */

struct names_ctx {
	struct xml_ctx xml;
	struct xlsx *x;
	bool failed;
	bool in_formats;
	struct str base; /* folder of the part whose relations are read */
};

/** A relation's target as a part name: relative to `base` unless it begins with '/'. */
static struct str resolve(struct arena *mem, struct str base, const char *target)
{
	char path[512];
	size_t len = 0;
	struct str rest = str_of(target), part;

	if (rest.len > 0 && rest.ptr[0] == '/') {
		rest = str_sub(rest, 1, rest.len);
	} else if (base.len < sizeof(path)) {
		memcpy(path, base.ptr ? base.ptr : "", base.len);
		len = base.len;
	}
	while (str_next(&rest, '/', &part)) {
		if (part.len == 0 || str_eq(part, STR(".")))
			continue;
		if (str_eq(part, STR(".."))) {
			while (len > 0 && path[len - 1] != '/')
				len--;
			if (len > 0)
				len--;
			continue;
		}
		if (len + part.len + 2 > sizeof(path))
			return (struct str){ 0 };
		if (len > 0)
			path[len++] = '/';
		memcpy(path + len, part.ptr, part.len);
		len += part.len;
	}
	return str_dup(mem, (struct str){ .ptr = path, .len = len });
}

static bool ends_with(const char *text, const char *suffix)
{
	return text && str_ends(str_of(text), str_of(suffix));
}

static void XMLCALL on_package_relation(void *ctx, const XML_Char *name, const XML_Char **attrs)
{
	struct names_ctx *n = ctx;

	if (strcmp(xml_local(name), "Relationship") == 0 && ends_with(xml_attr(attrs, "Type"), "/officeDocument") &&
		xml_attr(attrs, "Target"))
		n->x->workbook_part = resolve(n->x->mem, (struct str){ 0 }, xml_attr(attrs, "Target"));
}

static void XMLCALL on_workbook(void *ctx, const XML_Char *name, const XML_Char **attrs)
{
	struct names_ctx *n = ctx;
	struct xlsx *x = n->x;
	const char *local = xml_local(name);

	if (strcmp(local, "workbookPr") == 0) {
		const char *v = xml_attr(attrs, "date1904");

		x->base_1904 = v && (strcmp(v, "1") == 0 || strcmp(v, "true") == 0);
	} else if (strcmp(local, "sheet") == 0 && x->names.len < SHEETS_MAX) {
		const char *sheet_name = xml_attr(attrs, "name"), *state = xml_attr(attrs, "state"), *id = NULL;

		for (const char **a = attrs; a[0]; a += 2) /* r:id under whatever prefix; sheetId has none */
			if (strchr(a[0], ':') && strcmp(xml_local(a[0]), "id") == 0)
				id = a[1];
		n->failed |= !vec_push(&x->names, str_dup(x->mem, str_of(sheet_name ? sheet_name : "")));
		n->failed |= !vec_push(&x->relation_ids, str_dup(x->mem, str_of(id ? id : "")));
		n->failed |= !vec_push(&x->targets, ((struct str){ 0 }));
		n->failed |= !vec_push(&x->hidden, state && strcmp(state, "visible") != 0);
	}
}

static void XMLCALL on_workbook_relation(void *ctx, const XML_Char *name, const XML_Char **attrs)
{
	struct names_ctx *n = ctx;
	const char *type = xml_attr(attrs, "Type"), *target = xml_attr(attrs, "Target"), *id = xml_attr(attrs, "Id");
	struct str part;

	if (strcmp(xml_local(name), "Relationship") != 0 || !target)
		return;
	part = resolve(n->x->mem, n->base, target);
	if (ends_with(type, "/sharedStrings"))
		n->x->strings_part = part;
	else if (ends_with(type, "/styles"))
		n->x->styles_part = part;
	else if (ends_with(type, "/worksheet") && id)
		for (size_t i = 0; i < n->x->names.len; i++)
			if (str_eq(n->x->relation_ids.v[i], str_of(id)))
				n->x->targets.v[i] = part;
}

void sheet_format_kind(struct str f, bool *ret_date, bool *ret_time)
{
	bool minute_or_month = false, clock = false, calendar = false;

	for (size_t i = 0; i < f.len; i++) {
		char c = f.ptr[i];

		if (c == '"') {
			while (++i < f.len && f.ptr[i] != '"')
				;
		} else if (c == '[') { /* [h] counts hours, [Red] and [$-804] are no content */
			if (i + 1 < f.len && strchr("hHmMsS", f.ptr[i + 1]) &&
				(i + 2 >= f.len || f.ptr[i + 2] == ']' || f.ptr[i + 2] == f.ptr[i + 1]))
				clock = true;
			while (++i < f.len && f.ptr[i] != ']')
				;
		} else if (c == '\\' || c == '_' || c == '*') {
			i++;
		} else if (c == 'y' || c == 'Y' || c == 'd' || c == 'D') {
			calendar = true;
		} else if (c == 'h' || c == 'H' || c == 's' || c == 'S') {
			clock = true;
		} else if (c == 'm' || c == 'M') {
			minute_or_month = true;
		} else if (c == ';') {
			break; /* what follows formats negative numbers */
		} else if ((c == 'G' || c == 'g') && str_starts(str_sub(f, i, f.len), STR("General"))) {
			i += 6;
		}
	}
	*ret_date = calendar || (minute_or_month && !clock);
	*ret_time = clock;
}

static void XMLCALL on_style(void *ctx, const XML_Char *name, const XML_Char **attrs)
{
	struct names_ctx *n = ctx;
	struct xlsx *x = n->x;
	const char *local = xml_local(name), *id = xml_attr(attrs, "numFmtId");
	int number = id ? atoi(id) : 0;

	if (strcmp(local, "numFmt") == 0 && xml_attr(attrs, "formatCode") && x->formats.len < STYLES_MAX) {
		bool date, time;

		sheet_format_kind(str_of(xml_attr(attrs, "formatCode")), &date, &time);
		n->failed |= !vec_push(&x->formats,
			((struct number_format){ number, (unsigned char)((date ? FORMAT_DATE : 0) | (time ? FORMAT_TIME : 0)) }));
	} else if (strcmp(local, "cellXfs") == 0) {
		n->in_formats = true;
	} else if (strcmp(local, "xf") == 0 && n->in_formats && x->styles.len < STYLES_MAX) {
		unsigned char kind = 0;
		bool custom = false;

		for (size_t i = 0; i < x->formats.len; i++) {
			if (x->formats.v[i].id == number) {
				kind = x->formats.v[i].kind;
				custom = true;
			}
		}
		if (!custom) { /* built in; 27–36 and 50–58 are dates in Chinese versions */
			if ((number >= 14 && number <= 17) || (number >= 27 && number <= 31) || number == 36 ||
				(number >= 50 && number <= 54) || number == 57 || number == 58)
				kind = FORMAT_DATE;
			else if (number == 22)
				kind = FORMAT_DATE | FORMAT_TIME;
			else if ((number >= 18 && number <= 21) || (number >= 32 && number <= 35) || (number >= 45 && number <= 47) ||
				 number == 55 || number == 56)
				kind = FORMAT_TIME;
		}
		n->failed |= !vec_push(&x->styles, kind);
	}
}

static void XMLCALL on_style_end(void *ctx, const XML_Char *name)
{
	struct names_ctx *n = ctx;

	if (strcmp(xml_local(name), "cellXfs") == 0)
		n->in_formats = false;
}

/* ---- shared strings ---- */

struct strings_ctx {
	struct xml_ctx xml;
	struct xlsx *x;
	struct buf text;
	bool in_text, in_phonetic, failed;
};

static void XMLCALL on_string(void *ctx, const XML_Char *name, const XML_Char **attrs)
{
	struct strings_ctx *s = ctx;
	const char *local = xml_local(name);

	(void)attrs;
	if (strcmp(local, "si") == 0)
		buf_reset(&s->text);
	else if (strcmp(local, "rPh") == 0)
		s->in_phonetic = true;
	else if (strcmp(local, "t") == 0)
		s->in_text = !s->in_phonetic;
}

static void XMLCALL on_string_end(void *ctx, const XML_Char *name)
{
	struct strings_ctx *s = ctx;
	const char *local = xml_local(name);

	if (strcmp(local, "t") == 0) {
		s->in_text = false;
	} else if (strcmp(local, "rPh") == 0) {
		s->in_phonetic = false;
	} else if (strcmp(local, "si") == 0) {
		struct str copy;

		if (s->text.ptr)
			s->text.len = xlsx_unescape(s->text.ptr, s->text.len);
		copy = s->text.len ? str_dup(s->x->strings_mem, buf_str(&s->text)) : STR("");
		if (!copy.ptr || s->text.failed || !vec_push(&s->x->strings, copy)) {
			s->failed = true;
			XML_StopParser(s->xml.parser, XML_FALSE);
		}
	}
}

static void XMLCALL on_string_text(void *ctx, const XML_Char *text, int len)
{
	struct strings_ctx *s = ctx;

	if (s->in_text)
		buf_put(&s->text, (struct str){ .ptr = text, .len = (size_t)len });
}

static enum err_code read_strings(struct xlsx *x, struct err *err)
{
	struct strings_ctx s = { .x = x };
	char *part = str_cstr(x->mem, x->strings_part);
	enum err_code code;

	if (x->strings_part.len == 0)
		return ERR_OK;
	if (!part)
		return err_nomem(err);
	buf_init(&s.text, SHEET_LINE_BYTES_MAX);
	code = part_parse(x->zip, part, x->source.shown, &s.xml, on_string, on_string_end, on_string_text, err);
	if (s.failed)
		code = err_set(err, ERR_LIMIT, "%s：工作簿的文字总量超过 512 MiB，请拆分成几个文件或改用 CSV", x->source.shown);
	buf_clear(&s.text);
	return code == ERR_NOT_FOUND ? ERR_OK : code;
}

/* ---- values ---- */

struct str sheet_number_text(struct arena *mem, double value)
{
	char text[400];

	if (!isfinite(value))
		return STR("");
	if (value == 0)
		return STR("0");
	if (fabs(value) < 1e15 && value == floor(value)) {
		snprintf(text, sizeof(text), "%.0f", value);
		return str_dup(mem, str_of(text));
	}
	snprintf(text, sizeof(text), "%.15G", value);
	if (strchr(text, 'E') && fabs(value) < 1 && fabs(value) > 1e-20) {
		snprintf(text, sizeof(text), "%.*f", 14 - (int)floor(log10(fabs(value))), value);
		for (size_t len = strlen(text); len > 0 && text[len - 1] == '0'; len--)
			text[len - 1] = '\0';
	}
	return str_dup(mem, str_of(text));
}

struct str sheet_serial_text(struct arena *mem, double serial, bool base_1904, bool has_date, bool has_time)
{
	int32_t base = day_from_ymd(1899, 12, 30);
	int64_t seconds;
	char text[20];

	if (!(serial >= 0 && serial < 2958466)) /* up to 9999-12-31 */
		return (struct str){ 0 };
	seconds = (int64_t)floor(serial * 86400 + 0.5);
	if (base_1904) {
		base = day_from_ymd(1904, 1, 1);
	} else if (serial < 60) {
		base++; /* the programs think that 1900 was a leap year */
	} else if (serial < 61) {
		return (struct str){ 0 };
	}
	civil_format((int64_t)base * 86400 + seconds, text);
	if (has_time && !has_date && seconds < 86400)
		return str_dup(mem, str_of(text + 11));
	if (!has_time && seconds % 86400 == 0)
		text[10] = '\0';
	else if (!has_time && has_date && seconds % 86400 != 0)
		has_time = true;
	return str_dup(mem, str_of(text));
}

static struct sheet_cell number_cell(struct xlsx *x, struct str raw)
{
	unsigned char kind = x->style < x->styles.len ? x->styles.v[x->style] : 0;
	char *end, *text = str_cstr(x->row_mem, raw);
	struct sheet_cell cell = { 0 };
	double value;

	if (!text) {
		x->nomem = true;
		return cell;
	}
	value = strtod(text, &end);
	if (raw.len == 0)
		return cell;
	if (*end != '\0' || end == text || !isfinite(value)) {
		cell.text = (struct str){ .ptr = text, .len = raw.len };
		return cell;
	}
	if (kind) {
		cell.text = sheet_serial_text(x->row_mem, value, x->base_1904, kind & FORMAT_DATE, kind & FORMAT_TIME);
		cell.flags = CELL_DATE;
	}
	if (!cell.text.ptr) {
		cell.text = sheet_number_text(x->row_mem, value);
		cell.flags = CELL_NUMBER;
	}
	return cell;
}

/** ISO 8601 date cells: "2024-03-01T00:00:00Z" -> "2024-03-01". */
static struct sheet_cell iso_cell(struct xlsx *x, struct str raw)
{
	struct str text = str_dup(x->row_mem, str_trim(raw));
	char *p = (char *)text.ptr;

	if (!p)
		return (struct sheet_cell){ 0 };
	if (text.len > 0 && p[text.len - 1] == 'Z')
		text.len--;
	if (text.len >= 19) {
		text.len = 19;
		if (p[10] == 'T')
			p[10] = ' ';
		if (memcmp(p + 10, " 00:00:00", 9) == 0)
			text.len = 10;
	}
	return (struct sheet_cell){ .text = text, .flags = CELL_DATE };
}

static struct sheet_cell cell_value(struct xlsx *x)
{
	struct str raw = x->value.len ? buf_str(&x->value) : STR("");
	int64_t index;
	struct str copy;

	switch (x->type) {
	case 's':
		if (!str_to_i64(str_trim(raw), &index) || index < 0 || (uint64_t)index >= x->strings.len) {
			if (raw.len > 0)
				x->reject = "该行的单元格引用了不存在的共享字符串，工作簿可能已损坏";
			return (struct sheet_cell){ 0 };
		}
		return (struct sheet_cell){ .text = x->strings.v[index] };
	case 'n':
		return number_cell(x, str_trim(raw));
	case 'd':
		return iso_cell(x, raw);
	case 'b':
		return (struct sheet_cell){ .text = str_eq(str_trim(raw), STR("1")) || str_eq(str_trim(raw), STR("true")) ? STR("true")
			                                                                                                  : STR("false"),
			.flags = CELL_BOOL };
	default:
		if (raw.len == 0)
			return (struct sheet_cell){ 0 };
		copy = str_dup(x->row_mem, (struct str){ .ptr = raw.ptr, .len = xlsx_unescape(x->value.ptr, raw.len) });
		x->nomem |= !copy.ptr;
		return (struct sheet_cell){ .text = copy, .flags = x->type == 'e' ? CELL_ERROR : 0 };
	}
}

/* ---- rows ---- */

static bool widen(struct xlsx *x, size_t count)
{
	while (x->cells.len < count)
		if (!vec_push(&x->cells, (struct sheet_cell){ 0 }))
			return false;
	return true;
}

static void XMLCALL on_sheet(void *ctx, const XML_Char *name, const XML_Char **attrs)
{
	struct xlsx *x = ctx;
	const char *local = xml_local(name), *v;
	int64_t number;

	if (strcmp(local, "row") == 0) {
		v = xml_attr(attrs, "r");
		x->row = v && str_to_i64(str_of(v), &number) && number > 0 && number <= INT32_MAX ? number : x->row + 1;
		x->in_row = true;
		x->column = SIZE_MAX;
		x->reject = NULL;
		x->cells.len = 0;
	} else if (x->in_row && strcmp(local, "c") == 0) {
		size_t column;

		v = xml_attr(attrs, "r");
		x->column = v && cell_ref(v, &column, &number) ? column : x->column + 1;
		v = xml_attr(attrs, "s");
		x->style = v && str_to_i64(str_of(v), &number) && number >= 0 && number < STYLES_MAX ? (unsigned int)number : 0;
		v = xml_attr(attrs, "t");
		x->type = !v || strcmp(v, "n") == 0 ? 'n' : strcmp(v, "inlineStr") == 0 ? 'i' : strcmp(v, "str") == 0 ? 't' : v[0];
		x->in_cell = true;
		x->in_phonetic = false;
		buf_reset(&x->value);
	} else if (x->in_cell && strcmp(local, "rPh") == 0) {
		x->in_phonetic = true;
	} else if (x->in_cell && (strcmp(local, "v") == 0 || strcmp(local, "t") == 0)) {
		x->in_value = !x->in_phonetic;
	}
}

static void XMLCALL on_sheet_text(void *ctx, const XML_Char *text, int len)
{
	struct xlsx *x = ctx;

	if (x->in_value)
		buf_put(&x->value, (struct str){ .ptr = text, .len = (size_t)len });
}

static void XMLCALL on_sheet_end(void *ctx, const XML_Char *name)
{
	struct xlsx *x = ctx;
	const char *local = xml_local(name);

	if (x->in_cell && (strcmp(local, "v") == 0 || strcmp(local, "t") == 0)) {
		x->in_value = false;
	} else if (x->in_cell && strcmp(local, "rPh") == 0) {
		x->in_phonetic = false;
	} else if (x->in_cell && strcmp(local, "c") == 0) {
		x->in_cell = false;
		if (x->column >= SHEET_COLUMNS_MAX) {
			x->reject = "该行超过 16384 列";
		} else if (x->value.failed) {
			x->reject = "该行有超过 16 MiB 的单元格，没有读入";
		} else if (x->value.len > 0 || x->type == 'i') {
			if (!widen(x, x->column + 1))
				x->nomem = true;
			else
				x->cells.v[x->column] = cell_value(x);
		}
	} else if (x->in_row && strcmp(local, "row") == 0) {
		x->in_row = false;
		x->row_ready = true;
		XML_StopParser(x->parser, XML_TRUE);
	}
}

/* ---- merged areas: their list stands behind the rows, so the sheet is looked through for it first ---- */

static int by_row(const void *a, const void *b)
{
	const struct merge *x = a, *y = b;

	return x->row_from != y->row_from ? (x->row_from > y->row_from) - (x->row_from < y->row_from)
	                                  : (x->column_from > y->column_from) - (x->column_from < y->column_from);
}

static void merges_clear(struct xlsx *x)
{
	for (size_t i = 0; i < x->merges.len; i++)
		free(x->merges.v[i].text);
	x->merges.len = 0;
	x->merge_open.len = 0;
	x->merge_next = 0;
}

/** Reads ref="A1:B2" that begins within `text`. */
static bool merge_parse(struct str text, struct merge *ret)
{
	ptrdiff_t at = str_find(text, STR("ref="));
	char from[16], to[16];
	size_t column_from, column_to;
	struct str ref, part;
	const char *end;

	if (at < 0 || (size_t)at + 5 >= text.len)
		return false;
	ref = str_sub(text, (size_t)at + 5, text.len);
	end = memchr(ref.ptr, text.ptr[at + 4], ref.len);
	if (!end)
		return false;
	ref.len = (size_t)(end - ref.ptr);
	if (!str_next(&ref, ':', &part) || part.len >= sizeof(from) || ref.len >= sizeof(to))
		return false;
	snprintf(from, sizeof(from), "%.*s", STR_ARG(part));
	snprintf(to, sizeof(to), "%.*s", STR_ARG(ref));
	*ret = (struct merge){ 0 };
	if (!cell_ref(from, &column_from, &ret->row_from) || !cell_ref(to, &column_to, &ret->row_to) || column_to < column_from ||
		ret->row_to < ret->row_from || column_to >= SHEET_COLUMNS_MAX)
		return false;
	ret->column_from = (uint32_t)column_from;
	ret->column_to = (uint32_t)column_to;
	return true;
}

static enum err_code read_merges(struct xlsx *x, const char *part_name, struct err *err)
{
	enum { KEEP = 128 };
	static const struct str mark = STR_INIT("mergeCell ");
	CLEANUP(mem_freep) char *window = mem_alloc(PART_CHUNK_BYTES + KEEP, 1);
	struct part part;
	size_t have = 0, got = 1;
	enum err_code code = ERR_OK;

	merges_clear(x);
	if (!window)
		return err_nomem(err);
	TRY(part_open(x->zip, part_name, x->source.shown, &part, err));
	while (part.file && got > 0) {
		struct str rest;
		ptrdiff_t at;

		code = part_read(&part, window + have, PART_CHUNK_BYTES, &got, err);
		if (code != ERR_OK)
			break;
		have += got;
		rest = (struct str){ .ptr = window, .len = have };
		/* a mark that the end of the window cuts is seen again with the next chunk */
		while ((at = str_find(rest, mark)) >= 0 && (rest.len - (size_t)at >= KEEP || got == 0)) {
			struct merge m;

			rest = str_sub(rest, (size_t)at + mark.len, rest.len);
			if (merge_parse(str_sub(rest, 0, KEEP - mark.len), &m) && x->merges.len < MERGES_MAX && !vec_push(&x->merges, m))
				code = err_nomem(err);
		}
		if (rest.len > KEEP)
			rest = str_sub(rest, rest.len - KEEP, rest.len);
		memmove(window, rest.ptr, rest.len);
		have = rest.len;
	}
	part_close(&part);
	if (x->merges.len > 1)
		qsort(x->merges.v, x->merges.len, sizeof(*x->merges.v), by_row);
	return code;
}

/** Puts the first cell's text of every merged area into its other cells of this row. */
static bool fill_merges(struct xlsx *x)
{
	size_t kept = 0;

	while (x->merge_next < x->merges.len && x->merges.v[x->merge_next].row_from <= x->row) {
		struct merge *m = &x->merges.v[x->merge_next++];
		const struct sheet_cell *first = m->column_from < x->cells.len ? &x->cells.v[m->column_from] : NULL;

		if (m->row_from != x->row || !first || first->text.len == 0 || first->text.len > MERGE_BYTES_KEPT)
			continue;
		m->text = mem_alloc(first->text.len, 1);
		if (!m->text || !vec_push(&x->merge_open, (uint32_t)(m - x->merges.v)))
			return false;
		memcpy(m->text, first->text.ptr, first->text.len);
		m->text_len = first->text.len;
		m->flags = first->flags;
	}
	for (size_t i = 0; i < x->merge_open.len; i++) {
		struct merge *m = &x->merges.v[x->merge_open.v[i]];
		size_t last = m->column_to - m->column_from < MERGE_COLUMNS_FILLED ? m->column_to : m->column_from + MERGE_COLUMNS_FILLED;
		struct str text;

		if (m->row_to < x->row) {
			free(m->text);
			m->text = NULL;
			continue;
		}
		x->merge_open.v[kept++] = x->merge_open.v[i];
		text = str_dup(x->row_mem, (struct str){ .ptr = m->text, .len = m->text_len });
		if (!text.ptr || !widen(x, last + 1))
			return false;
		for (size_t c = m->column_from; c <= last; c++)
			if (x->cells.v[c].text.len == 0)
				x->cells.v[c] = (struct sheet_cell){ .text = text, .flags = m->flags | CELL_MERGED };
	}
	x->merge_open.len = kept;
	return true;
}

/* ---- source ---- */

static struct xlsx *of_source(struct source *s)
{
	return (struct xlsx *)((char *)s - offsetof(struct xlsx, source));
}

/** Runs the parser up to the end of the next row or of the part. */
static enum err_code run(struct xlsx *x, struct err *err)
{
	enum XML_Status status = XML_STATUS_OK;

	x->row_ready = false;
	while (!x->row_ready && !x->done) {
		if (x->suspended) {
			x->suspended = false;
			status = XML_ResumeParser(x->parser);
		} else {
			size_t len;
			void *to;

			if (x->part_end) {
				x->done = true;
				break;
			}
			to = XML_GetBuffer(x->parser, PART_CHUNK_BYTES);
			if (!to)
				return err_nomem(err);
			TRY(part_read(&x->part, to, PART_CHUNK_BYTES, &len, err));
			x->part_end = len == 0;
			status = XML_ParseBuffer(x->parser, (int)len, len == 0);
		}
		if (status == XML_STATUS_ERROR)
			return xml_failed(x->parser, "工作表", x->source.shown, err);
		x->suspended = status == XML_STATUS_SUSPENDED;
		if (x->nomem)
			return err_nomem(err);
	}
	return ERR_OK;
}

static enum err_code xlsx_next(struct source *s, struct raw_row *ret, struct err *err)
{
	struct xlsx *x = of_source(s);

	*ret = (struct raw_row){ 0 };
	arena_reset(x->row_mem);
	x->cells.len = 0;
	if (x->done)
		return ERR_OK;
	TRY(run(x, err));
	if (!x->row_ready)
		return ERR_OK;
	if (!fill_merges(x))
		return err_nomem(err);
	*ret = (struct raw_row){
		.any = true, .line = x->row, .cells = x->cells.v, .cell_count = x->cells.len, .reason = str_of(x->reject)
	};
	return ERR_OK;
}

static enum err_code xlsx_select(struct source *s, size_t index, struct err *err)
{
	struct xlsx *x = of_source(s);
	char *name = str_cstr(x->mem, x->targets.v[index]);

	if (!name)
		return err_nomem(err);
	if (x->parser)
		XML_ParserFree(x->parser);
	x->parser = NULL;
	part_close(&x->part);
	x->suspended = x->part_end = x->done = x->in_row = x->in_cell = x->in_value = false;
	x->row = 0;
	if (!x->selected_any || x->selected != index)
		TRY(read_merges(x, name, err));
	for (size_t i = 0; i < x->merges.len; i++) {
		free(x->merges.v[i].text);
		x->merges.v[i].text = NULL;
	}
	x->merge_next = x->merge_open.len = 0;
	x->selected = index;
	x->selected_any = true;
	if (x->targets.v[index].len == 0) { /* a chart sheet: no rows */
		x->done = true;
		return ERR_OK;
	}
	TRY(part_open(x->zip, name, x->source.shown, &x->part, err));
	if (!x->part.file)
		return err_set(err, ERR_SYNTAX, "%s：工作簿已损坏，缺少工作表 %.*s", x->source.shown, STR_ARG(x->names.v[index]));
	x->parser = xml_open(&x->xml, on_sheet, on_sheet_end, on_sheet_text);
	return x->parser ? ERR_OK : err_nomem(err);
}

static void xlsx_progress(const struct source *s, int64_t *ret_done, int64_t *ret_total)
{
	const struct xlsx *x = (const struct xlsx *)((const char *)s - offsetof(struct xlsx, source));
	zip_stat_t st;

	*ret_total = x->file_bytes;
	*ret_done = x->done ? x->file_bytes : 0;
	if (!x->done && x->selected_any && x->part.file && x->part.plain > 0 &&
		zip_stat(x->zip, x->targets.v[x->selected].ptr, 0, &st) == 0 && st.size > 0)
		*ret_done = (int64_t)((double)x->file_bytes * ((double)x->part.plain / (double)st.size));
	if (*ret_done > x->file_bytes)
		*ret_done = x->file_bytes;
}

static void xlsx_close(struct source *s)
{
	struct xlsx *x = of_source(s);

	if (x->parser)
		XML_ParserFree(x->parser);
	part_close(&x->part);
	if (x->zip)
		zip_discard(x->zip);
	merges_clear(x);
	vec_clear(&x->merges);
	vec_clear(&x->merge_open);
	vec_clear(&x->names);
	vec_clear(&x->relation_ids);
	vec_clear(&x->targets);
	vec_clear(&x->hidden);
	vec_clear(&x->strings);
	vec_clear(&x->formats);
	vec_clear(&x->styles);
	vec_clear(&x->cells);
	buf_clear(&x->value);
	arena_close(x->mem);
	arena_close(x->strings_mem);
	arena_close(x->row_mem);
	free(x);
}

static const struct source_ops xlsx_ops = { xlsx_next, xlsx_select, xlsx_progress, xlsx_close };

static enum err_code open_zip(struct xlsx *x, const char *path, struct err *err)
{
	int code = 0;
	FILE *file = fopen(path, "rbe");

	if (!file)
		return err_set(err, ERR_IO, "%s：读取失败：%s", x->source.shown, strerror(errno));
	fseeko(file, 0, SEEK_END);
	x->file_bytes = (int64_t)ftello(file);
	fclose(file);
	x->zip = zip_open(path, ZIP_RDONLY, &code);
	if (!x->zip)
		return err_set(err, code == ZIP_ER_MEMORY ? ERR_NOMEM : ERR_SYNTAX,
			"%s：工作簿不完整或已损坏，请重新下载或用表格软件另存后再导入", x->source.shown);
	return ERR_OK;
}

/** Folder of a part, without the slash at its end. */
static struct str folder_of(struct str part)
{
	size_t len = part.len;

	while (len > 0 && part.ptr[len - 1] != '/')
		len--;
	return str_sub(part, 0, len > 0 ? len - 1 : 0);
}

static enum err_code read_workbook(struct xlsx *x, struct err *err)
{
	struct names_ctx n = { .x = x };
	const char *shown = x->source.shown;
	struct str relations;
	enum err_code code;

	code = part_parse(x->zip, "_rels/.rels", shown, &n.xml, on_package_relation, NULL, NULL, err);
	if (code != ERR_OK && code != ERR_NOT_FOUND)
		return code;
	if (x->workbook_part.len == 0)
		x->workbook_part = STR("xl/workbook.xml");
	code = part_parse(x->zip, str_cstr(x->mem, x->workbook_part), shown, &n.xml, on_workbook, NULL, NULL, err);
	if (code == ERR_NOT_FOUND)
		return err_set(err, ERR_UNSUPPORTED, "%s：不是 XLSX 工作簿（可能是其他压缩文件）", shown);
	TRY(code);
	n.base = folder_of(x->workbook_part);
	relations = str_printf(x->mem, "%.*s%s_rels/%.*s.rels", STR_ARG(n.base), n.base.len ? "/" : "",
		STR_ARG(str_sub(x->workbook_part, n.base.len ? n.base.len + 1 : 0, x->workbook_part.len)));
	if (!relations.ptr)
		return err_nomem(err);
	code = part_parse(x->zip, relations.ptr, shown, &n.xml, on_workbook_relation, NULL, NULL, err);
	if (code != ERR_NOT_FOUND)
		TRY(code);
	if (x->styles_part.len > 0) {
		code = part_parse(x->zip, str_cstr(x->mem, x->styles_part), shown, &n.xml, on_style, on_style_end, NULL, err);
		if (code != ERR_NOT_FOUND)
			TRY(code);
	}
	if (n.failed)
		return err_nomem(err);
	if (x->names.len == 0)
		return err_set(err, ERR_INPUT, "%s：工作簿里没有工作表", shown);
	return read_strings(x, err);
}

enum err_code xlsx_open(const char *path, const char *shown, struct source **ret, struct err *err)
{
	struct xlsx *x = mem_alloc(1, sizeof(*x));
	enum err_code code;

	if (!x)
		return err_nomem(err);
	x->source = (struct source){ .ops = &xlsx_ops, .shown = shown, .encoding = "UTF-8" };
	buf_init(&x->value, SHEET_LINE_BYTES_MAX);
	x->mem = arena_open(SMALL_BYTES_MAX);
	x->strings_mem = arena_open(SHEET_STRINGS_BYTES_MAX);
	x->row_mem = arena_open(ROW_BYTES_MAX);
	code = x->mem && x->strings_mem && x->row_mem ? open_zip(x, path, err) : err_nomem(err);
	if (code == ERR_OK)
		code = read_workbook(x, err);
	if (code != ERR_OK) {
		xlsx_close(&x->source);
		return code;
	}
	x->source.names = x->names.v;
	x->source.hidden = x->hidden.v;
	x->source.table_count = x->names.len;
	*ret = &x->source;
	return ERR_OK;
}
