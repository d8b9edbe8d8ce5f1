/* Routes of record types, records and enterprises. Personal data is masked in every answer; the one way to see it is reveal, with a
 * purpose. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/audit.h"
#include "org/org.h"
#include "record/api_private.h"
#include "record/import_private.h"

#define PAGE_DEFAULT 50
#define HISTORY_MAX 50
#define TIMELINE_MAX 400

/* ---- types ---- */

static void put_label(struct json *j, const struct dictionary_label *label)
{
	json_key(j, "label");
	json_obj(j);
	json_kstr(j, "zh", label->zh);
	json_kstr(j, "en", label->en);
	json_obj_end(j);
}

static void put_column(struct json *j, const struct dictionary_column *c)
{
	json_obj(j);
	json_kstr(j, "name", c->name);
	json_kputs(j, "type", column_type_slug(c->type));
	put_label(j, &c->label);
	if (c->code_count > 0) {
		json_key(j, "codes");
		json_arr(j);
		for (size_t i = 0; i < c->code_count; i++) {
			json_obj(j);
			json_kstr(j, "code", c->codes[i].code);
			put_label(j, &c->codes[i].label);
			json_obj_end(j);
		}
		json_arr_end(j);
	}
	json_kputs(j, "privacy", c->privacy == PRIVACY_NONE ? NULL : column_privacy_slug(c->privacy));
	json_kputs(j, "unit", c->type == COLUMN_MONEY ? "fen" : NULL);
	json_kbool(j, "search", c->search);
	json_kbool(j, "filter", c->filter);
	json_kbool(j, "required", c->required);
	json_kstr(j, "note", c->note.len ? c->note : (struct str){ 0 });
	json_obj_end(j);
}

static void put_columns(struct json *j, const struct dictionary_column *columns, size_t count)
{
	json_key(j, "columns");
	json_arr(j);
	for (size_t i = 0; i < count; i++)
		put_column(j, &columns[i]);
	json_arr_end(j);
}

static void put_type(struct json *j, const struct dictionary_type *t)
{
	json_obj(j);
	json_kstr(j, "type", t->name);
	put_label(j, &t->label);
	json_kstr(j, "title", t->title);
	json_kstr(j, "date", t->date >= 0 ? t->columns[t->date].name : (struct str){ 0 });
	json_kstr(j, "agency", t->is_agency ? STR("self") : t->agency >= 0 ? t->references[t->agency].name : (struct str){ 0 });
	json_kbool(j, "sealed", t->sealed);
	json_kbool(j, "history", t->history.child >= 0);
	put_columns(j, t->columns, t->column_count);
	json_key(j, "children");
	json_arr(j);
	for (size_t c = 0; c < t->child_count; c++) {
		json_obj(j);
		json_kstr(j, "name", t->children[c].name);
		put_label(j, &t->children[c].label);
		json_kstr(j, "order", t->children[c].order >= 0 ? t->children[c].columns[t->children[c].order].name : (struct str){ 0 });
		put_columns(j, t->children[c].columns, t->children[c].column_count);
		json_obj_end(j);
	}
	json_arr_end(j);
	json_obj_end(j);
}

static enum err_code types_get(struct request *req, struct response *res, struct err *err)
{
	const struct dictionary *d = req->app->dictionary;

	(void)err;
	json_arr(res->json);
	for (size_t i = 0; i < d->type_count; i++)
		if (scope_sees_type(&d->types[i], &req->who))
			put_type(res->json, &d->types[i]);
	json_arr_end(res->json);
	return ERR_OK;
}

/* ---- rows ---- */

static enum err_code type_of(struct request *req, const struct dictionary_type **ret, struct err *err)
{
	struct str name = request_segment(req, "type");

	*ret = dictionary_type(req->app->dictionary, name);
	if (*ret && scope_sees_type(*ret, &req->who))
		return ERR_OK;
	return err_set(err, ERR_NOT_FOUND, "没有记录类型“%.*s”", STR_ARG(name));
}

