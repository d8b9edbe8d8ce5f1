/* Decisions about a matter: which facts hold, what the gate says, which actions are allowed now and why the others are not. No SQL here. */
#include <assert.h>
#include <stdio.h>

#include <jansson.h>

#include "matter/matter_private.h"

static const char *const state_slugs[MATTER_STATE_COUNT] = { "open", "suspended", "closed" };
static const char *const state_titles[MATTER_STATE_COUNT] = { "办理中", "已中止", "已结案" };

const char *matter_state_slug(enum matter_state s)
{
	assert(s < MATTER_STATE_COUNT);
	return state_slugs[s];
}

const char *matter_state_title(enum matter_state s)
{
	assert(s < MATTER_STATE_COUNT);
	return state_titles[s];
}

/* ---- the case ---- */

enum err_code matter_case_of(struct matter_context *ctx, const struct matter *m, struct matter_case *ret, struct err *err)
{
	struct instrument_context documents = instrument_context_of(ctx);
	struct matter_case c = { .ctx = ctx, .process = ctx->app->processes, .m = *m };
	struct org body;

	assert(c.process);
	TRY(instrument_of_matter(&documents, m->id, &c.instruments, &c.instrument_count, err));
	TRY(matter_clocks(ctx, m->id, &c.clocks, &c.clock_count, err));
	TRY(matter_replies(ctx, m->id, &c.replies, &c.reply_count, err));
	TRY(matter_clue_ids(ctx, m->id, &c.clue_ids, &c.clue_count, err));
	TRY(org_get(ctx->db, m->body_id, ctx->mem, &body, err));
	c.level = body.level;
	*ret = c;
	return ERR_OK;
}

enum err_code matter_case_load(struct matter_context *ctx, int64_t id, struct matter_case *ret, struct err *err)
{
	struct matter m;

	TRY(matter_read(ctx, id, false, &m, err));
	return matter_case_of(ctx, &m, ret, err);
}

bool instrument_is_statutory(const struct instrument *in)
{
	return in->kind_name.len > 0 && (str_eq(in->kind_name, STR("urging_letter")) || str_eq(in->kind_name, STR("supervision_opinion")) ||
						str_eq(in->kind_name, STR("supervision_decision")));
}

static bool is_proposal(const struct instrument *in)
{
	return str_eq(in->kind_name, STR("handling_proposal"));
}

static bool has_reply(const struct matter_case *c, const char *type, const char *state)
{
	for (size_t i = 0; i < c->reply_count; i++)
		if (str_eq(c->replies[i].type, str_of(type)) && str_eq(c->replies[i].state, str_of(state)))
			return true;
	return false;
}

static bool has_document(const struct matter_case *c, bool statutory_only, bool open_only)
{
	for (size_t i = 0; i < c->instrument_count; i++) {
		const struct instrument *in = &c->instruments[i];

		if (in->state == INSTRUMENT_VOID || in->created_ms <= c->m.round_ms || (open_only && in->state == INSTRUMENT_SERVED))
			continue;
		if (!statutory_only || instrument_is_statutory(in) || is_proposal(in))
			return true;
	}
	return false;
}

static bool served_statutory(const struct matter_case *c)
{
	for (size_t i = 0; i < c->instrument_count; i++)
		if (instrument_is_statutory(&c->instruments[i]) && c->instruments[i].state == INSTRUMENT_SERVED)
			return true;
	return false;
}

static const struct instrument *document_of(const struct matter_case *c, int64_t id)
{
	for (size_t i = 0; i < c->instrument_count; i++)
		if (c->instruments[i].id == id)
			return &c->instruments[i];
	return NULL;
}

/** A letter or opinion whose day has passed without an answer that was found sufficient. */
static bool ran_out(const struct matter_case *c)
{
	for (size_t i = 0; i < c->clock_count; i++) {
		const struct matter_clock *k = &c->clocks[i];
		const struct instrument *in = k->instrument_id != 0 ? document_of(c, k->instrument_id) : NULL;

		if (in && instrument_is_statutory(in) && str_eq(k->state, STR("running")) && k->due_on < c->ctx->today)
			return true;
	}
	return false;
}

static bool has_served(const struct matter_case *c)
{
	for (size_t i = 0; i < c->instrument_count; i++)
		if (c->instruments[i].state == INSTRUMENT_SERVED)
			return true;
	return false;
}

