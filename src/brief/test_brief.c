/* What a brief says, on both databases: figures, definition, agencies by name, missing data, the demo mark. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/date.h"
#include "brief/brief.h"
#include "org/org.h"
#include "support/library_leaks.h"
#include "support/test_db.h"

static struct test_db test;
static struct arena *mem;
static struct id_source ids;
static struct app app;
static struct dictionary *dictionary;
static struct mapping_set *mappings;
static struct rule_pack *rules;
static const struct actor program = { .name = STR_INIT("测试"), .roles = ROLE_SIGNED_IN };

static void ok(enum err_code code, const struct err *err)
{
	if (code != ERR_OK)
		fail_msg("%s", err->msg);
}

static void add_org(const char *code, const char *name, enum org_kind kind)
{
	struct org o = { .kind = kind,
		.level = ORG_CITY,
		.code = str_of(code),
		.name = str_of(name),
		.confirmed_on = DAY_NONE,
		.published_on = DAY_NONE,
		.cancelled_on = DAY_NONE };
	struct err err;

	ok(org_add(test.db, &ids, &program, 1000, &o, mem, &err), &err);
}

static int open_with(enum db_dialect dialect)
{
	static struct asset_set builtin;
	struct rule_options options = { .assets = &builtin };
	struct calendar *calendar;
	struct law_register *law;
	struct err err;

	test_db_open(&test, dialect);
	mem = arena_open(512 << 20);
	id_source_init(&ids, 0, 0);
	ok(calendar_load(&builtin, STR(""), mem, &calendar, &err), &err);
	ok(law_load(&builtin, mem, &law, &err), &err);
	ok(dictionary_load(&builtin, mem, &dictionary, &err), &err);
	ok(mapping_load(&builtin, dictionary, mem, &mappings, &err), &err);
	options.calendar = calendar;
	options.dictionary = dictionary;
	options.law = law;
	ok(rule_pack_load(&options, &rules, &err), &err);
	ok(record_tables_ensure(test.db, dictionary, &err), &err);
	app = (struct app){ .calendar = calendar,
		.law = law,
		.dictionary = dictionary,
		.mappings = mappings,
		.rules = rules,
		.ids = &ids,
		.data_dir = test.dir,
		.fixed_today = DAY_NONE };
	add_org("A1", "甲市水利局", ORG_AGENCY);
	add_org("A2", "甲市交通运输局", ORG_AGENCY);
	add_org("A3", "甲市民政局", ORG_AGENCY);
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
	rule_pack_close(rules);
	arena_close(mem);
	test_db_close(&test);
	return 0;
}

static void put_case(const char *case_no, const char *agency, int32_t decided_on)
{
	const struct dictionary_type *t = dictionary_type(dictionary, STR("penalty_case"));
	struct import_options options = {
		.dictionary = dictionary, .mappings = mappings, .ids = &ids, .data_dir = test.dir, .now_ms = 5000
	};
	CLEANUP(record_writer_closep) struct record_writer *writer = NULL;
	struct dictionary_value values[DICTIONARY_COLUMNS_MAX];
	struct record_child_rows children[DICTIONARY_CHILDREN_MAX] = { 0 };
	struct record_row row = { .line = 1, .values = values, .children = children };
	struct record_supply supply;
	struct record_counts counts;
	struct err err;

	for (size_t i = 0; i < t->column_count; i++)
		values[i] = (struct dictionary_value){ .null = true };
	record_supply_all(t, &supply);
	row.supply = &supply;
	values[dictionary_column(t, STR("case_no"))->index] = (struct dictionary_value){ .s = str_of(case_no) };
	values[dictionary_column(t, STR("agency_name"))->index] = (struct dictionary_value){ .s = str_of(agency) };
	values[dictionary_column(t, STR("party_name"))->index] = (struct dictionary_value){ .s = STR("云山食品厂") };
	values[dictionary_column(t, STR("decided_on"))->index] = (struct dictionary_value){ .i = decided_on };
	ok(record_writer_open(test.db, &options, &program, t, &supply, str_of(case_no), &writer, &err), &err);
	ok(record_writer_put(writer, &row, &err), &err);
	ok(record_writer_finish(&writer, &counts, &err), &err);
}

static struct document *make(void)
{
	struct brief_options o = { .app = &app,
		.who = &program,
		.from = DAY_NONE,
		.to = DAY_NONE,
		.today = day_from_ymd(2026, 6, 30),
		.now_ms = 1000,
		.filter_words = STR("处罚程序为普通程序") };
	struct document *d;
	struct err err;

	o.query.type = dictionary_type(dictionary, STR("penalty_case"));
	ok(brief_make(test.db, &o, mem, &d, &err), &err);
	return d;
}

/** All paragraphs of the document, joined. */
static struct str text_of(const struct document *d)
{
	struct buf out;
	struct str text;

	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < d->block_count; i++)
		buf_put(&out, d->blocks[i].text);
	text = str_dup(mem, buf_str(&out));
	buf_clear(&out);
	return text;
}

