/* The rows of import, import_reject and mapping_saved. */
#include <stdio.h>
#include <stdlib.h>

#include "record/import_private.h"
#include "record_sql.h"

static const char *const state_slugs[IMPORT_STATE_COUNT] = { "recognised", "queued", "running", "done", "failed", "undone" };

const char *import_state_slug(enum import_state s)
{
	return state_slugs[s];
}

static enum import_state state_of(struct str slug)
{
	for (int i = 0; i < IMPORT_STATE_COUNT; i++)
		if (str_eq(slug, str_of(state_slugs[i])))
			return (enum import_state)i;
	return IMPORT_FAILED;
}

static void import_from_row(struct db_stmt *q, struct arena *mem, struct import *ret)
{
	*ret = (struct import){
		.id = db_i64(q, 0),
		.name = db_str_dup(q, 1, mem),
		.type = db_str_dup(q, 2, mem),
		.mapping_name = db_str_dup(q, 3, mem),
		.mapping_text = db_str_dup(q, 4, mem),
		.sender = db_str_dup(q, 5, mem),
		.sm3 = db_str_dup(q, 6, mem),
		.header = db_str_dup(q, 7, mem),
		.state = state_of(db_str(q, 8)),
		.account_id = db_i64(q, 9),
		.org_id = db_i64(q, 10),
		.scope_path = db_str_dup(q, 11, mem),
		.job_id = db_i64(q, 12),
		.sweep_id = db_i64(q, 13),
		.counts = { .read = db_i64(q, 14),
			.added = db_i64(q, 15),
			.changed = db_i64(q, 16),
			.same = db_i64(q, 17),
			.older = db_i64(q, 18),
			.rejected = db_i64(q, 19) },
		.done_bytes = db_i64(q, 20),
		.total_bytes = db_i64(q, 21),
		.done_line = db_i64(q, 22),
		.change_from = db_i64(q, 23),
		.change_to = db_i64(q, 24),
		.created_ms = db_i64(q, 25),
		.started_ms = db_is_null(q, 26) ? TIME_NONE : db_i64(q, 26),
		.ended_ms = db_is_null(q, 27) ? TIME_NONE : db_i64(q, 27),
		.undone_ms = db_is_null(q, 28) ? TIME_NONE : db_i64(q, 28),
		.error = db_str_dup(q, 29, mem),
	};
}

enum err_code import_add(struct db *db, const struct import *i, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	const struct str texts[] = { i->name, i->type, i->mapping_name, i->mapping_text, i->sender, i->sm3, i->header,
		str_of(state_slugs[i->state]) };

	TRY(db_prepare(db, &SQL_IMPORT_ADD, &q, err));
	db_bind_i64(q, 1, i->id);
	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
		db_bind_str(q, (int)k + 2, texts[k].ptr ? texts[k] : STR(""));
	db_bind_id(q, 10, i->account_id);
	db_bind_id(q, 11, i->org_id);
	db_bind_str(q, 12, i->scope_path.ptr ? i->scope_path : STR(""));
	db_bind_i64(q, 13, i->total_bytes);
	db_bind_i64(q, 14, i->created_ms);
	return db_run(q, NULL, err);
}

enum err_code import_get(struct db *db, int64_t id, struct arena *mem, struct import *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool found;

	TRY(db_prepare(db, &SQL_IMPORT_BY_ID, &q, err));
	db_bind_i64(q, 1, id);
	TRY(db_step(q, &found, err));
	if (!found)
		return err_set(err, ERR_NOT_FOUND, "没有这次导入");
	import_from_row(q, mem, ret);
	return ERR_OK;
}

enum err_code import_list(struct db *db, const struct actor *who, int64_t before_id, int limit, struct arena *mem, struct import **ret,
	size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct import *list = ARENA_NEW(mem, struct import, (size_t)limit);
	size_t count = 0;
	bool row;

	if (!list)
		return err_nomem(err);
	TRY(db_prepare(db, &SQL_IMPORT_LIST, &q, err));
	db_bind_i64(q, 1, before_id > 0 ? before_id : INT64_MAX);
	db_bind_str(q, 2, who->scope_path.ptr ? who->scope_path : STR(""));
	db_bind_prefix_end(q, 3, who->scope_path);
	db_bind_i64(q, 4, limit);
	for (;;) {
		TRY(db_step(q, &row, err));
		if (!row)
			break;
		import_from_row(q, mem, &list[count++]);
	}
	*ret = list;
	*ret_count = count;
	return ERR_OK;
}

