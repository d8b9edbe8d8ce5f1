/* One value: from what people and systems write to the typed form, and back. Invariant: no floating point anywhere; a text that
 * cannot be read exactly is refused with a reason that says what is allowed. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "dictionary/dictionary.h"
#include "dictionary/dictionary_private.h"

#define SHORT_TEXT_MAX 96 /* numbers, dates, codes: nothing longer is one */
#define DIGITS_MAX 40

/** Narrowed, upper-cased copy without white space at the ends; false when it is too long to be a number, date or code. */
static bool narrow(struct str text, char out[static SHORT_TEXT_MAX + 4], struct str *ret)
{
	size_t len = 0, at = 0;

	text = str_trim(text);
	if (text.len > SHORT_TEXT_MAX)
		return false;
	while (at < text.len) {
		uint32_t c =
			(unsigned char)text.ptr[at] < 0x80 ? (uint32_t)(unsigned char)text.ptr[at++] : char_narrow(utf8_next(text, &at));

		if (c >= 'a' && c <= 'z')
			c -= 32;
		if (len >= SHORT_TEXT_MAX)
			return false;
		len += utf8_put(c, out + len);
	}
	*ret = (struct str){ .ptr = out, .len = len };
	return true;
}

static bool one_of(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (str_eq(s, str_of(*words)))
			return true;
	return false;
}

/** What people write into a cell to say that there is nothing. */
static bool is_placeholder(struct str s)
{
	static const char *const words[] = { "/", "//", "\\", "-", "--", "—", "——", "无", "NULL", "null", "N/A", "NA", "空", "#N/A", NULL };

	return one_of(s, words);
}

/* ---- numbers ---- */

struct digits {
	char d[DIGITS_MAX];
	int count;
	int point; /* value = 0.d1d2d3… * 10^point */
	bool negative;
};

/** [+-]digits[,ddd][.digits][E[+-]n]; false on anything else. */
static bool digits_read(struct str s, struct digits *ret)
{
	size_t i = 0;
	bool seen_point = false, seen = false;
	int64_t exponent = 0;

	*ret = (struct digits){ 0 };
	if (i < s.len && (s.ptr[i] == '-' || s.ptr[i] == '+'))
		ret->negative = s.ptr[i++] == '-';
	for (; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == ',' && seen && !seen_point)
			continue;
		if (c == '.' && !seen_point) {
			seen_point = true;
			continue;
		}
		if (c < '0' || c > '9')
			break;
		seen = true;
		if (!seen_point && !(ret->count == 0 && c == '0'))
			ret->point++;
		if (ret->count == 0 && c == '0') {
			ret->point -= seen_point;
			continue;
		}
		if (ret->count == DIGITS_MAX)
			return false;
		ret->d[ret->count++] = (char)(c - '0');
	}
	if (!seen)
		return false;
	if (i < s.len && (s.ptr[i] == 'E' || s.ptr[i] == 'e')) {
		if (!str_to_i64(str_sub(s, i + 1, s.len), &exponent) || exponent < -30 || exponent > 30)
			return false;
		ret->point += (int)exponent;
		i = s.len;
	}
	return i == s.len;
}

/** value * 10^scale, half up; false on overflow. *ret_exact (may be NULL) tells whether nothing was rounded away. */
static bool digits_scaled(const struct digits *n, int scale, int64_t *ret, bool *ret_exact)
{
	int64_t v = 0;
	int wanted = n->point + scale; /* digits before the new point */
	bool exact = true;

	for (int i = 0; i < wanted; i++) {
		int d = i < n->count ? n->d[i] : 0;

		if (n->count == 0)
			break;
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, d, &v))
			return false;
	}
	for (int i = wanted < 0 ? 0 : wanted; i < n->count; i++)
		exact = exact && n->d[i] == 0;
	if (wanted >= 0 && wanted < n->count && n->d[wanted] >= 5 && __builtin_add_overflow(v, 1, &v))
		return false;
	*ret = n->negative ? -v : v;
	if (ret_exact)
		*ret_exact = exact;
	return true;
}

/* ---- money ---- */

static const struct {
	const char *name;
	int scale; /* fen = value * 10^scale */
} units[] = {
	{ "万元", 6 },
	{ "亿元", 10 },
	{ "千元", 5 },
	{ "百元", 4 },
	{ "元", 2 },
	{ "角", 1 },
	{ "分", 0 },
	{ "圆", 2 },
	{ "万", 6 },
	{ "亿", 10 },
	{ "FEN", 0 },
	{ "YUAN", 2 },
	{ "CNY", 2 },
	{ "RMB", 2 },
	{ "WAN", 6 },
	{ "WAN_YUAN", 6 },
};

