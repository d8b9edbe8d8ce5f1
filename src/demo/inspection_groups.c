/* Inspections that only mean something together: series and stretches of them, planted by their number, and the naive recount of all. */
#include "demo/inspection.h"

#include <stdlib.h>

#define STREAM_SERIES ((enum stream)7001)
#define PERIOD 20000 /* everything is planted again after so many inspections */
#define SERIES_FROM 1000
#define SERIES_EVERY 60
#define SERIES_LONG 7

/* ---- planted ---- */

int agency_inspection_cap(const struct agency *a)
{
	return a->index % 9 == 4 ? -1 : 2 + a->index % 3;
}

static int32_t quarter_of(int32_t day)
{
	struct ymd d = day_to_ymd(day);

	return day_from_ymd(d.year, (d.month - 1) / 3 * 3 + 1, 1);
}

static struct agency *by_trait(const struct world *w, enum agency_trait trait)
{
	for (size_t i = 0; i < w->agencies.len; i++)
		if (w->agencies.v[i].trait == trait)
			return &w->agencies.v[i];
	return &w->agencies.v[0];
}

static struct agency *by_domain(const struct world *w, const char *domain)
{
	for (size_t i = w->agencies.len; i-- > 0;)
		if (strcmp(w->agencies.v[i].kind->domain, domain) == 0)
			return &w->agencies.v[i];
	return &w->agencies.v[0];
}

/** The n-th agency from a place on that delivers everything and whose cap is from … to (0: any cap). */
static struct agency *complete_agency(const struct world *w, uint64_t at, int from, int to)
{
	for (size_t tries = 0; tries < w->agencies.len; tries++) {
		struct agency *a = &w->agencies.v[(at + tries) % w->agencies.len];

		if (!a->limited && (to == 0 || (agency_inspection_cap(a) >= from && agency_inspection_cap(a) <= to)))
			return a;
	}
	return &w->agencies.v[0];
}

/** Stretches: many inspections of one agency in one quarter or year. */
static const struct stretch {
	int from, to;
	enum { BY_TRAIT, BY_EMERGENCY } whose;
	enum agency_trait trait;
	int finding_every, urgent_every; /* 0: none */
	const char *kind;
	bool fined; /* of findings: item of their own, filed and fined, in the last hundred days */
} stretches[] = {
	{ 640, 700, BY_TRAIT, AGENCY_NEVER_CONFIRMED, 0, 0, "case_based", false },
	{ 700, 780, BY_TRAIT, AGENCY_BY_LAW, 40, 0, "case_based", false },
	{ 780, 810, BY_TRAIT, AGENCY_CONFIRMED_LATE, 3, 3, "case_based", false },
	{ 810, 840, BY_TRAIT, AGENCY_NEVER_CONFIRMED, 0, 8, "case_based", false },
	{ 840, 870, BY_EMERGENCY, AGENCY_NORMAL, 3, 2, "case_based", false },
	{ 870, 910, BY_TRAIT, AGENCY_CONFIRMED_LATE, 1, 0, "case_based", true },
	{ 910, 950, BY_TRAIT, AGENCY_BY_LAW, 1, 0, "special", true },
	{ 950, 990, BY_TRAIT, AGENCY_NEVER_CONFIRMED, 3, 0, "case_based", true },
};

static bool stretch_at(const struct world *w, int64_t index, struct inspection_series *s)
{
	for (size_t k = 0; k < sizeof(stretches) / sizeof(stretches[0]); k++) {
		const struct stretch *t = &stretches[k];
		struct rng r = rng_open(w->o.seed, STREAM_SERIES, (uint64_t)index);
		bool finding = t->finding_every > 0 && index % t->finding_every == 0;
		int32_t last_quarter = quarter_of(quarter_of(w->o.today) - 1);

		if (index % PERIOD < t->from || index % PERIOD >= t->to)
			continue;
		*s = (struct inspection_series){
			.agency = t->whose == BY_TRAIT ? by_trait(w, t->trait) : by_domain(w, "emergency"),
			.party = rng_in(&r, 0, w->o.size.parties - 1),
			.started = t->fined ? w->o.today - (int32_t)rng_in(&r, 3, 100) : last_quarter + (int32_t)rng_in(&r, 0, 88),
			.item = t->fined ? INSPECTION_ITEM_LABOUR : 0,
			.kind = t->kind,
			.source = "monitoring",
			.outcome = !finding   ? "clean"
			           : t->fined ? "filed"
			                      : "corrected",
			.fine = finding && t->fined ? 2000000 : NO_MONEY,
			.urgent = tri(t->urgent_every > 0 && index % t->urgent_every == 0),
		};
		return true;
	}
	return false;
}

