/* Publication of penalty decisions: withdrawn too late, shown too long, personal data in the text; and the facts of a case that rules over
 * groups of cases read (who is from elsewhere, which device, how high a fine may be, who entered it and when). */
#include "demo/penalty.h"
#include "demo/slots.h"

#include <stddef.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define DAY_S 86400
#define TRAP_CASES 50000 /* a county has too few cases for one device to have five hundred in a quarter */

#define F(column, kind, member)                                                                                                            \
	{                                                                                                                                  \
		column, kind, offsetof(struct case_public, member)                                                                         \
	}
static const struct slot slots[] = { F("result_changed_on", SLOT_DAY, changed), F("publication_withdrawn_on", SLOT_DAY, withdrawn),
	F("withdrawal_explained", SLOT_TRI, explained), F("publication_ended_on", SLOT_DAY, ended), F("publication_text", SLOT_TEXT, text),
	F("outside_party", SLOT_TRI, outside), F("fine_max", SLOT_MONEY, fine_max), F("fine_fixed", SLOT_TRI, fixed),
	F("device_no", SLOT_TEXT, device_no), F("entered_by", SLOT_TEXT, entered_by), F("entered_at", SLOT_TIME, entered_at) };
#undef F

void penalty_public_clear(struct case_public *c)
{
	slots_clear(slots, (size_t)COUNT(slots), c);
	c->again = false;
}

void penalty_public_to_rows(const struct case_public *c, struct rows *r)
{
	slots_to_rows(slots, (size_t)COUNT(slots), c, r);
}

/* ---- facts of groups ---- */

/** Some agencies are unlike the others, so that the rules over groups have something to find. */
static bool is_odd(const struct penalty *p, int which)
{
	return p->agency->index % 14 == which;
}

/** One device of a big enough place takes most of a quarter's cases: ordinary ones of the first county's transport agency. */
static bool is_device_trap(const struct maker *m, const struct penalty *p)
{
	const struct county *c = &m->w->counties.v[0];

	return m->w->o.size.cases >= TRAP_CASES && !m->need.full && p->agency->index >= c->first_agency &&
	       p->agency->index < c->first_agency + c->agency_count && is(p->domain, "transport") == TRI_TRUE && p->decided != DAY_NONE &&
	       !p->entrust_item.ptr;
}

void penalty_public_gather(struct maker *m, struct penalty *p)
{
	struct ymd today = day_to_ymd(maker_today(m));
	int32_t day = day_from_ymd(today.year, (today.month - 1) / 3 * 3 + 1, 1) - 1 - (int32_t)rng_in(&m->rng, 0, 80);
	int32_t span = p->filed == DAY_NONE || p->decided == DAY_NONE ? 0 : p->decided - p->filed;

	if (!is_device_trap(m, p) || rng_chance(&m->rng, 300))
		return;
	while (!day_is_work(m->w->days, day))
		day--;
	penalty_redo(m, p, day - span, day);
	p->public.device_no = str_printf(m->mem, "%.*s-DZ1", STR_ARG(p->agency->proxy));
}

static void settle_fine(struct maker *m, struct penalty *p)
{
	struct case_public *c = &p->public;

	c->fixed = rng_chance(&m->rng, 40) ? TRI_TRUE : TRI_FALSE;
	if (p->fine == NO_MONEY || p->fine <= 0 || rng_chance(&m->rng, 300))
		return;
	c->fine_max = c->fixed == TRI_TRUE || rng_chance(&m->rng, is_odd(p, 2) ? 600 : 60) ? p->fine : p->fine * rng_in(&m->rng, 2, 5);
}

void penalty_public_settle(struct maker *m, struct penalty *p)
{
	struct case_public *c = &p->public;
	int32_t known = first_day(p->decided, first_day(p->filed, p->violated));

	if (c->outside == TRI_UNKNOWN)
		c->outside = rng_chance(&m->rng, is_odd(p, 3) ? 850 : 120) ? TRI_TRUE : TRI_FALSE;
	settle_fine(m, p);
	if (!c->device_no.ptr && is(p->source, "monitoring") == TRI_TRUE)
		c->device_no = str_printf(m->mem, "%.*s-DZ%lld", STR_ARG(p->agency->proxy), (long long)rng_in(&m->rng, 1, 3));
	if (!c->entered_by.ptr && known != DAY_NONE) {
		c->entered_by = str_printf(m->mem, "%.*s录入员%lld", STR_ARG(p->agency->proxy), (long long)rng_in(&m->rng, 1, 4));
		c->entered_at = (int64_t)(known + (int32_t)rng_in(&m->rng, 0, 2)) * DAY_S + rng_in(&m->rng, 9 * 60, 17 * 60) * 60;
	}
	if (!c->text.ptr && p->published != DAY_NONE)
		c->text = STR("当事人违反有关规定，依法给予行政处罚。");
	if (c->again && p->decision_no.ptr) {
		p->decision_no = str_printf(m->mem, "%.*s罚决〔补〕1号", STR_ARG(p->agency->proxy));
		p->party_name = str_printf(m->mem, "%.*s重复报送演示商行", STR_ARG(p->agency->place));
	}
}

