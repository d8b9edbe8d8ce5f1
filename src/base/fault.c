/* Fault gates and the allocation functions that pass through them. */
#include "base/fault.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int countdown[FAULT_KIND_COUNT] = { -1, -1, -1 };

void fault_arm(enum fault_kind kind, int after_count)
{
	countdown[kind] = after_count;
}

bool fault_hit(enum fault_kind kind)
{
	if (__builtin_expect(countdown[kind] < 0, 1))
		return false;
	return countdown[kind]-- == 0;
}

void *mem_alloc(size_t count, size_t size)
{
	return fault_hit(FAULT_ALLOC) ? NULL : calloc(count ? count : 1, size);
}

void *mem_resize(void *ptr, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) || fault_hit(FAULT_ALLOC))
		return NULL;
	return realloc(ptr, bytes);
}

void mem_freep(void *p)
{
	void *ptr;

	memcpy(&ptr, p, sizeof(ptr));
	free(ptr);
	memset(p, 0, sizeof(ptr));
}
