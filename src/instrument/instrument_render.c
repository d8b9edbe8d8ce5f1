/* From fields to a page. The program's own layout is the kind's list of parts; a bureau's template gets the same values by name and by
 * label. Nothing but the document's own fields and the names of three organisations goes onto the page. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/vec.h"
#include "instrument/instrument_private.h"

enum err_code instrument_names_load(
	struct instrument_context *ctx, const struct instrument *in, struct instrument_names *ret, struct err *err)
{
	struct org org;

	ret->issuer = in->issuer_name;
	TRY(org_get(ctx->db, in->agency_id, ctx->mem, &org, err));
	ret->agency = org.name;
	TRY(org_government_of(ctx->db, in->body_id, ctx->mem, &org, err));
	ret->government = org.name;
	return ERR_OK;
}

/** Text of one name: a field (days in Chinese form) or one of the program's own. */
static struct str named_text(
	struct str name, const struct instrument *in, const json_t *fields, const struct instrument_names *names, struct arena *mem)
{
	const struct instrument_field *f = field_find(in->kind, name);

	if (f && f->type == INSTRUMENT_DAY)
		return fields_has(fields, name) ? document_date(mem, fields_day(fields, name)) : STR("");
	if (f)
		return fields_text(fields, name);
	if (str_eq(name, STR("agency")))
		return names->agency;
	if (str_eq(name, STR("issuer")))
		return names->issuer;
	if (str_eq(name, STR("government")))
		return names->government;
	if (str_eq(name, STR("number")))
		return in->number;
	if (str_eq(name, STR("date")))
		return document_date(mem, in->issued_on);
	return STR("");
}

enum err_code pattern_fill(struct str pattern, const struct instrument *in, const json_t *fields, const struct instrument_names *names,
	struct arena *mem, struct str *ret, struct err *err)
{
	struct buf b;
	bool failed;

	buf_init(&b, INSTRUMENT_FIELDS_BYTES_MAX);
	while (pattern.len > 0) {
		ptrdiff_t open = str_find(pattern, STR("{")), close;

		buf_put(&b, str_sub(pattern, 0, open < 0 ? pattern.len : (size_t)open));
		if (open < 0)
			break;
		close = str_find(pattern, STR("}")); /* the pair was checked when the kind was read */
		buf_put(&b, named_text(str_sub(pattern, (size_t)open + 1, (size_t)close), in, fields, names, mem));
		pattern = str_sub(pattern, (size_t)close + 1, pattern.len);
	}
	*ret = b.len > 0 ? str_dup(mem, buf_str(&b)) : STR("");
	failed = b.failed || !ret->ptr;
	buf_clear(&b);
	return failed ? err_set(err, ERR_LIMIT, "文书内容过长") : ERR_OK;
}

static json_t *field_value(const json_t *fields, struct str name, struct arena *mem)
{
	char *key = str_cstr(mem, name);

	return key ? json_object_get(fields, key) : NULL;
}

static void put_list(struct document *d, const json_t *list, struct arena *mem)
{
	size_t count = json_array_size(list);
	struct str *items = ARENA_NEW(mem, struct str, count + 1);

	for (size_t i = 0; items && i < count; i++) {
		const json_t *item = json_array_get(list, i);

		items[i] = (struct str){ .ptr = json_string_value(item), .len = json_string_length(item) };
	}
	if (items)
		document_list(d, items, count);
	else
		d->failed = true;
}

static void put_rows(struct document *d, const struct instrument_field *f, struct str caption, const json_t *rows, struct arena *mem)
{
	struct document_column columns[DOCUMENT_COLUMNS_MAX + 1];
	size_t count = json_array_size(rows), width = f->column_count;
	bool numbered = width < DOCUMENT_COLUMNS_MAX;
	size_t all = width + numbered;
	int shares = 0;
	struct str *cells = ARENA_NEW(mem, struct str, count * all + 1);

	if (!cells) {
		d->failed = true;
		return;
	}
	for (size_t c = 0; c < width; c++) {
		columns[c + numbered] = (struct document_column){ f->columns[c].label, f->columns[c].width * 100, DOCUMENT_LEFT };
		shares += f->columns[c].width;
	}
	if (numbered) /* 13 mm of the 156: two characters on one line */
		columns[0] = (struct document_column){ STR("序号"), shares * 100 * 13 / (156 - 13) + 1, DOCUMENT_CENTRE };
	for (size_t r = 0; r < count; r++) {
		if (numbered)
			cells[r * all] = str_printf(mem, "%zu", r + 1);
		for (size_t c = 0; c < width; c++)
			cells[r * all + c + numbered] = fields_text(json_array_get(rows, r), f->columns[c].name);
	}
	document_table(d, &(struct document_table){
				  .caption = caption, .columns = columns, .column_count = all, .cells = cells, .row_count = count });
}

