/* Which format a file has, where its table begins, and what each row below the header is. Knows rows of cells only: the formats are in
 * their own files. The table is read from its top once to find the header and again to hand out rows, so nothing is kept in between. */
#include "sheet/sheet.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/fault.h"
#include "sheet/sheet_private.h"

#define PROBE_BYTES ((size_t)32 << 20)
#define PROBE_TABLES_MAX 50
#define HEADER_CELL_CHARS_MAX 60

struct sheet {
	char *shown;
	enum sheet_format format;
	struct source *source;
	size_t table;
	struct arena *mem;
	struct str *header;
	size_t header_count;
	int64_t header_line;
	VEC(struct sheet_cell) cells;
	bool failed;
};

static const char *const format_names[SHEET_FORMAT_COUNT] = { "auto", "csv", "xlsx", "xls", "jsonl" };

const char *sheet_format_name(enum sheet_format f)
{
	return format_names[f];
}

enum sheet_format sheet_format_of_name(struct str name)
{
	static const struct {
		const char *ending;
		enum sheet_format format;
	} endings[] = {
		{ ".csv", SHEET_CSV },
		{ ".tsv", SHEET_CSV },
		{ ".txt", SHEET_CSV },
		{ ".xlsx", SHEET_XLSX },
		{ ".xlsm", SHEET_XLSX },
		{ ".xls", SHEET_XLS },
		{ ".et", SHEET_XLS },
		{ ".jsonl", SHEET_JSONL },
		{ ".ndjson", SHEET_JSONL },
		{ ".json", SHEET_JSONL },
	};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t len = strlen(endings[i].ending);

		if (name.len >= len && strncasecmp(name.ptr + name.len - len, endings[i].ending, len) == 0)
			return endings[i].format;
	}
	return SHEET_AUTO;
}

static size_t nul_count(const unsigned char *p, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += p[i] == 0;
	return count;
}

/** By what the file begins with; the name decides only between kinds of text. */
static enum err_code find_format(struct sheet *s, const struct sheet_options *o, struct err *err)
{
	unsigned char head[512];
	struct stat st;
	struct str text;
	size_t len, from;
	FILE *file = fopen(o->path, "rbe");
	int64_t bytes_max = o->file_bytes_max ? (int64_t)o->file_bytes_max : SHEET_FILE_BYTES_MAX;

	if (!file)
		return err_set(err, ERR_IO, "%s：读取失败：%s", s->shown, strerror(errno));
	len = fstat(fileno(file), &st) == 0 && S_ISREG(st.st_mode) ? fread(head, 1, sizeof(head), file) : 0;
	fclose(file);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_IO, "%s：不是普通文件", s->shown);
	if (st.st_size > bytes_max)
		return err_set(err, ERR_LIMIT, "%s：文件大小 %lld 字节，超过上限 %lld 字节，请拆分后再导入", s->shown,
			(long long)st.st_size, (long long)bytes_max);
	if (len == 0)
		return err_set(err, ERR_INPUT, "%s：文件是空的", s->shown);
	s->format = o->format;
	if (s->format != SHEET_AUTO)
		return ERR_OK;
	if (len >= 4 && memcmp(head, "PK\3\4", 4) == 0) {
		s->format = SHEET_XLSX;
		return ERR_OK;
	}
	if (len >= 4 && memcmp(head, "\xD0\xCF\x11\xE0", 4) == 0) {
		s->format = SHEET_XLS;
		return ERR_OK;
	}
	if (memcmp(head, "%PDF", len < 4 ? len : 4) == 0)
		return err_set(err, ERR_UNSUPPORTED, "%s：PDF 不是表格，请提供 CSV、XLSX、XLS 或 JSON Lines", s->shown);
	from = len >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	text = str_trim((struct str){ .ptr = (const char *)head + from, .len = len - from });
	if (text.len > 0 && text.ptr[0] == '<')
		return err_set(err, ERR_UNSUPPORTED, "%s：内容是网页或 XML，不是表格；请在表格软件中打开后另存为 XLSX", s->shown);
	if (text.len > 0 && text.ptr[0] == '[' && sheet_format_of_name(str_of(s->shown)) == SHEET_JSONL)
		return err_set(err, ERR_UNSUPPORTED, "%s：是一个 JSON 数组；请改为 JSON Lines（每行一个对象，行间没有逗号）", s->shown);
	if (text.len > 0 && text.ptr[0] == '{') {
		s->format = SHEET_JSONL;
		return ERR_OK;
	}
	if (nul_count(head, len) * 16 > len && !(len >= 2 && (memcmp(head, "\xFF\xFE", 2) == 0 || memcmp(head, "\xFE\xFF", 2) == 0)))
		return err_set(err, ERR_UNSUPPORTED, "%s：不是表格文件；可以导入 CSV、XLSX、XLS、JSON Lines", s->shown);
	s->format = sheet_format_of_name(str_of(s->shown)) == SHEET_JSONL ? SHEET_JSONL : SHEET_CSV;
	return ERR_OK;
}

