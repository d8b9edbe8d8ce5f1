/* Prior notice and hearing: what is planted and what the rules have to say about it. */
#include "demo/penalty.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define YUAN 100

/* ---- planted: notice, hearing ---- */

static bool notice_none(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_set_fine(p, 3000 * YUAN);
	p->notice = DAY_NONE;
	penalty_fill(m, p);
	return true;
}

static bool notice_late(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo_old(m, p, 30);
	penalty_set_fine(p, 3000 * YUAN);
	p->notice = p->decided + 1;
	penalty_fill(m, p);
	return true;
}

static bool notice_same_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_set_fine(p, 3000 * YUAN);
	p->notice = p->decided;
	penalty_fill(m, p);
	return true;
}

static bool notice_in_file(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_set_fine(p, 3000 * YUAN);
	penalty_fill(m, p); /* the document stays, the date is not in the record */
	p->notice = DAY_NONE;
	return true;
}

static bool notice_spot_unrecorded(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	p->notice = DAY_NONE;
	p->onspot_notice = TRI_FALSE;
	return true;
}

static bool notice_spot_recorded(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	p->notice = DAY_NONE;
	p->onspot_notice = TRI_TRUE;
	return true;
}

static bool notice_spot_unknown(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	p->notice = DAY_NONE;
	p->onspot_notice = TRI_UNKNOWN;
	return true;
}

/** Right to a hearing; the decision follows the notice by so many working days. */
static bool window_of(struct maker *m, struct penalty *p, int workdays)
{
	penalty_set_fine(p, 200000 * YUAN);
	p->hearing_eligible = p->major = TRI_TRUE;
	p->notice = p->investigated = workday_step(m->w->days, p->decided, -workdays);
	p->reviewed = p->discussed = p->decided;
	penalty_fill(m, p);
	return p->notice > p->filed;
}

static bool window_fifth_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	return window_of(m, p, 5);
}

static bool window_second_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	return window_of(m, p, 2);
}

static bool window_sixth_day(struct maker *m, void *item)
{
	struct penalty *p = item;

	return window_of(m, p, 6);
}

static bool window_waived(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->hearing_waived = p->decided;
	return window_of(m, p, 3);
}

static bool window_no_notice(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_set_fine(p, 200000 * YUAN);
	p->hearing_eligible = TRI_TRUE;
	p->notice = DAY_NONE;
	penalty_fill(m, p);
	return true;
}

static bool hearing_after(struct maker *m, struct penalty *p, int workdays, enum tri consent)
{
	const struct day_facts *f = m->w->days;
	int32_t decided = random_workday(m, 700, 30);

	penalty_redo(m, p, decided - 80, decided);
	penalty_set_fine(p, 200000 * YUAN);
	p->hearing_eligible = p->major = TRI_TRUE;
	p->notice = p->investigated = workday_step(f, decided, -25);
	p->hearing_requested = workday_step(f, p->notice, 2);
	p->hearing = workday_step(f, decided, -4);
	p->hearing_notice = workday_step(f, p->hearing, -workdays);
	p->early_consent = consent;
	p->reviewed = p->discussed = decided;
	penalty_fill(m, p);
	return p->notice > p->filed;
}

static bool hearing_six(struct maker *m, void *item)
{
	struct penalty *p = item;

	return hearing_after(m, p, 6, TRI_FALSE);
}

static bool hearing_three(struct maker *m, void *item)
{
	struct penalty *p = item;

	return hearing_after(m, p, 3, TRI_UNKNOWN);
}

static bool hearing_seven(struct maker *m, void *item)
{
	struct penalty *p = item;

	return hearing_after(m, p, 7, TRI_FALSE);
}

static bool hearing_agreed(struct maker *m, void *item)
{
	struct penalty *p = item;

	return hearing_after(m, p, 4, TRI_TRUE);
}

static bool hearing_unknown(struct maker *m, void *item)
{
	struct penalty *p = item;
	bool ok = hearing_after(m, p, 9, TRI_FALSE);

	p->hearing_notice = DAY_NONE;
	return ok;
}

