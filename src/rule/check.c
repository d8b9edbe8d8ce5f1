/* The type checker. Literals take the type of what they meet: '2025-01-02' beside a date is a date, 'general' beside a code
 * must be one of its codes. Everything else that would need a silent conversion is refused with both sides' names. */
#include "rule/check_private.h"

#include <stdlib.h>

#include "rule/rule.h"

#define NAMES_MAX CHECK_NAMES_MAX
#define FAIL CHECK_FAIL
#define FAIL_AT(c, x, ...) source_fail((x)->source, ERR_INPUT, (x)->ast->at, (x)->ast->at_len, (c)->err, __VA_ARGS__)
#define SOURCE CHECK_SOURCE

const char *value_type_title(enum value_type t)
{
	static const char *const titles[TYPE_COUNT] = { [TYPE_BOOL] = "是否",
		[TYPE_INT] = "整数",
		[TYPE_MONEY] = "金额",
		[TYPE_DECIMAL] = "小数",
		[TYPE_DATE] = "日期",
		[TYPE_DATETIME] = "日期时间",
		[TYPE_TEXT] = "文字",
		[TYPE_CODE] = "代码",
		[TYPE_ROW] = "引用",
		[TYPE_NULL] = "空值" };

	return titles[t];
}

static struct typed typed_op(struct checker *c, enum op op, enum value_type type, int a, int b, int d, const struct ast *ast)
{
	return (struct typed){ .node = node_op(c->program, op, type, a, b, d), .type = type, .ast = ast, .source = c->source };
}

static bool word_is(struct str word, const char *lower)
{
	return word.len == strlen(lower) && strncasecmp(word.ptr, lower, word.len) == 0;
}

/* ---- names ---- */

enum err_code check_unknown_name(
	struct checker *c, const struct ast *a, struct str name, const char *where, const struct str *names, size_t count)
{
	struct str near = yaml_nearest(name, names, count);

	if (near.len > 0)
		return FAIL(c, a, "%s没有 %.*s，是否想写 %.*s？", where, STR_ARG(name), STR_ARG(near));
	return FAIL(c, a, "%s没有 %.*s", where, STR_ARG(name));
}

static size_t add_type_names(const struct dictionary_type *t, struct str *names, size_t count)
{
	for (size_t i = 0; i < t->column_count && count < NAMES_MAX; i++)
		names[count++] = t->columns[i].name;
	for (size_t i = 0; i < t->reference_count && count < NAMES_MAX; i++)
		names[count++] = t->references[i].name;
	return count;
}

static enum err_code fail_name(struct checker *c, const struct ast *a, struct str name)
{
	const struct dictionary_type *t = c->program->type;
	struct str names[NAMES_MAX];
	size_t count = 0;
	char where[120];

	if (c->child >= 0) {
		for (size_t i = 0; i < t->children[c->child].column_count && count < NAMES_MAX; i++)
			names[count++] = t->children[c->child].columns[i].name;
		for (size_t i = 0; i < t->children[c->child].reference_count && count < NAMES_MAX; i++)
			names[count++] = t->children[c->child].references[i].name;
	}
	count = add_type_names(t, names, count);
	for (size_t i = 0; i < t->child_count && count < NAMES_MAX; i++)
		names[count++] = t->children[i].name;
	for (size_t i = 0; i < c->param_count && count < NAMES_MAX; i++)
		names[count++] = c->params[i].name;
	snprintf(where, sizeof(where), "%.*s ", STR_ARG(t->name));
	return check_unknown_name(c, a, name, where, names, count);
}

struct typed check_column(struct checker *c, const struct ast *a, int scope, const struct dictionary_column *column)
{
	struct node n = { .op = OP_COLUMN,
		.type = (enum value_type)column->type,
		.scope = scope,
		.k = column->index,
		.codes = column->type == COLUMN_CODE ? column : NULL,
		.arg = { -1, -1, -1, -1, -1, -1 } };

	return (struct typed){ .node = node_make(c->program, &n), .type = n.type, .codes = n.codes, .ast = a, .source = c->source };
}

static const struct dictionary_reference *reference_named(const struct dictionary_reference *list, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(list[i].name, name))
			return &list[i];
	return NULL;
}

/* "agency.parent.level": part 1 is "parent" */
enum err_code check_parent(struct checker *c, const struct ast *a, int part, int row, const struct dictionary_type *type, struct typed *ret)
{
	struct str names[NAMES_MAX];
	const struct dictionary_column *column;
	const struct dictionary_reference *next;
	char where[120];

	if (part >= a->name_count && c->row_wanted) {
		*ret = (struct typed){ .node = row, .type = TYPE_ROW, .ast = a, .source = c->source };
		return ERR_OK;
	}
	if (part >= a->name_count)
		return FAIL(c, a, "%.*s 是对 %.*s 的引用，后面要写它的列，例如 %.*s.%.*s", SOURCE(c, a), STR_ARG(type->label.zh),
			SOURCE(c, a), STR_ARG(type->columns[0].name));
	column = dictionary_column(type, a->names[part]);
	next = dictionary_reference(type, a->names[part]);
	if (next && (part + 1 < a->name_count || !column)) {
		struct node n = { .op = OP_REF_OF,
			.type = TYPE_ROW,
			.k = next - type->references,
			.target = next->type,
			.arg = { row, -1, -1, -1, -1, -1 } };

		return check_parent(c, a, part + 1, node_make(c->program, &n), next->type, ret);
	}
	snprintf(where, sizeof(where), "%.*s ", STR_ARG(type->name));
	if (!column)
		return check_unknown_name(c, a, a->names[part], where, names, add_type_names(type, names, 0));
	if (part + 1 < a->name_count)
		return FAIL(c, a, "%.*s 是一列，后面不能再有 .%.*s", STR_ARG(a->names[part]), STR_ARG(a->names[part + 1]));
	{
		struct node n = { .op = OP_COLUMN_OF,
			.type = (enum value_type)column->type,
			.k = column->index,
			.target = type,
			.codes = column->type == COLUMN_CODE ? column : NULL,
			.arg = { row, -1, -1, -1, -1, -1 } };

		*ret = (struct typed){ .node = node_make(c->program, &n), .type = n.type, .codes = n.codes, .ast = a, .source = c->source };
	}
	return ERR_OK;
}

enum err_code check_table(struct checker *c, const struct ast *a, int from, int child, bool *ret_found, struct typed *ret)
{
	const struct dictionary_type *t = c->program->type;
	const struct dictionary_child *ch = child >= 0 ? &t->children[child] : NULL;
	struct str head = a->names[from];
	const struct dictionary_column *column = ch ? dictionary_child_column(ch, head) : dictionary_column(t, head);
	const struct dictionary_reference *references = ch ? ch->references : t->references;
	const struct dictionary_reference *reference = reference_named(references, ch ? ch->reference_count : t->reference_count, head);

	*ret_found = column || reference;
	if (reference && (from + 1 < a->name_count || !column || c->row_wanted)) {
		struct node n = { .op = OP_REF,
			.type = TYPE_ROW,
			.scope = child + 1,
			.k = reference - references,
			.target = reference->type,
			.arg = { -1, -1, -1, -1, -1, -1 } };

		return check_parent(c, a, from + 1, node_make(c->program, &n), reference->type, ret);
	}
	if (column && from + 1 < a->name_count)
		return FAIL(c, a, "%.*s 是一列，后面不能再有 .%.*s", STR_ARG(head), STR_ARG(a->names[from + 1]));
	if (column)
		*ret = check_column(c, a, child + 1, column);
	return ERR_OK;
}

struct check_param *check_param_named(struct checker *c, struct str name)
{
	for (size_t i = 0; i < c->param_count; i++)
		if (str_eq(c->params[i].name, name))
			return &c->params[i];
	return NULL;
}

static enum err_code make_if(
	struct checker *c, struct ast *a, struct typed condition, struct typed then, struct typed otherwise, struct typed *ret);
static struct typed null_typed(struct checker *c, const struct ast *a);

/** A value of a list; a text that is a date becomes one, because no other side will make it one. */
static enum err_code version_value(struct checker *c, const struct check_version *v, struct typed *ret)
{
	int32_t day;

