/* The decision on a licence and what follows it: periods, extension, certificate, reasons, renewal, publication. */
#include "demo/licence.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

/** Accepted so long ago; without extension or special procedures. */
static void accept_ago(struct maker *m, struct licence *l, int from_ago, int to_ago)
{
	int32_t received = random_workday(m, from_ago, to_ago);

	licence_accept(m, l, received, workday_step(m->w->days, received, 1));
	l->special = l->extension = -1;
	l->special_notice = DAY_NONE;
}

static bool decided_after(struct maker *m, struct licence *l, int workdays)
{
	accept_ago(m, l, 420, 120);
	licence_decide(m, l, workday_step(m->w->days, l->accepted, workdays), true);
	return true;
}

/* ---- planted: period ---- */

static bool decided_21st(struct maker *m, void *item)
{
	return decided_after(m, item, 21);
}

static bool decided_20th(struct maker *m, void *item)
{
	return decided_after(m, item, 20);
}

static bool decided_never(struct maker *m, void *item)
{
	accept_ago(m, item, 150, 50);
	return true;
}

static bool joint_46th(struct maker *m, void *item)
{
	((struct licence *)item)->joint = TRI_TRUE;
	return decided_after(m, item, 46);
}

static bool joint_45th(struct maker *m, void *item)
{
	((struct licence *)item)->joint = TRI_TRUE;
	return decided_after(m, item, 45);
}

static bool own_period_30th(struct maker *m, void *item)
{
	struct licence *l = item;

	decided_after(m, l, 30);
	l->limit = 30;
	return true;
}

static void extend(struct licence *l, int workdays)
{
	l->extension = workdays;
	l->approver = "agency_head";
	l->extension_reason = "需要进一步核实材料";
}

static bool extended_30th(struct maker *m, void *item)
{
	decided_after(m, item, 30);
	extend(item, 10);
	return true;
}

static bool extended_too_long(struct maker *m, void *item)
{
	decided_after(m, item, 31);
	extend(item, 20);
	return true;
}

static bool special_told(struct maker *m, void *item)
{
	struct licence *l = item;

	decided_after(m, l, 28);
	l->special = 8;
	l->special_notice = l->accepted;
	return true;
}

static bool special_untold(struct maker *m, void *item)
{
	struct licence *l = item;

	decided_after(m, l, 28);
	l->special = 8;
	return true;
}

static bool special_zero(struct maker *m, void *item)
{
	struct licence *l = item;

	decided_after(m, l, 10);
	l->special = 0;
	return true;
}

static bool withdrawn_undecided(struct maker *m, void *item)
{
	struct licence *l = item;

	accept_ago(m, l, 300, 90);
	l->withdrawn = l->accepted + 20;
	return true;
}

/* ---- planted: extension ---- */

static bool extended_unapproved(struct maker *m, void *item)
{
	struct licence *l = item;

	extended_30th(m, l);
	l->approver = NULL;
	return true;
}

static bool extended_unreasoned(struct maker *m, void *item)
{
	struct licence *l = item;

	extended_30th(m, l);
	l->extension_reason = NULL;
	return true;
}

static bool joint_extended(struct maker *m, struct licence *l, const char *approver)
{
	l->joint = TRI_TRUE;
	decided_after(m, l, 50);
	extend(l, 15);
	l->approver = approver;
	return true;
}

static bool joint_extended_by_agency(struct maker *m, void *item)
{
	return joint_extended(m, item, "agency_head");
}

static bool joint_extended_by_government(struct maker *m, void *item)
{
	return joint_extended(m, item, "government_head");
}

static bool extended_joint_unknown(struct maker *m, void *item)
{
	struct licence *l = item;

	extended_30th(m, l);
	l->joint = TRI_UNKNOWN;
	return true;
}

/* ---- planted: certificate and refusal ---- */

