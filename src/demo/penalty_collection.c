/* How fines are collected and enforced: cash on the spot, surcharges, unpaid fines, applications to the court. */
#include "demo/penalty.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define YUAN 100
#define POLICE_LAW day_from_ymd(2026, 1, 1)
#define SPOT_CASH (100 * YUAN)
#define POLICE_CASH (200 * YUAN)
#define PAY_DAYS 15
#define IDLE_DAYS 60
#define RATE_CAP 30000 /* three per cent in ten thousandths */

/* ---- planted: cash ---- */

/** need.number: the fine in fen, collected by the officer with the right receipt. */
static bool cash(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo_old(m, p, 30);
	penalty_set_fine(p, m->need.number);
	penalty_fill(m, p);
	p->more.cash_set = true;
	p->payment_count = 1;
	p->payments[0] = (struct case_payment){ .method = "onspot_cash",
		.amount = p->fine,
		.collected = p->decided,
		.landed = DAY_NONE,
		.to_agency = workday_step(m->w->days, p->decided, 1),
		.to_bank = workday_step(m->w->days, p->decided, 2),
		.receipt = "fiscal" };
	return true;
}

static bool cash_other_receipt(struct maker *m, void *item)
{
	struct penalty *p = item;

	cash(m, p);
	p->payments[0].receipt = rng_chance(&m->rng, 500) ? "other" : "none";
	return true;
}

static bool cash_hard_to_collect(struct maker *m, void *item)
{
	struct penalty *p = item;

	cash(m, p);
	p->payments[0].hard_to_collect = TRI_TRUE;
	return true;
}

static bool cash_remote(struct maker *m, void *item)
{
	struct penalty *p = item;

	cash(m, p);
	p->payments[0].remote_request = TRI_TRUE;
	return true;
}

static bool cash_police(struct maker *m, void *item)
{
	struct penalty *p = item;
	int32_t decided = penalty_police_day(m, 10);

	if (decided == DAY_NONE)
		return false;
	cash(m, p);
	penalty_redo(m, p, decided, decided);
	p->payment_count = 1;
	p->payments[0] = (struct case_payment){ .method = "onspot_cash",
		.amount = p->fine,
		.collected = decided,
		.landed = DAY_NONE,
		.to_agency = workday_step(m->w->days, decided, 1),
		.to_bank = workday_step(m->w->days, decided, 2),
		.receipt = "fiscal" };
	return true;
}

/* ---- planted: surcharge ---- */

enum surcharge_plan {
	SURCHARGE_LAWFUL,
	SURCHARGE_RATE,
	SURCHARGE_AMOUNT,
	SURCHARGE_EARLY,
	SURCHARGE_REMEDY,
	SURCHARGE_INSTALMENT,
	SURCHARGE_NO_RATE
};

static bool surcharge(struct maker *m, void *item)
{
	struct penalty *p = item;
	struct penalty_more *x = &p->more;

	penalty_redo_old(m, p, 120);
	penalty_set_fine(p, 2000 * YUAN);
	p->delivery_method = "direct";
	p->e_consent = DAY_NONE;
	penalty_fill(m, p);
	x->surcharge_from = day_deadline(m->w->days, p->delivered, PAY_DAYS) + 1;
	x->surcharge_rate = RATE_CAP;
	x->surcharge = p->fine;
	x->surcharge_days = 0;
	switch ((enum surcharge_plan)m->need.number) {
	case SURCHARGE_LAWFUL:
		break;
	case SURCHARGE_RATE:
		x->surcharge_rate++;
		break;
	case SURCHARGE_AMOUNT:
		x->surcharge++;
		break;
	case SURCHARGE_EARLY:
		x->surcharge_from--;
		break;
	case SURCHARGE_REMEDY:
		x->surcharge_days = 1;
		break;
	case SURCHARGE_INSTALMENT:
		x->surcharge_from -= 5;
		x->installment = TRI_TRUE;
		break;
	case SURCHARGE_NO_RATE:
		x->surcharge_rate = NO_MONEY;
		break;
	}
	return true;
}

