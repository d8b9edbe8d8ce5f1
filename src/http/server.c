/* The server: libmicrohttpd's I/O threads, the workers, the sweeper that ends slow connections, and the orderly stop. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"
#include "http/http_private.h"

#define SWEEP_MS 200
#define BACKLOG 511
#define WORKER_STACK_BYTES (8u << 20)
#define DISCARD_BYTES_MAX (1 << 20) /* of a body that is too large, so that the client can read why */
#define STALE_UPLOAD_S 86400

int64_t ticks_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t ticks_ms(void)
{
	return ticks_us() / 1000;
}

/* ---- connections and the sweeper ---- */

static void peer_expect_head(struct http_server *s, struct peer *peer, int64_t within_ms)
{
	pthread_mutex_lock(&s->peers.lock);
	peer->head_deadline_ms = within_ms > 0 ? ticks_ms() + within_ms : 0;
	peer->body_started_ms = 0;
	peer->body_bytes = 0;
	pthread_mutex_unlock(&s->peers.lock);
}

static void peer_body(struct http_server *s, struct peer *peer, bool receiving, int64_t more_bytes)
{
	pthread_mutex_lock(&s->peers.lock);
	if (receiving && peer->body_started_ms == 0)
		peer->body_started_ms = ticks_ms();
	else if (!receiving)
		peer->body_started_ms = 0;
	peer->body_bytes += more_bytes;
	pthread_mutex_unlock(&s->peers.lock);
}

static void on_connection(void *arg, struct MHD_Connection *c, void **context, enum MHD_ConnectionNotificationCode what)
{
	struct http_server *s = arg;
	struct peer *peer = *context;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
		int yes = 1;

		peer = mem_alloc(1, sizeof(*peer));
		*context = peer;
		if (!peer || !info)
			return; /* the first request finds no peer and is closed */
		peer->fd = info->connect_fd;
		setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		pthread_mutex_lock(&s->peers.lock);
		peer->head_deadline_ms = ticks_ms() + (int64_t)s->config.header_timeout_s * 1000;
		peer->older = s->peers.newest;
		if (peer->older)
			peer->older->newer = peer;
		s->peers.newest = peer;
		pthread_mutex_unlock(&s->peers.lock);
		s->connections++;
		return;
	}
	if (!peer)
		return;
	pthread_mutex_lock(&s->peers.lock);
	if (peer->newer)
		peer->newer->older = peer->older;
	else
		s->peers.newest = peer->older;
	if (peer->older)
		peer->older->newer = peer->newer;
	pthread_mutex_unlock(&s->peers.lock);
	free(peer);
	*context = NULL;
	s->connections--;
}

static bool is_too_slow(const struct peer *peer, int64_t now_ms)
{
	int64_t elapsed = now_ms - peer->body_started_ms;

	if (peer->head_deadline_ms > 0 && now_ms > peer->head_deadline_ms)
		return true;
	return peer->body_started_ms > 0 && elapsed > HTTP_BODY_GRACE_MS && peer->body_bytes < elapsed / 1000 * HTTP_BODY_BYTES_PER_S;
}

