/* Unit tests of db: the same behaviour on both databases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>

#include "base/date.h"
#include "base/fault.h"
#include "support/test_db.h"

static struct test_db test;

static int open_sqlite(void **state)
{
	(void)state;
	test_db_open(&test, DB_SQLITE);
	return 0;
}

static int open_pg(void **state)
{
	(void)state;
	test_db_open(&test, DB_PG);
	return 0;
}

static int close_db(void **state)
{
	(void)state;
	test_db_close(&test);
	return 0;
}

static void ok(enum err_code code, const struct err *err)
{
	if (code != ERR_OK)
		fail_msg("%s", err->msg);
}

static void script(const char *sql)
{
	struct err err;

	ok(db_exec_script(test.db, str_of(sql), &err), &err);
}

static enum err_code add(struct db *db, int64_t id, struct str name, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare_text(db, STR("INSERT INTO thing (id, name, made_on, flag) VALUES ($1, $2, $3, $4)"), &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, name);
	db_bind_day(q, 3, id == 2 ? DAY_NONE : day_from_ymd(2026, 2, 1));
	db_bind_bool(q, 4, id == 1);
	return db_run(q, NULL, err);
}

static int64_t count(struct db *db)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct err err;
	bool row;

	ok(db_prepare_text(db, STR("SELECT COUNT(*) FROM thing"), &q, &err), &err);
	ok(db_step(q, &row, &err), &err);
	return db_i64(q, 0);
}

static void make_table(void)
{
	script("CREATE TABLE thing (id BIGINT PRIMARY KEY, name TEXT UNIQUE, made_on CHAR(10), flag SMALLINT)");
}

static void values_come_back_as_they_went_in(void **state)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct err err;
	bool row;

	(void)state;
	make_table();
	ok(add(test.db, 1, STR("獬豸 'x'; --"), &err), &err);
	ok(add(test.db, 2, STR(""), &err), &err);
	ok(db_prepare_text(test.db, STR("SELECT id, name, made_on, flag FROM thing ORDER BY id"), &q, &err), &err);

	ok(db_step(q, &row, &err), &err);
	assert_true(row);
	assert_int_equal(db_i64(q, 0), 1);
	assert_true(str_eq(db_str(q, 1), STR("獬豸 'x'; --")));
	assert_int_equal(db_day(q, 2), day_from_ymd(2026, 2, 1));
	assert_true(db_bool(q, 3));
	ok(db_step(q, &row, &err), &err);
	assert_false(db_is_null(q, 1));
	assert_true(db_is_null(q, 2));
	assert_int_equal(db_day(q, 2), DAY_NONE);
	ok(db_step(q, &row, &err), &err);
	assert_false(row);
}

static void parameters_follow_their_digits(void **state)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct err err;
	bool row;

	(void)state;
	ok(db_prepare_text(test.db, STR("SELECT CAST($2 AS TEXT), CAST($1 AS BIGINT), CAST($2 AS TEXT)"), &q, &err), &err);
	db_bind_i64(q, 1, -7);
	db_bind_str(q, 2, STR("二"));
	ok(db_step(q, &row, &err), &err);
	assert_true(str_eq(db_str(q, 0), STR("二")));
	assert_int_equal(db_i64(q, 1), -7);
}

static void errors_have_the_same_class(void **state)
{
	struct err err;

	(void)state;
	make_table();
	script("CREATE TABLE part (thing_id BIGINT NOT NULL REFERENCES thing (id))");
	ok(add(test.db, 1, STR("a"), &err), &err);
	assert_int_equal(add(test.db, 1, STR("b"), &err), ERR_UNIQUE);
	assert_int_equal(add(test.db, 2, STR("a"), &err), ERR_UNIQUE);
	assert_int_equal(db_exec_script(test.db, STR("INSERT INTO part VALUES (99)"), &err), ERR_REFERENCE);
	assert_int_equal(db_exec_script(test.db, STR("SELEKT"), &err), ERR_DB);
	assert_int_equal(count(test.db), 1);
}

static enum err_code add_two_then_fail(struct db *db, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;

	TRY(db_begin(db, &tx, err));
	TRY(add(db, 1, STR("a"), err));
	TRY(add(db, 2, STR("a"), err));
	return db_commit(&tx, err);
}

static void a_transaction_undoes_itself(void **state)
{
	struct err err;

	(void)state;
	make_table();
	assert_int_equal(add_two_then_fail(test.db, &err), ERR_UNIQUE);
	assert_false(db_in_tx(test.db));
	assert_int_equal(count(test.db), 0);
}

static enum err_code inner(struct db *db, bool commit, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;

	TRY(db_begin(db, &tx, err));
	TRY(add(db, 2, STR("inner"), err));
	return commit ? db_commit(&tx, err) : ERR_OK;
}

static enum err_code outer(struct db *db, bool inner_commits, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;

	TRY(db_begin(db, &tx, err));
	TRY(add(db, 1, STR("outer"), err));
	TRY(inner(db, inner_commits, err));
	return db_commit(&tx, err);
}

static void an_inner_rollback_dooms_the_outer_transaction(void **state)
{
	struct err err;

	(void)state;
	make_table();
	assert_int_not_equal(outer(test.db, false, &err), ERR_OK);
	assert_int_equal(count(test.db), 0);
	ok(outer(test.db, true, &err), &err);
	assert_int_equal(count(test.db), 2);
}

static enum err_code add_many(struct db *db, int64_t rows, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;

	TRY(db_begin(db, &tx, err));
	TRY(db_batch_begin(db, err));
	for (int64_t i = 1; i <= rows; i++) {
		char name[24];

		snprintf(name, sizeof(name), "n%lld", (long long)(i == 1500 ? 7 : i));
		TRY(add(db, i, str_of(name), err));
	}
	TRY(db_batch_end(db, err));
	return db_commit(&tx, err);
}

static void a_batch_writes_all_or_reports_the_first_error(void **state)
{
	struct err err;

	(void)state;
	make_table();
	assert_int_equal(add_many(test.db, 2000, &err), ERR_UNIQUE);
	assert_int_equal(count(test.db), 0);
	ok(add_many(test.db, 1400, &err), &err);
	assert_int_equal(count(test.db), 1400);
}

static void a_scan_row_by_row_gives_the_same_rows(void **state)
{
	struct err err;
	int64_t sum = 0;
	bool row = true;

	(void)state;
	make_table();
	ok(add_many(test.db, 1000, &err), &err);
	{
		CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

		ok(db_prepare_text(test.db, STR("SELECT id FROM thing ORDER BY id"), &q, &err), &err);
		db_stmt_stream(q);
		for (ok(db_step(q, &row, &err), &err); row; ok(db_step(q, &row, &err), &err))
			sum += db_i64(q, 0);
	}
	assert_int_equal(sum, 500500);
	assert_int_equal(count(test.db), 1000);
}

static void text_sorts_by_bytes(void **state)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct err err;
	bool row;

	(void)state;
	make_table();
	ok(add(test.db, 1, STR("b"), &err), &err);
	ok(add(test.db, 2, STR("B"), &err), &err);
	ok(add(test.db, 3, STR("中"), &err), &err);
	ok(add(test.db, 4, STR("a"), &err), &err);
	ok(db_prepare_text(test.db, STR("SELECT name FROM thing ORDER BY name"), &q, &err), &err);
	static const char *const expected[] = { "B", "a", "b", "中" };

	for (int i = 0; i < 4; i++) {
		ok(db_step(q, &row, &err), &err);
		assert_true(str_eq(db_str(q, 0), str_of(expected[i])));
	}
}

static void a_reading_transaction_sees_one_state(void **state)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	CLEANUP(db_closep) struct db *other = NULL;
	struct err err;

	(void)state;
	make_table();
	ok(add(test.db, 1, STR("a"), &err), &err);
	ok(db_open(str_of(test.url), &other, &err), &err);
	ok(db_begin_read(test.db, &tx, &err), &err);
	assert_int_equal(count(test.db), 1);
	ok(add(other, 2, STR("b"), &err), &err);
	assert_int_equal(count(test.db), 1);
	ok(db_commit(&tx, &err), &err);
	assert_int_equal(count(test.db), 2);
}

static enum err_code increment(struct db *db, void *arg, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	(void)arg;
	TRY(db_prepare_text(db, STR("UPDATE thing SET flag = flag + 1 WHERE id = 1"), &q, err));
	return db_run(q, NULL, err);
}

static void *increment_often(void *arg)
{
	struct db *db = NULL;
	struct err err;

	if (db_open(str_of(arg), &db, &err) != ERR_OK)
		return err.msg[0] ? (void *)1 : NULL;
	for (int i = 0; i < 100; i++)
		if (db_transact(db, increment, NULL, &err) != ERR_OK)
			return (void *)1;
	db_close(db);
	return NULL;
}

static void writers_in_four_threads_lose_nothing(void **state)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	pthread_t threads[4];
	struct err err;
	bool row;

	(void)state;
	make_table();
	script("INSERT INTO thing (id, flag) VALUES (1, 0)");
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, increment_often, test.url);
	for (int i = 0; i < 4; i++) {
		void *failed;

		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	ok(db_prepare_text(test.db, STR("SELECT flag FROM thing WHERE id = 1"), &q, &err), &err);
	ok(db_step(q, &row, &err), &err);
	assert_int_equal(db_i64(q, 0), 400);
}

static void any_single_failing_step_leaves_nothing_half_written(void **state)
{
	struct err err;
	int n = 0;

	(void)state;
	make_table();
	fault_arm(FAULT_SQL, n);
	while (outer(test.db, true, &err) != ERR_OK) {
		fault_arm(FAULT_SQL, -1);
		assert_int_equal(count(test.db), 0);
		fault_arm(FAULT_SQL, ++n);
	}
	fault_arm(FAULT_SQL, -1);
	assert_true(n > 2);
	assert_int_equal(count(test.db), 2);
}

static void migrating_again_changes_nothing(void **state)
{
	struct err err;
	int first, second;

	(void)state;
	ok(db_schema_version(test.db, &first, &err), &err);
	ok(db_migrate(test.db, &second, &err), &err);
	assert_int_equal(first, second);
}

static void an_unknown_address_is_explained(void **state)
{
	struct db *db;
	struct err err;

	(void)state;
	assert_int_equal(db_open(STR("mysql://x"), &db, &err), ERR_INPUT);
	assert_string_equal(err.msg, "数据库地址须以 sqlite: 或 postgres:// 开头，收到的是 mysql://x");
}

#define BOTH(f) cmocka_unit_test_setup_teardown(f, open_sqlite, close_db), cmocka_unit_test_setup_teardown(f, open_pg, close_db)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(values_come_back_as_they_went_in),
		BOTH(parameters_follow_their_digits),
		BOTH(errors_have_the_same_class),
		BOTH(a_transaction_undoes_itself),
		BOTH(an_inner_rollback_dooms_the_outer_transaction),
		BOTH(a_batch_writes_all_or_reports_the_first_error),
		BOTH(a_scan_row_by_row_gives_the_same_rows),
		BOTH(text_sorts_by_bytes),
		BOTH(writers_in_four_threads_lose_nothing),
		BOTH(any_single_failing_step_leaves_nothing_half_written),
		BOTH(a_reading_transaction_sees_one_state),
		BOTH(migrating_again_changes_nothing),
		cmocka_unit_test(an_unknown_address_is_explained),
	};
	struct CMUnitTest chosen[sizeof(tests) / sizeof(tests[0])];
	size_t count_chosen = 0;
	bool pg = test_db_has_pg();

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (pg || tests[i].setup_func != open_pg)
			chosen[count_chosen++] = tests[i];
	return _cmocka_run_group_tests("db", chosen, count_chosen, NULL, NULL);
}
