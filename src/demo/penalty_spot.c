/* The on-the-spot procedure: what is planted and what the rules have to say about it. */
#include "demo/penalty.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define YUAN 100

/* ---- planted: on-the-spot procedure ---- */

static bool spot_person_over(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_set_fine(p, (20000 + rng_in(&m->rng, 1, 1800) * YUAN));
	return true;
}

static bool spot_person_one_over(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	penalty_set_fine(p, 201 * YUAN);
	return true;
}

static bool spot_organisation_over(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_set_fine(p, 3000 * YUAN + (rng_chance(&m->rng, 200) ? 1 : rng_in(&m->rng, 1, 17000) * YUAN));
	return true;
}

static bool spot_confiscation(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	if (p->penalty_count < CASE_ROWS_MAX)
		p->penalties[p->penalty_count++] = (struct case_penalty){ "confiscate_goods", -1 };
	return true;
}

static bool spot_person_limit(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	penalty_set_fine(p, 200 * YUAN);
	return true;
}

static bool spot_organisation_limit(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	penalty_set_fine(p, 3000 * YUAN);
	return true;
}

static bool spot_police(struct maker *m, void *item)
{
	struct penalty *p = item;
	int32_t decided = penalty_police_day(m, 10);

	if (decided == DAY_NONE)
		return false;
	penalty_redo(m, p, decided, decided);
	penalty_set_fine(p, rng_chance(&m->rng, 500) ? 500 * YUAN : rng_in(&m->rng, 21, 49) * 10 * YUAN);
	return true;
}

static bool spot_no_amount(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	penalty_set_fine(p, 100 * YUAN);
	p->fine = NO_MONEY;
	p->penalties[0].amount = -1;
	p->payment_count = 0;
	return true;
}

static bool not_filed(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo_old(m, p, 20);
	p->agency_filed = DAY_NONE;
	return true;
}

static bool not_filed_fifth_day(struct maker *m, void *item)
{
	struct penalty *p = item;
	int32_t day = maker_today(m);

	while (workday_count(m->w->days, day, maker_today(m)) < 5 || !day_is_work(m->w->days, day))
		day--;
	penalty_redo(m, p, day, day);
	p->agency_filed = DAY_NONE;
	return workday_count(m->w->days, day, maker_today(m)) == 5;
}

static bool not_filed_sixth_day(struct maker *m, void *item)
{
	struct penalty *p = item;
	int32_t day = maker_today(m);

	while (workday_count(m->w->days, day, maker_today(m)) < 6 || !day_is_work(m->w->days, day))
		day--;
	penalty_redo(m, p, day, day);
	p->agency_filed = DAY_NONE;
	return true;
}

static const struct scenario scenarios[] = {
	{ "penalty-simple-overlimit", PLAN_HIT, 60, { SIMPLE_CIVIL, .natural = true }, spot_person_one_over },
	{ "penalty-simple-overlimit", PLAN_HIT, 260, { SIMPLE_CIVIL, .natural = true }, spot_person_over },
	{ "penalty-simple-overlimit", PLAN_HIT, 150, { SIMPLE_CIVIL, .enterprise = true }, spot_organisation_over },
	{ "penalty-simple-overlimit", PLAN_HIT, 60, { SIMPLE_CIVIL, .enterprise = true }, spot_confiscation },
	{ "penalty-simple-overlimit", PLAN_NEAR, 220, { SIMPLE_CIVIL, .natural = true }, spot_person_limit },
	{ "penalty-simple-overlimit", PLAN_NEAR, 160, { SIMPLE_CIVIL, .enterprise = true }, spot_organisation_limit },
	{ "penalty-simple-overlimit", PLAN_EXEMPT, 120, { .domain = DOMAIN_POLICE, .procedure = "simple", .full = true, .natural = true },
		spot_police },
	{ "penalty-simple-overlimit", PLAN_UNKNOWN, 40, { SIMPLE_CIVIL, .natural = true }, spot_no_amount },
	{ "penalty-simple-not-filed", PLAN_HIT, 500, { SIMPLE }, not_filed },
	{ "penalty-simple-not-filed", PLAN_HIT, 20, { SIMPLE }, not_filed_sixth_day },
	{ "penalty-simple-not-filed", PLAN_NEAR, 60, { SIMPLE }, not_filed_fifth_day },
};

/* ---- verdicts ---- */

static const char *const small_penalties[] = { "warning", "fine", NULL };

static enum verdict simple_overlimit(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	bool other = penalty_has_kind_outside(p, small_penalties);
	enum tri over = or3(money_over(p->fine, 300000), and3(is(p->party_type, "natural_person"), money_over(p->fine, 20000)));
	bool police = penalty_is_police(p) && p->decided >= day_from_ymd(2026, 1, 1) && yes(not3(money_over(p->fine, 50000))) && !other;

	(void)w;
	over = or3(or3(over, and3(is(p->party_type, "sole_trader"), money_over(p->fine, 300000))), tri(other));
	return judge(FROM_2021, p->decided, and3(is(p->procedure, "simple"), over), tri(police));
}

static enum verdict simple_not_filed(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct day_facts *f = w->days;
	int32_t today = w->o.today;
	enum tri late = p->decided == DAY_NONE ? TRI_UNKNOWN : tri(workday_count(f, p->decided, today) > 5);

	return judge(FROM_2021, p->decided, and3(is(p->procedure, "simple"), and3(tri(p->agency_filed == DAY_NONE), late)), TRI_FALSE);
}

static const struct planned_rule rules[] = {
	{ "penalty-simple-overlimit", simple_overlimit },
	{ "penalty-simple-not-filed", simple_not_filed },
};

const struct theme penalty_spot = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
