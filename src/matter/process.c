/* processes/matter.yaml into memory. Everything a file may name is checked against what the program knows, so that a slip of the pen is an
 * error with line and column at start, not a missing button later. */
#include <assert.h>

#include "matter/matter_private.h"
#include "yaml/yaml.h"

#define PROCESS_PATH "processes/matter.yaml"

/* ---- forms ---- */

#define MEMBER(n, t)                                                                                                                       \
	{                                                                                                                                  \
#n, t, offsetof(struct matter_form, n)                                                                                     \
	}
const struct form_member form_members[] = {
	MEMBER(reason, FORM_TEXT),
	MEMBER(text, FORM_TEXT),
	MEMBER(title, FORM_TEXT),
	MEMBER(assigned_title, FORM_TEXT),
	MEMBER(assigned_text, FORM_TEXT),
	MEMBER(mode, FORM_TEXT),
	MEMBER(established, FORM_TEXT),
	MEMBER(kind, FORM_TEXT),
	MEMBER(severity, FORM_TEXT),
	MEMBER(facts, FORM_TEXT),
	MEMBER(evidence, FORM_TEXT),
	MEMBER(correctable, FORM_TEXT),
	MEMBER(instrument_choice, FORM_TEXT),
	MEMBER(instrument_reason, FORM_TEXT),
	MEMBER(problem, FORM_TEXT),
	MEMBER(correction, FORM_TEXT),
	MEMBER(decision, FORM_TEXT),
	MEMBER(type, FORM_TEXT),
	MEMBER(proceedings_kind, FORM_TEXT),
	MEMBER(organ, FORM_TEXT),
	MEMBER(case_no, FORM_TEXT),
	MEMBER(approval_no, FORM_TEXT),
	MEMBER(step, FORM_TEXT),
	MEMBER(items, FORM_ITEMS),
	MEMBER(on, FORM_DAY),
	MEMBER(until, FORM_DAY),
	MEMBER(reply_id, FORM_ID),
	MEMBER(org_id, FORM_ID),
	MEMBER(handler_id, FORM_ID),
	MEMBER(instrument_id, FORM_ID),
	MEMBER(attachments, FORM_FILES),
	MEMBER(finding_ids, FORM_IDS),
	MEMBER(clue_ids, FORM_IDS),
};
const size_t form_member_count = sizeof(form_members) / sizeof(form_members[0]);

const char *form_type_slug(enum form_type t)
{
	static const char *const slugs[] = { "text", "day", "id", "files", "ids", "items" };

	return slugs[t];
}

static const struct form_member *member_find(struct str name)
{
	for (size_t i = 0; i < form_member_count; i++)
		if (str_eq(name, str_of(form_members[i].name)))
			return &form_members[i];
	return NULL;
}

const struct fact_name fact_names[FACT_COUNT] = {
	[FACT_ASSIGNED] = { "assigned", "还没有填写交办内容", NULL },
	[FACT_ESTABLISHED] = { "established", "问题还没有查明", "28" },
	[FACT_NOT_ESTABLISHED] = { "not_established", "还没有作出不属实的核实结论", NULL },
	[FACT_NOT_ESTABLISHED_YET] = { "not_established_yet", "问题已经查明，不能终结，应当督促纠正", "26(1)" },
	[FACT_NO_LIVE_DOCUMENT] = { "no_live_document", "已有督办函、意见书、处理建议或者决定书，应当先作废或者办结", NULL },
	[FACT_NO_OPEN_DOCUMENT] = { "no_open_document", "还有没办结的文书，应当先送达或者作废", NULL },
	[FACT_PROPOSAL_SUBMITTED] = { "proposal_submitted", "还没有报送处理建议", "29" },
	[FACT_DOCUMENT_SERVED] = { "document_served", "还没有送达过文书", NULL },
	[FACT_EXTENSION_ASKED] = { "extension_asked", "没有待答复的延期申请", NULL },
	[FACT_DATA_WRONG_CLAIMED] = { "data_wrong_claimed", "没有待处理的“数据有误”回复", NULL },
	[FACT_DATA_WRONG_ACCEPTED] = { "data_wrong_accepted", "没有采信过“数据有误”", NULL },
	[FACT_OBJECTION_RAISED] = { "objection_raised", "没有待答复的异议", "30" },
	[FACT_REPLY_RECEIVED] = { "reply_received", "还没有收到纠正情况", "28(2)" },
	[FACT_OVERDUE_OR_FAILED] = { "overdue_or_failed", "督办函、意见书尚未到期，核验也没有不通过的项目", "29" },
	[FACT_UPPER_MANAGED] = { "upper_managed", "该机关不是垂直管理或者双重管理", "42(2)" },
	[FACT_CORRECTED] = { "corrected", "整改还没有核验通过，也没有当场纠正", "28(2)" },
	[FACT_RECTIFIED] = { "rectified", "整改还没有核验通过", "28(2)" },
	[FACT_NO_UNDECIDED_REPLY] = { "no_undecided_reply", "还有没处理的延期申请、数据有误或者异议", "30" },
};

