/* Charts: drawn by cairo for PDF; for DOCX a chart part that office programs edit, with its numbers in an embedded workbook. Colours
 * come from a fixed list that stays readable in grey print. */
#include <math.h>
#include <pango/pangocairo.h>
#include <stdio.h>
#include <string.h>

#include "document/document_private.h"

static const struct {
	double r, g, b;
	const char *hex;
} series_colours[DOCUMENT_SERIES_MAX] = {
	{ 0.12, 0.31, 0.55, "1F4E8C" },
	{ 0.80, 0.49, 0.13, "CC7D21" },
	{ 0.25, 0.53, 0.36, "40875C" },
	{ 0.62, 0.23, 0.25, "9E3B40" },
	{ 0.44, 0.40, 0.62, "70669E" },
	{ 0.45, 0.45, 0.45, "737373" },
};

void chart_value(struct buf *b, int64_t value, int decimals)
{
	int64_t scale = 1;
	uint64_t whole = value < 0 ? 0u - (uint64_t)value : (uint64_t)value;

	for (int i = 0; i < decimals; i++)
		scale *= 10;
	if (value < 0)
		buf_putc(b, '-');
	buf_printf(b, "%llu", (unsigned long long)(whole / (uint64_t)scale));
	if (decimals > 0)
		buf_printf(b, ".%0*llu", decimals, (unsigned long long)(whole % (uint64_t)scale));
}

/* ---- drawing ---- */

enum anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };

/** One line of text, its vertical middle at y; text wider than `width` (> 0) is cut with an ellipsis. */
static void label(cairo_t *cr, struct str text, double size, enum anchor anchor, double x, double y, double width)
{
	PangoLayout *layout = pango_cairo_create_layout(cr);
	PangoFontDescription *font = pango_font_description_new();
	PangoRectangle box;
	int weight;

	pango_font_description_set_family(font, font_families(FONT_HEI, &weight));
	pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	pango_layout_set_text(layout, text.len ? text.ptr : "", (int)text.len);
	pango_layout_get_extents(layout, NULL, &box);
	if (width > 0 && box.width > width * PANGO_SCALE) {
		pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
		pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
		pango_layout_get_extents(layout, NULL, &box);
	}
	x -= (double)box.width / PANGO_SCALE * (anchor == ANCHOR_MIDDLE ? 0.5 : anchor == ANCHOR_END ? 1 : 0);
	cairo_new_path(cr);
	cairo_move_to(cr, x - (double)box.x / PANGO_SCALE, y - (double)box.height / PANGO_SCALE / 2);
	pango_cairo_show_layout(cr, layout);
	g_object_unref(layout);
}

/** The smallest of 1, 2, 5 × 10^n so that at most six steps reach the top. */
static double axis_step(double top)
{
	double step = pow(10, floor(log10(top)));

	while (step * 6 < top)
		step *= 2;
	while (step > 0 && step * 2.5 > top)
		step /= 2;
	{
		double power = pow(10, floor(log10(step))), lead = step / power;

		return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
	}
}

struct plot {
	cairo_t *cr;
	const struct document_chart *chart;
	double x, y, width, height; /* of the plotting area */
	double bottom, top;         /* values at its edges */
	double step;
};

static double value_at(const struct plot *p, size_t series, size_t category)
{
	return (double)p->chart->series[series].values[category] / pow(10, p->chart->decimals);
}

static double value_share(const struct plot *p, double value)
{
	return (value - p->bottom) / (p->top - p->bottom);
}

static void find_range(struct plot *p)
{
	double low = 0, high = 0;

	for (size_t s = 0; s < p->chart->series_count; s++)
		for (size_t c = 0; c < p->chart->category_count; c++) {
			low = fmin(low, value_at(p, s, c));
			high = fmax(high, value_at(p, s, c));
		}
	p->step = axis_step(fmax(high - low, 1));
	p->bottom = floor(low / p->step) * p->step;
	p->top = fmax(ceil(high / p->step) * p->step, p->bottom + p->step);
}

