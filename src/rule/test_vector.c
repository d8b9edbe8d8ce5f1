/* The vector engine against a second, naive evaluator that walks the syntax tree row by row: random typed expressions on
 * random records with empty and absent facts, children and parents, many rules in one pack, one and several threads.
 * XZ_SEED repeats a run; XZ_ROUNDS makes it longer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fault.h"
#include "base/file.h"
#include "rule/kernel.h"
#include "rule/code.h"
#include "support/random_rules.h"

#define TODAY 20634 /* 2026-06-30 */
#define ROWS 2500   /* more than a block */
#define RULES 60
#define DEPTH 4

static struct asset_set assets = { .dirs = { { .dir = "tests/rule/dictionary", .prefix = "dictionary/", .replace = true },
					   { .prefix = "rules/", .replace = true } },
	.dir_count = 2 };
static char rules_dir[64];

/* ---- the naive evaluator ---- */

enum state { HAS, EMPTY, ABSENT };

struct value {
	enum state state;
	enum value_type type;
	int64_t i;
	struct str s;
	bool literal;
};

struct place {
	const struct record *row;
	int child; /* -1: the record */
	int member;
};

static struct value walk(struct place at, const struct ast *a);

static struct value none(enum value_type type, bool absent)
{
	return (struct value){ .state = absent ? ABSENT : EMPTY, .type = type };
}

static struct value truth(bool holds)
{
	return (struct value){ .type = TYPE_BOOL, .i = holds };
}

static struct value number(enum value_type type, int64_t i)
{
	return (struct value){ .type = type, .i = i };
}

static struct value from_column(const struct dictionary_column *c, const struct dictionary_value *v, bool supplied)
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

static struct value from_parent(const struct table *t, const struct record *parent, struct str column)
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
static struct value from_agency(const struct record *row, const struct ast *a)
{
	return from_parent(&agencies, agency_of(row, a->name_count == 3), a->names[a->name_count - 1]);
}

static struct value walk_name(struct place at, const struct ast *a)
{
	const struct frame_supply *supply = &penalties.supplies[at.row->supply];
	const struct dictionary_column *c;
	int from = a->name_count > 1 && dictionary_child(penalty, a->names[0]) ? 1 : 0;

	if (str_eq(a->names[0], STR("agency")))
		return from_agency(at.row, a);
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
static void meet(struct value *x, struct value *y)
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

static bool any_absent(const struct value *v, int n)
{
	for (int i = 0; i < n; i++)
		if (v[i].state == ABSENT)
			return true;
	return false;
}

static int order_of(const struct value *x, const struct value *y)
{
	if (x->type == TYPE_TEXT || x->type == TYPE_CODE)
		return str_cmp(x->s, y->s);
	return x->i < y->i ? -1 : x->i > y->i;
}

static struct value compare(enum ast_kind kind, struct value x, struct value y)
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

static struct value kleene(enum ast_kind kind, struct value x, struct value y)
{
	struct value both[2] = { x, y };
	bool decides = kind == AST_OR;

	if ((x.state == HAS && (x.i != 0) == decides) || (y.state == HAS && (y.i != 0) == decides))
		return truth(decides);
	if (x.state == HAS && y.state == HAS)
		return truth(!decides);
	return none(TYPE_BOOL, any_absent(both, 2));
}

static struct value negate(struct value x)
{
	return x.state == HAS ? truth(!x.i) : x;
}

/** Rounded half away from zero. */
static struct value rounded(enum value_type type, __int128 num, __int128 den)
{
	__int128 q, n = num < 0 ? -num : num, d = den < 0 ? -den : den;

	q = n / d;
	if (2 * (n % d) >= d)
		q++;
	if ((num < 0) != (den < 0))
		q = -q;
	return q > INT64_MAX || q < INT64_MIN ? none(type, false) : number(type, (int64_t)q);
}

static struct value fits(enum value_type type, __int128 v)
{
	return v > INT64_MAX || v < INT64_MIN ? none(type, false) : number(type, (int64_t)v);
}

static struct value day_or_none(__int128 day)
{
	return day < -719162 || day > 2932896 ? none(TYPE_DATE, false) : number(TYPE_DATE, (int64_t)day);
}

static struct value sum(enum ast_kind kind, struct value x, struct value y)
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

static struct value product(enum ast_kind kind, struct value x, struct value y)
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

static bool like_naive(const char *s, size_t sn, const char *p, size_t pn)
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

static bool matches_naive(struct str s, struct str pattern)
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

static struct value walk_case(struct place at, const struct ast *a)
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
	bool has, absent, unknown, false_, overflow;
	int64_t count;
};

