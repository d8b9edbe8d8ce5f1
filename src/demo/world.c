/* The invented world: a province, a city or one county with its governments, agencies, townships, officers and enterprises. Officers and
 * enterprises are functions of their number, so none of them is kept. */
#include <stdlib.h>

#include "auth/auth.h"
#include "crypto/crypto.h"
#include "demo/demo_private.h"
#include "org/org.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* The first fourteen are what a county has. */
const struct agency_kind agency_kinds[] = {
	{ "市场监督管理局", "市场监管局", "market", "市监", ORG_LOCAL, 16, true },
	{ "公安局", "公安局", "public_security", "公", ORG_DUAL_UPPER, 14, true },
	{ "城市管理综合行政执法局", "综合执法局", "urban_management", "城综执", ORG_LOCAL, 13, true },
	{ "交通运输局", "交通局", "transport", "交", ORG_LOCAL, 11, true },
	{ "生态环境分局", "生态环境分局", "environment", "环", ORG_VERTICAL, 6, true },
	{ "卫生健康局", "卫健局", "health", "卫", ORG_LOCAL, 6, true }, { "应急管理局", "应急局", "emergency", "应急", ORG_LOCAL, 5, true },
	{ "农业农村局", "农业农村局", "agriculture", "农", ORG_LOCAL, 5, true },
	{ "住房和城乡建设局", "住建局", "housing", "建", ORG_LOCAL, 4, true },
	{ "自然资源和规划局", "资源规划局", "natural_resources", "自然资", ORG_LOCAL, 4, true },
	{ "人力资源和社会保障局", "人社局", "labour", "人社", ORG_LOCAL, 3, true },
	{ "文化广电和旅游局", "文旅局", "culture", "文旅", ORG_LOCAL, 3, true }, { "水利局", "水利局", "water", "水", ORG_LOCAL, 2, true },
	{ "消防救援大队", "消防大队", "fire", "消", ORG_VERTICAL, 4, true },
	{ "医疗保障局", "医保局", "medical_insurance", "医保", ORG_LOCAL, 2, false },
	{ "教育局", "教育局", "education", "教", ORG_LOCAL, 1, false }, { "民政局", "民政局", "civil_affairs", "民", ORG_LOCAL, 1, false },
	{ "林业局", "林业局", "forestry", "林", ORG_LOCAL, 2, false }, { "统计局", "统计局", "statistics", "统", ORG_LOCAL, 1, false },
	{ "粮食和物资储备局", "粮食局", "grain", "粮", ORG_LOCAL, 1, false },
	{ "药品检查分局", "药检分局", "drug", "药", ORG_VERTICAL, 2, false },
	{ "烟草专卖局", "烟草局", "tobacco", "烟", ORG_VERTICAL, 3, false }, { "税务局", "税务局", "tax", "税", ORG_VERTICAL, 3, false },
	{ "能源局", "能源局", "energy", "能", ORG_LOCAL, 1, false }, { "地方金融管理局", "金融局", "finance", "金", ORG_LOCAL, 1, false },
	{ "发展和改革委员会", "发改委", "other", "发改", ORG_LOCAL, 1, false },
	{ "工业和信息化局", "工信局", "other", "工信", ORG_LOCAL, 1, false }, { "商务局", "商务局", "other", "商", ORG_LOCAL, 1, false },
	{ "财政局", "财政局", "other", "财", ORG_LOCAL, 1, false }, { "气象局", "气象局", "other", "气", ORG_VERTICAL, 1, false },
	{ "邮政管理局", "邮政局", "other", "邮", ORG_VERTICAL, 1, false }, { "体育局", "体育局", "other", "体", ORG_LOCAL, 1, false },
	{ "民族宗教事务局", "民宗局", "other", "民宗", ORG_LOCAL, 1, false },
	{ "新闻出版局", "新闻出版局", "culture", "新", ORG_LOCAL, 1, false },
	{ "海事局", "海事局", "transport", "海事", ORG_VERTICAL, 1, false },
	{ "地震局", "地震局", "other", "震", ORG_DUAL_UPPER, 1, false },
	{ "综合行政执法队", "综合执法队", "urban_management", "综执", ORG_LOCAL, 0, false }, /* the last: of townships */
};
const int agency_kind_count = COUNT(agency_kinds);

/* ---- size ---- */

