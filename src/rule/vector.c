/* The kernels. Loops over a block have no branch per row; what is costly per row (patterns, texts, calendar) walks the valid
 * bits only. Comparisons make one byte a lane, which compilers vectorise, and then pack eight bytes to eight bits at a time. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
#include "rule/vector.h"

#include <stdlib.h>

#include "base/fault.h"

#define MEMO_FIRST_DAY 0 /* 1970-01-01 */
#define MEMO_DAYS 32768  /* to 2059 */
#define MEMO_EMPTY (DAY_NONE + 1)

size_t vector_width(enum value_type type)
{
	switch (type) {
	case TYPE_BOOL:
		return 0;
	case TYPE_DATE:
	case TYPE_ROW:
		return 4;
	case TYPE_CODE:
		return 2;
	case TYPE_TEXT:
		return sizeof(struct str);
	case TYPE_INT:
	case TYPE_MONEY:
	case TYPE_DECIMAL:
	case TYPE_DATETIME:
	case TYPE_NULL:
	case TYPE_COUNT:
		break;
	}
	return 8;
}

size_t vector_buffer_bytes(enum value_type type)
{
	return type == TYPE_BOOL ? FRAME_BLOCK / 8 : FRAME_BLOCK * vector_width(type);
}

/* ---- the block a scope is at ---- */

static const struct frame_table *table_of(const struct evaluation *e, int scope)
{
	return scope <= 0 ? &e->frame->table : &e->frame->children[scope - 1].table;
}

static size_t first_of(const struct evaluation *e, int scope)
{
	return scope <= 0 ? e->first : e->child_first;
}

/** Lanes to compute: whole words. Constants fill a block. */
static size_t lanes_of(const struct evaluation *e, int scope)
{
	size_t lanes = scope < 0 ? FRAME_BLOCK : scope == 0 ? e->lanes : e->child_lanes;

	return (lanes + 63) & ~(size_t)63;
}

bool vector_is_borrowed(const struct evaluation *e, int node)
{
	const struct node *n = &e->program->nodes.v[node];

	return n->op == OP_DERIVED || (n->op == OP_COLUMN && n->type != TYPE_TEXT && table_of(e, n->scope)->columns[n->k].loaded);
}

/* ---- bits ---- */

static inline uint64_t pack64(const uint8_t *bytes)
{
	uint64_t out = 0;

	for (int i = 0; i < 8; i++) {
		uint64_t w;

		memcpy(&w, bytes + 8 * i, 8);
		out |= (w * 0x0102040810204080u >> 56) << (8 * i);
	}
	return out;
}

/** Walks the set bits of `mask`; `i` is the lane. */
#define EACH_BIT(i, mask, words)                                                                                                           \
	for (size_t w_ = 0; w_ < (words); w_++)                                                                                            \
		for (uint64_t m_ = (mask)[w_], i; m_ && (i = w_ * 64 + (size_t)__builtin_ctzll(m_), true); m_ &= m_ - 1)

static void bits_copy_and(uint64_t *out, const uint64_t *a, const uint64_t *b, size_t words)
{
	for (size_t i = 0; i < words; i++)
		out[i] = a[i] & b[i];
}

/* ---- comparisons ---- */

#define COMPARE(name, T, sign)                                                                                                             \
	static void name(const T *a, const T *b, size_t lanes, uint64_t *out)                                                              \
	{                                                                                                                                  \
		for (size_t i = 0; i < lanes; i += 64) {                                                                                   \
			uint8_t bytes[64];                                                                                                 \
			for (int k = 0; k < 64; k++)                                                                                       \
				bytes[k] = a[i + (size_t)k] sign b[i + (size_t)k];                                                         \
			out[i / 64] = pack64(bytes);                                                                                       \
		}                                                                                                                          \
	}                                                                                                                                  \
	static void name##_k(const T *a, T k0, size_t lanes, uint64_t *out)                                                                \
	{                                                                                                                                  \
		for (size_t i = 0; i < lanes; i += 64) {                                                                                   \
			uint8_t bytes[64];                                                                                                 \
			for (int k = 0; k < 64; k++)                                                                                       \
				bytes[k] = a[i + (size_t)k] sign k0;                                                                       \
			out[i / 64] = pack64(bytes);                                                                                       \
		}                                                                                                                          \
	}

COMPARE(eq_days, int32_t, ==)
COMPARE(lt_days, int32_t, <)
COMPARE(gt_days, int32_t, >)
COMPARE(eq_nums, int64_t, ==)
COMPARE(lt_nums, int64_t, <)
COMPARE(gt_nums, int64_t, >)
COMPARE(eq_codes, uint16_t, ==)

static int compare_text(struct str a, struct str b, enum op op)
{
	if (op == OP_EQ || op == OP_NE)
		return str_eq(a, b) == (op == OP_EQ);
	return op == OP_LT ? str_cmp(a, b) < 0 : str_cmp(a, b) <= 0;
}

/** Fills out with a < b (or =) where both are valid; NE and LE are made from EQ and GT by the caller. */
static void compare_lanes(const struct evaluation *e, const struct node *n, size_t lanes, uint64_t *out)
{
	const struct vector *a = &e->v[n->arg[0]], *b = &e->v[n->arg[1]];
	const struct node *left = &e->program->nodes.v[n->arg[0]], *right = &e->program->nodes.v[n->arg[1]];
	bool fixed = right->op == OP_CONST && !right->null;
	bool equal = n->op == OP_EQ || n->op == OP_NE, greater = n->op == OP_LE;

	switch (left->type) {
	case TYPE_DATE:
		if (fixed)
			(equal ? eq_days_k : greater ? gt_days_k : lt_days_k)(a->days, (int32_t)right->k, lanes, out);
		else
			(equal ? eq_days : greater ? gt_days : lt_days)(a->days, b->days, lanes, out);
		return;
	case TYPE_CODE:
		if (fixed)
			eq_codes_k(a->codes, (uint16_t)right->k, lanes, out);
		else
			eq_codes(a->codes, b->codes, lanes, out);
		return;
	case TYPE_BOOL:
		for (size_t i = 0; i < lanes / 64; i++)
			out[i] = ~(a->bits[i] ^ b->bits[i]);
		return;
	case TYPE_INT:
	case TYPE_MONEY:
	case TYPE_DECIMAL:
	case TYPE_DATETIME:
	case TYPE_TEXT:
	case TYPE_ROW:
	case TYPE_NULL:
	case TYPE_COUNT:
		break;
	}
	if (fixed)
		(equal ? eq_nums_k : greater ? gt_nums_k : lt_nums_k)(a->nums, right->k, lanes, out);
	else
		(equal ? eq_nums : greater ? gt_nums : lt_nums)(a->nums, b->nums, lanes, out);
}

