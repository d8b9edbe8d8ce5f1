/* Agencies that nobody supervises: what is made of cases and of supervision is noted at the agency, and judged when all is made. */
#include "demo/penalty.h"
#include "demo/work.h"

#define BLIND_EVERY 11
#define BLIND_AT 4
#define YEAR_DAYS 365
#define CASES_LEAST 10

static bool is_blind(const struct agency *a)
{
	return a->index % BLIND_EVERY == BLIND_AT || a->trait == AGENCY_CONFIRMED_LATE;
}

struct agency *choose_supervised(struct maker *m)
{
	struct agency *a = choose_agency(m, false);

	while (is_blind(a))
		a = choose_agency(m, false);
	return a;
}

/* ---- notes ---- */

const char *const no_rules[] = { NULL };

void *notes_open(const struct world *w)
{
	return (void *)w;
}

void notes_close(void *log)
{
	(void)log;
}

enum err_code notes_finish(void *log, const struct world *w, struct answer_key *k, struct err *err)
{
	(void)log;
	(void)w;
	(void)k;
	(void)err;
	return ERR_OK;
}

static bool note_case(void *log, const void *item, struct str key)
{
	const struct penalty *p = item;
	int32_t day = first_day(p->decided, p->filed);

	(void)key;
	if (p->agency_known && day != DAY_NONE && day >= ((const struct world *)log)->o.today - YEAR_DAYS)
		p->agency->cases_of_year++;
	return true;
}

static const struct recount cases = { no_rules, notes_open, note_case, notes_finish, notes_close };
const struct theme penalty_oversight = { NULL, 0, NULL, 0, &cases };

/* ---- the verdict ---- */

static bool note_nothing(void *log, const void *item, struct str key)
{
	(void)log;
	(void)item;
	(void)key;
	return true;
}

static enum err_code finish_blind_spots(void *log, const struct world *w, struct answer_key *k, struct err *err)
{
	(void)log;
	(void)err;
	for (size_t i = 0; i < w->agencies.len; i++) {
		const struct agency *a = &w->agencies.v[i];
		bool fresh = a->confirmed_on != DAY_NONE && a->confirmed_on > w->o.today - YEAR_DAYS;

		answer_key_add(k, "sup-blind-spot",
			judge(FROM_SUPERVISION, w->o.today, tri(a->cases_of_year >= CASES_LEAST && a->supervised == 0), tri(fresh)), false,
			a->code);
	}
	return ERR_OK;
}

static const char *const blind_rules[] = { "sup-blind-spot", NULL };
/** For the last generator that notes something. */
const struct recount oversight = { blind_rules, notes_open, note_nothing, finish_blind_spots, notes_close };
