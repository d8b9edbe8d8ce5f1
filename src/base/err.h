/* Errors are a code plus a text that the caller owns. Codes, HTTP statuses and titles live in api/errors.def and nowhere else. */
#ifndef XZ_BASE_ERR_H
#define XZ_BASE_ERR_H

#include <stdarg.h>

enum err_code {
	ERR_OK = 0,
#define ERR_ROW(name, http, slug, zh, en) ERR_##name,
#include "errors.def"
#undef ERR_ROW
	ERR_CODE_COUNT
};

/** What went wrong, which field, what is allowed; UTF-8, always NUL-terminated. `msg` is Chinese where a user reads it. */
struct err {
	enum err_code code;
	char msg[496];
};

struct err_info {
	const char *slug; /* stable machine name, e.g. "not_found" */
	int http_status;
	const char *title_zh;
	const char *title_en;
};

/** The row of errors.def for a code. */
const struct err_info *err_info(enum err_code code);

/** Fills *err (which may be NULL) and returns code. Longer text is cut at a character boundary. */
__attribute__((format(printf, 3, 4))) enum err_code err_set(struct err *err, enum err_code code, const char *fmt, ...);
/** Puts "prefix: " before the text that is there: where it happened. Returns err->code. */
__attribute__((format(printf, 2, 3))) enum err_code err_prefix(struct err *err, const char *fmt, ...);

#define TRY(call)                                                                                                                          \
	do {                                                                                                                               \
		enum err_code try_ = (call);                                                                                               \
		if (try_ != ERR_OK)                                                                                                        \
			return try_;                                                                                                       \
	} while (0) /* the only macro allowed to return */

#define CLEANUP(fn) __attribute__((cleanup(fn)))

/** Out of memory, the same words everywhere. */
enum err_code err_nomem(struct err *err);

#endif
