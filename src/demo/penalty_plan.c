/* Steps that many scenarios of penalty cases take, and questions that many verdicts ask. */
#include "demo/penalty.h"

void penalty_redo(struct maker *m, struct penalty *p, int32_t filed, int32_t decided)
{
	penalty_lay_out(m, p, filed, decided);
	penalty_fill(m, p);
}

void penalty_redo_old(struct maker *m, struct penalty *p, int days_ago)
{
	int32_t span = p->filed == DAY_NONE ? 30 : p->decided - p->filed, decided = random_workday(m, 700, days_ago);

	penalty_redo(m, p, decided - span, decided);
}

void penalty_set_fine(struct penalty *p, int64_t fen)
{
	p->fine = fen;
	p->confiscated = 0;
	p->hearing_eligible = p->major = TRI_FALSE;
	p->reviewed = p->discussed = DAY_NONE;
	p->penalty_count = 1;
	p->penalties[0] = (struct case_penalty){ "fine", fen > 0 ? fen : -1 };
}

struct case_document *penalty_decision_document(struct penalty *p)
{
	for (int i = 0; i < p->document_count; i++)
		if (strcmp(p->documents[i].kind, "decision") == 0)
			return &p->documents[i];
	return &p->documents[0];
}

void penalty_close_after_delivery(struct maker *m, struct penalty *p)
{
	p->closed = p->delivered == DAY_NONE || p->delivered + 10 > maker_today(m) ? DAY_NONE : p->delivered + 10;
	p->status = p->closed == DAY_NONE ? "decided" : "closed";
}

int32_t penalty_police_day(struct maker *m, int days_ago)
{
	int32_t from = day_from_ymd(2026, 1, 1), to = maker_today(m) - days_ago;

	return to < from ? DAY_NONE : (int32_t)rng_in(&m->rng, to - 400 > from ? to - 400 : from, to);
}

bool penalty_plant_unfiled(struct maker *m, void *item)
{
	struct penalty *p = item;

	(void)m;
	p->filed = p->found = DAY_NONE;
	return true;
}

bool penalty_has_kind_outside(const struct penalty *p, const char *const *list)
{
	for (int i = 0; i < p->penalty_count; i++)
		if (!one_of(p->penalties[i].kind, list))
			return true;
	return false;
}

bool penalty_has_kind(const struct penalty *p, const char *const *list)
{
	for (int i = 0; i < p->penalty_count; i++)
		if (one_of(p->penalties[i].kind, list))
			return true;
	return false;
}

bool penalty_is_police(const struct penalty *p)
{
	return yes(is(p->domain, "public_security"));
}

bool penalty_is_penalised(const struct penalty *p)
{
	return !p->outcome || strcmp(p->outcome, "penalised") == 0;
}
