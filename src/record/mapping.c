/* Mappings: how the headers of a source become columns of the dictionary. A mapping is a YAML file that a justice bureau can write;
 * the native ones (headers are the dictionary's own labels, aliases or names) are made here from the dictionary.
 *
 * Invariant: a loaded mapping names only columns that exist, its constants and translations have been parsed once, and what it does
 * not map it does not supply. */
#include <assert.h>
#include <stdlib.h>

#include "record/record_private.h"
#include "yaml/yaml.h"

#define MAPPING_BYTES_MAX (256u << 10)
#define SCORE_USABLE 300

/* ---- supply sets ---- */

static void bit_on(uint64_t *words, int i)
{
	words[i / 64] |= (uint64_t)1 << (i % 64);
}

static void child_supply_all(const struct dictionary_child *c, struct record_supply *s)
{
	s->children |= (uint32_t)1 << c->index;
	for (size_t i = 0; i < c->column_count; i++)
		bit_on(s->child_columns[c->index], (int)i);
}

void record_supply_all(const struct dictionary_type *t, struct record_supply *ret)
{
	*ret = (struct record_supply){ 0 };
	for (size_t i = 0; i < t->column_count; i++)
		bit_on(ret->columns, (int)i);
	for (size_t i = 0; i < t->child_count; i++)
		child_supply_all(&t->children[i], ret);
}

bool record_supply_add(const struct dictionary_type *t, struct str name, struct record_supply *s)
{
	const struct dictionary_column *c = dictionary_column(t, name);
	const struct dictionary_child *child;
	ptrdiff_t dot = str_find(name, STR("."));

	if (c) {
		bit_on(s->columns, c->index);
		return true;
	}
	child = dictionary_child(t, dot < 0 ? name : str_sub(name, 0, (size_t)dot));
	if (!child)
		return false;
	if (dot < 0) {
		child_supply_all(child, s);
		return true;
	}
	c = dictionary_child_column(child, str_sub(name, (size_t)dot + 1, name.len));
	if (!c)
		return false;
	s->children |= (uint32_t)1 << child->index;
	bit_on(s->child_columns[child->index], c->index);
	return true;
}

/* ---- headers ---- */

struct str header_normalise(struct str header, struct arena *mem)
{
	struct str s = text_normalise(header, mem);
	static const char *const marks[] = { "*", "(必填)", "(必填项)", "(选填)", "(可选)", ":", "：" };
	bool again = true;

	while (again && s.len > 0) {
		again = false;
		for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
			struct str mark = str_of(marks[i]);

			if (str_ends(s, mark) && s.len > mark.len) {
				s.len -= mark.len;
				again = true;
			} else if (str_starts(s, mark) && s.len > mark.len) {
				s = str_sub(s, mark.len, s.len);
				again = true;
			}
		}
	}
	return s;
}

bool header_matches(struct str normal, const struct mapping_header *want, const struct dictionary_column *c, struct str *ret_unit)
{
	struct str unit;
	int64_t factor;

	if (str_eq(normal, want->normal))
		return normal.len > 0;
	if (!c || c->type != COLUMN_MONEY || !str_starts(normal, want->normal) || !str_ends(normal, STR(")")))
		return false;
	unit = str_sub(normal, want->normal.len, normal.len - 1);
	if (!str_starts(unit, STR("(")))
		return false;
	unit = str_sub(unit, 1, unit.len);
	if (str_starts(unit, STR("单位:")) || str_starts(unit, STR("单位：")))
		unit = str_sub(unit, strlen("单位") + (str_starts(unit, STR("单位:")) ? 1 : 3), unit.len);
	if (!money_unit(unit, &factor))
		return false;
	if (ret_unit)
		*ret_unit = unit;
	return true;
}

static enum err_code add_header(struct str shown, struct arena *mem, struct mapping_header *ret, struct err *err)
{
	ret->shown = str_dup(mem, shown);
	ret->normal = header_normalise(shown, mem);
	return ret->shown.ptr && ret->normal.ptr ? ERR_OK : err_nomem(err);
}

