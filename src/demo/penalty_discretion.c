/* Items, their ranges and tiers: whether a fine is within the law and the benchmark, and whether the basis was in force and published. */
#include "demo/item.h"
#include "demo/penalty.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define YUAN 100
#define ONE 10000
#define CHANGED_AGO 400 /* when the ranges of ITEM_HEAVIER and ITEM_LIGHTER changed */
#define REASON "综合违法情节、危害后果和社会影响确定。（演示数据）"

struct penalty *penalty_under(struct maker *m, void *item, int number, int64_t fine, int decided_ago, int acted_before)
{
	struct penalty *p = item;
	int32_t decided = maker_today(m) - decided_ago;

	penalty_redo(m, p, decided - (acted_before < 60 ? acted_before - 5 : 55), decided);
	penalty_set_fine(p, fine);
	penalty_fill(m, p);
	p->violated = decided - acted_before;
	p->found = p->violated + 1;
	p->more.item_set = true;
	p->more.item = number;
	p->more.tier = tier_for(number, fine);
	p->more.reason = REASON;
	return p;
}

static void confiscate(struct penalty *p, int64_t fen)
{
	p->confiscated = fen;
	p->penalties[p->penalty_count++] = (struct case_penalty){ "confiscate_gain", fen };
}

/* ---- planted: tiers ---- */

enum tier_plan { TIER_ABOVE, TIER_FITS, TIER_MITIGATED, TIER_APPROVED, TIER_REASONED, TIER_NONE };

/** need.number: which; the fine is the most of the lighter tier or one fen above it, and the lighter tier is chosen. */
static bool above_tier(struct maker *m, void *item)
{
	struct penalty *p = item;
	int ordinary = item_for(p->violation, 500 * YUAN);

	penalty_set_fine(p, 500 * YUAN + (m->need.number != TIER_FITS));
	penalty_fill(m, p);
	p->more.item_set = true;
	p->more.item = ordinary;
	p->more.tier = 2 * ordinary;
	switch ((enum tier_plan)m->need.number) {
	case TIER_ABOVE:
	case TIER_FITS:
		break;
	case TIER_MITIGATED:
		p->mitigated = TRI_TRUE;
		p->more.mitigation = "主动减轻危害后果";
		break;
	case TIER_APPROVED:
		p->more.deviation_approved = p->decided;
		break;
	case TIER_REASONED:
		p->more.reason = REASON;
		break;
	case TIER_NONE:
		p->more.tier = -1;
		break;
	}
	return true;
}

static bool below_tier(struct maker *m, void *item)
{
	struct penalty *p = item;
	int ordinary = item_for(p->violation, 500 * YUAN);

	penalty_set_fine(p, 500 * YUAN);
	penalty_fill(m, p);
	p->mitigated = TRI_FALSE;
	p->more.item_set = true;
	p->more.item = ordinary;
	p->more.tier = 2 * ordinary + 1;
	return true;
}

static bool tier_of_the_act(struct maker *m, void *item)
{
	struct penalty *p = penalty_under(m, item, ITEM_LIGHTER, 4000 * YUAN, CHANGED_AGO - 40, 60);

	p->more.reason = NULL;
	return true;
}

/* ---- planted: statutory range ---- */

/** need.number: the fine in fen; the act before the range became heavier, the decision after. */
static bool range_heavier(struct maker *m, void *item)
{
	penalty_under(m, item, ITEM_HEAVIER, m->need.number, CHANGED_AGO - 40, 60);
	return true;
}

static bool range_lighter(struct maker *m, void *item)
{
	penalty_under(m, item, ITEM_LIGHTER, m->need.number, CHANGED_AGO - 40, 60);
	return true;
}

static bool range_by_gain(struct maker *m, void *item)
{
	struct penalty *p = penalty_under(m, item, ITEM_BY_GAIN, m->need.number, 100, 50);

	p->more.gain = 1000 * YUAN;
	confiscate(p, 1000 * YUAN);
	return true;
}

