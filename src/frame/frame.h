/* Columns of records in memory, in the shape of Arrow: values, validity bits, a length. Rules read them; `check` fills them
 * from files, snapshot from the database, a rule's own tests from their YAML.
 *
 * A frame is all records of one type with their children; it never changes after it was finished, is shared by counting
 * references, and has no pointer to another frame. A frame_set is one consistent choice of frames with the links
 * (references resolved to row numbers) between them; when one frame is replaced a new set is made that shares the rest.
 *
 * Absent is not empty: every row names a supply set, which says what its source delivers at all.
 *
 * Values of rows that are not valid are zero. Arrays are 64-byte aligned and padded with zeros to whole blocks of
 * FRAME_BLOCK rows, so that vector code may always read a whole block. */
#ifndef XZ_FRAME_FRAME_H
#define XZ_FRAME_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "dictionary/dictionary.h"

#define FRAME_BLOCK 2048 /* rows; a multiple of 64 */
#define FRAME_ROWS_MAX ((size_t)1 << 31)
#define FRAME_NO_ROW UINT32_MAX
#define FRAME_COLUMN_WORDS ((DICTIONARY_COLUMNS_MAX + 63) / 64)
#define FRAME_SUPPLIES_MAX 4096

struct frame_column {
	enum column_type type;
	bool loaded; /* false: nobody wanted it, values and validity are NULL */
	uint64_t *valid;
	union {
		uint64_t *bits;   /* COLUMN_BOOL */
		int32_t *days;    /* COLUMN_DATE */
		int64_t *nums;    /* INT, MONEY, DECIMAL, DATETIME */
		uint16_t *codes;  /* COLUMN_CODE: index into the dictionary's list */
		uint32_t *starts; /* COLUMN_TEXT: row i is heap[starts[i], starts[i + 1]) */
		void *values;
	};
	char *heap;
};

struct frame_table {
	size_t rows;
	struct frame_column *columns; /* in the dictionary's order */
	size_t column_count;
};

struct frame_child {
	struct frame_table table;
	uint32_t *first;  /* rows of record i are [first[i], first[i + 1]) */
	uint32_t *parent; /* record of a child row */
};

/** What one kind of source delivers. A child that is delivered may still lack columns. */
struct frame_supply {
	uint64_t columns[FRAME_COLUMN_WORDS];
	uint32_t children;
	uint64_t child_columns[DICTIONARY_CHILDREN_MAX][FRAME_COLUMN_WORDS];
};

struct frame {
	const struct dictionary_type *type;
	struct frame_table table;
	struct frame_child *children;
	struct frame_column keys; /* COLUMN_TEXT: natural key of each row */
	int64_t *ids;             /* of the store; 0 from files */
	int64_t *orgs;            /* the agency concerned, 0 unknown */
	int64_t *lines;           /* line of the source, 0 unknown */
	uint16_t *supply;         /* index into supplies */
	struct frame_supply *supplies;
	size_t supply_count;
	/** When this frame was made by changing another: that one (only ever compared, it may be gone), whose rows keep their numbers, and
	 * one bit a block of FRAME_BLOCK rows in which something is different. NULL: it was not, or rows moved. */
	const struct frame *patched_from;
	uint64_t *dirty;
	struct frame_image *image; /* the mapped file that the arrays lie in; NULL: they are the frame's own */
	_Atomic int references;
};

/* ---- supply sets ---- */

/** Everything of the type, children and their columns included. */
void frame_supply_all(const struct dictionary_type *type, struct frame_supply *ret);
/** Adds one name: a column, a child (with all its columns), or "child.column" (then only named columns of that child count).
 * False when the type has no such name. */
bool frame_supply_add(const struct dictionary_type *type, struct str name, struct frame_supply *supply);
bool frame_supply_remove(const struct dictionary_type *type, struct str name, struct frame_supply *supply);

/* ---- building ---- */

struct frame_builder;

/** Which columns to keep, by index; NULL pointers keep all. */
struct frame_wanted {
	uint64_t columns[FRAME_COLUMN_WORDS];
	uint64_t child_columns[DICTIONARY_CHILDREN_MAX][FRAME_COLUMN_WORDS];
};
void frame_wanted_add(struct frame_wanted *w, int child, int column); /* child -1: the record itself */
/** Adds what links need: the columns of every reference of the type, and the columns other types refer to. */
void frame_wanted_add_links(struct frame_wanted *w, const struct dictionary *d, const struct dictionary_type *type);

