/* Hash-consing of nodes, and where a value can be absent. */
#include "rule/program.h"

#include <stdlib.h>

#include "base/fault.h"

enum err_code program_open(const struct dictionary_type *type, struct arena *mem, struct program **ret, struct err *err)
{
	struct program *p = mem_alloc(1, sizeof(*p));

	if (!p)
		return err_nomem(err);
	p->type = type;
	p->mem = mem;
	*ret = p;
	return ERR_OK;
}

void program_close(struct program *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->nodes.len; i++)
		pcre2_code_free(p->nodes.v[i].regex);
	vec_clear(&p->nodes);
	vec_clear(&p->derived);
	free(p->slots);
	free(p);
}

static uint64_t node_hash(const struct node *n)
{
	uint64_t h = str_hash(n->text);
	const uint64_t parts[] = { (uint64_t)n->op, (uint64_t)n->type, (uint64_t)(n->scope + 1), (uint64_t)n->k, (uint64_t)n->unit,
		(uint64_t)n->null << 1 | n->rolls, (uint64_t)(uintptr_t)n->codes, (uint64_t)(uintptr_t)n->target, (uint64_t)n->child };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		h = (h ^ parts[i]) * 0x9e3779b97f4a7c15u;
	for (int i = 0; i < NODE_ARGS; i++)
		h = (h ^ (uint64_t)n->arg[i]) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 31;
}

static bool node_same(const struct node *a, const struct node *b)
{
	return a->op == b->op && a->type == b->type && a->scope == b->scope && a->child == b->child && a->k == b->k && a->unit == b->unit &&
	       a->null == b->null && a->rolls == b->rolls && a->codes == b->codes && a->target == b->target && str_eq(a->text, b->text) &&
	       memcmp(a->arg, b->arg, sizeof(a->arg)) == 0;
}

/** Where the node is, or the free place for it. The table always has room. */
static int *node_slot(struct program *p, const struct node *n)
{
	size_t i = node_hash(n) & (p->slot_count - 1);

	while (p->slots[i] >= 0 && !node_same(&p->nodes.v[p->slots[i]], n))
		i = (i + 1) & (p->slot_count - 1);
	return &p->slots[i];
}

static bool make_room(struct program *p)
{
	size_t want = p->slot_count ? p->slot_count * 2 : 256;
	int *slots;

	if (p->nodes.len * 2 < p->slot_count)
		return true;
	slots = mem_alloc(want, sizeof(*slots));
	if (!slots)
		return false;
	memset(slots, 0xff, want * sizeof(*slots));
	free(p->slots);
	p->slots = slots;
	p->slot_count = want;
	for (size_t i = 0; i < p->nodes.len; i++)
		*node_slot(p, &p->nodes.v[i]) = (int)i;
	return true;
}

static int intern(struct program *p, const struct node *n)
{
	int *slot;

	if (p->failed || !make_room(p)) {
		p->failed = true;
		return -1;
	}
	slot = node_slot(p, n);
	if (*slot < 0) {
		p->failed = !vec_push(&p->nodes, *n);
		*slot = p->failed ? -1 : (int)p->nodes.len - 1;
	}
	return *slot;
}

struct str node_key(const struct program *p, int node, int32_t today, struct str *memo, struct arena *mem)
{
	const struct node *n = &p->nodes.v[node];
	bool is_derived = n->op == OP_DERIVED || n->op == OP_DERIVED_ABSENT; /* its number means nothing outside of this program */
	const int64_t facts[] = { n->op, n->type, n->scope, n->child, n->unit, n->null, n->rolls,
		n->op == OP_TODAY ? today
		: is_derived      ? 0
				  : n->k,
		n->target ? (int64_t)n->target->index : -1, (int64_t)n->text.len };
	struct str parts[NODE_ARGS] = { 0 };
	size_t bytes = sizeof(facts) + n->text.len + NODE_ARGS;
	char *key, *at;

