/* Lexer and Pratt parser. The grammar is SQL's condition, so the binding powers below are SQL's; what SQL would let pass
 * and a reader would misread (a < b < c, =, a bare date in arithmetic) is refused here or in check.c. */
#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"
#include "rule/ast.h"

enum token_kind {
	TOKEN_END,
	TOKEN_NUMBER, /* value, decimal when scale > 0, money when unit */
	TOKEN_TEXT,
	TOKEN_WORD,
	TOKEN_PUNCT, /* one of the operators below, in `text` */
};

struct token {
	enum token_kind kind;
	uint32_t from, to;
	struct str text;
	int64_t value;
	enum ast_kind literal; /* TOKEN_NUMBER: AST_INT, AST_DECIMAL or AST_MONEY */
};

struct parser {
	const struct source *source;
	struct arena *mem;
	struct err *err;
	struct token token; /* the one looked at */
	uint32_t at;        /* where the next one starts */
	int depth;
};

typedef VEC(struct ast *) ast_vec;

static const struct str keywords[] = { STR_INIT("and"), STR_INIT("or"), STR_INIT("not"), STR_INIT("is"), STR_INIT("null"), STR_INIT("true"),
	STR_INIT("false"), STR_INIT("between"), STR_INIT("in"), STR_INIT("like"), STR_INIT("case"), STR_INIT("when"), STR_INIT("then"),
	STR_INIT("else"), STR_INIT("end"), STR_INIT("where"), STR_INIT("distinct") };

static bool word_is(struct str word, const char *lower)
{
	size_t i = 0;

	for (; i < word.len && lower[i]; i++)
		if ((word.ptr[i] | 0x20) != lower[i])
			return false;
	return i == word.len && !lower[i];
}

bool rule_is_keyword(struct str word)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (word_is(word, keywords[i].ptr))
			return true;
	return false;
}

/* ---- complaints ---- */

/** Columns a terminal gives a character: wide ones two. */
static int char_width(uint32_t c)
{
	return c >= 0x1100 && (c <= 0x115f || (c >= 0x2e80 && c <= 0xffdc) || (c >= 0x1f300 && c <= 0x3fffd)) ? 2 : 1;
}

static int text_width(struct str s)
{
	int width = 0;

	for (size_t at = 0; at < s.len;)
		width += char_width(utf8_next(s, &at));
	return width;
}

/** The line around [from, from + len) cut to what fits a message, with carets below. */
static void quote_line(const struct source *source, uint32_t from, uint32_t len, char *out, size_t out_size)
{
	struct str text = source->text;
	size_t start = from, end = from, clip_from, clip_to;
	int carets, pad;

	while (start > 0 && text.ptr[start - 1] != '\n')
		start--;
	while (end < text.len && text.ptr[end] != '\n')
		end++;
	clip_from = from - start > 48 ? from - 48 : start;
	clip_to = end - from > 60 ? from + 60 : end;
	while (clip_from > start && ((unsigned char)text.ptr[clip_from] & 0xc0) == 0x80)
		clip_from--;
	while (clip_to < end && ((unsigned char)text.ptr[clip_to] & 0xc0) == 0x80)
		clip_to--;
	pad = text_width(str_sub(text, clip_from, from));
	carets = text_width(str_sub(text, from, from + len < clip_to ? from + len : clip_to));
	carets = carets < 1 ? 1 : carets > 60 ? 60 : carets;
	snprintf(out, out_size, "\n  %.*s\n  %*s%.*s", (int)(clip_to - clip_from), text.ptr + clip_from, pad, "", carets,
		"^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~");
	for (char *tab = out; *tab; tab++)
		if (*tab == '\t')
			*tab = ' ';
}

