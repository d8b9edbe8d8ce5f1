#include "demo/work.h"

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

void work_people(struct rows *r, const struct people *p)
{
	rows_text(r, "party_name", p->name);
	rows_code(r, "party_type", p->type);
	rows_text(r, "party_code", p->code);
}
