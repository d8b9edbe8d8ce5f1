/* Instruments of the supervision bodies: who issues what about which problem, replies, objections, checks, publication. */
#include "demo/work.h"

struct letter {
	struct agency *agency;
	int64_t number;
	int32_t today;
	const char *kind, *issuer, *problem, *rectified, *personnel, *deid;
	enum tri established, in_recon, in_litigation, local_format, plan_agreed, pending_materials, by_cert_issuer;
	bool gov_approved;
	enum tri major_special;
	int items, repeated; /* -1 none */
	int32_t issued, received, due, extended_to, replied, proposed, verified, closed, objection, objection_handled, approved;
};

static bool is_kind(const struct letter *l, const char *kind)
{
	return l->kind && strcmp(l->kind, kind) == 0;
}

static const char *const requests[] = { "explain_request", "material_request", NULL };
static const char *const rectifying[] = { "urging_letter", "supervision_opinion", "supervision_decision", NULL };

/** The reply, the check and the closing, in time. */
static void answer(struct maker *m, struct letter *l)
{
	l->due = l->received == DAY_NONE ? DAY_NONE : l->received + (is_kind(l, "urging_letter") ? 15 : 30);
	l->extended_to = DAY_NONE;
	l->replied = l->due == DAY_NONE ? DAY_NONE : past(m, l->due - (int32_t)rng_in(&m->rng, 0, 10));
	l->rectified = l->replied == DAY_NONE ? NULL : "done";
	l->verified = l->closed = DAY_NONE;
	if (one_of(l->kind, rectifying) && l->replied != DAY_NONE)
		l->verified = l->closed = past(m, workday_step(m->w->days, l->replied, (int)rng_in(&m->rng, 2, 20)));
}

/** A lawful instrument of the kind, issued on the day. */
static void lay_out(struct maker *m, struct letter *l, const char *kind, int32_t issued)
{
	static const char *const answered[] = { "urging_letter", "supervision_opinion", "supervision_decision", "explain_request", NULL };
	bool decision = strcmp(kind, "supervision_decision") == 0;

	l->kind = kind;
	l->issuer = decision                                                                    ? "government"
	            : strcmp(kind, "assist_request") == 0 || strcmp(kind, "feedback_form") == 0 ? "township"
	                                                                                        : "body";
	l->problem = strcmp(kind, "urging_letter") == 0 ? "inaction" : "illegal_procedure";
	l->established = tri(strcmp(kind, "explain_request") != 0 && strcmp(kind, "material_request") != 0);
	l->in_recon = l->in_litigation = l->local_format = l->plan_agreed = l->pending_materials = l->by_cert_issuer = TRI_FALSE;
	l->gov_approved = decision;
	l->issued = issued;
	l->received = past(m, issued + (int32_t)rng_in(&m->rng, 0, 2));
	l->due = l->extended_to = l->replied = l->proposed = l->verified = l->closed = l->objection = l->objection_handled = l->approved =
		DAY_NONE;
	l->rectified = NULL;
	l->personnel = strcmp(kind, "personnel_suggestion") == 0 ? "suggestion" : "none";
	l->deid = NULL;
	l->major_special = TRI_FALSE;
	l->items = l->repeated = -1;
	if (one_of(kind, requests)) {
		l->items = (int)rng_in(&m->rng, 2, 12);
		l->repeated = (int)rng_in(&m->rng, 0, l->items / 2);
	}
	if (one_of(kind, answered)) {
		answer(m, l);
		if (l->received != DAY_NONE && rng_chance(&m->rng, 50)) {
			l->objection = past(m, l->received + 3);
			l->objection_handled =
				l->objection == DAY_NONE ? DAY_NONE : past(m, l->objection + (int32_t)rng_in(&m->rng, 3, 14));
		}
	}
	if (strcmp(kind, "circular") == 0) {
		l->approved = issued - (int32_t)rng_in(&m->rng, 0, 3);
		l->deid = "passed";
	}
}

#define CLUSTER_INDEX_MAX 36
#define CLUSTER_OF 12

