/* Documents: the layout of the standard, equal bytes for equal input, files that office programs open, templates that fill or say why not.
 * XZ_KEEP=folder keeps the rendered files for looking at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/fault.h"
#include "base/file.h"
#include "crypto/crypto.h"
#include "document/document.h"
#include "document/document_private.h"
#include "support/library_leaks.h"

static struct arena *mem;
static char folder[64];

static int open_all(void **state)
{
	struct err err;
	bool fang;

	(void)state;
	mem = arena_open(256 << 20);
	snprintf(folder, sizeof(folder), "/tmp/xz-document-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(document_fonts_load("fonts", &fang, &err), ERR_OK);
	return 0;
}

static int close_all(void **state)
{
	char command[160];

	(void)state;
	arena_close(mem);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static bool have(const char *program)
{
	char command[128];

	snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1", program);
	if (system(command) == 0)
		return true;
	fprintf(stderr, "SKIP: %s is not installed\n", program);
	return false;
}

/** Writes into the test's folder, and beside it into $XZ_KEEP. */
static const char *keep(const char *name, const struct buf *b)
{
	static char path[200];
	struct err err;

	if (getenv("XZ_KEEP")) {
		snprintf(path, sizeof(path), "%s/%s", getenv("XZ_KEEP"), name);
		assert_int_equal(file_write(path, buf_str(b), &err), ERR_OK);
	}
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(file_write(path, buf_str(b), &err), ERR_OK);
	return path;
}

/** Output of a shell command in the arena. */
static struct str output_of(const char *command)
{
	char path[100], line[600];
	struct str text;
	struct err err;

	snprintf(path, sizeof(path), "%s/out.txt", folder);
	snprintf(line, sizeof(line), "%s > %s", command, path);
	assert_int_equal(system(line), 0);
	assert_int_equal(file_read(path, 10 << 20, mem, &text, &err), ERR_OK);
	return text;
}

static struct str pdf_text(const struct buf *pdf, const char *name)
{
	char command[400];

	snprintf(command, sizeof(command), "pdftotext -layout -enc UTF-8 %s -", keep(name, pdf));
	return output_of(command);
}

/* ---- examples ---- */

static struct document *urging_letter(int paragraphs)
{
	static const struct str items[] = {
		STR_INIT("对“明州恒喆食品有限公司涉嫌经营超过保质期食品”投诉举报依法作出是否立案的决定，并书面告知投诉举报人；"),
		STR_INIT("对2026年3月1日以来同类投诉举报的处理情况进行自查，逐件列明受理日期、立案日期和超期原因；"),
		STR_INIT("完善投诉举报办理时限的提醒机制，明确责任人员。")
	};
	static const struct str annexes[] = { STR_INIT("投诉举报办理情况清单"),
		STR_INIT("《市场监督管理行政处罚程序规定》关于投诉举报核查与立案时限的条文摘录及有关说明材料汇编") };
	struct document *d = document_new(mem, DOCUMENT_LETTER);

