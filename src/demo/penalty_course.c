/* The record of the whole process and the order of its steps: what is planted and what the rules have to say about it. */
#include "demo/penalty.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* ---- planted: records, order ---- */

static bool record_no_text(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->stages[rng_next(&m->rng) % (uint64_t)p->stage_count].text = TRI_FALSE;
	return true;
}

static bool record_no_video(struct maker *m, void *item)
{
	struct penalty *p = item;
	struct case_stage *s = &p->stages[rng_next(&m->rng) % (uint64_t)p->stage_count];

	s->av_required = TRI_TRUE;
	s->av = TRI_FALSE;
	return true;
}

static bool record_failure_explained(struct maker *m, void *item)
{
	struct penalty *p = item;
	struct case_stage *s = &p->stages[rng_next(&m->rng) % (uint64_t)p->stage_count];

	s->av_required = s->explained = TRI_TRUE;
	s->av = TRI_FALSE;
	return true;
}

static bool record_optional_stage(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	p->stages[p->stage_count++] = (struct case_stage){ .stage = "discussion",
		.from = p->decided,
		.to = p->decided,
		.required = TRI_FALSE,
		.text = TRI_FALSE,
		.av_required = TRI_FALSE,
		.av = TRI_FALSE,
		.explained = TRI_FALSE };
	return true;
}

static bool record_not_entered(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	p->stages[0].text = TRI_UNKNOWN;
	return true;
}

static bool review_after(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo_old(m, p, 30);
	p->reviewed = p->decided + (int32_t)rng_in(&m->rng, 1, 6);
	return true;
}

static bool discussion_after(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo_old(m, p, 30);
	p->discussed = p->decided + 1;
	return true;
}

static bool investigation_after_notice(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->investigated = p->notice + 1;
	penalty_fill(m, p);
	return true;
}

static bool filing_after(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo_old(m, p, 60);
	p->filed = p->decided + 1;
	return true;
}

static bool order_same_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	p->reviewed = p->discussed = p->decided;
	p->investigated = p->notice;
	return true;
}

static bool order_renotified(struct maker *m, void *item)
{
	struct penalty *p = item;

	investigation_after_notice(m, p);
	if (p->document_count < CASE_ROWS_MAX) {
		p->documents[p->document_count] = p->documents[0];
		p->documents[p->document_count].kind = "renotice";
		p->documents[p->document_count].made = p->documents[p->document_count].delivered =
			p->documents[p->document_count].signed_on = p->investigated;
		p->document_count++;
	}
	return p->investigated <= p->decided;
}

static bool order_urgent(struct maker *m, void *item)
{
	struct penalty *p = item;

	filing_after(m, p);
	p->urgent = TRI_TRUE;
	return true;
}

static const struct scenario scenarios[] = {
	{ "penalty-record-missing", PLAN_HIT, 400, { GENERAL }, record_no_text },
	{ "penalty-record-missing", PLAN_HIT, 350, { GENERAL }, record_no_video },
	{ "penalty-record-missing", PLAN_NEAR, 160, { GENERAL }, record_optional_stage },
	{ "penalty-record-missing", PLAN_EXEMPT, 120, { GENERAL }, record_failure_explained },
	{ "penalty-record-missing", PLAN_UNKNOWN, 60, { GENERAL }, record_not_entered },
	{ "penalty-order-inverted", PLAN_HIT, 200, { GENERAL }, review_after },
	{ "penalty-order-inverted", PLAN_HIT, 90, { GENERAL }, discussion_after },
	{ "penalty-order-inverted", PLAN_HIT, 200, { GENERAL }, investigation_after_notice },
	{ "penalty-order-inverted", PLAN_HIT, 90, { GENERAL }, filing_after },
	{ "penalty-order-inverted", PLAN_NEAR, 200, { GENERAL }, order_same_day },
	{ "penalty-order-inverted", PLAN_EXEMPT, 90, { GENERAL }, order_renotified },
	{ "penalty-order-inverted", PLAN_EXEMPT, 40, { GENERAL }, order_urgent },
};

/* ---- verdicts ---- */

static enum verdict record_missing(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	enum tri text = TRI_FALSE, av = TRI_FALSE;
	bool unexplained = false;

	(void)w;
	for (int i = 0; i < p->stage_count; i++) {
		const struct case_stage *s = &p->stages[i];

		if (not_false(s->required))
			text = or3(text, not3(s->text));
		if (yes(s->av_required))
			av = or3(av, not3(s->av));
		unexplained |= yes(s->av_required) && yes(not3(s->av)) && !yes(s->explained);
	}
	return judge(FROM_2021, first_day(p->decided, p->filed), p->limited ? TRI_UNKNOWN : or3(text, av),
		p->limited ? TRI_UNKNOWN : and3(not3(text), tri(!unexplained)));
}

static enum verdict order_inverted(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	bool notice = yes(later(p->notice, p->decided)), filed = yes(later(p->filed, p->decided));
	bool reviewed = yes(later(p->reviewed, p->decided)), discussed = yes(later(p->discussed, p->decided));
	bool investigated = yes(later(p->investigated, p->notice)), renotice = false;

	(void)w;
	for (int i = 0; i < p->document_count && !p->limited; i++) {
		const struct case_document *d = &p->documents[i];

		renotice |= strcmp(d->kind, "renotice") == 0 && yes(not_later(p->investigated, d->delivered)) &&
		            yes(not_later(d->delivered, p->decided));
	}
	return judge(FROM_2021, p->decided, tri(notice || filed || reviewed || discussed || investigated),
		tri((!notice && !filed && !reviewed && !discussed && renotice) ||
			(yes(p->urgent) && filed && !notice && !reviewed && !discussed && !investigated)));
}

static const struct planned_rule rules[] = {
	{ "penalty-record-missing", record_missing },
	{ "penalty-order-inverted", order_inverted },
};

const struct theme penalty_course = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
