/* Groups, windows, referrers and as-of reads against the naive evaluator: random keys, members, conditions and aggregates on random records
 * with empty and absent facts. XZ_SEED repeats a run; XZ_ROUNDS makes it longer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "rule/group.h"
#include "support/naive_rules.h"
#include "support/random_store.h"

#define ROWS 700
#define RULES 40
#define DEPTH 1 /* of the members' expressions */

static struct asset_set assets = { .dirs = { { .dir = "tests/rule/dictionary", .prefix = "dictionary/", .replace = true },
					   { .prefix = "rules/", .replace = true } },
	.dir_count = 2 };
static char rules_dir[64];

enum kind { JUDGES_GROUPS, JUDGES_RECORDS, JUDGES_WINDOWS, JUDGES_REFERRED, READS_HISTORY, KIND_COUNT };

/* ---- random rules ---- */

struct composer {
	struct writer w;
	enum kind kind;
	bool period; /* a key is a year, quarter or month */
	int keys;
	int months;
};

static void put_where(struct composer *c, bool may)
{
	if (!may)
		return;
	put(&c->w, " where ");
	if (c->kind == JUDGES_REFERRED && random_below(3) == 0) {
		static const char *const outer[] = { "confirmed_on <= decided_on", "rank > 3", "status = 'active'", "agency.rank < 20" };

		buf_puts(c->w.out, outer[random_below(4)]);
	} else {
		write_expression(&c->w, TYPE_BOOL, random_below(DEPTH + 1) + 1);
	}
}

/** The value that an aggregate is about. */
static void put_value(struct composer *c, enum value_type type)
{
	if (c->kind == JUDGES_REFERRED) {
		const struct dictionary_column *list[DICTIONARY_COLUMNS_MAX] = { 0 };
		int n = 0;

		for (size_t i = 0; i < penalty->column_count; i++)
			if ((enum value_type)penalty->columns[i].type == type)
				list[n++] = &penalty->columns[i];
		n = random_below(n);
		buf_printf(c->w.out, "cases.%.*s", STR_ARG(list[n]->name));
	} else {
		write_expression(&c->w, type, random_below(DEPTH + 1));
	}
}

static void put_all_of_them(struct composer *c)
{
	if (c->kind == JUDGES_REFERRED)
		put(&c->w, "cases");
}

static void put_aggregate(struct composer *c, enum value_type type)
{
	static const char *const names[] = { "min", "max", "sum", "first", "last", "median", "quantile", "mad" };
	static const enum value_type counted[] = { TYPE_TEXT, TYPE_CODE, TYPE_DATE, TYPE_MONEY, TYPE_BOOL };
	int pick = random_below(type == TYPE_DATE ? 2 : 8);
	bool plain;

	if (type == TYPE_INT && random_below(2) == 0) {
		plain = random_below(2) == 0;
		put(&c->w, plain ? "count(" : "count(distinct ");
		if (!plain && c->kind != JUDGES_REFERRED && random_below(4) == 0)
			put(&c->w, "agency");
		else if (plain && random_below(2) == 0)
			put_all_of_them(c);
		else
			put_value(c, counted[random_below(5)]);
		put_where(c, random_below(2) == 0);
	} else {
		if (type == TYPE_DATE && random_below(2) == 0)
			pick = 3 + random_below(4); /* first, last, median, quantile */
		buf_printf(c->w.out, "%s(", names[pick]);
		put_value(c, type);
		put(&c->w, pick == 6 ? (random_below(2) ? ", 0.9" : ", 0.25") : "");
		put_where(c, random_below(2) == 0);
	}
	put(&c->w, ")");
}

