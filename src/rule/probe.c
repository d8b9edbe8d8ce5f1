/* One record at a time: the same kernels as a sweep, but every node is computed only when something asks for it, keeps its
 * own buffer, and is valid for one block of 64 rows; so neighbouring hits of a rule cost one evaluation. */
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "rule/group.h"

#define PROBE_BLOCK 64
#define TERMS_MAX 400

/** One program's evaluation. */
struct probe_type {
	struct evaluation e;
	uint64_t *stamp; /* one a node: the block it was computed for */
	uint64_t block;  /* counts blocks; 0 = none yet */
	struct derivation *derivation;
};

struct rule_probe {
	const struct rule_pack *pack;
	struct frame_set *set;
	int32_t today;
	struct probe_type **types; /* by program */
	struct derivation *derivation;
};

static enum err_code need(struct probe_type *t, int node, struct err *err);

enum err_code rule_probe_open(
	const struct rule_pack *pack, const struct frame_set *set, int32_t today, struct rule_probe **ret, struct err *err)
{
	struct rule_probe *p = mem_alloc(1, sizeof(*p));

	if (!p)
		return err_nomem(err);
	p->pack = pack;
	p->today = today;
	p->set = frame_set_take((struct frame_set *)set);
	p->types = mem_alloc(pack->program_count + 1, sizeof(struct probe_type *));
	if (!p->types || derivation_borrow(pack, set, today, 1, &p->derivation, err) != ERR_OK) {
		rule_probe_close(p);
		return err_nomem(err);
	}
	*ret = p;
	return ERR_OK;
}

static void probe_type_close(struct probe_type *t)
{
	size_t count = t ? t->e.program->nodes.len : 0;

	if (!t)
		return;
	for (size_t i = 0; i < count && t->stamp; i++) {
		/* borrowed lanes belong to the frame */
		if (t->e.v && t->e.v[i].any && !vector_is_borrowed(&t->e, (int)i)) {
			free(t->e.v[i].any);
			free(t->e.v[i].valid);
		}
		if (t->e.gather) {
			free(t->e.gather[i].state);
			free(t->e.gather[i].order);
		}
	}
	free(t->e.v);
	free(t->e.gather);
	free(t->stamp);
	evaluation_clear(&t->e);
	free(t);
}

void rule_probe_close(struct rule_probe *p)
{
	if (!p)
		return;
	for (size_t i = 0; p->types && i < p->pack->program_count; i++)
		probe_type_close(p->types[i]);
	free(p->types);
	derivation_return(p->derivation);
	frame_set_release(p->set);
	free(p);
}

void rule_probe_closep(struct rule_probe **p)
{
	rule_probe_close(*p);
	*p = NULL;
}

static enum err_code probe_type_open(
	struct rule_probe *p, const struct program *program, const struct frame *frame, struct probe_type **ret, struct err *err)
{
	struct probe_type *t = mem_alloc(1, sizeof(*t));

	if (!t)
		return err_nomem(err);
	p->types[program->index] = t; /* closed with the probe, whatever happens now */
	t->e = (struct evaluation){
		.program = program, .set = p->set, .frame = frame, .calendar = p->pack->options.calendar, .today = p->today
	};
	TRY(evaluation_open(&t->e, err));
	t->e.v = mem_alloc(program->nodes.len + 1, sizeof(*t->e.v));
	t->e.gather = mem_alloc(program->nodes.len + 1, sizeof(*t->e.gather));
	t->stamp = mem_alloc(program->nodes.len + 1, sizeof(*t->stamp));
	if (!t->e.v || !t->e.gather || !t->stamp)
		return err_nomem(err);
	t->derivation = p->derivation;
	*ret = t;
	return ERR_OK;
}

enum err_code rule_probe_frame(struct rule_probe *p, const struct rule *rule, const struct frame **ret, struct err *err)
{
	return derivation_frame(p->derivation, rule->code->program, ret, err);
}

