/* Posts of the officers: establishment, duty, certificate, secondment, and how often they took part. One row an officer. */
#include "demo/work.h"

#include <stdlib.h>

struct post {
	const struct agency *agency;
	bool agency_known;
	struct officer officer;
	int64_t number;
	const char *kind, *duty, *leave, *seconded_to;
	enum tri certified;
	int32_t cert_from, joined, counted, seconded, until, extended_to, returned;
	int actions_90, actions_180, cases_90, agency_cases_90, attended; /* -1 none */
};

static const struct agency *agency_of(const struct world *w, int64_t number)
{
	size_t at = 0;

	while (at + 1 < w->agencies.len && w->agencies.v[at + 1].first_officer <= number)
		at++;
	return &w->agencies.v[at];
}

/** Cases of an agency in 90 days as its system counts them: the same for all its people. */
static int agency_cases(const struct world *w, const struct agency *a)
{
	struct rng r = rng_open(w->o.seed, STREAM_AGENCY, 900000u + (uint64_t)a->index);

	return (int)rng_in(&r, 12, 60);
}

static void make(struct maker *m, int64_t index, void *item)
{
	static const struct weighted duties[] = { { "frontline", 700 }, { "clerk", 110 }, { "legal_review", 60 }, { "command", 50 },
		{ "management", 80 } };
	static const struct weighted kinds[] = { { "enforcement", 600 }, { "civil", 300 }, { "institution", 100 } };
	struct post *p = item;

	*p = (struct post){ .agency = agency_of(m->w, index), .agency_known = true, .number = index + 1 };
	p->officer = officer_make(m->w, p->agency, (int)(index - p->agency->first_officer), m->mem);
	p->kind = choose_weighted(&m->rng, kinds, COUNT(kinds));
	p->duty = choose_weighted(&m->rng, duties, COUNT(duties));
	p->leave = rng_chance(&m->rng, 15) ? "sick" : rng_chance(&m->rng, 15) ? "study" : "none";
	p->certified = TRI_TRUE;
	p->cert_from = p->officer.cert_from;
	p->joined = p->cert_from - 400;
	p->counted = maker_today(m) - 1;
	p->seconded = p->until = p->extended_to = p->returned = DAY_NONE;
	p->agency_cases_90 = agency_cases(m->w, p->agency);
	p->actions_90 = strcmp(p->duty, "frontline") == 0 ? (int)rng_in(&m->rng, 3, 40) : (int)rng_in(&m->rng, 0, 4);
	p->actions_180 = p->actions_90 * 2;
	p->cases_90 = p->actions_90 / 3;
	p->attended = (int)rng_in(&m->rng, 90, 125);
	if (p->agency->index % 7 == 3 || p->agency->index % 7 == 5) { /* agencies with many uncertified people: old hands, or new ones */
		p->certified = tri(!rng_chance(&m->rng, 250));
		if (p->certified == TRI_FALSE && p->agency->index % 7 == 5)
			p->joined = maker_today(m) - (int32_t)rng_in(&m->rng, 30, 365);
	}
	if (rng_chance(&m->rng, 30)) {
		p->seconded_to = "某专项工作专班";
		p->seconded = maker_today(m) - (int32_t)rng_in(&m->rng, 20, 300);
		p->until = p->seconded + 180;
		p->returned = p->until <= maker_today(m) ? p->until : DAY_NONE;
	}
}

/* ---- planted ---- */

static bool idle(struct maker *m, struct post *p, const char *duty, int32_t certified_days, int cases)
{
	p->duty = duty;
	p->certified = TRI_TRUE;
	p->leave = "none";
	p->seconded_to = NULL;
	p->seconded = p->until = p->returned = DAY_NONE;
	p->cert_from = maker_today(m) - 1 - certified_days;
	p->counted = maker_today(m) - 1;
	p->actions_90 = p->actions_180 = p->cases_90 = 0;
	p->agency_cases_90 = cases;
	return true;
}

static bool idle_frontline(struct maker *m, void *item)
{
	return idle(m, item, "frontline", 1500, 10);
}

static bool idle_ninetieth_day(struct maker *m, void *item)
{
	return idle(m, item, "frontline", 90, 25);
}

static bool idle_nine_cases(struct maker *m, void *item)
{
	return idle(m, item, "frontline", 1500, 9);
}

static bool idle_once(struct maker *m, void *item)
{
	struct post *p = item;

	idle(m, p, "frontline", 1500, 30);
	p->actions_90 = p->actions_180 = 1;
	return true;
}

