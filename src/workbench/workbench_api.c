/* Routes of the workbench. Supervisors and leaders edit and try; a leader or a reviewer who is not the author decides. */
#include <stdlib.h>

#include "job/job.h"
#include "workbench/workbench_private.h"

#define EDITORS (ROLE_SUPERVISOR | ROLE_LEADER)
#define DECIDERS (ROLE_LEADER | ROLE_REVIEWER)
#define TEXT_MAX 60000 /* characters of a rule file */

/* ---- what a rule may name ---- */

static void put_columns(struct json *j, const struct dictionary_column *columns, size_t count)
{
	json_key(j, "columns");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		json_obj(j);
		json_kstr(j, "name", columns[i].name);
		json_kstr(j, "label", columns[i].label.zh);
		json_kputs(j, "type", column_type_slug(columns[i].type));
		json_key(j, "codes");
		json_arr(j);
		for (size_t k = 0; k < columns[i].code_count; k++) {
			json_obj(j);
			json_kstr(j, "code", columns[i].codes[k].code);
			json_kstr(j, "title", columns[i].codes[k].label.zh);
			json_obj_end(j);
		}
		json_arr_end(j);
		json_obj_end(j);
	}
	json_arr_end(j);
}

static void put_references(struct json *j, const struct dictionary_reference *references, size_t count)
{
	json_key(j, "references");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		json_obj(j);
		json_kstr(j, "name", references[i].name);
		json_kstr(j, "type", references[i].type->name);
		json_kstr(j, "label", references[i].type->label.zh);
		json_obj_end(j);
	}
	json_arr_end(j);
}

static void put_type(struct json *j, const struct dictionary_type *t)
{
	json_obj(j);
	json_kstr(j, "name", t->name);
	json_kstr(j, "label", t->label.zh);
	put_columns(j, t->columns, t->column_count);
	put_references(j, t->references, t->reference_count);
	json_key(j, "children");
	json_arr(j);
	for (size_t i = 0; i < t->child_count; i++) {
		json_obj(j);
		json_kstr(j, "name", t->children[i].name);
		json_kstr(j, "label", t->children[i].label.zh);
		put_columns(j, t->children[i].columns, t->children[i].column_count);
		put_references(j, t->children[i].references, t->children[i].reference_count);
		json_obj_end(j);
	}
	json_arr_end(j);
	json_obj_end(j);
}

static enum err_code vocabulary_get(struct request *req, struct response *res, struct err *err)
{
	const struct dictionary *d = req->app->dictionary;
	struct str name, usage;

	(void)err;
	json_obj(res->json);
	json_key(res->json, "types");
	json_arr(res->json);
	for (size_t i = 0; i < d->type_count; i++)
		put_type(res->json, &d->types[i]);
	json_arr_end(res->json);
	json_key(res->json, "functions");
	json_arr(res->json);
	for (size_t i = 0; rule_function(i, &name, &usage); i++) {
		json_obj(res->json);
		json_kstr(res->json, "name", name);
		json_kstr(res->json, "usage", usage);
		json_obj_end(res->json);
	}
	json_arr_end(res->json);
	json_obj_end(res->json);
	return ERR_OK;
}

/* ---- checking, trying, explaining ---- */

struct text_body {
	struct str text;
};
static const struct field text_fields[] = {
	F_STR(struct text_body, text, .required = true, .max = TEXT_MAX, .label = "规则"),
	{ 0 },
};

static void put_report(struct request *req, const struct workbench_report *r, struct json *j)
{
	bool fatal = false;

	json_key(j, "problems");
	json_arr(j);
	for (size_t i = 0; i < r->problem_count; i++) {
		json_obj(j);
		json_ki64(j, "line", r->problems[i].line);
		json_ki64(j, "column", r->problems[i].column);
		json_kstr(j, "text", r->problems[i].text);
		json_kbool(j, "fatal", r->problems[i].fatal);
		json_obj_end(j);
		fatal |= r->problems[i].fatal;
	}
	json_arr_end(j);
	json_kbool(j, "compiles", r->rule != NULL);
	json_kbool(j, "ready", r->rule && !fatal);
	json_key(j, "rule");
	if (r->rule) {
		json_obj(j);
		rule_json(r->rule, req->app->law, j);
		json_obj_end(j);
	} else {
		json_none(j);
	}
	json_key(j, "tests");
	json_obj(j);
	json_ki64(j, "passed", r->tests.passed);
	json_ki64(j, "failed", r->tests.failed);
	json_ki64(j, "missing", r->tests.missing);
	json_obj_end(j);
}

