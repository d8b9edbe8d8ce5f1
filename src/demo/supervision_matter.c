/* Matters of the supervision bodies with the people who act in them, and the bodies themselves. */
#include "demo/work.h"

#define PEOPLE_MAX 3

struct matter {
	struct agency *agency;
	int64_t number;
	const char *level, *mode, *local_basis;
	bool plan;
	int32_t approved, started, ended;
	struct str names[PEOPLE_MAX];
	const char *relations[PEOPLE_MAX];
	enum tri recused[PEOPLE_MAX];
	int people;
};

static void make(struct maker *m, int64_t index, void *item)
{
	static const struct weighted modes[] = { { "daily", 620 }, { "key", 250 }, { "special_execution", 110 }, { "special", 20 } };
	struct matter *x = item;

	*x = (struct matter){ .agency = choose_supervised(m), .number = index + 1, .approved = DAY_NONE };
	x->level = x->agency->level == ORG_CITY ? "city" : "county";
	x->mode = choose_weighted(&m->rng, modes, COUNT(modes));
	x->started = random_workday(m, rng_chance(&m->rng, 700) ? 145 : 400, 1);
	x->ended = past(m, x->started + (int32_t)rng_in(&m->rng, 10, 90));
	if (strcmp(x->mode, "special") == 0) {
		x->level = "province";
		x->plan = true;
		x->approved = x->started - (int32_t)rng_in(&m->rng, 0, 20);
	}
	x->people = (int)rng_in(&m->rng, 2, PEOPLE_MAX);
	for (int i = 0; i < x->people; i++) {
		x->names[i] = name_person(&m->rng, m->mem);
		x->relations[i] = rng_chance(&m->rng, 40) ? "former_post" : "none";
		x->recused[i] = TRI_FALSE;
	}
}

/* ---- planted ---- */

static bool special(struct maker *m, struct matter *x, const char *level, bool plan, int approved_later)
{
	x->mode = "special";
	x->level = level;
	x->plan = plan;
	x->started = random_workday(m, 140, 20);
	x->approved = x->started + approved_later;
	x->ended = DAY_NONE;
	return true;
}

static bool special_of_county(struct maker *m, void *item)
{
	return special(m, item, "county", true, 0);
}

static bool special_without_plan(struct maker *m, void *item)
{
	return special(m, item, "province", false, 0);
}

static bool special_approved_next_day(struct maker *m, void *item)
{
	return special(m, item, "province", true, 1);
}

static bool special_approved_same_day(struct maker *m, void *item)
{
	return special(m, item, "province", true, 0);
}

static bool special_of_city_executes(struct maker *m, void *item)
{
	struct matter *x = item;

	special(m, x, "city", false, 0);
	x->mode = "special_execution";
	return true;
}

static bool special_by_local_rules(struct maker *m, void *item)
{
	struct matter *x = item;

	special(m, x, "city", true, 0);
	x->local_basis = "某省行政执法监督条例";
	return true;
}

static bool special_mode_missing(struct maker *m, void *item)
{
	struct matter *x = item;

	special(m, x, "county", true, 0);
	x->mode = NULL;
	return true;
}

static bool related(struct maker *m, struct matter *x, const char *relation, enum tri recused)
{
	x->started = random_workday(m, 140, 20);
	x->relations[1] = relation;
	x->recused[1] = recused;
	return true;
}

static bool relative_acts(struct maker *m, void *item)
{
	return related(m, item, "relative", TRI_FALSE);
}

static bool interested_acts(struct maker *m, void *item)
{
	return related(m, item, "other", TRI_UNKNOWN);
}

static bool relative_withdrew(struct maker *m, void *item)
{
	return related(m, item, "relative", TRI_TRUE);
}

static bool former_post_acts(struct maker *m, void *item)
{
	return related(m, item, "former_post", TRI_FALSE);
}

static bool started_missing(struct maker *m, void *item)
{
	struct matter *x = item;

	related(m, x, "relative", TRI_FALSE);
	x->started = x->ended = DAY_NONE;
	return true;
}

