/* Shared by the files of this module only. */
#ifndef XZ_DOCUMENT_PRIVATE_H
#define XZ_DOCUMENT_PRIVATE_H

#include <cairo.h>

#include "document/document.h"

/* ---- GB/T 9704-2012, millimetres ---- */
#define PAGE_WIDTH_MM 210.0
#define PAGE_HEIGHT_MM 297.0
#define AREA_TOP_MM 37.0
#define AREA_LEFT_MM 28.0
#define AREA_WIDTH_MM 156.0
#define AREA_HEIGHT_MM 225.0
#define AREA_LINES 22
#define AREA_CHARS 28
#define PITCH_MM (AREA_HEIGHT_MM / AREA_LINES)
#define CHAR_MM (AREA_WIDTH_MM / AREA_CHARS)
#define MM_TO_PT (72.0 / 25.4)
#define BODY_PT 16.0  /* 3号 */
#define TITLE_PT 22.0 /* 2号 */
#define SMALL_PT 14.0 /* 4号 */
#define TABLE_PT 12.0 /* 小4号 */

/** Every text of the document is strict UTF-8, enumerations are in range, tables and charts are complete. */
enum err_code document_check(const struct document *d, struct err *err);

/** Numbers headings in document order. */
struct heading_counter {
	int at[4];
};
/** "一、", "（一）", "1.", "（1）" for the next heading of this level. */
void heading_number(struct heading_counter *c, int level, char out[static 32]);
/** 1–99 as 一 … 九十九; larger in digits. */
void chinese_number(int n, char out[static 32]);

/** Draws the QR code with its quiet zone into the square at (x, y); units of the cairo context. */
enum err_code qr_draw(cairo_t *cr, struct str text, double x, double y, double size, struct err *err);

/* ---- charts ---- */
/** Draws a chart into the rectangle, points. */
void chart_draw(cairo_t *cr, const struct document_chart *chart, double x, double y, double width, double height);
/** The chart part of a DOCX and its workbook. */
void chart_xml(struct buf *b, const struct document_chart *chart);
enum err_code chart_workbook(const struct document_chart *chart, struct buf *out, struct err *err);
/** Writes a scaled value: 12345, 2 → 123.45. */
void chart_value(struct buf *b, int64_t value, int decimals);

/* ---- zip packages ---- */
struct package;
enum err_code package_open(struct package **ret, struct err *err);
/** The bytes are copied. */
enum err_code package_add(struct package *p, const char *name, struct str bytes, struct err *err);
enum err_code package_close(struct package **p, struct buf *out, struct err *err);
void package_abandonp(struct package **p);

struct package_part {
	struct str name, bytes;
};
/** Unpacks everything with limits on count, size and ratio; refuses encryption, doubled and escaping names. Memory: the arena. */
enum err_code package_read(struct str zip, struct arena *mem, struct package_part **ret, size_t *ret_count, struct err *err);

/* ---- XML ---- */
/** Text with & < > " escaped; characters that XML forbids are dropped. */
void xml_put(struct buf *b, struct str text);

/* ---- fonts ---- */
enum font_role { FONT_FANG, FONT_TITLE, FONT_HEI, FONT_KAI, FONT_SONG, FONT_ROLE_COUNT };
/** Pango family list and weight for a role, chosen once among what is installed. */
const char *font_families(enum font_role role, int *ret_weight);

#endif
