/* One pass over the packed columns for all rules. For every record type a plan is made once: the lowered conditions (lower.h) as a list of
 * steps on masks, which of them share a buffer (a buffer is free again after its last reader), where a rule's verdicts are counted.
 * Threads take contiguous runs of blocks, so their results are joined in row order whatever their number. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/fault.h"
#include "rule/group.h"
#include "rule/kernel.h"
#include "rule/lower.h"

#define THREADS_MAX BUILD_THREADS_MAX
#define BLOCK_WORDS 64 /* of 64 rows: masks of a whole plan stay in the nearest cache */
#define LOWER_ROUNDS_MAX 16

enum step_kind { STEP_COLUMNS, STEP_CONSTANT, STEP_AND, STEP_OR, STEP_CHOOSE, STEP_BLANK, STEP_NULL_COLUMN, STEP_NULL, STEP_RULE };

/** The masks of a condition: two arrays of words, the same for every block (a buffer, all zeros) or moving along a column. */
struct mask {
	const uint64_t *at;
	bool moves;
};
struct truth {
	struct mask yes, no;
};

struct step {
	enum step_kind kind;
	int node; /* of the lowering; STEP_RULE: index of the rule in the plan */
	kernel_compare_fn *compare;
	const struct frame_packed *a, *b;
	int64_t k;
	int in[3]; /* nodes */
	int buffer;
};

/** A rule's conditions as nodes of the lowering. */
struct planned_rule {
	const struct rule *rule;
	int force, when, exempt;
	int exemptions[RULE_EXEMPTIONS_MAX];
	int severities[RULE_SEVERITIES_MAX];
};

struct plan {
	struct lowering lowering;
	const struct kernels *kernels;
	const struct frame *frame;
	bool lists; /* hits are listed, not only counted */
	struct planned_rule *rules;
	size_t rule_count;
	VEC(struct step) steps;
	int *step_of;    /* node -> step, -1: none */
	int *last_use;   /* node -> the step after which its buffer is free */
	int now;         /* step, while buffers are given */
	VEC(int) unused; /* buffers */
	size_t buffer_count;
	bool failed;
};

/* ---- plan ---- */

static void plan_clear(struct plan *p)
{
	lowering_close(&p->lowering);
	free(p->rules);
	free(p->step_of);
	free(p->last_use);
	vec_clear(&p->steps);
	vec_clear(&p->unused);
}

static int lower_root(struct plan *p, int node)
{
	return node < 0 ? -1 : lower_to_columns(&p->lowering, lower(&p->lowering, node));
}

static void lower_rule(struct plan *p, struct planned_rule *r)
{
	const struct rule_code *code = r->rule->code;

	r->exempt = -1;
	r->force = lower_root(p, code->in_force);
	r->when = lower_root(p, code->when.node);
	for (size_t i = 0; i < r->rule->exemption_count; i++) {
		r->exemptions[i] = lower_root(p, code->exemptions[i].node);
		r->exempt = lower_or(&p->lowering, r->exempt, r->exemptions[i]);
	}
	for (size_t i = 0; p->lists && i < code->severity_count; i++)
		r->severities[i] = code->severities[i].ast ? lower_root(p, code->severities[i].node) : -1;
}

/** Lowers all rules again and again until every column is there and its width agrees with those it is compared with. */
static enum err_code lower_rules(struct plan *p, struct err *err)
{
	size_t built = 1;

	for (int round = 0; built > 0; round++) {
		if (round == LOWER_ROUNDS_MAX)
			return err_set(err, ERR_INTERNAL, "规则的列在 %d 轮内没有稳定", LOWER_ROUNDS_MAX);
		for (size_t i = 0; i < p->rule_count; i++)
			lower_rule(p, &p->rules[i]);
		TRY(lowering_build(&p->lowering, &built, err));
	}
	return p->lowering.failed ? err_nomem(err) : ERR_OK;
}

static const struct low *low_of(const struct plan *p, int node)
{
	return &p->lowering.nodes.v[node];
}

static const struct frame_packed *column_of(const struct plan *p, int node)
{
	return low_of(p, node)->op == LOW_COLUMN ? p->lowering.columns.v[low_of(p, node)->column].packed : NULL;
}

