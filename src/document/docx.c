/* DOCX from the same document: names the official fonts so that office PCs show the real ones, keeps the 22-line grid with
 * docGrid type="lines" (type "linesAndChars" makes LibreOffice space characters wildly) and 28 characters by letter spacing.
 * Lengths: twips are 1/20 pt, EMU 1/12700 pt. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "document/document_private.h"

#define TWIPS(mm) ((int)lround((mm)*MM_TO_PT * 20))
#define EMU(mm) ((long long)lround((mm)*36000))
#define LINE_TWIPS 580  /* 225 mm / 22 */
#define CHAR_TWIPS 316  /* 156 mm / 28 */
#define CHAR_SPACING -4 /* twentieths of a point: 28 characters a line */
#define RED "C00000"

enum word_font { WORD_FANG, WORD_TITLE, WORD_HEI, WORD_KAI, WORD_SONG };
static const char *const word_fonts[] = {
	[WORD_FANG] = "仿宋_GB2312",
	[WORD_TITLE] = "方正小标宋简体",
	[WORD_HEI] = "黑体",
	[WORD_KAI] = "楷体_GB2312",
	[WORD_SONG] = "宋体",
};

#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define WORD_NS                                                                                                                            \
	"xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" "                                                        \
	"xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" "                                                 \
	"xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" "                                             \
	"xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" "                                                               \
	"xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\" "                                                          \
	"xmlns:c=\"http://schemas.openxmlformats.org/drawingml/2006/chart\" "                                                              \
	"xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" "                                   \
	"xmlns:w10=\"urn:schemas-microsoft-com:office:word\""

/** Sizes of what stands on the page. */
struct look {
	double width_mm, top_mm, bottom_mm, body_pt, title_pt, table_pt, chart_mm;
	int line_twips, table_line_twips, title_line_twips;
	bool spaced, title_gap;
};
static const struct look official_look = { .width_mm = AREA_WIDTH_MM,
	.top_mm = AREA_TOP_MM,
	.bottom_mm = PAGE_HEIGHT_MM - AREA_TOP_MM - AREA_HEIGHT_MM,
	.body_pt = BODY_PT,
	.title_pt = TITLE_PT,
	.table_pt = TABLE_PT,
	.chart_mm = 80,
	.line_twips = LINE_TWIPS,
	.table_line_twips = 352,
	.title_line_twips = LINE_TWIPS,
	.spaced = true,
	.title_gap = true };
static const struct look compact_look = { .width_mm = 170,
	.top_mm = 24,
	.bottom_mm = 22,
	.body_pt = 12,
	.title_pt = 18,
	.table_pt = 9,
	.chart_mm = 58,
	.line_twips = 390,
	.table_line_twips = 240,
	.title_line_twips = 560 };

static const struct look *look_of(const struct document *d)
{
	return d->compact && d->form == DOCUMENT_PLAIN ? &compact_look : &official_look;
}

/* ---- runs and paragraphs ---- */

struct run_style {
	enum word_font font;
	double size_pt;
	const char *colour; /* NULL: black */
	bool spaced;        /* the letter spacing of the body */
};

static const struct run_style body_run = { WORD_FANG, BODY_PT, NULL, true };

static void put_run_properties(struct buf *b, const struct run_style *s)
{
	int half_points = (int)lround(s->size_pt * 2);

	buf_printf(b, "<w:rPr><w:rFonts w:ascii=\"%s\" w:hAnsi=\"%s\" w:eastAsia=\"%s\" w:cs=\"%s\" w:hint=\"eastAsia\"/>",
		word_fonts[s->font], word_fonts[s->font], word_fonts[s->font], word_fonts[s->font]);
	if (s->colour)
		buf_printf(b, "<w:color w:val=\"%s\"/>", s->colour);
	if (s->spaced)
		buf_printf(b, "<w:spacing w:val=\"%d\"/>", CHAR_SPACING);
	buf_printf(b, "<w:kern w:val=\"0\"/><w:sz w:val=\"%d\"/><w:szCs w:val=\"%d\"/></w:rPr>", half_points, half_points);
}

static void put_run(struct buf *b, struct str text, const struct run_style *s)
{
	struct str line;
	bool first = true;

	buf_puts(b, "<w:r>");
	put_run_properties(b, s);
	while (str_next(&text, '\n', &line)) {
		if (!first)
			buf_puts(b, "<w:br/>");
		first = false;
		buf_puts(b, "<w:t xml:space=\"preserve\">");
		xml_put(b, line);
		buf_puts(b, "</w:t>");
	}
	buf_puts(b, "</w:r>");
}

struct paragraph_style {
	const char *justify;                      /* "both", "center", "left", "right" */
	int first_chars, left_chars, right_chars; /* hundredths of a character */
	int left_twips;
	int hanging_chars;
	int line_twips; /* exact; 0: the grid's */
	int before_twips;
	bool keep_next;
	int outline; /* 1–4, 0 none */
	const char *style;
	const char *extra; /* raw elements that belong between keepNext and spacing (borders, tabs) */
};

