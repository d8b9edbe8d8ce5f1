/* Groups, windows and referrers in SQL. Each derived column becomes rows of xz_value: first the members' values are computed into
 * xz_input, one row a record, then one statement folds them by bucket (group, record with its window, row referred to). The steps and their
 * meaning are those of group.c and fold.c. */
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "rule/sql_private.h"

#define SQL_BYTES_MAX ((size_t)32 << 20)
#define VALID "(i.n IS NOT NULL OR i.t IS NOT NULL)"

static bool is_text(enum value_type type)
{
	return type == TYPE_TEXT || type == TYPE_CODE;
}

static int slot_of(const struct sql_engine *e, const struct program *p, int k)
{
	return e->slots[p->index] + k;
}

static void writer_done(struct sql_writer *w)
{
	vec_clear(&w->texts);
}

/** Runs a statement whose text binds nothing. */
static enum err_code run_buf(struct sql_engine *e, struct buf *sql, struct err *err)
{
	struct sql_writer w = { .engine = e, .out = sql };

	return sql->failed ? err_nomem(err) : sql_execute(e, &w, err);
}

/* ---- values of records into a table ---- */

/** A column of an INSERT: a node (-1: the text instead) as a number (truths as 1 and 0), as text if it is one, or as text in any case. */
struct output {
	enum { AS_NUMBER, AS_TEXT, AS_KEY } form;
	int node;
	const char *otherwise;
	int reference; /* 1 + a reference of the record, in place of a node: the row it stands for */
};

static void put_output(struct sql_block *b, const struct output *o, int node)
{
	struct buf *out = b->w->out;
	enum value_type type = node >= 0 ? sql_node(b->w, node)->type : TYPE_NULL;

	if (node < 0 || (o->form == AS_NUMBER && is_text(type)) || (o->form == AS_TEXT && !is_text(type))) {
		buf_puts(out, o->node < 0 ? o->otherwise : "NULL");
	} else if (type == TYPE_BOOL && o->form == AS_KEY) {
		buf_puts(out, "CASE WHEN ");
		sql_put(b, node);
		buf_puts(out, " THEN '1' ELSE '0' END");
	} else if (type == TYPE_BOOL) {
		buf_puts(out, "CASE WHEN ");
		sql_put(b, node);
		buf_puts(out, " THEN 1 WHEN NOT ");
		sql_put(b, node);
		buf_puts(out, " THEN 0 END");
	} else if (o->form == AS_KEY) {
		buf_puts(out, "CAST(");
		sql_put(b, node);
		buf_puts(out, " AS TEXT)");
	} else {
		sql_put(b, node);
	}
}

#define OUTPUTS_MAX (2 * GROUP_KEYS_MAX + 12)

/** The rows of a program's records, to be written with more than its nodes. */
struct rows {
	const struct program *program;
	const char *into, *first;     /* "xz_input (rec, …)", what stands before the nodes */
	const struct output *outputs; /* the written ones, then those that `put_rest` only reads */
	size_t written, count;
	void (*put_rest)(struct sql_block *b, const int *nodes, const void *arg); /* further columns, FROM, WHERE; NULL: FROM */
	const void *arg;
};

static int reference_node(struct sql_lowering *l, int reference)
{
	const struct dictionary_reference *ref = &l->to->type->references[reference];

	return node_make(l->to,
		&(struct node){ .op = OP_REF, .type = TYPE_ROW, .k = reference, .target = ref->type, .arg = { -1, -1, -1, -1, -1, -1 } });
}

/** INSERT INTO … SELECT the nodes FROM the records of the program. */
static enum err_code insert_rows(struct sql_engine *e, const struct rows *rows, struct err *err)
{
	CLEANUP(buf_clear) struct buf sql = { 0 };
	CLEANUP(writer_done) struct sql_writer w = { .engine = e, .dialect = db_dialect(e->db), .out = &sql };
	CLEANUP(sql_block_clear) struct sql_block b = { 0 };
	struct sql_lowering *l;
	int roots[2 * OUTPUTS_MAX], nodes[OUTPUTS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < rows->count; i++)
		nodes[i] = rows->outputs[i].node;
	TRY(sql_prepare(e, rows->program, nodes, rows->count, err));
	TRY(sql_lowering_of(e, rows->program, &l, err));
	for (size_t i = 0; i < rows->count; i++) { /* truths are read twice */
		nodes[i] = rows->outputs[i].reference ? reference_node(l, rows->outputs[i].reference - 1)
		                                      : sql_lower(l, rows->outputs[i].node);
		roots[n++] = nodes[i];
		roots[n++] = nodes[i];
	}
	w.p = l->to;
	w.from = l->from;
	buf_init(&sql, SQL_BYTES_MAX);
	buf_printf(&sql, "INSERT INTO %s ", rows->into);
	TRY(sql_block_open(&w, NULL, 0, roots, n, &b, err));
	sql_block_write(&b);
	buf_printf(&sql, " SELECT %s", rows->first);
	for (size_t i = 0; i < rows->written; i++) {
		buf_puts(&sql, ", ");
		put_output(&b, &rows->outputs[i], nodes[i]);
	}
	if (rows->put_rest)
		rows->put_rest(&b, nodes, rows->arg);
	else
		sql_block_from(&b);
	if (w.failed || sql.failed || l->to->failed)
		return err_nomem(err);
	return sql_execute(e, &w, err);
}

