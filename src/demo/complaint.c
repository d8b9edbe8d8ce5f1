/* Complaints, petitions and demands of enterprises: the steps that a law gives a period for. */
#include "demo/work.h"

struct complaint {
	struct agency *agency;
	struct people person;
	int64_t number;
	const char *source, *topic, *content;
	int32_t received, forwarded, handed_over, informed, accepted, acceptance_decided, filing_decided, filing_informed, closed,
		confirmed, no_filing;
	const char *domain, *case_no;
	enum tri outside;
	enum tri real_name, extension_told, legal_track, malicious;
	int extended; /* -1 none */
};

static const char *const topics[] = { "重复检查", "态度粗暴", "处罚偏重", "久拖不办", "违规收费", "程序不当", "查封财物不退", "不予立案" };

static void petition(struct maker *m, struct complaint *c, int32_t received)
{
	c->source = "petition";
	c->received = received;
	c->forwarded = past(m, received + (int32_t)rng_in(&m->rng, 1, 15));
	c->handed_over = c->forwarded;
	c->informed = c->handed_over == DAY_NONE ? DAY_NONE : past(m, c->handed_over + (int32_t)rng_in(&m->rng, 1, 15));
	c->accepted = c->informed;
	c->closed = c->accepted == DAY_NONE ? DAY_NONE : past(m, c->accepted + (int32_t)rng_in(&m->rng, 15, 60));
}

static void market_complaint(struct maker *m, struct complaint *c, int32_t received)
{
	c->source = "market_complaint";
	c->received = received;
	c->acceptance_decided = past(m, workday_step(m->w->days, received, (int)rng_in(&m->rng, 1, 7)));
}

static void market_report(struct maker *m, struct complaint *c, int32_t received)
{
	c->source = "market_report";
	c->received = received;
	c->real_name = tri(rng_chance(&m->rng, 700));
	c->filing_decided = past(m, workday_step(m->w->days, received, (int)rng_in(&m->rng, 5, 15)));
	c->filing_informed = past(m, workday_step(m->w->days, c->filing_decided, (int)rng_in(&m->rng, 1, 5)));
}

static void clear(struct complaint *c)
{
	c->forwarded = c->handed_over = c->informed = c->accepted = c->acceptance_decided = c->filing_decided = c->filing_informed =
		c->closed = c->confirmed = c->no_filing = DAY_NONE;
	c->case_no = NULL;
	c->outside = TRI_UNKNOWN;
	c->domain = c->agency->kind->domain;
	c->real_name = c->extension_told = TRI_UNKNOWN;
	c->legal_track = c->malicious = TRI_FALSE;
	c->extended = -1;
}

#define CLUSTER_INDEX_MAX 48
#define CLUSTER_OF 12

/** Complaints that belong together: by one person, by many, and again both found to be abusive; one cluster after the other. */
static void gather(struct maker *m, struct complaint *c, int64_t index)
{
	int cluster = (int)(index / CLUSTER_OF);
	struct rng same = rng_open(m->w->o.seed, STREAM_PERSON, 700000u + (uint64_t)cluster);

	clear(c);
	c->agency = &m->w->agencies.v[cluster];
	c->topic = topics[cluster];
	c->source = "enterprise";
	c->received = maker_today(m) - 60 + (int32_t)(index % CLUSTER_OF) * 2;
	if (cluster % 2 == 0)
		c->person = (struct people){ .name = name_person(&same, m->mem), .type = "natural_person" };
	c->malicious = tri(cluster >= 2);
	c->closed = past(m, c->received + 20);
}

static void make(struct maker *m, int64_t index, void *item)
{
	static const struct weighted others[] = { { "enterprise", 50 }, { "supervision", 40 }, { "hotline", 30 } };
	struct complaint *c = item;
	int32_t received = random_workday(m, 540, 1);
	int roll = (int)rng_in(&m->rng, 0, 99);

	*c = (struct complaint){ .agency = choose_agency(m, false), .number = index + 1 };
	c->person = choose_people(m, c->agency);
	c->topic = topics[rng_next(&m->rng) % COUNT(topics)];
	c->content = "反映执法中的问题，希望核实处理。（演示数据）";
	clear(c);
	if (roll < 40)
		petition(m, c, received);
	else if (roll < 60)
		market_complaint(m, c, received);
	else if (roll < 75)
		market_report(m, c, received);
	else {
		c->source = choose_weighted(&m->rng, others, COUNT(others));
		c->received = received;
		c->closed = past(m, received + (int32_t)rng_in(&m->rng, 5, 30));
	}
	if (index < CLUSTER_INDEX_MAX && index % 3 != 0)
		gather(m, c, index);
}