static bool range_by_goods(struct maker *m, void *item)
{
	penalty_under(m, item, ITEM_BY_GOODS, m->need.number, 100, 50)->more.goods = 1000 * YUAN;
	return true;
}

static bool range_mitigated(struct maker *m, void *item)
{
	struct penalty *p = penalty_under(m, item, ITEM_HEAVIER, 500 * YUAN, 100, 50);

	p->mitigated = TRI_TRUE;
	p->more.mitigation = "配合查处有立功表现";
	return true;
}

static bool range_unknown(struct maker *m, void *item)
{
	penalty_under(m, item, ITEM_BY_GAIN, 3000 * YUAN, 100, 50)->more.gain_unknown = TRI_TRUE;
	return true;
}

/* ---- planted: top of the range ---- */

static bool top(struct maker *m, void *item)
{
	penalty_under(m, item, ITEM_HEAVIER, m->need.number, 100, 50)->more.reason = NULL;
	return true;
}

static bool top_aggravated(struct maker *m, void *item)
{
	struct penalty *p = item;

	top(m, p);
	p->more.aggravating = "在突发事件期间违法";
	return true;
}

static bool top_set_amount(struct maker *m, void *item)
{
	penalty_under(m, item, ITEM_SET_AMOUNT, 200 * YUAN, 100, 50)->more.reason = NULL;
	return true;
}

static bool top_unknown(struct maker *m, void *item)
{
	struct penalty *p = penalty_under(m, item, ITEM_HEAVIER, 9000 * YUAN, 100, 50);

	p->more.reason = NULL;
	p->more.item_none = true;
	return true;
}

/* ---- planted: basis ---- */

/** need.number: so many days ago the act; decided fifty days later. */
static bool basis_new(struct maker *m, void *item)
{
	penalty_under(m, item, ITEM_NEW_LAW, 2000 * YUAN, m->need.number - 50, 50);
	return true;
}

static bool basis_continuing(struct maker *m, void *item)
{
	struct penalty *p = item;

	basis_new(m, p);
	p->more.violation_ended = p->violated + 20;
	return true;
}

static bool basis_repealed(struct maker *m, void *item)
{
	penalty_under(m, item, ITEM_REPEALED, 2000 * YUAN, m->need.number - 50, 50);
	return true;
}

static bool basis_unknown(struct maker *m, void *item)
{
	penalty_under(m, item, ITEM_NEW_LAW, 2000 * YUAN, 100, 50)->violated = DAY_NONE;
	return true;
}

static bool rank(struct maker *m, void *item)
{
	struct penalty *p = item;

	if (m->need.number == 1)
		penalty_under(m, p, ITEM_NORMATIVE, 2000 * YUAN, 100, 50);
	p->more.basis_level = m->need.number == 0 ? "normative" : m->need.number == 2 ? "department_rule" : NULL;
	p->more.item_none = m->need.number == 3;
	return true;
}

static bool unpublished(struct maker *m, void *item)
{
	penalty_under(m, item, ITEM_UNPUBLISHED, 2000 * YUAN, 100, 50);
	return true;
}

/** need.number: decided so many days ago, under the item that was published 75 days ago, 45 days after its law. */
static bool published_late(struct maker *m, void *item)
{
	penalty_under(m, item, ITEM_LATE, 2000 * YUAN, m->need.number, 20);
	return true;
}

static bool item_unknown(struct maker *m, void *item)
{
	(void)m;
	((struct penalty *)item)->more.item_none = true;
	return true;
}

/* ---- planted: gain; small parties ---- */

/** need.number: confiscated of a gain of a hundred thousand fen. */
static bool gain(struct maker *m, void *item)
{
	struct penalty *p = item;

	penalty_set_fine(p, 3000 * YUAN);
	confiscate(p, m->need.number);
	p->more.gain = 1000 * YUAN;
	return true;
}

static bool gain_refunded(struct maker *m, void *item)
{
	struct penalty *p = item;

	gain(m, p);
	p->more.refunded = 1000 * YUAN - m->need.number;
	return true;
}

