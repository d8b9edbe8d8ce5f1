/* Frames in a file that is mapped, not read: what was built from a store once is there again when the next process starts. The file is a
 * cache. It names its version, the dictionary it was made with and a checksum over everything; what does not fit is refused, and even with
 * a right checksum nothing in it is used before it was checked to lie within bounds (tests/fuzz/fuzz_image.c).
 *
 * One walk serves both directions: `array` writes what a pointer points at, or points it into the mapping. */
#include "frame/image.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "frame/frame.h"

#define MAGIC "XZFRAME"
#define VERSION 1
#define ALIGN 64
#define DAY_FIRST (-719162) /* 0001-01-01 */
#define DAY_LAST 2932896    /* 9999-12-31 */
#define DAY_SECONDS 86400

struct head {
	char magic[8];
	uint32_t version, types;
	uint64_t bytes, checksum, dictionary;
	struct frame_stamp stamp;
	uint64_t unused[3];
};
_Static_assert(sizeof(struct head) % ALIGN == 0, "arrays behind the head are aligned");

struct frame_image {
	void *map;
	size_t bytes;
	_Atomic int references;
};

/* ---- checksum ---- */

struct sum {
	uint64_t lanes[8];
};

static void sum_add(struct sum *s, const void *data, size_t bytes)
{
	const uint64_t *words = data;

	for (size_t i = 0; i < bytes / 8; i += 8)
		for (size_t k = 0; k < 8; k++) {
			uint64_t x = (s->lanes[k] ^ words[i + k]) * 0x9e3779b97f4a7c15u;

			s->lanes[k] = x ^ x >> 32;
		}
}

static uint64_t sum_end(const struct sum *s)
{
	uint64_t h = 0;

	for (size_t k = 0; k < 8; k++)
		h = (h ^ s->lanes[k]) * 0xff51afd7ed558ccdu ^ h >> 29;
	return h;
}

/** The checksum of a file: of what lies behind the head, then of the head itself without it. */
static uint64_t head_sum(const struct sum *behind, const struct head *head)
{
	struct sum sum = *behind;
	struct head bare = *head;

	bare.checksum = 0;
	sum_add(&sum, &bare, sizeof(bare));
	return sum_end(&sum);
}

static uint64_t mix(uint64_t h, struct str s)
{
	return (h ^ str_hash(s)) * 0x9e3779b97f4a7c15u ^ h >> 31;
}

static uint64_t mix_columns(uint64_t h, const struct dictionary_column *columns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		h = mix(h, columns[i].name) + (uint64_t)columns[i].type;
		for (size_t k = 0; k < columns[i].code_count; k++)
			h = mix(h, columns[i].codes[k].code);
	}
	return h;
}

/** Of all that gives the arrays their meaning: names, types and code lists in their order. */
static uint64_t dictionary_digest(const struct dictionary *d)
{
	uint64_t h = VERSION;

	for (size_t t = 0; t < d->type_count; t++) {
		const struct dictionary_type *type = &d->types[t];

		h = mix_columns(mix(h, type->name), type->columns, type->column_count);
		for (size_t c = 0; c < type->child_count; c++)
			h = mix_columns(mix(h, type->children[c].name), type->children[c].columns, type->children[c].column_count);
	}
	return h;
}

/* ---- the walk ---- */

struct walk {
	FILE *out; /* NULL when reading */
	struct sum sum;
	unsigned char *at; /* when reading */
	size_t left;
	bool failed;
};

static void write_array(struct walk *w, const void *v, size_t bytes)
{
	static const unsigned char zeros[ALIGN];
	unsigned char last[ALIGN] = { 0 };
	size_t whole = bytes / ALIGN * ALIGN;

	sum_add(&w->sum, v, whole);
	w->failed |= whole > 0 && fwrite(v, 1, whole, w->out) != whole;
	if (bytes == whole)
		return;
	memcpy(last, (const char *)v + whole, bytes - whole);
	memcpy(last + (bytes - whole), zeros, ALIGN - (bytes - whole));
	sum_add(&w->sum, last, ALIGN);
	w->failed |= fwrite(last, 1, ALIGN, w->out) != ALIGN;
}