bool matter_fact_holds(const struct matter_case *c, enum matter_fact fact)
{
	const struct matter *m = &c->m;

	switch (fact) {
	case FACT_ASSIGNED:
		return m->assigned_text.len > 0;
	case FACT_ESTABLISHED:
		return m->finding == MATTER_ESTABLISHED;
	case FACT_NOT_ESTABLISHED:
		return m->finding == MATTER_NOT_ESTABLISHED;
	case FACT_NOT_ESTABLISHED_YET:
		return m->finding != MATTER_ESTABLISHED;
	case FACT_NO_LIVE_DOCUMENT:
		return !has_document(c, true, false);
	case FACT_NO_OPEN_DOCUMENT:
		return !has_document(c, false, true);
	case FACT_PROPOSAL_SUBMITTED:
		return m->proposal_on != DAY_NONE;
	case FACT_DOCUMENT_SERVED:
		return has_served(c);
	case FACT_EXTENSION_ASKED:
		return has_reply(c, "extension", "received");
	case FACT_DATA_WRONG_CLAIMED:
		return has_reply(c, "data_wrong", "received");
	case FACT_DATA_WRONG_ACCEPTED:
		return has_reply(c, "data_wrong", "accepted");
	case FACT_OBJECTION_RAISED:
		return has_reply(c, "objection", "received");
	case FACT_REPLY_RECEIVED: /* without a document there is nothing to answer: a person looks by themselves */
		return has_reply(c, "correction", "received") || !served_statutory(c);
	case FACT_OVERDUE_OR_FAILED:
		return ran_out(c) || (m->verify_failed && served_statutory(c));
	case FACT_UPPER_MANAGED:
		return m->management != GATE_LOCAL_MANAGED;
	case FACT_CORRECTED:
		return m->rectified || m->corrected_on_spot;
	case FACT_RECTIFIED:
		return m->rectified;
	case FACT_NO_UNDECIDED_REPLY:
		return !has_reply(c, "extension", "received") && !has_reply(c, "data_wrong", "received") &&
		       !has_reply(c, "objection", "received");
	case FACT_COUNT:
		break;
	}
	assert(false);
	return false;
}

/* ---- the gate on this case ---- */

static enum gate_level level_of(enum org_level level)
{
	switch (level) {
	case ORG_PROVINCE:
		return GATE_LEVEL_PROVINCE;
	case ORG_CITY:
		return GATE_LEVEL_CITY;
	case ORG_COUNTY:
		return GATE_LEVEL_COUNTY;
	case ORG_TOWNSHIP:
	case ORG_LEVEL_COUNT:
		break;
	}
	return GATE_LEVEL_TOWNSHIP;
}

void matter_case_facts(const struct matter_case *c, enum gate_issuer issuer, struct gate_facts *ret)
{
	const struct matter *m = &c->m;
	const struct problem_kind *kind = problem_kind_find(m->kind);
	const struct actor *who = c->ctx->who;
	bool township = !matter_is_program(who) && actor_has(who, ROLE_TOWNSHIP) && !actor_has(who, ROLE_OFFICE);

	*ret = (struct gate_facts){ .in_proceedings = m->in_proceedings,
		.established = m->finding == MATTER_ESTABLISHED,
		.problem = kind ? kind->problem : GATE_CLASS_NONE,
		.major = m->major,
		.unheeded = m->unheeded,
		.issuer = township ? GATE_ISSUER_TOWNSHIP : issuer,
		.gov_approval = m->gov_approval_no.len > 0,
		.prior_proposal = m->proposal_on != DAY_NONE,
		.management = m->management,
		.upper_notified = m->upper_notified_on != DAY_NONE,
		.basis_stated = m->basis_note.len > 0,
		.level = level_of(c->level),
		.local_profile = c->process->local_documents,
		.readings_warn_only = c->process->readings_warn_only };
}

enum err_code matter_facts(struct matter_context *ctx, const struct matter *m, struct gate_facts *ret, struct err *err)
{
	struct matter_case c;

	TRY(matter_case_of(ctx, m, &c, err));
	matter_case_facts(&c, GATE_ISSUER_BODY, ret);
	return ERR_OK;
}

static enum gate_issuer issuer_of(const struct matter_case *c, struct str kind)
{
	const struct instrument_kind *k = c->ctx->app->instruments ? instrument_kind_find(c->ctx->app->instruments, kind) : NULL;

	return k && k->issuer == INSTRUMENT_BY_GOVERNMENT ? GATE_ISSUER_GOVERNMENT : GATE_ISSUER_BODY;
}

static enum err_code blocked(const struct gate_answer *answer, const char *label, const char **ret_article, struct err *err)
{
	const struct gate_reason *r = &answer->reasons[0];
	char article[96];

