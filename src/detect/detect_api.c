/* Routes of rules, sweeps and findings. Triage stands in module clue, because accepting a finding makes a clue. */
#include <stdlib.h>

#include "attachment/attachment.h"
#include "detect/detect_private.h"

/* ---- rules ---- */

static const struct sweep_rule *counts_for(const struct sweep_rule *rules, size_t count, struct str id)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(rules[i].rule_id, id))
			return &rules[i];
	return NULL;
}

static void put_counts(const struct sweep_rule *counts, struct json *j)
{
	json_key(j, "counts");
	if (!counts) {
		json_none(j);
		return;
	}
	json_obj(j);
	json_ki64(j, "checked", counts->checked);
	json_ki64(j, "hit", counts->hit);
	json_ki64(j, "exempt", counts->exempt + counts->suppressed);
	json_ki64(j, "false_positive", counts->suppressed);
	json_ki64(j, "unknown", counts->unknown);
	json_ki64(j, "not_in_force", counts->not_in_force);
	json_ki64(j, "clean", counts->clean);
	json_obj_end(j);
}

/** Open findings of each rule in the actor's scope, by rule id in `cells`. */
static int64_t open_of(const struct finding_cell *cells, size_t count, struct str rule_id)
{
	int64_t open = 0;

	for (size_t i = 0; i < count; i++)
		if (str_eq(cells[i].rule_id, rule_id))
			open += cells[i].open;
	return open;
}

static enum err_code rules_get(struct request *req, struct response *res, struct err *err)
{
	const struct rule_pack *pack = req->app->rules;
	struct sweep_rule *counts;
	struct finding_cell *cells;
	size_t count, cell_count;

