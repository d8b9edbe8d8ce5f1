/* Memory by lifetime: one arena a request, import batch or file; everything in it dies at once. The ceiling is always given. */
#ifndef XZ_BASE_ARENA_H
#define XZ_BASE_ARENA_H

#include <stddef.h>

struct arena;

/** Opens an arena that may hold up to bytes_max; NULL when memory is out. */
struct arena *arena_open(size_t bytes_max);
/** Zeroed memory, or NULL at the ceiling or when memory is out. */
void *arena_alloc(struct arena *a, size_t count, size_t size, size_t align);
/** Frees everything but the first block. */
void arena_reset(struct arena *a);
void arena_close(struct arena *a);
void arena_closep(struct arena **a);
size_t arena_used_bytes(const struct arena *a);

#define ARENA_NEW(a, T, n) ((T *)arena_alloc((a), (n), sizeof(T), _Alignof(T)))

#endif