/* ---- planted ---- */

/** A petition whose steps all happened long ago. */
static void old_petition(struct maker *m, struct complaint *c)
{
	clear(c);
	petition(m, c, random_workday(m, 400, 200));
}

static bool forwarded_next_day(struct maker *m, void *item)
{
	struct complaint *c = item;

	old_petition(m, c);
	c->forwarded = day_deadline(m->w->days, c->received, 15) + 1;
	return true;
}

static bool forwarded_last_day(struct maker *m, void *item)
{
	struct complaint *c = item;

	old_petition(m, c);
	c->forwarded = day_deadline(m->w->days, c->received, 15);
	return true;
}

static bool informed_next_day(struct maker *m, void *item)
{
	struct complaint *c = item;

	old_petition(m, c);
	c->informed = day_deadline(m->w->days, c->handed_over, 15) + 1;
	return true;
}

static bool informed_last_day(struct maker *m, void *item)
{
	struct complaint *c = item;

	old_petition(m, c);
	c->informed = day_deadline(m->w->days, c->handed_over, 15);
	return true;
}

/** Closed `more` days after the last of `days`. */
static bool closed(struct maker *m, struct complaint *c, int days, int more)
{
	old_petition(m, c);
	c->closed = day_deadline(m->w->days, c->accepted, days) + more;
	return true;
}

static bool closed_next_day(struct maker *m, void *item)
{
	return closed(m, item, 60, 1);
}

static bool closed_last_day(struct maker *m, void *item)
{
	return closed(m, item, 60, 0);
}

static bool closed_within_extension(struct maker *m, void *item)
{
	struct complaint *c = item;

	closed(m, c, 90, 0);
	c->extended = 40; /* thirty days are the most */
	c->extension_told = TRI_TRUE;
	return true;
}

static bool closed_after_extension(struct maker *m, void *item)
{
	struct complaint *c = item;

	closed_within_extension(m, c);
	c->closed++;
	return true;
}

static bool closed_extension_untold(struct maker *m, void *item)
{
	struct complaint *c = item;

	closed_within_extension(m, c);
	c->extension_told = TRI_UNKNOWN;
	return true;
}

static bool petition_never_closed(struct maker *m, void *item)
{
	struct complaint *c = item;

	old_petition(m, c);
	c->closed = DAY_NONE;
	return true;
}

static bool petition_in_legal_track(struct maker *m, void *item)
{
	struct complaint *c = item;

	petition_never_closed(m, c);
	c->legal_track = TRI_TRUE;
	return true;
}

static bool petition_source_missing(struct maker *m, void *item)
{
	struct complaint *c = item;

	petition_never_closed(m, c);
	c->source = NULL;
	return true;
}

static bool acceptance(struct maker *m, struct complaint *c, int more)
{
	clear(c);
	market_complaint(m, c, random_workday(m, 400, 40));
	c->acceptance_decided = workday_step(m->w->days, c->received, 7) + more;
	return true;
}

static bool acceptance_next_day(struct maker *m, void *item)
{
	return acceptance(m, item, 1);
}

static bool acceptance_last_day(struct maker *m, void *item)
{
	return acceptance(m, item, 0);
}

static bool acceptance_never(struct maker *m, void *item)
{
	struct complaint *c = item;

	acceptance(m, c, 1);
	c->acceptance_decided = DAY_NONE;
	return true;
}

static bool acceptance_in_legal_track(struct maker *m, void *item)
{
	struct complaint *c = item;

	acceptance_never(m, c);
	c->legal_track = TRI_TRUE;
	return true;
}

