/* What each shipped rule has to say about one generated case, written out by hand from the text of the rule: no expression, no engine.
 * Order of a verdict: not in force, unknown, clean, exempt, hit. A fact that is empty is DAY_NONE, NULL or TRI_UNKNOWN; collections of a
 * `limited` case are not supplied, which makes everything about them unknown. */
#include "demo/demo_private.h"

const char *const rule_ids[RULE_COUNT] = {
	[RULE_DECISION_OVERDUE] = "penalty-decision-overdue",
	[RULE_DECISION_OVERDUE_POLICE] = "penalty-decision-overdue-police",
	[RULE_LONG_OPEN] = "penalty-long-open",
	[RULE_SIMPLE_OVERLIMIT] = "penalty-simple-overlimit",
	[RULE_SIMPLE_NOT_FILED] = "penalty-simple-not-filed",
	[RULE_SINGLE_OFFICER] = "penalty-single-officer",
	[RULE_NO_PRIOR_NOTICE] = "penalty-no-prior-notice",
	[RULE_BEFORE_HEARING_WINDOW] = "penalty-before-hearing-window",
	[RULE_HEARING_NOTICE_LATE] = "penalty-hearing-notice-late",
	[RULE_DOC_ELEMENTS] = "penalty-doc-elements-missing",
	[RULE_DELIVERY_LATE] = "penalty-delivery-late",
	[RULE_E_DELIVERY] = "penalty-e-delivery-no-consent",
	[RULE_ANNOUNCEMENT] = "penalty-announcement-short",
	[RULE_RECORD_MISSING] = "penalty-record-missing",
	[RULE_ORDER_INVERTED] = "penalty-order-inverted",
	[RULE_CASH_REMIT] = "penalty-cash-remit-late",
	[RULE_CRIME_TRANSFER] = "penalty-crime-transfer-late",
	[RULE_MINOR_PARTY] = "penalty-minor-party",
	[RULE_AGENCY_UNCONFIRMED] = "agency-unconfirmed",
	[RULE_CERT_EXPIRED] = "officer-cert-expired",
	[RULE_NO_CERT] = "officer-no-cert",
	[RULE_PUBLICATION] = "pub-penalty-late",
	[RULE_KEY_DATE_MISSING] = "dq-key-date-missing",
	[RULE_IMPOSSIBLE] = "dq-impossible",
};

/* ---- three-valued logic ---- */

static enum tri tri(bool b)
{
	return b ? TRI_TRUE : TRI_FALSE;
}

static enum tri not3(enum tri a)
{
	return a == TRI_UNKNOWN ? a : tri(a == TRI_FALSE);
}

static enum tri and3(enum tri a, enum tri b)
{
	if (a == TRI_FALSE || b == TRI_FALSE)
		return TRI_FALSE;
	return a == TRI_UNKNOWN || b == TRI_UNKNOWN ? TRI_UNKNOWN : TRI_TRUE;
}

static enum tri or3(enum tri a, enum tri b)
{
	return not3(and3(not3(a), not3(b)));
}

static bool yes(enum tri a)
{
	return a == TRI_TRUE;
}

/** coalesce(x, true) */
static bool not_false(enum tri a)
{
	return a != TRI_FALSE;
}

static enum tri later(int32_t a, int32_t b)
{
	return a == DAY_NONE || b == DAY_NONE ? TRI_UNKNOWN : tri(a > b);
}

static enum tri not_later(int32_t a, int32_t b)
{
	return not3(later(a, b));
}

static enum tri money_over(int64_t fen, int64_t cap)
{
	return fen == NO_MONEY ? TRI_UNKNOWN : tri(fen > cap);
}

static enum tri is(const char *code, const char *wanted)
{
	return code ? tri(strcmp(code, wanted) == 0) : TRI_UNKNOWN;
}

static bool one_of(const char *code, const char *const *list)
{
	for (; code && *list; list++)
		if (strcmp(code, *list) == 0)
			return true;
	return false;
}

static int32_t first_day(int32_t a, int32_t b)
{
	return a != DAY_NONE ? a : b;
}

static enum verdict judge(int32_t in_force_from, int32_t judged_by, enum tri when, enum tri exempt)
{
	if (judged_by == DAY_NONE)
		return VERDICT_UNKNOWN;
	if (judged_by < in_force_from)
		return VERDICT_NOT_IN_FORCE;
	if (when == TRI_UNKNOWN)
		return VERDICT_UNKNOWN;
	if (when == TRI_FALSE)
		return VERDICT_CLEAN;
	return yes(exempt) ? VERDICT_EXEMPT : VERDICT_HIT;
}

