/* Any text as YAML: it is refused with a place, or becomes a tree whose every node has one, within its limits. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "yaml/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void walk(const struct yaml *node, int depth)
{
	bool flag;
	int64_t number;
	struct err err;

	need(depth <= YAML_DEPTH_MAX && node->line >= 1 && node->column >= 1);
	if (node->kind == YAML_SCALAR) {
		need(node->count == 0 && utf8_valid(node->text));
		return;
	}
	for (size_t i = 0; i < node->count; i++) {
		if (node->kind == YAML_MAP) {
			need(node->keys[i]->kind == YAML_SCALAR);
			need(yaml_get(node, "name") || !str_eq(node->keys[i]->text, STR("name")));
		}
		walk(node->values[i], depth + 1);
	}
	if (node->kind == YAML_MAP) {
		yaml_bool(node, "flag", true, &flag, &err);
		yaml_i64(node, "number", 1, &number, &err);
		if (yaml_only(node, "name|flag|number", &err) != ERR_OK)
			need(utf8_valid(str_of(err.msg)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(64u << 20);
	struct yaml *root = NULL;
	struct err err = { 0 };

	if (!mem)
		return 0;
	if (yaml_parse((struct str){ .ptr = (const char *)data, .len = size }, "fuzz.yaml", mem, &root, &err) == ERR_OK)
		walk(root, 0);
	else
		need(err.msg[0] != '\0' && utf8_valid(str_of(err.msg)));
	return 0;
}