/** A comparison, whose left side is a column and whose right side is one or a number. */
static bool compare_step(struct plan *p, int node, struct step *ret)
{
	const struct low *n = low_of(p, node);
	enum kernel_compare how = n->op == LOW_EQ ? KERNEL_EQ : n->op == LOW_GT ? KERNEL_GT : KERNEL_LT;

	ret->a = column_of(p, n->a);
	ret->b = column_of(p, n->b);
	if (!ret->a || ret->a->width == FRAME_WIDTH_BITS || (ret->b && (ret->b->width != ret->a->width || ret->b->base != ret->a->base)))
		return false;
	ret->kind = ret->b ? STEP_COLUMNS : STEP_CONSTANT;
	ret->compare = ret->b ? p->kernels->columns[ret->a->width][how] : p->kernels->constant[ret->a->width][how];
	ret->k = ret->b ? 0 : low_of(p, n->b)->k - ret->a->base;
	return ret->b || low_of(p, n->b)->op == LOW_NUMBER;
}

static void emit(struct plan *p, int node);

/** The step that computes a node, after those of its arguments; columns, constants and NOT need none. */
static void emit_step(struct plan *p, int node)
{
	const struct low *n = low_of(p, node);
	struct step s = { .node = node, .in = { n->a, n->b, n->c }, .buffer = -1 };

	switch (n->op) {
	case LOW_EQ:
	case LOW_LT:
	case LOW_GT:
		s.in[0] = s.in[1] = -1;
		p->failed |= !compare_step(p, node, &s);
		break;
	case LOW_AND:
		s.kind = STEP_AND;
		break;
	case LOW_OR:
		s.kind = STEP_OR;
		break;
	case LOW_COALESCE: /* a where it is known, else b: choosing by both masks of a */
	case LOW_IF:
		s.kind = STEP_CHOOSE;
		break;
	case LOW_BLANK:
		s.kind = STEP_BLANK;
		break;
	case LOW_IS_NULL:
		s.a = column_of(p, n->a);
		s.kind = s.a && s.a->width != FRAME_WIDTH_BITS ? STEP_NULL_COLUMN : STEP_NULL;
		s.in[0] = s.kind == STEP_NULL ? n->a : -1;
		break;
	case LOW_NULL:
	case LOW_NUMBER:
	case LOW_TRUTH:
	case LOW_COLUMN:
	case LOW_NOT:
	case LOW_OP_COUNT:
		if (n->op == LOW_NOT)
			emit(p, n->a);
		return;
	}
	for (int i = 0; i < 3; i++)
		emit(p, s.in[i]);
	p->step_of[node] = (int)p->steps.len;
	p->failed |= !vec_push(&p->steps, s);
}

static void emit(struct plan *p, int node)
{
	if (node >= 0 && p->step_of[node] < 0 && !p->failed)
		emit_step(p, node);
}

/** Calls `take` for every condition of a rule. */
static void each_condition(struct plan *p, const struct planned_rule *r, void (*take)(struct plan *p, int node))
{
	take(p, r->force);
	take(p, r->when);
	take(p, r->exempt);
	for (size_t i = 0; p->lists && i < r->rule->exemption_count; i++)
		take(p, r->exemptions[i]);
	for (size_t i = 0; p->lists && i < r->rule->code->severity_count; i++)
		take(p, r->severities[i]);
}

/** The node whose buffer a condition reads: NOT has none of its own. */
static int owner_of(const struct plan *p, int node)
{
	while (node >= 0 && low_of(p, node)->op == LOW_NOT)
		node = low_of(p, node)->a;
	return node;
}

static void emit_rule(struct plan *p, size_t index)
{
	each_condition(p, &p->rules[index], emit);
	p->failed |= !vec_push(&p->steps, ((struct step){ .kind = STEP_RULE, .node = (int)index, .in = { -1, -1, -1 }, .buffer = -1 }));
}

static void note_use(struct plan *p, int node)
{
	if (node >= 0)
		p->last_use[owner_of(p, node)] = p->now;
}

/** Frees the buffer that nothing after this step reads. */
static void release(struct plan *p, int node)
{
	int owner = owner_of(p, node);

	if (owner < 0 || p->last_use[owner] != p->now || p->step_of[owner] < 0)
		return;
	p->failed |= !vec_push(&p->unused, p->steps.v[p->step_of[owner]].buffer);
	p->last_use[owner] = -1;
}