static void make(struct maker *m, int64_t index, void *item)
{
	static const struct weighted kinds[] = { { "explain_request", 220 }, { "material_request", 140 }, { "supervision_opinion", 200 },
		{ "urging_letter", 150 }, { "feedback_letter", 100 }, { "suggestion_letter", 40 }, { "interview_notice", 25 },
		{ "upper_notice", 25 }, { "handling_proposal", 15 }, { "supervision_decision", 10 }, { "guide_notice", 20 },
		{ "personnel_suggestion", 15 }, { "transfer_supervisory", 10 }, { "circular", 15 }, { "assist_request", 20 },
		{ "feedback_form", 15 } };
	struct letter *l = item;

	*l = (struct letter){ .agency = choose_supervised(m), .number = index + 1, .today = maker_today(m) };
	lay_out(m, l, choose_weighted(&m->rng, kinds, COUNT(kinds)), random_workday(m, rng_chance(&m->rng, 750) ? 147 : 400, 1));
	if (index < CLUSTER_INDEX_MAX &&
		index % 2 == 1) { /* many requests to one agency within a month; the last of them of a major action */
		int cluster = (int)(index / CLUSTER_OF);

		l->agency = &m->w->agencies.v[cluster];
		lay_out(m, l, "explain_request", maker_today(m) - 90 + (int32_t)(index % CLUSTER_OF) * 2);
		l->major_special = tri(cluster == 2);
	}
}

/* ---- planted: replies ---- */

static void old(struct maker *m, struct letter *l, const char *kind)
{
	lay_out(m, l, kind, random_workday(m, 140, 75));
	l->objection = l->objection_handled = DAY_NONE;
}

static bool replied(struct maker *m, struct letter *l, const char *kind, int32_t due, int more)
{
	l->replied = due + more;
	l->rectified = "done";
	l->verified = l->closed = one_of(kind, rectifying) ? past(m, workday_step(m->w->days, l->replied, 3)) : DAY_NONE;
	return true;
}

static bool replied_next_day(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "supervision_opinion");
	return replied(m, l, l->kind, l->due, 1);
}

static bool replied_last_day(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "supervision_opinion");
	return replied(m, l, l->kind, l->due, 0);
}

static bool replied_by_default(struct maker *m, struct letter *l, const char *kind, int more)
{
	old(m, l, kind);
	l->due = DAY_NONE;
	return replied(m, l, kind,
		strcmp(kind, "explain_request") == 0 ? workday_step(m->w->days, l->received, 10)
						     : day_deadline(m->w->days, l->received, strcmp(kind, "urging_letter") == 0 ? 15 : 30),
		more);
}

static bool urging_default_next_day(struct maker *m, void *item)
{
	return replied_by_default(m, item, "urging_letter", 1);
}

static bool urging_default_last_day(struct maker *m, void *item)
{
	return replied_by_default(m, item, "urging_letter", 0);
}

static bool explain_default_next_day(struct maker *m, void *item)
{
	return replied_by_default(m, item, "explain_request", 1);
}

static bool explain_default_last_day(struct maker *m, void *item)
{
	return replied_by_default(m, item, "explain_request", 0);
}

static bool decision_default_next_day(struct maker *m, void *item)
{
	return replied_by_default(m, item, "supervision_decision", 1);
}

static bool replied_never(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "explain_request");
	l->replied = DAY_NONE;
	l->rectified = NULL;
	return true;
}

static bool replied_within_extension(struct maker *m, void *item)
{
	struct letter *l = item;

	replied_next_day(m, l);
	l->extended_to = l->replied;
	return true;
}

static bool replied_objection_pending(struct maker *m, void *item)
{
	struct letter *l = item;

	replied_never(m, l);
	l->objection = l->received + 2;
	return true;
}

static bool replied_no_due(struct maker *m, void *item)
{
	struct letter *l = item;

	replied_never(m, l);
	l->due = l->received = DAY_NONE;
	return true;
}

/* ---- planted: escalation ---- */

/** An instrument due so many working days ago and not answered. */
static bool unanswered(struct maker *m, struct letter *l, int workdays_ago)
{
	int32_t due = workday_step(m->w->days, workday_step(m->w->days, maker_today(m) + 1, -1), -workdays_ago);

	lay_out(m, l, "urging_letter", due - 20);
	l->objection = l->objection_handled = DAY_NONE;
	l->due = due;
	l->replied = l->verified = l->closed = DAY_NONE;
	l->rectified = NULL;
	return true;
}

