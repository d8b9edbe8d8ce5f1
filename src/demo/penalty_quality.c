/* The agency itself, publication, impossible data: what is planted and what the rules have to say about it. */
#include "demo/penalty.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define YUAN 100

/* ---- planted: the agency itself, publication, data ---- */

static bool agency_as_it_is(struct maker *m, void *item)
{
	(void)m, (void)item;
	return true;
}

static bool agency_before_confirmation(struct maker *m, void *item)
{
	struct penalty *p = item;
	int32_t decided = p->agency->confirmed_on - (int32_t)rng_in(&m->rng, 1, 300), span = p->decided - p->filed;

	penalty_redo(m, p, decided - span, decided);
	return true;
}

static bool agency_day_before_confirmation(struct maker *m, void *item)
{
	struct penalty *p = item;
	int32_t decided = p->agency->confirmed_on - 1, span = p->decided - p->filed;

	penalty_redo(m, p, decided - span, decided);
	return true;
}

static bool agency_on_confirmation(struct maker *m, void *item)
{
	struct penalty *p = item;
	int32_t decided = p->agency->confirmed_on, span = p->decided - p->filed;

	penalty_redo(m, p, decided - span, decided);
	return true;
}

static bool agency_not_in_register(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->agency_name = str_printf(m->mem, "%.*s综合执法服务中心", STR_ARG(p->agency->place));
	p->agency_known = false;
	return true;
}

static bool published_on(struct maker *m, struct penalty *p, int workdays, int more)
{
	penalty_redo_old(m, p, 70);
	p->disclosure = TRI_TRUE;
	p->published = workday_step(m->w->days, p->decided, workdays) + more;
	return true;
}

static bool published_eighth_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	return published_on(m, p, 7, 1);
}

static bool published_late(struct maker *m, void *item)
{
	struct penalty *p = item;

	return published_on(m, p, 7, (int)rng_in(&m->rng, 2, 40));
}

static bool published_never(struct maker *m, void *item)
{
	struct penalty *p = item;

	published_on(m, p, 7, 0);
	p->published = DAY_NONE;
	return true;
}

static bool published_seventh_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	return published_on(m, p, 7, 0);
}

static bool published_market_late(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_set_fine(p, 5000 * YUAN); /* a mere warning is not published */
	return published_on(m, p, 20, 1);
}

static bool published_market_last_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	return published_on(m, p, 20, 0);
}

static bool published_market_warning(struct maker *m, void *item)
{
	struct penalty *p = item;

	published_never(m, p);
	p->fine = p->confiscated = 0;
	p->hearing_eligible = TRI_FALSE;
	p->penalties[0] = (struct case_penalty){ "warning", -1 };
	p->penalty_count = 1;
	p->payment_count = 0;
	return true;
}

static bool published_reason(struct maker *m, void *item)
{
	struct penalty *p = item;

	published_never(m, p);
	p->no_disclosure_reason = "涉及商业秘密";
	return true;
}

static bool published_unknown(struct maker *m, void *item)
{
	struct penalty *p = item;

	published_never(m, p);
	p->disclosure = TRI_UNKNOWN;
	return true;
}

static bool dates_undecided(struct maker *m, void *item)
{
	struct penalty *p = item;
	int32_t filed = random_workday(m, 55, 30);

	penalty_redo(m, p, filed, maker_today(m) - 5);
	p->decided = p->delivered = p->delivery_started = p->published = p->closed = p->e_consent = p->reviewed = p->discussed = DAY_NONE;
	p->status = "decided";
	penalty_fill(m, p);
	return true;
}

static bool dates_undelivered(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo_old(m, p, 90);
	p->closed = p->delivered + 20;
	p->delivered = p->e_consent = DAY_NONE;
	p->delivery_method = "direct";
	p->status = "closed";
	penalty_fill(m, p);
	return true;
}

static bool dates_spot_unfiled(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	p->filed = p->found = DAY_NONE;
	return true;
}

static bool dates_dismissed(struct maker *m, void *item)
{
	struct penalty *p = item;

	dates_undelivered(m, p);
	p->outcome = "not_penalised";
	p->fine = p->confiscated = 0;
	p->hearing_eligible = TRI_FALSE;
	p->penalty_count = p->payment_count = 0;
	return true;
}

static bool impossible_future(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->closed = maker_today(m) + (int32_t)rng_in(&m->rng, 1, 300);
	p->status = "closed";
	if (p->delivered == DAY_NONE)
		p->delivered = p->decided;
	return true;
}

static bool impossible_negative(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	p->fine = -p->fine - 1;
	return true;
}

static bool impossible_delivered(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo_old(m, p, 30);
	p->delivery_method = "direct";
	p->e_consent = DAY_NONE;
	p->delivered = p->decided - 1;
	penalty_fill(m, p);
	return true;
}

static bool impossible_violated(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	p->violated = p->decided + 1;
	return true;
}

static bool impossible_published(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	p->disclosure = TRI_TRUE;
	p->published = p->decided - 1;
	return true;
}

static bool possible_same_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo_old(m, p, 30);
	p->disclosure = TRI_TRUE;
	p->delivered = p->published = p->delivery_started = p->decided;
	p->delivery_method = "direct";
	p->e_consent = DAY_NONE;
	p->closed = p->delivered;
	p->status = "closed";
	penalty_fill(m, p);
	return true;
}

