/* Frames: what goes in comes out, rows beyond a block, children, supply sets, links. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fault.h"
#include "frame/frame.h"

static const struct asset_set fixture = { .dirs = { { .dir = "tests/rule/dictionary", .prefix = "dictionary/", .replace = true } },
	.dir_count = 1 };

static struct arena *mem;
static struct dictionary *dictionary;
static const struct dictionary_type *penalty, *agency, *officer;

static int setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	mem = arena_open((size_t)64 << 20);
	if (!mem || dictionary_load(&fixture, mem, &dictionary, &err) != ERR_OK) {
		print_error("%s\n", err.msg);
		return -1;
	}
	penalty = dictionary_type(dictionary, STR("penalty"));
	agency = dictionary_type(dictionary, STR("agency"));
	officer = dictionary_type(dictionary, STR("officer"));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_close(mem);
	return 0;
}

static void clear(const struct dictionary_column *columns, size_t count, struct dictionary_value *values)
{
	for (size_t i = 0; i < count; i++)
		values[columns[i].index] = (struct dictionary_value){ .null = true };
}

static void set_text(struct dictionary_value *values, const struct dictionary_column *c, const char *text)
{
	values[c->index] = (struct dictionary_value){ .s = str_of(text) };
}

static void set_number(struct dictionary_value *values, const struct dictionary_column *c, int64_t i)
{
	values[c->index] = (struct dictionary_value){ .i = i };
}

static struct frame_builder *open_builder(const struct dictionary_type *type, const struct frame_wanted *wanted)
{
	struct frame_builder *b = NULL;
	struct frame_supply supply;
	size_t index;

	assert_int_equal(frame_builder_open(type, wanted, &b, NULL), ERR_OK);
	frame_supply_all(type, &supply);
	assert_int_equal(frame_builder_supply(b, &supply, &index, NULL), ERR_OK);
	assert_int_equal(index, 0);
	return b;
}

static struct frame *agencies(const char *const *codes, size_t count)
{
	struct frame_builder *b = open_builder(agency, NULL);
	struct dictionary_value values[DICTIONARY_COLUMNS_MAX];
	struct frame *f = NULL;

	for (size_t i = 0; i < count; i++) {
		clear(agency->columns, agency->column_count, values);
		set_text(values, dictionary_column(agency, STR("code")), codes[i]);
		assert_int_equal(frame_builder_row(b, &(struct frame_row){ .key = str_of(codes[i]), .values = values }, NULL), ERR_OK);
	}
	assert_int_equal(frame_builder_finish(&b, &f, NULL), ERR_OK);
	return f;
}

static void values_of_every_type_come_back_over_block_borders(void **state)
{
	struct frame_builder *b = open_builder(penalty, NULL);
	const struct dictionary_column *text = dictionary_column(penalty, STR("facts")), *money = dictionary_column(penalty, STR("fine")),
				       *date = dictionary_column(penalty, STR("filed_on")),
				       *code = dictionary_column(penalty, STR("procedure")),
				       *flag = dictionary_column(penalty, STR("major"));
	struct dictionary_value values[DICTIONARY_COLUMNS_MAX];
	struct frame *f = NULL;
	size_t rows = FRAME_BLOCK + 3;

	(void)state;
	for (size_t i = 0; i < rows; i++) {
		clear(penalty->columns, penalty->column_count, values);
		if (i % 3 != 0) {
			set_text(values, text, i % 2 ? "违法" : "");
			set_number(values, money, (int64_t)i * 100);
			set_number(values, date, (int64_t)i);
			set_number(values, code, i % 2);
			set_number(values, flag, i % 2);
		}
		assert_int_equal(
			frame_builder_row(b, &(struct frame_row){ .key = STR("k"), .id = (int64_t)i, .values = values }, NULL), ERR_OK);
	}
	assert_int_equal(frame_builder_finish(&b, &f, NULL), ERR_OK);

	assert_null(b);
	assert_int_equal(f->table.rows, rows);
	for (size_t i = 0; i < rows; i++) {
		struct dictionary_value v = frame_value(text, &f->table.columns[text->index], i);

		assert_int_equal(v.null, i % 3 == 0);
		assert_true(v.null || str_eq(v.s, i % 2 ? STR("违法") : STR("")));
		v = frame_value(money, &f->table.columns[money->index], i);
		assert_true(v.null || v.i == (int64_t)i * 100);
		v = frame_value(date, &f->table.columns[date->index], i);
		assert_true(v.null || v.i == (int64_t)i);
		v = frame_value(code, &f->table.columns[code->index], i);
		assert_true(v.null || str_eq(v.s, i % 2 ? STR("simple") : STR("general")));
		v = frame_value(flag, &f->table.columns[flag->index], i);
		assert_true(v.null || v.i == (int64_t)(i % 2));
	}
	assert_int_equal(frame_find_id(f, FRAME_BLOCK + 1), FRAME_BLOCK + 1);
	frame_release(f);
}

static void padding_behind_the_rows_is_zero_and_not_valid(void **state)
{
	const char *const codes[] = { "a", "b", "c" };
	struct frame *f = agencies(codes, 3);
	const struct frame_column *c = &f->table.columns[0];

	(void)state;
	for (size_t i = 3; i < FRAME_BLOCK; i++) {
		assert_false(frame_bit(c->valid, i));
		assert_int_equal(frame_text(c, i).len, 0);
	}
	frame_release(f);
}

static void children_belong_to_the_record_before_them(void **state)
{
	struct frame_builder *b = open_builder(penalty, NULL);
	const struct dictionary_child *documents = dictionary_child(penalty, STR("documents"));
	struct dictionary_value values[DICTIONARY_COLUMNS_MAX], part[DICTIONARY_COLUMNS_MAX];
	const struct frame_child *c;
	struct frame *f = NULL;

	(void)state;
	clear(penalty->columns, penalty->column_count, values);
	clear(documents->columns, documents->column_count, part);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(frame_builder_row(b, &(struct frame_row){ .key = STR("k"), .values = values }, NULL), ERR_OK);
		for (int k = 0; k < i; k++)
			assert_int_equal(frame_builder_child(b, documents->index, part, NULL), ERR_OK);
	}
	assert_int_equal(frame_builder_finish(&b, &f, NULL), ERR_OK);

	c = &f->children[documents->index];
	assert_int_equal(c->table.rows, 3);
	assert_int_equal(c->first[0], 0);
	assert_int_equal(c->first[1], 0);
	assert_int_equal(c->first[2], 1);
	assert_int_equal(c->first[3], 3);
	assert_int_equal(c->parent[0], 1);
	assert_int_equal(c->parent[2], 2);
	frame_release(f);
}

static void supply_sets_name_columns_collections_and_columns_of_collections(void **state)
{
	const struct dictionary_child *documents = dictionary_child(penalty, STR("documents"));
	struct frame_supply s = { 0 };

	(void)state;
	assert_true(frame_supply_add(penalty, STR("fine"), &s));
	assert_true(frame_supply_add(penalty, STR("documents.kind"), &s));
	assert_false(frame_supply_add(penalty, STR("documents.no_such"), &s));
	assert_false(frame_supply_add(penalty, STR("no_such"), &s));

	assert_true(frame_bit(s.columns, (size_t)dictionary_column(penalty, STR("fine"))->index));
	assert_false(frame_bit(s.columns, (size_t)dictionary_column(penalty, STR("facts"))->index));
	assert_int_equal(s.children, 1u << documents->index);
	assert_true(frame_bit(s.child_columns[documents->index], (size_t)dictionary_child_column(documents, STR("kind"))->index));
	assert_false(frame_bit(s.child_columns[documents->index], (size_t)dictionary_child_column(documents, STR("made_on"))->index));
	assert_true(frame_supply_remove(penalty, STR("documents"), &s));
	assert_int_equal(s.children, 0);
}

static void unwanted_columns_are_not_kept(void **state)
{
	struct frame_wanted wanted = { 0 };
	const struct dictionary_column *fine = dictionary_column(penalty, STR("fine"));
	struct dictionary_value values[DICTIONARY_COLUMNS_MAX];
	struct frame_builder *b;
	struct frame *f = NULL;

	(void)state;
	frame_wanted_add(&wanted, -1, fine->index);
	b = open_builder(penalty, &wanted);
	clear(penalty->columns, penalty->column_count, values);
	set_number(values, fine, 5);
	assert_int_equal(frame_builder_row(b, &(struct frame_row){ .key = STR("k"), .values = values }, NULL), ERR_OK);
	assert_int_equal(frame_builder_finish(&b, &f, NULL), ERR_OK);

	assert_true(f->table.columns[fine->index].loaded);
	assert_false(f->table.columns[fine->index + 1].loaded);
	assert_int_equal(frame_value(fine, &f->table.columns[fine->index], 0).i, 5);
	frame_release(f);
}

static struct frame *cases_of(const char *const *agency_codes, size_t count)
{
	struct frame_builder *b = open_builder(penalty, NULL);
	struct dictionary_value values[DICTIONARY_COLUMNS_MAX];
	struct frame *f = NULL;

	for (size_t i = 0; i < count; i++) {
		clear(penalty->columns, penalty->column_count, values);
		if (agency_codes[i])
			set_text(values, dictionary_column(penalty, STR("agency_code")), agency_codes[i]);
		assert_int_equal(frame_builder_row(b, &(struct frame_row){ .key = STR("k"), .values = values }, NULL), ERR_OK);
	}
	assert_int_equal(frame_builder_finish(&b, &f, NULL), ERR_OK);
	return f;
}

static void references_resolve_and_ambiguous_ones_do_not(void **state)
{
	const char *const register_codes[] = { "A", "B", "TWICE", "TWICE" };
	const char *const used[] = { "B", NULL, "TWICE", "GONE", "A" };
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 };
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	const uint32_t *rows;

	(void)state;
	frames[agency->index] = agencies(register_codes, 4);
	frames[penalty->index] = cases_of(used, 5);
	assert_int_equal(frame_set_open(dictionary, frames, NULL, &set, NULL), ERR_OK);

	rows = set->links[penalty->index][frame_link_slot(penalty, -1, 0)]->rows;
	assert_int_equal(rows[0], 1);
	assert_int_equal(rows[1], FRAME_NO_ROW);
	assert_int_equal(rows[2], FRAME_NO_ROW);
	assert_int_equal(rows[3], FRAME_NO_ROW);
	assert_int_equal(rows[4], 0);
	frame_release(frames[agency->index]);
	frame_release(frames[penalty->index]);
}

static void a_new_set_shares_links_between_unchanged_frames(void **state)
{
	const char *const codes[] = { "A" };
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 };
	CLEANUP(frame_set_releasep) struct frame_set *old = NULL, *new = NULL;
	size_t slot = frame_link_slot(penalty, -1, 0);

	(void)state;
	frames[agency->index] = agencies(codes, 1);
	frames[penalty->index] = cases_of(codes, 1);
	assert_int_equal(frame_set_open(dictionary, frames, NULL, &old, NULL), ERR_OK);
	frame_release(frames[agency->index]);
	frames[agency->index] = agencies(codes, 1);
	assert_int_equal(frame_set_open(dictionary, frames, old, &new, NULL), ERR_OK);

	assert_ptr_not_equal(old->links[penalty->index][slot], new->links[penalty->index][slot]);
	assert_ptr_equal(old->frames[penalty->index], new->frames[penalty->index]);
	frame_set_release(old);
	old = NULL;
	assert_int_equal(frame_set_open(dictionary, frames, new, &old, NULL), ERR_OK);
	assert_ptr_equal(old->links[penalty->index][slot], new->links[penalty->index][slot]);
	frame_release(frames[agency->index]);
	frame_release(frames[penalty->index]);
}

static void building_survives_any_single_allocation_failure(void **state)
{
	struct dictionary_value values[DICTIONARY_COLUMNS_MAX];
	enum err_code code = ERR_NOMEM;
	int n = 0;

	(void)state;
	clear(agency->columns, agency->column_count, values);
	for (; code == ERR_NOMEM; n++) {
		CLEANUP(frame_builder_closep) struct frame_builder *b = NULL;
		CLEANUP(frame_releasep) struct frame *f = NULL;
		struct frame_supply supply;
		size_t index;

		frame_supply_all(agency, &supply);
		fault_arm(FAULT_ALLOC, n);
		code = frame_builder_open(agency, NULL, &b, NULL);
		if (code == ERR_OK)
			code = frame_builder_supply(b, &supply, &index, NULL);
		if (code == ERR_OK)
			code = frame_builder_row(b, &(struct frame_row){ .key = STR("k"), .values = values }, NULL);
		if (code == ERR_OK)
			code = frame_builder_finish(&b, &f, NULL);
		fault_arm(FAULT_ALLOC, -1);
	}
	assert_int_equal(code, ERR_OK);
	assert_true(n > 10);
}

/* ---- files ---- */

