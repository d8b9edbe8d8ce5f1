/* The SQL engine against the vector engine: random rules on random records, on SQLite and (where XZ_TEST_PG is set) PostgreSQL. Every
 * record must get the same verdict, exemption, severity and undecided exemptions. A difference is made small before it is shown.
 *
 * XZ_SEED repeats a run, XZ_ROUNDS makes it longer: a round is RULES rules on fresh records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/random_rules.h"
#include "support/test_db.h"

#define TODAY 20634 /* 2026-06-30 */
#define ROWS 40
#define RULES 100
#define DEPTH 4
#define ROUNDS 20
#define WHEN_MAX 3000
#define SHRINKS_MAX 4000

static struct asset_set assets = { .dirs = { { .dir = "tests/rule/dictionary", .prefix = "dictionary/", .replace = true } },
	.dir_count = 1 };

/* ---- rules ---- */

enum part { PART_WHEN, PART_FIRST, PART_SECOND, PART_SEVERE, PART_JUDGED, PART_COUNT };

/** A rule as expressions, so that it can be made smaller; empty ones are left out. */
struct parts {
	struct str v[PART_COUNT];
};

static struct str random_expression(enum value_type type, int depth)
{
	struct buf text;
	struct writer w = { .out = &text, .child = -1 };
	struct str s;

	buf_init(&text, 1 << 20);
	do {
		buf_reset(&text);
		write_expression(&w, type, depth);
	} while (text.failed || text.len > WHEN_MAX);
	s = str_dup(mem, buf_str(&text));
	buf_clear(&text);
	return s;
}

static struct parts random_parts(void)
{
	struct parts p = { .v = { [PART_WHEN] = random_expression(TYPE_BOOL, DEPTH) } };

	if (random_below(3))
		p.v[PART_FIRST] = random_expression(TYPE_BOOL, 2);
	if (random_below(3) == 0)
		p.v[PART_SECOND] = random_expression(TYPE_BOOL, 1);
	if (random_below(3) == 0)
		p.v[PART_SEVERE] = random_expression(TYPE_BOOL, 2);
	if (random_below(2))
		p.v[PART_JUDGED] = random_expression(TYPE_DATE, 1);
	return p;
}

static struct str rule_text(const struct parts *p)
{
	struct buf out;
	struct str s;

	buf_init(&out, 1 << 20);
	buf_printf(&out, "id: r\ntitle: t\non: penalty\nwhen: |\n  %.*s\n", STR_ARG(p->v[PART_WHEN]));
	if (p->v[PART_FIRST].len + p->v[PART_SECOND].len)
		buf_puts(&out, "unless:\n");
	for (int i = PART_FIRST; i <= PART_SECOND; i++)
		if (p->v[i].len)
			buf_printf(&out, "  - id: e%d\n    when: |\n      %.*s\n", i, STR_ARG(p->v[i]));
	if (p->v[PART_SEVERE].len)
		buf_printf(&out, "severity:\n  - is: serious\n    when: |\n      %.*s\n  - {is: info}\n", STR_ARG(p->v[PART_SEVERE]));
	else
		buf_puts(&out, "severity: warn\n");
	if (p->v[PART_JUDGED].len)
		buf_printf(&out, "in_force: 2024-06-01..2026-03-01\njudged_by: |\n  %.*s\n", STR_ARG(p->v[PART_JUDGED]));
	s = str_dup(mem, buf_str(&out));
	buf_clear(&out);
	return s;
}

/* ---- the records as tables ---- */

static void run_sql(struct db *db, const char *sql)
{
	struct err err;

	if (db_exec_script(db, str_of(sql), &err) != ERR_OK)
		fail_msg("%s", err.msg);
}

static void insert_values(
	struct db_stmt *q, int at, const struct dictionary_column *columns, size_t count, const struct dictionary_value *v)
{
	for (size_t i = 0; i < count; i++)
		column_bind(&columns[i], q, at + (int)i, &v[i]);
}

static struct db_stmt *prepare_insert(
	struct db *db, const struct dictionary_type *t, const struct dictionary_child *child, const char *system, int system_count)
{
	const struct dictionary_column *columns = child ? child->columns : t->columns;
	size_t count = child ? child->column_count : t->column_count;
	struct db_stmt *q = NULL;
	struct buf sql;
	struct err err;