	d->issuer_mark = STR("明州市司法局");
	d->number = STR("明司执监督〔2026〕3号");
	d->title = STR("关于督促明州市市场监督管理局\n依法履行投诉举报核查职责的督办函");
	d->main_to = STR("明州市市场监督管理局");
	document_paragraphs(d, STR("我局在日常监督中发现，你局自2026年7月1日至9月30日收到的投诉举报中，有12件自收到之日起15个工作日内未依法"
				   "核查并决定是否立案。"
				   "根据《行政执法监督条例》第二十六条、第二十七条的规定，现予督办。"));
	document_heading(d, 1, STR("应当履行的职责及依据"));
	document_paragraphs(d, STR("《市场监督管理行政处罚程序规定》第十八条规定，市场监督管理部门对依据监督检查职权或者通过投诉、举报、其"
				   "他部门移送、上级交办等"
				   "途径发现的违法行为线索，应当自发现线索或者收到材料之日起十五个工作日内予以核查，由市场监督管理部门负责"
				   "人决定是否立案。"));
	document_heading(d, 1, STR("未履行职责的事实"));
	document_heading(d, 2, STR("总体情况"));
	for (int i = 0; i < paragraphs; i++)
		document_paragraphs(d, STR("经核对12345热线平台与你局办案系统数据，截至2026年11月20日，上述12件投诉举报中，仍有7件没有立案"
					   "或者不予立案的记录，"
					   "最长已超过法定时限46个工作日。"));
	document_heading(d, 1, STR("督办要求"));
	document_list(d, items, 3);
	document_paragraphs(d, STR("请你局于2026年12月11日前完成上述事项，并将办理情况书面报送我局。对本督办函有异议的，可以依据《行政执法"
				   "监督条例》第三十条"
				   "提出并说明理由。"));
	d->attachments = annexes;
	d->attachment_count = 2;
	d->issuer = STR("明州市司法局");
	d->issued_on = day_from_ymd(2026, 11, 23);
	d->room_for_seal = true;
	d->note = STR("（联系人：王喆堃，联系电话：0570-1234567）");
	d->cc = STR("明州市人民政府办公室");
	d->qr = STR("https://xz.example.gov.cn/check?code=7K3M9QTX");
	d->qr_note = STR("核验码 7K3M9QTX");
	d->watermark = STR("演示数据");
	d->made_ms = 1795420800000;
	return d;
}

static struct document *decision(void)
{
	struct document *d = document_new(mem, DOCUMENT_OFFICIAL);
	static const struct document_column columns[] = { { STR_INIT("序号"), 1, DOCUMENT_CENTRE }, { STR_INIT("文书"), 4, DOCUMENT_LEFT },
		{ STR_INIT("文号"), 4, DOCUMENT_LEFT }, { STR_INIT("落实情况"), 6, DOCUMENT_LEFT } };
	struct str cells[4 * 40];

	for (size_t i = 0; i < 40; i++) {
		cells[4 * i] = str_printf(mem, "%zu", i + 1);
		cells[4 * i + 1] = STR("行政执法监督督办函");
		cells[4 * i + 2] = str_printf(mem, "明司执监督〔2026〕%zu号", i + 1);
		cells[4 * i + 3] = i % 3 == 0 ? STR("到期未报送纠正情况，经催办后仍未履行，且未说明理由") : STR("未落实");
	}
	d->issuer_mark = STR("明州市人民政府");
	d->number = STR("明政执监决〔2026〕1号");
	d->title = STR("行政执法监督决定书");
	d->main_to = STR("明州市市场监督管理局");
	document_paragraphs(d, STR("依据《行政执法监督条例》第二十九条，经研究，决定如下。"));
	document_heading(d, 1, STR("前序文书及落实情况"));
	document_table(d, &(struct document_table){
				  .caption = STR("表1 前序文书"), .columns = columns, .column_count = 4, .cells = cells, .row_count = 40 });
	document_heading(d, 1, STR("决定事项"));
	document_heading(d, 2, STR("责令履行"));
	document_heading(d, 3, STR("立案"));
	document_heading(d, 4, STR("时限"));
	document_paragraphs(d, STR("自收到本决定之日起30日内。"));
	d->issuer = STR("明州市人民政府");
	d->issued_on = day_from_ymd(2026, 11, 23);
	d->room_for_seal = true;
	d->cc = STR("明州市人大常委会办公室，明州市监察委员会，明州市人民检察院，明州市中级人民法院，明州市司法局");
	d->printer = STR("明州市人民政府办公室");
	d->printed_on = day_from_ymd(2026, 11, 24);
	d->urgency = STR("特急");
	d->made_ms = 1795420800000;
	return d;
}

static struct document *brief(void)
{
	static const struct str categories[] = { STR_INIT("2026-07"), STR_INIT("2026-08"), STR_INIT("2026-09"), STR_INIT("2026-10") };
	static const int64_t now[] = { 1200, 3450, 2210, 990 }, before[] = { 1000, 2000, 2500, 1250 };
	static const struct document_series series[] = { { STR_INIT("本年"), now }, { STR_INIT("上年同期"), before } };
	struct document *d = document_new(mem, DOCUMENT_PLAIN);

