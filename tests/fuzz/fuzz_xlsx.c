/* Any XML as the parts of a workbook: the input, split at NUL bytes, becomes sheet, shared strings, styles and workbook of a stored (not
 * compressed) ZIP, so that the fuzzer sees through to the parser of the parts. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zip.h>

#include "sheet/sheet.h"

#define ROWS_MAX 2000
#define PARTS 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const fixed[][2] = {
	{ "[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"xml\" "
				 "ContentType=\"application/xml\"/></Types>" },
	{ "_rels/.rels",
		"<Relationships><Relationship Id=\"r\" Type=\"http://x/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>" },
	{ "xl/_rels/workbook.xml.rels",
		"<Relationships><Relationship Id=\"r1\" Type=\"http://x/worksheet\" Target=\"worksheets/sheet1.xml\"/>"
		"<Relationship Id=\"r2\" Type=\"http://x/sharedStrings\" Target=\"sharedStrings.xml\"/>"
		"<Relationship Id=\"r3\" Type=\"http://x/styles\" Target=\"styles.xml\"/></Relationships>" },
};
static const char *const names[PARTS] = { "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml" };
static const char *const defaults[PARTS] = { "", "<sst><si><t>案号</t></si><si><t>金额</t></si></sst>",
	"<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>",
	"<workbook xmlns:r=\"r\"><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>" };

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void add(zip_t *zip, const char *name, const void *bytes, size_t len)
{
	zip_source_t *source = zip_source_buffer(zip, bytes, len, 0);
	zip_int64_t at = source ? zip_file_add(zip, name, source, ZIP_FL_OVERWRITE) : -1;

	need(at >= 0 && zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_STORE, 0) == 0);
}

/** The workbook's bytes, to be given back with zip_source_free. */
static zip_source_t *build(const uint8_t *data, size_t size)
{
	zip_source_t *out = zip_source_buffer_create(NULL, 0, 0, NULL);
	zip_t *zip = out ? zip_open_from_source(out, ZIP_TRUNCATE, NULL) : NULL;
	const uint8_t *end = data + size;

	need(zip != NULL);
	zip_source_keep(out);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		add(zip, fixed[i][0], fixed[i][1], strlen(fixed[i][1]));
	for (int i = 0; i < PARTS; i++) {
		const uint8_t *stop = data ? memchr(data, 0, (size_t)(end - data)) : NULL;

		if (data && data < end)
			add(zip, names[i], data, (size_t)((stop ? stop : end) - data));
		else
			add(zip, names[i], defaults[i], strlen(defaults[i]));
		data = stop ? stop + 1 : NULL;
	}
	need(zip_close(zip) == 0);
	return out;
}

static void copy_out(zip_source_t *from, int fd)
{
	char bytes[65536];
	zip_int64_t n;

	need(zip_source_open(from) == 0);
	while ((n = zip_source_read(from, bytes, sizeof(bytes))) > 0)
		need(write(fd, bytes, (size_t)n) == n);
	zip_source_close(from);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(sheet_closep) struct sheet *s = NULL;
	struct sheet_row row = { .kind = SHEET_ROW_DATA };
	zip_source_t *workbook;
	struct err err = { 0 };
	char path[64];
	int fd;

	if (size == 0 || size > 65536 || (fd = memfd_create("fuzz", MFD_CLOEXEC)) < 0)
		return 0;
	workbook = build(data, size);
	copy_out(workbook, fd);
	zip_source_free(workbook);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (sheet_open(&(struct sheet_options){ .path = path, .name = STR("a.xlsx") }, &s, &err) == ERR_OK) {
		for (int i = 0; i < ROWS_MAX && row.kind != SHEET_ROW_END; i++) {
			if (sheet_next(s, &row, &err) != ERR_OK)
				break;
			for (size_t c = 0; c < row.cell_count; c++)
				need(row.cells[c].text.len < SHEET_LINE_BYTES_MAX + 1 && utf8_valid(row.cells[c].text));
		}
	} else {
		need(err.msg[0] != '\0' && utf8_valid(str_of(err.msg)));
	}
	close(fd);
	return 0;
}
