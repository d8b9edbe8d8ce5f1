/* One request from its raw URI to its answer. Everything here but request_route runs in a worker thread and may block. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "http/http_private.h"

#ifndef XZ_VERSION
#define XZ_VERSION "0"
#endif

#define FILE_NAME_BYTES_MAX 255

/* ---- what handlers read ---- */

struct str request_segment(const struct request *req, const char *name)
{
	const struct route_match *m = &req->http->match;
	struct str template[HTTP_SEGMENTS_MAX];
	size_t count = 0;

	if (!m->row || !path_split(str_of(m->row->path), template, &count))
		return STR("");
	for (size_t i = 0; i < count; i++)
		if (template[i].len > 2 && template[i].ptr[0] == '{' && str_eq(str_sub(template[i], 1, template[i].len - 1), str_of(name)))
			return m->segments[i];
	return STR("");
}

enum err_code request_id(struct request *req, const char *name, int64_t *ret_id, struct err *err)
{
	struct str text = request_segment(req, name);
	int64_t id;

	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return err_set(err, ERR_NOT_FOUND, "没有编号为 %.40s 的对象", text.len <= 40 ? text.ptr : "…");
	if (text.len == 0 || text.ptr[0] == '0' || !str_to_i64(text, &id))
		return err_set(err, ERR_NOT_FOUND, "没有这个编号的对象");
	*ret_id = id;
	return ERR_OK;
}

struct str request_param(const struct request *req, const char *name)
{
	for (size_t i = 0; i < req->http->param_count; i++)
		if (str_eq(req->http->params[i].name, str_of(name)))
			return req->http->params[i].value;
	return (struct str){ 0 };
}

bool request_param_next(const struct request *req, size_t *at, struct str *ret_name, struct str *ret_value)
{
	if (*at >= req->http->param_count)
		return false;
	*ret_name = req->http->params[*at].name;
	*ret_value = req->http->params[*at].value;
	(*at)++;
	return true;
}

struct str request_header(const struct request *req, const char *name)
{
	return str_of(MHD_lookup_connection_value(req->http->connection, MHD_HEADER_KIND, name));
}

struct str request_cookie(const struct request *req, const char *name)
{
	struct str rest = request_header(req, "Cookie"), part;

	while (str_next(&rest, ';', &part)) {
		struct str key;

		part = str_trim(part);
		if (str_next(&part, '=', &key) && str_eq(key, str_of(name)))
			return str_trim(part);
	}
	return (struct str){ 0 };
}

/* ---- from the URI to a row ---- */

static void fail(struct http_private *p, enum err_code code, const char *msg)
{
	p->failed = err_set(&p->err, code, "%s", msg);
}

static bool is_uri_char(unsigned char c)
{
	return c > 0x20 && c < 0x7f && !strchr("\"<>\\^`{|}#", c);
}

static bool split_params(struct http_private *p)
{
	struct str rest = p->raw_query, part;

	p->params = ARENA_NEW(p->mem, struct param, HTTP_PARAMS_MAX);
	if (!p->params)
		return false;
	while (rest.len > 0 && str_next(&rest, '&', &part)) {
		struct param *one = &p->params[p->param_count];
		struct str name, value = part;

		if (part.len == 0)
			continue;
		if (p->param_count == HTTP_PARAMS_MAX)
			return false;
		str_next(&value, '=', &name);
		if (!percent_decode(name, true, p->mem, &one->name) || !percent_decode(value, true, p->mem, &one->value))
			return false;
		p->param_count++;
	}
	return true;
}

/** Decodes the path part by part, so that an escaped slash stays inside its segment. */
static bool decode_path(struct http_private *p, struct str decoded[static HTTP_SEGMENTS_MAX], size_t *ret_count)
{
	struct str raw[HTTP_SEGMENTS_MAX];
	struct buf path;

	if (!path_split(p->raw_path, raw, ret_count))
		return false;
	buf_init(&path, HTTP_URI_BYTES_MAX);
	for (size_t i = 0; i < *ret_count; i++) {
		if (!percent_decode(raw[i], false, p->mem, &decoded[i]) || str_eq(decoded[i], STR(".")) || str_eq(decoded[i], STR(".."))) {
			buf_clear(&path);
			return false;
		}
		buf_putc(&path, '/');
		buf_put(&path, decoded[i]);
	}
	if (!path.failed)
		p->req.path = str_dup(p->mem, buf_str(&path));
	buf_clear(&path);
	return p->req.path.ptr != NULL;
}

