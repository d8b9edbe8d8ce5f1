/* Loads dictionary/<type>.yaml: one pass reads every type with its columns, a second resolves what names something else
 * (keys, references, currency columns). A file that is wrong anywhere stops the program at start, with its line and column. */
#include "dictionary/dictionary.h"

#include <assert.h>
#include <stdlib.h>

#include "dictionary/dictionary_private.h"
#include "yaml/yaml.h"

static const char *const type_slugs[COLUMN_TYPE_COUNT] = { "bool", "int", "money", "decimal", "date", "datetime", "text", "code" };
static const char *const privacy_slugs[PRIVACY_COUNT] = { "", "name", "id_number", "phone", "address", "birth" };
static const char *const check_slugs[CHECK_COUNT] = { "", "credit_code", "id_number", "party_code", "area_code" };

/* What every r_<type> table has of its own, and words that one of the two databases keeps for itself. */
static const char *const reserved[] = {
	"id",
	"row_key",
	"region",
	"org_id",
	"sealed",
	"deleted",
	"version",
	"change_no",
	"import_id",
	"source_line",
	"supply_id",
	"digest",
	"record_id",
	"seq",
	"rowid",
	"oid",
	"all",
	"analyse",
	"analyze",
	"and",
	"any",
	"array",
	"as",
	"asc",
	"between",
	"by",
	"case",
	"cast",
	"check",
	"collate",
	"column",
	"constraint",
	"create",
	"current_date",
	"default",
	"delete",
	"desc",
	"distinct",
	"do",
	"drop",
	"else",
	"end",
	"escape",
	"except",
	"exists",
	"false",
	"fetch",
	"for",
	"foreign",
	"from",
	"full",
	"grant",
	"group",
	"having",
	"if",
	"in",
	"index",
	"inner",
	"insert",
	"intersect",
	"into",
	"is",
	"isnull",
	"join",
	"left",
	"like",
	"limit",
	"natural",
	"not",
	"notnull",
	"null",
	"offset",
	"on",
	"only",
	"or",
	"order",
	"outer",
	"primary",
	"references",
	"right",
	"select",
	"set",
	"table",
	"then",
	"to",
	"transaction",
	"true",
	"union",
	"unique",
	"update",
	"user",
	"using",
	"values",
	"when",
	"where",
	"window",
	"with",
};

const char *column_type_slug(enum column_type t)
{
	assert(t < COLUMN_TYPE_COUNT);
	return type_slugs[t];
}

const char *column_privacy_slug(enum column_privacy p)
{
	assert(p < PRIVACY_COUNT);
	return privacy_slugs[p];
}

static int slug_index(const char *const *slugs, int count, struct str s)
{
	for (int i = 0; i < count; i++)
		if (str_eq(s, str_of(slugs[i])))
			return i;
	return -1;
}

/* ---- names ---- */

static bool is_identifier(struct str s)
{
	if (s.len == 0 || s.len > DICTIONARY_NAME_MAX || s.ptr[0] < 'a' || s.ptr[0] > 'z')
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!((s.ptr[i] >= 'a' && s.ptr[i] <= 'z') || (s.ptr[i] >= '0' && s.ptr[i] <= '9') || s.ptr[i] == '_'))
			return false;
	return true;
}

static enum err_code check_name(const struct yaml *at, const char *what, struct err *err)
{
	if (!is_identifier(at->text))
		return yaml_fail(err, ERR_INPUT, at, "%s“%.*s”不合规：须以小写字母开头，只含小写字母、数字和下划线，最长 %d 个字符", what,
			STR_ARG(at->text), DICTIONARY_NAME_MAX);
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (str_eq(at->text, str_of(reserved[i])))
			return yaml_fail(err, ERR_INPUT, at, "%s“%.*s”是保留字，请换一个名称", what, STR_ARG(at->text));
	return ERR_OK;
}

static enum err_code read_label(const struct yaml *map, struct str name, struct arena *mem, struct dictionary_label *ret, struct err *err)
{
	const struct yaml *label = yaml_get(map, "label");

	*ret = (struct dictionary_label){ .zh = name, .en = name };
	if (!label)
		return yaml_fail(err, ERR_INPUT, map, "“%.*s”缺少 label（中文名称）", STR_ARG(name));
	if (label->kind == YAML_SCALAR) {
		ret->zh = str_dup(mem, label->text);
	} else if (label->kind == YAML_MAP) {
		TRY(yaml_only(label, "zh|en", err));
		ret->zh = str_dup(mem, yaml_text(label, "zh"));
		if (yaml_text(label, "en").len > 0)
			ret->en = str_dup(mem, yaml_text(label, "en"));
	}
	if (ret->zh.len == 0)
		return yaml_fail(err, ERR_INPUT, label, "label 应为 {zh: 中文名称, en: English name}");
	return ERR_OK;
}

