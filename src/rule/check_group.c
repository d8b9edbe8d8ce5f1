/* Aggregates over records: of a group, of a window, of the records that refer to one. Their members' expressions are nodes of
 * the members' program; what the rule sees is a derived column that group.c computes before the sweep. */
#include "rule/check_private.h"
#include "rule/code.h"

static bool is_truth(enum aggregate kind)
{
	return kind == AGGREGATE_EXISTS || kind == AGGREGATE_ANY || kind == AGGREGATE_ALL;
}

/* ---- the members' side ---- */

/** What the aggregate may be asked of a value of this type. */
static enum err_code check_fold_type(struct checker *c, const struct ast *a, enum aggregate kind, const struct typed *value)
{
	const struct ast *x = a->args[0];

	if (value->type == TYPE_NULL)
		return CHECK_FAIL(c, x, "%.*s(null) 永远没有值", STR_ARG(a->text));
	if (is_truth(kind) && value->type != TYPE_BOOL)
		return CHECK_FAIL(c, x, "%.*s 里要写一个条件", STR_ARG(a->text));
	if ((kind == AGGREGATE_MIN || kind == AGGREGATE_MAX || kind == AGGREGATE_MEDIAN || kind == AGGREGATE_QUANTILE) &&
		!type_is_ordered(value->type))
		return CHECK_FAIL(
			c, x, "%.*s 只用于数、金额和日期，%.*s 是%s", STR_ARG(a->text), CHECK_SOURCE(c, x), value_type_title(value->type));
	if ((kind == AGGREGATE_SUM || kind == AGGREGATE_MAD) && !type_is_number(value->type))
		return CHECK_FAIL(
			c, x, "%.*s 只用于数和金额，%.*s 是%s", STR_ARG(a->text), CHECK_SOURCE(c, x), value_type_title(value->type));
	return ERR_OK;
}

/** Nodes of value and filter, in the members' program. @param bare  no value is written */
static enum err_code check_fold_parts(struct checker *c, struct ast *a, bool bare, struct fold *f, struct typed *value)
{
	struct typed filter = { .node = -1 };

	*value = (struct typed){ .node = -1, .type = TYPE_INT };
	if (!bare) {
		bool counts = f->kind == AGGREGATE_COUNT || f->kind == AGGREGATE_DISTINCT;

		c->row_wanted = counts && a->args[0]->kind == AST_NAME;
		TRY(check_any(c, a->args[0], value));
		c->row_wanted = false;
		TRY(check_fold_type(c, a, f->kind, value));
	}
	if (a->where)
		TRY(check_need(c, a->where, TYPE_BOOL, &filter));
	if (bare && (f->kind == AGGREGATE_ANY || f->kind == AGGREGATE_ALL)) { /* all(where p): every one satisfies p */
		*value = filter;
		filter.node = -1;
	}
	if (f->kind == AGGREGATE_EXISTS && !bare) { /* exists(p): the same as where */
		filter.node = filter.node < 0 ? value->node : node_op(c->program, OP_AND, TYPE_BOOL, filter.node, value->node, -1);
		value->node = -1;
	}
	f->value = value->node;
	f->filter = filter.node;
	return c->program->failed ? err_nomem(c->err) : ERR_OK;
}

/** first and last go by the main date of the record type, equal days by the order of the records. */
static enum err_code check_fold_order(struct checker *c, struct fold *f)
{
	const struct dictionary_type *t = c->program->type;

	if ((f->kind != AGGREGATE_FIRST && f->kind != AGGREGATE_LAST) || t->date < 0)
		return ERR_OK;
	f->order = check_column(c, NULL, 0, &t->columns[t->date]).node;
	if (c->program->failed)
		return err_nomem(c->err);
	f->order_absent = node_absent(c->program, f->order);
	return ERR_OK;
}

static enum err_code check_quantile(struct checker *c, struct ast *a, struct fold *f)
{
	const struct node *n;
	struct typed x;

	if (a->arg_count != 2)
		return CHECK_FAIL(c, a, "写作 quantile(值, 0.9 where 条件)");
	TRY(check_any(c, a->args[1], &x));
	n = &c->program->nodes.v[x.node];
	if ((x.type != TYPE_DECIMAL && x.type != TYPE_INT) || n->op != OP_CONST || n->null)
		return CHECK_FAIL(c, a->args[1], "分位写作 0 到 1 之间的小数，例如 0.9");
	f->quantile = x.type == TYPE_INT ? n->k * 10000 : n->k;
	if (n->k < 0 || f->quantile > 10000)
		return CHECK_FAIL(c, a->args[1], "分位写作 0 到 1 之间的小数，例如 0.9");
	return ERR_OK;
}

