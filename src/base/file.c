/* Whole files in, whole files out. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"

static void fd_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

enum err_code file_read(const char *path, size_t bytes_max, struct arena *mem, struct str *ret_text, struct err *err)
{
	CLEANUP(fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat info;
	size_t len = 0;
	char *text;

	if (fd < 0 || fstat(fd, &info) != 0)
		return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s：%s", path, strerror(errno));
	if (!S_ISREG(info.st_mode))
		return err_set(err, ERR_IO, "%s：不是普通文件", path);
	if ((uint64_t)info.st_size > bytes_max)
		return err_set(err, ERR_LIMIT, "%s：有 %lld 字节，上限 %zu 字节", path, (long long)info.st_size, bytes_max);
	text = ARENA_NEW(mem, char, (size_t)info.st_size + 1);
	if (!text)
		return err_nomem(err);
	while (len < (size_t)info.st_size) {
		ssize_t n = read(fd, text + len, (size_t)info.st_size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_IO, "%s：%s", path, strerror(errno));
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*ret_text = (struct str){ .ptr = text, .len = len };
	return ERR_OK;
}

static enum err_code write_all(int fd, const char *path, struct str content, struct err *err)
{
	size_t done = 0;

	while (done < content.len) {
		ssize_t n = fault_hit(FAULT_WRITE) ? (errno = ENOSPC, -1) : write(fd, content.ptr + done, content.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_IO, "%s：%s", path, strerror(errno));
		done += (size_t)n;
	}
	if (fsync(fd) != 0)
		return err_set(err, ERR_IO, "%s：%s", path, strerror(errno));
	return ERR_OK;
}

enum err_code file_write(const char *path, struct str content, struct err *err)
{
	char temporary[PATH_MAX];
	int fd;
	enum err_code code;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary))
		return err_set(err, ERR_LIMIT, "路径过长：%s", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_IO, "%s：%s", temporary, strerror(errno));
	code = write_all(fd, path, content, err);
	fchmod(fd, 0644);
	close(fd);
	if (code == ERR_OK && rename(temporary, path) != 0)
		code = err_set(err, ERR_IO, "%s：%s", path, strerror(errno));
	if (code != ERR_OK)
		unlink(temporary);
	return code;
}

enum err_code dir_make(const char *path, struct err *err)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(part))
		return err_set(err, ERR_LIMIT, "路径过长：%s", path);
	memcpy(part, path, len + 1);
	for (char *slash = part + 1; len > 0; slash++) {
		char old = *slash;

		if (old != '/' && old != '\0')
			continue;
		*slash = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return err_set(err, ERR_IO, "%s：%s", part, strerror(errno));
		*slash = old;
		if (old == '\0')
			break;
	}
	return ERR_OK;
}