/** Series: a few inspections of one enterprise. `days` after the first; -1 ends. */
static const struct series {
	const char *what;
	int days[SERIES_LONG + 1];
} series[] = {
	{ "over the cap", { 0, 31, 62, 93, 124, 155, 186, -1 } },
	{ "at the cap", { 0, 31, 62, 93, 124, 155, 186, -1 } },
	{ "twice the cap", { 0, 31, 62, 93, 124, 155, 186, -1 } },
	{ "again within a month", { 0, 20, 29, 62, -1 } },
	{ "again after a month", { 0, 30, -1 } },
	{ "three agencies in a week", { 0, 1, 6, -1 } },
	{ "three agencies in eight days", { 0, 1, 7, -1 } },
	{ "again after a joint one", { 0, 29, -1 } },
	{ "a month after a joint one", { 0, 30, -1 } },
};
enum { OVER_CAP, AT_CAP, TWICE_CAP, AGAIN, AGAIN_LATER, THREE, THREE_LATER, AFTER_JOINT, AFTER_JOINT_LATER, SERIES_COUNT };

/** How many of the series are made. */
static int series_length(int kind, const struct agency *a)
{
	int cap = agency_inspection_cap(a), length = 0;

	while (series[kind].days[length] >= 0)
		length++;
	return kind == OVER_CAP ? cap + 1 : kind == AT_CAP ? cap : kind == TWICE_CAP ? 2 * cap + 1 : length;
}

bool inspection_series_at(const struct world *w, int64_t index, struct inspection_series *s)
{
	int64_t at = index % PERIOD - SERIES_FROM, block = index / SERIES_EVERY;
	int kind = (int)(block % SERIES_COUNT), k = (int)(at % SERIES_EVERY);
	struct rng r = rng_open(w->o.seed, STREAM_SERIES, (uint64_t)(index - k) + 500000000u);
	uint64_t first = rng_next(&r);
	int32_t base = w->o.today - (int32_t)rng_in(&r, 80, 300);
	bool caps = kind <= TWICE_CAP;
	int64_t party = rng_in(&r, 0, w->o.size.parties - 1);
	struct agency *a = complete_agency(w, first, 2, kind == TWICE_CAP ? 3 : caps ? 4 : 0);

	if (stretch_at(w, index, s))
		return true;
	if (at < 0 || k >= series_length(kind, a))
		return false;
	if (caps) /* all in one calendar year */
		base = day_from_ymd(day_to_ymd(w->o.today - 250).year, 1, 10);
	if (kind == THREE || kind == THREE_LATER)
		for (int n = 0; n < k; n++)
			a = complete_agency(w, (uint64_t)a->index + 1, 0, 0);
	*s = (struct inspection_series){
		.agency = a,
		.party = party,
		.started = base + series[kind].days[k],
		.item = caps                                               ? k % 6
		        : (kind == THREE || kind == THREE_LATER) && k == 2 ? INSPECTION_ITEM_JOINT
		                                                           : 0,
		.kind = "routine",
		.source = "routine",
		.joint = k == 0 && (kind == AFTER_JOINT || kind == AFTER_JOINT_LATER),
		.outcome = "clean",
		.fine = NO_MONEY,
		.urgent = TRI_FALSE,
	};
	return true;
}

/* ---- the log ---- */

struct noted {
	struct str agency, code, party, item, joint, key;
	const char *domain;
	int32_t started;
	int cap;
	enum tri onsite, routine, urgent, joint_item;
	bool person, from_above, recheck, special, secret, inspection, has_outcome, found, punished, linked;
	int64_t fine;
};
struct log {
	struct arena *mem;
	VEC(struct noted) noted;
};

