/* Entrusted enforcement: letters, what they cover, and that they are published. Cases and inspections refer to the lawful ones. */
#include "demo/slots.h"
#include "demo/verdict.h"

#include <stddef.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define FROM_2021 day_from_ymd(2021, 7, 15)

struct entrustment {
	const struct agency *agency;
	struct str number, entrusted_name, scope;
	const char *kind;
	int32_t letter, from, to, published;
	enum tri sub_entrusted;
};

#define SLOT(member, column, kind)                                                                                                         \
	{                                                                                                                                  \
		column, kind, offsetof(struct entrustment, member)                                                                         \
	}
static const struct slot slots[] = {
	SLOT(number, "entrustment_no", SLOT_TEXT),
	SLOT(entrusted_name, "entrusted_name", SLOT_TEXT),
	SLOT(kind, "entrusted_kind", SLOT_CODE),
	SLOT(scope, "scope_codes", SLOT_TEXT),
	SLOT(letter, "letter_on", SLOT_DAY),
	SLOT(from, "from_on", SLOT_DAY),
	SLOT(to, "to_on", SLOT_DAY),
	SLOT(published, "published_on", SLOT_DAY),
	SLOT(sub_entrusted, "sub_entrusted", SLOT_TRI),
};

static void make(struct maker *m, int64_t index, void *item)
{
	static const char *const names[] = { "综合服务站", "动物卫生监督站", "道路运输管理所", "市场服务中心", "环卫管理所" };
	struct entrustment *e = item;

	slots_clear(slots, COUNT(slots), e);
	e->agency = choose_agency(m, false);
	e->number = str_printf(m->mem, "WT%.*s%04lld", STR_ARG(e->agency->region), (long long)index + 1);
	e->entrusted_name = str_printf(m->mem, "%.*s%s", STR_ARG(e->agency->place), names[rng_next(&m->rng) % COUNT(names)]);
	e->kind = "institution";
	e->from = maker_today(m) - (int32_t)(index % 2 ? rng_in(&m->rng, 500, 650) : rng_in(&m->rng, 120, 330));
	e->letter = e->from - (int32_t)rng_in(&m->rng, 1, 20);
	e->to = e->from + (index % 2 ? 365 : 730); /* every other one has run out */
	e->published = e->letter + (int32_t)rng_in(&m->rng, 1, 10);
	e->scope = str_printf(m->mem, "CF%04d；CF%04d", (int)(index % 80) + 1, (int)(index % 80) + 101);
	e->sub_entrusted = TRI_FALSE;
}

/** A lawful one stays known, so that cases and inspections can refer to it. */
static void settle(struct maker *m, void *item)
{
	const struct entrustment *e = item;
	struct world *w = m->w;
	struct entrustment_ref ref = { .number = str_dup(w->mem, e->number),
		.entrusted_name = str_dup(w->mem, e->entrusted_name),
		.scope = str_dup(w->mem, e->scope),
		.from = e->from,
		.to = e->to,
		.letter = e->letter,
		.published = e->published };

	if (e->letter != DAY_NONE && e->published != DAY_NONE && e->to != DAY_NONE && e->scope.ptr && ref.number.ptr)
		vec_push(&w->entrustments, ref); /* without memory there are fewer to refer to */
}

static void to_rows(const void *item, const struct world *w, struct rows *r)
{
	const struct entrustment *e = item;

	(void)w;
	slots_to_rows(slots, COUNT(slots), e, r);
	rows_text(r, "agency_name", e->agency->name);
	rows_text(r, "agency_code", e->agency->code);
}

static int64_t count(const struct world *w)
{
	return w->o.size.cases / 1000 > 24 ? w->o.size.cases / 1000 : 24;
}

static struct str region_of(const void *item)
{
	return ((const struct entrustment *)item)->agency->region;
}

/* ---- planted ---- */

static bool no_letter(struct maker *m, void *item)
{
	(void)m;
	((struct entrustment *)item)->letter = DAY_NONE;
	return true;
}

static bool unpublished(struct maker *m, void *item)
{
	(void)m;
	((struct entrustment *)item)->published = DAY_NONE;
	return true;
}

static bool no_period(struct maker *m, void *item)
{
	(void)m;
	((struct entrustment *)item)->to = DAY_NONE;
	return true;
}

static bool no_scope(struct maker *m, void *item)
{
	(void)m;
	((struct entrustment *)item)->scope = (struct str){ 0 };
	return true;
}

static bool to_an_enterprise(struct maker *m, void *item)
{
	(void)m;
	((struct entrustment *)item)->kind = "enterprise";
	return true;
}

static bool passed_on(struct maker *m, void *item)
{
	(void)m;
	((struct entrustment *)item)->sub_entrusted = TRI_TRUE;
	return true;
}

static bool passing_on_not_known(struct maker *m, void *item)
{
	(void)m;
	((struct entrustment *)item)->sub_entrusted = TRI_UNKNOWN;
	return true;
}

static bool published_on_the_first_day(struct maker *m, void *item)
{
	struct entrustment *e = item;

	(void)m;
	e->published = e->from;
	return true;
}

static const struct scenario scenarios[] = {
	{ "entrust-invalid", PLAN_HIT, 1500, { .domain = -1 }, no_letter },
	{ "entrust-invalid", PLAN_HIT, 3000, { .domain = -1 }, unpublished },
	{ "entrust-invalid", PLAN_HIT, 1500, { .domain = -1 }, no_period },
	{ "entrust-invalid", PLAN_HIT, 1500, { .domain = -1 }, no_scope },
	{ "entrust-invalid", PLAN_HIT, 1500, { .domain = -1 }, to_an_enterprise },
	{ "entrust-invalid", PLAN_HIT, 1500, { .domain = -1 }, passed_on },
	{ "entrust-invalid", PLAN_NEAR, 1500, { .domain = -1 }, published_on_the_first_day },
	{ "entrust-invalid", PLAN_UNKNOWN, 1500, { .domain = -1 }, passing_on_not_known },
};

static enum verdict invalid(const void *item, const struct world *w)
{
	const struct entrustment *e = item;
	bool incomplete = e->letter == DAY_NONE || e->published == DAY_NONE || !e->scope.ptr || e->to == DAY_NONE;

	(void)w;
	return judge(FROM_2021, e->from, or3(tri(incomplete), or3(is(e->kind, "enterprise"), e->sub_entrusted)), TRI_FALSE);
}

static const struct planned_rule rules[] = { { "entrust-invalid", invalid } };
static const struct theme letters = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
static const struct theme *const themes[] = { &letters, NULL };

const struct generator entrustment_generator = {
	.type = "entrustment",
	.what = "委托执法",
	.sources = { { "演示数据：委托执法登记", NULL } },
	.item_bytes = sizeof(struct entrustment),
	.counter = offsetof(struct demo_result, others),
	.count = count,
	.make = make,
	.settle = settle,
	.to_rows = to_rows,
	.region_of = region_of,
	.themes = themes,
};