static void method_fault(struct http_private *p)
{
	char allowed[64] = "";
	size_t len = 0;

	for (int m = 0; m < HTTP_METHOD_COUNT; m++)
		if (p->match.allowed & (1u << m))
			len += (size_t)snprintf(allowed + len, sizeof(allowed) - len, "%s%s%s", len ? ", " : "",
				method_name((enum http_method)m), m == HTTP_GET ? ", HEAD" : "");
	p->failed = err_set(&p->err, ERR_METHOD, "此地址只支持 %s", allowed);
}

void request_route(struct http_private *p, const char *method)
{
	struct str segments[HTTP_SEGMENTS_MAX];
	enum http_method m = HTTP_GET;
	size_t count;

	for (size_t i = 0; i < p->raw_path.len; i++)
		if (!is_uri_char((unsigned char)p->raw_path.ptr[i])) {
			fail(p, ERR_SYNTAX, "地址含有不允许的字符");
			return;
		}
	if (!decode_path(p, segments, &count) || !split_params(p)) {
		fail(p, ERR_SYNTAX, "地址或查询参数不合规：百分号编码须为 UTF-8，路径不含 . 和 .. 段，参数至多 64 个");
		return;
	}
	p->head_only = strcmp(method, "HEAD") == 0;
	while (!p->head_only && m < HTTP_METHOD_COUNT && strcmp(method, method_name(m)) != 0)
		m++;
	p->req.method = m;
	router_find(p->server->router, m, segments, count, &p->match);
	if (p->match.row)
		return;
	if (p->match.allowed)
		method_fault(p);
	else if (str_eq(segments[0], STR("api")))
		p->failed = err_set(&p->err, ERR_NOT_FOUND, "没有这个接口：%s", p->req.path.len <= 200 ? p->req.path.ptr : "…");
	else if (m != HTTP_GET) {
		p->match.allowed = 1u << HTTP_GET;
		method_fault(p);
	}
}

/* ---- rights ---- */

static bool same_text(struct str a, struct str b)
{
	unsigned char difference = 0;

	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		difference |= (unsigned char)(a.ptr[i] ^ b.ptr[i]);
	return difference == 0;
}

/** A change must come from our own page: the browser says so, and the page knows the session's token. */
static enum err_code check_origin(struct http_private *p, struct err *err)
{
	struct str site = request_header(&p->req, "Sec-Fetch-Site");

	if (p->req.method == HTTP_GET)
		return ERR_OK;
	if (site.len > 0 && !str_eq(site, STR("same-origin")) && !str_eq(site, STR("none")))
		return err_set(err, ERR_FORBIDDEN, "拒绝来自其他网站的请求");
	if (p->req.csrf.len > 0 && !same_text(request_header(&p->req, "X-CSRF"), p->req.csrf))
		return err_set(err, ERR_FORBIDDEN, "缺少或不符的 X-CSRF 请求头，请刷新页面后再试");
	return ERR_OK;
}

static enum err_code check_roles(struct http_private *p, struct err *err)
{
	unsigned int roles = p->match.row->roles;

	if (roles & ROLE_ANYONE)
		return ERR_OK;
	if (p->req.who.account_id == 0)
		return err_set(err, ERR_UNAUTHENTICATED, "请先登录");
	if (!actor_has(&p->req.who, roles)) {
		char names[200] = "";
		size_t len = 0;

		for (int i = 0; i < ROLE_COUNT && len < sizeof(names) - 40; i++)
			if (roles & (1u << i))
				len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", len ? "、" : "", role_title(i));
		return err_set(err, ERR_FORBIDDEN, "您的角色不能进行此操作，需要：%s", names);
	}
	return ERR_OK;
}

/** The server's own rows have no connection to the database and ask nobody who they are. */
static bool is_own_row(const struct http_private *p)
{
	return p->match.row >= http_own_routes.rows && p->match.row < http_own_routes.rows + http_own_routes.count;
}

static enum err_code authorise(struct http_private *p, struct err *err)
{
	const struct http_config *c = &p->server->config;