static void *sweep(void *arg)
{
	struct http_server *s = arg;

	while (!s->sweeper_stop) {
		struct timespec pause = { .tv_nsec = SWEEP_MS * 1000000l };
		int64_t now = ticks_ms();

		pthread_mutex_lock(&s->peers.lock);
		for (struct peer *peer = s->peers.newest; peer; peer = peer->older)
			if (is_too_slow(peer, now)) {
				shutdown(peer->fd, SHUT_RDWR); /* libmicrohttpd sees the end and closes it */
				peer->head_deadline_ms = peer->body_started_ms = 0;
			}
		pthread_mutex_unlock(&s->peers.lock);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

/* ---- the queue ---- */

/** Suspends the connection and hands the request to the workers; false when they are stopping or have too much to do. */
static bool submit(struct http_private *p)
{
	struct http_server *s = p->server;
	bool taken = false;

	pthread_mutex_lock(&s->queue.lock);
	if (!s->queue.stop && s->queue.count < HTTP_QUEUE_MAX) {
		MHD_suspend_connection(p->connection);
		p->next = NULL;
		if (s->queue.last)
			s->queue.last->next = p;
		else
			s->queue.first = p;
		s->queue.last = p;
		s->queue.count++;
		pthread_cond_signal(&s->queue.filled);
		taken = true;
	}
	pthread_mutex_unlock(&s->queue.lock);
	return taken;
}

/** The next request, or NULL when the queue is empty and stopped. */
static struct http_private *take(struct http_server *s)
{
	struct http_private *p;

	pthread_mutex_lock(&s->queue.lock);
	while (!s->queue.first && !s->queue.stop)
		pthread_cond_wait(&s->queue.filled, &s->queue.lock);
	p = s->queue.first;
	if (p) {
		s->queue.first = p->next;
		if (!s->queue.first)
			s->queue.last = NULL;
		s->queue.count--;
	}
	pthread_mutex_unlock(&s->queue.lock);
	return p;
}

static void *work(void *arg)
{
	struct http_server *s = arg;
	struct http_private *p;

	while ((p = take(s))) {
		struct MHD_Connection *c = p->connection;

		if (p->phase == PHASE_CHECKING) {
			request_check(p);
		} else {
			request_work(p);
			p->phase = PHASE_DONE;
		}
		MHD_resume_connection(c); /* p belongs to the I/O thread again */
	}
	return NULL;
}

/* ---- one request in the I/O thread ---- */

static void *on_uri(void *arg, const char *uri, struct MHD_Connection *c)
{
	struct http_server *s = arg;
	struct arena *mem = arena_open(HTTP_ARENA_BYTES_MAX);
	struct http_private *p = mem ? ARENA_NEW(mem, struct http_private, 1) : NULL;
	struct str text = p ? str_dup(mem, str_sub(str_of(uri), 0, HTTP_URI_BYTES_MAX + 1)) : (struct str){ 0 };

	if (!p || !text.ptr) {
		arena_close(mem);
		return NULL;
	}
	p->server = s;
	p->connection = c;
	p->mem = mem;
	p->upload_fd = -1;
	p->started_us = ticks_us();
	p->raw_query = text;
	str_next(&p->raw_query, '?', &p->raw_path);
	p->method_text = "?";
	snprintf(p->id, sizeof(p->id), "%016" PRIx64, s->id_seed + s->id_next++);
	s->in_flight++;
	return p;
}

/** Address of the client: the peer's, or what the proxy on this machine says it was. */
static struct str remote_of(struct http_private *p)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(p->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const char *forwarded = MHD_lookup_connection_value(p->connection, MHD_HEADER_KIND, "X-Forwarded-For");
	char text[INET6_ADDRSTRLEN] = "", probe[sizeof(struct in6_addr)];
	bool local = false;

	if (info && info->client_addr && info->client_addr->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = (const void *)info->client_addr;

		inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
		local = (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
	} else if (info && info->client_addr && info->client_addr->sa_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const void *)info->client_addr;

		inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
		local = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
	}
	if (local && forwarded) {
		const char *comma = strrchr(forwarded, ',');
		struct str last = str_trim(str_of(comma ? comma + 1 : forwarded));
		char *copy = str_cstr(p->mem, last);

		if (copy && (inet_pton(AF_INET, copy, probe) == 1 || inet_pton(AF_INET6, copy, probe) == 1))
			return str_of(copy);
	}
	return str_dup(p->mem, str_of(text));
}

static enum MHD_Result send_answer(struct http_private *p)
{
	enum MHD_Result result;

	if (!p->answer)
		return MHD_NO;
	p->phase = PHASE_DONE;
	result = MHD_queue_response(p->connection, p->status, p->answer);
	MHD_destroy_response(p->answer);
	p->answer = NULL;
	return result;
}

static enum MHD_Result refuse(struct http_private *p, enum err_code code, const char *msg)
{
	p->failed = err_set(&p->err, code, "%s", msg);
	p->close_after = true;
	request_fail(p);
	return send_answer(p);
}

static enum MHD_Result give_to_worker(struct http_private *p, enum phase phase)
{
	p->phase = phase;
	if (submit(p))
		return MHD_YES;
	return refuse(p, ERR_RETRY, "同时到来的请求过多，请稍后再试");
}

/** Pages and refusals. libmicrohttpd closes the connection when an answer comes before the end of the request, so only a request whose body
 * nobody wants is answered right away. */
static enum MHD_Result answer_at_once(struct http_private *p, bool has_body)
{
	p->close_after = has_body;
	if (p->failed != ERR_OK)
		request_fail(p);
	else
		page_answer(p);
	if (has_body)
		return send_answer(p);
	p->phase = PHASE_BODY;
	return p->answer ? MHD_YES : MHD_NO;
}

static enum MHD_Result on_head(struct http_private *p, const char *method, const char *version)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(p->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	const struct http_config *config = &p->server->config;
	const char *fault = guard_head(p->connection, version);
	int64_t length;
	bool has_body;

	p->peer = info ? info->socket_context : NULL;
	if (!p->peer)
		return MHD_NO;
	peer_expect_head(p->server, p->peer, 0);
	p->method_text = str_cstr(p->mem, str_of(method));
	p->remote = remote_of(p);
	if (fault)
		return refuse(p, ERR_SYNTAX, fault);
	if (p->raw_path.len + p->raw_query.len >= HTTP_URI_BYTES_MAX)
		return refuse(p, ERR_LIMIT, "地址过长，至多 8192 字节");
	if (p->server->draining)
		return refuse(p, ERR_RETRY, "服务正在停止，请稍后再试");
	request_route(p, method);
	length = guard_content_length(p->connection);
	has_body = length > 0 || MHD_lookup_connection_value(p->connection, MHD_HEADER_KIND, "Transfer-Encoding");
	if (p->failed != ERR_OK || !p->match.row)
		return answer_at_once(p, has_body);
	p->body_bytes_max = p->match.row->upload ? config->upload_bytes_max : config->json_bytes_max;
	if (length > p->body_bytes_max) {
		p->failed =
			err_set(&p->err, ERR_LIMIT, "请求体 %lld 字节，至多 %lld 字节", (long long)length, (long long)p->body_bytes_max);
		p->close_after = true;
		request_fail(p);
		return send_answer(p);
	}
	if (p->match.row->upload)
		return give_to_worker(p, PHASE_CHECKING);
	buf_init(&p->body, (size_t)config->json_bytes_max);
	p->phase = PHASE_BODY;
	return MHD_YES;
}

/** Takes a piece of the body; false ends the connection. */
static bool on_body(struct http_private *p, const char *bytes, size_t size)
{
	peer_body(p->server, p->peer, true, (int64_t)size);
	p->body_bytes += (int64_t)size;
	if (p->body_bytes > p->body_bytes_max) {
		p->body_too_large = true;
		return p->body_bytes <= p->body_bytes_max + DISCARD_BYTES_MAX;
	}
	if (p->upload_fd < 0) {
		buf_put(&p->body, (struct str){ .ptr = bytes, .len = size });
		if (p->body.failed)
			p->failed = err_nomem(&p->err);
		return true;
	}
	while (size > 0 && p->failed == ERR_OK) {
		ssize_t n = write(p->upload_fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			p->failed = err_set(&p->err, ERR_IO, "写临时文件失败：%s", strerror(errno));
			break;
		}
		bytes += n;
		size -= (size_t)n;
	}
	return true;
}

static enum MHD_Result on_body_end(struct http_private *p)
{
	peer_body(p->server, p->peer, false, 0);
	if (p->answer)
		return send_answer(p);
	if (p->body_too_large)
		p->failed = err_set(&p->err, ERR_LIMIT, "请求体超过 %lld 字节", (long long)p->body_bytes_max);
	return give_to_worker(p, PHASE_WORKING);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *c, const char *url, const char *method, const char *version,
	const char *bytes, size_t *size, void **context)
{
	struct http_private *p = *context;

	(void)arg;
	(void)c;
	(void)url;
	if (!p)
		return MHD_NO;
	switch (p->phase) {
	case PHASE_NEW:
		return on_head(p, method, version);
	case PHASE_CHECKING: /* back from the worker */
		if (p->answer)
			return send_answer(p);
		if (p->failed != ERR_OK)
			return MHD_NO;
		p->phase = PHASE_BODY;
		return MHD_YES;
	case PHASE_BODY:
		if (*size == 0)
			return on_body_end(p);
		if (!on_body(p, bytes, *size))
			return MHD_NO;
		*size = 0;
		return MHD_YES;
	case PHASE_WORKING:
		return MHD_YES;
	case PHASE_DONE:
		return send_answer(p);
	}
	return MHD_NO;
}

static void log_request(const struct http_private *p, int64_t micros)
{
	bool page = !p->match.row && p->failed == ERR_OK;

	log_event(page ? LOG_DEBUG : LOG_INFO, "http.request",
		"id=%s method=%s path=%.*s status=%u ms=%lld.%03d in=%lld out=%lld account=%lld remote=%.*s", p->id, p->method_text,
		p->raw_path.len > 300 ? 300 : (int)p->raw_path.len, p->raw_path.ptr, p->status, (long long)(micros / 1000),
		(int)(micros % 1000), (long long)p->body_bytes, (long long)p->answer_bytes, (long long)p->req.who.account_id,
		STR_ARG(p->remote));
}

static void on_completed(void *arg, struct MHD_Connection *c, void **context, enum MHD_RequestTerminationCode how)
{
	struct http_private *p = *context;
	struct http_server *s = arg;
	int64_t micros;

	(void)c;
	(void)how;
	if (!p)
		return;
	micros = ticks_us() - p->started_us;
	if (p->phase != PHASE_NEW) {
		metrics_add(s->metrics, p->match.row ? p->match.index : SIZE_MAX, p->status, micros);
		log_request(p, micros);
	}
	if (p->peer)
		peer_expect_head(s, p->peer, HTTP_KEEPALIVE_MS);
	if (p->answer)
		MHD_destroy_response(p->answer);
	if (p->upload_fd >= 0)
		close(p->upload_fd);
	if (p->upload.path.ptr)
		unlink(p->upload.path.ptr); /* gone already when the handler took it */
	buf_clear(&p->body);
	arena_close(p->mem);
	*context = NULL;
	s->in_flight--;
}

static void on_library_message(void *arg, const char *fmt, va_list args)
{
	char text[300];

	(void)arg;
	vsnprintf(text, sizeof(text), fmt, args);
	log_event(LOG_DEBUG, "http.library", "%s", text);
}

/** Paths are decoded by request.c, part by part and strictly. */
static size_t keep_escapes(void *arg, struct MHD_Connection *c, char *text)
{
	(void)arg;
	(void)c;
	return strlen(text);
}

/* ---- start and stop ---- */

static enum err_code listen_on(const char *host, int port, int *ret_fd, bool *ret_v6, struct err *err)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
	};
	struct addrinfo *found = NULL;
	char bare[64], service[8];
	int fd, yes = 1, failed;

	if (strcmp(host, "localhost") == 0)
		host = "127.0.0.1";
	snprintf(bare, sizeof(bare), "%.*s", host[0] == '[' ? (int)strcspn(host + 1, "]") : (int)strlen(host),
		host[0] == '[' ? host + 1 : host);
	snprintf(service, sizeof(service), "%d", port);
	if (getaddrinfo(bare, service, &hints, &found) != 0)
		return err_set(err, ERR_INPUT, "监听地址应为 IP 地址，收到的是 %s", host);
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	failed = fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
	         bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0;
	*ret_v6 = found->ai_family == AF_INET6;
	freeaddrinfo(found);
	if (failed) {
		int why = errno;

		if (fd >= 0)
			close(fd);
		return err_set(err, ERR_IO, "不能在 %s:%d 上监听：%s", host, port, why == EADDRINUSE ? "端口已被占用" : strerror(why));
	}
	*ret_fd = fd;
	return ERR_OK;
}

