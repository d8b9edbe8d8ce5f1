/* The random records of random_rules.h as tables: an SQLite in memory, and PostgreSQL where XZ_TEST_PG is set. Header-only. */
#ifndef XZ_TESTS_SUPPORT_RANDOM_STORE_H
#define XZ_TESTS_SUPPORT_RANDOM_STORE_H

#include "support/random_rules.h"
#include "support/test_db.h"

/* ---- the records as tables ---- */

static inline void run_sql(struct db *db, const char *sql)
{
	struct err err;

	if (db_exec_script(db, str_of(sql), &err) != ERR_OK)
		fail_msg("%s", err.msg);
}

static inline void insert_values(
	struct db_stmt *q, int at, const struct dictionary_column *columns, size_t count, const struct dictionary_value *v)
{
	for (size_t i = 0; i < count; i++)
		if (columns[i].type == COLUMN_CODE && v[i].null && (i + count) % 2 == 0) /* a code of a later dictionary is no value */
			db_bind_str(q, at + (int)i, STR("of_tomorrow"));
		else
			column_bind(&columns[i], q, at + (int)i, &v[i]);
}

static inline struct db_stmt *prepare_insert(
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

static inline void run_insert(struct db_stmt *q)
{
	struct err err;

	if (db_run(q, NULL, &err) != ERR_OK)
		fail_msg("%s", err.msg);
}

static inline void insert_table(struct db *db, const struct table *t)
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

static inline void fill_database(struct db *db)
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

static inline void make_tables(struct db *db)
{
	struct buf sql;

	buf_init(&sql, 1 << 18);
	for (size_t i = 0; i < dictionary->type_count; i++)
		dictionary_ddl(&dictionary->types[i], db_dialect(db), &sql);
	run_sql(db, sql.ptr);
	buf_clear(&sql);
}

static struct db *databases[2];
static int database_count;
static struct test_db pg;
static struct rule_sql_supplies supplies[DICTIONARY_TYPES_MAX];
static const int64_t supply_ids[4] = { 100, 101, 102, 103 };

static inline void set_supplies(void)
{
	const struct table *tables[] = { &penalties, &agencies, &officers };

	for (int i = 0; i < 3; i++)
		supplies[tables[i]->type->index] =
			(struct rule_sql_supplies){ .ids = supply_ids, .supplies = tables[i]->supplies, .count = 4 };
}

/** The same verdict, exemption, severity and undecided exemptions for every row. */
static inline bool same_result(const struct rule_result *a, const struct rule_result *b)
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

/** Opens the databases and makes their tables; false when there is no SQLite. After the dictionary was loaded. */
static inline bool open_databases(void)
{
	struct err err;

	if (db_open(STR("sqlite::memory:"), &databases[database_count++], &err) != ERR_OK) {
		print_error("%s\n", err.msg);
		return false;
	}
	if (test_db_has_pg()) {
		test_db_open(&pg, DB_PG);
		databases[database_count++] = pg.db;
	}
	for (int d = 0; d < database_count; d++)
		make_tables(databases[d]);
	return true;
}

static inline void close_databases(void)
{
	db_close(databases[0]);
	if (database_count > 1)
		test_db_close(&pg);
}

#endif
