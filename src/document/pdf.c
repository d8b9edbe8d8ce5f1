/* PDF by pango and cairo. The document becomes one vertical list of rows (a line of text, a slice of a table row, a gap, a chart);
 * breaking into pages looks at heights only, so it can be tried again with another line pitch at no cost. The standard forbids a
 * signature on a page without body text: the pitch is varied by steps of one percent until it has company, and only when that fails are
 * the last two lines of the body moved to it. */
#include <cairo-pdf.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/vec.h"
#include "document/document_private.h"

#define LETTER_SPACING_PT ((CHAR_MM * MM_TO_PT) - BODY_PT) /* 28 characters a line */
#define WIDTH_SLACK_MM 0.2                                 /* rounding of glyph advances must not cost a character */
#define CHART_MM 88.0
#define TABLE_LINE_MM 6.2
#define TABLE_PAD_MM 1.1
#define CC_LINE_MM 8.4
#define QR_MM 24.0
#define LETTER_RULE_MM 170.0

enum row_kind { ROW_TEXT, ROW_GAP, ROW_SLICE, ROW_CHART, ROW_BREAK };
enum row_flag {
	ROW_BODY = 1 << 0,      /* keeps a signature company */
	ROW_KEEP_NEXT = 1 << 1, /* no page break behind it */
	ROW_BLANK = 1 << 2,     /* dropped at the top of a page */
	ROW_SIGN = 1 << 3,      /* signature, date, note */
};

struct placed {
	PangoLayoutLine *line; /* owned by a layout in maker.layouts */
	double x_mm;
};

/** One table with its cells laid out; rows 0 is the head. */
struct grid {
	const struct document_table *table;
	double x_mm[DOCUMENT_COLUMNS_MAX + 1];
	PangoLayout **cells; /* (row_count + 1) * column_count, owned by maker.layouts */
	int head_slices;
};

struct row {
	enum row_kind kind;
	unsigned int flags;
	double lines; /* height: multiples of the pitch … */
	double mm;    /* … plus millimetres that do not change */
	double size_pt;
	struct placed text[2];
	const struct grid *grid;
	size_t grid_row;
	int slice, slices;
	const struct document_chart *chart;
};

struct plan {
	size_t first[DOCUMENT_PAGES_MAX + 1]; /* first row of each page; [pages] = row count */
	int pages;
	double pitch_mm;
	bool sign_alone, cc_alone, too_long;
};

struct maker {
	const struct document *d;
	cairo_t *cr;
	VEC(PangoLayout *) layouts;
	VEC(struct row) rows;
	VEC(struct grid *) grids;
	double first_offset_mm; /* what the red head takes of the first page */
	double cc_mm;           /* height of the 版记 */
	bool failed;
};

static double pt(double mm)
{
	return mm * MM_TO_PT;
}

/* ---- text ---- */

struct text_style {
	enum font_role role;
	double size_pt;
	double width_mm; /* 0: one line, never wrapped */
	double indent_mm;
	double spacing_pt;
	bool justify;
};

/** Glyphs that the FangSong lacks come from Noto, whose em square stands higher: they are lowered to the line. */
static void lower_fallback(PangoLayout *layout, double size_pt)
{
	PangoLayoutIter *iter = pango_layout_get_iter(layout);
	PangoAttrList *attributes = NULL;

	do {
		PangoLayoutRun *run = pango_layout_iter_get_run_readonly(iter);
		PangoFontDescription *font = run ? pango_font_describe(run->item->analysis.font) : NULL;
		const char *family = font ? pango_font_description_get_family(font) : NULL;

		if (family && strncmp(family, "Noto", 4) == 0) {
			PangoAttribute *rise = pango_attr_rise_new((int)lround(-0.07 * size_pt * PANGO_SCALE));

			rise->start_index = (guint)run->item->offset;
			rise->end_index = (guint)(run->item->offset + run->item->length);
			if (!attributes)
				attributes = pango_attr_list_copy(pango_layout_get_attributes(layout));
			pango_attr_list_insert(attributes, rise);
		}
		if (font)
			pango_font_description_free(font);
	} while (pango_layout_iter_next_run(iter));
	pango_layout_iter_free(iter);
	if (attributes) {
		pango_layout_set_attributes(layout, attributes);
		pango_attr_list_unref(attributes);
	}
}

static PangoLayout *make_layout(struct maker *m, struct str text, const struct text_style *style)
{
	PangoLayout *layout = pango_cairo_create_layout(m->cr);
	PangoFontDescription *font = pango_font_description_new();
	PangoAttrList *attributes = pango_attr_list_new();
	int weight;

	pango_font_description_set_family(font, font_families(style->role, &weight));
	pango_font_description_set_weight(font, (PangoWeight)weight);
	pango_font_description_set_absolute_size(font, style->size_pt * PANGO_SCALE);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	if (style->spacing_pt < -0.001 || style->spacing_pt > 0.001)
		pango_attr_list_insert(attributes, pango_attr_letter_spacing_new((int)lround(style->spacing_pt * PANGO_SCALE)));
	pango_attr_list_insert(attributes, pango_attr_language_new(pango_language_from_string("zh-cn")));
	pango_layout_set_attributes(layout, attributes);
	pango_attr_list_unref(attributes);
	if (style->width_mm > 0) {
		pango_layout_set_width(layout, (int)lround(pt(style->width_mm + WIDTH_SLACK_MM) * PANGO_SCALE));
		pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
		pango_layout_set_indent(layout, (int)lround(pt(style->indent_mm) * PANGO_SCALE));
		pango_layout_set_justify(layout, style->justify);
	}
	pango_layout_set_text(layout, text.len ? text.ptr : "", (int)text.len);
	if (strncmp(font_families(style->role, &weight), "Fandol", 6) == 0)
		lower_fallback(layout, style->size_pt);
	if (!vec_push(&m->layouts, layout)) {
		g_object_unref(layout);
		m->failed = true;
		return NULL;
	}
	return layout;
}

