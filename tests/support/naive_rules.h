/* A second evaluator of the rule language that walks the syntax tree row by row, for the properties that compare it with the engine.
 * Everything is as slow and as plain as it gets. */
#ifndef XZ_TESTS_SUPPORT_NAIVE_RULES_H
#define XZ_TESTS_SUPPORT_NAIVE_RULES_H

#include "rule/code.h"
#include "support/random_rules.h"

#define TODAY 20634 /* 2026-06-30 */

/* ---- the naive evaluator ---- */

enum state { HAS, EMPTY, ABSENT };

struct value {
	enum state state;
	enum value_type type;
	int64_t i;
	struct str s;
	bool literal;
};

/** Records that an aggregate is about: of a group, of a window, those that refer to a record. */
struct cohort {
	const struct rule *rule; /* whose keys the group has; NULL: referrers */
	const struct record *const *rows;
	int count;
	bool absent;  /* something about the members is not known from the start */
	bool outside; /* the record is in no group: there are no aggregates */
	bool whole;   /* all of the group */
	int group;    /* number in naive_groups */
};

struct place {
	const struct record *row;
	int child; /* -1: the record */
	int member;
	const struct cohort *cohort; /* NULL: no aggregates over records here */
	bool of_group;               /* the group is judged: names are keys */
	bool of_agency;              /* row is an agency */
};

/** The groups of the rule that is judged. */
struct naive_group {
	struct value keys[GROUP_KEYS_MAX];
	const struct record **rows;
	int count;
};
static struct naive_group *naive_groups;
static int naive_group_count;

static inline struct value walk(struct place at, const struct ast *a);

static inline struct value none(enum value_type type, bool absent)
{
	return (struct value){ .state = absent ? ABSENT : EMPTY, .type = type };
}

static inline struct value truth(bool holds)
{
	return (struct value){ .type = TYPE_BOOL, .i = holds };
}

static inline struct value number(enum value_type type, int64_t i)
{
	return (struct value){ .type = type, .i = i };
}

static inline struct value from_column(const struct dictionary_column *c, const struct dictionary_value *v, bool supplied)
{
	struct value out = { .state = !supplied ? ABSENT : v->null ? EMPTY : HAS, .type = (enum value_type)c->type, .i = v->i, .s = v->s };

	return out;
}

static const struct record *by_key(const struct table *t, const char *column, const struct dictionary_value *key)
{
	int at = dictionary_column(t->type, str_of(column))->index;

	for (int i = 0; !key->null && i < t->count; i++)
		if (!t->rows[i].values[at].null && str_eq(t->rows[i].values[at].s, key->s))
			return &t->rows[i];
	return NULL;
}

static inline struct value from_parent(const struct table *t, const struct record *parent, struct str column)
{
	const struct dictionary_column *c = dictionary_column(t->type, column);

	if (!parent)
		return none((enum value_type)c->type, true);
	return from_column(c, &parent->values[c->index], frame_bit(t->supplies[parent->supply].columns, (size_t)c->index));
}

static const struct record *agency_of(const struct record *row, bool superior)
{
	const struct record *parent = by_key(&agencies, "code", &row->values[dictionary_column(penalty, STR("agency_code"))->index]);

	if (!superior || !parent)
		return parent;
	return by_key(&agencies, "code", &parent->values[dictionary_column(agency, STR("superior_code"))->index]);
}

/** agency.rank, agency.superior.rank */
static inline struct value from_agency(const struct record *row, const struct ast *a)
{
	return from_parent(&agencies, agency_of(row, a->name_count == 3), a->names[a->name_count - 1]);
}

static inline struct value walk_name(struct place at, const struct ast *a)
{
	if (at.of_agency)
		return from_parent(&agencies, at.row, a->names[0]);
	if (!dictionary_column(penalty, a->names[a->name_count - 1]) && a->name_count == 1 && at.child < 0)
		return from_agency(at.row, a); /* of the record that this one refers to */
	const struct frame_supply *supply;
	const struct dictionary_column *c;
	int from = a->name_count > 1 && dictionary_child(penalty, a->names[0]) ? 1 : 0;

	if (str_eq(a->names[0], STR("agency")))
		return from_agency(at.row, a);
	supply = &penalties.supplies[at.row->supply];
	if (at.child >= 0) {
		const struct dictionary_child *child = &penalty->children[at.child];
		const struct dictionary_value *values = at.row->members[at.child][at.member].values;

		if (str_eq(a->names[from], STR("officer")))
			return from_parent(&officers,
				by_key(&officers, "cert_no", &values[dictionary_child_column(child, STR("cert_no"))->index]),
				a->names[from + 1]);
		c = dictionary_child_column(child, a->names[from]);
		if (c)
			return from_column(c, &values[c->index], frame_bit(supply->child_columns[at.child], (size_t)c->index));
	}
	c = dictionary_column(penalty, a->names[a->name_count - 1]);
	return from_column(c, &at.row->values[c->index], frame_bit(supply->columns, (size_t)c->index));
}

