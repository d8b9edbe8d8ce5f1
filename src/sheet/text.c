/* Lines of UTF-8 text out of a file in UTF-8, UTF-16 or GB18030. Bytes that cannot be decoded become 0xFF, which no UTF-8 text holds, so
 * that whoever checks a row with utf8_valid notices the damage and nothing else is lost. */
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/fault.h"
#include "sheet/sheet_private.h"

#define CHUNK_BYTES (64 << 10)
#define DAMAGE '\xFF'

struct text_input {
	FILE *file;
	const char *shown;
	const char *encoding; /* iconv's name */
	iconv_t conv;         /* (iconv_t)-1 for UTF-8 */
	size_t bom_bytes;
	int64_t total, read;
	char raw[CHUNK_BYTES];
	size_t raw_len;
	bool raw_end;
	char data[CHUNK_BYTES * 2];
	size_t at, end;
	struct buf back; /* given back by text_unread, read before the file goes on */
	size_t back_at;
};

/** Counts well-formed multi-byte characters and malformed places of a file without reading it whole into memory. */
struct utf8_count {
	int64_t good, bad;
	unsigned int need;       /* continuation bytes still to come */
	unsigned char low, high; /* range of the next one */
};

static void utf8_scan(struct utf8_count *c, const unsigned char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char b = p[i];

		if (c->need) {
			if (b < c->low || b > c->high) {
				c->bad++;
				c->need = 0;
				/* the byte is looked at again as a first byte */
			} else {
				c->low = 0x80;
				c->high = 0xBF;
				if (--c->need == 0)
					c->good++;
				continue;
			}
		}
		if (b < 0x80)
			continue;
		c->low = 0x80;
		c->high = 0xBF;
		if (b >= 0xC2 && b <= 0xDF) {
			c->need = 1;
		} else if (b >= 0xE0 && b <= 0xEF) {
			c->need = 2;
			c->low = b == 0xE0 ? 0xA0 : 0x80;
			c->high = b == 0xED ? 0x9F : 0xBF;
		} else if (b >= 0xF0 && b <= 0xF4) {
			c->need = 3;
			c->low = b == 0xF0 ? 0x90 : 0x80;
			c->high = b == 0xF4 ? 0x8F : 0xBF;
		} else {
			c->bad++;
		}
	}
}

static enum err_code read_failed(const struct text_input *t, struct err *err)
{
	return err_set(err, ERR_IO, "%s：读取失败：%s", t->shown, strerror(errno));
}

/** BOM, else UTF-8 where nearly everything is, else GB18030. */
static enum err_code find_encoding(struct text_input *t, struct err *err)
{
	struct utf8_count count = { 0 };
	size_t len = fread(t->raw, 1, CHUNK_BYTES, t->file);
	const unsigned char *p = (const unsigned char *)t->raw;

	t->encoding = "UTF-8";
	if (len >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) {
		t->bom_bytes = 3;
	} else if (len >= 2 && p[0] == 0xFF && p[1] == 0xFE) {
		t->encoding = "UTF-16LE";
		t->bom_bytes = 2;
	} else if (len >= 2 && p[0] == 0xFE && p[1] == 0xFF) {
		t->encoding = "UTF-16BE";
		t->bom_bytes = 2;
	} else if (len >= 4 && memcmp(p, "\x84\x31\x95\x33", 4) == 0) {
		t->encoding = "GB18030";
		t->bom_bytes = 4;
	} else {
		while (len > 0) {
			utf8_scan(&count, p, len);
			len = fread(t->raw, 1, CHUNK_BYTES, t->file);
		}
		if (count.bad > 0 && count.bad > count.good / 20)
			t->encoding = "GB18030";
	}
	if (ferror(t->file))
		return read_failed(t, err);
	return ERR_OK;
}

enum err_code text_rewind(struct text_input *t, struct err *err)
{
	if (fseeko(t->file, (off_t)t->bom_bytes, SEEK_SET) != 0)
		return read_failed(t, err);
	if (t->conv != (iconv_t)-1)
		iconv(t->conv, NULL, NULL, NULL, NULL);
	t->raw_len = t->at = t->end = t->back_at = 0;
	t->raw_end = false;
	t->read = (int64_t)t->bom_bytes;
	buf_reset(&t->back);
	return ERR_OK;
}

enum err_code text_open(const char *path, const char *shown, struct text_input **ret, struct err *err)
{
	struct text_input *t = mem_alloc(1, sizeof(*t));
	enum err_code code;
	struct stat st;