/** A scalar or a list of scalars. */
static enum err_code read_headers(
	const struct yaml *node, struct arena *mem, const struct mapping_header **ret, size_t *ret_count, struct err *err)
{
	struct mapping_header *headers;
	size_t count = node->kind == YAML_SEQ ? node->count : 1;

	headers = ARENA_NEW(mem, struct mapping_header, count);
	if (!headers)
		return err_nomem(err);
	if (node->kind == YAML_MAP || count == 0)
		return yaml_fail(err, ERR_INPUT, node, "这里应为表头名称或其列表");
	for (size_t i = 0; i < count; i++) {
		const struct yaml *item = node->kind == YAML_SEQ ? node->values[i] : node;

		if (item->kind != YAML_SCALAR || item->text.len == 0)
			return yaml_fail(err, ERR_INPUT, item, "表头名称不能为空");
		TRY(add_header(item->text, mem, &headers[i], err));
	}
	*ret = headers;
	*ret_count = count;
	return ERR_OK;
}

/* ---- columns ---- */

struct context {
	const struct dictionary *dictionary;
	const struct mapping_set *set;
	struct arena *mem;
	bool foreign_currency; /* amounts are not CNY */
};

static enum err_code unknown_column(
	const struct yaml *at, struct str name, const struct dictionary_column *columns, size_t count, struct err *err)
{
	struct str names[DICTIONARY_COLUMNS_MAX];
	struct str near;

	for (size_t i = 0; i < count; i++)
		names[i] = columns[i].name;
	near = yaml_nearest(name, names, count);
	return yaml_fail(err, ERR_INPUT, at, "字典中没有列“%.*s”%s%.*s%s", STR_ARG(name), near.len ? "，是不是“" : "", STR_ARG(near),
		near.len ? "”？" : "");
}

/** Text must be readable as the column's value; says so at load time, not at row 50,000. */
static enum err_code check_value(
	const struct context *c, const struct yaml *at, const struct dictionary_column *column, struct str text, struct err *err)
{
	struct dictionary_value value;
	struct err why = { 0 };

	if (!column_parse(column, text, STR(""), c->mem, &value, &why))
		return yaml_fail(err, ERR_INPUT, at, "列“%.*s”：%s", STR_ARG(column->name), why.msg);
	return ERR_OK;
}

static enum err_code read_translations(const struct context *c, const struct yaml *map, struct mapping_column *m, struct err *err)
{
	struct mapping_translation *list;

	if (map->kind != YAML_MAP)
		return yaml_fail(err, ERR_INPUT, map, "codes 应为 {来源的值: 字典的代码}");
	list = ARENA_NEW(c->mem, struct mapping_translation, map->count);
	if (!list && map->count > 0)
		return err_nomem(err);
	for (size_t i = 0; i < map->count; i++) {
		TRY(check_value(c, map->values[i], m->column, map->values[i]->text, err));
		list[i].from = text_normalise(map->keys[i]->text, c->mem);
		list[i].to = str_dup(c->mem, map->values[i]->text);
	}
	m->translations = list;
	m->translation_count = map->count;
	return ERR_OK;
}

