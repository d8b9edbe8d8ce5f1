/* Before and at the door: approval, notice, items on the list, who inspects. What is planted and what the rules have to say about it. */
#include "demo/inspection.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* ---- planted ---- */

static void after_54(struct maker *m, struct inspection *i)
{
	if (i->started < FROM_54 && maker_today(m) - 30 > FROM_54)
		inspection_lay_out(m, i, random_workday(m, maker_today(m) - FROM_54 > 500 ? 500 : maker_today(m) - FROM_54 - 5, 20));
}

static void set_urgent(struct maker *m, struct inspection *i, bool urgent)
{
	i->urgent = tri(urgent);
	after_54(m, i);
	inspection_lay_out(m, i, i->started);
}

static bool not_approved(struct maker *m, void *item)
{
	struct inspection *i = item;

	set_urgent(m, i, false);
	i->approved = DAY_NONE;
	return true;
}

static bool approved_next_day(struct maker *m, void *item)
{
	struct inspection *i = item;

	set_urgent(m, i, false);
	i->approved = i->started + 1;
	return true;
}

static bool approved_same_day(struct maker *m, void *item)
{
	struct inspection *i = item;

	set_urgent(m, i, false);
	i->approved = i->started;
	return true;
}

static bool no_plan(struct maker *m, void *item)
{
	struct inspection *i = item;

	set_urgent(m, i, false);
	i->plan_no = (struct str){ 0 };
	return true;
}

static bool urgent_not_made_up(struct maker *m, void *item)
{
	struct inspection *i = item;

	set_urgent(m, i, true);
	inspection_lay_out(m, i, workday_step(m->w->days, maker_today(m), -(int)rng_in(&m->rng, 5, 90)));
	i->backfilled = DAY_NONE;
	return true;
}

/** Inspected on the day that lies so many working days before today, not made up yet. */
static bool urgent_on(struct maker *m, struct inspection *i, int workdays)
{
	set_urgent(m, i, true);
	inspection_lay_out(m, i, workday_step(m->w->days, maker_today(m), -workdays));
	i->backfilled = DAY_NONE;
	return true;
}

static bool urgent_fourth_day(struct maker *m, void *item)
{
	return urgent_on(m, item, day_is_work(m->w->days, maker_today(m)) ? 4 : 5);
}

static bool urgent_third_day(struct maker *m, void *item)
{
	return urgent_on(m, item, 3);
}

static bool person_not_approved(struct maker *m, void *item)
{
	struct inspection *i = item;

	not_approved(m, item);
	inspection_set_person(m, i);
	return true;
}

static bool day_not_known(struct maker *m, void *item)
{
	struct inspection *i = item;

	(void)m;
	i->started = i->ended = DAY_NONE;
	return true;
}

static bool no_notice(struct maker *m, void *item)
{
	struct inspection *i = item;

	after_54(m, i);
	inspection_set_mode(m, i, "onsite");
	i->notice_no = i->check_code = (struct str){ 0 };
	return true;
}

static bool code_only(struct maker *m, void *item)
{
	struct inspection *i = item;

	no_notice(m, item);
	i->check_code = STR("JCM0001");
	return true;
}

static bool person_no_notice(struct maker *m, void *item)
{
	no_notice(m, item);
	inspection_set_person(m, item);
	return true;
}

static bool mode_not_known(struct maker *m, void *item)
{
	struct inspection *i = item;

	no_notice(m, item);
	i->mode = NULL;
	return true;
}

static bool item_unlisted(struct maker *m, void *item)
{
	struct inspection *i = item;

	after_54(m, i);
	i->items[i->item_count - 1].listed = TRI_FALSE;
	return true;
}

static bool one_noted_one_not(struct maker *m, void *item)
{
	struct inspection *i = item;

	item_unlisted(m, item);
	i->items[i->item_count] = i->items[i->item_count - 1];
	i->items[i->item_count++].noted = TRI_TRUE;
	return true;
}

static bool unlisted_but_noted(struct maker *m, void *item)
{
	struct inspection *i = item;

	item_unlisted(m, item);
	i->items[i->item_count - 1].noted = TRI_TRUE;
	return true;
}

static bool person_unlisted(struct maker *m, void *item)
{
	item_unlisted(m, item);
	inspection_set_person(m, item);
	return true;
}

static bool listing_not_known(struct maker *m, void *item)
{
	struct inspection *i = item;

	after_54(m, i);
	i->items[0].listed = TRI_UNKNOWN;
	return true;
}

static bool by_contractor(struct maker *m, void *item)
{
	struct inspection *i = item;

	after_54(m, i);
	i->body_kind = rng_chance(&m->rng, 500) ? "contractor" : "institution";
	i->officer_count = 1; /* one officer does not make it technical support */
	return true;
}

static bool by_coordinating_body(struct maker *m, void *item)
{
	struct inspection *i = item;

	after_54(m, i);
	i->body_kind = "coordinating_body";
	return true;
}

