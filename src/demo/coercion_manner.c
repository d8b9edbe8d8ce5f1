/* How a measure is carried out: approval, people, documents, publication. */
#include "demo/coercion.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define DAY_S 86400

/* ---- planted: approval ---- */

static bool approved_late(struct maker *m, void *item)
{
	struct coercion *c = item;

	c->urgent = TRI_FALSE;
	c->approved_at = c->imposed_at + rng_in(&m->rng, 1, 48 * 60) * 60;
	return true;
}

static bool approved_same_minute(struct maker *m, void *item)
{
	struct coercion *c = item;

	(void)m;
	c->urgent = TRI_FALSE;
	c->approved_at = c->imposed_at;
	return true;
}

static bool urgent_after(struct coercion *c, int64_t seconds)
{
	c->urgent = TRI_TRUE;
	c->approved_at = CIVIL_NONE;
	c->urgent_reported_at = c->imposed_at + seconds;
	return true;
}

static bool urgent_late(struct maker *m, void *item)
{
	(void)m;
	return urgent_after(item, DAY_S + 60);
}

static bool urgent_in_time(struct maker *m, void *item)
{
	(void)m;
	return urgent_after(item, DAY_S);
}

static bool unapproved_unknown(struct maker *m, void *item)
{
	struct coercion *c = item;

	(void)m;
	c->urgent = TRI_FALSE;
	c->approved_at = CIVIL_NONE;
	return true;
}

/* ---- planted: people ---- */

static bool officers_one(struct maker *m, void *item)
{
	((struct coercion *)item)->officer_count = 1;
	(void)m;
	return true;
}

static bool officers_third_uncertified(struct maker *m, void *item)
{
	struct coercion *c = item;

	c->officers[2] = (struct coercion_officer){ "enforcement", name_person(&m->rng, m->mem), { 0 }, c->imposed, TRI_FALSE };
	c->officer_count = 3;
	return true;
}

static bool officers_one_and_assistant(struct maker *m, void *item)
{
	struct coercion *c = item;

	(void)m;
	c->officers[1].role = "assistant";
	c->officers[1].cert_no = (struct str){ 0 };
	c->officers[1].certified = TRI_FALSE;
	return true;
}

static bool officers_two_and_witness(struct maker *m, void *item)
{
	struct coercion *c = item;

	officers_third_uncertified(m, c);
	c->officers[2].role = "witness";
	return true;
}

static bool officers_none_listed(struct maker *m, void *item)
{
	((struct coercion *)item)->officer_count = 0;
	(void)m;
	return true;
}

static bool delegated(struct maker *m, void *item)
{
	struct coercion *c = item;

	c->actor_kind = "entrusted_org";
	c->entrusted_name = str_printf(m->mem, "%.*s综合服务中心", STR_ARG(c->agency->place));
	return true;
}

static bool delegated_integrated(struct maker *m, void *item)
{
	struct coercion *c = item;

	delegated(m, c);
	c->actor_kind = "integrated";
	return true;
}

static bool delegated_not(struct maker *m, void *item)
{
	((struct coercion *)item)->actor_kind = "authorised_org";
	(void)m;
	return true;
}

static bool delegated_unknown(struct maker *m, void *item)
{
	((struct coercion *)item)->actor_kind = NULL;
	(void)m;
	return true;
}

/* ---- planted: documents ---- */

static bool no_inventory(struct maker *m, void *item)
{
	(void)m;
	coercion_drop_document(item, "inventory");
	return true;
}

static bool no_scene_record(struct maker *m, void *item)
{
	(void)m;
	coercion_drop_document(item, "scene_record");
	return true;
}

static bool handed_over_next_day(struct maker *m, void *item)
{
	struct coercion *c = item;

	(void)m;
	c->delivered = c->imposed + 1;
	return true;
}

static bool handed_over_same_day(struct maker *m, void *item)
{
	struct coercion *c = item;

	(void)m;
	c->delivered = c->imposed;
	return true;
}

static bool handed_over_by_witness(struct maker *m, void *item)
{
	struct coercion *c = item;

	handed_over_next_day(m, c);
	c->party_absent = c->witness = TRI_TRUE;
	return true;
}