	c->source = v->source;
	TRY(check_any(c, v->value, ret));
	if (v->value->kind == AST_TEXT && day_parse(v->value->text, &day)) {
		ret->node = node_const(c->program, TYPE_DATE, day);
		ret->type = TYPE_DATE;
	}
	return ERR_OK;
}

/** The version in force on a day: case when day >= last.from then … when day >= first.from then … end. */
static enum err_code version_at(
	struct checker *c, struct ast *a, struct check_param *p, struct ast *day_ast, const struct source *day_source, struct typed *ret)
{
	struct typed day, value, since;

	c->source = day_source;
	TRY(check_need(c, day_ast, TYPE_DATE, &day));
	*ret = null_typed(c, a);
	for (size_t i = 0; i < p->choice.count; i++) {
		TRY(version_value(c, &p->choice.versions[i], &value));
		since = typed_op(c, OP_LT, TYPE_BOOL, day.node, node_const(c->program, TYPE_DATE, p->choice.versions[i].from), -1, a);
		since = typed_op(c, OP_NOT, TYPE_BOOL, since.node, -1, -1, a);
		TRY(make_if(c, p->choice.versions[i].value, since, value, *ret, ret));
	}
	return ERR_OK;
}

/** The value of a parameter with versions, as a node of the present scope. */
static enum err_code choose_version(struct checker *c, struct ast *a, struct check_param *p, struct typed *ret)
{
	struct typed at_act;

	TRY(version_at(c, a, p, p->choice.decision, &p->choice.decision_source, ret));
	if (!p->choice.act)
		return ERR_OK;
	TRY(version_at(c, a, p, p->choice.act, &p->choice.act_source, &at_act));
	c->source = p->source;
	if (!type_is_ordered(ret->type))
		return FAIL(c, a, "参数 %.*s 的值不能比较大小，不能写 act 和 favours", STR_ARG(p->name));
	*ret = typed_op(c, p->choice.larger ? OP_GREATEST : OP_LEAST, ret->type, at_act.node, ret->node, -1, a);
	return ERR_OK;
}

enum err_code check_param_value(struct checker *c, struct ast *a, struct check_param *p, struct typed *ret)
{
	const struct source *source = c->source;
	enum err_code code;

	if (p->choice.versions) {
		p->used = true;
		a->param = (int)(p - c->params);
		code = choose_version(c, a, p, ret);
		c->source = source;
		return code;
	}
	if (p->value_count != 1)
		return FAIL(c, a, "参数 %.*s 是一个列表，只能写在 in (%.*s) 中", STR_ARG(p->name), STR_ARG(p->name));
	p->used = true;
	a->param = (int)(p - c->params);
	c->source = p->source;
	code = check_any(c, p->values[0], ret);
	c->source = source;
	return code;
}

static enum err_code check_name(struct checker *c, struct ast *a, struct typed *ret)
{
	const struct dictionary_type *t = c->program->type;
	const struct dictionary_child *child = dictionary_child(t, a->names[0]);
	struct check_param *param = a->name_count == 1 ? check_param_named(c, a->names[0]) : NULL;
	bool found = false;

	if (c->group && c->group->having && !c->inside) {
		TRY(check_key_name(c, a, &found, ret));
		if (!found && param)
			return check_param_value(c, a, param, ret);
		return found ? ERR_OK : check_fail_group_name(c, a);
	}
	if (c->referrer && c->child < 0 && a->name_count > 1 && str_eq(a->names[0], c->referrer->name)) {
		TRY(check_table(c, a, 1, -1, &found, ret));
		return found ? ERR_OK : fail_name(c, a, a->names[1]);
	}
	if (c->child >= 0 && child && child->index == c->child && a->name_count > 1) {
		TRY(check_table(c, a, 1, c->child, &found, ret));
		return found ? ERR_OK : fail_name(c, a, a->names[1]);
	}
	if (str_eq(a->names[0], t->name) && a->name_count > 1) {
		TRY(check_table(c, a, 1, -1, &found, ret));
		return found ? ERR_OK : fail_name(c, a, a->names[1]);
	}
	if (c->child >= 0)
		TRY(check_table(c, a, 0, c->child, &found, ret));
	if (!found)
		TRY(check_table(c, a, 0, -1, &found, ret));
	if (!found && c->referrer)
		TRY(check_referred_name(c, a, &found, ret));
	if (!found && c->group && !c->referrer)
		TRY(check_key_name(c, a, &found, ret));
	if (found)
		return ERR_OK;
	if (param)
		return check_param_value(c, a, param, ret);
	if (child || (!c->referrer && dictionary_referrer(t, a->names[0])))
		return FAIL(c, a, "%.*s 是一组记录，要放在 count、exists、min、max、sum、any、all、first 或 last 里", STR_ARG(a->names[0]));
	return fail_name(c, a, a->names[0]);
}

/* ---- bringing two sides to one type ---- */

static enum err_code literal_code(struct checker *c, struct typed *x, const struct dictionary_column *codes)
{
	int index = dictionary_code(codes, x->ast->text);
	struct str names[DICTIONARY_CODES_MAX], near;

	if (index < 0) {
		for (size_t i = 0; i < codes->code_count; i++)
			names[i] = codes->codes[i].code;
		near = yaml_nearest(x->ast->text, names, codes->code_count);
		if (near.len == 0 && codes->code_count > 0)
			return FAIL_AT(c, x, "%.*s 没有代码 '%.*s'，有 '%.*s' 等 %zu 个", STR_ARG(codes->name), STR_ARG(x->ast->text),
				STR_ARG(names[0]), codes->code_count);
		return FAIL_AT(c, x, "%.*s 没有代码 '%.*s'，是否想写 '%.*s'？", STR_ARG(codes->name), STR_ARG(x->ast->text), STR_ARG(near));
	}
	{
		struct node n = { .op = OP_CONST, .type = TYPE_CODE, .k = index, .codes = codes, .arg = { -1, -1, -1, -1, -1, -1 } };

		x->node = node_make(c->program, &n);
		x->type = TYPE_CODE;
		x->codes = codes;
	}
	return ERR_OK;
}

static bool is_literal(const struct typed *x)
{
	return x->type == TYPE_TEXT && x->ast && x->ast->kind == AST_TEXT && x->ast->node == x->node;
}

/** Gives a literal text the type of the other side. *ret_done false when it stays text. */
static enum err_code adapt_literal(struct checker *c, struct typed *x, const struct typed *other, bool *ret_done)
{
	int32_t day;
	int64_t civil;

	*ret_done = true;
	if (other->type == TYPE_CODE) {
		if (c->display && dictionary_code(other->codes, x->ast->text) < 0) {
			*ret_done = false;
			return ERR_OK;
		}
		return literal_code(c, x, other->codes);
	}
	if (other->type == TYPE_DATE && day_parse(x->ast->text, &day)) {
		x->node = node_const(c->program, TYPE_DATE, day);
		x->type = TYPE_DATE;
		return ERR_OK;
	}
	if (other->type == TYPE_DATETIME &&
		(civil_parse(x->ast->text, &civil) || (day_parse(x->ast->text, &day) && (civil = (int64_t)day * 86400, true)))) {
		x->node = node_const(c->program, TYPE_DATETIME, civil);
		x->type = TYPE_DATETIME;
		return ERR_OK;
	}
	*ret_done = false;
	if ((other->type == TYPE_DATE || other->type == TYPE_DATETIME) && !c->display)
		return FAIL_AT(c, x, "'%.*s' 不是日期；日期写作 '2025-01-31'", STR_ARG(x->ast->text));
	return ERR_OK;
}

static struct typed null_of(struct checker *c, const struct typed *x, const struct typed *like)
{
	struct node n = { .op = OP_CONST, .type = like->type, .null = true, .codes = like->codes, .arg = { -1, -1, -1, -1, -1, -1 } };

	return (struct typed){
		.node = node_make(c->program, &n), .type = like->type, .codes = like->codes, .ast = x->ast, .source = x->source
	};
}

static void to_decimal(struct checker *c, struct typed *x)
{
	struct node n = {
		.op = OP_MUL, .type = TYPE_DECIMAL, .k = 1, .arg = { x->node, node_const(c->program, TYPE_INT, 10000), -1, -1, -1, -1 }
	};
	const struct node *from = &c->program->nodes.v[x->node < 0 ? 0 : x->node];

	if (x->node >= 0 && from->op == OP_CONST && !from->null && from->k > -INT64_MAX / 10000 && from->k < INT64_MAX / 10000)
		x->node = node_const(c->program, TYPE_DECIMAL, from->k * 10000);
	else
		x->node = node_make(c->program, &n);
	x->type = TYPE_DECIMAL;
}

