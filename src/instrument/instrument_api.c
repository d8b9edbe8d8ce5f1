/* Routes of documents, templates and the public check. POST /api/matters/{id}/instruments belongs to module matter, which asks its gate
 * before it calls instrument_draft. Township accounts reach the changing routes only to be told which article forbids it. */
#include <stdio.h>
#include <string.h>

#include "audit/audit.h"
#include "http/http.h"
#include "instrument/instrument_private.h"

static struct instrument_context context_of(struct request *req)
{
	return (struct instrument_context){ .db = req->db,
		.mem = req->mem,
		.ids = req->ids,
		.app = req->app,
		.who = &req->who,
		.now_ms = req->now_ms,
		.today = req->today };
}

/* ---- lists ---- */

struct list_query {
	struct str kind, state, q, after;
	int64_t matter, org, limit;
};
static const struct field list_fields[] = {
	F_STR(struct list_query, kind, .max = 40, .label = "文书种类"),
	F_STR(struct list_query, state, .one_of = "draft|submitted|approved|numbered|sealed|served|void", .label = "状态"),
	F_STR(struct list_query, q, .max = 100, .label = "标题、文号或主送机关"),
	F_STR(struct list_query, after, .max = 20, .label = "上一页的 next"),
	F_ID(struct list_query, matter, .label = "监督事项"),
	F_ID(struct list_query, org, .label = "被监督机关"),
	F_I64(struct list_query, limit, .min = 1, .max = 200, .label = "条数"),
	{ 0 },
};

static enum err_code instruments_get(struct request *req, struct response *res, struct err *err)
{
	const struct list_query *in = req->query;
	struct store_query query = { .scope_path = req->who.scope_path,
		.government_only = !actor_has(&req->who, ROLE_BODY),
		.matter_id = in->matter,
		.org_id = in->org,
		.kind = in->kind,
		.state = in->state,
		.q = in->q,
		.limit = in->limit > 0 ? (int)in->limit : 50 };
	struct instrument_store_row *rows;
	size_t count;