static struct row *add_row(struct maker *m, struct row row)
{
	if (!vec_push(&m->rows, row)) {
		m->failed = true;
		return NULL;
	}
	return &m->rows.v[m->rows.len - 1];
}

static double line_width_mm(PangoLayoutLine *line)
{
	PangoRectangle logical;

	pango_layout_line_get_extents(line, NULL, &logical);
	return (double)logical.width / PANGO_SCALE / MM_TO_PT;
}

static double layout_width_mm(PangoLayout *layout)
{
	return layout ? line_width_mm(pango_layout_get_line_readonly(layout, 0)) : 0;
}

enum place { PLACE_LEFT, PLACE_CENTRE, PLACE_RIGHT };

/** One row for each line of the layout. x_mm is the left edge, or the centre, or the right edge, from the left of the type area. */
static void add_lines(struct maker *m, PangoLayout *layout, double size_pt, enum place place, double x_mm, unsigned int flags)
{
	PangoLayoutIter *iter;

	if (!layout)
		return;
	iter = pango_layout_get_iter(layout);
	do {
		PangoLayoutLine *line = pango_layout_iter_get_line_readonly(iter);
		PangoRectangle logical;
		double x = x_mm;

		pango_layout_iter_get_line_extents(iter, NULL, &logical);
		if (place == PLACE_LEFT)
			x += (double)logical.x / PANGO_SCALE / MM_TO_PT;
		else
			x -= line_width_mm(line) * (place == PLACE_CENTRE ? 0.5 : 1.0);
		add_row(m, (struct row){ .kind = ROW_TEXT, .flags = flags, .lines = 1, .size_pt = size_pt, .text = { { line, x } } });
	} while (pango_layout_iter_next_line(iter));
	pango_layout_iter_free(iter);
}

static void add_blank(struct maker *m, int lines, unsigned int flags)
{
	for (int i = 0; i < lines; i++)
		add_row(m, (struct row){ .kind = ROW_GAP, .lines = 1, .flags = flags | ROW_BLANK });
}

static const struct text_style body_style = { FONT_FANG, BODY_PT, AREA_WIDTH_MM, 0, LETTER_SPACING_PT, true };

static void add_paragraph(struct maker *m, struct str text, enum font_role role, double indent_chars, unsigned int flags)
{
	struct text_style style = body_style;

	style.role = role;
	style.indent_mm = indent_chars * CHAR_MM;
	add_lines(m, make_layout(m, text, &style), BODY_PT, PLACE_LEFT, 0, flags);
}

/** Lines of about equal length instead of a full one and a rest. */
static PangoLayout *balanced_layout(struct maker *m, struct str text, enum font_role role, double size_pt)
{
	struct text_style style = { role, size_pt, AREA_WIDTH_MM, 0, 0, false };
	PangoLayout *layout = make_layout(m, text, &style);
	double low = 20, high = AREA_WIDTH_MM;
	int lines;

	if (!layout || (lines = pango_layout_get_line_count(layout)) == 1)
		return layout;
	while (high - low > 0.5) {
		double middle = (low + high) / 2;

		pango_layout_set_width(layout, (int)lround(pt(middle) * PANGO_SCALE));
		if (pango_layout_get_line_count(layout) > lines)
			low = middle;
		else
			high = middle;
	}
	pango_layout_set_width(layout, (int)lround(pt(high) * PANGO_SCALE));
	return layout;
}

static void add_title(struct maker *m, struct str title, unsigned int flags)
{
	struct str line;

	while (str_next(&title, '\n', &line))
		if (str_trim(line).len > 0)
			add_lines(m, balanced_layout(m, str_trim(line), FONT_TITLE, TITLE_PT), TITLE_PT, PLACE_CENTRE, AREA_WIDTH_MM / 2,
				flags | ROW_KEEP_NEXT);
}

/* ---- blocks ---- */

static PangoLayout *cell_layout(struct maker *m, struct str text, enum font_role role, double width_mm)
{
	struct text_style style = { role, TABLE_PT, width_mm - 2 * TABLE_PAD_MM - WIDTH_SLACK_MM, 0, 0, false };

	if (style.width_mm < 5)
		style.width_mm = 5;
	return make_layout(m, text, &style);
}

static void add_grid_rows(struct maker *m, const struct grid *g)
{
	size_t columns = g->table->column_count;

	for (size_t r = 0; r <= g->table->row_count; r++) {
		int slices = 1;

		for (size_t c = 0; c < columns; c++) {
			int n = pango_layout_get_line_count(g->cells[r * columns + c]);

			slices = n > slices ? n : slices;
		}
		for (int s = 0; s < slices; s++) {
			bool keep = r == 0 || (slices <= 8 && s + 1 < slices);

			add_row(m, (struct row){ .kind = ROW_SLICE,
					   .flags = ROW_BODY | (keep ? ROW_KEEP_NEXT : 0),
					   .mm = TABLE_LINE_MM + (s == 0 ? TABLE_PAD_MM : 0) + (s + 1 == slices ? TABLE_PAD_MM : 0),
					   .size_pt = TABLE_PT,
					   .grid = g,
					   .grid_row = r,
					   .slice = s,
					   .slices = slices });
		}
	}
}