	if (!t)
		return err_nomem(err);
	t->shown = shown;
	t->conv = (iconv_t)-1;
	buf_init(&t->back, 2 * SHEET_LINE_BYTES_MAX + CHUNK_BYTES);
	t->file = fopen(path, "rbe");
	if (!t->file || fstat(fileno(t->file), &st) != 0) {
		code = read_failed(t, err);
		goto fail;
	}
	t->total = st.st_size;
	code = find_encoding(t, err);
	if (code != ERR_OK)
		goto fail;
	if (strcmp(t->encoding, "UTF-8") != 0) {
		t->conv = iconv_open("UTF-8", t->encoding);
		if (t->conv == (iconv_t)-1) {
			code = err_set(err, ERR_UNSUPPORTED, "%s：本机缺少 %s 编码的转换表", shown, t->encoding);
			goto fail;
		}
	}
	code = text_rewind(t, err);
	if (code != ERR_OK)
		goto fail;
	*ret = t;
	return ERR_OK;
fail:
	text_close(t);
	return code;
}

void text_close(struct text_input *t)
{
	if (!t)
		return;
	if (t->file)
		fclose(t->file);
	if (t->conv != (iconv_t)-1)
		iconv_close(t->conv);
	buf_clear(&t->back);
	free(t);
}

const char *text_encoding(const struct text_input *t)
{
	return t->encoding;
}

int64_t text_done_bytes(const struct text_input *t)
{
	return t->read;
}

int64_t text_total_bytes(const struct text_input *t)
{
	return t->total;
}

/** Converts what lies in raw into data; undecodable bytes become DAMAGE. */
static void convert(struct text_input *t)
{
	char *in = t->raw, *out = t->data;
	size_t in_left = t->raw_len, out_left = sizeof(t->data);
	size_t unit = t->encoding[0] == 'U' ? 2 : 1;

	while (in_left > 0 && out_left > 8) {
		if (iconv(t->conv, &in, &in_left, &out, &out_left) != (size_t)-1)
			break;
		if (errno == E2BIG)
			break;
		if (errno == EINVAL && !t->raw_end)
			break; /* the character goes on in the next chunk */
		*out++ = DAMAGE;
		out_left--;
		unit = in_left < unit ? in_left : unit;
		in += unit;
		in_left -= unit;
	}
	memmove(t->raw, in, in_left);
	t->raw_len = in_left;
	t->at = 0;
	t->end = sizeof(t->data) - out_left;
}

/** More decoded text in data; nothing at the end of the file. */
static enum err_code fill(struct text_input *t, struct err *err)
{
	size_t got;

	t->at = t->end = 0;
	if (t->conv == (iconv_t)-1) {
		t->end = fread(t->data, 1, CHUNK_BYTES, t->file);
		t->read += (int64_t)t->end;
		return ferror(t->file) ? read_failed(t, err) : ERR_OK;
	}
	while (t->end == 0) {
		if (!t->raw_end) {
			got = fread(t->raw + t->raw_len, 1, CHUNK_BYTES - t->raw_len, t->file);
			if (ferror(t->file))
				return read_failed(t, err);
			t->read += (int64_t)got;
			t->raw_len += got;
			t->raw_end = got == 0;
		}
		if (t->raw_len == 0)
			return ERR_OK;
		convert(t);
	}
	return ERR_OK;
}

enum err_code text_line(struct text_input *t, struct buf *out, enum text_line *ret, struct err *err)
{
	bool any = false, lost = false;
	size_t before = out->len;

	for (;;) {
		bool from_back = t->back_at < t->back.len;
		const char *p, *nl;
		size_t have, take;

		if (!from_back && t->at >= t->end) {
			TRY(fill(t, err));
			if (t->at >= t->end)
				break;
		}
		p = from_back ? t->back.ptr + t->back_at : t->data + t->at;
		have = from_back ? t->back.len - t->back_at : t->end - t->at;
		nl = memchr(p, '\n', have);
		take = nl ? (size_t)(nl - p) + 1 : have;
		any = true;
		if (!lost && (out->len - before) + take <= SHEET_LINE_BYTES_MAX && out->len + take <= out->max)
			buf_put(out, (struct str){ .ptr = p, .len = take });
		else
			lost = true;
		if (from_back)
			t->back_at += take;
		else
			t->at += take;
		if (out->failed)
			return err_nomem(err);
		if (nl)
			break;
	}
	*ret = !any ? TEXT_END : lost ? TEXT_LONG : TEXT_LINE;
	return ERR_OK;
}

bool text_unread(struct text_input *t, struct str bytes)
{
	if (t->back_at < t->back.len) { /* all of it came from back: step there */
		t->back_at -= bytes.len < t->back_at ? bytes.len : t->back_at;
		return true;
	}
	buf_reset(&t->back);
	t->back_at = 0;
	buf_put(&t->back, bytes);
	return !t->back.failed;
}