static void put_paragraph_open(struct buf *b, const struct paragraph_style *p)
{
	buf_puts(b, "<w:p><w:pPr>");
	if (p->style)
		buf_printf(b, "<w:pStyle w:val=\"%s\"/>", p->style);
	if (p->keep_next)
		buf_puts(b, "<w:keepNext/>");
	if (p->extra)
		buf_puts(b, p->extra);
	buf_puts(b,
		"<w:autoSpaceDE w:val=\"0\"/><w:autoSpaceDN w:val=\"0\"/><w:snapToGrid w:val=\"0\"/>"); /* digits must not push the grid */
	buf_printf(b, "<w:spacing w:before=\"%d\" w:after=\"0\" w:line=\"%d\" w:lineRule=\"exact\"/>", p->before_twips,
		p->line_twips ? p->line_twips : LINE_TWIPS);
	if (p->first_chars || p->left_chars || p->right_chars || p->left_twips || p->hanging_chars) {
		buf_puts(b, "<w:ind");
		if (p->left_chars)
			buf_printf(b, " w:leftChars=\"%d\" w:left=\"%d\"", p->left_chars, p->left_chars * CHAR_TWIPS / 100);
		else if (p->left_twips)
			buf_printf(b, " w:left=\"%d\" w:right=\"%d\"", p->left_twips, p->left_twips);
		if (p->right_chars)
			buf_printf(b, " w:rightChars=\"%d\" w:right=\"%d\"", p->right_chars, p->right_chars * CHAR_TWIPS / 100);
		if (p->hanging_chars)
			buf_printf(b, " w:hangingChars=\"%d\" w:hanging=\"%d\"", p->hanging_chars, p->hanging_chars * CHAR_TWIPS / 100);
		else if (p->first_chars)
			buf_printf(b, " w:firstLineChars=\"%d\" w:firstLine=\"%d\"", p->first_chars, p->first_chars * CHAR_TWIPS / 100);
		buf_puts(b, "/>");
	}
	buf_printf(b, "<w:jc w:val=\"%s\"/>", p->justify ? p->justify : "both");
	if (p->outline)
		buf_printf(b, "<w:outlineLvl w:val=\"%d\"/>", p->outline - 1);
	buf_puts(b, "</w:pPr>");
}

static void put_paragraph(struct buf *b, struct str text, const struct paragraph_style *p, const struct run_style *r)
{
	put_paragraph_open(b, p);
	if (text.len > 0)
		put_run(b, text, r);
	buf_puts(b, "</w:p>");
}

static void put_blank(struct buf *b, int count)
{
	for (int i = 0; i < count; i++)
		put_paragraph(b, STR(""), &(struct paragraph_style){ 0 }, &body_run);
}

/* ---- head ---- */

static void put_marks_left(struct buf *b, const struct document *d)
{
	struct run_style hei = { WORD_HEI, BODY_PT, NULL, false };

	if (d->secrecy.len > 0)
		put_paragraph(b, d->secrecy, &(struct paragraph_style){ .justify = "left" }, &hei);
	if (d->urgency.len > 0)
		put_paragraph(b, d->urgency, &(struct paragraph_style){ .justify = "left" }, &hei);
}

static void put_official_head(struct buf *b, const struct document *d)
{
	int marks = (d->secrecy.len > 0) + (d->urgency.len > 0);
	struct run_style red = { WORD_TITLE, 54, RED, false };
	size_t characters = utf8_count(d->issuer_mark);
	static const char border[] = "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"16\" w:space=\"11\" w:color=\"" RED "\"/></w:pBdr>";
	static const char border_tabs[] = "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"16\" w:space=\"11\" w:color=\"" RED "\"/></w:pBdr>"
					  "<w:tabs><w:tab w:val=\"right\" w:pos=\"8528\"/></w:tabs>";

	if (characters > 0 && AREA_WIDTH_MM * MM_TO_PT / (double)characters < 54)
		red.size_pt = floor(AREA_WIDTH_MM * MM_TO_PT / (double)characters);
	put_marks_left(b, d);
	put_paragraph(b, d->issuer_mark,
		&(struct paragraph_style){ .justify = "center", .line_twips = 1240, .before_twips = TWIPS(35) - marks * LINE_TWIPS }, &red);
	put_blank(b, 2);
	if (d->signer.len > 0) {
		put_paragraph_open(b, &(struct paragraph_style){ .justify = "left", .left_chars = 100, .extra = border_tabs });
		put_run(b, d->number, &body_run);
		buf_puts(b, "<w:r><w:tab/></w:r>");
		put_run(b, STR("签发人："), &body_run);
		put_run(b, d->signer, &(struct run_style){ WORD_KAI, BODY_PT, NULL, true });
		buf_puts(b, "</w:p>");
	} else {
		put_paragraph(b, d->number, &(struct paragraph_style){ .justify = "center", .extra = border }, &body_run);
	}
	put_blank(b, 2);
}

static void put_letter_head(struct buf *b, const struct document *d)
{
	put_marks_left(b, d);
	put_paragraph(b, d->number, &(struct paragraph_style){ .justify = "right" }, &body_run);
	put_blank(b, 2);
}

/* ---- pictures ---- */

static void put_qr_anchor(struct buf *b)
{
	buf_printf(b,
		"<w:r><w:drawing><wp:anchor distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\" simplePos=\"0\" relativeHeight=\"2\" "
		"behindDoc=\"0\" locked=\"0\" "
		"layoutInCell=\"1\" allowOverlap=\"1\"><wp:simplePos x=\"0\" y=\"0\"/><wp:positionH "
		"relativeFrom=\"margin\"><wp:posOffset>0</wp:posOffset>"
		"</wp:positionH><wp:positionV relativeFrom=\"paragraph\"><wp:posOffset>0</wp:posOffset></wp:positionV><wp:extent "
		"cx=\"%lld\" cy=\"%lld\"/>"
		"<wp:effectExtent l=\"0\" t=\"0\" r=\"0\" b=\"0\"/><wp:wrapNone/><wp:docPr id=\"90\" name=\"二维码\" "
		"descr=\"文书核验二维码\"/>"
		"<wp:cNvGraphicFramePr/><a:graphic><a:graphicData "
		"uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic><pic:nvPicPr>"
		"<pic:cNvPr id=\"90\" name=\"qr.png\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip "
		"r:embed=\"rIdQr\"/><a:stretch><a:fillRect/></a:stretch>"
		"</pic:blipFill><pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"%lld\" cy=\"%lld\"/></a:xfrm><a:prstGeom "
		"prst=\"rect\"><a:avLst/>"
		"</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:anchor></w:drawing></w:r>",
		EMU(24), EMU(24), EMU(24), EMU(24));
}