static bool unit_scale(struct str unit, int *ret)
{
	char text[SHORT_TEXT_MAX + 4];
	struct str s;

	if (!narrow(unit, text, &s))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (str_eq(s, str_of(units[i].name))) {
			*ret = units[i].scale;
			return true;
		}
	}
	return false;
}

bool money_unit(struct str unit, int64_t *ret_fen_per_unit)
{
	int64_t factor = 1;
	int scale;

	if (!unit_scale(unit, &scale))
		return false;
	while (scale-- > 0)
		factor *= 10;
	*ret_fen_per_unit = factor;
	return true;
}

static struct str drop_prefix(struct str s, const char *prefix)
{
	return str_starts(s, str_of(prefix)) ? str_trim(str_sub(s, strlen(prefix), s.len)) : s;
}

static struct str drop_suffix(struct str s, const char *suffix)
{
	return str_ends(s, str_of(suffix)) ? str_trim(str_sub(s, 0, s.len - strlen(suffix))) : s;
}

static bool money_read(struct str s, struct str unit, int64_t *ret)
{
	struct digits n;
	int scale = 2;

	if (unit.len > 0 && !unit_scale(unit, &scale))
		return false;
	s = drop_prefix(drop_prefix(drop_prefix(drop_prefix(s, "人民币"), "RMB"), "￥"), "¥");
	s = drop_suffix(drop_suffix(s, "整"), "人民币");
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (str_ends(s, str_of(units[i].name))) {
			s = drop_suffix(s, units[i].name);
			scale = units[i].scale;
			break;
		}
	}
	return digits_read(s, &n) && digits_scaled(&n, scale, ret, NULL);
}

/* ---- dates ---- */

struct scan {
	struct str s;
	size_t at;
};

static bool scan_number(struct scan *p, int digits_max, int *ret, int *ret_digits)
{
	int v = 0, n = 0;

	while (p->at < p->s.len && n < digits_max && p->s.ptr[p->at] >= '0' && p->s.ptr[p->at] <= '9') {
		v = v * 10 + (p->s.ptr[p->at++] - '0');
		n++;
	}
	*ret = v;
	*ret_digits = n;
	return n > 0;
}

static bool scan_word(struct scan *p, const char *word)
{
	if (!str_starts(str_sub(p->s, p->at, p->s.len), str_of(word)))
		return false;
	p->at += strlen(word);
	return true;
}

static void scan_spaces(struct scan *p)
{
	while (p->at < p->s.len && p->s.ptr[p->at] == ' ')
		p->at++;
}

/** "Z", "+08:00", "+0800" behind a time; seconds to add to get China's clock. */
static bool scan_zone(struct scan *p, int *ret_add_s)
{
	int hours, minutes = 0, n, sign;

	*ret_add_s = 0;
	if (p->at == p->s.len)
		return true;
	if (scan_word(p, "Z")) {
		*ret_add_s = CST_OFFSET_S;
		return p->at == p->s.len;
	}
	if (p->s.ptr[p->at] != '+' && p->s.ptr[p->at] != '-')
		return false;
	sign = p->s.ptr[p->at++] == '+' ? 1 : -1;
	if (!scan_number(p, 2, &hours, &n) || n != 2 || hours > 14)
		return false;
	scan_word(p, ":");
	if (p->at < p->s.len && (!scan_number(p, 2, &minutes, &n) || n != 2 || minutes > 59))
		return false;
	*ret_add_s = CST_OFFSET_S - sign * (hours * 3600 + minutes * 60);
	return p->at == p->s.len;
}