/** Takes the literal's type from the other side, and integers to decimals. */
static inline void meet(struct value *x, struct value *y)
{
	struct value *sides[2] = { x, y };
	int32_t day;
	int64_t civil;

	for (int k = 0; k < 2; k++) {
		struct value *s = sides[k], *o = sides[!k];

		if (s->literal && o->type == TYPE_DATE && day_parse(s->s, &day))
			*s = number(TYPE_DATE, day);
		else if (s->literal && o->type == TYPE_DATETIME && civil_parse(s->s, &civil))
			*s = number(TYPE_DATETIME, civil);
		else if (s->type == TYPE_INT && o->type == TYPE_DECIMAL) {
			s->type = TYPE_DECIMAL;
			if (s->state == HAS && __builtin_mul_overflow(s->i, (int64_t)10000, &s->i))
				*s = none(TYPE_DECIMAL, false);
		}
	}
}

static inline bool any_absent(const struct value *v, int n)
{
	for (int i = 0; i < n; i++)
		if (v[i].state == ABSENT)
			return true;
	return false;
}

static inline int order_of(const struct value *x, const struct value *y)
{
	if (x->type == TYPE_TEXT || x->type == TYPE_CODE)
		return str_cmp(x->s, y->s);
	return x->i < y->i ? -1 : x->i > y->i;
}

static inline struct value compare(enum ast_kind kind, struct value x, struct value y)
{
	struct value both[2];
	int o;

	meet(&x, &y);
	both[0] = x;
	both[1] = y;
	if (x.state != HAS || y.state != HAS)
		return none(TYPE_BOOL, any_absent(both, 2));
	o = order_of(&x, &y);
	return truth(kind == AST_EQ   ? o == 0
		     : kind == AST_NE ? o != 0
		     : kind == AST_LT ? o < 0
		     : kind == AST_LE ? o <= 0
		     : kind == AST_GT ? o > 0
				      : o >= 0);
}

static inline struct value kleene(enum ast_kind kind, struct value x, struct value y)
{
	struct value both[2] = { x, y };
	bool decides = kind == AST_OR;

	if ((x.state == HAS && (x.i != 0) == decides) || (y.state == HAS && (y.i != 0) == decides))
		return truth(decides);
	if (x.state == HAS && y.state == HAS)
		return truth(!decides);
	return none(TYPE_BOOL, any_absent(both, 2));
}

static inline struct value negate(struct value x)
{
	return x.state == HAS ? truth(!x.i) : x;
}

/** Rounded half away from zero. */
static inline struct value rounded(enum value_type type, __int128 num, __int128 den)
{
	__int128 q, n = num < 0 ? -num : num, d = den < 0 ? -den : den;

	q = n / d;
	if (2 * (n % d) >= d)
		q++;
	if ((num < 0) != (den < 0))
		q = -q;
	return q > INT64_MAX || q < INT64_MIN ? none(type, false) : number(type, (int64_t)q);
}

static inline struct value fits(enum value_type type, __int128 v)
{
	return v > INT64_MAX || v < INT64_MIN ? none(type, false) : number(type, (int64_t)v);
}

static inline struct value day_or_none(__int128 day)
{
	return day < -719162 || day > 2932896 ? none(TYPE_DATE, false) : number(TYPE_DATE, (int64_t)day);
}

static inline struct value sum(enum ast_kind kind, struct value x, struct value y)
{
	struct value both[2];
	int sign = kind == AST_ADD ? 1 : -1;

	meet(&x, &y);
	both[0] = x;
	both[1] = y;
	if (x.state != HAS || y.state != HAS)
		return none(x.type == TYPE_DATE && y.type == TYPE_DATE ? TYPE_INT
			    : y.type == TYPE_DATE                      ? TYPE_DATE
								       : x.type,
			any_absent(both, 2));
	if (x.type == TYPE_DATE && y.type == TYPE_DATE)
		return number(TYPE_INT, x.i - y.i);
	if (x.type == TYPE_DATE && kind == AST_SUB && y.i == INT64_MIN)
		return none(TYPE_DATE, false);
	if (x.type == TYPE_DATE || y.type == TYPE_DATE)
		return day_or_none((__int128)x.i + sign * (__int128)y.i);
	return fits(x.type, (__int128)x.i + sign * (__int128)y.i);
}