	buf_init(&sql, 1 << 16);
	buf_puts(&sql, "INSERT INTO ");
	dictionary_table(t, child, &sql);
	buf_printf(&sql, " (%s", system);
	for (size_t i = 0; i < count; i++)
		buf_printf(&sql, ", %.*s", STR_ARG(columns[i].name));
	buf_puts(&sql, ") VALUES (");
	for (size_t i = 1; i <= count + (size_t)system_count; i++)
		buf_printf(&sql, "%s$%zu", i > 1 ? ", " : "", i);
	buf_puts(&sql, ")");
	if (db_prepare_text(db, buf_str(&sql), &q, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	buf_clear(&sql);
	return q;
}

static void run_insert(struct db_stmt *q)
{
	struct err err;

	if (db_run(q, NULL, &err) != ERR_OK)
		fail_msg("%s", err.msg);
}

static void insert_table(struct db *db, const struct table *t)
{
	struct db_stmt *q = prepare_insert(db, t->type, NULL, "id, row_key, version, change_no, import_id, supply_id, digest, deleted", 8);

	for (int i = 0; i < t->count; i++) {
		db_bind_i64(q, 1, i + 1);
		db_bind_str(q, 2, numbered("k", i));
		for (int k = 3; k <= 5; k++)
			db_bind_i64(q, k, 1);
		db_bind_i64(q, 6, 100 + t->rows[i].supply);
		db_bind_str(q, 7, STR(""));
		db_bind_i64(q, 8, 0);
		insert_values(q, 9, t->type->columns, t->type->column_count, t->rows[i].values);
		run_insert(q);
	}
	db_stmt_done(q);
	for (size_t c = 0; c < t->type->child_count; c++) {
		const struct dictionary_child *child = &t->type->children[c];

		q = prepare_insert(db, t->type, child, "record_id, seq", 2);
		for (int i = 0; i < t->count; i++)
			for (int m = 0; m < t->rows[i].member_count[c]; m++) {
				db_bind_i64(q, 1, i + 1);
				db_bind_i64(q, 2, m + 1);
				insert_values(q, 3, child->columns, child->column_count, t->rows[i].members[c][m].values);
				run_insert(q);
			}
		db_stmt_done(q);
	}
}

static void fill_database(struct db *db)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct buf sql;
	struct err err;

	assert_int_equal(db_begin(db, &tx, &err), ERR_OK);
	assert_int_equal(db_batch_begin(db, &err), ERR_OK);
	buf_init(&sql, 1 << 16);
	for (size_t i = 0; i < dictionary->type_count; i++)
		for (int c = -1; c < (int)dictionary->types[i].child_count; c++) {
			buf_puts(&sql, "DELETE FROM ");
			dictionary_table(&dictionary->types[i], c < 0 ? NULL : &dictionary->types[i].children[c], &sql);
			buf_puts(&sql, ";");
		}
	run_sql(db, sql.ptr);
	buf_clear(&sql);
	insert_table(db, &penalties);
	insert_table(db, &agencies);
	insert_table(db, &officers);
	assert_int_equal(db_batch_end(db, &err), ERR_OK);
	assert_int_equal(db_commit(&tx, &err), ERR_OK);
}

static void make_tables(struct db *db)
{
	struct buf sql;

	buf_init(&sql, 1 << 18);
	for (size_t i = 0; i < dictionary->type_count; i++)
		dictionary_ddl(&dictionary->types[i], db_dialect(db), &sql);
	run_sql(db, sql.ptr);
	buf_clear(&sql);
}

/* ---- both engines ---- */

static struct db *databases[2];
static int database_count;
static struct test_db pg;
static struct rule_sql_supplies supplies[DICTIONARY_TYPES_MAX];
static const int64_t supply_ids[4] = { 100, 101, 102, 103 };

static void set_supplies(void)
{
	const struct table *tables[] = { &penalties, &agencies, &officers };

	for (int i = 0; i < 3; i++)
		supplies[tables[i]->type->index] =
			(struct rule_sql_supplies){ .ids = supply_ids, .supplies = tables[i]->supplies, .count = 4 };
}

static struct rule_options options(void)
{
	return (struct rule_options){ .assets = &assets, .dictionary = dictionary, .calendar = calendar };
}

static bool same_results(const struct rule_result *a, const struct rule_result *b)
{
	if (a->checked != b->checked || a->hit_count != b->hit_count || memcmp(a->counts, b->counts, sizeof(a->counts)) != 0)
		return false;
	for (size_t i = 0; i < a->hit_count; i++) {
		const struct rule_hit *x = &a->hits[i], *y = &b->hits[i];

		if (x->row != y->row || x->verdict != y->verdict || x->exemption != y->exemption || x->severity != y->severity ||
			x->undecided != y->undecided)
			return false;
	}
	return true;
}

enum outcome { SAME, DIFFERENT, NO_RULE, FAILED };

/** The rule on the present records, in the vector engine and in one database whose tables hold them. */
static enum outcome compare_one(struct str text, struct frame_set *set, struct db *db, struct err *err)
{
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	CLEANUP(rule_results_clear) struct rule_results vector = { 0 }, sql = { 0 };
	CLEANUP(rule_sql_closep) struct rule_sql *engine = NULL;
	struct rule_options o = options();
	struct rule_run_options run = { .today = TODAY, .keep_unknown = true };

