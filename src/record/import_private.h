/* Shared by import.c, import_store.c and the API. */
#ifndef XZ_RECORD_IMPORT_PRIVATE_H
#define XZ_RECORD_IMPORT_PRIVATE_H

#include "record/record_private.h"

struct import_reject {
	int64_t line;
	struct str reasons, cells; /* cells: JSON array of texts */
};
struct record_version {
	int64_t version, import_id, replaced_by, replaced_ms;
	bool deleted;
	struct str body;
};

enum err_code import_add(struct db *db, const struct import *i, struct err *err);
enum err_code import_set_mapping(
	struct db *db, int64_t id, struct str type, struct str mapping, struct str text, struct str sender, struct err *err);
enum err_code import_set_header(struct db *db, int64_t id, struct str type, struct str mapping, struct str header, struct err *err);
enum err_code import_start(struct db *db, int64_t id, int64_t now_ms, struct err *err);
enum err_code import_set_job(struct db *db, int64_t id, int64_t job_id, struct err *err);
enum err_code import_set_undone(struct db *db, int64_t id, int64_t now_ms, struct err *err);
enum err_code import_end(struct db *db, int64_t id, enum import_state state, int64_t now_ms, struct str error, struct err *err);
/** Counts, bytes, line, and the change number of this batch (0: none). */
enum err_code import_set_progress(struct db *db, const struct import *i, int64_t change_no, struct err *err);
enum err_code import_reject_add(struct db *db, int64_t id, int64_t line, struct str reasons, struct str cells, struct err *err);
enum err_code import_reject_list(struct db *db, int64_t id, int64_t after_line, int limit, struct arena *mem, struct import_reject *ret,
	size_t *ret_count, struct err *err);
enum err_code mapping_save(struct db *db, int64_t id, struct str name, struct str type, struct str sender, struct str header_digest,
	struct str body, int64_t account_id, int64_t now_ms, struct err *err);
/** The newest saved mapping for files with this header; empty texts when there is none. */
enum err_code mapping_saved_find(
	struct db *db, struct str header_digest, struct arena *mem, struct str *ret_body, struct str *ret_sender, struct err *err);
/** A later import that changed a row of this one; 0 when there is none. */
enum err_code import_later(struct db *db, int64_t id, struct arena *mem, int64_t *ret_id, struct str *ret_name, struct err *err);
/** Identifiers of the rows whose present state comes from the import. */
enum err_code import_rows(struct db *db, const struct dictionary_type *t, const struct import *i, int64_t after_id, int64_t *ret_ids,
	size_t max, size_t *ret_count, struct err *err);
/** The state of a record before the import touched it. */
enum err_code version_before(struct db *db, const struct dictionary_type *t, int64_t record_id, int64_t import_id, struct arena *mem,
	struct record_row *ret, int64_t *ret_supply_id, int64_t *ret_import_id, bool *ret_found, struct err *err);
enum err_code version_drop(struct db *db, const struct dictionary_type *t, int64_t record_id, int64_t import_id, struct err *err);
/** Newest first. */
enum err_code version_list(struct db *db, const struct dictionary_type *t, int64_t record_id, struct arena *mem, struct record_version *ret,
	size_t max, size_t *ret_count, struct err *err);
enum err_code change_bump(struct db *db, int64_t *ret, struct err *err);

/** The mapping an import uses: its edited text, else the named one, else (both empty) recognised. Memory: the arena. */
enum err_code import_mapping(
	const struct import_options *o, const struct import *i, struct arena *mem, const struct mapping **ret, struct err *err);
/** As import_rejects_write, into memory: for an answer. */
enum err_code import_rejects_to_buf(struct db *db, int64_t id, enum sheet_format format, struct buf *out, struct err *err);
/** Digest of a header row's normal form. */
struct str header_digest(const struct str *header, size_t count, struct arena *mem);
/** YAML of a mapping made from the choices of a person: per column a header and a unit. */
struct mapping_choice {
	const struct dictionary_column *column;
	struct str from, unit; /* from empty: not mapped */
};
enum err_code mapping_compose(const struct dictionary_type *t, struct str name, struct str base, const struct mapping_choice *choices,
	size_t count, struct buf *out, struct err *err);

#endif