static void add_table(struct maker *m, const struct document_table *t)
{
	struct grid *g = calloc(1, sizeof(*g));
	int total = 0;
	double x = 0;

	if (!g || !vec_push(&m->grids, g)) {
		free(g);
		m->failed = true;
		return;
	}
	g->table = t;
	g->cells = calloc((t->row_count + 1) * t->column_count, sizeof(*g->cells));
	if (!g->cells) {
		m->failed = true;
		return; /* cppcheck-suppress memleak ; the grid is in m->grids */
	}
	for (size_t c = 0; c < t->column_count; c++)
		total += t->columns[c].width;
	for (size_t c = 0; c <= t->column_count; c++) {
		g->x_mm[c] = x;
		x += c < t->column_count ? AREA_WIDTH_MM * t->columns[c].width / total : 0;
	}
	for (size_t r = 0; r <= t->row_count; r++)
		for (size_t c = 0; c < t->column_count; c++) {
			struct str text = r == 0 ? t->columns[c].label : t->cells[(r - 1) * t->column_count + c];
			PangoLayout *cell = cell_layout(m, text, r == 0 ? FONT_HEI : FONT_FANG, g->x_mm[c + 1] - g->x_mm[c]);

			if (!cell)
				return;
			g->cells[r * t->column_count + c] = cell;
			if (r == 0 && pango_layout_get_line_count(cell) > g->head_slices)
				g->head_slices = pango_layout_get_line_count(cell);
		}
	if (t->caption.len > 0) {
		struct text_style style = { FONT_HEI, SMALL_PT, AREA_WIDTH_MM, 0, 0, false };

		add_lines(m, make_layout(m, t->caption, &style), SMALL_PT, PLACE_CENTRE, AREA_WIDTH_MM / 2, ROW_BODY | ROW_KEEP_NEXT);
	}
	add_grid_rows(m, g);
	add_row(m, (struct row){ .kind = ROW_GAP, .mm = 3, .flags = ROW_BLANK });
}

static void add_list(struct maker *m, const struct document_block *b)
{
	for (size_t i = 0; i < b->item_count; i++) {
		struct str text = str_printf(m->d->mem, "%zu.%.*s", i + 1, STR_ARG(b->items[i]));

		if (!text.ptr) {
			m->failed = true;
			return;
		}
		add_paragraph(m, text, FONT_FANG, 2, ROW_BODY);
	}
}

static void add_blocks(struct maker *m)
{
	static const enum font_role heading_roles[] = { FONT_HEI, FONT_KAI, FONT_FANG, FONT_FANG };
	struct heading_counter counter = { 0 };

	for (size_t i = 0; i < m->d->block_count; i++) {
		const struct document_block *b = &m->d->blocks[i];
		char number[32];

		switch (b->kind) {
		case DOCUMENT_HEADING:
			heading_number(&counter, b->level, number);
			add_paragraph(m, str_printf(m->d->mem, "%s%.*s", number, STR_ARG(b->text)), heading_roles[b->level - 1], 2,
				ROW_BODY | ROW_KEEP_NEXT);
			break;
		case DOCUMENT_PARAGRAPH:
			add_paragraph(m, b->text, FONT_FANG, 2, ROW_BODY);
			break;
		case DOCUMENT_FLUSH:
			add_paragraph(m, b->text, FONT_FANG, 0, ROW_BODY);
			break;
		case DOCUMENT_LIST:
			add_list(m, b);
			break;
		case DOCUMENT_TABLE:
			add_table(m, &b->table);
			break;
		case DOCUMENT_CHART:
			add_row(m, (struct row){ .kind = ROW_CHART, .mm = CHART_MM, .flags = ROW_BODY, .chart = &b->chart });
			break;
		case DOCUMENT_PAGE_BREAK:
			add_row(m, (struct row){ .kind = ROW_BREAK });
			break;
		}
	}
}

/* ---- what stands behind the body ---- */

static const struct text_style one_line = { FONT_FANG, BODY_PT, 0, 0, LETTER_SPACING_PT, false };

static void add_attachments(struct maker *m)
{
	const struct document *d = m->d;

	if (d->attachment_count == 0)
		return;
	add_blank(m, 1, 0);
	for (size_t i = 0; i < d->attachment_count; i++) {
		struct str prefix = d->attachment_count == 1 ? STR("附件：") : str_printf(d->mem, "%s%zu.", i == 0 ? "附件：" : "", i + 1);
		double prefix_x = (i == 0 ? 2 : 5) * CHAR_MM, name_x;
		PangoLayout *mark = make_layout(m, prefix, &one_line), *name;
		struct text_style style = body_style;
		size_t first = m->rows.len;

		name_x = prefix_x + layout_width_mm(mark);
		style.width_mm = AREA_WIDTH_MM - name_x;
		name = make_layout(m, d->attachments[i], &style);
		add_lines(m, name, BODY_PT, PLACE_LEFT, name_x, 0);
		if (mark && first < m->rows.len)
			m->rows.v[first].text[1] = (struct placed){ pango_layout_get_line_readonly(mark, 0), prefix_x };
	}
}

