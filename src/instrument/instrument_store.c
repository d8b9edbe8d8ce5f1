/* The only file that runs this module's queries. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "instrument/instrument_private.h"
#include "instrument_sql.h"

#define SERIES_STEPS_MAX 100000

/** Absent text is stored as empty text. */
static struct str text(struct str s)
{
	return s.ptr ? s : STR("");
}

static bool state_parse(struct str slug, enum instrument_state *ret)
{
	for (int i = 0; i < INSTRUMENT_STATE_COUNT; i++)
		if (str_eq(slug, str_of(instrument_state_slug((enum instrument_state)i)))) {
			*ret = (enum instrument_state)i;
			return true;
		}
	return false;
}

enum err_code store_insert(struct db *db, const struct instrument_store_row *r, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	const struct instrument *in = &r->in;

	TRY(db_prepare(db, &SQL_INSTRUMENT_INSERT, &q, err));
	db_bind_i64(q, 1, in->id);
	db_bind_i64(q, 2, in->matter_id);
	db_bind_i64(q, 3, in->agency_id);
	db_bind_str(q, 4, text(in->agency_path));
	db_bind_i64(q, 5, in->body_id);
	db_bind_str(q, 6, text(r->body_path));
	db_bind_i64(q, 7, in->issuer_id);
	db_bind_str(q, 8, text(in->issuer_name));
	db_bind_str(q, 9, text(in->kind_name));
	db_bind_str(q, 10, str_of(instrument_state_slug(in->state)));
	db_bind_bool(q, 11, in->submitted);
	db_bind_str(q, 12, text(in->title));
	db_bind_str(q, 13, text(in->main_to));
	db_bind_str(q, 14, text(in->fields));
	db_bind_i64(q, 15, in->version);
	db_bind_str(q, 16, text(in->number));
	db_bind_str(q, 17, text(in->check_code));
	db_bind_day(q, 18, in->deadline_on);
	db_bind_day(q, 19, in->issued_on);
	db_bind_day(q, 20, in->served_on);
	db_bind_str(q, 21, text(in->served_to));
	db_bind_str(q, 22, text(in->served_how));
	db_bind_str(q, 23, text(in->gov_approval_no));
	db_bind_day(q, 24, in->gov_approved_on);
	db_bind_bool(q, 25, in->sealed);
	db_bind_bool(q, 26, in->stopped);
	db_bind_id(q, 27, in->template_id);
	db_bind_id(q, 28, in->drafter_id);
	db_bind_str(q, 29, text(in->drafter_name));
	db_bind_id(q, 30, in->approver_id);
	db_bind_str(q, 31, text(in->approver_name));
	db_bind_str(q, 32, text(r->opinion));
	db_bind_str(q, 33, text(in->return_reason));
	db_bind_str(q, 34, text(in->void_reason));
	db_bind_i64(q, 35, r->changes);
	db_bind_i64(q, 36, in->created_ms);
	db_bind_i64(q, 37, in->changed_ms);
	db_bind_bool(q, 38, in->to_agency);
	return db_run(q, NULL, err);
}

static enum err_code read_row(
	struct db_stmt *q, const struct instrument_set *set, struct arena *mem, struct instrument_store_row *ret, struct err *err)
{
	struct instrument *in = &ret->in;

	in->id = db_i64(q, 0);
	in->matter_id = db_i64(q, 1);
	in->agency_id = db_i64(q, 2);
	in->agency_path = db_str_dup(q, 3, mem);
	in->body_id = db_i64(q, 4);
	ret->body_path = db_str_dup(q, 5, mem);
	in->issuer_id = db_i64(q, 6);
	in->issuer_name = db_str_dup(q, 7, mem);
	in->kind_name = db_str_dup(q, 8, mem);
	if (!state_parse(db_str(q, 9), &in->state))
		return err_set(err, ERR_CORRUPT, "文书状态不正确");
	in->submitted = db_bool(q, 10);
	in->title = db_str_dup(q, 11, mem);
	in->main_to = db_str_dup(q, 12, mem);
	in->fields = db_str_dup(q, 13, mem);
	in->version = db_i64(q, 14);
	in->number = db_str_dup(q, 15, mem);
	in->check_code = db_str_dup(q, 16, mem);
	in->deadline_on = db_day(q, 17);
	in->issued_on = db_day(q, 18);
	in->served_on = db_day(q, 19);
	in->served_to = db_str_dup(q, 20, mem);
	in->served_how = db_str_dup(q, 21, mem);
	in->gov_approval_no = db_str_dup(q, 22, mem);
	in->gov_approved_on = db_day(q, 23);
	in->sealed = db_bool(q, 24);
	in->stopped = db_bool(q, 25);
	in->template_id = db_i64(q, 26);
	in->drafter_id = db_i64(q, 27);
	in->drafter_name = db_str_dup(q, 28, mem);
	in->approver_id = db_i64(q, 29);
	in->approver_name = db_str_dup(q, 30, mem);
	ret->opinion = db_str_dup(q, 31, mem);
	in->return_reason = db_str_dup(q, 32, mem);
	in->void_reason = db_str_dup(q, 33, mem);
	ret->changes = db_i64(q, 34);
	in->created_ms = db_i64(q, 35);
	in->changed_ms = db_i64(q, 36);
	in->to_agency = db_bool(q, 37);
	in->kind = set ? instrument_kind_find(set, in->kind_name) : NULL;
	return in->fields.ptr && ret->body_path.ptr ? ERR_OK : err_nomem(err);
}