/** need.number 1: undeterminable, with reasons. */
static bool gain_undetermined(struct maker *m, void *item)
{
	penalty_under(m, item, ITEM_BY_GAIN, 3000 * YUAN, 100, 50)->more.gain_unknown = m->need.number ? TRI_TRUE : TRI_UNKNOWN;
	return true;
}

static bool gain_no_item(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	penalty_set_fine(p, 3000 * YUAN);
	p->more.item_none = true;
	return true;
}

enum small_plan { SMALL_HIT, SMALL_HARM, SMALL_MINIMUM, SMALL_NO_VALUE };

static bool small(struct maker *m, void *item)
{
	struct penalty *p = item;

	if (m->need.number == SMALL_MINIMUM)
		penalty_under(m, p, ITEM_HEAVIER, 2000 * YUAN, 100, 50);
	else
		penalty_set_fine(p, 5000 * YUAN);
	p->party_type = "sole_trader";
	p->more.reason = REASON;
	p->more.harm = m->need.number == SMALL_HARM ? TRI_TRUE : TRI_FALSE;
	p->more.goods = m->need.number == SMALL_NO_VALUE ? NO_MONEY : p->fine / 50;
	return true;
}

static bool small_below(struct maker *m, void *item)
{
	struct penalty *p = item;

	m->need.number = SMALL_HIT;
	small(m, p);
	penalty_set_fine(p, 4999 * YUAN);
	return true;
}

#define FULL .domain = -1, .not_police = true, .procedure = "general", .full = true

