/* What only many cases together show: a fine far from those of like cases, two fines for one act, the same number of like fines month
 * after month. The cases leave a log, which is sorted and counted again; nothing is shared with the rule engine. */
#include <stdlib.h>

#include "base/fault.h"
#include "demo/item.h"
#include "demo/penalty.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define YUAN 100
#define ONE 10000 /* a decimal has four places */
#define LOG_BYTES_MAX ((size_t)2 << 30)
#define OUTLIER "discretion-outlier"
#define DOUBLE_FINE "penalty-double-fine"
#define QUOTA "penalty-quota-pattern"

/* ---- planted: a crowd of like fines, and some that stand out ---- */

static struct penalty *steady(struct maker *m, void *item, int64_t fine, int decided_ago)
{
	struct penalty *p = penalty_under(m, item, ITEM_STEADY, fine, decided_ago, 50);

	p->party_type = "legal_person";
	p->mitigated = TRI_FALSE;
	p->more.tier = 2 * ITEM_STEADY;
	p->more.reason = NULL;
	return p;
}

static bool crowd(struct maker *m, void *item)
{
	steady(m, item, rng_in(&m->rng, 98, 102) * 10 * YUAN, (int)rng_in(&m->rng, 45, 700));
	return true;
}

/** need.number: the fine in yuan. */
static bool stands_out(struct maker *m, void *item)
{
	steady(m, item, (int64_t)m->need.number * YUAN, (int)rng_in(&m->rng, 5, 40));
	return true;
}

static bool stands_out_reasoned(struct maker *m, void *item)
{
	struct penalty *p = steady(m, item, 6000 * YUAN, (int)rng_in(&m->rng, 5, 40));

	p->more.aggravating = "两年内因同类行为受过处罚";
	return true;
}

/* ---- planted: one act, two fines ---- */

#define ELSEWHERE 3
#define PER_DAY 2
#define CONTINUED 4 /* after the time to correct the last one had run out */

/** need.number: which kind of pair; records of the same kind and number tell of the same act. */
static bool same_act(struct maker *m, void *item)
{
	struct penalty *p = item;
	const struct world *w = m->w;
	int64_t pair = m->need.number * 1000 + rng_in(&m->rng, 0, w->o.size.cases / 10000);
	struct party e = party_make(w, pair % w->o.size.parties, m->mem);
	int32_t violated = maker_today(m) - 200 - m->need.number, decided = violated + 50 + (int32_t)rng_in(&m->rng, 0, 20);

	penalty_redo(m, p, violated + 5, decided);
	penalty_set_fine(p, 2000 * YUAN);
	p->violation = "超限运输";
	p->violated = violated;
	p->found = violated + 1;
	p->party_type = e.sole_trader ? "sole_trader" : "legal_person";
	p->party_name = e.name;
	p->party_code = e.code;
	p->party_id_no = (struct str){ 0 };
	p->party_birth = DAY_NONE;
	p->party_address = e.address;
	p->legal_rep = e.legal_rep;
	p->more.party_small = e.small ? TRI_TRUE : TRI_FALSE;
	p->more.site = m->need.number == ELSEWHERE ? str_printf(m->mem, "省道%d公里处", (int)rng_in(&m->rng, 1, 900000)) : e.address;
	p->more.per_day = m->need.number == PER_DAY ? TRI_TRUE : TRI_UNKNOWN;
	p->more.correction_due = m->need.number == CONTINUED ? violated - 1 : DAY_NONE;
	return true;
}

/* ---- planted: quotas ---- */

/* Two fines of like height every month of the last whole half-year; in the one before it seven of twelve in one month; before that an item
 * whose fine is a set amount. */
#define QUOTA_UNEVEN 12
#define QUOTA_SET 24

