/* The SQL engine: the same rules on the tables of the store. One statement judges many rules at once; its rows are taken one by one
 * and become the same results as rule_run's, with the row numbers of the caller's frames. */
#include <stdlib.h>
#include <time.h>

#include "base/fault.h"
#include "rule/sql_private.h"

#define RULES_PER_STATEMENT 24
#define SQL_BYTES_MAX ((size_t)32 << 20)
#define COLUMNS_MAX 1500 /* of one layer; PostgreSQL allows 1,664, SQLite 2,000 */
#define TEXTS_MAX 150    /* parameters of one statement */
#define JOINS_MAX 60     /* SQLite joins 64 tables */
#define RUN_BYTES_MAX ((size_t)256 << 20)

struct rule_sql {
	struct sql_engine e;
};

enum err_code rule_sql_open(const struct rule_pack *pack, struct db *db, struct rule_sql **ret, struct err *err)
{
	CLEANUP(rule_sql_closep) struct rule_sql *s = mem_alloc(1, sizeof(*s));

	if (!s)
		return err_nomem(err);
	s->e = (struct sql_engine){ .pack = pack, .db = db, .mem = arena_open(RUN_BYTES_MAX) };
	s->e.strange = mem_alloc(SQL_COLUMNS_MAX, sizeof(*s->e.strange));
	if (!s->e.mem || !s->e.strange)
		return err_nomem(err);
	TRY(sql_tables_open(&s->e, err));
	*ret = s;
	s = NULL;
	return ERR_OK;
}

void rule_sql_close(struct rule_sql *s)
{
	if (!s)
		return;
	if (s->e.strange)
		sql_tables_drop(&s->e);
	arena_close(s->e.mem);
	free(s->e.strange);
	free(s);
}

void rule_sql_closep(struct rule_sql **s)
{
	rule_sql_close(*s);
	*s = NULL;
}

/* ---- one type ---- */

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

typedef VEC(struct rule_hit) hit_vec;

/** Some rules of one type, and what their rows said. */
struct batch {
	const struct rule *const *rules;
	size_t count;
	struct rule_result *results; /* one a rule */
	hit_vec *hits;
	const struct frame *frame;
	size_t next_row; /* where the next id is looked for first */
	bool keep_unknown;
};

