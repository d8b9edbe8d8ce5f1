/* Makes the records of one type after the other: chooses what is planted, makes, numbers and stores a record, and lets the hand-written
 * verdicts speak about it. */
#include "demo/demo_private.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/fault.h"

#define RECORD_BYTES_MAX ((size_t)8 << 20)
#define PROGRESS_EVERY 2000
#define APART_MAX 7 /* planted records stand so far apart until each was made once */

int32_t maker_today(const struct maker *m)
{
	return m->w->o.today;
}

int32_t random_workday(struct maker *m, int from_days_ago, int to_days_ago)
{
	int32_t day = m->w->o.today - (int32_t)rng_in(&m->rng, to_days_ago, from_days_ago);

	while (!day_is_work(m->w->days, day))
		day--;
	return day;
}

/* ---- one import ---- */

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

static enum err_code batch_open(
	struct world *w, struct db *db, const char *type, const struct source *source, struct batch *ret, struct err *err)
{
	struct arena *mem = arena_open(RECORD_BYTES_MAX);

	*ret = (struct batch){ .w = w };
	if (!mem)
		return err_nomem(err);
	ret->rows.mem = mem;
	TRY(rows_open(w->o.import->dictionary, type, mem, &ret->rows, err));
	record_supply_all(ret->rows.type, &ret->supply);
	for (size_t i = 0; source->only_child && i < ret->rows.type->child_count; i++) {
		if (str_eq(ret->rows.type->children[i].name, str_of(source->only_child)))
			continue;
		ret->supply.children &= ~(1u << i);
		memset(ret->supply.child_columns[i], 0, sizeof(ret->supply.child_columns[i]));
	}
	return record_writer_open(db, w->o.import, w->o.who, ret->rows.type, &ret->supply, str_of(source->title), &ret->writer, err);
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

/* ---- what is planted ---- */

static enum stream stream_of(const struct generator *g)
{
	uint32_t hash = 2166136261u; /* FNV-1a of the name: a type's records do not change when another type is added */

	if (g->stream)
		return g->stream;
	for (const char *c = g->type; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	return (enum stream)(1000 + hash % 1000000);
}

static const struct scenario *scenario_at(const struct generator *g, int64_t n)
{
	for (const struct theme *const *t = g->themes; t && *t; t++) {
		if (n < (*t)->scenario_count)
			return &(*t)->scenarios[n];
		n -= (*t)->scenario_count;
	}
	return NULL;
}

static const struct scenario *scenario_rolled(const struct generator *g, int roll)
{
	for (const struct theme *const *t = g->themes; t && *t; t++)
		for (int i = 0; i < (*t)->scenario_count; i++) {
			roll -= (*t)->scenarios[i].per_100k;
			if (roll < 0)
				return &(*t)->scenarios[i];
		}
	return NULL;
}

/** Scenario of the i-th record, NULL for an ordinary one: each once, evenly apart, then at its rate. */
static const struct scenario *scenario_of(const struct generator *g, const struct world *w, int64_t index, int64_t count)
{
	struct rng r = rng_open(w->o.seed, stream_of(g), (uint64_t)index * 2 + 1);
	int64_t planted = 0, apart;
	int roll = (int)(rng_next(&r) % 100000);

	for (const struct theme *const *t = g->themes; t && *t; t++)
		planted += (*t)->scenario_count;
	if (planted == 0)
		return NULL;
	apart = count / planted > APART_MAX ? APART_MAX : count / planted;
	apart = apart < 1 ? 1 : apart;
	if (index % apart == 0 && index / apart < planted)
		return scenario_at(g, index / apart);
	return scenario_rolled(g, roll);
}

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

/* ---- one record type ---- */

#define THEMES_MAX 32
struct run {
	const struct generator *g;
	struct world *w;
	struct answer_key *key;
	struct demo_result *result;
	void *item;
	void *logs[THEMES_MAX]; /* of the themes that recount */
};

static void run_close(struct run *r)
{
	for (int i = 0; r->g->themes && r->g->themes[i]; i++)
		if (r->logs[i])
			r->g->themes[i]->recount->close(r->logs[i]);
}

static enum err_code run_open(struct run *r, struct err *err)
{
	r->item = arena_alloc(r->w->mem, 1, r->g->item_bytes, _Alignof(max_align_t));
	if (!r->item)
		return err_nomem(err);
	for (int i = 0; r->g->themes && r->g->themes[i]; i++) {
		const struct recount *c = r->g->themes[i]->recount;

		if (i >= THEMES_MAX)
			return err_set(err, ERR_INTERNAL, "演示数据的 %s 主题多于 %d 个", r->g->type, THEMES_MAX);
		if (c && !(r->logs[i] = c->open(r->w)))
			return err_nomem(err);
	}
	return ERR_OK;
}

/** The record into m and r->item; what it really became, NULL when ordinary. */
static const struct scenario *make_item(struct run *r, struct maker *m, int64_t index, int64_t count)
{
	const struct generator *g = r->g;
	const struct scenario *s = scenario_of(g, r->w, index, count);

	m->rng = rng_open(r->w->o.seed, stream_of(g), (uint64_t)index * 2);
	m->need = s ? s->need : (struct case_need){ .domain = -1 };
	g->make(m, index, r->item);
	if (s && !s->make(m, r->item)) {
		m->need = (struct case_need){ .domain = -1 };
		g->make(m, index, r->item);
		return NULL;
	}
	return s;
}

static enum err_code judge_item(struct run *r, const struct scenario *s, struct str key, struct err *err)
{
	r->result->planted += s != NULL;
	for (int t = 0; r->g->themes && r->g->themes[t]; t++) {
		const struct theme *theme = r->g->themes[t];

		for (int i = 0; i < theme->rule_count; i++) {
			const struct planned_rule *rule = &theme->rules[i];
			enum verdict v = rule->judge(r->item, r->w);
			bool mine = s && strcmp(s->rule, rule->id) == 0 && v != VERDICT_NOT_IN_FORCE;

			if (mine && !as_planned(s->plan, v))
				r->result->unintended++;
			answer_key_add(r->key, rule->id, v, mine && s->plan == PLAN_NEAR && as_planned(s->plan, v), key);
		}
		if (r->logs[t] && !theme->recount->note(r->logs[t], r->item, key))
			return err_nomem(err);
	}
	return ERR_OK;
}

static void tell(const struct run *r, int64_t done, int64_t total)
{
	if (r->w->o.on_progress && (done % PROGRESS_EVERY == 0 || done == total))
		r->w->o.on_progress(r->w->o.on_progress_arg, r->g->what, done, total);
}

/** Records of one source; every record is made again for each source, so that none has to be kept. */
static enum err_code run_source(struct run *r, struct db *db, int source, struct err *err)
{
	CLEANUP(batch_close) struct batch b;
	const struct generator *g = r->g;
	int64_t count = g->count(r->w), *counter = (int64_t *)(void *)((char *)r->result + g->counter);

