/* Routes of the catalogue: registers as of a day, the tier of a fine, the page of an enterprise. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/catalog.h"
#include "clue/clue.h"
#include "detect/detect.h"
#include "matter/matter.h"
#include "org/org.h"

#define PARTY_ROWS_MAX 200
#define PARTIES_FOUND_MAX 20
#define PAGE_DEFAULT 50

/* ---- registers ---- */

static const char *const registers[] = { "enforcement_item", "discretion_tier", "lenient_list" };

static enum err_code register_of(struct request *req, const struct dictionary_type **ret, struct err *err)
{
	struct str name = request_segment(req, "type");

	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		if (str_eq(name, str_of(registers[i])) && (*ret = dictionary_type(req->app->dictionary, name)))
			return ERR_OK;
	return err_set(err, ERR_NOT_FOUND, "没有这个清单；有 enforcement_item、discretion_tier、lenient_list");
}

/** The row with its values on the day, and of which period they are. */
static void put_version(struct request *req, struct json *j, const struct dictionary_type *t, const struct record_row *row,
	struct dictionary_value *values, const struct catalog_version *v)
{
	struct record_row then = *row;

	then.values = values;
	record_row_write(req, j, t, &then);
	json_key(j, "version");
	json_obj(j);
	json_kbool(j, "has_history", v->has_history);
	json_kbool(j, "in_force", v->in_force);
	json_kday(j, "from_on", v->from_on);
	json_kday(j, "to_on", v->to_on);
	json_obj_end(j);
}

static enum err_code put_as_of(struct request *req, struct json *j, const struct dictionary_type *t, int64_t id, int32_t day,
	struct record_row *ret_row, struct err *err)
{
	struct catalog_version version;
	struct dictionary_value *values;

	TRY(record_get(req->db, req->app->dictionary, &req->who, t, id, req->mem, ret_row, err));
	TRY(catalog_as_of(t, ret_row, day, req->mem, &values, &version, err));
	put_version(req, j, t, ret_row, values, &version);
	return ERR_OK;
}

struct list_query {
	struct str q, kind, item_code, after;
	int32_t as_of;
	int64_t agency, limit, count;
};
static const struct field list_fields[] = {
	F_STR(struct list_query, q, .max = 100, .label = "查找内容"),
	F_STR(struct list_query, kind, .max = 40, .label = "类别"),
	F_STR(struct list_query, item_code, .max = 60, .label = "事项编码"),
	F_STR(struct list_query, after, .max = 100, .label = "上一页末尾"),
	F_DAY(struct list_query, as_of, .label = "截至日期"),
	F_ID(struct list_query, agency, .label = "机关"),
	F_I64(struct list_query, limit, .min = 1, .max = 200, .label = "条数"),
	F_I64(struct list_query, count, .min = 0, .max = 1, .label = "是否计数"),
	{ 0 },
};

static enum err_code add_filter(struct request *req, struct record_query *q, const char *column, struct str value, struct err *err)
{
	bool is;

	if (value.len == 0 || !dictionary_column(q->type, str_of(column)))
		return ERR_OK;
	return record_query_param(q, str_of(column), value, req->mem, &is, err);
}

static enum err_code register_list(struct request *req, struct response *res, struct err *err)
{
	const struct list_query *in = req->query;
	int32_t day = in->as_of != DAY_NONE ? in->as_of : req->today;
	const struct dictionary_type *t;
	struct record_query q;
	struct record_page page;

