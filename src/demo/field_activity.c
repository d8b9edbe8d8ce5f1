/* Field activities of officers: one row a person and time; a few are planted so that one person is in two places at once. */
#include "demo/slots.h"
#include "demo/verdict.h"

#include <stddef.h>
#include <stdlib.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define PAIR_EVERY 150 /* from so many activities two belong together */

struct activity {
	const struct agency *agency;
	struct str number, cert_no, name, record_no;
	const char *source;
	int64_t from, to, longitude, latitude;
};

static const struct slot slots[] = {
	{ "activity_no", SLOT_TEXT, offsetof(struct activity, number) },
	{ "cert_no", SLOT_TEXT, offsetof(struct activity, cert_no) },
	{ "officer_name", SLOT_TEXT, offsetof(struct activity, name) },
	{ "record_no", SLOT_TEXT, offsetof(struct activity, record_no) },
	{ "source", SLOT_CODE, offsetof(struct activity, source) },
	{ "started_at", SLOT_TIME, offsetof(struct activity, from) },
	{ "ended_at", SLOT_TIME, offsetof(struct activity, to) },
	{ "longitude", SLOT_DECIMAL, offsetof(struct activity, longitude) },
	{ "latitude", SLOT_DECIMAL, offsetof(struct activity, latitude) },
};

/** The second of a pair: same person, same hour; how it lies to the first. */
static const struct pair {
	int minutes; /* after the first, which lasts an hour */
	int east, north;
} pairs[] = {
	{ 30, 213, 0 },   /* just too far */
	{ 30, 212, 180 }, /* not too far */
	{ 20, 0, -400 },
	{ 60 - 15, 0, 0 }, /* the same place */
	{ 5, 1500, 900 },
};

static void make(struct maker *m, int64_t index, void *item)
{
	static const char *const sources[] = { "scan", "scan", "recorder", "signature" };
	struct activity *a = item;
	const struct pair *pair = index % PAIR_EVERY == 1 ? &pairs[index / PAIR_EVERY % COUNT(pairs)] : NULL;
	struct rng own = m->rng, r = rng_open(m->w->o.seed, (enum stream)7002, (uint64_t)(pair ? index - 1 : index));
	struct officer o;

	slots_clear(slots, (size_t)COUNT(slots), a);
	m->rng = r; /* the second of a pair makes the choices of the first again */
	a->agency = choose_agency(m, false);
	o = officer_make(m->w, a->agency, (int)rng_in(&m->rng, OFFICER_TRAITS, a->agency->officer_count - 1), m->mem);
	a->from = (int64_t)random_workday(m, 400, 3) * 86400 + rng_in(&m->rng, 9, 16) * 3600;
	a->longitude = 1150000 + rng_in(&m->rng, 0, 9999);
	a->latitude = 320000 + rng_in(&m->rng, 0, 9999);
	m->rng = own;
	a->to = a->from + 3600;
	if (pair) {
		a->from += pair->minutes * 60;
		a->to = a->from + 3600;
		a->longitude += pair->east;
		a->latitude += pair->north;
	}
	a->cert_no = o.cert_no;
	a->name = o.name;
	a->number = str_printf(m->mem, "HD%.*s%06lld", STR_ARG(a->agency->region), (long long)index + 1);
	a->record_no = str_printf(m->mem, "JC%.*s%07lld", STR_ARG(a->agency->region), (long long)rng_in(&m->rng, 1, 999999));
	a->source = sources[rng_next(&m->rng) % COUNT(sources)];
	if (index % PAIR_EVERY == 75)
		a->from = CIVIL_NONE;
	if (index % PAIR_EVERY == 76)
		a->to = CIVIL_NONE;
}

static void to_rows(const void *item, const struct world *w, struct rows *r)
{
	const struct activity *a = item;

	(void)w;
	slots_to_rows(slots, (size_t)COUNT(slots), a, r);
	rows_text(r, "agency_name", a->agency->name);
	rows_text(r, "agency_code", a->agency->code);
}

static int64_t count(const struct world *w)
{
	return w->o.size.cases / 2 > 800 ? w->o.size.cases / 2 : 800;
}

static struct str region_of(const void *item)
{
	return ((const struct activity *)item)->agency->region;
}

/* ---- recount ---- */

struct noted {
	struct str cert_no, key;
	int64_t from, to, longitude, latitude;
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

static bool log_note(void *log, const void *item, struct str key)
{
	struct log *l = log;
	const struct activity *a = item;
	struct noted n = { str_dup(l->mem, a->cert_no), str_dup(l->mem, key), a->from, a->to, a->longitude, a->latitude };

	if (a->to == CIVIL_NONE || a->longitude == NO_MONEY || a->latitude == NO_MONEY)
		return true; /* takes no part */
	return n.cert_no.ptr && n.key.ptr && vec_push(&l->noted, n);
}

static int by_person_and_time(const void *a, const void *b)
{
	const struct noted *x = a, *y = b;
	int c = str_cmp(x->cert_no, y->cert_no);

	return c ? c : (x->from > y->from) - (x->from < y->from);
}

static bool same_hour(const struct noted *a, const struct noted *b)
{
	return str_eq(a->cert_no, b->cert_no) && a->from / 3600 == b->from / 3600;
}

/** Those that one person began within one hour. */
static void judge_hour(struct log *l, size_t first, size_t end, struct answer_key *k)
{
	const struct noted *one = &l->noted.v[first];
	bool apart = false, overlap = true;
	char day[11];

	for (size_t i = first; i < end; i++)
		for (size_t j = first; j < i; j++) {
			const struct noted *a = &l->noted.v[i], *b = &l->noted.v[j];

			overlap &= a->from < b->to && b->from < a->to;
			apart |= llabs(a->longitude - b->longitude) > 212 || llabs(a->latitude - b->latitude) > 180;
		}
	day_format((int32_t)(one->from / 86400), day);
	answer_key_add(k, "officer-double-booked",
		judge(day_from_ymd(2021, 7, 15), (int32_t)(one->from / 86400), tri(end - first >= 2 && overlap && apart), TRI_FALSE), false,
		str_printf(l->mem, "%.*s|%s|%d", STR_ARG(one->cert_no), day, (int)(one->from / 3600 % 24)));
}

static enum err_code finish(void *log, const struct world *w, struct answer_key *k, struct err *err)
{
	struct log *l = log;

	(void)w;
	(void)err;
	qsort(l->noted.v, l->noted.len, sizeof(l->noted.v[0]), by_person_and_time);
	for (size_t first = 0, end; first < l->noted.len; first = end) {
		for (end = first + 1; end < l->noted.len && same_hour(&l->noted.v[first], &l->noted.v[end]); end++)
			;
		if (l->noted.v[first].from != CIVIL_NONE) {
			judge_hour(l, first, end, k);
			continue;
		}
		for (size_t i = first; i < end; i++)
			answer_key_add(k, "officer-double-booked", VERDICT_UNKNOWN, false, l->noted.v[i].key);
	}
	return ERR_OK;
}

static const char *const rules[] = { "officer-double-booked", NULL };
static const struct recount together = { rules, log_open, log_note, finish, log_close };
static const struct theme places = { NULL, 0, NULL, 0, &together };
static const struct theme *const themes[] = { &places, NULL };

const struct generator field_activity_generator = {
	.type = "field_activity",
	.what = "执法人员现场活动",
	.sources = { { "演示数据：执法人员现场活动", NULL } },
	.item_bytes = sizeof(struct activity),
	.counter = offsetof(struct demo_result, others),
	.count = count,
	.make = make,
	.to_rows = to_rows,
	.region_of = region_of,
	.themes = themes,
};