static bool quota(struct maker *m, void *item)
{
	struct penalty *p = item;
	const struct world *w = m->w;
	struct ymd today = day_to_ymd(maker_today(m));
	int32_t half = day_from_ymd(today.year, today.month > 6 ? 7 : 1, 1), decided;
	int n = m->need.number, uneven = n - QUOTA_UNEVEN, item_number = n < QUOTA_SET ? ITEM_TOWN_BY_LAW : ITEM_SET_AMOUNT;
	bool even = n < QUOTA_UNEVEN || n >= QUOTA_SET;

	half = day_add_months(half, -6 * (n / QUOTA_UNEVEN + 1));
	decided = day_add_months(half, even ? n % 6 : uneven < 7 ? 0 : uneven - 6) + 4 + (int32_t)rng_in(&m->rng, 0, 15);
	p->agency = &w->agencies.v[w->agencies.len - 1];
	p->agency_name = p->agency->name;
	p->more.act_area = p->agency->region;
	penalty_redo(m, p, decided - 40, decided);
	penalty_set_fine(p, n < QUOTA_SET ? (2000 + n % 6 * 100) * YUAN : 200 * YUAN);
	if (n >= QUOTA_SET)
		p->entrusted_name = p->agency_name; /* townships are not given this one */
	p->more.item_set = true;
	p->more.item = item_number;
	p->more.tier = 2 * item_number;
	return p->agency->trait == AGENCY_TOWNSHIP;
}

#define TOWNSHIP .domain = -1, .procedure = "general", .full = true, .trait = AGENCY_TOWNSHIP
#define QUOTA_CASE(n)                                                                                                                      \
	{                                                                                                                                  \
		QUOTA, PLAN_NONE, 0, { TOWNSHIP, .number = n }, quota                                                                      \
	}

static const struct scenario scenarios[] = {
	{ OUTLIER, PLAN_NONE, 900, { GENERAL, .enterprise = true }, crowd },
	{ OUTLIER, PLAN_HIT, 20, { GENERAL, .enterprise = true, .number = 5000 }, stands_out },
	{ OUTLIER, PLAN_HIT, 10, { GENERAL, .enterprise = true, .number = 200 }, stands_out },
	{ OUTLIER, PLAN_NEAR, 20, { GENERAL, .enterprise = true, .number = 2500 }, stands_out },
	{ OUTLIER, PLAN_EXEMPT, 20, { GENERAL, .enterprise = true }, stands_out_reasoned },
	{ DOUBLE_FINE, PLAN_HIT, 15, { GENERAL, .number = 1 }, same_act },
	{ DOUBLE_FINE, PLAN_HIT, 15, { GENERAL, .number = 1 }, same_act },
	{ DOUBLE_FINE, PLAN_EXEMPT, 5, { GENERAL, .number = PER_DAY }, same_act },
	{ DOUBLE_FINE, PLAN_EXEMPT, 5, { GENERAL, .number = PER_DAY }, same_act },
	{ DOUBLE_FINE, PLAN_EXEMPT, 5, { GENERAL, .number = CONTINUED }, same_act },
	{ DOUBLE_FINE, PLAN_EXEMPT, 5, { GENERAL, .number = CONTINUED }, same_act },
	{ DOUBLE_FINE, PLAN_NEAR, 10, { GENERAL, .number = ELSEWHERE }, same_act },
	{ DOUBLE_FINE, PLAN_NEAR, 10, { GENERAL, .number = ELSEWHERE }, same_act },
	QUOTA_CASE(0),
	QUOTA_CASE(1),
	QUOTA_CASE(2),
	QUOTA_CASE(3),
	QUOTA_CASE(4),
	QUOTA_CASE(5),
	QUOTA_CASE(6),
	QUOTA_CASE(7),
	QUOTA_CASE(8),
	QUOTA_CASE(9),
	QUOTA_CASE(10),
	QUOTA_CASE(11),
	QUOTA_CASE(12),
	QUOTA_CASE(13),
	QUOTA_CASE(14),
	QUOTA_CASE(15),
	QUOTA_CASE(16),
	QUOTA_CASE(17),
	QUOTA_CASE(18),
	QUOTA_CASE(19),
	QUOTA_CASE(20),
	QUOTA_CASE(21),
	QUOTA_CASE(22),
	QUOTA_CASE(23),
	QUOTA_CASE(24),
	QUOTA_CASE(25),
	QUOTA_CASE(26),
	QUOTA_CASE(27),
	QUOTA_CASE(28),
	QUOTA_CASE(29),
	QUOTA_CASE(30),
	QUOTA_CASE(31),
	QUOTA_CASE(32),
	QUOTA_CASE(33),
	QUOTA_CASE(34),
	QUOTA_CASE(35),
};

