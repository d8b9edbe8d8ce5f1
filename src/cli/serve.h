/* The running program: the HTTP server, its connections, and one worker thread a job class. */
#ifndef XZ_CLI_SERVE_H
#define XZ_CLI_SERVE_H

#include "cli/context.h"
#include "http/http.h"

/** Every module's rows: what the server answers and `xiezhi openapi` prints. */
/** Files, jobs, audit, search (system_api.c). */
extern const struct route_table cli_routes;
/** Every module's rows: what the server answers and `xiezhi openapi` prints. */
extern const struct route_table *const route_tables[];
extern const size_t route_table_count;
/** The rows copied into one array, as http wants them. */
void route_tables_collect(struct route_table *out);
#define ROUTE_TABLES_MAX 32

#endif
