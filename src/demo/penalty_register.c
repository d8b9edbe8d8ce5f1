/* What the registers say about who took part: entrustments, posts, people who left, and who reviewed. */
#include "demo/penalty.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define FROM_SUPERVISION day_from_ymd(2026, 2, 1) /* 行政执法监督条例 */

/* ---- planted: entrusted cases ---- */

/** An entrustment that has run out, or one that still runs; decided so many days after its first or last day. */
static bool entrusted(struct maker *m, struct penalty *p, bool over, int days)
{
	const struct world *w = m->w;
	const struct entrustment_ref *e = NULL;
	int32_t decided;

	for (size_t tries = 0; tries < 100 && !e && w->entrustments.len > 0; tries++) {
		const struct entrustment_ref *at = &w->entrustments.v[rng_next(&m->rng) % w->entrustments.len];

		if (over == (at->to < maker_today(m) - 40))
			e = at;
	}
	if (!e)
		return false;
	decided = (over ? e->to : e->from) + days;
	penalty_set_fine(p, 200000);
	penalty_redo(m, p, decided - 40, decided);
	p->entrusted_name = e->entrusted_name;
	p->entrustment_no = e->number;
	p->entrust_scope = e->scope;
	p->entrust_from = e->from;
	p->entrust_to = e->to;
	p->entrustment_known = true;
	p->entrust_item = str_sub(e->scope, 0, 6); /* the first of the codes */
	return true;
}

static bool entrusted_lawfully(struct maker *m, void *item)
{
	return entrusted(m, item, false, (int)rng_in(&m->rng, 1, 80));
}

static bool entrusted_first_day(struct maker *m, void *item)
{
	return entrusted(m, item, false, 0);
}

static bool entrusted_too_early(struct maker *m, void *item)
{
	return entrusted(m, item, false, -1);
}

static bool entrusted_last_day(struct maker *m, void *item)
{
	return entrusted(m, item, true, 0);
}

static bool entrusted_day_after(struct maker *m, void *item)
{
	return entrusted(m, item, true, 1);
}

static bool entrusted_other_item(struct maker *m, void *item)
{
	if (!entrusted(m, item, false, 30))
		return false;
	((struct penalty *)item)->entrust_item = STR("CF9999");
	return true;
}

static bool entrusted_without_number(struct maker *m, void *item)
{
	if (!entrusted(m, item, false, 30))
		return false;
	((struct penalty *)item)->entrustment_no = (struct str){ 0 };
	return true;
}

static bool entrusted_unregistered(struct maker *m, void *item)
{
	struct penalty *p = item;

	if (!entrusted(m, item, false, 30))
		return false;
	p->entrustment_no = STR("WT-未登记");
	p->entrustment_known = false;
	return true;
}

/* ---- planted: posts ---- */

static bool left_next_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_act_on(m, p, OFFICER_LEFT, officer_make(m->w, p->agency, OFFICER_LEFT, m->mem).left_on + 1);
	return true;
}

static bool left_that_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_act_on(m, p, OFFICER_LEFT, officer_make(m->w, p->agency, OFFICER_LEFT, m->mem).left_on);
	return true;
}

static bool before_the_move(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_act_on(m, p, OFFICER_MOVED, officer_make(m->w, p->agency, OFFICER_MOVED, m->mem).moved_on - 1);
	return true;
}

static bool day_of_the_move(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_act_on(m, p, OFFICER_MOVED, officer_make(m->w, p->agency, OFFICER_MOVED, m->mem).moved_on);
	return true;
}

static bool jointly_before_the_move(struct maker *m, void *item)
{
	before_the_move(m, item);
	((struct penalty *)item)->joint_case = TRI_TRUE;
	return true;
}

/** A certificate that the register does not have. */
static bool stranger(struct maker *m, void *item)
{
	struct penalty *p = item;
	struct case_officer *o = &p->officers[0];

	penalty_redo(m, p, maker_today(m) - 60, workday_roll(m->w->days, maker_today(m) - 20));
	o->cert_no = STR("外省000001");
	o->known = false;
	o->posted_to = (struct str){ 0 };
	o->left_on = DAY_NONE;
	return true;
}

/* ---- planted: the reviewer ---- */

static bool reviewed_own_case(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	p->reviewed = p->decided;
	p->reviewer_cert = p->officers[0].cert_no;
	return true;
}

static bool reviewer_only_served(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->reviewed = p->decided;
	p->officers[p->officer_count] = participation(m, p, p->agency->officer_count - 1, "delivery", p->delivered);
	p->reviewer_cert = p->officers[p->officer_count].cert_no;
	p->officer_count++;
	for (int k = 0; k < p->officer_count - 1; k++) /* the pair of the investigation is another one */
		if (p->officers[k].cert_no.ptr && str_eq(p->officers[k].cert_no, p->reviewer_cert))
			p->officers[k] = participation(m, p, OFFICER_TRAITS, p->officers[k].stage, p->officers[k].acted);
	return true;
}