static void add_signature(struct maker *m)
{
	const struct document *d = m->d;
	unsigned int flags = ROW_SIGN | ROW_KEEP_NEXT;
	PangoLayout *issuer, *date;
	double issuer_mm, date_mm, date_right, centre;
	size_t first = m->rows.len;

	if (d->issuer.len == 0 && d->issued_on == DAY_NONE && d->note.len == 0)
		return;
	add_blank(m, d->room_for_seal ? 2 : 1, flags);
	issuer = make_layout(m, d->issuer, &one_line);
	date = make_layout(m, document_date(d->mem, d->issued_on), &one_line);
	issuer_mm = layout_width_mm(issuer);
	date_mm = layout_width_mm(date);
	/* The date ends four characters from the right, the issuer is centred over it; a long issuer ends two from the right instead. */
	date_right = AREA_WIDTH_MM - 4 * CHAR_MM;
	centre = date_right - date_mm / 2;
	if (centre + issuer_mm / 2 > AREA_WIDTH_MM - 2 * CHAR_MM)
		centre = AREA_WIDTH_MM - 2 * CHAR_MM - issuer_mm / 2;
	if (d->issuer.len > 0)
		add_lines(m, issuer, BODY_PT, PLACE_CENTRE, centre, flags);
	if (d->issuer.len > 0 || d->issued_on != DAY_NONE)
		add_lines(m, date, BODY_PT, PLACE_CENTRE, centre, flags);
	if (d->note.len > 0) {
		struct text_style style = body_style;

		style.indent_mm = 2 * CHAR_MM;
		add_lines(m, make_layout(m, d->note, &style), BODY_PT, PLACE_LEFT, 0, flags);
	}
	if (m->rows.len > first)
		m->rows.v[m->rows.len - 1].flags &= ~(unsigned int)ROW_KEEP_NEXT;
}

/* ---- pages ---- */

static double row_height(const struct row *r, double pitch_mm)
{
	return r->lines * pitch_mm + r->mm;
}

/** What the head of a table takes when its later rows begin a page. */
static double head_height(const struct row *r)
{
	if (r->kind != ROW_SLICE || r->grid_row == 0)
		return 0;
	return r->grid->head_slices * TABLE_LINE_MM + 2 * TABLE_PAD_MM;
}

/** The row that has to begin the next page when row `at` does not fit on the page that began with `start`. */
static size_t break_before(const struct maker *m, size_t start, size_t at)
{
	size_t i = at;

	while (i > start && m->rows.v[i - 1].flags & ROW_KEEP_NEXT)
		i--;
	return i > start ? i : at; /* a group longer than a page is broken where it must be */
}

/** True when a page carries the signature but no line of the body. */
static bool sign_alone(const struct maker *m, const struct plan *p)
{
	for (int page = 0; page < p->pages; page++) {
		unsigned int flags = 0;

		for (size_t i = p->first[page]; i < p->first[page + 1]; i++)
			flags |= m->rows.v[i].flags;
		if (flags & ROW_SIGN && !(flags & ROW_BODY))
			return true;
	}
	return false;
}

static void paginate(const struct maker *m, double pitch_mm, size_t forced_break, struct plan *p)
{
	size_t start = 0, i = 0;
	double y = m->first_offset_mm;

	*p = (struct plan){ .pitch_mm = pitch_mm, .pages = 1 };
	while (i < m->rows.len) {
		const struct row *r = &m->rows.v[i];
		double height = r->flags & ROW_BLANK && i == start && i > 0 ? 0 : row_height(r, pitch_mm);
		bool must = i > start && (i == forced_break || m->rows.v[i - 1].kind == ROW_BREAK);

		if (must || (i > start && y + height > AREA_HEIGHT_MM + 0.01)) {
			if (p->pages == DOCUMENT_PAGES_MAX - 1) {
				p->too_long = true;
				return;
			}
			start = i = must ? i : break_before(m, start, i);
			p->first[p->pages++] = start;
			y = head_height(&m->rows.v[i]);
			continue;
		}
		y += height;
		i++;
	}
	p->first[p->pages] = m->rows.len;
	p->sign_alone = sign_alone(m, p);
	if (m->cc_mm > 0 && y + m->cc_mm > AREA_HEIGHT_MM + 0.01) {
		p->cc_alone = true;
		p->pages++;
		p->first[p->pages] = m->rows.len;
	}
}

/** The first line of the two that will keep the signature company. */
static size_t company(const struct maker *m)
{
	size_t i = m->rows.len, lines = 0;

	while (i > 0 && lines < 2)
		lines += (m->rows.v[--i].flags & ROW_BODY) != 0;
	while (i > 0 && m->rows.v[i - 1].flags & ROW_KEEP_NEXT)
		i--;
	return i;
}

static enum err_code choose_plan(const struct maker *m, struct plan *ret, struct document_layout *layout, struct err *err)
{
	static const int thousandths[] = { 1000, 990, 980, 970, 960, 950, 940, 930, 920, 1010, 1020, 1030, 1040, 1050, 1060 };
	size_t good = 0, acceptable = 0, n = sizeof(thousandths) / sizeof(thousandths[0]);
	bool found_acceptable = false;

