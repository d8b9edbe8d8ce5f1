/* At the enterprise: certificate, record, place, purpose, scan. What is planted and what the rules have to say about it. */
#include "demo/inspection.h"

#include <stdlib.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define FROM_PRIVATE_ECONOMY day_from_ymd(2025, 5, 20) /* 民营经济促进法 */
#define FROM_BUSINESS day_from_ymd(2020, 1, 1)         /* 优化营商环境条例 */
#define RECENT_DAYS 340                                /* young enough for the youngest of these laws */

/* ---- planted ---- */

static void recent(struct maker *m, struct inspection *i)
{
	inspection_lay_out(m, i, random_workday(m, RECENT_DAYS, 30));
}

static void onsite(struct maker *m, struct inspection *i)
{
	i->mode = "onsite";
	recent(m, i);
}

static bool no_record(struct maker *m, void *item)
{
	struct inspection *i = item;

	onsite(m, i);
	i->purpose = "inspection";
	i->record_made = rng_chance(&m->rng, 500) ? TRI_FALSE : TRI_UNKNOWN;
	return true;
}

static bool no_record_of_research(struct maker *m, void *item)
{
	struct inspection *i = item;

	no_record(m, item);
	i->purpose = "research";
	i->outcome = "clean";
	return true;
}

static bool record_of_unknown_mode(struct maker *m, void *item)
{
	struct inspection *i = item;

	no_record(m, item);
	i->mode = NULL;
	return true;
}

static bool cross_area(struct maker *m, void *item)
{
	struct inspection *i = item;

	onsite(m, i);
	i->area = STR("998801");
	return true;
}

static bool cross_area_with_letter(struct maker *m, void *item)
{
	struct inspection *i = item;

	cross_area(m, item);
	i->assist_no = STR("异协〔2026〕1号");
	return true;
}

static bool cross_area_authorised(struct maker *m, void *item)
{
	struct inspection *i = item;

	cross_area(m, item);
	i->superior_authorised = TRI_TRUE;
	return true;
}

static bool cross_area_off_site(struct maker *m, void *item)
{
	struct inspection *i = item;

	cross_area(m, item);
	inspection_set_mode(m, i, "offsite");
	return true;
}

static bool place_not_known(struct maker *m, void *item)
{
	struct inspection *i = item;

	onsite(m, i);
	i->area = (struct str){ 0 };
	return true;
}

static bool disguised(struct maker *m, void *item)
{
	static const char *const purposes[] = { "observation", "supervision", "study_tour", "research" };
	static const char *const outcomes[] = { "correction_order", "filed", "penalty" };
	struct inspection *i = item;

	onsite(m, i);
	i->purpose = purposes[rng_next(&m->rng) % COUNT(purposes)];
	i->outcome = outcomes[rng_next(&m->rng) % COUNT(outcomes)];
	return true;
}

static bool visit_with_correction_on_the_spot(struct maker *m, void *item)
{
	struct inspection *i = item;

	disguised(m, item);
	i->outcome = "corrected";
	return true;
}

static bool visit_of_unknown_outcome(struct maker *m, void *item)
{
	struct inspection *i = item;

	disguised(m, item);
	i->outcome = NULL;
	return true;
}

static bool not_random(struct maker *m, void *item)
{
	struct inspection *i = item;

	recent(m, i);
	inspection_set_routine(i);
	if (rng_chance(&m->rng, 500))
		i->random_object = TRI_FALSE;
	else
		i->random_object = TRI_TRUE;
	i->random_inspector = i->random_object == TRI_TRUE ? TRI_FALSE : tri(rng_chance(&m->rng, 500));
	return true;
}

static bool not_random_special(struct maker *m, void *item)
{
	struct inspection *i = item;

	not_random(m, item);
	i->kind = "special";
	i->source = "superior_special";
	return true;
}

static bool not_random_key_industry(struct maker *m, void *item)
{
	not_random(m, item);
	((struct inspection *)item)->key_industry = TRI_TRUE;
	return true;
}

static bool not_random_after_complaint(struct maker *m, void *item)
{
	not_random(m, item);
	((struct inspection *)item)->source = "complaint";
	return true;
}