static bool escalate_eleventh_day(struct maker *m, void *item)
{
	return unanswered(m, item, 11);
}

static bool escalate_tenth_day(struct maker *m, void *item)
{
	return unanswered(m, item, 10);
}

static bool escalate_not_rectified(struct maker *m, void *item)
{
	struct letter *l = item;

	unanswered(m, l, 30);
	l->replied = l->due;
	l->rectified = "not_done";
	return true;
}

static bool escalated(struct maker *m, void *item)
{
	struct letter *l = item;

	unanswered(m, l, 30);
	l->proposed = workday_step(m->w->days, l->due, 8);
	return true;
}

static bool escalate_plan_agreed(struct maker *m, void *item)
{
	struct letter *l = item;

	unanswered(m, l, 30);
	l->plan_agreed = TRI_TRUE;
	return true;
}

static bool escalate_result_missing(struct maker *m, void *item)
{
	struct letter *l = item;

	unanswered(m, l, 15);
	l->replied = l->due;
	return true;
}

/* ---- planted: who issues what ---- */

static bool decision_by_body(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "supervision_decision");
	l->issuer = "body";
	return true;
}

static bool decision_unapproved(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "supervision_decision");
	l->gov_approved = false;
	return true;
}

static bool decision_lawful(struct maker *m, void *item)
{
	old(m, item, "supervision_decision");
	return true;
}

static bool decision_local_format(struct maker *m, void *item)
{
	struct letter *l = item;

	decision_by_body(m, l);
	l->local_format = TRI_TRUE;
	return true;
}

static bool decision_issuer_missing(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "supervision_decision");
	l->issuer = NULL;
	return true;
}

static bool urging_about_procedure(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "urging_letter");
	l->problem = "illegal_procedure";
	return true;
}

static bool opinion_not_established(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "supervision_opinion");
	l->established = TRI_FALSE;
	return true;
}

static bool opinion_about_inaction(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "supervision_opinion");
	l->problem = "buck_passing";
	return true;
}

static bool urging_about_unfiled_cases(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "urging_letter");
	l->problem = "failure_to_file";
	l->established = TRI_FALSE;
	return true;
}

static bool opinion_established_missing(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "supervision_opinion");
	l->established = TRI_UNKNOWN;
	return true;
}

static bool while_in_recon(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "supervision_opinion");
	l->in_recon = TRI_TRUE;
	return true;
}

static bool while_in_court(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "explain_request");
	l->in_litigation = TRI_TRUE;
	return true;
}

static bool guide_while_in_recon(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "guide_notice");
	l->in_recon = TRI_TRUE;
	return true;
}

static bool transfer_while_in_court(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "transfer_supervisory");
	l->in_litigation = TRI_TRUE;
	return true;
}

static bool proceeding_missing(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "feedback_letter");
	l->in_recon = TRI_UNKNOWN;
	return true;
}

static bool township_urges(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "feedback_letter");
	l->issuer = "township";
	return true;
}

static bool township_assists(struct maker *m, void *item)
{
	old(m, item, "assist_request");
	return true;
}

static bool body_issues(struct maker *m, void *item)
{
	old(m, item, "feedback_letter");
	return true;
}

static bool issuer_missing(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "feedback_letter");
	l->issuer = NULL;
	return true;
}

static bool personnel(struct maker *m, struct letter *l, const char *issuer, const char *measure, enum tri by_issuer)
{
	old(m, l, "personnel_suggestion");
	l->issuer = issuer;
	l->personnel = measure;
	l->by_cert_issuer = by_issuer;
	return true;
}

static bool body_disqualifies(struct maker *m, void *item)
{
	return personnel(m, item, "body", "disqualify", TRI_FALSE);
}

static bool body_holds_certificate(struct maker *m, void *item)
{
	return personnel(m, item, "body", "hold_certificate", TRI_FALSE);
}

static bool body_suggests(struct maker *m, void *item)
{
	return personnel(m, item, "body", "suggestion", TRI_FALSE);
}

