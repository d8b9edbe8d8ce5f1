/* Before a licence is decided: requests to supplement, checks on site, hearings, fees, prerequisites. */
#include "demo/licence.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* ---- planted: supplements ---- */

static bool told_after(struct maker *m, struct licence *l, int workdays)
{
	licence_accept(m, l, random_workday(m, 400, 40), DAY_NONE);
	licence_supplement_add(l, workday_step(m->w->days, l->received, workdays), TRI_FALSE);
	return true;
}

static bool told_sixth_day(struct maker *m, void *item)
{
	return told_after(m, item, 6);
}

static bool told_fifth_day(struct maker *m, void *item)
{
	return told_after(m, item, 5);
}

static bool told_never(struct maker *m, void *item)
{
	licence_accept(m, item, random_workday(m, 120, 25), DAY_NONE);
	return true;
}

static bool told_never_rejected(struct maker *m, void *item)
{
	struct licence *l = item;

	told_never(m, l);
	l->rejected = workday_step(m->w->days, l->received, 5);
	return true;
}

static bool told_never_rejected_late(struct maker *m, void *item)
{
	struct licence *l = item;

	told_never(m, l);
	l->rejected = workday_step(m->w->days, l->received, 6);
	return true;
}

static bool told_never_withdrawn(struct maker *m, void *item)
{
	struct licence *l = item;

	told_never(m, l);
	l->withdrawn = workday_step(m->w->days, l->received, 2);
	return true;
}

static bool received_unknown(struct maker *m, void *item)
{
	struct licence *l = item;

	told_after(m, l, 6);
	l->received = DAY_NONE;
	return true;
}

static bool asked_times(struct maker *m, struct licence *l, enum tri second, int times)
{
	int32_t day;

	licence_accept(m, l, random_workday(m, 400, 90), DAY_NONE);
	day = workday_step(m->w->days, l->received, 2);
	licence_supplement_add(l, day, TRI_FALSE);
	for (int i = 1; i < times; i++)
		licence_supplement_add(l, day = workday_step(m->w->days, day, 8), i == 1 ? second : TRI_FALSE);
	l->accepted = workday_step(m->w->days, day, 5);
	licence_decide(m, l, workday_step(m->w->days, l->accepted, 10), true);
	return true;
}

static bool asked_twice(struct maker *m, void *item)
{
	return asked_times(m, item, TRI_FALSE, 2);
}

static bool asked_thrice(struct maker *m, void *item)
{
	return asked_times(m, item, TRI_TRUE, 3);
}

static bool asked_once(struct maker *m, void *item)
{
	return asked_times(m, item, TRI_FALSE, 1);
}

static bool asked_twice_new(struct maker *m, void *item)
{
	return asked_times(m, item, TRI_TRUE, 2);
}

/* ---- planted: on site, hearing ---- */

static bool checked_by(struct maker *m, struct licence *l, int people)
{
	licence_accept(m, l, random_workday(m, 400, 60), DAY_NONE);
	l->accepted = workday_step(m->w->days, l->received, 1);
	l->site_checked = workday_step(m->w->days, l->accepted, 5);
	for (int i = 0; i < people; i++)
		l->checkers[i] = (struct licence_checker){ name_person(&m->rng, m->mem), l->site_checked };
	l->checker_count = people;
	licence_decide(m, l, workday_step(m->w->days, l->accepted, 12), true);
	return true;
}

static bool checked_by_one(struct maker *m, void *item)
{
	return checked_by(m, item, 1);
}

static bool checked_by_two(struct maker *m, void *item)
{
	return checked_by(m, item, 2);
}

static bool checked_by_nobody(struct maker *m, void *item)
{
	return checked_by(m, item, 0);
}

static void request_hearing(struct maker *m, struct licence *l)
{
	checked_by(m, l, 2);
	l->hearing_requested = l->accepted + 3;
	l->special = 25;
	l->special_notice = l->accepted;
}

static bool hearing_after(struct maker *m, struct licence *l, int held, int ahead)
{
	request_hearing(m, l);
	l->hearing = workday_step(m->w->days, l->hearing_requested, held);
	l->hearing_notice = workday_step(m->w->days, l->hearing, -ahead);
	return true;
}

static bool hearing_21st(struct maker *m, void *item)
{
	return hearing_after(m, item, 21, 9);
}

static bool hearing_20th(struct maker *m, void *item)
{
	return hearing_after(m, item, 20, 9);
}

static bool hearing_six_ahead(struct maker *m, void *item)
{
	return hearing_after(m, item, 15, 6);
}

static bool hearing_seven_ahead(struct maker *m, void *item)
{
	return hearing_after(m, item, 15, 7);
}

