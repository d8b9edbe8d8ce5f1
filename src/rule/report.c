/* How results and explanations are written: JSON for machines and pages, text for a terminal. */
#include "rule/code.h"

static void term_json(const struct rule_term *term, struct json *j)
{
	json_obj(j);
	json_kputs(j, "kind", rule_term_kind_slug(term->kind));
	json_ki64(j, "depth", term->depth);
	json_kstr(j, "term", term->source);
	json_kstr(j, "label", term->label);
	json_kstr(j, "value", term->value);
	json_kbool(j, "known", term->known);
	json_kbool(j, "absent", term->absent);
	if (term->kind == TERM_CONDITION || term->kind == TERM_EXEMPTION)
		json_kbool(j, "holds", term->holds);
	if (term->kind == TERM_PARAM)
		json_kputs(j, "param_kind", rule_param_kind_slug(term->param_kind));
	json_obj_end(j);
}

static void undecided_json(const struct rule *rule, uint32_t undecided, struct json *j)
{
	json_key(j, "undecided");
	json_arr(j);
	for (size_t i = 0; i < rule->exemption_count; i++)
		if (undecided >> i & 1)
			json_str(j, rule->exemptions[i].id);
	json_arr_end(j);
}

static void basis_json(const struct rule *rule, const struct law_citation *citations, struct json *j)
{
	json_key(j, "basis");
	json_arr(j);
	for (size_t i = 0; i < rule->basis_count; i++) {
		if (citations) {
			law_citation_json(&citations[i], rule->basis[i].law, rule->basis[i].article, j);
			continue;
		}
		json_obj(j);
		json_kstr(j, "law", rule->basis[i].law);
		json_kstr(j, "article", rule->basis[i].article);
		json_obj_end(j);
	}
	json_arr_end(j);
}

static void group_json(const struct rule_explanation *x, struct json *j)
{
	if (!x->rule->having)
		return;
	json_key(j, "group");
	json_obj(j);
	json_kstr(j, "key", x->group_key);
	json_ki64(j, "count", (int64_t)x->member_count);
	json_key(j, "members");
	json_arr(j);
	for (size_t i = 0; i < x->member_count && i < RULE_MEMBERS_LISTED; i++) {
		json_obj(j);
		json_kid(j, "id", x->members[i].id);
		json_kstr(j, "key", x->members[i].key);
		json_ki64(j, "line", x->members[i].line);
		json_obj_end(j);
	}
	json_arr_end(j);
	json_obj_end(j);
}

void rule_explanation_json(const struct rule_explanation *x, struct json *j)
{
	json_obj(j);
	json_kstr(j, "rule", x->rule->id);
	json_kstr(j, "title", x->rule->title);
	json_kputs(j, "verdict", rule_verdict_slug(x->verdict));
	if (x->verdict == VERDICT_HIT)
		json_kputs(j, "severity", rule_severity_slug(x->severity));
	if (x->exemption) {
		json_kstr(j, "exemption", x->exemption->id);
		json_kstr(j, "exemption_label", x->exemption->label);
	}
	if (x->message.len)
		json_kstr(j, "message", x->message);
	undecided_json(x->rule, x->verdict == VERDICT_HIT ? x->undecided : 0, j);
	group_json(x, j);
	basis_json(x->rule, x->basis, j);
	json_key(j, "terms");
	json_arr(j);
	for (size_t i = 0; i < x->term_count; i++)
		term_json(&x->terms[i], j);
	json_arr_end(j);
	json_obj_end(j);
}

