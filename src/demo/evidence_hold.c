/* Preservation of evidence during a case: approved, registered, and settled within seven workdays, or not. */
#include <stddef.h>

#include "demo/slots.h"
#include "demo/verdict.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define FROM_2021 day_from_ymd(2021, 7, 15)
#define HOLD_WORKDAYS 7

struct hold {
	const struct agency *agency;
	struct str number, agency_name, agency_code, case_no, area, party_name, party_code;
	const char *things, *approver, *handling, *seizure_no, *seizure_basis;
	int32_t held, approved, handled, seized;
};

#define F(column, kind, member)                                                                                                            \
	{                                                                                                                                  \
		column, kind, offsetof(struct hold, member)                                                                                \
	}
static const struct slot slots[] = {
	F("hold_no", SLOT_TEXT, number),
	F("agency_name", SLOT_TEXT, agency_name),
	F("agency_code", SLOT_TEXT, agency_code),
	F("case_no", SLOT_TEXT, case_no),
	F("area_code", SLOT_TEXT, area),
	F("party_name", SLOT_TEXT, party_name),
	F("party_code", SLOT_TEXT, party_code),
	F("items_text", SLOT_WORD, things),
	F("approved_by", SLOT_WORD, approver),
	F("handling", SLOT_CODE, handling),
	F("seizure_no", SLOT_WORD, seizure_no),
	F("seizure_basis", SLOT_WORD, seizure_basis),
	F("held_on", SLOT_DAY, held),
	F("approved_on", SLOT_DAY, approved),
	F("handled_on", SLOT_DAY, handled),
	F("seized_on", SLOT_DAY, seized),
};

static int64_t count(const struct world *w)
{
	return w->o.size.cases / 30;
}

/** Held on the day and settled within the period, if that time has come. */
static void hold_on(struct maker *m, struct hold *h, int32_t day)
{
	h->held = h->approved = day;
	h->handled = workday_step(m->w->days, day, (int)rng_in(&m->rng, 1, HOLD_WORKDAYS));
	if (h->handled > maker_today(m))
		h->handled = DAY_NONE;
}

static void make(struct maker *m, int64_t index, void *item)
{
	static const char *const things[] = { "涉案台账一册", "涉案产品三箱", "电子数据存储设备一台", "合同和票据一套" };
	static const char *const handlings[] = { "evidence", "appraisal", "release", "confiscation" };
	struct hold *h = item;
	const struct world *w = m->w;

	*h = (struct hold){ 0 };
	slots_clear(slots, (size_t)COUNT(slots), h);
	if (w->cases.len > 0) {
		const struct case_ref *c = &w->cases.v[rng_next(&m->rng) % w->cases.len];

		h->agency = c->agency;
		h->case_no = c->case_no;
		h->party_name = c->party_name;
		h->party_code = c->party_code;
		hold_on(m, h, c->filed != DAY_NONE ? c->filed : c->decided);
	} else {
		h->agency = choose_agency(m, false);
		hold_on(m, h, random_workday(m, 700, 2));
	}
	h->agency_name = h->agency->name;
	h->agency_code = h->agency->code;
	h->area = h->agency->region;
	h->number = str_printf(m->mem, "%.*s存〔%d〕%lld号", STR_ARG(h->agency->proxy), day_to_ymd(h->held).year, (long long)index + 1);
	h->things = things[rng_next(&m->rng) % COUNT(things)];
	h->approver = "机关负责人";
	h->handling = h->handled == DAY_NONE ? NULL : handlings[rng_next(&m->rng) % COUNT(handlings)];
}

/* ---- planted ---- */

/** need.number: settled so many days after the last one allowed. */
static bool settled(struct maker *m, void *item)
{
	struct hold *h = item;

	hold_on(m, h, random_workday(m, 500, 60));
	h->handled = workday_step(m->w->days, h->held, HOLD_WORKDAYS) + m->need.number;
	h->handling = "release";
	return true;
}

static bool never_settled(struct maker *m, void *item)
{
	struct hold *h = item;

	settled(m, h);
	h->handled = DAY_NONE;
	h->handling = NULL;
	return true;
}

enum seized_plan { SEIZED_LAST_DAY, SEIZED_NEXT_DAY, SEIZED_NO_DECISION };

static bool seized(struct maker *m, void *item)
{
	struct hold *h = item;

	settled(m, h);
	h->handled += 15;
	h->handling = "seizure";
	h->seized = workday_step(m->w->days, h->held, HOLD_WORKDAYS) + (m->need.number == SEIZED_NEXT_DAY);
	h->seizure_basis = "法律、行政法规关于查封扣押的规定";
	h->seizure_no = m->need.number == SEIZED_NO_DECISION ? NULL : "扣押决定书";
	return true;
}

