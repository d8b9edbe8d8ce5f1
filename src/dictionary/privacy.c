/* Personal data and the codes with check digits: who may be named by a number, and how much of it may be shown. */
#include <string.h>

#include "dictionary/dictionary.h"
#include "dictionary/dictionary_private.h"

/* ---- unified social credit code, GB 32100-2015 ---- */

static const char credit_alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static int credit_value(char c)
{
	const char *at = c ? strchr(credit_alphabet, c) : NULL;

	return at ? (int)(at - credit_alphabet) : -1;
}

char credit_code_check(struct str first17)
{
	int sum = 0, weight = 1;

	if (first17.len != 17)
		return 0;
	for (size_t i = 0; i < 17; i++) {
		int v = credit_value(first17.ptr[i]);

		if (v < 0)
			return 0;
		sum += v * weight;
		weight = weight * 3 % 31;
	}
	return credit_alphabet[(31 - sum % 31) % 31];
}

bool credit_code_valid(struct str code)
{
	return code.len == 18 && credit_code_check(str_sub(code, 0, 17)) == code.ptr[17];
}

/* ---- resident identity number, GB 11643-1999 ---- */

bool id_number_valid(struct str number)
{
	static const int weights[17] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
	int sum = 0, d[17];

	if (number.len != 18)
		return false;
	for (int i = 0; i < 17; i++) {
		if (number.ptr[i] < '0' || number.ptr[i] > '9')
			return false;
		d[i] = number.ptr[i] - '0';
		sum += d[i] * weights[i];
	}
	return ymd_is_valid(d[6] * 1000 + d[7] * 100 + d[8] * 10 + d[9], d[10] * 10 + d[11], d[12] * 10 + d[13]) &&
	       "10X98765432"[sum % 11] == number.ptr[17];
}

bool is_spreadsheet_number(struct str text)
{
	size_t i = 0, zeros = 0;
	bool point = false;

	text = str_trim(text);
	while (i < text.len && ((text.ptr[i] >= '0' && text.ptr[i] <= '9') || (text.ptr[i] == '.' && !point))) {
		point |= text.ptr[i] == '.';
		i++;
	}
	if (i > 0 && i + 1 < text.len && (text.ptr[i] == 'E' || text.ptr[i] == 'e')) {
		i++;
		i += text.ptr[i] == '+';
		if (i == text.len)
			return false;
		for (size_t j = i; j < text.len; j++)
			if (text.ptr[j] < '0' || text.ptr[j] > '9')
				return false;
		return true;
	}
	/* 18 digits whose last three were lost to the 15 that a double holds */
	while (zeros < text.len && text.ptr[text.len - 1 - zeros] == '0')
		zeros++;
	return i == text.len && !point && text.len == 18 && zeros >= 3;
}

/* ---- masking ---- */

/** Bytes of the first n characters. */
static size_t head_bytes(struct str s, size_t characters)
{
	size_t at = 0;

	while (characters-- > 0 && at < s.len)
		utf8_next(s, &at);
	return at;
}

static void put_stars(struct buf *out, size_t count)
{
	while (count-- > 0)
		buf_putc(out, '*');
}

static void mask_middle(struct str s, size_t head, size_t tail, struct buf *out)
{
	size_t count = utf8_count(s), from;

	if (count <= head + tail) {
		from = head_bytes(s, 1);
		buf_put(out, str_sub(s, 0, from));
		put_stars(out, count > 1 ? count - 1 : 1);
		return;
	}
	buf_put(out, str_sub(s, 0, head_bytes(s, head)));
	put_stars(out, count - head - tail);
	buf_put(out, str_sub(s, head_bytes(s, count - tail), s.len));
}

/** Keeps the divisions down to county and township; street and door are hidden. */
static void mask_address(struct str s, struct buf *out)
{
	static const char *const ends[] = { "街道", "镇", "乡", "区", "县", "旗", "市", NULL };
	size_t cut = 0;

	for (int i = 0; ends[i] && cut == 0; i++) {
		ptrdiff_t at = str_find(s, str_of(ends[i]));

		if (at >= 0)
			cut = (size_t)at + strlen(ends[i]);
	}
	if (cut == 0)
		cut = head_bytes(s, 3);
	buf_put(out, str_sub(s, 0, cut));
	buf_puts(out, "***");
}

void privacy_mask(enum column_privacy p, struct str text, struct buf *out)
{
	if (text.len == 0)
		return;
	switch (p) {
	case PRIVACY_NAME:
		buf_put(out, str_sub(text, 0, head_bytes(text, 1)));
		buf_putc(out, '*');
		return;
	case PRIVACY_ID_NUMBER:
		mask_middle(text, 3, 4, out);
		return;
	case PRIVACY_PHONE:
		mask_middle(text, 3, 4, out);
		return;
	case PRIVACY_ADDRESS:
		mask_address(text, out);
		return;
	case PRIVACY_BIRTH: /* the year is what age limits are judged by */
		buf_put(out, str_sub(text, 0, 4));
		buf_puts(out, "-**-**");
		return;
	case PRIVACY_NONE:
	case PRIVACY_COUNT:
		break;
	}
	buf_put(out, text);
}

void column_mask(const struct dictionary_column *c, const struct dictionary_value *v, struct buf *out)
{
	char day[11];

	if (v->null)
		return;
	if (c->type == COLUMN_DATE)
		day_format((int32_t)v->i, day);
	privacy_mask(c->privacy, c->type == COLUMN_DATE ? str_of(day) : v->s, out);
}