static bool report(struct maker *m, struct complaint *c, enum tri real_name, int more)
{
	clear(c);
	market_report(m, c, random_workday(m, 400, 60));
	c->real_name = real_name;
	c->filing_informed = workday_step(m->w->days, c->filing_decided, 5) + more;
	return true;
}

static bool report_next_day(struct maker *m, void *item)
{
	return report(m, item, TRI_TRUE, 1);
}

static bool report_last_day(struct maker *m, void *item)
{
	return report(m, item, TRI_TRUE, 0);
}

static bool report_anonymous(struct maker *m, void *item)
{
	return report(m, item, TRI_FALSE, 9);
}

static bool report_name_unknown(struct maker *m, void *item)
{
	return report(m, item, TRI_UNKNOWN, 1);
}

/** need.number: found true so many workdays ago; market: fifteen workdays are allowed, else twenty. */
static bool found_true(struct maker *m, struct complaint *c, int workdays)
{
	c->confirmed = workday_step(m->w->days, maker_today(m), -workdays);
	c->received = c->confirmed - 5;
	return day_is_work(m->w->days, maker_today(m));
}

static bool true_without_result(struct maker *m, void *item)
{
	struct complaint *c = item;

	c->domain = "transport";
	return found_true(m, c, m->need.number);
}

static bool true_in_market(struct maker *m, void *item)
{
	struct complaint *c = item;

	c->domain = "market";
	return found_true(m, c, m->need.number);
}

static bool true_and_filed(struct maker *m, void *item)
{
	struct complaint *c = item;

	c->case_no = "已立案";
	return true_without_result(m, c);
}

static bool true_and_refused(struct maker *m, void *item)
{
	struct complaint *c = item;

	true_without_result(m, c);
	c->no_filing = c->confirmed + 3;
	return true;
}

static bool true_but_outside(struct maker *m, void *item)
{
	struct complaint *c = item;

	c->outside = TRI_TRUE;
	return true_without_result(m, c);
}

static bool no_days(struct maker *m, void *item)
{
	struct complaint *c = item;

	(void)m;
	clear(c);
	c->received = DAY_NONE;
	return true;
}

static bool topic_missing(struct maker *m, void *item)
{
	struct complaint *c = item;

	(void)m;
	c->topic = NULL;
	return true;
}

static bool nobody_known(struct maker *m, void *item)
{
	struct complaint *c = item;

	(void)m;
	c->person = (struct people){ .type = NULL };
	return true;
}

/* ---- planted: benefits ---- */

static const char *const benefit_texts[] = {
	"三月五日上门检查时，带队人员收受购物卡两张，在场的会计可以作证。",
	"4月12日检查后要求改用指定检测单位，检测费三千元由企业承担，有发票。",
	"六月检查期间检查组接受宴请两次，地点在镇上饭店，有消费记录。",
};
#define BENEFIT_UNDATED "检查时带队人员收受购物卡，在场的会计可以作证，请求核实处理。"
#define BENEFIT_SHORT "三月一日检查收受购物卡，请查。"

static bool benefit(struct maker *m, void *item)
{
	((struct complaint *)item)->content = benefit_texts[rng_next(&m->rng) % COUNT(benefit_texts)];
	return true;
}

static bool benefit_undated(struct maker *m, void *item)
{
	(void)m;
	((struct complaint *)item)->content = BENEFIT_UNDATED;
	return true;
}

static bool benefit_short(struct maker *m, void *item)
{
	(void)m;
	((struct complaint *)item)->content = BENEFIT_SHORT;
	return true;
}

static bool benefit_abusive(struct maker *m, void *item)
{
	benefit(m, item);
	((struct complaint *)item)->malicious = TRI_TRUE;
	return true;
}

static bool content_missing(struct maker *m, void *item)
{
	(void)m;
	((struct complaint *)item)->content = NULL;
	return true;
}

