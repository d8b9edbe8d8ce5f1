/* Routes of briefs. A brief belongs to the account that made it: its figures are those of that account's scope. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "attachment/attachment.h"
#include "audit/audit.h"
#include "brief/brief.h"
#include "brief_sql.h"
#include "org/org.h"

#define DOCX_BYTES_MAX (16u << 20)

struct brief_body {
	struct str type, title, filters;
	int32_t from, to;
};
static const struct field brief_fields[] = {
	F_STR(struct brief_body, type, .required = true, .max = 41, .label = "记录类型"),
	F_STR(struct brief_body, title, .max = 100, .label = "标题"),
	F_JSON(struct brief_body, filters, .label = "筛选条件"),
	F_DAY(struct brief_body, from, .label = "起始日期"),
	F_DAY(struct brief_body, to, .label = "截止日期"),
	{ 0 },
};

/** "处罚程序=simple" for the definition: the column's label and what was chosen. */
static void put_words(const struct dictionary_type *t, struct str name, struct str value, struct buf *out)
{
	static const struct {
		const char *suffix, *word;
	} forms[] = { { "_from", "不早于" }, { "_to", "不晚于" }, { "", "为" } };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct str suffix = str_of(forms[i].suffix);
		const struct dictionary_column *c =
			str_ends(name, suffix) ? dictionary_column(t, str_sub(name, 0, name.len - suffix.len)) : NULL;
		int code = c ? dictionary_code(c, value) : -1;

		if (!c)
			continue;
		buf_printf(out, "%s%.*s%s%.*s", out->len ? "，" : "", STR_ARG(c->label.zh), forms[i].word,
			STR_ARG(code >= 0 ? c->codes[code].label.zh : value));
		return;
	}
}

/** One member of the filters object into the query and its words. */
static enum err_code take_filter(
	struct request *req, struct brief_options *o, struct str name, struct str value, struct buf *words, struct err *err)
{
	bool is_column;

	if (value.len == 0)
		return ERR_OK;
	if (str_eq(name, STR("q"))) {
		o->query.q = str_dup(req->mem, value);
		buf_printf(words, "%s含“%.*s”", words->len ? "，" : "", STR_ARG(value));
		return ERR_OK;
	}
	if (str_eq(name, STR("agency"))) {
		struct org org;

		if (!str_to_i64(value, &o->query.agency_org_id))
			return err_set(err, ERR_INPUT, "agency 不是单位编号");
		TRY(org_get_in_scope(req->db, &req->who, o->query.agency_org_id, req->mem, &org, err));
		buf_printf(words, "%s机关为%.*s", words->len ? "，" : "", STR_ARG(org.name));
		return ERR_OK;
	}
	TRY(record_query_param(&o->query, str_dup(req->mem, name), str_dup(req->mem, value), req->mem, &is_column, err));
	if (!is_column)
		return err_set(err, ERR_INPUT, "筛选条件 %.*s 不是这类记录的字段", STR_ARG(name));
	put_words(o->query.type, name, value, words);
	return ERR_OK;
}

static enum err_code take_filters(struct request *req, struct brief_options *o, struct str text, struct buf *words, struct err *err)
{
	json_t *filters;
	const char *name;
	json_t *value;
	enum err_code code = ERR_OK;

	if (text.len == 0)
		return ERR_OK;
	filters = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(filters)) {
		json_decref(filters);
		return err_set(err, ERR_INPUT, "filters 应为一个对象，如 {\"procedure\":\"simple\"}");
	}
	json_object_foreach(filters, name, value)
	{
		if (!json_is_string(value))
			code = err_set(err, ERR_INPUT, "筛选条件 %s 的值应为文字", name);
		if (code == ERR_OK)
			code = take_filter(req, o, str_of(name),
				(struct str){ .ptr = json_string_value(value), .len = json_string_length(value) }, words, err);
	}
	json_decref(filters);
	return code;
}

/** Writes the bytes into the store and adds the rows. */
static enum err_code keep(
	struct request *req, const struct brief_body *in, struct str title, const struct buf *docx, int64_t *ret_id, struct err *err)
{
	CLEANUP(attachment_abandonp) struct attachment_writer *w = NULL;
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct attachment a = { .name = str_printf(req->mem, "%.*s.docx", STR_ARG(title)),
		.account_id = req->who.account_id,
		.subject = STR("brief"),
		.mime = STR("application/vnd.openxmlformats-officedocument.wordprocessingml.document") };
	char sm3[65];

	TRY(attachment_open(req->data_dir, &w, err));
	TRY(attachment_write(w, buf_str(docx), err));
	TRY(attachment_finish(&w, sm3, &a.size_bytes, err));
	a.sm3 = str_of(sm3);
	*ret_id = a.subject_id = id_new(req->ids);
	TRY(db_begin(req->db, &tx, err));
	TRY(attachment_add(req->db, req->ids, req->now_ms, &a, err));
	TRY(db_prepare(req->db, &SQL_BRIEF_INSERT, &q, err));
	db_bind_i64(q, 1, *ret_id);
	db_bind_str(q, 2, title);
	db_bind_str(q, 3, in->type);
	db_bind_str(q, 4, in->filters.ptr ? in->filters : STR("{}"));
	db_bind_i64(q, 5, a.id);
	db_bind_id(q, 6, req->who.account_id);
	db_bind_str(q, 7, req->who.name);
	db_bind_str(q, 8, req->who.scope_path.ptr ? req->who.scope_path : STR(""));
	db_bind_i64(q, 9, req->now_ms);
	TRY(db_run(q, NULL, err));
	TRY(audit_add(req->db, &req->who, req->now_ms,
		&(struct audit_entry){
			.action = STR("brief.make"), .subject = STR("brief"), .subject_id = *ret_id, .summary = STR("生成简报") },
		err));
	return db_commit(&tx, err);
}

