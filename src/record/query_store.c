/* Reading the store by what a person asks: lists with filters and keyset paging, the search box, counts by month and agency. SQL text is
 * made at run time from names that the dictionary has checked; every value is a parameter. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"
#include "org/org.h"
#include "record/record_private.h"
#include "record_sql.h"

#define SQL_BYTES_MAX (128u << 10)
#define LIMIT_MAX 500
#define SEARCH_PER_TYPE 6  /* so that no type crowds out the others */
#define SEARCH_NEWEST 1000 /* matches looked at before the newest are chosen by their main date */

/* ---- filters ---- */

static bool strip_suffix(struct str *s, const char *suffix)
{
	if (!str_ends(*s, str_of(suffix)) || s->len == strlen(suffix))
		return false;
	s->len -= strlen(suffix);
	return true;
}

static bool has_range(enum column_type t)
{
	return t == COLUMN_DATE || t == COLUMN_DATETIME || t == COLUMN_MONEY || t == COLUMN_INT || t == COLUMN_DECIMAL;
}

enum err_code record_query_param(
	struct record_query *q, struct str name, struct str value, struct arena *mem, bool *ret_is, struct err *err)
{
	struct record_filter f = { .op = RECORD_EQ };
	struct err why = { 0 };
	struct str base = name;

	*ret_is = true;
	f.column = dictionary_column(q->type, name);
	if (!f.column && (strip_suffix(&base, "_from") || strip_suffix(&base, "_to"))) {
		f.op = str_ends(name, STR("_from")) ? RECORD_FROM : RECORD_TO;
		f.column = dictionary_column(q->type, base);
	}
	if (!f.column) {
		*ret_is = false;
		return ERR_OK;
	}
	if (f.op != RECORD_EQ && !has_range(f.column->type))
		return err_set(err, ERR_INPUT, "“%.*s”不能按范围筛选", STR_ARG(f.column->label.zh));
	if (q->filter_count == RECORD_FILTERS_MAX)
		return err_set(err, ERR_LIMIT, "最多 %d 个筛选条件", RECORD_FILTERS_MAX);
	if (f.column->type == COLUMN_TEXT) /* without the checks of an import: part of a code may be asked for */
		f.value = (struct dictionary_value){ .s = str_dup(mem, str_trim(value)), .null = str_trim(value).len == 0 };
	else if (!column_parse(f.column, value, (struct str){ 0 }, mem, &f.value, &why))
		return err_set(err, ERR_INPUT, "%.*s：%s", STR_ARG(name), why.msg);
	if (f.value.null)
		return ERR_OK;
	if (f.op == RECORD_TO && f.column->type == COLUMN_DATETIME && f.value.i % 86400 == 0 && value.len <= 10)
		f.value.i += 86399; /* up to the end of that day */
	q->filters[q->filter_count++] = f;
	return ERR_OK;
}

/** Identifiers of the rows whose words match parameter `at`. */
static void matches_sql(struct db *db, const struct record_query *q, int at, struct buf *sql)
{
	const struct str t = q->type->name;

	if (db_dialect(db) == DB_PG)
		buf_printf(sql, "SELECT record_id FROM fts_%.*s WHERE words @@ CAST($%d AS tsquery)", STR_ARG(t), at);
	else
		buf_printf(sql, "SELECT rowid FROM fts_%.*s WHERE fts_%.*s MATCH $%d", STR_ARG(t), STR_ARG(t), at);
	if (q->newest > 0)
		buf_printf(sql, " ORDER BY %s DESC LIMIT %d", db_dialect(db) == DB_PG ? "record_id" : "rowid", q->newest);
}

/** Whether a filter on this column asks the history. */
static bool is_as_of(const struct record_query *q, const struct dictionary_column *c)
{
	return q->as_of != 0 && as_of_column(q->type, c) >= 0;
}

