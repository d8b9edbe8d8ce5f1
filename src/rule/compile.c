/* From a rule's YAML to a checked rule. */
#include <stdio.h>
#include <stdlib.h>

#include "rule/code.h"

#define RULE_KEYS                                                                                                                          \
	"id|code|title|title_en|version|status|in_force|judged_by|act|new_law|basis|on|group|members|within|having|when|params|unless|"    \
	"severity|problem|instrument|"                                                                                                     \
	"message|false_"                                                                                                                   \
	"positives|note|tests"

struct compiler {
	struct rule_pack *pack;
	struct rule *rule;
	struct rule_code *code;
	const struct yaml *root;
	const struct yaml *overrides;
	struct str file;
	const char *path;
	struct err *err;
};

static struct arena *mem_of(struct compiler *k)
{
	return k->pack->mem;
}

static enum err_code read_word(
	struct compiler *k, const struct yaml *at, struct str text, const char *(*slug)(int), int count, const char *what, int *ret)
{
	char allowed[160];
	size_t used = 0;

	for (int i = 0; i < count; i++) {
		if (str_eq(text, str_of(slug(i)))) {
			*ret = i;
			return ERR_OK;
		}
		used += (size_t)snprintf(allowed + used, sizeof(allowed) - used, "%s%s", i ? "、" : "", slug(i));
	}
	return yaml_fail(k->err, ERR_INPUT, at, "%s只能是 %s", what, allowed);
}

static const char *status_slug(int i)
{
	return rule_status_slug((enum rule_status)i);
}

static const char *severity_slug(int i)
{
	return rule_severity_slug((enum rule_severity)i);
}

static const char *kind_slug(int i)
{
	return rule_param_kind_slug((enum rule_param_kind)i);
}

/* ---- where expressions stand ---- */

/** Byte offset of a line (from 1) in the file. */
static size_t line_offset(struct str file, int line)
{
	size_t at = 0;

	for (int i = 1; i < line && at < file.len; at++)
		i += file.ptr[at] == '\n';
	return at;
}

static struct source source_of(struct compiler *k, const struct yaml *node)
{
	struct source s = { .text = node->text, .path = k->path, .line = node->line, .column = node->column };
	size_t at = line_offset(k->file, node->line);
	char style;

	for (int i = 1; i < node->column && at < k->file.len; i++)
		utf8_next(k->file, &at);
	style = at < k->file.len ? k->file.ptr[at] : ' ';
	if (style == '|' || style == '>') {
		size_t line = line_offset(k->file, node->line + 1);

		while (line + (size_t)s.indent < k->file.len && k->file.ptr[line + (size_t)s.indent] == ' ')
			s.indent++;
		s.line++;
		s.column = s.indent + 1;
	} else if (style == '"' || style == '\'') {
		s.column++;
	}
	return s;
}

static enum err_code compile_expression(
	struct compiler *k, struct source source, enum value_type want, bool display, struct expression *ret)
{
	struct checker c = { .program = k->code->program,
		.pack = k->pack,
		.group = k->code->group.grouping ? &k->code->group : NULL,
		.dictionary = k->pack->options.dictionary,
		.params = k->code->params,
		.param_count = k->rule->param_count,
		.display = display,
		.child = -1,
		.err = k->err };

	ret->source = source;
	c.source = &ret->source;
	TRY(rule_parse(&ret->source, mem_of(k), &ret->ast, k->err));
	TRY(rule_check(&c, ret->ast, want, &ret->node));
	return ERR_OK;
}

static enum err_code compile_node(struct compiler *k, const struct yaml *node, enum value_type want, struct expression *ret)
{
	if (node->kind != YAML_SCALAR || str_trim(node->text).len == 0)
		return yaml_fail(k->err, ERR_INPUT, node, "这里应当是一个表达式");
	return compile_expression(k, source_of(k, node), want, false, ret);
}

/* ---- parameters ---- */

static bool is_literal_tree(const struct ast *a)
{
	if (a->kind == AST_NEGATE)
		return a->args[0]->kind >= AST_INT && a->args[0]->kind <= AST_MONEY;
	return a->kind >= AST_BOOL && a->kind <= AST_TEXT;
}

/** A number, an amount ("3000 元"), true or false as written; anything else is text, and becomes a date or a code where it is used. */
static enum err_code param_literal(struct compiler *k, const struct yaml *node, struct check_param *p)
{
	struct source *source = ARENA_NEW(mem_of(k), struct source, 1);
	struct ast *a = NULL;
	int32_t day;