static int fact_find(struct str name)
{
	for (int i = 0; i < FACT_COUNT; i++)
		if (str_eq(name, str_of(fact_names[i].name)))
			return i;
	return -1;
}

/* ---- finding things ---- */

int process_step_index(const struct process_set *p, struct str id)
{
	for (size_t i = 0; i < p->step_count; i++)
		if (str_eq(p->steps[i].id, id))
			return (int)i;
	return -1;
}

int process_clock_index(const struct process_set *p, struct str id)
{
	for (size_t i = 0; i < p->clock_count; i++)
		if (str_eq(p->clocks[i].id, id))
			return (int)i;
	return -1;
}

const struct process_action *process_action_find(const struct process_set *p, struct str id)
{
	for (size_t i = 0; i < p->action_count; i++)
		if (str_eq(p->actions[i].id, id))
			return &p->actions[i];
	return NULL;
}

const struct process_document *process_document_find(const struct process_set *p, struct str kind)
{
	for (size_t i = 0; i < p->document_count; i++)
		if (str_eq(p->documents[i].kind, kind))
			return &p->documents[i];
	return NULL;
}

/* ---- reading ---- */

struct reader {
	struct process_set *p;
	const struct calendar *calendar;
	struct arena *mem;
};

static struct str word(const struct yaml *map, const char *key)
{
	return str_trim(yaml_text(map, key));
}

static enum err_code read_steps(struct reader *r, const struct yaml *root, struct err *err)
{
	struct yaml *steps;

	TRY(yaml_need(root, "steps", YAML_SEQ, &steps, err));
	if (steps->count < 2 || steps->count > PROCESS_STEPS_MAX)
		return yaml_fail(err, ERR_INPUT, steps, "步骤应当有 2 到 %d 个", PROCESS_STEPS_MAX);
	for (size_t i = 0; i < steps->count; i++) {
		struct yaml *s = steps->values[i], *label;
		struct process_step step = { .id = word(s, "id"), .purpose = word(s, "purpose"), .clock = word(s, "clock") };

		TRY(yaml_only(s, "id|label|purpose|clock", err));
		TRY(yaml_need(s, "label", YAML_MAP, &label, err));
		step.label = word(label, "zh");
		step.label_en = word(label, "en");
		if (step.id.len == 0 || step.label.len == 0 || process_step_index(r->p, step.id) >= 0)
			return yaml_fail(err, ERR_INPUT, s, "步骤要有不重复的 id 和中文名称");
		r->p->steps[r->p->step_count++] = step;
	}
	return ERR_OK;
}

/** "行政执法监督条例 33(3)": the law and the article. */
static enum err_code read_citation(const struct yaml *node, struct period_basis *ret, struct err *err)
{
	struct str text = str_trim(node->text), law;
	struct str rest = text;