static void put_chart(struct buf *b, const struct document_chart *c, size_t number, const struct look *k)
{
	buf_printf(b,
		"<w:p><w:pPr><w:spacing w:before=\"60\" w:after=\"60\"/><w:jc w:val=\"center\"/></w:pPr><w:r><w:drawing><wp:inline "
		"distT=\"0\" distB=\"0\" "
		"distL=\"0\" distR=\"0\"><wp:extent cx=\"%lld\" cy=\"%lld\"/><wp:effectExtent l=\"0\" t=\"0\" r=\"0\" b=\"0\"/><wp:docPr "
		"id=\"%zu\" name=\"图表 %zu\" "
		"descr=\"",
		EMU(k->width_mm - 2), EMU(c->category_count > 12 && c->kind == DOCUMENT_CHART_BAR ? k->chart_mm * 1.4 : k->chart_mm),
		100 + number, number);
	xml_put(b, c->title);
	buf_printf(b,
		"\"/><wp:cNvGraphicFramePr/><a:graphic><a:graphicData "
		"uri=\"http://schemas.openxmlformats.org/drawingml/2006/chart\"><c:chart r:id=\"rIdChart%zu\"/>"
		"</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>",
		number);
}

/* ---- blocks ---- */

static void put_cell(struct buf *b, struct str text, int width, const char *justify, enum word_font font, const struct look *k)
{
	buf_printf(b, "<w:tc><w:tcPr><w:tcW w:w=\"%d\" w:type=\"dxa\"/><w:vAlign w:val=\"center\"/></w:tcPr>", width);
	buf_printf(b,
		"<w:p><w:pPr><w:snapToGrid w:val=\"0\"/><w:spacing w:before=\"20\" w:after=\"20\" w:line=\"%d\" "
		"w:lineRule=\"exact\"/><w:jc w:val=\"%s\"/></w:pPr>",
		k->table_line_twips, justify);
	if (text.len > 0)
		put_run(b, text, &(struct run_style){ font, k->table_pt, NULL, false });
	buf_puts(b, "</w:p></w:tc>");
}