static char image_path[64];

static void write_image(void)
{
	const char *const codes[] = { "A", "B", "C" };
	const char *const used[] = { "B", NULL, "A", "C" };
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 };
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	struct frame_stamp stamp = { .numbers = { 7 }, .text = "store" };

	snprintf(image_path, sizeof(image_path), "/tmp/xz-image-%d", (int)getpid());
	frames[agency->index] = agencies(codes, 3);
	frames[penalty->index] = cases_of(used, 4);
	for (int i = 0; i < 4; i++)
		frames[penalty->index]->ids[i] = i + 1;
	for (int i = 0; i < 3; i++)
		frames[agency->index]->ids[i] = i + 1;
	assert_int_equal(frame_set_open(dictionary, frames, NULL, &set, NULL), ERR_OK);
	assert_int_equal(frame_image_write(image_path, set, &stamp, NULL), ERR_OK);
	frame_release(frames[agency->index]);
	frame_release(frames[penalty->index]);
}

static enum err_code open_image(struct frame **frames, struct frame_stamp *stamp)
{
	memset(frames, 0, DICTIONARY_TYPES_MAX * sizeof(*frames));
	return frame_image_open(image_path, dictionary, frames, stamp, NULL);
}

static void frames_come_back_from_a_file(void **state)
{
	struct frame *frames[DICTIONARY_TYPES_MAX];
	struct frame_stamp stamp;
	const struct dictionary_column *code = dictionary_column(agency, STR("code"));

	(void)state;
	write_image();
	assert_int_equal(open_image(frames, &stamp), ERR_OK);

	assert_int_equal(stamp.numbers[0], 7);
	assert_string_equal(stamp.text, "store");
	assert_int_equal(frames[agency->index]->table.rows, 3);
	assert_int_equal(frames[penalty->index]->table.rows, 4);
	assert_null(frames[officer->index]);
	assert_true(str_eq(frame_value(code, &frames[agency->index]->table.columns[code->index], 1).s, STR("B")));
	frame_release(frames[agency->index]);
	frame_release(frames[penalty->index]);
	unlink(image_path);
}