static bool idle_reviewer(struct maker *m, void *item)
{
	return idle(m, item, "legal_review", 1500, 30);
}

static bool idle_new(struct maker *m, void *item)
{
	return idle(m, item, "frontline", 89, 30);
}

static bool idle_on_leave(struct maker *m, void *item)
{
	struct post *p = item;

	idle(m, p, "frontline", 1500, 30);
	p->leave = "maternity";
	return true;
}

static bool idle_seconded(struct maker *m, void *item)
{
	struct post *p = item;

	idle(m, p, "frontline", 1500, 30);
	p->seconded_to = "某专班";
	p->seconded = maker_today(m) - 60;
	p->until = maker_today(m) + 60;
	return true;
}

static bool idle_unknown(struct maker *m, void *item)
{
	struct post *p = item;

	idle(m, p, "frontline", 1500, 30);
	p->actions_90 = p->actions_180 = -1;
	return true;
}

static bool away(struct maker *m, struct post *p, int32_t until, int32_t extended_to, int32_t returned)
{
	p->seconded_to = "某专项工作专班";
	p->seconded = maker_today(m) - 200;
	p->until = until;
	p->extended_to = extended_to;
	p->returned = returned;
	return true;
}

static bool away_since_yesterday(struct maker *m, void *item)
{
	return away(m, item, maker_today(m) - 1, DAY_NONE, DAY_NONE);
}

static bool away_for_long(struct maker *m, void *item)
{
	return away(m, item, maker_today(m) - (int32_t)rng_in(&m->rng, 30, 150), DAY_NONE, DAY_NONE);
}

static bool away_last_day(struct maker *m, void *item)
{
	return away(m, item, maker_today(m), DAY_NONE, DAY_NONE);
}

static bool away_returned(struct maker *m, void *item)
{
	return away(m, item, maker_today(m) - 30, DAY_NONE, maker_today(m) - 20);
}

static bool away_extended(struct maker *m, void *item)
{
	return away(m, item, maker_today(m) - 30, maker_today(m), DAY_NONE);
}

static bool away_after_extension(struct maker *m, void *item)
{
	return away(m, item, maker_today(m) - 30, maker_today(m) - 1, DAY_NONE);
}

static bool away_unknown(struct maker *m, void *item)
{
	return away(m, item, DAY_NONE, DAY_NONE, DAY_NONE);
}

static bool signs_everything(struct maker *m, void *item)
{
	struct post *p = item;

	p->duty = "frontline";
	p->cases_90 = (int)rng_in(&m->rng, 80, 140);
	p->actions_90 = p->cases_90 * 3;
	p->actions_180 = p->actions_90 * 2;
	return true;
}

static bool signs_a_lot(struct maker *m, void *item)
{
	struct post *p = item;

	(void)m;
	p->duty = "frontline";
	p->cases_90 = 19;
	return true;
}

static bool duty_missing(struct maker *m, void *item)
{
	struct post *p = item;

	(void)m;
	p->duty = NULL;
	p->cases_90 = 40;
	return true;
}

static bool agency_not_registered(struct maker *m, void *item)
{
	struct post *p = item;

	(void)m;
	p->duty = "frontline";
	p->agency_known = false;
	return true;
}

static const struct scenario scenarios[] = {
	{ "staff-signature-concentration", PLAN_HIT, 150, ANY, signs_everything },
	{ "staff-signature-concentration", PLAN_NEAR, 100, ANY, signs_a_lot },
	{ "staff-signature-concentration", PLAN_UNKNOWN, 50, ANY, duty_missing },
	{ "cert-coverage-low", PLAN_UNKNOWN, 50, ANY, agency_not_registered },
	{ "staff-on-post-inactive", PLAN_HIT, 500, ANY, idle_frontline },
	{ "staff-on-post-inactive", PLAN_HIT, 100, ANY, idle_ninetieth_day },
	{ "staff-on-post-inactive", PLAN_NEAR, 200, ANY, idle_nine_cases },
	{ "staff-on-post-inactive", PLAN_NEAR, 200, ANY, idle_once },
	{ "staff-on-post-inactive", PLAN_EXEMPT, 200, ANY, idle_reviewer },
	{ "staff-on-post-inactive", PLAN_EXEMPT, 100, ANY, idle_new },
	{ "staff-on-post-inactive", PLAN_EXEMPT, 100, ANY, idle_on_leave },
	{ "staff-on-post-inactive", PLAN_EXEMPT, 100, ANY, idle_seconded },
	{ "staff-on-post-inactive", PLAN_UNKNOWN, 100, ANY, idle_unknown },
	{ "staff-secondment-overdue", PLAN_HIT, 100, ANY, away_since_yesterday },
	{ "staff-secondment-overdue", PLAN_HIT, 300, ANY, away_for_long },
	{ "staff-secondment-overdue", PLAN_HIT, 60, ANY, away_after_extension },
	{ "staff-secondment-overdue", PLAN_NEAR, 100, ANY, away_last_day },
	{ "staff-secondment-overdue", PLAN_NEAR, 150, ANY, away_returned },
	{ "staff-secondment-overdue", PLAN_EXEMPT, 100, ANY, away_extended },
	{ "staff-secondment-overdue", PLAN_UNKNOWN, 50, ANY, away_unknown },
};