static const struct scenario scenarios[] = {
	{ "penalty-no-prior-notice", PLAN_HIT, 260, { GENERAL }, notice_none },
	{ "penalty-no-prior-notice", PLAN_HIT, 80, { GENERAL }, notice_late },
	{ "penalty-no-prior-notice", PLAN_HIT, 90, { SIMPLE }, notice_spot_unrecorded },
	{ "penalty-no-prior-notice", PLAN_NEAR, 160, { GENERAL }, notice_same_day },
	{ "penalty-no-prior-notice", PLAN_NEAR, 60, { SIMPLE }, notice_spot_recorded },
	{ "penalty-no-prior-notice", PLAN_EXEMPT, 120, { GENERAL }, notice_in_file },
	{ "penalty-no-prior-notice", PLAN_UNKNOWN, 60, { SIMPLE }, notice_spot_unknown },
	{ "penalty-before-hearing-window", PLAN_HIT, 90, { GENERAL }, window_fifth_day },
	{ "penalty-before-hearing-window", PLAN_HIT, 180, { GENERAL }, window_second_day },
	{ "penalty-before-hearing-window", PLAN_NEAR, 160, { GENERAL }, window_sixth_day },
	{ "penalty-before-hearing-window", PLAN_EXEMPT, 90, { GENERAL }, window_waived },
	{ "penalty-before-hearing-window", PLAN_UNKNOWN, 30, { GENERAL }, window_no_notice },
	{ "penalty-hearing-notice-late", PLAN_HIT, 100, { GENERAL }, hearing_six },
	{ "penalty-hearing-notice-late", PLAN_HIT, 140, { GENERAL }, hearing_three },
	{ "penalty-hearing-notice-late", PLAN_NEAR, 140, { GENERAL }, hearing_seven },
	{ "penalty-hearing-notice-late", PLAN_EXEMPT, 50, { GENERAL }, hearing_agreed },
	{ "penalty-hearing-notice-late", PLAN_UNKNOWN, 30, { GENERAL }, hearing_unknown },
};

/* ---- verdicts ---- */

static bool is_notice(const struct case_document *d)
{
	return strcmp(d->kind, "notice") == 0 || strcmp(d->kind, "renotice") == 0;
}

static enum verdict no_prior_notice(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	enum tri late = or3(tri(p->notice == DAY_NONE), later(p->notice, p->decided));
	enum tri unrecorded = yes(is(p->procedure, "simple")) ? not3(p->onspot_notice) : TRI_TRUE;
	bool document = false;

	(void)w;
	for (int i = 0; i < p->document_count && !p->limited; i++) {
		const struct case_document *d = &p->documents[i];

		document |= is_notice(d) && yes(not_later(first_day(d->delivered, d->signed_on), p->decided)) && not_false(d->has_facts) &&
		            not_false(d->has_reasons) && not_false(d->has_basis) && not_false(d->has_rights);
	}
	return judge(FROM_2021, p->decided, and3(and3(tri(penalty_is_penalised(p)), late), unrecorded), tri(document));
}

static enum verdict before_hearing_window(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct day_facts *f = w->days;
	static const char *const grave[] = { "qualification_lower", "licence_revoke", "order_stop", "order_close", "restrict_work", NULL };
	int32_t told = p->notice;

	for (int i = 0; i < p->document_count && p->notice == DAY_NONE && !p->limited; i++)
		if (is_notice(&p->documents[i]) && p->documents[i].delivered != DAY_NONE &&
			(told == DAY_NONE || p->documents[i].delivered > told))
			told = p->documents[i].delivered;
	return judge(FROM_2021, p->decided,
		and3(tri((yes(p->hearing_eligible) || penalty_has_kind(p, grave)) && p->hearing_requested == DAY_NONE),
			not_later(p->decided, workday_step(f, told, 5))),
		not_later(p->hearing_waived, p->decided));
}

static enum verdict hearing_notice_late(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct day_facts *f = w->days;

	return judge(FROM_2021, first_day(p->hearing, first_day(p->decided, p->filed)),
		and3(tri(p->hearing != DAY_NONE), later(p->hearing_notice, workday_step(f, p->hearing, -7))), p->early_consent);
}

static const struct planned_rule rules[] = {
	{ "penalty-no-prior-notice", no_prior_notice },
	{ "penalty-before-hearing-window", before_hearing_window },
	{ "penalty-hearing-notice-late", hearing_notice_late },
};

const struct theme penalty_hearing = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
