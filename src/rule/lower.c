/* Every folding here is a law of three-valued logic or a fact about the frame (a column without nulls, values that all lie on one side of
 * a constant); none depends on statistics that could be stale, because a frame never changes. */
#include "rule/lower.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/fault.h"
#include "rule/vector.h"

static int make(struct lowering *l, struct low n);

enum err_code lowering_open(struct lowering *l, const struct build_input *in, struct arena *mem, struct err *err)
{
	size_t count = in->program->nodes.len + 1;

	*l = (struct lowering){ .in = *in, .mem = mem };
	make(l, (struct low){ .op = LOW_NULL, .a = -1, .b = -1, .c = -1, .column = -1 }); /* node 0: also what a failure answers with */
	if (l->failed)
		return err_nomem(err);
	l->prefix = in->calendar ? str_dup(mem, calendar_version(in->calendar)) : STR("-");
	l->keys = ARENA_NEW(mem, struct str, count);
	l->lowered = ARENA_NEW(mem, int, count);
	l->e = ARENA_NEW(mem, struct evaluation, 1);
	if (!l->prefix.ptr || !l->keys || !l->lowered || !l->e)
		return err_nomem(err);
	memset(l->lowered, 0xff, count * sizeof(*l->lowered));
	*l->e = (struct evaluation){
		.program = in->program, .set = in->set, .frame = in->frame, .calendar = in->calendar, .today = in->today
	};
	TRY(evaluation_open(l->e, err));
	l->e->v = ARENA_NEW(mem, struct vector, count);
	return l->e->v ? ERR_OK : err_nomem(err);
}

void lowering_close(struct lowering *l)
{
	for (size_t i = 0; i < l->columns.len; i++)
		frame_packed_release(l->columns.v[i].packed);
	vec_clear(&l->columns);
	vec_clear(&l->nodes);
	free(l->slots);
	if (l->e)
		evaluation_clear(l->e);
	l->e = NULL;
}

/* ---- making nodes ---- */

/** Where the node is, or the free place for it. The table always has room. */
static int *slot_of(struct lowering *l, const struct low *n)
{
	const uint64_t parts[] = { (uint64_t)n->op, (uint64_t)n->a, (uint64_t)n->b, (uint64_t)n->c, (uint64_t)n->k, (uint64_t)n->column };
	uint64_t h = 0;
	size_t i;

	for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++)
		h = (h ^ parts[k] ^ h >> 29) * 0x9e3779b97f4a7c15u;
	for (i = (h ^ h >> 31) & (l->slot_count - 1); l->slots[i] >= 0; i = (i + 1) & (l->slot_count - 1)) {
		const struct low *have = &l->nodes.v[l->slots[i]];

		if (have->op == n->op && have->a == n->a && have->b == n->b && have->c == n->c && have->k == n->k &&
			have->column == n->column)
			break;
	}
	return &l->slots[i];
}

static bool make_room(struct lowering *l)
{
	size_t want = l->slot_count ? l->slot_count * 2 : 512;
	int *slots;

	if (l->nodes.len * 2 < l->slot_count)
		return true;
	slots = mem_alloc(want, sizeof(*slots));
	if (!slots)
		return false;
	memset(slots, 0xff, want * sizeof(*slots));
	free(l->slots);
	l->slots = slots;
	l->slot_count = want;
	for (size_t i = 0; i < l->nodes.len; i++)
		*slot_of(l, &l->nodes.v[i]) = (int)i;
	return true;
}

static int make(struct lowering *l, struct low n)
{
	int *slot;

	l->failed |= !make_room(l);
	if (l->failed)
		return 0;
	slot = slot_of(l, &n);
	if (*slot < 0) {
		l->failed = !vec_push(&l->nodes, n);
		*slot = l->failed ? -1 : (int)l->nodes.len - 1;
	}
	return l->failed ? 0 : *slot;
}

static int make_op(struct lowering *l, enum low_op op, int a, int b, int c)
{
	return make(l, (struct low){ .op = op, .a = a, .b = b, .c = c, .column = -1 });
}

