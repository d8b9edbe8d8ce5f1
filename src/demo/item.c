/* The catalogue of enforcement items and the discretion tiers, with the versions that some of them had. */
#include "demo/item.h"

#include <stddef.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define YUAN 100
#define ONE 10000 /* of a decimal */

enum { CLASS_SPOT, CLASS_ORDINARY, CLASS_LARGE, CLASSES };
static const struct {
	const char *suffix;
	int64_t min, middle, max;
} classes[CLASSES] = {
	{ "情节轻微", 10 * YUAN, 500 * YUAN, 5000 * YUAN },
	{ "情节一般", 200 * YUAN, 5000 * YUAN, 100000 * YUAN },
	{ "情节严重", 5000 * YUAN, 200000 * YUAN, 1000000 * YUAN },
};

static const struct {
	const char *name, *domain;
} specials[ITEM_SPECIALS] = {
	[ITEM_NEW_LAW] = { "未按新规定报送信息", "emergency" },
	[ITEM_REPEALED] = { "未按规定办理年度检验", "transport" },
	[ITEM_HEAVIER] = { "未落实安全培训制度", "emergency" },
	[ITEM_LIGHTER] = { "未按规定悬挂标识", "culture" },
	[ITEM_BY_GAIN] = { "无证经营取得违法所得", "market" },
	[ITEM_BY_GOODS] = { "经营不符合标准的产品", "market" },
	[ITEM_SET_AMOUNT] = { "未随车携带证件", "transport" },
	[ITEM_NORMATIVE] = { "违反行业管理通知", "housing" },
	[ITEM_UNPUBLISHED] = { "未建立台账", "grain" },
	[ITEM_LATE] = { "未按规定公示信息", "market" },
	[ITEM_TOWNSHIP] = { "占用道路堆放物料", "urban_management" },
	[ITEM_TOWN_BY_LAW] = { "违反村庄规划建设", "natural_resources" },
	[ITEM_STEADY] = { "未规范设置垃圾收集容器", "urban_management" },
};

static int class_of(int number)
{
	return number < ITEM_SPECIALS ? CLASS_SPOT : (number - ITEM_SPECIALS) % CLASSES;
}

int item_count(void)
{
	return ITEM_SPECIALS + CLASSES * violation_kind_count;
}

int item_for(const char *violation, int64_t fine)
{
	int kind = 0, class = fine <= 3000 * YUAN ? CLASS_SPOT : fine <= 80000 * YUAN ? CLASS_ORDINARY : CLASS_LARGE;

	for (int i = 0; violation && i < violation_kind_count; i++)
		if (strcmp(violation_kinds[i].violation, violation) == 0)
			kind = i;
	return ITEM_SPECIALS + kind * CLASSES + class;
}

int tier_for(int item, int64_t fine)
{
	return 2 * item + (fine > classes[class_of(item)].middle);
}

static struct item_period always(int64_t min, int64_t max)
{
	return (struct item_period){
		.from = day_from_ymd(2015, 1, 1), .to = DAY_NONE, .status = "valid", .township = TRI_FALSE, .fine_min = min, .fine_max = max
	};
}

/** Another range from so many days ago on. */
static void changed(struct item *i, int32_t today, int days_ago, int64_t min, int64_t max)
{
	i->periods[1] = i->periods[0];
	i->periods[0].to = today - days_ago - 1;
	i->periods[1].from = today - days_ago;
	i->periods[1].fine_min = min;
	i->periods[1].fine_max = max;
	i->period_count = 2;
}