struct frame_row {
	struct str key;
	int64_t id;
	int64_t org_id;
	int64_t line;
	size_t supply;                         /* from frame_builder_supply */
	const struct dictionary_value *values; /* one a column of the type */
};

/** @param wanted  NULL keeps every column; copied */
enum err_code frame_builder_open(
	const struct dictionary_type *type, const struct frame_wanted *wanted, struct frame_builder **ret, struct err *err);
void frame_builder_close(struct frame_builder *b); /* NULL is a no-op */
void frame_builder_closep(struct frame_builder **b);
/** Index of an equal supply set, which is added when new. */
enum err_code frame_builder_supply(struct frame_builder *b, const struct frame_supply *supply, size_t *ret_index, struct err *err);
/** Appends a record; texts are copied. ERR_LIMIT above FRAME_ROWS_MAX rows or 4 GiB of one text column. */
enum err_code frame_builder_row(struct frame_builder *b, const struct frame_row *row, struct err *err);
/** Appends a row of a child to the record added last. */
enum err_code frame_builder_child(struct frame_builder *b, int child, const struct dictionary_value *values, struct err *err);
/** Appends `count` records of a finished frame of the same type, which has every column that the builder keeps, with their children. */
enum err_code frame_builder_copy(struct frame_builder *b, const struct frame *from, size_t first, size_t count, struct err *err);
size_t frame_builder_rows(const struct frame_builder *b);
/** Ends the builder (it becomes NULL) and gives the frame with one reference. */
enum err_code frame_builder_finish(struct frame_builder **b, struct frame **ret, struct err *err);

/** One record that is not what it was. */
struct frame_change {
	int64_t id;
	uint32_t row; /* in the frame of changes; FRAME_NO_ROW: the record is gone */
};
/**
 * `old`, whose rows stand in the order of their ids, with changes: what is unchanged is copied in runs. Where no row moves, the result says
 * so (patched_from).
 *
 * @param wanted   as the old frame was built
 * @param changed  the new states of records, of the same type, with the same columns
 * @param changes  sorted by id, each id once
 */
enum err_code frame_patch(struct frame *old, const struct frame_wanted *wanted, const struct frame *changed,
	const struct frame_change *changes, size_t count, struct frame **ret, struct err *err);
/** True when the block of FRAME_BLOCK rows may differ from the frame that this one was made from. */
static inline bool frame_block_is_dirty(const struct frame *f, size_t block)
{
	return !f->dirty || (f->dirty[block >> 6] >> (block & 63) & 1);
}

struct frame *frame_take(struct frame *f); /* one more reference; returns f */
void frame_release(struct frame *f);       /* NULL is a no-op */
void frame_releasep(struct frame **f);

/* ---- reading ---- */

static inline bool frame_bit(const uint64_t *bits, size_t i)
{
	return bits[i >> 6] >> (i & 63) & 1;
}
/** Text of a row of a COLUMN_TEXT column, empty when it is not valid. Borrowed. */
struct str frame_text(const struct frame_column *c, size_t row);
/** The value as the dictionary has it; texts and codes borrow. */
struct dictionary_value frame_value(const struct dictionary_column *column, const struct frame_column *c, size_t row);
struct str frame_key(const struct frame *f, size_t row);
/** Row of a natural key, FRAME_NO_ROW when there is none. Walks the keys. */
uint32_t frame_find(const struct frame *f, struct str key);
/** Row of a store's identifier, FRAME_NO_ROW when there is none. Walks the ids. */
uint32_t frame_find_id(const struct frame *f, int64_t id);
size_t frame_bytes(const struct frame *f);

/* ---- links ---- */

/** A reference resolved: rows[i] is the row in the target frame, or FRAME_NO_ROW when nothing (or more than one thing) fits. */
struct frame_link {
	const struct frame *from, *to; /* kept by the set */
	uint32_t *rows;
	_Atomic int references;
};

struct frame_packs;

struct frame_set {
	const struct dictionary *dictionary;
	struct frame **frames;      /* one a type of the dictionary; NULL: no records of it are known */
	struct frame_link ***links; /* links[type][slot]; slot: frame_link_slot */
	struct frame_packs *packs;  /* columns in the form that sweeps read, kept from one sweep to the next */
	_Atomic int references;
};

/** Position of a reference in frame_set.links[type]: those of the record first (child -1), then each child's. */
size_t frame_link_slot(const struct dictionary_type *type, int child, int reference);
/**
 * Makes a set and resolves every reference. Links whose both ends are the same frames as in `old` (may be NULL) are shared.
 *
 * @param frames  one a type of the dictionary, NULL where there is none; the set takes its own references
 */
