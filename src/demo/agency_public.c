/* What agencies publish: beforehand (who they are, on what basis, how), and their figures of the year before. An agency has no plan of its
 * own: which of them falls short follows from its number. */
#include "demo/agency_public.h"

#include <string.h>

#include "demo/verdict.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define EVERY 13 /* the pattern of shortcomings repeats */
enum shortcoming {
	NO_DISCRETION_PUBLISHED = 2,
	NO_REPORT = 3,
	WRONG_FIGURES = 4,
	REPORT_WITHOUT_DAY = 5,
	REPORT_ON_THE_LAST_DAY = 7,
	NOTHING_PUBLISHED = 9,
	BASIS_WITHOUT_DAY = 11
};

static const char *const kinds[] = { "subject", "basis", "procedure", "remedy", "discretion" };

struct public_facts {
	int32_t published[COUNT(kinds)]; /* DAY_NONE: entered without a day */
	int kind_count;                  /* the first so many are there at all */
	bool reported;
	int32_t reported_on;
	int penalties; /* -1: no figure */
	int64_t amount;
};

/** The day in January until which figures are published, moved off a rest day. */
static int32_t last_day(const struct world *w)
{
	return workday_roll(w->days, day_from_ymd(day_to_ymd(w->o.today).year, 1, 31));
}

static struct public_facts facts_of(const struct agency *a, const struct world *w)
{
	struct public_facts f = { .kind_count = COUNT(kinds), .penalties = -1, .amount = NO_MONEY };
	struct ymd today = day_to_ymd(w->o.today);
	int n = a->index % EVERY;

	for (int i = 0; i < COUNT(kinds); i++)
		f.published[i] = day_from_ymd(2021, 8, 2) + a->index % 300;
	if (n == NO_DISCRETION_PUBLISHED)
		f.kind_count--;
	if (n == NOTHING_PUBLISHED)
		f.kind_count = 0;
	if (n == BASIS_WITHOUT_DAY)
		f.published[1] = DAY_NONE;
	f.reported_on = n == REPORT_ON_THE_LAST_DAY ? last_day(w) : day_from_ymd(today.year, 1, 5 + n);
	f.reported = n != NO_REPORT && f.reported_on <= w->o.today;
	if (n == REPORT_WITHOUT_DAY)
		f.reported_on = DAY_NONE;
	if (n == WRONG_FIGURES) {
		f.penalties = 10000000; /* more than there are */
		f.amount = 100;
	}
	return f;
}

void agency_public_to_rows(const struct agency *a, const struct world *w, struct rows *r)
{
	struct public_facts f = facts_of(a, w);
	int year = day_to_ymd(w->o.today).year;
	struct child_rows c = rows_child(r, "publications", (size_t)f.kind_count);

	for (int i = 0; i < f.kind_count; i++, c.row++) {
		child_code(&c, "kind", kinds[i]);
		child_day(&c, "published_on", f.published[i]);
	}
	c = rows_child(r, "annual_reports", f.reported ? 2 : 1);
	child_i64(&c, "year", year - 2);
	child_day(&c, "published_on", day_from_ymd(year - 1, 1, 20));
	if (!f.reported)
		return;
	c.row = 1;
	child_i64(&c, "year", year - 1);
	child_day(&c, "published_on", f.reported_on);
	if (f.penalties >= 0)
		child_i64(&c, "penalty_count", f.penalties);
	if (f.amount != NO_MONEY)
		child_i64(&c, "penalty_amount", f.amount);
}

/* ---- the rules; every agency of the demo is active and none is an entrusted organisation ---- */

static enum verdict annual_missing(const void *item, const struct world *w)
{
	const struct agency *a = item;
	struct public_facts f = facts_of(a, w);
	bool due = day_to_ymd(w->o.today).month > 3 || w->o.today > last_day(w);
	bool is_new = a->confirmed_on != DAY_NONE && day_to_ymd(a->confirmed_on).year >= day_to_ymd(w->o.today).year;

	return judge(day_from_ymd(2018, 12, 5), w->o.today, tri(due && !(f.reported && f.reported_on != DAY_NONE)), tri(is_new));
}

static enum verdict beforehand_missing(const void *item, const struct world *w)
{
	struct public_facts f = facts_of(item, w);
	int published = 0;

	for (int i = 0; i < f.kind_count; i++)
		published += f.published[i] != DAY_NONE;
	return judge(day_from_ymd(2021, 7, 15), w->o.today, tri(published < COUNT(kinds)), TRI_FALSE);
}

static enum verdict figures(const void *item, const struct world *w)
{
	struct public_facts f = facts_of(item, w);

	return judge(day_from_ymd(2025, 8, 1), w->o.today, f.reported && f.penalties >= 0 ? TRI_TRUE : TRI_UNKNOWN, TRI_FALSE);
}

static const struct planned_rule rules[] = {
	{ "pub-annual-missing", annual_missing },
	{ "pub-beforehand-missing", beforehand_missing },
	{ "dq-penalty-count", figures },
};

const struct theme agency_public = { rules, COUNT(rules), NULL, 0, NULL };
