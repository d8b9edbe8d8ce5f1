/* Court enforcement, compensation, suggestions, transfers of suspected crime: few facts each. */
#include "demo/work.h"

static struct str agency_region(const struct agency *a)
{
	return a->region;
}

/* ---- court enforcement ---- */

struct execution {
	struct agency *agency;
	struct people party;
	int64_t number;
	int32_t urged, applied, accepted, ruled, granted_later;
	const char *ruling, *ground;
};

static void make_execution(struct maker *m, int64_t index, void *item)
{
	static const struct weighted rulings[] = { { "granted", 880 }, { "withdrawn", 60 }, { "partly_granted", 20 }, { "refused", 25 },
		{ "not_accepted", 15 } };
	struct execution *e = item;

	*e = (struct execution){ .agency = choose_agency(m, false), .number = index + 1, .granted_later = DAY_NONE };
	e->party = choose_people(m, e->agency);
	e->applied = random_workday(m, 700, 1);
	e->urged = e->applied - (int32_t)rng_in(&m->rng, 16, 40);
	e->accepted = past(m, workday_step(m->w->days, e->applied, (int)rng_in(&m->rng, 1, 5)));
	e->ruled = past(m, workday_step(m->w->days, e->accepted, (int)rng_in(&m->rng, 2, 7)));
	e->ruling = e->ruled == DAY_NONE ? NULL : choose_weighted(&m->rng, rulings, COUNT(rulings));
	e->ground = e->ruling && strcmp(e->ruling, "refused") == 0 ? "illegal" : NULL;
}

static void rule_as(struct maker *m, struct execution *e, const char *ruling, const char *ground)
{
	e->applied = random_workday(m, 400, 90);
	e->accepted = workday_step(m->w->days, e->applied, 3);
	e->ruled = workday_step(m->w->days, e->accepted, 6);
	e->ruling = ruling;
	e->ground = ground;
}

static bool refused(struct maker *m, void *item)
{
	rule_as(m, item, "refused", "facts");
	return true;
}

static bool not_accepted(struct maker *m, void *item)
{
	rule_as(m, item, "not_accepted", "materials");
	return true;
}

static bool partly_granted(struct maker *m, void *item)
{
	rule_as(m, item, "partly_granted", NULL);
	return true;
}

static bool refused_then_granted(struct maker *m, void *item)
{
	struct execution *e = item;

	rule_as(m, e, "refused", "materials");
	e->granted_later = e->ruled + 30;
	return true;
}

static bool ruling_missing(struct maker *m, void *item)
{
	rule_as(m, item, NULL, NULL);
	return true;
}

static const struct scenario execution_scenarios[] = {
	{ "court-refuse-execution", PLAN_HIT, 1500, ANY, refused },
	{ "court-refuse-execution", PLAN_HIT, 700, ANY, not_accepted },
	{ "court-refuse-execution", PLAN_NEAR, 600, ANY, partly_granted },
	{ "court-refuse-execution", PLAN_EXEMPT, 600, ANY, refused_then_granted },
	{ "court-refuse-execution", PLAN_UNKNOWN, 400, ANY, ruling_missing },
};

static enum verdict court_refused(const void *item, const struct world *w)
{
	static const char *const refusals[] = { "refused", "not_accepted", NULL };
	const struct execution *e = item;

	(void)w;
	return judge(day_from_ymd(2012, 1, 1), first_day(e->ruled, e->applied), and3(tri(e->ruled != DAY_NONE), among(e->ruling, refusals)),
		tri(e->granted_later != DAY_NONE));
}

static const struct planned_rule execution_rules[] = { { "court-refuse-execution", court_refused } };
static const struct theme execution_theme = { execution_rules, COUNT(execution_rules), execution_scenarios, COUNT(execution_scenarios),
	NULL };
static const struct theme *const execution_themes[] = { &execution_theme, NULL };

static void execution_to_rows(const void *item, const struct world *w, struct rows *out)
{
	const struct execution *e = item;

	rows_text(out, "execution_no",
		str_printf(out->mem, "（%d）%.*s行审%lld号", day_year_or(e->applied, w), STR_ARG(e->agency->proxy), (long long)e->number));
	rows_text(out, "court", str_printf(out->mem, "%.*s人民法院", STR_ARG(e->agency->place)));
	work_agency(out, e->agency);
	work_people(out, &e->party);
	rows_day(out, "urged_on", e->urged);
	rows_day(out, "applied_on", e->applied);
	rows_day(out, "accepted_on", e->accepted);
	rows_day(out, "ruled_on", e->ruled);
	rows_code(out, "ruling", e->ruling);
	rows_code(out, "refusal_ground", e->ground);
	rows_day(out, "granted_later_on", e->granted_later);
}