static enum err_code read_texts(
	const struct yaml *seq, size_t from, struct arena *mem, const struct str **ret, size_t *ret_count, struct err *err)
{
	struct str *texts;

	*ret_count = 0;
	if (!seq || seq->count <= from)
		return ERR_OK;
	texts = ARENA_NEW(mem, struct str, seq->count - from);
	if (!texts)
		return err_nomem(err);
	for (size_t i = from; i < seq->count; i++) {
		if (seq->values[i]->kind != YAML_SCALAR || seq->values[i]->text.len == 0)
			return yaml_fail(err, ERR_INPUT, seq->values[i], "这里应为文字");
		texts[i - from] = str_dup(mem, seq->values[i]->text);
	}
	*ret = texts;
	*ret_count = seq->count - from;
	return ERR_OK;
}

/* ---- columns ---- */

static enum err_code read_code(
	const struct yaml *key, const struct yaml *value, struct arena *mem, struct dictionary_code *c, struct err *err)
{
	TRY(check_name(key, "代码", err));
	c->code = str_dup(mem, key->text);
	c->label = (struct dictionary_label){ .zh = c->code, .en = c->code };
	switch (value->kind) {
	case YAML_SCALAR:
		c->label.zh = str_dup(mem, value->text);
		break;
	case YAML_SEQ:
		if (value->count == 0 || value->values[0]->kind != YAML_SCALAR)
			return yaml_fail(err, ERR_INPUT, value, "代码“%.*s”的列表应为 [名称, 别名…]", STR_ARG(key->text));
		c->label.zh = str_dup(mem, value->values[0]->text);
		TRY(read_texts(value, 1, mem, &c->aliases, &c->alias_count, err));
		break;
	case YAML_MAP:
		TRY(yaml_only(value, "zh|en|aliases", err));
		c->label.zh = str_dup(mem, yaml_text(value, "zh"));
		if (yaml_text(value, "en").len > 0)
			c->label.en = str_dup(mem, yaml_text(value, "en"));
		TRY(read_texts(yaml_get(value, "aliases"), 0, mem, &c->aliases, &c->alias_count, err));
		break;
	}
	if (c->label.zh.len == 0)
		return yaml_fail(err, ERR_INPUT, value, "代码“%.*s”缺少中文名称", STR_ARG(key->text));
	return ERR_OK;
}

static enum err_code read_codes(const struct yaml *map, struct arena *mem, struct dictionary_column *c, struct err *err)
{
	const struct yaml *list = yaml_get(map, "codes");
	struct dictionary_code *codes;

	if ((c->type == COLUMN_CODE) != (list != NULL))
		return yaml_fail(err, ERR_INPUT, list ? list : map,
			c->type == COLUMN_CODE ? "列“%.*s”的类型是 code，必须有 codes" : "列“%.*s”的类型不是 code，不能有 codes",
			STR_ARG(c->name));
	if (!list)
		return ERR_OK;
	if (list->kind != YAML_MAP || list->count == 0 || list->count > DICTIONARY_CODES_MAX)
		return yaml_fail(err, ERR_INPUT, list, "codes 应为 {代码: 名称}，1 到 %d 项", DICTIONARY_CODES_MAX);
	codes = ARENA_NEW(mem, struct dictionary_code, list->count);
	if (!codes)
		return err_nomem(err);
	for (size_t i = 0; i < list->count; i++)
		TRY(read_code(list->keys[i], list->values[i], mem, &codes[i], err));
	c->codes = codes;
	c->code_count = list->count;
	return ERR_OK;
}

static enum err_code read_slug(const struct yaml *map, const char *key, const char *const *slugs, int count, int *ret, struct err *err)
{
	const struct yaml *node = yaml_get(map, key);
	struct str names[16];

	*ret = 0;
	if (!node)
		return ERR_OK;
	*ret = slug_index(slugs, count, node->text);
	if (node->kind == YAML_SCALAR && *ret >= 0)
		return ERR_OK;
	for (int i = 0; i < count; i++)
		names[i] = str_of(slugs[i]);
	struct str near = yaml_nearest(node->text, names, (size_t)count);
	return yaml_fail(err, ERR_INPUT, node, "%s“%.*s”不认识%s%.*s%s", key, STR_ARG(node->text), near.len ? "，是不是“" : "",
		STR_ARG(near), near.len ? "”" : "");
}

