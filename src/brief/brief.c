/* What a brief says, as blocks: definition, figures, chart, agencies, suspected problems, missing data. */
#include "brief/brief.h"
#include "org/org.h"

#include <stdio.h>
#include <stdlib.h>

#define AGENCIES_ON_PAGE 24 /* more are summed by government, with every agency in an annex */
#define ANNEX_AGENCIES_MAX 600
#define PAIRS_PER_ROW 3
#define RULES_MAX_SHOWN 8
#define MISSING_MAX 30

struct making {
	struct db *db;
	const struct brief_options *o;
	struct arena *mem;
	struct document *d;
	struct record_stats months, agencies;
};

static struct str number(struct making *m, int64_t n)
{
	return str_printf(m->mem, "%lld", (long long)n);
}

/** "增加 12.5%", "减少 3 件（上年同期不足 10 件，不计比例）", "持平": no rate of a small base. */
static struct str change(struct making *m, int64_t now, int64_t before)
{
	int64_t difference = now - before;
	const char *word = difference > 0 ? "增加" : "减少";
	int64_t magnitude = difference < 0 ? -difference : difference;

	if (difference == 0)
		return STR("与上年同期持平");
	if (before < 10)
		return str_printf(m->mem, "比上年同期%s %lld 件（上年同期 %lld 件，基数小，不计比例）", word, (long long)magnitude,
			(long long)before);
	return str_printf(m->mem, "比上年同期%s %lld 件（%lld.%lld%%，上年同期 %lld 件）", word, (long long)magnitude,
		(long long)(magnitude * 100 / before), (long long)(magnitude * 1000 / before % 10), (long long)before);
}

static void put_definition(struct making *m)
{
	const struct dictionary_type *t = m->o->query.type;
	struct str date = t->date >= 0 ? t->columns[t->date].label.zh : STR("登记日期");
	struct str words = m->o->filter_words.len ? m->o->filter_words : STR("不限");

	document_heading(m->d, 1, STR("口径"));
	document_paragraphs(m->d, str_printf(m->mem,
					  "统计对象为%.*s，按%.*s计入 %.*s 至 %.*s；筛选条件：%.*s；范围为当前账号的管辖范围。数据截至 "
					  "%.*s（库中最新的%.*s），件数和上年同期都只算到数据截至日。",
					  STR_ARG(t->label.zh), STR_ARG(date), STR_ARG(document_date(m->mem, m->o->from)),
					  STR_ARG(document_date(m->mem, m->o->to)), STR_ARG(words),
					  STR_ARG(document_date(m->mem, m->months.cutoff)), STR_ARG(date)));
}

/** "2025年11月" for the first and for January, "12月" for the others: the year is said once. */
static struct str short_month(struct str label, bool first)
{
	ptrdiff_t year = str_find(label, STR("年"));
	struct str month = year < 0 ? label : str_sub(label, (size_t)year + sizeof("年") - 1, label.len);

	return first || str_eq(month, STR("1月")) ? label : month;
}

static void put_figures(struct making *m)
{
	struct str *categories = ARENA_NEW(m->mem, struct str, m->months.series_count + 1);
	int64_t *values = ARENA_NEW(m->mem, int64_t, m->months.series_count + 1);
	struct document_series series = { .name = STR("件数"), .values = values };

	document_heading(m->d, 1, STR("总量"));
	document_paragraphs(m->d, str_printf(m->mem, "期间共 %lld 件，%.*s。", (long long)m->months.count,
					  STR_ARG(change(m, m->months.count, m->months.last_year))));
	if (!categories || !values || m->months.series_count == 0)
		return;
	for (size_t i = 0; i < m->months.series_count; i++) {
		categories[i] = short_month(m->months.series[i].label, i == 0);
		values[i] = m->months.series[i].count;
	}
	document_chart(m->d, &(struct document_chart){ .title = STR("按月件数"),
				     .kind = DOCUMENT_CHART_COLUMN,
				     .categories = categories,
				     .category_count = m->months.series_count,
				     .series = &series,
				     .series_count = 1,
				     .unit = STR("件") });
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct record_series *)a)->label, ((const struct record_series *)b)->label);
}