#define FROM_2021 day_from_ymd(2021, 7, 15) /* 行政处罚法 in its text of 2021 */
#define FROM_2025 day_from_ymd(2025, 8, 1)  /* 政务数据共享条例 */

static const char *const no_penalty[] = { "not_penalised", "dismissed", "transferred", NULL };
static const char *const small_penalties[] = { "warning", "fine", NULL };

static bool has_penalty_outside(const struct penalty *p, const char *const *list)
{
	for (int i = 0; i < p->penalty_count; i++)
		if (!one_of(p->penalties[i].kind, list))
			return true;
	return false;
}

static bool has_penalty(const struct penalty *p, const char *const *list)
{
	for (int i = 0; i < p->penalty_count; i++)
		if (one_of(p->penalties[i].kind, list))
			return true;
	return false;
}

static bool is_police(const struct penalty *p)
{
	return yes(is(p->domain, "public_security"));
}

static bool is_penalised(const struct penalty *p)
{
	return !p->outcome || strcmp(p->outcome, "penalised") == 0;
}

/* ---- the rules ---- */

static enum verdict decision_overdue(const struct penalty *p, const struct day_facts *f, int32_t today)
{
	int32_t end = first_day(p->decided, today), due = day_deadline(f, p->filed, 90);
	int more = (p->tolled > 0 ? p->tolled : 0) + (p->extension_days > 0 ? p->extension_days : 0);
	bool exempt = yes(not_later(end, day_deadline(f, p->filed, 90 + more))) || yes(not_later(p->transferred_crime, due)) ||
	              is_police(p) || (p->decided == DAY_NONE && yes(not_later(p->closed, due)));

	return judge(FROM_2021, p->filed, and3(is(p->procedure, "general"), later(end, due)), tri(exempt));
}

static enum verdict decision_overdue_police(const struct penalty *p, const struct day_facts *f, int32_t today)
{
	int32_t end = first_day(p->decided, today);
	int times = p->extension_count > 0 ? p->extension_count : 0;
	int days = 30 + 30 * times + (p->appraisal_days > 0 ? p->appraisal_days : 0) + (p->hearing_days > 0 ? p->hearing_days : 0);
	bool approved = times == 0 || (yes(is(p->extension_approver, "superior")) && times <= 2);
	bool exempt = (approved && yes(not_later(end, day_deadline(f, p->filed, days)))) || yes(p->suspect_unknown) ||
	              yes(is(p->procedure, "simple"));

	return judge(day_from_ymd(2026, 1, 1), p->filed, and3(tri(is_police(p)), later(end, day_deadline(f, p->filed, 30))), tri(exempt));
}

static enum verdict long_open(const struct penalty *p, int32_t today)
{
	static const char *const over[] = { "decided", "closed", "dismissed", "transferred", NULL };
	enum tri open = tri(p->decided == DAY_NONE && p->closed == DAY_NONE && !one_of(p->status, over));

	return judge(
		FROM_2021, today, and3(open, p->filed == DAY_NONE ? TRI_UNKNOWN : tri(today - p->filed > 180)), tri(p->suspended_reason));
}

static enum verdict simple_overlimit(const struct penalty *p)
{
	bool other = has_penalty_outside(p, small_penalties);
	enum tri over = or3(money_over(p->fine, 300000), and3(is(p->party_type, "natural_person"), money_over(p->fine, 20000)));
	bool police = is_police(p) && p->decided >= day_from_ymd(2026, 1, 1) && yes(not3(money_over(p->fine, 50000))) && !other;

	over = or3(or3(over, and3(is(p->party_type, "sole_trader"), money_over(p->fine, 300000))), tri(other));
	return judge(FROM_2021, p->decided, and3(is(p->procedure, "simple"), over), tri(police));
}

static enum verdict simple_not_filed(const struct penalty *p, const struct day_facts *f, int32_t today)
{
	enum tri late = p->decided == DAY_NONE ? TRI_UNKNOWN : tri(workday_count(f, p->decided, today) > 5);

	return judge(FROM_2021, p->decided, and3(is(p->procedure, "simple"), and3(tri(p->agency_filed == DAY_NONE), late)), TRI_FALSE);
}

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