static bool certificate_after(struct maker *m, struct licence *l, int workdays)
{
	decided_after(m, l, 12);
	l->certificate = workday_step(m->w->days, l->decided, workdays);
	return true;
}

static bool certificate_11th(struct maker *m, void *item)
{
	return certificate_after(m, item, 11);
}

static bool certificate_10th(struct maker *m, void *item)
{
	return certificate_after(m, item, 10);
}

static bool certificate_never(struct maker *m, void *item)
{
	struct licence *l = item;

	decided_after(m, l, 12);
	l->certificate = DAY_NONE;
	return true;
}

static bool certificate_not_needed(struct maker *m, void *item)
{
	struct licence *l = item;

	certificate_never(m, l);
	l->certificate_needed = TRI_FALSE;
	return true;
}

static bool outcome_unknown(struct maker *m, void *item)
{
	struct licence *l = item;

	certificate_never(m, l);
	l->outcome = NULL;
	return true;
}

static bool refused(struct maker *m, struct licence *l, bool reason, enum tri remedy)
{
	accept_ago(m, l, 420, 60);
	licence_decide(m, l, workday_step(m->w->days, l->accepted, 12), false);
	if (!reason)
		l->refusal_reason = NULL;
	l->remedy_told = remedy;
	return true;
}

static bool refused_unreasoned(struct maker *m, void *item)
{
	return refused(m, item, false, TRI_TRUE);
}

static bool refused_no_remedy(struct maker *m, void *item)
{
	return refused(m, item, true, TRI_FALSE);
}

static bool refused_well(struct maker *m, void *item)
{
	return refused(m, item, true, TRI_TRUE);
}

static bool refused_unsure(struct maker *m, void *item)
{
	return refused(m, item, true, TRI_UNKNOWN);
}

/* ---- planted: renewal ---- */

static bool renewed(struct maker *m, struct licence *l, int applied_before, int decided_after_expiry)
{
	int32_t received = random_workday(m, 400, 150);

	licence_accept(m, l, received, workday_step(m->w->days, received, 1));
	l->expiry = received + applied_before;
	licence_decide(m, l, l->expiry + decided_after_expiry, true);
	return true;
}

static bool renewed_day_after(struct maker *m, void *item)
{
	return renewed(m, item, (int)rng_in(&m->rng, 30, 60), 1);
}

static bool renewed_thirty_before(struct maker *m, void *item)
{
	return renewed(m, item, 30, 5);
}

static bool renewed_last_day(struct maker *m, void *item)
{
	return renewed(m, item, (int)rng_in(&m->rng, 30, 40), 0);
}

static bool renewed_never(struct maker *m, void *item)
{
	struct licence *l = item;
	int32_t received = random_workday(m, 300, 120);

	licence_accept(m, l, received, workday_step(m->w->days, received, 1));
	l->expiry = received + 60;
	return true;
}

static bool renewed_applied_late(struct maker *m, void *item)
{
	return renewed(m, item, 29, 5);
}

static bool renewed_withdrawn(struct maker *m, void *item)
{
	struct licence *l = item;

	renewed_never(m, l);
	l->withdrawn = l->received + 15;
	return true;
}

static bool renewed_expiry_unknown(struct maker *m, void *item)
{
	struct licence *l = item;

	renewed(m, l, 40, 5);
	l->expiry = DAY_NONE;
	return true;
}

/* ---- planted: publication ---- */

static bool published_after(struct maker *m, struct licence *l, int workdays)
{
	decided_after(m, l, 12);
	l->published = workday_step(m->w->days, l->decided, workdays);
	return true;
}

static bool published_8th(struct maker *m, void *item)
{
	return published_after(m, item, 8);
}

static bool published_7th(struct maker *m, void *item)
{
	return published_after(m, item, 7);
}

static bool published_never(struct maker *m, void *item)
{
	struct licence *l = item;

	decided_after(m, l, 12);
	l->published = DAY_NONE;
	return true;
}

