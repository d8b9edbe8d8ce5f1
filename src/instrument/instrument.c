/* The life of a document. Who may do which step is the table `steps`; what the law allows for the matter is asked of module matter through
 * the permit. All of a step — state, number, files, the matter's event, the audit entry — is one transaction. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "base/file.h"
#include "crypto/crypto.h"
#include "instrument/instrument_private.h"

static const struct {
	const char *slug, *title;
} states[INSTRUMENT_STATE_COUNT] = {
	[INSTRUMENT_DRAFT] = { "draft", "草稿" },
	[INSTRUMENT_APPROVED] = { "approved", "已审批" },
	[INSTRUMENT_NUMBERED] = { "numbered", "已编号" },
	[INSTRUMENT_SEALED] = { "sealed", "已用印" },
	[INSTRUMENT_SERVED] = { "served", "已送达" },
	[INSTRUMENT_VOID] = { "void", "已作废" },
};

const char *instrument_state_slug(enum instrument_state s)
{
	return states[s].slug;
}

const char *instrument_state_title(enum instrument_state s)
{
	return states[s].title;
}

#define IN(s) (1u << INSTRUMENT_##s)
enum submitted { ANY_SUBMITTED, NOT_SUBMITTED, SUBMITTED };

/** One row a step: from where, by whom, to where. */
static const struct step_row {
	const char *slug, *label, *done; /* done: the verb of the audit line */
	unsigned int from;
	enum submitted submitted;
	bool by_approver; /* the kind's approvers; else staff of the body, for government documents also its approver */
	enum instrument_state to;
} steps[INSTRUMENT_ACTION_COUNT] = {
	[INSTRUMENT_ACT_DRAFT] = { "draft", "拟稿", "拟稿", 0, ANY_SUBMITTED, false, INSTRUMENT_DRAFT },
	[INSTRUMENT_ACT_EDIT] = { "edit", "修改", "修改", IN(DRAFT), NOT_SUBMITTED, false, INSTRUMENT_DRAFT },
	[INSTRUMENT_ACT_SUBMIT] = { "submit", "提请审批", "提请审批", IN(DRAFT), NOT_SUBMITTED, false, INSTRUMENT_DRAFT },
	[INSTRUMENT_ACT_RETURN] = { "return", "退回修改", "退回修改", IN(DRAFT) | IN(APPROVED), ANY_SUBMITTED, true, INSTRUMENT_DRAFT },
	[INSTRUMENT_ACT_APPROVE] = { "approve", "批准", "批准", IN(DRAFT), SUBMITTED, true, INSTRUMENT_APPROVED },
	[INSTRUMENT_ACT_NUMBER] = { "number", "编号", "编号", IN(APPROVED), ANY_SUBMITTED, false, INSTRUMENT_NUMBERED },
	[INSTRUMENT_ACT_SEAL] = { "seal", "上传用印件", "上传用印件", IN(NUMBERED), ANY_SUBMITTED, false, INSTRUMENT_SEALED },
	[INSTRUMENT_ACT_SERVE] = { "serve", "登记送达", "登记送达", IN(SEALED), ANY_SUBMITTED, false, INSTRUMENT_SERVED },
	[INSTRUMENT_ACT_VOID] = { "void", "作废", "作废", IN(DRAFT) | IN(APPROVED) | IN(NUMBERED) | IN(SEALED) | IN(SERVED), ANY_SUBMITTED,
		false, INSTRUMENT_VOID },
};

const char *instrument_action_slug(enum instrument_action a)
{
	return steps[a].slug;
}

static struct instrument_set *set_of(const struct instrument_context *ctx)
{
	assert(ctx->app && ctx->app->instruments);
	return ctx->app->instruments;
}

/* ---- who ---- */

enum err_code refuse_township(struct instrument_context *ctx, struct err *err)
{
	struct org org = { .kind = ORG_KIND_COUNT };
	bool township = actor_has(ctx->who, ROLE_TOWNSHIP);

	if (!township && ctx->who->org_id > 0) {
		TRY(org_get(ctx->db, ctx->who->org_id, ctx->mem, &org, err));
		township = org.kind == ORG_JUDICIAL_OFFICE || org.level == ORG_TOWNSHIP;
	}
	if (township)
		return err_set(err, ERR_BLOCKED,
			"司法所、乡镇（街道）协助监督，不能以自己的名义拟制或签发监督文书〔依据：《行政执法监督条例》第6条第2款、第26条〕");
	return ERR_OK;
}

/** Roles that do a step on this kind. */
static unsigned int step_roles(const struct step_row *s, const struct instrument_kind *k)
{
	if (s->by_approver)
		return k->approve_roles;
	return ROLE_SUPERVISOR | ROLE_LEADER | (k->issuer == INSTRUMENT_BY_GOVERNMENT && s->from != IN(DRAFT) ? ROLE_GOV_APPROVER : 0);
}

/** Why this actor may not do the step now; ERR_OK when he may, as far as this module decides. */
static enum err_code step_check(
	const struct actor *who, const struct instrument_store_row *r, enum instrument_action action, struct err *err)
{
	const struct step_row *s = &steps[action];
	const struct instrument *in = &r->in;
	unsigned int roles;
	bool own_body;

	if (!in->kind)
		return err_set(err, ERR_STATE, "文书种类“%.*s”已从模板中删去", STR_ARG(in->kind_name));
	roles = step_roles(s, in->kind);
	own_body = who->org_id == in->body_id && actor_has(who, roles & ROLE_BODY);
	if (!own_body && !(who->org_id == in->issuer_id && actor_has(who, roles & ROLE_GOV_APPROVER)))
		return err_set(err, ERR_FORBIDDEN, "“%s”由%s办理", s->label,
			!s->by_approver                               ? "拟制文书的监督机构"
			: in->kind->approve_roles & ROLE_GOV_APPROVER ? "本级人民政府审批人员"
								      : "监督机构负责人");
	if (in->stopped && action != INSTRUMENT_ACT_VOID)
		return err_set(
			err, ERR_BLOCKED, "同一行为已进入行政复议或者行政诉讼，文书停止办理〔依据：《行政执法监督条例》第33条第3款〕");
	if (!(s->from & (1u << in->state)))
		return err_set(err, ERR_STATE, "文书“%s”，不能“%s”", states[in->state].title, s->label);
	if (s->submitted == NOT_SUBMITTED && in->submitted)
		return err_set(err, ERR_STATE, "文书已提请审批，请等待批准或者退回");
	if (s->submitted == SUBMITTED && !in->submitted)
		return err_set(err, ERR_STATE, "文书还没有提请审批");
	if (action == INSTRUMENT_ACT_RETURN && in->state == INSTRUMENT_DRAFT && !in->submitted)
		return err_set(err, ERR_STATE, "文书还没有提请审批");
	if (action == INSTRUMENT_ACT_APPROVE && who->account_id == in->drafter_id)
		return err_set(err, ERR_FORBIDDEN, "拟稿人不能审批自己拟的文书");
	if (action == INSTRUMENT_ACT_VOID && in->state != INSTRUMENT_DRAFT && !actor_has(who, in->kind->approve_roles | ROLE_LEADER))
		return err_set(err, ERR_FORBIDDEN, "已批准的文书由负责人作废");
	return ERR_OK;
}

