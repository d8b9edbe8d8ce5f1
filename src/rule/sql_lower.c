/* Lowering: constants are computed by the vector engine, flags of absence that no source of the store can raise are dropped, and
 * periods become steps on day and workday numbers. */
#include <stdlib.h>

#include "base/fault.h"
#include "rule/sql_private.h"

#define PERIOD_MAX 4000000 /* as calendar_deadline: longer periods have no end */

/** How many of the type's supply sets could say something of the column, and how many of them supply it. */
static size_t supplying(const struct sql_engine *e, const struct dictionary_type *t, int child, int column, size_t *ret_supplied)
{
	const struct rule_sql_supplies *s = &e->types[t->index];
	size_t count = 0;

	*ret_supplied = 0;
	for (size_t i = 0; i < s->count; i++) {
		const struct frame_supply *f = &s->supplies[i];

		if (child >= 0 && column >= 0 && !(f->children >> child & 1))
			continue; /* without the collection there are no members to ask about */
		count++;
		*ret_supplied += child < 0    ? frame_bit(f->columns, (size_t)column)
		                 : column < 0 ? f->children >> child & 1
		                              : frame_bit(f->child_columns[child], (size_t)column);
	}
	return count;
}

bool sql_all_supply(const struct sql_engine *e, const struct dictionary_type *t, int child, int column)
{
	size_t supplied;

	return supplying(e, t, child, column, &supplied) == supplied;
}

bool sql_none_supplies(const struct sql_engine *e, const struct dictionary_type *t, int child, int column)
{
	size_t supplied;

	supplying(e, t, child, column, &supplied);
	return supplied == 0;
}

/* ---- constants ---- */

static bool is_constant_op(const struct node *n)
{
	return n->scope < 0 && n->op != OP_FORMAT;
}

static enum err_code constants_open(struct sql_lowering *l, struct err *err)
{
	struct evaluation *e = &l->constants;
	size_t count = l->from->nodes.len;

	*e = (struct evaluation){ .program = l->from, .calendar = l->engine->pack->options.calendar, .today = l->engine->today };
	TRY(evaluation_open(e, err));
	e->v = mem_alloc(count + 1, sizeof(*e->v));
	if (!e->v)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		const struct node *n = &l->from->nodes.v[i];

		if (!is_constant_op(n))
			continue;
		e->v[i].any = aligned_alloc(64, vector_buffer_bytes(n->type));
		e->v[i].valid = aligned_alloc(64, FRAME_BLOCK / 8);
		if (!e->v[i].any || !e->v[i].valid)
			return err_nomem(err);
		vector_eval(e, (int)i);
	}
	return e->failed ? err_nomem(err) : ERR_OK;
}

static void constants_clear(struct sql_lowering *l)
{
	struct evaluation *e = &l->constants;

	for (size_t i = 0; e->v && i < l->from->nodes.len; i++) {
		free(e->v[i].any);
		free(e->v[i].valid);
	}
	free(e->v);
	if (e->program)
		evaluation_clear(e);
}

static int constant_of(struct sql_lowering *l, int node)
{
	const struct node *n = &l->from->nodes.v[node];
	const struct vector *v = &l->constants.v[node];
	struct node made = {
		.op = OP_CONST, .type = n->type, .codes = n->codes, .null = !(v->valid[0] & 1), .arg = { -1, -1, -1, -1, -1, -1 }
	};

	if (!made.null && n->type == TYPE_BOOL)
		made.k = v->bits[0] & 1;
	else if (!made.null && n->type == TYPE_DATE)
		made.k = v->days[0];
	else if (!made.null && n->type == TYPE_CODE)
		made.k = v->codes[0];
	else if (!made.null && n->type == TYPE_TEXT)
		made.text = v->text[0];
	else if (!made.null)
		made.k = v->nums[0];
	return node_make(l->to, &made);
}

/* ---- making nodes ---- */

static int null_of(struct sql_lowering *l, const struct node *like)
{
	return node_make(
		l->to, &(struct node){
			       .op = OP_CONST, .type = like->type, .codes = like->codes, .null = true, .arg = { -1, -1, -1, -1, -1, -1 } });
}

static int truth_of(struct sql_lowering *l, bool holds)
{
	return node_const(l->to, TYPE_BOOL, holds);
}