/** Three pairs a row, in the order of their names. */
static void put_pairs(struct making *m, struct str heading, struct str what, const struct record_series *series, size_t count)
{
	struct document_column columns[PAIRS_PER_ROW * 2];
	size_t row_count = (count + PAIRS_PER_ROW - 1) / PAIRS_PER_ROW;
	struct str *cells = ARENA_NEW(m->mem, struct str, row_count * PAIRS_PER_ROW * 2 + 1);

	if (!cells)
		return;
	for (size_t i = 0; i < PAIRS_PER_ROW; i++) {
		columns[i * 2] = (struct document_column){ .label = what, .width = 4 };
		columns[i * 2 + 1] = (struct document_column){ .label = STR("件"), .width = 1, .align = DOCUMENT_RIGHT };
	}
	for (size_t i = 0; i < row_count * PAIRS_PER_ROW; i++) {
		cells[i * 2] = i < count ? series[i].label : STR("");
		cells[i * 2 + 1] = i < count ? number(m, series[i].count) : STR("");
	}
	document_heading(m->d, 1, heading);
	document_table(m->d,
		&(struct document_table){ .columns = columns, .column_count = PAIRS_PER_ROW * 2, .cells = cells, .row_count = row_count });
}

/** Sums of agencies by the government they belong to. */
static enum err_code by_government(struct making *m, struct record_series **ret, size_t *ret_count, struct err *err)
{
	struct record_series *sums = ARENA_NEW(m->mem, struct record_series, m->agencies.series_count + 1);
	size_t count = 0;

	if (!sums)
		return err_nomem(err);
	for (size_t i = 0; i < m->agencies.series_count; i++) {
		const struct record_series *s = &m->agencies.series[i];
		struct str name = s->label;
		struct org government;
		size_t at = 0;

		if (s->org_id > 0) {
			TRY(org_government_of(m->db, s->org_id, m->mem, &government, err));
			name = str_printf(m->mem, "%.*s所属机关", STR_ARG(government.name));
		}
		while (at < count && !str_eq(sums[at].label, name))
			at++;
		if (at == count)
			sums[count++] = (struct record_series){ .label = name };
		sums[at].count += s->count;
	}
	qsort(sums, count, sizeof(*sums), by_name);
	*ret = sums;
	*ret_count = count;
	return ERR_OK;
}

static enum err_code put_agencies(struct making *m, struct err *err)
{
	struct record_series *sums = NULL;
	size_t count = 0;

	if (m->agencies.series_count == 0)
		return ERR_OK;
	qsort(m->agencies.series, m->agencies.series_count, sizeof(*m->agencies.series), by_name);
	if (m->agencies.series_count <= AGENCIES_ON_PAGE) {
		put_pairs(m, STR("按机关（按名称排列，不排名）"), STR("机关"), m->agencies.series, m->agencies.series_count);
		return ERR_OK;
	}
	TRY(by_government(m, &sums, &count, err));
	put_pairs(m, STR("按所属政府（按名称排列，不排名；各机关见附表）"), STR("所属政府"), sums,
		count < AGENCIES_ON_PAGE ? count : AGENCIES_ON_PAGE);
	return ERR_OK;
}

static void put_annex(struct making *m)
{
	size_t count = m->agencies.series_count < ANNEX_AGENCIES_MAX ? m->agencies.series_count : ANNEX_AGENCIES_MAX;

	if (m->agencies.series_count <= AGENCIES_ON_PAGE)
		return;
	document_page_break(m->d);
	put_pairs(m, STR("附表：各机关件数（按名称排列，不排名）"), STR("机关"), m->agencies.series, count);
	if (count < m->agencies.series_count)
		document_paragraphs(m->d, str_printf(m->mem, "其余 %zu 个机关从略。", m->agencies.series_count - count));
}

/** The article that a rule stands on, in short. */
static struct str basis_of(struct making *m, const struct rule *r)
{
	if (!r || r->basis_count == 0)
		return STR("");
	return r->basis[0].article.len ? str_printf(m->mem, "%.*s %.*s", STR_ARG(r->basis[0].law), STR_ARG(r->basis[0].article))
	                               : r->basis[0].law;
}

struct rule_total {
	struct str rule_id;
	int64_t open;
};

static int by_open(const void *a, const void *b)
{
	const struct rule_total *x = a, *y = b;

	return x->open != y->open ? (x->open < y->open) - (x->open > y->open) : str_cmp(x->rule_id, y->rule_id);
}

/** Sums the cells of an agency (0: of all) by rule. */
static size_t total_by_rule(const struct finding_cell *cells, size_t count, int64_t org_id, struct rule_total *totals)
{
	size_t rules = 0;

	for (size_t i = 0; i < count; i++) {
		size_t at = 0;

		if (org_id > 0 && cells[i].org_id != org_id)
			continue;
		while (at < rules && !str_eq(totals[at].rule_id, cells[i].rule_id))
			at++;
		if (at == rules)
			totals[rules++] = (struct rule_total){ .rule_id = cells[i].rule_id };
		totals[at].open += cells[i].open;
	}
	return rules;
}

