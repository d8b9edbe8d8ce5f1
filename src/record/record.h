/* Records of law enforcement as the dictionary describes them: recognising a file's layout, reading it row by row, storing it with
 * its provenance, taking an import back, and every way of reading records out again.
 *
 * Invariants: what a source does not supply is null and its supply bit is 0 ("absent is not empty"); importing the same file twice
 * changes nothing; every stored row knows its import and source line; an old version is kept before a row changes; each batch is one
 * transaction that takes one number from the counter record_change, so `change_no > n` is exactly what committed after n. */
#ifndef XZ_RECORD_RECORD_H
#define XZ_RECORD_RECORD_H

#include "actor/actor.h"
#include "base/id.h"
#include "db/db.h"
#include "dictionary/dictionary.h"
#include "http/http.h"
#include "job/job.h"
#include "sheet/sheet.h"

/* ---- what a source supplies: columns, child collections, and which columns of those. Same layout as frame's supply sets. ---- */
#define RECORD_SUPPLY_WORDS ((DICTIONARY_COLUMNS_MAX + 63) / 64)
struct record_supply {
	uint64_t columns[RECORD_SUPPLY_WORDS];
	uint32_t children;
	uint64_t child_columns[DICTIONARY_CHILDREN_MAX][RECORD_SUPPLY_WORDS];
};
static inline bool record_supplies_column(const struct record_supply *s, const struct dictionary_column *c)
{
	return (s->columns[c->index / 64] >> (c->index % 64)) & 1;
}
static inline bool record_supplies_child(const struct record_supply *s, const struct dictionary_child *c)
{
	return (s->children >> c->index) & 1;
}
/** Everything of the type. */
void record_supply_all(const struct dictionary_type *t, struct record_supply *ret);
/** Adds "column", "child" (with all its columns) or "child.column" (then only the named ones of that child). False when there is no such
 * name. */
bool record_supply_add(const struct dictionary_type *t, struct str name, struct record_supply *s);

/* ---- one record in memory ---- */
struct record_child_rows {
	struct dictionary_value *cells; /* row_count * child->column_count, row by row */
	size_t row_count;
};
struct record_row {
	int64_t line;   /* in the source, from 1 with its header; 0 when it comes from the store */
	int64_t id;     /* of the stored record; 0 when it comes from a file */
	int64_t org_id; /* the agency concerned, 0 unknown */
	int64_t change_no, version;
	bool deleted, sealed;
	struct str key; /* natural key */
	struct str region;
	struct dictionary_value *values;    /* type->column_count */
	struct record_child_rows *children; /* type->child_count */
	const struct record_supply *supply;
	char digest[33]; /* of values and children; "" when read from the store without need */
};

/* ---- mappings: how a source's headers become columns ---- */
struct mapping;
struct mapping_set;

/** Reads mappings/<name>.yaml of the overlay and makes the native mapping "native-<type>" of every type (headers = labels, aliases or
 * column names). ERR_INPUT points at file, line and column. Memory: the arena. */
enum err_code mapping_load(
	const struct asset_set *assets, const struct dictionary *d, struct arena *mem, struct mapping_set **ret, struct err *err);
/** One mapping from text, e.g. a file given on the command line or one edited for a file. `path` is for messages; `set` (may be NULL) has
 * the mappings that `base:` may name, whose columns it then changes. */
enum err_code mapping_parse(struct str text, const char *path, const struct dictionary *d, const struct mapping_set *set, struct arena *mem,
	struct mapping **ret, struct err *err);
const struct mapping *mapping_find(const struct mapping_set *set, struct str name);
size_t mapping_count(const struct mapping_set *set);
const struct mapping *mapping_at(const struct mapping_set *set, size_t i); /* by name; native ones last */

struct mapping_info {
	struct str name;
	struct dictionary_label label;
	const struct dictionary_type *type;
	struct str currency;
	struct record_supply supply;
	bool native;
};
/** What a mapping is for; lives as long as the mapping. */
const struct mapping_info *mapping_info(const struct mapping *m);
/** Source header of a column in words ("罚款金额（万元）"), empty when the mapping has a constant or nothing. ret_unit may be NULL. */
struct str mapping_source(const struct mapping *m, const struct dictionary_column *c, struct str *ret_unit);

/** How well a header fits: share of the mapping's sources found, 0…1000; -1 when a header that it demands is missing. */
int mapping_score(const struct mapping *m, const struct str *header, size_t header_count);
/** The best mapping of `type` (NULL = any) for a header row, and its score; NULL when none reaches a usable score. */
const struct mapping *mapping_recognise(
	const struct mapping_set *set, const struct dictionary_type *type, const struct str *header, size_t header_count, int *ret_score);

