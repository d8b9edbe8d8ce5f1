/* Any XML as the body of a bureau's template, and any bytes as the package: filling either succeeds, and then the result can be read
 * again and holds no placeholder of the template, or fails with a text for people. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document/document_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct document_value one[] = { { .name = STR_INIT("a"), .text = STR_INIT("甲 <&> {{a}}") } };
static const struct document_value two[] = { { .name = STR_INIT("a"), .text = STR_INIT("") } };
static const struct document_item items[] = { { one, 1 }, { two, 1 } };
static const struct document_value values[] = {
	{ .name = STR_INIT("t"), .text = STR_INIT("题\n目") },
	{ .name = STR_INIT("e"), .text = STR_INIT("") },
	{ .name = STR_INIT("l"), .items = items, .item_count = 2, .is_list = true },
	{ .name = STR_INIT("n"), .is_list = true },
};

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void fill(struct str docx)
{
	struct arena *mem = arena_open(256 << 20);
	struct package_part *parts;
	struct str *names;
	struct err err = { 0 };
	struct buf out;
	size_t count;

	buf_init(&out, DOCUMENT_BYTES_MAX);
	if (document_placeholders(docx, mem, &names, &count, &err) != ERR_OK)
		need(err.msg[0] != '\0' && utf8_valid(str_of(err.msg)));
	if (document_fill(docx, values, 4, STR("演示数据"), &out, &err) == ERR_OK)
		need(package_read(buf_str(&out), mem, &parts, &count, &err) == ERR_OK);
	else
		need(err.msg[0] != '\0' && utf8_valid(str_of(err.msg)));
	buf_clear(&out);
	arena_close(mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct package *p = NULL;
	struct buf xml, zip;
	struct err err;

	if (size > 65536)
		return 0;
	fill((struct str){ .ptr = (const char *)data, .len = size });
	buf_init(&xml, 1 << 20);
	buf_init(&zip, 1 << 20);
	buf_puts(&xml, "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>");
	buf_put(&xml, (struct str){ .ptr = (const char *)data, .len = size });
	buf_puts(&xml, "</w:body></w:document>");
	need(package_open(&p, &err) == ERR_OK);
	need(package_add(p, "[Content_Types].xml", STR("<Types/>"), &err) == ERR_OK);
	need(package_add(p, "word/document.xml", buf_str(&xml), &err) == ERR_OK);
	need(package_close(&p, &zip, &err) == ERR_OK);
	fill(buf_str(&zip));
	buf_clear(&xml);
	buf_clear(&zip);
	return 0;
}