	d->title = STR("行政执法监督情况简报");
	document_paragraphs(d, STR("口径：自2026年7月1日至10月31日作出的行政处罚案件。"));
	document_chart(d, &(struct document_chart){ .title = STR("案件数量"),
				  .kind = DOCUMENT_CHART_COLUMN,
				  .categories = categories,
				  .category_count = 4,
				  .series = series,
				  .series_count = 2,
				  .decimals = 1,
				  .unit = STR("件 & <千>") });
	document_chart(d, &(struct document_chart){ .title = STR("趋势"),
				  .kind = DOCUMENT_CHART_LINE,
				  .categories = categories,
				  .category_count = 4,
				  .series = series,
				  .series_count = 1 });
	document_chart(d, &(struct document_chart){ .title = STR("机关"),
				  .kind = DOCUMENT_CHART_BAR,
				  .categories = categories,
				  .category_count = 4,
				  .series = series,
				  .series_count = 2 });
	d->watermark = STR("演示数据");
	d->made_ms = 1795420800000;
	return d;
}

static struct document_layout render(struct document *d, struct buf *out)
{
	struct document_layout layout;
	struct err err = { 0 };
	enum err_code code;

	buf_init(out, DOCUMENT_BYTES_MAX);
	code = document_pdf(d, out, &layout, &err);
	if (code != ERR_OK)
		fprintf(stderr, "%s\n", err.msg);
	assert_int_equal(code, ERR_OK);
	return layout;
}

/* ---- PDF ---- */

static void a_full_line_holds_28_characters_and_a_page_22_lines(void **state)
{
	struct document *d = document_new(mem, DOCUMENT_PLAIN);
	struct document_layout layout;
	struct buf pdf, text;
	struct str rest, line;
	size_t full = 0;

	(void)state;
	buf_init(&text, 1 << 20);
	for (int i = 0; i < 28 * 22; i++)
		buf_puts(&text, "监");
	document_flush(d, buf_str(&text));
	layout = render(d, &pdf);
	assert_int_equal(layout.pages, 1);
	if (have("pdftotext")) {
		rest = pdf_text(&pdf, "grid.pdf");
		while (str_next(&rest, '\n', &line))
			full += utf8_count(str_trim(line)) == 28;
		assert_int_equal(full, 22);
	}
	buf_puts(&text, "督");
	d = document_new(mem, DOCUMENT_PLAIN);
	document_flush(d, buf_str(&text));
	buf_clear(&pdf);
	assert_int_equal(render(d, &pdf).pages, 2);
	buf_clear(&pdf);
	buf_clear(&text);
}

static void the_text_of_a_letter_can_be_read_back(void **state)
{
	struct buf pdf;
	struct str text;

	(void)state;
	render(urging_letter(2), &pdf);
	if (have("pdftotext")) {
		text = pdf_text(&pdf, "letter.pdf");
		assert_true(str_has(text, STR("明司执监督〔2026〕3号")));
		assert_true(str_has(text, STR("一、应当履行的职责及依据")));
		assert_true(str_has(text, STR("（一）总体情况")));
		assert_true(str_has(text, STR("2026年11月23日")));
		assert_true(str_has(text, STR("王喆堃")));
		assert_true(str_has(text, STR("演示数据")));
		assert_true(str_has(text, STR("—2—")));
		assert_false(str_has(text, STR("—1—"))); /* a letter's first page shows no number */
	}
	buf_clear(&pdf);
}

