/* Joint and special inspections as tasks: planned, approved, filed, carried out. */
#include "demo/slots.h"
#include "demo/verdict.h"

#include <stddef.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static int64_t at_least(int64_t least, int64_t n)
{
	return n > least ? n : least;
}

/* ---- joint ---- */

#define PARTICIPANTS_MAX 4
struct participant {
	struct str name;
	enum tri attended, remote;
	int32_t explained;
};
struct joint {
	const struct agency *agency;
	struct str number, name;
	int32_t planned, due, executed, adjusted;
	struct participant participants[PARTICIPANTS_MAX];
	int participant_count;
};

static const struct slot joint_slots[] = {
	{ "joint_no", SLOT_TEXT, offsetof(struct joint, number) },
	{ "joint_name", SLOT_TEXT, offsetof(struct joint, name) },
	{ "planned_on", SLOT_DAY, offsetof(struct joint, planned) },
	{ "due_on", SLOT_DAY, offsetof(struct joint, due) },
	{ "executed_on", SLOT_DAY, offsetof(struct joint, executed) },
	{ "adjusted_on", SLOT_DAY, offsetof(struct joint, adjusted) },
};
static const struct slot participant_slots[] = {
	{ "agency_name", SLOT_TEXT, offsetof(struct participant, name) },
	{ "attended", SLOT_TRI, offsetof(struct participant, attended) },
	{ "remote", SLOT_TRI, offsetof(struct participant, remote) },
	{ "explained_on", SLOT_DAY, offsetof(struct participant, explained) },
};

static void make_joint(struct maker *m, int64_t index, void *item)
{
	static const char *const names[] = { "餐饮单位联合抽查", "危险化学品企业联合检查", "校外培训机构联合检查", "建筑工地联合检查" };
	struct joint *j = item;

	slots_clear(joint_slots, COUNT(joint_slots), j);
	j->agency = choose_agency(m, false);
	j->number = str_printf(m->mem, "LH%.*s%03lld", STR_ARG(j->agency->region), (long long)index + 1);
	j->name = str_of(names[rng_next(&m->rng) % COUNT(names)]);
	j->due = maker_today(m) - (int32_t)rng_in(&m->rng, 5, 500);
	j->planned = j->due - (int32_t)rng_in(&m->rng, 60, 200);
	j->executed = j->due - (int32_t)rng_in(&m->rng, 1, 30);
	j->participant_count = (int)rng_in(&m->rng, 2, PARTICIPANTS_MAX);
	for (int k = 0; k < j->participant_count; k++)
		j->participants[k] = (struct participant){
			.name = m->w->agencies.v[(size_t)(j->agency->index + k) % m->w->agencies.len].name,
			.attended = tri(!rng_chance(&m->rng, 30)),
			.remote = TRI_FALSE,
			.explained = DAY_NONE,
		};
}

static void joint_to_rows(const void *item, const struct world *w, struct rows *r)
{
	const struct joint *j = item;

	(void)w;
	slots_to_rows(joint_slots, COUNT(joint_slots), j, r);
	rows_text(r, "agency_name", j->agency->name);
	rows_text(r, "agency_code", j->agency->code);
	rows_text(r, "area_code", j->agency->region);
	slots_to_children(participant_slots, COUNT(participant_slots), "participants", j->participants, sizeof(j->participants[0]),
		j->participant_count, r);
}

static bool joint_next_day(struct maker *m, void *item)
{
	struct joint *j = item;

	(void)m;
	j->executed = j->due + 1;
	return true;
}

static bool joint_never(struct maker *m, void *item)
{
	(void)m;
	((struct joint *)item)->executed = DAY_NONE;
	return true;
}

static bool joint_last_day(struct maker *m, void *item)
{
	struct joint *j = item;

	(void)m;
	j->executed = j->due;
	return true;
}

static bool joint_due_today(struct maker *m, void *item)
{
	struct joint *j = item;

	j->due = maker_today(m);
	j->executed = DAY_NONE;
	return true;
}