	if (memo[node].ptr)
		return memo[node];
	for (int i = 0; i < NODE_ARGS; i++) {
		if (n->arg[i] >= 0 && !(parts[i] = node_key(p, n->arg[i], today, memo, mem)).ptr)
			return (struct str){ 0 };
		if (i == 0 && is_derived)
			parts[0] = str_of(p->derived.v[n->k].key);
		bytes += parts[i].len;
	}
	key = at = bytes > NODE_KEY_BYTES_MAX ? NULL : ARENA_NEW(mem, char, bytes);
	if (!key)
		return (struct str){ 0 };
	memcpy(at, facts, sizeof(facts));
	at += sizeof(facts);
	if (n->text.len > 0)
		memcpy(at, n->text.ptr, n->text.len);
	at += n->text.len;
	for (int i = 0; i < NODE_ARGS; i++) {
		*at++ = parts[i].len > 0 ? '+' : '-';
		if (parts[i].len > 0)
			memcpy(at, parts[i].ptr, parts[i].len);
		at += parts[i].len;
	}
	memo[node] = (struct str){ .ptr = key, .len = bytes };
	return memo[node];
}

/** Operators that read nothing but their arguments, the row's record, its children, and records it refers to. */
static const bool stands_alone[OP_COUNT] = { [OP_CONST] = true,
	[OP_TODAY] = true,
	[OP_COLUMN] = true,
	[OP_COLUMN_ABSENT] = true,
	[OP_REF] = true,
	[OP_REF_OF] = true,
	[OP_COLUMN_OF] = true,
	[OP_ABSENT_OF] = true,
	[OP_OUTER] = true,
	[OP_AGGREGATE] = true,
	[OP_AGGREGATE_ABSENT] = true,
	[OP_NOT] = true,
	[OP_AND] = true,
	[OP_OR] = true,
	[OP_EQ] = true,
	[OP_NE] = true,
	[OP_LT] = true,
	[OP_LE] = true,
	[OP_IS_NULL] = true,
	[OP_ABSENT] = true,
	[OP_ADD] = true,
	[OP_SUB] = true,
	[OP_MUL] = true,
	[OP_DIV] = true,
	[OP_NEGATE] = true,
	[OP_ABS] = true,
	[OP_LEAST] = true,
	[OP_GREATEST] = true,
	[OP_IF] = true,
	[OP_COALESCE] = true,
	[OP_LIKE] = true,
	[OP_CONTAINS] = true,
	[OP_MATCHES] = true,
	[OP_DATE_ADD] = true,
	[OP_DAYS] = true,
	[OP_WORKDAYS] = true,
	[OP_DEADLINE] = true,
	[OP_ADD_HOURS] = true,
	[OP_IS_WORKDAY] = true,
	[OP_MONTH] = true,
	[OP_YEAR] = true,
	[OP_DAY_OF] = true,
	[OP_CODE_TEXT] = true,
	[OP_FORMAT] = true };

static bool stands_alone_from(const struct program *p, int node, bool *seen, uint64_t *types)
{
	const struct node *n = &p->nodes.v[node];

	if (seen[node])
		return true;
	seen[node] = true;
	if (n->target)
		*types |= (uint64_t)1 << n->target->index;
	for (int i = 0; i < NODE_ARGS; i++)
		if (n->arg[i] >= 0 && !stands_alone_from(p, n->arg[i], seen, types))
			return false;
	return stands_alone[n->op];
}

bool node_stands_alone(const struct program *p, int node, uint64_t *ret_types)
{
	CLEANUP(mem_freep) bool *seen = mem_alloc(p->nodes.len + 1, sizeof(*seen));

	*ret_types = 0;
	return seen && stands_alone_from(p, node, seen, ret_types);
}

int node_outer(struct program *p, int a, int scope)
{
	const struct node *inner = &p->nodes.v[a];
	struct node n = { .op = OP_OUTER, .type = inner->type, .scope = scope, .codes = inner->codes, .arg = { a, -1, -1, -1, -1, -1 } };

	return intern(p, &n);
}