static void the_signature_never_stands_alone_whatever_the_length(void **state)
{
	int changed = 0;

	(void)state;
	for (int paragraphs = 0; paragraphs < 24; paragraphs++) {
		struct document *d = urging_letter(paragraphs);
		struct document_layout layout;
		struct buf pdf;
		struct str text;
		ptrdiff_t at;

		d->attachment_count = 0;
		layout = render(d, &pdf);
		changed += layout.tightened || layout.moved;
		assert_true(layout.pitch_thousandths >= 920 && layout.pitch_thousandths <= 1060);
		if (have("pdftotext")) {
			text = pdf_text(&pdf, "length.pdf");
			at = str_find(text, STR("2026年11月23日"));
			assert_true(at > 0);
			while (at > 0 && text.ptr[at] != '\f')
				at--;                                                               /* the page that holds the date … */
			assert_true(str_has(str_sub(text, (size_t)at, text.len), STR("说明理由"))); /* … holds text of the body */
		}
		buf_clear(&pdf);
	}
	assert_true(changed > 0);
}

static void equal_documents_give_equal_bytes(void **state)
{
	struct buf a, b;
	struct err err;

	(void)state;
	render(urging_letter(3), &a);
	usleep(1100000); /* another second */
	render(urging_letter(3), &b);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.ptr, b.ptr, a.len);
	buf_clear(&a);
	buf_clear(&b);
	buf_init(&a, DOCUMENT_BYTES_MAX);
	buf_init(&b, DOCUMENT_BYTES_MAX);
	assert_int_equal(document_docx(brief(), &a, &err), ERR_OK);
	usleep(2100000); /* zip dates have two seconds */
	assert_int_equal(document_docx(brief(), &b, &err), ERR_OK);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.ptr, b.ptr, a.len);
	buf_clear(&a);
	buf_clear(&b);
}

static void long_tables_repeat_their_head_on_every_page(void **state)
{
	struct document_layout layout;
	struct buf pdf;
	struct str text;
	size_t heads = 0;

	(void)state;
	layout = render(decision(), &pdf);
	assert_true(layout.pages >= 3);
	if (have("pdftotext")) {
		text = pdf_text(&pdf, "decision.pdf");
		for (ptrdiff_t at; (at = str_find(text, STR("落实情况\n"))) >= 0; text = str_sub(text, (size_t)at + 3, text.len))
			heads++;
		assert_true(heads >= 3);
	}
	buf_clear(&pdf);
}

static void bad_input_is_refused_with_a_reason(void **state)
{
	struct document *d = document_new(mem, DOCUMENT_PLAIN);
	struct buf pdf;
	struct err err;

	(void)state;
	buf_init(&pdf, DOCUMENT_BYTES_MAX);
	document_paragraphs(d, (struct str){ .ptr = "\xff\xfe", .len = 2 });
	assert_int_equal(document_pdf(d, &pdf, NULL, &err), ERR_INPUT);
	assert_int_equal(document_docx(d, &pdf, &err), ERR_INPUT);
	d = document_new(mem, DOCUMENT_PLAIN);
	for (int i = 0; i < DOCUMENT_PAGES_MAX + 1; i++)
		document_page_break(d);
	assert_int_equal(document_pdf(d, &pdf, NULL, &err), ERR_LIMIT);
	buf_clear(&pdf);
}

static void a_qr_code_is_read_from_the_page(void **state)
{
	struct buf pdf;
	char command[500];
	struct str text;

	(void)state;
	if (!have("pdftoppm") || !have("zbarimg"))
		return;
	render(urging_letter(0), &pdf);
	snprintf(command, sizeof(command), "cd %s && pdftoppm -r 150 -png %s q && { zbarimg -q --raw q*.png 2>/dev/null || true; }", folder,
		keep("qr.pdf", &pdf));
	text = output_of(command);
	assert_true(str_has(text, STR("https://xz.example.gov.cn/check?code=7K3M9QTX")));
	buf_clear(&pdf);
}

static void chinese_numbers_count_to_99(void **state)
{
	char word[32];

	(void)state;
	chinese_number(1, word);
	assert_string_equal(word, "一");
	chinese_number(10, word);
	assert_string_equal(word, "十");
	chinese_number(15, word);
	assert_string_equal(word, "十五");
	chinese_number(40, word);
	assert_string_equal(word, "四十");
	chinese_number(99, word);
	assert_string_equal(word, "九十九");
}