static void put_number(struct composer *c, enum value_type type)
{
	static const char *const keys[] = { "", ", k0", ", k1" };
	bool grouped = c->kind == JUDGES_GROUPS || c->kind == JUDGES_RECORDS;

	if (grouped && type == TYPE_DECIMAL && random_below(3) == 0) {
		put(&c->w, "share(");
		put_aggregate(c, random_below(2) ? TYPE_INT : TYPE_MONEY);
		buf_printf(c->w.out, "%s)", c->kind == JUDGES_GROUPS ? keys[random_below(c->keys < 2 ? c->keys + 1 : 3)] : "");
	} else if (grouped && c->period && random_below(3) == 0) {
		put(&c->w, "prior(");
		put_aggregate(c, type);
		buf_printf(c->w.out, ", %d)", c->months);
	} else if (c->kind == JUDGES_GROUPS || random_below(3) > 0) {
		put_aggregate(c, type);
	} else if (c->kind == JUDGES_REFERRED) {
		put(&c->w, type == TYPE_INT ? "rank" : type == TYPE_DATE ? "confirmed_on" : "1.5");
		put(&c->w, type == TYPE_MONEY ? " 元" : "");
	} else {
		write_column(&c->w, type);
	}
}

static void put_truth(struct composer *c)
{
	static const char *const names[] = { "exists(", "any(", "all(" };
	int pick = random_below(3);

	put(&c->w, names[pick]);
	if (random_below(2) == 0) {
		put_all_of_them(c);
		put_where(c, true);
	} else {
		put_value(c, TYPE_BOOL);
		put_where(c, random_below(2) == 0);
	}
	put(&c->w, ")");
}

static void put_condition(struct composer *c, int depth)
{
	static const enum value_type types[] = { TYPE_INT, TYPE_MONEY, TYPE_DECIMAL, TYPE_DATE };
	static const char *const signs[] = { " < ", " >= ", " = ", " <> ", " > " };
	enum value_type type = types[random_below(4)];

	switch (random_below(depth > 0 ? 8 : 5)) {
	case 0:
		put_truth(c);
		break;
	case 1:
		put_number(c, type);
		put(&c->w, random_below(2) ? " is null" : " is not null");
		break;
	case 2:
		put(&c->w, "coalesce(");
		put_number(c, type);
		put(&c->w, ", ");
		write_literal(&c->w, type);
		put(&c->w, ")");
		put(&c->w, signs[random_below(5)]);
		write_literal(&c->w, type);
		break;
	case 3:
	case 4:
		put_number(c, type);
		put(&c->w, signs[random_below(5)]);
		if (random_below(2))
			write_literal(&c->w, type);
		else
			put_number(c, type);
		break;
	case 5:
		put(&c->w, "not (");
		put_condition(c, depth - 1);
		put(&c->w, ")");
		break;
	default:
		put(&c->w, "(");
		put_condition(c, depth - 1);
		put(&c->w, random_below(2) ? " and " : " or ");
		put_condition(c, depth - 1);
		put(&c->w, ")");
		break;
	}
}

/** One key, sometimes two, at most one of them a period. */
static void put_keys(struct composer *c)
{
	static const char *const keys[] = { "agency", "{k%d: procedure}", "{k%d: channel}", "{k%d: major}", "{k%d: rate}", "{k%d: facts}",
		"{k%d: agency.status}", "{k%d: \"coalesce(days_given, 0)\"}" };
	static const struct {
		const char *key;
		int months;
	} periods[] = { { "{k%d: year(decided_on)}", 12 }, { "{k%d: quarter_start(filed_on)}", 3 },
		{ "{k%d: month_start(decided_on)}", 1 } };
	int count = 1 + random_below(2), period = c->kind != JUDGES_WINDOWS && random_below(2) ? random_below(count) : -1;
	bool by_agency = false;

	c->keys = 0;
	put(&c->w, "group: [");
	for (int i = 0; i < count; i++) {
		int pick = random_below(8), p = random_below(3);
		char text[80];

		if (pick == 0 && by_agency)
			pick = 1;
		put(&c->w, i ? ", " : "");
		if (i == period) {
			c->period = true;
			c->months = periods[p].months * (1 + random_below(2));
			snprintf(text, sizeof(text), "%s", periods[p].key);
		} else {
			snprintf(text, sizeof(text), "%s", keys[pick]);
			by_agency |= pick == 0;
		}
		if (strstr(text, "%d")) { /* k0 is the first with a name of this kind */
			char *d = strstr(text, "%d");

			memmove(d + 1, d + 2, strlen(d + 2) + 1);
			*d = (char)('0' + c->keys++);
		}
		put(&c->w, text);
	}
	put(&c->w, "]\n");
}