static const struct scenario scenarios[] = {
	{ "discretion-off-benchmark", PLAN_HIT, 80, { FULL, .number = TIER_ABOVE }, above_tier },
	{ "discretion-off-benchmark", PLAN_HIT, 50, { FULL }, below_tier },
	{ "discretion-off-benchmark", PLAN_NEAR, 80, { FULL, .number = TIER_FITS }, above_tier },
	{ "discretion-off-benchmark", PLAN_NEAR, 40, { FULL, .number = TIER_REASONED }, above_tier },
	{ "discretion-off-benchmark", PLAN_EXEMPT, 40, { FULL, .number = TIER_MITIGATED }, above_tier },
	{ "discretion-off-benchmark", PLAN_EXEMPT, 30, { FULL, .number = TIER_APPROVED }, above_tier },
	{ "discretion-off-benchmark", PLAN_EXEMPT, 20, { FULL }, tier_of_the_act },
	{ "discretion-off-benchmark", PLAN_UNKNOWN, 40, { FULL, .number = TIER_NONE }, above_tier },
	{ "penalty-outside-statutory", PLAN_HIT, 30, { FULL, .number = 5000 * YUAN + 1 }, range_heavier },
	{ "penalty-outside-statutory", PLAN_NEAR, 30, { FULL, .number = 5000 * YUAN }, range_heavier },
	{ "penalty-outside-statutory", PLAN_HIT, 30, { FULL, .number = 3000 * YUAN + 1 }, range_lighter },
	{ "penalty-outside-statutory", PLAN_HIT, 20, { FULL, .number = 500 * YUAN - 1 }, range_lighter },
	{ "penalty-outside-statutory", PLAN_NEAR, 30, { FULL, .number = 3000 * YUAN }, range_lighter },
	{ "penalty-outside-statutory", PLAN_NEAR, 20, { FULL, .number = 500 * YUAN }, range_lighter },
	{ "penalty-outside-statutory", PLAN_HIT, 20, { FULL, .number = 5000 * YUAN + 1 }, range_by_gain },
	{ "penalty-outside-statutory", PLAN_NEAR, 20, { FULL, .number = 5000 * YUAN }, range_by_gain },
	{ "penalty-outside-statutory", PLAN_HIT, 20, { FULL, .number = 2000 * YUAN - 1 }, range_by_goods },
	{ "penalty-outside-statutory", PLAN_NEAR, 20, { FULL, .number = 2000 * YUAN }, range_by_goods },
	{ "penalty-outside-statutory", PLAN_EXEMPT, 20, { FULL }, range_mitigated },
	{ "penalty-outside-statutory", PLAN_UNKNOWN, 20, { FULL }, range_unknown },
	{ "penalty-top-fine-unreasoned", PLAN_HIT, 60, { FULL, .number = 8550 * YUAN }, top },
	{ "penalty-top-fine-unreasoned", PLAN_NEAR, 60, { FULL, .number = 8550 * YUAN - 1 }, top },
	{ "penalty-top-fine-unreasoned", PLAN_NEAR, 20, { FULL, .number = 9000 * YUAN }, top_aggravated },
	{ "penalty-top-fine-unreasoned", PLAN_EXEMPT, 40, { FULL }, top_set_amount },
	{ "penalty-top-fine-unreasoned", PLAN_UNKNOWN, 20, { FULL }, top_unknown },
	{ "penalty-invalid-basis", PLAN_HIT, 20, { FULL, .number = 201 }, basis_new },
	{ "penalty-invalid-basis", PLAN_NEAR, 20, { FULL, .number = 200 }, basis_new },
	{ "penalty-invalid-basis", PLAN_HIT, 20, { FULL, .number = 300 }, basis_repealed },
	{ "penalty-invalid-basis", PLAN_NEAR, 20, { FULL, .number = 301 }, basis_repealed },
	{ "penalty-invalid-basis", PLAN_EXEMPT, 20, { FULL, .number = 210 }, basis_continuing },
	{ "penalty-invalid-basis", PLAN_UNKNOWN, 20, { FULL }, basis_unknown },
	{ "penalty-basis-low-rank", PLAN_HIT, 40, { FULL, .number = 0 }, rank },
	{ "penalty-basis-low-rank", PLAN_HIT, 30, { FULL, .number = 1 }, rank },
	{ "penalty-basis-low-rank", PLAN_NEAR, 60, { FULL, .number = 2 }, rank },
	{ "penalty-basis-low-rank", PLAN_UNKNOWN, 20, { FULL, .number = 3 }, rank },
	{ "penalty-item-unlisted", PLAN_HIT, 30, { FULL }, unpublished },
	{ "penalty-item-unlisted", PLAN_HIT, 20, { FULL, .number = 76 }, published_late },
	{ "penalty-item-unlisted", PLAN_HIT, 20, { FULL, .number = 89 }, published_late },
	{ "penalty-item-unlisted", PLAN_NEAR, 20, { FULL, .number = 75 }, published_late },
	{ "penalty-item-unlisted", PLAN_EXEMPT, 20, { FULL, .number = 90 }, published_late },
	{ "penalty-item-unlisted", PLAN_UNKNOWN, 40, { FULL }, item_unknown },
	{ "illegal-gain-not-handled", PLAN_HIT, 50, { FULL, .number = 1000 * YUAN - 1 }, gain },
	{ "illegal-gain-not-handled", PLAN_HIT, 30, { FULL, .number = 0 }, gain_undetermined },
	{ "illegal-gain-not-handled", PLAN_NEAR, 50, { FULL, .number = 1000 * YUAN }, gain },
	{ "illegal-gain-not-handled", PLAN_NEAR, 20, { FULL, .number = 400 * YUAN }, gain_refunded },
	{ "illegal-gain-not-handled", PLAN_EXEMPT, 20, { FULL, .number = 1 }, gain_undetermined },
	{ "illegal-gain-not-handled", PLAN_UNKNOWN, 20, { FULL }, gain_no_item },
	{ "penalty-small-party-heavy", PLAN_HIT, 60, { FULL, .enterprise = true, .number = SMALL_HIT }, small },
	{ "penalty-small-party-heavy", PLAN_NEAR, 40, { FULL, .enterprise = true }, small_below },
	{ "penalty-small-party-heavy", PLAN_NEAR, 40, { FULL, .enterprise = true, .number = SMALL_HARM }, small },
	{ "penalty-small-party-heavy", PLAN_EXEMPT, 20, { FULL, .enterprise = true, .number = SMALL_MINIMUM }, small },
	{ "penalty-small-party-heavy", PLAN_UNKNOWN, 20, { FULL, .enterprise = true, .number = SMALL_NO_VALUE }, small },
};

