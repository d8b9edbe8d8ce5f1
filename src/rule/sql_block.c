/* Blocks: which nodes become columns of which layer, and the aggregates, whose members are a block of their own inside a scalar
 * subquery. Layers are common table expressions, so that deep rules do not nest deeply; LIMIT/OFFSET keeps both databases from
 * merging a layer into the next one, which would write and compute its values again for every reader. */
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "rule/sql_private.h"

#define DEPTH_MAX 8  /* operators inside one another within one expression: parsers have stacks */
#define ARGS_MAX 512 /* record values that the members of one aggregate look at */

/* ---- what a node reads ---- */

struct operands {
	int v[ARGS_MAX];
	int repeats[ARGS_MAX];
	size_t count;
	bool overflow;
};

static void add_operand(struct operands *o, int node, int repeats)
{
	if (node < 0)
		return;
	if (o->count == ARGS_MAX) {
		o->overflow = true;
		return;
	}
	o->v[o->count] = node;
	o->repeats[o->count++] = repeats;
}

/** Record values read by a member's expression. They are columns by then: a member must not compute them again. */
static void add_outer(const struct sql_writer *w, struct operands *o, int node)
{
	const struct node *n;

	if (node < 0 || (n = sql_node(w, node))->scope < 0)
		return;
	if (n->op == OP_OUTER) {
		add_operand(o, n->arg[0], 2);
		return;
	}
	for (int i = 0; i < NODE_ARGS; i++)
		add_outer(w, o, n->arg[i]);
}

static void operands_of(const struct sql_block *b, int node, struct operands *o)
{
	const struct node *n = sql_node(b->w, node);

	o->count = 0;
	if (n->op == OP_AGGREGATE || n->op == OP_AGGREGATE_ABSENT) {
		const struct node *aggregate = n->op == OP_AGGREGATE ? n : sql_node(b->w, n->arg[0]);

		if (n->op == OP_AGGREGATE_ABSENT)
			add_operand(o, n->arg[0], 1);
		for (int i = 0; i < NODE_ARGS; i++)
			add_outer(b->w, o, aggregate->arg[i]);
	} else if (!sql_is_atom(n) && n->op != OP_OUTER) {
		for (int i = 0; i < NODE_ARGS; i++)
			add_operand(o, n->arg[i], sql_repeats(b->w->p, n, i));
	}
}

/* ---- plan ---- */

static enum err_code count_uses(struct sql_block *b, const int *roots, size_t count, int *uses, struct operands *o, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (roots[i] >= 0) {
			b->needed[roots[i]] = true;
			uses[roots[i]]++;
		}
	for (size_t i = b->node_count; i-- > 0;) {
		if (!b->needed[i])
			continue;
		operands_of(b, (int)i, o);
		if (o->overflow)
			return err_set(err, ERR_UNSUPPORTED, "一个聚合读取的记录列超过 %d 个，SQL 引擎写不出", ARGS_MAX);
		for (size_t k = 0; k < o->count; k++) {
			b->needed[o->v[k]] = true;
			uses[o->v[k]] += o->repeats[k];
		}
	}
	return ERR_OK;
}

/** Decides which nodes are columns, and in which layer each can be computed. */
static void place(struct sql_block *b, const int *uses, int *depth, struct operands *o)
{
	for (size_t i = 0; i < b->node_count; i++) {
		const struct node *n = sql_node(b->w, (int)i);

		if (!b->needed[i] || n->op == OP_CONST || n->op == OP_OUTER)
			continue;
		if (sql_is_atom(n)) {
			b->let[i] = true;
			continue;
		}
		b->at[i] = 1;
		operands_of(b, (int)i, o);
		for (size_t k = 0; k < o->count; k++) {
			int a = o->v[k], at = b->let[a] ? b->at[a] + 1 : b->at[a];

			b->at[i] = at > b->at[i] ? at : b->at[i];
			depth[i] = depth[a] + 1 > depth[i] ? depth[a] + 1 : depth[i];
		}
		b->let[i] = uses[i] > 1 || depth[i] >= DEPTH_MAX;
		if (b->let[i])
			depth[i] = 0;
		if (b->let[i] && b->at[i] > b->last)
			b->last = b->at[i];
	}
}