static int64_t execution_count(const struct world *w)
{
	return work_count(w, 600, COUNT(execution_scenarios));
}

static struct str execution_region(const void *item)
{
	return agency_region(((const struct execution *)item)->agency);
}

const struct generator execution_generator = {
	.type = "execution_case",
	.what = "非诉行政执行案件",
	.sources = { { "演示数据：非诉行政执行案件", NULL } },
	.item_bytes = sizeof(struct execution),
	.counter = offsetof(struct demo_result, others),
	.count = execution_count,
	.make = make_execution,
	.to_rows = execution_to_rows,
	.region_of = execution_region,
	.themes = execution_themes,
};

/* ---- compensation ---- */

struct compensation {
	struct agency *agency;
	struct people party;
	int64_t number, amount;
	int32_t claimed, decided;
	const char *cause, *result;
};

static void make_compensation(struct maker *m, int64_t index, void *item)
{
	static const char *const causes[] = { "penalty", "coercion", "seizure", "damage", "inaction", "other" };
	static const struct weighted results[] = { { "refused", 550 }, { "granted", 250 }, { "settled", 120 }, { "withdrawn", 80 } };
	struct compensation *c = item;

	*c = (struct compensation){ .agency = choose_agency(m, false), .number = index + 1, .amount = NO_MONEY };
	c->party = choose_people(m, c->agency);
	c->claimed = random_workday(m, 700, 1);
	c->decided = past(m, c->claimed + (int32_t)rng_in(&m->rng, 30, 60));
	c->cause = causes[rng_next(&m->rng) % COUNT(causes)];
	c->result = c->decided == DAY_NONE ? NULL : choose_weighted(&m->rng, results, COUNT(results));
	if (c->result && (strcmp(c->result, "granted") == 0 || strcmp(c->result, "settled") == 0))
		c->amount = rng_in(&m->rng, 5, 900) * 10000;
}

static void decide_compensation(struct maker *m, struct compensation *c, const char *result)
{
	c->claimed = random_workday(m, 400, 90);
	c->decided = c->claimed + 45;
	c->result = result;
	c->amount = result && strcmp(result, "granted") == 0 ? rng_in(&m->rng, 5, 900) * 10000 : NO_MONEY;
}

static bool compensation_granted(struct maker *m, void *item)
{
	decide_compensation(m, item, "granted");
	return true;
}

static bool compensation_refused(struct maker *m, void *item)
{
	decide_compensation(m, item, "refused");
	return true;
}

static bool compensation_missing(struct maker *m, void *item)
{
	decide_compensation(m, item, NULL);
	return true;
}

static const struct scenario compensation_scenarios[] = {
	{ "state-compensation", PLAN_HIT, 5000, ANY, compensation_granted },
	{ "state-compensation", PLAN_NEAR, 3000, ANY, compensation_refused },
	{ "state-compensation", PLAN_UNKNOWN, 2000, ANY, compensation_missing },
};

static enum verdict state_compensation(const void *item, const struct world *w)
{
	static const char *const paid[] = { "granted", "settled", NULL };
	const struct compensation *c = item;

	(void)w;
	return judge(day_from_ymd(2021, 7, 15), first_day(c->decided, c->claimed),
		and3(tri(c->decided != DAY_NONE), among(c->result, paid)), TRI_FALSE);
}

static const struct planned_rule compensation_rules[] = { { "state-compensation", state_compensation } };
static const struct theme compensation_theme = { compensation_rules, COUNT(compensation_rules), compensation_scenarios,
	COUNT(compensation_scenarios), NULL };
static const struct theme *const compensation_themes[] = { &compensation_theme, NULL };

