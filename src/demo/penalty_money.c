/* Cash, suspected crimes and minors: what is planted and what the rules have to say about it. */
#include "demo/penalty.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define YUAN 100
#define DAY_S 86400

/* ---- planted: money, crime, minors ---- */

static bool cash(struct maker *m, struct penalty *p, int agency_days, int agency_more, int bank_days, int bank_more)
{
	const struct day_facts *f = m->w->days;
	struct case_payment *pay = &p->payments[0];

	penalty_redo_old(m, p, 40);
	if (p->fine <= 0)
		penalty_set_fine(p, 50 * YUAN);
	penalty_fill(m, p);
	p->payment_count = 1;
	*pay = (struct case_payment){ .method = "onspot_cash",
		.amount = p->fine,
		.collected = p->decided,
		.landed = DAY_NONE,
		.to_agency = DAY_NONE,
		.to_bank = DAY_NONE };
	pay->to_agency = workday_step(f, pay->collected, agency_days) + agency_more;
	pay->to_bank = workday_step(f, pay->to_agency, bank_days) + bank_more;
	return true;
}

static bool cash_agency_late(struct maker *m, void *item)
{
	struct penalty *p = item;

	return cash(m, p, 2, 1, 1, 0);
}

static bool cash_bank_late(struct maker *m, void *item)
{
	struct penalty *p = item;

	return cash(m, p, 1, 0, 2, 1);
}

static bool cash_last_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	return cash(m, p, 2, 0, 2, 0);
}

static bool cash_on_water(struct maker *m, void *item)
{
	struct penalty *p = item;

	cash(m, p, 6, 0, 2, 0);
	p->payments[0].landed = workday_step(m->w->days, p->payments[0].collected, 4);
	return true;
}

static bool cash_unknown(struct maker *m, void *item)
{
	struct penalty *p = item;

	cash(m, p, 1, 0, 1, 0);
	p->payments[0].to_agency = p->payments[0].to_bank = DAY_NONE;
	return true;
}

static bool crime(struct maker *m, struct penalty *p, int decide_more, int transfer_minutes, int hand_over_more)
{
	const struct day_facts *f = m->w->days;

	penalty_redo_old(m, p, 60);
	p->crime_reported = p->filed + 3;
	p->crime_approved = ((int64_t)day_deadline(f, p->crime_reported, 3) + decide_more) * DAY_S + 16 * 3600;
	p->crime_transferred = p->crime_approved + 24 * 3600 + transfer_minutes * 60;
	p->transferred_crime = (int32_t)(p->crime_transferred / DAY_S);
	p->police_filed = p->transferred_crime + 5;
	p->crime_handed = day_deadline(f, p->police_filed, 3) + hand_over_more;
	return true;
}

static bool crime_decided_late(struct maker *m, void *item)
{
	struct penalty *p = item;

	return crime(m, p, 1, -300, 0);
}

static bool crime_transferred_late(struct maker *m, void *item)
{
	struct penalty *p = item;

	return crime(m, p, 0, 1, 0);
}

static bool crime_handed_over_late(struct maker *m, void *item)
{
	struct penalty *p = item;

	return crime(m, p, 0, -60, 1);
}

static bool crime_last_moment(struct maker *m, void *item)
{
	struct penalty *p = item;

	return crime(m, p, 0, 0, 0);
}

static bool minor(struct maker *m, struct penalty *p, int years, int day_before, enum tri mitigated)
{
	int32_t birthday = p->violated + day_before, birth = day_add_months(birthday, -12 * years);

	penalty_set_person(m, p, birth);
	p->mitigated = mitigated;
	return day_add_months(birth, 12 * years) == birthday; /* not on 29 February */
}

static bool minor_thirteen(struct maker *m, void *item)
{
	struct penalty *p = item;

	return minor(m, p, 14, 1, TRI_TRUE);
}

static bool minor_seventeen(struct maker *m, void *item)
{
	struct penalty *p = item;

	return minor(m, p, 18, 1, TRI_FALSE);
}

static bool minor_fourteenth_birthday(struct maker *m, void *item)
{
	struct penalty *p = item;

	return minor(m, p, 14, 0, TRI_TRUE);
}

static bool minor_eighteenth_birthday(struct maker *m, void *item)
{
	struct penalty *p = item;

	return minor(m, p, 18, 0, TRI_FALSE);
}

static bool minor_detained(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->penalties[0] = (struct case_penalty){ "detention", -1 };
	p->penalty_count = 1;
	p->fine = p->confiscated = 0;
	p->payment_count = 0;
	return minor(m, p, 18, 1, TRI_FALSE);
}