static enum verdict single_officer(const struct penalty *p)
{
	static const char *const stages[] = { "inspection", "investigation", "inquiry", "sampling", "defence" };
	enum tri is_short = p->limited ? TRI_UNKNOWN : TRI_FALSE;

	for (int i = 0; i < 5 && !p->limited; i++)
		is_short = tri(yes(is_short) || stage_is_short(p, stages[i]));
	return judge(FROM_2021, first_day(p->decided, p->filed), and3(is(p->procedure, "general"), is_short), is(p->source, "monitoring"));
}

static bool is_notice(const struct case_document *d)
{
	return strcmp(d->kind, "notice") == 0 || strcmp(d->kind, "renotice") == 0;
}

static enum verdict no_prior_notice(const struct penalty *p)
{
	enum tri late = or3(tri(p->notice == DAY_NONE), later(p->notice, p->decided));
	enum tri unrecorded = yes(is(p->procedure, "simple")) ? not3(p->onspot_notice) : TRI_TRUE;
	bool document = false;

	for (int i = 0; i < p->document_count && !p->limited; i++) {
		const struct case_document *d = &p->documents[i];

		document |= is_notice(d) && yes(not_later(first_day(d->delivered, d->signed_on), p->decided)) && not_false(d->has_facts) &&
		            not_false(d->has_reasons) && not_false(d->has_basis) && not_false(d->has_rights);
	}
	return judge(FROM_2021, p->decided, and3(and3(tri(is_penalised(p)), late), unrecorded), tri(document));
}

static enum verdict before_hearing_window(const struct penalty *p, const struct day_facts *f)
{
	static const char *const grave[] = { "qualification_lower", "licence_revoke", "order_stop", "order_close", "restrict_work", NULL };
	int32_t told = p->notice;

	for (int i = 0; i < p->document_count && p->notice == DAY_NONE && !p->limited; i++)
		if (is_notice(&p->documents[i]) && p->documents[i].delivered != DAY_NONE &&
			(told == DAY_NONE || p->documents[i].delivered > told))
			told = p->documents[i].delivered;
	return judge(FROM_2021, p->decided,
		and3(tri((yes(p->hearing_eligible) || has_penalty(p, grave)) && p->hearing_requested == DAY_NONE),
			not_later(p->decided, workday_step(f, told, 5))),
		not_later(p->hearing_waived, p->decided));
}

static enum verdict hearing_notice_late(const struct penalty *p, const struct day_facts *f)
{
	return judge(FROM_2021, first_day(p->hearing, first_day(p->decided, p->filed)),
		and3(tri(p->hearing != DAY_NONE), later(p->hearing_notice, workday_step(f, p->hearing, -7))), p->early_consent);
}

static enum verdict doc_elements(const struct penalty *p)
{
	bool any = false, simple = yes(is(p->procedure, "simple"));
	enum tri missing = TRI_FALSE;

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

static enum verdict delivery_late(const struct penalty *p, const struct day_facts *f, int32_t today)
{
	int32_t due = workday_step(f, p->decided, 7);
	bool exempt = yes(p->delivered_on_site) || yes(not_later(p->delivery_started, due)) || yes(not_later(p->announced, due)) ||
	              one_of(p->outcome, no_penalty);

	return judge(FROM_2021, p->decided, later(first_day(p->delivered, today), due), tri(exempt));
}

static enum verdict e_delivery(const struct penalty *p)
{
	static const char *const electronic[] = { "fax", "email", "sms", "app", NULL };
	bool exempt = yes(p->delivered_otherwise);

	for (int i = 0; i < p->document_count && !p->limited; i++) {
		const struct case_document *d = &p->documents[i];

		exempt |= strcmp(d->kind, "e_consent") == 0 && yes(not_later(first_day(d->signed_on, d->made), p->delivered));
	}
	return judge(FROM_2021, first_day(p->decided, p->delivered),
		and3(p->delivery_method ? tri(one_of(p->delivery_method, electronic)) : TRI_UNKNOWN,
			or3(tri(p->e_consent == DAY_NONE), later(p->e_consent, p->delivered))),
		tri(exempt));
}

static enum verdict announcement(const struct penalty *p)
{
	int32_t due = p->announced == DAY_NONE ? DAY_NONE : p->announced + 30;

