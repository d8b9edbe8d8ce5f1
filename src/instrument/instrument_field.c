/* Values of a document's fields: a JSON object checked against the kind's table. A draft may lack anything; what is there must fit. */
#include <string.h>

#include "instrument/instrument_private.h"

static struct str text_of(const json_t *value)
{
	return (struct str){ .ptr = json_string_value(value), .len = json_string_length(value) };
}

static enum err_code check_text(
	const struct instrument_field *f, const char *column, const json_t *value, int64_t chars_max, struct err *err)
{
	struct str text = text_of(value);

	if (!json_is_string(value))
		return err_set(err, ERR_INPUT, "“%.*s%s”应为文字", STR_ARG(f->label), column);
	if ((int64_t)utf8_count(text) > chars_max)
		return err_set(err, ERR_INPUT, "“%.*s%s”最多 %lld 字，现有 %zu 字", STR_ARG(f->label), column, (long long)chars_max,
			utf8_count(text));
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < 0x20 && text.ptr[i] != '\n' && text.ptr[i] != '\t')
			return err_set(err, ERR_INPUT, "“%.*s%s”含有控制字符", STR_ARG(f->label), column);
	if (f->type == INSTRUMENT_LINE && str_has(text, STR("\n")))
		return err_set(err, ERR_INPUT, "“%.*s”只能写一行", STR_ARG(f->label));
	return ERR_OK;
}

static enum err_code check_row(const struct instrument_field *f, json_t *row, struct err *err)
{
	const char *key;
	json_t *value;

	if (!json_is_object(row))
		return err_set(err, ERR_INPUT, "“%.*s”的每一行应为对象", STR_ARG(f->label));
	json_object_foreach(row, key, value)
	{
		const struct instrument_column *column = NULL;
		char name[128];

		for (size_t c = 0; c < f->column_count; c++)
			if (str_eq(f->columns[c].name, str_of(key)))
				column = &f->columns[c];
		if (!column)
			return err_set(err, ERR_INPUT, "“%.*s”没有“%.60s”这一列", STR_ARG(f->label), key);
		snprintf(name, sizeof(name), "·%.*s", column->label.len > 100 ? 100 : (int)column->label.len, column->label.ptr);
		TRY(check_text(f, name, value, 2000, err));
	}
	return ERR_OK;
}

static enum err_code check_value(const struct instrument_field *f, json_t *value, struct err *err)
{
	int32_t day;

	switch (f->type) {
	case INSTRUMENT_LINE:
	case INSTRUMENT_TEXT:
		return check_text(f, "", value, f->chars_max, err);
	case INSTRUMENT_DAY:
		if (!json_is_string(value) || (json_string_length(value) > 0 && !day_parse(text_of(value), &day)))
			return err_set(err, ERR_INPUT, "“%.*s”应为日期，如 2026-11-23", STR_ARG(f->label));
		return ERR_OK;
	case INSTRUMENT_LIST:
	case INSTRUMENT_ROWS:
		break;
	}
	if (!json_is_array(value))
		return err_set(err, ERR_INPUT, "“%.*s”应为列表", STR_ARG(f->label));
	if (json_array_size(value) > f->items_max)
		return err_set(err, ERR_INPUT, "“%.*s”最多 %zu 项", STR_ARG(f->label), f->items_max);
	for (size_t i = 0; i < json_array_size(value); i++) {
		json_t *item = json_array_get(value, i);

		if (f->type == INSTRUMENT_LIST)
			TRY(check_text(f, "", item, f->chars_max, err));
		else
			TRY(check_row(f, item, err));
	}
	return ERR_OK;
}

enum err_code fields_parse(const struct instrument_kind *kind, struct str text, bool patch, json_t **ret, struct err *err)
{
	CLEANUP(json_decrefp) json_t *root = NULL;
	json_error_t why;
	const char *key;
	json_t *value;

	if (text.len > INSTRUMENT_FIELDS_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "文书内容超过 %u 字节", INSTRUMENT_FIELDS_BYTES_MAX);
	root = text.len > 0 ? json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &why) : json_object();
	if (!json_is_object(root))
		return err_set(err, ERR_INPUT, "fields 应为 JSON 对象");
	json_object_foreach(root, key, value)
	{
		const struct instrument_field *f = field_find(kind, str_of(key));

		if (!f)
			return err_set(err, ERR_INPUT, "“%.*s”没有字段“%.60s”", STR_ARG(kind->short_title), key);
		if (json_is_null(value) && patch)
			continue;
		TRY(check_value(f, value, err));
	}
	*ret = root;
	root = NULL;
	return ERR_OK;
}

