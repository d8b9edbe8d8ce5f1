/* Lawful inspections of enterprises: who, where, why, and a course that no rule objects to. Scenarios change single facts afterwards. */
#include "demo/inspection.h"
#include "demo/slots.h"
#include "demo/work.h"

#include <stddef.h>

/* What is inspected; every agency has the same names with codes of its own. `joint`: departments on the joint list. */
static const struct {
	const char *name;
	int joint;
	bool offsite;
} item_names[] = {
	{ "经营资质核查", 1, false },
	{ "安全管理制度检查", 1, false },
	{ "设施设备检查", 1, false },
	{ "从业人员资格检查", 1, false },
	{ "场所卫生与环境检查", 0, false },
	{ "台账记录检查", 0, false },
	{ "年度报告抽查", 0, true },
	{ "消防与安全出口检查", 3, false },
	{ "用工情况检查", 2, false },
};

#define SLOT(member, column, kind)                                                                                                         \
	{                                                                                                                                  \
		column, kind, offsetof(struct inspection, member)                                                                          \
	}
static const struct slot slots[] = {
	SLOT(no, "inspection_no", SLOT_TEXT),
	SLOT(name, "inspection_name", SLOT_TEXT),
	SLOT(entrusted_name, "entrusted_name", SLOT_TEXT),
	SLOT(entrustment_no, "entrustment_no", SLOT_TEXT),
	SLOT(area, "area_code", SLOT_TEXT),
	SLOT(item_code, "item_code", SLOT_TEXT),
	SLOT(party_name, "party_name", SLOT_TEXT),
	SLOT(party_code, "party_code", SLOT_TEXT),
	SLOT(party_address, "party_address", SLOT_TEXT),
	SLOT(party_type, "party_type", SLOT_CODE),
	SLOT(body_kind, "body_kind", SLOT_CODE),
	SLOT(kind, "kind", SLOT_CODE),
	SLOT(source, "source", SLOT_CODE),
	SLOT(mode, "mode", SLOT_CODE),
	SLOT(purpose, "purpose", SLOT_CODE),
	SLOT(outcome, "outcome", SLOT_CODE),
	SLOT(joint_no, "joint_no", SLOT_TEXT),
	SLOT(special_no, "special_no", SLOT_TEXT),
	SLOT(assist_no, "assist_no", SLOT_TEXT),
	SLOT(plan_no, "plan_no", SLOT_TEXT),
	SLOT(notice_no, "notice_no", SLOT_TEXT),
	SLOT(check_code, "check_code", SLOT_TEXT),
	SLOT(cert_nos, "cert_nos", SLOT_TEXT),
	SLOT(random_object, "random_object", SLOT_TRI),
	SLOT(random_inspector, "random_inspector", SLOT_TRI),
	SLOT(key_industry, "key_industry", SLOT_TRI),
	SLOT(food, "food", SLOT_TRI),
	SLOT(urgent, "urgent", SLOT_TRI),
	SLOT(secret, "secret", SLOT_TRI),
	SLOT(superior_authorised, "superior_authorised", SLOT_TRI),
	SLOT(cert_shown, "cert_shown", SLOT_TRI),
	SLOT(exec_attended, "exec_attended", SLOT_TRI),
	SLOT(party_objected, "party_objected", SLOT_TRI),
	SLOT(record_made, "record_made", SLOT_TRI),
	SLOT(party_signed, "party_signed", SLOT_TRI),
	SLOT(approved, "approved_on", SLOT_DAY),
	SLOT(backfilled, "backfilled_on", SLOT_DAY),
	SLOT(started, "started_on", SLOT_DAY),
	SLOT(ended, "ended_on", SLOT_DAY),
	SLOT(result, "result_on", SLOT_DAY),
	SLOT(informed, "informed_on", SLOT_DAY),
	SLOT(published, "published_on", SLOT_DAY),
	SLOT(arrived_at, "started_at", SLOT_TIME),
	SLOT(left_at, "left_at", SLOT_TIME),
	SLOT(longitude, "longitude", SLOT_DECIMAL),
	SLOT(latitude, "latitude", SLOT_DECIMAL),
	SLOT(offsite_reason, "offsite_reason", SLOT_WORD),
	SLOT(exec_reason, "exec_reason", SLOT_WORD),
	SLOT(case_no, "case_no", SLOT_TEXT),
	SLOT(fine, "fine", SLOT_MONEY),
};
static const struct slot officer_slots[] = {
	{ "name", SLOT_TEXT, offsetof(struct inspection_officer, name) },
	{ "cert_no", SLOT_TEXT, offsetof(struct inspection_officer, cert_no) },
	{ "acted_on", SLOT_DAY, offsetof(struct inspection_officer, acted) },
	{ "employment", SLOT_CODE, offsetof(struct inspection_officer, employment) },
	{ "certified", SLOT_TRI, offsetof(struct inspection_officer, certified) },
};
static const struct slot item_slots[] = {
	{ "item_code", SLOT_TEXT, offsetof(struct inspection_item, code) },
	{ "item_name", SLOT_TEXT, offsetof(struct inspection_item, name) },
	{ "listed", SLOT_TRI, offsetof(struct inspection_item, listed) },
	{ "list_note", SLOT_TRI, offsetof(struct inspection_item, noted) },
	{ "offsite_capable", SLOT_TRI, offsetof(struct inspection_item, offsite) },
	{ "joint_departments", SLOT_NUMBER, offsetof(struct inspection_item, joint) },
};
static const struct slot scan_slots[] = {
	{ "scanned_at", SLOT_TIME, offsetof(struct inspection_scan, at) },
	{ "agency_name", SLOT_TEXT, offsetof(struct inspection_scan, agency) },
	{ "cert_no", SLOT_TEXT, offsetof(struct inspection_scan, cert_no) },
	{ "longitude", SLOT_DECIMAL, offsetof(struct inspection_scan, longitude) },
	{ "latitude", SLOT_DECIMAL, offsetof(struct inspection_scan, latitude) },
};

