/* Routes that belong to the installation rather than to one noun: uploads, downloads, jobs, the audit trail, the one search box. */
#include <stdio.h>

#include "attachment/attachment.h"
#include "audit/audit.h"
#include "base/file.h"
#include "cli/serve.h"
#include "clue/clue.h"
#include "detect/detect.h"
#include "job/job.h"
#include "matter/matter.h"
#include "record/record.h"

/* ---- files ---- */

#define COPY_BYTES 65536

/** Streams the received file into the store. */
static enum err_code keep_upload(struct request *req, char sm3[static 65], int64_t *ret_size, struct err *err)
{
	CLEANUP(attachment_abandonp) struct attachment_writer *w = NULL;
	char *bytes = ARENA_NEW(req->mem, char, COPY_BYTES);
	FILE *file;
	size_t n;
	enum err_code code = ERR_OK;

	if (!bytes)
		return err_nomem(err);
	TRY(attachment_open(req->data_dir, &w, err));
	file = fopen(str_cstr(req->mem, req->upload->path), "r");
	if (!file)
		return err_set(err, ERR_IO, "上传的临时文件读不到");
	while (code == ERR_OK && (n = fread(bytes, 1, COPY_BYTES, file)) > 0)
		code = attachment_write(w, (struct str){ .ptr = bytes, .len = n }, err);
	fclose(file);
	TRY(code);
	return attachment_finish(&w, sm3, ret_size, err);
}

static enum err_code file_post(struct request *req, struct response *res, struct err *err)
{
	struct attachment a = {
		.name = req->upload->name, .mime = req->upload->mime, .account_id = req->who.account_id, .subject = STR("upload")
	};
	char sm3[65];

	TRY(keep_upload(req, sm3, &a.size_bytes, err));
	a.sm3 = str_of(sm3);
	TRY(attachment_add(req->db, req->ids, req->now_ms, &a, err));
	res->status = 201;
	json_obj(res->json);
	json_kid(res->json, "id", a.id);
	json_kstr(res->json, "name", a.name);
	json_ki64(res->json, "size", a.size_bytes);
	json_kstr(res->json, "sm3", a.sm3);
	json_obj_end(res->json);
	return ERR_OK;
}

/** Whether the caller may have this file: its own unclaimed upload, or what its subject's module says. */
static enum err_code may_read(struct request *req, const struct attachment *a, bool *ret_may, struct err *err)
{
	*ret_may = false;
	if (str_eq(a->subject, STR("upload")))
		*ret_may = a->account_id == req->who.account_id;
	else if (a->sealed && actor_is_agency(&req->who))
		*ret_may = false;
	else if (str_eq(a->subject, STR("clue")))
		return clue_may_read(req->db, &req->who, a->subject_id, ret_may, err);
	else if (str_eq(a->subject, STR("finding_contest")))
		return contest_may_read(req->db, &req->who, a->subject_id, ret_may, err);
	else if (str_eq(a->subject, STR("matter")) || str_eq(a->subject, STR("reply")) || str_eq(a->subject, STR("instrument")))
		return matter_may_read_file(req->db, &req->who, a, ret_may, err);
	return ERR_OK;
}

static enum err_code file_get(struct request *req, struct response *res, struct err *err)
{
	struct attachment a;
	int64_t id;
	char *path;
	bool may;

	TRY(request_id(req, "id", &id, err));
	TRY(attachment_get(req->db, id, req->mem, &a, err));
	TRY(may_read(req, &a, &may, err));
	if (!may)
		return err_set(err, ERR_NOT_FOUND, "没有这个附件");
	path = attachment_path(req->data_dir, a.sm3, req->mem);
	if (!path)
		return err_set(err, ERR_CORRUPT, "附件 %.*s 的散列值不合规", STR_ARG(a.name));
	res->file_path = str_of(path);
	res->file_name = a.name;
	res->mime = STR("application/octet-stream"); /* never what the uploader claimed: no browser runs it in our origin */
	return ERR_OK;
}

/* ---- jobs ---- */

static enum err_code job_get_route(struct request *req, struct response *res, struct err *err)
{
	struct job job;
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(job_get(req->db, id, req->mem, &job, err));
	if (job.account_id != req->who.account_id && !actor_has(&req->who, ROLE_BODY))
		return err_set(err, ERR_NOT_FOUND, "没有这个任务");
	json_obj(res->json);
	json_kid(res->json, "id", job.id);
	json_kstr(res->json, "kind", job.kind);
	json_kputs(res->json, "state", job_state_slug(job.state));
	json_ki64(res->json, "done", job.done_count);
	json_ki64(res->json, "total", job.total_count);
	json_kstr(res->json, "error", job.error);
	json_key(res->json, "result");
	json_raw(res->json, job.result);
	json_ktime(res->json, "created_at", job.created_ms);
	json_ktime(res->json, "ended_at", job.ended_ms);
	json_obj_end(res->json);
	return ERR_OK;
}

/* ---- audit trail ---- */

struct audit_query {
	int64_t before, limit;
	struct str subject, action;
	int64_t subject_id;
};
static const struct field audit_fields[] = {
	F_I64(struct audit_query, before, .min = 0, .max = INT64_MAX, .label = "此序号之前"),
	F_I64(struct audit_query, limit, .min = 1, .max = 500, .label = "条数"),
	F_STR(struct audit_query, subject, .max = 40, .label = "对象"),
	F_STR(struct audit_query, action, .max = 60, .label = "动作前缀"),
	F_ID(struct audit_query, subject_id, .label = "对象编号"),
	{ 0 },
};

