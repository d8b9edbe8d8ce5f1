/* What can be wrong with a rule that compiles: it cites what the register lacks, it can never (or always) hold, it carries
 * parameters nobody reads, its tests leave a kind out. */
#include <stdio.h>
#include <stdlib.h>

#include "rule/code.h"

#define RANGES_MAX 128

struct linter {
	void (*on_entry)(void *arg, const struct rule_lint_entry *entry);
	void *arg;
	const struct rule *rule;
};

__attribute__((format(printf, 4, 5))) static void complain(struct linter *l, enum rule_lint_level level, int line, const char *fmt, ...)
{
	char text[700];
	int used = snprintf(text, sizeof(text), "%.*s:%d: ", STR_ARG(l->rule->path), line);
	va_list args;

	va_start(args, fmt);
	vsnprintf(text + used, sizeof(text) - (size_t)used, fmt, args);
	va_end(args);
	l->on_entry(l->arg, &(struct rule_lint_entry){ .level = level, .rule = l->rule, .text = str_of(text) });
}

/* ---- citations ---- */

static void lint_citation(struct linter *l, const struct law_register *law, const struct rule_basis *b)
{
	struct law_citation c;
	struct err why = { 0 };

	if (law_need(law, b->law, b->article, l->rule->in_force_from, &c, &why) != ERR_OK) {
		complain(l, LINT_ERROR, b->at->line, "%s", why.msg);
		return;
	}
	if (c.article && c.article->evidence == LAW_UNVERIFIED && rule_is_active(l->rule))
		complain(l, LINT_ERROR, b->at->line, "《%.*s》第 %.*s 条未经核实，启用的规则不能以它为依据", STR_ARG(b->law),
			STR_ARG(b->article));
	if (b->article.len == 0)
		complain(l, LINT_WARNING, b->at->line, "《%.*s》没有写明条文", STR_ARG(b->law));
}

static void lint_basis(struct linter *l, const struct law_register *law)
{
	if (l->rule->basis_count == 0)
		complain(l, LINT_ERROR, 1, "没有依据（basis）");
	for (size_t i = 0; law && i < l->rule->basis_count; i++)
		lint_citation(l, law, &l->rule->basis[i]);
}

/* ---- conditions that are always the same ---- */

/** Values that a node can still have under a conjunction. */
struct range {
	int node;
	int64_t low, high;
	bool must_be_null, must_have_value;
};

struct ranges {
	const struct program *p;
	struct range v[RANGES_MAX];
	size_t count;
	bool impossible;
};

/** What can never be negative. */
static bool is_count(const struct program *p, int node)
{
	const struct node *n = &p->nodes.v[node];

	const struct derived *d = n->op == OP_DERIVED ? &p->derived.v[n->k] : NULL;

	if (d && (d->kind == DERIVED_OF_GROUP || d->kind == DERIVED_PRIOR))
		d = d->kind == DERIVED_PRIOR ? &p->derived.v[d->inner] : &d->grouping->groups->derived.v[d->inner];
	if (d)
		return (d->kind == DERIVED_FOLD || d->kind >= DERIVED_WINDOW) &&
		       (d->fold.kind == AGGREGATE_COUNT || d->fold.kind == AGGREGATE_DISTINCT);
	return n->op == OP_LENGTH || (n->op == OP_AGGREGATE && n->k == AGGREGATE_COUNT);
}

static struct range *range_of(struct ranges *r, int node)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->v[i].node == node)
			return &r->v[i];
	if (r->count == RANGES_MAX)
		return NULL;
	r->v[r->count] = (struct range){ .node = node, .low = is_count(r->p, node) ? 0 : INT64_MIN, .high = INT64_MAX };
	return &r->v[r->count++];
}

static void narrow(struct ranges *r, int node, int64_t low, int64_t high)
{
	struct range *x = range_of(r, node);

	if (!x)
		return;
	x->low = low > x->low ? low : x->low;
	x->high = high < x->high ? high : x->high;
	x->must_have_value = true;
	r->impossible |= x->low > x->high || x->must_be_null;
}