static void set_item(struct maker *m, struct inspection *i, int row, int name)
{
	i->items[row] = (struct inspection_item){
		.code = str_printf(m->mem, "99%04d%08d", i->agency->kind ? (int)(i->agency->kind - agency_kinds) + 1 : 0, name + 1),
		.name = str_of(item_names[name].name),
		.listed = TRI_TRUE,
		.noted = TRI_FALSE,
		.offsite = tri(item_names[name].offsite),
		.joint = item_names[name].joint,
	};
}

static void choose_items(struct maker *m, struct inspection *i)
{
	int first = (int)rng_in(&m->rng, 0, 4);

	i->item_count = (int)rng_in(&m->rng, 1, 2);
	for (int k = 0; k < i->item_count; k++)
		set_item(m, i, k, first + k); /* 0 … 5: all on the list, on site, of one department */
	if (i->joint_no.ptr)
		set_item(m, i, 0, INSPECTION_ITEM_JOINT);
	i->item_code = i->items[0].code;
}

static struct inspection_officer inspector(struct maker *m, const struct inspection *i, int index)
{
	struct officer o = officer_make(m->w, i->agency, index, m->mem);

	return (struct inspection_officer){ .name = o.name, .cert_no = o.cert_no, .employment = "civil_servant", .certified = TRI_TRUE };
}

static void choose_officers(struct maker *m, struct inspection *i)
{
	int one = (int)rng_in(&m->rng, OFFICER_TRAITS, i->agency->officer_count - 2);

	i->officer_count = 2;
	i->officers[0] = inspector(m, i, one);
	i->officers[1] = inspector(m, i, one + 1);
	i->cert_nos = str_printf(m->mem, "%.*s、%.*s", STR_ARG(i->officers[0].cert_no), STR_ARG(i->officers[1].cert_no));
}

void inspection_set_person(struct maker *m, struct inspection *i)
{
	i->party_type = "natural_person";
	i->party_name = name_person(&m->rng, m->mem);
	i->party_code = (struct str){ 0 };
	i->party_address = name_road(&m->rng, i->agency->place, m->mem);
}

static void set_party(struct maker *m, struct inspection *i, int64_t number)
{
	struct party e = party_make(m->w, number, m->mem);

	i->party_type = e.sole_trader ? "sole_trader" : "legal_person";
	i->party_name = e.name;
	i->party_code = e.code;
	i->party_address = e.address;
}

/** In the county of the agency; of a city's agency in one of its counties. */
static void choose_area(struct maker *m, struct inspection *i)
{
	i->area = i->agency->region;
	if (i->agency->level == ORG_CITY) {
		const struct city *c = &m->w->cities.v[i->agency->city];

		i->area = m->w->counties.v[c->first_county + (int)rng_in(&m->rng, 0, c->county_count - 1)].region;
	}
}

