/* The chain holds, and every way of breaking it is named. Each test runs on both databases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "audit/audit.h"
#include "support/test_db.h"

static struct test_db test;
static const struct actor who = { .account_id = 7, .name = STR_INIT("监督员"), .remote = STR_INIT("127.0.0.1") };

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

static enum err_code add_one(struct db *db, int64_t subject_id, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct audit_entry e = {
		.action = STR("clue.accept"), .subject = STR("clue"), .subject_id = subject_id, .summary = STR("受理线索")
	};

	TRY(db_begin(db, &tx, err));
	TRY(audit_add(db, &who, 1750000000000ll + subject_id, &e, err));
	return db_commit(&tx, err);
}

static void add(int64_t count)
{
	struct err err;

	for (int64_t i = 1; i <= count; i++)
		if (add_one(test.db, i, &err) != ERR_OK)
			fail_msg("%s", err.msg);
}

static void tamper(const char *sql)
{
	struct err err;

	if (db_exec_script(test.db, str_of(sql), &err) != ERR_OK)
		fail_msg("%s", err.msg);
}

static struct audit_report verify(void)
{
	struct audit_report report;
	struct err err;

	if (audit_verify(test.db, &report, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return report;
}

static void an_untouched_chain_holds(void **state)
{
	struct audit_report report;

	(void)state;
	assert_int_equal(verify().entries, 0);
	add(20);
	report = verify();
	assert_int_equal(report.entries, 20);
	assert_int_equal(report.broken_seq, 0);
}

static void a_changed_entry_is_named(void **state)
{
	(void)state;
	add(5);
	tamper("UPDATE audit_log SET summary = 'x' WHERE seq = 3");
	assert_int_equal(verify().broken_seq, 3);
}

static void a_deleted_entry_is_named(void **state)
{
	(void)state;
	add(5);
	tamper("DELETE FROM audit_log WHERE seq = 2");
	assert_int_equal(verify().broken_seq, 2);
}

static void a_cut_tail_is_noticed(void **state)
{
	(void)state;
	add(5);
	tamper("DELETE FROM audit_log WHERE seq = 5");
	assert_int_equal(verify().broken_seq, 5);
}

static void text_cannot_move_between_columns(void **state)
{
	(void)state;
	add(2);
	tamper("UPDATE audit_log SET action = 'clue.acceptx', subject = 'clue' WHERE seq = 1");
	assert_int_equal(verify().broken_seq, 1);
}

static void a_rolled_back_change_leaves_no_entry(void **state)
{
	struct err err;

	(void)state;
	add(1);
	{
		CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
		struct audit_entry e = { .action = STR("x.y") };

		assert_int_equal(db_begin(test.db, &tx, &err), ERR_OK);
		assert_int_equal(audit_add(test.db, &who, 1, &e, &err), ERR_OK);
	}
	add(1);
	assert_int_equal(verify().entries, 2);
}

static enum err_code count_row(const struct audit_row *row, void *arg)
{
	(void)row;
	++*(int *)arg;
	return ERR_OK;
}

static void the_list_filters_by_subject_and_action(void **state)
{
	struct err err;
	int all = 0, one = 0, prefix = 0, none = 0;

	(void)state;
	add(9);
	audit_list(test.db, 0, STR(""), 0, STR(""), 5, count_row, &all, &err);
	audit_list(test.db, 0, STR("clue"), 4, STR(""), 5, count_row, &one, &err);
	audit_list(test.db, 4, STR(""), 0, STR("clue."), 50, count_row, &prefix, &err);
	audit_list(test.db, 0, STR(""), 0, STR("matter."), 50, count_row, &none, &err);
	assert_int_equal(all, 5);
	assert_int_equal(one, 1);
	assert_int_equal(prefix, 3);
	assert_int_equal(none, 0);
}

#define BOTH(f) cmocka_unit_test_setup_teardown(f, open_sqlite, close_db), cmocka_unit_test_setup_teardown(f, open_pg, close_db)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(an_untouched_chain_holds),
		BOTH(a_changed_entry_is_named),
		BOTH(a_deleted_entry_is_named),
		BOTH(a_cut_tail_is_noticed),
		BOTH(text_cannot_move_between_columns),
		BOTH(a_rolled_back_change_leaves_no_entry),
		BOTH(the_list_filters_by_subject_and_action),
	};
	struct CMUnitTest chosen[sizeof(tests) / sizeof(tests[0])];
	size_t count = 0;
	bool pg = test_db_has_pg();

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (pg || tests[i].setup_func != open_pg)
			chosen[count++] = tests[i];
	return _cmocka_run_group_tests("audit", chosen, count, NULL, NULL);
}