static bool random_not_known(struct maker *m, void *item)
{
	struct inspection *i = item;

	not_random(m, item);
	i->random_object = TRI_TRUE;
	i->random_inspector = TRI_UNKNOWN;
	return true;
}

static bool offsite_would_do(struct maker *m, void *item)
{
	struct inspection *i = item;

	onsite(m, i);
	for (int k = 0; k < i->item_count; k++)
		i->items[k].offsite = TRI_TRUE;
	i->offsite_reason = NULL;
	return true;
}

static bool offsite_with_reason(struct maker *m, void *item)
{
	offsite_would_do(m, item);
	((struct inspection *)item)->offsite_reason = "需要核对现场设备";
	return true;
}

static bool offsite_not_known(struct maker *m, void *item)
{
	offsite_would_do(m, item);
	((struct inspection *)item)->items[0].offsite = TRI_UNKNOWN;
	return true;
}

static bool executive_forced(struct maker *m, void *item)
{
	struct inspection *i = item;

	onsite(m, i);
	i->exec_attended = i->party_objected = TRI_TRUE;
	return true;
}

static bool executive_with_reason(struct maker *m, void *item)
{
	executive_forced(m, item);
	((struct inspection *)item)->exec_reason = "须由法定代表人签署封存清单";
	return true;
}

static bool objection_not_known(struct maker *m, void *item)
{
	executive_forced(m, item);
	((struct inspection *)item)->party_objected = TRI_UNKNOWN;
	return true;
}

static bool certificate_not_shown(struct maker *m, void *item)
{
	struct inspection *i = item;

	onsite(m, i);
	i->cert_shown = TRI_FALSE;
	return true;
}

static bool certificate_not_shown_off_site(struct maker *m, void *item)
{
	struct inspection *i = item;

	recent(m, i);
	inspection_set_mode(m, i, "offsite");
	i->cert_shown = TRI_FALSE;
	return true;
}

static bool showing_not_known(struct maker *m, void *item)
{
	certificate_not_shown(m, item);
	((struct inspection *)item)->cert_shown = TRI_UNKNOWN;
	return true;
}

static bool scan_of_other_agency(struct maker *m, void *item)
{
	struct inspection *i = item;

	onsite(m, i);
	i->scans[0].agency = STR("某综合执法队");
	return true;
}

static bool scan_by_other_person(struct maker *m, void *item)
{
	struct inspection *i = item;

	onsite(m, i);
	i->scans[0].cert_no = STR("999999999999");
	return true;
}

static bool scan_far_away(struct maker *m, void *item)
{
	struct inspection *i = item;

	onsite(m, i);
	if (rng_chance(&m->rng, 500))
		i->scans[0].latitude = i->latitude + 91;
	else
		i->scans[0].longitude = i->longitude - 107;
	return true;
}

static bool scan_at_the_limit(struct maker *m, void *item)
{
	struct inspection *i = item;

	onsite(m, i);
	i->scans[0].latitude = i->latitude - 90;
	i->scans[0].longitude = i->longitude + 106;
	return true;
}

static void arrive_at(struct inspection *i, int hour)
{
	i->arrived_at = (int64_t)i->started * 86400 + hour * 3600 + 600;
	i->left_at = i->arrived_at + 3600;
}

static bool scan_five_hours_later(struct maker *m, void *item)
{
	struct inspection *i = item;

	onsite(m, i);
	arrive_at(i, 10);
	i->scans[0].at = (int64_t)i->started * 86400 + 15 * 3600;
	return true;
}

static bool scan_four_hours_later(struct maker *m, void *item)
{
	struct inspection *i = item;

	onsite(m, i);
	arrive_at(i, 10);
	i->scans[0].at = (int64_t)i->started * 86400 + 14 * 3600 + 3599;
	return true;
}

static bool scan_next_day(struct maker *m, void *item)
{
	struct inspection *i = item;

	onsite(m, i);
	i->scans[0].at += 86400;
	return true;
}