static void log_close(void *log)
{
	struct log *l = log;

	vec_clear(&l->noted);
	arena_close(l->mem);
	free(l);
}

static void *log_open(const struct world *w)
{
	struct log *l = calloc(1, sizeof(*l));

	(void)w;
	if (!l || !(l->mem = arena_open((size_t)1 << 30))) {
		free(l);
		return NULL;
	}
	return l;
}

static enum tri on_joint_list(const struct inspection *i)
{
	bool any = false;

	for (int k = 0; k < i->item_count; k++)
		any |= i->items[k].joint >= 2;
	return i->limited ? TRI_UNKNOWN : tri(any);
}

/** A copy; what is not filled in stays so. */
static struct str keep(struct log *l, struct str s)
{
	return s.ptr ? str_dup(l->mem, s) : s;
}

static bool log_note(void *log, const void *item, struct str key)
{
	static const char *const punishing[] = { "filed", "penalty", NULL };
	struct log *l = log;
	const struct inspection *i = item;
	struct noted n = {
		.agency = i->agency->name, /* of the world, which lives longer */
		.code = i->agency->code,
		.party = keep(l, i->party_code),
		.item = keep(l, i->item_code),
		.joint = keep(l, i->joint_no),
		.key = str_dup(l->mem, key),
		.domain = i->agency->kind->domain,
		.started = i->started,
		.cap = agency_inspection_cap(i->agency),
		.onsite = is(i->mode, "onsite"),
		.routine = is(i->source, "routine"),
		.urgent = i->urgent,
		.joint_item = on_joint_list(i),
		.person = yes(is(i->party_type, "natural_person")),
		.from_above = yes(is(i->source, "superior_special")),
		.recheck = yes(is(i->kind, "recheck")),
		.special = yes(is(i->kind, "special")),
		.secret = yes(i->secret),
		.inspection = yes(is(i->purpose, "inspection")),
		.has_outcome = i->outcome != NULL,
		.found = i->outcome && strcmp(i->outcome, "clean") != 0,
		.punished = one_of(i->outcome, punishing),
		.linked = i->case_no.ptr != NULL,
		.fine = i->fine,
	};

	return n.key.ptr && vec_push(&l->noted, n);
}

/* ---- recount ---- */

static int compare_text(struct str a, struct str b)
{
	return !a.ptr || !b.ptr ? (a.ptr != NULL) - (b.ptr != NULL) : str_cmp(a, b);
}

static int compare_days(int32_t a, int32_t b)
{
	return (a > b) - (a < b);
}

static int by_party(const void *a, const void *b)
{
	const struct noted *x = a, *y = b;
	int c = compare_text(x->agency, y->agency);

	c = c ? c : compare_text(x->party, y->party);
	return c ? c : compare_days(x->started, y->started);
}

static int by_item(const void *a, const void *b)
{
	const struct noted *x = a, *y = b;
	int c = compare_text(x->agency, y->agency);

	c = c ? c : compare_text(x->item, y->item);
	return c ? c : compare_days(x->started, y->started);
}

static int by_party_only(const void *a, const void *b)
{
	const struct noted *x = a, *y = b;
	int c = compare_text(x->party, y->party);

	return c ? c : compare_days(x->started, y->started);
}

static int by_party_and_item(const void *a, const void *b)
{
	const struct noted *x = a, *y = b;
	int c = compare_text(x->agency, y->agency);

	c = c ? c : compare_text(x->party, y->party);
	c = c ? c : compare_text(x->item, y->item);
	return c ? c : compare_days(x->started, y->started);
}

static int year_of(const struct noted *n)
{
	return day_to_ymd(n->started).year;
}

typedef int comparison(const void *, const void *);

/** One past the last that has the same texts, by the order without its days. */
static size_t end_of(const struct log *l, size_t first, comparison *order)
{
	size_t end = first;
	struct noted other;

	for (; end < l->noted.len; end++) {
		other = l->noted.v[end];
		other.started = l->noted.v[first].started;
		if (order(&l->noted.v[first], &other) != 0)
			break;
	}
	return end;
}

