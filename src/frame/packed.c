/* Columns as sweeps read them, kept with a set: a date in two bytes instead of four, a code in one, and values that stem from other
 * records or the calendar computed once instead of in every sweep. A kept column is a cache: losing it costs only time. */
#include "frame/packed.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/vec.h"
#include "frame/frame.h"

#define KEPT_MAX 2048 /* columns a set keeps */

struct kept {
	struct frame_packed *column;
	uint64_t used; /* when it was asked for last */
};

struct frame_packs {
	pthread_mutex_t lock;
	VEC(struct kept) kept;
	VEC(struct frame_packed *) outdated; /* of the frames that this set's frames were made from */
	uint64_t clock;
};

struct frame_packs *frame_packs_open(void)
{
	struct frame_packs *p = mem_alloc(1, sizeof(*p));

	if (p)
		pthread_mutex_init(&p->lock, NULL);
	return p;
}

void frame_packs_close(struct frame_packs *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->kept.len; i++)
		frame_packed_release(p->kept.v[i].column);
	vec_clear(&p->kept);
	for (size_t i = 0; i < p->outdated.len; i++)
		frame_packed_release(p->outdated.v[i]);
	vec_clear(&p->outdated);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* ---- one column ---- */

static size_t packed_rows(size_t rows)
{
	return (rows / FRAME_BLOCK + 1) * FRAME_BLOCK;
}

static void *zeroed(size_t bytes)
{
	void *v = frame_alloc(bytes);

	if (v)
		memset(v, 0, bytes);
	return v;
}

enum err_code frame_packed_open(
	struct frame *f, struct str key, enum frame_width width, int64_t base, struct frame_packed **ret, struct err *err)
{
	struct frame_packed *c = mem_alloc(1, sizeof(*c));
	size_t padded = packed_rows(f->table.rows);
	char *text;

	if (!c)
		return err_nomem(err);
	c->references = 1;
	c->min = INT64_MAX;
	c->max = INT64_MIN;
	c->frame = frame_take(f);
	c->rows = f->table.rows;
	c->width = width;
	c->base = base;
	text = mem_alloc(key.len + 1, 1);
	if (text)
		memcpy(text, key.ptr, key.len);
	c->key = (struct str){ .ptr = text, .len = key.len };
	if (width == FRAME_WIDTH_BITS) {
		c->yes = zeroed(padded / 8);
		c->no = zeroed(padded / 8);
	} else {
		c->values = zeroed(padded << width);
		c->valid = zeroed(padded / 8);
	}
	if (!text || !(c->yes ? (void *)c->no : c->values) || (width != FRAME_WIDTH_BITS && !c->valid)) {
		frame_packed_release(c);
		return err_nomem(err);
	}
	*ret = c;
	return ERR_OK;
}

void frame_packed_copy(struct frame_packed *c, const struct frame_packed *old)
{
	size_t rows = c->rows < old->rows ? c->rows : old->rows, words = (rows + 63) / 64;

	assert(c->width == old->width && c->base == old->base);
	c->min = old->min;
	c->max = old->max;
	if (c->width == FRAME_WIDTH_BITS) {
		memcpy(c->yes, old->yes, words * 8);
		memcpy(c->no, old->no, words * 8);
		return;
	}
	if (old->values)
		memcpy(c->values, old->values, rows << c->width);
	if (old->valid)
		memcpy(c->valid, old->valid, words * 8);
	for (size_t i = 0; !old->valid && i < rows; i++)
		c->valid[i >> 6] |= (uint64_t)1 << (i & 63);
}

struct frame_packed *frame_packed_take(struct frame_packed *c)
{
	c->references++;
	return c;
}

void frame_packed_release(struct frame_packed *c)
{
	if (!c || --c->references > 0)
		return;
	frame_release((struct frame *)c->frame);
	free((void *)c->key.ptr);
	free(c->values);
	free(c->valid);
	free(c->yes);
	free(c->no);
	free(c);
}

static size_t ones_of(const uint64_t *bits, size_t rows)
{
	size_t ones = 0;

	for (size_t w = 0; bits && w < (rows + 63) / 64; w++)
		ones += (size_t)__builtin_popcountll(bits[w]);
	return ones;
}

static int64_t stored(const struct frame_packed *c, size_t row)
{
	switch (c->width) {
	case FRAME_WIDTH_8:
		return ((const int8_t *)c->values)[row];
	case FRAME_WIDTH_16:
		return ((const int16_t *)c->values)[row];
	case FRAME_WIDTH_32:
		return ((const int32_t *)c->values)[row];
	case FRAME_WIDTH_64:
	case FRAME_WIDTH_BITS:
	case FRAME_WIDTH_COUNT:
		break;
	}
	return ((const int64_t *)c->values)[row];
}

/** Copies to the width given; without memory the wide form stays, which is as good. */
static void narrow_to(struct frame_packed *c, enum frame_width width)
{
	size_t padded = packed_rows(c->rows);
	void *narrow = zeroed(padded << width);

	if (!narrow)
		return;
	for (size_t i = 0; i < c->rows; i++)
		if (width == FRAME_WIDTH_8)
			((int8_t *)narrow)[i] = (int8_t)stored(c, i);
		else
			((int16_t *)narrow)[i] = (int16_t)stored(c, i);
	free(c->values);
	c->values = narrow;
	c->width = width;
}