/* ---- planted: unpaid ---- */

/** Delivered on the day, never paid. */
static void never_paid(struct maker *m, struct penalty *p, int32_t delivered)
{
	int32_t decided = workday_step(m->w->days, delivered, -2);

	penalty_redo(m, p, decided - 40, decided);
	penalty_set_fine(p, 2000 * YUAN);
	p->delivered = p->delivery_started = delivered;
	p->delivery_method = "direct";
	p->e_consent = p->closed = DAY_NONE;
	p->status = "decided";
	penalty_fill(m, p);
	p->more.unpaid = true;
}

/** The delivery whose time of payment ended so many days ago or, when that is no workday, a day further on in the direction. */
static int32_t delivered_for(struct maker *m, int days_ago, int direction)
{
	int32_t today = maker_today(m);

	for (;; days_ago += direction)
		for (int32_t d = today - days_ago - PAY_DAYS - 14; d <= today - days_ago - PAY_DAYS; d++)
			if (day_deadline(m->w->days, d, PAY_DAYS) == today - days_ago && day_is_work(m->w->days, d))
				return d;
}

static bool unpaid_first_day(struct maker *m, void *item)
{
	never_paid(m, item, delivered_for(m, IDLE_DAYS + 1, 1));
	return true;
}

static bool unpaid_last_day(struct maker *m, void *item)
{
	never_paid(m, item, delivered_for(m, IDLE_DAYS, -1));
	return true;
}

static bool unpaid_long(struct maker *m, void *item)
{
	struct penalty *p = item;

	never_paid(m, p, random_workday(m, 150, 100));
	switch (m->need.number) {
	case 1:
		p->more.installment = TRI_TRUE;
		break;
	case 2:
		p->more.in_recon = TRI_TRUE;
		break;
	case 3:
		p->more.execution_over = TRI_TRUE;
		break;
	case 4:
		p->more.urged = p->delivered + 30;
		break;
	case 5:
		p->fine = NO_MONEY;
		p->penalties[0].amount = -1;
		break;
	default:
		break;
	}
	return true;
}

/* ---- planted: application to the court ---- */

enum court_plan { COURT_LAST_DAY, COURT_NEXT_DAY, COURT_NEVER, COURT_OVER, COURT_OWN_POWER, COURT_UNKNOWN };

static bool court(struct maker *m, void *item)
{
	struct penalty *p = item;
	struct penalty_more *x = &p->more;
	int32_t due;

	never_paid(m, p, random_workday(m, 600, 330));
	x->urged = p->delivered + 30;
	x->remedy_ended = day_add_months(p->delivered, 6);
	due = workday_roll(m->w->days, day_add_months(x->remedy_ended, 3));
	switch ((enum court_plan)m->need.number) {
	case COURT_LAST_DAY:
		x->court_applied = due;
		break;
	case COURT_NEXT_DAY:
		x->court_applied = due + 1;
		break;
	case COURT_NEVER:
		break;
	case COURT_OVER:
		x->execution_over = TRI_TRUE;
		break;
	case COURT_OWN_POWER:
		x->exec_power = TRI_TRUE;
		break;
	case COURT_UNKNOWN:
		x->exec_power = TRI_UNKNOWN;
		break;
	}
	return true;
}