	if (!source)
		return err_nomem(k->err);
	*source = source_of(k, node);
	p->source = source;
	if (node->kind != YAML_SCALAR || node->text.len == 0)
		return yaml_fail(k->err, ERR_INPUT, node, "参数的值应当是一个数、金额、日期、文字，或它们的列表");
	if (!node->quoted && !day_parse(node->text, &day) && rule_parse(source, mem_of(k), &a, NULL) == ERR_OK && !is_literal_tree(a))
		a = NULL;
	if (node->quoted || !a) {
		a = ARENA_NEW(mem_of(k), struct ast, 1);
		if (!a)
			return err_nomem(k->err);
		*a = (struct ast){ .kind = AST_TEXT,
			.to = (uint32_t)node->text.len,
			.at_len = (uint32_t)node->text.len,
			.text = node->text,
			.node = -1,
			.param = -1 };
	}
	p->values[p->value_count++] = a;
	return ERR_OK;
}

static enum err_code param_values(struct compiler *k, const struct yaml *node, struct check_param *p, struct rule_param *ret)
{
	struct buf text;
	size_t count = node->kind == YAML_SEQ ? node->count : 1;

	p->values = ARENA_NEW(mem_of(k), struct ast *, count + 1);
	if (!p->values)
		return err_nomem(k->err);
	if (node->kind != YAML_SEQ) {
		ret->value = node->text;
		return param_literal(k, node, p);
	}
	if (count == 0 || count > RULE_LIST_MAX)
		return yaml_fail(k->err, ERR_INPUT, node, "列表参数应当有 1 到 %d 项", RULE_LIST_MAX);
	buf_init(&text, 1 << 16);
	for (size_t i = 0; i < count; i++) {
		enum err_code code = param_literal(k, node->values[i], p);

		if (code != ERR_OK) {
			buf_clear(&text);
			return code;
		}
		buf_puts(&text, i ? "、" : "");
		buf_put(&text, node->values[i]->text);
	}
	ret->value = str_dup(mem_of(k), buf_str(&text));
	buf_clear(&text);
	return ret->value.ptr ? ERR_OK : err_nomem(k->err);
}

/** The profile's value when it has one and may. */
static enum err_code param_override(struct compiler *k, struct rule_param *param, const struct yaml **value)
{
	char *name = str_cstr(mem_of(k), param->name);
	const struct yaml *over = name ? yaml_get(k->overrides, name) : NULL;

	if (!name)
		return err_nomem(k->err);
	if (!over)
		return ERR_OK;
	if (param->kind == PARAM_STATUTORY)
		return yaml_fail(k->err, ERR_INPUT, over, "规则 %.*s 的参数 %.*s 是法定的，本地配置不能修改", STR_ARG(k->rule->id),
			STR_ARG(param->name));
	param->overridden = true;
	*value = over->kind == YAML_MAP ? yaml_get(over, "value") : over;
	return *value ? ERR_OK : yaml_fail(k->err, ERR_INPUT, over, "缺少 value");
}

/** [{from: 1996-10-01, value: 1000 元}, …], each from a later day. */
static enum err_code compile_versions(struct compiler *k, const struct yaml *list, struct check_param *p, struct rule_param *ret)
{
	CLEANUP(buf_clear) struct buf text;
	char day[11];

	buf_init(&text, 1 << 14);
	if (list->kind != YAML_SEQ || list->count == 0 || list->count > RULE_VERSIONS_MAX)
		return yaml_fail(k->err, ERR_INPUT, list, "values 写作列表 [{from: 日期, value: 值}]，最多 %d 项", RULE_VERSIONS_MAX);
	p->choice.versions = ARENA_NEW(mem_of(k), struct check_version, list->count);
	p->values = ARENA_NEW(mem_of(k), struct ast *, list->count + 1);
	if (!p->choice.versions || !p->values)
		return err_nomem(k->err);
	for (size_t i = 0; i < list->count; i++) {
		struct check_version *v = &p->choice.versions[i];
		struct yaml *from, *value;

		TRY(yaml_only(list->values[i], "from|value|note", k->err));
		TRY(yaml_need(list->values[i], "from", YAML_SCALAR, &from, k->err));
		TRY(yaml_need(list->values[i], "value", YAML_SCALAR, &value, k->err));
		if (!day_parse(from->text, &v->from))
			return yaml_fail(k->err, ERR_INPUT, from, "from 写作 2021-07-15");
		if (i > 0 && v->from <= p->choice.versions[i - 1].from)
			return yaml_fail(k->err, ERR_INPUT, from, "values 要按 from 从早到晚写");
		TRY(param_literal(k, value, p));
		v->value = p->values[i];
		v->source = p->source;
		day_format(v->from, day);
		buf_printf(&text, "%s%s 起 %.*s", i ? "；" : "", day, STR_ARG(value->text));
	}
	p->choice.count = list->count;
	ret->value = str_dup(mem_of(k), buf_str(&text));
	return ret->value.ptr ? ERR_OK : err_nomem(k->err);
}