static void write_one_rule(int index)
{
	struct buf text;
	char path[128];
	struct composer c = { .w = { .out = &text, .child = -1 }, .kind = (enum kind)(index % KIND_COUNT) };
	bool grouped = c.kind == JUDGES_GROUPS || c.kind == JUDGES_RECORDS || c.kind == JUDGES_WINDOWS;

	buf_init(&text, 1 << 20);
	buf_printf(&text, "id: r%03d\ntitle: t\non: %s\nseverity: warn\n", index, c.kind == JUDGES_REFERRED ? "agency" : "penalty");
	if (grouped)
		put_keys(&c);
	if (grouped && random_below(2)) {
		put(&c.w, "members: |\n  ");
		write_expression(&c.w, TYPE_BOOL, 1);
		put(&c.w, "\n");
	}
	if (c.kind == JUDGES_WINDOWS)
		buf_printf(&text, random_below(2) ? "within: %d days\n" : "within: {days: %d, by: filed_on}\n", 1 + random_below(400));
	if (c.kind == JUDGES_GROUPS)
		put(&c.w, "in_force: 2024-06-01..2026-03-01\nunless:\n  - {id: a, when: count() > 60}\n  - {id: b, when: any(major)}\n");
	put(&c.w, c.kind == JUDGES_GROUPS ? "having: |\n  " : "when: |\n  ");
	if (c.kind == READS_HISTORY) {
		static const char *const reads[] = { "agency.status @ decided_on = 'active'", "agency.superior.rank @ filed_on > 5",
			"coalesce(agency.rank @ (decided_on + days_given), 3) < 20", "(agency.status @ today()) is null",
			"exists(officers where agency.rank @ officers.cert_to_on > hours)",
			"starts_with(facts, '违法') or length(facts) > 3", "hour(reported_at) >= 12 and is_holiday(decided_on) = false",
			"month_start(filed_on) = quarter_start(filed_on) or quarter_start(decided_on) < filed_on" };

		put(&c.w, reads[random_below(8)]);
		put(&c.w, random_below(2) ? " and " : " or ");
		put(&c.w, reads[random_below(8)]);
	} else {
		put_condition(&c, 2);
	}
	put(&c.w, "\n");
	snprintf(path, sizeof(path), "%s/r%03d.yaml", rules_dir, index);
	assert_false(text.failed);
	assert_int_equal(file_write(path, buf_str(&text), NULL), ERR_OK);
	buf_clear(&text);
}

/* ---- the naive side ---- */

static enum { TAKES_PART, IS_OUT, NOBODY_KNOWS } placement[ROWS];
static bool place_absent[ROWS];
static int group_of[ROWS];

static struct value key_value(struct place at, const struct expression *key)
{
	return is_reference(key->ast) ? walk_reference(at) : walk(at, key->ast);
}

static void place_record(const struct rule *rule, int i)
{
	const struct rule_code *code = rule->code;
	struct place at = { &penalties.rows[i], .child = -1 };
	struct value members = code->members.ast ? walk(at, code->members.ast) : truth(true), keys[GROUP_KEYS_MAX];
	int count = (int)code->group.grouping->key_count;

	placement[i] = members.state == HAS ? (members.i ? TAKES_PART : IS_OUT) : NOBODY_KNOWS;
	place_absent[i] = members.state == ABSENT;
	group_of[i] = -1;
	for (int k = 0; k < count; k++) {
		keys[k] = key_value(at, &code->keys[k]);
		if (keys[k].state != HAS && placement[i] != IS_OUT) {
			placement[i] = NOBODY_KNOWS;
			place_absent[i] |= keys[k].state == ABSENT;
		}
	}
	if (placement[i] != TAKES_PART)
		return;
	for (int g = 0; g < naive_group_count && group_of[i] < 0; g++) {
		bool same = true;

		for (int k = 0; k < count; k++)
			same &= order_of(&naive_groups[g].keys[k], &keys[k]) == 0;
		if (same)
			group_of[i] = g;
	}
	if (group_of[i] < 0) {
		group_of[i] = naive_group_count++;
		memcpy(naive_groups[group_of[i]].keys, keys, sizeof(keys));
		naive_groups[group_of[i]].rows = ARENA_NEW(mem, const struct record *, ROWS);
	}
	naive_groups[group_of[i]].rows[naive_groups[group_of[i]].count++] = &penalties.rows[i];
}