static bool published_never_with_reason(struct maker *m, void *item)
{
	struct licence *l = item;

	published_never(m, l);
	l->exempt_reason = "涉及国家秘密";
	return true;
}

static const struct scenario scenarios[] = {
	{ "licence-decision-overdue", PLAN_HIT, 200, { NEW }, decided_21st },
	{ "licence-decision-overdue", PLAN_HIT, 350, { NEW }, decided_never },
	{ "licence-decision-overdue", PLAN_HIT, 60, { NEW }, joint_46th },
	{ "licence-decision-overdue", PLAN_HIT, 40, { NEW }, extended_too_long },
	{ "licence-decision-overdue", PLAN_NEAR, 250, { NEW }, decided_20th },
	{ "licence-decision-overdue", PLAN_NEAR, 60, { NEW }, joint_45th },
	{ "licence-decision-overdue", PLAN_NEAR, 80, { NEW }, own_period_30th },
	{ "licence-decision-overdue", PLAN_EXEMPT, 150, { NEW }, extended_30th },
	{ "licence-decision-overdue", PLAN_EXEMPT, 120, { NEW }, special_told },
	{ "licence-decision-overdue", PLAN_EXEMPT, 60, { NEW }, withdrawn_undecided },
	{ "licence-extension-defect", PLAN_HIT, 100, { NEW }, extended_unapproved },
	{ "licence-extension-defect", PLAN_HIT, 150, { NEW }, extended_unreasoned },
	{ "licence-extension-defect", PLAN_HIT, 40, { NEW }, joint_extended_by_agency },
	{ "licence-extension-defect", PLAN_NEAR, 40, { NEW }, joint_extended_by_government },
	{ "licence-extension-defect", PLAN_UNKNOWN, 40, { NEW }, extended_joint_unknown },
	{ "licence-cert-late", PLAN_HIT, 150, { NEW }, certificate_11th },
	{ "licence-cert-late", PLAN_HIT, 200, { NEW }, certificate_never },
	{ "licence-cert-late", PLAN_NEAR, 150, { NEW }, certificate_10th },
	{ "licence-cert-late", PLAN_EXEMPT, 100, { NEW }, certificate_not_needed },
	{ "licence-cert-late", PLAN_UNKNOWN, 60, { NEW }, outcome_unknown },
	{ "licence-refusal-no-reason", PLAN_HIT, 80, { NEW }, refused_unreasoned },
	{ "licence-refusal-no-reason", PLAN_HIT, 120, { NEW }, refused_no_remedy },
	{ "licence-refusal-no-reason", PLAN_NEAR, 100, { NEW }, refused_well },
	{ "licence-refusal-no-reason", PLAN_UNKNOWN, 60, { NEW }, refused_unsure },
	{ "licence-special-time-untold", PLAN_HIT, 120, { NEW }, special_untold },
	{ "licence-special-time-untold", PLAN_NEAR, 60, { NEW }, special_zero },
	{ "licence-renewal-undecided", PLAN_HIT, 100, { RENEWAL }, renewed_day_after },
	{ "licence-renewal-undecided", PLAN_HIT, 60, { RENEWAL }, renewed_thirty_before },
	{ "licence-renewal-undecided", PLAN_HIT, 120, { RENEWAL }, renewed_never },
	{ "licence-renewal-undecided", PLAN_NEAR, 100, { RENEWAL }, renewed_last_day },
	{ "licence-renewal-undecided", PLAN_EXEMPT, 80, { RENEWAL }, renewed_applied_late },
	{ "licence-renewal-undecided", PLAN_EXEMPT, 40, { RENEWAL }, renewed_withdrawn },
	{ "licence-renewal-undecided", PLAN_UNKNOWN, 40, { RENEWAL }, renewed_expiry_unknown },
	{ "pub-licence-late", PLAN_HIT, 200, { NEW }, published_8th },
	{ "pub-licence-late", PLAN_HIT, 300, { NEW }, published_never },
	{ "pub-licence-late", PLAN_NEAR, 200, { NEW }, published_7th },
	{ "pub-licence-late", PLAN_EXEMPT, 60, { NEW }, published_never_with_reason },
};

