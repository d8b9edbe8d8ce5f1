/* Delimited text as it comes: RFC 4180, and what programs make of it. A record is gathered whole (quoted line breaks included) and cut into
 * cells in place. A quote that never closes costs its own line only: the lines it swallowed are given back and read again. */
#include <stdlib.h>

#include "base/fault.h"
#include "sheet/sheet_private.h"

#define SNIFF_LINES 30

struct csv {
	struct source source;
	struct text_input *text;
	char separator;
	int64_t line; /* of the next record */
	struct buf record;
	VEC(struct sheet_cell) cells;
	char reason[160];
};

bool sheet_is_formula_start(char c)
{
	return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r';
}

/** Follows quotes over one more piece of a record; true while a quoted cell is open at its end. */
struct quote_state {
	bool quoted;     /* inside quotes */
	bool cell_start; /* nothing of the cell was seen yet */
};

static void follow_quotes(struct quote_state *q, struct str piece, char separator)
{
	for (size_t i = 0; i < piece.len; i++) {
		char c = piece.ptr[i];

		if (q->quoted) {
			const char *quote = memchr(piece.ptr + i, '"', piece.len - i);

			if (!quote)
				return;
			i = (size_t)(quote - piece.ptr);
			if (i + 1 < piece.len && piece.ptr[i + 1] == '"')
				i++;
			else
				q->quoted = false;
			continue;
		}
		if (c == '"' && q->cell_start)
			q->quoted = true;
		q->cell_start = c == separator || c == '\n';
	}
}

/** A cell without its quotes, in place. */
static struct str unquote(char *p, size_t len)
{
	size_t out = 0, i = 1;

	for (; i < len; i++) {
		if (p[i] != '"') {
			p[out++] = p[i];
		} else if (i + 1 < len && p[i + 1] == '"') {
			p[out++] = '"';
			i++;
		} else { /* closed: what follows the quote is kept as it stands */
			i++;
			break;
		}
	}
	for (; i < len; i++)
		p[out++] = p[i];
	return (struct str){ .ptr = p, .len = out };
}

/** Takes off what keeps spreadsheet programs from reading a cell as a formula or number: '=1 and ="0123". */
static struct str unguard(struct str s)
{
	size_t i = 0;

	while (i < s.len && s.ptr[i] == '\'')
		i++;
	if (i > 0 && i < s.len && sheet_is_formula_start(s.ptr[i]))
		return str_sub(s, 1, s.len);
	if (s.len >= 3 && s.ptr[0] == '=' && s.ptr[1] == '"' && s.ptr[s.len - 1] == '"' && !memchr(s.ptr + 2, '"', s.len - 3))
		return str_sub(s, 2, s.len - 1);
	return s;
}

static bool add_cell(struct csv *c, char *p, size_t len)
{
	struct str text = len > 0 && p[0] == '"' ? unquote(p, len) : (struct str){ .ptr = p, .len = len };

	return vec_push(&c->cells, ((struct sheet_cell){ .text = unguard(text) }));
}

/** Cuts the record into cells. False when memory is out. */
static bool cut(struct csv *c, char *p, size_t len)
{
	struct quote_state q = { .cell_start = true };
	size_t from = 0;

	c->cells.len = 0;
	for (size_t i = 0; i < len; i++) {
		if (q.quoted || p[i] != c->separator) {
			size_t piece = q.quoted && p[i] == '"' && i + 1 < len && p[i + 1] == '"' ? 2 : 1;

			follow_quotes(&q, (struct str){ .ptr = p + i, .len = piece }, c->separator);
			i += piece - 1;
			continue;
		}
		if (c->cells.len > SHEET_COLUMNS_MAX)
			return true;
		if (!add_cell(c, p + from, i - from))
			return false;
		from = i + 1;
		q.cell_start = true;
	}
	return add_cell(c, p + from, len - from);
}

static void reject(struct csv *c, struct raw_row *row, const char *reason)
{
	snprintf(c->reason, sizeof(c->reason), "%s", reason);
	row->reason = str_of(c->reason);
}

/** Everything behind the record's first line is read again. */
static enum err_code give_back(struct csv *c, struct raw_row *row, struct err *err)
{
	const char *nl = memchr(c->record.ptr, '\n', c->record.len);
	size_t first = nl ? (size_t)(nl - c->record.ptr) + 1 : c->record.len;

	if (first < c->record.len && !text_unread(c->text, str_sub(buf_str(&c->record), first, c->record.len)))
		return err_nomem(err);
	c->record.len = first;
	c->line = row->line + 1;
	reject(c, row, "引号没有闭合：该行有一个以双引号开头的单元格，其后找不到收尾的双引号");
	return ERR_OK;
}

static enum err_code csv_next(struct source *s, struct raw_row *ret, struct err *err)
{
	struct csv *c = (struct csv *)s;
	struct quote_state q = { .cell_start = true };
	enum text_line got;
	size_t len;

