/* Document numbers: 机关代字 + 类别 + 〔年〕 + 序号, e.g. 明司执监督〔2026〕1号. Numbers from the office system are typed in many shapes
 * and brought to this one before they are compared. */
#include <stdio.h>
#include <string.h>

#include "instrument/instrument_private.h"

struct str number_prefix(const struct instrument_kind *kind, struct str proxy, struct arena *mem)
{
	struct str format = kind->number_format;
	ptrdiff_t proxy_at = str_find(format, STR("{proxy}")), bracket = str_find(format, STR("〔"));

	return str_printf(mem, "%.*s%.*s%.*s", (int)proxy_at, format.ptr, STR_ARG(proxy),
		STR_ARG(str_sub(format, (size_t)proxy_at + sizeof("{proxy}") - 1, (size_t)bracket)));
}

void number_format(const struct instrument_kind *kind, struct str proxy, int year, int64_t seq, char out[static INSTRUMENT_NUMBER_BYTES])
{
	struct str format = kind->number_format;
	ptrdiff_t proxy_at = str_find(format, STR("{proxy}")), bracket = str_find(format, STR("〔"));
	struct str middle = str_sub(format, (size_t)proxy_at + sizeof("{proxy}") - 1, (size_t)bracket);

	snprintf(out, INSTRUMENT_NUMBER_BYTES, "%.*s%.*s%.*s〔%d〕%lld号", (int)proxy_at, format.ptr, STR_ARG(proxy), STR_ARG(middle), year,
		(long long)seq);
}

/** Half-width forms; brackets of all kinds become ( and ), blanks vanish. */
static uint32_t plain(uint32_t c)
{
	if (c >= 0xFF01 && c <= 0xFF5E) /* full width */
		c -= 0xFEE0;
	switch (c) {
	case 0x3014: /* 〔 */
	case 0x3010: /* 【 */
	case 0x3008: /* 〈 */
	case 0xFE5D: /* ﹝ */
	case '[':
	case '{':
		return '(';
	case 0x3015:
	case 0x3011:
	case 0x3009:
	case 0xFE5E:
	case ']':
	case '}':
		return ')';
	default:
		return c;
	}
}

static bool is_blank(uint32_t c)
{
	return c == ' ' || c == '\t' || c == 0x3000 || c == 0xA0 || c == 0x200B || c == 0xFEFF;
}

enum err_code instrument_number_parse(struct str text, struct instrument_number *ret, struct err *err)
{
	static const char shape[] = "文号应形如“明司执监督〔2026〕1号”：机关代字和类别、六角括号中的四位年份、序号、号";
	char flat[INSTRUMENT_NUMBER_BYTES];
	struct str rest, prefix, year, seq;
	ptrdiff_t open, close;
	int64_t year_value, seq_value;
	size_t length = 0;

	if (text.len == 0 || text.len > 400 || !utf8_valid(text))
		return err_set(err, ERR_INPUT, "%s", shape);
	for (size_t at = 0; at < text.len;) {
		uint32_t c = plain(utf8_next(text, &at));

		if (is_blank(c))
			continue;
		if (c < 0x20 || length + 5 > sizeof(flat))
			return err_set(err, ERR_INPUT, "%s", shape);
		length += utf8_put(c, flat + length);
	}
	rest = (struct str){ .ptr = flat, .len = length };
	open = str_find(rest, STR("("));
	close = str_find(rest, STR(")"));
	if (open <= 0 || close != open + 5 || !str_ends(rest, STR("号")))
		return err_set(err, ERR_INPUT, "%s", shape);
	prefix = str_sub(rest, 0, (size_t)open);
	year = str_sub(rest, (size_t)open + 1, (size_t)close);
	seq = str_sub(rest, (size_t)close + 1, rest.len - sizeof("号") + 1);
	if (str_starts(seq, STR("第")))
		seq = str_sub(seq, sizeof("第") - 1, seq.len);
	for (size_t i = 0; i < seq.len; i++)
		if (seq.ptr[i] < '0' || seq.ptr[i] > '9')
			return err_set(err, ERR_INPUT, "%s", shape);
	if (!str_to_i64(year, &year_value) || year_value < 1990 || year_value > 2200 || !str_to_i64(seq, &seq_value) || seq_value < 1 ||
		seq_value > 999999)
		return err_set(err, ERR_INPUT, "%s", shape);
	if (prefix.len > 90)
		return err_set(err, ERR_INPUT, "文号的机关代字过长");
	ret->year = (int)year_value;
	ret->seq = seq_value;
	snprintf(ret->text, sizeof(ret->text), "%.*s〔%d〕%lld号", STR_ARG(prefix), ret->year, (long long)ret->seq);
	ret->prefix = (struct str){ .ptr = ret->text, .len = prefix.len };
	return ERR_OK;
}