static void make_naive_groups(const struct rule *rule)
{
	naive_groups = ARENA_NEW(mem, struct naive_group, ROWS + 1);
	naive_group_count = 0;
	forget_folds();
	for (int i = 0; rule->group_count > 0 && i < penalties.count; i++)
		place_record(rule, i);
}

static enum rule_verdict judge(struct place at, const struct rule *rule)
{
	struct value when, by = rule->code->judged_by.ast ? walk(at, rule->code->judged_by.ast) : truth(true);

	if (by.state != HAS)
		return VERDICT_UNKNOWN;
	if (rule->code->judged_by.ast && (by.i < rule->in_force_from || by.i > rule->in_force_to))
		return VERDICT_NOT_IN_FORCE;
	when = walk(at, rule->code->when.ast);
	if (when.state != HAS)
		return VERDICT_UNKNOWN;
	for (size_t i = 0; when.i && i < rule->exemption_count; i++) {
		struct value x = walk(at, rule->code->exemptions[i].ast);

		if (x.state == HAS && x.i)
			return VERDICT_EXEMPT;
	}
	return when.i ? VERDICT_HIT : VERDICT_CLEAN;
}

static enum rule_verdict judge_group(const struct rule *rule, int g)
{
	struct cohort c = { .rule = rule, .rows = naive_groups[g].rows, .count = naive_groups[g].count, .group = g, .whole = true };

	return judge((struct place){ NULL, .child = -1, .cohort = &c, .of_group = true }, rule);
}

/** Members of the record's group dated in (d - days, d]. */
static void window_of(const struct rule *rule, int i, struct cohort *c, const struct record **rows)
{
	const struct ast *by = rule->code->within_by.ast;
	struct value d = walk((struct place){ &penalties.rows[i], .child = -1 }, by);
	const struct naive_group *g = &naive_groups[c->group];

	c->whole = false;
	if (d.state != HAS) {
		c->outside = true;
		c->absent = d.state == ABSENT;
		return;
	}
	c->rows = rows;
	c->count = 0;
	for (int k = 0; k < g->count; k++) {
		struct value m = walk((struct place){ g->rows[k], .child = -1 }, by);

		c->absent |= m.state == ABSENT;
		if (m.state == HAS && m.i > d.i - rule->within_days && m.i <= d.i)
			rows[c->count++] = g->rows[k];
	}
}

static enum rule_verdict judge_record(const struct rule *rule, int i)
{
	const struct record *rows[ROWS];
	struct cohort c = { .rule = rule, .whole = true };
	struct place at = { &penalties.rows[i], .child = -1, .cohort = rule->group_count ? &c : NULL };

	if (rule->group_count == 0)
		return judge(at, rule);
	if (placement[i] == IS_OUT)
		return VERDICT_CLEAN;
	if (group_of[i] < 0) {
		c.outside = true;
		c.absent = place_absent[i];
	} else {
		c.group = group_of[i];
		c.rows = naive_groups[c.group].rows;
		c.count = naive_groups[c.group].count;
	}
	if (rule->within_days > 0 && group_of[i] >= 0)
		window_of(rule, i, &c, rows);
	if (rule->code->members.ast && placement[i] == NOBODY_KNOWS) {
		struct value members = walk((struct place){ &penalties.rows[i], .child = -1 }, rule->code->members.ast);
		enum rule_verdict v = judge(at, rule);

		return members.state != HAS && v != VERDICT_CLEAN ? VERDICT_UNKNOWN : v;
	}
	return judge(at, rule);
}

static enum rule_verdict judge_agency(const struct rule *rule, int i)
{
	const struct record *rows[ROWS];
	struct cohort c = { .rows = rows };

