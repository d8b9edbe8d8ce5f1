/* What the files of the SQL engine share. Private to src/rule.
 *
 * A program is first lowered: what is the same for every row becomes a constant, what no source leaves out loses its `absent`
 * flags, and calendar arithmetic is taken apart into steps that SQL has. The lowered program is a graph like any other; its own
 * operators are numbered behind OP_COUNT.
 *
 * A block is the evaluation of nodes for the rows of one table. It is written as layers: layer 0 reads the table and its parents,
 * each further layer adds the values that several others read, so that nothing is written twice and the text grows with the
 * graph, not with its unfolded tree. */
#ifndef XZ_RULE_SQL_PRIVATE_H
#define XZ_RULE_SQL_PRIVATE_H

#include "base/buf.h"
#include "db/db.h"
#include "rule/code.h"

/** Operators that only a lowered program has. Days are day numbers, months are counted from year 0: year * 12 + month - 1. */
enum sql_op {
	SQL_BOUNDED = OP_COUNT + 1, /* a when it lies in [-k, k], else null */
	SQL_SUM,                    /* a + b that cannot overflow */
	SQL_MONTHS,                 /* month count of a date */
	SQL_QUARTER,                /* first month of the quarter of a month */
	SQL_MONTH_DAY,              /* day of the month, 1–31 */
	SQL_MONTH_TARGET,           /* a + b * k when that is a month of the years 1–9999, else null */
	SQL_MONTH_START,            /* first day of month a + k */
	SQL_MONTH_CLAMP,            /* a = first day, b = first day of the month after, c = wished day of the month */
	SQL_WORKDAY_NUMBER,         /* workdays up to and including a date, as the calendar counts them */
	SQL_WORKDAY_AT,             /* date of a workday number */
	SQL_ROLL,                   /* a date, or the first workday after it */
	SQL_OP_END
};

/** What the calendar's tables cover: the days on which it differs from plain weeks, and a few around them. Outside plain weeks go on. */
struct sql_calendar {
	int64_t first, last;               /* days of xz_calendar_day */
	int64_t number_first, number_last; /* workdays of xz_workday */
	int64_t monday;                    /* day of the first weekday that has number 1 */
	int64_t behind;                    /* behind `last`, a plain weekday's number is that much too high (holidays before it) */
};

struct sql_engine {
	const struct rule_pack *pack;
	struct db *db;
	struct arena *mem;                     /* of a run: patterns, translated texts */
	const struct rule_sql_supplies *types; /* by type index */
	struct sql_lowering **lowerings;       /* by program; opened when first asked for */
	int *slots;                            /* by program: number of its first derived column in xz_value */
	bool *filled;                          /* by slot */
	bool *grouped;                         /* by grouping */
	bool *strange;                         /* code columns that hold codes the dictionary does not know; sql_column_index */
	struct sql_calendar calendar;
	int32_t today;
	size_t statements;
};

/** A reference's key: xz_key_<type>_<column>. */
static inline void sql_key_table(const struct dictionary_type *type, int column, struct buf *out)
{
	buf_printf(out, "xz_key_%d_%d", type->index, column);
}

/** Where a column stands in an array of all columns of a dictionary. @param child  -1: of the record */
static inline size_t sql_column_index(const struct dictionary_type *t, int child, int column)
{
	return ((size_t)t->index * (DICTIONARY_CHILDREN_MAX + 1) + (size_t)(child + 1)) * DICTIONARY_COLUMNS_MAX + (size_t)column;
}
#define SQL_COLUMNS_MAX ((size_t)DICTIONARY_TYPES_MAX * (DICTIONARY_CHILDREN_MAX + 1) * DICTIONARY_COLUMNS_MAX)

/* ---- lowering (sql_lower.c) ---- */

struct sql_lowering {
	const struct sql_engine *engine;
	const struct program *from;
	struct program *to;
	int *map; /* node of `from` -> node of `to`; SQL_UNMAPPED before */
	struct evaluation constants;
	size_t looked; /* nodes whose code columns and patterns were seen to */
};
#define SQL_UNMAPPED (-2)
#define SQL_PATTERN_SHIFT 20 /* a pattern is numbered by its program and its node there */

enum err_code sql_lowering_open(const struct sql_engine *engine, const struct program *from, struct sql_lowering *ret, struct err *err);
void sql_lowering_clear(struct sql_lowering *l);
#define SQL_ROOTS_MAX (2 + RULE_EXEMPTIONS_MAX + RULE_SEVERITIES_MAX)
/** The nodes that decide a rule's verdict, some of them -1; how many. */
size_t sql_rule_roots(const struct rule *rule, int ret[static SQL_ROOTS_MAX]);
/** The lowered form of everything that decides a rule's verdict; ERR_UNSUPPORTED names the rule when SQL has no words for it. */
enum err_code sql_lower_rule(struct sql_lowering *l, const struct rule *rule, struct err *err);
/** The lowered node of a node of the rule; -1 for -1. */
int sql_lower(struct sql_lowering *l, int node);

