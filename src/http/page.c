/* Static assets out of the built-in table: hashed files for ever, pages never, compressed forms by negotiation. An unknown page is the
 * application's own business (it routes in the browser), an unknown file is not there. */
#include <stdio.h>
#include <string.h>

#include "http/http_private.h"

#define PATH_BYTES_MAX 512

static const struct asset *find(const char *folder, struct str path)
{
	char name[PATH_BYTES_MAX];

	if (snprintf(name, sizeof(name), "%s%.*s", folder, STR_ARG(path)) >= (int)sizeof(name))
		return NULL;
	return asset_find(str_of(name));
}

/** True when the last part of the path looks like a file. */
static bool names_a_file(struct str path)
{
	for (size_t i = path.len; i > 0 && path.ptr[i - 1] != '/'; i--)
		if (path.ptr[i - 1] == '.')
			return true;
	return false;
}

static const struct asset *choose(struct str path, bool *ret_immutable)
{
	bool office = str_starts(path, STR("/office/"));
	const struct asset *file;

	*ret_immutable = str_starts(path, STR("/assets/"));
	if (*ret_immutable)
		return find("web", path);
	file = office ? find("web", path) : find("web/portal", path);
	if (file || names_a_file(path))
		return file;
	return office ? find("web", STR("/office/index.html")) : find("web", STR("/portal/index.html"));
}

enum form { FORM_PLAIN, FORM_GZIP, FORM_BROTLI };
static const char *const form_names[] = { NULL, "gzip", "br" };

static enum form negotiate(struct http_private *p, const struct asset *a, struct str *ret_bytes)
{
	struct str accepts = request_header(&p->req, "Accept-Encoding");

	if (a->brotli.len > 0 && accepts_token(accepts, STR("br"))) {
		*ret_bytes = a->brotli;
		return FORM_BROTLI;
	}
	if (a->gzip.len > 0 && accepts_token(accepts, STR("gzip"))) {
		*ret_bytes = a->gzip;
		return FORM_GZIP;
	}
	*ret_bytes = a->plain;
	return FORM_PLAIN;
}

/** If-None-Match: weak comparison against our tag. */
static bool is_known(struct str header, struct str etag)
{
	struct str part;

	while (str_next(&header, ',', &part)) {
		part = str_trim(part);
		if (str_starts(part, STR("W/")))
			part = str_sub(part, 2, part.len);
		if (str_eq(part, STR("*")) || str_eq(part, etag))
			return true;
	}
	return false;
}

static void answer_asset(struct http_private *p, const struct asset *a, bool immutable)
{
	struct str bytes;
	enum form form = negotiate(p, a, &bytes);
	char etag[96];
	bool known;

	snprintf(etag, sizeof(etag), "%.*s%s%s\"", (int)strlen(a->etag) - 1, a->etag, form ? "-" : "", form ? form_names[form] : "");
	known = is_known(request_header(&p->req, "If-None-Match"), str_of(etag));
	p->status = known ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK;
	p->answer_bytes = known ? 0 : (int64_t)bytes.len;
	p->answer = MHD_create_response_from_buffer(known ? 0 : bytes.len, (void *)bytes.ptr, MHD_RESPMEM_PERSISTENT);
	if (!p->answer)
		return;
	answer_header(p, "ETag", etag);
	answer_header(p, "Vary", "Accept-Encoding");
	answer_header(p, "Cache-Control", immutable ? "public, max-age=31536000, immutable" : "no-cache");
	if (!known) {
		answer_header(p, "Content-Type", a->mime);
		if (form != FORM_PLAIN)
			answer_header(p, "Content-Encoding", form_names[form]);
	}
	answer_headers(p);
}

static void redirect(struct http_private *p, const char *where)
{
	p->status = MHD_HTTP_PERMANENT_REDIRECT;
	p->answer = MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
	if (!p->answer)
		return;
	answer_header(p, "Location", where);
	answer_header(p, "Cache-Control", "no-cache");
	answer_headers(p);
}

void page_answer(struct http_private *p)
{
	const struct asset *a;
	bool immutable;

	p->req.http = p;
	if (str_eq(p->req.path, STR("/office"))) {
		redirect(p, "/office/");
		return;
	}
	a = choose(p->req.path, &immutable);
	if (a) {
		answer_asset(p, a, immutable);
		return;
	}
	p->failed = err_set(&p->err, ERR_NOT_FOUND,
		names_a_file(p->req.path) ? "没有这个文件" : "本程序没有内置网页：先执行 script/build 构建网页，再编译");
	request_fail(p);
}
