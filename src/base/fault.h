/* Failures on demand: the n-th allocation, write or SQL step from now fails. Tests walk n = 0, 1, 2, … until the
 * operation under test succeeds. Costs one relaxed load when nothing is armed. Not for threads: arm in single-threaded tests. */
#ifndef XZ_BASE_FAULT_H
#define XZ_BASE_FAULT_H

#include <stdbool.h>
#include <stddef.h>

enum fault_kind { FAULT_ALLOC, FAULT_WRITE, FAULT_SQL, FAULT_KIND_COUNT };

void fault_arm(enum fault_kind kind, int after_count); /* after_count < 0 disarms */
/** True when this call has to fail; callers then behave as if the system call had. */
bool fault_hit(enum fault_kind kind);

/** malloc family through the fault gate; abort on size overflow is never: NULL. Free with free(). */
void *mem_alloc(size_t count, size_t size); /* zeroed */
void *mem_resize(void *ptr, size_t count, size_t size);

/** Frees what *p points at: CLEANUP(mem_freep) char *text = NULL; */
void mem_freep(void *p);

#endif