static void eval_compare(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct vector *a = &e->v[n->arg[0]], *b = &e->v[n->arg[1]];
	bool invert = n->op == OP_NE || n->op == OP_LE;
	size_t words = lanes / 64;

	bits_copy_and(out->valid, a->valid, b->valid, words);
	if (e->program->nodes.v[n->arg[0]].type == TYPE_TEXT) {
		memset(out->bits, 0, words * 8);
		EACH_BIT(i, out->valid, words)
		out->bits[i >> 6] |= (uint64_t)compare_text(a->text[i], b->text[i], n->op) << (i & 63);
		return;
	}
	compare_lanes(e, n, lanes, out->bits);
	for (size_t i = 0; i < words; i++)
		out->bits[i] = (invert ? ~out->bits[i] : out->bits[i]) & out->valid[i];
}

/* ---- logic ---- */

static void eval_logic(struct evaluation *e, const struct node *n, struct vector *out, size_t words)
{
	const struct vector *a = &e->v[n->arg[0]], *b = n->arg[1] >= 0 ? &e->v[n->arg[1]] : a;

	for (size_t i = 0; i < words; i++) {
		uint64_t at = a->bits[i], bt = b->bits[i], av = a->valid[i], bv = b->valid[i];

		if (n->op == OP_AND) {
			out->bits[i] = at & bt;
			out->valid[i] = (av & bv) | (av & ~at) | (bv & ~bt);
		} else if (n->op == OP_OR) {
			out->bits[i] = at | bt;
			out->valid[i] = (av & bv) | at | bt;
		} else {
			out->bits[i] = av & ~at;
			out->valid[i] = av;
		}
	}
}

/** is null, and the mask behind a null that stems from an absent operand. */
static void eval_null(struct evaluation *e, const struct node *n, struct vector *out, size_t words)
{
	const struct vector *a = &e->v[n->arg[0]], *absent = n->arg[1] >= 0 ? &e->v[n->arg[1]] : NULL;

	for (size_t i = 0; i < words; i++) {
		uint64_t gone = absent ? absent->bits[i] & ~a->valid[i] : 0;

		out->bits[i] = n->op == OP_ABSENT ? gone : ~a->valid[i] & ~gone;
		out->valid[i] = n->op == OP_ABSENT ? ~(uint64_t)0 : ~gone;
	}
}

/* ---- columns ---- */

static bool supplies(const struct frame *f, uint16_t set, const struct node *n)
{
	const struct frame_supply *s = &f->supplies[set];

	return n->scope > 0 ? frame_bit(s->child_columns[n->scope - 1], (size_t)n->k) : frame_bit(s->columns, (size_t)n->k);
}

static void fill_bits(struct vector *out, size_t words, bool on)
{
	memset(out->bits, on ? 0xff : 0, words * 8);
	memset(out->valid, 0xff, words * 8);
}

/** True where the row's source does not deliver the column. Mostly all sources agree. */
static void eval_column_absent(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct frame *f = e->frame;
	const uint32_t *parent = n->scope > 0 ? f->children[n->scope - 1].parent : NULL;
	size_t first = first_of(e, n->scope), rows = table_of(e, n->scope)->rows, supplied = 0;

	for (size_t s = 0; s < f->supply_count; s++)
		supplied += supplies(f, (uint16_t)s, n);
	fill_bits(out, lanes / 64, supplied == 0);
	if (supplied == 0 || supplied == f->supply_count)
		return;
	for (size_t i = 0; i < lanes && first + i < rows; i++) {
		size_t row = parent ? parent[first + i] : first + i;

		out->bits[i >> 6] |= (uint64_t)!supplies(f, f->supply[row], n) << (i & 63);
	}
}

static void text_lane(struct vector *out, const struct frame_column *c, size_t row, size_t lane)
{
	out->text[lane] = frame_text(c, row);
}

static void eval_column(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct frame_column *c = &table_of(e, n->scope)->columns[n->k];
	size_t first = first_of(e, n->scope), width = vector_width(n->type);

	if (!c->loaded) { /* nobody asked for it when the frame was made: as if it were not supplied */
		memset(out->any, 0, vector_buffer_bytes(n->type));
		memset(out->valid, 0, FRAME_BLOCK / 8);
	} else if (n->type == TYPE_TEXT) {
		memcpy(out->valid, c->valid + first / 64, lanes / 8);
		for (size_t i = 0; i < lanes; i++)
			text_lane(out, c, first + i, i);
	} else {
		out->any = n->type == TYPE_BOOL ? (void *)(c->bits + first / 64) : (void *)((char *)c->values + first * width);
		out->valid = c->valid + first / 64;
	}
}

/** Copies lane `from` of `a` into lane `to`. */
static inline void lane_copy(struct vector *out, size_t to, const void *values, size_t from, enum value_type type)
{
	switch (vector_width(type)) {
	case 0:
		out->bits[to >> 6] |= (uint64_t)frame_bit(values, from) << (to & 63);
		break;
	case 2:
		out->codes[to] = ((const uint16_t *)values)[from];
		break;
	case 4:
		out->days[to] = ((const int32_t *)values)[from];
		break;
	case 8:
		out->nums[to] = ((const int64_t *)values)[from];
		break;
	default:
		out->text[to] = ((const struct str *)values)[from];
		break;
	}
}

static void clear(struct vector *out, enum value_type type, size_t lanes)
{
	memset(out->valid, 0, lanes / 8);
	memset(out->any, 0, type == TYPE_BOOL ? lanes / 8 : lanes * vector_width(type));
}

