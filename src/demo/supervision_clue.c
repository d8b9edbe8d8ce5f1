/* Clues of the supervision bodies: triage, verification, telling the superior, transfer to the supervisory authority. */
#include "demo/work.h"

struct clue {
	struct agency *agency;
	bool agency_known;
	int64_t number;
	const char *source, *rule, *problem, *result, *personnel;
	int32_t received, triaged, verified, told, transferred, closed;
	enum tri merged, wider;
	const char *domain; /* NULL: not filled in */
	int32_t today;
};

static bool is_managed_above(const struct agency *a)
{
	return a->kind->management != ORG_LOCAL;
}

static void settle_upper(struct maker *m, struct clue *c)
{
	bool confirmed = c->result && strcmp(c->result, "confirmed") == 0;

	c->told = confirmed && is_managed_above(c->agency) ? past(m, workday_step(m->w->days, c->verified, (int)rng_in(&m->rng, 1, 5)))
	                                                   : DAY_NONE;
}

/** The ordinary course of a clue received on the day. */
static void lay_out(struct maker *m, struct clue *c, int32_t received)
{
	static const struct weighted results[] = { { "confirmed", 520 }, { "explained", 300 }, { "exempt", 110 }, { "data_error", 70 } };

	c->received = received;
	c->triaged = past(m, workday_step(m->w->days, received, (int)rng_in(&m->rng, 0, 5)));
	c->verified = past(m, workday_step(m->w->days, received, (int)rng_in(&m->rng, 6, 30)));
	c->result = c->verified == DAY_NONE ? NULL : choose_weighted(&m->rng, results, COUNT(results));
	c->personnel = "none";
	c->transferred = DAY_NONE;
	c->merged = c->wider = TRI_FALSE;
	settle_upper(m, c);
	c->closed = c->verified == DAY_NONE ? DAY_NONE : past(m, c->verified + (int32_t)rng_in(&m->rng, 5, 60));
}

static void make(struct maker *m, int64_t index, void *item)
{
	static const char *const sources[] = { "rule", "rule", "rule", "hotline", "file_review", "enterprise", "reconsideration",
		"petition", "assigned" };
	static const char *const rules[] = { "penalty-decision-overdue", "penalty-delivery-late", "pub-penalty-late",
		"penalty-single-officer", "penalty-no-prior-notice", "penalty-record-missing" };
	static const char *const problems[] = { "illegal_procedure", "illegal_procedure", "illegal_procedure", "no_qualification",
		"inaction", "obviously_improper" };
	struct clue *c = item;
	int kind = (int)rng_in(&m->rng, 0, COUNT(rules) - 1);

	*c = (struct clue){ .agency = choose_agency(m, false), .agency_known = true, .number = index + 1, .today = maker_today(m) };
	c->domain = c->agency->kind->domain;
	c->source = sources[rng_next(&m->rng) % COUNT(sources)];
	c->rule = rules[kind];
	c->problem = problems[kind];
	lay_out(m, c, random_workday(m, rng_chance(&m->rng, 700) ? 148 : 500, 1));
}

/* ---- planted ---- */

static bool triage(struct maker *m, struct clue *c, int more)
{
	lay_out(m, c, random_workday(m, 130, 60));
	c->triaged = workday_step(m->w->days, c->received, 5) + more;
	return true;
}

static bool triaged_next_day(struct maker *m, void *item)
{
	return triage(m, item, 1);
}

static bool triaged_last_day(struct maker *m, void *item)
{
	return triage(m, item, 0);
}

static bool triaged_never(struct maker *m, void *item)
{
	struct clue *c = item;

	triage(m, c, 1);
	c->triaged = c->verified = c->told = c->closed = DAY_NONE;
	c->result = NULL;
	return true;
}

static bool triage_received_missing(struct maker *m, void *item)
{
	struct clue *c = item;

	triage(m, c, 1);
	c->received = DAY_NONE;
	return true;
}

/** Confirmed of an agency whose superior is elsewhere; told `more` days after the last day. */
static bool told(struct maker *m, struct clue *c, bool above, const char *result, int more)
{
	for (int tries = 0; is_managed_above(c->agency) != above && tries < 500; tries++)
		c->agency = choose_agency(m, false);
	if (is_managed_above(c->agency) != above)
		return false;
	c->domain = c->agency->kind->domain;
	lay_out(m, c, random_workday(m, 130, 90));
	c->verified = workday_step(m->w->days, c->received, 8);
	c->result = result;
	c->told = workday_step(m->w->days, c->verified, 5) + more;
	return true;
}

static bool told_next_day(struct maker *m, void *item)
{
	return told(m, item, true, "confirmed", 1);
}

static bool told_last_day(struct maker *m, void *item)
{
	return told(m, item, true, "confirmed", 0);
}

