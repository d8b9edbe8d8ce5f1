/* How long a case may take: what is planted and what the rules have to say about it. */
#include "demo/penalty.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* ---- planted: time limit of a decision ---- */

static bool overdue_by(struct maker *m, struct penalty *p, int from_ago, int to_ago, int more)
{
	int32_t filed = random_workday(m, from_ago, to_ago);

	penalty_redo(m, p, filed, day_deadline(m->w->days, filed, 90) + more);
	return true;
}

static bool overdue_first_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	return overdue_by(m, p, 420, 140, 1);
}

static bool overdue_far(struct maker *m, void *item)
{
	struct penalty *p = item;

	return overdue_by(m, p, 500, 310, (int)rng_in(&m->rng, 2, 180));
}

static bool overdue_open(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo(m, p, random_workday(m, 178, 112), DAY_NONE);
	return true;
}

static bool overdue_last_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	return overdue_by(m, p, 420, 140, 0);
}

static bool overdue_open_last_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo(m, p, maker_today(m) - 90, DAY_NONE);
	return true;
}

static bool overdue_tolled(struct maker *m, void *item)
{
	struct penalty *p = item;
	int32_t filed = random_workday(m, 420, 180);

	penalty_redo(m, p, filed, filed + 115);
	p->tolled = 30;
	return true;
}

static bool overdue_tolled_too_little(struct maker *m, void *item)
{
	struct penalty *p = item;
	int32_t filed = random_workday(m, 420, 180);

	penalty_redo(m, p, filed, day_deadline(m->w->days, filed, 110) + 1);
	p->tolled = 20;
	return true;
}

static bool overdue_transferred(struct maker *m, void *item)
{
	struct penalty *p = item;

	overdue_by(m, p, 420, 180, 20);
	p->transferred_crime = p->filed + 60;
	return true;
}

static bool overdue_dismissed_in_time(struct maker *m, void *item)
{
	struct penalty *p = item;
	int32_t filed = random_workday(m, 420, 200);

	penalty_redo(m, p, filed, DAY_NONE);
	p->closed = filed + 60;
	p->status = p->outcome = "dismissed";
	p->fine = p->confiscated = 0;
	return true;
}

static bool overdue_of_police(struct maker *m, void *item)
{
	struct penalty *p = item;

	overdue_by(m, p, 420, 200, 5);
	return p->filed < day_from_ymd(2026, 1, 1);
}

static bool police_by(struct maker *m, struct penalty *p, int days_ago, int limit, int more)
{
	int32_t filed = penalty_police_day(m, days_ago);

	if (filed == DAY_NONE)
		return false;
	penalty_redo(m, p, filed, day_deadline(m->w->days, filed, limit) + more);
	return true;
}

static bool police_first_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	return police_by(m, p, 45, 30, 1);
}

static bool police_far(struct maker *m, void *item)
{
	struct penalty *p = item;

	return police_by(m, p, 90, 30, (int)rng_in(&m->rng, 2, 40));
}

static bool police_last_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	return police_by(m, p, 45, 30, 0);
}

static bool police_extended(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->extension_count = 1;
	p->extension_approver = "superior";
	return police_by(m, p, 80, 50, 0);
}

static bool police_extended_by_itself(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->extension_count = 1;
	p->extension_approver = "same";
	return police_by(m, p, 80, 50, 0);
}

static bool police_suspect_unknown(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->suspect_unknown = TRI_TRUE;
	return police_by(m, p, 80, 30, 25);
}

/* ---- planted: open for too long ---- */

static bool long_open_hit(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo(m, p, maker_today(m) - (int32_t)rng_in(&m->rng, 181, 620), DAY_NONE);
	return true;
}

static bool long_open_first_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo(m, p, maker_today(m) - 181, DAY_NONE);
	return true;
}

static bool long_open_last_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo(m, p, maker_today(m) - 180, DAY_NONE);
	return true;
}

static bool long_open_suspended(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo(m, p, maker_today(m) - (int32_t)rng_in(&m->rng, 200, 400), DAY_NONE);
	p->status = "suspended";
	p->suspended_reason = "等待鉴定意见";
	p->tolled = 400;
	return true;
}