static bool by_institution_with_officers(struct maker *m, void *item)
{
	struct inspection *i = item;

	after_54(m, i);
	i->body_kind = "institution";
	return true;
}

static bool person_by_contractor(struct maker *m, void *item)
{
	by_contractor(m, item);
	inspection_set_person(m, item);
	return true;
}

static bool entrusted_without_letter(struct maker *m, void *item)
{
	struct inspection *i = item;

	after_54(m, i);
	i->body_kind = "entrusted_org";
	i->entrusted_name = STR("某管理服务站");
	return true;
}

static bool entrusted_lawfully(struct maker *m, void *item)
{
	struct inspection *i = item;
	const struct entrustment_ref *e;

	if (m->w->entrustments.len == 0)
		return false;
	e = &m->w->entrustments.v[rng_next(&m->rng) % m->w->entrustments.len];
	entrusted_without_letter(m, item);
	i->entrusted_name = e->entrusted_name;
	i->entrustment_no = e->number;
	i->entrustment_known = true;
	i->letter = e->letter;
	i->entrustment_published = e->published;
	return true;
}

static bool entrustment_not_registered(struct maker *m, void *item)
{
	struct inspection *i = item;

	entrusted_without_letter(m, item);
	i->entrustment_no = STR("WT-未登记");
	return true;
}

static bool body_not_known(struct maker *m, void *item)
{
	struct inspection *i = item;

	after_54(m, i);
	i->body_kind = NULL;
	return true;
}

static bool assistants_only(struct maker *m, void *item)
{
	static const char *const kinds[] = { "assistant", "grid", "temporary", "contract", "dispatched", "worker" };
	struct inspection *i = item;

	after_54(m, i);
	for (int k = 0; k < i->officer_count; k++) {
		i->officers[k].employment = kinds[rng_next(&m->rng) % COUNT(kinds)];
		i->officers[k].certified = TRI_FALSE;
	}
	return true;
}

static bool assistant_with_officer(struct maker *m, void *item)
{
	struct inspection *i = item;

	assistants_only(m, item);
	i->officers[0].employment = "civil_servant";
	i->officers[0].certified = TRI_TRUE;
	return true;
}

static bool person_assistants_only(struct maker *m, void *item)
{
	assistants_only(m, item);
	inspection_set_person(m, item);
	return true;
}

static bool employment_not_known(struct maker *m, void *item)
{
	struct inspection *i = item;

	assistants_only(m, item);
	i->officers[1].employment = NULL;
	return true;
}

static const struct scenario scenarios[] = {
	{ "inspection-unapproved", PLAN_HIT, 400, { INSPECTION_FULL }, not_approved },
	{ "inspection-unapproved", PLAN_HIT, 200, { INSPECTION_FULL }, approved_next_day },
	{ "inspection-unapproved", PLAN_HIT, 250, { INSPECTION_FULL }, no_plan },
	{ "inspection-unapproved", PLAN_HIT, 120, { INSPECTION_FULL }, urgent_not_made_up },
	{ "inspection-unapproved", PLAN_HIT, 30, { INSPECTION_FULL }, urgent_fourth_day },
	{ "inspection-unapproved", PLAN_NEAR, 150, { INSPECTION_FULL }, approved_same_day },
	{ "inspection-unapproved", PLAN_NEAR, 30, { INSPECTION_FULL }, urgent_third_day },
	{ "inspection-unapproved", PLAN_EXEMPT, 60, { INSPECTION_FULL }, person_not_approved },
	{ "inspection-unapproved", PLAN_UNKNOWN, 40, { INSPECTION_FULL }, day_not_known },
	{ "inspection-no-notice", PLAN_HIT, 500, { INSPECTION_FULL }, no_notice },
	{ "inspection-no-notice", PLAN_NEAR, 150, { INSPECTION_FULL }, code_only },
	{ "inspection-no-notice", PLAN_EXEMPT, 60, { INSPECTION_FULL }, person_no_notice },
	{ "inspection-no-notice", PLAN_UNKNOWN, 60, { INSPECTION_FULL }, mode_not_known },
	{ "inspection-unlisted-item", PLAN_HIT, 300, { INSPECTION_FULL }, item_unlisted },
	{ "inspection-unlisted-item", PLAN_HIT, 60, { INSPECTION_FULL }, one_noted_one_not },
	{ "inspection-unlisted-item", PLAN_EXEMPT, 90, { INSPECTION_FULL }, unlisted_but_noted },
	{ "inspection-unlisted-item", PLAN_EXEMPT, 40, { INSPECTION_FULL }, person_unlisted },
	{ "inspection-unlisted-item", PLAN_UNKNOWN, 60, { INSPECTION_FULL }, listing_not_known },
	{ "inspection-body-unqualified", PLAN_HIT, 150, { INSPECTION_FULL }, by_contractor },
	{ "inspection-body-unqualified", PLAN_HIT, 80, { INSPECTION_FULL }, by_coordinating_body },
	{ "inspection-body-unqualified", PLAN_HIT, 80, { INSPECTION_FULL }, entrusted_without_letter },
	{ "inspection-body-unqualified", PLAN_NEAR, 200, { INSPECTION_FULL }, entrusted_lawfully },
	{ "inspection-body-unqualified", PLAN_EXEMPT, 120, { INSPECTION_FULL }, by_institution_with_officers },
	{ "inspection-body-unqualified", PLAN_EXEMPT, 40, { INSPECTION_FULL }, person_by_contractor },
	{ "inspection-body-unqualified", PLAN_UNKNOWN, 40, { INSPECTION_FULL }, entrustment_not_registered },
	{ "inspection-body-unqualified", PLAN_UNKNOWN, 40, { INSPECTION_FULL }, body_not_known },
	{ "inspection-assistant-only", PLAN_HIT, 180, { INSPECTION_FULL }, assistants_only },
	{ "inspection-assistant-only", PLAN_NEAR, 200, { INSPECTION_FULL }, assistant_with_officer },
	{ "inspection-assistant-only", PLAN_EXEMPT, 40, { INSPECTION_FULL }, person_assistants_only },
	{ "inspection-assistant-only", PLAN_UNKNOWN, 60, { INSPECTION_FULL }, employment_not_known },
};

