/* Building a document and what both renderers share: numbering, dates, checks, QR codes. The only state of the process is
 * fontconfig's, which document_fonts_load extends once. */
#include <pthread.h>
#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fontconfig/fontconfig.h>
#include <pango/pango.h>

#include "document/document_private.h"

struct document *document_new(struct arena *mem, enum document_form form)
{
	struct document *d = ARENA_NEW(mem, struct document, 1);

	if (!d)
		return NULL;
	d->mem = mem;
	d->form = form;
	d->issued_on = d->printed_on = DAY_NONE;
	return d;
}

static struct document_block *add_block(struct document *d, enum document_block_kind kind)
{
	if (d->failed)
		return NULL;
	if (d->block_count == d->block_cap) {
		size_t cap = d->block_cap ? d->block_cap * 2 : 32;
		struct document_block *grown = cap <= DOCUMENT_BLOCKS_MAX * 2 ? ARENA_NEW(d->mem, struct document_block, cap) : NULL;

		if (!grown) {
			d->failed = true;
			return NULL;
		}
		if (d->block_count > 0)
			memcpy(grown, d->blocks, d->block_count * sizeof(*grown));
		d->blocks = grown;
		d->block_cap = cap;
	}
	d->blocks[d->block_count] = (struct document_block){ .kind = kind };
	return &d->blocks[d->block_count++];
}

void document_heading(struct document *d, int level, struct str text)
{
	struct document_block *b = add_block(d, DOCUMENT_HEADING);

	if (b) {
		b->level = level;
		b->text = text;
	}
}

static void add_lines(struct document *d, enum document_block_kind kind, struct str text)
{
	struct str line;

	while (str_next(&text, '\n', &line)) {
		struct document_block *b;

		line = str_trim(line);
		if (line.len == 0)
			continue;
		b = add_block(d, kind);
		if (b)
			b->text = line;
	}
}

void document_paragraphs(struct document *d, struct str text)
{
	add_lines(d, DOCUMENT_PARAGRAPH, text);
}

void document_flush(struct document *d, struct str text)
{
	add_lines(d, DOCUMENT_FLUSH, text);
}

static struct str *copy_texts(struct document *d, const struct str *texts, size_t count)
{
	struct str *copy = ARENA_NEW(d->mem, struct str, count + 1);

	if (!copy)
		d->failed = true;
	else if (count > 0)
		memcpy(copy, texts, count * sizeof(*copy));
	return copy;
}

void document_list(struct document *d, const struct str *items, size_t count)
{
	struct document_block *b = add_block(d, DOCUMENT_LIST);

	if (!b)
		return;
	b->items = copy_texts(d, items, count);
	b->item_count = b->items ? count : 0;
}

void document_table(struct document *d, const struct document_table *table)
{
	struct document_block *b = add_block(d, DOCUMENT_TABLE);
	struct document_column *columns;

	if (!b)
		return;
	b->table = *table;
	columns = ARENA_NEW(d->mem, struct document_column, table->column_count + 1);
	b->table.cells = copy_texts(d, table->cells, table->row_count * table->column_count);
	if (!columns || !b->table.cells) {
		d->failed = true;
		d->block_count--;
		return;
	}
	memcpy(columns, table->columns, table->column_count * sizeof(*columns));
	b->table.columns = columns;
}

void document_chart(struct document *d, const struct document_chart *chart)
{
	struct document_block *b = add_block(d, DOCUMENT_CHART);
	struct document_series *series;

	if (!b)
		return;
	b->chart = *chart;
	b->chart.categories = copy_texts(d, chart->categories, chart->category_count);
	series = ARENA_NEW(d->mem, struct document_series, chart->series_count + 1);
	for (size_t i = 0; series && i < chart->series_count; i++) {
		int64_t *values = ARENA_NEW(d->mem, int64_t, chart->category_count + 1);

		if (values)
			memcpy(values, chart->series[i].values, chart->category_count * sizeof(*values));
		else
			d->failed = true;
		series[i] = (struct document_series){ .name = chart->series[i].name, .values = values };
	}
	b->chart.series = series;
	if (!series || d->failed) {
		d->failed = true;
		d->block_count--;
	}
}