enum err_code source_fail(
	const struct source *source, enum err_code code, uint32_t from, uint32_t len, struct err *err, const char *fmt, ...)
{
	char what[280], quote[200];
	int line = source->line, column = source->column;
	size_t line_start = 0;
	va_list args;

	if (from > source->text.len)
		from = (uint32_t)source->text.len;
	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	for (size_t i = 0; i < from; i++)
		if (source->text.ptr[i] == '\n') {
			line++;
			line_start = i + 1;
			column = source->indent + 1;
		}
	column += (int)utf8_count(str_sub(source->text, line_start, from));
	quote_line(source, from, len, quote, sizeof(quote));
	if (source->path)
		return err_set(err, code, "%s:%d:%d: %s%s", source->path, line, column, what, quote);
	return err_set(err, code, "%d:%d: %s%s", line, column, what, quote);
}

#define FAIL(p, token, ...) source_fail((p)->source, ERR_SYNTAX, (token).from, (token).to - (token).from, (p)->err, __VA_ARGS__)

/* ---- lexer ---- */

static bool is_word_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip_space(struct parser *p)
{
	struct str s = p->source->text;

	for (;;) {
		while (p->at < s.len && (s.ptr[p->at] == ' ' || s.ptr[p->at] == '\n' || s.ptr[p->at] == '\t' || s.ptr[p->at] == '\r'))
			p->at++;
		if (p->at + 1 < s.len && s.ptr[p->at] == '-' && s.ptr[p->at + 1] == '-')
			while (p->at < s.len && s.ptr[p->at] != '\n')
				p->at++;
		else
			return;
	}
}

static const struct {
	struct str unit;
	int64_t fen;
} money_units[] = { { STR_INIT("亿元"), 10000000000 }, { STR_INIT("万元"), 1000000 }, { STR_INIT("元"), 100 }, { STR_INIT("角"), 10 },
	{ STR_INIT("分"), 1 } };

/** A number, with up to four decimals, and 元, 万元, 亿元, 角 or 分 behind it for money. */
static enum err_code lex_number(struct parser *p)
{
	struct str s = p->source->text;
	uint32_t from = p->at, after;
	bool point = false, large;
	int64_t scaled;
	int digits_behind = 0;

	while (p->at < s.len &&
		(is_digit(s.ptr[p->at]) || (s.ptr[p->at] == '.' && !point && p->at + 1 < s.len && is_digit(s.ptr[p->at + 1])))) {
		digits_behind += point;
		point |= s.ptr[p->at] == '.';
		p->at++;
	}
	p->token = (struct token){ .kind = TOKEN_NUMBER, .from = from, .to = p->at, .literal = point ? AST_DECIMAL : AST_INT };
	if (p->at < s.len && is_word_start(s.ptr[p->at])) {
		p->token.to = p->at + 1;
		return FAIL(p, p->token, "数字后面不能紧跟字母");
	}
	if (digits_behind > 4)
		return FAIL(p, p->token, "小数最多四位");
	if (!point && !str_to_i64(str_sub(s, from, p->at), &p->token.value))
		return FAIL(p, p->token, "数字太大");
	large = !str_to_scaled(str_sub(s, from, p->at), 4, &scaled);
	if (point && large)
		return FAIL(p, p->token, "数字太大");
	if (point)
		p->token.value = scaled;
	after = p->at;
	while (after < s.len && s.ptr[after] == ' ')
		after++;
	for (size_t i = 0; i < sizeof(money_units) / sizeof(money_units[0]); i++)
		if (str_starts(str_sub(s, after, s.len), money_units[i].unit)) {
			int64_t fen;

			p->at = p->token.to = after + (uint32_t)money_units[i].unit.len;
			if (large || __builtin_mul_overflow(scaled, money_units[i].fen, &fen))
				return FAIL(p, p->token, "金额太大");
			if (fen % 10000 != 0)
				return FAIL(p, p->token, "金额不能小于一分");
			p->token.value = fen / 10000;
			p->token.literal = AST_MONEY;
			break;
		}
	return ERR_OK;
}

static enum err_code lex_text(struct parser *p)
{
	struct str s = p->source->text;
	uint32_t from = p->at++;
	size_t len = 0;
	char *out;

