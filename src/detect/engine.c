/* The engines of a sweep. Findings need the records in memory whichever engine judges, because evidence and messages are made from them;
 * the SQL engine reads the tables in the same read transaction as the snapshot, so both are of one state. */
#include "base/fault.h"
#include "detect/detect_private.h"

#define SUPPLY_BYTES_MAX ((size_t)256 << 20)

static const char *const engine_slugs[SWEEP_ENGINE_COUNT] = { "vector", "sql" };

const char *sweep_engine_slug(enum sweep_engine e)
{
	return engine_slugs[e];
}

/** What the store's supply ids stand for, as frames say it. */
static enum err_code read_supplies(
	struct db *db, const struct dictionary *d, struct arena *mem, struct rule_sql_supplies *ret, struct err *err)
{
	for (size_t t = 0; t < d->type_count; t++) {
		struct record_supply *stored;
		struct frame_supply *supplies;
		int64_t *ids;
		size_t count;

		TRY(record_supplies(db, &d->types[t], mem, &ids, &stored, &count, err));
		supplies = ARENA_NEW(mem, struct frame_supply, count + 1);
		if (!supplies)
			return err_nomem(err);
		for (size_t i = 0; i < count; i++)
			snapshot_supply(&stored[i], &supplies[i]);
		ret[t] = (struct rule_sql_supplies){ .ids = ids, .supplies = supplies, .count = count };
	}
	return ERR_OK;
}

static enum err_code judge_by_sql(
	struct db *db, const struct sweep_options *o, struct frame_set **ret_set, struct rule_results *ret, struct err *err)
{
	CLEANUP(rule_sql_closep) struct rule_sql *engine = NULL;
	CLEANUP(arena_closep) struct arena *mem = arena_open(SUPPLY_BYTES_MAX);
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct rule_sql_supplies supplies[DICTIONARY_TYPES_MAX] = { 0 };

	if (!mem)
		return err_nomem(err);
	TRY(rule_sql_open(o->app->rules, db, &engine, err));
	TRY(db_begin_read(db, &tx, err));
	TRY(snapshot_get(o->app->snapshots, db, &set, NULL, err));
	TRY(read_supplies(db, o->app->dictionary, mem, supplies, err));
	TRY(rule_sql_run(engine, set, supplies, &(struct rule_run_options){ .today = o->today }, ret, err));
	*ret_set = set;
	set = NULL;
	return ERR_OK; /* nothing was written but temporary tables: the reading transaction just ends */
}

enum err_code sweep_judge(
	struct db *db, const struct sweep_options *o, struct frame_set **ret_set, struct rule_results *ret, struct err *err)
{
	if (o->engine == SWEEP_SQL)
		return judge_by_sql(db, o, ret_set, ret, err);
	TRY(snapshot_get(o->app->snapshots, db, ret_set, NULL, err));
	return rule_run(o->app->rules, *ret_set, &(struct rule_run_options){ .today = o->today, .threads = o->threads }, ret, err);
}
