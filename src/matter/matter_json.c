/* Matters as answers of the API, for the office and for the agency. The two are separate functions on purpose: nothing that the agency sees
 * is made by leaving members out of what the office sees. */
#include "auth/auth.h"
#include "detect/detect.h"
#include "matter/matter_private.h"

static struct str or_null(struct str s)
{
	return s.len > 0 ? s : (struct str){ 0 };
}

static void org_ref(struct json *j, const char *key, int64_t id, struct str name)
{
	json_key(j, key);
	json_obj(j);
	json_kid(j, "id", id);
	json_kstr(j, "name", name);
	json_obj_end(j);
}

static const char *finding_slug(enum matter_finding f)
{
	return f == MATTER_ESTABLISHED ? "yes" : f == MATTER_NOT_ESTABLISHED ? "no" : NULL;
}

static void put_head(const struct matter_context *ctx, const struct matter *m, struct json *j)
{
	const struct process_set *p = ctx->app->processes;
	const struct problem_kind *kind = problem_kind_find(m->kind);
	int step = process_step_index(p, m->step);

	json_kid(j, "id", m->id);
	json_kstr(j, "no", m->no);
	json_kstr(j, "title", m->title);
	org_ref(j, "org", m->org_id, m->org_name);
	org_ref(j, "body", m->body_id, m->body_name);
	json_kid(j, "handler_id", m->handler_id);
	json_kstr(j, "handler", or_null(m->handler_name));
	json_kstr(j, "step", m->step);
	json_kstr(j, "step_title", step >= 0 ? p->steps[step].label : m->step);
	json_kputs(j, "state", matter_state_slug(m->state));
	json_kputs(j, "state_title", matter_state_title(m->state));
	json_kputs(j, "severity", m->finding == MATTER_ESTABLISHED ? (m->major ? "major" : "minor") : NULL);
	json_kstr(j, "kind", or_null(m->kind));
	json_kputs(j, "kind_title", kind ? kind->title : NULL);
	json_kputs(j, "established", finding_slug(m->finding));
	json_kbool(j, "in_proceedings", m->in_proceedings);
	json_kbool(j, "sealed", m->sealed);
	json_kbool(j, "unheeded", m->unheeded);
	json_kstr(j, "outcome", or_null(m->outcome));
	json_kday(j, "due_on", m->next_due_on);
	if (m->next_due_on == DAY_NONE)
		json_knull(j, "days_left");
	else
		json_ki64(j, "days_left", m->next_due_on - ctx->today);
	json_ktime(j, "created_at", m->created_ms);
	json_ktime(j, "closed_at", m->closed_ms);
	json_ki64(j, "version", m->version);
}

void matter_row_json(const struct matter_context *ctx, const struct matter *m, struct json *j)
{
	json_obj(j);
	put_head(ctx, m, j);
	json_obj_end(j);
}

static void put_facts(const struct matter *m, struct json *j)
{
	json_kstr(j, "assigned_title", m->assigned_title);
	json_kstr(j, "assigned_text", m->assigned_text);
	json_kstr(j, "mode", or_null(m->mode));
	json_kstr(j, "facts", m->facts);
	json_kstr(j, "evidence", m->evidence);
	json_kbool(j, "correctable", m->correctable);
	json_kbool(j, "corrected_on_spot", m->corrected_on_spot);
	json_kstr(j, "instrument_choice", or_null(m->instrument_choice));
	json_kstr(j, "instrument_reason", m->instrument_reason);
	json_kstr(j, "basis_note", m->basis_note);
	json_kstr(j, "proceedings", or_null(m->proceedings));
	json_kday(j, "proceedings_on", m->proceedings_on);
	json_kday(j, "proposal_on", m->proposal_on);
	json_kstr(j, "gov_approval_no", or_null(m->gov_approval_no));
	json_kday(j, "gov_decided_on", m->gov_approved_on);
	json_kstr(j, "superior", m->management == GATE_LOCAL_MANAGED ? (struct str){ 0 } : or_null(m->superior_name));
	json_kbool(j, "upper_managed", m->management != GATE_LOCAL_MANAGED);
	json_kday(j, "upper_notified_on", m->upper_notified_on);
	json_kbool(j, "rectified", m->rectified);
	json_kstr(j, "outcome_reason", m->outcome_reason);
}