static void each_input(struct plan *p, const struct step *s, void (*take)(struct plan *p, int node))
{
	if (s->kind == STEP_RULE)
		each_condition(p, &p->rules[s->node], take);
	for (int i = 0; i < 3; i++)
		take(p, s->in[i]);
}

static void give_buffers(struct plan *p)
{
	for (p->now = 0; p->now < (int)p->steps.len; p->now++)
		each_input(p, &p->steps.v[p->now], note_use);
	for (p->now = 0; p->now < (int)p->steps.len; p->now++) {
		struct step *s = &p->steps.v[p->now];

		if (s->kind != STEP_RULE)
			s->buffer = p->unused.len > 0 ? p->unused.v[--p->unused.len] : (int)p->buffer_count++;
		each_input(p, s, release);
	}
}

/** @param frame  of records or groups */
static enum err_code plan_make(struct plan *p, const struct program *program, const struct frame *frame, struct derivation *d,
	const struct rule_run_options *o, struct arena *mem, struct err *err)
{
	const struct rule_pack *pack = derivation_pack(d);
	struct build_input in = { .program = program,
		.set = program->grouping ? derivation_scratch(d) : derivation_set(d),
		.frame = frame,
		.derivation = d,
		.calendar = pack->options.calendar,
		.today = o->today,
		.threads = o->threads };

	p->frame = in.frame;
	p->lists = !o->counts_only;
	p->kernels = o->kernels ? kernels_named(o->kernels) : kernels_best();
	if (!p->kernels)
		return err_set(err, ERR_INPUT, "本机不支持指令集 %s", o->kernels);
	p->rules = mem_alloc(pack->rule_count + 1, sizeof(*p->rules));
	if (!p->rules)
		return err_nomem(err);
	for (size_t i = 0; i < pack->rule_count; i++)
		if (rule_takes_part(pack->rules[i], o, program))
			p->rules[p->rule_count++].rule = pack->rules[i];
	TRY(lowering_open(&p->lowering, &in, mem, err));
	TRY(lower_rules(p, err));
	p->step_of = mem_alloc(p->lowering.nodes.len + 1, sizeof(*p->step_of));
	p->last_use = mem_alloc(p->lowering.nodes.len + 1, sizeof(*p->last_use));
	if (!p->step_of || !p->last_use)
		return err_nomem(err);
	memset(p->step_of, 0xff, p->lowering.nodes.len * sizeof(*p->step_of));
	memset(p->last_use, 0xff, p->lowering.nodes.len * sizeof(*p->last_use));
	for (size_t i = 0; i < p->rule_count; i++)
		emit_rule(p, i);
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
	uint64_t *buffers;     /* yes and no of each */
	struct truth *truths;  /* one a node of the lowering: where its masks are */
	struct tally *tallies; /* one a rule of the plan */
	size_t word_from, word_to;
	size_t first; /* word that the block starts with */
	size_t words;
	pthread_t thread;
	bool running;
	struct err err;
	enum err_code code;
};

static const _Alignas(64) uint64_t zeros[BLOCK_WORDS];
static const _Alignas(64) uint64_t ones[BLOCK_WORDS] = { [0 ... BLOCK_WORDS - 1] = ~(uint64_t)0 };

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void worker_clear(struct worker *w)
{
	if (!w->plan)
		return;
	for (size_t i = 0; w->tallies && i < w->plan->rule_count; i++)
		vec_clear(&w->tallies[i].hits);
	free(w->tallies);
	free(w->truths);
	free(w->buffers);
}

static struct truth truth_of(const struct worker *w, int node)
{
	const struct plan *p = w->plan;
	const struct low *n = low_of(p, node);
	const struct frame_packed *c = column_of(p, node);
	struct truth inner;
	uint64_t *buffer;

	switch ((int)n->op) {
	case LOW_NULL:
	case LOW_NUMBER:
		return (struct truth){ { zeros, false }, { zeros, false } };
	case LOW_TRUTH:
		return (struct truth){ { n->k ? ones : zeros, false }, { n->k ? zeros : ones, false } };
	case LOW_COLUMN:
		return (struct truth){ { c->yes, true }, { c->no, true } };
	case LOW_NOT:
		inner = truth_of(w, n->a);
		return (struct truth){ inner.no, inner.yes };
	default:
		buffer = p->step_of[node] < 0 ? NULL : w->buffers + (size_t)p->steps.v[p->step_of[node]].buffer * 2 * BLOCK_WORDS;
		return (struct truth){ { buffer, false }, { buffer ? buffer + BLOCK_WORDS : NULL, false } };
	}
}