static int bound_port(int fd)
{
	struct sockaddr_storage at;
	socklen_t size = sizeof(at);

	if (getsockname(fd, (struct sockaddr *)&at, &size) != 0)
		return 0;
	return ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port : ((struct sockaddr_in *)&at)->sin_port);
}

/** Temporary files that an earlier process left behind. */
static void remove_stale_uploads(const char *dir)
{
	DIR *d = dir ? opendir(dir) : NULL;
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		struct stat info;

		if (strncmp(entry->d_name, "upload-", 7) == 0 && fstatat(dirfd(d), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(info.st_mode) && time_now_ms() / 1000 - info.st_mtime > STALE_UPLOAD_S)
			unlinkat(dirfd(d), entry->d_name, 0);
	}
	if (d)
		closedir(d);
}

static void stop_workers(struct http_server *s)
{
	pthread_mutex_lock(&s->queue.lock);
	s->queue.stop = true;
	pthread_cond_broadcast(&s->queue.filled);
	pthread_mutex_unlock(&s->queue.lock);
	for (int i = 0; i < s->worker_count; i++)
		pthread_join(s->workers[i], NULL);
	s->worker_count = 0;
}

static void server_free(struct http_server *s)
{
	metrics_close(s->metrics);
	router_close(s->router);
	free(s->tables);
	free(s->workers);
	pthread_mutex_destroy(&s->queue.lock);
	pthread_cond_destroy(&s->queue.filled);
	pthread_mutex_destroy(&s->peers.lock);
	free(s);
}