static int make_null(struct lowering *l)
{
	return make_op(l, LOW_NULL, -1, -1, -1);
}

static int make_truth(struct lowering *l, bool yes)
{
	return make(l, (struct low){ .op = LOW_TRUTH, .a = -1, .b = -1, .c = -1, .k = yes, .column = -1 });
}

static int make_number(struct lowering *l, int64_t k)
{
	return make(l, (struct low){ .op = LOW_NUMBER, .a = -1, .b = -1, .c = -1, .k = k, .column = -1 });
}

static const struct low *at(const struct lowering *l, int low)
{
	return &l->nodes.v[low];
}

static bool is_truth(const struct lowering *l, int low, bool yes)
{
	return at(l, low)->op == LOW_TRUTH && at(l, low)->k == yes;
}

static bool is_null(const struct lowering *l, int low)
{
	return at(l, low)->op == LOW_NULL;
}

static int make_not(struct lowering *l, int a)
{
	if (is_null(l, a))
		return a;
	if (at(l, a)->op == LOW_TRUTH)
		return make_truth(l, !at(l, a)->k);
	return at(l, a)->op == LOW_NOT ? at(l, a)->a : make_op(l, LOW_NOT, a, -1, -1);
}

/** AND when `unit` is yes, OR when it is no: x with the unit is x, x with its opposite is the opposite. */
static int make_join(struct lowering *l, enum low_op op, int a, int b)
{
	bool unit = op == LOW_AND;

	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	if (is_truth(l, a, unit) || is_truth(l, b, !unit) || a == b)
		return b;
	if (is_truth(l, b, unit) || is_truth(l, a, !unit))
		return a;
	return a < b ? make_op(l, op, a, b, -1) : make_op(l, op, b, a, -1);
}

int lower_or(struct lowering *l, int a, int b)
{
	return make_join(l, LOW_OR, a, b);
}

static const struct frame_packed *packed_of(const struct lowering *l, int low)
{
	return at(l, low)->op == LOW_COLUMN ? l->columns.v[at(l, low)->column].packed : NULL;
}

static int make_is_null(struct lowering *l, int a);

static int make_if(struct lowering *l, int condition, int a, int b)
{
	if (is_truth(l, condition, true))
		return a;
	if (is_truth(l, condition, false) || is_null(l, condition) || a == b)
		return b;
	return make_op(l, LOW_IF, condition, a, b);
}

static int make_coalesce(struct lowering *l, int a, int b)
{
	const struct frame_packed *c = packed_of(l, a);

	if (is_null(l, a) || a == b)
		return b;
	if (at(l, a)->op == LOW_NUMBER || at(l, a)->op == LOW_TRUTH || at(l, a)->op == LOW_IS_NULL || is_null(l, b) ||
		(c && c->valid_rows == c->rows))
		return a;
	return make_op(l, LOW_COALESCE, a, b, -1);
}

static int make_blank(struct lowering *l, int a, int none)
{
	if (none < 0 || is_truth(l, none, false) || is_null(l, none) || is_null(l, a))
		return a;
	return is_truth(l, none, true) ? make_null(l) : make_op(l, LOW_BLANK, a, none, -1);
}

static int make_is_null(struct lowering *l, int a)
{
	const struct low n = *at(l, a);
	const struct frame_packed *c = packed_of(l, a);

	switch (n.op) {
	case LOW_NULL:
		return make_truth(l, true);
	case LOW_NUMBER:
	case LOW_TRUTH:
	case LOW_IS_NULL:
		return make_truth(l, false);
	case LOW_COLUMN:
		return c && c->valid_rows == c->rows ? make_truth(l, false) : make_op(l, LOW_IS_NULL, a, -1, -1);
	case LOW_NOT:
		return make_is_null(l, n.a);
	case LOW_COALESCE:
		return make_join(l, LOW_AND, make_is_null(l, n.a), make_is_null(l, n.b));
	case LOW_IF:
		return make_if(l, n.a, make_is_null(l, n.b), make_is_null(l, n.c));
	case LOW_BLANK:
		return make_join(l, LOW_OR, make_is_null(l, n.a), make_coalesce(l, n.b, make_truth(l, false)));
	case LOW_EQ:
	case LOW_LT:
	case LOW_GT:
		return make_join(l, LOW_OR, make_is_null(l, n.a), make_is_null(l, n.b));
	case LOW_AND:
	case LOW_OR:
	case LOW_OP_COUNT:
		break;
	}
	return make_op(l, LOW_IS_NULL, a, -1, -1);
}