/** Takes up one comparison of a value with a constant; `holds` false for what stands under a not. */
static void narrow_by(struct ranges *r, const struct node *n, bool holds)
{
	const struct node *right = n->arg[1] >= 0 ? &r->p->nodes.v[n->arg[1]] : NULL;
	struct range *x;

	if (n->op == OP_IS_NULL) {
		x = range_of(r, n->arg[0]);
		if (!x)
			return;
		x->must_be_null |= holds;
		x->must_have_value |= !holds;
		r->impossible |= x->must_be_null && x->must_have_value;
		return;
	}
	if (!right || right->op != OP_CONST || right->null)
		return;
	if (right->type == TYPE_TEXT) { /* equal texts are one node: its number stands for the text */
		if ((n->op == OP_EQ && holds) || (n->op == OP_NE && !holds))
			narrow(r, n->arg[0], n->arg[1], n->arg[1]);
		return;
	}
	if (n->op == OP_EQ && holds)
		narrow(r, n->arg[0], right->k, right->k);
	else if (n->op == OP_NE && !holds)
		narrow(r, n->arg[0], right->k, right->k);
	else if (n->op == OP_LT && right->k > INT64_MIN)
		narrow(r, n->arg[0], holds ? INT64_MIN : right->k, holds ? right->k - 1 : INT64_MAX);
	else if (n->op == OP_LE && right->k < INT64_MAX)
		narrow(r, n->arg[0], holds ? INT64_MIN : right->k + 1, holds ? right->k : INT64_MAX);
}

static void conjuncts(struct ranges *r, int node, bool holds)
{
	const struct node *n = &r->p->nodes.v[node];

	if (n->op == OP_NOT) {
		conjuncts(r, n->arg[0], !holds);
	} else if ((n->op == OP_AND && holds) || (n->op == OP_OR && !holds)) {
		conjuncts(r, n->arg[0], holds);
		conjuncts(r, n->arg[1], holds);
	} else {
		narrow_by(r, n, holds);
	}
}

static bool is_impossible(const struct program *p, int node, bool holds)
{
	struct ranges r = { .p = p };

	conjuncts(&r, node, holds);
	return r.impossible;
}

static bool reads_today(const struct program *p, int node)
{
	const struct node *n = &p->nodes.v[node];

	if (n->op == OP_TODAY)
		return true;
	for (int i = 0; i < NODE_ARGS; i++)
		if (n->arg[i] >= 0 && reads_today(p, n->arg[i]))
			return true;
	return false;
}

static bool is_condition(const struct ast *a)
{
	return (a->kind >= AST_NOT && a->kind <= AST_GE) || (a->kind >= AST_LIKE && a->kind <= AST_IS_NULL);
}

/** Walks the written tree so that the complaint can quote it. */
static void lint_tree(struct linter *l, const struct expression *e, const struct ast *a)
{
	const struct program *p = a->program;
	struct str source = ast_source(&e->source, a);

	if (is_condition(a) && a->node >= 0 && p) {
		if (node_is_constant(p, a->node) && !reads_today(p, a->node)) {
			complain(l, LINT_ERROR, e->source.line, "条件 %.*s 与记录无关，结果永远一样", STR_ARG(source));
			return;
		}
		if (is_impossible(p, a->node, true)) {
			complain(l, LINT_ERROR, e->source.line, "条件 %.*s 不可能成立", STR_ARG(source));
			return;
		}
		if (is_impossible(p, a->node, false)) {
			complain(l, LINT_ERROR, e->source.line, "条件 %.*s 只要能判断就总是成立", STR_ARG(source));
			return;
		}
	}
	for (int i = 0; i < a->arg_count; i++)
		lint_tree(l, e, a->args[i]);
	if (a->where)
		lint_tree(l, e, a->where);
}