static void eval_ref(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct dictionary_type *type = n->op == OP_REF ? e->frame->type : e->program->nodes.v[n->arg[0]].target;
	int child = n->op == OP_REF ? n->scope - 1 : -1;
	const struct frame_link *link =
		e->set->links[type->index] ? e->set->links[type->index][frame_link_slot(type, child, (int)n->k)] : NULL;
	const struct vector *a = n->op == OP_REF ? NULL : &e->v[n->arg[0]];
	size_t first = first_of(e, n->scope);

	clear(out, n->type, lanes);
	if (!link)
		return;
	for (size_t i = 0; i < lanes; i++) {
		uint32_t row = a && !frame_bit(a->valid, i) ? FRAME_NO_ROW : link->rows[a ? a->rows[i] : first + i];

		out->rows[i] = row == FRAME_NO_ROW ? 0 : row;
		out->valid[i >> 6] |= (uint64_t)(row != FRAME_NO_ROW) << (i & 63);
	}
}

static void eval_column_of(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct vector *at = &e->v[n->arg[0]];
	const struct frame *parent = e->set->frames[n->target->index];
	const struct frame_column *c = parent ? &parent->table.columns[n->k] : NULL;

	clear(out, n->type, lanes);
	if (!c || !c->loaded)
		return;
	EACH_BIT(i, at->valid, lanes / 64)
	{
		size_t row = at->rows[i];

		out->valid[i >> 6] |= (uint64_t)frame_bit(c->valid, row) << (i & 63);
		if (n->type == TYPE_TEXT)
			text_lane(out, c, row, i);
		else
			lane_copy(out, i, c->values, row, n->type);
	}
}

/** Row of the history of `row` that holds the day: the one that began last. FRAME_NO_ROW when none does. */
static uint32_t period_at(const struct frame *f, const struct dictionary_history *h, uint32_t row, int32_t day)
{
	const struct frame_child *c = &f->children[h->child];
	const struct frame_column *from = &c->table.columns[h->from], *to = &c->table.columns[h->to];
	uint32_t found = FRAME_NO_ROW;

	for (uint32_t i = c->first[row]; i < c->first[row + 1]; i++) {
		if ((frame_bit(from->valid, i) && from->days[i] > day) || (frame_bit(to->valid, i) && to->days[i] < day))
			continue;
		if (found == FRAME_NO_ROW || !frame_bit(from->valid, found) ||
			(frame_bit(from->valid, i) && from->days[i] >= from->days[found]))
			found = i;
	}
	return found;
}

static bool history_is_loaded(const struct frame *f, const struct node *n)
{
	const struct dictionary_history *h = &n->target->history;
	const struct frame_column *columns = f ? f->children[h->child].table.columns : NULL;

	return f && columns[n->k].loaded && columns[h->from].loaded && columns[h->to].loaded;
}

/** Whether the row's source delivers the history with the column and the days on which its periods begin. */
static bool history_is_supplied(const struct frame *f, const struct node *n, uint32_t row)
{
	const struct dictionary_history *h = &n->target->history;
	const struct frame_supply *s = &f->supplies[f->supply[row]];

	return (s->children >> h->child & 1) && frame_bit(s->child_columns[h->child], (size_t)n->k) &&
	       frame_bit(s->child_columns[h->child], (size_t)h->from);
}

/** A column of the target's history as it was on a day. */
static void eval_as_of(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct vector *at = &e->v[n->arg[0]], *day = &e->v[n->arg[1]];
	const struct frame *f = e->set->frames[n->target->index];
	const struct frame_column *c;
	uint64_t both[FRAME_BLOCK / 64];

	clear(out, n->type, lanes);
	if (!history_is_loaded(f, n))
		return;
	c = &f->children[n->target->history.child].table.columns[n->k];
	bits_copy_and(both, at->valid, day->valid, lanes / 64);
	EACH_BIT(i, both, lanes / 64)
	{
		bool supplied = history_is_supplied(f, n, at->rows[i]);
		uint32_t row = supplied ? period_at(f, &n->target->history, at->rows[i], day->days[i]) : FRAME_NO_ROW;

		if (row == FRAME_NO_ROW || !frame_bit(c->valid, row))
			continue;
		out->valid[i >> 6] |= (uint64_t)1 << (i & 63);
		if (n->type == TYPE_TEXT)
			text_lane(out, c, row, i);
		else
			lane_copy(out, i, c->values, row, n->type);
	}
}

static void eval_as_of_absent(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct vector *at = &e->v[n->arg[0]];
	const struct frame *f = e->set->frames[n->target->index];
	const struct dictionary_history *h = &n->target->history;

	fill_bits(out, lanes / 64, true);
	if (!history_is_loaded(f, n))
		return;
	EACH_BIT(i, at->valid, lanes / 64)
	{
		const struct frame_supply *s = &f->supplies[f->supply[at->rows[i]]];
		bool there = (s->children >> h->child & 1) && frame_bit(s->child_columns[h->child], (size_t)n->k) &&
		             frame_bit(s->child_columns[h->child], (size_t)h->from);

		out->bits[i >> 6] &= ~((uint64_t)there << (i & 63));
	}
}

static void eval_absent_of(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct vector *at = &e->v[n->arg[0]];
	const struct frame *parent = e->set->frames[n->target->index];
	struct node column = { .scope = 0, .k = n->k };

	fill_bits(out, lanes / 64, true);
	if (!parent || !parent->table.columns[n->k].loaded)
		return;
	EACH_BIT(i, at->valid, lanes / 64)
	out->bits[i >> 6] &= ~((uint64_t)supplies(parent, parent->supply[at->rows[i]], &column) << (i & 63));
}

/** Columns that group.c computed for the whole frame are read in place. */
static void eval_derived(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct derived_column *c = &e->derived[n->k];
	size_t width = vector_width(n->type);

	if (n->op == OP_DERIVED) {
		out->any = width == 0 ? (char *)c->values + e->first / 8 : (char *)c->values + e->first * width;
		out->valid = c->valid + e->first / 64;
		return;
	}
	memcpy(out->bits, c->absent + e->first / 64, lanes / 8);
	memset(out->valid, 0xff, lanes / 8);
}