/* ---- reading a file: needs no store ---- */
struct record_reader;
struct record_reader_options {
	const char *path; /* on disk */
	struct str name;  /* shown and used for the format; empty = path */
	const struct dictionary *dictionary;
	const struct mapping_set *mappings;
	const struct dictionary_type *type; /* NULL: recognised */
	const struct mapping *mapping;      /* NULL: recognised */
	struct str sheet;                   /* name of the sheet of a workbook; empty = the first with data */
};
enum record_outcome { RECORD_END, RECORD_TAKEN, RECORD_REJECTED, RECORD_REPEATED, RECORD_OLDER };
struct record_reject {
	int64_t line;
	struct str column; /* source header, "" when the row as a whole */
	struct str reason; /* Chinese */
};
struct record_counts {
	int64_t read, added, changed, same, older,
		rejected; /* same includes exact repetitions within the file; older: superseded by a later version */
};

/** Opens a file, finds its header row and mapping. ERR_UNSUPPORTED / ERR_INPUT say in Chinese what is wrong and which headers were seen. */
enum err_code record_reader_open(const struct record_reader_options *o, struct record_reader **ret, struct err *err);
void record_reader_close(struct record_reader *r);
void record_reader_closep(struct record_reader **r);
const struct mapping *record_reader_mapping(const struct record_reader *r);
const struct dictionary_type *record_reader_type(const struct record_reader *r);
/** Header cells as in the file, its line, and the cells of the row read last (for the reject sheet). */
const struct str *record_reader_header(const struct record_reader *r, size_t *ret_count, int64_t *ret_line);
const struct str *record_reader_cells(const struct record_reader *r, size_t *ret_count);
/**
 * The next row. RECORD_TAKEN fills *ret_row (valid until the next call; its supply as long as the mapping), RECORD_REJECTED fills
 * *ret_rejects (all reasons of the row, at least one). RECORD_REPEATED is an exact repetition of an earlier row, RECORD_OLDER a version
 * that an earlier row of the same key supersedes (mappings with `latest:`). A taken row may supersede an earlier one: then
 * *ret_row's key was seen before and ret_replaces_line (may be NULL) gets that line, else 0. Rows of one key that differ, in a mapping
 * without `latest:`, are rejected from the second on.
 */
enum err_code record_reader_next(struct record_reader *r, enum record_outcome *ret, struct record_row *ret_row,
	const struct record_reject **ret_rejects, size_t *ret_reject_count, int64_t *ret_replaces_line, struct err *err);
/** Bytes read and size of the file, for progress. */
void record_reader_progress(const struct record_reader *r, int64_t *ret_done, int64_t *ret_total);

/* ---- tables ---- */
/** Makes what is missing of the r_* tables for every type, adds columns that the dictionary gained. After db_migrate; own transaction. */
enum err_code record_tables_ensure(struct db *db, const struct dictionary *d, struct err *err);

/* ---- imports ---- */
enum import_state { IMPORT_RECOGNISED, IMPORT_QUEUED, IMPORT_RUNNING, IMPORT_DONE, IMPORT_FAILED, IMPORT_UNDONE, IMPORT_STATE_COUNT };
const char *import_state_slug(enum import_state s);
struct import {
	int64_t id;
	struct str name; /* file name */
	struct str type, mapping_name, sender;
	struct str sm3; /* of the file: its address in the attachment store */
	enum import_state state;
	int64_t account_id, org_id, job_id, sweep_id;
	struct str header;     /* JSON array of the header cells */
	struct str scope_path; /* of who imported: who sees that scope sees the import */
	struct record_counts counts;
	int64_t done_bytes, total_bytes, done_line;
	int64_t change_from, change_to; /* numbers of its first and last batch; 0 before */
	int64_t created_ms, started_ms, ended_ms, undone_ms;
	struct str error;
	struct str mapping_text; /* YAML when it was edited for this file, else empty */
};

struct import_options {
	const struct dictionary *dictionary;
	const struct mapping_set *mappings;
	struct id_source *ids;
	const char *data_dir;
	int64_t now_ms;
};
/** Keeps the file (already at its address, or any path: it is copied there), recognises it and adds the import in state recognised. */
enum err_code import_create(struct db *db, const struct import_options *o, const struct actor *who, const char *path, struct str name,
	int64_t *ret_id, struct err *err);
enum err_code import_get(struct db *db, int64_t id, struct arena *mem, struct import *ret, struct err *err);
/** Newest first, below before_id (0: from the newest), within the actor's scope. */
enum err_code import_list(struct db *db, const struct actor *who, int64_t before_id, int limit, struct arena *mem, struct import **ret,
	size_t *ret_count, struct err *err);
/** For queries of modules above: the identifiers of the records whose present version this import wrote, as the text of a subquery with two
 * parameters from *next on, and their binding. */
