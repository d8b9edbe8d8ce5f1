/* The right to a hearing and the hearing itself, legal review, collective deliberation, and decisions that differ from the notice. */
#include "demo/penalty.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define YUAN 100
#define POLICE_LAW day_from_ymd(2026, 1, 1)
#define POLICE_HEARING_FINE (4000 * YUAN)
#define REQUEST_WORKDAYS 5

/** A case in which a hearing must be offered, told in time. */
static void offer_hearing(struct maker *m, struct penalty *p)
{
	int32_t decided = random_workday(m, 600, 40);

	penalty_redo(m, p, decided - 80, decided);
	penalty_set_fine(p, 200000 * YUAN);
	p->hearing_eligible = p->major = TRI_TRUE;
	p->notice = p->investigated = workday_step(m->w->days, decided, -25);
	p->reviewed = p->discussed = decided;
	penalty_fill(m, p);
}

static void hold_hearing(struct maker *m, struct penalty *p)
{
	const struct day_facts *f = m->w->days;

	offer_hearing(m, p);
	p->hearing_requested = workday_step(f, p->notice, 2);
	p->hearing = workday_step(f, p->decided, -4);
	p->hearing_notice = workday_step(f, p->hearing, -9);
}

/* ---- planted: right to a hearing ---- */

static bool untold(struct maker *m, void *item)
{
	struct penalty *p = item;

	offer_hearing(m, p);
	p->more.right_told = TRI_FALSE;
	return true;
}

static bool told(struct maker *m, void *item)
{
	offer_hearing(m, item);
	return true;
}

static bool untold_but_held(struct maker *m, void *item)
{
	struct penalty *p = item;

	hold_hearing(m, p);
	p->more.right_told = TRI_FALSE;
	return true;
}

static bool told_unknown(struct maker *m, void *item)
{
	struct penalty *p = item;

	offer_hearing(m, p);
	p->more.right_told = TRI_UNKNOWN;
	return true;
}

/** need.number: the fine in fen. */
static bool police_untold(struct maker *m, void *item)
{
	struct penalty *p = item;
	int32_t decided = penalty_police_day(m, 30);

	if (decided == DAY_NONE)
		return false;
	penalty_redo(m, p, decided - 20, decided);
	penalty_set_fine(p, m->need.number);
	p->more.right_told = TRI_FALSE;
	return true;
}

/* ---- planted: requested hearing ---- */

/** need.number: requested so many workdays after the notice. */
static bool requested(struct maker *m, void *item)
{
	struct penalty *p = item;

	offer_hearing(m, p);
	p->hearing_requested = workday_step(m->w->days, p->notice, m->need.number);
	return true;
}

static bool requested_withdrawn(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->more.withdrawn = TRI_TRUE;
	return requested(m, p);
}

static bool requested_defaulted(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->more.defaulted = TRI_TRUE;
	return requested(m, p);
}

static bool requested_unknown(struct maker *m, void *item)
{
	struct penalty *p = item;

	requested(m, p);
	p->notice = DAY_NONE;
	return true;
}

static bool host_investigated(struct maker *m, void *item)
{
	struct penalty *p = item;

	hold_hearing(m, p);
	p->more.host_set = true;
	p->more.host_cert = p->officers[0].cert_no;
	p->more.host_name = p->officers[0].name;
	return true;
}

static bool host_other(struct maker *m, void *item)
{
	hold_hearing(m, item);
	return true;
}

/* ---- planted: review and deliberation ---- */

enum review_plan { REVIEW_NONE, REVIEW_LATE, REVIEW_FAILED, REVIEW_SAME_DAY, REVIEW_FLAG };