/** 0 is 0 in any unit; every other bare number leaves open whether it means 元 or 分. */
static bool to_money(struct checker *c, struct typed *x)
{
	const struct node *n = x->node >= 0 ? &c->program->nodes.v[x->node] : NULL;

	if (!n || n->op != OP_CONST || n->null || n->k != 0)
		return false;
	x->node = node_const(c->program, TYPE_MONEY, 0);
	x->type = TYPE_MONEY;
	return true;
}

static void to_code_text(struct checker *c, struct typed *x)
{
	*x = typed_op(c, OP_CODE_TEXT, TYPE_TEXT, x->node, -1, -1, NULL);
}

/** As written in the rule, for complaints. */
static struct str written(const struct typed *x)
{
	return x->ast && x->source ? ast_source(x->source, x->ast) : STR("这里的值");
}

static bool is_day(enum value_type t)
{
	return t == TYPE_DATE || t == TYPE_DATETIME;
}

/** Makes both sides one type, or says why they have none. */
static enum err_code unify(struct checker *c, const struct ast *at, const char *verb, struct typed *a, struct typed *b)
{
	struct typed *sides[2] = { a, b };
	bool done;

	for (int i = 0; i < 2; i++)
		if (sides[i]->type == TYPE_NULL && sides[!i]->type != TYPE_NULL)
			*sides[i] = null_of(c, sides[i], sides[!i]);
	for (int i = 0; i < 2; i++)
		if (is_literal(sides[i]) && sides[!i]->type != TYPE_TEXT) {
			TRY(adapt_literal(c, sides[i], sides[!i], &done));
			if (done)
				return ERR_OK;
		}
	for (int i = 0; i < 2; i++) {
		if (sides[i]->type == TYPE_INT && sides[!i]->type == TYPE_DECIMAL)
			to_decimal(c, sides[i]);
		else if (type_is_number(sides[i]->type) && sides[!i]->type == TYPE_MONEY && sides[i]->type != TYPE_MONEY &&
			 !to_money(c, sides[i]) && !c->display)
			return FAIL_AT(c, sides[i], "%s %.*s（金额）和 %.*s（%s）：没有写明是元还是分，写成 3000 元、50 分 或 yuan(…)",
				verb, STR_ARG(written(sides[!i])), STR_ARG(written(sides[i])), value_type_title(sides[i]->type));
		else if (!c->display && sides[i]->type == TYPE_CODE &&
			 (sides[!i]->type == TYPE_TEXT || (sides[!i]->type == TYPE_CODE && a->codes != b->codes))) {
			to_code_text(c, sides[i]);
			if (sides[!i]->type == TYPE_CODE)
				to_code_text(c, sides[!i]);
		}
	}
	if (a->type == b->type)
		return ERR_OK;
	if (c->display) {
		for (int i = 0; i < 2; i++)
			if (sides[i]->type != TYPE_TEXT)
				*sides[i] = typed_op(c, OP_FORMAT, TYPE_TEXT, sides[i]->node, -1, -1, NULL);
		return ERR_OK;
	}
	return FAIL(c, at, "%s %.*s（%s）和 %.*s（%s）%s", verb, STR_ARG(written(a)), value_type_title(a->type), STR_ARG(written(b)),
		value_type_title(b->type), is_day(a->type) && is_day(b->type) ? "：先用 date(…) 取日期时间的日期" : "");
}

enum err_code check_need(struct checker *c, struct ast *a, enum value_type want, struct typed *ret)
{
	struct typed like = { .type = want };

	TRY(check_any(c, a, ret));
	if (ret->type == TYPE_NULL && want != TYPE_COUNT)
		*ret = null_of(c, ret, &like);
	if (is_literal(ret) && (want == TYPE_DATE || want == TYPE_DATETIME)) {
		bool done;

		TRY(adapt_literal(c, ret, &like, &done));
	}
	if (ret->type == TYPE_CODE && want == TYPE_TEXT)
		to_code_text(c, ret);
	if (want == TYPE_COUNT || ret->type == want)
		return ERR_OK;
	if (want == TYPE_BOOL)
		return FAIL(c, a, "%.*s 是%s，这里需要一个条件（是或否）", SOURCE(c, a), value_type_title(ret->type));
	return FAIL(c, a, "%.*s 是%s，这里需要%s", SOURCE(c, a), value_type_title(ret->type), value_type_title(want));
}

/* ---- operators ---- */

static enum err_code check_compare(struct checker *c, struct ast *a, enum ast_kind kind, struct typed x, struct typed y, struct typed *ret)
{
	bool swap = kind == AST_GT || kind == AST_GE;
	enum op op = kind == AST_EQ ? OP_EQ : kind == AST_NE ? OP_NE : kind == AST_LT || kind == AST_GT ? OP_LT : OP_LE;
	int left, right;

	if (x.type == TYPE_NULL || y.type == TYPE_NULL)
		return FAIL(c, a, "和 null 比较永远无法判断；写 is null 或 is not null");
	TRY(unify(c, a, "不能比较", &x, &y));
	if ((x.type == TYPE_BOOL || x.type == TYPE_CODE) && op != OP_EQ && op != OP_NE)
		return FAIL(c, a, "%s不能比较大小，只能用 = 或 <>", value_type_title(x.type));
	left = swap ? y.node : x.node;
	right = swap ? x.node : y.node;
	/* a constant goes to the right, where the kernels have a form for it; a <= b is not (b < a) */
	if ((op == OP_EQ || op == OP_NE) && left >= 0 && c->program->nodes.v[left].op == OP_CONST) {
		left = right;
		right = swap ? y.node : x.node;
	}
	if ((op == OP_LT || op == OP_LE) && left >= 0 && !c->program->failed && c->program->nodes.v[left].op == OP_CONST &&
		x.type != TYPE_TEXT) {
		*ret = typed_op(c, op == OP_LT ? OP_LE : OP_LT, TYPE_BOOL, right, left, -1, a);
		*ret = typed_op(c, OP_NOT, TYPE_BOOL, ret->node, -1, -1, a);
		return ERR_OK;
	}
	*ret = typed_op(c, op, TYPE_BOOL, left, right, -1, a);
	return ERR_OK;
}

static enum err_code arithmetic_mismatch(struct checker *c, const struct ast *a, const struct typed *x, const struct typed *y)
{
	return FAIL(c, a, "不能计算 %.*s（%s）和 %.*s（%s）", SOURCE(c, a->args[0]), value_type_title(x->type), SOURCE(c, a->args[1]),
		value_type_title(y->type));
}

static enum err_code check_sum(struct checker *c, struct ast *a, struct typed x, struct typed y, struct typed *ret)
{
	bool add = a->kind == AST_ADD;

	if (x.type == TYPE_DATE && y.type == TYPE_INT) {
		int days =
			add ? y.node
			    : node_make(c->program,
				      &(struct node){ .op = OP_NEGATE, .type = TYPE_INT, .k = 1, .arg = { y.node, -1, -1, -1, -1, -1 } });

		*ret = typed_op(c, OP_DATE_ADD, TYPE_DATE, x.node, days, -1, a);
		return ERR_OK;
	}
	if (add && x.type == TYPE_INT && y.type == TYPE_DATE) {
		*ret = typed_op(c, OP_DATE_ADD, TYPE_DATE, y.node, x.node, -1, a);
		return ERR_OK;
	}
	if (!add && (x.type == TYPE_DATE || y.type == TYPE_DATE)) {
		TRY(unify(c, a, "不能计算", &x, &y));
		*ret = typed_op(c, OP_DAYS, TYPE_INT, y.node, x.node, -1, a);
		return ERR_OK;
	}
	if (x.type != y.type && (x.type == TYPE_NULL || type_is_number(x.type)) && (y.type == TYPE_NULL || type_is_number(y.type)))
		TRY(unify(c, a, "不能计算", &x, &y));
	if (!type_is_number(x.type) || x.type != y.type)
		return arithmetic_mismatch(c, a, &x, &y);
	*ret = typed_op(c, add ? OP_ADD : OP_SUB, x.type, x.node, y.node, -1, a);
	return ERR_OK;
}

