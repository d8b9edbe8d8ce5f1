/* Limitation, and what should or may not be punished at all. */
#include "demo/penalty.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* ---- planted: limitation ---- */

/** The lead comes on the last day of so many months, or `late`, on a day after it. */
static bool found_after(struct maker *m, struct penalty *p, int months, bool late)
{
	int32_t found = p->filed, violated;

	while (!day_is_work(m->w->days, found))
		found--;
	violated = day_add_months(found, -months);
	while (late && workday_roll(m->w->days, day_add_months(violated, months)) >= found)
		violated--;
	p->found = found;
	p->violated = violated;
	return workday_roll(m->w->days, day_add_months(violated, months)) == found || late;
}

static bool limitation_last_day(struct maker *m, void *item)
{
	return found_after(m, item, 24, false);
}

static bool limitation_over(struct maker *m, void *item)
{
	return found_after(m, item, 24, true);
}

static bool limitation_harm_last_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->more.major_harm = TRI_TRUE;
	return found_after(m, p, 60, false);
}

static bool limitation_harm_over(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->more.major_harm = TRI_TRUE;
	return found_after(m, p, 60, true);
}

static bool limitation_continuing(struct maker *m, void *item)
{
	struct penalty *p = item;

	found_after(m, p, 24, true);
	p->more.violation_ended = p->found - 5;
	return true;
}

static bool limitation_unknown(struct maker *m, void *item)
{
	(void)m;
	((struct penalty *)item)->found = DAY_NONE;
	return true;
}

/* ---- planted: leniency ---- */

enum minor_plan { MINOR_HIT, MINOR_HARM, MINOR_UNCORRECTED, MINOR_UNKNOWN };

static bool trivial(struct maker *m, void *item)
{
	struct penalty_more *x = &((struct penalty *)item)->more;

	x->minor_act = TRI_TRUE;
	x->corrected = m->need.number == MINOR_UNCORRECTED ? TRI_FALSE : TRI_TRUE;
	x->harm = m->need.number == MINOR_HARM ? TRI_TRUE : m->need.number == MINOR_UNKNOWN ? TRI_UNKNOWN : TRI_FALSE;
	return true;
}

enum first_plan { FIRST_HIT, FIRST_REPEATED, FIRST_CONSIDERED, FIRST_UNKNOWN };

static bool first(struct maker *m, void *item)
{
	struct penalty_more *x = &((struct penalty *)item)->more;

	x->listed = x->harm_minor = x->corrected = TRI_TRUE;
	x->first_violation = m->need.number == FIRST_REPEATED ? TRI_FALSE : m->need.number == FIRST_UNKNOWN ? TRI_UNKNOWN : TRI_TRUE;
	x->leniency_note = m->need.number == FIRST_CONSIDERED ? "涉及食品安全，不适用首违不罚" : NULL;
	return true;
}

static const struct scenario scenarios[] = {
	{ "penalty-limitation-expired", PLAN_HIT, 30, { GENERAL }, limitation_over },
	{ "penalty-limitation-expired", PLAN_HIT, 20, { GENERAL }, limitation_harm_over },
	{ "penalty-limitation-expired", PLAN_NEAR, 30, { GENERAL }, limitation_last_day },
	{ "penalty-limitation-expired", PLAN_NEAR, 20, { GENERAL }, limitation_harm_last_day },
	{ "penalty-limitation-expired", PLAN_NEAR, 20, { GENERAL }, limitation_continuing },
	{ "penalty-limitation-expired", PLAN_UNKNOWN, 20, { GENERAL }, limitation_unknown },
	{ "leniency-should-not-penalise", PLAN_HIT, 60, { GENERAL, .number = MINOR_HIT }, trivial },
	{ "leniency-should-not-penalise", PLAN_NEAR, 50, { GENERAL, .number = MINOR_HARM }, trivial },
	{ "leniency-should-not-penalise", PLAN_NEAR, 40, { GENERAL, .number = MINOR_UNCORRECTED }, trivial },
	{ "leniency-should-not-penalise", PLAN_UNKNOWN, 30, { GENERAL, .number = MINOR_UNKNOWN }, trivial },
	{ "leniency-first-violation", PLAN_HIT, 80, { GENERAL, .number = FIRST_HIT }, first },
	{ "leniency-first-violation", PLAN_NEAR, 60, { GENERAL, .number = FIRST_REPEATED }, first },
	{ "leniency-first-violation", PLAN_EXEMPT, 60, { GENERAL, .number = FIRST_CONSIDERED }, first },
	{ "leniency-first-violation", PLAN_UNKNOWN, 30, { GENERAL, .number = FIRST_UNKNOWN }, first },
};

/* ---- verdicts ---- */

static enum verdict limitation(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	int32_t end = first_day(p->more.violation_ended, p->violated), due = DAY_NONE;

	if (end != DAY_NONE)
		due = workday_roll(w->days, day_add_months(end, yes(p->more.major_harm) ? 60 : 24));
	return judge(FROM_2021, p->decided, and3(tri(penalty_is_penalised(p)), later(p->found, due)), TRI_FALSE);
}

static enum verdict should_not_penalise(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct penalty_more *x = &p->more;

	(void)w;
	return judge(FROM_2021, p->decided, and3(and3(x->minor_act, x->corrected), and3(not3(x->harm), tri(penalty_is_penalised(p)))),
		TRI_FALSE);
}

static enum verdict first_violation(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct penalty_more *x = &p->more;
	enum tri when = and3(and3(x->listed, x->first_violation), and3(x->harm_minor, x->corrected));

	(void)w;
	return judge(FROM_2021, p->decided, and3(when, tri(penalty_is_penalised(p))), tri(x->leniency_note));
}

static const struct planned_rule rules[] = {
	{ "penalty-limitation-expired", limitation },
	{ "leniency-should-not-penalise", should_not_penalise },
	{ "leniency-first-violation", first_violation },
};

const struct theme penalty_leniency = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