/* ---- DOCX ---- */

static void office_opens_what_we_write(void **state)
{
	struct document *documents[] = { urging_letter(2), decision(), brief() };
	static const char *const names[] = { "letter", "decision", "brief" };
	static const char *const words[] = { "明司执监督〔2026〕", "明州市人民政府", "行政执法监督情况简报" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct buf docx;
		struct err err = { 0 };
		char command[500], file[64];
		struct str text;

		buf_init(&docx, DOCUMENT_BYTES_MAX);
		assert_int_equal(document_docx(documents[i], &docx, &err), ERR_OK);
		snprintf(file, sizeof(file), "%s.docx", names[i]);
		keep(file, &docx);
		buf_clear(&docx);
		if (!have("soffice") || !have("pdftotext"))
			continue;
		snprintf(command, sizeof(command),
			"cd %s && soffice -env:UserInstallation=file://%s/profile --headless --convert-to pdf %s.docx >/dev/null 2>&1 && "
			"pdftotext -layout %s.pdf -",
			folder, folder, names[i], names[i]);
		text = output_of(command);
		assert_true(str_has(text, str_of(words[i])));
		if (getenv("XZ_KEEP")) {
			snprintf(command, sizeof(command), "cp %s/%s.pdf %s/%s-office.pdf", folder, names[i], getenv("XZ_KEEP"), names[i]);
			assert_int_equal(system(command), 0);
		}
	}
}

/* ---- templates ---- */

#define W "<?xml version=\"1.0\"?><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>"
#define W_END "</w:body></w:document>"

static struct str template_of(const char *document)
{
	CLEANUP(package_abandonp) struct package *p = NULL;
	struct err err;
	struct buf out;
	struct str zip;

	assert_int_equal(package_open(&p, &err), ERR_OK);
	assert_int_equal(package_add(p, "[Content_Types].xml", STR("<Types/>"), &err), ERR_OK);
	assert_int_equal(package_add(p, "word/document.xml", str_of(document), &err), ERR_OK);
	buf_init(&out, 1 << 20);
	assert_int_equal(package_close(&p, &out, &err), ERR_OK);
	zip = str_dup(mem, buf_str(&out));
	buf_clear(&out);
	return zip;
}

static const struct document_value item_1[] = { { .name = STR_INIT("problem"), .text = STR_INIT("超期 <3 日> & 未告知") },
	{ .name = STR_INIT("article"), .text = STR_INIT("第60条") } };
static const struct document_value item_2[] = { { .name = STR_INIT("problem"), .text = STR_INIT("未送达") },
	{ .name = STR_INIT("article"), .text = STR_INIT("第61条") } };
static const struct document_item items[] = { { item_1, 2 }, { item_2, 2 } };
static const struct document_value values[] = {
	{ .name = STR_INIT("title"), .text = STR_INIT("意见书") },
	{ .name = STR_INIT("facts"), .text = STR_INIT("第一段\n第二段") },
	{ .name = STR_INIT("empty"), .text = STR_INIT("") },
	{ .name = STR_INIT("trick"), .text = STR_INIT("{{title}}{{#items}}") },
	{ .name = STR_INIT("items"), .items = items, .item_count = 2, .is_list = true },
	{ .name = STR_INIT("none"), .is_list = true },
};

static struct str banner;

/** document.xml of the filled template, or NULL with err. */
static const char *filled(const char *document, struct err *err)
{
	struct package_part *parts;
	struct buf out;
	size_t count;
	const char *text = NULL;

	buf_init(&out, 1 << 20);
	err->msg[0] = '\0';
	if (document_fill(template_of(document), values, 6, banner, &out, err) == ERR_OK) {
		assert_int_equal(package_read(str_dup(mem, buf_str(&out)), mem, &parts, &count, err), ERR_OK);
		assert_int_equal(count, 2);
		text = strstr(parts[1].bytes.ptr, "<w:body>");
	}
	buf_clear(&out);
	return text;
}