/* ---- comparisons ---- */

static enum low_op mirrored(enum low_op op)
{
	return op == LOW_LT ? LOW_GT : op == LOW_GT ? LOW_LT : op;
}

static bool holds(enum low_op op, int64_t a, int64_t b)
{
	return op == LOW_EQ ? a == b : op == LOW_LT ? a < b : a > b;
}

/** 1 or 0 where a comparison of the column with k has one result for all valid rows, else -1. */
static int one_result(const struct frame_packed *c, enum low_op op, int64_t k)
{
	if (op == LOW_EQ)
		return k < c->min || k > c->max ? 0 : c->min == c->max ? 1 : -1;
	if (holds(op, c->min, k) == holds(op, c->max, k))
		return holds(op, c->min, k);
	return -1;
}

static int make_column(struct lowering *l, int node, enum frame_width width);

/** Two columns are compared in one width and with one base: the narrower one is asked for again, wider. */
static void match_widths(struct lowering *l, int *a, int *b)
{
	const struct frame_packed *x = packed_of(l, *a), *y = packed_of(l, *b);

	if (!x || !y || (x->width == y->width && x->base == y->base))
		return;
	if (x->width == y->width) { /* bases differ: beyond this width neither has one */
		*a = make_column(l, l->columns.v[at(l, *a)->column].node, x->width + 1);
		*b = make_column(l, l->columns.v[at(l, *b)->column].node, y->width + 1);
	} else if (x->width < y->width) {
		*a = make_column(l, l->columns.v[at(l, *a)->column].node, y->width);
	} else {
		*b = make_column(l, l->columns.v[at(l, *b)->column].node, x->width);
	}
}

static int make_compare(struct lowering *l, enum low_op op, int a, int b)
{
	const struct frame_packed *c;
	int same;

	if (is_null(l, a) || is_null(l, b))
		return make_null(l);
	if (at(l, a)->op == LOW_NUMBER && at(l, b)->op == LOW_NUMBER)
		return make_truth(l, holds(op, at(l, a)->k, at(l, b)->k));
	if (at(l, a)->op == LOW_NUMBER)
		return make_compare(l, mirrored(op), b, a);
	if (a == b)
		return make_blank(l, make_truth(l, op == LOW_EQ), make_is_null(l, a));
	c = packed_of(l, a);
	if (c && at(l, b)->op == LOW_NUMBER) {
		same = one_result(c, op, at(l, b)->k);
		if (same >= 0)
			return make_blank(l, make_truth(l, same), make_is_null(l, a));
	}
	match_widths(l, &a, &b);
	return make_op(l, op, a, b, -1);
}

/* ---- columns ---- */

static struct low_column *find_column(struct lowering *l, int node, enum frame_width width, int *ret)
{
	for (size_t i = 0; i < l->columns.len; i++)
		if (l->columns.v[i].node == node && l->columns.v[i].width == width) {
			*ret = (int)i;
			return &l->columns.v[i];
		}
	return NULL;
}

/** What the values are: the node, the width, and the calendar they were computed with. */
static struct str key_of(struct lowering *l, int node, enum frame_width width)
{
	struct str key = node_key(l->in.program, node, l->in.today, l->keys, l->mem);
	char *all = key.ptr ? ARENA_NEW(l->mem, char, l->prefix.len + 1 + key.len) : NULL;