static enum err_code parse_node(struct compiler *k, const struct yaml *node, struct source *source, struct ast **ret)
{
	if (node->kind != YAML_SCALAR || str_trim(node->text).len == 0)
		return yaml_fail(k->err, ERR_INPUT, node, "这里应当是一个日期表达式");
	*source = source_of(k, node);
	return rule_parse(source, mem_of(k), ret, k->err);
}

/** act, decision and favours of a parameter with versions. */
static enum err_code compile_choice(struct compiler *k, const struct yaml *node, struct check_param *p, struct rule_param *ret)
{
	const struct yaml *act = yaml_get(node, "act"), *favours = yaml_get(node, "favours"), *decision = yaml_get(node, "decision");

	if (!decision)
		return yaml_fail(k->err, ERR_INPUT, node, "有 values 就要用 decision 写明按哪个日期取值");
	if ((act != NULL) != (favours != NULL))
		return yaml_fail(
			k->err, ERR_INPUT, act ? act : favours, "act 和 favours 要一起写：行为时的值，除非处理时的值对当事人更有利");
	TRY(parse_node(k, decision, &p->choice.decision_source, &p->choice.decision));
	if (act)
		TRY(parse_node(k, act, &p->choice.act_source, &p->choice.act));
	if (favours && !str_eq(favours->text, STR("larger")) && !str_eq(favours->text, STR("smaller")))
		return yaml_fail(k->err, ERR_INPUT, favours, "favours 只能是 larger（值大对当事人有利）或 smaller");
	p->choice.larger = favours && str_eq(favours->text, STR("larger"));
	return compile_versions(k, yaml_get(node, "values"), p, ret);
}

static enum err_code compile_param(
	struct compiler *k, const struct yaml *key, const struct yaml *node, struct rule_param *param, struct check_param *p)
{
	const struct dictionary_type *t = k->rule->on;
	const struct yaml *kind = yaml_get(node, "kind");
	const struct yaml *value = yaml_get(node, "value");
	int at = PARAM_MANAGERIAL;

	*param = (struct rule_param){
		.name = key->text, .label = yaml_text(node, "label"), .unit = yaml_text(node, "unit"), .note = yaml_text(node, "note")
	};
	if (node->kind != YAML_MAP)
		return yaml_fail(k->err, ERR_INPUT, node, "参数写作 %.*s: {value: …, label: …, kind: …}", STR_ARG(key->text));
	TRY(yaml_only(node, "value|values|act|decision|favours|label|kind|unit|note", k->err));
	if (rule_is_keyword(key->text) || dictionary_column(t, key->text) || dictionary_reference(t, key->text) ||
		dictionary_child(t, key->text))
		return yaml_fail(k->err, ERR_INPUT, key, "参数不能叫 %.*s：%.*s 已有这个名称", STR_ARG(key->text), STR_ARG(t->name));
	if (kind)
		TRY(read_word(k, kind, kind->text, kind_slug, PARAM_KIND_COUNT, "参数的 kind ", &at));
	param->kind = (enum rule_param_kind)at;
	param->kind_given = kind != NULL;
	TRY(param_override(k, param, &value));
	if (value && yaml_get(node, "values") && !param->overridden)
		return yaml_fail(k->err, ERR_INPUT, value, "value 和 values 只能写一个");
	p->name = param->name;
	if (!value && yaml_get(node, "values"))
		return compile_choice(k, node, p, param);
	if (!value)
		return yaml_fail(k->err, ERR_INPUT, node, "参数 %.*s 缺少 value", STR_ARG(key->text));
	return param_values(k, value, p, param);
}

static enum err_code compile_params(struct compiler *k)
{
	const struct yaml *map = yaml_get(k->root, "params");
	struct rule_param *params;

	for (size_t i = 0; k->overrides && k->overrides->kind == YAML_MAP && i < k->overrides->count; i++) {
		bool known = false;

		for (size_t j = 0; map && j < map->count; j++)
			known |= str_eq(k->overrides->keys[i]->text, map->keys[j]->text);
		if (!known)
			return yaml_fail(k->err, ERR_INPUT, k->overrides->keys[i], "规则 %.*s 没有参数 %.*s", STR_ARG(k->rule->id),
				STR_ARG(k->overrides->keys[i]->text));
	}
	if (!map)
		return ERR_OK;
	if (map->kind != YAML_MAP || map->count > RULE_PARAMS_MAX)
		return yaml_fail(k->err, ERR_INPUT, map, "params 写作一组 名称: {value: …}，最多 %d 个", RULE_PARAMS_MAX);
	params = ARENA_NEW(mem_of(k), struct rule_param, map->count + 1);
	k->code->params = ARENA_NEW(mem_of(k), struct check_param, map->count + 1);
	if (!params || !k->code->params)
		return err_nomem(k->err);
	for (size_t i = 0; i < map->count; i++)
		TRY(compile_param(k, map->keys[i], map->values[i], &params[i], &k->code->params[i]));
	k->rule->params = params;
	k->rule->param_count = map->count;
	return ERR_OK;
}

