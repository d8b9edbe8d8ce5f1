/* Lawsuits: evidence in time, who appeared, judgments and what became of them. */
#include "demo/work.h"

struct suit {
	struct agency *agency;
	bool agency_known;
	struct people plaintiff;
	int64_t number;
	int32_t today;
	const char *act, *judgment;
	int32_t filed, received, submitted, extended_to, hearing, judged, effective, perform_until, performed;
	enum tri must_attend, leader, staff, lawyer, for_procedure, redo_same;
	const char *reason;
	int32_t redo_ordered, redo_on;
	int redo_limit;
};

static bool lost(const char *judgment)
{
	static const char *const losses[] = { "quashed", "partly_quashed", "declared_illegal", "declared_void", "changed",
		"ordered_to_perform", "ordered_to_pay", NULL };

	return among(judgment, losses) == TRI_TRUE;
}

static void judge_suit(struct maker *m, struct suit *s, const char *judgment)
{
	bool duty = judgment && (strcmp(judgment, "ordered_to_perform") == 0 || strcmp(judgment, "ordered_to_pay") == 0);

	s->judgment = judgment;
	s->effective = judgment && !rng_chance(&m->rng, 180) ? past(m, s->judged + 16) : DAY_NONE;
	s->perform_until = s->effective != DAY_NONE && duty ? s->effective + 30 : DAY_NONE;
	s->performed = s->perform_until == DAY_NONE ? DAY_NONE : past(m, s->perform_until - (int32_t)rng_in(&m->rng, 0, 15));
	s->for_procedure = tri(judgment && strcmp(judgment, "quashed") == 0 && rng_chance(&m->rng, 300));
	s->redo_ordered = s->redo_on = DAY_NONE;
	s->redo_limit = -1;
	s->redo_same = TRI_UNKNOWN;
	if (s->effective != DAY_NONE && judgment && strcmp(judgment, "quashed") == 0 && rng_chance(&m->rng, 400)) {
		s->redo_ordered = s->effective;
		s->redo_limit = 60;
		s->redo_on = past(m, s->effective + (int32_t)rng_in(&m->rng, 20, 60));
		s->redo_same = s->redo_on == DAY_NONE ? TRI_UNKNOWN : TRI_FALSE;
	}
}

static void appear(struct maker *m, struct suit *s)
{
	s->must_attend = tri(rng_chance(&m->rng, 650));
	s->leader = tri(rng_chance(&m->rng, s->must_attend == TRI_TRUE ? 850 : 250));
	s->staff = TRI_TRUE;
	s->lawyer = tri(rng_chance(&m->rng, 700));
	s->reason = s->must_attend == TRI_TRUE && s->leader == TRI_FALSE ? "参加上级会议，已向法院书面说明" : NULL;
}

static void lay_out(struct maker *m, struct suit *s, int32_t received)
{
	static const struct weighted judgments[] = { { "rejected", 520 }, { "withdrawn", 170 }, { "dismissed", 130 }, { "quashed", 60 },
		{ "declared_illegal", 50 }, { "ordered_to_perform", 30 }, { "upheld", 20 }, { "ordered_to_pay", 10 }, { "changed", 10 } };

	s->filed = received - 5;
	s->received = received;
	s->submitted = past(m, received + (int32_t)rng_in(&m->rng, 5, 15));
	s->extended_to = DAY_NONE;
	s->hearing = past(m, workday_roll(m->w->days, received + (int32_t)rng_in(&m->rng, 40, 80)));
	s->judged = s->hearing == DAY_NONE ? DAY_NONE : past(m, s->hearing + (int32_t)rng_in(&m->rng, 10, 40));
	s->must_attend = s->leader = s->staff = s->lawyer = TRI_UNKNOWN;
	s->reason = NULL;
	if (s->hearing != DAY_NONE)
		appear(m, s);
	judge_suit(m, s, s->judged == DAY_NONE ? NULL : choose_weighted(&m->rng, judgments, COUNT(judgments)));
}

static void make(struct maker *m, int64_t index, void *item)
{
	static const char *const acts[] = { "penalty", "penalty", "coercion", "licence", "inaction", "disclosure", "other" };
	struct suit *s = item;

	*s = (struct suit){ .number = index + 1, .agency_known = true, .today = maker_today(m) };
	s->agency = choose_agency(m, false);
	s->plaintiff = choose_people(m, s->agency);
	s->act = acts[rng_next(&m->rng) % COUNT(acts)];
	lay_out(m, s, random_workday(m, 720, 2));
	if (index < RATE_INDEX_MAX && index % 3 == 2) { /* one agency that loses often, one that has as many suits and loses seldom */
		bool bad = index % 6 == 5;

		s->agency = rate_agency(m->w, bad);
		lay_out(m, s, random_workday(m, 330, 150));
		judge_suit(m, s, bad && index % 5 < 3 ? "quashed" : "rejected");
		s->effective = s->judged + 16;
	}
}