static bool review(struct maker *m, void *item)
{
	struct penalty *p = item;
	struct penalty_more *x = &p->more;

	penalty_redo_old(m, p, 40);
	penalty_set_fine(p, 3000 * YUAN);
	p->discussed = p->decided;
	x->public_interest = TRI_TRUE;
	switch ((enum review_plan)m->need.number) {
	case REVIEW_NONE:
		break;
	case REVIEW_LATE:
		p->reviewed = p->decided + 1;
		break;
	case REVIEW_FAILED:
		p->reviewed = p->decided;
		x->review_passed = TRI_FALSE;
		break;
	case REVIEW_SAME_DAY:
		p->reviewed = p->decided;
		x->review_passed = TRI_TRUE;
		break;
	case REVIEW_FLAG:
		x->reviewed_flag = TRI_TRUE;
		break;
	}
	return true;
}

static bool review_required(struct maker *m, void *item)
{
	struct penalty *p = item;

	review(m, p);
	p->more.public_interest = TRI_FALSE;
	p->more.review_required = TRI_TRUE;
	return true;
}

static bool review_only_major(struct maker *m, void *item)
{
	struct penalty *p = item;

	review(m, p);
	p->more.public_interest = TRI_FALSE;
	p->major = TRI_TRUE;
	return true;
}

/** need.number: deliberated so many days after the decision. */
static bool deliberated(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_redo_old(m, p, 40);
	penalty_set_fine(p, 3000 * YUAN);
	p->more.complex_case = TRI_TRUE;
	p->reviewed = p->decided;
	p->discussed = p->decided + m->need.number;
	return true;
}

static bool not_deliberated(struct maker *m, void *item)
{
	struct penalty *p = item;

	deliberated(m, p);
	p->discussed = DAY_NONE;
	return true;
}

static bool deliberated_flag(struct maker *m, void *item)
{
	struct penalty *p = item;

	not_deliberated(m, p);
	p->more.discussed_flag = TRI_TRUE;
	return true;
}

static bool revoked_without_deliberation(struct maker *m, void *item)
{
	struct penalty *p = item;

	offer_hearing(m, p);
	p->discussed = DAY_NONE;
	p->penalties[p->penalty_count++] = (struct case_penalty){ "licence_revoke", -1 };
	return true;
}

/* ---- planted: the notice and the decision ---- */

/** need.number: so many fen more than in the notice. */
static bool heavier(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_set_fine(p, 3000 * YUAN);
	p->more.notice_set = true;
	p->more.notice_fine = p->fine - m->need.number;
	return true;
}

static bool heavier_for_defence(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->more.aggravated = TRI_TRUE;
	return heavier(m, p);
}

static bool other_kind(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->more.kind_text = "罚款、暂扣许可证件";
	p->more.notice_kind = "罚款";
	return heavier(m, p);
}

static bool heavier_renotified(struct maker *m, void *item)
{
	struct penalty *p = item;

	if (p->document_count == CASE_ROWS_MAX || p->document_count == 0)
		return false;
	p->documents[p->document_count] = p->documents[0];
	p->documents[p->document_count].kind = "renotice";
	p->documents[p->document_count].made = p->documents[p->document_count].delivered = p->documents[p->document_count].signed_on =
		p->decided;
	p->document_count++;
	return heavier(m, p);
}

static bool notice_fine_unknown(struct maker *m, void *item)
{
	struct penalty *p = item;

	heavier(m, p);
	p->more.notice_fine = NO_MONEY;
	return true;
}