static enum err_code check_product(struct checker *c, struct ast *a, struct typed x, struct typed y, struct typed *ret)
{
	bool divide = a->kind == AST_DIV;
	enum value_type type;
	int64_t k = 1;
	struct node n;

	if (x.type == TYPE_NULL || y.type == TYPE_NULL)
		TRY(unify(c, a, "不能计算", &x, &y));
	if (!type_is_number(x.type) || !type_is_number(y.type) || (!divide && x.type == TYPE_MONEY && y.type == TYPE_MONEY) ||
		(divide && y.type == TYPE_MONEY && x.type != TYPE_MONEY))
		return arithmetic_mismatch(c, a, &x, &y);
	if (divide) {
		type = x.type == TYPE_MONEY && y.type != TYPE_MONEY ? TYPE_MONEY : TYPE_DECIMAL;
		if (x.type == TYPE_INT && y.type == TYPE_DECIMAL)
			to_decimal(c, &x);
		k = x.type == y.type || y.type == TYPE_DECIMAL ? 10000 : 1;
	} else {
		type = x.type == TYPE_MONEY || y.type == TYPE_MONEY       ? TYPE_MONEY
		       : x.type == TYPE_DECIMAL || y.type == TYPE_DECIMAL ? TYPE_DECIMAL
		                                                          : TYPE_INT;
		k = y.type == TYPE_DECIMAL && (x.type == TYPE_DECIMAL || x.type == TYPE_MONEY) ? 10000
		    : x.type == TYPE_DECIMAL && y.type == TYPE_MONEY                           ? 10000
		                                                                               : 1;
	}
	n = (struct node){ .op = divide ? OP_DIV : OP_MUL, .type = type, .k = k, .arg = { x.node, y.node, -1, -1, -1, -1 } };
	*ret = (struct typed){ .node = node_make(c->program, &n), .type = type, .ast = a, .source = c->source };
	return ERR_OK;
}

static enum err_code negated(struct checker *c, struct ast *a, struct typed *ret)
{
	if (a->negated)
		*ret = typed_op(c, OP_NOT, TYPE_BOOL, ret->node, -1, -1, a);
	return ERR_OK;
}

static enum err_code join(struct checker *c, struct ast *a, enum op op, bool first, struct typed next, struct typed *ret)
{
	*ret = first ? next : typed_op(c, op, TYPE_BOOL, ret->node, next.node, -1, a);
	return ERR_OK;
}

/** A member that is one list parameter stands for its values. */
static struct check_param *list_param(struct checker *c, const struct ast *a)
{
	struct check_param *p = a->kind == AST_NAME && a->name_count == 1 ? check_param_named(c, a->names[0]) : NULL;

	return p && !p->choice.versions && p->value_count != 1 ? p : NULL;
}

static enum err_code check_in(struct checker *c, struct ast *a, struct typed *ret)
{
	struct typed x, member, equal;
	bool first = true;

	TRY(check_any(c, a->args[0], &x));
	if (x.type == TYPE_NULL)
		return FAIL(c, a, "null in (…) 永远无法判断");
	for (int i = 1; i < a->arg_count; i++) {
		struct check_param *p = list_param(c, a->args[i]);
		const struct source *source = c->source;

		for (size_t k = 0; k < (p ? p->value_count : 1); k++) {
			enum err_code code;

			c->source = p ? p->source : source;
			code = check_any(c, p ? p->values[k] : a->args[i], &member);
			if (code == ERR_OK && p)
				p->used = true, a->args[i]->param = (int)(p - c->params);
			if (code == ERR_OK)
				code = check_compare(c, p ? p->values[k] : a, AST_EQ, x, member, &equal);
			c->source = source;
			TRY(code);
			TRY(join(c, a, OP_OR, first, equal, ret));
			first = false;
		}
	}
	return negated(c, a, ret);
}

static enum err_code check_between(struct checker *c, struct ast *a, struct typed *ret)
{
	struct typed x, low, high, above, below;

	TRY(check_any(c, a->args[0], &x));
	TRY(check_any(c, a->args[1], &low));
	TRY(check_any(c, a->args[2], &high));
	TRY(check_compare(c, a, AST_GE, x, low, &above));
	TRY(check_compare(c, a, AST_LE, x, high, &below));
	*ret = typed_op(c, OP_AND, TYPE_BOOL, above.node, below.node, -1, a);
	return negated(c, a, ret);
}

/** A text that stands in the rule: a literal or a parameter. */
static enum err_code literal_text(struct checker *c, struct ast *a, const char *what, struct str *ret)
{
	struct typed x;

	TRY(check_need(c, a, TYPE_TEXT, &x));
	if (c->program->failed)
		return err_nomem(c->err);
	if (c->program->nodes.v[x.node].op != OP_CONST || c->program->nodes.v[x.node].null)
		return FAIL(c, a, "%s要写成文字，例如 '…'", what);
	*ret = c->program->nodes.v[x.node].text;
	return ERR_OK;
}

static enum err_code check_like(struct checker *c, struct ast *a, struct typed *ret)
{
	struct typed x;
	struct node n = { .op = OP_LIKE, .type = TYPE_BOOL, .arg = { -1, -1, -1, -1, -1, -1 } };

	TRY(check_need(c, a->args[0], TYPE_TEXT, &x));
	TRY(literal_text(c, a->args[1], "like 的模式", &n.text));
	n.arg[0] = x.node;
	*ret = (struct typed){ .node = node_make(c->program, &n), .type = TYPE_BOOL, .ast = a, .source = c->source };
	return negated(c, a, ret);
}

static enum err_code check_is_null(struct checker *c, struct ast *a, struct typed *ret)
{
	struct typed x;

	TRY(check_any(c, a->args[0], &x));
	if (x.type == TYPE_NULL)
		return FAIL(c, a, "null is null 永远成立，不用写");
	if (c->program->failed)
		return err_nomem(c->err);
	*ret = typed_op(c, OP_IS_NULL, TYPE_BOOL, x.node, node_absent(c->program, x.node), -1, a);
	return negated(c, a, ret);
}

/** if(condition, then, otherwise) where an absent condition makes nothing. */
static enum err_code make_if(
	struct checker *c, struct ast *a, struct typed condition, struct typed then, struct typed otherwise, struct typed *ret)
{
	struct node n = { .op = OP_IF, .arg = { -1, -1, -1, -1, -1, -1 } };

	TRY(unify(c, a, "两个分支的类型不同：", &then, &otherwise));
	if (c->program->failed)
		return err_nomem(c->err);
	n.type = then.type;
	n.codes = then.codes;
	n.arg[0] = condition.node;
	n.arg[1] = node_absent(c->program, condition.node);
	n.arg[2] = then.node;
	n.arg[3] = otherwise.node;
	*ret = (struct typed){ .node = node_make(c->program, &n), .type = n.type, .codes = n.codes };
	return ERR_OK;
}

static struct typed null_typed(struct checker *c, const struct ast *a)
{
	struct node n = { .op = OP_CONST, .type = TYPE_NULL, .null = true, .arg = { -1, -1, -1, -1, -1, -1 } };

	return (struct typed){ .node = node_make(c->program, &n), .type = TYPE_NULL, .ast = a, .source = c->source };
}

static enum err_code check_case(struct checker *c, struct ast *a, struct typed *ret)
{
	struct typed condition, value, rest = null_typed(c, a);
	int branches = a->arg_count / 2;

	if (a->has_else)
		TRY(check_any(c, a->args[a->arg_count - 1], &rest));
	for (int i = branches - 1; i >= 0; i--) {
		TRY(check_need(c, a->args[2 * i], TYPE_BOOL, &condition));
		TRY(check_any(c, a->args[2 * i + 1], &value));
		TRY(make_if(c, a->args[2 * i + 1], condition, value, rest, &rest));
	}
	if (rest.type == TYPE_NULL)
		return FAIL(c, a, "case 的各个分支都是 null");
	*ret = rest;
	return ERR_OK;
}

/* ---- functions ---- */

static enum err_code check_coalesce(struct checker *c, struct ast *a, struct typed *ret)
{
	struct typed x, rest;

