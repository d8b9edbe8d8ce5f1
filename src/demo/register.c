/* The registers: agencies, their officers, enterprises. Rules about them are themes listed at the end of each generator. */
#include "demo/agency_public.h"
#include "demo/demo_private.h"

#include <stddef.h>

/* ---- agencies ---- */

static int64_t count_agencies(const struct world *w)
{
	return (int64_t)w->agencies.len;
}

static void make_agency(struct maker *m, int64_t index, void *item)
{
	*(struct agency *)item = m->w->agencies.v[index];
}

struct str agency_jurisdiction(const struct agency *a)
{
	if (a->limited)
		return (struct str){ 0 };
	return a->level == ORG_CITY ? str_sub(a->region, 0, 4) : a->region;
}

static void agency_to_rows(const void *item, const struct world *w, struct rows *r)
{
	const struct agency *a = item;
	static const char *const levels[] = { "province", "city", "county", "township" };
	static const char *const managements[] = { "local", "vertical", "dual_upper" };
	struct rng rng = rng_open(1, STREAM_AGENCY, (uint64_t)a->index);

	rows_text(r, "code", a->code);
	rows_text(r, "name", a->name);
	rows_text(r, "short_name", a->short_name);
	rows_code(r, "kind", "agency");
	rows_code(r, "level", levels[a->level]);
	rows_text(r, "area_code", a->region);
	rows_code(r, "management", managements[a->kind->management]);
	rows_text(r, "superior_name", a->superior);
	rows_code(r, "domain", a->kind->domain);
	rows_code(r, "status", "active");
	rows_tri(r, "authorised_by_law", a->trait == AGENCY_BY_LAW ? TRI_TRUE : TRI_FALSE);
	rows_day(r, "confirmed_on", a->confirmed_on);
	if (a->confirmed_on != DAY_NONE)
		rows_day(r, "published_on", a->confirmed_on);
	rows_text(r, "jurisdiction", agency_jurisdiction(a));
	if (agency_inspection_cap(a) >= 0)
		rows_i64(r, "inspection_cap", agency_inspection_cap(a));
	rows_text(r, "proxy_char", a->proxy);
	rows_text(r, "address", name_road(&rng, a->place, r->mem));
	agency_public_to_rows(a, w, r);
}

static struct str agency_region(const void *item)
{
	return ((const struct agency *)item)->region;
}

static const struct theme *const agency_themes[] = { &agency_public, NULL };

const struct generator agency_generator = {
	.type = "agency",
	.what = "行政执法主体",
	.sources = { { "演示数据：行政执法主体名册", NULL } },
	.item_bytes = sizeof(struct agency),
	.counter = offsetof(struct demo_result, agencies),
	.count = count_agencies,
	.make = make_agency,
	.to_rows = agency_to_rows,
	.region_of = agency_region,
	.themes = agency_themes,
};

/* ---- officers ---- */

static int64_t count_officers(const struct world *w)
{
	return w->o.size.officers;
}

/** The agency whose officers include the number: the last one that begins at or before it. */
static const struct agency *agency_of_officer(const struct world *w, int64_t number)
{
	size_t low = 0, high = w->agencies.len - 1;

	while (low < high) {
		size_t middle = (low + high + 1) / 2;

		if (w->agencies.v[middle].first_officer <= number)
			low = middle;
		else
			high = middle - 1;
	}
	return &w->agencies.v[low];
}

static void make_officer(struct maker *m, int64_t index, void *item)
{
	struct registered_officer *o = item;

	o->agency = agency_of_officer(m->w, index);
	o->officer = officer_make(m->w, o->agency, (int)(index - o->agency->first_officer), m->mem);
	reviewer_make(m, o);
}