/* ---- verdicts ---- */

static enum tri less(int64_t a, int64_t b)
{
	return a == NO_MONEY || b == NO_MONEY ? TRI_UNKNOWN : tri(a < b);
}

static int64_t least_of(int64_t a, int64_t b)
{
	return a == NO_MONEY || b == NO_MONEY ? NO_MONEY : a < b ? a : b;
}

static int64_t min_of(const struct item_period *p)
{
	return p ? p->fine_min : NO_MONEY;
}

static int64_t max_of(const struct item_period *p)
{
	return p ? p->fine_max : NO_MONEY;
}

static int64_t times(int64_t amount, int64_t multiple)
{
	return amount == NO_MONEY || multiple == NO_MONEY ? NO_MONEY : amount * multiple / ONE;
}

static enum tri is_fined(const struct penalty *p)
{
	return and3(tri(penalty_is_penalised(p)), money_over(p->fine, 0));
}

static enum verdict off_benchmark(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct penalty_more *x = &p->more;
	int64_t min = NO_MONEY, max = NO_MONEY;
	bool fits_act = false;

	if (x->tier >= 0) {
		struct tier t = tier_facts(w, x->tier);
		const struct item_period *act = tier_on(&t, p->violated);

		min = min_of(tier_on(&t, p->decided));
		max = max_of(tier_on(&t, p->decided));
		fits_act = act && p->fine != NO_MONEY && p->fine >= act->fine_min && p->fine <= act->fine_max;
	}
	return judge(FROM_2021, p->decided, and3(and3(is_fined(p), or3(less(p->fine, min), less(max, p->fine))), tri(!x->reason)),
		tri(fits_act || (yes(p->mitigated) && x->mitigation) || x->deviation_approved != DAY_NONE));
}

/** The lawful range for the case; NO_MONEY where it cannot be told. */
static void range_of(const struct penalty *p, const struct world *w, int64_t *ret_min, int64_t *ret_max)
{
	const struct penalty_more *x = &p->more;
	struct item i;

	*ret_min = *ret_max = NO_MONEY;
	if (x->item < 0)
		return;
	i = item_facts(w, x->item);
	if (strcmp(i.base, "fixed") != 0) {
		int64_t base = strcmp(i.base, "gain") == 0 ? x->gain : x->goods;

		*ret_min = times(base, i.times_min);
		*ret_max = times(base, i.times_max);
		return;
	}
	*ret_min = least_of(min_of(item_on(&i, p->violated)), min_of(item_on(&i, p->decided)));
	*ret_max = least_of(max_of(item_on(&i, p->violated)), max_of(item_on(&i, p->decided)));
}

static enum verdict outside_statutory(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	int64_t min, max;

	range_of(p, w, &min, &max);
	return judge(FROM_2021, p->decided, and3(is_fined(p), or3(less(max, p->fine), less(p->fine, min))),
		tri(yes(p->mitigated) && p->more.mitigation && yes(less(p->fine, min))));
}

static enum verdict top_unreasoned(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct penalty_more *x = &p->more;
	int64_t max = NO_MONEY;
	bool set_amount = false;

	if (x->item >= 0) {
		struct item i = item_facts(w, x->item);
		const struct item_period *then = item_on(&i, p->violated);
		bool fixed = strcmp(i.base, "fixed") == 0;

		max = fixed ? max_of(then) : times(strcmp(i.base, "gain") == 0 ? x->gain : x->goods, i.times_max);
		set_amount = fixed ? then && then->fine_min == then->fine_max : i.times_min == i.times_max;
	}
	return judge(day_from_ymd(2024, 2, 9), p->decided,
		and3(and3(is_fined(p), tri(!x->aggravating && !x->reason)),
			max == NO_MONEY || p->fine == NO_MONEY ? TRI_UNKNOWN : tri(p->fine * 100 >= max * 95)),
		tri(set_amount));
}