void inspection_set_routine(struct inspection *i)
{
	i->kind = "routine";
	i->source = "routine";
	i->joint_no = i->special_no = (struct str){ 0 };
}

static void choose_kind(struct maker *m, struct inspection *i)
{
	static const char *const cases[] = { "complaint", "assigned", "monitoring", "application", "licence" };
	int roll = (int)rng_in(&m->rng, 0, 99);

	if (roll < 60) {
		inspection_set_routine(i);
	} else if (roll < 80) {
		i->kind = "case_based";
		i->source = cases[rng_next(&m->rng) % COUNT(cases)];
	} else if (roll < 92) {
		i->kind = "special";
		i->source = "superior_special";
	} else {
		i->kind = "recheck";
		i->source = "rectification";
	}
	if (roll < 6)
		i->joint_no = str_printf(m->mem, "LH%.*s%03d", STR_ARG(i->area), (int)rng_in(&m->rng, 1, 40));
	if (strcmp(i->agency->kind->domain, "market") == 0) {
		bool random = strcmp(i->kind, "routine") == 0;

		i->random_object = i->random_inspector = tri(random);
		i->food = tri(rng_chance(&m->rng, 300));
	} else {
		i->random_object = i->random_inspector = tri(strcmp(i->kind, "routine") == 0 && rng_chance(&m->rng, 300));
		i->food = TRI_FALSE;
	}
}

void inspection_set_mode(struct maker *m, struct inspection *i, const char *mode)
{
	bool onsite = strcmp(mode, "onsite") == 0;

	i->mode = mode;
	i->notice_no = i->check_code = (struct str){ 0 };
	i->cert_shown = i->record_made = i->party_signed = onsite ? TRI_TRUE : TRI_UNKNOWN;
	i->scan_count = 0;
	i->arrived_at = i->left_at = CIVIL_NONE;
	if (!onsite)
		return;
	if (rng_chance(&m->rng, 400))
		i->check_code = str_printf(m->mem, "JCM%.*s%d", STR_ARG(i->no), (int)rng_in(&m->rng, 100, 999));
	else
		i->notice_no = str_printf(m->mem, "%.*s检通%.*s号", STR_ARG(i->agency->proxy), STR_ARG(i->no));
	i->arrived_at = (int64_t)i->started * 86400 + rng_in(&m->rng, 9, 15) * 3600 + 600;
	i->left_at = i->arrived_at + rng_in(&m->rng, 30, 150) * 60;
	i->scan_count = 1;
	i->scans[0] = (struct inspection_scan){ .at = i->arrived_at - 300,
		.agency = i->agency->name,
		.cert_no = i->officers[0].cert_no,
		.longitude = i->longitude + rng_in(&m->rng, -20, 20),
		.latitude = i->latitude + rng_in(&m->rng, -20, 20) };
}

void inspection_lay_out(struct maker *m, struct inspection *i, int32_t started)
{
	const struct day_facts *f = m->w->days;
	bool publish = i->random_object == TRI_TRUE || i->food == TRI_TRUE;

	i->started = i->ended = i->result = started;
	i->approved = i->urgent == TRI_TRUE ? DAY_NONE : workday_step(f, started, -(int)rng_in(&m->rng, 0, 6));
	i->backfilled = i->urgent == TRI_TRUE ? past(m, workday_step(f, started, (int)rng_in(&m->rng, 1, 2))) : DAY_NONE;
	i->plan_no = str_printf(m->mem, "%.*s检查方案%d", STR_ARG(i->agency->proxy), (int)rng_in(&m->rng, 1, 60));
	i->informed = past(m, started + (int32_t)rng_in(&m->rng, 0, 3));
	i->published = publish ? past(m, workday_step(f, started, (int)rng_in(&m->rng, 1, 18))) : DAY_NONE;
	for (int k = 0; k < i->officer_count; k++)
		i->officers[k].acted = started;
	inspection_set_mode(m, i, i->mode);
}

static void choose_outcome(struct maker *m, struct inspection *i)
{
	static const char *const visits[] = { "observation", "supervision", "study_tour", "research" };
	int roll = (int)rng_in(&m->rng, 0, 99);

	i->purpose = "inspection";
	i->outcome = roll < 70 ? "clean" : roll < 85 ? "corrected" : roll < 95 ? "correction_order" : "filed";
	if (rng_chance(&m->rng, 20)) {
		i->purpose = visits[rng_next(&m->rng) % COUNT(visits)];
		i->outcome = "clean";
	}
	i->fine = NO_MONEY;
	if (strcmp(i->outcome, "filed") == 0)
		i->fine = rng_in(&m->rng, 2, 60) * 1000 * 100;
}

