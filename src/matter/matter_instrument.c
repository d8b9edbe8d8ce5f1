/* Documents of a matter: drafting after the gate, and the hooks that ask the gate again at every later step and move clocks and steps after
 * it. */
#include <jansson.h>
#include <stdlib.h>

#include "matter/matter_private.h"

static struct matter_context matter_context_of(const struct instrument_context *ctx)
{
	return (struct matter_context){ .db = ctx->db,
		.mem = ctx->mem,
		.ids = ctx->ids,
		.app = ctx->app,
		.who = ctx->who,
		.now_ms = ctx->now_ms,
		.today = ctx->today };
}

/** True when the document itself states the duty and its basis: the fields that templates use for it. */
static bool states_basis(struct str fields)
{
	static const char *const names[] = { "duty_basis", "basis", "legal_basis" };
	json_t *object = json_loadb(fields.ptr ? fields.ptr : "", fields.len, 0, NULL);
	bool stated = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const json_t *value = json_object_get(object, names[i]);

		stated |= json_string_length(value) > 0 || json_array_size(value) > 0;
	}
	json_decref(object);
	return stated;
}

/** The texts of a JSON value, one behind the other, as the reader of the document will see them. */
static void collect_text(const json_t *value, struct buf *out)
{
	const char *key;
	json_t *child;
	size_t i;

	if (json_is_string(value)) {
		buf_puts(out, json_string_value(value));
		buf_putc(out, '\n');
	}
	json_array_foreach(value, i, child) collect_text(child, out);
	json_object_foreach((json_t *)value, key, child) collect_text(child, out);
}

#define FIELD_TEXT_MAX (4u << 20)

/** A document for the agency must not give the complaint away. */
static enum err_code check_fields_leak(const struct matter_case *c, const struct instrument_kind *kind, struct str fields, struct err *err)
{
	json_t *object;
	struct buf text;
	enum err_code code;

	if (!c->m.sealed || (kind && kind->to_government))
		return ERR_OK;
	object = json_loadb(fields.ptr ? fields.ptr : "", fields.len, 0, NULL);
	buf_init(&text, FIELD_TEXT_MAX);
	collect_text(object, &text);
	json_decref(object);
	code = text.failed ? err_set(err, ERR_LIMIT, "文书内容过长") : matter_check_leak(c, "文书", buf_str(&text), err);
	buf_clear(&text);
	return code;
}

/* ---- drafting ---- */

/** "33(3)" as instrument puts it behind the law's name: 第33条第3款. */
static struct str article_words(struct arena *mem, const char *article)
{
	char text[96];

	gate_article_text(article, text);
	return text[0] ? str_dup(mem, str_of(text + sizeof("《" GATE_LAW "》") - 1)) : STR("");
}

/** The gate's answer as instrument wants it. */
static void permit_of(struct arena *mem, const struct gate_answer *answer, struct instrument_permit *ret)
{
	*ret = (struct instrument_permit){
		.allowed = answer->verdict != GATE_BLOCKED, .reason = STR(""), .article = STR(""), .warning = STR("")
	};
	if (answer->reason_count == 0)
		return;
	ret->article = article_words(mem, answer->reasons[0].article);
	if (answer->verdict == GATE_BLOCKED)
		ret->reason = str_of(answer->reasons[0].text);
	else
		ret->warning = str_of(answer->reasons[0].text);
}

static int32_t proposed_deadline(const struct matter_context *ctx, const struct instrument_kind *kind)
{
	enum period_unit unit;

	if (!kind->has_deadline || kind->reply_length <= 0 || !period_unit_parse(kind->reply_unit, &unit))
		return DAY_NONE;
	return calendar_deadline(ctx->app->calendar, ctx->today, kind->reply_length, unit, true);
}

/** The draft begins with what verification established, so that nobody types it twice. Not where a complaint stands behind the matter:
 * there the finding was written for the file, and what the agency reads is written for the agency. */
static struct str with_known_facts(const struct matter_case *c, const struct instrument_kind *kind, struct str fields)
{
	static const char *const names[] = { "facts", "inaction_facts" };
	json_t *object;
	char *text;
	struct str ret = fields;

