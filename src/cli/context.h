/* What a command works with: the overlay of data files, what was loaded from it, the store. Opened as far as a command needs. */
#ifndef XZ_CLI_CONTEXT_H
#define XZ_CLI_CONTEXT_H

#include "actor/app.h"
#include "base/asset.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/id.h"
#include "cli/options.h"
#include "db/db.h"

#define CONTEXT_BYTES_MAX (1u << 30)

struct context {
	const struct arguments *args;
	struct arena *mem; /* lives as long as the process */
	struct asset_set assets;
	struct id_source ids;
	struct app app;
	struct rule_pack *rules; /* owned */
	int32_t today;
	int32_t as_of; /* registers are read as they were on this day; 0: as they are */
	int64_t now_ms;
	struct str data_dir, db_url;
	struct db *db;
	bool json;
};

/** Reads the common options and loads calendar, law, dictionary, mappings, rules and processes through the overlay. */
enum err_code context_load(struct context *c, const struct arguments *args, struct err *err);
/** Opens (and makes, migrates) the store of --data / --database. */
enum err_code context_open_store(struct context *c, struct err *err);
/** Where the FangSong fonts are: XZ_FONTS, the package's folder, or ./fonts of a checkout; NULL leaves the system's. */
const char *context_fonts_folder(void);
/** The store of frames for sweeps and explanations: nothing is read before the first use. */
enum err_code context_open_snapshots(struct context *c, struct err *err);
/** Frees everything. */
void context_close(struct context *c);
/** The day that --today says, or the clock's. */
enum err_code context_date(const char *text, const char *option, int32_t *ret, struct err *err);
/** A whole number within bounds from an option, fallback when it was not given. */
enum err_code context_number(
	const struct arguments *args, const char *name, int64_t fallback, int64_t min, int64_t max, int64_t *ret, struct err *err);
/** A file that the user named can be read: ERR_INPUT when not, because a wrong name is bad usage and not a failure of the machine. */
enum err_code context_input(const char *path, struct err *err);
/** Writes the buffer to standard output, or to --out. ERR_IO. */
enum err_code context_print(const struct context *c, const struct buf *out, struct err *err);

#endif
