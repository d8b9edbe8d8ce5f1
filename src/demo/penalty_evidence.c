/* Camera evidence, recusal, suspected crimes that stay, and orders to correct. */
#include "demo/penalty.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define YUAN 100
#define IDLE_DAYS 30

/* ---- planted: recusal ---- */

static bool related(struct maker *m, void *item)
{
	static const char *const relations[] = { "relative", "interest", "former_party" };
	struct penalty *p = item;

	p->officers[0].relation = relations[rng_next(&m->rng) % COUNT(relations)];
	p->officers[0].recused = m->need.number ? TRI_TRUE : TRI_FALSE;
	return true;
}

static bool unrelated(struct maker *m, void *item)
{
	(void)m;
	((struct penalty *)item)->officers[0].relation = "none";
	return true;
}

/* ---- planted: cameras ---- */

enum camera_plan {
	CAMERA_LAWFUL,
	CAMERA_UNREVIEWED,
	CAMERA_REVIEWED_LATE,
	CAMERA_UNPUBLISHED_YET,
	CAMERA_PUBLISHED_THAT_DAY,
	CAMERA_NO_LEGAL,
	CAMERA_NO_TECH,
	CAMERA_NO_SOURCE,
	CAMERA_NO_DAY
};

static bool camera(struct maker *m, void *item)
{
	struct penalty *p = item;
	struct penalty_more *x = &p->more;

	penalty_set_fine(p, 1000 * YUAN);
	p->source = "monitoring";
	x->evidence_set = true;
	x->evidence_reviewed = p->notice;
	x->device_published = x->device_legal = x->device_tech = p->violated - 200;
	switch ((enum camera_plan)m->need.number) {
	case CAMERA_LAWFUL:
		break;
	case CAMERA_UNREVIEWED:
		x->evidence_reviewed = DAY_NONE;
		break;
	case CAMERA_REVIEWED_LATE:
		x->evidence_reviewed = p->notice + 1;
		break;
	case CAMERA_UNPUBLISHED_YET:
		x->device_published = p->violated + 1;
		break;
	case CAMERA_PUBLISHED_THAT_DAY:
		x->device_published = p->violated;
		break;
	case CAMERA_NO_LEGAL:
		x->device_legal = DAY_NONE;
		break;
	case CAMERA_NO_TECH:
		x->device_tech = DAY_NONE;
		break;
	case CAMERA_NO_SOURCE:
		p->source = NULL;
		x->evidence_reviewed = DAY_NONE;
		break;
	case CAMERA_NO_DAY:
		p->violated = DAY_NONE;
		break;
	}
	return true;
}

/* ---- planted: crime ---- */

static bool crime_penalised(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo_old(m, p, 60);
	penalty_set_fine(p, 5000 * YUAN);
	p->more.crime_suspected = m->need.number == 2 ? TRI_UNKNOWN : TRI_TRUE;
	if (m->need.number == 1)
		p->more.police_refused = p->filed + 10;
	return true;
}

/** need.number: filed so many days ago, still open. */
static bool crime_open(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo(m, p, maker_today(m) - m->need.number, DAY_NONE);
	p->more.crime_suspected = TRI_TRUE;
	return true;
}

static bool crime_stopped_first(struct maker *m, void *item)
{
	struct penalty *p = item;
	int32_t decided = random_workday(m, 20, 8);

	penalty_redo(m, p, decided - 40, decided);
	p->fine = p->confiscated = 0;
	p->penalty_count = 1;
	p->penalties[0] = (struct case_penalty){ "order_stop", -1 };
	p->hearing_eligible = p->major = TRI_TRUE;
	p->reviewed = p->discussed = decided;
	p->payment_count = 0;
	p->more.crime_suspected = TRI_TRUE;
	return true;
}

static bool crime_transferred(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo_old(m, p, 60);
	p->transferred_crime = p->filed + 9;
	p->more.crime_suspected = TRI_TRUE;
	return true;
}

/* ---- planted: correction ---- */

enum correction_plan { CORRECTION_NONE, CORRECTION_ENDED, CORRECTION_DOCUMENT, CORRECTION_UNKNOWN, CORRECTION_NO_PENALTY };

static bool correction(struct maker *m, void *item)
{
	struct penalty *p = item;
	struct penalty_more *x = &p->more;

	x->correction = TRI_FALSE;
	switch ((enum correction_plan)m->need.number) {
	case CORRECTION_NONE:
		break;
	case CORRECTION_ENDED:
		x->act_ended = TRI_TRUE;
		break;
	case CORRECTION_DOCUMENT:
		p->documents[p->document_count] = p->documents[0];
		p->documents[p->document_count++].kind = "correction";
		break;
	case CORRECTION_UNKNOWN:
		x->correction = TRI_UNKNOWN;
		break;
	case CORRECTION_NO_PENALTY:
		p->outcome = "not_penalised";
		p->fine = p->confiscated = 0;
		p->hearing_eligible = TRI_FALSE;
		p->penalty_count = p->payment_count = 0;
		break;
	}
	return true;
}