void import_rows_sql(const struct dictionary_type *t, int *next, struct buf *sql);
void import_rows_bind(const struct import *i, struct db_stmt *q, int *next);
/** Notes the sweep that looked at what the import changed; detect calls it. */
enum err_code import_set_sweep(struct db *db, int64_t id, int64_t sweep_id, struct err *err);
/**
 * Reads the file and writes its rows in batches; done_line is the mark to continue from after a kill. Ends in state done, or failed
 * with the reason (what was committed stays and a second run continues). on_progress may be NULL.
 */
enum err_code import_run(struct db *db, const struct import_options *o, const struct actor *who, int64_t id,
	enum err_code (*on_progress)(void *arg, int64_t done, int64_t total, struct err *err), void *arg, struct err *err);
/** Takes a whole import back: new rows go, changed rows get their old version again. ERR_CONFLICT names a later import that changed a row
 * again. */
enum err_code import_undo(struct db *db, const struct import_options *o, const struct actor *who, int64_t id, struct err *err);
/** The rejected rows as the same sheet plus a column 错误原因, to correct and import again. Format by the file name's ending. */
enum err_code import_rejects_write(struct db *db, int64_t id, const char *path, int64_t *ret_rows, struct err *err);
/** The one-call form for the command line and the demo: create, run, report. `type`/`mapping` may be NULL. */
enum err_code import_file(struct db *db, const struct import_options *o, const struct actor *who, const struct record_reader_options *file,
	struct import *ret, struct arena *mem, struct err *err);
/** Job kind "import", args {"import_id":"…"}; wired by cli with the job threads. */
extern const struct job_kind import_job;

/* ---- writing rows that a program makes (demo, later the push API) ---- */
struct record_writer;
/** Opens an import of rows made by a program under `name`; rows are stored as import_run does. */
enum err_code record_writer_open(struct db *db, const struct import_options *o, const struct actor *who, const struct dictionary_type *type,
	const struct record_supply *supply, struct str name, struct record_writer **ret, struct err *err);
/** values/children of row are used; key and digest are computed. Text is copied when needed. */
enum err_code record_writer_put(struct record_writer *w, const struct record_row *row, struct err *err);
/** Commits what is open and ends the import. Frees the writer. */
enum err_code record_writer_finish(struct record_writer **w, struct record_counts *ret, struct err *err);
void record_writer_closep(struct record_writer **w); /* rolls back the open batch */

/* ---- reading the store ---- */
/** One record with children. ERR_NOT_FOUND also when it is deleted or outside the actor's scope. `who` NULL: no scope. */
enum err_code record_get(struct db *db, const struct dictionary *d, const struct actor *who, const struct dictionary_type *t, int64_t id,
	struct arena *mem, struct record_row *ret, struct err *err);
/** By natural key, exactly as dictionary_row_key makes it. */
enum err_code record_find(struct db *db, const struct dictionary *d, const struct actor *who, const struct dictionary_type *t,
	struct str key, struct arena *mem, struct record_row *ret, struct err *err);
/**
 * All rows of a type with children and supply, for the snapshot: in id order when since_change_no is 0 (deleted ones left out), else
 * what changed after it, in change_no order (deleted ones included and marked). The row is valid during the call of on_row only.
 */
enum err_code record_scan(struct db *db, const struct dictionary *d, const struct dictionary_type *t, int64_t since_change_no,
	enum err_code (*on_row)(const struct record_row *row, void *arg, struct err *err), void *arg, struct err *err);
/** Every supply set of a type with the id by which rows name it. Memory: `mem`. */
enum err_code record_supplies(struct db *db, const struct dictionary_type *t, struct arena *mem, int64_t **ret_ids,
	struct record_supply **ret, size_t *ret_count, struct err *err);
/** The number of the last committed change; 0 for an empty store. */
enum err_code record_change_no(struct db *db, int64_t *ret, struct err *err);
/** Puts every record into the search index, which must be empty: after a restore, because a backup carries no caches. In the caller's
 * transaction. */
enum err_code record_index_fill(struct db *db, const struct dictionary *d, struct err *err);
/** Rows that are not deleted. */
enum err_code record_count(struct db *db, const struct dictionary_type *t, int64_t *ret, struct err *err);

/** Puts what was true on a day in the place of what is: columns that the record's history tells (at least one period fills them), null
 * where no period holds the day. The row has its children; a type without a history stays as it is. */
void record_as_of(const struct dictionary_type *t, struct record_row *row, int32_t day);