/** 条例's article of a permit as the error texts have it. */
static enum err_code permit_error(const struct instrument_permit *permit, struct err *err)
{
	if (permit->article.len == 0)
		return err_set(err, ERR_BLOCKED, "%.*s", STR_ARG(permit->reason));
	return err_set(err, ERR_BLOCKED, "%.*s〔依据：《行政执法监督条例》%.*s〕", STR_ARG(permit->reason), STR_ARG(permit->article));
}

static enum err_code ask_permit(struct instrument_context *ctx, const struct instrument *in, enum instrument_action action,
	struct instrument_permit *ret, struct err *err)
{
	const struct instrument_hooks *hooks = set_of(ctx)->hooks;

	*ret = (struct instrument_permit){ .reason = STR("没有接入监督事项，不能办理文书") };
	if (action == INSTRUMENT_ACT_VOID || action == INSTRUMENT_ACT_RETURN) {
		ret->allowed = true;
		return ERR_OK;
	}
	return hooks && hooks->permit ? hooks->permit(ctx, in, action, ret, err) : ERR_OK;
}

static enum err_code need_permit(
	struct instrument_context *ctx, const struct instrument *in, enum instrument_action action, struct err *err)
{
	struct instrument_permit permit;

	TRY(ask_permit(ctx, in, action, &permit, err));
	return permit.allowed ? ERR_OK : permit_error(&permit, err);
}

bool may_see(const struct actor *who, const struct instrument_store_row *r)
{
	if (!actor_sees(who, r->in.agency_path))
		return false;
	if (actor_has(who, ROLE_OFFICE))
		return actor_sees(who, r->body_path);
	return actor_has(who, ROLE_LIAISON) && r->in.state == INSTRUMENT_SERVED && r->in.to_agency;
}

enum err_code visible_get(struct instrument_context *ctx, int64_t id, struct instrument_store_row *ret, struct err *err)
{
	TRY(store_get(ctx->db, set_of(ctx), id, ctx->mem, ret, err));
	return may_see(ctx->who, ret) ? ERR_OK : err_set(err, ERR_NOT_FOUND, "没有这份文书");
}

/* ---- shared by the steps ---- */

static enum err_code note(struct instrument_context *ctx, const struct instrument *in, enum instrument_action action, struct err *err)
{
	const struct instrument_hooks *hooks = set_of(ctx)->hooks;
	struct str number = in->number.len > 0 ? str_printf(ctx->mem, "（%.*s）", STR_ARG(in->number)) : STR("");
	struct str summary = str_printf(
		ctx->mem, "%s：%.*s%.*s", steps[action].done, STR_ARG(in->kind ? in->kind->title : in->kind_name), STR_ARG(number));
	struct audit_entry entry = { .action = str_printf(ctx->mem, "instrument.%s", steps[action].slug),
		.subject = STR("instrument"),
		.subject_id = in->id,
		.summary = summary,
		.detail = str_printf(ctx->mem, "{\"state\":\"%s\",\"version\":%lld,\"matter_id\":\"%lld\"}", states[in->state].slug,
			(long long)in->version, (long long)in->matter_id) };

	if (!summary.ptr || !entry.detail.ptr)
		return err_nomem(err);
	if (hooks && hooks->on_step)
		TRY(hooks->on_step(ctx, in, action, err));
	return audit_add(ctx->db, ctx->who, ctx->now_ms, &entry, err);
}

/** Title, recipient and deadline follow the fields. */
static enum err_code derive(struct instrument_context *ctx, struct instrument *in, json_t *fields, struct err *err)
{
	struct instrument_names names;
	struct str main_to = fields_text(fields, STR("main_to"));

	TRY(instrument_names_load(ctx, in, &names, err));
	if (main_to.len == 0) {
		main_to = in->kind->to_government ? names.government : names.agency;
		if (json_object_set_new(fields, "main_to", json_stringn(main_to.ptr, main_to.len)) != 0)
			return err_nomem(err);
	}
	in->main_to = str_dup(ctx->mem, main_to);
	in->deadline_on = in->kind->has_deadline ? fields_day(fields, STR("deadline_on")) : DAY_NONE;
	TRY(pattern_fill(in->kind->heading_pattern, in, fields, &names, ctx->mem, &in->title, err));
	return fields_print(fields, ctx->mem, &in->fields, err);
}

static enum err_code set_template(struct instrument_context *ctx, struct instrument *in, int64_t template_id, struct err *err)
{
	struct template_row t;

	if (template_id > 0) {
		TRY(store_template_get(ctx->db, template_id, ctx->mem, &t, err));
		if (t.body_id != in->body_id || !str_eq(t.kind, in->kind_name))
			return err_set(err, ERR_INPUT, "模板“%.*s”不是本单位用于此种文书的模板", STR_ARG(t.name));
	}
	in->template_id = template_id;
	return ERR_OK;
}

/* ---- draft ---- */

static void make_check_code(char out[static INSTRUMENT_CODE_SIZE])
{
	static const char alphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"; /* 32, without 0 1 I O */
	char hex[2 * (INSTRUMENT_CODE_SIZE - 1) + 1];

	random_hex(INSTRUMENT_CODE_SIZE - 1, hex);
	for (int i = 0; i < INSTRUMENT_CODE_SIZE - 1; i++) {
		unsigned int byte;

		sscanf(hex + 2 * i, "%2x", &byte);
		out[i] = alphabet[byte & 31];
	}
	out[INSTRUMENT_CODE_SIZE - 1] = '\0';
}

