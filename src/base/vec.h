/* Growing arrays: struct { T *v; size_t len, cap; } with vec_push. The element type stays visible, the growth is shared. */
#ifndef XZ_BASE_VEC_H
#define XZ_BASE_VEC_H

#include <stdbool.h>
#include <stddef.h>

#define VEC(T)                                                                                                                             \
	struct {                                                                                                                           \
		T *v;                                                                                                                      \
		size_t len, cap;                                                                                                           \
	}

/** Makes room for one more in the array whose address of pointer is v_address; false when memory is out (nothing changed). */
bool vec_grow(void *v_address, size_t len, size_t *cap, size_t size);

/** Appends x; evaluates to false when memory is out. */
#define vec_push(vec, x) (vec_grow(&(vec)->v, (vec)->len, &(vec)->cap, sizeof(*(vec)->v)) && ((vec)->v[(vec)->len++] = (x), true))
#define vec_clear(vec)                                                                                                                     \
	do {                                                                                                                               \
		free((vec)->v);                                                                                                            \
		(vec)->v = NULL;                                                                                                           \
		(vec)->len = (vec)->cap = 0;                                                                                               \
	} while (0)

#endif