static const struct scenario scenarios[] = {
	{ "penalty-hearing-right-not-told", PLAN_HIT, 80, { GENERAL }, untold },
	{ "penalty-hearing-right-not-told", PLAN_HIT, 20, { POLICE, .number = POLICE_HEARING_FINE }, police_untold },
	{ "penalty-hearing-right-not-told", PLAN_NEAR, 20, { POLICE, .number = POLICE_HEARING_FINE - 1 }, police_untold },
	{ "penalty-hearing-right-not-told", PLAN_NEAR, 60, { GENERAL }, told },
	{ "penalty-hearing-right-not-told", PLAN_EXEMPT, 30, { GENERAL }, untold_but_held },
	{ "penalty-hearing-right-not-told", PLAN_UNKNOWN, 20, { GENERAL }, told_unknown },
	{ "penalty-hearing-not-held", PLAN_HIT, 40, { GENERAL, .number = 5 }, requested },
	{ "penalty-hearing-not-held", PLAN_NEAR, 40, { GENERAL, .number = 6 }, requested },
	{ "penalty-hearing-not-held", PLAN_EXEMPT, 30, { GENERAL, .number = 3 }, requested_withdrawn },
	{ "penalty-hearing-not-held", PLAN_EXEMPT, 20, { GENERAL, .number = 3 }, requested_defaulted },
	{ "penalty-hearing-not-held", PLAN_UNKNOWN, 20, { GENERAL, .number = 3 }, requested_unknown },
	{ "penalty-hearing-host-conflict", PLAN_HIT, 40, { GENERAL }, host_investigated },
	{ "penalty-hearing-host-conflict", PLAN_NEAR, 60, { GENERAL }, host_other },
	{ "penalty-legal-review-missing", PLAN_HIT, 60, { GENERAL, .number = REVIEW_NONE }, review },
	{ "penalty-legal-review-missing", PLAN_HIT, 60, { GENERAL, .number = REVIEW_NONE }, review_required },
	{ "penalty-legal-review-missing", PLAN_HIT, 30, { GENERAL, .number = REVIEW_LATE }, review },
	{ "penalty-legal-review-missing", PLAN_HIT, 30, { GENERAL, .number = REVIEW_FAILED }, review },
	{ "penalty-legal-review-missing", PLAN_NEAR, 60, { GENERAL, .number = REVIEW_SAME_DAY }, review },
	{ "penalty-legal-review-missing", PLAN_NEAR, 30, { GENERAL, .number = REVIEW_FLAG }, review_required },
	{ "penalty-legal-review-missing", PLAN_NEAR, 30, { GENERAL, .number = REVIEW_NONE }, review_only_major },
	{ "penalty-no-collective-discussion", PLAN_HIT, 60, { GENERAL }, not_deliberated },
	{ "penalty-no-collective-discussion", PLAN_HIT, 30, { GENERAL }, revoked_without_deliberation },
	{ "penalty-no-collective-discussion", PLAN_HIT, 30, { GENERAL, .number = 1 }, deliberated },
	{ "penalty-no-collective-discussion", PLAN_NEAR, 60, { GENERAL, .number = 0 }, deliberated },
	{ "penalty-no-collective-discussion", PLAN_NEAR, 30, { GENERAL }, deliberated_flag },
	{ "penalty-notice-decision-mismatch", PLAN_HIT, 60, { GENERAL, .number = 1 }, heavier },
	{ "penalty-notice-decision-mismatch", PLAN_HIT, 30, { GENERAL, .number = 100000 }, heavier_for_defence },
	{ "penalty-notice-decision-mismatch", PLAN_HIT, 30, { GENERAL, .number = 0 }, other_kind },
	{ "penalty-notice-decision-mismatch", PLAN_NEAR, 60, { GENERAL, .number = 0 }, heavier },
	{ "penalty-notice-decision-mismatch", PLAN_NEAR, 40, { GENERAL, .number = -50000 }, heavier },
	{ "penalty-notice-decision-mismatch", PLAN_EXEMPT, 40, { GENERAL, .number = 100000 }, heavier_renotified },
	{ "penalty-notice-decision-mismatch", PLAN_UNKNOWN, 30, { GENERAL }, notice_fine_unknown },
};

/* ---- verdicts ---- */

static bool has_hearing(const struct penalty *p)
{
	return p->hearing != DAY_NONE || yes(p->more.hearing_held);
}

static enum verdict right_not_told(const void *item, const struct world *w)
{
	static const char *const grave[] = { "qualification_lower", "licence_revoke", "order_stop", "order_close", "restrict_work", NULL };
	const struct penalty *p = item;
	enum tri large = p->fine == NO_MONEY ? TRI_UNKNOWN : tri(p->fine >= POLICE_HEARING_FINE);
	enum tri eligible = or3(tri(yes(p->hearing_eligible) || penalty_has_kind(p, grave)),
		and3(and3(is(p->domain, "public_security"), tri(p->decided >= POLICE_LAW)), large));