/** "WHERE deleted = 0 AND …" without date range and paging; *next_parameter moves on. */
static void where_sql(struct db *db, const struct record_query *q, int *next, struct buf *sql)
{
	const struct dictionary_type *t = q->type;

	buf_puts(sql, " WHERE deleted = 0");
	scope_sql(t, q->who, "", next, sql);
	if (q->agency_org_id)
		buf_printf(sql, " AND org_id = $%d", (*next)++);
	if (q->import_id)
		buf_printf(sql, " AND import_id = $%d", (*next)++);
	if (q->q.len > 0) {
		buf_puts(sql, " AND id IN (");
		matches_sql(db, q, (*next)++, sql);
		buf_puts(sql, ")");
	}
	for (size_t i = 0; i < q->filter_count; i++) {
		static const char *const operators[] = { "=", ">=", "<=" };

		buf_puts(sql, " AND ");
		if (is_as_of(q, q->filters[i].column))
			as_of_sql(t, q->filters[i].column, (*next)++, sql);
		else
			buf_put(sql, q->filters[i].column->name);
		buf_printf(sql, " %s $%d", operators[q->filters[i].op], (*next)++);
	}
}

static void where_bind(struct db *db, const struct record_query *q, struct db_stmt *stmt, int *next)
{
	CLEANUP(buf_clear) struct buf words;

	buf_init(&words, 64u << 10);
	scope_bind(q->type, q->who, stmt, next);
	if (q->agency_org_id)
		db_bind_i64(stmt, (*next)++, q->agency_org_id);
	if (q->import_id)
		db_bind_i64(stmt, (*next)++, q->import_id);
	if (q->q.len > 0) {
		search_query(q->q, db_dialect(db), &words);
		db_bind_str(stmt, (*next)++, buf_str(&words));
	}
	for (size_t i = 0; i < q->filter_count; i++) {
		if (is_as_of(q, q->filters[i].column))
			db_bind_day(stmt, (*next)++, q->as_of);
		column_bind(q->filters[i].column, stmt, (*next)++, &q->filters[i].value);
	}
}

/** Text that has no word in it (only signs) finds nothing. */
static bool finds_nothing(const struct record_query *q)
{
	CLEANUP(buf_clear) struct buf words;

	buf_init(&words, 64u << 10);
	if (!scope_sees_type(q->type, q->who))
		return true;
	if (q->q.len == 0)
		return false;
	search_query(q->q, DB_SQLITE, &words);
	return words.len == 0;
}

/* ---- pages: rows with a main date first, newest first, then rows without one ---- */

struct cursor {
	bool undated; /* in the second part */
	bool given;
	struct dictionary_value date;
	int64_t id;
};

/** "d<date>.<id>" in the dated part, "u.<id>" in the undated one. */
static enum err_code cursor_read(const struct record_query *q, struct arena *mem, struct cursor *ret, struct err *err)
{
	const struct dictionary_column *date = q->type->date >= 0 ? &q->type->columns[q->type->date] : NULL;
	struct str rest = str_sub(q->after, 1, q->after.len), part;
	bool ok;

	*ret = (struct cursor){ .undated = !date };
	if (q->after.len == 0)
		return ERR_OK;
	ret->given = true;
	ret->undated = q->after.ptr[0] == 'u';
	ok = (ret->undated || (date && q->after.ptr[0] == 'd')) && str_next(&rest, '.', &part) && str_to_i64(rest, &ret->id);
	if (ok && !ret->undated)
		ok = column_from_stored(date, part, mem, &ret->date);
	return ok ? ERR_OK : err_set(err, ERR_INPUT, "分页标记无效，请从第一页开始");
}

static struct str cursor_write(const struct record_query *q, const struct record_row *last, struct arena *mem)
{
	CLEANUP(buf_clear) struct buf out;
	const struct dictionary_column *date = q->type->date >= 0 ? &q->type->columns[q->type->date] : NULL;

	buf_init(&out, 100);
	buf_putc(&out, date && !last->values[date->index].null ? 'd' : 'u');
	if (date)
		column_to_stored(date, &last->values[date->index], &out);
	buf_printf(&out, ".%" PRId64, last->id);
	return str_dup(mem, buf_str(&out));
}