static enum err_code check_column(const struct yaml *map, const struct dictionary_column *c, struct err *err)
{
	bool is_text = c->type == COLUMN_TEXT;

	if (c->privacy == PRIVACY_BIRTH ? c->type != COLUMN_DATE : !is_text && c->privacy != PRIVACY_NONE)
		return yaml_fail(err, ERR_INPUT, map, "列“%.*s”：privacy 只能用于 text 列，birth 只能用于 date 列", STR_ARG(c->name));
	if (c->organisation && c->privacy == PRIVACY_NONE)
		return yaml_fail(err, ERR_INPUT, map, "列“%.*s”：organisation 须与 privacy 一起使用", STR_ARG(c->name));
	if (!is_text && c->check != CHECK_NONE)
		return yaml_fail(err, ERR_INPUT, map, "列“%.*s”：check 只能用于 text 列", STR_ARG(c->name));
	if (!is_text && c->search)
		return yaml_fail(err, ERR_INPUT, map, "列“%.*s”：search 只能用于 text 列", STR_ARG(c->name));
	if (c->type != COLUMN_MONEY && (yaml_get(map, "foreign") || yaml_get(map, "currency")))
		return yaml_fail(err, ERR_INPUT, map, "列“%.*s”：foreign、currency 只能用于 money 列", STR_ARG(c->name));
	if ((c->type == COLUMN_DATE) != str_ends(c->name, STR("_on")) || (c->type == COLUMN_DATETIME) != str_ends(c->name, STR("_at")))
		return yaml_fail(err, ERR_INPUT, map, "列“%.*s”：date 列的名称须以 _on 结尾，datetime 列须以 _at 结尾，其他列不得如此",
			STR_ARG(c->name));
	return ERR_OK;
}

static enum err_code read_column(
	const struct yaml *key, const struct yaml *map, int index, struct arena *mem, struct dictionary_column *c, struct err *err)
{
	int64_t max;
	int slug;

	TRY(check_name(key, "列名", err));
	if (map->kind != YAML_MAP)
		return yaml_fail(err, ERR_INPUT, map, "列“%.*s”应为 {type: …, label: …}", STR_ARG(key->text));
	TRY(yaml_only(
		map, "type|label|codes|max|required|search|filter|timeline|privacy|organisation|check|foreign|currency|note|aliases", err));
	*c = (struct dictionary_column){ .name = str_dup(mem, key->text), .index = index, .foreign = -1, .currency = -1 };
	if (!yaml_get(map, "type"))
		return yaml_fail(err, ERR_INPUT, map, "列“%.*s”缺少 type", STR_ARG(c->name));
	TRY(read_slug(map, "type", type_slugs, COLUMN_TYPE_COUNT, &slug, err));
	c->type = (enum column_type)slug;
	TRY(read_slug(map, "privacy", privacy_slugs, PRIVACY_COUNT, &slug, err));
	c->privacy = (enum column_privacy)slug;
	TRY(read_slug(map, "check", check_slugs, CHECK_COUNT, &slug, err));
	c->check = (enum column_check)slug;
	TRY(read_label(map, c->name, mem, &c->label, err));
	TRY(read_texts(yaml_get(map, "aliases"), 0, mem, &c->aliases, &c->alias_count, err));
	TRY(read_codes(map, mem, c, err));
	TRY(yaml_i64(map, "max", 200, &max, err));
	if (max < 1 || max > 100000)
		return yaml_fail(err, ERR_INPUT, yaml_get(map, "max"), "max 应在 1 与 100000 之间");
	c->max = (size_t)max;
	TRY(yaml_bool(map, "required", false, &c->required, err));
	TRY(yaml_bool(map, "search", false, &c->search, err));
	TRY(yaml_bool(map, "filter", false, &c->filter, err));
	TRY(yaml_bool(map, "timeline", true, &c->timeline, err));
	TRY(yaml_bool(map, "organisation", false, &c->organisation, err));
	c->note = str_dup(mem, yaml_text(map, "note"));
	return check_column(map, c, err);
}

static const struct dictionary_column *column_named(const struct dictionary_column *columns, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(columns[i].name, name))
			return &columns[i];
	return NULL;
}