/* ---- the log ---- */

struct line {
	struct str record, like, act, half, decision_no; /* keys of the three groups; NULL ptr: cannot be told */
	int32_t decided;
	int64_t fine;
	bool takes_part, half_part, same_part, reasons, multiple, several, set_amount; /* several: may be fined more than once */
};

struct log {
	struct arena *mem;
	const struct world *w;
	VEC(struct line) lines;
};

static void *open_log(const struct world *w)
{
	struct log *log = mem_alloc(1, sizeof(*log));

	if (!log)
		return NULL;
	log->w = w;
	log->mem = arena_open(LOG_BYTES_MAX);
	if (log->mem)
		return log;
	free(log);
	return NULL;
}

static void close_log(void *at)
{
	struct log *log = at;

	vec_clear(&log->lines);
	arena_close(log->mem);
	free(log);
}

static struct str key_of_like(const struct penalty *p, struct arena *mem)
{
	const struct penalty_more *x = &p->more;

	if (!x->item_code.ptr || !x->tier_code.ptr || !p->party_type)
		return (struct str){ 0 };
	return str_printf(
		mem, "%.*s|%.*s|%s|%.*s", STR_ARG(x->item_code), STR_ARG(x->tier_code), p->party_type, STR_ARG(p->agency->region));
}

static struct str key_of_act(const struct penalty *p, struct arena *mem)
{
	char day[11];

	if (!p->party_code.ptr || !p->violation || p->violated == DAY_NONE || !p->more.site.ptr)
		return (struct str){ 0 };
	day_format(p->violated, day);
	return str_printf(mem, "%.*s|%s|%s|%.*s", STR_ARG(p->party_code), p->violation, day, STR_ARG(p->more.site));
}

static struct str key_of_half(const struct penalty *p, struct arena *mem)
{
	struct ymd d = day_to_ymd(p->decided);

	return p->agency_known ? str_printf(mem, "%.*s|%d", STR_ARG(p->agency->code), d.year * 10 + (d.month <= 6 ? 1 : 2))
	                       : (struct str){ 0 };
}

static void note_item(const struct log *log, const struct penalty *p, struct line *l)
{
	struct item i;
	const struct item_period *now;

	if (p->more.item < 0)
		return;
	i = item_facts(log->w, p->more.item);
	now = item_on(&i, log->w->o.today);
	l->multiple = strcmp(i.base, "fixed") != 0;
	l->set_amount = now && now->fine_min == now->fine_max;
}

static bool note(void *at, const void *item, struct str record_key)
{
	struct log *log = at;
	const struct penalty *p = item;
	bool fined = p->fine != NO_MONEY && p->fine > 0 && p->decided != DAY_NONE;
	struct line l = { .record = str_dup(log->mem, record_key), .decided = p->decided, .fine = p->fine, .half_part = fined };

	l.takes_part = fined && penalty_is_penalised(p);
	if (fined) {
		l.like = key_of_like(p, log->mem);
		l.act = key_of_act(p, log->mem);
		l.half = key_of_half(p, log->mem);
	}
	l.same_part = l.takes_part && l.act.ptr;
	l.decision_no = p->decision_no.ptr ? str_dup(log->mem, p->decision_no) : p->decision_no;
	l.reasons = p->more.aggravating || p->more.reason || yes(p->mitigated);
	l.several = yes(p->more.per_day) || yes(later(p->violated, p->more.correction_due));
	note_item(log, p, &l);
	return vec_push(&log->lines, l);
}

/* ---- like cases ---- */

static int compare(struct str a, struct str b)
{
	return a.ptr && b.ptr ? str_cmp(a, b) : (a.ptr != NULL) - (b.ptr != NULL);
}

static int by_like(const void *x, const void *y)
{
	const struct line *a = x, *b = y;
	int order = compare(a->like, b->like);

	return order ? order : (a->decided > b->decided) - (a->decided < b->decided);
}