struct draft_call {
	struct instrument_context *ctx;
	const struct instrument_draft *draft;
	const struct instrument_kind *kind;
	int64_t id;
};

static enum err_code find_issuer(struct instrument_context *ctx, int64_t body_id, struct instrument_store_row *r, struct err *err)
{
	struct org body, issuer;

	TRY(org_get(ctx->db, body_id, ctx->mem, &body, err));
	if (body.kind != ORG_SUPERVISION_BODY)
		return err_set(err, ERR_FORBIDDEN, "监督文书由行政执法监督机构拟制，“%.*s”不是监督机构〔依据：《行政执法监督条例》第6条〕",
			STR_ARG(body.name));
	issuer = body;
	if (r->in.kind->issuer == INSTRUMENT_BY_GOVERNMENT)
		TRY(org_government_of(ctx->db, body_id, ctx->mem, &issuer, err));
	r->in.body_id = body.id;
	r->body_path = body.path;
	r->in.issuer_id = issuer.id;
	r->in.issuer_name = issuer.name;
	return ERR_OK;
}

static enum err_code draft_body(struct db *db, void *arg, struct err *err)
{
	CLEANUP(json_decrefp) json_t *fields = NULL;
	struct draft_call *call = arg;
	struct instrument_context *ctx = call->ctx;
	const struct instrument_draft *d = call->draft;
	struct instrument_store_row r = { 0 };
	struct instrument *in = &r.in;
	struct org agency;
	char code[INSTRUMENT_CODE_SIZE];

	*in = (struct instrument){ .id = id_new(ctx->ids),
		.matter_id = d->matter_id,
		.agency_id = d->agency_id,
		.kind = call->kind,
		.kind_name = call->kind->kind,
		.version = 1,
		.issued_on = DAY_NONE,
		.served_on = DAY_NONE,
		.gov_approved_on = DAY_NONE,
		.sealed = d->sealed,
		.to_agency = !call->kind->to_government,
		.drafter_id = ctx->who->account_id,
		.drafter_name = ctx->who->name,
		.created_ms = ctx->now_ms,
		.changed_ms = ctx->now_ms };
	TRY(find_issuer(ctx, d->body_id > 0 ? d->body_id : ctx->who->org_id, &r, err));
	if (r.in.body_id != ctx->who->org_id)
		return err_set(err, ERR_FORBIDDEN, "只能以自己所在监督机构的名义拟制文书");
	TRY(org_get(db, d->agency_id, ctx->mem, &agency, err));
	in->agency_path = agency.path;
	TRY(fields_parse(call->kind, d->fields, false, &fields, err));
	if (call->kind->has_deadline && d->deadline_on != DAY_NONE && !fields_has(fields, STR("deadline_on"))) {
		char day[11];

		day_format(d->deadline_on, day);
		if (json_object_set_new(fields, "deadline_on", json_string(day)) != 0)
			return err_nomem(err);
	}
	TRY(derive(ctx, in, fields, err));
	if (d->template_id > 0)
		TRY(set_template(ctx, in, d->template_id, err));
	else
		TRY(store_template_find(db, in->body_id, in->kind_name, &in->template_id, err));
	make_check_code(code);
	in->check_code = str_dup(ctx->mem, str_of(code));
	TRY(store_insert(db, &r, err));
	TRY(store_version_add(db, in, ctx->who, ctx->now_ms, err));
	TRY(note(ctx, in, INSTRUMENT_ACT_DRAFT, err));
	call->id = in->id;
	return ERR_OK;
}

enum err_code instrument_draft(struct instrument_context *ctx, const struct instrument_draft *draft, const struct instrument_permit *permit,
	int64_t *ret_id, struct err *err)
{
	struct draft_call call = { .ctx = ctx, .draft = draft, .kind = instrument_kind_find(set_of(ctx), draft->kind) };

	if (!call.kind)
		return err_set(err, ERR_INPUT, "没有“%.*s”这种文书", STR_ARG(draft->kind));
	TRY(refuse_township(ctx, err));
	if (!actor_has(ctx->who, ROLE_SUPERVISOR | ROLE_LEADER))
		return err_set(err, ERR_FORBIDDEN, "文书由监督人员拟制");
	if (!permit->allowed)
		return permit_error(permit, err);
	TRY(db_transact(ctx->db, draft_body, &call, err));
	*ret_id = call.id;
	return ERR_OK;
}

/* ---- edit ---- */

struct edit_call {
	struct instrument_context *ctx;
	const struct instrument_edit *edit;
	int64_t id;
};

/** An upload of the actor becomes a file of the document; files of sealed clues never do, under whatever name they come. */
static enum err_code attach(
	struct instrument_context *ctx, const struct instrument *in, int64_t file_id, const char *role, struct str mime, struct err *err)
{
	struct attachment a;
	struct instrument_file f;
	bool sealed;

	TRY(attachment_get(ctx->db, file_id, ctx->mem, &a, err));
	TRY(store_content_is_sealed(ctx->db, a.sm3, &sealed, err));
	if (sealed || a.sealed)
		return err_set(err, ERR_BLOCKED, "这是投诉举报的材料，须为投诉举报人保密，不得附入文书");
	f = (struct instrument_file){ .instrument_id = in->id,
		.attachment_id = file_id,
		.role = str_of(role),
		.name = a.name,
		.mime = mime.len > 0 ? mime : a.mime,
		.sm3 = a.sm3,
		.size_bytes = a.size_bytes };
	TRY(attachment_claim(ctx->db, file_id, ctx->who->account_id, STR("instrument"), in->id, false, err));
	return store_file_add(ctx->db, ctx->ids, ctx->now_ms, &f, err);
}

static enum err_code edit_body(struct db *db, void *arg, struct err *err)
{
	CLEANUP(json_decrefp) json_t *fields = NULL;
	CLEANUP(json_decrefp) json_t *patch = NULL;
	struct edit_call *call = arg;
	struct instrument_context *ctx = call->ctx;
	const struct instrument_edit *e = call->edit;
	struct instrument_store_row r;
	struct str before;