	p->token = (struct token){ .kind = TOKEN_TEXT, .from = from, .to = from + 1 };
	while (p->at < s.len && (s.ptr[p->at] != '\'' || (p->at + 1 < s.len && s.ptr[p->at + 1] == '\''))) {
		p->at += s.ptr[p->at] == '\'' ? 2 : 1;
		len++;
	}
	if (p->at >= s.len)
		return FAIL(p, p->token, "这里开始的文字没有结束的单引号");
	out = ARENA_NEW(p->mem, char, len + 1);
	if (!out)
		return err_nomem(p->err);
	for (uint32_t i = from + 1, n = 0; i < p->at; i++) {
		out[n++] = s.ptr[i];
		i += s.ptr[i] == '\'';
	}
	p->at++;
	p->token.to = p->at;
	p->token.text = (struct str){ .ptr = out, .len = len };
	return ERR_OK;
}

static enum err_code lex_punct(struct parser *p)
{
	static const char *const puncts[] = { "<=", ">=", "<>", "!=", "==", "||", "(", ")", ",", ".", "=", "<", ">", "+", "-", "*", "/",
		"@" };
	struct str rest = str_sub(p->source->text, p->at, p->source->text.len);

	p->token = (struct token){ .kind = TOKEN_PUNCT, .from = p->at, .to = p->at + 1 };
	for (size_t i = 0; i < sizeof(puncts) / sizeof(puncts[0]); i++)
		if (str_starts(rest, str_of(puncts[i]))) {
			p->token.text = str_of(puncts[i]);
			p->at += (uint32_t)p->token.text.len;
			p->token.to = p->at;
			if (str_eq(p->token.text, STR("==")))
				return FAIL(p, p->token, "相等写作 =");
			if (str_eq(p->token.text, STR("||")))
				return FAIL(p, p->token, "没有 || 这个运算；“或者”写作 or");
			return ERR_OK;
		}
	if (rest.ptr[0] == '"')
		return FAIL(p, p->token, "文字用单引号，例如 'general'");
	{
		size_t width = 0;

		utf8_next(rest, &width);
		p->token.to = p->at + (uint32_t)width;
		return FAIL(p, p->token, "不认识的字符 %.*s", (int)width, rest.ptr);
	}
}

static enum err_code next(struct parser *p)
{
	struct str s = p->source->text;

	uint32_t end = p->token.to; /* a complaint about the end points right behind the last word */

	skip_space(p);
	if (p->at >= s.len) {
		p->token = (struct token){ .kind = TOKEN_END, .from = end, .to = end };
		return ERR_OK;
	}
	if (is_digit(s.ptr[p->at]))
		return lex_number(p);
	if (s.ptr[p->at] == '\'')
		return lex_text(p);
	if (is_word_start(s.ptr[p->at])) {
		uint32_t from = p->at;

		while (p->at < s.len && (is_word_start(s.ptr[p->at]) || is_digit(s.ptr[p->at])))
			p->at++;
		p->token = (struct token){ .kind = TOKEN_WORD, .from = from, .to = p->at, .text = str_sub(s, from, p->at) };
		return ERR_OK;
	}
	return lex_punct(p);
}

static bool at_word(const struct parser *p, const char *word)
{
	return p->token.kind == TOKEN_WORD && word_is(p->token.text, word);
}

static bool at_punct(const struct parser *p, const char *punct)
{
	return p->token.kind == TOKEN_PUNCT && str_eq(p->token.text, str_of(punct));
}

static enum err_code need_punct(struct parser *p, const char *punct, const char *why)
{
	if (!at_punct(p, punct))
		return FAIL(p, p->token, "这里应当有 %s%s", punct, why);
	return next(p);
}

static enum err_code need_word(struct parser *p, const char *word, const char *why)
{
	if (!at_word(p, word))
		return FAIL(p, p->token, "这里应当有 %s%s", word, why);
	return next(p);
}

/* ---- parser ---- */

