/* Official documents: one block model, two renderers. A document is built in an arena and then printed as PDF (pango and
 * cairo, laid out after GB/T 9704-2012) or as DOCX (own OOXML writer that names the official fonts). Also fills a bureau's
 * own DOCX template. Equal input gives equal bytes: nothing here reads a clock, a host name or a random source.
 *
 * Ownership: the document, its blocks and its text live in the arena it was opened with. Building is sticky: append
 * freely, the renderer reports what went wrong once. Threads: document_fonts_load once at start; rendering from any thread. */
#ifndef XZ_DOCUMENT_DOCUMENT_H
#define XZ_DOCUMENT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/str.h"

#define DOCUMENT_BLOCKS_MAX 4000
#define DOCUMENT_PAGES_MAX 200
#define DOCUMENT_COLUMNS_MAX 12
#define DOCUMENT_SERIES_MAX 6
#define DOCUMENT_BYTES_MAX (64u << 20)

enum document_form {
	DOCUMENT_OFFICIAL, /* 红头：发文机关标志、文号、红色分隔线（决定书、上行文） */
	DOCUMENT_LETTER,   /* 信函格式：发文机关标志、上下两条红色双线、文号居右（函） */
	DOCUMENT_PLAIN,    /* no red head: internal records, briefs */
};

enum document_block_kind {
	DOCUMENT_HEADING,   /* numbered by the renderer: 一、（一）1.（1） */
	DOCUMENT_PARAGRAPH, /* indented by two characters */
	DOCUMENT_FLUSH,     /* paragraph without the indent */
	DOCUMENT_LIST,      /* 1. 2. 3. each a paragraph: evidence, requirements */
	DOCUMENT_TABLE,
	DOCUMENT_CHART, /* PDF: drawn; DOCX: a native chart with its workbook, editable in the office program */
	DOCUMENT_PAGE_BREAK,
};

enum document_align { DOCUMENT_LEFT, DOCUMENT_CENTRE, DOCUMENT_RIGHT };

struct document_column {
	struct str label;
	int width; /* share of the table's width, > 0; e.g. 1, 3, 1 */
	enum document_align align;
};

struct document_table {
	struct str caption; /* centred above, may be empty */
	const struct document_column *columns;
	size_t column_count;
	const struct str *cells; /* row by row, column_count each */
	size_t row_count;
};

enum document_chart_kind { DOCUMENT_CHART_COLUMN, DOCUMENT_CHART_BAR, DOCUMENT_CHART_LINE };

struct document_series {
	struct str name;
	const int64_t *values; /* category_count of them, scaled by 10^decimals */
};

struct document_chart {
	struct str title;
	enum document_chart_kind kind;
	const struct str *categories;
	size_t category_count;
	const struct document_series *series;
	size_t series_count; /* ≤ DOCUMENT_SERIES_MAX */
	int decimals;        /* 0–4 */
	struct str unit;     /* beside the axis: 件 */
};

struct document_block {
	enum document_block_kind kind;
	int level;       /* HEADING: 1–4 */
	struct str text; /* HEADING, PARAGRAPH, FLUSH; '\n' starts a new paragraph of the same kind */
	const struct str *items;
	size_t item_count; /* LIST */
	struct document_table table;
	struct document_chart chart;
};

struct document {
	enum document_form form;
	struct str issuer_mark;        /* 发文机关标志: 明州市司法局, 明州市人民政府文件 */
	struct str number;             /* 发文字号, empty on a draft: the place is kept */
	struct str signer;             /* 签发人: upward documents only */
	struct str secrecy;            /* 密级和保密期限 */
	struct str urgency;            /* 紧急程度 */
	struct str title;              /* '\n' breaks where the drafter wants it; else balanced lines */
	struct str main_to;            /* 主送机关, without the colon */
	const struct str *attachments; /* 附件说明: names */
	size_t attachment_count;
	struct str issuer;    /* 署名 */
	int32_t issued_on;    /* 成文日期; DAY_NONE leaves 年 月 日 open */
	bool room_for_seal;   /* keeps the lines above the date free for the seal */
	struct str note;      /* 附注: （联系人：……） */
	struct str cc;        /* 抄送 */
	struct str printer;   /* 印发机关, official form only */
	int32_t printed_on;   /* 印发日期 */
	struct str qr;        /* content of the QR code; empty = none */
	struct str qr_note;   /* one short line under it */
	bool compact;         /* DOCX of the plain form: small type and margins, for what has to stay on one page; PDF ignores it */
	struct str watermark; /* 演示数据, 草稿: light across every page and named in its header; empty = none */
	struct str author;    /* metadata */
	int64_t made_ms;      /* metadata date; the only time in the file */
	struct document_block *blocks;
	size_t block_count;
	/* private to document.c */
	struct arena *mem;
	size_t block_cap;
	bool failed; /* memory ran out while building */
};

