/* What is planted: for every rule violations, lawful limits (near-misses), exemptions and missing facts. Each begins with a lawful case of
 * the kind it needs and changes as little as it can; what else it trips is found by verdict.c and stands in the key as well. */
#include "demo/demo_private.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define YUAN 100
#define DAY_S 86400

static int32_t today_of(const struct maker *m)
{
	return m->w->o.today;
}

static void redo(struct maker *m, struct penalty *p, int32_t filed, int32_t decided)
{
	penalty_lay_out(m, p, filed, decided);
	penalty_fill(m, p);
}

/** A decision long enough ago for everything after it to have happened. */
static void redo_old(struct maker *m, struct penalty *p, int days_ago)
{
	int32_t span = p->filed == DAY_NONE ? 30 : p->decided - p->filed, decided = random_workday(m, 700, days_ago);

	redo(m, p, decided - span, decided);
}

static void set_fine(struct penalty *p, int64_t fen)
{
	p->fine = fen;
	p->confiscated = 0;
	p->hearing_eligible = p->major = TRI_FALSE;
	p->reviewed = p->discussed = DAY_NONE;
	p->penalty_count = 1;
	p->penalties[0] = (struct case_penalty){ "fine", fen > 0 ? fen : -1 };
}

static struct case_document *decision_document(struct penalty *p)
{
	for (int i = 0; i < p->document_count; i++)
		if (strcmp(p->documents[i].kind, "decision") == 0)
			return &p->documents[i];
	return &p->documents[0];
}

static void close_after_delivery(struct maker *m, struct penalty *p)
{
	p->closed = p->delivered == DAY_NONE || p->delivered + 10 > today_of(m) ? DAY_NONE : p->delivered + 10;
	p->status = p->closed == DAY_NONE ? "decided" : "closed";
}

/* ---- time limit of a decision ---- */

static bool overdue_by(struct maker *m, struct penalty *p, int from_ago, int to_ago, int more)
{
	int32_t filed = random_workday(m, from_ago, to_ago);

	redo(m, p, filed, day_deadline(m->w->days, filed, 90) + more);
	return true;
}

static bool overdue_first_day(struct maker *m, struct penalty *p)
{
	return overdue_by(m, p, 420, 140, 1);
}

static bool overdue_far(struct maker *m, struct penalty *p)
{
	return overdue_by(m, p, 500, 310, (int)rng_in(&m->rng, 2, 180));
}

static bool overdue_open(struct maker *m, struct penalty *p)
{
	redo(m, p, random_workday(m, 178, 112), DAY_NONE);
	return true;
}

static bool overdue_last_day(struct maker *m, struct penalty *p)
{
	return overdue_by(m, p, 420, 140, 0);
}

static bool overdue_open_last_day(struct maker *m, struct penalty *p)
{
	redo(m, p, today_of(m) - 90, DAY_NONE);
	return true;
}

static bool overdue_tolled(struct maker *m, struct penalty *p)
{
	int32_t filed = random_workday(m, 420, 180);

	redo(m, p, filed, filed + 115);
	p->tolled = 30;
	return true;
}

static bool overdue_tolled_too_little(struct maker *m, struct penalty *p)
{
	int32_t filed = random_workday(m, 420, 180);

	redo(m, p, filed, day_deadline(m->w->days, filed, 110) + 1);
	p->tolled = 20;
	return true;
}

static bool overdue_transferred(struct maker *m, struct penalty *p)
{
	overdue_by(m, p, 420, 180, 20);
	p->transferred_crime = p->filed + 60;
	return true;
}

static bool overdue_dismissed_in_time(struct maker *m, struct penalty *p)
{
	int32_t filed = random_workday(m, 420, 200);

	redo(m, p, filed, DAY_NONE);
	p->closed = filed + 60;
	p->status = p->outcome = "dismissed";
	p->fine = p->confiscated = 0;
	return true;
}

static bool overdue_of_police(struct maker *m, struct penalty *p)
{
	overdue_by(m, p, 420, 200, 5);
	return p->filed < day_from_ymd(2026, 1, 1);
}

static bool overdue_unfiled(struct maker *m, struct penalty *p)
{
	(void)m;
	p->filed = p->found = DAY_NONE;
	return true;
}

/** A filing day under the law of 2026, at least so many days ago; DAY_NONE when there is none yet. */
static int32_t police_filed(struct maker *m, int days_ago)
{
	int32_t from = day_from_ymd(2026, 1, 1), to = today_of(m) - days_ago;

	return to < from ? DAY_NONE : (int32_t)rng_in(&m->rng, to - 400 > from ? to - 400 : from, to);
}

static bool police_by(struct maker *m, struct penalty *p, int days_ago, int limit, int more)
{
	int32_t filed = police_filed(m, days_ago);

	if (filed == DAY_NONE)
		return false;
	redo(m, p, filed, day_deadline(m->w->days, filed, limit) + more);
	return true;
}

static bool police_first_day(struct maker *m, struct penalty *p)
{
	return police_by(m, p, 45, 30, 1);
}

static bool police_far(struct maker *m, struct penalty *p)
{
	return police_by(m, p, 90, 30, (int)rng_in(&m->rng, 2, 40));
}

static bool police_last_day(struct maker *m, struct penalty *p)
{
	return police_by(m, p, 45, 30, 0);
}

static bool police_extended(struct maker *m, struct penalty *p)
{
	p->extension_count = 1;
	p->extension_approver = "superior";
	return police_by(m, p, 80, 50, 0);
}

static bool police_extended_by_itself(struct maker *m, struct penalty *p)
{
	p->extension_count = 1;
	p->extension_approver = "same";
	return police_by(m, p, 80, 50, 0);
}

static bool police_suspect_unknown(struct maker *m, struct penalty *p)
{
	p->suspect_unknown = TRI_TRUE;
	return police_by(m, p, 80, 30, 25);
}

static bool police_unfiled(struct maker *m, struct penalty *p)
{
	(void)m;
	p->filed = p->found = DAY_NONE;
	return true;
}

/* ---- open for too long ---- */

static bool long_open_hit(struct maker *m, struct penalty *p)
{
	redo(m, p, today_of(m) - (int32_t)rng_in(&m->rng, 181, 620), DAY_NONE);
	return true;
}

static bool long_open_first_day(struct maker *m, struct penalty *p)
{
	redo(m, p, today_of(m) - 181, DAY_NONE);
	return true;
}

static bool long_open_last_day(struct maker *m, struct penalty *p)
{
	redo(m, p, today_of(m) - 180, DAY_NONE);
	return true;
}

static bool long_open_suspended(struct maker *m, struct penalty *p)
{
	redo(m, p, today_of(m) - (int32_t)rng_in(&m->rng, 200, 400), DAY_NONE);
	p->status = "suspended";
	p->suspended_reason = "等待鉴定意见";
	p->tolled = 400;
	return true;
}

