/* Unit tests of reading and writing tables. Workbooks are made here with libxlsxwriter and libzip; the old .xls is tests/data/legacy.xls.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>
#include <zip.h>

#include "base/fault.h"
#include "sheet/sheet.h"

static char path[64];
static struct err err;

static int make_path(void **state)
{
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/xz-sheet-XXXXXX");
	fd = mkstemp(path);
	close(fd);
	return fd < 0;
}

static int remove_path(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void put(const char *bytes, size_t len)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

static void put_text(const char *text)
{
	put(text, strlen(text));
}

static struct sheet *open_as(const char *name)
{
	struct sheet *s = NULL;

	if (sheet_open(&(struct sheet_options){ .path = path, .name = str_of(name) }, &s, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return s;
}

static enum err_code open_fails(const char *name)
{
	struct sheet *s = NULL;
	enum err_code code = sheet_open(&(struct sheet_options){ .path = path, .name = str_of(name) }, &s, &err);

	assert_null(s);
	return code;
}

/** All rows as "line:kind:a|b|c" lines, reasons after '!', flags of a cell after '~'. */
static const char *all_rows(struct sheet *s)
{
	static char text[8192];
	struct sheet_row row;
	size_t len = 0;

	text[0] = '\0';
	do {
		if (sheet_next(s, &row, &err) != ERR_OK) {
			snprintf(text + len, sizeof(text) - len, "error: %s", err.msg);
			break;
		}
		if (row.kind == SHEET_ROW_END)
			break;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%d%c", (int)row.line, "-=?!"[row.kind]);
		for (size_t i = 0; i < row.cell_count && i < 20; i++) {
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s", i ? "|" : "",
				row.cells[i].text.len > 200 ? 5 : STR_ARG(row.cells[i].text));
			if (row.cells[i].flags)
				len += (size_t)snprintf(text + len, sizeof(text) - len, "~%u", row.cells[i].flags);
		}
		if (row.reason.len)
			len += (size_t)snprintf(text + len, sizeof(text) - len, " (%.*s)", STR_ARG(row.reason));
		len += (size_t)snprintf(text + len, sizeof(text) - len, "\n");
	} while (len < sizeof(text) - 1000);
	sheet_close(s);
	return text;
}

