/* Seizing, sealing and freezing: periods, extensions, release, scope, costs. */
#include "demo/coercion.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static void seize(struct maker *m, struct coercion *c, int from_ago, int to_ago)
{
	coercion_lay_out(m, c, random_workday(m, from_ago, to_ago));
	c->extension_days = -1;
	c->extension_count = 0;
	c->release_event = NULL;
	c->release_event_on = c->released = DAY_NONE;
}

static void end_on(struct coercion *c, int32_t day)
{
	c->ended = c->handled = day;
}

/* ---- planted: period of a seizure ---- */

static bool overdue_first_day(struct maker *m, void *item)
{
	struct coercion *c = item;

	seize(m, c, 420, 60);
	end_on(c, day_deadline(m->w->days, c->imposed, 30) + 1);
	return true;
}

static bool overdue_open(struct maker *m, void *item)
{
	struct coercion *c = item;

	seize(m, c, 300, 50);
	end_on(c, DAY_NONE);
	return true;
}

static bool overdue_test_untold(struct maker *m, void *item)
{
	struct coercion *c = item;

	seize(m, c, 420, 70);
	c->test_days = 10;
	end_on(c, day_deadline(m->w->days, c->imposed, 30) + 3);
	return true;
}

static bool overdue_after_extension(struct maker *m, void *item)
{
	struct coercion *c = item;

	seize(m, c, 420, 120);
	c->extension_days = 60;
	end_on(c, day_deadline(m->w->days, c->imposed, 60) + 1);
	return true;
}

static bool in_time_last_day(struct maker *m, void *item)
{
	struct coercion *c = item;

	seize(m, c, 420, 60);
	end_on(c, day_deadline(m->w->days, c->imposed, 30));
	return true;
}

static bool exempt_extended(struct maker *m, void *item)
{
	struct coercion *c = item;

	seize(m, c, 420, 90);
	c->extension_days = 30;
	c->extensions[0] = (struct coercion_extension){ c->imposed + 28, c->imposed + 29, 30, "机关负责人", "需要协查" };
	c->extension_count = 1;
	end_on(c, day_deadline(m->w->days, c->imposed, 60));
	return true;
}

static bool exempt_test_told(struct maker *m, void *item)
{
	struct coercion *c = item;

	seize(m, c, 420, 90);
	c->test_days = 15;
	c->test_notified = c->imposed + 2;
	end_on(c, day_deadline(m->w->days, c->imposed, 45));
	return true;
}

static bool exempt_own_period(struct maker *m, void *item)
{
	struct coercion *c = item;

	seize(m, c, 420, 200);
	c->limit_days = 180;
	end_on(c, c->imposed + 150);
	return true;
}

static bool exempt_transferred(struct maker *m, void *item)
{
	struct coercion *c = item;

	seize(m, c, 420, 120);
	c->transferred = c->imposed + 20;
	end_on(c, c->imposed + 90);
	return true;
}

static bool unknown_day(struct maker *m, void *item)
{
	struct coercion *c = item;

	(void)m;
	c->imposed = c->delivered = DAY_NONE;
	return true;
}

/* ---- planted: extension ---- */

static bool extended(struct maker *m, struct coercion *c, int32_t approved_after, const char *approver, const char *reason)
{
	seize(m, c, 420, 90);
	c->extension_days = 20;
	c->extensions[0] = (struct coercion_extension){ day_deadline(m->w->days, c->imposed, 30) + approved_after,
		day_deadline(m->w->days, c->imposed, 30) + 1, 20, approver, reason };
	c->extension_count = 1;
	end_on(c, c->imposed + 45);
	return true;
}

static bool extension_unapproved(struct maker *m, void *item)
{
	return extended(m, item, -2, NULL, "需要协查");
}

static bool extension_unreasoned(struct maker *m, void *item)
{
	return extended(m, item, -2, "机关负责人", NULL);
}

static bool extension_late(struct maker *m, void *item)
{
	return extended(m, item, 1, "机关负责人", "需要协查");
}

static bool extension_last_day(struct maker *m, void *item)
{
	return extended(m, item, 0, "机关负责人", "需要协查");
}

static bool extension_own_period(struct maker *m, void *item)
{
	struct coercion *c = item;

	c->limit_days = 90;
	return extended(m, c, 15, "机关负责人", "需要协查");
}

/* ---- planted: release ---- */