void document_page_break(struct document *d)
{
	(void)add_block(d, DOCUMENT_PAGE_BREAK);
}

struct str document_date(struct arena *mem, int32_t day)
{
	struct ymd date;

	if (day == DAY_NONE)
		return STR("　　　　年　　月　　日");
	date = day_to_ymd(day);
	return str_printf(mem, "%d年%d月%d日", date.year, date.month, date.day);
}

/* ---- checks ---- */

static enum err_code check_text(struct str s, const char *what, struct err *err)
{
	if (!utf8_valid(s))
		return err_set(err, ERR_INPUT, "%s：文字不是合法的 UTF-8", what);
	return ERR_OK;
}

static enum err_code check_block(const struct document_block *b, struct err *err)
{
	TRY(check_text(b->text, "正文", err));
	for (size_t i = 0; i < b->item_count; i++)
		TRY(check_text(b->items[i], "列表", err));
	if (b->kind == DOCUMENT_HEADING && (b->level < 1 || b->level > 4))
		return err_set(err, ERR_INPUT, "标题层次应为 1–4，不是 %d", b->level);
	if (b->kind == DOCUMENT_TABLE) {
		const struct document_table *t = &b->table;

		if (t->column_count < 1 || t->column_count > DOCUMENT_COLUMNS_MAX)
			return err_set(err, ERR_INPUT, "表格应有 1–%d 列，不是 %zu 列", DOCUMENT_COLUMNS_MAX, t->column_count);
		TRY(check_text(t->caption, "表题", err));
		for (size_t i = 0; i < t->column_count; i++) {
			TRY(check_text(t->columns[i].label, "表头", err));
			if (t->columns[i].width <= 0)
				return err_set(err, ERR_INPUT, "表格列“%.*s”的宽度应大于 0", STR_ARG(t->columns[i].label));
		}
		for (size_t i = 0; i < t->row_count * t->column_count; i++)
			TRY(check_text(t->cells[i], "表格", err));
	}
	if (b->kind == DOCUMENT_CHART) {
		const struct document_chart *c = &b->chart;

		if (c->category_count < 1 || c->series_count < 1 || c->series_count > DOCUMENT_SERIES_MAX)
			return err_set(err, ERR_INPUT, "图表应有至少一个类别和 1–%d 个系列", DOCUMENT_SERIES_MAX);
		if (c->decimals < 0 || c->decimals > 4)
			return err_set(err, ERR_INPUT, "图表小数位应为 0–4，不是 %d", c->decimals);
		TRY(check_text(c->title, "图题", err));
		TRY(check_text(c->unit, "图表单位", err));
		for (size_t i = 0; i < c->category_count; i++)
			TRY(check_text(c->categories[i], "图表类别", err));
		for (size_t i = 0; i < c->series_count; i++)
			TRY(check_text(c->series[i].name, "图表系列", err));
	}
	return ERR_OK;
}

enum err_code document_check(const struct document *d, struct err *err)
{
	const struct {
		struct str text;
		const char *what;
	} texts[] = {
		{ d->issuer_mark, "发文机关标志" },
		{ d->number, "发文字号" },
		{ d->signer, "签发人" },
		{ d->secrecy, "密级" },
		{ d->urgency, "紧急程度" },
		{ d->title, "标题" },
		{ d->main_to, "主送机关" },
		{ d->issuer, "署名" },
		{ d->note, "附注" },
		{ d->cc, "抄送" },
		{ d->printer, "印发机关" },
		{ d->qr, "二维码" },
		{ d->qr_note, "二维码说明" },
		{ d->watermark, "水印" },
		{ d->author, "作者" },
	};

	if (d->failed)
		return d->block_count >= DOCUMENT_BLOCKS_MAX ? err_set(err, ERR_LIMIT, "文书超过 %d 段", DOCUMENT_BLOCKS_MAX)
		                                             : err_nomem(err);
	if (d->block_count > DOCUMENT_BLOCKS_MAX)
		return err_set(err, ERR_LIMIT, "文书超过 %d 段", DOCUMENT_BLOCKS_MAX);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		TRY(check_text(texts[i].text, texts[i].what, err));
	for (size_t i = 0; i < d->attachment_count; i++)
		TRY(check_text(d->attachments[i], "附件说明", err));
	for (size_t i = 0; i < d->block_count; i++)
		TRY(check_block(&d->blocks[i], err));
	return ERR_OK;
}