	if (!all)
		return (struct str){ 0 };
	memcpy(all, l->prefix.ptr, l->prefix.len);
	all[l->prefix.len] = (char)('0' + (int)width);
	memcpy(all + l->prefix.len + 1, key.ptr, key.len);
	return (struct str){ .ptr = all, .len = l->prefix.len + 1 + key.len };
}

/** What is kept is asked for; what is not stands for itself until it is built. */
static int open_column(struct lowering *l, int node, enum frame_width width)
{
	struct low_column c = { .node = node, .width = width };
	int index;

	if (find_column(l, node, width, &index))
		return index;
	c.key = key_of(l, node, width);
	l->failed |= !c.key.ptr;
	if (!l->failed)
		c.packed = frame_set_packed(l->in.set, l->in.frame, c.key);
	if (!l->failed && !vec_push(&l->columns, c)) {
		frame_packed_release(c.packed);
		l->failed = true;
	}
	return l->failed ? -1 : (int)l->columns.len - 1;
}

static int make_column(struct lowering *l, int node, enum frame_width width)
{
	int index = open_column(l, node, width);
	const struct frame_packed *c = index >= 0 ? l->columns.v[index].packed : NULL;

	if (c && c->valid_rows == 0)
		return make_null(l);
	if (c && c->width == FRAME_WIDTH_BITS && (c->yes_rows == c->rows || (c->valid_rows == c->rows && c->yes_rows == 0)))
		return make_truth(l, c->yes_rows > 0);
	return make(l, (struct low){ .op = LOW_COLUMN, .a = -1, .b = -1, .c = -1, .column = index });
}

/* ---- constants ---- */

/** Computes a node that is the same in every row. */
static const struct vector *constant(struct lowering *l, int node)
{
	const struct node *n = &l->in.program->nodes.v[node];
	struct vector *v = &l->e->v[node];

	if (v->any)
		return v;
	for (int i = 0; i < NODE_ARGS; i++)
		if (n->arg[i] >= 0 && !constant(l, n->arg[i]))
			return NULL;
	v->valid = arena_alloc(l->mem, FRAME_BLOCK / 64, 8, 64);
	v->any = arena_alloc(l->mem, vector_buffer_bytes(n->type), 1, 64);
	if (!v->any || !v->valid) {
		v->any = NULL;
		l->failed = true;
		return NULL;
	}
	vector_eval(l->e, node);
	l->failed |= l->e->failed;
	return v;
}

static int lower_constant(struct lowering *l, int node)
{
	const struct node *n = &l->in.program->nodes.v[node];
	enum value_type type = n->type;
	const struct vector *v;

	if (n->op == OP_TODAY)
		return make_number(l, l->in.today);
	if (n->op == OP_CONST) /* as a lane would hold it */
		return n->null             ? make_null(l)
		       : type == TYPE_BOOL ? make_truth(l, n->k != 0)
		                           : make_number(l, type == TYPE_DATE   ? (int32_t)n->k
							    : type == TYPE_CODE ? (uint16_t)n->k
										: n->k);
	v = constant(l, node);
	if (!v || !frame_bit(v->valid, 0))
		return make_null(l);
	if (type == TYPE_BOOL)
		return make_truth(l, frame_bit(v->bits, 0));
	return make_number(l, type == TYPE_DATE ? v->days[0] : type == TYPE_CODE ? v->codes[0] : v->nums[0]);
}

/* ---- the program's nodes ---- */

static bool is_numeric(const struct lowering *l, int node)
{
	enum value_type type = node < 0 ? TYPE_INT : l->in.program->nodes.v[node].type;

	return type != TYPE_TEXT && type != TYPE_ROW;
}

/** What the kernels do themselves; everything else becomes a column. */
static bool is_swept(const struct lowering *l, const struct node *n)
{
	static const bool swept[OP_COUNT] = { [OP_NOT] = true,
		[OP_AND] = true,
		[OP_OR] = true,
		[OP_EQ] = true,
		[OP_NE] = true,
		[OP_LT] = true,
		[OP_LE] = true,
		[OP_IS_NULL] = true,
		[OP_ABSENT] = true,
		[OP_IF] = true,
		[OP_COALESCE] = true };

	if (!swept[n->op])
		return false;
	for (int i = 0; i < NODE_ARGS; i++)
		if (!is_numeric(l, n->arg[i]))
			return false;
	return true;
}

