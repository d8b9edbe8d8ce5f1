/* One pass over the columns for all rules. For every record type a plan is made once: which nodes in which order, which of
 * them share a buffer (a buffer is free again after its last reader), where child rows are walked, where a rule's verdicts are
 * counted. Threads take contiguous runs of blocks, so their results are joined in row order whatever their number. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/fault.h"
#include "rule/code.h"

#define THREADS_MAX 64
#define WORDS (FRAME_BLOCK / 64)

enum step_kind { STEP_NODE, STEP_GROUP, STEP_RULE };

struct step {
	enum step_kind kind;
	int at; /* node, child or index of the rule in the plan */
};

/** What is computed for the rows of one child, and the aggregates that take it up. */
struct group {
	bool emitted;
	VEC(int) nodes;
	VEC(int) aggregates;
};

struct plan {
	const struct program *program;
	const struct frame_set *set;
	const struct frame *frame;
	const struct rule **rules;
	size_t rule_count;
	bool *wanted, *emitted;
	int *last_use; /* step after which the node's buffer is free; -1: kept */
	int *buffer;   /* node -> buffer, -1: none */
	VEC(int) constants;
	VEC(struct step) steps;
	VEC(size_t) buffers; /* bytes of values */
	struct group groups[DICTIONARY_CHILDREN_MAX];
	bool failed;
};

/* ---- plan ---- */

static void plan_clear(struct plan *p)
{
	free(p->rules);
	free(p->wanted);
	free(p->emitted);
	free(p->last_use);
	free(p->buffer);
	vec_clear(&p->constants);
	vec_clear(&p->steps);
	vec_clear(&p->buffers);
	for (int i = 0; i < DICTIONARY_CHILDREN_MAX; i++) {
		vec_clear(&p->groups[i].nodes);
		vec_clear(&p->groups[i].aggregates);
	}
}

static const struct node *node_of(const struct plan *p, int node)
{
	return &p->program->nodes.v[node];
}

static void want(struct plan *p, int node)
{
	if (node < 0 || p->wanted[node])
		return;
	p->wanted[node] = true;
	for (int i = 0; i < NODE_ARGS; i++)
		want(p, node_of(p, node)->arg[i]);
}

static void emit(struct plan *p, int node);

static void emit_child(struct plan *p, struct group *g, int node)
{
	const struct node *n;

	if (node < 0 || p->emitted[node])
		return;
	n = node_of(p, node);
	if (n->scope < 0) {
		emit(p, node);
		return;
	}
	p->emitted[node] = true;
	if (n->op == OP_OUTER)
		emit(p, n->arg[0]);
	for (int i = 0; i < NODE_ARGS && n->op != OP_OUTER; i++)
		emit_child(p, g, n->arg[i]);
	p->failed |= !vec_push(&g->nodes, node);
}

static void emit_group(struct plan *p, int child)
{
	struct group *g = &p->groups[child];

	if (g->emitted)
		return;
	g->emitted = true;
	for (size_t i = 0; i < p->program->nodes.len; i++) {
		const struct node *n = node_of(p, (int)i);

		if (n->op != OP_AGGREGATE || n->child != child || !p->wanted[i])
			continue;
		for (int k = 0; k < NODE_ARGS; k++)
			emit_child(p, g, n->arg[k]);
		p->emitted[i] = true;
		p->failed |= !vec_push(&g->aggregates, (int)i);
	}
	p->failed |= !vec_push(&p->steps, ((struct step){ .kind = STEP_GROUP, .at = child }));
}

static void emit(struct plan *p, int node)
{
	const struct node *n;

	if (node < 0 || p->emitted[node])
		return;
	n = node_of(p, node);
	if (n->op == OP_AGGREGATE) {
		emit_group(p, n->child);
		return;
	}
	p->emitted[node] = true;
	for (int i = 0; i < NODE_ARGS; i++)
		emit(p, n->arg[i]);
	if (n->scope < 0)
		p->failed |= !vec_push(&p->constants, node);
	else
		p->failed |= !vec_push(&p->steps, ((struct step){ .kind = STEP_NODE, .at = node }));
}