	TRY(visible_get(ctx, call->id, &r, err));
	TRY(step_check(ctx->who, &r, INSTRUMENT_ACT_EDIT, err));
	if (e->expected_version > 0 && e->expected_version != r.in.version)
		return err_set(err, ERR_CONFLICT, "别人已改到第 %lld 版，请刷新后再改", (long long)r.in.version);
	before = r.in.fields;
	TRY(fields_parse(r.in.kind, before, false, &fields, err));
	TRY(fields_parse(r.in.kind, e->fields, true, &patch, err));
	TRY(fields_merge(fields, patch, err));
	TRY(derive(ctx, &r.in, fields, err));
	TRY(need_permit(
		ctx, &r.in, INSTRUMENT_ACT_EDIT, err)); /* asked of what it is going to say: what must not stand in it can be taken out */
	if (e->template_id >= 0)
		TRY(set_template(ctx, &r.in, e->template_id, err));
	for (size_t i = 0; i < e->annex_count; i++)
		TRY(attach(ctx, &r.in, e->annexes[i], "annex", STR(""), err));
	if (!str_eq(before, r.in.fields))
		r.in.version++;
	r.in.changed_ms = ctx->now_ms;
	TRY(store_update(db, &r, err));
	if (!str_eq(before, r.in.fields))
		TRY(store_version_add(db, &r.in, ctx->who, ctx->now_ms, err));
	return note(ctx, &r.in, INSTRUMENT_ACT_EDIT, err);
}

enum err_code instrument_edit(struct instrument_context *ctx, int64_t id, const struct instrument_edit *edit, struct err *err)
{
	struct edit_call call = { .ctx = ctx, .edit = edit, .id = id };

	TRY(refuse_township(ctx, err));
	return db_transact(ctx->db, edit_body, &call, err);
}

/* ---- steps ---- */

typedef enum err_code step_function(
	struct instrument_context *ctx, struct instrument_store_row *r, const struct instrument_step *step, struct err *err);

static enum err_code do_submit(
	struct instrument_context *ctx, struct instrument_store_row *r, const struct instrument_step *step, struct err *err)
{
	CLEANUP(json_decrefp) json_t *fields = NULL;

	(void)step;
	TRY(fields_parse(r->in.kind, r->in.fields, false, &fields, err));
	TRY(fields_complete(r->in.kind, fields, ctx->today, err));
	r->in.submitted = true;
	r->in.return_reason = STR("");
	return ERR_OK;
}

static enum err_code do_return(
	struct instrument_context *ctx, struct instrument_store_row *r, const struct instrument_step *step, struct err *err)
{
	if (str_trim(step->opinion).len == 0)
		return err_set(err, ERR_INPUT, "退回修改必须写明意见");
	r->in.submitted = false;
	r->in.return_reason = str_trim(step->opinion);
	r->in.approver_id = 0;
	r->in.approver_name = STR("");
	r->in.gov_approval_no = STR("");
	r->in.gov_approved_on = DAY_NONE;
	(void)ctx;
	return ERR_OK;
}

static enum err_code do_approve(
	struct instrument_context *ctx, struct instrument_store_row *r, const struct instrument_step *step, struct err *err)
{
	CLEANUP(json_decrefp) json_t *fields = NULL;

	TRY(fields_parse(r->in.kind, r->in.fields, false, &fields, err));
	TRY(fields_complete(r->in.kind, fields, ctx->today, err));
	if (r->in.kind->needs_gov_approval) {
		if (str_trim(step->gov_approval_no).len == 0 || step->gov_approved_on == DAY_NONE)
			return err_set(err, ERR_INPUT,
				"决定书由本级人民政府批准，必须填写批准文号和批准日期〔依据：《行政执法监督条例》第26条第1款、第29条〕");
		if (step->gov_approved_on > ctx->today)
			return err_set(err, ERR_INPUT, "批准日期不能晚于今天");
		r->in.gov_approval_no = str_trim(step->gov_approval_no);
		r->in.gov_approved_on = step->gov_approved_on;
	}
	r->in.approver_id = ctx->who->account_id;
	r->in.approver_name = ctx->who->name;
	r->opinion = str_trim(step->opinion);
	return ERR_OK;
}

/** A series belongs to one issuer: its code, or its identifier where it has none. */
static struct str issuer_code(const struct org *issuer, struct arena *mem)
{
	return issuer->code.len > 0 ? issuer->code : str_printf(mem, "#%lld", (long long)issuer->id);
}

/** A number from the office system: its series when it is ours, a series of its own prefix else. */
static enum err_code manual_number(struct instrument_context *ctx, const struct instrument *in, const struct org *issuer, struct str text,
	struct number_row *row, struct err *err)
{
	const struct instrument_set *set = set_of(ctx);
	struct instrument_number number;
	bool taken;

	TRY(instrument_number_parse(text, &number, err));
	row->category = str_dup(ctx->mem, number.prefix);
	for (size_t i = 0; i < set->count; i++) {
		const struct instrument_kind *k = &set->kinds[i];

		if (k->issuer != in->kind->issuer || !str_eq(number_prefix(k, issuer->proxy_char, ctx->mem), number.prefix))
			continue;
		if (k != in->kind)
			return err_set(err, ERR_INPUT, "“%.*s”是%.*s的文号，不能用于%.*s", STR_ARG(number.prefix), STR_ARG(k->short_title),
				STR_ARG(in->kind->short_title));
		row->category = k->category;
	}
	row->year = number.year;
	row->seq = number.seq;
	row->manual = true;
	row->normalized_no = str_dup(ctx->mem, str_of(number.text));
	row->display_no = str_trim(text);
	TRY(store_number_taken(ctx->db, row->issuer_code, row->normalized_no, &taken, err));
	if (taken)
		return err_set(err, ERR_UNIQUE, "文号“%s”已经用过，不能重复使用", number.text);
	return ERR_OK;
}

static enum err_code next_number(struct instrument_context *ctx, const struct instrument *in, const struct org *issuer, int year,
	struct number_row *row, struct err *err)
{
	char text[INSTRUMENT_NUMBER_BYTES];