static bool told_never(struct maker *m, void *item)
{
	struct clue *c = item;

	if (!told(m, c, true, "confirmed", 1))
		return false;
	c->told = DAY_NONE;
	return true;
}

static bool told_not_needed(struct maker *m, void *item)
{
	struct clue *c = item;

	if (!told(m, c, false, "confirmed", 1))
		return false;
	c->told = DAY_NONE;
	return true;
}

static bool told_not_confirmed(struct maker *m, void *item)
{
	struct clue *c = item;

	if (!told(m, c, true, "explained", 1))
		return false;
	c->told = DAY_NONE;
	return true;
}

static bool told_agency_unknown(struct maker *m, void *item)
{
	struct clue *c = item;

	if (!told_never(m, c))
		return false;
	c->agency_known = false;
	return true;
}

/** A clue about a person, not transferred, received so many working days ago. */
static bool person(struct maker *m, struct clue *c, const char *kind, int workdays_ago)
{
	lay_out(m, c, workday_step(m->w->days, maker_today(m), -workdays_ago - (day_is_work(m->w->days, maker_today(m)) ? 0 : 1)));
	c->personnel = kind;
	return true;
}

static bool person_eleventh_day(struct maker *m, void *item)
{
	return person(m, item, "dereliction", 11);
}

static bool person_long_ago(struct maker *m, void *item)
{
	return person(m, item, "corruption", (int)rng_in(&m->rng, 20, 60));
}

static bool person_tenth_day(struct maker *m, void *item)
{
	struct clue *c = item;

	person(m, c, "abuse", 10);
	if (!day_is_work(m->w->days, maker_today(m)))
		c->received = workday_step(m->w->days, c->received, 1);
	return true;
}

static bool person_transferred(struct maker *m, void *item)
{
	struct clue *c = item;

	person(m, c, "favouritism", 30);
	c->transferred = workday_step(m->w->days, c->received, 8);
	return true;
}

static bool person_conduct(struct maker *m, void *item)
{
	return person(m, item, "conduct", 30);
}

static bool person_merged(struct maker *m, void *item)
{
	struct clue *c = item;

	person(m, c, "corruption", 30);
	c->merged = TRI_TRUE;
	return true;
}

static bool person_kind_missing(struct maker *m, void *item)
{
	return person(m, item, NULL, 30);
}

/** Verified today or a little earlier and confirmed. */
static bool confirmed(struct maker *m, struct clue *c, const char *rule, enum tri wider, const char *domain)
{
	lay_out(m, c, random_workday(m, 120, 60));
	c->verified = workday_step(m->w->days, c->received, 10);
	c->result = "confirmed";
	c->rule = rule;
	c->wider = wider;
	c->domain = domain;
	settle_upper(m, c);
	return true;
}

/** All at one agency, so that the same problem is there three times. */
static bool confirmed_again(struct maker *m, void *item)
{
	struct clue *c = item;

	c->agency = &m->w->agencies.v[0];
	return confirmed(m, c, "penalty-record-missing", TRI_FALSE, c->agency->kind->domain);
}

static bool confirmed_wider(struct maker *m, void *item)
{
	struct clue *c = item;

	c->agency = &m->w->agencies.v[1];
	return confirmed(m, c, "penalty-no-prior-notice", TRI_TRUE, c->agency->kind->domain);
}

static bool confirmed_without_rule(struct maker *m, void *item)
{
	return confirmed(m, item, NULL, TRI_FALSE, "other");
}

static bool confirmed_without_domain(struct maker *m, void *item)
{
	return confirmed(m, item, "pub-penalty-late", TRI_FALSE, NULL);
}

/** The same problem at several agencies that enforce in one domain together. */
static bool common(struct maker *m, struct clue *c, int agency)
{
	c->agency = &m->w->agencies.v[agency];
	return confirmed(m, c, "penalty-single-officer", TRI_FALSE, "urban_management");
}

static bool common_first(struct maker *m, void *item)
{
	return common(m, item, 2);
}

static bool common_second(struct maker *m, void *item)
{
	return common(m, item, 3);
}

static bool common_third(struct maker *m, void *item)
{
	return common(m, item, 4);
}