static void lint_conditions(struct linter *l)
{
	const struct rule_code *code = l->rule->code;

	if (code->when.ast->kind == AST_BOOL)
		complain(l, LINT_ERROR, code->when.source.line, "条件与记录无关，结果永远一样");
	lint_tree(l, &code->when, code->when.ast);
	if (code->members.ast)
		lint_tree(l, &code->members, code->members.ast);
	for (size_t i = 0; i < l->rule->exemption_count; i++) {
		lint_tree(l, &code->exemptions[i], code->exemptions[i].ast);
		if (code->exemptions[i].node == code->when.node)
			complain(l, LINT_ERROR, code->exemptions[i].source.line, "豁免 %.*s 与规则条件相同，规则永远不会命中",
				STR_ARG(l->rule->exemptions[i].id));
	}
	for (size_t i = 0; i < code->severity_count; i++)
		if (code->severities[i].ast)
			lint_tree(l, &code->severities[i], code->severities[i].ast);
}

/* ---- the rest ---- */

static void lint_params(struct linter *l)
{
	for (size_t i = 0; i < l->rule->param_count; i++) {
		const struct rule_param *p = &l->rule->params[i];

		if (!p->used)
			complain(l, LINT_ERROR, 1, "参数 %.*s 没有被用到", STR_ARG(p->name));
		if (!p->kind_given)
			complain(l, LINT_WARNING, 1, "参数 %.*s 没有写明 kind（statutory、local、managerial），按管理参数显示",
				STR_ARG(p->name));
		if (p->label.len == 0)
			complain(l, LINT_WARNING, 1, "参数 %.*s 没有 label", STR_ARG(p->name));
	}
}

/** The coded list of problems: 条例 11(2). */
static const struct str problems[] = { STR_INIT("inaction"), STR_INIT("no_qualification"), STR_INIT("illegal_procedure"),
	STR_INIT("illegal_substance"), STR_INIT("obviously_improper"), STR_INIT("failure_to_file"), STR_INIT("buck_passing"),
	STR_INIT("penalty_in_lieu"), STR_INIT("cross_jurisdiction"), STR_INIT("profit_driven"), STR_INIT("arbitrary_fee"),
	STR_INIT("arbitrary_fine"), STR_INIT("arbitrary_inspection"), STR_INIT("arbitrary_seizure"), STR_INIT("uncivil"),
	STR_INIT("equipment_violation"), STR_INIT("other") };

static void lint_head(struct linter *l)
{
	const struct rule *r = l->rule;
	bool known = r->problem.len == 0;

	for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++)
		known |= str_eq(r->problem, problems[i]);
	if (!known) {
		struct str near = yaml_nearest(r->problem, problems, sizeof(problems) / sizeof(problems[0]));

		complain(l, LINT_ERROR, 1, "problem 没有 %.*s 这一类%s%.*s", STR_ARG(r->problem), near.len ? "，是否想写 " : "",
			STR_ARG(near));
	}
	if (r->message.len == 0)
		complain(l, LINT_WARNING, 1, "没有 message，线索只显示标题");
	if (r->false_positives.len == 0)
		complain(l, LINT_WARNING, 1, "没有说明可能的误报（false_positives）");
	if (r->in_force_from == DAY_NONE && r->in_force_to == DAY_NONE)
		complain(l, LINT_WARNING, 1, "没有写明适用的时间范围（in_force）");
}

/* ---- rules that differ only in numbers ---- */

/** The values of a parameter; false when it is one number. */
static bool put_parameter(const struct rule *rule, const struct ast *a, struct buf *out)
{
	const struct check_param *p = &rule->code->params[a->param];

	if (p->value_count == 1 && p->values[0]->kind != AST_TEXT)
		return false;
	for (size_t i = 0; i < p->value_count; i++)
		if (p->values[i]->kind == AST_TEXT)
			buf_printf(out, "'%.*s'", STR_ARG(p->values[i]->text));
		else
			buf_puts(out, "#");
	return true;
}