static bool released_after(struct maker *m, struct coercion *c, int workdays)
{
	seize(m, c, 420, 60);
	end_on(c, c->imposed + 20);
	c->release_event = "unrelated";
	c->release_event_on = c->ended;
	c->released = workday_step(m->w->days, c->ended, workdays);
	return true;
}

static bool release_second_day(struct maker *m, void *item)
{
	return released_after(m, item, 2);
}

static bool release_next_day(struct maker *m, void *item)
{
	return released_after(m, item, 1);
}

static bool release_never(struct maker *m, void *item)
{
	struct coercion *c = item;

	released_after(m, c, 2);
	c->released = DAY_NONE;
	return true;
}

static bool release_refused(struct maker *m, void *item)
{
	struct coercion *c = item;

	release_never(m, c);
	c->refused = TRI_TRUE;
	return true;
}

static bool release_method_unknown(struct maker *m, void *item)
{
	struct coercion *c = item;

	released_after(m, c, 5);
	c->method = NULL;
	return true;
}

/* ---- planted: scope, freezing, costs ---- */

static bool scope_unrelated(struct maker *m, void *item)
{
	((struct coercion *)item)->things[0].related = TRI_FALSE;
	(void)m;
	return true;
}

static bool scope_necessity(struct maker *m, void *item)
{
	((struct coercion *)item)->things[0].necessity = TRI_TRUE;
	(void)m;
	return true;
}

static bool scope_repeated(struct maker *m, void *item)
{
	((struct coercion *)item)->things[0].elsewhere = TRI_TRUE;
	(void)m;
	return true;
}

static bool scope_two_related(struct maker *m, void *item)
{
	struct coercion *c = item;

	(void)m;
	c->things[1] = c->things[0];
	c->thing_count = 2;
	return true;
}

static bool scope_nothing_listed(struct maker *m, void *item)
{
	((struct coercion *)item)->thing_count = 0;
	(void)m;
	return true;
}

static bool scope_unsure(struct maker *m, void *item)
{
	struct coercion *c = item;

	(void)m;
	c->things[0].related = TRI_UNKNOWN;
	return true;
}

static void freeze(struct maker *m, struct coercion *c, int from_ago, int to_ago)
{
	coercion_lay_out(m, c, random_workday(m, from_ago, to_ago));
	c->delivered = c->imposed;
	end_on(c, c->imposed + 20);
}

static bool freeze_unauthorised(struct maker *m, void *item)
{
	struct coercion *c = item;

	freeze(m, c, 400, 40);
	c->authorised = TRI_FALSE;
	return true;
}

static bool freeze_fourth_day(struct maker *m, void *item)
{
	struct coercion *c = item;

	freeze(m, c, 400, 40);
	c->delivered = workday_step(m->w->days, c->imposed, 4);
	return true;
}

static bool freeze_third_day(struct maker *m, void *item)
{
	struct coercion *c = item;

	freeze(m, c, 400, 40);
	c->delivered = workday_step(m->w->days, c->imposed, 3);
	return true;
}

static bool freeze_overdue(struct maker *m, void *item)
{
	struct coercion *c = item;

	freeze(m, c, 400, 60);
	end_on(c, day_deadline(m->w->days, c->imposed, 30) + 1);
	return true;
}

static bool freeze_last_day(struct maker *m, void *item)
{
	struct coercion *c = item;

	freeze(m, c, 400, 60);
	end_on(c, day_deadline(m->w->days, c->imposed, 30));
	return true;
}

static bool freeze_extended(struct maker *m, void *item)
{
	struct coercion *c = item;

	freeze(m, c, 400, 90);
	c->extension_days = 30;
	end_on(c, day_deadline(m->w->days, c->imposed, 60));
	return true;
}

static bool freeze_unsure(struct maker *m, void *item)
{
	struct coercion *c = item;

	freeze(m, c, 400, 40);
	c->authorised = TRI_UNKNOWN;
	return true;
}

static bool charge(struct coercion *c, const char *kind, const char *payer)
{
	c->fees[0] = (struct coercion_fee){ kind, payer, 30000 };
	c->fee_count = 1;
	return true;
}

static bool fee_of_party(struct maker *m, void *item)
{
	return charge(item, rng_chance(&m->rng, 500) ? "storage" : "test", "party");
}