enum err_code rule_hit_key(
	struct rule_probe *p, const struct rule *rule, const struct rule_hit *hit, struct str *ret_key, int64_t *ret_line, struct err *err)
{
	const struct frame *f = p->set->frames[rule->on->index];

	if (!hit->unplaced)
		TRY(rule_probe_frame(p, rule, &f, err));
	if (!f || hit->row >= f->table.rows)
		return err_set(err, ERR_NOT_FOUND, "没有第 %u 行 %.*s", hit->row, STR_ARG(rule->on->name));
	*ret_key = frame_key(f, hit->row);
	*ret_line = f->lines[hit->row];
	return ERR_OK;
}

int64_t rule_group_id(struct str key)
{
	return -(int64_t)(str_hash(key) >> 2) - 1;
}

enum err_code rule_probe_find_id(struct rule_probe *p, const struct rule *rule, int64_t id, size_t *ret_row, struct err *err)
{
	const struct frame *f;

	TRY(rule_probe_frame(p, rule, &f, err));
	*ret_row = FRAME_NO_ROW;
	if (f && !rule->having)
		*ret_row = frame_find_id(f, id);
	for (size_t i = 0; f && rule->having && i < f->table.rows && *ret_row == FRAME_NO_ROW; i++)
		if (rule_group_id(frame_key(f, i)) == id)
			*ret_row = i;
	return ERR_OK;
}

enum err_code rule_probe_row(struct rule_probe *p, const struct rule *rule, size_t record, size_t *ret_row, struct err *err)
{
	const struct grouping *grouping = rule->code->program->grouping;
	const struct grouped *g;

	*ret_row = record;
	if (!grouping)
		return ERR_OK;
	TRY(derivation_groups(p->derivation, grouping, &g, err));
	*ret_row = g ? g->of[record] : FRAME_NO_ROW;
	return ERR_OK;
}

enum err_code rule_probe_unplaced(struct rule_probe *p, const struct rule *rule, size_t record, bool *ret, struct err *err)
{
	const struct grouping *grouping = rule->code->program->grouping;
	const struct grouped *g = NULL;

	if (grouping)
		TRY(derivation_groups(p->derivation, grouping, &g, err));
	*ret = g && frame_bit(g->undecided, record);
	return ERR_OK;
}

enum err_code rule_probe_members(
	struct rule_probe *p, const struct rule *rule, size_t row, const uint32_t **ret_rows, size_t *ret_count, struct err *err)
{
	const struct grouping *grouping = rule->code->program->grouping;
	const struct grouped *g;

	*ret_rows = NULL;
	*ret_count = 0;
	if (!grouping)
		return ERR_OK;
	TRY(derivation_groups(p->derivation, grouping, &g, err));
	if (!g || row >= g->count)
		return ERR_OK;
	*ret_rows = g->rows + g->first[row];
	*ret_count = g->first[row + 1] - g->first[row];
	return ERR_OK;
}

/** The evaluation of the rule's program, moved to the block that holds the row. */
static enum err_code probe_at(struct rule_probe *p, const struct rule *rule, size_t row, struct probe_type **ret, struct err *err)
{
	const struct program *program = rule->code->program;
	struct probe_type *t = p->types[program->index];
	const struct frame *f;

	TRY(derivation_frame(p->derivation, program, &f, err));
	if (!f || row >= f->table.rows)
		return err_set(err, ERR_NOT_FOUND, "没有第 %zu 行 %.*s 记录", row, STR_ARG(rule->on->name));
	if (!t)
		TRY(probe_type_open(p, program, f, &t, err));
	if (t->block == 0 || t->e.first != row / PROBE_BLOCK * PROBE_BLOCK) {
		t->block++;
		t->e.first = row / PROBE_BLOCK * PROBE_BLOCK;
		t->e.lanes = f->table.rows - t->e.first < PROBE_BLOCK ? f->table.rows - t->e.first : PROBE_BLOCK;
		arena_reset(t->e.text);
		for (size_t i = 0; i < t->e.program->nodes.len; i++) /* formatted constants lived in that arena */
			if (t->e.program->nodes.v[i].op == OP_FORMAT)
				t->stamp[i] = 0;
	}
	*ret = t;
	return ERR_OK;
}