static bool department_sanctions(struct maker *m, void *item)
{
	return personnel(m, item, "department", "sanction", TRI_FALSE);
}

static bool body_cancels_as_issuer(struct maker *m, void *item)
{
	return personnel(m, item, "body", "disqualify", TRI_TRUE);
}

static bool measure_missing(struct maker *m, void *item)
{
	return personnel(m, item, "body", NULL, TRI_FALSE);
}

/* ---- planted: objections, publication, checks ---- */

static bool objected(struct maker *m, struct letter *l, int more)
{
	old(m, l, "supervision_opinion");
	l->objection = l->received + 5;
	l->objection_handled = day_deadline(m->w->days, l->objection, 15) + more;
	return true;
}

static bool objection_next_day(struct maker *m, void *item)
{
	return objected(m, item, 1);
}

static bool objection_last_day(struct maker *m, void *item)
{
	return objected(m, item, 0);
}

static bool objection_never(struct maker *m, void *item)
{
	struct letter *l = item;

	objected(m, l, 1);
	l->objection_handled = DAY_NONE;
	return true;
}

static bool objection_awaits_materials(struct maker *m, void *item)
{
	struct letter *l = item;

	objection_never(m, l);
	l->pending_materials = TRI_TRUE;
	return true;
}

static bool no_date_at_all(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "upper_notice");
	l->issued = l->received = DAY_NONE;
	return true;
}

static bool published_unapproved(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "circular");
	l->approved = DAY_NONE;
	return true;
}

static bool published_before_approval(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "circular");
	l->approved = l->issued + 1;
	return true;
}

static bool published_on_approval(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "circular");
	l->approved = l->issued;
	return true;
}

static bool published_unchecked(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "circular");
	l->deid = NULL;
	return true;
}

static bool published_kind_missing(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "feedback_letter");
	l->kind = NULL;
	return true;
}

static bool closed_unverified(struct maker *m, void *item)
{
	struct letter *l = item;

	old(m, l, "supervision_opinion");
	replied(m, l, l->kind, l->due, 0);
	l->verified = DAY_NONE;
	l->closed = l->replied + 1;
	return true;
}

static bool closed_kind_missing(struct maker *m, void *item)
{
	struct letter *l = item;

	closed_unverified(m, l);
	l->kind = NULL;
	return true;
}

/** Replied so many working days ago, neither checked nor closed. */
static bool unverified(struct maker *m, struct letter *l, int workdays_ago)
{
	int32_t replied_on = workday_step(m->w->days, workday_step(m->w->days, maker_today(m) + 1, -1), -workdays_ago);

	lay_out(m, l, "supervision_opinion", replied_on - 25);
	l->objection = l->objection_handled = l->verified = l->closed = DAY_NONE;
	l->replied = replied_on;
	l->due = replied_on + 5;
	l->rectified = "done";
	return true;
}

static bool unverified_twenty_first_day(struct maker *m, void *item)
{
	return unverified(m, item, 21);
}

static bool unverified_twentieth_day(struct maker *m, void *item)
{
	return unverified(m, item, 20);
}

static bool asked_again(struct maker *m, struct letter *l, int items, int repeated)
{
	old(m, l, "material_request");
	l->items = items;
	l->repeated = repeated;
	return true;
}

static bool asked_six_of_ten(struct maker *m, void *item)
{
	return asked_again(m, item, 10, 6);
}

static bool asked_five_of_ten(struct maker *m, void *item)
{
	return asked_again(m, item, 10, 5);
}

static bool asked_for_major_special(struct maker *m, void *item)
{
	struct letter *l = item;

	asked_again(m, l, 10, 8);
	l->major_special = TRI_TRUE;
	return true;
}

static bool asked_kind_missing(struct maker *m, void *item)
{
	struct letter *l = item;

	asked_again(m, l, 10, 6);
	l->kind = NULL;
	return true;
}