static bool day_unknown(struct maker *m, void *item)
{
	(void)m;
	((struct hold *)item)->held = DAY_NONE;
	return true;
}

enum approval_plan { APPROVED_NOBODY, APPROVED_NEXT_DAY, APPROVED_DAY_BEFORE, APPROVED_NO_DAY };

static bool approval(struct maker *m, void *item)
{
	struct hold *h = item;

	switch ((enum approval_plan)m->need.number) {
	case APPROVED_NOBODY:
		h->approver = NULL;
		break;
	case APPROVED_NEXT_DAY:
		h->approved = h->held + 1;
		break;
	case APPROVED_DAY_BEFORE:
		h->approved = h->held - 1;
		break;
	case APPROVED_NO_DAY:
		h->approved = DAY_NONE;
		break;
	}
	return true;
}

static bool approved_that_day(struct maker *m, void *item)
{
	(void)m;
	((struct hold *)item)->approved = ((struct hold *)item)->held;
	return true;
}

#define ANY .domain = -1

static const struct scenario scenarios[] = {
	{ "penalty-evidence-hold-overdue", PLAN_HIT, 2000, { ANY, .number = 1 }, settled },
	{ "penalty-evidence-hold-overdue", PLAN_HIT, 2000, { ANY, .number = 20 }, settled },
	{ "penalty-evidence-hold-overdue", PLAN_HIT, 1000, { ANY }, never_settled },
	{ "penalty-evidence-hold-overdue", PLAN_HIT, 500, { ANY, .number = SEIZED_NEXT_DAY }, seized },
	{ "penalty-evidence-hold-overdue", PLAN_HIT, 500, { ANY, .number = SEIZED_NO_DECISION }, seized },
	{ "penalty-evidence-hold-overdue", PLAN_NEAR, 2000, { ANY, .number = 0 }, settled },
	{ "penalty-evidence-hold-overdue", PLAN_EXEMPT, 1500, { ANY, .number = SEIZED_LAST_DAY }, seized },
	{ "penalty-evidence-hold-overdue", PLAN_UNKNOWN, 300, { ANY }, day_unknown },
	{ "penalty-evidence-hold-unapproved", PLAN_HIT, 2000, { ANY, .number = APPROVED_NOBODY }, approval },
	{ "penalty-evidence-hold-unapproved", PLAN_HIT, 1000, { ANY, .number = APPROVED_NEXT_DAY }, approval },
	{ "penalty-evidence-hold-unapproved", PLAN_NEAR, 500, { ANY }, approved_that_day },
	{ "penalty-evidence-hold-unapproved", PLAN_NEAR, 500, { ANY, .number = APPROVED_DAY_BEFORE }, approval },
	{ "penalty-evidence-hold-unapproved", PLAN_UNKNOWN, 500, { ANY, .number = APPROVED_NO_DAY }, approval },
};

/* ---- verdicts ---- */

static enum verdict overdue(const void *item, const struct world *w)
{
	const struct hold *h = item;
	int32_t due = workday_step(w->days, h->held, HOLD_WORKDAYS);

	return judge(FROM_2021, h->held, later(first_day(h->handled, w->o.today), due),
		tri(yes(not_later(h->seized, due)) && h->seizure_no && h->seizure_basis));
}

static enum verdict unapproved(const void *item, const struct world *w)
{
	const struct hold *h = item;

	(void)w;
	return judge(FROM_2021, h->held, or3(tri(!h->approver), later(h->approved, h->held)), TRI_FALSE);
}

static const struct planned_rule rules[] = {
	{ "penalty-evidence-hold-overdue", overdue },
	{ "penalty-evidence-hold-unapproved", unapproved },
};

static const struct theme theme = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
static const struct theme *const themes[] = { &theme, NULL };

static void to_rows(const void *item, const struct world *w, struct rows *r)
{
	(void)w;
	slots_to_rows(slots, (size_t)COUNT(slots), item, r);
}

static struct str region_of(const void *item)
{
	return ((const struct hold *)item)->agency->region;
}

const struct generator hold_generator = {
	.type = "evidence_hold",
	.what = "先行登记保存",
	.sources = { { "演示数据：先行登记保存", NULL } },
	.item_bytes = sizeof(struct hold),
	.counter = offsetof(struct demo_result, others),
	.count = count,
	.make = make,
	.to_rows = to_rows,
	.region_of = region_of,
	.themes = themes,
};