static enum err_code read_column(
	const struct context *c, const struct yaml *map, const struct dictionary_column *column, struct mapping_column *m, struct err *err)
{
	const struct yaml *node;
	int64_t factor;

	*m = (struct mapping_column){ .column = column };
	if (map->kind != YAML_MAP) /* short form: column: 表头 */
		return read_headers(map, c->mem, &m->from, &m->from_count, err);
	TRY(yaml_only(map, "from|const|unit|codes|otherwise", err));
	node = yaml_get(map, "const");
	if ((node != NULL) == (yaml_get(map, "from") != NULL))
		return yaml_fail(err, ERR_INPUT, map, "列“%.*s”应有 from 或 const 之一", STR_ARG(column->name));
	if (node) {
		m->is_constant = true;
		m->constant = yaml_is_null(node) ? (struct str){ 0 } : str_dup(c->mem, node->text);
		return check_value(c, node, column, m->constant, err);
	}
	TRY(read_headers(yaml_get(map, "from"), c->mem, &m->from, &m->from_count, err));
	if (m->from_count > MAPPING_SOURCES_MAX)
		return yaml_fail(err, ERR_LIMIT, map, "一列最多对应 %d 个表头", MAPPING_SOURCES_MAX);
	m->unit = str_dup(c->mem, yaml_text(map, "unit"));
	if (m->unit.len > 0 && (column->type != COLUMN_MONEY || !money_unit(m->unit, &factor)))
		return yaml_fail(err, ERR_INPUT, yaml_get(map, "unit"), "unit 只用于金额列，可为 分、角、元、千元、万元、亿元");
	if (yaml_get(map, "codes"))
		TRY(read_translations(c, yaml_get(map, "codes"), m, err));
	node = yaml_get(map, "otherwise");
	if (node) {
		m->has_otherwise = true;
		m->otherwise = yaml_is_null(node) ? (struct str){ 0 } : str_dup(c->mem, node->text);
		TRY(check_value(c, node, column, m->otherwise, err));
	}
	return ERR_OK;
}

static enum err_code read_columns(const struct context *c, const struct yaml *list, const struct dictionary_column *columns,
	size_t column_count, const struct mapping_column *base, size_t base_count, const struct mapping_column **ret, size_t *ret_count,
	struct err *err)
{
	struct mapping_column *out = ARENA_NEW(c->mem, struct mapping_column, base_count + list->count + 1);
	size_t count = 0;

	if (!out)
		return err_nomem(err);
	for (size_t i = 0; i < base_count; i++)
		if (!yaml_get(list, str_cstr(c->mem, base[i].column->name)))
			out[count++] = base[i];
	for (size_t i = 0; i < list->count; i++) {
		const struct dictionary_column *column = NULL;

		for (size_t k = 0; k < column_count && !column; k++)
			if (str_eq(columns[k].name, list->keys[i]->text))
				column = &columns[k];
		if (!column)
			return unknown_column(list->keys[i], list->keys[i]->text, columns, column_count, err);
		if (yaml_is_null(list->values[i])) /* over a base: this column is not mapped */
			continue;
		if (c->foreign_currency && column->type == COLUMN_MONEY && column->foreign < 0)
			return yaml_fail(
				err, ERR_INPUT, list->keys[i], "币种不是人民币，列“%.*s”没有对应的外币列，不能写入", STR_ARG(column->name));
		TRY(read_column(c, list->values[i], column, &out[count++], err));
	}
	*ret = out;
	*ret_count = count;
	return ERR_OK;
}

static enum err_code read_groups(const struct context *c, const struct yaml *map, struct mapping *m, struct err *err)
{
	const struct dictionary_type *t = m->info.type;
	struct mapping_group *groups;
	size_t count = 0;

	for (size_t i = 0; i < map->count; i++)
		count += map->values[i]->count;
	groups = ARENA_NEW(c->mem, struct mapping_group, count + 1);
	if (!groups)
		return err_nomem(err);
	for (size_t i = 0; i < map->count; i++) {
		const struct dictionary_child *child = dictionary_child(t, map->keys[i]->text);
		const struct yaml *list = map->values[i];

		if (!child)
			return yaml_fail(
				err, ERR_INPUT, map->keys[i], "类型 %.*s 没有子表“%.*s”", STR_ARG(t->name), STR_ARG(map->keys[i]->text));
		if (list->kind != YAML_SEQ || list->count == 0 || list->count > MAPPING_GROUPS_MAX)
			return yaml_fail(err, ERR_INPUT, list, "子表映射应为 1 到 %d 项的列表，每项有 columns", MAPPING_GROUPS_MAX);
		for (size_t k = 0; k < list->count; k++) {
			struct mapping_group *g = &groups[m->group_count++];
			struct yaml *columns;

			TRY(yaml_only(list->values[k], "split|columns", err));
			TRY(yaml_need(list->values[k], "columns", YAML_MAP, &columns, err));
			g->child = child->index;
			g->split = str_dup(c->mem, yaml_text(list->values[k], "split"));
			TRY(read_columns(c, columns, child->columns, child->column_count, NULL, 0, &g->columns, &g->column_count, err));
		}
	}
	m->groups = groups;
	return ERR_OK;
}