	if (issuer->proxy_char.len == 0)
		return err_set(err, ERR_STATE, "“%.*s”没有登记机关代字，不能自动编号；请在单位资料中登记，或者填写办公系统的文号",
			STR_ARG(issuer->name));
	row->category = in->kind->category;
	row->year = year;
	TRY(store_series_next(ctx->db, row->issuer_code, row->category, year, &row->seq, err));
	number_format(in->kind, issuer->proxy_char, year, row->seq, text);
	row->normalized_no = row->display_no = str_dup(ctx->mem, str_of(text));
	return row->normalized_no.ptr ? ERR_OK : err_nomem(err);
}

static enum err_code do_number(
	struct instrument_context *ctx, struct instrument_store_row *r, const struct instrument_step *step, struct err *err)
{
	int32_t issued_on = step->issued_on == DAY_NONE ? ctx->today : step->issued_on;
	struct number_row row = { .instrument_id = r->in.id };
	struct org issuer;
	enum err_code code;

	if (issued_on > ctx->today)
		return err_set(err, ERR_INPUT, "成文日期不能晚于今天");
	if (r->in.gov_approved_on != DAY_NONE && issued_on < r->in.gov_approved_on)
		return err_set(err, ERR_INPUT, "成文日期不能早于政府批准日期");
	TRY(org_get(ctx->db, r->in.issuer_id, ctx->mem, &issuer, err));
	row.issuer_code = issuer_code(&issuer, ctx->mem);
	if (str_trim(step->number).len > 0) {
		TRY(manual_number(ctx, &r->in, &issuer, str_trim(step->number), &row, err));
		if (row.year != day_to_ymd(issued_on).year)
			return err_set(err, ERR_INPUT, "文号中的年份 %d 与成文日期的年份 %d 不一致", row.year, day_to_ymd(issued_on).year);
	} else {
		TRY(next_number(ctx, &r->in, &issuer, day_to_ymd(issued_on).year, &row, err));
	}
	code = store_number_add(ctx->db, ctx->ids, &row, ctx->who->account_id, ctx->now_ms, err);
	if (code == ERR_UNIQUE) /* another took it between the look and the write: look again */
		return err_set(err, ERR_RETRY, "文号“%.*s”刚刚被使用，请重试", STR_ARG(row.normalized_no));
	TRY(code);
	r->in.number = row.normalized_no;
	r->in.issued_on = issued_on;
	return ERR_OK;
}

/** The type of a sealed copy by its first bytes, or NULL. OFD is a zip that holds OFD.xml. */
static const char *sniff(struct str bytes)
{
	if (str_starts(bytes, STR("%PDF-")))
		return "application/pdf";
	if (str_starts(bytes, STR("PK\003\004")) && str_has(bytes, STR("OFD.xml")))
		return "application/ofd";
	if (str_starts(bytes, STR("\x89PNG\r\n\x1a\n")))
		return "image/png";
	if (str_starts(bytes, STR("\xff\xd8\xff")))
		return "image/jpeg";
	if (str_starts(bytes, (struct str){ "II*\0", 4 }) || str_starts(bytes, (struct str){ "MM\0*", 4 }))
		return "image/tiff";
	return NULL;
}

static enum err_code do_seal(
	struct instrument_context *ctx, struct instrument_store_row *r, const struct instrument_step *step, struct err *err)
{
	CLEANUP(arena_closep) struct arena *work = arena_open(INSTRUMENT_FILE_BYTES_MAX + (1u << 20));
	struct attachment a;
	struct str bytes;
	const char *mime;

	if (!work)
		return err_nomem(err);
	if (step->file_id == 0)
		return err_set(err, ERR_INPUT, "请先上传盖章后的文书（PDF、OFD 或扫描图片）");
	TRY(attachment_get(ctx->db, step->file_id, ctx->mem, &a, err));
	if (a.account_id != ctx->who->account_id)
		return err_set(err, ERR_NOT_FOUND, "没有这个附件，或它已被使用");
	if (a.size_bytes > INSTRUMENT_FILE_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "用印件超过 %u MiB", INSTRUMENT_FILE_BYTES_MAX >> 20);
	TRY(stored_file_read(ctx->app->data_dir, a.sm3, INSTRUMENT_FILE_BYTES_MAX, work, &bytes, err));
	mime = sniff(bytes);
	if (!mime)
		return err_set(err, ERR_UNSUPPORTED, "用印件应为 PDF、OFD 或 PNG、JPEG、TIFF 扫描图片（按文件内容判断，与扩展名无关）");
	return attach(ctx, &r->in, step->file_id, "sealed_copy", str_of(mime), err);
}

static enum err_code do_serve(
	struct instrument_context *ctx, struct instrument_store_row *r, const struct instrument_step *step, struct err *err)
{
	int32_t served_on = step->served_on == DAY_NONE ? ctx->today : step->served_on;

	if (served_on > ctx->today)
		return err_set(err, ERR_INPUT, "送达日期不能晚于今天");
	if (r->in.issued_on != DAY_NONE && served_on < r->in.issued_on)
		return err_set(err, ERR_INPUT, "送达日期不能早于成文日期");
	if (str_trim(step->served_to).len == 0)
		return err_set(err, ERR_INPUT, "必须填写签收人");
	r->in.served_on = served_on;
	r->in.served_to = str_trim(step->served_to);
	r->in.served_how = str_trim(step->served_how).len > 0 ? str_trim(step->served_how) : STR("直接送达");
	return ERR_OK;
}

static enum err_code do_void(
	struct instrument_context *ctx, struct instrument_store_row *r, const struct instrument_step *step, struct err *err)
{
	if (str_trim(step->reason).len == 0)
		return err_set(err, ERR_INPUT, "作废必须写明理由");
	r->in.void_reason = str_trim(step->reason);
	return store_number_void(ctx->db, r->in.id, r->in.void_reason, err);
}

static step_function *const step_functions[INSTRUMENT_ACTION_COUNT] = {
	[INSTRUMENT_ACT_SUBMIT] = do_submit,
	[INSTRUMENT_ACT_RETURN] = do_return,
	[INSTRUMENT_ACT_APPROVE] = do_approve,
	[INSTRUMENT_ACT_NUMBER] = do_number,
	[INSTRUMENT_ACT_SEAL] = do_seal,
	[INSTRUMENT_ACT_SERVE] = do_serve,
	[INSTRUMENT_ACT_VOID] = do_void,
};

struct step_call {
	struct instrument_context *ctx;
	const struct instrument_step *step;
	int64_t id;
};

