/* What the generators of results and of the supervision work share: who it is about, choices by weight, columns that every type has. */
#ifndef XZ_DEMO_WORK_H
#define XZ_DEMO_WORK_H

#include <stddef.h>

#include "demo/verdict.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define ANY                                                                                                                                \
	{                                                                                                                                  \
		.domain = -1                                                                                                               \
	}
#define FROM_SUPERVISION day_from_ymd(2026, 2, 1) /* 行政执法监督条例 */

struct people {
	struct str name, code; /* code: only of enterprises */
	const char *type;
};
struct people choose_people(struct maker *m, const struct agency *a);

struct weighted {
	const char *code;
	int weight;
};
const char *choose_weighted(struct rng *r, const struct weighted *list, int count);

/** The day, or DAY_NONE when it lies after today: it has not happened. */
int32_t past(const struct maker *m, int32_t day);
/** Year of the day, of today when there is none. */
int day_year_or(int32_t day, const struct world *w);
/** A code among a few; unknown when it is not filled in. */
enum tri among(const char *code, const char *const *list);
/** One 40th of the penalty cases' share, and enough for everything that is planted: `per_city` records for 120,000 cases. */
int64_t work_count(const struct world *w, int64_t per_city, int planted);

/** Acting anew late or on the same grounds, after a reconsideration or a judgment. */
enum verdict redo_verdict(int32_t from, int32_t judged_by, int32_t ordered, int limit, int32_t on, enum tri same, enum tri for_procedure,
	const struct world *w);

/* columns */
void work_agency(struct rows *r, const struct agency *a);
void work_people(struct rows *r, const struct people *p);

#endif