static bool minor_unknown(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	p->party_birth = DAY_NONE;
	return true;
}

static const struct scenario scenarios[] = {
	{ "penalty-cash-remit-late", PLAN_HIT, 130, { SIMPLE }, cash_agency_late },
	{ "penalty-cash-remit-late", PLAN_HIT, 90, { SIMPLE }, cash_bank_late },
	{ "penalty-cash-remit-late", PLAN_NEAR, 140, { SIMPLE }, cash_last_day },
	{ "penalty-cash-remit-late", PLAN_NEAR, 30, { SIMPLE }, cash_on_water },
	{ "penalty-cash-remit-late", PLAN_UNKNOWN, 50, { SIMPLE }, cash_unknown },
	{ "penalty-crime-transfer-late", PLAN_HIT, 80, { GENERAL }, crime_decided_late },
	{ "penalty-crime-transfer-late", PLAN_HIT, 80, { GENERAL }, crime_transferred_late },
	{ "penalty-crime-transfer-late", PLAN_HIT, 80, { GENERAL }, crime_handed_over_late },
	{ "penalty-crime-transfer-late", PLAN_NEAR, 160, { GENERAL }, crime_last_moment },
	{ "penalty-minor-party", PLAN_HIT, 90, { GENERAL, .natural = true }, minor_thirteen },
	{ "penalty-minor-party", PLAN_HIT, 150, { GENERAL, .natural = true }, minor_seventeen },
	{ "penalty-minor-party", PLAN_NEAR, 80, { GENERAL, .natural = true }, minor_fourteenth_birthday },
	{ "penalty-minor-party", PLAN_NEAR, 90, { GENERAL, .natural = true }, minor_eighteenth_birthday },
	{ "penalty-minor-party", PLAN_EXEMPT, 50, { POLICE, .natural = true }, minor_detained },
	{ "penalty-minor-party", PLAN_UNKNOWN, 60, { GENERAL, .natural = true }, minor_unknown },
};

/* ---- verdicts ---- */

static enum verdict cash_remit(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct day_facts *f = w->days;
	enum tri late = p->limited ? TRI_UNKNOWN : TRI_FALSE;

	for (int i = 0; i < p->payment_count && !p->limited; i++) {
		const struct case_payment *pay = &p->payments[i];

		if (strcmp(pay->method, "onspot_cash") == 0)
			late = or3(late, or3(later(pay->to_agency, workday_step(f, first_day(pay->landed, pay->collected), 2)),
						 later(pay->to_bank, workday_step(f, pay->to_agency, 2))));
	}
	return judge(FROM_2021, first_day(p->decided, p->filed), late, TRI_FALSE);
}

static enum verdict crime_transfer(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct day_facts *f = w->days;
	int32_t approved_on = p->crime_approved == CIVIL_NONE ? DAY_NONE : (int32_t)(p->crime_approved / 86400);
	bool late = yes(later(approved_on, day_deadline(f, p->crime_reported, 3))) ||
	            (p->crime_transferred != CIVIL_NONE && p->crime_approved != CIVIL_NONE &&
			    p->crime_transferred > p->crime_approved + 24 * 3600) ||
	            yes(later(p->crime_handed, day_deadline(f, p->police_filed, 3)));

	return judge(day_from_ymd(2020, 8, 7), first_day(p->decided, first_day(p->crime_reported, p->filed)), tri(late), TRI_FALSE);
}

static enum verdict minor_party(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	static const char *const detention[] = { "detention", NULL };
	int32_t fourteen = p->party_birth == DAY_NONE ? DAY_NONE : day_add_months(p->party_birth, 14 * 12);
	int32_t eighteen = p->party_birth == DAY_NONE ? DAY_NONE : day_add_months(p->party_birth, 18 * 12);
	enum tri wrong = or3(later(fourteen, p->violated), and3(later(eighteen, p->violated), not3(p->mitigated)));

	(void)w;
	return judge(FROM_2021, p->decided, and3(and3(is(p->party_type, "natural_person"), tri(penalty_is_penalised(p))), wrong),
		tri(penalty_is_police(p) && penalty_has_kind(p, detention)));
}

static const struct planned_rule rules[] = {
	{ "penalty-cash-remit-late", cash_remit },
	{ "penalty-crime-transfer-late", crime_transfer },
	{ "penalty-minor-party", minor_party },
};

const struct theme penalty_money = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