/** x of n in ten thousandths, halves up, as the language divides. */
static int64_t part_of(int64_t x, int64_t n)
{
	return (x * 20000 + n) / (2 * n);
}

static struct str group_key(struct log *l, const struct noted *n, struct str middle, const char *last)
{
	return middle.ptr ? str_printf(l->mem, "%.*s|%.*s|%s", STR_ARG(n->code), STR_ARG(middle), last)
	                  : str_printf(l->mem, "%.*s|%s", STR_ARG(n->code), last);
}

static enum tri counts_to_cap(const struct noted *n)
{
	return and3(n->onsite, tri(!n->person && !n->from_above));
}

/** The members first … end of one year: how often, a joint inspection once. */
static void judge_cap(struct log *l, size_t first, size_t end, struct answer_key *k)
{
	int64_t count = 0;
	int32_t earliest = DAY_NONE;
	char year[16];
	const struct noted *one = NULL;

	for (size_t i = first; i < end; i++) {
		const struct noted *n = &l->noted.v[i];
		bool again = false;

		if (!yes(counts_to_cap(n)))
			continue;
		for (size_t j = first; j < i; j++)
			again |= yes(counts_to_cap(&l->noted.v[j])) && n->joint.ptr && l->noted.v[j].joint.ptr &&
			         str_eq(n->joint, l->noted.v[j].joint);
		count += !again;
		earliest = earliest == DAY_NONE || n->started < earliest ? n->started : earliest;
		one = n;
	}
	if (!one)
		return;
	snprintf(year, sizeof(year), "%d", year_of(one));
	answer_key_add(k, "inspection-over-cap", judge(FROM_54, earliest, tri(one->cap >= 0 && count > one->cap), TRI_FALSE), false,
		group_key(l, one, one->party, year));
}

static void recount_caps(struct log *l, struct answer_key *k)
{
	qsort(l->noted.v, l->noted.len, sizeof(l->noted.v[0]), by_party);
	for (size_t i = 0; i < l->noted.len; i++) {
		const struct noted *n = &l->noted.v[i];
		enum tri member = counts_to_cap(n);

		if (member == TRI_UNKNOWN || (yes(member) && (!n->party.ptr || n->started == DAY_NONE)))
			answer_key_add(k, "inspection-over-cap", VERDICT_UNKNOWN, false, n->key);
	}
	for (size_t first = 0, end; first < l->noted.len; first = end) {
		size_t last = end_of(l, first, by_party);

		for (end = first + 1;
			end < last && l->noted.v[first].started != DAY_NONE && year_of(&l->noted.v[end]) == year_of(&l->noted.v[first]);
			end++)
			;
		if (l->noted.v[first].party.ptr && l->noted.v[first].started != DAY_NONE)
			judge_cap(l, first, end, k);
	}
}

/** Is x dated within so many days up to the day of `of`? */
static bool in_window(const struct noted *x, const struct noted *of, int days)
{
	return x->started != DAY_NONE && of->started != DAY_NONE && x->started > of->started - days && x->started <= of->started;
}

static enum verdict judge_window(const struct noted *n, enum tri member, enum tri when, int32_t from)
{
	if (n->started == DAY_NONE)
		return VERDICT_UNKNOWN;
	return judge(from, n->started, and3(member, when), TRI_FALSE);
}

static enum tri is_again(const struct noted *n)
{
	return and3(and3(n->onsite, n->routine), tri(!n->linked));
}

