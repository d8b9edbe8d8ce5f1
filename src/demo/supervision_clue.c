/* Clues of the supervision bodies: triage, verification, telling the superior, transfer to the supervisory authority. */
#include "demo/work.h"

struct clue {
	struct agency *agency;
	bool agency_known;
	int64_t number;
	const char *source, *rule, *problem, *result, *personnel;
	int32_t received, triaged, verified, told, transferred, closed;
	enum tri merged;
};

static bool is_managed_above(const struct agency *a)
{
	return a->kind->management != ORG_LOCAL;
}

static void settle_upper(struct maker *m, struct clue *c)
{
	bool confirmed = c->result && strcmp(c->result, "confirmed") == 0;

	c->told = confirmed && is_managed_above(c->agency) ? past(m, workday_step(m->w->days, c->verified, (int)rng_in(&m->rng, 1, 5)))
	                                                   : DAY_NONE;
}

/** The ordinary course of a clue received on the day. */
static void lay_out(struct maker *m, struct clue *c, int32_t received)
{
	static const struct weighted results[] = { { "confirmed", 520 }, { "explained", 300 }, { "exempt", 110 }, { "data_error", 70 } };

	c->received = received;
	c->triaged = past(m, workday_step(m->w->days, received, (int)rng_in(&m->rng, 0, 5)));
	c->verified = past(m, workday_step(m->w->days, received, (int)rng_in(&m->rng, 6, 30)));
	c->result = c->verified == DAY_NONE ? NULL : choose_weighted(&m->rng, results, COUNT(results));
	c->personnel = "none";
	c->transferred = DAY_NONE;
	c->merged = TRI_FALSE;
	settle_upper(m, c);
	c->closed = c->verified == DAY_NONE ? DAY_NONE : past(m, c->verified + (int32_t)rng_in(&m->rng, 5, 60));
}

static void make(struct maker *m, int64_t index, void *item)
{
	static const char *const sources[] = { "rule", "rule", "rule", "hotline", "file_review", "enterprise", "reconsideration",
		"petition", "assigned" };
	static const char *const rules[] = { "penalty-decision-overdue", "penalty-delivery-late", "pub-penalty-late",
		"penalty-single-officer", "penalty-no-prior-notice", "penalty-record-missing" };
	static const char *const problems[] = { "illegal_procedure", "illegal_procedure", "illegal_procedure", "no_qualification",
		"inaction", "obviously_improper" };
	struct clue *c = item;
	int kind = (int)rng_in(&m->rng, 0, COUNT(rules) - 1);

	*c = (struct clue){ .agency = choose_agency(m, false), .agency_known = true, .number = index + 1 };
	c->source = sources[rng_next(&m->rng) % COUNT(sources)];
	c->rule = rules[kind];
	c->problem = problems[kind];
	lay_out(m, c, random_workday(m, rng_chance(&m->rng, 700) ? 148 : 500, 1));
}

/* ---- planted ---- */

static bool triage(struct maker *m, struct clue *c, int more)
{
	lay_out(m, c, random_workday(m, 130, 60));
	c->triaged = workday_step(m->w->days, c->received, 5) + more;
	return true;
}

static bool triaged_next_day(struct maker *m, void *item)
{
	return triage(m, item, 1);
}

static bool triaged_last_day(struct maker *m, void *item)
{
	return triage(m, item, 0);
}

static bool triaged_never(struct maker *m, void *item)
{
	struct clue *c = item;

	triage(m, c, 1);
	c->triaged = c->verified = c->told = c->closed = DAY_NONE;
	c->result = NULL;
	return true;
}

static bool triage_received_missing(struct maker *m, void *item)
{
	struct clue *c = item;

	triage(m, c, 1);
	c->received = DAY_NONE;
	return true;
}

/** Confirmed of an agency whose superior is elsewhere; told `more` days after the last day. */
static bool told(struct maker *m, struct clue *c, bool above, const char *result, int more)
{
	for (int tries = 0; is_managed_above(c->agency) != above && tries < 500; tries++)
		c->agency = choose_agency(m, false);
	if (is_managed_above(c->agency) != above)
		return false;
	lay_out(m, c, random_workday(m, 130, 90));
	c->verified = workday_step(m->w->days, c->received, 8);
	c->result = result;
	c->told = workday_step(m->w->days, c->verified, 5) + more;
	return true;
}