static const struct scenario scenarios[] = {
	{ "penalty-fine-separation", PLAN_HIT, 60, { SIMPLE_CIVIL, .number = SPOT_CASH + 1 }, cash },
	{ "penalty-fine-separation", PLAN_HIT, 40, { GENERAL, .number = 500 * YUAN }, cash },
	{ "penalty-fine-separation", PLAN_HIT, 50, { SIMPLE, .number = 50 * YUAN }, cash_other_receipt },
	{ "penalty-fine-separation", PLAN_NEAR, 80, { SIMPLE_CIVIL, .number = SPOT_CASH }, cash },
	{ "penalty-fine-separation", PLAN_NEAR, 40, { SIMPLE_CIVIL, .number = 180 * YUAN }, cash_hard_to_collect },
	{ "penalty-fine-separation", PLAN_NEAR, 20, { GENERAL, .number = 800 * YUAN }, cash_remote },
	{ "penalty-fine-separation", PLAN_EXEMPT, 30,
		{ .domain = DOMAIN_POLICE, .procedure = "simple", .full = true, .number = POLICE_CASH }, cash_police },
	{ "penalty-fine-separation", PLAN_HIT, 20,
		{ .domain = DOMAIN_POLICE, .procedure = "simple", .full = true, .number = POLICE_CASH + 1 }, cash_police },
	{ "penalty-surcharge-wrong", PLAN_HIT, 30, { GENERAL, .number = SURCHARGE_RATE }, surcharge },
	{ "penalty-surcharge-wrong", PLAN_HIT, 30, { GENERAL, .number = SURCHARGE_AMOUNT }, surcharge },
	{ "penalty-surcharge-wrong", PLAN_HIT, 40, { GENERAL, .number = SURCHARGE_EARLY }, surcharge },
	{ "penalty-surcharge-wrong", PLAN_HIT, 30, { GENERAL, .number = SURCHARGE_REMEDY }, surcharge },
	{ "penalty-surcharge-wrong", PLAN_NEAR, 80, { GENERAL, .number = SURCHARGE_LAWFUL }, surcharge },
	{ "penalty-surcharge-wrong", PLAN_EXEMPT, 30, { GENERAL, .number = SURCHARGE_INSTALMENT }, surcharge },
	{ "penalty-surcharge-wrong", PLAN_UNKNOWN, 20, { GENERAL, .number = SURCHARGE_NO_RATE }, surcharge },
	{ "penalty-unpaid-no-action", PLAN_HIT, 20, { GENERAL }, unpaid_first_day },
	{ "penalty-unpaid-no-action", PLAN_HIT, 120, { GENERAL }, unpaid_long },
	{ "penalty-unpaid-no-action", PLAN_NEAR, 20, { GENERAL }, unpaid_last_day },
	{ "penalty-unpaid-no-action", PLAN_NEAR, 60, { GENERAL, .number = 4 }, unpaid_long },
	{ "penalty-unpaid-no-action", PLAN_EXEMPT, 40, { GENERAL, .number = 1 }, unpaid_long },
	{ "penalty-unpaid-no-action", PLAN_EXEMPT, 30, { GENERAL, .number = 2 }, unpaid_long },
	{ "penalty-unpaid-no-action", PLAN_EXEMPT, 30, { GENERAL, .number = 3 }, unpaid_long },
	{ "penalty-unpaid-no-action", PLAN_UNKNOWN, 20, { GENERAL, .number = 5 }, unpaid_long },
	{ "penalty-court-exec-late", PLAN_HIT, 40, { GENERAL, .number = COURT_NEXT_DAY }, court },
	{ "penalty-court-exec-late", PLAN_HIT, 80, { GENERAL, .number = COURT_NEVER }, court },
	{ "penalty-court-exec-late", PLAN_NEAR, 60, { GENERAL, .number = COURT_LAST_DAY }, court },
	{ "penalty-court-exec-late", PLAN_NEAR, 30, { GENERAL, .number = COURT_OWN_POWER }, court },
	{ "penalty-court-exec-late", PLAN_EXEMPT, 30, { GENERAL, .number = COURT_OVER }, court },
	{ "penalty-court-exec-late", PLAN_UNKNOWN, 20, { GENERAL, .number = COURT_UNKNOWN }, court },
};

/* ---- verdicts ---- */

static bool is_wrong_receipt(const struct case_payment *pay)
{
	static const char *const wrong[] = { "other", "none", NULL };

	return one_of(pay->receipt, wrong);
}