enum err_code demo_size_parse(struct str text, struct demo_size *ret, struct err *err)
{
	static const struct demo_size county = { 0, 1, 12, 0, 14, 300, 1500, 3000, 1200 };
	static const struct demo_size city = { 1, 7, 145, 36, 14, 12000, 40000, 120000, 60000 };
	int64_t n;

	text = str_trim(text);
	if (text.len == 0 || str_eq(text, STR("city"))) {
		*ret = city;
	} else if (str_eq(text, STR("county"))) {
		*ret = county;
	} else if (str_eq(text, STR("province"))) {
		n = 10;
		*ret = (struct demo_size){ 10, 7, 145, 36, 14, city.officers * n, city.parties * n, city.cases * n, city.tickets * n };
	} else if (str_to_i64(text, &n) && n >= 200 && n <= DEMO_CASES_MAX) {
		*ret = n <= 6000 ? county : city;
		if (n > 2 * city.cases)
			ret->cities = (int)(n / city.cases);
		ret->officers = ret->officers * n / ret->cases;
		ret->parties = ret->parties * n / ret->cases;
		ret->tickets = ret->tickets * n / ret->cases;
		ret->cases = n;
	} else {
		return err_set(err, ERR_INPUT, "规模“%.*s”不正确：应为 county、city、province，或者 200 到 %d 之间的案件数", STR_ARG(text),
			DEMO_CASES_MAX);
	}
	return ERR_OK;
}

/* ---- making ---- */

static enum err_code add_agency(struct world *w, const struct agency_kind *kind, struct str place, struct str region, enum org_level level,
	int city, struct str superior_place, struct err *err)
{
	struct agency a = { .kind = kind, .region = region, .level = level, .city = city, .index = (int)w->agencies.len, .place = place };
	struct rng r = rng_open(w->o.seed, STREAM_AGENCY, (uint64_t)a.index);
	const char *title = level == ORG_CITY && strcmp(kind->domain, "environment") == 0 ? "生态环境局"
	                    : level == ORG_CITY && strcmp(kind->domain, "fire") == 0      ? "消防救援支队"
	                    : level == ORG_CITY && strcmp(kind->domain, "health") == 0    ? "卫生健康委员会"
	                                                                                  : kind->title;
	size_t at = 0;

	utf8_next(place, &at);
	a.name = str_printf(w->mem, "%.*s%s", STR_ARG(place), title);
	a.short_name = str_printf(w->mem, "%.*s%s", STR_ARG(place), kind->short_title);
	a.proxy = str_printf(w->mem, "%.*s%s", STR_ARG(str_sub(place, 0, 2 * at)), kind->proxy);
	if (kind->management != ORG_LOCAL)
		a.superior = str_printf(w->mem, "%.*s%s", STR_ARG(superior_place), kind->title);
	a.code = make_credit_code('1', '1', region, 1000000 + (uint64_t)a.index * 7919, w->mem);
	a.confirmed_on = day_from_ymd(2019, 3, 1) + (int32_t)rng_in(&r, 0, 700);
	if (!a.name.ptr || !a.short_name.ptr || !a.proxy.ptr || !a.code.ptr || !vec_push(&w->agencies, a))
		return err_nomem(err);
	return ERR_OK;
}

static enum err_code make_county(struct world *w, int number, int city, struct str city_place, int township_count, struct err *err)
{
	struct county c = {
		.first_township = (int)w->townships.len, .township_count = township_count, .first_agency = (int)w->agencies.len
	};
	static const char *const suffixes[] = { "区", "县", "县", "区", "县", "县", "县" };
	static const char *const town_suffixes[] = { "镇", "乡", "镇", "街道", "镇" };

	c.name = str_printf(
		w->mem, "%.*s%s", STR_ARG(name_place(w->o.seed, 20 + (int)w->counties.len, w->mem)), suffixes[number % COUNT(suffixes)]);
	c.region = str_printf(w->mem, "99%02d%02d", city + 1, number + 1);
	if (!c.name.ptr || !c.region.ptr)
		return err_nomem(err);
	for (int i = 0; i < township_count; i++) {
		struct township t = { .region = str_printf(w->mem, "%.*s%03d", STR_ARG(c.region), i + 1) };

		t.name = str_printf(w->mem, "%.*s%s", STR_ARG(name_township(w->o.seed, (int)w->townships.len, w->mem)),
			town_suffixes[i % COUNT(town_suffixes)]);
		if (!t.name.ptr || !t.region.ptr || !vec_push(&w->townships, t))
			return err_nomem(err);
	}
	for (int k = 0, made = 0; k < agency_kind_count && made < w->o.size.county_agencies; k++) {
		if (!agency_kinds[k].county)
			continue;
		TRY(add_agency(w, &agency_kinds[k], c.name, c.region, ORG_COUNTY, city, city_place, err));
		made++;
	}
	c.agency_count = (int)w->agencies.len - c.first_agency;
	return vec_push(&w->counties, c) ? ERR_OK : err_nomem(err);
}