static bool joint_adjusted(struct maker *m, void *item)
{
	struct joint *j = item;

	joint_next_day(m, item);
	j->adjusted = j->due;
	return true;
}

static bool joint_adjusted_too_late(struct maker *m, void *item)
{
	struct joint *j = item;

	joint_next_day(m, item);
	j->adjusted = j->due + 1;
	return true;
}

static bool joint_due_not_known(struct maker *m, void *item)
{
	(void)m;
	((struct joint *)item)->due = DAY_NONE;
	return true;
}

static const struct scenario joint_scenarios[] = {
	{ "joint-plan-overdue", PLAN_HIT, 3000, { .domain = -1 }, joint_next_day },
	{ "joint-plan-overdue", PLAN_HIT, 3000, { .domain = -1 }, joint_never },
	{ "joint-plan-overdue", PLAN_HIT, 1000, { .domain = -1 }, joint_adjusted_too_late },
	{ "joint-plan-overdue", PLAN_NEAR, 2000, { .domain = -1 }, joint_last_day },
	{ "joint-plan-overdue", PLAN_NEAR, 1000, { .domain = -1 }, joint_due_today },
	{ "joint-plan-overdue", PLAN_EXEMPT, 1500, { .domain = -1 }, joint_adjusted },
	{ "joint-plan-overdue", PLAN_UNKNOWN, 1000, { .domain = -1 }, joint_due_not_known },
};

static enum verdict joint_overdue(const void *item, const struct world *w)
{
	const struct joint *j = item;

	return judge(day_from_ymd(2020, 1, 1), j->due, later(first_day(j->executed, w->o.today), j->due), not_later(j->adjusted, j->due));
}

static const struct planned_rule joint_rules[] = { { "joint-plan-overdue", joint_overdue } };
static const struct theme joint_theme = { joint_rules, COUNT(joint_rules), joint_scenarios, COUNT(joint_scenarios), NULL };
static const struct theme *const joint_themes[] = { &joint_theme, NULL };

static int64_t count_joint(const struct world *w)
{
	return at_least(40, w->o.size.cases / 300);
}

static struct str joint_region(const void *item)
{
	return ((const struct joint *)item)->agency->region;
}

const struct generator joint_generator = {
	.type = "joint_inspection",
	.what = "联合检查任务",
	.sources = { { "演示数据：联合检查计划", NULL } },
	.item_bytes = sizeof(struct joint),
	.counter = offsetof(struct demo_result, others),
	.count = count_joint,
	.make = make_joint,
	.to_rows = joint_to_rows,
	.region_of = joint_region,
	.themes = joint_themes,
};

/* ---- special ---- */

struct special {
	const struct agency *agency;
	struct str number, name, superior_doc;
	int32_t approved, filed, published, started, ended;
};

static const struct slot special_slots[] = {
	{ "special_no", SLOT_TEXT, offsetof(struct special, number) },
	{ "special_name", SLOT_TEXT, offsetof(struct special, name) },
	{ "superior_doc", SLOT_TEXT, offsetof(struct special, superior_doc) },
	{ "gov_approved_on", SLOT_DAY, offsetof(struct special, approved) },
	{ "filed_on", SLOT_DAY, offsetof(struct special, filed) },
	{ "published_on", SLOT_DAY, offsetof(struct special, published) },
	{ "started_on", SLOT_DAY, offsetof(struct special, started) },
	{ "ended_on", SLOT_DAY, offsetof(struct special, ended) },
};

static void make_special(struct maker *m, int64_t index, void *item)
{
	struct special *s = item;

	slots_clear(special_slots, COUNT(special_slots), s);
	s->agency = choose_agency(m, false);
	s->number = str_printf(m->mem, "ZX%.*s%03lld", STR_ARG(s->agency->region), (long long)index + 1);
	s->name = str_printf(m->mem, "%.*s专项检查", STR_ARG(s->agency->short_name));
	s->started = random_workday(m, 500, 5);
	s->approved = workday_step(m->w->days, s->started, -(int)rng_in(&m->rng, 5, 20));
	s->filed = s->approved + (int32_t)rng_in(&m->rng, 0, 3);
	s->published = s->approved + (int32_t)rng_in(&m->rng, 0, 3);
}

