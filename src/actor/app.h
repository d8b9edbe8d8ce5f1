/* What is loaded once when the program starts and never changes while it runs, as opaque pointers: route handlers and jobs
 * reach it through request.app / job_context.app. Each type is defined by the module that is named in its comment. */
#ifndef XZ_ACTOR_APP_H
#define XZ_ACTOR_APP_H

#include <stdbool.h>
#include <stdint.h>

struct asset_set;      /* base */
struct calendar;       /* calendar */
struct db;             /* db */
struct dictionary;     /* dictionary */
struct id_source;      /* base */
struct instrument_set; /* instrument */
struct law_register;   /* law */
struct mapping_set;    /* record */
struct process_set;    /* matter */
struct rule_pack;      /* rule */
struct workbench;      /* workbench: keeps the packs */
struct snapshot_store; /* snapshot: the one thing in here that is replaced, under its own lock */

struct app {
	const struct asset_set *assets;
	const struct calendar *calendar;
	const struct law_register *law;
	const struct dictionary *dictionary;
	const struct mapping_set *mappings;
	const struct rule_pack *_Atomic rules; /* replaced whole when a revision is switched on; old ones stay (workbench) */
	const struct process_set *processes;
	struct instrument_set *instruments;
	struct snapshot_store *snapshots;
	struct workbench *workbench;
	struct id_source *ids;
	const char *data_dir;
	const char *db_url;
	int32_t fixed_today; /* DAY_NONE: the clock's */
	bool demo;           /* a demo store: every page and document carries 演示数据 */
	bool public_check;   /* the portal's document check is switched on */
};

#endif
