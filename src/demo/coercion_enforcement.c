/* Enforcement: urging, hours, demolition, substitute performance, water and power. */
#include "demo/coercion.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define DAY_S 86400

/* ---- planted: urging ---- */

static bool not_urged(struct maker *m, void *item)
{
	((struct coercion *)item)->urged = DAY_NONE;
	(void)m;
	return true;
}

static bool urged_before(struct maker *m, void *item)
{
	struct coercion *c = item;

	c->urged = workday_step(m->w->days, c->enforce_decided, -1);
	return true;
}

static bool court_after(struct maker *m, struct coercion *c, int workdays)
{
	c->court_applied = c->imposed = workday_step(m->w->days, c->urged, workdays);
	return true;
}

static bool court_tenth_day(struct maker *m, void *item)
{
	return court_after(m, item, 10);
}

static bool court_eleventh_day(struct maker *m, void *item)
{
	return court_after(m, item, 11);
}

static bool not_urged_asset_flight(struct maker *m, void *item)
{
	struct coercion *c = item;

	not_urged(m, c);
	c->flight = TRI_TRUE;
	return true;
}

static bool not_urged_immediate(struct maker *m, void *item)
{
	struct coercion *c = item;

	not_urged(m, c);
	c->immediate = TRI_TRUE;
	return true;
}

/* ---- planted: hours and holidays ---- */

static bool at_minute(struct coercion *c, int minute)
{
	c->imposed_at = (int64_t)c->imposed * DAY_S + (int64_t)minute * 60;
	return true;
}

static bool at_ten_pm(struct maker *m, void *item)
{
	(void)m;
	return at_minute(item, 22 * 60);
}

static bool before_ten_pm(struct maker *m, void *item)
{
	(void)m;
	return at_minute(item, 22 * 60 - 1);
}

static bool before_six_am(struct maker *m, void *item)
{
	(void)m;
	return at_minute(item, 6 * 60 - 1);
}

static bool at_six_am(struct maker *m, void *item)
{
	(void)m;
	return at_minute(item, 6 * 60);
}

static bool on_national_day(struct maker *m, void *item)
{
	struct coercion *c = item;

	c->imposed = day_from_ymd(day_to_ymd(maker_today(m) - 300).year - 1, 10, 2);
	if (c->imposed < day_from_ymd(2015, 1, 1))
		return false;
	return at_minute(c, 10 * 60);
}

static bool at_night_urgent(struct maker *m, void *item)
{
	struct coercion *c = item;

	(void)m;
	c->urgent = TRI_TRUE;
	return at_minute(c, 23 * 60);
}

static bool at_unknown_hour(struct maker *m, void *item)
{
	((struct coercion *)item)->imposed_at = CIVIL_NONE;
	(void)m;
	return true;
}

/* ---- planted: demolition, substitute performance, water and power ---- */

static bool demolished(struct coercion *c, int days_after_remedies)
{
	c->litigation_end = c->imposed - days_after_remedies;
	c->review_end = c->litigation_end - 120;
	c->announced = c->litigation_end - 182;
	return true;
}

static bool demolished_day_before(struct maker *m, void *item)
{
	(void)m;
	return demolished(item, -1);
}

static bool demolished_last_day(struct maker *m, void *item)
{
	(void)m;
	return demolished(item, 0);
}

static bool demolished_unannounced(struct maker *m, void *item)
{
	((struct coercion *)item)->announced = DAY_NONE;
	(void)m;
	return true;
}

static bool demolished_immediately(struct maker *m, void *item)
{
	struct coercion *c = item;

	demolished_unannounced(m, c);
	c->immediate = TRI_TRUE;
	return true;
}

static bool demolished_specially(struct maker *m, void *item)
{
	struct coercion *c = item;

	demolished_unannounced(m, c);
	c->special = TRI_TRUE;
	return true;
}

static bool demolished_unknown(struct maker *m, void *item)
{
	struct coercion *c = item;

	(void)m;
	c->review_end = c->litigation_end = DAY_NONE;
	return true;
}

static bool urged_ahead(struct maker *m, struct coercion *c, int workdays)
{
	c->urged = workday_step(m->w->days, c->imposed, -workdays);
	return true;
}

static bool urged_two_ahead(struct maker *m, void *item)
{
	return urged_ahead(m, item, 2);
}

static bool urged_three_ahead(struct maker *m, void *item)
{
	return urged_ahead(m, item, 3);
}

static bool urged_short_immediate(struct maker *m, void *item)
{
	struct coercion *c = item;

	c->immediate = TRI_TRUE;
	return urged_ahead(m, c, 1);
}

static bool cut_off(struct maker *m, void *item)
{
	static const char *const texts[] = { "对该户停水停电，限三日内自行搬离", "联系供热公司停止供热，直至履行", "切断电源后进场拆除" };
	struct coercion *c = item;

	c->for_living = TRI_TRUE;
	c->measures_text = texts[rng_next(&m->rng) % COUNT(texts)];
	return true;
}

static bool cut_off_factory(struct maker *m, void *item)
{
	struct coercion *c = item;

	cut_off(m, c);
	c->for_living = TRI_FALSE;
	return true;
}

static bool cut_off_unsure(struct maker *m, void *item)
{
	struct coercion *c = item;

	cut_off(m, c);
	c->for_living = TRI_UNKNOWN;
	return true;
}