	if (!str_next(&rest, ' ', &law) || law.len == 0 || str_trim(rest).len == 0)
		return yaml_fail(err, ERR_INPUT, node, "依据写作“行政执法监督条例 28”");
	*ret = (struct period_basis){ .law = law, .article = str_trim(rest) };
	return ERR_OK;
}

static enum err_code read_basis(const struct yaml *map, struct period_basis *out, size_t max, size_t *ret_count, struct err *err)
{
	struct yaml *basis = yaml_get(map, "basis");

	*ret_count = 0;
	if (!basis)
		return ERR_OK;
	if (basis->kind != YAML_SEQ || basis->count > max)
		return yaml_fail(err, ERR_INPUT, basis, "basis 是依据的清单，最多 %zu 项", max);
	for (size_t i = 0; i < basis->count; i++)
		TRY(read_citation(basis->values[i], &out[i], err));
	*ret_count = basis->count;
	return ERR_OK;
}

static enum err_code clock_from_period(
	struct reader *r, const struct yaml *node, struct str period_id, struct process_clock *c, struct err *err)
{
	const struct period *period = period_find(r->calendar, period_id);

	if (!period || !period->has_length)
		return yaml_fail(err, ERR_INPUT, node, "期限表里没有“%.*s”，或者它没有天数", STR_ARG(period_id));
	if (period->evidence == PERIOD_UNVERIFIED)
		return yaml_fail(err, ERR_INPUT, node, "期限“%.*s”未经核实，不能用来计时", STR_ARG(period_id));
	c->kind = period->kind;
	c->length = period->length;
	c->unit = period->unit;
	c->rollover = period->rollover;
	c->basis = period->basis;
	c->basis_count = period->basis_count;
	if (c->note.len == 0)
		c->note = period->note;
	return ERR_OK;
}

static enum err_code clock_from_length(struct reader *r, const struct yaml *node, struct process_clock *c, struct err *err)
{
	struct period_basis *basis = ARENA_NEW(r->mem, struct period_basis, PROCESS_LIST_MAX);

	if (!basis)
		return err_nomem(err);
	TRY(yaml_i64(node, "length", 0, &c->length, err));
	if (c->length < 1 || c->length > 1000)
		return yaml_fail(err, ERR_INPUT, node, "length 应当是 1 到 1000，或者用 period 指明期限表里的期限");
	if (!period_unit_parse(word(node, "unit"), &c->unit) || c->unit == UNIT_HOUR)
		return yaml_fail(err, ERR_INPUT, node, "unit 应当是 day、workday、month 或者 year");
	c->kind = PERIOD_MANAGERIAL; /* a file of the bureau cannot make law */
	c->rollover = true;
	TRY(read_basis(node, basis, PROCESS_LIST_MAX, &c->basis_count, err));
	c->basis = basis;
	return ERR_OK;
}

static enum err_code read_clocks(struct reader *r, const struct yaml *root, struct err *err)
{
	struct yaml *clocks;

	TRY(yaml_need(root, "clocks", YAML_MAP, &clocks, err));
	r->p->clocks = ARENA_NEW(r->mem, struct process_clock, clocks->count + 1);
	if (!r->p->clocks)
		return err_nomem(err);
	for (size_t i = 0; i < clocks->count; i++) {
		struct yaml *node = clocks->values[i];
		struct process_clock c = { .id = clocks->keys[i]->text, .label = word(node, "label"), .note = word(node, "note") };
		struct str period = word(node, "period");

		TRY(yaml_only(node, "label|note|period|length|unit|basis", err));
		if (c.label.len == 0)
			return yaml_fail(err, ERR_INPUT, node, "期限要有名称（label）");
		if (period.len > 0)
			TRY(clock_from_period(r, node, period, &c, err));
		else
			TRY(clock_from_length(r, node, &c, err));
		r->p->clocks[r->p->clock_count++] = c;
	}
	return ERR_OK;
}