static const struct scenario scenarios[] = {
	{ "inspection-benefit", PLAN_HIT, 400, ANY, benefit },
	{ "inspection-benefit", PLAN_NEAR, 200, ANY, benefit_undated },
	{ "inspection-benefit", PLAN_NEAR, 100, ANY, benefit_short },
	{ "inspection-benefit", PLAN_EXEMPT, 100, ANY, benefit_abusive },
	{ "inspection-benefit", PLAN_UNKNOWN, 200, ANY, content_missing },
	{ "penalty-case-to-complaint-noresult", PLAN_HIT, 300, { .domain = -1, .number = 21 }, true_without_result },
	{ "penalty-case-to-complaint-noresult", PLAN_HIT, 600, { .domain = -1, .number = 60 }, true_without_result },
	{ "penalty-case-to-complaint-noresult", PLAN_HIT, 300, { .domain = -1, .number = 16 }, true_in_market },
	{ "penalty-case-to-complaint-noresult", PLAN_NEAR, 300, { .domain = -1, .number = 20 }, true_without_result },
	{ "penalty-case-to-complaint-noresult", PLAN_NEAR, 300, { .domain = -1, .number = 15 }, true_in_market },
	{ "penalty-case-to-complaint-noresult", PLAN_NEAR, 900, { .domain = -1, .number = 50 }, true_and_filed },
	{ "penalty-case-to-complaint-noresult", PLAN_NEAR, 500, { .domain = -1, .number = 50 }, true_and_refused },
	{ "penalty-case-to-complaint-noresult", PLAN_EXEMPT, 300, { .domain = -1, .number = 50 }, true_but_outside },
	{ "penalty-case-to-complaint-noresult", PLAN_UNKNOWN, 100, { .domain = -1 }, no_days },
	{ "complaint-many-parties", PLAN_UNKNOWN, 100, ANY, topic_missing },
	{ "complaint-repeat-enterprise", PLAN_UNKNOWN, 200, ANY, nobody_known },
	{ "complaint-handling-overdue", PLAN_HIT, 500, ANY, forwarded_next_day },
	{ "complaint-handling-overdue", PLAN_HIT, 500, ANY, informed_next_day },
	{ "complaint-handling-overdue", PLAN_HIT, 500, ANY, closed_next_day },
	{ "complaint-handling-overdue", PLAN_HIT, 200, ANY, closed_after_extension },
	{ "complaint-handling-overdue", PLAN_HIT, 200, ANY, closed_extension_untold },
	{ "complaint-handling-overdue", PLAN_HIT, 400, ANY, petition_never_closed },
	{ "complaint-handling-overdue", PLAN_NEAR, 400, ANY, forwarded_last_day },
	{ "complaint-handling-overdue", PLAN_NEAR, 400, ANY, informed_last_day },
	{ "complaint-handling-overdue", PLAN_NEAR, 400, ANY, closed_last_day },
	{ "complaint-handling-overdue", PLAN_NEAR, 300, ANY, closed_within_extension },
	{ "complaint-handling-overdue", PLAN_EXEMPT, 400, ANY, petition_in_legal_track },
	{ "complaint-handling-overdue", PLAN_UNKNOWN, 200, ANY, petition_source_missing },
	{ "complaint-handling-overdue-market", PLAN_HIT, 500, ANY, acceptance_next_day },
	{ "complaint-handling-overdue-market", PLAN_HIT, 300, ANY, acceptance_never },
	{ "complaint-handling-overdue-market", PLAN_HIT, 400, ANY, report_next_day },
	{ "complaint-handling-overdue-market", PLAN_NEAR, 500, ANY, acceptance_last_day },
	{ "complaint-handling-overdue-market", PLAN_NEAR, 400, ANY, report_last_day },
	{ "complaint-handling-overdue-market", PLAN_NEAR, 300, ANY, report_anonymous },
	{ "complaint-handling-overdue-market", PLAN_EXEMPT, 300, ANY, acceptance_in_legal_track },
	{ "complaint-handling-overdue-market", PLAN_UNKNOWN, 200, ANY, report_name_unknown },
};

/* ---- verdicts ---- */