static bool is_call(const struct ast *a, const char *name)
{
	return str_eq(a->text, str_of(name));
}

static void tally_extreme(struct tally *t, const struct ast *a, struct value v)
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

static void tally_ordered(struct tally *t, const struct ast *a, struct value v, struct value order)
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

static void tally_member(struct tally *t, struct place m, const struct ast *a, bool bare)
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

static int child_in(const struct ast *a)
{
	int found = -1;

	if (a->kind == AST_NAME)
		return dictionary_child(penalty, a->names[0]) ? dictionary_child(penalty, a->names[0])->index : -1;
	for (int i = 0; i < a->arg_count && found < 0; i++)
		found = child_in(a->args[i]);
	return found;
}

static struct value walk_aggregate(struct place at, const struct ast *a)
{
	struct tally t = { 0 };
	int child = child_in(a->args[0]);
	bool bare = a->args[0]->kind == AST_NAME && a->args[0]->name_count == 1;

	if (!(penalties.supplies[at.row->supply].children >> child & 1))
		return none(TYPE_NULL, true);
	for (int m = 0; m < at.row->member_count[child]; m++)
		tally_member(&t, (struct place){ at.row, child, m }, a, bare);
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

/* ---- functions ---- */

static struct value walk_least(struct place at, const struct ast *a)
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

static struct value walk_deadline(struct value start, struct value n, struct str unit_text, bool rolls)
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
static struct value walk_as_of(struct place at, const struct ast *a)
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
static struct value walk_strict(const struct ast *a, const struct value *v)
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

static enum value_type strict_type(const struct ast *a, const struct value *v)
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

static struct value walk_call(struct place at, const struct ast *a)
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

static struct value walk_in(struct place at, const struct ast *a)
{
	struct value x = walk(at, a->args[0]), out = truth(false);

	for (int i = 1; i < a->arg_count; i++)
		out = kleene(AST_OR, out, compare(AST_EQ, x, walk(at, a->args[i])));
	return a->negated ? negate(out) : out;
}

static struct value walk_between(struct place at, const struct ast *a)
{
	struct value x = walk(at, a->args[0]);
	struct value out = kleene(AST_AND, compare(AST_GE, x, walk(at, a->args[1])), compare(AST_LE, x, walk(at, a->args[2])));

	return a->negated ? negate(out) : out;
}

static struct value walk_like(struct place at, const struct ast *a)
{
	struct value x = walk(at, a->args[0]), p = walk(at, a->args[1]), out;

	if (x.state != HAS)
		return none(TYPE_BOOL, x.state == ABSENT);
	out = truth(like_naive(x.s.ptr, x.s.len, p.s.ptr, p.s.len));
	return a->negated ? negate(out) : out;
}

static struct value walk(struct place at, const struct ast *a)
{
	struct value x;

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

/* ---- the property ---- */

static void write_rule(int index, const char *when)
{
	char path[128];
	struct buf text;

	buf_init(&text, 1 << 20);
	buf_printf(&text,
		"id: r%03d\ntitle: t\non: penalty\nseverity: warn\nwhen: |\n  %s\nunless:\n  - {id: a, when: \"procedure = 'simple' and "
		"fine > 50 元\"}\n"
		"  - {id: b, when: major}\nin_force: 2024-06-01..2026-03-01\njudged_by: coalesce(decided_on, filed_on)\n",
		index, when);
	snprintf(path, sizeof(path), "%s/r%03d.yaml", rules_dir, index);
	assert_int_equal(file_write(path, buf_str(&text), NULL), ERR_OK);
	buf_clear(&text);
}

static enum rule_verdict verdict_of(const struct rule *rule, const struct record *r, int *ret_exemption, uint32_t *ret_undecided)
{
	struct place at = { r, -1, 0 };
	struct value by = walk(at, rule->code->judged_by.ast), when = walk(at, rule->code->when.ast);

