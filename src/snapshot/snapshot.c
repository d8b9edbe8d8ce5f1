/* Building and replacing: one mutex keeps builders in a queue, another guards the pointer that readers take. */
#include "snapshot/snapshot.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/vec.h"
#include "snapshot/snapshot_store.h"

struct snapshot_store {
	const struct dictionary *dictionary;
	struct frame_wanted *wanted; /* NULL: everything */
	pthread_mutex_t building;    /* one builder at a time */
	pthread_mutex_t pointer;     /* guards current and change_no */
	struct frame_set *current;   /* NULL before the first build */
	int64_t change_no;
	int32_t as_of;                    /* registers as they were on this day; 0: as they are */
	bool stale[DICTIONARY_TYPES_MAX]; /* lacks a column that somebody wants; builders only */
	char *cache;                      /* path of the file, NULL: none; builders only, like what follows */
	bool cache_tried;
	size_t uncached; /* records read since the file was written or mapped */
};

#define UNCACHED_MAX 1000 /* the file is written again when more records than this, and a twentieth of all, are not in it */

/* ---- rows ---- */

_Static_assert(
	sizeof(((struct record_supply *)0)->columns) == sizeof(((struct frame_supply *)0)->columns), "one bit a column on both sides");
_Static_assert(sizeof(((struct record_supply *)0)->child_columns) == sizeof(((struct frame_supply *)0)->child_columns),
	"and one a child's column");

void snapshot_supply(const struct record_supply *from, struct frame_supply *to)
{
	memcpy(to->columns, from->columns, sizeof(to->columns));
	memcpy(to->child_columns, from->child_columns, sizeof(to->child_columns));
	to->children = from->children;
}

/** A source without the history says nothing of a day: what it would have told is absent, not empty. */
static void drop_untold(const struct dictionary_type *t, struct frame_supply *supply)
{
	const struct dictionary_child *periods = &t->children[t->history.child];

	if ((supply->children >> t->history.child) & 1)
		return;
	for (size_t i = 0; i < periods->column_count; i++)
		frame_supply_remove(t, periods->columns[i].name, supply);
}

enum err_code snapshot_put(
	struct frame_builder *b, const struct dictionary_type *t, const struct record_row *row, int32_t as_of, struct err *err)
{
	struct record_row then = *row;
	struct frame_supply supply;
	struct frame_row frame_row = { .key = row->key, .id = row->id, .org_id = row->org_id, .line = row->line, .values = row->values };

	if (row->supply)
		snapshot_supply(row->supply, &supply);
	else
		frame_supply_all(t, &supply);
	if (as_of != 0 && t->history.child >= 0) {
		record_as_of(t, &then, as_of);
		drop_untold(t, &supply);
	}
	TRY(frame_builder_supply(b, &supply, &frame_row.supply, err));
	TRY(frame_builder_row(b, &frame_row, err));
	for (size_t k = 0; k < t->child_count; k++) {
		const struct record_child_rows *rows = &row->children[k];

		for (size_t i = 0; i < rows->row_count; i++)
			TRY(frame_builder_child(b, (int)k, &rows->cells[i * t->children[k].column_count], err));
	}
	return ERR_OK;
}

/* ---- the store ---- */

/** Adds the columns that a record's title shows: "{case_no} {party_name}". */
static void want_title(const struct dictionary_type *t, struct frame_wanted *w)
{
	struct str rest = t->title;
	ptrdiff_t open, close;

	while ((open = str_find(rest, STR("{"))) >= 0 && (close = str_find(rest, STR("}"))) > open) {
		const struct dictionary_column *c = dictionary_column(t, str_sub(rest, (size_t)open + 1, (size_t)close));

		if (c)
			frame_wanted_add(w, -1, c->index);
		rest = str_sub(rest, (size_t)close + 1, rest.len);
	}
}

enum err_code snapshot_store_open(
	const struct dictionary *d, const struct frame_wanted *wanted, struct snapshot_store **ret, struct err *err)
{
	struct snapshot_store *s = mem_alloc(1, sizeof(*s));

	if (!s)
		return err_nomem(err);
	s->dictionary = d;
	if (wanted) {
		s->wanted = mem_alloc(d->type_count, sizeof(*s->wanted));
		if (!s->wanted) {
			free(s);
			return err_nomem(err);
		}
		for (size_t t = 0; t < d->type_count; t++) {
			s->wanted[t] = wanted[t];
			frame_wanted_add_links(&s->wanted[t], d, &d->types[t]);
			want_title(&d->types[t], &s->wanted[t]);
		}
	}
	pthread_mutex_init(&s->building, NULL);
	pthread_mutex_init(&s->pointer, NULL);
	*ret = s;
	return ERR_OK;
}

void snapshot_store_as_of(struct snapshot_store *s, int32_t day)
{
	s->as_of = day;
}

void snapshot_store_close(struct snapshot_store *s)
{
	if (!s)
		return;
	frame_set_release(s->current);
	pthread_mutex_destroy(&s->building);
	pthread_mutex_destroy(&s->pointer);
	free(s->wanted);
	free(s->cache);
	free(s);
}

