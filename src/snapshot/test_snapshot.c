/* Snapshots of a store: what was imported is there with what its source supplied, unchanged types keep their frames, readers keep the
 * state they took. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../tests/support/test_db.h"
#include "base/buf.h"
#include "base/file.h"
#include "snapshot/snapshot.h"

#define NOW_MS 1780000000000

struct fixture {
	struct test_db t;
	struct arena *mem;
	struct dictionary *dictionary;
	struct mapping_set *mappings;
	struct id_source ids;
	struct snapshot_store *store;
	const struct dictionary_type *penalty, *agency;
};

static struct fixture *fixture_open(enum db_dialect dialect)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct asset_set assets = { 0 };
	struct err err = { 0 };

	f->mem = arena_open((size_t)512 << 20);
	test_db_open(&f->t, dialect);
	id_source_init(&f->ids, 0, 0);
	if (dictionary_load(&assets, f->mem, &f->dictionary, &err) != ERR_OK ||
		mapping_load(&assets, f->dictionary, f->mem, &f->mappings, &err) != ERR_OK ||
		record_tables_ensure(f->t.db, f->dictionary, &err) != ERR_OK ||
		snapshot_store_open(f->dictionary, NULL, &f->store, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	f->penalty = dictionary_type(f->dictionary, STR("penalty_case"));
	f->agency = dictionary_type(f->dictionary, STR("agency"));
	return f;
}

static int setup_sqlite(void **state)
{
	*state = fixture_open(DB_SQLITE);
	return 0;
}

static int setup_pg(void **state)
{
	*state = test_db_has_pg() ? fixture_open(DB_PG) : NULL;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	if (!f)
		return 0;
	snapshot_store_close(f->store);
	test_db_close(&f->t);
	arena_close(f->mem);
	free(f);
	return 0;
}

static struct fixture *fixture_of(void **state)
{
	if (!*state)
		skip();
	return *state;
}

static void import_text(struct fixture *f, const struct dictionary_type *type, const char *text)
{
	char *path = str_cstr(f->mem, str_printf(f->mem, "%s/in.csv", f->t.dir));
	struct import_options o = {
		.dictionary = f->dictionary, .mappings = f->mappings, .ids = &f->ids, .data_dir = f->t.dir, .now_ms = NOW_MS
	};
	struct actor who = { .name = STR("测试"), .roles = ROLE_SUPERVISOR };
	struct err err = { 0 };
	struct import i;

	assert_int_equal(file_write(path, str_of(text), &err), ERR_OK);
	if (import_file(f->t.db, &o, &who, &(struct record_reader_options){ .path = path, .type = type }, &i, f->mem, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(i.counts.rejected, 0);
}

static struct frame_set *get(struct fixture *f)
{
	struct frame_set *set = NULL;
	struct err err = { 0 };

	if (snapshot_get(f->store, f->t.db, &set, NULL, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return set;
}

static struct dictionary_value value_of(const struct frame_set *set, const struct dictionary_type *type, const char *column, size_t row)
{
	const struct dictionary_column *c = dictionary_column(type, str_of(column));

	return frame_value(c, &set->frames[type->index]->table.columns[c->index], row);
}

#define CASES "案号,处罚机关,行政相对人名称,罚款金额,处罚决定日期\n"

static void an_empty_store_gives_empty_frames(void **state)
{
	struct fixture *f = fixture_of(state);
	CLEANUP(frame_set_releasep) struct frame_set *set = get(f);

	assert_int_equal(set->frames[f->penalty->index]->table.rows, 0);
}

static void rows_come_with_what_their_source_supplied(void **state)
{
	struct fixture *f = fixture_of(state);
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	const struct frame *frame;
	const struct frame_supply *supply;

	import_text(f, f->penalty, CASES "甲1,甲局,张三,200,2025-03-04\n甲2,甲局,李四,,2025-03-05\n");
	set = get(f);
	frame = set->frames[f->penalty->index];

	assert_int_equal(frame->table.rows, 2);
	assert_int_equal(value_of(set, f->penalty, "fine", 0).i, 20000);
	assert_true(value_of(set, f->penalty, "fine", 1).null);
	supply = &frame->supplies[frame->supply[0]];
	assert_true(frame_bit(supply->columns, (size_t)dictionary_column(f->penalty, STR("fine"))->index));
	assert_false(frame_bit(supply->columns, (size_t)dictionary_column(f->penalty, STR("filed_on"))->index));
	assert_int_equal(supply->children, 0);
	assert_true(frame->ids[0] != 0);
}

static void the_same_state_is_the_same_set(void **state)
{
	struct fixture *f = fixture_of(state);
	CLEANUP(frame_set_releasep) struct frame_set *a = NULL, *b = NULL;

	import_text(f, f->penalty, CASES "甲1,甲局,张三,200,2025-03-04\n");
	a = get(f);
	b = get(f);

	assert_ptr_equal(a, b);
}

static void a_change_replaces_only_the_type_it_touched_and_readers_keep_theirs(void **state)
{
	struct fixture *f = fixture_of(state);
	CLEANUP(frame_set_releasep) struct frame_set *before = NULL, *after = NULL;

	import_text(f, f->penalty, CASES "甲1,甲局,张三,200,2025-03-04\n");
	before = get(f);
	import_text(f, f->penalty, CASES "甲1,甲局,张三,300,2025-03-04\n");
	after = get(f);

	assert_ptr_not_equal(before, after);
	assert_int_equal(value_of(before, f->penalty, "fine", 0).i, 20000);
	assert_int_equal(value_of(after, f->penalty, "fine", 0).i, 30000);
	assert_ptr_equal(before->frames[f->agency->index], after->frames[f->agency->index]);
	assert_ptr_not_equal(before->frames[f->penalty->index], after->frames[f->penalty->index]);
}

static void references_are_resolved_when_the_register_comes_later(void **state)
{
	struct fixture *f = fixture_of(state);
	CLEANUP(frame_set_releasep) struct frame_set *before = NULL, *after = NULL;
	size_t slot = frame_link_slot(f->penalty, -1, f->penalty->agency);
	struct str code = STR("11330100002489001");

	import_text(f, f->penalty, CASES "甲1,甲局,张三,200,2025-03-04\n");
	before = get(f);
	import_text(f, f->agency,
		str_cstr(
			f->mem, str_printf(f->mem, "统一社会信用代码,执法主体名称,主体类型,层级,状态\n%.*s%c,甲局,行政执法机关,市级,有效\n",
					STR_ARG(code), credit_code_check(code))));
	after = get(f);

	assert_int_equal(before->links[f->penalty->index][slot]->rows[0], FRAME_NO_ROW);
	assert_int_equal(after->links[f->penalty->index][slot]->rows[0], 0);
}

#define BOTH(test) cmocka_unit_test_setup_teardown(test, setup_sqlite, teardown), cmocka_unit_test_setup_teardown(test, setup_pg, teardown)

/* ---- between processes ---- */

