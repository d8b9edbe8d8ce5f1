/* An agency objects to a finding of its own, a supervisor answers, the outcome is counted. Both databases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "detect/detect_private.h"
#include "support/test_city.h"

/** A big fine of the market bureau, found. */
static int64_t found(void)
{
	struct finding_page page;

	test_penalty("1", "明州市市场监督管理局", "甲公司", 5000);
	test_sweep();
	page = test_findings(&world.supervisor);
	assert_int_equal(page.row_count, 1);
	return page.rows[0].id;
}

static enum err_code object(const struct actor *who, int64_t finding_id, struct id_list proofs, int64_t *ret_id)
{
	struct contest c = { .finding_id = finding_id, .reason = STR("罚款数额录入有误") };
	struct err err;
	enum err_code code = contest_add(world.db.db, &world.ids, who, CITY_NOW, &c, proofs, world.mem, &err);

	if (ret_id)
		*ret_id = c.id;
	return code;
}

static enum err_code answer(const struct actor *who, int64_t id, enum contest_outcome outcome, const char *text)
{
	struct err err;

	return contest_answer(world.db.db, &world.ids, who, CITY_NOW, id, outcome, str_of(text), world.mem, &err);
}

static struct contest_counts counted(void)
{
	struct contest_counts counts;
	struct err err;

	ok(contest_count(world.db.db, STR("big-fine"), &counts, &err), &err);
	return counts;
}

static void only_the_agency_concerned_objects_and_only_once_at_a_time(void **state)
{
	int64_t finding = found();

	(void)state;
	assert_int_equal(object(&world.tax_liaison, finding, (struct id_list){ 0 }, NULL), ERR_NOT_FOUND);
	assert_int_equal(object(&world.liaison, finding, (struct id_list){ 0 }, NULL), ERR_OK);
	assert_int_equal(object(&world.liaison, finding, (struct id_list){ 0 }, NULL), ERR_STATE);
	assert_int_equal(counted().by_outcome[CONTEST_OPEN], 1);
}

static void an_objection_upheld_makes_a_counted_false_positive(void **state)
{
	struct finding_page page;
	int64_t id;

	(void)state;
	assert_int_equal(object(&world.liaison, found(), (struct id_list){ 0 }, &id), ERR_OK);
	assert_int_equal(answer(&world.supervisor, id, CONTEST_UPHELD, "少"), ERR_INPUT);
	assert_int_equal(answer(&world.supervisor, id, CONTEST_UPHELD, "核对原件，属实"), ERR_OK);
	page = test_findings(&world.supervisor);
	assert_int_equal(page.rows[0].state, FINDING_FALSE_POSITIVE);
	assert_int_equal(counted().by_outcome[CONTEST_UPHELD], 1);
	assert_int_equal(answer(&world.supervisor, id, CONTEST_DISMISSED, "再答复一次"), ERR_STATE);
}

static void an_objection_dismissed_leaves_the_finding_open(void **state)
{
	struct finding_page page;
	int64_t id;

	(void)state;
	assert_int_equal(object(&world.liaison, found(), (struct id_list){ 0 }, &id), ERR_OK);
	assert_int_equal(answer(&world.county_supervisor, id, CONTEST_DISMISSED, "不在本区范围"), ERR_NOT_FOUND);
	assert_int_equal(answer(&world.supervisor, id, CONTEST_DISMISSED, "原件与数据一致"), ERR_OK);
	page = test_findings(&world.supervisor);
	assert_int_equal(page.rows[0].state, FINDING_OPEN);
	assert_int_equal(counted().by_outcome[CONTEST_DISMISSED], 1);
}

static void proofs_are_read_by_both_sides_and_nobody_else(void **state)
{
	int64_t file = test_upload(&world.liaison, "决定书.pdf", "%PDF-1.4\n%%EOF\n"), id;
	struct id_list proofs = { .v = &file, .count = 1 };
	struct err err;
	bool may;

	(void)state;
	assert_int_equal(object(&world.liaison, found(), proofs, &id), ERR_OK);
	ok(contest_may_read(world.db.db, &world.liaison, id, &may, &err), &err);
	assert_true(may);
	ok(contest_may_read(world.db.db, &world.supervisor, id, &may, &err), &err);
	assert_true(may);
	ok(contest_may_read(world.db.db, &world.tax_liaison, id, &may, &err), &err);
	assert_false(may);
}

static void the_list_follows_the_scope(void **state)
{
	struct contest *rows;
	struct err err;
	size_t count;

	(void)state;
	assert_int_equal(object(&world.liaison, found(), (struct id_list){ 0 }, NULL), ERR_OK);
	ok(contest_list(world.db.db, &world.supervisor, true, 0, 10, world.mem, &rows, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_true(str_eq(rows[0].org_name, STR("明州市市场监督管理局")));
	ok(contest_list(world.db.db, &world.county_supervisor, true, 0, 10, world.mem, &rows, &count, &err), &err);
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(only_the_agency_concerned_objects_and_only_once_at_a_time),
		BOTH(an_objection_upheld_makes_a_counted_false_positive),
		BOTH(an_objection_dismissed_leaves_the_finding_open),
		BOTH(proofs_are_read_by_both_sides_and_nobody_else),
		BOTH(the_list_follows_the_scope),
	};

	return test_city_run("contest", tests, sizeof(tests) / sizeof(tests[0]));
}
