/* Routes of imports: upload and recognise, settle the mapping, run as a job, undo, fetch what was rejected. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "attachment/attachment.h"
#include "audit/audit.h"
#include "record/api_private.h"
#include "record/import_private.h"

#define SAMPLE_ROWS 5
#define ERRORS_SHOWN 50
#define PAGE_DEFAULT 50

const struct field import_mapping_fields[] = {
	F_STR(struct import_mapping_body, mapping, .max = 100, .label = "映射"),
	F_STR(struct import_mapping_body, type, .max = 60, .label = "记录类型"),
	F_JSON(struct import_mapping_body, columns, .label = "列的对应关系"),
	F_STR(struct import_mapping_body, save_as, .max = 60, .label = "存为"),
	F_STR(struct import_mapping_body, sender, .max = 100, .label = "报送单位"),
	{ 0 },
};

static struct import_options options_of(const struct request *req)
{
	return (struct import_options){ .dictionary = req->app->dictionary,
		.mappings = req->app->mappings,
		.ids = req->ids,
		.data_dir = req->data_dir,
		.now_ms = req->now_ms };
}

/** The import of the path, when the actor's scope covers it. */
static enum err_code import_of(struct request *req, struct import *ret, struct err *err)
{
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(import_get(req->db, id, req->mem, ret, err));
	if (!actor_sees(&req->who, ret->scope_path) || (!actor_has(&req->who, ROLE_BODY) && ret->account_id != req->who.account_id))
		return err_set(err, ERR_NOT_FOUND, "没有这次导入");
	return ERR_OK;
}

/* ---- JSON ---- */

static void put_label(struct json *j, const char *key, const struct dictionary_label *label)
{
	json_key(j, key);
	json_obj(j);
	json_kstr(j, "zh", label->zh);
	json_kstr(j, "en", label->en);
	json_obj_end(j);
}

static void put_counts(struct json *j, const struct record_counts *c)
{
	json_key(j, "counts");
	json_obj(j);
	json_ki64(j, "read", c->read);
	json_ki64(j, "new", c->added);
	json_ki64(j, "changed", c->changed);
	json_ki64(j, "same", c->same);
	json_ki64(j, "older", c->older);
	json_ki64(j, "rejected", c->rejected);
	json_obj_end(j);
}

static void put_head(struct request *req, struct json *j, const struct import *i)
{
	const struct dictionary_type *t = dictionary_type(req->app->dictionary, i->type);

	json_kid(j, "id", i->id);
	json_kstr(j, "name", i->name);
	json_kputs(j, "state", import_state_slug(i->state));
	json_kstr(j, "type", i->type.len ? i->type : (struct str){ 0 });
	if (t)
		put_label(j, "type_label", &t->label);
	json_kstr(j, "mapping", i->mapping_name.len ? i->mapping_name : (struct str){ 0 });
	json_kstr(j, "sender", i->sender.len ? i->sender : (struct str){ 0 });
	json_key(j, "progress");
	json_obj(j);
	json_ki64(j, "done", i->done_bytes);
	json_ki64(j, "total", i->total_bytes);
	json_obj_end(j);
	put_counts(j, &i->counts);
	json_kid(j, "job_id", i->job_id);
	json_kid(j, "sweep_id", i->sweep_id);
	json_kstr(j, "error", i->error.len ? i->error : (struct str){ 0 });
	json_ktime(j, "created_at", i->created_ms);
	json_ktime(j, "ended_at", i->ended_ms);
	json_ktime(j, "undone_at", i->undone_ms);
}

static size_t header_of(const struct import *i, struct arena *mem, struct str **ret)
{
	json_t *array = json_loadb(i->header.ptr ? i->header.ptr : "[]", i->header.ptr ? i->header.len : 2, 0, NULL), *item;
	size_t k, count = json_array_size(array);

	*ret = ARENA_NEW(mem, struct str, count + 1);
	if (!*ret)
		count = 0;
	json_array_foreach(array, k, item) if (k < count)(*ret)[k] =
		str_dup(mem, (struct str){ .ptr = json_string_value(item), .len = json_string_length(item) });
	json_decref(array);
	return count;
}

static void put_texts(struct json *j, const struct str *texts, size_t count)
{
	json_arr(j);
	for (size_t k = 0; k < count; k++)
		json_str(j, texts[k].ptr ? texts[k] : STR(""));
	json_arr_end(j);
}