/** The time behind a date: "9:05", "09:05:06.123", "9时5分", "9点", 6 digits; nothing is midnight. */
static bool scan_time(struct scan *p, int *ret_seconds, int *ret_add_s)
{
	int h, m = 0, s = 0, n;
	bool chinese;

	*ret_seconds = *ret_add_s = 0;
	scan_spaces(p);
	scan_word(p, "T");
	scan_spaces(p);
	if (p->at == p->s.len)
		return true;
	if (!scan_number(p, 2, &h, &n))
		return false;
	if (scan_word(p, ":") || scan_word(p, "：")) {
		if (!scan_number(p, 2, &m, &n))
			return false;
		if (scan_word(p, ":") && !scan_number(p, 2, &s, &n))
			return false;
	} else {
		chinese = scan_word(p, "时") || scan_word(p, "時") || scan_word(p, "点");
		if (!chinese && (n != 2 || !scan_number(p, 2, &m, &n) || n != 2 || (p->at < p->s.len && !scan_number(p, 2, &s, &n))))
			return false;
		if (chinese && p->at < p->s.len && (!scan_number(p, 2, &m, &n) || !scan_word(p, "分")))
			return false;
		if (chinese && p->at < p->s.len && (!scan_number(p, 2, &s, &n) || !scan_word(p, "秒")))
			return false;
	}
	if (scan_word(p, "."))
		while (p->at < p->s.len && p->s.ptr[p->at] >= '0' && p->s.ptr[p->at] <= '9')
			p->at++;
	if (h > 24 || m > 59 || s > 59 || (h == 24 && (m || s)))
		return false;
	*ret_seconds = h * 3600 + m * 60 + s;
	scan_spaces(p);
	return scan_zone(p, ret_add_s);
}

bool date_parse_loose(struct str text, int32_t *ret_day, int32_t *ret_seconds)
{
	char folded[SHORT_TEXT_MAX + 4];
	struct scan p = { 0 };
	int year, month, day, n, seconds, add;
	bool closed = false; /* by 日: a time may follow without a space */
	int64_t civil;

	if (!narrow(text, folded, &p.s) || !scan_number(&p, 4, &year, &n) || n != 4)
		return false;
	scan_spaces(&p);
	if (scan_word(&p, "-") || scan_word(&p, "/") || scan_word(&p, ".") || scan_word(&p, "年")) {
		scan_spaces(&p);
		if (!scan_number(&p, 2, &month, &n))
			return false;
		scan_spaces(&p);
		if (!(scan_word(&p, "-") || scan_word(&p, "/") || scan_word(&p, ".") || scan_word(&p, "月")))
			return false;
		scan_spaces(&p);
		if (!scan_number(&p, 2, &day, &n))
			return false;
		closed = scan_word(&p, "日") || scan_word(&p, "号");
	} else if (!scan_number(&p, 2, &month, &n) || n != 2 || !scan_number(&p, 2, &day, &n) || n != 2) {
		return false;
	}
	if (!closed && p.at < p.s.len && p.s.ptr[p.at] >= '0' && p.s.ptr[p.at] <= '9' && p.s.len - p.at != 6 && p.s.len - p.at != 4)
		return false; /* 2016-4-211 */
	if (!ymd_is_valid(year, month, day) || year < 1000 || !scan_time(&p, &seconds, &add))
		return false;
	civil = (int64_t)day_from_ymd(year, month, day) * 86400 + seconds + add;
	*ret_day = (int32_t)((civil >= 0 ? civil : civil - 86399) / 86400);
	if (ret_seconds)
		*ret_seconds = (int32_t)(civil - (int64_t)*ret_day * 86400);
	return true;
}

/** Says what a wrong date looks like: a serial number of a spreadsheet, an impossible day, or no date at all. */
static void explain_date(struct str text, struct err *why)
{
	int64_t serial;
	char iso[11];

	if (str_to_i64(str_trim(text), &serial) && serial > 20000 && serial < 80000) {
		day_format((int32_t)serial - 25569, iso);
		err_set(why, ERR_INPUT, "“%.*s”是表格软件的日期序号（可能是 %s），请把该列设为日期或文本格式后重新导出", STR_ARG(text),
			iso);
		return;
	}
	err_set(why, ERR_INPUT, "“%.*s”不是有效日期，应如 2016-04-21、2016/4/21、20160421 或 2016年4月21日", STR_ARG(str_sub(text, 0, 60)));
}

/* ---- text with check digits ---- */

