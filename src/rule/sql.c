/* The SQL engine: the same rules on the tables of the store. One statement judges many rules at once; its rows are taken one by one
 * and become the same results as rule_run's, with the row numbers of the caller's frames. */
#include <stdio.h>
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

static enum err_code open_arrays(struct sql_engine *e, struct err *err)
{
	int slots = 0;

	e->strange = mem_alloc(SQL_COLUMNS_MAX, sizeof(*e->strange));
	e->lowerings = mem_alloc(e->pack->program_count + 1, sizeof(struct sql_lowering *));
	e->slots = mem_alloc(e->pack->program_count + 1, sizeof(*e->slots));
	e->grouped = mem_alloc(e->pack->grouping_count + 1, sizeof(*e->grouped));
	if (!e->mem || !e->strange || !e->lowerings || !e->slots || !e->grouped)
		return err_nomem(err);
	for (size_t i = 0; i < e->pack->program_count; i++) {
		e->slots[i] = slots;
		slots += e->pack->programs[i] ? (int)e->pack->programs[i]->derived.len : 0;
	}
	e->slots[e->pack->program_count] = slots;
	e->filled = mem_alloc((size_t)slots + 1, sizeof(*e->filled));
	return e->filled ? ERR_OK : err_nomem(err);
}

/** Forgets what the run before computed. */
static enum err_code reset(struct sql_engine *e, struct err *err)
{
	for (size_t i = 0; i < e->pack->program_count; i++) {
		if (e->lowerings[i])
			sql_lowering_clear(e->lowerings[i]);
		free(e->lowerings[i]);
		e->lowerings[i] = NULL;
	}
	memset(e->filled, 0, (size_t)e->slots[e->pack->program_count] * sizeof(*e->filled));
	memset(e->grouped, 0, e->pack->grouping_count * sizeof(*e->grouped));
	memset(e->strange, 0, SQL_COLUMNS_MAX * sizeof(*e->strange));
	arena_reset(e->mem);
	return db_exec_script(e->db, STR("DELETE FROM xz_placed; DELETE FROM xz_member; DELETE FROM xz_value; DELETE FROM xz_match"), err);
}

enum err_code sql_lowering_of(struct sql_engine *e, const struct program *p, struct sql_lowering **ret, struct err *err)
{
	struct sql_lowering **l = &e->lowerings[p->index];

	if (!*l) {
		*l = mem_alloc(1, sizeof(**l));
		if (!*l)
			return err_nomem(err);
		TRY(sql_lowering_open(e, p, *l, err));
	}
	*ret = *l;
	return ERR_OK;
}

enum err_code sql_execute(struct sql_engine *e, const struct sql_writer *w, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare_once(e->db, buf_str(w->out), &q, err));
	for (size_t i = 0; i < w->texts.len; i++)
		db_bind_str(q, (int)i + 1, w->texts.v[i].ptr ? w->texts.v[i] : STR(""));
	e->statements++;
	return db_run(q, NULL, err);
}

enum err_code rule_sql_open(const struct rule_pack *pack, struct db *db, struct rule_sql **ret, struct err *err)
{
	CLEANUP(rule_sql_closep) struct rule_sql *s = mem_alloc(1, sizeof(*s));

	if (!s)
		return err_nomem(err);
	s->e = (struct sql_engine){ .pack = pack, .db = db, .mem = arena_open(RUN_BYTES_MAX) };
	TRY(open_arrays(&s->e, err));
	TRY(sql_tables_open(&s->e, err));
	*ret = s;
	s = NULL;
	return ERR_OK;
}