	for (good = 0; good < n; good++) {
		paginate(m, PITCH_MM * thousandths[good] / 1000, SIZE_MAX, ret);
		if (ret->too_long)
			return err_set(err, ERR_LIMIT, "文书超过 %d 页", DOCUMENT_PAGES_MAX - 1);
		if (!ret->sign_alone && !ret->cc_alone)
			break;
		if (!ret->sign_alone && !found_acceptable) {
			found_acceptable = true;
			acceptable = good;
		}
	}
	if (good == n && found_acceptable) {
		good = acceptable;
		paginate(m, PITCH_MM * thousandths[good] / 1000, SIZE_MAX, ret);
	}
	if (good == n) {
		good = 0;
		paginate(m, PITCH_MM, company(m), ret);
		layout->moved = true;
	}
	layout->pages = ret->pages;
	layout->pitch_thousandths = thousandths[good];
	layout->tightened = thousandths[good] != 1000;
	return ERR_OK;
}

/* ---- drawing ---- */

static void set_black(cairo_t *cr)
{
	cairo_set_source_rgb(cr, 0, 0, 0);
}

static void set_red(cairo_t *cr)
{
	cairo_set_source_rgb(cr, 0.86, 0.04, 0.04);
}

static void rule(cairo_t *cr, double x1_mm, double x2_mm, double y_mm, double width_mm)
{
	cairo_new_path(cr);
	cairo_set_line_width(cr, pt(width_mm));
	cairo_move_to(cr, pt(x1_mm), pt(y_mm));
	cairo_line_to(cr, pt(x2_mm), pt(y_mm));
	cairo_stroke(cr);
}

/** Text whose em square is centred in a band `height_mm` high. */
static void show_line(cairo_t *cr, PangoLayoutLine *line, double x_mm, double top_mm, double height_mm, double size_pt)
{
	double em_top = pt(top_mm) + (pt(height_mm) - size_pt) / 2;

	cairo_new_path(cr);
	cairo_move_to(cr, pt(x_mm), em_top + 0.86 * size_pt);
	pango_cairo_show_layout_line(cr, line);
}

/** One unwrapped text at a place; returns its width. */
static double show_text(
	struct maker *m, struct str text, const struct text_style *style, enum place place, double x_mm, double top_mm, double height_mm)
{
	PangoLayout *layout = make_layout(m, text, style);
	double width;

	if (!layout)
		return 0;
	width = layout_width_mm(layout);
	x_mm -= place == PLACE_CENTRE ? width / 2 : place == PLACE_RIGHT ? width : 0;
	show_line(m->cr, pango_layout_get_line_readonly(layout, 0), x_mm, top_mm, height_mm, style->size_pt);
	return width;
}

/** The size at which the issuer's mark fills at most the type area, and at most `max_pt`. */
static double mark_size(struct maker *m, double max_pt)
{
	struct text_style style = { FONT_TITLE, max_pt, 0, 0, 0, false };
	double width = layout_width_mm(make_layout(m, m->d->issuer_mark, &style));

	return width > AREA_WIDTH_MM ? max_pt * AREA_WIDTH_MM / width : max_pt;
}

#define OFFICIAL_MARK_PT 54.0
#define LETTER_MARK_PT 44.0
#define LETTER_MARK_TOP_MM 30.0

/** Letter: y of the first double rule. */
static double letter_rule_y(void)
{
	return LETTER_MARK_TOP_MM + LETTER_MARK_PT / MM_TO_PT + 4;
}

static int marks_left(const struct document *d)
{
	return (d->secrecy.len > 0) + (d->urgency.len > 0);
}

/** Heights of the head, so that rows begin below it; drawn later by draw_head with the same numbers. */
static double head_offset(const struct document *d)
{
	double half_gap = (PITCH_MM - BODY_PT / MM_TO_PT) / 2; /* em square centred in its line */

	if (d->form == DOCUMENT_OFFICIAL)
		return 35 + OFFICIAL_MARK_PT / MM_TO_PT + 3 * PITCH_MM + 4 - half_gap + 2 * PITCH_MM;
	if (d->form == DOCUMENT_LETTER) {
		int lines = marks_left(d) > 1 ? marks_left(d) : 1;

		return letter_rule_y() - AREA_TOP_MM + 1.5 + half_gap + lines * PITCH_MM + 2 * PITCH_MM;
	}
	return 0;
}

static void draw_marks_left(struct maker *m, double top_mm)
{
	struct text_style style = { FONT_HEI, BODY_PT, 0, 0, 0, false };
	struct str marks[] = { m->d->secrecy, m->d->urgency };

	for (size_t i = 0; i < 2; i++)
		if (marks[i].len > 0) {
			show_text(m, marks[i], &style, PLACE_LEFT, AREA_LEFT_MM, top_mm, PITCH_MM);
			top_mm += PITCH_MM;
		}
}

