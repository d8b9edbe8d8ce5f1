/* The parts of a workbook: a zip entry read through expat with every limit in force. */
#ifndef XZ_SHEET_XLSX_PRIVATE_H
#define XZ_SHEET_XLSX_PRIVATE_H

#include <expat.h>
#include <zip.h>

#include "sheet/sheet_private.h"

#define PART_CHUNK_BYTES (64 << 10)

/** One zip entry being read; refuses to unpack more than the limits. */
struct part {
	zip_file_t *file;
	const char *shown; /* file name for messages */
	int64_t packed, plain;
};

/** ret->file stays NULL when the archive has no such entry. */
enum err_code part_open(zip_t *zip, const char *name, const char *shown, struct part *ret, struct err *err);
void part_close(struct part *p);
/** 0 bytes at the end. */
enum err_code part_read(struct part *p, void *to, size_t size, size_t *ret_len, struct err *err);

/** Every handler context begins with the parser it serves. */
struct xml_ctx {
	XML_Parser parser;
};
/** A parser that refuses DOCTYPE, and with it every entity. */
XML_Parser xml_open(struct xml_ctx *ctx, XML_StartElementHandler on_start, XML_EndElementHandler on_end, XML_CharacterDataHandler on_text);
/** Parses a whole part. Missing parts give ERR_NOT_FOUND. */
enum err_code part_parse(zip_t *zip, const char *name, const char *shown, struct xml_ctx *ctx, XML_StartElementHandler on_start,
	XML_EndElementHandler on_end, XML_CharacterDataHandler on_text, struct err *err);
/** Message of a parser that stopped. */
enum err_code xml_failed(XML_Parser parser, const char *part, const char *shown, struct err *err);

/** "x:row" -> "row". */
const char *xml_local(const char *name);
/** Value of an attribute, or NULL. */
const char *xml_attr(const char **attrs, const char *name);
/** Text of a cell with _x000D_ escapes undone, in place. */
size_t xlsx_unescape(char *p, size_t len);
/** "BC12" -> column 54, row 12, both from 0/1; false when it is no reference. */
bool cell_ref(const char *ref, size_t *ret_column, int64_t *ret_row);

#endif