enum err_code store_get(
	struct db *db, const struct instrument_set *set, int64_t id, struct arena *mem, struct instrument_store_row *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_INSTRUMENT_BY_ID, &q, err));
	db_bind_i64(q, 1, id);
	TRY(db_step(q, &row, err));
	if (!row)
		return err_set(err, ERR_NOT_FOUND, "没有这份文书");
	return read_row(q, set, mem, ret, err);
}

enum err_code store_by_check_code(struct db *db, const struct instrument_set *set, struct str code, struct arena *mem,
	struct instrument_store_row *ret, bool *ret_found, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_INSTRUMENT_BY_CHECK_CODE, &q, err));
	db_bind_str(q, 1, code);
	TRY(db_step(q, ret_found, err));
	return *ret_found ? read_row(q, set, mem, ret, err) : ERR_OK;
}

enum err_code store_update(struct db *db, struct instrument_store_row *r, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	const struct instrument *in = &r->in;
	int64_t changed;

	TRY(db_prepare(db, &SQL_INSTRUMENT_UPDATE, &q, err));
	db_bind_i64(q, 1, in->id);
	db_bind_i64(q, 2, r->changes);
	db_bind_str(q, 3, str_of(instrument_state_slug(in->state)));
	db_bind_bool(q, 4, in->submitted);
	db_bind_str(q, 5, text(in->title));
	db_bind_str(q, 6, text(in->main_to));
	db_bind_str(q, 7, text(in->fields));
	db_bind_i64(q, 8, in->version);
	db_bind_str(q, 9, text(in->number));
	db_bind_day(q, 10, in->deadline_on);
	db_bind_day(q, 11, in->issued_on);
	db_bind_day(q, 12, in->served_on);
	db_bind_str(q, 13, text(in->served_to));
	db_bind_str(q, 14, text(in->served_how));
	db_bind_str(q, 15, text(in->gov_approval_no));
	db_bind_day(q, 16, in->gov_approved_on);
	db_bind_bool(q, 17, in->stopped);
	db_bind_id(q, 18, in->template_id);
	db_bind_id(q, 19, in->approver_id);
	db_bind_str(q, 20, text(in->approver_name));
	db_bind_str(q, 21, text(r->opinion));
	db_bind_str(q, 22, text(in->return_reason));
	db_bind_str(q, 23, text(in->void_reason));
	db_bind_i64(q, 24, in->changed_ms);
	TRY(db_run(q, &changed, err));
	if (changed != 1)
		return err_set(err, ERR_RETRY, "这份文书刚刚被别人修改过，请刷新后再试");
	r->changes++;
	return ERR_OK;
}

/** A LIKE pattern for "contains", or empty. */
static struct str contains(struct str q, struct arena *mem)
{
	struct buf b;
	struct str pattern;

	if (q.len == 0)
		return STR("");
	buf_init(&b, 4096);
	buf_putc(&b, '%');
	for (size_t i = 0; i < q.len; i++) {
		if (q.ptr[i] == '%' || q.ptr[i] == '_' || q.ptr[i] == '\\')
			buf_putc(&b, '\\');
		buf_putc(&b, q.ptr[i]);
	}
	buf_putc(&b, '%');
	pattern = str_dup(mem, buf_str(&b));
	buf_clear(&b);
	return text(pattern);
}