/** One cell as everybody may see it. `words` are of its row; t NULL: a cell of a child. */
static void put_value(struct json *j, const struct dictionary_type *t, const struct dictionary_column *c,
	const struct dictionary_value *values, const struct privacy_words *words, const struct dictionary_value *v)
{
	CLEANUP(buf_clear) struct buf text;

	buf_init(&text, 64u << 10);
	if (!v->null && c->privacy != PRIVACY_NONE && privacy_applies(t, c, values)) {
		column_mask(c, v, &text);
	} else if (!v->null && words->count > 0 && privacy_words_apply(t, c)) {
		privacy_words_mask(words, v->s, &text);
	} else {
		column_json(c, v, j);
		return;
	}
	json_str(j, text.len ? buf_str(&text) : STR(""));
}

static void put_values(struct json *j, const struct dictionary_type *t, const struct dictionary_value *values)
{
	struct privacy_words words;

	privacy_words(t, values, &words);
	json_key(j, "values");
	json_obj(j);
	for (size_t i = 0; i < t->column_count; i++) {
		if (values[i].null)
			continue; /* absent is null; most of a hundred columns are */
		json_key_str(j, t->columns[i].name);
		put_value(j, t, &t->columns[i], values, &words, &values[i]);
	}
	json_obj_end(j);
}

static void put_org(struct request *req, struct json *j, int64_t org_id)
{
	struct org org;

	json_key(j, "org");
	if (org_id == 0 || org_get(req->db, org_id, req->mem, &org, NULL) != ERR_OK) {
		json_none(j);
		return;
	}
	json_obj(j);
	json_kid(j, "id", org.id);
	json_kstr(j, "name", org.name);
	json_obj_end(j);
}

void record_row_write(struct request *req, struct json *j, const struct dictionary_type *t, const struct record_row *row)
{
	json_kid(j, "id", row->id);
	json_kstr(j, "type", t->name);
	json_kstr(j, "title", record_title(t, row, true, req->mem));
	put_org(req, j, row->org_id);
	put_values(j, t, row->values);
}

/** The day of ?as_of=. */
static enum err_code as_of_param(struct str text, int32_t *ret, struct err *err)
{
	return day_parse(text, ret) ? ERR_OK : err_set(err, ERR_INPUT, "as_of 应为 YYYY-MM-DD 的日期，收到的是 %.*s", STR_ARG(text));
}

/** The query of a list, an export or a statistic from the request's parameters. */
static enum err_code query_of(struct request *req, const struct dictionary_type *t, struct record_query *q, struct err *err)
{
	struct str name, value;
	size_t at = 0;
	int64_t n;
	bool is;

	*q = (struct record_query){ .type = t, .who = &req->who, .limit = PAGE_DEFAULT };
	while (request_param_next(req, &at, &name, &value)) {
		struct str text = str_dup(req->mem, value);

		if (text.len == 0)
			continue;
		if (str_eq(name, STR("q"))) {
			q->q = text;
		} else if (str_eq(name, STR("as_of"))) {
			TRY(as_of_param(text, &q->as_of, err));
		} else if (str_eq(name, STR("after"))) {
			q->after = text;
		} else if (str_eq(name, STR("limit"))) {
			if (!str_to_i64(text, &n) || n < 1 || n > 500)
				return err_set(err, ERR_INPUT, "limit 应为 1 到 500");
			q->limit = (int)n;
		} else if (str_eq(name, STR("count"))) {
			q->want_total = str_eq(text, STR("1"));
		} else if (str_eq(name, STR("order"))) {
			q->oldest_first = str_eq(text, STR("oldest"));
		} else if (str_eq(name, STR("agency")) || str_eq(name, STR("import"))) {
			if (!str_to_i64(text, str_eq(name, STR("agency")) ? &q->agency_org_id : &q->import_id))
				return err_set(err, ERR_INPUT, "%.*s 应为编号", STR_ARG(name));
		} else if (!str_eq(name, STR("format")) && !str_eq(name, STR("by"))) {
			TRY(record_query_param(q, str_dup(req->mem, name), text, req->mem, &is, err));
			if (!is)
				return err_set(err, ERR_INPUT, "%.*s没有列“%.*s”", STR_ARG(t->label.zh), STR_ARG(name));
		}
	}
	return ERR_OK;
}

