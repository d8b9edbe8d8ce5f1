/* The dictionary on both sides of every limit: check digits, dates, money units, and files that are wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "dictionary/dictionary.h"

static struct arena *mem_of(void **state)
{
	return *state;
}

static int setup(void **state)
{
	*state = arena_open(64u << 20);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	arena_close(*state);
	return 0;
}

/* ---- parsing helpers ---- */

static const struct dictionary_column a_date = { .name = STR_INIT("on"), .type = COLUMN_DATE };
static const struct dictionary_column a_datetime = { .name = STR_INIT("at"), .type = COLUMN_DATETIME };
static const struct dictionary_column a_money = { .name = STR_INIT("fine"), .type = COLUMN_MONEY };
static const struct dictionary_column a_decimal = { .name = STR_INIT("rate"), .type = COLUMN_DECIMAL };
static const struct dictionary_column an_int = { .name = STR_INIT("days"), .type = COLUMN_INT };
static const struct dictionary_column a_bool = { .name = STR_INIT("done"), .type = COLUMN_BOOL };
static const struct dictionary_column a_credit_code = {
	.name = STR_INIT("code"), .type = COLUMN_TEXT, .max = 18, .check = CHECK_CREDIT_CODE
};
static const struct dictionary_column a_party_code = {
	.name = STR_INIT("code"), .type = COLUMN_TEXT, .max = 30, .check = CHECK_PARTY_CODE
};
static const struct dictionary_column a_short_text = { .name = STR_INIT("name"), .type = COLUMN_TEXT, .max = 3 };

/** Machine form of the parsed text, "null", or "!" and the reason. */
static const char *read_as(struct arena *mem, const struct dictionary_column *c, const char *text, const char *unit)
{
	struct dictionary_value v;
	struct err why = { 0 };
	struct buf out;
	const char *copy;

	if (!column_parse(c, str_of(text), str_of(unit), mem, &v, &why))
		return str_cstr(mem, str_printf(mem, "!%s", why.msg));
	if (v.null)
		return "null";
	buf_init(&out, 4096);
	column_format(c, &v, &out);
	copy = str_cstr(mem, buf_str(&out));
	buf_clear(&out);
	return copy;
}

static void dates_are_read_in_every_form_that_sources_use(void **state)
{
	struct arena *mem = mem_of(state);

	assert_string_equal(read_as(mem, &a_date, "2016/4/21", ""), "2016-04-21");
	assert_string_equal(read_as(mem, &a_date, "2016-04-21", ""), "2016-04-21");
	assert_string_equal(read_as(mem, &a_date, "20160421", ""), "2016-04-21");
	assert_string_equal(read_as(mem, &a_date, "2016年4月21日", ""), "2016-04-21");
	assert_string_equal(read_as(mem, &a_date, " ２０１６．４．２１ ", ""), "2016-04-21");
	assert_string_equal(read_as(mem, &a_date, "2016-04-21T00:00:00", ""), "2016-04-21");
	assert_string_equal(read_as(mem, &a_date, "2016-04-20T16:00:00Z", ""), "2016-04-21");
	assert_string_equal(read_as(mem, &a_datetime, "2015/11/19 09:13", ""), "2015-11-19 09:13:00");
	assert_string_equal(read_as(mem, &a_datetime, "2015年11月19日9时13分5秒", ""), "2015-11-19 09:13:05");
	assert_string_equal(read_as(mem, &a_datetime, "20151119091305", ""), "2015-11-19 09:13:05");
	assert_string_equal(read_as(mem, &a_datetime, "2015-11-19", ""), "2015-11-19 00:00:00");
}

static void dates_that_do_not_exist_are_refused(void **state)
{
	struct arena *mem = mem_of(state);

	assert_string_equal(read_as(mem, &a_date, "2016-02-29", ""), "2016-02-29");
	assert_memory_equal(read_as(mem, &a_date, "2015-02-29", ""), "!", 1);
	assert_memory_equal(read_as(mem, &a_date, "2016/13/01", ""), "!", 1);
	assert_memory_equal(read_as(mem, &a_date, "2016-04", ""), "!", 1);
	assert_memory_equal(read_as(mem, &a_date, "2016-04-211", ""), "!", 1);
	assert_memory_equal(read_as(mem, &a_datetime, "2016-04-21 25:00", ""), "!", 1);
	assert_non_null(strstr(read_as(mem, &a_date, "42481", ""), "2016-04-21"));
	assert_string_equal(read_as(mem, &a_date, "/", ""), "null");
	assert_string_equal(read_as(mem, &a_date, "无", ""), "null");
}

