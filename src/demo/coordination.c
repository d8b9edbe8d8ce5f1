/* Between agencies: disputes, transfers of cases and leads, letters asking for assistance. */
#include "demo/slots.h"
#include "demo/work.h"
#include "demo/verdict.h"

#include <stddef.h>

#define FROM_2021 day_from_ymd(2021, 7, 15)

static int64_t at_least(int64_t least, int64_t n)
{
	return n > least ? n : least;
}

static struct str other_agency(struct maker *m, const struct agency *a)
{
	return m->w->agencies.v[(size_t)(a->index + 1) % m->w->agencies.len].name;
}

/* ---- disputes ---- */

struct dispute {
	const struct agency *agency;
	struct str number, other;
	const char *kind, *status, *subject;
	int32_t opened, opinion, settled, reported_up;
};

static const struct slot dispute_slots[] = {
	{ "dispute_no", SLOT_TEXT, offsetof(struct dispute, number) },
	{ "other_name", SLOT_TEXT, offsetof(struct dispute, other) },
	{ "kind", SLOT_CODE, offsetof(struct dispute, kind) },
	{ "status", SLOT_CODE, offsetof(struct dispute, status) },
	{ "subject", SLOT_WORD, offsetof(struct dispute, subject) },
	{ "opened_on", SLOT_DAY, offsetof(struct dispute, opened) },
	{ "opinion_on", SLOT_DAY, offsetof(struct dispute, opinion) },
	{ "settled_on", SLOT_DAY, offsetof(struct dispute, settled) },
	{ "reported_up_on", SLOT_DAY, offsetof(struct dispute, reported_up) },
};

static void make_dispute(struct maker *m, int64_t index, void *item)
{
	static const char *const kinds[] = { "jurisdiction", "duty", "basis", "assistance" };
	static const char *const subjects[] = { "占道经营由谁查处", "小区违法搭建的管辖", "货运源头治理的职责", "涉水违法行为的认定依据" };
	struct dispute *d = item;

	slots_clear(dispute_slots, COUNT(dispute_slots), d);
	d->agency = choose_agency(m, false);
	d->number = str_printf(m->mem, "ZY%.*s%03lld", STR_ARG(d->agency->region), (long long)index + 1);
	d->other = other_agency(m, d->agency);
	d->kind = kinds[rng_next(&m->rng) % COUNT(kinds)];
	d->subject = subjects[rng_next(&m->rng) % COUNT(subjects)];
	d->opened = random_workday(m, 500, 5);
	d->opinion = past(m, d->opened + (int32_t)rng_in(&m->rng, 5, 30));
	d->settled = d->opinion == DAY_NONE ? DAY_NONE : past(m, d->opinion + (int32_t)rng_in(&m->rng, 3, 20));
	d->status = d->settled == DAY_NONE ? "open" : "settled";
}

static void dispute_to_rows(const void *item, const struct world *w, struct rows *r)
{
	const struct dispute *d = item;

	(void)w;
	slots_to_rows(dispute_slots, COUNT(dispute_slots), d, r);
	rows_text(r, "agency_name", d->agency->name);
	rows_text(r, "agency_code", d->agency->code);
	rows_text(r, "area_code", d->agency->region);
}

static bool open_since(struct maker *m, struct dispute *d, int32_t opened)
{
	(void)m;
	d->opened = opened;
	d->opinion = d->settled = DAY_NONE;
	d->status = "open";
	return true;
}

static bool dispute_stale(struct maker *m, void *item)
{
	return open_since(m, item, random_workday(m, 400, 80));
}

static bool dispute_day_after(struct maker *m, void *item)
{
	return open_since(m, item, workday_step(m->w->days, maker_today(m), day_is_work(m->w->days, maker_today(m)) ? -31 : -32));
}

static bool dispute_last_day(struct maker *m, void *item)
{
	return open_since(m, item, workday_step(m->w->days, maker_today(m), -30));
}

static bool dispute_reported_up(struct maker *m, void *item)
{
	struct dispute *d = item;

	dispute_stale(m, item);
	d->reported_up = d->opened + 20;
	return true;
}

static bool dispute_status_not_known(struct maker *m, void *item)
{
	dispute_stale(m, item);
	((struct dispute *)item)->status = NULL;
	return true;
}

static const struct scenario dispute_scenarios[] = {
	{ "dispute-stale", PLAN_HIT, 5000, { .domain = -1 }, dispute_stale },
	{ "dispute-stale", PLAN_HIT, 1000, { .domain = -1 }, dispute_day_after },
	{ "dispute-stale", PLAN_NEAR, 1000, { .domain = -1 }, dispute_last_day },
	{ "dispute-stale", PLAN_EXEMPT, 2000, { .domain = -1 }, dispute_reported_up },
	{ "dispute-stale", PLAN_UNKNOWN, 1000, { .domain = -1 }, dispute_status_not_known },
};

static enum verdict stale(const void *item, const struct world *w)
{
	const struct dispute *d = item;

