/* Any bytes as a table: nothing may crash, and memory and time stay bounded. FreeXL is given no fuzzed bytes: it is not ours. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sheet/sheet.h"

#define ROWS_MAX 5000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(sheet_closep) struct sheet *s = NULL;
	struct sheet_row row = { .kind = SHEET_ROW_DATA };
	struct err err;
	char path[64];
	int fd;

	if (size < 2 || (size > 4 && data[1] == 0xD0))
		return 0;
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, data + 1, size - 1) == (ssize_t)(size - 1) &&
		sheet_open(&(struct sheet_options){ .path = path, .name = data[0] & 1 ? STR("a.csv") : STR("a.jsonl") }, &s, &err) ==
			ERR_OK) {
		for (int i = 0; i < ROWS_MAX && row.kind != SHEET_ROW_END; i++)
			if (sheet_next(s, &row, &err) != ERR_OK)
				break;
	}
	close(fd);
	return 0;
}