static const struct scenario scenarios[] = {
	{ "penalty-recusal-suspect", PLAN_HIT, 60, { GENERAL }, related },
	{ "penalty-recusal-suspect", PLAN_NEAR, 30, { GENERAL, .number = 1 }, related },
	{ "penalty-recusal-suspect", PLAN_NEAR, 60, { GENERAL }, unrelated },
	{ "penalty-nonsite-unreviewed", PLAN_HIT, 60, { GENERAL, .number = CAMERA_UNREVIEWED }, camera },
	{ "penalty-nonsite-unreviewed", PLAN_HIT, 30, { GENERAL, .number = CAMERA_REVIEWED_LATE }, camera },
	{ "penalty-nonsite-unreviewed", PLAN_NEAR, 60, { GENERAL, .number = CAMERA_LAWFUL }, camera },
	{ "penalty-nonsite-unreviewed", PLAN_UNKNOWN, 20, { GENERAL, .number = CAMERA_NO_SOURCE }, camera },
	{ "penalty-nonsite-device-invalid", PLAN_HIT, 30, { GENERAL, .number = CAMERA_UNPUBLISHED_YET }, camera },
	{ "penalty-nonsite-device-invalid", PLAN_HIT, 30, { GENERAL, .number = CAMERA_NO_LEGAL }, camera },
	{ "penalty-nonsite-device-invalid", PLAN_HIT, 30, { GENERAL, .number = CAMERA_NO_TECH }, camera },
	{ "penalty-nonsite-device-invalid", PLAN_NEAR, 40, { GENERAL, .number = CAMERA_PUBLISHED_THAT_DAY }, camera },
	{ "penalty-nonsite-device-invalid", PLAN_UNKNOWN, 20, { GENERAL, .number = CAMERA_NO_DAY }, camera },
	{ "penalty-crime-not-transferred", PLAN_HIT, 50, { GENERAL }, crime_penalised },
	{ "penalty-crime-not-transferred", PLAN_HIT, 20, { GENERAL, .number = IDLE_DAYS + 1 }, crime_open },
	{ "penalty-crime-not-transferred", PLAN_NEAR, 20, { GENERAL, .number = IDLE_DAYS }, crime_open },
	{ "penalty-crime-not-transferred", PLAN_NEAR, 40, { GENERAL }, crime_transferred },
	{ "penalty-crime-not-transferred", PLAN_EXEMPT, 20, { GENERAL, .number = 1 }, crime_penalised },
	{ "penalty-crime-not-transferred", PLAN_EXEMPT, 20, { GENERAL }, crime_stopped_first },
	{ "penalty-crime-not-transferred", PLAN_UNKNOWN, 20, { GENERAL, .number = 2 }, crime_penalised },
	{ "penalty-no-correction-order", PLAN_HIT, 250, { GENERAL, .number = CORRECTION_NONE }, correction },
	{ "penalty-no-correction-order", PLAN_NEAR, 60, { GENERAL, .number = CORRECTION_NO_PENALTY }, correction },
	{ "penalty-no-correction-order", PLAN_EXEMPT, 80, { GENERAL, .number = CORRECTION_ENDED }, correction },
	{ "penalty-no-correction-order", PLAN_EXEMPT, 40, { GENERAL, .number = CORRECTION_DOCUMENT }, correction },
	{ "penalty-no-correction-order", PLAN_UNKNOWN, 40, { GENERAL, .number = CORRECTION_UNKNOWN }, correction },
};

/* ---- verdicts ---- */

static enum verdict recusal(const void *item, const struct world *w)
{
	static const char *const close[] = { "relative", "interest", "former_party", NULL };
	const struct penalty *p = item;
	bool found = false;

	(void)w;
	for (int i = 0; i < p->officer_count && !p->limited; i++)
		found |= one_of(p->officers[i].relation, close) && !yes(p->officers[i].recused);
	return judge(FROM_2021, first_day(p->decided, p->filed), p->limited ? TRI_UNKNOWN : tri(found), TRI_FALSE);
}

static enum verdict unreviewed(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	int32_t reviewed = p->more.evidence_reviewed;

	(void)w;
	return judge(FROM_2021, p->decided,
		and3(is(p->source, "monitoring"), or3(tri(reviewed == DAY_NONE), later(reviewed, first_day(p->notice, p->decided)))),
		TRI_FALSE);
}

static enum verdict device_invalid(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct penalty_more *x = &p->more;
	bool missing = x->device_published == DAY_NONE || x->device_legal == DAY_NONE || x->device_tech == DAY_NONE;

	(void)w;
	return judge(FROM_2021, p->decided, and3(is(p->source, "monitoring"), or3(tri(missing), later(x->device_published, p->violated))),
		TRI_FALSE);
}

static enum verdict crime_kept(const void *item, const struct world *w)
{
	static const char *const before[] = { "warning", "order_stop", "licence_suspend", "licence_revoke", NULL };
	const struct penalty *p = item;
	bool kept = p->transferred_crime == DAY_NONE && p->crime_transferred == CIVIL_NONE;
	bool early = penalty_has_kind(p, before) && !penalty_has_kind_outside(p, before) && p->decided != DAY_NONE &&
	             w->o.today - p->decided <= IDLE_DAYS;
	enum tri idle = p->decided != DAY_NONE ? TRI_TRUE : p->filed == DAY_NONE ? TRI_UNKNOWN : tri(w->o.today - p->filed > IDLE_DAYS);

	return judge(FROM_2021, first_day(p->decided, w->o.today), and3(p->more.crime_suspected, and3(tri(kept), idle)),
		tri(p->more.police_refused != DAY_NONE || early));
}

static enum verdict no_correction(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	bool document = false;

	(void)w;
	for (int i = 0; i < p->document_count && !p->limited; i++)
		document |= strcmp(p->documents[i].kind, "correction") == 0;
	return judge(FROM_2021, p->decided, and3(tri(penalty_is_penalised(p)), not3(p->more.correction)),
		tri(yes(p->more.act_ended) || document));
}

static const struct planned_rule rules[] = {
	{ "penalty-recusal-suspect", recusal },
	{ "penalty-nonsite-unreviewed", unreviewed },
	{ "penalty-nonsite-device-invalid", device_invalid },
	{ "penalty-crime-not-transferred", crime_kept },
	{ "penalty-no-correction-order", no_correction },
};

const struct theme penalty_evidence = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
