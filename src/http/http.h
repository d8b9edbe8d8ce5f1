/* The HTTP edge: libmicrohttpd made strict, a router over tables of rows, request bodies decoded by field tables, problem
 * documents, static assets, and the OpenAPI description printed from the same rows. It knows no product noun and no
 * database: `struct db` is an opaque pointer that cli put into the request.
 *
 * A handler decides nothing about sessions, roles, CSRF or body syntax: the row says it, the server has done it. */
#ifndef XZ_HTTP_HTTP_H
#define XZ_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "actor/actor.h"
#include "actor/app.h"
#include "base/arena.h"
#include "base/asset.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"

struct db;
struct upload;

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_METHOD_COUNT };

/** What limits the rows a handler may touch; printed into the API description and walked by the permission test. */
enum route_scope {
	SCOPE_NOBODY = 0,  /* a forgotten scope locks the door: registration fails */
	SCOPE_PUBLIC,      /* the same answer for everyone */
	SCOPE_ACCOUNT,     /* only the caller's own account or session */
	SCOPE_ORG,         /* rows whose organisation lies in the caller's scope_path; others are 404 */
	SCOPE_INSTALLATION /* belongs to the store as a whole (rules, dictionary, audit) */
};

/* ---- fields: one table decodes, checks, and documents ---- */
enum field_type { FIELD_STR, FIELD_I64, FIELD_ID, FIELD_BOOL, FIELD_DAY, FIELD_IDS, FIELD_JSON };

/** A list of identifiers from a JSON array of decimal strings. */
struct id_list {
	const int64_t *v;
	size_t count;
};

struct field {
	const char *name;
	enum field_type type;
	size_t at;
	bool required;
	int64_t min, max;   /* I64: bounds; STR: characters (max 0 = 1000); IDS: how many (max 0 = 10000) */
	const char *one_of; /* STR: allowed values separated by '|', NULL = free */
	const char *label;  /* Chinese name for error texts and the description */
};

#define FIELD_SAME(T, m, t) (0 * sizeof(&((T *)0)->m == (t *)0))
#define F_STR(T, m, ...)                                                                                                                   \
	{                                                                                                                                  \
		.name = #m, .type = FIELD_STR, .at = offsetof(T, m) + FIELD_SAME(T, m, struct str), __VA_ARGS__                            \
	}
#define F_I64(T, m, ...)                                                                                                                   \
	{                                                                                                                                  \
		.name = #m, .type = FIELD_I64, .at = offsetof(T, m) + FIELD_SAME(T, m, int64_t), __VA_ARGS__                               \
	}
#define F_ID(T, m, ...)                                                                                                                    \
	{                                                                                                                                  \
		.name = #m, .type = FIELD_ID, .at = offsetof(T, m) + FIELD_SAME(T, m, int64_t), __VA_ARGS__                                \
	}
#define F_BOOL(T, m, ...)                                                                                                                  \
	{                                                                                                                                  \
		.name = #m, .type = FIELD_BOOL, .at = offsetof(T, m) + FIELD_SAME(T, m, bool), __VA_ARGS__                                 \
	}
#define F_DAY(T, m, ...)                                                                                                                   \
	{                                                                                                                                  \
		.name = #m, .type = FIELD_DAY, .at = offsetof(T, m) + FIELD_SAME(T, m, int32_t), __VA_ARGS__                               \
	} /* absent = DAY_NONE */
#define F_IDS(T, m, ...)                                                                                                                   \
	{                                                                                                                                  \
		.name = #m, .type = FIELD_IDS, .at = offsetof(T, m) + FIELD_SAME(T, m, struct id_list), __VA_ARGS__                        \
	}
/** Any JSON value, handed over as its text (for jansson or a column of the database). */
#define F_JSON(T, m, ...)                                                                                                                  \
	{                                                                                                                                  \
		.name = #m, .type = FIELD_JSON, .at = offsetof(T, m) + FIELD_SAME(T, m, struct str), __VA_ARGS__                           \
	}