void rule_sql_close(struct rule_sql *s)
{
	if (!s)
		return;
	if (s->e.filled) {
		struct err ignored;

		reset(&s->e, &ignored);
		sql_tables_drop(&s->e);
	}
	arena_close(s->e.mem);
	free(s->e.lowerings);
	free(s->e.slots);
	free(s->e.filled);
	free(s->e.grouped);
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
typedef VEC(int64_t) int64_vec;

static void int64_vec_clear(int64_vec *v)
{
	vec_clear(v);
}

/** Ids of the rows that are judged, ascending: of records, or of the first records of groups. */
struct row_ids {
	const int64_t *v;
	size_t count;
};

/** Some rules of one program, and what their rows said. */
struct batch {
	const struct rule *const *rules;
	size_t count;
	struct rule_result *results; /* one a rule */
	hit_vec *hits;
	struct row_ids ids;
	size_t next_row; /* where the next id is looked for first */
	bool keep_unknown, counts_only;
};

static bool row_of(struct row_ids ids, size_t *next, int64_t id, uint32_t *ret)
{
	size_t low = 0, high = ids.count;

	if (*next < high && ids.v[*next] == id) {
		*ret = (uint32_t)(*next)++;
		return true;
	}
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (ids.v[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == ids.count || ids.v[low] != id)
		return false;
	*next = low + 1;
	*ret = (uint32_t)low;
	return true;
}

static enum err_code take_row(struct batch *b, struct db_stmt *q, struct err *err)
{
	int64_t id = db_i64(q, 0);
	uint32_t row;

	if (!row_of(b->ids, &b->next_row, id, &row))
		return err_set(err, ERR_CONFLICT, "记录 %lld 不在快照中：运行期间数据有变化", (long long)id);
	for (size_t i = 0; i < b->count; i++) {
		struct rule_hit hit;
		enum rule_verdict verdict = sql_unpack(b->rules[i], db_i64(q, (int)i + 1), &hit);

		b->results[i].checked++;
		b->results[i].counts[verdict]++;
		hit.row = row;
		if (b->counts_only || (verdict < VERDICT_EXEMPT && !(verdict == VERDICT_UNKNOWN && b->keep_unknown)))
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
	CLEANUP(buf_clear) struct buf out = { 0 };
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

static enum err_code run_rules(struct sql_engine *e, struct sql_lowering *l, struct row_ids ids, const struct rule_run_options *o,
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
			.ids = ids,
			.keep_unknown = o->keep_unknown,
			.counts_only = o->counts_only };

		code = run_batch(e, l, b, err);
	}
	for (size_t i = 0; i < count; i++) {
		if (code == ERR_OK)
			code = take_hits(&results[i], &hits[i], err);
		vec_clear(&hits[i]);
	}
	return code;
}

/* ---- groups ---- */

/** Ids that a statement lists in ascending order. */
static enum err_code read_ids(struct sql_engine *e, const char *sql, int64_vec *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare_once(e->db, str_of(sql), &q, err));
	for (;;) {
		TRY(db_step(q, &row, err));
		if (!row)
			return ERR_OK;
		if (!vec_push(ret, db_i64(q, 0)))
			return err_nomem(err);
	}
}

/** Rules that judge groups also tell of the records that are in none because nobody can say in which. */
static enum err_code add_unplaced(
	struct rule_result *r, const int64_vec *unplaced, struct row_ids records, const struct rule_run_options *o, struct err *err)
{
	struct rule_hit *hits;
	size_t next = 0;

	r->checked += (int64_t)unplaced->len;
	r->counts[VERDICT_UNKNOWN] += (int64_t)unplaced->len;
	if (!o->keep_unknown || o->counts_only || unplaced->len == 0)
		return ERR_OK;
	hits = mem_resize(r->hits, r->hit_count + unplaced->len, sizeof(*hits));
	if (!hits)
		return err_nomem(err);
	r->hits = hits;
	for (size_t i = 0; i < unplaced->len; i++) {
		struct rule_hit *hit = &hits[r->hit_count++];

		*hit = (struct rule_hit){
			.exemption = -1, .verdict = VERDICT_UNKNOWN, .severity = (uint8_t)r->rule->severity, .unplaced = true
		};
		if (!row_of(records, &next, unplaced->v[i], &hit->row))
			return err_set(err, ERR_CONFLICT, "记录 %lld 不在快照中：运行期间数据有变化", (long long)unplaced->v[i]);
	}
	return ERR_OK;
}

static enum err_code run_groups(struct sql_engine *e, struct sql_lowering *l, struct row_ids records, const struct rule_run_options *o,
	const struct rule *const *rules, size_t count, struct rule_result *results, struct err *err)
{
	CLEANUP(int64_vec_clear) int64_vec groups = { 0 };
	CLEANUP(int64_vec_clear) int64_vec unplaced = { 0 };
	size_t part = l->from->grouping->index;
	char sql[200];

	TRY(sql_group(e, l->from->grouping, err));
	snprintf(sql, sizeof(sql), "SELECT m.rec FROM xz_member m WHERE m.part = %zu AND m.rec = m.grp ORDER BY m.rec", part);
	TRY(read_ids(e, sql, &groups, err));
	snprintf(sql, sizeof(sql), "SELECT p.rec FROM xz_placed p WHERE p.part = %zu AND p.placed = 0 ORDER BY p.rec", part);
	TRY(read_ids(e, sql, &unplaced, err));
	TRY(run_rules(e, l, (struct row_ids){ groups.v, groups.len }, o, rules, count, results, err));
	for (size_t i = 0; i < count; i++)
		TRY(add_unplaced(&results[i], &unplaced, records, o, err));
	return ERR_OK;
}

/* ---- one program ---- */

/** Fills what the rules read beside the tables, after making sure that all of them can be written. */
static enum err_code prepare_rules(
	struct sql_engine *e, struct sql_lowering *l, const struct rule *const *rules, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		int roots[SQL_ROOTS_MAX];
		size_t n = sql_rule_roots(rules[i], roots);

		TRY(sql_lower_rule(l, rules[i], err));
		if (sql_prepare(e, l->from, roots, n, err) != ERR_OK)
			return err_prefix(err, "规则 %.*s", STR_ARG(rules[i]->id));
	}
	return sql_analyze(e, "xz_value", err);
}