enum err_code store_list(struct db *db, const struct instrument_set *set, const struct store_query *query, struct arena *mem,
	struct instrument_store_row **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct instrument_store_row *rows = ARENA_NEW(mem, struct instrument_store_row, (size_t)query->limit + 1);
	struct str end = str_printf(mem, "%.*s~", STR_ARG(query->scope_path));
	bool row;

	if (!rows || !end.ptr)
		return err_nomem(err);
	TRY(db_prepare(db, query->oldest_first ? &SQL_INSTRUMENT_PAGE_UP : &SQL_INSTRUMENT_PAGE_DOWN, &q, err));
	db_bind_i64(q, 1, query->before_id > 0 || query->oldest_first ? query->before_id : INT64_MAX);
	db_bind_str(q, 2, text(query->scope_path));
	db_bind_str(q, 3, end);
	db_bind_i64(q, 4, query->matter_id);
	db_bind_str(q, 5, text(query->kind));
	db_bind_str(q, 6, text(query->state));
	db_bind_str(q, 7, contains(query->q, mem));
	db_bind_i64(q, 8, query->org_id);
	db_bind_i64(q, 9, query->government_only);
	db_bind_i64(q, 10, query->limit);
	*ret_count = 0;
	for (;;) {
		TRY(db_step(q, &row, err));
		if (!row || *ret_count == (size_t)query->limit)
			break;
		TRY(read_row(q, set, mem, &rows[(*ret_count)++], err));
	}
	*ret = rows;
	return ERR_OK;
}

enum err_code store_stop_matter(struct db *db, int64_t matter_id, bool stopped, int64_t now_ms, int64_t *ret_changed, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_INSTRUMENT_STOP, &q, err));
	db_bind_i64(q, 1, matter_id);
	db_bind_bool(q, 2, stopped);
	db_bind_i64(q, 3, now_ms);
	return db_run(q, ret_changed, err);
}

/* ---- versions ---- */

enum err_code store_version_add(struct db *db, const struct instrument *in, const struct actor *who, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_INSTRUMENT_VERSION_INSERT, &q, err));
	db_bind_i64(q, 1, in->id);
	db_bind_i64(q, 2, in->version);
	db_bind_str(q, 3, text(in->title));
	db_bind_str(q, 4, in->fields);
	db_bind_id(q, 5, who->account_id);
	db_bind_str(q, 6, text(who->name));
	db_bind_i64(q, 7, now_ms);
	return db_run(q, NULL, err);
}

enum err_code store_versions_json(struct db *db, int64_t id, struct json *j, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_INSTRUMENT_VERSION_LIST, &q, err));
	db_bind_i64(q, 1, id);
	json_arr(j);
	for (;;) {
		TRY(db_step(q, &row, err));
		if (!row)
			break;
		json_obj(j);
		json_ki64(j, "version", db_i64(q, 0));
		json_kstr(j, "title", db_str(q, 1));
		json_key(j, "fields");
		json_raw(j, db_str(q, 2));
		json_kstr(j, "by", db_str(q, 3));
		json_ktime(j, "at", db_i64(q, 4));
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

/* ---- numbers ---- */

static enum err_code seq_taken(
	struct db *db, struct str issuer_code, struct str category, int year, int64_t seq, bool *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_INSTRUMENT_NUMBER_BY_SEQ, &q, err));
	db_bind_str(q, 1, issuer_code);
	db_bind_str(q, 2, category);
	db_bind_i64(q, 3, year);
	db_bind_i64(q, 4, seq);
	return db_step(q, ret, err);
}

enum err_code store_series_next(struct db *db, struct str issuer_code, struct str category, int year, int64_t *ret_seq, struct err *err)
{
	for (int i = 0; i < SERIES_STEPS_MAX; i++) {
		CLEANUP(db_stmt_donep) struct db_stmt *step = NULL;
		CLEANUP(db_stmt_donep) struct db_stmt *read = NULL;
		bool row, taken;

		TRY(db_prepare(db, &SQL_INSTRUMENT_SERIES_STEP, &step, err));
		db_bind_str(step, 1, issuer_code);
		db_bind_str(step, 2, category);
		db_bind_i64(step, 3, year);
		TRY(db_run(step, NULL, err));
		TRY(db_prepare(db, &SQL_INSTRUMENT_SERIES_READ, &read, err));
		db_bind_str(read, 1, issuer_code);
		db_bind_str(read, 2, category);
		db_bind_i64(read, 3, year);
		TRY(db_step(read, &row, err));
		if (!row)
			return err_set(err, ERR_CORRUPT, "文号序列丢失");
		*ret_seq = db_i64(read, 0);
		TRY(seq_taken(db, issuer_code, category, year, *ret_seq, &taken, err));
		if (!taken) /* else it was entered by hand from the office system */
			return ERR_OK;
	}
	return err_set(err, ERR_LIMIT, "文号已用尽");
}