static void put_table(struct buf *b, const struct document_table *t, const struct look *k)
{
	static const char *const justify[] = { [DOCUMENT_LEFT] = "left", [DOCUMENT_CENTRE] = "center", [DOCUMENT_RIGHT] = "right" };
	int widths[DOCUMENT_COLUMNS_MAX], total = 0;

	for (size_t c = 0; c < t->column_count; c++)
		total += t->columns[c].width;
	if (t->caption.len > 0)
		put_paragraph(b, t->caption,
			&(struct paragraph_style){ .justify = "center", .keep_next = true, .line_twips = k->line_twips },
			&(struct run_style){ WORD_HEI, k->table_pt + 2, NULL, false });
	buf_printf(b, "<w:tbl><w:tblPr><w:tblW w:w=\"%d\" w:type=\"dxa\"/><w:jc w:val=\"center\"/><w:tblBorders>", TWIPS(k->width_mm));
	for (size_t i = 0; i < 6; i++) {
		static const char *const sides[] = { "top", "left", "bottom", "right", "insideH", "insideV" };

		buf_printf(b, "<w:%s w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>", sides[i]);
	}
	buf_puts(b, "</w:tblBorders><w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>");
	for (size_t c = 0; c < t->column_count; c++) {
		widths[c] = TWIPS(k->width_mm) * t->columns[c].width / total;
		buf_printf(b, "<w:gridCol w:w=\"%d\"/>", widths[c]);
	}
	buf_puts(b, "</w:tblGrid><w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
	for (size_t c = 0; c < t->column_count; c++)
		put_cell(b, t->columns[c].label, widths[c], "center", WORD_HEI, k);
	buf_puts(b, "</w:tr>");
	for (size_t r = 0; r < t->row_count; r++) {
		size_t bytes = 0;

		for (size_t c = 0; c < t->column_count; c++)
			bytes += t->cells[r * t->column_count + c].len;
		buf_puts(b, bytes < 1500 ? "<w:tr><w:trPr><w:cantSplit/></w:trPr>" : "<w:tr>");
		for (size_t c = 0; c < t->column_count; c++)
			put_cell(b, t->cells[r * t->column_count + c], widths[c], justify[t->columns[c].align], WORD_FANG, k);
		buf_puts(b, "</w:tr>");
	}
	buf_puts(b, "</w:tbl>");
	put_paragraph(
		b, STR(""), &(struct paragraph_style){ .line_twips = k->spaced ? 200 : 100 }, &body_run); /* two tables must not merge */
}

/** The last paragraph of the body stays with the signature, which may not stand alone on a page. */
static bool is_company(const struct document *d, size_t block)
{
	return block + 1 == d->block_count && (d->issuer.len > 0 || d->issued_on != DAY_NONE);
}

static void put_blocks(struct buf *b, const struct document *d)
{
	static const enum word_font heading_fonts[] = { WORD_HEI, WORD_KAI, WORD_FANG, WORD_FANG };
	struct heading_counter counter = { 0 };
	const struct look *look = look_of(d);
	struct run_style body = { WORD_FANG, look->body_pt, NULL, look->spaced };
	size_t charts = 0;

	for (size_t i = 0; i < d->block_count; i++) {
		const struct document_block *k = &d->blocks[i];
		char number[32];

		switch (k->kind) {
		case DOCUMENT_HEADING: {
			struct run_style style = { heading_fonts[k->level - 1], look->body_pt, NULL, look->spaced };

			heading_number(&counter, k->level, number);
			put_paragraph_open(
				b, &(struct paragraph_style){
					   .first_chars = 200, .line_twips = look->line_twips, .keep_next = true, .outline = k->level });
			put_run(b, str_of(number), &style);
			put_run(b, k->text, &style);
			buf_puts(b, "</w:p>");
			break;
		}
		case DOCUMENT_PARAGRAPH:
			put_paragraph(b, k->text,
				&(struct paragraph_style){
					.first_chars = 200, .line_twips = look->line_twips, .keep_next = is_company(d, i) },
				&body);
			break;
		case DOCUMENT_FLUSH:
			put_paragraph(b, k->text,
				&(struct paragraph_style){ .line_twips = look->line_twips, .keep_next = is_company(d, i) }, &body);
			break;
		case DOCUMENT_LIST:
			for (size_t n = 0; n < k->item_count; n++) {
				snprintf(number, sizeof(number), "%zu.", n + 1);
				put_paragraph_open(b, &(struct paragraph_style){ .first_chars = 200,
							      .line_twips = look->line_twips,
							      .keep_next = n + 1 == k->item_count && is_company(d, i) });
				put_run(b, str_of(number), &body);
				put_run(b, k->items[n], &body);
				buf_puts(b, "</w:p>");
			}
			break;
		case DOCUMENT_TABLE:
			put_table(b, &k->table, look);
			break;
		case DOCUMENT_CHART:
			put_chart(b, &k->chart, ++charts, look);
			break;
		case DOCUMENT_PAGE_BREAK:
			buf_puts(b, "<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>");
			break;
		}
	}
}

/* ---- what stands behind the body ---- */

static void put_attachments(struct buf *b, const struct document *d)
{
	char number[32];

	if (d->attachment_count > 0)
		put_paragraph(b, STR(""), &(struct paragraph_style){ .keep_next = true }, &body_run);
	for (size_t i = 0; i < d->attachment_count; i++) {
		snprintf(number, sizeof(number), "%zu.", i + 1);
		put_paragraph_open(b, i == 0 ? &(struct paragraph_style){ .left_chars = 600, .hanging_chars = 400, .keep_next = true }
					     : &(struct paragraph_style){ .left_chars = 600, .hanging_chars = 100, .keep_next = true });
		if (i == 0)
			put_run(b, STR("附件："), &body_run);
		if (d->attachment_count > 1)
			put_run(b, str_of(number), &body_run);
		put_run(b, d->attachments[i], &body_run);
		buf_puts(b, "</w:p>");
	}
}

/** Width of a text in the body's characters, Latin letters and digits as halves. */
static double width_chars(struct str text)
{
	double width = 0;

	for (size_t at = 0; at < text.len;)
		width += utf8_next(text, &at) < 0x2E80 ? 0.5 : 1;
	return width;
}

static void put_signature(struct buf *b, const struct document *d)
{
	struct str date = document_date(d->mem, d->issued_on);
	double issuer = width_chars(d->issuer), day = width_chars(date), issuer_right = 4, day_right = 4;
	bool qr = d->qr.len > 0;
	int blanks = d->room_for_seal ? 2 : 1;

	if (look_of(d) == &compact_look) { /* one line: issuer and date */
		put_paragraph(b, str_printf(d->mem, "%.*s　%.*s", STR_ARG(d->issuer), STR_ARG(d->issued_on == DAY_NONE ? STR("") : date)),
			&(struct paragraph_style){ .justify = "right", .line_twips = compact_look.line_twips },
			&(struct run_style){ WORD_FANG, compact_look.body_pt, NULL, false });
		return;
	}
	if (day >= issuer) {
		issuer_right = 4 + (day - issuer) / 2;
	} else {
		issuer_right = 4 - (issuer - day) / 2 < 2 ? 2 : 4 - (issuer - day) / 2;
		day_right = issuer_right + (issuer - day) / 2;
	}
	if (d->issuer.len == 0 && d->issued_on == DAY_NONE)
		blanks = qr ? 1 : 0;
	for (int i = 0; i < blanks; i++) {
		put_paragraph_open(b, &(struct paragraph_style){ .keep_next = true });
		if (i == 0 && qr)
			put_qr_anchor(b);
		buf_puts(b, "</w:p>");
	}
	if (d->issuer.len > 0)
		put_paragraph(b, d->issuer,
			&(struct paragraph_style){ .justify = "right", .right_chars = (int)lround(issuer_right * 100), .keep_next = true },
			&body_run);
	if (d->issuer.len > 0 || d->issued_on != DAY_NONE)
		put_paragraph(
			b, date, &(struct paragraph_style){ .justify = "right", .right_chars = (int)lround(day_right * 100) }, &body_run);
	if (d->note.len > 0)
		put_paragraph(b, d->note, &(struct paragraph_style){ .first_chars = 200 }, &body_run);
	if (qr && d->qr_note.len > 0)
		put_paragraph(b, d->qr_note, &(struct paragraph_style){ .justify = "left", .line_twips = 240 },
			&(struct run_style){ WORD_HEI, 7.5, NULL, false });
}

static void put_cc_row(struct buf *b, struct str left, struct str right, const char *top_border)
{
	struct run_style small = { WORD_FANG, SMALL_PT, NULL, false };

	buf_printf(b, "<w:tr><w:tc><w:tcPr><w:tcW w:w=\"%d\" w:type=\"dxa\"/><w:tcBorders>%s</w:tcBorders></w:tcPr>", TWIPS(AREA_WIDTH_MM),
		top_border);
	put_paragraph_open(b, &(struct paragraph_style){ .justify = "left",
				      .left_chars = right.len > 0 ? 100 : 400,
				      .hanging_chars = right.len > 0 ? 0 : 300,
				      .right_chars = 100,
				      .line_twips = 476,
				      .extra = "<w:tabs><w:tab w:val=\"right\" w:pos=\"8400\"/></w:tabs>" });
	put_run(b, left, &small);
	if (right.len > 0) {
		buf_puts(b, "<w:r><w:tab/></w:r>");
		put_run(b, right, &small);
	}
	buf_puts(b, "</w:p></w:tc></w:tr>");
}

/** 版记: a table that floats at the bottom of the last page's type area. */
static void put_cc(struct buf *b, const struct document *d)
{
	bool official = d->form == DOCUMENT_OFFICIAL;
	struct str printed =
		d->printed_on != DAY_NONE ? str_printf(d->mem, "%.*s印发", STR_ARG(document_date(d->mem, d->printed_on))) : STR("");
	bool printer = official && (d->printer.len > 0 || printed.len > 0);
	static const char thin[] = "<w:top w:val=\"single\" w:sz=\"6\" w:space=\"0\" w:color=\"000000\"/>";

	if (d->cc.len == 0 && !printer)
		return;
	buf_printf(b,
		"<w:tbl><w:tblPr><w:tblpPr w:leftFromText=\"0\" w:rightFromText=\"0\" w:vertAnchor=\"margin\" w:horzAnchor=\"margin\" "
		"w:tblpXSpec=\"left\" "
		"w:tblpYSpec=\"bottom\"/><w:tblW w:w=\"%d\" w:type=\"dxa\"/>",
		TWIPS(AREA_WIDTH_MM));
	if (official)
		buf_puts(b, "<w:tblBorders><w:top w:val=\"single\" w:sz=\"8\" w:space=\"0\" w:color=\"000000\"/>"
			    "<w:bottom w:val=\"single\" w:sz=\"8\" w:space=\"0\" w:color=\"000000\"/></w:tblBorders>");
	buf_printf(b,
		"<w:tblLayout w:type=\"fixed\"/><w:tblCellMar><w:left w:w=\"0\" w:type=\"dxa\"/><w:right w:w=\"0\" "
		"w:type=\"dxa\"/></w:tblCellMar></w:tblPr>"
		"<w:tblGrid><w:gridCol w:w=\"%d\"/></w:tblGrid>",
		TWIPS(AREA_WIDTH_MM));
	if (d->cc.len > 0)
		put_cc_row(b, str_printf(d->mem, "抄送：%.*s。", STR_ARG(d->cc)), STR(""), "");
	if (printer)
		put_cc_row(b, d->printer, printed.len > 0 ? printed : STR(" "), d->cc.len > 0 ? thin : "");
	buf_puts(b, "</w:tbl>");
	put_paragraph(b, STR(""), &(struct paragraph_style){ .line_twips = 20 }, &body_run);
}

/* ---- section, headers, footers ---- */

static void put_section(struct buf *b, const struct document *d)
{
	bool letter = d->form == DOCUMENT_LETTER;
	const struct look *k = look_of(d);
	double right_mm = k->width_mm > AREA_WIDTH_MM ? (PAGE_WIDTH_MM - k->width_mm) / 2 : PAGE_WIDTH_MM - AREA_LEFT_MM - AREA_WIDTH_MM;

	buf_puts(b,
		"<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rIdHeader\"/><w:headerReference w:type=\"even\" "
		"r:id=\"rIdHeader\"/>"
		"<w:footerReference w:type=\"default\" r:id=\"rIdFooterOdd\"/><w:footerReference w:type=\"even\" r:id=\"rIdFooterEven\"/>");
	if (letter)
		buf_puts(b, "<w:headerReference w:type=\"first\" r:id=\"rIdHeaderFirst\"/><w:footerReference w:type=\"first\" "
			    "r:id=\"rIdFooterFirst\"/>");
	buf_printf(b,
		"<w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"%d\" w:right=\"%d\" w:bottom=\"%d\" w:left=\"%d\" w:header=\"%d\" "
		"w:footer=\"%d\" w:gutter=\"0\"/>"
		"<w:pgNumType w:start=\"1\"/>",
		TWIPS(k->top_mm), TWIPS(right_mm), TWIPS(k->bottom_mm) - 40, TWIPS(PAGE_WIDTH_MM - right_mm - k->width_mm), TWIPS(14),
		TWIPS(letter                ? 18
			: k->bottom_mm < 30 ? 12
					    : 22));
	if (letter)
		buf_puts(b, "<w:titlePg/>");
	buf_printf(b, "<w:docGrid w:type=\"lines\" w:linePitch=\"%d\"/></w:sectPr>", LINE_TWIPS);
}

static void put_watermark(struct buf *b, const struct document *d, int line_twips)
{
	struct paragraph_style style = { .justify = "center", .line_twips = line_twips };

	put_paragraph_open(b, &style);
	if (d->watermark.len > 0) {
		put_run(b, d->watermark, &(struct run_style){ WORD_HEI, 10.5, "737373", false });
		buf_puts(b, "<w:r><w:rPr><w:noProof/></w:rPr><w:pict><v:shapetype id=\"_x0000_t136\" coordsize=\"21600,21600\" "
			    "o:spt=\"136\" adj=\"10800\" "
			    "path=\"m@7,l@8,m@5,21600l@6,21600e\"><v:formulas><v:f eqn=\"sum #0 0 10800\"/><v:f eqn=\"prod #0 2 1\"/><v:f "
			    "eqn=\"sum 21600 0 @1\"/>"
			    "<v:f eqn=\"sum 0 0 @2\"/><v:f eqn=\"sum 21600 0 @3\"/><v:f eqn=\"if @0 @3 0\"/><v:f eqn=\"if @0 21600 "
			    "@1\"/><v:f eqn=\"if @0 0 @2\"/>"
			    "<v:f eqn=\"if @0 @4 21600\"/><v:f eqn=\"mid @5 @6\"/><v:f eqn=\"mid @8 @5\"/><v:f eqn=\"mid @7 @8\"/><v:f "
			    "eqn=\"mid @6 @7\"/>"
			    "<v:f eqn=\"sum @6 0 @5\"/></v:formulas><v:path textpathok=\"t\" o:connecttype=\"custom\" "
			    "o:connectlocs=\"@9,0;@10,10800;@11,21600;@12,10800\" "
			    "o:connectangles=\"270,180,90,0\"/><v:textpath on=\"t\" fitshape=\"t\"/><v:handles><v:h "
			    "position=\"#0,bottomRight\" xrange=\"6629,14971\"/>"
			    "</v:handles><o:lock v:ext=\"edit\" text=\"t\" shapetype=\"t\"/></v:shapetype><v:shape "
			    "id=\"PowerPlusWaterMarkObject1\" "
			    "type=\"#_x0000_t136\" "
			    "style=\"position:absolute;margin-left:0;margin-top:0;width:340pt;height:85pt;rotation:325;z-index:-251658240;"
			    "mso-position-horizontal:center;mso-position-horizontal-relative:margin;mso-position-vertical:center;mso-"
			    "position-vertical-relative:margin\" "
			    "o:allowincell=\"f\" fillcolor=\"#ececec\" stroked=\"f\"><v:textpath "
			    "style=\"font-family:&quot;黑体&quot;;font-size:1pt\" string=\"");
		xml_put(b, d->watermark);
		buf_puts(b, "\"/><w10:wrap anchorx=\"margin\" anchory=\"margin\"/></v:shape></w:pict></w:r>");
	}
	buf_puts(b, "</w:p>");
}

static void header_xml(struct buf *b, const struct document *d, bool first_of_letter)
{
	buf_puts(b, XML_HEAD "<w:hdr " WORD_NS ">");
	if (first_of_letter) {
		struct run_style red = { WORD_TITLE, 44, RED, false };
		size_t characters = utf8_count(d->issuer_mark);

		if (characters > 0 && AREA_WIDTH_MM * MM_TO_PT / (double)characters < 44)
			red.size_pt = floor(AREA_WIDTH_MM * MM_TO_PT / (double)characters);
		put_watermark(b, d, TWIPS(16));
		put_paragraph(b, d->issuer_mark,
			&(struct paragraph_style){ .justify = "center",
				.line_twips = 920,
				.left_twips = -TWIPS(7),
				.extra = "<w:pBdr><w:bottom w:val=\"thickThinSmallGap\" w:sz=\"24\" w:space=\"9\" w:color=\"" RED
					 "\"/></w:pBdr>" },
			&red);
	} else {
		put_watermark(b, d, 300);
	}
	buf_puts(b, "</w:hdr>");
}

static void footer_xml(struct buf *b, bool odd)
{
	struct run_style song = { WORD_SONG, SMALL_PT, NULL, false };
	static const char *const types[] = { "begin", NULL, "separate", "number", "end" };

	buf_puts(b, XML_HEAD "<w:ftr " WORD_NS ">");
	put_paragraph_open(b, odd ? &(struct paragraph_style){ .justify = "right", .right_chars = 100, .line_twips = 360 }
				  : &(struct paragraph_style){ .justify = "left", .left_chars = 100, .line_twips = 360 });
	put_run(b, STR("— "), &song);
	for (size_t i = 0; i < 5; i++) {
		buf_puts(b, "<w:r>");
		put_run_properties(b, &song);
		if (i == 1)
			buf_puts(b, "<w:instrText xml:space=\"preserve\"> PAGE </w:instrText>");
		else if (i == 3)
			buf_puts(b, "<w:t>1</w:t>");
		else
			buf_printf(b, "<w:fldChar w:fldCharType=\"%s\"/>", types[i]);
		buf_puts(b, "</w:r>");
	}
	put_run(b, STR(" —"), &song);
	buf_puts(b, "</w:p></w:ftr>");
}

static void footer_first_xml(struct buf *b)
{
	buf_puts(b, XML_HEAD "<w:ftr " WORD_NS ">");
	put_paragraph(b, STR(""),
		&(struct paragraph_style){ .justify = "center",
			.line_twips = 120,
			.left_twips = -TWIPS(7),
			.extra = "<w:pBdr><w:bottom w:val=\"thinThickSmallGap\" w:sz=\"24\" w:space=\"1\" w:color=\"" RED "\"/></w:pBdr>" },
		&body_run);
	buf_puts(b, "</w:ftr>");
}

/* ---- parts ---- */

static const char styles_xml[] = XML_HEAD
	"<w:styles " WORD_NS
	"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"仿宋_GB2312\" w:hAnsi=\"仿宋_GB2312\" w:eastAsia=\"仿宋_GB2312\" "
	"w:cs=\"仿宋_GB2312\"/><w:sz w:val=\"32\"/><w:szCs w:val=\"32\"/><w:lang w:val=\"zh-CN\" w:eastAsia=\"zh-CN\" "
	"w:bidi=\"ar-SA\"/></w:rPr></w:rPrDefault>"
	"<w:pPrDefault/></w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name "
	"w:val=\"Normal\"/><w:qFormat/></w:style>"
	"<w:style w:type=\"paragraph\" w:styleId=\"Title\"><w:name w:val=\"Title\"/><w:basedOn w:val=\"Normal\"/><w:qFormat/></w:style>"
	"<w:style w:type=\"table\" w:default=\"1\" w:styleId=\"TableNormal\"><w:name w:val=\"Normal Table\"/><w:tblPr><w:tblInd w:w=\"0\" "
	"w:type=\"dxa\"/>"
	"<w:tblCellMar><w:left w:w=\"85\" w:type=\"dxa\"/><w:right w:w=\"85\" "
	"w:type=\"dxa\"/></w:tblCellMar></w:tblPr></w:style></w:styles>";

static const char settings_xml[] = XML_HEAD
	"<w:settings " WORD_NS "><w:evenAndOddHeaders/><w:characterSpacingControl w:val=\"compressPunctuation\"/><w:compat><w:spaceForUL/>"
	"<w:balanceSingleByteDoubleByteWidth/><w:doNotLeaveBackslashAlone/><w:ulTrailSpace/><w:doNotExpandShiftReturn/"
	"><w:adjustLineHeightInTable/><w:useFELayout/>"
	"<w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" "
	"w:val=\"15\"/></w:compat></w:settings>";

static const char root_rels[] = XML_HEAD
	"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
	"<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" "
	"Target=\"word/document.xml\"/>"
	"<Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" "
	"Target=\"docProps/core.xml\"/>"
	"<Relationship Id=\"rId3\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties\" "
	"Target=\"docProps/app.xml\"/>"
	"</Relationships>";

static const char app_xml[] = XML_HEAD "<Properties "
				       "xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/"
				       "extended-properties\"><Application>Xiezhi</Application></Properties>";

static void content_types_xml(struct buf *b, size_t charts, bool letter)
{
	static const char word_type[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.";

	buf_puts(b, XML_HEAD
		"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
		"<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
		"<Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"png\" ContentType=\"image/png\"/>"
		"<Default Extension=\"xlsx\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet\"/>");
	buf_printf(b, "<Override PartName=\"/word/document.xml\" ContentType=\"%sdocument.main+xml\"/>", word_type);
	buf_printf(b, "<Override PartName=\"/word/styles.xml\" ContentType=\"%sstyles+xml\"/>", word_type);
	buf_printf(b, "<Override PartName=\"/word/settings.xml\" ContentType=\"%ssettings+xml\"/>", word_type);
	buf_printf(b, "<Override PartName=\"/word/header.xml\" ContentType=\"%sheader+xml\"/>", word_type);
	buf_printf(b, "<Override PartName=\"/word/footerodd.xml\" ContentType=\"%sfooter+xml\"/>", word_type);
	buf_printf(b, "<Override PartName=\"/word/footereven.xml\" ContentType=\"%sfooter+xml\"/>", word_type);
	if (letter) {
		buf_printf(b, "<Override PartName=\"/word/headerfirst.xml\" ContentType=\"%sheader+xml\"/>", word_type);
		buf_printf(b, "<Override PartName=\"/word/footerfirst.xml\" ContentType=\"%sfooter+xml\"/>", word_type);
	}
	for (size_t i = 1; i <= charts; i++)
		buf_printf(b,
			"<Override PartName=\"/word/charts/chart%zu.xml\" "
			"ContentType=\"application/vnd.openxmlformats-officedocument.drawingml.chart+xml\"/>",
			i);
	buf_puts(b, "<Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>"
		    "<Override PartName=\"/docProps/app.xml\" "
		    "ContentType=\"application/vnd.openxmlformats-officedocument.extended-properties+xml\"/></Types>");
}

static void relation(struct buf *b, const char *id, const char *type, const char *target)
{
	buf_printf(b,
		"<Relationship Id=\"%s\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s\" Target=\"%s\"/>",
		id, type, target);
}

static void document_rels_xml(struct buf *b, size_t charts, bool letter, bool qr)
{
	buf_puts(b, XML_HEAD "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">");
	relation(b, "rIdStyles", "styles", "styles.xml");
	relation(b, "rIdSettings", "settings", "settings.xml");
	relation(b, "rIdHeader", "header", "header.xml");
	relation(b, "rIdFooterOdd", "footer", "footerodd.xml");
	relation(b, "rIdFooterEven", "footer", "footereven.xml");
	if (letter) {
		relation(b, "rIdHeaderFirst", "header", "headerfirst.xml");
		relation(b, "rIdFooterFirst", "footer", "footerfirst.xml");
	}
	if (qr)
		relation(b, "rIdQr", "image", "media/qr.png");
	for (size_t i = 1; i <= charts; i++) {
		char id[32], target[48];

		snprintf(id, sizeof(id), "rIdChart%zu", i);
		snprintf(target, sizeof(target), "charts/chart%zu.xml", i);
		relation(b, id, "chart", target);
	}
	buf_puts(b, "</Relationships>");
}

static void core_xml(struct buf *b, const struct document *d)
{
	char made[25];

	time_format(d->made_ms, made);
	memcpy(made + 19, "Z", 2);
	buf_puts(b, XML_HEAD "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" "
			     "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" "
			     "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>");
	xml_put(b, d->title);
	buf_puts(b, "</dc:title><dc:creator>");
	xml_put(b, d->author.len ? d->author : d->issuer);
	buf_printf(b,
		"</dc:creator><dcterms:created xsi:type=\"dcterms:W3CDTF\">%s</dcterms:created><dcterms:modified "
		"xsi:type=\"dcterms:W3CDTF\">%s</dcterms:modified>"
		"</cp:coreProperties>",
		made, made);
}

static void document_xml(struct buf *b, const struct document *d)
{
	struct str title = d->title, line;
	const struct look *k = look_of(d);

	buf_puts(b, XML_HEAD "<w:document " WORD_NS "><w:body>");
	if (d->form == DOCUMENT_OFFICIAL)
		put_official_head(b, d);
	else if (d->form == DOCUMENT_LETTER)
		put_letter_head(b, d);
	while (str_next(&title, '\n', &line))
		if (str_trim(line).len > 0)
			put_paragraph(b, str_trim(line),
				&(struct paragraph_style){
					.justify = "center", .keep_next = true, .style = "Title", .line_twips = k->title_line_twips },
				&(struct run_style){ WORD_TITLE, k->title_pt, NULL, false });
	if (d->title.len > 0 && k->title_gap)
		put_blank(b, 1);
	if (d->main_to.len > 0)
		put_paragraph(
			b, str_printf(d->mem, "%.*s：", STR_ARG(d->main_to)), &(struct paragraph_style){ .keep_next = true }, &body_run);
	put_blocks(b, d);
	put_attachments(b, d);
	put_signature(b, d);
	put_cc(b, d);
	put_section(b, d);
	buf_puts(b, "</w:body></w:document>");
}

/** Adds what `scratch` holds and empties it. */
static enum err_code add_part(struct package *p, const char *name, struct buf *scratch, struct err *err)
{
	enum err_code code;

	if (scratch->failed)
		return err_set(err, ERR_LIMIT, "文书超过 %u 字节", DOCUMENT_BYTES_MAX);
	code = package_add(p, name, buf_str(scratch), err);
	buf_reset(scratch);
	return code;
}

static enum err_code add_charts(struct package *p, const struct document *d, struct buf *b, struct err *err)
{
	size_t number = 0;

	for (size_t i = 0; i < d->block_count; i++) {
		const struct document_block *k = &d->blocks[i];
		char name[80];

		if (k->kind != DOCUMENT_CHART)
			continue;
		number++;
		chart_xml(b, &k->chart);
		snprintf(name, sizeof(name), "word/charts/chart%zu.xml", number);
		TRY(add_part(p, name, b, err));
		buf_printf(b,
			XML_HEAD
			"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" "
			"Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/package\" "
			"Target=\"../embeddings/workbook%zu.xlsx\"/></Relationships>",
			number);
		snprintf(name, sizeof(name), "word/charts/_rels/chart%zu.xml.rels", number);
		TRY(add_part(p, name, b, err));
		TRY(chart_workbook(&k->chart, b, err));
		snprintf(name, sizeof(name), "word/embeddings/workbook%zu.xlsx", number);
		TRY(add_part(p, name, b, err));
	}
	return ERR_OK;
}

enum err_code document_docx(const struct document *d, struct buf *out, struct err *err)
{
	CLEANUP(package_abandonp) struct package *p = NULL;
	CLEANUP(buf_clear) struct buf b;
	bool letter = d->form == DOCUMENT_LETTER;
	size_t charts = 0;

	buf_init(&b, DOCUMENT_BYTES_MAX);
	TRY(document_check(d, err));
	for (size_t i = 0; i < d->block_count; i++)
		charts += d->blocks[i].kind == DOCUMENT_CHART;
	TRY(package_open(&p, err));
	content_types_xml(&b, charts, letter);
	TRY(add_part(p, "[Content_Types].xml", &b, err));
	TRY(package_add(p, "_rels/.rels", str_of(root_rels), err));
	document_xml(&b, d);
	TRY(add_part(p, "word/document.xml", &b, err));
	document_rels_xml(&b, charts, letter, d->qr.len > 0);
	TRY(add_part(p, "word/_rels/document.xml.rels", &b, err));
	TRY(package_add(p, "word/styles.xml", str_of(styles_xml), err));
	TRY(package_add(p, "word/settings.xml", str_of(settings_xml), err));
	header_xml(&b, d, false);
	TRY(add_part(p, "word/header.xml", &b, err));
	footer_xml(&b, true);
	TRY(add_part(p, "word/footerodd.xml", &b, err));
	footer_xml(&b, false);
	TRY(add_part(p, "word/footereven.xml", &b, err));
	if (letter) {
		header_xml(&b, d, true);
		TRY(add_part(p, "word/headerfirst.xml", &b, err));
		footer_first_xml(&b);
		TRY(add_part(p, "word/footerfirst.xml", &b, err));
	}
	TRY(add_charts(p, d, &b, err));
	if (d->qr.len > 0) {
		TRY(document_qr_png(d->qr, 6, &b, err));
		TRY(add_part(p, "word/media/qr.png", &b, err));
	}
	core_xml(&b, d);
	TRY(add_part(p, "docProps/core.xml", &b, err));
	TRY(package_add(p, "docProps/app.xml", str_of(app_xml), err));
	return package_close(&p, out, err);
}
