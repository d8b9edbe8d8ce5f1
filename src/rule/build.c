/* Computes columns for sweeps: each wanted node of a program over all rows of its type, in packed form. Which nodes in which order, and
 * which of them share a buffer (a buffer is free again after its last reader) is planned once; threads take contiguous runs of blocks.
 *
 * What comes out is kept with the frame set, so the cost is paid once a set, not once a sweep. */
#include "rule/build.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/fault.h"
#include "rule/fold.h"
#include "rule/group.h"
#include "rule/vector.h"

#define NARROW_DAYS_BASE 10957        /* 2000-01-01: 16 bits reach from 1910 to 2089 */
#define NARROW_SECONDS_BASE 946684800 /* 2000-01-01: 32 bits reach from 1931 to 2068 */

enum step_kind { STEP_NODE, STEP_GROUP, STEP_STORE, STEP_KEEP };

struct step {
	enum step_kind kind;
	int at; /* node, child or index of the wanted column or of the kept rows */
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
	struct build_column *columns;
	size_t column_count;
	const int *kept;             /* nodes */
	struct derived_column *rows; /* one a kept node */
	const struct derived_column *derived;
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
			used_at(p, step->kind == STEP_STORE ? p->columns[step->at].node : p->kept[step->at], (int)s);
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

/** What the plan reads of columns over whole frames is computed before it runs. */
static enum err_code need_derived(struct plan *p, const struct build_input *in, struct err *err)
{
	for (size_t i = 0; i < p->program->nodes.len; i++) {
		const struct node *n = node_of(p, (int)i);

		if (p->wanted[i] && (n->op == OP_DERIVED || n->op == OP_DERIVED_ABSENT))
			TRY(derivation_need(in->derivation, p->program, (int)n->k, err));
	}
	p->derived = in->derivation ? derivation_columns(in->derivation, p->program) : NULL;
	return ERR_OK;
}

/** @param kept_count  nodes of p->kept, which the caller has set */
static enum err_code plan_make(
	struct plan *p, const struct build_input *in, struct build_column *columns, size_t column_count, size_t kept_count, struct err *err)
{
	size_t count = in->program->nodes.len + 1;

	p->program = in->program;
	p->set = in->set;
	p->frame = in->frame;
	p->columns = columns;
	p->column_count = column_count;
	p->wanted = mem_alloc(count, sizeof(*p->wanted));
	p->emitted = mem_alloc(count, sizeof(*p->emitted));
	p->last_use = mem_alloc(count, sizeof(*p->last_use));
	p->buffer = mem_alloc(count, sizeof(*p->buffer));
	if (!p->wanted || !p->emitted || !p->last_use || !p->buffer)
		return err_nomem(err);
	memset(p->last_use, 0xff, count * sizeof(*p->last_use));
	memset(p->buffer, 0xff, count * sizeof(*p->buffer));
	for (size_t i = 0; i < column_count; i++)
		want(p, columns[i].node);
	for (size_t i = 0; i < kept_count; i++)
		want(p, p->kept[i]);
	TRY(need_derived(p, in, err));
	for (size_t i = 0; i < column_count; i++) {
		emit(p, columns[i].node);
		p->failed |= !vec_push(&p->steps, ((struct step){ .kind = STEP_STORE, .at = (int)i }));
	}
	for (size_t i = 0; i < kept_count; i++) {
		emit(p, p->kept[i]);
		if (p->kept[i] >= 0)
			p->failed |= !vec_push(&p->steps, ((struct step){ .kind = STEP_KEEP, .at = (int)i }));
	}
	find_last_uses(p);
	give_buffers(p);
	return p->failed ? err_nomem(err) : ERR_OK;
}

/* ---- one thread ---- */

/** Of what was stored, the column's base subtracted. */
struct range {
	int64_t min, max;
	bool fits; /* no value was too large for the column's width */
};

struct worker {
	const struct plan *plan;
	struct evaluation e;
	struct vector *buffers;
	struct range *ranges; /* one a column */
	uint64_t *match_failures;
	size_t block_from, block_to;
	bool changes_only; /* blocks that did not change are there already */
	pthread_t thread;
	bool running;
	struct err err;
	enum err_code code;
};

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
	free(w->ranges);
	free(w->match_failures);
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

static enum err_code worker_open(struct worker *w, const struct plan *p, const struct build_input *in, struct err *err)
{
	size_t nodes = p->program->nodes.len;