	*ret = (struct raw_row){ .line = c->line };
	buf_reset(&c->record);
	c->cells.len = 0;
	for (;;) {
		size_t before = c->record.len;

		TRY(text_line(c->text, &c->record, &got, err));
		if (got == TEXT_END && before == 0)
			return ERR_OK;
		ret->any = true;
		if (got == TEXT_END) {
			TRY(give_back(c, ret, err));
			break;
		}
		c->line++;
		if (got == TEXT_LONG) {
			reject(c, ret, "该行超过 16 MiB，没有读入");
			return ERR_OK;
		}
		follow_quotes(&q, str_sub(buf_str(&c->record), before, c->record.len), c->separator);
		if (!q.quoted)
			break;
		if (c->record.len > SHEET_LINE_BYTES_MAX) {
			TRY(give_back(c, ret, err));
			break;
		}
	}
	len = c->record.len;
	if (len > 0 && c->record.ptr[len - 1] == '\n')
		len--;
	if (len > 0 && c->record.ptr[len - 1] == '\r')
		len--;
	if (ret->reason.len == 0 && !utf8_valid((struct str){ .ptr = c->record.ptr, .len = len }))
		reject(c, ret, "该行有无法识别的字符：编码损坏，或一个文件里混用了两种编码");
	if (ret->reason.len == 0 && memchr(c->record.ptr, '\0', len))
		reject(c, ret, "该行含有空字符（0x00），不是文本");
	if (!cut(c, c->record.ptr, len))
		return err_nomem(err);
	if (c->cells.len > SHEET_COLUMNS_MAX) {
		c->cells.len = SHEET_COLUMNS_MAX;
		reject(c, ret, "该行超过 16384 列");
	}
	ret->cells = c->cells.v;
	ret->cell_count = c->cells.len;
	return ERR_OK;
}

/** How many separators stand outside quotes. */
static int count_separators(struct str line, char separator)
{
	struct quote_state q = { .cell_start = true };
	int count = 0;

	for (size_t i = 0; i < line.len; i++) {
		size_t piece = q.quoted && line.ptr[i] == '"' && i + 1 < line.len && line.ptr[i + 1] == '"' ? 2 : 1;

		if (!q.quoted && line.ptr[i] == separator)
			count++;
		follow_quotes(&q, str_sub(line, i, i + piece), separator);
		i += piece - 1;
	}
	return count;
}

/** The separator that cuts most of the first lines into the same number of cells. */
static enum err_code find_separator(struct csv *c, struct err *err)
{
	static const char candidates[] = { ',', '\t', ';' };
	int counts[sizeof(candidates)][SNIFF_LINES];
	int lines = 0, best = 0;
	enum text_line got;

	for (int n = 0; n < SNIFF_LINES * 2 && lines < SNIFF_LINES; n++) {
		struct str line;

		buf_reset(&c->record);
		TRY(text_line(c->text, &c->record, &got, err));
		if (got == TEXT_END)
			break;
		line = str_trim(buf_str(&c->record));
		if (got == TEXT_LONG || line.len == 0)
			continue;
		line = str_sub(line, 0, 64 << 10);
		for (size_t k = 0; k < sizeof(candidates); k++)
			counts[k][lines] = count_separators(line, candidates[k]);
		lines++;
	}
	c->separator = ',';
	for (size_t k = 0; k < sizeof(candidates); k++) {
		for (int i = 0; i < lines; i++) {
			int agree = 0, score;

			for (int j = 0; j < lines; j++)
				agree += counts[k][j] == counts[k][i];
			score = counts[k][i] > 0 ? agree * 100 + (counts[k][i] < 99 ? counts[k][i] : 99) : 0;
			if (score > best) {
				best = score;
				c->separator = candidates[k];
			}
		}
	}
	buf_reset(&c->record);
	return ERR_OK;
}

static enum err_code csv_select(struct source *s, size_t index, struct err *err)
{
	struct csv *c = (struct csv *)s;

	(void)index;
	c->line = 1;
	return text_rewind(c->text, err);
}

static void csv_progress(const struct source *s, int64_t *ret_done, int64_t *ret_total)
{
	const struct csv *c = (const struct csv *)s;

	*ret_done = text_done_bytes(c->text);
	*ret_total = text_total_bytes(c->text);
}

static void csv_close(struct source *s)
{
	struct csv *c = (struct csv *)s;

	text_close(c->text);
	buf_clear(&c->record);
	vec_clear(&c->cells);
	free(c);
}

static const struct source_ops csv_ops = { csv_next, csv_select, csv_progress, csv_close };

enum err_code csv_open(const char *path, const char *shown, struct source **ret, struct err *err)
{
	struct csv *c = mem_alloc(1, sizeof(*c));
	enum err_code code;

	if (!c)
		return err_nomem(err);
	c->source = (struct source){ .ops = &csv_ops, .shown = shown, .table_count = 1, .strict_width = true };
	buf_init(&c->record, 2 * (size_t)SHEET_LINE_BYTES_MAX + (256 << 10));
	code = text_open(path, shown, &c->text, err);
	if (code == ERR_OK)
		code = find_separator(c, err);
	if (code == ERR_OK)
		code = csv_select(&c->source, 0, err);
	if (code != ERR_OK) {
		csv_close(&c->source);
		return code;
	}
	c->source.encoding = text_encoding(c->text);
	*ret = &c->source;
	return ERR_OK;
}