static enum err_code select_part(struct db *db, const struct record_query *q, const struct cursor *at, size_t want, struct arena *mem,
	struct record_row *rows, size_t *count, struct supply_cache *supplies, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *stmt = NULL;
	CLEANUP(buf_clear) struct buf sql;
	const struct dictionary_type *t = q->type;
	const struct dictionary_column *date = t->date >= 0 ? &t->columns[t->date] : NULL;
	const char *direction = q->oldest_first ? "ASC" : "DESC", *beyond = q->oldest_first ? ">" : "<";
	int64_t supply_ids[LIMIT_MAX + 1];
	size_t first = *count;
	int next = 1;
	bool row;

	buf_init(&sql, SQL_BYTES_MAX);
	buf_puts(&sql, "SELECT ");
	row_columns_sql(t, "", &sql);
	buf_printf(&sql, " FROM r_%.*s", STR_ARG(t->name));
	where_sql(db, q, &next, &sql);
	if (date)
		buf_printf(&sql, " AND %.*s IS %sNULL", STR_ARG(date->name), at->undated ? "" : "NOT ");
	if (at->given && at->undated)
		buf_printf(&sql, " AND id %s $%d", beyond, next++);
	else if (at->given)
		buf_printf(&sql, " AND (%.*s, id) %s ($%d, $%d)", STR_ARG(date->name), beyond, next, next + 1), next += 2;
	if (date && !at->undated)
		buf_printf(&sql, " ORDER BY %.*s %s, id %s", STR_ARG(date->name), direction, direction);
	else
		buf_printf(&sql, " ORDER BY id %s", direction);
	buf_printf(&sql, " LIMIT $%d", next);
	TRY(db_prepare_text(db, buf_str(&sql), &stmt, err));
	next = 1;
	where_bind(db, q, stmt, &next);
	if (at->given && !at->undated)
		column_bind(date, stmt, next++, &at->date);
	if (at->given)
		db_bind_i64(stmt, next++, at->id);
	db_bind_i64(stmt, next, (int64_t)want);
	for (;;) {
		TRY(db_step(stmt, &row, err));
		if (!row)
			break;
		TRY(row_read(stmt, t, mem, &rows[*count], &supply_ids[*count], NULL, err));
		(*count)++;
	}
	db_stmt_done(stmt);
	stmt = NULL;
	for (size_t i = first; i < *count; i++)
		TRY(supply_of_id(db, supplies, supply_ids[i], &rows[i].supply, err));
	return ERR_OK;
}

static enum err_code count_rows(struct db *db, const struct record_query *q, int64_t *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *stmt = NULL;
	CLEANUP(buf_clear) struct buf sql;
	int next = 1;
	bool row;

	buf_init(&sql, SQL_BYTES_MAX);
	buf_printf(&sql, "SELECT COUNT(*) FROM r_%.*s", STR_ARG(q->type->name));
	where_sql(db, q, &next, &sql);
	TRY(db_prepare_text(db, buf_str(&sql), &stmt, err));
	next = 1;
	where_bind(db, q, stmt, &next);
	TRY(db_step(stmt, &row, err));
	*ret = row ? db_i64(stmt, 0) : 0;
	return ERR_OK;
}

enum err_code record_list(struct db *db, const struct dictionary *d, const struct record_query *q, struct arena *mem,
	struct record_page *ret, struct err *err)
{
	struct supply_cache supplies = { .type = q->type, .mem = mem };
	size_t want = (size_t)(q->limit < 1 ? 50 : q->limit > LIMIT_MAX ? LIMIT_MAX : q->limit), count = 0;
	struct record_row *rows = ARENA_NEW(mem, struct record_row, want + 1);
	struct cursor at;

	(void)d;
	*ret = (struct record_page){ .total = q->want_total ? 0 : -1 };
	if (!rows)
		return err_nomem(err);
	if (finds_nothing(q))
		return ERR_OK;
	TRY(cursor_read(q, mem, &at, err));
	if (!at.undated)
		TRY(select_part(db, q, &at, want + 1, mem, rows, &count, &supplies, err));
	if (count <= want) {
		if (!at.undated)
			at = (struct cursor){ .undated = true };
		if (q->type->date >= 0 || count == 0)
			TRY(select_part(db, q, &at, want + 1 - count, mem, rows, &count, &supplies, err));
	}
	if (q->want_total)
		TRY(count_rows(db, q, &ret->total, err));
	if (count > want) {
		count = want;
		ret->next = cursor_write(q, &rows[count - 1], mem);
	}
	if (q->as_of != 0 && q->type->history.child >= 0) {
		for (size_t i = 0; i < count; i++) { /* one by one: a page is not in the order of identifiers */
			TRY(rows_read_children(db, q->type, &rows[i], 1, mem, err));
			record_as_of(q->type, &rows[i], q->as_of);
		}
	}
	ret->rows = rows;
	ret->row_count = count;
	return ERR_OK;
}

/* ---- the search box ---- */