	w->plan = p;
	w->e = (struct evaluation){
		.program = p->program, .set = p->set, .frame = p->frame, .calendar = in->calendar, .derived = p->derived, .today = in->today
	};
	TRY(evaluation_open(&w->e, err));
	w->e.v = mem_alloc(nodes + 1, sizeof(*w->e.v));
	w->e.gather = mem_alloc(nodes + 1, sizeof(*w->e.gather));
	w->buffers = mem_alloc(p->buffers.len + 1, sizeof(*w->buffers));
	w->ranges = mem_alloc(p->column_count + 1, sizeof(*w->ranges));
	w->match_failures = mem_alloc(p->column_count + 1, sizeof(*w->match_failures));
	if (!w->e.v || !w->e.gather || !w->buffers || !w->ranges || !w->match_failures)
		return err_nomem(err);
	for (size_t i = 0; i < p->column_count; i++)
		w->ranges[i] = (struct range){ .min = INT64_MAX, .max = INT64_MIN, .fits = true };
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

/* ---- storing ---- */

/** Stores each lane's value less the base, 0 where it is not valid; notes the range, and when a value does not fit into T. */
#define STORE(T, lane_value)                                                                                                               \
	for (size_t i = 0; i < e->lanes; i++) {                                                                                            \
		bool valid = frame_bit(v->valid, i);                                                                                       \
		int64_t value = valid ? (int64_t)((uint64_t)(lane_value) - (uint64_t)c->base) : 0;                                         \
		((T *)c->values)[e->first + i] = (T)value;                                                                                 \
		range->fits &= (T)value == value;                                                                                          \
		range->min = valid && value < range->min ? value : range->min;                                                             \
		range->max = valid && value > range->max ? value : range->max;                                                             \
	}

#define STORE_ANY(lane_value)                                                                                                              \
	do {                                                                                                                               \
		if (c->width == FRAME_WIDTH_8)                                                                                             \
			STORE(int8_t, lane_value)                                                                                          \
		else if (c->width == FRAME_WIDTH_16)                                                                                       \
			STORE(int16_t, lane_value)                                                                                         \
		else if (c->width == FRAME_WIDTH_32)                                                                                       \
			STORE(int32_t, lane_value)                                                                                         \
		else                                                                                                                       \
			STORE(int64_t, lane_value)                                                                                         \
	} while (0)

static void store_numbers(
	const struct evaluation *e, const struct node *n, const struct vector *v, const struct frame_packed *c, struct range *range)
{
	switch (vector_width(n->type)) {
	case 2:
		STORE_ANY(v->codes[i]);
		break;
	case 4:
		STORE_ANY(v->days[i]);
		break;
	default:
		STORE_ANY(v->nums[i]);
		break;
	}
}

/** The rows of word `w` of the block that exist. */
static uint64_t live_rows(const struct evaluation *e, size_t w)
{
	size_t left = e->lanes - w * 64;

	return left >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << left) - 1;
}

static void store_block(struct worker *w, size_t index)
{
	struct build_column *wanted = &w->plan->columns[index];
	struct frame_packed *c = wanted->made;
	const struct vector *v = &w->e.v[wanted->node];
	size_t first = w->e.first / 64;

	for (size_t i = 0; i < (w->e.lanes + 63) / 64; i++) {
		uint64_t valid = v->valid[i] & live_rows(&w->e, i);

		if (c->width == FRAME_WIDTH_BITS) {
			c->yes[first + i] = v->bits[i] & valid;
			c->no[first + i] = valid & ~v->bits[i];
		} else {
			c->valid[first + i] = valid;
		}
	}
	if (c->width != FRAME_WIDTH_BITS)
		store_numbers(&w->e, node_of(w->plan, wanted->node), v, c, &w->ranges[index]);
}

/** Copies a block of a node as it is: whole words, whole lanes. */
static void keep_block(struct worker *w, size_t index)
{
	int node = w->plan->kept[index];
	struct derived_column *c = &w->plan->rows[index];
	const struct vector *v = &w->e.v[node];
	size_t words = (w->e.lanes + 63) / 64, width = vector_width(node_of(w->plan, node)->type), first = w->e.first;

	memcpy(c->valid + first / 64, v->valid, words * 8);
	c->valid[first / 64 + words - 1] &= live_rows(&w->e, words - 1);
	if (width == 0) {
		memcpy((uint64_t *)c->values + first / 64, v->bits, words * 8);
		((uint64_t *)c->values)[first / 64 + words - 1] &= live_rows(&w->e, words - 1);
	} else {
		memcpy((char *)c->values + first * width, v->any, w->e.lanes * width);
	}
}

static void run_block(struct worker *w)
{
	const struct plan *p = w->plan;
	uint64_t failures;

	for (size_t s = 0; s < p->steps.len; s++) {
		const struct step *step = &p->steps.v[s];

		if (step->kind == STEP_NODE) {
			vector_eval(&w->e, step->at);
		} else if (step->kind == STEP_GROUP) {
			run_group(&w->e, &p->groups[step->at], step->at);
		} else if (step->kind == STEP_KEEP) {
			keep_block(w, (size_t)step->at);
		} else {
			failures = w->e.match_failures;
			store_block(w, (size_t)step->at);
			w->match_failures[step->at] += failures; /* counted since the column before */
			w->e.match_failures = 0;
		}
	}
}

static void *worker_run(void *arg)
{
	struct worker *w = arg;
	size_t rows = w->plan->frame->table.rows;

	for (size_t i = 0; i < w->plan->constants.len; i++)
		vector_eval(&w->e, w->plan->constants.v[i]);
	for (size_t block = w->block_from; block < w->block_to && w->code == ERR_OK; block++) {
		if (w->changes_only && !frame_block_is_dirty(w->plan->frame, block))
			continue;
		w->e.first = block * FRAME_BLOCK;
		w->e.lanes = rows - w->e.first < FRAME_BLOCK ? rows - w->e.first : FRAME_BLOCK;
		run_block(w);
		if (w->e.failed)
			w->code = err_nomem(&w->err);
		arena_reset(w->e.text);
	}
	return NULL;
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

/* ---- widths ---- */

static enum frame_width first_width(const struct node *n)
{
	switch (n->type) {
	case TYPE_BOOL:
		return FRAME_WIDTH_BITS;
	case TYPE_CODE:
		return n->codes && n->codes->code_count <= INT8_MAX ? FRAME_WIDTH_8 : FRAME_WIDTH_32;
	case TYPE_DATE:
	case TYPE_INT:
		return FRAME_WIDTH_16;
	case TYPE_MONEY:
	case TYPE_DECIMAL:
	case TYPE_DATETIME:
		return FRAME_WIDTH_32;
	case TYPE_TEXT:
	case TYPE_ROW:
	case TYPE_NULL:
	case TYPE_COUNT:
		break;
	}
	return FRAME_WIDTH_64;
}

static int64_t base_of(enum value_type type, enum frame_width width)
{
	return type == TYPE_DATE && width == FRAME_WIDTH_16       ? NARROW_DAYS_BASE
	       : type == TYPE_DATETIME && width == FRAME_WIDTH_32 ? NARROW_SECONDS_BASE
	                                                          : 0;
}

static enum err_code open_column(const struct build_input *in, struct build_column *c, enum frame_width width, struct err *err)
{
	const struct node *n = &in->program->nodes.v[c->node];

	frame_packed_release(c->made);
	c->made = NULL;
	TRY(frame_packed_open((struct frame *)in->frame, c->key, width, base_of(n->type, width), &c->made, err));
	c->made->alone = node_stands_alone(in->program, c->node, &c->made->reads);
	if (c->old)
		frame_packed_copy(c->made, c->old);
	return ERR_OK;
}

static void workers_clear(struct worker (*w)[BUILD_THREADS_MAX])
{
	for (int i = 0; i < BUILD_THREADS_MAX; i++)
		worker_clear(&(*w)[i]);
}

/** Fills the columns, all of them from nothing or all of them from older ones; *ret_again gets how many of them, moved to the front, have
 * values that do not fit. */
static enum err_code fill(const struct build_input *in, struct build_column *columns, size_t count, size_t *ret_again, struct err *err)
{
	CLEANUP(plan_clear) struct plan p = { 0 };
	CLEANUP(workers_clear) struct worker workers[BUILD_THREADS_MAX] = { 0 };
	size_t blocks = in->frame->table.rows / FRAME_BLOCK + 1, again = 0;
	int threads = in->threads < 1 ? 1 : in->threads > BUILD_THREADS_MAX ? BUILD_THREADS_MAX : in->threads;

	threads = (size_t)threads > blocks ? (int)blocks : threads;
	TRY(plan_make(&p, in, columns, count, 0, err));
	for (int i = 0; i < threads; i++) {
		TRY(worker_open(&workers[i], &p, in, err));
		workers[i].changes_only = columns[0].old != NULL;
	}
	TRY(run_workers(&p, workers, threads, err));
	for (size_t i = 0; i < count; i++) {
		struct frame_packed *made = columns[i].made;
		bool fits = true;

		made->match_failures = columns[i].old ? columns[i].old->match_failures : 0;
		for (int t = 0; t < threads; t++) {
			const struct range *r = &workers[t].ranges[i];

			fits &= r->fits;
			if (r->fits && r->min <= r->max) {
				made->min = r->min + made->base < made->min ? r->min + made->base : made->min;
				made->max = r->max + made->base > made->max ? r->max + made->base : made->max;
			}
			made->match_failures += workers[t].match_failures[i];
		}
		if (!fits) {
			struct build_column wide = columns[i];

			columns[i] = columns[again];
			columns[again++] = wide;
		}
	}
	*ret_again = again;
	return ERR_OK;
}

/** What does not fit is computed again in the next width, from nothing. */
static enum err_code build_part(const struct build_input *in, struct build_column *columns, size_t count, struct err *err)
{
	size_t todo = count;

	for (size_t i = 0; i < count; i++) {
		enum frame_width width = columns[i].old ? columns[i].old->width : first_width(&in->program->nodes.v[columns[i].node]);

		if (width != FRAME_WIDTH_BITS && width < columns[i].width)
			width = columns[i].width;
		TRY(open_column(in, &columns[i], width, err));
	}
	while (todo > 0) {
		TRY(fill(in, columns, todo, &todo, err));
		for (size_t i = 0; i < todo; i++) {
			enum frame_width width = columns[i].made->width + 1;

			frame_packed_release(columns[i].old);
			columns[i].old = NULL;
			TRY(open_column(in, &columns[i], width, err));
		}
	}
	for (size_t i = 0; i < count; i++)
		frame_packed_finish(columns[i].made, columns[i].width);
	return ERR_OK;
}

enum err_code build_columns(const struct build_input *in, struct build_column *columns, size_t count, struct err *err)
{
	size_t patched = 0;

	for (size_t i = 0; i < count; i++)
		if (columns[i].old) {
			struct build_column c = columns[i];

			columns[i] = columns[patched];
			columns[patched++] = c;
		}
	if (patched > 0)
		TRY(build_part(in, columns, patched, err));
	return build_part(in, columns + patched, count - patched, err);
}

enum err_code build_rows(const struct build_input *in, const int *nodes, struct derived_column *columns, size_t count, struct err *err)
{
	CLEANUP(plan_clear) struct plan p = { .kept = nodes, .rows = columns };
	CLEANUP(workers_clear) struct worker workers[BUILD_THREADS_MAX] = { 0 };
	size_t blocks = in->frame->table.rows / FRAME_BLOCK + 1;
	int threads = in->threads < 1 ? 1 : in->threads > BUILD_THREADS_MAX ? BUILD_THREADS_MAX : in->threads;

	threads = (size_t)threads > blocks ? (int)blocks : threads;
	for (size_t i = 0; i < count; i++)
		if (nodes[i] >= 0)
			TRY(derived_column_make(in->program->nodes.v[nodes[i]].type, in->frame->table.rows, &columns[i], err));
	TRY(plan_make(&p, in, NULL, 0, count, err));
	for (int i = 0; i < threads; i++)
		TRY(worker_open(&workers[i], &p, in, err));
	return run_workers(&p, workers, threads, err);
}
