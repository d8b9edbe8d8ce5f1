/* How fast the shipped rules run over made-up penalty cases in memory: all active rules on that type, counted and listed, beside the time
 * that merely reading the swept columns takes; rules that compare cases with each other, and the sweep after a change, apart.
 *
 * usage: bench_rules [THREADS [ROWS…]]        a line of figures for each number of rows
 *        bench_rules export DIR THREADS ROWS… the same, and for the last number of rows what databases need to run the same conditions:
 *                                             DIR/columns.csv, DIR/cases.db, DIR/columns.txt (name and bytes a value), DIR/verdict.sql,
 * DIR/sums.sql, DIR/flags.sql (three ways to write the query), and DIR/expected-ROWS.txt for all of them */
#include <inttypes.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rule/code.h"
#include "rule/group.h"
#include "rule/kernel.h"
#include "rule/lower.h"

#define TODAY 20634 /* 2026-06-30 */

static const struct asset_set builtin;
static uint64_t random_state = 88172645463325252u;

static int64_t random_below(int64_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (int64_t)((random_state >> 11) % (uint64_t)n);
}

#define NAMES (1 << 18)

/** One of many short texts: parties that have a few cases each, so that groups are of a size they have in life. */
static struct str some_name(void)
{
	static char names[NAMES][12];
	size_t i = (size_t)random_below(NAMES);

	if (!names[i][0])
		snprintf(names[i], sizeof(names[i]), "N%06zu", i);
	return (struct str){ .ptr = names[i], .len = 7 };
}

/** A case's dates follow each other in the order of the columns, some days apart, so that most rules find most cases clean. */
static struct dictionary_value made_up(const struct dictionary_column *c, int32_t start)
{
	struct dictionary_value v = { .null = random_below(8) == 0 };

	switch (c->type) {
	case COLUMN_BOOL:
		v.i = random_below(2);
		break;
	case COLUMN_INT:
		v.i = random_below(30);
		break;
	case COLUMN_MONEY:
	case COLUMN_DECIMAL:
		v.i = random_below(1000) * 1000;
		break;
	case COLUMN_DATE:
		v.i = start + c->index * 5 + random_below(40);
		break;
	case COLUMN_DATETIME:
		v.i = (start + c->index * 5 + random_below(40)) * 86400;
		break;
	case COLUMN_TEXT:
		v.s = some_name();
		break;
	case COLUMN_CODE:
		v.i = random_below((int64_t)c->code_count);
		v.s = c->codes[v.i].code;
		break;
	case COLUMN_TYPE_COUNT:
		break;
	}
	return v;
}

static void must(enum err_code code, const struct err *err)
{
	if (code == ERR_OK)
		return;
	fprintf(stderr, "%s\n", err->msg);
	exit(3);
}

struct bench {
	struct dictionary *dictionary;
	struct calendar *calendar;
	struct rule_pack *pack;
	const struct dictionary_type *type;
	bool types[DICTIONARY_TYPES_MAX]; /* only the cases are judged, not their agencies */
	int threads;
};

#define AGENCIES 2000

/** "A0007": what cases and the register call an agency. */
static struct str agency_name(int64_t i, char (*name)[16])
{
	return (struct str){ .ptr = *name, .len = (size_t)snprintf(*name, sizeof(*name), "A%04" PRId64, i) };
}

/** Of the two largest collections two each; most cases have nothing in the others. */
static int64_t members(size_t child)
{
	return child < 2 ? 2 : random_below(4) == 0;
}

/** Rows of one type; a column by which cases refer to their agency holds the agency's name, on both sides. */
static struct frame *make_rows(const struct bench *b, const struct dictionary_type *type, size_t rows)
{
	const struct dictionary_reference *agency = dictionary_reference(b->type, STR("agency"));
	bool cases = type == b->type;
	struct frame_builder *builder = NULL;
	struct frame_wanted wanted;
	struct frame_supply supply;
	struct frame *f = NULL;
	struct dictionary_value values[DICTIONARY_COLUMNS_MAX];
	struct err err = { 0 };
	char name[16];
	size_t set;

