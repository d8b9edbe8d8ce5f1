/* What SQL has no words for is put into temporary tables of the connection: the calendar, which keys of a register stand for exactly
 * one row of it, and which texts a pattern matches. */
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "rule/sql_private.h"

#define MARGIN_DAYS 14
#define SQL_BYTES_MAX (64u << 10)
#define LOOK_BYTES_MAX (4u << 20)
#define CALENDAR_BYTES_MAX (8u << 20)

/* ---- calendar ---- */

static bool is_plain(const struct calendar *cal, int32_t day)
{
	return calendar_is_workday(cal, day) == (day_weekday(day) < 5);
}

/** The range of days on which the calendar is not plain weeks. */
static struct sql_calendar calendar_range(const struct calendar *cal)
{
	const struct calendar_table *t = calendar_table(cal);
	int32_t first = t->first_day, last = t->first_day + t->count - 1;
	struct sql_calendar c = { 0 };

	while (first < last && is_plain(cal, first))
		first++;
	while (last > first && is_plain(cal, last))
		last--;
	first = first - MARGIN_DAYS < t->first_day ? t->first_day : first - MARGIN_DAYS;
	last = last + MARGIN_DAYS > t->first_day + t->count - 1 ? t->first_day + t->count - 1 : last + MARGIN_DAYS;
	c.first = first;
	c.last = last;
	c.number_first = t->index[first - t->first_day] + !calendar_is_workday(cal, first);
	c.number_last = t->index[last - t->first_day];
	c.monday = t->first_day;
	/* plain weekdays from the first day to the last one, less the workdays there were */
	for (int32_t day = t->first_day; day <= last; day++)
		c.behind += (day_weekday(day) < 5) - calendar_is_workday(cal, day);
	return c;
}

/** Days are written as text of our own making, many in one statement: a sweep should not wait for thousands of small ones. */
static enum err_code calendar_fill(struct sql_engine *e, struct err *err)
{
	CLEANUP(buf_clear) struct buf days = { 0 };
	CLEANUP(buf_clear) struct buf numbers = { 0 };
	const struct calendar *cal = e->pack->options.calendar;
	const struct calendar_table *t = calendar_table(cal);
	char iso[11];

	buf_init(&days, CALENDAR_BYTES_MAX);
	buf_init(&numbers, CALENDAR_BYTES_MAX);
	buf_puts(&days, "INSERT INTO xz_calendar_day (day, iso, workdays, next_workday, is_workday, is_holiday) VALUES ");
	buf_puts(&numbers, "INSERT INTO xz_workday (number, day) VALUES ");
	for (int32_t day = (int32_t)e->calendar.first; day <= (int32_t)e->calendar.last; day++) {
		int32_t number = t->index[day - t->first_day];
		bool works = calendar_is_workday(cal, day);

		day_format(day, iso);
		buf_printf(&days, "%s(%d, '%s', %d, %d, %d, %d)", day > e->calendar.first ? ", " : "", day, iso, number,
			calendar_roll(cal, day), works, calendar_off_name(cal, day).len > 0);
		if (works)
			buf_printf(&numbers, "%s(%d, %d)", number > e->calendar.number_first ? ", " : "", number, day);
	}
	if (days.failed || numbers.failed)
		return err_nomem(err);
	TRY(db_exec_script(e->db, buf_str(&days), err));
	return db_exec_script(e->db, buf_str(&numbers), err);
}

/* ---- keys of registers ---- */

typedef enum err_code take_key(struct sql_engine *e, const struct dictionary_type *t, const struct dictionary_column *c, struct err *err);

static enum err_code take_keys(struct sql_engine *e, const struct dictionary_reference *ref, bool *done, take_key *take, struct err *err)
{
	for (size_t j = 0; j < ref->by_count; j++) {
		bool *seen = &done[ref->type->index * DICTIONARY_COLUMNS_MAX + ref->by[j].to];

		if (!*seen)
			TRY(take(e, ref->type, &ref->type->columns[ref->by[j].to], err));
		*seen = true;
	}
	return ERR_OK;
}

