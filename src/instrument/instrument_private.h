/* Shared by the files of this module only. */
#ifndef XZ_INSTRUMENT_PRIVATE_H
#define XZ_INSTRUMENT_PRIVATE_H

#include <jansson.h>

#include "attachment/attachment.h"
#include "instrument/instrument.h"
#include "org/org.h"

#define INSTRUMENT_FIELDS_BYTES_MAX (1u << 20)
#define INSTRUMENT_FILE_BYTES_MAX (64u << 20)
#define INSTRUMENT_TEMPLATE_BYTES_MAX (16u << 20)
#define INSTRUMENT_CODE_SIZE 13 /* 12 characters, 60 bits */

enum instrument_part_kind { PART_HEADING, PART_TEXT, PART_LIST, PART_TABLE };
struct instrument_part {
	enum instrument_part_kind kind;
	int level;
	struct str text;      /* HEADING, TEXT: pattern */
	struct str field;     /* LIST, TABLE */
	struct str caption;   /* TABLE */
	struct str condition; /* shown only when this field has a value */
};

struct instrument_set {
	struct instrument_kind *kinds;
	size_t count;
	const struct instrument_hooks *hooks;
	const char *public_url;
};

/* ---- fields (instrument_field.c) ---- */
const struct instrument_field *field_find(const struct instrument_kind *kind, struct str name);
/** Parses and checks a JSON object against the kind: known names, types, lengths, days. null values are allowed when `patch`. */
enum err_code fields_parse(const struct instrument_kind *kind, struct str text, bool patch, json_t **ret, struct err *err);
/** Lays `patch` over `base` (null removes) and checks the total size. */
enum err_code fields_merge(json_t *base, json_t *patch, struct err *err);
/** Sorted and compact: the same fields are the same text. */
enum err_code fields_print(const json_t *fields, struct arena *mem, struct str *ret, struct err *err);
/** Every required field has a value, forbidden words are absent, the deadline lies after `today`. */
enum err_code fields_complete(const struct instrument_kind *kind, const json_t *fields, int32_t today, struct err *err);
struct str fields_text(const json_t *fields, struct str name); /* LINE, TEXT, DAY as written; empty when absent */
int32_t fields_day(const json_t *fields, struct str name);
bool fields_has(const json_t *fields, struct str name);

/* ---- rendering (instrument_render.c) ---- */

/** Names of the organisations a document speaks of. */
struct instrument_names {
	struct str agency, issuer, government;
};
enum err_code instrument_names_load(
	struct instrument_context *ctx, const struct instrument *in, struct instrument_names *ret, struct err *err);
/** Puts values into a {name} pattern. Memory: the arena. */
enum err_code pattern_fill(struct str pattern, const struct instrument *in, const json_t *fields, const struct instrument_names *names,
	struct arena *mem, struct str *ret, struct err *err);
/** What a bureau's template may use, by name and by Chinese label. `fields` NULL gives samples for checking a template. */
enum err_code template_values(const struct instrument *in, const json_t *fields, const struct instrument_names *names, struct arena *mem,
	struct document_value **ret, size_t *ret_count, struct err *err);
/** Reads a file of the store. */
enum err_code stored_file_read(const char *data_dir, struct str sm3, size_t bytes_max, struct arena *mem, struct str *ret, struct err *err);

/* ---- numbers (instrument_number.c) ---- */
void number_format(const struct instrument_kind *kind, struct str proxy, int year, int64_t seq, char out[static INSTRUMENT_NUMBER_BYTES]);
/** The part before 〔: 明司执监督. */
struct str number_prefix(const struct instrument_kind *kind, struct str proxy, struct arena *mem);

/* ---- store (instrument_store.c) ---- */
struct instrument_store_row {
	struct instrument in;
	struct str body_path;
	struct str opinion;
	int64_t changes; /* optimistic lock */
};
enum err_code store_insert(struct db *db, const struct instrument_store_row *r, struct err *err);
enum err_code store_get(
	struct db *db, const struct instrument_set *set, int64_t id, struct arena *mem, struct instrument_store_row *ret, struct err *err);
/** Writes everything that may change; ERR_RETRY when somebody else was faster. */
enum err_code store_update(struct db *db, struct instrument_store_row *r, struct err *err);