/* ---- planted: publication ---- */

static bool changed_after(struct maker *m, struct penalty *p, int workdays)
{
	penalty_redo_old(m, p, 90);
	p->disclosure = TRI_TRUE;
	p->published = workday_step(m->w->days, p->decided, 3);
	p->public.changed = p->published + 40;
	p->public.withdrawn = workday_step(m->w->days, p->public.changed, workdays);
	p->public.explained = TRI_TRUE;
	return true;
}

static bool withdrawn_fourth_day(struct maker *m, void *item)
{
	return changed_after(m, item, 4);
}

static bool withdrawn_third_day(struct maker *m, void *item)
{
	return changed_after(m, item, 3);
}

static bool withdrawn_never(struct maker *m, void *item)
{
	struct penalty *p = item;

	changed_after(m, p, 1);
	p->public.withdrawn = DAY_NONE;
	return true;
}

static bool withdrawn_silently(struct maker *m, void *item)
{
	struct penalty *p = item;

	changed_after(m, p, 1);
	p->public.explained = TRI_FALSE;
	return true;
}

static bool withdrawn_unsure(struct maker *m, void *item)
{
	struct penalty *p = item;

	changed_after(m, p, 1);
	p->public.explained = TRI_UNKNOWN;
	return true;
}

static bool shown_for(struct maker *m, struct penalty *p, const char *kind, int months, int more)
{
	penalty_redo_old(m, p, 200);
	p->disclosure = TRI_TRUE;
	p->published = workday_step(m->w->days, p->decided, 3);
	p->fine = NO_MONEY;
	p->penalty_count = 1;
	p->penalties[0] = (struct case_penalty){ kind, -1 };
	p->payment_count = 0;
	p->public.ended = workday_roll(m->w->days, day_add_months(p->published, months)) + more;
	return true;
}

static bool criticism_too_long(struct maker *m, void *item)
{
	return shown_for(m, item, "criticism", 3, 1);
}

static bool criticism_last_day(struct maker *m, void *item)
{
	return shown_for(m, item, "criticism", 3, 0);
}

static bool criticism_still_shown(struct maker *m, void *item)
{
	struct penalty *p = item;

	shown_for(m, p, "criticism", 3, 0);
	p->public.ended = DAY_NONE;
	return true;
}

static bool shown_for_three_years(struct maker *m, void *item)
{
	return shown_for(m, item, "confiscate_goods", 36, 1);
}

static bool restricted_for_long(struct maker *m, void *item)
{
	return shown_for(m, item, "restrict_work", 40, 0);
}

static bool tells(struct maker *m, struct penalty *p, struct str text)
{
	penalty_redo_old(m, p, 30);
	p->disclosure = TRI_TRUE;
	p->published = workday_step(m->w->days, p->decided, 3);
	p->public.text = text;
	return true;
}

static bool tells_number(struct maker *m, void *item)
{
	struct penalty *p = item;
	struct str number = make_identity_number(p->agency->region, day_from_ymd(1985, 4, 12), (int)rng_in(&m->rng, 0, 999), m->mem);

	return tells(m, p, str_printf(m->mem, "当事人，身份证号码：%.*s，处以罚款。", STR_ARG(number)));
}

static bool tells_masked_number(struct maker *m, void *item)
{
	return tells(m, item, STR("当事人，身份证号码：990101********1234，处以罚款。"));
}

static bool tells_address(struct maker *m, void *item)
{
	return tells(m, item, STR("当事人，家庭住址：演示市演示区演示路一号二单元，处以罚款。"));
}

static bool told_and_withdrawn(struct maker *m, void *item)
{
	struct penalty *p = item;

	tells_address(m, p);
	p->public.withdrawn = p->published + 5;
	return true;
}

/* ---- planted: entered in bulk, reported twice ---- */

/** Decided so long ago and entered in one hour of one day, all by the same person of the place. */
static bool entered_together(struct maker *m, struct penalty *p, const char *who, int from_ago, int to_ago)
{
	int32_t span = p->filed == DAY_NONE ? 30 : p->decided - p->filed, decided = random_workday(m, from_ago, to_ago);

	penalty_redo(m, p, decided - span, decided);
	p->public.entered_by = str_printf(m->mem, "%.*s%s", STR_ARG(str_sub(p->agency->region, 0, 6)), who);
	p->public.entered_at = (int64_t)(maker_today(m) - 3) * DAY_S + 10 * 3600 + rng_in(&m->rng, 0, 59) * 60;
	return true;
}