/** A value of the record beside each of its child rows. Lanes of records outside the block get its first lane and are never read. */
static void eval_outer(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct vector *a = &e->v[n->arg[0]];
	const struct frame_child *c = &e->frame->children[n->scope - 1];
	uint16_t from[FRAME_BLOCK];

	for (size_t i = 0; i < lanes; i++) { /* arrays are padded: reading behind the rows is allowed */
		size_t lane = (size_t)c->parent[e->child_first + i] - e->first;

		from[i] = (uint16_t)(lane < e->lanes ? lane : 0);
	}
	for (size_t w = 0; w < lanes / 64; w++) {
		uint64_t valid = 0, bits = 0;

		for (size_t i = 0; i < 64; i++) {
			valid |= (uint64_t)frame_bit(a->valid, from[w * 64 + i]) << i;
			bits |= n->type == TYPE_BOOL ? (uint64_t)frame_bit(a->bits, from[w * 64 + i]) << i : 0;
		}
		out->valid[w] = valid;
		if (n->type == TYPE_BOOL)
			out->bits[w] = bits;
	}
	switch (vector_width(n->type)) {
	case 0:
		break;
	case 2:
		for (size_t i = 0; i < lanes; i++)
			out->codes[i] = a->codes[from[i]];
		break;
	case 4:
		for (size_t i = 0; i < lanes; i++)
			out->days[i] = a->days[from[i]];
		break;
	case 8:
		for (size_t i = 0; i < lanes; i++)
			out->nums[i] = a->nums[from[i]];
		break;
	default:
		for (size_t i = 0; i < lanes; i++)
			out->text[i] = a->text[from[i]];
		break;
	}
}

static void eval_const(const struct node *n, struct vector *out, int64_t k, bool null)
{
	memset(out->valid, null ? 0 : 0xff, FRAME_BLOCK / 8);
	switch (vector_width(n->type)) {
	case 0:
		memset(out->bits, k && !null ? 0xff : 0, FRAME_BLOCK / 8);
		break;
	case 2:
		for (size_t i = 0; i < FRAME_BLOCK; i++)
			out->codes[i] = (uint16_t)k;
		break;
	case 4:
		for (size_t i = 0; i < FRAME_BLOCK; i++)
			out->days[i] = (int32_t)k;
		break;
	case 8:
		for (size_t i = 0; i < FRAME_BLOCK; i++)
			out->nums[i] = k;
		break;
	default:
		for (size_t i = 0; i < FRAME_BLOCK; i++)
			out->text[i] = n->text;
		break;
	}
}

/* ---- numbers ---- */

/** num / den rounded half away from zero; false when it does not fit. den > 0. */
static inline bool divide_rounded(__int128 num, __int128 den, int64_t *ret)
{
	bool negative = (num < 0) != (den < 0);
	__int128 n = num < 0 ? -num : num, d = den < 0 ? -den : den;
	__int128 q = (n + d / 2) / d;

	q = negative ? -q : q;
	*ret = (int64_t)q;
	return q == *ret;
}

static inline bool arithmetic(enum op op, int64_t a, int64_t b, int64_t k, int64_t *ret)
{
	switch ((int)op) {
	case OP_ADD:
		return !__builtin_add_overflow(a, b, ret);
	case OP_SUB:
		return !__builtin_sub_overflow(a, b, ret);
	case OP_MUL:
		return k == 1 ? !__builtin_mul_overflow(a, b, ret) : divide_rounded((__int128)a * b, k, ret);
	case OP_DIV:
		return b != 0 && divide_rounded((__int128)a * k, b, ret);
	case OP_NEGATE:
		return !__builtin_sub_overflow(0, a, ret);
	default: /* OP_ABS */
		return a >= 0 ? (*ret = a, true) : !__builtin_sub_overflow(0, a, ret);
	}
}

/** A result that does not fit 64 bits, or a division by zero, is null. */
static void eval_arithmetic(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct vector *a = &e->v[n->arg[0]], *b = n->arg[1] >= 0 ? &e->v[n->arg[1]] : a;

	bits_copy_and(out->valid, a->valid, b->valid, lanes / 64);
	memset(out->nums, 0, lanes * 8);
	EACH_BIT(i, out->valid, lanes / 64)
	{
		int64_t r = 0;

		if (arithmetic(n->op, a->nums[i], b->nums[i], n->k, &r))
			out->nums[i] = r;
		else
			out->valid[i >> 6] &= ~((uint64_t)1 << (i & 63));
	}
}

static int64_t lane_number(const struct vector *v, enum value_type type, size_t i)
{
	return type == TYPE_DATE ? v->days[i] : v->nums[i];
}

/** Null if any argument is. */
static void eval_least(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct vector *a = &e->v[n->arg[0]], *b = &e->v[n->arg[1]];
	bool least = n->op == OP_LEAST;

	bits_copy_and(out->valid, a->valid, b->valid, lanes / 64);
	if (n->type == TYPE_DATE)
		for (size_t i = 0; i < lanes; i++)
			out->days[i] = (a->days[i] < b->days[i]) == least ? a->days[i] : b->days[i];
	else
		for (size_t i = 0; i < lanes; i++)
			out->nums[i] = (a->nums[i] < b->nums[i]) == least ? a->nums[i] : b->nums[i];
}

/** Lane by lane: c where `mask`, else d; lanes of `none` are null. */
static void choose(struct vector *out, const uint64_t *mask, const uint64_t *none, const struct vector *c, const struct vector *d,
	enum value_type type, size_t lanes)
{
	for (size_t w = 0; w < lanes / 64; w++)
		out->valid[w] = ((c->valid[w] & mask[w]) | (d->valid[w] & ~mask[w])) & ~none[w];
	switch (vector_width(type)) {
	case 0:
		for (size_t w = 0; w < lanes / 64; w++)
			out->bits[w] = ((c->bits[w] & mask[w]) | (d->bits[w] & ~mask[w])) & out->valid[w];
		break;
	case 2:
		for (size_t i = 0; i < lanes; i++)
			out->codes[i] = frame_bit(mask, i) ? c->codes[i] : d->codes[i];
		break;
	case 4:
		for (size_t i = 0; i < lanes; i++)
			out->days[i] = frame_bit(mask, i) ? c->days[i] : d->days[i];
		break;
	case 8:
		for (size_t i = 0; i < lanes; i++)
			out->nums[i] = frame_bit(mask, i) ? c->nums[i] : d->nums[i];
		break;
	default:
		for (size_t i = 0; i < lanes; i++)
			out->text[i] = frame_bit(out->valid, i) ? (frame_bit(mask, i) ? c->text[i] : d->text[i]) : (struct str){ 0 };
		break;
	}
}