static void compensation_to_rows(const void *item, const struct world *w, struct rows *out)
{
	const struct compensation *c = item;

	rows_text(out, "compensation_no",
		str_printf(out->mem, "%.*s赔〔%d〕%lld号", STR_ARG(c->agency->proxy), day_year_or(c->claimed, w), (long long)c->number));
	work_agency(out, c->agency);
	work_people(out, &c->party);
	rows_code(out, "cause", c->cause);
	rows_day(out, "claimed_on", c->claimed);
	rows_day(out, "decided_on", c->decided);
	rows_code(out, "result", c->result);
	if (c->amount != NO_MONEY)
		rows_i64(out, "amount", c->amount);
}

static int64_t compensation_count(const struct world *w)
{
	return work_count(w, 60, COUNT(compensation_scenarios));
}

static struct str compensation_region(const void *item)
{
	return agency_region(((const struct compensation *)item)->agency);
}

const struct generator compensation_generator = {
	.type = "compensation",
	.what = "国家赔偿案件",
	.sources = { { "演示数据：国家赔偿案件", NULL } },
	.item_bytes = sizeof(struct compensation),
	.counter = offsetof(struct demo_result, others),
	.count = compensation_count,
	.make = make_compensation,
	.to_rows = compensation_to_rows,
	.region_of = compensation_region,
	.themes = compensation_themes,
};

/* ---- suggestions of courts, procuratorates and supervisors ---- */

struct suggestion {
	struct agency *agency;
	int64_t number;
	const char *kind;
	int32_t issued, received, due, replied;
};

static void lay_out_suggestion(struct maker *m, struct suggestion *s, int32_t received)
{
	s->issued = received - 3;
	s->received = received;
	s->due = received + (int32_t)rng_in(&m->rng, 30, 60);
	s->replied = past(m, s->due - (int32_t)rng_in(&m->rng, 0, 25));
}

static void make_suggestion(struct maker *m, int64_t index, void *item)
{
	static const char *const kinds[] = { "judicial", "procuratorial", "procuratorial", "supervisory", "reconsideration" };
	struct suggestion *s = item;

	*s = (struct suggestion){ .agency = choose_agency(m, false), .number = index + 1 };
	s->kind = kinds[rng_next(&m->rng) % COUNT(kinds)];
	lay_out_suggestion(m, s, random_workday(m, 300, 1));
}

static bool suggestion_replied(struct maker *m, struct suggestion *s, int more)
{
	lay_out_suggestion(m, s, random_workday(m, 130, 75));
	s->replied = s->due + more;
	return true;
}

static bool suggestion_next_day(struct maker *m, void *item)
{
	return suggestion_replied(m, item, 1);
}

static bool suggestion_last_day(struct maker *m, void *item)
{
	return suggestion_replied(m, item, 0);
}

static bool suggestion_never(struct maker *m, void *item)
{
	struct suggestion *s = item;

	suggestion_replied(m, s, 1);
	s->replied = DAY_NONE;
	return true;
}

static bool suggestion_no_due(struct maker *m, void *item)
{
	struct suggestion *s = item;

	suggestion_replied(m, s, 1);
	s->due = DAY_NONE;
	return true;
}

static const struct scenario suggestion_scenarios[] = {
	{ "suggestion-unanswered", PLAN_HIT, 1500, ANY, suggestion_next_day },
	{ "suggestion-unanswered", PLAN_HIT, 1500, ANY, suggestion_never },
	{ "suggestion-unanswered", PLAN_NEAR, 1500, ANY, suggestion_last_day },
	{ "suggestion-unanswered", PLAN_UNKNOWN, 900, ANY, suggestion_no_due },
};

static enum verdict suggestion_unanswered(const void *item, const struct world *w)
{
	const struct suggestion *s = item;

	return judge(FROM_SUPERVISION, first_day(s->received, s->issued), later(first_day(s->replied, w->o.today), s->due), TRI_FALSE);
}

static const struct planned_rule suggestion_rules[] = { { "suggestion-unanswered", suggestion_unanswered } };
static const struct theme suggestion_theme = { suggestion_rules, COUNT(suggestion_rules), suggestion_scenarios, COUNT(suggestion_scenarios),
	NULL };
static const struct theme *const suggestion_themes[] = { &suggestion_theme, NULL };

