/* JSON Lines: one object a line. The header is the union of the keys of the first lines; what is nested is handed over as JSON text. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/fault.h"
#include "sheet/sheet_private.h"

#define KEY_LINES 1000
#define KEY_BYTES ((int64_t)64 << 20)
#define SLOT_COUNT (SHEET_COLUMNS_MAX * 2) /* of the hash table, a power of two */

struct jsonl {
	struct source source;
	struct text_input *text;
	int64_t line;
	struct buf record;
	struct arena *keys_mem, *row_mem;
	VEC(struct str) keys;
	uint16_t *slots; /* key index + 1 */
	struct sheet_cell *cells;
	json_t *object; /* of the row handed over: its strings are its memory */
	char reason[200];
};

/** Index of a key, or -1. */
static long key_find(const struct jsonl *j, struct str key)
{
	for (uint64_t at = str_hash(key);; at++) {
		uint16_t slot = j->slots[at & (SLOT_COUNT - 1)];

		if (slot == 0)
			return -1;
		if (str_eq(j->keys.v[slot - 1], key))
			return slot - 1;
	}
}

static enum err_code key_add(struct jsonl *j, struct str key, struct err *err)
{
	uint64_t at = str_hash(key);
	struct str copy;

	if (key_find(j, key) >= 0)
		return ERR_OK;
	if (j->keys.len >= SHEET_COLUMNS_MAX)
		return err_set(err, ERR_LIMIT, "%s：不同的键超过 %d 个", j->source.shown, SHEET_COLUMNS_MAX);
	copy = str_dup(j->keys_mem, key);
	if (!copy.ptr || !vec_push(&j->keys, copy))
		return err_nomem(err);
	while (j->slots[at & (SLOT_COUNT - 1)] != 0)
		at++;
	j->slots[at & (SLOT_COUNT - 1)] = (uint16_t)j->keys.len;
	return ERR_OK;
}

/** Where the parser stopped, as a column of the line. */
static void explain(struct jsonl *j, const json_error_t *e)
{
	const char *what = "不是合法的 JSON";

	switch (json_error_code(e)) {
	case json_error_duplicate_key:
		what = "同一个键出现两次";
		break;
	case json_error_premature_end_of_input:
		what = "JSON 不完整";
		break;
	case json_error_end_of_input_expected:
		what = "一行只能有一个 JSON 对象";
		break;
	case json_error_stack_overflow:
		what = "嵌套过深";
		break;
	case json_error_null_character:
	case json_error_null_byte_in_key:
		what = "含有空字符 \\u0000";
		break;
	case json_error_numeric_overflow:
		what = "数字过大";
		break;
	case json_error_unknown:
	case json_error_out_of_memory:
	case json_error_cannot_open_file:
	case json_error_invalid_argument:
	case json_error_invalid_utf8:
	case json_error_invalid_syntax:
	case json_error_invalid_format:
	case json_error_wrong_type:
	case json_error_null_value:
	case json_error_item_not_found:
	case json_error_index_out_of_range:
	default:
		break;
	}
	snprintf(j->reason, sizeof(j->reason), "%s（第 %" PRId64 " 行第 %d 列附近）", what, j->line - 1 + (e->line > 1 ? e->line - 1 : 0),
		e->column > 0 ? e->column : 1);
}

/** Reads the next line that holds something; *ret_object stays NULL at the end (any false) or when the line is bad (reason filled). */
static enum err_code read_object(struct jsonl *j, bool *ret_any, json_t **ret_object, struct err *err)
{
	enum text_line got;
	struct str line;
	json_error_t e;

	*ret_any = false;
	*ret_object = NULL;
	j->reason[0] = '\0';
	do {
		buf_reset(&j->record);
		TRY(text_line(j->text, &j->record, &got, err));
		if (got == TEXT_END)
			return ERR_OK;
		j->line++;
		line = str_trim(buf_str(&j->record));
	} while (got == TEXT_LINE && line.len == 0);
	*ret_any = true;
	if (got == TEXT_LONG) {
		snprintf(j->reason, sizeof(j->reason), "该行超过 16 MiB，没有读入");
		return ERR_OK;
	}
	if (!utf8_valid(line)) {
		snprintf(j->reason, sizeof(j->reason), "该行有无法识别的字符：编码损坏");
		return ERR_OK;
	}
	*ret_object = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, &e);
	if (!*ret_object && json_error_code(&e) == json_error_numeric_overflow)
		*ret_object = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &e);
	if (!*ret_object) {
		explain(j, &e);
	} else if (!json_is_object(*ret_object)) {
		json_decref(*ret_object);
		*ret_object = NULL;
		snprintf(j->reason, sizeof(j->reason), "该行不是 JSON 对象（应当以 { 开头、以 } 结尾）");
	}
	return ERR_OK;
}

static enum err_code find_keys(struct jsonl *j, struct err *err)
{
	for (int n = 0; n < KEY_LINES && text_done_bytes(j->text) < KEY_BYTES; n++) {
		enum err_code code = ERR_OK;
		json_t *object, *value;
		const char *key;
		bool any;

		TRY(read_object(j, &any, &object, err));
		if (!any)
			break;
		json_object_foreach(object, key, value)
		{
			code = key_add(j, str_of(key), err);
			if (code != ERR_OK)
				break;
		}
		json_decref(object);
		if (code != ERR_OK)
			return code;
	}
	if (j->keys.len == 0)
		return err_set(err, ERR_INPUT, "%s：前 %d 行里没有一个 JSON 对象；每行应当是一个对象，如 {\"案号\": \"…\"}",
			j->source.shown, KEY_LINES);
	return ERR_OK;
}