static const struct scenario scenarios[] = {
	{ "sup-common-problem", PLAN_HIT, 100, ANY, common_first },
	{ "sup-common-problem", PLAN_HIT, 100, ANY, common_second },
	{ "sup-common-problem", PLAN_HIT, 100, ANY, common_third },
	{ "sup-repeat-problem", PLAN_HIT, 300, ANY, confirmed_again },
	{ "sup-repeat-problem", PLAN_HIT, 300, ANY, confirmed_again },
	{ "sup-repeat-problem", PLAN_HIT, 300, ANY, confirmed_again },
	{ "sup-repeat-problem", PLAN_EXEMPT, 200, ANY, confirmed_wider },
	{ "sup-repeat-problem", PLAN_EXEMPT, 200, ANY, confirmed_wider },
	{ "sup-repeat-problem", PLAN_EXEMPT, 200, ANY, confirmed_wider },
	{ "sup-repeat-problem", PLAN_UNKNOWN, 100, ANY, confirmed_without_rule },
	{ "sup-common-problem", PLAN_UNKNOWN, 100, ANY, confirmed_without_domain },
	{ "sup-clue-triage-late", PLAN_HIT, 1500, ANY, triaged_next_day },
	{ "sup-clue-triage-late", PLAN_HIT, 500, ANY, triaged_never },
	{ "sup-clue-triage-late", PLAN_NEAR, 1500, ANY, triaged_last_day },
	{ "sup-clue-triage-late", PLAN_UNKNOWN, 100, ANY, triage_received_missing },
	{ "sup-upper-not-notified", PLAN_HIT, 500, ANY, told_next_day },
	{ "sup-upper-not-notified", PLAN_HIT, 500, ANY, told_never },
	{ "sup-upper-not-notified", PLAN_NEAR, 500, ANY, told_last_day },
	{ "sup-upper-not-notified", PLAN_NEAR, 300, ANY, told_not_needed },
	{ "sup-upper-not-notified", PLAN_NEAR, 300, ANY, told_not_confirmed },
	{ "sup-upper-not-notified", PLAN_UNKNOWN, 200, ANY, told_agency_unknown },
	{ "sup-transfer-missing", PLAN_HIT, 200, ANY, person_eleventh_day },
	{ "sup-transfer-missing", PLAN_HIT, 200, ANY, person_long_ago },
	{ "sup-transfer-missing", PLAN_NEAR, 300, ANY, person_tenth_day },
	{ "sup-transfer-missing", PLAN_NEAR, 300, ANY, person_transferred },
	{ "sup-transfer-missing", PLAN_NEAR, 200, ANY, person_conduct },
	{ "sup-transfer-missing", PLAN_EXEMPT, 200, ANY, person_merged },
	{ "sup-transfer-missing", PLAN_UNKNOWN, 200, ANY, person_kind_missing },
};

/* ---- verdicts ---- */

static enum verdict triage_late(const void *item, const struct world *w)
{
	const struct clue *c = item;

	return judge(
		FROM_SUPERVISION, c->received, later(first_day(c->triaged, w->o.today), workday_step(w->days, c->received, 5)), TRI_FALSE);
}

static enum verdict upper_not_notified(const void *item, const struct world *w)
{
	const struct clue *c = item;
	enum tri above = c->agency_known ? tri(is_managed_above(c->agency)) : TRI_UNKNOWN;
	enum tri late = later(first_day(c->told, w->o.today), workday_step(w->days, c->verified, 5));

	return judge(FROM_SUPERVISION, first_day(c->verified, c->received),
		and3(and3(tri(c->verified != DAY_NONE), is(c->result, "confirmed")), and3(above, late)), TRI_FALSE);
}

static enum verdict transfer_missing(const void *item, const struct world *w)
{
	static const char *const kinds[] = { "corruption", "dereliction", "abuse", "favouritism", NULL };
	const struct clue *c = item;
	enum tri old = c->received == DAY_NONE ? TRI_UNKNOWN : tri(workday_count(w->days, c->received, w->o.today) > 10);

	return judge(
		FROM_SUPERVISION, c->received, and3(among(c->personnel, kinds), and3(tri(c->transferred == DAY_NONE), old)), c->merged);
}

static const struct planned_rule rules[] = {
	{ "sup-clue-triage-late", triage_late },
	{ "sup-upper-not-notified", upper_not_notified },
	{ "sup-transfer-missing", transfer_missing },
};

/* ---- the same problem again, and in common, recounted ---- */

static bool note(void *log, const void *item, struct str key)
{
	const struct clue *c = item;
	struct fact f = { .key = key, .day = c->verified, .is = c->wider };

	if (c->verified == DAY_NONE || !c->result || strcmp(c->result, "confirmed") != 0 || c->verified < c->today - 365)
		return true;
	f.a = c->agency_known ? c->agency->name : other_body(c->agency, ((struct fact_log *)log)->mem);
	if (c->rule)
		f.b = str_of(c->rule);
	if (c->domain)
		f.c = str_of(c->domain);
	return fact_log_add(log, &f);
}

#define REPEAT_LEAST 3
#define COMMON_DAYS 182