static void money_becomes_fen_without_rounding_errors(void **state)
{
	struct arena *mem = mem_of(state);

	assert_string_equal(read_as(mem, &a_money, "10000", ""), "10000.00");
	assert_string_equal(read_as(mem, &a_money, "1.2", "万元"), "12000.00");
	assert_string_equal(read_as(mem, &a_money, "0.29", "万元"), "2900.00");
	assert_string_equal(read_as(mem, &a_money, "1.2万元", ""), "12000.00");
	assert_string_equal(read_as(mem, &a_money, "￥12,345.67", ""), "12345.67");
	assert_string_equal(read_as(mem, &a_money, "人民币3000元整", ""), "3000.00");
	assert_string_equal(read_as(mem, &a_money, "4500", "fen"), "45.00");
	assert_string_equal(read_as(mem, &a_money, "1.005", ""), "1.01");
	assert_string_equal(read_as(mem, &a_money, "-5", ""), "-5.00");
	assert_string_equal(read_as(mem, &a_money, "2E+5", ""), "200000.00");
	assert_string_equal(read_as(mem, &a_money, "90000000000000000", ""), "90000000000000000.00");
	assert_memory_equal(read_as(mem, &a_money, "99999999999999999999", ""), "!", 1);
	assert_memory_equal(read_as(mem, &a_money, "一万元", ""), "!", 1);
	assert_string_equal(read_as(mem, &a_decimal, "0.12345", ""), "0.1235");
	assert_string_equal(read_as(mem, &an_int, "12.0", ""), "12");
	assert_memory_equal(read_as(mem, &an_int, "12.5", ""), "!", 1);
}

static void yes_and_no_have_many_spellings(void **state)
{
	struct arena *mem = mem_of(state);

	assert_string_equal(read_as(mem, &a_bool, "是", ""), "true");
	assert_string_equal(read_as(mem, &a_bool, "Ｙ", ""), "true");
	assert_string_equal(read_as(mem, &a_bool, "False", ""), "false");
	assert_string_equal(read_as(mem, &a_bool, "0", ""), "false");
	assert_string_equal(read_as(mem, &a_bool, "", ""), "null");
	assert_memory_equal(read_as(mem, &a_bool, "也许", ""), "!", 1);
}

static void credit_codes_are_checked_by_their_last_character(void **state)
{
	struct arena *mem = mem_of(state);

	assert_true(credit_code_valid(STR("91350100M000100Y43"))); /* the example in GB 32100-2015 */
	assert_false(credit_code_valid(STR("91350100M000100Y44")));
	assert_false(credit_code_valid(STR("91350100M000100Y4")));
	assert_false(credit_code_valid(STR("91350100I000100Y43")));
	assert_string_equal(read_as(mem, &a_credit_code, " 91350100m000100y43 ", ""), "91350100M000100Y43");
	assert_memory_equal(read_as(mem, &a_credit_code, "91350100M000100Y44", ""), "!", 1);
}

static void codes_spoilt_by_a_spreadsheet_are_explained(void **state)
{
	struct arena *mem = mem_of(state);

	assert_non_null(strstr(read_as(mem, &a_credit_code, "9.1E+17", ""), "表格软件把代码变成了科学计数法"));
	assert_non_null(strstr(read_as(mem, &a_party_code, "9.1350100E17", ""), "科学计数法"));
	assert_true(is_spreadsheet_number(STR("110101199003070000")));
	assert_false(is_spreadsheet_number(STR("110101199003070011")));
	assert_false(is_spreadsheet_number(STR("91350100M000100Y43")));
}

static void identity_numbers_are_checked_by_date_and_last_digit(void **state)
{
	struct arena *mem = mem_of(state);

	assert_true(id_number_valid(STR("11010519491231002X"))); /* the example in GB 11643 */
	assert_false(id_number_valid(STR("110105194912310021")));
	assert_false(id_number_valid(STR("11010519491331002X")));
	assert_string_equal(read_as(mem, &a_party_code, "11010519491231002x", ""), "11010519491231002X");
	assert_memory_equal(read_as(mem, &a_party_code, "110105194912310021", ""), "!", 1);
	assert_string_equal(read_as(mem, &a_party_code, "110***********1234", ""), "110***********1234");
	assert_string_equal(read_as(mem, &a_party_code, "330100000012345", ""), "330100000012345");
}

static void texts_are_counted_in_characters(void **state)
{
	struct arena *mem = mem_of(state);

	assert_string_equal(read_as(mem, &a_short_text, "三个字", ""), "三个字");
	assert_memory_equal(read_as(mem, &a_short_text, "四个汉字", ""), "!", 1);
	assert_memory_equal(read_as(mem, &a_short_text, "\xff", ""), "!", 1);
}