/* ---- window of law ---- */

/** The main date; of a group the latest of its members. */
static struct str default_date(struct compiler *k)
{
	struct str date = k->rule->on->columns[k->rule->on->date].name;

	return k->code->group.having ? str_printf(mem_of(k), "max(%.*s)", STR_ARG(date)) : date;
}

/** Acts before the window, decided inside it (行政处罚法 37): the old law unless the new one is lighter. `new_law` says what it is. */
static enum err_code compile_act(struct compiler *k)
{
	const struct yaml *act = yaml_get(k->root, "act"), *law = yaml_get(k->root, "new_law");
	struct rule_code *code = k->code;
	struct program *p = code->program;
	struct node unknown = { .op = OP_CONST, .type = TYPE_BOOL, .null = true, .arg = { -1, -1, -1, -1, -1, -1 } };
	int since;

	if (!act && !law)
		return ERR_OK;
	if (!act || !law)
		return yaml_fail(k->err, ERR_INPUT, act ? act : law, "act 和 new_law 要一起写");
	if (k->rule->in_force_from == DAY_NONE)
		return yaml_fail(k->err, ERR_INPUT, act, "有 act 就要有 in_force，并且写明从哪天起");
	if (!str_eq(law->text, STR("heavier")) && !str_eq(law->text, STR("lighter")) && !str_eq(law->text, STR("unclear")))
		return yaml_fail(k->err, ERR_INPUT, law, "new_law 只能是 heavier（新法较重）、lighter（新法较轻）、unclear（看不出轻重）");
	TRY(compile_node(k, act, TYPE_DATE, &code->act));
	k->rule->act = code->act.source.text;
	k->rule->new_law = law->text;
	if (str_eq(law->text, STR("lighter")))
		return ERR_OK; /* the new law is applied to old acts as well */
	since = node_op(p, OP_NOT, TYPE_BOOL,
		node_op(p, OP_LT, TYPE_BOOL, code->act.node, node_const(p, TYPE_DATE, k->rule->in_force_from), -1), -1, -1);
	if (str_eq(law->text, STR("unclear")))
		since = node_op(p, OP_OR, TYPE_BOOL, since, node_make(p, &unknown), -1);
	code->in_force = node_op(p, OP_AND, TYPE_BOOL, code->in_force, since, -1);
	return p->failed ? err_nomem(k->err) : ERR_OK;
}

static enum err_code compile_window(struct compiler *k)
{
	const struct yaml *node = yaml_get(k->root, "in_force"), *judged = yaml_get(k->root, "judged_by");
	struct rule *r = k->rule;
	struct program *p = k->code->program;
	ptrdiff_t dots = node ? str_find(node->text, STR("..")) : -1;
	struct str from, to;
	int after = -1, before = -1, by;

	k->code->in_force = -1;
	r->in_force_from = r->in_force_to = DAY_NONE;
	if (judged && !node)
		return yaml_fail(k->err, ERR_INPUT, judged, "有 judged_by 就要有 in_force");
	if (!node && (yaml_get(k->root, "act") || yaml_get(k->root, "new_law")))
		return compile_act(k);
	if (!node)
		return ERR_OK;
	from = dots >= 0 ? str_trim(str_sub(node->text, 0, (size_t)dots)) : (struct str){ 0 };
	to = dots >= 0 ? str_trim(str_sub(node->text, (size_t)dots + 2, node->text.len)) : (struct str){ 0 };
	if (dots < 0 || (from.len && !day_parse(from, &r->in_force_from)) || (to.len && !day_parse(to, &r->in_force_to)) ||
		from.len + to.len == 0 || (from.len && to.len && r->in_force_from > r->in_force_to))
		return yaml_fail(k->err, ERR_INPUT, node, "in_force 写作 2021-07-15.. 或 2021-07-15..2025-12-31（含两端）");
	if (!judged && r->on->date < 0)
		return yaml_fail(k->err, ERR_INPUT, node, "有 in_force 就要用 judged_by 写明以哪个日期判断是否适用");
	if (judged)
		TRY(compile_node(k, judged, TYPE_DATE, &k->code->judged_by));
	else
		TRY(compile_expression(k,
			(struct source){ .text = default_date(k), .path = k->path, .line = node->line, .column = node->column }, TYPE_DATE,
			false, &k->code->judged_by));
	r->judged_by = k->code->judged_by.source.text;
	by = k->code->judged_by.node;
	if (from.len)
		after = node_op(
			p, OP_NOT, TYPE_BOOL, node_op(p, OP_LT, TYPE_BOOL, by, node_const(p, TYPE_DATE, r->in_force_from), -1), -1, -1);
	if (to.len)
		before = node_op(p, OP_LE, TYPE_BOOL, by, node_const(p, TYPE_DATE, r->in_force_to), -1);
	k->code->in_force = after >= 0 && before >= 0 ? node_op(p, OP_AND, TYPE_BOOL, after, before, -1) : after >= 0 ? after : before;
	if (p->failed)
		return err_nomem(k->err);
	return compile_act(k);
}