static void make_special(struct item *i, int32_t today)
{
	switch ((enum special_item)i->number) {
	case ITEM_NEW_LAW:
		i->effective = i->published = i->periods[0].from = today - 200;
		break;
	case ITEM_REPEALED:
		changed(i, today, 300, 1000 * YUAN, 5000 * YUAN);
		i->periods[1].status = "invalid";
		break;
	case ITEM_HEAVIER:
		changed(i, today, 400, 2000 * YUAN, 9000 * YUAN);
		break;
	case ITEM_LIGHTER:
		changed(i, today, 400, 500 * YUAN, 3000 * YUAN);
		break;
	case ITEM_BY_GAIN:
		i->base = "gain";
		i->times_min = ONE;
		i->times_max = 5 * ONE;
		i->needs_gain = TRI_TRUE;
		break;
	case ITEM_BY_GOODS:
		i->base = "goods";
		i->times_min = 2 * ONE;
		i->times_max = 10 * ONE;
		break;
	case ITEM_SET_AMOUNT:
		i->periods[0].fine_min = i->periods[0].fine_max = 200 * YUAN;
		break;
	case ITEM_NORMATIVE:
		i->basis_level = "normative";
		break;
	case ITEM_UNPUBLISHED:
		i->published = DAY_NONE;
		break;
	case ITEM_LATE:
		i->effective = i->periods[0].from = today - 120;
		i->published = today - 75;
		break;
	case ITEM_TOWNSHIP:
		changed(i, today, 150, 1000 * YUAN, 5000 * YUAN);
		i->periods[0].from = today - 500;
		i->periods[0].township = TRI_TRUE;
		break;
	case ITEM_TOWN_BY_LAW:
		i->township_by_law = TRI_TRUE;
		break;
	case ITEM_STEADY:
		i->periods[0].fine_min = 100 * YUAN;
		i->periods[0].fine_max = 20000 * YUAN;
		break;
	case ITEM_SPECIALS:
		break;
	}
}

static const struct violation_kind *kind_of(int number)
{
	return &violation_kinds[(number - ITEM_SPECIALS) / CLASSES];
}

struct item item_facts(const struct world *w, int number)
{
	bool special = number < ITEM_SPECIALS;
	int class = class_of(number);
	struct item i = { .number = number,
		.domain = special ? specials[number].domain : kind_of(number)->domain,
		.basis_level = "law",
		.base = "fixed",
		.times_min = NO_MONEY,
		.times_max = NO_MONEY,
		.published = day_from_ymd(2015, 2, 1),
		.effective = day_from_ymd(2015, 1, 1),
		.needs_gain = TRI_FALSE,
		.township_by_law = TRI_FALSE,
		.period_count = 1 };

	i.periods[0] = special ? always(1000 * YUAN, 5000 * YUAN) : always(classes[class].min, classes[class].max);
	if (special)
		make_special(&i, w->o.today);
	return i;
}

struct item item_make(const struct world *w, int number, struct arena *mem)
{
	struct item i = item_facts(w, number);

	i.code = str_printf(mem, "99%012d", 1000 + number);
	i.name = number < ITEM_SPECIALS ? str_of(specials[number].name)
	                                : str_printf(mem, "%s（%s）", kind_of(number)->violation, classes[class_of(number)].suffix);
	return i;
}

static const struct item_period *period_on(const struct item_period *p, int count, int32_t day)
{
	for (int i = count - 1; i >= 0 && day != DAY_NONE; i--)
		if (p[i].from <= day && (p[i].to == DAY_NONE || day <= p[i].to))
			return &p[i];
	return NULL;
}

const struct item_period *item_on(const struct item *i, int32_t day)
{
	return period_on(i->periods, i->period_count, day);
}

const struct item_period *tier_on(const struct tier *t, int32_t day)
{
	return period_on(t->periods, t->period_count, day);
}

struct tier tier_facts(const struct world *w, int number)
{
	struct item i = item_facts(w, number / 2);
	bool heavy = number % 2;
	struct tier t = { .level = heavy ? "heavy" : "light", .period_count = i.period_count };

	for (int k = 0; k < i.period_count; k++) {
		t.periods[k] = i.periods[k];
		if (i.number < ITEM_SPECIALS)
			continue; /* the whole range */
		if (heavy)
			t.periods[k].fine_min = classes[class_of(i.number)].middle + 1;
		else
			t.periods[k].fine_max = classes[class_of(i.number)].middle;
	}
	return t;
}

struct tier tier_make(const struct world *w, int number, struct arena *mem)
{
	struct tier t = tier_facts(w, number);

	t.item_code = item_make(w, number / 2, mem).code;
	t.code = str_printf(mem, "%.*s-%d", STR_ARG(t.item_code), number % 2 + 1);
	t.name = number % 2 ? STR("较重") : STR("较轻");
	return t;
}

/* ---- generators ---- */