static void draw_official_head(struct maker *m)
{
	const struct document *d = m->d;
	struct text_style style = { FONT_TITLE, mark_size(m, OFFICIAL_MARK_PT), 0, 0, 0, false };
	double mark_mm = OFFICIAL_MARK_PT / MM_TO_PT, y = AREA_TOP_MM + 35;

	draw_marks_left(m, AREA_TOP_MM);
	set_red(m->cr);
	show_text(m, d->issuer_mark, &style, PLACE_CENTRE, PAGE_WIDTH_MM / 2, y, mark_mm);
	set_black(m->cr);
	y += mark_mm + 2 * PITCH_MM;
	if (d->signer.len > 0) {
		struct text_style kai = { FONT_KAI, BODY_PT, 0, 0, 0, false };
		double right = AREA_LEFT_MM + AREA_WIDTH_MM - CHAR_MM;
		double width = show_text(m, d->signer, &kai, PLACE_RIGHT, right, y, PITCH_MM);

		show_text(m, STR("签发人："), &one_line, PLACE_RIGHT, right - width, y, PITCH_MM);
		show_text(m, d->number, &one_line, PLACE_LEFT, AREA_LEFT_MM + CHAR_MM, y, PITCH_MM);
	} else {
		show_text(m, d->number, &one_line, PLACE_CENTRE, PAGE_WIDTH_MM / 2, y, PITCH_MM);
	}
	y += PITCH_MM - (PITCH_MM - BODY_PT / MM_TO_PT) / 2 + 4;
	set_red(m->cr);
	rule(m->cr, AREA_LEFT_MM, AREA_LEFT_MM + AREA_WIDTH_MM, y, 0.7);
	set_black(m->cr);
}

static void draw_letter_head(struct maker *m)
{
	const struct document *d = m->d;
	struct text_style style = { FONT_TITLE, mark_size(m, LETTER_MARK_PT), 0, 0, 0, false };
	double left = (PAGE_WIDTH_MM - LETTER_RULE_MM) / 2, y = letter_rule_y(), below;

	set_red(m->cr);
	show_text(m, d->issuer_mark, &style, PLACE_CENTRE, PAGE_WIDTH_MM / 2, LETTER_MARK_TOP_MM, LETTER_MARK_PT / MM_TO_PT);
	rule(m->cr, left, left + LETTER_RULE_MM, y, 1.0);
	rule(m->cr, left, left + LETTER_RULE_MM, y + 1.2, 0.35);
	rule(m->cr, left, left + LETTER_RULE_MM, PAGE_HEIGHT_MM - 20 - 1.2, 0.35);
	rule(m->cr, left, left + LETTER_RULE_MM, PAGE_HEIGHT_MM - 20, 1.0);
	set_black(m->cr);
	below = y + 1.5 + (PITCH_MM - BODY_PT / MM_TO_PT) / 2;
	draw_marks_left(m, below);
	show_text(m, d->number, &one_line, PLACE_RIGHT, AREA_LEFT_MM + AREA_WIDTH_MM, below, PITCH_MM);
}

/** 版记 at the bottom of the last page: with rules and printer in the official form, the copies alone in a letter. */
static double draw_cc(struct maker *m, bool measure)
{
	const struct document *d = m->d;
	bool official = d->form == DOCUMENT_OFFICIAL;
	struct text_style style = { FONT_FANG, SMALL_PT, AREA_WIDTH_MM - 2 * CHAR_MM, 0, 0, false };
	struct str printed =
		d->printed_on != DAY_NONE ? str_printf(d->mem, "%.*s印发", STR_ARG(document_date(d->mem, d->printed_on))) : STR("");
	bool printer = official && (d->printer.len > 0 || printed.len > 0);
	double left = AREA_LEFT_MM, right = AREA_LEFT_MM + AREA_WIDTH_MM, height, y;
	PangoLayout *copies = NULL;
	int lines = 0;

	if (d->cc.len > 0) {
		style.indent_mm = -3 * SMALL_PT / MM_TO_PT; /* later lines stand under the first recipient */
		copies = make_layout(m, str_printf(d->mem, "抄送：%.*s。", STR_ARG(d->cc)), &style);
		lines = copies ? pango_layout_get_line_count(copies) : 0;
	}
	height = lines * CC_LINE_MM + (printer ? CC_LINE_MM : 0);
	if (measure || height <= 0)
		return height > 0 ? height + 2 : 0;
	y = AREA_TOP_MM + AREA_HEIGHT_MM - height;
	if (official)
		rule(m->cr, left, right, y, 0.35);
	for (int i = 0; i < lines; i++) {
		double x = left + CHAR_MM + (i > 0 ? 3 * SMALL_PT / MM_TO_PT : 0);

		show_line(m->cr, pango_layout_get_line_readonly(copies, i), x, y, CC_LINE_MM, SMALL_PT);
		y += CC_LINE_MM;
	}
	if (printer) {
		struct text_style small = { FONT_FANG, SMALL_PT, 0, 0, 0, false };

		if (lines > 0)
			rule(m->cr, left, right, y, 0.25);
		show_text(m, d->printer, &small, PLACE_LEFT, left + CHAR_MM, y, CC_LINE_MM);
		show_text(m, printed, &small, PLACE_RIGHT, right - CHAR_MM, y, CC_LINE_MM);
	}
	if (official)
		rule(m->cr, left, right, AREA_TOP_MM + AREA_HEIGHT_MM, 0.35);
	return height;
}

static void draw_page_number(struct maker *m, int page)
{
	struct text_style style = { FONT_SONG, SMALL_PT, 0, 0, 0, false };
	struct str text = str_printf(m->d->mem, "— %d —", page);
	double top = AREA_TOP_MM + AREA_HEIGHT_MM + 7 - (6 - SMALL_PT / MM_TO_PT) / 2;

	if (m->d->form == DOCUMENT_LETTER && page == 1)
		return;
	if (page % 2 == 1)
		show_text(m, text, &style, PLACE_RIGHT, AREA_LEFT_MM + AREA_WIDTH_MM - CHAR_MM, top, 6);
	else
		show_text(m, text, &style, PLACE_LEFT, AREA_LEFT_MM + CHAR_MM, top, 6);
}

