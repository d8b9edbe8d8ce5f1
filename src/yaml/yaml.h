/* YAML files as a tree that remembers line and column of every node, so that each later error can point. Anchors, aliases,
 * tags and several documents are refused; duplicate keys are an error. Over libyaml. */
#ifndef XZ_YAML_YAML_H
#define XZ_YAML_YAML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define YAML_BYTES_MAX (4u << 20)
#define YAML_DEPTH_MAX 32

enum yaml_kind { YAML_SCALAR, YAML_MAP, YAML_SEQ };

struct yaml {
	enum yaml_kind kind;
	int line, column;     /* from 1 */
	const char *path;     /* of the file, for messages; the caller's memory */
	struct str text;      /* scalar's value */
	bool quoted;          /* '…' or "…" or block: never a number, date, bool or null */
	size_t count;         /* entries of a map or sequence */
	struct yaml **keys;   /* map: scalars, in file order */
	struct yaml **values; /* map and sequence */
};

/** Parses one document. ERR_SYNTAX with "path:line:column: …". Memory: everything in the arena; `path` is kept by reference. */
enum err_code yaml_parse(struct str text, const char *path, struct arena *mem, struct yaml **ret, struct err *err);

/** Value of a key of a map, NULL when absent (or when map is NULL or not a map). */
struct yaml *yaml_get(const struct yaml *map, const char *key);
/** Scalar text of a key, empty view when absent. */
struct str yaml_text(const struct yaml *map, const char *key);
bool yaml_is_null(const struct yaml *node); /* NULL, empty plain scalar, ~ or null */
/** Unquoted true/false, whole number; `fallback` when the key is absent; ERR_INPUT that points when it is something else. */
enum err_code yaml_bool(const struct yaml *map, const char *key, bool fallback, bool *ret, struct err *err);
enum err_code yaml_i64(const struct yaml *map, const char *key, int64_t fallback, int64_t *ret, struct err *err);
/** The key must be there and be of this kind. */
enum err_code yaml_need(const struct yaml *map, const char *key, enum yaml_kind kind, struct yaml **ret, struct err *err);
/** Every key of the map must be in the '|'-separated list; otherwise ERR_INPUT names the key, where, and the nearest allowed one. */
enum err_code yaml_only(const struct yaml *map, const char *allowed, struct err *err);
/** err_set with "path:line:column: " in front. Returns code. */
__attribute__((format(printf, 4, 5))) enum err_code yaml_fail(
	struct err *err, enum err_code code, const struct yaml *at, const char *fmt, ...);
/** The candidate nearest to `word` by edit distance (at most a third of its length plus one away), or empty. */
struct str yaml_nearest(struct str word, const struct str *candidates, size_t count);

#endif
