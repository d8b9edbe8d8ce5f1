/* Money and goods of confiscation, and papers about them: monthly accounts, stores of goods, documents, general orders to suspend business.
 * Four small record types whose rules look at one record only. */
#include <stddef.h>

#include "demo/slots.h"
#include "demo/verdict.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define FROM_2021 day_from_ymd(2021, 7, 15)
#define ACCOUNT_MONTHS 24
#define UNIT 10000 /* of a decimal */

#define ANY .domain = -1

/* ---- monthly accounts ---- */

struct account {
	const struct agency *agency;
	struct str agency_name, agency_code;
	int32_t month;
	int64_t decided, bank, cash, receipts, treasury, transit, refunded;
};

#define F(column, kind, member)                                                                                                            \
	{                                                                                                                                  \
		column, kind, offsetof(struct account, member)                                                                             \
	}
static const struct slot account_slots[] = { F("agency_name", SLOT_TEXT, agency_name), F("agency_code", SLOT_TEXT, agency_code),
	F("month_on", SLOT_DAY, month), F("decided", SLOT_MONEY, decided), F("bank_collected", SLOT_MONEY, bank),
	F("cash_collected", SLOT_MONEY, cash), F("cash_receipts", SLOT_MONEY, receipts), F("treasury_in", SLOT_MONEY, treasury),
	F("in_transit", SLOT_MONEY, transit), F("refunded", SLOT_MONEY, refunded) };
#undef F

static int64_t count_accounts(const struct world *w)
{
	return (int64_t)w->agencies.len * ACCOUNT_MONTHS;
}

/** Last day of the month that ended `months` whole months before today's. */
static int32_t month_end(int32_t today, int months)
{
	struct ymd d = day_to_ymd(today);

	return day_add_months(day_from_ymd(d.year, d.month, 1), -months) - 1;
}

static void make_account(struct maker *m, int64_t index, void *item)
{
	struct account *a = item;

	slots_clear(account_slots, (size_t)COUNT(account_slots), a);
	a->agency = &m->w->agencies.v[index / ACCOUNT_MONTHS];
	a->agency_name = a->agency->name;
	a->agency_code = a->agency->code;
	a->month = month_end(maker_today(m), (int)(index % ACCOUNT_MONTHS));
	a->decided = rng_in(&m->rng, 20, 400) * 1000000 * day_to_ymd(a->month).month / 12 + rng_in(&m->rng, 0, 999) * 100;
	a->treasury = a->bank = a->decided / 100 * rng_in(&m->rng, 70, 98);
	a->receipts = a->cash = rng_in(&m->rng, 0, 200) * 5000;
	a->transit = a->refunded = 0;
}

static void account_to_rows(const void *item, const struct world *w, struct rows *r)
{
	(void)w;
	slots_to_rows(account_slots, (size_t)COUNT(account_slots), item, r);
}

static struct str account_region(const void *item)
{
	return ((const struct account *)item)->agency->region;
}

static bool treasury_short(struct maker *m, void *item)
{
	struct account *a = item;

	a->treasury = a->bank - rng_in(&m->rng, 1, 2000) * 100;
	return true;
}

static bool treasury_one_cent_beyond_transit(struct maker *m, void *item)
{
	struct account *a = item;

	a->transit = rng_in(&m->rng, 1, 500) * 100;
	a->treasury = a->bank - a->transit - 1;
	return true;
}

static bool treasury_in_transit(struct maker *m, void *item)
{
	struct account *a = item;

	a->transit = rng_in(&m->rng, 1, 500) * 100;
	a->refunded = rng_in(&m->rng, 0, 50) * 100;
	a->treasury = a->bank - a->transit - a->refunded;
	return true;
}

static bool collected_too_much(struct maker *m, void *item)
{
	struct account *a = item;

	(void)m;
	a->treasury = a->bank = a->decided + 1;
	return true;
}

static bool collected_everything(struct maker *m, void *item)
{
	struct account *a = item;

	(void)m;
	a->treasury = a->bank = a->decided;
	return true;
}

