/* Routes of matters, of the agency's door, of assistance by township offices, of the desk; and those of clues and documents that make or
 * concern a matter: accepting a clue, drafting a document. */
#include "matter/matter_private.h"

static struct matter_context context_of(struct request *req)
{
	return (struct matter_context){ .db = req->db,
		.mem = req->mem,
		.ids = req->ids,
		.app = req->app,
		.who = &req->who,
		.now_ms = req->now_ms,
		.today = req->today };
}

static enum err_code answer_matter(struct matter_context *ctx, struct response *res, int64_t id, struct err *err)
{
	struct matter m;

	TRY(matter_get(ctx, id, &m, err));
	return matter_json(ctx, &m, res->json, err);
}

/* ---- desk ---- */

static enum err_code desk_get(struct request *req, struct response *res, struct err *err)
{
	struct matter_context ctx = context_of(req);

	return matter_desk_json(&ctx, res->json, err);
}

/* ---- matters ---- */

struct list_query {
	struct str state, step, kind, q, after;
	int64_t agency, limit, count;
	int32_t due_until;
};
static const struct field list_fields[] = {
	F_STR(struct list_query, state, .one_of = "open|suspended|closed", .label = "状态"),
	F_STR(struct list_query, step, .max = 40, .label = "步骤"),
	F_STR(struct list_query, kind, .max = 40, .label = "问题类别"),
	F_STR(struct list_query, q, .max = 100, .label = "查找内容"),
	F_STR(struct list_query, after, .max = 20, .label = "上一页的 next"),
	F_ID(struct list_query, agency, .label = "执法机关"),
	F_I64(struct list_query, limit, .min = 1, .max = 500, .label = "条数"),
	F_I64(struct list_query, count, .min = 0, .max = 1, .label = "1：同时给出总数"),
	F_DAY(struct list_query, due_until, .label = "有期限在此日之前到期"),
	{ 0 },
};

static enum err_code read_list_query(const struct list_query *in, struct matter_query *ret, struct err *err)
{
	*ret = (struct matter_query){ .state = in->state,
		.step = in->step,
		.kind = in->kind,
		.q = in->q,
		.org_id = in->agency,
		.due_until = in->due_until,
		.limit = in->limit > 0 ? (int)in->limit : 50,
		.want_total = in->count == 1 };
	if (in->after.len > 0 && !str_to_i64(in->after, &ret->after_id))
		return err_set(err, ERR_INPUT, "after 应当是上一页给出的 next");
	return ERR_OK;
}

static enum err_code matters_get(struct request *req, struct response *res, struct err *err)
{
	struct matter_context ctx = context_of(req);
	struct matter_query q;
	struct matter_page page;