/* ---- the whole mapping ---- */

static enum err_code read_supplies(const struct yaml *root, struct mapping *m, struct err *err)
{
	const struct yaml *list = yaml_get(root, "supplies");

	if (!list) {
		if (m->group_count > 0 && !m->supplies_given)
			return yaml_fail(err, ERR_INPUT, root, "映射了子表时必须写明 supplies：来源真正完整提供哪些列和子表");
		if (m->supplies_given)
			return ERR_OK;
		for (size_t i = 0; i < m->column_count; i++) {
			bit_on(m->info.supply.columns, m->columns[i].column->index);
			if (m->columns[i].column->foreign >= 0)
				bit_on(m->info.supply.columns, m->columns[i].column->foreign);
			if (m->columns[i].column->currency >= 0)
				bit_on(m->info.supply.columns, m->columns[i].column->currency);
		}
		return ERR_OK;
	}
	if (list->kind != YAML_SEQ)
		return yaml_fail(err, ERR_INPUT, list, "supplies 应为列名和子表名的列表");
	m->info.supply = (struct record_supply){ 0 };
	m->supplies_given = true;
	for (size_t i = 0; i < list->count; i++)
		if (!record_supply_add(m->info.type, list->values[i]->text, &m->info.supply))
			return unknown_column(
				list->values[i], list->values[i]->text, m->info.type->columns, m->info.type->column_count, err);
	return ERR_OK;
}

static enum err_code read_recognise(const struct context *c, const struct yaml *root, struct mapping *m, struct err *err)
{
	const struct yaml *map = yaml_get(root, "recognise");

	if (!map)
		return ERR_OK;
	TRY(yaml_only(map, "all|any", err));
	if (yaml_get(map, "all"))
		TRY(read_headers(yaml_get(map, "all"), c->mem, &m->all, &m->all_count, err));
	if (yaml_get(map, "any"))
		TRY(read_headers(yaml_get(map, "any"), c->mem, &m->any, &m->any_count, err));
	return ERR_OK;
}

static enum err_code read_head(const struct context *c, const struct yaml *root, struct mapping *m, struct err *err)
{
	const struct yaml *label = yaml_get(root, "label");
	struct str type = yaml_text(root, "type"), name = yaml_text(root, "name");

	if (name.len == 0 || name.len > 100 || str_starts(name, STR(MAPPING_NATIVE_PREFIX)))
		return yaml_fail(err, ERR_INPUT, root, "映射须有 name（不得以 " MAPPING_NATIVE_PREFIX " 开头，最长 100 字节）");
	m->info.name = str_dup(c->mem, name);
	if (label) {
		m->info.label.zh = str_dup(c->mem, label->kind == YAML_MAP ? yaml_text(label, "zh") : label->text);
		m->info.label.en = str_dup(c->mem, label->kind == YAML_MAP ? yaml_text(label, "en") : label->text);
	} else if (m->info.label.zh.len == 0) {
		m->info.label = (struct dictionary_label){ .zh = m->info.name, .en = m->info.name };
	}
	if (type.len > 0)
		m->info.type = dictionary_type(c->dictionary, type);
	if (!m->info.type)
		return yaml_fail(err, ERR_INPUT, root, "映射的 type“%.*s”不是字典中的记录类型", STR_ARG(type));
	if (yaml_get(root, "currency"))
		m->info.currency = str_dup(c->mem, yaml_text(root, "currency"));
	if (m->info.currency.len == 0)
		m->info.currency = STR("CNY");
	if (m->info.currency.len != 3)
		return yaml_fail(err, ERR_INPUT, yaml_get(root, "currency"), "currency 应为三个字母的币种代码，如 CNY、TWD");
	return ERR_OK;
}