enum err_code frame_set_open(
	const struct dictionary *d, struct frame *const *frames, const struct frame_set *old, struct frame_set **ret, struct err *err);
struct frame_set *frame_set_take(struct frame_set *s);
void frame_set_release(struct frame_set *s);
void frame_set_releasep(struct frame_set **s);

/* ---- files ---- */

/** What the owner of a file wants to know about it again: of which state of which store the frames are. */
struct frame_stamp {
	int64_t numbers[4];
	char text[96]; /* padded with zeros */
};

/** Writes all frames of a set to a file that frame_image_open maps; complete or not at all, readable by its owner only. */
enum err_code frame_image_write(const char *path, const struct frame_set *set, const struct frame_stamp *stamp, struct err *err);
/**
 * Maps the frames of a file: nothing is copied. The file must not be changed in place afterwards (it may be replaced or deleted).
 *
 * @param ret_frames  one a type of the dictionary, NULL where the file has none; references of the caller's
 * ERR_NOT_FOUND: there is no such file; ERR_INPUT: it is of another version or dictionary, damaged, or something in it is out of bounds
 */
enum err_code frame_image_open(
	const char *path, const struct dictionary *d, struct frame **ret_frames, struct frame_stamp *ret_stamp, struct err *err);
/** True when the frame has every column wanted. */
bool frame_covers(const struct frame *f, const struct frame_wanted *wanted);

/* ---- packed columns ---- */

enum frame_width { FRAME_WIDTH_8, FRAME_WIDTH_16, FRAME_WIDTH_32, FRAME_WIDTH_64, FRAME_WIDTH_BITS, FRAME_WIDTH_COUNT };

/** A column of a record type in the narrowest form that holds it: what is stored is the value less `base`. Whoever makes one (the rule
 * module) fills it once; afterwards it never changes. Arrays are padded like a frame's. */
struct frame_packed {
	const struct frame *frame; /* whose rows they are; kept alive */
	struct str key;            /* says what the values are, down to the calendar and the day they were computed with */
	uint64_t reads;            /* one bit a type whose records the values come from besides the row's own */
	bool alone;                /* a row's value depends on its own record and those it refers to, not on other rows */
	size_t rows;
	enum frame_width width;
	int64_t base;
	void *values;       /* numbers, 0 where not valid; NULL for bits and when no row is valid */
	uint64_t *valid;    /* numbers; NULL when every row is valid */
	uint64_t *yes, *no; /* bits: where it is true, where it is false; neither: null */
	int64_t min, max;   /* all valid rows lie between, base added; min > max: there are none. Whoever fills the column tells */
	size_t valid_rows, yes_rows;
	uint64_t match_failures; /* rows on which a pattern ran into its limit */
	_Atomic int references;
};

/** An empty column with zeroed arrays of that width and one reference. Memory: `key` is copied. */
enum err_code frame_packed_open(
	struct frame *f, struct str key, enum frame_width width, int64_t base, struct frame_packed **ret, struct err *err);
/** Takes over the values and the range of an older column of the same width and base; rows beyond it stay zero. */
void frame_packed_copy(struct frame_packed *c, const struct frame_packed *old);
struct frame_packed *frame_packed_take(struct frame_packed *c);
void frame_packed_release(struct frame_packed *c); /* NULL is a no-op */
/** Counts what is valid and true, drops arrays that say nothing, and narrows numbers without a base as far as all of them
 * fit, but not below `narrowest`. To be called once, when the values are there. */
void frame_packed_finish(struct frame_packed *c, enum frame_width narrowest);
size_t frame_packed_bytes(const struct frame_packed *c);

/** The kept column of that frame and key with a reference of the caller's own, NULL when there is none. Safe for threads. */
struct frame_packed *frame_set_packed(const struct frame_set *s, const struct frame *f, struct str key);
/** The column of that key of the frame that `f` was made from by changing it, when it may be patched: what it reads of other types is the
 * same. NULL when there is none. */
struct frame_packed *frame_set_outdated(const struct frame_set *s, const struct frame *f, struct str key);
/** Keeps a column (one more reference); of two with one key the first stays. When there are too many, the longest unused one goes. */
void frame_set_keep_packed(const struct frame_set *s, struct frame_packed *c);
/** Bytes and number of the columns kept. */
size_t frame_set_packed_bytes(const struct frame_set *s, size_t *ret_count);

#endif
