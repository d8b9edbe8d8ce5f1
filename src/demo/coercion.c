/* Coercive measures and enforcements: lawful ones, and how they become rows. */
#include "demo/coercion.h"
#include "demo/slots.h"

#include <stddef.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define DAY_S 86400
#define HOUR_S 3600

#define F(column, kind, member)                                                                                                            \
	{                                                                                                                                  \
		column, kind, offsetof(struct coercion, member)                                                                            \
	}
static const struct slot slots[] = {
	F("measure_no", SLOT_TEXT, measure_no),
	F("decision_no", SLOT_TEXT, decision_no),
	F("measure_name", SLOT_TEXT, measure_name),
	F("agency_name", SLOT_TEXT, agency_name),
	F("agency_code", SLOT_TEXT, agency_code),
	F("area_code", SLOT_TEXT, area_code),
	F("domain", SLOT_CODE, domain),
	F("kind", SLOT_CODE, kind),
	F("method", SLOT_CODE, method),
	F("actor_kind", SLOT_CODE, actor_kind),
	F("entrusted_name", SLOT_TEXT, entrusted_name),
	F("party_name", SLOT_TEXT, party_name),
	F("party_type", SLOT_CODE, party_type),
	F("party_code", SLOT_TEXT, party_code),
	F("facts", SLOT_WORD, facts),
	F("legal_basis", SLOT_WORD, basis),
	F("urgent", SLOT_TRI, urgent),
	F("approved_at", SLOT_TIME, approved_at),
	F("imposed_on", SLOT_DAY, imposed),
	F("imposed_at", SLOT_TIME, imposed_at),
	F("urgent_reported_at", SLOT_TIME, urgent_reported_at),
	F("delivered_on", SLOT_DAY, delivered),
	F("party_absent", SLOT_TRI, party_absent),
	F("witness_signed", SLOT_TRI, witness),
	F("authorised_by_law", SLOT_TRI, authorised),
	F("limit_days", SLOT_NUMBER, limit_days),
	F("extension_days", SLOT_NUMBER, extension_days),
	F("test_days", SLOT_NUMBER, test_days),
	F("test_notified_on", SLOT_DAY, test_notified),
	F("handled_on", SLOT_DAY, handled),
	F("ended_on", SLOT_DAY, ended),
	F("release_event", SLOT_CODE, release_event),
	F("release_event_on", SLOT_DAY, release_event_on),
	F("released_on", SLOT_DAY, released),
	F("collection_refused", SLOT_TRI, refused),
	F("transferred_crime_on", SLOT_DAY, transferred),
	F("urged_on", SLOT_DAY, urged),
	F("enforce_decided_on", SLOT_DAY, enforce_decided),
	F("court_applied_on", SLOT_DAY, court_applied),
	F("immediate_needed", SLOT_TRI, immediate),
	F("asset_flight", SLOT_TRI, flight),
	F("announced_on", SLOT_DAY, announced),
	F("review_end_on", SLOT_DAY, review_end),
	F("litigation_end_on", SLOT_DAY, litigation_end),
	F("special_procedure", SLOT_TRI, special),
	F("measures_text", SLOT_WORD, measures_text),
	F("for_living", SLOT_TRI, for_living),
	F("disclosure_required", SLOT_TRI, disclosure),
	F("disclosure_exempt_reason", SLOT_WORD, exempt_reason),
	F("decided_on", SLOT_DAY, decided),
	F("published_on", SLOT_DAY, published),
};
#undef F

#define F(column, kind, member)                                                                                                            \
	{                                                                                                                                  \
		column, kind, offsetof(struct coercion_officer, member)                                                                    \
	}
static const struct slot officer_slots[] = { F("role", SLOT_CODE, role), F("name", SLOT_TEXT, name), F("cert_no", SLOT_TEXT, cert_no),
	F("acted_on", SLOT_DAY, acted), F("certified", SLOT_TRI, certified) };
#undef F
#define F(column, kind, member)                                                                                                            \
	{                                                                                                                                  \
		column, kind, offsetof(struct coercion_document, member)                                                                   \
	}
static const struct slot document_slots[] = { F("kind", SLOT_CODE, kind), F("made_on", SLOT_DAY, made),
	F("handed_over_on", SLOT_DAY, handed_over) };
#undef F
#define F(column, kind, member)                                                                                                            \
	{                                                                                                                                  \
		column, kind, offsetof(struct coercion_extension, member)                                                                  \
	}