static enum err_code worker_open(struct worker *w, const struct plan *p, const struct rule_run_options *o, struct err *err)
{
	w->plan = p;
	w->options = o;
	w->buffers = aligned_alloc(64, (p->buffer_count + 1) * 2 * BLOCK_WORDS * 8);
	w->truths = mem_alloc(p->lowering.nodes.len + 1, sizeof(*w->truths));
	w->tallies = mem_alloc(p->rule_count + 1, sizeof(*w->tallies));
	if (!w->buffers || !w->truths || !w->tallies)
		return err_nomem(err);
	for (size_t i = 0; i < p->lowering.nodes.len; i++)
		w->truths[i] = truth_of(w, (int)i);
	return ERR_OK;
}

static const uint64_t *words_at(const struct worker *w, struct mask m)
{
	return m.at + (m.moves ? w->first : 0);
}

static const uint64_t *yes_of(const struct worker *w, int node)
{
	return words_at(w, w->truths[node].yes);
}

static const uint64_t *no_of(const struct worker *w, int node)
{
	return words_at(w, w->truths[node].no);
}

static const uint64_t *valid_of(const struct worker *w, const struct frame_packed *c)
{
	return c->valid ? c->valid + w->first : ones;
}

static const void *values_of(const struct worker *w, const struct frame_packed *c)
{
	return (const char *)c->values + ((w->first * 64) << c->width);
}

static void run_step(const struct worker *w, const struct step *s)
{
	const struct kernels *k = w->plan->kernels;
	const int *in = s->in;
	uint64_t *yes = w->buffers + (size_t)s->buffer * 2 * BLOCK_WORDS, *no = yes + BLOCK_WORDS;

	switch (s->kind) {
	case STEP_COLUMNS:
		s->compare(values_of(w, s->a), values_of(w, s->b), 0, valid_of(w, s->a), valid_of(w, s->b), w->words, yes, no);
		return;
	case STEP_CONSTANT:
		s->compare(values_of(w, s->a), NULL, s->k, valid_of(w, s->a), NULL, w->words, yes, no);
		return;
	case STEP_AND:
		k->join(yes_of(w, in[0]), yes_of(w, in[1]), no_of(w, in[0]), no_of(w, in[1]), w->words, yes, no);
		return;
	case STEP_OR:
		k->join(no_of(w, in[0]), no_of(w, in[1]), yes_of(w, in[0]), yes_of(w, in[1]), w->words, no, yes);
		return;
	case STEP_CHOOSE:
		if (in[2] < 0) { /* coalesce */
			k->neither(yes_of(w, in[0]), no_of(w, in[0]), w->words, yes, no);
			k->choose(no, yes_of(w, in[0]), no_of(w, in[0]), yes_of(w, in[1]), no_of(w, in[1]), w->words, yes, no);
		} else {
			k->choose(
				yes_of(w, in[0]), yes_of(w, in[1]), no_of(w, in[1]), yes_of(w, in[2]), no_of(w, in[2]), w->words, yes, no);
		}
		return;
	case STEP_BLANK:
		k->blank(yes_of(w, in[1]), yes_of(w, in[0]), no_of(w, in[0]), w->words, yes, no);
		return;
	case STEP_NULL_COLUMN:
		k->neither(valid_of(w, s->a), zeros, w->words, yes, no);
		return;
	case STEP_NULL:
		k->neither(yes_of(w, in[0]), no_of(w, in[0]), w->words, yes, no);
		return;
	case STEP_RULE:
		return;
	}
}

/* ---- verdicts ---- */

/** Where the masks are that a listed row needs. */
struct listing {
	const struct planned_rule *rule;
	const uint64_t *severities[RULE_SEVERITIES_MAX]; /* NULL: the default */
	const uint64_t *exempt[RULE_EXEMPTIONS_MAX], *decided_no[RULE_EXEMPTIONS_MAX];
};

static void listing_at(const struct worker *w, const struct planned_rule *r, struct listing *ret)
{
	ret->rule = r;
	for (size_t i = 0; i < r->rule->code->severity_count; i++)
		ret->severities[i] = r->severities[i] < 0 ? NULL : yes_of(w, r->severities[i]);
	for (size_t i = 0; i < r->rule->exemption_count; i++) {
		ret->exempt[i] = yes_of(w, r->exemptions[i]);
		ret->decided_no[i] = no_of(w, r->exemptions[i]);
	}
}