/* What binds tighter has the greater number. */
enum power { POWER_NONE, POWER_OR, POWER_AND, POWER_NOT, POWER_COMPARE, POWER_SUM, POWER_PRODUCT, POWER_UNARY, POWER_AT };

static enum err_code parse_expression(struct parser *p, enum power above, struct ast **ret);

static struct ast *node_new(struct parser *p, enum ast_kind kind, const struct token *at)
{
	struct ast *a = ARENA_NEW(p->mem, struct ast, 1);

	if (a)
		*a = (struct ast){
			.kind = kind, .from = at->from, .to = at->to, .at = at->from, .at_len = at->to - at->from, .node = -1, .param = -1
		};
	return a;
}

static enum err_code set_args(struct parser *p, struct ast *a, struct ast *const *args, int count)
{
	a->args = ARENA_NEW(p->mem, struct ast *, count + 1);
	if (!a->args)
		return err_nomem(p->err);
	if (count > 0)
		memcpy(a->args, args, (size_t)count * sizeof(*args));
	a->arg_count = count;
	return ERR_OK;
}

static enum err_code operation(
	struct parser *p, enum ast_kind kind, const struct token *at, struct ast *const *args, int count, uint32_t to, struct ast **ret)
{
	struct ast *a = node_new(p, kind, at);

	if (!a)
		return err_nomem(p->err);
	TRY(set_args(p, a, args, count));
	if (count > 0 && args[0]->from < a->from)
		a->from = args[0]->from;
	a->to = to;
	*ret = a;
	return ERR_OK;
}

static enum err_code push(struct parser *p, ast_vec *list, struct ast *a)
{
	if (list->len >= RULE_LIST_MAX)
		return FAIL(p, p->token, "超过 %d 项", RULE_LIST_MAX);
	return vec_push(list, a) ? ERR_OK : err_nomem(p->err);
}

/** case when c then v … [else v] end; `case` is the current token. */
static enum err_code parse_case_into(struct parser *p, ast_vec *args, bool *ret_else)
{
	struct token at = p->token;
	struct ast *part;

	TRY(next(p));
	if (!at_word(p, "when"))
		return FAIL(p, p->token, "case 后面应当是 when 条件 then 值");
	while (at_word(p, "when")) {
		TRY(next(p));
		TRY(parse_expression(p, POWER_NONE, &part));
		TRY(push(p, args, part));
		TRY(need_word(p, "then", ""));
		TRY(parse_expression(p, POWER_NONE, &part));
		TRY(push(p, args, part));
	}
	if (at_word(p, "else")) {
		TRY(next(p));
		TRY(parse_expression(p, POWER_NONE, &part));
		TRY(push(p, args, part));
		*ret_else = true;
	}
	return at_word(p, "end") ? ERR_OK : FAIL(p, p->token.kind == TOKEN_END ? at : p->token, "case 没有以 end 结束");
}

static enum err_code parse_case(struct parser *p, struct ast **ret)
{
	struct token at = p->token;
	ast_vec args = { 0 };
	bool has_else = false;
	enum err_code code = parse_case_into(p, &args, &has_else);

	if (code == ERR_OK)
		code = operation(p, AST_CASE, &at, args.v, (int)args.len, p->token.to, ret);
	vec_clear(&args);
	TRY(code);
	(*ret)->from = at.from;
	(*ret)->has_else = has_else;
	return next(p);
}

/** Members up to ')'; the token before was '('. */
static enum err_code parse_list(struct parser *p, bool may_filter, ast_vec *args, struct ast **ret_where)
{
	struct ast *part;

