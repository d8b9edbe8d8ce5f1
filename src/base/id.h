/* Identifiers are made by the application, not the database: 41 bits of milliseconds since 2020, 6 bits of node,
 * 16 bits of counter. They grow with time on one node, so they are also the paging key of every list. */
#ifndef XZ_BASE_ID_H
#define XZ_BASE_ID_H

#include <stdint.h>

/** Thread-safe. `node` 0–63 tells processes on one database apart. A positive fixed_ms freezes time (demo, tests): ids then only count up.
 */
struct id_source {
	_Atomic int64_t last;
	int node;
	int64_t fixed_ms;
};

/** Starts a source; asserts the node. */
void id_source_init(struct id_source *s, int node, int64_t fixed_ms);
/** The next identifier, greater than every earlier one of this source. */
int64_t id_new(struct id_source *s);

#endif
