/* Queries of the snapshot. Private to src/snapshot. */
#ifndef XZ_SNAPSHOT_SNAPSHOT_STORE_H
#define XZ_SNAPSHOT_SNAPSHOT_STORE_H

#include "db/db.h"
#include "frame/frame.h"

/** What a file of the state that `db`'s transaction sees is stamped with. */
enum err_code snapshot_stamp(struct db *db, int64_t change_no, struct frame_stamp *ret, struct err *err);
/** Whether a stamp is of an earlier (or this) state of this very store. @param change_no  the store's present one */
enum err_code snapshot_stamp_fits(struct db *db, const struct frame_stamp *stamp, int64_t change_no, bool *ret_fits, struct err *err);

#endif