/** The whole aggregate over rows of c->program. The type of its result goes to *ret. */
static enum err_code check_fold(struct checker *c, struct ast *a, bool bare, struct fold *f, struct derived *ret)
{
	enum aggregate kind = a->distinct ? AGGREGATE_DISTINCT : check_aggregate_kind(a->text);
	struct typed value;

	*f = (struct fold){
		.kind = kind, .value = -1, .filter = -1, .order = -1, .value_absent = -1, .filter_absent = -1, .order_absent = -1
	};
	if (kind == AGGREGATE_QUANTILE)
		TRY(check_quantile(c, a, f));
	else if (a->arg_count > 1)
		return CHECK_FAIL(c, a, "写作 %.*s(值 where 条件)", STR_ARG(a->text));
	if (bare && kind != AGGREGATE_COUNT && kind != AGGREGATE_EXISTS && !(a->where && (kind == AGGREGATE_ANY || kind == AGGREGATE_ALL)))
		return CHECK_FAIL(c, a, "%.*s 要写明求什么的值，例如 %.*s(%.*s)", STR_ARG(a->text), STR_ARG(a->text),
			STR_ARG(c->program->type->columns[0].name));
	if (bare && kind == AGGREGATE_ANY)
		f->kind = AGGREGATE_EXISTS;
	if (bare && kind == AGGREGATE_ANY)
		TRY(check_fold_parts(c, &(struct ast){ .where = a->where }, true, f, &value));
	else
		TRY(check_fold_parts(c, a, bare, f, &value));
	f->value_absent = f->value >= 0 ? node_absent(c->program, f->value) : -1;
	f->filter_absent = f->filter >= 0 ? node_absent(c->program, f->filter) : -1;
	TRY(check_fold_order(c, f));
	ret->type = kind == AGGREGATE_COUNT || kind == AGGREGATE_DISTINCT ? TYPE_INT : is_truth(kind) ? TYPE_BOOL : value.type;
	ret->codes = ret->type == TYPE_CODE ? value.codes : NULL;
	return c->program->failed ? err_nomem(c->err) : ERR_OK;
}

/* ---- groups ---- */

/** Adds a derived column to a program and gives its number. */
static int64_t add_derived(struct program *p, const struct derived *d)
{
	int node = node_derived(p, d);

	return node < 0 ? -1 : p->nodes.v[node].k;
}

static struct derived blank(enum derived_kind kind, const struct check_group *g)
{
	return (struct derived){ .kind = kind, .grouping = g ? g->grouping : NULL, .inner = -1, .date = -1, .date_absent = -1 };
}

/** What a derived column of the groups is where the rule stands: itself in having, spread over the records in when. */
static enum err_code group_value(struct checker *c, const struct ast *a, int64_t k, struct typed *ret)
{
	struct program *groups = c->group->grouping->groups;
	struct derived d, of;
	int node;

	if (k < 0 || groups->failed)
		return err_nomem(c->err);
	d = groups->derived.v[k];
	if (c->group->having) {
		node = node_derived(groups, &d);
	} else {
		of = blank(DERIVED_OF_GROUP, c->group);
		of.type = d.type;
		of.codes = d.codes;
		of.target = d.target;
		of.inner = (int)k;
		node = node_derived(c->program, &of);
	}
	*ret = (struct typed){ .node = node, .type = d.type, .codes = d.codes, .ast = a, .source = c->source };
	return ERR_OK;
}

/** Checks the aggregate among the members and restores the checker. */
static enum err_code members_fold(struct checker *c, struct ast *a, struct derived *d)
{
	struct checker inner = *c;

	inner.program = c->group->grouping->records;
	inner.inside = true;
	inner.display = false;
	return check_fold(&inner, a, a->arg_count == 0, &d->fold, d);
}

enum err_code check_group_aggregate(struct checker *c, struct ast *a, struct typed *ret)
{
	struct derived d = blank(c->group->days > 0 ? DERIVED_WINDOW : DERIVED_FOLD, c->group);

	TRY(members_fold(c, a, &d));
	if (c->group->days == 0)
		return group_value(c, a, add_derived(c->group->grouping->groups, &d), ret);
	d.days = c->group->days;
	d.date = c->group->date;
	d.date_absent = c->group->date_absent;
	*ret = (struct typed){ .node = node_derived(c->program, &d), .type = d.type, .codes = d.codes, .ast = a, .source = c->source };
	return ERR_OK;
}

