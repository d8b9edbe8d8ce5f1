/* The facts of a made record as a table: which member of the struct is which column. Emptying a record and writing it into rows are then
 * loops, and a new column is one line. Empty is: NULL text, DAY_NONE, CIVIL_NONE, TRI_UNKNOWN, -1 for numbers, NO_MONEY for amounts. */
#ifndef XZ_DEMO_SLOTS_H
#define XZ_DEMO_SLOTS_H

#include "demo/demo_private.h"

enum slot_kind {
	SLOT_TEXT,   /* struct str */
	SLOT_WORD,   /* const char *, a text */
	SLOT_CODE,   /* const char *, a code of the dictionary */
	SLOT_DAY,    /* int32_t */
	SLOT_TIME,   /* int64_t civil seconds */
	SLOT_TRI,    /* enum tri */
	SLOT_NUMBER, /* int, -1 none */
	SLOT_MONEY,  /* int64_t fen */
	SLOT_DECIMAL /* int64_t, ten thousandths; NO_MONEY none */
};

struct slot {
	const char *column;
	enum slot_kind kind;
	size_t offset;
};

/** Every slot of the table becomes empty. */
void slots_clear(const struct slot *slots, size_t count, void *item);
/** What is not empty goes into the row; the row is empty before. */
void slots_to_rows(const struct slot *slots, size_t count, const void *item, struct rows *r);
/** A child with `item_count` rows of `item_bytes` each. */
void slots_to_children(
	const struct slot *slots, size_t count, const char *child, const void *items, size_t item_bytes, int item_count, struct rows *r);

#endif
