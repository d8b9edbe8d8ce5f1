/* A node as SQL. The text is the same for both databases wherever it can be; where a template repeats an argument, sql_repeats says
 * so, and the block makes that argument a column of the layer below.
 *
 * Booleans are the database's own truth values, numbers BIGINT, dates day numbers, codes and texts TEXT. PostgreSQL answers an
 * overflow with an error and SQLite with a float, so every sum and product asks first. */
#include "rule/sql_private.h"

#include <inttypes.h>
#include <stdio.h>

#define FIRST_DAY (-719162)       /* 0001-01-01 */
#define LAST_DAY INT64_C(2932896) /* 9999-12-31 */
#define WEEKS_BACK 200000         /* added before dividing by 7, so that no dividend is negative */
#define FIVES_BACK 4000000        /* the same for numbers of weekdays */

/* ---- literals ---- */

static void puts_(struct sql_writer *w, const char *text)
{
	buf_puts(w->out, text);
}

void sql_put_number(struct sql_writer *w, int64_t v)
{
	if (w->dialect == DB_PG)
		buf_printf(w->out, v < 0 ? "(%" PRId64 ")::bigint" : "%" PRId64 "::bigint", v);
	else
		buf_printf(w->out, v < 0 ? "(%" PRId64 ")" : "%" PRId64, v);
}

static const char *type_name(enum value_type type)
{
	return type == TYPE_BOOL ? "BOOLEAN" : type == TYPE_TEXT || type == TYPE_CODE ? "TEXT" : "BIGINT";
}

/** Texts of rules are bound, each once. */
void sql_put_text(struct sql_writer *w, struct str text)
{
	size_t i = 0;

	while (i < w->texts.len && !str_eq(w->texts.v[i], text))
		i++;
	if (i == w->texts.len)
		w->failed |= !vec_push(&w->texts, text);
	buf_printf(w->out, "CAST($%zu AS TEXT)", i + 1);
}

void sql_put_word(struct buf *out, struct str word)
{
	buf_putc(out, '\'');
	for (size_t i = 0; i < word.len; i++) {
		if (word.ptr[i] == '\'')
			buf_putc(out, '\'');
		buf_putc(out, word.ptr[i]);
	}
	buf_putc(out, '\'');
}

static void put_constant(struct sql_writer *w, const struct node *n)
{
	if (n->null)
		buf_printf(w->out, "CAST(NULL AS %s)", type_name(n->type));
	else if (n->type == TYPE_BOOL)
		puts_(w, n->k ? "TRUE" : "FALSE");
	else if (n->type == TYPE_TEXT)
		sql_put_text(w, n->text);
	else if (n->type == TYPE_CODE)
		sql_put_word(w->out, n->codes->codes[n->k].code);
	else
		sql_put_number(w, n->k);
}

/* ---- what tables hold ---- */

/** A stored column as a value. A stored code that the dictionary does not know is no value. */
static void put_stored(struct sql_writer *w, const char *row, const struct dictionary_type *t, int child, int column)
{
	const struct dictionary_column *c = child < 0 ? &t->columns[column] : &t->children[child].columns[column];

	switch (c->type) {
	case COLUMN_BOOL:
		buf_printf(w->out, "(%s.%.*s <> 0)", row, STR_ARG(c->name));
		return;
	case COLUMN_DATE:
		buf_printf(w->out,
			w->dialect == DB_PG ? "CAST(CAST(%s.%.*s AS DATE) - DATE '1970-01-01' AS BIGINT)" : "(unixepoch(%s.%.*s) / 86400)",
			row, STR_ARG(c->name));
		return;
	case COLUMN_CODE:
		if (!w->engine->strange[sql_column_index(t, child, column)])
			break;
		buf_printf(w->out, "CASE WHEN %s.%.*s IN (", row, STR_ARG(c->name));
		for (size_t i = 0; i < c->code_count; i++) {
			puts_(w, i ? ", " : "");
			sql_put_word(w->out, c->codes[i].code);
		}
		buf_printf(w->out, ") THEN %s.%.*s END", row, STR_ARG(c->name));
		return;
	case COLUMN_INT:
	case COLUMN_MONEY:
	case COLUMN_DECIMAL:
	case COLUMN_DATETIME:
	case COLUMN_TEXT:
	case COLUMN_TYPE_COUNT:
		break;
	}
	buf_printf(w->out, "%s.%.*s", row, STR_ARG(c->name));
}