static void eval_choice(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	static const uint64_t nothing[FRAME_BLOCK / 64];
	const struct vector *a = &e->v[n->arg[0]];
	const uint64_t *none = n->arg[1] >= 0 ? e->v[n->arg[1]].bits : nothing;
	uint64_t gone[FRAME_BLOCK / 64];

	if (n->op == OP_IF) {
		choose(out, a->bits, none, &e->v[n->arg[2]], &e->v[n->arg[3]], n->type, lanes);
		return;
	}
	for (size_t w = 0; w < lanes / 64; w++)
		gone[w] = none[w] & ~a->valid[w];
	choose(out, a->valid, gone, a, &e->v[n->arg[2]], n->type, lanes);
}

/* ---- texts ---- */

/** SQL's LIKE: % any run, _ one character; case counts. */
static bool like(struct str s, struct str p)
{
	size_t i = 0, j = 0, back_i = 0, back_j = SIZE_MAX;

	while (i < s.len) {
		if (j < p.len && p.ptr[j] == '%') {
			back_j = ++j;
			back_i = i;
		} else if (j < p.len && p.ptr[j] == '_') {
			j++;
			utf8_next(s, &i);
		} else if (j < p.len && p.ptr[j] == s.ptr[i]) {
			i++;
			j++;
		} else if (back_j != SIZE_MAX) {
			utf8_next(s, &back_i);
			i = back_i;
			j = back_j;
		} else {
			return false;
		}
	}
	while (j < p.len && p.ptr[j] == '%')
		j++;
	return j == p.len;
}

enum err_code regex_compile(struct str pattern, pcre2_code **ret, int *ret_offset, struct err *err)
{
	int error;
	PCRE2_SIZE offset = 0;
	PCRE2_UCHAR text[160];
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)(pattern.ptr ? pattern.ptr : ""), pattern.len,
		PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &error, &offset, NULL);

	*ret_offset = (int)offset;
	if (!code) {
		pcre2_get_error_message(error, text, sizeof(text));
		return err_set(err, ERR_INPUT, "正则表达式第 %zu 个字节处有误：%s", (size_t)offset, (const char *)text);
	}
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* without JIT the interpreter does the same */
	*ret = code;
	return ERR_OK;
}

static void eval_text_test(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct vector *a = &e->v[n->arg[0]], *b = n->arg[1] >= 0 ? &e->v[n->arg[1]] : a;
	size_t words = lanes / 64;

	bits_copy_and(out->valid, a->valid, b->valid, words);
	memset(out->bits, 0, words * 8);
	EACH_BIT(i, out->valid, words)
	{
		uint64_t bit = (uint64_t)1 << (i & 63);
		int found;

		if (n->op == OP_LIKE) {
			found = like(a->text[i], n->text);
		} else if (n->op == OP_CONTAINS) {
			found = str_has(a->text[i], b->text[i]);
		} else if (n->op == OP_STARTS) {
			found = str_starts(a->text[i], b->text[i]);
		} else {
			found = pcre2_match(n->regex, (PCRE2_SPTR)(a->text[i].ptr ? a->text[i].ptr : ""), a->text[i].len, 0, 0, e->match,
				e->match_limits);
			if (found < 0 && found != PCRE2_ERROR_NOMATCH) { /* undecided: unknown, not "no" */
				out->valid[i >> 6] &= ~bit;
				e->match_failures++;
			}
			found = found >= 0;
		}
		if (found)
			out->bits[i >> 6] |= bit;
	}
}

static void eval_length(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct vector *a = &e->v[n->arg[0]];

	clear(out, n->type, lanes);
	memcpy(out->valid, a->valid, lanes / 8);
	EACH_BIT(i, out->valid, lanes / 64)
	out->nums[i] = (int64_t)utf8_count(a->text[i]);
}

struct str vector_display(const struct node *n, const struct vector *v, size_t lane, struct arena *mem)
{
	struct buf out;
	struct str s;
	struct dictionary_column column = { .type = n->type == TYPE_NULL || n->type == TYPE_ROW ? COLUMN_INT : (enum column_type)n->type };
	struct dictionary_value value = { .null = !frame_bit(v->valid, lane) };

	if (value.null)
		return (struct str){ 0 };
	if (n->type == TYPE_TEXT)
		return v->text[lane];
	if (n->type == TYPE_CODE) {
		size_t code = v->codes[lane];
		const struct dictionary_column *c = n->codes;

		return c && code < c->code_count ? (c->codes[code].label.zh.len ? c->codes[code].label.zh : c->codes[code].code) : STR("");
	}
	column.foreign = column.currency = -1;
	value.i = n->type == TYPE_BOOL   ? frame_bit(v->bits, lane)
	          : n->type == TYPE_DATE ? v->days[lane]
	          : n->type == TYPE_ROW  ? v->rows[lane]
	                                 : v->nums[lane];
	buf_init(&out, 256);
	column_display(&column, &value, &out);
	s = str_dup(mem, buf_str(&out));
	buf_clear(&out);
	return s;
}

static void eval_to_text(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct node *from = &e->program->nodes.v[n->arg[0]];
	const struct vector *a = &e->v[n->arg[0]];

	clear(out, n->type, lanes);
	memcpy(out->valid, a->valid, lanes / 8);
	EACH_BIT(i, out->valid, lanes / 64)
	{
		if (n->op == OP_CODE_TEXT)
			out->text[i] = from->codes->codes[a->codes[i]].code;
		else
			out->text[i] = vector_display(from, a, i, e->text);
	}
}

/* ---- calendar ---- */

/** The table of a node whose length is the same for every row; NULL when it varies, or when memory is out. */
static int32_t *memo_for(struct evaluation *e, int node)
{
	const struct node *n = &e->program->nodes.v[node];
	int32_t **memo = &e->memos[node];

	if (!node_is_constant(e->program, n->arg[1]))
		return NULL;
	if (!*memo) {
		*memo = mem_alloc(MEMO_DAYS, sizeof(**memo));
		e->failed |= !*memo;
		for (size_t i = 0; *memo && i < MEMO_DAYS; i++)
			(*memo)[i] = MEMO_EMPTY;
	}
	return *memo;
}