static enum err_code run_with(
	struct db *db, const struct query *query, int64_t id, int64_t number, const struct str *texts, int text_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, query, &q, err));
	db_bind_i64(q, 1, id);
	if (!texts)
		db_bind_i64(q, 2, number);
	for (int i = 0; i < text_count; i++)
		db_bind_str(q, i + 2, texts[i].ptr ? texts[i] : STR(""));
	return db_run(q, NULL, err);
}

enum err_code import_set_mapping(
	struct db *db, int64_t id, struct str type, struct str mapping, struct str text, struct str sender, struct err *err)
{
	const struct str texts[] = { type, mapping, text, sender };

	return run_with(db, &SQL_IMPORT_MAPPING_SET, id, 0, texts, 4, err);
}

enum err_code import_set_header(struct db *db, int64_t id, struct str type, struct str mapping, struct str header, struct err *err)
{
	const struct str texts[] = { type, mapping, header };

	return run_with(db, &SQL_IMPORT_HEADER_SET, id, 0, texts, 3, err);
}

enum err_code import_start(struct db *db, int64_t id, int64_t now_ms, struct err *err)
{
	return run_with(db, &SQL_IMPORT_START, id, now_ms, NULL, 0, err);
}

enum err_code import_set_job(struct db *db, int64_t id, int64_t job_id, struct err *err)
{
	return run_with(db, &SQL_IMPORT_JOB_SET, id, job_id, NULL, 0, err);
}

enum err_code import_set_sweep(struct db *db, int64_t id, int64_t sweep_id, struct err *err)
{
	return run_with(db, &SQL_IMPORT_SWEEP_SET, id, sweep_id, NULL, 0, err);
}

enum err_code import_set_undone(struct db *db, int64_t id, int64_t now_ms, struct err *err)
{
	return run_with(db, &SQL_IMPORT_UNDONE, id, now_ms, NULL, 0, err);
}

enum err_code import_end(struct db *db, int64_t id, enum import_state state, int64_t now_ms, struct str error, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_IMPORT_END, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, str_of(state_slugs[state]));
	db_bind_i64(q, 3, now_ms);
	db_bind_str(q, 4, error.ptr ? error : STR(""));
	return db_run(q, NULL, err);
}

enum err_code import_set_progress(struct db *db, const struct import *i, int64_t change_no, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_IMPORT_PROGRESS, &q, err));
	db_bind_i64(q, 1, i->id);
	db_bind_i64(q, 2, i->counts.read);
	db_bind_i64(q, 3, i->counts.added);
	db_bind_i64(q, 4, i->counts.changed);
	db_bind_i64(q, 5, i->counts.same);
	db_bind_i64(q, 6, i->counts.older);
	db_bind_i64(q, 7, i->counts.rejected);
	db_bind_i64(q, 8, i->done_bytes);
	db_bind_i64(q, 9, i->done_line);
	db_bind_id(q, 10, change_no ? change_no : i->change_to);
	return db_run(q, NULL, err);
}

/* ---- rejects ---- */

enum err_code import_reject_add(struct db *db, int64_t id, int64_t line, struct str reasons, struct str cells, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_REJECT_ADD, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_i64(q, 2, line);
	db_bind_str(q, 3, reasons);
	db_bind_str(q, 4, cells);
	return db_run(q, NULL, err);
}