static enum err_code give_buffer(struct probe_type *t, int node, struct err *err)
{
	struct vector *v = &t->e.v[node];
	const struct node *n = &t->e.program->nodes.v[node];

	if (v->any || vector_is_borrowed(&t->e, node))
		return ERR_OK;
	v->any = aligned_alloc(64, vector_buffer_bytes(n->type));
	v->valid = aligned_alloc(64, FRAME_BLOCK / 8);
	if (!v->any || !v->valid)
		return err_nomem(err);
	memset(v->any, 0, vector_buffer_bytes(n->type));
	if (n->op == OP_AGGREGATE) {
		t->e.gather[node].state = mem_alloc(FRAME_BLOCK, 1);
		t->e.gather[node].order = mem_alloc(FRAME_BLOCK, sizeof(int64_t));
		if (!t->e.gather[node].state || !t->e.gather[node].order)
			return err_nomem(err);
	}
	return ERR_OK;
}

typedef VEC(int) int_vec;

/** Nodes of a child's scope below `node`, arguments first; what they need of the record is computed on the way. */
static enum err_code child_nodes(struct probe_type *t, int node, int_vec *list, struct err *err)
{
	const struct node *n;

	if (node < 0)
		return ERR_OK;
	n = &t->e.program->nodes.v[node];
	if (n->scope < 0)
		return need(t, node, err);
	for (size_t i = 0; i < list->len; i++)
		if (list->v[i] == node)
			return ERR_OK;
	if (n->op == OP_OUTER)
		TRY(need(t, n->arg[0], err));
	for (int i = 0; i < NODE_ARGS && n->op != OP_OUTER; i++)
		TRY(child_nodes(t, n->arg[i], list, err));
	TRY(give_buffer(t, node, err));
	return vec_push(list, node) ? ERR_OK : err_nomem(err);
}

static void walk_children(struct probe_type *t, int node, const int_vec *list)
{
	const struct frame_child *c = &t->e.frame->children[t->e.program->nodes.v[node].child];
	size_t from = c->first[t->e.first], to = c->first[t->e.first + t->e.lanes];

	vector_gather_begin(&t->e, node);
	for (size_t at = from & ~(size_t)63; at < to; at += FRAME_BLOCK) {
		t->e.child_first = at;
		t->e.child_lanes = to - at < FRAME_BLOCK ? to - at : FRAME_BLOCK;
		for (size_t i = 0; i < list->len; i++)
			vector_eval(&t->e, list->v[i]);
		vector_gather(&t->e, node);
	}
	vector_gather_end(&t->e, node);
}

static enum err_code need_aggregate(struct probe_type *t, int node, struct err *err)
{
	int_vec list = { 0 };
	enum err_code code = ERR_OK;

	for (int i = 0; i < NODE_ARGS && code == ERR_OK; i++)
		code = child_nodes(t, t->e.program->nodes.v[node].arg[i], &list, err);
	if (code == ERR_OK)
		walk_children(t, node, &list);
	vec_clear(&list);
	return code;
}

/** Computes a node of the record's scope, or a constant, for the current block. */
static enum err_code need(struct probe_type *t, int node, struct err *err)
{
	const struct node *n;
	uint64_t stamp;

	if (node < 0)
		return ERR_OK;
	n = &t->e.program->nodes.v[node];
	stamp = n->scope < 0 ? UINT64_MAX : t->block;
	if (t->stamp[node] == stamp)
		return ERR_OK;
	TRY(give_buffer(t, node, err));
	if (n->op == OP_DERIVED || n->op == OP_DERIVED_ABSENT) {
		TRY(derivation_need(t->derivation, t->e.program, (int)n->k, err));
		t->e.derived = derivation_columns(t->derivation, t->e.program);
	}
	if (n->op == OP_AGGREGATE) {
		TRY(need_aggregate(t, node, err));
	} else {
		for (int i = 0; i < NODE_ARGS; i++)
			TRY(need(t, n->arg[i], err));
		vector_eval(&t->e, node);
	}
	t->stamp[node] = stamp;
	return t->e.failed ? err_nomem(err) : ERR_OK;
}

