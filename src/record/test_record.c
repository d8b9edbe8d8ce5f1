/* Records on both databases: recognition, reading, importing twice, changing, undoing, rejects that come back, and two real files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../tests/support/test_db.h"
#include "base/fault.h"
#include "base/file.h"
#include "org/org.h"
#include "record/import_private.h"

#define NOW_MS 1780000000000

struct fixture {
	struct test_db t;
	struct arena *mem;
	struct dictionary *dictionary;
	struct mapping_set *mappings;
	struct id_source ids;
	struct import_options o;
	struct actor who;
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
		record_tables_ensure(f->t.db, f->dictionary, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	f->o = (struct import_options){
		.dictionary = f->dictionary, .mappings = f->mappings, .ids = &f->ids, .data_dir = f->t.dir, .now_ms = NOW_MS
	};
	f->who = (struct actor){ .name = STR("测试"), .roles = ROLE_SUPERVISOR };
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

static const char *write_text(struct fixture *f, const char *name, const char *text)
{
	char *path = str_cstr(f->mem, str_printf(f->mem, "%s/%s", f->t.dir, name));
	struct err err;

	assert_int_equal(file_write(path, str_of(text), &err), ERR_OK);
	return path;
}

static struct import import_path(struct fixture *f, const char *path)
{
	struct err err = { 0 };
	struct import i;

	if (import_file(f->t.db, &f->o, &f->who, &(struct record_reader_options){ .path = path }, &i, f->mem, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return i;
}

static void assert_counts(const struct import *i, int64_t added, int64_t changed, int64_t same, int64_t older, int64_t rejected)
{
	assert_int_equal(i->counts.added, added);
	assert_int_equal(i->counts.changed, changed);
	assert_int_equal(i->counts.same, same);
	assert_int_equal(i->counts.older, older);
	assert_int_equal(i->counts.rejected, rejected);
}

static const struct dictionary_type *penalties(struct fixture *f)
{
	return dictionary_type(f->dictionary, STR("penalty_case"));
}

static int64_t count_of(struct fixture *f, const char *type)
{
	struct err err = { 0 };
	int64_t n = -1;

	if (record_count(f->t.db, dictionary_type(f->dictionary, str_of(type)), &n, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return n;
}

static struct record_row find(struct fixture *f, const char *key)
{
	struct err err = { 0 };
	struct record_row row;

	if (record_find(f->t.db, f->dictionary, NULL, penalties(f), str_of(key), f->mem, &row, &err) != ERR_OK)
		fail_msg("%s: %s", key, err.msg);
	return row;
}

static const struct dictionary_value *value(struct fixture *f, const struct record_row *row, const char *column)
{
	return &row->values[dictionary_column(penalties(f), str_of(column))->index];
}

#define LEDGER_HEAD "案号,办案机关,当事人名称,适用程序,立案日期,处罚决定日期,罚款金额（元）,处罚种类,办案人员,执法证号\n"
static const char ledger[] = LEDGER_HEAD
	"云市监案〔2025〕1号,云台市市场监督管理局,东湖食品有限公司,普通程序,2025-01-02,2025-03-01,5000,罚款、警告,张三、李四,1001、1002\n"
	"云市监案〔2025〕2号,云台市市场监督管理局,李小明,简易,2025/2/3,2025/2/3,100.50,罚款,王五,1003\n";

static void a_ledger_becomes_typed_records_with_children(void **state)
{
	struct fixture *f = fixture_of(state);
	struct import i = import_path(f, write_text(f, "a.csv", ledger));
	struct record_row row = find(f, "云台市市场监督管理局|云市监案(2025)1号");
	const struct dictionary_child *officers = dictionary_child(penalties(f), STR("officers"));

	assert_counts(&i, 2, 0, 0, 0, 0);
	assert_true(str_eq(i.mapping_name, STR("case-ledger")));
	assert_int_equal(value(f, &row, "fine")->i, 500000);
	assert_int_equal(value(f, &row, "filed_on")->i, day_from_ymd(2025, 1, 2));
	assert_true(str_eq(value(f, &row, "procedure")->s, STR("general")));
	assert_int_equal(row.children[officers->index].row_count, 2);
	assert_true(str_eq(row.children[officers->index]
				   .cells[officers->column_count + (size_t)dictionary_child_column(officers, STR("cert_no"))->index]
				   .s,
		STR("1002")));
	assert_int_equal(row.children[dictionary_child(penalties(f), STR("penalties"))->index].row_count, 2);
}

#define CHECK_HEAD                                                                                                                         \
	"监管事项目录编码,检查行为名称,检查行为编号,实施机构,行政相对人（单位/"                            \
	"个人）,行政相对人性质,检查形式,检查类别,检查方式,检查结果,检查时间,"                                \
	"检查人员,执法证号\n"

/** The platform's own codes (1, 2) stay as given; only words that say what they mean become codes. */
static void inspections_of_the_platform_become_records(void **state)
{
	struct fixture *f = fixture_of(state);
	const struct dictionary_type *t = dictionary_type(f->dictionary, STR("inspection"));
	struct import i = import_path(
		f, write_text(f, "c.csv",
			   CHECK_HEAD "33013102300200,餐饮检查,JC1,云台市市场监督管理局,东湖食品有限公司,企业,双随机,日常检查,现场检查,"
				      "未发现问题,2026-03-04,\"张三,李四\",\"1001,1002\"\n"
				      "33013102300200,餐饮检查,JC2,云台市市场监督管理局,东湖食品有限公司,企业,1,1,2,未发现问题,2026-03-06,"
				      "张三,1001\n"));
	const struct dictionary_child *officers = dictionary_child(t, STR("officers"));
	const int mode = dictionary_column(t, STR("mode"))->index, kind = dictionary_column(t, STR("kind"))->index;
	struct record_row one, two;
	struct err err = { 0 };

	assert_counts(&i, 2, 0, 0, 0, 0);
	assert_true(str_eq(i.mapping_name, STR("hulianwang-jianguan-check")));
	assert_int_equal(record_find(f->t.db, f->dictionary, NULL, t, STR("云台市市场监督管理局|JC1"), f->mem, &one, &err), ERR_OK);
	assert_int_equal(record_find(f->t.db, f->dictionary, NULL, t, STR("云台市市场监督管理局|JC2"), f->mem, &two, &err), ERR_OK);
	assert_true(str_eq(one.values[mode].s, STR("onsite")));
	assert_true(str_eq(one.values[kind].s, STR("routine")));
	assert_true(two.values[mode].null && two.values[kind].null);
	assert_int_equal(one.children[officers->index].row_count, 2);
	assert_int_equal(two.children[officers->index].row_count, 1);
	assert_false(record_supplies_column(one.supply, dictionary_column(t, STR("notice_no"))));
}