/** A JSON real in the fewest digits that give it back. */
static struct str real_text(struct arena *mem, double v)
{
	char text[40];

	if (fabs(v) < 1e15)
		return sheet_number_text(mem, v);
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*G", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	return str_dup(mem, str_of(text));
}

/** False when memory is out. */
static bool cell_of(struct jsonl *j, const json_t *value, struct sheet_cell *ret)
{
	char *dump;

	switch (json_typeof(value)) {
	case JSON_NULL:
		return true;
	case JSON_STRING:
		ret->text = (struct str){ .ptr = json_string_value(value), .len = json_string_length(value) };
		return true;
	case JSON_TRUE:
	case JSON_FALSE:
		*ret = (struct sheet_cell){ .text = json_is_true(value) ? STR("true") : STR("false"), .flags = CELL_BOOL };
		return true;
	case JSON_INTEGER:
		*ret = (struct sheet_cell){ .text = str_printf(j->row_mem, "%" JSON_INTEGER_FORMAT, json_integer_value(value)),
			.flags = CELL_NUMBER };
		break;
	case JSON_REAL:
		*ret = (struct sheet_cell){ .text = real_text(j->row_mem, json_real_value(value)), .flags = CELL_NUMBER };
		break;
	case JSON_OBJECT:
	case JSON_ARRAY:
	default:
		dump = json_dumps(value, JSON_COMPACT);
		if (!dump)
			return false;
		*ret = (struct sheet_cell){ .text = str_dup(j->row_mem, str_of(dump)), .flags = CELL_JSON };
		free(dump);
		break;
	}
	return ret->text.ptr;
}

static enum err_code jsonl_next(struct source *s, struct raw_row *ret, struct err *err)
{
	struct jsonl *j = (struct jsonl *)s;
	json_t *value;
	const char *key;
	bool any;

	*ret = (struct raw_row){ .cells = j->cells };
	json_decref(j->object);
	j->object = NULL;
	arena_reset(j->row_mem);
	TRY(read_object(j, &any, &j->object, err));
	ret->any = any;
	ret->line = j->line - 1;
	if (!any || !j->object) {
		ret->reason = str_of(j->reason);
		return ERR_OK;
	}
	memset(j->cells, 0, j->keys.len * sizeof(*j->cells));
	ret->cell_count = j->keys.len;
	json_object_foreach(j->object, key, value)
	{
		long at = key_find(j, str_of(key));

		if (at >= 0) {
			if (!cell_of(j, value, &j->cells[at]))
				return err_nomem(err);
		} else if (s->dropped++ == 0) {
			s->dropped_key = str_dup(j->keys_mem, str_of(key));
		}
	}
	return ERR_OK;
}

static enum err_code jsonl_select(struct source *s, size_t index, struct err *err)
{
	struct jsonl *j = (struct jsonl *)s;

	(void)index;
	j->line = 1;
	s->dropped = 0;
	return text_rewind(j->text, err);
}

static void jsonl_progress(const struct source *s, int64_t *ret_done, int64_t *ret_total)
{
	const struct jsonl *j = (const struct jsonl *)s;

	*ret_done = text_done_bytes(j->text);
	*ret_total = text_total_bytes(j->text);
}

static void jsonl_close(struct source *s)
{
	struct jsonl *j = (struct jsonl *)s;

	json_decref(j->object);
	text_close(j->text);
	buf_clear(&j->record);
	arena_close(j->keys_mem);
	arena_close(j->row_mem);
	vec_clear(&j->keys);
	free(j->slots);
	free(j->cells);
	free(j);
}

static const struct source_ops jsonl_ops = { jsonl_next, jsonl_select, jsonl_progress, jsonl_close };

static enum err_code start(struct jsonl *j, const char *path, struct err *err)
{
	j->keys_mem = arena_open((size_t)64 << 20);
	j->row_mem = arena_open((size_t)64 << 20);
	j->slots = mem_alloc(SLOT_COUNT, sizeof(*j->slots));
	if (!j->keys_mem || !j->row_mem || !j->slots)
		return err_nomem(err);
	TRY(text_open(path, j->source.shown, &j->text, err));
	j->line = 1;
	TRY(find_keys(j, err));
	j->cells = mem_alloc(j->keys.len, sizeof(*j->cells));
	if (!j->cells)
		return err_nomem(err);
	j->source.keys = j->keys.v;
	j->source.key_count = j->keys.len;
	j->source.encoding = text_encoding(j->text);
	return jsonl_select(&j->source, 0, err);
}

enum err_code jsonl_open(const char *path, const char *shown, struct source **ret, struct err *err)
{
	struct jsonl *j = mem_alloc(1, sizeof(*j));
	enum err_code code;

	if (!j)
		return err_nomem(err);
	j->source = (struct source){ .ops = &jsonl_ops, .shown = shown, .table_count = 1 };
	buf_init(&j->record, SHEET_LINE_BYTES_MAX + 16);
	code = start(j, path, err);
	if (code != ERR_OK) {
		jsonl_close(&j->source);
		return code;
	}
	*ret = &j->source;
	return ERR_OK;
}