	rule_pack_wanted(b->pack, b->type, &wanted);
	must(frame_builder_open(type, cases ? &wanted : NULL, &builder, &err), &err);
	frame_supply_all(type, &supply);
	must(frame_builder_supply(builder, &supply, &set, &err), &err);
	for (size_t i = 0; i < rows; i++) {
		int32_t start = TODAY - 1700 + (int32_t)random_below(1500);
		struct str called = agency_name(cases ? random_below(AGENCIES + 20) : (int64_t)i, &name);

		for (size_t k = 0; k < type->column_count; k++)
			values[k] = made_up(&type->columns[k], start);
		for (size_t k = 0; k < agency->by_count; k++)
			values[cases ? agency->by[k].from : agency->by[k].to] = (struct dictionary_value){ .s = called };
		must(frame_builder_row(
			     builder, &(struct frame_row){ .key = STR("k"), .id = (int64_t)i + 1, .supply = set, .values = values }, &err),
			&err);
		for (size_t c = 0; c < type->child_count && cases; c++)
			for (int64_t m = members(c); m > 0; m--) {
				for (size_t k = 0; k < type->children[c].column_count; k++)
					values[k] = made_up(&type->children[c].columns[k], start);
				must(frame_builder_child(builder, (int)c, values, &err), &err);
			}
	}
	must(frame_builder_finish(&builder, &f, &err), &err);
	return f;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- reading the columns, and nothing else ---- */

struct stream {
	const struct lowering *l;
	size_t part, parts;
	uint64_t sum;
	pthread_t thread;
};

static uint64_t sum_of(const void *array, size_t bytes, const struct stream *s)
{
	const uint64_t *v = array;
	uint64_t sum[8] = { 0 };
	size_t words = bytes / 8 / 8, from = words * s->part / s->parts * 8, to = words * (s->part + 1) / s->parts * 8;

	for (size_t i = from; v && i < to; i += 8)
		for (size_t k = 0; k < 8; k++)
			sum[k] += v[i + k];
	return sum[0] + sum[1] + sum[2] + sum[3] + sum[4] + sum[5] + sum[6] + sum[7];
}

static void *stream_run(void *arg)
{
	struct stream *s = arg;

	for (size_t i = 0; i < s->l->columns.len; i++) {
		const struct frame_packed *c = s->l->columns.v[i].packed;

		s->sum += sum_of(c->values, c->width < FRAME_WIDTH_BITS ? c->rows << c->width : 0, s);
		s->sum += sum_of(c->valid, c->rows / 8, s) + sum_of(c->yes, c->rows / 8, s) + sum_of(c->no, c->rows / 8, s);
	}
	return NULL;
}

static double stream_seconds(const struct lowering *l, int threads, uint64_t *sum)
{
	double best = 1e9;

	for (int round = 0; round < 5; round++) {
		struct stream s[64] = { 0 };
		double from = now_s();

		for (int i = 0; i < threads; i++) {
			s[i] = (struct stream){ .l = l, .part = (size_t)i, .parts = (size_t)threads };
			if (i > 0 && pthread_create(&s[i].thread, NULL, stream_run, &s[i]) != 0)
				exit(3);
		}
		stream_run(&s[0]);
		for (int i = 0; i < threads; i++) {
			if (i > 0)
				pthread_join(s[i].thread, NULL);
			*sum += s[i].sum;
		}
		best = now_s() - from < best ? now_s() - from : best;
	}
	return best;
}

/* ---- the same conditions in SQL ---- */

static void put_sql(const struct lowering *l, int node, FILE *out)
{
	static const char *const infix[LOW_OP_COUNT] = {
		[LOW_EQ] = " = ", [LOW_LT] = " < ", [LOW_GT] = " > ", [LOW_AND] = " AND ", [LOW_OR] = " OR "
	};
	const struct low *n = &l->nodes.v[node];

	switch (n->op) {
	case LOW_NULL:
		fputs("NULL", out);
		return;
	case LOW_NUMBER:
		fprintf(out, "%" PRId64, n->k);
		return;
	case LOW_TRUTH:
		fputs(n->k ? "TRUE" : "FALSE", out);
		return;
	case LOW_COLUMN:
		fprintf(out, "c%d", n->column);
		return;
	case LOW_EQ:
	case LOW_LT:
	case LOW_GT:
	case LOW_AND:
	case LOW_OR:
		fputs("(", out);
		put_sql(l, n->a, out);
		fputs(infix[n->op], out);
		put_sql(l, n->b, out);
		fputs(")", out);
		return;
	case LOW_NOT:
		fputs("(NOT ", out);
		put_sql(l, n->a, out);
		fputs(")", out);
		return;
	case LOW_IS_NULL:
		fputs("(", out);
		put_sql(l, n->a, out);
		fputs(" IS NULL)", out);
		return;
	case LOW_IF:
		fputs("CASE WHEN ", out);
		put_sql(l, n->a, out);
		fputs(" THEN ", out);
		put_sql(l, n->b, out);
		fputs(" ELSE ", out);
		put_sql(l, n->c, out);
		fputs(" END", out);
		return;
	case LOW_COALESCE:
		fputs("coalesce(", out);
		put_sql(l, n->a, out);
		fputs(", ", out);
		put_sql(l, n->b, out);
		fputs(")", out);
		return;
	case LOW_BLANK:
		fputs("CASE WHEN ", out);
		put_sql(l, n->b, out);
		fputs(" THEN NULL ELSE ", out);
		put_sql(l, n->a, out);
		fputs(" END", out);
		return;
	case LOW_OP_COUNT:
		break;
	}
	exit(3);
}

/** A whole condition; PostgreSQL wants to be told that a bare NULL is a truth value. */
static void put_condition(const struct lowering *l, int node, FILE *out)
{
	if (l->nodes.v[node].op == LOW_NULL)
		fputs("CAST(NULL AS BOOLEAN)", out);
	else
		put_sql(l, node, out);
}

/** One rule: conditions as nodes, -1 where it has none. */
struct bench_rule {
	const struct rule *rule;
	int force, when, exempt;
};

/** Rules that judge each case by itself, by what a table's row can hold: those the databases get too. */
static bool is_compared(const struct bench *b, const struct rule *r)
{
	return r->on == b->type && r->group_count == 0;
}

static size_t lower_all(const struct bench *b, struct lowering *l, struct bench_rule *rules)
{
	struct err err = { 0 };
	size_t built = 1, count = 0;

	while (built > 0) {
		count = 0;
		for (size_t i = 0; i < rule_count(b->pack); i++) {
			const struct rule *r = rule_at(b->pack, i);
			struct bench_rule *x = &rules[count];

			if (!is_compared(b, r) || !rule_is_active(r))
				continue;
			*x = (struct bench_rule){
				.rule = r, .exempt = -1, .force = r->code->in_force < 0 ? -1 : lower(l, r->code->in_force)
			};
			x->when = lower(l, r->code->when.node);
			for (size_t e = 0; e < r->exemption_count; e++)
				x->exempt = lower_or(l, x->exempt, lower(l, r->code->exemptions[e].node));
			count++;
		}
		must(lowering_build(l, &built, &err), &err);
	}
	return count;
}

/** The verdict as nested simple CASEs, which evaluate each condition once. @param word  what stands for outside, unknown, clean, exempt,
 * hit */
static void put_verdict(const struct lowering *l, const struct bench_rule *r, const char *const word[5], FILE *out)
{
	if (r->force >= 0) {
		fputs("CASE ", out);
		put_condition(l, r->force, out);
		fprintf(out, " WHEN FALSE THEN %s WHEN TRUE THEN ", word[0]);
	}
	fputs("CASE ", out);
	put_condition(l, r->when, out);
	fprintf(out, " WHEN FALSE THEN %s WHEN TRUE THEN ", word[2]);
	if (r->exempt >= 0) {
		fputs("CASE ", out);
		put_condition(l, r->exempt, out);
		fprintf(out, " WHEN TRUE THEN %s ELSE %s END", word[3], word[4]);
	} else {
		fputs(word[4], out);
	}
	fprintf(out, " ELSE %s END", word[1]);
	if (r->force >= 0)
		fprintf(out, " ELSE %s END", word[1]);
}

static FILE *open_in(const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		exit(3);
	}
	return f;
}