static const struct scenario scenarios[] = {
	{ "inspection-no-record", PLAN_HIT, 450, { INSPECTION_FULL }, no_record },
	{ "inspection-no-record", PLAN_NEAR, 80, { INSPECTION_FULL }, no_record_of_research },
	{ "inspection-no-record", PLAN_UNKNOWN, 40, { INSPECTION_FULL }, record_of_unknown_mode },
	{ "inspection-cross-area", PLAN_HIT, 120, { INSPECTION_FULL }, cross_area },
	{ "inspection-cross-area", PLAN_NEAR, 80, { INSPECTION_FULL }, cross_area_with_letter },
	{ "inspection-cross-area", PLAN_EXEMPT, 60, { INSPECTION_FULL }, cross_area_authorised },
	{ "inspection-cross-area", PLAN_EXEMPT, 30, { INSPECTION_FULL }, cross_area_off_site },
	{ "inspection-cross-area", PLAN_UNKNOWN, 60, { INSPECTION_FULL }, place_not_known },
	{ "inspection-disguised", PLAN_HIT, 120, { INSPECTION_FULL }, disguised },
	{ "inspection-disguised", PLAN_NEAR, 80, { INSPECTION_FULL }, visit_with_correction_on_the_spot },
	{ "inspection-disguised", PLAN_UNKNOWN, 40, { INSPECTION_FULL }, visit_of_unknown_outcome },
	{ "inspection-not-random", PLAN_HIT, 400, { INSPECTION_MARKET }, not_random },
	{ "inspection-not-random", PLAN_NEAR, 80, { INSPECTION_MARKET }, not_random_special },
	{ "inspection-not-random", PLAN_EXEMPT, 120, { INSPECTION_MARKET }, not_random_key_industry },
	{ "inspection-not-random", PLAN_EXEMPT, 120, { INSPECTION_MARKET }, not_random_after_complaint },
	{ "inspection-not-random", PLAN_UNKNOWN, 40, { INSPECTION_MARKET }, random_not_known },
	{ "inspection-offsite-possible", PLAN_HIT, 300, { INSPECTION_FULL }, offsite_would_do },
	{ "inspection-offsite-possible", PLAN_NEAR, 150, { INSPECTION_FULL }, offsite_with_reason },
	{ "inspection-offsite-possible", PLAN_UNKNOWN, 60, { INSPECTION_FULL }, offsite_not_known },
	{ "inspection-exec-forced", PLAN_HIT, 80, { INSPECTION_FULL }, executive_forced },
	{ "inspection-exec-forced", PLAN_NEAR, 80, { INSPECTION_FULL }, executive_with_reason },
	{ "inspection-exec-forced", PLAN_UNKNOWN, 40, { INSPECTION_FULL }, objection_not_known },
	{ "officer-cert-not-shown", PLAN_HIT, 150, { INSPECTION_FULL }, certificate_not_shown },
	{ "officer-cert-not-shown", PLAN_NEAR, 40, { INSPECTION_FULL }, certificate_not_shown_off_site },
	{ "officer-cert-not-shown", PLAN_UNKNOWN, 150, { INSPECTION_FULL }, showing_not_known },
	{ "inspection-scan-mismatch", PLAN_HIT, 60, { INSPECTION_FULL }, scan_of_other_agency },
	{ "inspection-scan-mismatch", PLAN_HIT, 80, { INSPECTION_FULL }, scan_by_other_person },
	{ "inspection-scan-mismatch", PLAN_HIT, 120, { INSPECTION_FULL }, scan_far_away },
	{ "inspection-scan-mismatch", PLAN_HIT, 60, { INSPECTION_FULL }, scan_five_hours_later },
	{ "inspection-scan-mismatch", PLAN_HIT, 40, { INSPECTION_FULL }, scan_next_day },
	{ "inspection-scan-mismatch", PLAN_NEAR, 60, { INSPECTION_FULL }, scan_at_the_limit },
	{ "inspection-scan-mismatch", PLAN_NEAR, 60, { INSPECTION_FULL }, scan_four_hours_later },
};

/* ---- verdicts ---- */

static enum verdict unrecorded(const void *item, const struct world *w)
{
	const struct inspection *i = item;

	(void)w;
	return judge(FROM_2021, i->started,
		and3(and3(is(i->mode, "onsite"), is(i->purpose, "inspection")), tri(i->record_made != TRI_TRUE)), TRI_FALSE);
}

static bool begins_with(struct str text, struct str start)
{
	return text.len >= start.len && memcmp(text.ptr, start.ptr, start.len) == 0;
}