static void periods_to_rows(const struct officer *o, const struct agency *a, struct rows *r)
{
	struct child_rows c = rows_child(r, "periods", o->moved_on == DAY_NONE ? 1 : 2);

	if (o->moved_on != DAY_NONE) {
		child_day(&c, "from_on", o->posted_from);
		child_day(&c, "to_on", o->moved_on - 1);
		child_text(&c, "agency_name", o->former_agency);
		c.row++;
	}
	child_day(&c, "from_on", o->moved_on == DAY_NONE ? o->posted_from : o->moved_on);
	child_day(&c, "to_on", o->left_on);
	child_text(&c, "agency_name", a->name);
}

static void officer_to_rows(const void *item, const struct world *w, struct rows *r)
{
	const struct registered_officer *registered = item;
	const struct officer *o = &registered->officer;
	const struct agency *a = registered->agency;

	rows_text(r, "cert_no", o->cert_no);
	rows_text(r, "name", o->name);
	rows_text(r, "agency_name", a->name);
	rows_text(r, "agency_code", a->code);
	rows_text(r, "id_no", o->id_no);
	rows_code(r, "gender", o->female ? "female" : "male");
	rows_day(r, "birth_on", o->birth);
	rows_code(r, "kind", "officer");
	rows_tri(r, "establishment_post", TRI_TRUE);
	rows_code(r, "cert_kind", "enforcement");
	rows_text(r, "cert_issuer", str_printf(r->mem, "%.*s人民政府", STR_ARG(w->province)));
	rows_text(r, "cert_area", a->place);
	rows_day(r, "cert_from_on", o->cert_from);
	rows_day(r, "cert_to_on", o->cert_to);
	rows_code(r, "cert_status", o->status);
	rows_day(r, "cert_status_on", o->status_on);
	rows_day(r, "cert_extended_to_on", o->extended_to);
	rows_day(r, "left_on", o->left_on);
	rows_code(r, "employment", "civil_servant");
	rows_tri(r, "legal_reviewer", registered->reviewer);
	rows_tri(r, "law_qualified", registered->qualified);
	rows_day(r, "first_review_on", registered->first_review);
	periods_to_rows(o, a, r);
	rows_text(r, "area_code", a->region);
}

static struct str officer_region(const void *item)
{
	return ((const struct registered_officer *)item)->agency->region;
}

static const struct theme *const officer_themes[] = { &reviewers, NULL };

const struct generator officer_generator = {
	.type = "officer",
	.what = "行政执法人员",
	.sources = { { "演示数据：行政执法人员名册", NULL } },
	.item_bytes = sizeof(struct registered_officer),
	.counter = offsetof(struct demo_result, officers),
	.count = count_officers,
	.make = make_officer,
	.to_rows = officer_to_rows,
	.region_of = officer_region,
	.themes = officer_themes,
};

/* ---- enterprises ---- */

static int64_t count_parties(const struct world *w)
{
	return w->o.size.parties;
}

static void make_party(struct maker *m, int64_t index, void *item)
{
	*(struct party *)item = party_make(m->w, index, m->mem);
}

static void party_to_rows(const void *item, const struct world *w, struct rows *r)
{
	const struct party *p = item;

	(void)w;
	rows_text(r, "code", p->code);
	rows_text(r, "name", p->name);
	rows_code(r, "party_type", p->sole_trader ? "sole_trader" : "legal_person");
	rows_text(r, "legal_rep", p->legal_rep);
	rows_text(r, "industry", p->industry);
	rows_day(r, "established_on", p->established);
	rows_code(r, "status", p->status);
	rows_code(r, "credit_grade", p->grade);
	rows_tri(r, "small_business", p->small ? TRI_TRUE : TRI_FALSE);
	rows_text(r, "area_code", p->region);
	rows_text(r, "address", p->address);
	rows_text(r, "phone", p->phone);
}

static struct str party_region(const void *item)
{
	return ((const struct party *)item)->region;
}

const struct generator party_generator = {
	.type = "party",
	.what = "市场主体",
	.sources = { { "演示数据：市场主体", NULL } },
	.item_bytes = sizeof(struct party),
	.counter = offsetof(struct demo_result, parties),
	.count = count_parties,
	.make = make_party,
	.to_rows = party_to_rows,
	.region_of = party_region,
};