static const char *masked(struct arena *mem, enum column_privacy p, const char *text)
{
	struct buf out;
	const char *copy;

	buf_init(&out, 4096);
	privacy_mask(p, str_of(text), &out);
	copy = str_cstr(mem, buf_str(&out));
	buf_clear(&out);
	return copy;
}

static void personal_data_is_masked(void **state)
{
	struct arena *mem = mem_of(state);

	assert_string_equal(masked(mem, PRIVACY_NAME, "张三"), "张*");
	assert_string_equal(masked(mem, PRIVACY_ID_NUMBER, "110105199001011234"), "110***********1234");
	assert_string_equal(masked(mem, PRIVACY_PHONE, "13812345678"), "138****5678");
	assert_string_equal(masked(mem, PRIVACY_PHONE, "12345"), "1****");
	assert_string_equal(masked(mem, PRIVACY_BIRTH, "2011-05-06"), "2011-**-**");
	assert_string_equal(masked(mem, PRIVACY_ADDRESS, "云台市东湖区青山街道幸福路1号"), "云台市东湖区青山街道***");
}

static void the_normal_form_ignores_width_case_and_brackets(void **state)
{
	struct arena *mem = mem_of(state);

	assert_true(str_eq(text_normalise(STR(" 云市监罚〔2025〕 12 号ａ"), mem), text_normalise(STR("云市监罚[2025]12号A"), mem)));
	assert_false(str_eq(text_normalise(STR("12号"), mem), text_normalise(STR("13号"), mem)));
}

/* ---- files ---- */

static struct dictionary *load_builtin(struct arena *mem)
{
	struct asset_set assets = { 0 };
	struct dictionary *d;
	struct err err = { 0 };