static const struct scenario scenarios[] = {
	{ "penalty-decision-overdue", PLAN_HIT, 120, { GENERAL }, overdue_first_day },
	{ "penalty-decision-overdue", PLAN_HIT, 600, { GENERAL }, overdue_far },
	{ "penalty-decision-overdue", PLAN_HIT, 150, { GENERAL }, overdue_open },
	{ "penalty-decision-overdue", PLAN_HIT, 60, { GENERAL }, overdue_tolled_too_little },
	{ "penalty-decision-overdue", PLAN_NEAR, 250, { GENERAL }, overdue_last_day },
	{ "penalty-decision-overdue", PLAN_NEAR, 40, { GENERAL }, overdue_open_last_day },
	{ "penalty-decision-overdue", PLAN_EXEMPT, 120, { GENERAL }, overdue_tolled },
	{ "penalty-decision-overdue", PLAN_EXEMPT, 40, { GENERAL }, overdue_transferred },
	{ "penalty-decision-overdue", PLAN_EXEMPT, 60, { GENERAL }, overdue_dismissed_in_time },
	{ "penalty-decision-overdue", PLAN_EXEMPT, 40, { POLICE }, overdue_of_police },
	{ "penalty-decision-overdue", PLAN_UNKNOWN, 100, { GENERAL }, penalty_plant_unfiled },
	{ "penalty-decision-overdue-police", PLAN_HIT, 60, { POLICE }, police_first_day },
	{ "penalty-decision-overdue-police", PLAN_HIT, 180, { POLICE }, police_far },
	{ "penalty-decision-overdue-police", PLAN_HIT, 40, { POLICE }, police_extended_by_itself },
	{ "penalty-decision-overdue-police", PLAN_NEAR, 100, { POLICE }, police_last_day },
	{ "penalty-decision-overdue-police", PLAN_EXEMPT, 60, { POLICE }, police_extended },
	{ "penalty-decision-overdue-police", PLAN_EXEMPT, 40, { POLICE }, police_suspect_unknown },
	{ "penalty-decision-overdue-police", PLAN_UNKNOWN, 20, { POLICE }, penalty_plant_unfiled },
	{ "penalty-long-open", PLAN_HIT, 40, { GENERAL }, long_open_first_day },
	{ "penalty-long-open", PLAN_HIT, 260, { GENERAL }, long_open_hit },
	{ "penalty-long-open", PLAN_NEAR, 60, { GENERAL }, long_open_last_day },
	{ "penalty-long-open", PLAN_EXEMPT, 80, { GENERAL }, long_open_suspended },
};

/* ---- verdicts ---- */

static enum verdict decision_overdue(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct day_facts *f = w->days;
	int32_t today = w->o.today;
	int32_t end = first_day(p->decided, today), due = day_deadline(f, p->filed, 90);
	int more = (p->tolled > 0 ? p->tolled : 0) + (p->extension_days > 0 ? p->extension_days : 0);
	bool exempt = yes(not_later(end, day_deadline(f, p->filed, 90 + more))) || yes(not_later(p->transferred_crime, due)) ||
	              penalty_is_police(p) || (p->decided == DAY_NONE && yes(not_later(p->closed, due)));

	return judge(FROM_2021, p->filed, and3(is(p->procedure, "general"), later(end, due)), tri(exempt));
}

static enum verdict decision_overdue_police(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct day_facts *f = w->days;
	int32_t today = w->o.today;
	int32_t end = first_day(p->decided, today);
	int times = p->extension_count > 0 ? p->extension_count : 0;
	int days = 30 + 30 * times + (p->appraisal_days > 0 ? p->appraisal_days : 0) + (p->hearing_days > 0 ? p->hearing_days : 0);
	bool approved = times == 0 || (yes(is(p->extension_approver, "superior")) && times <= 2);
	bool exempt = (approved && yes(not_later(end, day_deadline(f, p->filed, days)))) || yes(p->suspect_unknown) ||
	              yes(is(p->procedure, "simple"));

	return judge(day_from_ymd(2026, 1, 1), p->filed, and3(tri(penalty_is_police(p)), later(end, day_deadline(f, p->filed, 30))),
		tri(exempt));
}

static enum verdict long_open(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	int32_t today = w->o.today;
	static const char *const over[] = { "decided", "closed", "dismissed", "transferred", NULL };
	enum tri open = tri(p->decided == DAY_NONE && p->closed == DAY_NONE && !one_of(p->status, over));

	return judge(
		FROM_2021, today, and3(open, p->filed == DAY_NONE ? TRI_UNKNOWN : tri(today - p->filed > 180)), tri(p->suspended_reason));
}

static const struct planned_rule rules[] = {
	{ "penalty-decision-overdue", decision_overdue },
	{ "penalty-decision-overdue-police", decision_overdue_police },
	{ "penalty-long-open", long_open },
};

const struct theme penalty_limit = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
