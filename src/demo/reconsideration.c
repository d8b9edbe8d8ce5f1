/* Reconsiderations: answers, results, orders to act anew, opinions. */
#include "demo/work.h"

struct recon {
	struct agency *agency;
	bool agency_known;
	struct people applicant;
	int64_t number;
	int32_t today;
	const char *act, *procedure, *result;
	int32_t applied, accepted, copy, answered, decided;
	enum tri minor, for_procedure, redo_same;
	int32_t redo_ordered, redo_on;
	int redo_limit; /* -1: none fixed */
	bool opinion;
	int32_t opinion_received, opinion_reported;
};

#define ANSWER_GENERAL 10
#define ANSWER_SIMPLE 5

static bool is_simple(const struct recon *r)
{
	return r->procedure && strcmp(r->procedure, "simple") == 0;
}

static int32_t answer_due(const struct recon *r, const struct world *w)
{
	return workday_step(w->days, r->copy, is_simple(r) ? ANSWER_SIMPLE : ANSWER_GENERAL);
}

static bool corrects(const char *result)
{
	static const char *const corrected[] = { "changed", "quashed", "partly_quashed", "declared_illegal", "declared_void",
		"ordered_to_perform", NULL };

	return among(result, corrected) == TRI_TRUE;
}

/** An order to act anew of the decision's day, followed in time. */
static void order_redo(struct maker *m, struct recon *r, int limit)
{
	r->redo_ordered = r->decided;
	r->redo_limit = limit;
	r->redo_on = past(m, r->redo_ordered + (int32_t)rng_in(&m->rng, 15, limit > 0 ? limit : 55));
	r->redo_same = r->redo_on == DAY_NONE ? TRI_UNKNOWN : TRI_FALSE;
}

static void decide(struct maker *m, struct recon *r, const char *result)
{
	r->result = result;
	r->minor = result && strcmp(result, "declared_illegal") == 0 ? tri(rng_chance(&m->rng, 500)) : TRI_FALSE;
	r->for_procedure = tri(result && strcmp(result, "quashed") == 0 && rng_chance(&m->rng, 300));
	r->redo_ordered = r->redo_on = DAY_NONE;
	r->redo_limit = -1;
	r->redo_same = TRI_UNKNOWN;
	if (result && strcmp(result, "quashed") == 0 && rng_chance(&m->rng, 400))
		order_redo(m, r, rng_chance(&m->rng, 600) ? (int)rng_in(&m->rng, 30, 60) : -1);
}

/** Everything after the acceptance, lawfully; what lies after today has not happened. */
static void lay_out(struct maker *m, struct recon *r, int32_t accepted)
{
	static const struct weighted results[] = { { "upheld", 420 }, { "dismissed", 190 }, { "withdrawn", 150 }, { "mediated", 90 },
		{ "quashed", 60 }, { "declared_illegal", 40 }, { "ordered_to_perform", 20 }, { "changed", 15 }, { "partly_quashed", 15 } };
	bool simple = rng_chance(&m->rng, 160);

	r->procedure = simple ? "simple" : "general";
	r->applied = accepted - 4;
	r->accepted = accepted;
	r->copy = past(m, workday_step(m->w->days, accepted, (int)rng_in(&m->rng, 1, simple ? 3 : 6)));
	r->answered = past(m, workday_step(m->w->days, r->copy, (int)rng_in(&m->rng, 2, simple ? ANSWER_SIMPLE : ANSWER_GENERAL)));
	r->decided = past(m, accepted + (int32_t)rng_in(&m->rng, simple ? 20 : 34, simple ? 30 : 60));
	decide(m, r, r->decided == DAY_NONE ? NULL : choose_weighted(&m->rng, results, COUNT(results)));
	r->opinion = r->decided != DAY_NONE && rng_chance(&m->rng, 60);
	r->opinion_received = r->opinion ? past(m, r->decided + 3) : DAY_NONE;
	r->opinion = r->opinion_received != DAY_NONE;
	r->opinion_reported = r->opinion ? past(m, r->opinion_received + (int32_t)rng_in(&m->rng, 20, 58)) : DAY_NONE;
}

static void make(struct maker *m, int64_t index, void *item)
{
	static const char *const acts[] = { "penalty", "penalty", "penalty", "coercion", "licence", "disclosure", "inaction", "other" };
	struct recon *r = item;

	*r = (struct recon){ .number = index + 1, .agency_known = true, .today = maker_today(m) };
	r->agency = choose_agency(m, false);
	r->applicant = choose_people(m, r->agency);
	r->act = acts[rng_next(&m->rng) % COUNT(acts)];
	lay_out(m, r, random_workday(m, 700, 2));
	if (index < RATE_INDEX_MAX && index % 3 == 2) { /* one agency that is corrected often, one that has as many cases and seldom is */
		bool bad = index % 6 == 5;

		r->agency = rate_agency(m->w, bad);
		lay_out(m, r, random_workday(m, 330, 90));
		decide(m, r, bad && index % 5 < 3 ? "declared_illegal" : "upheld");
	}
}