int node_make(struct program *p, const struct node *wanted)
{
	struct node n = *wanted;

	if (n.op == OP_COLUMN || n.op == OP_COLUMN_ABSENT || n.op == OP_REF || n.op == OP_AGGREGATE || n.op == OP_AGGREGATE_ABSENT ||
		n.op == OP_DERIVED || n.op == OP_DERIVED_ABSENT)
		return intern(p, &n); /* their scope is given */
	n.scope = -1;
	for (int i = 0; i < NODE_ARGS; i++)
		if (n.arg[i] >= 0 && p->nodes.v[n.arg[i]].scope > n.scope)
			n.scope = p->nodes.v[n.arg[i]].scope;
	for (int i = 0; i < NODE_ARGS && n.scope > 0; i++)
		if (n.arg[i] >= 0 && p->nodes.v[n.arg[i]].scope == 0)
			n.arg[i] = node_outer(p, n.arg[i], n.scope);
	return intern(p, &n);
}

int node_op(struct program *p, enum op op, enum value_type type, int a, int b, int c)
{
	return node_make(p, &(struct node){ .op = op, .type = type, .arg = { a, b, c, -1, -1, -1 } });
}

int node_const(struct program *p, enum value_type type, int64_t k)
{
	return node_make(p, &(struct node){ .op = OP_CONST, .type = type, .k = k, .arg = { -1, -1, -1, -1, -1, -1 } });
}

static bool fold_same(const struct fold *a, const struct fold *b)
{
	return a->kind == b->kind && a->quantile == b->quantile && a->value == b->value && a->filter == b->filter && a->order == b->order &&
	       a->value_absent == b->value_absent && a->filter_absent == b->filter_absent && a->order_absent == b->order_absent;
}

static bool derived_same(const struct derived *a, const struct derived *b)
{
	return a->kind == b->kind && a->type == b->type && a->codes == b->codes && a->target == b->target && a->grouping == b->grouping &&
	       fold_same(&a->fold, &b->fold) && a->members == b->members && a->reference == b->reference && a->inner == b->inner &&
	       a->keys == b->keys && a->months == b->months && a->days == b->days && a->date == b->date && a->date_absent == b->date_absent;
}

int node_derived_at(struct program *p, int k)
{
	const struct derived *d = &p->derived.v[k];
	struct node n = { .op = OP_DERIVED,
		.type = d->type,
		.k = k,
		.codes = d->codes,
		.target = d->type == TYPE_ROW ? d->target : NULL,
		.arg = { -1, -1, -1, -1, -1, -1 } };

	return node_make(p, &n);
}

int node_derived(struct program *p, const struct derived *d)
{
	size_t k = 0;

	while (k < p->derived.len && !derived_same(&p->derived.v[k], d))
		k++;
	if (k == p->derived.len && !vec_push(&p->derived, *d)) {
		p->failed = true;
		return -1;
	}
	return node_derived_at(p, (int)k);
}

/** Either of two nodes that may be missing (-1). */
static int either(struct program *p, int a, int b)
{
	if (a < 0 || b < 0 || a == b)
		return a < 0 ? b : a;
	return node_op(p, OP_OR, TYPE_BOOL, a, b, -1);
}

static int both(struct program *p, int a, int b)
{
	return a < 0 || b < 0 ? -1 : node_op(p, OP_AND, TYPE_BOOL, a, b, -1);
}

static int absent_if(struct program *p, const struct node *n)
{
	int c = node_absent(p, n->arg[2]), d = node_absent(p, n->arg[3]), taken, not_taken;

	if (c < 0 && d < 0)
		return n->arg[1];
	/* two-valued: a condition that is null without being absent counts as false */
	taken = node_op(p, OP_COALESCE, TYPE_BOOL, n->arg[0], -1, node_const(p, TYPE_BOOL, 0));
	not_taken = node_op(p, OP_NOT, TYPE_BOOL, taken, -1, -1);
	return either(p, n->arg[1], either(p, both(p, taken, c), both(p, not_taken, d)));
}