static bool hearing_request_withdrawn(struct maker *m, void *item)
{
	struct licence *l = item;

	request_hearing(m, l);
	l->hearing_withdrawn = TRI_TRUE;
	return true;
}

static bool hearing_notice_unknown(struct maker *m, void *item)
{
	struct licence *l = item;

	hearing_after(m, l, 15, 8);
	l->hearing_notice = DAY_NONE;
	return true;
}

/* ---- planted: fees and prerequisites ---- */

static bool charge(struct licence *l, int64_t fen, const char *level)
{
	l->fees[0] = (struct licence_fee){ fen, level, level ? "收费文件" : NULL };
	l->fee_count = 1;
	return true;
}

static bool fee_by_document(struct maker *m, void *item)
{
	return charge(item, rng_in(&m->rng, 1, 50) * 1000, rng_chance(&m->rng, 500) ? "document" : "none");
}

static bool fee_of_zero(struct maker *m, void *item)
{
	(void)m;
	return charge(item, 0, "document");
}

static bool fee_by_law(struct maker *m, void *item)
{
	(void)m;
	return charge(item, 5000, "law");
}

static bool fee_basis_unknown(struct maker *m, void *item)
{
	(void)m;
	return charge(item, 5000, NULL);
}

static bool require(struct licence *l, const char *kind, const char *basis)
{
	l->prerequisites[0] = (struct licence_prerequisite){ kind, basis };
	l->prerequisite_count = 1;
	return true;
}

static bool inspected_first(struct maker *m, void *item)
{
	return require(item, rng_chance(&m->rng, 600) ? "inspection" : "training", NULL);
}

static bool inspected_by_law(struct maker *m, void *item)
{
	(void)m;
	return require(item, "inspection", "有关法律规定的现场核查");
}

/* ---- planted: impossible dates ---- */

static bool received_tomorrow(struct maker *m, void *item)
{
	licence_accept(m, item, maker_today(m) + 1, DAY_NONE);
	return true;
}

static bool received_today(struct maker *m, void *item)
{
	licence_accept(m, item, maker_today(m), DAY_NONE);
	return true;
}

static bool decided_before_acceptance(struct maker *m, void *item)
{
	struct licence *l = item;

	checked_by(m, l, 2);
	l->accepted = l->decided + 1;
	return true;
}

static const struct scenario scenarios[] = {
	{ "dq-impossible-licence", PLAN_HIT, 40, { NEW }, received_tomorrow },
	{ "dq-impossible-licence", PLAN_HIT, 80, { NEW }, decided_before_acceptance },
	{ "dq-impossible-licence", PLAN_NEAR, 40, { NEW }, received_today },
	{ "licence-supplement-late", PLAN_HIT, 150, { NEW }, told_sixth_day },
	{ "licence-supplement-late", PLAN_HIT, 250, { NEW }, told_never },
	{ "licence-supplement-late", PLAN_HIT, 60, { NEW }, told_never_rejected_late },
	{ "licence-supplement-late", PLAN_NEAR, 200, { NEW }, told_fifth_day },
	{ "licence-supplement-late", PLAN_EXEMPT, 150, { NEW }, told_never_rejected },
	{ "licence-supplement-late", PLAN_EXEMPT, 60, { NEW }, told_never_withdrawn },
	{ "licence-supplement-late", PLAN_UNKNOWN, 60, { NEW }, received_unknown },
	{ "licence-supplement-repeat", PLAN_HIT, 250, { NEW }, asked_twice },
	{ "licence-supplement-repeat", PLAN_HIT, 60, { NEW }, asked_thrice },
	{ "licence-supplement-repeat", PLAN_NEAR, 200, { NEW }, asked_once },
	{ "licence-supplement-repeat", PLAN_EXEMPT, 100, { NEW }, asked_twice_new },
	{ "licence-check-single", PLAN_HIT, 200, { NEW }, checked_by_one },
	{ "licence-check-single", PLAN_NEAR, 150, { NEW }, checked_by_two },
	{ "licence-check-single", PLAN_UNKNOWN, 80, { NEW }, checked_by_nobody },
	{ "licence-hearing-late", PLAN_HIT, 60, { NEW }, hearing_21st },
	{ "licence-hearing-late", PLAN_HIT, 80, { NEW }, hearing_six_ahead },
	{ "licence-hearing-late", PLAN_NEAR, 60, { NEW }, hearing_20th },
	{ "licence-hearing-late", PLAN_NEAR, 60, { NEW }, hearing_seven_ahead },
	{ "licence-hearing-late", PLAN_EXEMPT, 40, { NEW }, hearing_request_withdrawn },
	{ "licence-hearing-late", PLAN_UNKNOWN, 40, { NEW }, hearing_notice_unknown },
	{ "licence-fee", PLAN_HIT, 200, { NEW }, fee_by_document },
	{ "licence-fee", PLAN_NEAR, 100, { NEW }, fee_of_zero },
	{ "licence-fee", PLAN_NEAR, 100, { NEW }, fee_by_law },
	{ "licence-fee", PLAN_UNKNOWN, 60, { NEW }, fee_basis_unknown },
	{ "licence-hidden", PLAN_HIT, 150, { NEW }, inspected_first },
	{ "licence-hidden", PLAN_NEAR, 100, { NEW }, inspected_by_law },
};

