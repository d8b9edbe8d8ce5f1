/* Counters that many threads add to: relaxed atomics, read without a lock. */
#include "http/http_private.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/fault.h"

#define STATUS_CLASSES 6 /* index is the hundreds digit; 0 counts what never got an answer */

static const int64_t bucket_micros[] = { 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000,
	10000000 };
#define BUCKETS (sizeof(bucket_micros) / sizeof(bucket_micros[0]))

struct metrics {
	size_t row_count;
	_Atomic uint64_t buckets[BUCKETS + 1];
	_Atomic uint64_t sum_micros;
	_Atomic uint64_t *by_row; /* (row_count + 1) × STATUS_CLASSES */
};

struct metrics *metrics_open(size_t row_count)
{
	struct metrics *m = mem_alloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->row_count = row_count;
	m->by_row = mem_alloc((row_count + 1) * STATUS_CLASSES, sizeof(*m->by_row));
	if (!m->by_row) {
		free(m);
		return NULL;
	}
	return m;
}

void metrics_close(struct metrics *m)
{
	if (!m)
		return;
	free((void *)m->by_row);
	free(m);
}

void metrics_add(struct metrics *m, size_t index, unsigned int status, int64_t micros)
{
	size_t bucket = 0, class = status / 100 < STATUS_CLASSES ? status / 100 : 0;

	while (bucket < BUCKETS && micros > bucket_micros[bucket])
		bucket++;
	atomic_fetch_add_explicit(&m->buckets[bucket], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&m->sum_micros, (uint64_t)micros, memory_order_relaxed);
	atomic_fetch_add_explicit(
		&m->by_row[(index < m->row_count ? index : m->row_count) * STATUS_CLASSES + class], 1, memory_order_relaxed);
}

static void print_row(const struct metrics *m, size_t index, const char *method, const char *path, struct buf *out)
{
	for (size_t class = 0; class < STATUS_CLASSES; class ++) {
		uint64_t n = atomic_load_explicit(&m->by_row[index * STATUS_CLASSES + class], memory_order_relaxed);

		if (n > 0)
			buf_printf(out, "xz_http_requests_total{method=\"%s\",route=\"%s\",status=\"%zuxx\"} %llu\n", method, path, class,
				(unsigned long long)n);
	}
}

static void print_gauge(struct buf *out, const char *name, const char *help, int value)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n%s %d\n", name, help, name, name, value);
}

void metrics_print(const struct metrics *m, const struct router *r, int in_flight, int connections, int queued, struct buf *out)
{
	uint64_t sum = 0;

	buf_puts(out,
		"# HELP xz_http_requests_total Requests answered, by route and class of status.\n# TYPE xz_http_requests_total counter\n");
	for (size_t i = 0; i < m->row_count; i++)
		print_row(m, i, method_name(router_row(r, i)->method), router_row(r, i)->path, out);
	print_row(m, m->row_count, "any", "other", out);
	buf_puts(out, "# HELP xz_http_request_seconds Time from the request line to the last byte handed to the kernel.\n"
		      "# TYPE xz_http_request_seconds histogram\n");
	for (size_t i = 0; i < BUCKETS; i++) {
		sum += atomic_load_explicit(&m->buckets[i], memory_order_relaxed);
		buf_printf(
			out, "xz_http_request_seconds_bucket{le=\"%g\"} %llu\n", (double)bucket_micros[i] / 1e6, (unsigned long long)sum);
	}
	sum += atomic_load_explicit(&m->buckets[BUCKETS], memory_order_relaxed);
	buf_printf(out, "xz_http_request_seconds_bucket{le=\"+Inf\"} %llu\n", (unsigned long long)sum);
	buf_printf(out, "xz_http_request_seconds_sum %.6f\nxz_http_request_seconds_count %llu\n",
		(double)atomic_load_explicit(&m->sum_micros, memory_order_relaxed) / 1e6, (unsigned long long)sum);
	print_gauge(out, "xz_http_requests_in_flight", "Requests being received, worked on or answered.", in_flight);
	print_gauge(out, "xz_http_connections", "Open connections.", connections);
	print_gauge(out, "xz_http_queue", "Requests waiting for a worker.", queued);
}