/* ---- planted ---- */

static void old(struct maker *m, struct suit *s, const char *judgment)
{
	lay_out(m, s, random_workday(m, 500, 260));
	judge_suit(m, s, judgment);
	s->effective = s->judged + 16;
	s->redo_ordered = s->redo_on = s->perform_until = s->performed = DAY_NONE;
	s->redo_same = TRI_UNKNOWN;
	s->redo_limit = -1;
}

static bool lost_quashed(struct maker *m, void *item)
{
	old(m, item, "quashed");
	return true;
}

static bool lost_illegal(struct maker *m, void *item)
{
	old(m, item, "declared_illegal");
	return true;
}

static bool lost_not_effective(struct maker *m, void *item)
{
	struct suit *s = item;

	old(m, s, "quashed");
	s->effective = DAY_NONE;
	return true;
}

static bool lost_withdrawn(struct maker *m, void *item)
{
	old(m, item, "withdrawn");
	return true;
}

static bool lost_unknown(struct maker *m, void *item)
{
	old(m, item, NULL);
	return true;
}

static bool evidence(struct maker *m, struct suit *s, int more)
{
	old(m, s, "rejected");
	s->submitted = day_deadline(m->w->days, s->received, 15) + more;
	return true;
}

static bool evidence_next_day(struct maker *m, void *item)
{
	return evidence(m, item, 1);
}

static bool evidence_last_day(struct maker *m, void *item)
{
	return evidence(m, item, 0);
}

static bool evidence_never(struct maker *m, void *item)
{
	struct suit *s = item;

	evidence(m, s, 1);
	s->submitted = DAY_NONE;
	return true;
}

static bool evidence_extended(struct maker *m, void *item)
{
	struct suit *s = item;

	evidence(m, s, 10);
	s->extended_to = s->submitted;
	return true;
}

static bool evidence_after_extension(struct maker *m, void *item)
{
	struct suit *s = item;

	evidence(m, s, 10);
	s->extended_to = s->submitted - 1;
	return true;
}

static bool evidence_not_needed(struct maker *m, void *item)
{
	struct suit *s = item;

	evidence(m, s, 0);
	s->judged = s->submitted;
	s->submitted = s->hearing = DAY_NONE;
	judge_suit(m, s, "withdrawn");
	return true;
}

static bool evidence_unknown(struct maker *m, void *item)
{
	struct suit *s = item;

	evidence(m, s, 1);
	s->received = DAY_NONE;
	return true;
}

static bool redo(struct maker *m, struct suit *s, int more)
{
	old(m, s, "quashed");
	s->for_procedure = TRI_FALSE;
	s->redo_ordered = s->effective;
	s->redo_limit = 30;
	s->redo_on = day_deadline(m->w->days, s->redo_ordered, 30) + more;
	s->redo_same = TRI_FALSE;
	return true;
}

static bool redo_next_day(struct maker *m, void *item)
{
	return redo(m, item, 1);
}

static bool redo_last_day(struct maker *m, void *item)
{
	return redo(m, item, 0);
}

static bool redo_same(struct maker *m, void *item)
{
	struct suit *s = item;

	redo(m, s, 0);
	s->redo_same = TRI_TRUE;
	return true;
}

static bool redo_same_after_procedure(struct maker *m, void *item)
{
	struct suit *s = item;

	redo_same(m, s);
	s->for_procedure = TRI_TRUE;
	return true;
}

static bool redo_not_compared(struct maker *m, void *item)
{
	struct suit *s = item;

	redo(m, s, 0);
	s->redo_same = TRI_UNKNOWN;
	return true;
}

static bool performed(struct maker *m, struct suit *s, int more)
{
	old(m, s, "ordered_to_perform");
	s->perform_until = s->effective + 30;
	s->performed = past(m, s->perform_until + more);
	return true;
}

static bool performed_next_day(struct maker *m, void *item)
{
	return performed(m, item, 1);
}

static bool performed_last_day(struct maker *m, void *item)
{
	return performed(m, item, 0);
}

static bool performed_never(struct maker *m, void *item)
{
	struct suit *s = item;

	performed(m, s, 1);
	s->performed = DAY_NONE;
	return true;
}

static bool no_date_at_all(struct maker *m, void *item)
{
	struct suit *s = item;

	old(m, s, "ordered_to_perform");
	s->filed = s->received = s->submitted = s->hearing = s->judged = s->effective = DAY_NONE;
	return true;
}

static bool heard(struct maker *m, struct suit *s, enum tri must, enum tri leader, enum tri staff, const char *reason)
{
	old(m, s, "rejected");
	s->must_attend = must;
	s->leader = leader;
	s->staff = staff;
	s->lawyer = TRI_TRUE;
	s->reason = reason;
	return true;
}