/* ---- the rules ---- */

static enum verdict supplement_late(const void *item, const struct world *w)
{
	const struct licence *l = item;
	int32_t due = workday_step(w->days, l->received, 5);

	return judge(FROM_2019, l->received, and3(tri(l->accepted == DAY_NONE), later(first_day(l->supplement, w->o.today), due)),
		tri(yes(not_later(l->rejected, due)) || yes(not_later(l->withdrawn, due))));
}

static enum verdict supplement_repeat(const void *item, const struct world *w)
{
	const struct licence *l = item;
	int new_issues = 0;

	(void)w;
	for (int i = 0; i < l->supplement_count; i++)
		new_issues += l->supplements[i].new_issue == TRI_TRUE;
	return judge(FROM_2019, l->received, l->limited ? TRI_UNKNOWN : tri(l->supplement_count >= 2),
		tri(new_issues >= l->supplement_count - 1));
}

static enum verdict check_single(const void *item, const struct world *w)
{
	const struct licence *l = item;
	enum tri one = l->limited || l->checker_count == 0 ? TRI_UNKNOWN : tri(l->checker_count < 2);

	(void)w;
	return judge(FROM_2019, first_day(l->site_checked, l->received), and3(tri(l->site_checked != DAY_NONE), one), TRI_FALSE);
}

static enum verdict hearing_late(const void *item, const struct world *w)
{
	const struct licence *l = item;
	enum tri held = later(first_day(l->hearing, w->o.today), workday_step(w->days, l->hearing_requested, 20));
	enum tri told = later(l->hearing_notice, workday_step(w->days, l->hearing, -7));

	return judge(FROM_2019, first_day(l->hearing, first_day(l->hearing_requested, l->received)),
		or3(and3(tri(l->hearing_requested != DAY_NONE), held), and3(tri(l->hearing != DAY_NONE), told)),
		and3(l->hearing_withdrawn, tri(l->hearing == DAY_NONE)));
}

static enum verdict fee(const void *item, const struct world *w)
{
	static const char *const allowed[] = { "law", "regulation", NULL };
	const struct licence *l = item;
	enum tri unlawful = l->limited ? TRI_UNKNOWN : TRI_FALSE;

	(void)w;
	for (int i = 0; i < l->fee_count && !l->limited; i++)
		if (l->fees[i].amount > 0)
			unlawful = or3(unlawful, l->fees[i].level ? tri(!one_of(l->fees[i].level, allowed)) : TRI_UNKNOWN);
	return judge(FROM_2019, l->received, unlawful, TRI_FALSE);
}

static enum verdict hidden(const void *item, const struct world *w)
{
	const struct licence *l = item;
	bool found = false;

	(void)w;
	for (int i = 0; i < l->prerequisite_count; i++)
		found |= strcmp(l->prerequisites[i].kind, "other") != 0 && !l->prerequisites[i].basis;
	return judge(day_from_ymd(2020, 1, 1), l->received, l->limited ? TRI_UNKNOWN : tri(found), TRI_FALSE);
}

static enum verdict impossible(const void *item, const struct world *w)
{
	const struct licence *l = item;
	bool future = yes(later(l->received, w->o.today)) || yes(later(l->decided, w->o.today));
	bool order = yes(later(l->received, l->accepted)) || yes(later(l->accepted, l->decided)) ||
	             yes(later(l->decided, l->certificate)) || yes(later(l->decided, l->published));

	return judge(day_from_ymd(2025, 8, 1), w->o.today, tri(future || order), TRI_FALSE);
}

static const struct planned_rule rules[] = {
	{ "dq-impossible-licence", impossible },
	{ "licence-supplement-late", supplement_late },
	{ "licence-supplement-repeat", supplement_repeat },
	{ "licence-check-single", check_single },
	{ "licence-hearing-late", hearing_late },
	{ "licence-fee", fee },
	{ "licence-hidden", hidden },
};

const struct theme licence_intake = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