static void narrow_further(struct frame_packed *c, enum frame_width narrowest)
{
	if (c->width > FRAME_WIDTH_8 && narrowest == FRAME_WIDTH_8 && c->min >= INT8_MIN && c->max <= INT8_MAX)
		narrow_to(c, FRAME_WIDTH_8);
	else if (c->width > FRAME_WIDTH_16 && narrowest <= FRAME_WIDTH_16 && c->min >= INT16_MIN && c->max <= INT16_MAX)
		narrow_to(c, FRAME_WIDTH_16);
}

void frame_packed_finish(struct frame_packed *c, enum frame_width narrowest)
{
	if (c->width == FRAME_WIDTH_BITS) {
		c->yes_rows = ones_of(c->yes, c->rows);
		c->valid_rows = c->yes_rows + ones_of(c->no, c->rows);
		return;
	}
	c->valid_rows = ones_of(c->valid, c->rows);
	if (c->valid_rows == c->rows) {
		free(c->valid);
		c->valid = NULL;
	} else if (c->valid_rows == 0) {
		free(c->values);
		c->values = NULL;
	}
	if (c->values && c->base == 0)
		narrow_further(c, narrowest);
}

size_t frame_packed_bytes(const struct frame_packed *c)
{
	size_t padded = packed_rows(c->rows);

	return (c->values ? padded << c->width : 0) + (size_t)(!!c->valid + !!c->yes + !!c->no) * padded / 8;
}

/* ---- the list ---- */

static struct kept *find(struct frame_packs *p, const struct frame *f, struct str key)
{
	for (size_t i = 0; i < p->kept.len; i++)
		if (p->kept.v[i].column->frame == f && str_eq(p->kept.v[i].column->key, key))
			return &p->kept.v[i];
	return NULL;
}

struct frame_packed *frame_set_packed(const struct frame_set *s, const struct frame *f, struct str key)
{
	struct frame_packed *found = NULL;
	struct kept *k;

	pthread_mutex_lock(&s->packs->lock);
	k = find(s->packs, f, key);
	if (k) {
		k->used = ++s->packs->clock;
		found = frame_packed_take(k->column);
	}
	pthread_mutex_unlock(&s->packs->lock);
	return found;
}

static void drop_oldest(struct frame_packs *p)
{
	size_t oldest = 0;

	for (size_t i = 1; i < p->kept.len; i++)
		oldest = p->kept.v[i].used < p->kept.v[oldest].used ? i : oldest;
	frame_packed_release(p->kept.v[oldest].column);
	p->kept.v[oldest] = p->kept.v[--p->kept.len];
}

void frame_set_keep_packed(const struct frame_set *s, struct frame_packed *c)
{
	struct frame_packs *p = s->packs;

	pthread_mutex_lock(&p->lock);
	if (!find(p, c->frame, c->key)) {
		if (p->kept.len >= KEPT_MAX)
			drop_oldest(p);
		if (vec_push(&p->kept, ((struct kept){ .column = c, .used = ++p->clock }))) /* memory out: not kept, that is all */
			frame_packed_take(c);
	}
	pthread_mutex_unlock(&p->lock);
}

size_t frame_set_packed_bytes(const struct frame_set *s, size_t *ret_count)
{
	size_t bytes = 0;

	pthread_mutex_lock(&s->packs->lock);
	for (size_t i = 0; i < s->packs->kept.len; i++)
		bytes += frame_packed_bytes(s->packs->kept.v[i].column);
	*ret_count = s->packs->kept.len;
	pthread_mutex_unlock(&s->packs->lock);
	return bytes;
}

/* ---- from one set to the next ---- */

struct frame_packed *frame_set_outdated(const struct frame_set *s, const struct frame *f, struct str key)
{
	struct frame_packed *found = NULL;

	if (!f->patched_from)
		return NULL;
	pthread_mutex_lock(&s->packs->lock);
	for (size_t i = 0; i < s->packs->outdated.len && !found; i++)
		if (s->packs->outdated.v[i]->frame == f->patched_from && str_eq(s->packs->outdated.v[i]->key, key))
			found = frame_packed_take(s->packs->outdated.v[i]);
	pthread_mutex_unlock(&s->packs->lock);
	return found;
}

/** Whether everything the column reads besides its own type is the same in both sets. */
static bool reads_the_same(const struct frame_packed *c, const struct frame_set *a, const struct frame_set *b)
{
	for (uint64_t m = c->reads; m; m &= m - 1)
		if (a->frames[__builtin_ctzll(m)] != b->frames[__builtin_ctzll(m)])
			return false;
	return true;
}

void frame_packs_inherit(struct frame_set *s, const struct frame_set *old)
{
	struct frame_packs *p = s->packs;

	pthread_mutex_lock(&old->packs->lock);
	for (size_t i = 0; i < old->packs->kept.len; i++) {
		struct kept k = old->packs->kept.v[i];
		const struct frame *now = s->frames[k.column->frame->type->index];

		if (!k.column->alone || !now || !reads_the_same(k.column, s, old))
			continue;
		if (now == k.column->frame ? vec_push(&p->kept, k)
					   : now->patched_from == k.column->frame && vec_push(&p->outdated, k.column))
			frame_packed_take(k.column);
	}
	p->clock = old->packs->clock;
	pthread_mutex_unlock(&old->packs->lock);
}
