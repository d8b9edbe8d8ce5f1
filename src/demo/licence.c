/* Applications for licences: lawful ones, how they become rows, and the two stages before a decision: receiving and accepting. */
#include "demo/licence.h"
#include "demo/slots.h"

#include <stddef.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

#define F(column, kind, member)                                                                                                            \
	{                                                                                                                                  \
		column, kind, offsetof(struct licence, member)                                                                             \
	}
static const struct slot slots[] = {
	F("application_no", SLOT_TEXT, application_no),
	F("decision_no", SLOT_TEXT, decision_no),
	F("item_name", SLOT_WORD, item_name),
	F("agency_name", SLOT_TEXT, agency_name),
	F("agency_code", SLOT_TEXT, agency_code),
	F("area_code", SLOT_TEXT, area_code),
	F("domain", SLOT_CODE, domain),
	F("party_name", SLOT_TEXT, party_name),
	F("party_type", SLOT_CODE, party_type),
	F("party_code", SLOT_TEXT, party_code),
	F("legal_rep", SLOT_TEXT, legal_rep),
	F("kind", SLOT_CODE, kind),
	F("joint", SLOT_TRI, joint),
	F("received_on", SLOT_DAY, received),
	F("accepted_on", SLOT_DAY, accepted),
	F("rejected_on", SLOT_DAY, rejected),
	F("supplement_on", SLOT_DAY, supplement),
	F("withdrawn_on", SLOT_DAY, withdrawn),
	F("limit_workdays", SLOT_NUMBER, limit),
	F("extension_workdays", SLOT_NUMBER, extension),
	F("extension_approver", SLOT_CODE, approver),
	F("extension_reason", SLOT_WORD, extension_reason),
	F("special_workdays", SLOT_NUMBER, special),
	F("special_notice_on", SLOT_DAY, special_notice),
	F("site_checked_on", SLOT_DAY, site_checked),
	F("hearing_requested_on", SLOT_DAY, hearing_requested),
	F("hearing_withdrawn", SLOT_TRI, hearing_withdrawn),
	F("hearing_notice_on", SLOT_DAY, hearing_notice),
	F("hearing_on", SLOT_DAY, hearing),
	F("decided_on", SLOT_DAY, decided),
	F("outcome", SLOT_CODE, outcome),
	F("refusal_reason", SLOT_WORD, refusal_reason),
	F("remedy_told", SLOT_TRI, remedy_told),
	F("certificate_needed", SLOT_TRI, certificate_needed),
	F("certificate_on", SLOT_DAY, certificate),
	F("renewed_expiry_on", SLOT_DAY, expiry),
	F("published_on", SLOT_DAY, published),
	F("disclosure_exempt_reason", SLOT_WORD, exempt_reason),
};
#undef F
#define F(column, kind, member)                                                                                                            \
	{                                                                                                                                  \
		column, kind, offsetof(struct licence_supplement, member)                                                                  \
	}
static const struct slot supplement_slots[] = { F("notified_on", SLOT_DAY, notified), F("items", SLOT_WORD, items),
	F("new_issue", SLOT_TRI, new_issue) };
#undef F
#define F(column, kind, member)                                                                                                            \
	{                                                                                                                                  \
		column, kind, offsetof(struct licence_fee, member)                                                                         \
	}
static const struct slot fee_slots[] = { F("amount", SLOT_MONEY, amount), F("basis_level", SLOT_CODE, level),
	F("basis", SLOT_WORD, basis) };
#undef F
#define F(column, kind, member)                                                                                                            \
	{                                                                                                                                  \
		column, kind, offsetof(struct licence_checker, member)                                                                     \
	}
static const struct slot checker_slots[] = { F("name", SLOT_TEXT, name), F("checked_on", SLOT_DAY, checked) };
#undef F
#define F(column, kind, member)                                                                                                            \
	{                                                                                                                                  \
		column, kind, offsetof(struct licence_prerequisite, member)                                                                \
	}
static const struct slot prerequisite_slots[] = { F("kind", SLOT_CODE, kind), F("legal_basis", SLOT_WORD, basis) };
#undef F