static void draw_watermark(struct maker *m)
{
	struct text_style big = { FONT_HEI, 84, 0, 0, 0, false }, small = { FONT_HEI, 10.5, 0, 0, 0, false };
	struct str mark = m->d->watermark;
	PangoLayout *layout;

	if (mark.len == 0)
		return;
	cairo_save(m->cr);
	cairo_set_source_rgb(m->cr, 0.93, 0.93, 0.93);
	cairo_translate(m->cr, pt(PAGE_WIDTH_MM / 2), pt(PAGE_HEIGHT_MM / 2));
	cairo_rotate(m->cr, -0.6);
	layout = make_layout(m, mark, &big);
	if (layout) { /* as a shape: it must not get between the lines when text is copied from the page */
		cairo_move_to(m->cr, pt(-layout_width_mm(layout) / 2), big.size_pt * 0.36);
		pango_cairo_layout_line_path(m->cr, pango_layout_get_line_readonly(layout, 0));
		cairo_fill(m->cr);
	}
	cairo_restore(m->cr);
	cairo_set_source_rgb(m->cr, 0.45, 0.45, 0.45);
	show_text(m, mark, &small, PLACE_CENTRE, PAGE_WIDTH_MM / 2, 14, 6);
	set_black(m->cr);
}

/** Borders and text of one line of a table row; `top` and `bottom` tell where the row is closed here. */
static void draw_slice(struct maker *m, const struct row *r, double y_mm, double height_mm, bool top, bool bottom)
{
	const struct grid *g = r->grid;
	size_t columns = g->table->column_count;
	double text_top = y_mm + (r->slice == 0 ? TABLE_PAD_MM : 0);

	for (size_t c = 0; c <= columns; c++) {
		cairo_new_path(m->cr);
		cairo_set_line_width(m->cr, pt(0.18));
		cairo_move_to(m->cr, pt(AREA_LEFT_MM + g->x_mm[c]), pt(y_mm));
		cairo_line_to(m->cr, pt(AREA_LEFT_MM + g->x_mm[c]), pt(y_mm + height_mm));
		cairo_stroke(m->cr);
	}
	if (top)
		rule(m->cr, AREA_LEFT_MM, AREA_LEFT_MM + AREA_WIDTH_MM, y_mm, 0.18);
	if (bottom)
		rule(m->cr, AREA_LEFT_MM, AREA_LEFT_MM + AREA_WIDTH_MM, y_mm + height_mm, 0.18);
	for (size_t c = 0; c < columns; c++) {
		PangoLayout *cell = g->cells[r->grid_row * columns + c];
		int lines = pango_layout_get_line_count(cell);
		enum document_align align = r->grid_row == 0 ? DOCUMENT_CENTRE : g->table->columns[c].align;
		double left = AREA_LEFT_MM + g->x_mm[c] + TABLE_PAD_MM, right = AREA_LEFT_MM + g->x_mm[c + 1] - TABLE_PAD_MM, x = left,
		       middle = 0;
		PangoLayoutLine *line;

		if (r->slices <= 8) /* short rows: cells stand in the middle of the row's height */
			middle = (r->slices - lines) * TABLE_LINE_MM / 2;
		if (r->slice >= lines)
			continue;
		line = pango_layout_get_line_readonly(cell, r->slice);
		if (align == DOCUMENT_CENTRE)
			x = (left + right - line_width_mm(line)) / 2;
		else if (align == DOCUMENT_RIGHT)
			x = right - line_width_mm(line);
		show_line(m->cr, line, x, text_top + middle, TABLE_LINE_MM, TABLE_PT);
	}
}

/** The head of a table again, at the top of a page. */
static double draw_head_again(struct maker *m, const struct grid *g, double y_mm)
{
	double start = y_mm;

	for (int s = 0; s < g->head_slices; s++) {
		struct row head = { .kind = ROW_SLICE, .grid = g, .grid_row = 0, .slice = s, .slices = g->head_slices };
		double height = TABLE_LINE_MM + (s == 0 ? TABLE_PAD_MM : 0) + (s + 1 == g->head_slices ? TABLE_PAD_MM : 0);

		draw_slice(m, &head, y_mm, height, s == 0, s + 1 == g->head_slices);
		y_mm += height;
	}
	return y_mm - start;
}

static enum err_code draw_qr(struct maker *m, double top_mm, struct err *err)
{
	struct text_style tiny = { FONT_HEI, 7.5, 0, 0, 0, false };

	TRY(qr_draw(m->cr, m->d->qr, pt(AREA_LEFT_MM), pt(top_mm), pt(QR_MM), err));
	if (m->d->qr_note.len > 0)
		show_text(m, m->d->qr_note, &tiny, PLACE_CENTRE, AREA_LEFT_MM + QR_MM / 2, top_mm + QR_MM - 1, 4);
	return ERR_OK;
}

static enum err_code draw_page(struct maker *m, const struct plan *p, int page, struct err *err)
{
	const struct row *rows = m->rows.v;
	size_t first = p->first[page], end = p->first[page + 1];
	double y = AREA_TOP_MM + (page == 0 ? m->first_offset_mm : 0);
	bool qr_drawn = m->d->qr.len == 0;