	TRY(register_of(req, &t, err));
	q = (struct record_query){ .type = t,
		.who = &req->who,
		.q = in->q,
		.after = in->after,
		.agency_org_id = in->agency,
		.limit = in->limit > 0 ? (int)in->limit : PAGE_DEFAULT,
		.want_total = in->count > 0 };
	TRY(add_filter(req, &q, "kind", in->kind, err));
	TRY(add_filter(req, &q, "item_code", in->item_code, err));
	TRY(record_list(req->db, req->app->dictionary, &q, req->mem, &page, err));
	json_obj(res->json);
	json_kday(res->json, "as_of", day);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < page.row_count; i++) {
		struct record_row row;

		json_obj(res->json);
		TRY(put_as_of(req, res->json, t, page.rows[i].id, day, &row, err));
		json_obj_end(res->json);
	}
	json_arr_end(res->json);
	json_kstr(res->json, "next", page.next.len ? page.next : (struct str){ 0 });
	if (page.total >= 0)
		json_ki64(res->json, "total", page.total);
	json_obj_end(res->json);
	return ERR_OK;
}

struct one_query {
	int32_t as_of;
	int64_t fine_fen;
};
static const struct field one_fields[] = {
	F_DAY(struct one_query, as_of, .label = "截至日期"),
	F_I64(struct one_query, fine_fen, .min = 0, .max = INT64_MAX, .label = "罚款（分）"),
	{ 0 },
};

static void put_tiers(struct request *req, struct json *j, const struct catalog_tier *tiers, size_t count)
{
	const struct dictionary_type *t = dictionary_type(req->app->dictionary, STR("discretion_tier"));

	json_key(j, "tiers");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		json_obj(j);
		put_version(req, j, t, &tiers[i].row, tiers[i].values, &tiers[i].version);
		json_kbool(j, "holds", tiers[i].holds);
		json_obj_end(j);
	}
	json_arr_end(j);
}

/** The versions of a register in order of time, as the source delivered them. */
static void put_periods(struct json *j, const struct dictionary_type *t, const struct record_row *row)
{
	const struct dictionary_child *child = t->history.child >= 0 ? &t->children[t->history.child] : NULL;
	const struct record_child_rows *rows = child ? &row->children[t->history.child] : NULL;

	json_key(j, "periods");
	json_arr(j);
	for (size_t r = 0; rows && r < rows->row_count; r++) {
		json_obj(j);
		for (size_t i = 0; i < child->column_count; i++) {
			json_key_str(j, child->columns[i].name);
			column_json(&child->columns[i], &rows->cells[r * child->column_count + i], j);
		}
		json_obj_end(j);
	}
	json_arr_end(j);
}

/** Lenient treatment of the item on that day. */
static enum err_code put_lenient(struct request *req, struct json *j, struct str item_code, int32_t day, struct err *err)
{
	const struct dictionary_type *t = dictionary_type(req->app->dictionary, STR("lenient_list"));
	struct record_query q = { .type = t, .who = &req->who, .limit = PAGE_DEFAULT };
	struct record_page page = { 0 };