	(void)w;
	return judge(
		FROM_2021, p->decided, and3(tri(penalty_is_penalised(p)), and3(eligible, not3(p->more.right_told))), tri(has_hearing(p)));
}

static enum verdict hearing_not_held(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	enum tri in_time = p->hearing_requested == DAY_NONE
	                           ? TRI_FALSE
	                           : not_later(p->hearing_requested, workday_step(w->days, p->notice, REQUEST_WORKDAYS));

	return judge(FROM_2021, p->decided, and3(in_time, tri(!has_hearing(p))), tri(yes(p->more.withdrawn) || yes(p->more.defaulted)));
}

static enum verdict host_conflict(const void *item, const struct world *w)
{
	static const char *const probing[] = { "inspection", "investigation", "inquiry", "sampling", NULL };
	const struct penalty *p = item;
	struct str host = p->more.host_cert;
	bool took_part = false;

	(void)w;
	for (int i = 0; i < p->officer_count && host.ptr; i++) {
		const struct case_officer *o = &p->officers[i];

		took_part |= one_of(o->stage, probing) && yes(is(o->role, "enforcement")) && o->cert_no.ptr && str_eq(o->cert_no, host);
	}
	return judge(FROM_2021, first_day(p->hearing, p->decided), and3(tri(has_hearing(p)), p->limited ? TRI_UNKNOWN : tri(took_part)),
		TRI_FALSE);
}

static enum verdict review_missing(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct penalty_more *x = &p->more;
	bool needed = yes(x->public_interest) || yes(x->review_required) || yes(x->complex_case) || (yes(p->major) && has_hearing(p));
	bool bad =
		x->review_passed == TRI_FALSE || yes(later(p->reviewed, p->decided)) || (p->reviewed == DAY_NONE && !yes(x->reviewed_flag));

	(void)w;
	return judge(FROM_2021, p->decided, tri(penalty_is_penalised(p) && needed && bad), TRI_FALSE);
}

static enum verdict no_deliberation(const void *item, const struct world *w)
{
	static const char *const grave[] = { "licence_revoke", "order_stop", "order_close", "restrict_work", NULL };
	const struct penalty *p = item;
	bool needed = yes(p->more.complex_case) || yes(p->major) || penalty_has_kind(p, grave);
	bool bad = yes(later(p->discussed, p->decided)) || (p->discussed == DAY_NONE && !yes(p->more.discussed_flag));

	(void)w;
	return judge(FROM_2021, p->decided, tri(penalty_is_penalised(p) && needed && bad), TRI_FALSE);
}

static enum verdict notice_mismatch(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct penalty_more *x = &p->more;
	enum tri more = p->fine == NO_MONEY || x->notice_fine == NO_MONEY ? TRI_UNKNOWN : tri(p->fine > x->notice_fine);
	bool kinds = x->kind_text && x->notice_kind && strcmp(x->kind_text, x->notice_kind) != 0, again = false;

	(void)w;
	for (int i = 0; i < p->document_count && !p->limited; i++) {
		const struct case_document *d = &p->documents[i];

		again |= strcmp(d->kind, "renotice") == 0 && yes(not_later(first_day(d->delivered, d->signed_on), p->decided));
	}
	return judge(FROM_2021, p->decided, and3(tri(penalty_is_penalised(p)), or3(more, tri(kinds))), tri(again));
}

static const struct planned_rule rules[] = {
	{ "penalty-hearing-right-not-told", right_not_told },
	{ "penalty-hearing-not-held", hearing_not_held },
	{ "penalty-hearing-host-conflict", host_conflict },
	{ "penalty-legal-review-missing", review_missing },
	{ "penalty-no-collective-discussion", no_deliberation },
	{ "penalty-notice-decision-mismatch", notice_mismatch },
};

const struct theme penalty_review = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
