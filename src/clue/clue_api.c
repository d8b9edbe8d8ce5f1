/* Routes of clues. Accepting and merging a clue is in matter_api.c, because an accepted clue is a matter. */
#include <jansson.h>

#include "base/buf.h"
#include "clue/clue_private.h"
#include "http/http.h"

static struct clue_context context_of(struct request *req)
{
	return (struct clue_context){ .db = req->db,
		.mem = req->mem,
		.ids = req->ids,
		.app = req->app,
		.who = &req->who,
		.now_ms = req->now_ms,
		.today = req->today };
}

/* ---- lists ---- */

struct list_query {
	struct str state, channel, rule, q, after;
	int64_t agency, matter, limit, count;
};

static const struct field list_fields[] = {
	F_STR(struct list_query, state, .one_of = "received|accepted|rejected|merged|transferred", .label = "状态"),
	F_STR(struct list_query, channel, .max = 20, .label = "来源渠道"),
	F_STR(struct list_query, rule, .max = 80, .label = "监督模型"),
	F_STR(struct list_query, q, .max = 100, .label = "查找内容"),
	F_STR(struct list_query, after, .max = 20, .label = "上一页的 next"),
	F_ID(struct list_query, agency, .label = "涉及机关"),
	F_ID(struct list_query, matter, .label = "监督事项"),
	F_I64(struct list_query, limit, .min = 1, .max = 500, .label = "条数"),
	F_I64(struct list_query, count, .min = 0, .max = 1, .label = "1：同时给出总数"),
	{ 0 },
};

static enum clue_state state_of(struct str slug)
{
	for (int i = 0; i < CLUE_STATE_COUNT; i++)
		if (str_eq(slug, str_of(clue_state_slug((enum clue_state)i))))
			return (enum clue_state)i;
	return CLUE_STATE_COUNT;
}

static enum err_code clues_get(struct request *req, struct response *res, struct err *err)
{
	const struct list_query *in = req->query;
	struct clue_context ctx = context_of(req);
	struct clue_query q = { .state = state_of(in->state),
		.channel = in->channel.len > 0 ? clue_channel_parse(in->channel) : CLUE_CHANNEL_COUNT,
		.org_id = in->agency,
		.matter_id = in->matter,
		.rule_id = in->rule,
		.q = in->q,
		.limit = in->limit > 0 ? (int)in->limit : 50,
		.want_total = in->count == 1 };
	struct clue_page page;

