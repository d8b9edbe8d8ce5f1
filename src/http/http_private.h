/* What the files of http share.
 *
 * Threads: two I/O threads of libmicrohttpd read requests and write answers and never block; `threads` workers run handlers. A request
 * that needs a worker is suspended in the I/O thread, queued, worked on, and resumed; while it is suspended only the worker touches it. */
#ifndef XZ_HTTP_HTTP_PRIVATE_H
#define XZ_HTTP_HTTP_PRIVATE_H

#include <microhttpd.h>
#include <pthread.h>

#include "http/http.h"

#define HTTP_SEGMENTS_MAX 16
#define HTTP_PARAMS_MAX 64
#define HTTP_URI_BYTES_MAX 8192
#define HTTP_HEAD_BYTES_MAX (32u << 10)
#define HTTP_ARENA_BYTES_MAX (256u << 20)
#define HTTP_ANSWER_BYTES_MAX (128u << 20)
#define HTTP_CONNECTIONS_MAX 1000
#define HTTP_QUEUE_MAX 256
#define HTTP_KEEPALIVE_MS 30000
#define HTTP_BODY_GRACE_MS 10000
#define HTTP_BODY_BYTES_PER_S 1024 /* slower senders are cut off after the grace time */
#define HTTP_DRAIN_MS 30000
#define HTTP_IO_THREADS 2

#define HTTP_CSP                                                                                                                           \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "       \
	"worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"

/* ---- text.c ---- */

/** Percent-decodes (and '+' to space when plus) into the arena; false on a bad escape, NUL or text that is not UTF-8. */
bool percent_decode(struct str raw, bool plus, struct arena *mem, struct str *ret);
/** Writes RFC 8187 `UTF-8''…`. */
void percent_encode(struct str s, struct buf *out);
bool token_equal(struct str a, struct str b); /* ASCII case does not matter */
/** True when a comma-separated header value has this token and not with q=0. */
bool accepts_token(struct str header, struct str token);

/* ---- router.c ---- */

struct router;
struct route_match {
	const struct route *row; /* NULL: nothing at this path, or not by this method */
	size_t index;            /* of the row over all tables, for the counters */
	const char *tag;
	unsigned int allowed; /* bits of methods that the path has */
	struct str segments[HTTP_SEGMENTS_MAX];
	size_t segment_count;
};
/** Builds the trie; the tables live longer than it. */
enum err_code router_open(const struct route_table *tables, size_t table_count, struct router **ret, struct err *err);
void router_close(struct router *r);
size_t router_row_count(const struct router *r);
const struct route *router_row(const struct router *r, size_t index);
/** segments are decoded. Literals go before {names}. */
void router_find(const struct router *r, enum http_method method, const struct str *segments, size_t count, struct route_match *ret);
/** Splits a decoded path template or request path at '/'; false when there are too many parts. The leading '/' is required. */
bool path_split(struct str path, struct str segments[static HTTP_SEGMENTS_MAX], size_t *ret_count);
const char *method_name(enum http_method m);

/* ---- field.c ---- */

struct param {
	struct str name, value;
};
/** Which field was wrong: "" when none. */
struct field_fault {
	char name[64];
};
enum err_code fields_from_json(const struct field *fields, size_t size, struct str text, struct arena *mem, void **ret,
	struct field_fault *fault, struct err *err);
enum err_code fields_from_query(const struct field *fields, size_t size, const struct param *params, size_t param_count, struct arena *mem,
	void **ret, struct field_fault *fault, struct err *err);

/* ---- problem.c ---- */

/** The problem document; `article` is cut out of a message that ends in 〔依据：…〕. Failures of the machine keep their text in the log. */
void problem_put(struct buf *out, enum err_code code, const char *msg, const char *field, const char *request_id);
bool problem_is_internal(enum err_code code);

/* ---- metrics.c ---- */

struct metrics;
struct metrics *metrics_open(size_t row_count);
void metrics_close(struct metrics *m);
/** index < row_count for API rows, row_count for pages and everything else. */
void metrics_add(struct metrics *m, size_t index, unsigned int status, int64_t micros);
void metrics_print(const struct metrics *m, const struct router *r, int in_flight, int connections, int queued, struct buf *out);

/* ---- guard.c: the checks that libmicrohttpd leaves to its user ---- */

/** What is wrong with the head of this request, or NULL. The answer is 400 and the connection ends. */
const char *guard_head(struct MHD_Connection *c, const char *version);
/** Content-Length when there is one, -1 otherwise. Precondition: guard_head found nothing. */
int64_t guard_content_length(struct MHD_Connection *c);

/* ---- one request ---- */

enum phase {
	PHASE_NEW,      /* head not seen */
	PHASE_CHECKING, /* an upload's rights are with a worker */
	PHASE_BODY,
	PHASE_WORKING,
	PHASE_DONE,
};

struct peer { /* one TCP connection */
	struct peer *older, *newer;
	int fd;
	int64_t head_deadline_ms; /* a complete head must have come by then; 0 while a request runs */
	int64_t body_started_ms;  /* 0 when no body is being received */
	int64_t body_bytes;
};

struct http_private {
	struct http_server *server;
	struct MHD_Connection *connection;
	struct peer *peer;
	struct http_private *next; /* in the workers' queue */
	struct arena *mem;
	enum phase phase;
	char id[17];
	int64_t started_us;
	struct str raw_path, raw_query;
	struct str remote;
	const char *method_text;
	bool head_only;
	struct route_match match;
	struct param *params;
	size_t param_count;
	struct request req;
	struct buf body; /* JSON */
	int64_t body_bytes_max;
	int64_t body_bytes;
	bool body_too_large;
	bool close_after;
	struct upload upload;
	int upload_fd; /* -1: none */
	enum err_code failed;
	struct field_fault fault;
	struct err err;
	unsigned int status;
	struct MHD_Response *answer;
	int64_t answer_bytes;
};

/** Everything before the body: rights of the row. Runs in a worker. */
void request_check(struct http_private *p);
/** Decodes, calls the handler, makes p->answer. Runs in a worker. */
void request_work(struct http_private *p);
/** Makes p->answer from p->failed and p->err. */
void request_fail(struct http_private *p);
/** Parses the raw URI into path segments, parameters and the route; sets p->failed when it is malformed or unknown. */
void request_route(struct http_private *p, const char *method);

/* ---- page.c: static assets ---- */

/** Answer for a path outside /api; never fails: 404 is an answer. Runs in the I/O thread. */
void page_answer(struct http_private *p);

/** Adds the headers that every answer carries. */
void answer_headers(struct http_private *p);
void answer_header(struct http_private *p, const char *name, const char *value);

struct http_server {
	struct http_config config;
	struct router *router;
	struct metrics *metrics;
	struct MHD_Daemon *daemon;
	struct route_table *tables; /* the config's and the server's own */
	size_t table_count;
	int port;
	uint64_t id_seed;
	_Atomic uint64_t id_next;
	_Atomic int in_flight, connections;
	_Atomic bool draining;
	struct {
		pthread_mutex_t lock;
		struct peer *newest;
	} peers;
	pthread_t sweeper;
	_Atomic bool sweeper_stop;
	struct {
		pthread_mutex_t lock;
		pthread_cond_t filled;
		struct http_private *first, *last;
		int count;
		bool stop;
	} queue;
	pthread_t *workers;
	int worker_count;
};

/** Monotonic milliseconds and microseconds: for durations only. */
int64_t ticks_ms(void);
int64_t ticks_us(void);

extern const struct route_table http_own_routes; /* /healthz, /metrics, /openapi.json */

#endif