static void only_what_the_file_has_is_supplied(void **state)
{
	struct fixture *f = fixture_of(state);

	import_path(f, write_text(f, "a.csv", ledger));
	struct record_row row = find(f, "云台市市场监督管理局|云市监案(2025)1号");
	const struct dictionary_child *officers = dictionary_child(penalties(f), STR("officers"));

	assert_true(record_supplies_column(row.supply, dictionary_column(penalties(f), STR("filed_on"))));
	assert_false(record_supplies_column(row.supply, dictionary_column(penalties(f), STR("notice_on"))));
	assert_true(record_supplies_child(row.supply, officers));
	assert_false(record_supplies_child(row.supply, dictionary_child(penalties(f), STR("documents"))));
	assert_true((row.supply->child_columns[officers->index][0] >> dictionary_child_column(officers, STR("cert_no"))->index) & 1);
	assert_false((row.supply->child_columns[officers->index][0] >> dictionary_child_column(officers, STR("certified"))->index) & 1);
}

static void the_same_file_twice_changes_nothing(void **state)
{
	struct fixture *f = fixture_of(state);
	const char *path = write_text(f, "a.csv", ledger);
	struct err err;
	int64_t before, after;

	import_path(f, path);
	record_change_no(f->t.db, &before, &err);
	struct import second = import_path(f, path);

	record_change_no(f->t.db, &after, &err);
	assert_counts(&second, 0, 0, 2, 0, 0);
	assert_int_equal(second.change_from, 0);
	assert_int_equal(count_of(f, "penalty_case"), 2);
	assert_int_equal(find(f, "云台市市场监督管理局|云市监案(2025)1号").version, 1);
}

static const char ledger_changed[] =
	LEDGER_HEAD "云市监案〔2025〕1号,云台市市场监督管理局,东湖食品有限公司,普通程序,2025-01-02,2025-03-01,8000,罚款,张三,1001\n"
		    "云市监案〔2025〕3号,云台市市场监督管理局,西山建材有限公司,普通程序,2025-03-02,2025-04-01,900,罚款,张三,1001\n";