	return judge(day_from_ymd(2022, 1, 1), first_day(p->decided, first_day(p->announced, p->filed)),
		and3(tri(p->announced != DAY_NONE), later(due, p->deemed)), TRI_FALSE);
}

static enum verdict record_missing(const struct penalty *p)
{
	enum tri text = TRI_FALSE, av = TRI_FALSE;
	bool unexplained = false;

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

static enum verdict order_inverted(const struct penalty *p)
{
	bool notice = yes(later(p->notice, p->decided)), filed = yes(later(p->filed, p->decided));
	bool reviewed = yes(later(p->reviewed, p->decided)), discussed = yes(later(p->discussed, p->decided));
	bool investigated = yes(later(p->investigated, p->notice)), renotice = false;

	for (int i = 0; i < p->document_count && !p->limited; i++) {
		const struct case_document *d = &p->documents[i];

		renotice |= strcmp(d->kind, "renotice") == 0 && yes(not_later(p->investigated, d->delivered)) &&
		            yes(not_later(d->delivered, p->decided));
	}
	return judge(FROM_2021, p->decided, tri(notice || filed || reviewed || discussed || investigated),
		tri((!notice && !filed && !reviewed && !discussed && renotice) ||
			(yes(p->urgent) && filed && !notice && !reviewed && !discussed && !investigated)));
}

static enum verdict cash_remit(const struct penalty *p, const struct day_facts *f)
{
	enum tri late = p->limited ? TRI_UNKNOWN : TRI_FALSE;

	for (int i = 0; i < p->payment_count && !p->limited; i++) {
		const struct case_payment *pay = &p->payments[i];

		if (strcmp(pay->method, "onspot_cash") == 0)
			late = or3(late, or3(later(pay->to_agency, workday_step(f, first_day(pay->landed, pay->collected), 2)),
						 later(pay->to_bank, workday_step(f, pay->to_agency, 2))));
	}
	return judge(FROM_2021, first_day(p->decided, p->filed), late, TRI_FALSE);
}

static enum verdict crime_transfer(const struct penalty *p, const struct day_facts *f)
{
	int32_t approved_on = p->crime_approved == CIVIL_NONE ? DAY_NONE : (int32_t)(p->crime_approved / 86400);
	bool late = yes(later(approved_on, day_deadline(f, p->crime_reported, 3))) ||
	            (p->crime_transferred != CIVIL_NONE && p->crime_approved != CIVIL_NONE &&
			    p->crime_transferred > p->crime_approved + 24 * 3600) ||
	            yes(later(p->crime_handed, day_deadline(f, p->police_filed, 3)));

	return judge(day_from_ymd(2020, 8, 7), first_day(p->decided, first_day(p->crime_reported, p->filed)), tri(late), TRI_FALSE);
}

static enum verdict minor_party(const struct penalty *p)
{
	static const char *const detention[] = { "detention", NULL };
	int32_t fourteen = p->party_birth == DAY_NONE ? DAY_NONE : day_add_months(p->party_birth, 14 * 12);
	int32_t eighteen = p->party_birth == DAY_NONE ? DAY_NONE : day_add_months(p->party_birth, 18 * 12);
	enum tri wrong = or3(later(fourteen, p->violated), and3(later(eighteen, p->violated), not3(p->mitigated)));

	return judge(FROM_2021, p->decided, and3(and3(is(p->party_type, "natural_person"), tri(is_penalised(p))), wrong),
		tri(is_police(p) && has_penalty(p, detention)));
}

static enum verdict agency_unconfirmed(const struct penalty *p)
{
	enum tri when = TRI_UNKNOWN;

	if (p->agency_known)
		when = p->agency->confirmed_on == DAY_NONE ? TRI_TRUE : later(p->agency->confirmed_on, p->decided);
	return judge(FROM_2021, p->decided, when, tri(p->agency_known && p->agency->trait == AGENCY_BY_LAW));
}

static enum verdict cert_expired(const struct penalty *p)
{
	static const char *const lost[] = { "suspended", "revoked", "cancelled", NULL };
	bool any = false, unextended = false, unsure = false;

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

static enum verdict no_cert(const struct penalty *p)
{
	static const char *const support[] = { "technician", "witness", "interpreter", "recorder", NULL };
	enum tri when = p->limited ? TRI_UNKNOWN : TRI_FALSE;
	bool other = false;