static const struct scenario scenarios[] = {
	{ "sup-burden-excess", PLAN_HIT, 300, ANY, asked_six_of_ten },
	{ "sup-burden-excess", PLAN_NEAR, 300, ANY, asked_five_of_ten },
	{ "sup-burden-excess", PLAN_EXEMPT, 200, ANY, asked_for_major_special },
	{ "sup-burden-excess", PLAN_UNKNOWN, 100, ANY, asked_kind_missing },
	{ "sup-reply-overdue", PLAN_HIT, 800, ANY, replied_next_day },
	{ "sup-reply-overdue", PLAN_HIT, 400, ANY, urging_default_next_day },
	{ "sup-reply-overdue", PLAN_HIT, 400, ANY, explain_default_next_day },
	{ "sup-reply-overdue", PLAN_HIT, 200, ANY, decision_default_next_day },
	{ "sup-reply-overdue", PLAN_HIT, 400, ANY, replied_never },
	{ "sup-reply-overdue", PLAN_NEAR, 800, ANY, replied_last_day },
	{ "sup-reply-overdue", PLAN_NEAR, 400, ANY, urging_default_last_day },
	{ "sup-reply-overdue", PLAN_NEAR, 400, ANY, explain_default_last_day },
	{ "sup-reply-overdue", PLAN_EXEMPT, 400, ANY, replied_within_extension },
	{ "sup-reply-overdue", PLAN_EXEMPT, 400, ANY, replied_objection_pending },
	{ "sup-reply-overdue", PLAN_UNKNOWN, 200, ANY, replied_no_due },
	{ "sup-escalation-due", PLAN_HIT, 400, ANY, escalate_eleventh_day },
	{ "sup-escalation-due", PLAN_HIT, 400, ANY, escalate_not_rectified },
	{ "sup-escalation-due", PLAN_NEAR, 400, ANY, escalate_tenth_day },
	{ "sup-escalation-due", PLAN_NEAR, 300, ANY, escalated },
	{ "sup-escalation-due", PLAN_EXEMPT, 300, ANY, escalate_plan_agreed },
	{ "sup-escalation-due", PLAN_UNKNOWN, 300, ANY, escalate_result_missing },
	{ "sup-decision-issuer-check", PLAN_HIT, 200, ANY, decision_by_body },
	{ "sup-decision-issuer-check", PLAN_HIT, 200, ANY, decision_unapproved },
	{ "sup-decision-issuer-check", PLAN_NEAR, 200, ANY, decision_lawful },
	{ "sup-decision-issuer-check", PLAN_EXEMPT, 100, ANY, decision_local_format },
	{ "sup-decision-issuer-check", PLAN_UNKNOWN, 100, ANY, decision_issuer_missing },
	{ "sup-instrument-kind-check", PLAN_HIT, 300, ANY, urging_about_procedure },
	{ "sup-instrument-kind-check", PLAN_HIT, 300, ANY, opinion_not_established },
	{ "sup-instrument-kind-check", PLAN_HIT, 300, ANY, opinion_about_inaction },
	{ "sup-instrument-kind-check", PLAN_NEAR, 400, ANY, urging_about_unfiled_cases },
	{ "sup-instrument-kind-check", PLAN_UNKNOWN, 200, ANY, opinion_established_missing },
	{ "sup-in-proceeding-check", PLAN_HIT, 400, ANY, while_in_recon },
	{ "sup-in-proceeding-check", PLAN_HIT, 400, ANY, while_in_court },
	{ "sup-in-proceeding-check", PLAN_NEAR, 400, ANY, guide_while_in_recon },
	{ "sup-in-proceeding-check", PLAN_EXEMPT, 200, ANY, transfer_while_in_court },
	{ "sup-in-proceeding-check", PLAN_UNKNOWN, 200, ANY, proceeding_missing },
	{ "sup-township-issue-check", PLAN_HIT, 400, ANY, township_urges },
	{ "sup-township-issue-check", PLAN_NEAR, 300, ANY, body_issues },
	{ "sup-township-issue-check", PLAN_EXEMPT, 300, ANY, township_assists },
	{ "sup-township-issue-check", PLAN_UNKNOWN, 100, ANY, issuer_missing },
	{ "sup-personnel-decision-check", PLAN_HIT, 200, ANY, body_disqualifies },
	{ "sup-personnel-decision-check", PLAN_HIT, 200, ANY, body_holds_certificate },
	{ "sup-personnel-decision-check", PLAN_NEAR, 200, ANY, body_suggests },
	{ "sup-personnel-decision-check", PLAN_NEAR, 200, ANY, department_sanctions },
	{ "sup-personnel-decision-check", PLAN_EXEMPT, 100, ANY, body_cancels_as_issuer },
	{ "sup-personnel-decision-check", PLAN_UNKNOWN, 100, ANY, measure_missing },
	{ "sup-objection-open", PLAN_HIT, 300, ANY, objection_next_day },
	{ "sup-objection-open", PLAN_HIT, 200, ANY, objection_never },
	{ "sup-objection-open", PLAN_NEAR, 300, ANY, objection_last_day },
	{ "sup-objection-open", PLAN_EXEMPT, 200, ANY, objection_awaits_materials },
	{ "sup-objection-open", PLAN_UNKNOWN, 50, ANY, no_date_at_all },
	{ "sup-publicity-check", PLAN_HIT, 200, ANY, published_unapproved },
	{ "sup-publicity-check", PLAN_HIT, 200, ANY, published_before_approval },
	{ "sup-publicity-check", PLAN_HIT, 200, ANY, published_unchecked },
	{ "sup-publicity-check", PLAN_NEAR, 200, ANY, published_on_approval },
	{ "sup-publicity-check", PLAN_UNKNOWN, 100, ANY, published_kind_missing },
	{ "sup-rectify-unverified", PLAN_HIT, 400, ANY, closed_unverified },
	{ "sup-rectify-unverified", PLAN_HIT, 300, ANY, unverified_twenty_first_day },
	{ "sup-rectify-unverified", PLAN_NEAR, 300, ANY, unverified_twentieth_day },
	{ "sup-rectify-unverified", PLAN_UNKNOWN, 50, ANY, closed_kind_missing },
};