static bool check_text(enum column_check check, struct str s, struct str shown, struct err *why)
{
	if (check == CHECK_NONE || str_has(s, STR("*"))) /* already masked by the source */
		return true;
	if (check != CHECK_AREA_CODE && is_spreadsheet_number(s)) {
		err_set(why, ERR_INPUT,
			"“%.*s”：表格软件把代码变成了科学计数法，后几位已经丢失，请在原始表中把该列设为“文本”格式后重新导出",
			STR_ARG(shown));
		return false;
	}
	switch (check) {
	case CHECK_CREDIT_CODE:
		if (credit_code_valid(s))
			return true;
		err_set(why, ERR_INPUT, "“%.*s”不是有效的统一社会信用代码（18 位，末位为校验码%s）", STR_ARG(shown),
			s.len == 18 ? "，这里校验不符" : "");
		return false;
	case CHECK_ID_NUMBER:
		if (id_number_valid(s) || s.len == 15)
			return true;
		err_set(why, ERR_INPUT, "身份证号不正确（18 位，含有效出生日期，末位为校验码）");
		return false;
	case CHECK_PARTY_CODE:
		if (s.len != 18 || credit_code_valid(s) || id_number_valid(s))
			return true;
		err_set(why, ERR_INPUT, "18 位的代码须为有效的统一社会信用代码或身份证号，这里校验码不符，请核对");
		return false;
	case CHECK_AREA_CODE:
		for (size_t i = 0; i < s.len; i++)
			if (s.ptr[i] < '0' || s.ptr[i] > '9')
				s.len = 0;
		if (s.len == 6 || s.len == 9 || s.len == 12)
			return true;
		err_set(why, ERR_INPUT, "“%.*s”不是行政区划代码（6、9 或 12 位数字）", STR_ARG(shown));
		return false;
	case CHECK_NONE:
	case CHECK_COUNT:
		break;
	}
	return true;
}

static bool parse_text(const struct dictionary_column *c, struct str text, struct arena *mem, struct dictionary_value *ret, struct err *why)
{
	char folded[SHORT_TEXT_MAX + 4];
	size_t count;

	if (c->check != CHECK_NONE) {
		struct str s;

		if (is_placeholder(text))
			return true;
		if (!narrow(text, folded, &s)) {
			err_set(why, ERR_INPUT, "内容过长，不是代码");
			return false;
		}
		if (!check_text(c->check, s, text, why))
			return false;
		text = str_dup(mem, s);
	}
	if (text.len >= 4 && (str_eq(text, STR("NULL")) || str_eq(text, STR("null"))))
		return true;
	if (text.len > c->max && (count = utf8_count(text)) > c->max) {
		err_set(why, ERR_INPUT, "内容有 %zu 个字，最多 %zu 个", count, c->max);
		return false;
	}
	if (memchr(text.ptr, '\0', text.len) || !utf8_valid(text)) {
		err_set(why, ERR_INPUT, "内容含有不能保存的字符（编码错误）");
		return false;
	}
	*ret = (struct dictionary_value){ .s = text };
	return true;
}

/* ---- codes ---- */

static bool code_matches(const struct dictionary_code *code, struct str s, struct str folded)
{
	if (str_eq(code->label.zh, s) || str_eq(code->code, s))
		return true;
	for (size_t i = 0; i < code->alias_count; i++)
		if (str_eq(code->aliases[i], s) || str_eq(code->aliases[i], folded))
			return true;
	if (code->code.len == folded.len) { /* folded is upper case */
		size_t i = 0;

		while (i < folded.len && (folded.ptr[i] | (folded.ptr[i] >= 'A' && folded.ptr[i] <= 'Z' ? 32 : 0)) == code->code.ptr[i])
			i++;
		if (i == folded.len)
			return true;
	}
	return str_eq(code->label.zh, folded);
}

static bool parse_code(const struct dictionary_column *c, struct str text, struct dictionary_value *ret, struct err *why)
{
	char folded[SHORT_TEXT_MAX + 4];
	struct str s = { 0 };
	char allowed[320];
	size_t used = 0;

	if (narrow(text, folded, &s)) {
		for (size_t i = 0; i < c->code_count; i++) {
			if (code_matches(&c->codes[i], text, s)) {
				*ret = (struct dictionary_value){ .i = (int64_t)i, .s = c->codes[i].code };
				return true;
			}
		}
	}
	if (is_placeholder(text))
		return true;
	for (size_t i = 0; i < c->code_count && used + c->codes[i].label.zh.len + 8 < sizeof(allowed); i++)
		used += (size_t)snprintf(allowed + used, sizeof(allowed) - used, "%s%.*s", i ? "、" : "", STR_ARG(c->codes[i].label.zh));
	err_set(why, ERR_INPUT, "“%.*s”不在允许的取值中：%.*s", STR_ARG(str_sub(text, 0, 60)), (int)used, allowed);
	return false;
}