static bool fee_of_agency(struct maker *m, void *item)
{
	(void)m;
	return charge(item, "appraisal", "agency");
}

static bool fee_of_substitute(struct maker *m, void *item)
{
	(void)m;
	return charge(item, "storage", "party");
}

static const struct scenario scenarios[] = {
	{ "seizure-overdue", PLAN_HIT, 250, { SEIZURE }, overdue_first_day },
	{ "seizure-overdue", PLAN_HIT, 900, { SEAL }, overdue_open },
	{ "seizure-overdue", PLAN_HIT, 150, { SEIZURE }, overdue_test_untold },
	{ "seizure-overdue", PLAN_HIT, 100, { SEAL }, overdue_after_extension },
	{ "seizure-overdue", PLAN_NEAR, 500, { SEIZURE }, in_time_last_day },
	{ "seizure-overdue", PLAN_EXEMPT, 400, { SEAL }, exempt_extended },
	{ "seizure-overdue", PLAN_EXEMPT, 200, { SEIZURE }, exempt_test_told },
	{ "seizure-overdue", PLAN_EXEMPT, 100, { SEIZURE }, exempt_own_period },
	{ "seizure-overdue", PLAN_EXEMPT, 100, { SEIZURE }, exempt_transferred },
	{ "seizure-overdue", PLAN_UNKNOWN, 100, { SEIZURE }, unknown_day },
	{ "seizure-extension-defect", PLAN_HIT, 250, { SEIZURE }, extension_unapproved },
	{ "seizure-extension-defect", PLAN_HIT, 250, { SEAL }, extension_unreasoned },
	{ "seizure-extension-defect", PLAN_HIT, 200, { SEIZURE }, extension_late },
	{ "seizure-extension-defect", PLAN_NEAR, 250, { SEIZURE }, extension_last_day },
	{ "seizure-extension-defect", PLAN_EXEMPT, 100, { SEIZURE }, extension_own_period },
	{ "seizure-not-released", PLAN_HIT, 250, { SEIZURE }, release_second_day },
	{ "seizure-not-released", PLAN_HIT, 300, { SEAL }, release_never },
	{ "seizure-not-released", PLAN_NEAR, 300, { SEIZURE }, release_next_day },
	{ "seizure-not-released", PLAN_EXEMPT, 150, { SEIZURE }, release_refused },
	{ "seizure-not-released", PLAN_UNKNOWN, 60, { SEIZURE }, release_method_unknown },
	{ "coercion-overscope", PLAN_HIT, 200, { SEIZURE }, scope_unrelated },
	{ "coercion-overscope", PLAN_HIT, 100, { SEAL }, scope_necessity },
	{ "coercion-overscope", PLAN_HIT, 100, { SEAL }, scope_repeated },
	{ "coercion-overscope", PLAN_NEAR, 150, { SEIZURE }, scope_two_related },
	{ "coercion-overscope", PLAN_UNKNOWN, 100, { SEIZURE }, scope_nothing_listed },
	{ "coercion-overscope", PLAN_UNKNOWN, 100, { SEIZURE }, scope_unsure },
	{ "freeze-illegal", PLAN_HIT, 60, { FREEZE }, freeze_unauthorised },
	{ "freeze-illegal", PLAN_HIT, 60, { FREEZE }, freeze_fourth_day },
	{ "freeze-illegal", PLAN_HIT, 60, { FREEZE }, freeze_overdue },
	{ "freeze-illegal", PLAN_NEAR, 60, { FREEZE }, freeze_third_day },
	{ "freeze-illegal", PLAN_NEAR, 60, { FREEZE }, freeze_last_day },
	{ "freeze-illegal", PLAN_EXEMPT, 60, { FREEZE }, freeze_extended },
	{ "freeze-illegal", PLAN_UNKNOWN, 30, { FREEZE }, freeze_unsure },
	{ "coercion-fee", PLAN_HIT, 300, { SEIZURE }, fee_of_party },
	{ "coercion-fee", PLAN_NEAR, 200, { SEIZURE }, fee_of_agency },
	{ "coercion-fee", PLAN_EXEMPT, 60, { SUBSTITUTE }, fee_of_substitute },
};

/* ---- the rules ---- */

static enum tri is_seizure(const struct coercion *c)
{
	return c->method ? tri(coercion_is_seizure(c)) : TRI_UNKNOWN;
}

static int at_most(int n, int max)
{
	return n < 0 ? 0 : n < max ? n : max;
}