static enum err_code read_step_bits(struct reader *r, const struct yaml *list, unsigned int *ret, struct err *err)
{
	*ret = 0;
	if (!list || list->kind != YAML_SEQ || list->count == 0)
		return list ? yaml_fail(err, ERR_INPUT, list, "应当是步骤的清单") : ERR_OK;
	for (size_t i = 0; i < list->count; i++) {
		int step = process_step_index(r->p, str_trim(list->values[i]->text));

		if (step < 0)
			return yaml_fail(err, ERR_INPUT, list->values[i], "没有步骤“%.*s”", STR_ARG(list->values[i]->text));
		*ret |= 1u << step;
	}
	return ERR_OK;
}

static enum err_code read_documents(struct reader *r, const struct yaml *root, struct err *err)
{
	struct yaml *documents, *replies = yaml_get(root, "replies_to");

	TRY(yaml_need(root, "documents", YAML_MAP, &documents, err));
	r->p->documents = ARENA_NEW(r->mem, struct process_document, documents->count + 1);
	if (!r->p->documents)
		return err_nomem(err);
	for (size_t i = 0; i < documents->count; i++) {
		struct process_document d = { .kind = documents->keys[i]->text, .reply_clock = PROCESS_ANY };
		struct str clock;

		if (gate_item_parse(d.kind) == GATE_ITEM_COUNT)
			return yaml_fail(err, ERR_INPUT, documents->keys[i], "放行矩阵里没有文书“%.*s”", STR_ARG(d.kind));
		TRY(read_step_bits(r, documents->values[i], &d.steps, err));
		clock = word(replies, str_cstr(r->mem, d.kind));
		if (clock.len > 0) {
			d.reply_clock = process_clock_index(r->p, clock);
			if (d.reply_clock < 0)
				return yaml_fail(err, ERR_INPUT, replies, "没有期限“%.*s”", STR_ARG(clock));
		}
		r->p->documents[r->p->document_count++] = d;
	}
	return ERR_OK;
}

/* ---- actions ---- */

static enum err_code read_problem_kinds(struct reader *r, struct process_field *f, struct err *err)
{
	f->choices = ARENA_NEW(r->mem, struct process_choice, problem_kind_count);
	if (!f->choices)
		return err_nomem(err);
	for (size_t i = 0; i < problem_kind_count; i++)
		f->choices[f->choice_count++] =
			(struct process_choice){ .value = str_of(problem_kinds[i].code), .label = str_of(problem_kinds[i].title) };
	return ERR_OK;
}

static enum err_code read_choices(struct reader *r, const struct yaml *choices, struct process_field *f, struct err *err)
{
	if (!choices)
		return ERR_OK;
	if (f->member->type != FORM_TEXT)
		return yaml_fail(err, ERR_INPUT, choices, "只有文字项可以有选项");
	if (choices->kind == YAML_SCALAR && str_eq(choices->text, STR("problem_kinds")))
		return read_problem_kinds(r, f, err);
	if (choices->kind != YAML_MAP)
		return yaml_fail(err, ERR_INPUT, choices, "choices 写作 {值: 名称}，或者 problem_kinds");
	f->choices = ARENA_NEW(r->mem, struct process_choice, choices->count + 1);
	if (!f->choices)
		return err_nomem(err);
	for (size_t i = 0; i < choices->count; i++)
		f->choices[f->choice_count++] =
			(struct process_choice){ .value = choices->keys[i]->text, .label = choices->values[i]->text };
	return ERR_OK;
}

static enum err_code read_fields(struct reader *r, const struct yaml *action, struct process_action *a, struct err *err)
{
	struct yaml *fields = yaml_get(action, "fields");