/* ---- verdicts ---- */

static enum tri is_person(const struct inspection *i)
{
	return is(i->party_type, "natural_person");
}

static enum verdict unapproved(const void *item, const struct world *w)
{
	const struct inspection *i = item;
	bool urgent = yes(i->urgent), wrong;

	if (urgent)
		wrong = i->approved == DAY_NONE && i->backfilled == DAY_NONE && i->started != DAY_NONE &&
		        workday_count(w->days, i->started, w->o.today) > 3;
	else
		wrong = i->approved == DAY_NONE || yes(later(i->approved, i->started)) || !i->plan_no.ptr;
	return judge(FROM_54, i->started, tri(wrong), is_person(i));
}

static enum verdict unnoticed(const void *item, const struct world *w)
{
	const struct inspection *i = item;

	(void)w;
	return judge(FROM_54, i->started, and3(is(i->mode, "onsite"), tri(!i->notice_no.ptr && !i->check_code.ptr)), is_person(i));
}

static enum verdict unlisted_item(const void *item, const struct world *w)
{
	const struct inspection *i = item;
	enum tri any = i->limited ? TRI_UNKNOWN : TRI_FALSE;
	bool unnoted = false;

	(void)w;
	for (int k = 0; k < i->item_count && !i->limited; k++) {
		any = or3(any, not3(i->items[k].listed));
		unnoted |= i->items[k].listed == TRI_FALSE && !yes(i->items[k].noted);
	}
	return judge(FROM_54, i->started, any, or3(is_person(i), tri(!unnoted)));
}

static enum verdict body_unqualified(const void *item, const struct world *w)
{
	static const char *const bodies[] = { "coordinating_body", "institution", "contractor", "other", NULL };
	static const char *const technical[] = { "institution", "contractor", NULL };
	const struct inspection *i = item;
	enum tri wrong = TRI_UNKNOWN;
	int certified = 0;

	(void)w;
	for (int k = 0; k < i->officer_count; k++)
		certified += yes(i->officers[k].certified);
	if (i->body_kind && strcmp(i->body_kind, "entrusted_org") != 0)
		wrong = tri(one_of(i->body_kind, bodies));
	else if (i->body_kind && !i->entrustment_no.ptr)
		wrong = TRI_TRUE;
	else if (i->body_kind && i->entrustment_known)
		wrong = tri(i->letter == DAY_NONE || i->entrustment_published == DAY_NONE);
	return judge(FROM_54, i->started, wrong, or3(is_person(i), tri(one_of(i->body_kind, technical) && certified >= 2)));
}

static enum verdict assistant_only(const void *item, const struct world *w)
{
	static const char *const auxiliary[] = { "assistant", "grid", "contract", "dispatched", "temporary", "worker", NULL };
	const struct inspection *i = item;
	enum tri all = TRI_TRUE;

	(void)w;
	for (int k = 0; k < i->officer_count; k++)
		all = and3(all, i->officers[k].employment ? tri(one_of(i->officers[k].employment, auxiliary)) : TRI_UNKNOWN);
	return judge(FROM_54, i->started, and3(tri(i->officer_count > 0), all), is_person(i));
}

static const struct planned_rule rules[] = {
	{ "inspection-unapproved", unapproved },
	{ "inspection-no-notice", unnoticed },
	{ "inspection-unlisted-item", unlisted_item },
	{ "inspection-body-unqualified", body_unqualified },
	{ "inspection-assistant-only", assistant_only },
};

const struct theme inspection_entry = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