/** Calls `take` for every (register, column) by which the rules' references look rows up, each once. */
static enum err_code each_key(struct sql_engine *e, take_key *take, struct err *err)
{
	CLEANUP(mem_freep) bool *done = mem_alloc((size_t)DICTIONARY_TYPES_MAX * DICTIONARY_COLUMNS_MAX, sizeof(*done));

	if (!done)
		return err_nomem(err);
	for (size_t i = 0; i < e->pack->program_count; i++) {
		const struct program *p = e->pack->programs[i];

		for (size_t k = 0; p && k < p->nodes.len; k++) {
			const struct node *n = &p->nodes.v[k];
			const struct dictionary_type *own = n->op == OP_REF_OF ? p->nodes.v[n->arg[0]].target : p->type;

			if (n->op == OP_REF && n->scope > 0)
				TRY(take_keys(e, &own->children[n->scope - 1].references[n->k], done, take, err));
			else if (n->op == OP_REF || n->op == OP_REF_OF)
				TRY(take_keys(e, &own->references[n->k], done, take, err));
		}
		for (size_t k = 0; p && k < p->derived.len; k++)
			if (p->derived.v[k].kind == DERIVED_REFERRERS)
				TRY(take_keys(e, &p->derived.v[k].members->type->references[p->derived.v[k].reference], done, take, err));
	}
	return ERR_OK;
}

static enum err_code run_script(struct sql_engine *e, const struct buf *sql, struct err *err)
{
	return sql->failed ? err_nomem(err) : db_exec_script(e->db, buf_str(sql), err);
}

enum err_code sql_analyze(struct sql_engine *e, const char *table, struct err *err)
{
	char sql[80];

	if (db_dialect(e->db) != DB_PG)
		return ERR_OK;
	snprintf(sql, sizeof(sql), "ANALYZE %s", table);
	return db_exec_script(e->db, str_of(sql), err);
}

static enum err_code key_drop(struct sql_engine *e, const struct dictionary_type *t, const struct dictionary_column *c, struct err *err)
{
	CLEANUP(buf_clear) struct buf sql = { 0 };

	buf_init(&sql, SQL_BYTES_MAX);
	buf_puts(&sql, "DROP TABLE IF EXISTS ");
	sql_key_table(t, c->index, &sql);
	return run_script(e, &sql, err);
}

static enum err_code key_create(struct sql_engine *e, const struct dictionary_type *t, const struct dictionary_column *c, struct err *err)
{
	CLEANUP(buf_clear) struct buf sql = { 0 };
	enum db_dialect dialect = db_dialect(e->db);

	TRY(key_drop(e, t, c, err));
	buf_init(&sql, SQL_BYTES_MAX);
	buf_puts(&sql, "CREATE TEMP TABLE ");
	sql_key_table(t, c->index, &sql);
	buf_printf(&sql, " (value %s PRIMARY KEY, id BIGINT NOT NULL)%s", column_sql_type(c->type, dialect),
		dialect == DB_SQLITE ? " WITHOUT ROWID" : "");
	return run_script(e, &sql, err);
}

static enum err_code key_fill(struct sql_engine *e, const struct dictionary_type *t, const struct dictionary_column *c, struct err *err)
{
	CLEANUP(buf_clear) struct buf sql = { 0 };

	buf_init(&sql, SQL_BYTES_MAX);
	buf_puts(&sql, "DELETE FROM ");
	sql_key_table(t, c->index, &sql);
	buf_puts(&sql, "; INSERT INTO ");
	sql_key_table(t, c->index, &sql);
	buf_printf(&sql, " (value, id) SELECT %.*s, MIN(id) FROM ", STR_ARG(c->name));
	dictionary_table(t, NULL, &sql);
	buf_printf(&sql, " WHERE deleted = 0 AND %.*s IS NOT NULL GROUP BY %.*s HAVING COUNT(*) = 1", STR_ARG(c->name), STR_ARG(c->name));
	TRY(run_script(e, &sql, err));
	buf_reset(&sql);
	sql_key_table(t, c->index, &sql);
	return sql.failed ? err_nomem(err) : sql_analyze(e, sql.ptr, err);
}