enum err_code fields_merge(json_t *base, json_t *patch, struct err *err)
{
	const char *key;
	json_t *value;

	json_object_foreach(patch, key, value)
	{
		if (json_is_null(value))
			json_object_del(base, key);
		else if (json_object_set(base, key, value) != 0)
			return err_nomem(err);
	}
	return ERR_OK;
}

enum err_code fields_print(const json_t *fields, struct arena *mem, struct str *ret, struct err *err)
{
	char *text = json_dumps(fields, JSON_COMPACT | JSON_SORT_KEYS);

	*ret = text ? str_dup(mem, str_of(text)) : (struct str){ 0 };
	free(text);
	if (!ret->ptr)
		return err_nomem(err);
	return ret->len > INSTRUMENT_FIELDS_BYTES_MAX ? err_set(err, ERR_LIMIT, "文书内容超过 %u 字节", INSTRUMENT_FIELDS_BYTES_MAX)
	                                              : ERR_OK;
}

static json_t *get(const json_t *fields, struct str name)
{
	char key[128];

	if (!fields || name.len >= sizeof(key))
		return NULL;
	memcpy(key, name.ptr, name.len);
	key[name.len] = '\0';
	return json_object_get(fields, key);
}

struct str fields_text(const json_t *fields, struct str name)
{
	json_t *value = get(fields, name);

	return json_is_string(value) ? str_trim(text_of(value)) : (struct str){ 0 };
}

int32_t fields_day(const json_t *fields, struct str name)
{
	int32_t day;

	return day_parse(fields_text(fields, name), &day) ? day : DAY_NONE;
}

bool fields_has(const json_t *fields, struct str name)
{
	json_t *value = get(fields, name);

	return json_is_array(value) ? json_array_size(value) > 0 : fields_text(fields, name).len > 0;
}

static enum err_code complete_rows(const struct instrument_field *f, const json_t *fields, struct err *err)
{
	json_t *rows = get(fields, f->name);

	for (size_t i = 0; i < json_array_size(rows); i++)
		for (size_t c = 0; c < f->column_count; c++)
			if (f->columns[c].required && fields_text(json_array_get(rows, i), f->columns[c].name).len == 0)
				return err_set(err, ERR_INPUT, "“%.*s”第 %zu 行没有填写“%.*s”", STR_ARG(f->label), i + 1,
					STR_ARG(f->columns[c].label));
	return ERR_OK;
}

/** Calls on_text for every text in the value, however deep. */
static enum err_code forbid(const struct instrument_kind *k, const struct instrument_field *f, const json_t *value, struct err *err)
{
	size_t index;
	const char *key;
	json_t *child;

	if (json_is_string(value))
		for (size_t i = 0; i < k->forbidden_count; i++)
			if (str_has(text_of(value), k->forbidden_words[i]))
				return err_set(err, ERR_BLOCKED, "%.*s的“%.*s”不得写“%.*s”等结论：情况尚未查明〔依据：《%.*s》第%.*s条〕",
					STR_ARG(k->short_title), STR_ARG(f->label), STR_ARG(k->forbidden_words[i]),
					STR_ARG(k->articles[0].law), STR_ARG(k->articles[0].article));
	json_array_foreach(value, index, child) TRY(forbid(k, f, child, err));
	json_object_foreach((json_t *)(uintptr_t)value, key, child) TRY(forbid(k, f, child, err));
	return ERR_OK;
}

enum err_code fields_complete(const struct instrument_kind *kind, const json_t *fields, int32_t today, struct err *err)
{
	for (size_t i = 0; i < kind->field_count; i++) {
		const struct instrument_field *f = &kind->fields[i];

		if (f->required && !fields_has(fields, f->name))
			return err_set(err, ERR_INPUT, "“%.*s”必须填写", STR_ARG(f->label));
		if (f->type == INSTRUMENT_ROWS)
			TRY(complete_rows(f, fields, err));
		TRY(forbid(kind, f, get(fields, f->name), err));
	}
	if (kind->has_deadline && fields_day(fields, STR("deadline_on")) <= today)
		return err_set(err, ERR_INPUT, "“%.*s”应在今天之后", STR_ARG(field_find(kind, STR("deadline_on"))->label));
	return ERR_OK;
}