static enum err_code put_parts(struct document *d, const struct instrument *in, const json_t *fields, const struct instrument_names *names,
	struct arena *mem, struct err *err)
{
	for (size_t i = 0; i < in->kind->part_count; i++) {
		const struct instrument_part *p = &in->kind->parts[i];
		struct str text;

		if (p->condition.len > 0 && !fields_has(fields, p->condition))
			continue;
		if (p->kind == PART_LIST) {
			put_list(d, field_value(fields, p->field, mem), mem);
		} else if (p->kind == PART_TABLE) {
			put_rows(d, field_find(in->kind, p->field), p->caption, field_value(fields, p->field, mem), mem);
		} else {
			TRY(pattern_fill(p->text, in, fields, names, mem, &text, err));
			if (p->kind == PART_HEADING)
				document_heading(d, p->level, text);
			else
				document_paragraphs(d, text);
		}
	}
	return ERR_OK;
}

static enum err_code put_attachments(struct document *d, const json_t *fields, struct arena *mem, struct err *err)
{
	const json_t *list = json_object_get(fields, "attachments");
	size_t count = json_array_size(list);
	struct str *items = ARENA_NEW(mem, struct str, count + 1);

	if (!items)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		const json_t *item = json_array_get(list, i);
		struct str name = str_trim((struct str){ .ptr = json_string_value(item), .len = json_string_length(item) });

		if (name.len > 0)
			items[d->attachment_count++] = name;
	}
	d->attachments = items;
	return ERR_OK;
}

/** 核验: only once the document has its number and only where the portal answers. */
static void put_check(struct document *d, struct instrument_context *ctx, const struct instrument *in)
{
	const char *url = ctx->app->instruments->public_url;

	if (!ctx->app->public_check || in->number.len == 0)
		return;
	d->qr = url ? str_printf(ctx->mem, "%s?code=%.*s", url, STR_ARG(in->check_code)) : in->check_code;
	d->qr_note = str_printf(ctx->mem, "核验码 %.*s", STR_ARG(in->check_code));
}

static struct str watermark(const struct instrument_context *ctx, const struct instrument *in)
{
	if (ctx->app->demo)
		return STR("演示数据");
	if (in->state == INSTRUMENT_VOID)
		return STR("作废");
	return in->number.len == 0 ? STR("草稿") : STR("");
}

static enum err_code own_layout(struct instrument_context *ctx, const struct instrument *in, const json_t *fields,
	const struct instrument_names *names, struct document **ret, struct err *err)
{
	const struct instrument_kind *k = in->kind;
	struct document *d = document_new(ctx->mem, k->form);
	struct str note_field = STR("contact");

	if (!d)
		return err_nomem(err);
	d->title = in->title;
	d->number = in->number;
	d->main_to = in->main_to;
	d->issuer = in->issuer_name;
	d->issued_on = in->issued_on;
	d->room_for_seal = true;
	d->author = in->issuer_name;
	d->made_ms = in->created_ms;
	d->watermark = watermark(ctx, in);
	d->signer = k->shows_signer ? (in->approver_name.len > 0 ? in->approver_name : STR("　　　")) : STR("");
	if (k->mark_pattern.len > 0)
		TRY(pattern_fill(k->mark_pattern, in, fields, names, ctx->mem, &d->issuer_mark, err));
	else
		d->issuer_mark = in->issuer_name;
	if (!field_find(k, note_field) || fields_has(fields, note_field))
		TRY(pattern_fill(k->note_pattern, in, fields, names, ctx->mem, &d->note, err));
	TRY(pattern_fill(k->cc_pattern, in, fields, names, ctx->mem, &d->cc, err));
	TRY(pattern_fill(k->printer_pattern, in, fields, names, ctx->mem, &d->printer, err));
	if (d->printer.len > 0)
		d->printed_on = in->issued_on;
	TRY(put_parts(d, in, fields, names, ctx->mem, err));
	TRY(put_attachments(d, fields, ctx->mem, err));
	put_check(d, ctx, in);
	*ret = d;
	return ERR_OK;
}

/* ---- templates ---- */

typedef VEC(struct document_value) value_list;

static bool push_both(value_list *list, struct str name, struct str label, struct document_value v)
{
	v.name = name;
	if (!vec_push(list, v))
		return false;
	v.name = label;
	return vec_push(list, v);
}

/** Items of a list or of rows; samples when `value` is NULL. */
static struct document_item *make_items(const struct instrument_field *f, const json_t *value, struct arena *mem, size_t *ret_count)
{
	size_t count = value ? json_array_size(value) : 1, width = f->type == INSTRUMENT_ROWS ? f->column_count * 2 : 2;
	struct document_item *items = ARENA_NEW(mem, struct document_item, count + 1);