/** `bytes` at *v go to the file, or *v is pointed at them; false when the file ends before. */
static bool array(struct walk *w, void *v, size_t bytes)
{
	void **pointer = v;
	size_t padded = (bytes + ALIGN - 1) / ALIGN * ALIGN;

	if (w->out) {
		write_array(w, *pointer, bytes);
		return !w->failed;
	}
	if (padded < bytes || padded > w->left)
		return !(w->failed = true);
	*pointer = w->at;
	w->at += padded;
	w->left -= padded;
	return true;
}

/** A number that both sides must have alike, or that the reader takes over. */
static bool number(struct walk *w, uint64_t *n)
{
	uint64_t here[8] = { *n }, *p = here;

	if (!array(w, &p, sizeof(here)))
		return false;
	*n = *p;
	return true;
}

static size_t padded_rows(size_t rows)
{
	return (rows / FRAME_BLOCK + 1) * FRAME_BLOCK;
}

static bool walk_column(struct walk *w, struct frame_column *c, enum column_type type, size_t rows)
{
	static const size_t widths[COLUMN_TYPE_COUNT] = { [COLUMN_INT] = 8,
		[COLUMN_MONEY] = 8,
		[COLUMN_DECIMAL] = 8,
		[COLUMN_DATETIME] = 8,
		[COLUMN_DATE] = 4,
		[COLUMN_TEXT] = 4,
		[COLUMN_CODE] = 2 };
	uint64_t loaded = c->loaded, heap = c->loaded && type == COLUMN_TEXT ? c->starts[rows] : 0;
	size_t padded = padded_rows(rows);

	if (!number(w, &loaded) || !number(w, &heap))
		return false;
	c->type = type;
	c->loaded = loaded == 1;
	if (!c->loaded)
		return true;
	return array(w, &c->valid, padded / 8) && array(w, &c->values, type == COLUMN_BOOL ? padded / 8 : padded * widths[type]) &&
	       (type != COLUMN_TEXT || array(w, &c->heap, heap)) && heap <= UINT32_MAX &&
	       (w->out || type != COLUMN_TEXT || c->starts[rows] == heap);
}

static bool walk_table(struct walk *w, struct frame_table *t, const struct dictionary_column *columns, size_t count)
{
	uint64_t rows = t->rows;

	if (!number(w, &rows) || rows >= FRAME_ROWS_MAX)
		return false;
	t->rows = rows;
	t->column_count = count;
	if (!t->columns) {
		t->columns = mem_alloc(count + 1, sizeof(*t->columns));
		if (!t->columns)
			return false;
	}
	for (size_t i = 0; i < count; i++)
		if (!walk_column(w, &t->columns[i], columns[i].type, t->rows))
			return false;
	return true;
}

static bool walk_frame(struct walk *w, struct frame *f)
{
	const struct dictionary_type *type = f->type;
	uint64_t supplies = f->supply_count;
	size_t padded;

	if (!walk_table(w, &f->table, type->columns, type->column_count) || !number(w, &supplies) || supplies > FRAME_SUPPLIES_MAX)
		return false;
	f->supply_count = supplies;
	padded = padded_rows(f->table.rows);
	if (!walk_column(w, &f->keys, COLUMN_TEXT, f->table.rows) || !f->keys.loaded || !array(w, &f->ids, padded * 8) ||
		!array(w, &f->orgs, padded * 8) || !array(w, &f->lines, padded * 8) || !array(w, &f->supply, padded * 2) ||
		!array(w, &f->supplies, f->supply_count * sizeof(*f->supplies)))
		return false;
	for (size_t i = 0; i < type->child_count; i++) {
		struct frame_child *c = &f->children[i];

		if (!walk_table(w, &c->table, type->children[i].columns, type->children[i].column_count) ||
			!array(w, &c->first, padded * 4) || !array(w, &c->parent, padded_rows(c->table.rows) * 4))
			return false;
	}
	return true;
}

/* ---- what was read lies within bounds ---- */

static bool starts_are_sound(const struct frame_column *c, size_t rows)
{
	size_t padded = padded_rows(rows), end = c->starts[rows];

	for (size_t i = 1; i < padded; i++)
		if (c->starts[i] < c->starts[i - 1] || c->starts[i] > end)
			return false;
	return c->starts[0] == 0;
}

static bool numbers_are_within(const int64_t *v, size_t count, int64_t min, int64_t max)
{
	bool sound = true;

	for (size_t i = 0; i < count; i++)
		sound &= v[i] >= min && v[i] <= max;
	return sound;
}