static void recount_items(struct log *l, struct answer_key *k)
{
	qsort(l->noted.v, l->noted.len, sizeof(l->noted.v[0]), by_party_and_item);
	for (size_t first = 0, end; first < l->noted.len; first = end) {
		end = end_of(l, first, by_party_and_item);
		for (size_t i = first; i < end; i++) {
			const struct noted *n = &l->noted.v[i];
			bool placed = n->party.ptr && n->item.ptr;
			int again = 0, joint = 0;

			for (size_t j = first; j < end; j++) {
				const struct noted *x = &l->noted.v[j];

				again += in_window(x, n, 30) && yes(is_again(x));
				joint += in_window(x, n, 30) && yes(x->onsite) && x->joint.ptr;
			}
			answer_key_add(k, "inspection-duplicate",
				judge_window(n, is_again(n), placed && is_again(n) != TRI_UNKNOWN ? tri(again >= 2) : TRI_UNKNOWN, FROM_54),
				false, n->key);
			answer_key_add(k, "joint-recheck",
				judge_window(n, n->onsite,
					and3(and3(tri(!n->joint.ptr && !n->recheck), n->routine),
						placed && n->onsite != TRI_UNKNOWN ? tri(joint > 0) : TRI_UNKNOWN),
					day_from_ymd(2020, 1, 1)),
				false, n->key);
		}
	}
}

static enum tri is_alone(const struct noted *n)
{
	return and3(and3(n->onsite, n->routine), tri(!n->joint.ptr && !yes(n->urgent) && !n->secret));
}

static void recount_heads(struct log *l, struct answer_key *k)
{
	qsort(l->noted.v, l->noted.len, sizeof(l->noted.v[0]), by_party_only);
	for (size_t first = 0, end; first < l->noted.len; first = end) {
		end = end_of(l, first, by_party_only);
		for (size_t i = first; i < end; i++) {
			const struct noted *n = &l->noted.v[i];
			int heads = 0;

			for (size_t j = first; j < end && n->party.ptr; j++) {
				const struct noted *x = &l->noted.v[j];
				bool fresh = in_window(x, n, 7) && yes(is_alone(x));

				for (size_t e = first; e < j && fresh; e++)
					fresh = !(in_window(&l->noted.v[e], n, 7) && yes(is_alone(&l->noted.v[e])) &&
						  str_eq(l->noted.v[e].agency, x->agency));
				heads += fresh;
			}
			answer_key_add(k, "inspection-multihead",
				judge_window(n, is_alone(n),
					and3(n->party.ptr && is_alone(n) != TRI_UNKNOWN ? tri(heads >= 3) : TRI_UNKNOWN, n->joint_item),
					FROM_54),
				false, n->key);
		}
	}
}

struct tally {
	int64_t outcomes, found, all, urgents, urgent, punished, fines, fine, special;
	int32_t earliest, latest;
};

static void tally_add(struct tally *t, const struct noted *n)
{
	if (t->all == 0 || n->started < t->earliest)
		t->earliest = n->started;
	if (t->all == 0 || n->started > t->latest)
		t->latest = n->started;
	t->all++;
	t->outcomes += n->has_outcome;
	t->found += n->found;
	t->urgents += n->urgent != TRI_UNKNOWN;
	t->urgent += yes(n->urgent);
	t->punished += n->punished;
	t->special += n->special;
	if (n->fine != NO_MONEY) {
		t->fines++;
		t->fine += n->fine;
	}
}

/** Quarters of one agency: first … end is one quarter. */
static void judge_quarter(struct log *l, size_t first, size_t end, struct answer_key *k)
{
	const struct noted *one = &l->noted.v[first];
	struct tally onsite = { 0 }, all = { 0 };
	char quarter[11];
	bool emergency = strcmp(one->domain, "emergency") == 0 || strcmp(one->domain, "fire") == 0;

	for (size_t i = first; i < end; i++) {
		tally_add(&all, &l->noted.v[i]);
		if (yes(l->noted.v[i].onsite) && l->noted.v[i].inspection)
			tally_add(&onsite, &l->noted.v[i]);
	}
	day_format(quarter_of(one->started), quarter);
	answer_key_add(k, "inspection-urgent-abuse",
		judge(FROM_54, all.earliest, tri(all.urgents >= 20 && part_of(all.urgent, all.urgents) > 2000), tri(emergency)), false,
		group_key(l, one, (struct str){ 0 }, quarter));
	if (onsite.all > 0)
		answer_key_add(k, "inspection-no-finding",
			judge(FROM_54, onsite.earliest, tri(onsite.outcomes >= 50 && part_of(onsite.found, onsite.outcomes) < 200),
				TRI_FALSE),
			false, group_key(l, one, (struct str){ 0 }, quarter));
}

