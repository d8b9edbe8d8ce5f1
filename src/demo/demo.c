/* Fills an empty store: organisations, then records type by type, then accounts, then the answer key. */
#include "demo/demo.h"

#include <stdlib.h>

#include "demo/demo_private.h"
#include "org/org.h"

#define WORLD_BYTES_MAX ((size_t)256 << 20)
#define RECORD_BYTES_MAX ((size_t)8 << 20)
#define PROGRESS_EVERY 2000

static void tell(const struct world *w, const char *what, int64_t done, int64_t total)
{
	if (w->o.on_progress && (done % PROGRESS_EVERY == 0 || done == total))
		w->o.on_progress(w->o.on_progress_arg, what, done, total);
}

static enum err_code check_empty(const struct world *w, struct db *db, struct err *err)
{
	const struct dictionary *d = w->o.import->dictionary;
	const struct org_query q = { .kind = -1, .limit = 1 };
	struct org *orgs;
	size_t count;

	TRY(org_list(db, &q, w->mem, &orgs, &count, err));
	for (size_t i = 0; i < d->type_count && count == 0; i++) {
		int64_t rows;

		TRY(record_count(db, &d->types[i], &rows, err));
		count += rows > 0;
	}
	if (count > 0)
		return err_set(err, ERR_STATE, "库里已经有数据，演示数据只能写入空库；请换一个 --data 目录");
	return ERR_OK;
}

/* ---- one type after the other ---- */

struct batch {
	struct world *w;
	struct rows rows;
	struct record_supply supply;
	struct record_writer *writer;
};

static void batch_close(struct batch *b)
{
	record_writer_closep(&b->writer);
	arena_close(b->rows.mem);
}

/** `children` NULL: all are supplied; else only the named one. */
static enum err_code batch_open(
	struct world *w, struct db *db, const char *type, const char *only_child, const char *name, struct batch *ret, struct err *err)
{
	struct arena *mem = arena_open(RECORD_BYTES_MAX);

	*ret = (struct batch){ .w = w };
	if (!mem)
		return err_nomem(err);
	ret->rows.mem = mem;
	TRY(rows_open(w->o.import->dictionary, type, mem, &ret->rows, err));
	record_supply_all(ret->rows.type, &ret->supply);
	for (size_t i = 0; only_child && i < ret->rows.type->child_count; i++) {
		if (str_eq(ret->rows.type->children[i].name, str_of(only_child)))
			continue;
		ret->supply.children &= ~(1u << i);
		memset(ret->supply.child_columns[i], 0, sizeof(ret->supply.child_columns[i]));
	}
	return record_writer_open(db, w->o.import, w->o.who, ret->rows.type, &ret->supply, str_of(name), &ret->writer, err);
}

static enum err_code batch_put(struct batch *b, struct str region, struct err *err)
{
	const struct record_row row = { .values = b->rows.values, .children = b->rows.children, .supply = &b->supply, .region = region };

	if (b->rows.missing.ptr)
		return err_set(err, ERR_INPUT, "字典的 %.*s 没有演示数据需要的列、集合或代码：%.*s", STR_ARG(b->rows.type->name),
			STR_ARG(b->rows.missing));
	return record_writer_put(b->writer, &row, err);
}

static enum err_code batch_finish(struct batch *b, int64_t *ret_added, struct err *err)
{
	struct record_counts counts;

	TRY(record_writer_finish(&b->writer, &counts, err));
	if (counts.rejected > 0 || counts.same > 0 || counts.changed > 0)
		return err_set(err, ERR_INTERNAL, "演示数据的 %.*s 有 %lld 行被拒、%lld 行重复", STR_ARG(b->rows.type->name),
			(long long)counts.rejected, (long long)(counts.same + counts.changed));
	*ret_added += counts.added;
	return ERR_OK;
}

static void agency_to_rows(const struct agency *a, struct rows *r)
{
	static const char *const levels[] = { "province", "city", "county", "township" };
	static const char *const managements[] = { "local", "vertical", "dual_upper" };
	struct rng rng = rng_open(1, STREAM_AGENCY, (uint64_t)a->index);

	rows_reset(r);
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
	rows_text(r, "proxy_char", a->proxy);
	rows_text(r, "address", name_road(&rng, a->place, r->mem));
}