/** Another process: a store of its own with the same file. */
static struct snapshot_store *another_store(struct fixture *f)
{
	struct frame_wanted *wanted = ARENA_NEW(f->mem, struct frame_wanted, f->dictionary->type_count);
	struct snapshot_store *s = NULL;
	struct err err = { 0 };

	for (size_t t = 0; t < f->dictionary->type_count; t++)
		for (size_t c = 0; c < f->dictionary->types[t].column_count; c++)
			frame_wanted_add(&wanted[t], -1, (int)c);
	if (snapshot_store_open(f->dictionary, wanted, &s, &err) != ERR_OK ||
		snapshot_store_cache(s, str_cstr(f->mem, str_printf(f->mem, "%s/frames", f->t.dir)), &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return s;
}

/** What a new process sees: whether it mapped the file, the fine of the first case, the number of cases. */
struct seen {
	bool mapped;
	int64_t fine;
	size_t rows;
};

static struct seen see(struct fixture *f)
{
	struct snapshot_store *s = another_store(f);
	struct frame_set *set = NULL;
	struct err err = { 0 };
	struct seen seen;

	if (snapshot_get(s, f->t.db, &set, NULL, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	seen.mapped = set->frames[f->agency->index]->image != NULL; /* the cases' frame is a copy when one of them changed */
	seen.fine = value_of(set, f->penalty, "fine", 0).i;
	seen.rows = set->frames[f->penalty->index]->table.rows;
	frame_set_release(set);
	snapshot_store_close(s);
	return seen;
}

static void import_many(struct fixture *f)
{
	CLEANUP(buf_clear) struct buf text;

	buf_init(&text, 4 << 20);
	buf_puts(&text, CASES);
	for (int i = 0; i < 1200; i++)
		buf_printf(&text, "甲%d,甲局,张三,200,2025-03-04\n", i);
	import_text(f, f->penalty, text.ptr);
}

static void the_next_process_maps_the_file_and_reads_only_what_changed(void **state)
{
	struct fixture *f = fixture_of(state);
	struct seen first, second, third;

	import_many(f);
	first = see(f);
	second = see(f);
	import_text(f, f->penalty, CASES "甲0,甲局,张三,300,2025-03-04\n");
	third = see(f);

	assert_false(first.mapped);
	assert_true(second.mapped);
	assert_int_equal(second.fine, 20000);
	assert_int_equal(second.rows, 1200);
	assert_true(third.mapped);
	assert_int_equal(third.fine, 30000);
	assert_int_equal(third.rows, 1200);
}

static void a_file_of_another_history_is_not_used(void **state)
{
	struct fixture *f = fixture_of(state);
	struct err err = { 0 };

	import_many(f);
	see(f);
	assert_true(see(f).mapped);
	assert_int_equal(db_exec_script(f->t.db, STR("UPDATE audit_log SET hash = 'another'"), &err), ERR_OK);

	assert_false(see(f).mapped);
}

static void a_damaged_file_is_not_used(void **state)
{
	struct fixture *f = fixture_of(state);
	char *path = str_cstr(f->mem, str_printf(f->mem, "%s/frames", f->t.dir));
	FILE *file;

	import_many(f);
	see(f);
	file = fopen(path, "r+");
	assert_non_null(file);
	fseek(file, 5000, SEEK_SET);
	fputc('x', file);
	fclose(file);

	assert_false(see(f).mapped);
	assert_int_equal(see(f).rows, 1200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(an_empty_store_gives_empty_frames),
		BOTH(rows_come_with_what_their_source_supplied),
		BOTH(the_same_state_is_the_same_set),
		BOTH(a_change_replaces_only_the_type_it_touched_and_readers_keep_theirs),
		BOTH(references_are_resolved_when_the_register_comes_later),
		BOTH(the_next_process_maps_the_file_and_reads_only_what_changed),
		BOTH(a_file_of_another_history_is_not_used),
		BOTH(a_damaged_file_is_not_used),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