static void a_changed_row_keeps_its_old_version_and_undo_brings_it_back(void **state)
{
	struct fixture *f = fixture_of(state);
	struct err err = { 0 };

	import_path(f, write_text(f, "a.csv", ledger));
	struct import second = import_path(f, write_text(f, "b.csv", ledger_changed));
	struct record_row row = find(f, "云台市市场监督管理局|云市监案(2025)1号");

	assert_counts(&second, 1, 1, 0, 0, 0);
	assert_int_equal(value(f, &row, "fine")->i, 800000);
	assert_int_equal(row.version, 2);
	assert_int_equal(count_of(f, "penalty_case"), 3);

	if (import_undo(f->t.db, &f->o, &f->who, second.id, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	row = find(f, "云台市市场监督管理局|云市监案(2025)1号");
	assert_int_equal(value(f, &row, "fine")->i, 500000);
	assert_int_equal(row.children[dictionary_child(penalties(f), STR("officers"))->index].row_count, 2);
	assert_int_equal(row.version, 1);
	assert_int_equal(count_of(f, "penalty_case"), 2);
	assert_int_equal(import_undo(f->t.db, &f->o, &f->who, second.id, &err), ERR_STATE);

	struct import third = import_path(f, write_text(f, "b.csv", ledger_changed));
	assert_counts(&third, 1, 1, 0, 0, 0);
	assert_int_equal(count_of(f, "penalty_case"), 3);
}

static void an_import_that_was_changed_again_cannot_be_undone_first(void **state)
{
	struct fixture *f = fixture_of(state);
	struct err err = { 0 };
	struct import first = import_path(f, write_text(f, "a.csv", ledger)),
		      second = import_path(f, write_text(f, "b.csv", ledger_changed));

	assert_int_equal(import_undo(f->t.db, &f->o, &f->who, first.id, &err), ERR_CONFLICT);
	assert_non_null(strstr(err.msg, "b.csv"));
	assert_int_equal(import_undo(f->t.db, &f->o, &f->who, second.id, &err), ERR_OK);
	assert_int_equal(import_undo(f->t.db, &f->o, &f->who, first.id, &err), ERR_OK);
	assert_int_equal(count_of(f, "penalty_case"), 0);
}

static const char with_errors[] =
	LEDGER_HEAD "云市监案〔2025〕1号,云台市市场监督管理局,东湖食品有限公司,普通程序,2025-02-30,2025-03-01,5000,罚款,张三,1001\n"
		    ",云台市市场监督管理局,李小明,简易,2025-02-03,2025-02-03,一百,罚款,王五,1003\n"
		    "云市监案〔2025〕3号,云台市市场监督管理局,西山建材有限公司,普通程序,2025-03-02,2025-01-01,900,罚款,张三,1001\n";

static void rejects_say_why_and_can_be_corrected_and_sent_again(void **state)
{
	struct fixture *f = fixture_of(state);
	struct import i = import_path(f, write_text(f, "e.csv", with_errors));
	char *out = str_cstr(f->mem, str_printf(f->mem, "%s/rejects.csv", f->t.dir));
	struct err err = { 0 };
	struct str text;
	int64_t rows;

	assert_counts(&i, 1, 0, 0, 0, 2); /* the decision before the filing is a rule's business */
	if (import_rejects_write(f->t.db, i.id, out, &rows, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(rows, 2);
	assert_int_equal(file_read(out, 1 << 20, f->mem, &text, &err), ERR_OK);
	assert_true(str_has(text, STR("错误原因")));
	assert_true(str_has(text, STR("第 2 行：立案日期：“2025-02-30”不是有效日期")));
	assert_true(str_has(text, STR("案号：必填，不能为空")));
	assert_true(str_has(text, STR("不是金额")));

	/* the person corrects the sheet and sends it in as it is */
	char *fixed = str_cstr(f->mem, text), *at;
	while ((at = strstr(fixed, "2025-02-30")))
		memcpy(at, "2025-02-20", 10);
	struct import again = import_path(f, write_text(f, "fixed.csv", fixed));

	assert_counts(&again, 1, 0, 0, 0, 1);
	assert_int_equal(count_of(f, "penalty_case"), 2);
}

static void a_spreadsheet_number_is_explained_in_the_reject(void **state)
{
	struct fixture *f = fixture_of(state);
	struct import i =
		import_path(f, write_text(f, "s.csv",
				       "行政相对人名称,统一社会信用代码,行政处罚决定书文号,处罚机关,处罚决定日期,罚款金额（万元）\n"
				       "东湖食品有限公司,9.1E+17,云市监罚〔2025〕1号,云台市市场监督管理局,2025-03-01,0.5\n"));
	struct import_reject rejects[4];
	struct err err;
	size_t count;

	assert_true(str_eq(i.mapping_name, STR("shuanggongshi-penalty-2018-zh")));
	assert_counts(&i, 0, 0, 0, 0, 1);
	assert_int_equal(import_reject_list(f->t.db, i.id, 0, 4, f->mem, rejects, &count, &err), ERR_OK);
	assert_true(str_has(rejects[0].reasons, STR("表格软件把代码变成了科学计数法")));
}

static void one_key_with_two_contents_in_a_file_is_refused(void **state)
{
	struct fixture *f = fixture_of(state);
	struct import i = import_path(f, write_text(f, "d.csv",
						 LEDGER_HEAD "1号,甲局,某公司,普通,2025-01-02,2025-03-01,1,罚款,张三,1\n"
							     "1号,甲局,某公司,普通,2025-01-02,2025-03-01,1,罚款,张三,1\n"
							     "1号,甲局,某公司,普通,2025-01-02,2025-03-01,2,罚款,张三,1\n"));

	assert_counts(&i, 1, 0, 1, 0, 1);
}

/** A record of another type by its key. */
static struct dictionary_value cell_of(struct fixture *f, const char *type, const char *key, const char *column)
{
	const struct dictionary_type *t = dictionary_type(f->dictionary, str_of(type));
	struct err err = { 0 };
	struct record_row row;

	if (record_find(f->t.db, f->dictionary, NULL, t, str_of(key), f->mem, &row, &err) != ERR_OK)
		fail_msg("%s: %s", key, err.msg);
	return row.values[dictionary_column(t, str_of(column))->index];
}

static void coercion_and_licences_have_mappings_of_their_lists(void **state)
{
	struct fixture *f = fixture_of(state);
	struct import coercion = import_path(f, write_text(f, "force.csv",
							"强制行为编号,强制行为名称,实施机构,监管事项目录编码,行政相对人（单位/"
							"个人）,行政强制种类,强制措施类型,强制执行类型,"
							"强制决定书号,实施强制措施的起始时间,强制措施延长期限,实施强制措施的结束时间\n"
							"强1号,查封,云台市市场监督管理局,01010101010101,东湖食品有限公司,行政强制措施,"
							"\"查封场所、设施或者财物\",,强决1号,2025-03-02,10,2025-04-08\n"
							"强2号,代履行,云台市市场监督管理局,01010101010101,东湖食品有限公司,行政强制执行,,"
							"代履行,强决2号,2025-03-02,,\n")),
		      licence =
			      import_path(f, write_text(f, "licence.csv",
						     "行政相对人名称,行政许可决定文书号,许可机关,许可类别,许可决定日期,有效期至,当前状态\n"
						     "东湖食品有限公司,许1号,云台市市场监督管理局,普通,2025/3/2,2030/3/1,1\n")),
		      codes = import_path(f, write_text(f, "codes.csv",
						     "XK_XDR_MC,XK_WSH,XK_XKJG,XK_XKLB,XK_JDRQ,XK_ZT\n"
						     "东湖食品有限公司,许2号,云台市市场监督管理局,普通,2025-03-02,有效\n"));

	assert_true(str_eq(coercion.mapping_name, STR("hulianwang-jianguan-coercion")));
	assert_counts(&coercion, 2, 0, 0, 0, 0);
	assert_true(str_eq(cell_of(f, "coercive_measure", "云台市市场监督管理局|强1号", "method").s, STR("seal")));
	assert_int_equal(cell_of(f, "coercive_measure", "云台市市场监督管理局|强1号", "extension_days").i, 10);
	assert_true(str_eq(cell_of(f, "coercive_measure", "云台市市场监督管理局|强2号", "method").s, STR("substitute")));
	assert_true(str_eq(licence.mapping_name, STR("shuanggongshi-licence-2018-zh")));
	assert_counts(&licence, 1, 0, 0, 0, 0);
	assert_int_equal(cell_of(f, "licence", "云台市市场监督管理局|许1号", "decided_on").i, day_from_ymd(2025, 3, 2));
	assert_true(str_eq(cell_of(f, "licence", "云台市市场监督管理局|许1号", "status").s, STR("valid")));
	assert_true(str_eq(codes.mapping_name, STR("shuanggongshi-licence-2018-codes")));
	assert_true(str_eq(cell_of(f, "licence", "云台市市场监督管理局|许2号", "outcome").s, STR("granted")));
}

static void other_currencies_never_become_fen(void **state)
{
	struct fixture *f = fixture_of(state);

	import_path(f, write_text(f, "c.csv",
			       "COUNTY,DOCUMENTNO,FACILITYNAME,PENALTYDATE,PENALTYMONEY,UPDATETIME\n"
			       "臺北市,1-2,某公司,2016/01/02,6000,2016/02/01 09:00\n"));
	struct record_row row = find(f, "臺北市|1-2");

	assert_true(value(f, &row, "fine")->null);
	assert_int_equal(value(f, &row, "fine_foreign")->i, 60000000);
	assert_true(str_eq(value(f, &row, "currency")->s, STR("TWD")));
	assert_false(record_supplies_column(row.supply, dictionary_column(penalties(f), STR("fine"))));
}

static void the_later_update_wins_in_either_order(void **state)
{
	struct fixture *f = fixture_of(state);
	static const char head[] = "COUNTY,DOCUMENTNO,FACILITYNAME,PENALTYDATE,PENALTYMONEY,UPDATETIME\n";
	static const char old_row[] = "臺北市,1-2,某公司,2016/01/02,6000,2016/02/01 09:00\n",
			  new_row[] = "臺北市,1-2,某公司,2016/01/02,7000,2016/03/01 09:00\n";
	char text[600];

	snprintf(text, sizeof(text), "%s%s%s", head, new_row, old_row);
	struct import first = import_path(f, write_text(f, "c.csv", text));
	assert_counts(&first, 1, 0, 0, 1, 0);
	snprintf(text, sizeof(text), "%s%s", head, old_row);
	struct import second = import_path(f, write_text(f, "d.csv", text));
	assert_counts(&second, 0, 0, 0, 1, 0);
	snprintf(text, sizeof(text), "%s%s%s", head, old_row, new_row);
	struct import third = import_path(f, write_text(f, "e.csv", text));
	assert_counts(&third, 0, 0, 1, 1, 0);
	struct record_row row = find(f, "臺北市|1-2");
	assert_int_equal(value(f, &row, "fine_foreign")->i, 70000000);
}

static void agencies_become_organisations_and_link_what_came_before(void **state)
{
	struct fixture *f = fixture_of(state);
	struct err err = { 0 };
	int64_t org_id;

	import_path(f, write_text(f, "a.csv", ledger));
	assert_int_equal(find(f, "云台市市场监督管理局|云市监案(2025)1号").org_id, 0);
	struct import i = import_path(f, write_text(f, "g.csv",
						 "统一社会信用代码,执法主体名称,主体类型,层级,行政区划代码,主体资格确认日期\n"
						 "91350100M000100Y43,云台市市场监督管理局,行政执法机关,市级,330100,2019-01-01\n"));
	assert_counts(&i, 1, 0, 0, 0, 0);
	assert_int_equal(org_find(f->t.db, STR("91350100M000100Y43"), STR(""), &org_id, &err), ERR_OK);
	assert_int_not_equal(org_id, 0);
	assert_int_equal(find(f, "云台市市场监督管理局|云市监案(2025)1号").org_id, org_id);
}

struct seen_rows {
	int rows, children, deleted;
};

static enum err_code on_row(const struct record_row *row, void *arg, struct err *err)
{
	struct seen_rows *seen = arg;

	(void)err;
	seen->rows++;
	seen->deleted += row->deleted;
	for (int c = 0; c < 5; c++)
		seen->children += (int)row->children[c].row_count;
	return ERR_OK;
}

static void a_scan_sees_all_and_then_only_what_changed(void **state)
{
	struct fixture *f = fixture_of(state);
	struct seen_rows all = { 0 }, changed = { 0 }, undone = { 0 };
	struct err err = { 0 };
	int64_t mark;

	import_path(f, write_text(f, "a.csv", ledger));
	assert_int_equal(record_scan(f->t.db, f->dictionary, penalties(f), 0, on_row, &all, &err), ERR_OK);
	assert_int_equal(all.rows, 2);
	assert_int_equal(all.children, 2 + 2 + 1 + 1);
	record_change_no(f->t.db, &mark, &err);
	struct import second = import_path(f, write_text(f, "b.csv", ledger_changed));
	assert_int_equal(record_scan(f->t.db, f->dictionary, penalties(f), mark, on_row, &changed, &err), ERR_OK);
	assert_int_equal(changed.rows, 2);
	record_change_no(f->t.db, &mark, &err);
	assert_int_equal(import_undo(f->t.db, &f->o, &f->who, second.id, &err), ERR_OK);
	assert_int_equal(record_scan(f->t.db, f->dictionary, penalties(f), mark, on_row, &undone, &err), ERR_OK);
	assert_int_equal(undone.rows, 2);
	assert_int_equal(undone.deleted, 1);
}

static void an_interrupted_import_goes_on_where_it_stopped(void **state)
{
	struct fixture *f = fixture_of(state);
	CLEANUP(buf_clear) struct buf text;
	struct err err = { 0 };
	struct import i;
	int64_t id;

	buf_init(&text, 4 << 20);
	buf_puts(&text, LEDGER_HEAD);
	for (int n = 0; n < 2500; n++)
		buf_printf(&text, "%d号,甲局,某公司,普通,2025-01-02,%s,1,罚款,张三,1\n", n, n == 1700 ? "错" : "2025-03-01");
	assert_int_equal(import_create(f->t.db, &f->o, &f->who, write_text(f, "k.csv", text.ptr), STR("k.csv"), &id, &err), ERR_OK);
	for (int after = 200, stopped = 0; stopped < 5; after += 3001) { /* the n-th SQL step fails, as a kill would */
		fault_arm(FAULT_SQL, after);
		enum err_code code = import_run(f->t.db, &f->o, &f->who, id, NULL, NULL, &err);

		fault_arm(FAULT_SQL, -1);
		stopped++;
		if (code == ERR_OK)
			break;
	}
	if (import_run(f->t.db, &f->o, &f->who, id, NULL, NULL, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(import_get(f->t.db, id, f->mem, &i, &err), ERR_OK);
	assert_counts(&i, 2499, 0, 0, 0, 1);
	assert_int_equal(i.counts.read, 2500);
	assert_int_equal(count_of(f, "penalty_case"), 2499);
}

static void a_program_writes_records_like_an_import(void **state)
{
	struct fixture *f = fixture_of(state);
	const struct dictionary_type *t = penalties(f);
	struct record_supply supply;
	struct record_writer *w;
	struct record_counts counts;
	struct err err = { 0 };
	struct dictionary_value *v = ARENA_NEW(f->mem, struct dictionary_value, t->column_count);
	struct record_child_rows *children = ARENA_NEW(f->mem, struct record_child_rows, t->child_count);
	struct record_row row = { .values = v, .children = children };

	for (size_t i = 0; i < t->column_count; i++)
		v[i].null = true;
	v[dictionary_column(t, STR("case_no"))->index] = (struct dictionary_value){ .s = STR("1号") };
	v[dictionary_column(t, STR("agency_name"))->index] = (struct dictionary_value){ .s = STR("甲局") };
	record_supply_all(t, &supply);
	assert_int_equal(record_writer_open(f->t.db, &f->o, &f->who, t, &supply, STR("演示"), &w, &err), ERR_OK);
	assert_int_equal(record_writer_put(w, &row, &err), ERR_OK);
	v[dictionary_column(t, STR("case_no"))->index].s = STR("2号");
	assert_int_equal(record_writer_put(w, &row, &err), ERR_OK);
	assert_int_equal(record_writer_put(w, &row, &err), ERR_OK);
	assert_int_equal(record_writer_finish(&w, &counts, &err), ERR_OK);
	assert_int_equal(counts.added, 2);
	assert_int_equal(counts.same, 1);
	assert_int_equal(count_of(f, "penalty_case"), 2);
}

/* ---- reading ---- */

static struct record_page list(struct fixture *f, const struct record_query *q)
{
	struct err err = { 0 };
	struct record_page page;

	if (record_list(f->t.db, f->dictionary, q, f->mem, &page, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return page;
}

static void pages_follow_each_other_without_gaps(void **state)
{
	struct fixture *f = fixture_of(state);
	struct record_query q = { .type = penalties(f), .who = &f->who, .limit = 3, .want_total = true };
	CLEANUP(buf_clear) struct buf text;
	struct record_page page;
	int seen = 0, pages = 0, undated = 0;

	buf_init(&text, 1 << 20);
	buf_puts(&text, LEDGER_HEAD);
	for (int n = 0; n < 10; n++)
		buf_printf(&text, "%d号,甲局,某公司,普通,2025-01-02,%s,1,罚款,张三,1\n", n,
			n % 4 == 3 ? ""
			: n % 2    ? "2025-03-01"
				   : "2025-04-01");
	import_path(f, write_text(f, "p.csv", text.ptr));
	do {
		page = list(f, &q);
		for (size_t i = 0; i < page.row_count; i++) {
			bool dated = !value(f, &page.rows[i], "decided_on")->null;

			assert_false(dated && undated > 0); /* rows without a date come last */
			undated += !dated;
			seen++;
		}
		q.after = page.next;
		pages++;
	} while (page.next.len > 0);
	assert_int_equal(page.total, 10);
	assert_int_equal(seen, 10);
	assert_int_equal(undated, 2);
	assert_int_equal(pages, 4);
}

static void the_search_box_looks_at_the_newest_matches_only(void **state)
{
	struct fixture *f = fixture_of(state);
	struct record_query q = { .type = penalties(f), .who = &f->who, .limit = 10, .q = STR("某公司"), .newest = 2 };

	import_path(f, write_text(f, "n.csv",
			       LEDGER_HEAD "1号,甲局,某公司,普通,2025-01-02,2025-03-01,1,罚款,张三,1\n"
					   "2号,甲局,某公司,普通,2025-01-02,2025-04-01,1,罚款,张三,1\n"
					   "3号,甲局,某公司,普通,2025-01-02,2025-02-01,1,罚款,张三,1\n"));
	assert_int_equal(list(f, &q).row_count, 2);
	assert_true(str_eq(value(f, &list(f, &q).rows[0], "case_no")->s, STR("2号")));
	q.newest = 0;
	assert_int_equal(list(f, &q).row_count, 3);
}

static void lists_filter_by_any_column_and_by_words(void **state)
{
	struct fixture *f = fixture_of(state);
	struct record_query q = { .type = penalties(f), .who = &f->who, .limit = 10 };
	struct err err = { 0 };
	bool is;

	import_path(f, write_text(f, "a.csv", ledger));
	assert_int_equal(record_query_param(&q, STR("procedure"), STR("简易程序"), f->mem, &is, &err), ERR_OK);
	assert_int_equal(list(f, &q).row_count, 1);
	q.filter_count = 0;
	assert_int_equal(record_query_param(&q, STR("filed_on_from"), STR("2025-02-01"), f->mem, &is, &err), ERR_OK);
	assert_int_equal(list(f, &q).row_count, 1);
	q.filter_count = 0;
	assert_int_equal(record_query_param(&q, STR("fine_from"), STR("5000"), f->mem, &is, &err), ERR_OK);
	assert_int_equal(list(f, &q).row_count, 1);
	q.filter_count = 0;
	assert_int_equal(record_query_param(&q, STR("party_from"), STR("x"), f->mem, &is, &err), ERR_OK);
	assert_false(is);
	assert_int_equal(record_query_param(&q, STR("filed_on_from"), STR("不是日期"), f->mem, &is, &err), ERR_INPUT);
	q.q = STR("东湖食品");
	assert_int_equal(list(f, &q).row_count, 1);
	q.q = STR("湖食");
	assert_int_equal(list(f, &q).row_count, 1);
	q.q = STR("局"); /* a single character, at the end of a word */
	assert_int_equal(list(f, &q).row_count, 2);
	q.q = STR("西山");
	assert_int_equal(list(f, &q).row_count, 0);
	q.q = STR("'\"*&|()");
	assert_int_equal(list(f, &q).row_count, 0);
}

static void the_search_index_follows_changes_and_undo(void **state)
{
	struct fixture *f = fixture_of(state);
	struct record_hit *hits;
	struct err err = { 0 };
	size_t count;

	import_path(f, write_text(f, "a.csv", ledger));
	struct import second = import_path(f,
		write_text(f, "b.csv",
			LEDGER_HEAD
			"云市监案〔2025〕1号,云台市市场监督管理局,南山药业有限公司,普通程序,2025-01-02,2025-03-01,8000,罚款,张三,1001\n"));

	record_search(f->t.db, f->dictionary, &f->who, STR("东湖食品"), 10, f->mem, &hits, &count, &err);
	assert_int_equal(count, 0);
	record_search(f->t.db, f->dictionary, &f->who, STR("南山药业"), 10, f->mem, &hits, &count, &err);
	assert_int_equal(count, 1);
	assert_true(str_eq(hits[0].title, STR("云市监案〔2025〕1号 南山药业有限公司")));
	assert_int_equal(import_undo(f->t.db, &f->o, &f->who, second.id, &err), ERR_OK);
	record_search(f->t.db, f->dictionary, &f->who, STR("东湖食品"), 10, f->mem, &hits, &count, &err);
	assert_int_equal(count, 1);
	record_search(f->t.db, f->dictionary, &f->who, STR("南山药业"), 10, f->mem, &hits, &count, &err);
	assert_int_equal(count, 0);
}

static void an_agency_sees_its_own_records_and_never_sealed_ones(void **state)
{
	struct fixture *f = fixture_of(state);
	struct actor liaison = { .roles = ROLE_LIAISON, .name = STR("联络员") };
	struct record_query q = { .type = penalties(f), .who = &liaison, .limit = 10 };
	struct err err = { 0 };
	struct record_row row;
	int64_t org_id;

	import_path(f,
		write_text(f, "g.csv", "统一社会信用代码,执法主体名称,主体类型\n91350100M000100Y43,云台市市场监督管理局,行政执法机关\n"));
	import_path(f, write_text(f, "a.csv", ledger));
	import_path(f, write_text(f, "o.csv", LEDGER_HEAD "9号,别的局,某公司,普通,2025-01-02,2025-03-01,1,罚款,张三,1\n"));
	import_path(f, write_text(f, "t.csv",
			       "工单编号,受理时间,诉求人,联系电话,诉求内容,承办单位\n1,2025-01-02 "
			       "09:00,王小二,13812345678,乱罚款,云台市市场监督管理局\n"));
	assert_int_equal(org_find(f->t.db, STR("91350100M000100Y43"), STR(""), &org_id, &err), ERR_OK);
	assert_int_equal(org_path(f->t.db, org_id, f->mem, &liaison.scope_path, &err), ERR_OK);
	assert_int_equal(list(f, &q).row_count, 2);
	row = find(f, "别的局|9号");
	assert_int_equal(record_get(f->t.db, f->dictionary, &liaison, penalties(f), row.id, f->mem, &row, &err), ERR_NOT_FOUND);
	q.type = dictionary_type(f->dictionary, STR("hotline_ticket"));
	assert_int_equal(list(f, &q).row_count, 0);
	q.who = &f->who;
	assert_int_equal(list(f, &q).row_count, 1);
}

static void a_masked_value_is_revealed_only_with_a_purpose(void **state)
{
	struct fixture *f = fixture_of(state);
	const struct dictionary_type *t = dictionary_type(f->dictionary, STR("hotline_ticket"));
	struct record_query q = { .type = t, .who = &f->who, .limit = 10 };
	struct err err = { 0 };
	struct str shown;
	int64_t id;

	import_path(f, write_text(f, "t.csv",
			       "工单编号,受理时间,诉求人,联系电话,诉求内容,承办单位\n1,2025-01-02 09:00,王小二,13812345678,乱罚款,甲局\n"));
	id = list(f, &q).rows[0].id;
	assert_int_equal(
		record_reveal(f->t.db, f->dictionary, &f->who, t, id, STR("complainant_phone"), STR("看"), NOW_MS, f->mem, &shown, &err),
		ERR_INPUT);
	assert_int_equal(
		record_reveal(f->t.db, f->dictionary, &f->who, t, id, STR("content"), STR("核实线索"), NOW_MS, f->mem, &shown, &err),
		ERR_INPUT);
	assert_int_equal(record_reveal(f->t.db, f->dictionary, &f->who, t, id, STR("complainant_phone"), STR("核实线索"), NOW_MS, f->mem,
				 &shown, &err),
		ERR_OK);
	assert_true(str_eq(shown, STR("13812345678")));
}

static void an_export_can_be_imported_again(void **state, const char *name)
{
	struct fixture *f = fixture_of(state);
	struct record_query q = { .type = penalties(f), .who = &f->who };
	char *path = str_cstr(f->mem, str_printf(f->mem, "%s/%s", f->t.dir, name));
	struct err err = { 0 };
	int64_t rows;

	import_path(f, write_text(f, "a.csv", ledger));
	if (record_export(f->t.db, f->dictionary, &q, true, path, &rows, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(rows, 2);
	struct import again = import_path(f, path);

	assert_true(str_eq(again.mapping_name, STR("native-penalty_case")));
	assert_int_equal(again.counts.rejected, 0);
	assert_int_equal(again.counts.changed + again.counts.same, 2);
	struct record_row row = find(f, "云台市市场监督管理局|云市监案(2025)1号");
	assert_int_equal(value(f, &row, "fine")->i, 500000);
	assert_int_equal(row.children[dictionary_child(penalties(f), STR("officers"))->index].row_count, 2);
	assert_false(record_supplies_child(row.supply, dictionary_child(penalties(f), STR("documents")))); /* absent stays absent */
	assert_false(record_supplies_column(row.supply, dictionary_column(penalties(f), STR("notice_on"))));
	assert_false((row.supply->child_columns[dictionary_child(penalties(f), STR("officers"))->index][0] >>
			     dictionary_child_column(dictionary_child(penalties(f), STR("officers")), STR("certified"))->index) &
		     1);
}

static void an_exported_csv_can_be_imported_again(void **state)
{
	an_export_can_be_imported_again(state, "out.csv");
}

static void an_exported_workbook_can_be_imported_again(void **state)
{
	an_export_can_be_imported_again(state, "out.xlsx");
}

static void exported_json_lines_can_be_imported_again(void **state)
{
	an_export_can_be_imported_again(state, "out.jsonl");
}

static void exports_mask_and_guard_against_formulas(void **state)
{
	struct fixture *f = fixture_of(state);
	struct record_query q = { .type = penalties(f), .who = &f->who };
	char *path = str_cstr(f->mem, str_printf(f->mem, "%s/out.csv", f->t.dir));
	struct err err = { 0 };
	struct str text;
	int64_t rows;

	import_path(f, write_text(f, "a.csv", LEDGER_HEAD "=1+1,甲局,李小明,普通,2025-01-02,2025-03-01,1,罚款,张三,1\n"));
	assert_int_equal(record_export(f->t.db, f->dictionary, &q, false, path, &rows, &err), ERR_OK);
	assert_int_equal(file_read(path, 1 << 20, f->mem, &text, &err), ERR_OK);
	assert_true(str_has(text, STR("'=1+1")));
	assert_true(str_has(text, STR("李*")));
	assert_false(str_has(text, STR("李小明")));
}

static void a_case_name_does_not_name_the_person_that_is_masked_beside_it(void **state)
{
	struct fixture *f = fixture_of(state);
	struct record_query q = { .type = penalties(f), .who = &f->who };
	char *path = str_cstr(f->mem, str_printf(f->mem, "%s/out.csv", f->t.dir));
	struct err err = { 0 };
	struct str text;
	int64_t rows;

	import_path(f, write_text(f, "a.csv",
			       "案号,处罚机关,行政相对人名称,行政相对人类别,案件名称,处罚决定日期\n"
			       "1号,甲局,姚超,自然人,姚超未按规定登记住宿旅客案,2025-03-01\n"
			       "2号,甲局,云台姚超商贸有限公司,企业,云台姚超商贸有限公司虚假广告案,2025-03-01\n"));
	assert_int_equal(record_export(f->t.db, f->dictionary, &q, false, path, &rows, &err), ERR_OK);
	assert_int_equal(rows, 2);
	assert_int_equal(file_read(path, 1 << 20, f->mem, &text, &err), ERR_OK);
	assert_true(str_has(text, STR("姚*未按规定登记住宿旅客案")));
	assert_false(str_has(text, STR("姚超未")));
	assert_true(str_has(text, STR("云台姚超商贸有限公司虚假广告案")));
	assert_int_equal(record_export(f->t.db, f->dictionary, &q, true, path, &rows, &err), ERR_OK);
	assert_int_equal(file_read(path, 1 << 20, f->mem, &text, &err), ERR_OK);
	assert_true(str_has(text, STR("姚超未按规定登记住宿旅客案")));
}

static void statistics_compare_with_the_year_before_and_name_who_is_missing(void **state)
{
	struct fixture *f = fixture_of(state);
	struct record_query q = { .type = penalties(f), .who = &f->who };
	struct record_stats s;
	struct err err = { 0 };

	import_path(f, write_text(f, "g.csv",
			       "统一社会信用代码,执法主体名称,主体类型\n91350100M000100Y43,云台市市场监督管理局,"
			       "行政执法机关\n91330106MA00000016,云台市水务局,行政执法机关\n"));
	import_path(f, write_text(f, "a.csv", ledger));
	import_path(f, write_text(f, "o.csv", LEDGER_HEAD "9号,别的局,某公司,普通,2024-01-02,2024-03-01,1,罚款,张三,1\n"));
	if (record_stats(f->t.db, f->dictionary, &q, RECORD_BY_MONTH, day_from_ymd(2025, 1, 1), day_from_ymd(2025, 12, 31), f->mem, &s,
		    &err) != ERR_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.last_year, 1);
	assert_int_equal(s.series_count, 12);
	assert_int_equal(s.series[1].count, 1);
	assert_int_equal(s.series[2].count, 1);
	assert_int_equal(s.cutoff, day_from_ymd(2025, 3, 1));
	import_path(f, write_text(f, "slip.csv", LEDGER_HEAD "10号,别的局,某公司,普通,2025-01-02,2035-03-01,1,罚款,张三,1\n"));
	q.today = day_from_ymd(2025, 12, 31); /* a slip of the pen is not the newest data */
	assert_int_equal(record_stats(f->t.db, f->dictionary, &q, RECORD_BY_MONTH, day_from_ymd(2025, 1, 1), day_from_ymd(2025, 12, 31),
				 f->mem, &s, &err),
		ERR_OK);
	assert_int_equal(s.cutoff, day_from_ymd(2025, 3, 1));
	assert_int_equal(s.missing_count, 1);
	assert_true(str_eq(s.missing[0].label, STR("云台市水务局")));
	assert_int_equal(record_stats(f->t.db, f->dictionary, &q, RECORD_BY_AGENCY, day_from_ymd(2025, 1, 1), day_from_ymd(2025, 12, 31),
				 f->mem, &s, &err),
		ERR_OK);
	assert_int_equal(s.series_count, 1);
	assert_true(str_eq(s.series[0].label, STR("云台市市场监督管理局")));
}

static void words_become_pairs_of_characters(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	search_tokens(STR("云台市ABC公司 2025"), &out);
	assert_string_equal(out.ptr, "云台 台市 市 abc 公司 司 2025");
	buf_clear(&out);
}

static void a_hand_made_mapping_is_written_and_read_back(void **state)
{
	struct fixture *f = fixture_of(state);
	const struct dictionary_type *t = penalties(f);
	struct mapping_choice choices[] = {
		{ .column = dictionary_column(t, STR("case_no")), .from = STR("编号: \"甲\"") },
		{ .column = dictionary_column(t, STR("fine")), .from = STR("钱"), .unit = STR("万元") },
		{ .column = dictionary_column(t, STR("agency_name")), .from = STR("单位") },
		{ .column = dictionary_column(t, STR("party_name")), .from = STR("人") },
	};
	struct mapping *m;
	struct err err = { 0 };
	struct str unit;
	struct buf out;

	buf_init(&out, 1 << 16);
	assert_int_equal(mapping_compose(t, STR("某局"), (struct str){ 0 }, choices, 4, &out, &err), ERR_OK);
	if (mapping_parse(buf_str(&out), "x", f->dictionary, f->mappings, f->mem, &m, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	assert_true(str_eq(mapping_source(m, choices[1].column, &unit), STR("钱")));
	assert_true(str_eq(unit, STR("万元")));
	assert_true(str_eq(mapping_source(m, choices[0].column, NULL), STR("编号: \"甲\"")));
	buf_reset(&out); /* saved for a sender without a change */
	assert_int_equal(mapping_compose(t, STR("某局"), STR("shuanggongshi-penalty-2018-zh"), NULL, 0, &out, &err), ERR_OK);
	if (mapping_parse(buf_str(&out), "x", f->dictionary, f->mappings, f->mem, &m, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	assert_true(str_eq(mapping_source(m, choices[3].column, NULL), STR("行政相对人名称")));
	buf_clear(&out);
}

/* ---- the example that is shipped: title row, total row, a code that a spreadsheet spoilt ---- */

static void the_example_is_read_alike_as_csv_and_as_workbook(void **state)
{
	struct fixture *f = fixture_of(state);
	struct import csv = import_path(f, "examples/双公示-行政处罚.csv"), workbook = import_path(f, "examples/双公示-行政处罚.xlsx");
	struct import_reject rejects[4];
	struct err err;
	size_t count;

	assert_true(str_eq(csv.mapping_name, STR("shuanggongshi-penalty-2018-zh")));
	assert_counts(&csv, 58, 0, 0, 0, 2);
	assert_counts(&workbook, 0, 0, 58, 0, 2); /* the same records, and the same two refused */
	assert_int_equal(import_reject_list(f->t.db, workbook.id, 0, 4, f->mem, rejects, &count, &err), ERR_OK);
	assert_int_equal(count, 2);
	assert_true(str_has(rejects[0].reasons, STR("科学计数法")));
	assert_true(str_has(rejects[1].reasons, STR("不是有效日期")));
}

/* ---- real data ---- */

#define NFRA "../shared/data/penalties/nfra-penalties-100.csv"
#define TW "../shared/data/penalties/tw-env-penalties-5000.csv"

static const char *shared_file(const char *path)
{
	static char absolute[2][200];
	int i = strcmp(path, NFRA) == 0;

	if (access(path, R_OK) == 0)
		return path;
	snprintf(absolute[i], sizeof(absolute[i]), "/work/shared/%s", path + strlen("../shared/"));
	if (access(absolute[i], R_OK) == 0)
		return absolute[i];
	fprintf(stderr, "SKIP: %s is not here\n", path);
	skip();
	return NULL;
}

static void the_hundred_financial_penalties_are_all_taken(void **state)
{
	struct fixture *f = fixture_of(state);
	struct import i = import_path(f, shared_file(NFRA)), again = import_path(f, shared_file(NFRA));
	struct record_row row = find(f, "锡林郭勒银监分局|1");

	assert_counts(&i, 100, 0, 0, 0, 0);
	assert_counts(&again, 0, 0, 100, 0, 0);
	assert_int_equal(value(f, &row, "total_amount")->i, 1000000);
	assert_int_equal(value(f, &row, "published_on")->i, day_from_ymd(2016, 4, 21));
	assert_int_equal(value(f, &row, "disclosure_required")->i, 1);
}

static void the_five_thousand_environmental_penalties_are_accounted_for(void **state)
{
	struct fixture *f = fixture_of(state);
	struct import i = import_path(f, shared_file(TW)), again = import_path(f, shared_file(TW));

	assert_int_equal(i.counts.read, 5000);
	assert_counts(&i, 4983, 0, 13, 4, 0); /* 13 exact repetitions, 4 superseded versions */
	assert_counts(&again, 0, 0, 4996, 4, 0);
	assert_int_equal(count_of(f, "penalty_case"), 4983);
	struct record_row row = find(f, "新竹縣|30-105-020013");
	assert_int_equal(value(f, &row, "reported_at")->i, (int64_t)day_from_ymd(2016, 5, 5) * 86400 + 3660);
}

/* ---- as of a day ---- */

#define HISTORY_OFFICERS 40
#define HISTORY_PERIODS 4
#define HISTORY_DAYS 60

struct history_period {
	int32_t from, to; /* to DAY_NONE: still so */
	const char *status;
};
struct history {
	struct history_period v[HISTORY_PERIODS];
	int count;
};
static const char *const history_statuses[] = { "valid", "suspended", "revoked" };
static uint64_t history_random = 20261127;

static int history_below(int n)
{
	history_random ^= history_random << 13;
	history_random ^= history_random >> 7;
	history_random ^= history_random << 17;
	return (int)((history_random >> 20) % (uint64_t)n);
}

/** What the register must say on a day, by walking the history from its beginning; an officer without a history is as now. */
static const char *replay(const struct history *h, int32_t day)
{
	const struct history_period *best = NULL;

	if (h->count == 0)
		return "valid";
	for (int i = 0; i < h->count; i++)
		if (h->v[i].from <= day && (h->v[i].to == DAY_NONE || day <= h->v[i].to) && (!best || h->v[i].from >= best->from))
			best = &h->v[i];
	return best ? best->status : "";
}

static void write_history(struct fixture *f, struct history *histories, int32_t first, struct buf *out)
{
	(void)f;
	for (int o = 0; o < HISTORY_OFFICERS; o++) {
		struct history *h = &histories[o];

		h->count = history_below(HISTORY_PERIODS + 1);
		buf_printf(out,
			"{\"cert_no\":\"C%02d\",\"name\":\"甲%02d\",\"agency_name\":\"某局\",\"cert_status\":\"valid\",\"periods\":[", o,
			o);
		for (int i = 0; i < h->count; i++) {
			char from[11], to[11];

			h->v[i] = (struct history_period){
				.from = first + history_below(HISTORY_DAYS), .to = DAY_NONE, .status = history_statuses[history_below(3)]
			};
			if (history_below(3))
				h->v[i].to = h->v[i].from + history_below(20);
			day_format(h->v[i].from, from);
			day_format(h->v[i].to == DAY_NONE ? first : h->v[i].to, to);
			buf_printf(out, "%s{\"from_on\":\"%s\",\"to_on\":%s%s%s,\"cert_status\":\"%s\"}", i ? "," : "", from,
				h->v[i].to == DAY_NONE ? "null" : "\"", h->v[i].to == DAY_NONE ? "" : to,
				h->v[i].to == DAY_NONE ? "" : "\"", h->v[i].status);
		}
		buf_puts(out, "]}\n");
	}
}

/** The status of an officer in a page of results; NULL when the officer is not in it, "" when nothing is known. */
static const char *status_in(const struct record_page *page, const struct dictionary_type *t, int officer)
{
	const struct dictionary_column *cert = dictionary_column(t, STR("cert_no")), *status = dictionary_column(t, STR("cert_status"));
	char no[8];

	snprintf(no, sizeof(no), "C%02d", officer);
	for (size_t i = 0; i < page->row_count; i++)
		if (str_eq(page->rows[i].values[cert->index].s, str_of(no))) {
			const struct dictionary_value *v = &page->rows[i].values[status->index];

			return v->null ? "" : status->codes[v->i].code.ptr;
		}
	return NULL;
}

static void a_register_on_a_day_is_what_replaying_its_history_gives(void **state)
{
	struct fixture *f = fixture_of(state);
	const struct dictionary_type *t = dictionary_type(f->dictionary, STR("officer"));
	struct history histories[HISTORY_OFFICERS];
	int32_t first = day_from_ymd(2026, 1, 1);
	CLEANUP(buf_clear) struct buf text;
	struct record_page page;
	struct err err = { 0 };

	buf_init(&text, 1 << 20);
	write_history(f, histories, first, &text);
	buf_putc(&text, '\0');
	import_path(f, write_text(f, "officers.jsonl", text.ptr));
	for (int32_t day = first - 1; day < first + HISTORY_DAYS + 25; day++) {
		struct record_query all = { .type = t, .limit = 500, .as_of = day }, suspended = all;
		bool is;

		assert_int_equal(record_list(f->t.db, f->dictionary, &all, f->mem, &page, &err), ERR_OK);
		for (int o = 0; o < HISTORY_OFFICERS; o++)
			assert_string_equal(status_in(&page, t, o), replay(&histories[o], day));
		assert_int_equal(record_query_param(&suspended, STR("cert_status"), STR("suspended"), f->mem, &is, &err), ERR_OK);
		assert_int_equal(record_list(f->t.db, f->dictionary, &suspended, f->mem, &page, &err), ERR_OK);
		for (int o = 0; o < HISTORY_OFFICERS; o++)
			assert_true((status_in(&page, t, o) != NULL) == (strcmp(replay(&histories[o], day), "suspended") == 0));
	}
}

#define ON_BOTH(test)                                                                                                                      \
	cmocka_unit_test_setup_teardown(test, setup_sqlite, teardown),                                                                     \
	{                                                                                                                                  \
#test " [PostgreSQL]", test, setup_pg, teardown, NULL                                                                      \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(a_ledger_becomes_typed_records_with_children),
		ON_BOTH(only_what_the_file_has_is_supplied),
		ON_BOTH(the_same_file_twice_changes_nothing),
		ON_BOTH(a_changed_row_keeps_its_old_version_and_undo_brings_it_back),
		ON_BOTH(an_import_that_was_changed_again_cannot_be_undone_first),
		ON_BOTH(rejects_say_why_and_can_be_corrected_and_sent_again),
		ON_BOTH(a_spreadsheet_number_is_explained_in_the_reject),
		ON_BOTH(one_key_with_two_contents_in_a_file_is_refused),
		ON_BOTH(other_currencies_never_become_fen),
		ON_BOTH(coercion_and_licences_have_mappings_of_their_lists),
		ON_BOTH(the_later_update_wins_in_either_order),
		ON_BOTH(agencies_become_organisations_and_link_what_came_before),
		ON_BOTH(a_scan_sees_all_and_then_only_what_changed),
		ON_BOTH(an_interrupted_import_goes_on_where_it_stopped),
		ON_BOTH(a_program_writes_records_like_an_import),
		ON_BOTH(pages_follow_each_other_without_gaps),
		ON_BOTH(the_search_box_looks_at_the_newest_matches_only),
		ON_BOTH(lists_filter_by_any_column_and_by_words),
		ON_BOTH(the_search_index_follows_changes_and_undo),
		ON_BOTH(a_register_on_a_day_is_what_replaying_its_history_gives),
		ON_BOTH(an_agency_sees_its_own_records_and_never_sealed_ones),
		ON_BOTH(a_masked_value_is_revealed_only_with_a_purpose),
		ON_BOTH(an_exported_csv_can_be_imported_again),
		cmocka_unit_test_setup_teardown(an_exported_workbook_can_be_imported_again, setup_sqlite, teardown),
		cmocka_unit_test_setup_teardown(exported_json_lines_can_be_imported_again, setup_sqlite, teardown),
		ON_BOTH(exports_mask_and_guard_against_formulas),
		ON_BOTH(a_case_name_does_not_name_the_person_that_is_masked_beside_it),
		ON_BOTH(statistics_compare_with_the_year_before_and_name_who_is_missing),
		cmocka_unit_test(words_become_pairs_of_characters),
		cmocka_unit_test_setup_teardown(a_hand_made_mapping_is_written_and_read_back, setup_sqlite, teardown),
		cmocka_unit_test_setup_teardown(inspections_of_the_platform_become_records, setup_sqlite, teardown),
		ON_BOTH(the_example_is_read_alike_as_csv_and_as_workbook),
		ON_BOTH(the_hundred_financial_penalties_are_all_taken),
		ON_BOTH(the_five_thousand_environmental_penalties_are_accounted_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
