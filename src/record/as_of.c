/* A register as it was on a day. The record's history child (dictionary: `history`) says what was true from a day to a day. Its columns of
 * the same name tell a record's column where at least one of the record's periods fills it: then the period that holds the day says what
 * was true, and where none does nothing is known. What no period fills stays as the record has it. A test replays the history naively. */
#include "record/record_private.h"

int as_of_column(const struct dictionary_type *t, const struct dictionary_column *c)
{
	const struct dictionary_child *periods = t->history.child >= 0 ? &t->children[t->history.child] : NULL;

	for (size_t i = 0; periods && i < periods->column_count; i++)
		if (str_eq(periods->columns[i].name, c->name))
			return (int)i;
	return -1;
}

/** The period that holds the day: of several the one that began last, of those the last one. NULL when there is none. */
static const struct dictionary_value *period_on(const struct dictionary_type *t, const struct record_child_rows *rows, int32_t day)
{
	const struct dictionary_child *periods = &t->children[t->history.child];
	const struct dictionary_value *best = NULL;

	for (size_t r = 0; r < rows->row_count; r++) {
		const struct dictionary_value *cells = &rows->cells[r * periods->column_count];
		const struct dictionary_value *from = &cells[t->history.from], *to = &cells[t->history.to];

		if (from->null || from->i > day || (!to->null && to->i < day))
			continue;
		if (!best || from->i >= best[t->history.from].i)
			best = cells;
	}
	return best;
}

static bool is_told(const struct dictionary_type *t, const struct record_child_rows *rows, int column)
{
	for (size_t r = 0; r < rows->row_count; r++)
		if (!rows->cells[r * t->children[t->history.child].column_count + (size_t)column].null)
			return true;
	return false;
}

void record_as_of(const struct dictionary_type *t, struct record_row *row, int32_t day)
{
	const struct record_child_rows *rows;
	const struct dictionary_value *period;

	if (t->history.child < 0)
		return;
	rows = &row->children[t->history.child];
	period = period_on(t, rows, day);
	for (size_t c = 0; c < t->column_count; c++) {
		int column = as_of_column(t, &t->columns[c]);

		if (column >= 0 && is_told(t, rows, column))
			row->values[c] = period ? period[column] : (struct dictionary_value){ .null = true };
	}
}

void as_of_sql(const struct dictionary_type *t, const struct dictionary_column *c, int day_parameter, struct buf *sql)
{
	const struct dictionary_child *periods = &t->children[t->history.child];
	const struct str from = periods->columns[t->history.from].name, to = periods->columns[t->history.to].name;

	buf_printf(sql, "CASE WHEN EXISTS (SELECT 1 FROM r_%.*s__%.*s p WHERE p.record_id = r_%.*s.id AND p.%.*s IS NOT NULL) THEN ",
		STR_ARG(t->name), STR_ARG(periods->name), STR_ARG(t->name), STR_ARG(c->name));
	buf_printf(sql,
		"(SELECT p.%.*s FROM r_%.*s__%.*s p WHERE p.record_id = r_%.*s.id AND p.%.*s <= $%d AND (p.%.*s IS NULL OR p.%.*s >= $%d) "
		"ORDER BY p.%.*s DESC, p.seq DESC LIMIT 1)",
		STR_ARG(c->name), STR_ARG(t->name), STR_ARG(periods->name), STR_ARG(t->name), STR_ARG(from), day_parameter, STR_ARG(to),
		STR_ARG(to), day_parameter, STR_ARG(from));
	buf_printf(sql, " ELSE %.*s END", STR_ARG(c->name));
}