static void placeholders_split_over_runs_are_filled(void **state)
{
	struct err err;

	(void)state;
	assert_string_equal(filled(W "<w:p><w:r><w:t>关于{{ti</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>t</w:t></w:r><w:r><w:t>le}}的函</"
				     "w:t></w:r></w:p>" W_END,
				    &err),
		"<w:body><w:p><w:r><w:t xml:space=\"preserve\">关于意见书</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t "
		"xml:space=\"preserve\"/></w:r>"
		"<w:r><w:t xml:space=\"preserve\">的函</w:t></w:r></w:p></w:body></w:document>");
}

static void values_are_escaped_and_never_read_as_tags(void **state)
{
	struct err err;

	(void)state;
	assert_string_equal(filled(W "<w:p><w:r><w:t>{{trick}}.</w:t></w:r></w:p>" W_END, &err),
		"<w:body><w:p><w:r><w:t xml:space=\"preserve\">{{title}}{{#items}}.</w:t></w:r></w:p></w:body></w:document>");
}

static void a_paragraph_of_one_placeholder_becomes_a_paragraph_a_line(void **state)
{
	struct err err;

	(void)state;
	assert_string_equal(filled(W "<w:p><w:r><w:t>{{facts}}</w:t></w:r></w:p>" W_END, &err),
		"<w:body><w:p><w:r><w:t xml:space=\"preserve\">第一段</w:t></w:r></w:p><w:p><w:r><w:t "
		"xml:space=\"preserve\">第二段</w:t></w:r></w:p></w:body></w:document>");
	assert_string_equal(filled(W "<w:p><w:r><w:t>事实：{{facts}}</w:t></w:r></w:p>" W_END, &err),
		"<w:body><w:p><w:r><w:t xml:space=\"preserve\">事实：第一段</w:t><w:br/><w:t "
		"xml:space=\"preserve\">第二段</w:t></w:r></w:p></w:body></w:document>");
}

static void a_banner_stands_before_everything(void **state)
{
	struct err err;

	(void)state;
	banner = STR("演示数据");
	assert_string_equal(filled(W "<w:p><w:r><w:t>{{title}}</w:t></w:r></w:p>" W_END, &err),
		"<w:body><w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr><w:r><w:t xml:space=\"preserve\">演示数据</w:t></w:r></w:p>"
		"<w:p><w:r><w:t xml:space=\"preserve\">意见书</w:t></w:r></w:p></w:body></w:document>");
	banner = STR("");
}

static void blocks_repeat_paragraphs_and_table_rows(void **state)
{
	struct err err;
	const char *text;

	(void)state;
	text = filled(W "<w:p><w:r><w:t>{{#items}}</w:t></w:r></w:p><w:p><w:r><w:t>{{#}}. "
			"{{problem}}</w:t></w:r></w:p><w:p><w:r><w:t>{{/items}}</w:t></w:r></w:p>" W_END,
		&err);
	assert_string_equal(text, "<w:body><w:p><w:r><w:t xml:space=\"preserve\">1. 超期 &lt;3 日&gt; &amp; 未告知</w:t></w:r></w:p>"
				  "<w:p><w:r><w:t xml:space=\"preserve\">2. 未送达</w:t></w:r></w:p></w:body></w:document>");
	text = filled(W "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>{{#items}}{{#}}</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>{{article}}{{/"
			"items}}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>" W_END,
		&err);
	assert_non_null(strstr(text, "第60条"));
	assert_non_null(strstr(text, "第61条"));
	assert_null(strstr(text, "{{"));
	text = filled(W "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>{{#items}}</w:t></w:r></w:p><w:p><w:r><w:t>{{article}}</w:t></w:r></"
			"w:p><w:p><w:r><w:t>{{/items}}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>" W_END,
		&err);
	assert_string_equal(text, "<w:body><w:tbl><w:tr><w:tc><w:p><w:r><w:t xml:space=\"preserve\">第60条</w:t></w:r></w:p><w:p><w:r><w:t "
				  "xml:space=\"preserve\">第61条</w:t></w:r></w:p>"
				  "</w:tc></w:tr></w:tbl></w:body></w:document>");
	text = filled(W "<w:p><w:r><w:t>依据{{#items}}{{article}}、{{/items}}等</w:t></w:r></w:p>" W_END, &err);
	assert_non_null(strstr(text, "依据第60条、第61条、等"));
	text = filled(W "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>{{#none}}</w:t></w:r></w:p><w:p><w:r><w:t>x</w:t></w:r></w:p><w:p><w:r><w:t>{{/"
			"none}}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>" W_END,
		&err);
	assert_string_equal(text, "<w:body><w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl></w:body></w:document>");
	text = filled(W "<w:p><w:r><w:t>{{#empty}}抄送：{{empty}}{{/empty}}</w:t></w:r></w:p><w:p><w:r><w:t>{{#title}}有{{/title}}</w:t></"
			"w:r></w:p>" W_END,
		&err);
	assert_string_equal(text, "<w:body><w:p><w:r><w:t xml:space=\"preserve\">有</w:t></w:r></w:p></w:body></w:document>");
}