/* ---- values of one lane ---- */

struct lane_bool {
	bool known, holds;
};

static enum err_code lane_bool(struct probe_type *t, int node, size_t lane, struct lane_bool *ret, struct err *err)
{
	TRY(need(t, node, err));
	*ret = (struct lane_bool){ .known = frame_bit(t->e.v[node].valid, lane), .holds = frame_bit(t->e.v[node].bits, lane) };
	return ERR_OK;
}

static enum err_code lane_text(struct probe_type *t, int node, size_t lane, struct arena *mem, struct str *ret, struct err *err)
{
	TRY(need(t, node, err));
	*ret = str_dup(mem, vector_display(&t->e.program->nodes.v[node], &t->e.v[node], lane, mem));
	return ret->ptr ? ERR_OK : err_nomem(err);
}

/* ---- message ---- */

static enum err_code put_parts(
	struct probe_type *t, const struct rule *rule, size_t lane, struct arena *mem, struct buf *out, struct err *err)
{
	for (size_t i = 0; i < rule->code->part_count; i++) {
		const struct message_part *part = &rule->code->parts[i];
		struct str value;

		buf_put(out, part->text);
		if (!part->expression.ast)
			continue;
		TRY(lane_text(t, part->expression.node, lane, mem, &value, err));
		if (frame_bit(t->e.v[part->expression.node].valid, lane))
			buf_put(out, value);
		else
			buf_puts(out, "（无）");
	}
	return ERR_OK;
}

static void put_undecided(const struct rule *rule, uint32_t undecided, struct buf *out)
{
	bool first = true;

	for (size_t i = 0; i < rule->exemption_count; i++) {
		if (!(undecided >> i & 1))
			continue;
		buf_puts(out, first ? "（缺少信息，无法判断是否属于豁免情形：" : "、");
		buf_put(out, rule->exemptions[i].label);
		first = false;
	}
	buf_puts(out, first ? "" : "）");
}

enum err_code rule_message(
	struct rule_probe *p, const struct rule *rule, size_t row, uint32_t undecided, struct arena *mem, struct str *ret, struct err *err)
{
	struct probe_type *t;
	CLEANUP(buf_clear) struct buf out;

	buf_init(&out, 1 << 16);
	TRY(probe_at(p, rule, row, &t, err));
	if (rule->code->part_count == 0)
		buf_put(&out, rule->title);
	TRY(put_parts(t, rule, row % PROBE_BLOCK, mem, &out, err));
	put_undecided(rule, undecided, &out);
	*ret = str_dup(mem, buf_str(&out));
	return out.failed || !ret->ptr ? err_nomem(err) : ERR_OK;
}

/* ---- terms ---- */

struct terms {
	struct probe_type *t;
	const struct rule *rule;
	const struct source *source;
	size_t lane;
	struct arena *mem;
	struct rule_term v[TERMS_MAX];
	size_t count;
	struct err *err;
};

const char *rule_term_kind_slug(enum rule_term_kind k)
{
	static const char *const slugs[TERM_KIND_COUNT] = { "condition", "column", "param", "aggregate", "calendar", "exemption",
		"window" };

	return slugs[k];
}

/** Equal terms once; silently full at TERMS_MAX: an explanation is for reading. */
static struct rule_term *add_term(struct terms *x, enum rule_term_kind kind, int depth, struct str source)
{
	for (size_t i = 0; i < x->count; i++)
		if (x->v[i].kind == kind && str_eq(x->v[i].source, source))
			return NULL;
	if (x->count == TERMS_MAX)
		return NULL;
	x->v[x->count] = (struct rule_term){ .kind = kind, .depth = depth, .source = source };
	return &x->v[x->count++];
}