	if (may_filter && at_word(p, "where")) { /* count(where …): members of the group */
		TRY(next(p));
		TRY(parse_expression(p, POWER_NONE, ret_where));
	}
	while (!at_punct(p, ")") && !(may_filter && *ret_where)) {
		TRY(parse_expression(p, POWER_NONE, &part));
		TRY(push(p, args, part));
		if (at_word(p, "where")) {
			if (!may_filter)
				return FAIL(p, p->token,
					"where 只能用在 count、exists、min、max、sum、any、all、first、last、median、mad、quantile 中");
			TRY(next(p));
			TRY(parse_expression(p, POWER_NONE, ret_where));
			break;
		}
		if (!at_punct(p, ","))
			break;
		TRY(next(p));
		if (at_punct(p, ")"))
			return FAIL(p, p->token, "逗号后面缺一项");
		if (may_filter && at_word(p, "where"))
			return FAIL(p, p->token, "where 前面不写逗号");
	}
	return at_punct(p, ")") ? ERR_OK : FAIL(p, p->token, "这里应当有 ) 或逗号");
}

static enum err_code parse_call(struct parser *p, const struct token *name, struct ast **ret)
{
	static const char *const filtering[] = { "count", "exists", "min", "max", "sum", "any", "all", "first", "last", "median", "mad",
		"quantile" };
	ast_vec args = { 0 };
	struct ast *where = NULL;
	bool may_filter = false, distinct;
	enum err_code code;

	for (size_t i = 0; i < sizeof(filtering) / sizeof(filtering[0]); i++)
		may_filter |= word_is(name->text, filtering[i]);
	TRY(next(p));
	distinct = at_word(p, "distinct");
	if (distinct && !word_is(name->text, "count"))
		return FAIL(p, p->token, "distinct 只能用在 count 中：count(distinct x)");
	if (distinct)
		TRY(next(p));
	if (distinct && (at_punct(p, ")") || at_word(p, "where")))
		return FAIL(p, p->token, "distinct 后面应当是一个值");
	code = parse_list(p, may_filter, &args, &where);
	if (code == ERR_OK)
		code = operation(p, AST_CALL, name, args.v, (int)args.len, p->token.to, ret);
	vec_clear(&args);
	TRY(code);
	(*ret)->from = name->from;
	(*ret)->text = name->text;
	(*ret)->where = where;
	(*ret)->distinct = distinct;
	return next(p);
}

static enum err_code parse_name(struct parser *p, struct ast **ret)
{
	struct token first = p->token;
	struct str parts[4];
	int count = 1;
	uint32_t to = first.to;
	struct ast *a;

	parts[0] = first.text;
	TRY(next(p));
	if (at_punct(p, "("))
		return parse_call(p, &first, ret);
	if (rule_is_keyword(first.text))
		return FAIL(p, first, "这里不能用 %.*s", STR_ARG(first.text));
	while (at_punct(p, ".")) {
		TRY(next(p));
		if (p->token.kind != TOKEN_WORD)
			return FAIL(p, p->token, "点号后面应当是列名");
		if (count == 4)
			return FAIL(p, p->token, "名称最多四段");
		parts[count++] = p->token.text;
		to = p->token.to;
		TRY(next(p));
	}
	a = node_new(p, AST_NAME, &first);
	if (!a || !(a->names = ARENA_NEW(p->mem, struct str, count)))
		return err_nomem(p->err);
	memcpy(a->names, parts, (size_t)count * sizeof(parts[0]));
	a->name_count = count;
	a->to = to;
	a->at_len = to - a->from;
	*ret = a;
	return ERR_OK;
}

static enum err_code parse_literal(struct parser *p, enum ast_kind kind, int64_t value, struct ast **ret)
{
	struct ast *a = node_new(p, kind, &p->token);

	if (!a)
		return err_nomem(p->err);
	a->value = value;
	a->text = kind == AST_TEXT ? p->token.text : (struct str){ 0 };
	*ret = a;
	return next(p);
}

static enum err_code parse_unary(struct parser *p, enum ast_kind kind, enum power power, struct ast **ret)
{
	struct token at = p->token;
	struct ast *arg;

	TRY(next(p));
	TRY(parse_expression(p, power, &arg));
	return operation(p, kind, &at, &arg, 1, arg->to, ret);
}