static void draw_axes(const struct plot *p)
{
	bool bars = p->chart->kind == DOCUMENT_CHART_BAR;

	cairo_set_line_width(p->cr, 0.5);
	for (double v = p->bottom; v <= p->top + p->step / 2; v += p->step) {
		double share = value_share(p, v);
		char text[32];

		cairo_new_path(p->cr);
		cairo_set_source_rgb(p->cr, 0.85, 0.85, 0.85);
		if (bars) {
			cairo_move_to(p->cr, p->x + share * p->width, p->y);
			cairo_rel_line_to(p->cr, 0, p->height);
		} else {
			cairo_move_to(p->cr, p->x, p->y + p->height * (1 - share));
			cairo_rel_line_to(p->cr, p->width, 0);
		}
		cairo_stroke(p->cr);
		cairo_set_source_rgb(p->cr, 0.3, 0.3, 0.3);
		snprintf(text, sizeof(text), "%.10g", fabs(v) < p->step / 1000 ? 0 : v);
		if (bars)
			label(p->cr, str_of(text), 8, ANCHOR_MIDDLE, p->x + share * p->width, p->y + p->height + 8, 0);
		else
			label(p->cr, str_of(text), 8, ANCHOR_END, p->x - 4, p->y + p->height * (1 - share), 0);
	}
}

static void draw_categories(const struct plot *p)
{
	size_t n = p->chart->category_count;
	bool bars = p->chart->kind == DOCUMENT_CHART_BAR;
	double slot = (bars ? p->height : p->width) / (double)n;
	size_t every = slot >= 14 ? 1 : (size_t)ceil(14 / slot);

	cairo_set_source_rgb(p->cr, 0.15, 0.15, 0.15);
	for (size_t c = 0; c < n; c += every) {
		double middle = ((double)c + 0.5) * slot;

		if (bars)
			label(p->cr, p->chart->categories[c], 8, ANCHOR_END, p->x - 4, p->y + middle, 110);
		else
			label(p->cr, p->chart->categories[c], 8, ANCHOR_MIDDLE, p->x + middle, p->y + p->height + 9,
				slot * (double)every - 2);
	}
}

static void draw_bars(const struct plot *p)
{
	size_t n = p->chart->category_count, series = p->chart->series_count;
	bool bars = p->chart->kind == DOCUMENT_CHART_BAR;
	double slot = (bars ? p->height : p->width) / (double)n, thick = slot * 0.7 / (double)series, zero = value_share(p, 0);

	for (size_t s = 0; s < series; s++) {
		cairo_set_source_rgb(p->cr, series_colours[s].r, series_colours[s].g, series_colours[s].b);
		for (size_t c = 0; c < n; c++) {
			double from = slot * ((double)c + 0.15) + thick * (double)s, share = value_share(p, value_at(p, s, c)) - zero;

			if (bars)
				cairo_rectangle(p->cr, p->x + zero * p->width, p->y + from, share * p->width, thick * 0.92);
			else
				cairo_rectangle(p->cr, p->x + from, p->y + p->height * (1 - zero), thick * 0.92, -share * p->height);
		}
		cairo_fill(p->cr);
	}
}

static void draw_lines(const struct plot *p)
{
	double slot = p->width / (double)p->chart->category_count;

	cairo_set_line_width(p->cr, 1.4);
	for (size_t s = 0; s < p->chart->series_count; s++) {
		cairo_set_source_rgb(p->cr, series_colours[s].r, series_colours[s].g, series_colours[s].b);
		cairo_new_path(p->cr);
		for (size_t c = 0; c < p->chart->category_count; c++)
			cairo_line_to(p->cr, p->x + slot * ((double)c + 0.5), p->y + p->height * (1 - value_share(p, value_at(p, s, c))));
		cairo_stroke(p->cr);
		for (size_t c = 0; c < p->chart->category_count; c++) {
			cairo_new_path(p->cr);
			cairo_arc(p->cr, p->x + slot * ((double)c + 0.5), p->y + p->height * (1 - value_share(p, value_at(p, s, c))), 1.8,
				0, 2 * M_PI);
			cairo_fill(p->cr);
		}
	}
}