	*ret_exemption = -1;
	*ret_undecided = 0;
	if (by.state != HAS)
		return VERDICT_UNKNOWN;
	if (by.i < rule->in_force_from || by.i > rule->in_force_to)
		return VERDICT_NOT_IN_FORCE;
	if (when.state != HAS)
		return VERDICT_UNKNOWN;
	if (!when.i)
		return VERDICT_CLEAN;
	for (size_t i = 0; i < rule->exemption_count; i++) {
		struct value x = walk(at, rule->code->exemptions[i].ast);

		if (x.state != HAS)
			*ret_undecided |= (uint32_t)1 << i;
		else if (x.i && *ret_exemption < 0)
			*ret_exemption = (int)i;
	}
	return *ret_exemption >= 0 ? VERDICT_EXEMPT : VERDICT_HIT;
}

static void check_rule(const struct rule_result *result, struct rule_probe *probe)
{
	int64_t counts[VERDICT_COUNT] = { 0 };
	size_t next = 0;

	for (int i = 0; i < penalties.count; i++) {
		int exemption;
		uint32_t undecided;
		enum rule_verdict want = verdict_of(result->rule, &penalties.rows[i], &exemption, &undecided), got = VERDICT_CLEAN;

		counts[want]++;
		if (next < result->hit_count && result->hits[next].row == (uint32_t)i)
			got = (enum rule_verdict)result->hits[next++].verdict;
		else if (want == VERDICT_NOT_IN_FORCE)
			got = VERDICT_NOT_IN_FORCE;
		if (got != want)
			fail_msg("row %d: naive %s, vector %s\n%.*s", i, rule_verdict_slug(want), rule_verdict_slug(got),
				STR_ARG(result->rule->when));
		if (want == VERDICT_HIT || want == VERDICT_EXEMPT) {
			assert_int_equal(result->hits[next - 1].exemption, exemption);
			assert_int_equal(result->hits[next - 1].undecided, undecided);
		}
		if (i % 97 == 0) {
			CLEANUP(arena_closep) struct arena *own = arena_open((size_t)8 << 20);
			struct rule_explanation x;

			assert_int_equal(rule_explain(probe, result->rule, (size_t)i, own, &x, NULL), ERR_OK);
			assert_int_equal(x.verdict, want);
		}
	}
	for (int v = 0; v < VERDICT_COUNT; v++)
		assert_int_equal(result->counts[v], counts[v]);
	assert_int_equal(next, result->hit_count);
}

static void same_results(const struct rule_results *a, const struct rule_results *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_int_equal(a->v[i].hit_count, b->v[i].hit_count);
		if (a->v[i].hit_count > 0)
			assert_memory_equal(a->v[i].hits, b->v[i].hits, a->v[i].hit_count * sizeof(struct rule_hit));
		assert_memory_equal(a->v[i].counts, b->v[i].counts, sizeof(a->v[i].counts));
	}
}

/** The sets this machine lacks are left out; counting without listing counts alike. */
static void every_instruction_set_agrees(const struct rule_pack *pack, const struct frame_set *set, const struct rule_results *want)
{
	static const char *const names[] = { "base", "v2", "v3", "v4" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		CLEANUP(rule_results_clear) struct rule_results listed = { 0 }, counted = { 0 };
		struct rule_run_options o = { .today = TODAY, .keep_unknown = true, .kernels = names[i] };

		if (!kernels_named(names[i]))
			continue;
		assert_int_equal(rule_run(pack, set, &o, &listed, NULL), ERR_OK);
		same_results(want, &listed);
		o.counts_only = true;
		assert_int_equal(rule_run(pack, set, &o, &counted, NULL), ERR_OK);
		for (size_t r = 0; r < want->count; r++) {
			assert_memory_equal(want->v[r].counts, counted.v[r].counts, sizeof(want->v[r].counts));
			assert_int_equal(counted.v[r].hit_count, 0);
		}
	}
}

static void make_rules(void)
{
	struct buf text;

	for (int i = 0; i < RULES; i++) {
		struct writer w = { .out = &text, .child = -1 };

		buf_init(&text, 1 << 20);
		do {
			buf_reset(&text);
			write_expression(&w, TYPE_BOOL, DEPTH);
		} while (text.failed || text.len > 3000);
		write_rule(i, text.ptr);
		buf_clear(&text);
	}
}

/* ---- sets made by changing others ---- */

static void same_table(const struct dictionary_column *columns, const struct frame_table *a, const struct frame_table *b)
{
	assert_int_equal(a->rows, b->rows);
	for (size_t c = 0; c < a->column_count; c++)
		for (size_t row = 0; row < a->rows; row++) {
			struct dictionary_value x = frame_value(&columns[c], &a->columns[c], row),
						y = frame_value(&columns[c], &b->columns[c], row);

			assert_int_equal(x.null, y.null);
			assert_true(x.null || (x.i == y.i && str_eq(x.s, y.s)));
		}
}

static void same_frame(const struct frame *a, const struct frame *b)
{
	same_table(a->type->columns, &a->table, &b->table);
	assert_memory_equal(a->ids, b->ids, a->table.rows * sizeof(*a->ids));
	for (size_t row = 0; row < a->table.rows; row++)
		assert_memory_equal(&a->supplies[a->supply[row]], &b->supplies[b->supply[row]], sizeof(*a->supplies));
	for (size_t c = 0; c < a->type->child_count; c++) {
		const struct frame_child *x = &a->children[c], *y = &b->children[c];

		same_table(a->type->children[c].columns, &x->table, &y->table);
		assert_memory_equal(x->first, y->first, (a->table.rows + 1) * sizeof(*x->first));
		assert_memory_equal(x->parent, y->parent, x->table.rows * sizeof(*x->parent));
	}
}

static void same_links(const struct frame_set *a, const struct frame_set *b, const struct dictionary_type *type)
{
	for (int child = -1; child < (int)type->child_count; child++) {
		size_t count = child < 0 ? type->reference_count : type->children[child].reference_count;
		const struct frame *f = a->frames[type->index];
		size_t rows = child < 0 ? f->table.rows : f->children[child].table.rows;

		for (size_t i = 0; i < count; i++) {
			size_t slot = frame_link_slot(type, child, (int)i);

			assert_memory_equal(a->links[type->index][slot]->rows, b->links[type->index][slot]->rows, rows * sizeof(uint32_t));
		}
	}
}

/** The penalties as they were before: some others, some missing at the end, or one more. What changed is told by `changes` and `changed`.
 */
static struct frame *earlier_frame(struct frame_change *changes, size_t *ret_count, struct frame **ret_changed)
{
	struct table before = penalties, part = penalties;
	int missing = random_below(3) == 0 ? 0 : random_below(400), extra = random_below(4) == 0;
	size_t count = 0;
	struct frame *f;