struct audit_list_state {
	struct json *j;
	int64_t last_seq;
	int count;
};

static enum err_code put_audit_row(const struct audit_row *row, void *arg)
{
	struct audit_list_state *state = arg;
	struct json *j = state->j;

	json_obj(j);
	json_ki64(j, "seq", row->seq);
	json_ktime(j, "at", row->at_ms);
	json_kid(j, "account_id", row->account_id);
	json_kstr(j, "account", row->account_name);
	json_kstr(j, "remote", row->remote);
	json_kstr(j, "action", row->action);
	json_kstr(j, "subject", row->subject);
	json_kid(j, "subject_id", row->subject_id);
	json_kstr(j, "summary", row->summary);
	json_kstr(j, "hash", row->hash);
	json_obj_end(j);
	state->last_seq = row->seq;
	state->count++;
	return ERR_OK;
}

static enum err_code audit_get(struct request *req, struct response *res, struct err *err)
{
	const struct audit_query *q = req->query;
	int limit = q->limit > 0 ? (int)q->limit : 100;
	struct audit_list_state state = { .j = res->json };

	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	TRY(audit_list(req->db, q->before, q->subject, q->subject_id, q->action, limit, put_audit_row, &state, err));
	json_arr_end(res->json);
	json_key(res->json, "next");
	if (state.count == limit)
		json_i64(res->json, state.last_seq);
	else
		json_none(res->json);
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code audit_verify_post(struct request *req, struct response *res, struct err *err)
{
	struct audit_report report;

	TRY(audit_verify(req->db, &report, err));
	json_obj(res->json);
	json_kbool(res->json, "intact", report.broken_seq == 0);
	json_ki64(res->json, "entries", report.entries);
	json_kputs(res->json, "head", report.head);
	json_key(res->json, "broken_seq");
	if (report.broken_seq > 0)
		json_i64(res->json, report.broken_seq);
	else
		json_none(res->json);
	json_kputs(res->json, "why", report.broken_seq > 0 ? report.broken_why : NULL);
	json_obj_end(res->json);
	return ERR_OK;
}

/* ---- search ---- */

struct search_query {
	struct str q;
};
static const struct field search_fields[] = {
	F_STR(struct search_query, q, .required = true, .min = 1, .max = 100, .label = "查找内容"),
	{ 0 },
};
#define SEARCH_HITS 40

static void put_hit(struct json *j, const char *kind, int64_t id, struct str title, struct str sub)
{
	json_obj(j);
	json_kputs(j, "kind", kind);
	json_kid(j, "id", id);
	json_kstr(j, "title", title);
	json_kstr(j, "sub", sub);
	json_obj_end(j);
}

static enum err_code search_get(struct request *req, struct response *res, struct err *err)
{
	const struct search_query *q = req->query;
	struct record_hit *records;
	struct matter_hit *matters;
	size_t record_hits = 0, matter_hits = 0;

	TRY(record_search(req->db, req->app->dictionary, &req->who, q->q, SEARCH_HITS, req->mem, &records, &record_hits, err));
	TRY(matter_search(req->db, &req->who, q->q, SEARCH_HITS, req->mem, &matters, &matter_hits, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < matter_hits; i++)
		put_hit(res->json, matters[i].kind, matters[i].id, matters[i].title, matters[i].sub);
	for (size_t i = 0; i < record_hits; i++)
		put_hit(res->json, str_cstr(req->mem, records[i].type->name), records[i].id, records[i].title, records[i].sub);
	json_arr_end(res->json);
	json_obj_end(res->json);
	return ERR_OK;
}

static const struct route rows[] = {
	{ HTTP_POST, "/api/files", file_post, .roles = ROLE_BODY | ROLE_TOWNSHIP | ROLE_LIAISON | ROLE_GOV_APPROVER, .scope = SCOPE_ACCOUNT,
		.upload = true, .summary = "上传一个文件，随后由线索、文书或回复取用" },
	{ HTTP_GET, "/api/files/{id}", file_get, .roles = ROLE_BODY | ROLE_TOWNSHIP | ROLE_LIAISON | ROLE_GOV_APPROVER, .scope = SCOPE_ORG,
		.summary = "下载附件" },
	{ HTTP_GET, "/api/jobs/{id}", job_get_route, .roles = ROLE_BODY | ROLE_TOWNSHIP, .scope = SCOPE_ACCOUNT,
		.summary = "后台任务的进度" },
	{ HTTP_GET, "/api/audit", audit_get, .roles = ROLE_AUDITOR | ROLE_SECADMIN, .scope = SCOPE_INSTALLATION,
		ROUTE_QUERY(struct audit_query, audit_fields), .summary = "留痕" },
	{ HTTP_POST, "/api/audit/verify", audit_verify_post, .roles = ROLE_AUDITOR | ROLE_SECADMIN, .scope = SCOPE_INSTALLATION,
		.summary = "核验留痕链" },
	{ HTTP_GET, "/api/search", search_get, .roles = ROLE_BODY | ROLE_GOV_APPROVER | ROLE_LIAISON | ROLE_TOWNSHIP, .scope = SCOPE_ORG,
		ROUTE_QUERY(struct search_query, search_fields), .summary = "全局查找" },
};
const struct route_table cli_routes = { .rows = rows, .count = sizeof(rows) / sizeof(rows[0]), .tag = "system" };
