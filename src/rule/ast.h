/* The syntax tree of one expression. It keeps the place of every node in the source, because complaints point and
 * explanations quote. Private to src/rule. */
#ifndef XZ_RULE_AST_H
#define XZ_RULE_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define RULE_SOURCE_BYTES_MAX 16384
#define RULE_DEPTH_MAX 100
#define RULE_LIST_MAX 512 /* members of one in (…), arguments of one call, branches of one case */

struct program;

enum ast_kind {
	AST_NULL,
	AST_BOOL,    /* value */
	AST_INT,     /* value */
	AST_DECIMAL, /* value, four places */
	AST_MONEY,   /* value in fen */
	AST_TEXT,    /* text */
	AST_NAME,    /* names: "decided_on", "agency.status", "officers.officer.cert_to" */
	AST_NEGATE,
	AST_NOT,
	AST_AND,
	AST_OR,
	AST_EQ,
	AST_NE,
	AST_LT,
	AST_LE,
	AST_GT,
	AST_GE,
	AST_ADD,
	AST_SUB,
	AST_MUL,
	AST_DIV,
	AST_LIKE,    /* args: text, pattern; negated */
	AST_BETWEEN, /* args: x, low, high; negated */
	AST_IN,      /* args: x, members…; negated */
	AST_IS_NULL, /* args: x; negated */
	AST_AT,      /* args: name, date: the register as it was on that day */
	AST_CASE,    /* args: (condition, value)…, [else] ; has_else */
	AST_CALL,    /* text = function; args; where */
	AST_KIND_COUNT
};

struct ast {
	enum ast_kind kind;
	bool negated; /* not like, not in, not between, is not null */
	bool has_else;
	bool distinct;     /* count(distinct x) */
	bool grouped;      /* stood in its own parentheses */
	uint32_t from, to; /* bytes of the source, [from, to) */
	uint32_t at;       /* the byte a complaint points at: the operator or the name */
	uint32_t at_len;
	int64_t value;
	struct str text;
	struct str *names; /* AST_NAME: 1–4 parts */
	int name_count;
	struct ast **args;
	int arg_count;
	struct ast *where;
	int node;                      /* set by the checker: index of the typed node, -1 before */
	const struct program *program; /* set by the checker: whose node it is; inside an aggregate over records it is another one */
	int param;                     /* set by the checker: index of the rule's parameter this name is, -1 otherwise */
};

/** Where an expression stands in its file, so that a byte of it can be named as line:column. */
struct source {
	struct str text;  /* the expression */
	const char *path; /* of the file; NULL: text without a file */
	struct str what;  /* "when", "unless.transferred", … for messages */
	int line;         /* of the expression's first byte, from 1 */
	int column;       /* of the expression's first byte in that line, from 1 */
	int indent;       /* columns in front of every further line */
};

/**
 * Parses one expression. ERR_SYNTAX: "path:line:column: what is wrong", the line of source, a caret below.
 * Memory: the tree and its texts live in `mem`; texts without escapes borrow from the source.
 */
enum err_code rule_parse(const struct source *source, struct arena *mem, struct ast **ret, struct err *err);

/** err_set with the place in front and the quoted line with carets behind. Bytes [from, from + len) of the source are marked. */
__attribute__((format(printf, 6, 7))) enum err_code source_fail(
	const struct source *source, enum err_code code, uint32_t from, uint32_t len, struct err *err, const char *fmt, ...);

/** Text of a node as it was written. */
static inline struct str ast_source(const struct source *source, const struct ast *a)
{
	return str_sub(source->text, a->from, a->to);
}

/** Whether a name may not be used for a column because the language has it. */
bool rule_is_keyword(struct str word);

#endif