	TRY(check_any(c, a->args[a->arg_count - 1], &rest));
	for (int i = a->arg_count - 2; i >= 0; i--) {
		struct node n = { .op = OP_COALESCE, .arg = { -1, -1, -1, -1, -1, -1 } };

		TRY(check_any(c, a->args[i], &x));
		TRY(unify(c, a, "coalesce 的各项类型不同：", &x, &rest));
		if (x.type == TYPE_NULL)
			return FAIL(c, a, "coalesce 的各项都是 null");
		if (c->program->failed)
			return err_nomem(c->err);
		n.type = x.type;
		n.codes = x.codes;
		n.arg[0] = x.node;
		/* in a message there is nothing to decide: what is absent is shown by the next item */
		n.arg[1] = c->display ? -1 : node_absent(c->program, x.node);
		n.arg[2] = rest.node;
		rest = (struct typed){ .node = node_make(c->program, &n), .type = n.type, .codes = n.codes };
	}
	*ret = rest;
	return ERR_OK;
}

static enum err_code check_nullif(struct checker *c, struct ast *a, struct typed *ret)
{
	struct typed x, y, equal;

	TRY(check_any(c, a->args[0], &x));
	TRY(check_any(c, a->args[1], &y));
	TRY(check_compare(c, a, AST_EQ, x, y, &equal));
	return make_if(c, a, equal, null_typed(c, a), x, ret);
}

static enum err_code check_least(struct checker *c, struct ast *a, struct typed *ret)
{
	enum op op = word_is(a->text, "least") ? OP_LEAST : OP_GREATEST;
	struct typed x;

	TRY(check_any(c, a->args[0], ret));
	for (int i = 1; i < a->arg_count; i++) {
		TRY(check_any(c, a->args[i], &x));
		TRY(unify(c, a, "不能比较", ret, &x));
		if (!type_is_ordered(x.type))
			return FAIL(c, a, "%.*s 只用于数、金额和日期，不能用于%s", STR_ARG(a->text), value_type_title(x.type));
		*ret = typed_op(c, op, x.type, ret->node, x.node, -1, a);
	}
	return ERR_OK;
}

static enum err_code check_abs(struct checker *c, struct ast *a, struct typed *ret)
{
	struct node n = { .op = a->kind == AST_NEGATE ? OP_NEGATE : OP_ABS, .k = 1, .arg = { -1, -1, -1, -1, -1, -1 } };
	struct typed x;

	TRY(check_any(c, a->args[0], &x));
	if (!type_is_number(x.type))
		return FAIL(c, a, "%.*s 是%s，这里需要数或金额", SOURCE(c, a->args[0]), value_type_title(x.type));
	if (c->program->failed)
		return err_nomem(c->err);
	if (n.op == OP_NEGATE && c->program->nodes.v[x.node].op == OP_CONST) {
		*ret = (struct typed){ .node = node_const(c->program, x.type, -c->program->nodes.v[x.node].k),
			.type = x.type,
			.ast = a,
			.source = c->source };
		return ERR_OK;
	}
	n.type = x.type;
	n.arg[0] = x.node;
	*ret = (struct typed){ .node = node_make(c->program, &n), .type = n.type, .ast = a, .source = c->source };
	return ERR_OK;
}

static enum err_code check_days(struct checker *c, struct ast *a, struct typed *ret)
{
	struct typed x, y;

	TRY(check_need(c, a->args[0], TYPE_DATE, &x));
	TRY(check_need(c, a->args[1], TYPE_DATE, &y));
	*ret = typed_op(c, word_is(a->text, "days") ? OP_DAYS : OP_WORKDAYS, TYPE_INT, x.node, y.node, -1, a);
	return ERR_OK;
}

/** deadline(start, n, 'unit') rolls off rest days, deadline_plain does not. Hours need, and give, a date and time. */
static enum err_code check_deadline(struct checker *c, struct ast *a, struct typed *ret)
{
	struct typed start, n;
	struct str unit_text;
	struct node made = {
		.op = OP_DEADLINE, .type = TYPE_DATE, .rolls = word_is(a->text, "deadline"), .arg = { -1, -1, -1, -1, -1, -1 }
	};

	TRY(literal_text(c, a->args[2], "期限的单位", &unit_text));
	if (!period_unit_parse(unit_text, &made.unit))
		return FAIL(c, a->args[2], "期限的单位只有 'day'、'workday'、'month'、'year'、'hour'");
	TRY(check_need(c, a->args[0], made.unit == UNIT_HOUR ? TYPE_DATETIME : TYPE_DATE, &start));
	TRY(check_need(c, a->args[1], TYPE_INT, &n));
	if (made.unit == UNIT_HOUR) {
		*ret = typed_op(c, OP_ADD_HOURS, TYPE_DATETIME, start.node, n.node, -1, a);
		return ERR_OK;
	}
	made.arg[0] = start.node;
	made.arg[1] = n.node;
	*ret = (struct typed){ .node = node_make(c->program, &made), .type = TYPE_DATE, .ast = a, .source = c->source };
	return ERR_OK;
}

static const struct {
	const char *name;
	enum op op;
	enum value_type type;
} day_parts[] = { { "is_workday", OP_IS_WORKDAY, TYPE_BOOL }, { "is_holiday", OP_IS_HOLIDAY, TYPE_BOOL }, { "month", OP_MONTH, TYPE_INT },
	{ "year", OP_YEAR, TYPE_INT }, { "month_start", OP_MONTH_START, TYPE_DATE }, { "quarter_start", OP_QUARTER_START, TYPE_DATE } };

static enum err_code check_day_part(struct checker *c, struct ast *a, struct typed *ret)
{
	struct typed x;

	TRY(check_need(c, a->args[0], TYPE_DATE, &x));
	for (size_t i = 0; i < sizeof(day_parts) / sizeof(day_parts[0]); i++)
		if (word_is(a->text, day_parts[i].name))
			*ret = typed_op(c, day_parts[i].op, day_parts[i].type, x.node, -1, -1, a);
	return ERR_OK;
}

static enum err_code check_hour(struct checker *c, struct ast *a, struct typed *ret)
{
	struct typed x;

	TRY(check_need(c, a->args[0], TYPE_DATETIME, &x));
	*ret = typed_op(c, OP_HOUR, TYPE_INT, x.node, -1, -1, a);
	return ERR_OK;
}

static enum err_code check_date(struct checker *c, struct ast *a, struct typed *ret)
{
	struct typed x;

	TRY(check_any(c, a->args[0], &x));
	if (is_literal(&x) || x.type == TYPE_DATE) {
		*ret = x;
		return check_need(c, a->args[0], TYPE_DATE, ret);
	}
	if (x.type != TYPE_DATETIME)
		return FAIL(c, a, "date 取日期时间的日期，%.*s 是%s", SOURCE(c, a->args[0]), value_type_title(x.type));
	*ret = typed_op(c, OP_DAY_OF, TYPE_DATE, x.node, -1, -1, a);
	return ERR_OK;
}

static enum err_code check_today(struct checker *c, struct ast *a, struct typed *ret)
{
	*ret = typed_op(c, OP_TODAY, TYPE_DATE, -1, -1, -1, a);
	return ERR_OK;
}

static enum err_code check_yuan(struct checker *c, struct ast *a, struct typed *ret)
{
	struct typed x;
	struct node n = { .type = TYPE_MONEY, .k = 1, .arg = { -1, -1, -1, -1, -1, -1 } };

	TRY(check_any(c, a->args[0], &x));
	if (x.type != TYPE_INT && x.type != TYPE_DECIMAL)
		return FAIL(c, a, "yuan 把数变成金额，%.*s 是%s", SOURCE(c, a->args[0]), value_type_title(x.type));
	n.op = x.type == TYPE_INT ? OP_MUL : OP_DIV;
	n.arg[0] = x.node;
	n.arg[1] = node_const(c->program, TYPE_INT, 100);
	if (c->program->failed)
		return err_nomem(c->err);
	if (n.op == OP_MUL && c->program->nodes.v[x.node].op == OP_CONST && c->program->nodes.v[x.node].k < INT64_MAX / 100)
		*ret = (struct typed){ .node = node_const(c->program, TYPE_MONEY, c->program->nodes.v[x.node].k * 100),
			.type = TYPE_MONEY,
			.ast = a,
			.source = c->source };
	else
		*ret = (struct typed){ .node = node_make(c->program, &n), .type = TYPE_MONEY, .ast = a, .source = c->source };
	return ERR_OK;
}