static bool no_day_of_documents(struct maker *m, void *item)
{
	struct coercion *c = item;

	(void)m;
	c->imposed = DAY_NONE;
	return true;
}

/* ---- planted: publication ---- */

static bool published_after(struct maker *m, struct coercion *c, int workdays)
{
	coercion_lay_out(m, c, random_workday(m, 400, 60));
	c->disclosure = TRI_TRUE;
	c->published = workday_step(m->w->days, c->decided, workdays);
	return true;
}

static bool published_21st(struct maker *m, void *item)
{
	return published_after(m, item, 21);
}

static bool published_20th(struct maker *m, void *item)
{
	return published_after(m, item, 20);
}

static bool published_never(struct maker *m, void *item)
{
	struct coercion *c = item;

	published_after(m, c, 1);
	c->published = DAY_NONE;
	return true;
}

static bool published_never_with_reason(struct maker *m, void *item)
{
	struct coercion *c = item;

	published_never(m, c);
	c->exempt_reason = "涉及商业秘密";
	return true;
}

static bool publication_undecided(struct maker *m, void *item)
{
	struct coercion *c = item;

	published_never(m, c);
	c->disclosure = TRI_UNKNOWN;
	return true;
}

/* ---- planted: impossible dates ---- */

static bool imposed_tomorrow(struct maker *m, void *item)
{
	coercion_lay_out(m, item, maker_today(m) + 1);
	return true;
}

static bool imposed_today(struct maker *m, void *item)
{
	coercion_lay_out(m, item, maker_today(m));
	return true;
}

static bool ended_before(struct maker *m, void *item)
{
	struct coercion *c = item;

	coercion_lay_out(m, c, random_workday(m, 300, 40));
	c->ended = c->imposed - 1;
	return true;
}

static const struct scenario scenarios[] = {
	{ "dq-impossible-coercion", PLAN_HIT, 60, { SEIZURE }, imposed_tomorrow },
	{ "dq-impossible-coercion", PLAN_HIT, 80, { SEAL }, ended_before },
	{ "dq-impossible-coercion", PLAN_NEAR, 60, { SEIZURE }, imposed_today },
	{ "coercion-unapproved", PLAN_HIT, 300, { SEIZURE }, approved_late },
	{ "coercion-unapproved", PLAN_HIT, 120, { SEAL }, urgent_late },
	{ "coercion-unapproved", PLAN_NEAR, 150, { SEIZURE }, approved_same_minute },
	{ "coercion-unapproved", PLAN_NEAR, 100, { SEAL }, urgent_in_time },
	{ "coercion-unapproved", PLAN_UNKNOWN, 200, { SEIZURE }, unapproved_unknown },
	{ "coercion-single-officer", PLAN_HIT, 250, { SEIZURE }, officers_one },
	{ "coercion-single-officer", PLAN_HIT, 150, { SEAL }, officers_third_uncertified },
	{ "coercion-single-officer", PLAN_HIT, 200, { SEIZURE }, officers_one_and_assistant },
	{ "coercion-single-officer", PLAN_NEAR, 200, { SEIZURE }, officers_two_and_witness },
	{ "coercion-single-officer", PLAN_UNKNOWN, 100, { SEIZURE }, officers_none_listed },
	{ "coercion-delegated", PLAN_HIT, 120, { SEIZURE }, delegated },
	{ "coercion-delegated", PLAN_NEAR, 80, { SEIZURE }, delegated_not },
	{ "coercion-delegated", PLAN_EXEMPT, 60, { SEIZURE }, delegated_integrated },
	{ "coercion-delegated", PLAN_UNKNOWN, 80, { SEIZURE }, delegated_unknown },
	{ "coercion-no-doc", PLAN_HIT, 250, { SEIZURE }, no_inventory },
	{ "coercion-no-doc", PLAN_HIT, 200, { SEAL }, no_scene_record },
	{ "coercion-no-doc", PLAN_HIT, 150, { SEIZURE }, handed_over_next_day },
	{ "coercion-no-doc", PLAN_NEAR, 150, { SEIZURE }, handed_over_same_day },
	{ "coercion-no-doc", PLAN_EXEMPT, 120, { SEAL }, handed_over_by_witness },
	{ "coercion-no-doc", PLAN_UNKNOWN, 40, { SEIZURE }, no_day_of_documents },
	{ "pub-other-late", PLAN_HIT, 150, { SEIZURE }, published_21st },
	{ "pub-other-late", PLAN_HIT, 400, { SEAL }, published_never },
	{ "pub-other-late", PLAN_NEAR, 200, { SEIZURE }, published_20th },
	{ "pub-other-late", PLAN_EXEMPT, 120, { SEIZURE }, published_never_with_reason },
	{ "pub-other-late", PLAN_UNKNOWN, 120, { SEIZURE }, publication_undecided },
};