void rule_explanation_text(const struct rule_explanation *x, struct buf *out)
{
	buf_printf(out, "%.*s  %.*s\n", STR_ARG(x->rule->id), STR_ARG(x->rule->title));
	buf_printf(out, "结论：%s", rule_verdict_title(x->verdict));
	if (x->verdict == VERDICT_HIT)
		buf_printf(out, "（%s）", rule_severity_title(x->severity));
	if (x->exemption)
		buf_printf(out, "（%.*s）", STR_ARG(x->exemption->label));
	buf_puts(out, "\n");
	if (x->message.len)
		buf_printf(out, "%.*s\n", STR_ARG(x->message));
	if (x->rule->having) {
		buf_printf(out, "组：%.*s，成员 %zu 个：", STR_ARG(x->group_key), x->member_count);
		for (size_t i = 0; i < x->member_count && i < RULE_MEMBERS_LISTED; i++)
			buf_printf(out, "%s%.*s", i ? "、" : "", STR_ARG(x->members[i].key));
		buf_puts(out, x->member_count > RULE_MEMBERS_LISTED ? "…\n" : "\n");
	}
	for (size_t i = 0; i < x->rule->basis_count; i++) {
		const struct law_citation *c = &x->basis[i];

		buf_printf(out, "依据：《%.*s》第 %.*s 条", STR_ARG(x->rule->basis[i].law), STR_ARG(x->rule->basis[i].article));
		if (c->article)
			buf_printf(out, "  %.*s", STR_ARG(c->article->gist));
		buf_puts(out, c->result != LAW_FOUND ? "（法规库中没有）\n" : "\n");
	}
	for (size_t i = 0; i < x->term_count; i++) {
		const struct rule_term *t = &x->terms[i];

		buf_printf(out, "%*s", 2 + 2 * t->depth, "");
		for (size_t k = 0; k < t->source.len; k++) /* conditions may span lines */
			buf_putc(out, t->source.ptr[k] == '\n' ? ' ' : t->source.ptr[k]);
		buf_printf(out, " = %.*s", STR_ARG(t->value));
		if (t->kind == TERM_EXEMPTION)
			buf_printf(out, "   豁免：%.*s", STR_ARG(t->label));
		else if (t->label.len)
			buf_printf(out, "   %.*s", STR_ARG(t->label));
		if (t->kind == TERM_PARAM)
			buf_printf(out, "（%s）", rule_param_kind_title(t->param_kind));
		buf_putc(out, '\n');
	}
}

void rule_evidence_json(const struct rule_explanation *x, struct json *j)
{
	json_obj(j);
	for (size_t i = 0; i < x->term_count; i++) {
		const struct rule_term *t = &x->terms[i];
		bool seen = false;

		for (size_t k = 0; k < i; k++)
			seen |= str_eq(x->terms[k].source, t->source) && x->terms[k].kind != TERM_CONDITION;
		if (seen || t->kind == TERM_CONDITION || t->kind == TERM_EXEMPTION || t->kind == TERM_WINDOW)
			continue;
		json_key_str(j, t->source);
		if (t->known)
			json_str(j, t->value);
		else
			json_none(j);
	}
	json_obj_end(j);
}

void rule_results_json(const struct rule_results *r, struct json *j)
{
	json_key(j, "rules");
	json_arr(j);
	for (size_t i = 0; i < r->count; i++) {
		const struct rule_result *v = &r->v[i];

		json_obj(j);
		json_kstr(j, "id", v->rule->id);
		json_ki64(j, "version", v->rule->version);
		json_kstr(j, "title", v->rule->title);
		json_kputs(j, "status", rule_status_slug(v->rule->status));
		json_kstr(j, "on", v->rule->on->name);
		json_ki64(j, "checked", v->checked);
		json_ki64(j, "hit", v->counts[VERDICT_HIT]);
		json_ki64(j, "exempt", v->counts[VERDICT_EXEMPT]);
		json_ki64(j, "unknown", v->counts[VERDICT_UNKNOWN]);
		json_ki64(j, "not_in_force", v->counts[VERDICT_NOT_IN_FORCE]);
		json_ki64(j, "clean", v->counts[VERDICT_CLEAN]);
		json_key(j, "seconds");
		json_double(j, v->seconds);
		json_obj_end(j);
	}
	json_arr_end(j);
}

/** A record that no group could be found for: nothing was evaluated. */
static void unplaced_json(const struct rule *rule, struct json *j)
{
	json_kputs(j, "severity", rule_severity_slug(rule->severity));
	json_kputs(j, "verdict", rule_verdict_slug(VERDICT_UNKNOWN));
	json_kputs(j, "message", "缺少分组的键，无法归组");
}