void sql_put_supplied(struct sql_writer *w, const char *row, const struct dictionary_type *t, int child, int column)
{
	const struct rule_sql_supplies *s = &w->engine->types[t->index];
	size_t put = 0;

	if (sql_all_supply(w->engine, t, child, column)) {
		puts_(w, "TRUE");
		return;
	}
	buf_printf(w->out, "(%s.", row);
	puts_(w, "supply_id IN (");
	for (size_t i = 0; i < s->count; i++) {
		const struct frame_supply *f = &s->supplies[i];
		bool has = child < 0    ? frame_bit(f->columns, (size_t)column)
		           : column < 0 ? f->children >> child & 1
		                        : frame_bit(f->child_columns[child], (size_t)column);

		if (has)
			buf_printf(w->out, "%s%" PRId64, put++ ? ", " : "", s->ids[i]);
	}
	puts_(w, put ? "))" : "NULL) IS TRUE)");
}

static void put_row_name(char out[static 16], int node)
{
	snprintf(out, 16, "p%d", node);
}

/** What layer 0 reads: columns of the row and of its parents, and whether they are supplied. */
static void put_atom(struct sql_block *b, int node)
{
	struct sql_writer *w = b->w;
	const struct node *n = sql_node(w, node);
	const struct dictionary_type *t = w->p->type;
	const char *own = b->scope == 0 ? "t" : "c", *record = b->scope == 0 ? "t" : "r";
	char parent[16];

	put_row_name(parent, n->op == OP_REF || n->op == OP_REF_OF ? node : n->arg[0]);
	switch ((int)n->op) {
	case OP_COLUMN:
		put_stored(w, own, t, b->scope - 1, (int)n->k);
		return;
	case OP_COLUMN_ABSENT:
		puts_(w, "(NOT ");
		sql_put_supplied(w, record, t, b->scope - 1, (int)n->k);
		puts_(w, ")");
		return;
	case OP_REF:
	case OP_REF_OF:
		buf_printf(w->out, "%s.id", parent);
		return;
	case OP_DERIVED:
		if (n->type == TYPE_BOOL)
			buf_printf(w->out, "(d%d.n <> 0)", (int)n->k);
		else
			buf_printf(w->out, "d%d.%s", (int)n->k, n->type == TYPE_TEXT || n->type == TYPE_CODE ? "t" : "n");
		return;
	case OP_DERIVED_ABSENT:
		buf_printf(w->out, "(COALESCE(d%d.absent, 0) <> 0)", (int)n->k);
		return;
	case OP_COLUMN_OF:
		put_stored(w, parent, n->target, -1, (int)n->k);
		return;
	case OP_AS_OF_ABSENT:
		buf_printf(w->out, "(%s.id IS NULL OR NOT (", parent);
		sql_put_supplied(w, parent, n->target, n->target->history.child, -1);
		puts_(w, " AND ");
		sql_put_supplied(w, parent, n->target, n->target->history.child, (int)n->k);
		puts_(w, " AND ");
		sql_put_supplied(w, parent, n->target, n->target->history.child, n->target->history.from);
		puts_(w, "))");
		return;
	default: /* OP_ABSENT_OF */
		buf_printf(w->out, "(%s.id IS NULL OR NOT ", parent);
		sql_put_supplied(w, parent, n->target, -1, (int)n->k);
		puts_(w, ")");
	}
}

/* ---- templates ---- */