/** Three queries with one row of three counts a rule: hit, exempt, unknown. {BARRIER} is where a database may be kept from merging the
 * inner query into the outer one, {TABLE} the table. */
static void export_queries(const struct lowering *l, const struct bench_rule *rules, size_t count, const char *dir)
{
	static const char *const codes[] = { "0", "1", "2", "3", "4" };
	static const char *const weights[] = { "0", "NULL", "0", "4294967296", "1" };
	FILE *verdict = open_in(dir, "verdict.sql"), *sums = open_in(dir, "sums.sql"), *flags = open_in(dir, "flags.sql");

	fputs("SELECT ", verdict);
	fputs("SELECT ", sums);
	fputs("SELECT ", flags);
	for (size_t i = 0; i < count; i++) {
		const char *comma = i ? ", " : "";

		fprintf(verdict, "%scount(*) FILTER (WHERE v%zu = 4), count(*) FILTER (WHERE v%zu = 3), count(*) FILTER (WHERE v%zu = 1)",
			comma, i, i, i);
		/* a rule without any sum has no row whose verdict is known */
		fprintf(sums, "%scoalesce(sum(v%zu), 0), count(*) - count(v%zu)", comma, i, i);
		fprintf(flags, "%scount(*) FILTER (WHERE f%zu AND w%zu AND NOT e%zu), count(*) FILTER (WHERE f%zu AND w%zu AND e%zu), ",
			comma, i, i, i, i, i, i);
		fprintf(flags, "count(*) FILTER (WHERE f%zu IS NULL OR (f%zu AND w%zu IS NULL))", i, i, i);
	}
	fputs(" FROM (SELECT ", verdict);
	fputs(" FROM (SELECT ", sums);
	fputs(" FROM (SELECT ", flags);
	for (size_t i = 0; i < count; i++) {
		const struct bench_rule *r = &rules[i];
		const char *comma = i ? ", " : "";

		fputs(comma, verdict);
		put_verdict(l, r, codes, verdict);
		fprintf(verdict, " AS v%zu", i);
		fputs(comma, sums);
		put_verdict(l, r, weights, sums);
		fprintf(sums, " AS v%zu", i);
		fputs(comma, flags);
		if (r->force >= 0)
			put_condition(l, r->force, flags);
		else
			fputs("TRUE", flags);
		fprintf(flags, " AS f%zu, ", i);
		put_condition(l, r->when, flags);
		fprintf(flags, " AS w%zu, ", i);
		if (r->exempt >= 0) {
			fputs("coalesce(", flags);
			put_condition(l, r->exempt, flags);
			fputs(", FALSE)", flags);
		} else {
			fputs("FALSE", flags);
		}
		fprintf(flags, " AS e%zu", i);
	}
	fputs(" FROM {TABLE} {BARRIER}) AS inner_query", verdict);
	fputs(" FROM {TABLE} {BARRIER}) AS inner_query", sums);
	fputs(" FROM {TABLE} {BARRIER}) AS inner_query", flags);
	fclose(verdict);
	fclose(sums);
	fclose(flags);
}