	if (c->m.facts.len == 0 || (c->m.sealed && !kind->to_government))
		return fields;
	object = fields.len > 0 ? json_loadb(fields.ptr, fields.len, 0, NULL) : json_object();
	for (size_t i = 0; json_is_object(object) && i < kind->field_count; i++) {
		const struct instrument_field *f = &kind->fields[i];

		for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
			if (str_eq(f->name, str_of(names[n])) && !json_object_get(object, names[n]) &&
				(int64_t)utf8_count(c->m.facts) <= f->chars_max)
				json_object_set_new(object, names[n], json_stringn(c->m.facts.ptr, c->m.facts.len));
	}
	text = json_is_object(object) ? json_dumps(object, JSON_COMPACT) : NULL;
	if (text)
		ret = str_dup(c->ctx->mem, str_of(text));
	free(text);
	json_decref(object);
	return ret;
}

struct draft_call {
	struct matter_context *ctx;
	int64_t matter_id;
	const struct matter_draft *draft;
	int64_t instrument_id;
};

static enum err_code add_draft(struct draft_call *call, struct matter_case *c, const struct gate_answer *answer, struct err *err)
{
	struct matter_context *ctx = call->ctx;
	struct instrument_context documents = instrument_context_of(ctx);
	const struct instrument_kind *kind = instrument_kind_find(ctx->app->instruments, call->draft->kind);
	struct instrument_draft draft = { .matter_id = c->m.id,
		.agency_id = c->m.org_id,
		.body_id = c->m.body_id,
		.kind = call->draft->kind,
		.fields = call->draft->fields,
		.template_id = call->draft->template_id,
		.sealed = c->m.sealed };
	struct instrument_permit permit;

	if (!kind)
		return err_set(err, ERR_INPUT, "没有“%.*s”的模板", STR_ARG(call->draft->kind));
	draft.fields = with_known_facts(c, kind, draft.fields);
	TRY(check_fields_leak(c, kind, draft.fields, err));
	draft.deadline_on = proposed_deadline(ctx, kind);
	permit_of(ctx->mem, answer, &permit);
	TRY(instrument_draft(&documents, &draft, &permit, &call->instrument_id, err));
	return matter_add_event(ctx, c->m.id, "draft_instrument",
		str_printf(ctx->mem, "起草%.*s%s%.*s%s", STR_ARG(kind->short_title), permit.warning.len > 0 ? "（提醒：" : "",
			STR_ARG(permit.warning), permit.warning.len > 0 ? "）" : ""),
		STR(""), false, err);
}

static enum err_code draft_body(struct db *db, void *arg, struct err *err)
{
	struct draft_call *call = arg;
	struct matter_case c;
	struct gate_answer answer;
	const char *article;
	struct str note = str_trim(call->draft->basis_note);

	(void)db;
	TRY(matter_case_load(call->ctx, call->matter_id, &c, err));
	TRY(matter_check_own(&c, err));
	TRY(matter_document_check(&c, call->draft->kind, &answer, &article, err));
	if (answer.must_state_basis && note.len == 0 && c.m.basis_note.len == 0 && !states_basis(call->draft->fields))
		return err_set(err, ERR_INPUT, "问题尚未查明，起草督办函应当写明应履行的职责及其依据〔依据：《" GATE_LAW "》第27条〕");
	if (note.len > 0)
		c.m.basis_note = note;
	TRY(add_draft(call, &c, &answer, err));
	return matter_save(call->ctx, &c.m, err);
}

enum err_code matter_draft_instrument(
	struct matter_context *ctx, int64_t id, const struct matter_draft *draft, int64_t *ret_instrument_id, struct err *err)
{
	struct draft_call call = { .ctx = ctx, .matter_id = id, .draft = draft };
	const struct gate_facts township = { .issuer = GATE_ISSUER_TOWNSHIP };
	enum gate_item item = gate_item_parse(draft->kind);