static enum verdict petition_overdue(const void *item, const struct world *w)
{
	const struct complaint *c = item;
	const struct day_facts *f = w->days;
	int more = yes(c->extension_told) && c->extended > 0 ? (c->extended > 30 ? 30 : c->extended) : 0;
	int32_t today = w->o.today;
	enum tri late = tri((c->received != DAY_NONE && first_day(c->forwarded, today) > day_deadline(f, c->received, 15)) ||
			    (c->handed_over != DAY_NONE && first_day(c->informed, today) > day_deadline(f, c->handed_over, 15)) ||
			    (c->accepted != DAY_NONE && first_day(c->closed, today) > day_deadline(f, c->accepted, 60 + more)));

	return judge(day_from_ymd(2022, 5, 1), c->received, and3(is(c->source, "petition"), late), c->legal_track);
}

static enum verdict market_overdue(const void *item, const struct world *w)
{
	const struct complaint *c = item;
	const struct day_facts *f = w->days;
	int32_t today = w->o.today;
	enum tri accepted_late = later(first_day(c->acceptance_decided, today), workday_step(f, c->received, 7));
	enum tri informed_late = c->filing_decided == DAY_NONE
	                                 ? TRI_FALSE
	                                 : later(first_day(c->filing_informed, today), workday_step(f, c->filing_decided, 5));

	return judge(day_from_ymd(2020, 1, 1), c->received,
		or3(and3(is(c->source, "market_complaint"), accepted_late),
			and3(and3(is(c->source, "market_report"), c->real_name), informed_late)),
		c->legal_track);
}

/** Three of the demo's texts tell of a benefit with a day and particulars; the others lack one or tell of nothing. */
static enum verdict benefit_told(const void *item, const struct world *w)
{
	const struct complaint *c = item;
	bool told = false;

	(void)w;
	for (int k = 0; k < COUNT(benefit_texts) && c->content; k++)
		told |= strcmp(c->content, benefit_texts[k]) == 0;
	return judge(day_from_ymd(2024, 12, 26), c->received, c->content ? tri(told) : TRI_UNKNOWN, c->malicious);
}

static enum verdict no_result(const void *item, const struct world *w)
{
	static const char *const limited[] = { "market", "medical_insurance", NULL };
	const struct complaint *c = item;
	int32_t due = workday_step(w->days, c->confirmed, one_of(c->domain, limited) ? 15 : 20);

	return judge(day_from_ymd(2021, 7, 15), first_day(c->confirmed, c->received),
		and3(tri(c->confirmed != DAY_NONE && !c->case_no && c->no_filing == DAY_NONE), later(w->o.today, due)), c->outside);
}

static const struct planned_rule rules[] = {
	{ "inspection-benefit", benefit_told },
	{ "penalty-case-to-complaint-noresult", no_result },
	{ "complaint-handling-overdue", petition_overdue },
	{ "complaint-handling-overdue-market", market_overdue },
};

/* ---- complaints together, recounted ---- */

static bool note(void *log, const void *item, struct str key)
{
	const struct complaint *c = item;
	struct fact f = { .key = key, .a = c->agency->name, .day = c->received, .is = c->malicious };

	if (c->topic)
		f.b = str_of(c->topic);
	f.c = c->person.code.ptr ? c->person.code : c->person.name;
	return fact_log_add(log, &f);
}

#define REPEAT_DAYS 180
#define REPEAT_LEAST 3
#define MANY_DAYS 30
#define MANY_LEAST 5

static bool is_within(const struct fact *f, const struct fact *of, int days)
{
	return of->day != DAY_NONE && f->day <= of->day && f->day > of->day - days;
}

/** How many of the same agency, topic and person lie in the days before, the complaint itself too. */
static enum tri repeats(const struct fact_log *l, const struct fact *of)
{
	int n = 0;

	if (!of->b.ptr || !of->c.ptr)
		return TRI_UNKNOWN;
	for (size_t i = 0; i < l->facts.len; i++)
		n += fact_same(&l->facts.v[i], of, 3) && is_within(&l->facts.v[i], of, REPEAT_DAYS);
	return tri(n >= REPEAT_LEAST);
}

/** How many different people complain of the same agency and topic in the days before; first..end: that agency and topic. */
static enum tri many(const struct fact_log *l, size_t first, size_t end, const struct fact *of)
{
	int people = 0;