/* ---- the one door ---- */

static bool parse_bool(struct str text, struct dictionary_value *ret, struct err *why)
{
	static const char *const yes[] = { "是", "有", "Y", "YES", "1", "TRUE", "T", "√", "✓", "✔", "对", "已", "1.0", NULL };
	static const char *const no[] = { "否", "N", "NO", "0", "FALSE", "F", "×", "X", "✗", "错", "未", "不是", "没有", "0.0", NULL };
	char folded[SHORT_TEXT_MAX + 4];
	struct str s;

	if (narrow(text, folded, &s)) {
		bool is = one_of(s, yes);

		if (is || one_of(s, no) || str_eq(s, STR("无"))) {
			*ret = (struct dictionary_value){ .i = is };
			return true;
		}
	}
	if (is_placeholder(text))
		return true;
	err_set(why, ERR_INPUT, "“%.*s”不能判断是或否，请写 是/否（也可 Y/N、1/0、true/false）", STR_ARG(str_sub(text, 0, 60)));
	return false;
}

static bool parse_number(const struct dictionary_column *c, struct str text, struct str unit, struct dictionary_value *ret, struct err *why)
{
	char folded[SHORT_TEXT_MAX + 4];
	struct digits n;
	struct str s;
	int64_t v;
	bool exact, ok = narrow(text, folded, &s);

	if (is_placeholder(text))
		return true;
	if (c->type == COLUMN_MONEY) {
		ok = ok && money_read(s, unit, &v);
	} else {
		ok = ok && digits_read(s, &n) && digits_scaled(&n, c->type == COLUMN_INT ? 0 : COLUMN_DECIMAL_SCALE, &v, &exact);
		ok = ok && (c->type != COLUMN_INT || exact);
	}
	if (!ok) {
		err_set(why, ERR_INPUT, "“%.*s”不是%s", STR_ARG(str_sub(text, 0, 60)),
			c->type == COLUMN_MONEY ? "金额，应如 10000、10,000.50 或 1.2万元"
			: c->type == COLUMN_INT ? "整数"
						: "数值");
		return false;
	}
	*ret = (struct dictionary_value){ .i = v };
	return true;
}

bool column_parse(const struct dictionary_column *c, struct str text, struct str unit, struct arena *mem, struct dictionary_value *ret,
	struct err *why)
{
	int32_t day, seconds;

	text = str_trim(text);
	*ret = (struct dictionary_value){ .null = true };
	if (text.len == 0)
		return true;
	switch (c->type) {
	case COLUMN_TEXT:
		return parse_text(c, text, mem, ret, why);
	case COLUMN_CODE:
		return parse_code(c, text, ret, why);
	case COLUMN_BOOL:
		return parse_bool(text, ret, why);
	case COLUMN_INT:
	case COLUMN_MONEY:
	case COLUMN_DECIMAL:
		return parse_number(c, text, unit, ret, why);
	case COLUMN_DATE:
	case COLUMN_DATETIME:
		if (date_parse_loose(text, &day, &seconds)) {
			*ret = (struct dictionary_value){ .i = c->type == COLUMN_DATE ? day : (int64_t)day * 86400 + seconds };
			return true;
		}
		if (is_placeholder(text))
			return true;
		explain_date(text, why);
		return false;
	case COLUMN_TYPE_COUNT:
		break;
	}
	assert(!"column type");
	return false;
}

/* ---- out again ---- */

static void put_scaled(struct buf *out, int64_t v, int scale)
{
	uint64_t magnitude = v < 0 ? 0 - (uint64_t)v : (uint64_t)v, power = 1;

	for (int i = 0; i < scale; i++)
		power *= 10;
	buf_printf(out, "%s%" PRIu64 ".%0*" PRIu64, v < 0 ? "-" : "", magnitude / power, scale, magnitude % power);
}

void column_format(const struct dictionary_column *c, const struct dictionary_value *v, struct buf *out)
{
	char text[24];

	if (v->null)
		return;
	switch (c->type) {
	case COLUMN_BOOL:
		buf_puts(out, v->i ? "true" : "false");
		return;
	case COLUMN_INT:
		buf_put_i64(out, v->i);
		return;
	case COLUMN_MONEY:
		put_scaled(out, v->i, 2);
		return;
	case COLUMN_DECIMAL:
		put_scaled(out, v->i, COLUMN_DECIMAL_SCALE);
		return;
	case COLUMN_DATE:
		day_format((int32_t)v->i, text);
		buf_puts(out, text);
		return;
	case COLUMN_DATETIME:
		civil_format(v->i, text);
		buf_puts(out, text);
		return;
	case COLUMN_TEXT:
	case COLUMN_CODE:
		buf_put(out, v->s);
		return;
	case COLUMN_TYPE_COUNT:
		break;
	}
	assert(!"column type");
}