/** The aggregate that share or prior is about, as a number of the groups' derived columns. */
static enum err_code inner_fold(struct checker *c, struct ast *a, int64_t *ret_inner, struct derived *ret)
{
	if (!c->group || c->inside)
		return CHECK_FAIL(c, a, "%.*s 只能用在分组规则（group）中", STR_ARG(a->text));
	if (c->group->days > 0)
		return CHECK_FAIL(c, a, "%.*s 不能和 within 一起用", STR_ARG(a->text));
	if (!check_is_aggregate(a->args[0]))
		return CHECK_FAIL(c, a->args[0], "%.*s 的第一项应当是一个聚合，例如 %.*s(sum(…)%s)", STR_ARG(a->text), STR_ARG(a->text),
			str_eq(a->text, STR("prior")) ? ", 12" : "");
	*ret = blank(DERIVED_FOLD, c->group);
	TRY(members_fold(c, a->args[0], ret));
	*ret_inner = add_derived(c->group->grouping->groups, ret);
	return *ret_inner < 0 ? err_nomem(c->err) : ERR_OK;
}

/** Number of the key with this name or source; -1 when there is none. */
static int key_named(const struct checker *c, struct str text)
{
	for (size_t i = 0; i < c->group->grouping->key_count; i++)
		if (str_eq(c->group->keys[i].name, text) || str_eq(str_trim(c->group->keys[i].source), text))
			return (int)i;
	return -1;
}

static enum err_code fail_key(struct checker *c, const struct ast *a)
{
	struct str names[GROUP_KEYS_MAX];
	size_t count = c->group->grouping->key_count;

	for (size_t i = 0; i < count; i++)
		names[i] = c->group->keys[i].name.len ? c->group->keys[i].name : c->group->keys[i].source;
	return check_unknown_name(c, a, ast_source(c->source, a), "分组的键中", names, count);
}

enum err_code check_share(struct checker *c, struct ast *a, struct typed *ret)
{
	struct derived fold, d;
	int64_t inner = -1;

	TRY(inner_fold(c, a, &inner, &fold));
	if (!type_is_number(fold.type))
		return CHECK_FAIL(
			c, a->args[0], "share 求占总数的比例，%.*s 是%s", CHECK_SOURCE(c, a->args[0]), value_type_title(fold.type));
	d = blank(DERIVED_SHARE, c->group);
	d.type = TYPE_DECIMAL;
	d.inner = (int)inner;
	for (int i = 1; i < a->arg_count; i++) {
		int key = key_named(c, ast_source(c->source, a->args[i]));

		if (key < 0)
			return fail_key(c, a->args[i]);
		d.keys |= (uint32_t)1 << key;
	}
	return group_value(c, a, add_derived(c->group->grouping->groups, &d), ret);
}

enum err_code check_prior(struct checker *c, struct ast *a, struct typed *ret)
{
	struct derived fold, d;
	const struct grouping *g = c->group ? c->group->grouping : NULL;
	const struct node *n, *period;
	struct typed months;
	int64_t inner = -1, unit;

	TRY(inner_fold(c, a, &inner, &fold));
	if (g->period < 0)
		return CHECK_FAIL(c, a, "prior 要求分组的键中%s year(…)、quarter_start(…) 或 month_start(…)",
			g->period == -1 ? "有一个" : "只有一个");
	TRY(check_need(c, a->args[1], TYPE_INT, &months));
	n = &c->program->nodes.v[months.node];
	period = &g->records->nodes.v[g->keys[g->period]];
	unit = period->op == OP_YEAR ? 12 : period->op == OP_QUARTER_START ? 3 : 1;
	if (n->op != OP_CONST || n->null || n->k <= 0 || n->k > 1200 || n->k % unit != 0)
		return CHECK_FAIL(c, a->args[1], "prior 的第二项是往前的月数，应当是 %lld 的倍数", (long long)unit);
	d = blank(DERIVED_PRIOR, c->group);
	d.type = fold.type;
	d.codes = fold.codes;
	d.inner = (int)inner;
	d.months = n->k;
	return group_value(c, a, add_derived(c->group->grouping->groups, &d), ret);
}

/* ---- names ---- */

enum err_code check_key_name(struct checker *c, const struct ast *a, bool *ret_found, struct typed *ret)
{
	int key = key_named(c, a->names[0]);
	const struct check_key *k = key >= 0 ? &c->group->keys[key] : NULL;
	int node;