static int64_t count_items(const struct world *w)
{
	(void)w;
	return item_count();
}

static void make_item(struct maker *m, int64_t index, void *item)
{
	*(struct item *)item = item_make(m->w, (int)index, m->mem);
}

/** Who publishes the catalogue: the market authority of the first county or city. */
static void publisher(const struct world *w, struct rows *r)
{
	rows_text(r, "agency_name", w->agencies.v[0].name);
	rows_text(r, "agency_code", w->agencies.v[0].code);
}

static void item_to_rows(const void *item, const struct world *w, struct rows *r)
{
	const struct item *i = item;
	const struct item_period *now = item_on(i, w->o.today);
	struct child_rows c;

	publisher(w, r);
	rows_text(r, "item_code", i->code);
	rows_text(r, "name", i->name);
	rows_code(r, "kind", "penalty");
	rows_code(r, "domain", i->domain);
	rows_code(r, "basis_level", i->basis_level);
	rows_code(r, "status", now ? now->status : "invalid");
	rows_day(r, "published_on", i->published);
	rows_day(r, "effective_on", i->effective);
	rows_tri(r, "township", now ? now->township : TRI_FALSE);
	rows_tri(r, "township_by_law", i->township_by_law);
	rows_code(r, "fine_base", i->base);
	rows_tri(r, "needs_gain", i->needs_gain);
	if (i->times_min != NO_MONEY) {
		rows_decimal(r, "fine_min_times", i->times_min);
		rows_decimal(r, "fine_max_times", i->times_max);
	}
	if (now) {
		rows_i64(r, "fine_min", now->fine_min);
		rows_i64(r, "fine_max", now->fine_max);
	}
	c = rows_child(r, "periods", (size_t)i->period_count);
	for (int k = 0; k < i->period_count; k++, c.row++) {
		child_day(&c, "from_on", i->periods[k].from);
		child_day(&c, "to_on", i->periods[k].to);
		child_code(&c, "status", i->periods[k].status);
		child_day(&c, "published_on", i->published);
		child_tri(&c, "township", i->periods[k].township);
		child_i64(&c, "fine_min", i->periods[k].fine_min);
		child_i64(&c, "fine_max", i->periods[k].fine_max);
	}
}

const struct generator item_generator = {
	.type = "enforcement_item",
	.what = "执法事项",
	.sources = { { "演示数据：行政执法事项目录", NULL } },
	.item_bytes = sizeof(struct item),
	.counter = offsetof(struct demo_result, others),
	.count = count_items,
	.make = make_item,
	.to_rows = item_to_rows,
};

static int64_t count_tiers(const struct world *w)
{
	(void)w;
	return 2 * (int64_t)item_count();
}

static void make_tier(struct maker *m, int64_t index, void *item)
{
	*(struct tier *)item = tier_make(m->w, (int)index, m->mem);
}

static void tier_to_rows(const void *item, const struct world *w, struct rows *r)
{
	const struct tier *t = item;
	const struct item_period *now = tier_on(t, w->o.today);
	struct child_rows c;

	publisher(w, r);
	rows_text(r, "tier_code", t->code);
	rows_text(r, "item_code", t->item_code);
	rows_text(r, "name", t->name);
	rows_code(r, "level", t->level);
	if (now) {
		rows_i64(r, "fine_min", now->fine_min);
		rows_i64(r, "fine_max", now->fine_max);
	}
	rows_day(r, "published_on", day_from_ymd(2015, 2, 1));
	c = rows_child(r, "periods", (size_t)t->period_count);
	for (int k = 0; k < t->period_count; k++, c.row++) {
		child_day(&c, "from_on", t->periods[k].from);
		child_day(&c, "to_on", t->periods[k].to);
		child_i64(&c, "fine_min", t->periods[k].fine_min);
		child_i64(&c, "fine_max", t->periods[k].fine_max);
	}
}

const struct generator tier_generator = {
	.type = "discretion_tier",
	.what = "裁量档次",
	.sources = { { "演示数据：裁量基准", NULL } },
	.item_bytes = sizeof(struct tier),
	.counter = offsetof(struct demo_result, others),
	.count = count_tiers,
	.make = make_tier,
	.to_rows = tier_to_rows,
};