void chart_draw(cairo_t *cr, const struct document_chart *chart, double x, double y, double width, double height)
{
	struct plot p = { .cr = cr, .chart = chart };
	double left = chart->kind == DOCUMENT_CHART_BAR ? 118 : 40, legend_x = x + left;
	bool legend = chart->series_count > 1 || chart->series[0].name.len > 0;

	cairo_save(cr);
	find_range(&p);
	p.x = x + left;
	p.y = y + 34;
	p.width = width - left - 10;
	p.height = height - 34 - (legend ? 36 : 20);
	cairo_set_source_rgb(cr, 0, 0, 0);
	label(cr, chart->title, 11, ANCHOR_MIDDLE, x + width / 2, y + 8, width);
	if (chart->unit.len > 0) {
		char unit[64];

		snprintf(unit, sizeof(unit), "单位：%.*s", (int)(chart->unit.len > 40 ? 40 : chart->unit.len), chart->unit.ptr);
		cairo_set_source_rgb(cr, 0.3, 0.3, 0.3);
		if (utf8_valid(str_of(unit)))
			label(cr, str_of(unit), 8, ANCHOR_START, x, y + 22, 0);
	}
	draw_axes(&p);
	draw_categories(&p);
	if (chart->kind == DOCUMENT_CHART_LINE)
		draw_lines(&p);
	else
		draw_bars(&p);
	for (size_t s = 0; legend && s < chart->series_count; s++) {
		double slot = p.width / (double)chart->series_count;

		cairo_set_source_rgb(cr, series_colours[s].r, series_colours[s].g, series_colours[s].b);
		cairo_new_path(cr);
		cairo_rectangle(cr, legend_x, y + height - 11, 8, 8);
		cairo_fill(cr);
		cairo_set_source_rgb(cr, 0.15, 0.15, 0.15);
		label(cr, chart->series[s].name, 8.5, ANCHOR_START, legend_x + 12, y + height - 7, slot - 16);
		legend_x += slot;
	}
	cairo_restore(cr);
}

/* ---- OOXML ---- */

/** Column letters of a workbook: 0 → A. At most 26 series columns are ever used. */
static char column_letter(size_t index)
{
	return (char)('A' + index);
}

static void text_cache(struct buf *b, const struct str *texts, size_t count)
{
	buf_printf(b, "<c:strCache><c:ptCount val=\"%zu\"/>", count);
	for (size_t i = 0; i < count; i++) {
		buf_printf(b, "<c:pt idx=\"%zu\"><c:v>", i);
		xml_put(b, texts[i]);
		buf_puts(b, "</c:v></c:pt>");
	}
	buf_puts(b, "</c:strCache>");
}

static void series_xml(struct buf *b, const struct document_chart *c, size_t s)
{
	char column = column_letter(s + 1);

	buf_printf(b, "<c:ser><c:idx val=\"%zu\"/><c:order val=\"%zu\"/><c:tx><c:strRef><c:f>Sheet1!$%c$1</c:f>", s, s, column);
	text_cache(b, &c->series[s].name, 1);
	buf_puts(b, "</c:strRef></c:tx><c:spPr>");
	if (c->kind == DOCUMENT_CHART_LINE)
		buf_printf(b, "<a:ln w=\"22225\"><a:solidFill><a:srgbClr val=\"%s\"/></a:solidFill></a:ln>", series_colours[s].hex);
	else
		buf_printf(b, "<a:solidFill><a:srgbClr val=\"%s\"/></a:solidFill>", series_colours[s].hex);
	buf_puts(b, "</c:spPr>");
	if (c->kind == DOCUMENT_CHART_LINE)
		buf_puts(b, "<c:marker><c:symbol val=\"circle\"/><c:size val=\"4\"/></c:marker>");
	else
		buf_puts(b, "<c:invertIfNegative val=\"0\"/>");
	buf_printf(b, "<c:cat><c:strRef><c:f>Sheet1!$A$2:$A$%zu</c:f>", c->category_count + 1);
	text_cache(b, c->categories, c->category_count);
	buf_printf(b,
		"</c:strRef></c:cat><c:val><c:numRef><c:f>Sheet1!$%c$2:$%c$%zu</c:f><c:numCache><c:formatCode>General</"
		"c:formatCode><c:ptCount val=\"%zu\"/>",
		column, column, c->category_count + 1, c->category_count);
	for (size_t i = 0; i < c->category_count; i++) {
		buf_printf(b, "<c:pt idx=\"%zu\"><c:v>", i);
		chart_value(b, c->series[s].values[i], c->decimals);
		buf_puts(b, "</c:v></c:pt>");
	}
	buf_puts(b, "</c:numCache></c:numRef></c:val>");
	if (c->kind == DOCUMENT_CHART_LINE)
		buf_puts(b, "<c:smooth val=\"0\"/>");
	buf_puts(b, "</c:ser>");
}