	TRY(batch_open(r->w, db, g->type, &g->sources[source], &b, err));
	for (int64_t i = 0; i < count; i++) {
		struct maker m = { .w = r->w, .mem = b.rows.mem };
		const struct scenario *s;

		arena_reset(b.rows.mem);
		s = make_item(r, &m, i, count);
		tell(r, i + 1, count);
		if ((g->source_of ? g->source_of(r->item) : 0) != source)
			continue;
		if (g->settle)
			g->settle(&m, r->item);
		rows_reset(&b.rows);
		g->to_rows(r->item, r->w, &b.rows);
		TRY(batch_put(&b, g->region_of ? g->region_of(r->item) : (struct str){ 0 }, err));
		TRY(judge_item(r, s, dictionary_row_key(b.rows.type, b.rows.values, b.rows.mem), err));
	}
	return batch_finish(&b, counter, err);
}

enum err_code generator_run(
	const struct generator *g, struct world *w, struct db *db, struct answer_key *k, struct demo_result *result, struct err *err)
{
	CLEANUP(run_close) struct run r = { .g = g, .w = w, .key = k, .result = result };

	TRY(run_open(&r, err));
	for (int s = 0; s < GENERATOR_SOURCES_MAX && g->sources[s].title; s++)
		TRY(run_source(&r, db, s, err));
	for (int t = 0; g->themes && g->themes[t]; t++)
		if (r.logs[t])
			TRY(g->themes[t]->recount->finish(r.logs[t], w, k, err));
	return ERR_OK;
}

static bool register_theme(struct answer_key *k, const struct theme *t)
{
	for (int i = 0; i < t->rule_count; i++)
		if (!answer_key_rule(k, t->rules[i].id))
			return false;
	for (const char *const *id = t->recount ? t->recount->ids : NULL; id && *id; id++)
		if (!answer_key_rule(k, *id))
			return false;
	return true;
}

enum err_code generator_rules_register(struct answer_key *k, struct err *err)
{
	for (const struct generator *const *g = generators; *g; g++)
		for (const struct theme *const *t = (*g)->themes; t && *t; t++)
			if (!register_theme(k, *t))
				return err_set(err, ERR_INTERNAL, "演示数据的规则太多");
	return ERR_OK;
}