static inline struct value product(enum ast_kind kind, struct value x, struct value y)
{
	struct value both[2] = { x, y };
	bool xd = x.type == TYPE_DECIMAL, yd = y.type == TYPE_DECIMAL, xm = x.type == TYPE_MONEY, ym = y.type == TYPE_MONEY;
	enum value_type type = kind == AST_MUL ? (xm || ym          ? TYPE_MONEY
							 : xd || yd ? TYPE_DECIMAL
								    : TYPE_INT)
	                                       : (xm && !ym ? TYPE_MONEY : TYPE_DECIMAL);

	if (x.state != HAS || y.state != HAS)
		return none(type, any_absent(both, 2));
	if (kind == AST_MUL)
		return (xd || xm) && (yd || ym) ? rounded(type, (__int128)x.i * y.i, 10000) : fits(type, (__int128)x.i * y.i);
	if (x.type == TYPE_INT && yd) {
		struct value wide = fits(TYPE_DECIMAL, (__int128)x.i * 10000);

		if (wide.state != HAS || y.i == 0)
			return none(type, false);
		return rounded(type, (__int128)wide.i * 10000, y.i);
	}
	if (y.i == 0)
		return none(type, false);
	return x.type == y.type || yd ? rounded(type, (__int128)x.i * 10000, y.i) : rounded(type, x.i, y.i);
}

static inline bool like_naive(const char *s, size_t sn, const char *p, size_t pn)
{
	size_t at = 0;

	if (pn == 0)
		return sn == 0;
	if (p[0] == '%') {
		for (size_t k = 0; k <= sn; k++)
			if (like_naive(s + k, sn - k, p + 1, pn - 1))
				return true;
		return false;
	}
	if (sn == 0)
		return false;
	if (p[0] == '_') {
		utf8_next((struct str){ .ptr = s, .len = sn }, &at);
		return like_naive(s + at, sn - at, p + 1, pn - 1);
	}
	return s[0] == p[0] && like_naive(s + 1, sn - 1, p + 1, pn - 1);
}

static inline bool matches_naive(struct str s, struct str pattern)
{
	int error;
	PCRE2_SIZE offset;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, PCRE2_UTF | PCRE2_UCP, &error, &offset, NULL);
	pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
	int found = pcre2_match(code, (PCRE2_SPTR)s.ptr, s.len, 0, 0, data, NULL);

	pcre2_match_data_free(data);
	pcre2_code_free(code);
	return found >= 0;
}

static inline struct value walk_case(struct place at, const struct ast *a)
{
	for (int i = 0; i + 1 < a->arg_count; i += 2) {
		struct value c = walk(at, a->args[i]);

		if (c.state == ABSENT)
			return none(TYPE_NULL, true);
		if (c.state == HAS && c.i)
			return walk(at, a->args[i + 1]);
	}
	return a->has_else ? walk(at, a->args[a->arg_count - 1]) : none(TYPE_NULL, false);
}

/* ---- aggregates ---- */

struct tally {
	struct value best, order;
	__int128 wide;
	bool has, absent, unknown, false_, overflow;
	int64_t count;
};

static inline bool is_call(const struct ast *a, const char *name)
{
	return str_eq(a->text, str_of(name));
}

static inline void tally_extreme(struct tally *t, const struct ast *a, struct value v)
{
	bool less = t->has && v.i < t->best.i;

	if (is_call(a, "sum")) {
		struct value s = t->has ? fits(v.type, (__int128)t->best.i + v.i) : v;

		t->overflow |= s.state != HAS;
		t->best = s;
	} else if (!t->has || less == is_call(a, "min")) {
		t->best = v;
	}
	t->has = true;
}

static inline void tally_ordered(struct tally *t, const struct ast *a, struct value v, struct value order)
{
	bool first = is_call(a, "first");

	if (v.state == ABSENT || order.state == ABSENT)
		t->absent = true;
	if (v.state == ABSENT || order.state != HAS)
		return;
	if (t->has && (first ? order.i >= t->order.i : order.i < t->order.i))
		return;
	t->best = v;
	t->order = order;
	t->has = true;
}

static inline void tally_member(struct tally *t, struct place m, const struct ast *a, bool bare)
{
	const struct dictionary_child *child = &penalty->children[m.child];
	bool all_where = is_call(a, "all") && bare;
	struct value f = a->where && !all_where ? walk(m, a->where) : truth(true);
	struct value v = bare ? (all_where ? walk(m, a->where) : truth(true)) : walk(m, a->args[0]);

	if (is_call(a, "exists") && !bare)
		f = kleene(AST_AND, f, v);
	if (f.state == ABSENT)
		t->absent = true;
	if (f.state != HAS || !f.i)
		return;
	if (is_call(a, "count")) {
		t->count += v.state == HAS;
		t->absent |= v.state == ABSENT;
	} else if (is_call(a, "exists") || (is_call(a, "any") && bare)) {
		t->has = true;
	} else if (is_call(a, "any") || is_call(a, "all")) {
		t->has |= v.state == HAS && v.i;
		t->false_ |= v.state == HAS && !v.i;
		t->unknown |= v.state != HAS;
		t->absent |= v.state == ABSENT;
	} else if (is_call(a, "first") || is_call(a, "last")) {
		struct value order =
			child->order < 0
				? number(TYPE_INT, m.member)
				: from_column(&child->columns[child->order], &m.row->members[m.child][m.member].values[child->order],
					  frame_bit(penalties.supplies[m.row->supply].child_columns[m.child], (size_t)child->order));

		tally_ordered(t, a, v, order);
	} else {
		t->absent |= v.state == ABSENT;
		if (v.state == HAS)
			tally_extreme(t, a, v);
	}
}