	if (!of->b.ptr)
		return TRI_UNKNOWN;
	for (size_t i = first; i < end; i++) {
		const struct fact *f = &l->facts.v[i];
		bool fresh = f->c.ptr && is_within(f, of, MANY_DAYS);

		for (size_t j = first; j < i && fresh; j++)
			fresh = !(is_within(&l->facts.v[j], of, MANY_DAYS) && fact_same(&l->facts.v[j], f, 3));
		people += fresh;
	}
	return tri(people >= MANY_LEAST);
}

static enum err_code finish(void *log, const struct world *w, struct answer_key *k, struct err *err)
{
	struct fact_log *l = log;
	size_t end;

	(void)w;
	(void)err;
	fact_log_sort(l);
	for (size_t first = 0; first < l->facts.len; first = end) {
		struct fact_log part = { 0 };

		for (end = first; end < l->facts.len && fact_same(&l->facts.v[first], &l->facts.v[end], 2); end++)
			;
		part.facts.v = l->facts.v + first;
		part.facts.len = end - first;
		for (size_t i = first; i < end; i++) {
			const struct fact *f = &l->facts.v[i];

			answer_key_add(
				k, "complaint-repeat-enterprise", judge(FROM_SUPERVISION, f->day, repeats(&part, f), f->is), false, f->key);
			answer_key_add(
				k, "complaint-many-parties", judge(FROM_SUPERVISION, f->day, many(l, first, end, f), f->is), false, f->key);
		}
	}
	return ERR_OK;
}

static const char *const together_rules[] = { "complaint-repeat-enterprise", "complaint-many-parties", NULL };
static const struct recount together = { together_rules, fact_log_open, note, finish, fact_log_close };

/* ---- the record ---- */

static void to_rows(const void *item, const struct world *w, struct rows *out)
{
	const struct complaint *c = item;

	rows_text(out, "complaint_no", str_printf(out->mem, "TS%d%07lld", day_year_or(c->received, w), (long long)c->number));
	rows_code(out, "source", c->source);
	work_agency(out, c->agency);
	work_people(out, &c->person);
	if (c->topic)
		rows_text(out, "topic", str_of(c->topic));
	if (c->content)
		rows_text(out, "content", str_of(c->content));
	rows_day(out, "received_on", c->received);
	rows_day(out, "forwarded_on", c->forwarded);
	rows_day(out, "handed_over_on", c->handed_over);
	rows_day(out, "informed_on", c->informed);
	rows_day(out, "accepted_on", c->accepted);
	rows_day(out, "acceptance_decided_on", c->acceptance_decided);
	rows_day(out, "filing_decided_on", c->filing_decided);
	rows_day(out, "filing_informed_on", c->filing_informed);
	rows_code(out, "domain", c->domain);
	rows_day(out, "confirmed_on", c->confirmed);
	rows_text(out, "case_no", str_of(c->case_no));
	rows_day(out, "no_filing_on", c->no_filing);
	rows_tri(out, "outside_powers", c->outside);
	rows_tri(out, "real_name", c->real_name);
	if (c->extended >= 0)
		rows_i64(out, "extended_days", c->extended);
	rows_tri(out, "extension_told", c->extension_told);
	rows_day(out, "closed_on", c->closed);
	rows_tri(out, "legal_track", c->legal_track);
	rows_tri(out, "malicious", c->malicious);
	rows_code(out, "status", c->closed == DAY_NONE ? "handling" : "closed");
}

static int64_t count(const struct world *w)
{
	return work_count(w, 6000, COUNT(scenarios));
}

static struct str region_of(const void *item)
{
	return ((const struct complaint *)item)->agency->region;
}

static const struct theme theme = { rules, COUNT(rules), scenarios, COUNT(scenarios), &together };
static const struct theme *const themes[] = { &theme, NULL };

const struct generator complaint_generator = {
	.type = "complaint",
	.what = "投诉举报与信访",
	.sources = { { "演示数据：投诉举报与信访", NULL } },
	.item_bytes = sizeof(struct complaint),
	.counter = offsetof(struct demo_result, others),
	.count = count,
	.make = make,
	.to_rows = to_rows,
	.region_of = region_of,
	.themes = themes,
};
