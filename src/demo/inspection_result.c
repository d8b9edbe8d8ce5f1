/* After the inspection: publication of the result; whether it should have been joint. */
#include "demo/inspection.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define FROM_FOOD day_from_ymd(2022, 3, 15) /* 食品生产经营监督检查管理办法 */

/* ---- planted ---- */

/** A result on the day; of food or drawn at random, not published. */
static bool unpublished_since(struct maker *m, struct inspection *i, int32_t result)
{
	if (rng_chance(&m->rng, 500))
		i->food = TRI_TRUE;
	else
		i->random_object = i->random_inspector = TRI_TRUE;
	inspection_lay_out(m, i, result);
	i->published = DAY_NONE;
	return true;
}

static bool unpublished_long(struct maker *m, void *item)
{
	return unpublished_since(m, item, random_workday(m, 500, 60));
}

static bool unpublished_last_day(struct maker *m, void *item)
{
	return unpublished_since(m, item, workday_step(m->w->days, maker_today(m), -20));
}

static bool unpublished_day_after(struct maker *m, void *item)
{
	return unpublished_since(m, item, workday_step(m->w->days, maker_today(m), day_is_work(m->w->days, maker_today(m)) ? -21 : -22));
}

static bool unpublished_secret(struct maker *m, void *item)
{
	unpublished_long(m, item);
	((struct inspection *)item)->secret = TRI_TRUE;
	return true;
}

static bool result_day_not_known(struct maker *m, void *item)
{
	unpublished_long(m, item);
	((struct inspection *)item)->result = DAY_NONE;
	return true;
}

static bool joint_missed(struct maker *m, void *item)
{
	struct inspection *i = item;

	inspection_set_routine(i);
	i->urgent = TRI_FALSE;
	i->mode = "onsite";
	inspection_lay_out(m, i, random_workday(m, 500, 10));
	i->items[0].joint = (int)rng_in(&m->rng, 2, 4);
	return true;
}

static bool joint_of_one_department(struct maker *m, void *item)
{
	joint_missed(m, item);
	((struct inspection *)item)->items[0].joint = 1;
	return true;
}

static bool joint_missed_urgent(struct maker *m, void *item)
{
	struct inspection *i = item;

	joint_missed(m, item);
	i->urgent = TRI_TRUE;
	inspection_lay_out(m, i, i->started);
	return true;
}

static bool joint_source_not_known(struct maker *m, void *item)
{
	joint_missed(m, item);
	((struct inspection *)item)->source = NULL;
	return true;
}

static const struct scenario scenarios[] = {
	{ "inspection-result-unpublished", PLAN_HIT, 350, { INSPECTION_MARKET }, unpublished_long },
	{ "inspection-result-unpublished", PLAN_HIT, 30, { INSPECTION_MARKET }, unpublished_day_after },
	{ "inspection-result-unpublished", PLAN_NEAR, 30, { INSPECTION_MARKET }, unpublished_last_day },
	{ "inspection-result-unpublished", PLAN_EXEMPT, 40, { INSPECTION_MARKET }, unpublished_secret },
	{ "inspection-result-unpublished", PLAN_UNKNOWN, 60, { INSPECTION_MARKET }, result_day_not_known },
	{ "joint-eligible-missed", PLAN_HIT, 600, { INSPECTION_FULL }, joint_missed },
	{ "joint-eligible-missed", PLAN_NEAR, 150, { INSPECTION_FULL }, joint_of_one_department },
	{ "joint-eligible-missed", PLAN_EXEMPT, 80, { INSPECTION_FULL }, joint_missed_urgent },
	{ "joint-eligible-missed", PLAN_UNKNOWN, 40, { INSPECTION_FULL }, joint_source_not_known },
};

/* ---- verdicts ---- */

static enum verdict unpublished(const void *item, const struct world *w)
{
	const struct inspection *i = item;
	enum tri late = later(w->o.today, workday_step(w->days, i->result, 20));

	return judge(FROM_FOOD, i->result, and3(or3(i->food, i->random_object), and3(tri(i->published == DAY_NONE), late)), i->secret);
}

static enum verdict missed(const void *item, const struct world *w)
{
	const struct inspection *i = item;
	enum tri on_list = i->limited ? TRI_UNKNOWN : TRI_FALSE;

	(void)w;
	for (int k = 0; k < i->item_count && !i->limited; k++)
		on_list = tri(yes(on_list) || i->items[k].joint >= 2);
	return judge(FROM_54, i->started, and3(and3(is(i->source, "routine"), is(i->mode, "onsite")), and3(tri(!i->joint_no.ptr), on_list)),
		i->urgent);
}

static const struct planned_rule rules[] = {
	{ "inspection-result-unpublished", unpublished },
	{ "joint-eligible-missed", missed },
};

const struct theme inspection_result = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