	*ret_article = r->article;
	gate_article_text(r->article, article);
	return err_set(err, ERR_BLOCKED, "不能办理“%s”：%s%s%s%s%s%s%s", label, r->text, r->instead < GATE_ITEM_COUNT ? "；可以用" : "",
		r->instead < GATE_ITEM_COUNT ? gate_item_title(r->instead) : "", r->interpretation ? "（本级对条文的理解）" : "",
		article[0] ? "〔依据：" : "", article, article[0] ? "〕" : "");
}

enum err_code matter_document_check(
	const struct matter_case *c, struct str kind, struct gate_answer *ret, const char **ret_article, struct err *err)
{
	enum gate_item item = gate_item_parse(kind);
	const struct process_document *d = process_document_find(c->process, kind);
	struct gate_facts facts;
	int step = process_step_index(c->process, c->m.step);

	*ret = (struct gate_answer){ .verdict = GATE_BLOCKED };
	*ret_article = "";
	if (item == GATE_ITEM_COUNT)
		return err_set(err, ERR_INPUT, "放行矩阵里没有这种文书");
	matter_case_facts(c, issuer_of(c, kind), &facts);
	matter_gate(item, &facts, ret);
	if (ret->verdict == GATE_BLOCKED)
		return blocked(ret, gate_item_title(item), ret_article, err);
	if (c->m.state == MATTER_CLOSED)
		return err_set(err, ERR_STATE, "事项已结案，需要时请先重新办理");
	if (c->m.state == MATTER_SUSPENDED) {
		*ret_article = "33(3)";
		return err_set(err, ERR_STATE, "事项已中止，程序结束后由人决定恢复〔依据：《" GATE_LAW "》第33条第3款〕");
	}
	if (!d || step < 0 || !(d->steps & (1u << step)))
		return err_set(err, ERR_STATE, "“%s”不在当前步骤“%.*s”使用", gate_item_title(item),
			STR_ARG(step >= 0 ? c->process->steps[step].label : c->m.step));
	return ERR_OK;
}

/* ---- actions ---- */

enum err_code matter_check_own(const struct matter_case *c, struct err *err)
{
	const struct actor *who = c->ctx->who;

	if (matter_is_program(who) || who->org_id == c->m.body_id)
		return ERR_OK;
	if (actor_has(who, ROLE_GOV_APPROVER) && !actor_has(who, ROLE_BODY)) /* the government of the body: the scope has proved it */
		return ERR_OK;
	return err_set(err, ERR_FORBIDDEN, "本事项由%.*s承办，您可以查看，不能代为办理", STR_ARG(c->m.body_name));
}

static enum err_code check_state(const struct matter_case *c, const struct process_action *a, const char **ret_article, struct err *err)
{
	int step = process_step_index(c->process, c->m.step);

	if (!(a->states & (1u << c->m.state))) {
		if (c->m.state == MATTER_SUSPENDED) {
			*ret_article = "33(3)";
			return err_set(err, ERR_STATE,
				"事项已中止：同一行为在%.*s中，程序结束后由人决定恢复或者终结〔依据：《" GATE_LAW "》第33条第3款〕",
				STR_ARG(c->m.proceedings));
		}
		return err_set(err, ERR_STATE, "事项%s，不能“%.*s”", matter_state_title(c->m.state), STR_ARG(a->label));
	}
	if (step < 0 || !(a->steps & (1u << step)))
		return err_set(err, ERR_STATE, "当前步骤是“%.*s”，不能“%.*s”",
			STR_ARG(step >= 0 ? c->process->steps[step].label : c->m.step), STR_ARG(a->label));
	return ERR_OK;
}

static enum err_code check_needs(const struct matter_case *c, const struct process_action *a, const char **ret_article, struct err *err)
{
	for (int fact = 0; fact < FACT_COUNT; fact++) {
		const struct fact_name *f = &fact_names[fact];
		char article[96] = "";

		if (!(a->needs & (1u << fact)) || matter_fact_holds(c, (enum matter_fact)fact))
			continue;
		if (!f->article)
			return err_set(err, ERR_STATE, "不能“%.*s”：%s", STR_ARG(a->label), f->missing);
		*ret_article = f->article;
		gate_article_text(f->article, article);
		return err_set(err, ERR_BLOCKED, "不能“%.*s”：%s〔依据：%s〕", STR_ARG(a->label), f->missing, article);
	}
	return ERR_OK;
}