/* ---- header ---- */

static bool row_is_blank(const struct raw_row *row)
{
	for (size_t i = 0; i < row->cell_count; i++)
		if (str_trim(row->cells[i].text).len > 0)
			return false;
	return row->reason.len == 0;
}

/** 2 for what names a column, 1 for what might, 0 for values. */
static int cell_weight(const struct sheet_cell *c, struct str text)
{
	int digits = 0, marks = 0;
	size_t chars = utf8_count(text);

	if (text.len == 0 || chars > HEADER_CELL_CHARS_MAX || (c->flags & (CELL_NUMBER | CELL_DATE | CELL_BOOL | CELL_ERROR)))
		return 0;
	for (size_t i = 0; i < text.len; i++) {
		digits += text.ptr[i] >= '0' && text.ptr[i] <= '9';
		marks += strchr("-./: ,%+", text.ptr[i]) != NULL;
	}
	if ((size_t)(digits + marks) == text.len)
		return 0;
	return digits > 0 ? 1 : 2;
}

static int compare_str(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/** Weight of the distinct texts of a row; -1 when memory is out. */
static int row_weight(const struct raw_row *row)
{
	struct str *sorted = mem_alloc(row->cell_count, sizeof(*sorted));
	size_t count = 0;
	int weight = 0;

	if (!sorted)
		return -1;
	for (size_t i = 0; i < row->cell_count; i++) {
		struct str text = str_trim(row->cells[i].text);

		if (cell_weight(&row->cells[i], text) > 0)
			sorted[count++] = text;
	}
	qsort(sorted, count, sizeof(*sorted), compare_str);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || !str_eq(sorted[i], sorted[i - 1]))
			weight += cell_weight(&(struct sheet_cell){ 0 }, sorted[i]);
	free(sorted);
	return weight;
}

/** Header text: trimmed, without line breaks. */
static struct str header_text(struct arena *mem, struct str s)
{
	char *p = str_cstr(mem, str_trim(s));
	size_t out = 0;

	if (!p)
		return (struct str){ 0 };
	for (size_t i = 0; p[i]; i++)
		if (p[i] != '\n' && p[i] != '\r' && p[i] != '\t')
			p[out++] = p[i];
	p[out] = '\0';
	return (struct str){ .ptr = p, .len = out };
}

struct probe {
	int score; /* of the best row, 0 none */
	int64_t line;
	int rows; /* seen, blank ones apart */
	struct str *header;
	size_t header_count;
};

static enum err_code keep_header(struct arena *mem, const struct raw_row *row, struct probe *p, struct err *err)
{
	size_t count = row->cell_count;

	while (count > 0 && str_trim(row->cells[count - 1].text).len == 0)
		count--;
	p->header = ARENA_NEW(mem, struct str, count ? count : 1);
	p->header_count = count;
	p->line = row->line;
	for (size_t i = 0; p->header && i < count; i++) {
		p->header[i] = header_text(mem, row->cells[i].text);
		if (!p->header[i].ptr)
			return err_nomem(err);
	}
	return p->header ? ERR_OK : err_nomem(err);
}

struct candidate {
	int score;
	size_t width; /* cells of the row, empty ones too */
	struct probe head;
};

/** How much a row looks like a header; known headers beat guesses. -1 when memory is out. */
static int candidate_score(const struct sheet_options *o, const struct raw_row *row, const struct probe *head)
{
	int score = row_weight(row), known;

	if (score < 0 || !o->header_score || head->header_count == 0)
		return score;
	known = o->header_score(o->header_score_ctx, head->header, head->header_count);
	return known > 0 ? 1000000 + known * 100 + (score < 99 ? score : 99) : score;
}