static const struct {
	const char *domain, *item;
} items[] = {
	{ "market", "食品经营许可" },
	{ "market", "特种设备使用登记" },
	{ "public_security", "旅馆业特种行业许可" },
	{ "urban_management", "户外广告设置许可" },
	{ "transport", "道路货物运输经营许可" },
	{ "environment", "排污许可" },
	{ "health", "公共场所卫生许可" },
	{ "emergency", "危险化学品经营许可" },
	{ "agriculture", "动物防疫条件合格证核发" },
	{ "housing", "建筑工程施工许可" },
	{ "natural_resources", "建设工程规划许可" },
	{ "labour", "劳务派遣经营许可" },
	{ "culture", "互联网上网服务营业场所许可" },
	{ "water", "取水许可" },
	{ "fire", "公众聚集场所投入使用营业前消防安全检查" },
};

static int32_t if_past(const struct maker *m, int32_t day)
{
	return day > maker_today(m) ? DAY_NONE : day;
}

/* ---- before the decision ---- */

void licence_accept(struct maker *m, struct licence *l, int32_t received, int32_t accepted)
{
	l->received = received;
	l->accepted = accepted;
	l->supplement = l->rejected = l->withdrawn = l->decided = l->certificate = l->published = l->site_checked = DAY_NONE;
	l->outcome = l->refusal_reason = NULL;
	l->remedy_told = l->certificate_needed = TRI_UNKNOWN;
	l->supplement_count = l->checker_count = 0;
	if (is_licence_code(l->kind, "renewal"))
		l->expiry = received + (int32_t)rng_in(&m->rng, 75, 110);
}

void licence_supplement_add(struct licence *l, int32_t day, enum tri new_issue)
{
	if (l->supplement == DAY_NONE)
		l->supplement = day;
	l->supplements[l->supplement_count++] = (struct licence_supplement){ day, "营业场所平面图、租赁合同复印件", new_issue };
}

/* ---- the decision and after ---- */

void licence_decide(struct maker *m, struct licence *l, int32_t decided, bool granted)
{
	const struct day_facts *f = m->w->days;

	l->decided = decided;
	l->outcome = granted ? "granted" : "refused";
	l->refusal_reason = granted ? NULL : "经审查不符合法定条件";
	l->remedy_told = granted ? TRI_UNKNOWN : TRI_TRUE;
	l->certificate_needed = granted ? TRI_TRUE : TRI_UNKNOWN;
	l->certificate = granted ? if_past(m, workday_step(f, decided, (int)rng_in(&m->rng, 1, 8))) : DAY_NONE;
	l->published = if_past(m, workday_step(f, decided, (int)rng_in(&m->rng, 1, 6)));
}

static void choose_extras(struct maker *m, struct licence *l)
{
	if (rng_chance(&m->rng, 150)) {
		l->site_checked = l->decided == DAY_NONE ? l->accepted : l->decided - (l->decided - l->accepted) / 2;
		l->checkers[0] = (struct licence_checker){ name_person(&m->rng, m->mem), l->site_checked };
		l->checkers[1] = (struct licence_checker){ name_person(&m->rng, m->mem), l->site_checked };
		l->checker_count = 2;
	}
	if (rng_chance(&m->rng, 50)) {
		l->fees[0] = (struct licence_fee){ rng_in(&m->rng, 1, 20) * 1000, "regulation", "有关行政法规规定的工本费" };
		l->fee_count = 1;
	}
	if (rng_chance(&m->rng, 60)) {
		l->prerequisites[0] = (struct licence_prerequisite){ "appraisal", "有关法律规定的安全评价" };
		l->prerequisite_count = 1;
	}
	if (rng_chance(&m->rng, 40)) {
		l->special = (int)rng_in(&m->rng, 3, 15);
		l->special_notice = l->accepted;
	}
}

static void lay_out(struct maker *m, struct licence *l)
{
	const struct day_facts *f = m->w->days;
	int32_t received = random_workday(m, 700, 1), accepted = workday_step(f, received, (int)rng_in(&m->rng, 0, 3)), decided;

	if (!m->need.full && rng_chance(&m->rng, 40)) { /* not accepted */
		licence_accept(m, l, received, DAY_NONE);
		l->rejected = if_past(m, workday_step(f, received, (int)rng_in(&m->rng, 0, 4)));
		return;
	}
	if (rng_chance(&m->rng, 200)) {
		int32_t told = workday_step(f, received, (int)rng_in(&m->rng, 0, 4));

		licence_accept(m, l, received, if_past(m, workday_step(f, told, (int)rng_in(&m->rng, 2, 10))));
		if (told <= maker_today(m))
			licence_supplement_add(l, told, TRI_FALSE);
	} else {
		licence_accept(m, l, received, if_past(m, accepted));
	}
	if (l->accepted == DAY_NONE)
		return;
	decided = workday_step(f, l->accepted, (int)rng_in(&m->rng, 1, l->joint == TRI_TRUE ? 43 : 18));
	if (decided <= maker_today(m))
		licence_decide(m, l, decided, !rng_chance(&m->rng, 60));
	choose_extras(m, l);
}

