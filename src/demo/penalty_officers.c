/* Who took part, and with which certificate: what is planted and what the rules have to say about it. */
#include "demo/penalty.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define YUAN 100

/* ---- planted: who took part ---- */

static void only_inquiry(struct maker *m, struct penalty *p)
{
	p->source = "inspection";
	penalty_fill(m, p);
	p->officers[0] = p->officers[2];
	p->officers[1] = p->officers[3];
	p->officer_count = 2;
}

static bool officers_one(struct maker *m, void *item)
{
	struct penalty *p = item;

	only_inquiry(m, p);
	p->officers[p->officer_count++] = participation(m, p, normal_officer(m, p), "investigation", p->investigated);
	return true;
}

static bool officers_one_and_assistant(struct maker *m, void *item)
{
	struct penalty *p = item;

	officers_one(m, p);
	p->officers[p->officer_count++] = (struct case_officer){ .stage = "investigation",
		.role = "assistant",
		.name = name_person(&m->rng, m->mem),
		.acted = p->investigated,
		.cert_from = DAY_NONE,
		.cert_to = DAY_NONE,
		.extended_to = DAY_NONE,
		.certified = TRI_FALSE };
	return true;
}

static bool officers_same_twice(struct maker *m, void *item)
{
	struct penalty *p = item;

	officers_one(m, p);
	p->officers[p->officer_count] = p->officers[p->officer_count - 1];
	p->officer_count++;
	return true;
}

static bool officers_one_hears_defence(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->source = "inspection";
	p->officers[p->officer_count++] = participation(m, p, normal_officer(m, p), "defence", p->notice);
	return true;
}

static bool officers_two_everywhere(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->source = "inspection";
	p->officers[p->officer_count++] = participation(m, p, OFFICER_TRAITS, "defence", p->notice);
	p->officers[p->officer_count++] = participation(m, p, OFFICER_TRAITS + 1, "defence", p->notice);
	return true;
}

static bool officers_monitoring(struct maker *m, void *item)
{
	struct penalty *p = item;

	officers_one(m, p);
	p->source = "monitoring";
	return true;
}

/** A third person at the inquiry. */
static struct case_officer *third_person(struct maker *m, struct penalty *p, const char *stage, const char *role, enum tri certified)
{
	struct case_officer *o = &p->officers[p->officer_count++];

	*o = (struct case_officer){ .stage = stage,
		.role = role,
		.name = name_person(&m->rng, m->mem),
		.acted = p->investigated,
		.cert_from = DAY_NONE,
		.cert_to = DAY_NONE,
		.extended_to = DAY_NONE,
		.certified = certified };
	return o;
}

static bool uncertified_person(struct maker *m, void *item)
{
	struct penalty *p = item;

	third_person(m, p, "inquiry", "enforcement", TRI_FALSE);
	return true;
}

static bool uncertified_assistant(struct maker *m, void *item)
{
	struct penalty *p = item;

	third_person(m, p, "investigation", "assistant", TRI_FALSE);
	return true;
}

static bool uncertified_reviewer(struct maker *m, void *item)
{
	struct penalty *p = item;

	third_person(m, p, "review", "enforcement", TRI_FALSE)->acted = p->decided;
	return true;
}

static bool uncertified_technician(struct maker *m, void *item)
{
	struct penalty *p = item;

	third_person(m, p, "investigation", "technician", TRI_FALSE);
	if (rng_chance(&m->rng, 500))
		third_person(m, p, "investigation", "witness", TRI_FALSE);
	return true;
}

static bool certificate_not_entered(struct maker *m, void *item)
{
	struct penalty *p = item;

	third_person(m, p, "inquiry", "enforcement", TRI_UNKNOWN);
	return true;
}

void penalty_act_on(struct maker *m, struct penalty *p, int officer_index, int32_t acted)
{
	int32_t decided = workday_roll(m->w->days, acted + 12);

	p->hearing_eligible = p->major = TRI_FALSE;
	penalty_set_fine(p, 2000 * YUAN);
	penalty_redo(m, p, acted - 6, decided);
	p->investigated = acted < p->notice ? acted : p->notice;
	penalty_fill(m, p);
	p->officers[0] = participation(m, p, officer_index, "investigation", acted);
}

static bool expired_next_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_act_on(m, p, OFFICER_EXPIRED, officer_make(m->w, p->agency, OFFICER_EXPIRED, m->mem).cert_to + 1);
	return true;
}

static bool expired_long_ago(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_act_on(
		m, p, OFFICER_EXPIRED, officer_make(m->w, p->agency, OFFICER_EXPIRED, m->mem).cert_to + (int32_t)rng_in(&m->rng, 2, 100));
	return true;
}

static bool expired_last_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_act_on(m, p, OFFICER_EXPIRED, officer_make(m->w, p->agency, OFFICER_EXPIRED, m->mem).cert_to);
	return true;
}

static bool certificate_too_new(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_act_on(m, p, OFFICER_NEW, officer_make(m->w, p->agency, OFFICER_NEW, m->mem).cert_from - 1);
	return true;
}

static bool certificate_first_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_act_on(m, p, OFFICER_NEW, officer_make(m->w, p->agency, OFFICER_NEW, m->mem).cert_from);
	return true;
}

static bool certificate_suspended(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->officers[0] = participation(m, p, OFFICER_SUSPENDED, "investigation", p->investigated);
	return true;
}

static bool certificate_extended(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_act_on(
		m, p, OFFICER_EXTENDED, officer_make(m->w, p->agency, OFFICER_EXTENDED, m->mem).cert_to + (int32_t)rng_in(&m->rng, 1, 180));
	return true;
}