/** Marks the columns of lower layers that the computation of `node` reads. */
static void collect(const struct sql_block *b, int node, bool *live)
{
	struct operands o = { 0 };

	operands_of(b, node, &o);
	for (size_t k = 0; k < o.count; k++) {
		if (b->let[o.v[k]])
			live[o.v[k]] = true;
		else
			collect(b, o.v[k], live);
	}
}

/** live[layer]: what the layer hands on, from the last one down. */
static void find_live(struct sql_block *b, const int *roots, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (roots[i] < 0)
			continue;
		if (b->let[roots[i]])
			b->live[b->last][roots[i]] = true;
		else
			collect(b, roots[i], b->live[b->last]);
	}
	for (int layer = b->last; layer > 0; layer--)
		for (size_t i = 0; i < b->node_count; i++) {
			if (!b->live[layer][i])
				continue;
			if (b->at[i] < layer)
				b->live[layer - 1][i] = true;
			else
				collect(b, (int)i, b->live[layer - 1]);
		}
}

static enum err_code plan(struct sql_block *b, const int *roots, size_t count, struct err *err)
{
	CLEANUP(mem_freep) int *uses = mem_alloc(b->node_count + 1, sizeof(*uses));
	CLEANUP(mem_freep) int *depth = mem_alloc(b->node_count + 1, sizeof(*depth));
	CLEANUP(mem_freep) struct operands *o = mem_alloc(1, sizeof(*o));

	b->needed = mem_alloc(b->node_count + 1, sizeof(*b->needed));
	b->let = mem_alloc(b->node_count + 1, sizeof(*b->let));
	b->at = mem_alloc(b->node_count + 1, sizeof(*b->at));
	if (!uses || !depth || !o || !b->needed || !b->let || !b->at)
		return err_nomem(err);
	TRY(count_uses(b, roots, count, uses, o, err));
	place(b, uses, depth, o);
	b->live = mem_alloc((size_t)b->last + 1, sizeof(*b->live));
	if (!b->live)
		return err_nomem(err);
	for (int layer = 0; layer <= b->last; layer++) {
		b->live[layer] = mem_alloc(b->node_count + 1, sizeof(bool));
		if (!b->live[layer])
			return err_nomem(err);
	}
	find_live(b, roots, count);
	return ERR_OK;
}

enum err_code sql_block_open(struct sql_writer *w, const struct sql_block *outer, int scope, const int *roots, size_t count,
	struct sql_block *ret, struct err *err)
{
	enum err_code code;

	*ret = (struct sql_block){ .w = w, .outer = outer, .scope = scope, .number = w->next_block++, .node_count = w->p->nodes.len };
	code = plan(ret, roots, count, err);
	if (code != ERR_OK)
		sql_block_clear(ret);
	return code;
}

void sql_block_clear(struct sql_block *b)
{
	for (int layer = 0; b->live && layer <= b->last; layer++)
		free(b->live[layer]);
	free(b->live);
	free(b->needed);
	free(b->let);
	free(b->at);
	*b = (struct sql_block){ 0 };
}

/* ---- layers ---- */

static const char *row_name(const struct sql_block *b)
{
	return b->scope == 0 ? "r" : "c";
}

void sql_put(struct sql_block *b, int node)
{
	const struct node *n = sql_node(b->w, node);

	if (n->op == OP_OUTER) /* a constant of the record was folded; the rest are its columns */
		buf_printf(b->w->out, "r.n%d", n->arg[0]);
	else if (b->let[node])
		buf_printf(b->w->out, "%s.n%d", row_name(b), node);
	else
		sql_put_node(b, node);
}

