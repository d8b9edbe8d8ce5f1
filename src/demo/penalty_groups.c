/* Rules over groups of penalty cases, recounted naively: every case leaves a line in a log; when all are made the lines of one group are
 * put together by sorting their keys as text, and counted again. Nothing is shared with the rule engine. */
#include <stdio.h>
#include <stdlib.h>

#include "demo/penalty.h"
#include "base/fault.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define DAY_S 86400
#define YUAN 100
#define LOG_BYTES_MAX ((size_t)2 << 30)
#define ONE 10000 /* a decimal has four places */

struct line {
	struct str record, agency, device, item_code, entered_by, decision_no, party; /* agency: its code, NULL when it is in no register */
	int32_t decided;
	int64_t fine, fine_max, entered_at;
	enum tri outside, fixed;
};

struct log {
	struct arena *mem;
	VEC(struct line) lines;
};

static void *open_log(const struct world *w)
{
	struct log *log = mem_alloc(1, sizeof(*log));

	(void)w;
	if (!log)
		return NULL;
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

static struct str keep(struct log *log, struct str s)
{
	return s.ptr ? str_dup(log->mem, s) : s;
}

static bool note(void *at, const void *item, struct str record_key)
{
	struct log *log = at;
	const struct penalty *p = item;
	const struct case_public *c = &p->public;

	return vec_push(&log->lines, ((struct line){ .record = keep(log, record_key),
					     .agency = p->agency_known ? p->agency->code : (struct str){ 0 },
					     .device = keep(log, c->device_no),
					     .item_code = keep(log, penalty_item_code(p)),
					     .entered_by = keep(log, c->entered_by),
					     .decision_no = keep(log, p->decision_no),
					     .party = keep(log, p->party_name),
					     .decided = p->decided,
					     .fine = p->fine,
					     .fine_max = c->fine_max,
					     .entered_at = c->entered_at,
					     .outside = c->outside,
					     .fixed = c->fixed }));
}

/* ---- who takes part, and in which group ---- */

static int32_t quarter(int32_t day)
{
	struct ymd d = day_to_ymd(day);

	return day_from_ymd(d.year, (d.month - 1) / 3 * 3 + 1, 1);
}

static bool has_fine(const struct line *l)
{
	return l->decided != DAY_NONE && l->fine != NO_MONEY && l->fine > 0;
}

static bool has_origin(const struct line *l)
{
	return has_fine(l) && l->outside != TRI_UNKNOWN;
}

static bool has_device(const struct line *l)
{
	return l->decided != DAY_NONE && l->device.ptr;
}

static bool has_item(const struct line *l)
{
	return has_fine(l) && l->item_code.ptr;
}

static bool has_limit(const struct line *l)
{
	return has_fine(l) && l->fine_max != NO_MONEY && l->fine_max > 0 && l->fixed != TRI_TRUE;
}

static bool has_entry(const struct line *l)
{
	return l->entered_at != CIVIL_NONE && l->entered_by.ptr;
}

static bool has_number(const struct line *l)
{
	return l->decision_no.ptr;
}

/** The key of the group so many months earlier; NULL when the line cannot be placed. */
static struct str by_quarter(const struct line *l, struct str first, int months, struct arena *mem)
{
	char day[11];

	day_format(day_add_months(quarter(l->decided), -months), day);
	return first.ptr ? str_printf(mem, "%.*s|%s", STR_ARG(first), day) : (struct str){ 0 };
}

static struct str key_agency_quarter(const struct line *l, int months, struct arena *mem)
{
	return by_quarter(l, l->agency, months, mem);
}

static struct str key_item_quarter(const struct line *l, int months, struct arena *mem)
{
	return by_quarter(l, l->item_code, months, mem);
}

static struct str key_device_quarter(const struct line *l, int months, struct arena *mem)
{
	return l->agency.ptr ? by_quarter(l, str_printf(mem, "%.*s|%.*s", STR_ARG(l->agency), STR_ARG(l->device)), months, mem)
	                     : (struct str){ 0 };
}

static struct str key_agency_year(const struct line *l, int months, struct arena *mem)
{
	return l->agency.ptr ? str_printf(mem, "%.*s|%d", STR_ARG(l->agency), day_to_ymd(l->decided).year - months / 12)
	                     : (struct str){ 0 };
}

static struct str key_agency_half(const struct line *l, int months, struct arena *mem)
{
	struct ymd d = day_to_ymd(l->decided);

	(void)months;
	return l->agency.ptr ? str_printf(mem, "%.*s|%d", STR_ARG(l->agency), d.year * 10 + (d.month > 6 ? 2 : 1)) : (struct str){ 0 };
}

static struct str key_entry(const struct line *l, int months, struct arena *mem)
{
	char day[11];

	(void)months;
	day_format((int32_t)(l->entered_at / DAY_S), day);
	return str_printf(mem, "%.*s|%s|%d", STR_ARG(l->entered_by), day, (int)(l->entered_at % DAY_S / 3600));
}

static struct str key_number(const struct line *l, int months, struct arena *mem)
{
	(void)months;
	return l->agency.ptr ? str_printf(mem, "%.*s|%.*s|%.*s", STR_ARG(l->agency), STR_ARG(l->decision_no), STR_ARG(l->party))
	                     : (struct str){ 0 };
}

/* ---- groups ---- */

struct place {
	struct str key;
	const struct line *line;
};

static int by_key(const void *a, const void *b)
{
	return str_cmp(((const struct place *)a)->key, ((const struct place *)b)->key);
}

struct group {
	const struct place *v;
	size_t count;
};

struct groups {
	struct place *v;
	size_t count;
	struct arena *mem;
	struct str (*key)(const struct line *l, int months, struct arena *mem);
};

static struct group group_at(const struct groups *g, size_t first)
{
	size_t end = first;

	while (end < g->count && str_eq(g->v[end].key, g->v[first].key))
		end++;
	return (struct group){ &g->v[first], end - first };
}

static struct group group_of(const struct groups *g, struct str key)
{
	size_t low = 0, high = g->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (str_cmp(g->v[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < g->count && str_eq(g->v[low].key, key) ? group_at(g, low) : (struct group){ 0 };
}

static struct group prior_group(const struct groups *g, const struct group *now, int months)
{
	return group_of(g, g->key(now->v[0].line, months, g->mem));
}

static int64_t sum_of(const struct group *g, bool (*wanted)(const struct line *l))
{
	int64_t sum = 0;

	for (size_t i = 0; i < g->count; i++)
		if (!wanted || wanted(g->v[i].line))
			sum += g->v[i].line->fine;
	return sum;
}

static int32_t latest(const struct group *g)
{
	int32_t day = DAY_NONE;

	for (size_t i = 0; i < g->count; i++)
		if (day == DAY_NONE || g->v[i].line->decided > day)
			day = g->v[i].line->decided;
	return day;
}

/** a / b with four places, half away from zero; both positive. */
static int64_t ratio(int64_t a, int64_t b)
{
	return (a * ONE * 2 + b) / (b * 2);
}

/** An amount times a decimal. */
static int64_t times(int64_t fen, int64_t decimal)
{
	return (fen * decimal * 2 + ONE) / (ONE * 2);
}

/* ---- the rules ---- */

static enum verdict income_surge(const struct groups *all, const struct group *g, const struct world *w)
{
	const int64_t amount = 500000 * YUAN;
	struct group before = prior_group(all, g, 12);
	int64_t sum = sum_of(g, NULL), prior = sum_of(&before, NULL), most = 0;
	enum tri when = tri(sum > amount);

	(void)w;
	for (size_t i = 0; i < g->count; i++)
		most = g->v[i].line->fine > most ? g->v[i].line->fine : most;
	when = and3(when, before.count == 0 ? TRI_UNKNOWN : tri(sum > times(prior, 13000) && sum - prior > amount));
	return judge(day_from_ymd(2024, 2, 9), latest(g), when, tri(sum - most <= times(prior, 13000)));
}

static bool at_month_end(const struct line *l)
{
	return day_to_ymd(l->decided + 3).month != day_to_ymd(l->decided).month;
}

static bool in_december(const struct line *l)
{
	return day_to_ymd(l->decided).month == 12;
}

static enum verdict yearend_rush(const struct groups *all, const struct group *g, const struct world *w)
{
	int64_t sum = sum_of(g, NULL), mean = 0;
	enum tri december = TRI_TRUE;

	(void)w;
	for (int year = 1; year <= 3; year++) {
		struct group before = prior_group(all, g, 12 * year);

		if (before.count == 0)
			december = TRI_UNKNOWN;
		else
			mean += ratio(sum_of(&before, in_december), sum_of(&before, NULL)) * 100;
	}
	if (december == TRI_TRUE)
		december = tri(ratio(sum_of(g, in_december), sum) * 300 > mean + 3 * 15 * ONE);
	return judge(FROM_2021, latest(g), and3(tri(g->count >= 30), or3(tri(ratio(sum_of(g, at_month_end), sum) > ONE / 2), december)),
		TRI_FALSE);
}

static bool from_outside(const struct line *l)
{
	return l->outside == TRI_TRUE;
}

static enum verdict outsider_share(const struct groups *all, const struct group *g, const struct world *w)
{
	struct group before = prior_group(all, g, 12);
	int64_t sum = sum_of(g, NULL);
	enum tri risen = before.count == 0 ? TRI_UNKNOWN : tri(sum > sum_of(&before, NULL));

	(void)w;
	return judge(day_from_ymd(2025, 5, 20), latest(g),
		and3(tri(g->count >= 20 && ratio(sum_of(g, from_outside), sum) > ONE / 2), risen), TRI_FALSE);
}

static enum verdict device_concentration(const struct groups *all, const struct group *g, const struct world *w)
{
	const struct line *mine = g->v[0].line;
	int64_t total = 0;

	(void)w;
	for (size_t i = 0; g->count > 500 && i < all->count; i++) {
		const struct line *l = all->v[i].line;

		total += str_eq(l->agency, mine->agency) && quarter(l->decided) == quarter(mine->decided);
	}
	return judge(FROM_2021, latest(g), tri(g->count > 500 && ratio((int64_t)g->count, total) > 4000), TRI_FALSE);
}

static enum verdict item_surge(const struct groups *all, const struct group *g, const struct world *w)
{
	struct group before = prior_group(all, g, 12);
	int64_t sum = sum_of(g, NULL);
	enum tri doubled = before.count == 0 ? TRI_UNKNOWN : tri(sum > 2 * sum_of(&before, NULL));

	(void)w;
	return judge(day_from_ymd(2024, 2, 9), latest(g), and3(tri(g->count >= 30 && sum > 200000 * YUAN), doubled), TRI_FALSE);
}

static enum verdict heavy_tail(const struct groups *all, const struct group *g, const struct world *w)
{
	int64_t heavy = 0;

	(void)all;
	(void)w;
	for (size_t i = 0; i < g->count; i++)
		heavy += g->v[i].line->fine >= times(g->v[i].line->fine_max, 9500);
	return judge(day_from_ymd(2024, 2, 9), latest(g), tri(g->count >= 20 && ratio(heavy, (int64_t)g->count) > 3000), TRI_FALSE);
}

static enum verdict bulk_backfill(const struct groups *all, const struct group *g, const struct world *w)
{
	int32_t first = DAY_NONE, last = DAY_NONE;

	(void)all;
	(void)w;
	for (size_t i = 0; i < g->count; i++) {
		int32_t day = g->v[i].line->decided;

		if (day == DAY_NONE)
			continue;
		first = first == DAY_NONE || day < first ? day : first;
		last = last == DAY_NONE || day > last ? day : last;
	}
	return judge(FROM_2025, (int32_t)(g->v[0].line->entered_at / DAY_S),
		and3(tri(g->count >= 20), first == DAY_NONE ? TRI_UNKNOWN : tri(last - first > 30)),
		tri(str_has(g->v[0].line->entered_by, STR("迁移"))));
}

static enum verdict duplicate(const struct groups *all, const struct group *g, const struct world *w)
{
	(void)all;
	return judge(FROM_2025, w->o.today, tri(g->count > 1), TRI_FALSE);
}

static const struct group_rule {
	const char *id;
	bool (*takes_part)(const struct line *l);
	struct str (*key)(const struct line *l, int months, struct arena *mem);
	enum verdict (*judge)(const struct groups *all, const struct group *g, const struct world *w);
} group_rules[] = {
	{ "fine-income-surge", has_fine, key_agency_quarter, income_surge },
	{ "fine-yearend-rush", has_fine, key_agency_year, yearend_rush },
	{ "fine-outsider-share", has_origin, key_agency_year, outsider_share },
	{ "fine-device-concentration", has_device, key_device_quarter, device_concentration },
	{ "fine-item-surge", has_item, key_item_quarter, item_surge },
	{ "fine-heavy-tail", has_limit, key_agency_half, heavy_tail },
	{ "dq-bulk-backfill", has_entry, key_entry, bulk_backfill },
	{ "dq-duplicate", has_number, key_number, duplicate },
};

static const char *const ids[] = { "fine-income-surge", "fine-yearend-rush", "fine-outsider-share", "fine-device-concentration",
	"fine-item-surge", "fine-heavy-tail", "dq-bulk-backfill", "dq-duplicate", NULL };

static enum err_code recount_rule(
	const struct log *log, const struct group_rule *rule, const struct world *w, struct answer_key *k, struct err *err)
{
	struct groups all = { .v = ARENA_NEW(log->mem, struct place, log->lines.len + 1), .mem = log->mem, .key = rule->key };

	if (!all.v)
		return err_nomem(err);
	for (size_t i = 0; i < log->lines.len; i++) {
		const struct line *l = &log->lines.v[i];
		struct str key;

		if (!rule->takes_part(l))
			continue;
		key = rule->key(l, 0, log->mem);
		if (key.ptr)
			all.v[all.count++] = (struct place){ key, l };
		else
			answer_key_add(k, rule->id, VERDICT_UNKNOWN, false, l->record);
	}
	qsort(all.v, all.count, sizeof(*all.v), by_key);
	for (size_t i = 0; i < all.count;) {
		struct group g = group_at(&all, i);

		answer_key_add(k, rule->id, rule->judge(&all, &g, w), false, g.v[0].key);
		i += g.count;
	}
	return ERR_OK;
}

static enum err_code finish(void *at, const struct world *w, struct answer_key *k, struct err *err)
{
	for (int i = 0; i < COUNT(group_rules); i++)
		TRY(recount_rule(at, &group_rules[i], w, k, err));
	return ERR_OK;
}

static const struct recount recount = { .ids = ids, .open = open_log, .note = note, .finish = finish, .close = close_log };

const struct theme penalty_groups = { .recount = &recount };
