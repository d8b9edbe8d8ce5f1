/* Any rows under a known header, and any text as a mapping: what is taken has a key, fits its columns and survives being written and read
 * again; what is rejected says why. The first byte chooses the way in. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "record/record.h"

#define ROWS_MAX 2000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct asset_set builtin;
static struct arena *prepared;
static struct dictionary *dictionary;
static struct mapping_set *mappings;
static const struct dictionary_type *penalty;

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void prepare(void)
{
	struct err err;

	prepared = arena_open((size_t)256 << 20);
	need(prepared && dictionary_load(&builtin, prepared, &dictionary, &err) == ERR_OK &&
		mapping_load(&builtin, dictionary, prepared, &mappings, &err) == ERR_OK);
	penalty = dictionary_type(dictionary, STR("penalty_case"));
	need(penalty);
}

/** A value within its column's limits that its own stored form gives back. */
static void look_at_value(const struct dictionary_column *c, const struct dictionary_value *v, struct arena *mem)
{
	struct dictionary_value back = { .null = true };
	struct buf text;

	if (v->null)
		return;
	if (c->type == COLUMN_TEXT)
		need(utf8_valid(v->s) && utf8_count(v->s) <= c->max);
	if (c->type == COLUMN_CODE)
		need(v->i >= 0 && (size_t)v->i < c->code_count && str_eq(c->codes[v->i].code, v->s));
	buf_init(&text, 1 << 20);
	column_to_stored(c, v, &text);
	need(!text.failed && column_from_stored(c, buf_str(&text), mem, &back) && column_value_eq(c, v, &back));
	buf_reset(&text);
	column_display(c, v, &text);
	need(!text.failed && utf8_valid(buf_str(&text)));
	buf_reset(&text);
	column_mask(c, v, &text);
	need(utf8_valid(buf_str(&text)));
	buf_clear(&text);
}

static void look_at_row(const struct dictionary_type *t, const struct record_row *row, struct arena *mem)
{
	need(row->key.len > 0 && row->digest[0] != '\0' && row->line > 0);
	for (size_t i = 0; i < t->column_count; i++) {
		look_at_value(&t->columns[i], &row->values[i], mem);
		if (t->columns[i].required)
			need(!row->values[i].null);
	}
	for (size_t c = 0; c < t->child_count; c++)
		for (size_t i = 0; i < row->children[c].row_count * t->children[c].column_count; i++)
			look_at_value(&t->children[c].columns[i % t->children[c].column_count], &row->children[c].cells[i], mem);
	need(utf8_valid(record_title(t, row, true, mem)));
}

static void read_table(const char *path, struct str name, const struct mapping *mapping, const struct dictionary_type *type)
{
	CLEANUP(record_reader_closep) struct record_reader *r = NULL;
	CLEANUP(arena_closep) struct arena *mem = arena_open(64u << 20);
	enum record_outcome outcome = RECORD_TAKEN;
	struct err err = { 0 };

	if (record_reader_open(
		    &(struct record_reader_options){
			    .path = path, .name = name, .dictionary = dictionary, .mappings = mappings, .mapping = mapping, .type = type },
		    &r, &err) != ERR_OK) {
		need(err.msg[0] != '\0' && utf8_valid(str_of(err.msg)));
		return;
	}
	for (int i = 0; i < ROWS_MAX && outcome != RECORD_END; i++) {
		const struct record_reject *rejects;
		struct record_row row;
		size_t reject_count = 0;

		if (record_reader_next(r, &outcome, &row, &rejects, &reject_count, NULL, &err) != ERR_OK)
			return;
		arena_reset(mem);
		if (outcome == RECORD_TAKEN)
			look_at_row(record_reader_type(r), &row, mem);
		if (outcome == RECORD_REJECTED)
			need(reject_count > 0 && rejects[0].reason.len > 0 && utf8_valid(rejects[0].reason));
	}
}

/** Puts a header in front and reads the file. */
static void as_table(
	const char *header, struct str rows, const char *name, const struct mapping *mapping, const struct dictionary_type *type)
{
	char path[64];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (dprintf(fd, "%s", header) >= 0 && write(fd, rows.ptr, rows.len) == (ssize_t)rows.len)
		read_table(path, str_of(name), mapping, type);
	close(fd);
}

static void as_mapping(struct str text)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(64u << 20);
	struct mapping *m = NULL;
	struct err err = { 0 };

	if (!mem)
		return;
	if (mapping_parse(text, "fuzz.yaml", dictionary, mappings, mem, &m, &err) != ERR_OK)
		need(err.msg[0] != '\0' && utf8_valid(str_of(err.msg)));
	else
		as_table("案号,处罚机关,行政相对人名称,处罚决定日期,罚款金额\n",
			STR("〔2024〕1号,局,公司,2024-1-2,3万元\n2,局,公司,2024年1月2日,-1\n"), "a.csv", m, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { .ptr = (const char *)data + 1, .len = size - 1 };

	if (!dictionary)
		prepare();
	if (size < 2)
		return 0;
	switch (data[0] % 5) {
	case 0:
		as_table("案号,处罚机关,行政相对人名称,行政相对人代码,处罚决定日期,罚款金额（万元）,处罚程序,文书,立案时间\n", text,
			"a.csv", NULL, penalty);
		break;
	case 1:
		as_table(
			"行政相对人名称,行政处罚决定书文号,处罚决定日期,罚款金额（万元）,处罚机关,违法行为类型,处罚类别,统一社会信用代码\n",
			text, "a.csv", NULL, NULL);
		break;
	case 2:
		as_table("{\"case_no\":\"1\",\"agency_name\":\"局\",\"party_name\":\"公司\",\"documents\":[{\"kind\":\"notice\"}]}\n", text,
			"a.jsonl", NULL, penalty);
		break;
	case 3:
		as_mapping(text);
		break;
	default:
		as_table("", text, "a.csv", NULL, NULL);
	}
	return 0;
}