/** Joins of a reference: its unique keys in order, the first found wins; a deleted row is in no table of keys. How many tables. */
static size_t put_reference(struct sql_block *b, int node)
{
	struct sql_writer *w = b->w;
	const struct node *n = sql_node(w, node);

	if (n->op == OP_DERIVED) { /* the key of a group that is a parent's row */
		buf_puts(w->out, " LEFT JOIN ");
		dictionary_table(n->target, NULL, w->out);
		buf_printf(w->out, " p%d ON p%d.id = d%d.n", node, node, (int)n->k);
		return 1;
	}
	const struct dictionary_type *own = n->op == OP_REF ? w->p->type : sql_node(w, n->arg[0])->target;
	int child = n->op == OP_REF ? n->scope - 1 : -1;
	const struct dictionary_reference *ref = child < 0 ? &own->references[n->k] : &own->children[child].references[n->k];
	const struct dictionary_column *columns = child < 0 ? own->columns : own->children[child].columns;
	char row[16];

	if (n->op == OP_REF)
		snprintf(row, sizeof(row), "%s", b->scope == 0 ? "t" : "c");
	else
		snprintf(row, sizeof(row), "p%d", n->arg[0]);
	for (size_t k = 0; k < ref->by_count; k++) {
		buf_puts(w->out, " LEFT JOIN ");
		sql_key_table(ref->type, ref->by[k].to, w->out);
		buf_printf(w->out, " k%d_%zu ON k%d_%zu.value = %s.%.*s", node, k, node, k, row, STR_ARG(columns[ref->by[k].from].name));
	}
	buf_puts(w->out, " LEFT JOIN ");
	dictionary_table(ref->type, NULL, w->out);
	buf_printf(w->out, " p%d ON p%d.id = %s", node, node, ref->by_count > 1 ? "COALESCE(" : "");
	for (size_t k = 0; k < ref->by_count; k++)
		buf_printf(w->out, "%sk%d_%zu.id", k ? ", " : "", node, k);
	buf_puts(w->out, ref->by_count > 1 ? ")" : "");
	return ref->by_count + 1;
}

/** The rows of references that layer 0 reads, each after the row it starts from. */
static void want_rows(const struct sql_block *b, int node, bool *rows)
{
	const struct node *n = sql_node(b->w, node);

	if (n->op == OP_COLUMN_OF || n->op == OP_ABSENT_OF || n->op == OP_AS_OF_ABSENT || n->op == OP_REF_OF)
		want_rows(b, n->arg[0], rows);
	if (n->op == OP_REF || n->op == OP_REF_OF || (n->op == OP_DERIVED && n->type == TYPE_ROW))
		rows[node] = true;
}

/** Derived columns stand in xz_value under the record's, or the group's, id. */
static size_t put_derived(struct sql_block *b, const bool *rows)
{
	struct sql_writer *w = b->w;
	const char *id = w->from->grouping ? "grp" : "id";
	CLEANUP(mem_freep) bool *joined = mem_alloc(w->from->derived.len + 1, sizeof(*joined));
	size_t count = 0;

	w->failed |= !joined;
	for (size_t i = 0; joined && i < b->node_count; i++) {
		const struct node *n = sql_node(w, (int)i);

		if ((n->op != OP_DERIVED && n->op != OP_DERIVED_ABSENT) || (!b->live[0][i] && !rows[i]) || joined[n->k])
			continue;
		joined[n->k] = true;
		buf_printf(w->out, " LEFT JOIN xz_value d%d ON d%d.slot = %d AND d%d.rec = t.%s", (int)n->k, (int)n->k,
			w->engine->slots[w->from->index] + (int)n->k, (int)n->k, id);
		count++;
	}
	return count;
}

static void put_from_tables(struct sql_block *b)
{
	struct sql_writer *w = b->w;
	const struct dictionary_type *t = w->p->type;
	CLEANUP(mem_freep) bool *rows = mem_alloc(b->node_count + 1, sizeof(*rows));
	size_t joins = 0;

	if (!rows) {
		w->failed = true;
		return;
	}
	buf_puts(w->out, " FROM ");
	if (b->scope == 0 && w->from->grouping)
		buf_puts(w->out, "xz_member");
	else
		dictionary_table(t, b->scope == 0 ? NULL : &t->children[b->scope - 1], w->out);
	buf_puts(w->out, b->scope == 0 ? " t" : " c");
	for (size_t i = 0; i < b->node_count; i++)
		if (b->live[0][i])
			want_rows(b, (int)i, rows);
	if (b->scope == 0)
		joins += put_derived(b, rows);
	for (size_t i = 0; i < b->node_count; i++)
		if (rows[i])
			joins += put_reference(b, (int)i);
	w->joins = joins > w->joins ? joins : w->joins;
	if (b->scope == 0 && w->from->grouping)
		buf_printf(w->out, " WHERE t.part = %zu AND t.rec = t.grp", w->from->grouping->index);
	else
		buf_puts(w->out, b->scope == 0 ? " WHERE t.deleted = 0" : " WHERE c.record_id = r.id");
}

