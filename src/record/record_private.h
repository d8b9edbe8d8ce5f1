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
	struct str unit;     /* money: of amounts without one */
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
/** Line of the row read last. */
int64_t record_reader_line(const struct record_reader *r);
/** Everything a row points at, copied; id and system fields too. */
enum err_code record_row_copy(
	const struct dictionary_type *t, const struct record_row *row, struct arena *mem, struct record_row *ret, struct err *err);
/** Digest of values, children and supply. */
void record_digest(const struct dictionary_type *t, const struct record_row *row, char out[static 33]);

/* ---- search.c ---- */

/** All search columns of a row as tokens. */
void search_row_tokens(const struct dictionary_type *t, const struct dictionary_value *values, struct buf *out);
/** The query of the index in the dialect's own syntax; empty when the text has no token. */
void search_query(struct str text, enum db_dialect dialect, struct buf *out);
/** DDL of the index of a type. */
void search_ddl(const struct dictionary_type *t, enum db_dialect dialect, struct buf *out);

/* ---- record_store.c ---- */

enum err_code supply_id_of(struct db *db, struct id_source *ids, const struct dictionary_type *t, const struct record_supply *s,
	int64_t *ret, struct err *err);
/** Cached by id in memory of the caller. */
struct supply_cache {
	const struct dictionary_type *type;
	struct arena *mem;
	struct {
		int64_t id;
		struct record_supply *supply;
	} v[64];
	size_t count;
};
enum err_code supply_of_id(struct db *db, struct supply_cache *cache, int64_t id, const struct record_supply **ret, struct err *err);

/** Union of what the rows of a type are supplied with. */
enum err_code supply_in_use(struct db *db, const struct dictionary_type *t, struct arena *mem, struct record_supply *ret, struct err *err);

/** "id, row_key, region, org_id, sealed, deleted, version, change_no, source_line, supply_id, digest, <columns>" with a prefix before each
 * name. */
#define ROW_SYSTEM_COLUMNS 12
void row_columns_sql(const struct dictionary_type *t, const char *prefix, struct buf *out);
/** One row as selected by row_columns_sql, from column 0; children are empty. *ret_supply_id and *ret_import_id may be NULL. */
enum err_code row_read(struct db_stmt *q, const struct dictionary_type *t, struct arena *mem, struct record_row *ret,
	int64_t *ret_supply_id, int64_t *ret_import_id, struct err *err);
/** Children of the rows, which are sorted by id ascending. */
enum err_code rows_read_children(
	struct db *db, const struct dictionary_type *t, struct record_row *rows, size_t count, struct arena *mem, struct err *err);
/** One row whatever its state; *ret_found false when there is none. */
enum err_code row_load(struct db *db, const struct dictionary_type *t, int64_t id, struct arena *mem, struct record_row *ret,
	int64_t *ret_supply_id, int64_t *ret_import_id, bool *ret_found, struct err *err);
/** WHERE text of what the actor may see, with its parameters bound by scope_bind from *next_parameter on. Appends " AND …". */
void scope_sql(const struct dictionary_type *t, const struct actor *who, const char *prefix, int *next_parameter, struct buf *out);
void scope_bind(const struct dictionary_type *t, const struct actor *who, struct db_stmt *q, int *next_parameter);
/** Column of the type's history child that stands for this column on a day; -1 when history does not tell it. */
int as_of_column(const struct dictionary_type *t, const struct dictionary_column *c);
/** That column on the day of a parameter, as an expression over table r_<type>. Only where as_of_column finds one. */
void as_of_sql(const struct dictionary_type *t, const struct dictionary_column *c, int day_parameter, struct buf *sql);
/** False: the actor can see no row of this type at all. */
bool scope_sees_type(const struct dictionary_type *t, const struct actor *who);

/** values and children as JSON of stored text, and back. */
void version_write(const struct dictionary_type *t, const struct record_row *row, struct buf *out);
enum err_code version_read(const struct dictionary_type *t, struct str body, struct arena *mem, struct record_row *ret, struct err *err);

/* ---- export.c ---- */

/** As record_export, masked, into memory: for an answer. */
enum err_code record_export_to_buf(struct db *db, const struct dictionary *d, const struct record_query *q, enum sheet_format format,
	struct buf *out, int64_t *ret_rows, struct err *err);

/* ---- sink.c: rows into the store ---- */

#define SINK_BATCH_ROWS 5000
struct sink;
struct sink_options {
	const struct dictionary *dictionary;
	const struct dictionary_type *type;
	const struct record_supply *supply;
	const struct dictionary_column *latest;
	struct id_source *ids;
	int64_t import_id;
	int64_t now_ms;
	bool unique_keys; /* the caller never puts two rows of one key (a reader without `latest`) */
};
enum err_code sink_open(struct db *db, const struct sink_options *o, struct sink **ret, struct err *err);
void sink_closep(struct sink **s);

/** Rows on their way: filled by one thread, written by another. Each key at most once. */
struct sink_batch {
	struct arena *mem; /* in which its rows live */
	const struct dictionary_type *type;
	size_t count;
	struct record_row rows[SINK_BATCH_ROWS];
	struct str words[SINK_BATCH_ROWS];  /* tokens of the search index */
	uint64_t held[SINK_BATCH_ROWS * 4]; /* hashes of the keys */
	uint32_t held_row[SINK_BATCH_ROWS * 4];
	struct buf scratch;
};
enum err_code sink_batch_open(const struct dictionary_type *t, struct sink_batch **ret, struct err *err);
void sink_batch_closep(struct sink_batch **b);
static inline bool sink_batch_is_full(const struct sink_batch *b)
{
	return b->count == SINK_BATCH_ROWS;
}
bool sink_batch_holds(const struct sink_batch *b, struct str key);
enum err_code sink_batch_add(struct sink_batch *b, const struct record_row *row, struct err *err);
/** Empties it and its memory. */
void sink_batch_reset(struct sink_batch *b);
/** Writes a batch inside the caller's transaction; counts gets what it did, *ret_change_no its number (0: nothing changed). */
enum err_code sink_write(struct sink *s, struct sink_batch *b, struct record_counts *counts, int64_t *ret_change_no, struct err *err);

/** Puts one row into the state of a version (or deleted), keeps nothing. For undo; inside the caller's transaction. */
enum err_code sink_restore(struct db *db, const struct dictionary_type *t, const struct record_row *row, int64_t import_id,
	int64_t supply_id, struct err *err);
/** Agencies came or changed: rows whose agency was unknown are looked up again. Inside the caller's transaction. */
enum err_code sink_link_agencies(struct db *db, const struct dictionary *d, int64_t *ret_change_no, struct err *err);

#endif