/** Ids of a frame ascend. */
static bool row_of(struct batch *b, int64_t id, uint32_t *ret)
{
	size_t low = 0, high = b->frame ? b->frame->table.rows : 0;

	if (b->next_row < high && b->frame->ids[b->next_row] == id) {
		*ret = (uint32_t)b->next_row++;
		return true;
	}
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (b->frame->ids[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	if (!b->frame || low == b->frame->table.rows || b->frame->ids[low] != id)
		return false;
	b->next_row = low + 1;
	*ret = (uint32_t)low;
	return true;
}

static enum err_code take_row(struct batch *b, struct db_stmt *q, struct err *err)
{
	int64_t id = db_i64(q, 0);
	uint32_t row;

	if (!row_of(b, id, &row))
		return err_set(err, ERR_CONFLICT, "记录 %lld 不在快照中：运行期间数据有变化", (long long)id);
	for (size_t i = 0; i < b->count; i++) {
		struct rule_hit hit;
		enum rule_verdict verdict = sql_unpack(b->rules[i], db_i64(q, (int)i + 1), &hit);

		b->results[i].checked++;
		b->results[i].counts[verdict]++;
		hit.row = row;
		if (verdict < VERDICT_EXEMPT && !(verdict == VERDICT_UNKNOWN && b->keep_unknown))
			continue;
		if (!vec_push(&b->hits[i], hit))
			return err_nomem(err);
	}
	return ERR_OK;
}

static void writer_clear(struct sql_writer *w)
{
	vec_clear(&w->texts);
}

static enum err_code run_text(struct sql_engine *e, const struct sql_writer *w, struct batch *b, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare_once(e->db, buf_str(w->out), &q, err));
	for (size_t i = 0; i < w->texts.len; i++)
		db_bind_str(q, (int)i + 1, w->texts.v[i].ptr ? w->texts.v[i] : STR(""));
	db_stmt_stream(q);
	e->statements++;
	for (;;) {
		TRY(db_step(q, &row, err));
		if (!row)
			return ERR_OK;
		TRY(take_row(b, q, err));
	}
}

static bool fits(const struct sql_writer *w)
{
	return w->widest <= COLUMNS_MAX && w->texts.len <= TEXTS_MAX && w->joins <= JOINS_MAX;
}

/** Writes and runs the statement; too wide a one is made of fewer rules. */
static enum err_code run_batch(struct sql_engine *e, struct sql_lowering *l, struct batch b, struct err *err)
{
	CLEANUP(buf_clear) struct buf out;
	CLEANUP(writer_clear) struct sql_writer w = { .engine = e, .dialect = db_dialect(e->db), .out = &out };
	double from = now_s();

	buf_init(&out, SQL_BYTES_MAX);
	TRY(sql_select(&w, l, b.rules, b.count, err));
	if (!fits(&w) && b.count > 1) {
		struct batch first = b, second = b;

		first.count = b.count / 2;
		second.count -= first.count;
		second.rules += first.count;
		second.results += first.count;
		second.hits += first.count;
		TRY(run_batch(e, l, first, err));
		return run_batch(e, l, second, err);
	}
	if (!fits(&w))
		return err_set(err, ERR_UNSUPPORTED,
			"规则 %.*s 太大，一条 SQL 写不下（%zu 列、%zu 个参数、%zu 个连接），请用 --engine vector", STR_ARG(b.rules[0]->id),
			w.widest, w.texts.len, w.joins);
	if (run_text(e, &w, &b, err) != ERR_OK)
		return err_prefix(err, "规则 %.*s 起的 %zu 条", STR_ARG(b.rules[0]->id), b.count);
	for (size_t i = 0; i < b.count; i++)
		b.results[i].seconds += (now_s() - from) / (double)b.count;
	return ERR_OK;
}

static int by_row(const void *a, const void *b)
{
	const struct rule_hit *x = a, *y = b;

	return (x->row > y->row) - (x->row < y->row);
}

/** The hits become the result's own, in row order: a database may answer in another. */
static enum err_code take_hits(struct rule_result *r, hit_vec *hits, struct err *err)
{
	if (!hits->v && !(hits->v = mem_alloc(1, sizeof(*hits->v))))
		return err_nomem(err);
	qsort(hits->v, hits->len, sizeof(*hits->v), by_row);
	r->hits = hits->v;
	r->hit_count = hits->len;
	*hits = (hit_vec){ 0 };
	return ERR_OK;
}

static enum err_code run_rules(struct sql_engine *e, struct sql_lowering *l, const struct frame *frame, const struct rule_run_options *o,
	const struct rule *const *rules, size_t count, struct rule_result *results, struct err *err)
{
	CLEANUP(mem_freep) hit_vec *hits = mem_alloc(count + 1, sizeof(*hits));
	enum err_code code = ERR_OK;

	if (!hits)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		results[i].rule = rules[i];
	for (size_t i = 0; i < count && code == ERR_OK; i += RULES_PER_STATEMENT) {
		struct batch b = { .rules = rules + i,
			.count = count - i < RULES_PER_STATEMENT ? count - i : RULES_PER_STATEMENT,
			.results = results + i,
			.hits = hits + i,
			.frame = frame,
			.keep_unknown = o->keep_unknown };

		code = run_batch(e, l, b, err);
	}
	for (size_t i = 0; i < count; i++) {
		if (code == ERR_OK)
			code = take_hits(&results[i], &hits[i], err);
		vec_clear(&hits[i]);
	}
	return code;
}

static enum err_code run_type(struct sql_engine *e, const struct frame_set *set, const struct dictionary_type *type,
	const struct rule_run_options *o, struct rule_results *ret, struct err *err)
{
	CLEANUP(sql_lowering_clear) struct sql_lowering l = { 0 };
	CLEANUP(mem_freep) const struct rule **rules = mem_alloc(e->pack->rule_count + 1, sizeof(*rules));
	size_t count = 0, first = ret->count;

	if (!rules)
		return err_nomem(err);
	for (size_t i = 0; i < e->pack->rule_count; i++)
		if (rule_takes_part(e->pack->rules[i], o, e->pack->programs[type->index]))
			rules[count++] = e->pack->rules[i];
	if (count == 0)
		return ERR_OK;
	TRY(sql_lowering_open(e, e->pack->programs[type->index], &l, err));
	for (size_t i = 0; i < count; i++)
		TRY(sql_lower_rule(&l, rules[i], err));
	TRY(sql_codes_look(e, &l, err));
	TRY(sql_matches_fill(e, &l, err));
	ret->count += count;
	return run_rules(e, &l, set->frames[type->index], o, rules, count, ret->v + first, err);
}

/* ---- all types ---- */

static int by_id(const void *a, const void *b)
{
	return str_cmp(((const struct rule_result *)a)->rule->id, ((const struct rule_result *)b)->rule->id);
}

enum err_code rule_sql_run(struct rule_sql *s, const struct frame_set *set, const struct rule_sql_supplies *supplies,
	const struct rule_run_options *o, struct rule_results *ret, struct err *err)
{
	CLEANUP(rule_results_clear) struct rule_results results = { 0 };
	struct sql_engine *e = &s->e;
	double from = now_s();

	arena_reset(e->mem);
	e->types = supplies;
	e->today = o->today;
	results.v = mem_alloc(e->pack->rule_count + 1, sizeof(*results.v));
	if (!results.v)
		return err_nomem(err);
	TRY(sql_keys_fill(e, err));
	for (size_t t = 0; t < set->dictionary->type_count; t++)
		if (e->pack->programs[t] && (!o->types || o->types[t]))
			TRY(run_type(e, set, &set->dictionary->types[t], o, &results, err));
	qsort(results.v, results.count, sizeof(*results.v), by_id);
	results.seconds = now_s() - from;
	*ret = results;
	results = (struct rule_results){ 0 };
	return ERR_OK;
}

enum err_code rule_sql_text(struct rule_sql *s, const struct rule *rule, const struct rule_sql_supplies *supplies, int32_t today,
	struct buf *out, struct err *err)
{
	CLEANUP(sql_lowering_clear) struct sql_lowering l = { 0 };
	CLEANUP(writer_clear) struct sql_writer w = { .engine = &s->e, .dialect = db_dialect(s->e.db), .out = out };

	s->e.types = supplies;
	s->e.today = today;
	TRY(sql_lowering_open(&s->e, rule->code->program, &l, err));
	return sql_select(&w, &l, &rule, 1, err);
}