	if (item == GATE_ITEM_COUNT)
		return err_set(err, ERR_INPUT, "没有“%.*s”这种文书", STR_ARG(draft->kind));
	if (!matter_is_program(ctx->who) && actor_has(ctx->who, ROLE_TOWNSHIP) && !actor_has(ctx->who, ROLE_BODY))
		return matter_gate_need(item, &township, err);
	if (!matter_is_program(ctx->who) && !actor_has(ctx->who, ROLE_SUPERVISOR | ROLE_LEADER))
		return err_set(err, ERR_FORBIDDEN, "只有监督人员和监督机构负责人可以起草文书");
	if (utf8_count(draft->basis_note) > 2000)
		return err_set(err, ERR_INPUT, "职责及其依据不能超过 2000 个字");
	TRY(db_transact(ctx->db, draft_body, &call, err));
	*ret_instrument_id = call.instrument_id;
	return ERR_OK;
}

/* ---- the gate at every later step ---- */

static enum err_code load_for_hook(struct matter_context *ctx, const struct instrument *in, struct matter_case *ret, struct err *err)
{
	struct matter m;

	TRY(matter_read(ctx, in->matter_id, true, &m, err));
	return matter_case_of(ctx, &m, ret, err);
}

static void refuse(struct arena *mem, struct instrument_permit *ret, struct str reason, const char *article)
{
	*ret = (struct instrument_permit){ .allowed = false, .reason = reason, .article = article_words(mem, article), .warning = STR("") };
}

static enum err_code permit_hook(struct instrument_context *ictx, const struct instrument *in, enum instrument_action action,
	struct instrument_permit *ret, struct err *err)
{
	struct matter_context ctx = matter_context_of(ictx);
	enum gate_item item = gate_item_parse(in->kind_name);
	struct gate_facts facts;
	struct gate_answer answer;
	struct matter_case c;
	struct err leak;

	if (item == GATE_ITEM_COUNT) {
		refuse(ctx.mem, ret, STR("放行矩阵里没有这种文书"), "26(1)");
		return ERR_OK;
	}
	TRY(load_for_hook(&ctx, in, &c, err));
	matter_case_facts(&c, in->kind && in->kind->issuer == INSTRUMENT_BY_GOVERNMENT ? GATE_ISSUER_GOVERNMENT : GATE_ISSUER_BODY, &facts);
	matter_gate(item, &facts, &answer);
	permit_of(ctx.mem, &answer, ret);
	if (!ret->allowed)
		return ERR_OK;
	if (c.m.state == MATTER_CLOSED)
		refuse(ctx.mem, ret, STR("事项已结案"), "");
	else if (c.m.state == MATTER_SUSPENDED)
		refuse(ctx.mem, ret, str_of(matter_gate_suspension(true).text), "33(3)");
	else if (action != INSTRUMENT_ACT_EDIT && answer.must_state_basis && c.m.basis_note.len == 0 && !states_basis(in->fields))
		refuse(ctx.mem, ret, STR("问题尚未查明，督办函应当写明应履行的职责及其依据"), "27");
	else if ((action == INSTRUMENT_ACT_SUBMIT || action == INSTRUMENT_ACT_APPROVE || action == INSTRUMENT_ACT_EDIT) &&
		 check_fields_leak(&c, in->kind, in->fields, &leak) != ERR_OK)
		refuse(ctx.mem, ret, str_dup(ctx.mem, str_of(leak.msg)), "");
	return ERR_OK;
}

/* ---- after a step ---- */

static struct str document_name(struct matter_context *ctx, const struct instrument *in)
{
	struct str title = in->kind ? in->kind->short_title : in->kind_name;

	return in->number.len > 0 ? str_printf(ctx->mem, "%.*s %.*s", STR_ARG(title), STR_ARG(in->number)) : title;
}

static bool is_kind(const struct instrument *in, const char *kind)
{
	return str_eq(in->kind_name, str_of(kind));
}

static bool to_agency(const struct instrument *in)
{
	return in->kind && !in->kind->to_government;
}

static enum err_code after_serve(struct matter_case *c, const struct instrument *in, struct err *err)
{
	const struct process_document *d = process_document_find(c->process, in->kind_name);
	int32_t on = in->served_on == DAY_NONE ? c->ctx->today : in->served_on;
	int clock;