	for (size_t i = 0; items && i < count; i++) {
		struct document_value *values = ARENA_NEW(mem, struct document_value, width);
		const json_t *item = value ? json_array_get(value, i) : NULL;

		if (!values)
			return NULL;
		if (f->type == INSTRUMENT_LIST) {
			values[0].name = STR("text");
			values[1].name = STR("内容");
			values[0].text = values[1].text =
				item ? (struct str){ .ptr = json_string_value(item), .len = json_string_length(item) } : STR("示例");
		}
		for (size_t c = 0; f->type == INSTRUMENT_ROWS && c < f->column_count; c++) {
			values[2 * c].name = f->columns[c].name;
			values[2 * c + 1].name = f->columns[c].label;
			values[2 * c].text = values[2 * c + 1].text = item ? fields_text(item, f->columns[c].name) : STR("示例");
		}
		items[i] = (struct document_item){ .values = values, .count = width };
	}
	*ret_count = count;
	return items;
}

enum err_code template_values(const struct instrument *in, const json_t *fields, const struct instrument_names *names, struct arena *mem,
	struct document_value **ret, size_t *ret_count, struct err *err)
{
	const struct {
		const char *name, *label;
		struct str text;
	} own[] = {
		{ "title", "标题", in->title },
		{ "number", "文号", in->number },
		{ "issuer", "发文机关", names->issuer },
		{ "agency", "被监督机关", names->agency },
		{ "government", "本级政府", names->government },
		{ "date", "成文日期", document_date(mem, in->issued_on) },
		{ "check_code", "核验码", in->check_code },
		{ "signer", "签发人", in->approver_name },
		{ "kind_title", "文书名称", in->kind->title },
	};
	value_list list = { 0 };
	bool fits = true;

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		fits = fits && push_both(&list, str_of(own[i].name), str_of(own[i].label), (struct document_value){ .text = own[i].text });
	for (size_t i = 0; fits && i < in->kind->field_count; i++) {
		const struct instrument_field *f = &in->kind->fields[i];
		struct document_value v = { 0 };

		if (f->type == INSTRUMENT_LIST || f->type == INSTRUMENT_ROWS) {
			const json_t *value = fields ? field_value(fields, f->name, mem) : NULL;
			json_t *empty = fields && !value ? json_array() : NULL;

			v.is_list = true;
			v.items = make_items(f, empty ? empty : value, mem, &v.item_count);
			fits = v.items != NULL;
			json_decref(empty);
		} else {
			v.text = fields ? named_text(f->name, in, fields, names, mem) : STR("示例");
		}
		if (str_eq(f->name, STR("main_to")) && fields)
			v.text = in->main_to;
		fits = fits && push_both(&list, f->name, f->label, v);
	}
	*ret = fits ? ARENA_NEW(mem, struct document_value, list.len) : NULL;
	if (*ret)
		memcpy(*ret, list.v, list.len * sizeof(**ret));
	*ret_count = list.len;
	vec_clear(&list);
	return *ret ? ERR_OK : err_nomem(err);
}

enum err_code stored_file_read(const char *data_dir, struct str sm3, size_t bytes_max, struct arena *mem, struct str *ret, struct err *err)
{
	char *path = attachment_path(data_dir, sm3, mem);

	if (!path)
		return err_set(err, ERR_CORRUPT, "文件地址不正确");
	return file_read(path, bytes_max, mem, ret, err);
}

static enum err_code from_template(struct instrument_context *ctx, const struct instrument *in, const json_t *fields,
	const struct instrument_names *names, struct buf *out, struct err *err)
{
	struct template_row t;
	struct document_value *values;
	struct str docx;
	size_t count;

	TRY(store_template_get(ctx->db, in->template_id, ctx->mem, &t, err));
	TRY(stored_file_read(ctx->app->data_dir, t.sm3, INSTRUMENT_TEMPLATE_BYTES_MAX, ctx->mem, &docx, err));
	TRY(template_values(in, fields, names, ctx->mem, &values, &count, err));
	if (document_fill(docx, values, count, watermark(ctx, in), out, err) != ERR_OK)
		return err_prefix(err, "模板“%.*s”", STR_ARG(t.name));
	return ERR_OK;
}

enum err_code instrument_render(
	struct instrument_context *ctx, const struct instrument *in, enum instrument_format format, struct buf *out, struct err *err)
{
	CLEANUP(json_decrefp) json_t *fields = NULL;
	struct instrument_names names;
	struct document *d = NULL;

	if (!in->kind)
		return err_set(err, ERR_STATE, "文书种类“%.*s”已从模板中删去，不能生成", STR_ARG(in->kind_name));
	TRY(fields_parse(in->kind, in->fields, false, &fields, err));
	TRY(instrument_names_load(ctx, in, &names, err));
	if (format == INSTRUMENT_DOCX && in->template_id > 0)
		return from_template(ctx, in, fields, &names, out, err);
	TRY(own_layout(ctx, in, fields, &names, &d, err));
	return format == INSTRUMENT_PDF ? document_pdf(d, out, NULL, err) : document_docx(d, out, err);
}
