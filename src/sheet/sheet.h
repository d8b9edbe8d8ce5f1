/* Tables from anywhere: CSV, XLSX, old XLS and JSON Lines, read row by row in bounded memory; and written as CSV, XLSX, JSON Lines.
 *
 * Invariants: a cell's text is what a person sees in the source (dates as ISO text, numbers with Excel's 15 digits), its flags say what it
 * was; a row keeps the line of the source it began on; a row that cannot be read is handed over as rejected with a Chinese reason and
 * reading goes on; only what makes the whole file unreadable is an error. Nothing here knows what a column means. */
#ifndef XZ_SHEET_SHEET_H
#define XZ_SHEET_SHEET_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define SHEET_COLUMNS_MAX 16384
#define SHEET_LINE_BYTES_MAX (16 << 20) /* one CSV or JSON row, one XLSX cell */
#define SHEET_FILE_BYTES_MAX ((int64_t)8 << 30)
#define SHEET_ZIP_PLAIN_BYTES_MAX ((int64_t)4 << 30) /* what a workbook may unpack to */
#define SHEET_ZIP_RATIO_MAX 300                      /* refused above this ratio once 32 MiB are unpacked */
#define SHEET_STRINGS_BYTES_MAX ((size_t)512 << 20)  /* shared strings of a workbook */
#define SHEET_PROBE_ROWS 60                          /* rows looked at to find the header */

enum sheet_format { SHEET_AUTO, SHEET_CSV, SHEET_XLSX, SHEET_XLS, SHEET_JSONL, SHEET_FORMAT_COUNT };

enum cell_flag {
	CELL_NUMBER = 1, /* a number in the source: 18-digit codes typed as numbers arrive as 9.1330100E+17 */
	CELL_DATE = 2,   /* a date or time in the source: text is YYYY-MM-DD, YYYY-MM-DD HH:MM:SS or HH:MM:SS */
	CELL_BOOL = 4,   /* text is true or false */
	CELL_JSON = 8,   /* a JSON array or object, as compact JSON text */
	CELL_ERROR = 16, /* a spreadsheet error such as #N/A */
	CELL_MERGED = 32 /* the text of the merged area's first cell */
};

struct sheet_cell {
	struct str text; /* ptr NULL: no cell, or JSON null */
	unsigned int flags;
};

enum sheet_row_kind {
	SHEET_ROW_END,
	SHEET_ROW_DATA,
	SHEET_ROW_SKIPPED, /* total, note or repeated header; reason says which */
	SHEET_ROW_REJECTED /* not readable; reason says why, cells hold what could be read */
};

struct sheet_row {
	enum sheet_row_kind kind;
	int64_t line;             /* 1-based line or row of the source on which it begins */
	struct sheet_cell *cells; /* data rows have exactly as many as the header */
	size_t cell_count;
	struct str reason; /* Chinese; empty for data */
};

struct sheet;

struct sheet_options {
	const char *path;
	struct str name;          /* shown in messages and used to tell the format when the content does not; empty = path */
	enum sheet_format format; /* SHEET_AUTO: from the content, then the name */
	struct str sheet;         /* of a workbook; empty = the one that looks most like a table */
	/** How much a row looks like a known header, <= 0 not at all; may be NULL. Its best row wins over the built-in guess. */
	int (*header_score)(void *ctx, const struct str *cells, size_t count);
	void *header_score_ctx;
	size_t file_bytes_max; /* 0 = SHEET_FILE_BYTES_MAX */
};

/**
 * Opens a table and finds its header. ERR_IO the file cannot be read, ERR_UNSUPPORTED no known format or encrypted, ERR_SYNTAX damaged or
 * truncated, ERR_LIMIT too large (zip bomb, 16,384 columns), ERR_INPUT no header or no such sheet. Messages are Chinese and name the file.
 */
enum err_code sheet_open(const struct sheet_options *o, struct sheet **ret, struct err *err);
void sheet_close(struct sheet *s);
void sheet_closep(struct sheet **s);

/** The format that was found. */
enum sheet_format sheet_format(const struct sheet *s);
/** "csv", "xlsx", "xls", "jsonl"; "auto" for SHEET_AUTO. */
const char *sheet_format_name(enum sheet_format f);
/** From a file name's ending; SHEET_AUTO when it is none of ours. */
enum sheet_format sheet_format_of_name(struct str name);
/** "UTF-8", "GB18030", "UTF-16LE", … */
const char *sheet_encoding(const struct sheet *s);
/** Name of the sheet read and of all sheets of a workbook; count 0 for other formats. Live as long as the sheet. */
struct str sheet_name(const struct sheet *s);
const struct str *sheet_names(const struct sheet *s, size_t *ret_count);

/** Header cells, trimmed, line breaks removed, and the line they stand on. Live as long as the sheet. */
const struct str *sheet_header(const struct sheet *s, size_t *ret_count, int64_t *ret_line);

/**
 * The next row below the header; ret->cells and all text live until the next call. Blank rows are passed over.
 * An error means that the rest of the file is unreadable (truncated workbook, damaged XML); after it the sheet may only be closed.
 */
enum err_code sheet_next(struct sheet *s, struct sheet_row *ret, struct err *err);

/** Bytes of the source read so far and in all, for progress. */
void sheet_progress(const struct sheet *s, int64_t *ret_done, int64_t *ret_total);
/** JSON Lines: how many values had a key that the header (from the first 1,000 lines) does not have, and the first such key. */
int64_t sheet_dropped_values(const struct sheet *s, struct str *ret_key);

/* ---- writing ---- */

struct sheet_writer;

struct sheet_writer_options {
	enum sheet_format format; /* SHEET_CSV, SHEET_XLSX or SHEET_JSONL */
	const char *path;         /* where to; NULL: out */
	struct buf *out;          /* when path is NULL; its ceiling is the limit */
	struct str title;         /* sheet name of a workbook; empty = 数据 */
	bool bom;                 /* CSV: UTF-8 with byte order mark, for spreadsheet programs */
	bool trusted;             /* CSV: no guard against formulas; for files that only programs read */
	int64_t now_ms;           /* creation time written into a workbook */
	const struct str *header;
	size_t header_count; /* 1 … SHEET_COLUMNS_MAX */
};

/** Starts a file and writes its header (JSON Lines: the keys). */
enum err_code sheet_writer_open(const struct sheet_writer_options *o, struct sheet_writer **ret, struct err *err);
/**
 * One row; missing cells at the end are empty. CELL_NUMBER is written as a number where that loses nothing, CELL_JSON as JSON in JSON
 * Lines, everything else as text. CSV cells that a spreadsheet would run (= + - @ TAB CR in front) get a leading apostrophe, which the
 * reader takes off. ERR_LIMIT beyond 1,048,576 rows of a workbook.
 */
enum err_code sheet_writer_row(struct sheet_writer *w, const struct sheet_cell *cells, size_t count, struct err *err);
/** Completes the file. Without it, sheet_writer_close leaves no file at `path`. */
enum err_code sheet_writer_finish(struct sheet_writer *w, struct err *err);
void sheet_writer_close(struct sheet_writer *w);
void sheet_writer_closep(struct sheet_writer **w);

#endif
