/* A sound file of frames in which the input overwrites words (four bytes where, eight bytes what, again and again) and which it may cut.
 * The head is made right afterwards, else the checksum would keep everything out: the file is refused, or everything it holds can be read.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "frame/image.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct dictionary *dictionary;

static const struct dictionary *load(void)
{
	struct asset_set fixture = { .dirs = { { .dir = "tests/rule/dictionary", .prefix = "dictionary/", .replace = true } },
		.dir_count = 1 };
	static struct arena *mem;
	struct err err;

	if (!dictionary) {
		mem = arena_open((size_t)64 << 20);
		if (!mem || dictionary_load(&fixture, mem, &dictionary, &err) != ERR_OK)
			abort();
	}
	return dictionary;
}

static uint64_t read_table(const struct frame_table *t, const struct dictionary_column *columns)
{
	uint64_t sum = 0;

	for (size_t c = 0; c < t->column_count; c++)
		for (size_t row = 0; row < t->rows; row++) {
			struct dictionary_value v = frame_value(&columns[c], &t->columns[c], row);

			sum += v.null ? 0 : str_hash(v.s) + (uint64_t)v.i;
		}
	return sum;
}

static uint64_t read_frame_all(const struct frame *f)
{
	uint64_t sum = read_table(&f->table, f->type->columns);

	for (size_t row = 0; row < f->table.rows; row++)
		sum += str_hash(frame_key(f, row)) + f->supplies[f->supply[row]].children;
	for (size_t c = 0; c < f->type->child_count; c++) {
		sum += read_table(&f->children[c].table, f->type->children[c].columns);
		for (size_t row = 0; row < f->table.rows; row++)
			for (size_t m = f->children[c].first[row]; m < f->children[c].first[row + 1]; m++)
				sum += f->children[c].parent[m] == row;
	}
	return sum;
}

/** Some rows of every type, with members in every child; the bytes behind the head. */
static unsigned char *sound_body(const struct dictionary *d, size_t *ret_bytes)
{
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 };
	struct dictionary_value values[DICTIONARY_COLUMNS_MAX];
	struct frame_set *set = NULL;
	struct frame_stamp stamp = { 0 };
	struct str text = { 0 };
	CLEANUP(arena_closep) struct arena *mem = arena_open((size_t)64 << 20);
	char path[64];
	unsigned char *body;

	for (size_t i = 0; i < DICTIONARY_COLUMNS_MAX; i++)
		values[i] = (struct dictionary_value){ .null = i % 3 == 0, .i = 1, .s = STR("a") };
	for (size_t t = 0; t < d->type_count; t++) {
		struct frame_builder *b = NULL;
		struct frame_supply supply;
		size_t index;

		frame_supply_all(&d->types[t], &supply);
		if (frame_builder_open(&d->types[t], NULL, &b, NULL) != ERR_OK || frame_builder_supply(b, &supply, &index, NULL) != ERR_OK)
			abort();
		for (int i = 1; i < 5; i++) {
			if (frame_builder_row(b, &(struct frame_row){ .key = STR("key"), .id = i, .values = values }, NULL) != ERR_OK)
				abort();
			for (size_t c = 0; c < d->types[t].child_count; c++)
				if (frame_builder_child(b, (int)c, values, NULL) != ERR_OK)
					abort();
		}
		if (frame_builder_finish(&b, &frames[t], NULL) != ERR_OK)
			abort();
	}
	snprintf(path, sizeof(path), "/tmp/xz-fuzz-image-%d", (int)getpid());
	if (frame_set_open(d, frames, NULL, &set, NULL) != ERR_OK || frame_image_write(path, set, &stamp, NULL) != ERR_OK ||
		file_read(path, (size_t)32 << 20, mem, &text, NULL) != ERR_OK)
		abort();
	unlink(path);
	*ret_bytes = text.len - sizeof(struct head);
	body = aligned_alloc(ALIGN, *ret_bytes);
	if (!body)
		abort();
	memcpy(body, text.ptr + sizeof(struct head), *ret_bytes);
	frame_set_release(set);
	for (size_t t = 0; t < d->type_count; t++)
		frame_release(frames[t]);
	return body;
}

static int write_file(const struct dictionary *d, const unsigned char *body, size_t bytes)
{
	struct head head = { .magic = MAGIC, .version = VERSION, .types = (uint32_t)d->type_count, .dictionary = dictionary_digest(d) };
	struct sum sum = { 0 };
	int fd = memfd_create("image", 0);

	head.bytes = sizeof(head) + bytes;
	sum_add(&sum, body, bytes);
	head.checksum = head_sum(&sum, &head);
	if (fd < 0 || write(fd, &head, sizeof(head)) != (ssize_t)sizeof(head) || write(fd, body, bytes) != (ssize_t)bytes)
		abort();
	return fd;
}

static void try_file(const struct dictionary *d, int fd, bool sound)
{
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 };
	struct frame_set *set = NULL;
	struct frame_stamp stamp;
	struct err err;
	char path[64];
	volatile uint64_t read = 0;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (frame_image_open(path, d, frames, &stamp, &err) != ERR_OK) {
		if (sound)
			abort();
		return;
	}
	if (frame_set_open(d, frames, NULL, &set, &err) == ERR_OK)
		frame_set_release(set);
	for (size_t t = 0; t < d->type_count; t++)
		if (frames[t]) {
			read += read_frame_all(frames[t]);
			frame_release(frames[t]);
		}
	(void)read;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char *body;
	static size_t body_bytes;
	const struct dictionary *d = load();
	unsigned char *copy;
	size_t bytes;
	int fd;

	if (!body)
		body = sound_body(d, &body_bytes);
	bytes = body_bytes;
	copy = aligned_alloc(ALIGN, body_bytes);
	if (!copy)
		abort();
	memcpy(copy, body, body_bytes);
	for (; size >= 12; data += 12, size -= 12) {
		uint32_t at;

		memcpy(&at, data, sizeof(at));
		if (at == UINT32_MAX)
			bytes = bytes / 2 / ALIGN * ALIGN;
		else
			memcpy(copy + at % (body_bytes / 4 - 1) * 4, data + 4, 8);
	}
	fd = write_file(d, copy, bytes);
	try_file(d, fd, memcmp(copy, body, body_bytes) == 0 && bytes == body_bytes);
	close(fd);
	free(copy);
	return 0;
}