static enum err_code run_program(struct sql_engine *e, const struct frame_set *set, const struct program *p,
	const struct rule_run_options *o, struct rule_results *ret, struct err *err)
{
	CLEANUP(mem_freep) const struct rule **rules = mem_alloc(e->pack->rule_count + 1, sizeof(*rules));
	const struct frame *frame = set->frames[p->type->index];
	struct row_ids records = { .v = frame ? frame->ids : NULL, .count = frame ? frame->table.rows : 0 };
	struct sql_lowering *l;
	size_t count = 0, first = ret->count;
	double from = now_s();

	if (!rules)
		return err_nomem(err);
	for (size_t i = 0; i < e->pack->rule_count; i++)
		if (rule_takes_part(e->pack->rules[i], o, p))
			rules[count++] = e->pack->rules[i];
	if (count == 0)
		return ERR_OK;
	TRY(sql_lowering_of(e, p, &l, err));
	TRY(prepare_rules(e, l, rules, count, err));
	ret->prepare_seconds += now_s() - from;
	ret->count += count;
	if (p->grouping)
		return run_groups(e, l, records, o, rules, count, ret->v + first, err);
	return run_rules(e, l, records, o, rules, count, ret->v + first, err);
}

/* ---- all of them ---- */

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

	TRY(reset(e, err));
	e->types = supplies;
	e->today = o->today;
	results.v = mem_alloc(e->pack->rule_count + 1, sizeof(*results.v));
	if (!results.v)
		return err_nomem(err);
	TRY(sql_keys_fill(e, err));
	for (size_t i = 0; i < e->pack->program_count; i++)
		if (e->pack->programs[i] && (!o->types || o->types[e->pack->programs[i]->type->index]))
			TRY(run_program(e, set, e->pack->programs[i], o, &results, err));
	qsort(results.v, results.count, sizeof(*results.v), by_id);
	results.seconds = now_s() - from;
	*ret = results;
	results = (struct rule_results){ 0 };
	return ERR_OK;
}

enum err_code rule_sql_text(struct rule_sql *s, const struct rule *rule, const struct rule_sql_supplies *supplies, int32_t today,
	struct buf *out, struct err *err)
{
	CLEANUP(writer_clear) struct sql_writer w = { .engine = &s->e, .dialect = db_dialect(s->e.db), .out = out };
	struct sql_lowering *l;

	TRY(reset(&s->e, err));
	s->e.types = supplies;
	s->e.today = today;
	TRY(sql_lowering_of(&s->e, rule->code->program, &l, err));
	return sql_select(&w, l, &rule, 1, err);
}