static const struct scenario scenarios[] = {
	{ "agency-unconfirmed", PLAN_HIT, 120, { GENERAL, .trait = AGENCY_NEVER_CONFIRMED }, agency_as_it_is },
	{ "agency-unconfirmed", PLAN_HIT, 60, { GENERAL, .trait = AGENCY_CONFIRMED_LATE }, agency_before_confirmation },
	{ "agency-unconfirmed", PLAN_HIT, 20, { GENERAL, .trait = AGENCY_CONFIRMED_LATE }, agency_day_before_confirmation },
	{ "agency-unconfirmed", PLAN_NEAR, 60, { GENERAL, .trait = AGENCY_CONFIRMED_LATE }, agency_on_confirmation },
	{ "agency-unconfirmed", PLAN_EXEMPT, 60, { GENERAL, .trait = AGENCY_BY_LAW }, agency_as_it_is },
	{ "agency-unconfirmed", PLAN_UNKNOWN, 40, { GENERAL }, agency_not_in_register },
	{ "pub-penalty-late", PLAN_HIT, 140, { NOT_MARKET, .not_police = true }, published_eighth_day },
	{ "pub-penalty-late", PLAN_HIT, 800, { NOT_MARKET, .not_police = true }, published_late },
	{ "pub-penalty-late", PLAN_HIT, 350, { NOT_MARKET, .not_police = true }, published_never },
	{ "pub-penalty-late", PLAN_HIT, 150, { MARKET }, published_market_late },
	{ "pub-penalty-late", PLAN_NEAR, 250, { NOT_MARKET, .not_police = true }, published_seventh_day },
	{ "pub-penalty-late", PLAN_NEAR, 150, { MARKET }, published_market_last_day },
	{ "pub-penalty-late", PLAN_EXEMPT, 60, { MARKET }, published_market_warning },
	{ "pub-penalty-late", PLAN_EXEMPT, 150, { NOT_MARKET, .not_police = true }, published_reason },
	{ "pub-penalty-late", PLAN_UNKNOWN, 80, { NOT_MARKET, .not_police = true }, published_unknown },
	{ "dq-key-date-missing", PLAN_HIT, 80, { GENERAL }, penalty_plant_unfiled },
	{ "dq-key-date-missing", PLAN_HIT, 150, { GENERAL }, dates_undecided },
	{ "dq-key-date-missing", PLAN_HIT, 200, { GENERAL }, dates_undelivered },
	{ "dq-key-date-missing", PLAN_NEAR, 100, { SIMPLE }, dates_spot_unfiled },
	{ "dq-key-date-missing", PLAN_EXEMPT, 80, { GENERAL }, dates_dismissed },
	{ "dq-impossible", PLAN_HIT, 60, { GENERAL }, impossible_future },
	{ "dq-impossible", PLAN_HIT, 30, { GENERAL }, impossible_negative },
	{ "dq-impossible", PLAN_HIT, 120, { GENERAL }, impossible_delivered },
	{ "dq-impossible", PLAN_HIT, 60, { GENERAL }, impossible_violated },
	{ "dq-impossible", PLAN_HIT, 60, { GENERAL }, impossible_published },
	{ "dq-impossible", PLAN_NEAR, 160, { GENERAL }, possible_same_day },
};

/* ---- verdicts ---- */

static enum verdict agency_unconfirmed(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	enum tri when = TRI_UNKNOWN;

	(void)w;
	if (p->agency_known)
		when = p->agency->confirmed_on == DAY_NONE ? TRI_TRUE : later(p->agency->confirmed_on, p->decided);
	return judge(FROM_2021, p->decided, when, tri(p->agency_known && p->agency->trait == AGENCY_BY_LAW));
}

static enum verdict publication(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct day_facts *f = w->days;
	int32_t today = w->o.today;
	static const char *const warning[] = { "warning", NULL };
	int32_t end = first_day(p->published, today);
	bool market = yes(is(p->domain, "market"));
	bool exempt = (market && yes(not_later(end, workday_step(f, p->decided, 20)))) ||
	              (market && penalty_has_kind(p, warning) && !penalty_has_kind_outside(p, warning)) || p->no_disclosure_reason;

	return judge(day_from_ymd(2018, 12, 5), p->decided, and3(p->disclosure, later(end, workday_step(f, p->decided, 7))), tri(exempt));
}

static enum verdict key_date_missing(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	int32_t today = w->o.today;
	static const char *const over[] = { "decided", "closed", NULL };
	enum tri unfiled = and3(is(p->procedure, "general"), tri(p->filed == DAY_NONE));
	enum tri undecided =
		and3(tri(p->decided == DAY_NONE), or3(p->status ? tri(one_of(p->status, over)) : TRI_UNKNOWN, money_over(p->fine, 0)));
	enum tri undelivered = tri(p->decided != DAY_NONE && p->delivered == DAY_NONE && p->closed != DAY_NONE);
	bool exempt = one_of(p->outcome, no_penalty) && (p->filed != DAY_NONE || yes(not3(is(p->procedure, "general"))));

	return judge(FROM_2025, today, or3(or3(unfiled, undecided), undelivered), tri(exempt));
}

static enum verdict impossible(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	int32_t today = w->o.today;
	bool future = yes(later(p->filed, today)) || yes(later(p->decided, today)) || yes(later(p->delivered, today)) ||
	              yes(later(p->published, today)) || yes(later(p->closed, today));
	bool negative = (p->fine != NO_MONEY && p->fine < 0) || (p->confiscated != NO_MONEY && p->confiscated < 0);
	bool order = yes(later(p->decided, p->delivered)) || yes(later(p->filed, p->closed)) || yes(later(p->decided, p->published)) ||
	             yes(later(p->violated, p->decided));

	return judge(FROM_2025, today, tri(future || negative || order), TRI_FALSE);
}

static const struct planned_rule rules[] = {
	{ "agency-unconfirmed", agency_unconfirmed },
	{ "pub-penalty-late", publication },
	{ "dq-key-date-missing", key_date_missing },
	{ "dq-impossible", impossible },
};

const struct theme penalty_quality = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