static void put_steps(const struct process_set *p, const struct matter *m, struct json *j)
{
	int now = process_step_index(p, m->step);

	json_key(j, "steps");
	json_arr(j);
	for (size_t i = 0; i < p->step_count; i++) {
		json_obj(j);
		json_kstr(j, "id", p->steps[i].id);
		json_kstr(j, "title", p->steps[i].label);
		json_kstr(j, "title_en", p->steps[i].label_en);
		json_kstr(j, "purpose", p->steps[i].purpose);
		json_kputs(j, "state", (int)i < now ? "done" : (int)i == now ? "current" : "ahead");
		json_obj_end(j);
	}
	json_arr_end(j);
}

/* ---- clocks, replies, events ---- */

enum err_code matter_put_clock(const struct matter_context *ctx, const struct matter_clock *k, struct json *j, struct err *err)
{
	struct clock clock;

	TRY(matter_clock_count(ctx, k, &clock, err));
	clock_json(&clock, j);
	return ERR_OK;
}

static enum err_code put_clocks(const struct matter_case *c, bool agency, struct json *j, struct err *err)
{
	json_key(j, "clocks");
	json_arr(j);
	for (size_t i = 0; i < c->clock_count; i++)
		if (!agency || c->clocks[i].instrument_id != 0) /* the body's own periods are its own */
			TRY(matter_put_clock(c->ctx, &c->clocks[i], j, err));
	json_arr_end(j);
	return ERR_OK;
}

enum err_code matter_put_reply_files(struct matter_context *ctx, int64_t reply_id, struct json *j, struct err *err)
{
	struct attachment *files;
	size_t count;

