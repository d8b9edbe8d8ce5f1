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

#include "base/file.h"
#include "rule/code.h"

#define TODAY 20634 /* 2026-06-30 */
#define ROWS 2500   /* more than a block */
#define AGENCIES 7
#define OFFICERS 9
#define MEMBERS_MAX 5
#define RULES 60
#define DEPTH 4

static struct arena *mem;
static struct dictionary *dictionary;
static struct calendar *calendar;
static const struct dictionary_type *penalty, *agency, *officer;
static struct asset_set assets = { .dirs = { { .dir = "tests/rule/dictionary", .prefix = "dictionary/", .replace = true },
					   { .prefix = "rules/", .replace = true } },
	.dir_count = 2 };
static char rules_dir[64];

/* ---- random numbers ---- */

static uint64_t random_state;

static uint64_t random_u64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static int random_below(int n)
{
	return (int)(random_u64() >> 11) % n < 0 ? 0 : (int)((random_u64() >> 11) % (uint64_t)n);
}

/* ---- data ---- */

struct member {
	struct dictionary_value values[12];
};

struct record {
	struct dictionary_value *values;
	struct member members[2][MEMBERS_MAX]; /* by child */
	int member_count[2];
	int supply;
};

struct table {
	const struct dictionary_type *type;
	struct record *rows;
	int count;
	struct frame_supply supplies[4];
};

static struct table penalties, agencies, officers;

static const char *const texts[] = { "", "违法经营", "abc", "ABC", "无证经营食品", "a%b", "it's", "违法" };

static struct dictionary_value random_value(const struct dictionary_column *c)
{
	struct dictionary_value v = { .null = random_below(5) == 0 };

	switch (c->type) {
	case COLUMN_BOOL:
		v.i = random_below(2);
		break;
	case COLUMN_INT:
		v.i = random_below(12) == 0 ? INT64_MAX - random_below(3) : random_below(40) - 5;
		break;
	case COLUMN_MONEY:
		v.i = random_below(12) == 0 ? INT64_MAX - random_below(3) : random_below(60) * 5000 - 1;
		break;
	case COLUMN_DECIMAL:
		v.i = random_below(12) == 0 ? INT64_MIN + 5 + random_below(3) : random_below(90000) - 20000;
		break;
	case COLUMN_DATE:
		v.i = random_below(20) == 0 ? -800 : 20000 + random_below(700);
		break;
	case COLUMN_DATETIME:
		v.i = ((int64_t)20000 + random_below(700)) * 86400 + random_below(86400);
		break;
	case COLUMN_TEXT:
		v.s = str_of(texts[random_below(sizeof(texts) / sizeof(texts[0]))]);
		break;
	case COLUMN_CODE:
		v.i = random_below((int)c->code_count);
		v.s = c->codes[v.i].code;
		break;
	case COLUMN_TYPE_COUNT:
		break;
	}
	return v;
}

/** Half of the supply sets lack something: a column, a collection, a column of a collection. */
static void random_supplies(struct table *t)
{
	for (int s = 0; s < 4; s++) {
		frame_supply_all(t->type, &t->supplies[s]);
		for (size_t i = 0; s > 1 && i < t->type->column_count; i++)
			if (random_below(4) == 0)
				frame_supply_remove(t->type, t->type->columns[i].name, &t->supplies[s]);
		for (size_t c = 0; s > 1 && c < t->type->child_count; c++) {
			const struct dictionary_child *child = &t->type->children[c];

			if (random_below(3) == 0)
				frame_supply_remove(t->type, child->name, &t->supplies[s]);
			for (size_t i = 0; i < child->column_count; i++)
				if (random_below(4) == 0)
					t->supplies[s].child_columns[c][i / 64] &= ~((uint64_t)1 << (i % 64));
		}
	}
}

static void random_record(struct table *t, struct record *r, int index)
{
	const struct frame_supply *supply;

	r->supply = random_below(4);
	supply = &t->supplies[r->supply];
	r->values = ARENA_NEW(mem, struct dictionary_value, t->type->column_count);
	for (size_t i = 0; i < t->type->column_count; i++) {
		r->values[i] = random_value(&t->type->columns[i]);
		r->values[i].null |= !frame_bit(supply->columns, i);
	}
	(void)index;
	for (size_t c = 0; c < t->type->child_count; c++) {
		const struct dictionary_child *child = &t->type->children[c];

		r->member_count[c] = supply->children >> c & 1 ? random_below(MEMBERS_MAX + 1) : 0;
		for (int m = 0; m < r->member_count[c]; m++)
			for (size_t i = 0; i < child->column_count; i++) {
				r->members[c][m].values[i] = random_value(&child->columns[i]);
				r->members[c][m].values[i].null |= !frame_bit(supply->child_columns[c], i);
			}
	}
}