	if (in->channel.len > 0 && q.channel == CLUE_CHANNEL_COUNT)
		return err_set(err, ERR_INPUT, "没有“%.*s”这一来源渠道", STR_ARG(in->channel));
	if (in->after.len > 0 && !str_to_i64(in->after, &q.after_id))
		return err_set(err, ERR_INPUT, "after 应当是上一页给出的 next");
	TRY(clue_list(&ctx, &q, &page, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < page.row_count; i++)
		clue_row_json(&ctx, &page.rows[i], res->json);
	json_arr_end(res->json);
	json_kid(res->json, "next", page.next_id);
	if (page.total >= 0)
		json_ki64(res->json, "total", page.total);
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code answer_clue(struct request *req, struct response *res, int64_t id, struct err *err)
{
	struct clue_context ctx = context_of(req);
	struct clue c;

	TRY(clue_get(&ctx, id, &c, err));
	return clue_json(&ctx, &c, res->json, err);
}

static enum err_code clue_one_get(struct request *req, struct response *res, struct err *err)
{
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	return answer_clue(req, res, id, err);
}

/* ---- the one-minute form ---- */

struct clue_form {
	struct str channel, title, content, complainant, phone, source_name, source_no;
	int64_t agency_id;
	int32_t happened_on, received_on;
	bool sealed;
	struct id_list attachments;
};

static const struct field form_fields[] = {
	F_STR(struct clue_form, channel, .required = true, .max = 20, .label = "来源渠道"),
	F_STR(struct clue_form, title, .max = CLUE_TITLE_CHARS, .label = "标题"),
	F_STR(struct clue_form, content, .required = true, .min = 1, .max = CLUE_CONTENT_CHARS, .label = "内容"),
	F_ID(struct clue_form, agency_id, .label = "涉及机关"),
	F_STR(struct clue_form, complainant, .max = 50, .label = "反映人"),
	F_STR(struct clue_form, phone, .max = 40, .label = "联系电话"),
	F_DAY(struct clue_form, happened_on, .label = "发生日期"),
	F_DAY(struct clue_form, received_on, .label = "收到日期"),
	F_STR(struct clue_form, source_name, .max = 60, .label = "来源单位或者平台"),
	F_STR(struct clue_form, source_no, .max = 80, .label = "来源编号"),
	F_BOOL(struct clue_form, sealed, .label = "对被监督机关保密"),
	F_IDS(struct clue_form, attachments, .max = 50, .label = "附件"),
	{ 0 },
};

static enum err_code clue_post(struct request *req, struct response *res, struct err *err)
{
	const struct clue_form *in = req->body;
	struct clue_context ctx = context_of(req);
	struct clue_new clue = { .channel = clue_channel_parse(in->channel),
		.title = in->title,
		.content = in->content,
		.org_id = in->agency_id,
		.complainant = in->complainant,
		.phone = in->phone,
		.happened_on = in->happened_on,
		.received_on = in->received_on,
		.sealed = in->sealed,
		.source_name = in->source_name,
		.source_no = in->source_no,
		.attachments = in->attachments.v,
		.attachment_count = in->attachments.count };
	int64_t id;

	if (clue.channel == CLUE_CHANNEL_COUNT || clue.channel == CLUE_RULE)
		return err_set(err, ERR_INPUT, "来源渠道“%.*s”不能手工登记", STR_ARG(in->channel));
	TRY(clue_add(&ctx, &clue, &id, err));
	res->status = 201;
	return answer_clue(req, res, id, err);
}

/* ---- personal data ---- */

struct reveal_form {
	struct str field, purpose;
};
static const struct field reveal_fields[] = {
	F_STR(struct reveal_form, field, .required = true, .one_of = "complainant|phone", .label = "项目"),
	F_STR(struct reveal_form, purpose, .required = true, .min = 4, .max = 200, .label = "用途"),
	{ 0 },
};

static enum err_code reveal_post(struct request *req, struct response *res, struct err *err)
{
	const struct reveal_form *in = req->body;
	struct clue_context ctx = context_of(req);
	struct str value;
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(clue_reveal(&ctx, id, in->field, in->purpose, &value, err));
	json_obj(res->json);
	json_kstr(res->json, "value", value);
	json_obj_end(res->json);
	return ERR_OK;
}

/* ---- import ---- */

struct import_query {
	struct str name, source;
};
static const struct field import_fields[] = {
	F_STR(struct import_query, name, .required = true, .max = 200, .label = "文件名"),
	F_STR(struct import_query, source, .max = 60, .label = "来源单位或者平台"),
	{ 0 },
};

static enum err_code import_post(struct request *req, struct response *res, struct err *err)
{
	const struct import_query *in = req->query;
	struct clue_context ctx = context_of(req);
	struct clue_import_result result;
	const char *path = str_cstr(req->mem, req->upload->path);

	if (!path)
		return err_nomem(err);
	TRY(clue_import(&ctx, path, req->upload->name, in->source, &result, err));
	json_obj(res->json);
	json_ki64(res->json, "added", result.added);
	json_ki64(res->json, "same", result.same);
	json_ki64(res->json, "rejected", result.rejected);
	json_key(res->json, "errors");
	json_arr(res->json);
	for (size_t i = 0; i < result.error_count; i++) {
		json_obj(res->json);
		json_ki64(res->json, "line", result.errors[i].line);
		json_kstr(res->json, "reason", result.errors[i].reason);
		json_obj_end(res->json);
	}
	json_arr_end(res->json);
	json_obj_end(res->json);
	return ERR_OK;
}

/* ---- triage of findings ---- */

struct triage_form {
	struct id_list ids;
	struct str filter, verdict, reason, rule;
	int64_t clue_id, agency;
	bool per_party;
};
static const struct field triage_fields[] = {
	F_IDS(struct triage_form, ids, .max = 10000, .label = "疑似问题"),
	F_JSON(struct triage_form, filter, .label = "筛选：{rule, agency}"),
	F_STR(struct triage_form, rule, .max = 80, .label = "监督模型"),
	F_ID(struct triage_form, agency, .label = "执法机关"),
	F_STR(struct triage_form, verdict, .required = true, .one_of = "accept|reject|false_positive|merge", .label = "结论"),
	F_STR(struct triage_form, reason, .max = CLUE_REASON_CHARS, .label = "理由"),
	F_ID(struct triage_form, clue_id, .label = "并入的线索"),
	F_BOOL(struct triage_form, per_party, .label = "按当事人分开"),
	{ 0 },
};

/** {"rule": "…", "agency": "123"}: the shareable address of the page that was looked at. */
static enum err_code read_filter(struct request *req, struct str text, struct clue_triage *t, struct err *err)
{
	json_t *filter;
	const char *rule, *agency;
	enum err_code code = ERR_OK;

	if (text.len == 0)
		return ERR_OK;
	filter = json_loadb(text.ptr, text.len, 0, NULL);
	rule = json_string_value(json_object_get(filter, "rule"));
	agency = json_string_value(json_object_get(filter, "agency"));
	if (rule)
		t->rule_id = str_dup(req->mem, str_of(rule));
	if (agency && !str_to_i64(str_of(agency), &t->org_id))
		code = err_set(err, ERR_INPUT, "filter.agency 应当是机关的编号");
	json_decref(filter);
	return code;
}

static enum err_code triage_post(struct request *req, struct response *res, struct err *err)
{
	static const struct {
		const char *slug;
		enum clue_verdict verdict;
	} verdicts[] = { { "accept", CLUE_TAKE }, { "reject", CLUE_DISMISS }, { "false_positive", CLUE_FALSE_POSITIVE },
		{ "merge", CLUE_MERGE } };
	const struct triage_form *in = req->body;
	struct clue_context ctx = context_of(req);
	struct clue_triage t = { .finding_ids = in->ids.v,
		.finding_count = in->ids.count,
		.rule_id = in->rule,
		.org_id = in->agency,
		.per_party = in->per_party,
		.reason = in->reason,
		.clue_id = in->clue_id };
	struct clue_triage_result result;

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (str_eq(in->verdict, str_of(verdicts[i].slug)))
			t.verdict = verdicts[i].verdict;
	TRY(read_filter(req, in->filter, &t, err));
	TRY(clue_triage_findings(&ctx, &t, &result, err));
	json_obj(res->json);
	json_key(res->json, "clues");
	json_arr(res->json);
	for (size_t i = 0; i < result.clue_count; i++)
		json_id(res->json, result.clue_ids[i]);
	json_arr_end(res->json);
	json_ki64(res->json, "count", result.finding_count);
	json_obj_end(res->json);
	return ERR_OK;
}

#define DECIDERS (ROLE_SUPERVISOR | ROLE_LEADER)

static const struct route rows[] = {
	{ HTTP_GET, "/api/clues", clues_get, .roles = ROLE_BODY | ROLE_TOWNSHIP, .scope = SCOPE_ORG, .summary = "线索列表",
		ROUTE_QUERY(struct list_query, list_fields), .answers = "ClueList" },
	{ HTTP_GET, "/api/clues/{id}", clue_one_get, .roles = ROLE_BODY | ROLE_TOWNSHIP, .scope = SCOPE_ORG, .summary = "一条线索",
		.answers = "Clue" },
	{ HTTP_POST, "/api/clues", clue_post, .roles = ROLE_BODY | ROLE_TOWNSHIP, .scope = SCOPE_ORG, .summary = "登记线索",
		ROUTE_BODY(struct clue_form, form_fields), .answers = "Clue" },
	{ HTTP_POST, "/api/clues/{id}/reveal", reveal_post, .roles = DECIDERS, .scope = SCOPE_ORG, .summary = "查看反映人或者电话，留痕",
		ROUTE_BODY(struct reveal_form, reveal_fields), .answers = "{value}" },
	{ HTTP_POST, "/api/clues/import", import_post, .roles = DECIDERS, .scope = SCOPE_ORG, .summary = "成批导入线索", .upload = true,
		ROUTE_QUERY(struct import_query, import_fields), .answers = "{added, same, rejected, errors}" },
	{ HTTP_POST, "/api/findings/triage", triage_post, .roles = DECIDERS, .scope = SCOPE_ORG, .summary = "研判疑似问题线索，可成批",
		ROUTE_BODY(struct triage_form, triage_fields), .answers = "{clues, count}" },
};

const struct route_table clue_routes = { .rows = rows, .count = sizeof(rows) / sizeof(rows[0]), .tag = "clue" };