/* ---- the rest ---- */

static enum err_code compile_basis(struct compiler *k)
{
	const struct yaml *list = yaml_get(k->root, "basis");
	struct rule_basis *basis;

	if (!list)
		return ERR_OK;
	if (list->kind != YAML_SEQ)
		return yaml_fail(k->err, ERR_INPUT, list, "basis 写作列表 [{law: …, article: …}]");
	basis = ARENA_NEW(mem_of(k), struct rule_basis, list->count + 1);
	if (!basis)
		return err_nomem(k->err);
	for (size_t i = 0; i < list->count; i++) {
		TRY(yaml_only(list->values[i], "law|article", k->err));
		basis[i] = (struct rule_basis){
			.law = yaml_text(list->values[i], "law"), .article = yaml_text(list->values[i], "article"), .at = list->values[i]
		};
		if (basis[i].law.len == 0)
			return yaml_fail(k->err, ERR_INPUT, list->values[i], "basis 的每一项要写明 law");
	}
	k->rule->basis = basis;
	k->rule->basis_count = list->count;
	return ERR_OK;
}

static enum err_code compile_exemptions(struct compiler *k)
{
	const struct yaml *list = yaml_get(k->root, "unless");
	struct rule_exemption *exemptions;

	if (!list)
		return ERR_OK;
	if (list->kind != YAML_SEQ || list->count > RULE_EXEMPTIONS_MAX)
		return yaml_fail(k->err, ERR_INPUT, list, "unless 写作列表 [{id: …, label: …, when: …}]，最多 %d 项", RULE_EXEMPTIONS_MAX);
	exemptions = ARENA_NEW(mem_of(k), struct rule_exemption, list->count + 1);
	if (!exemptions)
		return err_nomem(k->err);
	for (size_t i = 0; i < list->count; i++) {
		const struct yaml *item = list->values[i];
		struct yaml *id, *when;

		TRY(yaml_only(item, "id|label|when|basis|note", k->err));
		TRY(yaml_need(item, "id", YAML_SCALAR, &id, k->err));
		TRY(yaml_need(item, "when", YAML_SCALAR, &when, k->err));
		for (size_t j = 0; j < i; j++)
			if (str_eq(exemptions[j].id, id->text))
				return yaml_fail(k->err, ERR_INPUT, id, "豁免 %.*s 写了两次", STR_ARG(id->text));
		exemptions[i] = (struct rule_exemption){ .id = id->text, .label = yaml_text(item, "label"), .when = when->text };
		if (exemptions[i].label.len == 0)
			exemptions[i].label = id->text;
		TRY(compile_node(k, when, TYPE_BOOL, &k->code->exemptions[i]));
	}
	k->rule->exemptions = exemptions;
	k->rule->exemption_count = list->count;
	return ERR_OK;
}

static enum err_code compile_severity_item(struct compiler *k, const struct yaml *item, bool last)
{
	size_t at = k->code->severity_count++;
	struct yaml *is;
	const struct yaml *when = yaml_get(item, "when");
	int severity;

	TRY(yaml_only(item, "when|is", k->err));
	TRY(yaml_need(item, "is", YAML_SCALAR, &is, k->err));
	TRY(read_word(k, is, is->text, severity_slug, RULE_SEVERITY_COUNT, "severity ", &severity));
	if (!when && !last)
		return yaml_fail(k->err, ERR_INPUT, item, "没有 when 的一项要放在最后");
	if (when && last)
		return yaml_fail(k->err, ERR_INPUT, item, "最后一项不写 when：其余情形的级别");
	k->code->severity_is[at] = (enum rule_severity)severity;
	if ((enum rule_severity)severity > k->rule->severity)
		k->rule->severity = (enum rule_severity)severity;
	return when ? compile_node(k, when, TYPE_BOOL, &k->code->severities[at]) : ERR_OK;
}

static enum err_code compile_severity(struct compiler *k)
{
	const struct yaml *node = yaml_get(k->root, "severity");
	int severity = RULE_WARN;