/* ---- groups ---- */

static void put_or_null_and(struct sql_block *b, int node, int flag)
{
	struct buf *out = b->w->out;

	if (node < 0 || flag < 0)
		return;
	buf_puts(out, " OR (");
	sql_put(b, node);
	buf_puts(out, " IS NULL AND ");
	sql_put(b, flag);
	buf_puts(out, ")");
}

/** Whether a record that is not known to be outside can be placed, and whether it lacks something for that: (placed, absent). */
static void put_placing(struct sql_block *b, const int *nodes, const void *arg)
{
	const struct grouping *g = arg;
	struct buf *out = b->w->out;
	int members = nodes[2 * g->key_count], members_absent = nodes[2 * g->key_count + 1];

	buf_puts(out, ", CASE WHEN TRUE");
	for (size_t k = 0; k < g->key_count; k++) {
		buf_puts(out, " AND ");
		sql_put(b, nodes[k]);
		buf_puts(out, " IS NOT NULL");
	}
	if (members >= 0) {
		buf_puts(out, " AND ");
		sql_put(b, members);
		buf_puts(out, " IS NOT NULL");
	}
	buf_puts(out, " THEN 1 ELSE 0 END, CASE WHEN FALSE");
	for (size_t k = 0; k < g->key_count; k++)
		put_or_null_and(b, nodes[k], nodes[g->key_count + k]);
	put_or_null_and(b, members, members_absent);
	buf_puts(out, " THEN 1 ELSE 0 END");
	sql_block_from(b);
	if (members >= 0) {
		buf_puts(out, " WHERE COALESCE(");
		sql_put(b, members);
		buf_puts(out, ", TRUE)");
	}
}

static enum err_code place_records(struct sql_engine *e, const struct grouping *g, struct err *err)
{
	CLEANUP(buf_clear) struct buf into = { 0 };
	struct output outputs[OUTPUTS_MAX];
	struct rows rows = { .program = g->records, .outputs = outputs, .written = g->key_count, .put_rest = put_placing, .arg = g };
	char first[64];

	buf_init(&into, 4096);
	buf_puts(&into, "xz_placed (part, rec");
	for (size_t k = 0; k < g->key_count; k++) {
		outputs[rows.count++] = (struct output){ .form = AS_KEY, .node = g->keys[k] };
		buf_printf(&into, ", k%zu", k);
	}
	buf_puts(&into, ", placed, absent)");
	for (size_t k = 0; k < g->key_count; k++)
		outputs[rows.count++] = (struct output){ .node = g->keys_absent[k] };
	outputs[rows.count++] = (struct output){ .node = g->members };
	outputs[rows.count++] = (struct output){ .node = g->members_absent };
	snprintf(first, sizeof(first), "%zu, r.id", g->index);
	rows.into = into.ptr;
	rows.first = first;
	return into.failed ? err_nomem(err) : insert_rows(e, &rows, err);
}

/** The keys of the groups, taken from their first records. */
static enum err_code fill_key(struct sql_engine *e, const struct grouping *g, size_t k, struct err *err)
{
	CLEANUP(buf_clear) struct buf sql = { 0 };
	const struct derived *key = &g->groups->derived.v[k];

	buf_init(&sql, 4096);
	buf_printf(&sql, "INSERT INTO xz_value (slot, rec, n, t, absent) SELECT %d, m.rec, ", slot_of(e, g->groups, (int)k));
	buf_printf(&sql, is_text(key->type) ? "NULL, p.k%zu" : "CAST(p.k%zu AS BIGINT), NULL", k);
	buf_printf(&sql, ", 0 FROM xz_member m JOIN xz_placed p ON p.part = m.part AND p.rec = m.rec WHERE m.part = %zu AND m.rec = m.grp",
		g->index);
	e->filled[slot_of(e, g->groups, (int)k)] = true;
	return run_buf(e, &sql, err);
}

