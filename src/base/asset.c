/* The overlay of data files: folders first, then the built-in table; one sorted, de-duplicated list. */
#include "base/asset.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/vec.h"

#define ASSET_FILE_BYTES_MAX (16u << 20)
#define ASSET_DEPTH_MAX 8

typedef VEC(struct asset_file) file_vec;

const struct asset *asset_find(struct str path)
{
	size_t low = 0, high = asset_builtin_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = str_cmp(str_of(asset_builtin[middle].path), path);

		if (order == 0)
			return &asset_builtin[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/** True when a folder takes the place of everything under its prefix and `path` lies there. */
static bool is_replaced(const struct asset_set *set, int before, struct str path)
{
	for (int i = 0; i < before; i++)
		if (set->dirs[i].replace && str_starts(path, str_of(set->dirs[i].prefix)))
			return true;
	return false;
}

/** Path on disk of a relative path under dir i, or false when it does not lie under the dir's prefix or tries to leave it. */
static bool disk_path(const struct asset_dir *dir, struct str path, char out[static PATH_MAX])
{
	struct str prefix = str_of(dir->prefix);
	struct str rest;

	if (!str_starts(path, prefix) || str_has(path, STR("..")))
		return false;
	rest = str_sub(path, prefix.len, path.len);
	return snprintf(out, PATH_MAX, "%s/%.*s", dir->dir, STR_ARG(rest)) < PATH_MAX;
}

enum err_code asset_read(const struct asset_set *set, struct str path, struct arena *mem, struct asset_file *ret, struct err *err)
{
	char file[PATH_MAX];
	const struct asset *builtin;

	for (int i = 0; set && i < set->dir_count; i++) {
		struct stat info;

		if (is_replaced(set, i, path))
			break;
		if (!disk_path(&set->dirs[i], path, file) || stat(file, &info) != 0)
			continue;
		TRY(file_read(file, ASSET_FILE_BYTES_MAX, mem, &ret->text, err));
		ret->path = str_dup(mem, path);
		return ret->path.ptr ? ERR_OK : err_nomem(err);
	}
	builtin = set && is_replaced(set, set->dir_count, path) ? NULL : asset_find(path);
	if (!builtin)
		return err_set(err, ERR_NOT_FOUND, "没有文件 %.*s", STR_ARG(path));
	*ret = (struct asset_file){ .path = str_of(builtin->path), .text = builtin->plain };
	return ERR_OK;
}

static bool has_path(const file_vec *files, struct str path)
{
	for (size_t i = 0; i < files->len; i++)
		if (str_eq(files->v[i].path, path))
			return true;
	return false;
}

/** Files below `folder` (whose relative name is `relative`, ending in '/' or empty) that match prefix and suffix. */
static enum err_code walk(const char *folder, struct str relative, int depth, struct str prefix, struct str suffix, struct arena *mem,
	file_vec *files, struct err *err)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	enum err_code code = ERR_OK;

	if (!dir)
		return depth > 0 ? ERR_OK : err_set(err, ERR_IO, "打不开目录 %s", folder);
	while (code == ERR_OK && (entry = readdir(dir))) {
		char file[PATH_MAX];
		struct str path;
		struct stat info;

		if (entry->d_name[0] == '.' || snprintf(file, sizeof(file), "%s/%s", folder, entry->d_name) >= (int)sizeof(file) ||
			stat(file, &info) != 0)
			continue;
		if (S_ISDIR(info.st_mode) && depth < ASSET_DEPTH_MAX) {
			path = str_printf(mem, "%.*s%s/", STR_ARG(relative), entry->d_name);
			code = path.ptr ? walk(file, path, depth + 1, prefix, suffix, mem, files, err) : err_nomem(err);
			continue;
		}
		path = str_printf(mem, "%.*s%s", STR_ARG(relative), entry->d_name);
		if (!path.ptr)
			code = err_nomem(err);
		else if (str_starts(path, prefix) && str_ends(path, suffix) && !has_path(files, path)) {
			struct asset_file found = { .path = path };

			code = file_read(file, ASSET_FILE_BYTES_MAX, mem, &found.text, err);
			if (code == ERR_OK && !vec_push(files, found))
				code = err_nomem(err);
		}
	}
	closedir(dir);
	return code;
}

static int by_path(const void *a, const void *b)
{
	return str_cmp(((const struct asset_file *)a)->path, ((const struct asset_file *)b)->path);
}

static enum err_code collect(
	const struct asset_set *set, struct str prefix, struct str suffix, struct arena *mem, file_vec *files, struct err *err)
{
	for (int i = 0; set && i < set->dir_count; i++)
		if (str_starts(prefix, str_of(set->dirs[i].prefix)) || str_starts(str_of(set->dirs[i].prefix), prefix))
			TRY(walk(set->dirs[i].dir, str_of(set->dirs[i].prefix), 0, prefix, suffix, mem, files, err));
	for (size_t i = 0; i < asset_builtin_count; i++) {
		struct str path = str_of(asset_builtin[i].path);

		if (!str_starts(path, prefix) || !str_ends(path, suffix) || has_path(files, path) ||
			(set && is_replaced(set, set->dir_count, path)))
			continue;
		if (!vec_push(files, ((struct asset_file){ .path = path, .text = asset_builtin[i].plain })))
			return err_nomem(err);
	}
	return ERR_OK;
}

enum err_code asset_list(const struct asset_set *set, struct str prefix, struct str suffix, struct arena *mem,
	struct asset_file **ret_files, size_t *ret_count, struct err *err)
{
	file_vec files = { 0 };
	enum err_code code = collect(set, prefix, suffix, mem, &files, err);
	struct asset_file *copy = code == ERR_OK ? ARENA_NEW(mem, struct asset_file, files.len + 1) : NULL;

	if (code == ERR_OK && !copy)
		code = err_nomem(err);
	if (code == ERR_OK && files.len > 0) {
		qsort(files.v, files.len, sizeof(*files.v), by_path);
		memcpy(copy, files.v, files.len * sizeof(*files.v));
	}
	if (code == ERR_OK) {
		*ret_files = copy;
		*ret_count = files.len;
	}
	vec_clear(&files);
	return code;
}
