/* Filing, extensions, jurisdiction, and procedures that no law knows. */
#include "demo/item.h"
#include "demo/penalty.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define YUAN 100
#define LEAD_WORKDAYS 15
#define DECISION_DAYS 90

/* ---- planted: the lead and the filing ---- */

/** need.number: so many workdays from the lead to the filing. */
static bool lead(struct maker *m, void *item)
{
	struct penalty *p = item;
	int32_t filed = random_workday(m, 600, 100);

	penalty_redo(m, p, filed, filed + 60);
	p->found = workday_step(m->w->days, filed, -m->need.number);
	p->violated = p->found - 3;
	return true;
}

static bool lead_extended(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->more.filing_extension = 10;
	return lead(m, p);
}

static bool lead_pending(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->more.lead_pending = TRI_TRUE;
	return lead(m, p);
}

static bool lead_unknown(struct maker *m, void *item)
{
	(void)m;
	((struct penalty *)item)->found = DAY_NONE;
	return true;
}

/* ---- planted: extension ---- */

/** need.number: approved so many days after the old period ended. */
static bool extension(struct maker *m, void *item)
{
	struct penalty *p = item;
	int32_t filed = random_workday(m, 600, 200);

	penalty_redo(m, p, filed, filed + 110);
	p->extension_days = 30;
	p->extension_approver = "collective";
	p->more.extension_basis = "本领域行政处罚程序规定";
	p->more.extension_approved = day_deadline(m->w->days, filed, DECISION_DAYS) + m->need.number;
	return true;
}

static bool extension_without_basis(struct maker *m, void *item)
{
	struct penalty *p = item;

	extension(m, p);
	p->more.extension_basis = NULL;
	return true;
}

static bool extension_without_approver(struct maker *m, void *item)
{
	struct penalty *p = item;

	extension(m, p);
	p->extension_approver = NULL;
	return true;
}

static bool extension_unknown(struct maker *m, void *item)
{
	struct penalty *p = item;

	extension(m, p);
	p->more.extension_approved = DAY_NONE;
	return true;
}

/* ---- planted: townships and their list ---- */

/** need.number: decided so many days ago. */
static bool township(struct maker *m, struct penalty *p, int item)
{
	int32_t decided = maker_today(m) - m->need.number;

	penalty_set_fine(p, 2000 * YUAN);
	penalty_redo(m, p, decided - 40, decided);
	p->more.item_set = item >= 0;
	p->more.item = item;
	p->more.tier = item >= 0 ? tier_for(item, p->fine) : -1;
	return true;
}

static bool township_listed(struct maker *m, void *item)
{
	return township(m, item, ITEM_TOWNSHIP);
}

static bool township_by_law(struct maker *m, void *item)
{
	return township(m, item, ITEM_TOWN_BY_LAW);
}

static bool township_other_item(struct maker *m, void *item)
{
	return township(m, item, -1);
}

static bool township_entrusted(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->entrusted_name = p->agency_name;
	return township(m, p, -1);
}

static bool township_unknown_item(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->more.item_none = true;
	return township(m, p, -1);
}

/* ---- planted: outside the area; fast procedure ---- */

static bool elsewhere(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->more.act_area = str_printf(m->mem, "98%.*s", STR_ARG(str_sub(p->agency->region, 2, p->agency->region.len)));
	switch (m->need.number) {
	case 1:
		p->more.designation = "指定管辖通知书第1号";
		break;
	case 2:
		p->more.assist = "两地执法协作协议";
		break;
	case 3:
		p->more.special = "网络交易由平台所在地管辖";
		break;
	default:
		break;
	}
	return true;
}

static bool in_its_township(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->more.act_area = str_printf(m->mem, "%.*s%s", STR_ARG(p->agency->region), p->agency->region.len == 6 ? "003" : "");
	return true;
}

static bool area_unknown(struct maker *m, void *item)
{
	(void)m;
	((struct penalty *)item)->more.act_area = (struct str){ 0 };
	return true;
}

static bool fast(struct maker *m, void *item)
{
	struct penalty *p = item;

	p->procedure = "fast";
	p->more.procedure_basis = m->need.number ? "部门规章关于快速办理的规定" : NULL;
	return true;
}

static bool as_it_is(struct maker *m, void *item)
{
	(void)m, (void)item;
	return true;
}

#define TOWNSHIP .domain = -1, .procedure = "general", .full = true, .trait = AGENCY_TOWNSHIP