static void header_is(struct sheet *s, const char *expected, int line)
{
	char text[2000] = "";
	size_t count;
	int64_t at;
	const struct str *h = sheet_header(s, &count, &at);

	for (size_t i = 0; i < count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%.*s", i ? "|" : "", STR_ARG(h[i]));
	assert_string_equal(text, expected);
	assert_int_equal(at, line);
}

/* ---- CSV ---- */

static void csv_reads_quotes_line_breaks_and_line_numbers(void **state)
{
	struct sheet *s;

	(void)state;
	put_text("\xEF\xBB\xBF案号,当事人,金额\r\nA1,\"某某,公司\",100\r\nA2,\"两\n行 \"\"引\"\"号\",5\r\n\r\nA3,,7");

	s = open_as("a.csv");

	header_is(s, "案号|当事人|金额", 1);
	assert_string_equal(sheet_encoding(s), "UTF-8");
	assert_string_equal(all_rows(s), "2=A1|某某,公司|100\n3=A2|两\n行 \"引\"号|5\n6=A3||7\n");
}

static void csv_separators_in_a_cell_with_doubled_quotes_do_not_count(void **state)
{
	struct sheet *s;

	(void)state;
	put_text("案号,当事人\n\"a \"\"b\"\", c; d; e; f; g; h\",x\n");

	s = open_as("a.csv");

	header_is(s, "案号|当事人", 1);
	assert_string_equal(all_rows(s), "2=a \"b\", c; d; e; f; g; h|x\n");
}

static void csv_in_gb18030_is_recognised(void **state)
{
	struct sheet *s;

	(void)state;
	put_text("\xB0\xB8\xBA\xC5\t\xB5\xB1\xCA\xC2\xC8\xCB\nA1\t\xD5\xC5\xC8\xFD\n"); /* 案号 当事人 张三 */

	s = open_as("a.txt");

	assert_string_equal(sheet_encoding(s), "GB18030");
	header_is(s, "案号|当事人", 1);
	assert_string_equal(all_rows(s), "2=A1|张三\n");
}

static void csv_in_utf16_is_recognised(void **state)
{
	static const char text[] = "\xFF\xFE"
				   "a\0,\0b\0\n\0"
				   "1\0,\0"
				   "\x2D\x4E\n\0";

	(void)state;
	put(text, sizeof(text) - 1);

	assert_string_equal(all_rows(open_as("a.csv")), "2=1|中\n");
}

static void csv_separator_is_found(void **state)
{
	(void)state;
	put_text("名称;金额;说明\na;1,5;\"x;y\"\nb;2,5;z,z\n");

	assert_string_equal(all_rows(open_as("a.csv")), "2=a|1,5|x;y\n3=b|2,5|z,z\n");
}

static void titles_notes_totals_and_repeated_headers_are_no_records(void **state)
{
	struct sheet *s;

	(void)state;
	put_text("云栖市行政处罚台账,,,\n填报单位：某局,,,2026年\n序号,案号,当事人,罚款\n1,A1,甲,100\n序号,案号,当事人,罚款\n2,A2,乙,"
		 "200\n合  计,,,300\n"
		 "小计：2件,,,\n注：单位为元,,,\n3,合计公司,丙,1\n");

	s = open_as("a.csv");

	header_is(s, "序号|案号|当事人|罚款", 3);
	assert_string_equal(all_rows(s), "4=1|A1|甲|100\n5?序号|案号|当事人|罚款 (重复的表头)\n6=2|A2|乙|200\n7?合  计|||300 "
					 "(合计行，不是记录)\n8?小计：2件||| (合计行，不是记录)\n"
					 "9?注：单位为元||| (表尾的说明，不是记录)\n10=3|合计公司|丙|1\n");
}

static void an_open_quote_costs_its_line_only(void **state)
{
	(void)state;
	put_text("a,b\n1,\"x\n2,y\n3,z\n");

	assert_string_equal(
		all_rows(open_as("a.csv")), "2!1|x (引号没有闭合：该行有一个以双引号开头的单元格，其后找不到收尾的双引号)\n3=2|y\n4=3|z\n");
}

static void damaged_rows_are_rejected_and_reading_goes_on(void **state)
{
	static const char text[] = "甲,乙\n一,二\n\xE4\xB8,x\n三,四\0五\n六,七,八\n九\n正常的文字很多很多很多很多很多很多很多很多,乙\n";
	const char *rows;

	(void)state;
	put(text, sizeof(text) - 1);

	rows = all_rows(open_as("a.csv"));

	assert_non_null(strstr(rows, "2=一|二\n3!"));
	assert_non_null(strstr(rows, "编码损坏"));
	assert_non_null(strstr(rows, "4!"));
	assert_non_null(strstr(rows, "5!六|七|八 (该行的列比表头多"));
	assert_non_null(strstr(rows, "6=九|\n"));
}

static void a_line_of_17_mebibytes_is_rejected_and_the_next_is_read(void **state)
{
	FILE *f = fopen(path, "wb");

	(void)state;
	fputs("a,b\n1,", f);
	for (int i = 0; i < 17 << 20; i++)
		fputc('x', f);
	fputs("\n2,y\n", f);
	fclose(f);

	assert_string_equal(all_rows(open_as("a.csv")), "2! (该行超过 16 MiB，没有读入)\n3=2|y\n");
}

static void a_row_of_too_many_columns_is_rejected(void **state)
{
	FILE *f = fopen(path, "wb");
	const char *rows;

	(void)state;
	fputs("a,b\n", f);
	for (int i = 0; i < 17000; i++)
		fputc(',', f);
	fputs("\n2,y\n", f);
	fclose(f);

	rows = all_rows(open_as("a.csv"));

	assert_non_null(strstr(rows, "(该行超过 16384 列)\n3=2|y\n"));
}

static void guards_against_formulas_are_taken_off(void **state)
{
	(void)state;
	put_text("a,b\n=\"0012\",'=1+1\n'abc,-5\n");

	assert_string_equal(all_rows(open_as("a.csv")), "2=0012|=1+1\n3='abc|-5\n");
}

static void what_is_no_table_is_refused_in_words(void **state)
{
	(void)state;
	put_text("");
	assert_int_equal(open_fails("a.csv"), ERR_INPUT);
	assert_string_equal(err.msg, "a.csv：文件是空的");
	put_text("<html><table>");
	assert_int_equal(open_fails("a.xls"), ERR_UNSUPPORTED);
	put_text("%PDF-1.7 ");
	assert_int_equal(open_fails("a.csv"), ERR_UNSUPPORTED);
	put("a\0b\0c", 5);
	assert_int_equal(open_fails("a.csv"), ERR_UNSUPPORTED);
	put_text("\n\n \n");
	assert_int_equal(open_fails("a.csv"), ERR_INPUT);
	unlink(path);
	assert_int_equal(open_fails("a.csv"), ERR_IO);
}

static int likes_second(void *ctx, const struct str *cells, size_t count)
{
	(void)ctx;
	return count > 0 && str_eq(cells[0], STR("x"));
}

static void a_callers_idea_of_a_header_wins(void **state)
{
	struct sheet *s;

	(void)state;
	put_text("很长,的,标题\nx,,\n1,2,3\n");

	assert_int_equal(sheet_open(&(struct sheet_options){ .path = path, .header_score = likes_second }, &s, &err), ERR_OK);

	header_is(s, "x", 2);
	sheet_close(s);
}

/* ---- JSON Lines ---- */

static void json_lines_take_the_union_of_keys(void **state)
{
	struct sheet *s;

	(void)state;
	put_text("{\"a\":\"x\",\"n\":911101080000000012}\n\n{\"b\":true,\"a\":null,\"list\":[{\"k\":1.5}]}\n{\"n\":1234.5}\n");

	s = open_as("a.jsonl");

	header_is(s, "a|n|b|list", 0);
	assert_string_equal(all_rows(s), "1=x|911101080000000012~1||\n3=||true~4|[{\"k\":1.5}]~8\n4=|1234.5~1||\n");
}

static void a_malformed_json_line_is_rejected_with_its_place(void **state)
{
	(void)state;
	put_text("{\"a\":1}\n{\"a\":}\n[1]\n{\"a\":2,\"a\":3}\n{\"a\":4\n{\"a\":5}\n");

	assert_string_equal(all_rows(open_as("a.jsonl")),
		"1=1~1\n2! (不是合法的 JSON（第 2 行第 6 列附近）)\n3! (该行不是 JSON 对象（应当以 { 开头、以 } 结尾）)\n"
		"4! (同一个键出现两次（第 4 行第 10 列附近）)\n5! (JSON 不完整（第 5 行第 6 列附近）)\n6=5~1\n");
}

/* ---- XLSX ---- */

static lxw_format *with_format(lxw_workbook *book, const char *number_format)
{
	lxw_format *f = workbook_add_format(book);

	format_set_num_format(f, number_format);
	return f;
}

static void xlsx_cells_keep_their_kind(void **state)
{
	lxw_workbook *book = workbook_new(path);
	lxw_worksheet *p = workbook_add_worksheet(book, "台账");
	lxw_datetime day = { .year = 2026, .month = 3, .day = 5 }, instant = { 2026, 3, 5, 14, 30, 15.0 };
	struct sheet *s;

	(void)state;
	worksheet_merge_range(p, 0, 0, 0, 5, "处罚台账", NULL);
	worksheet_write_string(p, 1, 0, "信用代码", NULL);
	worksheet_write_string(p, 1, 1, "罚款", NULL);
	worksheet_write_string(p, 1, 2, "日期", NULL);
	worksheet_write_string(p, 1, 3, "时间", NULL);
	worksheet_write_string(p, 1, 4, "是否", NULL);
	worksheet_write_string(p, 1, 5, "换\n行", NULL);
	worksheet_write_number(p, 2, 0, 911101080000000012.0, NULL);
	worksheet_write_number(p, 2, 1, 1234.56, NULL);
	worksheet_write_datetime(p, 2, 2, &day, with_format(book, "yyyy\"年\"m\"月\"d\"日\""));
	worksheet_write_datetime(p, 2, 3, &instant, with_format(book, "yyyy-mm-dd hh:mm"));
	worksheet_write_boolean(p, 2, 4, 1, NULL);
	worksheet_write_string(p, 2, 5, "甲 & <乙>", NULL);
	worksheet_write_number(p, 3, 1, 0.1 + 0.2, with_format(book, "0.00_);[Red](0.00)"));
	worksheet_write_string(p, 4, 0, "合计", NULL);
	workbook_close(book);

	s = open_as("a.xlsx");

	header_is(s, "信用代码|罚款|日期|时间|是否|换行", 2);
	assert_true(str_eq(sheet_name(s), STR("台账")));
	assert_string_equal(all_rows(s), "3=9.1110108E+17~1|1234.56~1|2026-03-05~2|2026-03-05 14:30:15~2|true~4|甲 & "
					 "<乙>\n4=|0.3~1||||\n5?合计 (合计行，不是记录)\n");
}

static void xlsx_merged_cells_reach_header_and_rows(void **state)
{
	lxw_workbook *book = workbook_new(path);
	lxw_worksheet *p = workbook_add_worksheet(book, NULL);
	struct sheet *s;

	(void)state;
	worksheet_merge_range(p, 0, 0, 1, 0, "机关", NULL);
	worksheet_merge_range(p, 0, 1, 0, 2, "当事人", NULL);
	worksheet_write_string(p, 1, 1, "名称", NULL);
	worksheet_write_string(p, 1, 2, "证件号", NULL);
	worksheet_merge_range(p, 2, 0, 3, 0, "甲局", NULL);
	worksheet_write_string(p, 2, 1, "一", NULL);
	worksheet_write_string(p, 3, 1, "二", NULL);
	workbook_close(book);

	s = open_as("a.xlsx");

	header_is(s, "机关|名称|证件号", 2);
	assert_string_equal(all_rows(s), "3=甲局|一|\n4=甲局~32|二|\n");
}

static void the_sheet_that_looks_like_a_table_is_taken(void **state)
{
	lxw_workbook *book = workbook_new(path);
	lxw_worksheet *cover = workbook_add_worksheet(book, "封面"), *data = workbook_add_worksheet(book, "数据");
	struct sheet *s = NULL;
	size_t count;

	(void)state;
	worksheet_write_string(cover, 0, 0, "说明书", NULL);
	worksheet_write_string(data, 0, 0, "案号", NULL);
	worksheet_write_string(data, 0, 1, "名称", NULL);
	worksheet_write_string(data, 1, 0, "x", NULL);
	workbook_close(book);

	s = open_as("a.xlsx");
	assert_true(str_eq(sheet_name(s), STR("数据")));
	sheet_names(s, &count);
	assert_int_equal(count, 2);
	sheet_close(s);
	assert_int_equal(sheet_open(&(struct sheet_options){ .path = path, .sheet = STR("无") }, &s, &err), ERR_INPUT);
	assert_non_null(strstr(err.msg, "没有名为“无”的工作表"));
}

/** A minimal workbook whose sheet XML is the caller's. */
static void put_workbook(const char *sheet_xml, size_t len, const char *workbook_pr)
{
	static const char relations[] = "<Relationships><Relationship Id='r1' Type='x/worksheet' Target='/xl/s.xml'/>"
					"<Relationship Id='r2' Type='x/styles' Target='st.xml'/></Relationships>";
	static const char styles[] = "<styleSheet><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></styleSheet>";
	static char workbook[512];
	int code;
	zip_t *z;

	unlink(path);
	snprintf(workbook, sizeof(workbook), "<workbook xmlns:r='r'>%s<sheets><sheet name='S' sheetId='1' r:id='r1'/></sheets></workbook>",
		workbook_pr);
	z = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
	assert_non_null(z);
	zip_file_add(z, "xl/workbook.xml", zip_source_buffer(z, workbook, strlen(workbook), 0), 0);
	zip_file_add(z, "xl/_rels/workbook.xml.rels", zip_source_buffer(z, relations, sizeof(relations) - 1, 0), 0);
	zip_file_add(z, "xl/st.xml", zip_source_buffer(z, styles, sizeof(styles) - 1, 0), 0);
	zip_file_add(z, "xl/s.xml", zip_source_buffer(z, sheet_xml, len, 0), 0);
	if (zip_close(z) != 0)
		fail_msg("%s", zip_strerror(z));
}

static void put_sheet(const char *xml)
{
	put_workbook(xml, strlen(xml), "");
}

static void inline_strings_gaps_and_prefixes_are_read(void **state)
{
	(void)state;
	put_sheet("<x:worksheet xmlns:x='m'><x:sheetData><x:row r='2'><x:c r='A2' "
		  "t='inlineStr'><x:is><x:r><x:t>甲</x:t></x:r><x:r><x:t>乙</x:t></x:r>"
		  "<x:rPh><x:t>no</x:t></x:rPh></x:is></x:c><x:c r='C2' t='inlineStr'><x:is><x:t>丙</x:t></x:is></x:c></x:row>"
		  "<x:row r='9'><x:c r='C9' t='str'><x:f>A1</x:f><x:v>f_x0041_</x:v></x:c></x:row></x:sheetData></x:worksheet>");

	assert_string_equal(all_rows(open_as("a.xlsx")), "9=||fA\n");
}

static void dates_of_1904_are_counted_from_there(void **state)
{
	static const char xml[] = "<worksheet><sheetData><row><c t='inlineStr'><is><t>日</t></is></c></row><row><c "
				  "s='1'><v>44624</v></c></row></sheetData></worksheet>";

	(void)state;
	put_workbook(xml, sizeof(xml) - 1, "<workbookPr date1904='1'/>");
	assert_string_equal(all_rows(open_as("a.xlsx")), "2=2026-03-05~2\n");
	put_workbook(xml, sizeof(xml) - 1, "");
	assert_string_equal(all_rows(open_as("a.xlsx")), "2=2022-03-04~2\n");
}

static void entities_are_refused(void **state)
{
	(void)state;
	put_sheet("<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><worksheet><sheetData><row><c "
		  "t='inlineStr'><is><t>&b;</t></is></c></row></sheetData></worksheet>");
	assert_int_equal(open_fails("a.xlsx"), ERR_SYNTAX);
	assert_non_null(strstr(err.msg, "实体定义"));
	put_sheet("<!DOCTYPE x SYSTEM 'file:///etc/passwd'><worksheet/>");
	assert_int_equal(open_fails("a.xlsx"), ERR_SYNTAX);
}

static void a_zip_bomb_is_refused(void **state)
{
	size_t len = (size_t)48 << 20;
	char *xml = malloc(len);

	(void)state;
	assert_non_null(xml);
	memset(xml, ' ', len);
	memcpy(xml, "<worksheet><sheetData>", 22);
	put_workbook(xml, len, "");
	free(xml);

	assert_int_equal(open_fails("a.xlsx"), ERR_LIMIT);
	assert_non_null(strstr(err.msg, "压缩炸弹"));
}

static void a_truncated_workbook_says_so(void **state)
{
	lxw_workbook *book = workbook_new(path);
	lxw_worksheet *p = workbook_add_worksheet(book, NULL);

	(void)state;
	worksheet_write_string(p, 0, 0, "案号", NULL);
	workbook_close(book);
	assert_int_equal(truncate(path, 3000), 0);

	assert_int_equal(open_fails("a.xlsx"), ERR_SYNTAX);
	assert_string_equal(err.msg, "a.xlsx：工作簿不完整或已损坏，请重新下载或用表格软件另存后再导入");
}

static void columns_beyond_the_last_are_rejected(void **state)
{
	(void)state;
	put_sheet("<worksheet><sheetData><row r='1'><c r='A1' t='inlineStr'><is><t>甲</t></is></c></row><row r='2'><c "
		  "r='XFE2'><v>1</v></c></row>"
		  "<row r='3'><c r='A3'><v>2</v></c></row></sheetData></worksheet>");

	assert_string_equal(all_rows(open_as("a.xlsx")), "2! (该行超过 16384 列)\n3=2~1\n");
}

static void xml_that_breaks_off_is_an_error_after_the_good_rows(void **state)
{
	const char *rows;

	(void)state;
	put_sheet("<worksheet><sheetData><row><c t='inlineStr'><is><t>甲</t></is></c></row><row><c><v>1</v></c></row><row><c>");

	assert_int_equal(open_fails("a.xlsx"), ERR_SYNTAX);
	rows = err.msg;
	assert_non_null(strstr(rows, "不完整"));
}

/* ---- XLS ---- */

static void old_workbooks_are_read(void **state)
{
	struct sheet *s = NULL;

	(void)state;
	assert_int_equal(sheet_open(&(struct sheet_options){ .path = "tests/data/legacy.xls" }, &s, &err), ERR_OK);

	assert_int_equal(sheet_format(s), SHEET_XLS);
	header_is(s, "案号|当事人|罚款|日期", 2);
	assert_string_equal(all_rows(s), "3=云罚〔2026〕1号|某某公司|1234.5~1|2026-03-05~2\n4=云罚〔2026〕2号|张三|200~1|2026-03-06~2\n5?"
					 "合计||1434.5~1| (合计行，不是记录)\n");
}

/* ---- writing ---- */

static const struct str header[] = { STR_INIT("案号"), STR_INIT("金额"), STR_INIT("附"), STR_INIT("说明") };

static enum err_code write_some(enum sheet_format format, const char *to, struct buf *out)
{
	CLEANUP(sheet_writer_closep) struct sheet_writer *w = NULL;
	const struct sheet_cell rows[2][4] = {
		{ { .text = STR("001") }, { .text = STR("12.5"), .flags = CELL_NUMBER }, { .text = STR("[1]"), .flags = CELL_JSON },
			{ .text = STR("=cmd|' /c'!A1") } },
		{ { .text = STR("-7") }, { 0 }, { .text = STR("\"引,号\"\n二") }, { .text = STR("+86 10") } },
	};

	TRY(sheet_writer_open(
		&(struct sheet_writer_options){
			.format = format, .path = to, .out = out, .bom = true, .header = header, .header_count = 4 },
		&w, &err));
	TRY(sheet_writer_row(w, rows[0], 4, &err));
	TRY(sheet_writer_row(w, rows[1], 4, &err));
	return sheet_writer_finish(w, &err);
}

static void csv_is_written_with_bom_and_guards(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 20);
	assert_int_equal(write_some(SHEET_CSV, NULL, &out), ERR_OK);

	assert_string_equal(out.ptr, "\xEF\xBB\xBF"
				     "案号,金额,附,说明\r\n001,12.5,[1],\"'=cmd|' /c'!A1\"\r\n-7,,\"\"\"引,号\"\"\n二\",\"'+86 10\"\r\n");
	buf_clear(&out);
}