static enum err_code briefs_post(struct request *req, struct response *res, struct err *err)
{
	const struct brief_body *in = req->body;
	struct brief_options o = { .app = req->app,
		.who = &req->who,
		.title = in->title,
		.from = in->from,
		.to = in->to,
		.today = req->today,
		.now_ms = req->now_ms };
	struct document *d = NULL;
	struct buf words, docx;
	int64_t id = 0;
	enum err_code code;

	o.query.type = dictionary_type(req->app->dictionary, in->type);
	o.query.who = &req->who;
	o.query.today = req->today;
	if (!o.query.type)
		return err_set(err, ERR_INPUT, "没有记录类型 %.*s", STR_ARG(in->type));
	buf_init(&words, 1 << 16);
	buf_init(&docx, DOCX_BYTES_MAX);
	code = take_filters(req, &o, in->filters, &words, err);
	o.filter_words = buf_str(&words);
	if (code == ERR_OK)
		code = brief_make(req->db, &o, req->mem, &d, err);
	if (code == ERR_OK)
		code = document_docx(d, &docx, err);
	if (code == ERR_OK)
		code = keep(req, in, d->title, &docx, &id, err);
	if (code == ERR_OK) {
		res->status = 201;
		json_obj(res->json);
		json_kid(res->json, "id", id);
		json_kstr(res->json, "title", d->title);
		json_obj_end(res->json);
	}
	buf_clear(&words);
	buf_clear(&docx);
	return code;
}

struct page_query {
	struct str after;
	int64_t limit;
};
static const struct field page_fields[] = {
	F_STR(struct page_query, after, .max = 24, .label = "上一页末尾"),
	F_I64(struct page_query, limit, .min = 1, .max = 200, .label = "条数"),
	{ 0 },
};

static enum err_code briefs_get(struct request *req, struct response *res, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	const struct page_query *in = req->query;
	int64_t limit = in->limit > 0 ? in->limit : 50, before = INT64_MAX, last = 0, count = 0;
	bool row;

	if (in->after.len && !str_to_i64(in->after, &before))
		return err_set(err, ERR_INPUT, "after 不是上一页给出的值");
	TRY(db_prepare(req->db, &SQL_BRIEF_OF_ACCOUNT, &q, err));
	db_bind_i64(q, 1, req->who.account_id);
	db_bind_i64(q, 2, before);
	db_bind_i64(q, 3, limit);
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	TRY(db_step(q, &row, err));
	while (row) {
		last = db_i64(q, 0);
		count++;
		json_obj(res->json);
		json_kid(res->json, "id", last);
		json_kstr(res->json, "title", db_str(q, 1));
		json_kstr(res->json, "type", db_str(q, 2));
		json_key(res->json, "filters");
		json_raw(res->json, db_str(q, 3));
		json_ktime(res->json, "created_at", db_i64(q, 5));
		json_obj_end(res->json);
		TRY(db_step(q, &row, err));
	}
	json_arr_end(res->json);
	json_key(res->json, "next");
	json_id(res->json, count == limit ? last : 0);
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code brief_file(struct request *req, struct response *res, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct attachment a;
	int64_t id;
	char *path;
	bool row;

	TRY(request_id(req, "id", &id, err));
	TRY(db_prepare(req->db, &SQL_BRIEF_BY_ID, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_i64(q, 2, req->who.account_id);
	TRY(db_step(q, &row, err));
	if (!row)
		return err_set(err, ERR_NOT_FOUND, "没有这份简报");
	TRY(attachment_get(req->db, db_i64(q, 1), req->mem, &a, err));
	path = attachment_path(req->data_dir, a.sm3, req->mem);
	if (!path)
		return err_set(err, ERR_CORRUPT, "简报文件的散列值不合规");
	res->file_path = str_of(path);
	res->file_name = a.name;
	res->mime = a.mime;
	return ERR_OK;
}

static const struct route rows[] = {
	{ HTTP_POST, "/api/briefs", briefs_post, .roles = ROLE_BODY, .scope = SCOPE_ORG, ROUTE_BODY(struct brief_body, brief_fields),
		.summary = "生成一页简报" },
	{ HTTP_GET, "/api/briefs", briefs_get, .roles = ROLE_BODY, .scope = SCOPE_ACCOUNT, ROUTE_QUERY(struct page_query, page_fields),
		.summary = "本人生成的简报" },
	{ HTTP_GET, "/api/briefs/{id}/file", brief_file, .roles = ROLE_BODY, .scope = SCOPE_ACCOUNT, .summary = "下载简报" },
};
const struct route_table brief_routes = { .rows = rows, .count = sizeof(rows) / sizeof(rows[0]), .tag = "brief" };