enum err_code import_reject_list(struct db *db, int64_t id, int64_t after_line, int limit, struct arena *mem, struct import_reject *ret,
	size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	*ret_count = 0;
	TRY(db_prepare(db, &SQL_REJECT_LIST, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_i64(q, 2, after_line);
	db_bind_i64(q, 3, limit);
	for (;;) {
		TRY(db_step(q, &row, err));
		if (!row)
			return ERR_OK;
		ret[(*ret_count)++] =
			(struct import_reject){ .line = db_i64(q, 0), .reasons = db_str_dup(q, 1, mem), .cells = db_str_dup(q, 2, mem) };
	}
}

/* ---- mappings saved for a sender ---- */

enum err_code mapping_save(struct db *db, int64_t id, struct str name, struct str type, struct str sender, struct str header_digest,
	struct str body, int64_t account_id, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_MAPPING_SAVED_PUT, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, name);
	db_bind_str(q, 3, type);
	db_bind_str(q, 4, sender.ptr ? sender : STR(""));
	db_bind_str(q, 5, header_digest);
	db_bind_str(q, 6, body);
	db_bind_id(q, 7, account_id);
	db_bind_i64(q, 8, now_ms);
	return db_run(q, NULL, err);
}

enum err_code mapping_saved_find(
	struct db *db, struct str header_digest, struct arena *mem, struct str *ret_body, struct str *ret_sender, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool found;

	*ret_body = *ret_sender = (struct str){ 0 };
	TRY(db_prepare(db, &SQL_MAPPING_SAVED_FIND, &q, err));
	db_bind_str(q, 1, header_digest);
	TRY(db_step(q, &found, err));
	if (found) {
		*ret_body = db_str_dup(q, 2, mem);
		*ret_sender = db_str_dup(q, 3, mem);
	}
	return ERR_OK;
}

/* ---- undo ---- */

enum err_code import_later(struct db *db, int64_t id, struct arena *mem, int64_t *ret_id, struct str *ret_name, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool found;

	*ret_id = 0;
	TRY(db_prepare(db, &SQL_VERSION_LATER, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_i64(q, 2, id);
	TRY(db_step(q, &found, err));
	if (found) {
		*ret_id = db_i64(q, 0);
		*ret_name = db_str_dup(q, 1, mem);
	}
	return ERR_OK;
}

enum err_code import_rows(struct db *db, const struct dictionary_type *t, const struct import *i, int64_t after_id, int64_t *ret_ids,
	size_t max, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	char sql[200];
	bool row;

	*ret_count = 0;
	snprintf(sql, sizeof(sql), "SELECT id FROM r_%.*s WHERE change_no >= $1 AND import_id = $2 AND id > $3 ORDER BY id LIMIT $4",
		STR_ARG(t->name));
	TRY(db_prepare_text(db, str_of(sql), &q, err));
	db_bind_i64(q, 1, i->change_from);
	db_bind_i64(q, 2, i->id);
	db_bind_i64(q, 3, after_id);
	db_bind_i64(q, 4, (int64_t)max);
	for (;;) {
		TRY(db_step(q, &row, err));
		if (!row)
			return ERR_OK;
		ret_ids[(*ret_count)++] = db_i64(q, 0);
	}
}

void import_rows_sql(const struct dictionary_type *t, int *next, struct buf *sql)
{
	buf_printf(sql, "SELECT id FROM r_%.*s WHERE change_no >= $%d AND import_id = $%d AND deleted = 0", STR_ARG(t->name), *next,
		*next + 1);
	*next += 2;
}

void import_rows_bind(const struct import *i, struct db_stmt *q, int *next)
{
	db_bind_i64(q, (*next)++, i->change_from);
	db_bind_i64(q, (*next)++, i->id);
}

enum err_code version_before(struct db *db, const struct dictionary_type *t, int64_t record_id, int64_t import_id, struct arena *mem,
	struct record_row *ret, int64_t *ret_supply_id, int64_t *ret_import_id, bool *ret_found, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_VERSION_FIRST_OF, &q, err));
	db_bind_str(q, 1, t->name);
	db_bind_i64(q, 2, record_id);
	db_bind_i64(q, 3, import_id);
	TRY(db_step(q, ret_found, err));
	if (!*ret_found)
		return ERR_OK;
	TRY(version_read(t, db_str(q, 8), mem, ret, err));
	ret->id = record_id;
	ret->version = db_i64(q, 0);
	*ret_import_id = db_i64(q, 1);
	ret->deleted = db_bool(q, 2);
	*ret_supply_id = db_i64(q, 3);
	ret->org_id = db_i64(q, 4);
	ret->region = db_str_dup(q, 5, mem);
	ret->line = db_i64(q, 6);
	snprintf(ret->digest, sizeof(ret->digest), "%.*s", STR_ARG(db_str(q, 7)));
	return ERR_OK;
}

enum err_code version_drop(struct db *db, const struct dictionary_type *t, int64_t record_id, int64_t import_id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_VERSION_DROP, &q, err));
	db_bind_str(q, 1, t->name);
	db_bind_i64(q, 2, record_id);
	db_bind_i64(q, 3, import_id);
	return db_run(q, NULL, err);
}

enum err_code version_list(struct db *db, const struct dictionary_type *t, int64_t record_id, struct arena *mem, struct record_version *ret,
	size_t max, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	*ret_count = 0;
	TRY(db_prepare(db, &SQL_VERSION_LIST, &q, err));
	db_bind_str(q, 1, t->name);
	db_bind_i64(q, 2, record_id);
	while (*ret_count < max) {
		TRY(db_step(q, &row, err));
		if (!row)
			break;
		ret[(*ret_count)++] = (struct record_version){ .version = db_i64(q, 0),
			.import_id = db_i64(q, 1),
			.replaced_by = db_i64(q, 2),
			.replaced_ms = db_i64(q, 3),
			.deleted = db_bool(q, 4),
			.body = db_str_dup(q, 5, mem) };
	}
	return ERR_OK;
}

enum err_code change_bump(struct db *db, int64_t *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_CHANGE_BUMP, &q, err));
	TRY(db_run(q, NULL, err));
	return record_change_no(db, ret, err);
}