/** The tree with every number as #, numbers of parameters too. */
static void put_shape(const struct rule *rule, const struct ast *a, struct buf *out)
{
	bool is_param = a->kind == AST_NAME && a->param >= 0;

	if ((a->kind >= AST_INT && a->kind <= AST_MONEY) || (is_param && !put_parameter(rule, a, out))) {
		buf_puts(out, "#");
		return;
	}
	buf_printf(out, "(%d%s%s", (int)a->kind, a->negated ? "!" : "", a->distinct ? "d" : "");
	for (int i = 0; a->kind == AST_NAME && a->param < 0 && i < a->name_count; i++)
		buf_printf(out, ".%.*s", STR_ARG(a->names[i]));
	if (a->kind == AST_TEXT || a->kind == AST_CALL)
		buf_printf(out, "'%.*s'", STR_ARG(a->text));
	if (a->kind == AST_BOOL)
		buf_puts(out, a->value ? "t" : "f");
	for (int i = 0; i < a->arg_count; i++)
		put_shape(rule, a->args[i], out);
	if (a->where) {
		buf_puts(out, "?");
		put_shape(rule, a->where, out);
	}
	buf_puts(out, ")");
}

struct shape {
	const struct rule *rule;
	struct str text;
};

static struct str shape_of(const struct rule *rule, struct arena *mem)
{
	const struct rule_code *code = rule->code;
	CLEANUP(buf_clear) struct buf out;

	buf_init(&out, 1 << 20);
	buf_printf(&out, "%.*s %d %d ", STR_ARG(rule->on->name), rule->having, rule->within_days > 0);
	for (size_t i = 0; i < rule->group_count; i++)
		put_shape(rule, code->keys[i].ast, &out);
	if (code->members.ast)
		put_shape(rule, code->members.ast, &out);
	put_shape(rule, code->when.ast, &out);
	return out.failed ? (struct str){ 0 } : str_dup(mem, buf_str(&out));
}

static int by_shape(const void *a, const void *b)
{
	const struct shape *x = a, *y = b;
	int order = str_cmp(x->text, y->text);

	return order ? order : str_cmp(x->rule->id, y->rule->id);
}

/** Two rules with the same condition but for its numbers are mostly one rule with a parameter. */
static void lint_twins(const struct rule_pack *p, void (*on_entry)(void *arg, const struct rule_lint_entry *entry), void *arg)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open((size_t)64 << 20);
	struct shape *shapes = mem ? ARENA_NEW(mem, struct shape, p->rule_count + 1) : NULL;

	for (size_t i = 0; shapes && i < p->rule_count; i++)
		shapes[i] = (struct shape){ .rule = p->rules[i], .text = shape_of(p->rules[i], mem) };
	if (shapes)
		qsort(shapes, p->rule_count, sizeof(*shapes), by_shape);
	for (size_t i = 1; shapes && i < p->rule_count; i++) {
		struct linter l = { .on_entry = on_entry, .arg = arg, .rule = shapes[i].rule };

		if (shapes[i].text.len > 0 && str_eq(shapes[i].text, shapes[i - 1].text))
			complain(&l, LINT_WARNING, l.rule->code->when.source.line, "条件与规则 %.*s 只差数值，可以合成一条带参数的规则",
				STR_ARG(shapes[i - 1].rule->id));
	}
}

static void on_missing(void *arg, struct str text)
{
	struct linter *l = arg;

	l->on_entry(l->arg, &(struct rule_lint_entry){ .level = LINT_ERROR, .rule = l->rule, .text = text });
}

void rule_lint(const struct rule_pack *p, void (*on_entry)(void *arg, const struct rule_lint_entry *entry), void *arg)
{
	for (size_t i = 0; i < p->rule_count; i++) {
		struct linter l = { .on_entry = on_entry, .arg = arg, .rule = p->rules[i] };

		lint_head(&l);
		lint_basis(&l, p->options.law);
		lint_conditions(&l);
		lint_params(&l);
		rule_missing_tests(l.rule, on_missing, &l);
	}
	lint_twins(p, on_entry, arg);
}