static int32_t deadline(const struct evaluation *e, const struct node *n, int32_t *memo, int32_t start, int64_t length)
{
	int32_t *due = memo && start >= MEMO_FIRST_DAY && start < MEMO_FIRST_DAY + MEMO_DAYS ? &memo[start - MEMO_FIRST_DAY] : NULL;

	if (!due)
		return calendar_deadline(e->calendar, start, length, n->unit, n->rolls);
	if (*due == MEMO_EMPTY)
		*due = calendar_deadline(e->calendar, start, length, n->unit, n->rolls);
	return *due;
}

static void eval_deadline(struct evaluation *e, int node, struct vector *out, size_t lanes)
{
	const struct node *n = &e->program->nodes.v[node];
	const struct vector *a = &e->v[n->arg[0]], *b = &e->v[n->arg[1]];
	int32_t *memo = memo_for(e, node);

	bits_copy_and(out->valid, a->valid, b->valid, lanes / 64);
	memset(out->days, 0, lanes * 4);
	EACH_BIT(i, out->valid, lanes / 64)
	{
		int32_t due = deadline(e, n, memo, a->days[i], b->nums[i]);

		if (due == DAY_NONE)
			out->valid[i >> 6] &= ~((uint64_t)1 << (i & 63));
		else
			out->days[i] = due;
	}
}

static bool day_is_possible(int64_t day)
{
	static const int64_t first = -719162, last = 2932896; /* 0001-01-01 and 9999-12-31 */

	return day >= first && day <= last;
}

static int32_t quarter_start(int32_t day)
{
	struct ymd d = day_to_ymd(day);

	return day_from_ymd(d.year, (d.month - 1) / 3 * 3 + 1, 1);
}

/** One lane of the functions that turn dates and datetimes into something; false makes null. */
static bool calendar_lane(
	struct evaluation *e, const struct node *n, const struct vector *a, const struct vector *b, size_t i, int64_t *ret)
{
	int64_t moved;

	switch ((int)n->op) {
	case OP_DATE_ADD:
		return !__builtin_add_overflow((int64_t)a->days[i], b->nums[i], ret) && day_is_possible(*ret);
	case OP_DAYS:
		*ret = (int64_t)b->days[i] - a->days[i];
		return true;
	case OP_WORKDAYS:
		*ret = calendar_workdays(e->calendar, a->days[i], b->days[i]);
		return true;
	case OP_ADD_HOURS:
		if (__builtin_mul_overflow(b->nums[i], (int64_t)3600, &moved) || __builtin_add_overflow(a->nums[i], moved, ret))
			return false;
		return true;
	case OP_MONTH:
		*ret = day_to_ymd(a->days[i]).month;
		return true;
	case OP_YEAR:
		*ret = day_to_ymd(a->days[i]).year;
		return true;
	case OP_MONTH_START:
		*ret = (int64_t)a->days[i] - day_to_ymd(a->days[i]).day + 1;
		return true;
	case OP_QUARTER_START:
		*ret = quarter_start(a->days[i]);
		return true;
	case OP_HOUR:
		moved = a->nums[i] % 86400;
		*ret = (moved < 0 ? moved + 86400 : moved) / 3600;
		return true;
	default: /* OP_DAY_OF */
		*ret = a->nums[i] / 86400 - (a->nums[i] % 86400 < 0);
		return day_is_possible(*ret);
	}
}

static void eval_calendar(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct vector *a = &e->v[n->arg[0]], *b = n->arg[1] >= 0 ? &e->v[n->arg[1]] : a;

	clear(out, n->type, lanes);
	bits_copy_and(out->valid, a->valid, b->valid, lanes / 64);
	EACH_BIT(i, out->valid, lanes / 64)
	{
		int64_t r = 0;

		if (!calendar_lane(e, n, a, b, i, &r))
			out->valid[i >> 6] &= ~((uint64_t)1 << (i & 63));
		else if (n->type == TYPE_DATE)
			out->days[i] = (int32_t)r;
		else
			out->nums[i] = r;
	}
}

static void eval_day_kind(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct vector *a = &e->v[n->arg[0]];

	clear(out, n->type, lanes);
	memcpy(out->valid, a->valid, lanes / 8);
	EACH_BIT(i, out->valid, lanes / 64)
	out->bits[i >> 6] |= (uint64_t)(n->op == OP_IS_WORKDAY ? calendar_is_workday(e->calendar, a->days[i])
							       : calendar_off_name(e->calendar, a->days[i]).len > 0)
	                     << (i & 63);
}

/* ---- aggregates ---- */

static bool child_is_supplied(const struct evaluation *e, const struct node *n, size_t row)
{
	return e->frame->supplies[e->frame->supply[row]].children >> n->child & 1;
}

void vector_gather_begin(struct evaluation *e, int node)
{
	const struct node *n = &e->program->nodes.v[node];
	size_t lanes = lanes_of(e, 0);

	clear(&e->v[node], n->type, lanes);
	memset(e->gather[node].state, 0, lanes);
}

/** Takes member `i` of record lane `p` into min, max, sum, first or last. */
static void gather_value(struct evaluation *e, const struct node *n, struct vector *out, struct gather *g, size_t i, size_t p)
{
	const struct vector *x = &e->v[n->arg[0]], *order = n->arg[4] >= 0 ? &e->v[n->arg[4]] : NULL;
	bool has = g->state[p] & GATHER_HAS;

	if (n->k == AGGREGATE_FIRST || n->k == AGGREGATE_LAST) {
		int64_t at = order ? lane_number(order, e->program->nodes.v[n->arg[4]].type, i) : (int64_t)(e->child_first + i);

		if (has && (n->k == AGGREGATE_FIRST ? at >= g->order[p] : at < g->order[p]))
			return;
		g->order[p] = at;
		if (n->type == TYPE_BOOL)
			out->bits[p >> 6] &= ~((uint64_t)1 << (p & 63));
		lane_copy(out, p, x->any, i, n->type);
		g->state[p] = (uint8_t)((g->state[p] & ~GATHER_NULL) | GATHER_HAS | (frame_bit(x->valid, i) ? 0 : GATHER_NULL));
	} else {
		int64_t now = lane_number(x, n->type, i), old = has ? lane_number(out, n->type, p) : now;

		if (n->k == AGGREGATE_SUM && has && __builtin_add_overflow(old, now, &now))
			g->state[p] |= GATHER_NULL;
		if (n->k == AGGREGATE_MIN || n->k == AGGREGATE_MAX)
			now = (now < old) == (n->k == AGGREGATE_MIN) ? now : old;
		if (n->type == TYPE_DATE)
			out->days[p] = (int32_t)now;
		else
			out->nums[p] = now;
		g->state[p] |= GATHER_HAS;
	}
}