static enum err_code check_post(struct request *req, struct response *res, struct err *err)
{
	const struct text_body *in = req->body;
	CLEANUP(workbench_report_clear) struct workbench_report report = { 0 };

	TRY(workbench_refresh(req->app->workbench, req->app, req->db, err));
	TRY(workbench_check(req->app, in->text, req->today, req->mem, &report, err));
	json_obj(res->json);
	put_report(req, &report, res->json);
	json_obj_end(res->json);
	return ERR_OK;
}

/** The text as a rule; ERR_INPUT with the first mistake when it is none. */
static enum err_code need_rule(struct request *req, struct str text, struct rule_pack **ret, struct err *err)
{
	struct rule_options o = {
		.assets = req->app->assets, .dictionary = req->app->dictionary, .calendar = req->app->calendar, .law = req->app->law
	};
	enum err_code code = rule_pack_parse(&o, STR("rule.yaml"), text, ret, err);

	return code == ERR_SYNTAX ? err_set(err, ERR_INPUT, "%s", err->msg) : code;
}

static enum err_code try_text(struct request *req, struct str text, struct workbench_trial *ret, struct err *err)
{
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	const struct rule *draft;

	TRY(workbench_refresh(req->app->workbench, req->app, req->db, err));
	TRY(need_rule(req, text, &pack, err));
	draft = rule_at(pack, 0);
	return workbench_try(
		req->app, req->db, &req->who, draft, pack, rule_find(req->app->rules, draft->id), req->today, req->mem, ret, err);
}

static enum err_code try_post(struct request *req, struct response *res, struct err *err)
{
	const struct text_body *in = req->body;
	struct workbench_trial trial;

	TRY(try_text(req, in->text, &trial, err));
	workbench_trial_json(&trial, res->json);
	return ERR_OK;
}

struct explain_body {
	struct str text;
	int64_t record_id;
};
static const struct field explain_fields[] = {
	F_STR(struct explain_body, text, .required = true, .max = TEXT_MAX, .label = "规则"),
	F_ID(struct explain_body, record_id, .required = true, .label = "记录"),
	{ 0 },
};

static enum err_code explain_post(struct request *req, struct response *res, struct err *err)
{
	const struct explain_body *in = req->body;
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	CLEANUP(rule_probe_closep) struct rule_probe *probe = NULL;
	struct frame_wanted wanted[DICTIONARY_TYPES_MAX];
	const struct rule *rule;
	struct rule_explanation x;
	const struct frame *frame;
	struct record_row row;
	struct str title;
	size_t judged;
	uint32_t at;

	TRY(need_rule(req, in->text, &pack, err));
	rule = rule_at(pack, 0);
	TRY(record_get(req->db, req->app->dictionary, &req->who, rule->on, in->record_id, req->mem, &row, err));
	for (size_t i = 0; i < req->app->dictionary->type_count; i++)
		rule_pack_wanted(pack, &req->app->dictionary->types[i], &wanted[i]);
	snapshot_store_widen(req->app->snapshots, wanted);
	TRY(snapshot_get(req->app->snapshots, req->db, &set, NULL, err));
	frame = set->frames[rule->on->index];
	at = frame ? frame_find_id(frame, in->record_id) : FRAME_NO_ROW;
	if (at == FRAME_NO_ROW)
		return err_set(err, ERR_NOT_FOUND, "没有这条记录");
	TRY(rule_probe_open(pack, set, req->today, &probe, err));
	TRY(rule_probe_row(probe, rule, at, &judged, err));
	if (judged == FRAME_NO_ROW)
		return err_set(err, ERR_NOT_FOUND, "这条记录不在任何一组里");
	TRY(rule_explain(probe, rule, judged, req->mem, &x, err));
	TRY(finding_words(probe, rule, frame, (uint32_t)judged, &x, req->mem, &title, err));
	rule_explanation_json(&x, res->json);
	return ERR_OK;
}

/* ---- revisions ---- */