static void put_number(char **at, int64_t v)
{
	char digits[24];
	uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	int n = 0;

	do
		digits[n++] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (v < 0)
		*(*at)++ = '-';
	while (n > 0)
		*(*at)++ = digits[--n];
}

/** Only the columns that a condition still reads after folding. */
static void mark_used(const struct lowering *l, int node, bool *seen, bool *used)
{
	const struct low *n = &l->nodes.v[node < 0 ? 0 : node];

	if (node < 0 || seen[node])
		return;
	seen[node] = true;
	if (n->op == LOW_COLUMN)
		used[n->column] = true;
	mark_used(l, n->a, seen, used);
	mark_used(l, n->b, seen, used);
	mark_used(l, n->c, seen, used);
}

/** False when the value is null. */
static bool value_at(const struct frame_packed *c, size_t row, int64_t *ret)
{
	if (c->width == FRAME_WIDTH_BITS) {
		*ret = frame_bit(c->yes, row);
		return frame_bit(c->yes, row) || frame_bit(c->no, row);
	}
	*ret = c->base + (c->width == FRAME_WIDTH_8           ? ((const int8_t *)c->values)[row]
				 : c->width == FRAME_WIDTH_16 ? ((const int16_t *)c->values)[row]
				 : c->width == FRAME_WIDTH_32 ? ((const int32_t *)c->values)[row]
							      : ((const int64_t *)c->values)[row]);
	return !c->valid || frame_bit(c->valid, row);
}

static void must_sqlite(sqlite3 *db, int code)
{
	if (code == SQLITE_OK || code == SQLITE_DONE)
		return;
	fprintf(stderr, "%s\n", sqlite3_errmsg(db));
	exit(3);
}

