/* One member after the other, in any order the caller likes: ties of first and last are decided by row, so the order does not show. */
#include "rule/fold.h"

#include <stdlib.h>

#include "base/fault.h"

/** What was seen of the members. */
struct seen {
	int64_t number;
	__int128 sum; /* as wide as it gets: whether it fits is asked once, at the end, so that the order does not matter */
	struct str text;
	int64_t order;
	uint32_t row;
	size_t count;
	bool has, null, absent, unknown, false_;
};

int64_t column_number(const struct derived_column *c, enum value_type type, size_t row)
{
	switch (vector_width(type)) {
	case 0:
		return frame_bit(c->values, row);
	case 2:
		return ((const uint16_t *)c->values)[row];
	case 4:
		return type == TYPE_DATE ? (int64_t)((const int32_t *)c->values)[row] : (int64_t)((const uint32_t *)c->values)[row];
	default:
		return ((const int64_t *)c->values)[row];
	}
}

void column_put_number(struct derived_column *c, enum value_type type, size_t row, int64_t value)
{
	switch (vector_width(type)) {
	case 0:
		((uint64_t *)c->values)[row >> 6] |= (uint64_t)(value != 0) << (row & 63);
		break;
	case 2:
		((uint16_t *)c->values)[row] = (uint16_t)value;
		break;
	case 4:
		((uint32_t *)c->values)[row] = (uint32_t)value;
		break;
	default:
		((int64_t *)c->values)[row] = value;
		break;
	}
}

enum err_code derived_column_make(enum value_type type, size_t rows, struct derived_column *ret, struct err *err)
{
	size_t padded = (rows / FRAME_BLOCK + 1) * FRAME_BLOCK, width = vector_width(type);
	struct derived_column c = { .values = aligned_alloc(64, width ? padded * width : padded / 8),
		.valid = aligned_alloc(64, padded / 8),
		.absent = aligned_alloc(64, padded / 8) };

	if (!c.values || !c.valid || !c.absent) {
		free(c.values);
		free(c.valid);
		free(c.absent);
		return err_nomem(err);
	}
	memset(c.values, 0, width ? padded * width : padded / 8);
	memset(c.valid, 0, padded / 8);
	memset(c.absent, 0, padded / 8);
	*ret = c;
	return ERR_OK;
}

void fold_scratch_clear(struct fold_scratch *s)
{
	free(s->numbers);
	free(s->texts);
}

/** Room for one value a member. */
static bool scratch_room(struct fold_scratch *s, size_t count, bool texts)
{
	size_t cap = s->cap ? s->cap : 256;

	if (count <= s->cap && (!texts || s->texts))
		return true;
	while (cap < count)
		cap *= 2;
	free(s->numbers);
	free(s->texts);
	s->numbers = mem_alloc(cap, sizeof(*s->numbers));
	s->texts = texts ? mem_alloc(cap, sizeof(*s->texts)) : NULL;
	s->cap = s->numbers && (s->texts || !texts) ? cap : 0;
	s->failed |= !s->cap;
	return s->cap > 0;
}

/* ---- members ---- */

static void see_ordered(const struct fold_input *in, uint32_t row, struct seen *s)
{
	bool first = in->fold->kind == AGGREGATE_FIRST;
	int64_t at = in->fold->order < 0 ? (int64_t)row : column_number(&in->order, in->order_type, row);
	bool before = s->has && (at < s->order || (at == s->order && row < s->row));

	if (s->has && before != first)
		return;
	s->has = true;
	s->order = at;
	s->row = row;
	s->null = !frame_bit(in->value.valid, row);
	if (s->null)
		return;
	if (in->type == TYPE_TEXT)
		s->text = ((const struct str *)in->value.values)[row];
	else
		s->number = column_number(&in->value, in->type, row);
}

static void see_extreme(const struct fold_input *in, uint32_t row, struct seen *s)
{
	int64_t now = column_number(&in->value, in->type, row);

	if (in->fold->kind == AGGREGATE_SUM)
		s->sum += now;
	else if (!s->has || (now < s->number) == (in->fold->kind == AGGREGATE_MIN))
		s->number = now;
	s->has = true;
}

/** A member that the filter let through. */
static void see_member(const struct fold_input *in, uint32_t row, struct fold_scratch *scratch, struct seen *s)
{
	const struct fold *f = in->fold;
	bool valid = f->value < 0 || frame_bit(in->value.valid, row);
	bool absent = !valid && f->value_absent >= 0 && frame_bit(in->value_absent.values, row);

	switch (f->kind) {
	case AGGREGATE_FIRST:
	case AGGREGATE_LAST:
		if (f->order >= 0 && !frame_bit(in->order.valid, row))
			absent |= f->order_absent >= 0 && frame_bit(in->order_absent.values, row);
		else if (!absent)
			see_ordered(in, row, s);
		break;
	case AGGREGATE_ANY:
	case AGGREGATE_ALL:
		s->unknown |= !valid;
		s->has |= valid && frame_bit(in->value.values, row);
		s->false_ |= valid && !frame_bit(in->value.values, row);
		break;
	case AGGREGATE_COUNT:
	case AGGREGATE_EXISTS:
		s->count += valid;
		s->has |= valid;
		break;
	case AGGREGATE_MIN:
	case AGGREGATE_MAX:
	case AGGREGATE_SUM:
		if (valid)
			see_extreme(in, row, s);
		break;
	case AGGREGATE_DISTINCT:
	case AGGREGATE_MEDIAN:
	case AGGREGATE_MAD:
	case AGGREGATE_QUANTILE:
	case AGGREGATE_KIND_COUNT:
		if (valid && in->type == TYPE_TEXT)
			scratch->texts[s->count++] = ((const struct str *)in->value.values)[row];
		else if (valid)
			scratch->numbers[s->count++] = column_number(&in->value, in->type, row);
		break;
	}
	s->absent |= absent;
}

