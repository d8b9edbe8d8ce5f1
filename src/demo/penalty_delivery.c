/* The decision document and its service: what is planted and what the rules have to say about it. */
#include "demo/penalty.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* ---- planted: documents, delivery ---- */

static bool elements_remedy(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	penalty_decision_document(p)->has_remedy = TRI_FALSE;
	return true;
}

static bool elements_stamp(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	penalty_decision_document(p)->stamped = TRI_FALSE;
	return true;
}

static bool elements_evidence(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	penalty_decision_document(p)->has_evidence = TRI_FALSE;
	return true;
}

static bool elements_basis(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	penalty_decision_document(p)->has_basis = TRI_FALSE;
	return true;
}

static bool elements_spot_unstamped(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	penalty_decision_document(p)->stamped = penalty_decision_document(p)->has_evidence = TRI_FALSE;
	return true;
}

static bool elements_not_entered(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	penalty_decision_document(p)->has_performance = TRI_UNKNOWN;
	return true;
}

static bool delivered_on(struct maker *m, struct penalty *p, int more, int32_t started)
{
	penalty_redo_old(m, p, 60);
	p->delivered = workday_step(m->w->days, p->decided, 7) + more;
	p->delivery_started = started == DAY_NONE ? p->delivered : started;
	p->delivery_method = "direct";
	p->e_consent = DAY_NONE;
	penalty_close_after_delivery(m, p);
	penalty_fill(m, p);
	return true;
}

static bool delivered_eighth_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	return delivered_on(m, p, 1, DAY_NONE);
}

static bool delivered_late(struct maker *m, void *item)
{
	struct penalty *p = item;

	return delivered_on(m, p, (int)rng_in(&m->rng, 2, 25), DAY_NONE);
}

static bool delivered_seventh_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	return delivered_on(m, p, 0, DAY_NONE);
}

static bool delivered_started_in_time(struct maker *m, void *item)
{
	struct penalty *p = item;

	delivered_on(m, p, 12, DAY_NONE);
	p->delivery_started = workday_step(m->w->days, p->decided, 7);
	p->delivery_method = "post";
	return true;
}

static bool delivered_never(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo_old(m, p, 20);
	p->delivered = p->delivery_started = p->closed = p->e_consent = DAY_NONE;
	p->delivery_method = "direct";
	p->status = "decided";
	penalty_fill(m, p);
	return true;
}

static bool delivered_no_penalty(struct maker *m, void *item)
{
	struct penalty *p = item;

	delivered_on(m, p, 5, DAY_NONE);
	p->outcome = "not_penalised";
	p->fine = p->confiscated = 0;
	p->hearing_eligible = TRI_FALSE;
	p->penalty_count = p->payment_count = 0;
	return true;
}

static bool electronic(struct maker *m, struct penalty *p, int consent_after, bool consent)
{
	static const char *const methods[] = { "sms", "app", "email", "fax" };

	penalty_redo_old(m, p, 60);
	p->delivery_method = methods[rng_next(&m->rng) % COUNT(methods)];
	p->e_consent = consent ? p->delivered + consent_after : DAY_NONE;
	penalty_fill(m, p);
	return true;
}

static bool electronic_no_consent(struct maker *m, void *item)
{
	struct penalty *p = item;

	return electronic(m, p, 0, false);
}

static bool electronic_consent_next_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	return electronic(m, p, 1, true);
}

static bool electronic_consent_same_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	return electronic(m, p, 0, true);
}

static bool electronic_consent_in_file(struct maker *m, void *item)
{
	struct penalty *p = item;

	electronic(m, p, 0, true);
	p->e_consent = DAY_NONE;
	return true;
}

static bool electronic_otherwise(struct maker *m, void *item)
{
	struct penalty *p = item;

	electronic(m, p, 0, false);
	p->delivered_otherwise = TRI_TRUE;
	return true;
}

static bool electronic_unknown(struct maker *m, void *item)
{
	struct penalty *p = item;

	electronic(m, p, 0, false);
	p->delivery_method = NULL;
	return true;
}

static bool announced_for(struct maker *m, struct penalty *p, int days)
{
	penalty_redo_old(m, p, 90);
	p->announced = p->delivery_started = workday_step(m->w->days, p->decided, 3);
	p->deemed = p->delivered = p->announced + days;
	p->delivery_method = "announcement";
	p->e_consent = DAY_NONE;
	penalty_close_after_delivery(m, p);
	penalty_fill(m, p);
	return true;
}

static bool announced_29(struct maker *m, void *item)
{
	struct penalty *p = item;

	return announced_for(m, p, 29);
}

static bool announced_15(struct maker *m, void *item)
{
	struct penalty *p = item;

	return announced_for(m, p, 15);
}

static bool announced_30(struct maker *m, void *item)
{
	struct penalty *p = item;

	return announced_for(m, p, 30);
}

static bool announced_unknown(struct maker *m, void *item)
{
	struct penalty *p = item;

	announced_for(m, p, 31);
	p->deemed = DAY_NONE;
	return true;
}