	if (!fields)
		return ERR_OK;
	if (fields->kind != YAML_SEQ)
		return yaml_fail(err, ERR_INPUT, fields, "fields 是表单项的清单");
	a->fields = ARENA_NEW(r->mem, struct process_field, fields->count + 1);
	if (!a->fields)
		return err_nomem(err);
	for (size_t i = 0; i < fields->count; i++) {
		struct yaml *node = fields->values[i];
		struct process_field f = {
			.member = member_find(word(node, "name")), .label = word(node, "label"), .hint = word(node, "hint")
		};

		TRY(yaml_only(node, "name|label|hint|required|max|choices", err));
		if (!f.member)
			return yaml_fail(err, ERR_INPUT, node, "程序不认识表单项“%.*s”", STR_ARG(word(node, "name")));
		if (f.label.len == 0)
			return yaml_fail(err, ERR_INPUT, node, "表单项要有名称（label）");
		TRY(yaml_bool(node, "required", false, &f.required, err));
		TRY(yaml_i64(node, "max", 2000, &f.max, err));
		TRY(read_choices(r, yaml_get(node, "choices"), &f, err));
		a->fields[a->field_count++] = f;
	}
	return ERR_OK;
}

static enum err_code read_roles(const struct yaml *action, unsigned int *ret, struct err *err)
{
	struct str roles = word(action, "roles"), role;

	*ret = 0;
	while (str_next(&roles, ' ', &role)) {
		unsigned int bit = role_from_slug(role);

		if (role.len == 0)
			continue;
		if ((bit & ROLE_OFFICE) == 0) /* whatever a file says, nobody else acts on matters: 6(2) */
			return yaml_fail(err, ERR_INPUT, yaml_get(action, "roles"), "“%.*s”不能办理监督事项", STR_ARG(role));
		*ret |= bit;
	}
	if (*ret == 0)
		return yaml_fail(err, ERR_INPUT, action, "动作要有角色（roles）");
	return ERR_OK;
}

static enum err_code read_states(const struct yaml *action, unsigned int *ret, struct err *err)
{
	struct yaml *states = yaml_get(action, "states");

	*ret = 1u << MATTER_OPEN;
	if (!states)
		return ERR_OK;
	*ret = 0;
	for (size_t i = 0; i < states->count; i++) {
		int found = -1;

		for (int s = 0; s < MATTER_STATE_COUNT; s++)
			if (str_eq(states->values[i]->text, str_of(matter_state_slug((enum matter_state)s))))
				found = s;
		if (found < 0)
			return yaml_fail(err, ERR_INPUT, states->values[i], "状态只有 open、suspended、closed");
		*ret |= 1u << found;
	}
	return ERR_OK;
}

static enum err_code read_needs(const struct yaml *action, unsigned int *ret, struct err *err)
{
	struct yaml *needs = yaml_get(action, "needs");

	*ret = 0;
	for (size_t i = 0; needs && i < needs->count; i++) {
		int fact = fact_find(needs->values[i]->text);

		if (fact < 0)
			return yaml_fail(err, ERR_INPUT, needs->values[i], "程序不认识事实“%.*s”", STR_ARG(needs->values[i]->text));
		*ret |= 1u << fact;
	}
	return ERR_OK;
}

static enum err_code read_targets(struct reader *r, const struct yaml *action, struct process_action *a, struct err *err)
{
	struct yaml *to_if = yaml_get(action, "to_if");
	struct str to = word(action, "to");

	a->to = PROCESS_ANY;
	if (to.len > 0 && (a->to = process_step_index(r->p, to)) < 0)
		return yaml_fail(err, ERR_INPUT, yaml_get(action, "to"), "没有步骤“%.*s”", STR_ARG(to));
	if (to_if && (to_if->kind != YAML_MAP || to_if->count > PROCESS_LIST_MAX))
		return yaml_fail(err, ERR_INPUT, to_if, "to_if 写作 {事实: 步骤}");
	for (size_t i = 0; to_if && i < to_if->count; i++) {
		int fact = fact_find(to_if->keys[i]->text), step = process_step_index(r->p, to_if->values[i]->text);

		if (fact < 0 || step < 0)
			return yaml_fail(err, ERR_INPUT, to_if->values[i], "to_if 里有程序不认识的事实或者步骤");
		a->to_fact[a->to_count] = (enum matter_fact)fact;
		a->to_step[a->to_count++] = step;
	}
	return ERR_OK;
}