static struct rule_hit hit_at(const struct listing *x, size_t first, size_t lane, enum rule_verdict verdict)
{
	const struct rule *rule = x->rule->rule;
	struct rule_hit hit = {
		.row = (uint32_t)(first + lane), .exemption = -1, .verdict = (uint8_t)verdict, .severity = (uint8_t)rule->severity
	};

	if (verdict == VERDICT_UNKNOWN)
		return hit;
	for (size_t i = rule->exemption_count; i-- > 0;) {
		bool exempt = frame_bit(x->exempt[i], lane);

		hit.undecided |= (uint32_t) !(exempt || frame_bit(x->decided_no[i], lane)) << i;
		hit.exemption = exempt ? (int8_t)i : hit.exemption; /* the first that holds */
	}
	for (size_t i = 0; i < rule->code->severity_count; i++)
		if (!x->severities[i] || frame_bit(x->severities[i], lane)) {
			hit.severity = (uint8_t)rule->code->severity_is[i];
			break;
		}
	return hit;
}

/** Room for so many more, by doubling. */
static bool reserve(hit_vec *hits, size_t more)
{
	size_t cap = hits->cap ? hits->cap : 64;
	struct rule_hit *v;

	if (hits->len + more <= hits->cap)
		return true;
	while (cap < hits->len + more)
		cap *= 2;
	v = mem_resize(hits->v, cap, sizeof(*v));
	if (!v)
		return false;
	hits->v = v;
	hits->cap = cap;
	return true;
}

/** Lists the block's rows in row order although they have different verdicts. */
static bool list_block(struct worker *w, const struct planned_rule *r, struct tally *t, const struct kernel_judged *j)
{
	bool unknowns = w->options->keep_unknown;
	size_t more = (size_t)(j->hit_count + j->exempt_count + (unknowns ? j->unknown_count : 0)), first = w->first * 64;
	struct listing x;

	if (more == 0)
		return true;
	if (!reserve(&t->hits, more))
		return false;
	listing_at(w, r, &x);
	for (size_t i = 0; i < w->words; i++) {
		uint64_t all = j->hit[i] | j->exempt[i] | (unknowns ? j->unknown[i] : 0);

		for (; all; all &= all - 1) {
			uint64_t bit = all & -all;
			enum rule_verdict verdict = j->hit[i] & bit ? VERDICT_HIT : j->exempt[i] & bit ? VERDICT_EXEMPT : VERDICT_UNKNOWN;

			t->hits.v[t->hits.len++] = hit_at(&x, first, i * 64 + (size_t)__builtin_ctzll(all), verdict);
		}
	}
	return true;
}

/** The verdicts of one rule on the current block. */
static bool run_rule(struct worker *w, size_t index)
{
	const struct planned_rule *r = &w->plan->rules[index];
	struct tally *t = &w->tallies[index];
	size_t rows = w->plan->frame->table.rows - w->first * 64, all = rows < w->words * 64 ? rows : w->words * 64;
	uint64_t hit[BLOCK_WORDS], exempt[BLOCK_WORDS], unknown[BLOCK_WORDS];
	struct kernel_judged j = { .force_yes = r->force < 0 ? ones : yes_of(w, r->force),
		.force_no = r->force < 0 ? zeros : no_of(w, r->force),
		.when_yes = yes_of(w, r->when),
		.when_no = no_of(w, r->when),
		.exempt_yes = r->exempt < 0 ? zeros : yes_of(w, r->exempt),
		.last = all % 64 ? ((uint64_t)1 << all % 64) - 1 : ~(uint64_t)0,
		.hit = hit,
		.exempt = exempt,
		.unknown = unknown };

	w->plan->kernels->judge(&j, w->words);
	t->counts[VERDICT_NOT_IN_FORCE] += j.outside_count;
	t->counts[VERDICT_UNKNOWN] += j.unknown_count;
	t->counts[VERDICT_EXEMPT] += j.exempt_count;
	t->counts[VERDICT_HIT] += j.hit_count;
	t->counts[VERDICT_CLEAN] += (int64_t)all - j.outside_count - j.unknown_count - j.exempt_count - j.hit_count;
	return !w->plan->lists || list_block(w, r, t, &j);
}

