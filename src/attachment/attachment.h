/* Files of a store: content-addressed by SM3 under DIR/files/ab/cdef…, one row per use with name, type and owner. The bytes are on the
 * disk before the row is committed; a file without a row is garbage, a row without its file is corruption that verify reports. */
#ifndef XZ_ATTACHMENT_ATTACHMENT_H
#define XZ_ATTACHMENT_ATTACHMENT_H

#include "actor/actor.h"
#include "base/id.h"
#include "db/db.h"

#define ATTACHMENT_BYTES_MAX (256ll << 20)

struct attachment {
	int64_t id;
	struct str name; /* as uploaded, without any path */
	struct str mime;
	struct str sm3; /* 64 hex digits */
	int64_t size_bytes;
	struct str subject; /* "import", "clue", "matter", "instrument", "reply", "template" */
	int64_t subject_id;
	bool sealed; /* belongs to a complaint or what derives from it: never shown to an agency */
	int64_t created_ms;
	int64_t account_id;
};

/** Receives bytes in pieces (an upload) into a temporary file of the store; finish moves it to its address. */
struct attachment_writer;
enum err_code attachment_open(const char *data_dir, struct attachment_writer **ret, struct err *err);
enum err_code attachment_write(struct attachment_writer *w, struct str bytes, struct err *err); /* ERR_LIMIT above ATTACHMENT_BYTES_MAX */
/** Fsyncs and renames; ret_sm3 gets the address, *ret_size the length. Frees the writer. */
enum err_code attachment_finish(struct attachment_writer **w, char ret_sm3[static 65], int64_t *ret_size, struct err *err);
void attachment_abandonp(struct attachment_writer **w);

/** Row for content already at its address; a->id is set. Inside the caller's transaction. */
enum err_code attachment_add(struct db *db, struct id_source *ids, int64_t now_ms, struct attachment *a, struct err *err);
/** Attaches an uploaded, still unowned file ("upload") of this account to its subject. ERR_NOT_FOUND when it is not theirs. */
enum err_code attachment_claim(
	struct db *db, int64_t id, int64_t account_id, struct str subject, int64_t subject_id, bool sealed, struct err *err);
enum err_code attachment_get(struct db *db, int64_t id, struct arena *mem, struct attachment *ret, struct err *err);
enum err_code attachment_list(struct db *db, struct str subject, int64_t subject_id, struct arena *mem, struct attachment **ret,
	size_t *ret_count, struct err *err);
/** Path on disk of an address: DIR/files/ab/cdef… in the arena. */
char *attachment_path(const char *data_dir, struct str sm3, struct arena *mem);

#endif
