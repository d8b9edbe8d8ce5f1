/* Hotline tickets: what people complain about, to whom it was handed, and what became of it. */
#include "demo/work.h"

#include <stddef.h>

#define SURGE_EVERY 40 /* one ticket in so many belongs to the surge */
#define SURGE_AT 13
#define SURGE_TOPIC 1
#define NO_CATEGORY_EVERY 600

static const struct {
	const char *domain, *category, *title, *content;
	bool enforcement;
} topics[] = {
	{ "urban_management", "市容环境", "占道经营影响通行", "反映附近长期有摊贩占用人行道经营，多次反映后仍未改善，希望执法部门处理。",
		true },
	{ "urban_management", "执法行为", "反映执法人员态度粗暴", "反映执法人员检查时没有出示证件，言语粗暴，要求核实处理。", true },
	{ "market", "消费维权", "购买的食品过期", "在店内买到超过保质期的食品，商家拒绝退换，要求查处。", true },
	{ "market", "执法行为", "反映同一店铺被反复检查", "反映一个月内被不同科室检查四次，影响正常经营，希望规范检查。", true },
	{ "environment", "噪声扰民", "夜间施工噪声扰民", "反映工地夜间十一点后仍在施工，噪声很大，影响休息。", true },
	{ "environment", "大气污染", "反映厂区异味", "反映附近企业夜间排放刺激性气味，要求检查。", true },
	{ "transport", "道路运输", "反映货车被重复罚款", "反映同一次运输在两个路口先后被处罚，认为属于重复处罚。", true },
	{ "transport", "道路运输", "网约车服务投诉", "反映司机中途要求加价，希望核实。", false },
	{ "public_security", "治安", "报警后迟迟没有处理结果", "反映报警后数月没有收到处理结果，希望告知进展。", true },
	{ "housing", "物业管理", "物业公共收益不公示", "反映小区公共收益多年没有公示，希望主管部门督促。", false },
	{ "health", "医疗服务", "反映诊所无证行医", "反映小区内有人无证开展诊疗活动，要求查处。", true },
	{ "emergency", "安全生产", "反映作坊存在安全隐患", "反映居民楼下作坊存放易燃物品，存在安全隐患。", true },
	{ "labour", "劳动保障", "拖欠工资", "反映用人单位拖欠两个月工资，希望协调解决。", true },
	{ "agriculture", "农资质量", "购买的种子发芽率低", "反映购买的种子发芽率明显低于标注，要求检验。", true },
	{ "natural_resources", "违法建设", "反映邻居违法搭建", "反映邻居在公共区域搭建房屋，多次反映无人处理。", true },
	{ "culture", "文化市场", "网吧接纳未成年人", "反映网吧夜间接纳未成年人上网，要求查处。", true },
	{ "fire", "消防安全", "疏散通道被占用", "反映商场疏散通道堆放货物，存在隐患。", true },
};

/** An agency of the county and domain, else of the city. */
static const struct agency *agency_for(const struct world *w, const struct county *c, const char *domain)
{
	for (int i = 0; i < c->agency_count; i++)
		if (strcmp(w->agencies.v[c->first_agency + i].kind->domain, domain) == 0)
			return &w->agencies.v[c->first_agency + i];
	return &w->agencies.v[c->first_agency];
}

struct ticket {
	int64_t index;
	int topic;
	int32_t day;
	bool category_known;
	int town; /* handed to the government of a township, -1: to an agency */
	struct township *of;
};