static void put_rows(struct request *req, struct json *j, const struct dictionary_type *t, const struct record_row *rows, size_t count)
{
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		json_obj(j);
		record_row_write(req, j, t, &rows[i]);
		json_obj_end(j);
	}
	json_arr_end(j);
}

static enum err_code records_get(struct request *req, struct response *res, struct err *err)
{
	const struct dictionary_type *t;
	struct record_query q;
	struct record_page page;

	TRY(type_of(req, &t, err));
	TRY(query_of(req, t, &q, err));
	TRY(record_list(req->db, req->app->dictionary, &q, req->mem, &page, err));
	json_obj(res->json);
	json_key(res->json, "items");
	put_rows(req, res->json, t, page.rows, page.row_count);
	json_kstr(res->json, "next", page.next.len ? page.next : (struct str){ 0 });
	if (page.total >= 0)
		json_ki64(res->json, "total", page.total);
	json_obj_end(res->json);
	return ERR_OK;
}

/* ---- one record: children, history, timeline ---- */

static void put_children(struct json *j, const struct dictionary_type *t, const struct record_row *row)
{
	struct privacy_words words;

	privacy_words(t, row->values, &words);
	json_key(j, "children");
	json_obj(j);
	for (size_t c = 0; c < t->child_count; c++) {
		const struct dictionary_child *child = &t->children[c];

		if (!record_supplies_child(row->supply, child) && row->children[c].row_count == 0)
			continue;
		json_key_str(j, child->name);
		json_arr(j);
		for (size_t r = 0; r < row->children[c].row_count; r++) {
			const struct dictionary_value *cells = row->children[c].cells + r * child->column_count;

			json_obj(j);
			for (size_t i = 0; i < child->column_count; i++) {
				if (cells[i].null)
					continue;
				json_key_str(j, child->columns[i].name);
				put_value(j, NULL, &child->columns[i], cells, &words, &cells[i]);
			}
			json_obj_end(j);
		}
		json_arr_end(j);
	}
	json_obj_end(j);
}

static bool children_differ(const struct dictionary_child *child, const struct record_child_rows *a, const struct record_child_rows *b)
{
	if (a->row_count != b->row_count)
		return true;
	for (size_t i = 0; i < a->row_count * child->column_count; i++)
		if (!column_value_eq(&child->columns[i % child->column_count], &a->cells[i], &b->cells[i]))
			return true;
	return false;
}

static void put_changes(struct json *j, const struct dictionary_type *t, const struct record_row *from, const struct record_row *to)
{
	struct privacy_words before, after;

	privacy_words(t, from->values, &before);
	privacy_words(t, to->values, &after);
	json_key(j, "changes");
	json_arr(j);
	for (size_t i = 0; i < t->column_count; i++) {
		if (column_value_eq(&t->columns[i], &from->values[i], &to->values[i]))
			continue;
		json_obj(j);
		json_kstr(j, "column", t->columns[i].name);
		put_label(j, &t->columns[i].label);
		json_key(j, "from");
		put_value(j, t, &t->columns[i], from->values, &before, &from->values[i]);
		json_key(j, "to");
		put_value(j, t, &t->columns[i], to->values, &after, &to->values[i]);
		json_obj_end(j);
	}
	for (size_t c = 0; c < t->child_count; c++) {
		if (!children_differ(&t->children[c], &from->children[c], &to->children[c]))
			continue;
		json_obj(j);
		json_kstr(j, "column", t->children[c].name);
		put_label(j, &t->children[c].label);
		json_ki64(j, "from", (int64_t)from->children[c].row_count);
		json_ki64(j, "to", (int64_t)to->children[c].row_count);
		json_obj_end(j);
	}
	json_arr_end(j);
}

static void put_import(struct request *req, struct json *j, int64_t import_id, int64_t at_ms)
{
	struct import i;
	bool found = import_get(req->db, import_id, req->mem, &i, NULL) == ERR_OK;

	json_ktime(j, "at", at_ms != TIME_NONE ? at_ms : found && i.ended_ms != TIME_NONE ? i.ended_ms : found ? i.created_ms : TIME_NONE);
	json_key(j, "import");
	if (!found) {
		json_none(j);
		return;
	}
	json_obj(j);
	json_kid(j, "id", i.id);
	json_kstr(j, "name", i.name);
	json_obj_end(j);
}