static int make(struct sql_lowering *l, int op, enum value_type type, int64_t k, int a, int b, int c)
{
	return node_make(l->to, &(struct node){ .op = (enum op)op, .type = type, .k = k, .arg = { a, b, c, -1, -1, -1 } });
}

/** The node is the constant `k`. */
static bool is_fixed(const struct sql_lowering *l, int node, int64_t k)
{
	const struct node *n = node >= 0 ? &l->to->nodes.v[node] : NULL;

	return n && n->op == OP_CONST && !n->null && n->k == k;
}

/** A node's constant, by value: making nodes moves them. */
struct fixed {
	bool is, null;
	int64_t k;
};

static struct fixed constant(const struct sql_lowering *l, int node)
{
	const struct node *n = &l->to->nodes.v[node];

	return (struct fixed){ .is = n->op == OP_CONST, .null = n->null, .k = n->k };
}

/* ---- periods ---- */

/** The length within what can be counted; null beyond. */
static int bounded(struct sql_lowering *l, int n)
{
	struct fixed fixed = constant(l, n);

	if (!fixed.is)
		return make(l, SQL_BOUNDED, TYPE_INT, PERIOD_MAX, n, -1, -1);
	if (!fixed.null && fixed.k <= PERIOD_MAX && fixed.k >= -PERIOD_MAX)
		return n;
	return null_of(l, &(struct node){ .type = TYPE_INT });
}

static int months_later(struct sql_lowering *l, int start, int n, int64_t factor)
{
	int target = make(l, SQL_MONTH_TARGET, TYPE_INT, factor, make(l, SQL_MONTHS, TYPE_INT, 0, start, -1, -1), n, -1);

	return make(l, SQL_MONTH_CLAMP, TYPE_DATE, 0, make(l, SQL_MONTH_START, TYPE_DATE, 0, target, -1, -1),
		make(l, SQL_MONTH_START, TYPE_DATE, 1, target, -1, -1), make(l, SQL_MONTH_DAY, TYPE_INT, 0, start, -1, -1));
}

/** Backwards a rest day stands for itself, so the count starts with the workday before it. */
static int workdays_later(struct sql_lowering *l, int start, int n)
{
	int zero = node_const(l->to, TYPE_INT, 0), one = node_const(l->to, TYPE_INT, 1);
	int number = make(l, SQL_WORKDAY_NUMBER, TYPE_INT, 0, start, -1, -1);
	int rests = make(l, OP_NOT, TYPE_BOOL, 0, make(l, OP_IS_WORKDAY, TYPE_BOOL, 0, start, -1, -1), -1, -1);
	int backward = make(l, OP_LT, TYPE_BOOL, 0, n, zero, -1);
	struct node shift = {
		.op = OP_IF, .type = TYPE_INT, .arg = { make(l, OP_AND, TYPE_BOOL, 0, backward, rests, -1), -1, one, zero, -1, -1 }
	};
	struct node whole = { .op = OP_IF, .type = TYPE_DATE, .arg = { make(l, OP_EQ, TYPE_BOOL, 0, n, zero, -1), -1, start, -1, -1, -1 } };
	struct fixed fixed = constant(l, n);
	int at = make(l, SQL_SUM, TYPE_INT, 0, number, n, -1);

	if (is_fixed(l, n, 0))
		return start;
	if (!fixed.is || fixed.k < 0) {
		if (fixed.is)
			shift.arg[0] = rests;
		at = make(l, SQL_SUM, TYPE_INT, 0, at, node_make(l->to, &shift), -1);
	}
	whole.arg[3] = make(l, SQL_WORKDAY_AT, TYPE_DATE, 0, at, -1, -1);
	return fixed.is ? whole.arg[3] : node_make(l->to, &whole);
}

static int lower_deadline(struct sql_lowering *l, const struct node *n, int start, int length)
{
	int by = bounded(l, length), due;
	struct node rolled = { .op = OP_IF, .type = TYPE_DATE, .arg = { -1, -1, -1, -1, -1, -1 } };
	struct fixed fixed = constant(l, by);

	if (fixed.is && fixed.null)
		return null_of(l, n);
	if (n->unit == UNIT_WORKDAY)
		return workdays_later(l, start, by);
	due = n->unit == UNIT_DAY ? make(l, OP_DATE_ADD, TYPE_DATE, 0, start, by, -1)
	                          : months_later(l, start, by, n->unit == UNIT_YEAR ? 12 : 1);
	if (!n->rolls || (fixed.is && fixed.k < 0))
		return due;
	rolled.arg[2] = make(l, SQL_ROLL, TYPE_DATE, 0, due, -1, -1);
	if (fixed.is)
		return rolled.arg[2];
	rolled.arg[0] = make(l, OP_LE, TYPE_BOOL, 0, node_const(l->to, TYPE_INT, 0), by, -1);
	rolled.arg[3] = due;
	return node_make(l->to, &rolled);
}