/* ---- verdicts ---- */

static enum verdict on_post_inactive(const void *item, const struct world *w)
{
	static const char *const leaves[] = { "sick", "maternity", "study", "aid", NULL };
	const struct post *p = item;
	enum tri idle_here = and3(p->certified, and3(p->actions_90 < 0 ? TRI_UNKNOWN : tri(p->actions_90 == 0),
							p->agency_cases_90 < 0 ? TRI_UNKNOWN : tri(p->agency_cases_90 >= 10)));
	enum tri fresh = p->cert_from == DAY_NONE ? TRI_UNKNOWN : tri(p->counted - p->cert_from < 90);
	bool exempt = yes(not3(is(p->duty, "frontline"))) || yes(fresh) || one_of(p->leave, leaves) ||
	              (p->seconded_to && p->returned == DAY_NONE);

	(void)w;
	return judge(FROM_SUPERVISION, p->counted, idle_here, tri(exempt));
}

static enum verdict secondment_overdue(const void *item, const struct world *w)
{
	const struct post *p = item;

	return judge(FROM_SUPERVISION, w->o.today, and3(tri(p->seconded_to && p->returned == DAY_NONE), later(w->o.today, p->until)),
		not_later(w->o.today, p->extended_to));
}

static const struct planned_rule rules[] = {
	{ "staff-on-post-inactive", on_post_inactive },
	{ "staff-secondment-overdue", secondment_overdue },
};

/* ---- the people of an agency, recounted ---- */

static bool note(void *log, const void *item, struct str key)
{
	const struct post *p = item;
	struct fact_log *l = log;
	struct fact f = {
		.key = key, .day = p->counted, .other_day = p->joined, .n = p->cases_90, .is = is(p->duty, "frontline"), .was = p->certified
	};

	f.a = p->agency_known ? p->agency->name : other_body(p->agency, l->mem);
	if (p->agency_known)
		f.b = p->agency->code;
	return fact_log_add(l, &f);
}

static int order_of_numbers(const void *x, const void *y)
{
	const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

/** The middle of sorted numbers; of two middle ones half their distance more than the smaller, halves rounded up. */
static int64_t middle(int64_t *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), order_of_numbers);
	return n % 2 ? v[n / 2] : v[n / 2 - 1] + (v[n / 2] - v[n / 2 - 1] + 1) / 2;
}

#define CONCENTRATION_STAFF 5
#define CONCENTRATION_LEAST 20
#define CONCENTRATION_WIDTH 8
#define STAFF_MAX 4000

/** first..end: people of one agency. */
static void finish_concentration(const struct fact_log *l, size_t first, size_t end, struct answer_key *k)
{
	int64_t cases[STAFF_MAX], away[STAFF_MAX], mid = 0, spread = 0;
	int front = 0, counted = 0;

	for (size_t i = first; i < end; i++) {
		front += l->facts.v[i].is == TRI_TRUE;
		if (l->facts.v[i].is == TRI_TRUE && l->facts.v[i].n >= 0 && counted < STAFF_MAX)
			cases[counted++] = l->facts.v[i].n;
	}
	if (counted > 0) {
		mid = middle(cases, counted);
		for (int i = 0; i < counted; i++)
			away[i] = cases[i] > mid ? cases[i] - mid : mid - cases[i];
		spread = middle(away, counted);
	}
	for (size_t i = first; i < end; i++) {
		const struct fact *f = &l->facts.v[i];
		enum tri enough = tri(front >= CONCENTRATION_STAFF), many = f->n < 0 ? TRI_UNKNOWN : tri(f->n >= CONCENTRATION_LEAST);
		enum tri much = f->n < 0 ? TRI_UNKNOWN : tri(f->n > mid + CONCENTRATION_WIDTH * (spread > 1 ? spread : 1));

		if (f->is == TRI_UNKNOWN) /* whether it belongs to the group is not known: nothing about the group is */
			enough = much = TRI_UNKNOWN;
		answer_key_add(k, "staff-signature-concentration",
			judge(day_from_ymd(2021, 7, 15), f->day, and3(f->is, and3(enough, and3(many, much))), TRI_FALSE), false, f->key);
	}
}