static enum err_code put_history(struct request *req, struct json *j, const struct dictionary_type *t, const struct record_row *now,
	int64_t import_id, struct err *err)
{
	struct record_version versions[HISTORY_MAX];
	struct record_row newer = *now, older;
	size_t count;

	TRY(version_list(req->db, t, now->id, req->mem, versions, HISTORY_MAX, &count, err));
	json_key(j, "history");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		TRY(version_read(t, versions[i].body, req->mem, &older, err));
		json_obj(j);
		json_ki64(j, "version", newer.version);
		put_import(req, j, versions[i].replaced_by, versions[i].replaced_ms);
		put_changes(j, t, &older, &newer);
		json_obj_end(j);
		newer = older;
		newer.version = versions[i].version;
	}
	json_obj(j);
	json_ki64(j, "version", newer.version);
	put_import(req, j, count > 0 ? versions[count - 1].import_id : import_id, TIME_NONE);
	json_key(j, "changes");
	json_arr(j);
	json_arr_end(j);
	json_obj_end(j);
	json_arr_end(j);
	return ERR_OK;
}

struct moment {
	int64_t civil_s;
	bool timed;
	struct str kind, text;
};

static int by_time(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;

	if (x->civil_s != y->civil_s)
		return x->civil_s < y->civil_s ? -1 : 1;
	return str_cmp(x->kind, y->kind);
}

static void add_moment(struct moment *list, size_t *count, const struct dictionary_column *c, const struct dictionary_value *v,
	struct str kind, struct str text)
{
	if (v->null || (c->type != COLUMN_DATE && c->type != COLUMN_DATETIME) || *count == TIMELINE_MAX)
		return;
	list[(*count)++] = (struct moment){
		.civil_s = c->type == COLUMN_DATE ? v->i * 86400 : v->i, .timed = c->type == COLUMN_DATETIME, .kind = kind, .text = text
	};
}

/** "行政处罚事先告知书 · 送达日期": the child's first code column names the row. */
static void add_child_moments(
	struct request *req, struct moment *list, size_t *count, const struct dictionary_child *child, const struct record_child_rows *rows)
{
	for (size_t r = 0; r < rows->row_count; r++) {
		const struct dictionary_value *cells = rows->cells + r * child->column_count;
		struct str name = child->label.zh;

		for (size_t i = child->column_count; i-- > 0;)
			if (child->columns[i].type == COLUMN_CODE && !cells[i].null && cells[i].i >= 0)
				name = child->columns[i].codes[cells[i].i].label.zh;
		if (child->order >= 0)
			add_moment(list, count, &child->columns[child->order], &cells[child->order], child->name,
				str_printf(req->mem, "%.*s · %.*s", STR_ARG(name), STR_ARG(child->columns[child->order].label.zh)));
	}
}

static enum err_code put_timeline(
	struct request *req, struct json *j, const struct dictionary_type *t, const struct record_row *row, struct err *err)
{
	struct moment *list = ARENA_NEW(req->mem, struct moment, TIMELINE_MAX);
	char text[24];
	size_t count = 0;