static int lower_compare(struct lowering *l, const struct node *n)
{
	int a = lower(l, n->arg[0]), b = lower(l, n->arg[1]), r;

	if (l->in.program->nodes.v[n->arg[0]].type == TYPE_BOOL)
		r = make_join(l, LOW_OR, make_join(l, LOW_AND, a, b), make_join(l, LOW_AND, make_not(l, a), make_not(l, b)));
	else
		r = make_compare(l, n->op == OP_LT ? LOW_LT : n->op == OP_LE ? LOW_GT : LOW_EQ, a, b);
	return n->op == OP_NE || n->op == OP_LE ? make_not(l, r) : r;
}

/** The mask of rows that are absent, as a condition that is never null; -1: there are none. */
static int lower_absent(struct lowering *l, int node)
{
	int absent = node < 0 ? -1 : lower(l, node);

	return absent < 0 || is_truth(l, absent, false) ? -1 : make_coalesce(l, absent, make_truth(l, false));
}

/** True where the column is not supplied: mostly all sources agree, and it is known without looking at a row. */
static int lower_column_absent(struct lowering *l, int node)
{
	const struct node *n = &l->in.program->nodes.v[node];
	const struct frame *f = l->in.frame;
	size_t supplied = 0;

	for (size_t s = 0; s < f->supply_count; s++)
		supplied += frame_bit(f->supplies[s].columns, (size_t)n->k);
	return supplied == f->supply_count || supplied == 0 ? make_truth(l, supplied == 0) : make_column(l, node, FRAME_WIDTH_8);
}

static int lower_swept(struct lowering *l, const struct node *n)
{
	int a, none;

	switch ((int)n->op) {
	case OP_NOT:
		return make_not(l, lower(l, n->arg[0]));
	case OP_AND:
	case OP_OR:
		return make_join(l, n->op == OP_AND ? LOW_AND : LOW_OR, lower(l, n->arg[0]), lower(l, n->arg[1]));
	case OP_IS_NULL:
		a = make_is_null(l, lower(l, n->arg[0]));
		none = lower_absent(l, n->arg[1]);
		return none < 0 ? a : make_blank(l, a, make_join(l, LOW_AND, a, none));
	case OP_ABSENT:
		none = lower_absent(l, n->arg[1]);
		return none < 0 ? make_truth(l, false) : make_join(l, LOW_AND, make_is_null(l, lower(l, n->arg[0])), none);
	case OP_IF:
		a = make_if(l, lower(l, n->arg[0]), lower(l, n->arg[2]), lower(l, n->arg[3]));
		return make_blank(l, a, lower_absent(l, n->arg[1]));
	case OP_COALESCE:
		a = lower(l, n->arg[0]);
		none = lower_absent(l, n->arg[1]);
		if (none >= 0)
			none = make_join(l, LOW_AND, none, make_is_null(l, a));
		return make_blank(l, make_coalesce(l, a, lower(l, n->arg[2])), none);
	default:
		return lower_compare(l, n);
	}
}

int lower(struct lowering *l, int node)
{
	const struct node *n = &l->in.program->nodes.v[node];

	if (l->failed)
		return 0;
	if (l->lowered[node] < 0)
		l->lowered[node] = node_is_constant(l->in.program, node) ? lower_constant(l, node)
		                   : n->op == OP_COLUMN_ABSENT           ? lower_column_absent(l, node)
		                   : is_swept(l, n)                      ? lower_swept(l, n)
		                                                         : make_column(l, node, FRAME_WIDTH_8);
	return l->lowered[node];
}

/* ---- through coalesce, case and blanks ---- */

