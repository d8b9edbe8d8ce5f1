/* The reference of script/bench: libmicrohttpd with nothing around it, 1 KiB of JSON, the same threads as the product. */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BODY_BYTES 1024

static char body[BODY_BYTES];

static enum MHD_Result answer(void *cls, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
	const char *upload, size_t *upload_size, void **request)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	(void)cls;
	(void)url;
	(void)method;
	(void)version;
	(void)upload;
	(void)upload_size;
	if (!*request) {
		*request = body;
		return MHD_YES;
	}
	response = MHD_create_response_from_buffer(BODY_BYTES, body, MHD_RESPMEM_PERSISTENT);
	result = MHD_queue_response(connection, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return result;
}

int main(int argc, char **argv)
{
	struct MHD_Daemon *daemon;

	memset(body, 'x', BODY_BYTES);
	daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, (uint16_t)(argc > 1 ? atoi(argv[1]) : 18081), NULL, NULL, answer, NULL,
		MHD_OPTION_THREAD_POOL_SIZE, 4u, MHD_OPTION_END);
	if (!daemon) {
		fprintf(stderr, "bench_hello: cannot listen\n");
		return 3;
	}
	pause();
	return 0;
}
