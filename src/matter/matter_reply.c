/* The agency's answers, by its own account or recorded from paper. What is accepted ends and starts clocks; deciding is an action. */
#include <jansson.h>
#include <stdlib.h>

#include "detect/detect.h"
#include "matter/matter_private.h"

static const struct {
	const char *type, *title;
	bool proof;
} types[] = {
	{ "correction", "纠正情况", true },
	{ "extension", "延期申请", false },
	{ "data_wrong", "数据有误", true },
	{ "explanation", "说明情况", false },
	{ "objection", "异议", false },
};
#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

const char *matter_reply_title(struct str type)
{
	for (size_t i = 0; i < TYPE_COUNT; i++)
		if (str_eq(type, str_of(types[i].type)))
			return types[i].title;
	return "回复";
}

static enum err_code check_type(const struct matter_reply_new *r, struct err *err)
{
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		if (!str_eq(r->type, str_of(types[i].type)))
			continue;
		if (types[i].proof && r->attachments.count == 0)
			return err_set(err, ERR_INPUT, "“%s”应当附证明材料", types[i].title);
		return ERR_OK;
	}
	return err_set(err, ERR_INPUT, "回复的类别只能是纠正情况、延期申请、数据有误、说明情况或者异议");
}

static enum err_code check_new(const struct matter_case *c, const struct matter_reply_new *r, struct err *err)
{
	TRY(check_type(r, err));
	if (str_trim(r->text).len == 0)
		return err_set(err, ERR_INPUT, "请填写内容");
	if (utf8_count(r->text) > 8000)
		return err_set(err, ERR_INPUT, "内容不能超过 8000 个字");
	if (str_eq(r->type, STR("extension")) && (r->until == DAY_NONE || r->until <= c->ctx->today))
		return err_set(err, ERR_INPUT, "请填写申请延至的日期，应当晚于今天");
	if (r->on_paper && r->attachments.count == 0)
		return err_set(err, ERR_INPUT, "登记书面回复应当附扫描件");
	if (c->m.state == MATTER_CLOSED)
		return err_set(err, ERR_STATE, "事项已结案，不再接收回复");
	return ERR_OK;
}

/** The document that is answered: the one named, else the last one served. */
static enum err_code answered_document(const struct matter_case *c, int64_t id, const struct instrument **ret, struct err *err)
{
	*ret = NULL;
	for (size_t i = 0; i < c->instrument_count; i++) {
		const struct instrument *in = &c->instruments[i];

		if (in->state == INSTRUMENT_SERVED && (id == 0 || in->id == id) && (!in->kind || !in->kind->to_government))
			*ret = in;
	}
	if (id != 0 && !*ret)
		return err_set(err, ERR_INPUT, "没有送达过这份文书");
	return ERR_OK;
}

/** [{"item":"…","done":true,"note":"…"}] or nothing. */
static enum err_code check_items(struct str items, struct err *err)
{
	json_t *list;
	bool good;

	if (str_trim(items).len == 0)
		return ERR_OK;
	list = json_loadb(items.ptr, items.len, 0, NULL);
	good = json_is_array(list) && json_array_size(list) <= 200;
	json_decref(list);
	return good ? ERR_OK : err_set(err, ERR_INPUT, "逐项纠正情况应当是不超过 200 项的清单");
}

/** Findings that the agency calls wrong: only such as it may see itself. */
static enum err_code finding_ids_json(const struct matter_case *c, struct id_list ids, struct str *ret, struct err *err)
{
	json_t *list = json_array();
	enum err_code code = ERR_OK;
	char *text;

	for (size_t i = 0; i < ids.count && code == ERR_OK; i++) {
		struct finding f;
		char id[24];

		code = finding_get(c->ctx->db, c->ctx->who, ids.v[i], c->ctx->mem, &f, err);
		snprintf(id, sizeof(id), "%lld", (long long)ids.v[i]);
		json_array_append_new(list, json_string(id));
	}
	text = json_dumps(list, JSON_COMPACT);
	*ret = text ? str_dup(c->ctx->mem, str_of(text)) : STR("[]");
	free(text);
	json_decref(list);
	return code;
}

