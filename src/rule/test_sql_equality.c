/* The SQL engine against the vector engine: random rules on random records, on SQLite and (where XZ_TEST_PG is set) PostgreSQL. Every
 * record must get the same verdict, exemption, severity and undecided exemptions. A difference is made small before it is shown.
 *
 * XZ_SEED repeats a run, XZ_ROUNDS makes it longer (a round is RULES rules on fresh records), XZ_SECONDS goes on for that long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "support/random_store.h"

#define TODAY 20634 /* 2026-06-30 */
#define ROWS 40
#define RULES 100
#define DEPTH 4
#define ROUNDS 20
#define WHEN_MAX 3000
#define SHRINKS_MAX 1500

static struct asset_set assets = { .dirs = { { .dir = "tests/rule/dictionary", .prefix = "dictionary/", .replace = true },
					   { .prefix = "rules/", .replace = true } },
	.dir_count = 2 };
static char rules_dir[64];

/* ---- rules ---- */

enum part { PART_WHEN, PART_FIRST, PART_SECOND, PART_SEVERE, PART_JUDGED, PART_COUNT };

/** A rule as expressions, so that it can be made smaller; empty ones are left out. */
struct parts {
	struct str v[PART_COUNT];
};

static struct str random_expression(enum value_type type, int depth)
{
	struct buf text;
	struct writer w = { .out = &text, .child = -1 };
	struct str s;

	buf_init(&text, 1 << 20);
	do {
		buf_reset(&text);
		write_expression(&w, type, depth);
	} while (text.failed || text.len > WHEN_MAX);
	s = str_dup(mem, buf_str(&text));
	buf_clear(&text);
	return s;
}

static struct parts random_parts(void)
{
	struct parts p = { .v = { [PART_WHEN] = random_expression(TYPE_BOOL, DEPTH) } };

	if (random_below(3))
		p.v[PART_FIRST] = random_expression(TYPE_BOOL, 2);
	if (random_below(3) == 0)
		p.v[PART_SECOND] = random_expression(TYPE_BOOL, 1);
	if (random_below(3) == 0)
		p.v[PART_SEVERE] = random_expression(TYPE_BOOL, 2);
	if (random_below(2))
		p.v[PART_JUDGED] = random_expression(TYPE_DATE, 1);
	return p;
}

static struct str rule_text(const struct parts *p)
{
	struct buf out;
	struct str s;

	buf_init(&out, 1 << 20);
	buf_printf(&out, "id: r\ntitle: t\non: penalty\nwhen: |\n  %.*s\n", STR_ARG(p->v[PART_WHEN]));
	if (p->v[PART_FIRST].len + p->v[PART_SECOND].len)
		buf_puts(&out, "unless:\n");
	for (int i = PART_FIRST; i <= PART_SECOND; i++)
		if (p->v[i].len)
			buf_printf(&out, "  - id: e%d\n    when: |\n      %.*s\n", i, STR_ARG(p->v[i]));
	if (p->v[PART_SEVERE].len)
		buf_printf(&out, "severity:\n  - is: serious\n    when: |\n      %.*s\n  - {is: info}\n", STR_ARG(p->v[PART_SEVERE]));
	else
		buf_puts(&out, "severity: warn\n");
	if (p->v[PART_JUDGED].len)
		buf_printf(&out, "in_force: 2024-06-01..2026-03-01\njudged_by: |\n  %.*s\n", STR_ARG(p->v[PART_JUDGED]));
	s = str_dup(mem, buf_str(&out));
	buf_clear(&out);
	return s;
}

/* ---- both engines ---- */

static struct rule_options options(void)
{
	return (struct rule_options){ .assets = &assets, .dictionary = dictionary, .calendar = calendar };
}

static const struct rule_run_options run_options = { .today = TODAY, .keep_unknown = true };

enum outcome { SAME, DIFFERENT, NO_RULE, FAILED };

/** What both engines say of one rule on the present records, which the database holds. */
struct trial {
	struct rule_pack *pack;
	struct rule_results vector, sql;
	struct rule_sql *engine;
	struct err err;
};

static void trial_clear(struct trial *t)
{
	rule_results_clear(&t->vector);
	rule_results_clear(&t->sql);
	rule_sql_close(t->engine);
	rule_pack_close(t->pack);
}

static enum outcome try_rule(const struct parts *p, struct frame_set *set, struct db *db, struct trial *t)
{
	struct rule_options o = options();