/** The first rows of the kept file; a file that cannot be opened any more has no sample. */
static void put_sample(struct request *req, struct json *j, const struct import *i, const struct mapping *m)
{
	CLEANUP(record_reader_closep) struct record_reader *r = NULL;
	CLEANUP(sheet_closep) struct sheet *s = NULL;
	struct sheet_options o = { .path = attachment_path(req->data_dir, i->sm3, req->mem), .name = i->name };
	struct sheet_row row;
	struct err ignored;

	(void)m;
	json_key(j, "sample");
	json_arr(j);
	if (i->sm3.len > 0 && o.path && sheet_open(&o, &s, &ignored) == ERR_OK) {
		for (int n = 0; n < SAMPLE_ROWS && sheet_next(s, &row, &ignored) == ERR_OK && row.kind != SHEET_ROW_END;) {
			if (row.kind != SHEET_ROW_DATA)
				continue;
			json_arr(j);
			for (size_t k = 0; k < row.cell_count; k++)
				json_str(j, row.cells[k].text.ptr ? row.cells[k].text : STR(""));
			json_arr_end(j);
			n++;
		}
	}
	json_arr_end(j);
}

static void put_mappings(struct request *req, struct json *j, const struct str *header, size_t count)
{
	const struct mapping_set *set = req->app->mappings;

	json_key(j, "mappings");
	json_arr(j);
	for (size_t k = 0; k < mapping_count(set); k++) {
		const struct mapping_info *info = mapping_info(mapping_at(set, k));

		json_obj(j);
		json_kstr(j, "name", info->name);
		put_label(j, "label", &info->label);
		json_kstr(j, "type", info->type->name);
		json_ki64(j, "score", mapping_score(mapping_at(set, k), header, count));
		json_obj_end(j);
	}
	json_arr_end(j);
}

/** The header of this file that a column takes, and how. */
static struct str header_for(const struct mapping *m, const struct dictionary_column *c, const struct str *header, size_t count,
	struct arena *mem, struct str *ret_unit, bool *ret_constant)
{
	*ret_unit = (struct str){ 0 };
	*ret_constant = false;
	for (size_t i = 0; m && i < m->column_count; i++) {
		const struct mapping_column *mc = &m->columns[i];

		if (mc->column != c)
			continue;
		*ret_constant = mc->is_constant;
		for (size_t k = 0; k < mc->from_count; k++) {
			for (size_t h = 0; h < count; h++) {
				struct str unit = mc->unit;

				if (header_matches(header_normalise(header[h], mem), &mc->from[k], c, &unit)) {
					*ret_unit = unit;
					return header[h];
				}
			}
		}
	}
	return (struct str){ 0 };
}

static void put_columns(struct request *req, struct json *j, const struct dictionary_type *t, const struct mapping *m,
	const struct str *header, size_t count)
{
	json_key(j, "columns");
	json_arr(j);
	for (size_t k = 0; t && k < t->column_count; k++) {
		struct str unit, from;
		bool constant;

		from = header_for(m, &t->columns[k], header, count, req->mem, &unit, &constant);
		json_obj(j);
		json_kstr(j, "name", t->columns[k].name);
		put_label(j, "label", &t->columns[k].label);
		json_kputs(j, "type", column_type_slug(t->columns[k].type));
		json_kbool(j, "required", t->columns[k].required);
		json_kstr(j, "from", from.len ? from : (struct str){ 0 });
		json_kstr(j, "unit", unit.len ? unit : t->columns[k].type == COLUMN_MONEY && from.len ? STR("元") : (struct str){ 0 });
		json_kbool(j, "constant", constant);
		json_obj_end(j);
	}
	json_arr_end(j);
}

static enum err_code put_errors(struct request *req, struct json *j, const struct import *i, struct err *err)
{
	struct import_reject rejects[ERRORS_SHOWN];
	size_t count;