	for (int k = 0; k < penalties.count; k++) {
		const struct record *r = &penalties.rows[k], *of = agency_of(r, false);
		int code = dictionary_column(penalty, STR("agency_code"))->index;

		if (of == &agencies.rows[i])
			rows[c.count++] = r;
		c.absent |= !of && !frame_bit(penalties.supplies[r->supply].columns, (size_t)code);
	}
	return judge((struct place){ &agencies.rows[i], .child = -1, .cohort = &c, .of_agency = true }, rule);
}

/* ---- the property ---- */

static void check_result(const struct rule_result *r, struct rule_probe *probe)
{
	const struct rule *rule = r->rule;
	int64_t counts[VERDICT_COUNT] = { 0 };
	int rows = rule->having ? (make_naive_groups(rule), naive_group_count) : rule->on == agency ? agencies.count : penalties.count;
	size_t next = 0;

	make_naive_groups(rule);
	for (int i = 0; i < rows; i++) {
		CLEANUP(arena_closep) struct arena *own = i % 37 == 0 ? arena_open((size_t)8 << 20) : NULL;
		enum rule_verdict want = rule->having         ? judge_group(rule, i)
		                         : rule->on == agency ? judge_agency(rule, i)
		                                              : judge_record(rule, i),
				  got = want == VERDICT_NOT_IN_FORCE ? want : VERDICT_CLEAN;
		struct rule_explanation x;

		counts[want]++;
		if (next < r->hit_count && r->hits[next].row == (uint32_t)i && !r->hits[next].unplaced)
			got = (enum rule_verdict)r->hits[next++].verdict;
		if (got != want)
			fail_msg("%.*s row %d: naive %s, engine %s\n%.*s", STR_ARG(rule->id), i, rule_verdict_slug(want),
				rule_verdict_slug(got), STR_ARG(rule->when));
		if (own) {
			assert_int_equal(rule_explain(probe, rule, (size_t)i, own, &x, NULL), ERR_OK);
			assert_int_equal(x.verdict, want);
			if (rule->having)
				assert_int_equal(x.member_count, naive_groups[i].count);
		}
	}
	for (int i = 0; rule->having && i < penalties.count; i++)
		if (placement[i] == NOBODY_KNOWS) {
			counts[VERDICT_UNKNOWN]++;
			assert_true(r->hits[next].unplaced);
			assert_int_equal(r->hits[next++].row, i);
		}
	assert_int_equal(next, r->hit_count);
	for (int v = 0, all = 0; v < VERDICT_COUNT; v++) {
		assert_int_equal(r->counts[v], counts[v]);
		all += (int)counts[v];
		if (v == VERDICT_COUNT - 1)
			assert_int_equal(r->checked, all);
	}
}

static void same_results(const struct rule_results *a, const struct rule_results *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_int_equal(a->v[i].hit_count, b->v[i].hit_count);
		for (size_t k = 0; k < a->v[i].hit_count; k++) {
			assert_int_equal(a->v[i].hits[k].row, b->v[i].hits[k].row);
			assert_int_equal(a->v[i].hits[k].verdict, b->v[i].hits[k].verdict);
		}
		assert_memory_equal(a->v[i].counts, b->v[i].counts, sizeof(a->v[i].counts));
	}
}

