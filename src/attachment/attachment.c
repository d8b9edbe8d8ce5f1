/* Bytes first, row second: a file reaches its address by rename after fsync, and only then may a row name it. */
#include "attachment/attachment.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attachment_sql.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/vec.h"
#include "crypto/crypto.h"

struct attachment_writer {
	char *data_dir;
	char *temporary;
	int fd;
	struct sm3 *digest;
	int64_t size_bytes;
};

void attachment_abandonp(struct attachment_writer **w)
{
	char ignored[SM3_HEX_SIZE];

	if (!*w)
		return;
	if ((*w)->fd >= 0) {
		close((*w)->fd);
		unlink((*w)->temporary);
	}
	if ((*w)->digest)
		sm3_close((*w)->digest, ignored);
	free((*w)->temporary);
	free((*w)->data_dir);
	free(*w);
	*w = NULL;
}

enum err_code attachment_open(const char *data_dir, struct attachment_writer **ret, struct err *err)
{
	CLEANUP(attachment_abandonp) struct attachment_writer *w = mem_alloc(1, sizeof(*w));
	char folder[PATH_MAX];

	if (!w)
		return err_nomem(err);
	w->fd = -1;
	if (snprintf(folder, sizeof(folder), "%s/files/incoming", data_dir) >= (int)sizeof(folder))
		return err_set(err, ERR_LIMIT, "路径过长：%s", data_dir);
	TRY(dir_make(folder, err));
	w->data_dir = strdup(data_dir);
	w->digest = sm3_open();
	if (!w->data_dir || !w->digest || asprintf(&w->temporary, "%s/XXXXXX", folder) < 0)
		return err_nomem(err);
	w->fd = mkostemp(w->temporary, O_CLOEXEC);
	if (w->fd < 0)
		return err_set(err, ERR_IO, "%s：%s", w->temporary, strerror(errno));
	*ret = w;
	w = NULL;
	return ERR_OK;
}

enum err_code attachment_write(struct attachment_writer *w, struct str bytes, struct err *err)
{
	if (w->size_bytes + (int64_t)bytes.len > ATTACHMENT_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "文件超过 %lld MiB", ATTACHMENT_BYTES_MAX >> 20);
	sm3_update(w->digest, bytes);
	w->size_bytes += (int64_t)bytes.len;
	for (size_t done = 0; done < bytes.len;) {
		ssize_t n = fault_hit(FAULT_WRITE) ? (errno = ENOSPC, -1) : write(w->fd, bytes.ptr + done, bytes.len - done);

		if (n < 0 && errno != EINTR)
			return err_set(err, ERR_IO, "%s：%s", w->temporary, strerror(errno));
		done += n > 0 ? (size_t)n : 0;
	}
	return ERR_OK;
}

/** The address of a digest; makes its folder when asked to. */
static enum err_code address(const char *data_dir, struct str sm3, bool make, char out[static PATH_MAX], struct err *err)
{
	if (snprintf(out, PATH_MAX, "%s/files/%.2s", data_dir, sm3.ptr) >= PATH_MAX - 70)
		return err_set(err, ERR_LIMIT, "路径过长：%s", data_dir);
	if (make)
		TRY(dir_make(out, err));
	snprintf(out + strlen(out), 70, "/%.*s", STR_ARG(sm3));
	return ERR_OK;
}

enum err_code attachment_finish(struct attachment_writer **wp, char ret_sm3[static 65], int64_t *ret_size, struct err *err)
{
	struct attachment_writer *w = *wp;
	char path[PATH_MAX];

	if (fsync(w->fd) != 0)
		return err_set(err, ERR_IO, "%s：%s", w->temporary, strerror(errno));
	sm3_close(w->digest, ret_sm3);
	w->digest = NULL;
	TRY(address(w->data_dir, str_of(ret_sm3), true, path, err));
	if (rename(w->temporary, path) != 0)
		return err_set(err, ERR_IO, "%s：%s", path, strerror(errno));
	*ret_size = w->size_bytes;
	close(w->fd);
	w->fd = -1;
	attachment_abandonp(wp);
	return ERR_OK;
}