/* ---- on-the-spot procedure ---- */

static bool spot_person_over(struct maker *m, struct penalty *p)
{
	set_fine(p, (20000 + rng_in(&m->rng, 1, 1800) * YUAN));
	return true;
}

static bool spot_person_one_over(struct maker *m, struct penalty *p)
{
	(void)m;
	set_fine(p, 201 * YUAN);
	return true;
}

static bool spot_organisation_over(struct maker *m, struct penalty *p)
{
	set_fine(p, 3000 * YUAN + (rng_chance(&m->rng, 200) ? 1 : rng_in(&m->rng, 1, 17000) * YUAN));
	return true;
}

static bool spot_confiscation(struct maker *m, struct penalty *p)
{
	(void)m;
	if (p->penalty_count < CASE_ROWS_MAX)
		p->penalties[p->penalty_count++] = (struct case_penalty){ "confiscate_goods", -1 };
	return true;
}

static bool spot_person_limit(struct maker *m, struct penalty *p)
{
	(void)m;
	set_fine(p, 200 * YUAN);
	return true;
}

static bool spot_organisation_limit(struct maker *m, struct penalty *p)
{
	(void)m;
	set_fine(p, 3000 * YUAN);
	return true;
}

static bool spot_police(struct maker *m, struct penalty *p)
{
	int32_t decided = police_filed(m, 10);

	if (decided == DAY_NONE)
		return false;
	redo(m, p, decided, decided);
	set_fine(p, rng_chance(&m->rng, 500) ? 500 * YUAN : rng_in(&m->rng, 21, 49) * 10 * YUAN);
	return true;
}

static bool spot_no_amount(struct maker *m, struct penalty *p)
{
	(void)m;
	set_fine(p, 100 * YUAN);
	p->fine = NO_MONEY;
	p->penalties[0].amount = -1;
	p->payment_count = 0;
	return true;
}

static bool not_filed(struct maker *m, struct penalty *p)
{
	redo_old(m, p, 20);
	p->agency_filed = DAY_NONE;
	return true;
}

static bool not_filed_fifth_day(struct maker *m, struct penalty *p)
{
	int32_t day = today_of(m);

	while (workday_count(m->w->days, day, today_of(m)) < 5 || !day_is_work(m->w->days, day))
		day--;
	redo(m, p, day, day);
	p->agency_filed = DAY_NONE;
	return workday_count(m->w->days, day, today_of(m)) == 5;
}

static bool not_filed_sixth_day(struct maker *m, struct penalty *p)
{
	int32_t day = today_of(m);

	while (workday_count(m->w->days, day, today_of(m)) < 6 || !day_is_work(m->w->days, day))
		day--;
	redo(m, p, day, day);
	p->agency_filed = DAY_NONE;
	return true;
}

/* ---- who took part ---- */

static void only_inquiry(struct maker *m, struct penalty *p)
{
	p->source = "inspection";
	penalty_fill(m, p);
	p->officers[0] = p->officers[2];
	p->officers[1] = p->officers[3];
	p->officer_count = 2;
}

static bool officers_one(struct maker *m, struct penalty *p)
{
	only_inquiry(m, p);
	p->officers[p->officer_count++] = participation(m, p, normal_officer(m, p), "investigation", p->investigated);
	return true;
}