static void put_revision(const struct revision *r, const struct actor *who, struct json *j)
{
	json_kid(j, "id", r->id);
	json_kstr(j, "rule_id", r->rule_id);
	json_kstr(j, "title", r->title);
	json_ki64(j, "version", r->version);
	json_kputs(j, "state", revision_state_slug(r->state));
	json_kputs(j, "state_title", revision_state_title(r->state));
	json_kstr(j, "note", r->note);
	json_kstr(j, "reason", r->reason);
	json_kstr(j, "author", r->author_name);
	json_kstr(j, "decider", r->decider_name);
	json_kbool(j, "own", r->author_id == who->account_id);
	json_ktime(j, "created_at", r->created_ms);
	json_ktime(j, "updated_at", r->updated_ms);
	json_ktime(j, "decided_at", r->decided_ms);
}

struct revisions_query {
	struct str rule, state, after;
	int64_t limit;
};
static const struct field revisions_fields[] = {
	F_STR(struct revisions_query, rule, .max = 80, .label = "规则"),
	F_STR(struct revisions_query, state, .one_of = "draft|proposed|active|rejected|retired", .label = "状态"),
	F_STR(struct revisions_query, after, .max = 24, .label = "上一页末尾"),
	F_I64(struct revisions_query, limit, .min = 1, .max = 200, .label = "条数"),
	{ 0 },
};

static enum err_code revisions_get(struct request *req, struct response *res, struct err *err)
{
	const struct revisions_query *in = req->query;
	int limit = in->limit > 0 ? (int)in->limit : 50;
	struct revision *rows;
	int64_t before = 0;
	size_t count;

	if (in->after.len && !str_to_i64(in->after, &before))
		return err_set(err, ERR_INPUT, "after 不是上一页给出的值");
	TRY(revision_list(req->db, in->rule, revision_state_parse(in->state), before, limit, req->mem, &rows, &count, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < count; i++) {
		json_obj(res->json);
		put_revision(&rows[i], &req->who, res->json);
		json_obj_end(res->json);
	}
	json_arr_end(res->json);
	json_key(res->json, "next");
	json_id(res->json, count == (size_t)limit ? rows[count - 1].id : 0);
	json_obj_end(res->json);
	return ERR_OK;
}

/** The text of the rule in force: an active revision's, else the file's. */
static enum err_code source_of(struct request *req, struct str rule_id, struct str *ret, struct err *err)
{
	const struct rule *rule = rule_find(req->app->rules, rule_id);
	struct asset_file file;
	struct revision *rows, full;
	size_t count;

	*ret = (struct str){ 0 };
	TRY(revision_list(req->db, rule_id, REVISION_ACTIVE, 0, 1, req->mem, &rows, &count, err));
	if (count) {
		TRY(revision_get(req->db, rows[0].id, req->mem, &full, err));
		*ret = full.text;
		return ERR_OK;
	}
	if (!rule)
		return ERR_OK;
	TRY(asset_read(req->app->assets, rule->path, req->mem, &file, err));
	*ret = file.text;
	return ERR_OK;
}

static enum err_code source_get(struct request *req, struct response *res, struct err *err)
{
	struct str text;

	TRY(workbench_refresh(req->app->workbench, req->app, req->db, err));
	TRY(source_of(req, request_segment(req, "id"), &text, err));
	if (!text.ptr)
		return err_set(err, ERR_NOT_FOUND, "没有这条规则");
	json_obj(res->json);
	json_kstr(res->json, "text", text);
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code revision_get_route(struct request *req, struct response *res, struct err *err)
{
	struct revision r;
	struct str base;
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(revision_get(req->db, id, req->mem, &r, err));
	TRY(source_of(req, r.rule_id, &base, err));
	json_obj(res->json);
	put_revision(&r, &req->who, res->json);
	json_kstr(res->json, "text", r.text);
	json_kstr(res->json, "base_text", base.ptr ? base : STR(""));
	json_key(res->json, "trial");
	if (r.trial.len)
		json_raw(res->json, r.trial);
	else
		json_none(res->json);
	json_obj_end(res->json);
	return ERR_OK;
}

struct revision_body {
	struct str text, note;
};
static const struct field revision_fields[] = {
	F_STR(struct revision_body, text, .required = true, .max = TEXT_MAX, .label = "规则"),
	F_STR(struct revision_body, note, .max = 1000, .label = "修订说明"),
	{ 0 },
};

/** Names the revision after the rule in its text; a text that does not compile yet keeps what it had. */
static enum err_code name_revision(struct request *req, const struct revision_body *in, struct revision *r, struct err *err)
{
	CLEANUP(workbench_report_clear) struct workbench_report report = { 0 };