static enum verdict out_of_area(const void *item, const struct world *w)
{
	const struct inspection *i = item;
	struct str own = agency_jurisdiction(i->agency);
	enum tri outside = own.ptr && i->area.ptr ? tri(!begins_with(i->area, own)) : TRI_UNKNOWN;

	(void)w;
	return judge(FROM_PRIVATE_ECONOMY, i->started, and3(outside, tri(!i->assist_no.ptr)),
		or3(i->superior_authorised, is(i->mode, "offsite")));
}

static enum verdict in_disguise(const void *item, const struct world *w)
{
	static const char *const visits[] = { "observation", "supervision", "study_tour", "research", NULL };
	static const char *const measures[] = { "correction_order", "filed", "penalty", NULL };
	const struct inspection *i = item;

	(void)w;
	return judge(FROM_54, i->started,
		and3(i->purpose ? tri(one_of(i->purpose, visits)) : TRI_UNKNOWN,
			i->outcome ? tri(one_of(i->outcome, measures)) : TRI_UNKNOWN),
		TRI_FALSE);
}

static enum verdict drawn_otherwise(const void *item, const struct world *w)
{
	static const char *const problem_led[] = { "complaint", "assigned", "monitoring", "application", "investigation", "rectification",
		NULL };
	const struct inspection *i = item;

	(void)w;
	return judge(FROM_BUSINESS, i->started,
		and3(and3(is(i->kind, "routine"), is(i->agency->kind->domain, "market")),
			not3(and3(i->random_object, i->random_inspector))),
		or3(i->key_industry, tri(one_of(i->source, problem_led))));
}

static enum verdict needlessly_on_site(const void *item, const struct world *w)
{
	const struct inspection *i = item;
	enum tri all = i->limited ? TRI_UNKNOWN : tri(i->item_count > 0);

	(void)w;
	for (int k = 0; k < i->item_count && !i->limited; k++)
		all = and3(all, i->items[k].offsite);
	return judge(FROM_54, i->started, and3(and3(is(i->mode, "onsite"), all), tri(!i->offsite_reason)), TRI_FALSE);
}

static enum verdict executive(const void *item, const struct world *w)
{
	const struct inspection *i = item;

	(void)w;
	return judge(FROM_54, i->started, and3(and3(i->exec_attended, i->party_objected), tri(!i->exec_reason)), TRI_FALSE);
}

static enum verdict unshown(const void *item, const struct world *w)
{
	const struct inspection *i = item;

	(void)w;
	return judge(FROM_2021, i->started, and3(is(i->mode, "onsite"), not3(i->cert_shown)), TRI_FALSE);
}

/** Is the number among the certificates "A、B"? */
static bool is_among(struct str list, struct str number)
{
	return list.ptr && number.ptr && memmem(list.ptr, list.len, number.ptr, number.len);
}

static enum verdict scan_differs(const void *item, const struct world *w)
{
	const struct inspection *i = item;
	bool differs = false, ours = false;

	(void)w;
	for (int k = 0; k < i->scan_count; k++) {
		const struct inspection_scan *s = &i->scans[k];
		int hours = (int)(s->at / 3600 % 24) - (int)(i->arrived_at / 3600 % 24);

		differs |= !str_eq(s->agency, i->agency->name) || llabs(s->longitude - i->longitude) > 106 ||
		           llabs(s->latitude - i->latitude) > 90 || abs(hours) > 4;
		differs |= i->started != DAY_NONE && s->at / 86400 != i->started;
		ours |= is_among(i->cert_nos, s->cert_no);
	}
	return judge(FROM_54, i->started, i->limited ? TRI_UNKNOWN : tri(i->scan_count > 0 && (differs || !ours)), TRI_FALSE);
}

static const struct planned_rule rules[] = {
	{ "inspection-no-record", unrecorded },
	{ "inspection-cross-area", out_of_area },
	{ "inspection-disguised", in_disguise },
	{ "inspection-not-random", drawn_otherwise },
	{ "inspection-offsite-possible", needlessly_on_site },
	{ "inspection-exec-forced", executive },
	{ "officer-cert-not-shown", unshown },
	{ "inspection-scan-mismatch", scan_differs },
};

const struct theme inspection_conduct = { rules, COUNT(rules), scenarios, COUNT(scenarios), NULL };