static enum verdict invalid_basis(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	enum tri invalid = TRI_UNKNOWN;
	bool continuing = false;

	if (p->more.item >= 0) {
		struct item i = item_facts(w, p->more.item);
		const struct item_period *then = item_on(&i, p->violated), *end = item_on(&i, p->more.violation_ended);

		invalid = tri(!then || strcmp(then->status, "valid") != 0);
		continuing = end && strcmp(end->status, "valid") == 0;
	}
	return judge(FROM_2021, p->decided, and3(and3(tri(penalty_is_penalised(p)), not_later(p->violated, p->decided)), invalid),
		tri(continuing));
}

static enum verdict low_rank(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const char *level = p->more.basis_level;

	if (!level && p->more.item >= 0)
		level = item_facts(w, p->more.item).basis_level;
	return judge(FROM_2021, p->decided, and3(tri(penalty_is_penalised(p)), is(level, "normative")), TRI_FALSE);
}

static enum verdict unlisted(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	enum tri late = TRI_UNKNOWN;
	bool lag = false;

	if (p->more.item >= 0) {
		struct item i = item_facts(w, p->more.item);

		late = i.published == DAY_NONE ? TRI_TRUE : later(i.published, p->decided);
		lag = p->decided != DAY_NONE && p->decided >= i.effective && p->decided - i.effective <= 30;
	}
	return judge(FROM_2021, p->decided, and3(tri(penalty_is_penalised(p)), late), tri(lag));
}

static enum verdict gain_not_handled(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct penalty_more *x = &p->more;
	int64_t taken = (p->confiscated == NO_MONEY ? 0 : p->confiscated) + (x->refunded == NO_MONEY ? 0 : x->refunded);
	enum tri open = x->gain != NO_MONEY ? tri(x->gain > taken) : x->item < 0 ? TRI_UNKNOWN : item_facts(w, x->item).needs_gain;

	return judge(FROM_2021, p->decided, and3(tri(penalty_is_penalised(p)), open), tri(yes(x->gain_unknown)));
}

static enum verdict small_heavy(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct penalty_more *x = &p->more;
	int64_t goods = x->goods != NO_MONEY ? x->goods : x->gain, gained = x->gain != NO_MONEY ? x->gain : x->goods;
	int64_t base = goods == NO_MONEY ? NO_MONEY : goods > gained ? goods : gained;
	enum tri ratio = TRI_UNKNOWN, is_small = yes(is(p->party_type, "sole_trader")) ? TRI_TRUE : x->party_small;
	bool minimum = false;

	if (base != NO_MONEY && p->fine != NO_MONEY) {
		base = base < YUAN ? YUAN : base;
		ratio = tri((p->fine * ONE + base / 2) / base >= 50 * (int64_t)ONE);
	}
	if (x->item >= 0) {
		struct item i = item_facts(w, x->item);

		minimum = yes(not3(less(min_of(item_on(&i, p->violated)), p->fine)));
	}
	return judge(FROM_2021, p->decided, and3(and3(is_small, not3(x->harm)), and3(is_fined(p), ratio)), tri(minimum));
}

static const struct planned_rule rules[] = {
	{ "discretion-off-benchmark", off_benchmark },
	{ "penalty-outside-statutory", outside_statutory },
	{ "penalty-top-fine-unreasoned", top_unreasoned },
	{ "penalty-invalid-basis", invalid_basis },
	{ "penalty-basis-low-rank", low_rank },
	{ "penalty-item-unlisted", unlisted },
	{ "illegal-gain-not-handled", gain_not_handled },
	{ "penalty-small-party-heavy", small_heavy },
};

const struct theme penalty_discretion = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