enum err_code sql_group(struct sql_engine *e, const struct grouping *g, struct err *err)
{
	CLEANUP(buf_clear) struct buf sql = { 0 };

	if (e->grouped[g->index])
		return ERR_OK;
	e->grouped[g->index] = true;
	TRY(place_records(e, g, err));
	buf_init(&sql, 4096);
	buf_puts(&sql, "INSERT INTO xz_member (part, rec, grp) SELECT p.part, p.rec, MIN(p.rec) OVER (PARTITION BY ");
	for (size_t k = 0; k < g->key_count; k++)
		buf_printf(&sql, "%sp.k%zu", k ? ", " : "", k);
	buf_printf(&sql, ") FROM xz_placed p WHERE p.part = %zu AND p.placed = 1", g->index);
	TRY(run_buf(e, &sql, err));
	TRY(sql_analyze(e, "xz_member", err));
	TRY(sql_analyze(e, "xz_placed", err));
	for (size_t k = 0; k < g->key_count; k++)
		TRY(fill_key(e, g, k, err));
	return ERR_OK;
}

/* ---- what an aggregate reads of each member ---- */

/** Behind the values of a referring record: it has no parent, and its source does not even deliver the columns it would go by. */
static void put_hidden(struct sql_block *b, const int *nodes, const void *arg)
{
	const struct derived *d = arg;
	const struct dictionary_type *t = d->members->type;
	const struct dictionary_reference *ref = &t->references[d->reference];
	struct buf *out = b->w->out;

	buf_puts(out, ", CASE WHEN ");
	sql_put(b, nodes[8]);
	buf_puts(out, " IS NULL");
	for (size_t k = 0; k < ref->by_count; k++) {
		buf_puts(out, " AND NOT ");
		sql_put_supplied(b->w, "r", t, -1, ref->by[k].from);
	}
	buf_puts(out, " THEN 1 ELSE 0 END");
	sql_block_from(b);
}

static enum err_code fill_input(struct sql_engine *e, const struct program *members, const struct derived *d, struct err *err)
{
	const struct fold *f = &d->fold;
	bool referring = d->kind == DERIVED_REFERRERS, window = d->kind == DERIVED_WINDOW;
	struct output outputs[] = {
		{ AS_NUMBER, f->value, "1", 0 },
		{ AS_TEXT, f->value, "NULL", 0 },
		{ AS_NUMBER, f->filter, "1", 0 },
		{ AS_NUMBER, f->order, "r.id", 0 },
		{ AS_NUMBER, f->value_absent, "0", 0 },
		{ AS_NUMBER, f->filter_absent, "0", 0 },
		{ AS_NUMBER, f->order_absent, "0", 0 },
		{ AS_NUMBER, window ? d->date : -1, "NULL", 0 },
		{ AS_NUMBER, window ? d->date_absent : -1, "0", referring ? d->reference + 1 : 0 },
	};
	struct rows rows = { .program = members,
		.into = referring ? "xz_input (rec, n, t, f, o, va, fa, oa, d, b, h)" : "xz_input (rec, n, t, f, o, va, fa, oa, d, da)",
		.first = "r.id",
		.outputs = outputs,
		.written = sizeof(outputs) / sizeof(outputs[0]),
		.count = sizeof(outputs) / sizeof(outputs[0]),
		.put_rest = referring ? put_hidden : NULL,
		.arg = d };

	TRY(insert_rows(e, &rows, err));
	return sql_analyze(e, "xz_input", err);
}

/* ---- folding ---- */

/** Pieces of one fold's statement. */
struct folding {
	struct sql_engine *e;
	const struct derived *d;
	struct buf *out;
	bool pg;
	const char *bucket; /* "m.grp" */
	struct str pairs;   /* FROM … WHERE …: every bucket with its members */
};

static void put_pairs(struct folding *f)
{
	buf_put(f->out, f->pairs);
}

/** How many members' values lack something, or the bucket as a whole does. */
static void put_absence(struct folding *f)
{
	bool ordered = f->d->fold.kind == AGGREGATE_FIRST || f->d->fold.kind == AGGREGATE_LAST;

	buf_puts(f->out, "(COALESCE(MAX(CASE WHEN i.fa = 1 OR (i.f = 1 AND NOT " VALID " AND i.va = 1)");
	buf_puts(f->out, ordered ? " OR (i.f = 1 AND i.o IS NULL AND i.oa = 1)" : "");
	buf_puts(f->out, " THEN 1 ELSE 0 END), 0)");
	if (f->d->kind == DERIVED_WINDOW)
		buf_puts(f->out, " + COALESCE(MAX(x.h), 0)");
	if (f->d->kind == DERIVED_REFERRERS)
		buf_puts(f->out, " + (SELECT COALESCE(MAX(u.h), 0) FROM xz_input u)");
	buf_puts(f->out, ")");
}

