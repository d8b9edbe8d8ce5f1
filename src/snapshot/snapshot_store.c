/* Which state of which store a cached set is of: the change number, and the end of the audit chain at that time. A store that was restored
 * from a backup, or another store, has another chain. */
#include "snapshot/snapshot_store.h"

#include <stdio.h>

#include "snapshot_sql.h"

enum err_code snapshot_stamp(struct db *db, int64_t change_no, struct frame_stamp *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct frame_stamp stamp = { .numbers = { change_no } };
	bool row;

	TRY(db_prepare(db, &SQL_SNAPSHOT_HEAD, &q, err));
	TRY(db_step(q, &row, err));
	if (row) {
		struct str hash = db_str(q, 1);

		stamp.numbers[1] = db_i64(q, 0);
		snprintf(stamp.text, sizeof(stamp.text), "%.*s", STR_ARG(hash));
	}
	*ret = stamp;
	return ERR_OK;
}

enum err_code snapshot_stamp_fits(struct db *db, const struct frame_stamp *stamp, int64_t change_no, bool *ret_fits, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	*ret_fits = false;
	if (stamp->numbers[0] <= 0 || stamp->numbers[0] > change_no || stamp->text[sizeof(stamp->text) - 1] != '\0')
		return ERR_OK;
	TRY(db_prepare(db, &SQL_SNAPSHOT_ENTRY, &q, err));
	db_bind_i64(q, 1, stamp->numbers[1]);
	TRY(db_step(q, &row, err));
	*ret_fits = row && str_eq(db_str(q, 0), str_of(stamp->text));
	return ERR_OK;
}
