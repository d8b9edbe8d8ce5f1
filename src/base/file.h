/* Whole files with limits, and writes that are either complete or absent (temporary name, fsync, rename). */
#ifndef XZ_BASE_FILE_H
#define XZ_BASE_FILE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/** Reads the whole file into the arena (NUL-terminated behind its length). ERR_IO names the path and the reason, ERR_LIMIT the limit. */
enum err_code file_read(const char *path, size_t bytes_max, struct arena *mem, struct str *ret_text, struct err *err);
/** Writes atomically: `path` keeps its old content unless everything reached the disk. */
enum err_code file_write(const char *path, struct str content, struct err *err);
/** mkdir -p with mode 0700 for what it makes. */
enum err_code dir_make(const char *path, struct err *err);

#endif