/** Index of the column that a scalar names; the error suggests the nearest. */
static enum err_code find_column(
	const struct yaml *at, struct str name, const struct dictionary_column *columns, size_t count, int *ret, struct err *err)
{
	const struct dictionary_column *c = column_named(columns, count, name);
	struct str names[DICTIONARY_COLUMNS_MAX];
	struct str near;

	if (c) {
		*ret = c->index;
		return ERR_OK;
	}
	for (size_t i = 0; i < count; i++)
		names[i] = columns[i].name;
	near = yaml_nearest(name, names, count);
	return yaml_fail(err, ERR_INPUT, at, "没有列“%.*s”%s%.*s%s", STR_ARG(name), near.len ? "，是不是“" : "", STR_ARG(near),
		near.len ? "”？" : "");
}

/** Money columns name the column of the currency and the one that keeps foreign amounts. */
static enum err_code link_money(const struct yaml *list, struct dictionary_column *columns, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct yaml *map = list->values[i];
		struct str foreign = yaml_text(map, "foreign"), currency = yaml_text(map, "currency");

		if (foreign.len > 0) {
			TRY(find_column(map, foreign, columns, count, &columns[i].foreign, err));
			if (columns[columns[i].foreign].type != COLUMN_DECIMAL)
				return yaml_fail(err, ERR_INPUT, map, "foreign 所指的列“%.*s”须为 decimal", STR_ARG(foreign));
		}
		if (currency.len > 0) {
			TRY(find_column(map, currency, columns, count, &columns[i].currency, err));
			if (columns[columns[i].currency].type != COLUMN_TEXT)
				return yaml_fail(err, ERR_INPUT, map, "currency 所指的列“%.*s”须为 text", STR_ARG(currency));
		}
	}
	return ERR_OK;
}

static enum err_code read_columns(
	const struct yaml *owner, struct arena *mem, const struct dictionary_column **ret, size_t *ret_count, struct err *err)
{
	struct dictionary_column *columns;
	struct yaml *list;

	TRY(yaml_need(owner, "columns", YAML_MAP, &list, err));
	if (list->count == 0 || list->count > DICTIONARY_COLUMNS_MAX)
		return yaml_fail(err, ERR_LIMIT, list, "列数应在 1 与 %d 之间，这里有 %zu 列", DICTIONARY_COLUMNS_MAX, list->count);
	columns = ARENA_NEW(mem, struct dictionary_column, list->count);
	if (!columns)
		return err_nomem(err);
	for (size_t i = 0; i < list->count; i++)
		TRY(read_column(list->keys[i], list->values[i], (int)i, mem, &columns[i], err));
	TRY(link_money(list, columns, list->count, err));
	*ret = columns;
	*ret_count = list->count;
	return ERR_OK;
}

/* ---- children and references ---- */

static enum err_code read_child(
	const struct yaml *key, const struct yaml *map, int index, struct arena *mem, struct dictionary_child *c, struct err *err)
{
	struct str order;

	TRY(check_name(key, "子表名", err));
	if (map->kind != YAML_MAP)
		return yaml_fail(err, ERR_INPUT, map, "子表“%.*s”应为 {label: …, columns: …}", STR_ARG(key->text));
	TRY(yaml_only(map, "label|order|columns|references", err));
	*c = (struct dictionary_child){ .name = str_dup(mem, key->text), .index = index, .order = -1 };
	TRY(read_label(map, c->name, mem, &c->label, err));
	TRY(read_columns(map, mem, &c->columns, &c->column_count, err));
	order = yaml_text(map, "order");
	if (order.len > 0)
		TRY(find_column(yaml_get(map, "order"), order, c->columns, c->column_count, &c->order, err));
	return ERR_OK;
}

static enum err_code read_children(const struct yaml *root, struct arena *mem, struct dictionary_type *t, struct err *err)
{
	const struct yaml *list = yaml_get(root, "children");
	struct dictionary_child *children;

	if (!list)
		return ERR_OK;
	if (list->kind != YAML_MAP || list->count > DICTIONARY_CHILDREN_MAX)
		return yaml_fail(err, ERR_INPUT, list, "children 应为 {子表名: …}，最多 %d 个", DICTIONARY_CHILDREN_MAX);
	children = ARENA_NEW(mem, struct dictionary_child, list->count);
	if (!children)
		return err_nomem(err);
	for (size_t i = 0; i < list->count; i++) {
		TRY(read_child(list->keys[i], list->values[i], (int)i, mem, &children[i], err));
		if (column_named(t->columns, t->column_count, children[i].name))
			return yaml_fail(err, ERR_INPUT, list->keys[i], "子表“%.*s”与一列同名", STR_ARG(children[i].name));
	}
	t->children = children;
	t->child_count = list->count;
	return ERR_OK;
}