static enum err_code start_workers(struct http_server *s, struct err *err)
{
	pthread_attr_t attr;
	int failed = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, WORKER_STACK_BYTES);
	while (s->worker_count < s->config.threads && !failed) {
		failed = pthread_create(&s->workers[s->worker_count], &attr, work, s);
		if (!failed)
			s->worker_count++;
	}
	pthread_attr_destroy(&attr);
	return failed ? err_set(err, ERR_NOMEM, "不能启动工作线程") : ERR_OK;
}

static enum err_code start_daemon(struct http_server *s, struct err *err)
{
	unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG;
	bool v6 = false;
	int fd = -1;

	TRY(listen_on(s->config.host, s->config.port, &fd, &v6, err));
	s->port = bound_port(fd);
	s->daemon = MHD_start_daemon(flags | (v6 ? MHD_USE_IPv6 : 0), (uint16_t)s->port, NULL, NULL, on_request, s, /* options: */
		MHD_OPTION_EXTERNAL_LOGGER, on_library_message, NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE,
		(unsigned int)HTTP_IO_THREADS, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned int)HTTP_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEAD_BYTES_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)(HTTP_KEEPALIVE_MS / 1000), MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
		MHD_OPTION_URI_LOG_CALLBACK, on_uri, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, s, MHD_OPTION_END);
	if (!s->daemon) {
		close(fd);
		return err_set(err, ERR_IO, "HTTP 服务没有启动起来");
	}
	return ERR_OK;
}