static bool leader_absent(struct maker *m, void *item)
{
	return heard(m, item, TRI_TRUE, TRI_FALSE, TRI_TRUE, NULL);
}

static bool lawyer_only(struct maker *m, void *item)
{
	return heard(m, item, TRI_FALSE, TRI_FALSE, TRI_FALSE, "参加上级会议");
}

static bool leader_explained(struct maker *m, void *item)
{
	return heard(m, item, TRI_TRUE, TRI_FALSE, TRI_TRUE, "因公出差，已向法院书面说明");
}

static bool leader_not_entered(struct maker *m, void *item)
{
	return heard(m, item, TRI_TRUE, TRI_UNKNOWN, TRI_TRUE, NULL);
}

static bool agency_not_registered(struct maker *m, void *item)
{
	struct suit *s = item;

	lay_out(m, s, random_workday(m, 330, 150));
	judge_suit(m, s, "rejected");
	s->effective = s->judged + 16;
	s->agency_known = false;
	return true;
}

static const struct scenario scenarios[] = {
	{ "agency-loss-rate", PLAN_UNKNOWN, 200, ANY, agency_not_registered },
	{ "litigation-lost", PLAN_HIT, 1500, ANY, lost_quashed },
	{ "litigation-lost", PLAN_HIT, 1200, ANY, lost_illegal },
	{ "litigation-lost", PLAN_NEAR, 600, ANY, lost_not_effective },
	{ "litigation-lost", PLAN_NEAR, 600, ANY, lost_withdrawn },
	{ "litigation-lost", PLAN_UNKNOWN, 300, ANY, lost_unknown },
	{ "litigation-answer-late", PLAN_HIT, 600, ANY, evidence_next_day },
	{ "litigation-answer-late", PLAN_HIT, 400, ANY, evidence_never },
	{ "litigation-answer-late", PLAN_HIT, 200, ANY, evidence_after_extension },
	{ "litigation-answer-late", PLAN_NEAR, 800, ANY, evidence_last_day },
	{ "litigation-answer-late", PLAN_EXEMPT, 500, ANY, evidence_extended },
	{ "litigation-answer-late", PLAN_EXEMPT, 400, ANY, evidence_not_needed },
	{ "litigation-answer-late", PLAN_UNKNOWN, 300, ANY, evidence_unknown },
	{ "redo-judgment-late-or-same", PLAN_HIT, 300, ANY, redo_next_day },
	{ "redo-judgment-late-or-same", PLAN_HIT, 300, ANY, redo_same },
	{ "redo-judgment-late-or-same", PLAN_NEAR, 400, ANY, redo_last_day },
	{ "redo-judgment-late-or-same", PLAN_EXEMPT, 300, ANY, redo_same_after_procedure },
	{ "redo-judgment-late-or-same", PLAN_UNKNOWN, 200, ANY, redo_not_compared },
	{ "judgment-not-performed", PLAN_HIT, 300, ANY, performed_next_day },
	{ "judgment-not-performed", PLAN_HIT, 500, ANY, performed_never },
	{ "judgment-not-performed", PLAN_NEAR, 500, ANY, performed_last_day },
	{ "judgment-not-performed", PLAN_UNKNOWN, 50, ANY, no_date_at_all },
	{ "leader-not-appear", PLAN_HIT, 900, ANY, leader_absent },
	{ "leader-not-appear", PLAN_HIT, 400, ANY, lawyer_only },
	{ "leader-not-appear", PLAN_NEAR, 600, ANY, leader_explained },
	{ "leader-not-appear", PLAN_UNKNOWN, 300, ANY, leader_not_entered },
};

/* ---- verdicts ---- */

#define FROM_2017 day_from_ymd(2017, 7, 1)

static int32_t before_judgment(const struct suit *s)
{
	return first_day(s->judged, first_day(s->received, s->filed));
}

static enum verdict suit_lost(const void *item, const struct world *w)
{
	const struct suit *s = item;

	(void)w;
	return judge(FROM_2017, before_judgment(s),
		s->effective == DAY_NONE ? TRI_FALSE
		: s->judgment            ? tri(lost(s->judgment))
					 : TRI_UNKNOWN,
		TRI_FALSE);
}

static enum verdict answer_late(const void *item, const struct world *w)
{
	const struct suit *s = item;
	int32_t end = first_day(s->submitted, w->o.today), due = day_deadline(w->days, s->received, 15);

	return judge(FROM_2017, s->received, later(end, due), or3(not3(later(end, s->extended_to)), not3(later(s->judged, due))));
}

static enum verdict redo_late_or_same(const void *item, const struct world *w)
{
	const struct suit *s = item;