static enum err_code mapping_read(struct context *c, const struct yaml *root, struct mapping *m, struct err *err)
{
	struct str base = yaml_text(root, "base"), latest = yaml_text(root, "latest");
	struct yaml *columns;

	if (root->kind != YAML_MAP)
		return yaml_fail(err, ERR_INPUT, root, "映射文件应为一个映射（name、type、recognise、columns…）");
	TRY(yaml_only(root, "name|label|type|base|currency|recognise|supplies|columns|children|latest|note", err));
	if (base.len > 0) {
		const struct mapping *from = c->set ? mapping_find(c->set, base) : NULL;

		if (!from)
			return yaml_fail(err, ERR_INPUT, yaml_get(root, "base"), "没有映射“%.*s”", STR_ARG(base));
		*m = *from;
		m->info.native = false;
		if (!from->supplies_given)
			m->info.supply = (struct record_supply){ 0 };
	}
	TRY(read_head(c, root, m, err));
	c->foreign_currency = !str_eq(m->info.currency, STR("CNY"));
	TRY(read_recognise(c, root, m, err));
	TRY(yaml_need(root, "columns", YAML_MAP, &columns, err));
	TRY(read_columns(c, columns, m->info.type->columns, m->info.type->column_count, m->columns, m->column_count, &m->columns,
		&m->column_count, err));
	if (yaml_get(root, "children"))
		TRY(read_groups(c, yaml_get(root, "children"), m, err));
	TRY(read_supplies(root, m, err));
	if (latest.len > 0) {
		m->latest = dictionary_column(m->info.type, latest);
		if (!m->latest || (m->latest->type != COLUMN_DATE && m->latest->type != COLUMN_DATETIME))
			return yaml_fail(err, ERR_INPUT, yaml_get(root, "latest"), "latest 应为一个 date 或 datetime 列");
	}
	return ERR_OK;
}

enum err_code mapping_parse(struct str text, const char *path, const struct dictionary *d, const struct mapping_set *set, struct arena *mem,
	struct mapping **ret, struct err *err)
{
	struct context c = { .dictionary = d, .set = set, .mem = mem };
	struct mapping *m = ARENA_NEW(mem, struct mapping, 1);
	struct yaml *root;

	if (!m)
		return err_nomem(err);
	if (text.len > MAPPING_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "%s：映射文件超过 %u 字节", path, MAPPING_BYTES_MAX);
	TRY(yaml_parse(text, path, mem, &root, err));
	TRY(mapping_read(&c, root, m, err));
	m->text = str_dup(mem, text);
	*ret = m;
	return ERR_OK;
}

/* ---- native mappings ---- */

static enum err_code native_column(const struct dictionary_column *column, struct arena *mem, struct mapping_column *m, struct err *err)
{
	struct mapping_header *from = ARENA_NEW(mem, struct mapping_header, column->alias_count + 2);
	size_t count = 0;

	if (!from)
		return err_nomem(err);
	TRY(add_header(column->label.zh, mem, &from[count++], err));
	TRY(add_header(column->name, mem, &from[count++], err));
	for (size_t i = 0; i < column->alias_count; i++)
		TRY(add_header(column->aliases[i], mem, &from[count++], err));
	*m = (struct mapping_column){ .column = column, .from = from, .from_count = count };
	return ERR_OK;
}

static enum err_code native_mapping(const struct dictionary_type *t, struct arena *mem, struct mapping **ret, struct err *err)
{
	struct mapping *m = ARENA_NEW(mem, struct mapping, 1);
	struct mapping_column *columns = ARENA_NEW(mem, struct mapping_column, t->column_count);