/** An empty table `cases` with the columns, and the statement that fills it. */
static sqlite3 *open_sqlite(const struct lowering *l, const bool *used, const char *dir, sqlite3_stmt **ret_insert)
{
	char path[4096], create[16384] = "CREATE TABLE cases (", insert[16384] = "INSERT INTO cases VALUES (";
	sqlite3 *db;
	size_t count = 0;

	snprintf(path, sizeof(path), "%s/cases.db", dir);
	remove(path);
	for (size_t i = 0; i < l->columns.len; i++)
		if (used[i]) {
			snprintf(create + strlen(create), sizeof(create) - strlen(create), "%sc%zu INTEGER", count ? ", " : "", i);
			strcat(insert, count++ ? ", ?" : "?");
		}
	strcat(create, ")");
	strcat(insert, ")");
	must_sqlite(NULL, sqlite3_open(path, &db));
	must_sqlite(
		db, sqlite3_exec(db, "PRAGMA journal_mode = off; PRAGMA synchronous = off; PRAGMA page_size = 16384", NULL, NULL, NULL));
	must_sqlite(db, sqlite3_exec(db, create, NULL, NULL, NULL));
	must_sqlite(db, sqlite3_exec(db, "BEGIN", NULL, NULL, NULL));
	must_sqlite(db, sqlite3_prepare_v2(db, insert, -1, ret_insert, NULL));
	return db;
}

static void export_row(const struct lowering *l, const bool *used, size_t row, sqlite3_stmt *insert, FILE *csv)
{
	char line[65536], *at = line;
	int place = 0;

	for (size_t i = 0; i < l->columns.len; i++) {
		int64_t v;

		if (!used[i])
			continue;
		place++;
		if (value_at(l->columns.v[i].packed, row, &v)) {
			put_number(&at, v);
			sqlite3_bind_int64(insert, place, v);
		} else {
			sqlite3_bind_null(insert, place);
		}
		*at++ = ',';
	}
	at[-1] = '\n';
	fwrite(line, 1, (size_t)(at - line), csv);
	sqlite3_step(insert);
	sqlite3_reset(insert);
}

static void export_columns(const struct lowering *l, const bool *used, size_t rows, const char *dir)
{
	static const char *const bytes[FRAME_WIDTH_COUNT] = { "1", "2", "4", "8", "bool" };
	FILE *list = open_in(dir, "columns.txt"), *csv = open_in(dir, "columns.csv");
	sqlite3_stmt *insert = NULL;
	sqlite3 *db = open_sqlite(l, used, dir, &insert);

	for (size_t i = 0; i < l->columns.len; i++)
		if (used[i]) { /* the databases have no base to subtract: a moment takes eight bytes there */
			const struct frame_packed *c = l->columns.v[i].packed;

			fprintf(list, "c%zu %s\n", i, c->base && c->width == FRAME_WIDTH_32 ? "8" : bytes[c->width]);
		}
	for (size_t row = 0; row < rows; row++)
		export_row(l, used, row, insert, csv);
	must_sqlite(db, sqlite3_finalize(insert));
	must_sqlite(db, sqlite3_exec(db, "COMMIT", NULL, NULL, NULL));
	must_sqlite(db, sqlite3_close(db));
	fclose(list);
	if (fclose(csv) != 0)
		exit(3);
}

static void export_all(const struct bench *b, struct lowering *l, struct bench_rule *rules, size_t rows, const char *dir)
{
	size_t count = lower_all(b, l, rules);
	bool *seen = calloc(l->nodes.len + 1, 1), *used = calloc(l->columns.len + 1, 1);

	if (!seen || !used)
		exit(3);
	for (size_t i = 0; i < count; i++) {
		mark_used(l, rules[i].force, seen, used);
		mark_used(l, rules[i].when, seen, used);
		mark_used(l, rules[i].exempt, seen, used);
	}
	export_queries(l, rules, count, dir);
	export_columns(l, used, rows, dir);
	free(seen);
	free(used);
}

/* ---- measuring ---- */

/** Switches the rules that compare cases with each other off, and on again: they are timed apart. */
static size_t switch_groups(const struct bench *b, bool on)
{
	static enum rule_status was[RULES_MAX]; /* RULE_DRAFT: it was off */
	size_t count = 0;

	for (size_t i = 0; i < rule_count(b->pack); i++) {
		struct rule *r = (struct rule *)rule_at(b->pack, i);

		if (r->on != b->type || is_compared(b, r))
			continue;
		if (!on) {
			was[i] = rule_is_active(r) ? r->status : RULE_DRAFT;
			r->status = rule_is_active(r) ? RULE_DRAFT : r->status;
		} else if (was[i] != RULE_DRAFT) {
			r->status = was[i];
			count++;
		}
	}
	return count;
}

