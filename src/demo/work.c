#include "demo/work.h"

#include <stdlib.h>

#include "base/fault.h"

#define CITY_CASES 120000

struct people choose_people(struct maker *m, const struct agency *a)
{
	struct people p = { .type = "natural_person" };

	(void)a;
	if (rng_chance(&m->rng, 450)) {
		struct party e = party_make(m->w, rng_in(&m->rng, 0, m->w->o.size.parties - 1), m->mem);

		p.type = e.sole_trader ? "sole_trader" : "legal_person";
		p.name = e.name;
		p.code = e.code;
	} else {
		p.name = name_person(&m->rng, m->mem);
	}
	return p;
}

const char *choose_weighted(struct rng *r, const struct weighted *list, int count)
{
	int total = 0, roll;

	for (int i = 0; i < count; i++)
		total += list[i].weight;
	roll = (int)rng_in(r, 0, total - 1);
	for (int i = 0; i < count; i++) {
		roll -= list[i].weight;
		if (roll < 0)
			return list[i].code;
	}
	return list[0].code;
}

int32_t past(const struct maker *m, int32_t day)
{
	return day == DAY_NONE || day > maker_today(m) ? DAY_NONE : day;
}

int day_year_or(int32_t day, const struct world *w)
{
	return day_to_ymd(first_day(day, w->o.today)).year;
}

enum tri among(const char *code, const char *const *list)
{
	return code ? tri(one_of(code, list)) : TRI_UNKNOWN;
}

int64_t work_count(const struct world *w, int64_t per_city, int planted)
{
	int64_t share = w->o.size.cases * per_city / CITY_CASES, least = 2 * (int64_t)planted + 20;

	return share > least ? share : least;
}

enum verdict redo_verdict(int32_t from, int32_t judged_by, int32_t ordered, int limit, int32_t on, enum tri same, enum tri for_procedure,
	const struct world *w)
{
	bool late = ordered != DAY_NONE && limit >= 0 && first_day(on, w->o.today) > day_deadline(w->days, ordered, limit);
	enum tri again = on == DAY_NONE ? TRI_FALSE : same;

	return judge(from, judged_by, and3(tri(ordered != DAY_NONE), or3(again, tri(late))), tri(yes(for_procedure) && !late));
}

void work_agency(struct rows *r, const struct agency *a)
{
	rows_text(r, "agency_name", a->name);
	rows_text(r, "agency_code", a->code);
	rows_code(r, "domain", a->kind->domain);
	rows_text(r, "area_code", a->region);
}

struct str other_body(const struct agency *a, struct arena *mem)
{
	return str_printf(mem, "%.*s综合服务中心", STR_ARG(a->place));
}

void work_agency_or_other(struct rows *r, const struct agency *a, bool known)
{
	if (known) {
		work_agency(r, a);
		return;
	}
	rows_text(r, "agency_name", other_body(a, r->mem));
	rows_code(r, "domain", a->kind->domain);
	rows_text(r, "area_code", a->region);
}

struct agency *rate_agency(const struct world *w, bool bad)
{
	return &w->agencies.v[w->agencies.len / 2 - (bad ? 1 : 0)];
}

void work_people(struct rows *r, const struct people *p)
{
	rows_text(r, "party_name", p->name);
	rows_code(r, "party_type", p->type);
	rows_text(r, "party_code", p->code);
}

/* ---- logs of facts ---- */

#define LOG_BYTES_MAX ((size_t)512 << 20)

void *fact_log_open(const struct world *w)
{
	struct fact_log *l = mem_alloc(1, sizeof(*l));

	(void)w;
	if (l && !(l->mem = arena_open(LOG_BYTES_MAX))) {
		free(l);
		return NULL;
	}
	return l;
}

static bool keep(struct arena *mem, struct str *s)
{
	if (!s->ptr)
		return true;
	*s = str_printf(mem, "%.*s", STR_ARG(*s));
	return s->ptr != NULL;
}

bool fact_log_add(struct fact_log *l, const struct fact *f)
{
	struct fact copy = *f;

	return keep(l->mem, &copy.key) && keep(l->mem, &copy.a) && keep(l->mem, &copy.b) && keep(l->mem, &copy.c) &&
	       vec_push(&l->facts, copy);
}

void fact_log_close(void *log)
{
	struct fact_log *l = log;

	vec_clear(&l->facts);
	arena_close(l->mem);
	free(l);
}

static int order_of_texts(struct str a, struct str b)
{
	size_t least = a.len < b.len ? a.len : b.len;
	int order;

	if (!a.ptr || !b.ptr)
		return (a.ptr != NULL) - (b.ptr != NULL);
	order = least ? memcmp(a.ptr, b.ptr, least) : 0;
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int order_of_facts(const void *x, const void *y)
{
	const struct fact *a = x, *b = y;
	int order = order_of_texts(a->a, b->a);

	if (!order)
		order = order_of_texts(a->b, b->b);
	if (!order)
		order = order_of_texts(a->c, b->c);
	return order ? order : (a->day > b->day) - (a->day < b->day);
}

void fact_log_sort(struct fact_log *l)
{
	if (l->facts.len > 1)
		qsort(l->facts.v, l->facts.len, sizeof(*l->facts.v), order_of_facts);
}

bool fact_same(const struct fact *x, const struct fact *y, int texts)
{
	return order_of_texts(x->a, y->a) == 0 && (texts < 2 || order_of_texts(x->b, y->b) == 0) &&
	       (texts < 3 || order_of_texts(x->c, y->c) == 0);
}

int64_t share_of(int64_t x, int64_t total)
{
	return total == 0 ? -1 : (2 * x * 10000 + total) / (2 * total);
}

#define RATE_LEAST 10

enum err_code finish_rate(struct fact_log *l, const char *rule, const struct world *w, struct answer_key *k, struct err *err)
{
	int64_t all = 0, all_bad = 0;
	size_t end;

	(void)err;
	fact_log_sort(l);
	for (size_t i = 0; i < l->facts.len; i++) {
		const struct fact *f = &l->facts.v[i];

		if (!f->a.ptr)
			answer_key_add(k, rule, VERDICT_UNKNOWN, false, f->key); /* of no agency */
		all += f->a.ptr != NULL;
		all_bad += f->a.ptr && f->is == TRI_TRUE;
	}
	for (size_t i = 0; i < l->facts.len; i = end) {
		int64_t n = 0, bad = 0, mine, of_bad;
		enum tri when;

		for (end = i; end < l->facts.len && fact_same(&l->facts.v[i], &l->facts.v[end], 1); end++) {
			n++;
			bad += l->facts.v[end].is == TRI_TRUE;
		}
		if (!l->facts.v[i].a.ptr)
			continue;
		mine = share_of(n, all);
		of_bad = share_of(bad, all_bad);
		when = n < RATE_LEAST ? TRI_FALSE : of_bad < 0 ? TRI_UNKNOWN : tri(of_bad > (mine * 3 + 1) / 2); /* 1.5 times, rounded */
		answer_key_add(k, rule, judge(FROM_SUPERVISION, w->o.today, when, TRI_FALSE), false, l->facts.v[i].a);
	}
	return ERR_OK;
}
