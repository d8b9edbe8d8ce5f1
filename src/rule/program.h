/* The typed form of all rules on one record type: a graph in which equal sub-expressions are one node, so that they are
 * evaluated once for all rules. Private to src/rule.
 *
 * Three states of a value: there, null (the source says it is empty), absent (the source does not deliver it, or a parent is
 * unknown). Absent is a null that `is null`, coalesce, case and aggregates recognise: each of them carries a second node that
 * is true where its operand is absent. Scopes: a node belongs to the record (0), to a child's rows (1 + child), or to none (-1:
 * the same for every row); node_make puts OP_OUTER between a child's expression and a value of the record. */
#ifndef XZ_RULE_PROGRAM_H
#define XZ_RULE_PROGRAM_H

#include "base/err.h"
#include "base/vec.h"
#include "calendar/calendar.h"
#include "dictionary/dictionary.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/** The dictionary's column types and two of our own. */
enum value_type {
	TYPE_BOOL = COLUMN_BOOL,
	TYPE_INT = COLUMN_INT,
	TYPE_MONEY = COLUMN_MONEY,
	TYPE_DECIMAL = COLUMN_DECIMAL,
	TYPE_DATE = COLUMN_DATE,
	TYPE_DATETIME = COLUMN_DATETIME,
	TYPE_TEXT = COLUMN_TEXT,
	TYPE_CODE = COLUMN_CODE,
	TYPE_ROW = COLUMN_TYPE_COUNT, /* row number of a parent */
	TYPE_NULL,                    /* the literal null before it met another type */
	TYPE_COUNT
};

enum op {
	OP_CONST, /* k or text; null when `null` */
	OP_TODAY,
	OP_COLUMN,           /* k = column */
	OP_COLUMN_ABSENT,    /* k = column: true where the row's source does not supply it */
	OP_REF,              /* k = reference of the scope's table */
	OP_REF_OF,           /* a = row node, target = type of that row; k = its reference */
	OP_COLUMN_OF,        /* a = row node, target; k = column */
	OP_ABSENT_OF,        /* a = row node, target; k = column: no such parent, or not supplied there */
	OP_AS_OF,            /* a = row node, target, b = date: column k of the period of target's history that holds the date */
	OP_AS_OF_ABSENT,     /* the same: no such parent, or its history or the column is not supplied */
	OP_DERIVED,          /* k = index in program.derived: a column computed before the sweep */
	OP_DERIVED_ABSENT,   /* k = the same: where it is absent */
	OP_OUTER,            /* a = node of the record, seen from a child's row */
	OP_AGGREGATE,        /* k = enum aggregate, child; a = value, b = filter, c = absent(value), d = absent(filter), e = order, f =
	                        absent(order); -1 = none */
	OP_AGGREGATE_ABSENT, /* a = aggregate */
	OP_NOT,
	OP_AND,
	OP_OR,
	OP_EQ,
	OP_NE,
	OP_LT,
	OP_LE,
	OP_IS_NULL, /* a; b = absent(a) or -1 */
	OP_ABSENT,  /* a is null and b is true */
	OP_ADD,
	OP_SUB,
	OP_MUL, /* (a * b) / k, rounded half away from zero */
	OP_DIV, /* (a * k) / b, rounded half away from zero; null when b is 0 */
	OP_NEGATE,
	OP_ABS,
	OP_LEAST,
	OP_GREATEST,
	OP_IF,        /* a = condition, b = absent(a) or -1, c, d */
	OP_COALESCE,  /* a, b = absent(a) or -1, c */
	OP_LIKE,      /* a, pattern in text */
	OP_CONTAINS,  /* a, b */
	OP_STARTS,    /* a begins with b */
	OP_LENGTH,    /* characters of a */
	OP_MATCHES,   /* a, pattern in text, compiled in regex */
	OP_DATE_ADD,  /* a = date, b = days */
	OP_DAYS,      /* days from a to b */
	OP_WORKDAYS,  /* workdays d with a < d <= b */
	OP_DEADLINE,  /* a = date, b = n; unit, rolls */
	OP_ADD_HOURS, /* a = datetime, b = n */
	OP_IS_WORKDAY,
	OP_IS_HOLIDAY, /* a declared day off of a holiday, not a plain weekend */
	OP_MONTH,
	OP_YEAR,
	OP_MONTH_START,   /* first day of a date's month */
	OP_QUARTER_START, /* first day of its quarter */
	OP_HOUR,          /* hour of a datetime, 0–23 */
	OP_DAY_OF,        /* date of a datetime */
	OP_CODE_TEXT,     /* the code as text */
	OP_FORMAT,        /* as people read it; messages only */
	OP_COUNT
};

enum aggregate {
	AGGREGATE_COUNT,
	AGGREGATE_EXISTS,
	AGGREGATE_MIN,
	AGGREGATE_MAX,
	AGGREGATE_SUM,
	AGGREGATE_ANY,
	AGGREGATE_ALL,
	AGGREGATE_FIRST,
	AGGREGATE_LAST,
	AGGREGATE_DISTINCT, /* count(distinct x); from here on only of groups, windows and referrers */
	AGGREGATE_MEDIAN,
	AGGREGATE_MAD,
	AGGREGATE_QUANTILE,
	AGGREGATE_KIND_COUNT
};

#define NODE_ARGS 6