/** Calls `take` for every node that decides the rule's verdict. */
static void each_root(struct plan *p, const struct rule_code *code, size_t exemption_count, void (*take)(struct plan *p, int node))
{
	take(p, code->in_force);
	take(p, code->when.node);
	for (size_t i = 0; i < exemption_count; i++)
		take(p, code->exemptions[i].node);
	for (size_t i = 0; i < code->severity_count; i++)
		if (code->severities[i].ast)
			take(p, code->severities[i].node);
}

static void used_at(struct plan *p, int node, int step)
{
	if (node >= 0 && node_of(p, node)->scope == 0)
		p->last_use[node] = step;
}

static void find_last_uses(struct plan *p)
{
	for (size_t s = 0; s < p->steps.len; s++) {
		const struct step *step = &p->steps.v[s];

		if (step->kind == STEP_NODE) {
			for (int i = 0; i < NODE_ARGS; i++)
				used_at(p, node_of(p, step->at)->arg[i], (int)s);
		} else if (step->kind == STEP_GROUP) {
			const struct group *g = &p->groups[step->at];

			for (size_t i = 0; i < g->nodes.len; i++)
				if (node_of(p, g->nodes.v[i])->op == OP_OUTER)
					used_at(p, node_of(p, g->nodes.v[i])->arg[0], (int)s);
		} else {
			const struct rule *rule = p->rules[step->at];

			used_at(p, rule->code->in_force, (int)s);
			used_at(p, rule->code->when.node, (int)s);
			for (size_t i = 0; i < rule->exemption_count; i++)
				used_at(p, rule->code->exemptions[i].node, (int)s);
			for (size_t i = 0; i < rule->code->severity_count; i++)
				if (rule->code->severities[i].ast)
					used_at(p, rule->code->severities[i].node, (int)s);
		}
	}
}

typedef VEC(int) int_vec;

/** A free buffer that is wide enough and not wasteful, or a new one. */
static int buffer_take(struct plan *p, int_vec *unused, size_t bytes)
{
	for (size_t i = unused->len; i-- > 0;)
		if (p->buffers.v[unused->v[i]] == bytes) {
			int buffer = unused->v[i];

			unused->v[i] = unused->v[--unused->len];
			return buffer;
		}
	p->failed |= !vec_push(&p->buffers, bytes);
	return (int)p->buffers.len - 1;
}

static bool is_borrowed(const struct plan *p, int node)
{
	struct evaluation e = { .program = p->program, .frame = p->frame };

	return vector_is_borrowed(&e, node);
}

static void give_buffer(struct plan *p, int_vec *unused, int node)
{
	if (!is_borrowed(p, node))
		p->buffer[node] = buffer_take(p, unused, vector_buffer_bytes(node_of(p, node)->type));
}

static void release_buffers(struct plan *p, int_vec *unused, int s)
{
	for (size_t i = 0; i < p->program->nodes.len; i++)
		if (p->last_use[i] == s && p->buffer[i] >= 0)
			p->failed |= !vec_push(unused, p->buffer[i]);
}

static void give_buffers(struct plan *p)
{
	int_vec unused = { 0 };

	for (size_t i = 0; i < p->constants.len; i++)
		give_buffer(p, &unused, p->constants.v[i]);
	for (size_t s = 0; s < p->steps.len && !p->failed; s++) {
		const struct step *step = &p->steps.v[s];

		if (step->kind == STEP_NODE) {
			give_buffer(p, &unused, step->at);
		} else if (step->kind == STEP_GROUP) {
			struct group *g = &p->groups[step->at];

			for (size_t i = 0; i < g->nodes.len; i++)
				give_buffer(p, &unused, g->nodes.v[i]);
			for (size_t i = 0; i < g->aggregates.len; i++)
				give_buffer(p, &unused, g->aggregates.v[i]);
		}
		release_buffers(p, &unused, (int)s);
	}
	vec_clear(&unused);
}

static bool rule_takes_part(const struct rule *r, const struct rule_run_options *o, const struct dictionary_type *type)
{
	return r->on == type && (!o->only || o->only == r) && (o->inactive || o->only || rule_is_active(r));
}