static void chart_text(struct buf *b, struct str text, int hundredths_pt)
{
	buf_printf(b,
		"<c:title><c:tx><c:rich><a:bodyPr/><a:p><a:pPr><a:defRPr sz=\"%d\" b=\"0\"/></a:pPr><a:r><a:rPr lang=\"zh-CN\" sz=\"%d\" "
		"b=\"0\"/><a:t>",
		hundredths_pt, hundredths_pt);
	xml_put(b, text);
	buf_puts(b, "</a:t></a:r></a:p></c:rich></c:tx><c:overlay val=\"0\"/></c:title>");
}

static void axes_xml(struct buf *b, const struct document_chart *c)
{
	bool bar = c->kind == DOCUMENT_CHART_BAR;

	buf_printf(b,
		"<c:catAx><c:axId val=\"111111111\"/><c:scaling><c:orientation val=\"%s\"/></c:scaling><c:delete val=\"0\"/><c:axPos "
		"val=\"%s\"/>"
		"<c:numFmt formatCode=\"General\" sourceLinked=\"0\"/><c:majorTickMark val=\"none\"/><c:minorTickMark val=\"none\"/>"
		"<c:tickLblPos val=\"low\"/><c:crossAx val=\"222222222\"/><c:crosses val=\"autoZero\"/><c:auto val=\"1\"/><c:lblAlgn "
		"val=\"ctr\"/>"
		"<c:lblOffset val=\"100\"/><c:noMultiLvlLbl val=\"0\"/></c:catAx>",
		bar ? "maxMin" : "minMax", bar ? "l" : "b");
	buf_printf(b,
		"<c:valAx><c:axId val=\"222222222\"/><c:scaling><c:orientation val=\"minMax\"/></c:scaling><c:delete val=\"0\"/><c:axPos "
		"val=\"%s\"/>"
		"<c:majorGridlines><c:spPr><a:ln w=\"6350\"><a:solidFill><a:srgbClr "
		"val=\"D9D9D9\"/></a:solidFill></a:ln></c:spPr></c:majorGridlines>",
		bar ? "b" : "l");
	if (c->unit.len > 0)
		chart_text(b, c->unit, 900);
	buf_printf(b,
		"<c:numFmt formatCode=\"General\" sourceLinked=\"0\"/><c:majorTickMark val=\"none\"/><c:minorTickMark val=\"none\"/>"
		"<c:tickLblPos val=\"nextTo\"/><c:crossAx val=\"111111111\"/><c:crosses val=\"%s\"/><c:crossBetween "
		"val=\"between\"/></c:valAx>",
		bar ? "max" : "autoZero");
}