#define TOWNSHIP_AGENCIES 2

/** Townships that enforce in their own name; they decide only what a scenario wants of them. */
static enum err_code make_township_agencies(struct world *w, struct err *err)
{
	const struct county *c = &w->counties.v[w->counties.len - 1];

	for (int i = 0; i < TOWNSHIP_AGENCIES && i < c->township_count; i++) {
		const struct township *t = &w->townships.v[c->first_township + i];

		TRY(add_agency(w, &agency_kinds[agency_kind_count - 1], t->name, t->region, ORG_TOWNSHIP, 0, c->name, err));
		w->agencies.v[w->agencies.len - 1].trait = AGENCY_TOWNSHIP;
	}
	return ERR_OK;
}

/** Which few agencies are not confirmed, confirmed late, or authorised by statute; which deliver less than others. */
static void give_traits(struct world *w)
{
	static const struct {
		const char *domain;
		enum agency_trait trait;
	} traits[] = { { "water", AGENCY_NEVER_CONFIRMED }, { "culture", AGENCY_CONFIRMED_LATE }, { "labour", AGENCY_BY_LAW } };
	int last_county = w->counties.v[w->counties.len - 1].first_agency, limited = 0;

	for (size_t i = (size_t)last_county; i < w->agencies.len; i++) {
		struct agency *a = &w->agencies.v[i];

		for (int k = 0; k < COUNT(traits); k++)
			if (strcmp(a->kind->domain, traits[k].domain) == 0)
				a->trait = traits[k].trait;
		if (a->trait == AGENCY_NEVER_CONFIRMED || a->trait == AGENCY_BY_LAW)
			a->confirmed_on = DAY_NONE;
		if (a->trait == AGENCY_CONFIRMED_LATE)
			a->confirmed_on = workday_roll(w->days, w->o.today - 200);
	}
	for (size_t i = 0; i < w->agencies.len && limited < (int)(w->agencies.len / 30 + 1); i++) {
		struct agency *a = &w->agencies.v[i];

		if (a->level == ORG_COUNTY && strcmp(a->kind->domain, "natural_resources") == 0) {
			a->limited = true;
			limited++;
		}
	}
}

/** Officers by weight, at least eight an agency; weights of agencies with a trait are small. */
static enum err_code share_out(struct world *w, struct err *err)
{
	int64_t total = 0, next = 0;

	for (size_t i = 0; i < w->agencies.len; i++) {
		struct agency *a = &w->agencies.v[i];
		int weight = a->trait == AGENCY_TOWNSHIP ? 0
		             : a->trait != AGENCY_NORMAL ? 1
		             : a->level == ORG_CITY      ? a->kind->weight
		                                         : a->kind->weight * 2;

		total += weight;
		if (!vec_push(&w->weights, total))
			return err_nomem(err);
	}
	w->weight_total = total;
	for (size_t i = 0; i < w->agencies.len; i++) {
		struct agency *a = &w->agencies.v[i];
		int64_t weight = w->weights.v[i] - (i ? w->weights.v[i - 1] : 0), spare = w->o.size.officers - 8 * (int64_t)w->agencies.len;

		a->officer_count = 8 + (int)(spare > 0 ? spare * weight / total : 0);
		if (i + 1 == w->agencies.len && next + a->officer_count < w->o.size.officers)
			a->officer_count = (int)(w->o.size.officers - next);
		a->first_officer = next;
		next += a->officer_count;
	}
	w->o.size.officers = next;
	return ERR_OK;
}

enum err_code world_make(struct world *w, struct err *err)
{
	const struct demo_size *size = &w->o.size;