/* ---- planted ---- */

static void old(struct maker *m, struct recon *r)
{
	lay_out(m, r, random_workday(m, 420, 170));
}

static bool result_quashed(struct maker *m, void *item)
{
	old(m, item);
	decide(m, item, "quashed");
	return true;
}

static bool result_minor(struct maker *m, void *item)
{
	struct recon *r = item;

	old(m, r);
	decide(m, r, "declared_illegal");
	r->minor = TRI_TRUE;
	return true;
}

static bool result_withdrawn(struct maker *m, void *item)
{
	old(m, item);
	decide(m, item, "withdrawn");
	return true;
}

static bool result_pending(struct maker *m, void *item)
{
	lay_out(m, item, random_workday(m, 18, 12));
	return true;
}

static bool result_missing(struct maker *m, void *item)
{
	old(m, item);
	decide(m, item, NULL);
	return true;
}

/** Answered `more` days after the last day. */
static bool answered(struct maker *m, struct recon *r, const char *procedure, int more)
{
	old(m, r);
	r->procedure = procedure;
	r->answered = answer_due(r, m->w) + more;
	r->decided = r->answered + 20;
	decide(m, r, "upheld");
	r->opinion = false;
	return true;
}

static bool answered_next_day(struct maker *m, void *item)
{
	return answered(m, item, "general", 1);
}

static bool answered_next_day_simple(struct maker *m, void *item)
{
	return answered(m, item, "simple", 1);
}

static bool answered_late(struct maker *m, void *item)
{
	return answered(m, item, "general", (int)rng_in(&m->rng, 2, 25));
}

static bool answered_last_day(struct maker *m, void *item)
{
	return answered(m, item, "general", 0);
}

static bool answered_last_day_simple(struct maker *m, void *item)
{
	return answered(m, item, "simple", 0);
}

static bool answered_never(struct maker *m, void *item)
{
	struct recon *r = item;

	answered(m, r, "general", 1);
	r->answered = DAY_NONE;
	return true;
}

static bool answer_not_needed(struct maker *m, void *item)
{
	struct recon *r = item;

	answered(m, r, "general", 1);
	r->answered = DAY_NONE;
	r->decided = answer_due(r, m->w);
	decide(m, r, "withdrawn");
	return true;
}

static bool answer_no_copy(struct maker *m, void *item)
{
	struct recon *r = item;

	answered(m, r, "general", 1);
	r->copy = DAY_NONE;
	return true;
}

static bool opinion(struct maker *m, struct recon *r, int more)
{
	old(m, r);
	r->opinion = true;
	r->opinion_received = r->decided + 2;
	r->opinion_reported = past(m, day_deadline(m->w->days, r->opinion_received, 60) + more);
	return true;
}

static bool opinion_next_day(struct maker *m, void *item)
{
	return opinion(m, item, 1);
}

static bool opinion_last_day(struct maker *m, void *item)
{
	return opinion(m, item, 0);
}

static bool opinion_never(struct maker *m, void *item)
{
	struct recon *r = item;

	opinion(m, r, 1);
	r->opinion_reported = DAY_NONE;
	return true;
}

static bool opinion_unknown(struct maker *m, void *item)
{
	struct recon *r = item;

	opinion(m, r, 0);
	r->opinion_received = DAY_NONE;
	return true;
}

static bool redo(struct maker *m, struct recon *r, int limit, int more)
{
	old(m, r);
	decide(m, r, "quashed");
	r->for_procedure = TRI_FALSE;
	order_redo(m, r, limit);
	r->redo_on = day_deadline(m->w->days, r->redo_ordered, limit > 0 ? limit : 60) + more;
	r->redo_same = TRI_FALSE;
	return true;
}

static bool redo_next_day(struct maker *m, void *item)
{
	return redo(m, item, 30, 1);
}

static bool redo_last_day(struct maker *m, void *item)
{
	return redo(m, item, 30, 0);
}

static bool redo_never(struct maker *m, void *item)
{
	struct recon *r = item;

	redo(m, r, 45, 1);
	r->redo_on = DAY_NONE;
	r->redo_same = TRI_UNKNOWN;
	return true;
}

static bool redo_same(struct maker *m, void *item)
{
	struct recon *r = item;

	redo(m, r, 45, 0);
	r->redo_same = TRI_TRUE;
	return true;
}