	before.rows = ARENA_NEW(mem, struct record, penalties.count + 1);
	part.rows = ARENA_NEW(mem, struct record, penalties.count + 1);
	memcpy(before.rows, penalties.rows, (size_t)penalties.count * sizeof(*before.rows));
	before.count = extra ? penalties.count + 1 : penalties.count - missing;
	if (extra)
		random_record(&before, &before.rows[penalties.count], penalties.count);
	for (int i = 0; i < penalties.count; i++) {
		if (i >= before.count || random_below(300) == 0) {
			if (i < before.count)
				random_record(&before, &before.rows[i], i);
			part.rows[count] = penalties.rows[i];
			changes[count] = (struct frame_change){ .id = i + 1, .row = (uint32_t)count };
			count++;
		}
	}
	part.count = (int)count;
	*ret_changed = frame_of(&part);
	for (size_t i = 0; i < count; i++)
		(*ret_changed)->ids[i] = changes[i].id;
	if (extra)
		changes[count++] = (struct frame_change){ .id = penalties.count + 1, .row = FRAME_NO_ROW };
	*ret_count = count;
	f = frame_of(&before);
	return f;
}

static void a_changed_set_judges_like_one_made_anew(
	const struct rule_pack *pack, const struct frame_set *want_set, const struct rule_results *want)
{
	CLEANUP(frame_set_releasep) struct frame_set *old_set = NULL, *new_set = NULL;
	CLEANUP(rule_results_clear) struct rule_results before = { 0 }, after = { 0 };
	CLEANUP(mem_freep) struct frame_change *changes = mem_alloc(ROWS + 2, sizeof(*changes));
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 }, *old, *changed = NULL, *patched = NULL;
	struct rule_run_options o = { .today = TODAY, .threads = 1, .keep_unknown = true };
	size_t count;