	if (d && d->reply_clock != PROCESS_ANY)
		TRY(matter_clock_start(c, d->reply_clock, on, in->id, in->deadline_on, err));
	if (is_kind(in, "upper_notice")) {
		c->m.upper_notified_on = on;
		clock = process_clock_index(c->process, STR("upper_notice"));
		if (clock >= 0)
			TRY(matter_clock_end(c, clock, 0, on, err));
	}
	if (to_agency(in) && c->m.served_on == DAY_NONE && !is_kind(in, "upper_notice"))
		c->m.served_on = on;
	if (to_agency(in) && c->m.assigned_title.len == 0 && !is_kind(in, "upper_notice"))
		c->m.assigned_title = document_name(c->ctx, in); /* what the agency finds it by */
	if (!instrument_is_statutory(in))
		return ERR_OK;
	clock = process_clock_index(c->process, STR("verification"));
	if (clock >= 0)
		TRY(matter_clock_end(c, clock, 0, c->ctx->today, err));
	c->m.step = STR("rectification");
	c->m.rectified = c->m.verify_failed = false; /* what the new document demands has yet to be checked */
	if (!is_kind(in, "supervision_decision"))
		c->m.unheeded = false;
	return ERR_OK;
}

static enum err_code after_void(struct matter_case *c, const struct instrument *in, struct err *err)
{
	bool other = false;

	TRY(matter_clock_end(c, PROCESS_ANY, in->id, c->ctx->today, err));
	if (!is_kind(in, "handling_proposal") || c->m.gov_approval_no.len > 0)
		return ERR_OK;
	for (size_t i = 0; i < c->instrument_count; i++)
		other |= is_kind(&c->instruments[i], "handling_proposal") && c->instruments[i].id != in->id &&
		         c->instruments[i].state >= INSTRUMENT_SEALED && c->instruments[i].state != INSTRUMENT_VOID;
	if (!other)
		c->m.proposal_on = DAY_NONE;
	return ERR_OK;
}

static enum err_code apply_step(struct matter_case *c, const struct instrument *in, enum instrument_action action, struct err *err)
{
	if (action == INSTRUMENT_ACT_SERVE)
		return after_serve(c, in, err);
	if (action == INSTRUMENT_ACT_VOID)
		return after_void(c, in, err);
	if (action == INSTRUMENT_ACT_SEAL && is_kind(in, "handling_proposal")) {
		c->m.proposal_on = c->ctx->today;
		if (c->m.gov_approval_no.len == 0)
			c->m.gov_approved_on = DAY_NONE; /* a new proposal: the earlier refusal is history */
	}
	return ERR_OK;
}

static const char *const step_texts[INSTRUMENT_ACTION_COUNT] = {
	[INSTRUMENT_ACT_SUBMIT] = "送审",
	[INSTRUMENT_ACT_RETURN] = "退回修改",
	[INSTRUMENT_ACT_APPROVE] = "批准",
	[INSTRUMENT_ACT_NUMBER] = "编号",
	[INSTRUMENT_ACT_SEAL] = "用印，已附用印件",
	[INSTRUMENT_ACT_SERVE] = "送达",
	[INSTRUMENT_ACT_VOID] = "作废",
};

static enum err_code on_step_hook(
	struct instrument_context *ictx, const struct instrument *in, enum instrument_action action, struct err *err)
{
	struct matter_context ctx = matter_context_of(ictx);
	struct matter_case c;
	enum err_code code;
	bool visible = action == INSTRUMENT_ACT_SERVE && to_agency(in);

	if (!step_texts[action])
		return ERR_OK;
	TRY(load_for_hook(&ctx, in, &c, err));
	TRY(apply_step(&c, in, action, err));
	code = matter_save(&ctx, &c.m, err);
	if (code == ERR_STATE) /* somebody changed the matter in between: the step is run again on what is true now */
		return err_set(err, ERR_RETRY, "事项刚刚被他人办理");
	TRY(code);
	return matter_add_event(&ctx, c.m.id, instrument_action_slug(action),
		str_printf(ctx.mem, "%.*s：%s", STR_ARG(document_name(&ctx, in)), step_texts[action]),
		str_printf(ctx.mem, "{\"instrument_id\":\"%lld\"}", (long long)in->id), visible, err);
}

const struct instrument_hooks matter_instrument_hooks = { .permit = permit_hook, .on_step = on_step_hook };