	if (t && item_code.len > 0) {
		TRY(add_filter(req, &q, "item_code", item_code, err));
		TRY(record_list(req->db, req->app->dictionary, &q, req->mem, &page, err));
	}
	json_key(j, "lenient");
	json_arr(j);
	for (size_t i = 0; i < page.row_count; i++) {
		struct record_row row;

		json_obj(j);
		TRY(put_as_of(req, j, t, page.rows[i].id, day, &row, err));
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

static struct str text_of(const struct dictionary_type *t, const struct dictionary_value *values, const char *column)
{
	const struct dictionary_column *c = dictionary_column(t, str_of(column));

	return c && !values[c->index].null ? values[c->index].s : STR("");
}

static enum err_code register_get(struct request *req, struct response *res, struct err *err)
{
	const struct one_query *in = req->query;
	int32_t day = in->as_of != DAY_NONE ? in->as_of : req->today;
	bool asked = request_param(req, "fine_fen").len > 0;
	const struct dictionary_type *t;
	struct catalog_tier *tiers;
	struct record_row row;
	struct str code;
	size_t count;
	int64_t id;

	TRY(register_of(req, &t, err));
	TRY(request_id(req, "id", &id, err));
	json_obj(res->json);
	json_kday(res->json, "as_of", day);
	TRY(put_as_of(req, res->json, t, id, day, &row, err));
	put_periods(res->json, t, &row);
	code = text_of(t, row.values, "item_code");
	TRY(catalog_tiers(req->db, req->app->dictionary, &req->who, code, day, asked ? in->fine_fen : -1, req->mem, &tiers, &count, err));
	put_tiers(req, res->json, tiers, count);
	TRY(put_lenient(req, res->json, code, day, err));
	json_obj_end(res->json);
	return ERR_OK;
}

/** The tier that a case's fine fell into on the day of its decision, beside the one that the case names. */
static enum err_code case_tier(struct request *req, struct response *res, struct err *err)
{
	const struct dictionary_type *t = dictionary_type(req->app->dictionary, STR("penalty_case"));
	const struct dictionary_column *fine = t ? dictionary_column(t, STR("fine")) : NULL,
				       *on = t ? dictionary_column(t, STR("decided_on")) : NULL;
	struct catalog_tier *tiers;
	struct record_row row;
	size_t count = 0;
	int64_t id;

	if (!fine || !on)
		return err_set(err, ERR_NOT_FOUND, "字典中没有处罚案件");
	TRY(request_id(req, "id", &id, err));
	TRY(record_get(req->db, req->app->dictionary, &req->who, t, id, req->mem, &row, err));
	json_obj(res->json);
	json_kstr(res->json, "item_code", text_of(t, row.values, "item_code"));
	json_kstr(res->json, "tier_code", text_of(t, row.values, "tier_code"));
	json_kday(res->json, "on", row.values[on->index].null ? DAY_NONE : (int32_t)row.values[on->index].i);
	json_key(res->json, "fine_fen");
	if (row.values[fine->index].null)
		json_none(res->json);
	else
		json_i64(res->json, row.values[fine->index].i);
	tiers = NULL;
	if (!row.values[on->index].null)
		TRY(catalog_tiers(req->db, req->app->dictionary, &req->who, text_of(t, row.values, "item_code"),
			(int32_t)row.values[on->index].i, row.values[fine->index].null ? -1 : row.values[fine->index].i, req->mem, &tiers,
			&count, err));
	put_tiers(req, res->json, tiers, count);
	json_obj_end(res->json);
	return ERR_OK;
}

/* ---- enterprises ---- */

struct party_query {
	struct str code, name;
};
static const struct field party_fields[] = {
	F_STR(struct party_query, code, .max = 30, .label = "统一社会信用代码"),
	F_STR(struct party_query, name, .max = 200, .label = "名称"),
	{ 0 },
};

static enum err_code party_type_of(struct request *req, const struct dictionary_type **ret, struct err *err)
{
	*ret = dictionary_type(req->app->dictionary, STR("party"));
	return *ret ? ERR_OK : err_set(err, ERR_NOT_FOUND, "字典中没有相对人类型");
}

/** Enterprises of exactly this code or name: the door to their page for whoever has only that. */
static enum err_code parties_get(struct request *req, struct response *res, struct err *err)
{
	const struct party_query *in = req->query;
	struct record_page page = { 0 };
	const struct dictionary_type *t;
	struct record_query q;

	TRY(party_type_of(req, &t, err));
	if (in->code.len == 0 && in->name.len == 0)
		return err_set(err, ERR_INPUT, "请填写统一社会信用代码或者名称");
	q = (struct record_query){ .type = t, .who = &req->who, .q = in->code.len ? in->code : in->name, .limit = PARTIES_FOUND_MAX };
	TRY(add_filter(req, &q, "code", in->code, err));
	TRY(add_filter(req, &q, "name", in->name, err));
	TRY(record_list(req->db, req->app->dictionary, &q, req->mem, &page, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < page.row_count; i++) {
		json_obj(res->json);
		record_row_write(req, res->json, t, &page.rows[i]);
		json_obj_end(res->json);
	}
	json_arr_end(res->json);
	json_knull(res->json, "next");
	json_obj_end(res->json);
	return ERR_OK;
}

struct agency_sum {
	int64_t org_id, count, fine;
	int32_t last;
	struct str name;
};

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct agency_sum *)a)->name, ((const struct agency_sum *)b)->name);
}