/* ---- the rules ---- */

static enum tri later_time(int64_t a, int64_t b)
{
	return a == CIVIL_NONE || b == CIVIL_NONE ? TRI_UNKNOWN : tri(a > b);
}

static enum verdict unapproved(const void *item, const struct world *w)
{
	const struct coercion *c = item;
	bool urgent = yes(c->urgent);
	enum tri late = urgent ? later_time(c->urgent_reported_at, c->imposed_at == CIVIL_NONE ? CIVIL_NONE : c->imposed_at + DAY_S)
	                       : later_time(c->approved_at, c->imposed_at);

	(void)w;
	return judge(FROM_2012, c->imposed, and3(is(c->kind, "measure"), late), TRI_FALSE);
}

static enum verdict single_officer(const void *item, const struct world *w)
{
	const struct coercion *c = item;
	int certified = 0;
	bool uncertified = false;
	enum tri wrong;

	(void)w;
	for (int i = 0; i < c->officer_count; i++) {
		bool enforces = !c->officers[i].role || strcmp(c->officers[i].role, "enforcement") == 0;

		certified += enforces && not_false(c->officers[i].certified);
		uncertified |= enforces && c->officers[i].certified == TRI_FALSE;
	}
	wrong = c->limited || c->officer_count == 0 ? TRI_UNKNOWN : tri(certified < 2 || uncertified);
	return judge(FROM_2012, c->imposed, and3(is(c->kind, "measure"), wrong), TRI_FALSE);
}

static enum verdict is_delegated(const void *item, const struct world *w)
{
	const struct coercion *c = item;
	enum tri entrusted = or3(is(c->actor_kind, "entrusted_org"), tri(c->entrusted_name.ptr));

	(void)w;
	return judge(FROM_2012, c->imposed, and3(is(c->kind, "measure"), entrusted), is(c->actor_kind, "integrated"));
}

static enum verdict no_doc(const void *item, const struct world *w)
{
	const struct coercion *c = item;
	bool all =
		coercion_has_document(c, "decision") && coercion_has_document(c, "inventory") && coercion_has_document(c, "scene_record");
	bool late = yes(later(c->delivered, c->imposed));
	enum tri wrong = c->limited ? or3(TRI_UNKNOWN, tri(late)) : tri(!all || late);

	(void)w;
	return judge(FROM_2012, c->imposed, and3(c->method ? tri(coercion_is_seizure(c)) : TRI_UNKNOWN, wrong),
		c->limited ? TRI_UNKNOWN : and3(and3(c->party_absent, c->witness), tri(all)));
}

static enum verdict publication(const void *item, const struct world *w)
{
	const struct coercion *c = item;
	enum tri late = later(first_day(c->published, w->o.today), workday_step(w->days, c->decided, 20));

	return judge(day_from_ymd(2019, 5, 15), first_day(c->decided, c->imposed), and3(c->disclosure, late), tri(c->exempt_reason));
}

static enum verdict impossible(const void *item, const struct world *w)
{
	const struct coercion *c = item;

	return judge(day_from_ymd(2025, 8, 1), w->o.today,
		tri(yes(later(c->imposed, w->o.today)) || yes(later(c->imposed, c->ended)) || yes(later(c->imposed, c->released)) ||
			yes(later(c->decided, c->published))),
		TRI_FALSE);
}

static const struct planned_rule rules[] = {
	{ "dq-impossible-coercion", impossible },
	{ "coercion-unapproved", unapproved },
	{ "coercion-single-officer", single_officer },
	{ "coercion-delegated", is_delegated },
	{ "coercion-no-doc", no_doc },
	{ "pub-other-late", publication },
};

const struct theme coercion_manner = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