static void put_count(struct folding *f, const char *condition)
{
	buf_printf(f->out, "COUNT(CASE WHEN i.f = 1 AND %s THEN 1 END)", condition);
}

/** What is gathered per bucket: v, and u where unknown members matter. */
static void put_gathered(struct folding *f)
{
	switch (f->d->fold.kind) {
	case AGGREGATE_COUNT:
	case AGGREGATE_EXISTS:
		put_count(f, VALID);
		buf_puts(f->out, " AS v");
		return;
	case AGGREGATE_ANY:
	case AGGREGATE_ALL:
		put_count(f, f->d->fold.kind == AGGREGATE_ANY ? "i.n = 1" : "i.n = 0");
		buf_puts(f->out, " AS v, ");
		put_count(f, "i.n IS NULL");
		buf_puts(f->out, " AS u");
		return;
	case AGGREGATE_MIN:
	case AGGREGATE_MAX:
		buf_printf(f->out, "%s(CASE WHEN i.f = 1 THEN i.n END) AS v", f->d->fold.kind == AGGREGATE_MIN ? "MIN" : "MAX");
		return;
	case AGGREGATE_SUM:
		buf_puts(f->out, f->pg ? "SUM(CASE WHEN i.f = 1 THEN i.n END) AS v"
				       : "SUM(CASE WHEN i.f = 1 THEN i.n >> 32 END) + (SUM(CASE WHEN i.f = 1 THEN i.n & 4294967295 END) >> "
					 "32) AS v, "
					 "SUM(CASE WHEN i.f = 1 THEN i.n & 4294967295 END) & 4294967295 AS u");
		return;
	case AGGREGATE_DISTINCT:
		buf_puts(f->out, "COUNT(DISTINCT CASE WHEN i.f = 1 THEN COALESCE(i.t, CAST(i.n AS TEXT)) END) AS v");
		return;
	case AGGREGATE_FIRST:
	case AGGREGATE_LAST:
	case AGGREGATE_MEDIAN:
	case AGGREGATE_MAD:
	case AGGREGATE_QUANTILE:
	case AGGREGATE_KIND_COUNT:
		break;
	}
	buf_puts(f->out, "0 AS v");
}

/** The value of the bucket; it is joined as w where it needs all members in a row. */
static const char *result_of(const struct folding *f)
{
	switch (f->d->fold.kind) {
	case AGGREGATE_EXISTS:
		return "CASE WHEN q.v > 0 THEN 1 WHEN q.absent = 0 THEN 0 END";
	case AGGREGATE_ANY:
		return "CASE WHEN q.v > 0 THEN 1 WHEN q.absent = 0 AND q.u = 0 THEN 0 END";
	case AGGREGATE_ALL:
		return "CASE WHEN q.v > 0 THEN 0 WHEN q.absent = 0 AND q.u = 0 THEN 1 END";
	case AGGREGATE_SUM:
		return f->pg ? "CASE WHEN q.absent = 0 AND q.v BETWEEN (-9223372036854775808) AND 9223372036854775807 THEN CAST(q.v AS "
		               "BIGINT) END"
		             : "CASE WHEN q.absent = 0 AND q.v BETWEEN -2147483648 AND 2147483647 THEN q.v * 4294967296 + q.u END";
	case AGGREGATE_FIRST:
	case AGGREGATE_LAST:
		return "CASE WHEN q.absent = 0 THEN w.n END";
	case AGGREGATE_MEDIAN:
	case AGGREGATE_MAD:
	case AGGREGATE_QUANTILE:
		return "CASE WHEN q.absent = 0 THEN w.v END";
	case AGGREGATE_COUNT:
	case AGGREGATE_MIN:
	case AGGREGATE_MAX:
	case AGGREGATE_DISTINCT:
	case AGGREGATE_KIND_COUNT:
		break;
	}
	return "CASE WHEN q.absent = 0 THEN q.v END";
}

/** The numbers of a bucket in their order: i from 0, c the last. */
static void put_ranked(struct folding *f)
{
	buf_printf(f->out,
		"(SELECT %s AS bucket, i.n AS n, ROW_NUMBER() OVER (PARTITION BY %s ORDER BY i.n) - 1 AS i, COUNT(*) OVER (PARTITION BY "
		"%s) - 1 AS "
		"c, 1 AS ok",
		f->bucket, f->bucket, f->bucket);
	put_pairs(f);
	buf_puts(f->out, " AND i.f = 1 AND i.n IS NOT NULL)");
}