static struct str numbered(const char *prefix, int n)
{
	return str_printf(mem, "%s%d", prefix, n);
}

static void random_table(struct table *t, const struct dictionary_type *type, int count)
{
	t->type = type;
	t->count = count;
	t->rows = ARENA_NEW(mem, struct record, count);
	random_supplies(t);
	for (int i = 0; i < count; i++)
		random_record(t, &t->rows[i], i);
}

/** Keys of parents are made to match, sometimes not, sometimes missing. */
static void tie_keys(void)
{
	int code = dictionary_column(agency, STR("code"))->index, superior = dictionary_column(agency, STR("superior_code"))->index;
	int of = dictionary_column(penalty, STR("agency_code"))->index, cert = dictionary_column(officer, STR("cert_no"))->index;
	const struct dictionary_child *participants = dictionary_child(penalty, STR("officers"));
	int member_cert = dictionary_child_column(participants, STR("cert_no"))->index;

	for (int i = 0; i < agencies.count; i++) {
		agencies.rows[i].values[code] = (struct dictionary_value){ .s = numbered("A", i) };
		agencies.rows[i].values[superior] =
			(struct dictionary_value){ .null = random_below(3) == 0, .s = numbered("A", random_below(AGENCIES + 2)) };
	}
	for (int i = 0; i < officers.count; i++)
		officers.rows[i].values[cert] = (struct dictionary_value){ .s = numbered("C", i) };
	for (int i = 0; i < penalties.count; i++) {
		struct record *r = &penalties.rows[i];

		r->values[of] = (struct dictionary_value){ .null = random_below(6) == 0, .s = numbered("A", random_below(AGENCIES + 2)) };
		for (int m = 0; m < r->member_count[participants->index]; m++)
			r->members[participants->index][m].values[member_cert] =
				(struct dictionary_value){ .null = random_below(6) == 0, .s = numbered("C", random_below(OFFICERS + 2)) };
	}
}

/** What is not supplied is null, the tied keys too. */
static void forget_unsupplied(struct table *t)
{
	for (int r = 0; r < t->count; r++) {
		const struct frame_supply *supply = &t->supplies[t->rows[r].supply];

		for (size_t i = 0; i < t->type->column_count; i++)
			t->rows[r].values[i].null |= !frame_bit(supply->columns, i);
		for (size_t c = 0; c < t->type->child_count; c++)
			for (int m = 0; m < t->rows[r].member_count[c]; m++)
				for (size_t i = 0; i < t->type->children[c].column_count; i++)
					t->rows[r].members[c][m].values[i].null |= !frame_bit(supply->child_columns[c], i);
	}
}

static struct frame *frame_of(const struct table *t)
{
	struct frame_builder *b = NULL;
	struct frame *f = NULL;
	size_t index[4];

	assert_int_equal(frame_builder_open(t->type, NULL, &b, NULL), ERR_OK);
	for (int s = 0; s < 4; s++)
		assert_int_equal(frame_builder_supply(b, &t->supplies[s], &index[s], NULL), ERR_OK);
	for (int i = 0; i < t->count; i++) {
		const struct record *r = &t->rows[i];

		assert_int_equal(
			frame_builder_row(b, &(struct frame_row){ .key = STR("k"), .supply = index[r->supply], .values = r->values }, NULL),
			ERR_OK);
		for (size_t c = 0; c < t->type->child_count; c++)
			for (int m = 0; m < r->member_count[c]; m++)
				assert_int_equal(frame_builder_child(b, (int)c, r->members[c][m].values, NULL), ERR_OK);
	}
	assert_int_equal(frame_builder_finish(&b, &f, NULL), ERR_OK);
	return f;
}

static struct frame_set *set_of_all(void)
{
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 };
	struct frame_set *set = NULL;

	frames[penalty->index] = frame_of(&penalties);
	frames[agency->index] = frame_of(&agencies);
	frames[officer->index] = frame_of(&officers);
	assert_int_equal(frame_set_open(dictionary, frames, NULL, &set, NULL), ERR_OK);
	frame_release(frames[penalty->index]);
	frame_release(frames[agency->index]);
	frame_release(frames[officer->index]);
	return set;
}

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

/** agency.rank, agency.superior.rank */
static struct value from_agency(const struct record *row, const struct ast *a)
{
	const struct record *parent = by_key(&agencies, "code", &row->values[dictionary_column(penalty, STR("agency_code"))->index]);