	*ret_found = key >= 0;
	if (key < 0)
		return ERR_OK;
	node = c->group->having && !c->inside ? node_derived_at(c->group->grouping->groups, key) : k->node;
	if (node < 0)
		return err_nomem(c->err);
	if (k->type == TYPE_ROW)
		return check_parent(c, a, 1, node, k->target, ret);
	if (a->name_count > 1)
		return CHECK_FAIL(c, a, "%.*s 是分组的键，后面不能再有 .%.*s", STR_ARG(a->names[0]), STR_ARG(a->names[1]));
	*ret = (struct typed){ .node = node, .type = k->type, .codes = k->codes, .ast = a, .source = c->source };
	return ERR_OK;
}

bool check_is_key(struct checker *c, const struct ast *a, struct typed *ret)
{
	int key = c->group && c->group->having && !c->inside && c->child < 0 && c->source ? key_named(c, ast_source(c->source, a)) : -1;
	const struct check_key *k = key >= 0 ? &c->group->keys[key] : NULL;

	if (!k || (k->type == TYPE_ROW && !c->row_wanted) || a->kind == AST_TEXT)
		return false;
	*ret = (struct typed){
		.node = node_derived_at(c->group->grouping->groups, key), .type = k->type, .codes = k->codes, .ast = a, .source = c->source
	};
	return true;
}

enum err_code check_fail_group_name(struct checker *c, const struct ast *a)
{
	const struct dictionary_type *t = c->group->grouping->records->type;
	struct str names[GROUP_KEYS_MAX + 64], list = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < c->group->grouping->key_count; i++) {
		names[count] = c->group->keys[i].name.len ? c->group->keys[i].name : c->group->keys[i].source;
		list = i ? str_printf(c->program->mem, "%.*s、%.*s", STR_ARG(list), STR_ARG(names[count])) : names[count];
		count++;
	}
	if (dictionary_column(t, a->names[0]) || dictionary_reference(t, a->names[0]))
		return CHECK_FAIL(c, a, "这里判断的是分组，只能直接用它的键（%.*s）；%.*s 是记录的，要放在 sum、max、count 等聚合里",
			STR_ARG(list), CHECK_SOURCE(c, a));
	for (size_t i = 0; i < c->param_count && i < 64; i++)
		names[count++] = c->params[i].name;
	return check_unknown_name(c, a, a->names[0], "分组的键和参数中", names, count);
}

/* ---- referrers ---- */

const struct dictionary_referrer *referrers_in(const struct dictionary_type *t, const struct ast *a)
{
	const struct dictionary_referrer *found = NULL;

	if (a->kind == AST_NAME)
		return dictionary_referrer(t, a->names[0]);
	if (check_is_aggregate(a))
		return NULL;
	for (int i = 0; i < a->arg_count && !found; i++)
		found = referrers_in(t, a->args[i]);
	return found;
}

enum err_code check_referred_name(struct checker *c, struct ast *a, bool *ret_found, struct typed *ret)
{
	const struct dictionary_reference *by = &c->referrer->type->references[c->referrer->reference];
	bool typed = a->name_count > 1 && str_eq(a->names[0], c->referred->name);
	struct str head = a->names[typed ? 1 : 0];
	struct node n = {
		.op = OP_REF, .type = TYPE_ROW, .k = c->referrer->reference, .target = by->type, .arg = { -1, -1, -1, -1, -1, -1 }
	};

	*ret_found = typed || dictionary_column(c->referred, head) || dictionary_reference(c->referred, head);
	if (!*ret_found)
		return ERR_OK;
	return check_parent(c, a, typed ? 1 : 0, node_make(c->program, &n), c->referred, ret);
}

enum err_code check_referrers(struct checker *c, struct ast *a, const struct dictionary_referrer *r, struct typed *ret)
{
	bool bare = a->args[0]->kind == AST_NAME && a->args[0]->name_count == 1;
	struct derived d = blank(DERIVED_REFERRERS, NULL);
	struct checker inner = *c;

	TRY(rule_program(c->pack, r->type, &inner.program, c->err));
	inner.inside = true;
	inner.display = false;
	inner.group = NULL;
	inner.referrer = r;
	inner.referred = c->program->type;
	if (bare && a->distinct)
		return CHECK_FAIL(c, a, "写作 count(distinct %.*s.列)", STR_ARG(r->name));
	TRY(check_fold(&inner, a, bare, &d.fold, &d));
	d.members = inner.program;
	d.reference = r->reference;
	*ret = (struct typed){ .node = node_derived(c->program, &d), .type = d.type, .codes = d.codes, .ast = a, .source = c->source };
	return ERR_OK;
}