static enum err_code step_body(struct db *db, void *arg, struct err *err)
{
	struct step_call *call = arg;
	struct instrument_context *ctx = call->ctx;
	enum instrument_action action = call->step->action;
	struct instrument_store_row r;

	TRY(visible_get(ctx, call->id, &r, err));
	TRY(step_check(ctx->who, &r, action, err));
	TRY(need_permit(ctx, &r.in, action, err));
	TRY(step_functions[action](ctx, &r, call->step, err));
	r.in.state = steps[action].to;
	r.in.changed_ms = ctx->now_ms;
	TRY(store_update(db, &r, err));
	return note(ctx, &r.in, action, err);
}

enum err_code instrument_act(struct instrument_context *ctx, int64_t id, const struct instrument_step *step, struct err *err)
{
	struct step_call call = { .ctx = ctx, .step = step, .id = id };

	TRY(refuse_township(ctx, err));
	if (step->action >= INSTRUMENT_ACTION_COUNT || !step_functions[step->action])
		return err_set(err, ERR_INPUT, "没有这个操作");
	return db_transact(ctx->db, step_body, &call, err);
}

enum err_code instrument_stop_matter(struct instrument_context *ctx, int64_t matter_id, bool stopped, struct err *err)
{
	struct audit_entry entry = { .action = stopped ? STR("instrument.stop") : STR("instrument.resume"),
		.subject = STR("matter"),
		.subject_id = matter_id,
		.summary = stopped ? STR("进入复议或诉讼，未送达的文书停止办理") : STR("复议或诉讼结束，文书恢复办理") };
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	int64_t changed;

	TRY(db_begin(ctx->db, &tx, err));
	TRY(store_stop_matter(ctx->db, matter_id, stopped, ctx->now_ms, &changed, err));
	if (changed > 0)
		TRY(audit_add(ctx->db, ctx->who, ctx->now_ms, &entry, err));
	return db_commit(&tx, err);
}

/* ---- reading ---- */

enum err_code instrument_get(struct instrument_context *ctx, int64_t id, struct instrument *ret, struct err *err)
{
	struct instrument_store_row r;

	TRY(visible_get(ctx, id, &r, err));
	*ret = r.in;
	return ERR_OK;
}

static enum err_code list_of(
	struct instrument_context *ctx, const struct store_query *q, struct instrument **ret, size_t *ret_count, struct err *err)
{
	struct instrument_store_row *rows;

	TRY(store_list(ctx->db, set_of(ctx), q, ctx->mem, &rows, ret_count, err));
	*ret = ARENA_NEW(ctx->mem, struct instrument, *ret_count + 1);
	if (!*ret)
		return err_nomem(err);
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = rows[i].in;
	return ERR_OK;
}

enum err_code instrument_of_matter(
	struct instrument_context *ctx, int64_t matter_id, struct instrument **ret, size_t *ret_count, struct err *err)
{
	struct store_query q = { .matter_id = matter_id, .oldest_first = true, .limit = 200 };

	return list_of(ctx, &q, ret, ret_count, err);
}

enum err_code instrument_to_approve(struct instrument_context *ctx, int limit, struct instrument **ret, size_t *ret_count, struct err *err)
{
	struct store_query q = { .scope_path = ctx->who->scope_path, .state = STR("submitted"), .oldest_first = true, .limit = 500 };
	struct instrument_store_row *rows;
	size_t count;

	*ret_count = 0;
	*ret = ARENA_NEW(ctx->mem, struct instrument, (size_t)limit + 1);
	if (!*ret)
		return err_nomem(err);
	TRY(store_list(ctx->db, set_of(ctx), &q, ctx->mem, &rows, &count, err));
	for (size_t i = 0; i < count && *ret_count < (size_t)limit; i++)
		if (step_check(ctx->who, &rows[i], INSTRUMENT_ACT_APPROVE, NULL) == ERR_OK)
			(*ret)[(*ret_count)++] = rows[i].in;
	return ERR_OK;
}

enum err_code instrument_file_visible(struct instrument_context *ctx, int64_t file_id, bool *ret, struct err *err)
{
	struct instrument_store_row r;
	struct instrument_file f;
	bool found;

	*ret = false;
	TRY(store_file_owner(ctx->db, file_id, ctx->mem, &f, &found, err));
	if (!found)
		return ERR_OK;
	TRY(store_get(ctx->db, NULL, f.instrument_id, ctx->mem, &r, err));
	*ret = may_see(ctx->who, &r) && (actor_has(ctx->who, ROLE_OFFICE) || str_eq(f.role, STR("sealed_copy")));
	return ERR_OK;
}

/* ---- JSON ---- */

void instrument_row_json(const struct instrument *in, struct json *j)
{
	json_obj(j);
	json_kid(j, "id", in->id);
	json_kid(j, "matter_id", in->matter_id);
	json_kstr(j, "kind", in->kind_name);
	json_kstr(j, "kind_title", in->kind ? in->kind->title : in->kind_name);
	json_kputs(j, "state", states[in->state].slug);
	json_kputs(j, "state_title", in->submitted && in->state == INSTRUMENT_DRAFT ? "待审批" : states[in->state].title);
	json_kbool(j, "submitted", in->submitted);
	json_kbool(j, "stopped", in->stopped);
	json_kstr(j, "no", in->number.len > 0 ? in->number : (struct str){ 0 });
	json_kstr(j, "title", in->title);
	json_kstr(j, "main_to", in->main_to);
	json_kstr(j, "issuer", in->issuer_name);
	json_kday(j, "deadline_on", in->deadline_on);
	json_kday(j, "issued_on", in->issued_on);
	json_kday(j, "served_on", in->served_on);
	json_key(j, "org");
	json_obj(j);
	json_kid(j, "id", in->agency_id);
	json_obj_end(j);
	json_obj_end(j);
}

static enum err_code files_json(
	struct instrument_context *ctx, const struct instrument *in, bool sealed_copy_only, struct json *j, struct err *err)
{
	struct instrument_file *files;
	size_t count;