static const struct slot extension_slots[] = { F("approved_on", SLOT_DAY, approved), F("days", SLOT_NUMBER, days),
	F("approver", SLOT_WORD, approver), F("reason", SLOT_WORD, reason), F("notified_on", SLOT_DAY, notified) };
#undef F
#define F(column, kind, member)                                                                                                            \
	{                                                                                                                                  \
		column, kind, offsetof(struct coercion_thing, member)                                                                      \
	}
static const struct slot thing_slots[] = { F("name", SLOT_WORD, name), F("unit", SLOT_WORD, unit), F("related", SLOT_TRI, related),
	F("necessity", SLOT_TRI, necessity), F("sealed_elsewhere", SLOT_TRI, elsewhere) };
#undef F
#define F(column, kind, member)                                                                                                            \
	{                                                                                                                                  \
		column, kind, offsetof(struct coercion_fee, member)                                                                        \
	}
static const struct slot fee_slots[] = { F("kind", SLOT_CODE, kind), F("payer", SLOT_CODE, payer), F("amount", SLOT_MONEY, amount) };
#undef F

static const struct {
	const char *method, *name, *basis;
	bool execution;
	int weight;
} methods[] = {
	{ "seal", "查封经营场所", "《中华人民共和国行政强制法》第二十二条", false, 250 },
	{ "seize", "扣押涉案物品", "《中华人民共和国行政强制法》第二十二条", false, 420 },
	{ "freeze", "冻结账户", "《中华人民共和国行政强制法》第二十九条", false, 30 },
	{ "other_measure", "采取其他强制措施", "《中华人民共和国行政强制法》第九条", false, 40 },
	{ "surcharge", "加处罚款", "《中华人民共和国行政强制法》第四十五条", true, 110 },
	{ "clear", "排除妨碍", "《中华人民共和国行政强制法》第十二条", true, 50 },
	{ "substitute", "代履行", "《中华人民共和国行政强制法》第五十条", true, 50 },
	{ "demolish", "强制拆除违法建筑", "《中华人民共和国行政强制法》第四十四条", true, 30 },
	{ "court", "申请人民法院强制执行", "《中华人民共和国行政强制法》第五十三条", true, 20 },
};