static enum err_code read_clock_list(
	struct reader *r, const struct yaml *action, const char *key, bool all_allowed, int *out, size_t *ret_count, struct err *err)
{
	struct yaml *list = yaml_get(action, key);

	*ret_count = 0;
	if (list && (list->kind != YAML_SEQ || list->count > PROCESS_LIST_MAX))
		return yaml_fail(err, ERR_INPUT, list, "%s 是期限的清单", key);
	for (size_t i = 0; list && i < list->count; i++) {
		bool all = all_allowed && str_eq(list->values[i]->text, STR("all"));
		int clock = all ? PROCESS_ANY : process_clock_index(r->p, list->values[i]->text);

		if (!all && clock < 0)
			return yaml_fail(err, ERR_INPUT, list->values[i], "没有期限“%.*s”", STR_ARG(list->values[i]->text));
		out[(*ret_count)++] = clock;
	}
	return ERR_OK;
}

static enum err_code read_handler(const struct yaml *action, struct process_action *a, struct err *err)
{
	for (a->handler = 0; a->handler < action_row_count; a->handler++)
		if (str_eq(a->id, str_of(action_rows[a->handler].id)))
			return ERR_OK;
	return yaml_fail(err, ERR_INPUT, action, "程序不认识动作“%.*s”", STR_ARG(a->id));
}

static enum err_code read_action(struct reader *r, const struct yaml *node, struct err *err)
{
	struct process_action a = {
		.id = word(node, "action"), .label = word(node, "label"), .does = word(node, "does"), .gate = GATE_ITEM_COUNT
	};
	struct str gate = word(node, "gate");

	TRY(yaml_only(node, "action|label|does|roles|steps|states|needs|to|to_if|basis|gate|starts|ends|fields", err));
	TRY(read_handler(node, &a, err));
	if (a.label.len == 0 || process_action_find(r->p, a.id))
		return yaml_fail(err, ERR_INPUT, node, "动作要有名称，且不重复");
	TRY(read_roles(node, &a.roles, err));
	TRY(read_step_bits(r, yaml_get(node, "steps"), &a.steps, err));
	TRY(read_states(node, &a.states, err));
	TRY(read_needs(node, &a.needs, err));
	TRY(read_targets(r, node, &a, err));
	TRY(read_basis(node, a.basis, PROCESS_LIST_MAX, &a.basis_count, err));
	TRY(read_clock_list(r, node, "starts", false, a.starts, &a.start_count, err));
	TRY(read_clock_list(r, node, "ends", true, a.ends, &a.end_count, err));
	if (gate.len > 0 && (a.gate = gate_item_parse(gate)) == GATE_ITEM_COUNT)
		return yaml_fail(err, ERR_INPUT, yaml_get(node, "gate"), "放行矩阵里没有“%.*s”", STR_ARG(gate));
	TRY(read_fields(r, node, &a, err));
	r->p->actions[r->p->action_count++] = a;
	return ERR_OK;
}

static enum err_code read_actions(struct reader *r, const struct yaml *root, struct err *err)
{
	struct yaml *actions;

	TRY(yaml_need(root, "actions", YAML_SEQ, &actions, err));
	r->p->actions = ARENA_NEW(r->mem, struct process_action, actions->count + 1);
	if (!r->p->actions)
		return err_nomem(err);
	for (size_t i = 0; i < actions->count; i++)
		TRY(read_action(r, actions->values[i], err));
	return ERR_OK;
}

static enum err_code check_step_clocks(const struct reader *r, const struct yaml *root, struct err *err)
{
	for (size_t i = 0; i < r->p->step_count; i++)
		if (r->p->steps[i].clock.len > 0 && process_clock_index(r->p, r->p->steps[i].clock) < 0)
			return yaml_fail(err, ERR_INPUT, root, "步骤“%.*s”的期限“%.*s”不在 clocks 里", STR_ARG(r->p->steps[i].id),
				STR_ARG(r->p->steps[i].clock));
	return ERR_OK;
}