/** How the record was on a day: the child, and its first and last day. */
static enum err_code read_history(const struct yaml *root, struct dictionary_type *t, struct err *err)
{
	const struct yaml *map = yaml_get(root, "history");
	struct yaml *child, *from, *to;
	const struct dictionary_child *c;

	if (!map)
		return ERR_OK;
	if (map->kind != YAML_MAP)
		return yaml_fail(err, ERR_INPUT, map, "history 应为 {child: 子表, from: 列, to: 列}");
	TRY(yaml_only(map, "child|from|to", err));
	TRY(yaml_need(map, "child", YAML_SCALAR, &child, err));
	TRY(yaml_need(map, "from", YAML_SCALAR, &from, err));
	TRY(yaml_need(map, "to", YAML_SCALAR, &to, err));
	c = dictionary_child(t, child->text);
	if (!c)
		return yaml_fail(err, ERR_INPUT, child, "没有子表“%.*s”", STR_ARG(child->text));
	t->history.child = c->index;
	TRY(find_column(from, from->text, c->columns, c->column_count, &t->history.from, err));
	TRY(find_column(to, to->text, c->columns, c->column_count, &t->history.to, err));
	if (c->columns[t->history.from].type != COLUMN_DATE || c->columns[t->history.to].type != COLUMN_DATE)
		return yaml_fail(err, ERR_INPUT, map, "history 的 from 和 to 须为 date 列");
	return ERR_OK;
}

struct owner { /* of references: a type or a child of it */
	const struct dictionary_column *columns;
	size_t column_count;
};

static enum err_code read_reference(const struct dictionary *d, const struct owner *owner, const struct yaml *key, const struct yaml *map,
	struct arena *mem, struct dictionary_reference *r, struct err *err)
{
	struct str names[DICTIONARY_TYPES_MAX], target, near;
	struct yaml *by;

	TRY(check_name(key, "引用名", err));
	if (map->kind != YAML_MAP)
		return yaml_fail(err, ERR_INPUT, map, "引用应为 {type: 类型, by: {本列: 对方的列}}");
	TRY(yaml_only(map, "type|by", err));
	r->name = str_dup(mem, key->text);
	target = yaml_text(map, "type");
	r->type = dictionary_type(d, target);
	if (!r->type) {
		for (size_t i = 0; i < d->type_count; i++)
			names[i] = d->types[i].name;
		near = yaml_nearest(target, names, d->type_count);
		return yaml_fail(err, ERR_INPUT, map, "引用“%.*s”所指的类型“%.*s”不存在%s%.*s%s", STR_ARG(r->name), STR_ARG(target),
			near.len ? "，是不是“" : "", STR_ARG(near), near.len ? "”？" : "");
	}
	TRY(yaml_need(map, "by", YAML_MAP, &by, err));
	if (by->count == 0 || by->count > DICTIONARY_KEY_MAX)
		return yaml_fail(err, ERR_INPUT, by, "by 应有 1 到 %d 对", DICTIONARY_KEY_MAX);
	for (size_t i = 0; i < by->count; i++) {
		TRY(find_column(by->keys[i], by->keys[i]->text, owner->columns, owner->column_count, &r->by[i].from, err));
		TRY(find_column(by->values[i], by->values[i]->text, r->type->columns, r->type->column_count, &r->by[i].to, err));
		if (owner->columns[r->by[i].from].type != r->type->columns[r->by[i].to].type)
			return yaml_fail(err, ERR_INPUT, by->keys[i], "引用两端的列类型不同");
	}
	r->by_count = by->count;
	return ERR_OK;
}

static enum err_code read_references(const struct dictionary *d, const struct owner *owner, const struct yaml *map, struct arena *mem,
	const struct dictionary_reference **ret, size_t *ret_count, struct err *err)
{
	const struct yaml *list = yaml_get(map, "references");
	struct dictionary_reference *references;

	if (!list)
		return ERR_OK;
	if (list->kind != YAML_MAP)
		return yaml_fail(err, ERR_INPUT, list, "references 应为 {名称: {type: …, by: …}}");
	references = ARENA_NEW(mem, struct dictionary_reference, list->count + 1);
	if (!references)
		return err_nomem(err);
	for (size_t i = 0; i < list->count; i++)
		TRY(read_reference(d, owner, list->keys[i], list->values[i], mem, &references[i], err));
	*ret = references;
	*ret_count = list->count;
	return ERR_OK;
}

/* ---- types ---- */

