/* Kinds of documents from templates/<kind>.yaml. A kind that cites what the law register does not hold, or that lays out a field it does
 * not have, is refused when the program starts. */
#include <string.h>

#include "base/vec.h"
#include "instrument/instrument_private.h"
#include "law/law.h"
#include "yaml/yaml.h"

#define KINDS_MAX 64

static const char *const type_names[] = { [INSTRUMENT_LINE] = "line",
	[INSTRUMENT_TEXT] = "text",
	[INSTRUMENT_LIST] = "list",
	[INSTRUMENT_ROWS] = "rows",
	[INSTRUMENT_DAY] = "day" };

const struct instrument_field *field_find(const struct instrument_kind *kind, struct str name)
{
	for (size_t i = 0; i < kind->field_count; i++)
		if (str_eq(kind->fields[i].name, name))
			return &kind->fields[i];
	return NULL;
}

static enum err_code read_columns(struct yaml *map, struct arena *mem, struct instrument_field *f, struct err *err)
{
	f->columns = ARENA_NEW(mem, struct instrument_column, map->count + 1);
	if (!f->columns)
		return err_nomem(err);
	for (size_t i = 0; i < map->count; i++) {
		struct instrument_column *c = &f->columns[i];
		int64_t width;

		TRY(yaml_only(map->values[i], "label|width|required", err));
		TRY(yaml_i64(map->values[i], "width", 1, &width, err));
		TRY(yaml_bool(map->values[i], "required", false, &c->required, err));
		c->name = map->keys[i]->text;
		c->label = yaml_text(map->values[i], "label");
		c->width = (int)width;
		if (c->label.len == 0 || width < 1 || width > 100)
			return yaml_fail(err, ERR_INPUT, map->values[i], "列应有 label，width 应为 1–100");
	}
	f->column_count = map->count;
	if (f->column_count < 1 || f->column_count > DOCUMENT_COLUMNS_MAX)
		return yaml_fail(err, ERR_INPUT, map, "表格应有 1–%d 列", DOCUMENT_COLUMNS_MAX);
	return ERR_OK;
}

static enum err_code read_field(struct yaml *name, struct yaml *map, struct arena *mem, struct instrument_field *f, struct err *err)
{
	struct str type = yaml_text(map, "type");
	int64_t items;
	size_t t = 0;

	TRY(yaml_only(map, "label|type|required|max|items|hint|columns", err));
	while (t < sizeof(type_names) / sizeof(type_names[0]) && !str_eq(type, str_of(type_names[t])))
		t++;
	if (t == sizeof(type_names) / sizeof(type_names[0]))
		return yaml_fail(err, ERR_INPUT, map, "type 应为 line、text、list、rows 或 day，不是“%.*s”", STR_ARG(type));
	f->name = name->text;
	f->type = (enum instrument_field_type)t;
	f->label = yaml_text(map, "label");
	f->hint = yaml_text(map, "hint");
	TRY(yaml_bool(map, "required", false, &f->required, err));
	TRY(yaml_i64(map, "max", 1000, &f->chars_max, err));
	TRY(yaml_i64(map, "items", 50, &items, err));
	if (f->label.len == 0 || f->chars_max < 1 || f->chars_max > 100000 || items < 1 || items > 500)
		return yaml_fail(err, ERR_INPUT, map, "字段应有 label，max 应为 1–100000，items 应为 1–500");
	f->items_max = (size_t)items;
	if (f->type == INSTRUMENT_ROWS) {
		struct yaml *columns;

		TRY(yaml_need(map, "columns", YAML_MAP, &columns, err));
		TRY(read_columns(columns, mem, f, err));
	}
	return ERR_OK;
}

/** Every {name} of a pattern is a field or one of the names the program knows. */
static enum err_code check_pattern(const struct instrument_kind *k, struct str pattern, struct yaml *at, struct err *err)
{
	static const struct str known = STR_INIT("agency issuer government main_to number date");
	ptrdiff_t open;

	while ((open = str_find(pattern, STR("{"))) >= 0) {
		ptrdiff_t close = str_find(pattern, STR("}"));
		struct str name;

		if (close < open)
			return yaml_fail(err, ERR_INPUT, at, "花括号不成对");
		name = str_sub(pattern, (size_t)open + 1, (size_t)close);
		if (!field_find(k, name) && (name.len == 0 || !str_has(known, name)))
			return yaml_fail(err, ERR_INPUT, at, "{%.*s} 不是本文书的字段", STR_ARG(name));
		pattern = str_sub(pattern, (size_t)close + 1, pattern.len);
	}
	return ERR_OK;
}

static enum err_code read_part(struct yaml *map, const struct instrument_kind *k, struct instrument_part *p, struct err *err)
{
	const struct instrument_field *f;
	int64_t level;

