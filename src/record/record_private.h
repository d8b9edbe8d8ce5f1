/* Shared by the files of this module only. */
#ifndef XZ_RECORD_PRIVATE_H
#define XZ_RECORD_PRIVATE_H

#include "record/record.h"

/* ---- mapping.c ---- */

#define MAPPING_SOURCES_MAX 8 /* headers that may stand for one column; the first with text wins */
#define MAPPING_GROUPS_MAX 16 /* of one child */
#define MAPPING_NATIVE_PREFIX "native-"

/** One header a mapping looks for. */
struct mapping_header {
	struct str shown;  /* as written in the mapping */
	struct str normal; /* header_normalise(shown) */
};

struct mapping_translation {
	struct str from; /* normalised source value */
	struct str to;   /* text that column_parse takes */
};

/** How one column gets its value. */
struct mapping_column {
	const struct dictionary_column *column;
	const struct mapping_header *from;
	size_t from_count;
	struct str unit;  /* money: of amounts without one */
	struct str constant; /* text; len 0 with is_constant: null */
	bool is_constant;
	const struct mapping_translation *translations;
	size_t translation_count;
	struct str otherwise; /* text taken when the cell cannot be read */
	bool has_otherwise;
};

/** One group of a child: makes a row (or, with `split`, several) when any of its cells has a value. */
struct mapping_group {
	int child;
	struct str split; /* characters that separate items in a cell; empty = one row */
	const struct mapping_column *columns;
	size_t column_count;
};

struct mapping {
	struct mapping_info info;
	const struct mapping_column *columns; /* of the record */
	size_t column_count;
	const struct mapping_group *groups;
	size_t group_count;
	struct mapping_header child_json[DICTIONARY_CHILDREN_MAX]; /* native: a cell with a JSON array; len 0 = none */
	struct mapping_header child_json_label[DICTIONARY_CHILDREN_MAX];
	const struct mapping_header *all; /* headers that must be there */
	size_t all_count;
	const struct mapping_header *any; /* of which one must be there; none = no condition */
	size_t any_count;
	const struct dictionary_column *latest; /* the row with the greater value wins among equal keys; NULL = none */
	bool supplies_given;
	struct str text; /* source, for saving; empty for native */
};

struct mapping_set {
	const struct dictionary *dictionary;
	struct mapping **v; /* by name, native ones last */
	size_t count;
};

/** Normal form of a header: width, case, brackets, white space and required marks do not matter. */
struct str header_normalise(struct str header, struct arena *mem);
/** Does the header stand for `want`? Money headers may carry their unit: "罚款金额（万元）"; ret_unit gets it, else stays. */
bool header_matches(struct str normal, const struct mapping_header *want, const struct dictionary_column *c, struct str *ret_unit);

/* ---- reader.c ---- */

/** The next row in memory of the caller, which may keep several rows until it resets `mem`. */
enum err_code record_reader_next_in(struct record_reader *r, struct arena *mem, enum record_outcome *ret, struct record_row *ret_row,
				    const struct record_reject **ret_rejects, size_t *ret_reject_count, int64_t *ret_replaces_line, struct err *err);
const struct record_supply *record_reader_supply(const struct record_reader *r);
/** Digest of values, children and supply. */
void record_digest(const struct dictionary_type *t, const struct record_row *row, char out[static 33]);

#endif