static void put_layer(struct sql_block *b, int layer)
{
	struct sql_writer *w = b->w;
	const char *from = layer == 0 ? (b->scope == 0 ? "t" : "c") : row_name(b);
	size_t columns = 2;

	buf_printf(w->out, "%s b%d_%d AS (SELECT ", layer ? "," : "WITH", b->number, layer);
	if (b->scope == 0 && layer == 0 && w->from->grouping)
		buf_puts(w->out, "t.grp AS id, 0 AS supply_id");
	else if (b->scope == 0)
		buf_printf(w->out, "%s.id, %s.supply_id", from, from);
	else
		buf_printf(w->out, "%s.seq", from);
	for (size_t i = 0; i < b->node_count; i++) {
		if (!b->live[layer][i])
			continue;
		buf_puts(w->out, ", ");
		if (b->at[i] < layer)
			buf_printf(w->out, "%s.n%zu", from, i);
		else
			sql_put_node(b, (int)i);
		if (b->at[i] == layer)
			buf_printf(w->out, " AS n%zu", i);
		columns++;
	}
	w->widest = columns > w->widest ? columns : w->widest;
	if (layer == 0)
		put_from_tables(b);
	else
		buf_printf(w->out, " FROM b%d_%d %s", b->number, layer - 1, from);
	if (b->scope > 0 && b->last == 0) /* members without steps in between: reading a column twice costs less than handing it on */
		buf_puts(w->out, ")");
	else
		buf_puts(w->out, w->dialect == DB_PG ? " OFFSET 0)" : " LIMIT -1 OFFSET 0)");
}

void sql_block_write(struct sql_block *b)
{
	for (int layer = 0; layer <= b->last; layer++)
		put_layer(b, layer);
}

void sql_block_from(struct sql_block *b)
{
	buf_printf(b->w->out, " FROM b%d_%d %s", b->number, b->last, row_name(b));
}

/* ---- aggregates ---- */

/** A member's block within the record's. */
struct members {
	struct sql_block b;
	const struct node *n; /* the aggregate */
	struct node copy;
};

static bool members_open(struct sql_block *b, int aggregate, struct members *ret)
{
	struct err err;

	ret->copy = *sql_node(b->w, aggregate);
	ret->n = &ret->copy;
	if (sql_block_open(b->w, b, 1 + ret->n->child, ret->n->arg, NODE_ARGS, &ret->b, &err) == ERR_OK)
		return true;
	b->w->failed = true;
	return false;
}

static void members_clear(struct members *m)
{
	sql_block_clear(&m->b);
}

/** Starts "(WITH … SELECT"; the caller writes the select list and calls members_end. */
static void members_begin(struct members *m)
{
	buf_puts(m->b.w->out, "(");
	m->b.number = m->b.w->next_block++;
	sql_block_write(&m->b);
	buf_puts(m->b.w->out, " SELECT ");
}

static void members_end(struct members *m)
{
	sql_block_from(&m->b);
	buf_puts(m->b.w->out, ")");
}

/* An aggregate function over values of the record only would be the record's: SQL looks at whose columns stand in it. */
#define OF_MEMBERS "CASE WHEN c.seq IS NOT NULL"

static void put_filter(struct members *m)
{
	if (m->n->arg[1] < 0)
		return;
	buf_puts(m->b.w->out, " AND ");
	sql_put(&m->b, m->n->arg[1]);
}

/** "COUNT(CASE WHEN … filter AND … THEN 1 END)": `what` is text with $x for the value. */
static void put_count_of(struct members *m, const char *what)
{
	struct buf *out = m->b.w->out;

	if (m->n->arg[1] < 0 && !what) {
		buf_puts(out, "COUNT(*)");
		return;
	}
	buf_puts(out, "COUNT(" OF_MEMBERS);
	put_filter(m);
	if (what)
		buf_puts(out, " AND ");
	for (const char *at = what; at && *at; at++) {
		if (*at == '$' && *++at == 'x')
			sql_put(&m->b, m->n->arg[0]);
		else
			buf_putc(out, *at);
	}
	buf_puts(out, " THEN 1 END)");
}

