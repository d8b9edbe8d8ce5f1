/* Attachments: address by content, nothing half-written, claims only by their uploader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "attachment/attachment.h"
#include "base/fault.h"
#include "base/file.h"
#include "support/test_db.h"

static struct test_db test;
static struct arena *mem;
static struct id_source ids;

static int open_with(enum db_dialect dialect)
{
	test_db_open(&test, dialect);
	mem = arena_open(1 << 20);
	id_source_init(&ids, 0, 0);
	return 0;
}

static int open_sqlite(void **state)
{
	(void)state;
	return open_with(DB_SQLITE);
}

static int open_pg(void **state)
{
	(void)state;
	return open_with(DB_PG);
}

static int close_db(void **state)
{
	(void)state;
	arena_close(mem);
	test_db_close(&test);
	return 0;
}

static enum err_code store(struct str content, char sm3[static 65], struct err *err)
{
	CLEANUP(attachment_abandonp) struct attachment_writer *w = NULL;
	int64_t size;

	TRY(attachment_open(test.dir, &w, err));
	TRY(attachment_write(w, content, err));
	return attachment_finish(&w, sm3, &size, err);
}

static void content_decides_the_address(void **state)
{
	struct err err;
	struct str text;
	char sm3[65], again[65];

	(void)state;
	assert_int_equal(store(STR("abc"), sm3, &err), ERR_OK);
	assert_int_equal(store(STR("abc"), again, &err), ERR_OK);
	assert_string_equal(sm3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
	assert_string_equal(sm3, again);
	assert_int_equal(file_read(attachment_path(test.dir, str_of(sm3), mem), 100, mem, &text, &err), ERR_OK);
	assert_true(str_eq(text, STR("abc")));
}

static void a_full_disk_leaves_nothing_behind(void **state)
{
	struct err err;
	char sm3[65], command[128];

	(void)state;
	fault_arm(FAULT_WRITE, 0);
	assert_int_equal(store(STR("abc"), sm3, &err), ERR_IO);
	snprintf(command, sizeof(command), "test -z \"$(find %s/files -type f)\"", test.dir);
	assert_int_equal(system(command), 0);
}

static void only_the_uploader_can_use_an_upload_and_only_once(void **state)
{
	struct attachment a = { .name = STR("证据.pdf"), .sm3 = STR("00"), .size_bytes = 3, .account_id = 5 }, found;
	struct attachment *list;
	struct err err;
	size_t count;

	(void)state;
	assert_int_equal(attachment_add(test.db, &ids, 1000, &a, &err), ERR_OK);
	assert_int_equal(attachment_claim(test.db, a.id, 6, STR("clue"), 42, true, &err), ERR_NOT_FOUND);
	assert_int_equal(attachment_claim(test.db, a.id, 5, STR("clue"), 42, true, &err), ERR_OK);
	assert_int_equal(attachment_claim(test.db, a.id, 5, STR("clue"), 43, true, &err), ERR_NOT_FOUND);
	assert_int_equal(attachment_get(test.db, a.id, mem, &found, &err), ERR_OK);
	assert_true(found.sealed);
	assert_int_equal(attachment_list(test.db, STR("clue"), 42, mem, &list, &count, &err), ERR_OK);
	assert_int_equal(count, 1);
	assert_true(str_eq(list[0].name, STR("证据.pdf")));
}

#define BOTH(f) cmocka_unit_test_setup_teardown(f, open_sqlite, close_db), cmocka_unit_test_setup_teardown(f, open_pg, close_db)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(content_decides_the_address),
		BOTH(a_full_disk_leaves_nothing_behind),
		BOTH(only_the_uploader_can_use_an_upload_and_only_once),
	};
	struct CMUnitTest chosen[sizeof(tests) / sizeof(tests[0])];
	size_t count = 0;
	bool pg = test_db_has_pg();

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (pg || tests[i].setup_func != open_pg)
			chosen[count++] = tests[i];
	return _cmocka_run_group_tests("attachment", chosen, count, NULL, NULL);
}
