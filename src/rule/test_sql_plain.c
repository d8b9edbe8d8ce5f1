/* What SQLite and PostgreSQL themselves answer: expressions that are SQL as they stand are given to the databases as written and to the
 * rule engine, on the same rows. A rule's condition is SQL's; where ours differs on purpose (least, greatest, division) nothing is here.
 * XZ_SEED repeats the random ones, XZ_ROUNDS sets how many hundreds of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/random_rules.h"
#include "support/test_db.h"

#define TODAY 20634
#define ROWS 300
#define TEXT_BYTES_MAX (1u << 16)

static struct asset_set assets = { .dirs = { { .dir = "tests/rule/dictionary", .prefix = "dictionary/", .replace = true } },
	.dir_count = 1 };
static struct db *databases[2];
static int database_count;
static struct test_db pg;
static struct frame_set *set;

/* columns of the record that the plain table has too, in this order */
static const char *const column_names[] = { "days_given", "tolled_days", "reviewed", "major", "facts", "note", "filed_on", "decided_on" };
#define COLUMN_COUNT (sizeof(column_names) / sizeof(column_names[0]))

static const char *const expressions[] = {
	"days_given = tolled_days",
	"days_given <> tolled_days",
	"days_given < tolled_days",
	"days_given <= tolled_days",
	"days_given > tolled_days",
	"days_given >= 2",
	"not days_given = 1",
	"days_given = 1 or tolled_days = 1",
	"days_given = 1 and tolled_days = 1",
	"not (days_given = 1 and tolled_days = 1)",
	"days_given = 1 or tolled_days = 1 and reviewed",
	"(days_given = 1 or tolled_days = 1) and reviewed",
	"reviewed",
	"not reviewed",
	"reviewed and major",
	"reviewed or major",
	"reviewed and not major or days_given = 0",
	"reviewed = major",
	"reviewed <> major",
	"reviewed is null",
	"reviewed is not null and major",
	"true or days_given = 1",
	"false and days_given = 1",
	"true and days_given = 1",
	"days_given between tolled_days and 2",
	"days_given not between 0 and tolled_days",
	"days_given between 2 and 0",
	"days_given in (1, 2, 3)",
	"days_given not in (1, 2, 3)",
	"days_given in (tolled_days, 1)",
	"days_given not in (tolled_days, 1)",
	"facts in ('abc', 'ABC', '')",
	"facts not in ('abc')",
	"days_given is null",
	"not (days_given is null)",
	"days_given + tolled_days = 2",
	"days_given - tolled_days < 0",
	"days_given * 2 = tolled_days + 1",
	"-days_given = 1",
	"abs(days_given) = 1",
	"days_given + 1 is null",
	"case when days_given = 1 then true when tolled_days = 1 then false end",
	"case when days_given = 1 then true when tolled_days = 1 then false else reviewed end",
	"case when reviewed then days_given else tolled_days end = 1",
	"case when reviewed is null then days_given end is null",
	"coalesce(days_given, tolled_days) = 1",
	"coalesce(days_given, tolled_days, 7) = 7",
	"coalesce(reviewed, major, false)",
	"coalesce(facts, note, 'abc') = 'abc'",
	"nullif(days_given, tolled_days) = 1",
	"nullif(days_given, 1) is null",
	"nullif(facts, '') is null",
	"facts = note",
	"facts <> note",
	"facts < note",
	"facts <= note",
	"facts > 'abc'",
	"facts >= ''",
	"facts like 'abc'",
	"facts like 'a%'",
	"facts like '%c'",
	"facts like '%b%'",
	"facts like '_b_'",
	"facts not like 'A%'",
	"facts like ''",
	"facts like '%'",
	"facts like '_'",
	"facts like '违法%'",
	"facts like '%经营__'",
	"facts like '____经_%' or note like '%_'",
	"filed_on < decided_on",
	"filed_on <= decided_on",
	"filed_on > '2025-01-31'",
	"filed_on = '2024-10-04' or decided_on is null",
	"filed_on between '2024-12-01' and decided_on",
	"coalesce(decided_on, filed_on) >= '2025-06-01'",
};

/* ---- random plain SQL ---- */

static void plain_bool(struct buf *out, int depth);

static void plain_int(struct buf *out, int depth)
{
	static const char *const atoms[] = { "days_given", "tolled_days", "0", "1", "2" };

	switch (depth <= 0 ? 9 : random_below(7)) {
	case 0:
	case 1:
		buf_puts(out, "(");
		plain_int(out, depth - 1);
		buf_puts(out, random_below(2) ? " + " : " - ");
		plain_int(out, depth - 1);
		buf_puts(out, ")");
		return;
	case 2:
		buf_puts(out, "coalesce(");
		plain_int(out, depth - 1);
		buf_puts(out, ", ");
		plain_int(out, depth - 1);
		buf_puts(out, ")");
		return;
	case 3:
		buf_puts(out, "nullif(");
		plain_int(out, depth - 1);
		buf_puts(out, ", ");
		plain_int(out, depth - 1);
		buf_puts(out, ")");
		return;
	case 4:
		buf_puts(out, "case when ");
		plain_bool(out, depth - 1);
		buf_puts(out, " then ");
		plain_int(out, depth - 1);
		if (random_below(2)) {
			buf_puts(out, " else ");
			plain_int(out, depth - 1);
		}
		buf_puts(out, " end");
		return;
	default:
		buf_puts(out, atoms[random_below(5)]);
	}
}

