/* The records of a store as frames: built from the database, kept whole, replaced whole. Readers hold the set they took until they let go;
 * a writer never waits for them. The set is caught up by change number: only changed
 * records are read, types without a change keep their frame.
 *
 * The same translation of a record into a frame row serves files without a store (`xiezhi check`): snapshot_put. */
#ifndef XZ_SNAPSHOT_SNAPSHOT_H
#define XZ_SNAPSHOT_SNAPSHOT_H

#include "frame/frame.h"
#include "record/record.h"

/** The record module's supply set as the frame's. */
void snapshot_supply(const struct record_supply *from, struct frame_supply *to);
/** Appends one record with its children and its supply set to a frame under construction; a register's record as it was on the day as_of
 * (record_as_of writes into row->values), 0: as it is. */
enum err_code snapshot_put(
	struct frame_builder *b, const struct dictionary_type *t, const struct record_row *row, int32_t as_of, struct err *err);

/** One shared place for the current set of a process; safe for threads. */
struct snapshot_store;

/**
 * An empty store; nothing is read before the first snapshot_get.
 *
 * @param d       must outlive the store
 * @param wanted  one entry a type of the dictionary: the columns to keep; NULL keeps all. Copied. Columns of references and titles are
 * added.
 */
enum err_code snapshot_store_open(
	const struct dictionary *d, const struct frame_wanted *wanted, struct snapshot_store **ret, struct err *err);
void snapshot_store_close(struct snapshot_store *s); /* NULL is a no-op */

/**
 * Names the file in which the frames are kept between processes. It is mapped by the first snapshot_get, when it fits this store,
 * dictionary and columns, and only what changed since is read; it is written anew when much has changed. It is a cache: it may be deleted
 * at any time, a file that does not fit is ignored, and one that cannot be written costs only time. It holds what the store holds.
 *
 * @param path  copied
 */
enum err_code snapshot_store_cache(struct snapshot_store *s, const char *path, struct err *err);

/** Registers are read as they were on this day (record_as_of); 0 as they are. Before the first snapshot_get, and without a cache. */
void snapshot_store_as_of(struct snapshot_store *s, int32_t day);
/** Keeps these columns too from now on; a type that lacked one is built again by the next snapshot_get. One entry a type, as in open. */
void snapshot_store_widen(struct snapshot_store *s, const struct frame_wanted *wanted);

/**
 * The set of what is committed now, in one consistent state. The caller gives it back with frame_set_release.
 * *ret_change_no (may be NULL) gets the change number up to which it holds.
 */
enum err_code snapshot_get(struct snapshot_store *s, struct db *db, struct frame_set **ret, int64_t *ret_change_no, struct err *err);

#endif