static bool column_is_sound(const struct frame_column *c, const struct dictionary_column *column, size_t rows)
{
	size_t padded = padded_rows(rows), code_count = column && column->code_count > 0 ? column->code_count : 1;
	bool sound = true;

	if (!c->loaded)
		return true;
	for (size_t i = rows; i < padded; i++) /* nothing is valid behind the rows */
		sound &= !frame_bit(c->valid, i);
	switch (c->type) {
	case COLUMN_TEXT:
		return sound && starts_are_sound(c, rows);
	case COLUMN_CODE:
		for (size_t i = 0; i < padded; i++)
			sound &= c->codes[i] < code_count;
		return sound;
	case COLUMN_DATE:
		for (size_t i = 0; i < padded; i++)
			sound &= c->days[i] >= DAY_FIRST && c->days[i] <= DAY_LAST;
		return sound;
	case COLUMN_DATETIME:
		return sound &&
		       numbers_are_within(c->nums, padded, (int64_t)DAY_FIRST * DAY_SECONDS, (int64_t)(DAY_LAST + 1) * DAY_SECONDS);
	case COLUMN_BOOL:
		for (size_t w = 0; w < padded / 64; w++)
			sound &= !(c->bits[w] & ~c->valid[w]);
		return sound;
	case COLUMN_INT:
	case COLUMN_MONEY:
	case COLUMN_DECIMAL:
	case COLUMN_TYPE_COUNT:
		break;
	}
	return sound;
}

static bool table_is_sound(const struct frame_table *t, const struct dictionary_column *columns)
{
	for (size_t i = 0; i < t->column_count; i++)
		if (!column_is_sound(&t->columns[i], &columns[i], t->rows))
			return false;
	return true;
}

/** Rows of record i are [first[i], first[i + 1]), all of them, and each names its record. */
static bool child_is_sound(const struct frame_child *c, size_t records)
{
	size_t padded = padded_rows(records);

	if (c->first[0] != 0)
		return false;
	for (size_t i = 1; i < padded; i++)
		if (c->first[i] < c->first[i - 1] || c->first[i] > c->table.rows || (i >= records && c->first[i] != c->table.rows))
			return false;
	for (size_t i = 0; i < c->table.rows; i++)
		if (c->parent[i] >= records || i < c->first[c->parent[i]] || i >= c->first[c->parent[i] + 1])
			return false;
	return true;
}

static bool frame_is_sound(const struct frame *f)
{
	if (!table_is_sound(&f->table, f->type->columns) || !column_is_sound(&f->keys, NULL, f->table.rows))
		return false;
	for (size_t i = 0; i < f->table.rows; i++)
		if (f->supply[i] >= f->supply_count || (i > 0 && f->ids[i] <= f->ids[i - 1]))
			return false;
	for (size_t i = 0; i < f->type->child_count; i++)
		if (!child_is_sound(&f->children[i], f->table.rows) || !table_is_sound(&f->children[i].table, f->type->children[i].columns))
			return false;
	return true;
}

/* ---- writing ---- */

static enum err_code write_all(int fd, const struct frame_set *set, const struct frame_stamp *stamp, const char *path, struct err *err)
{
	struct head head = { .magic = MAGIC,
		.version = VERSION,
		.types = (uint32_t)set->dictionary->type_count,
		.dictionary = dictionary_digest(set->dictionary),
		.stamp = *stamp };
	struct walk w = { .out = fdopen(fd, "w") };
	bool done;

	if (!w.out) {
		close(fd);
		return err_set(err, ERR_IO, "无法写入 %s", path);
	}
	done = fwrite(&head, sizeof(head), 1, w.out) == 1;
	for (size_t t = 0; t < set->dictionary->type_count && done; t++) {
		uint64_t present = set->frames[t] != NULL;

		done = number(&w, &present) && (!present || walk_frame(&w, set->frames[t]));
	}
	head.bytes = (uint64_t)ftello(w.out);
	head.checksum = head_sum(&w.sum, &head);
	done = done && fseeko(w.out, 0, SEEK_SET) == 0 && fwrite(&head, sizeof(head), 1, w.out) == 1;
	if (fclose(w.out) != 0 || !done)
		return err_set(err, ERR_IO, "无法写入 %s", path);
	return ERR_OK;
}

