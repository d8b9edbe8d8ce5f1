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
/** One of the codes, as often as its weight says. */
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

#define RATE_INDEX_MAX 150
/** The agency whose decisions often fall, or one that has as many cases and stands. */
struct agency *rate_agency(const struct world *w, bool bad);

/** An agency that supervision looks at; a few are never looked at, which is a rule of its own (oversight.c). */
struct agency *choose_supervised(struct maker *m);
/* A recount that only notes: its log is the world, the notes stand at its agencies. */
extern const char *const no_rules[];
void *notes_open(const struct world *w);
enum err_code notes_finish(void *log, const struct world *w, struct answer_key *k, struct err *err);
void notes_close(void *log);
extern const struct recount oversight; /* of the generator that is made after cases, instruments and matters */

/** True when the ticket of this number is one that a township got: three for each, two for those that are near-misses (town.c). */
bool town_ticket(const struct world *w, int64_t index, int *ret_town);

/* ---- logs of facts for rules that look at many records ---- */
struct fact {
	struct str key;     /* of the record */
	struct str a, b, c; /* what it is grouped by; NULL ptr: not filled in */
	int32_t day, other_day;
	int64_t n, more;
	enum tri is, was;
};
struct fact_log {
	struct arena *mem;
	VEC(struct fact) facts;
};
void *fact_log_open(const struct world *w);
/** Copies the texts. False: out of memory. */
bool fact_log_add(struct fact_log *l, const struct fact *f);
void fact_log_close(void *log);
/** By a, b, c, then day; a text that is not filled in comes first. */
void fact_log_sort(struct fact_log *l);
bool fact_same(const struct fact *x, const struct fact *y, int texts);
/** x / total as the rules have it: four decimals, halves away from zero; -1 when the total is 0. In ten thousandths. */
int64_t share_of(int64_t x, int64_t total);
/** A rule about an agency's rate among all: n at least 10 and its share of bad ones more than 1.5 times its share of all. */
enum err_code finish_rate(struct fact_log *l, const char *rule, const struct world *w, struct answer_key *k, struct err *err);

/* columns */
void work_agency(struct rows *r, const struct agency *a);
/** Name of a body that is in no register. */
struct str other_body(const struct agency *a, struct arena *mem);
/** The agency, or a body that is in no register. */
void work_agency_or_other(struct rows *r, const struct agency *a, bool known);
void work_people(struct rows *r, const struct people *p);

#endif