struct node {
	enum op op;
	enum value_type type;
	int scope; /* -1, 0, 1 + child */
	int child; /* OP_AGGREGATE */
	int arg[NODE_ARGS];
	bool null;  /* OP_CONST */
	bool rolls; /* OP_DEADLINE */
	enum period_unit unit;
	int64_t k;
	struct str text;
	const struct dictionary_column *codes; /* TYPE_CODE: the list it is from */
	const struct dictionary_type *target;
	pcre2_code *regex;
};

/* ---- what is computed for whole frames before a sweep (group.h) ---- */

#define GROUP_KEYS_MAX 6

enum derived_kind {
	DERIVED_KEY,       /* of groups: key k */
	DERIVED_FOLD,      /* of groups: an aggregate over the members */
	DERIVED_SHARE,     /* of groups: the value of `inner` / the sum of it over the groups that are equal in `keys` */
	DERIVED_PRIOR,     /* of groups: the value of `inner` in the group whose period lies `months` earlier */
	DERIVED_OF_GROUP,  /* of records: the value of `inner` in the record's group */
	DERIVED_WINDOW,    /* of records: an aggregate over the members of its group dated in (d - days, d] */
	DERIVED_REFERRERS, /* of records: an aggregate over the records that refer to this one */
	DERIVED_KIND_COUNT
};

/** An aggregate: nodes of the program whose rows are members; -1 = none. */
struct fold {
	enum aggregate kind;
	int64_t quantile; /* scaled by 10000 */
	int value, filter, order;
	int value_absent, filter_absent, order_absent;
};

struct derived {
	enum derived_kind kind;
	enum value_type type;
	const struct dictionary_column *codes;
	const struct dictionary_type *target; /* TYPE_ROW */
	const struct grouping *grouping;      /* all but REFERRERS */
	struct fold fold;                     /* FOLD, WINDOW, REFERRERS */
	const struct program *members;        /* REFERRERS: the referring type's */
	int reference;                        /* REFERRERS: its reference that points here */
	int inner;                            /* SHARE, PRIOR: of the same program; OF_GROUP: of the grouping's */
	uint32_t keys;                        /* SHARE: bits of the keys; KEY: the key's number */
	int64_t months;                       /* PRIOR */
	int64_t days;                         /* WINDOW */
	char key[65];                         /* what it computes, as a digest; made when the pack is loaded */
	int date, date_absent;                /* WINDOW: nodes of the records' program */
};

/** Records of one type divided by keys. Rules that divide alike share one. */
struct grouping {
	size_t index;            /* in the pack */
	struct program *records; /* of the type that is divided: keys and members are its nodes */
	struct program *groups;  /* of the groups: its rows are groups */
	int keys[GROUP_KEYS_MAX];
	int keys_absent[GROUP_KEYS_MAX];
	size_t key_count;
	int members, members_absent; /* which records take part; -1: all */
	int period;                  /* the only key that is a year, quarter or month; -1: none, -2: several */
	struct dictionary_type type; /* of the frame of groups: no columns */
};

struct program {
	const struct dictionary_type *type;
	const struct grouping *grouping; /* NULL: rows are records; else rows are its groups */
	size_t index;                    /* in the pack */
	VEC(struct derived) derived;
	struct arena *mem; /* texts */
	VEC(struct node) nodes;
	int *slots; /* hash table of node indices, -1 free */
	size_t slot_count;
	bool failed; /* memory was out: the graph is not to be used; asked once at the end */
};

/** An empty graph. Texts of its nodes live in `mem`; close it with program_close. */
enum err_code program_open(const struct dictionary_type *type, struct arena *mem, struct program **ret, struct err *err);
void program_close(struct program *p);

/** The node equal to this one, made when new. Arguments of the record's scope are wrapped when the node is a child's. Memory out sets
 * `failed`. */
int node_make(struct program *p, const struct node *n);
/** A node of plain shape: op, type and up to three arguments (-1 none). */
int node_op(struct program *p, enum op op, enum value_type type, int a, int b, int c);
int node_const(struct program *p, enum value_type type, int64_t k);
/** The node of derived column k, which is there. */
int node_derived_at(struct program *p, int k);
/** The derived column equal to this one, added when new: its OP_DERIVED node. */
int node_derived(struct program *p, const struct derived *d);
/** A value of the record as the rows of a child (scope) see it. */
int node_outer(struct program *p, int node, int scope);
/** A node that is true where `n` is absent; -1 when it never is. */
int node_absent(struct program *p, int n);
#define NODE_KEY_BYTES_MAX ((size_t)1 << 24)

/** What a node computes, as bytes: equal ones of two programs on one type are equal values, given the same calendar. `today` stands for
 * today(). Everything a node has must be in it. Empty when memory is out or an expression repeats itself beyond NODE_KEY_BYTES_MAX.
 * Memory: `mem`; `memo` holds one entry a node, at first zeroed, so that shared parts are written once. */
struct str node_key(const struct program *p, int node, int32_t today, struct str *memo, struct arena *mem);
/** What the value of a row depends on besides its own record and its children: false when on other rows of its type; *ret_types gets one
 * bit a type whose records it reads. */
bool node_stands_alone(const struct program *p, int node, uint64_t *ret_types);
/** True when n and everything it reads is the same for every row. */
static inline bool node_is_constant(const struct program *p, int n)
{
	return p->nodes.v[n].scope < 0;
}

#endif