	if (a->name_count == 3)
		parent = parent ? by_key(&agencies, "code", &parent->values[dictionary_column(agency, STR("superior_code"))->index]) : NULL;
	return from_parent(&agencies, parent, a->names[a->name_count - 1]);
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
	ymd = day_to_ymd((int32_t)v[0].i);
	return number(TYPE_INT, is_call(a, "month") ? ymd.month : ymd.year);
}

static enum value_type strict_type(const struct ast *a, const struct value *v)
{
	if (is_call(a, "abs"))
		return v[0].type;
	if (is_call(a, "date"))
		return TYPE_DATE;
	if (is_call(a, "yuan"))
		return TYPE_MONEY;
	return is_call(a, "is_workday") || is_call(a, "contains") || is_call(a, "matches") ? TYPE_BOOL : TYPE_INT;
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
	case AST_NULL:
	case AST_KIND_COUNT:
		break;
	}
	return none(TYPE_NULL, false);
}

/* ---- random expressions ---- */

struct writer {
	struct buf *out;
	int child; /* -1, or inside an aggregate over this collection */
};

static void write_expression(struct writer *w, enum value_type type, int depth);

static void put(struct writer *w, const char *text)
{
	buf_puts(w->out, text);
}

#define PICK(list) put(w, (list)[random_below((int)(sizeof(list) / sizeof((list)[0])))])

static void write_column(struct writer *w, enum value_type type)
{
	const struct dictionary_child *child = w->child >= 0 ? &penalty->children[w->child] : NULL;
	const struct dictionary_column *list[64];
	const char *prefix[64];
	int n = 0;

	for (size_t i = 0; child && i < child->column_count; i++)
		if ((enum value_type)child->columns[i].type == type) {
			list[n] = &child->columns[i];
			prefix[n++] = "";
		}
	for (size_t i = 0; child && w->child == dictionary_child(penalty, STR("officers"))->index && i < officer->column_count; i++)
		if ((enum value_type)officer->columns[i].type == type) {
			list[n] = &officer->columns[i];
			prefix[n++] = "officer.";
		}
	for (size_t i = 0; i < penalty->column_count; i++)
		if ((enum value_type)penalty->columns[i].type == type &&
			!(child && dictionary_child_column(child, penalty->columns[i].name))) {
			list[n] = &penalty->columns[i];
			prefix[n++] = "";
		}
	for (size_t i = 0; i < agency->column_count; i++)
		if ((enum value_type)agency->columns[i].type == type) {
			list[n] = &agency->columns[i];
			prefix[n++] = random_below(3) ? "agency." : "agency.superior.";
		}
	assert_true(n > 0);
	n = random_below(n);
	buf_printf(w->out, "%s%.*s", prefix[n], STR_ARG(list[n]->name));
}

static void write_literal(struct writer *w, enum value_type type)
{
	static const char *const ints[] = { "0", "1", "2", "7", "30", "90", "-3", "9223372036854775" };
	static const char *const moneys[] = { "0 元", "50 元", "0.49 元", "3000元", "10 分", "1.5 万元" };
	static const char *const decimals[] = { "0.5", "1.25", "-2.0", "3.3333", "100.0" };
	static const char *const strings[] = { "'违法经营'", "'abc'", "''", "'it''s'", "'无证'" };

	if (type == TYPE_INT)
		PICK(ints);
	else if (type == TYPE_MONEY)
		PICK(moneys);
	else if (type == TYPE_DECIMAL)
		PICK(decimals);
	else if (type == TYPE_TEXT)
		PICK(strings);
	else if (type == TYPE_BOOL)
		put(w, random_below(2) ? "true" : "false");
	else if (type == TYPE_DATE)
		put(w, "today()");
	else
		write_column(w, type);
}

static void write_pair(
	struct writer *w, const char *open, enum value_type x, const char *middle, enum value_type y, const char *close, int depth)
{
	put(w, open);
	write_expression(w, x, depth - 1);
	put(w, middle);
	write_expression(w, y, depth - 1);
	put(w, close);
}

static void write_one(struct writer *w, const char *open, enum value_type x, const char *close, int depth)
{
	put(w, open);
	write_expression(w, x, depth - 1);
	put(w, close);
}

static enum value_type random_ordered(void)
{
	static const enum value_type types[] = { TYPE_INT, TYPE_MONEY, TYPE_DECIMAL, TYPE_DATE, TYPE_DATETIME };

	return types[random_below(5)];
}