/* ---- the rules ---- */

static int positive(int n)
{
	return n > 0 ? n : 0;
}

static enum verdict decision_overdue(const void *item, const struct world *w)
{
	const struct licence *l = item;
	bool joint = yes(l->joint);
	int32_t end = first_day(l->decided, w->o.today);
	int period = l->limit >= 0 ? l->limit : joint ? 45 : 20, most = joint ? 15 : 10, more = positive(l->extension);

	if (more > most)
		more = most;
	if (l->special_notice != DAY_NONE)
		more += positive(l->special);
	return judge(FROM_2019, first_day(l->accepted, l->received),
		and3(tri(l->accepted != DAY_NONE), later(end, workday_step(w->days, l->accepted, period))),
		tri(yes(not_later(end, workday_step(w->days, l->accepted, period + more))) ||
			(l->decided == DAY_NONE && l->withdrawn != DAY_NONE)));
}

static enum verdict extension_defect(const void *item, const struct world *w)
{
	const struct licence *l = item;
	enum tri wrong_head = and3(l->joint, not3(is(l->approver, "government_head")));

	(void)w;
	return judge(FROM_2019, first_day(l->accepted, l->received),
		and3(tri(positive(l->extension) > 0), or3(tri(!l->approver || !l->extension_reason), wrong_head)), TRI_FALSE);
}

static enum verdict cert_late(const void *item, const struct world *w)
{
	const struct licence *l = item;
	enum tri late = later(first_day(l->certificate, w->o.today), workday_step(w->days, l->decided, 10));

	return judge(FROM_2019, first_day(l->decided, l->received),
		and3(and3(tri(l->decided != DAY_NONE), is(l->outcome, "granted")), late), not3(l->certificate_needed));
}

static enum verdict refusal(const void *item, const struct world *w)
{
	const struct licence *l = item;

	(void)w;
	return judge(FROM_2019, first_day(l->decided, l->received),
		and3(and3(tri(l->decided != DAY_NONE), is(l->outcome, "refused")), or3(tri(!l->refusal_reason), not3(l->remedy_told))),
		TRI_FALSE);
}

static enum verdict special_time(const void *item, const struct world *w)
{
	const struct licence *l = item;

	(void)w;
	return judge(FROM_2019, first_day(l->accepted, l->received),
		and3(tri(positive(l->special) > 0), tri(l->special_notice == DAY_NONE)), TRI_FALSE);
}

static enum verdict renewal(const void *item, const struct world *w)
{
	const struct licence *l = item;
	bool late = l->expiry != DAY_NONE && l->received != DAY_NONE && l->received > l->expiry - 30;

	return judge(FROM_2019, l->received, and3(is(l->kind, "renewal"), later(first_day(l->decided, w->o.today), l->expiry)),
		tri(late || (l->decided == DAY_NONE && yes(not_later(l->withdrawn, l->expiry)))));
}

static enum verdict publication(const void *item, const struct world *w)
{
	const struct licence *l = item;
	enum tri late = later(first_day(l->published, w->o.today), workday_step(w->days, l->decided, 7));

	return judge(day_from_ymd(2018, 12, 5), first_day(l->decided, l->received),
		and3(and3(tri(l->decided != DAY_NONE), is(l->outcome, "granted")), late), tri(l->exempt_reason));
}

static const struct planned_rule rules[] = {
	{ "licence-decision-overdue", decision_overdue },
	{ "licence-extension-defect", extension_defect },
	{ "licence-cert-late", cert_late },
	{ "licence-refusal-no-reason", refusal },
	{ "licence-special-time-untold", special_time },
	{ "licence-renewal-undecided", renewal },
	{ "pub-licence-late", publication },
};

const struct theme licence_decision = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