static enum err_code check_matches(struct checker *c, struct ast *a, struct typed *ret)
{
	struct node n = { .op = OP_MATCHES, .type = TYPE_BOOL, .arg = { -1, -1, -1, -1, -1, -1 } };
	struct err why = { 0 };
	struct typed x;
	int offset;

	TRY(check_need(c, a->args[0], TYPE_TEXT, &x));
	TRY(literal_text(c, a->args[1], "matches 的模式", &n.text));
	n.arg[0] = x.node;
	*ret = (struct typed){ .node = node_make(c->program, &n), .type = TYPE_BOOL, .ast = a, .source = c->source };
	if (c->program->failed)
		return err_nomem(c->err);
	if (!c->program->nodes.v[ret->node].regex && regex_compile(n.text, &c->program->nodes.v[ret->node].regex, &offset, &why) != ERR_OK)
		return FAIL(c, a->args[1], "%s", why.msg);
	return ERR_OK;
}

static enum err_code check_contains(struct checker *c, struct ast *a, struct typed *ret)
{
	struct typed x, y;

	TRY(check_need(c, a->args[0], TYPE_TEXT, &x));
	TRY(check_need(c, a->args[1], TYPE_TEXT, &y));
	*ret = typed_op(c, word_is(a->text, "contains") ? OP_CONTAINS : OP_STARTS, TYPE_BOOL, x.node, y.node, -1, a);
	return ERR_OK;
}

/** contains_any(x, list): contains(x, first) or contains(x, second) or … */
static enum err_code check_contains_any(struct checker *c, struct ast *a, struct typed *ret)
{
	struct check_param *p = list_param(c, a->args[1]);
	const struct source *source = c->source;
	struct typed x, part;
	size_t count;
	enum err_code code;

	TRY(check_need(c, a->args[0], TYPE_TEXT, &x));
	if (!p && a->args[1]->kind == AST_NAME && a->args[1]->name_count == 1)
		p = check_param_named(c, a->args[1]->names[0]);
	count = p && !p->choice.versions ? p->value_count : 1;
	for (size_t i = 0; i < count; i++) {
		c->source = p ? p->source : source;
		code = p ? check_need(c, p->values[i], TYPE_TEXT, &part) : check_need(c, a->args[1], TYPE_TEXT, &part);
		c->source = source;
		TRY(code);
		TRY(join(c, a, OP_OR, i == 0, typed_op(c, OP_CONTAINS, TYPE_BOOL, x.node, part.node, -1, a), ret));
	}
	if (p) {
		p->used = true;
		a->args[1]->param = (int)(p - c->params);
	}
	return ERR_OK;
}

static enum err_code check_length(struct checker *c, struct ast *a, struct typed *ret)
{
	struct typed x;

	TRY(check_need(c, a->args[0], TYPE_TEXT, &x));
	*ret = typed_op(c, OP_LENGTH, TYPE_INT, x.node, -1, -1, a);
	return ERR_OK;
}

/** agency.status @ day: the column of the same name in the history of what the name in front of it refers to. */
static enum err_code check_as_of(struct checker *c, struct ast *a, struct typed *ret)
{
	struct ast path = *a->args[0];
	const struct dictionary_column *column;
	const struct dictionary_child *periods;
	const struct dictionary_type *type;
	struct typed row, day;
	struct node n = { .op = OP_AS_OF, .arg = { -1, -1, -1, -1, -1, -1 } };
	bool wanted = c->row_wanted;
	enum err_code code;

	if (path.kind != AST_NAME || path.name_count < 2)
		return FAIL(c, a->args[0], "@ 的左边应当是登记簿的一列，例如 agency.status @ decided_on");
	TRY(check_any(c, a->args[0], ret)); /* the column as it is now: its complaints are the better ones */
	path.name_count--;
	c->row_wanted = true;
	code = check_name(c, &path, &row);
	c->row_wanted = wanted;
	TRY(code);
	if (c->program->failed)
		return err_nomem(c->err);
	type = row.type == TYPE_ROW ? c->program->nodes.v[row.node].target : NULL;
	if (!type)
		return FAIL(c, a->args[0], "@ 的左边应当是登记簿的一列，例如 agency.status @ decided_on");
	if (type->history.child < 0)
		return FAIL(c, a->args[0], "%.*s 没有历史（字典里的 history），不能用 @ 读某日的情况", STR_ARG(type->name));
	periods = &type->children[type->history.child];
	column = dictionary_child_column(periods, path.names[path.name_count]);
	if (!column) {
		struct str names[NAMES_MAX];
		char where[120];

		for (size_t i = 0; i < periods->column_count; i++)
			names[i] = periods->columns[i].name;
		snprintf(where, sizeof(where), "%.*s 的历史 %.*s ", STR_ARG(type->name), STR_ARG(periods->name));
		return check_unknown_name(c, a->args[0], path.names[path.name_count], where, names, periods->column_count);
	}
	TRY(check_need(c, a->args[1], TYPE_DATE, &day));
	n.type = (enum value_type)column->type;
	n.k = column->index;
	n.target = type;
	n.codes = column->type == COLUMN_CODE ? column : NULL;
	n.arg[0] = row.node;
	n.arg[1] = day.node;
	*ret = (struct typed){ .node = node_make(c->program, &n), .type = n.type, .codes = n.codes, .ast = a, .source = c->source };
	return ERR_OK;
}

/* ---- aggregates ---- */

/** The one collection whose rows an aggregate walks: the first name in its argument that begins with a collection of the record. */
static const struct dictionary_child *collection_in(struct checker *c, const struct ast *a)
{
	const struct dictionary_child *found = NULL;

	if (a->kind == AST_NAME)
		return dictionary_child(c->program->type, a->names[0]);
	if (check_is_aggregate(a)) /* of its own */
		return NULL;
	for (int i = 0; i < a->arg_count && !found; i++)
		found = collection_in(c, a->args[i]);
	return found;
}

static enum err_code aggregate_order(struct checker *c, struct node *n)
{
	const struct dictionary_child *child = &c->program->type->children[n->child];
	const struct dictionary_column *order = child->order >= 0 ? &child->columns[child->order] : NULL;

	if (order && type_is_ordered((enum value_type)order->type)) {
		n->arg[4] = check_column(c, NULL, n->child + 1, order).node;
		if (c->program->failed)
			return err_nomem(c->err);
		n->arg[5] = node_absent(c->program, n->arg[4]);
	}
	return ERR_OK;
}

/** A value of the record that is to be an aggregate's value or filter, as its child rows see it. */
static int in_child(struct checker *c, int node, int child)
{
	return node >= 0 && c->program->nodes.v[node].scope == 0 ? node_outer(c->program, node, child + 1) : node;
}

static enum err_code aggregate_value(
	struct checker *c, struct ast *a, enum aggregate kind, bool bare, struct node *n, struct typed *ret_value)
{
	struct typed value = { .node = -1, .type = TYPE_INT };

	if (!bare) {
		TRY(check_any(c, a->args[0], &value));
		if ((kind == AGGREGATE_ANY || kind == AGGREGATE_ALL || kind == AGGREGATE_EXISTS) && value.type != TYPE_BOOL)
			return FAIL(c, a->args[0], "%.*s 里要写一个条件", STR_ARG(a->text));
		if ((kind == AGGREGATE_MIN || kind == AGGREGATE_MAX) && !type_is_ordered(value.type))
			return FAIL(c, a->args[0], "%.*s 只用于数、金额和日期，%.*s 是%s", STR_ARG(a->text), SOURCE(c, a->args[0]),
				value_type_title(value.type));
		if (kind == AGGREGATE_SUM && !type_is_number(value.type))
			return FAIL(c, a->args[0], "sum 只用于数和金额，%.*s 是%s", SOURCE(c, a->args[0]), value_type_title(value.type));
	} else if (kind != AGGREGATE_COUNT && kind != AGGREGATE_EXISTS && !(a->where && (kind == AGGREGATE_ANY || kind == AGGREGATE_ALL))) {
		return FAIL(c, a->args[0], "%.*s 要写明哪一列，例如 %.*s(%.*s.%.*s)", STR_ARG(a->text), STR_ARG(a->text),
			SOURCE(c, a->args[0]), STR_ARG(c->program->type->children[n->child].columns[0].name));
	}
	*ret_value = value;
	return ERR_OK;
}