static bool redo_same_after_procedure(struct maker *m, void *item)
{
	struct recon *r = item;

	redo_same(m, r);
	r->for_procedure = TRI_TRUE;
	return true;
}

static bool redo_not_compared(struct maker *m, void *item)
{
	struct recon *r = item;

	redo(m, r, 45, 0);
	r->redo_same = TRI_UNKNOWN;
	return true;
}

static bool redo_default_next_day(struct maker *m, void *item)
{
	return redo(m, item, -1, 1);
}

static bool redo_default_last_day(struct maker *m, void *item)
{
	return redo(m, item, -1, 0);
}

static bool no_date_at_all(struct maker *m, void *item)
{
	struct recon *r = item;

	old(m, r);
	r->applied = r->accepted = r->copy = r->answered = r->decided = r->redo_ordered = r->redo_on = r->opinion_received =
		r->opinion_reported = DAY_NONE;
	r->opinion = false;
	return true;
}

static bool agency_not_registered(struct maker *m, void *item)
{
	struct recon *r = item;

	lay_out(m, r, random_workday(m, 330, 90));
	r->agency_known = false;
	return true;
}

static const struct scenario scenarios[] = {
	{ "agency-correction-rate", PLAN_UNKNOWN, 200, ANY, agency_not_registered },
	{ "recon-corrected", PLAN_HIT, 2500, ANY, result_quashed },
	{ "recon-corrected", PLAN_HIT, 800, ANY, result_minor },
	{ "recon-corrected", PLAN_NEAR, 800, ANY, result_withdrawn },
	{ "recon-corrected", PLAN_NEAR, 300, ANY, result_pending },
	{ "recon-corrected", PLAN_UNKNOWN, 300, ANY, result_missing },
	{ "recon-answer-late", PLAN_HIT, 500, ANY, answered_next_day },
	{ "recon-answer-late", PLAN_HIT, 300, ANY, answered_next_day_simple },
	{ "recon-answer-late", PLAN_HIT, 1200, ANY, answered_late },
	{ "recon-answer-late", PLAN_HIT, 400, ANY, answered_never },
	{ "recon-answer-late", PLAN_NEAR, 900, ANY, answered_last_day },
	{ "recon-answer-late", PLAN_NEAR, 500, ANY, answered_last_day_simple },
	{ "recon-answer-late", PLAN_EXEMPT, 400, ANY, answer_not_needed },
	{ "recon-answer-late", PLAN_UNKNOWN, 300, ANY, answer_no_copy },
	{ "recon-opinion-unreported", PLAN_HIT, 500, ANY, opinion_next_day },
	{ "recon-opinion-unreported", PLAN_HIT, 500, ANY, opinion_never },
	{ "recon-opinion-unreported", PLAN_NEAR, 600, ANY, opinion_last_day },
	{ "recon-opinion-unreported", PLAN_UNKNOWN, 200, ANY, opinion_unknown },
	{ "redo-late-or-same", PLAN_HIT, 300, ANY, redo_next_day },
	{ "redo-late-or-same", PLAN_HIT, 300, ANY, redo_never },
	{ "redo-late-or-same", PLAN_HIT, 400, ANY, redo_same },
	{ "redo-late-or-same", PLAN_NEAR, 400, ANY, redo_last_day },
	{ "redo-late-or-same", PLAN_EXEMPT, 300, ANY, redo_same_after_procedure },
	{ "redo-late-or-same", PLAN_UNKNOWN, 200, ANY, redo_not_compared },
	{ "redo-default-late", PLAN_HIT, 300, ANY, redo_default_next_day },
	{ "redo-default-late", PLAN_NEAR, 300, ANY, redo_default_last_day },
	{ "redo-default-late", PLAN_UNKNOWN, 50, ANY, no_date_at_all },
};

/* ---- verdicts ---- */

#define FROM_2024 day_from_ymd(2024, 1, 1)

static int32_t main_day(const struct recon *r)
{
	return first_day(r->decided, first_day(r->accepted, r->applied));
}

static enum verdict corrected(const void *item, const struct world *w)
{
	const struct recon *r = item;
	enum tri when = r->decided == DAY_NONE ? TRI_FALSE : r->result ? tri(corrects(r->result)) : TRI_UNKNOWN;

	(void)w;
	return judge(FROM_2024, main_day(r), when, TRI_FALSE);
}

static enum verdict answer_late(const void *item, const struct world *w)
{
	const struct recon *r = item;
	int32_t due = answer_due(r, w);

	return judge(FROM_2024, r->copy, later(first_day(r->answered, w->o.today), due), not3(later(r->decided, due)));
}