/** Fills the term's value from its node, which is of the record's scope. Memory for what the node graph lacks is never made here. */
static enum err_code fill_term(struct terms *x, struct rule_term *term, int node)
{
	const struct node *n = &x->t->e.program->nodes.v[node];

	TRY(lane_text(x->t, node, x->lane, x->mem, &term->value, x->err));
	term->known = frame_bit(x->t->e.v[node].valid, x->lane);
	term->holds = n->type == TYPE_BOOL && frame_bit(x->t->e.v[node].bits, x->lane);
	return ERR_OK;
}

static bool is_supplied(const struct terms *x, const struct node *n)
{
	const struct frame *f = x->t->e.frame;
	const struct frame_supply *s = &f->supplies[f->supply[x->t->e.first + x->lane]];

	return n->op == OP_AGGREGATE ? s->children >> n->child & 1 : frame_bit(s->columns, (size_t)n->k);
}

static enum err_code name_missing(struct terms *x, struct rule_term *term, int node)
{
	const struct node *n = &x->t->e.program->nodes.v[node];

	if (term->known)
		return ERR_OK;
	if (n->op == OP_COLUMN_OF) {
		TRY(need(x->t, n->arg[0], x->err));
		term->absent = !frame_bit(x->t->e.v[n->arg[0]].valid, x->lane);
	} else if (n->op == OP_DERIVED) {
		term->absent = frame_bit(x->t->e.derived[n->k].absent, x->t->e.first + x->lane);
	} else if (n->op == OP_COLUMN || n->op == OP_AGGREGATE) {
		term->absent = !is_supplied(x, n);
	}
	if (n->type == TYPE_BOOL && n->op != OP_COLUMN && n->op != OP_COLUMN_OF)
		term->value = term->absent ? STR("未提供") : STR("无法判断");
	else
		term->value = !term->absent ? STR("（空）") : n->op == OP_COLUMN_OF ? STR("没有对应的登记信息") : STR("未提供");
	return ERR_OK;
}

/** Label of the last part of a path: "agency.status" -> 执法机关 · 状态. */
static struct str path_label(struct terms *x, const struct ast *a)
{
	const struct dictionary_type *type = x->rule->on;
	struct str label = { 0 };

	if (x->rule->having && !dictionary_column(type, a->names[0]) && !dictionary_reference(type, a->names[0]))
		return label; /* a key with a name of its own */
	for (int i = 0; i < a->name_count; i++) {
		const struct dictionary_column *column = dictionary_column(type, a->names[i]);
		const struct dictionary_reference *reference = dictionary_reference(type, a->names[i]);
		struct str part = reference && (i + 1 < a->name_count || !column) ? reference->type->label.zh
		                  : column                                        ? column->label.zh
		                                                                  : (struct str){ 0 };

		if (i == 0 && !reference && !column) /* the type's own name in front */
			continue;
		label = label.len ? str_printf(x->mem, "%.*s · %.*s", STR_ARG(label), STR_ARG(part)) : part;
		if (reference)
			type = reference->type;
	}
	return label;
}

static enum err_code add_name(struct terms *x, const struct ast *a, int depth)
{
	struct rule_term *term = add_term(x, a->param >= 0 ? TERM_PARAM : TERM_COLUMN, depth, ast_source(x->source, a));

	if (!term)
		return ERR_OK;
	if (a->param >= 0) {
		const struct rule_param *param = &x->rule->params[a->param];

		term->label = param->label;
		term->value = param->value;
		term->known = true;
		term->param_kind = param->kind;
		if (x->rule->code->params[a->param].choice.versions && a->node >= 0)
			return fill_term(x, term, a->node);
		return ERR_OK;
	}
	term->label = path_label(x, a);
	TRY(fill_term(x, term, a->node));
	return name_missing(x, term, a->node);
}