	if (rule_pack_parse(&o, STR("r.yaml"), text, &pack, err) != ERR_OK)
		return NO_RULE;
	assert_int_equal(rule_run(pack, set, &run, &vector, err), ERR_OK);
	if (rule_sql_open(pack, db, &engine, err) != ERR_OK || rule_sql_run(engine, set, supplies, &run, &sql, err) != ERR_OK)
		return FAILED;
	return same_results(&vector.v[0], &sql.v[0]) ? SAME : DIFFERENT;
}

static void show(const struct parts *p, struct frame_set *set, struct db *db, struct err *err)
{
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	CLEANUP(rule_results_clear) struct rule_results vector = { 0 }, sql = { 0 };
	CLEANUP(rule_sql_closep) struct rule_sql *engine = NULL;
	struct rule_options o = options();
	struct rule_run_options run = { .today = TODAY, .keep_unknown = true };
	struct buf out;
	struct err why = { 0 };

	print_error("%s\n%.*s\n", err->msg, STR_ARG(rule_text(p)));
	if (rule_pack_parse(&o, STR("r.yaml"), rule_text(p), &pack, &why) != ERR_OK || rule_sql_open(pack, db, &engine, &why) != ERR_OK)
		return;
	assert_int_equal(rule_run(pack, set, &run, &vector, err), ERR_OK);
	buf_init(&out, 1 << 22);
	if (rule_sql_text(engine, rule_at(pack, 0), supplies, TODAY, &out, &why) == ERR_OK)
		print_error("%.*s\n", STR_ARG(buf_str(&out)));
	buf_clear(&out);
	if (rule_sql_run(engine, set, supplies, &run, &sql, &why) != ERR_OK) {
		print_error("%s\n", why.msg);
		return;
	}
	for (int v = 0; v < VERDICT_COUNT; v++)
		print_error("%s: vector %lld, sql %lld\n", rule_verdict_slug((enum rule_verdict)v), (long long)vector.v[0].counts[v],
			(long long)sql.v[0].counts[v]);
}

static void report(const struct parts *p, struct frame_set *set, struct db *db, struct err *err)
{
	show(p, set, db, err);
	fail_msg("the engines differ on %s", db_dialect(db) == DB_PG ? "PostgreSQL" : "SQLite");
}

/** All rules of a pack in statements of many rules. */
static void compare_pack(struct rule_pack **packs, struct parts *parts, int count, struct frame_set *set, struct db *db)
{
	for (int i = 0; i < count; i++) {
		struct err err = { 0 };
		enum outcome outcome = compare_one(rule_text(&parts[i]), set, db, &err);

		(void)packs;
		if (outcome == NO_RULE)
			fail_msg("%s", err.msg);
		if (outcome != SAME)
			report(&parts[i], set, db, &err);
	}
}

static void one_round(void)
{
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	struct parts parts[RULES];

	random_table(&penalties, penalty, ROWS);
	random_table(&agencies, agency, AGENCIES);
	random_table(&officers, officer, OFFICERS);
	tie_keys();
	forget_unsupplied(&penalties);
	forget_unsupplied(&agencies);
	forget_unsupplied(&officers);
	set_supplies();
	set = set_of_all();
	for (int i = 0; i < RULES; i++)
		parts[i] = random_parts();
	for (int d = 0; d < database_count; d++) {
		fill_database(databases[d]);
		compare_pack(NULL, parts, RULES, set, databases[d]);
	}
}

static void load(void)
{
	assert_int_equal(dictionary_load(&assets, mem, &dictionary, NULL), ERR_OK);
	assert_int_equal(calendar_load(&assets, STR(""), mem, &calendar, NULL), ERR_OK);
	penalty = dictionary_type(dictionary, STR("penalty"));
	agency = dictionary_type(dictionary, STR("agency"));
	officer = dictionary_type(dictionary, STR("officer"));
}

static void vector_and_sql_give_the_same_verdicts(void **state)
{
	const char *seed = getenv("XZ_SEED"), *rounds = getenv("XZ_ROUNDS");

	(void)state;
	random_state = seed ? strtoull(seed, NULL, 10) : (uint64_t)time_now_ms() * 2654435761u + 1;
	for (int i = 0; i < (rounds ? atoi(rounds) : ROUNDS); i++) {
		print_message("XZ_SEED=%llu\n", (unsigned long long)random_state);
		one_round();
		arena_reset(mem);
		load();
	}
}

static int setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	mem = arena_open((size_t)1 << 30);
	if (!mem)
		return -1;
	load();
	if (db_open(STR("sqlite::memory:"), &databases[database_count++], &err) != ERR_OK) {
		print_error("%s\n", err.msg);
		return -1;
	}
	if (test_db_has_pg()) {
		test_db_open(&pg, DB_PG);
		databases[database_count++] = pg.db;
	}
	for (int d = 0; d < database_count; d++)
		make_tables(databases[d]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	db_close(databases[0]);
	if (database_count > 1)
		test_db_close(&pg);
	arena_close(mem);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vector_and_sql_give_the_same_verdicts),
	};

	return cmocka_run_group_tests_name("sql equality", tests, setup, teardown);
}