/* ---- verdicts ---- */

static enum verdict reply_overdue(const void *item, const struct world *w)
{
	static const char *const kinds[] = { "urging_letter", "supervision_opinion", "supervision_decision", "explain_request", NULL };
	const struct letter *l = item;
	int32_t end = first_day(l->replied, w->o.today), due = l->due;

	if (due == DAY_NONE)
		due = is_kind(l, "explain_request") ? workday_step(w->days, l->received, 10)
		                                    : day_deadline(w->days, l->received, is_kind(l, "urging_letter") ? 15 : 30);
	return judge(FROM_SUPERVISION, l->issued, and3(among(l->kind, kinds), later(end, due)),
		or3(not_later(end, l->extended_to), tri(l->objection != DAY_NONE && l->objection_handled == DAY_NONE)));
}

static enum verdict escalation_due(const void *item, const struct world *w)
{
	static const char *const kinds[] = { "urging_letter", "supervision_opinion", NULL };
	const struct letter *l = item;
	int32_t due = first_day(l->extended_to, l->due);
	enum tri open = tri(l->proposed == DAY_NONE && l->closed == DAY_NONE);
	enum tri failed = l->replied == DAY_NONE ? TRI_TRUE : is(l->rectified, "not_done");
	enum tri old_enough = due == DAY_NONE ? TRI_UNKNOWN : tri(workday_count(w->days, due, w->o.today) > 10);

	return judge(FROM_SUPERVISION, l->issued, and3(and3(among(l->kind, kinds), open), and3(failed, old_enough)), l->plan_agreed);
}

static enum verdict decision_issuer(const void *item, const struct world *w)
{
	const struct letter *l = item;

	(void)w;
	return judge(FROM_SUPERVISION, l->issued,
		and3(is(l->kind, "supervision_decision"), or3(not3(is(l->issuer, "government")), tri(!l->gov_approved))), l->local_format);
}

static enum verdict instrument_kind(const void *item, const struct world *w)
{
	static const char *const idle[] = { "inaction", "failure_to_file", "buck_passing", NULL };
	const struct letter *l = item;
	enum tri inaction = among(l->problem, idle);

	(void)w;
	return judge(FROM_SUPERVISION, l->issued,
		or3(and3(is(l->kind, "urging_letter"), not3(inaction)),
			and3(is(l->kind, "supervision_opinion"), or3(not3(l->established), inaction))),
		TRI_FALSE);
}