static bool is_running(const struct matter_case *c, const char *name)
{
	for (size_t i = 0; i < c->clock_count; i++)
		if (str_eq(c->clocks[i].name, str_of(name)) && !str_eq(c->clocks[i].state, STR("done")))
			return true;
	return false;
}

static enum err_code start_once(struct matter_case *c, const char *name, int32_t on, struct err *err)
{
	int clock = process_clock_index(c->process, str_of(name));

	if (clock < 0 || is_running(c, name))
		return ERR_OK;
	return matter_clock_start(c, clock, on, 0, DAY_NONE, err);
}

/** An answer ends the period of the document it answers, and begins the body's own. */
static enum err_code move_clocks(struct matter_case *c, const struct matter_reply *r, const struct instrument *in, struct err *err)
{
	bool explains = in && str_eq(in->kind_name, STR("explain_request"));

	if (str_eq(r->type, STR("objection")))
		return start_once(c, "objection", r->received_on, err);
	if (str_eq(r->type, STR("explanation")) && explains)
		return matter_clock_end(c, PROCESS_ANY, in->id, r->received_on, err);
	if (!str_eq(r->type, STR("correction")))
		return ERR_OK;
	if (in)
		TRY(matter_clock_end(c, PROCESS_ANY, in->id, r->received_on, err));
	if (str_eq(c->m.step, STR("rectification")) && c->m.state == MATTER_OPEN)
		return start_once(c, "check", r->received_on, err);
	return ERR_OK;
}

enum err_code matter_take_reply(struct matter_case *c, const struct matter_reply_new *in, int64_t *ret_id, struct err *err)
{
	const struct instrument *document;
	struct matter_reply r = { .matter_id = c->m.id,
		.org_id = c->m.org_id,
		.type = in->type,
		.text = str_trim(in->text),
		.items = str_trim(in->items),
		.until = in->until,
		.on_paper = in->on_paper,
		.received_on = in->received_on == DAY_NONE ? c->ctx->today : in->received_on };

	TRY(check_new(c, in, err));
	TRY(check_items(in->items, err));
	TRY(answered_document(c, in->instrument_id, &document, err));
	TRY(finding_ids_json(c, in->finding_ids, &r.finding_ids, err));
	r.instrument_id = document ? document->id : 0;
	TRY(matter_reply_insert(c->ctx, &r, err));
	for (size_t i = 0; i < in->attachments.count; i++)
		TRY(attachment_claim(c->ctx->db, in->attachments.v[i], c->ctx->who->account_id, STR("reply"), r.id, false, err));
	TRY(move_clocks(c, &r, document, err));
	*ret_id = r.id;
	return ERR_OK;
}

struct reply_call {
	struct matter_context *ctx;
	int64_t matter_id;
	const struct matter_reply_new *reply;
	int64_t id;
};

static enum err_code reply_body(struct db *db, void *arg, struct err *err)
{
	struct reply_call *call = arg;
	struct matter_context *ctx = call->ctx;
	struct matter_case c;
	struct matter m;

	(void)db;
	TRY(matter_read_assigned(ctx, call->matter_id, &m, err));
	TRY(matter_case_of(ctx, &m, &c, err));
	TRY(matter_take_reply(&c, call->reply, &call->id, err));
	TRY(matter_save(ctx, &c.m, err));
	TRY(matter_add_event(ctx, c.m.id, "reply",
		str_printf(ctx->mem, "%.*s回复：%s", STR_ARG(c.m.org_name), matter_reply_title(call->reply->type)), STR(""), true, err));
	return matter_audit(ctx, "matter.reply", c.m.id,
		str_printf(ctx->mem, "事项 %.*s：执法机关回复（%s）", STR_ARG(c.m.no), matter_reply_title(call->reply->type)), err);
}

enum err_code matter_reply(
	struct matter_context *ctx, int64_t matter_id, const struct matter_reply_new *reply, int64_t *ret_id, struct err *err)
{
	struct matter_reply_new own = *reply;
	struct reply_call call = { .ctx = ctx, .matter_id = matter_id, .reply = &own };

	own.on_paper = false;
	own.received_on = DAY_NONE;
	TRY(db_transact(ctx->db, reply_body, &call, err));
	*ret_id = call.id;
	return ERR_OK;
}