static int by_agency(const void *a, const void *b)
{
	const struct noted *x = a, *y = b;
	int c = compare_text(x->agency, y->agency);

	return c ? c : compare_days(x->started, y->started);
}

static void recount_quarters(struct log *l, struct answer_key *k)
{
	qsort(l->noted.v, l->noted.len, sizeof(l->noted.v[0]), by_agency);
	for (size_t i = 0; i < l->noted.len; i++) {
		const struct noted *n = &l->noted.v[i];
		enum tri member = and3(n->onsite, tri(n->inspection));

		if (n->started == DAY_NONE)
			answer_key_add(k, "inspection-urgent-abuse", VERDICT_UNKNOWN, false, n->key);
		if (member == TRI_UNKNOWN || (yes(member) && n->started == DAY_NONE))
			answer_key_add(k, "inspection-no-finding", VERDICT_UNKNOWN, false, n->key);
	}
	for (size_t first = 0, end; first < l->noted.len; first = end) {
		const struct noted *one = &l->noted.v[first];
		size_t last = end_of(l, first, by_agency);

		for (end = first + 1;
			end < last && one->started != DAY_NONE && quarter_of(l->noted.v[end].started) == quarter_of(one->started); end++)
			;
		if (one->started != DAY_NONE)
			judge_quarter(l, first, end, k);
	}
}

/** One item of one agency in one year. */
static void judge_item(struct log *l, size_t first, size_t end, struct answer_key *k)
{
	const struct noted *one = &l->noted.v[first];
	struct tally t = { 0 };
	enum tri often, dear = TRI_UNKNOWN;
	char year[16];

	for (size_t i = first; i < end; i++)
		if (l->noted.v[i].inspection)
			tally_add(&t, &l->noted.v[i]);
	if (t.all == 0)
		return;
	often = tri(t.outcomes >= 30 && part_of(t.punished, t.outcomes) > 5000);
	if (t.fines > 0)
		dear = tri((2 * t.fine + t.fines) / (2 * t.fines) > 1000000);
	snprintf(year, sizeof(year), "%d", year_of(one));
	answer_key_add(k, "inspection-to-penalty-anomaly",
		judge(day_from_ymd(2026, 2, 1), t.latest, and3(often, dear), tri(t.special * 2 > t.all)), false,
		group_key(l, one, one->item, year));
}

static void recount_punished(struct log *l, struct answer_key *k)
{
	qsort(l->noted.v, l->noted.len, sizeof(l->noted.v[0]), by_item);
	for (size_t i = 0; i < l->noted.len; i++) {
		const struct noted *n = &l->noted.v[i];

		if (n->inspection && (n->started == DAY_NONE || !n->item.ptr))
			answer_key_add(k, "inspection-to-penalty-anomaly", VERDICT_UNKNOWN, false, n->key);
	}
	for (size_t first = 0, end; first < l->noted.len; first = end) {
		const struct noted *one = &l->noted.v[first];
		size_t last = end_of(l, first, by_item);

		for (end = first + 1; end < last && one->started != DAY_NONE && year_of(&l->noted.v[end]) == year_of(one); end++)
			;
		if (one->started != DAY_NONE && one->item.ptr)
			judge_item(l, first, end, k);
	}
}

static enum err_code finish(void *log, const struct world *w, struct answer_key *k, struct err *err)
{
	struct log *l = log;

	(void)w;
	(void)err;
	recount_caps(l, k);
	recount_items(l, k);
	recount_heads(l, k);
	recount_quarters(l, k);
	recount_punished(l, k);
	return ERR_OK;
}

static const char *const rules[] = { "inspection-over-cap", "inspection-duplicate", "joint-recheck", "inspection-multihead",
	"inspection-urgent-abuse", "inspection-no-finding", "inspection-to-penalty-anomaly", NULL };
static const struct recount together = { rules, log_open, log_note, finish, log_close };

const struct theme inspection_groups = { NULL, 0, NULL, 0, &together };