/** Value at a position (of 10000) of ranked numbers: between two of them the part of the way. */
static void put_quantile(struct folding *f, int64_t position, void (*put_numbers)(struct folding *f))
{
	long long q = (long long)position;

	buf_printf(f->out,
		f->pg ? "(SELECT s.bucket AS bucket, CASE WHEN MIN(s.ok) = 1 THEN CAST(MAX(CASE WHEN s.i = %lld * s.c / 10000 THEN s.n "
			"END) + "
			"div((COALESCE(MAX(CASE WHEN s.i = %lld * s.c / 10000 + 1 THEN s.n END), MAX(CASE WHEN s.i = %lld * s.c / 10000 "
			"THEN s.n END)) - "
			"CAST(MAX(CASE WHEN s.i = %lld * s.c / 10000 THEN s.n END) AS NUMERIC)) * MAX(%lld * s.c %% 10000) + 5000, 10000) "
			"AS BIGINT) END AS v "
			"FROM "
		      : "(SELECT s.bucket AS bucket, CASE WHEN MIN(s.ok) = 1 THEN xz_between(MAX(CASE WHEN s.i = %lld * s.c / 10000 THEN "
			"s.n END), "
			"COALESCE(MAX(CASE WHEN s.i = %lld * s.c / 10000 + 1 THEN s.n END), MAX(CASE WHEN s.i = %lld * s.c / 10000 THEN "
			"s.n END)), "
			"MAX(%lld * s.c %% 10000 + 0 * %lld)) END AS v FROM ",
		q, q, q, q, q);
	put_numbers(f);
	buf_puts(f->out, " s GROUP BY s.bucket)");
}

/** Distances from the median, ranked; ok 0 when one does not fit. */
static void put_distances(struct folding *f)
{
	buf_puts(f->out,
		"(SELECT a.bucket AS bucket, a.n AS n, ROW_NUMBER() OVER (PARTITION BY a.bucket ORDER BY a.n) - 1 AS i, COUNT(*) OVER "
		"(PARTITION BY a.bucket) - 1 AS c, CASE WHEN a.n IS NULL THEN 0 ELSE 1 END AS ok FROM (SELECT z.bucket AS bucket, ");
	buf_puts(f->out, f->pg ? "CASE WHEN abs(CAST(z.n AS NUMERIC) - y.v) <= 9223372036854775807 THEN abs(z.n - y.v) END"
			       : "CASE WHEN typeof(z.n - y.v) = 'integer' THEN CASE WHEN z.n - y.v > (-9223372036854775808) THEN abs(z.n - "
				 "y.v) END END");
	buf_puts(f->out, " AS n FROM ");
	put_ranked(f);
	buf_puts(f->out, " z JOIN ");
	put_quantile(f, 5000, put_ranked);
	buf_puts(f->out, " y ON y.bucket = z.bucket) a)");
}

/** What the value needs of all members in a row, joined to the buckets as w. */
static void put_joined(struct folding *f)
{
	enum aggregate kind = f->d->fold.kind;
	const char *direction = kind == AGGREGATE_FIRST ? "ASC" : "DESC";

	if (kind != AGGREGATE_FIRST && kind != AGGREGATE_LAST && kind < AGGREGATE_MEDIAN)
		return;
	buf_puts(f->out, " LEFT JOIN ");
	if (kind == AGGREGATE_MEDIAN || kind == AGGREGATE_QUANTILE) {
		put_quantile(f, kind == AGGREGATE_MEDIAN ? 5000 : f->d->fold.quantile, put_ranked);
	} else if (kind == AGGREGATE_MAD) {
		put_quantile(f, 5000, put_distances);
	} else {
		buf_printf(f->out,
			"(SELECT %s AS bucket, i.n AS n, i.t AS t, ROW_NUMBER() OVER (PARTITION BY %s ORDER BY i.o %s, i.rec %s) AS k",
			f->bucket, f->bucket, direction, direction);
		put_pairs(f);
		buf_puts(f->out, " AND i.f = 1 AND i.o IS NOT NULL)");
	}
	buf_puts(f->out,
		kind == AGGREGATE_FIRST || kind == AGGREGATE_LAST ? " w ON w.bucket = q.bucket AND w.k = 1" : " w ON w.bucket = q.bucket");
}

