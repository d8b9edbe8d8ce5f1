/* Random records of the test dictionary (tests/rule/dictionary) and random typed expressions over them, for tests that compare two
 * evaluations of the same rules. Header-only; every test program has its own state. Everything is a function of `random_state`. */
#ifndef XZ_TESTS_SUPPORT_RANDOM_RULES_H
#define XZ_TESTS_SUPPORT_RANDOM_RULES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "frame/frame.h"
#include "rule/code.h"

#define AGENCIES 7
#define OFFICERS 9
#define MEMBERS_MAX 5

static struct arena *mem;
static struct dictionary *dictionary;
static struct calendar *calendar;
static const struct dictionary_type *penalty, *agency, *officer;

/** Also write what the naive evaluator of test_vector does not know: as-of reads, young functions, registers with double keys. */
static bool random_everything;

/* ---- random numbers ---- */

static uint64_t random_state;

static inline uint64_t random_u64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static inline int random_below(int n)
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

static inline struct dictionary_value random_value(const struct dictionary_column *c)
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
static inline void random_supplies(struct table *t)
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

static inline void random_record(struct table *t, struct record *r, int index)
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

static inline struct str numbered(const char *prefix, int n)
{
	return str_printf(mem, "%s%d", prefix, n);
}

static inline void random_table(struct table *t, const struct dictionary_type *type, int count)
{
	t->type = type;
	t->count = count;
	t->rows = ARENA_NEW(mem, struct record, count);
	random_supplies(t);
	for (int i = 0; i < count; i++)
		random_record(t, &t->rows[i], i);
}

/** Keys of parents are made to match, sometimes not, sometimes missing. */
static inline void tie_keys(void)
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
	if (random_everything && random_below(3) == 0) /* a key on two rows stands for neither */
		agencies.rows[random_below(agencies.count)].values[code].s = numbered("A", random_below(AGENCIES));
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
static inline void forget_unsupplied(struct table *t)
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

static inline struct frame *frame_of(const struct table *t)
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
			frame_builder_row(b,
				&(struct frame_row){ .key = STR("k"), .id = i + 1, .supply = index[r->supply], .values = r->values }, NULL),
			ERR_OK);
		for (size_t c = 0; c < t->type->child_count; c++)
			for (int m = 0; m < r->member_count[c]; m++)
				assert_int_equal(frame_builder_child(b, (int)c, r->members[c][m].values, NULL), ERR_OK);
	}
	assert_int_equal(frame_builder_finish(&b, &f, NULL), ERR_OK);
	return f;
}

static inline struct frame_set *set_of_all(void)
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
/* ---- random expressions ---- */

struct writer {
	struct buf *out;
	int child; /* -1, or inside an aggregate over this collection */
};

static inline void write_expression(struct writer *w, enum value_type type, int depth);

static inline void put(struct writer *w, const char *text)
{
	buf_puts(w->out, text);
}

#define PICK(list) put(w, (list)[random_below((int)(sizeof(list) / sizeof((list)[0])))])

static inline void write_column(struct writer *w, enum value_type type)
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

static inline void write_literal(struct writer *w, enum value_type type)
{
	static const char *const ints[] = { "0", "1", "2", "7", "30", "90", "(-3)", "9223372036854775" };
	static const char *const moneys[] = { "0 元", "50 元", "0.49 元", "3000元", "10 分", "1.5 万元" };
	static const char *const decimals[] = { "0.5", "1.25", "(-2.0)", "3.3333", "100.0" };
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

static inline void write_pair(
	struct writer *w, const char *open, enum value_type x, const char *middle, enum value_type y, const char *close, int depth)
{
	put(w, open);
	write_expression(w, x, depth - 1);
	put(w, middle);
	write_expression(w, y, depth - 1);
	put(w, close);
}

static inline void write_one(struct writer *w, const char *open, enum value_type x, const char *close, int depth)
{
	put(w, open);
	write_expression(w, x, depth - 1);
	put(w, close);
}

static inline enum value_type random_ordered(void)
{
	static const enum value_type types[] = { TYPE_INT, TYPE_MONEY, TYPE_DECIMAL, TYPE_DATE, TYPE_DATETIME };

	return types[random_below(5)];
}

/** collection [.column] with and without where */
static inline void write_aggregate(struct writer *w, const char *name, enum value_type value, int depth)
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

static inline void write_comparison(struct writer *w, int depth)
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

static inline void write_young_bool(struct writer *w, int depth)
{
	switch (random_below(4)) {
	case 0:
		write_pair(w, "starts_with(", TYPE_TEXT, ", ", TYPE_TEXT, ")", depth);
		break;
	case 1:
		write_one(w, "is_holiday(", TYPE_DATE, ")", depth);
		break;
	case 2:
		write_one(w, "is_workday(", TYPE_DATE, ")", depth);
		break;
	default:
		write_one(w, "(agency.status @ ", TYPE_DATE, random_below(2) ? " = 'active')" : " is null)", depth);
		break;
	}
}

static inline void write_young_int(struct writer *w, int depth)
{
	switch (random_below(3)) {
	case 0:
		write_one(w, "length(", TYPE_TEXT, ")", depth);
		break;
	case 1:
		write_one(w, "hour(", TYPE_DATETIME, ")", depth);
		break;
	default:
		write_one(w, random_below(2) ? "(agency.rank @ " : "(agency.superior.rank @ ", TYPE_DATE, ")", depth);
		break;
	}
}

static inline void write_bool(struct writer *w, int depth)
{
	static const char *const likes[] = { " like '%经营'", " not like 'a%'", " like '_b_'", " like '违法%经_'" };
	static const char *const codes[] = { "(procedure = 'general')", "(procedure in ('simple'))",
		"(channel not in ('report', 'inspection'))", "(procedure <> 'simple')", "(agency.status = 'active')",
		"(decided_on > '2025-02-01')", "(reported_at <= '2025-03-01 10:00')", "(procedure = channel)" };
	static const char *const patterns[] = { ", '^违法')", ", '[a-z]+')", ", '无|证')", ", '^$')" };

	if (random_everything && random_below(10) == 0) {
		write_young_bool(w, depth);
		return;
	}
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

static inline void write_date(struct writer *w, int depth)
{
	static const char *const units[] = { ", 'day')", ", 'workday')", ", 'month')", ", 'year')" };

	if (random_everything && random_below(10) == 0) {
		write_one(w, random_below(2) ? "month_start(" : "quarter_start(", TYPE_DATE, ")", depth);
		return;
	}

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

static inline void write_number(struct writer *w, enum value_type type, int depth)
{
	if (random_everything && type == TYPE_INT && random_below(6) == 0) {
		write_young_int(w, depth);
		return;
	}
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
static inline bool write_general(struct writer *w, enum value_type type, int depth)
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

static inline void write_expression(struct writer *w, enum value_type type, int depth)
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

#endif