static enum err_code plan_make(struct plan *p, const struct rule_pack *pack, const struct frame_set *set,
	const struct dictionary_type *type, const struct rule_run_options *o, struct err *err)
{
	size_t count;

	p->program = pack->programs[type->index];
	p->set = set;
	p->frame = set->frames[type->index];
	count = p->program->nodes.len + 1;
	p->rules = mem_alloc(pack->rule_count + 1, sizeof(*p->rules));
	p->wanted = mem_alloc(count, sizeof(*p->wanted));
	p->emitted = mem_alloc(count, sizeof(*p->emitted));
	p->last_use = mem_alloc(count, sizeof(*p->last_use));
	p->buffer = mem_alloc(count, sizeof(*p->buffer));
	if (!p->rules || !p->wanted || !p->emitted || !p->last_use || !p->buffer)
		return err_nomem(err);
	memset(p->last_use, 0xff, count * sizeof(*p->last_use));
	memset(p->buffer, 0xff, count * sizeof(*p->buffer));
	for (size_t i = 0; i < pack->rule_count; i++)
		if (rule_takes_part(pack->rules[i], o, type))
			p->rules[p->rule_count++] = pack->rules[i];
	for (size_t i = 0; i < p->rule_count; i++)
		each_root(p, p->rules[i]->code, p->rules[i]->exemption_count, want);
	for (size_t i = 0; i < p->rule_count; i++) {
		each_root(p, p->rules[i]->code, p->rules[i]->exemption_count, emit);
		p->failed |= !vec_push(&p->steps, ((struct step){ .kind = STEP_RULE, .at = (int)i }));
	}
	find_last_uses(p);
	give_buffers(p);
	return p->failed ? err_nomem(err) : ERR_OK;
}

/* ---- one thread ---- */

typedef VEC(struct rule_hit) hit_vec;

struct tally {
	int64_t counts[VERDICT_COUNT];
	hit_vec hits;
	double seconds;
};

struct worker {
	const struct plan *plan;
	const struct rule_run_options *options;
	struct evaluation e;
	struct vector *buffers;
	struct tally *tallies; /* one a rule of the plan */
	size_t block_from, block_to;
	pthread_t thread;
	bool running;
	struct err err;
	enum err_code code;
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void worker_clear(struct worker *w)
{
	const struct plan *p = w->plan;

	if (!p)
		return;
	for (size_t i = 0; w->buffers && i < p->buffers.len; i++) {
		free(w->buffers[i].any);
		free(w->buffers[i].valid);
	}
	free(w->buffers);
	for (size_t i = 0; w->e.gather && i < p->program->nodes.len; i++) {
		free(w->e.gather[i].state);
		free(w->e.gather[i].order);
	}
	for (size_t i = 0; w->tallies && i < p->rule_count; i++)
		vec_clear(&w->tallies[i].hits);
	free(w->tallies);
	free(w->e.v);
	free(w->e.gather);
	evaluation_clear(&w->e);
}

static enum err_code worker_gathers(struct worker *w, struct err *err)
{
	for (size_t i = 0; i < w->plan->program->nodes.len; i++) {
		struct gather *g = &w->e.gather[i];

		if (!w->plan->wanted[i] || node_of(w->plan, (int)i)->op != OP_AGGREGATE)
			continue;
		g->state = mem_alloc(FRAME_BLOCK, 1);
		g->order = mem_alloc(FRAME_BLOCK, sizeof(*g->order));
		if (!g->state || !g->order)
			return err_nomem(err);
	}
	return ERR_OK;
}

static enum err_code worker_open(
	struct worker *w, const struct plan *p, const struct rule_pack *pack, const struct rule_run_options *o, struct err *err)
{
	size_t nodes = p->program->nodes.len;