/** Are there at least `newest` matches, whoever may see them? */
static enum err_code matches_are_cut(struct db *db, const struct record_query *q, bool *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *stmt = NULL;
	CLEANUP(buf_clear) struct buf sql, words;
	bool row;

	buf_init(&sql, SQL_BYTES_MAX);
	buf_init(&words, 64u << 10);
	buf_puts(&sql, "SELECT COUNT(*) FROM (");
	matches_sql(db, q, 1, &sql);
	buf_puts(&sql, ") AS m");
	search_query(q->q, db_dialect(db), &words);
	*ret = false;
	if (words.len == 0)
		return ERR_OK;
	TRY(db_prepare_text(db, buf_str(&sql), &stmt, err));
	db_bind_str(stmt, 1, buf_str(&words));
	TRY(db_step(stmt, &row, err));
	*ret = row && db_i64(stmt, 0) >= q->newest;
	return ERR_OK;
}

/** The newest matches; when what the actor may see lies further back than they reach, all. */
static enum err_code search_rows(struct db *db, struct record_query *q, struct arena *mem, struct record_page *ret, struct err *err)
{
	bool cut;

	TRY(record_list(db, NULL, q, mem, ret, err));
	if (ret->row_count == (size_t)q->limit || !scope_sees_type(q->type, q->who))
		return ERR_OK;
	TRY(matches_are_cut(db, q, &cut, err));
	if (!cut)
		return ERR_OK;
	q->newest = 0;
	return record_list(db, NULL, q, mem, ret, err);
}

static enum err_code search_type(struct db *db, const struct actor *who, const struct dictionary_type *t, struct str text, int limit,
	struct arena *mem, struct record_hit *hits, size_t *count, struct err *err)
{
	struct record_query q = { .type = t, .who = who, .q = text, .limit = limit, .newest = SEARCH_NEWEST };
	struct record_page page;

	TRY(search_rows(db, &q, mem, &page, err));
	for (size_t i = 0; i < page.row_count; i++) {
		CLEANUP(buf_clear) struct buf sub;

		buf_init(&sub, 1000);
		buf_put(&sub, t->label.zh);
		if (t->date >= 0 && !page.rows[i].values[t->date].null) {
			buf_puts(&sub, " · ");
			column_display(&t->columns[t->date], &page.rows[i].values[t->date], &sub);
		}
		hits[(*count)++] = (struct record_hit){ .type = t,
			.id = page.rows[i].id,
			.title = record_title(t, &page.rows[i], true, mem),
			.sub = str_dup(mem, buf_str(&sub)) };
	}
	return ERR_OK;
}

enum err_code record_search(struct db *db, const struct dictionary *d, const struct actor *who, struct str text, int limit,
	struct arena *mem, struct record_hit **ret, size_t *ret_count, struct err *err)
{
	struct record_hit *hits = ARENA_NEW(mem, struct record_hit, d->type_count * SEARCH_PER_TYPE + 1);
	size_t count = 0;

	if (!hits)
		return err_nomem(err);
	*ret = hits;
	*ret_count = 0;
	if (str_trim(text).len == 0)
		return ERR_OK;
	for (size_t i = 0; i < d->type_count && count < (size_t)limit; i++) {
		int room = limit - (int)count;

		TRY(search_type(db, who, &d->types[i], text, room < SEARCH_PER_TYPE ? room : SEARCH_PER_TYPE, mem, hits, &count, err));
	}
	*ret_count = count;
	return ERR_OK;
}

/* ---- counts ---- */

struct bucket {
	struct str key; /* day as stored, or the organisation's identifier */
	int64_t count;
};