/** Writes `text`; $a, $b, $c, $d stand for the node's arguments, $k for its number, $m for -k, $n for the least number. */
static void put_template(struct sql_block *b, const struct node *n, const char *text)
{
	for (const char *at = text; *at; at++) {
		if (*at != '$') {
			buf_putc(b->w->out, *at);
			continue;
		}
		at++;
		if (*at == 'k' || *at == 'm' || *at == 'n')
			sql_put_number(b->w, *at == 'k' ? n->k : *at == 'm' ? -n->k : INT64_MIN);
		else
			sql_put(b, n->arg[*at - 'a']);
	}
}

#define MAX_TEXT "9223372036854775807"
#define MIN_TEXT "$n"

static const char *logic_template(const struct node *n)
{
	bool flagged = n->arg[1] >= 0;

	switch ((int)n->op) {
	case OP_NOT:
		return "(NOT $a)";
	case OP_AND:
		return "($a AND $b)";
	case OP_OR:
		return "($a OR $b)";
	case OP_EQ:
		return "($a = $b)";
	case OP_NE:
		return "($a <> $b)";
	case OP_LT:
		return "($a < $b)";
	case OP_LE:
		return "($a <= $b)";
	case OP_IS_NULL:
		return flagged ? "CASE WHEN $a IS NOT NULL THEN FALSE WHEN $b THEN NULL ELSE TRUE END" : "($a IS NULL)";
	case OP_ABSENT:
		return "($a IS NULL AND $b)";
	case OP_IF:
		return flagged ? "CASE WHEN $b THEN NULL WHEN $a THEN $c ELSE $d END" : "CASE WHEN $a THEN $c ELSE $d END";
	case OP_COALESCE:
		return flagged ? "CASE WHEN $a IS NOT NULL THEN $a WHEN $b THEN NULL ELSE $c END" : "COALESCE($a, $c)";
	case OP_LEAST:
		return "CASE WHEN $a <= $b THEN $a WHEN $b < $a THEN $b END";
	case OP_GREATEST:
		return "CASE WHEN $a >= $b THEN $a WHEN $b > $a THEN $b END";
	default:
		return NULL;
	}
}

static const char *number_template(const struct sql_writer *w, const struct node *n)
{
	bool pg = w->dialect == DB_PG;

	switch ((int)n->op) {
	case OP_ADD:
		return "CASE WHEN $b >= 0 THEN CASE WHEN $a <= " MAX_TEXT " - $b THEN $a + $b END ELSE CASE WHEN $a >= " MIN_TEXT
		       " - $b THEN $a + $b END END";
	case OP_SUB:
		return "CASE WHEN $b >= 0 THEN CASE WHEN $a >= " MIN_TEXT " + $b THEN $a - $b END ELSE CASE WHEN $a <= " MAX_TEXT
		       " + $b THEN $a - $b END END";
	case OP_MUL:
		if (n->k == 1)
			return pg ? "CASE WHEN CAST($a AS NUMERIC) * $b BETWEEN " MIN_TEXT " AND " MAX_TEXT " THEN $a * $b END"
			          : "CASE typeof($a * $b) WHEN 'integer' THEN $a * $b END";
		return pg ? "CASE WHEN div(abs(CAST($a AS NUMERIC) * $b) + $k / 2, $k) * sign(CAST($a AS NUMERIC) * $b) BETWEEN " MIN_TEXT
		            " AND " MAX_TEXT
		            " THEN CAST(div(abs(CAST($a AS NUMERIC) * $b) + $k / 2, $k) * sign(CAST($a AS NUMERIC) * $b) AS BIGINT) END"
		          : "xz_muldiv($a, $b, $k)";
	case OP_DIV:
		return pg ? "CASE WHEN $b <> 0 THEN CASE WHEN div(abs(CAST($a AS NUMERIC) * $k) + div(abs(CAST($b AS NUMERIC)), 2), "
		            "abs(CAST($b AS "
		            "NUMERIC))) * sign(CAST($a AS NUMERIC)) * sign(CAST($b AS NUMERIC)) BETWEEN " MIN_TEXT " AND " MAX_TEXT
		            " THEN CAST(div(abs(CAST($a AS NUMERIC) * $k) + div(abs(CAST($b AS NUMERIC)), 2), abs(CAST($b AS NUMERIC))) * "
		            "sign(CAST($a AS NUMERIC)) * sign(CAST($b AS NUMERIC)) AS BIGINT) END END"
		          : "xz_muldiv($a, $k, $b)";
	case OP_NEGATE:
		return "CASE WHEN $a > " MIN_TEXT " THEN -$a END";
	case OP_ABS:
		return "CASE WHEN $a > " MIN_TEXT " THEN abs($a) END";
	case SQL_BOUNDED:
		return "CASE WHEN $a BETWEEN $m AND $k THEN $a END";
	case SQL_SUM:
		return "($a + $b)";
	default:
		return NULL;
	}
}