enum err_code sql_keys_fill(struct sql_engine *e, struct err *err)
{
	return each_key(e, key_fill, err);
}

/* ---- codes ---- */

/** The column behind a node that reads a stored code; false for any other node. */
static bool code_column(const struct program *p, const struct node *n, const struct dictionary_type **ret_type, int *ret_child)
{
	if (n->type != TYPE_CODE || (n->op != OP_COLUMN && n->op != OP_COLUMN_OF && n->op != OP_AS_OF))
		return false;
	*ret_type = n->op == OP_COLUMN ? p->type : n->target;
	*ret_child = n->op == OP_COLUMN ? n->scope - 1 : n->op == OP_AS_OF ? n->target->history.child : -1;
	return true;
}

/** "MAX(CASE WHEN c NOT IN ('a', 'b') THEN 1 ELSE 0 END)" */
static void put_look(struct buf *sql, const struct dictionary_column *c)
{
	buf_printf(sql, "MAX(CASE WHEN %.*s NOT IN (", STR_ARG(c->name));
	for (size_t i = 0; i < c->code_count; i++) {
		buf_puts(sql, i ? ", " : "");
		sql_put_word(sql, c->codes[i].code);
	}
	buf_puts(sql, ") THEN 1 ELSE 0 END)");
}

/** One scan of a table for all of its code columns that are wanted. */
static enum err_code look_at_table(struct sql_engine *e, const struct dictionary_type *t, int child, const bool *wanted, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	CLEANUP(buf_clear) struct buf sql = { 0 };
	const struct dictionary_column *columns = child < 0 ? t->columns : t->children[child].columns;
	size_t count = child < 0 ? t->column_count : t->children[child].column_count, put = 0;
	bool row;

	buf_init(&sql, LOOK_BYTES_MAX);
	for (size_t i = 0; i < count; i++)
		if (wanted[sql_column_index(t, child, (int)i)]) {
			buf_puts(&sql, put++ ? ", " : "SELECT ");
			put_look(&sql, &columns[i]);
		}
	if (put == 0)
		return ERR_OK;
	buf_puts(&sql, " FROM ");
	dictionary_table(t, child < 0 ? NULL : &t->children[child], &sql);
	if (sql.failed)
		return err_nomem(err);
	TRY(db_prepare_once(e->db, buf_str(&sql), &q, err));
	TRY(db_step(q, &row, err));
	for (size_t i = 0, at = 0; i < count; i++)
		if (wanted[sql_column_index(t, child, (int)i)])
			e->strange[sql_column_index(t, child, (int)i)] = db_bool(q, (int)at++);
	return ERR_OK;
}

enum err_code sql_codes_look(struct sql_engine *e, const struct sql_lowering *l, struct err *err)
{
	CLEANUP(mem_freep) bool *wanted = mem_alloc(SQL_COLUMNS_MAX, sizeof(*wanted));
	const struct dictionary *d = e->pack->options.dictionary;

	if (!wanted)
		return err_nomem(err);
	for (size_t i = l->looked; i < l->to->nodes.len; i++) {
		const struct dictionary_type *t;
		int child;

		if (code_column(l->to, &l->to->nodes.v[i], &t, &child))
			wanted[sql_column_index(t, child, (int)l->to->nodes.v[i].k)] = true;
	}
	for (size_t i = 0; i < d->type_count; i++)
		for (int child = -1; child < (int)d->types[i].child_count; child++)
			TRY(look_at_table(e, &d->types[i], child, wanted, err));
	return ERR_OK;
}

/* ---- patterns ---- */

