/* Townships in the register of agencies: what was delegated to them, and whether they have cases. Made after the tickets that went to them.
 * This source supplies no collections, so that what the other rules about agencies look for there is not known. */
#include "demo/work.h"

enum town_story {
	TOWN_IDLE, /* no case, three tickets */
	TOWN_TWO_TICKETS,
	TOWN_ENDED, /* what was delegated was taken back */
	TOWN_BY_COUNTY,
	TOWN_NOTHING_DELEGATED,
	TOWN_LEVEL_MISSING,
	TOWN_DELEGATED_LATE,    /* 179 days ago */
	TOWN_DELEGATED_IN_TIME, /* 180 days ago */
	TOWN_STORIES
};
#define TICKETS_OF 8
#define HALF_YEAR 180
#define TICKETS_LEAST 3

struct town {
	int index;
	enum town_story story;
	struct str name, code;
	int32_t delegated, ended;
};

bool town_ticket(const struct world *w, int64_t index, int *ret_town)
{
	int64_t town = index / TICKETS_OF, nth = index % TICKETS_OF;

	if (town >= (int64_t)w->townships.len || !(nth == 1 || nth == 2 || nth == 4))
		return false;
	if (nth == 4 && town % TOWN_STORIES == TOWN_TWO_TICKETS)
		return false;
	*ret_town = (int)town;
	return true;
}

static void make(struct maker *m, int64_t index, void *item)
{
	struct town *t = item;

	*t = (struct town){ .index = (int)index, .story = (enum town_story)(index % TOWN_STORIES), .ended = DAY_NONE };
	township_government(m->w, t->index, m->mem, &t->name, &t->code);
	t->delegated = maker_today(m) - 600;
	if (t->story == TOWN_NOTHING_DELEGATED)
		t->delegated = DAY_NONE;
	if (t->story == TOWN_DELEGATED_LATE)
		t->delegated = maker_today(m) - HALF_YEAR + 1;
	if (t->story == TOWN_DELEGATED_IN_TIME)
		t->delegated = maker_today(m) - HALF_YEAR;
	if (t->story == TOWN_ENDED)
		t->ended = maker_today(m);
}

static void to_rows(const void *item, const struct world *w, struct rows *out)
{
	const struct town *t = item;

	rows_text(out, "code", t->code);
	rows_text(out, "name", t->name);
	rows_text(out, "short_name", w->townships.v[t->index].name);
	rows_code(out, "kind", "government");
	rows_code(out, "level", t->story == TOWN_LEVEL_MISSING ? NULL : "township");
	rows_text(out, "area_code", w->townships.v[t->index].region);
	rows_code(out, "management", "local");
	rows_code(out, "status", "active");
	rows_day(out, "empowered_on", t->delegated);
	rows_day(out, "empowerment_ended_on", t->ended);
	rows_tri(out, "cases_by_county", tri(t->story == TOWN_BY_COUNTY));
}

/* ---- verdicts ---- */

static enum verdict zero_case(const void *item, const struct world *w)
{
	const struct town *t = item;
	enum tri level = t->story == TOWN_LEVEL_MISSING ? TRI_UNKNOWN : TRI_TRUE;
	bool idle = t->delegated != DAY_NONE && t->delegated <= w->o.today - HALF_YEAR && w->townships.v[t->index].tickets >= TICKETS_LEAST;

	return judge(FROM_SUPERVISION, w->o.today, and3(level, tri(idle)),
		tri(t->story == TOWN_BY_COUNTY || (t->ended != DAY_NONE && t->ended <= w->o.today)));
}

/** Yearly reports are not supplied; before February nothing is due. */
static enum verdict annual_missing(const void *item, const struct world *w)
{
	struct ymd d = day_to_ymd(w->o.today);
	int32_t quarter = day_from_ymd(d.year, (d.month - 1) / 3 * 3 + 1, 1);
	bool due = d.month > 3 || w->o.today > day_deadline(w->days, quarter, 30);

	(void)item;
	return judge(day_from_ymd(2018, 12, 5), w->o.today, due ? TRI_UNKNOWN : TRI_FALSE, TRI_FALSE);
}

static enum verdict beforehand_missing(const void *item, const struct world *w)
{
	(void)item;
	return judge(day_from_ymd(2021, 7, 15), w->o.today, TRI_UNKNOWN, TRI_FALSE);
}

static enum verdict penalty_count(const void *item, const struct world *w)
{
	(void)item;
	return judge(day_from_ymd(2025, 8, 1), w->o.today, TRI_UNKNOWN, TRI_FALSE);
}

static const struct planned_rule rules[] = {
	{ "town-zero-case", zero_case },
	{ "pub-annual-missing", annual_missing },
	{ "pub-beforehand-missing", beforehand_missing },
	{ "dq-penalty-count", penalty_count },
};

static int64_t count(const struct world *w)
{
	return (int64_t)w->townships.len;
}

static const struct theme theme = { rules, COUNT(rules), NULL, 0, NULL };
static const struct theme *const themes[] = { &theme, NULL };

const struct generator town_generator = {
	.type = "agency",
	.what = "赋权乡镇街道",
	.sources = { { "演示数据：赋权乡镇街道", "无" } },
	.item_bytes = sizeof(struct town),
	.counter = offsetof(struct demo_result, others),
	.count = count,
	.make = make,
	.to_rows = to_rows,
	.themes = themes,
};