static const struct scenario scenarios[] = {
	{ "sup-special-approval-check", PLAN_HIT, 800, ANY, special_of_county },
	{ "sup-special-approval-check", PLAN_HIT, 400, ANY, special_without_plan },
	{ "sup-special-approval-check", PLAN_HIT, 400, ANY, special_approved_next_day },
	{ "sup-special-approval-check", PLAN_NEAR, 500, ANY, special_approved_same_day },
	{ "sup-special-approval-check", PLAN_NEAR, 500, ANY, special_of_city_executes },
	{ "sup-special-approval-check", PLAN_EXEMPT, 400, ANY, special_by_local_rules },
	{ "sup-special-approval-check", PLAN_UNKNOWN, 300, ANY, special_mode_missing },
	{ "sup-conflict-check", PLAN_HIT, 800, ANY, relative_acts },
	{ "sup-conflict-check", PLAN_HIT, 400, ANY, interested_acts },
	{ "sup-conflict-check", PLAN_NEAR, 600, ANY, relative_withdrew },
	{ "sup-conflict-check", PLAN_NEAR, 400, ANY, former_post_acts },
	{ "sup-conflict-check", PLAN_UNKNOWN, 200, ANY, started_missing },
};

/* ---- verdicts ---- */

static enum verdict special_approval(const void *item, const struct world *w)
{
	static const char *const high[] = { "national", "province", NULL };
	const struct matter *x = item;
	bool wrong = !one_of(x->level, high) || !x->plan || x->approved == DAY_NONE || (x->started != DAY_NONE && x->approved > x->started);

	(void)w;
	return judge(FROM_SUPERVISION, x->started, and3(is(x->mode, "special"), tri(wrong)), tri(x->local_basis));
}

static enum verdict conflict(const void *item, const struct world *w)
{
	static const char *const interests[] = { "self", "relative", "other", NULL };
	const struct matter *x = item;
	bool found = false;

	(void)w;
	for (int i = 0; i < x->people; i++)
		found |= one_of(x->relations[i], interests) && x->recused[i] != TRI_TRUE;
	return judge(day_from_ymd(2019, 6, 1), x->started, tri(found), TRI_FALSE);
}

static const struct planned_rule rules[] = {
	{ "sup-special-approval-check", special_approval },
	{ "sup-conflict-check", conflict },
};

/* ---- the record ---- */

static void to_rows(const void *item, const struct world *w, struct rows *out)
{
	const struct matter *x = item;
	struct child_rows c;

	rows_text(out, "matter_no", str_printf(out->mem, "JD-事-%d-%06lld", day_year_or(x->started, w), (long long)x->number));
	rows_text(out, "body_name", str_printf(out->mem, "%.*s司法局", STR_ARG(x->agency->place)));
	rows_code(out, "body_level", x->level);
	rows_code(out, "mode", x->mode);
	work_agency(out, x->agency);
	rows_text(out, "subject", STR("行政执法情况监督（演示数据）"));
	if (x->plan)
		rows_text(out, "plan_no", str_printf(out->mem, "司执监方案〔%d〕%lld号", day_year_or(x->started, w), (long long)x->number));
	rows_day(out, "gov_approved_on", x->approved);
	if (x->local_basis)
		rows_text(out, "local_basis", str_of(x->local_basis));
	rows_day(out, "started_on", x->started);
	rows_day(out, "ended_on", x->ended);
	c = rows_child(out, "supervisors", (size_t)x->people);
	for (int i = 0; i < x->people; i++) {
		c.row = (size_t)i;
		child_text(&c, "name", x->names[i]);
		child_code(&c, "cert_kind", "supervision");
		child_day(&c, "acted_on", x->started);
		child_code(&c, "relation", x->relations[i]);
		child_tri(&c, "recused", x->recused[i]);
	}
}

static int64_t count(const struct world *w)
{
	return work_count(w, 600, COUNT(scenarios));
}

static struct str region_of(const void *item)
{
	return ((const struct matter *)item)->agency->region;
}

/* ---- what supervision there is of an agency, for the rule about those without any ---- */

static bool note(void *log, const void *item, struct str key)
{
	const struct matter *x = item;

	(void)key;
	x->agency->supervised += x->started != DAY_NONE && x->started >= ((const struct world *)log)->o.today - 365;
	return true;
}

static const struct recount notes = { no_rules, notes_open, note, notes_finish, notes_close };
static const struct theme theme = { rules, COUNT(rules), scenarios, COUNT(scenarios), &notes };
static const struct theme *const themes[] = { &theme, NULL };