	draw_watermark(m);
	if (page == 0 && m->d->form == DOCUMENT_OFFICIAL)
		draw_official_head(m);
	if (page == 0 && m->d->form == DOCUMENT_LETTER)
		draw_letter_head(m);
	if (page > 0 && first < end && head_height(&rows[first]) > 0)
		y += draw_head_again(m, rows[first].grid, y);
	for (size_t i = first; i < end; i++) {
		const struct row *r = &rows[i];
		double height = row_height(r, p->pitch_mm);

		if (r->flags & ROW_BLANK && i == first && i > 0)
			continue;
		if (!qr_drawn && r->flags & ROW_SIGN) {
			TRY(draw_qr(m, y + 1, err));
			qr_drawn = true;
		}
		if (r->kind == ROW_TEXT)
			for (int t = 0; t < 2 && r->text[t].line; t++)
				show_line(m->cr, r->text[t].line, AREA_LEFT_MM + r->text[t].x_mm, y, height, r->size_pt);
		else if (r->kind == ROW_SLICE)
			draw_slice(m, r, y, height, r->slice == 0 || i == first, r->slice + 1 == r->slices || i + 1 == end);
		else if (r->kind == ROW_CHART)
			chart_draw(m->cr, r->chart, pt(AREA_LEFT_MM), pt(y + 2), pt(AREA_WIDTH_MM), pt(height - 4));
		set_black(m->cr);
		y += height;
	}
	if (page + 1 == p->pages) {
		bool signed_document = m->d->issuer.len > 0 || m->d->issued_on != DAY_NONE || m->d->note.len > 0;

		if (!qr_drawn && !signed_document)
			TRY(draw_qr(m, AREA_TOP_MM + AREA_HEIGHT_MM - QR_MM - 4, err));
		draw_cc(m, false);
	}
	draw_page_number(m, page + 1);
	cairo_show_page(m->cr);
	return ERR_OK;
}

/* ---- the file ---- */

static void maker_clear(struct maker *m)
{
	for (size_t i = 0; i < m->layouts.len; i++)
		g_object_unref(m->layouts.v[i]);
	for (size_t i = 0; i < m->grids.len; i++) {
		free(m->grids.v[i]->cells);
		free(m->grids.v[i]);
	}
	vec_clear(&m->layouts);
	vec_clear(&m->rows);
	vec_clear(&m->grids);
}

static cairo_status_t write_pdf(void *arg, const unsigned char *data, unsigned int length)
{
	struct buf *out = arg;

	buf_put(out, (struct str){ .ptr = (const char *)data, .len = length });
	return out->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void set_metadata(cairo_surface_t *surface, const struct document *d)
{
	char made[25], *title = str_cstr(d->mem, d->title), *author = str_cstr(d->mem, d->author.len ? d->author : d->issuer);

	time_format(d->made_ms, made);
	memcpy(made + 19, "Z", 2); /* without milliseconds, which cairo does not read */
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, made);
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, made);
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Xiezhi");
	for (char *c = title; c && *c; c++)
		if (*c == '\n')
			*c = ' ';
	if (title)
		cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title);
	if (author)
		cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, author);
}

static enum err_code make_pages(struct maker *m, struct document_layout *layout, struct err *err)
{
	const struct document *d = m->d;
	CLEANUP(mem_freep) struct plan *plan = calloc(1, sizeof(*plan));

	if (!plan)
		return err_nomem(err);
	m->first_offset_mm = head_offset(d);
	add_title(m, d->title, 0);
	if (d->title.len > 0)
		add_blank(m, 1, ROW_KEEP_NEXT);
	if (d->main_to.len > 0)
		add_paragraph(m, str_printf(d->mem, "%.*s：", STR_ARG(d->main_to)), FONT_FANG, 0, ROW_KEEP_NEXT);
	add_blocks(m);
	add_attachments(m);
	add_signature(m);
	m->cc_mm = draw_cc(m, true);
	if (m->failed)
		return err_nomem(err);
	TRY(choose_plan(m, plan, layout, err));
	for (int page = 0; page < plan->pages; page++)
		TRY(draw_page(m, plan, page, err));
	return m->failed ? err_nomem(err) : ERR_OK;
}

enum err_code document_pdf(const struct document *d, struct buf *out, struct document_layout *ret_layout, struct err *err)
{
	struct maker m = { .d = d };
	struct document_layout layout = { 0 };
	cairo_surface_t *surface;
	cairo_status_t status;
	enum err_code code;

	TRY(document_check(d, err));
	surface = cairo_pdf_surface_create_for_stream(write_pdf, out, pt(PAGE_WIDTH_MM), pt(PAGE_HEIGHT_MM));
	set_metadata(surface, d);
	m.cr = cairo_create(surface);
	code = make_pages(&m, &layout, err);
	maker_clear(&m);
	status = cairo_status(m.cr);
	cairo_destroy(m.cr);
	cairo_surface_finish(surface);
	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_status(surface);
	cairo_surface_destroy(surface);
	if (code != ERR_OK)
		return code;
	if (status != CAIRO_STATUS_SUCCESS)
		return out->failed ? err_set(err, ERR_LIMIT, "PDF 超过 %u 字节", DOCUMENT_BYTES_MAX)
		                   : err_set(err, ERR_INTERNAL, "PDF：%s", cairo_status_to_string(status));
	if (ret_layout)
		*ret_layout = layout;
	return ERR_OK;
}
