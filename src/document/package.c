/* Zip packages over libzip, in memory both ways. Written ones are deterministic: entries in the order of adding, the date of every
 * entry 1980-01-01. Read ones are hostile until proved otherwise: limits are checked on the directory and again on the bytes. */
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "base/fault.h"
#include "document/document_private.h"

#define PACKAGE_PARTS_MAX 500
#define PACKAGE_PART_BYTES_MAX (32ull << 20)
#define PACKAGE_TOTAL_BYTES_MAX (96ull << 20)
#define PACKAGE_RATIO_MAX 400ull /* unpacked against packed; XML packs about 10 to 1 */
#define PACKAGE_RATIO_FREE (1ull << 20)

struct package {
	zip_source_t *source; /* one reference of ours beside the archive's */
	zip_t *zip;
};

void package_abandonp(struct package **p)
{
	if (!*p)
		return;
	if ((*p)->zip)
		zip_discard((*p)->zip);
	if ((*p)->source)
		zip_source_free((*p)->source);
	free(*p);
	*p = NULL;
}

enum err_code package_open(struct package **ret, struct err *err)
{
	CLEANUP(package_abandonp) struct package *p = mem_alloc(1, sizeof(*p));
	zip_error_t error;

	if (!p)
		return err_nomem(err);
	zip_error_init(&error);
	p->source = zip_source_buffer_create(NULL, 0, 0, &error);
	if (!p->source)
		return err_nomem(err);
	zip_source_keep(p->source);
	p->zip = zip_open_from_source(p->source, ZIP_CREATE | ZIP_TRUNCATE, &error);
	if (!p->zip) {
		zip_source_free(p->source); /* the reference that the archive did not take */
		return err_set(err, ERR_INTERNAL, "压缩包：%s", zip_error_strerror(&error));
	}
	*ret = p;
	p = NULL;
	return ERR_OK;
}

enum err_code package_add(struct package *p, const char *name, struct str bytes, struct err *err)
{
	void *copy = mem_alloc(bytes.len + 1, 1);
	zip_source_t *source;
	zip_int64_t index;

	if (!copy)
		return err_nomem(err);
	if (bytes.len > 0)
		memcpy(copy, bytes.ptr, bytes.len);
	source = zip_source_buffer(p->zip, copy, bytes.len, 1);
	if (!source) {
		free(copy);
		return err_nomem(err);
	}
	index = zip_file_add(p->zip, name, source, ZIP_FL_ENC_UTF_8);
	if (index < 0) {
		zip_source_free(source);
		return err_set(err, ERR_INTERNAL, "压缩包：%s：%s", name, zip_strerror(p->zip));
	}
	if (zip_set_file_compression(p->zip, (zip_uint64_t)index, ZIP_CM_DEFLATE, 6) != 0 ||
		zip_file_set_dostime(p->zip, (zip_uint64_t)index, 0, 0x21, 0) != 0)
		return err_set(err, ERR_INTERNAL, "压缩包：%s：%s", name, zip_strerror(p->zip));
	return ERR_OK;
}

enum err_code package_close(struct package **pp, struct buf *out, struct err *err)
{
	struct package *p = *pp;
	char block[16384];
	zip_int64_t n;

	if (zip_close(p->zip) != 0)
		return err_set(err, ERR_INTERNAL, "压缩包：%s", zip_strerror(p->zip));
	p->zip = NULL;
	if (zip_source_open(p->source) != 0)
		return err_set(err, ERR_INTERNAL, "压缩包不能读回");
	while ((n = zip_source_read(p->source, block, sizeof(block))) > 0)
		buf_put(out, (struct str){ .ptr = block, .len = (size_t)n });
	zip_source_close(p->source);
	package_abandonp(pp);
	if (n < 0)
		return err_set(err, ERR_INTERNAL, "压缩包不能读回");
	return out->failed ? err_set(err, ERR_LIMIT, "文件超过 %zu 字节", out->max) : ERR_OK;
}

/* ---- reading ---- */

static bool name_is_safe(struct str name)
{
	return name.len > 0 && name.len < 300 && utf8_valid(name) && name.ptr[0] != '/' && !str_has(name, STR("..")) &&
	       !str_has(name, STR("\\")) && !str_has(name, STR(":"));
}