/** Does the value itself look like a person's? Names of up to four characters, identity numbers and what resembles them. */
static bool looks_personal(enum column_privacy p, struct str s)
{
	if (p == PRIVACY_NAME)
		return utf8_count(s) <= 4;
	return p != PRIVACY_ID_NUMBER || !credit_code_valid(s);
}

bool privacy_applies(const struct dictionary_type *t, const struct dictionary_column *c, const struct dictionary_value *values)
{
	const struct dictionary_column *kind;

	if (c->privacy == PRIVACY_NONE)
		return false;
	if (!t || !c->organisation)
		return true;
	if (values[c->index].null)
		return false;
	kind = dictionary_column(t, STR("party_type"));
	if (kind && kind->type == COLUMN_CODE && !values[kind->index].null)
		return str_eq(values[kind->index].s, STR("natural_person")) ||
		       (c->privacy == PRIVACY_ID_NUMBER && id_number_valid(values[c->index].s));
	return looks_personal(c->privacy, values[c->index].s);
}

/* ---- masked values in the other texts of a row ---- */

#define NAME_CHARACTERS_MIN 2
#define NUMBER_CHARACTERS_MIN 6

static void add_word(struct privacy_words *w, enum column_privacy p, struct str text)
{
	text = str_trim(text);
	if (w->count == PRIVACY_WORDS_MAX ||
		utf8_count(text) < (p == PRIVACY_NAME || p == PRIVACY_NONE ? NAME_CHARACTERS_MIN : NUMBER_CHARACTERS_MIN))
		return;
	w->v[w->count].privacy = p;
	w->v[w->count++].text = text;
}

/** 张三、李四: each name is a word of its own. */
static void add_names(struct privacy_words *w, struct str text)
{
	static const char *const separators[] = { "、", "，", "；", ",", ";", " ", "/" };
	size_t start = 0, at = 0;

	while (at < text.len) {
		size_t step = 0;

		for (size_t i = 0; i < sizeof(separators) / sizeof(*separators) && step == 0; i++)
			if (str_starts(str_sub(text, at, text.len), str_of(separators[i])))
				step = strlen(separators[i]);
		if (step > 0) {
			add_word(w, PRIVACY_NAME, str_sub(text, start, at));
			start = at + step;
		}
		at += step ? step : 1;
	}
	add_word(w, PRIVACY_NAME, str_sub(text, start, text.len));
}

void privacy_words(const struct dictionary_type *t, const struct dictionary_value *values, struct privacy_words *ret)
{
	ret->count = ret->birth_count = 0;
	for (size_t i = 0; i < t->column_count; i++) {
		const struct dictionary_column *c = &t->columns[i];

		if (c->privacy == PRIVACY_BIRTH && !values[i].null && ret->birth_count < PRIVACY_BIRTHS_MAX) {
			char *birth = ret->births[ret->birth_count++];

			day_format((int32_t)values[i].i, birth);
			add_word(ret, PRIVACY_BIRTH, str_of(birth));
		}
		if (c->privacy == PRIVACY_NONE || c->type != COLUMN_TEXT || values[i].null)
			continue;
		if (!privacy_applies(t, c, values))
			add_word(ret, PRIVACY_NONE, values[i].s);
		else if (c->privacy == PRIVACY_NAME)
			add_names(ret, values[i].s);
		else
			add_word(ret, c->privacy, values[i].s);
	}
}

void privacy_words_mask(const struct privacy_words *w, struct str text, struct buf *out)
{
	size_t at = 0, from = 0;

	while (at < text.len) {
		size_t best = w->count;

		for (size_t i = 0; i < w->count; i++)
			if (str_starts(str_sub(text, at, text.len), w->v[i].text) &&
				(best == w->count || w->v[i].text.len > w->v[best].text.len))
				best = i;
		if (best == w->count) {
			at++;
			continue;
		}
		buf_put(out, str_sub(text, from, at));
		privacy_mask(w->v[best].privacy, w->v[best].text, out);
		at += w->v[best].text.len;
		from = at;
	}
	buf_put(out, str_sub(text, from, text.len));
}

bool privacy_words_apply(const struct dictionary_type *t, const struct dictionary_column *c)
{
	if (c->type != COLUMN_TEXT || c->privacy != PRIVACY_NONE)
		return false;
	for (size_t r = 0; t && r < t->reference_count; r++)
		for (size_t i = 0; t->references[r].type && t->references[r].type->is_agency && i < t->references[r].by_count; i++)
			if (t->references[r].by[i].from == c->index)
				return false;
	return true;
}

/* ---- normal form ---- */

struct str text_normalise(struct str text, struct arena *mem)
{
	char *out = arena_alloc(mem, text.len + 1, 1, 1);
	size_t at = 0, len = 0;

	if (!out)
		return (struct str){ 0 };
	while (at < text.len) {
		unsigned char byte = (unsigned char)text.ptr[at];
		uint32_t c = byte < 0x80 ? (at++, (uint32_t)byte) : char_narrow(utf8_next(text, &at));

		if (c <= ' ' || c == 0x200B || c == 0xFEFF)
			continue;
		if (c >= 'a' && c <= 'z')
			c -= 32;
		if (c == '[' || c == 0x3014 || c == 0x3010 || c == 0x2018 || c == 0xFE5D)
			c = '(';
		if (c == ']' || c == 0x3015 || c == 0x3011 || c == 0x2019 || c == 0xFE5E)
			c = ')';
		if (c == '|')
			c = '/'; /* the separator of keys */
		if (c < 0x80)
			out[len++] = (char)c;
		else
			len += utf8_put(c, out + len);
	}
	return (struct str){ .ptr = out, .len = len };
}