/** The first of the best; in delimited text only rows as wide as most rows count, so that a broken row is no header. */
static const struct candidate *best_candidate(const struct candidate *c, int count, bool same_width)
{
	const struct candidate *best = NULL;
	size_t width = 0;
	int most = 0;

	for (int i = 0; same_width && i < count; i++) {
		int same = 0;

		for (int k = 0; k < count; k++)
			same += c[k].width == c[i].width;
		if (same > most) {
			most = same;
			width = c[i].width;
		}
	}
	for (int i = 0; i < count; i++) {
		if (same_width && most > 1 && c[i].width != width && c[i].score < 1000000)
			continue;
		if (c[i].score > 0 && (!best || c[i].score > best->score))
			best = &c[i];
	}
	return best;
}

/** Looks at the first rows of the selected table. */
static enum err_code probe_table(struct sheet *s, const struct sheet_options *o, struct arena *mem, struct probe *ret, struct err *err)
{
	CLEANUP(arena_closep) struct arena *scratch = arena_open((size_t)128 << 20);
	struct candidate candidates[SHEET_PROBE_ROWS];
	const struct candidate *best;
	char first_reason[200] = "";
	int rows = 0, count = 0;
	size_t bytes = 0;

	if (!scratch)
		return err_nomem(err);
	while (rows < SHEET_PROBE_ROWS && bytes < PROBE_BYTES) {
		struct candidate *c = &candidates[count];
		struct raw_row row;

		TRY(s->source->ops->next(s->source, &row, err));
		if (!row.any)
			break;
		if (row_is_blank(&row))
			continue;
		rows++;
		for (size_t i = 0; i < row.cell_count; i++)
			bytes += row.cells[i].text.len;
		if (row.reason.len > 0) {
			if (!first_reason[0])
				snprintf(first_reason, sizeof(first_reason), "第 %lld 行：%.*s", (long long)row.line, STR_ARG(row.reason));
			continue;
		}
		*c = (struct candidate){ .width = row.cell_count };
		TRY(keep_header(scratch, &row, &c->head, err));
		c->score = candidate_score(o, &row, &c->head);
		if (c->score < 0)
			return err_nomem(err);
		count++;
	}
	best = best_candidate(candidates, count, s->source->strict_width);
	if (!best && first_reason[0])
		return err_set(err, ERR_INPUT, "%s：找不到表头；%s", s->shown, first_reason);
	*ret = (struct probe){ .rows = rows };
	if (!best)
		return ERR_OK;
	*ret = best->head;
	ret->score = best->score;
	ret->rows = rows;
	ret->header = ARENA_NEW(mem, struct str, best->head.header_count);
	for (size_t i = 0; ret->header && i < ret->header_count; i++) {
		ret->header[i] = str_dup(mem, best->head.header[i]);
		if (!ret->header[i].ptr)
			return err_nomem(err);
	}
	return ret->header ? ERR_OK : err_nomem(err);
}

/** The table that was asked for, or the one whose head looks most like a table's. */
static enum err_code choose_table(struct sheet *s, const struct sheet_options *o, struct probe *ret, struct err *err)
{
	struct source *src = s->source;
	struct err ignored;
	int best_score = 0;
	bool chosen = false;

	if (o->sheet.len > 0) {
		for (size_t i = 0; src->names && i < src->table_count && !chosen; i++) {
			chosen = str_eq(src->names[i], o->sheet);
			s->table = i;
		}
		if (!chosen)
			return err_set(err, ERR_INPUT, "%s：没有名为“%.*s”的工作表", s->shown, STR_ARG(o->sheet));
	} else if (src->table_count > 1) {
		for (size_t i = 0; i < src->table_count && i < PROBE_TABLES_MAX; i++) {
			struct arena *scratch = arena_open((size_t)128 << 20);
			struct probe p = { 0 };
			int score;

			if (!scratch)
				return err_nomem(err);
			if (src->hidden && src->hidden[i]) {
				arena_close(scratch);
				continue;
			}
			if (src->ops->select(src, i, &ignored) != ERR_OK || probe_table(s, o, scratch, &p, &ignored) != ERR_OK)
				p.score = 0;
			arena_close(scratch);
			score = p.score * 2 + (p.score > 0 && p.rows > 1); /* of two equal heads, the one with rows below it */
			if (score > best_score) {
				best_score = score;
				s->table = i;
			}
		}
	}
	TRY(src->ops->select(src, s->table, err));
	return probe_table(s, o, s->mem, ret, err);
}

static enum err_code find_header(struct sheet *s, const struct sheet_options *o, struct err *err)
{
	struct source *src = s->source;
	struct probe p = { 0 };
	struct raw_row row;