/* ---- requests and responses ---- */
struct request {
	enum http_method method;
	struct str path;   /* decoded, without query */
	struct actor who;  /* roles 0 when nobody is signed in */
	struct str csrf;   /* set by authenticate: what X-CSRF must hold on every change; empty when the request has no session */
	struct db *db;     /* this thread's connection */
	struct arena *mem; /* dies when the response is sent */
	struct id_source *ids;
	int64_t now_ms;
	int32_t today; /* civil day in China, or --today */
	const char *data_dir;
	const struct asset_set *assets;
	struct app *app;       /* actor/app.h: dictionary, rule pack, process definitions … */
	const void *body;      /* the row's .body struct, decoded; NULL when the row has none */
	const void *query;     /* the row's .query struct, decoded */
	struct upload *upload; /* received file when the row says .upload */
	const struct http_private *http;
};

struct response {
	struct buf *out;
	struct json *json;     /* ready to write one JSON value into out */
	int status;            /* 200; 201 after creation */
	struct str mime;       /* set to answer something else than JSON: then write to out, or give file */
	struct str file_path;  /* answer this file from disk instead of out */
	struct str file_name;  /* Content-Disposition: attachment; RFC 8187 for Chinese names */
	struct str set_cookie; /* whole value of a Set-Cookie header */
};

/** The {name} segment of the path as an identifier; ERR_NOT_FOUND when it is not one (an unknown thing, not a syntax error). */
enum err_code request_id(struct request *req, const char *name, int64_t *ret_id, struct err *err);
/** The {name} segment as text, "" when the row has none. */
struct str request_segment(const struct request *req, const char *name);
/** A query parameter that is not in the row's .query table (filters by dictionary column), percent-decoded; NULL ptr when absent. */
struct str request_param(const struct request *req, const char *name);
/** Walks all query parameters, starting with *at = 0. */
bool request_param_next(const struct request *req, size_t *at, struct str *ret_name, struct str *ret_value);
struct str request_header(const struct request *req, const char *name);
struct str request_cookie(const struct request *req, const char *name);

/** A received file: its bytes are complete in a temporary file that dies with the request unless it is taken. */
struct upload {
	struct str path;
	struct str name; /* last part of the client's file name, UTF-8 checked */
	struct str mime; /* as the client said: never trusted */
	int64_t size_bytes;
};

typedef enum err_code route_handler(struct request *req, struct response *res, struct err *err);

struct route {
	enum http_method method;
	const char *path; /* "/api/clues/{id}/accept" */
	route_handler *handler;
	unsigned int roles; /* any of these; 0 admits nobody */
	enum route_scope scope;
	const char *summary; /* Chinese, one line, for the description */
	const struct field *body;
	size_t body_size;
	const struct field *query;
	size_t query_size;
	bool upload;         /* the body is one file (application/octet-stream, ?name=), streamed to disk */
	const char *answers; /* schema name or short description of the 200 answer */
};
#define ROUTE_BODY(T, fields) .body = fields, .body_size = sizeof(T)
#define ROUTE_QUERY(T, fields) .query = fields, .query_size = sizeof(T)

/** A module's rows. */
struct route_table {
	const struct route *rows;
	size_t count;
	const char *tag; /* module name, groups the description */
};

/* ---- the server; used by cli and tests only ---- */
struct http_config {
	const char *host; /* "127.0.0.1" */
	int port;         /* 0 picks a free one */
	int threads;
	int64_t json_bytes_max;   /* 1 MiB */
	int64_t upload_bytes_max; /* 256 MiB */
	int header_timeout_s;     /* 10 */
	const char *upload_dir;
	const struct route_table *tables;
	size_t table_count;
	const struct asset_set *assets;
	const char *data_dir;
	struct id_source *ids;
	int32_t fixed_today; /* DAY_NONE: the clock's */
	struct app *app;
	/** Gives and takes back a connection for one request. */
	enum err_code (*db_lend)(struct app *app, struct db **ret, struct err *err);
	void (*db_return)(struct app *app, struct db *db);
	/** Fills req->who from the cookie or key; ERR_OK with roles 0 when there is none. */
	enum err_code (*authenticate)(struct request *req, struct err *err);
};
struct http_server;
enum err_code http_start(const struct http_config *config, struct http_server **ret, struct err *err);
int http_port(const struct http_server *server);
/** Finishes requests under way, refuses new ones. */
void http_stop(struct http_server *server);

/** Prints the OpenAPI 3.1 description of the tables (sorted, stable). */
void http_openapi(const struct route_table *tables, size_t table_count, struct buf *out);
/** Checks every row: path syntax, unique, role and scope given. */
enum err_code http_check_tables(const struct route_table *tables, size_t table_count, struct err *err);

#endif