static inline bool is_aggregate(const struct ast *a);

static inline int child_in(const struct ast *a)
{
	int found = -1;

	if (a->kind == AST_CALL && is_aggregate(a)) /* of its own */
		return -1;
	if (a->kind == AST_NAME)
		return dictionary_child(penalty, a->names[0]) ? dictionary_child(penalty, a->names[0])->index : -1;
	for (int i = 0; i < a->arg_count && found < 0; i++)
		found = child_in(a->args[i]);
	return found;
}

static inline struct value walk_aggregate(struct place at, const struct ast *a)
{
	struct tally t = { 0 };
	int child = child_in(a->args[0]);
	bool bare = a->args[0]->kind == AST_NAME && a->args[0]->name_count == 1;

	if (!(penalties.supplies[at.row->supply].children >> child & 1))
		return none(TYPE_NULL, true);
	for (int m = 0; m < at.row->member_count[child]; m++)
		tally_member(&t, (struct place){ at.row, child, m, NULL, false, false }, a, bare);
	if (is_call(a, "count"))
		return t.absent ? none(TYPE_INT, true) : number(TYPE_INT, t.count);
	if (is_call(a, "exists") || is_call(a, "any"))
		return t.has ? truth(true) : t.absent || t.unknown ? none(TYPE_BOOL, t.absent) : truth(false);
	if (is_call(a, "all"))
		return t.false_ ? truth(false) : t.absent || t.unknown ? none(TYPE_BOOL, t.absent) : truth(true);
	if (t.absent || t.overflow || !t.has)
		return none(t.best.type, t.absent);
	return t.best;
}

/* ---- aggregates over records ---- */

static inline int by_value(const void *a, const void *b)
{
	const struct value *x = a, *y = b;

	return order_of(x, y);
}

/** Between two neighbours the part of the way, rounded half up. */
static inline struct value position(struct value *v, int n, int64_t q)
{
	__int128 at = (__int128)q * (n - 1);
	int low = (int)(at / 10000);
	__int128 way = at % 10000 ? ((__int128)v[low + 1].i - v[low].i) * (at % 10000) : 0;

	return fits(v[0].type, v[low].i + (way + 5000) / 10000);
}

static inline struct value all_values(const struct ast *a, struct value *v, int n)
{
	int64_t different = 0;

	qsort(v, (size_t)n, sizeof(*v), by_value);
	if (a->distinct) {
		for (int i = 0; i < n; i++)
			different += i == 0 || order_of(&v[i], &v[i - 1]) != 0;
		return number(TYPE_INT, different);
	}
	if (n == 0)
		return none(TYPE_NULL, false);
	if (is_call(a, "mad")) {
		struct value middle = position(v, n, 5000);

		for (int i = 0; i < n; i++) {
			__int128 away = (__int128)v[i].i - middle.i;

			v[i] = fits(v[i].type, away < 0 ? -away : away);
			if (v[i].state != HAS)
				return none(v[i].type, false);
		}
		qsort(v, (size_t)n, sizeof(*v), by_value);
	}
	return position(
		v, n, is_call(a, "quantile") ? (a->args[1]->kind == AST_INT ? a->args[1]->value * 10000 : a->args[1]->value) : 5000);
}

static inline bool needs_all_values(const struct ast *a)
{
	return a->distinct || is_call(a, "median") || is_call(a, "mad") || is_call(a, "quantile");
}

/** Which of a name's records an agency is: a reference as a value. */
static inline struct value walk_reference(struct place m)
{
	const struct record *parent = agency_of(m.row, false);

	return parent ? number(TYPE_ROW, parent - agencies.rows) : none(TYPE_ROW, true);
}

static inline bool is_reference(const struct ast *a)
{
	return a->kind == AST_NAME && a->name_count == 1 && str_eq(a->names[0], STR("agency"));
}