/* ---- folding ---- */

/** and, or, not, and the choices, where an operand is a constant; -1: nothing to fold. */
static int fold(struct sql_lowering *l, struct node *n)
{
	int a = n->arg[0], b = n->arg[1];

	switch ((int)n->op) {
	case OP_AND:
	case OP_OR: {
		bool decides = n->op == OP_OR;

		if (is_fixed(l, a, decides) || is_fixed(l, b, decides))
			return truth_of(l, decides);
		return is_fixed(l, a, !decides) ? b : is_fixed(l, b, !decides) ? a : -1;
	}
	case OP_NOT:
		return is_fixed(l, a, 0) ? truth_of(l, true) : is_fixed(l, a, 1) ? truth_of(l, false) : -1;
	case OP_ABSENT:
		return is_fixed(l, b, 0) ? b : -1;
	case OP_IS_NULL:
	case OP_COALESCE:
		if (is_fixed(l, b, 0))
			n->arg[1] = -1;
		return -1;
	case OP_IF:
		if (is_fixed(l, b, 0))
			n->arg[1] = -1;
		if (is_fixed(l, b, 1))
			return null_of(l, n);
		if (n->arg[1] < 0 && constant(l, a).is)
			return is_fixed(l, a, 1) ? n->arg[2] : n->arg[3];
		return -1;
	case OP_AGGREGATE:
		for (int i = 2; i < NODE_ARGS; i++)
			if (i != 4 && is_fixed(l, n->arg[i], 0))
				n->arg[i] = -1;
		if (is_fixed(l, n->arg[1], 1))
			n->arg[1] = -1;
		return -1;
	default:
		return -1;
	}
}

static int lower_source(struct sql_lowering *l, const struct node *n)
{
	const struct dictionary_type *t = l->from->type;
	int child = n->scope - 1;

	if (n->op == OP_COLUMN_ABSENT && sql_all_supply(l->engine, t, child, (int)n->k))
		return truth_of(l, false);
	if (n->op == OP_COLUMN_ABSENT && sql_none_supplies(l->engine, t, child, (int)n->k))
		return truth_of(l, true);
	return node_make(l->to, n);
}

/** Absent exactly where the collection is not supplied or a member's flag is raised; never, when neither can be. */
static int lower_aggregate_absent(struct sql_lowering *l, const struct node *n, int aggregate)
{
	const struct node *a = &l->to->nodes.v[aggregate];

	if (a->op != OP_AGGREGATE)
		return truth_of(l, false);
	if (a->arg[2] < 0 && a->arg[3] < 0 && a->arg[5] < 0 && sql_all_supply(l->engine, l->from->type, a->child, -1))
		return truth_of(l, false);
	return node_make(l->to, &(struct node){ .op = OP_AGGREGATE_ABSENT,
					.type = TYPE_BOOL,
					.scope = n->scope,
					.child = n->child,
					.arg = { aggregate, -1, -1, -1, -1, -1 } });
}