static void make(struct maker *m, int64_t index, void *item)
{
	struct licence *l = item;
	struct party e = party_make(m->w, rng_in(&m->rng, 0, m->w->o.size.parties - 1), m->mem);
	int roll;

	slots_clear(slots, (size_t)COUNT(slots), l);
	l->supplement_count = l->fee_count = l->checker_count = l->prerequisite_count = 0;
	l->agency = choose_agency(m, m->need.full || m->need.trait != AGENCY_NORMAL);
	l->limited = l->agency->limited;
	l->agency_name = l->agency->name;
	l->agency_code = l->agency->code;
	l->area_code = l->agency->region;
	l->domain = l->agency->kind->domain;
	l->item_name = "其他行政许可";
	for (int i = 0; i < COUNT(items); i++)
		if (is_licence_code(items[i].domain, l->domain))
			l->item_name = items[i].item;
	l->party_type = e.sole_trader ? "sole_trader" : "legal_person";
	l->party_name = e.name;
	l->party_code = e.code;
	l->legal_rep = e.legal_rep;
	roll = (int)rng_in(&m->rng, 0, 999);
	l->kind = m->need.procedure ? m->need.procedure : roll < 550 ? "new" : roll < 800 ? "change" : "renewal";
	l->joint = !m->need.full && !is_licence_code(l->kind, "renewal") && rng_chance(&m->rng, 40) ? TRI_TRUE : TRI_FALSE;
	lay_out(m, l);
	l->application_no =
		str_printf(m->mem, "%.*s许申〔%d〕%lld号", STR_ARG(l->agency->proxy), day_to_ymd(l->received).year, (long long)index + 1);
}

static void settle(struct maker *m, void *item)
{
	struct licence *l = item;

	if (l->decided != DAY_NONE)
		l->decision_no = str_printf(m->mem, "%.*s许决%.*s", STR_ARG(l->agency->proxy),
			STR_ARG(str_sub(l->application_no, l->agency->proxy.len + strlen("许申"), l->application_no.len)));
}

static void to_rows(const void *item, const struct world *w, struct rows *r)
{
	const struct licence *l = item;

	(void)w;
	slots_to_rows(slots, (size_t)COUNT(slots), l, r);
	if (l->limited)
		return;
	slots_to_children(supplement_slots, (size_t)COUNT(supplement_slots), "supplements", l->supplements, sizeof(l->supplements[0]),
		l->supplement_count, r);
	slots_to_children(fee_slots, (size_t)COUNT(fee_slots), "fees", l->fees, sizeof(l->fees[0]), l->fee_count, r);
	slots_to_children(
		checker_slots, (size_t)COUNT(checker_slots), "checkers", l->checkers, sizeof(l->checkers[0]), l->checker_count, r);
	slots_to_children(prerequisite_slots, (size_t)COUNT(prerequisite_slots), "prerequisites", l->prerequisites,
		sizeof(l->prerequisites[0]), l->prerequisite_count, r);
}

static int64_t count(const struct world *w)
{
	return w->o.size.cases / 3;
}

static int source_of(const void *item)
{
	return ((const struct licence *)item)->limited;
}

static struct str region_of(const void *item)
{
	return ((const struct licence *)item)->agency->region;
}

static const struct theme *const themes[] = { &licence_intake, &licence_decision, NULL };

const struct generator licence_generator = {
	.type = "licence",
	.what = "行政许可",
	.sources = { { "演示数据：行政许可（审批系统）", NULL }, { "演示数据：行政许可（汇总报送）", "-" } },
	.item_bytes = sizeof(struct licence),
	.counter = offsetof(struct demo_result, others),
	.count = count,
	.make = make,
	.source_of = source_of,
	.settle = settle,
	.to_rows = to_rows,
	.region_of = region_of,
	.themes = themes,
};