	if (!m || !columns)
		return err_nomem(err);
	for (size_t i = 0; i < t->column_count; i++)
		TRY(native_column(&t->columns[i], mem, &columns[i], err));
	m->columns = columns;
	m->column_count = t->column_count;
	for (size_t i = 0; i < t->child_count; i++) {
		TRY(add_header(t->children[i].name, mem, &m->child_json[i], err));
		TRY(add_header(t->children[i].label.zh, mem, &m->child_json_label[i], err));
	}
	m->info.name = str_printf(mem, MAPPING_NATIVE_PREFIX "%.*s", STR_ARG(t->name));
	m->info.label.zh = str_printf(mem, "%.*s（标准表头）", STR_ARG(t->label.zh));
	m->info.label.en = str_printf(mem, "%.*s (standard headers)", STR_ARG(t->label.en));
	m->info.type = t;
	m->info.currency = STR("CNY");
	m->info.native = true;
	record_supply_all(t, &m->info.supply);
	*ret = m;
	return ERR_OK;
}

/* ---- the set ---- */

/** With somebody's own dictionary, a built-in mapping that does not fit it is simply not there. */
static bool is_dispensable(const struct asset_set *assets, const struct asset_file *file)
{
	const struct asset *builtin = asset_find(file->path);
	bool replaced = false;

	for (int i = 0; assets && i < assets->dir_count; i++)
		replaced = replaced || (assets->dirs[i].replace && str_eq(str_of(assets->dirs[i].prefix), STR("dictionary/")));
	return replaced && builtin && builtin->plain.ptr == file->text.ptr;
}

enum err_code mapping_load(
	const struct asset_set *assets, const struct dictionary *d, struct arena *mem, struct mapping_set **ret, struct err *err)
{
	struct mapping_set *set = ARENA_NEW(mem, struct mapping_set, 1);
	struct asset_file *files;
	size_t count;

	TRY(asset_list(assets, STR("mappings/"), STR(".yaml"), mem, &files, &count, err));
	if (!set)
		return err_nomem(err);
	set->dictionary = d;
	set->v = ARENA_NEW(mem, struct mapping *, count + d->type_count);
	if (!set->v)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		const char *path = str_cstr(mem, files[i].path);
		struct mapping *m;

		if (!path)
			return err_nomem(err);
		if (mapping_parse(files[i].text, path, d, set, mem, &m, err) != ERR_OK) {
			if (err->code != ERR_NOMEM && is_dispensable(assets, &files[i]))
				continue;
			return err->code;
		}
		if (mapping_find(set, m->info.name))
			return err_set(err, ERR_INPUT, "%s：映射“%.*s”在另一个文件中已经定义", path, STR_ARG(m->info.name));
		set->v[set->count++] = m;
	}
	for (size_t i = 0; i < d->type_count; i++)
		TRY(native_mapping(&d->types[i], mem, &set->v[set->count++], err));
	*ret = set;
	return ERR_OK;
}

const struct mapping *mapping_find(const struct mapping_set *set, struct str name)
{
	for (size_t i = 0; i < set->count; i++)
		if (str_eq(set->v[i]->info.name, name))
			return set->v[i];
	return NULL;
}

size_t mapping_count(const struct mapping_set *set)
{
	return set->count;
}

const struct mapping *mapping_at(const struct mapping_set *set, size_t i)
{
	assert(i < set->count);
	return set->v[i];
}

const struct mapping_info *mapping_info(const struct mapping *m)
{
	return &m->info;
}

struct str mapping_source(const struct mapping *m, const struct dictionary_column *c, struct str *ret_unit)
{
	for (size_t i = 0; i < m->column_count; i++) {
		if (m->columns[i].column != c || m->columns[i].from_count == 0)
			continue;
		if (ret_unit)
			*ret_unit = m->columns[i].unit;
		return m->columns[i].from[0].shown;
	}
	return (struct str){ 0 };
}