/** An empty document of this form; dates DAY_NONE. NULL when the arena is full. Fill the struct's members directly. */
struct document *document_new(struct arena *mem, enum document_form form);
void document_heading(struct document *d, int level, struct str text);
/** One block a line of `text`; empty lines are dropped. */
void document_paragraphs(struct document *d, struct str text);
void document_flush(struct document *d, struct str text);
/** Numbered items; the array is copied, the text is not. */
void document_list(struct document *d, const struct str *items, size_t count);
/** Columns and cells are copied (the arrays, not the text). */
void document_table(struct document *d, const struct document_table *table);
void document_chart(struct document *d, const struct document_chart *chart);
void document_page_break(struct document *d);

/** "2026年11月23日"; DAY_NONE gives "    年  月  日" with wide spaces. Memory: the arena. */
struct str document_date(struct arena *mem, int32_t day);

/** Makes the fonts of a folder (may be NULL) usable beside the system's; call once before threads start. A missing folder is
 * no error: *ret_fang tells whether a 仿宋 font was found at all, else Noto stands in. */
enum err_code document_fonts_load(const char *dir, bool *ret_fang, struct err *err);

/** What the layout did; for tests and for a hint to the drafter. */
struct document_layout {
	int pages;
	int pitch_thousandths; /* line pitch against the standard's, 1000 = 22 lines a page */
	bool tightened;        /* the pitch was changed so that the signature does not stand alone */
	bool moved;            /* lines of the body were moved to keep it company */
};

/** PDF bytes appended to `out`; `ret_layout` may be NULL. ERR_LIMIT above DOCUMENT_PAGES_MAX, ERR_INPUT on malformed UTF-8. */
enum err_code document_pdf(const struct document *d, struct buf *out, struct document_layout *ret_layout, struct err *err);
/** DOCX bytes appended to `out`. */
enum err_code document_docx(const struct document *d, struct buf *out, struct err *err);

/* ---- a bureau's own template: DOCX with {{name}} and {{#list}}…{{/list}} ---- */

struct document_item;
/** One name: text ('\n' becomes a line break), or a list of items each with names of its own. */
struct document_value {
	struct str name;
	struct str text;
	const struct document_item *items;
	size_t item_count;
	bool is_list;
};
struct document_item {
	const struct document_value *values;
	size_t count;
};

/**
 * Fills a template. Placeholders may be split over runs. {{#list}} and {{/list}} repeat the paragraphs or table rows between them
 * (or the one paragraph or row that holds both); {{#name}} of a text shows its inside only when the text is not empty. Inside a
 * list {{.}} is the item's first value and {{#}} its number from 1. A banner (演示数据, 草稿) that is not empty becomes a paragraph before
 * everything else, whatever the template holds.
 * ERR_INPUT names a placeholder that is unknown, unclosed or misplaced, with what is allowed; ERR_UNSUPPORTED: not a DOCX, or with
 * macros, a DOCTYPE or encryption; ERR_LIMIT: too many parts, too deep, or unpacked too large.
 */
enum err_code document_fill(
	struct str docx, const struct document_value *values, size_t value_count, struct str banner, struct buf *out, struct err *err);
/** The placeholders of a template in the order of their first use, without # and /. Checks everything document_fill would about the file.
 */
enum err_code document_placeholders(struct str docx, struct arena *mem, struct str **ret_names, size_t *ret_count, struct err *err);

/** QR code as a PNG (for a page or a check), `module_px` pixels a module. */
enum err_code document_qr_png(struct str text, int module_px, struct buf *out, struct err *err);

#endif