enum err_code attachment_add(struct db *db, struct id_source *ids, int64_t now_ms, struct attachment *a, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	a->id = id_new(ids);
	a->created_ms = now_ms;
	TRY(db_prepare(db, &SQL_ATTACHMENT_INSERT, &q, err));
	db_bind_i64(q, 1, a->id);
	db_bind_str(q, 2, a->name);
	db_bind_str(q, 3, a->mime.ptr ? a->mime : STR("application/octet-stream"));
	db_bind_str(q, 4, a->sm3);
	db_bind_i64(q, 5, a->size_bytes);
	db_bind_str(q, 6, a->subject.ptr ? a->subject : STR("upload"));
	db_bind_id(q, 7, a->subject_id);
	db_bind_bool(q, 8, a->sealed);
	db_bind_id(q, 9, a->account_id);
	db_bind_i64(q, 10, now_ms);
	return db_run(q, NULL, err);
}

enum err_code attachment_claim(
	struct db *db, int64_t id, int64_t account_id, struct str subject, int64_t subject_id, bool sealed, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t changed;

	TRY(db_prepare(db, &SQL_ATTACHMENT_TAKE, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_id(q, 2, account_id);
	db_bind_str(q, 3, subject);
	db_bind_id(q, 4, subject_id);
	db_bind_bool(q, 5, sealed);
	TRY(db_run(q, &changed, err));
	if (changed != 1)
		return err_set(err, ERR_NOT_FOUND, "没有这个附件，或它已被使用");
	return ERR_OK;
}

static struct attachment read_row(struct db_stmt *q, struct arena *mem)
{
	return (struct attachment){ .id = db_i64(q, 0),
		.name = db_str_dup(q, 1, mem),
		.mime = db_str_dup(q, 2, mem),
		.sm3 = db_str_dup(q, 3, mem),
		.size_bytes = db_i64(q, 4),
		.subject = db_str_dup(q, 5, mem),
		.subject_id = db_i64(q, 6),
		.sealed = db_bool(q, 7),
		.account_id = db_i64(q, 8),
		.created_ms = db_i64(q, 9) };
}

enum err_code attachment_get(struct db *db, int64_t id, struct arena *mem, struct attachment *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_ATTACHMENT_BY_ID, &q, err));
	db_bind_i64(q, 1, id);
	TRY(db_step(q, &row, err));
	if (!row)
		return err_set(err, ERR_NOT_FOUND, "没有这个附件");
	*ret = read_row(q, mem);
	return ERR_OK;
}

enum err_code attachment_list(struct db *db, struct str subject, int64_t subject_id, struct arena *mem, struct attachment **ret,
	size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	VEC(struct attachment) found = { 0 };
	struct attachment *copy;
	bool row = true, fits = true;

	TRY(db_prepare(db, &SQL_ATTACHMENT_BY_SUBJECT, &q, err));
	db_bind_str(q, 1, subject);
	db_bind_id(q, 2, subject_id);
	while (fits && db_step(q, &row, err) == ERR_OK && row)
		fits = vec_push(&found, read_row(q, mem));
	copy = ARENA_NEW(mem, struct attachment, found.len + 1);
	if (copy && found.len > 0)
		memcpy(copy, found.v, found.len * sizeof(*copy));
	*ret_count = found.len;
	vec_clear(&found);
	if (!fits || !copy)
		return err_nomem(err);
	*ret = copy;
	return row ? err->code : ERR_OK; /* the loop ends with row false unless a step failed */
}

char *attachment_path(const char *data_dir, struct str sm3, struct arena *mem)
{
	char path[PATH_MAX];

	if (sm3.len != 64 || address(data_dir, sm3, false, path, NULL) != ERR_OK)
		return NULL;
	return str_cstr(mem, str_of(path));
}