/** The caller's tables and ours in one array, for the router. */
static enum err_code collect_tables(struct http_server *s, struct err *err)
{
	size_t count = s->config.table_count;

	s->tables = mem_alloc(count + 1, sizeof(*s->tables));
	if (!s->tables)
		return err_nomem(err);
	if (count > 0)
		memcpy(s->tables, s->config.tables, count * sizeof(*s->tables));
	s->tables[count] = http_own_routes;
	s->table_count = count + 1;
	s->config.tables = s->tables; /* the caller's array may be on its stack; the description leaves ours out */
	TRY(router_open(s->tables, s->table_count, &s->router, err));
	s->metrics = metrics_open(router_row_count(s->router));
	s->workers = mem_alloc((size_t)s->config.threads, sizeof(*s->workers));
	return s->metrics && s->workers ? ERR_OK : err_nomem(err);
}

static enum err_code start(struct http_server *s, struct err *err)
{
	enum err_code code;

	TRY(collect_tables(s, err));
	remove_stale_uploads(s->config.upload_dir);
	code = start_workers(s, err);
	if (code == ERR_OK)
		code = start_daemon(s, err);
	if (code == ERR_OK && pthread_create(&s->sweeper, NULL, sweep, s) != 0) {
		MHD_stop_daemon(s->daemon);
		code = err_set(err, ERR_NOMEM, "不能启动巡查线程");
	}
	if (code != ERR_OK)
		stop_workers(s);
	return code;
}

enum err_code http_start(const struct http_config *config, struct http_server **ret, struct err *err)
{
	struct http_server *s = mem_alloc(1, sizeof(*s));
	enum err_code code;

	if (!s)
		return err_nomem(err);
	s->config = *config;
	if (s->config.threads < 1)
		s->config.threads = 1;
	if (s->config.header_timeout_s < 1)
		s->config.header_timeout_s = 10;
	if (s->config.json_bytes_max < 1)
		s->config.json_bytes_max = 1 << 20;
	if (s->config.upload_bytes_max < 1)
		s->config.upload_bytes_max = 256ll << 20;
	s->id_seed = (uint64_t)time_now_ms() << 20 ^ (uint64_t)getpid() << 48;
	pthread_mutex_init(&s->queue.lock, NULL);
	pthread_cond_init(&s->queue.filled, NULL);
	pthread_mutex_init(&s->peers.lock, NULL);
	code = start(s, err);
	if (code != ERR_OK) {
		server_free(s);
		return code;
	}
	*ret = s;
	return ERR_OK;
}

int http_port(const struct http_server *server)
{
	return server->port;
}

void http_stop(struct http_server *s)
{
	int64_t until = ticks_ms() + HTTP_DRAIN_MS;
	MHD_socket listening;

	if (!s)
		return;
	s->draining = true;
	listening = MHD_quiesce_daemon(s->daemon);
	if (listening != MHD_INVALID_SOCKET)
		close(listening);
	while (s->in_flight > 0 && ticks_ms() < until)
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	stop_workers(s); /* finishes the queue: libmicrohttpd aborts the process when a connection is still suspended */
	MHD_stop_daemon(s->daemon);
	s->sweeper_stop = true;
	pthread_join(s->sweeper, NULL);
	server_free(s);
}
