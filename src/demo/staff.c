/* Posts of the officers: establishment, duty, certificate, secondment, and how often they took part. One row an officer. */
#include "demo/work.h"

struct post {
	const struct agency *agency;
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

	*p = (struct post){ .agency = agency_of(m->w, index), .number = index + 1 };
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

static const struct scenario scenarios[] = {
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
	rows_text(out, "agency_name", p->agency->name);
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

static const struct theme theme = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
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