	if (dictionary_load(&assets, mem, &d, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return d;
}

static void the_shipped_types_load_and_refer_to_each_other(void **state)
{
	struct dictionary *d = load_builtin(mem_of(state));
	const struct dictionary_type *t = dictionary_type(d, STR("penalty_case"));

	assert_true(d->type_count >= 5);
	assert_non_null(t);
	assert_int_equal(t->key_count, 2);
	assert_int_equal(dictionary_column(t, STR("fine"))->type, COLUMN_MONEY);
	assert_true(str_eq(t->columns[dictionary_column(t, STR("fine"))->foreign].name, STR("fine_foreign")));
	assert_true(str_eq(t->references[t->agency].type->name, STR("agency")));
	assert_true(str_eq(dictionary_child(t, STR("officers"))->references[0].type->name, STR("officer")));
	assert_true(dictionary_type(d, STR("hotline_ticket"))->sealed);
	assert_true(dictionary_type(d, STR("agency"))->is_agency);
	assert_null(dictionary_type(d, STR("no_such_type")));
}

static void codes_are_read_by_code_label_and_alias(void **state)
{
	struct arena *mem = mem_of(state);
	const struct dictionary_column *c = dictionary_column(dictionary_type(load_builtin(mem), STR("penalty_case")), STR("procedure"));

	assert_string_equal(read_as(mem, c, "general", ""), "general");
	assert_string_equal(read_as(mem, c, "GENERAL", ""), "general");
	assert_string_equal(read_as(mem, c, "普通程序", ""), "general");
	assert_string_equal(read_as(mem, c, " 简易 ", ""), "simple");
	assert_non_null(strstr(read_as(mem, c, "特别", ""), "普通程序、简易程序"));
}

static void titles_and_keys_follow_the_templates(void **state)
{
	struct arena *mem = mem_of(state);
	const struct dictionary_type *t = dictionary_type(load_builtin(mem), STR("penalty_case"));
	struct dictionary_value *v = ARENA_NEW(mem, struct dictionary_value, t->column_count);
	struct buf out;

	for (size_t i = 0; i < t->column_count; i++)
		v[i].null = true;
	v[dictionary_column(t, STR("case_no"))->index] = (struct dictionary_value){ .s = STR("云市监罚〔2025〕12号") };
	v[dictionary_column(t, STR("agency_name"))->index] = (struct dictionary_value){ .s = STR("云台市市场监督管理局") };
	v[dictionary_column(t, STR("party_name"))->index] = (struct dictionary_value){ .s = STR("李小明") };
	v[dictionary_column(t, STR("party_type"))->index] = (struct dictionary_value){ .s = STR("natural_person") };

	buf_init(&out, 1000);
	dictionary_title(t, v, true, &out);
	assert_string_equal(out.ptr, "云市监罚〔2025〕12号 李*");
	v[dictionary_column(t, STR("party_type"))->index].s = STR("legal_person");
	buf_reset(&out);
	dictionary_title(t, v, true, &out);
	assert_string_equal(out.ptr, "云市监罚〔2025〕12号 李小明");
	buf_clear(&out);
	assert_true(str_eq(dictionary_row_key(t, v, mem), STR("云台市市场监督管理局|云市监罚(2025)12号")));
}

static int32_t day_of_text(const char *text)
{
	int32_t day;

	assert_true(day_parse(str_of(text), &day));
	return day;
}

static const char *words_masked(struct arena *mem, const struct dictionary_type *t, const struct dictionary_value *v, const char *text)
{
	struct privacy_words w;
	struct buf out;
	const char *ret;

	buf_init(&out, 1000);
	privacy_words(t, v, &w);
	privacy_words_mask(&w, str_of(text), &out);
	ret = str_cstr(mem, buf_str(&out));
	buf_clear(&out);
	return ret;
}

static void a_person_masked_in_one_column_is_masked_in_the_texts_of_the_others(void **state)
{
	struct arena *mem = mem_of(state);
	const struct dictionary_type *t = dictionary_type(load_builtin(mem), STR("penalty_case"));
	struct dictionary_value *v = ARENA_NEW(mem, struct dictionary_value, t->column_count);
	struct dictionary_value *party = &v[dictionary_column(t, STR("party_name"))->index],
				*kind = &v[dictionary_column(t, STR("party_type"))->index];

	for (size_t i = 0; i < t->column_count; i++)
		v[i].null = true;
	*party = (struct dictionary_value){ .s = STR("姚超") };
	*kind = (struct dictionary_value){ .s = STR("natural_person") };
	v[dictionary_column(t, STR("party_id_no"))->index] = (struct dictionary_value){ .s = STR("110101199003071234") };
	assert_string_equal(words_masked(mem, t, v, "姚超未按规定登记住宿旅客案"), "姚*未按规定登记住宿旅客案");
	assert_string_equal(
		words_masked(mem, t, v, "当事人姚超（110101199003071234）称，姚超不知情"), "当事人姚*（110***********1234）称，姚*不知情");
	assert_string_equal(words_masked(mem, t, v, "姚某超市案"), "姚某超市案");
	assert_string_equal(words_masked(mem, t, v, ""), "");
	v[dictionary_column(t, STR("party_birth_on"))->index] = (struct dictionary_value){ .i = day_of_text("1990-03-07") };
	assert_string_equal(words_masked(mem, t, v, "当事人 1990-03-07 出生，1990-03-08 入学"), "当事人 1990-**-** 出生，1990-03-08 入学");
	party->s = STR("姚超、欧阳小明");
	assert_string_equal(words_masked(mem, t, v, "欧阳小明和姚超打架案"), "欧*和姚*打架案");
	party->s = STR("李"); /* one character is in every text */
	assert_string_equal(words_masked(mem, t, v, "行李李子案"), "行李李子案");
	/* an organisation is named in full, also when it bears its owner's name */
	party->s = STR("云台金鑫物流有限公司");
	kind->s = STR("legal_person");
	v[dictionary_column(t, STR("legal_rep"))->index] = (struct dictionary_value){ .s = STR("金鑫") };
	assert_string_equal(
		words_masked(mem, t, v, "云台金鑫物流有限公司（法定代表人金鑫）超载案"), "云台金鑫物流有限公司（法定代表人金*）超载案");
	assert_true(privacy_words_apply(t, dictionary_column(t, STR("case_name"))));
	assert_true(privacy_words_apply(t, dictionary_column(t, STR("violation_facts"))));
	assert_false(privacy_words_apply(t, dictionary_column(t, STR("agency_name"))));
	assert_false(privacy_words_apply(t, dictionary_column(t, STR("party_name"))));
	assert_false(privacy_words_apply(t, dictionary_column(t, STR("procedure"))));
}

/** Loads a folder whose dictionary/x.yaml has this text; returns the error, "" when it loads. */
static const char *load_text(struct arena *mem, const char *text)
{
	char dir[] = "/tmp/xz-dictionary-XXXXXX";
	struct asset_set assets = { .dir_count = 1 };
	struct dictionary *d;
	struct err err = { 0 };
	char *path;

	assert_non_null(mkdtemp(dir));
	path = str_cstr(mem, str_printf(mem, "%s/dictionary", dir));
	assert_int_equal(dir_make(path, &err), ERR_OK);
	assert_int_equal(file_write(str_cstr(mem, str_printf(mem, "%s/x.yaml", path)), str_of(text), &err), ERR_OK);
	assets.dirs[0] = (struct asset_dir){ .dir = str_cstr(mem, str_of(dir)), .prefix = "", .replace = true };
	dictionary_load(&assets, mem, &d, &err);
	unlink(str_cstr(mem, str_printf(mem, "%s/x.yaml", path)));
	rmdir(path);
	rmdir(dir);
	return str_cstr(mem, str_of(err.msg));
}

static void wrong_files_are_pointed_at(void **state)
{
	struct arena *mem = mem_of(state);

	assert_string_equal(load_text(mem, "type: x\nlabel: 甲\nkey: [a]\ncolumns:\n  a: {type: text, label: 甲}\n"), "");
	assert_non_null(strstr(load_text(mem, "type: x\nlabel: 甲\nkey: [a]\ncolumns:\n  a: {type: texd, label: 甲}\n"), "x.yaml:5:"));
	assert_non_null(strstr(load_text(mem, "type: x\nlabel: 甲\nkey: [a]\ncolumns:\n  a: {type: texd, label: 甲}\n"), "“text”"));
	assert_non_null(strstr(load_text(mem, "type: x\nlabel: 甲\nkey: [b]\ncolumns:\n  a: {type: text, label: 甲}\n"), "没有列“b”"));
	assert_non_null(strstr(load_text(mem, "type: x\nlabel: 甲\nkey: [a]\ncolumns:\n  select: {type: text, label: 甲}\n"), "保留字"));
	assert_non_null(strstr(load_text(mem, "type: x\nlabel: 甲\nkey: [a]\ncolumns:\n  A1: {type: text, label: 甲}\n"), "小写字母"));
	assert_non_null(strstr(load_text(mem, "type: x\nlabel: 甲\nkey: [a]\ncolumns:\n  a: {type: date, label: 甲}\n"), "_on"));
	assert_non_null(strstr(load_text(mem, "type: x\nlabel: 甲\nkey: [a]\ncolumns:\n  a: {type: code, label: 甲}\n"), "codes"));
}

static void tables_are_made_for_both_databases(void **state)
{
	const struct dictionary_type *t = dictionary_type(load_builtin(mem_of(state)), STR("penalty_case"));
	struct buf out;

	buf_init(&out, 1 << 20);
	dictionary_ddl(t, DB_SQLITE, &out);
	assert_non_null(strstr(out.ptr, "CREATE TABLE IF NOT EXISTS r_penalty_case ("));
	assert_non_null(strstr(out.ptr, "\tfine BIGINT"));
	assert_non_null(strstr(out.ptr, "\tdecided_on CHAR(10)"));
	assert_non_null(strstr(out.ptr, "r_penalty_case__documents"));
	assert_null(strstr(out.ptr, "COLLATE"));
	buf_reset(&out);
	dictionary_ddl(t, DB_PG, &out);
	assert_non_null(strstr(out.ptr, "decided_on CHAR(10) COLLATE \"C\""));
	buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(dates_are_read_in_every_form_that_sources_use, setup, teardown),
		cmocka_unit_test_setup_teardown(dates_that_do_not_exist_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(money_becomes_fen_without_rounding_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(yes_and_no_have_many_spellings, setup, teardown),
		cmocka_unit_test_setup_teardown(credit_codes_are_checked_by_their_last_character, setup, teardown),
		cmocka_unit_test_setup_teardown(codes_spoilt_by_a_spreadsheet_are_explained, setup, teardown),
		cmocka_unit_test_setup_teardown(identity_numbers_are_checked_by_date_and_last_digit, setup, teardown),
		cmocka_unit_test_setup_teardown(texts_are_counted_in_characters, setup, teardown),
		cmocka_unit_test_setup_teardown(personal_data_is_masked, setup, teardown),
		cmocka_unit_test_setup_teardown(the_normal_form_ignores_width_case_and_brackets, setup, teardown),
		cmocka_unit_test_setup_teardown(the_shipped_types_load_and_refer_to_each_other, setup, teardown),
		cmocka_unit_test_setup_teardown(codes_are_read_by_code_label_and_alias, setup, teardown),
		cmocka_unit_test_setup_teardown(titles_and_keys_follow_the_templates, setup, teardown),
		cmocka_unit_test_setup_teardown(a_person_masked_in_one_column_is_masked_in_the_texts_of_the_others, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_files_are_pointed_at, setup, teardown),
		cmocka_unit_test_setup_teardown(tables_are_made_for_both_databases, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