static bool cash_without_receipts(struct maker *m, void *item)
{
	struct account *a = item;

	a->cash = a->receipts + rng_in(&m->rng, 1, 40) * 5000;
	return true;
}

static bool treasury_unknown(struct maker *m, void *item)
{
	((struct account *)item)->treasury = NO_MONEY;
	(void)m;
	return true;
}

static const struct scenario account_scenarios[] = {
	{ "fine-collect-gap", PLAN_HIT, 900, { ANY }, treasury_short },
	{ "fine-collect-gap", PLAN_HIT, 300, { ANY }, treasury_one_cent_beyond_transit },
	{ "fine-collect-gap", PLAN_HIT, 300, { ANY }, collected_too_much },
	{ "fine-collect-gap", PLAN_HIT, 400, { ANY }, cash_without_receipts },
	{ "fine-collect-gap", PLAN_NEAR, 600, { ANY }, collected_everything },
	{ "fine-collect-gap", PLAN_EXEMPT, 1500, { ANY }, treasury_in_transit },
	{ "fine-collect-gap", PLAN_UNKNOWN, 400, { ANY }, treasury_unknown },
};

static enum tri differs(int64_t a, int64_t b)
{
	return a == NO_MONEY || b == NO_MONEY ? TRI_UNKNOWN : tri(a != b);
}

static enum tri more(int64_t a, int64_t b)
{
	return a == NO_MONEY || b == NO_MONEY ? TRI_UNKNOWN : tri(a > b);
}

static int64_t or_nothing(int64_t fen)
{
	return fen == NO_MONEY ? 0 : fen;
}

static enum verdict collect_gap(const void *item, const struct world *w)
{
	const struct account *a = item;
	enum tri too_much = more(a->bank, a->decided), cash = differs(a->cash, a->receipts), explained = TRI_UNKNOWN;

	(void)w;
	if (a->bank != NO_MONEY && a->treasury != NO_MONEY) {
		int64_t gap = a->bank > a->treasury ? a->bank - a->treasury : a->treasury - a->bank;

		explained = tri(gap <= or_nothing(a->transit) + or_nothing(a->refunded));
	}
	return judge(FROM_2021, a->month, or3(or3(differs(a->bank, a->treasury), too_much), cash),
		and3(explained, and3(not3(too_much), not3(cash))));
}

static const struct planned_rule account_rules[] = { { "fine-collect-gap", collect_gap } };
static const struct theme account_theme = { account_rules, COUNT(account_rules), account_scenarios, COUNT(account_scenarios), NULL };
static const struct theme *const account_themes[] = { &account_theme, NULL };

const struct generator fine_account_generator = {
	.type = "fine_account",
	.what = "罚没收缴对账",
	.sources = { { "演示数据：罚没收缴对账（财政）", NULL } },
	.item_bytes = sizeof(struct account),
	.counter = offsetof(struct demo_result, others),
	.count = count_accounts,
	.make = make_account,
	.to_rows = account_to_rows,
	.region_of = account_region,
	.themes = account_themes,
};

/* ---- confiscated goods ---- */

struct goods {
	const struct agency *agency;
	struct str goods_no, agency_name, agency_code;
	const char *name, *unit, *disposal;
	int32_t received, disposed;
	int64_t in, out, stock; /* ten thousandths */
	enum tri two, video;
};

#define F(column, kind, member)                                                                                                            \
	{                                                                                                                                  \
		column, kind, offsetof(struct goods, member)                                                                               \
	}
static const struct slot goods_slots[] = { F("goods_no", SLOT_TEXT, goods_no), F("goods_name", SLOT_WORD, name),
	F("agency_name", SLOT_TEXT, agency_name), F("agency_code", SLOT_TEXT, agency_code), F("received_on", SLOT_DAY, received),
	F("unit", SLOT_WORD, unit), F("in_quantity", SLOT_DECIMAL, in), F("out_quantity", SLOT_DECIMAL, out),
	F("stock_quantity", SLOT_DECIMAL, stock), F("disposal", SLOT_CODE, disposal), F("disposed_on", SLOT_DAY, disposed),
	F("two_supervisors", SLOT_TRI, two), F("video_recorded", SLOT_TRI, video) };