/* ---- recognition ---- */

static bool has_header(const struct str *normal, size_t count, const struct mapping_header *want)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(normal[i], want->normal))
			return true;
	return false;
}

/** Marks the headers that this column takes; true when one does. */
static bool take_headers(const struct mapping_column *m, const struct str *normal, size_t count, uint8_t *taken)
{
	bool found = false;

	for (size_t k = 0; k < m->from_count; k++) {
		for (size_t i = 0; i < count; i++) {
			if (header_matches(normal[i], &m->from[k], m->column, NULL)) {
				taken[i] = 1;
				found = true;
			}
		}
	}
	return found;
}

static int score_normal(const struct mapping *m, const struct str *normal, size_t count, uint8_t *taken)
{
	size_t sources = 0, found = 0, headers = 0, used = 0;

	for (size_t i = 0; i < m->all_count; i++)
		if (!has_header(normal, count, &m->all[i]))
			return -1;
	if (m->any_count > 0) {
		bool any = false;

		for (size_t i = 0; i < m->any_count && !any; i++)
			any = has_header(normal, count, &m->any[i]);
		if (!any)
			return -1;
	}
	memset(taken, 0, count);
	for (size_t i = 0; i < m->column_count; i++) {
		bool here = take_headers(&m->columns[i], normal, count, taken);

		sources += m->columns[i].from_count > 0;
		found += here;
		if (!here && !m->columns[i].is_constant && m->columns[i].column->required)
			return -1;
	}
	for (size_t g = 0; g < m->group_count; g++)
		for (size_t i = 0; i < m->groups[g].column_count; i++)
			take_headers(&m->groups[g].columns[i], normal, count, taken);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; m->info.native && k < m->info.type->child_count; k++)
			taken[i] |= str_eq(normal[i], m->child_json[k].normal) || str_eq(normal[i], m->child_json_label[k].normal);
		headers += normal[i].len > 0;
		used += taken[i];
	}
	if (headers == 0 || sources == 0)
		return -1;
	if (m->info.native) /* a native table may have any part of the columns; a named layout that fits as well is preferred */
		return (int)(900 * used / headers);
	return (int)((940 * used / headers) + (60 * found / sources));
}

static const struct mapping *best_of(const struct mapping_set *set, const struct dictionary_type *type, const struct str *header,
	size_t count, struct arena *mem, int *ret_score)
{
	struct str *normal = ARENA_NEW(mem, struct str, count + 1);
	uint8_t *taken = ARENA_NEW(mem, uint8_t, count + 1);
	const struct mapping *best = NULL;

	*ret_score = -1;
	if (!normal || !taken)
		return NULL;
	for (size_t i = 0; i < count; i++)
		normal[i] = header_normalise(header[i], mem);
	for (size_t i = 0; i < set->count; i++) {
		int score;

		if (type && set->v[i]->info.type != type)
			continue;
		score = score_normal(set->v[i], normal, count, taken);
		if (score > *ret_score) {
			*ret_score = score;
			best = set->v[i];
		}
	}
	return best;
}

int mapping_score(const struct mapping *m, const struct str *header, size_t header_count)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(16u << 20);
	struct mapping *one = (struct mapping *)m;
	struct mapping_set set = { .v = &one, .count = 1 };
	int score = -1;

	if (mem)
		best_of(&set, NULL, header, header_count, mem, &score);
	return score;
}

const struct mapping *mapping_recognise(
	const struct mapping_set *set, const struct dictionary_type *type, const struct str *header, size_t header_count, int *ret_score)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(16u << 20);
	const struct mapping *best = NULL;
	int score = -1;

	if (mem)
		best = best_of(set, type, header, header_count, mem, &score);
	if (ret_score)
		*ret_score = score;
	return score >= SCORE_USABLE ? best : NULL;
}