enum err_code store_number_taken(struct db *db, struct str issuer_code, struct str normalized_no, bool *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_INSTRUMENT_NUMBER_BY_TEXT, &q, err));
	db_bind_str(q, 1, issuer_code);
	db_bind_str(q, 2, normalized_no);
	return db_step(q, ret, err);
}

enum err_code store_number_add(
	struct db *db, struct id_source *ids, const struct number_row *n, int64_t account_id, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_INSTRUMENT_NUMBER_INSERT, &q, err));
	db_bind_i64(q, 1, id_new(ids));
	db_bind_str(q, 2, n->issuer_code);
	db_bind_str(q, 3, n->category);
	db_bind_i64(q, 4, n->year);
	db_bind_i64(q, 5, n->seq);
	db_bind_str(q, 6, n->display_no);
	db_bind_str(q, 7, n->normalized_no);
	db_bind_i64(q, 8, n->instrument_id);
	db_bind_bool(q, 9, n->manual);
	db_bind_id(q, 10, account_id);
	db_bind_i64(q, 11, now_ms);
	return db_run(q, NULL, err);
}

enum err_code store_number_void(struct db *db, int64_t instrument_id, struct str reason, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_INSTRUMENT_NUMBER_VOID, &q, err));
	db_bind_i64(q, 1, instrument_id);
	db_bind_str(q, 2, text(reason));
	return db_run(q, NULL, err);
}

/* ---- files ---- */

enum err_code store_file_add(struct db *db, struct id_source *ids, int64_t now_ms, struct instrument_file *f, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	f->id = id_new(ids);
	f->created_ms = now_ms;
	TRY(db_prepare(db, &SQL_INSTRUMENT_FILE_INSERT, &q, err));
	db_bind_i64(q, 1, f->id);
	db_bind_i64(q, 2, f->instrument_id);
	db_bind_str(q, 3, f->role);
	db_bind_i64(q, 4, f->attachment_id);
	db_bind_str(q, 5, text(f->name));
	db_bind_str(q, 6, text(f->mime));
	db_bind_str(q, 7, text(f->sm3));
	db_bind_i64(q, 8, f->size_bytes);
	db_bind_i64(q, 9, now_ms);
	return db_run(q, NULL, err);
}

static struct instrument_file read_file(struct db_stmt *q, struct arena *mem)
{
	return (struct instrument_file){ .id = db_i64(q, 0),
		.instrument_id = db_i64(q, 1),
		.role = db_str_dup(q, 2, mem),
		.attachment_id = db_i64(q, 3),
		.name = db_str_dup(q, 4, mem),
		.mime = db_str_dup(q, 5, mem),
		.sm3 = db_str_dup(q, 6, mem),
		.size_bytes = db_i64(q, 7),
		.created_ms = db_i64(q, 8) };
}

enum err_code store_files(
	struct db *db, int64_t instrument_id, struct arena *mem, struct instrument_file **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	VEC(struct instrument_file) found = { 0 };
	bool row = true, fits = true;
	enum err_code code = ERR_OK;

	TRY(db_prepare(db, &SQL_INSTRUMENT_FILE_LIST, &q, err));
	db_bind_i64(q, 1, instrument_id);
	while (fits && (code = db_step(q, &row, err)) == ERR_OK && row)
		fits = vec_push(&found, read_file(q, mem));
	*ret = ARENA_NEW(mem, struct instrument_file, found.len + 1);
	if (*ret && found.len > 0)
		memcpy(*ret, found.v, found.len * sizeof(**ret));
	*ret_count = found.len;
	vec_clear(&found);
	TRY(code);
	return fits && *ret ? ERR_OK : err_nomem(err);
}

enum err_code store_file_owner(
	struct db *db, int64_t attachment_id, struct arena *mem, struct instrument_file *ret, bool *ret_found, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_INSTRUMENT_FILE_BY_ATTACHMENT, &q, err));
	db_bind_i64(q, 1, attachment_id);
	TRY(db_step(q, ret_found, err));
	if (*ret_found)
		*ret = read_file(q, mem);
	return ERR_OK;
}