/** Folds xz_input by bucket into the slot. */
static enum err_code fold_into(
	struct sql_engine *e, const struct derived *d, int slot, const char *bucket, const struct buf *pairs, struct err *err)
{
	CLEANUP(buf_clear) struct buf sql = { 0 };
	struct folding f = { .e = e, .d = d, .out = &sql, .pg = db_dialect(e->db) == DB_PG, .bucket = bucket, .pairs = buf_str(pairs) };
	bool text = is_text(d->type);
	const char *value = text ? "CASE WHEN q.absent = 0 THEN w.t END" : result_of(&f);

	buf_init(&sql, 1u << 20);
	buf_printf(&sql,
		"INSERT INTO xz_value (slot, rec, n, t, absent) SELECT %d, q.bucket, %s, %s, CASE WHEN q.absent > 0 AND %s IS NULL THEN 1 "
		"ELSE 0 END",
		slot, text ? "NULL" : value, text ? value : "NULL", value);
	buf_printf(&sql, " FROM (SELECT %s AS bucket, ", bucket);
	put_absence(&f);
	buf_puts(&sql, " AS absent, ");
	put_gathered(&f);
	put_pairs(&f);
	buf_printf(&sql, " GROUP BY %s) q", bucket);
	put_joined(&f);
	return run_buf(e, &sql, err);
}

static enum err_code clear_input(struct sql_engine *e, struct err *err)
{
	return db_exec_script(e->db, STR("DELETE FROM xz_input"), err);
}

static enum err_code fill_fold(struct sql_engine *e, const struct derived *d, int slot, struct err *err)
{
	CLEANUP(buf_clear) struct buf pairs = { 0 };

	TRY(clear_input(e, err));
	TRY(fill_input(e, d->grouping->records, d, err));
	buf_init(&pairs, 4096);
	buf_printf(&pairs, " FROM xz_member m JOIN xz_input i ON i.rec = m.rec WHERE m.part = %zu", d->grouping->index);
	return fold_into(e, d, slot, "m.grp", &pairs, err);
}

static enum err_code fill_referrers(struct sql_engine *e, const struct program *p, const struct derived *d, int slot, struct err *err)
{
	CLEANUP(buf_clear) struct buf pairs = { 0 };

	TRY(clear_input(e, err));
	TRY(fill_input(e, d->members, d, err));
	buf_init(&pairs, 4096);
	buf_puts(&pairs, " FROM ");
	dictionary_table(p->type, NULL, &pairs);
	buf_puts(&pairs, " t LEFT JOIN xz_input i ON i.b = t.id WHERE t.deleted = 0");
	return fold_into(e, d, slot, "t.id", &pairs, err);
}

/** Records without a value of their own: those that cannot be placed. */
static enum err_code fill_unplaced(struct sql_engine *e, const struct grouping *g, int slot, struct err *err)
{
	CLEANUP(buf_clear) struct buf sql = { 0 };

	buf_init(&sql, 4096);
	buf_printf(&sql,
		"INSERT INTO xz_value (slot, rec, n, t, absent) SELECT %d, p.rec, NULL, NULL, p.absent FROM xz_placed p WHERE p.part = %zu "
		"AND "
		"p.placed = 0",
		slot, g->index);
	return run_buf(e, &sql, err);
}

static enum err_code fill_window(struct sql_engine *e, const struct derived *d, int slot, struct err *err)
{
	CLEANUP(buf_clear) struct buf sql = { 0 };
	CLEANUP(buf_clear) struct buf pairs = { 0 };
	const char *join = db_dialect(e->db) == DB_PG ? "JOIN" : "CROSS JOIN";
	size_t part = d->grouping->index;

	TRY(clear_input(e, err));
	TRY(fill_input(e, d->grouping->records, d, err));
	buf_init(&sql, 8192);
	/* a member that lacks its date may belong into any window of its group */
	buf_printf(&sql,
		"UPDATE xz_input SET h = 1 WHERE rec IN (SELECT y.rec FROM xz_member y WHERE y.part = %zu AND y.grp IN (SELECT z.grp FROM "
		"xz_member z "
		"JOIN xz_input g ON g.rec = z.rec WHERE z.part = %zu AND g.d IS NULL AND g.da = 1))",
		part, part);
	TRY(run_buf(e, &sql, err));
	buf_init(&pairs, 4096);
	/* SQLite keeps the order of CROSS JOIN: from a record through its group to the members, never from every record to every other */
	buf_printf(&pairs,
		" FROM xz_input x %s xz_member m ON m.part = %zu AND m.rec = x.rec %s xz_member y ON y.part = %zu AND y.grp = m.grp %s "
		"xz_input i ON i.rec = y.rec AND i.d > x.d - %lld AND i.d <= x.d WHERE x.d IS NOT NULL",
		join, part, join, part, join, (long long)d->days);
	TRY(fold_into(e, d, slot, "x.rec", &pairs, err));
	buf_reset(&sql);
	buf_printf(&sql,
		"INSERT INTO xz_value (slot, rec, n, t, absent) SELECT %d, x.rec, NULL, NULL, COALESCE(x.da, 0) FROM xz_input x JOIN "
		"xz_member m ON "
		"m.part = %zu AND m.rec = x.rec WHERE x.d IS NULL",
		slot, part);
	TRY(run_buf(e, &sql, err));
	return fill_unplaced(e, d->grouping, slot, err);
}