static bool run_block(struct worker *w)
{
	const struct plan *p = w->plan;
	double from = now_s(), to;

	for (size_t s = 0; s < p->steps.len; s++) {
		const struct step *step = &p->steps.v[s];

		if (step->kind != STEP_RULE) {
			run_step(w, step);
			continue;
		}
		if (!run_rule(w, (size_t)step->node))
			return false;
		to = now_s();
		w->tallies[step->node].seconds += to - from;
		from = to;
	}
	return true;
}

static void *worker_run(void *arg)
{
	struct worker *w = arg;

	for (w->first = w->word_from; w->first < w->word_to && w->code == ERR_OK; w->first += BLOCK_WORDS) {
		w->words = w->word_to - w->first < BLOCK_WORDS ? w->word_to - w->first : BLOCK_WORDS;
		if (!run_block(w))
			w->code = err_nomem(&w->err);
	}
	return NULL;
}

/* ---- joining ---- */

/** One thread's list is taken as it is; several are joined in the order of their rows. */
static enum err_code take_hits(struct rule_result *result, struct worker *workers, int count, size_t index, struct err *err)
{
	hit_vec *only = count == 1 ? &workers[0].tallies[index].hits : NULL;

	if (only && only->v) {
		result->hits = only->v;
		result->hit_count = only->len;
		*only = (hit_vec){ 0 };
		return ERR_OK;
	}
	for (int i = 0; i < count; i++)
		result->hit_count += workers[i].tallies[index].hits.len;
	result->hits = mem_alloc(result->hit_count + 1, sizeof(*result->hits));
	if (!result->hits)
		return err_nomem(err);
	for (size_t at = 0, i = 0; i < (size_t)count; i++) {
		const hit_vec *part = &workers[i].tallies[index].hits;

		if (part->len > 0)
			memcpy(result->hits + at, part->v, part->len * sizeof(*result->hits));
		at += part->len;
	}
	return ERR_OK;
}

static enum err_code take_tally(
	struct rule_result *result, const struct rule *rule, size_t rows, struct worker *workers, int count, size_t index, struct err *err)
{
	result->rule = rule;
	result->checked = (int64_t)rows;
	for (int i = 0; i < count; i++) {
		const struct tally *t = &workers[i].tallies[index];

		for (int v = 0; v < VERDICT_COUNT; v++)
			result->counts[v] += t->counts[v];
		result->seconds += t->seconds;
	}
	return take_hits(result, workers, count, index, err);
}

static void run_workers(const struct plan *p, struct worker *w, int count)
{
	size_t words = (p->frame->table.rows + 63) / 64, blocks = (words + BLOCK_WORDS - 1) / BLOCK_WORDS;

	for (int i = 0; i < count; i++) {
		size_t to = blocks * ((size_t)i + 1) / (size_t)count * BLOCK_WORDS;

		w[i].word_from = blocks * (size_t)i / (size_t)count * BLOCK_WORDS;
		w[i].word_to = to < words ? to : words;
		w[i].running = i > 0 && pthread_create(&w[i].thread, NULL, worker_run, &w[i]) == 0;
	}
	for (int i = 0; i < count; i++)
		if (!w[i].running)
			worker_run(&w[i]);
	for (int i = 0; i < count; i++)
		if (w[i].running)
			pthread_join(w[i].thread, NULL);
}

static void workers_clear(struct worker (*w)[THREADS_MAX])
{
	for (int i = 0; i < THREADS_MAX; i++)
		worker_clear(&(*w)[i]);
}

/** Rules that judge groups also tell of the records that are in none because nobody can say in which. */
static enum err_code add_unplaced(
	struct rule_result *r, const struct grouped *g, const struct rule_run_options *o, size_t records, struct err *err)
{
	struct rule_hit *hits;

	r->checked += (int64_t)g->undecided_count;
	r->counts[VERDICT_UNKNOWN] += (int64_t)g->undecided_count;
	if (!o->keep_unknown || o->counts_only || g->undecided_count == 0)
		return ERR_OK;
	hits = realloc(r->hits, (r->hit_count + g->undecided_count) * sizeof(*hits));
	if (!hits)
		return err_nomem(err);
	r->hits = hits;
	for (size_t row = 0; row < records; row++)
		if (frame_bit(g->undecided, row))
			r->hits[r->hit_count++] = (struct rule_hit){ .row = (uint32_t)row,
				.exemption = -1,
				.verdict = VERDICT_UNKNOWN,
				.severity = (uint8_t)r->rule->severity,
				.unplaced = true };
	return ERR_OK;
}