/** Rows of the query grouped by an expression, between two days of the main date. */
static enum err_code group(struct db *db, const struct record_query *q, const char *by, int32_t from, int32_t to, struct arena *mem,
	struct bucket **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *stmt = NULL;
	CLEANUP(buf_clear) struct buf sql;
	const struct dictionary_column *date = &q->type->columns[q->type->date];
	bool is_time = date->type == COLUMN_DATETIME;
	struct dictionary_value low = { .i = is_time ? (int64_t)from * 86400 : from };
	struct dictionary_value high = { .i = is_time ? (int64_t)to * 86400 + 86399 : to };
	VEC(struct bucket) list = { 0 };
	enum err_code code = ERR_OK;
	int next = 1;
	bool row;

	buf_init(&sql, SQL_BYTES_MAX);
	buf_printf(&sql, "SELECT %s, COUNT(*) FROM r_%.*s", by, STR_ARG(q->type->name));
	where_sql(db, q, &next, &sql);
	buf_printf(
		&sql, " AND %.*s >= $%d AND %.*s <= $%d GROUP BY 1 ORDER BY 1", STR_ARG(date->name), next, STR_ARG(date->name), next + 1);
	TRY(db_prepare_text(db, buf_str(&sql), &stmt, err));
	next = 1;
	where_bind(db, q, stmt, &next);
	column_bind(date, stmt, next++, &low);
	column_bind(date, stmt, next, &high);
	while (code == ERR_OK) {
		struct bucket b;

		code = db_step(stmt, &row, err);
		if (code != ERR_OK || !row)
			break;
		b = (struct bucket){ .key = db_str_dup(stmt, 0, mem), .count = db_i64(stmt, 1) };
		if (!vec_push(&list, b))
			code = err_nomem(err);
	}
	*ret = ARENA_NEW(mem, struct bucket, list.len + 1);
	*ret_count = list.len;
	if (*ret && list.len > 0)
		memcpy(*ret, list.v, list.len * sizeof(*list.v));
	vec_clear(&list);
	return code == ERR_OK && !*ret ? err_nomem(err) : code;
}

static enum err_code by_month(
	struct db *db, const struct record_query *q, int32_t from, int32_t to, struct arena *mem, struct record_stats *ret, struct err *err)
{
	const struct dictionary_column *date = &q->type->columns[q->type->date];
	struct ymd first = day_to_ymd(from), last = day_to_ymd(to);
	int months = (last.year - first.year) * 12 + last.month - first.month + 1;
	struct bucket *days;
	size_t day_count;
	char by[64];

	if (months < 1 || months > 1200)
		return err_set(err, ERR_INPUT, "统计的起止日期不对：最多 100 年");
	ret->series = ARENA_NEW(mem, struct record_series, (size_t)months);
	if (!ret->series)
		return err_nomem(err);
	ret->series_count = (size_t)months;
	for (int m = 0; m < months; m++) {
		int year = first.year + (first.month - 1 + m) / 12, month = (first.month - 1 + m) % 12 + 1;

		ret->series[m].key = str_printf(mem, "%04d-%02d", year, month);
		ret->series[m].label = str_printf(mem, "%d年%d月", year, month);
	}
	snprintf(by, sizeof(by), date->type == COLUMN_DATETIME ? "%.*s / 86400" : "%.*s", STR_ARG(date->name));
	TRY(group(db, q, by, from, to, mem, &days, &day_count, err));
	for (size_t i = 0; i < day_count; i++) {
		int64_t number = 0;
		int32_t day;
		struct ymd d;

		if (date->type == COLUMN_DATETIME ? !str_to_i64(days[i].key, &number) : !day_parse(days[i].key, &day))
			continue;
		d = day_to_ymd(date->type == COLUMN_DATETIME ? (int32_t)number : day);
		ret->series[(d.year - first.year) * 12 + d.month - first.month].count += days[i].count;
		ret->count += days[i].count;
	}
	return ERR_OK;
}

static enum err_code by_agency(
	struct db *db, const struct record_query *q, int32_t from, int32_t to, struct arena *mem, struct record_stats *ret, struct err *err)
{
	struct bucket *orgs;
	size_t count;

	TRY(group(db, q, "org_id", from, to, mem, &orgs, &count, err));
	ret->series = ARENA_NEW(mem, struct record_series, count + 1);
	if (!ret->series)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		struct record_series *s = &ret->series[ret->series_count++];
		struct org org;

		*s = (struct record_series){
			.key = orgs[i].key.ptr ? orgs[i].key : STR("0"), .label = STR("（未识别的机关）"), .count = orgs[i].count
		};
		if (orgs[i].key.ptr && str_to_i64(orgs[i].key, &s->org_id) && org_get(db, s->org_id, mem, &org, NULL) == ERR_OK)
			s->label = org.name;
		ret->count += orgs[i].count;
	}
	return ERR_OK;
}

static enum err_code missing_agencies(
	struct db *db, const struct record_query *q, int32_t from, int32_t to, struct arena *mem, struct record_stats *ret, struct err *err)
{
	struct record_query all = { .type = q->type, .who = q->who };
	struct org_query orgs = { .scope_path = q->who ? q->who->scope_path : (struct str){ 0 }, .kind = ORG_KIND_COUNT, .limit = 2000 };
	struct bucket *present;
	struct org *list;
	size_t present_count, count;