	if (rule_pack_parse(&o, STR("r.yaml"), rule_text(p), &t->pack, &t->err) != ERR_OK)
		return NO_RULE;
	if (rule_run(t->pack, set, &run_options, &t->vector, &t->err) != ERR_OK ||
		rule_sql_open(t->pack, db, &t->engine, &t->err) != ERR_OK ||
		rule_sql_run(t->engine, set, supplies, &run_options, &t->sql, &t->err) != ERR_OK)
		return FAILED;
	return same_result(&t->vector.v[0], &t->sql.v[0]) ? SAME : DIFFERENT;
}

/* ---- making a difference small ---- */

/** What is being made small: the rule, and the records in the tables. */
struct shrink {
	struct parts parts;
	struct db *db;
	struct frame_set *set; /* of the present records */
	int left;              /* attempts */
};

static void refill(struct shrink *s)
{
	frame_set_release(s->set);
	s->set = set_of_all();
	fill_database(s->db);
}

static bool still_differs(struct shrink *s, const struct parts *p)
{
	CLEANUP(trial_clear) struct trial t = { 0 };
	enum outcome outcome;

	if (s->left-- <= 0)
		return false;
	outcome = try_rule(p, s->set, s->db, &t);
	return outcome == DIFFERENT || outcome == FAILED;
}

static bool take_part(struct shrink *s, int part, struct str text)
{
	struct parts p = s->parts;

	p.v[part] = text;
	if (!still_differs(s, &p))
		return false;
	s->parts = p;
	return true;
}

/** The text with bytes [from, to) replaced. */
static struct str replaced(struct str text, uint32_t from, uint32_t to, struct str by)
{
	return str_printf(mem, "%.*s%.*s%.*s", (int)from, text.ptr, STR_ARG(by), (int)(text.len - to), text.ptr + to);
}

/** Replaces this node by one of its arguments or by a literal, or goes on with its arguments. */
static bool shrink_node(struct shrink *s, int part, const struct ast *a)
{
	static const char *const literals[] = { "true", "false", "null", "0", "1", "0 元", "0.5", "today()", "'abc'" };
	struct str text = s->parts.v[part];
	bool leaf = a->arg_count == 0 && !a->where;

	for (int i = 0; i < a->arg_count; i++)
		if (a->args[i]->to > a->args[i]->from &&
			take_part(s, part, replaced(text, a->from, a->to, str_sub(text, a->args[i]->from, a->args[i]->to))))
			return true;
	for (size_t i = 0; !leaf && i < sizeof(literals) / sizeof(literals[0]); i++)
		if (take_part(s, part, replaced(text, a->from, a->to, str_of(literals[i]))))
			return true;
	for (int i = 0; i < a->arg_count; i++)
		if (shrink_node(s, part, a->args[i]))
			return true;
	return a->where && shrink_node(s, part, a->where);
}

static bool shrink_expression(struct shrink *s, int part)
{
	struct source source = { .text = s->parts.v[part] };
	struct ast *a;

	if (source.text.len == 0)
		return false;
	if (part != PART_WHEN && take_part(s, part, (struct str){ 0 }))
		return true;
	return rule_parse(&source, mem, &a, NULL) == ERR_OK && shrink_node(s, part, a);
}

/** Tries the tables without rows [at, at + count); puts them back when the difference goes away. */
static bool drop_rows(struct shrink *s, struct table *t, int at, int count)
{
	struct record *old = t->rows;
	int old_count = t->count;

	t->rows = ARENA_NEW(mem, struct record, old_count + 1);
	memcpy(t->rows, old, (size_t)at * sizeof(*old));
	memcpy(t->rows + at, old + at + count, (size_t)(old_count - at - count) * sizeof(*old));
	t->count = old_count - count;
	refill(s);
	if (still_differs(s, &s->parts))
		return true;
	t->rows = old;
	t->count = old_count;
	refill(s);
	return false;
}

static bool shrink_rows(struct shrink *s, struct table *t)
{
	bool done = false;

	for (int step = t->count; step > 0; step /= 2)
		for (int at = 0; at + step <= t->count && s->left > 0;)
			if (drop_rows(s, t, at, step))
				done = true;
			else
				at += step;
	return done;
}