	TRY(day_facts_load(w->o.assets, w->mem, &w->days, err));
	w->province = str_printf(w->mem, "%.*s省", STR_ARG(name_place(w->o.seed, 0, w->mem)));
	if (!w->province.ptr)
		return err_nomem(err);
	for (int i = 0; i < size->cities; i++) {
		struct city c = {
			.first_county = (int)w->counties.len, .county_count = size->counties, .first_agency = (int)w->agencies.len
		};

		c.name = str_printf(w->mem, "%.*s市", STR_ARG(name_place(w->o.seed, 1 + i, w->mem)));
		c.region = str_printf(w->mem, "99%02d00", i + 1);
		if (!c.name.ptr || !c.region.ptr)
			return err_nomem(err);
		for (int k = 0; k < agency_kind_count - 1 && k < size->city_agencies; k++)
			TRY(add_agency(w, &agency_kinds[k], c.name, c.region, ORG_CITY, i, w->province, err));
		c.agency_count = (int)w->agencies.len - c.first_agency;
		for (int k = 0; k < size->counties; k++)
			TRY(make_county(w, k, i, c.name, size->townships / size->counties + (k < size->townships % size->counties), err));
		if (!vec_push(&w->cities, c))
			return err_nomem(err);
	}
	if (size->cities == 0)
		TRY(make_county(w, 1, 0, str_printf(w->mem, "%.*s市", STR_ARG(name_place(w->o.seed, 1, w->mem))), size->townships, err));
	give_traits(w);
	TRY(make_township_agencies(w, err));
	return share_out(w, err);
}

/* ---- officers and enterprises by number ---- */

struct officer officer_make(const struct world *w, const struct agency *a, int index, struct arena *mem)
{
	int64_t number = a->first_officer + index;
	struct rng r = rng_open(w->o.seed, STREAM_OFFICER, (uint64_t)number);
	int32_t today = w->o.today;
	struct officer o = { .trait = index < OFFICER_TRAITS ? (enum officer_trait)index : OFFICER_NORMAL,
		.extended_to = DAY_NONE,
		.status_on = DAY_NONE,
		.left_on = DAY_NONE,
		.moved_on = DAY_NONE };

	o.female = rng_chance(&r, 350);
	o.name = name_person(&r, mem);
	o.birth = today - (int32_t)rng_in(&r, 24 * 365, 58 * 365);
	o.cert_no = str_printf(mem, "%.*s%06lld", STR_ARG(a->region), (long long)number + 1);
	o.id_no = make_identity_number(a->region, o.birth, (int)rng_in(&r, 0, 499) * 2 + (o.female ? 0 : 1), mem);
	o.status = "valid";
	o.cert_from = today - (int32_t)rng_in(&r, 820, 1600);
	o.cert_to = day_add_months(o.cert_from, 60) - 1;
	switch (o.trait) {
	case OFFICER_EXPIRED:
		o.cert_to = workday_roll(w->days, today - (int32_t)rng_in(&r, 150, 420));
		o.cert_from = day_add_months(o.cert_to, -60) + 1;
		o.status = "expired";
		break;
	case OFFICER_EXTENDED:
		o.cert_to = workday_roll(w->days, today - (int32_t)rng_in(&r, 260, 420));
		o.cert_from = day_add_months(o.cert_to, -60) + 1;
		o.extended_to = o.cert_to + 180;
		o.status = "expired";
		break;
	case OFFICER_SUSPENDED:
		o.status = "suspended";
		o.status_on = today - 500;
		break;
	case OFFICER_NEW:
		o.cert_from = workday_roll(w->days, today - (int32_t)rng_in(&r, 150, 420));
		o.cert_to = day_add_months(o.cert_from, 60) - 1;
		break;
	case OFFICER_LEFT:
		o.left_on = workday_roll(w->days, today - (int32_t)rng_in(&r, 40, 110));
		break;
	case OFFICER_MOVED:
		o.moved_on = workday_roll(w->days, today - (int32_t)rng_in(&r, 40, 110));
		o.former_agency = w->agencies.v[((size_t)a->index + 1) % w->agencies.len].name;
		break;
	case OFFICER_NORMAL:
		break;
	}
	o.posted_from = o.cert_from - 300;
	return o;
}

struct str officer_agency_on(const struct officer *o, const struct agency *now, int32_t day)
{
	if (day == DAY_NONE || day < o->posted_from || (o->left_on != DAY_NONE && day > o->left_on))
		return (struct str){ 0 };
	return o->moved_on != DAY_NONE && day < o->moved_on ? o->former_agency : now->name;
}