	if (!list)
		return err_nomem(err);
	for (size_t i = 0; i < t->column_count; i++)
		if (t->columns[i].timeline)
			add_moment(list, &count, &t->columns[i], &row->values[i], t->columns[i].name, t->columns[i].label.zh);
	for (size_t c = 0; c < t->child_count; c++)
		add_child_moments(req, list, &count, &t->children[c], &row->children[c]);
	qsort(list, count, sizeof(*list), by_time);
	json_key(j, "timeline");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		json_obj(j);
		civil_format(list[i].civil_s, text);
		json_kstr(j, "on", (struct str){ .ptr = text, .len = 10 });
		if (list[i].timed)
			json_kputs(j, "at", text);
		json_kstr(j, "kind", list[i].kind);
		json_kstr(j, "text", list[i].text);
		json_kputs(j, "side", "enforcement");
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

void record_masks_write(struct json *j, const struct dictionary_type *t, const struct record_row *row)
{
	json_key(j, "masked");
	json_arr(j);
	for (size_t i = 0; i < t->column_count; i++)
		if (!row->values[i].null && t->columns[i].privacy != PRIVACY_NONE && privacy_applies(t, &t->columns[i], row->values))
			json_str(j, t->columns[i].name);
	json_arr_end(j);
	json_key(j, "supplied");
	json_arr(j);
	for (size_t i = 0; i < t->column_count; i++)
		if (record_supplies_column(row->supply, &t->columns[i]))
			json_str(j, t->columns[i].name);
	json_arr_end(j);
}

enum err_code record_page_write(struct request *req, struct json *j, const struct dictionary_type *t, int64_t id, struct err *err)
{
	struct record_row row, again;
	int64_t supply_id, import_id;
	bool found;

	TRY(record_get(req->db, req->app->dictionary, &req->who, t, id, req->mem, &row, err));
	TRY(row_load(req->db, t, id, req->mem, &again, &supply_id, &import_id, &found, err));
	if (request_param(req, "as_of").len) {
		int32_t day;

		TRY(as_of_param(request_param(req, "as_of"), &day, err));
		record_as_of(t, &row, day);
		json_kday(j, "as_of", day);
	}
	record_row_write(req, j, t, &row);
	record_masks_write(j, t, &row);
	put_children(j, t, &row);
	TRY(put_timeline(req, j, t, &row, err));
	if (actor_has(&req->who, ROLE_OFFICE))
		TRY(put_history(req, j, t, &row, import_id, err));
	return ERR_OK;
}

static enum err_code record_get_route(struct request *req, struct response *res, struct err *err)
{
	const struct dictionary_type *t;
	int64_t id;

	TRY(type_of(req, &t, err));
	TRY(request_id(req, "id", &id, err));
	json_obj(res->json);
	TRY(record_page_write(req, res->json, t, id, err));
	json_obj_end(res->json);
	return ERR_OK;
}

struct reveal_body {
	struct str column, purpose;
};
static const struct field reveal_fields[] = {
	F_STR(struct reveal_body, column, .required = true, .max = 60, .label = "列"),
	F_STR(struct reveal_body, purpose, .required = true, .min = 4, .max = 200, .label = "用途"),
	{ 0 },
};

static enum err_code reveal_post(struct request *req, struct response *res, struct err *err)
{
	const struct reveal_body *in = req->body;
	const struct dictionary_type *t;
	struct str value;
	int64_t id;

	TRY(type_of(req, &t, err));
	TRY(request_id(req, "id", &id, err));
	TRY(record_reveal(req->db, req->app->dictionary, &req->who, t, id, in->column, in->purpose, req->now_ms, req->mem, &value, err));
	json_obj(res->json);
	json_kstr(res->json, "value", value);
	json_obj_end(res->json);
	return ERR_OK;
}

/* ---- export and statistics ---- */

static enum err_code note_export(struct request *req, const struct dictionary_type *t, int64_t rows, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct audit_entry entry = { .action = STR("record.export"), .subject = STR("record") };

	entry.summary = str_printf(req->mem, "导出%.*s %" PRId64 " 条（已脱敏）", STR_ARG(t->label.zh), rows);
	TRY(db_begin(req->db, &tx, err));
	TRY(audit_add(req->db, &req->who, req->now_ms, &entry, err));
	return db_commit(&tx, err);
}

static enum err_code export_get(struct request *req, struct response *res, struct err *err)
{
	const struct dictionary_type *t;
	struct str format = request_param(req, "format");
	enum sheet_format f = format.len ? sheet_format_of_name(str_printf(req->mem, "x.%.*s", STR_ARG(format))) : SHEET_XLSX;
	struct record_query q;
	int64_t rows;

