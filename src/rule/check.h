/* From syntax to typed nodes: names against the dictionary, types against each other. Private to src/rule. */
#ifndef XZ_RULE_CHECK_H
#define XZ_RULE_CHECK_H

#include "rule/ast.h"
#include "rule/program.h"

/** A parameter that changed with the law: its value from a day on. */
struct check_version {
	int32_t from;
	struct ast *value;
	const struct source *source;
};

/** Which version applies: the one in force at the act, or at the decision when that favours the party (行政处罚法 37). */
struct check_choice {
	struct check_version *versions; /* by day; NULL: the parameter has one value */
	size_t count;
	struct source act_source, decision_source;
	struct ast *act; /* NULL: only the decision's date counts */
	struct ast *decision;
	bool larger; /* which value favours the party */
};

/** A parameter as the checker needs it: one literal, or several for `in`. */
struct check_param {
	struct str name;
	struct ast **values;
	size_t value_count;
	const struct source *source; /* of the literals, for complaints */
	struct check_choice choice;
	bool used;
};

/** A key of a group by the name that having and message use. */
struct check_key {
	struct str name;
	struct str source; /* as written */
	int node;          /* of the records' program */
	enum value_type type;
	const struct dictionary_column *codes;
	const struct dictionary_type *target; /* TYPE_ROW */
};

/** What a rule divides its records by, for the checker. */
struct check_group {
	struct grouping *grouping; /* NULL: no group */
	struct check_key keys[GROUP_KEYS_MAX];
	bool having;           /* the group is judged, not each record */
	int64_t days;          /* window; 0: none */
	int date, date_absent; /* window: nodes of the records' program */
};

struct rule_pack;

struct checker {
	struct program *program;
	struct rule_pack *pack;
	const struct check_group *group;            /* NULL: no group */
	bool inside;                                /* an aggregate over records: names are those of its members */
	const struct dictionary_referrer *referrer; /* inside an aggregate over these */
	const struct dictionary_type *referred;     /* whose referrers they are */
	const struct dictionary *dictionary;
	const struct source *source;
	struct check_param *params;
	size_t param_count;
	bool display;    /* messages: anything may become text */
	bool row_wanted; /* a name may end at a reference: its row is the value */
	int child;       /* the collection whose rows are walked; -1: the record */
	struct err *err;
};

/** Types an expression. @param want  TYPE_COUNT takes anything; else ERR_INPUT when it is another type. @param ret_node  its node */
enum err_code rule_check(struct checker *c, struct ast *a, enum value_type want, int *ret_node);
/** Types the key of a group: a value of any type, or a reference. */
enum err_code rule_check_key(struct checker *c, struct ast *a, struct check_key *ret);
/** Chinese name of a type: 日期, 金额, … */
const char *value_type_title(enum value_type t);

#endif