	TRY(yaml_only(map, "heading|level|text|list|table|caption|if", err));
	TRY(yaml_i64(map, "level", 1, &level, err));
	p->level = level < 1 || level > 4 ? 1 : (int)level;
	p->condition = yaml_text(map, "if");
	p->caption = yaml_text(map, "caption");
	if (p->condition.len > 0 && !field_find(k, p->condition))
		return yaml_fail(err, ERR_INPUT, map, "if 所指的“%.*s”不是本文书的字段", STR_ARG(p->condition));
	if (yaml_get(map, "heading") || yaml_get(map, "text")) {
		p->kind = yaml_get(map, "heading") ? PART_HEADING : PART_TEXT;
		p->text = yaml_text(map, p->kind == PART_HEADING ? "heading" : "text");
		return check_pattern(k, p->text, map, err);
	}
	p->kind = yaml_get(map, "list") ? PART_LIST : PART_TABLE;
	p->field = yaml_text(map, p->kind == PART_LIST ? "list" : "table");
	f = field_find(k, p->field);
	if (!f || f->type != (p->kind == PART_LIST ? INSTRUMENT_LIST : INSTRUMENT_ROWS))
		return yaml_fail(
			err, ERR_INPUT, map, "“%.*s”不是 %s 类型的字段", STR_ARG(p->field), p->kind == PART_LIST ? "list" : "rows");
	return ERR_OK;
}

/** "行政执法监督条例 27" → name and article, found in the register. */
static enum err_code read_article(struct yaml *node, const struct law_register *law, struct instrument_citation *c, struct err *err)
{
	struct law_citation found;
	size_t at = node->text.len;

	while (at > 0 && node->text.ptr[at - 1] != ' ')
		at--;
	if (at < 2)
		return yaml_fail(err, ERR_INPUT, node, "依据应写成“法规名 条号”，如“行政执法监督条例 27”");
	c->law = str_trim(str_sub(node->text, 0, at));
	c->article = str_sub(node->text, at, node->text.len);
	if (law) {
		struct err why = { 0 };

		if (law_need(law, c->law, c->article, DAY_NONE, &found, &why) != ERR_OK)
			return yaml_fail(err, ERR_INPUT, node, "%s", why.msg);
	}
	return ERR_OK;
}

static enum err_code read_approvers(struct yaml *list, struct instrument_kind *k, struct err *err)
{
	for (size_t i = 0; i < list->count; i++) {
		unsigned int role = role_from_slug(list->values[i]->text);

		if (!(role & (ROLE_LEADER | ROLE_GOV_APPROVER)))
			return yaml_fail(err, ERR_INPUT, list->values[i], "审批人只能是 leader 或 gov_approver");
		k->approve_roles |= role;
	}
	if (k->approve_roles == 0)
		return yaml_fail(err, ERR_INPUT, list, "approve 不得为空");
	return ERR_OK;
}

static enum err_code read_number_and_reply(struct yaml *root, struct instrument_kind *k, struct err *err)
{
	struct yaml *number, *reply = yaml_get(root, "reply");

	TRY(yaml_need(root, "number", YAML_MAP, &number, err));
	TRY(yaml_only(number, "category|format", err));
	k->category = yaml_text(number, "category");
	k->number_format = yaml_text(number, "format");
	if (k->category.len == 0 || !str_has(k->number_format, STR("{proxy}")) || !str_has(k->number_format, STR("〔{year}〕{seq}号")))
		return yaml_fail(err, ERR_INPUT, number, "number 应有 category，format 应形如“{proxy}执监督〔{year}〕{seq}号”");
	if (!reply)
		return ERR_OK;
	TRY(yaml_only(reply, "length|unit|note", err));
	TRY(yaml_i64(reply, "length", 0, &k->reply_length, err));
	k->reply_unit = yaml_text(reply, "unit");
	k->reply_note = yaml_text(reply, "note");
	if (k->reply_length < 1 || k->reply_length > 365 || !(str_eq(k->reply_unit, STR("day")) || str_eq(k->reply_unit, STR("workday"))))
		return yaml_fail(err, ERR_INPUT, reply, "reply 的 length 应为 1–365，unit 应为 day 或 workday");
	if (!str_has(k->reply_note, STR("非法定")))
		return yaml_fail(err, ERR_INPUT, reply, "默认期限是管理参数，note 必须标明“非法定”");
	return ERR_OK;
}

static enum err_code read_head(struct yaml *root, struct instrument_kind *k, struct err *err)
{
	struct yaml *title, *approve;
	struct str issuer = yaml_text(root, "issuer"), form = yaml_text(root, "form");