static void plain_comparison(struct buf *out, int depth)
{
	static const char *const signs[] = { " = ", " <> ", " < ", " <= ", " > ", " >= " };

	buf_puts(out, "(");
	plain_int(out, depth - 1);
	if (random_below(4)) {
		buf_puts(out, signs[random_below(6)]);
		plain_int(out, depth - 1);
	} else if (random_below(2)) {
		buf_puts(out, random_below(2) ? " between " : " not between ");
		plain_int(out, depth - 1);
		buf_puts(out, " and ");
		plain_int(out, depth - 1);
	} else {
		buf_puts(out, random_below(2) ? " in (1, " : " not in (2, ");
		plain_int(out, depth - 1);
		buf_puts(out, ")");
	}
	buf_puts(out, ")");
}

static void plain_bool(struct buf *out, int depth)
{
	static const char *const atoms[] = { "reviewed", "major", "true", "false", "(facts like '%b%')", "(facts = note)", "(note < facts)",
		"(filed_on < decided_on)", "(facts is null)" };

	switch (depth <= 0 ? 9 : random_below(8)) {
	case 0:
	case 1:
		buf_puts(out, "(");
		plain_bool(out, depth - 1);
		buf_puts(out, random_below(2) ? " and " : " or ");
		plain_bool(out, depth - 1);
		buf_puts(out, ")");
		return;
	case 2:
		buf_puts(out, "(not ");
		plain_bool(out, depth - 1);
		buf_puts(out, ")");
		return;
	case 3:
		buf_puts(out, "(");
		plain_int(out, depth - 1);
		buf_puts(out, random_below(2) ? " is null)" : " is not null)");
		return;
	case 4:
		buf_puts(out, "coalesce(");
		plain_bool(out, depth - 1);
		buf_puts(out, ", ");
		plain_bool(out, depth - 1);
		buf_puts(out, ")");
		return;
	case 5:
	case 6:
		plain_comparison(out, depth);
		return;
	default:
		buf_puts(out, atoms[random_below(9)]);
	}
}

/* ---- the same rows on both sides ---- */

static const struct dictionary_column *column_of(size_t i)
{
	return dictionary_column(penalty, str_of(column_names[i]));
}

/** Few different values, so that they meet. */
static void make_rows(void)
{
	random_table(&penalties, penalty, ROWS);
	for (int s = 0; s < 4; s++)
		frame_supply_all(penalty, &penalties.supplies[s]);
	for (int r = 0; r < ROWS; r++)
		for (size_t i = 0; i < COLUMN_COUNT; i++) {
			const struct dictionary_column *c = column_of(i);
			struct dictionary_value *v = &penalties.rows[r].values[c->index];

			v->null = random_below(4) == 0;
			if (c->type == COLUMN_INT)
				v->i = random_below(5) - 1;
		}
}

static void open_set(void)
{
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 };

	frames[penalty->index] = frame_of(&penalties);
	assert_int_equal(frame_set_open(dictionary, frames, NULL, &set, NULL), ERR_OK);
	frame_release(frames[penalty->index]);
}

static void bind_plain(struct db *db, struct db_stmt *q, int at, const struct dictionary_column *c, const struct dictionary_value *v)
{
	if (c->type == COLUMN_BOOL && !v->null && db_dialect(db) == DB_PG)
		db_bind_str(q, at, v->i ? STR("true") : STR("false"));
	else
		column_bind(c, q, at, v);
}