static bool can_be_absent(const struct node *n)
{
	return n->arg[2] >= 0 || n->arg[3] >= 0 || n->arg[5] >= 0;
}

/** The filter, then `test` of the value or order and its flag. */
static void put_flagged(struct members *m, int value, int flag)
{
	struct buf *out = m->b.w->out;

	buf_puts(out, " OR (");
	if (m->n->arg[1] >= 0) {
		sql_put(&m->b, m->n->arg[1]);
		buf_puts(out, " AND ");
	}
	sql_put(&m->b, m->n->arg[value]);
	buf_puts(out, " IS NULL AND ");
	sql_put(&m->b, m->n->arg[flag]);
	buf_puts(out, ")");
}

/** "COUNT(CASE WHEN … THEN 1 END) > 0": some member lacks what it takes to know whether or with what it counts. */
static void put_absent(struct members *m)
{
	struct buf *out = m->b.w->out;

	buf_puts(out, "COUNT(" OF_MEMBERS " AND (");
	if (m->n->arg[3] >= 0)
		sql_put(&m->b, m->n->arg[3]);
	else
		buf_puts(out, "FALSE");
	if (m->n->arg[2] >= 0)
		put_flagged(m, 0, 2);
	if (m->n->arg[5] >= 0)
		put_flagged(m, 4, 5);
	buf_puts(out, ") THEN 1 END) > 0");
}

/** The value of the members that the filter lets through. */
static void put_value(struct members *m)
{
	buf_puts(m->b.w->out, OF_MEMBERS);
	put_filter(m);
	buf_puts(m->b.w->out, " THEN ");
	sql_put(&m->b, m->n->arg[0]);
	buf_puts(m->b.w->out, " END");
}

/** PostgreSQL sums into NUMERIC; SQLite sums the upper and lower halves, whose sums always fit. */
static void put_sum(struct members *m)
{
	struct sql_writer *w = m->b.w;
	const char *const pg[] = { "CASE WHEN SUM(", ") BETWEEN (-9223372036854775808) AND 9223372036854775807 THEN CAST(SUM(",
		") AS BIGINT) END" };
	const char *const lite[] = { "CASE WHEN SUM((", ") >> 32) + (SUM((",
		") & 4294967295) >> 32) BETWEEN -2147483648 AND 2147483647 THEN (SUM((", ") >> 32) + (SUM((",
		") & 4294967295) >> 32)) * 4294967296 + (SUM((", ") & 4294967295) & 4294967295) END" };
	const char *const *parts = w->dialect == DB_PG ? pg : lite;
	size_t count = w->dialect == DB_PG ? 3 : 6;

	for (size_t i = 0; i < count; i++) {
		buf_puts(w->out, parts[i]);
		if (i + 1 == count)
			break;
		put_value(m);
	}
}

static void put_extreme(struct members *m)
{
	struct buf *out = m->b.w->out;

	buf_puts(out, m->n->k == AGGREGATE_MIN ? "MIN(" : "MAX(");
	put_value(m);
	buf_puts(out, ")");
}

/** exists where nothing can be absent ends with the first member found. */
static void put_exists(struct members *m)
{
	struct buf *out = m->b.w->out;

	buf_puts(out, "EXISTS ");
	members_begin(m);
	buf_puts(out, "1");
	sql_block_from(&m->b);
	buf_puts(out, " WHERE TRUE");
	put_filter(m);
	if (m->n->arg[0] >= 0) {
		buf_puts(out, " AND ");
		sql_put(&m->b, m->n->arg[0]);
		buf_puts(out, " IS NOT NULL");
	}
	buf_puts(out, ")");
}

/** exists, any, all: decided by one member, undecided by another. */
static void put_quantifier(struct members *m)
{
	struct buf *out = m->b.w->out;
	bool all = m->n->k == AGGREGATE_ALL, counts_unknown = m->n->k != AGGREGATE_EXISTS && m->n->arg[0] >= 0;
	const char *decisive = m->n->arg[0] < 0 ? NULL : m->n->k == AGGREGATE_EXISTS ? "$x IS NOT NULL" : all ? "NOT $x" : "$x";

	buf_puts(out, "CASE WHEN ");
	put_count_of(m, decisive);
	buf_printf(out, " > 0 THEN %s", all ? "FALSE" : "TRUE");
	if (can_be_absent(m->n)) {
		buf_puts(out, " WHEN ");
		put_absent(m);
		buf_puts(out, " THEN NULL");
	}
	if (counts_unknown) {
		buf_puts(out, " WHEN ");
		put_count_of(m, "$x IS NULL");
		buf_puts(out, " > 0 THEN NULL");
	}
	buf_printf(out, " ELSE %s END", all ? "TRUE" : "FALSE");
}