static enum err_code check_members(
	struct checker *c, struct ast *a, enum aggregate kind, bool bare, struct node *n, struct typed *ret_value)
{
	struct typed filter = { .node = -1 };

	TRY(aggregate_value(c, a, kind, bare, n, ret_value));
	if (a->where)
		TRY(check_need(c, a->where, TYPE_BOOL, &filter));
	if (c->program->failed)
		return err_nomem(c->err);
	if (bare && kind == AGGREGATE_ALL) { /* all(documents where p): every one satisfies p */
		*ret_value = filter;
		filter.node = -1;
	}
	if (kind == AGGREGATE_EXISTS && !bare) { /* exists(documents.kind = 'notice'): the same as where */
		if (filter.node >= 0)
			filter = typed_op(c, OP_AND, TYPE_BOOL, filter.node, ret_value->node, -1, a);
		else
			filter = *ret_value;
		ret_value->node = -1;
	}
	if (c->program->failed)
		return err_nomem(c->err);
	n->arg[0] = in_child(c, ret_value->node, n->child);
	n->arg[1] = in_child(c, filter.node, n->child);
	if (c->program->failed)
		return err_nomem(c->err);
	n->arg[2] = n->arg[0] >= 0 ? node_absent(c->program, n->arg[0]) : -1;
	n->arg[3] = n->arg[1] >= 0 ? node_absent(c->program, n->arg[1]) : -1;
	if (kind == AGGREGATE_FIRST || kind == AGGREGATE_LAST)
		TRY(aggregate_order(c, n));
	return ERR_OK;
}

static enum err_code fail_collection(struct checker *c, const struct ast *a)
{
	const struct dictionary_type *t = c->program->type;
	char list[200];
	size_t used = 0;

	list[0] = '\0';
	for (size_t i = 0; i < t->child_count && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%.*s", i ? "、" : "", STR_ARG(t->children[i].name));
	return FAIL(c, a->args[0], "%.*s 里要有一个集合，%.*s 的集合有：%s", STR_ARG(a->text), STR_ARG(t->name),
		t->child_count ? list : "（没有）");
}

static const char *const aggregate_names[] = { "count", "exists", "min", "max", "sum", "any", "all", "first", "last", "", "median", "mad",
	"quantile" };

enum aggregate check_aggregate_kind(struct str name)
{
	enum aggregate kind = 0;

	while (!word_is(name, aggregate_names[kind]))
		kind++;
	return kind;
}

bool check_is_aggregate(const struct ast *a)
{
	for (size_t i = 0; a->kind == AST_CALL && i < sizeof(aggregate_names) / sizeof(aggregate_names[0]); i++)
		if (aggregate_names[i][0] && word_is(a->text, aggregate_names[i]))
			return true;
	return false;
}

/** Aggregates over a collection of the record. */
static enum err_code check_children(
	struct checker *c, struct ast *a, enum aggregate kind, const struct dictionary_child *child, struct typed *ret)
{
	struct node n = { .op = OP_AGGREGATE, .arg = { -1, -1, -1, -1, -1, -1 } };
	bool bare = a->args[0]->kind == AST_NAME && a->args[0]->name_count == 1;
	struct typed value;
	enum err_code code;

	if (a->arg_count != 1 && (kind == AGGREGATE_MIN || kind == AGGREGATE_MAX))
		return FAIL(c, a, "%.*s 求一组记录中的值；几个值中取%s用 %s(…)", STR_ARG(a->text), kind == AGGREGATE_MIN ? "最小" : "最大",
			kind == AGGREGATE_MIN ? "least" : "greatest");
	if (a->arg_count != 1 && kind != AGGREGATE_QUANTILE)
		return FAIL(c, a, "写作 %.*s(集合 where 条件)", STR_ARG(a->text));
	if (kind >= AGGREGATE_DISTINCT || a->distinct)
		return FAIL(c, a, "%s 用于分组和引用这条记录的记录，还不能用于成员 %.*s", a->distinct ? "distinct" : aggregate_names[kind],
			STR_ARG(child->name));
	n.child = child->index;
	n.k = bare && a->where && kind == AGGREGATE_ANY ? AGGREGATE_EXISTS : kind;
	c->child = child->index;
	code = check_members(c, a, (enum aggregate)n.k, bare, &n, &value);
	c->child = -1;
	TRY(code);
	n.type = kind == AGGREGATE_COUNT                                                      ? TYPE_INT
	         : kind == AGGREGATE_EXISTS || kind == AGGREGATE_ANY || kind == AGGREGATE_ALL ? TYPE_BOOL
	                                                                                      : value.type;
	n.codes = n.type == TYPE_CODE ? value.codes : NULL;
	*ret = (struct typed){ .node = node_make(c->program, &n), .type = n.type, .codes = n.codes, .ast = a, .source = c->source };
	return ERR_OK;
}

static enum err_code check_aggregate(struct checker *c, struct ast *a, struct typed *ret)
{
	enum aggregate kind = check_aggregate_kind(a->text);
	bool of_group = c->group && !c->inside && c->group->having;
	const struct dictionary_child *child = a->arg_count > 0 && !of_group ? collection_in(c, a->args[0]) : NULL;
	const struct dictionary_referrer *referrers =
		a->arg_count > 0 && !of_group && !c->inside ? referrers_in(c->program->type, a->args[0]) : NULL;