	if (!node)
		return yaml_fail(k->err, ERR_INPUT, k->root, "缺少 severity");
	if (node->kind == YAML_SCALAR) {
		TRY(read_word(k, node, node->text, severity_slug, RULE_SEVERITY_COUNT, "severity ", &severity));
		k->rule->severity = (enum rule_severity)severity;
		return ERR_OK;
	}
	if (node->kind != YAML_SEQ || node->count == 0 || node->count > RULE_SEVERITIES_MAX)
		return yaml_fail(k->err, ERR_INPUT, node, "severity 写作 warn，或列表 [{when: …, is: serious}, {is: warn}]，最多 %d 项",
			RULE_SEVERITIES_MAX);
	k->rule->severity_varies = true;
	for (size_t i = 0; i < node->count; i++)
		TRY(compile_severity_item(k, node->values[i], i + 1 == node->count));
	return ERR_OK;
}

/** End of an expression that starts behind '{': the '}' outside of quotes; text.len when there is none. */
static size_t brace_end(struct str text, size_t from)
{
	bool quoted = false;

	for (size_t i = from; i < text.len; i++) {
		if (text.ptr[i] == '\'')
			quoted = !quoted;
		if (text.ptr[i] == '}' && !quoted)
			return i;
	}
	return text.len;
}

static enum err_code compile_message(struct compiler *k)
{
	const struct yaml *node = yaml_get(k->root, "message");
	struct source whole;
	size_t at = 0, parts = 1;

	if (!node)
		return ERR_OK;
	if (node->kind != YAML_SCALAR)
		return yaml_fail(k->err, ERR_INPUT, node, "message 应当是文字");
	whole = source_of(k, node);
	for (size_t i = 0; i < whole.text.len; i++)
		parts += whole.text.ptr[i] == '{';
	k->code->parts = ARENA_NEW(mem_of(k), struct message_part, parts);
	if (!k->code->parts)
		return err_nomem(k->err);
	k->rule->message = node->text;
	while (at < whole.text.len) {
		struct message_part *part = &k->code->parts[k->code->part_count++];
		ptrdiff_t brace = str_find(str_sub(whole.text, at, whole.text.len), STR("{"));
		size_t open = brace < 0 ? whole.text.len : at + (size_t)brace, close;
		struct source inner = whole;

		part->text = str_sub(whole.text, at, open);
		if (open == whole.text.len)
			break;
		close = brace_end(whole.text, open + 1);
		if (close == whole.text.len)
			return source_fail(&whole, ERR_SYNTAX, (uint32_t)open, 1, k->err, "message 里的 { 没有对应的 }");
		inner.text = str_sub(whole.text, open + 1, close);
		inner.column += (int)utf8_count(str_sub(whole.text, 0, open + 1));
		TRY(compile_expression(k, inner, TYPE_COUNT, true, &part->expression));
		at = close + 1;
	}
	return ERR_OK;
}

static enum err_code compile_head(struct compiler *k)
{
	struct rule *r = k->rule;
	const struct yaml *status = yaml_get(k->root, "status");
	struct yaml *on, *id, *title;
	int at = RULE_STABLE;

	TRY(yaml_only(k->root, RULE_KEYS, k->err));
	TRY(yaml_need(k->root, "id", YAML_SCALAR, &id, k->err));
	TRY(yaml_need(k->root, "title", YAML_SCALAR, &title, k->err));
	TRY(yaml_need(k->root, "on", YAML_SCALAR, &on, k->err));
	TRY(yaml_i64(k->root, "version", 1, &r->version, k->err));
	if (status)
		TRY(read_word(k, status, status->text, status_slug, RULE_STATUS_COUNT, "status ", &at));
	r->id = id->text;
	r->title = title->text;
	r->status = (enum rule_status)at;
	r->title_en = yaml_text(k->root, "title_en");
	r->catalog = yaml_text(k->root, "code");
	r->problem = yaml_text(k->root, "problem");
	r->instrument = yaml_text(k->root, "instrument");
	r->false_positives = yaml_text(k->root, "false_positives");
	r->note = yaml_text(k->root, "note");
	r->on = dictionary_type(k->pack->options.dictionary, on->text);
	if (!r->on) {
		const struct dictionary *d = k->pack->options.dictionary;
		struct str names[DICTIONARY_TYPES_MAX], near;

		for (size_t i = 0; i < d->type_count; i++)
			names[i] = d->types[i].name;
		near = yaml_nearest(on->text, names, d->type_count);
		if (near.len)
			return yaml_fail(k->err, ERR_INPUT, on, "没有记录类型 %.*s，是否想写 %.*s？", STR_ARG(on->text), STR_ARG(near));
		return yaml_fail(k->err, ERR_INPUT, on, "没有记录类型 %.*s", STR_ARG(on->text));
	}
	return ERR_OK;
}

