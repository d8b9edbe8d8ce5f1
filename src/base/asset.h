/* Data files of the program (dictionary/, rules/, law/, calendar/, …), built into the binary and overlaid by folders on
 * disk: a profile's file replaces the built-in file of the same relative path. At run time nothing else is read. */
#ifndef XZ_BASE_ASSET_H
#define XZ_BASE_ASSET_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/** One built-in file; the generated table asset_builtin[] is sorted by path. Web assets carry compressed forms too. */
struct asset {
	const char *path; /* "rules/penalty/penalty-decision-overdue.yaml", "web/office/index.html" */
	const char *mime;
	const char *etag; /* quoted, of the plain bytes */
	struct str plain;
	struct str gzip;   /* len 0 when absent */
	struct str brotli; /* len 0 when absent */
};

extern const struct asset asset_builtin[];
extern const size_t asset_builtin_count;

/** Where to look: `dirs` first to last, then the built-in table. A dir replaces what is under `prefix` when `replace` is set (--rules DIR).
 */
struct asset_dir {
	const char *dir;    /* path on disk */
	const char *prefix; /* "" for a profile, "rules/" for --rules */
	bool replace;       /* true: the built-in files under prefix are not seen at all */
};
#define ASSET_DIRS_MAX 8
struct asset_set {
	struct asset_dir dirs[ASSET_DIRS_MAX];
	int dir_count;
};

struct asset_file {
	struct str path; /* relative, '/'-separated */
	struct str text;
};

/** The built-in asset of exactly this path, or NULL. */
const struct asset *asset_find(struct str path);
/** Reads one file through the overlay. ERR_NOT_FOUND names the path. */
enum err_code asset_read(const struct asset_set *set, struct str path, struct arena *mem, struct asset_file *ret, struct err *err);
/** All files under prefix with the suffix, sorted by path, each once; text is read. Memory: the arena. */
enum err_code asset_list(const struct asset_set *set, struct str prefix, struct str suffix, struct arena *mem,
	struct asset_file **ret_files, size_t *ret_count, struct err *err);

#endif