	if (src->keys) {
		s->header = ARENA_NEW(s->mem, struct str, src->key_count);
		if (!s->header)
			return err_nomem(err);
		memcpy(s->header, src->keys, src->key_count * sizeof(*s->header));
		s->header_count = src->key_count;
		return ERR_OK;
	}
	TRY(choose_table(s, o, &p, err));
	if (p.score == 0)
		return err_set(err, ERR_INPUT, "%s：找不到表头：前 %d 行里没有列名", s->shown, SHEET_PROBE_ROWS);
	s->header = p.header;
	s->header_count = p.header_count;
	s->header_line = p.line;
	TRY(src->ops->select(src, s->table, err));
	do {
		TRY(src->ops->next(src, &row, err));
	} while (row.any && row.line < p.line);
	return ERR_OK;
}

/* ---- rows ---- */

/** 合 计： -> 合计 */
static size_t squeeze(struct str s, char *to, size_t size)
{
	size_t out = 0;

	for (size_t i = 0; i < s.len && out + 4 < size;) {
		size_t from = i;
		uint32_t c = utf8_next(s, &i);

		if (c == ' ' || c == 0x3000 || c == 0xA0 || c == '\t' || c == '\n' || c == '\r')
			continue;
		if (i - from > 4)
			continue;
		memcpy(to + out, s.ptr + from, i - from);
		out += i - from;
	}
	return out;
}

static bool is_total(struct str cell)
{
	static const struct str words[] = { STR_INIT("合计"), STR_INIT("总计"), STR_INIT("小计"), STR_INIT("累计"), STR_INIT("总和"),
		STR_INIT("共计"), STR_INIT("本页合计"), STR_INIT("本月合计"), STR_INIT("本年累计"), STR_INIT("本页小计") };
	char text[64];
	struct str s = { .ptr = text, .len = squeeze(str_sub(cell, 0, 48), text, sizeof(text)) };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct str rest;

		if (!str_starts(s, words[i]))
			continue;
		rest = str_sub(s, words[i].len, s.len);
		if (rest.len == 0 || str_starts(rest, STR("：")) || str_starts(rest, STR("（")) || strchr(":(0123456789", rest.ptr[0]))
			return true;
	}
	return false;
}

static bool is_note(struct str cell)
{
	static const struct str starts[] = { STR_INIT("注："), STR_INIT("注:"), STR_INIT("备注："), STR_INIT("备注:"), STR_INIT("说明："),
		STR_INIT("说明:"), STR_INIT("填表"), STR_INIT("制表"), STR_INIT("审核人"), STR_INIT("单位负责人"), STR_INIT("联系人"),
		STR_INIT("填报"), STR_INIT("注1"), STR_INIT("注１") };
	char text[64];
	struct str s = { .ptr = text, .len = squeeze(str_sub(cell, 0, 48), text, sizeof(text)) };

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (str_starts(s, starts[i]))
			return true;
	return false;
}

/** Whether a cell, trimmed and without line breaks, is this header text. */
static bool header_equals(struct str cell, struct str header)
{
	struct str text = str_trim(cell);
	size_t at = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\n' || text.ptr[i] == '\r' || text.ptr[i] == '\t')
			continue;
		if (at >= header.len || header.ptr[at++] != text.ptr[i])
			return false;
	}
	return at == header.len;
}

/** What a row below the header is, if it is no record. */
static const char *skip_reason(const struct sheet *s, const struct raw_row *row)
{
	size_t filled = 0, seen = 0, same = 0;
	const struct str *first = NULL;

	for (size_t i = 0; i < row->cell_count; i++) {
		struct str text = str_trim(row->cells[i].text);

		if (text.len == 0 || (row->cells[i].flags & CELL_MERGED))
			continue;
		if (i < s->header_count && header_equals(row->cells[i].text, s->header[i]))
			same++;
		if (seen++ < 3 && is_total(text))
			return "合计行，不是记录";
		if (!first)
			first = &row->cells[i].text;
		filled++;
	}
	if (filled == 0)
		return NULL;
	if (same == filled && filled * 2 > s->header_count)
		return "重复的表头";
	if (filled == 1 && s->header_count >= 4 && is_note(*first))
		return "表尾的说明，不是记录";
	return NULL;
}

enum err_code sheet_next(struct sheet *s, struct sheet_row *ret, struct err *err)
{
	struct raw_row row;
	size_t extra = SIZE_MAX;
	const char *skip;