/** What the rules that compare cases with each other add: in the first sweep of a set, and in the next. */
static void measure_groups(const struct bench *b, const struct frame_set *set)
{
	struct rule_run_options o = { .today = TODAY, .types = b->types, .threads = b->threads, .counts_only = true };
	struct rule_results results;
	struct err err = { 0 };
	double without, first, next;
	size_t count;

	must(rule_run(b->pack, set, &o, &results, &err), &err);
	without = results.seconds;
	rule_results_clear(&results);
	count = switch_groups(b, true);
	must(rule_run(b->pack, set, &o, &results, &err), &err);
	first = results.seconds;
	rule_results_clear(&results);
	must(rule_run(b->pack, set, &o, &results, &err), &err);
	next = results.seconds;
	rule_results_clear(&results);
	switch_groups(b, false);
	printf("  groups %zu first_s %.4f next_s %.4f\n", count, first - without, next - without);
}

struct timing {
	double first, best; /* with and without building the columns */
	double prepare;     /* of the best */
	struct rule_results results;
};

static void sweep(const struct bench *b, const struct frame_set *set, int threads, bool counts_only, struct timing *ret)
{
	struct rule_run_options o = {
		.today = TODAY, .types = b->types, .threads = threads, .counts_only = counts_only, .kernels = getenv("XZ_KERNELS")
	};
	struct err err = { 0 };

	*ret = (struct timing){ .best = 1e9 };
	for (int round = 0; round < 7; round++) {
		rule_results_clear(&ret->results);
		must(rule_run(b->pack, set, &o, &ret->results, &err), &err);
		ret->first = round ? ret->first : ret->results.seconds;
		if (ret->results.seconds < ret->best) {
			ret->best = ret->results.seconds;
			ret->prepare = ret->results.prepare_seconds;
		}
	}
}

static void write_expected(const struct rule_results *results, size_t rows, const char *dir)
{
	char name[64];
	FILE *f;

	snprintf(name, sizeof(name), "expected-%zu.txt", rows);
	f = open_in(dir, name);
	for (size_t i = 0; i < results->count; i++)
		if (results->v[i].checked > 0)
			fprintf(f, "%" PRId64 " %" PRId64 " %" PRId64 " %.*s\n", results->v[i].counts[VERDICT_HIT],
				results->v[i].counts[VERDICT_EXEMPT], results->v[i].counts[VERDICT_UNKNOWN],
				STR_ARG(results->v[i].rule->id));
	fclose(f);
}

/** A set in which `count` records, spread over all, are replaced by others: how long the frame, the links and the columns take. */
static void measure_changes(const struct bench *b, struct frame_set *old, size_t count)
{
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	struct frame *frames[DICTIONARY_TYPES_MAX], *was = old->frames[b->type->index], *changed = make_rows(b, b->type, count),
						    *patched = NULL;
	struct frame_change *changes = calloc(count, sizeof(*changes));
	struct frame_wanted wanted;
	struct rule_results results;
	struct err err = { 0 };
	double from, patch_s, links_s;

	rule_pack_wanted(b->pack, b->type, &wanted);
	for (size_t i = 0; i < count; i++) {
		changes[i] = (struct frame_change){ .id = was->ids[was->table.rows / count * i], .row = (uint32_t)i };
		changed->ids[i] = changes[i].id;
	}
	from = now_s();
	must(frame_patch(was, &wanted, changed, changes, count, &patched, &err), &err);
	patch_s = now_s() - from;
	memcpy(frames, old->frames, b->dictionary->type_count * sizeof(*frames));
	frames[b->type->index] = patched;
	from = now_s();
	must(frame_set_open(b->dictionary, frames, old, &set, &err), &err);
	links_s = now_s() - from;
	must(rule_run(b->pack, set, &(struct rule_run_options){ .today = TODAY, .types = b->types, .counts_only = true }, &results, &err),
		&err);
	printf("  changed %zu patch_s %.4f links_s %.4f sweep_s %.4f\n", count, patch_s, links_s, results.seconds);
	rule_results_clear(&results);
	frame_release(patched);
	frame_release(changed);
	free(changes);
}

