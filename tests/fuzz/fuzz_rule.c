/* Any text as a rule: it is refused with a complaint or it compiles, runs on a record and explains itself. The first byte
 * chooses between a whole file and a condition put into one. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "rule/rule.h"

#define TODAY 20634 /* 2026-06-30 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct asset_set builtin;
static struct arena *kept;
static struct dictionary *dictionary;
static struct calendar *calendar;
static struct frame_set *set;

static void add_record(struct frame_builder *b, const struct dictionary_type *type, bool filled, size_t supply)
{
	struct dictionary_value values[DICTIONARY_COLUMNS_MAX];

	for (size_t i = 0; i < type->column_count; i++)
		values[i] = (struct dictionary_value){
			.null = !filled, .i = type->columns[i].type == COLUMN_DATE ? 20000 : 1, .s = STR("违法 abc")
		};
	if (frame_builder_row(b, &(struct frame_row){ .key = STR("k"), .supply = supply, .values = values }, NULL) != ERR_OK)
		abort();
	for (size_t c = 0; c < type->child_count && filled; c++) {
		for (size_t i = 0; i < type->children[c].column_count; i++)
			values[i] = (struct dictionary_value){ .i = 0, .s = STR("abc") };
		if (frame_builder_child(b, (int)c, values, NULL) != ERR_OK)
			abort();
	}
}

static void prepare(void)
{
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 };

	kept = arena_open((size_t)256 << 20);
	if (!kept || dictionary_load(&builtin, kept, &dictionary, NULL) != ERR_OK ||
		calendar_load(&builtin, STR(""), kept, &calendar, NULL) != ERR_OK)
		abort();
	for (size_t t = 0; t < dictionary->type_count; t++) {
		const struct dictionary_type *type = &dictionary->types[t];
		struct frame_builder *b = NULL;
		struct frame_supply all, nothing = { 0 };
		size_t supply, none;

		frame_supply_all(type, &all);
		if (frame_builder_open(type, NULL, &b, NULL) != ERR_OK || frame_builder_supply(b, &all, &supply, NULL) != ERR_OK ||
			frame_builder_supply(b, &nothing, &none, NULL) != ERR_OK)
			abort();
		add_record(b, type, true, supply);
		add_record(b, type, false, supply);
		add_record(b, type, false, none);
		if (frame_builder_finish(&b, &frames[t], NULL) != ERR_OK)
			abort();
	}
	if (frame_set_open(dictionary, frames, NULL, &set, NULL) != ERR_OK)
		abort();
}

static void on_entry(void *arg, const struct rule_lint_entry *entry)
{
	(void)arg;
	(void)entry;
}

static void use(const struct rule_pack *pack, struct arena *mem)
{
	CLEANUP(rule_probe_closep) struct rule_probe *probe = NULL;
	CLEANUP(rule_results_clear) struct rule_results results = { 0 };
	struct rule_test_summary summary;
	struct rule_explanation x;
	struct err err;

	rule_lint(pack, on_entry, NULL);
	if (rule_run(pack, set, &(struct rule_run_options){ .today = TODAY, .inactive = true, .keep_unknown = true }, &results, &err) !=
			ERR_OK ||
		rule_probe_open(pack, set, TODAY, &probe, &err) != ERR_OK)
		abort();
	for (size_t row = 0; row < 3; row++) {
		size_t judged;

		if (rule_probe_row(probe, rule_at(pack, 0), row, &judged, &err) != ERR_OK)
			abort();
		if (judged != FRAME_NO_ROW && rule_explain(probe, rule_at(pack, 0), judged, mem, &x, &err) != ERR_OK &&
			err.code != ERR_NOMEM)
			abort();
	}
	if (rule_test(pack, NULL, TODAY, NULL, NULL, &summary, NULL, &err) != ERR_OK && err.code != ERR_NOMEM)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	CLEANUP(arena_closep) struct arena *mem = NULL;
	struct rule_options o = { 0 };
	struct err err;
	struct str text;

	if (!set)
		prepare();
	if (size < 2 || !(mem = arena_open(8u << 20)))
		return 0;
	text = (struct str){ .ptr = (const char *)data + 1, .len = size - 1 };
	if (data[0] & 1)
		text = str_printf(mem, "id: a\ntitle: t\non: penalty_case\nseverity: warn\nwhen: |\n  %.*s\n", STR_ARG(text));
	o.dictionary = dictionary;
	o.calendar = calendar;
	if (rule_pack_parse(&o, STR("rules/a.yaml"), text, &pack, &err) == ERR_OK)
		use(pack, mem);
	return 0;
}