static enum err_code read_key(const struct yaml *root, struct dictionary_type *t, struct err *err)
{
	struct yaml *key;

	TRY(yaml_need(root, "key", YAML_SEQ, &key, err));
	if (key->count == 0 || key->count > DICTIONARY_KEY_MAX)
		return yaml_fail(err, ERR_INPUT, key, "key 应有 1 到 %d 列", DICTIONARY_KEY_MAX);
	for (size_t i = 0; i < key->count; i++)
		TRY(find_column(key->values[i], key->values[i]->text, t->columns, t->column_count, &t->key[i], err));
	t->key_count = key->count;
	return ERR_OK;
}

static enum err_code check_title(const struct yaml *at, const struct dictionary_type *t, struct err *err)
{
	struct str rest = t->title;
	ptrdiff_t open;
	int ignored;

	while ((open = str_find(rest, STR("{"))) >= 0) {
		rest = str_sub(rest, (size_t)open + 1, rest.len);
		ptrdiff_t close = str_find(rest, STR("}"));

		if (close < 0)
			return yaml_fail(err, ERR_INPUT, at, "title 中的花括号没有闭合");
		TRY(find_column(at, str_sub(rest, 0, (size_t)close), t->columns, t->column_count, &ignored, err));
		rest = str_sub(rest, (size_t)close + 1, rest.len);
	}
	return ERR_OK;
}

static enum err_code read_type(const struct yaml *root, int index, struct arena *mem, struct dictionary_type *t, struct err *err)
{
	const struct yaml *name = yaml_get(root, "type");
	struct str date = yaml_text(root, "date");

	if (root->kind != YAML_MAP)
		return yaml_fail(err, ERR_INPUT, root, "记录类型文件应为一个映射（type、label、key、columns…）");
	TRY(yaml_only(root, "type|label|note|key|title|agency|date|sealed|columns|references|children|history|referrers", err));
	if (!name)
		return yaml_fail(err, ERR_INPUT, root, "缺少 type");
	TRY(check_name(name, "类型名", err));
	*t = (struct dictionary_type){
		.name = str_dup(mem, name->text), .index = index, .agency = -1, .date = -1, .history = { .child = -1 }
	};
	TRY(read_label(root, t->name, mem, &t->label, err));
	t->note = str_dup(mem, yaml_text(root, "note"));
	TRY(yaml_bool(root, "sealed", false, &t->sealed, err));
	TRY(read_columns(root, mem, &t->columns, &t->column_count, err));
	TRY(read_key(root, t, err));
	if (date.len > 0) {
		TRY(find_column(yaml_get(root, "date"), date, t->columns, t->column_count, &t->date, err));
		if (t->columns[t->date].type != COLUMN_DATE && t->columns[t->date].type != COLUMN_DATETIME)
			return yaml_fail(err, ERR_INPUT, yaml_get(root, "date"), "date 所指的列须为 date 或 datetime");
	}
	t->title = yaml_get(root, "title") ? str_dup(mem, yaml_text(root, "title"))
	                                   : str_printf(mem, "{%.*s}", STR_ARG(t->columns[t->key[0]].name));
	TRY(check_title(root, t, err));
	TRY(read_children(root, mem, t, err));
	return read_history(root, t, err);
}

static enum err_code read_referrer(const struct dictionary *d, const struct dictionary_type *t, const struct yaml *key,
	const struct yaml *map, struct arena *mem, struct dictionary_referrer *r, struct err *err)
{
	struct str names[DICTIONARY_TYPES_MAX], target, by, near;

	TRY(check_name(key, "引用者名", err));
	if (map->kind != YAML_MAP)
		return yaml_fail(err, ERR_INPUT, map, "引用者应为 {type: 类型, by: 它的引用}");
	TRY(yaml_only(map, "type|by|label", err));
	r->name = str_dup(mem, key->text);
	target = yaml_text(map, "type");
	by = yaml_text(map, "by");
	r->type = dictionary_type(d, target);
	if (!r->type) {
		for (size_t i = 0; i < d->type_count; i++)
			names[i] = d->types[i].name;
		near = yaml_nearest(target, names, d->type_count);
		return yaml_fail(err, ERR_INPUT, map, "引用者“%.*s”的类型“%.*s”不存在%s%.*s%s", STR_ARG(r->name), STR_ARG(target),
			near.len ? "，是不是“" : "", STR_ARG(near), near.len ? "”？" : "");
	}
	r->label = r->type->label;
	if (yaml_get(map, "label"))
		TRY(read_label(map, r->name, mem, &r->label, err));
	if (dictionary_column(t, r->name) || dictionary_child(t, r->name) || dictionary_reference(t, r->name))
		return yaml_fail(err, ERR_INPUT, key, "引用者“%.*s”与列、引用或子表同名", STR_ARG(r->name));
	r->reference = -1;
	for (size_t i = 0; i < r->type->reference_count; i++)
		if (str_eq(r->type->references[i].name, by))
			r->reference = (int)i;
	if (r->reference < 0 || r->type->references[r->reference].type != t)
		return yaml_fail(
			err, ERR_INPUT, map, "by“%.*s”不是“%.*s”中指向“%.*s”的引用", STR_ARG(by), STR_ARG(r->type->name), STR_ARG(t->name));
	return ERR_OK;
}