static void special_to_rows(const void *item, const struct world *w, struct rows *r)
{
	const struct special *s = item;

	(void)w;
	slots_to_rows(special_slots, COUNT(special_slots), s, r);
	rows_text(r, "agency_name", s->agency->name);
	rows_text(r, "agency_code", s->agency->code);
	rows_code(r, "domain", s->agency->kind->domain);
	rows_text(r, "area_code", s->agency->region);
}

static bool special_too_early(struct maker *m, void *item)
{
	struct special *s = item;

	(void)m;
	s->approved = s->started + 1;
	return true;
}

static bool special_same_day(struct maker *m, void *item)
{
	struct special *s = item;

	(void)m;
	s->approved = s->filed = s->published = s->started;
	return true;
}

static bool special_unapproved(struct maker *m, void *item)
{
	(void)m;
	((struct special *)item)->approved = DAY_NONE;
	return true;
}

static bool special_unfiled(struct maker *m, void *item)
{
	(void)m;
	((struct special *)item)->filed = DAY_NONE;
	return true;
}

static bool special_unpublished(struct maker *m, void *item)
{
	(void)m;
	((struct special *)item)->published = DAY_NONE;
	return true;
}

static bool special_from_above(struct maker *m, void *item)
{
	special_unapproved(m, item);
	((struct special *)item)->superior_doc = STR("省专项〔2026〕3号");
	return true;
}

static bool special_start_not_known(struct maker *m, void *item)
{
	(void)m;
	((struct special *)item)->started = DAY_NONE;
	return true;
}

static const struct scenario special_scenarios[] = {
	{ "inspection-special-unapproved", PLAN_HIT, 2000, { .domain = -1 }, special_too_early },
	{ "inspection-special-unapproved", PLAN_HIT, 2000, { .domain = -1 }, special_unapproved },
	{ "inspection-special-unapproved", PLAN_HIT, 3000, { .domain = -1 }, special_unfiled },
	{ "inspection-special-unapproved", PLAN_HIT, 3000, { .domain = -1 }, special_unpublished },
	{ "inspection-special-unapproved", PLAN_NEAR, 1500, { .domain = -1 }, special_same_day },
	{ "inspection-special-unapproved", PLAN_EXEMPT, 3000, { .domain = -1 }, special_from_above },
	{ "inspection-special-unapproved", PLAN_UNKNOWN, 1000, { .domain = -1 }, special_start_not_known },
};

static enum verdict special_unlawful(const void *item, const struct world *w)
{
	const struct special *s = item;
	bool incomplete = s->approved == DAY_NONE || s->filed == DAY_NONE || s->published == DAY_NONE;

	(void)w;
	return judge(day_from_ymd(2024, 12, 26), s->started, tri(incomplete || yes(later(s->approved, s->started))),
		tri(s->superior_doc.ptr != NULL));
}

static const struct planned_rule special_rules[] = { { "inspection-special-unapproved", special_unlawful } };
static const struct theme special_theme = { special_rules, COUNT(special_rules), special_scenarios, COUNT(special_scenarios), NULL };
static const struct theme *const special_themes[] = { &special_theme, NULL };

static int64_t count_special(const struct world *w)
{
	return at_least(30, w->o.size.cases / 600);
}

static struct str special_region(const void *item)
{
	return ((const struct special *)item)->agency->region;
}

const struct generator special_generator = {
	.type = "special_inspection",
	.what = "专项检查",
	.sources = { { "演示数据：专项检查计划", NULL } },
	.item_bytes = sizeof(struct special),
	.counter = offsetof(struct demo_result, others),
	.count = count_special,
	.make = make_special,
	.to_rows = special_to_rows,
	.region_of = special_region,
	.themes = special_themes,
};