	for (int i = 0; i < p->officer_count && !p->limited; i++) {
		const struct case_officer *o = &p->officers[i];

		if (o->stage && strcmp(o->stage, "review") == 0)
			continue;
		when = or3(when, not3(o->certified));
		other |= o->certified == TRI_FALSE && !one_of(o->role ? o->role : "enforcement", support);
	}
	return judge(FROM_2021, first_day(p->decided, p->filed), when, tri(!other));
}

static enum verdict publication(const struct penalty *p, const struct day_facts *f, int32_t today)
{
	static const char *const warning[] = { "warning", NULL };
	int32_t end = first_day(p->published, today);
	bool market = yes(is(p->domain, "market"));
	bool exempt = (market && yes(not_later(end, workday_step(f, p->decided, 20)))) ||
	              (market && has_penalty(p, warning) && !has_penalty_outside(p, warning)) || p->no_disclosure_reason;

	return judge(day_from_ymd(2018, 12, 5), p->decided, and3(p->disclosure, later(end, workday_step(f, p->decided, 7))), tri(exempt));
}

static enum verdict key_date_missing(const struct penalty *p, int32_t today)
{
	static const char *const over[] = { "decided", "closed", NULL };
	enum tri unfiled = and3(is(p->procedure, "general"), tri(p->filed == DAY_NONE));
	enum tri undecided =
		and3(tri(p->decided == DAY_NONE), or3(p->status ? tri(one_of(p->status, over)) : TRI_UNKNOWN, money_over(p->fine, 0)));
	enum tri undelivered = tri(p->decided != DAY_NONE && p->delivered == DAY_NONE && p->closed != DAY_NONE);
	bool exempt = one_of(p->outcome, no_penalty) && (p->filed != DAY_NONE || yes(not3(is(p->procedure, "general"))));

	return judge(FROM_2025, today, or3(or3(unfiled, undecided), undelivered), tri(exempt));
}

static enum verdict impossible(const struct penalty *p, int32_t today)
{
	bool future = yes(later(p->filed, today)) || yes(later(p->decided, today)) || yes(later(p->delivered, today)) ||
	              yes(later(p->published, today)) || yes(later(p->closed, today));
	bool negative = (p->fine != NO_MONEY && p->fine < 0) || (p->confiscated != NO_MONEY && p->confiscated < 0);
	bool order = yes(later(p->decided, p->delivered)) || yes(later(p->filed, p->closed)) || yes(later(p->decided, p->published)) ||
	             yes(later(p->violated, p->decided));

	return judge(FROM_2025, today, tri(future || negative || order), TRI_FALSE);
}

enum verdict verdict_of(enum rule rule, const struct penalty *p, const struct day_facts *f, int32_t today)
{
	switch (rule) {
	case RULE_DECISION_OVERDUE:
		return decision_overdue(p, f, today);
	case RULE_DECISION_OVERDUE_POLICE:
		return decision_overdue_police(p, f, today);
	case RULE_LONG_OPEN:
		return long_open(p, today);
	case RULE_SIMPLE_OVERLIMIT:
		return simple_overlimit(p);
	case RULE_SIMPLE_NOT_FILED:
		return simple_not_filed(p, f, today);
	case RULE_SINGLE_OFFICER:
		return single_officer(p);
	case RULE_NO_PRIOR_NOTICE:
		return no_prior_notice(p);
	case RULE_BEFORE_HEARING_WINDOW:
		return before_hearing_window(p, f);
	case RULE_HEARING_NOTICE_LATE:
		return hearing_notice_late(p, f);
	case RULE_DOC_ELEMENTS:
		return doc_elements(p);
	case RULE_DELIVERY_LATE:
		return delivery_late(p, f, today);
	case RULE_E_DELIVERY:
		return e_delivery(p);
	case RULE_ANNOUNCEMENT:
		return announcement(p);
	case RULE_RECORD_MISSING:
		return record_missing(p);
	case RULE_ORDER_INVERTED:
		return order_inverted(p);
	case RULE_CASH_REMIT:
		return cash_remit(p, f);
	case RULE_CRIME_TRANSFER:
		return crime_transfer(p, f);
	case RULE_MINOR_PARTY:
		return minor_party(p);
	case RULE_AGENCY_UNCONFIRMED:
		return agency_unconfirmed(p);
	case RULE_CERT_EXPIRED:
		return cert_expired(p);
	case RULE_NO_CERT:
		return no_cert(p);
	case RULE_PUBLICATION:
		return publication(p, f, today);
	case RULE_KEY_DATE_MISSING:
		return key_date_missing(p, today);
	case RULE_IMPOSSIBLE:
		return impossible(p, today);
	case RULE_COUNT:
		break;
	}
	return VERDICT_UNKNOWN;
}