static int compare_columns(struct lowering *l, enum low_op op, int a, int b)
{
	const struct low x = *at(l, a), y = *at(l, b);

	if (x.op == LOW_COALESCE)
		return make_if(l, make_not(l, make_is_null(l, x.a)), compare_columns(l, op, x.a, b), compare_columns(l, op, x.b, b));
	if (x.op == LOW_IF)
		return make_if(l, lower_to_columns(l, x.a), compare_columns(l, op, x.b, b), compare_columns(l, op, x.c, b));
	if (x.op == LOW_BLANK)
		return make_blank(l, compare_columns(l, op, x.a, b), lower_to_columns(l, x.b));
	if (y.op == LOW_COALESCE || y.op == LOW_IF || y.op == LOW_BLANK)
		return compare_columns(l, mirrored(op), b, a);
	return make_compare(l, op, a, b);
}

int lower_to_columns(struct lowering *l, int low)
{
	const struct low n = *at(l, low);
	int a, b;

	if (l->failed)
		return 0;
	switch (n.op) {
	case LOW_NULL:
	case LOW_NUMBER:
	case LOW_TRUTH:
	case LOW_COLUMN:
	case LOW_OP_COUNT:
		return low;
	case LOW_EQ:
	case LOW_LT:
	case LOW_GT:
		return compare_columns(l, n.op, n.a, n.b);
	case LOW_NOT:
		return make_not(l, lower_to_columns(l, n.a));
	case LOW_AND:
	case LOW_OR:
		a = lower_to_columns(l, n.a);
		return make_join(l, n.op, a, lower_to_columns(l, n.b));
	case LOW_IS_NULL:
		return make_is_null(l, lower_to_columns(l, n.a));
	case LOW_IF:
		a = lower_to_columns(l, n.a);
		b = lower_to_columns(l, n.b);
		return make_if(l, a, b, lower_to_columns(l, n.c));
	case LOW_COALESCE:
		a = lower_to_columns(l, n.a);
		return make_coalesce(l, a, lower_to_columns(l, n.b));
	case LOW_BLANK:
		a = lower_to_columns(l, n.a);
		return make_blank(l, a, lower_to_columns(l, n.b));
	}
	return low;
}

/* ---- building what is missing ---- */

static enum err_code build_missing(struct lowering *l, struct build_column *wanted, size_t count, struct err *err)
{
	enum err_code code = build_columns(&l->in, wanted, count, err);

	for (size_t i = 0; i < count; i++) {
		if (code == ERR_OK)
			for (size_t k = 0; k < l->columns.len; k++)
				if (l->columns.v[k].node == wanted[i].node && l->columns.v[k].width == wanted[i].width) {
					l->columns.v[k].packed = frame_packed_take(wanted[i].made);
					frame_set_keep_packed(l->in.set, wanted[i].made);
				}
		frame_packed_release(wanted[i].made);
		frame_packed_release(wanted[i].old);
	}
	return code;
}

enum err_code lowering_build(struct lowering *l, size_t *ret_built, struct err *err)
{
	CLEANUP(mem_freep) struct build_column *wanted = mem_alloc(l->columns.len + 1, sizeof(*wanted));
	size_t count = 0;

	if (!wanted || l->failed)
		return err_nomem(err);
	for (size_t i = 0; i < l->columns.len; i++) {
		const struct low_column *c = &l->columns.v[i];

		if (!c->packed)
			wanted[count++] = (struct build_column){
				.node = c->node, .width = c->width, .key = c->key, .old = frame_set_outdated(l->in.set, l->in.frame, c->key)
			};
	}
	*ret_built = count;
	if (count == 0)
		return ERR_OK;
	TRY(build_missing(l, wanted, count, err));
	l->nodes.len = 1; /* node 0 stays */
	memset(l->slots, 0xff, l->slot_count * sizeof(*l->slots));
	*slot_of(l, &l->nodes.v[0]) = 0;
	memset(l->lowered, 0xff, l->in.program->nodes.len * sizeof(*l->lowered));
	return ERR_OK;
}