	TRY(type_of(req, &t, err));
	TRY(query_of(req, t, &q, err));
	TRY(record_export_to_buf(req->db, req->app->dictionary, &q, f, res->out, &rows, err));
	TRY(note_export(req, t, rows, err));
	res->mime = STR("application/octet-stream");
	res->file_name = str_printf(req->mem, "%.*s.%s", STR_ARG(t->label.zh), sheet_format_name(f));
	return ERR_OK;
}

static void put_series(struct json *j, const char *key, const struct record_series *list, size_t count, struct str type)
{
	json_key(j, key);
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		json_obj(j);
		json_kstr(j, "key", list[i].key);
		json_kstr(j, "label", list[i].label);
		json_ki64(j, "count", list[i].count);
		if (list[i].org_id) {
			char link[120];

			snprintf(link, sizeof(link), "/records/%.*s?agency=%" PRId64, STR_ARG(type), list[i].org_id);
			json_kputs(j, "link", link);
		}
		json_obj_end(j);
	}
	json_arr_end(j);
}

static enum err_code stats_get(struct request *req, struct response *res, struct err *err)
{
	const struct dictionary_type *t;
	enum record_stats_by by = str_eq(request_param(req, "by"), STR("agency")) ? RECORD_BY_AGENCY : RECORD_BY_MONTH;
	struct record_query q;
	struct record_stats stats;

	TRY(type_of(req, &t, err));
	TRY(query_of(req, t, &q, err));
	q.today = req->today;
	TRY(record_stats(req->db, req->app->dictionary, &q, by, day_add_months(req->today, -12) + 1, req->today, req->mem, &stats, err));
	json_obj(res->json);
	json_ki64(res->json, "count", stats.count);
	json_ki64(res->json, "last_year", stats.last_year);
	put_series(res->json, "series", stats.series, stats.series_count, t->name);
	json_key(res->json, "missing_agencies");
	json_arr(res->json);
	for (size_t i = 0; i < stats.missing_count; i++) {
		json_obj(res->json);
		json_kid(res->json, "id", stats.missing[i].org_id);
		json_kstr(res->json, "name", stats.missing[i].label);
		json_obj_end(res->json);
	}
	json_arr_end(res->json);
	json_kday(res->json, "cutoff", stats.cutoff);
	json_obj_end(res->json);
	return ERR_OK;
}

static const struct route rows[] = { { HTTP_GET, "/api/types", types_get, .roles = ROLE_SIGNED_IN, .scope = SCOPE_INSTALLATION,
					     .summary = "记录类型：列、标签、代码表", .answers = "[type]" },
	{ HTTP_GET, "/api/records/{type}", records_get, .roles = ROLE_BODY | ROLE_LIAISON | ROLE_TOWNSHIP, .scope = SCOPE_ORG,
		.summary = "记录列表：q 全文，<列>、<列>_from、<列>_to 筛选，agency、import、order=oldest",
		.answers = "{items,next,total?}" },
	{ HTTP_GET, "/api/records/{type}/export", export_get, .roles = ROLE_BODY, .scope = SCOPE_ORG,
		.summary = "导出为 csv、xlsx 或 jsonl（脱敏）", .answers = "file" },
	{ HTTP_GET, "/api/records/{type}/stats", stats_get, .roles = ROLE_BODY, .scope = SCOPE_ORG,
		.summary = "按月或按机关计数，同比，缺报机关，数据截止日", .answers = "{count,last_year,series,missing_agencies,cutoff}" },
	{ HTTP_GET, "/api/records/{type}/{id}", record_get_route, .roles = ROLE_BODY | ROLE_LIAISON | ROLE_TOWNSHIP, .scope = SCOPE_ORG,
		.summary = "一条记录：值、子表、历史、时间线", .answers = "record" },
	{ HTTP_POST, "/api/records/{type}/{id}/reveal", reveal_post, .roles = ROLE_BODY, .scope = SCOPE_ORG,
		ROUTE_BODY(struct reveal_body, reveal_fields), .summary = "查看一项脱敏的个人信息，须写用途，记入留痕",
		.answers = "{value}" },
	IMPORT_ROUTES };
const struct route_table record_routes = { .rows = rows, .count = sizeof(rows) / sizeof(rows[0]), .tag = "record" };