static bool is_code(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

bool coercion_is_seizure(const struct coercion *c)
{
	return is_code(c->method, "seal") || is_code(c->method, "seize");
}

int32_t coercion_end(const struct coercion *c)
{
	return first_day(c->ended, first_day(c->handled, c->released));
}

bool coercion_has_document(const struct coercion *c, const char *kind)
{
	for (int i = 0; i < c->document_count; i++)
		if (is_code(c->documents[i].kind, kind))
			return true;
	return false;
}

void coercion_drop_document(struct coercion *c, const char *kind)
{
	int kept = 0;

	for (int i = 0; i < c->document_count; i++)
		if (!is_code(c->documents[i].kind, kind))
			c->documents[kept++] = c->documents[i];
	c->document_count = kept;
}

/* ---- who ---- */

static void choose_party(struct maker *m, struct coercion *c)
{
	if (rng_chance(&m->rng, 300)) {
		int32_t birth = c->agency ? maker_today(m) - (int32_t)rng_in(&m->rng, 20 * 365, 65 * 365) : 0;

		c->party_type = "natural_person";
		c->party_name = name_person(&m->rng, m->mem);
		c->party_code = make_identity_number(c->agency->region, birth, (int)rng_in(&m->rng, 0, 999), m->mem);
	} else {
		struct party e = party_make(m->w, rng_in(&m->rng, 0, m->w->o.size.parties - 1), m->mem);

		c->party_type = e.sole_trader ? "sole_trader" : "legal_person";
		c->party_name = e.name;
		c->party_code = e.code;
	}
}

struct coercion_officer coercion_officer_make(struct maker *m, const struct coercion *c, int index)
{
	struct officer o = officer_make(m->w, c->agency, index, m->mem);

	return (struct coercion_officer){ "enforcement", o.name, o.cert_no, c->imposed, TRI_TRUE };
}

/* ---- what and when ---- */

static void choose_method(struct maker *m, struct coercion *c)
{
	int at = (int)rng_in(&m->rng, 0, 999), i = 0;

	while (i < COUNT(methods) - 1 && at >= methods[i].weight)
		at -= methods[i++].weight;
	for (int k = 0; m->need.procedure && k < COUNT(methods); k++)
		if (is_code(methods[k].method, m->need.procedure))
			i = k;
	c->method = methods[i].method;
	c->kind = methods[i].execution ? "execution" : "measure";
	c->measure_name = str_printf(m->mem, "对%.*s%s", STR_ARG(c->party_name), methods[i].name);
	c->basis = methods[i].basis;
}

static int32_t if_past(const struct maker *m, int32_t day)
{
	return day > maker_today(m) ? DAY_NONE : day;
}

static void add_document(struct coercion *c, const char *kind, int32_t day)
{
	c->documents[c->document_count++] = (struct coercion_document){ kind, day, day };
}

static void lay_out_seizure(struct maker *m, struct coercion *c)
{
	static const char *const things[] = { "涉案食品", "电动三轮车", "违法经营工具", "账册凭证", "不合格产品" };
	static const char *const events[] = { "handled", "no_violation", "unrelated", "other" };
	int keep = (int)rng_in(&m->rng, 5, 28);

	if (rng_chance(&m->rng, 150)) { /* extended in time */
		c->extension_days = (int)rng_in(&m->rng, 10, 30);
		c->extensions[0] = (struct coercion_extension){ c->imposed + (int32_t)rng_in(&m->rng, 20, 29), c->imposed + 30,
			c->extension_days, "机关负责人", "案情复杂，需要进一步核实" };
		c->extension_count = 1;
		keep = 30 + (int)rng_in(&m->rng, 1, c->extension_days);
	}
	c->handled = c->ended = if_past(m, c->imposed + keep);
	if (c->ended != DAY_NONE && rng_chance(&m->rng, 600)) {
		c->release_event = events[rng_next(&m->rng) % COUNT(events)];
		c->release_event_on = c->released = c->ended;
	}
	add_document(c, "approval", c->imposed);
	add_document(c, "decision", c->imposed);
	add_document(c, "inventory", c->imposed);
	add_document(c, "scene_record", c->imposed);
	c->thing_count = (int)rng_in(&m->rng, 1, 3);
	for (int i = 0; i < c->thing_count; i++)
		c->things[i] = (struct coercion_thing){ things[rng_next(&m->rng) % COUNT(things)], "件", TRI_TRUE, TRI_FALSE, TRI_FALSE };
	if (rng_chance(&m->rng, 150))
		c->fees[c->fee_count++] = (struct coercion_fee){ "storage", "agency", rng_in(&m->rng, 1, 40) * 5000 };
}

static void lay_out_measure(struct maker *m, struct coercion *c)
{
	int one = (int)rng_in(&m->rng, OFFICER_TRAITS, c->agency->officer_count - 2);

	c->urgent = rng_chance(&m->rng, 60) ? TRI_TRUE : TRI_FALSE;
	if (c->urgent == TRI_TRUE)
		c->urgent_reported_at = c->imposed_at + rng_in(&m->rng, 1, 20) * HOUR_S;
	else
		c->approved_at = c->imposed_at - rng_in(&m->rng, 1, 30) * HOUR_S;
	c->delivered = c->imposed;
	c->party_absent = c->witness = TRI_FALSE;
	c->officers[0] = coercion_officer_make(m, c, one);
	c->officers[1] = coercion_officer_make(m, c, one + 1);
	c->officer_count = 2;
	if (coercion_is_seizure(c)) {
		lay_out_seizure(m, c);
	} else if (is_code(c->method, "freeze")) {
		c->authorised = TRI_TRUE;
		c->delivered = if_past(m, workday_step(m->w->days, c->imposed, (int)rng_in(&m->rng, 0, 2)));
		if (c->delivered == DAY_NONE)
			c->delivered = c->imposed;
		c->handled = c->ended = if_past(m, c->imposed + (int32_t)rng_in(&m->rng, 5, 28));
	}
}

static void lay_out_enforcement(struct maker *m, struct coercion *c)
{
	static const char *const texts[] = { "组织人员和机械清运堆放物，全程录像", "委托第三方清理，现场有当事人和见证人",
		"按期实施，过程平稳" };

	c->urgent = c->immediate = c->flight = c->special = TRI_FALSE;
	c->measures_text = texts[rng_next(&m->rng) % COUNT(texts)];
	c->for_living = rng_chance(&m->rng, 100) ? TRI_TRUE : TRI_FALSE;
	c->urged = workday_step(m->w->days, c->imposed, -(int)rng_in(&m->rng, 15, 40));
	if (is_code(c->method, "court")) {
		c->court_applied = c->imposed;
		return;
	}
	c->enforce_decided = workday_step(m->w->days, c->imposed, -(int)rng_in(&m->rng, 5, 12));
	if (is_code(c->method, "demolish")) {
		c->announced = c->imposed - (int32_t)rng_in(&m->rng, 260, 400);
		c->review_end = c->announced + 60;
		c->litigation_end = day_add_months(c->announced, 6);
	}
}

void coercion_lay_out(struct maker *m, struct coercion *c, int32_t imposed)
{
	c->imposed = c->decided = imposed;
	c->imposed_at = (int64_t)imposed * DAY_S + rng_in(&m->rng, 9 * 60, 17 * 60) * 60;
	c->handled = c->ended = c->released = c->release_event_on = c->published = DAY_NONE;
	c->urged = c->enforce_decided = c->court_applied = c->announced = c->review_end = c->litigation_end = DAY_NONE;
	c->approved_at = c->urgent_reported_at = CIVIL_NONE;
	c->release_event = NULL;
	c->extension_days = -1;
	c->officer_count = c->document_count = c->extension_count = c->thing_count = c->fee_count = 0;
	if (is_code(c->kind, "measure"))
		lay_out_measure(m, c);
	else
		lay_out_enforcement(m, c);
	c->disclosure = rng_chance(&m->rng, 500) ? TRI_TRUE : TRI_FALSE;
	if (c->disclosure == TRI_TRUE)
		c->published = if_past(m, workday_step(m->w->days, imposed, (int)rng_in(&m->rng, 3, 15)));
}

static void make(struct maker *m, int64_t index, void *item)
{
	struct coercion *c = item;

	slots_clear(slots, (size_t)COUNT(slots), c);
	c->agency = choose_agency(m, m->need.full || m->need.trait != AGENCY_NORMAL);
	c->limited = c->agency->limited;
	c->agency_name = c->agency->name;
	c->agency_code = c->agency->code;
	c->area_code = c->agency->region;
	c->domain = c->agency->kind->domain;
	c->actor_kind = is_code(c->domain, "urban_management") ? "integrated" : "agency";
	c->facts = "涉嫌违法，为制止违法行为、防止证据损毁而采取";
	choose_party(m, c);
	choose_method(m, c);
	coercion_lay_out(m, c, random_workday(m, 700, 2));
	c->measure_no =
		str_printf(m->mem, "%.*s强〔%d〕%lld号", STR_ARG(c->agency->proxy), day_to_ymd(c->imposed).year, (long long)index + 1);
	c->decision_no =
		str_printf(m->mem, "%.*s强决〔%d〕%lld号", STR_ARG(c->agency->proxy), day_to_ymd(c->imposed).year, (long long)index + 1);
}

static void to_rows(const void *item, const struct world *w, struct rows *r)
{
	const struct coercion *c = item;

	(void)w;
	slots_to_rows(slots, (size_t)COUNT(slots), c, r);
	if (c->limited)
		return;
	slots_to_children(
		officer_slots, (size_t)COUNT(officer_slots), "officers", c->officers, sizeof(c->officers[0]), c->officer_count, r);
	slots_to_children(
		document_slots, (size_t)COUNT(document_slots), "documents", c->documents, sizeof(c->documents[0]), c->document_count, r);
	slots_to_children(extension_slots, (size_t)COUNT(extension_slots), "extensions", c->extensions, sizeof(c->extensions[0]),
		c->extension_count, r);
	slots_to_children(thing_slots, (size_t)COUNT(thing_slots), "items", c->things, sizeof(c->things[0]), c->thing_count, r);
	slots_to_children(fee_slots, (size_t)COUNT(fee_slots), "fees", c->fees, sizeof(c->fees[0]), c->fee_count, r);
}

static int64_t count(const struct world *w)
{
	return w->o.size.cases / 8;
}

static int source_of(const void *item)
{
	return ((const struct coercion *)item)->limited;
}

static struct str region_of(const void *item)
{
	return ((const struct coercion *)item)->agency->region;
}

static const struct theme *const themes[] = { &coercion_seizure, &coercion_manner, &coercion_enforcement, NULL };

const struct generator coercion_generator = {
	.type = "coercive_measure",
	.what = "行政强制",
	.sources = { { "演示数据：行政强制（办案系统）", NULL }, { "演示数据：行政强制（汇总报送）", "-" } },
	.item_bytes = sizeof(struct coercion),
	.counter = offsetof(struct demo_result, others),
	.count = count,
	.make = make,
	.source_of = source_of,
	.to_rows = to_rows,
	.region_of = region_of,
	.themes = themes,
};