static int by_act(const void *x, const void *y)
{
	int order = compare(((const struct line *)x)->act, ((const struct line *)y)->act);

	return order ? order : compare(((const struct line *)x)->decision_no, ((const struct line *)y)->decision_no);
}

static int by_half(const void *x, const void *y)
{
	return compare(((const struct line *)x)->half, ((const struct line *)y)->half);
}

static int by_amount(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

/** Value at q (ten thousandths) of a sorted list, between two by proportion, halves up. */
static int64_t quantile(const int64_t *v, int64_t n, int64_t q)
{
	int64_t at = q * (n - 1), low = at / ONE, rest = at % ONE;

	return rest == 0 ? v[low] : v[low] + ((v[low + 1] - v[low]) * rest + ONE / 2) / ONE;
}

#define OUTLIER_DAYS 730
#define OUTLIER_SAMPLE 20
#define OUTLIER_TIMES 3
#define OUTLIER_Z 35000 /* 3.5 */
#define ROBUST 6745     /* 0.6745 */

/** The sorted fines of the window: one in, one out. */
struct window {
	int64_t *v, *apart;
	int64_t n;
};

static void window_put(struct window *w, int64_t fine)
{
	int64_t at = w->n++;

	for (; at > 0 && w->v[at - 1] > fine; at--)
		w->v[at] = w->v[at - 1];
	w->v[at] = fine;
}

static void window_take(struct window *w, int64_t fine)
{
	int64_t at = 0;

	while (w->v[at] != fine)
		at++;
	for (w->n--; at < w->n; at++)
		w->v[at] = w->v[at + 1];
}

static bool is_outlier(struct window *w, int64_t fine)
{
	int64_t median, apart, mad;

	if (w->n < OUTLIER_SAMPLE)
		return false;
	median = quantile(w->v, w->n, ONE / 2);
	if (fine <= OUTLIER_TIMES * median && OUTLIER_TIMES * fine >= median)
		return false;
	for (int64_t i = 0; i < w->n; i++)
		w->apart[i] = llabs(w->v[i] - median);
	qsort(w->apart, (size_t)w->n, sizeof(*w->apart), by_amount);
	mad = quantile(w->apart, w->n, ONE / 2);
	apart = llabs(fine - median);
	return mad == 0 || (ROBUST * apart + ONE / 2) / ONE > (OUTLIER_Z * mad + ONE / 2) / ONE;
}

/** The lines first … end - 1 are of one group, by day. */
static void judge_likes(const struct line *v, size_t first, size_t end, struct window *w, struct answer_key *k)
{
	size_t in = first, out = first;

	w->n = 0;
	for (size_t i = first; i < end; i++) {
		enum verdict verdict = VERDICT_CLEAN;

		for (; in < end && v[in].decided <= v[i].decided; in++)
			if (v[in].takes_part)
				window_put(w, v[in].fine);
		for (; v[out].decided <= v[i].decided - OUTLIER_DAYS; out++)
			if (v[out].takes_part)
				window_take(w, v[out].fine);
		if (v[i].takes_part && v[i].decided >= FROM_2021 && is_outlier(w, v[i].fine))
			verdict = v[i].reasons || v[i].multiple ? VERDICT_EXEMPT : VERDICT_HIT;
		answer_key_add(k, OUTLIER, verdict, false, v[i].record);
	}
}

static enum err_code finish_outliers(struct log *log, struct answer_key *k, struct err *err)
{
	struct line *v = log->lines.v;
	size_t n = log->lines.len, end;
	struct window w = { .v = ARENA_NEW(log->mem, int64_t, n + 1), .apart = ARENA_NEW(log->mem, int64_t, n + 1) };

	if (!w.v || !w.apart)
		return err_nomem(err);
	qsort(v, n, sizeof(*v), by_like);
	for (size_t first = 0; first < n; first = end) {
		end = first + 1;
		if (!v[first].like.ptr) { /* judged by no day, or a participant that fits in no group; others do not take part */
			bool undecided = v[first].decided == DAY_NONE || (v[first].takes_part && v[first].decided >= FROM_2021);

			answer_key_add(k, OUTLIER, undecided ? VERDICT_UNKNOWN : VERDICT_CLEAN, false, v[first].record);
			continue;
		}
		while (end < n && compare(v[end].like, v[first].like) == 0)
			end++;
		judge_likes(v, first, end, &w, k);
	}
	return ERR_OK;
}

/* ---- one act; half-years ---- */

static void finish_acts(struct log *log, struct answer_key *k)
{
	struct line *v = log->lines.v;
	size_t n = log->lines.len, end;

	qsort(v, n, sizeof(*v), by_act);
	for (size_t first = 0; first < n; first = end) {
		int decisions = 0;
		int32_t latest = DAY_NONE;
		bool several = false;
		struct str last = { 0 };

		for (end = first; end < n && compare(v[end].act, v[first].act) == 0; end++) {
			if (!v[end].same_part)
				continue;
			decisions += v[end].decision_no.ptr && compare(v[end].decision_no, last) != 0;
			last = v[end].decision_no;
			several |= v[end].several;
			latest = latest == DAY_NONE || v[end].decided > latest ? v[end].decided : latest;
		}
		if (v[first].act.ptr && decisions >= 2 && latest >= FROM_2021)
			answer_key_add(k, DOUBLE_FINE, several ? VERDICT_EXEMPT : VERDICT_HIT, false, v[first].act);
	}
}

#define QUOTA_CASES 12
#define QUOTA_BAND (500 * YUAN)

/** Of one agency and half-year; amounts: room for them. */
static enum verdict quota_verdict(const struct line *v, size_t first, size_t end, int64_t *amounts)
{
	int64_t months[6] = { 0 }, n = 0, squares = 0;
	int32_t latest = DAY_NONE;
	bool set_amounts = true;

	for (size_t i = first; i < end; i++) {
		amounts[n++] = v[i].fine;
		months[(day_to_ymd(v[i].decided).month - 1) % 6]++;
		set_amounts &= v[i].set_amount;
		latest = latest == DAY_NONE || v[i].decided > latest ? v[i].decided : latest;
	}
	for (int i = 0; i < 6; i++)
		squares += months[i] * months[i];
	qsort(amounts, (size_t)n, sizeof(*amounts), by_amount);
	if (latest < FROM_2021)
		return VERDICT_NOT_IN_FORCE;
	if (n < QUOTA_CASES || quantile(amounts, n, 9000) - quantile(amounts, n, 1000) > QUOTA_BAND || 600 * squares > 104 * n * n)
		return VERDICT_CLEAN;
	return set_amounts ? VERDICT_EXEMPT : VERDICT_HIT;
}

static enum err_code finish_halves(struct log *log, struct answer_key *k, struct err *err)
{
	struct line *v = log->lines.v;
	size_t n = log->lines.len, end;
	int64_t *amounts = ARENA_NEW(log->mem, int64_t, n + 1);

	if (!amounts)
		return err_nomem(err);
	qsort(v, n, sizeof(*v), by_half);
	for (size_t first = 0; first < n; first = end) {
		end = first + 1;
		if (!v[first].half.ptr) {
			answer_key_add(k, QUOTA, v[first].half_part ? VERDICT_UNKNOWN : VERDICT_CLEAN, false, v[first].record);
			continue;
		}
		while (end < n && compare(v[end].half, v[first].half) == 0)
			end++;
		answer_key_add(k, QUOTA, quota_verdict(v, first, end, amounts), false, v[first].half);
	}
	return ERR_OK;
}

static enum err_code finish(void *at, const struct world *w, struct answer_key *k, struct err *err)
{
	(void)w;
	TRY(finish_outliers(at, k, err));
	finish_acts(at, k);
	return finish_halves(at, k, err);
}

static const char *const ids[] = { OUTLIER, DOUBLE_FINE, QUOTA, NULL };
static const struct recount recount = { ids, open_log, note, finish, close_log };

const struct theme penalty_pattern = { NULL, 0, scenarios, COUNT(scenarios), &recount };