/* ---- groups ---- */

/** "agency", "year(decided_on)", or {year: year(decided_on)}. */
static enum err_code compile_key(struct compiler *k, const struct yaml *item, struct check_key *key, struct expression *e)
{
	const struct yaml *node = item->kind == YAML_MAP && item->count == 1 ? item->values[0] : item;
	struct checker c = { .program = k->code->program,
		.pack = k->pack,
		.dictionary = k->pack->options.dictionary,
		.params = k->code->params,
		.param_count = k->rule->param_count,
		.child = -1,
		.err = k->err };

	if (node->kind != YAML_SCALAR || str_trim(node->text).len == 0)
		return yaml_fail(k->err, ERR_INPUT, item, "分组的键写作列名、引用名、表达式，或 {名称: 表达式}");
	e->source = source_of(k, node);
	c.source = &e->source;
	TRY(rule_parse(&e->source, mem_of(k), &e->ast, k->err));
	TRY(rule_check_key(&c, e->ast, key));
	e->node = key->node;
	key->name = item->kind == YAML_MAP ? item->keys[0]->text : e->ast->kind == AST_NAME ? e->ast->names[0] : (struct str){ 0 };
	if (item->kind == YAML_MAP && rule_is_keyword(key->name))
		return yaml_fail(k->err, ERR_INPUT, item, "键不能叫 %.*s", STR_ARG(key->name));
	if (e->ast->kind == AST_NAME && e->ast->name_count > 1 && item->kind != YAML_MAP)
		key->name = (struct str){ 0 }; /* "agency.level" is found as it is written */
	return ERR_OK;
}

static void find_period(struct grouping *g)
{
	g->period = -1;
	for (size_t i = 0; i < g->key_count; i++) {
		enum op op = g->records->nodes.v[g->keys[i]].op;

		if (op == OP_YEAR || op == OP_QUARTER_START || op == OP_MONTH_START)
			g->period = g->period == -1 ? (int)i : -2;
	}
}

/** within: 30 days, or {days: 30, by: started_on}. */
static enum err_code compile_within(struct compiler *k, const struct yaml *node)
{
	const struct yaml *days = node->kind == YAML_MAP ? yaml_get(node, "days") : node, *by = yaml_get(node, "by");
	struct check_group *g = &k->code->group;
	const struct dictionary_type *t = k->rule->on;
	struct str text = days && days->kind == YAML_SCALAR ? days->text : (struct str){ 0 };

	if (node->kind == YAML_MAP)
		TRY(yaml_only(node, "days|by", k->err));
	if (str_ends(text, STR("days")))
		text = str_trim(str_sub(text, 0, text.len - 4));
	if (!str_to_i64(text, &g->days) || g->days < 1 || g->days > RULE_WINDOW_DAYS_MAX)
		return yaml_fail(k->err, ERR_INPUT, node, "within 写作 30 days，或 {days: 30, by: 日期}，1 到 %d 天", RULE_WINDOW_DAYS_MAX);
	if (!by && (t->date < 0 || t->columns[t->date].type != COLUMN_DATE))
		return yaml_fail(k->err, ERR_INPUT, node, "within 要用 by 写明按哪个日期：%.*s 没有日期类型的主要日期", STR_ARG(t->name));
	if (by)
		TRY(compile_node(k, by, TYPE_DATE, &k->code->within_by));
	else
		TRY(compile_expression(k,
			(struct source){ .text = t->columns[t->date].name, .path = k->path, .line = node->line, .column = node->column },
			TYPE_DATE, false, &k->code->within_by));
	g->date = k->code->within_by.node;
	g->date_absent = node_absent(k->code->program, g->date);
	return ERR_OK;
}

/** From here on the rule is about groups: its keys are columns of theirs, also those that no expression reads. */
static void compile_key_nodes(struct rule_code *code)
{
	code->program = code->group.grouping->groups;
	for (size_t i = 0; i < code->group.grouping->key_count; i++)
		code->key_nodes[i] = node_derived_at(code->program, (int)i);
}

/** Reads group, members and within while the program is still that of the records. */
static enum err_code compile_group(struct compiler *k)
{
	const struct yaml *list = yaml_get(k->root, "group"), *members = yaml_get(k->root, "members"),
			  *within = yaml_get(k->root, "within"), *having = yaml_get(k->root, "having"), *stray = members ? members : within;
	struct grouping wanted = { .records = k->code->program, .members = -1, .members_absent = -1 };
	struct rule_code *code = k->code;