/** Does every / no source of the type supply the column (child -1: of the record), or the collection (column -1)? For a member's column
 * only the sources that supply the collection count. */
bool sql_all_supply(const struct sql_engine *e, const struct dictionary_type *t, int child, int column);
bool sql_none_supplies(const struct sql_engine *e, const struct dictionary_type *t, int child, int column);

/* ---- writing (sql_text.c, sql_block.c) ---- */

struct sql_writer {
	const struct sql_engine *engine;
	enum db_dialect dialect;
	const struct program *from; /* patterns live here */
	const struct program *p;    /* lowered */
	struct buf *out;
	VEC(struct str) texts; /* bound as $1, $2, … */
	int next_block;
	size_t widest; /* columns of the widest layer */
	size_t joins;  /* most tables in one FROM */
	bool failed;   /* memory was out */
};

struct sql_block {
	struct sql_writer *w;
	const struct sql_block *outer; /* the record's block, for a block of members; else NULL */
	int scope;
	int number; /* names of its layers: b<number>_<layer> */
	bool *needed, *let;
	int *at;     /* first layer in which the node can be computed */
	int last;    /* last layer that defines something */
	bool **live; /* per layer: nodes it hands on */
	size_t node_count;
};

/** Makes the plan of a block for its roots (−1 are left out). */
enum err_code sql_block_open(struct sql_writer *w, const struct sql_block *outer, int scope, const int *roots, size_t count,
	struct sql_block *ret, struct err *err);
void sql_block_clear(struct sql_block *b);
/** "WITH b0_0 AS (…), …"; afterwards the block's values may be written as seen from alias `r` (record) or `c` (members). */
void sql_block_write(struct sql_block *b);
/** " FROM b0_3 r", to follow the select list. */
void sql_block_from(struct sql_block *b);
/** A node's value as seen in the current layer. */
void sql_put(struct sql_block *b, int node);
/** How often the text of `node` repeats its argument `i`. */
int sql_repeats(const struct program *p, const struct node *n, int i);
/** True when the engine can write the operator. */
bool sql_can(const struct node *n);
bool sql_is_atom(const struct node *n); /* read from tables in layer 0 */
/** The node computed in place: an operator with its arguments, or what layer 0 reads. */
void sql_put_node(struct sql_block *b, int node);
/** An aggregate's scalar subquery. */
void sql_put_aggregate(struct sql_block *b, int node);
void sql_put_aggregate_absent(struct sql_block *b, int node);
void sql_put_number(struct sql_writer *w, int64_t v);
void sql_put_text(struct sql_writer *w, struct str text);
/** 'word', escaped: a word of the dictionary, which never came from a rule or a record. */
void sql_put_word(struct buf *out, struct str word);
/** Truth of "the source of this row supplies …"; `row` is what the row is called. */
void sql_put_supplied(struct sql_writer *w, const char *row, const struct dictionary_type *t, int child, int column);

/* ---- statements (sql_select.c) ---- */

/** One SELECT for the rules: column 0 is the record's id, column 1 + i what rule i says of it (sql_unpack). */
enum err_code sql_select(struct sql_writer *w, struct sql_lowering *l, const struct rule *const *rules, size_t count, struct err *err);
/** What a row says. The rule's own severity when it is fixed. */
enum rule_verdict sql_unpack(const struct rule *rule, int64_t packed, struct rule_hit *ret);

/* ---- temporary tables (sql_table.c) ---- */

/** Creates them all; fills the calendar. */
enum err_code sql_tables_open(struct sql_engine *e, struct err *err);
void sql_tables_drop(struct sql_engine *e);
/** Tells PostgreSQL how large a temporary table has become: it does not look by itself. */
enum err_code sql_analyze(struct sql_engine *e, const char *table, struct err *err);
/** The unique keys of the registers as they are now. */
enum err_code sql_keys_fill(struct sql_engine *e, struct err *err);
/** Fills everything that statements over these nodes read beside the tables of records: derived columns, matches, odd codes. */
enum err_code sql_prepare(struct sql_engine *e, const struct program *p, const int *nodes, size_t count, struct err *err);
/** The lowering of a program, kept until the run ends. */
enum err_code sql_lowering_of(struct sql_engine *e, const struct program *p, struct sql_lowering **ret, struct err *err);
/** Runs a statement without result and its texts. */
enum err_code sql_execute(struct sql_engine *e, const struct sql_writer *w, struct err *err);
/** Divides the records of a grouping into groups: xz_placed, xz_member, and the keys. A group is named by its first record. */
enum err_code sql_group(struct sql_engine *e, const struct grouping *g, struct err *err);

/** Looks once which code columns that the lowered program reads hold codes that the dictionary does not know. */
enum err_code sql_codes_look(struct sql_engine *e, const struct sql_lowering *l, struct err *err);
/** Which texts of the store the patterns of the lowered program match. */
enum err_code sql_matches_fill(struct sql_engine *e, const struct sql_lowering *l, struct err *err);

static inline const struct node *sql_node(const struct sql_writer *w, int node)
{
	return &w->p->nodes.v[node];
}

#endif
