/* Memory of columns, and the list of packed columns a set keeps. Private to src/frame. */
#ifndef XZ_FRAME_PACKED_H
#define XZ_FRAME_PACKED_H

#include <stddef.h>

struct frame_packs;
struct frame_set;

/** Memory for a column, aligned, not zeroed; NULL when there is none. Free with free(). */
void *frame_alloc(size_t bytes);

struct frame_packs *frame_packs_open(void); /* NULL when memory is out */
void frame_packs_close(struct frame_packs *p);
/** Takes over what an older set kept and what still holds, or can be patched, with the frames of this one. Memory out: less is kept. */
void frame_packs_inherit(struct frame_set *s, const struct frame_set *old);

#endif