static const struct scenario scenarios[] = {
	{ "entrust-act-outside", PLAN_HIT, 40, { GENERAL }, entrusted_too_early },
	{ "entrust-act-outside", PLAN_HIT, 60, { GENERAL }, entrusted_day_after },
	{ "entrust-act-outside", PLAN_HIT, 60, { GENERAL }, entrusted_other_item },
	{ "entrust-act-outside", PLAN_HIT, 40, { GENERAL }, entrusted_without_number },
	{ "entrust-act-outside", PLAN_NEAR, 600, { GENERAL }, entrusted_lawfully },
	{ "entrust-act-outside", PLAN_NEAR, 40, { GENERAL }, entrusted_first_day },
	{ "entrust-act-outside", PLAN_NEAR, 40, { GENERAL }, entrusted_last_day },
	{ "entrust-act-outside", PLAN_UNKNOWN, 40, { GENERAL }, entrusted_unregistered },
	{ "officer-left-active", PLAN_HIT, 60, { GENERAL }, left_next_day },
	{ "officer-left-active", PLAN_NEAR, 60, { GENERAL }, left_that_day },
	{ "officer-left-active", PLAN_UNKNOWN, 40, { GENERAL }, stranger },
	{ "officer-scope-mismatch", PLAN_HIT, 60, { GENERAL }, before_the_move },
	{ "officer-scope-mismatch", PLAN_NEAR, 60, { GENERAL }, day_of_the_move },
	{ "officer-scope-mismatch", PLAN_EXEMPT, 60, { GENERAL }, jointly_before_the_move },
	{ "officer-scope-mismatch", PLAN_UNKNOWN, 40, { GENERAL }, stranger },
	{ "investigator-is-reviewer", PLAN_HIT, 80, { GENERAL }, reviewed_own_case },
	{ "investigator-is-reviewer", PLAN_NEAR, 80, { GENERAL }, reviewer_only_served },
};

/* ---- verdicts ---- */

static bool contains(struct str text, struct str part)
{
	return text.ptr && part.ptr && memmem(text.ptr, text.len, part.ptr, part.len);
}

static enum verdict act_outside(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	int32_t day = first_day(p->decided, p->filed);
	enum tri wrong = TRI_UNKNOWN;

	(void)w;
	if (!p->entrusted_name.ptr)
		wrong = TRI_FALSE;
	else if (!p->entrustment_no.ptr)
		wrong = TRI_TRUE;
	else if (p->entrustment_known)
		wrong = or3(or3(later(p->entrust_from, day), later(day, p->entrust_to)), tri(!contains(p->entrust_scope, p->entrust_item)));
	return judge(FROM_2021, day, wrong, TRI_FALSE);
}

static bool enforces(const struct case_officer *o)
{
	return !o->role || strcmp(o->role, "enforcement") == 0;
}

static enum verdict left_active(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	enum tri any = p->limited ? TRI_UNKNOWN : TRI_FALSE;

	(void)w;
	for (int i = 0; i < p->officer_count && !p->limited; i++) {
		const struct case_officer *o = &p->officers[i];

		if (enforces(o))
			any = or3(any, o->known ? tri(yes(later(o->acted, o->left_on))) : TRI_UNKNOWN);
	}
	return judge(FROM_SUPERVISION, first_day(p->decided, p->filed), any, TRI_FALSE);
}

static enum verdict scope_mismatch(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	enum tri any = p->limited ? TRI_UNKNOWN : TRI_FALSE;

	(void)w;
	for (int i = 0; i < p->officer_count && !p->limited; i++) {
		const struct case_officer *o = &p->officers[i];

		if (enforces(o))
			any = or3(any, o->known ? tri(o->posted_to.ptr && !str_eq(o->posted_to, p->agency_name)) : TRI_UNKNOWN);
	}
	return judge(FROM_SUPERVISION, first_day(p->decided, p->filed), any, p->joint_case);
}

static enum verdict own_reviewer(const void *item, const struct world *w)
{
	static const char *const stages[] = { "inspection", "investigation", "inquiry", "sampling", NULL };
	const struct penalty *p = item;
	bool any = false;

	(void)w;
	for (int i = 0; i < p->officer_count && !p->limited; i++) {
		const struct case_officer *o = &p->officers[i];

		any |= one_of(o->stage, stages) && o->cert_no.ptr && p->reviewer_cert.ptr && str_eq(o->cert_no, p->reviewer_cert);
	}
	return judge(FROM_2021, first_day(p->decided, p->filed), p->limited ? TRI_UNKNOWN : tri(any), TRI_FALSE);
}

static const struct planned_rule rules[] = {
	{ "entrust-act-outside", act_outside },
	{ "officer-left-active", left_active },
	{ "officer-scope-mismatch", scope_mismatch },
	{ "investigator-is-reviewer", own_reviewer },
};

const struct theme penalty_register = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