static void a_file_with_one_byte_different_is_refused(void **state)
{
	struct frame *frames[DICTIONARY_TYPES_MAX];
	struct frame_stamp stamp;
	long bytes;

	(void)state;
	write_image();
	for (long at = 0, step = 1; step > 0; at += step) {
		FILE *f = fopen(image_path, "r+");
		int byte;

		assert_non_null(f);
		fseek(f, 0, SEEK_END);
		bytes = ftell(f);
		step = at < 400 ? 1 : bytes / 61;
		if (at >= bytes) {
			fclose(f);
			break;
		}
		fseek(f, at, SEEK_SET);
		byte = fgetc(f);
		fseek(f, at, SEEK_SET);
		fputc(byte ^ 0x10, f);
		fclose(f);
		assert_int_equal(open_image(frames, &stamp), ERR_INPUT);
		f = fopen(image_path, "r+");
		fseek(f, at, SEEK_SET);
		fputc(byte, f);
		fclose(f);
	}
	assert_int_equal(truncate(image_path, bytes - 64), 0);
	assert_int_equal(open_image(frames, &stamp), ERR_INPUT);
	unlink(image_path);
	assert_int_equal(open_image(frames, &stamp), ERR_NOT_FOUND);
}

static void a_file_of_another_dictionary_is_refused(void **state)
{
	CLEANUP(arena_closep) struct arena *own = arena_open((size_t)64 << 20);
	struct frame *frames[DICTIONARY_TYPES_MAX];
	struct frame_stamp stamp;
	struct dictionary *other = NULL;

	(void)state;
	write_image();
	assert_int_equal(dictionary_load(&(struct asset_set){ 0 }, own, &other, NULL), ERR_OK);

	assert_int_equal(frame_image_open(image_path, other, frames, &stamp, NULL), ERR_INPUT);
	unlink(image_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_every_type_come_back_over_block_borders),
		cmocka_unit_test(padding_behind_the_rows_is_zero_and_not_valid),
		cmocka_unit_test(children_belong_to_the_record_before_them),
		cmocka_unit_test(supply_sets_name_columns_collections_and_columns_of_collections),
		cmocka_unit_test(unwanted_columns_are_not_kept),
		cmocka_unit_test(references_resolve_and_ambiguous_ones_do_not),
		cmocka_unit_test(a_new_set_shares_links_between_unchanged_frames),
		cmocka_unit_test(frames_come_back_from_a_file),
		cmocka_unit_test(a_file_with_one_byte_different_is_refused),
		cmocka_unit_test(a_file_of_another_dictionary_is_refused),
		cmocka_unit_test(building_survives_any_single_allocation_failure),
	};

	return cmocka_run_group_tests_name("frame", tests, setup, teardown);
}