	return judge(FROM_2021, d->opened,
		and3(is(d->status, "open"), tri(d->opinion == DAY_NONE && yes(later(w->o.today, workday_step(w->days, d->opened, 30))))),
		tri(d->reported_up != DAY_NONE));
}

static const struct planned_rule dispute_rules[] = { { "dispute-stale", stale } };
static const struct theme dispute_theme = { dispute_rules, COUNT(dispute_rules), dispute_scenarios, COUNT(dispute_scenarios), NULL };
static const struct theme *const dispute_themes[] = { &dispute_theme, NULL };

static int64_t count_disputes(const struct world *w)
{
	return at_least(24, w->o.size.cases / 1000);
}

static struct str dispute_region(const void *item)
{
	return ((const struct dispute *)item)->agency->region;
}

const struct generator dispute_generator = {
	.type = "enforcement_dispute",
	.what = "行政执法争议",
	.sources = { { "演示数据：行政执法争议", NULL } },
	.item_bytes = sizeof(struct dispute),
	.counter = offsetof(struct demo_result, others),
	.count = count_disputes,
	.make = make_dispute,
	.to_rows = dispute_to_rows,
	.region_of = dispute_region,
	.themes = dispute_themes,
};

/* ---- transfers ---- */

struct transfer {
	const struct agency *agency;
	struct str number, recipient;
	const char *kind, *subject;
	enum tri competent;
	int32_t found, sent, receipt, result;
};

static const struct slot transfer_slots[] = {
	{ "transfer_no", SLOT_TEXT, offsetof(struct transfer, number) },
	{ "recipient_name", SLOT_TEXT, offsetof(struct transfer, recipient) },
	{ "kind", SLOT_CODE, offsetof(struct transfer, kind) },
	{ "subject", SLOT_WORD, offsetof(struct transfer, subject) },
	{ "competent", SLOT_TRI, offsetof(struct transfer, competent) },
	{ "found_on", SLOT_DAY, offsetof(struct transfer, found) },
	{ "sent_on", SLOT_DAY, offsetof(struct transfer, sent) },
	{ "receipt_on", SLOT_DAY, offsetof(struct transfer, receipt) },
	{ "result_on", SLOT_DAY, offsetof(struct transfer, result) },
};

static void send_on(struct maker *m, struct transfer *t, int32_t sent)
{
	t->found = sent - (int32_t)rng_in(&m->rng, 1, 5);
	t->sent = sent;
	t->receipt = past(m, workday_step(m->w->days, sent, (int)rng_in(&m->rng, 1, 4)));
	t->result = past(m, sent + (int32_t)rng_in(&m->rng, 8, 28));
}

static void make_transfer(struct maker *m, int64_t index, void *item)
{
	static const char *const kinds[] = { "case_file", "lead", "lead", "handover" };
	static const char *const subjects[] = { "检查中发现的无证经营线索", "投诉涉及的广告违法线索", "许可后监管发现的问题",
		"不属本机关管辖的案件" };
	struct transfer *t = item;

	slots_clear(transfer_slots, COUNT(transfer_slots), t);
	t->agency = choose_agency(m, false);
	t->number = str_printf(m->mem, "YS%.*s%05lld", STR_ARG(t->agency->region), (long long)index + 1);
	t->recipient = other_agency(m, t->agency);
	t->kind = kinds[rng_next(&m->rng) % COUNT(kinds)];
	t->subject = subjects[rng_next(&m->rng) % COUNT(subjects)];
	t->competent = TRI_FALSE;
	send_on(m, t, random_workday(m, 500, 1));
}

static void transfer_to_rows(const void *item, const struct world *w, struct rows *r)
{
	const struct transfer *t = item;

	(void)w;
	slots_to_rows(transfer_slots, COUNT(transfer_slots), t, r);
	rows_text(r, "agency_name", t->agency->name);
	rows_text(r, "agency_code", t->agency->code);
	rows_text(r, "area_code", t->agency->region);
}

static bool no_receipt(struct maker *m, void *item)
{
	struct transfer *t = item;

	send_on(m, t, random_workday(m, 400, 60));
	t->receipt = t->result = DAY_NONE;
	return true;
}

static bool no_receipt_day_after(struct maker *m, void *item)
{
	struct transfer *t = item;

	send_on(m, t, workday_step(m->w->days, maker_today(m), day_is_work(m->w->days, maker_today(m)) ? -6 : -7));
	t->receipt = t->result = DAY_NONE;
	return true;
}

static bool no_receipt_last_day(struct maker *m, void *item)
{
	struct transfer *t = item;

	send_on(m, t, workday_step(m->w->days, maker_today(m), -5));
	t->receipt = t->result = DAY_NONE;
	return true;
}

static bool no_result(struct maker *m, void *item)
{
	struct transfer *t = item;

	send_on(m, t, random_workday(m, 400, 60));
	t->result = DAY_NONE;
	return true;
}

static bool sending_not_known(struct maker *m, void *item)
{
	(void)m;
	((struct transfer *)item)->sent = DAY_NONE;
	return true;
}