static void ticket_to_rows(const void *item, const struct world *w, struct rows *r)
{
	const struct ticket *t = item;
	int64_t index = t->index;
	static const char *const channels[] = { "phone", "phone", "phone", "app", "wechat", "web" };
	static const char *const kinds[] = { "complaint", "complaint", "report", "help", "advice", "consult" };
	struct rng rng = rng_open(w->o.seed, STREAM_TICKET, (uint64_t)index);
	const struct county *c = &w->counties.v[rng_next(&rng) % w->counties.len];
	int topic = t->topic;
	const struct agency *a = agency_for(w, c, topics[topic].domain);
	int32_t day = t->day;
	int64_t received = (int64_t)day * 86400 + rng_in(&rng, 8 * 3600, 21 * 3600), handed = received + rng_in(&rng, 1800, 20 * 3600);
	int64_t now = (int64_t)w->o.today * 86400 + 18 * 3600, due, replied, closed;
	struct ymd date = day_to_ymd(day);
	struct str handler, code;

	if (received > now)
		received = now - 3600;
	due = (int64_t)workday_step(w->days, day, 5) * 86400 + 18 * 3600;
	replied = handed + rng_in(&rng, 1, 9) * 86400;
	closed = replied + rng_in(&rng, 1, 4) * 86400;
	rows_text(r, "ticket_no", str_printf(r->mem, "RX%04d%02d%02d%07lld", date.year, date.month, date.day, (long long)index + 1));
	rows_i64(r, "received_at", received);
	rows_code(r, "channel", channels[rng_next(&rng) % COUNT(channels)]);
	rows_code(r, "demand_kind", kinds[rng_next(&rng) % COUNT(kinds)]);
	if (t->category_known)
		rows_text(r, "category", str_of(topics[topic].category));
	rows_text(r, "title", str_of(topics[topic].title));
	rows_text(r, "content", str_of(topics[topic].content));
	rows_tri(r, "enforcement_related", topics[topic].enforcement ? TRI_TRUE : TRI_FALSE);
	if (!rng_chance(&rng, 120)) {
		rows_text(r, "complainant_name", name_person(&rng, r->mem));
		rows_text(r, "complainant_phone", make_phone(&rng, r->mem));
	}
	if (rng_chance(&rng, 600)) {
		struct party p = party_make(w, rng_in(&rng, 0, w->o.size.parties - 1), r->mem);

		rows_text(r, "party_name", p.name);
		rows_text(r, "party_code", p.code);
	}
	rows_text(r, "address", name_road(&rng, c->name, r->mem));
	rows_text(r, "area_code", c->region);
	rows_day(r, "happened_on", day - (int32_t)rng_in(&rng, 0, 10));
	handler = a->name;
	code = a->code;
	if (t->town >= 0)
		township_government(w, t->town, r->mem, &handler, &code);
	rows_text(r, "agency_name", handler);
	rows_text(r, "agency_code", code);
	if (handed > now) {
		rows_code(r, "status", "open");
		return;
	}
	rows_i64(r, "handed_at", handed);
	rows_i64(r, "due_at", due);
	if (replied > now) {
		rows_code(r, "status", "handling");
		return;
	}
	rows_i64(r, "replied_at", replied);
	rows_text(r, "reply", STR("经核实，已依法处理并告知诉求人。（演示数据）"));
	rows_code(r, "substantiated", rng_chance(&rng, 550) ? "confirmed" : rng_chance(&rng, 500) ? "partly" : "refuted");
	rows_tri(r, "case_filed", rng_chance(&rng, 120) ? TRI_TRUE : TRI_FALSE);
	rows_code(r, "satisfaction", rng_chance(&rng, 600) ? "satisfied" : rng_chance(&rng, 500) ? "basic" : "dissatisfied");
	rows_code(r, "status", closed > now ? "replied" : "closed");
	if (closed <= now)
		rows_i64(r, "closed_at", closed);
}

static int64_t count_tickets(const struct world *w)
{
	return w->o.size.tickets;
}