#undef F

static int64_t count_goods(const struct world *w)
{
	return w->o.size.cases / 20;
}

static void dispose(struct maker *m, struct goods *g, const char *how)
{
	bool kept = strcmp(how, "none") == 0;

	g->disposal = how;
	g->out = kept ? 0 : g->in / UNIT * UNIT;
	g->stock = g->in - g->out;
	g->disposed = kept ? DAY_NONE : g->received + (int32_t)rng_in(&m->rng, 5, 20);
	g->two = g->video = strcmp(how, "destroy") == 0 ? TRI_TRUE : TRI_UNKNOWN;
}

static void make_goods(struct maker *m, int64_t index, void *item)
{
	static const struct {
		const char *name, *unit;
	} things[] = { { "不合格食品", "千克" }, { "假冒卷烟", "条" }, { "非法渔具", "件" }, { "无证药品", "盒" }, { "改装车辆", "辆" } };
	static const char *const ways[] = { "none", "auction", "auction", "national", "destroy", "destroy", "return" };
	struct goods *g = item;
	int thing = (int)(rng_next(&m->rng) % COUNT(things));

	slots_clear(goods_slots, (size_t)COUNT(goods_slots), g);
	g->agency = choose_agency(m, false);
	g->agency_name = g->agency->name;
	g->agency_code = g->agency->code;
	g->name = things[thing].name;
	g->unit = things[thing].unit;
	g->received = random_workday(m, 650, 30);
	g->in = rng_in(&m->rng, 1, 4000) * (UNIT / 2);
	g->goods_no = str_printf(m->mem, "罚没%d%06lld", day_to_ymd(g->received).year, (long long)index + 1);
	dispose(m, g, ways[rng_next(&m->rng) % COUNT(ways)]);
}

static void goods_to_rows(const void *item, const struct world *w, struct rows *r)
{
	(void)w;
	slots_to_rows(goods_slots, (size_t)COUNT(goods_slots), item, r);
}

static struct str goods_region(const void *item)
{
	return ((const struct goods *)item)->agency->region;
}

static bool stock_short(struct maker *m, void *item)
{
	struct goods *g = item;

	dispose(m, g, "auction");
	g->in += 1;
	return true;
}

static bool stock_exact(struct maker *m, void *item)
{
	struct goods *g = item;

	dispose(m, g, "auction");
	g->out = g->in / 3;
	g->stock = g->in - g->out;
	return true;
}

static bool sold_by_itself(struct maker *m, void *item)
{
	dispose(m, item, rng_chance(&m->rng, 500) ? "sale" : "use");
	return true;
}

static bool destroyed_unwatched(struct maker *m, void *item)
{
	struct goods *g = item;

	dispose(m, g, "destroy");
	g->video = TRI_FALSE;
	return true;
}

static bool destroyed_watched(struct maker *m, void *item)
{
	dispose(m, item, "destroy");
	return true;
}

static bool stock_unknown(struct maker *m, void *item)
{
	struct goods *g = item;

	dispose(m, g, "none");
	g->stock = NO_MONEY;
	return true;
}

static const struct scenario goods_scenarios[] = {
	{ "confiscated-goods-gap", PLAN_HIT, 900, { ANY }, stock_short },
	{ "confiscated-goods-gap", PLAN_HIT, 500, { ANY }, sold_by_itself },
	{ "confiscated-goods-gap", PLAN_HIT, 600, { ANY }, destroyed_unwatched },
	{ "confiscated-goods-gap", PLAN_NEAR, 800, { ANY }, stock_exact },
	{ "confiscated-goods-gap", PLAN_NEAR, 600, { ANY }, destroyed_watched },
	{ "confiscated-goods-gap", PLAN_UNKNOWN, 500, { ANY }, stock_unknown },
};

static enum verdict goods_gap(const void *item, const struct world *w)
{
	static const char *const unlawful[] = { "sale", "use", "gift", NULL };
	const struct goods *g = item;
	enum tri gap = g->in == NO_MONEY || g->out == NO_MONEY || g->stock == NO_MONEY ? TRI_UNKNOWN : tri(g->in != g->out + g->stock);
	enum tri way = g->disposal ? tri(one_of(g->disposal, unlawful)) : TRI_UNKNOWN;