static void measure(const struct bench *b, size_t rows, const char *dir, bool last)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open((size_t)256 << 20);
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 };
	const struct dictionary_type *agency;
	struct bench_rule *rules = calloc(rule_count(b->pack) + 1, sizeof(*rules));
	struct lowering l;
	struct derivation *derivation;
	struct err err = { 0 };
	struct timing t;
	uint64_t sum = 0;
	size_t checked = 0;
	double from = now_s(), made;

	random_state = 88172645463325252u; /* the first rows of a larger number are those of a smaller one */
	agency = dictionary_type(b->dictionary, STR("agency"));
	frames[agency->index] = make_rows(b, agency, AGENCIES);
	frames[b->type->index] = make_rows(b, b->type, rows);
	must(frame_set_open(b->dictionary, frames, NULL, &set, &err), &err);
	made = now_s() - from;
	for (int threads = 1; threads <= b->threads; threads++) {
		sweep(b, set, threads, true, &t);
		if (threads == 1) {
			for (size_t i = 0; i < t.results.count; i++)
				checked += t.results.v[i].checked > 0;
			printf("rows %zu rules %zu kernels %s\n", rows, checked, kernels_best()->name);
			printf("  made_s %.2f frame_mib %.0f column_mib %.1f build_s %.3f\n", made,
				(double)frame_bytes(frames[b->type->index]) / 1048576, (double)t.results.column_bytes / 1048576,
				t.first - t.best);
			if (dir)
				write_expected(&t.results, rows, dir);
		}
		printf("  threads %d counted_s %.6f prepare_s %.6f", threads, t.best, t.prepare);
		rule_results_clear(&t.results);
		sweep(b, set, threads, false, &t);
		printf(" listed_s %.6f", t.best);
		if (getenv("XZ_EACH"))
			for (size_t i = 0; i < t.results.count; i++)
				printf("\n%8.2f ms %10" PRId64 " hits  %.*s", t.results.v[i].seconds * 1e3,
					t.results.v[i].counts[VERDICT_HIT], STR_ARG(t.results.v[i].rule->id));
		rule_results_clear(&t.results);
		must(derivation_borrow(b->pack, set, TODAY, threads, &derivation, &err), &err);
		must(lowering_open(&l,
			     &(struct build_input){ .program = b->pack->programs[b->type->index],
				     .set = set,
				     .frame = frames[b->type->index],
				     .derivation = derivation,
				     .calendar = b->calendar,
				     .today = TODAY },
			     mem, &err),
			&err);
		lower_all(b, &l, rules);
		printf(" stream_s %.6f\n", stream_seconds(&l, threads, &sum));
		if (dir && last && threads == 1)
			export_all(b, &l, rules, rows, dir);
		lowering_close(&l);
		derivation_return(derivation);
	}
	measure_groups(b, set);
	if (rows <= 2000000) { /* it takes the frame's memory twice */
		measure_changes(b, set, 1);
		measure_changes(b, set, 100);
	}
	if (sum == 1) /* the sums are used */
		puts("");
	fflush(stdout);
	frame_release(frames[b->type->index]);
	frame_release(frames[agency->index]);
	free(rules);
}

int main(int argc, char **argv)
{
	bool exports = argc > 2 && strcmp(argv[1], "export") == 0;
	int first = exports ? 3 : 1;
	struct arena *mem = arena_open((size_t)256 << 20);
	struct bench b = { .threads = argc > first ? atoi(argv[first]) : 2 };
	struct err err = { 0 };

	must(dictionary_load(&builtin, mem, &b.dictionary, &err), &err);
	must(calendar_load(&builtin, STR(""), mem, &b.calendar, &err), &err);
	must(rule_pack_load(
		     &(struct rule_options){ .assets = &builtin, .dictionary = b.dictionary, .calendar = b.calendar }, &b.pack, &err),
		&err);
	b.type = dictionary_type(b.dictionary, STR("penalty_case"));
	b.types[b.type->index] = true;
	switch_groups(&b, false);
	if (argc <= first + 1)
		measure(&b, 1000000, NULL, false);
	for (int i = first + 1; i < argc; i++)
		measure(&b, strtoull(argv[i], NULL, 10), exports ? argv[2] : NULL, i + 1 == argc);
	rule_pack_close(b.pack);
	arena_close(mem);
	return 0;
}