static void suggestion_to_rows(const void *item, const struct world *w, struct rows *out)
{
	const struct suggestion *s = item;

	rows_text(out, "suggestion_no",
		str_printf(out->mem, "%.*s建〔%d〕%lld号", STR_ARG(s->agency->proxy), day_year_or(s->issued, w), (long long)s->number));
	rows_code(out, "kind", s->kind);
	rows_text(out, "issuer_name",
		str_printf(out->mem, "%.*s人民%s", STR_ARG(s->agency->place), strcmp(s->kind, "procuratorial") == 0 ? "检察院" : "法院"));
	work_agency(out, s->agency);
	rows_text(out, "subject", STR("规范执法程序、完善内部审核（演示数据）"));
	rows_day(out, "issued_on", s->issued);
	rows_day(out, "received_on", s->received);
	rows_day(out, "due_on", s->due);
	rows_day(out, "replied_on", s->replied);
	if (s->replied != DAY_NONE)
		rows_code(out, "adopted", "adopted");
}

static int64_t suggestion_count(const struct world *w)
{
	return work_count(w, 400, COUNT(suggestion_scenarios));
}

static struct str suggestion_region(const void *item)
{
	return agency_region(((const struct suggestion *)item)->agency);
}

const struct generator suggestion_generator = {
	.type = "suggestion",
	.what = "司法检察监察建议",
	.sources = { { "演示数据：司法检察监察建议", NULL } },
	.item_bytes = sizeof(struct suggestion),
	.counter = offsetof(struct demo_result, others),
	.count = suggestion_count,
	.make = make_suggestion,
	.to_rows = suggestion_to_rows,
	.region_of = suggestion_region,
	.themes = suggestion_themes,
};

/* ---- transfers of suspected crime: lawful ones only; their rules look at the penalty case ---- */

struct transfer {
	struct agency *agency;
	struct people party;
	int64_t number;
	int32_t found, reported, notified, handed_over;
	int64_t approved, transferred, received;
};

static void make_transfer(struct maker *m, int64_t index, void *item)
{
	struct transfer *t = item;

	*t = (struct transfer){ .agency = choose_agency(m, false), .number = index + 1 };
	t->party = choose_people(m, t->agency);
	t->found = random_workday(m, 700, 20);
	t->reported = t->found + 1;
	t->approved = (int64_t)(t->reported + 1) * 86400 + rng_in(&m->rng, 9, 17) * 3600;
	t->transferred = t->approved + rng_in(&m->rng, 1, 23) * 3600;
	t->received = t->transferred + 1800;
	t->notified = (int32_t)(t->received / 86400) + (int32_t)rng_in(&m->rng, 1, 3);
	t->handed_over = t->notified + (int32_t)rng_in(&m->rng, 0, 3);
}

static void transfer_to_rows(const void *item, const struct world *w, struct rows *out)
{
	const struct transfer *t = item;

	rows_text(out, "transfer_no",
		str_printf(out->mem, "%.*s移〔%d〕%lld号", STR_ARG(t->agency->proxy), day_year_or(t->found, w), (long long)t->number));
	work_agency(out, t->agency);
	work_people(out, &t->party);
	rows_day(out, "found_on", t->found);
	rows_day(out, "team_named_on", t->found);
	rows_i64(out, "team_size", 2);
	rows_day(out, "reported_on", t->reported);
	rows_code(out, "approval", "approved");
	rows_i64(out, "approved_at", t->approved);
	rows_i64(out, "transferred_at", t->transferred);
	rows_text(out, "police_name", str_printf(out->mem, "%.*s公安局", STR_ARG(t->agency->place)));
	rows_i64(out, "police_received_at", t->received);
	rows_code(out, "police_decision", "filed");
	rows_day(out, "police_decided_on", t->notified);
	rows_day(out, "notice_received_on", t->notified);
	rows_day(out, "handed_over_on", t->handed_over);
}

static int64_t transfer_count(const struct world *w)
{
	return work_count(w, 300, 0);
}

static struct str transfer_region(const void *item)
{
	return agency_region(((const struct transfer *)item)->agency);
}

const struct generator transfer_generator = {
	.type = "crime_transfer",
	.what = "涉嫌犯罪案件移送",
	.sources = { { "演示数据：涉嫌犯罪案件移送", NULL } },
	.item_bytes = sizeof(struct transfer),
	.counter = offsetof(struct demo_result, others),
	.count = transfer_count,
	.make = make_transfer,
	.to_rows = transfer_to_rows,
	.region_of = transfer_region,
};