/** The value of one more member. `kept` holds all values for those who need them. */
static inline void tally_record(struct tally *t, struct place m, const struct ast *a, bool bare, struct value *kept, int *kept_count)
{
	bool all_where = is_call(a, "all") && bare;
	struct value f = a->where && !all_where ? walk(m, a->where) : truth(true);
	struct value v = bare                       ? (all_where ? walk(m, a->where) : truth(true))
	                 : is_reference(a->args[0]) ? walk_reference(m)
	                                            : walk(m, a->args[0]);

	if (is_call(a, "exists") && !bare)
		f = kleene(AST_AND, f, v);
	t->absent |= f.state == ABSENT;
	if (f.state != HAS || !f.i)
		return;
	if (needs_all_values(a)) {
		t->absent |= v.state == ABSENT;
		if (v.state == HAS)
			kept[(*kept_count)++] = v;
	} else if (is_call(a, "count")) {
		t->count += v.state == HAS;
		t->absent |= v.state == ABSENT;
	} else if (is_call(a, "exists") || (is_call(a, "any") && bare)) {
		t->has = true;
	} else if (is_call(a, "any") || is_call(a, "all")) {
		t->has |= v.state == HAS && v.i;
		t->false_ |= v.state == HAS && !v.i;
		t->unknown |= v.state != HAS;
		t->absent |= v.state == ABSENT;
	} else if (is_call(a, "first") || is_call(a, "last")) {
		int c = dictionary_column(penalty, STR("decided_on"))->index;

		tally_ordered(t, a, v,
			from_column(
				&penalty->columns[c], &m.row->values[c], frame_bit(penalties.supplies[m.row->supply].columns, (size_t)c)));
	} else {
		t->absent |= v.state == ABSENT;
		if (v.state == HAS && is_call(a, "sum"))
			t->wide += v.i, t->best = v, t->has = true;
		else if (v.state == HAS)
			tally_extreme(t, a, v);
	}
}

static inline struct value fold_records(const struct cohort *c, const struct ast *a, bool bare)
{
	struct tally t = { .absent = c->absent };
	struct value *kept = calloc((size_t)c->count + 1, sizeof(*kept)), all;
	int kept_count = 0;

	for (int i = 0; i < c->count; i++)
		tally_record(&t, (struct place){ c->rows[i], .child = -1 }, a, bare, kept, &kept_count);
	all = needs_all_values(a) && !t.absent ? all_values(a, kept, kept_count) : none(TYPE_INT, t.absent);
	free(kept);
	if (needs_all_values(a))
		return all;
	if (is_call(a, "count"))
		return t.absent ? none(TYPE_INT, true) : number(TYPE_INT, t.count);
	if (is_call(a, "exists") || is_call(a, "any"))
		return t.has ? truth(true) : t.absent || t.unknown ? none(TYPE_BOOL, t.absent) : truth(false);
	if (is_call(a, "all"))
		return t.false_ ? truth(false) : t.absent || t.unknown ? none(TYPE_BOOL, t.absent) : truth(true);
	if (t.absent || !t.has)
		return none(t.best.type, t.absent);
	return is_call(a, "sum") ? fits(t.best.type, t.wide) : t.best;
}

/** What was folded before, by expression and group. */
#define FOLDS_MAX 64
static struct {
	const struct ast *a;
	struct value *values;
	bool *known;
} naive_folds[FOLDS_MAX];

static inline void forget_folds(void)
{
	for (int i = 0; i < FOLDS_MAX; i++) {
		free(naive_folds[i].values);
		free(naive_folds[i].known);
	}
	memset(naive_folds, 0, sizeof(naive_folds));
}

static inline struct value fold_group(const struct rule *rule, int group, const struct ast *a)
{
	int at = 0;
	struct cohort c = { .rule = rule, .rows = naive_groups[group].rows, .count = naive_groups[group].count, .group = group };

	while (naive_folds[at].a && naive_folds[at].a != a)
		at++;
	assert_true(at < FOLDS_MAX - 1);
	if (!naive_folds[at].a) {
		naive_folds[at].a = a;
		naive_folds[at].values = calloc((size_t)naive_group_count + 1, sizeof(struct value));
		naive_folds[at].known = calloc((size_t)naive_group_count + 1, sizeof(bool));
	}
	if (!naive_folds[at].known[group]) {
		naive_folds[at].values[group] = fold_records(&c, a, a->arg_count == 0);
		naive_folds[at].known[group] = true;
	}
	return naive_folds[at].values[group];
}

static inline int key_of(const struct rule *rule, const struct ast *a)
{
	const struct check_group *g = &rule->code->group;

	for (size_t i = 0; i < g->grouping->key_count; i++)
		if (a->kind == AST_NAME && str_eq(g->keys[i].name, a->names[0]))
			return (int)i;
	return -1;
}