	TRY(sweep_rules_last(req->db, req->mem, &counts, &count, err));
	TRY(finding_summary(req->db, &(struct finding_query){ .who = &req->who }, req->mem, &cells, &cell_count, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < rule_count(pack); i++) {
		const struct rule *r = rule_at(pack, i);

		json_obj(res->json);
		rule_json(r, req->app->law, res->json);
		put_counts(counts_for(counts, count, r->id), res->json);
		json_ki64(res->json, "open_findings", open_of(cells, cell_count, r->id));
		json_obj_end(res->json);
	}
	json_arr_end(res->json);
	json_knull(res->json, "next");
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code rule_get(struct request *req, struct response *res, struct err *err)
{
	const struct rule *r = rule_find(req->app->rules, request_segment(req, "id"));
	struct rule_precision precision;
	struct contest_counts contests;
	struct finding_cell *cells;
	struct sweep_rule counts;
	size_t cell_count;
	bool found;

	if (!r)
		return err_set(err, ERR_NOT_FOUND, "没有这条规则");
	TRY(sweep_last_of_rule(req->db, r->id, req->mem, &counts, &found, err));
	TRY(finding_precision(req->db, r->id, &precision, err));
	TRY(contest_count(req->db, r->id, &contests, err));
	TRY(finding_summary(req->db, &(struct finding_query){ .who = &req->who }, req->mem, &cells, &cell_count, err));
	json_obj(res->json);
	rule_json(r, req->app->law, res->json);
	put_counts(found ? &counts : NULL, res->json);
	json_ki64(res->json, "open_findings", open_of(cells, cell_count, r->id));
	json_key(res->json, "verdicts");
	json_obj(res->json);
	json_ki64(res->json, "accepted", precision.accepted);
	json_ki64(res->json, "rejected", precision.rejected);
	json_ki64(res->json, "false_positive", precision.false_positive);
	json_ki64(res->json, "corrected", precision.corrected);
	json_obj_end(res->json);
	json_key(res->json, "contests");
	json_obj(res->json);
	for (int o = 0; o < CONTEST_OUTCOME_COUNT; o++)
		json_ki64(res->json, contest_outcome_slug((enum contest_outcome)o), contests.by_outcome[o]);
	json_obj_end(res->json);
	json_obj_end(res->json);
	return ERR_OK;
}

/* ---- sweeps ---- */

static enum err_code sweeps_post(struct request *req, struct response *res, struct err *err)
{
	int64_t job_id;

	TRY(job_add(req->db, req->ids, STR("sweep"), STR("{}"), req->who.account_id, req->now_ms, &job_id, err));
	res->status = 201;
	json_obj(res->json);
	json_kid(res->json, "job_id", job_id);
	json_obj_end(res->json);
	return ERR_OK;
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

static enum err_code parse_after(struct str after, int64_t *ret, struct err *err)
{
	*ret = 0;
	if (after.len && !str_to_i64(after, ret))
		return err_set(err, ERR_INPUT, "after 不是上一页给出的值");
	return ERR_OK;
}

static enum err_code sweeps_get(struct request *req, struct response *res, struct err *err)
{
	const struct page_query *in = req->query;
	int limit = in->limit > 0 ? (int)in->limit : 20;
	struct sweep *sweeps;
	size_t count;
	int64_t before;

	TRY(parse_after(in->after, &before, err));
	TRY(sweep_list(req->db, before, limit, req->mem, &sweeps, &count, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < count; i++)
		sweep_json(&sweeps[i], res->json);
	json_arr_end(res->json);
	json_key(res->json, "next");
	json_id(res->json, count == (size_t)limit ? sweeps[count - 1].id : 0);
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code sweep_get_route(struct request *req, struct response *res, struct err *err)
{
	struct sweep s;
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(sweep_get(req->db, id, req->mem, &s, err));
	sweep_json(&s, res->json);
	return ERR_OK;
}

/* ---- findings ---- */

struct findings_query {
	struct str rule, type, state, severity, q, after;
	int64_t agency, record_id, clue_id, import_id, limit, count;
};
static const struct field findings_fields[] = {
	F_STR(struct findings_query, rule, .max = 80, .label = "规则"),
	F_STR(struct findings_query, type, .max = 41, .label = "记录类型"),
	F_STR(struct findings_query, state, .one_of = "open|accepted|rejected|false_positive|gone|corrected|closed", .label = "状态"),
	F_STR(struct findings_query, severity, .one_of = "info|warn|serious", .label = "级别"),
	F_STR(struct findings_query, q, .max = 100, .label = "查找内容"),
	F_STR(struct findings_query, after, .max = 24, .label = "上一页末尾"),
	F_ID(struct findings_query, agency, .label = "执法机关"),
	F_ID(struct findings_query, record_id, .label = "记录"),
	F_ID(struct findings_query, clue_id, .label = "线索"),
	F_ID(struct findings_query, import_id, .label = "导入的文件"),
	F_I64(struct findings_query, limit, .min = 1, .max = 500, .label = "条数"),
	F_I64(struct findings_query, count, .min = 0, .max = 1, .label = "是否计数"),
	{ 0 },
};

static int severity_number(struct str slug)
{
	for (int s = 0; s < RULE_SEVERITY_COUNT; s++)
		if (str_eq(slug, str_of(rule_severity_slug((enum rule_severity)s))))
			return s;
	return -1;
}

void finding_json(const struct finding *f, const struct rule_pack *rules, struct json *j)
{
	const struct rule *r = rule_find(rules, f->rule_id);

	json_obj(j);
	json_kid(j, "id", f->id);
	json_key(j, "rule");
	json_obj(j);
	json_kstr(j, "id", f->rule_id);
	json_kstr(j, "title", r ? r->title : f->rule_id);
	json_kstr(j, "title_en", r && r->title_en.len ? r->title_en : (struct str){ 0 });
	json_ki64(j, "version", f->rule_version);
	json_obj_end(j);
	json_key(j, "record");
	json_obj(j);
	json_kstr(j, "type", f->type);
	json_kid(j, "id", f->record_id > 0 ? f->record_id : 0); /* a group is no record: its members are in the explanation */
	json_kstr(j, "title", f->record_title);
	json_obj_end(j);
	json_key(j, "org");
	if (f->org_id) {
		json_obj(j);
		json_kid(j, "id", f->org_id);
		json_kstr(j, "name", f->org_name);
		json_obj_end(j);
	} else {
		json_none(j);
	}
	json_kputs(j, "severity", rule_severity_slug(f->severity));
	json_kputs(j, "severity_title", rule_severity_title(f->severity));
	json_kstr(j, "message", f->message);
	json_kputs(j, "state", finding_state_slug(f->state));
	json_kputs(j, "state_title", finding_state_title(f->state));
	json_kbool(j, "present", f->present);
	json_ktime(j, "found_on", f->first_ms);
	json_ktime(j, "seen_on", f->last_ms);
	json_kid(j, "clue_id", f->clue_id);
	json_obj_end(j);
}

/** Narrows a query to an import that the actor may see. */
static enum err_code query_import(struct request *req, int64_t id, struct finding_query *q, struct err *err)
{
	struct import *i;

	if (id == 0)
		return ERR_OK;
	i = ARENA_NEW(req->mem, struct import, 1);
	if (!i)
		return err_nomem(err);
	TRY(import_get(req->db, id, req->mem, i, err));
	if (!actor_sees(&req->who, i->scope_path) || actor_is_agency(&req->who))
		return err_set(err, ERR_NOT_FOUND, "没有这次导入");
	q->import_type = dictionary_type(req->app->dictionary, i->type);
	if (!q->import_type)
		return err_set(err, ERR_STATE, "这次导入的记录类型已不在字典里");
	q->import = i;
	return ERR_OK;
}

static enum err_code findings_get(struct request *req, struct response *res, struct err *err)
{
	const struct findings_query *in = req->query;
	struct finding_query query = { .who = &req->who,
		.rule_id = in->rule,
		.type = in->type,
		.org_id = in->agency,
		.record_id = in->record_id,
		.clue_id = in->clue_id,
		.state = in->state.len ? finding_state_parse(in->state) : FINDING_STATE_COUNT,
		.severity = severity_number(in->severity),
		.q = in->q,
		.limit = in->limit > 0 ? (int)in->limit : 50,
		.want_total = in->count > 0 };
	struct finding_page page;

	TRY(parse_after(in->after, &query.after_id, err));
	TRY(query_import(req, in->import_id, &query, err));
	TRY(finding_list(req->db, &query, req->mem, &page, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < page.row_count; i++)
		finding_json(&page.rows[i], req->app->rules, res->json);
	json_arr_end(res->json);
	json_key(res->json, "next");
	json_id(res->json, page.next_id);
	if (page.total >= 0)
		json_ki64(res->json, "total", page.total);
	json_obj_end(res->json);
	return ERR_OK;
}

struct summary_query {
	struct str by, type;
	int64_t import_id;
};
static const struct field summary_fields[] = {
	F_STR(struct summary_query, by, .max = 40, .label = "分组"),
	F_STR(struct summary_query, type, .max = 41, .label = "记录类型"),
	F_ID(struct summary_query, import_id, .label = "导入的文件"),
	{ 0 },
};

static enum err_code summary_get(struct request *req, struct response *res, struct err *err)
{
	const struct summary_query *in = req->query;
	struct finding_query query = { .who = &req->who, .type = in->type };
	struct finding_cell *cells;
	size_t count;

	TRY(query_import(req, in->import_id, &query, err));
	TRY(finding_summary(req->db, &query, req->mem, &cells, &count, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < count; i++) {
		const struct rule *r = rule_find(req->app->rules, cells[i].rule_id);

		json_obj(res->json);
		json_key(res->json, "org");
		if (cells[i].org_id) {
			json_obj(res->json);
			json_kid(res->json, "id", cells[i].org_id);
			json_kstr(res->json, "name", cells[i].org_name);
			json_obj_end(res->json);
		} else {
			json_none(res->json);
		}
		json_key(res->json, "rule");
		json_obj(res->json);
		json_kstr(res->json, "id", cells[i].rule_id);
		json_kstr(res->json, "title", r ? r->title : cells[i].rule_id);
		json_kstr(res->json, "title_en", r && r->title_en.len ? r->title_en : (struct str){ 0 });
		json_obj_end(res->json);
		json_kputs(res->json, "severity", rule_severity_slug(cells[i].severity));
		json_ki64(res->json, "open", cells[i].open);
		json_ki64(res->json, "accepted", cells[i].accepted);
		json_ki64(res->json, "total", cells[i].total);
		json_obj_end(res->json);
	}
	json_arr_end(res->json);
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code put_notes(struct request *req, struct response *res, const struct finding *f, struct err *err)
{
	struct verdict_row *verdicts;
	struct similar_row *similar;
	size_t verdict_count, similar_count;

	TRY(verdicts_of(req->db, f->id, req->mem, &verdicts, &verdict_count, err));
	TRY(finding_similar(req->db, f, req->mem, &similar, &similar_count, err));
	json_key(res->json, "verdicts");
	json_arr(res->json);
	for (size_t i = 0; i < verdict_count; i++) {
		json_obj(res->json);
		json_kstr(res->json, "verdict", verdicts[i].verdict);
		json_kstr(res->json, "reason", verdicts[i].reason);
		json_kstr(res->json, "account", verdicts[i].account);
		json_ktime(res->json, "at", verdicts[i].at_ms);
		json_obj_end(res->json);
	}
	json_arr_end(res->json);
	json_key(res->json, "similar");
	json_arr(res->json);
	for (size_t i = 0; i < similar_count; i++) {
		json_obj(res->json);
		json_kid(res->json, "id", similar[i].id);
		json_kstr(res->json, "title", similar[i].title);
		json_kstr(res->json, "state", similar[i].state);
		json_kstr(res->json, "message", similar[i].message);
		json_obj_end(res->json);
	}
	json_arr_end(res->json);
	return ERR_OK;
}

static enum err_code contest_json(struct request *req, const struct contest *c, struct json *j, struct err *err)
{
	const struct rule *r = rule_find(req->app->rules, c->rule_id);
	struct attachment *proofs;
	size_t count;

	TRY(attachment_list(req->db, STR("finding_contest"), c->id, req->mem, &proofs, &count, err));
	json_obj(j);
	json_kid(j, "id", c->id);
	json_kid(j, "finding_id", c->finding_id);
	json_kstr(j, "rule_title", r ? r->title : c->rule_id);
	json_kstr(j, "record_title", c->record_title.ptr ? c->record_title : STR(""));
	json_kstr(j, "org_name", c->org_name.ptr ? c->org_name : STR(""));
	json_kstr(j, "reason", c->reason);
	json_kstr(j, "account", c->account);
	json_ktime(j, "made_at", c->made_ms);
	json_kputs(j, "outcome", contest_outcome_slug(c->outcome));
	json_kputs(j, "outcome_title", contest_outcome_title(c->outcome));
	json_kstr(j, "answer", c->answer);
	json_kstr(j, "answerer", c->answerer);
	json_ktime(j, "answered_at", c->answered_ms);
	json_key(j, "files");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		json_obj(j);
		json_kid(j, "id", proofs[i].id);
		json_kstr(j, "name", proofs[i].name);
		json_ki64(j, "size", proofs[i].size_bytes);
		json_obj_end(j);
	}
	json_arr_end(j);
	json_obj_end(j);
	return ERR_OK;
}

static enum err_code put_contests(struct request *req, struct response *res, int64_t finding_id, struct err *err)
{
	struct contest *contests;
	size_t count;

	TRY(contests_of(req->db, finding_id, req->mem, &contests, &count, err));
	json_key(res->json, "contests");
	json_arr(res->json);
	for (size_t i = 0; i < count; i++)
		TRY(contest_json(req, &contests[i], res->json, err));
	json_arr_end(res->json);
	return ERR_OK;
}

static enum err_code finding_get_route(struct request *req, struct response *res, struct err *err)
{
	struct finding f;
	const struct rule *r;
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(finding_get(req->db, &req->who, id, req->mem, &f, err));
	r = rule_find(req->app->rules, f.rule_id);
	json_obj(res->json);
	json_key(res->json, "finding");
	finding_json(&f, req->app->rules, res->json);
	json_key(res->json, "explanation");
	json_raw(res->json, f.evidence);
	json_kday(res->json, "judged_on", f.judged_on);
	json_kstr(res->json, "calendar_version", f.calendar_version);
	json_key(res->json, "why");
	if (r) {
		json_obj(res->json);
		rule_json(r, req->app->law, res->json);
		json_obj_end(res->json);
	} else {
		json_none(res->json);
	}
	TRY(put_contests(req, res, f.id, err));
	if (!actor_is_agency(&req->who))
		TRY(put_notes(req, res, &f, err));
	json_obj_end(res->json);
	return ERR_OK;
}

/* ---- objections ---- */

struct contest_body {
	struct str reason;
	struct id_list attachments;
};
static const struct field contest_fields[] = {
	F_STR(struct contest_body, reason, .required = true, .max = 2000, .label = "理由"),
	F_IDS(struct contest_body, attachments, .max = 20, .label = "证明材料"),
	{ 0 },
};

static enum err_code contest_post(struct request *req, struct response *res, struct err *err)
{
	const struct contest_body *in = req->body;
	struct contest c = { .reason = in->reason };

	TRY(request_id(req, "id", &c.finding_id, err));
	TRY(contest_add(req->db, req->ids, &req->who, req->now_ms, &c, in->attachments, req->mem, err));
	res->status = 201;
	json_obj(res->json);
	json_kid(res->json, "id", c.id);
	json_obj_end(res->json);
	return ERR_OK;
}

struct contests_query {
	struct str after;
	int64_t open, limit;
};
static const struct field contests_fields[] = {
	F_STR(struct contests_query, after, .max = 24, .label = "上一页末尾"),
	F_I64(struct contests_query, open, .min = 0, .max = 1, .label = "只看待答复的"),
	F_I64(struct contests_query, limit, .min = 1, .max = 200, .label = "条数"),
	{ 0 },
};

static enum err_code contests_get(struct request *req, struct response *res, struct err *err)
{
	const struct contests_query *in = req->query;
	int limit = in->limit > 0 ? (int)in->limit : 50;
	struct contest *found;
	int64_t before;
	size_t count;

	TRY(parse_after(in->after, &before, err));
	TRY(contest_list(req->db, &req->who, in->open > 0, before, limit, req->mem, &found, &count, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < count; i++)
		TRY(contest_json(req, &found[i], res->json, err));
	json_arr_end(res->json);
	json_key(res->json, "next");
	json_id(res->json, count == (size_t)limit ? found[count - 1].id : 0);
	json_obj_end(res->json);
	return ERR_OK;
}

struct contest_answer_body {
	struct str outcome, answer;
};
static const struct field contest_answer_fields[] = {
	F_STR(struct contest_answer_body, outcome, .required = true, .one_of = "upheld|dismissed", .label = "答复"),
	F_STR(struct contest_answer_body, answer, .required = true, .max = 2000, .label = "理由"),
	{ 0 },
};

static enum err_code contest_answer_post(struct request *req, struct response *res, struct err *err)
{
	const struct contest_answer_body *in = req->body;
	enum contest_outcome outcome = str_eq(in->outcome, STR("upheld")) ? CONTEST_UPHELD : CONTEST_DISMISSED;
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(contest_answer(req->db, req->ids, &req->who, req->now_ms, id, outcome, in->answer, req->mem, err));
	json_obj(res->json);
	json_kid(res->json, "id", id);
	json_obj_end(res->json);
	return ERR_OK;
}

static const struct route rows[] = {
	{ HTTP_GET, "/api/rules", rules_get, .roles = ROLE_BODY, .scope = SCOPE_INSTALLATION, .summary = "规则一览与命中数" },
	{ HTTP_GET, "/api/rules/{id}", rule_get, .roles = ROLE_BODY | ROLE_LIAISON, .scope = SCOPE_INSTALLATION, .summary = "一条规则" },
	{ HTTP_POST, "/api/sweeps", sweeps_post, .roles = ROLE_SUPERVISOR | ROLE_LEADER, .scope = SCOPE_INSTALLATION,
		.summary = "重新检测全部记录" },
	{ HTTP_GET, "/api/sweeps", sweeps_get, .roles = ROLE_BODY, .scope = SCOPE_INSTALLATION, ROUTE_QUERY(struct page_query, page_fields),
		.summary = "历次检测" },
	{ HTTP_GET, "/api/sweeps/{id}", sweep_get_route, .roles = ROLE_BODY, .scope = SCOPE_INSTALLATION, .summary = "一次检测" },
	{ HTTP_GET, "/api/findings", findings_get, .roles = ROLE_BODY | ROLE_LIAISON, .scope = SCOPE_ORG,
		ROUTE_QUERY(struct findings_query, findings_fields), .summary = "疑似问题线索" },
	{ HTTP_GET, "/api/findings/summary", summary_get, .roles = ROLE_BODY, .scope = SCOPE_ORG,
		ROUTE_QUERY(struct summary_query, summary_fields), .summary = "按机关和规则汇总" },
	{ HTTP_GET, "/api/findings/{id}", finding_get_route, .roles = ROLE_BODY | ROLE_LIAISON, .scope = SCOPE_ORG,
		.summary = "一条疑似问题线索及其依据" },
	{ HTTP_POST, "/api/findings/{id}/contest", contest_post, .roles = ROLE_LIAISON, .scope = SCOPE_ORG,
		ROUTE_BODY(struct contest_body, contest_fields), .summary = "机关对疑似问题线索提出异议" },
	{ HTTP_GET, "/api/contests", contests_get, .roles = ROLE_BODY, .scope = SCOPE_ORG,
		ROUTE_QUERY(struct contests_query, contests_fields), .summary = "机关提出的异议" },
	{ HTTP_POST, "/api/contests/{id}/answer", contest_answer_post, .roles = ROLE_SUPERVISOR | ROLE_LEADER, .scope = SCOPE_ORG,
		ROUTE_BODY(struct contest_answer_body, contest_answer_fields), .summary = "答复异议" },
};
const struct route_table detect_routes = { .rows = rows, .count = sizeof(rows) / sizeof(rows[0]), .tag = "detect" };