static void json_lines_are_written(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 20);
	assert_int_equal(write_some(SHEET_JSONL, NULL, &out), ERR_OK);

	assert_string_equal(out.ptr, "{\"案号\":\"001\",\"金额\":12.5,\"附\":[1],\"说明\":\"=cmd|' "
				     "/c'!A1\"}\n{\"案号\":\"-7\",\"附\":\"\\\"引,号\\\"\\n二\",\"说明\":\"+86 10\"}\n");
	buf_clear(&out);
}

static void what_is_written_is_read_back(void **state)
{
	static const char expected[] = "2=001|12.5|[1]|=cmd|' /c'!A1\n";

	(void)state;
	for (enum sheet_format f = SHEET_CSV; f <= SHEET_XLSX; f++) {
		struct sheet *s;

		assert_int_equal(write_some(f, path, NULL), ERR_OK);
		s = open_as(f == SHEET_CSV ? "a.csv" : "a.xlsx");
		header_is(s, "案号|金额|附|说明", 1);
		if (f == SHEET_CSV)
			assert_memory_equal(all_rows(s), expected, sizeof(expected) - 1);
		else
			assert_string_equal(all_rows(s), "2=001|12.5~1|[1]|=cmd|' /c'!A1\n3=-7||\"引,号\"\n二|+86 10\n");
	}
}