static bool officers_one_and_assistant(struct maker *m, struct penalty *p)
{
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

static bool officers_same_twice(struct maker *m, struct penalty *p)
{
	officers_one(m, p);
	p->officers[p->officer_count] = p->officers[p->officer_count - 1];
	p->officer_count++;
	return true;
}

static bool officers_one_hears_defence(struct maker *m, struct penalty *p)
{
	p->source = "inspection";
	p->officers[p->officer_count++] = participation(m, p, normal_officer(m, p), "defence", p->notice);
	return true;
}

static bool officers_two_everywhere(struct maker *m, struct penalty *p)
{
	p->source = "inspection";
	p->officers[p->officer_count++] = participation(m, p, OFFICER_TRAITS, "defence", p->notice);
	p->officers[p->officer_count++] = participation(m, p, OFFICER_TRAITS + 1, "defence", p->notice);
	return true;
}

static bool officers_monitoring(struct maker *m, struct penalty *p)
{
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

static bool uncertified_person(struct maker *m, struct penalty *p)
{
	third_person(m, p, "inquiry", "enforcement", TRI_FALSE);
	return true;
}

static bool uncertified_assistant(struct maker *m, struct penalty *p)
{
	third_person(m, p, "investigation", "assistant", TRI_FALSE);
	return true;
}

static bool uncertified_reviewer(struct maker *m, struct penalty *p)
{
	third_person(m, p, "review", "enforcement", TRI_FALSE)->acted = p->decided;
	return true;
}

static bool uncertified_technician(struct maker *m, struct penalty *p)
{
	third_person(m, p, "investigation", "technician", TRI_FALSE);
	if (rng_chance(&m->rng, 500))
		third_person(m, p, "investigation", "witness", TRI_FALSE);
	return true;
}

static bool certificate_not_entered(struct maker *m, struct penalty *p)
{
	third_person(m, p, "inquiry", "enforcement", TRI_UNKNOWN);
	return true;
}

/** The case is laid around the day on which one officer with a special certificate acts. */
static void act_on(struct maker *m, struct penalty *p, int officer_index, int32_t acted)
{
	int32_t decided = workday_roll(m->w->days, acted + 12);

	p->hearing_eligible = p->major = TRI_FALSE;
	set_fine(p, 2000 * YUAN);
	redo(m, p, acted - 6, decided);
	p->investigated = acted < p->notice ? acted : p->notice;
	penalty_fill(m, p);
	p->officers[0] = participation(m, p, officer_index, "investigation", acted);
}

static bool expired_next_day(struct maker *m, struct penalty *p)
{
	act_on(m, p, OFFICER_EXPIRED, officer_make(m->w, p->agency, OFFICER_EXPIRED, m->mem).cert_to + 1);
	return true;
}

static bool expired_long_ago(struct maker *m, struct penalty *p)
{
	act_on(m, p, OFFICER_EXPIRED, officer_make(m->w, p->agency, OFFICER_EXPIRED, m->mem).cert_to + (int32_t)rng_in(&m->rng, 2, 100));
	return true;
}

static bool expired_last_day(struct maker *m, struct penalty *p)
{
	act_on(m, p, OFFICER_EXPIRED, officer_make(m->w, p->agency, OFFICER_EXPIRED, m->mem).cert_to);
	return true;
}

static bool certificate_too_new(struct maker *m, struct penalty *p)
{
	act_on(m, p, OFFICER_NEW, officer_make(m->w, p->agency, OFFICER_NEW, m->mem).cert_from - 1);
	return true;
}

static bool certificate_first_day(struct maker *m, struct penalty *p)
{
	act_on(m, p, OFFICER_NEW, officer_make(m->w, p->agency, OFFICER_NEW, m->mem).cert_from);
	return true;
}

static bool certificate_suspended(struct maker *m, struct penalty *p)
{
	p->officers[0] = participation(m, p, OFFICER_SUSPENDED, "investigation", p->investigated);
	return true;
}

static bool certificate_extended(struct maker *m, struct penalty *p)
{
	act_on(m, p, OFFICER_EXTENDED, officer_make(m->w, p->agency, OFFICER_EXTENDED, m->mem).cert_to + (int32_t)rng_in(&m->rng, 1, 180));
	return true;
}

static bool certificate_extended_too_little(struct maker *m, struct penalty *p)
{
	act_on(m, p, OFFICER_EXTENDED, officer_make(m->w, p->agency, OFFICER_EXTENDED, m->mem).extended_to + 1);
	return true;
}

/* ---- notice, hearing ---- */

static bool notice_none(struct maker *m, struct penalty *p)
{
	set_fine(p, 3000 * YUAN);
	p->notice = DAY_NONE;
	penalty_fill(m, p);
	return true;
}

static bool notice_late(struct maker *m, struct penalty *p)
{
	redo_old(m, p, 30);
	set_fine(p, 3000 * YUAN);
	p->notice = p->decided + 1;
	penalty_fill(m, p);
	return true;
}

static bool notice_same_day(struct maker *m, struct penalty *p)
{
	set_fine(p, 3000 * YUAN);
	p->notice = p->decided;
	penalty_fill(m, p);
	return true;
}

static bool notice_in_file(struct maker *m, struct penalty *p)
{
	set_fine(p, 3000 * YUAN);
	penalty_fill(m, p); /* the document stays, the date is not in the record */
	p->notice = DAY_NONE;
	return true;
}

static bool notice_spot_unrecorded(struct maker *m, struct penalty *p)
{
	(void)m;
	p->notice = DAY_NONE;
	p->onspot_notice = TRI_FALSE;
	return true;
}

static bool notice_spot_recorded(struct maker *m, struct penalty *p)
{
	(void)m;
	p->notice = DAY_NONE;
	p->onspot_notice = TRI_TRUE;
	return true;
}

static bool notice_spot_unknown(struct maker *m, struct penalty *p)
{
	(void)m;
	p->notice = DAY_NONE;
	p->onspot_notice = TRI_UNKNOWN;
	return true;
}

/** Right to a hearing; the decision follows the notice by so many working days. */
static bool window_of(struct maker *m, struct penalty *p, int workdays)
{
	set_fine(p, 200000 * YUAN);
	p->hearing_eligible = p->major = TRI_TRUE;
	p->notice = p->investigated = workday_step(m->w->days, p->decided, -workdays);
	p->reviewed = p->discussed = p->decided;
	penalty_fill(m, p);
	return p->notice > p->filed;
}

static bool window_fifth_day(struct maker *m, struct penalty *p)
{
	return window_of(m, p, 5);
}

static bool window_second_day(struct maker *m, struct penalty *p)
{
	return window_of(m, p, 2);
}

static bool window_sixth_day(struct maker *m, struct penalty *p)
{
	return window_of(m, p, 6);
}

static bool window_waived(struct maker *m, struct penalty *p)
{
	p->hearing_waived = p->decided;
	return window_of(m, p, 3);
}

static bool window_no_notice(struct maker *m, struct penalty *p)
{
	set_fine(p, 200000 * YUAN);
	p->hearing_eligible = TRI_TRUE;
	p->notice = DAY_NONE;
	penalty_fill(m, p);
	return true;
}

static bool hearing_after(struct maker *m, struct penalty *p, int workdays, enum tri consent)
{
	const struct day_facts *f = m->w->days;
	int32_t decided = random_workday(m, 700, 30);

	redo(m, p, decided - 80, decided);
	set_fine(p, 200000 * YUAN);
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

static bool hearing_six(struct maker *m, struct penalty *p)
{
	return hearing_after(m, p, 6, TRI_FALSE);
}

static bool hearing_three(struct maker *m, struct penalty *p)
{
	return hearing_after(m, p, 3, TRI_UNKNOWN);
}

static bool hearing_seven(struct maker *m, struct penalty *p)
{
	return hearing_after(m, p, 7, TRI_FALSE);
}

static bool hearing_agreed(struct maker *m, struct penalty *p)
{
	return hearing_after(m, p, 4, TRI_TRUE);
}

static bool hearing_unknown(struct maker *m, struct penalty *p)
{
	bool ok = hearing_after(m, p, 9, TRI_FALSE);

	p->hearing_notice = DAY_NONE;
	return ok;
}

/* ---- documents, delivery ---- */

static bool elements_remedy(struct maker *m, struct penalty *p)
{
	(void)m;
	decision_document(p)->has_remedy = TRI_FALSE;
	return true;
}

static bool elements_stamp(struct maker *m, struct penalty *p)
{
	(void)m;
	decision_document(p)->stamped = TRI_FALSE;
	return true;
}

static bool elements_evidence(struct maker *m, struct penalty *p)
{
	(void)m;
	decision_document(p)->has_evidence = TRI_FALSE;
	return true;
}

static bool elements_basis(struct maker *m, struct penalty *p)
{
	(void)m;
	decision_document(p)->has_basis = TRI_FALSE;
	return true;
}

static bool elements_spot_unstamped(struct maker *m, struct penalty *p)
{
	(void)m;
	decision_document(p)->stamped = decision_document(p)->has_evidence = TRI_FALSE;
	return true;
}

static bool elements_not_entered(struct maker *m, struct penalty *p)
{
	(void)m;
	decision_document(p)->has_performance = TRI_UNKNOWN;
	return true;
}

static bool delivered_on(struct maker *m, struct penalty *p, int more, int32_t started)
{
	redo_old(m, p, 60);
	p->delivered = workday_step(m->w->days, p->decided, 7) + more;
	p->delivery_started = started == DAY_NONE ? p->delivered : started;
	p->delivery_method = "direct";
	p->e_consent = DAY_NONE;
	close_after_delivery(m, p);
	penalty_fill(m, p);
	return true;
}

static bool delivered_eighth_day(struct maker *m, struct penalty *p)
{
	return delivered_on(m, p, 1, DAY_NONE);
}

static bool delivered_late(struct maker *m, struct penalty *p)
{
	return delivered_on(m, p, (int)rng_in(&m->rng, 2, 25), DAY_NONE);
}

static bool delivered_seventh_day(struct maker *m, struct penalty *p)
{
	return delivered_on(m, p, 0, DAY_NONE);
}

static bool delivered_started_in_time(struct maker *m, struct penalty *p)
{
	delivered_on(m, p, 12, DAY_NONE);
	p->delivery_started = workday_step(m->w->days, p->decided, 7);
	p->delivery_method = "post";
	return true;
}

static bool delivered_never(struct maker *m, struct penalty *p)
{
	redo_old(m, p, 20);
	p->delivered = p->delivery_started = p->closed = p->e_consent = DAY_NONE;
	p->delivery_method = "direct";
	p->status = "decided";
	penalty_fill(m, p);
	return true;
}

static bool delivered_no_penalty(struct maker *m, struct penalty *p)
{
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

	redo_old(m, p, 60);
	p->delivery_method = methods[rng_next(&m->rng) % COUNT(methods)];
	p->e_consent = consent ? p->delivered + consent_after : DAY_NONE;
	penalty_fill(m, p);
	return true;
}

static bool electronic_no_consent(struct maker *m, struct penalty *p)
{
	return electronic(m, p, 0, false);
}

static bool electronic_consent_next_day(struct maker *m, struct penalty *p)
{
	return electronic(m, p, 1, true);
}

static bool electronic_consent_same_day(struct maker *m, struct penalty *p)
{
	return electronic(m, p, 0, true);
}

static bool electronic_consent_in_file(struct maker *m, struct penalty *p)
{
	electronic(m, p, 0, true);
	p->e_consent = DAY_NONE;
	return true;
}

static bool electronic_otherwise(struct maker *m, struct penalty *p)
{
	electronic(m, p, 0, false);
	p->delivered_otherwise = TRI_TRUE;
	return true;
}

static bool electronic_unknown(struct maker *m, struct penalty *p)
{
	electronic(m, p, 0, false);
	p->delivery_method = NULL;
	return true;
}

static bool announced_for(struct maker *m, struct penalty *p, int days)
{
	redo_old(m, p, 90);
	p->announced = p->delivery_started = workday_step(m->w->days, p->decided, 3);
	p->deemed = p->delivered = p->announced + days;
	p->delivery_method = "announcement";
	p->e_consent = DAY_NONE;
	close_after_delivery(m, p);
	penalty_fill(m, p);
	return true;
}

static bool announced_29(struct maker *m, struct penalty *p)
{
	return announced_for(m, p, 29);
}

static bool announced_15(struct maker *m, struct penalty *p)
{
	return announced_for(m, p, 15);
}

static bool announced_30(struct maker *m, struct penalty *p)
{
	return announced_for(m, p, 30);
}

static bool announced_unknown(struct maker *m, struct penalty *p)
{
	announced_for(m, p, 31);
	p->deemed = DAY_NONE;
	return true;
}

/* ---- records, order ---- */

static bool record_no_text(struct maker *m, struct penalty *p)
{
	p->stages[rng_next(&m->rng) % (uint64_t)p->stage_count].text = TRI_FALSE;
	return true;
}

static bool record_no_video(struct maker *m, struct penalty *p)
{
	struct case_stage *s = &p->stages[rng_next(&m->rng) % (uint64_t)p->stage_count];

	s->av_required = TRI_TRUE;
	s->av = TRI_FALSE;
	return true;
}

static bool record_failure_explained(struct maker *m, struct penalty *p)
{
	struct case_stage *s = &p->stages[rng_next(&m->rng) % (uint64_t)p->stage_count];

	s->av_required = s->explained = TRI_TRUE;
	s->av = TRI_FALSE;
	return true;
}

static bool record_optional_stage(struct maker *m, struct penalty *p)
{
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

static bool record_not_entered(struct maker *m, struct penalty *p)
{
	(void)m;
	p->stages[0].text = TRI_UNKNOWN;
	return true;
}

static bool review_after(struct maker *m, struct penalty *p)
{
	redo_old(m, p, 30);
	p->reviewed = p->decided + (int32_t)rng_in(&m->rng, 1, 6);
	return true;
}

static bool discussion_after(struct maker *m, struct penalty *p)
{
	redo_old(m, p, 30);
	p->discussed = p->decided + 1;
	return true;
}

static bool investigation_after_notice(struct maker *m, struct penalty *p)
{
	p->investigated = p->notice + 1;
	penalty_fill(m, p);
	return true;
}

static bool filing_after(struct maker *m, struct penalty *p)
{
	redo_old(m, p, 60);
	p->filed = p->decided + 1;
	return true;
}

static bool order_same_day(struct maker *m, struct penalty *p)
{
	(void)m;
	p->reviewed = p->discussed = p->decided;
	p->investigated = p->notice;
	return true;
}

static bool order_renotified(struct maker *m, struct penalty *p)
{
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

static bool order_urgent(struct maker *m, struct penalty *p)
{
	filing_after(m, p);
	p->urgent = TRI_TRUE;
	return true;
}

/* ---- money, crime, minors ---- */

static bool cash(struct maker *m, struct penalty *p, int agency_days, int agency_more, int bank_days, int bank_more)
{
	const struct day_facts *f = m->w->days;
	struct case_payment *pay = &p->payments[0];

	redo_old(m, p, 40);
	if (p->fine <= 0)
		set_fine(p, 50 * YUAN);
	penalty_fill(m, p);
	p->payment_count = 1;
	*pay = (struct case_payment){ "onspot_cash", p->fine, p->decided, DAY_NONE, DAY_NONE, DAY_NONE };
	pay->to_agency = workday_step(f, pay->collected, agency_days) + agency_more;
	pay->to_bank = workday_step(f, pay->to_agency, bank_days) + bank_more;
	return true;
}

static bool cash_agency_late(struct maker *m, struct penalty *p)
{
	return cash(m, p, 2, 1, 1, 0);
}

static bool cash_bank_late(struct maker *m, struct penalty *p)
{
	return cash(m, p, 1, 0, 2, 1);
}

static bool cash_last_day(struct maker *m, struct penalty *p)
{
	return cash(m, p, 2, 0, 2, 0);
}

static bool cash_on_water(struct maker *m, struct penalty *p)
{
	cash(m, p, 6, 0, 2, 0);
	p->payments[0].landed = workday_step(m->w->days, p->payments[0].collected, 4);
	return true;
}

static bool cash_unknown(struct maker *m, struct penalty *p)
{
	cash(m, p, 1, 0, 1, 0);
	p->payments[0].to_agency = p->payments[0].to_bank = DAY_NONE;
	return true;
}

static bool crime(struct maker *m, struct penalty *p, int decide_more, int transfer_minutes, int hand_over_more)
{
	const struct day_facts *f = m->w->days;

	redo_old(m, p, 60);
	p->crime_reported = p->filed + 3;
	p->crime_approved = ((int64_t)day_deadline(f, p->crime_reported, 3) + decide_more) * DAY_S + 16 * 3600;
	p->crime_transferred = p->crime_approved + 24 * 3600 + transfer_minutes * 60;
	p->transferred_crime = (int32_t)(p->crime_transferred / DAY_S);
	p->police_filed = p->transferred_crime + 5;
	p->crime_handed = day_deadline(f, p->police_filed, 3) + hand_over_more;
	return true;
}

static bool crime_decided_late(struct maker *m, struct penalty *p)
{
	return crime(m, p, 1, -300, 0);
}

static bool crime_transferred_late(struct maker *m, struct penalty *p)
{
	return crime(m, p, 0, 1, 0);
}

static bool crime_handed_over_late(struct maker *m, struct penalty *p)
{
	return crime(m, p, 0, -60, 1);
}

static bool crime_last_moment(struct maker *m, struct penalty *p)
{
	return crime(m, p, 0, 0, 0);
}

static bool minor(struct maker *m, struct penalty *p, int years, int day_before, enum tri mitigated)
{
	int32_t birthday = p->violated + day_before, birth = day_add_months(birthday, -12 * years);

	penalty_set_person(m, p, birth);
	p->mitigated = mitigated;
	return day_add_months(birth, 12 * years) == birthday; /* not on 29 February */
}

static bool minor_thirteen(struct maker *m, struct penalty *p)
{
	return minor(m, p, 14, 1, TRI_TRUE);
}

static bool minor_seventeen(struct maker *m, struct penalty *p)
{
	return minor(m, p, 18, 1, TRI_FALSE);
}

static bool minor_fourteenth_birthday(struct maker *m, struct penalty *p)
{
	return minor(m, p, 14, 0, TRI_TRUE);
}

static bool minor_eighteenth_birthday(struct maker *m, struct penalty *p)
{
	return minor(m, p, 18, 0, TRI_FALSE);
}

static bool minor_detained(struct maker *m, struct penalty *p)
{
	p->penalties[0] = (struct case_penalty){ "detention", -1 };
	p->penalty_count = 1;
	p->fine = p->confiscated = 0;
	p->payment_count = 0;
	return minor(m, p, 18, 1, TRI_FALSE);
}

static bool minor_unknown(struct maker *m, struct penalty *p)
{
	(void)m;
	p->party_birth = DAY_NONE;
	return true;
}

/* ---- the agency itself, publication, data ---- */

static bool agency_as_it_is(struct maker *m, struct penalty *p)
{
	(void)m, (void)p;
	return true;
}

static bool agency_before_confirmation(struct maker *m, struct penalty *p)
{
	int32_t decided = p->agency->confirmed_on - (int32_t)rng_in(&m->rng, 1, 300), span = p->decided - p->filed;

	redo(m, p, decided - span, decided);
	return true;
}

static bool agency_day_before_confirmation(struct maker *m, struct penalty *p)
{
	int32_t decided = p->agency->confirmed_on - 1, span = p->decided - p->filed;

	redo(m, p, decided - span, decided);
	return true;
}

static bool agency_on_confirmation(struct maker *m, struct penalty *p)
{
	int32_t decided = p->agency->confirmed_on, span = p->decided - p->filed;

	redo(m, p, decided - span, decided);
	return true;
}

static bool agency_not_in_register(struct maker *m, struct penalty *p)
{
	p->agency_name = str_printf(m->mem, "%.*s综合执法服务中心", STR_ARG(p->agency->place));
	p->agency_known = false;
	return true;
}

static bool published_on(struct maker *m, struct penalty *p, int workdays, int more)
{
	redo_old(m, p, 70);
	p->disclosure = TRI_TRUE;
	p->published = workday_step(m->w->days, p->decided, workdays) + more;
	return true;
}

static bool published_eighth_day(struct maker *m, struct penalty *p)
{
	return published_on(m, p, 7, 1);
}

static bool published_late(struct maker *m, struct penalty *p)
{
	return published_on(m, p, 7, (int)rng_in(&m->rng, 2, 40));
}

static bool published_never(struct maker *m, struct penalty *p)
{
	published_on(m, p, 7, 0);
	p->published = DAY_NONE;
	return true;
}

static bool published_seventh_day(struct maker *m, struct penalty *p)
{
	return published_on(m, p, 7, 0);
}

static bool published_market_late(struct maker *m, struct penalty *p)
{
	set_fine(p, 5000 * YUAN); /* a mere warning is not published */
	return published_on(m, p, 20, 1);
}

static bool published_market_last_day(struct maker *m, struct penalty *p)
{
	return published_on(m, p, 20, 0);
}

static bool published_market_warning(struct maker *m, struct penalty *p)
{
	published_never(m, p);
	p->fine = p->confiscated = 0;
	p->hearing_eligible = TRI_FALSE;
	p->penalties[0] = (struct case_penalty){ "warning", -1 };
	p->penalty_count = 1;
	p->payment_count = 0;
	return true;
}

static bool published_reason(struct maker *m, struct penalty *p)
{
	published_never(m, p);
	p->no_disclosure_reason = "涉及商业秘密";
	return true;
}

static bool published_unknown(struct maker *m, struct penalty *p)
{
	published_never(m, p);
	p->disclosure = TRI_UNKNOWN;
	return true;
}

static bool dates_undecided(struct maker *m, struct penalty *p)
{
	int32_t filed = random_workday(m, 55, 30);

	redo(m, p, filed, today_of(m) - 5);
	p->decided = p->delivered = p->delivery_started = p->published = p->closed = p->e_consent = p->reviewed = p->discussed = DAY_NONE;
	p->status = "decided";
	penalty_fill(m, p);
	return true;
}

static bool dates_undelivered(struct maker *m, struct penalty *p)
{
	redo_old(m, p, 90);
	p->closed = p->delivered + 20;
	p->delivered = p->e_consent = DAY_NONE;
	p->delivery_method = "direct";
	p->status = "closed";
	penalty_fill(m, p);
	return true;
}

static bool dates_spot_unfiled(struct maker *m, struct penalty *p)
{
	(void)m;
	p->filed = p->found = DAY_NONE;
	return true;
}

static bool dates_dismissed(struct maker *m, struct penalty *p)
{
	dates_undelivered(m, p);
	p->outcome = "not_penalised";
	p->fine = p->confiscated = 0;
	p->hearing_eligible = TRI_FALSE;
	p->penalty_count = p->payment_count = 0;
	return true;
}

static bool impossible_future(struct maker *m, struct penalty *p)
{
	p->closed = today_of(m) + (int32_t)rng_in(&m->rng, 1, 300);
	p->status = "closed";
	if (p->delivered == DAY_NONE)
		p->delivered = p->decided;
	return true;
}

static bool impossible_negative(struct maker *m, struct penalty *p)
{
	(void)m;
	p->fine = -p->fine - 1;
	return true;
}

static bool impossible_delivered(struct maker *m, struct penalty *p)
{
	redo_old(m, p, 30);
	p->delivery_method = "direct";
	p->e_consent = DAY_NONE;
	p->delivered = p->decided - 1;
	penalty_fill(m, p);
	return true;
}

static bool impossible_violated(struct maker *m, struct penalty *p)
{
	(void)m;
	p->violated = p->decided + 1;
	return true;
}

static bool impossible_published(struct maker *m, struct penalty *p)
{
	(void)m;
	p->disclosure = TRI_TRUE;
	p->published = p->decided - 1;
	return true;
}

static bool possible_same_day(struct maker *m, struct penalty *p)
{
	redo_old(m, p, 30);
	p->disclosure = TRI_TRUE;
	p->delivered = p->published = p->delivery_started = p->decided;
	p->delivery_method = "direct";
	p->e_consent = DAY_NONE;
	p->closed = p->delivered;
	p->status = "closed";
	penalty_fill(m, p);
	return true;
}

#define GENERAL .domain = -1, .not_police = true, .procedure = "general", .full = true
#define SIMPLE .domain = -1, .procedure = "simple", .full = true
#define SIMPLE_CIVIL .domain = -1, .not_police = true, .procedure = "simple", .full = true
#define POLICE .domain = DOMAIN_POLICE, .procedure = "general", .full = true
#define MARKET .domain = DOMAIN_MARKET, .procedure = "general", .full = true
#define NOT_MARKET .domain = DOMAIN_OTHER, .procedure = "general", .full = true

const struct scenario scenarios[] = {
	{ RULE_DECISION_OVERDUE, PLAN_HIT, 120, { GENERAL }, overdue_first_day },
	{ RULE_DECISION_OVERDUE, PLAN_HIT, 600, { GENERAL }, overdue_far },
	{ RULE_DECISION_OVERDUE, PLAN_HIT, 150, { GENERAL }, overdue_open },
	{ RULE_DECISION_OVERDUE, PLAN_HIT, 60, { GENERAL }, overdue_tolled_too_little },
	{ RULE_DECISION_OVERDUE, PLAN_NEAR, 250, { GENERAL }, overdue_last_day },
	{ RULE_DECISION_OVERDUE, PLAN_NEAR, 40, { GENERAL }, overdue_open_last_day },
	{ RULE_DECISION_OVERDUE, PLAN_EXEMPT, 120, { GENERAL }, overdue_tolled },
	{ RULE_DECISION_OVERDUE, PLAN_EXEMPT, 40, { GENERAL }, overdue_transferred },
	{ RULE_DECISION_OVERDUE, PLAN_EXEMPT, 60, { GENERAL }, overdue_dismissed_in_time },
	{ RULE_DECISION_OVERDUE, PLAN_EXEMPT, 40, { POLICE }, overdue_of_police },
	{ RULE_DECISION_OVERDUE, PLAN_UNKNOWN, 100, { GENERAL }, overdue_unfiled },
	{ RULE_DECISION_OVERDUE_POLICE, PLAN_HIT, 60, { POLICE }, police_first_day },
	{ RULE_DECISION_OVERDUE_POLICE, PLAN_HIT, 180, { POLICE }, police_far },
	{ RULE_DECISION_OVERDUE_POLICE, PLAN_HIT, 40, { POLICE }, police_extended_by_itself },
	{ RULE_DECISION_OVERDUE_POLICE, PLAN_NEAR, 100, { POLICE }, police_last_day },
	{ RULE_DECISION_OVERDUE_POLICE, PLAN_EXEMPT, 60, { POLICE }, police_extended },
	{ RULE_DECISION_OVERDUE_POLICE, PLAN_EXEMPT, 40, { POLICE }, police_suspect_unknown },
	{ RULE_DECISION_OVERDUE_POLICE, PLAN_UNKNOWN, 20, { POLICE }, police_unfiled },
	{ RULE_LONG_OPEN, PLAN_HIT, 40, { GENERAL }, long_open_first_day },
	{ RULE_LONG_OPEN, PLAN_HIT, 260, { GENERAL }, long_open_hit },
	{ RULE_LONG_OPEN, PLAN_NEAR, 60, { GENERAL }, long_open_last_day },
	{ RULE_LONG_OPEN, PLAN_EXEMPT, 80, { GENERAL }, long_open_suspended },
	{ RULE_SIMPLE_OVERLIMIT, PLAN_HIT, 60, { SIMPLE_CIVIL, .natural = true }, spot_person_one_over },
	{ RULE_SIMPLE_OVERLIMIT, PLAN_HIT, 260, { SIMPLE_CIVIL, .natural = true }, spot_person_over },
	{ RULE_SIMPLE_OVERLIMIT, PLAN_HIT, 150, { SIMPLE_CIVIL, .enterprise = true }, spot_organisation_over },
	{ RULE_SIMPLE_OVERLIMIT, PLAN_HIT, 60, { SIMPLE_CIVIL, .enterprise = true }, spot_confiscation },
	{ RULE_SIMPLE_OVERLIMIT, PLAN_NEAR, 220, { SIMPLE_CIVIL, .natural = true }, spot_person_limit },
	{ RULE_SIMPLE_OVERLIMIT, PLAN_NEAR, 160, { SIMPLE_CIVIL, .enterprise = true }, spot_organisation_limit },
	{ RULE_SIMPLE_OVERLIMIT, PLAN_EXEMPT, 120, { .domain = DOMAIN_POLICE, .procedure = "simple", .full = true, .natural = true },
		spot_police },
	{ RULE_SIMPLE_OVERLIMIT, PLAN_UNKNOWN, 40, { SIMPLE_CIVIL, .natural = true }, spot_no_amount },
	{ RULE_SIMPLE_NOT_FILED, PLAN_HIT, 500, { SIMPLE }, not_filed },
	{ RULE_SIMPLE_NOT_FILED, PLAN_HIT, 20, { SIMPLE }, not_filed_sixth_day },
	{ RULE_SIMPLE_NOT_FILED, PLAN_NEAR, 60, { SIMPLE }, not_filed_fifth_day },
	{ RULE_SINGLE_OFFICER, PLAN_HIT, 350, { GENERAL }, officers_one },
	{ RULE_SINGLE_OFFICER, PLAN_HIT, 120, { GENERAL }, officers_one_and_assistant },
	{ RULE_SINGLE_OFFICER, PLAN_HIT, 90, { GENERAL }, officers_same_twice },
	{ RULE_SINGLE_OFFICER, PLAN_HIT, 90, { GENERAL }, officers_one_hears_defence },
	{ RULE_SINGLE_OFFICER, PLAN_NEAR, 200, { GENERAL }, officers_two_everywhere },
	{ RULE_SINGLE_OFFICER, PLAN_EXEMPT, 90, { GENERAL }, officers_monitoring },
	{ RULE_NO_PRIOR_NOTICE, PLAN_HIT, 260, { GENERAL }, notice_none },
	{ RULE_NO_PRIOR_NOTICE, PLAN_HIT, 80, { GENERAL }, notice_late },
	{ RULE_NO_PRIOR_NOTICE, PLAN_HIT, 90, { SIMPLE }, notice_spot_unrecorded },
	{ RULE_NO_PRIOR_NOTICE, PLAN_NEAR, 160, { GENERAL }, notice_same_day },
	{ RULE_NO_PRIOR_NOTICE, PLAN_NEAR, 60, { SIMPLE }, notice_spot_recorded },
	{ RULE_NO_PRIOR_NOTICE, PLAN_EXEMPT, 120, { GENERAL }, notice_in_file },
	{ RULE_NO_PRIOR_NOTICE, PLAN_UNKNOWN, 60, { SIMPLE }, notice_spot_unknown },
	{ RULE_BEFORE_HEARING_WINDOW, PLAN_HIT, 90, { GENERAL }, window_fifth_day },
	{ RULE_BEFORE_HEARING_WINDOW, PLAN_HIT, 180, { GENERAL }, window_second_day },
	{ RULE_BEFORE_HEARING_WINDOW, PLAN_NEAR, 160, { GENERAL }, window_sixth_day },
	{ RULE_BEFORE_HEARING_WINDOW, PLAN_EXEMPT, 90, { GENERAL }, window_waived },
	{ RULE_BEFORE_HEARING_WINDOW, PLAN_UNKNOWN, 30, { GENERAL }, window_no_notice },
	{ RULE_HEARING_NOTICE_LATE, PLAN_HIT, 100, { GENERAL }, hearing_six },
	{ RULE_HEARING_NOTICE_LATE, PLAN_HIT, 140, { GENERAL }, hearing_three },
	{ RULE_HEARING_NOTICE_LATE, PLAN_NEAR, 140, { GENERAL }, hearing_seven },
	{ RULE_HEARING_NOTICE_LATE, PLAN_EXEMPT, 50, { GENERAL }, hearing_agreed },
	{ RULE_HEARING_NOTICE_LATE, PLAN_UNKNOWN, 30, { GENERAL }, hearing_unknown },
	{ RULE_DOC_ELEMENTS, PLAN_HIT, 180, { GENERAL }, elements_remedy },
	{ RULE_DOC_ELEMENTS, PLAN_HIT, 70, { GENERAL }, elements_stamp },
	{ RULE_DOC_ELEMENTS, PLAN_HIT, 150, { GENERAL }, elements_evidence },
	{ RULE_DOC_ELEMENTS, PLAN_HIT, 90, { SIMPLE }, elements_basis },
	{ RULE_DOC_ELEMENTS, PLAN_NEAR, 150, { SIMPLE }, elements_spot_unstamped },
	{ RULE_DOC_ELEMENTS, PLAN_UNKNOWN, 60, { GENERAL }, elements_not_entered },
	{ RULE_DELIVERY_LATE, PLAN_HIT, 160, { GENERAL }, delivered_eighth_day },
	{ RULE_DELIVERY_LATE, PLAN_HIT, 900, { GENERAL }, delivered_late },
	{ RULE_DELIVERY_LATE, PLAN_HIT, 120, { GENERAL }, delivered_never },
	{ RULE_DELIVERY_LATE, PLAN_NEAR, 300, { GENERAL }, delivered_seventh_day },
	{ RULE_DELIVERY_LATE, PLAN_EXEMPT, 200, { GENERAL }, delivered_started_in_time },
	{ RULE_DELIVERY_LATE, PLAN_EXEMPT, 80, { GENERAL }, delivered_no_penalty },
	{ RULE_E_DELIVERY, PLAN_HIT, 250, { GENERAL }, electronic_no_consent },
	{ RULE_E_DELIVERY, PLAN_HIT, 70, { GENERAL }, electronic_consent_next_day },
	{ RULE_E_DELIVERY, PLAN_NEAR, 150, { GENERAL }, electronic_consent_same_day },
	{ RULE_E_DELIVERY, PLAN_EXEMPT, 90, { GENERAL }, electronic_consent_in_file },
	{ RULE_E_DELIVERY, PLAN_EXEMPT, 60, { GENERAL }, electronic_otherwise },
	{ RULE_E_DELIVERY, PLAN_UNKNOWN, 60, { GENERAL }, electronic_unknown },
	{ RULE_ANNOUNCEMENT, PLAN_HIT, 90, { GENERAL }, announced_29 },
	{ RULE_ANNOUNCEMENT, PLAN_HIT, 110, { GENERAL }, announced_15 },
	{ RULE_ANNOUNCEMENT, PLAN_NEAR, 160, { GENERAL }, announced_30 },
	{ RULE_ANNOUNCEMENT, PLAN_UNKNOWN, 30, { GENERAL }, announced_unknown },
	{ RULE_RECORD_MISSING, PLAN_HIT, 400, { GENERAL }, record_no_text },
	{ RULE_RECORD_MISSING, PLAN_HIT, 350, { GENERAL }, record_no_video },
	{ RULE_RECORD_MISSING, PLAN_NEAR, 160, { GENERAL }, record_optional_stage },
	{ RULE_RECORD_MISSING, PLAN_EXEMPT, 120, { GENERAL }, record_failure_explained },
	{ RULE_RECORD_MISSING, PLAN_UNKNOWN, 60, { GENERAL }, record_not_entered },
	{ RULE_ORDER_INVERTED, PLAN_HIT, 200, { GENERAL }, review_after },
	{ RULE_ORDER_INVERTED, PLAN_HIT, 90, { GENERAL }, discussion_after },
	{ RULE_ORDER_INVERTED, PLAN_HIT, 200, { GENERAL }, investigation_after_notice },
	{ RULE_ORDER_INVERTED, PLAN_HIT, 90, { GENERAL }, filing_after },
	{ RULE_ORDER_INVERTED, PLAN_NEAR, 200, { GENERAL }, order_same_day },
	{ RULE_ORDER_INVERTED, PLAN_EXEMPT, 90, { GENERAL }, order_renotified },
	{ RULE_ORDER_INVERTED, PLAN_EXEMPT, 40, { GENERAL }, order_urgent },
	{ RULE_CASH_REMIT, PLAN_HIT, 130, { SIMPLE }, cash_agency_late },
	{ RULE_CASH_REMIT, PLAN_HIT, 90, { SIMPLE }, cash_bank_late },
	{ RULE_CASH_REMIT, PLAN_NEAR, 140, { SIMPLE }, cash_last_day },
	{ RULE_CASH_REMIT, PLAN_NEAR, 30, { SIMPLE }, cash_on_water },
	{ RULE_CASH_REMIT, PLAN_UNKNOWN, 50, { SIMPLE }, cash_unknown },
	{ RULE_CRIME_TRANSFER, PLAN_HIT, 80, { GENERAL }, crime_decided_late },
	{ RULE_CRIME_TRANSFER, PLAN_HIT, 80, { GENERAL }, crime_transferred_late },
	{ RULE_CRIME_TRANSFER, PLAN_HIT, 80, { GENERAL }, crime_handed_over_late },
	{ RULE_CRIME_TRANSFER, PLAN_NEAR, 160, { GENERAL }, crime_last_moment },
	{ RULE_MINOR_PARTY, PLAN_HIT, 90, { GENERAL, .natural = true }, minor_thirteen },
	{ RULE_MINOR_PARTY, PLAN_HIT, 150, { GENERAL, .natural = true }, minor_seventeen },
	{ RULE_MINOR_PARTY, PLAN_NEAR, 80, { GENERAL, .natural = true }, minor_fourteenth_birthday },
	{ RULE_MINOR_PARTY, PLAN_NEAR, 90, { GENERAL, .natural = true }, minor_eighteenth_birthday },
	{ RULE_MINOR_PARTY, PLAN_EXEMPT, 50, { POLICE, .natural = true }, minor_detained },
	{ RULE_MINOR_PARTY, PLAN_UNKNOWN, 60, { GENERAL, .natural = true }, minor_unknown },
	{ RULE_AGENCY_UNCONFIRMED, PLAN_HIT, 120, { GENERAL, .trait = AGENCY_NEVER_CONFIRMED }, agency_as_it_is },
	{ RULE_AGENCY_UNCONFIRMED, PLAN_HIT, 60, { GENERAL, .trait = AGENCY_CONFIRMED_LATE }, agency_before_confirmation },
	{ RULE_AGENCY_UNCONFIRMED, PLAN_HIT, 20, { GENERAL, .trait = AGENCY_CONFIRMED_LATE }, agency_day_before_confirmation },
	{ RULE_AGENCY_UNCONFIRMED, PLAN_NEAR, 60, { GENERAL, .trait = AGENCY_CONFIRMED_LATE }, agency_on_confirmation },
	{ RULE_AGENCY_UNCONFIRMED, PLAN_EXEMPT, 60, { GENERAL, .trait = AGENCY_BY_LAW }, agency_as_it_is },
	{ RULE_AGENCY_UNCONFIRMED, PLAN_UNKNOWN, 40, { GENERAL }, agency_not_in_register },
	{ RULE_CERT_EXPIRED, PLAN_HIT, 60, { GENERAL }, expired_next_day },
	{ RULE_CERT_EXPIRED, PLAN_HIT, 200, { GENERAL }, expired_long_ago },
	{ RULE_CERT_EXPIRED, PLAN_HIT, 60, { GENERAL }, certificate_too_new },
	{ RULE_CERT_EXPIRED, PLAN_HIT, 120, { GENERAL }, certificate_suspended },
	{ RULE_CERT_EXPIRED, PLAN_HIT, 40, { GENERAL }, certificate_extended_too_little },
	{ RULE_CERT_EXPIRED, PLAN_NEAR, 110, { GENERAL }, expired_last_day },
	{ RULE_CERT_EXPIRED, PLAN_NEAR, 60, { GENERAL }, certificate_first_day },
	{ RULE_CERT_EXPIRED, PLAN_EXEMPT, 90, { GENERAL }, certificate_extended },
	{ RULE_NO_CERT, PLAN_HIT, 250, { GENERAL }, uncertified_person },
	{ RULE_NO_CERT, PLAN_HIT, 150, { GENERAL }, uncertified_assistant },
	{ RULE_NO_CERT, PLAN_NEAR, 120, { GENERAL }, uncertified_reviewer },
	{ RULE_NO_CERT, PLAN_EXEMPT, 120, { GENERAL }, uncertified_technician },
	{ RULE_NO_CERT, PLAN_UNKNOWN, 60, { GENERAL }, certificate_not_entered },
	{ RULE_PUBLICATION, PLAN_HIT, 140, { NOT_MARKET, .not_police = true }, published_eighth_day },
	{ RULE_PUBLICATION, PLAN_HIT, 800, { NOT_MARKET, .not_police = true }, published_late },
	{ RULE_PUBLICATION, PLAN_HIT, 350, { NOT_MARKET, .not_police = true }, published_never },
	{ RULE_PUBLICATION, PLAN_HIT, 150, { MARKET }, published_market_late },
	{ RULE_PUBLICATION, PLAN_NEAR, 250, { NOT_MARKET, .not_police = true }, published_seventh_day },
	{ RULE_PUBLICATION, PLAN_NEAR, 150, { MARKET }, published_market_last_day },
	{ RULE_PUBLICATION, PLAN_EXEMPT, 60, { MARKET }, published_market_warning },
	{ RULE_PUBLICATION, PLAN_EXEMPT, 150, { NOT_MARKET, .not_police = true }, published_reason },
	{ RULE_PUBLICATION, PLAN_UNKNOWN, 80, { NOT_MARKET, .not_police = true }, published_unknown },
	{ RULE_KEY_DATE_MISSING, PLAN_HIT, 80, { GENERAL }, overdue_unfiled },
	{ RULE_KEY_DATE_MISSING, PLAN_HIT, 150, { GENERAL }, dates_undecided },
	{ RULE_KEY_DATE_MISSING, PLAN_HIT, 200, { GENERAL }, dates_undelivered },
	{ RULE_KEY_DATE_MISSING, PLAN_NEAR, 100, { SIMPLE }, dates_spot_unfiled },
	{ RULE_KEY_DATE_MISSING, PLAN_EXEMPT, 80, { GENERAL }, dates_dismissed },
	{ RULE_IMPOSSIBLE, PLAN_HIT, 60, { GENERAL }, impossible_future },
	{ RULE_IMPOSSIBLE, PLAN_HIT, 30, { GENERAL }, impossible_negative },
	{ RULE_IMPOSSIBLE, PLAN_HIT, 120, { GENERAL }, impossible_delivered },
	{ RULE_IMPOSSIBLE, PLAN_HIT, 60, { GENERAL }, impossible_violated },
	{ RULE_IMPOSSIBLE, PLAN_HIT, 60, { GENERAL }, impossible_published },
	{ RULE_IMPOSSIBLE, PLAN_NEAR, 160, { GENERAL }, possible_same_day },
};
const int scenario_count = COUNT(scenarios);

const struct scenario *scenario_of(const struct world *w, int64_t index)
{
	struct rng r = rng_open(w->o.seed, STREAM_CASE, (uint64_t)index * 2 + 1);
	int64_t apart = w->o.size.cases / scenario_count > 7 ? 7 : w->o.size.cases / scenario_count; /* each at least once */
	int roll = (int)(rng_next(&r) % 100000);

	if (apart > 0 && index % apart == 0 && index / apart < scenario_count)
		return &scenarios[index / apart];
	for (int i = 0; i < scenario_count; i++) {
		roll -= scenarios[i].per_100k;
		if (roll < 0)
			return &scenarios[i];
	}
	return NULL;
}