	if (in->after.len > 0 && (!str_to_i64(in->after, &query.before_id) || query.before_id < 1))
		return err_set(err, ERR_INPUT, "after 不是上一页给出的值");
	TRY(store_list(req->db, req->app->instruments, &query, req->mem, &rows, &count, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < count; i++)
		instrument_row_json(&rows[i].in, res->json);
	json_arr_end(res->json);
	json_key(res->json, "next");
	json_id(res->json, count == (size_t)query.limit ? rows[count - 1].in.id : 0);
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code kinds_get(struct request *req, struct response *res, struct err *err)
{
	size_t count;
	const struct instrument_kind *kinds = instrument_kinds(req->app->instruments, &count);

	(void)err;
	json_arr(res->json);
	for (size_t i = 0; i < count; i++)
		instrument_kind_json(&kinds[i], res->json);
	json_arr_end(res->json);
	return ERR_OK;
}

/* ---- one document ---- */

/** A government's approver sees the documents of matters that were put before the government. */
static enum err_code readable(struct request *req, struct instrument_context *ctx, struct instrument *ret, struct err *err)
{
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(instrument_get(ctx, id, ret, err));
	if (!actor_has(ctx->who, ROLE_BODY)) {
		struct store_query query = {
			.matter_id = ret->matter_id, .scope_path = ctx->who->scope_path, .government_only = true, .limit = 1
		};
		struct instrument_store_row *rows;
		size_t count;

		TRY(store_list(ctx->db, req->app->instruments, &query, ctx->mem, &rows, &count, err));
		if (count == 0)
			return err_set(err, ERR_NOT_FOUND, "没有这份文书");
	}
	return ERR_OK;
}

/** Whoever may read documents learns of no other one by trying to change it. Others are refused whatever it is. */
static enum err_code exists_for(struct request *req, struct instrument_context *ctx, struct err *err)
{
	struct instrument in;

	return actor_has(&req->who, ROLE_OFFICE) ? readable(req, ctx, &in, err) : ERR_OK;
}

static enum err_code answer(struct request *req, struct response *res, int64_t id, struct err *err)
{
	struct instrument_context ctx = context_of(req);
	struct instrument in;

	TRY(instrument_get(&ctx, id, &in, err));
	return instrument_json(&ctx, &in, res->json, err);
}

static enum err_code instrument_get_one(struct request *req, struct response *res, struct err *err)
{
	struct instrument_context ctx = context_of(req);
	struct instrument in;

	TRY(readable(req, &ctx, &in, err));
	return instrument_json(&ctx, &in, res->json, err);
}

struct edit_form {
	struct str fields;
	int64_t version, template_id;
	bool own_layout;
	struct id_list attachments;
};
static const struct field edit_fields[] = {
	F_JSON(struct edit_form, fields, .label = "文书内容"),
	F_I64(struct edit_form, version, .min = 0, .max = INT64_MAX, .label = "所见版本"),
	F_ID(struct edit_form, template_id, .label = "单位模板"),
	F_BOOL(struct edit_form, own_layout, .label = "不用单位模板"),
	F_IDS(struct edit_form, attachments, .max = 20, .label = "附件"),
	{ 0 },
};

static enum err_code instrument_put(struct request *req, struct response *res, struct err *err)
{
	const struct edit_form *form = req->body;
	struct instrument_context ctx = context_of(req);
	struct instrument_edit edit = { .fields = form->fields,
		.expected_version = form->version,
		.template_id = form->own_layout        ? 0
		               : form->template_id > 0 ? form->template_id
		                                       : -1,
		.annexes = form->attachments.v,
		.annex_count = form->attachments.count };
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(exists_for(req, &ctx, err));
	TRY(instrument_edit(&ctx, id, &edit, err));
	return answer(req, res, id, err);
}

struct step_form {
	struct str decision, opinion, gov_approval_no, number, served_to, served_how, reason;
	int32_t gov_approved_on, issued_on, served_on;
	int64_t file_id;
};
static const struct field step_fields[] = {
	F_STR(struct step_form, decision, .one_of = "approve|return", .label = "审批结果"),
	F_STR(struct step_form, opinion, .max = 500, .label = "意见"),
	F_STR(struct step_form, gov_approval_no, .max = 100, .label = "政府批准文号"),
	F_DAY(struct step_form, gov_approved_on, .label = "批准日期"),
	F_STR(struct step_form, number, .max = 100, .label = "文号"),
	F_DAY(struct step_form, issued_on, .label = "成文日期"),
	F_ID(struct step_form, file_id, .label = "用印件"),
	F_DAY(struct step_form, served_on, .label = "送达日期"),
	F_STR(struct step_form, served_to, .max = 60, .label = "签收人"),
	F_STR(struct step_form, served_how, .one_of = "直接送达|电子送达|邮寄送达|转交送达", .label = "送达方式"),
	F_STR(struct step_form, reason, .max = 500, .label = "理由"),
	{ 0 },
};

static bool action_parse(struct str slug, enum instrument_action *ret)
{
	for (int a = INSTRUMENT_ACT_SUBMIT; a < INSTRUMENT_ACTION_COUNT; a++)
		if (str_eq(slug, str_of(instrument_action_slug((enum instrument_action)a)))) {
			*ret = (enum instrument_action)a;
			return true;
		}
	return false;
}

static enum err_code action_post(struct request *req, struct response *res, struct err *err)
{
	const struct step_form *form = req->body;
	struct instrument_context ctx = context_of(req);
	struct instrument_step step = { .opinion = form->opinion,
		.gov_approval_no = form->gov_approval_no,
		.gov_approved_on = form->gov_approved_on,
		.number = form->number,
		.issued_on = form->issued_on,
		.file_id = form->file_id,
		.served_on = form->served_on,
		.served_to = form->served_to,
		.served_how = form->served_how,
		.reason = form->reason };
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	if (!action_parse(request_segment(req, "action"), &step.action))
		return err_set(err, ERR_NOT_FOUND, "没有这个操作");
	if (step.action == INSTRUMENT_ACT_APPROVE && str_eq(form->decision, STR("return")))
		step.action = INSTRUMENT_ACT_RETURN;
	TRY(exists_for(req, &ctx, err));
	TRY(instrument_act(&ctx, id, &step, err));
	return answer(req, res, id, err);
}

static enum err_code preview_get(struct request *req, struct response *res, struct err *err)
{
	struct instrument_context ctx = context_of(req);
	struct instrument in;

	TRY(readable(req, &ctx, &in, err));
	TRY(instrument_render(&ctx, &in, INSTRUMENT_PDF, res->out, err));
	res->mime = STR("application/pdf");
	return ERR_OK;
}

struct file_query {
	struct str format;
};
static const struct field file_fields[] = {
	F_STR(struct file_query, format, .required = true, .one_of = "docx|pdf", .label = "格式"),
	{ 0 },
};

static enum err_code file_get(struct request *req, struct response *res, struct err *err)
{
	const struct file_query *query = req->query;
	bool docx = str_eq(query->format, STR("docx"));
	struct instrument_context ctx = context_of(req);
	struct instrument in;

	TRY(readable(req, &ctx, &in, err));
	TRY(instrument_render(&ctx, &in, docx ? INSTRUMENT_DOCX : INSTRUMENT_PDF, res->out, err));
	res->mime = docx ? STR("application/vnd.openxmlformats-officedocument.wordprocessingml.document") : STR("application/pdf");
	res->file_name = str_printf(req->mem, "%.*s%.*s.%.*s", STR_ARG(in.kind->short_title),
		STR_ARG(in.number.len > 0 ? in.number : STR("（草稿）")), STR_ARG(query->format));
	return ERR_OK;
}

/* ---- templates ---- */

struct template_query {
	struct str kind;
};
static const struct field template_fields[] = {
	F_STR(struct template_query, kind, .max = 40, .label = "文书种类"),
	{ 0 },
};

static void template_json(const struct instrument_set *set, const struct template_row *t, struct json *j)
{
	const struct instrument_kind *kind = instrument_kind_find(set, t->kind);

	json_obj(j);
	json_kid(j, "id", t->id);
	json_kstr(j, "kind", t->kind);
	json_kstr(j, "kind_title", kind ? kind->title : t->kind);
	json_kstr(j, "name", t->name);
	json_kstr(j, "placeholders", t->placeholders);
	json_ki64(j, "size", t->size_bytes);
	json_kstr(j, "sm3", t->sm3);
	json_kbool(j, "is_default", t->is_default);
	json_ktime(j, "created_at", t->created_ms);
	json_obj_end(j);
}

static enum err_code templates_get(struct request *req, struct response *res, struct err *err)
{
	const struct template_query *query = req->query;
	struct template_row *rows;
	size_t count;

	TRY(store_templates(req->db, req->who.org_id, query->kind, req->mem, &rows, &count, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < count; i++)
		template_json(req->app->instruments, &rows[i], res->json);
	json_arr_end(res->json);
	json_knull(res->json, "next");
	json_obj_end(res->json);
	return ERR_OK;
}

struct upload_query {
	struct str kind, name;
	bool is_default;
};
static const struct field upload_fields[] = {
	F_STR(struct upload_query, kind, .required = true, .max = 40, .label = "文书种类"),
	F_STR(struct upload_query, name, .required = true, .min = 1, .max = 100, .label = "模板名称"),
	F_BOOL(struct upload_query, is_default, .label = "设为默认"),
	{ 0 },
};

static enum err_code templates_post(struct request *req, struct response *res, struct err *err)
{
	const struct upload_query *query = req->query;
	struct instrument_context ctx = context_of(req);
	char *path = str_cstr(req->mem, req->upload->path);
	struct template_row row;
	int64_t id;

	if (!path)
		return err_nomem(err);
	TRY(template_upload(&ctx, query->kind, query->name, path, query->is_default, &id, err));
	TRY(store_template_get(req->db, id, req->mem, &row, err));
	res->status = 201;
	template_json(req->app->instruments, &row, res->json);
	return ERR_OK;
}

/** A template of the actor's own organisation. */
static enum err_code own_template(struct request *req, struct template_row *ret, struct err *err)
{
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(store_template_get(req->db, id, req->mem, ret, err));
	return ret->body_id == req->who.org_id ? ERR_OK : err_set(err, ERR_NOT_FOUND, "没有这个模板");
}

static enum err_code template_file_get(struct request *req, struct response *res, struct err *err)
{
	struct template_row t;
	char *path;

	TRY(own_template(req, &t, err));
	path = attachment_path(req->data_dir, t.sm3, req->mem);
	res->file_path = str_of(path);
	res->mime = STR("application/vnd.openxmlformats-officedocument.wordprocessingml.document");
	res->file_name = str_ends(t.name, STR(".docx")) ? t.name : str_printf(req->mem, "%.*s.docx", STR_ARG(t.name));
	return path ? ERR_OK : err_nomem(err);
}

struct template_form {
	bool is_default;
};
static const struct field template_put_fields[] = {
	F_BOOL(struct template_form, is_default, .required = true, .label = "设为默认"),
	{ 0 },
};

static enum err_code template_audit(struct request *req, struct str action, const struct template_row *t, const char *verb, struct err *err)
{
	struct audit_entry entry = { .action = action,
		.subject = STR("template"),
		.subject_id = t->id,
		.summary = str_printf(req->mem, "%s：%.*s", verb, STR_ARG(t->name)) };

	return audit_add(req->db, &req->who, req->now_ms, &entry, err);
}

static enum err_code template_put(struct request *req, struct response *res, struct err *err)
{
	const struct template_form *form = req->body;
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct template_row t;

	TRY(db_begin(req->db, &tx, err));
	TRY(own_template(req, &t, err));
	TRY(store_template_default(req->db, t.body_id, t.kind, form->is_default ? t.id : 0, err));
	TRY(template_audit(req, STR("template.default"), &t, form->is_default ? "设为默认模板" : "不再作默认模板", err));
	TRY(db_commit(&tx, err));
	TRY(own_template(req, &t, err));
	template_json(req->app->instruments, &t, res->json);
	return ERR_OK;
}

static enum err_code template_delete(struct request *req, struct response *res, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct template_row t;

	TRY(db_begin(req->db, &tx, err));
	TRY(own_template(req, &t, err));
	TRY(store_template_retire(req->db, t.id, req->now_ms, err));
	TRY(template_audit(req, STR("template.retire"), &t, "停用文书模板", err));
	TRY(db_commit(&tx, err));
	json_obj(res->json);
	json_obj_end(res->json);
	return ERR_OK;
}

/* ---- public check ---- */

struct check_query {
	struct str code;
};
static const struct field check_fields[] = {
	F_STR(struct check_query, code, .required = true, .min = 4, .max = 40, .label = "核验码"),
	{ 0 },
};

/** Upper case without blanks and hyphens. */
static struct str plain_code(struct str code, struct arena *mem)
{
	char text[40];
	size_t length = 0;

	for (size_t i = 0; i < code.len && length + 1 < sizeof(text); i++) {
		char c = code.ptr[i];

		if (c != ' ' && c != '-')
			text[length++] = (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
	}
	return str_dup(mem, (struct str){ .ptr = text, .len = length });
}

static enum err_code check_get(struct request *req, struct response *res, struct err *err)
{
	const struct check_query *query = req->query;
	struct instrument_store_row r;
	struct instrument_file *files;
	struct str sm3 = { 0 };
	size_t count = 0;
	bool found;

	if (!req->app->public_check)
		return err_set(err, ERR_NOT_FOUND, "本单位没有开通文书核验");
	TRY(store_by_check_code(req->db, req->app->instruments, plain_code(query->code, req->mem), req->mem, &r, &found, err));
	found = found && (r.in.state == INSTRUMENT_SEALED || r.in.state == INSTRUMENT_SERVED);
	if (found)
		TRY(store_files(req->db, r.in.id, req->mem, &files, &count, err));
	for (size_t i = 0; i < count; i++)
		if (str_eq(files[i].role, STR("sealed_copy")))
			sm3 = files[i].sm3;
	json_obj(res->json);
	json_kbool(res->json, "found", found);
	if (found) {
		json_kstr(res->json, "no", r.in.number);
		json_kstr(res->json, "issuer", r.in.issuer_name);
		json_kday(res->json, "issued_on", r.in.issued_on);
		json_kstr(res->json, "sm3", sm3);
	}
	json_obj_end(res->json);
	return ERR_OK;
}

/* The gate of 条例 6(2) answers a township account with the article, so it may knock at the changing routes. */
#define ROLE_CHANGE (ROLE_OFFICE | ROLE_TOWNSHIP)

static const struct route rows[] = {
	{ HTTP_GET, "/api/instruments", instruments_get, .roles = ROLE_OFFICE, .scope = SCOPE_ORG, .summary = "文书列表",
		ROUTE_QUERY(struct list_query, list_fields), .answers = "InstrumentPage" },
	{ HTTP_GET, "/api/instrument-kinds", kinds_get, .roles = ROLE_OFFICE, .scope = SCOPE_INSTALLATION, .summary = "文书种类和字段",
		.answers = "InstrumentKind[]" },
	{ HTTP_GET, "/api/instruments/{id}", instrument_get_one, .roles = ROLE_OFFICE, .scope = SCOPE_ORG, .summary = "文书详情",
		.answers = "Instrument" },
	{ HTTP_PUT, "/api/instruments/{id}", instrument_put, .roles = ROLE_CHANGE, .scope = SCOPE_ORG, .summary = "修改文书草稿",
		ROUTE_BODY(struct edit_form, edit_fields), .answers = "Instrument" },
	{ HTTP_POST, "/api/instruments/{id}/actions/{action}", action_post, .roles = ROLE_CHANGE, .scope = SCOPE_ORG,
		.summary = "文书流转：submit、approve、number、seal、serve、void", ROUTE_BODY(struct step_form, step_fields),
		.answers = "Instrument" },
	{ HTTP_GET, "/api/instruments/{id}/preview.pdf", preview_get, .roles = ROLE_OFFICE, .scope = SCOPE_ORG,
		.summary = "文书预览（PDF）", .answers = "application/pdf" },
	{ HTTP_GET, "/api/instruments/{id}/file", file_get, .roles = ROLE_OFFICE, .scope = SCOPE_ORG, .summary = "下载文书（DOCX、PDF）",
		ROUTE_QUERY(struct file_query, file_fields), .answers = "file" },
	{ HTTP_GET, "/api/templates", templates_get, .roles = ROLE_OFFICE, .scope = SCOPE_ORG, .summary = "本单位文书模板",
		ROUTE_QUERY(struct template_query, template_fields), .answers = "TemplatePage" },
	{ HTTP_POST, "/api/templates", templates_post, .roles = ROLE_SUPERVISOR | ROLE_LEADER, .scope = SCOPE_ORG,
		.summary = "上传文书模板（DOCX）", ROUTE_QUERY(struct upload_query, upload_fields), .upload = true, .answers = "Template" },
	{ HTTP_GET, "/api/templates/{id}/file", template_file_get, .roles = ROLE_OFFICE, .scope = SCOPE_ORG, .summary = "下载文书模板",
		.answers = "file" },
	{ HTTP_PUT, "/api/templates/{id}", template_put, .roles = ROLE_SUPERVISOR | ROLE_LEADER, .scope = SCOPE_ORG,
		.summary = "设置默认模板", ROUTE_BODY(struct template_form, template_put_fields), .answers = "Template" },
	{ HTTP_DELETE, "/api/templates/{id}", template_delete, .roles = ROLE_SUPERVISOR | ROLE_LEADER, .scope = SCOPE_ORG,
		.summary = "停用文书模板", .answers = "{}" },
	{ HTTP_GET, "/api/public/check", check_get, .roles = ROLE_ANYONE, .scope = SCOPE_PUBLIC, .summary = "文书核验（默认不开通）",
		ROUTE_QUERY(struct check_query, check_fields), .answers = "{found, no, issuer, issued_on, sm3}" },
};
const struct route_table instrument_routes = { .rows = rows, .count = sizeof(rows) / sizeof(rows[0]), .tag = "instrument" };