	p->req.who.remote = p->remote;
	if (c->authenticate && !is_own_row(p))
		TRY(c->authenticate(&p->req, err));
	p->req.who.remote = p->remote;
	TRY(check_origin(p, err));
	return check_roles(p, err);
}

static enum err_code with_db(struct http_private *p, enum err_code (*body)(struct http_private *p, struct err *err), struct err *err)
{
	const struct http_config *c = &p->server->config;
	enum err_code code;

	if (c->db_lend && !is_own_row(p))
		TRY(c->db_lend(c->app, &p->req.db, err));
	code = body(p, err);
	if (p->req.db)
		c->db_return(c->app, p->req.db);
	p->req.db = NULL;
	return code;
}

static void fill_request(struct http_private *p)
{
	const struct http_config *c = &p->server->config;

	p->req.mem = p->mem;
	p->req.ids = c->ids;
	p->req.now_ms = time_on_day(c->fixed_today, time_now_ms());
	p->req.today = day_of_time(p->req.now_ms);
	p->req.data_dir = c->data_dir;
	p->req.assets = c->assets;
	p->req.app = c->app;
	p->req.http = p;
}

/* ---- uploads ---- */

/** Last part of the client's file name without control characters; empty when nothing is left. */
static struct str clean_name(struct str name, struct arena *mem)
{
	char *out = ARENA_NEW(mem, char, name.len + 1);
	size_t len = 0;

	for (size_t i = 0; out && i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];

		if (c == '/' || c == '\\')
			len = 0;
		else if (c >= 0x20 && c != 0x7f)
			out[len++] = (char)c;
	}
	return out ? str_trim((struct str){ .ptr = out, .len = len }) : (struct str){ 0 };
}

static enum err_code open_upload(struct http_private *p, struct err *err)
{
	struct str name = clean_name(request_param(&p->req, "name"), p->mem);
	struct str path;

	if (name.len == 0 || name.len > FILE_NAME_BYTES_MAX || str_eq(name, STR(".")) || str_eq(name, STR(".."))) {
		snprintf(p->fault.name, sizeof(p->fault.name), "name");
		return err_set(err, ERR_INPUT, "文件名（name）必填，1 至 %d 字节", FILE_NAME_BYTES_MAX);
	}
	path = str_printf(p->mem, "%s/upload-XXXXXX", p->server->config.upload_dir);
	if (!path.ptr)
		return err_nomem(err);
	p->upload_fd = mkostemp((char *)path.ptr, O_CLOEXEC);
	if (p->upload_fd < 0)
		return err_set(err, ERR_IO, "不能在 %s 建立临时文件", p->server->config.upload_dir);
	p->upload = (struct upload){ .path = path, .name = name, .mime = str_dup(p->mem, request_header(&p->req, "Content-Type")) };
	return ERR_OK;
}

static enum err_code check_upload(struct http_private *p, struct err *err)
{
	TRY(authorise(p, err));
	return open_upload(p, err);
}

void request_check(struct http_private *p)
{
	fill_request(p);
	p->failed = with_db(p, check_upload, &p->err);
	if (p->failed != ERR_OK)
		request_fail(p);
}

/* ---- the handler ---- */

static enum err_code decode(struct http_private *p, struct err *err)
{
	const struct route *row = p->match.row;
	void *out;

	TRY(fields_from_query(row->query, row->query_size, p->params, p->param_count, p->mem, &out, &p->fault, err));
	p->req.query = row->query ? out : NULL;
	if (row->upload || row->method == HTTP_GET)
		return ERR_OK;
	if (p->body.len > 0) {
		struct str type = request_header(&p->req, "Content-Type"), name;

		if (!str_next(&type, ';', &name) || !token_equal(str_trim(name), STR("application/json")))
			return err_set(err, ERR_UNSUPPORTED, "请求体应为 application/json");
	}
	TRY(fields_from_json(row->body, row->body_size, buf_str(&p->body), p->mem, &out, &p->fault, err));
	p->req.body = row->body ? out : NULL;
	return ERR_OK;
}

static enum err_code finish_upload(struct http_private *p, struct err *err)
{
	int closed = close(p->upload_fd);

	p->upload_fd = -1;
	if (closed != 0)
		return err_set(err, ERR_IO, "临时文件没有写完");
	p->upload.size_bytes = p->body_bytes;
	p->req.upload = &p->upload;
	return ERR_OK;
}