static int lower_node(struct sql_lowering *l, int node)
{
	struct node n = l->from->nodes.v[node];
	int folded;

	if (is_constant_op(&n))
		return constant_of(l, node);
	for (int i = 0; i < NODE_ARGS; i++)
		n.arg[i] = sql_lower(l, n.arg[i]);
	if (l->to->failed)
		return -1;
	n.regex = NULL;
	switch ((int)n.op) {
	case OP_OUTER:
		return l->to->nodes.v[n.arg[0]].scope < 0 ? n.arg[0] : node_outer(l->to, n.arg[0], n.scope);
	case OP_COLUMN:
	case OP_COLUMN_ABSENT:
		return lower_source(l, &n);
	case OP_AGGREGATE_ABSENT:
		return lower_aggregate_absent(l, &n, n.arg[0]);
	case OP_DEADLINE:
		return n.unit == UNIT_HOUR ? node_make(l->to, &n) : lower_deadline(l, &n, n.arg[0], n.arg[1]);
	case OP_WORKDAYS:
		return make(l, OP_DAYS, TYPE_INT, 0, make(l, SQL_WORKDAY_NUMBER, TYPE_INT, 0, n.arg[0], -1, -1),
			make(l, SQL_WORKDAY_NUMBER, TYPE_INT, 0, n.arg[1], -1, -1), -1);
	case OP_AS_OF_ABSENT: /* a fact about the parent's row alone, whichever day is asked for */
		n.arg[1] = -1;
		if (l->to->nodes.v[n.arg[0]].op != OP_OUTER)
			return node_make(l->to, &n);
		n.arg[0] = l->to->nodes.v[n.arg[0]].arg[0];
		return node_outer(l->to, node_make(l->to, &n), n.scope);
	case OP_MONTH_START:
	case OP_QUARTER_START: {
		int months = make(l, SQL_MONTHS, TYPE_INT, 0, n.arg[0], -1, -1);

		return make(l, SQL_MONTH_START, TYPE_DATE, 0,
			n.op == OP_MONTH_START ? months : make(l, SQL_QUARTER, TYPE_INT, 0, months, -1, -1), -1, -1);
	}
	case OP_MATCHES: /* the pattern is compiled already: it stays where it is */
		n.k = (int64_t)l->from->index << SQL_PATTERN_SHIFT | node;
		return node_make(l->to, &n);
	default:
		folded = fold(l, &n);
		return folded >= 0 ? folded : node_make(l->to, &n);
	}
}

int sql_lower(struct sql_lowering *l, int node)
{
	if (node < 0 || l->to->failed)
		return -1;
	if (l->map[node] == SQL_UNMAPPED)
		l->map[node] = lower_node(l, node);
	return l->map[node];
}

/* ---- rules ---- */

/** A reachable node that SQL has no words for; -1: none. `seen` has one entry a node. */
static int cannot(const struct sql_lowering *l, int node, bool *seen)
{
	const struct node *n;
	int found = -1;

	if (node < 0 || seen[node])
		return -1;
	seen[node] = true;
	n = &l->to->nodes.v[node];
	if (!sql_can(n))
		return node;
	for (int i = 0; i < NODE_ARGS && found < 0; i++)
		found = cannot(l, n->arg[i], seen);
	return found;
}

size_t sql_rule_roots(const struct rule *rule, int ret[static SQL_ROOTS_MAX])
{
	const struct rule_code *code = rule->code;
	size_t count = 0;

	ret[count++] = code->in_force;
	ret[count++] = code->when.node;
	for (size_t i = 0; i < rule->exemption_count; i++)
		ret[count++] = code->exemptions[i].node;
	for (size_t i = 0; i < code->severity_count; i++)
		if (code->severities[i].ast)
			ret[count++] = code->severities[i].node;
	return count;
}

enum err_code sql_lower_rule(struct sql_lowering *l, const struct rule *rule, struct err *err)
{
	CLEANUP(mem_freep) bool *seen = NULL;
	int roots[SQL_ROOTS_MAX], bad = -1;
	size_t count = sql_rule_roots(rule, roots);

	for (size_t i = 0; i < count; i++)
		roots[i] = sql_lower(l, roots[i]);
	seen = mem_alloc(l->to->nodes.len + 1, sizeof(*seen));
	if (!seen || l->to->failed)
		return err_nomem(err);
	for (size_t i = 0; i < count && bad < 0; i++)
		bad = cannot(l, roots[i], seen);
	if (bad >= 0)
		return err_set(err, ERR_UNSUPPORTED, "规则 %.*s 用到了 SQL 引擎还写不出的运算（第 %d 号），请用 --engine vector",
			STR_ARG(rule->id), (int)l->to->nodes.v[bad].op);
	return ERR_OK;
}

enum err_code sql_lowering_open(const struct sql_engine *engine, const struct program *from, struct sql_lowering *ret, struct err *err)
{
	size_t count = from->nodes.len + 1;

	*ret = (struct sql_lowering){ .engine = engine, .from = from };
	TRY(program_open(from->type, engine->mem, &ret->to, err));
	ret->map = mem_alloc(count, sizeof(*ret->map));
	if (!ret->map)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		ret->map[i] = SQL_UNMAPPED;
	return constants_open(ret, err);
}

void sql_lowering_clear(struct sql_lowering *l)
{
	constants_clear(l);
	program_close(l->to);
	free(l->map);
	*l = (struct sql_lowering){ 0 };
}
