/* Static assets over a real server. The built-in table is this file's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "http/http.h"

const struct asset asset_builtin[] = {
	/* sorted by path */
	{ "rules/secret.yaml", "text/plain", "\"r\"", STR_INIT("rule"), { 0 }, { 0 } },
	{ "web/assets/app-1a2b.js", "text/javascript; charset=utf-8", "\"js\"", STR_INIT("plain"), STR_INIT("gz"), STR_INIT("br") },
	{ "web/assets/mark-9f.svg", "image/svg+xml", "\"svg\"", STR_INIT("<svg/>"), { 0 }, { 0 } },
	{ "web/office/index.html", "text/html; charset=utf-8", "\"office\"", STR_INIT("OFFICE"), { 0 }, { 0 } },
	{ "web/portal/index.html", "text/html; charset=utf-8", "\"portal\"", STR_INIT("PORTAL"), { 0 }, { 0 } },
	{ "web/portal/robots.txt", "text/plain; charset=utf-8", "\"robots\"", STR_INIT("ROBOTS"), { 0 }, { 0 } },
};
const size_t asset_builtin_count = sizeof(asset_builtin) / sizeof(asset_builtin[0]);

static struct http_server *server;
static char answer[8192];

static int start(void **state)
{
	struct err err;

	(void)state;
	log_set_level(LOG_ERROR);
	return http_start(&(struct http_config){ .host = "127.0.0.1", .threads = 1, .fixed_today = DAY_NONE }, &server, &err);
}

static int stop(void **state)
{
	(void)state;
	http_stop(server);
	return 0;
}

static void ask(const char *method, const char *path, const char *more)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)http_port(server)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char text[512];
	size_t len = 0;
	ssize_t n;

	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	n = snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", method, path, more);
	assert_int_equal(send(fd, text, (size_t)n, MSG_NOSIGNAL), n);
	while ((n = recv(fd, answer + len, sizeof(answer) - 1 - len, 0)) > 0)
		len += (size_t)n;
	answer[len] = '\0';
	close(fd);
}

static void expect(const char *method, const char *path, const char *more, const char *status, const char *body)
{
	const char *end;

	ask(method, path, more);
	end = strstr(answer, "\r\n\r\n");
	if (strncmp(answer + 9, status, 3) != 0 || !end || (body && strcmp(end + 4, body) != 0))
		fail_msg("%s %s: expected %s “%s”, got %s", method, path, status, body ? body : "", answer);
}

static void assert_has(const char *what)
{
	if (!strstr(answer, what))
		fail_msg("“%s” is not in %s", what, answer);
}

static void pages_are_found_and_never_kept(void **state)
{
	(void)state;
	expect("GET", "/", "", "200", "PORTAL");
	assert_has("Cache-Control: no-cache");
	assert_has("Content-Type: text/html; charset=utf-8");
	assert_has("Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'");
	expect("GET", "/office/", "", "200", "OFFICE");
	expect("GET", "/office", "", "308", "");
	assert_has("Location: /office/");
	expect("GET", "/robots.txt", "", "200", "ROBOTS");
	expect("HEAD", "/", "", "200", "");
	assert_has("Content-Length: 6");
}

static void unknown_pages_belong_to_the_application(void **state)
{
	(void)state;
	expect("GET", "/office/matters/12", "", "200", "OFFICE");
	expect("GET", "/complaint/new?x=1", "", "200", "PORTAL");
}

static void unknown_files_are_not_there(void **state)
{
	(void)state;
	expect("GET", "/assets/app-0000.js", "", "404", NULL);
	expect("GET", "/office/logo.png", "", "404", NULL);
	expect("GET", "/assets/", "", "404", NULL);
	expect("GET", "/favicon.ico", "", "404", NULL);
}

static void nothing_outside_the_web_folder_is_served(void **state)
{
	(void)state;
	expect("GET", "/rules/secret.yaml", "", "404", NULL);
	expect("GET", "/assets/..%2f..%2frules%2fsecret.yaml", "", "404", NULL);
	expect("GET", "/assets/../rules/secret.yaml", "", "400", NULL);
	expect("GET", "/portal/index.html", "", "404", NULL);
}

static void assets_are_kept_for_ever_and_compressed(void **state)
{
	(void)state;
	expect("GET", "/assets/app-1a2b.js", "", "200", "plain");
	assert_has("Cache-Control: public, max-age=31536000, immutable");
	assert_has("ETag: \"js\"");
	assert_has("Vary: Accept-Encoding");
	expect("GET", "/assets/app-1a2b.js", "Accept-Encoding: gzip, deflate, br\r\n", "200", "br");
	assert_has("Content-Encoding: br");
	assert_has("ETag: \"js-br\"");
	expect("GET", "/assets/app-1a2b.js", "Accept-Encoding: gzip, br;q=0\r\n", "200", "gz");
	assert_has("Content-Encoding: gzip");
	expect("GET", "/assets/mark-9f.svg", "Accept-Encoding: br\r\n", "200", "<svg/>");
	assert_null(strstr(answer, "Content-Encoding"));
}

static void what_the_browser_has_is_not_sent_again(void **state)
{
	(void)state;
	expect("GET", "/", "If-None-Match: \"portal\"\r\n", "304", "");
	assert_has("ETag: \"portal\"");
	expect("GET", "/", "If-None-Match: \"x\", W/\"portal\"\r\n", "304", "");
	expect("GET", "/", "If-None-Match: \"office\"\r\n", "200", "PORTAL");
	expect("GET", "/assets/app-1a2b.js", "Accept-Encoding: br\r\nIf-None-Match: \"js\"\r\n", "200", "br");
	expect("GET", "/assets/app-1a2b.js", "Accept-Encoding: br\r\nIf-None-Match: \"js-br\"\r\n", "304", "");
}

static void pages_are_only_read(void **state)
{
	(void)state;
	expect("POST", "/", "Content-Length: 0\r\n", "405", NULL);
	assert_has("Allow: GET, HEAD");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_found_and_never_kept),
		cmocka_unit_test(unknown_pages_belong_to_the_application),
		cmocka_unit_test(unknown_files_are_not_there),
		cmocka_unit_test(nothing_outside_the_web_folder_is_served),
		cmocka_unit_test(assets_are_kept_for_ever_and_compressed),
		cmocka_unit_test(what_the_browser_has_is_not_sent_again),
		cmocka_unit_test(pages_are_only_read),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