static enum err_code collect(struct terms *x, const struct ast *a, int depth);

static bool is_calendar(const struct node *n)
{
	return n->op == OP_DEADLINE || n->op == OP_WORKDAYS || n->op == OP_DAYS || n->op == OP_ADD_HOURS || n->op == OP_TODAY ||
	       n->op == OP_DATE_ADD || n->op == OP_HOUR || n->op == OP_IS_HOLIDAY || n->op == OP_AS_OF;
}

/** A collection's values differ by member; the aggregate stands for them. Parameters inside are still worth showing. */
static enum err_code collect_inside(struct terms *x, const struct ast *a, int depth)
{
	if (a->kind == AST_NAME)
		return a->param >= 0 ? add_name(x, a, depth) : ERR_OK;
	for (int i = 0; i < a->arg_count; i++)
		TRY(collect_inside(x, a->args[i], depth));
	return a->where ? collect_inside(x, a->where, depth) : ERR_OK;
}

/** What the members of an aggregate over records are called. */
static struct str derived_label(struct terms *x, const struct node *n)
{
	const struct derived *d = &x->t->e.program->derived.v[n->k];

	if (d->kind == DERIVED_REFERRERS)
		return d->members->type->label.zh;
	if (d->kind == DERIVED_WINDOW)
		return str_printf(x->mem, "%lld 日内的%.*s", (long long)d->days, STR_ARG(x->rule->on->label.zh));
	return d->kind == DERIVED_KEY ? (struct str){ 0 } : str_printf(x->mem, "同组的%.*s", STR_ARG(x->rule->on->label.zh));
}

static enum err_code add_value(struct terms *x, const struct ast *a, int depth, enum rule_term_kind kind)
{
	struct rule_term *term = add_term(x, kind, depth, ast_source(x->source, a));
	const struct node *n = &x->t->e.program->nodes.v[a->node];

	if (!term)
		return ERR_OK;
	if (n->op == OP_AGGREGATE)
		term->label = x->rule->on->children[n->child].label.zh;
	if (n->op == OP_DERIVED)
		term->label = derived_label(x, n);
	TRY(fill_term(x, term, a->node));
	return name_missing(x, term, a->node);
}

static bool is_key(const struct terms *x, const struct node *n)
{
	return x->t->e.program->derived.v[n->k].kind == DERIVED_KEY;
}

static bool is_condition(const struct ast *a)
{
	return (a->kind >= AST_NOT && a->kind <= AST_GE) || (a->kind >= AST_LIKE && a->kind <= AST_IS_NULL);
}

static enum err_code collect(struct terms *x, const struct ast *a, int depth)
{
	const struct node *n = a->node >= 0 ? &x->t->e.program->nodes.v[a->node] : NULL;

	if (a->kind == AST_NAME)
		return add_name(x, a, depth);
	if (!n)
		return ERR_OK;
	if (n->op == OP_AGGREGATE || n->op == OP_DERIVED) {
		TRY(add_value(x, a, depth, n->op == OP_DERIVED && is_key(x, n) ? TERM_COLUMN : TERM_AGGREGATE));
		return collect_inside(x, a, depth + 1);
	}
	if (is_condition(a)) {
		TRY(add_value(x, a, depth, TERM_CONDITION));
		depth++;
	} else if (is_calendar(n)) {
		TRY(add_value(x, a, depth, TERM_CALENDAR));
		depth++;
	}
	for (int i = 0; i < a->arg_count; i++)
		TRY(collect(x, a->args[i], depth));
	return ERR_OK;
}