enum err_code store_content_is_sealed(struct db *db, struct str sm3, bool *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_INSTRUMENT_SEALED_CONTENT, &q, err));
	db_bind_str(q, 1, sm3);
	return db_step(q, ret, err);
}

/* ---- templates ---- */

enum err_code store_template_add(struct db *db, const struct template_row *t, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_TEMPLATE_INSERT, &q, err));
	db_bind_i64(q, 1, t->id);
	db_bind_i64(q, 2, t->body_id);
	db_bind_str(q, 3, t->kind);
	db_bind_str(q, 4, t->name);
	db_bind_str(q, 5, t->sm3);
	db_bind_i64(q, 6, t->size_bytes);
	db_bind_str(q, 7, text(t->placeholders));
	db_bind_bool(q, 8, t->is_default);
	db_bind_id(q, 9, t->account_id);
	db_bind_i64(q, 10, t->created_ms);
	return db_run(q, NULL, err);
}

enum err_code store_template_default(struct db *db, int64_t body_id, struct str kind, int64_t id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *clear = NULL;
	CLEANUP(db_stmt_donep) struct db_stmt *set = NULL;
	int64_t changed;

	TRY(db_prepare(db, &SQL_TEMPLATE_CLEAR_DEFAULT, &clear, err));
	db_bind_i64(clear, 1, body_id);
	db_bind_str(clear, 2, kind);
	TRY(db_run(clear, NULL, err));
	if (id == 0)
		return ERR_OK;
	TRY(db_prepare(db, &SQL_TEMPLATE_SET_DEFAULT, &set, err));
	db_bind_i64(set, 1, id);
	db_bind_i64(set, 2, body_id);
	db_bind_str(set, 3, kind);
	TRY(db_run(set, &changed, err));
	return changed == 1 ? ERR_OK : err_set(err, ERR_NOT_FOUND, "没有这个模板");
}

enum err_code store_template_retire(struct db *db, int64_t id, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_TEMPLATE_RETIRE, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_i64(q, 2, now_ms);
	return db_run(q, NULL, err);
}

static struct template_row read_template(struct db_stmt *q, struct arena *mem)
{
	return (struct template_row){ .id = db_i64(q, 0),
		.body_id = db_i64(q, 1),
		.kind = db_str_dup(q, 2, mem),
		.name = db_str_dup(q, 3, mem),
		.sm3 = db_str_dup(q, 4, mem),
		.size_bytes = db_i64(q, 5),
		.placeholders = db_str_dup(q, 6, mem),
		.is_default = db_bool(q, 7),
		.account_id = db_i64(q, 8),
		.created_ms = db_i64(q, 9) };
}

enum err_code store_template_get(struct db *db, int64_t id, struct arena *mem, struct template_row *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_TEMPLATE_BY_ID, &q, err));
	db_bind_i64(q, 1, id);
	TRY(db_step(q, &row, err));
	if (!row)
		return err_set(err, ERR_NOT_FOUND, "没有这个模板");
	*ret = read_template(q, mem);
	return ERR_OK;
}

enum err_code store_template_find(struct db *db, int64_t body_id, struct str kind, int64_t *ret_id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_TEMPLATE_DEFAULT, &q, err));
	db_bind_i64(q, 1, body_id);
	db_bind_str(q, 2, kind);
	TRY(db_step(q, &row, err));
	*ret_id = row ? db_i64(q, 0) : 0;
	return ERR_OK;
}

enum err_code store_templates(
	struct db *db, int64_t body_id, struct str kind, struct arena *mem, struct template_row **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	VEC(struct template_row) found = { 0 };
	bool row = true, fits = true;
	enum err_code code = ERR_OK;

	TRY(db_prepare(db, &SQL_TEMPLATE_LIST, &q, err));
	db_bind_i64(q, 1, body_id);
	db_bind_str(q, 2, text(kind));
	while (fits && (code = db_step(q, &row, err)) == ERR_OK && row)
		fits = vec_push(&found, read_template(q, mem));
	*ret = ARENA_NEW(mem, struct template_row, found.len + 1);
	if (*ret && found.len > 0)
		memcpy(*ret, found.v, found.len * sizeof(**ret));
	*ret_count = found.len;
	vec_clear(&found);
	TRY(code);
	return fits && *ret ? ERR_OK : err_nomem(err);
}