const struct generator supervision_matter_generator = {
	.type = "supervision_matter",
	.what = "监督事项",
	.sources = { { "演示数据：监督事项", NULL } },
	.item_bytes = sizeof(struct matter),
	.counter = offsetof(struct demo_result, others),
	.count = count,
	.make = make,
	.to_rows = to_rows,
	.region_of = region_of,
	.themes = themes,
};

/* ---- the bodies: those of the world and of invented neighbours, so that one county too has something to compare ---- */

#define BODIES_LEAST 8
#define NEIGHBOURS_FROM 5000 /* numbers of place names that the world itself does not reach */

struct body {
	struct str place, code;
	bool of_city;
	int32_t started, reported;
};

static void make_body(struct maker *m, int64_t index, void *item)
{
	const struct world *w = m->w;
	struct body *b = item;
	bool own = index < (int64_t)w->counties.len;

	*b = (struct body){ .of_city = false };
	b->place = own ? w->counties.v[index].name
	               : str_printf(m->mem, "%.*s县", STR_ARG(name_place(w->o.seed, NEIGHBOURS_FROM + (int)index, m->mem)));
	b->code = make_credit_code('1', '1', STR("990900"), (uint64_t)index + 1, m->mem);
	b->started = day_from_ymd(2019, 3, 1);
	b->reported = maker_today(m) - (int32_t)rng_in(&m->rng, 5, 150);
}

static bool report_next_day(struct maker *m, void *item)
{
	struct body *b = item;

	b->reported = day_add_months(maker_today(m) - 1, -6);
	while (day_add_months(b->reported, 6) >= maker_today(m)) /* short months */
		b->reported--;
	return true;
}

static bool report_last_day(struct maker *m, void *item)
{
	struct body *b = item;

	b->reported = day_add_months(maker_today(m), -6);
	while (day_add_months(b->reported, 6) < maker_today(m))
		b->reported++;
	return true;
}

static bool report_never(struct maker *m, void *item)
{
	(void)m;
	((struct body *)item)->reported = DAY_NONE;
	return true;
}

static bool report_unknown(struct maker *m, void *item)
{
	struct body *b = item;

	(void)m;
	b->reported = b->started = DAY_NONE;
	return true;
}

static const struct scenario body_scenarios[] = {
	{ "sup-gov-report-missing", PLAN_HIT, 6000, ANY, report_next_day },
	{ "sup-gov-report-missing", PLAN_HIT, 3000, ANY, report_never },
	{ "sup-gov-report-missing", PLAN_NEAR, 6000, ANY, report_last_day },
	{ "sup-gov-report-missing", PLAN_UNKNOWN, 2000, ANY, report_unknown },
};

static enum verdict report_missing(const void *item, const struct world *w)
{
	const struct body *b = item;
	int32_t last = first_day(b->reported, b->started);

	return judge(FROM_SUPERVISION, w->o.today, last == DAY_NONE ? TRI_UNKNOWN : tri(w->o.today > day_add_months(last, 6)), TRI_FALSE);
}

static const struct planned_rule body_rules[] = { { "sup-gov-report-missing", report_missing } };
static const struct theme body_theme = { body_rules, COUNT(body_rules), body_scenarios, COUNT(body_scenarios), &oversight };
static const struct theme *const body_themes[] = { &body_theme, NULL };

static void body_to_rows(const void *item, const struct world *w, struct rows *out)
{
	const struct body *b = item;

	(void)w;
	rows_text(out, "body_code", b->code);
	rows_text(out, "name", str_printf(out->mem, "%.*s司法局", STR_ARG(b->place)));
	rows_text(out, "government_name", str_printf(out->mem, "%.*s人民政府", STR_ARG(b->place)));
	rows_code(out, "body_level", "county");
	rows_day(out, "started_on", b->started);
	rows_day(out, "reported_on", b->reported);
	rows_i64(out, "staff_count", 4);
}

static int64_t body_count(const struct world *w)
{
	int64_t own = (int64_t)w->counties.len;

	return own > BODIES_LEAST ? own : BODIES_LEAST;
}

const struct generator supervision_body_generator = {
	.type = "supervision_body",
	.what = "行政执法监督机构",
	.sources = { { "演示数据：行政执法监督机构", NULL } },
	.item_bytes = sizeof(struct body),
	.counter = offsetof(struct demo_result, others),
	.count = body_count,
	.make = make_body,
	.to_rows = body_to_rows,
	.themes = body_themes,
};