	(void)w;
	return judge(FROM_2021, first_day(g->disposed, g->received),
		or3(or3(gap, way), and3(is(g->disposal, "destroy"), not3(and3(g->two, g->video)))), TRI_FALSE);
}

static const struct planned_rule goods_rules[] = { { "confiscated-goods-gap", goods_gap } };
static const struct theme goods_theme = { goods_rules, COUNT(goods_rules), goods_scenarios, COUNT(goods_scenarios), NULL };
static const struct theme *const goods_themes[] = { &goods_theme, NULL };

const struct generator confiscated_goods_generator = {
	.type = "confiscated_goods",
	.what = "罚没财物",
	.sources = { { "演示数据：罚没财物台账", NULL } },
	.item_bytes = sizeof(struct goods),
	.counter = offsetof(struct demo_result, others),
	.count = count_goods,
	.make = make_goods,
	.to_rows = goods_to_rows,
	.region_of = goods_region,
	.themes = goods_themes,
};

/* ---- papers: documents about fines, general orders to suspend business ---- */

struct paper {
	const struct agency *agency;
	struct str number, agency_name, agency_code, area_code;
	const char *title, *domain, *kind, *body, *scope, *ground, *industry, *approval;
	int32_t issued;
};

static void make_paper(struct maker *m, int64_t index, struct paper *p, const char *series)
{
	p->agency = choose_agency(m, false);
	p->agency_name = p->agency->name;
	p->agency_code = p->agency->code;
	p->area_code = p->agency->region;
	p->domain = p->agency->kind->domain;
	p->issued = random_workday(m, 650, 5);
	p->number = str_printf(
		m->mem, "%.*s%s〔%d〕%lld号", STR_ARG(p->agency->proxy), series, day_to_ymd(p->issued).year, (long long)index + 1);
}

static struct str paper_region(const void *item)
{
	return ((const struct paper *)item)->agency->region;
}

#define F(column, kind, member)                                                                                                            \
	{                                                                                                                                  \
		column, kind, offsetof(struct paper, member)                                                                               \
	}
static const struct slot document_slots[] = { F("document_no", SLOT_TEXT, number), F("document_title", SLOT_WORD, title),
	F("agency_name", SLOT_TEXT, agency_name), F("agency_code", SLOT_TEXT, agency_code), F("kind", SLOT_CODE, kind),
	F("issued_on", SLOT_DAY, issued), F("body", SLOT_WORD, body) };
static const struct slot order_slots[] = { F("order_no", SLOT_TEXT, number), F("order_title", SLOT_WORD, title),
	F("agency_name", SLOT_TEXT, agency_name), F("agency_code", SLOT_TEXT, agency_code), F("domain", SLOT_CODE, domain),
	F("area_code", SLOT_TEXT, area_code), F("issued_on", SLOT_DAY, issued), F("scope", SLOT_CODE, scope),
	F("industry", SLOT_WORD, industry), F("ground", SLOT_CODE, ground), F("approval_no", SLOT_WORD, approval) };
#undef F

static int64_t count_documents(const struct world *w)
{
	return (int64_t)w->agencies.len * 3;
}

static void make_document(struct maker *m, int64_t index, void *item)
{
	static const char *const bodies[] = { "组织开展专项检查，规范执法程序，做好案卷归档。", "部署年度执法培训和考试，落实持证上岗。",
		"通报上半年案卷评查情况，列出整改问题。" };
	struct paper *p = item;

	slots_clear(document_slots, (size_t)COUNT(document_slots), p);
	make_paper(m, index, p, "发");
	p->title = "关于做好行政执法工作的通知";
	p->kind = "document";
	p->body = bodies[rng_next(&m->rng) % COUNT(bodies)];
}

static void document_to_rows(const void *item, const struct world *w, struct rows *r)
{
	(void)w;
	slots_to_rows(document_slots, (size_t)COUNT(document_slots), item, r);
}

static bool says(void *item, const char *body)
{
	((struct paper *)item)->body = body;
	return true;
}