static const struct scenario scenarios[] = {
	{ "penalty-doc-elements-missing", PLAN_HIT, 180, { GENERAL }, elements_remedy },
	{ "penalty-doc-elements-missing", PLAN_HIT, 70, { GENERAL }, elements_stamp },
	{ "penalty-doc-elements-missing", PLAN_HIT, 150, { GENERAL }, elements_evidence },
	{ "penalty-doc-elements-missing", PLAN_HIT, 90, { SIMPLE }, elements_basis },
	{ "penalty-doc-elements-missing", PLAN_NEAR, 150, { SIMPLE }, elements_spot_unstamped },
	{ "penalty-doc-elements-missing", PLAN_UNKNOWN, 60, { GENERAL }, elements_not_entered },
	{ "penalty-delivery-late", PLAN_HIT, 160, { GENERAL }, delivered_eighth_day },
	{ "penalty-delivery-late", PLAN_HIT, 900, { GENERAL }, delivered_late },
	{ "penalty-delivery-late", PLAN_HIT, 120, { GENERAL }, delivered_never },
	{ "penalty-delivery-late", PLAN_NEAR, 300, { GENERAL }, delivered_seventh_day },
	{ "penalty-delivery-late", PLAN_EXEMPT, 200, { GENERAL }, delivered_started_in_time },
	{ "penalty-delivery-late", PLAN_EXEMPT, 80, { GENERAL }, delivered_no_penalty },
	{ "penalty-e-delivery-no-consent", PLAN_HIT, 250, { GENERAL }, electronic_no_consent },
	{ "penalty-e-delivery-no-consent", PLAN_HIT, 70, { GENERAL }, electronic_consent_next_day },
	{ "penalty-e-delivery-no-consent", PLAN_NEAR, 150, { GENERAL }, electronic_consent_same_day },
	{ "penalty-e-delivery-no-consent", PLAN_EXEMPT, 90, { GENERAL }, electronic_consent_in_file },
	{ "penalty-e-delivery-no-consent", PLAN_EXEMPT, 60, { GENERAL }, electronic_otherwise },
	{ "penalty-e-delivery-no-consent", PLAN_UNKNOWN, 60, { GENERAL }, electronic_unknown },
	{ "penalty-announcement-short", PLAN_HIT, 90, { GENERAL }, announced_29 },
	{ "penalty-announcement-short", PLAN_HIT, 110, { GENERAL }, announced_15 },
	{ "penalty-announcement-short", PLAN_NEAR, 160, { GENERAL }, announced_30 },
	{ "penalty-announcement-short", PLAN_UNKNOWN, 30, { GENERAL }, announced_unknown },
};

/* ---- verdicts ---- */

static enum verdict doc_elements(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	bool any = false, simple = yes(is(p->procedure, "simple"));
	enum tri missing = TRI_FALSE;

	(void)w;
	for (int i = 0; i < p->document_count && !p->limited; i++) {
		const struct case_document *d = &p->documents[i];
		enum tri all;

		if (strcmp(d->kind, "decision") != 0)
			continue;
		any = true;
		all = and3(and3(and3(d->has_facts, d->has_kind), and3(d->has_basis, d->has_remedy)), d->has_agency);
		if (!simple)
			all = and3(and3(all, and3(d->has_party, d->has_evidence)), and3(and3(d->has_performance, d->has_date), d->stamped));
		missing = or3(missing, not3(all));
	}
	return judge(FROM_2021, p->decided, p->limited ? TRI_UNKNOWN : and3(tri(any), missing), TRI_FALSE);
}

static enum verdict delivery_late(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct day_facts *f = w->days;
	int32_t today = w->o.today;
	int32_t due = workday_step(f, p->decided, 7);
	bool exempt = yes(p->delivered_on_site) || yes(not_later(p->delivery_started, due)) || yes(not_later(p->announced, due)) ||
	              one_of(p->outcome, no_penalty);

	return judge(FROM_2021, p->decided, later(first_day(p->delivered, today), due), tri(exempt));
}

static enum verdict e_delivery(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	static const char *const electronic[] = { "fax", "email", "sms", "app", NULL };
	bool exempt = yes(p->delivered_otherwise);

	(void)w;
	for (int i = 0; i < p->document_count && !p->limited; i++) {
		const struct case_document *d = &p->documents[i];

		exempt |= strcmp(d->kind, "e_consent") == 0 && yes(not_later(first_day(d->signed_on, d->made), p->delivered));
	}
	return judge(FROM_2021, first_day(p->decided, p->delivered),
		and3(p->delivery_method ? tri(one_of(p->delivery_method, electronic)) : TRI_UNKNOWN,
			or3(tri(p->e_consent == DAY_NONE), later(p->e_consent, p->delivered))),
		tri(exempt));
}

static enum verdict announcement(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	int32_t due = p->announced == DAY_NONE ? DAY_NONE : p->announced + 30;

	(void)w;
	return judge(day_from_ymd(2022, 1, 1), first_day(p->decided, first_day(p->announced, p->filed)),
		and3(tri(p->announced != DAY_NONE), later(due, p->deemed)), TRI_FALSE);
}

static const struct planned_rule rules[] = {
	{ "penalty-doc-elements-missing", doc_elements },
	{ "penalty-delivery-late", delivery_late },
	{ "penalty-e-delivery-no-consent", e_delivery },
	{ "penalty-announcement-short", announcement },
};

const struct theme penalty_delivery = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