/* ---- numbering ---- */

void chinese_number(int n, char out[static 32])
{
	static const char *const digits[] = { "", "一", "二", "三", "四", "五", "六", "七", "八", "九" };

	if (n < 1 || n > 99)
		snprintf(out, 32, "%d", n);
	else if (n < 10)
		snprintf(out, 32, "%s", digits[n]);
	else
		snprintf(out, 32, "%s十%s", n < 20 ? "" : digits[n / 10], digits[n % 10]);
}

void heading_number(struct heading_counter *c, int level, char out[static 32])
{
	char word[32];
	int n = ++c->at[level - 1];

	for (int i = level; i < 4; i++)
		c->at[i] = 0;
	chinese_number(n, word);
	if (level == 1)
		snprintf(out, 32, "%.16s、", word);
	else if (level == 2)
		snprintf(out, 32, "（%.16s）", word);
	else if (level == 3)
		snprintf(out, 32, "%d.", n);
	else
		snprintf(out, 32, "（%d）", n);
}

/* ---- QR ---- */

static void qr_freep(QRcode **q)
{
	QRcode_free(*q);
}

static QRcode *qr_make(struct str text, struct err *err)
{
	char content[1200];
	QRcode *code;

	if (text.len == 0 || text.len >= sizeof(content)) {
		err_set(err, ERR_LIMIT, "二维码内容应为 1–%zu 字节", sizeof(content) - 1);
		return NULL;
	}
	memcpy(content, text.ptr, text.len);
	content[text.len] = '\0';
	code = QRcode_encodeString8bit(content, 0, QR_ECLEVEL_M);
	if (!code)
		err_set(err, ERR_INTERNAL, "不能生成二维码");
	return code;
}

enum err_code qr_draw(cairo_t *cr, struct str text, double x, double y, double size, struct err *err)
{
	CLEANUP(qr_freep) QRcode *code = qr_make(text, err);
	double module;

	if (!code)
		return err->code;
	module = size / (code->width + 8);
	cairo_new_path(cr);
	for (int row = 0; row < code->width; row++)
		for (int column = 0; column < code->width; column++)
			if (code->data[row * code->width + column] & 1)
				cairo_rectangle(cr, x + (column + 4) * module, y + (row + 4) * module, module, module);
	cairo_set_source_rgb(cr, 0, 0, 0);
	cairo_set_antialias(cr, CAIRO_ANTIALIAS_NONE);
	cairo_fill(cr);
	cairo_set_antialias(cr, CAIRO_ANTIALIAS_DEFAULT);
	return ERR_OK;
}

static cairo_status_t write_png(void *arg, const unsigned char *data, unsigned int length)
{
	struct buf *out = arg;

	buf_put(out, (struct str){ .ptr = (const char *)data, .len = length });
	return out->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

enum err_code document_qr_png(struct str text, int module_px, struct buf *out, struct err *err)
{
	CLEANUP(qr_freep) QRcode *code = qr_make(text, err);
	cairo_surface_t *surface;
	cairo_status_t status;
	int side;

	if (!code)
		return err->code;
	if (module_px < 1 || module_px > 40)
		return err_set(err, ERR_INPUT, "二维码每格应为 1–40 像素");
	side = (code->width + 8) * module_px;
	surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, side, side);
	status = cairo_surface_status(surface);
	if (status == CAIRO_STATUS_SUCCESS) {
		cairo_t *cr = cairo_create(surface);
		enum err_code code_draw;

		cairo_set_source_rgb(cr, 1, 1, 1);
		cairo_paint(cr);
		code_draw = qr_draw(cr, text, 0, 0, side, err);
		cairo_destroy(cr);
		if (code_draw == ERR_OK)
			status = cairo_surface_write_to_png_stream(surface, write_png, out);
		else
			status = CAIRO_STATUS_INVALID_STATUS;
	}
	cairo_surface_destroy(surface);
	if (status != CAIRO_STATUS_SUCCESS)
		return err_set(err, out->failed ? ERR_LIMIT : ERR_NOMEM, "不能生成二维码图片");
	return ERR_OK;
}

