/* Blocks that double up to 1 MiB; the first block survives a reset so that a steady request load allocates nothing. */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

#define BLOCK_BYTES_FIRST 8192u
#define BLOCK_BYTES_MAX (1u << 20)

struct block {
	struct block *older;
	size_t size, used;
	char bytes[] __attribute__((aligned(16)));
};

struct arena {
	struct block *newest;
	size_t bytes_max;
	size_t bytes_held; /* sizes of all blocks */
	size_t bytes_used;
};

static struct block *block_new(struct arena *a, size_t at_least)
{
	size_t size = a->newest ? a->newest->size * 2 : BLOCK_BYTES_FIRST;
	struct block *b;

	if (size > BLOCK_BYTES_MAX)
		size = BLOCK_BYTES_MAX;
	if (size < at_least)
		size = at_least;
	if (size > a->bytes_max - a->bytes_held)
		size = at_least;
	if (size > a->bytes_max - a->bytes_held || size > SIZE_MAX - sizeof(*b) || fault_hit(FAULT_ALLOC))
		return NULL;
	b = malloc(sizeof(*b) + size);
	if (!b)
		return NULL;
	*b = (struct block){ .older = a->newest, .size = size };
	a->newest = b;
	a->bytes_held += size;
	return b;
}

struct arena *arena_open(size_t bytes_max)
{
	struct arena *a = mem_alloc(1, sizeof(*a));

	if (a)
		a->bytes_max = bytes_max;
	return a;
}

void *arena_alloc(struct arena *a, size_t count, size_t size, size_t align)
{
	struct block *b = a->newest;
	size_t bytes, start;

	if (__builtin_mul_overflow(count, size, &bytes) || bytes > a->bytes_max)
		return NULL;
	start = b ? (b->used + align - 1) & ~(align - 1) : 0;
	if (!b || start > b->size || bytes > b->size - start) {
		b = block_new(a, bytes ? bytes : 1);
		if (!b)
			return NULL;
		start = 0;
	}
	b->used = start + bytes;
	a->bytes_used += bytes;
	memset(b->bytes + start, 0, bytes);
	return b->bytes + start;
}

void arena_reset(struct arena *a)
{
	struct block *b = a->newest;

	while (b && b->older) {
		struct block *older = b->older;

		a->bytes_held -= b->size;
		free(b);
		b = older;
	}
	a->newest = b;
	a->bytes_used = 0;
	if (b)
		b->used = 0;
}

void arena_close(struct arena *a)
{
	if (!a)
		return;
	arena_reset(a);
	free(a->newest);
	free(a);
}

void arena_closep(struct arena **a)
{
	arena_close(*a);
	*a = NULL;
}

size_t arena_used_bytes(const struct arena *a)
{
	return a->bytes_used;
}