	*ret = (struct sheet_row){ .kind = SHEET_ROW_END };
	if (s->failed)
		return err_set(err, ERR_STATE, "%s：前面的内容无法读取", s->shown);
	do {
		enum err_code code = s->source->ops->next(s->source, &row, err);

		if (code != ERR_OK) {
			s->failed = true;
			return code;
		}
		if (!row.any)
			return ERR_OK;
	} while (row_is_blank(&row));
	ret->kind = SHEET_ROW_DATA;
	ret->line = row.line;
	ret->cells = row.cells;
	ret->cell_count = row.cell_count;
	if (row.reason.len > 0) {
		ret->kind = SHEET_ROW_REJECTED;
		ret->reason = row.reason;
		return ERR_OK;
	}
	skip = s->source->keys ? NULL : skip_reason(s, &row);
	if (skip) {
		ret->kind = SHEET_ROW_SKIPPED;
		ret->reason = str_of(skip);
		return ERR_OK;
	}
	for (size_t i = s->header_count; i < row.cell_count && extra == SIZE_MAX; i++)
		if (str_trim(row.cells[i].text).len > 0)
			extra = i;
	if (s->source->strict_width && extra != SIZE_MAX) {
		ret->kind = SHEET_ROW_REJECTED;
		ret->reason = STR("该行的列比表头多：可能有内容含分隔符而没有加引号，各列已经错位");
		return ERR_OK;
	}
	s->cells.len = 0;
	for (size_t i = 0; i < s->header_count; i++)
		if (!vec_push(&s->cells, i < row.cell_count ? row.cells[i] : (struct sheet_cell){ 0 }))
			return err_nomem(err);
	ret->cells = s->cells.v;
	ret->cell_count = s->header_count;
	return ERR_OK;
}

/* ---- handle ---- */

static enum err_code open_source(struct sheet *s, const char *path, struct err *err)
{
	switch (s->format) {
	case SHEET_XLSX:
		return xlsx_open(path, s->shown, &s->source, err);
	case SHEET_XLS:
		return xls_open(path, s->shown, &s->source, err);
	case SHEET_JSONL:
		return jsonl_open(path, s->shown, &s->source, err);
	case SHEET_AUTO:
	case SHEET_CSV:
	case SHEET_FORMAT_COUNT:
	default:
		return csv_open(path, s->shown, &s->source, err);
	}
}

enum err_code sheet_open(const struct sheet_options *o, struct sheet **ret, struct err *err)
{
	CLEANUP(sheet_closep) struct sheet *s = mem_alloc(1, sizeof(*s));
	struct str name = o->name.len ? o->name : str_of(o->path);

	if (!s)
		return err_nomem(err);
	s->shown = mem_alloc(name.len + 1, 1);
	s->mem = arena_open((size_t)256 << 20);
	if (!s->shown || !s->mem)
		return err_nomem(err);
	memcpy(s->shown, name.ptr, name.len);
	TRY(find_format(s, o, err));
	TRY(open_source(s, o->path, err));
	TRY(find_header(s, o, err));
	*ret = s;
	s = NULL;
	return ERR_OK;
}

void sheet_close(struct sheet *s)
{
	if (!s)
		return;
	if (s->source)
		s->source->ops->close(s->source);
	vec_clear(&s->cells);
	arena_close(s->mem);
	free(s->shown);
	free(s);
}

void sheet_closep(struct sheet **s)
{
	sheet_close(*s);
}

enum sheet_format sheet_format(const struct sheet *s)
{
	return s->format;
}

const char *sheet_encoding(const struct sheet *s)
{
	return s->source->encoding;
}

struct str sheet_name(const struct sheet *s)
{
	return s->source->names ? s->source->names[s->table] : (struct str){ 0 };
}

const struct str *sheet_names(const struct sheet *s, size_t *ret_count)
{
	*ret_count = s->source->names ? s->source->table_count : 0;
	return s->source->names;
}

const struct str *sheet_header(const struct sheet *s, size_t *ret_count, int64_t *ret_line)
{
	*ret_count = s->header_count;
	*ret_line = s->header_line;
	return s->header;
}

void sheet_progress(const struct sheet *s, int64_t *ret_done, int64_t *ret_total)
{
	s->source->ops->progress(s->source, ret_done, ret_total);
}

int64_t sheet_dropped_values(const struct sheet *s, struct str *ret_key)
{
	*ret_key = s->source->dropped_key;
	return s->source->dropped;
}