	w->plan = p;
	w->options = o;
	w->e = (struct evaluation){
		.program = p->program, .set = p->set, .frame = p->frame, .calendar = pack->options.calendar, .today = o->today
	};
	TRY(evaluation_open(&w->e, err));
	w->e.v = mem_alloc(nodes + 1, sizeof(*w->e.v));
	w->e.gather = mem_alloc(nodes + 1, sizeof(*w->e.gather));
	w->buffers = mem_alloc(p->buffers.len + 1, sizeof(*w->buffers));
	w->tallies = mem_alloc(p->rule_count + 1, sizeof(*w->tallies));
	if (!w->e.v || !w->e.gather || !w->buffers || !w->tallies)
		return err_nomem(err);
	for (size_t i = 0; i < p->buffers.len; i++) {
		w->buffers[i].any = aligned_alloc(64, p->buffers.v[i]);
		w->buffers[i].valid = aligned_alloc(64, FRAME_BLOCK / 8);
		if (!w->buffers[i].any || !w->buffers[i].valid)
			return err_nomem(err);
		memset(w->buffers[i].any, 0, p->buffers.v[i]);
	}
	for (size_t i = 0; i < nodes; i++)
		if (p->buffer[i] >= 0)
			w->e.v[i] = w->buffers[p->buffer[i]];
	return worker_gathers(w, err);
}

static void run_group(struct evaluation *e, const struct group *g, int child)
{
	const struct frame_child *c = &e->frame->children[child];
	size_t from = c->first[e->first], to = c->first[e->first + e->lanes];

	for (size_t i = 0; i < g->aggregates.len; i++)
		vector_gather_begin(e, g->aggregates.v[i]);
	for (size_t at = from & ~(size_t)63; at < to; at += FRAME_BLOCK) {
		e->child_first = at;
		e->child_lanes = to - at < FRAME_BLOCK ? to - at : FRAME_BLOCK;
		for (size_t i = 0; i < g->nodes.len; i++)
			vector_eval(e, g->nodes.v[i]);
		for (size_t i = 0; i < g->aggregates.len; i++)
			vector_gather(e, g->aggregates.v[i]);
	}
	for (size_t i = 0; i < g->aggregates.len; i++)
		vector_gather_end(e, g->aggregates.v[i]);
}

static uint8_t severity_of(const struct evaluation *e, const struct rule *r, size_t lane)
{
	const struct rule_code *code = r->code;

	for (size_t i = 0; i < code->severity_count; i++)
		if (!code->severities[i].ast || frame_bit(e->v[code->severities[i].node].bits, lane))
			return (uint8_t)code->severity_is[i];
	return (uint8_t)r->severity;
}

static uint32_t undecided_of(const struct evaluation *e, const struct rule *r, size_t lane)
{
	uint32_t undecided = 0;

	for (size_t i = 0; i < r->exemption_count; i++)
		undecided |= (uint32_t)!frame_bit(e->v[r->code->exemptions[i].node].valid, lane) << i;
	return undecided;
}

static int16_t exemption_of(const struct evaluation *e, const struct rule *r, size_t lane)
{
	for (size_t i = 0; i < r->exemption_count; i++)
		if (frame_bit(e->v[r->code->exemptions[i].node].bits, lane))
			return (int16_t)i;
	return -1;
}

static bool list_rows(struct worker *w, const struct rule *r, struct tally *t, size_t word, uint64_t mask, enum rule_verdict verdict)
{
	for (; mask; mask &= mask - 1) {
		size_t lane = word * 64 + (size_t)__builtin_ctzll(mask);
		struct rule_hit hit = {
			.row = (uint32_t)(w->e.first + lane), .exemption = -1, .verdict = (uint8_t)verdict, .severity = (uint8_t)r->severity
		};

		if (verdict != VERDICT_UNKNOWN) {
			hit.severity = severity_of(&w->e, r, lane);
			hit.undecided = undecided_of(&w->e, r, lane);
		}
		if (verdict == VERDICT_EXEMPT)
			hit.exemption = exemption_of(&w->e, r, lane);
		if (!vec_push(&t->hits, hit))
			return false;
	}
	return true;
}

/** Lists a word's rows in row order although they have different verdicts. */
static bool list_word(struct worker *w, const struct rule *r, struct tally *t, size_t word, uint64_t hit, uint64_t exempt, uint64_t unknown)
{
	uint64_t all = hit | exempt | unknown;

	for (; all; all &= all - 1) {
		uint64_t bit = all & -all;
		enum rule_verdict verdict = hit & bit ? VERDICT_HIT : exempt & bit ? VERDICT_EXEMPT : VERDICT_UNKNOWN;

		if (!list_rows(w, r, t, word, bit, verdict))
			return false;
	}
	return true;
}

/** The verdicts of one rule on the current block: not in force, unknown, clean, exempt, hit, in this order. */
static bool run_rule(struct worker *w, size_t index)
{
	const struct rule *r = w->plan->rules[index];
	const struct evaluation *e = &w->e;
	const struct vector *when = &e->v[r->code->when.node], *force = r->code->in_force >= 0 ? &e->v[r->code->in_force] : NULL;
	struct tally *t = &w->tallies[index];

	for (size_t i = 0; i < (e->lanes + 63) / 64; i++) {
		size_t left = e->lanes - i * 64;
		uint64_t live = left >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << left) - 1;
		uint64_t in = force ? force->bits[i] & live : live, known = force ? force->valid[i] : live;
		uint64_t out = live & known & ~in, unknown = live & (~known | (in & ~when->valid[i]));
		uint64_t true_ = in & when->bits[i], exempt = 0;

		if (true_)
			for (size_t k = 0; k < r->exemption_count; k++)
				exempt |= true_ & e->v[r->code->exemptions[k].node].bits[i];
		t->counts[VERDICT_NOT_IN_FORCE] += __builtin_popcountll(out);
		t->counts[VERDICT_UNKNOWN] += __builtin_popcountll(unknown);
		t->counts[VERDICT_CLEAN] += __builtin_popcountll(in & when->valid[i] & ~when->bits[i]);
		t->counts[VERDICT_EXEMPT] += __builtin_popcountll(exempt);
		t->counts[VERDICT_HIT] += __builtin_popcountll(true_ & ~exempt);
		if (true_ | (w->options->keep_unknown ? unknown : 0))
			if (!list_word(w, r, t, i, true_ & ~exempt, exempt, w->options->keep_unknown ? unknown : 0))
				return false;
	}
	return true;
}