static enum verdict fine_separation(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	bool bad = false, police = penalty_is_police(p) && p->decided != DAY_NONE && p->decided >= POLICE_LAW;

	(void)w;
	for (int i = 0; i < p->payment_count && !p->limited; i++) {
		const struct case_payment *pay = &p->payments[i];

		if (strcmp(pay->method, "onspot_cash") != 0)
			continue;
		bad |= !yes(pay->remote_request) &&
		       !(yes(is(p->procedure, "simple")) && (pay->amount <= SPOT_CASH || yes(pay->hard_to_collect)));
		bad |= is_wrong_receipt(pay);
		police &= pay->amount <= POLICE_CASH && !is_wrong_receipt(pay);
	}
	return judge(FROM_2021, first_day(p->decided, p->filed), p->limited ? TRI_UNKNOWN : tri(bad), tri(police));
}

static enum tri amount_over(int64_t a, int64_t b)
{
	return a == NO_MONEY || b == NO_MONEY ? TRI_UNKNOWN : tri(a > b);
}

static enum verdict surcharge_wrong(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct penalty_more *x = &p->more;
	enum tri rate = amount_over(x->surcharge_rate, RATE_CAP), amount = amount_over(x->surcharge, p->fine);
	enum tri early = not_later(x->surcharge_from, day_deadline(w->days, p->delivered, PAY_DAYS)), days = tri(x->surcharge_days > 0);
	enum tri wrong = or3(or3(rate, amount), or3(early, days));

	return judge(FROM_2021, p->decided, and3(tri(x->surcharge_from != DAY_NONE), wrong),
		and3(and3(tri(yes(x->installment)), not3(rate)), and3(not3(amount), not3(days))));
}

/** Nothing in the columns says that the whole fine was paid. */
static enum tri looks_unpaid(const struct penalty *p)
{
	const struct penalty_more *x = &p->more;
	int64_t paid = x->fine_paid == NO_MONEY ? 0 : x->fine_paid;

	return and3(money_over(p->fine, 0),
		and3(tri(x->fine_paid_on == DAY_NONE), not3(p->fine == NO_MONEY ? TRI_UNKNOWN : tri(paid >= p->fine))));
}

static bool has_payment(const struct penalty *p)
{
	for (int i = 0; i < p->payment_count; i++)
		if (p->payments[i].amount > 0)
			return true;
	return false;
}

static enum verdict unpaid(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct penalty_more *x = &p->more;
	int32_t due = day_deadline(w->days, p->delivered, PAY_DAYS);
	bool idle = x->urged == DAY_NONE && x->surcharge_from == DAY_NONE && x->court_applied == DAY_NONE;

	return judge(FROM_2021, p->delivered,
		and3(and3(looks_unpaid(p), p->limited ? TRI_UNKNOWN : tri(!has_payment(p))),
			and3(tri(idle), due == DAY_NONE ? TRI_UNKNOWN : tri(w->o.today - due > IDLE_DAYS))),
		tri(yes(x->installment) || yes(x->in_recon) || yes(x->execution_over)));
}

static enum verdict court_late(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct penalty_more *x = &p->more;
	int32_t due = x->remedy_ended == DAY_NONE ? DAY_NONE : workday_roll(w->days, day_add_months(x->remedy_ended, 3));

	return judge(FROM_2021, x->remedy_ended,
		and3(and3(not3(x->exec_power), looks_unpaid(p)), later(first_day(x->court_applied, w->o.today), due)),
		tri(yes(x->execution_over) || (!p->limited && has_payment(p))));
}

static const struct planned_rule rules[] = {
	{ "penalty-fine-separation", fine_separation },
	{ "penalty-surcharge-wrong", surcharge_wrong },
	{ "penalty-unpaid-no-action", unpaid },
	{ "penalty-court-exec-late", court_late },
};

const struct theme penalty_collection = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