static bool entered_afterwards(struct maker *m, void *item)
{
	return entered_together(m, item, "补录员", 300, 10);
}

static bool entered_in_time(struct maker *m, void *item)
{
	return entered_together(m, item, "值班员", 30, 6);
}

static bool entered_by_migration(struct maker *m, void *item)
{
	return entered_together(m, item, "数据迁移程序", 400, 10);
}

static bool reported_again(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	p->public.again = true;
	return p->decided != DAY_NONE;
}

static const struct scenario scenarios[] = {
	{ "pub-withdraw-late", PLAN_HIT, 40, { GENERAL }, withdrawn_fourth_day },
	{ "pub-withdraw-late", PLAN_HIT, 60, { GENERAL }, withdrawn_never },
	{ "pub-withdraw-late", PLAN_HIT, 40, { GENERAL }, withdrawn_silently },
	{ "pub-withdraw-late", PLAN_NEAR, 60, { GENERAL }, withdrawn_third_day },
	{ "pub-withdraw-late", PLAN_UNKNOWN, 30, { GENERAL }, withdrawn_unsure },
	{ "pub-over-term", PLAN_HIT, 40, { MARKET }, criticism_too_long },
	{ "pub-over-term", PLAN_HIT, 60, { MARKET }, criticism_still_shown },
	{ "pub-over-term", PLAN_HIT, 20, { MARKET }, shown_for_three_years },
	{ "pub-over-term", PLAN_NEAR, 50, { MARKET }, criticism_last_day },
	{ "pub-over-term", PLAN_EXEMPT, 20, { MARKET }, restricted_for_long },
	{ "pub-privacy-leak", PLAN_HIT, 80, { GENERAL }, tells_number },
	{ "pub-privacy-leak", PLAN_HIT, 60, { GENERAL }, tells_address },
	{ "pub-privacy-leak", PLAN_NEAR, 80, { GENERAL }, tells_masked_number },
	{ "pub-privacy-leak", PLAN_EXEMPT, 40, { GENERAL }, told_and_withdrawn },
	{ "dq-bulk-backfill", PLAN_HIT, 1200, { GENERAL }, entered_afterwards },
	{ "dq-bulk-backfill", PLAN_NEAR, 800, { GENERAL }, entered_in_time },
	{ "dq-bulk-backfill", PLAN_EXEMPT, 1000, { GENERAL }, entered_by_migration },
	{ "dq-duplicate", PLAN_HIT, 600, { GENERAL }, reported_again },
};

/* ---- the rules ---- */

static enum verdict withdraw_late(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct case_public *c = &p->public;
	enum tri late = later(first_day(c->withdrawn, w->o.today), workday_step(w->days, c->changed, 3));

	return judge(FROM_2021, first_day(c->changed, first_day(p->decided, p->filed)),
		and3(tri(c->changed != DAY_NONE && p->published != DAY_NONE), or3(late, not3(c->explained))), TRI_FALSE);
}

static enum verdict over_term(const void *item, const struct world *w)
{
	static const char *const slight[] = { "criticism", "fine", NULL };
	static const char *const own_term[] = { "restrict_work", "restrict_business", "qualification_lower", "licence_suspend",
		"licence_revoke", "order_stop", "order_close", NULL };
	const struct penalty *p = item;
	bool short_term = p->penalty_count > 0 && !penalty_has_kind_outside(p, slight) && (p->fine == NO_MONEY || p->fine <= 0);
	int32_t end = p->published == DAY_NONE ? DAY_NONE : workday_roll(w->days, day_add_months(p->published, short_term ? 3 : 36));

	return judge(day_from_ymd(2021, 9, 1), first_day(p->published, first_day(p->decided, p->filed)),
		and3(and3(is(p->domain, "market"), tri(p->published != DAY_NONE)),
			later(first_day(p->public.ended, first_day(p->public.withdrawn, w->o.today)), end)),
		tri(penalty_has_kind(p, own_term)));
}

/** What the demo's texts tell: a number that is not masked, or an address. */
static enum verdict privacy_leak(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	struct str text = p->public.text;
	enum tri leak = TRI_UNKNOWN;

	(void)w;
	if (text.ptr && text.len > 0)
		leak = tri(str_has(text, STR("家庭住址：")) || (str_has(text, STR("身份证号码：")) && !str_has(text, STR("*"))));
	return judge(day_from_ymd(2021, 11, 1), first_day(p->published, first_day(p->decided, p->filed)),
		and3(tri(p->published != DAY_NONE), leak), tri(p->public.ended != DAY_NONE || p->public.withdrawn != DAY_NONE));
}

static const struct planned_rule rules[] = {
	{ "pub-withdraw-late", withdraw_late },
	{ "pub-over-term", over_term },
	{ "pub-privacy-leak", privacy_leak },
};

const struct theme penalty_public = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