static enum verdict in_proceeding(const void *item, const struct world *w)
{
	static const char *const kinds[] = { "urging_letter", "supervision_opinion", "supervision_decision", "handling_proposal",
		"explain_request", "material_request", "interview_notice", "feedback_letter", "supervision_notice", "transfer_supervisory",
		NULL };
	const struct letter *l = item;

	(void)w;
	return judge(FROM_SUPERVISION, l->issued, and3(among(l->kind, kinds), or3(l->in_recon, l->in_litigation)),
		is(l->kind, "transfer_supervisory"));
}

static enum verdict township_issue(const void *item, const struct world *w)
{
	static const char *const allowed[] = { "assist_request", "feedback_form", NULL };
	const struct letter *l = item;

	(void)w;
	return judge(FROM_SUPERVISION, l->issued, is(l->issuer, "township"), among(l->kind, allowed));
}

static enum verdict personnel_decision(const void *item, const struct world *w)
{
	static const char *const measures[] = { "sanction", "disqualify", "hold_certificate", NULL };
	const struct letter *l = item;

	(void)w;
	return judge(FROM_SUPERVISION, l->issued, and3(is(l->issuer, "body"), among(l->personnel, measures)), l->by_cert_issuer);
}

static enum verdict objection_open(const void *item, const struct world *w)
{
	const struct letter *l = item;
	enum tri late = later(first_day(l->objection_handled, w->o.today), day_deadline(w->days, l->objection, 15));

	return judge(FROM_SUPERVISION, first_day(l->objection, l->issued), and3(tri(l->objection != DAY_NONE), late),
		and3(tri(l->objection_handled == DAY_NONE), l->pending_materials));
}

static enum verdict publicity(const void *item, const struct world *w)
{
	const struct letter *l = item;
	enum tri wrong =
		or3(or3(tri(l->approved == DAY_NONE), later(l->approved, l->issued)), tri(!l->deid || strcmp(l->deid, "passed") != 0));

	(void)w;
	return judge(FROM_SUPERVISION, l->issued, and3(is(l->kind, "circular"), wrong), TRI_FALSE);
}

static enum verdict rectify_unverified(const void *item, const struct world *w)
{
	const struct letter *l = item;
	bool waiting = l->replied != DAY_NONE && workday_count(w->days, l->replied, w->o.today) > 20;

	return judge(FROM_SUPERVISION, l->issued,
		and3(among(l->kind, rectifying), tri(l->verified == DAY_NONE && (l->closed != DAY_NONE || waiting))), TRI_FALSE);
}

static const struct planned_rule rules[] = {
	{ "sup-reply-overdue", reply_overdue },
	{ "sup-escalation-due", escalation_due },
	{ "sup-decision-issuer-check", decision_issuer },
	{ "sup-instrument-kind-check", instrument_kind },
	{ "sup-in-proceeding-check", in_proceeding },
	{ "sup-township-issue-check", township_issue },
	{ "sup-personnel-decision-check", personnel_decision },
	{ "sup-objection-open", objection_open },
	{ "sup-publicity-check", publicity },
	{ "sup-rectify-unverified", rectify_unverified },
};

/* ---- requests that burden an agency, recounted ---- */

static bool note(void *log, const void *item, struct str key)
{
	const struct letter *l = item;
	struct fact f = { .key = key,
		.a = l->agency->name,
		.day = l->issued,
		.is = among(l->kind, requests),
		.was = l->major_special,
		.n = l->items,
		.more = l->repeated };

	l->agency->supervised += l->issued != DAY_NONE && l->issued >= l->today - 365;
	return fact_log_add(log, &f);
}

#define BURDEN_DAYS 30
#define BURDEN_MOST 3

static enum tri burdens(const struct fact_log *l, const struct fact *of)
{
	int n = 0;

	if (of->is != TRI_TRUE)
		return of->is;
	for (size_t i = 0; i < l->facts.len; i++) {
		const struct fact *f = &l->facts.v[i];

		n += f->is == TRI_TRUE && f->day != DAY_NONE && f->day <= of->day && f->day > of->day - BURDEN_DAYS && fact_same(f, of, 1);
	}
	return tri(n > BURDEN_MOST || (of->n >= 0 && of->more >= 0 && 2 * of->more > of->n));
}