	return redo_verdict(FROM_2017, first_day(s->redo_ordered, before_judgment(s)), s->redo_ordered, s->redo_limit, s->redo_on,
		s->redo_same, s->for_procedure, w);
}

static enum verdict not_performed(const void *item, const struct world *w)
{
	const struct suit *s = item;
	bool late = s->effective != DAY_NONE && s->perform_until != DAY_NONE && first_day(s->performed, w->o.today) > s->perform_until;

	return judge(FROM_2017, first_day(s->effective, before_judgment(s)), tri(late), TRI_FALSE);
}

static enum verdict leader_not_appear(const void *item, const struct world *w)
{
	const struct suit *s = item;
	enum tri absent = and3(s->must_attend, and3(not3(s->leader), tri(!s->reason)));
	enum tri lawyers = and3(s->lawyer, and3(not3(s->leader), not3(s->staff)));

	return judge(day_from_ymd(2018, 2, 8), first_day(s->hearing, before_judgment(s)),
		and3(tri(s->hearing != DAY_NONE && s->hearing <= w->o.today), or3(absent, lawyers)), TRI_FALSE);
}

static const struct planned_rule rules[] = {
	{ "litigation-lost", suit_lost },
	{ "litigation-answer-late", answer_late },
	{ "redo-judgment-late-or-same", redo_late_or_same },
	{ "judgment-not-performed", not_performed },
	{ "leader-not-appear", leader_not_appear },
};

/* ---- the rate of an agency, recounted ---- */

static bool note(void *log, const void *item, struct str key)
{
	const struct suit *s = item;
	struct fact f = { .key = key, .is = tri(lost(s->judgment)) };

	if (s->effective == DAY_NONE || s->judged == DAY_NONE || s->judged < s->today - 365)
		return true;
	if (s->agency_known)
		f.a = s->agency->code;
	return fact_log_add(log, &f);
}

static enum err_code finish(void *log, const struct world *w, struct answer_key *k, struct err *err)
{
	return finish_rate(log, "agency-loss-rate", w, k, err);
}

static const char *const rate_rules[] = { "agency-loss-rate", NULL };
static const struct recount rate = { rate_rules, fact_log_open, note, finish, fact_log_close };

/* ---- the record ---- */

static void to_rows(const void *item, const struct world *w, struct rows *out)
{
	const struct suit *s = item;

	rows_text(out, "suit_no",
		str_printf(out->mem, "（%d）%.*s行初%lld号", day_year_or(s->filed, w), STR_ARG(s->agency->proxy), (long long)s->number));
	rows_text(out, "court", str_printf(out->mem, "%.*s人民法院", STR_ARG(s->agency->place)));
	rows_code(out, "instance", "first");
	work_agency_or_other(out, s->agency, s->agency_known);
	work_people(out, &s->plaintiff);
	rows_code(out, "act_kind", s->act);
	rows_day(out, "filed_on", s->filed);
	rows_day(out, "complaint_received_on", s->received);
	rows_day(out, "submitted_on", s->submitted);
	rows_day(out, "extended_to_on", s->extended_to);
	rows_day(out, "hearing_on", s->hearing);
	rows_tri(out, "must_attend", s->must_attend);
	rows_tri(out, "leader_attended", s->leader);
	rows_tri(out, "staff_attended", s->staff);
	rows_tri(out, "lawyer_attended", s->lawyer);
	if (s->reason)
		rows_text(out, "absence_reason", str_of(s->reason));
	rows_day(out, "judged_on", s->judged);
	rows_code(out, "judgment", s->judgment);
	rows_tri(out, "quashed_for_procedure", s->for_procedure);
	rows_day(out, "effective_on", s->effective);
	rows_day(out, "perform_until_on", s->perform_until);
	rows_day(out, "performed_on", s->performed);
	rows_day(out, "redo_ordered_on", s->redo_ordered);
	if (s->redo_limit >= 0)
		rows_i64(out, "redo_limit_days", s->redo_limit);
	rows_day(out, "redo_on", s->redo_on);
	rows_tri(out, "redo_same", s->redo_same);
}

static int64_t count(const struct world *w)
{
	return work_count(w, 900, COUNT(scenarios) + 10);
}

static struct str region_of(const void *item)
{
	return ((const struct suit *)item)->agency->region;
}

static const struct theme theme = { rules, COUNT(rules), scenarios, COUNT(scenarios), &rate };
static const struct theme *const themes[] = { &theme, NULL };

const struct generator litigation_generator = {
	.type = "litigation",
	.what = "行政诉讼案件",
	.sources = { { "演示数据：行政诉讼案件", NULL } },
	.item_bytes = sizeof(struct suit),
	.counter = offsetof(struct demo_result, others),
	.count = count,
	.make = make,
	.to_rows = to_rows,
	.region_of = region_of,
	.themes = themes,
};
