/* The rule engine must find exactly what the answer key of the synthetic county says: hits, exemptions and unknowns, record by record and
 * for every shipped rule. The key comes from hand-written verdicts and a naive day-walk (src/demo), the findings from rules/ and calendar/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "calendar/calendar.h"
#include "demo/demo.h"
#include "rule/rule.h"
#include "snapshot/snapshot.h"
#include "support/test_db.h"

static const struct asset_set assets;

struct fixture {
	int32_t today;
	struct arena *mem;
	struct test_db store;
	struct dictionary *dictionary;
	struct rule_pack *rules;
	json_t *key;
	struct rule_results results;
	struct frame_set *set;
	struct snapshot_store *snapshots;
};

#define MUST(call)                                                                                                                         \
	do {                                                                                                                               \
		if ((call) != ERR_OK)                                                                                                      \
			fail_msg("%s", err.msg);                                                                                           \
	} while (0)

static void fill(struct fixture *f, const char *size, uint64_t seed, const char *today)
{
	const struct actor who = { .name = STR("测试"), .roles = ROLE_SIGNED_IN };
	struct err err = { 0 };
	struct mapping_set *mappings;
	struct id_source ids;
	struct import_options import;
	struct demo_options o = { .seed = seed, .assets = &assets, .import = &import, .who = &who };
	struct demo_result result;
	struct calendar *calendar;
	json_error_t why;
	char path[128];

	*f = (struct fixture){ .mem = arena_open(1u << 30) };
	assert_true(day_parse(str_of(today), &o.today));
	f->today = o.today;
	o.now_ms = (int64_t)o.today * 86400000;
	id_source_init(&ids, 0, o.now_ms);
	test_db_open(&f->store, DB_SQLITE);
	snprintf(path, sizeof(path), "%s/answer-key.json", f->store.dir);
	o.key_path = path;
	MUST(demo_size_parse(str_of(size), &o.size, &err));
	MUST(dictionary_load(&assets, f->mem, &f->dictionary, &err));
	MUST(mapping_load(&assets, f->dictionary, f->mem, &mappings, &err));
	MUST(calendar_load(&assets, STR(""), f->mem, &calendar, &err));
	MUST(rule_pack_load(
		&(struct rule_options){ .assets = &assets, .dictionary = f->dictionary, .calendar = calendar }, &f->rules, &err));
	MUST(record_tables_ensure(f->store.db, f->dictionary, &err));
	import = (struct import_options){
		.dictionary = f->dictionary, .mappings = mappings, .ids = &ids, .data_dir = f->store.dir, .now_ms = o.now_ms
	};
	MUST(demo_fill(f->store.db, &o, &result, &err));
	assert_int_equal(result.unintended, 0);
	f->key = json_load_file(path, 0, &why);
	assert_non_null(f->key);
	MUST(snapshot_store_open(f->dictionary, NULL, &f->snapshots, &err));
	MUST(snapshot_get(f->snapshots, f->store.db, &f->set, NULL, &err));
	MUST(rule_run(
		f->rules, f->set, &(struct rule_run_options){ .today = o.today, .threads = 1, .keep_unknown = true }, &f->results, &err));
}

static void clear(struct fixture *f)
{
	rule_results_clear(&f->results);
	frame_set_release(f->set);
	snapshot_store_close(f->snapshots);
	rule_pack_close(f->rules);
	json_decref(f->key);
	test_db_close(&f->store);
	arena_close(f->mem);
}

static const char *list_of(uint8_t verdict)
{
	return verdict == VERDICT_HIT ? "hit" : verdict == VERDICT_EXEMPT ? "exempt" : "unknown";
}

/** The key's list as an object whose members are the record keys. */
static json_t *as_set(const json_t *list)
{
	json_t *set = json_object();
	size_t i;
	json_t *value;

	json_array_foreach(list, i, value) json_object_set_new(set, json_string_value(value), json_true());
	return set;
}

static void expect_rule(struct fixture *f, const struct rule_result *r, const json_t *expected)
{
	static const char *const lists[] = { "hit", "exempt", "unknown" };
	CLEANUP(rule_probe_closep) struct rule_probe *probe = NULL;
	struct err err = { 0 };

	MUST(rule_probe_open(f->rules, f->set, f->today, &probe, &err));
	for (int l = 0; l < 3; l++) {
		json_t *left = as_set(json_object_get(expected, lists[l]));

		assert_int_equal(json_object_size(left), json_array_size(json_object_get(expected, lists[l]))); /* no key twice */
		for (size_t i = 0; i < r->hit_count; i++) {
			struct str at;
			int64_t line;
			char *key;

			if (strcmp(list_of(r->hits[i].verdict), lists[l]) != 0)
				continue;
			MUST(rule_hit_key(probe, r->rule, &r->hits[i], &at, &line, &err));
			key = str_cstr(f->mem, at);
			if (json_object_del(left, key) != 0)
				fail_msg("%.*s: %s is %s for the engine only", STR_ARG(r->rule->id), key, lists[l]);
		}
		if (json_object_size(left) > 0)
			fail_msg("%.*s: %s is %s for the key only", STR_ARG(r->rule->id), json_object_iter_key(json_object_iter(left)),
				lists[l]);
		json_decref(left);
	}
}

static void expect_all(const char *size, uint64_t seed, const char *today)
{
	struct fixture f;
	size_t checked = 0;
	char missing[4096] = "";

	fill(&f, size, seed, today);
	for (size_t i = 0; i < f.results.count; i++) {
		const struct rule_result *r = &f.results.v[i];
		const json_t *expected = json_object_get(json_object_get(f.key, "rules"), str_cstr(f.mem, r->rule->id));

		if (!expected) {
			snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing), " %.*s", STR_ARG(r->rule->id));
			continue;
		}
		expect_rule(&f, r, expected);
		checked++;
	}
	if (missing[0])
		fail_msg("the answer key does not know these rules, each needs a theme in src/demo:%s", missing);
	assert_int_equal(checked, json_object_size(json_object_get(f.key, "rules")));
	clear(&f);
}

static void the_engine_agrees_with_the_key(void **state)
{
	(void)state;
	expect_all("county", 1, DEMO_TODAY);
}

static void the_engine_agrees_with_the_key_around_holidays_and_changes_of_law(void **state)
{
	(void)state;
	expect_all("1500", 2, "2026-02-24");
	expect_all("1500", 3, "2024-02-29");
	expect_all("1500", 4, "2022-01-31");
	expect_all("1500", 5, "2028-01-01");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_engine_agrees_with_the_key),
		cmocka_unit_test(the_engine_agrees_with_the_key_around_holidays_and_changes_of_law),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