static bool certificate_extended_too_little(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_act_on(m, p, OFFICER_EXTENDED, officer_make(m->w, p->agency, OFFICER_EXTENDED, m->mem).extended_to + 1);
	return true;
}

static const struct scenario scenarios[] = {
	{ "penalty-single-officer", PLAN_HIT, 350, { GENERAL }, officers_one },
	{ "penalty-single-officer", PLAN_HIT, 120, { GENERAL }, officers_one_and_assistant },
	{ "penalty-single-officer", PLAN_HIT, 90, { GENERAL }, officers_same_twice },
	{ "penalty-single-officer", PLAN_HIT, 90, { GENERAL }, officers_one_hears_defence },
	{ "penalty-single-officer", PLAN_NEAR, 200, { GENERAL }, officers_two_everywhere },
	{ "penalty-single-officer", PLAN_EXEMPT, 90, { GENERAL }, officers_monitoring },
	{ "officer-cert-expired", PLAN_HIT, 60, { GENERAL }, expired_next_day },
	{ "officer-cert-expired", PLAN_HIT, 200, { GENERAL }, expired_long_ago },
	{ "officer-cert-expired", PLAN_HIT, 60, { GENERAL }, certificate_too_new },
	{ "officer-cert-expired", PLAN_HIT, 120, { GENERAL }, certificate_suspended },
	{ "officer-cert-expired", PLAN_HIT, 40, { GENERAL }, certificate_extended_too_little },
	{ "officer-cert-expired", PLAN_NEAR, 110, { GENERAL }, expired_last_day },
	{ "officer-cert-expired", PLAN_NEAR, 60, { GENERAL }, certificate_first_day },
	{ "officer-cert-expired", PLAN_EXEMPT, 90, { GENERAL }, certificate_extended },
	{ "officer-no-cert", PLAN_HIT, 250, { GENERAL }, uncertified_person },
	{ "officer-no-cert", PLAN_HIT, 150, { GENERAL }, uncertified_assistant },
	{ "officer-no-cert", PLAN_NEAR, 120, { GENERAL }, uncertified_reviewer },
	{ "officer-no-cert", PLAN_EXEMPT, 120, { GENERAL }, uncertified_technician },
	{ "officer-no-cert", PLAN_UNKNOWN, 60, { GENERAL }, certificate_not_entered },
};

/* ---- verdicts ---- */

/** One stage of investigation: too few people, too few of them certified, or one certificate entered twice. */
static bool stage_is_short(const struct penalty *p, const char *stage)
{
	const struct case_officer *seen[2] = { NULL, NULL };
	int count = 0, certified = 0;

	for (int i = 0; i < p->officer_count; i++) {
		const struct case_officer *o = &p->officers[i];

		if (!o->stage || strcmp(o->stage, stage) != 0)
			continue;
		if (count < 2)
			seen[count] = o;
		count++;
		certified += (!o->role || strcmp(o->role, "enforcement") == 0) && not_false(o->certified);
	}
	if (count == 0)
		return false;
	return count == 1 || certified < 2 ||
	       (count == 2 && seen[0]->cert_no.ptr && seen[1]->cert_no.ptr && str_eq(seen[0]->cert_no, seen[1]->cert_no));
}

static enum verdict single_officer(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	static const char *const stages[] = { "inspection", "investigation", "inquiry", "sampling", "defence" };
	enum tri is_short = p->limited ? TRI_UNKNOWN : TRI_FALSE;

	(void)w;
	for (int i = 0; i < 5 && !p->limited; i++)
		is_short = tri(yes(is_short) || stage_is_short(p, stages[i]));
	return judge(FROM_2021, first_day(p->decided, p->filed), and3(is(p->procedure, "general"), is_short), is(p->source, "monitoring"));
}

static enum verdict cert_expired(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	static const char *const lost[] = { "suspended", "revoked", "cancelled", NULL };
	bool any = false, unextended = false, unsure = false;

	(void)w;
	for (int i = 0; i < p->officer_count && !p->limited; i++) {
		const struct case_officer *o = &p->officers[i];
		bool plain = yes(later(o->cert_from, o->acted)) || one_of(o->status, lost);
		enum tri expired = later(o->acted, o->cert_to);

		if (o->role && strcmp(o->role, "enforcement") != 0)
			continue;
		any |= plain || yes(expired);
		unextended |= plain || (yes(expired) && o->known && !yes(not_later(o->acted, o->extended_to)));
		unsure |= !plain && expired != TRI_FALSE && !o->known;
	}
	return judge(FROM_2021, first_day(p->decided, p->filed), p->limited ? TRI_UNKNOWN : tri(any), tri(!unextended && !unsure));
}

static enum verdict no_cert(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	static const char *const support[] = { "technician", "witness", "interpreter", "recorder", NULL };
	enum tri when = p->limited ? TRI_UNKNOWN : TRI_FALSE;
	bool other = false;

	(void)w;
	for (int i = 0; i < p->officer_count && !p->limited; i++) {
		const struct case_officer *o = &p->officers[i];

		if (o->stage && strcmp(o->stage, "review") == 0)
			continue;
		when = or3(when, not3(o->certified));
		other |= o->certified == TRI_FALSE && !one_of(o->role ? o->role : "enforcement", support);
	}
	return judge(FROM_2021, first_day(p->decided, p->filed), when, tri(!other));
}

static const struct planned_rule rules[] = {
	{ "penalty-single-officer", single_officer },
	{ "officer-cert-expired", cert_expired },
	{ "officer-no-cert", no_cert },
};

const struct theme penalty_officers = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
