/* Tables out of the dictionary. Names were checked at loading, so that they may stand in SQL text without quoting. */
#include "dictionary/dictionary.h"

#include <assert.h>
#include <stdio.h>

const char *column_sql_type(enum column_type t, enum db_dialect dialect)
{
	switch (t) {
	case COLUMN_BOOL:
		return "SMALLINT";
	case COLUMN_INT:
	case COLUMN_MONEY:
	case COLUMN_DECIMAL:
	case COLUMN_DATETIME:
		return "BIGINT";
	case COLUMN_DATE:
		return dialect == DB_PG ? "CHAR(10) COLLATE \"C\"" : "CHAR(10)";
	case COLUMN_TEXT:
	case COLUMN_CODE:
		return "TEXT"; /* db_exec_script gives it the "C" collation on PostgreSQL */
	case COLUMN_TYPE_COUNT:
		break;
	}
	assert(!"column type");
	return "TEXT";
}

void dictionary_table(const struct dictionary_type *t, const struct dictionary_child *child, struct buf *out)
{
	buf_puts(out, "r_");
	buf_put(out, t->name);
	if (child) {
		buf_puts(out, "__");
		buf_put(out, child->name);
	}
}

static void put_columns(const struct dictionary_column *columns, size_t count, enum db_dialect dialect, struct buf *out)
{
	for (size_t i = 0; i < count; i++) {
		buf_puts(out, ",\n\t");
		buf_put(out, columns[i].name);
		buf_putc(out, ' ');
		buf_puts(out, column_sql_type(columns[i].type, dialect));
	}
}

/** One index a (table, columns) pair; its name is short enough for both databases because PostgreSQL cuts at 63 bytes. */
static void put_index(const struct dictionary_type *t, const char *suffix, const char *columns, struct buf *out)
{
	buf_printf(out, "CREATE INDEX IF NOT EXISTS r_%.*s__ix_%s ON r_%.*s (%s);\n", STR_ARG(t->name), suffix, STR_ARG(t->name), columns);
}

static void put_child(const struct dictionary_type *t, const struct dictionary_child *c, enum db_dialect dialect, struct buf *out)
{
	buf_puts(out, "CREATE TABLE IF NOT EXISTS ");
	dictionary_table(t, c, out);
	buf_printf(out, " (\n\trecord_id BIGINT NOT NULL,\n\tseq INTEGER NOT NULL");
	put_columns(c->columns, c->column_count, dialect, out);
	buf_puts(out, ",\n\tPRIMARY KEY (record_id, seq)\n)");
	buf_puts(out, dialect == DB_SQLITE ? " WITHOUT ROWID;\n" : ";\n");
}

void dictionary_ddl(const struct dictionary_type *t, enum db_dialect dialect, struct buf *out)
{
	char columns[3 * DICTIONARY_NAME_MAX];

	buf_puts(out, "CREATE TABLE IF NOT EXISTS ");
	dictionary_table(t, NULL, out);
	/* INTEGER PRIMARY KEY is SQLite's row number: no second tree for the identifier */
	buf_printf(out,
		" (\n\tid %s PRIMARY KEY,\n\trow_key TEXT NOT NULL UNIQUE,\n\tregion TEXT,\n\torg_id BIGINT,\n\tsealed SMALLINT NOT NULL "
		"DEFAULT %d,\n"
		"\tdeleted SMALLINT NOT NULL DEFAULT 0,\n\tversion BIGINT NOT NULL,\n\tchange_no BIGINT NOT NULL,\n\timport_id BIGINT NOT "
		"NULL,\n"
		"\tsource_line BIGINT,\n\tsupply_id BIGINT NOT NULL,\n\tdigest TEXT NOT NULL",
		dialect == DB_PG ? "BIGINT" : "INTEGER", t->sealed);
	put_columns(t->columns, t->column_count, dialect, out);
	buf_puts(out, "\n);\n");
	put_index(t, "change", "change_no, id", out);
	if (t->date >= 0) {
		const struct str date = t->columns[t->date].name;

		snprintf(columns, sizeof(columns), "%.*s, id", STR_ARG(date));
		put_index(t, "date", columns, out);
		snprintf(columns, sizeof(columns), "org_id, %.*s, id", STR_ARG(date));
		put_index(t, "org", columns, out);
	} else {
		put_index(t, "org", "org_id, id", out);
	}
	for (size_t i = 0; i < t->child_count; i++)
		put_child(t, &t->children[i], dialect, out);
}