/** After every type has its references. */
static enum err_code read_referrers(
	const struct dictionary *d, const struct yaml *root, struct arena *mem, struct dictionary_type *t, struct err *err)
{
	const struct yaml *list = yaml_get(root, "referrers");
	struct dictionary_referrer *referrers;

	if (!list)
		return ERR_OK;
	if (list->kind != YAML_MAP || list->count > DICTIONARY_CHILDREN_MAX)
		return yaml_fail(err, ERR_INPUT, list, "referrers 应为 {名称: {type: …, by: …}}，最多 %d 个", DICTIONARY_CHILDREN_MAX);
	referrers = ARENA_NEW(mem, struct dictionary_referrer, list->count + 1);
	if (!referrers)
		return err_nomem(err);
	for (size_t i = 0; i < list->count; i++)
		TRY(read_referrer(d, t, list->keys[i], list->values[i], mem, &referrers[i], err));
	t->referrers = referrers;
	t->referrer_count = list->count;
	return ERR_OK;
}

static enum err_code link_type(
	const struct dictionary *d, const struct yaml *root, struct arena *mem, struct dictionary_type *t, struct err *err)
{
	const struct owner self = { .columns = t->columns, .column_count = t->column_count };
	struct str agency = yaml_text(root, "agency");

	TRY(read_references(d, &self, root, mem, &t->references, &t->reference_count, err));
	for (size_t i = 0; i < t->child_count; i++) {
		struct dictionary_child *c = (struct dictionary_child *)&t->children[i]; /* ours until loading ends */
		const struct owner child = { .columns = c->columns, .column_count = c->column_count };

		TRY(read_references(d, &child, yaml_get(yaml_get(root, "children"), str_cstr(mem, c->name)), mem, &c->references,
			&c->reference_count, err));
	}
	if (agency.len == 0)
		return ERR_OK;
	if (str_eq(agency, STR("self"))) {
		t->is_agency = true;
		return ERR_OK;
	}
	for (size_t i = 0; i < t->reference_count; i++)
		if (str_eq(t->references[i].name, agency))
			t->agency = (int)i;
	if (t->agency < 0)
		return yaml_fail(
			err, ERR_INPUT, yaml_get(root, "agency"), "agency“%.*s”不是 references 中的名称（也可写 self）", STR_ARG(agency));
	return ERR_OK;
}

enum err_code dictionary_load(const struct asset_set *assets, struct arena *mem, struct dictionary **ret, struct err *err)
{
	struct dictionary *d = ARENA_NEW(mem, struct dictionary, 1);
	struct dictionary_type *types;
	struct asset_file *files;
	struct yaml **roots;
	size_t count;

	TRY(asset_list(assets, STR("dictionary/"), STR(".yaml"), mem, &files, &count, err));
	if (count == 0)
		return err_set(err, ERR_INPUT, "没有记录类型：dictionary/ 下应有 <类型>.yaml");
	if (count > DICTIONARY_TYPES_MAX)
		return err_set(err, ERR_LIMIT, "记录类型 %zu 个，最多 %d 个", count, DICTIONARY_TYPES_MAX);
	types = ARENA_NEW(mem, struct dictionary_type, count);
	roots = ARENA_NEW(mem, struct yaml *, count);
	if (!d || !types || !roots)
		return err_nomem(err);
	d->types = types;
	for (size_t i = 0; i < count; i++) {
		const char *path = str_cstr(mem, files[i].path);

		if (!path)
			return err_nomem(err);
		TRY(yaml_parse(files[i].text, path, mem, &roots[i], err));
		TRY(read_type(roots[i], (int)i, mem, &types[i], err));
		if (dictionary_type(d, types[i].name))
			return yaml_fail(err, ERR_INPUT, roots[i], "类型“%.*s”在另一个文件中已经定义", STR_ARG(types[i].name));
		d->type_count++;
	}
	for (size_t i = 0; i < count; i++)
		TRY(link_type(d, roots[i], mem, &types[i], err));
	for (size_t i = 0; i < count; i++)
		TRY(read_referrers(d, roots[i], mem, &types[i], err));
	*ret = d;
	return ERR_OK;
}