static void make_ticket(struct maker *m, int64_t index, void *item)
{
	struct rng rng = rng_open(m->w->o.seed, STREAM_TICKET, (uint64_t)index + ((uint64_t)1 << 40));
	struct ticket *t = item;
	struct ymd month;

	*t = (struct ticket){ .index = index, .category_known = true, .town = -1 };
	t->topic = (int)(rng_next(&rng) % COUNT(topics));
	t->day = maker_today(m) - (int32_t)rng_in(&rng, 0, 540);
	if (index % SURGE_EVERY == SURGE_AT) { /* many about the same in one month, the month before this one */
		month = day_to_ymd(maker_today(m) - 35);
		t->topic = SURGE_TOPIC;
		t->day = day_from_ymd(month.year, month.month, 1) + (int32_t)rng_in(&rng, 0, 20);
	}
	if (town_ticket(m->w, index, &t->town)) { /* to a township, in the last half year */
		t->of = &m->w->townships.v[t->town];
		t->day = maker_today(m) - (int32_t)rng_in(&rng, 5, 170);
	}
	t->category_known = index % NO_CATEGORY_EVERY != NO_CATEGORY_EVERY / 2;
}

/* ---- months in which a category has far more than before, recounted ---- */

#define SURGE_LEAST 10
#define MONTHS_BEFORE 6

static bool note(void *log, const void *item, struct str key)
{
	const struct ticket *t = item;
	struct ymd d = day_to_ymd(t->day);
	struct fact f = { .key = key, .day = day_from_ymd(d.year, d.month, 1) };

	if (t->of)
		t->of->tickets++;
	if (!topics[t->topic].enforcement)
		return true;
	if (t->category_known)
		f.a = str_of(topics[t->topic].category);
	return fact_log_add(log, &f);
}

static int64_t in_month(const struct fact_log *l, const struct fact *of, int32_t month)
{
	int64_t n = 0;

	for (size_t i = 0; i < l->facts.len; i++)
		n += l->facts.v[i].day == month && fact_same(&l->facts.v[i], of, 1);
	return n;
}

static bool surges(const struct fact_log *l, const struct fact *of)
{
	int64_t n = in_month(l, of, of->day), before = 0, oldest = 0, above;

	for (int i = 1; i <= MONTHS_BEFORE; i++)
		before += oldest = in_month(l, of, day_add_months(of->day, -i));
	above = MONTHS_BEFORE * n - before;
	return n >= SURGE_LEAST && oldest > 0 && above > 0 && above * above > 9 * MONTHS_BEFORE * before;
}

static enum err_code finish(void *log, const struct world *w, struct answer_key *k, struct err *err)
{
	struct fact_log *l = log;

	(void)w;
	(void)err;
	fact_log_sort(l);
	for (size_t i = 0; i < l->facts.len; i++) {
		const struct fact *f = &l->facts.v[i];
		char month[11];

		if (!f->a.ptr) {
			answer_key_add(k, "hotline-surge", VERDICT_UNKNOWN, false, f->key);
			continue;
		}
		if (i > 0 && fact_same(f, f - 1, 1) && f->day == f[-1].day)
			continue; /* this month is done */
		day_format(f->day, month);
		answer_key_add(k, "hotline-surge", judge(FROM_SUPERVISION, f->day, tri(surges(l, f)), TRI_FALSE), false,
			str_printf(l->mem, "%.*s|%s", STR_ARG(f->a), month));
	}
	return ERR_OK;
}

static const char *const surge_rules[] = { "hotline-surge", NULL };
static const struct recount surge = { surge_rules, fact_log_open, note, finish, fact_log_close };
static const struct theme surge_theme = { NULL, 0, NULL, 0, &surge };
static const struct theme *const ticket_themes[] = { &surge_theme, NULL };

const struct generator ticket_generator = {
	.type = "hotline_ticket",
	.what = "12345 热线工单",
	.sources = { { "演示数据：12345 热线工单", NULL } },
	.item_bytes = sizeof(struct ticket),
	.counter = offsetof(struct demo_result, tickets),
	.count = count_tickets,
	.make = make_ticket,
	.to_rows = ticket_to_rows,
	.themes = ticket_themes,
};