enum err_code snapshot_store_cache(struct snapshot_store *s, const char *path, struct err *err)
{
	size_t bytes = strlen(path) + 1;
	char *copy = mem_alloc(bytes, 1);

	if (!copy)
		return err_nomem(err);
	memcpy(copy, path, bytes);
	pthread_mutex_lock(&s->building);
	free(s->cache);
	s->cache = copy;
	s->cache_tried = false;
	pthread_mutex_unlock(&s->building);
	return ERR_OK;
}

static bool covers(const struct frame_wanted *have, const struct frame_wanted *more)
{
	const uint64_t *a = (const uint64_t *)have, *b = (const uint64_t *)more;

	for (size_t i = 0; i < sizeof(*have) / sizeof(*a); i++)
		if (b[i] & ~a[i])
			return false;
	return true;
}

static void add_wanted(struct frame_wanted *to, const struct frame_wanted *more)
{
	uint64_t *a = (uint64_t *)to;
	const uint64_t *b = (const uint64_t *)more;

	for (size_t i = 0; i < sizeof(*to) / sizeof(*a); i++)
		a[i] |= b[i];
}
_Static_assert(sizeof(struct frame_wanted) % sizeof(uint64_t) == 0, "only words of bits");

void snapshot_store_widen(struct snapshot_store *s, const struct frame_wanted *wanted)
{
	pthread_mutex_lock(&s->building);
	for (size_t t = 0; s->wanted && t < s->dictionary->type_count; t++)
		if (!covers(&s->wanted[t], &wanted[t])) {
			add_wanted(&s->wanted[t], &wanted[t]);
			s->stale[t] = true;
		}
	pthread_mutex_unlock(&s->building);
}

static bool any_stale(const struct snapshot_store *s)
{
	for (size_t t = 0; t < s->dictionary->type_count; t++)
		if (s->stale[t])
			return true;
	return false;
}

/** The current set with a reference of the caller's own, when it holds up to `change_no`; else NULL. */
static struct frame_set *take_current(struct snapshot_store *s, int64_t change_no)
{
	struct frame_set *set = NULL;

	pthread_mutex_lock(&s->pointer);
	if (s->current && s->change_no == change_no)
		set = frame_set_take(s->current);
	pthread_mutex_unlock(&s->pointer);
	return set;
}

struct scan {
	struct frame_builder *builder;
	int32_t as_of;
	const struct dictionary_type *type;
};

static enum err_code on_row(const struct record_row *row, void *arg, struct err *err)
{
	struct scan *scan = arg;

	return snapshot_put(scan->builder, scan->type, row, scan->as_of, err);
}

static enum err_code build_frame(
	struct snapshot_store *s, struct db *db, const struct dictionary_type *t, struct frame **ret, struct err *err)
{
	CLEANUP(frame_builder_closep) struct frame_builder *builder = NULL;
	struct scan scan = { .type = t, .as_of = s->as_of };

	TRY(frame_builder_open(t, s->wanted ? &s->wanted[t->index] : NULL, &builder, err));
	scan.builder = builder;
	TRY(record_scan(db, s->dictionary, t, 0, on_row, &scan, err));
	s->uncached += frame_builder_rows(builder);
	return frame_builder_finish(&builder, ret, err);
}

/* ---- catching up ---- */

/** What changed since a frame was made: the new states as a frame of their own, and which record each is. */
struct changes {
	struct frame_builder *builder;
	int32_t as_of;
	const struct dictionary_type *type;
	VEC(struct frame_change) list;
};

static void changes_clear(struct changes *c)
{
	frame_builder_close(c->builder);
	vec_clear(&c->list);
}

static enum err_code on_change(const struct record_row *row, void *arg, struct err *err)
{
	struct changes *c = arg;
	struct frame_change change = { .id = row->id, .row = FRAME_NO_ROW };

	if (!row->deleted) {
		change.row = (uint32_t)frame_builder_rows(c->builder);
		TRY(snapshot_put(c->builder, c->type, row, c->as_of, err));
	}
	return vec_push(&c->list, change) ? ERR_OK : err_nomem(err);
}

static int by_id(const void *a, const void *b)
{
	int64_t x = ((const struct frame_change *)a)->id, y = ((const struct frame_change *)b)->id;

	return (x > y) - (x < y);
}

/** The old frame when nothing changed, else a copy with the changed records in it. */
static enum err_code catch_up(struct snapshot_store *s, struct db *db, const struct dictionary_type *t, struct frame *old,
	int64_t old_change_no, struct frame **ret, struct err *err)
{
	const struct frame_wanted *wanted = s->wanted ? &s->wanted[t->index] : NULL;
	CLEANUP(changes_clear) struct changes c = { .type = t, .as_of = s->as_of };
	CLEANUP(frame_releasep) struct frame *changed = NULL;

	TRY(frame_builder_open(t, wanted, &c.builder, err));
	TRY(record_scan(db, s->dictionary, t, old_change_no, on_change, &c, err));
	if (c.list.len == 0) {
		*ret = frame_take(old);
		return ERR_OK;
	}
	s->uncached += c.list.len;
	qsort(c.list.v, c.list.len, sizeof(*c.list.v), by_id);
	TRY(frame_builder_finish(&c.builder, &changed, err));
	return frame_patch(old, wanted, changed, c.list.v, c.list.len, ret, err);
}