static void figures_stand_beside_the_same_days_of_last_year(void **state)
{
	struct str text;

	(void)state;
	put_case("1号", "甲市水利局", day_from_ymd(2026, 3, 2));
	put_case("2号", "甲市交通运输局", day_from_ymd(2026, 5, 6));
	put_case("3号", "甲市交通运输局", day_from_ymd(2025, 3, 3));
	put_case("4号", "甲市交通运输局", day_from_ymd(2024, 3, 4));
	text = text_of(make());
	assert_true(str_has(text, STR("期间共 2 件")));
	assert_true(str_has(text, STR("比上年同期增加 1 件（上年同期 1 件，基数小，不计比例）")));
	assert_true(str_has(text, STR("筛选条件：处罚程序为普通程序")));
	assert_true(str_has(text, STR("2026年5月6日")));
}

static void agencies_without_data_are_named(void **state)
{
	(void)state;
	put_case("1号", "甲市水利局", day_from_ymd(2026, 3, 2));
	assert_true(str_has(text_of(make()), STR("甲市民政局")));
	assert_false(str_has(text_of(make()), STR("甲市水利局")));
}

/* EVIDENCE: 行政处罚法 74(3): no ranking by case numbers */
static void agencies_stand_by_name_not_by_number(void **state)
{
	const struct document *d;

	(void)state;
	put_case("1号", "甲市交通运输局", day_from_ymd(2026, 3, 2));
	put_case("2号", "甲市水利局", day_from_ymd(2026, 3, 2));
	put_case("3号", "甲市水利局", day_from_ymd(2026, 3, 3));
	d = make();
	for (size_t i = 0; i < d->block_count; i++)
		if (d->blocks[i].kind == DOCUMENT_TABLE) {
			assert_true(str_eq(d->blocks[i].table.cells[0], STR("甲市交通运输局")));
			assert_true(str_eq(d->blocks[i].table.cells[3], STR("2")));
			return;
		}
	fail_msg("no table of agencies");
}

static void days_without_data_do_not_look_like_a_decrease(void **state)
{
	struct str text;

	(void)state;
	put_case("1号", "甲市水利局", day_from_ymd(2026, 3, 2)); /* the newest: the period ends here */
	put_case("2号", "甲市水利局", day_from_ymd(2025, 5, 6)); /* inside of today's window a year ago, behind the cut-off */
	put_case("3号", "甲市水利局", day_from_ymd(2024, 12, 1));
	text = text_of(make());
	assert_true(str_has(text, STR("至 2026年3月2日")));
	assert_true(str_has(text, STR("期间共 1 件，与上年同期持平")));
}

static void a_demo_store_marks_the_page(void **state)
{
	struct buf docx;
	struct err err;

	(void)state;
	put_case("1号", "甲市水利局", day_from_ymd(2026, 3, 2));
	assert_int_equal(make()->watermark.len, 0);
	app.demo = true;
	assert_true(str_eq(make()->watermark, STR("演示数据")));
	buf_init(&docx, 16 << 20);
	ok(document_docx(make(), &docx, &err), &err);
	assert_true(docx.len > 1000);
	buf_clear(&docx);
}

#define BOTH(f) cmocka_unit_test_setup_teardown(f, open_sqlite, close_db), cmocka_unit_test_setup_teardown(f, open_pg, close_db)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(figures_stand_beside_the_same_days_of_last_year),
		BOTH(agencies_without_data_are_named),
		BOTH(agencies_stand_by_name_not_by_number),
		BOTH(days_without_data_do_not_look_like_a_decrease),
		BOTH(a_demo_store_marks_the_page),
	};
	struct CMUnitTest chosen[sizeof(tests) / sizeof(tests[0])];
	size_t count = 0;
	bool pg = test_db_has_pg();

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (pg || tests[i].setup_func != open_pg)
			chosen[count++] = tests[i];
	return _cmocka_run_group_tests("brief", chosen, count, NULL, NULL);
}