static enum err_code read_part(
	zip_t *zip, zip_uint64_t index, struct arena *mem, struct package_part *ret, uint64_t *total, struct err *err)
{
	zip_stat_t st;
	zip_file_t *file;
	zip_int64_t n;
	char *bytes;

	zip_stat_init(&st);
	if (zip_stat_index(zip, index, 0, &st) != 0 || !(st.valid & ZIP_STAT_SIZE) || !(st.valid & ZIP_STAT_NAME))
		return err_set(err, ERR_UNSUPPORTED, "不是有效的 DOCX 文件：压缩目录损坏");
	if (!name_is_safe(str_of(st.name)))
		return err_set(err, ERR_UNSUPPORTED, "文件内含不允许的路径名");
	if (st.valid & ZIP_STAT_ENCRYPTION_METHOD && st.encryption_method != ZIP_EM_NONE)
		return err_set(err, ERR_UNSUPPORTED, "文件已加密，请去掉密码后再上传");
	if (st.size > PACKAGE_PART_BYTES_MAX || (*total += st.size) > PACKAGE_TOTAL_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "文件解压后过大（上限 %llu MiB）", PACKAGE_TOTAL_BYTES_MAX >> 20);
	if (st.valid & ZIP_STAT_COMP_SIZE && st.size > PACKAGE_RATIO_FREE && st.size / (st.comp_size + 1) > PACKAGE_RATIO_MAX)
		return err_set(err, ERR_LIMIT, "文件压缩比异常（%s），拒绝处理", st.name);
	bytes = arena_alloc(mem, st.size + 1, 1, 1);
	ret->name = str_dup(mem, str_of(st.name));
	if (!bytes || !ret->name.ptr)
		return err_nomem(err);
	file = zip_fopen_index(zip, index, 0);
	if (!file)
		return err_set(err, ERR_UNSUPPORTED, "不能解压 %s", st.name);
	n = zip_fread(file, bytes, st.size + 1); /* one more than announced: a longer part is a lie */
	if (zip_fclose(file) != 0)
		n = -1;
	if (n < 0 || (zip_uint64_t)n != st.size)
		return err_set(err, ERR_UNSUPPORTED, "不能解压 %s", st.name);
	bytes[n] = '\0';
	ret->bytes = (struct str){ .ptr = bytes, .len = (size_t)n };
	return ERR_OK;
}

static void zip_discardp(zip_t **z)
{
	if (*z)
		zip_discard(*z);
}

enum err_code package_read(struct str bytes, struct arena *mem, struct package_part **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(zip_discardp) zip_t *zip = NULL;
	zip_error_t error;
	zip_source_t *source;
	struct package_part *parts;
	zip_int64_t count;
	uint64_t total = 0;

	zip_error_init(&error);
	source = zip_source_buffer_create(bytes.ptr, bytes.len, 0, &error);
	if (!source)
		return err_nomem(err);
	zip = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
	if (!zip) {
		zip_source_free(source);
		return err_set(err, ERR_UNSUPPORTED, "不是 DOCX 文件（应为 Word 2007 以后的 .docx）");
	}
	count = zip_get_num_entries(zip, 0);
	if (count < 1 || count > PACKAGE_PARTS_MAX)
		return err_set(err, ERR_LIMIT, "文件内部件数应为 1–%d", PACKAGE_PARTS_MAX);
	parts = ARENA_NEW(mem, struct package_part, (size_t)count);
	if (!parts)
		return err_nomem(err);
	*ret_count = 0;
	for (zip_int64_t i = 0; i < count; i++) {
		const char *name = zip_get_name(zip, (zip_uint64_t)i, 0);

		if (name && str_ends(str_of(name), STR("/")))
			continue; /* folders carry nothing */
		TRY(read_part(zip, (zip_uint64_t)i, mem, &parts[*ret_count], &total, err));
		for (size_t j = 0; j < *ret_count; j++)
			if (str_eq(parts[j].name, parts[*ret_count].name))
				return err_set(err, ERR_UNSUPPORTED, "文件内有重复的部件 %s", name);
		++*ret_count;
	}
	*ret = parts;
	return ERR_OK;
}
