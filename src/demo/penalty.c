/* Lawful penalty cases: who, what, and a course of dates that no rule objects to. Scenarios change single facts afterwards. */
#include "demo/item.h"
#include "demo/penalty.h"

#include <stddef.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define YUAN 100

static bool is_code(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

/* ---- who ---- */

static bool agency_fits(const struct agency *a, const struct case_need *n, bool planned)
{
	bool police = is_code(a->kind->domain, "public_security"), market = is_code(a->kind->domain, "market");

	if (planned && a->trait != n->trait)
		return false;
	if (n->full && a->limited)
		return false;
	if (n->domain >= 0 && (n->domain == DOMAIN_POLICE) != police)
		return false;
	if (n->domain >= 0 && (n->domain == DOMAIN_MARKET) != market)
		return false;
	return !(n->not_police && police);
}

struct agency *choose_agency(struct maker *m, bool planned)
{
	struct world *w = m->w;

	for (int tries = 0; tries < 200; tries++) { /* by weight, among those that fit */
		int64_t at = rng_in(&m->rng, 0, w->weight_total - 1);
		size_t low = 0, high = w->weights.len - 1;

		while (low < high) {
			size_t middle = (low + high) / 2;

			if (w->weights.v[middle] > at)
				high = middle;
			else
				low = middle + 1;
		}
		if (agency_fits(&w->agencies.v[low], &m->need, planned))
			return &w->agencies.v[low];
	}
	for (size_t i = 0; i < w->agencies.len; i++)
		if (agency_fits(&w->agencies.v[i], &m->need, planned))
			return &w->agencies.v[i];
	return &w->agencies.v[0];
}

void penalty_set_person(struct maker *m, struct penalty *p, int32_t birth)
{
	struct str region = p->agency->region;

	p->party_type = "natural_person";
	p->party_name = name_person(&m->rng, m->mem);
	p->party_birth = birth;
	p->party_id_no = make_identity_number(region, birth, (int)rng_in(&m->rng, 0, 999), m->mem);
	p->party_code = (struct str){ 0 };
	p->more.party_small = TRI_UNKNOWN;
	p->legal_rep = (struct str){ 0 };
	p->party_address = name_road(&m->rng, p->agency->place, m->mem);
}

static void set_enterprise(struct maker *m, struct penalty *p)
{
	/* a tenth of the enterprises has half of the cases */
	int64_t many = m->w->o.size.parties,
		index = rng_chance(&m->rng, 500) ? rng_in(&m->rng, 0, many / 10) : rng_in(&m->rng, 0, many - 1);
	struct party e = party_make(m->w, index, m->mem);

	p->party_type = e.sole_trader ? "sole_trader" : "legal_person";
	p->party_name = e.name;
	p->party_code = e.code;
	p->more.party_small = e.small ? TRI_TRUE : TRI_FALSE;
	p->party_id_no = (struct str){ 0 };
	p->party_birth = DAY_NONE;
	p->party_address = e.address;
	p->legal_rep = e.legal_rep;
}

static void choose_party(struct maker *m, struct penalty *p)
{
	int person = is_code(p->domain, "public_security")    ? 850
	             : is_code(p->domain, "transport")        ? 550
	             : is_code(p->domain, "urban_management") ? 500
	             : is_code(p->domain, "market")           ? 120
	                                                      : 250;

	if (!m->need.enterprise && (m->need.natural || rng_chance(&m->rng, person)))
		penalty_set_person(m, p, m->w->o.today - (int32_t)rng_in(&m->rng, 22 * 366, 68 * 365));
	else
		set_enterprise(m, p);
}

static void choose_violation(struct maker *m, struct penalty *p)
{
	int fitting = 0, chosen;

	for (int i = 0; i < violation_kind_count; i++)
		fitting += strcmp(violation_kinds[i].domain, p->domain) == 0;
	p->violation = "违反行业管理规定";
	p->violation_facts = "经现场检查和询问查明，当事人有上述行为，有现场笔录、询问笔录和照片为证。（演示数据）";
	if (fitting == 0)
		return;
	chosen = (int)(rng_next(&m->rng) % (uint64_t)fitting);
	for (int i = 0; i < violation_kind_count; i++)
		if (strcmp(violation_kinds[i].domain, p->domain) == 0 && chosen-- == 0)
			p->violation = violation_kinds[i].violation;
}

/* ---- what ---- */

static void choose_penalty(struct maker *m, struct penalty *p)
{
	bool person = is_code(p->party_type, "natural_person"), simple = is_code(p->procedure, "simple");

	p->penalty_count = 0;
	p->confiscated = 0;
	p->hearing_eligible = TRI_FALSE;
	if (simple) {
		if (rng_chance(&m->rng, 250)) {
			p->fine = 0;
			p->penalties[p->penalty_count++] = (struct case_penalty){ "warning", -1 };
		} else {
			p->fine = (person ? rng_in(&m->rng, 2, 19) * 10 : rng_in(&m->rng, 2, 29) * 100) * YUAN;
			p->penalties[p->penalty_count++] = (struct case_penalty){ "fine", p->fine };
		}
		return;
	}
	if (rng_chance(&m->rng, 70)) { /* large enough for a hearing */
		p->hearing_eligible = TRI_TRUE;
		p->major = TRI_TRUE;
		if (rng_chance(&m->rng, 300))
			p->penalties[p->penalty_count++] =
				(struct case_penalty){ rng_chance(&m->rng, 500) ? "licence_revoke" : "order_stop", -1 };
		p->fine = (person ? rng_in(&m->rng, 10, 40) * 1000 : rng_in(&m->rng, 100, 600) * 1000) * YUAN;
	} else if (rng_chance(&m->rng, 60)) {
		p->fine = 0;
		p->penalties[p->penalty_count++] = (struct case_penalty){ "warning", -1 };
		return;
	} else {
		p->fine = (person ? rng_in(&m->rng, 3, 60) * 100 : rng_in(&m->rng, 2, 80) * 1000) * YUAN;
	}
	p->penalties[p->penalty_count++] = (struct case_penalty){ "fine", p->fine };
	if (rng_chance(&m->rng, 90)) {
		p->confiscated = rng_in(&m->rng, 1, 200) * 100 * YUAN;
		p->penalties[p->penalty_count++] = (struct case_penalty){ "confiscate_gain", p->confiscated };
	}
}

/* ---- when ---- */

/** The day, or none when it has not come yet. */
static int32_t if_past(const struct maker *m, int32_t day)
{
	return day != DAY_NONE && day <= m->w->o.today ? day : DAY_NONE;
}

static void lay_out_end(struct maker *m, struct penalty *p)
{
	const struct day_facts *f = m->w->days;
	bool market = is_code(p->domain, "market"), simple = is_code(p->procedure, "simple");

	p->published = DAY_NONE;
	if (p->disclosure == TRI_TRUE)
		p->published =
			if_past(m, workday_step(f, p->decided,
					   market && rng_chance(&m->rng, 250) ? (int)rng_in(&m->rng, 8, 19) : (int)rng_in(&m->rng, 1, 6)));
	p->closed =
		p->delivered == DAY_NONE ? DAY_NONE : if_past(m, p->delivered + (int32_t)rng_in(&m->rng, simple ? 0 : 3, simple ? 12 : 50));
	p->status = p->closed != DAY_NONE ? "closed" : "decided";
}

static void lay_out_simple(struct maker *m, struct penalty *p)
{
	p->violated = p->found = p->filed = p->notice = p->decided;
	p->onspot_notice = TRI_TRUE;
	p->delivered = p->decided;
	p->delivered_on_site = TRI_TRUE;
	p->delivery_method = "direct";
	p->agency_filed = if_past(m, workday_step(m->w->days, p->decided, (int)rng_in(&m->rng, 1, 2)));
	lay_out_end(m, p);
}

#define LEAD_DAYS 14 /* from the lead to the filing at most: within every period that a law gives */

void penalty_lay_out(struct maker *m, struct penalty *p, int32_t filed, int32_t decided)
{
	const struct day_facts *f = m->w->days;
	static const char *const methods[] = { "direct", "direct", "direct", "post", "post", "leave", "app", "sms" };
	int before;

	p->filed = filed;
	p->decided = decided;
	p->investigated = p->notice = p->reviewed = p->discussed = p->delivered = p->delivery_started = p->e_consent = p->published =
		p->closed = DAY_NONE;
	if (is_code(p->procedure, "simple")) {
		lay_out_simple(m, p);
		return;
	}
	p->violated = filed - (int32_t)rng_in(&m->rng, 1, 40);
	p->found = (int32_t)rng_in(&m->rng, p->violated > filed - LEAD_DAYS ? p->violated : filed - LEAD_DAYS, filed);
	if (decided == DAY_NONE) {
		p->status = "investigating";
		p->outcome = NULL;
		p->fine = p->confiscated = NO_MONEY;
		p->penalty_count = 0;
		return;
	}
	before = p->hearing_eligible == TRI_TRUE || p->penalty_count > 1 ? (int)rng_in(&m->rng, 6, 8) : (int)rng_in(&m->rng, 2, 5);
	p->notice = is_code(p->procedure, "fast") ? decided : workday_step(f, decided, -before);
	if (p->notice <= filed)
		p->notice = filed < decided ? filed + 1 : decided;
	p->investigated = (int32_t)rng_in(&m->rng, filed + (p->notice - filed) / 2, p->notice);
	if (p->major == TRI_TRUE) {
		p->reviewed = (int32_t)rng_in(&m->rng, p->notice, decided);
		p->discussed = (int32_t)rng_in(&m->rng, p->reviewed, decided);
	}
	p->delivery_started = if_past(m, workday_step(f, decided, (int)rng_in(&m->rng, 0, 2)));
	p->delivered = if_past(m, workday_step(f, decided, (int)rng_in(&m->rng, 2, 6)));
	p->delivery_method = methods[rng_next(&m->rng) % COUNT(methods)];
	p->e_consent = is_code(p->delivery_method, "app") || is_code(p->delivery_method, "sms") ? p->notice : DAY_NONE;
	lay_out_end(m, p);
}

/* ---- children ---- */

int normal_officer(struct maker *m, const struct penalty *p)
{
	return (int)rng_in(&m->rng, OFFICER_TRAITS, p->agency->officer_count - 1);
}

struct case_officer participation(struct maker *m, const struct penalty *p, int officer_index, const char *stage, int32_t acted)
{
	struct officer o = officer_make(m->w, p->agency, officer_index, m->mem);

	return (struct case_officer){ .stage = stage,
		.role = "enforcement",
		.status = strcmp(o.status, "expired") == 0 ? "valid" : o.status,
		.name = o.name,
		.cert_no = o.cert_no,
		.acted = acted,
		.cert_from = o.cert_from,
		.cert_to = o.cert_to,
		.extended_to = o.extended_to,
		.certified = TRI_TRUE,
		.known = true,
		.posted_to = officer_agency_on(&o, p->agency, acted),
		.left_on = o.left_on };
}

static void add_document(struct penalty *p, const char *kind, int32_t made, int32_t delivered, const char *method)
{
	bool simple = is_code(p->procedure, "simple");
	enum tri rest = simple ? TRI_FALSE : TRI_TRUE;

	if (p->document_count < CASE_ROWS_MAX)
		p->documents[p->document_count++] = (struct case_document){ .kind = kind,
			.method = method,
			.made = made,
			.delivered = delivered,
			.signed_on = delivered,
			.has_party = TRI_TRUE,
			.has_facts = TRI_TRUE,
			.has_evidence = rest,
			.has_reasons = TRI_TRUE,
			.has_kind = TRI_TRUE,
			.has_basis = TRI_TRUE,
			.has_performance = rest,
			.has_remedy = TRI_TRUE,
			.has_rights = TRI_TRUE,
			.has_agency = TRI_TRUE,
			.has_date = TRI_TRUE,
			.stamped = TRI_TRUE };
}

static void add_stage(struct maker *m, struct penalty *p, const char *stage, int32_t from, int32_t to)
{
	bool av = rng_chance(&m->rng, 150);

	if (from != DAY_NONE && p->stage_count < CASE_ROWS_MAX)
		p->stages[p->stage_count++] = (struct case_stage){ .stage = stage,
			.from = from,
			.to = to,
			.required = TRI_TRUE,
			.text = TRI_TRUE,
			.av_required = av ? TRI_TRUE : TRI_FALSE,
			.av = av ? TRI_TRUE : TRI_FALSE,
			.explained = TRI_FALSE };
}

static void add_two(struct maker *m, struct penalty *p, const char *stage, int32_t acted)
{
	int one = normal_officer(m, p), two = normal_officer(m, p);

	if (two == one)
		two = one + 1 < p->agency->officer_count ? one + 1 : OFFICER_TRAITS;
	p->officers[p->officer_count++] = participation(m, p, one, stage, acted);
	p->officers[p->officer_count++] = participation(m, p, two, stage, acted);
}

/** Somebody of the agency who did not investigate. */
static void choose_reviewer(struct maker *m, struct penalty *p)
{
	p->reviewer_cert = (struct str){ 0 };
	for (int k = p->agency->officer_count - 1; p->reviewed != DAY_NONE && !p->reviewer_cert.ptr && k >= OFFICER_TRAITS; k--) {
		struct officer o = officer_make(m->w, p->agency, k, m->mem);
		bool took_part = false;

		for (int i = 0; i < p->officer_count; i++)
			took_part |= p->officers[i].cert_no.ptr && str_eq(p->officers[i].cert_no, o.cert_no);
		if (!took_part)
			p->reviewer_cert = o.cert_no;
	}
}

static void fill_payments(struct maker *m, struct penalty *p)
{
	const struct day_facts *f = m->w->days;
	bool simple = is_code(p->procedure, "simple");
	int32_t agency = workday_step(f, p->decided, 1), bank = workday_step(f, p->decided, 2);

	if (p->fine == NO_MONEY || p->fine <= 0 || p->closed == DAY_NONE)
		return;
	if (simple && bank <= m->w->o.today && rng_chance(&m->rng, 300))
		p->payments[p->payment_count++] = (struct case_payment){ .method = "onspot_cash",
			.amount = p->fine,
			.collected = p->decided,
			.landed = DAY_NONE,
			.to_agency = agency,
			.to_bank = bank };
	else
		p->payments[p->payment_count++] = (struct case_payment){ .method = simple ? "electronic" : "bank",
			.amount = p->fine,
			.collected = p->closed,
			.landed = DAY_NONE,
			.to_agency = DAY_NONE,
			.to_bank = p->closed };
}

void penalty_fill(struct maker *m, struct penalty *p)
{
	bool simple = is_code(p->procedure, "simple");
	int32_t work = p->investigated != DAY_NONE ? p->investigated : p->filed != DAY_NONE ? p->filed : p->decided;

	p->document_count = p->officer_count = p->stage_count = p->payment_count = 0;
	if (simple) {
		add_document(p, "decision", p->decided, p->delivered, p->delivery_method);
		add_two(m, p, "decision", p->decided);
		add_stage(m, p, "decision", p->decided, p->decided);
		fill_payments(m, p);
		return;
	}
	add_two(m, p, "investigation", work);
	add_two(m, p, "inquiry", work);
	choose_reviewer(m, p);
	add_stage(m, p, "start", p->filed, p->filed);
	add_stage(m, p, "investigation", p->filed, p->investigated);
	if (p->decided == DAY_NONE)
		return;
	if (p->notice != DAY_NONE)
		add_document(p, "notice", p->notice, p->notice, "direct");
	if (p->e_consent != DAY_NONE)
		add_document(p, "e_consent", p->e_consent, p->e_consent, NULL);
	add_document(p, "decision", p->decided, p->delivered, p->delivery_method);
	add_stage(m, p, "notice", p->notice, p->notice);
	add_stage(m, p, "decision", p->decided, p->decided);
	add_stage(m, p, "delivery", p->delivered, p->delivered);
	fill_payments(m, p);
}

/* ---- the whole ---- */

static void penalty_number(struct penalty *p, struct arena *mem)
{
	struct ymd filed = day_to_ymd(p->filed != DAY_NONE ? p->filed : p->decided != DAY_NONE ? p->decided : p->violated);
	struct ymd decided = day_to_ymd(p->decided != DAY_NONE ? p->decided : p->violated);
	int *case_last = &p->agency->sequence[0][(filed.year - 2015) & 63],
	    *decision_last = &p->agency->sequence[1][(decided.year - 2015) & 63];

	p->case_no = str_printf(mem, "%.*s立〔%d〕%d号", STR_ARG(p->agency->proxy), filed.year, ++*case_last);
	if (p->decided != DAY_NONE)
		p->decision_no = str_printf(mem, "%.*s罚决〔%d〕%d号", STR_ARG(p->agency->proxy), decided.year, ++*decision_last);
}

static const struct penalty empty = {
	.fine = NO_MONEY,
	.confiscated = NO_MONEY,
	.party_birth = DAY_NONE,
	.violated = DAY_NONE,
	.found = DAY_NONE,
	.filed = DAY_NONE,
	.investigated = DAY_NONE,
	.notice = DAY_NONE,
	.hearing_requested = DAY_NONE,
	.hearing_waived = DAY_NONE,
	.hearing = DAY_NONE,
	.hearing_notice = DAY_NONE,
	.reviewed = DAY_NONE,
	.discussed = DAY_NONE,
	.decided = DAY_NONE,
	.delivered = DAY_NONE,
	.delivery_started = DAY_NONE,
	.e_consent = DAY_NONE,
	.announced = DAY_NONE,
	.deemed = DAY_NONE,
	.agency_filed = DAY_NONE,
	.published = DAY_NONE,
	.closed = DAY_NONE,
	.transferred_crime = DAY_NONE,
	.crime_reported = DAY_NONE,
	.police_filed = DAY_NONE,
	.crime_handed = DAY_NONE,
	.crime_approved = CIVIL_NONE,
	.crime_transferred = CIVIL_NONE,
	.entrust_from = DAY_NONE,
	.entrust_to = DAY_NONE,
	.tolled = -1,
	.extension_days = -1,
	.extension_count = -1,
	.appraisal_days = -1,
	.hearing_days = -1,
};

static void penalty_make(struct maker *m, int64_t index, void *item)
{
	static const char *const sources[] = { "inspection", "inspection", "inspection", "complaint", "report", "transfer", "assigned" };
	bool planned = m->need.full || m->need.trait != AGENCY_NORMAL, police;
	struct penalty *p = item;
	int32_t decided, filed;
	int span;

	(void)index;
	*p = empty;
	penalty_public_clear(&p->public);
	p->joint_case = p->onspot_notice = p->suspect_unknown = p->delivered_otherwise = p->early_consent = p->urgent = TRI_UNKNOWN;
	p->agency = choose_agency(m, planned);
	p->agency_name = p->agency->name;
	p->agency_known = true;
	p->limited = p->agency->limited;
	p->domain = p->agency->kind->domain;
	police = is_code(p->domain, "public_security");
	p->procedure = m->need.procedure                         ? m->need.procedure
	               : police && rng_chance(&m->rng, 60)       ? "fast"
	               : rng_chance(&m->rng, police ? 480 : 380) ? "simple"
	                                                         : "general";
	p->source = is_code(p->domain, "transport") && rng_chance(&m->rng, 80) ? "monitoring" : sources[rng_next(&m->rng) % COUNT(sources)];
	p->outcome = "penalised";
	p->mitigated = rng_chance(&m->rng, 120) ? TRI_TRUE : TRI_FALSE;
	p->delivered_on_site = p->major = TRI_FALSE;
	penalty_more_make(m, p);
	choose_party(m, p);
	choose_violation(m, p);
	choose_penalty(m, p);
	p->disclosure = rng_chance(&m->rng, is_code(p->procedure, "simple") ? 300 : 750) ? TRI_TRUE : TRI_FALSE;
	decided = random_workday(m, 720, 3);
	span = is_code(p->procedure, "fast") ? (int)rng_in(&m->rng, 1, 7)
	       : police                      ? (int)rng_in(&m->rng, 19, 28)
	                                     : (int)rng_in(&m->rng, 24, 82);
	filed = decided - span;
	if (!planned && is_code(p->procedure, "general") && rng_chance(&m->rng, 55)) {
		filed = random_workday(m, police ? 28 : 80, 1);
		decided = DAY_NONE;
	}
	penalty_lay_out(m, p, filed, decided);
	penalty_fill(m, p);
	penalty_public_gather(m, p);
}

static int64_t count_cases(const struct world *w)
{
	return w->o.size.cases;
}

/** Agencies deliver everything, or case, party and penalties only. */
static int source_of_case(const void *item)
{
	return ((const struct penalty *)item)->limited;
}

#define LOG_EVERY 8

/** Some of the cases stay known, so that later records can refer to them. */
static void log_case(struct maker *m, const struct penalty *p)
{
	struct world *w = m->w;
	struct case_ref c = { .agency = p->agency,
		.case_no = str_dup(w->mem, p->case_no),
		.decision_no = str_dup(w->mem, p->decision_no),
		.party_name = str_dup(w->mem, p->party_name),
		.party_code = str_dup(w->mem, p->party_code),
		.party_type = p->party_type,
		.procedure = p->procedure,
		.violation = p->violation,
		.fine = p->fine,
		.filed = p->filed,
		.decided = p->decided,
		.delivered = p->delivered,
		.closed = p->closed };

	if (++w->case_count % LOG_EVERY == 1 && p->agency_known && !p->limited && p->fine > 0 && c.case_no.ptr)
		vec_push(&w->cases, c); /* without memory there are fewer to refer to */
}

static void settle_case(struct maker *m, void *item)
{
	struct penalty *p = item;

	for (int i = 0; i < p->payment_count; i++)
		if (p->fine > 0)
			p->payments[i].amount = p->fine;
	penalty_more_settle(m, p);
	penalty_number(p, m->mem);
	penalty_public_settle(m, p);
	log_case(m, p);
}

static struct str case_region(const void *item)
{
	return ((const struct penalty *)item)->agency->region;
}

static const struct theme *const themes[] = {
	&penalty_limit,
	&penalty_spot,
	&penalty_officers,
	&penalty_register,
	&penalty_hearing,
	&penalty_delivery,
	&penalty_course,
	&penalty_money,
	&penalty_quality,
	&penalty_public,
	&penalty_groups,
	&penalty_filing,
	&penalty_review,
	&penalty_collection,
	&penalty_evidence,
	&penalty_discretion,
	&penalty_leniency,
	&penalty_pattern,
	&penalty_oversight,
	NULL,
};

const struct generator penalty_generator = {
	.type = "penalty_case",
	.what = "行政处罚案件",
	.stream = STREAM_CASE,
	.sources = { { "演示数据：行政处罚案件（办案系统）", NULL }, { "演示数据：行政处罚案件（双公示报送）", "penalties" } },
	.item_bytes = sizeof(struct penalty),
	.counter = offsetof(struct demo_result, cases),
	.count = count_cases,
	.make = penalty_make,
	.source_of = source_of_case,
	.settle = settle_case,
	.to_rows = penalty_to_rows,
	.region_of = case_region,
	.themes = themes,
};