static void a_wrong_placeholder_is_named(void **state)
{
	struct err err;

	(void)state;
	assert_null(filled(W "<w:p><w:r><w:t>{{titel}}</w:t></w:r></w:p>" W_END, &err));
	assert_int_equal(err.code, ERR_INPUT);
	assert_non_null(strstr(err.msg, "{{titel}}"));
	assert_non_null(strstr(err.msg, "title"));
	assert_null(filled(W "<w:p><w:r><w:t>{{title</w:t></w:r></w:p>" W_END, &err));
	assert_non_null(strstr(err.msg, "}}"));
	assert_null(filled(W "<w:p><w:r><w:t>{{#items}}</w:t></w:r></w:p>" W_END, &err));
	assert_non_null(strstr(err.msg, "没有对应的 {{/items}}"));
	assert_null(filled(W "<w:p><w:r><w:t>{{items}}</w:t></w:r></w:p>" W_END, &err));
	assert_non_null(strstr(err.msg, "是列表"));
	assert_null(filled(W "<w:p><w:r><w:t>{{/items}}</w:t></w:r></w:p>" W_END, &err));
}

static void hostile_files_are_refused(void **state)
{
	static char spaces[8 << 20];
	struct str *names;
	struct err err;
	size_t count;
	struct buf out;
	struct package *p = NULL;

	(void)state;
	assert_int_equal(document_placeholders(STR("not a zip"), mem, &names, &count, &err), ERR_UNSUPPORTED);
	assert_int_equal(
		document_placeholders(
			template_of("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><x>&b;</x>"), mem,
			&names, &count, &err),
		ERR_UNSUPPORTED);
	assert_non_null(strstr(err.msg, "DOCTYPE"));
	assert_int_equal(document_placeholders(template_of("<html/>"), mem, &names, &count, &err), ERR_UNSUPPORTED);
	memset(spaces, ' ', sizeof(spaces) - 1);
	assert_int_equal(document_placeholders(template_of(spaces), mem, &names, &count, &err), ERR_LIMIT);
	assert_non_null(strstr(err.msg, "压缩比"));
	assert_int_equal(package_open(&p, &err), ERR_OK);
	assert_int_equal(package_add(p, "[Content_Types].xml", STR("<Types/>"), &err), ERR_OK);
	assert_int_equal(package_add(p, "word/document.xml", STR(W W_END), &err), ERR_OK);
	assert_int_equal(package_add(p, "word/_rels/document.xml.rels",
				 STR("<Relationships><Relationship Type=\"http://x/attachedTemplate\" Target=\"http://evil/x.dotm\" "
				     "TargetMode=\"External\"/></Relationships>"),
				 &err),
		ERR_OK);
	buf_init(&out, 1 << 20);
	assert_int_equal(package_close(&p, &out, &err), ERR_OK);
	assert_int_equal(document_placeholders(buf_str(&out), mem, &names, &count, &err), ERR_UNSUPPORTED);
	assert_non_null(strstr(err.msg, "外部"));
	buf_clear(&out);
}