static bool run_block(struct worker *w)
{
	const struct plan *p = w->plan;
	double from = now_s(), to;

	for (size_t s = 0; s < p->steps.len; s++) {
		const struct step *step = &p->steps.v[s];

		if (step->kind == STEP_NODE) {
			vector_eval(&w->e, step->at);
		} else if (step->kind == STEP_GROUP) {
			run_group(&w->e, &p->groups[step->at], step->at);
		} else {
			if (!run_rule(w, (size_t)step->at))
				return false;
			to = now_s();
			w->tallies[step->at].seconds += to - from;
			from = to;
		}
	}
	return !w->e.failed;
}

static void *worker_run(void *arg)
{
	struct worker *w = arg;
	size_t rows = w->plan->frame->table.rows;

	for (size_t i = 0; i < w->plan->constants.len; i++)
		vector_eval(&w->e, w->plan->constants.v[i]);
	for (size_t block = w->block_from; block < w->block_to; block++) {
		w->e.first = block * FRAME_BLOCK;
		w->e.lanes = rows - w->e.first < FRAME_BLOCK ? rows - w->e.first : FRAME_BLOCK;
		if (!run_block(w)) {
			w->code = err_nomem(&w->err);
			break;
		}
		arena_reset(w->e.text);
	}
	return NULL;
}

/* ---- joining ---- */

static enum err_code take_tally(
	struct rule_result *result, const struct rule *rule, size_t rows, struct worker *workers, int count, size_t index, struct err *err)
{
	size_t hits = 0;

	result->rule = rule;
	result->checked = (int64_t)rows;
	for (int i = 0; i < count; i++)
		hits += workers[i].tallies[index].hits.len;
	result->hits = mem_alloc(hits + 1, sizeof(*result->hits));
	if (!result->hits)
		return err_nomem(err);
	for (int i = 0; i < count; i++) {
		const struct tally *t = &workers[i].tallies[index];

		for (int v = 0; v < VERDICT_COUNT; v++)
			result->counts[v] += t->counts[v];
		if (t->hits.len > 0)
			memcpy(result->hits + result->hit_count, t->hits.v, t->hits.len * sizeof(*result->hits));
		result->hit_count += t->hits.len;
		result->seconds += t->seconds;
	}
	return ERR_OK;
}