static int absent_coalesce(struct program *p, const struct node *n)
{
	int c = node_absent(p, n->arg[2]);

	if (c >= 0)
		c = both(p, node_op(p, OP_IS_NULL, TYPE_BOOL, n->arg[0], -1, -1), c);
	return either(p, n->arg[1], c);
}

/** Null because any operand is absent. */
static int absent_strict(struct program *p, int self, const struct node *n)
{
	int any = -1;

	for (int i = 0; i < NODE_ARGS; i++)
		if (n->arg[i] >= 0)
			any = either(p, any, node_absent(p, n->arg[i]));
	return any < 0 ? -1 : node_op(p, OP_ABSENT, TYPE_BOOL, self, any, -1);
}

int node_absent(struct program *p, int self)
{
	struct node n = p->nodes.v[self], made;
	int inner;

	switch (n.op) {
	case OP_CONST:
	case OP_TODAY:
	case OP_COLUMN_ABSENT:
	case OP_ABSENT_OF:
	case OP_AGGREGATE_ABSENT:
	case OP_ABSENT:
	case OP_FORMAT:
	case OP_AS_OF_ABSENT:
	case OP_DERIVED_ABSENT:
		return -1;
	case OP_IS_NULL: /* unknown exactly where its operand is absent */
		return n.arg[1];
	case OP_COLUMN:
		made = n;
		made.op = OP_COLUMN_ABSENT;
		made.type = TYPE_BOOL;
		made.codes = NULL;
		return node_make(p, &made);
	case OP_COLUMN_OF:
		made = n;
		made.op = OP_ABSENT_OF;
		made.type = TYPE_BOOL;
		made.codes = NULL;
		return node_make(p, &made);
	case OP_AS_OF:
		made = n;
		made.op = OP_AS_OF_ABSENT;
		made.type = TYPE_BOOL;
		made.codes = NULL;
		return either(p, node_make(p, &made), node_absent(p, n.arg[1]));
	case OP_DERIVED:
		made = n;
		made.op = OP_DERIVED_ABSENT;
		made.type = TYPE_BOOL;
		made.codes = NULL;
		made.target = NULL;
		return node_make(p, &made);
	case OP_REF: /* no such parent: the register does not hold it */
	case OP_REF_OF:
		return node_op(p, OP_IS_NULL, TYPE_BOOL, self, -1, -1);
	case OP_OUTER:
		inner = node_absent(p, n.arg[0]);
		return inner < 0 ? -1 : node_outer(p, inner, n.scope);
	case OP_AGGREGATE:
		made = (struct node){ .op = OP_AGGREGATE_ABSENT, .type = TYPE_BOOL, .child = n.child, .arg = { self, -1, -1, -1, -1, -1 } };
		return node_make(p, &made);
	case OP_IF:
		return absent_if(p, &n);
	case OP_COALESCE:
		return absent_coalesce(p, &n);
	case OP_NOT:
	case OP_AND:
	case OP_OR:
	case OP_EQ:
	case OP_NE:
	case OP_LT:
	case OP_LE:
	case OP_ADD:
	case OP_SUB:
	case OP_MUL:
	case OP_DIV:
	case OP_NEGATE:
	case OP_ABS:
	case OP_LEAST:
	case OP_GREATEST:
	case OP_LIKE:
	case OP_CONTAINS:
	case OP_STARTS:
	case OP_LENGTH:
	case OP_MATCHES:
	case OP_DATE_ADD:
	case OP_DAYS:
	case OP_WORKDAYS:
	case OP_DEADLINE:
	case OP_ADD_HOURS:
	case OP_IS_WORKDAY:
	case OP_IS_HOLIDAY:
	case OP_MONTH:
	case OP_YEAR:
	case OP_MONTH_START:
	case OP_QUARTER_START:
	case OP_HOUR:
	case OP_DAY_OF:
	case OP_CODE_TEXT:
	case OP_COUNT:
		break;
	}
	return absent_strict(p, self, &n);
}
