/* The server over real sockets, with requests that no browser would send. Raw bytes in, raw bytes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "http/http_private.h"

static struct http_server *server;
static char upload_dir[64];
static char answer[1 << 20];

/* ---- a small application ---- */

struct thing {
	struct str title;
	int64_t amount;
};
static const struct field thing_fields[] = {
	F_STR(struct thing, title, .required = true, .max = 5, .label = "标题"),
	F_I64(struct thing, amount, .min = 1, .max = 10, .label = "金额"),
	{ 0 },
};

static enum err_code thing_post(struct request *req, struct response *res, struct err *err)
{
	const struct thing *t = req->body;

	(void)err;
	res->status = 201;
	json_obj(res->json);
	json_kstr(res->json, "title", t->title);
	json_ki64(res->json, "amount", t->amount);
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code thing_get(struct request *req, struct response *res, struct err *err)
{
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	json_obj(res->json);
	json_kid(res->json, "id", id);
	json_kstr(res->json, "q", request_param(req, "q"));
	json_kstr(res->json, "remote", req->who.remote);
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code blocked_post(struct request *req, struct response *res, struct err *err)
{
	(void)req;
	(void)res;
	return err_set(err, ERR_BLOCKED, "此步骤依法不得进行〔依据：条例第6条第2款〕");
}

static enum err_code file_post(struct request *req, struct response *res, struct err *err)
{
	(void)err;
	json_obj(res->json);
	json_kstr(res->json, "name", req->upload->name);
	json_ki64(res->json, "size", req->upload->size_bytes);
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code file_get(struct request *req, struct response *res, struct err *err)
{
	(void)req;
	(void)err;
	res->mime = STR("text/plain");
	res->file_name = STR("督办函 \"1\".txt");
	buf_puts(res->out, "内容");
	return ERR_OK;
}

static enum err_code slow_get(struct request *req, struct response *res, struct err *err)
{
	(void)req;
	(void)err;
	nanosleep(&(struct timespec){ .tv_nsec = 400000000 }, NULL);
	json_obj(res->json);
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code nothing_delete(struct request *req, struct response *res, struct err *err)
{
	(void)req;
	(void)res;
	(void)err;
	return ERR_OK;
}

static enum err_code unfinished_get(struct request *req, struct response *res, struct err *err)
{
	(void)req;
	(void)err;
	json_obj(res->json);
	return ERR_OK;
}

static const struct route rows[] = {
	{ HTTP_POST, "/api/things", thing_post, .roles = ROLE_ANYONE, .scope = SCOPE_PUBLIC, ROUTE_BODY(struct thing, thing_fields) },
	{ HTTP_GET, "/api/things/{id}", thing_get, .roles = ROLE_ANYONE, .scope = SCOPE_PUBLIC },
	{ HTTP_DELETE, "/api/things/{id}", nothing_delete, .roles = ROLE_ANYONE, .scope = SCOPE_PUBLIC },
	{ HTTP_POST, "/api/blocked", blocked_post, .roles = ROLE_ANYONE, .scope = SCOPE_PUBLIC },
	{ HTTP_POST, "/api/files", file_post, .roles = ROLE_LEADER, .scope = SCOPE_ACCOUNT, .upload = true },
	{ HTTP_GET, "/api/files/1", file_get, .roles = ROLE_ANYONE, .scope = SCOPE_PUBLIC },
	{ HTTP_GET, "/api/leader", slow_get, .roles = ROLE_LEADER, .scope = SCOPE_ACCOUNT },
	{ HTTP_PUT, "/api/leader", nothing_delete, .roles = ROLE_LEADER, .scope = SCOPE_ACCOUNT },
	{ HTTP_GET, "/api/slow", slow_get, .roles = ROLE_ANYONE, .scope = SCOPE_PUBLIC },
	{ HTTP_GET, "/api/unfinished", unfinished_get, .roles = ROLE_ANYONE, .scope = SCOPE_PUBLIC },
};
static const struct route_table table = { .rows = rows, .count = sizeof(rows) / sizeof(rows[0]), .tag = "t" };

/** "s=leader" and "s=auditor" are sessions. */
static _Atomic int sessions_asked;

static enum err_code authenticate(struct request *req, struct err *err)
{
	struct str s = request_cookie(req, "s");

	(void)err;
	sessions_asked++;
	if (s.len == 0)
		return ERR_OK;
	req->who.account_id = 5;
	req->who.roles = role_from_slug(s);
	req->csrf = STR("token");
	return ERR_OK;
}

static int start(void **state)
{
	struct err err;

	(void)state;
	log_set_level(LOG_ERROR);
	snprintf(upload_dir, sizeof(upload_dir), "/tmp/xz-http-XXXXXX");
	if (!mkdtemp(upload_dir))
		return -1;
	if (http_start(&(struct http_config){ .host = "127.0.0.1",
			       .threads = 4,
			       .json_bytes_max = 4096,
			       .upload_bytes_max = 3 << 20,
			       .header_timeout_s = 1,
			       .upload_dir = upload_dir,
			       .tables = &table,
			       .table_count = 1,
			       .fixed_today = DAY_NONE,
			       .authenticate = authenticate },
		    &server, &err) != ERR_OK) {
		fprintf(stderr, "%s\n", err.msg);
		return -1;
	}
	return 0;
}

static int stop(void **state)
{
	(void)state;
	http_stop(server);
	return rmdir(upload_dir); /* fails when a temporary file was left behind */
}

/* ---- a client of bytes ---- */

static int dial(void)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)http_port(server)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static void put(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t n = send(fd, at, size, MSG_NOSIGNAL);

		if (n <= 0)
			return; /* the server may have closed already: its answer is what the test looks at */
		at += n;
		size -= (size_t)n;
	}
}

static void say(int fd, const char *text)
{
	put(fd, text, strlen(text));
}

/** Reads until the peer closes or nothing comes for wait_ms. */
static size_t get(int fd, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t len = 0;

	while (len < sizeof(answer) - 1 && poll(&p, 1, wait_ms) > 0) {
		ssize_t n = recv(fd, answer + len, sizeof(answer) - 1 - len, 0);

		if (n <= 0)
			break;
		len += (size_t)n;
	}
	answer[len] = '\0';
	return len;
}

static const char *talk_bytes(const char *bytes, size_t size)
{
	int fd = dial();

	put(fd, bytes, size);
	get(fd, 1500);
	close(fd);
	return answer;
}

/** Sends one request (which asks to close) and returns the whole answer. */
static const char *talk(const char *text)
{
	return talk_bytes(text, strlen(text));
}

static void assert_status(const char *text, const char *status)
{
	char expected[32];

	snprintf(expected, sizeof(expected), "HTTP/1.1 %s ", status);
	talk(text);
	if (strncmp(answer, expected, strlen(expected)) != 0)
		fail_msg("expected %s, got: %.200s\nfor: %.120s", status, answer, text);
}

static void assert_has(const char *what)
{
	if (!strstr(answer, what))
		fail_msg("“%s” is not in:\n%.1500s", what, answer);
}

#define GET(path, more) "GET " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" more "\r\n"
#define POST(path, more, length, body)                                                                                                     \
	"POST " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n" more "Content-Length: " length      \
	"\r\n\r\n" body

/* ---- what works ---- */

static void a_handler_answers_json(void **state)
{
	(void)state;
	assert_status(GET("/api/things/12?q=%E6%B3%95+1", ""), "200");
	assert_has("{\"id\":\"12\",\"q\":\"法 1\",\"remote\":\"127.0.0.1\"}");
	assert_has("Content-Type: application/json; charset=utf-8");
	assert_has("Cache-Control: no-store");
	assert_has("Content-Security-Policy: default-src 'none'; script-src 'self'");
	assert_has("X-Content-Type-Options: nosniff");
	assert_has("X-Request-Id: ");
}

static void a_body_is_decoded(void **state)
{
	(void)state;
	assert_status(POST("/api/things", "", "27", "{\"title\":\"x\",\"amount\":  3 }"), "201");
	assert_has("{\"title\":\"x\",\"amount\":3}");
}

static void a_bad_field_is_422_and_named(void **state)
{
	(void)state;
	assert_status(POST("/api/things", "", "26", "{\"title\":\"x\",\"amount\": 11}"), "422");
	assert_has("application/problem+json");
	assert_has("\"field\":\"amount\"");
	assert_has("1 至 10 之间");
	assert_status(POST("/api/things", "", "23", "{\"title\":\"x\",\"amont\":1}"), "422");
	assert_has("\"field\":\"amont\"");
}

static void other_media_types_are_415(void **state)
{
	(void)state;
	assert_status("POST /api/things HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: "
		      "13\r\n\r\n{\"title\":\"x\"}",
		"415");
}

static void a_refusal_by_law_cites_the_article(void **state)
{
	(void)state;
	assert_status(POST("/api/blocked", "", "0", ""), "409");
	assert_has("\"article\":\"条例第6条第2款\"");
}

static void head_has_no_body_and_delete_may_be_empty(void **state)
{
	(void)state;
	assert_status("HEAD /api/things/12 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "200");
	assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
	assert_status("DELETE /api/things/12 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "204");
}

static void unknown_paths_and_methods_differ(void **state)
{
	(void)state;
	assert_status(GET("/api/nothing", ""), "404");
	assert_status("PUT /api/things/12 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "405");
	assert_has("Allow: GET, HEAD, DELETE");
	assert_status("OPTIONS /api/things/12 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "405");
	assert_status("TRACE /api/things/12 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "405");
	assert_status(GET("/api/things/0012", ""), "404");
	assert_status(GET("/api/things/abc", ""), "404");
}

static void file_names_follow_rfc_8187(void **state)
{
	(void)state;
	assert_status(GET("/api/files/1", ""), "200");
	assert_has("Content-Disposition: attachment; filename=\"___ _1_.txt\"; filename*=UTF-8''%E7%9D%A3%E5%8A%9E%E5%87%BD%20%221%22.txt");
}

static void two_requests_share_a_connection(void **state)
{
	static const char both[] =
		"GET /api/things/1 HTTP/1.1\r\nHost: x\r\n\r\nGET /api/things/2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	int fd = dial();

	(void)state;
	say(fd, both);
	get(fd, 1500);
	close(fd);
	assert_has("{\"id\":\"1\"");
	assert_has("{\"id\":\"2\"");
}

static void a_refusal_does_not_end_the_connection(void **state)
{
	int fd = dial();

	(void)state;
	say(fd, "GET /api/nothing HTTP/1.1\r\nHost: x\r\n\r\n");
	get(fd, 300);
	assert_has("HTTP/1.1 404");
	assert_null(strstr(answer, "Connection: close"));
	say(fd, "GET /api/things/2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	get(fd, 1500);
	close(fd);
	assert_has("{\"id\":\"2\"");
}

static void the_servers_own_rows_answer(void **state)
{
	(void)state;
	assert_status(GET("/healthz", ""), "200");
	assert_has("\"status\":\"ok\"");
	assert_status(GET("/metrics", ""), "200");
	assert_has("xz_http_requests_total{method=\"GET\",route=\"/healthz\",status=\"2xx\"} ");
	assert_has("xz_http_request_seconds_bucket{le=\"+Inf\"} ");
	assert_status(GET("/metrics", "X-Forwarded-For: 10.0.0.1\r\n"), "404");
	assert_status(GET("/openapi.json", ""), "200");
	assert_has("\"/api/things\": {");
	assert_null(strstr(answer, "/healthz"));
}

static void the_servers_own_rows_ask_nobody_who_they_are(void **state)
{
	int before = sessions_asked;

	(void)state;
	assert_status(GET("/healthz", "Cookie: s=leader\r\n"), "200"); /* there is no connection to look a session up with */
	assert_int_equal(sessions_asked, before);
}

static void a_handler_that_leaves_its_json_open_is_our_failure(void **state)
{
	(void)state;
	assert_status(GET("/api/unfinished", ""), "500");
	assert_null(strstr(answer, "收尾"));
}

static void the_proxy_on_this_machine_names_the_client(void **state)
{
	(void)state;
	talk(GET("/api/things/1", "X-Forwarded-For: 1.1.1.1, 10.20.30.40\r\n"));
	assert_has("\"remote\":\"10.20.30.40\"");
	talk(GET("/api/things/1", "X-Forwarded-For: evil\r\n"));
	assert_has("\"remote\":\"127.0.0.1\"");
}

/* ---- rights ---- */

static void rows_admit_only_their_roles(void **state)
{
	(void)state;
	assert_status(GET("/api/leader", ""), "401");
	assert_status(GET("/api/leader", "Cookie: s=auditor\r\n"), "403");
	assert_has("监督机构负责人");
	assert_status(GET("/api/leader", "Cookie: a=b; s=leader\r\n"), "200");
}

static void changes_need_the_sessions_token(void **state)
{
	(void)state;
	assert_status("PUT /api/leader HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: s=leader\r\nContent-Length: 0\r\n\r\n", "403");
	assert_has("X-CSRF");
	assert_status("PUT /api/leader HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: s=leader\r\nX-CSRF: Token\r\nContent-Length: "
		      "0\r\n\r\n",
		"403");
	assert_status("PUT /api/leader HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: s=leader\r\nX-CSRF: token\r\nContent-Length: "
		      "0\r\n\r\n",
		"204");
	assert_status("PUT /api/leader HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: s=leader\r\nX-CSRF: token\r\nSec-Fetch-Site: "
		      "cross-site\r\n"
		      "Content-Length: 0\r\n\r\n",
		"403");
	assert_status(POST("/api/blocked", "Sec-Fetch-Site: cross-site\r\n", "0", ""), "403");
}

static int files_left(void)
{
	DIR *dir = opendir(upload_dir);
	struct dirent *entry;
	int count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

#define UPLOAD(more, name)                                                                                                                 \
	"POST /api/files?name=" name " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: s=leader\r\nX-CSRF: token\r\n" more "\r\n"

static void an_upload_is_streamed_and_cleaned_up(void **state)
{
	static char body[2 << 20];
	int fd = dial();

	(void)state;
	memset(body, 'a', sizeof(body));
	say(fd, UPLOAD("Content-Length: 2097152\r\n", "..%2F..%5C%E5%8F%B0%E8%B4%A6.xlsx"));
	put(fd, body, sizeof(body));
	get(fd, 1500);
	close(fd);
	assert_has("HTTP/1.1 200");
	assert_has("{\"name\":\"台账.xlsx\",\"size\":2097152}");
	nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	assert_int_equal(files_left(), 0);
}

static void an_upload_is_refused_before_its_body(void **state)
{
	(void)state;
	assert_status(
		"POST /api/files?name=a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
		"401");
	assert_status(UPLOAD("Content-Length: 99999999999\r\n", "a"), "413");
	assert_status("POST /api/files HTTP/1.1\r\nHost: x\r\nCookie: s=leader\r\nX-CSRF: token\r\nContent-Length: 1\r\nConnection: "
		      "close\r\n\r\na",
		"422");
	assert_has("\"field\":\"name\"");
	assert_int_equal(files_left(), 0);
}

static void a_chunked_upload_over_the_limit_is_413(void **state)
{
	static char chunk[1 << 16];
	int fd = dial();

	(void)state;
	memset(chunk, 'a', sizeof(chunk));
	say(fd, UPLOAD("Transfer-Encoding: chunked\r\n", "a"));
	for (int i = 0; i < 50; i++) {
		say(fd, "10000\r\n");
		put(fd, chunk, sizeof(chunk));
		say(fd, "\r\n");
	}
	say(fd, "0\r\n\r\n");
	get(fd, 2000);
	close(fd);
	assert_has("HTTP/1.1 413");
}

static void a_json_body_over_the_limit_is_413(void **state)
{
	(void)state;
	assert_status(POST("/api/things", "", "5000", "{"), "413");
}

/* ---- what must not work ---- */

static void ambiguous_lengths_are_refused(void **state)
{
	(void)state;
	assert_status(POST("/api/things", "Content-Length: 5\r\n", "13", "{\"title\":\"x\"}"), "400");
	assert_status(POST("/api/things", "Content-Length: 13\r\n", "13", "{\"title\":\"x\"}"), "400");
	assert_status(POST("/api/things", "Transfer-Encoding: chunked\r\n", "13", "0\r\n\r\n"), "400");
	assert_status(
		"POST /api/things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n0\r\n\r\n", "400");
	assert_status("POST /api/things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\nConnection: close\r\n\r\n0\r\n\r\n", "400");
	assert_status("POST /api/things HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400");
}

/** libmicrohttpd refuses some of these itself, with a status of its own or by closing: what matters is that no handler ran. */
static void assert_refused(const char *bytes, size_t size)
{
	talk_bytes(bytes, size);
	if (answer[0] != '\0' && strncmp(answer, "HTTP/1.1 4", 10) != 0)
		fail_msg("not refused: %.*s\n%.300s", (int)size, bytes, answer);
}

static void malformed_lengths_are_refused(void **state)
{
	static const char *const lengths[] = { "+5", "-1", "5,5", "0x5", "5 5", "99999999999999999999", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text), "POST /api/things HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %s\r\n\r\nabcde",
			lengths[i]);
		assert_refused(text, strlen(text));
	}
}

static void hosts_are_counted(void **state)
{
	(void)state;
	assert_status("GET /api/things/1 HTTP/1.1\r\nConnection: close\r\n\r\n", "400");
	assert_status("GET /api/things/1 HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n", "400");
	assert_status("GET /api/things/1 HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n", "400");
	assert_status("GET /api/things/1 HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n", "400");
}

static void odd_header_lines_are_refused(void **state)
{
	static const char nul[] = "GET /api/things/1 HTTP/1.1\r\nHost: x\r\nA: b\0c\r\nConnection: close\r\n\r\n";
	static const char space[] = "GET /api/things/1 HTTP/1.1\r\nHost: x\r\nA : b\r\nConnection: close\r\n\r\n";
	static const char bell[] = "GET /api/things/1 HTTP/1.1\r\nHost: x\r\nA: \a\r\nConnection: close\r\n\r\n";
	static const char odd[] = "GET /api/things/1 HTTP/1.1\r\nHost: x\r\nA(b): c\r\nConnection: close\r\n\r\n";
	static const char none[] = "GET /api/things/1 HTTP/1.1\r\nHost: x\r\nno colon\r\nConnection: close\r\n\r\n";

	(void)state;
	assert_refused(nul, sizeof(nul) - 1);
	assert_refused(space, sizeof(space) - 1);
	assert_refused(bell, sizeof(bell) - 1);
	assert_refused(odd, sizeof(odd) - 1);
	assert_refused(none, sizeof(none) - 1);
}

static void bare_line_feeds_and_folded_lines_are_refused(void **state)
{
	static const char lf[] = "GET /api/things/1 HTTP/1.1\r\nHost: x\nA: b\r\nConnection: close\r\n\r\n";
	static const char fold[] = "GET /api/things/1 HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\nConnection: close\r\n\r\n";
	static const char last[] = "GET /api/things/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nA: b\r\n c\r\n\r\n";

	(void)state;
	assert_refused(lf, sizeof(lf) - 1);
	assert_refused(fold, sizeof(fold) - 1);
	assert_refused(last, sizeof(last) - 1);
}

static void white_space_around_values_is_allowed(void **state)
{
	(void)state;
	assert_status("GET /api/things/1 HTTP/1.1\r\nHost:x\r\nA: \t b  \r\nB:\r\nConnection: close\r\n\r\n", "200");
}

static void odd_paths_are_refused(void **state)
{
	(void)state;
	assert_status(GET("/api/../etc/passwd", ""), "400");
	assert_status(GET("/%2e%2e/etc/passwd", ""), "400");
	assert_status(GET("/assets/%00", ""), "400");
	assert_status(GET("/assets/%zz", ""), "400");
	assert_status(GET("/assets/%ff", ""), "400");
	assert_status(GET("/api/things/1?a=%", ""), "400");
	assert_status(GET("/api/things/1%2F2", ""), "404");
	assert_status(GET("http://evil/api/things/1", ""), "400");
	assert_status(GET("/assets/..%5c..%5cx", ""), "404");
}

static void long_heads_are_refused(void **state)
{
	static char text[80000];
	size_t len = (size_t)snprintf(text, sizeof(text), "GET /api/things/1 HTTP/1.1\r\nHost: x\r\nA: ");

	(void)state;
	memset(text + len, 'a', 65536);
	memcpy(text + len + 65536, "\r\n\r\n", 4);
	assert_refused(text, len + 65540);
	len = (size_t)snprintf(text, sizeof(text), "GET /api/things/");
	memset(text + len, '1', 9000);
	len += 9000;
	len += (size_t)snprintf(text + len, sizeof(text) - len, " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	assert_refused(text, len);
}

static int64_t ticks(void)
{
	return ticks_ms();
}

static void a_head_that_dribbles_is_cut_off(void **state)
{
	int fd = dial();
	int64_t from = ticks();
	struct pollfd p = { .fd = fd, .events = POLLIN };
	bool ended = false;

	(void)state;
	say(fd, "GET /api/things/1 HTTP/1.1\r\n");
	while (!ended && ticks() - from < 5000) {
		char c;

		say(fd, "A");
		ended = poll(&p, 1, 100) > 0 && recv(fd, &c, 1, 0) <= 0;
	}
	close(fd);
	assert_true(ended);
	assert_in_range(ticks() - from, 900, 2500);
}

static void other_clients_are_served_while_many_dribble(void **state)
{
	int fds[50];

	(void)state;
	for (int i = 0; i < 50; i++) {
		fds[i] = dial();
		say(fds[i], "GET / HTTP/1.1\r\nHo");
	}
	assert_status(GET("/api/things/1", ""), "200");
	for (int i = 0; i < 50; i++)
		close(fds[i]);
}

static void slow_handlers_do_not_stop_quick_ones(void **state)
{
	int fds[3];
	int64_t from;

	(void)state;
	for (int i = 0; i < 3; i++) {
		fds[i] = dial();
		say(fds[i], GET("/api/slow", ""));
	}
	nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	from = ticks();
	assert_status(GET("/api/things/1", ""), "200");
	assert_true(ticks() - from < 250);
	for (int i = 0; i < 3; i++) {
		get(fds[i], 1500);
		assert_has("HTTP/1.1 200");
		close(fds[i]);
	}
}

static void garbage_does_no_harm(void **state)
{
	unsigned int seed = 1;

	(void)state;
	for (int i = 0; i < 60; i++) {
		char bytes[512];
		int fd = dial();

		for (size_t k = 0; k < sizeof(bytes); k++) {
			seed = seed * 1103515245u + 12345u;
			bytes[k] = (char)(seed >> 16);
		}
		put(fd, bytes, sizeof(bytes));
		close(fd);
	}
	assert_status(GET("/api/things/1", ""), "200");
}

static void *stopper(void *arg)
{
	(void)arg;
	http_stop(server);
	return NULL;
}

static void a_stop_lets_the_running_request_finish(void **state)
{
	pthread_t thread;
	int fd = dial();
	void *ignored = NULL;

	say(fd, "GET /api/slow HTTP/1.1\r\nHost: x\r\n\r\n");
	nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	pthread_create(&thread, NULL, stopper, NULL);
	get(fd, 2000);
	close(fd);
	pthread_join(thread, NULL);
	assert_has("HTTP/1.1 200");
	assert_has("Connection: close");
	assert_int_equal(rmdir(upload_dir), 0);
	(void)state;
	assert_int_equal(start(&ignored), 0);
}

static void a_taken_port_is_said_so(void **state)
{
	struct http_server *other;
	struct err err;

	(void)state;
	assert_int_equal(http_start(&(struct http_config){ .host = "127.0.0.1",
					    .port = http_port(server),
					    .threads = 1,
					    .tables = &table,
					    .table_count = 1,
					    .fixed_today = DAY_NONE },
				 &other, &err),
		ERR_IO);
	assert_non_null(strstr(err.msg, "端口已被占用"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handler_answers_json),
		cmocka_unit_test(a_body_is_decoded),
		cmocka_unit_test(a_bad_field_is_422_and_named),
		cmocka_unit_test(other_media_types_are_415),
		cmocka_unit_test(a_refusal_by_law_cites_the_article),
		cmocka_unit_test(head_has_no_body_and_delete_may_be_empty),
		cmocka_unit_test(unknown_paths_and_methods_differ),
		cmocka_unit_test(file_names_follow_rfc_8187),
		cmocka_unit_test(two_requests_share_a_connection),
		cmocka_unit_test(a_refusal_does_not_end_the_connection),
		cmocka_unit_test(the_servers_own_rows_answer),
		cmocka_unit_test(the_servers_own_rows_ask_nobody_who_they_are),
		cmocka_unit_test(a_handler_that_leaves_its_json_open_is_our_failure),
		cmocka_unit_test(the_proxy_on_this_machine_names_the_client),
		cmocka_unit_test(rows_admit_only_their_roles),
		cmocka_unit_test(changes_need_the_sessions_token),
		cmocka_unit_test(an_upload_is_streamed_and_cleaned_up),
		cmocka_unit_test(an_upload_is_refused_before_its_body),
		cmocka_unit_test(a_chunked_upload_over_the_limit_is_413),
		cmocka_unit_test(a_json_body_over_the_limit_is_413),
		cmocka_unit_test(ambiguous_lengths_are_refused),
		cmocka_unit_test(malformed_lengths_are_refused),
		cmocka_unit_test(hosts_are_counted),
		cmocka_unit_test(odd_header_lines_are_refused),
		cmocka_unit_test(bare_line_feeds_and_folded_lines_are_refused),
		cmocka_unit_test(white_space_around_values_is_allowed),
		cmocka_unit_test(odd_paths_are_refused),
		cmocka_unit_test(long_heads_are_refused),
		cmocka_unit_test(a_head_that_dribbles_is_cut_off),
		cmocka_unit_test(other_clients_are_served_while_many_dribble),
		cmocka_unit_test(slow_handlers_do_not_stop_quick_ones),
		cmocka_unit_test(garbage_does_no_harm),
		cmocka_unit_test(a_taken_port_is_said_so),
		cmocka_unit_test(a_stop_lets_the_running_request_finish),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