/** collection [.column] with and without where */
static void write_aggregate(struct writer *w, const char *name, enum value_type value, int depth)
{
	struct writer in = { .out = w->out, .child = random_below(2) };
	const struct dictionary_child *child = &penalty->children[in.child];
	bool column = value != TYPE_NULL;

	for (int tries = 0; column && tries < 2; tries++) { /* a collection that has such a column */
		bool has = false;

		for (size_t i = 0; i < child->column_count; i++)
			has |= (enum value_type)child->columns[i].type == value;
		if (has)
			break;
		in.child = !in.child;
		child = &penalty->children[in.child];
	}
	buf_printf(w->out, "%s(%.*s", name, STR_ARG(child->name));
	if (column) {
		int at = random_below((int)child->column_count);

		while ((enum value_type)child->columns[at].type != value)
			at = (at + 1) % (int)child->column_count;
		buf_printf(w->out, ".%.*s", STR_ARG(child->columns[at].name));
		if (value == TYPE_MONEY && random_below(2))
			put(w, " * 2");
	}
	if (random_below(3)) {
		put(w, " where ");
		write_expression(&in, TYPE_BOOL, depth - 1);
	} else if (!column && name[0] == 'a') {
		put(w, " where true");
	}
	put(w, ")");
}

static void write_comparison(struct writer *w, int depth)
{
	static const char *const signs[] = { " = ", " <> ", " < ", " <= ", " > ", " >= " };
	enum value_type type = random_below(6) == 0 ? TYPE_TEXT : random_ordered(), other = type;

	if (type == TYPE_INT && random_below(4) == 0)
		other = TYPE_DECIMAL;
	if (random_below(8) == 0)
		write_pair(w, "(", TYPE_CODE, random_below(2) ? " = " : " <> ", TYPE_CODE, ")", depth);
	else if (random_below(8) == 0)
		write_pair(w, "(", TYPE_BOOL, " = ", TYPE_BOOL, ")", depth);
	else
		write_pair(w, "(", type, signs[random_below(6)], other, ")", depth);
}

static void write_bool(struct writer *w, int depth)
{
	static const char *const likes[] = { " like '%经营'", " not like 'a%'", " like '_b_'", " like '违法%经_'" };
	static const char *const codes[] = { "(procedure = 'general')", "(procedure in ('simple'))",
		"(channel not in ('report', 'inspection'))", "(procedure <> 'simple')", "(agency.status = 'active')",
		"(decided_on > '2025-02-01')", "(reported_at <= '2025-03-01 10:00')", "(procedure = channel)" };
	static const char *const patterns[] = { ", '^违法')", ", '[a-z]+')", ", '无|证')", ", '^$')" };

	switch (random_below(w->child < 0 ? 14 : 11)) {
	case 0:
	case 1:
		write_comparison(w, depth);
		break;
	case 2:
		write_pair(w, "(", TYPE_BOOL, random_below(2) ? " and " : " or ", TYPE_BOOL, ")", depth);
		break;
	case 3:
		write_one(w, "(not ", TYPE_BOOL, ")", depth);
		break;
	case 4:
		write_one(w, "(",
			random_below(2)   ? random_ordered()
			: random_below(2) ? TYPE_BOOL
					  : TYPE_TEXT,
			random_below(2) ? " is null)" : " is not null)", depth);
		break;
	case 5:
		write_one(w, "(", TYPE_TEXT, likes[random_below(4)], depth);
		put(w, ")");
		break;
	case 6:
		PICK(codes);
		break;
	case 7:
		write_pair(w, "contains(", TYPE_TEXT, ", ", TYPE_TEXT, ")", depth);
		break;
	case 8:
		write_one(w, "matches(", TYPE_TEXT, patterns[random_below(4)], depth);
		break;
	case 9:
		write_pair(w, "(case when ", TYPE_BOOL, " then ", TYPE_BOOL, "", depth);
		write_one(w, " else ", TYPE_BOOL, " end)", depth);
		break;
	case 10: {
		enum value_type type = random_ordered();

		write_pair(w, "(", type, random_below(2) ? " between " : " not between ", type, " and ", depth);
		write_one(w, "", type, ")", depth);
		break;
	}
	case 11:
		write_aggregate(w, random_below(2) ? "exists" : "any", TYPE_NULL, depth);
		break;
	case 12:
		write_aggregate(w, random_below(2) ? "all" : "any", TYPE_BOOL, depth);
		break;
	default:
		write_aggregate(w, random_below(2) ? "all" : "exists", random_below(2) ? TYPE_NULL : TYPE_BOOL, depth);
		break;
	}
}