void chart_xml(struct buf *b, const struct document_chart *c)
{
	buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
		    "<c:chartSpace xmlns:c=\"http://schemas.openxmlformats.org/drawingml/2006/chart\" "
		    "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" "
		    "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">"
		    "<c:date1904 val=\"0\"/><c:roundedCorners val=\"0\"/><c:chart>");
	if (c->title.len > 0)
		chart_text(b, c->title, 1200);
	buf_printf(b, "<c:autoTitleDeleted val=\"%d\"/><c:plotArea><c:layout/>", c->title.len > 0 ? 0 : 1);
	if (c->kind == DOCUMENT_CHART_LINE)
		buf_puts(b, "<c:lineChart><c:grouping val=\"standard\"/><c:varyColors val=\"0\"/>");
	else
		buf_printf(b, "<c:barChart><c:barDir val=\"%s\"/><c:grouping val=\"clustered\"/><c:varyColors val=\"0\"/>",
			c->kind == DOCUMENT_CHART_BAR ? "bar" : "col");
	for (size_t s = 0; s < c->series_count; s++)
		series_xml(b, c, s);
	if (c->kind == DOCUMENT_CHART_LINE)
		buf_puts(b, "<c:marker val=\"1\"/>");
	else
		buf_puts(b, "<c:gapWidth val=\"60\"/>");
	buf_puts(b, "<c:axId val=\"111111111\"/><c:axId val=\"222222222\"/>");
	buf_puts(b, c->kind == DOCUMENT_CHART_LINE ? "</c:lineChart>" : "</c:barChart>");
	axes_xml(b, c);
	buf_puts(b, "</c:plotArea>");
	if (c->series_count > 1 || c->series[0].name.len > 0)
		buf_puts(b, "<c:legend><c:legendPos val=\"b\"/><c:overlay val=\"0\"/></c:legend>");
	buf_puts(b, "<c:plotVisOnly val=\"1\"/><c:dispBlanksAs val=\"gap\"/></c:chart>"
		    "<c:txPr><a:bodyPr/><a:p><a:pPr><a:defRPr sz=\"900\"/></a:pPr><a:endParaRPr lang=\"zh-CN\"/></a:p></c:txPr>"
		    "<c:externalData r:id=\"rId1\"><c:autoUpdate val=\"0\"/></c:externalData></c:chartSpace>");
}

static void text_cell(struct buf *b, char column, size_t row, struct str text)
{
	buf_printf(b, "<c r=\"%c%zu\" t=\"inlineStr\"><is><t xml:space=\"preserve\">", column, row);
	xml_put(b, text);
	buf_puts(b, "</t></is></c>");
}

static void sheet_xml(struct buf *b, const struct document_chart *c)
{
	buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
		    "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row r=\"1\">");
	text_cell(b, 'A', 1, STR(""));
	for (size_t s = 0; s < c->series_count; s++)
		text_cell(b, column_letter(s + 1), 1, c->series[s].name);
	buf_puts(b, "</row>");
	for (size_t i = 0; i < c->category_count; i++) {
		buf_printf(b, "<row r=\"%zu\">", i + 2);
		text_cell(b, 'A', i + 2, c->categories[i]);
		for (size_t s = 0; s < c->series_count; s++) {
			buf_printf(b, "<c r=\"%c%zu\"><v>", column_letter(s + 1), i + 2);
			chart_value(b, c->series[s].values[i], c->decimals);
			buf_puts(b, "</v></c>");
		}
		buf_puts(b, "</row>");
	}
	buf_puts(b, "</sheetData></worksheet>");
}

static const struct {
	const char *name, *text;
} workbook_parts[] = {
	{ "[Content_Types].xml", "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Types "
				 "xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
				 "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
				 "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
				 "<Override PartName=\"/xl/workbook.xml\" "
				 "ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>"
				 "<Override PartName=\"/xl/worksheets/sheet1.xml\" "
				 "ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
				 "</Types>" },
	{ "_rels/.rels", "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
			 "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" "
			 "Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" "
			 "Target=\"xl/workbook.xml\"/></Relationships>" },
	{ "xl/workbook.xml", "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<workbook "
			     "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" "
			     "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet "
			     "name=\"Sheet1\" sheetId=\"1\" r:id=\"rId1\"/>"
			     "</sheets></workbook>" },
	{ "xl/_rels/workbook.xml.rels",
		"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
		"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" "
		"Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" "
		"Target=\"worksheets/sheet1.xml\"/></Relationships>" },
};

enum err_code chart_workbook(const struct document_chart *c, struct buf *out, struct err *err)
{
	CLEANUP(package_abandonp) struct package *p = NULL;
	CLEANUP(buf_clear) struct buf sheet;

	buf_init(&sheet, DOCUMENT_BYTES_MAX);
	TRY(package_open(&p, err));
	for (size_t i = 0; i < sizeof(workbook_parts) / sizeof(workbook_parts[0]); i++)
		TRY(package_add(p, workbook_parts[i].name, str_of(workbook_parts[i].text), err));
	sheet_xml(&sheet, c);
	if (sheet.failed)
		return err_set(err, ERR_LIMIT, "图表数据过多");
	TRY(package_add(p, "xl/worksheets/sheet1.xml", buf_str(&sheet), err));
	return package_close(&p, out, err);
}