static const struct scenario scenarios[] = {
	{ "penalty-filing-late", PLAN_HIT, 60, { MARKET, .number = 16 }, lead },
	{ "penalty-filing-late", PLAN_HIT, 120, { MARKET, .number = 27 }, lead },
	{ "penalty-filing-late", PLAN_NEAR, 90, { MARKET, .number = 15 }, lead },
	{ "penalty-filing-late", PLAN_EXEMPT, 40, { MARKET, .number = 22 }, lead_extended },
	{ "penalty-filing-late", PLAN_EXEMPT, 30, { MARKET, .number = 20 }, lead_pending },
	{ "penalty-filing-late", PLAN_UNKNOWN, 20, { MARKET }, lead_unknown },
	{ "penalty-extension-unapproved", PLAN_HIT, 60, { GENERAL, .number = -5 }, extension_without_basis },
	{ "penalty-extension-unapproved", PLAN_HIT, 40, { GENERAL, .number = -5 }, extension_without_approver },
	{ "penalty-extension-unapproved", PLAN_HIT, 40, { GENERAL, .number = 1 }, extension },
	{ "penalty-extension-unapproved", PLAN_NEAR, 60, { GENERAL, .number = 0 }, extension },
	{ "penalty-extension-unapproved", PLAN_EXEMPT, 20, { POLICE, .number = -5 }, extension_without_basis },
	{ "penalty-extension-unapproved", PLAN_UNKNOWN, 20, { GENERAL, .number = -5 }, extension_unknown },
	{ "penalty-township-out-of-list", PLAN_HIT, 20, { TOWNSHIP, .number = 150 }, township_listed },
	{ "penalty-township-out-of-list", PLAN_HIT, 40, { TOWNSHIP, .number = 220 }, township_other_item },
	{ "penalty-township-out-of-list", PLAN_NEAR, 30, { TOWNSHIP, .number = 151 }, township_listed },
	{ "penalty-township-out-of-list", PLAN_EXEMPT, 20, { TOWNSHIP, .number = 210 }, township_by_law },
	{ "penalty-township-out-of-list", PLAN_EXEMPT, 20, { TOWNSHIP, .number = 230 }, township_entrusted },
	{ "penalty-township-out-of-list", PLAN_UNKNOWN, 20, { TOWNSHIP, .number = 240 }, township_unknown_item },
	{ "penalty-cross-area", PLAN_HIT, 80, { GENERAL }, elsewhere },
	{ "penalty-cross-area", PLAN_NEAR, 80, { GENERAL }, in_its_township },
	{ "penalty-cross-area", PLAN_EXEMPT, 30, { GENERAL, .number = 1 }, elsewhere },
	{ "penalty-cross-area", PLAN_EXEMPT, 20, { GENERAL, .number = 2 }, elsewhere },
	{ "penalty-cross-area", PLAN_EXEMPT, 20, { GENERAL, .number = 3 }, elsewhere },
	{ "penalty-cross-area", PLAN_UNKNOWN, 40, { GENERAL }, area_unknown },
	{ "penalty-fast-track-unfounded", PLAN_HIT, 60, { GENERAL }, fast },
	{ "penalty-fast-track-unfounded", PLAN_EXEMPT, 30, { GENERAL, .number = 1 }, fast },
	{ "penalty-fast-track-unfounded", PLAN_NEAR, 30, { .domain = DOMAIN_POLICE, .procedure = "fast", .full = true }, as_it_is },
};

/* ---- verdicts ---- */

static enum verdict filing_late(const void *item, const struct world *w)
{
	static const char *const limited[] = { "market", "medical_insurance", NULL };
	const struct penalty *p = item;
	const struct penalty_more *x = &p->more;
	int32_t end = first_day(p->filed, first_day(x->no_filing, w->o.today));
	bool exempt =
		(x->filing_extension >= 0 && yes(not_later(end, workday_step(w->days, p->found, LEAD_WORKDAYS + x->filing_extension)))) ||
		yes(is(p->status, "transferred")) || yes(x->lead_pending);

	return judge(FROM_2021, p->found, and3(tri(one_of(p->domain, limited)), later(end, workday_step(w->days, p->found, LEAD_WORKDAYS))),
		tri(exempt));
}

static enum verdict extension_unapproved(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct penalty_more *x = &p->more;
	enum tri late = later(x->extension_approved, day_deadline(w->days, p->filed, DECISION_DAYS));

	return judge(FROM_2021, first_day(p->decided, p->filed),
		and3(tri(p->extension_days > 0 || p->extension_count > 0), or3(tri(!x->extension_basis || !p->extension_approver), late)),
		tri(penalty_is_police(p)));
}

static enum verdict township_out_of_list(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	enum tri town = p->agency_known ? tri(p->agency->level == ORG_TOWNSHIP) : TRI_UNKNOWN, unlisted = TRI_UNKNOWN;
	bool by_law = false;

	if (p->more.item >= 0) {
		struct item i = item_facts(w, p->more.item);
		const struct item_period *then = item_on(&i, p->decided);

		unlisted = tri(!then || then->township != TRI_TRUE);
		by_law = yes(i.township_by_law);
	}
	return judge(FROM_2021, p->decided, and3(town, unlisted), tri(by_law || p->entrusted_name.ptr));
}

static enum verdict cross_area(const void *item, const struct world *w)
{
	const struct penalty *p = item;
	const struct penalty_more *x = &p->more;
	struct str prefix = p->agency_known ? agency_jurisdiction(p->agency) : (struct str){ 0 };
	enum tri inside = TRI_UNKNOWN;

	(void)w;
	if (x->act_area.ptr && prefix.ptr)
		inside = tri(x->act_area.len >= prefix.len && memcmp(x->act_area.ptr, prefix.ptr, prefix.len) == 0);
	return judge(FROM_2021, p->decided, not3(inside), tri(x->designation || x->assist || x->special));
}

static enum verdict fast_track(const void *item, const struct world *w)
{
	const struct penalty *p = item;

	(void)w;
	return judge(FROM_2021, p->decided, and3(is(p->procedure, "fast"), not3(is(p->domain, "public_security"))),
		tri(p->more.procedure_basis));
}

static const struct planned_rule rules[] = {
	{ "penalty-filing-late", filing_late },
	{ "penalty-extension-unapproved", extension_unapproved },
	{ "penalty-township-out-of-list", township_out_of_list },
	{ "penalty-cross-area", cross_area },
	{ "penalty-fast-track-unfounded", fast_track },
};

const struct theme penalty_filing = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