/** How often each agency fined it, in the order of names: never a ranking. */
static enum err_code put_by_agency(
	struct request *req, struct json *j, const struct dictionary_type *t, const struct record_row *rows, size_t count, struct err *err)
{
	const struct dictionary_column *fine = dictionary_column(t, STR("fine")), *on = dictionary_column(t, STR("decided_on"));
	struct agency_sum *sums = ARENA_NEW(req->mem, struct agency_sum, count + 1);
	size_t sum_count = 0;

	if (!sums)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		const struct dictionary_value *amount = fine ? &rows[i].values[fine->index] : NULL,
					      *day = on ? &rows[i].values[on->index] : NULL;
		size_t at = 0;

		while (at < sum_count && sums[at].org_id != rows[i].org_id)
			at++;
		if (at == sum_count)
			sums[sum_count++] = (struct agency_sum){ .org_id = rows[i].org_id, .last = DAY_NONE };
		sums[at].count++;
		if (amount && !amount->null && __builtin_add_overflow(sums[at].fine, amount->i, &sums[at].fine))
			sums[at].fine = INT64_MAX;
		if (day && !day->null && (int32_t)day->i > sums[at].last)
			sums[at].last = (int32_t)day->i;
	}
	for (size_t i = 0; i < sum_count; i++) {
		struct org org;

		if (sums[i].org_id && org_get(req->db, sums[i].org_id, req->mem, &org, NULL) == ERR_OK)
			sums[i].name = org.name;
	}
	qsort(sums, sum_count, sizeof(*sums), by_name);
	json_key(j, "by_agency");
	json_arr(j);
	for (size_t i = 0; i < sum_count; i++) {
		json_obj(j);
		json_key(j, "org");
		if (sums[i].name.len > 0) {
			json_obj(j);
			json_kid(j, "id", sums[i].org_id);
			json_kstr(j, "name", sums[i].name);
			json_obj_end(j);
		} else {
			json_none(j);
		}
		json_ki64(j, "count", sums[i].count);
		json_ki64(j, "fine_fen", sums[i].fine);
		json_kday(j, "last_on", sums[i].last);
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

/* ---- matters that concern an enterprise, and how they were reached ---- */

enum way { WAY_FINDING, WAY_CLUE, WAY_TEXT, WAY_COUNT };
static const char *const way_slugs[WAY_COUNT] = { "finding", "clue", "text" };
#define MATTERS_MAX 100

struct found_matters {
	int64_t ids[MATTERS_MAX];
	unsigned int ways[MATTERS_MAX]; /* bits of enum way */
	size_t count;
};

static void found(struct found_matters *f, int64_t id, enum way way)
{
	size_t at = 0;

	while (at < f->count && f->ids[at] != id)
		at++;
	if (id == 0 || at == MATTERS_MAX)
		return;
	if (at == f->count) {
		f->ids[f->count] = id;
		f->ways[f->count++] = 0;
	}
	f->ways[at] |= 1u << way;
}

static struct clue_context clues_of(struct request *req)
{
	return (struct clue_context){ .db = req->db,
		.mem = req->mem,
		.ids = req->ids,
		.app = req->app,
		.who = &req->who,
		.now_ms = req->now_ms,
		.today = req->today };
}

static struct matter_context matters_of(struct request *req)
{
	return (struct matter_context){ .db = req->db,
		.mem = req->mem,
		.ids = req->ids,
		.app = req->app,
		.who = &req->who,
		.now_ms = req->now_ms,
		.today = req->today };
}

/** Through the findings on its records: their clue, and the clue's matter. */
static enum err_code through_findings(
	struct request *req, const struct finding *rows, size_t count, struct found_matters *out, struct err *err)
{
	struct clue_context ctx = clues_of(req);
	int64_t before = 0;

	for (size_t i = 0; i < count; i++) {
		struct clue clue;
		enum err_code code;

		if (rows[i].clue_id == 0 || rows[i].clue_id == before)
			continue;
		before = rows[i].clue_id;
		code = clue_get(&ctx, rows[i].clue_id, &clue, err);
		if (code != ERR_OK && code != ERR_NOT_FOUND)
			return code;
		if (code == ERR_OK)
			found(out, clue.matter_id, WAY_FINDING);
	}
	return ERR_OK;
}

/** Through clues and matters that name it: a telephone call has no finding. */
static enum err_code through_words(struct request *req, struct str name, struct found_matters *out, struct err *err)
{
	struct clue_context clues = clues_of(req);
	struct matter_context matters = matters_of(req);
	const struct clue_query cq = { .state = CLUE_STATE_COUNT, .channel = CLUE_CHANNEL_COUNT, .q = name, .limit = MATTERS_MAX };
	const struct matter_query mq = { .q = name, .due_until = DAY_NONE, .limit = MATTERS_MAX };
	struct clue_page found_clues;
	struct matter_page found_pages;

	if (utf8_count(name) < 2)
		return ERR_OK;
	TRY(clue_list(&clues, &cq, &found_clues, err));
	for (size_t i = 0; i < found_clues.row_count; i++)
		found(out, found_clues.rows[i].matter_id, WAY_CLUE);
	TRY(matter_list(&matters, &mq, &found_pages, err));
	for (size_t i = 0; i < found_pages.row_count; i++)
		found(out, found_pages.rows[i].id, WAY_TEXT);
	return ERR_OK;
}

static enum err_code put_matters(struct request *req, struct json *j, const struct found_matters *f, struct err *err)
{
	struct matter_context ctx = matters_of(req);

	json_key(j, "matters");
	json_arr(j);
	for (size_t i = 0; i < f->count; i++) {
		struct matter m;
		enum err_code code = matter_get(&ctx, f->ids[i], &m, err);

		if (code == ERR_NOT_FOUND)
			continue;
		TRY(code);
		json_obj(j);
		json_key(j, "matter");
		matter_row_json(&ctx, &m, j);
		json_key(j, "ways");
		json_arr(j);
		for (int w = 0; w < WAY_COUNT; w++)
			if (f->ways[i] & (1u << w))
				json_str(j, str_of(way_slugs[w]));
		json_arr_end(j);
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

#define FINDINGS_MAX 200

struct party_findings {
	struct finding *rows;
	size_t count;
};

static enum err_code findings_of(struct request *req, const struct dictionary_type *t, const struct record_row *rows, size_t count,
	struct party_findings *out, struct err *err)
{
	for (size_t i = 0; i < count && out->count < FINDINGS_MAX; i++) {
		const struct finding_query q = { .who = &req->who,
			.type = t->name,
			.record_id = rows[i].id,
			.state = FINDING_STATE_COUNT,
			.severity = -1,
			.limit = 20 };
		struct finding_page page;

		TRY(finding_list(req->db, &q, req->mem, &page, err));
		for (size_t k = 0; k < page.row_count && out->count < FINDINGS_MAX; k++)
			out->rows[out->count++] = page.rows[k];
	}
	return ERR_OK;
}

/** One list a type of record that refers to it: penalties, tickets, inspections and whatever the dictionary adds. */
static enum err_code put_records(
	struct request *req, struct json *j, const struct record_row *party, struct party_findings *findings, struct err *err)
{
	const struct dictionary *d = req->app->dictionary;

	json_key(j, "records");
	json_arr(j);
	for (size_t i = 0; i < d->type_count; i++) {
		const struct dictionary_type *t = &d->types[i];
		const struct dictionary_reference *r = dictionary_reference(t, STR("party"));
		struct record_row *rows;
		size_t count;

		if (!r || !str_eq(r->type->name, STR("party")))
			continue;
		TRY(catalog_party_rows(req->db, d, &req->who, t, party, PARTY_ROWS_MAX, req->mem, &rows, &count, err));
		if (count == 0)
			continue;
		TRY(findings_of(req, t, rows, count, findings, err));
		json_obj(j);
		json_kstr(j, "type", t->name);
		json_kbool(j, "more", count >= PARTY_ROWS_MAX);
		json_key(j, "items");
		json_arr(j);
		for (size_t k = 0; k < count; k++) {
			json_obj(j);
			record_row_write(req, j, t, &rows[k]);
			json_obj_end(j);
		}
		json_arr_end(j);
		if (str_eq(t->name, STR("penalty_case")))
			TRY(put_by_agency(req, j, t, rows, count, err));
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

static enum err_code party_get(struct request *req, struct response *res, struct err *err)
{
	struct party_findings findings = { .rows = ARENA_NEW(req->mem, struct finding, FINDINGS_MAX) };
	struct found_matters *matters = ARENA_NEW(req->mem, struct found_matters, 1);
	const struct dictionary_type *t;
	struct record_row row;
	int64_t id;

	if (!findings.rows || !matters)
		return err_nomem(err);
	TRY(party_type_of(req, &t, err));
	TRY(request_id(req, "id", &id, err));
	TRY(record_get(req->db, req->app->dictionary, &req->who, t, id, req->mem, &row, err));
	json_obj(res->json);
	json_key(res->json, "party");
	json_obj(res->json);
	record_row_write(req, res->json, t, &row);
	record_masks_write(res->json, t, &row);
	json_obj_end(res->json);
	TRY(put_records(req, res->json, &row, &findings, err));
	json_key(res->json, "findings");
	json_arr(res->json);
	for (size_t i = 0; i < findings.count; i++)
		finding_json(&findings.rows[i], req->app->rules, res->json);
	json_arr_end(res->json);
	TRY(through_findings(req, findings.rows, findings.count, matters, err));
	TRY(through_words(req, text_of(t, row.values, "name"), matters, err));
	TRY(put_matters(req, res->json, matters, err));
	json_obj_end(res->json);
	return ERR_OK;
}

#define READERS (ROLE_BODY | ROLE_LIAISON | ROLE_TOWNSHIP)

static const struct route rows[] = {
	{ HTTP_GET, "/api/parties", parties_get, .roles = ROLE_BODY, .scope = SCOPE_ORG, ROUTE_QUERY(struct party_query, party_fields),
		.summary = "按代码或者名称找企业", .answers = "{items,next}" },
	{ HTTP_GET, "/api/parties/{id}", party_get, .roles = ROLE_BODY, .scope = SCOPE_ORG,
		.summary = "企业页：各类记录、各机关处罚次数、疑似问题、监督事项及其由来", .answers = "{party,records,findings,matters}" },
	{ HTTP_GET, "/api/catalog/{type}", register_list, .roles = READERS, .scope = SCOPE_ORG, ROUTE_QUERY(struct list_query, list_fields),
		.summary = "事项、裁量基准、从轻减轻不罚清单，截至某日的内容", .answers = "{as_of,items,next,total?}" },
	{ HTTP_GET, "/api/catalog/{type}/{id}", register_get, .roles = READERS, .scope = SCOPE_ORG,
		ROUTE_QUERY(struct one_query, one_fields), .summary = "一条清单截至某日的内容、历次版本、裁量档次，罚款落在哪一档",
		.answers = "{as_of,…,periods,tiers,lenient}" },
	{ HTTP_GET, "/api/cases/{id}/tier", case_tier, .roles = READERS, .scope = SCOPE_ORG, .summary = "案件罚款在决定之日落在哪一档",
		.answers = "{item_code,tier_code,on,fine_fen,tiers}" },
};
const struct route_table catalog_routes = { .rows = rows, .count = sizeof(rows) / sizeof(rows[0]), .tag = "catalog" };