	k->kind = yaml_text(root, "kind");
	TRY(yaml_need(root, "title", YAML_MAP, &title, err));
	k->title = yaml_text(title, "zh");
	k->short_title = yaml_text(title, "short");
	k->title_en = yaml_text(title, "en");
	TRY(yaml_bool(root, "statutory", false, &k->statutory, err));
	TRY(yaml_bool(root, "to_government", false, &k->to_government, err));
	TRY(yaml_bool(root, "deadline", false, &k->has_deadline, err));
	TRY(yaml_bool(root, "gov_approval", false, &k->needs_gov_approval, err));
	TRY(yaml_bool(root, "signer", false, &k->shows_signer, err));
	if (str_eq(issuer, STR("government")))
		k->issuer = INSTRUMENT_BY_GOVERNMENT;
	else if (!str_eq(issuer, STR("supervision_body")))
		return yaml_fail(err, ERR_INPUT, root, "issuer 应为 supervision_body 或 government");
	if (str_eq(form, STR("letter")))
		k->form = DOCUMENT_LETTER;
	else if (!str_eq(form, STR("official")))
		return yaml_fail(err, ERR_INPUT, root, "form 应为 letter 或 official");
	TRY(yaml_need(root, "approve", YAML_SEQ, &approve, err));
	TRY(read_approvers(approve, k, err));
	if (k->issuer == INSTRUMENT_BY_GOVERNMENT && !k->needs_gov_approval)
		return yaml_fail(err, ERR_INPUT, root, "以政府名义制发的文书须有政府批准（gov_approval: true）");
	k->heading_pattern = yaml_text(root, "heading");
	k->mark_pattern = yaml_text(root, "mark");
	k->note_pattern = yaml_text(root, "note");
	k->cc_pattern = yaml_text(root, "cc");
	k->printer_pattern = yaml_text(root, "printer");
	if (k->kind.len == 0 || k->title.len == 0 || k->short_title.len == 0 || k->heading_pattern.len == 0)
		return yaml_fail(err, ERR_INPUT, root, "文书应有 kind、title.zh、title.short 和 heading");
	return ERR_OK;
}

static enum err_code read_lists(
	struct yaml *root, const struct law_register *law, struct arena *mem, struct instrument_kind *k, struct err *err)
{
	struct yaml *articles, *fields, *body, *words = yaml_get(root, "forbid_words");

	TRY(yaml_need(root, "articles", YAML_SEQ, &articles, err));
	TRY(yaml_need(root, "fields", YAML_MAP, &fields, err));
	TRY(yaml_need(root, "body", YAML_SEQ, &body, err));
	k->articles = ARENA_NEW(mem, struct instrument_citation, articles->count + 1);
	k->fields = ARENA_NEW(mem, struct instrument_field, fields->count + 1);
	k->parts = ARENA_NEW(mem, struct instrument_part, body->count + 1);
	k->forbidden_words = ARENA_NEW(mem, struct str, (words ? words->count : 0) + 1);
	if (!k->articles || !k->fields || !k->parts || !k->forbidden_words)
		return err_nomem(err);
	for (; k->article_count < articles->count; k->article_count++)
		TRY(read_article(articles->values[k->article_count], law, &k->articles[k->article_count], err));
	for (; k->field_count < fields->count; k->field_count++)
		TRY(read_field(fields->keys[k->field_count], fields->values[k->field_count], mem, &k->fields[k->field_count], err));
	for (; k->part_count < body->count; k->part_count++)
		TRY(read_part(body->values[k->part_count], k, &k->parts[k->part_count], err));
	for (; words && k->forbidden_count < words->count; k->forbidden_count++)
		k->forbidden_words[k->forbidden_count] = words->values[k->forbidden_count]->text;
	if (!field_find(k, STR("main_to")))
		return yaml_fail(err, ERR_INPUT, fields, "文书应有主送机关字段 main_to");
	if (k->has_deadline != (field_find(k, STR("deadline_on")) != NULL))
		return yaml_fail(err, ERR_INPUT, fields, "deadline: true 与字段 deadline_on 应同时有或者同时没有");
	TRY(check_pattern(k, k->heading_pattern, root, err));
	TRY(check_pattern(k, k->mark_pattern, root, err));
	TRY(check_pattern(k, k->note_pattern, root, err));
	TRY(check_pattern(k, k->cc_pattern, root, err));
	return check_pattern(k, k->printer_pattern, root, err);
}

static enum err_code read_kind(
	const struct asset_file *file, const struct law_register *law, struct arena *mem, struct instrument_kind *k, struct err *err)
{
	char *path = str_cstr(mem, file->path);
	struct yaml *root;

	if (!path)
		return err_nomem(err);
	TRY(yaml_parse(file->text, path, mem, &root, err));
	TRY(yaml_only(root,
		"kind|title|statutory|articles|issuer|to_government|form|number|reply|approve|gov_approval|deadline|signer|mark|heading|"
		"forbid_words|fields|body|note|cc|"
		"printer",
		err));
	TRY(read_head(root, k, err));
	TRY(read_number_and_reply(root, k, err));
	return read_lists(root, law, mem, k, err);
}