/** Fewer members and fewer values. */
static bool shrink_values(struct shrink *s, struct table *t)
{
	bool done = false;

	for (int i = 0; i < t->count; i++) {
		struct record *r = &t->rows[i];

		for (size_t c = 0; c < t->type->child_count; c++)
			for (int m = r->member_count[c] - 1; m >= 0; m--) {
				struct record old = *r;

				memmove(&r->members[c][m], &r->members[c][m + 1],
					(size_t)(r->member_count[c] - m - 1) * sizeof(r->members[c][0]));
				r->member_count[c]--;
				refill(s);
				if (still_differs(s, &s->parts)) {
					done = true;
					continue;
				}
				*r = old;
				refill(s);
			}
		for (size_t k = 0; k < t->type->column_count; k++) {
			if (r->values[k].null)
				continue;
			r->values[k].null = true;
			refill(s);
			if (still_differs(s, &s->parts)) {
				done = true;
				continue;
			}
			r->values[k].null = false;
			refill(s);
		}
	}
	return done;
}

static void shrink_all(struct shrink *s)
{
	struct table *tables[] = { &penalties, &agencies, &officers };
	bool done = true;

	while (done && s->left > 0) {
		done = false;
		for (int i = 0; i < 3; i++)
			done |= shrink_rows(s, tables[i]);
		for (int part = PART_COUNT - 1; part >= 0; part--)
			while (shrink_expression(s, part))
				done = true;
		for (int i = 0; i < 3; i++)
			done |= shrink_values(s, tables[i]);
	}
}

static void show_values(const struct dictionary_column *columns, size_t count, const struct dictionary_value *values)
{
	struct buf out;

	buf_init(&out, 1 << 16);
	for (size_t k = 0; k < count; k++)
		if (!values[k].null) {
			buf_printf(&out, " %.*s=", STR_ARG(columns[k].name));
			column_format(&columns[k], &values[k], &out);
		}
	print_error("%.*s\n", STR_ARG(buf_str(&out)));
	buf_clear(&out);
}

static void show_table(const struct table *t)
{
	for (int i = 0; i < t->count; i++) {
		const struct record *r = &t->rows[i];

		print_error("%.*s %d, supply %d:", STR_ARG(t->type->name), i, r->supply);
		show_values(t->type->columns, t->type->column_count, r->values);
		for (size_t c = 0; c < t->type->child_count; c++)
			for (int m = 0; m < r->member_count[c]; m++) {
				print_error("  %.*s:", STR_ARG(t->type->children[c].name));
				show_values(t->type->children[c].columns, t->type->children[c].column_count, r->members[c][m].values);
			}
	}
	for (int s = 0; s < 4; s++)
		for (size_t k = 0; k < t->type->column_count; k++)
			if (!frame_bit(t->supplies[s].columns, k))
				print_error("%.*s, supply %d: no %.*s\n", STR_ARG(t->type->name), s, STR_ARG(t->type->columns[k].name));
}

static void show(const struct shrink *s)
{
	CLEANUP(trial_clear) struct trial t = { 0 };
	enum outcome outcome = try_rule(&s->parts, s->set, s->db, &t);
	struct buf out;

	print_error("%.*s\n", STR_ARG(rule_text(&s->parts)));
	show_table(&penalties);
	show_table(&agencies);
	show_table(&officers);
	buf_init(&out, 1 << 24);
	if (t.engine && rule_sql_text(t.engine, rule_at(t.pack, 0), supplies, TODAY, &out, NULL) == ERR_OK)
		for (size_t at = 0; at < out.len; at += 900) /* print_error cuts long lines */
			print_error("%.*s", (int)(out.len - at < 900 ? out.len - at : 900), out.ptr + at);
	buf_clear(&out);
	print_error("\n%s\n", t.err.msg);
	for (int v = 0; outcome == DIFFERENT && v < VERDICT_COUNT; v++)
		print_error("%s: vector %lld, sql %lld\n", rule_verdict_slug((enum rule_verdict)v), (long long)t.vector.v[0].counts[v],
			(long long)t.sql.v[0].counts[v]);
}

static void report(const struct parts *p, struct db *db)
{
	struct shrink s = { .parts = *p, .db = db, .left = SHRINKS_MAX };

	refill(&s);
	if (!still_differs(&s, p))
		print_error("alone the rule is judged alike; it differs among others only\n");
	else
		shrink_all(&s);
	show(&s);
	frame_set_release(s.set);
	fail_msg("the engines differ on %s", db_dialect(db) == DB_PG ? "PostgreSQL" : "SQLite");
}