static enum err_code put_agencies(struct world *w, struct db *db, int64_t *ret_count, struct err *err)
{
	CLEANUP(batch_close) struct batch b;

	TRY(batch_open(w, db, "agency", NULL, "演示数据：行政执法主体名册", &b, err));
	for (size_t i = 0; i < w->agencies.len; i++) {
		arena_reset(b.rows.mem);
		agency_to_rows(&w->agencies.v[i], &b.rows);
		TRY(batch_put(&b, w->agencies.v[i].region, err));
	}
	tell(w, "行政执法主体", (int64_t)w->agencies.len, (int64_t)w->agencies.len);
	return batch_finish(&b, ret_count, err);
}

static void officer_to_rows(const struct world *w, const struct agency *a, const struct officer *o, struct rows *r)
{
	rows_reset(r);
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
	rows_text(r, "area_code", a->region);
}

static enum err_code put_officers(struct world *w, struct db *db, int64_t *ret_count, struct err *err)
{
	CLEANUP(batch_close) struct batch b;
	int64_t done = 0;

	TRY(batch_open(w, db, "officer", NULL, "演示数据：行政执法人员名册", &b, err));
	for (size_t i = 0; i < w->agencies.len; i++) {
		const struct agency *a = &w->agencies.v[i];

		for (int k = 0; k < a->officer_count; k++) {
			struct officer o;

			arena_reset(b.rows.mem);
			o = officer_make(w, a, k, b.rows.mem);
			officer_to_rows(w, a, &o, &b.rows);
			TRY(batch_put(&b, a->region, err));
			tell(w, "行政执法人员", ++done, w->o.size.officers);
		}
	}
	return batch_finish(&b, ret_count, err);
}