	stray = having ? having : stray;
	if (!list && stray)
		return yaml_fail(k->err, ERR_INPUT, stray, "having、members、within 要和 group 一起写");
	if (!list)
		return ERR_OK;
	if (list->kind != YAML_SEQ || list->count == 0 || list->count > GROUP_KEYS_MAX)
		return yaml_fail(k->err, ERR_INPUT, list, "group 写作列表 [键, …]，1 到 %d 项", GROUP_KEYS_MAX);
	for (size_t i = 0; i < list->count; i++) {
		TRY(compile_key(k, list->values[i], &code->group.keys[i], &code->keys[i]));
		wanted.keys[i] = code->group.keys[i].node;
		wanted.keys_absent[i] = node_absent(code->program, wanted.keys[i]);
		for (size_t j = 0; j < i; j++)
			if (code->group.keys[i].name.len && str_eq(code->group.keys[i].name, code->group.keys[j].name))
				return yaml_fail(k->err, ERR_INPUT, list->values[i], "键 %.*s 写了两次", STR_ARG(code->group.keys[i].name));
	}
	wanted.key_count = list->count;
	if (members) {
		TRY(compile_node(k, members, TYPE_BOOL, &code->members));
		wanted.members = code->members.node;
		wanted.members_absent = node_absent(code->program, wanted.members);
	}
	if (within && having)
		return yaml_fail(k->err, ERR_INPUT, within, "within 用于 when（判断每条记录），不能和 having 一起写");
	if (within)
		TRY(compile_within(k, within));
	find_period(&wanted);
	if (code->program->failed)
		return err_nomem(k->err);
	TRY(rule_grouping(k->pack, &wanted, &code->group.grouping, k->err));
	code->group.having = having != NULL;
	if (having)
		compile_key_nodes(code);
	return code->program->failed ? err_nomem(k->err) : ERR_OK;
}

/** when, or having. Records that do not take part in a group rule are clean. */
static enum err_code compile_condition(struct compiler *k)
{
	const struct yaml *having = yaml_get(k->root, "having"), *when = yaml_get(k->root, "when");
	struct rule_code *code = k->code;
	struct yaml *need;

	if (having && when)
		return yaml_fail(k->err, ERR_INPUT, having, "having 和 when 只能写一个：having 判断分组，when 判断每条记录");
	if (!having)
		TRY(yaml_need(k->root, "when", YAML_SCALAR, &need, k->err));
	TRY(compile_node(k, having ? having : when, TYPE_BOOL, &code->when));
	k->rule->when = having ? having->text : when->text;
	if (code->group.grouping && !having && code->members.ast)
		code->when.node = node_op(code->program, OP_AND, TYPE_BOOL, code->members.node, code->when.node, -1);
	return code->program->failed ? err_nomem(k->err) : ERR_OK;
}

static void describe_group(struct compiler *k)
{
	struct rule *r = k->rule;
	struct rule_group_key *keys;

	if (!k->code->group.grouping)
		return;
	keys = ARENA_NEW(mem_of(k), struct rule_group_key, GROUP_KEYS_MAX);
	for (size_t i = 0; keys && i < k->code->group.grouping->key_count; i++)
		keys[i] = (struct rule_group_key){ .name = k->code->group.keys[i].name, .source = k->code->group.keys[i].source };
	r->group = keys;
	r->group_count = keys ? k->code->group.grouping->key_count : 0;
	r->having = k->code->group.having;
	r->members = k->code->members.source.text;
	r->within_days = k->code->group.days;
	r->within_by = k->code->within_by.source.text;
}

enum err_code rule_compile(struct rule_pack *p, struct rule *rule, const struct yaml *root, struct str file_text,
	const struct yaml *overrides, struct err *err)
{
	struct compiler k = {
		.pack = p, .rule = rule, .root = root, .overrides = overrides, .file = file_text, .path = rule->path.ptr, .err = err
	};
	struct rule_param *params;

	k.code = ARENA_NEW(p->mem, struct rule_code, 1);
	if (!k.code)
		return err_nomem(err);
	k.code->root = root;
	rule->code = k.code;
	TRY(compile_head(&k));
	TRY(rule_program(p, rule->on, &k.code->program, err));
	TRY(compile_basis(&k));
	TRY(compile_params(&k));
	TRY(compile_group(&k));
	describe_group(&k);
	TRY(compile_window(&k));
	TRY(compile_condition(&k));
	TRY(compile_exemptions(&k));
	TRY(compile_severity(&k));
	TRY(compile_message(&k));
	rule->tests = yaml_get(root, "tests");
	if (rule->tests && rule->tests->kind != YAML_SEQ)
		return yaml_fail(err, ERR_INPUT, rule->tests, "tests 写作列表");
	rule->test_count = rule->tests ? rule->tests->count : 0;
	params = (struct rule_param *)rule->params;
	for (size_t i = 0; i < rule->param_count; i++)
		params[i].used = k.code->params[i].used;
	return ERR_OK;
}