static enum err_code collect_expression(struct terms *x, const struct expression *e, enum rule_term_kind kind, struct str label)
{
	x->source = &e->source;
	if (kind != TERM_CONDITION) {
		struct rule_term *term = add_term(x, kind, 0, str_trim(e->source.text));

		if (term) {
			term->label = label;
			TRY(fill_term(x, term, e->node));
			if (!term->known)
				term->value = STR("无法判断");
		}
	}
	if (kind == TERM_CONDITION || !is_condition(e->ast))
		return collect(x, e->ast, kind == TERM_CONDITION ? 0 : 1);
	for (int i = 0; i < e->ast->arg_count; i++) /* the exemption's own line stands for its condition */
		TRY(collect(x, e->ast->args[i], 1));
	return ERR_OK;
}

/* ---- verdict and explanation ---- */

static enum err_code judge_exemptions(
	struct probe_type *t, const struct rule *rule, size_t lane, struct rule_explanation *ret, struct err *err)
{
	for (size_t i = 0; i < rule->exemption_count; i++) {
		struct lane_bool b;

		TRY(lane_bool(t, rule->code->exemptions[i].node, lane, &b, err));
		ret->undecided |= (uint32_t)!b.known << i;
		if (b.holds && !ret->exemption) {
			ret->exemption = &rule->exemptions[i];
			ret->verdict = VERDICT_EXEMPT;
		}
	}
	return ERR_OK;
}

static enum err_code judge_severity(
	struct probe_type *t, const struct rule *rule, size_t lane, struct rule_explanation *ret, struct err *err)
{
	ret->severity = rule->severity;
	for (size_t i = 0; i < rule->code->severity_count; i++) {
		struct lane_bool b = { true, true };

		if (rule->code->severities[i].ast)
			TRY(lane_bool(t, rule->code->severities[i].node, lane, &b, err));
		if (b.holds) {
			ret->severity = rule->code->severity_is[i];
			return ERR_OK;
		}
	}
	return ERR_OK;
}

static enum err_code judge(struct probe_type *t, const struct rule *rule, size_t lane, struct rule_explanation *ret, struct err *err)
{
	struct lane_bool force = { true, true }, when;

	if (rule->code->in_force >= 0)
		TRY(lane_bool(t, rule->code->in_force, lane, &force, err));
	TRY(lane_bool(t, rule->code->when.node, lane, &when, err));
	ret->verdict = !force.known   ? VERDICT_UNKNOWN
	               : !force.holds ? VERDICT_NOT_IN_FORCE
	               : !when.known  ? VERDICT_UNKNOWN
	               : !when.holds  ? VERDICT_CLEAN
	                              : VERDICT_HIT;
	if (ret->verdict != VERDICT_HIT)
		return ERR_OK;
	TRY(judge_exemptions(t, rule, lane, ret, err));
	return judge_severity(t, rule, lane, ret, err);
}

/** What the group is: its keys, also those that the condition does not name. */
static enum err_code add_keys(struct terms *x)
{
	const struct check_group *g = &x->rule->code->group;

	for (size_t i = 0; g->grouping && i < g->grouping->key_count; i++) {
		struct str name = g->keys[i].name.len ? g->keys[i].name : str_trim(g->keys[i].source);
		struct rule_term *term;
		int node = x->rule->having ? x->rule->code->key_nodes[i] : g->keys[i].node;

		if (x->t->e.program->nodes.v[node].type == TYPE_ROW)
			continue; /* its columns are shown where they are read */
		term = add_term(x, TERM_COLUMN, 0, name);
		if (!term)
			continue;
		TRY(fill_term(x, term, node));
		TRY(name_missing(x, term, node));
	}
	return ERR_OK;
}

static enum err_code collect_terms(struct terms *x)
{
	const struct rule_code *code = x->rule->code;