	if (c->child >= 0)
		return FAIL(c, a, "%.*s 里面不能再有 %.*s", STR_ARG(c->program->type->children[c->child].name), STR_ARG(a->text));
	if (child)
		return check_children(c, a, kind, child, ret);
	if (referrers)
		return check_referrers(c, a, referrers, ret);
	if (c->group && !c->inside)
		return check_group_aggregate(c, a, ret);
	if (c->inside && a->arg_count == 0)
		return FAIL(c, a, "聚合里面不能再有 %.*s", STR_ARG(a->text));
	if (a->arg_count != 1 && (kind == AGGREGATE_MIN || kind == AGGREGATE_MAX))
		return FAIL(c, a, "%.*s 求一组记录中的值；几个值中取%s用 %s(…)", STR_ARG(a->text), kind == AGGREGATE_MIN ? "最小" : "最大",
			kind == AGGREGATE_MIN ? "least" : "greatest");
	if (a->arg_count == 0 || (a->arg_count != 1 && kind != AGGREGATE_QUANTILE))
		return FAIL(c, a, "写作 %.*s(集合 where 条件)", STR_ARG(a->text));
	return fail_collection(c, a);
}

static const struct function {
	const char *name;
	int min, max;
	enum err_code (*check)(struct checker *c, struct ast *a, struct typed *ret);
	const char *usage;
} functions[] = {
	{ "coalesce", 2, RULE_LIST_MAX, check_coalesce, "coalesce(a, b, …)" },
	{ "nullif", 2, 2, check_nullif, "nullif(a, b)" },
	{ "least", 2, RULE_LIST_MAX, check_least, "least(a, b, …)" },
	{ "greatest", 2, RULE_LIST_MAX, check_least, "greatest(a, b, …)" },
	{ "abs", 1, 1, check_abs, "abs(数)" },
	{ "days", 2, 2, check_days, "days(起, 止)" },
	{ "workdays", 2, 2, check_days, "workdays(起, 止)" },
	{ "deadline", 3, 3, check_deadline, "deadline(起算日, 数量, 'day')" },
	{ "deadline_plain", 3, 3, check_deadline, "deadline_plain(起算日, 数量, 'day')" },
	{ "is_workday", 1, 1, check_day_part, "is_workday(日期)" },
	{ "is_holiday", 1, 1, check_day_part, "is_holiday(日期)" },
	{ "month_start", 1, 1, check_day_part, "month_start(日期)" },
	{ "quarter_start", 1, 1, check_day_part, "quarter_start(日期)" },
	{ "hour", 1, 1, check_hour, "hour(日期时间)" },
	{ "month", 1, 1, check_day_part, "month(日期)" },
	{ "year", 1, 1, check_day_part, "year(日期)" },
	{ "date", 1, 1, check_date, "date(日期时间)" },
	{ "today", 0, 0, check_today, "today()" },
	{ "yuan", 1, 1, check_yuan, "yuan(数)" },
	{ "matches", 2, 2, check_matches, "matches(文字, '模式')" },
	{ "contains", 2, 2, check_contains, "contains(文字, '片段')" },
	{ "contains_any", 2, 2, check_contains_any, "contains_any(文字, 列表参数)" },
	{ "starts_with", 2, 2, check_contains, "starts_with(文字, '开头')" },
	{ "length", 1, 1, check_length, "length(文字)" },
	{ "count", 0, RULE_LIST_MAX, check_aggregate, "count(集合 where 条件)" },
	{ "exists", 0, RULE_LIST_MAX, check_aggregate, "exists(集合 where 条件)" },
	{ "min", 0, RULE_LIST_MAX, check_aggregate, "min(集合.列 where 条件)" },
	{ "max", 0, RULE_LIST_MAX, check_aggregate, "max(集合.列 where 条件)" },
	{ "sum", 0, RULE_LIST_MAX, check_aggregate, "sum(集合.列 where 条件)" },
	{ "any", 0, RULE_LIST_MAX, check_aggregate, "any(集合.列 的条件 where 条件)" },
	{ "all", 0, RULE_LIST_MAX, check_aggregate, "all(集合.列 的条件 where 条件)" },
	{ "first", 0, RULE_LIST_MAX, check_aggregate, "first(集合.列 where 条件)" },
	{ "last", 0, RULE_LIST_MAX, check_aggregate, "last(集合.列 where 条件)" },
	{ "median", 0, RULE_LIST_MAX, check_aggregate, "median(值 where 条件)" },
	{ "mad", 0, RULE_LIST_MAX, check_aggregate, "mad(值 where 条件)" },
	{ "quantile", 0, RULE_LIST_MAX, check_aggregate, "quantile(值, 0.9 where 条件)" },
	{ "share", 1, 1 + GROUP_KEYS_MAX, check_share, "share(聚合) 或 share(聚合, 键)" },
	{ "prior", 2, 2, check_prior, "prior(聚合, 12)" },
};
#define FUNCTION_COUNT (sizeof(functions) / sizeof(functions[0]))

bool rule_function(size_t index, struct str *ret_name, struct str *ret_usage)
{
	if (index >= FUNCTION_COUNT)
		return false;
	*ret_name = str_of(functions[index].name);
	*ret_usage = str_of(functions[index].usage);
	return true;
}

static enum err_code check_call(struct checker *c, struct ast *a, struct typed *ret)
{
	struct str names[FUNCTION_COUNT], near;

	for (size_t i = 0; i < FUNCTION_COUNT; i++) {
		if (!word_is(a->text, functions[i].name)) {
			names[i] = str_of(functions[i].name);
			continue;
		}
		if (a->arg_count < functions[i].min || a->arg_count > functions[i].max)
			return FAIL(c, a, "写作 %s", functions[i].usage);
		return functions[i].check(c, a, ret);
	}
	near = yaml_nearest(a->text, names, FUNCTION_COUNT);
	if (near.len > 0)
		return FAIL(c, a, "没有函数 %.*s，是否想写 %.*s？", STR_ARG(a->text), STR_ARG(near));
	return FAIL(c, a, "没有函数 %.*s", STR_ARG(a->text));
}

static enum err_code check_literal(struct checker *c, struct ast *a, struct typed *ret)
{
	struct node n = { .op = OP_CONST, .k = a->value, .text = a->text, .arg = { -1, -1, -1, -1, -1, -1 } };

	n.type = a->kind == AST_BOOL      ? TYPE_BOOL
	         : a->kind == AST_INT     ? TYPE_INT
	         : a->kind == AST_DECIMAL ? TYPE_DECIMAL
	         : a->kind == AST_MONEY   ? TYPE_MONEY
	                                  : TYPE_TEXT;
	*ret = (struct typed){ .node = node_make(c->program, &n), .type = n.type, .ast = a, .source = c->source };
	return ERR_OK;
}

static enum err_code check_logic(struct checker *c, struct ast *a, struct typed *ret)
{
	struct typed x, y;

	TRY(check_need(c, a->args[0], TYPE_BOOL, &x));
	if (a->kind == AST_NOT) {
		*ret = typed_op(c, OP_NOT, TYPE_BOOL, x.node, -1, -1, a);
		return ERR_OK;
	}
	TRY(check_need(c, a->args[1], TYPE_BOOL, &y));
	*ret = typed_op(c, a->kind == AST_AND ? OP_AND : OP_OR, TYPE_BOOL, x.node, y.node, -1, a);
	return ERR_OK;
}

static enum err_code check_two(struct checker *c, struct ast *a, struct typed *ret)
{
	struct typed x, y;

	TRY(check_any(c, a->args[0], &x));
	TRY(check_any(c, a->args[1], &y));
	if (a->kind == AST_ADD || a->kind == AST_SUB)
		return check_sum(c, a, x, y, ret);
	if (a->kind == AST_MUL || a->kind == AST_DIV)
		return check_product(c, a, x, y, ret);
	return check_compare(c, a, a->kind, x, y, ret);
}

static enum err_code check_kind(struct checker *c, struct ast *a, struct typed *ret)
{
	switch (a->kind) {
	case AST_NULL:
		*ret = null_typed(c, a);
		return ERR_OK;
	case AST_BOOL:
	case AST_INT:
	case AST_DECIMAL:
	case AST_MONEY:
	case AST_TEXT:
		return check_literal(c, a, ret);
	case AST_NAME:
		return check_name(c, a, ret);
	case AST_NEGATE:
		return check_abs(c, a, ret);
	case AST_NOT:
	case AST_AND:
	case AST_OR:
		return check_logic(c, a, ret);
	case AST_EQ:
	case AST_NE:
	case AST_LT:
	case AST_LE:
	case AST_GT:
	case AST_GE:
	case AST_ADD:
	case AST_SUB:
	case AST_MUL:
	case AST_DIV:
		return check_two(c, a, ret);
	case AST_LIKE:
		return check_like(c, a, ret);
	case AST_BETWEEN:
		return check_between(c, a, ret);
	case AST_IN:
		return check_in(c, a, ret);
	case AST_IS_NULL:
		return check_is_null(c, a, ret);
	case AST_AT:
		return check_as_of(c, a, ret);
	case AST_CASE:
		return check_case(c, a, ret);
	case AST_CALL:
	case AST_KIND_COUNT:
		break;
	}
	return check_call(c, a, ret);
}

enum err_code check_any(struct checker *c, struct ast *a, struct typed *ret)
{
	if (!check_is_key(c, a, ret))
		TRY(check_kind(c, a, ret));
	if (c->program->failed)
		return err_nomem(c->err);
	a->node = ret->node;
	a->program = c->program;
	if (!ret->ast || !ret->source) {
		ret->ast = a;
		ret->source = c->source;
	}
	return ERR_OK;
}

enum err_code rule_check(struct checker *c, struct ast *a, enum value_type want, int *ret_node)
{
	struct typed x;

	c->child = -1;
	if (want == TYPE_COUNT && a->kind == AST_NULL)
		return FAIL(c, a, "这里不能只写 null");
	TRY(check_need(c, a, want, &x));
	if (c->program->failed)
		return err_nomem(c->err);
	a->node = x.node;
	a->program = c->program;
	*ret_node = x.node;
	return ERR_OK;
}

enum err_code rule_check_key(struct checker *c, struct ast *a, struct check_key *ret)
{
	struct typed x;
	enum err_code code;

	c->child = -1;
	c->row_wanted = a->kind == AST_NAME;
	code = check_any(c, a, &x);
	c->row_wanted = false;
	TRY(code);
	if (x.type == TYPE_NULL || node_is_constant(c->program, x.node))
		return FAIL(c, a, "分组的键 %.*s 与记录无关", SOURCE(c, a));
	ret->node = x.node;
	ret->type = x.type;
	ret->codes = x.codes;
	ret->target = x.type == TYPE_ROW ? c->program->nodes.v[x.node].target : NULL;
	ret->source = ast_source(c->source, a);
	return ERR_OK;
}
