/* Full text without a word list: Han text as overlapping pairs of characters, Latin words and numbers whole. The same tokeniser makes the
 * index and the query, so both databases find the same: FTS5 (contentless, no positions) on SQLite, a stored tsvector with GIN on
 * PostgreSQL. */
#include "record/record_private.h"

#define TOKEN_BYTES_MAX 64
#define TOKENS_MAX 1024 /* of one row; names and numbers are far shorter */

struct token_set {
	uint64_t hashes[TOKENS_MAX * 2];
	size_t count;
	struct buf *out;
	size_t start; /* of this row's tokens in out */
};

static void add_token(struct token_set *set, struct str token)
{
	uint64_t hash = str_hash(token) | 1;
	size_t at = (size_t)(hash & (TOKENS_MAX * 2 - 1));

	if (token.len == 0 || set->count == TOKENS_MAX)
		return;
	while (set->hashes[at] && set->hashes[at] != hash)
		at = (at + 1) & (TOKENS_MAX * 2 - 1);
	if (set->hashes[at])
		return;
	set->hashes[at] = hash;
	set->count++;
	if (set->out->len > set->start)
		buf_putc(set->out, ' ');
	buf_put(set->out, token);
}

static bool is_han(uint32_t c)
{
	return (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF);
}

static uint32_t fold(uint32_t c)
{
	if (c >= 0xFF01 && c <= 0xFF5E)
		c -= 0xFEE0;
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static bool is_word(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static void add_tokens(struct token_set *set, struct str text, bool query)
{
	char word[TOKEN_BYTES_MAX + 4], pair[8];
	size_t word_len = 0, at = 0, previous_len = 0, run = 0;

	while (at < text.len) {
		uint32_t c = fold(utf8_next(text, &at));

		if (is_word(c) && word_len < TOKEN_BYTES_MAX)
			word[word_len++] = (char)c;
		if (!is_word(c) && word_len > 0) {
			add_token(set, (struct str){ .ptr = word, .len = word_len });
			word_len = 0;
		}
		if (is_han(c)) {
			size_t len = utf8_put(c, pair + previous_len);

			if (run > 0)
				add_token(set, (struct str){ .ptr = pair, .len = previous_len + len });
			memmove(pair, pair + previous_len, len);
			previous_len = len;
			run++;
		}
		if (run > 0 && (!is_han(c) || at == text.len)) {
			if (!query || run == 1) /* the last character alone, so that a single character finds it by prefix */
				add_token(set, (struct str){ .ptr = pair, .len = previous_len });
			run = previous_len = 0;
		}
	}
	add_token(set, (struct str){ .ptr = word, .len = word_len });
}

void search_tokens(struct str text, struct buf *out)
{
	struct token_set set = { .out = out, .start = out->len };

	add_tokens(&set, text, false);
}

void search_row_tokens(const struct dictionary_type *t, const struct dictionary_value *values, struct buf *out)
{
	struct token_set set = { .out = out, .start = out->len };

	for (size_t i = 0; i < t->column_count; i++)
		if (t->columns[i].search && !values[i].null)
			add_tokens(&set, values[i].s, false);
}

void search_query(struct str text, enum db_dialect dialect, struct buf *out)
{
	struct buf tokens;
	struct token_set set = { .out = &tokens };
	struct str rest, token;

	buf_init(&tokens, 64 << 10);
	add_tokens(&set, text, true);
	rest = buf_str(&tokens);
	while (rest.len > 0 && str_next(&rest, ' ', &token)) {
		size_t at = 0;
		uint32_t first = utf8_next(token, &at);
		bool prefix = !is_han(first) || at == token.len;

		if (dialect == DB_PG)
			buf_printf(out, "%s'%.*s'%s", out->len ? " & " : "", STR_ARG(token), prefix ? ":*" : "");
		else
			buf_printf(out, "%s\"%.*s\"%s", out->len ? " " : "", STR_ARG(token), prefix ? "*" : "");
	}
	buf_clear(&tokens);
}

void search_ddl(const struct dictionary_type *t, enum db_dialect dialect, struct buf *out)
{
	if (dialect == DB_PG)
		buf_printf(out,
			"CREATE TABLE IF NOT EXISTS fts_%.*s (record_id BIGINT PRIMARY KEY, words tsvector NOT NULL);\n"
			"CREATE INDEX IF NOT EXISTS fts_%.*s__ix ON fts_%.*s USING GIN (words);\n",
			STR_ARG(t->name), STR_ARG(t->name), STR_ARG(t->name));
	else
		buf_printf(out,
			"CREATE VIRTUAL TABLE IF NOT EXISTS fts_%.*s USING fts5 (words, content='', columnsize=0, detail=none, "
			"tokenize='ascii');\n",
			STR_ARG(t->name));
}