static inline struct value walk_share(const struct cohort *c, const struct ast *a)
{
	struct value mine = fold_group(c->rule, c->group, a->args[0]);
	__int128 total = 0;
	bool absent = false;

	for (int g = 0; g < naive_group_count; g++) {
		struct value v;
		bool same = true;

		for (int k = 1; k < a->arg_count; k++) {
			int key = key_of(c->rule, a->args[k]);

			same &= order_of(&naive_groups[g].keys[key], &naive_groups[c->group].keys[key]) == 0;
		}
		if (!same)
			continue;
		v = fold_group(c->rule, g, a->args[0]);
		absent |= v.state == ABSENT;
		total += v.state == HAS ? v.i : 0;
	}
	if (absent || mine.state != HAS || total == 0)
		return none(TYPE_DECIMAL, absent);
	return rounded(TYPE_DECIMAL, (__int128)mine.i * 10000, total);
}

static inline struct value walk_prior(const struct cohort *c, const struct ast *a)
{
	const struct grouping *grouping = c->rule->code->group.grouping;
	int period = grouping->period;

	for (int g = 0; g < naive_group_count; g++) {
		bool same = true;

		for (int k = 0; k < (int)grouping->key_count; k++) {
			struct value x = naive_groups[g].keys[k], y = naive_groups[c->group].keys[k];

			if (k == period && x.type == TYPE_DATE) { /* months are told apart by their number since the year 0 */
				struct ymd m = day_to_ymd((int32_t)x.i), n = day_to_ymd((int32_t)y.i);

				same &= m.year * 12 + m.month + a->args[1]->value == n.year * 12 + n.month;
			} else {
				x.i += k == period ? a->args[1]->value / 12 : 0;
				same &= order_of(&x, &y) == 0;
			}
		}
		if (same)
			return fold_group(c->rule, g, a->args[0]);
	}
	return none(TYPE_NULL, false);
}

static inline bool is_aggregate(const struct ast *a)
{
	static const char *const names[] = { "count", "exists", "min", "max", "sum", "any", "all", "first", "last", "median", "mad",
		"quantile", "share", "prior" };

	for (size_t i = 0; a->kind == AST_CALL && i < sizeof(names) / sizeof(names[0]); i++)
		if (is_call(a, names[i]))
			return true;
	return false;
}

/** Keys of a judged group, and aggregates over records. False: the expression is an ordinary one. */
static inline bool walk_cohort(struct place at, const struct ast *a, struct value *ret)
{
	const struct cohort *c = at.cohort;
	int key;

	if (at.of_group) {
		for (size_t i = 0; i < c->rule->group_count; i++)
			if (a->node == c->rule->code->key_nodes[i] && a->program == c->rule->code->program) {
				*ret = naive_groups[c->group].keys[i];
				return true;
			}
		key = a->kind == AST_NAME && a->name_count > 1 ? key_of(c->rule, a) : -1;
		if (key >= 0) { /* agency.rank, agency.superior.rank */
			const struct record *parent = &agencies.rows[naive_groups[c->group].keys[key].i];

			if (a->name_count == 3)
				parent = by_key(&agencies, "code", &parent->values[dictionary_column(agency, STR("superior_code"))->index]);
			*ret = from_parent(&agencies, parent, a->names[a->name_count - 1]);
			return true;
		}
	}
	if (!is_aggregate(a) || (!at.of_group && !at.of_agency && a->arg_count > 0 && child_in(a->args[0]) >= 0))
		return false;
	*ret = c->outside            ? none(TYPE_INT, c->absent)
	       : is_call(a, "share") ? walk_share(c, a)
	       : is_call(a, "prior") ? walk_prior(c, a)
	       : c->whole            ? fold_group(c->rule, c->group, a)
	                             : fold_records(c, a,
					       a->arg_count == 0 || (at.of_agency && a->args[0]->kind == AST_NAME && a->args[0]->name_count == 1));
	return true;
}

/* ---- functions ---- */

static inline struct value walk_least(struct place at, const struct ast *a)
{
	struct value best = walk(at, a->args[0]);

	for (int i = 1; i < a->arg_count; i++) {
		struct value v = walk(at, a->args[i]), both[2] = { best, v };

		if (best.state != HAS || v.state != HAS)
			best = none(v.type, any_absent(both, 2));
		else if ((v.i < best.i) == is_call(a, "least"))
			best = v;
	}
	return best;
}

static inline struct value walk_deadline(struct value start, struct value n, struct str unit_text, bool rolls)
{
	struct value both[2] = { start, n };
	enum period_unit unit;
	int64_t moved;
	int32_t due;

	assert_true(period_unit_parse(unit_text, &unit));
	if (start.state != HAS || n.state != HAS)
		return none(unit == UNIT_HOUR ? TYPE_DATETIME : TYPE_DATE, any_absent(both, 2));
	if (unit == UNIT_HOUR)
		return __builtin_mul_overflow(n.i, (int64_t)3600, &moved) ? none(TYPE_DATETIME, false)
		                                                          : fits(TYPE_DATETIME, (__int128)start.i + moved);
	due = calendar_deadline(calendar, (int32_t)start.i, n.i, unit, rolls);
	return due == DAY_NONE ? none(TYPE_DATE, false) : number(TYPE_DATE, due);
}

