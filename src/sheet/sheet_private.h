/* How the readers of the formats hand rows to sheet.c: a source gives every row of one table as it stands, from its top; sheet.c finds the
 * header and decides what a row is. A source's row lives until its next call. */
#ifndef XZ_SHEET_PRIVATE_H
#define XZ_SHEET_PRIVATE_H

#include "sheet/sheet.h"

#include <stdio.h>

#include "base/vec.h"

struct raw_row {
	bool any; /* false: the end */
	int64_t line;
	struct sheet_cell *cells;
	size_t cell_count;
	struct str reason; /* not empty: the row cannot be read */
};

struct source;

struct source_ops {
	enum err_code (*next)(struct source *s, struct raw_row *ret, struct err *err);
	/** Back to the top of table `index` (0 where there is only one). */
	enum err_code (*select)(struct source *s, size_t index, struct err *err);
	void (*progress)(const struct source *s, int64_t *ret_done, int64_t *ret_total);
	void (*close)(struct source *s);
};

/** Embedded first in every format's own struct. */
struct source {
	const struct source_ops *ops;
	const char *shown; /* file name for messages */
	const char *encoding;
	const struct str *names; /* tables of a workbook */
	const bool *hidden;
	size_t table_count;     /* 1 for flat files */
	bool strict_width;      /* a cell beyond the header means a broken row */
	const struct str *keys; /* JSON Lines: the header; else NULL */
	size_t key_count;
	int64_t dropped;
	struct str dropped_key;
};

enum err_code csv_open(const char *path, const char *shown, struct source **ret, struct err *err);
enum err_code jsonl_open(const char *path, const char *shown, struct source **ret, struct err *err);
enum err_code xlsx_open(const char *path, const char *shown, struct source **ret, struct err *err);
enum err_code xls_open(const char *path, const char *shown, struct source **ret, struct err *err);

/* ---- text.c: lines of UTF-8 out of whatever encoding the file has ---- */
struct text_input;
enum text_line { TEXT_LINE, TEXT_END, TEXT_LONG };

/** Opens the file and finds its encoding by reading it once. */
enum err_code text_open(const char *path, const char *shown, struct text_input **ret, struct err *err);
void text_close(struct text_input *t);
enum err_code text_rewind(struct text_input *t, struct err *err);
const char *text_encoding(const struct text_input *t);
/** Appends the next line with its line feed to `out`. TEXT_LONG: out's ceiling was met; the rest of the line is passed over. */
enum err_code text_line(struct text_input *t, struct buf *out, enum text_line *ret, struct err *err);
/** Gives the last bytes that were read back to be read again. */
bool text_unread(struct text_input *t, struct str bytes);
int64_t text_done_bytes(const struct text_input *t);
int64_t text_total_bytes(const struct text_input *t);

/* ---- numbers and dates of spreadsheets ---- */
/** A number as a spreadsheet shows it, at most 15 digits; whole numbers below 10^15 without exponent. */
struct str sheet_number_text(struct arena *mem, double value);
/** ISO text of a serial day; empty when the number is no date of the calendar. */
struct str sheet_serial_text(struct arena *mem, double serial, bool base_1904, bool has_date, bool has_time);
/** What a number format shows. */
void sheet_format_kind(struct str format, bool *ret_date, bool *ret_time);
/** Characters in front of which a spreadsheet program starts to calculate. */
bool sheet_is_formula_start(char c);

#endif