	if (code->judged_by.ast) {
		struct rule_term *term = add_term(x, TERM_WINDOW, 0, str_trim(code->judged_by.source.text));

		if (term) {
			term->label = STR("判断规则是否适用的日期");
			TRY(fill_term(x, term, code->judged_by.node));
			if (!term->known)
				term->value = STR("（空）");
		}
	}
	if (code->act.ast) {
		struct rule_term *term = add_term(x, TERM_WINDOW, 0, str_trim(code->act.source.text));

		if (term) {
			term->label = STR("行为发生的日期");
			TRY(fill_term(x, term, code->act.node));
			if (!term->known)
				term->value = STR("（空）");
		}
	}
	TRY(add_keys(x));
	if (code->members.ast && !x->rule->having)
		TRY(collect_expression(x, &code->members, TERM_CONDITION, (struct str){ 0 }));
	TRY(collect_expression(x, &code->when, TERM_CONDITION, (struct str){ 0 }));
	for (size_t i = 0; i < x->rule->exemption_count; i++)
		TRY(collect_expression(x, &code->exemptions[i], TERM_EXEMPTION, x->rule->exemptions[i].label));
	return ERR_OK;
}

static enum err_code cite(
	const struct rule_probe *p, const struct rule *rule, struct arena *mem, struct rule_explanation *ret, struct err *err)
{
	ret->basis = ARENA_NEW(mem, struct law_citation, rule->basis_count + 1);
	if (!ret->basis)
		return err_nomem(err);
	for (size_t i = 0; i < rule->basis_count; i++) {
		ret->basis[i].result = LAW_UNKNOWN_INSTRUMENT;
		if (p->pack->options.law)
			law_lookup(p->pack->options.law, rule->basis[i].law, rule->basis[i].article, DAY_NONE, &ret->basis[i]);
	}
	return ERR_OK;
}

enum err_code rule_probe_record(struct rule_probe *p, const struct rule *rule, size_t row, size_t *ret_record, struct err *err)
{
	const uint32_t *rows;
	size_t count;

	*ret_record = row;
	if (!rule->having)
		return ERR_OK;
	TRY(rule_probe_members(p, rule, row, &rows, &count, err));
	if (count == 0)
		return err_set(err, ERR_NOT_FOUND, "没有第 %zu 个分组", row);
	*ret_record = rows[0];
	return ERR_OK;
}

static enum err_code list_members(
	struct rule_probe *p, const struct rule *rule, size_t row, struct arena *mem, struct rule_explanation *ret, struct err *err)
{
	const struct frame *groups, *records = p->set->frames[rule->on->index];
	const uint32_t *rows;
	struct rule_member *members;
	size_t count;

	if (!rule->having)
		return ERR_OK;
	TRY(rule_probe_frame(p, rule, &groups, err));
	TRY(rule_probe_members(p, rule, row, &rows, &ret->member_count, err));
	count = ret->member_count < RULE_MEMBERS_LISTED ? ret->member_count : RULE_MEMBERS_LISTED;
	members = ARENA_NEW(mem, struct rule_member, count + 1);
	if (!members)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		members[i] = (struct rule_member){
			.id = records->ids[rows[i]], .line = records->lines[rows[i]], .key = frame_key(records, rows[i])
		};
	ret->group_key = frame_key(groups, row);
	ret->members = members;
	return ERR_OK;
}

enum err_code rule_explain(
	struct rule_probe *p, const struct rule *rule, size_t row, struct arena *mem, struct rule_explanation *ret, struct err *err)
{
	struct rule_explanation out = { .rule = rule };
	struct probe_type *t;
	struct terms *x = ARENA_NEW(mem, struct terms, 1);

	if (!x)
		return err_nomem(err);
	TRY(probe_at(p, rule, row, &t, err));
	*x = (struct terms){ .t = t, .rule = rule, .lane = row % PROBE_BLOCK, .mem = mem, .err = err };
	TRY(judge(t, rule, x->lane, &out, err));
	TRY(collect_terms(x));
	TRY(cite(p, rule, mem, &out, err));
	TRY(list_members(p, rule, row, mem, &out, err));
	if (out.verdict == VERDICT_HIT || out.verdict == VERDICT_EXEMPT)
		TRY(rule_message(p, rule, row, out.verdict == VERDICT_HIT ? out.undecided : 0, mem, &out.message, err));
	out.terms = x->v;
	out.term_count = x->count;
	*ret = out;
	return ERR_OK;
}