static void join_series(struct maker *m, struct inspection *i, const struct inspection_series *s)
{
	i->kind = s->kind;
	i->source = s->source;
	i->joint_no = s->joint ? str_printf(m->mem, "LH%.*s%03d", STR_ARG(i->area), 1) : (struct str){ 0 };
	i->item_count = 1;
	set_item(m, i, 0, s->item);
	i->item_code = i->items[0].code;
	i->purpose = "inspection";
	i->outcome = s->outcome;
	i->fine = s->fine;
	i->urgent = s->urgent;
	i->mode = "onsite";
	inspection_lay_out(m, i, s->started);
}

static void make(struct maker *m, int64_t index, void *item)
{
	struct inspection *i = item;
	int32_t started = random_workday(m, 720, 3);
	struct inspection_series s;
	bool together;

	slots_clear(slots, COUNT(slots), i);
	i->officer_count = i->item_count = i->scan_count = 0;
	i->entrustment_known = false;
	i->letter = i->entrustment_published = DAY_NONE;
	together = !m->need.full && inspection_series_at(m->w, index, &s);
	i->agency = together ? s.agency : choose_agency(m, m->need.full || m->need.trait != AGENCY_NORMAL);
	i->limited = i->agency->limited;
	i->no = str_printf(m->mem, "JC%.*s%07lld", STR_ARG(i->agency->region), (long long)index + 1);
	i->name = str_printf(m->mem, "%.*s检查", STR_ARG(i->agency->short_name));
	i->body_kind = i->agency->trait == AGENCY_BY_LAW ? "authorised_org" : "agency";
	i->key_industry = i->secret = i->superior_authorised = i->exec_attended = i->party_objected = TRI_FALSE;
	i->urgent = tri(rng_chance(&m->rng, 30));
	i->longitude = 1150000 + rng_in(&m->rng, 0, 9999);
	i->latitude = 320000 + rng_in(&m->rng, 0, 9999);
	set_party(m, i, together ? s.party : rng_in(&m->rng, 0, m->w->o.size.parties - 1));
	choose_area(m, i);
	choose_kind(m, i);
	choose_items(m, i);
	choose_officers(m, i);
	choose_outcome(m, i);
	i->mode = rng_chance(&m->rng, 850) ? "onsite" : "offsite";
	inspection_lay_out(m, i, started);
	if (together)
		join_series(m, i, &s);
}

/* ---- values ---- */

static void to_rows(const void *item, const struct world *w, struct rows *r)
{
	const struct inspection *i = item;

	(void)w;
	slots_to_rows(slots, COUNT(slots), i, r);
	rows_text(r, "agency_name", i->agency->name);
	rows_text(r, "agency_code", i->agency->code);
	rows_code(r, "domain", i->agency->kind->domain);
	slots_to_children(officer_slots, COUNT(officer_slots), "officers", i->officers, sizeof(i->officers[0]), i->officer_count, r);
	slots_to_children(item_slots, COUNT(item_slots), "items", i->items, sizeof(i->items[0]), i->item_count, r);
	slots_to_children(scan_slots, COUNT(scan_slots), "scans", i->scans, sizeof(i->scans[0]), i->scan_count, r);
}

static int64_t count(const struct world *w)
{
	return w->o.size.cases / 2;
}

static int source_of(const void *item)
{
	return ((const struct inspection *)item)->limited;
}

static struct str region_of(const void *item)
{
	return ((const struct inspection *)item)->agency->region;
}

static const struct theme *const themes[] = { &inspection_entry, &inspection_conduct, &inspection_result, &inspection_groups, NULL };

const struct generator inspection_generator = {
	.type = "inspection",
	.what = "行政检查",
	.sources = { { "演示数据：行政检查（检查系统）", NULL }, { "演示数据：行政检查（互联网+监管报送）", "officers" } },
	.item_bytes = sizeof(struct inspection),
	.counter = offsetof(struct demo_result, others),
	.count = count,
	.make = make,
	.source_of = source_of,
	.to_rows = to_rows,
	.region_of = region_of,
	.themes = themes,
};