struct party party_make(const struct world *w, int64_t index, struct arena *mem)
{
	struct rng r = rng_open(w->o.seed, STREAM_PARTY, (uint64_t)index);
	const struct county *c = &w->counties.v[(size_t)index % w->counties.len];
	struct party p = { .sole_trader = rng_chance(&r, 300), .region = c->region, .place = c->name };
	struct str place = c->name;

	while (place.len > 0 && ((unsigned char)place.ptr[place.len - 1] & 0xC0) == 0x80)
		place.len--;
	place.len -= place.len > 0; /* without 县, 区 */
	p.name = name_company(&r, place, p.sole_trader, &p.industry, mem);
	p.code = make_credit_code('9', p.sole_trader ? '2' : '1', c->region, (uint64_t)index * 4001 % 800000000u + 7, mem);
	p.legal_rep = name_person(&r, mem);
	p.address = name_road(&r, c->name, mem);
	p.phone = make_phone(&r, mem);
	p.established = w->o.today - (int32_t)rng_in(&r, 900, 9000);
	p.small = p.sole_trader || rng_chance(&r, 700);
	p.status = rng_chance(&r, 30) ? "closed" : "active";
	p.grade = rng_chance(&r, 600) ? "a" : rng_chance(&r, 600) ? "b" : rng_chance(&r, 700) ? "c" : "d";
	return p;
}

/* ---- organisations and accounts ---- */

static enum err_code put_org(struct world *w, struct db *db, struct org o, int64_t *ret_id, int64_t *count, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(1 << 20);

	if (!mem)
		return err_nomem(err);
	o.management = ORG_LOCAL;
	o.confirmed_on = o.published_on = o.cancelled_on = DAY_NONE;
	o.created_ms = w->o.now_ms;
	TRY(org_add(db, w->o.import->ids, w->o.who, w->o.now_ms, &o, mem, err));
	*ret_id = o.id;
	++*count;
	return ERR_OK;
}

/** A government and its supervision body. */
static enum err_code put_government(struct world *w, struct db *db, struct str name, struct str region, enum org_level level,
	int64_t parent, uint64_t serial, int64_t *ret_gov, int64_t *ret_body, int64_t *count, struct err *err)
{
	size_t at = 0;
	struct org gov = { .name = str_printf(w->mem, "%.*s人民政府", STR_ARG(name)),
		.short_name = name,
		.kind = ORG_GOVERNMENT,
		.level = level,
		.region = region,
		.parent_id = parent };
	struct org body = { .name = str_printf(w->mem, "%.*s司法局", STR_ARG(name)),
		.short_name = str_printf(w->mem, "%.*s司法局", STR_ARG(name)),
		.kind = ORG_SUPERVISION_BODY,
		.level = level,
		.region = region };

	utf8_next(name, &at);
	gov.code = make_credit_code('1', '1', region, serial, w->mem);
	body.code = make_credit_code('1', '1', region, serial + 1, w->mem);
	gov.proxy_char = str_printf(w->mem, "%.*s政", STR_ARG(str_sub(name, 0, 2 * at)));
	body.proxy_char = str_printf(w->mem, "%.*s司", STR_ARG(str_sub(name, 0, 2 * at)));
	TRY(put_org(w, db, gov, ret_gov, count, err));
	body.parent_id = *ret_gov;
	return put_org(w, db, body, ret_body, count, err);
}

void township_government(const struct world *w, int index, struct arena *mem, struct str *ret_name, struct str *ret_code)
{
	const struct township *t = &w->townships.v[index];
	const struct county *c = &w->counties.v[0];

	while (index >= c->first_township + c->township_count)
		c++;
	*ret_name =
		str_printf(mem, "%.*s%.*s%s", STR_ARG(c->name), STR_ARG(t->name), str_ends(t->name, STR("街道")) ? "办事处" : "人民政府");
	*ret_code = make_credit_code('1', '1', c->region, 600000 + (uint64_t)index * 10, mem);
}

static enum err_code put_county(struct world *w, struct db *db, struct county *c, int64_t parent, int64_t *count, struct err *err)
{
	int index = (int)(c - w->counties.v);