static void finish_coverage(const struct fact_log *l, size_t first, size_t end, const struct world *w, struct answer_key *k)
{
	int64_t front = 0, certified = 0, trained = 0;

	for (size_t i = first; i < end; i++) {
		const struct fact *f = &l->facts.v[i];

		if (f->is == TRI_FALSE)
			continue;
		if (f->is == TRI_UNKNOWN || !f->b.ptr) {
			answer_key_add(k, "cert-coverage-low", VERDICT_UNKNOWN, false, f->key);
			continue;
		}
		front++;
		certified += f->was == TRI_TRUE;
		trained += f->was == TRI_TRUE || (f->other_day != DAY_NONE && w->o.today - f->other_day > 365);
	}
	if (front > 0)
		answer_key_add(k, "cert-coverage-low",
			judge(FROM_SUPERVISION, w->o.today, tri(certified * 10 < 9 * front), tri(certified * 10 >= 9 * trained)), false,
			l->facts.v[first].b);
}

static enum err_code finish(void *log, const struct world *w, struct answer_key *k, struct err *err)
{
	struct fact_log *l = log;
	size_t end;

	(void)err;
	fact_log_sort(l);
	for (size_t first = 0; first < l->facts.len; first = end) {
		for (end = first; end < l->facts.len && fact_same(&l->facts.v[first], &l->facts.v[end], 1); end++)
			;
		finish_concentration(l, first, end, k);
		finish_coverage(l, first, end, w, k);
	}
	return ERR_OK;
}

static const char *const staff_rules[] = { "staff-signature-concentration", "cert-coverage-low", NULL };
static const struct recount staff = { staff_rules, fact_log_open, note, finish, fact_log_close };

/* ---- the record ---- */

static void count_or_empty(struct rows *out, const char *column, int n)
{
	if (n >= 0)
		rows_i64(out, column, n);
}

static void to_rows(const void *item, const struct world *w, struct rows *out)
{
	const struct post *p = item;

	(void)w;
	rows_text(out, "staff_no", str_printf(out->mem, "RY%06lld", (long long)p->number));
	rows_text(out, "name", p->officer.name);
	rows_text(out, "agency_name", p->agency_known ? p->agency->name : other_body(p->agency, out->mem));
	if (p->agency_known)
		rows_text(out, "agency_code", p->agency->code);
	rows_text(out, "area_code", p->agency->region);
	rows_text(out, "cert_no", p->officer.cert_no);
	rows_code(out, "post_type", p->kind);
	rows_code(out, "duty", p->duty);
	rows_tri(out, "certified", p->certified);
	rows_day(out, "cert_from_on", p->cert_from);
	rows_day(out, "joined_on", p->joined);
	rows_day(out, "counted_on", p->counted);
	count_or_empty(out, "actions_90", p->actions_90);
	count_or_empty(out, "actions_180", p->actions_180);
	count_or_empty(out, "cases_90", p->cases_90);
	count_or_empty(out, "agency_cases_90", p->agency_cases_90);
	count_or_empty(out, "attended_days", p->attended);
	rows_code(out, "leave_kind", p->leave);
	if (p->seconded_to)
		rows_text(out, "seconded_to", str_of(p->seconded_to));
	rows_day(out, "seconded_on", p->seconded);
	rows_day(out, "seconded_until_on", p->until);
	rows_day(out, "secondment_extended_to_on", p->extended_to);
	rows_day(out, "returned_on", p->returned);
}

static int64_t count(const struct world *w)
{
	return w->o.size.officers;
}

static struct str region_of(const void *item)
{
	return ((const struct post *)item)->agency->region;
}

static const struct theme theme = { rules, COUNT(rules), scenarios, COUNT(scenarios), &staff };
static const struct theme *const themes[] = { &theme, NULL };

const struct generator staff_generator = {
	.type = "staff_post",
	.what = "执法人员岗位",
	.sources = { { "演示数据：执法人员岗位", NULL } },
	.item_bytes = sizeof(struct post),
	.counter = offsetof(struct demo_result, others),
	.count = count,
	.make = make,
	.to_rows = to_rows,
	.region_of = region_of,
	.themes = themes,
};