/** What patterns have been tried on: the column, and for which pattern. */
struct match_fill {
	struct sql_engine *e;
	const struct sql_lowering *l;
	int64_t number;             /* of the pattern */
	const struct node *pattern; /* of the program before lowering */
	pcre2_match_data *data;
	pcre2_match_context *limits;
	struct db_stmt *add;
	bool *seen; /* lowered nodes walked for this pattern */
};

static enum err_code try_text(struct match_fill *m, struct str text, struct err *err)
{
	int found = pcre2_match(m->pattern->regex, (PCRE2_SPTR)(text.ptr ? text.ptr : ""), text.len, 0, 0, m->data, m->limits);

	if (found == PCRE2_ERROR_NOMATCH)
		return ERR_OK;
	db_bind_i64(m->add, 1, m->number);
	db_bind_str(m->add, 2, text);
	db_bind_i64(m->add, 3, found >= 0 ? 1 : 2);
	return db_run(m->add, NULL, err);
}

/** Every text that stands in a column. They are read before anything is written: one connection, one statement. */
static enum err_code try_column(struct match_fill *m, const struct dictionary_type *t, const struct dictionary_child *child,
	const struct dictionary_column *c, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	CLEANUP(arena_closep) struct arena *mem = arena_open((size_t)2 << 30);
	CLEANUP(buf_clear) struct buf sql = { 0 };
	VEC(struct str) found = { 0 };
	enum err_code code = ERR_OK;
	bool row = false;

	if (!mem)
		return err_nomem(err);
	buf_init(&sql, SQL_BYTES_MAX);
	buf_printf(&sql, "SELECT DISTINCT %.*s FROM ", STR_ARG(c->name));
	dictionary_table(t, child, &sql);
	buf_printf(&sql, " WHERE %.*s IS NOT NULL", STR_ARG(c->name));
	TRY(db_prepare_text(m->e->db, buf_str(&sql), &q, err));
	do {
		struct str text;

		code = db_step(q, &row, err);
		if (code != ERR_OK || !row)
			break;
		text = db_str(q, 0);
		if (pcre2_match(m->pattern->regex, (PCRE2_SPTR)(text.ptr ? text.ptr : ""), text.len, 0, 0, m->data, m->limits) ==
			PCRE2_ERROR_NOMATCH)
			continue;
		text = str_dup(mem, text);
		if (!text.ptr || !vec_push(&found, text))
			code = err_nomem(err);
	} while (code == ERR_OK);
	for (size_t i = 0; i < found.len && code == ERR_OK; i++)
		code = try_text(m, found.v[i], err);
	vec_clear(&found);
	return code;
}

/** No function of the language makes a new text: what a text expression can be stands in the columns and literals under it. */
static enum err_code try_leaves(struct match_fill *m, int node, struct err *err)
{
	const struct node *n;
	const struct dictionary_type *t = m->l->to->type;

	if (node < 0 || m->seen[node])
		return ERR_OK;
	m->seen[node] = true;
	n = &m->l->to->nodes.v[node];
	if (n->op == OP_COLUMN && (n->type == TYPE_TEXT || n->type == TYPE_CODE))
		return n->scope == 0 ? try_column(m, t, NULL, &t->columns[n->k], err)
		                     : try_column(m, t, &t->children[n->scope - 1], &t->children[n->scope - 1].columns[n->k], err);
	if (n->op == OP_COLUMN_OF && (n->type == TYPE_TEXT || n->type == TYPE_CODE))
		return try_column(m, n->target, NULL, &n->target->columns[n->k], err);
	if (n->op == OP_CONST && n->type == TYPE_TEXT && !n->null)
		return try_text(m, n->text, err);
	if (n->op == OP_CONST && n->type == TYPE_CODE && !n->null)
		return try_text(m, n->codes->codes[n->k].code, err);
	for (int i = 0; i < NODE_ARGS; i++)
		TRY(try_leaves(m, n->arg[i], err));
	return ERR_OK;
}