static void fill_plain(struct db *db)
{
	bool is_pg = db_dialect(db) == DB_PG;
	struct db_stmt *q = NULL;
	struct err err;

	if (!is_pg) /* LIKE minds case in standard SQL */
		assert_int_equal(db_exec_script(db, STR("PRAGMA case_sensitive_like = ON"), &err), ERR_OK);
	if (db_exec_script(db,
		    is_pg ? STR("CREATE TEMP TABLE plain (id BIGINT PRIMARY KEY, days_given BIGINT, tolled_days BIGINT, reviewed BOOLEAN, "
				"major BOOLEAN, facts TEXT, "
				"note TEXT, filed_on DATE, decided_on DATE)")
			  : STR("CREATE TEMP TABLE plain (id INTEGER PRIMARY KEY, days_given BIGINT, tolled_days BIGINT, reviewed "
				"SMALLINT, major SMALLINT, facts TEXT, "
				"note TEXT, filed_on TEXT, decided_on TEXT)"),
		    &err) != ERR_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(db_prepare_text(db, STR("INSERT INTO plain VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"), &q, &err), ERR_OK);
	for (int r = 0; r < ROWS; r++) {
		db_bind_i64(q, 1, r);
		for (size_t i = 0; i < COLUMN_COUNT; i++)
			bind_plain(db, q, (int)i + 2, column_of(i), &penalties.rows[r].values[column_of(i)->index]);
		if (db_run(q, NULL, &err) != ERR_OK)
			fail_msg("%s", err.msg);
	}
	db_stmt_done(q);
}

/* ---- comparing ---- */

enum answer { IS_FALSE, IS_TRUE, IS_NULL };

static void ask_engine(const char *expression, enum answer answers[static ROWS])
{
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	CLEANUP(rule_results_clear) struct rule_results results = { 0 };
	struct rule_options o = { .assets = &assets, .dictionary = dictionary, .calendar = calendar };
	struct str text = str_printf(mem, "id: r\ntitle: t\non: penalty\nseverity: warn\nwhen: |\n  %s\n", expression);
	struct err err;

	if (rule_pack_parse(&o, STR("r.yaml"), text, &pack, &err) != ERR_OK ||
		rule_run(pack, set, &(struct rule_run_options){ .today = TODAY, .keep_unknown = true }, &results, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	for (int r = 0; r < ROWS; r++)
		answers[r] = IS_FALSE;
	for (size_t i = 0; i < results.v[0].hit_count; i++)
		answers[results.v[0].hits[i].row] = results.v[0].hits[i].verdict == VERDICT_HIT ? IS_TRUE : IS_NULL;
}

static void ask_database(struct db *db, const char *expression, enum answer answers[static ROWS])
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct str text =
		str_printf(mem, "SELECT id, CASE WHEN (%s) THEN 1 WHEN NOT (%s) THEN 0 ELSE 2 END FROM plain", expression, expression);
	struct err err;
	bool row = true;

	if (db_prepare_once(db, text, &q, &err) != ERR_OK)
		fail_msg("%s: %s", expression, err.msg);
	while (row) {
		if (db_step(q, &row, &err) != ERR_OK)
			fail_msg("%s: %s", expression, err.msg);
		if (row)
			answers[db_i64(q, 0)] = (enum answer)db_i64(q, 1);
	}
}

static void compare(const char *expression)
{
	static const char *const words[] = { "false", "true", "null" };
	enum answer ours[ROWS], theirs[ROWS];

	ask_engine(expression, ours);
	for (int d = 0; d < database_count; d++) {
		ask_database(databases[d], expression, theirs);
		for (int r = 0; r < ROWS; r++)
			if (ours[r] != theirs[r])
				fail_msg("%s\nrow %d: ours %s, %s %s", expression, r, words[ours[r]],
					db_dialect(databases[d]) == DB_PG ? "PostgreSQL" : "SQLite", words[theirs[r]]);
	}
}

static void conditions_mean_what_sql_means(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(expressions) / sizeof(expressions[0]); i++)
		compare(expressions[i]);
}

static void random_conditions_mean_what_sql_means(void **state)
{
	const char *rounds = getenv("XZ_ROUNDS");
	struct buf text;

	(void)state;
	print_message("XZ_SEED=%llu\n", (unsigned long long)random_state);
	buf_init(&text, TEXT_BYTES_MAX);
	for (int i = 0; i < 100 * (rounds ? atoi(rounds) : 5); i++) {
		buf_reset(&text);
		plain_bool(&text, 4);
		compare(text.ptr);
	}
	buf_clear(&text);
}

static int setup(void **state)
{
	const char *seed = getenv("XZ_SEED");
	struct err err = { 0 };

	(void)state;
	random_state = seed ? strtoull(seed, NULL, 10) : (uint64_t)time_now_ms() * 2654435761u + 1;
	mem = arena_open((size_t)1 << 30);
	if (!mem || dictionary_load(&assets, mem, &dictionary, &err) != ERR_OK ||
		calendar_load(&assets, STR(""), mem, &calendar, &err) != ERR_OK ||
		db_open(STR("sqlite::memory:"), &databases[database_count++], &err) != ERR_OK) {
		print_error("%s\n", err.msg);
		return -1;
	}
	penalty = dictionary_type(dictionary, STR("penalty"));
	if (test_db_has_pg()) {
		test_db_open(&pg, DB_PG);
		databases[database_count++] = pg.db;
	}
	make_rows();
	open_set();
	for (int d = 0; d < database_count; d++)
		fill_plain(databases[d]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	frame_set_release(set);
	db_close(databases[0]);
	if (database_count > 1)
		test_db_close(&pg);
	arena_close(mem);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions_mean_what_sql_means),
		cmocka_unit_test(random_conditions_mean_what_sql_means),
	};

	return cmocka_run_group_tests_name("plain SQL", tests, setup, teardown);
}