/** The SQL engine on the same records; where the two differ the rule is shown. */
static void check_sql(const struct rule_pack *pack, const struct frame_set *set, const struct rule_results *vector, struct db *db)
{
	CLEANUP(rule_results_clear) struct rule_results sql = { 0 };
	CLEANUP(rule_sql_closep) struct rule_sql *engine = NULL;
	struct rule_run_options run = { .today = TODAY, .keep_unknown = true };
	struct err err = { 0 };

	set_supplies();
	fill_database(db);
	if (rule_sql_open(pack, db, &engine, &err) != ERR_OK || rule_sql_run(engine, set, supplies, &run, &sql, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(sql.count, vector->count);
	for (size_t i = 0; i < sql.count; i++) {
		if (same_result(&vector->v[i], &sql.v[i]))
			continue;
		print_error(
			"%s/%.*s.yaml on %s\n", rules_dir, STR_ARG(sql.v[i].rule->id), db_dialect(db) == DB_PG ? "PostgreSQL" : "SQLite");
		for (int v = 0; v < VERDICT_COUNT; v++)
			print_error("%s: vector %lld, sql %lld\n", rule_verdict_slug((enum rule_verdict)v),
				(long long)vector->v[i].counts[v], (long long)sql.v[i].counts[v]);
		fail_msg("the engines differ on %.*s", STR_ARG(sql.v[i].rule->when));
	}
}

static void one_round(void)
{
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	CLEANUP(rule_results_clear) struct rule_results one = { 0 }, two = { 0 };
	CLEANUP(rule_probe_closep) struct rule_probe *probe = NULL;
	struct rule_options o = { .assets = &assets, .dictionary = dictionary, .calendar = calendar };
	struct rule_run_options run = { .today = TODAY, .threads = 1, .keep_unknown = true };
	struct err err = { 0 };

	random_table(&penalties, penalty, ROWS);
	random_table(&agencies, agency, AGENCIES);
	random_table(&officers, officer, OFFICERS);
	if (random_below(2)) /* otherwise some reference is always hidden, and every aggregate over referrers absent */
		for (int s = 0; s < 4; s++)
			frame_supply_add(penalty, STR("agency_code"), &penalties.supplies[s]);
	tie_keys();
	forget_unsupplied(&penalties);
	forget_unsupplied(&agencies);
	forget_unsupplied(&officers);
	set = set_of_all();
	for (int i = 0; i < RULES; i++)
		write_one_rule(i);
	if (rule_pack_load(&o, &pack, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	if (rule_run(pack, set, &run, &one, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(rule_probe_open(pack, set, TODAY, &probe, &err), ERR_OK);
	assert_int_equal(one.count, RULES);
	for (size_t i = 0; i < one.count; i++)
		check_result(&one.v[i], probe);
	run.threads = 3;
	assert_int_equal(rule_run(pack, set, &run, &two, &err), ERR_OK); /* what depends on records only is kept with the set */
	same_results(&one, &two);
	for (int d = 0; d < database_count; d++)
		check_sql(pack, set, &one, databases[d]);
}

static void load(void)
{
	assert_int_equal(dictionary_load(&assets, mem, &dictionary, NULL), ERR_OK);
	assert_int_equal(calendar_load(&assets, STR(""), mem, &calendar, NULL), ERR_OK);
	penalty = dictionary_type(dictionary, STR("penalty"));
	agency = dictionary_type(dictionary, STR("agency"));
	officer = dictionary_type(dictionary, STR("officer"));
}

static void groups_windows_and_referrers_agree_with_the_naive_evaluation(void **state)
{
	const char *seed = getenv("XZ_SEED"), *rounds = getenv("XZ_ROUNDS");

	(void)state;
	random_state = seed ? strtoull(seed, NULL, 10) : (uint64_t)time_now_ms() * 2654435761u + 1;
	for (int i = 0; i < (rounds ? atoi(rounds) : 3); i++) {
		print_message("XZ_SEED=%llu\n", (unsigned long long)random_state);
		load();
		one_round();
		arena_reset(mem);
	}
}

static int setup(void **state)
{
	(void)state;
	mem = arena_open((size_t)1 << 30);
	snprintf(rules_dir, sizeof(rules_dir), "/tmp/xz-groups-XXXXXX");
	if (!mem || !mkdtemp(rules_dir))
		return -1;
	assets.dirs[1].dir = rules_dir;
	load();
	return open_databases() ? 0 : -1;
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	for (int i = 0; i < RULES; i++) {
		snprintf(path, sizeof(path), "%s/r%03d.yaml", rules_dir, i);
		unlink(path);
	}
	rmdir(rules_dir);
	forget_folds();
	close_databases();
	arena_close(mem);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_windows_and_referrers_agree_with_the_naive_evaluation),
	};

	return cmocka_run_group_tests_name("group", tests, setup, teardown);
}