enum err_code frame_image_write(const char *path, const struct frame_set *set, const struct frame_stamp *stamp, struct err *err)
{
	char temporary[4096];
	enum err_code code;
	int fd;

	if (snprintf(temporary, sizeof(temporary), "%s.%d", path, (int)getpid()) >= (int)sizeof(temporary))
		return err_set(err, ERR_INPUT, "路径过长：%s", path);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600); /* it holds what the store holds */
	if (fd < 0)
		return err_set(err, ERR_IO, "无法写入 %s", temporary);
	code = write_all(fd, set, stamp, temporary, err);
	if (code == ERR_OK && rename(temporary, path) != 0)
		code = err_set(err, ERR_IO, "无法写入 %s", path);
	if (code != ERR_OK)
		unlink(temporary);
	return code;
}

/* ---- reading ---- */

void frame_image_release(struct frame_image *image)
{
	if (!image || --image->references > 0)
		return;
	munmap(image->map, image->bytes);
	free(image);
}

static void frame_image_releasep(struct frame_image **image)
{
	frame_image_release(*image);
}

static enum err_code read_frame(
	struct walk *w, struct frame_image *image, const struct dictionary_type *type, struct frame **ret, struct err *err)
{
	CLEANUP(frame_releasep) struct frame *f = mem_alloc(1, sizeof(*f));

	if (!f)
		return err_nomem(err);
	f->references = 1;
	f->type = type;
	f->image = image;
	image->references++;
	f->children = mem_alloc(type->child_count + 1, sizeof(*f->children));
	if (!f->children)
		return err_nomem(err);
	if (!walk_frame(w, f) || !frame_is_sound(f))
		return err_set(err, ERR_INPUT, "缓存中 %.*s 的数据不完整", STR_ARG(type->name));
	*ret = f;
	f = NULL;
	return ERR_OK;
}

static bool head_fits(const struct head *h, size_t bytes, const struct dictionary *d)
{
	struct sum sum = { 0 };

	if (memcmp(h->magic, MAGIC, sizeof(h->magic)) != 0 || h->version != VERSION || h->bytes != bytes || h->types != d->type_count ||
		bytes % ALIGN != 0 || h->dictionary != dictionary_digest(d))
		return false;
	sum_add(&sum, h + 1, bytes - sizeof(*h));
	return head_sum(&sum, h) == h->checksum;
}

static enum err_code map_file(const char *path, struct frame_image **ret, struct err *err)
{
	struct frame_image *image = mem_alloc(1, sizeof(*image));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *map = MAP_FAILED;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof(struct head))
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (fd >= 0)
		close(fd);
	if (!image || map == MAP_FAILED) {
		if (map != MAP_FAILED)
			munmap(map, (size_t)st.st_size);
		free(image);
		return err_set(err, ERR_NOT_FOUND, "没有缓存 %s", path);
	}
	*image = (struct frame_image){ .map = map, .bytes = (size_t)st.st_size, .references = 1 };
	*ret = image;
	return ERR_OK;
}

enum err_code frame_image_open(
	const char *path, const struct dictionary *d, struct frame **ret_frames, struct frame_stamp *ret_stamp, struct err *err)
{
	CLEANUP(frame_image_releasep) struct frame_image *image = NULL;
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 };
	enum err_code code = ERR_OK;
	struct walk w = { 0 };

	TRY(map_file(path, &image, err));
	if (!head_fits(image->map, image->bytes, d))
		return err_set(err, ERR_INPUT, "缓存 %s 与本程序或者数据字典不符", path);
	w.at = (unsigned char *)image->map + sizeof(struct head);
	w.left = image->bytes - sizeof(struct head);
	for (size_t t = 0; t < d->type_count && code == ERR_OK; t++) {
		uint64_t present = 0;

		if (!number(&w, &present) || present > 1)
			code = err_set(err, ERR_INPUT, "缓存 %s 不完整", path);
		else if (present)
			code = read_frame(&w, image, &d->types[t], &frames[t], err);
	}
	for (size_t t = 0; code != ERR_OK && t < d->type_count; t++)
		frame_release(frames[t]);
	if (code != ERR_OK)
		return code;
	memcpy(ret_frames, frames, d->type_count * sizeof(*frames));
	*ret_stamp = ((const struct head *)image->map)->stamp;
	return ERR_OK;
}
