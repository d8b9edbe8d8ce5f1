/* What the two files of the checker share. */
#ifndef XZ_RULE_CHECK_PRIVATE_H
#define XZ_RULE_CHECK_PRIVATE_H

#include <stdio.h>

#include "rule/check.h"
#include "rule/vector.h"
#include "yaml/yaml.h"

#define CHECK_NAMES_MAX 512

struct typed {
	int node;
	enum value_type type;
	const struct dictionary_column *codes;
	const struct ast *ast; /* where it is written; NULL: made up */
	const struct source *source;
};

#define CHECK_FAIL(c, a, ...) source_fail((c)->source, ERR_INPUT, (a)->at, (a)->at_len, (c)->err, __VA_ARGS__)
#define CHECK_SOURCE(c, a) STR_ARG(ast_source((c)->source, (a)))

static inline bool type_is_number(enum value_type t)
{
	return t == TYPE_INT || t == TYPE_MONEY || t == TYPE_DECIMAL;
}

static inline bool type_is_ordered(enum value_type t)
{
	return type_is_number(t) || t == TYPE_DATE || t == TYPE_DATETIME;
}

/* ---- check.c ---- */

enum err_code check_any(struct checker *c, struct ast *a, struct typed *ret);
enum err_code check_need(struct checker *c, struct ast *a, enum value_type want, struct typed *ret);
/** The rest of a path behind a row: parts from `part` on. */
enum err_code check_parent(
	struct checker *c, const struct ast *a, int part, int row, const struct dictionary_type *type, struct typed *ret);
/** Looks the record's table, or a child's, for parts[from…]. *ret_found false when its first part is not there. */
enum err_code check_table(struct checker *c, const struct ast *a, int from, int child, bool *ret_found, struct typed *ret);
/** Complains about a name and suggests the nearest of `names`. */
enum err_code check_unknown_name(
	struct checker *c, const struct ast *a, struct str name, const char *where, const struct str *names, size_t count);
struct check_param *check_param_named(struct checker *c, struct str name);
enum err_code check_param_value(struct checker *c, struct ast *a, struct check_param *p, struct typed *ret);
struct typed check_column(struct checker *c, const struct ast *a, int scope, const struct dictionary_column *column);
/** The aggregate of this name, by which the parser already let it through. */
enum aggregate check_aggregate_kind(struct str name);
bool check_is_aggregate(const struct ast *a);

/* ---- check_group.c ---- */

/** An aggregate over the members of the group, or of the window. */
enum err_code check_group_aggregate(struct checker *c, struct ast *a, struct typed *ret);
/** An aggregate over the records that refer to this one. */
enum err_code check_referrers(struct checker *c, struct ast *a, const struct dictionary_referrer *r, struct typed *ret);
/** The referrers that an aggregate's argument names, or NULL. */
const struct dictionary_referrer *referrers_in(const struct dictionary_type *t, const struct ast *a);
enum err_code check_share(struct checker *c, struct ast *a, struct typed *ret);
enum err_code check_prior(struct checker *c, struct ast *a, struct typed *ret);
/** A name in having, or of a key in when. *ret_found false when no key has it. */
enum err_code check_key_name(struct checker *c, const struct ast *a, bool *ret_found, struct typed *ret);
/** Inside an aggregate over referrers: a column of the record they refer to. */
enum err_code check_referred_name(struct checker *c, struct ast *a, bool *ret_found, struct typed *ret);
/** Names that nothing in having answers to. */
enum err_code check_fail_group_name(struct checker *c, const struct ast *a);
/** An expression written as a key is written stands for the key. */
bool check_is_key(struct checker *c, const struct ast *a, struct typed *ret);

#endif