/* ---- the property ---- */

/** The rule whose result differs, -1 when none does; a statement that fails is put down to the first rule that fails alone. */
static int find_difference(const struct rule_pack *pack, const struct parts *parts, struct frame_set *set, struct db *db)
{
	CLEANUP(rule_results_clear) struct rule_results vector = { 0 }, sql = { 0 };
	CLEANUP(rule_sql_closep) struct rule_sql *engine = NULL;
	struct err err = { 0 };

	if (rule_run(pack, set, &run_options, &vector, &err) == ERR_OK && rule_sql_open(pack, db, &engine, &err) == ERR_OK &&
		rule_sql_run(engine, set, supplies, &run_options, &sql, &err) == ERR_OK) {
		assert_int_equal(sql.count, RULES);
		for (int i = 0; i < RULES; i++)
			if (!same_result(&vector.v[i], &sql.v[i]))
				return i;
		return -1;
	}
	rule_sql_closep(&engine);
	for (int i = 0; i < RULES; i++) {
		CLEANUP(trial_clear) struct trial t = { 0 };

		if (try_rule(&parts[i], set, db, &t) != SAME)
			return i;
	}
	fail_msg("only together: %s", err.msg);
	return -1;
}

static void write_rules(const struct parts *parts)
{
	char path[128];

	for (int i = 0; i < RULES; i++) {
		struct str text = rule_text(&parts[i]);

		text = str_printf(mem, "id: r%03d%.*s", i, STR_ARG(str_sub(text, STR("id: r").len, text.len)));
		snprintf(path, sizeof(path), "%s/r%03d.yaml", rules_dir, i);
		assert_int_equal(file_write(path, text, NULL), ERR_OK);
	}
}

static void one_round(void)
{
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	struct rule_options o = options();
	struct parts parts[RULES];
	struct err err = { 0 };

	random_table(&penalties, penalty, ROWS);
	random_table(&agencies, agency, AGENCIES);
	random_table(&officers, officer, OFFICERS);
	tie_keys();
	forget_unsupplied(&penalties);
	forget_unsupplied(&agencies);
	forget_unsupplied(&officers);
	set_supplies();
	set = set_of_all();
	for (int i = 0; i < RULES; i++)
		parts[i] = random_parts();
	write_rules(parts);
	if (rule_pack_load(&o, &pack, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	for (int d = 0; d < database_count; d++) {
		int different;

		fill_database(databases[d]);
		different = find_difference(pack, parts, set, databases[d]);
		if (different >= 0)
			report(&parts[different], databases[d]);
	}
}

static void load(void)
{
	assert_int_equal(dictionary_load(&assets, mem, &dictionary, NULL), ERR_OK);
	assert_int_equal(calendar_load(&assets, STR(""), mem, &calendar, NULL), ERR_OK);
	penalty = dictionary_type(dictionary, STR("penalty"));
	agency = dictionary_type(dictionary, STR("agency"));
	officer = dictionary_type(dictionary, STR("officer"));
}

static void vector_and_sql_give_the_same_verdicts(void **state)
{
	const char *seed = getenv("XZ_SEED"), *rounds = getenv("XZ_ROUNDS"), *seconds = getenv("XZ_SECONDS");
	int64_t until = seconds ? time_now_ms() + atoll(seconds) * 1000 : 0;

	(void)state;
	random_state = seed ? strtoull(seed, NULL, 10) : (uint64_t)time_now_ms() * 2654435761u + 1;
	for (int i = 0; seconds ? time_now_ms() < until : i < (rounds ? atoi(rounds) : ROUNDS); i++) {
		print_message("XZ_SEED=%llu\n", (unsigned long long)random_state);
		one_round();
		arena_reset(mem);
		load();
	}
}

static int setup(void **state)
{
	(void)state;
	mem = arena_open((size_t)1 << 30);
	snprintf(rules_dir, sizeof(rules_dir), "/tmp/xz-rules-XXXXXX");
	if (!mem || !mkdtemp(rules_dir))
		return -1;
	assets.dirs[1].dir = rules_dir;
	random_everything = true;
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
	close_databases();
	arena_close(mem);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vector_and_sql_give_the_same_verdicts),
	};

	return cmocka_run_group_tests_name("sql equality", tests, setup, teardown);
}
