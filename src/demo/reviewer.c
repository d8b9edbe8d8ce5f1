/* Officers who review decisions before they are made, and whether those who began after 2018 hold the legal qualification. */
#include "demo/demo_private.h"
#include "demo/verdict.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define FROM_2021 day_from_ymd(2021, 7, 15)
#define BEGINNERS_FROM day_from_ymd(2018, 1, 1)

void reviewer_make(struct maker *m, struct registered_officer *o)
{
	o->reviewer = rng_chance(&m->rng, 40) ? TRI_TRUE : TRI_FALSE;
	o->qualified = o->reviewer == TRI_TRUE || rng_chance(&m->rng, 100) ? TRI_TRUE : TRI_FALSE;
	o->first_review = o->reviewer == TRI_TRUE ? o->officer.posted_from + 60 : DAY_NONE;
}

/* ---- planted ---- */

static void unqualified(struct registered_officer *o, int32_t since)
{
	o->reviewer = TRI_TRUE;
	o->qualified = TRI_FALSE;
	o->first_review = since;
}

/** need.number: began so many days after the first one that counts. */
static bool beginner(struct maker *m, void *item)
{
	unqualified(item, BEGINNERS_FROM + m->need.number);
	return true;
}

static bool qualification_unknown(struct maker *m, void *item)
{
	beginner(m, item);
	((struct registered_officer *)item)->qualified = TRI_UNKNOWN;
	return true;
}

#define ANY .domain = -1

static const struct scenario scenarios[] = {
	{ "penalty-reviewer-unqualified", PLAN_HIT, 100, { ANY, .number = 0 }, beginner },
	{ "penalty-reviewer-unqualified", PLAN_HIT, 200, { ANY, .number = 2000 }, beginner },
	{ "penalty-reviewer-unqualified", PLAN_NEAR, 200, { ANY, .number = -1 }, beginner },
	{ "penalty-reviewer-unqualified", PLAN_UNKNOWN, 100, { ANY, .number = 1500 }, qualification_unknown },
};

/* ---- verdict ---- */

static enum verdict reviewer_unqualified(const void *item, const struct world *w)
{
	const struct registered_officer *o = item;

	return judge(
		FROM_2021, w->o.today, and3(o->reviewer, and3(not_later(BEGINNERS_FROM, o->first_review), not3(o->qualified))), TRI_FALSE);
}

static const struct planned_rule rules[] = {
	{ "penalty-reviewer-unqualified", reviewer_unqualified },
};

const struct theme reviewers = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