enum err_code rule_finding_json(struct rule_probe *p, const struct rule *rule, const struct rule_hit *hit, struct json *j, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open((size_t)4 << 20);
	struct rule_explanation x;
	struct str key;
	int64_t line;

	if (!mem)
		return err_nomem(err);
	TRY(rule_hit_key(p, rule, hit, &key, &line, err));
	if (!hit->unplaced)
		TRY(rule_explain(p, rule, hit->row, mem, &x, err));
	json_obj(j);
	json_kstr(j, "rule", rule->id);
	json_kstr(j, "title", rule->title);
	json_kstr(j, "type", rule->on->name);
	json_kstr(j, "key", key);
	json_ki64(j, "line", line);
	if (hit->unplaced) {
		unplaced_json(rule, j);
		json_obj_end(j);
		return ERR_OK;
	}
	json_kputs(j, "severity", rule_severity_slug(x.severity));
	json_kputs(j, "verdict", rule_verdict_slug(x.verdict));
	json_kstr(j, "message", x.message);
	if (x.exemption)
		json_kstr(j, "exemption", x.exemption->id);
	undecided_json(rule, x.verdict == VERDICT_HIT ? x.undecided : 0, j);
	group_json(&x, j);
	json_key(j, "evidence");
	rule_evidence_json(&x, j);
	json_obj_end(j);
	return ERR_OK;
}

static void params_json(const struct rule *rule, struct json *j)
{
	json_key(j, "params");
	json_arr(j);
	for (size_t i = 0; i < rule->param_count; i++) {
		const struct rule_param *p = &rule->params[i];

		json_obj(j);
		json_kstr(j, "name", p->name);
		json_kstr(j, "value", p->value);
		json_kstr(j, "label", p->label);
		json_kputs(j, "kind", rule_param_kind_slug(p->kind));
		json_kputs(j, "kind_label", rule_param_kind_title(p->kind));
		json_kbool(j, "overridden", p->overridden);
		json_obj_end(j);
	}
	json_arr_end(j);
}

static void rule_group_json(const struct rule *rule, struct json *j)
{
	json_key(j, "group");
	json_arr(j);
	for (size_t i = 0; i < rule->group_count; i++) {
		json_obj(j);
		json_kstr(j, "name", rule->group[i].name);
		json_kstr(j, "source", str_trim(rule->group[i].source));
		json_obj_end(j);
	}
	json_arr_end(j);
	json_kbool(j, "having", rule->having);
	json_kstr(j, "members", str_trim(rule->members));
	json_ki64(j, "within_days", rule->within_days);
	json_kstr(j, "within_by", rule->within_by);
}

static void unless_json(const struct rule *rule, struct json *j)
{
	json_key(j, "unless");
	json_arr(j);
	for (size_t i = 0; i < rule->exemption_count; i++) {
		json_obj(j);
		json_kstr(j, "id", rule->exemptions[i].id);
		json_kstr(j, "label", rule->exemptions[i].label);
		json_kstr(j, "when", str_trim(rule->exemptions[i].when));
		json_obj_end(j);
	}
	json_arr_end(j);
}

void rule_json(const struct rule *rule, const struct law_register *law, struct json *j)
{
	struct law_citation citations[64] = { 0 };
	size_t count = rule->basis_count < 64 ? rule->basis_count : 0;

	for (size_t i = 0; law && i < count; i++)
		law_lookup(law, rule->basis[i].law, rule->basis[i].article, DAY_NONE, &citations[i]);
	json_kstr(j, "id", rule->id);
	json_kstr(j, "code", rule->catalog);
	json_kstr(j, "title", rule->title);
	json_kstr(j, "title_en", rule->title_en);
	json_kstr(j, "pack", rule->pack);
	json_ki64(j, "version", rule->version);
	json_kputs(j, "status", rule_status_slug(rule->status));
	json_kbool(j, "off", rule->off);
	json_kputs(j, "severity", rule_severity_slug(rule->severity));
	json_kbool(j, "severity_varies", rule->severity_varies);
	json_kstr(j, "on", rule->on->name);
	json_kstr(j, "problem", rule->problem);
	json_kstr(j, "instrument", rule->instrument);
	json_kday(j, "in_force_from", rule->in_force_from);
	json_kday(j, "in_force_to", rule->in_force_to);
	json_kstr(j, "judged_by", rule->judged_by);
	json_kstr(j, "act", rule->act);
	json_kstr(j, "new_law", rule->new_law);
	basis_json(rule, law && count ? citations : NULL, j);
	params_json(rule, j);
	rule_group_json(rule, j);
	json_kstr(j, "when", str_trim(rule->when));
	unless_json(rule, j);
	json_kstr(j, "message", rule->message);
	json_kstr(j, "false_positives", rule->false_positives);
	json_kstr(j, "note", rule->note);
	json_ki64(j, "tests", (int64_t)rule->test_count);
}