static void placeholders_are_listed_once_each(void **state)
{
	struct str *names;
	struct err err;
	size_t count;

	(void)state;
	assert_int_equal(
		document_placeholders(
			template_of(
				W "<w:p><w:r><w:t>{{title}} "
				  "{{title}}</w:t></w:r></w:p><w:p><w:r><w:t>{{#items}}{{#}}{{problem}}{{/items}}</w:t></w:r></w:p>" W_END),
			mem, &names, &count, &err),
		ERR_OK);
	assert_int_equal(count, 3);
	assert_true(str_eq(names[0], STR("title")));
	assert_true(str_eq(names[1], STR("items")));
	assert_true(str_eq(names[2], STR("problem")));
}

static void any_single_allocation_failure_is_reported(void **state)
{
	struct str docx = template_of(W "<w:p><w:r><w:t>{{#items}}</w:t></w:r></w:p><w:p><w:r><w:t>{{problem}} "
					"{{facts}}</w:t></w:r></w:p><w:p><w:r><w:t>{{/items}}</w:t></w:r></w:p>" W_END);
	struct document *d = brief();
	enum err_code code;
	struct err err;
	struct buf out;
	int n = 0;

	(void)state;
	do {
		buf_init(&out, DOCUMENT_BYTES_MAX);
		fault_arm(FAULT_ALLOC, n++);
		code = document_fill(docx, values, 6, STR("演示数据"), &out, &err);
		fault_arm(FAULT_ALLOC, -1);
		buf_clear(&out);
	} while (code != ERR_OK && n < 5000);
	assert_int_equal(code, ERR_OK);
	assert_true(n > 3);
	n = 0;
	do {
		buf_init(&out, DOCUMENT_BYTES_MAX);
		fault_arm(FAULT_ALLOC, n++);
		code = document_docx(d, &out, &err);
		fault_arm(FAULT_ALLOC, -1);
		buf_clear(&out);
	} while (code != ERR_OK && n < 5000);
	assert_int_equal(code, ERR_OK);
	n = 0;
	do {
		buf_init(&out, DOCUMENT_BYTES_MAX);
		fault_arm(FAULT_ALLOC, n++);
		code = document_pdf(d, &out, NULL, &err);
		fault_arm(FAULT_ALLOC, -1);
		buf_clear(&out);
	} while (code != ERR_OK && n < 5000);
	assert_int_equal(code, ERR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_line_holds_28_characters_and_a_page_22_lines),
		cmocka_unit_test(the_text_of_a_letter_can_be_read_back),
		cmocka_unit_test(the_signature_never_stands_alone_whatever_the_length),
		cmocka_unit_test(equal_documents_give_equal_bytes),
		cmocka_unit_test(long_tables_repeat_their_head_on_every_page),
		cmocka_unit_test(bad_input_is_refused_with_a_reason),
		cmocka_unit_test(a_qr_code_is_read_from_the_page),
		cmocka_unit_test(chinese_numbers_count_to_99),
		cmocka_unit_test(office_opens_what_we_write),
		cmocka_unit_test(placeholders_split_over_runs_are_filled),
		cmocka_unit_test(values_are_escaped_and_never_read_as_tags),
		cmocka_unit_test(a_paragraph_of_one_placeholder_becomes_a_paragraph_a_line),
		cmocka_unit_test(a_banner_stands_before_everything),
		cmocka_unit_test(blocks_repeat_paragraphs_and_table_rows),
		cmocka_unit_test(a_wrong_placeholder_is_named),
		cmocka_unit_test(hostile_files_are_refused),
		cmocka_unit_test(any_single_allocation_failure_is_reported),
		cmocka_unit_test(placeholders_are_listed_once_each),
	};

	return cmocka_run_group_tests_name("document", tests, open_all, close_all);
}