/* ---- looking up ---- */

const struct dictionary_type *dictionary_type(const struct dictionary *d, struct str name)
{
	for (size_t i = 0; i < d->type_count; i++)
		if (str_eq(d->types[i].name, name))
			return &d->types[i];
	return NULL;
}

const struct dictionary_column *dictionary_column(const struct dictionary_type *t, struct str name)
{
	return column_named(t->columns, t->column_count, name);
}

const struct dictionary_child *dictionary_child(const struct dictionary_type *t, struct str name)
{
	for (size_t i = 0; i < t->child_count; i++)
		if (str_eq(t->children[i].name, name))
			return &t->children[i];
	return NULL;
}

const struct dictionary_column *dictionary_child_column(const struct dictionary_child *c, struct str name)
{
	return column_named(c->columns, c->column_count, name);
}

const struct dictionary_reference *dictionary_reference(const struct dictionary_type *t, struct str name)
{
	for (size_t i = 0; i < t->reference_count; i++)
		if (str_eq(t->references[i].name, name))
			return &t->references[i];
	return NULL;
}

const struct dictionary_referrer *dictionary_referrer(const struct dictionary_type *t, struct str name)
{
	for (size_t i = 0; i < t->referrer_count; i++)
		if (str_eq(t->referrers[i].name, name))
			return &t->referrers[i];
	return NULL;
}

int dictionary_code(const struct dictionary_column *column, struct str code)
{
	for (size_t i = 0; i < column->code_count; i++)
		if (str_eq(column->codes[i].code, code))
			return (int)i;
	return -1;
}

/* ---- titles and keys ---- */

void dictionary_title(const struct dictionary_type *t, const struct dictionary_value *values, bool masked, struct buf *out)
{
	struct str rest = t->title;
	struct privacy_words words = { 0 };
	size_t before = out->len;
	ptrdiff_t open;

	if (masked)
		privacy_words(t, values, &words);
	while ((open = str_find(rest, STR("{"))) >= 0) {
		ptrdiff_t close = str_find(rest, STR("}"));
		const struct dictionary_column *c = dictionary_column(t, str_sub(rest, (size_t)open + 1, (size_t)close));
		const struct dictionary_value *v = &values[c->index];

		assert(close > open);
		buf_put(out, str_sub(rest, 0, (size_t)open));
		if (!v->null && masked && privacy_applies(t, c, values))
			column_mask(c, v, out);
		else if (!v->null && words.count > 0 && privacy_words_apply(t, c))
			privacy_words_mask(&words, v->s, out);
		else
			column_display(c, v, out);
		rest = str_sub(rest, (size_t)close + 1, rest.len);
	}
	buf_put(out, rest);
	while (out->len > before && out->ptr[out->len - 1] == ' ')
		out->ptr[--out->len] = '\0';
}

struct str dictionary_row_key(const struct dictionary_type *t, const struct dictionary_value *values, struct arena *mem)
{
	struct str parts[DICTIONARY_KEY_MAX];
	size_t len = t->key_count - 1;
	char *at, *start;

	for (size_t i = 0; i < t->key_count; i++) {
		const struct dictionary_column *c = &t->columns[t->key[i]];
		const struct dictionary_value *v = &values[c->index];

		parts[i] = (struct str){ 0 };
		if (v->null)
			continue;
		if (c->type == COLUMN_TEXT) {
			parts[i] = text_normalise(v->s, mem);
		} else if (c->type == COLUMN_CODE) {
			parts[i] = v->s;
		} else if (c->type == COLUMN_DATE) {
			char day[11];

			day_format((int32_t)v->i, day);
			parts[i] = str_dup(mem, str_of(day));
		} else {
			parts[i] = str_printf(mem, "%lld", (long long)v->i);
		}
		len += parts[i].len;
	}
	start = at = arena_alloc(mem, len + 1, 1, 1);
	if (!start)
		return (struct str){ 0 };
	for (size_t i = 0; i < t->key_count; i++) {
		if (i > 0)
			*at++ = '|';
		if (parts[i].len > 0)
			memcpy(at, parts[i].ptr, parts[i].len);
		at += parts[i].len;
	}
	return (struct str){ .ptr = start, .len = len };
}