	TRY(workbench_check(req->app, in->text, req->today, req->mem, &report, err));
	r->text = in->text;
	r->note = in->note.ptr ? in->note : STR("");
	if (report.rule) {
		r->rule_id = str_dup(req->mem, report.rule->id);
		r->title = str_dup(req->mem, report.rule->title);
		r->version = report.rule->version;
	} else if (!r->rule_id.ptr) {
		r->rule_id = STR("");
		r->title = STR("（尚不能编译）");
	}
	return r->rule_id.ptr && r->title.ptr ? ERR_OK : err_nomem(err);
}

static void answer_id(struct response *res, int64_t id)
{
	json_obj(res->json);
	json_kid(res->json, "id", id);
	json_obj_end(res->json);
}

static enum err_code revisions_post(struct request *req, struct response *res, struct err *err)
{
	struct revision r = { 0 };

	TRY(name_revision(req, req->body, &r, err));
	TRY(revision_add(req->db, req->ids, &req->who, req->now_ms, &r, err));
	res->status = 201;
	answer_id(res, r.id);
	return ERR_OK;
}

static enum err_code revision_put(struct request *req, struct response *res, struct err *err)
{
	struct revision r;
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(revision_get(req->db, id, req->mem, &r, err));
	TRY(name_revision(req, req->body, &r, err));
	TRY(revision_save(req->db, &req->who, req->now_ms, &r, err));
	answer_id(res, id);
	return ERR_OK;
}

static enum err_code need_ready(const struct workbench_report *report, struct err *err)
{
	for (size_t i = 0; i < report->problem_count; i++)
		if (report->problems[i].fatal)
			return err_set(err, ERR_INPUT, "规则还不能启用：%.*s", STR_ARG(report->problems[i].text));
	return ERR_OK;
}

static enum err_code propose_post(struct request *req, struct response *res, struct err *err)
{
	CLEANUP(workbench_report_clear) struct workbench_report report = { 0 };
	CLEANUP(buf_clear) struct buf trial_text;
	struct workbench_trial trial;
	struct revision r;
	struct json j;
	int64_t id;

	buf_init(&trial_text, 1 << 20);
	json_init(&j, &trial_text);
	TRY(request_id(req, "id", &id, err));
	TRY(workbench_refresh(req->app->workbench, req->app, req->db, err));
	TRY(revision_get(req->db, id, req->mem, &r, err));
	TRY(workbench_check(req->app, r.text, req->today, req->mem, &report, err));
	TRY(need_ready(&report, err));
	TRY(try_text(req, r.text, &trial, err));
	workbench_trial_json(&trial, &j);
	if (trial_text.failed)
		return err_set(err, ERR_LIMIT, "试算结果过大");
	TRY(revision_propose(req->db, &req->who, req->now_ms, id, buf_str(&trial_text), err));
	answer_id(res, id);
	return ERR_OK;
}

struct decide_body {
	bool approve;
	struct str reason;
};
static const struct field decide_fields[] = {
	F_BOOL(struct decide_body, approve, .required = true, .label = "是否批准"),
	F_STR(struct decide_body, reason, .required = true, .max = 1000, .label = "理由"),
	{ 0 },
};

/** What is in force changed: load it and look at all records again. */
static enum err_code after_change(struct request *req, struct response *res, int64_t id, struct err *err)
{
	int64_t job_id;