enum err_code instrument_set_load(
	const struct asset_set *assets, const struct law_register *law, struct arena *mem, struct instrument_set **ret, struct err *err)
{
	struct instrument_set *set = ARENA_NEW(mem, struct instrument_set, 1);
	struct asset_file *files;
	size_t count;

	TRY(asset_list(assets, STR("templates/"), STR(".yaml"), mem, &files, &count, err));
	if (count > KINDS_MAX)
		return err_set(err, ERR_LIMIT, "templates/ 下的文书超过 %d 种", KINDS_MAX);
	if (!set || !(set->kinds = ARENA_NEW(mem, struct instrument_kind, count + 1)))
		return err_nomem(err);
	for (; set->count < count; set->count++) {
		struct instrument_kind *k = &set->kinds[set->count];

		TRY(read_kind(&files[set->count], law, mem, k, err));
		for (size_t i = 0; i < set->count; i++)
			if (str_eq(set->kinds[i].kind, k->kind) || str_eq(set->kinds[i].number_format, k->number_format))
				return err_set(err, ERR_INPUT, "%.*s：文书种类或者文号格式与 %.*s 重复", STR_ARG(files[set->count].path),
					STR_ARG(files[i].path));
	}
	*ret = set;
	return ERR_OK;
}

const struct instrument_kind *instrument_kinds(const struct instrument_set *set, size_t *ret_count)
{
	*ret_count = set->count;
	return set->kinds;
}

const struct instrument_kind *instrument_kind_find(const struct instrument_set *set, struct str kind)
{
	for (size_t i = 0; i < set->count; i++)
		if (str_eq(set->kinds[i].kind, kind))
			return &set->kinds[i];
	return NULL;
}

void instrument_set_public_url(struct instrument_set *set, const char *url)
{
	set->public_url = url;
}

void instrument_set_hooks(struct instrument_set *set, const struct instrument_hooks *hooks)
{
	set->hooks = hooks;
}

static void fields_json(const struct instrument_kind *k, struct json *j)
{
	json_key(j, "fields");
	json_arr(j);
	for (size_t i = 0; i < k->field_count; i++) {
		const struct instrument_field *f = &k->fields[i];

		json_obj(j);
		json_kstr(j, "name", f->name);
		json_kstr(j, "label", f->label);
		json_kputs(j, "type", type_names[f->type]);
		json_kbool(j, "required", f->required);
		json_ki64(j, "max", f->chars_max);
		if (f->hint.len > 0)
			json_kstr(j, "hint", f->hint);
		if (f->type == INSTRUMENT_LIST || f->type == INSTRUMENT_ROWS)
			json_ki64(j, "items", (int64_t)f->items_max);
		if (f->column_count > 0) {
			json_key(j, "columns");
			json_arr(j);
			for (size_t c = 0; c < f->column_count; c++) {
				json_obj(j);
				json_kstr(j, "name", f->columns[c].name);
				json_kstr(j, "label", f->columns[c].label);
				json_kbool(j, "required", f->columns[c].required);
				json_obj_end(j);
			}
			json_arr_end(j);
		}
		json_obj_end(j);
	}
	json_arr_end(j);
}

void instrument_kind_json(const struct instrument_kind *k, struct json *j)
{
	json_obj(j);
	json_kstr(j, "kind", k->kind);
	json_kstr(j, "title", k->title);
	json_kstr(j, "short_title", k->short_title);
	json_kstr(j, "title_en", k->title_en);
	json_kbool(j, "statutory", k->statutory);
	json_kputs(j, "issuer", k->issuer == INSTRUMENT_BY_GOVERNMENT ? "government" : "supervision_body");
	json_kbool(j, "needs_gov_approval", k->needs_gov_approval);
	json_kbool(j, "has_deadline", k->has_deadline);
	json_key(j, "articles");
	json_arr(j);
	for (size_t i = 0; i < k->article_count; i++) {
		json_obj(j);
		json_kstr(j, "law", k->articles[i].law);
		json_kstr(j, "article", k->articles[i].article);
		json_obj_end(j);
	}
	json_arr_end(j);
	json_key(j, "reply");
	if (k->reply_length > 0) {
		json_obj(j);
		json_ki64(j, "length", k->reply_length);
		json_kstr(j, "unit", k->reply_unit);
		json_kputs(j, "kind", "managerial");
		json_kstr(j, "note", k->reply_note);
		json_obj_end(j);
	} else {
		json_none(j);
	}
	fields_json(k, j);
	json_obj_end(j);
}
