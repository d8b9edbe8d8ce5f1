/* Strictness that libmicrohttpd leaves to its user: what could be read in two ways by two programs is refused (request smuggling). */
#include "http/http_private.h"

#include <string.h>
#include <strings.h>

#define HEADERS_MAX 100
#define LINE_SLACK 256 /* white space that may stand between a value and the end of its line */

struct head {
	int lengths, encodings, hosts, count;
	const char *fault;
	struct str length, encoding, host;
	const char *value_end; /* of the header before, in the receive buffer */
	bool measure_lines;
};

static bool is_token_char(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/** What is wrong with one header line, or NULL. */
static const char *fault_of_line(const char *key, size_t key_size, const char *value, size_t value_size)
{
	if (key_size == 0)
		return "请求头名称为空";
	for (size_t i = 0; i < key_size; i++)
		if (!is_token_char((unsigned char)key[i]))
			return "请求头名称含有不允许的字符";
	for (size_t i = 0; i < value_size; i++)
		if (((unsigned char)value[i] < 0x20 && value[i] != '\t') || value[i] == 0x7f)
			return "请求头的值含有控制字符";
	return NULL;
}

/**
 * libmicrohttpd 0.9 parses in place and accepts a bare LF and folded lines without telling. Keys and values point into the receive buffer,
 * though: a line that ended in CR LF leaves two bytes between its value and the next key, a bare LF one, a folded line was copied
 * elsewhere.
 */
static bool line_end_is_strict(struct head *h, const char *key, const char *value, size_t value_size)
{
	const char *before = h->value_end;

	h->value_end = value + value_size;
	if (!h->measure_lines || !before)
		return true;
	if (key < before + 2 || key > before + 2 + LINE_SLACK)
		return false;
	for (const char *c = before; c < key; c++) /* text behind a NUL, which the library has dropped */
		if (*c != '\0' && *c != ' ' && *c != '\t' && *c != '\r' && *c != '\n')
			return false;
	return true;
}

static enum MHD_Result take_header(
	void *arg, enum MHD_ValueKind kind, const char *key, size_t key_size, const char *value, size_t value_size)
{
	struct head *h = arg;
	struct str text = { .ptr = value, .len = value ? value_size : 0 };

	(void)kind;
	h->fault = fault_of_line(key, key_size, value, text.len);
	if (!h->fault && !line_end_is_strict(h, key, value ? value : key + key_size, text.len))
		h->fault = "请求头的换行不合规";
	if (!h->fault && ++h->count > HEADERS_MAX)
		h->fault = "请求头过多";
	if (h->fault)
		return MHD_NO;
	if (token_equal((struct str){ key, key_size }, STR("Content-Length"))) {
		h->lengths++;
		h->length = text;
	} else if (token_equal((struct str){ key, key_size }, STR("Transfer-Encoding"))) {
		h->encodings++;
		h->encoding = text;
	} else if (token_equal((struct str){ key, key_size }, STR("Host"))) {
		h->hosts++;
		h->host = text;
	}
	return MHD_YES;
}

static bool is_digits(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	return s.len > 0 && s.len <= 18;
}

static bool is_host(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || strchr(".-_:[]", c)))
			return false;
	}
	return s.len > 0 && s.len <= 255;
}

const char *guard_head(struct MHD_Connection *c, const char *version)
{
	struct head h = { .measure_lines = strncmp(MHD_get_version(), "0.9.", 4) == 0 };
	bool http11 = strcmp(version, "HTTP/1.1") == 0;

	MHD_get_connection_values_n(c, MHD_HEADER_KIND, take_header, &h);
	if (h.fault)
		return h.fault;
	if (!http11 && strcmp(version, "HTTP/1.0") != 0)
		return "只支持 HTTP/1.0 和 HTTP/1.1";
	if (h.hosts > 1 || (http11 && h.hosts == 0) || (h.hosts == 1 && !is_host(h.host)))
		return "Host 应恰有一个且合规";
	if (h.lengths > 1 || (h.lengths == 1 && !is_digits(h.length)))
		return "Content-Length 应至多一个，且为十进制数";
	if (h.encodings > 0 && (h.lengths > 0 || !http11))
		return "Content-Length 与 Transfer-Encoding 不能同时出现，HTTP/1.0 没有 Transfer-Encoding";
	if (h.encodings > 1 || (h.encodings == 1 && !token_equal(h.encoding, STR("chunked"))))
		return "Transfer-Encoding 只支持 chunked";
	return NULL;
}

int64_t guard_content_length(struct MHD_Connection *c)
{
	const char *text = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Content-Length");
	int64_t length;

	return text && str_to_i64(str_of(text), &length) ? length : -1;
}