static bool told_next_day(struct maker *m, void *item)
{
	return told(m, item, true, "confirmed", 1);
}

static bool told_last_day(struct maker *m, void *item)
{
	return told(m, item, true, "confirmed", 0);
}

static bool told_never(struct maker *m, void *item)
{
	struct clue *c = item;

	if (!told(m, c, true, "confirmed", 1))
		return false;
	c->told = DAY_NONE;
	return true;
}

static bool told_not_needed(struct maker *m, void *item)
{
	struct clue *c = item;

	if (!told(m, c, false, "confirmed", 1))
		return false;
	c->told = DAY_NONE;
	return true;
}

static bool told_not_confirmed(struct maker *m, void *item)
{
	struct clue *c = item;

	if (!told(m, c, true, "explained", 1))
		return false;
	c->told = DAY_NONE;
	return true;
}

static bool told_agency_unknown(struct maker *m, void *item)
{
	struct clue *c = item;

	if (!told_never(m, c))
		return false;
	c->agency_known = false;
	return true;
}

/** A clue about a person, not transferred, received so many working days ago. */
static bool person(struct maker *m, struct clue *c, const char *kind, int workdays_ago)
{
	lay_out(m, c, workday_step(m->w->days, maker_today(m), -workdays_ago - (day_is_work(m->w->days, maker_today(m)) ? 0 : 1)));
	c->personnel = kind;
	return true;
}

static bool person_eleventh_day(struct maker *m, void *item)
{
	return person(m, item, "dereliction", 11);
}

static bool person_long_ago(struct maker *m, void *item)
{
	return person(m, item, "corruption", (int)rng_in(&m->rng, 20, 60));
}

static bool person_tenth_day(struct maker *m, void *item)
{
	struct clue *c = item;

	person(m, c, "abuse", 10);
	if (!day_is_work(m->w->days, maker_today(m)))
		c->received = workday_step(m->w->days, c->received, 1);
	return true;
}

static bool person_transferred(struct maker *m, void *item)
{
	struct clue *c = item;

	person(m, c, "favouritism", 30);
	c->transferred = workday_step(m->w->days, c->received, 8);
	return true;
}

static bool person_conduct(struct maker *m, void *item)
{
	return person(m, item, "conduct", 30);
}

static bool person_merged(struct maker *m, void *item)
{
	struct clue *c = item;

	person(m, c, "corruption", 30);
	c->merged = TRI_TRUE;
	return true;
}

static bool person_kind_missing(struct maker *m, void *item)
{
	return person(m, item, NULL, 30);
}

static const struct scenario scenarios[] = {
	{ "sup-clue-triage-late", PLAN_HIT, 1500, ANY, triaged_next_day },
	{ "sup-clue-triage-late", PLAN_HIT, 500, ANY, triaged_never },
	{ "sup-clue-triage-late", PLAN_NEAR, 1500, ANY, triaged_last_day },
	{ "sup-clue-triage-late", PLAN_UNKNOWN, 100, ANY, triage_received_missing },
	{ "sup-upper-not-notified", PLAN_HIT, 500, ANY, told_next_day },
	{ "sup-upper-not-notified", PLAN_HIT, 500, ANY, told_never },
	{ "sup-upper-not-notified", PLAN_NEAR, 500, ANY, told_last_day },
	{ "sup-upper-not-notified", PLAN_NEAR, 300, ANY, told_not_needed },
	{ "sup-upper-not-notified", PLAN_NEAR, 300, ANY, told_not_confirmed },
	{ "sup-upper-not-notified", PLAN_UNKNOWN, 200, ANY, told_agency_unknown },
	{ "sup-transfer-missing", PLAN_HIT, 200, ANY, person_eleventh_day },
	{ "sup-transfer-missing", PLAN_HIT, 200, ANY, person_long_ago },
	{ "sup-transfer-missing", PLAN_NEAR, 300, ANY, person_tenth_day },
	{ "sup-transfer-missing", PLAN_NEAR, 300, ANY, person_transferred },
	{ "sup-transfer-missing", PLAN_NEAR, 200, ANY, person_conduct },
	{ "sup-transfer-missing", PLAN_EXEMPT, 200, ANY, person_merged },
	{ "sup-transfer-missing", PLAN_UNKNOWN, 200, ANY, person_kind_missing },
};