static void write_date(struct writer *w, int depth)
{
	static const char *const units[] = { ", 'day')", ", 'workday')", ", 'month')", ", 'year')" };

	switch (random_below(4)) {
	case 0:
		write_pair(w, random_below(2) ? "deadline(" : "deadline_plain(", TYPE_DATE, ", ", TYPE_INT, units[random_below(4)], depth);
		break;
	case 1:
		write_pair(w, "(", TYPE_DATE, random_below(2) ? " + " : " - ", TYPE_INT, ")", depth);
		break;
	case 2:
		write_one(w, "date(", TYPE_DATETIME, ")", depth);
		break;
	default:
		write_column(w, TYPE_DATE);
		break;
	}
}

static void write_number(struct writer *w, enum value_type type, int depth)
{
	switch (random_below(5)) {
	case 0:
		write_pair(w, "(", type, random_below(2) ? " + " : " - ", type, ")", depth);
		break;
	case 1:
		if (type == TYPE_MONEY)
			write_pair(
				w, "(", TYPE_MONEY, random_below(2) ? " * " : " / ", random_below(2) ? TYPE_INT : TYPE_DECIMAL, ")", depth);
		else if (type == TYPE_DECIMAL)
			write_pair(w, "(", random_below(2) ? TYPE_INT : TYPE_DECIMAL, random_below(2) ? " * " : " / ", TYPE_DECIMAL, ")",
				depth);
		else
			write_pair(w, "(", TYPE_INT, " * ", TYPE_INT, ")", depth);
		break;
	case 2:
		write_one(w, random_below(2) ? "abs(" : "(-", type, ")", depth);
		break;
	case 3:
		if (type == TYPE_INT)
			write_pair(w, random_below(2) ? "days(" : "workdays(", TYPE_DATE, ", ", TYPE_DATE, ")", depth);
		else if (type == TYPE_MONEY)
			write_one(w, "yuan(", random_below(2) ? TYPE_INT : TYPE_DECIMAL, ")", depth);
		else
			write_pair(w, "(", TYPE_INT, " / ", TYPE_INT, ")", depth);
		break;
	default:
		if (type == TYPE_INT)
			write_one(w, random_below(2) ? "month(" : "year(", TYPE_DATE, ")", depth);
		else
			write_column(w, type);
		break;
	}
}

/** What any type allows: coalesce, nullif, case, least, aggregates. */
static bool write_general(struct writer *w, enum value_type type, int depth)
{
	static const char *const extremes[] = { "min", "max", "first", "last" };
	bool ordered = type == TYPE_INT || type == TYPE_MONEY || type == TYPE_DECIMAL || type == TYPE_DATE || type == TYPE_DATETIME;

	switch (random_below(w->child < 0 ? 9 : 7)) {
	case 0:
		write_pair(w, "coalesce(", type, ", ", type, ")", depth);
		return true;
	case 1:
		write_pair(w, "(case when ", TYPE_BOOL, " then ", type, "", depth);
		if (random_below(2))
			write_one(w, " else ", type, "", depth);
		put(w, " end)");
		return true;
	case 2:
		if (ordered)
			write_pair(w, random_below(2) ? "least(" : "greatest(", type, ", ", type, ")", depth);
		else
			write_pair(w, "nullif(", type, ", ", type, ")", depth);
		return true;
	case 7:
		if (type == TYPE_INT)
			write_aggregate(w, "count", random_below(2) ? TYPE_NULL : TYPE_TEXT, depth);
		else if (type == TYPE_DATE)
			write_aggregate(w, extremes[random_below(4)], type, depth);
		else if (type == TYPE_MONEY)
			write_aggregate(w, random_below(2) ? "sum" : extremes[random_below(4)], type, depth);
		else if (type == TYPE_TEXT)
			write_aggregate(w, extremes[2 + random_below(2)], type, depth);
		else
			return false;
		return true;
	default:
		return false;
	}
}

static void write_expression(struct writer *w, enum value_type type, int depth)
{
	if (depth <= 0) {
		if (random_below(3) == 0 && type != TYPE_BOOL)
			write_literal(w, type);
		else
			write_column(w, type);
		return;
	}
	if (type != TYPE_CODE && type != TYPE_BOOL && write_general(w, type, depth))
		return;
	if (type == TYPE_BOOL)
		write_bool(w, depth);
	else if (type == TYPE_DATE)
		write_date(w, depth);
	else if (type == TYPE_INT || type == TYPE_MONEY || type == TYPE_DECIMAL)
		write_number(w, type, depth);
	else if (type == TYPE_DATETIME && random_below(3) == 0)
		write_pair(w, "deadline(", TYPE_DATETIME, ", ", TYPE_INT, ", 'hour')", depth);
	else
		write_column(w, type);
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