static enum err_code finish(void *log, const struct world *w, struct answer_key *k, struct err *err)
{
	struct fact_log *l = log;

	(void)w;
	(void)err;
	for (size_t i = 0; i < l->facts.len; i++) {
		const struct fact *f = &l->facts.v[i];

		answer_key_add(k, "sup-burden-excess", judge(FROM_SUPERVISION, f->day, burdens(l, f), f->was), false, f->key);
	}
	return ERR_OK;
}

static const char *const burden_rules[] = { "sup-burden-excess", NULL };
static const struct recount burden = { burden_rules, fact_log_open, note, finish, fact_log_close };

/* ---- the record ---- */

static struct str issuer_name(const struct letter *l, struct arena *mem)
{
	const char *tail = l->issuer && strcmp(l->issuer, "government") == 0 ? "人民政府"
	                   : l->issuer && strcmp(l->issuer, "township") == 0 ? "某司法所"
	                                                                     : "司法局";

	return str_printf(mem, "%.*s%s", STR_ARG(l->agency->place), tail);
}

static void to_rows(const void *item, const struct world *w, struct rows *out)
{
	const struct letter *l = item;

	rows_text(out, "doc_no",
		str_printf(out->mem, "%.*s司执监〔%d〕%lld号", STR_ARG(l->agency->place), day_year_or(l->issued, w), (long long)l->number));
	rows_code(out, "kind", l->kind);
	rows_text(out, "issuer_name", issuer_name(l, out->mem));
	rows_code(out, "issuer_kind", l->issuer);
	work_agency(out, l->agency);
	rows_code(out, "problem", l->problem);
	rows_tri(out, "established", l->established);
	rows_tri(out, "in_recon", l->in_recon);
	rows_tri(out, "in_litigation", l->in_litigation);
	if (l->gov_approved)
		rows_text(out, "gov_approval_no",
			str_printf(out->mem, "%.*s政批〔%d〕%lld号", STR_ARG(l->agency->place), day_year_or(l->issued, w),
				(long long)l->number));
	rows_tri(out, "local_format", l->local_format);
	rows_day(out, "issued_on", l->issued);
	rows_day(out, "received_on", l->received);
	rows_day(out, "reply_due_on", l->due);
	rows_day(out, "extended_to_on", l->extended_to);
	rows_day(out, "replied_on", l->replied);
	rows_code(out, "rectify_result", l->rectified);
	rows_tri(out, "plan_agreed", l->plan_agreed);
	rows_day(out, "proposed_on", l->proposed);
	rows_day(out, "verified_on", l->verified);
	rows_day(out, "closed_on", l->closed);
	rows_day(out, "objection_on", l->objection);
	rows_day(out, "objection_handled_on", l->objection_handled);
	rows_tri(out, "objection_pending_materials", l->pending_materials);
	rows_code(out, "personnel_measure", l->personnel);
	rows_tri(out, "by_cert_issuer", l->by_cert_issuer);
	if (l->items >= 0) {
		rows_i64(out, "item_count", l->items);
		rows_i64(out, "repeated_count", l->repeated);
	}
	rows_tri(out, "major_special", l->major_special);
	rows_day(out, "approved_on", l->approved);
	rows_code(out, "deid_result", l->deid);
}

static int64_t count(const struct world *w)
{
	return work_count(w, 800, COUNT(scenarios));
}

static struct str region_of(const void *item)
{
	return ((const struct letter *)item)->agency->region;
}

static const struct theme theme = { rules, COUNT(rules), scenarios, COUNT(scenarios), &burden };
static const struct theme *const themes[] = { &theme, NULL };

const struct generator supervision_instrument_generator = {
	.type = "supervision_instrument",
	.what = "监督文书",
	.sources = { { "演示数据：监督文书", NULL } },
	.item_bytes = sizeof(struct letter),
	.counter = offsetof(struct demo_result, others),
	.count = count,
	.make = make,
	.to_rows = to_rows,
	.region_of = region_of,
	.themes = themes,
};