	TRY(store_files(ctx->db, in->id, ctx->mem, &files, &count, err));
	json_key(j, "files");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		if (sealed_copy_only && !str_eq(files[i].role, STR("sealed_copy")))
			continue;
		json_obj(j);
		json_kid(j, "id", files[i].attachment_id);
		json_kstr(j, "role", files[i].role);
		json_kstr(j, "name", files[i].name);
		json_kstr(j, "mime", files[i].mime);
		json_ki64(j, "size", files[i].size_bytes);
		json_kstr(j, "sm3", files[i].sm3);
		json_ktime(j, "at", files[i].created_ms);
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

struct form_field {
	const char *name, *type, *label;
	bool required;
	const char *one_of;
};

/** The form of each step; gov marks what only government documents ask. */
static const struct {
	enum instrument_action action;
	bool gov;
	struct form_field field;
} step_forms[] = {
	{ INSTRUMENT_ACT_RETURN, false, { "opinion", "text", "退回意见", true, NULL } },
	{ INSTRUMENT_ACT_APPROVE, false, { "opinion", "text", "审批意见", false, NULL } },
	{ INSTRUMENT_ACT_APPROVE, true, { "gov_approval_no", "line", "政府批准文号", true, NULL } },
	{ INSTRUMENT_ACT_APPROVE, true, { "gov_approved_on", "day", "批准日期", true, NULL } },
	{ INSTRUMENT_ACT_NUMBER, false, { "number", "line", "办公系统文号（不填则自动编号）", false, NULL } },
	{ INSTRUMENT_ACT_NUMBER, false, { "issued_on", "day", "成文日期", false, NULL } },
	{ INSTRUMENT_ACT_SEAL, false, { "file_id", "file", "用印件（PDF、OFD 或扫描图片）", true, NULL } },
	{ INSTRUMENT_ACT_SERVE, false, { "served_on", "day", "送达日期", true, NULL } },
	{ INSTRUMENT_ACT_SERVE, false, { "served_to", "line", "签收人", true, NULL } },
	{ INSTRUMENT_ACT_SERVE, false, { "served_how", "line", "送达方式", true, "直接送达|电子送达|邮寄送达|转交送达" } },
	{ INSTRUMENT_ACT_VOID, false, { "reason", "text", "作废理由", true, NULL } },
};

static void form_json(enum instrument_action action, const struct instrument_kind *k, struct json *j)
{
	json_key(j, "fields");
	json_arr(j);
	for (size_t i = 0; i < sizeof(step_forms) / sizeof(step_forms[0]); i++) {
		const struct form_field *f = &step_forms[i].field;

		if (step_forms[i].action != action || (step_forms[i].gov && !k->needs_gov_approval))
			continue;
		json_obj(j);
		json_kputs(j, "name", f->name);
		json_kputs(j, "type", f->type);
		json_kputs(j, "label", f->label);
		json_kbool(j, "required", f->required);
		json_kputs(j, "one_of", f->one_of);
		json_obj_end(j);
	}
	json_arr_end(j);
}

/** Reason without its basis, and the basis apart, as the problem documents have them. */
static void reason_json(struct str msg, struct json *j)
{
	ptrdiff_t at = str_ends(msg, STR("〕")) ? str_find(msg, STR("〔依据：")) : -1;

	if (at < 0) {
		json_kstr(j, "reason", msg);
		json_knull(j, "article");
		return;
	}
	json_kstr(j, "reason", str_sub(msg, 0, (size_t)at));
	json_kstr(j, "article", str_sub(msg, (size_t)at + sizeof("〔依据：") - 1, msg.len - sizeof("〕") + 1));
}

/** Steps that make sense in this state, with why not where they are not allowed. */
static enum err_code actions_json(struct instrument_context *ctx, const struct instrument_store_row *r, struct json *j, struct err *err)
{
	json_key(j, "actions");
	json_arr(j);
	for (int a = INSTRUMENT_ACT_EDIT; r->in.kind && a < INSTRUMENT_ACTION_COUNT; a++) {
		enum instrument_action action = (enum instrument_action)a;
		struct instrument_permit permit = { 0 };
		struct err why = { 0 };
		bool allowed;

		if (!(steps[a].from & (1u << r->in.state)) || (steps[a].submitted == NOT_SUBMITTED && r->in.submitted) ||
			(steps[a].submitted == SUBMITTED && !r->in.submitted) ||
			(a == INSTRUMENT_ACT_RETURN && r->in.state == INSTRUMENT_DRAFT && !r->in.submitted))
			continue;
		allowed = step_check(ctx->who, r, action, &why) == ERR_OK;
		if (allowed) {
			struct instrument as_it_will_be = r->in;

			if (action == INSTRUMENT_ACT_EDIT)
				as_it_will_be.fields = STR("{}"); /* what is written is judged when it is written */
			TRY(ask_permit(ctx, &as_it_will_be, action, &permit, err));
			allowed = permit.allowed;
			if (!allowed)
				permit_error(&permit, &why);
		}
		json_obj(j);
		json_kputs(j, "action", steps[a].slug);
		json_kputs(j, "label", steps[a].label);
		json_kbool(j, "allowed", allowed);
		if (!allowed)
			reason_json(str_of(why.msg), j);
		if (permit.warning.len > 0)
			json_kstr(j, "warning", permit.warning);
		form_json(action, r->in.kind, j);
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

static void head_json(const struct instrument *in, struct json *j)
{
	json_kid(j, "id", in->id);
	json_kid(j, "matter_id", in->matter_id);
	json_kstr(j, "kind", in->kind_name);
	json_kstr(j, "kind_title", in->kind ? in->kind->title : in->kind_name);
	json_kbool(j, "statutory", in->kind && in->kind->statutory);
	json_kputs(j, "state", states[in->state].slug);
	json_kputs(j, "state_title", in->submitted && in->state == INSTRUMENT_DRAFT ? "待审批" : states[in->state].title);
	json_kbool(j, "submitted", in->submitted);
	json_kbool(j, "stopped", in->stopped);
	json_kstr(j, "no", in->number.len > 0 ? in->number : (struct str){ 0 });
	json_kstr(j, "title", in->title);
	json_kstr(j, "main_to", in->main_to);
	json_kstr(j, "issuer", in->issuer_name);
	json_kday(j, "deadline_on", in->deadline_on);
	json_kday(j, "issued_on", in->issued_on);
	json_kday(j, "served_on", in->served_on);
	json_kstr(j, "served_to", in->served_to);
	json_kstr(j, "served_how", in->served_how);
}

enum err_code instrument_json(struct instrument_context *ctx, const struct instrument *in, struct json *j, struct err *err)
{
	struct instrument_store_row r;
	struct org agency;

	TRY(store_get(ctx->db, set_of(ctx), in->id, ctx->mem, &r, err));
	TRY(org_get(ctx->db, in->agency_id, ctx->mem, &agency, err));
	json_obj(j);
	head_json(&r.in, j);
	json_key(j, "org");
	json_obj(j);
	json_kid(j, "id", agency.id);
	json_kstr(j, "name", agency.name);
	json_obj_end(j);
	json_kstr(j, "gov_approval_no", r.in.gov_approval_no);
	json_kday(j, "gov_approved_on", r.in.gov_approved_on);
	json_kstr(j, "drafter", r.in.drafter_name);
	json_kstr(j, "approver", r.in.approver_name);
	json_kstr(j, "opinion", r.opinion);
	json_kstr(j, "return_reason", r.in.return_reason);
	json_kstr(j, "void_reason", r.in.void_reason);
	json_kstr(j, "check_code", r.in.check_code);
	json_kbool(j, "sealed", r.in.sealed);
	json_ki64(j, "version", r.in.version);
	json_kid(j, "template_id", r.in.template_id);
	json_ktime(j, "created_at", r.in.created_ms);
	json_ktime(j, "changed_at", r.in.changed_ms);
	json_key(j, "fields");
	json_raw(j, r.in.fields);
	json_key(j, "form");
	if (r.in.kind)
		instrument_kind_json(r.in.kind, j);
	else
		json_none(j);
	TRY(files_json(ctx, &r.in, false, j, err));
	json_key(j, "versions");
	TRY(store_versions_json(ctx->db, r.in.id, j, err));
	TRY(actions_json(ctx, &r, j, err));
	json_obj_end(j);
	return ERR_OK;
}

enum err_code instrument_assigned_json(struct instrument_context *ctx, const struct instrument *in, struct json *j, struct err *err)
{
	json_obj(j);
	head_json(in, j);
	TRY(files_json(ctx, in, true, j, err));
	json_obj_end(j);
	return ERR_OK;
}

/* ---- templates ---- */

struct template_call {
	struct instrument_context *ctx;
	struct template_row *row;
	bool make_default;
};

static enum err_code template_body(struct db *db, void *arg, struct err *err)
{
	struct template_call *call = arg;
	struct instrument_context *ctx = call->ctx;
	struct attachment a = { .name = call->row->name,
		.mime = STR("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
		.sm3 = call->row->sm3,
		.size_bytes = call->row->size_bytes,
		.subject = STR("template"),
		.account_id = ctx->who->account_id };
	struct audit_entry entry = { .action = STR("template.upload"),
		.subject = STR("template"),
		.summary = str_printf(ctx->mem, "上传文书模板：%.*s", STR_ARG(call->row->name)) };

	call->row->id = a.subject_id = entry.subject_id = id_new(ctx->ids);
	TRY(attachment_add(db, ctx->ids, ctx->now_ms, &a, err));
	TRY(store_template_add(db, call->row, err));
	if (call->make_default)
		TRY(store_template_default(db, call->row->body_id, call->row->kind, call->row->id, err));
	return audit_add(db, ctx->who, ctx->now_ms, &entry, err);
}

/** Everything a filling could complain about is found now: the file, its placeholders, their names, their blocks. */
static enum err_code check_template(
	struct instrument_context *ctx, const struct instrument_kind *kind, struct str docx, struct str *ret_placeholders, struct err *err)
{
	struct instrument sample = { .kind = kind,
		.kind_name = kind->kind,
		.title = STR("标题"),
		.number = STR("文号"),
		.check_code = STR("核验码"),
		.issued_on = DAY_NONE,
		.approver_name = STR("签发人") };
	struct instrument_names names = { .agency = STR("机关"), .issuer = STR("监督机构"), .government = STR("政府") };
	struct document_value *values;
	CLEANUP(buf_clear) struct buf filled;
	struct buf list;
	struct str *found;
	size_t value_count, count;

	buf_init(&filled, DOCUMENT_BYTES_MAX);
	TRY(document_placeholders(docx, ctx->mem, &found, &count, err));
	if (count == 0)
		return err_set(err, ERR_INPUT, "模板中没有占位符；请在需要填写的地方写 {{字段名}}，如 {{标题}}、{{文号}}");
	TRY(template_values(&sample, NULL, &names, ctx->mem, &values, &value_count, err));
	TRY(document_fill(docx, values, value_count, STR(""), &filled, err));
	buf_init(&list, 64 * 1024);
	for (size_t i = 0; i < count; i++) {
		buf_puts(&list, i > 0 ? "、" : "");
		buf_put(&list, found[i]);
	}
	*ret_placeholders = str_dup(ctx->mem, buf_str(&list));
	buf_clear(&list);
	return ERR_OK;
}

enum err_code template_upload(struct instrument_context *ctx, struct str kind, struct str name, const char *path, bool make_default,
	int64_t *ret_id, struct err *err)
{
	CLEANUP(attachment_abandonp) struct attachment_writer *w = NULL;
	const struct instrument_kind *k = instrument_kind_find(set_of(ctx), kind);
	struct template_row row = { .body_id = ctx->who->org_id,
		.kind = kind,
		.name = name,
		.is_default = make_default,
		.account_id = ctx->who->account_id,
		.created_ms = ctx->now_ms };
	struct template_call call = { .ctx = ctx, .row = &row, .make_default = make_default };
	struct str docx;
	char sm3[SM3_HEX_SIZE];

	TRY(refuse_township(ctx, err));
	if (!k)
		return err_set(err, ERR_INPUT, "没有“%.*s”这种文书", STR_ARG(kind));
	TRY(file_read(path, INSTRUMENT_TEMPLATE_BYTES_MAX, ctx->mem, &docx, err));
	TRY(check_template(ctx, k, docx, &row.placeholders, err));
	TRY(attachment_open(ctx->app->data_dir, &w, err));
	TRY(attachment_write(w, docx, err));
	TRY(attachment_finish(&w, sm3, &row.size_bytes, err));
	row.sm3 = str_of(sm3);
	TRY(db_transact(ctx->db, template_body, &call, err));
	*ret_id = row.id;
	return ERR_OK;
}