static void put_disposition(struct http_private *p, struct str name)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_puts(&b, "attachment; filename=\"");
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];

		if (c < 0x80)
			buf_putc(&b, c < 0x20 || c == '"' || c == '\\' || c == '%' ? '_' : (char)c);
		else if (c >= 0xC0)
			buf_putc(&b, '_'); /* one for each character */
	}
	buf_puts(&b, "\"; filename*=UTF-8''");
	percent_encode(name, &b);
	if (!b.failed)
		answer_header(p, "Content-Disposition", b.ptr);
	buf_clear(&b);
}

static enum err_code answer_file(struct http_private *p, const struct response *res, struct err *err)
{
	char *path = str_cstr(p->mem, res->file_path);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	struct stat info;

	if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
		if (fd >= 0)
			close(fd);
		return err_set(err, ERR_CORRUPT, "文件 %.*s 读不到", STR_ARG(res->file_path));
	}
	p->answer = MHD_create_response_from_fd64((uint64_t)info.st_size, fd);
	if (!p->answer) {
		close(fd);
		return err_nomem(err);
	}
	p->answer_bytes = info.st_size;
	return ERR_OK;
}

static enum err_code answer_text(struct http_private *p, struct buf *out, struct err *err)
{
	p->answer_bytes = (int64_t)out->len;
	p->answer = MHD_create_response_from_buffer(
		out->len, out->ptr ? (void *)out->ptr : (void *)"", out->ptr ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	if (!p->answer)
		return err_nomem(err);
	*out = (struct buf){ .max = out->max };
	return ERR_OK;
}

static enum err_code make_answer(struct http_private *p, struct response *res, struct err *err)
{
	bool empty = res->out->len == 0 && res->mime.len == 0 && res->file_path.len == 0;

	if (res->out->failed)
		return err_set(err, ERR_INTERNAL, "回答超出 %u 字节", HTTP_ANSWER_BYTES_MAX);
	if (res->json->depth != 0)
		return err_set(err, ERR_INTERNAL, "%s 的 JSON 没有收尾", p->match.row->path);
	p->status = (unsigned int)res->status;
	if (empty && p->status == MHD_HTTP_OK)
		p->status = MHD_HTTP_NO_CONTENT;
	TRY(res->file_path.len > 0 ? answer_file(p, res, err) : answer_text(p, res->out, err));
	if (res->mime.len > 0)
		answer_header(p, "Content-Type", str_cstr(p->mem, res->mime));
	else if (!empty)
		answer_header(p, "Content-Type", res->file_path.len > 0 ? "application/octet-stream" : "application/json; charset=utf-8");
	if (res->file_name.len > 0)
		put_disposition(p, res->file_name);
	if (res->set_cookie.len > 0)
		answer_header(p, "Set-Cookie", str_cstr(p->mem, res->set_cookie));
	answer_header(p, "Cache-Control", "no-store");
	return ERR_OK;
}

static enum err_code call_handler(struct http_private *p, struct err *err)
{
	struct buf out;
	struct json json;
	struct response res = { .out = &out, .json = &json, .status = MHD_HTTP_OK };
	enum err_code code;