/** agency.status @ day: of the periods that hold the day the one that began last; an open beginning is before every other. */
static inline struct value walk_as_of(struct place at, const struct ast *a)
{
	const struct ast *path = a->args[0];
	const struct dictionary_history *h = &agency->history;
	const struct dictionary_child *periods = &agency->children[h->child];
	const struct dictionary_column *c = dictionary_child_column(periods, path->names[path->name_count - 1]);
	const struct record *parent = agency_of(at.row, path->name_count == 3);
	const struct frame_supply *supply = parent ? &agencies.supplies[parent->supply] : NULL;
	const struct dictionary_value *best = NULL;
	struct value day = walk(at, a->args[1]);

	if (!parent || !(supply->children >> h->child & 1) || !frame_bit(supply->child_columns[h->child], (size_t)c->index) ||
		!frame_bit(supply->child_columns[h->child], (size_t)h->from) || day.state != HAS)
		return none((enum value_type)c->type, !(parent && day.state == EMPTY) || !(supply->children >> h->child & 1) ||
							      !frame_bit(supply->child_columns[h->child], (size_t)c->index) ||
							      !frame_bit(supply->child_columns[h->child], (size_t)h->from));
	for (int m = 0; m < parent->member_count[h->child]; m++) {
		const struct dictionary_value *v = parent->members[h->child][m].values;

		if ((!v[h->from].null && v[h->from].i > day.i) || (!v[h->to].null && v[h->to].i < day.i))
			continue;
		if (!best || best[h->from].null || (!v[h->from].null && v[h->from].i >= best[h->from].i))
			best = v;
	}
	return best ? from_column(c, &best[c->index], true) : none((enum value_type)c->type, false);
}

/** Functions of values only: null when any argument is. */
static inline struct value walk_strict(const struct ast *a, const struct value *v)
{
	struct ymd ymd;

	if (is_call(a, "abs"))
		return fits(v[0].type, v[0].i < 0 ? -(__int128)v[0].i : v[0].i);
	if (is_call(a, "days"))
		return number(TYPE_INT, v[1].i - v[0].i);
	if (is_call(a, "workdays"))
		return number(TYPE_INT, calendar_workdays(calendar, (int32_t)v[0].i, (int32_t)v[1].i));
	if (is_call(a, "is_workday"))
		return truth(calendar_is_workday(calendar, (int32_t)v[0].i));
	if (is_call(a, "contains"))
		return truth(str_has(v[0].s, v[1].s));
	if (is_call(a, "matches"))
		return truth(matches_naive(v[0].s, v[1].s));
	if (is_call(a, "date"))
		return number(TYPE_DATE, v[0].i / 86400);
	if (is_call(a, "yuan"))
		return v[0].type == TYPE_INT ? fits(TYPE_MONEY, (__int128)v[0].i * 100) : rounded(TYPE_MONEY, v[0].i, 100);
	if (is_call(a, "starts_with"))
		return truth(v[1].s.len <= v[0].s.len && str_eq(str_sub(v[0].s, 0, v[1].s.len), v[1].s));
	if (is_call(a, "length"))
		return number(TYPE_INT, (int64_t)utf8_count(v[0].s));
	if (is_call(a, "is_holiday"))
		return truth(calendar_off_name(calendar, (int32_t)v[0].i).len > 0);
	if (is_call(a, "hour"))
		return number(TYPE_INT, v[0].i / 3600 - v[0].i / 86400 * 24);
	ymd = day_to_ymd((int32_t)v[0].i);
	if (is_call(a, "month_start"))
		return number(TYPE_DATE, day_from_ymd(ymd.year, ymd.month, 1));
	if (is_call(a, "quarter_start"))
		return number(TYPE_DATE, day_from_ymd(ymd.year, ymd.month - (ymd.month - 1) % 3, 1));
	return number(TYPE_INT, is_call(a, "month") ? ymd.month : ymd.year);
}

static inline enum value_type strict_type(const struct ast *a, const struct value *v)
{
	if (is_call(a, "abs"))
		return v[0].type;
	if (is_call(a, "date") || is_call(a, "month_start") || is_call(a, "quarter_start"))
		return TYPE_DATE;
	if (is_call(a, "yuan"))
		return TYPE_MONEY;
	return is_call(a, "starts_with") || is_call(a, "is_holiday") || is_call(a, "is_workday") || is_call(a, "contains") ||
	                       is_call(a, "matches")
	               ? TYPE_BOOL
	               : TYPE_INT;
}