/** One member that the filter let through. */
static void gather_member(struct evaluation *e, const struct node *n, struct vector *out, struct gather *g, size_t i, size_t p)
{
	const struct vector *x = n->arg[0] >= 0 ? &e->v[n->arg[0]] : NULL;
	bool valid = !x || frame_bit(x->valid, i), absent = !valid && n->arg[2] >= 0 && frame_bit(e->v[n->arg[2]].bits, i);

	if (n->k == AGGREGATE_FIRST || n->k == AGGREGATE_LAST) {
		bool ordered = n->arg[4] < 0 || frame_bit(e->v[n->arg[4]].valid, i);

		absent |= !ordered && n->arg[5] >= 0 && frame_bit(e->v[n->arg[5]].bits, i);
		if (ordered && !absent)
			gather_value(e, n, out, g, i, p);
	} else if (n->k == AGGREGATE_ANY || n->k == AGGREGATE_ALL) {
		bool holds = valid && frame_bit(x->bits, i);

		g->state[p] |= !valid ? GATHER_UNKNOWN : holds ? GATHER_HAS : GATHER_FALSE;
	} else if (valid && (n->k == AGGREGATE_COUNT || n->k == AGGREGATE_EXISTS)) {
		g->state[p] |= GATHER_HAS;
		if (n->k == AGGREGATE_COUNT)
			out->nums[p]++;
	} else if (valid) {
		gather_value(e, n, out, g, i, p);
	}
	if (absent)
		g->state[p] |= GATHER_ABSENT;
}

/** Bits [from, to) of a word array. */
static void set_range(uint64_t *words, size_t from, size_t to)
{
	memset(words, 0, FRAME_BLOCK / 8);
	for (size_t w = from / 64; w < (to + 63) / 64; w++) {
		uint64_t low = w == from / 64 ? ~(uint64_t)0 << (from & 63) : ~(uint64_t)0;
		uint64_t high = w == to / 64 ? ((uint64_t)1 << (to & 63)) - 1 : ~(uint64_t)0;

		words[w] = low & high;
	}
}

/** Members that pass are counted; most aggregates are this. */
static void gather_count(
	const struct node *n, struct vector *out, struct gather *g, const uint64_t *pass, const uint32_t *parent, size_t first)
{
	EACH_BIT(i, pass, FRAME_BLOCK / 64)
	{
		size_t p = parent[i] - first;

		g->state[p] |= GATHER_HAS;
		if (n->k == AGGREGATE_COUNT)
			out->nums[p]++;
	}
}

void vector_gather(struct evaluation *e, int node)
{
	const struct node *n = &e->program->nodes.v[node];
	const struct frame_child *c = &e->frame->children[n->child];
	const struct vector *filter = n->arg[1] >= 0 ? &e->v[n->arg[1]] : NULL;
	const struct vector *filter_absent = n->arg[3] >= 0 ? &e->v[n->arg[3]] : NULL;
	const uint32_t *parent = c->parent + e->child_first;
	struct gather *g = &e->gather[node];
	size_t from = c->first[e->first], to = c->first[e->first + e->lanes];
	uint64_t pass[FRAME_BLOCK / 64], gone[FRAME_BLOCK / 64];

	from = (from > e->child_first ? from : e->child_first) - e->child_first;
	to = (to < e->child_first + e->child_lanes ? to : e->child_first + e->child_lanes) - e->child_first;
	set_range(pass, from, to);
	if (filter_absent) { /* whether these members count cannot be told */
		bits_copy_and(gone, pass, filter_absent->bits, FRAME_BLOCK / 64);
		EACH_BIT(i, gone, FRAME_BLOCK / 64)
		g->state[parent[i] - e->first] |= GATHER_ABSENT;
	}
	if (filter)
		bits_copy_and(pass, pass, filter->bits, FRAME_BLOCK / 64);
	if (n->arg[0] < 0) {
		gather_count(n, &e->v[node], g, pass, parent, e->first);
		return;
	}
	EACH_BIT(i, pass, FRAME_BLOCK / 64)
	gather_member(e, n, &e->v[node], g, i, parent[i] - e->first);
}

/** The lanes of a word whose state has the flag. */
static uint64_t flagged(const uint8_t *state, uint8_t flag)
{
	uint8_t bytes[64];

	for (int i = 0; i < 64; i++)
		bytes[i] = (state[i] & flag) != 0;
	return pack64(bytes);
}

/** The lanes of a word whose source supplies the collection; mostly every source does. */
static uint64_t supplied_lanes(const struct evaluation *e, const struct node *n, size_t word)
{
	const struct frame *f = e->frame;
	uint64_t out = 0;
	size_t supplied = 0;

	for (size_t s = 0; s < f->supply_count; s++)
		supplied += f->supplies[s].children >> n->child & 1;
	if (supplied == f->supply_count || supplied == 0)
		return supplied ? ~(uint64_t)0 : 0;
	for (size_t i = 0; i < 64 && word * 64 + i < e->lanes; i++)
		out |= (uint64_t)child_is_supplied(e, n, e->first + word * 64 + i) << i;
	return out;
}

/** What the states of 64 records make: valid or null, and for booleans the value. */
static void gather_word(const struct node *n, struct vector *out, const uint8_t *state, size_t w, uint64_t supplied)
{
	uint64_t has = flagged(state, GATHER_HAS), told = ~flagged(state, GATHER_ABSENT);

	switch ((enum aggregate)n->k) {
	case AGGREGATE_COUNT:
		out->valid[w] = supplied & told;
		return;
	case AGGREGATE_EXISTS:
		out->bits[w] = supplied & has;
		out->valid[w] = supplied & (has | told);
		return;
	case AGGREGATE_ANY:
		out->bits[w] = supplied & has;
		out->valid[w] = supplied & (has | (told & ~flagged(state, GATHER_UNKNOWN)));
		return;
	case AGGREGATE_ALL:
		has = flagged(state, GATHER_FALSE);
		out->valid[w] = supplied & (has | (told & ~flagged(state, GATHER_UNKNOWN)));
		out->bits[w] = out->valid[w] & ~has;
		return;
	case AGGREGATE_MIN:
	case AGGREGATE_MAX:
	case AGGREGATE_SUM:
	case AGGREGATE_FIRST:
	case AGGREGATE_LAST:
	case AGGREGATE_DISTINCT:
	case AGGREGATE_MEDIAN:
	case AGGREGATE_MAD:
	case AGGREGATE_QUANTILE:
	case AGGREGATE_KIND_COUNT:
		break;
	}
	out->valid[w] = supplied & told & has & ~flagged(state, GATHER_NULL);
	if (n->type == TYPE_BOOL)
		out->bits[w] &= out->valid[w];
	for (size_t i = w * 64; n->type == TYPE_TEXT && i < w * 64 + 64; i++)
		if (!frame_bit(out->valid, i))
			out->text[i] = (struct str){ 0 };
}

