/* Unit tests of base: text, arenas, buffers, JSON, dates, identifiers, files, fault gates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/asset.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/id.h"
#include "base/json.h"
#include "base/vec.h"

static void numbers_parse_exactly_or_not_at_all(void **state)
{
	int64_t v;

	(void)state;
	assert_true(str_to_scaled(STR("1.005"), 2, &v));
	assert_int_equal(v, 101);
	assert_true(str_to_scaled(STR("-0.5"), 4, &v));
	assert_int_equal(v, -5000);
	assert_true(str_to_i64(STR("-9223372036854775808"), &v));
	assert_true(v == INT64_MIN);
	assert_false(str_to_i64(STR("9223372036854775808"), &v));
	assert_false(str_to_i64(STR("1.0"), &v));
	assert_false(str_to_i64(STR(""), &v));
	assert_false(str_to_i64(STR("1e5"), &v));
}

static void utf8_follows_the_standard_table(void **state)
{
	(void)state;
	assert_true(utf8_valid(STR("獬豸𠮷")));
	assert_false(utf8_valid(STR("\xC0\x80")));
	assert_false(utf8_valid(STR("\xED\xA0\x80")));
	assert_false(utf8_valid(STR("\xF4\x90\x80\x80")));
	assert_false(utf8_valid(STR("\xE7\x8D")));
	assert_int_equal(utf8_count(STR("獬豸𠮷")), 3);
}

static void trimming_knows_the_ideographic_space(void **state)
{
	(void)state;
	assert_true(str_eq(str_trim(STR("\xEF\xBB\xBF 　当事人\xC2\xA0\r\n")), STR("当事人")));
	assert_true(str_eq(str_trim(STR(" 　")), STR("")));
}

static void dates_round_trip_over_four_centuries(void **state)
{
	int32_t first = day_from_ymd(1899, 12, 30), last = day_from_ymd(2301, 1, 1);

	(void)state;
	for (int32_t day = first; day <= last; day++) {
		char text[11];
		int32_t back;

		day_format(day, text);
		assert_true(day_parse(str_of(text), &back));
		assert_int_equal(back, day);
	}
	assert_int_equal(day_weekday(day_from_ymd(2026, 11, 23)), 0);
	assert_int_equal(day_from_ymd(1970, 1, 1), 0);
}

static void months_clamp_to_the_last_day(void **state)
{
	(void)state;
	assert_int_equal(day_add_months(day_from_ymd(2024, 1, 31), 1), day_from_ymd(2024, 2, 29));
	assert_int_equal(day_add_months(day_from_ymd(2025, 1, 31), 1), day_from_ymd(2025, 2, 28));
	assert_int_equal(day_add_months(day_from_ymd(2025, 12, 15), 14), day_from_ymd(2027, 2, 15));
	assert_int_equal(day_add_months(day_from_ymd(2025, 1, 15), -13), day_from_ymd(2023, 12, 15));
}

static void impossible_dates_are_refused(void **state)
{
	int32_t day;
	int64_t civil;

	(void)state;
	assert_false(day_parse(STR("2025-02-29"), &day));
	assert_false(day_parse(STR("2025-2-09"), &day));
	assert_false(day_parse(STR("0000-01-01"), &day));
	assert_true(civil_parse(STR("2025-06-01 23:59"), &civil));
	assert_false(civil_parse(STR("2025-06-01 24:00:00"), &civil));
}

static void the_civil_day_changes_at_midnight_in_china(void **state)
{
	(void)state;
	assert_int_equal(day_of_time(1798732800000ll - 1), day_from_ymd(2026, 12, 31));
	assert_int_equal(day_of_time(1798732800000ll), day_from_ymd(2027, 1, 1));
}

static void json_escapes_what_must_be_escaped(void **state)
{
	struct buf out;
	struct json j;

	(void)state;
	buf_init(&out, 1000);
	json_init(&j, &out);
	json_obj(&j);
	json_kstr(&j, "a", STR("引\"\\\n\x01<\xFF"));
	json_kid(&j, "id", 9007199254740993);
	json_key(&j, "fine");
	json_scaled(&j, -12305, 2);
	json_kday(&j, "on", DAY_NONE);
	json_key(&j, "list");
	json_arr(&j);
	json_i64(&j, 1);
	json_bool(&j, false);
	json_arr_end(&j);
	json_obj_end(&j);

	assert_string_equal(out.ptr, "{\"a\":\"引\\\"\\\\\\n\\u0001\\u003c\xEF\xBF\xBD\",\"id\":\"9007199254740993\",\"fine\":-123.05,"
				     "\"on\":null,\"list\":[1,false]}");
	buf_clear(&out);
}

static void a_full_buffer_fails_once_and_stays_failed(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_puts(&b, "abcd");
	assert_false(b.failed);
	buf_putc(&b, 'e');
	buf_putc(&b, 'f');
	assert_true(b.failed);
	assert_string_equal(b.ptr, "abcd");
	buf_clear(&b);
}

static void arenas_stop_at_their_ceiling(void **state)
{
	CLEANUP(arena_closep) struct arena *a = arena_open(100000);

	(void)state;
	assert_non_null(ARENA_NEW(a, int64_t, 1000));
	assert_null(ARENA_NEW(a, char, 100001));
	assert_null(arena_alloc(a, SIZE_MAX, 2, 1));
	for (int i = 0; i < 100; i++) {
		arena_reset(a);
		assert_non_null(ARENA_NEW(a, char, 50000));
	}
}

static void a_failed_allocation_is_reported_not_hidden(void **state)
{
	CLEANUP(arena_closep) struct arena *a = arena_open(1 << 20);

	(void)state;
	fault_arm(FAULT_ALLOC, 0);
	assert_null(ARENA_NEW(a, char, 10));
	assert_non_null(ARENA_NEW(a, char, 10));
}

static void error_texts_are_cut_between_characters(void **state)
{
	struct err err;
	char longer[2000];

	(void)state;
	memset(longer, 0, sizeof(longer));
	for (int i = 0; i < 300; i++)
		memcpy(longer + i * 3, "律", 3);
	err_set(&err, ERR_INPUT, "x%s", longer);
	assert_true(utf8_valid(str_of(err.msg)));
	err_prefix(&err, "第 %d 行", 3);
	assert_true(utf8_valid(str_of(err.msg)));
	assert_int_equal(err.code, ERR_INPUT);
}

static void identifiers_grow_and_never_repeat(void **state)
{
	struct id_source ids;
	int64_t last = 0;

	(void)state;
	id_source_init(&ids, 3, 1750000000000ll);
	for (int i = 0; i < 200000; i++) {
		int64_t id = id_new(&ids);

		assert_true(id > last);
		last = id;
	}
}

static void a_failed_write_leaves_the_old_file(void **state)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(1 << 20);
	char path[] = "/tmp/xz-base-XXXXXX";
	struct err err;
	struct str text;

	(void)state;
	close(mkstemp(path));
	assert_int_equal(file_write(path, STR("old"), &err), ERR_OK);
	fault_arm(FAULT_WRITE, 0);
	assert_int_equal(file_write(path, STR("new"), &err), ERR_IO);
	assert_int_equal(file_read(path, 10, mem, &text, &err), ERR_OK);
	assert_true(str_eq(text, STR("old")));
	assert_int_equal(file_read(path, 2, mem, &text, &err), ERR_LIMIT);
	unlink(path);
}

static void the_overlay_replaces_and_hides(void **state)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(1 << 20);
	char dir[] = "/tmp/xz-asset-XXXXXX";
	char file[64];
	struct asset_set set = { .dir_count = 1 };
	struct asset_file *files, one;
	size_t count;
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/mine.yaml", dir);
	assert_int_equal(file_write(file, STR("id: mine\n"), &err), ERR_OK);
	set.dirs[0] = (struct asset_dir){ .dir = dir, .prefix = "rules/", .replace = true };

	assert_int_equal(asset_list(&set, STR("rules/"), STR(".yaml"), mem, &files, &count, &err), ERR_OK);
	assert_int_equal(count, 1);
	assert_true(str_eq(files[0].path, STR("rules/mine.yaml")));
	assert_int_equal(asset_read(&set, STR("rules/mine.yaml"), mem, &one, &err), ERR_OK);
	assert_int_equal(asset_read(&set, STR("rules/../mine.yaml"), mem, &one, &err), ERR_NOT_FOUND);
	unlink(file);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_parse_exactly_or_not_at_all),
		cmocka_unit_test(utf8_follows_the_standard_table),
		cmocka_unit_test(trimming_knows_the_ideographic_space),
		cmocka_unit_test(dates_round_trip_over_four_centuries),
		cmocka_unit_test(months_clamp_to_the_last_day),
		cmocka_unit_test(impossible_dates_are_refused),
		cmocka_unit_test(the_civil_day_changes_at_midnight_in_china),
		cmocka_unit_test(json_escapes_what_must_be_escaped),
		cmocka_unit_test(a_full_buffer_fails_once_and_stays_failed),
		cmocka_unit_test(arenas_stop_at_their_ceiling),
		cmocka_unit_test(a_failed_allocation_is_reported_not_hidden),
		cmocka_unit_test(error_texts_are_cut_between_characters),
		cmocka_unit_test(identifiers_grow_and_never_repeat),
		cmocka_unit_test(a_failed_write_leaves_the_old_file),
		cmocka_unit_test(the_overlay_replaces_and_hides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
