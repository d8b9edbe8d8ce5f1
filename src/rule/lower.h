/* The conditions of a sweep as the machine runs them: constants folded, what all sources supply no longer asked for, and everything that
 * is not a comparison or logic of the record's own columns replaced by a packed column. Private to src/rule.
 *
 * Truth is the program's: yes, no, null. A graph like it, equal nodes once. */
#ifndef XZ_RULE_LOWER_H
#define XZ_RULE_LOWER_H

#include "base/vec.h"
#include "rule/build.h"
#include "rule/vector.h"

enum low_op {
	LOW_NULL,     /* of any type */
	LOW_NUMBER,   /* k */
	LOW_TRUTH,    /* k: 0 no, 1 yes */
	LOW_COLUMN,   /* column: numbers or bits */
	LOW_EQ,       /* a = b, numbers; b may be LOW_NUMBER */
	LOW_LT,       /* a < b */
	LOW_GT,       /* a > b */
	LOW_AND,      /* a, b */
	LOW_OR,       /* a, b */
	LOW_NOT,      /* a */
	LOW_IS_NULL,  /* a: never null itself */
	LOW_IF,       /* b where a is yes, else c; numbers or truth */
	LOW_COALESCE, /* a, or b where a is null */
	LOW_BLANK,    /* a, but null where b is yes */
	LOW_OP_COUNT
};

struct low {
	enum low_op op;
	int a, b, c; /* -1 none */
	int64_t k;
	int column; /* index into lowering.columns, -1 none */
};

struct low_column {
	int node; /* of the program */
	enum frame_width width;
	struct str key;
	struct frame_packed *packed; /* NULL: to be built */
};

struct lowering {
	struct build_input in;
	struct arena *mem;
	struct str *keys;     /* memo of node_key */
	struct str prefix;    /* of every key: what the calendar was */
	int *lowered;         /* one a node of the program, -1: not yet */
	struct evaluation *e; /* of constants */
	VEC(struct low) nodes;
	int *slots; /* hash table of nodes, -1 free */
	size_t slot_count;
	VEC(struct low_column) columns;
	bool failed; /* memory was out */
};

/** Memory of the graph: `mem`. Close it whatever happened. */
enum err_code lowering_open(struct lowering *l, const struct build_input *in, struct arena *mem, struct err *err);
void lowering_close(struct lowering *l);

/** The node as the sweep runs it. Columns that the set does not keep yet are noted and stand for themselves. */
int lower(struct lowering *l, int node);
int lower_or(struct lowering *l, int a, int b); /* -1 is none */
/** Comparisons see through coalesce, case and blanks, so that what remains compares columns; equal to `node` in every row. */
int lower_to_columns(struct lowering *l, int node);
/** Builds the columns that are missing and forgets the graph, which then has to be made again: what the columns hold is known now. Sets
 * *ret_built to their number. */
enum err_code lowering_build(struct lowering *l, size_t *ret_built, struct err *err);

#endif