/* ---- XML ---- */

void xml_put(struct buf *b, struct str text)
{
	size_t from = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		const char *escaped;

		switch (c) {
		case '&':
			escaped = "&amp;";
			break;
		case '<':
			escaped = "&lt;";
			break;
		case '>':
			escaped = "&gt;";
			break;
		case '"':
			escaped = "&quot;";
			break;
		default:
			if (c >= 0x20 || c == '\t' || c == '\n')
				continue;
			escaped = "";
		}
		buf_put(b, str_sub(text, from, i));
		buf_puts(b, escaped);
		from = i + 1;
	}
	buf_put(b, str_sub(text, from, text.len));
}

/* ---- fonts ---- */

/** In the order of preference; a bureau's own licensed font in the font folder wins over the free stand-ins. */
static const struct font_choice {
	const char *family;
	int weight;
} font_choices[FONT_ROLE_COUNT][8] = {
	[FONT_FANG] = { { "仿宋_GB2312", 400 }, { "FangSong_GB2312", 400 }, { "方正仿宋_GBK", 400 }, { "仿宋", 400 }, { "FangSong", 400 },
		{ "FandolFang", 400 } },
	[FONT_TITLE] = { { "方正小标宋简体", 400 }, { "FZXiaoBiaoSong-B05S", 400 }, { "方正小标宋_GBK", 400 },
		{ "Noto Serif CJK SC", 700 } },
	[FONT_HEI] = { { "黑体", 400 }, { "SimHei", 400 }, { "FandolHei", 400 }, { "Noto Sans CJK SC", 500 } },
	[FONT_KAI] = { { "楷体_GB2312", 400 }, { "KaiTi_GB2312", 400 }, { "楷体", 400 }, { "KaiTi", 400 }, { "FandolKai", 400 },
		{ "LXGW WenKai", 400 } },
	[FONT_SONG] = { { "宋体", 400 }, { "SimSun", 400 }, { "Noto Serif CJK SC", 400 } },
};

static struct {
	char families[256];
	int weight;
} font_chosen[FONT_ROLE_COUNT];
static pthread_once_t font_once = PTHREAD_ONCE_INIT;

static bool font_installed(const char *family)
{
	FcPattern *pattern = FcPatternCreate();
	FcObjectSet *objects = FcObjectSetBuild(FC_FAMILY, (char *)NULL);
	FcFontSet *found;
	bool any;

	FcPatternAddString(pattern, FC_FAMILY, (const FcChar8 *)family);
	found = FcFontList(NULL, pattern, objects);
	any = found && found->nfont > 0;
	if (found)
		FcFontSetDestroy(found);
	FcObjectSetDestroy(objects);
	FcPatternDestroy(pattern);
	return any;
}

static void font_choose(void)
{
	for (int role = 0; role < FONT_ROLE_COUNT; role++) {
		const struct font_choice *c = font_choices[role];

		while (c->family && !font_installed(c->family))
			c++;
		snprintf(font_chosen[role].families, sizeof(font_chosen[role].families), "%s%s%s", c->family ? c->family : "",
			c->family ? "," : "", role == FONT_HEI ? "Noto Sans CJK SC" : "Noto Serif CJK SC,LXGW WenKai,Noto Sans CJK SC");
		font_chosen[role].weight = c->family ? c->weight : 400;
	}
}

const char *font_families(enum font_role role, int *ret_weight)
{
	pthread_once(&font_once, font_choose);
	*ret_weight = font_chosen[role].weight;
	return font_chosen[role].families;
}

enum err_code document_fonts_load(const char *dir, bool *ret_fang, struct err *err)
{
	int weight;

	if (!FcInit())
		return err_set(err, ERR_INTERNAL, "字体配置（fontconfig）不可用");
	if (dir && dir[0])
		(void)FcConfigAppFontAddDir(NULL, (const FcChar8 *)dir); /* false only when nothing is there */
	(void)font_families(FONT_FANG, &weight);
	*ret_fang = strncmp(font_chosen[FONT_FANG].families, "Noto", 4) != 0;
	return ERR_OK;
}
