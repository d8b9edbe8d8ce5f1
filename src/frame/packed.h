/* The list of packed columns a set keeps. Private to src/frame. */
#ifndef XZ_FRAME_PACKED_H
#define XZ_FRAME_PACKED_H

struct frame_packs;

struct frame_packs *frame_packs_open(void); /* NULL when memory is out */
void frame_packs_close(struct frame_packs *p);

#endif