/* ---- what needs all values ---- */

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static int64_t distinct(struct fold_scratch *scratch, size_t count, bool texts)
{
	int64_t different = count > 0;

	if (texts)
		qsort(scratch->texts, count, sizeof(*scratch->texts), by_text);
	else
		qsort(scratch->numbers, count, sizeof(*scratch->numbers), by_number);
	for (size_t i = 1; i < count; i++)
		different += texts ? !str_eq(scratch->texts[i], scratch->texts[i - 1]) : scratch->numbers[i] != scratch->numbers[i - 1];
	return different;
}

/** Value at position q (of 10000) of the sorted numbers: between two the part of the way, rounded half up. False when it does not fit. */
static bool quantile_sorted(const int64_t *v, size_t count, int64_t q, int64_t *ret)
{
	__int128 at = (__int128)q * (__int128)(count - 1);
	size_t low = (size_t)(at / 10000);
	int64_t part = (int64_t)(at % 10000);
	__int128 way = part ? ((__int128)v[low + 1] - v[low]) * part : 0;
	__int128 value = v[low] + (way + 5000) / 10000;

	*ret = (int64_t)value;
	return value == *ret;
}

static bool quantile(struct fold_scratch *scratch, size_t count, int64_t q, int64_t *ret)
{
	qsort(scratch->numbers, count, sizeof(*scratch->numbers), by_number);
	return quantile_sorted(scratch->numbers, count, q, ret);
}

/** Median of the distances from the median. */
static bool mad(struct fold_scratch *scratch, size_t count, int64_t *ret)
{
	int64_t middle;

	if (!quantile(scratch, count, 5000, &middle))
		return false;
	for (size_t i = 0; i < count; i++) {
		__int128 away = (__int128)scratch->numbers[i] - middle;

		away = away < 0 ? -away : away;
		if (away > INT64_MAX)
			return false;
		scratch->numbers[i] = (int64_t)away;
	}
	return quantile(scratch, count, 5000, ret);
}

/** True when there is a value; booleans and counts always have one when nothing is absent. */
static bool finish(const struct fold_input *in, struct fold_scratch *scratch, struct seen *s)
{
	switch (in->fold->kind) {
	case AGGREGATE_COUNT:
		s->number = (int64_t)s->count;
		return !s->absent;
	case AGGREGATE_EXISTS:
		s->number = s->has;
		return s->has || !s->absent;
	case AGGREGATE_ANY:
		s->number = s->has;
		return s->has || (!s->absent && !s->unknown);
	case AGGREGATE_ALL:
		s->number = !s->false_;
		return s->false_ || (!s->absent && !s->unknown);
	case AGGREGATE_DISTINCT:
		s->number = distinct(scratch, s->count, in->type == TYPE_TEXT);
		return !s->absent;
	case AGGREGATE_MEDIAN:
		return !s->absent && s->count > 0 && quantile(scratch, s->count, 5000, &s->number);
	case AGGREGATE_QUANTILE:
		return !s->absent && s->count > 0 && quantile(scratch, s->count, in->fold->quantile, &s->number);
	case AGGREGATE_MAD:
		return !s->absent && s->count > 0 && mad(scratch, s->count, &s->number);
	case AGGREGATE_SUM:
		s->number = (int64_t)s->sum;
		return !s->absent && s->has && s->number == s->sum;
	case AGGREGATE_MIN:
	case AGGREGATE_MAX:
	case AGGREGATE_FIRST:
	case AGGREGATE_LAST:
	case AGGREGATE_KIND_COUNT:
		break;
	}
	return !s->absent && s->has && !s->null;
}

void fold_rows(const struct fold_input *in, const uint32_t *rows, size_t count, bool absent, struct fold_scratch *scratch,
	struct derived_column *out, enum value_type out_type, size_t at)
{
	const struct fold *f = in->fold;
	struct seen s = { .absent = absent };

	if (f->kind >= AGGREGATE_DISTINCT && !scratch_room(scratch, count, in->type == TYPE_TEXT))
		return;
	for (size_t i = 0; i < count; i++) {
		if (f->filter_absent >= 0) /* whether this member counts cannot be told */
			s.absent |= frame_bit(in->filter_absent.values, rows[i]);
		if (f->filter < 0 || frame_bit(in->filter.values, rows[i]))
			see_member(in, rows[i], scratch, &s);
	}
	if (finish(in, scratch, &s)) {
		out->valid[at >> 6] |= (uint64_t)1 << (at & 63);
		if (out_type == TYPE_TEXT)
			((struct str *)out->values)[at] = s.text;
		else
			column_put_number(out, out_type, at, s.number);
	} else {
		out->absent[at >> 6] |= (uint64_t)s.absent << (at & 63);
	}
}