static enum err_code parse_prefix(struct parser *p, struct ast **ret)
{
	if (p->token.kind == TOKEN_NUMBER)
		return parse_literal(p, p->token.literal, p->token.value, ret);
	if (p->token.kind == TOKEN_TEXT)
		return parse_literal(p, AST_TEXT, 0, ret);
	if (at_word(p, "null"))
		return parse_literal(p, AST_NULL, 0, ret);
	if (at_word(p, "true") || at_word(p, "false"))
		return parse_literal(p, AST_BOOL, at_word(p, "true"), ret);
	if (at_word(p, "not"))
		return parse_unary(p, AST_NOT, POWER_NOT, ret);
	if (at_word(p, "case"))
		return parse_case(p, ret);
	if (at_punct(p, "-"))
		return parse_unary(p, AST_NEGATE, POWER_UNARY, ret);
	if (at_punct(p, "(")) {
		uint32_t from = p->token.from;

		TRY(next(p));
		TRY(parse_expression(p, POWER_NONE, ret));
		if (!at_punct(p, ")"))
			return FAIL(p, p->token, "缺少右括号");
		(*ret)->from = from;
		(*ret)->to = p->token.to;
		(*ret)->grouped = true;
		return next(p);
	}
	if (p->token.kind == TOKEN_WORD)
		return parse_name(p, ret);
	if (p->token.kind == TOKEN_END)
		return FAIL(p, p->token, "表达式到这里没有写完");
	return FAIL(p, p->token, "这里应当是一个值，不是 %.*s", STR_ARG(p->token.text));
}

static const struct binary {
	const char *sign;
	enum ast_kind kind;
	enum power power;
} binaries[] = {
	{ "or", AST_OR, POWER_OR },
	{ "and", AST_AND, POWER_AND },
	{ "=", AST_EQ, POWER_COMPARE },
	{ "<>", AST_NE, POWER_COMPARE },
	{ "!=", AST_NE, POWER_COMPARE },
	{ "<=", AST_LE, POWER_COMPARE },
	{ ">=", AST_GE, POWER_COMPARE },
	{ "<", AST_LT, POWER_COMPARE },
	{ ">", AST_GT, POWER_COMPARE },
	{ "+", AST_ADD, POWER_SUM },
	{ "-", AST_SUB, POWER_SUM },
	{ "*", AST_MUL, POWER_PRODUCT },
	{ "/", AST_DIV, POWER_PRODUCT },
	{ "@", AST_AT, POWER_AT },
};

static const struct binary *binary_at(const struct parser *p)
{
	for (size_t i = 0; i < sizeof(binaries) / sizeof(binaries[0]); i++)
		if (binaries[i].sign[0] >= 'a' ? at_word(p, binaries[i].sign) : at_punct(p, binaries[i].sign))
			return &binaries[i];
	return NULL;
}

static enum err_code parse_is_null(struct parser *p, struct ast **left)
{
	struct token at = p->token;
	bool negated;

	TRY(next(p));
	negated = at_word(p, "not");
	if (negated)
		TRY(next(p));
	if (!at_word(p, "null"))
		return FAIL(p, p->token, "is 后面只能是 null 或 not null");
	TRY(operation(p, AST_IS_NULL, &at, left, 1, p->token.to, left));
	(*left)->negated = negated;
	return next(p);
}

static enum err_code parse_between(struct parser *p, const struct token *at, struct ast **left)
{
	struct ast *args[3] = { *left };

	TRY(next(p));
	TRY(parse_expression(p, POWER_COMPARE, &args[1]));
	TRY(need_word(p, "and", "：between 低值 and 高值"));
	TRY(parse_expression(p, POWER_COMPARE, &args[2]));
	return operation(p, AST_BETWEEN, at, args, 3, args[2]->to, left);
}

static enum err_code parse_in(struct parser *p, const struct token *at, struct ast **left)
{
	ast_vec args = { 0 };
	enum err_code code = ERR_OK;