	if (p->match.row->upload)
		TRY(finish_upload(p, err));
	else
		TRY(authorise(p, err));
	TRY(decode(p, err));
	buf_init(&out, HTTP_ANSWER_BYTES_MAX);
	json_init(&json, &out);
	code = p->match.row->handler(&p->req, &res, err);
	if (code == ERR_OK)
		code = make_answer(p, &res, err);
	buf_clear(&out);
	return code;
}

void request_work(struct http_private *p)
{
	fill_request(p);
	if (p->failed == ERR_OK)
		p->failed = with_db(p, call_handler, &p->err);
	if (p->failed != ERR_OK)
		request_fail(p);
	else
		answer_headers(p);
}

/* ---- answers ---- */

void answer_header(struct http_private *p, const char *name, const char *value)
{
	if (!value || MHD_add_response_header(p->answer, name, value) != MHD_YES)
		log_event(LOG_WARN, "http.header", "id=%s name=%s not sent", p->id, name);
}

void answer_headers(struct http_private *p)
{
	static const char *const headers[][2] = {
		{ "Content-Security-Policy", HTTP_CSP },
		{ "X-Content-Type-Options", "nosniff" },
		{ "X-Frame-Options", "DENY" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Cross-Origin-Opener-Policy", "same-origin" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()" },
	};

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		answer_header(p, headers[i][0], headers[i][1]);
	answer_header(p, "X-Request-Id", p->id);
	if (p->close_after || p->server->draining)
		answer_header(p, "Connection", "close");
}

void request_fail(struct http_private *p)
{
	struct buf out;

	if (problem_is_internal(p->failed))
		log_event(LOG_ERROR, "http.failure", "id=%s method=%s path=%s code=%s error=%s", p->id, p->method_text,
			p->match.row ? p->match.row->path : "-", err_info(p->failed)->slug, p->err.msg);
	buf_init(&out, 8192);
	problem_put(&out, p->failed, p->err.msg, p->fault.name, p->id);
	if (p->answer)
		MHD_destroy_response(p->answer);
	p->status = (unsigned int)err_info(p->failed)->http_status;
	if (answer_text(p, &out, NULL) != ERR_OK) {
		buf_clear(&out);
		p->answer = NULL;
		return;
	}
	answer_header(p, "Content-Type", "application/problem+json; charset=utf-8");
	answer_header(p, "Cache-Control", "no-store");
	if (p->failed == ERR_METHOD) {
		struct str allowed = str_sub(str_of(p->err.msg), sizeof("此地址只支持 ") - 1, sizeof(p->err.msg));

		answer_header(p, "Allow", allowed.ptr);
	} else if (p->failed == ERR_UNAUTHENTICATED) {
		answer_header(p, "WWW-Authenticate", "Session realm=\"xiezhi\"");
	} else if (p->failed == ERR_RETRY || p->failed == ERR_NOMEM) {
		answer_header(p, "Retry-After", "2");
	} else if (p->failed == ERR_LOCKED) {
		answer_header(p, "Retry-After", "900");
	}
	answer_headers(p);
}

/* ---- the server's own rows ---- */

static enum err_code health_get(struct request *req, struct response *res, struct err *err)
{
	const struct http_config *c = &req->http->server->config;
	struct db *db;

	if (c->db_lend) {
		TRY(c->db_lend(c->app, &db, err));
		c->db_return(c->app, db);
	}
	if (req->http->server->draining)
		return err_set(err, ERR_RETRY, "正在停止");
	json_obj(res->json);
	json_kputs(res->json, "status", "ok");
	json_kputs(res->json, "version", XZ_VERSION);
	json_obj_end(res->json);
	return ERR_OK;
}

/** For the machine itself only: what came through a proxy or from elsewhere finds nothing here. */
static enum err_code metrics_get(struct request *req, struct response *res, struct err *err)
{
	struct http_server *s = req->http->server;

	if (request_header(req, "X-Forwarded-For").ptr ||
		!(str_eq(req->who.remote, STR("127.0.0.1")) || str_eq(req->who.remote, STR("::1"))))
		return err_set(err, ERR_NOT_FOUND, "没有这个地址");
	metrics_print(s->metrics, s->router, s->in_flight, s->connections, s->queue.count, res->out);
	res->mime = STR("text/plain; version=0.0.4; charset=utf-8");
	return ERR_OK;
}

static enum err_code openapi_get(struct request *req, struct response *res, struct err *err)
{
	struct http_server *s = req->http->server;

	(void)err;
	http_openapi(s->config.tables, s->config.table_count, res->out);
	buf_putc(res->out, '\n');
	return ERR_OK;
}

static const struct route own_rows[] = {
	{ HTTP_GET, "/healthz", health_get, .roles = ROLE_ANYONE, .scope = SCOPE_PUBLIC, .summary = "存活检查" },
	{ HTTP_GET, "/metrics", metrics_get, .roles = ROLE_ANYONE, .scope = SCOPE_PUBLIC, .summary = "运行指标" },
	{ HTTP_GET, "/openapi.json", openapi_get, .roles = ROLE_ANYONE, .scope = SCOPE_PUBLIC, .summary = "接口描述" },
};
const struct route_table http_own_routes = { .rows = own_rows, .count = sizeof(own_rows) / sizeof(own_rows[0]), .tag = "http" };