static enum err_code add_unplaced_of(struct derivation *d, const struct program *program, const struct rule_run_options *o,
	struct rule_results *ret, size_t from, struct err *err)
{
	const struct frame *records = program->grouping ? derivation_set(d)->frames[program->type->index] : NULL;
	const struct grouped *g;

	if (!records)
		return ERR_OK;
	TRY(derivation_groups(d, program->grouping, &g, err));
	for (size_t i = from; i < ret->count; i++)
		TRY(add_unplaced(&ret->v[i], g, o, records->table.rows, err));
	return ERR_OK;
}

static bool any_takes_part(const struct rule_pack *pack, const struct rule_run_options *o, const struct program *program)
{
	for (size_t i = 0; i < pack->rule_count; i++)
		if (rule_takes_part(pack->rules[i], o, program))
			return true;
	return false;
}

static enum err_code run_program(
	struct derivation *d, const struct program *program, const struct rule_run_options *o, struct rule_results *ret, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open((size_t)256 << 20);
	CLEANUP(plan_clear) struct plan p = { 0 };
	CLEANUP(workers_clear) struct worker workers[THREADS_MAX] = { 0 };
	const struct rule_pack *pack = derivation_pack(d);
	const struct frame *frame;
	size_t rows, blocks, from_result = ret->count;
	int count = o->threads < 1 ? 1 : o->threads > THREADS_MAX ? THREADS_MAX : o->threads;
	double from = now_s();

	if (!mem)
		return err_nomem(err);
	if (!any_takes_part(pack, o, program))
		return ERR_OK;
	TRY(derivation_frame(d, program, &frame, err));
	rows = frame ? frame->table.rows : 0;
	blocks = rows / 64 / BLOCK_WORDS + 1;
	if (rows == 0) {
		for (size_t i = 0; i < pack->rule_count; i++)
			if (rule_takes_part(pack->rules[i], o, program))
				TRY(take_tally(&ret->v[ret->count++], pack->rules[i], 0, NULL, 0, 0, err));
		return add_unplaced_of(d, program, o, ret, from_result, err);
	}
	count = (size_t)count > blocks ? (int)blocks : count;
	TRY(plan_make(&p, program, frame, d, o, mem, err));
	ret->prepare_seconds += now_s() - from;
	for (int i = 0; i < count; i++)
		TRY(worker_open(&workers[i], &p, o, err));
	run_workers(&p, workers, count);
	for (int i = 0; i < count; i++)
		if (workers[i].code != ERR_OK)
			return err_set(err, workers[i].code, "%s", workers[i].err.msg);
	for (size_t i = 0; i < p.rule_count; i++)
		TRY(take_tally(&ret->v[ret->count++], p.rules[i].rule, rows, workers, count, i, err));
	for (size_t i = 0; i < p.lowering.columns.len; i++) {
		ret->match_failures += p.lowering.columns.v[i].packed->match_failures;
		ret->column_bytes += frame_packed_bytes(p.lowering.columns.v[i].packed);
	}
	return add_unplaced_of(d, program, o, ret, from_result, err);
}

static int by_id(const void *a, const void *b)
{
	return str_cmp(((const struct rule_result *)a)->rule->id, ((const struct rule_result *)b)->rule->id);
}

enum err_code rule_run(
	const struct rule_pack *p, const struct frame_set *set, const struct rule_run_options *o, struct rule_results *ret, struct err *err)
{
	CLEANUP(rule_results_clear) struct rule_results results = { 0 };
	CLEANUP(derivation_closep) struct derivation *d = NULL;
	double from = now_s();

	TRY(derivation_borrow(p, set, o->today, o->threads, &d, err));
	results.v = mem_alloc(p->rule_count + 1, sizeof(*results.v));
	if (!results.v)
		return err_nomem(err);
	for (size_t i = 0; i < p->program_count; i++)
		if (p->programs[i] && (!o->types || o->types[p->programs[i]->type->index]))
			TRY(run_program(d, p->programs[i], o, &results, err));
	qsort(results.v, results.count, sizeof(*results.v), by_id);
	derivation_return(d);
	d = NULL;
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