	TRY(put_government(
		w, db, c->name, c->region, ORG_COUNTY, parent, 500000 + (uint64_t)index * 10, &c->gov_id, &c->body_id, count, err));
	for (int i = 0; i < c->township_count; i++) {
		struct township *t = &w->townships.v[c->first_township + i];
		struct org gov = {
			.short_name = t->name, .kind = ORG_GOVERNMENT, .level = ORG_TOWNSHIP, .region = t->region, .parent_id = c->gov_id
		};
		struct org office = { .name = str_printf(w->mem, "%.*s%.*s司法所", STR_ARG(c->name), STR_ARG(t->name)),
			.short_name = str_printf(w->mem, "%.*s司法所", STR_ARG(t->name)),
			.kind = ORG_JUDICIAL_OFFICE,
			.level = ORG_TOWNSHIP,
			.region = t->region };

		township_government(w, c->first_township + i, w->mem, &gov.name, &gov.code);
		TRY(put_org(w, db, gov, &t->gov_id, count, err));
		office.parent_id = t->gov_id;
		TRY(put_org(w, db, office, &t->office_id, count, err));
	}
	return ERR_OK;
}

enum err_code world_store_orgs(struct world *w, struct db *db, int64_t *ret_count, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	int64_t count = 0, body;

	TRY(db_begin(db, &tx, err));
	if (w->cities.len > 1)
		TRY(put_government(w, db, w->province, STR("990000"), ORG_PROVINCE, 0, 400000, &w->province_id, &body, &count, err));
	for (size_t i = 0; i < w->cities.len; i++) {
		struct city *c = &w->cities.v[i];

		TRY(put_government(
			w, db, c->name, c->region, ORG_CITY, w->province_id, 410000 + i * 10, &c->gov_id, &c->body_id, &count, err));
		for (int k = 0; k < c->county_count; k++)
			TRY(put_county(w, db, &w->counties.v[c->first_county + k], c->gov_id, &count, err));
	}
	if (w->cities.len == 0)
		TRY(put_county(w, db, &w->counties.v[0], 0, &count, err));
	*ret_count = count;
	return db_commit(&tx, err);
}

enum err_code world_store_accounts(struct world *w, struct db *db, int64_t *ret_count, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(1 << 20);
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	int64_t gov = w->cities.len ? w->cities.v[0].gov_id : w->counties.v[0].gov_id;
	int64_t body = w->cities.len ? w->cities.v[0].body_id : w->counties.v[0].body_id;
	int64_t office = w->townships.v[0].office_id, agency_id = 0, id;
	const struct agency *agency = &w->agencies.v[0]; /* 市场监督管理局 */
	const struct {
		const char *name, *title;
		int64_t org_id;
		unsigned int role;
	} rows[] = {
		{ "supervisor", "监督员", body, ROLE_SUPERVISOR },
		{ "reviewer", "审核员", body, ROLE_REVIEWER },
		{ "leader", "监督科负责人", body, ROLE_LEADER },
		{ "mayor", w->cities.len ? "分管副市长" : "分管副县长", gov, ROLE_GOV_APPROVER },
		{ "agency", "执法机关联络员", 0, ROLE_LIAISON },
		{ "township", "司法所工作人员", office, ROLE_TOWNSHIP },
		{ "auditor", "审计员", body, ROLE_AUDITOR },
		{ "sysadmin", "系统管理员", body, ROLE_SYSADMIN },
		{ "secadmin", "安全管理员", body, ROLE_SECADMIN },
	};
	char hash[PASSWORD_HASH_SIZE];

	if (!mem)
		return err_nomem(err);
	TRY(password_hash_fast(STR(AUTH_DEMO_PASSWORD), hash, err));
	TRY(org_find(db, agency->code, agency->name, &agency_id, err));
	if (agency_id == 0)
		return err_set(err, ERR_INTERNAL, "演示机关 %.*s 没有进入组织树", STR_ARG(agency->name));
	TRY(db_begin(db, &tx, err));
	for (int i = 0; i < COUNT(rows); i++) {
		struct rng r = rng_open(w->o.seed, STREAM_PERSON, (uint64_t)i);
		struct str person = name_person(&r, mem);
		const struct account_seed seed = { .name = str_of(rows[i].name),
			.display_name = str_printf(mem, "%.*s（%s）", STR_ARG(person), rows[i].title),
			.password_hash = str_of(hash),
			.org_id = rows[i].org_id ? rows[i].org_id : agency_id,
			.roles = rows[i].role,
			.demo = true };

		TRY(auth_account_put(db, w->o.import->ids, w->o.now_ms, &seed, &id, err));
	}
	*ret_count = COUNT(rows);
	return db_commit(&tx, err);
}