static const char *text_template(const struct sql_writer *w, const struct node *n)
{
	switch ((int)n->op) {
	case OP_CONTAINS:
		return w->dialect == DB_PG ? "(strpos($a, $b) > 0)" : "(instr($a, $b) > 0)";
	case OP_MATCHES:
		return w->dialect == DB_PG
		               ? "CASE (SELECT m.found FROM xz_match m WHERE m.pattern = $k AND md5(m.value) = md5($a) AND m.value = $a) "
		                 "WHEN 1 THEN TRUE WHEN 2 THEN NULL ELSE CASE WHEN $a IS NOT NULL THEN FALSE END END"
		               : "CASE (SELECT m.found FROM xz_match m WHERE m.pattern = $k AND m.value = $a) WHEN 1 THEN TRUE WHEN 2 "
		                 "THEN NULL ELSE CASE WHEN $a IS NOT NULL THEN FALSE END END";
	case OP_STARTS:
		return "(substr($a, 1, length($b)) = $b)";
	case OP_LENGTH:
		return "CAST(length($a) AS BIGINT)";
	case OP_CODE_TEXT:
		return "$a";
	default:
		return NULL;
	}
}

static const char *calendar_template(const struct sql_writer *w, const struct node *n)
{
	bool pg = w->dialect == DB_PG;

	switch ((int)n->op) {
	case OP_DATE_ADD:
		return "CASE WHEN $b BETWEEN -719162 - $a AND 2932896 - $a THEN $a + $b END";
	case OP_DAYS:
		return "($b - $a)";
	case OP_ADD_HOURS:
		return "CASE WHEN $b BETWEEN -2562047788015215 AND 2562047788015215 THEN CASE WHEN $b >= 0 THEN CASE WHEN $a <= " MAX_TEXT
		       " - $b * 3600 THEN $a + $b * 3600 END ELSE CASE WHEN $a >= " MIN_TEXT " - $b * 3600 THEN $a + $b * 3600 END END END";
	case OP_MONTH:
		return pg ? "CAST(EXTRACT(MONTH FROM DATE '1970-01-01' + CAST($a AS INTEGER)) AS BIGINT)"
		          : "CAST(strftime('%m', $a * 86400, 'unixepoch') AS INTEGER)";
	case OP_YEAR:
		return pg ? "CAST(EXTRACT(YEAR FROM DATE '1970-01-01' + CAST($a AS INTEGER)) AS BIGINT)"
		          : "CAST(strftime('%Y', $a * 86400, 'unixepoch') AS INTEGER)";
	case OP_HOUR:
		return "(($a % 86400 + 86400) % 86400 / 3600)";
	case OP_DAY_OF:
		return "CASE WHEN $a BETWEEN -62135596800 AND 253402300799 THEN $a / 86400 - CASE WHEN $a % 86400 < 0 THEN 1 ELSE 0 END "
		       "END";
	case SQL_MONTHS:
		return pg ? "CAST(EXTRACT(YEAR FROM DATE '1970-01-01' + CAST($a AS INTEGER)) * 12 + EXTRACT(MONTH FROM DATE '1970-01-01' + "
		            "CAST($a AS "
		            "INTEGER)) - 1 AS BIGINT)"
		          : "(CAST(strftime('%Y', $a * 86400, 'unixepoch') AS INTEGER) * 12 + CAST(strftime('%m', $a * 86400, 'unixepoch') "
		            "AS "
		            "INTEGER) - 1)";
	case SQL_MONTH_DAY:
		return pg ? "CAST(EXTRACT(DAY FROM DATE '1970-01-01' + CAST($a AS INTEGER)) AS BIGINT)"
		          : "CAST(strftime('%d', $a * 86400, 'unixepoch') AS INTEGER)";
	case SQL_QUARTER:
		return "($a - $a % 3)";
	case SQL_MONTH_TARGET:
		return "CASE WHEN $a + $b * $k BETWEEN 12 AND 119999 THEN $a + $b * $k END";
	case SQL_MONTH_START: /* years begin in March: months - 2 */
		return "(365 * (($a + $k - 2) / 12) + ($a + $k - 2) / 12 / 4 - ($a + $k - 2) / 12 / 100 + ($a + $k - 2) / 12 / 400 + (153 "
		       "* (($a + "
		       "$k - 2) % 12) + 2) / 5 - 719468)";
	case SQL_MONTH_CLAMP:
		return "CASE WHEN $c <= $b - $a THEN $a + $c - 1 ELSE $b - 1 END";
	default:
		return NULL;
	}
}

