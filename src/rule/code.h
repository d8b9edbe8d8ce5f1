/* The compiled form of a rule and of a pack. Private to src/rule. */
#ifndef XZ_RULE_CODE_H
#define XZ_RULE_CODE_H

#include "rule/check.h"
#include "rule/rule.h"
#include "rule/vector.h"

/** An expression of a rule: where it stands, its tree, its node. */
struct expression {
	struct source source;
	struct ast *ast; /* NULL: not written */
	int node;
};

/** A message is text and expressions in turn. */
struct message_part {
	struct str text;
	struct expression expression; /* ast NULL: only text */
};

struct rule_code {
	struct program *program; /* of what is judged: records, or groups of them */
	struct check_group group;
	struct expression keys[GROUP_KEYS_MAX];
	int key_nodes[GROUP_KEYS_MAX]; /* having: of the groups' program */
	struct expression members;     /* ast NULL: all records take part */
	struct expression within_by;   /* the date of a window; ast NULL: no window */
	struct expression when;        /* or having */
	struct expression judged_by;   /* ast NULL without a window */
	struct expression act;         /* ast NULL: the law at the act does not matter */
	int in_force;                  /* node; -1: always */
	struct expression exemptions[RULE_EXEMPTIONS_MAX];
	struct expression severities[RULE_SEVERITIES_MAX]; /* ast NULL: the default */
	enum rule_severity severity_is[RULE_SEVERITIES_MAX];
	size_t severity_count;
	struct message_part *parts;
	size_t part_count;
	struct check_param *params; /* beside rule.params */
	const struct yaml *root;
};

struct derivation_slot;

struct rule_pack {
	struct arena *mem;
	struct rule_options options;
	struct rule **rules; /* by id */
	size_t rule_count;
	struct program **programs; /* first one a type of the dictionary (NULL: no rule reads it), then those of groups */
	size_t program_count;
	struct grouping **groupings;
	size_t grouping_count;
	struct derivation_slot *kept; /* what groups came to in the last set, for whoever asks next */
};

/** Is the rule one of those that a run with these options judges by this program's rows? */
static inline bool rule_takes_part(const struct rule *r, const struct rule_run_options *o, const struct program *program)
{
	return r->code->program == program && (!o->only || o->only == r) && (o->inactive || o->only || rule_is_active(r));
}
/** The program of a type's records, made when there is none. */
enum err_code rule_program(struct rule_pack *p, const struct dictionary_type *type, struct program **ret, struct err *err);
/** The grouping equal to this one (records, keys, members), made with its program when there is none. */
enum err_code rule_grouping(struct rule_pack *p, const struct grouping *wanted, struct grouping **ret, struct err *err);

/** Fills `rule` (its id, path and pack are set) from a parsed file. `overrides`: the profile's map for this rule, or NULL. */
enum err_code rule_compile(struct rule_pack *p, struct rule *rule, const struct yaml *root, struct str file_text,
	const struct yaml *overrides, struct err *err);
/** Leaves in which two parts of tests differ; a missing entry counts as one, a far one as many. */
int test_differences(const struct yaml *a, const struct yaml *b);
/** Tells which kinds of tests a rule lacks. */
void rule_missing_tests(const struct rule *rule, void (*on_missing)(void *arg, struct str text), void *arg);

#endif