static const struct scenario scenarios[] = {
	{ "enforce-no-urge", PLAN_HIT, 250, { ENFORCEMENT }, not_urged },
	{ "enforce-no-urge", PLAN_HIT, 60, { COURT }, court_tenth_day },
	{ "enforce-no-urge", PLAN_NEAR, 60, { COURT }, court_eleventh_day },
	{ "enforce-no-urge", PLAN_NEAR, 100, { ENFORCEMENT }, urged_before },
	{ "enforce-no-urge", PLAN_EXEMPT, 60, { ENFORCEMENT }, not_urged_asset_flight },
	{ "enforce-no-urge", PLAN_EXEMPT, 80, { SUBSTITUTE }, not_urged_immediate },
	{ "enforce-no-urge", PLAN_UNKNOWN, 40, { COURT }, not_urged },
	{ "enforce-night-holiday", PLAN_HIT, 60, { ENFORCEMENT }, at_ten_pm },
	{ "enforce-night-holiday", PLAN_HIT, 60, { DEMOLITION }, before_six_am },
	{ "enforce-night-holiday", PLAN_HIT, 60, { ENFORCEMENT }, on_national_day },
	{ "enforce-night-holiday", PLAN_NEAR, 60, { ENFORCEMENT }, before_ten_pm },
	{ "enforce-night-holiday", PLAN_NEAR, 60, { ENFORCEMENT }, at_six_am },
	{ "enforce-night-holiday", PLAN_EXEMPT, 60, { ENFORCEMENT }, at_night_urgent },
	{ "enforce-night-holiday", PLAN_UNKNOWN, 80, { ENFORCEMENT }, at_unknown_hour },
	{ "demolish-early", PLAN_HIT, 60, { DEMOLITION }, demolished_day_before },
	{ "demolish-early", PLAN_HIT, 80, { DEMOLITION }, demolished_unannounced },
	{ "demolish-early", PLAN_NEAR, 60, { DEMOLITION }, demolished_last_day },
	{ "demolish-early", PLAN_EXEMPT, 40, { DEMOLITION }, demolished_immediately },
	{ "demolish-early", PLAN_EXEMPT, 40, { DEMOLITION }, demolished_specially },
	{ "demolish-early", PLAN_UNKNOWN, 40, { DEMOLITION }, demolished_unknown },
	{ "performance-notice-short", PLAN_HIT, 100, { SUBSTITUTE }, urged_two_ahead },
	{ "performance-notice-short", PLAN_NEAR, 80, { SUBSTITUTE }, urged_three_ahead },
	{ "performance-notice-short", PLAN_EXEMPT, 60, { SUBSTITUTE }, urged_short_immediate },
	{ "performance-notice-short", PLAN_UNKNOWN, 40, { SUBSTITUTE }, not_urged },
	{ "utility-cutoff", PLAN_HIT, 80, { ENFORCEMENT }, cut_off },
	{ "utility-cutoff", PLAN_NEAR, 60, { ENFORCEMENT }, cut_off_factory },
	{ "utility-cutoff", PLAN_UNKNOWN, 40, { ENFORCEMENT }, cut_off_unsure },
};

/* ---- the rules ---- */

static enum verdict no_urge(const void *item, const struct world *w)
{
	const struct coercion *c = item;
	enum tri unurged = tri(c->enforce_decided != DAY_NONE && c->urged == DAY_NONE);
	enum tri early = and3(tri(c->court_applied != DAY_NONE), not_later(c->court_applied, workday_step(w->days, c->urged, 10)));
	bool excused = c->court_applied == DAY_NONE && (yes(c->flight) || yes(c->immediate));

	return judge(FROM_2012, first_day(c->enforce_decided, first_day(c->court_applied, c->imposed)),
		and3(is(c->kind, "execution"), or3(unurged, early)), tri(excused));
}

static enum verdict night_holiday(const void *item, const struct world *w)
{
	const struct coercion *c = item;
	enum tri night = TRI_UNKNOWN;

	if (c->imposed_at != CIVIL_NONE) {
		int64_t hour = c->imposed_at % DAY_S / 3600;

		night = tri(hour >= 22 || hour < 6);
	}
	return judge(FROM_2012, c->imposed,
		and3(and3(is(c->kind, "execution"), not3(is(c->method, "court"))),
			or3(c->imposed == DAY_NONE ? TRI_UNKNOWN : tri(day_is_off(w->days, c->imposed)), night)),
		c->urgent);
}

static enum verdict demolish_early(const void *item, const struct world *w)
{
	const struct coercion *c = item;
	int32_t last = c->review_end == DAY_NONE           ? c->litigation_end
	               : c->litigation_end == DAY_NONE     ? c->review_end
	               : c->review_end > c->litigation_end ? c->review_end
	                                                   : c->litigation_end;

	(void)w;
	return judge(FROM_2012, c->imposed, and3(is(c->method, "demolish"), or3(tri(c->announced == DAY_NONE), later(last, c->imposed))),
		tri(yes(c->immediate) || yes(c->special)));
}

static enum verdict notice_short(const void *item, const struct world *w)
{
	const struct coercion *c = item;

	return judge(FROM_2012, c->imposed, and3(is(c->method, "substitute"), later(c->urged, workday_step(w->days, c->imposed, -3))),
		c->immediate);
}

static enum verdict cutoff(const void *item, const struct world *w)
{
	static const char *const words[] = { "停水", "停电", "停止供热", "切断电", NULL };
	const struct coercion *c = item;
	enum tri told = c->measures_text ? TRI_FALSE : TRI_UNKNOWN;

	(void)w;
	for (int i = 0; c->measures_text && words[i]; i++)
		if (strstr(c->measures_text, words[i]))
			told = TRI_TRUE;
	return judge(FROM_2012, c->imposed, and3(and3(is(c->kind, "execution"), c->for_living), told), TRI_FALSE);
}

static const struct planned_rule rules[] = {
	{ "enforce-no-urge", no_urge },
	{ "enforce-night-holiday", night_holiday },
	{ "demolish-early", demolish_early },
	{ "performance-notice-short", notice_short },
	{ "utility-cutoff", cutoff },
};

const struct theme coercion_enforcement = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