	TRY(attachment_list(ctx->db, STR("reply"), reply_id, ctx->mem, &files, &count, err));
	json_key(j, "attachments");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		json_obj(j);
		json_kid(j, "id", files[i].id);
		json_kstr(j, "name", files[i].name);
		json_ki64(j, "size", files[i].size_bytes);
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

void matter_put_reply(const struct matter_reply *r, bool for_agency, struct json *j)
{
	json_kid(j, "id", r->id);
	json_kid(j, "instrument_id", r->instrument_id);
	json_kstr(j, "type", r->type);
	json_kputs(j, "type_title", matter_reply_title(r->type));
	json_kstr(j, "text", r->text);
	json_key(j, "items");
	json_raw(j, r->items.len > 0 ? r->items : STR("[]"));
	json_key(j, "finding_ids");
	json_raw(j, r->finding_ids.len > 0 ? r->finding_ids : STR("[]"));
	json_kday(j, "until", r->until);
	json_kday(j, "received_on", r->received_on);
	json_kbool(j, "on_paper", r->on_paper);
	json_kstr(j, "account", r->account_name);
	json_kstr(j, "state", r->state);
	json_kstr(j, "decision", or_null(r->decision));
	json_kstr(j, "reason", or_null(r->reason));
	if (!for_agency)
		json_kstr(j, "decided_by", or_null(r->decided_name));
	json_ktime(j, "decided_at", r->decided_ms);
	json_ktime(j, "created_at", r->created_ms);
}

static enum err_code put_replies(const struct matter_case *c, bool agency, struct json *j, struct err *err)
{
	json_key(j, "replies");
	json_arr(j);
	for (size_t i = 0; i < c->reply_count; i++) {
		json_obj(j);
		matter_put_reply(&c->replies[i], agency, j);
		TRY(matter_put_reply_files(c->ctx, c->replies[i].id, j, err));
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

static enum err_code put_events(const struct matter_case *c, struct json *j, struct err *err)
{
	struct matter_event *events;
	size_t count;

	TRY(matter_events(c->ctx, c->m.id, false, &events, &count, err));
	json_key(j, "events");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		json_obj(j);
		json_kid(j, "id", events[i].id);
		json_ktime(j, "at", events[i].at_ms);
		json_kday(j, "on", day_of_time(events[i].at_ms));
		json_kstr(j, "kind", events[i].action);
		json_kstr(j, "text", events[i].text);
		json_kputs(j, "side", "supervision");
		json_kstr(j, "account", events[i].account_name);
		json_kbool(j, "for_agency", events[i].for_agency);
		json_key(j, "detail");
		if (events[i].detail.len > 0)
			json_raw(j, events[i].detail);
		else
			json_none(j);
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

/* ---- what stands behind it ---- */

#define RECORDS_SHOWN 50

/** Clues, and the records of the first findings behind them. */
static enum err_code put_clues(const struct matter_case *c, struct json *j, struct err *err)
{
	struct clue_context clues = clue_context_of(c->ctx);

	json_key(j, "clues");
	json_arr(j);
	for (size_t i = 0; i < c->clue_count; i++) {
		struct clue clue;
		enum err_code code = clue_get(&clues, c->clue_ids[i], &clue, err);

		if (code == ERR_NOT_FOUND) /* a government approver sees the dossier, not the complaint */
			continue;
		TRY(code);
		clue_row_json(&clues, &clue, j);
	}
	json_arr_end(j);
	return ERR_OK;
}

/** The first findings behind the clues that this account may see. */
static enum err_code load_findings(const struct matter_case *c, struct finding *out, size_t *ret_count, struct err *err)
{
	struct clue_context clues = clue_context_of(c->ctx);

	*ret_count = 0;
	for (size_t i = 0; i < c->clue_count && *ret_count < RECORDS_SHOWN; i++) {
		int64_t *ids;
		size_t count;

		TRY(clue_finding_ids(&clues, c->clue_ids[i], 0, RECORDS_SHOWN, &ids, &count, err));
		for (size_t k = 0; k < count && *ret_count < RECORDS_SHOWN; k++) {
			enum err_code code = finding_get(c->ctx->db, c->ctx->who, ids[k], c->ctx->mem, &out[*ret_count], err);

			if (code == ERR_NOT_FOUND)
				continue;
			TRY(code);
			++*ret_count;
		}
	}
	return ERR_OK;
}

static bool seen_before(const struct finding *f, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (f[k].record_id == f[i].record_id && str_eq(f[k].type, f[i].type))
			return true;
	return false;
}

/** Findings, and the records they are about, each once. */
static enum err_code put_findings(const struct matter_case *c, struct json *j, struct err *err)
{
	struct finding *f = ARENA_NEW(c->ctx->mem, struct finding, RECORDS_SHOWN);
	size_t count;

	if (!f)
		return err_nomem(err);
	TRY(load_findings(c, f, &count, err));
	json_key(j, "findings");
	json_arr(j);
	for (size_t i = 0; i < count; i++)
		finding_json(&f[i], c->ctx->app->rules, j);
	json_arr_end(j);
	json_key(j, "records");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		if (seen_before(f, i))
			continue;
		json_obj(j);
		json_kstr(j, "type", f[i].type);
		json_kid(j, "id", f[i].record_id);
		json_kstr(j, "title", f[i].record_title);
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

static enum err_code put_files(const struct matter_case *c, struct json *j, struct err *err)
{
	struct attachment *files;
	size_t count;

	TRY(attachment_list(c->ctx->db, STR("matter"), c->m.id, c->ctx->mem, &files, &count, err));
	json_key(j, "attachments");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		json_obj(j);
		json_kid(j, "id", files[i].id);
		json_kstr(j, "name", files[i].name);
		json_ki64(j, "size", files[i].size_bytes);
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

void matter_assist_json(const struct matter_assist *a, struct json *j)
{
	json_obj(j);
	json_kid(j, "id", a->id);
	org_ref(j, "org", a->org_id, a->org_name);
	json_kstr(j, "matter_no", a->matter_no);
	json_kstr(j, "text", a->text);
	json_kday(j, "until", a->until);
	json_kstr(j, "asked_by", a->asked_name);
	json_ktime(j, "created_at", a->created_ms);
	json_kstr(j, "answer", or_null(a->answer));
	json_kstr(j, "answered_by", or_null(a->answered_name));
	json_ktime(j, "answered_at", a->answered_ms);
	json_obj_end(j);
}

static enum err_code put_assists(const struct matter_case *c, struct json *j, struct err *err)
{
	struct matter_assist *assists;
	size_t count;

	TRY(matter_assists(c->ctx, c->m.id, false, 0, 100, &assists, &count, err));
	json_key(j, "assists");
	json_arr(j);
	for (size_t i = 0; i < count; i++)
		matter_assist_json(&assists[i], j);
	json_arr_end(j);
	return ERR_OK;
}

/* ---- actions ---- */

#define HANDLERS_MAX 200

/** Who may be in charge: enabled supervisors and leaders of the body. */
static void put_handlers(const struct matter_case *c, struct json *j)
{
	struct account *accounts;
	struct err ignored = { 0 };
	size_t count = 0;

	json_key(j, "options");
	json_arr(j);
	if (auth_account_list(c->ctx->db, c->m.body_id, STR(""), 0, HANDLERS_MAX, c->ctx->mem, &accounts, &count, &ignored) != ERR_OK)
		count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct account *a = &accounts[i];

		if (a->org_id != c->m.body_id || !a->enabled || !(a->roles & (ROLE_SUPERVISOR | ROLE_LEADER)))
			continue;
		json_obj(j);
		json_kid(j, "id", a->id);
		json_kstr(j, "text", a->display_name);
		json_obj_end(j);
	}
	json_arr_end(j);
}

static void put_field(const struct matter_case *c, const struct process_field *f, struct json *j)
{
	json_obj(j);
	json_kputs(j, "name", f->member->name);
	json_kputs(j, "type", f->choice_count > 0 ? "choice" : form_type_slug(f->member->type));
	json_kstr(j, "label", f->label);
	json_kbool(j, "required", f->required);
	json_kstr(j, "hint", or_null(f->hint));
	if (f->member->type == FORM_TEXT && f->choice_count == 0)
		json_ki64(j, "max", f->max);
	if (f->choice_count > 0) {
		json_key(j, "one_of");
		json_arr(j);
		for (size_t i = 0; i < f->choice_count; i++) {
			json_obj(j);
			json_kstr(j, "value", f->choices[i].value);
			json_kstr(j, "label", f->choices[i].label);
			json_obj_end(j);
		}
		json_arr_end(j);
	}
	if (str_eq(str_of(f->member->name), STR("handler_id")))
		put_handlers(c, j);
	json_obj_end(j);
}

static void put_article(struct json *j, const char *article)
{
	char text[96];

	gate_article_text(article, text);
	json_kputs(j, "article", text[0] ? text : NULL);
}

/** The reason without its basis in brackets: that is a member of its own. */
static struct str plain_reason(const struct err *err)
{
	struct str msg = str_of(err->msg);
	ptrdiff_t at = str_find(msg, STR("〔依据："));

	return at >= 0 ? str_sub(msg, 0, (size_t)at) : msg;
}

static void put_answer(struct json *j, enum err_code code, const struct err *err, struct str warning, const char *article)
{
	json_kbool(j, "allowed", code == ERR_OK);
	json_kstr(j, "warning", or_null(warning));
	json_kstr(j, "reason", code == ERR_OK ? (struct str){ 0 } : plain_reason(err));
	put_article(j, article);
}

static void put_action(const struct matter_case *c, const struct process_action *a, struct json *j)
{
	struct err why = { 0 };
	const char *article;
	struct str warning;
	enum err_code code = matter_action_check(c, a, &article, &warning, &why);
	int step = process_step_index(c->process, c->m.step);

	if (code == ERR_FORBIDDEN) /* not this role's: nothing to show */
		return;
	json_obj(j);
	json_kstr(j, "action", a->id);
	json_kstr(j, "label", a->label);
	json_kstr(j, "does", a->does);
	put_answer(j, code, &why, warning, article);
	json_kbool(j, "now", step >= 0 && (a->steps & (1u << step)) != 0);
	json_key(j, "fields");
	json_arr(j);
	for (size_t i = 0; code == ERR_OK && i < a->field_count; i++)
		put_field(c, &a->fields[i], j);
	json_arr_end(j);
	json_obj_end(j);
}

static void put_instrument_reasons(const struct gate_answer *answer, struct json *j)
{
	json_key(j, "reasons");
	json_arr(j);
	for (size_t i = 0; i < answer->reason_count; i++) {
		const struct gate_reason *r = &answer->reasons[i];

		json_obj(j);
		json_kputs(j, "verdict", gate_verdict_slug(r->verdict));
		json_kputs(j, "text", r->text);
		put_article(j, r->article);
		json_kbool(j, "interpretation", r->interpretation);
		json_kputs(j, "instead", r->instead < GATE_ITEM_COUNT ? gate_item_code(r->instead) : NULL);
		json_obj_end(j);
	}
	json_arr_end(j);
}

/** One entry a kind of document, allowed or not: POST /api/matters/{id}/instruments drafts it. */
static void put_document(const struct matter_case *c, const struct process_document *d, struct json *j)
{
	struct err why = { 0 };
	struct gate_answer answer;
	const char *article;
	enum err_code code = matter_document_check(c, d->kind, &answer, &article, &why);
	enum gate_item item = gate_item_parse(d->kind);
	int step = process_step_index(c->process, c->m.step);
	struct str warning = code == ERR_OK && answer.verdict == GATE_WARNED ? str_of(answer.reasons[0].text) : STR("");

	if (warning.len > 0)
		article = answer.reasons[0].article;
	json_obj(j);
	json_kputs(j, "action", "draft_instrument");
	json_kstr(j, "kind", d->kind);
	json_kstr(j, "label", str_printf(c->ctx->mem, "起草%s", gate_item_title(item)));
	json_kputs(j, "basis", gate_item_basis(item));
	put_answer(j, code, &why, warning, article);
	json_kbool(j, "now", step >= 0 && (d->steps & (1u << step)) != 0);
	json_kbool(j, "must_state_basis", answer.must_state_basis);
	put_instrument_reasons(&answer, j);
	json_key(j, "fields");
	json_arr(j);
	json_arr_end(j);
	json_obj_end(j);
}

static void put_actions(const struct matter_case *c, struct json *j)
{
	bool drafts = (matter_is_program(c->ctx->who) || actor_has(c->ctx->who, ROLE_SUPERVISOR | ROLE_LEADER)) &&
	              matter_check_own(c, NULL) == ERR_OK;

	json_key(j, "actions");
	json_arr(j);
	for (size_t i = 0; i < c->process->action_count; i++)
		put_action(c, &c->process->actions[i], j);
	for (size_t i = 0; drafts && i < c->process->document_count; i++)
		if (c->ctx->app->instruments && instrument_kind_find(c->ctx->app->instruments, c->process->documents[i].kind))
			put_document(c, &c->process->documents[i], j);
	json_arr_end(j);
}

enum err_code matter_json(struct matter_context *ctx, const struct matter *m, struct json *j, struct err *err)
{
	struct matter_case c;

	TRY(matter_case_of(ctx, m, &c, err));
	json_obj(j);
	put_head(ctx, m, j);
	put_facts(m, j);
	put_steps(c.process, m, j);
	TRY(put_clues(&c, j, err));
	TRY(put_findings(&c, j, err));
	TRY(put_events(&c, j, err));
	TRY(put_clocks(&c, false, j, err));
	json_key(j, "instruments");
	json_arr(j);
	for (size_t i = 0; i < c.instrument_count; i++)
		instrument_row_json(&c.instruments[i], j);
	json_arr_end(j);
	TRY(put_replies(&c, false, j, err));
	TRY(put_assists(&c, j, err));
	TRY(put_files(&c, j, err));
	put_actions(&c, j);
	json_obj_end(j);
	return ERR_OK;
}

/* ---- the agency's side ---- */

static struct str assigned_title(const struct matter *m)
{
	return m->assigned_title.len > 0 ? m->assigned_title : STR("监督事项");
}

static void put_assigned_head(struct matter_context *ctx, const struct matter *m, struct json *j)
{
	json_kid(j, "id", m->id);
	json_kstr(j, "no", m->no);
	json_kstr(j, "title", assigned_title(m));
	json_kstr(j, "assigned_text", m->assigned_text);
	org_ref(j, "org", m->org_id, m->org_name);
	org_ref(j, "body", m->body_id, m->body_name);
	json_kputs(j, "state", matter_state_slug(m->state));
	json_kputs(j, "state_title", matter_state_title(m->state));
	(void)ctx;
}

/** The period until which the agency has to answer: the nearest running one of a document that it got. */
static enum err_code put_answer_clock(struct matter_context *ctx, const struct matter *m, struct json *j, struct err *err)
{
	struct matter_clock *clocks;
	const struct matter_clock *next = NULL;
	size_t count;

	TRY(matter_clocks(ctx, m->id, &clocks, &count, err));
	for (size_t i = 0; i < count; i++)
		if (clocks[i].instrument_id != 0 && str_eq(clocks[i].state, STR("running")) && (!next || clocks[i].due_on < next->due_on))
			next = &clocks[i];
	json_key(j, "clock");
	if (next)
		return matter_put_clock(ctx, next, j, err);
	json_none(j);
	return ERR_OK;
}

enum err_code matter_assigned_row_json(struct matter_context *ctx, const struct matter *m, struct json *j, struct err *err)
{
	json_obj(j);
	put_assigned_head(ctx, m, j);
	TRY(put_answer_clock(ctx, m, j, err));
	json_obj_end(j);
	return ERR_OK;
}

static enum err_code put_served(const struct matter_case *c, struct json *j, struct err *err)
{
	struct instrument_context documents = instrument_context_of(c->ctx);

	json_key(j, "instruments");
	json_arr(j);
	for (size_t i = 0; i < c->instrument_count; i++) {
		const struct instrument *in = &c->instruments[i];

		if (in->state == INSTRUMENT_SERVED && in->kind && !in->kind->to_government && !str_eq(in->kind_name, STR("upper_notice")))
			TRY(instrument_assigned_json(&documents, in, j, err));
	}
	json_arr_end(j);
	return ERR_OK;
}

/** Findings on the agency's own records that it may see by itself: detect refuses sealed ones to an agency's account. */
static enum err_code put_own_findings(const struct matter_case *c, struct json *j, struct err *err)
{
	struct finding *f = ARENA_NEW(c->ctx->mem, struct finding, RECORDS_SHOWN);
	size_t count;

	if (!f)
		return err_nomem(err);
	TRY(load_findings(c, f, &count, err));
	json_key(j, "findings");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		if (f[i].sealed)
			continue;
		f[i].clue_id = 0;
		finding_json(&f[i], c->ctx->app->rules, j);
	}
	json_arr_end(j);
	return ERR_OK;
}

static enum err_code put_agency_events(const struct matter_case *c, struct json *j, struct err *err)
{
	struct matter_event *events;
	size_t count;

	TRY(matter_events(c->ctx, c->m.id, true, &events, &count, err));
	json_key(j, "events");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		json_obj(j);
		json_ktime(j, "at", events[i].at_ms);
		json_kstr(j, "text", events[i].text);
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

enum err_code matter_assigned_json(struct matter_context *ctx, const struct matter *m, struct json *j, struct err *err)
{
	struct matter_case c;

	TRY(matter_case_of(ctx, m, &c, err));
	json_obj(j);
	put_assigned_head(ctx, m, j);
	TRY(put_served(&c, j, err));
	TRY(put_clocks(&c, true, j, err));
	TRY(put_replies(&c, true, j, err));
	TRY(put_own_findings(&c, j, err));
	TRY(put_agency_events(&c, j, err));
	json_kbool(j, "may_reply", m->state != MATTER_CLOSED);
	json_obj_end(j);
	return ERR_OK;
}