struct store_query {
	struct str scope_path;
	bool government_only; /* only documents of matters with a handling proposal */
	int64_t matter_id, before_id, org_id;
	struct str kind, state, q; /* state "submitted": drafts that wait */
	bool oldest_first;
	int limit;
};
enum err_code store_list(struct db *db, const struct instrument_set *set, const struct store_query *q, struct arena *mem,
	struct instrument_store_row **ret, size_t *ret_count, struct err *err);
enum err_code store_version_add(struct db *db, const struct instrument *in, const struct actor *who, int64_t now_ms, struct err *err);
enum err_code store_versions_json(struct db *db, int64_t id, struct json *j, struct err *err);
enum err_code store_by_check_code(struct db *db, const struct instrument_set *set, struct str code, struct arena *mem,
	struct instrument_store_row *ret, bool *ret_found, struct err *err);
enum err_code store_stop_matter(struct db *db, int64_t matter_id, bool stopped, int64_t now_ms, int64_t *ret_changed, struct err *err);

/** Next number of a series: the lowest that was never given, counting up. Holds the series' row until the transaction ends. */
enum err_code store_series_next(struct db *db, struct str issuer_code, struct str category, int year, int64_t *ret_seq, struct err *err);
struct number_row {
	struct str issuer_code, category, display_no, normalized_no;
	int year;
	int64_t seq, instrument_id;
	bool manual;
};
enum err_code store_number_add(
	struct db *db, struct id_source *ids, const struct number_row *n, int64_t account_id, int64_t now_ms, struct err *err);
enum err_code store_number_taken(struct db *db, struct str issuer_code, struct str normalized_no, bool *ret, struct err *err);
enum err_code store_number_void(struct db *db, int64_t instrument_id, struct str reason, struct err *err);

struct instrument_file {
	int64_t id, instrument_id, attachment_id, size_bytes, created_ms;
	struct str role; /* "sealed_copy", "annex" */
	struct str name, mime, sm3;
};
enum err_code store_file_add(struct db *db, struct id_source *ids, int64_t now_ms, struct instrument_file *f, struct err *err);
enum err_code store_files(
	struct db *db, int64_t instrument_id, struct arena *mem, struct instrument_file **ret, size_t *ret_count, struct err *err);
enum err_code store_file_owner(
	struct db *db, int64_t attachment_id, struct arena *mem, struct instrument_file *ret, bool *ret_found, struct err *err);
/** Is the same content attached, sealed, to a clue or a reply of a sealed matter? */
enum err_code store_content_is_sealed(struct db *db, struct str sm3, bool *ret, struct err *err);

struct template_row {
	int64_t id, body_id, size_bytes, account_id, created_ms;
	struct str kind, name, sm3, placeholders; /* joined by 、 */
	bool is_default;
};
enum err_code store_template_add(struct db *db, const struct template_row *t, struct err *err);
enum err_code store_template_default(struct db *db, int64_t body_id, struct str kind, int64_t id, struct err *err);
enum err_code store_template_retire(struct db *db, int64_t id, int64_t now_ms, struct err *err);
enum err_code store_template_get(struct db *db, int64_t id, struct arena *mem, struct template_row *ret, struct err *err);
/** The default of a kind, id 0 when there is none. */
enum err_code store_template_find(struct db *db, int64_t body_id, struct str kind, int64_t *ret_id, struct err *err);
enum err_code store_templates(
	struct db *db, int64_t body_id, struct str kind, struct arena *mem, struct template_row **ret, size_t *ret_count, struct err *err);

/* ---- decisions used by the API (instrument.c) ---- */
/** 条例 6(2)、26: township accounts and offices issue nothing. */
enum err_code refuse_township(struct instrument_context *ctx, struct err *err);
bool may_see(const struct actor *who, const struct instrument_store_row *r);
enum err_code visible_get(struct instrument_context *ctx, int64_t id, struct instrument_store_row *ret, struct err *err);
/** Checks and stores a bureau's DOCX; id 0 in, id out. */
enum err_code template_upload(struct instrument_context *ctx, struct str kind, struct str name, const char *path, bool make_default,
	int64_t *ret_id, struct err *err);

#endif