void column_display(const struct dictionary_column *c, const struct dictionary_value *v, struct buf *out)
{
	if (v->null)
		return;
	if (c->type == COLUMN_BOOL)
		buf_puts(out, v->i ? "是" : "否");
	else if (c->type == COLUMN_CODE && v->i >= 0 && (size_t)v->i < c->code_count)
		buf_put(out, c->codes[v->i].label.zh);
	else
		column_format(c, v, out);
}

void column_json(const struct dictionary_column *c, const struct dictionary_value *v, struct json *j)
{
	char text[24];

	if (v->null) {
		json_none(j);
		return;
	}
	switch (c->type) {
	case COLUMN_BOOL:
		json_bool(j, v->i != 0);
		return;
	case COLUMN_INT:
	case COLUMN_MONEY:
		json_i64(j, v->i);
		return;
	case COLUMN_DECIMAL:
		json_scaled(j, v->i, COLUMN_DECIMAL_SCALE);
		return;
	case COLUMN_DATE:
		day_format((int32_t)v->i, text);
		json_str(j, str_of(text));
		return;
	case COLUMN_DATETIME:
		civil_format(v->i, text);
		json_str(j, str_of(text));
		return;
	case COLUMN_TEXT:
	case COLUMN_CODE:
		json_str(j, v->s);
		return;
	case COLUMN_TYPE_COUNT:
		break;
	}
	assert(!"column type");
}

void column_to_stored(const struct dictionary_column *c, const struct dictionary_value *v, struct buf *out)
{
	if (v->null)
		return;
	if (c->type == COLUMN_DATE || c->type == COLUMN_TEXT || c->type == COLUMN_CODE)
		column_format(c, v, out);
	else
		buf_put_i64(out, v->i);
}

bool column_from_stored(const struct dictionary_column *c, struct str text, struct arena *mem, struct dictionary_value *ret)
{
	int32_t day;

	*ret = (struct dictionary_value){ 0 };
	if (c->type == COLUMN_TEXT) {
		ret->s = str_dup(mem, text);
		return true;
	}
	if (c->type == COLUMN_CODE) {
		ret->i = dictionary_code(c, text);
		ret->s = ret->i >= 0 ? c->codes[ret->i].code : str_dup(mem, text);
		return true;
	}
	if (c->type == COLUMN_DATE) {
		if (!day_parse(text, &day))
			return false;
		ret->i = day;
		return true;
	}
	return str_to_i64(text, &ret->i);
}

bool column_value_eq(const struct dictionary_column *c, const struct dictionary_value *a, const struct dictionary_value *b)
{
	if (a->null || b->null)
		return a->null == b->null;
	return c->type == COLUMN_TEXT || c->type == COLUMN_CODE ? str_eq(a->s, b->s) : a->i == b->i;
}

/* ---- the database ---- */

void column_bind(const struct dictionary_column *c, struct db_stmt *q, int index, const struct dictionary_value *v)
{
	if (v->null)
		db_bind_null(q, index);
	else if (c->type == COLUMN_DATE)
		db_bind_day(q, index, (int32_t)v->i);
	else if (c->type == COLUMN_TEXT || c->type == COLUMN_CODE)
		db_bind_str(q, index, v->s.ptr ? v->s : STR(""));
	else
		db_bind_i64(q, index, v->i);
}

struct dictionary_value column_read(const struct dictionary_column *c, struct db_stmt *q, int column, struct arena *mem)
{
	struct dictionary_value v = { .null = db_is_null(q, column) };

	if (v.null)
		return v;
	if (c->type == COLUMN_DATE) {
		v.i = db_day(q, column);
	} else if (c->type == COLUMN_TEXT) {
		v.s = db_str_dup(q, column, mem);
	} else if (c->type == COLUMN_CODE) {
		v.i = dictionary_code(c, db_str(q, column));
		v.s = v.i >= 0 ? c->codes[v.i].code : db_str_dup(q, column, mem);
	} else {
		v.i = db_i64(q, column);
	}
	return v;
}