/* ---- from one derived column to another ---- */

static enum err_code fill_of_group(struct sql_engine *e, const struct derived *d, int slot, struct err *err)
{
	CLEANUP(buf_clear) struct buf sql = { 0 };

	buf_init(&sql, 4096);
	buf_printf(&sql,
		"INSERT INTO xz_value (slot, rec, n, t, absent) SELECT %d, m.rec, v.n, v.t, COALESCE(v.absent, 0) FROM xz_member m LEFT "
		"JOIN xz_value v "
		"ON v.slot = %d AND v.rec = m.grp WHERE m.part = %zu",
		slot, slot_of(e, d->grouping->groups, d->inner), d->grouping->index);
	TRY(run_buf(e, &sql, err));
	return fill_unplaced(e, d->grouping, slot, err);
}

/** The group's value divided by the sum over the groups that have the chosen keys in common. */
static enum err_code fill_share(struct sql_engine *e, const struct derived *d, int slot, struct err *err)
{
	CLEANUP(buf_clear) struct buf sql = { 0 };
	const struct program *groups = d->grouping->groups;
	bool pg = db_dialect(e->db) == DB_PG;

	buf_init(&sql, 1u << 16);
	buf_printf(&sql, "INSERT INTO xz_value (slot, rec, n, t, absent) SELECT %d, q.rec, CASE WHEN q.gone = 0 THEN ", slot);
	buf_puts(&sql, pg ? "CASE WHEN q.hi <> 0 THEN CASE WHEN div(abs(CAST(q.n AS NUMERIC) * 10000) + div(abs(q.hi), 2), abs(q.hi)) <= "
			    "9223372036854775807 THEN CAST(div(abs(CAST(q.n AS NUMERIC) * 10000) + div(abs(q.hi), 2), abs(q.hi)) * "
			    "sign(CAST(q.n AS "
			    "NUMERIC)) * sign(q.hi) AS BIGINT) END END"
			  : "xz_share(q.n, q.hi, q.lo)");
	buf_puts(&sql,
		" END, NULL, CASE WHEN q.gone > 0 THEN 1 ELSE 0 END FROM (SELECT v.rec AS rec, v.n AS n, MAX(v.absent) OVER w AS gone, ");
	buf_puts(&sql, pg ? "COALESCE(SUM(v.n) OVER w, 0) AS hi"
			  : "COALESCE(SUM(v.n >> 32) OVER w, 0) AS hi, COALESCE(SUM(v.n & 4294967295) OVER w, 0) AS lo");
	buf_puts(&sql, " FROM xz_value v");
	for (size_t k = 0; k < d->grouping->key_count; k++)
		if (d->keys >> k & 1)
			buf_printf(&sql, " JOIN xz_value k%zu ON k%zu.slot = %d AND k%zu.rec = v.rec", k, k, slot_of(e, groups, (int)k), k);
	buf_printf(&sql, " WHERE v.slot = %d WINDOW w AS (PARTITION BY v.slot", slot_of(e, groups, d->inner));
	for (size_t k = 0; k < d->grouping->key_count; k++)
		if (d->keys >> k & 1)
			buf_printf(&sql, ", k%zu.n, k%zu.t", k, k);
	buf_puts(&sql, ")) q");
	return run_buf(e, &sql, err);
}

/** "n less the months": a year, or the first day of a month or quarter. */
static void put_earlier(struct buf *out, bool pg, enum value_type type, const char *n, int64_t months)
{
	if (type == TYPE_INT)
		buf_printf(out, "%s - %lld", n, (long long)(months / 12));
	else if (pg)
		buf_printf(out,
			"CAST(CAST(DATE '1970-01-01' + CAST(%s AS INTEGER) - INTERVAL '%lld months' AS DATE) - DATE '1970-01-01' AS "
			"BIGINT)",
			n, (long long)months);
	else
		buf_printf(out, "unixepoch(%s * 86400, 'unixepoch', '-%lld months') / 86400", n, (long long)months);
}