enum record_operator { RECORD_EQ, RECORD_FROM, RECORD_TO };
struct record_filter {
	const struct dictionary_column *column;
	enum record_operator op;
	struct dictionary_value value;
};
#define RECORD_FILTERS_MAX 24
struct record_query {
	const struct dictionary_type *type;
	const struct actor *who;
	struct str q; /* full text; empty = all */
	struct record_filter filters[RECORD_FILTERS_MAX];
	size_t filter_count;
	int64_t agency_org_id; /* 0 = all in scope */
	int64_t import_id;     /* 0 = all */
	bool oldest_first;     /* default: main date and id, newest first */
	struct str after;      /* paging key of the page before */
	int limit;             /* 1…500 */
	bool want_total;
	int32_t as_of; /* registers as they were on this day, filters included; 0 = as they are */
	int32_t today; /* record_stats: later main dates are slips and no cut-off; 0 = all count */
	int newest; /* with q: only so many of the matches that came in last are looked at, so that a word that half the store has costs no
	               more than a rare one; 0 = all */
};
struct record_page {
	struct record_row *rows; /* without children, but for a register as of a day */
	size_t row_count;
	struct str next; /* empty at the end */
	int64_t total;   /* -1 when not asked for */
};
/** Agencies see only their own and never sealed types: then the page is empty, not an error. */
enum err_code record_list(struct db *db, const struct dictionary *d, const struct record_query *q, struct arena *mem,
	struct record_page *ret, struct err *err);
/** Filter from an API parameter: "<column>", "<column>_from", "<column>_to". ERR_INPUT with the allowed form. False in ret_is when the name
 * is no column. */
enum err_code record_query_param(
	struct record_query *q, struct str name, struct str value, struct arena *mem, bool *ret_is, struct err *err);

/** Hits of the full-text index in the actor's scope, for the one search box: other modules add theirs. */
struct record_hit {
	const struct dictionary_type *type;
	int64_t id;
	struct str title, sub;
};
enum err_code record_search(struct db *db, const struct dictionary *d, const struct actor *who, struct str text, int limit,
	struct arena *mem, struct record_hit **ret, size_t *ret_count, struct err *err);
/** The bigram tokeniser of the index: words joined by single spaces, each once. Latin words and numbers whole, Han text in overlapping
 * pairs. */
void search_tokens(struct str text, struct buf *out);

/** Personal data of this row in full? Only after a reveal; lists and pages mask. Title as the actor may see it. */
struct str record_title(const struct dictionary_type *t, const struct record_row *row, bool masked, struct arena *mem);
/** One masked value in full, audited with its purpose. ERR_INPUT when the purpose is shorter than 4 characters or the column is not masked.
 */
enum err_code record_reveal(struct db *db, const struct dictionary *d, const struct actor *who, const struct dictionary_type *t, int64_t id,
	struct str column, struct str purpose, int64_t now_ms, struct arena *mem, struct str *ret, struct err *err);
/** Writes all rows of the query (its limit and after ignored) with labels as header; masked unless `unmasked`. Format by the path's ending:
 * csv, xlsx, jsonl. */
enum err_code record_export(struct db *db, const struct dictionary *d, const struct record_query *q, bool unmasked, const char *path,
	int64_t *ret_rows, struct err *err);
/** The field notes that go with an export: column, label, type, unit, codes, privacy. Format by the path's ending. */
enum err_code record_notes_write(const struct dictionary_type *t, const char *path, struct err *err);
enum record_stats_by { RECORD_BY_MONTH, RECORD_BY_AGENCY };
struct record_series {
	struct str key, label;
	int64_t org_id;
	int64_t count;
};
struct record_stats {
	int64_t count, last_year;
	struct record_series *series;
	size_t series_count;
	struct record_series *missing; /* agencies without rows in the period */
	size_t missing_count;
	int32_t cutoff; /* newest main date not after the query's today, DAY_NONE for none */
};
/** Counts of the query between two days of the main date (filters on that date override them), and of the same days a year earlier. */
enum err_code record_stats(struct db *db, const struct dictionary *d, const struct record_query *q, enum record_stats_by by, int32_t from,
	int32_t to, struct arena *mem, struct record_stats *ret, struct err *err);

/** The keys of a record's page (id … children, timeline, history) into an open JSON object, for a module above that adds its own
 * (findings, supervision's part of the timeline). ERR_NOT_FOUND outside the caller's scope. */
enum err_code record_page_write(struct request *req, struct json *j, const struct dictionary_type *t, int64_t id, struct err *err);
/** The keys of one row as lists show it, masked: id, type, title, org, values. */
void record_row_write(struct request *req, struct json *j, const struct dictionary_type *t, const struct record_row *row);
/** The keys masked and supplied: names of columns whose values are masked, and of those that the row's source has. */
void record_masks_write(struct json *j, const struct dictionary_type *t, const struct record_row *row);

extern const struct route_table record_routes;

#endif