static enum verdict opinion_unreported(const void *item, const struct world *w)
{
	const struct recon *r = item;
	enum tri late = later(first_day(r->opinion_reported, w->o.today), day_deadline(w->days, r->opinion_received, 60));

	return judge(FROM_2024, first_day(r->opinion_received, first_day(r->decided, r->accepted)), and3(tri(r->opinion), late), TRI_FALSE);
}

static enum verdict redo_late_or_same(const void *item, const struct world *w)
{
	const struct recon *r = item;

	return redo_verdict(FROM_2024, first_day(r->redo_ordered, first_day(r->decided, r->accepted)), r->redo_ordered, r->redo_limit,
		r->redo_on, r->redo_same, r->for_procedure, w);
}

static enum verdict redo_default(const void *item, const struct world *w)
{
	const struct recon *r = item;
	bool late = r->redo_ordered != DAY_NONE && r->redo_limit < 0 &&
	            first_day(r->redo_on, w->o.today) > day_deadline(w->days, r->redo_ordered, 60);

	return judge(day_from_ymd(2026, 7, 1), first_day(r->redo_ordered, first_day(r->decided, r->accepted)), tri(late), TRI_FALSE);
}

static const struct planned_rule rules[] = {
	{ "recon-corrected", corrected },
	{ "recon-answer-late", answer_late },
	{ "recon-opinion-unreported", opinion_unreported },
	{ "redo-late-or-same", redo_late_or_same },
	{ "redo-default-late", redo_default },
};

/* ---- the rate of an agency, recounted ---- */

static bool note(void *log, const void *item, struct str key)
{
	const struct recon *r = item;
	struct fact f = { .key = key, .is = tri(corrects(r->result)) };

	if (r->decided == DAY_NONE || r->decided < r->today - 365)
		return true;
	if (r->agency_known)
		f.a = r->agency->code;
	return fact_log_add(log, &f);
}

static enum err_code finish(void *log, const struct world *w, struct answer_key *k, struct err *err)
{
	return finish_rate(log, "agency-correction-rate", w, k, err);
}

static const char *const rate_rules[] = { "agency-correction-rate", NULL };
static const struct recount rate = { rate_rules, fact_log_open, note, finish, fact_log_close };

/* ---- the record ---- */

static void to_rows(const void *item, const struct world *w, struct rows *out)
{
	const struct recon *r = item;

	rows_text(out, "recon_no",
		str_printf(out->mem, "%.*s复〔%d〕%lld号", STR_ARG(r->agency->proxy), day_year_or(r->accepted, w), (long long)r->number));
	rows_text(out, "recon_body", str_printf(out->mem, "%.*s人民政府", STR_ARG(r->agency->place)));
	work_agency_or_other(out, r->agency, r->agency_known);
	work_people(out, &r->applicant);
	rows_code(out, "act_kind", r->act);
	rows_code(out, "procedure", r->procedure);
	rows_day(out, "applied_on", r->applied);
	rows_day(out, "accepted_on", r->accepted);
	rows_day(out, "copy_received_on", r->copy);
	rows_day(out, "answered_on", r->answered);
	rows_day(out, "decided_on", r->decided);
	rows_code(out, "result", r->result);
	rows_tri(out, "minor_defect", r->minor);
	rows_tri(out, "quashed_for_procedure", r->for_procedure);
	rows_day(out, "redo_ordered_on", r->redo_ordered);
	if (r->redo_limit >= 0)
		rows_i64(out, "redo_limit_days", r->redo_limit);
	rows_day(out, "redo_on", r->redo_on);
	rows_tri(out, "redo_same", r->redo_same);
	if (r->opinion)
		rows_text(out, "opinion_no",
			str_printf(out->mem, "%.*s复意〔%d〕%lld号", STR_ARG(r->agency->proxy), day_year_or(r->decided, w),
				(long long)r->number));
	rows_day(out, "opinion_received_on", r->opinion_received);
	rows_day(out, "opinion_reported_on", r->opinion_reported);
}

static int64_t count(const struct world *w)
{
	return work_count(w, 1500, COUNT(scenarios) + 10);
}

static struct str region_of(const void *item)
{
	return ((const struct recon *)item)->agency->region;
}

static const struct theme theme = { rules, COUNT(rules), scenarios, COUNT(scenarios), &rate };
static const struct theme *const themes[] = { &theme, NULL };

const struct generator reconsideration_generator = {
	.type = "reconsideration",
	.what = "行政复议案件",
	.sources = { { "演示数据：行政复议案件", NULL } },
	.item_bytes = sizeof(struct recon),
	.counter = offsetof(struct demo_result, others),
	.count = count,
	.make = make,
	.to_rows = to_rows,
	.region_of = region_of,
	.themes = themes,
};