	TRY(import_reject_list(req->db, i->id, -1, ERRORS_SHOWN, req->mem, rejects, &count, err));
	json_key(j, "errors");
	json_arr(j);
	for (size_t k = 0; k < count; k++) {
		json_obj(j);
		json_ki64(j, "line", rejects[k].line);
		json_kstr(j, "reason", rejects[k].reasons);
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

static enum err_code put_import(struct request *req, struct json *j, const struct import *i, struct err *err)
{
	const struct import_options o = options_of(req);
	const struct mapping *m = NULL;
	struct str *header;
	size_t count = header_of(i, req->mem, &header);

	if (import_mapping(&o, i, req->mem, &m, err) != ERR_OK)
		m = NULL; /* the mapping was removed since: the import still shows */
	json_obj(j);
	put_head(req, j, i);
	json_key(j, "header");
	put_texts(j, header, count);
	put_sample(req, j, i, m);
	put_mappings(req, j, header, count);
	put_columns(req, j, dictionary_type(req->app->dictionary, i->type), m, header, count);
	TRY(put_errors(req, j, i, err));
	json_obj_end(j);
	return ERR_OK;
}

/* ---- handlers ---- */

enum err_code imports_post(struct request *req, struct response *res, struct err *err)
{
	const struct import_options o = options_of(req);
	int64_t id;

	TRY(import_create(req->db, &o, &req->who, str_cstr(req->mem, req->upload->path), req->upload->name, &id, err));
	res->status = 201;
	json_obj(res->json);
	json_kid(res->json, "id", id);
	json_obj_end(res->json);
	return ERR_OK;
}

enum err_code imports_get(struct request *req, struct response *res, struct err *err)
{
	struct str after = request_param(req, "after"), limit_text = request_param(req, "limit");
	struct import *list;
	int64_t before = 0, limit = PAGE_DEFAULT;
	size_t count;

	if (after.len > 0 && !str_to_i64(after, &before))
		return err_set(err, ERR_INPUT, "after 不是上一页给出的值");
	if (limit_text.len > 0 && (!str_to_i64(limit_text, &limit) || limit < 1 || limit > 500))
		return err_set(err, ERR_INPUT, "limit 应为 1 到 500");
	TRY(import_list(req->db, &req->who, before, (int)limit, req->mem, &list, &count, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < count; i++) {
		json_obj(res->json);
		put_head(req, res->json, &list[i]);
		json_obj_end(res->json);
	}
	json_arr_end(res->json);
	json_kid(res->json, "next", count == (size_t)limit ? list[count - 1].id : 0);
	json_obj_end(res->json);
	return ERR_OK;
}

enum err_code import_get_route(struct request *req, struct response *res, struct err *err)
{
	struct import i;

	TRY(import_of(req, &i, err));
	return put_import(req, res->json, &i, err);
}

/** Choices that differ from the base mapping: {column: {from, unit?} or null}. */
static enum err_code read_choices(struct request *req, const struct dictionary_type *t, const struct mapping *base, struct str text,
	const struct str *header, size_t header_count, struct mapping_choice *choices, size_t *ret_count, struct err *err)
{
	json_t *root = json_loadb(text.ptr, text.len, 0, NULL), *value;
	const bool over_base = base && !base->info.native;
	enum err_code code = ERR_OK;
	const char *key;

	*ret_count = 0;
	if (!json_is_object(root)) {
		json_decref(root);
		return err_set(err, ERR_INPUT, "columns 应为 {列: {from: 表头, unit: 单位}}");
	}
	json_object_foreach(root, key, value)
	{
		const struct dictionary_column *c = dictionary_column(t, str_of(key));
		const char *from = json_is_string(value) ? json_string_value(value) : json_string_value(json_object_get(value, "from"));
		const char *unit = json_string_value(json_object_get(value, "unit"));
		struct str base_unit, base_from;
		bool constant;

		if (!c) {
			code = err_set(err, ERR_INPUT, "没有列“%s”", key);
			break;
		}
		base_from = header_for(base, c, header, header_count, req->mem, &base_unit, &constant);
		if (over_base && str_eq(str_of(from), base_from) && (!unit || str_eq(str_of(unit), base_unit.len ? base_unit : STR("元"))))
			continue; /* as the base has it, with its translations */
		if (over_base && !from && constant)
			continue;
		if (!over_base && !from)
			continue;
		choices[(*ret_count)++] = (struct mapping_choice){
			.column = c,
			.from = str_dup(req->mem, str_of(from)),
			.unit = c->type == COLUMN_MONEY ? str_dup(req->mem, str_of(unit)) : (struct str){ 0 },
		};
	}
	json_decref(root);
	return code;
}

static enum err_code compose(struct request *req, const struct import *i, const struct dictionary_type *t, const struct mapping *base,
	struct buf *out, struct err *err)
{
	const struct import_mapping_body *in = req->body;
	struct mapping_choice *choices = ARENA_NEW(req->mem, struct mapping_choice, t->column_count + 1);
	struct str *header, name = in->save_as.len ? in->save_as : str_printf(req->mem, "edited-%" PRId64, i->id);
	size_t header_count = header_of(i, req->mem, &header), count;

	if (!choices)
		return err_nomem(err);
	TRY(read_choices(req, t, base, in->columns.len ? in->columns : STR("{}"), header, header_count, choices, &count, err));
	return mapping_compose(t, name, base && !base->info.native ? base->info.name : (struct str){ 0 }, choices, count, out, err);
}

static enum err_code settle(
	struct request *req, const struct import *i, struct str type, struct str mapping, struct str text, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	const struct import_mapping_body *in = req->body;
	struct audit_entry entry = { .action = STR("import.mapping"), .subject = STR("import"), .subject_id = i->id };
	struct str *header;
	size_t count = header_of(i, req->mem, &header);

	entry.summary = str_printf(req->mem, "确定导入 %.*s 的列对应关系（%.*s）", STR_ARG(i->name), STR_ARG(mapping));
	TRY(db_begin(req->db, &tx, err));
	TRY(import_set_mapping(req->db, i->id, type, mapping, text, in->sender, err));
	if (in->save_as.len > 0 && text.len > 0) /* a native table is recognised by its labels and needs no saving */
		TRY(mapping_save(req->db, id_new(req->ids), in->save_as, type, in->sender, header_digest(header, count, req->mem), text,
			req->who.account_id, req->now_ms, err));
	TRY(audit_add(req->db, &req->who, req->now_ms, &entry, err));
	return db_commit(&tx, err);
}

enum err_code import_mapping_put(struct request *req, struct response *res, struct err *err)
{
	const struct import_mapping_body *in = req->body;
	CLEANUP(buf_clear) struct buf text;
	const struct dictionary_type *t;
	const struct mapping *base;
	struct mapping *edited;
	struct import i;

	buf_init(&text, 256u << 10);
	TRY(import_of(req, &i, err));
	if (i.state != IMPORT_RECOGNISED && i.state != IMPORT_FAILED)
		return err_set(err, ERR_STATE, "导入已开始，不能再改对应关系");
	base = in->mapping.len ? mapping_find(req->app->mappings, in->mapping) : mapping_find(req->app->mappings, i.mapping_name);
	if (in->mapping.len > 0 && !base)
		return err_set(err, ERR_INPUT, "没有映射“%.*s”", STR_ARG(in->mapping));
	t = dictionary_type(req->app->dictionary, in->type.len ? in->type : base ? base->info.type->name : i.type);
	if (!t)
		return err_set(err, ERR_INPUT, "请选择记录类型");
	if (base && base->info.type != t)
		base = NULL;
	if (in->columns.len > 0 || (in->save_as.len > 0 && base && !base->info.native)) {
		TRY(compose(req, &i, t, base, &text, err));
		TRY(mapping_parse(buf_str(&text), "映射", req->app->dictionary, req->app->mappings, req->mem, &edited, err));
		TRY(settle(req, &i, t->name, edited->info.name, buf_str(&text), err));
	} else {
		if (!base)
			base = mapping_find(req->app->mappings, str_printf(req->mem, MAPPING_NATIVE_PREFIX "%.*s", STR_ARG(t->name)));
		TRY(settle(req, &i, t->name, base->info.name, (struct str){ 0 }, err));
	}
	TRY(import_get(req->db, i.id, req->mem, &i, err));
	return put_import(req, res->json, &i, err);
}

enum err_code import_run_post(struct request *req, struct response *res, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct audit_entry entry = { .action = STR("import.queue"), .subject = STR("import") };
	struct import i;
	int64_t job_id;

	TRY(import_of(req, &i, err));
	if (i.state != IMPORT_RECOGNISED && i.state != IMPORT_FAILED)
		return err_set(err, ERR_STATE, "这次导入已经%s", i.state == IMPORT_UNDONE ? "撤销" : "开始");
	if (i.type.len == 0)
		return err_set(err, ERR_STATE, "还没有确定记录类型和对应关系");
	entry.subject_id = i.id;
	entry.summary = str_printf(req->mem, "开始导入 %.*s", STR_ARG(i.name));
	TRY(db_begin(req->db, &tx, err));
	TRY(job_add(req->db, req->ids, str_of(import_job.kind), str_printf(req->mem, "{\"import_id\":\"%" PRId64 "\"}", i.id),
		req->who.account_id, req->now_ms, &job_id, err));
	TRY(import_set_job(req->db, i.id, job_id, err));
	TRY(audit_add(req->db, &req->who, req->now_ms, &entry, err));
	TRY(db_commit(&tx, err));
	json_obj(res->json);
	json_kid(res->json, "job_id", job_id);
	json_obj_end(res->json);
	return ERR_OK;
}

enum err_code import_undo_post(struct request *req, struct response *res, struct err *err)
{
	const struct import_options o = options_of(req);
	struct import i;
	int64_t sweep_job_id;

	TRY(import_of(req, &i, err));
	TRY(import_undo(req->db, &o, &req->who, i.id, err));
	TRY(job_add(req->db, req->ids, STR("sweep"), STR("{}"), req->who.account_id, req->now_ms, &sweep_job_id,
		err)); /* what it had found goes with it */
	TRY(import_get(req->db, i.id, req->mem, &i, err));
	return put_import(req, res->json, &i, err);
}

enum err_code import_rejects_get(struct request *req, struct response *res, struct err *err)
{
	struct str format = request_param(req, "format");
	enum sheet_format f = str_eq(format, STR("csv")) ? SHEET_CSV : SHEET_XLSX;
	struct import i;

	TRY(import_of(req, &i, err));
	TRY(import_rejects_to_buf(req->db, i.id, f, res->out, err));
	res->mime = STR("application/octet-stream");
	res->file_name = str_printf(req->mem, "退回的行-%.*s.%s", STR_ARG(i.name), sheet_format_name(f));
	return ERR_OK;
}