static void a_workbook_goes_into_memory_too(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 20);
	assert_int_equal(write_some(SHEET_XLSX, NULL, &out), ERR_OK);
	put(out.ptr, out.len);
	buf_clear(&out);

	sheet_close(open_as("a.xlsx"));
}

static void a_writer_that_is_not_finished_leaves_nothing(void **state)
{
	struct sheet_writer *w = NULL;

	(void)state;
	unlink(path);
	for (enum sheet_format f = SHEET_CSV; f <= SHEET_XLSX; f++) {
		assert_int_equal(
			sheet_writer_open(
				&(struct sheet_writer_options){ .format = f, .path = path, .header = header, .header_count = 4 }, &w, &err),
			ERR_OK);
		sheet_writer_close(w);
		assert_int_not_equal(access(path, F_OK), 0);
	}
	fault_arm(FAULT_WRITE, 0);
	assert_int_equal(write_some(SHEET_CSV, path, NULL), ERR_IO);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void reading_survives_any_single_allocation_failure(void **state)
{
	enum err_code code = ERR_NOMEM;
	int n = 0;

	(void)state;
	assert_int_equal(write_some(SHEET_XLSX, path, NULL), ERR_OK);
	while (code == ERR_NOMEM) {
		struct sheet *s = NULL;
		struct sheet_row row;

		fault_arm(FAULT_ALLOC, n++);
		code = sheet_open(&(struct sheet_options){ .path = path }, &s, &err);
		while (code == ERR_OK) {
			code = sheet_next(s, &row, &err);
			if (row.kind == SHEET_ROW_END)
				break;
		}
		sheet_close(s);
		fault_arm(FAULT_ALLOC, -1);
	}
	assert_int_equal(code, ERR_OK);
	assert_true(n > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(csv_reads_quotes_line_breaks_and_line_numbers, make_path, remove_path),
		cmocka_unit_test_setup_teardown(csv_in_gb18030_is_recognised, make_path, remove_path),
		cmocka_unit_test_setup_teardown(csv_in_utf16_is_recognised, make_path, remove_path),
		cmocka_unit_test_setup_teardown(csv_separators_in_a_cell_with_doubled_quotes_do_not_count, make_path, remove_path),
		cmocka_unit_test_setup_teardown(csv_separator_is_found, make_path, remove_path),
		cmocka_unit_test_setup_teardown(titles_notes_totals_and_repeated_headers_are_no_records, make_path, remove_path),
		cmocka_unit_test_setup_teardown(an_open_quote_costs_its_line_only, make_path, remove_path),
		cmocka_unit_test_setup_teardown(damaged_rows_are_rejected_and_reading_goes_on, make_path, remove_path),
		cmocka_unit_test_setup_teardown(a_line_of_17_mebibytes_is_rejected_and_the_next_is_read, make_path, remove_path),
		cmocka_unit_test_setup_teardown(a_row_of_too_many_columns_is_rejected, make_path, remove_path),
		cmocka_unit_test_setup_teardown(guards_against_formulas_are_taken_off, make_path, remove_path),
		cmocka_unit_test_setup_teardown(what_is_no_table_is_refused_in_words, make_path, remove_path),
		cmocka_unit_test_setup_teardown(a_callers_idea_of_a_header_wins, make_path, remove_path),
		cmocka_unit_test_setup_teardown(json_lines_take_the_union_of_keys, make_path, remove_path),
		cmocka_unit_test_setup_teardown(a_malformed_json_line_is_rejected_with_its_place, make_path, remove_path),
		cmocka_unit_test_setup_teardown(xlsx_cells_keep_their_kind, make_path, remove_path),
		cmocka_unit_test_setup_teardown(xlsx_merged_cells_reach_header_and_rows, make_path, remove_path),
		cmocka_unit_test_setup_teardown(the_sheet_that_looks_like_a_table_is_taken, make_path, remove_path),
		cmocka_unit_test_setup_teardown(inline_strings_gaps_and_prefixes_are_read, make_path, remove_path),
		cmocka_unit_test_setup_teardown(dates_of_1904_are_counted_from_there, make_path, remove_path),
		cmocka_unit_test_setup_teardown(entities_are_refused, make_path, remove_path),
		cmocka_unit_test_setup_teardown(a_zip_bomb_is_refused, make_path, remove_path),
		cmocka_unit_test_setup_teardown(a_truncated_workbook_says_so, make_path, remove_path),
		cmocka_unit_test_setup_teardown(columns_beyond_the_last_are_rejected, make_path, remove_path),
		cmocka_unit_test_setup_teardown(xml_that_breaks_off_is_an_error_after_the_good_rows, make_path, remove_path),
		cmocka_unit_test_setup_teardown(old_workbooks_are_read, make_path, remove_path),
		cmocka_unit_test_setup_teardown(csv_is_written_with_bom_and_guards, make_path, remove_path),
		cmocka_unit_test_setup_teardown(json_lines_are_written, make_path, remove_path),
		cmocka_unit_test_setup_teardown(what_is_written_is_read_back, make_path, remove_path),
		cmocka_unit_test_setup_teardown(a_workbook_goes_into_memory_too, make_path, remove_path),
		cmocka_unit_test_setup_teardown(a_writer_that_is_not_finished_leaves_nothing, make_path, remove_path),
		cmocka_unit_test_setup_teardown(reading_survives_any_single_allocation_failure, make_path, remove_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