/** The frames of the present state; a type without a change since the old set keeps its frame. Each entry is a reference of the caller's.
 */
static enum err_code build_frames(
	struct snapshot_store *s, struct db *db, const struct frame_set *old, int64_t old_change_no, struct frame **frames, struct err *err)
{
	for (size_t t = 0; t < s->dictionary->type_count; t++) {
		const struct dictionary_type *type = &s->dictionary->types[t];

		if (old && old->frames[t] && old_change_no > 0 && !s->stale[t])
			TRY(catch_up(s, db, type, old->frames[t], old_change_no, &frames[t], err));
		else
			TRY(build_frame(s, db, type, &frames[t], err));
	}
	return ERR_OK;
}

/** Makes the set of the state that `db`'s reading transaction sees and puts it in place. */
static enum err_code rebuild(struct snapshot_store *s, struct db *db, int64_t change_no, struct frame_set **ret, struct err *err)
{
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 };
	struct frame_set *old = s->current, *set = NULL; /* only builders change current, and the caller holds their queue */
	enum err_code code = build_frames(s, db, old, s->change_no, frames, err);

	if (code == ERR_OK)
		code = frame_set_open(s->dictionary, frames, old, &set, err);
	for (size_t t = 0; t < DICTIONARY_TYPES_MAX; t++)
		frame_release(frames[t]);
	if (code != ERR_OK)
		return code;
	pthread_mutex_lock(&s->pointer);
	s->current = set;
	s->change_no = change_no;
	memset(s->stale, 0, sizeof(s->stale));
	*ret = frame_set_take(set);
	pthread_mutex_unlock(&s->pointer);
	frame_set_release(old);
	return ERR_OK;
}

/* ---- between processes ---- */

static bool frames_cover(const struct snapshot_store *s, struct frame *const *frames)
{
	for (size_t t = 0; t < s->dictionary->type_count; t++)
		if (!frames[t] || !s->wanted || !frame_covers(frames[t], &s->wanted[t]))
			return false;
	return true;
}

/** Takes the set of the file as the first one, when there is a file and it fits. */
static enum err_code take_cached(struct snapshot_store *s, struct db *db, int64_t change_no, struct err *err)
{
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 };
	struct frame_stamp stamp;
	struct frame_set *set = NULL;
	struct err why;
	enum err_code code;
	bool fits = false;

	s->cache_tried = true;
	if (frame_image_open(s->cache, s->dictionary, frames, &stamp, &why) != ERR_OK) /* none, or of another kind: as good as none */
		return ERR_OK;
	code = snapshot_stamp_fits(db, &stamp, change_no, &fits, err);
	if (code == ERR_OK && fits && frames_cover(s, frames))
		code = frame_set_open(s->dictionary, frames, NULL, &set, err);
	for (size_t t = 0; t < s->dictionary->type_count; t++)
		frame_release(frames[t]);
	if (code != ERR_OK || !set)
		return code;
	pthread_mutex_lock(&s->pointer);
	s->current = set;
	s->change_no = stamp.numbers[0];
	pthread_mutex_unlock(&s->pointer);
	return ERR_OK;
}

static size_t rows_of(const struct frame_set *set)
{
	size_t rows = 0;

	for (size_t t = 0; t < set->dictionary->type_count; t++)
		rows += set->frames[t] ? set->frames[t]->table.rows : 0;
	return rows;
}

/** Writes the file when enough is not in it. A failure is not one of the caller's: the next process builds from the store again. */
static void keep_cached(struct snapshot_store *s, struct db *db, const struct frame_set *set, int64_t change_no)
{
	struct frame_stamp stamp;
	struct err why;

	if (!s->cache || s->uncached <= UNCACHED_MAX || s->uncached < rows_of(set) / 20)
		return;
	if (snapshot_stamp(db, change_no, &stamp, &why) == ERR_OK && frame_image_write(s->cache, set, &stamp, &why) == ERR_OK)
		s->uncached = 0;
}

enum err_code snapshot_get(struct snapshot_store *s, struct db *db, struct frame_set **ret, int64_t *ret_change_no, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	int64_t change_no;
	enum err_code code = ERR_OK;

	pthread_mutex_lock(&s->building);
	code = db_begin_read(db, &tx, err);
	if (code == ERR_OK)
		code = record_change_no(db, &change_no, err);
	if (code == ERR_OK && s->cache && !s->current && !s->cache_tried)
		code = take_cached(s, db, change_no, err);
	if (code == ERR_OK) {
		*ret = any_stale(s) ? NULL : take_current(s, change_no);
		if (!*ret)
			code = rebuild(s, db, change_no, ret, err);
		if (code == ERR_OK)
			keep_cached(s, db, *ret, change_no);
	}
	if (code == ERR_OK && ret_change_no)
		*ret_change_no = change_no;
	pthread_mutex_unlock(&s->building);
	return code;
}