static enum err_code put_findings(struct making *m, struct err *err)
{
	static const struct document_column columns[] = {
		{ .label = STR_INIT("疑似问题"), .width = 5 },
		{ .label = STR_INIT("依据"), .width = 3 },
		{ .label = STR_INIT("待研判"), .width = 1, .align = DOCUMENT_RIGHT },
	};
	struct finding_cell *cells;
	struct rule_total *totals;
	struct str *text;
	size_t count, rules;

	TRY(finding_summary(
		m->db, &(struct finding_query){ .who = m->o->who, .type = m->o->query.type->name }, m->mem, &cells, &count, err));
	totals = ARENA_NEW(m->mem, struct rule_total, count + 1);
	text = ARENA_NEW(m->mem, struct str, RULES_MAX_SHOWN * 3);
	if (!totals || !text)
		return err_nomem(err);
	rules = total_by_rule(cells, count, m->o->query.agency_org_id, totals);
	if (rules == 0)
		return ERR_OK;
	qsort(totals, rules, sizeof(*totals), by_open);
	rules = rules < RULES_MAX_SHOWN ? rules : RULES_MAX_SHOWN;
	for (size_t i = 0; i < rules; i++) {
		const struct rule *r = rule_find(m->o->app->rules, totals[i].rule_id);

		text[i * 3] = r ? r->title : totals[i].rule_id;
		text[i * 3 + 1] = basis_of(m, r);
		text[i * 3 + 2] = number(m, totals[i].open);
	}
	document_heading(m->d, 1, STR("疑似问题线索（不是结论，须经人工核实；不限期间，只按机关筛选）"));
	document_table(m->d, &(struct document_table){ .columns = columns, .column_count = 3, .cells = text, .row_count = rules });
	return ERR_OK;
}

static void put_missing(struct making *m)
{
	struct buf names;
	size_t missing = 0;

	buf_init(&names, 1 << 16);
	for (size_t i = 0; i < m->agencies.missing_count; i++) {
		if (m->o->query.agency_org_id > 0 && m->agencies.missing[i].org_id != m->o->query.agency_org_id)
			continue;
		if (missing++ < MISSING_MAX)
			buf_printf(&names, "%s%.*s", missing > 1 ? "、" : "", STR_ARG(m->agencies.missing[i].label));
	}
	if (missing == 0) {
		buf_clear(&names);
		return;
	}
	document_heading(m->d, 1, STR("没有数据的机关"));
	document_paragraphs(m->d, str_printf(m->mem, "期间内以下 %zu 个机关没有数据，可能是确无案件，也可能是没有报送：%s%s。", missing,
					  names.ptr ? names.ptr : "", missing > MISSING_MAX ? "等" : ""));
	buf_clear(&names);
}

enum err_code brief_make(struct db *db, const struct brief_options *options, struct arena *mem, struct document **ret, struct err *err)
{
	struct brief_options o = *options;
	struct making m = { .db = db, .o = &o, .mem = mem, .d = document_new(mem, DOCUMENT_PLAIN) };

	if (!m.d)
		return err_nomem(err);
	o.to = o.to == DAY_NONE ? o.today : o.to;
	o.from = o.from == DAY_NONE ? day_add_months(o.to, -12) + 1 : o.from;
	o.query.who = o.who;
	o.query.limit = 1;
	TRY(record_stats(db, o.app->dictionary, &o.query, RECORD_BY_MONTH, o.from, o.to, mem, &m.months, err));
	if (m.months.cutoff != DAY_NONE && m.months.cutoff < o.to && m.months.cutoff >= o.from) {
		o.to = m.months.cutoff; /* days without data yet must not look like a decrease */
		TRY(record_stats(db, o.app->dictionary, &o.query, RECORD_BY_MONTH, o.from, o.to, mem, &m.months, err));
	}
	TRY(record_stats(db, o.app->dictionary, &o.query, RECORD_BY_AGENCY, o.from, o.to, mem, &m.agencies, err));
	m.d->title = o.title.len ? o.title : str_printf(mem, "%.*s简报", STR_ARG(o.query.type->label.zh));
	m.d->compact = true;
	m.d->made_ms = o.now_ms;
	m.d->author = o.who->name;
	m.d->watermark = o.app->demo ? STR("演示数据") : STR("");
	put_definition(&m);
	put_figures(&m);
	TRY(put_agencies(&m, err));
	TRY(put_findings(&m, err));
	put_missing(&m);
	document_flush(m.d, str_printf(mem, "编制日期：%.*s", STR_ARG(document_date(mem, o.today))));
	put_annex(&m);
	*ret = m.d;
	return ERR_OK;
}