	TRY(read_list_query(req->query, &q, err));
	TRY(matter_list(&ctx, &q, &page, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < page.row_count; i++)
		matter_row_json(&ctx, &page.rows[i], res->json);
	json_arr_end(res->json);
	json_kid(res->json, "next", page.next_id);
	if (page.total >= 0)
		json_ki64(res->json, "total", page.total);
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code matter_one_get(struct request *req, struct response *res, struct err *err)
{
	struct matter_context ctx = context_of(req);
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	return answer_matter(&ctx, res, id, err);
}

struct new_form {
	struct str title, reason;
	int64_t org_id;
	struct id_list clue_ids;
};
static const struct field new_fields[] = {
	F_STR(struct new_form, title, .max = 100, .label = "标题"),
	F_STR(struct new_form, reason, .max = 2000, .label = "立项理由"),
	F_ID(struct new_form, org_id, .label = "执法机关"),
	F_IDS(struct new_form, clue_ids, .required = true, .min = 1, .max = 500, .label = "线索"),
	{ 0 },
};

static enum err_code matter_post(struct request *req, struct response *res, struct err *err)
{
	const struct new_form *in = req->body;
	struct matter_context ctx = context_of(req);
	struct matter_new m = {
		.title = in->title, .reason = in->reason, .org_id = in->org_id, .clue_ids = in->clue_ids.v, .clue_count = in->clue_ids.count
	};
	int64_t id;

	TRY(matter_open(&ctx, &m, &id, err));
	res->status = 201;
	return answer_matter(&ctx, res, id, err);
}

static const struct field action_fields[] = {
	F_STR(struct matter_form, reason, .max = 2000, .label = "理由"),
	F_STR(struct matter_form, text, .max = 8000, .label = "内容"),
	F_STR(struct matter_form, title, .max = 100, .label = "标题"),
	F_STR(struct matter_form, assigned_title, .max = 100, .label = "交办标题"),
	F_STR(struct matter_form, assigned_text, .max = 4000, .label = "交办内容"),
	F_STR(struct matter_form, mode, .max = 20, .label = "监督方式"),
	F_STR(struct matter_form, established, .max = 5, .label = "是否属实"),
	F_STR(struct matter_form, kind, .max = 40, .label = "问题类别"),
	F_STR(struct matter_form, severity, .max = 10, .label = "程度"),
	F_STR(struct matter_form, facts, .max = 8000, .label = "查明的事实"),
	F_STR(struct matter_form, evidence, .max = 8000, .label = "证据"),
	F_STR(struct matter_form, correctable, .max = 5, .label = "能否当场纠正"),
	F_STR(struct matter_form, instrument_choice, .max = 40, .label = "拟用文书"),
	F_STR(struct matter_form, instrument_reason, .max = 2000, .label = "用或者不用文书的理由"),
	F_STR(struct matter_form, problem, .max = 2000, .label = "问题"),
	F_STR(struct matter_form, correction, .max = 2000, .label = "如何纠正"),
	F_STR(struct matter_form, decision, .max = 20, .label = "决定"),
	F_STR(struct matter_form, type, .max = 20, .label = "类别"),
	F_STR(struct matter_form, proceedings_kind, .max = 20, .label = "程序"),
	F_STR(struct matter_form, organ, .max = 100, .label = "机关"),
	F_STR(struct matter_form, case_no, .max = 100, .label = "案号"),
	F_STR(struct matter_form, approval_no, .max = 60, .label = "批准文号"),
	F_STR(struct matter_form, step, .max = 40, .label = "步骤"),
	F_JSON(struct matter_form, items, .label = "逐项结果"),
	F_DAY(struct matter_form, on, .label = "日期"),
	F_DAY(struct matter_form, until, .label = "延至"),
	F_ID(struct matter_form, reply_id, .label = "回复"),
	F_ID(struct matter_form, org_id, .label = "机构"),
	F_ID(struct matter_form, handler_id, .label = "承办人"),
	F_ID(struct matter_form, instrument_id, .label = "文书"),
	F_IDS(struct matter_form, attachments, .max = 50, .label = "附件"),
	F_IDS(struct matter_form, finding_ids, .max = 500, .label = "疑似问题"),
	F_IDS(struct matter_form, clue_ids, .max = 500, .label = "线索"),
	F_I64(struct matter_form, version, .min = 0, .max = INT64_MAX, .label = "看到的版本"),
	{ 0 },
};

static enum err_code action_post(struct request *req, struct response *res, struct err *err)
{
	struct matter_context ctx = context_of(req);
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(matter_act(&ctx, id, request_segment(req, "action"), req->body, err));
	return answer_matter(&ctx, res, id, err);
}

struct draft_form {
	struct str kind, fields, basis_note;
	int64_t template_id;
};
static const struct field draft_fields[] = {
	F_STR(struct draft_form, kind, .required = true, .max = 40, .label = "文书种类"),
	F_JSON(struct draft_form, fields, .label = "文书内容"),
	F_STR(struct draft_form, basis_note, .max = 2000, .label = "应履行的职责及其依据"),
	F_ID(struct draft_form, template_id, .label = "模板"),
	{ 0 },
};

static enum err_code draft_post(struct request *req, struct response *res, struct err *err)
{
	const struct draft_form *in = req->body;
	struct matter_context ctx = context_of(req);
	struct instrument_context documents = instrument_context_of(&ctx);
	struct matter_draft draft = { .kind = in->kind,
		.fields = in->fields.len > 0 ? in->fields : STR("{}"),
		.template_id = in->template_id,
		.basis_note = in->basis_note };
	struct instrument instrument;
	int64_t id, instrument_id;

	TRY(request_id(req, "id", &id, err));
	TRY(matter_draft_instrument(&ctx, id, &draft, &instrument_id, err));
	TRY(instrument_get(&documents, instrument_id, &instrument, err));
	res->status = 201;
	return instrument_json(&documents, &instrument, res->json, err);
}

/* ---- deciding a clue ---- */

struct decide_form {
	struct str decision, reason, title, transferred_to;
	int64_t into, org_id;
};
static const struct field decide_fields[] = {
	F_STR(struct decide_form, decision, .required = true, .one_of = "accept|reject|merge|transfer", .label = "决定"),
	F_STR(struct decide_form, reason, .max = 2000, .label = "理由"),
	F_STR(struct decide_form, title, .max = 100, .label = "事项标题"),
	F_STR(struct decide_form, transferred_to, .max = 100, .label = "转给谁"),
	F_ID(struct decide_form, into, .label = "合并到的线索"),
	F_ID(struct decide_form, org_id, .label = "执法机关（线索没有写明时）"),
	{ 0 },
};

static enum err_code decide_other(struct request *req, const struct decide_form *in, int64_t id, struct err *err)
{
	struct matter_context ctx = context_of(req);
	struct clue_context clues = clue_context_of(&ctx);
	struct clue_decision d = { .to = str_eq(in->decision, STR("reject"))  ? CLUE_REJECTED
		                         : str_eq(in->decision, STR("merge")) ? CLUE_MERGED
		                                                              : CLUE_TRANSFERRED,
		.reason = in->reason,
		.into = in->into,
		.transferred_to = in->transferred_to };

	return clue_decide(&clues, id, &d, err);
}

static enum err_code decide_post(struct request *req, struct response *res, struct err *err)
{
	const struct decide_form *in = req->body;
	struct matter_context ctx = context_of(req);
	struct clue_context clues = clue_context_of(&ctx);
	int64_t id, matter_id = 0;
	struct clue c;

	TRY(request_id(req, "id", &id, err));
	if (str_eq(in->decision, STR("accept"))) {
		struct matter_new m = { .title = in->title, .reason = in->reason, .org_id = in->org_id, .clue_ids = &id, .clue_count = 1 };

		TRY(matter_open(&ctx, &m, &matter_id, err));
	} else {
		TRY(decide_other(req, in, id, err));
	}
	TRY(clue_get(&clues, id, &c, err));
	json_obj(res->json);
	json_kid(res->json, "matter_id", matter_id);
	json_kputs(res->json, "state", clue_state_slug(c.state));
	json_obj_end(res->json);
	return ERR_OK;
}

/* ---- the agency's door ---- */

static enum err_code assigned_list_get(struct request *req, struct response *res, struct err *err)
{
	struct matter_context ctx = context_of(req);
	struct matter_query q;
	struct matter_page page = { .total = -1 };

	TRY(read_list_query(req->query, &q, err));
	q.step = q.kind = STR("");
	if (req->who.scope_path.len > 0)
		TRY(matter_page_read(&ctx, &q, true, &page, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < page.row_count; i++)
		TRY(matter_assigned_row_json(&ctx, &page.rows[i], res->json, err));
	json_arr_end(res->json);
	json_kid(res->json, "next", page.next_id);
	if (page.total >= 0)
		json_ki64(res->json, "total", page.total);
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code answer_assigned(struct matter_context *ctx, struct response *res, int64_t id, struct err *err)
{
	struct matter m;

	TRY(matter_read_assigned(ctx, id, &m, err));
	return matter_assigned_json(ctx, &m, res->json, err);
}

static enum err_code assigned_get(struct request *req, struct response *res, struct err *err)
{
	struct matter_context ctx = context_of(req);
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	return answer_assigned(&ctx, res, id, err);
}

struct reply_form {
	struct str type, text, items;
	int32_t until;
	int64_t instrument_id;
	struct id_list attachments, finding_ids;
};
static const struct field reply_fields[] = {
	F_STR(struct reply_form, type, .required = true, .one_of = "correction|extension|data_wrong|explanation|objection",
		.label = "类别"),
	F_STR(struct reply_form, text, .required = true, .min = 1, .max = 8000, .label = "内容"),
	F_JSON(struct reply_form, items, .label = "逐项纠正情况"),
	F_DAY(struct reply_form, until, .label = "申请延至"),
	F_ID(struct reply_form, instrument_id, .label = "针对的文书"),
	F_IDS(struct reply_form, attachments, .max = 50, .label = "证明材料"),
	F_IDS(struct reply_form, finding_ids, .max = 500, .label = "认为有误的疑似问题"),
	{ 0 },
};

static enum err_code reply_post(struct request *req, struct response *res, struct err *err)
{
	const struct reply_form *in = req->body;
	struct matter_context ctx = context_of(req);
	struct matter_reply_new reply = { .type = in->type,
		.text = in->text,
		.items = in->items,
		.until = in->until,
		.instrument_id = in->instrument_id,
		.attachments = in->attachments,
		.finding_ids = in->finding_ids,
		.received_on = DAY_NONE };
	int64_t id, reply_id;

	TRY(request_id(req, "id", &id, err));
	TRY(matter_reply(&ctx, id, &reply, &reply_id, err));
	res->status = 201;
	return answer_assigned(&ctx, res, id, err);
}

/* ---- assistance: 6(2) ---- */

struct assist_query {
	struct str after;
	int64_t limit, open;
};
static const struct field assist_fields[] = {
	F_STR(struct assist_query, after, .max = 20, .label = "上一页的 next"),
	F_I64(struct assist_query, limit, .min = 1, .max = 200, .label = "条数"),
	F_I64(struct assist_query, open, .min = 0, .max = 1, .label = "1：只要没答复的"),
	{ 0 },
};

static enum err_code assists_get(struct request *req, struct response *res, struct err *err)
{
	const struct assist_query *in = req->query;
	struct matter_context ctx = context_of(req);
	int limit = in->limit > 0 ? (int)in->limit : 50;
	struct matter_assist *rows;
	int64_t after = 0;
	size_t count;

	if (in->after.len > 0 && !str_to_i64(in->after, &after))
		return err_set(err, ERR_INPUT, "after 应当是上一页给出的 next");
	TRY(matter_assists(&ctx, 0, in->open == 1, after, limit, &rows, &count, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < count; i++)
		matter_assist_json(&rows[i], res->json);
	json_arr_end(res->json);
	json_kid(res->json, "next", count == (size_t)limit ? rows[count - 1].id : 0);
	json_obj_end(res->json);
	return ERR_OK;
}

struct answer_form {
	struct str answer;
	struct id_list attachments;
};
static const struct field answer_fields[] = {
	F_STR(struct answer_form, answer, .required = true, .min = 1, .max = 4000, .label = "协助情况"),
	F_IDS(struct answer_form, attachments, .max = 50, .label = "附件"),
	{ 0 },
};

struct answer_call {
	struct matter_context *ctx;
	const struct answer_form *form;
	const struct matter_assist *assist;
};

static enum err_code answer_body(struct db *db, void *arg, struct err *err)
{
	struct answer_call *call = arg;
	struct matter_context *ctx = call->ctx;
	const struct matter_assist *a = call->assist;

	TRY(matter_assist_answer(ctx, a->id, str_trim(call->form->answer), err));
	for (size_t i = 0; i < call->form->attachments.count; i++)
		TRY(attachment_claim(db, call->form->attachments.v[i], ctx->who->account_id, STR("matter"), a->matter_id, true, err));
	TRY(matter_add_event(ctx, a->matter_id, "assist",
		str_printf(ctx->mem, "%.*s答复协助：%.*s", STR_ARG(a->org_name), STR_ARG(str_trim(call->form->answer))), STR(""), false,
		err));
	return matter_audit(ctx, "matter.assist", a->matter_id,
		str_printf(ctx->mem, "事项 %.*s：%.*s答复协助", STR_ARG(a->matter_no), STR_ARG(a->org_name)), err);
}

static enum err_code assist_post(struct request *req, struct response *res, struct err *err)
{
	struct matter_context ctx = context_of(req);
	struct answer_call call = { .ctx = &ctx, .form = req->body };
	struct matter_assist *rows;
	int64_t id;
	size_t count;

	TRY(request_id(req, "id", &id, err));
	TRY(matter_assists(&ctx, 0, false, id + 1, 1, &rows, &count, err)); /* the newest in scope up to this one */
	if (count != 1 || rows[0].id != id)
		return err_set(err, ERR_NOT_FOUND, "没有这件协助");
	call.assist = &rows[0];
	TRY(db_transact(ctx.db, answer_body, &call, err));
	json_obj(res->json);
	json_kid(res->json, "id", id);
	json_obj_end(res->json);
	return ERR_OK;
}

#define DECIDERS (ROLE_SUPERVISOR | ROLE_LEADER)

struct moves_query {
	struct str after;
	int64_t limit;
};
static const struct field moves_fields[] = {
	F_STR(struct moves_query, after, .max = 24, .label = "上一页末尾"),
	F_I64(struct moves_query, limit, .min = 1, .max = 200, .label = "条数"),
	{ 0 },
};

static enum err_code moves_get(struct request *req, struct response *res, struct err *err)
{
	const struct moves_query *in = req->query;
	struct matter_context ctx = context_of(req);
	int limit = in->limit > 0 ? (int)in->limit : 50;
	struct clock_move *moves;
	int64_t before = 0;
	size_t count;

	if (in->after.len && !str_to_i64(in->after, &before))
		return err_set(err, ERR_INPUT, "after 不是上一页给出的值");
	TRY(clock_moves(&ctx, before, limit, &moves, &count, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < count; i++) {
		json_obj(res->json);
		json_kid(res->json, "id", moves[i].id);
		json_kid(res->json, "matter_id", moves[i].matter_id);
		json_kstr(res->json, "no", moves[i].no);
		json_kstr(res->json, "title", moves[i].title);
		json_kstr(res->json, "label", moves[i].label);
		json_kday(res->json, "due_before", moves[i].due_before);
		json_kday(res->json, "due_after", moves[i].due_after);
		json_kstr(res->json, "calendar_version", moves[i].calendar_version);
		json_ktime(res->json, "at", moves[i].at_ms);
		json_obj_end(res->json);
	}
	json_arr_end(res->json);
	json_key(res->json, "next");
	json_id(res->json, count == (size_t)limit ? moves[count - 1].id : 0);
	json_obj_end(res->json);
	return ERR_OK;
}

static const struct route rows[] = {
	{ HTTP_GET, "/api/desk", desk_get, .roles = ROLE_SIGNED_IN, .scope = SCOPE_ACCOUNT, .summary = "工作台", .answers = "Desk" },
	{ HTTP_GET, "/api/clock-moves", moves_get, .roles = ROLE_OFFICE, .scope = SCOPE_ORG, ROUTE_QUERY(struct moves_query, moves_fields),
		.summary = "放假安排变动后移动的期限" },
	{ HTTP_GET, "/api/matters", matters_get, .roles = ROLE_OFFICE, .scope = SCOPE_ORG, .summary = "监督事项列表",
		ROUTE_QUERY(struct list_query, list_fields), .answers = "MatterList" },
	{ HTTP_GET, "/api/matters/{id}", matter_one_get, .roles = ROLE_OFFICE, .scope = SCOPE_ORG, .summary = "一个监督事项",
		.answers = "Matter" },
	{ HTTP_POST, "/api/matters", matter_post, .roles = DECIDERS, .scope = SCOPE_ORG, .summary = "由线索立项",
		ROUTE_BODY(struct new_form, new_fields), .answers = "Matter" },
	{ HTTP_POST, "/api/matters/{id}/actions/{action}", action_post, .roles = ROLE_OFFICE, .scope = SCOPE_ORG, .summary = "办理一个动作",
		ROUTE_BODY(struct matter_form, action_fields), .answers = "Matter" },
	{ HTTP_POST, "/api/matters/{id}/instruments", draft_post, .roles = DECIDERS | ROLE_TOWNSHIP, .scope = SCOPE_ORG,
		.summary = "起草文书", ROUTE_BODY(struct draft_form, draft_fields), .answers = "Instrument" },
	{ HTTP_POST, "/api/clues/{id}/decide", decide_post, .roles = DECIDERS, .scope = SCOPE_ORG,
		.summary = "研判线索：采纳、不采纳、合并、转出", ROUTE_BODY(struct decide_form, decide_fields),
		.answers = "{matter_id, state}" },
	{ HTTP_GET, "/api/assigned", assigned_list_get, .roles = ROLE_LIAISON, .scope = SCOPE_ORG, .summary = "交办给本机关的事项",
		ROUTE_QUERY(struct list_query, list_fields), .answers = "AssignedList" },
	{ HTTP_GET, "/api/assigned/{id}", assigned_get, .roles = ROLE_LIAISON, .scope = SCOPE_ORG, .summary = "一个交办事项",
		.answers = "Assigned" },
	{ HTTP_POST, "/api/assigned/{id}/reply", reply_post, .roles = ROLE_LIAISON, .scope = SCOPE_ORG, .summary = "回复监督机构",
		ROUTE_BODY(struct reply_form, reply_fields), .answers = "Assigned" },
	{ HTTP_GET, "/api/assists", assists_get, .roles = ROLE_TOWNSHIP | ROLE_BODY, .scope = SCOPE_ORG, .summary = "请司法所协助的事",
		ROUTE_QUERY(struct assist_query, assist_fields), .answers = "AssistList" },
	{ HTTP_POST, "/api/assists/{id}/answer", assist_post, .roles = ROLE_TOWNSHIP, .scope = SCOPE_ORG, .summary = "司法所答复协助",
		ROUTE_BODY(struct answer_form, answer_fields), .answers = "{id}" },
};

const struct route_table matter_routes = { .rows = rows, .count = sizeof(rows) / sizeof(rows[0]), .tag = "matter" };