	TRY(next(p));
	TRY(need_punct(p, "(", "：in ('甲', '乙')"));
	if (at_punct(p, ")"))
		return FAIL(p, p->token, "in 的括号里至少要有一项");
	if (!vec_push(&args, *left))
		code = err_nomem(p->err);
	if (code == ERR_OK)
		code = parse_list(p, false, &args, NULL);
	if (code == ERR_OK)
		code = operation(p, AST_IN, at, args.v, (int)args.len, p->token.to, left);
	vec_clear(&args);
	TRY(code);
	return next(p);
}

/** between, in and like, with or without not in front. */
static enum err_code parse_predicate(struct parser *p, struct ast **left)
{
	struct token at = p->token;
	bool negated = at_word(p, "not");
	struct ast *args[2] = { *left };

	if (negated)
		TRY(next(p));
	if (at_word(p, "between"))
		TRY(parse_between(p, &at, left));
	else if (at_word(p, "in"))
		TRY(parse_in(p, &at, left));
	else if (at_word(p, "like")) {
		TRY(next(p));
		TRY(parse_expression(p, POWER_COMPARE, &args[1]));
		TRY(operation(p, AST_LIKE, &at, args, 2, args[1]->to, left));
	} else
		return FAIL(p, p->token, "not 后面应当是 in、between 或 like");
	(*left)->negated = negated;
	return ERR_OK;
}

static enum err_code parse_infix(struct parser *p, enum power above, struct ast **left, bool *ret_more)
{
	const struct binary *binary = binary_at(p);
	bool predicate = at_word(p, "is") || at_word(p, "between") || at_word(p, "in") || at_word(p, "like") || at_word(p, "not");
	enum power power = binary ? binary->power : predicate ? POWER_COMPARE : POWER_NONE;
	struct token at = p->token;
	struct ast *args[2];
	bool chained;

	*ret_more = power > above;
	if (!*ret_more)
		return ERR_OK;
	chained = power == POWER_COMPARE && (*left)->kind >= AST_EQ && (*left)->kind <= AST_GE && !(*left)->grouped;
	if (chained)
		return FAIL(p, at, "比较不能连写；写成 a < b and b < c，或用 between");
	if (at_word(p, "is"))
		return parse_is_null(p, left);
	if (!binary)
		return parse_predicate(p, left);
	TRY(next(p));
	args[0] = *left;
	TRY(parse_expression(p, power, &args[1]));
	return operation(p, binary->kind, &at, args, 2, args[1]->to, left);
}

static enum err_code parse_expression(struct parser *p, enum power above, struct ast **ret)
{
	struct ast *left = NULL;
	bool more = true;
	int length = 0;

	if (++p->depth > RULE_DEPTH_MAX)
		return FAIL(p, p->token, "嵌套超过 %d 层", RULE_DEPTH_MAX);
	TRY(parse_prefix(p, &left));
	while (more) {
		if (++length > RULE_LIST_MAX)
			return FAIL(p, p->token, "一个表达式连接的项超过 %d", RULE_LIST_MAX);
		TRY(parse_infix(p, above, &left, &more));
	}
	p->depth--;
	*ret = left;
	return ERR_OK;
}

enum err_code rule_parse(const struct source *source, struct arena *mem, struct ast **ret, struct err *err)
{
	struct parser p = { .source = source, .mem = mem, .err = err };
	struct ast *root;

	if (source->text.len > RULE_SOURCE_BYTES_MAX)
		return err_set(
			err, ERR_LIMIT, "%s:%d: 表达式超过 %d 字节", source->path ? source->path : "", source->line, RULE_SOURCE_BYTES_MAX);
	TRY(next(&p));
	TRY(parse_expression(&p, POWER_NONE, &root));
	if (p.token.kind != TOKEN_END)
		return FAIL(&p, p.token, "这里多出了 %.*s", STR_ARG(str_sub(source->text, p.token.from, p.token.to)));
	*ret = root;
	return ERR_OK;
}