static void finish_repeat(struct fact_log *l, const struct world *w, struct answer_key *k)
{
	size_t end;

	for (size_t i = 0; i < l->facts.len; i = end) {
		const struct fact *f = &l->facts.v[i];
		int64_t n = 0;
		bool wider = false;

		for (end = i; end < l->facts.len && fact_same(f, &l->facts.v[end], 2); end++) {
			n++;
			wider |= l->facts.v[end].is == TRI_TRUE;
			if (!f->b.ptr)
				answer_key_add(k, "sup-repeat-problem", VERDICT_UNKNOWN, false, l->facts.v[end].key);
		}
		if (f->b.ptr)
			answer_key_add(k, "sup-repeat-problem", judge(FROM_SUPERVISION, w->o.today, tri(n >= REPEAT_LEAST), tri(wider)),
				false, str_printf(l->mem, "%.*s|%.*s", STR_ARG(f->a), STR_ARG(f->b)));
	}
}

/** By rule and domain; the log is turned round so that an agency's clues stand together inside. */
static void finish_common(struct fact_log *l, const struct world *w, struct answer_key *k)
{
	size_t end, kept = 0;

	for (size_t i = 0; i < l->facts.len; i++) {
		struct fact f = l->facts.v[i];

		if (f.day < w->o.today - COMMON_DAYS)
			continue;
		if (f.b.ptr && f.c.ptr)
			l->facts.v[kept++] = (struct fact){ .a = f.b, .b = f.c, .c = f.a };
		else
			answer_key_add(k, "sup-common-problem", VERDICT_UNKNOWN, false, f.key);
	}
	l->facts.len = kept;
	fact_log_sort(l);
	for (size_t i = 0; i < l->facts.len; i = end) {
		const struct fact *f = &l->facts.v[i];
		int agencies = 0;

		for (end = i; end < l->facts.len && fact_same(f, &l->facts.v[end], 2); end++)
			agencies += end == i || !fact_same(&l->facts.v[end], &l->facts.v[end - 1], 3);
		answer_key_add(k, "sup-common-problem", judge(FROM_SUPERVISION, w->o.today, tri(agencies >= REPEAT_LEAST), TRI_FALSE),
			false, str_printf(l->mem, "%.*s|%.*s", STR_ARG(f->a), STR_ARG(f->b)));
	}
}

static enum err_code finish(void *log, const struct world *w, struct answer_key *k, struct err *err)
{
	struct fact_log *l = log;

	(void)err;
	fact_log_sort(l);
	finish_repeat(l, w, k);
	finish_common(l, w, k);
	return ERR_OK;
}

static const char *const repeat_rules[] = { "sup-repeat-problem", "sup-common-problem", NULL };
static const struct recount repeats = { repeat_rules, fact_log_open, note, finish, fact_log_close };

/* ---- the record ---- */

static void to_rows(const void *item, const struct world *w, struct rows *out)
{
	const struct clue *c = item;

	rows_text(out, "clue_no", str_printf(out->mem, "JD-线-%d-%06lld", day_year_or(c->received, w), (long long)c->number));
	rows_text(out, "body_name", str_printf(out->mem, "%.*s司法局", STR_ARG(c->agency->place)));
	work_agency_or_other(out, c->agency, c->agency_known);
	rows_code(out, "source", c->source);
	if (c->rule)
		rows_text(out, "rule_id", str_of(c->rule));
	if (c->domain)
		rows_code(out, "domain", c->domain);
	else
		out->values[dictionary_column(out->type, STR("domain"))->index].null = true;
	rows_tri(out, "wider_scope", c->wider);
	rows_code(out, "problem", c->problem);
	rows_text(out, "subject", str_printf(out->mem, "%.*s：疑似问题（演示数据）", STR_ARG(c->agency->short_name)));
	rows_day(out, "received_on", c->received);
	rows_day(out, "triaged_on", c->triaged);
	rows_day(out, "verified_on", c->verified);
	rows_code(out, "verify_result", c->result);
	rows_day(out, "upper_notified_on", c->told);
	rows_code(out, "personnel_clue", c->personnel);
	rows_day(out, "transferred_on", c->transferred);
	rows_tri(out, "merged_with_discipline", c->merged);
	rows_day(out, "closed_on", c->closed);
}

static int64_t count(const struct world *w)
{
	return work_count(w, 3000, COUNT(scenarios));
}

static struct str region_of(const void *item)
{
	return ((const struct clue *)item)->agency->region;
}

static const struct theme theme = { rules, COUNT(rules), scenarios, COUNT(scenarios), &repeats };
static const struct theme *const themes[] = { &theme, NULL };

const struct generator supervision_clue_generator = {
	.type = "supervision_clue",
	.what = "监督线索",
	.sources = { { "演示数据：监督线索", NULL } },
	.item_bytes = sizeof(struct clue),
	.counter = offsetof(struct demo_result, others),
	.count = count,
	.make = make,
	.to_rows = to_rows,
	.region_of = region_of,
	.themes = themes,
};