/** The member that stands first or last by the order, ties by the order of the source. */
static void put_ordered(struct members *m)
{
	struct buf *out = m->b.w->out;
	const char *direction = m->n->k == AGGREGATE_FIRST ? "ASC" : "DESC";

	if (can_be_absent(m->n)) {
		buf_puts(out, "CASE WHEN ");
		members_begin(m);
		put_absent(m);
		members_end(m);
		buf_puts(out, " THEN NULL ELSE ");
	}
	members_begin(m);
	sql_put(&m->b, m->n->arg[0]);
	sql_block_from(&m->b);
	buf_puts(out, " WHERE ");
	if (m->n->arg[1] >= 0)
		sql_put(&m->b, m->n->arg[1]);
	else
		buf_puts(out, "TRUE");
	if (m->n->arg[4] >= 0) {
		buf_puts(out, " AND ");
		sql_put(&m->b, m->n->arg[4]);
		buf_puts(out, " IS NOT NULL");
	}
	buf_puts(out, " ORDER BY ");
	if (m->n->arg[4] >= 0) {
		sql_put(&m->b, m->n->arg[4]);
		buf_printf(out, " %s, ", direction);
	}
	buf_printf(out, "c.seq %s LIMIT 1)", direction);
	if (can_be_absent(m->n))
		buf_puts(out, " END");
}

/** count, sum, min, max: null when some member is absent. */
static void put_number(struct members *m)
{
	struct buf *out = m->b.w->out;
	bool guarded = can_be_absent(m->n);

	if (guarded) {
		buf_puts(out, "CASE WHEN NOT (");
		put_absent(m);
		buf_puts(out, ") THEN ");
	}
	if (m->n->k == AGGREGATE_COUNT)
		put_count_of(m, m->n->arg[0] < 0 ? NULL : "$x IS NOT NULL");
	else if (m->n->k == AGGREGATE_SUM)
		put_sum(m);
	else
		put_extreme(m);
	buf_puts(out, guarded ? " END" : "");
}

void sql_put_aggregate(struct sql_block *b, int node)
{
	CLEANUP(members_clear) struct members m = { 0 };
	struct sql_writer *w = b->w;
	bool always = sql_all_supply(w->engine, w->p->type, sql_node(w, node)->child, -1);

	if (!members_open(b, node, &m))
		return;
	if (!always) {
		buf_puts(w->out, "CASE WHEN ");
		sql_put_supplied(w, "r", w->p->type, m.n->child, -1);
		buf_puts(w->out, " THEN ");
	}
	if (m.n->k == AGGREGATE_FIRST || m.n->k == AGGREGATE_LAST) {
		put_ordered(&m);
	} else if (m.n->k == AGGREGATE_EXISTS && !can_be_absent(m.n)) {
		put_exists(&m);
	} else {
		members_begin(&m);
		if (m.n->k == AGGREGATE_EXISTS || m.n->k == AGGREGATE_ANY || m.n->k == AGGREGATE_ALL)
			put_quantifier(&m);
		else
			put_number(&m);
		members_end(&m);
	}
	buf_puts(w->out, always ? "" : " END");
}

void sql_put_aggregate_absent(struct sql_block *b, int node)
{
	CLEANUP(members_clear) struct members m = { 0 };
	struct sql_writer *w = b->w;
	int aggregate = sql_node(w, node)->arg[0];

	if (!members_open(b, aggregate, &m))
		return;
	buf_puts(w->out, "(");
	sql_put(b, aggregate);
	buf_puts(w->out, " IS NULL AND (NOT ");
	sql_put_supplied(w, "r", w->p->type, m.n->child, -1);
	if (can_be_absent(m.n)) {
		buf_puts(w->out, " OR ");
		members_begin(&m);
		put_absent(&m);
		members_end(&m);
	}
	buf_puts(w->out, "))");
}
