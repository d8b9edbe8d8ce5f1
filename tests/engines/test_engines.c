/* The two rule engines on the synthetic county: every shipped rule, every record, the same verdict, exemption, severity and undecided
 * exemptions, on both databases. XZ_DEMO=city takes the city. The times printed are those of one run each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "calendar/calendar.h"
#include "demo/demo.h"
#include "rule/rule.h"
#include "snapshot/snapshot.h"
#include "support/test_db.h"

static const struct asset_set assets;

struct fixture {
	struct arena *mem;
	struct test_db store;
	struct dictionary *dictionary;
	struct rule_pack *rules;
	struct snapshot_store *snapshots;
	struct frame_set *set;
	struct rule_sql_supplies supplies[DICTIONARY_TYPES_MAX];
	struct rule_run_options run;
};

#define MUST(call)                                                                                                                         \
	do {                                                                                                                               \
		if ((call) != ERR_OK)                                                                                                      \
			fail_msg("%s", err.msg);                                                                                           \
	} while (0)

static void load(struct fixture *f)
{
	struct calendar *calendar;
	struct err err = { 0 };

	MUST(dictionary_load(&assets, f->mem, &f->dictionary, &err));
	MUST(calendar_load(&assets, STR(""), f->mem, &calendar, &err));
	MUST(rule_pack_load(
		&(struct rule_options){ .assets = &assets, .dictionary = f->dictionary, .calendar = calendar }, &f->rules, &err));
	MUST(record_tables_ensure(f->store.db, f->dictionary, &err));
}

static void fill(struct fixture *f, const char *size)
{
	const struct actor who = { .name = STR("测试"), .roles = ROLE_SIGNED_IN };
	struct id_source ids;
	struct import_options import;
	struct demo_options o = { .seed = 1, .assets = &assets, .import = &import, .who = &who, .today = f->run.today };
	struct demo_result result;
	struct mapping_set *mappings;
	struct err err = { 0 };
	char path[128];

	o.now_ms = (int64_t)o.today * 86400000;
	id_source_init(&ids, 0, o.now_ms);
	snprintf(path, sizeof(path), "%s/answer-key.json", f->store.dir);
	o.key_path = path;
	MUST(mapping_load(&assets, f->dictionary, f->mem, &mappings, &err));
	import = (struct import_options){
		.dictionary = f->dictionary, .mappings = mappings, .ids = &ids, .data_dir = f->store.dir, .now_ms = o.now_ms
	};
	MUST(demo_size_parse(str_of(size), &o.size, &err));
	MUST(demo_fill(f->store.db, &o, &result, &err));
}

static void read_supplies(struct fixture *f)
{
	struct err err = { 0 };

	for (size_t t = 0; t < f->dictionary->type_count; t++) {
		struct record_supply *stored;
		struct frame_supply *supplies;
		int64_t *ids;
		size_t count;

		MUST(record_supplies(f->store.db, &f->dictionary->types[t], f->mem, &ids, &stored, &count, &err));
		supplies = ARENA_NEW(f->mem, struct frame_supply, count + 1);
		for (size_t i = 0; i < count; i++)
			snapshot_supply(&stored[i], &supplies[i]);
		f->supplies[t] = (struct rule_sql_supplies){ .ids = ids, .supplies = supplies, .count = count };
	}
}

static void open_fixture(struct fixture *f, enum db_dialect dialect)
{
	const char *size = getenv("XZ_DEMO");
	struct err err = { 0 };

	*f = (struct fixture){ .mem = arena_open((size_t)2 << 30), .run = { .keep_unknown = true, .threads = 1 } };
	f->run.today = day_from_ymd(2026, 6, 30);
	test_db_open(&f->store, dialect);
	load(f);
	fill(f, size ? size : "county");
	MUST(snapshot_store_open(f->dictionary, NULL, &f->snapshots, &err));
	MUST(snapshot_get(f->snapshots, f->store.db, &f->set, NULL, &err));
	read_supplies(f);
}

static void close_fixture(struct fixture *f)
{
	frame_set_release(f->set);
	snapshot_store_close(f->snapshots);
	rule_pack_close(f->rules);
	arena_close(f->mem);
	test_db_close(&f->store);
}

static void compare_rule(const struct fixture *f, const struct rule_result *a, const struct rule_result *b)
{
	const struct frame *frame = f->set->frames[a->rule->on->index];

	assert_ptr_equal(a->rule, b->rule);
	for (size_t i = 0; i < a->hit_count && i < b->hit_count; i++) {
		const struct rule_hit *x = &a->hits[i], *y = &b->hits[i];

		if (x->row == y->row && x->verdict == y->verdict && x->exemption == y->exemption && x->severity == y->severity &&
			x->undecided == y->undecided)
			continue;
		fail_msg("%.*s: vector says %s of %.*s, SQL %s of %.*s", STR_ARG(a->rule->id),
			rule_verdict_slug((enum rule_verdict)x->verdict), STR_ARG(frame_key(frame, x->row)),
			rule_verdict_slug((enum rule_verdict)y->verdict), STR_ARG(frame_key(frame, y->row)));
	}
	for (int v = 0; v < VERDICT_COUNT; v++)
		if (a->counts[v] != b->counts[v])
			fail_msg("%.*s: vector counts %lld %s, SQL %lld", STR_ARG(a->rule->id), (long long)a->counts[v],
				rule_verdict_slug((enum rule_verdict)v), (long long)b->counts[v]);
	assert_int_equal(a->hit_count, b->hit_count);
}

static void compare_engines(enum db_dialect dialect)
{
	CLEANUP(close_fixture) struct fixture f;
	CLEANUP(rule_results_clear) struct rule_results vector = { 0 }, sql = { 0 };
	CLEANUP(rule_sql_closep) struct rule_sql *engine = NULL;
	struct err err = { 0 };
	int64_t found = 0;

	open_fixture(&f, dialect);
	MUST(rule_run(f.rules, f.set, &f.run, &vector, &err));
	MUST(rule_sql_open(f.rules, f.store.db, &engine, &err));
	MUST(rule_sql_run(engine, f.set, f.supplies, &f.run, &sql, &err));
	assert_int_equal(vector.count, sql.count);
	for (size_t i = 0; i < vector.count; i++) {
		compare_rule(&f, &vector.v[i], &sql.v[i]);
		found += vector.v[i].counts[VERDICT_HIT];
	}
	assert_true(found > 0);
	print_message("%zu rules, %lld hits: vector %.3f s, %s %.3f s, of which %.3f s for groups, windows and patterns\n", vector.count,
		(long long)found, vector.seconds, dialect == DB_PG ? "PostgreSQL" : "SQLite", sql.seconds, sql.prepare_seconds);
	rule_sql_closep(&engine); /* before its database */
}

static void sqlite_gives_the_verdicts_of_the_vector_engine(void **state)
{
	(void)state;
	compare_engines(DB_SQLITE);
}

static void postgres_gives_the_verdicts_of_the_vector_engine(void **state)
{
	(void)state;
	if (test_db_has_pg())
		compare_engines(DB_PG);
	else
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sqlite_gives_the_verdicts_of_the_vector_engine),
		cmocka_unit_test(postgres_gives_the_verdicts_of_the_vector_engine),
	};

	return cmocka_run_group_tests_name("engines", tests, NULL, NULL);
}