static void party_to_rows(const struct party *p, struct rows *r)
{
	rows_reset(r);
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

static enum err_code put_parties(struct world *w, struct db *db, int64_t *ret_count, struct err *err)
{
	CLEANUP(batch_close) struct batch b;

	TRY(batch_open(w, db, "party", NULL, "演示数据：市场主体", &b, err));
	for (int64_t i = 0; i < w->o.size.parties; i++) {
		struct party p;

		arena_reset(b.rows.mem);
		p = party_make(w, i, b.rows.mem);
		party_to_rows(&p, &b.rows);
		TRY(batch_put(&b, p.region, err));
		tell(w, "市场主体", i + 1, w->o.size.parties);
	}
	return batch_finish(&b, ret_count, err);
}

/* ---- penalty cases and the key ---- */

static bool as_planned(enum plan plan, enum verdict v)
{
	switch (plan) {
	case PLAN_HIT:
		return v == VERDICT_HIT;
	case PLAN_NEAR:
		return v == VERDICT_CLEAN || v == VERDICT_EXEMPT;
	case PLAN_EXEMPT:
		return v == VERDICT_EXEMPT;
	case PLAN_UNKNOWN:
		return v == VERDICT_UNKNOWN;
	case PLAN_NONE:
		break;
	}
	return true;
}

/** The i-th case; *ret_scenario is what it really became. */
static void make_case(struct world *w, int64_t index, struct arena *mem, struct penalty *ret, const struct scenario **ret_scenario)
{
	struct maker m = { .w = w, .rng = rng_open(w->o.seed, STREAM_CASE, (uint64_t)index * 2), .mem = mem };
	const struct scenario *s = scenario_of(w, index);

	m.need = s ? s->need : (struct case_need){ .domain = -1 };
	penalty_make(&m, ret);
	if (s && !s->make(&m, ret)) {
		s = NULL;
		penalty_make(&m, ret);
	}
	for (int i = 0; i < ret->payment_count; i++)
		if (ret->fine > 0)
			ret->payments[i].amount = ret->fine;
	*ret_scenario = s;
}

static void judge_case(struct world *w, const struct penalty *p, const struct scenario *s, struct str key, struct answer_key *k,
	struct demo_result *result)
{
	result->planted += s != NULL;
	for (enum rule r = 0; r < RULE_COUNT; r++) {
		enum verdict v = verdict_of(r, p, w->days, w->o.today);

		if (s && s->rule == r && v != VERDICT_NOT_IN_FORCE && !as_planned(s->plan, v))
			result->unintended++;
		answer_key_add(k, r, v, s && s->rule == r && s->plan == PLAN_NEAR && as_planned(s->plan, v), key);
	}
}

/** Cases of agencies that deliver everything, or of those that deliver less: two sources, two imports. */
static enum err_code put_cases(
	struct world *w, struct db *db, bool limited, struct answer_key *k, struct demo_result *result, struct err *err)
{
	CLEANUP(batch_close) struct batch b;
	struct penalty *p = ARENA_NEW(w->mem, struct penalty, 1);

	TRY(batch_open(w, db, "penalty_case", limited ? "penalties" : NULL,
		limited ? "演示数据：行政处罚案件（双公示报送）" : "演示数据：行政处罚案件（办案系统）", &b, err));
	if (!p)
		return err_nomem(err);
	for (int64_t i = 0; i < w->o.size.cases; i++) {
		const struct scenario *s;

		arena_reset(b.rows.mem);
		make_case(w, i, b.rows.mem, p, &s);
		tell(w, limited ? "行政处罚案件（双公示）" : "行政处罚案件", i + 1, w->o.size.cases);
		if (p->limited != limited)
			continue;
		penalty_number(p, b.rows.mem);
		penalty_to_rows(p, w, &b.rows);
		TRY(batch_put(&b, p->agency->region, err));
		judge_case(w, p, s, dictionary_row_key(b.rows.type, b.rows.values, b.rows.mem), k, result);
	}
	return batch_finish(&b, &result->cases, err);
}

static enum err_code put_tickets(struct world *w, struct db *db, int64_t *ret_count, struct err *err)
{
	CLEANUP(batch_close) struct batch b;

	TRY(batch_open(w, db, "hotline_ticket", NULL, "演示数据：12345 热线工单", &b, err));
	for (int64_t i = 0; i < w->o.size.tickets; i++) {
		arena_reset(b.rows.mem);
		ticket_to_rows(w, i, &b.rows);
		TRY(batch_put(&b, (struct str){ 0 }, err));
		tell(w, "12345 热线工单", i + 1, w->o.size.tickets);
	}
	return batch_finish(&b, ret_count, err);
}

static void world_clear(struct world *w)
{
	vec_clear(&w->cities);
	vec_clear(&w->counties);
	vec_clear(&w->townships);
	vec_clear(&w->agencies);
	vec_clear(&w->weights);
	arena_close(w->mem);
}

enum err_code demo_fill(struct db *db, const struct demo_options *o, struct demo_result *ret, struct err *err)
{
	CLEANUP(world_clear) struct world w = { .o = *o, .mem = arena_open(WORLD_BYTES_MAX) };
	CLEANUP(answer_key_closep) struct answer_key *key = NULL;
	struct demo_result result = { 0 };

	if (!w.mem)
		return err_nomem(err);
	TRY(answer_key_open(&key, err));
	TRY(check_empty(&w, db, err));
	TRY(world_make(&w, err));
	TRY(world_store_orgs(&w, db, &result.organisations, err));
	TRY(put_agencies(&w, db, &result.agencies, err));
	result.organisations += result.agencies;
	TRY(put_officers(&w, db, &result.officers, err));
	TRY(put_parties(&w, db, &result.parties, err));
	TRY(put_cases(&w, db, false, key, &result, err));
	TRY(put_cases(&w, db, true, key, &result, err));
	TRY(put_tickets(&w, db, &result.tickets, err));
	TRY(world_store_accounts(&w, db, &result.accounts, err));
	result.hits = answer_key_hits(key);
	if (o->key_path)
		TRY(answer_key_write(key, o->seed, o->today, o->key_path, err));
	*ret = result;
	return ERR_OK;
}