/** Steps that the program moves matters to by itself, whatever the file calls them in Chinese. */
static enum err_code check_steps(struct reader *r, const struct yaml *root, struct err *err)
{
	static const char *const known[] = { "analysis", "verification", "supervision", "rectification", "feedback", "closed" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (process_step_index(r->p, str_of(known[i])) < 0)
			return yaml_fail(err, ERR_INPUT, root, "缺少步骤“%s”", known[i]);
	return ERR_OK;
}

enum err_code process_load(
	const struct asset_set *assets, const struct calendar *calendar, struct arena *mem, struct process_set **ret, struct err *err)
{
	struct asset_file file;
	struct yaml *root;
	struct reader r = { .p = ARENA_NEW(mem, struct process_set, 1), .calendar = calendar, .mem = mem };
	struct str readings;

	if (!r.p)
		return err_nomem(err);
	TRY(asset_read(assets, STR(PROCESS_PATH), mem, &file, err));
	TRY(yaml_parse(file.text, PROCESS_PATH, mem, &root, err));
	TRY(yaml_only(root, "process|label|version|basis|readings|local_documents|steps|clocks|replies_to|documents|actions", err));
	r.p->id = word(root, "process");
	r.p->version = word(root, "version");
	readings = word(root, "readings");
	if (readings.len > 0 && !str_eq(readings, STR("block")) && !str_eq(readings, STR("warn")))
		return yaml_fail(err, ERR_INPUT, yaml_get(root, "readings"), "readings 只能是 block 或者 warn");
	r.p->readings_warn_only = str_eq(readings, STR("warn"));
	TRY(yaml_bool(root, "local_documents", false, &r.p->local_documents, err));
	TRY(read_steps(&r, root, err));
	TRY(check_steps(&r, root, err));
	TRY(read_clocks(&r, root, err));
	TRY(check_step_clocks(&r, root, err));
	TRY(read_documents(&r, root, err));
	TRY(read_actions(&r, root, err));
	*ret = r.p;
	return ERR_OK;
}

/* ---- checking a form ---- */

static const struct str *text_of(const struct process_field *f, const struct matter_form *form)
{
	return (const struct str *)((const char *)form + f->member->at);
}

static bool is_given(const struct process_field *f, const struct matter_form *form)
{
	const char *at = (const char *)form + f->member->at;

	switch (f->member->type) {
	case FORM_TEXT:
	case FORM_ITEMS:
		return str_trim(*(const struct str *)at).len > 0;
	case FORM_DAY:
		return *(const int32_t *)at != DAY_NONE;
	case FORM_ID:
		return *(const int64_t *)at != 0;
	case FORM_FILES:
	case FORM_IDS:
		return ((const struct id_list *)at)->count > 0;
	}
	return false;
}

static bool is_choice(const struct process_field *f, struct str value)
{
	for (size_t i = 0; i < f->choice_count; i++)
		if (str_eq(f->choices[i].value, value))
			return true;
	return false;
}

enum err_code process_check_form(const struct process_action *a, const struct matter_form *form, struct err *err)
{
	for (size_t i = 0; i < a->field_count; i++) {
		const struct process_field *f = &a->fields[i];

		if (!is_given(f, form)) {
			if (f->required)
				return err_set(err, ERR_INPUT, "请填写“%.*s”", STR_ARG(f->label));
			continue;
		}
		if (f->member->type != FORM_TEXT)
			continue;
		if (f->choice_count > 0 && !is_choice(f, str_trim(*text_of(f, form))))
			return err_set(err, ERR_INPUT, "“%.*s”只能从选项中选择", STR_ARG(f->label));
		if (f->choice_count == 0 && utf8_count(*text_of(f, form)) > (size_t)f->max)
			return err_set(err, ERR_INPUT, "“%.*s”不能超过 %lld 个字", STR_ARG(f->label), (long long)f->max);
	}
	return ERR_OK;
}