static void match_fill_clear(struct match_fill *m)
{
	pcre2_match_data_free(m->data);
	pcre2_match_context_free(m->limits);
	db_stmt_done(m->add);
	free(m->seen);
}

/* a text may stand in two columns: the second time it is there already */
static const char add_match[] = "INSERT INTO xz_match (pattern, value, found) SELECT $1, $2, $3 WHERE NOT EXISTS "
				"(SELECT 1 FROM xz_match m WHERE m.pattern = $1 AND m.value = $2)";
static const char add_match_pg[] =
	"INSERT INTO xz_match (pattern, value, found) SELECT CAST($1 AS INTEGER), CAST($2 AS TEXT), CAST($3 AS INTEGER) WHERE NOT EXISTS "
	"(SELECT 1 FROM xz_match m WHERE m.pattern = CAST($1 AS INTEGER) AND md5(m.value) = md5(CAST($2 AS TEXT)) AND m.value = CAST($2 AS "
	"TEXT))";

enum err_code sql_matches_fill(struct sql_engine *e, const struct sql_lowering *l, struct err *err)
{
	CLEANUP(match_fill_clear) struct match_fill m = { .e = e, .l = l };

	for (size_t i = l->looked; i < l->to->nodes.len; i++) {
		if (l->to->nodes.v[i].op != OP_MATCHES)
			continue;
		if (!m.add) {
			m.data = pcre2_match_data_create(16, NULL);
			m.limits = pcre2_match_context_create(NULL);
			m.seen = mem_alloc(l->to->nodes.len, sizeof(*m.seen));
			if (!m.data || !m.limits || !m.seen)
				return err_nomem(err);
			pcre2_set_match_limit(m.limits, RULE_MATCH_LIMIT);
			pcre2_set_depth_limit(m.limits, RULE_MATCH_DEPTH);
			TRY(db_prepare_text(e->db, str_of(db_dialect(e->db) == DB_PG ? add_match_pg : add_match), &m.add, err));
		}
		memset(m.seen, 0, l->to->nodes.len * sizeof(*m.seen));
		m.number = l->to->nodes.v[i].k;
		m.pattern = &l->from->nodes.v[m.number & ((1 << SQL_PATTERN_SHIFT) - 1)];
		TRY(try_leaves(&m, l->to->nodes.v[i].arg[0], err));
	}
	return ERR_OK;
}

/* ---- all of them ---- */

static const char drop_all[] = "DROP TABLE IF EXISTS xz_calendar_day; DROP TABLE IF EXISTS xz_workday; DROP TABLE IF EXISTS xz_match;"
			       "DROP TABLE IF EXISTS xz_placed; DROP TABLE IF EXISTS xz_member; DROP TABLE IF EXISTS xz_value;"
			       "DROP TABLE IF EXISTS xz_input;";

static const char create_all[] =
	"CREATE TEMP TABLE xz_calendar_day (day INTEGER PRIMARY KEY, iso TEXT NOT NULL, workdays BIGINT NOT NULL, next_workday BIGINT NOT "
	"NULL, "
	"is_workday SMALLINT NOT NULL, is_holiday SMALLINT NOT NULL);"
	"CREATE TEMP TABLE xz_workday (number INTEGER PRIMARY KEY, day BIGINT NOT NULL);"
	"CREATE TEMP TABLE xz_match (pattern INTEGER NOT NULL, value TEXT NOT NULL, found INTEGER NOT NULL);"
	/* records that take part in a grouping, and the groups, each named by its first record */
	"CREATE TEMP TABLE xz_placed (part INTEGER NOT NULL, rec BIGINT NOT NULL, placed SMALLINT NOT NULL, absent SMALLINT NOT NULL, "
	"k0 TEXT, k1 TEXT, k2 TEXT, k3 TEXT, k4 TEXT, k5 TEXT, PRIMARY KEY (part, rec));"
	"CREATE TEMP TABLE xz_member (part INTEGER NOT NULL, rec BIGINT NOT NULL, grp BIGINT NOT NULL, PRIMARY KEY (part, rec));"
	/* derived columns by slot: numbers and truths in n, texts and codes in t */
	"CREATE TEMP TABLE xz_value (slot INTEGER NOT NULL, rec BIGINT NOT NULL, n BIGINT, t TEXT, absent SMALLINT NOT NULL, "
	"PRIMARY KEY (slot, rec));"
	/* what one aggregate reads of each member: value, filter, order, their flags, date, bucket, doubt about the whole bucket */
	"CREATE TEMP TABLE xz_input (rec BIGINT PRIMARY KEY, n BIGINT, t TEXT, f SMALLINT, o BIGINT, va SMALLINT, fa SMALLINT, "
	"oa SMALLINT, d BIGINT, da SMALLINT, b BIGINT, h SMALLINT);";