static enum verdict overdue(const void *item, const struct world *w)
{
	const struct coercion *c = item;
	int32_t end = first_day(coercion_end(c), w->o.today);
	int more = at_most(c->extension_days, 30), test = c->test_notified != DAY_NONE && c->test_days > 0 ? c->test_days : 0;
	bool exempt = yes(not_later(end, day_deadline(w->days, c->imposed, 30 + more + test))) ||
	              (c->limit_days >= 0 && yes(not_later(end, day_deadline(w->days, c->imposed, c->limit_days)))) ||
	              yes(not_later(c->transferred, day_deadline(w->days, c->imposed, 30 + more)));

	return judge(FROM_2012, c->imposed, and3(is_seizure(c), later(end, day_deadline(w->days, c->imposed, 30))), tri(exempt));
}

/** Without approver, notice or reason, or approved after `due`. */
static bool has_defect(const struct coercion *c, int32_t due)
{
	for (int i = 0; i < c->extension_count; i++) {
		const struct coercion_extension *e = &c->extensions[i];

		if (!e->approver || !e->reason || e->notified == DAY_NONE || yes(later(e->approved, due)))
			return true;
	}
	return false;
}

static enum verdict extension_defect(const void *item, const struct world *w)
{
	const struct coercion *c = item;
	enum tri defect = c->limited ? TRI_UNKNOWN : tri(has_defect(c, day_deadline(w->days, c->imposed, 30)));
	bool exempt = c->limit_days >= 0 && !has_defect(c, day_deadline(w->days, c->imposed, c->limit_days));

	return judge(FROM_2012, c->imposed, and3(is_seizure(c), defect), tri(exempt));
}

static enum verdict not_released(const void *item, const struct world *w)
{
	const struct coercion *c = item;
	int32_t due = workday_step(w->days, c->release_event_on, 1);
	enum tri late = and3(tri(c->release_event_on != DAY_NONE), later(first_day(c->released, w->o.today), due));

	return judge(FROM_2012, first_day(c->release_event_on, c->imposed), and3(is_seizure(c), late), c->refused);
}

static enum verdict overscope(const void *item, const struct world *w)
{
	const struct coercion *c = item;
	enum tri beyond = c->limited || c->thing_count == 0 ? TRI_UNKNOWN : TRI_FALSE;

	(void)w;
	for (int i = 0; i < c->thing_count && !c->limited; i++)
		beyond = or3(beyond, or3(or3(c->things[i].necessity, c->things[i].elsewhere), not3(c->things[i].related)));
	return judge(FROM_2012, c->imposed, and3(is_seizure(c), beyond), TRI_FALSE);
}

static enum verdict freeze_illegal(const void *item, const struct world *w)
{
	const struct coercion *c = item;
	int32_t end = first_day(coercion_end(c), w->o.today);
	enum tri document_late = later(c->delivered, workday_step(w->days, c->imposed, 3));
	enum tri wrong = or3(or3(not3(c->authorised), document_late), later(end, day_deadline(w->days, c->imposed, 30)));
	int days = 30 + at_most(c->extension_days, 30);
	bool in_time = yes(not_later(end, day_deadline(w->days, c->imposed, c->limit_days > days ? c->limit_days : days)));

	return judge(FROM_2012, c->imposed, and3(is(c->method, "freeze"), wrong),
		tri(in_time && not_false(c->authorised) && document_late != TRI_TRUE));
}

static enum verdict fee(const void *item, const struct world *w)
{
	static const char *const agencys_own[] = { "storage", "test", "inspection", "quarantine", "appraisal", NULL };
	const struct coercion *c = item;
	bool charged = false;

	(void)w;
	for (int i = 0; i < c->fee_count; i++)
		charged |= one_of(c->fees[i].kind, agencys_own) && yes(is(c->fees[i].payer, "party"));
	return judge(FROM_2012, c->imposed, c->limited ? TRI_UNKNOWN : tri(charged), is(c->method, "substitute"));
}

static const struct planned_rule rules[] = {
	{ "seizure-overdue", overdue },
	{ "seizure-extension-defect", extension_defect },
	{ "seizure-not-released", not_released },
	{ "coercion-overscope", overscope },
	{ "freeze-illegal", freeze_illegal },
	{ "coercion-fee", fee },
};

const struct theme coercion_seizure = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