	TRY(group(db, &all, "org_id", from, to, mem, &present, &present_count, err));
	TRY(org_list(db, &orgs, mem, &list, &count, err));
	ret->missing = ARENA_NEW(mem, struct record_series, count + 1);
	if (!ret->missing)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		bool here = list[i].cancelled_on != DAY_NONE && list[i].cancelled_on <= to;

		for (size_t k = 0; k < present_count && !here; k++) {
			int64_t id = 0;

			here = present[k].key.ptr && str_to_i64(present[k].key, &id) && id == list[i].id;
		}
		if (!here)
			ret->missing[ret->missing_count++] = (struct record_series){
				.key = str_printf(mem, "%" PRId64, list[i].id), .label = list[i].name, .org_id = list[i].id
			};
	}
	return ERR_OK;
}

static enum err_code cutoff(struct db *db, const struct record_query *q, struct arena *mem, int32_t *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *stmt = NULL;
	CLEANUP(buf_clear) struct buf sql;
	const struct dictionary_column *date = &q->type->columns[q->type->date];
	struct record_filter until = { .column = date, .op = RECORD_TO };
	struct record_query all = { .type = q->type, .who = q->who };
	int next = 1;
	bool row;

	if (q->today > 0) {
		until.value.i = date->type == COLUMN_DATETIME ? (int64_t)q->today * 86400 + 86399 : q->today;
		all.filters[all.filter_count++] = until;
	}
	*ret = DAY_NONE;
	buf_init(&sql, SQL_BYTES_MAX);
	buf_printf(&sql, "SELECT MAX(%.*s) FROM r_%.*s", STR_ARG(date->name), STR_ARG(q->type->name));
	where_sql(db, &all, &next, &sql);
	TRY(db_prepare_text(db, buf_str(&sql), &stmt, err));
	next = 1;
	where_bind(db, &all, stmt, &next);
	TRY(db_step(stmt, &row, err));
	if (row && !db_is_null(stmt, 0))
		*ret = date->type == COLUMN_DATETIME ? (int32_t)(db_i64(stmt, 0) / 86400) : db_day(stmt, 0);
	(void)mem;
	return ERR_OK;
}

/** Filters on the main date are the period: the same days a year earlier are counted too. */
static void take_period(struct record_query *q, int32_t *from, int32_t *to)
{
	const struct dictionary_column *date = &q->type->columns[q->type->date];
	size_t kept = 0;

	for (size_t i = 0; i < q->filter_count; i++) {
		const struct record_filter *f = &q->filters[i];
		int32_t day = f->column != date               ? DAY_NONE
		              : date->type == COLUMN_DATETIME ? (int32_t)(f->value.i / 86400)
		                                              : (int32_t)f->value.i;

		if (f->column == date && (f->op == RECORD_FROM || f->op == RECORD_EQ))
			*from = day;
		if (f->column == date && (f->op == RECORD_TO || f->op == RECORD_EQ))
			*to = day;
		if (f->column != date)
			q->filters[kept++] = *f;
	}
	q->filter_count = kept;
}

enum err_code record_stats(struct db *db, const struct dictionary *d, const struct record_query *q, enum record_stats_by by, int32_t from,
	int32_t to, struct arena *mem, struct record_stats *ret, struct err *err)
{
	struct record_stats before = { 0 };
	struct record_query counted = *q;

	(void)d;
	*ret = (struct record_stats){ .cutoff = DAY_NONE };
	if (q->type->date < 0)
		return err_set(err, ERR_INPUT, "%.*s没有主要日期，不能按时间统计", STR_ARG(q->type->label.zh));
	take_period(&counted, &from, &to);
	q = &counted;
	if (from == DAY_NONE || to == DAY_NONE || from > to)
		return err_set(err, ERR_INPUT, "统计需要起止日期，且起不晚于止");
	if (finds_nothing(q))
		return ERR_OK;
	TRY(by == RECORD_BY_MONTH ? by_month(db, q, from, to, mem, ret, err) : by_agency(db, q, from, to, mem, ret, err));
	TRY(by_agency(db, q, day_add_months(from, -12), day_add_months(to, -12), mem, &before, err));
	ret->last_year = before.count;
	if (q->type->agency >= 0)
		TRY(missing_agencies(db, q, from, to, mem, ret, err));
	return cutoff(db, q, mem, &ret->cutoff, err);
}