static const char *template_of(const struct sql_writer *w, const struct node *n)
{
	const char *text = logic_template(n);

	text = text ? text : number_template(w, n);
	text = text ? text : text_template(w, n);
	return text ? text : calendar_template(w, n);
}

/* ---- numbers known when the text is written ---- */

static bool is_literal(const struct sql_writer *w, int node, int64_t *ret)
{
	const struct node *n = sql_node(w, node);

	*ret = n->k;
	return n->op == OP_CONST && !n->null;
}

static __int128 floor_div(__int128 a, __int128 b)
{
	__int128 q = a / b;

	return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

/** a + k, a - k, a * k: one comparison says whether the result fits. False: both vary. */
static bool put_with_literal(struct sql_block *b, const struct node *n)
{
	struct sql_writer *w = b->w;
	__int128 low = INT64_MIN, high = INT64_MAX;
	int x = n->arg[0];
	int64_t k;

	if (!is_literal(w, n->arg[1], &k)) {
		if (n->op == OP_SUB || !is_literal(w, n->arg[0], &k))
			return false;
		x = n->arg[1];
	}
	if ((n->op == OP_MUL && (n->k != 1 || k == 0)) || sql_node(w, x)->op == OP_CONST)
		return false;
	if (n->op == OP_ADD || n->op == OP_SUB) {
		__int128 add = n->op == OP_ADD ? (__int128)k : -(__int128)k;

		low = add < 0 ? low - add : low;
		high = add > 0 ? high - add : high;
	} else {
		__int128 one = k > 0 ? low : high, other = k > 0 ? high : low;

		low = -floor_div(-one, k);
		high = floor_div(other, k);
		low = low < INT64_MIN ? INT64_MIN : low;
		high = high > INT64_MAX ? INT64_MAX : high;
	}
	puts_(w, "CASE WHEN ");
	sql_put(b, x);
	puts_(w, " BETWEEN ");
	sql_put_number(w, (int64_t)low);
	puts_(w, " AND ");
	sql_put_number(w, (int64_t)high);
	puts_(w, " THEN ");
	sql_put(b, x);
	puts_(w, n->op == OP_ADD ? " + " : n->op == OP_SUB ? " - " : " * ");
	sql_put_number(w, k);
	puts_(w, " END");
	return true;
}

/* ---- calendar ---- */

/** Monday is 0. */
static void put_weekday(struct sql_block *b, int day)
{
	puts_(b->w, "(");
	sql_put(b, day);
	buf_printf(b->w->out, " + %d) %% 7", 3 + 7 * WEEKS_BACK);
}

/** Mondays to Fridays from the table's first day, a Monday, to `day`. */
static void put_weekdays(struct sql_block *b, int day)
{
	char since[64];
	int64_t shift = 7 * (int64_t)WEEKS_BACK - b->w->engine->calendar.monday;

	snprintf(since, sizeof(since), " + %" PRId64 ")", shift);
	puts_(b->w, "((");
	sql_put(b, day);
	buf_printf(b->w->out, "%s / 7 - %d) * 5 + CASE WHEN (", since, WEEKS_BACK);
	sql_put(b, day);
	buf_printf(b->w->out, "%s %% 7 < 4 THEN (", since);
	sql_put(b, day);
	buf_printf(b->w->out, "%s %% 7 + 1 ELSE 5 END", since);
}

static void put_in_calendar(struct sql_block *b, int day, const char *column)
{
	const struct sql_calendar *c = &b->w->engine->calendar;

	puts_(b->w, "CASE WHEN ");
	sql_put(b, day);
	buf_printf(b->w->out, " BETWEEN %" PRId64 " AND %" PRId64 " THEN (SELECT d.%s FROM xz_calendar_day d WHERE d.day = ", c->first,
		c->last, column);
	sql_put(b, day);
	puts_(b->w, ")");
}

static void put_workday_number(struct sql_block *b, int day)
{
	const struct sql_calendar *c = &b->w->engine->calendar;

	put_in_calendar(b, day, "workdays");
	puts_(b->w, " WHEN ");
	sql_put(b, day);
	buf_printf(b->w->out, " < %" PRId64 " THEN ", c->first);
	put_weekdays(b, day);
	puts_(b->w, " ELSE ");
	put_weekdays(b, day);
	buf_printf(b->w->out, " - %" PRId64 " END", c->behind);
}

/** The weekday with this number, counted from the table's first day; `shift` is added to the number first. */
static void put_weekday_at(struct sql_block *b, int number, int64_t shift)
{
	int64_t first = b->w->engine->calendar.monday, add = 5 * (int64_t)FIVES_BACK - 1 + shift;

	puts_(b->w, "((");
	sql_put(b, number);
	buf_printf(b->w->out, " + %" PRId64 ") / 5 - %d) * 7 + (", add, FIVES_BACK);
	sql_put(b, number);
	buf_printf(b->w->out, " + %" PRId64 ") %% 5 + %" PRId64, add, first);
}

static void put_checked_weekday(struct sql_block *b, int number, int64_t shift)
{
	puts_(b->w, "CASE WHEN ");
	put_weekday_at(b, number, shift);
	buf_printf(b->w->out, " BETWEEN %d AND %" PRId64 " THEN ", FIRST_DAY, LAST_DAY);
	put_weekday_at(b, number, shift);
	puts_(b->w, " END");
}

static void put_workday_at(struct sql_block *b, int number)
{
	const struct sql_calendar *c = &b->w->engine->calendar;

	puts_(b->w, "CASE WHEN ");
	sql_put(b, number);
	buf_printf(b->w->out,
		" BETWEEN %" PRId64 " AND %" PRId64 " THEN (SELECT d.day FROM xz_workday d WHERE d.number = ", c->number_first,
		c->number_last);
	sql_put(b, number);
	puts_(b->w, ") WHEN ");
	sql_put(b, number);
	buf_printf(b->w->out, " < %" PRId64 " THEN ", c->number_first);
	put_checked_weekday(b, number, 0);
	puts_(b->w, " ELSE ");
	put_checked_weekday(b, number, c->behind);
	puts_(b->w, " END");
}

static void put_roll(struct sql_block *b, int day)
{
	put_in_calendar(b, day, "next_workday");
	puts_(b->w, " WHEN ");
	put_weekday(b, day);
	puts_(b->w, " < 5 THEN ");
	sql_put(b, day);
	puts_(b->w, " ELSE ");
	sql_put(b, day);
	puts_(b->w, " + 7 - ");
	put_weekday(b, day);
	puts_(b->w, " END");
}

static void put_is_holiday(struct sql_block *b, int day)
{
	put_in_calendar(b, day, "is_holiday");
	puts_(b->w, b->w->dialect == DB_PG ? " <> 0" : "");
	puts_(b->w, " WHEN ");
	sql_put(b, day);
	puts_(b->w, " IS NOT NULL THEN FALSE END");
}

static void put_is_workday(struct sql_block *b, int day)
{
	put_in_calendar(b, day, "is_workday");
	puts_(b->w, b->w->dialect == DB_PG ? " <> 0 ELSE " : " ELSE ");
	put_weekday(b, day);
	puts_(b->w, " < 5 END");
}

/* ---- patterns of like ---- */

/** SQLite's GLOB minds case, its LIKE does not; what GLOB takes for more than a character is put in brackets. */
static struct str glob_of(struct sql_writer *w, struct str pattern)
{
	struct buf out;
	struct str s;

	buf_init(&out, pattern.len * 3 + 16);
	buf_puts(&out, "");
	for (size_t i = 0; i < pattern.len; i++) {
		char c = pattern.ptr[i];

		if (c == '*' || c == '?' || c == '[')
			buf_printf(&out, "[%c]", c);
		else
			buf_putc(&out, c == '%' ? '*' : c == '_' ? '?' : c);
	}
	s = str_dup(w->engine->mem, out.ptr ? buf_str(&out) : STR(""));
	w->failed |= out.failed || !s.ptr;
	buf_clear(&out);
	return s;
}

static void put_like(struct sql_block *b, const struct node *n)
{
	struct sql_writer *w = b->w;

	puts_(w, "(");
	sql_put(b, n->arg[0]);
	puts_(w, w->dialect == DB_PG ? " LIKE " : " GLOB ");
	sql_put_text(w, w->dialect == DB_PG ? n->text : glob_of(w, n->text));
	puts_(w, w->dialect == DB_PG ? " ESCAPE '')" : ")");
}

/** PostgreSQL orders text by the column's collation; ours are "C", a literal's is the database's own. */
static void put_text_order(struct sql_block *b, const struct node *n)
{
	puts_(b->w, "(");
	sql_put(b, n->arg[0]);
	puts_(b->w, n->op == OP_LT ? " < " : " <= ");
	sql_put(b, n->arg[1]);
	puts_(b->w, b->w->dialect == DB_PG ? " COLLATE \"C\")" : ")");
}

/* ---- history ---- */

/** The column in the period that holds the day; of several, the one that began last. Open ends hold every day. */
static void put_as_of(struct sql_block *b, const struct node *n)
{
	struct sql_writer *w = b->w;
	const struct dictionary_child *child = &n->target->children[n->target->history.child];
	const struct dictionary_column *from = &child->columns[n->target->history.from], *to = &child->columns[n->target->history.to];

	puts_(w, "(SELECT ");
	put_stored(w, "h", n->target, child->index, (int)n->k);
	puts_(w, " FROM ");
	dictionary_table(n->target, child, w->out);
	puts_(w, " h WHERE h.record_id = ");
	sql_put(b, n->arg[0]);
	puts_(w, " AND ");
	sql_put(b, n->arg[1]);
	buf_printf(w->out, " IS NOT NULL AND (h.%.*s IS NULL OR ", STR_ARG(from->name));
	put_stored(w, "h", n->target, child->index, from->index);
	puts_(w, " <= ");
	sql_put(b, n->arg[1]);
	buf_printf(w->out, ") AND (h.%.*s IS NULL OR ", STR_ARG(to->name));
	put_stored(w, "h", n->target, child->index, to->index);
	puts_(w, " >= ");
	sql_put(b, n->arg[1]);
	puts_(w, ")");
	if (!sql_all_supply(w->engine, n->target, child->index, from->index)) { /* without its beginnings nobody knows which period it is */
		puts_(w, " AND EXISTS (SELECT 1 FROM ");
		dictionary_table(n->target, NULL, w->out);
		puts_(w, " q WHERE q.id = h.record_id AND ");
		sql_put_supplied(w, "q", n->target, child->index, from->index);
		puts_(w, ")");
	}
	buf_printf(w->out, " ORDER BY h.%.*s DESC NULLS LAST, h.seq DESC LIMIT 1)", STR_ARG(from->name));
}

/* ---- one node ---- */

bool sql_is_atom(const struct node *n)
{
	return n->op == OP_COLUMN || n->op == OP_COLUMN_ABSENT || n->op == OP_REF || n->op == OP_REF_OF || n->op == OP_COLUMN_OF ||
	       n->op == OP_ABSENT_OF || n->op == OP_AS_OF_ABSENT || n->op == OP_DERIVED || n->op == OP_DERIVED_ABSENT;
}

bool sql_can(const struct node *n)
{
	static const struct sql_writer any = { .dialect = DB_SQLITE };

	switch ((int)n->op) {
	case OP_CONST:
	case OP_OUTER:
	case OP_LIKE:
	case OP_IS_WORKDAY:
	case OP_IS_HOLIDAY:
	case OP_AS_OF:
	case OP_AGGREGATE:
	case OP_AGGREGATE_ABSENT:
	case SQL_WORKDAY_NUMBER:
	case SQL_WORKDAY_AT:
	case SQL_ROLL:
		return true;
	default:
		return sql_is_atom(n) || template_of(&any, n) != NULL;
	}
}

int sql_repeats(const struct program *p, const struct node *n, int i)
{
	(void)p;
	switch ((int)n->op) {
	case OP_LEAST:
	case OP_GREATEST:
	case OP_ADD:
	case OP_SUB:
	case OP_MUL:
	case OP_DIV:
	case OP_NEGATE:
	case OP_ABS:
	case OP_MATCHES:
	case OP_DATE_ADD:
	case OP_ADD_HOURS:
	case OP_DAY_OF:
	case OP_IS_WORKDAY:
	case OP_IS_HOLIDAY:
	case SQL_QUARTER:
	case SQL_BOUNDED:
	case SQL_MONTHS:
	case SQL_MONTH_TARGET:
	case SQL_MONTH_START:
	case SQL_MONTH_CLAMP:
	case SQL_WORKDAY_NUMBER:
	case SQL_WORKDAY_AT:
	case SQL_ROLL:
		return 2;
	case OP_STARTS:
	case OP_AS_OF:
		return i == 1 ? 2 : 1;
	case OP_COALESCE:
		return i == 0 && n->arg[1] >= 0 ? 2 : 1;
	default:
		return 1;
	}
}

void sql_put_node(struct sql_block *b, int node)
{
	struct node n = *sql_node(b->w, node);
	bool ordered_text = (n.op == OP_LT || n.op == OP_LE) && sql_node(b->w, n.arg[0])->type == TYPE_TEXT;

	if (sql_is_atom(&n))
		put_atom(b, node);
	else if (n.op == OP_CONST)
		put_constant(b->w, &n);
	else if (n.op == OP_AGGREGATE)
		sql_put_aggregate(b, node);
	else if (n.op == OP_AGGREGATE_ABSENT)
		sql_put_aggregate_absent(b, node);
	else if (n.op == OP_LIKE)
		put_like(b, &n);
	else if (ordered_text)
		put_text_order(b, &n);
	else if ((int)n.op == SQL_WORKDAY_NUMBER)
		put_workday_number(b, n.arg[0]);
	else if ((int)n.op == SQL_WORKDAY_AT)
		put_workday_at(b, n.arg[0]);
	else if ((int)n.op == SQL_ROLL)
		put_roll(b, n.arg[0]);
	else if (n.op == OP_IS_WORKDAY)
		put_is_workday(b, n.arg[0]);
	else if (n.op == OP_IS_HOLIDAY)
		put_is_holiday(b, n.arg[0]);
	else if (n.op == OP_AS_OF)
		put_as_of(b, &n);
	else if ((n.op == OP_ADD || n.op == OP_SUB || n.op == OP_MUL) && put_with_literal(b, &n))
		return;
	else
		put_template(b, &n, template_of(b->w, &n));
}