/** The value of the group that has the same keys but for the period, which lies earlier. */
static enum err_code fill_prior(struct sql_engine *e, const struct derived *d, int slot, struct err *err)
{
	CLEANUP(buf_clear) struct buf sql = { 0 };
	const struct grouping *g = d->grouping;
	const struct program *groups = g->groups;
	int period = g->period;
	char now[16];

	snprintf(now, sizeof(now), "a%d.n", period);
	buf_init(&sql, 1u << 16);
	buf_printf(&sql,
		"INSERT INTO xz_value (slot, rec, n, t, absent) SELECT %d, m.rec, v.n, v.t, COALESCE(v.absent, 0) FROM xz_member m", slot);
	for (size_t k = 0; k < g->key_count; k++)
		buf_printf(&sql, " JOIN xz_value a%zu ON a%zu.slot = %d AND a%zu.rec = m.rec", k, k, slot_of(e, groups, (int)k), k);
	buf_printf(&sql, " LEFT JOIN xz_value v ON v.slot = %d AND v.rec = (SELECT b%d.rec FROM xz_value b%d", slot_of(e, groups, d->inner),
		period, period);
	for (size_t k = 0; k < g->key_count; k++)
		if ((int)k != period)
			buf_printf(&sql, " JOIN xz_value b%zu ON b%zu.slot = %d AND b%zu.rec = b%d.rec AND b%zu.%s = a%zu.%s", k, k,
				slot_of(e, groups, (int)k), k, period, k, is_text(groups->derived.v[k].type) ? "t" : "n", k,
				is_text(groups->derived.v[k].type) ? "t" : "n");
	buf_printf(&sql, " WHERE b%d.slot = %d AND b%d.n = ", period, slot_of(e, groups, period), period);
	put_earlier(&sql, db_dialect(e->db) == DB_PG, groups->derived.v[period].type, now, d->months);
	buf_printf(&sql, ") WHERE m.part = %zu AND m.rec = m.grp", g->index);
	return run_buf(e, &sql, err);
}

/* ---- what is needed ---- */

static enum err_code need_slot(struct sql_engine *e, const struct program *p, int k, struct err *err)
{
	const struct derived *d = &p->derived.v[k];
	int slot = slot_of(e, p, k);

	if (d->grouping)
		TRY(sql_group(e, d->grouping, err));
	if (e->filled[slot])
		return ERR_OK;
	e->filled[slot] = true;
	switch (d->kind) {
	case DERIVED_FOLD:
		return fill_fold(e, d, slot, err);
	case DERIVED_WINDOW:
		return fill_window(e, d, slot, err);
	case DERIVED_REFERRERS:
		return fill_referrers(e, p, d, slot, err);
	case DERIVED_OF_GROUP:
		TRY(need_slot(e, d->grouping->groups, d->inner, err));
		return fill_of_group(e, d, slot, err);
	case DERIVED_SHARE:
		TRY(need_slot(e, p, d->inner, err));
		return fill_share(e, d, slot, err);
	case DERIVED_PRIOR:
		TRY(need_slot(e, p, d->inner, err));
		return fill_prior(e, d, slot, err);
	case DERIVED_KEY: /* filled with the groups */
	case DERIVED_KIND_COUNT:
		break;
	}
	return ERR_OK;
}

static enum err_code need_below(struct sql_engine *e, const struct program *p, int node, bool *seen, struct err *err)
{
	struct node n;

	if (node < 0 || seen[node])
		return ERR_OK;
	seen[node] = true;
	n = p->nodes.v[node];
	if (n.op == OP_DERIVED || n.op == OP_DERIVED_ABSENT)
		return need_slot(e, p, (int)n.k, err);
	for (int i = 0; i < NODE_ARGS; i++)
		TRY(need_below(e, p, n.arg[i], seen, err));
	return ERR_OK;
}

enum err_code sql_prepare(struct sql_engine *e, const struct program *p, const int *nodes, size_t count, struct err *err)
{
	CLEANUP(mem_freep) bool *seen = mem_alloc(p->nodes.len + 1, sizeof(*seen));
	struct sql_lowering *l;

	if (!seen)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		TRY(need_below(e, p, nodes[i], seen, err));
	TRY(sql_lowering_of(e, p, &l, err));
	for (size_t i = 0; i < count; i++)
		sql_lower(l, nodes[i]);
	if (l->to->failed)
		return err_nomem(err);
	TRY(sql_codes_look(e, l, err));
	TRY(sql_matches_fill(e, l, err));
	l->looked = l->to->nodes.len;
	return ERR_OK;
}