/* ---- verdicts ---- */

static enum verdict triage_late(const void *item, const struct world *w)
{
	const struct clue *c = item;

	return judge(
		FROM_SUPERVISION, c->received, later(first_day(c->triaged, w->o.today), workday_step(w->days, c->received, 5)), TRI_FALSE);
}

static enum verdict upper_not_notified(const void *item, const struct world *w)
{
	const struct clue *c = item;
	enum tri above = c->agency_known ? tri(is_managed_above(c->agency)) : TRI_UNKNOWN;
	enum tri late = later(first_day(c->told, w->o.today), workday_step(w->days, c->verified, 5));

	return judge(FROM_SUPERVISION, first_day(c->verified, c->received),
		and3(and3(tri(c->verified != DAY_NONE), is(c->result, "confirmed")), and3(above, late)), TRI_FALSE);
}

static enum verdict transfer_missing(const void *item, const struct world *w)
{
	static const char *const kinds[] = { "corruption", "dereliction", "abuse", "favouritism", NULL };
	const struct clue *c = item;
	enum tri old = c->received == DAY_NONE ? TRI_UNKNOWN : tri(workday_count(w->days, c->received, w->o.today) > 10);

	return judge(
		FROM_SUPERVISION, c->received, and3(among(c->personnel, kinds), and3(tri(c->transferred == DAY_NONE), old)), c->merged);
}

static const struct planned_rule rules[] = {
	{ "sup-clue-triage-late", triage_late },
	{ "sup-upper-not-notified", upper_not_notified },
	{ "sup-transfer-missing", transfer_missing },
};

/* ---- the record ---- */

static void to_rows(const void *item, const struct world *w, struct rows *out)
{
	const struct clue *c = item;

	rows_text(out, "clue_no", str_printf(out->mem, "JD-线-%d-%06lld", day_year_or(c->received, w), (long long)c->number));
	rows_text(out, "body_name", str_printf(out->mem, "%.*s司法局", STR_ARG(c->agency->place)));
	work_agency(out, c->agency);
	if (!c->agency_known) {
		rows_text(out, "agency_name", str_printf(out->mem, "%.*s某中心", STR_ARG(c->agency->place)));
		out->values[dictionary_column(out->type, STR("agency_code"))->index].null = true;
	}
	rows_code(out, "source", c->source);
	rows_text(out, "rule_id", str_of(c->rule));
	rows_code(out, "problem", c->problem);
	rows_text(out, "subject", str_printf(out->mem, "%.*s：疑似问题（演示数据）", STR_ARG(c->agency->short_name)));
	rows_day(out, "received_on", c->received);
	rows_day(out, "triaged_on", c->triaged);
	rows_day(out, "verified_on", c->verified);
	rows_code(out, "verify_result", c->result);
	rows_day(out, "upper_notified_on", c->told);
	rows_code(out, "personnel_clue", c->personnel);
	rows_day(out, "transferred_on", c->transferred);
	rows_tri(out, "merged_with_discipline", c->merged);
	rows_day(out, "closed_on", c->closed);
}

static int64_t count(const struct world *w)
{
	return work_count(w, 3000, COUNT(scenarios));
}

static struct str region_of(const void *item)
{
	return ((const struct clue *)item)->agency->region;
}

static const struct theme theme = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
static const struct theme *const themes[] = { &theme, NULL };

const struct generator supervision_clue_generator = {
	.type = "supervision_clue",
	.what = "监督线索",
	.sources = { { "演示数据：监督线索", NULL } },
	.item_bytes = sizeof(struct clue),
	.counter = offsetof(struct demo_result, others),
	.count = count,
	.make = make,
	.to_rows = to_rows,
	.region_of = region_of,
	.themes = themes,
};