static bool says_target(struct maker *m, void *item)
{
	(void)m;
	return says(item, "各中队全年罚没收入任务为三百万元，按月考核完成进度。");
}

static bool says_returned(struct maker *m, void *item)
{
	(void)m;
	return says(item, "罚没收入按百分之四十返还执法单位，用于补充办案经费。");
}

static bool says_procedure(struct maker *m, void *item)
{
	(void)m;
	return says(item, "规范罚款缴纳流程，全部实行罚缴分离，开具财政票据。");
}

static bool says_prohibited(struct maker *m, void *item)
{
	(void)m;
	return says(item, "严禁下达罚没指标，严禁把罚没收入与单位经费挂钩。");
}

static bool says_refund(struct maker *m, void *item)
{
	(void)m;
	return says(item, "处罚决定被撤销的，已缴罚款应当返还，请依法退还当事人。");
}

static bool says_nothing(struct maker *m, void *item)
{
	(void)m;
	return says(item, NULL);
}

static bool says_quota(struct maker *m, void *item)
{
	return says(item, rng_chance(&m->rng, 500) ? "各所每月检查户数不少于三十户，按季考评。" : "年终绩效按检查次数确定，向一线倾斜。");
}

static bool says_campaign(struct maker *m, void *item)
{
	(void)m;
	return says(item, "开展消防安全专项检查，每季度汇总一次问题。");
}

static bool says_no_quota(struct maker *m, void *item)
{
	(void)m;
	return says(item, "严禁将检查次数与绩效考核挂钩。");
}

static bool says_statistics(struct maker *m, void *item)
{
	(void)m;
	return says(item, "通报各单位上半年检查次数和考核情况。");
}

static const struct scenario document_scenarios[] = {
	{ "inspection-quota", PLAN_HIT, 1500, { ANY }, says_quota },
	{ "inspection-quota", PLAN_NEAR, 1500, { ANY }, says_campaign },
	{ "inspection-quota", PLAN_EXEMPT, 1000, { ANY }, says_no_quota },
	{ "inspection-quota", PLAN_EXEMPT, 1000, { ANY }, says_statistics },
	{ "inspection-quota", PLAN_UNKNOWN, 500, { ANY }, says_nothing },
	{ "fine-target-doc", PLAN_HIT, 800, { ANY }, says_target },
	{ "fine-target-doc", PLAN_HIT, 500, { ANY }, says_returned },
	{ "fine-target-doc", PLAN_NEAR, 2000, { ANY }, says_procedure },
	{ "fine-target-doc", PLAN_EXEMPT, 1500, { ANY }, says_prohibited },
	{ "fine-target-doc", PLAN_EXEMPT, 800, { ANY }, says_refund },
	{ "fine-target-doc", PLAN_UNKNOWN, 800, { ANY }, says_nothing },
};

/** What the demo's texts say: each violation and each excuse has one phrase. */
static enum verdict target_doc(const void *item, const struct world *w)
{
	const struct paper *p = item;
	enum tri said = TRI_UNKNOWN;
	bool excused = false;

	(void)w;
	if (p->body) {
		said = tri(strstr(p->body, "罚没收入任务") || strstr(p->body, "罚没指标") || strstr(p->body, "返还"));
		excused = strstr(p->body, "严禁") || strstr(p->body, "退还当事人");
	}
	return judge(FROM_2021, p->issued, said, tri(excused));
}

/** Of the demo's texts four speak of numbers of inspections: two set them, one forbids it, one only reports. */
static enum verdict quota(const void *item, const struct world *w)
{
	const struct paper *p = item;
	enum tri said = TRI_UNKNOWN;
	bool excused = false;

	(void)w;
	if (p->body) {
		said = tri(strstr(p->body, "检查户数") || strstr(p->body, "检查次数"));
		excused = strstr(p->body, "严禁") || strstr(p->body, "通报各单位");
	}
	return judge(day_from_ymd(2024, 12, 26), p->issued, said, tri(excused));
}