static inline struct value walk_call(struct place at, const struct ast *a)
{
	static const char *const aggregates[] = { "count", "exists", "min", "max", "sum", "any", "all", "first", "last" };
	struct value v[4] = { 0 };

	for (size_t i = 0; i < sizeof(aggregates) / sizeof(aggregates[0]); i++)
		if (is_call(a, aggregates[i]))
			return walk_aggregate(at, a);
	if (is_call(a, "today"))
		return number(TYPE_DATE, TODAY);
	if (is_call(a, "least") || is_call(a, "greatest"))
		return walk_least(at, a);
	for (int i = 0; i < a->arg_count && i < 4; i++)
		v[i] = walk(at, a->args[i]);
	if (is_call(a, "coalesce")) {
		for (int i = 0; i < a->arg_count; i++)
			if (v[i].state != EMPTY)
				return v[i].state == ABSENT ? none(v[i].type, true) : v[i];
		return v[a->arg_count - 1];
	}
	if (is_call(a, "nullif")) {
		struct value equal = compare(AST_EQ, v[0], v[1]);

		return equal.state == ABSENT ? none(v[0].type, true) : equal.state == HAS && equal.i ? none(v[0].type, false) : v[0];
	}
	if (is_call(a, "deadline") || is_call(a, "deadline_plain"))
		return walk_deadline(v[0], v[1], v[2].s, is_call(a, "deadline"));
	for (int i = 0; i < a->arg_count; i++)
		if (v[i].state != HAS)
			return none(strict_type(a, v), any_absent(v, a->arg_count));
	return walk_strict(a, v);
}

static inline struct value walk_in(struct place at, const struct ast *a)
{
	struct value x = walk(at, a->args[0]), out = truth(false);

	for (int i = 1; i < a->arg_count; i++)
		out = kleene(AST_OR, out, compare(AST_EQ, x, walk(at, a->args[i])));
	return a->negated ? negate(out) : out;
}

static inline struct value walk_between(struct place at, const struct ast *a)
{
	struct value x = walk(at, a->args[0]);
	struct value out = kleene(AST_AND, compare(AST_GE, x, walk(at, a->args[1])), compare(AST_LE, x, walk(at, a->args[2])));

	return a->negated ? negate(out) : out;
}

static inline struct value walk_like(struct place at, const struct ast *a)
{
	struct value x = walk(at, a->args[0]), p = walk(at, a->args[1]), out;

	if (x.state != HAS)
		return none(TYPE_BOOL, x.state == ABSENT);
	out = truth(like_naive(x.s.ptr, x.s.len, p.s.ptr, p.s.len));
	return a->negated ? negate(out) : out;
}

static inline struct value walk(struct place at, const struct ast *a)
{
	struct value x;

	if (at.cohort && walk_cohort(at, a, &x))
		return x;

	switch (a->kind) {
	case AST_BOOL:
		return truth(a->value);
	case AST_INT:
		return number(TYPE_INT, a->value);
	case AST_DECIMAL:
		return number(TYPE_DECIMAL, a->value);
	case AST_MONEY:
		return number(TYPE_MONEY, a->value);
	case AST_TEXT:
		return (struct value){ .type = TYPE_TEXT, .s = a->text, .literal = true };
	case AST_NAME:
		return walk_name(at, a);
	case AST_NEGATE:
		x = walk(at, a->args[0]);
		return x.state == HAS ? fits(x.type, -(__int128)x.i) : x;
	case AST_NOT:
		return negate(walk(at, a->args[0]));
	case AST_AND:
	case AST_OR:
		return kleene(a->kind, walk(at, a->args[0]), walk(at, a->args[1]));
	case AST_EQ:
	case AST_NE:
	case AST_LT:
	case AST_LE:
	case AST_GT:
	case AST_GE:
		return compare(a->kind, walk(at, a->args[0]), walk(at, a->args[1]));
	case AST_ADD:
	case AST_SUB:
		return sum(a->kind, walk(at, a->args[0]), walk(at, a->args[1]));
	case AST_MUL:
	case AST_DIV:
		return product(a->kind, walk(at, a->args[0]), walk(at, a->args[1]));
	case AST_LIKE:
		return walk_like(at, a);
	case AST_BETWEEN:
		return walk_between(at, a);
	case AST_IN:
		return walk_in(at, a);
	case AST_IS_NULL:
		x = walk(at, a->args[0]);
		return x.state == ABSENT ? none(TYPE_BOOL, true) : truth((x.state == EMPTY) != a->negated);
	case AST_CASE:
		return walk_case(at, a);
	case AST_CALL:
		return walk_call(at, a);
	case AST_AT:
		return walk_as_of(at, a);
	case AST_NULL:
	case AST_KIND_COUNT:
		break;
	}
	return none(TYPE_NULL, false);
}

#endif
