/* The mapped file behind frames. Private to src/frame; the public part is in frame.h. */
#ifndef XZ_FRAME_IMAGE_H
#define XZ_FRAME_IMAGE_H

struct frame_image;

/** Unmaps it with the last frame. NULL is a no-op. */
void frame_image_release(struct frame_image *image);

#endif