	TRY(workbench_refresh(req->app->workbench, req->app, req->db, err));
	TRY(job_add(req->db, req->ids, STR("sweep"), STR("{}"), req->who.account_id, req->now_ms, &job_id, err));
	json_obj(res->json);
	json_kid(res->json, "id", id);
	json_kid(res->json, "job_id", job_id);
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code decide_post(struct request *req, struct response *res, struct err *err)
{
	const struct decide_body *in = req->body;
	CLEANUP(workbench_report_clear) struct workbench_report report = { 0 };
	struct revision r;
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(revision_get(req->db, id, req->mem, &r, err));
	if (in->approve) { /* the dictionary or the law may have changed since the proposal */
		TRY(workbench_check(req->app, r.text, req->today, req->mem, &report, err));
		TRY(need_ready(&report, err));
	}
	TRY(revision_decide(req->db, &req->who, req->now_ms, id, in->approve, in->reason, err));
	if (in->approve)
		return after_change(req, res, id, err);
	answer_id(res, id);
	return ERR_OK;
}

struct retire_body {
	struct str reason;
};
static const struct field retire_fields[] = {
	F_STR(struct retire_body, reason, .required = true, .max = 1000, .label = "理由"),
	{ 0 },
};

static enum err_code retire_post(struct request *req, struct response *res, struct err *err)
{
	const struct retire_body *in = req->body;
	struct revision r;
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(revision_get(req->db, id, req->mem, &r, err));
	TRY(revision_retire(req->db, &req->who, req->now_ms, id, in->reason, err));
	if (r.state == REVISION_ACTIVE)
		return after_change(req, res, id, err);
	answer_id(res, id);
	return ERR_OK;
}

static const struct route rows[] = {
	{ HTTP_GET, "/api/workbench/vocabulary", vocabulary_get, .roles = EDITORS | DECIDERS, .scope = SCOPE_INSTALLATION,
		.summary = "规则里可以用的名称和函数" },
	{ HTTP_GET, "/api/workbench/source/{id}", source_get, .roles = EDITORS | DECIDERS, .scope = SCOPE_INSTALLATION,
		.summary = "现行规则的原文" },
	{ HTTP_POST, "/api/workbench/check", check_post, .roles = EDITORS | DECIDERS, .scope = SCOPE_INSTALLATION,
		ROUTE_BODY(struct text_body, text_fields), .summary = "检查规则原文" },
	{ HTTP_POST, "/api/workbench/try", try_post, .roles = EDITORS | DECIDERS, .scope = SCOPE_ORG,
		ROUTE_BODY(struct text_body, text_fields), .summary = "在全部记录上试算" },
	{ HTTP_POST, "/api/workbench/explain", explain_post, .roles = EDITORS | DECIDERS, .scope = SCOPE_ORG,
		ROUTE_BODY(struct explain_body, explain_fields), .summary = "逐项说明一条记录" },
	{ HTTP_GET, "/api/rule-revisions", revisions_get, .roles = EDITORS | DECIDERS, .scope = SCOPE_INSTALLATION,
		ROUTE_QUERY(struct revisions_query, revisions_fields), .summary = "规则修订" },
	{ HTTP_POST, "/api/rule-revisions", revisions_post, .roles = EDITORS, .scope = SCOPE_INSTALLATION,
		ROUTE_BODY(struct revision_body, revision_fields), .summary = "起草规则修订" },
	{ HTTP_GET, "/api/rule-revisions/{id}", revision_get_route, .roles = EDITORS | DECIDERS, .scope = SCOPE_INSTALLATION,
		.summary = "一个规则修订" },
	{ HTTP_PUT, "/api/rule-revisions/{id}", revision_put, .roles = EDITORS, .scope = SCOPE_INSTALLATION,
		ROUTE_BODY(struct revision_body, revision_fields), .summary = "修改自己的草稿" },
	{ HTTP_POST, "/api/rule-revisions/{id}/propose", propose_post, .roles = EDITORS, .scope = SCOPE_INSTALLATION,
		.summary = "提请批准" },
	{ HTTP_POST, "/api/rule-revisions/{id}/decide", decide_post, .roles = DECIDERS, .scope = SCOPE_INSTALLATION,
		ROUTE_BODY(struct decide_body, decide_fields), .summary = "批准或不批准（起草人以外）" },
	{ HTTP_POST, "/api/rule-revisions/{id}/retire", retire_post, .roles = EDITORS, .scope = SCOPE_INSTALLATION,
		ROUTE_BODY(struct retire_body, retire_fields), .summary = "撤回草稿或停用修订" },
};
const struct route_table workbench_routes = { .rows = rows, .count = sizeof(rows) / sizeof(rows[0]), .tag = "workbench" };