void vector_gather_end(struct evaluation *e, int node)
{
	const struct node *n = &e->program->nodes.v[node];
	uint8_t *state = e->gather[node].state;

	for (size_t w = 0; w < lanes_of(e, 0) / 64; w++) {
		uint64_t supplied = supplied_lanes(e, n, w);

		gather_word(n, &e->v[node], state + w * 64, w, supplied);
		for (size_t i = 0; ~supplied && i < 64; i++)
			state[w * 64 + i] |= supplied >> i & 1 ? 0 : GATHER_ABSENT;
	}
}

/** An aggregate that is null because the collection, or something its members needed, is absent. */
static void eval_aggregate_absent(struct evaluation *e, const struct node *n, struct vector *out, size_t lanes)
{
	const struct vector *a = &e->v[n->arg[0]];
	const uint8_t *state = e->gather[n->arg[0]].state;

	for (size_t w = 0; w < lanes / 64; w++)
		out->bits[w] = ~a->valid[w] & flagged(state + w * 64, GATHER_ABSENT);
	memset(out->valid, 0xff, lanes / 8);
}

/* ---- dispatch ---- */

void vector_eval(struct evaluation *e, int node)
{
	const struct node *n = &e->program->nodes.v[node];
	struct vector *out = &e->v[node];
	size_t lanes = lanes_of(e, n->scope), words = lanes / 64;

	switch (n->op) {
	case OP_CONST:
		eval_const(n, out, n->k, n->null);
		return;
	case OP_TODAY:
		eval_const(n, out, e->today, false);
		return;
	case OP_COLUMN:
		eval_column(e, n, out, lanes);
		return;
	case OP_COLUMN_ABSENT:
		eval_column_absent(e, n, out, lanes);
		return;
	case OP_REF:
	case OP_REF_OF:
		eval_ref(e, n, out, lanes);
		return;
	case OP_COLUMN_OF:
		eval_column_of(e, n, out, lanes);
		return;
	case OP_ABSENT_OF:
		eval_absent_of(e, n, out, lanes);
		return;
	case OP_AS_OF:
		eval_as_of(e, n, out, lanes);
		return;
	case OP_AS_OF_ABSENT:
		eval_as_of_absent(e, n, out, lanes);
		return;
	case OP_DERIVED:
	case OP_DERIVED_ABSENT:
		eval_derived(e, n, out, lanes);
		return;
	case OP_OUTER:
		eval_outer(e, n, out, lanes);
		return;
	case OP_AGGREGATE_ABSENT:
		eval_aggregate_absent(e, n, out, lanes);
		return;
	case OP_NOT:
	case OP_AND:
	case OP_OR:
		eval_logic(e, n, out, words);
		return;
	case OP_EQ:
	case OP_NE:
	case OP_LT:
	case OP_LE:
		eval_compare(e, n, out, lanes);
		return;
	case OP_IS_NULL:
	case OP_ABSENT:
		eval_null(e, n, out, words);
		return;
	case OP_ADD:
	case OP_SUB:
	case OP_MUL:
	case OP_DIV:
	case OP_NEGATE:
	case OP_ABS:
		eval_arithmetic(e, n, out, lanes);
		return;
	case OP_LEAST:
	case OP_GREATEST:
		eval_least(e, n, out, lanes);
		return;
	case OP_IF:
	case OP_COALESCE:
		eval_choice(e, n, out, lanes);
		return;
	case OP_LIKE:
	case OP_CONTAINS:
	case OP_STARTS:
	case OP_MATCHES:
		eval_text_test(e, n, out, lanes);
		return;
	case OP_LENGTH:
		eval_length(e, n, out, lanes);
		return;
	case OP_DEADLINE:
		eval_deadline(e, node, out, lanes);
		return;
	case OP_DATE_ADD:
	case OP_DAYS:
	case OP_WORKDAYS:
	case OP_ADD_HOURS:
	case OP_MONTH:
	case OP_YEAR:
	case OP_MONTH_START:
	case OP_QUARTER_START:
	case OP_HOUR:
	case OP_DAY_OF:
		eval_calendar(e, n, out, lanes);
		return;
	case OP_IS_WORKDAY:
	case OP_IS_HOLIDAY:
		eval_day_kind(e, n, out, lanes);
		return;
	case OP_CODE_TEXT:
	case OP_FORMAT:
		eval_to_text(e, n, out, lanes);
		return;
	case OP_AGGREGATE:
	case OP_COUNT:
		break;
	}
	abort(); /* aggregates are gathered, not evaluated */
}

enum err_code evaluation_open(struct evaluation *e, struct err *err)
{
	e->memos = mem_alloc(e->program->nodes.len + 1, sizeof(*e->memos));
	e->match = pcre2_match_data_create(16, NULL);
	e->match_limits = pcre2_match_context_create(NULL);
	e->text = arena_open((size_t)64 << 20);
	if (!e->memos || !e->match || !e->match_limits || !e->text)
		return err_nomem(err);
	pcre2_set_match_limit(e->match_limits, RULE_MATCH_LIMIT);
	pcre2_set_depth_limit(e->match_limits, RULE_MATCH_DEPTH);
	return ERR_OK;
}

void evaluation_clear(struct evaluation *e)
{
	for (size_t i = 0; e->memos && i < e->program->nodes.len; i++)
		free(e->memos[i]);
	free(e->memos);
	pcre2_match_data_free(e->match);
	pcre2_match_context_free(e->match_limits);
	arena_close(e->text);
	*e = (struct evaluation){ 0 };
}