static const char index_all[] = "CREATE INDEX %sxz_member_grp ON xz_member (part, grp); CREATE INDEX %sxz_value_n ON xz_value (slot, n);"
				"CREATE INDEX %sxz_input_b ON xz_input (b);";

/* SQLite's integers have 64 bits; products and distances of two need more. */

/** num / den rounded half away from zero. */
static bool divide(__int128 num, __int128 den, int64_t *ret)
{
	__int128 left = num < 0 ? -num : num, by = den < 0 ? -den : den, quotient;

	if (by == 0)
		return false;
	quotient = left / by + (left % by >= by - left % by);
	if ((num < 0) != (den < 0))
		quotient = -quotient;
	*ret = (int64_t)quotient;
	return quotient == *ret;
}

static bool multiply_divide(const int64_t *args, int64_t *ret)
{
	return divide((__int128)args[0] * args[1], args[2], ret);
}

/** From a towards b, c ten thousandths of the way, rounded half up. */
static bool between(const int64_t *args, int64_t *ret)
{
	*ret = (int64_t)(args[0] + (((__int128)args[1] - args[0]) * args[2] + 5000) / 10000);
	return true;
}

/** Share of a in a total that comes in two halves, scaled. */
static bool share(const int64_t *args, int64_t *ret)
{
	return divide((__int128)args[0] * 10000, (__int128)args[1] * ((int64_t)1 << 32) + args[2], ret);
}

enum err_code sql_tables_open(struct sql_engine *e, struct err *err)
{
	bool lite = db_dialect(e->db) == DB_SQLITE;
	char indexes[400];

	if (!lite) /* statements as large as these take longer to compile than to run */
		TRY(db_exec_script(e->db, STR("SET jit = off"), err));
	TRY(db_exec_script(e->db, str_of(drop_all), err));
	TRY(db_exec_script(e->db, str_of(create_all), err));
	/* texts are too long for an index of PostgreSQL */
	TRY(db_exec_script(e->db,
		lite ? STR("CREATE INDEX temp.xz_match_value ON xz_match (pattern, value)")
		     : STR("CREATE INDEX xz_match_value ON xz_match (pattern, md5(value))"),
		err));
	snprintf(indexes, sizeof(indexes), index_all, lite ? "temp." : "", lite ? "temp." : "", lite ? "temp." : "");
	TRY(db_exec_script(e->db, str_of(indexes), err));
	if (lite) {
		TRY(db_add_function(e->db, "xz_muldiv", 3, multiply_divide, err));
		TRY(db_add_function(e->db, "xz_between", 3, between, err));
		TRY(db_add_function(e->db, "xz_share", 3, share, err));
	}
	e->calendar = calendar_range(e->pack->options.calendar);
	TRY(calendar_fill(e, err));
	return each_key(e, key_create, err);
}

void sql_tables_drop(struct sql_engine *e)
{
	struct err ignored; /* temporary tables end with the connection anyway */

	each_key(e, key_drop, &ignored);
	db_exec_script(e->db, str_of(drop_all), &ignored);
	if (db_dialect(e->db) == DB_PG)
		db_exec_script(e->db, STR("RESET jit"), &ignored);
}