static const struct scenario transfer_scenarios[] = {
	{ "transfer-no-receipt", PLAN_HIT, 1500, { .domain = -1 }, no_receipt },
	{ "transfer-no-receipt", PLAN_HIT, 300, { .domain = -1 }, no_receipt_day_after },
	{ "transfer-no-receipt", PLAN_HIT, 2500, { .domain = -1 }, no_result },
	{ "transfer-no-receipt", PLAN_NEAR, 300, { .domain = -1 }, no_receipt_last_day },
	{ "transfer-no-receipt", PLAN_UNKNOWN, 800, { .domain = -1 }, sending_not_known },
};

static enum verdict unanswered(const void *item, const struct world *w)
{
	const struct transfer *t = item;
	enum tri receipt_due = later(w->o.today, workday_step(w->days, t->sent, 5)),
		 result_due = later(w->o.today, day_deadline(w->days, t->sent, 30));

	return judge(FROM_2021, t->sent, and3(tri(t->result == DAY_NONE), or3(and3(tri(t->receipt == DAY_NONE), receipt_due), result_due)),
		TRI_FALSE);
}

static const struct planned_rule transfer_rules[] = { { "transfer-no-receipt", unanswered } };
static const struct theme transfer_theme = { transfer_rules, COUNT(transfer_rules), transfer_scenarios, COUNT(transfer_scenarios), NULL };
static const struct theme *const transfer_themes[] = { &transfer_theme, NULL };

static int64_t count_transfers(const struct world *w)
{
	return at_least(40, w->o.size.cases / 60);
}

static struct str transfer_region(const void *item)
{
	return ((const struct transfer *)item)->agency->region;
}

const struct generator case_transfer_generator = {
	.type = "case_transfer",
	.what = "案件线索移送",
	.sources = { { "演示数据：案件线索移送", NULL } },
	.item_bytes = sizeof(struct transfer),
	.counter = offsetof(struct demo_result, others),
	.count = count_transfers,
	.make = make_transfer,
	.to_rows = transfer_to_rows,
	.region_of = transfer_region,
	.themes = transfer_themes,
};

/* ---- assistance: only local rules look at it ---- */

struct assistance {
	const struct agency *agency;
	struct str number, requester;
	const char *subject;
	enum tri township;
	int32_t sent, received, replied;
};

static const struct slot assistance_slots[] = {
	{ "request_no", SLOT_TEXT, offsetof(struct assistance, number) },
	{ "requester_name", SLOT_TEXT, offsetof(struct assistance, requester) },
	{ "requester_township", SLOT_TRI, offsetof(struct assistance, township) },
	{ "subject", SLOT_WORD, offsetof(struct assistance, subject) },
	{ "sent_on", SLOT_DAY, offsetof(struct assistance, sent) },
	{ "received_on", SLOT_DAY, offsetof(struct assistance, received) },
	{ "replied_on", SLOT_DAY, offsetof(struct assistance, replied) },
};

static void make_assistance(struct maker *m, int64_t index, void *item)
{
	static const char *const subjects[] = { "请求鉴定涉案物品", "请求提供登记信息", "请求现场协助", "请求出具认定意见" };
	struct assistance *a = item;

	slots_clear(assistance_slots, COUNT(assistance_slots), a);
	a->agency = choose_agency(m, false);
	a->number = str_printf(m->mem, "XZ%.*s%04lld", STR_ARG(a->agency->region), (long long)index + 1);
	a->requester = m->w->townships.v[rng_next(&m->rng) % m->w->townships.len].name;
	a->township = TRI_TRUE;
	a->subject = subjects[rng_next(&m->rng) % COUNT(subjects)];
	a->sent = random_workday(m, 300, 3);
	a->received = past(m, workday_step(m->w->days, a->sent, 1));
	a->replied = a->received == DAY_NONE ? DAY_NONE : past(m, workday_step(m->w->days, a->received, (int)rng_in(&m->rng, 1, 9)));
}

static void assistance_to_rows(const void *item, const struct world *w, struct rows *r)
{
	const struct assistance *a = item;

	(void)w;
	slots_to_rows(assistance_slots, COUNT(assistance_slots), a, r);
	rows_text(r, "agency_name", a->agency->name);
	rows_text(r, "agency_code", a->agency->code);
	rows_text(r, "area_code", a->agency->region);
}

static int64_t count_assistance(const struct world *w)
{
	return at_least(20, w->o.size.cases / 400);
}

static struct str assistance_region(const void *item)
{
	return ((const struct assistance *)item)->agency->region;
}

const struct generator assistance_generator = {
	.type = "assistance_request",
	.what = "执法协助函",
	.sources = { { "演示数据：执法协助函", NULL } },
	.item_bytes = sizeof(struct assistance),
	.counter = offsetof(struct demo_result, others),
	.count = count_assistance,
	.make = make_assistance,
	.to_rows = assistance_to_rows,
	.region_of = assistance_region,
};