	old = earlier_frame(changes, &count, &changed);
	memcpy(frames, want_set->frames, dictionary->type_count * sizeof(*frames));
	frames[penalty->index] = old;
	assert_int_equal(frame_set_open(dictionary, frames, NULL, &old_set, NULL), ERR_OK);
	assert_int_equal(rule_run(pack, old_set, &o, &before, NULL), ERR_OK);
	assert_int_equal(frame_patch(old, NULL, changed, changes, count, &patched, NULL), ERR_OK);
	same_frame(patched, want_set->frames[penalty->index]);
	assert_true((patched->patched_from == old) == (changes[count - 1].row != FRAME_NO_ROW));
	frames[penalty->index] = patched;
	assert_int_equal(frame_set_open(dictionary, frames, old_set, &new_set, NULL), ERR_OK);
	same_links(new_set, want_set, penalty);
	assert_int_equal(rule_run(pack, new_set, &o, &after, NULL), ERR_OK);
	same_results(want, &after);
	frame_release(old);
	frame_release(changed);
	frame_release(patched);
}

static void one_round(void)
{
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	CLEANUP(rule_results_clear) struct rule_results one = { 0 }, two = { 0 };
	CLEANUP(rule_probe_closep) struct rule_probe *probe = NULL;
	struct rule_options o = { .assets = &assets, .dictionary = dictionary, .calendar = calendar };
	struct rule_run_options run = { .today = TODAY, .threads = 1, .keep_unknown = true };
	struct err err = { 0 };

	random_table(&penalties, penalty, ROWS);
	random_table(&agencies, agency, AGENCIES);
	random_table(&officers, officer, OFFICERS);
	tie_keys();
	forget_unsupplied(&penalties);
	forget_unsupplied(&agencies);
	forget_unsupplied(&officers);
	set = set_of_all();
	make_rules();
	if (rule_pack_load(&o, &pack, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(rule_run(pack, set, &run, &one, &err), ERR_OK);
	assert_int_equal(rule_probe_open(pack, set, TODAY, &probe, &err), ERR_OK);
	assert_int_equal(one.count, RULES);
	for (size_t i = 0; i < one.count; i++)
		check_rule(&one.v[i], probe);
	run.threads = 2;
	assert_int_equal(rule_run(pack, set, &run, &two, &err), ERR_OK);
	same_results(&one, &two);
	every_instruction_set_agrees(pack, set, &one);
	a_changed_set_judges_like_one_made_anew(pack, set, &one);
}

static void vector_and_naive_evaluation_agree(void **state)
{
	const char *seed = getenv("XZ_SEED"), *rounds = getenv("XZ_ROUNDS");

	(void)state;
	random_state = seed ? strtoull(seed, NULL, 10) : (uint64_t)time_now_ms() * 2654435761u + 1;
	for (int i = 0; i < (rounds ? atoi(rounds) : 3); i++) {
		print_message("XZ_SEED=%llu\n", (unsigned long long)random_state);
		one_round();
		arena_reset(mem);
		assert_int_equal(dictionary_load(&assets, mem, &dictionary, NULL), ERR_OK);
		assert_int_equal(calendar_load(&assets, STR(""), mem, &calendar, NULL), ERR_OK);
		penalty = dictionary_type(dictionary, STR("penalty"));
		agency = dictionary_type(dictionary, STR("agency"));
		officer = dictionary_type(dictionary, STR("officer"));
	}
}

static int setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	mem = arena_open((size_t)1 << 30);
	snprintf(rules_dir, sizeof(rules_dir), "/tmp/xz-rules-XXXXXX");
	if (!mem || !mkdtemp(rules_dir))
		return -1;
	assets.dirs[1].dir = rules_dir;
	if (dictionary_load(&assets, mem, &dictionary, &err) != ERR_OK || calendar_load(&assets, STR(""), mem, &calendar, &err) != ERR_OK) {
		print_error("%s\n", err.msg);
		return -1;
	}
	penalty = dictionary_type(dictionary, STR("penalty"));
	agency = dictionary_type(dictionary, STR("agency"));
	officer = dictionary_type(dictionary, STR("officer"));
	return 0;
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	for (int i = 0; i < RULES; i++) {
		snprintf(path, sizeof(path), "%s/r%03d.yaml", rules_dir, i);
		unlink(path);
	}
	rmdir(rules_dir);
	arena_close(mem);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vector_and_naive_evaluation_agree),
	};

	return cmocka_run_group_tests_name("vector", tests, setup, teardown);
}