static enum err_code run_workers(struct plan *p, struct worker *w, int count, struct err *err)
{
	size_t blocks = (p->frame->table.rows + FRAME_BLOCK - 1) / FRAME_BLOCK;

	for (int i = 0; i < count; i++) {
		w[i].block_from = blocks * (size_t)i / (size_t)count;
		w[i].block_to = blocks * ((size_t)i + 1) / (size_t)count;
		w[i].running = i > 0 && pthread_create(&w[i].thread, NULL, worker_run, &w[i]) == 0;
	}
	for (int i = 0; i < count; i++)
		if (!w[i].running)
			worker_run(&w[i]);
	for (int i = 0; i < count; i++)
		if (w[i].running)
			pthread_join(w[i].thread, NULL);
	for (int i = 0; i < count; i++)
		if (w[i].code != ERR_OK)
			return err_set(err, w[i].code, "%s", w[i].err.msg);
	return ERR_OK;
}

static void workers_clear(struct worker (*w)[THREADS_MAX])
{
	for (int i = 0; i < THREADS_MAX; i++)
		worker_clear(&(*w)[i]);
}

static enum err_code run_type(const struct rule_pack *pack, const struct frame_set *set, const struct dictionary_type *type,
	const struct rule_run_options *o, struct rule_results *ret, struct err *err)
{
	CLEANUP(plan_clear) struct plan p = { 0 };
	CLEANUP(workers_clear) struct worker workers[THREADS_MAX] = { 0 };
	size_t rows = set->frames[type->index] ? set->frames[type->index]->table.rows : 0;
	int count = o->threads < 1 ? 1 : o->threads > THREADS_MAX ? THREADS_MAX : o->threads;

	if ((size_t)count > rows / FRAME_BLOCK)
		count = rows < FRAME_BLOCK ? 1 : (int)(rows / FRAME_BLOCK);
	if (rows == 0) {
		for (size_t i = 0; i < pack->rule_count; i++)
			if (rule_takes_part(pack->rules[i], o, type))
				TRY(take_tally(&ret->v[ret->count++], pack->rules[i], 0, NULL, 0, 0, err));
		return ERR_OK;
	}
	TRY(plan_make(&p, pack, set, type, o, err));
	for (int i = 0; i < count; i++)
		TRY(worker_open(&workers[i], &p, pack, o, err));
	TRY(run_workers(&p, workers, count, err));
	for (size_t i = 0; i < p.rule_count; i++)
		TRY(take_tally(&ret->v[ret->count++], p.rules[i], rows, workers, count, i, err));
	for (int i = 0; i < count; i++)
		ret->match_failures += workers[i].e.match_failures;
	return ERR_OK;
}

static int by_id(const void *a, const void *b)
{
	return str_cmp(((const struct rule_result *)a)->rule->id, ((const struct rule_result *)b)->rule->id);
}

enum err_code rule_run(
	const struct rule_pack *p, const struct frame_set *set, const struct rule_run_options *o, struct rule_results *ret, struct err *err)
{
	CLEANUP(rule_results_clear) struct rule_results results = { 0 };
	double from = now_s();

	results.v = mem_alloc(p->rule_count + 1, sizeof(*results.v));
	if (!results.v)
		return err_nomem(err);
	for (size_t t = 0; t < set->dictionary->type_count; t++)
		if (p->programs[t] && (!o->types || o->types[t]))
			TRY(run_type(p, set, &set->dictionary->types[t], o, &results, err));
	qsort(results.v, results.count, sizeof(*results.v), by_id);
	results.seconds = now_s() - from;
	*ret = results;
	results = (struct rule_results){ 0 };
	return ERR_OK;
}

void rule_results_clear(struct rule_results *r)
{
	for (size_t i = 0; r->v && i < r->count; i++)
		free(r->v[i].hits);
	free(r->v);
	*r = (struct rule_results){ 0 };
}