enum err_code matter_action_check(
	const struct matter_case *c, const struct process_action *a, const char **ret_article, struct str *ret_warning, struct err *err)
{
	*ret_article = "";
	*ret_warning = STR("");
	if (!matter_is_program(c->ctx->who) && !actor_has(c->ctx->who, a->roles))
		return err_set(err, ERR_FORBIDDEN, "您的角色不能“%.*s”", STR_ARG(a->label));
	TRY(matter_check_own(c, err));
	if (a->gate != GATE_ITEM_COUNT && c->m.state != MATTER_CLOSED) {
		struct gate_facts facts;
		struct gate_answer answer;

		matter_case_facts(c, GATE_ISSUER_BODY, &facts);
		matter_gate(a->gate, &facts, &answer);
		if (answer.verdict == GATE_BLOCKED)
			return blocked(&answer, str_cstr(c->ctx->mem, a->label), ret_article, err);
		if (answer.verdict == GATE_WARNED) {
			*ret_article = answer.reasons[0].article;
			*ret_warning = str_of(answer.reasons[0].text);
		}
	}
	TRY(check_state(c, a, ret_article, err));
	return check_needs(c, a, ret_article, err);
}

enum err_code matter_check_leak(const struct matter_case *c, const char *label, struct str text, struct err *err)
{
	struct clue_context clues = clue_context_of(c->ctx);
	struct str why;

	if (text.len == 0 || !c->m.sealed)
		return ERR_OK;
	TRY(clue_leak(&clues, c->clue_ids, c->clue_count, text, &why, err));
	if (why.len == 0)
		return ERR_OK;
	return err_set(err, ERR_INPUT, "“%s”%.*s，执法机关会看到它；请用自己的话写需要它办的事", label, STR_ARG(why));
}

/* ---- reading ---- */

enum err_code matter_get(struct matter_context *ctx, int64_t id, struct matter *ret, struct err *err)
{
	return matter_read(ctx, id, false, ret, err);
}

enum err_code matter_list(struct matter_context *ctx, const struct matter_query *q, struct matter_page *ret, struct err *err)
{
	*ret = (struct matter_page){ .total = -1 };
	if (!matter_is_program(ctx->who) && !actor_has(ctx->who, ROLE_OFFICE))
		return ERR_OK;
	return matter_page_read(ctx, q, false, ret, err);
}

static enum err_code search_clues(
	struct matter_context *ctx, struct str text, int limit, struct matter_hit *hits, size_t *count, struct err *err)
{
	struct clue_context clues = clue_context_of(ctx);
	struct clue_query q = { .state = CLUE_STATE_COUNT, .channel = CLUE_CHANNEL_COUNT, .q = text, .limit = limit };
	struct clue_page page;

	TRY(clue_list(&clues, &q, &page, err));
	for (size_t i = 0; i < page.row_count; i++)
		hits[(*count)++] = (struct matter_hit){ .kind = "clue",
			.id = page.rows[i].id,
			.title = page.rows[i].title,
			.sub = str_printf(ctx->mem, "%.*s · %s", STR_ARG(page.rows[i].no), clue_state_title(page.rows[i].state)) };
	return ERR_OK;
}

enum err_code matter_search(struct db *db, const struct actor *who, struct str text, int limit, struct arena *mem, struct matter_hit **ret,
	size_t *ret_count, struct err *err)
{
	struct matter_context ctx = { .db = db, .mem = mem, .who = who };
	struct matter_hit *hits = ARENA_NEW(mem, struct matter_hit, (size_t)limit * 2 + 1);
	struct matter_query q = { .q = text, .due_until = DAY_NONE, .limit = limit };
	bool agency = actor_is_agency(who);
	struct matter_page page = { 0 };
	size_t count = 0;

	*ret_count = 0;
	if (!hits)
		return err_nomem(err);
	*ret = hits;
	if (agency && who->scope_path.len == 0)
		return ERR_OK;
	if (agency)
		TRY(matter_page_read(&ctx, &q, true, &page, err));
	else
		TRY(matter_list(&ctx, &q, &page, err));
	for (size_t i = 0; i < page.row_count; i++)
		hits[count++] = (struct matter_hit){ .kind = agency ? "assigned" : "matter",
			.id = page.rows[i].id,
			.title = !agency                               ? page.rows[i].title
			         : page.rows[i].assigned_title.len > 0 ? page.rows[i].assigned_title
			                                               : STR("监督事项"),
			.sub = str_printf(mem, "%.*s · %s", STR_ARG(page.rows[i].no), matter_state_title(page.rows[i].state)) };
	if (!agency)
		TRY(search_clues(&ctx, text, limit, hits, &count, err));
	*ret_count = count;
	return ERR_OK;
}