static const struct planned_rule document_rules[] = { { "fine-target-doc", target_doc }, { "inspection-quota", quota } };
static const struct theme document_theme = { document_rules, COUNT(document_rules), document_scenarios, COUNT(document_scenarios), NULL };
static const struct theme *const document_themes[] = { &document_theme, NULL };

const struct generator fine_document_generator = {
	.type = "fine_document",
	.what = "涉罚没文件",
	.sources = { { "演示数据：涉罚没文件", NULL } },
	.item_bytes = sizeof(struct paper),
	.counter = offsetof(struct demo_result, others),
	.count = count_documents,
	.make = make_document,
	.to_rows = document_to_rows,
	.region_of = paper_region,
	.themes = document_themes,
};

static int64_t count_orders(const struct world *w)
{
	return 24 + (int64_t)w->agencies.len / 4;
}

static void make_order(struct maker *m, int64_t index, void *item)
{
	static const char *const grounds[] = { "safety", "accident", "event" };
	struct paper *p = item;

	slots_clear(order_slots, (size_t)COUNT(order_slots), p);
	make_paper(m, index, p, "停");
	p->title = "关于暂停相关生产经营活动的通知";
	p->industry = "烟花爆竹、露天矿山等行业";
	p->scope = rng_chance(&m->rng, 500) ? "listed" : "industry";
	p->ground = grounds[rng_next(&m->rng) % COUNT(grounds)];
	p->approval = "政办函〔2025〕12号";
}

static void order_to_rows(const void *item, const struct world *w, struct rows *r)
{
	(void)w;
	slots_to_rows(order_slots, (size_t)COUNT(order_slots), item, r);
}

static bool order(struct paper *p, const char *scope, const char *ground, const char *approval)
{
	p->scope = scope;
	p->ground = ground;
	p->approval = approval;
	return true;
}

static bool order_unapproved(struct maker *m, void *item)
{
	(void)m;
	return order(item, "area", "event", NULL);
}

static bool order_groundless(struct maker *m, void *item)
{
	(void)m;
	return order(item, "industry", "other", "政办函〔2025〕12号");
}

static bool order_lawful(struct maker *m, void *item)
{
	(void)m;
	return order(item, "both", "safety", "政办函〔2025〕12号");
}

static bool order_of_list(struct maker *m, void *item)
{
	(void)m;
	return order(item, "listed", "other", NULL);
}

static bool order_of_unknown_scope(struct maker *m, void *item)
{
	(void)m;
	return order(item, NULL, "other", NULL);
}

static const struct scenario order_scenarios[] = {
	{ "mass-suspension", PLAN_HIT, 6000, { ANY }, order_unapproved },
	{ "mass-suspension", PLAN_HIT, 4000, { ANY }, order_groundless },
	{ "mass-suspension", PLAN_NEAR, 6000, { ANY }, order_lawful },
	{ "mass-suspension", PLAN_NEAR, 4000, { ANY }, order_of_list },
	{ "mass-suspension", PLAN_UNKNOWN, 3000, { ANY }, order_of_unknown_scope },
};

static enum verdict mass_suspension(const void *item, const struct world *w)
{
	static const char *const general[] = { "area", "industry", "both", NULL };
	const struct paper *p = item;

	(void)w;
	return judge(day_from_ymd(2020, 1, 1), p->issued,
		and3(p->scope ? tri(one_of(p->scope, general)) : TRI_UNKNOWN, or3(is(p->ground, "other"), tri(!p->approval))), TRI_FALSE);
}

static const struct planned_rule order_rules[] = { { "mass-suspension", mass_suspension } };
static const struct theme order_theme = { order_rules, COUNT(order_rules), order_scenarios, COUNT(order_scenarios), NULL };
static const struct theme *const order_themes[] = { &order_theme, NULL };

const struct generator suspension_order_generator = {
	.type = "suspension_order",
	.what = "普遍停产停业要求",
	.sources = { { "演示数据：普遍停产停业要求", NULL } },
	.item_bytes = sizeof(struct paper),
	.counter = offsetof(struct demo_result, others),
	.count = count_orders,
	.make = make_order,
	.to_rows = order_to_rows,
	.region_of = paper_region,
	.themes = order_themes,
};
