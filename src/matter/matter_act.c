/* Actions: one frame for all (who, gate, state, form, step, clocks, event, audit), one small function for what each does to the facts. */
#include <jansson.h>
#include <stdio.h>

#include "auth/auth.h"
#include "detect/detect.h"
#include "matter/matter_private.h"

#define EVENT_TEXT_CHARS 300

/** Text for the timeline: the beginning of what somebody wrote; the whole stays in the matter. */
static struct str brief(struct matter_case *c, struct str text)
{
	struct str s = str_trim(text);
	size_t at = 0;

	for (int chars = 0; at < s.len && chars < EVENT_TEXT_CHARS; chars++)
		utf8_next(s, &at);
	return at == s.len ? s : str_printf(c->ctx->mem, "%.*s……", (int)at, s.ptr);
}

static const char *day_text(struct matter_case *c, int32_t day)
{
	char text[11];

	if (day == DAY_NONE)
		return "";
	day_format(day, text);
	return str_cstr(c->ctx->mem, str_of(text));
}

static enum err_code not_future(struct matter_case *c, int32_t day, const char *label, struct err *err)
{
	if (day != DAY_NONE && day > c->ctx->today)
		return err_set(err, ERR_INPUT, "“%s”不能晚于今天", label);
	return ERR_OK;
}

static struct str choice_label(const struct matter_case *c, const char *action, const char *field, struct str value)
{
	const struct process_action *a = process_action_find(c->process, str_of(action));

	for (size_t i = 0; a && i < a->field_count; i++)
		for (size_t k = 0; str_eq(str_of(a->fields[i].member->name), str_of(field)) && k < a->fields[i].choice_count; k++)
			if (str_eq(a->fields[i].choices[k].value, value))
				return a->fields[i].choices[k].label;
	return value;
}

/* ---- what is asked of whom ---- */

static enum err_code act_assign(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	TRY(matter_check_leak(c, "交办标题", f->assigned_title, err));
	TRY(matter_check_leak(c, "交办内容", f->assigned_text, err));
	c->m.assigned_title = str_trim(f->assigned_title);
	c->m.assigned_text = str_trim(f->assigned_text);
	*ret_event = str_printf(c->ctx->mem, "交办：%.*s", STR_ARG(c->m.assigned_title));
	return ERR_OK;
}

static enum err_code act_set_handler(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	struct account account;

	TRY(auth_account_get(c->ctx->db, f->handler_id, c->ctx->mem, &account, err));
	if (account.org_id != c->m.body_id || !(account.roles & (ROLE_SUPERVISOR | ROLE_LEADER)) || !account.enabled)
		return err_set(err, ERR_INPUT, "承办人应当是本监督机构的监督人员或者负责人");
	c->m.handler_id = account.id;
	c->m.handler_name = account.display_name;
	*ret_event = str_printf(c->ctx->mem, "承办人：%.*s", STR_ARG(account.display_name));
	return ERR_OK;
}

static enum err_code take_clue(struct matter_case *c, int64_t clue_id, struct err *err)
{
	struct clue_context clues = clue_context_of(c->ctx);
	struct clue clue;

	TRY(clue_get(&clues, clue_id, &clue, err));
	if (clue.owner_id != c->m.body_id)
		return err_set(err, ERR_FORBIDDEN, "线索 %.*s 由%.*s研判", STR_ARG(clue.no), STR_ARG(clue.owner_name));
	if (clue.org_id != 0 && clue.org_id != c->m.org_id)
		return err_set(err, ERR_INPUT, "线索 %.*s 涉及%.*s，不是本事项的机关", STR_ARG(clue.no), STR_ARG(clue.org_name));
	TRY(clue_accept(&clues, clue_id, c->m.id, err));
	c->m.sealed |= clue.sealed;
	return matter_clue_add(c->ctx, c->m.id, clue_id, err);
}

static enum err_code act_attach_clues(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	for (size_t i = 0; i < f->clue_ids.count; i++)
		TRY(take_clue(c, f->clue_ids.v[i], err));
	TRY(matter_clue_ids(c->ctx, c->m.id, &c->clue_ids, &c->clue_count, err));
	TRY(matter_check_leak(c, "交办标题", c->m.assigned_title, err)); /* what was assigned before must not repeat the new complaint */
	TRY(matter_check_leak(c, "交办内容", c->m.assigned_text, err));
	*ret_event = str_printf(c->ctx->mem, "并入 %zu 条线索", f->clue_ids.count);
	return ERR_OK;
}

static enum err_code act_start_verification(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	struct str mode = choice_label(c, "start_verification", "mode", f->mode);

	(void)err;
	c->m.mode = f->mode;
	*ret_event =
		str_printf(c->ctx->mem, "启动核实（%.*s）%s%.*s", STR_ARG(mode), f->text.len > 0 ? "：" : "", STR_ARG(brief(c, f->text)));
	return ERR_OK;
}

static enum err_code act_ask_assistance(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	struct org office, body;
	struct matter_assist a = { .matter_id = c->m.id, .org_id = f->org_id, .text = str_trim(f->text), .until = f->until };

	TRY(org_get(c->ctx->db, f->org_id, c->ctx->mem, &office, err));
	if (office.kind != ORG_JUDICIAL_OFFICE)
		return err_set(err, ERR_INPUT, "只能请司法所协助");
	TRY(org_body_of(c->ctx->db, office.id, c->ctx->mem, &body, err));
	if (body.id != c->m.body_id && !actor_sees(c->ctx->who, office.path))
		return err_set(err, ERR_INPUT, "%.*s不在本监督机构的范围内", STR_ARG(office.name));
	TRY(matter_assist_insert(c->ctx, &a, err));
	*ret_event = str_printf(c->ctx->mem, "请%.*s协助：%.*s", STR_ARG(office.name), STR_ARG(brief(c, a.text)));
	return ERR_OK;
}

static enum err_code act_record_measure(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	TRY(not_future(c, f->on, "日期", err));
	TRY(matter_claim_files(c->ctx, &c->m, f->attachments, err));
	*ret_event = str_printf(c->ctx->mem, "%s %.*s：%.*s", day_text(c, f->on),
		STR_ARG(choice_label(c, "record_measure", "type", f->type)), STR_ARG(brief(c, f->text)));
	return ERR_OK;
}

/* ---- verification ---- */

static enum err_code need_text(struct str text, const char *label, struct err *err)
{
	return str_trim(text).len > 0 ? ERR_OK : err_set(err, ERR_INPUT, "问题属实的，请填写“%s”", label);
}

static bool clock_is_kept(const struct matter_case *c, const char *name)
{
	for (size_t i = 0; i < c->clock_count; i++)
		if (str_eq(c->clocks[i].name, str_of(name)))
			return true;
	return false;
}

/** 42(2): a confirmed problem of a vertically or dually managed agency is told to its superior in time. */
static enum err_code start_upper_clock(struct matter_case *c, struct err *err)
{
	int clock = process_clock_index(c->process, STR("upper_notice"));

	if (clock < 0 || c->m.management == GATE_LOCAL_MANAGED || c->m.upper_notified_on != DAY_NONE || clock_is_kept(c, "upper_notice"))
		return ERR_OK;
	return matter_clock_start(c, clock, c->ctx->today, 0, DAY_NONE, err);
}

static enum err_code establish(struct matter_case *c, const struct matter_form *f, struct err *err)
{
	const struct problem_kind *kind = problem_kind_find(f->kind);

	TRY(need_text(f->kind, "问题类别", err));
	TRY(need_text(f->severity, "程度", err));
	TRY(need_text(f->evidence, "证据", err));
	TRY(need_text(f->instrument_reason, "用或者不用文书的理由", err));
	if (!kind)
		return err_set(err, ERR_INPUT, "没有这一问题类别");
	c->m.finding = MATTER_ESTABLISHED;
	c->m.kind = f->kind;
	c->m.major = str_eq(f->severity, STR("major"));
	c->m.correctable = str_eq(f->correctable, STR("yes"));
	c->m.instrument_choice = f->instrument_choice;
	c->m.instrument_reason = str_trim(f->instrument_reason);
	return start_upper_clock(c, err);
}

static enum err_code act_record_verification(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	bool yes = str_eq(f->established, STR("yes"));

	if (yes) {
		TRY(establish(c, f, err));
	} else {
		c->m.finding = MATTER_NOT_ESTABLISHED;
		c->m.kind = STR("");
		c->m.major = c->m.correctable = false;
		c->m.step = STR("verification"); /* also when an earlier conclusion is taken back */
	}
	c->m.facts = str_trim(f->facts);
	c->m.evidence = str_trim(f->evidence);
	TRY(matter_replies_settle(c->ctx, c->m.id, false, "noted", err)); /* explanations were looked at; they wait for nobody any more */
	TRY(matter_claim_files(c->ctx, &c->m, f->attachments, err));
	*ret_event = str_printf(c->ctx->mem, "核实结论：%s%s%.*s%s。%.*s", yes ? "属实" : "不属实", yes ? "，" : "",
		STR_ARG(choice_label(c, "record_verification", "kind", yes ? f->kind : STR(""))),
		!yes         ? ""
		: c->m.major ? "，重大"
			     : "，一般",
		STR_ARG(brief(c, f->facts)));
	return ERR_OK;
}

static void set_closed(struct matter_case *c, const char *outcome, struct str reason)
{
	c->m.step = STR("closed");
	c->m.state = MATTER_CLOSED;
	c->m.closed_ms = c->ctx->now_ms;
	c->m.outcome = str_of(outcome);
	c->m.outcome_reason = str_trim(reason);
}

static enum err_code act_close_not_established(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	(void)err;
	set_closed(c, "not_established", f->reason);
	*ret_event = str_printf(c->ctx->mem, "查无问题，结案：%.*s", STR_ARG(brief(c, f->reason)));
	return ERR_OK;
}

static enum err_code act_terminate(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	(void)err;
	set_closed(c, "terminated", f->reason);
	*ret_event = str_printf(c->ctx->mem, "终结：%.*s", STR_ARG(brief(c, f->reason)));
	return ERR_OK;
}

/* ---- handling ---- */

static enum err_code act_record_onspot_fix(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	TRY(not_future(c, f->on, "纠正日期", err));
	if (!c->m.correctable)
		return err_set(err, ERR_INPUT, "核实结论没有写明能当场纠正，请先更正核实结论");
	c->m.corrected_on_spot = true;
	TRY(matter_claim_files(c->ctx, &c->m, f->attachments, err));
	*ret_event = str_printf(c->ctx->mem, "%s 当场纠正。问题：%.*s；纠正：%.*s", day_text(c, f->on), STR_ARG(brief(c, f->problem)),
		STR_ARG(brief(c, f->correction)));
	return ERR_OK;
}

static enum err_code act_close_without_instrument(
	struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	(void)err;
	c->m.instrument_choice = STR("none");
	c->m.instrument_reason = str_trim(f->instrument_reason);
	*ret_event = str_printf(c->ctx->mem, "不发文，督促整改：%.*s", STR_ARG(brief(c, f->instrument_reason)));
	return ERR_OK;
}

static enum err_code act_record_gov_decision(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	bool approve = str_eq(f->decision, STR("approve"));

	TRY(not_future(c, f->on, "决定日期", err));
	if (f->on < c->m.proposal_on)
		return err_set(err, ERR_INPUT, "“决定日期”早于处理建议的日期");
	if (approve && (str_trim(f->approval_no).len == 0 || f->attachments.count == 0))
		return err_set(err, ERR_INPUT, "批准的，请填写批准文号并附批准件");
	if (!approve && str_trim(f->reason).len == 0)
		return err_set(err, ERR_INPUT, "不批准的，请写明意见");
	c->m.gov_approval_no = approve ? str_trim(f->approval_no) : STR("");
	c->m.gov_approved_on = f->on;
	TRY(matter_claim_files(c->ctx, &c->m, f->attachments, err));
	*ret_event = approve ? str_printf(c->ctx->mem, "本级人民政府批准制发决定书（%.*s）", STR_ARG(c->m.gov_approval_no))
	                     : str_printf(c->ctx->mem, "本级人民政府未批准：%.*s", STR_ARG(brief(c, f->reason)));
	return ERR_OK;
}

/* ---- what the agency answered ---- */

static enum err_code find_reply(
	struct matter_case *c, int64_t id, const char *type, const char *state, struct matter_reply **ret, struct err *err)
{
	for (size_t i = 0; i < c->reply_count; i++)
		if (c->replies[i].id == id && str_eq(c->replies[i].type, str_of(type))) {
			if (!str_eq(c->replies[i].state, str_of(state)))
				return err_set(err, ERR_STATE, "这份回复已经处理过了");
			*ret = &c->replies[i];
			return ERR_OK;
		}
	return err_set(err, ERR_INPUT, "本事项没有这份%s", matter_reply_title(str_of(type)));
}

static enum err_code act_record_paper_reply(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	struct matter_reply_new reply = { .type = f->type,
		.text = f->text,
		.until = f->until,
		.instrument_id = f->instrument_id,
		.attachments = f->attachments,
		.received_on = f->on,
		.on_paper = true };
	int64_t id;

	TRY(not_future(c, f->on, "收到日期", err));
	TRY(matter_take_reply(c, &reply, &id, err));
	*ret_event = str_printf(c->ctx->mem, "登记书面回复：%s（收到日期 %s）", matter_reply_title(f->type), day_text(c, f->on));
	return ERR_OK;
}

static enum err_code act_decide_extension(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	bool accept = str_eq(f->decision, STR("accept"));
	struct matter_reply *reply;

	TRY(find_reply(c, f->reply_id, "extension", "received", &reply, err));
	if (accept && f->until == DAY_NONE)
		return err_set(err, ERR_INPUT, "同意的，请填写“延至”");
	if (accept)
		TRY(matter_clock_extend(c, reply->instrument_id, f->until,
			str_printf(c->ctx->mem, "执法机关申请，监督机构同意：%.*s", STR_ARG(brief(c, f->reason))), err));
	TRY(matter_reply_decide(c->ctx, reply->id, accept ? "accepted" : "refused", f->decision, f->reason, err));
	*ret_event = accept ? str_printf(c->ctx->mem, "同意延期至 %s", day_text(c, f->until)) : STR("不同意延期");
	return ERR_OK;
}

static enum err_code act_decide_data_wrong(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	bool accept = str_eq(f->decision, STR("accept"));
	struct matter_reply *reply = NULL;

	TRY(find_reply(c, f->reply_id, "data_wrong", "received", &reply, err));
	TRY(matter_reply_decide(c->ctx, reply->id, accept ? "accepted" : "refused", f->decision, f->reason, err));
	if (accept)
		c->reevaluate = reply->finding_ids;
	*ret_event = accept ? STR("采信“数据有误”，请执法机关更正数据") : STR("对“数据有误”不予采信");
	return ERR_OK;
}

static enum err_code act_recheck_data(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	struct matter_reply *reply = NULL;

	TRY(find_reply(c, f->reply_id, "data_wrong", "accepted", &reply, err));
	c->reevaluate = reply->finding_ids;
	*ret_event = STR("数据更正后复核");
	return ERR_OK;
}

static enum err_code act_decide_objection(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	int clock = process_clock_index(c->process, STR("objection"));
	struct matter_reply *reply;

	TRY(find_reply(c, f->reply_id, "objection", "received", &reply, err));
	TRY(matter_reply_decide(
		c->ctx, reply->id, str_eq(f->decision, STR("maintain")) ? "refused" : "accepted", f->decision, f->reason, err));
	if (clock >= 0)
		TRY(matter_clock_end(c, clock, 0, c->ctx->today, err));
	*ret_event = str_printf(c->ctx->mem, "答复异议：%.*s", STR_ARG(choice_label(c, "decide_objection", "decision", f->decision)));
	return ERR_OK;
}

/* ---- rectification ---- */

/** [{"item":"…","result":"pass|fail","note":"…"}]: how many there are and how many failed. */
static enum err_code read_items(struct str text, int *ret_all, int *ret_failed, struct err *err)
{
	json_t *items = json_loadb(text.ptr ? text.ptr : "", text.len, 0, NULL), *item;
	enum err_code code = ERR_OK;
	size_t i;

	*ret_all = *ret_failed = 0;
	if (!json_is_array(items) || json_array_size(items) == 0 || json_array_size(items) > 200)
		code = err_set(err, ERR_INPUT, "逐项结果应当是 1 到 200 项的清单");
	json_array_foreach(items, i, item)
	{
		const char *name = json_string_value(json_object_get(item, "item")),
			   *result = json_string_value(json_object_get(item, "result"));

		if (code != ERR_OK)
			break;
		if (!name || !*name || !result || (strcmp(result, "pass") != 0 && strcmp(result, "fail") != 0))
			code = err_set(err, ERR_INPUT, "第 %zu 项：要有内容（item），结果（result）只能是 pass 或者 fail", i + 1);
		else
			*ret_failed += strcmp(result, "fail") == 0;
		(*ret_all)++;
	}
	json_decref(items);
	return code;
}

static enum err_code end_reply_clocks(struct matter_case *c, struct err *err)
{
	for (size_t i = 0; i < c->instrument_count; i++)
		if (c->instruments[i].state == INSTRUMENT_SERVED)
			TRY(matter_clock_end(c, PROCESS_ANY, c->instruments[i].id, c->ctx->today, err));
	return ERR_OK;
}

static enum err_code act_verify_rectification(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	int all, failed;

	TRY(read_items(f->items, &all, &failed, err));
	c->m.rectified = failed == 0;
	c->m.verify_failed = failed > 0;
	TRY(matter_replies_settle(c->ctx, c->m.id, true, failed == 0 ? "accepted" : "refused", err));
	if (failed == 0)
		TRY(end_reply_clocks(c, err));
	TRY(matter_claim_files(c->ctx, &c->m, f->attachments, err));
	if (failed == 0)
		*ret_event = str_printf(c->ctx->mem, "核验整改：%d 项全部通过。%.*s", all, STR_ARG(brief(c, f->text)));
	else
		*ret_event = str_printf(c->ctx->mem, "核验整改：%d 项，%d 项不通过。%.*s", all, failed, STR_ARG(brief(c, f->text)));
	return ERR_OK;
}

static enum err_code act_escalate(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	c->m.unheeded = true;
	c->m.verify_failed = false;
	TRY(end_reply_clocks(c, err));
	*ret_event = str_printf(c->ctx->mem, "认定未落实，可以提出处理建议：%.*s", STR_ARG(brief(c, f->reason)));
	return ERR_OK;
}

/** A refused proposal, or a second thought: the agency is pressed on, without a new document. */
static enum err_code act_resume_rectification(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	(void)err;
	*ret_event = str_printf(c->ctx->mem, "继续督促整改：%.*s", STR_ARG(brief(c, f->reason)));
	return ERR_OK;
}

/* ---- the end ---- */

static enum err_code act_record_feedback(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	TRY(not_future(c, f->on, "反馈日期", err));
	*ret_event = str_printf(c->ctx->mem, "%s 反馈：%.*s", day_text(c, f->on), STR_ARG(brief(c, f->text)));
	return ERR_OK;
}

static enum err_code act_notify_upper(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	TRY(not_future(c, f->on, "告知日期", err));
	c->m.upper_notified_on = f->on;
	TRY(matter_claim_files(c->ctx, &c->m, f->attachments, err));
	*ret_event =
		str_printf(c->ctx->mem, "%s 告知%.*s：%.*s", day_text(c, f->on), STR_ARG(str_trim(f->organ)), STR_ARG(brief(c, f->text)));
	return ERR_OK;
}

static enum err_code act_close(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	set_closed(c, c->m.rectified ? "rectified" : "corrected_on_spot", f->reason);
	(void)err;
	*ret_event = str_printf(c->ctx->mem, "结案：%.*s", STR_ARG(brief(c, f->reason)));
	return ERR_OK;
}

static enum err_code act_reopen(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	int step = process_step_index(c->process, f->step),
	    clock = step < 0 ? -1 : process_clock_index(c->process, c->process->steps[step].clock);

	if (step < 0)
		return err_set(err, ERR_INPUT, "没有这一步骤");
	if (c->m.in_proceedings)
		return err_set(err, ERR_BLOCKED, "同一行为仍在%.*s中，不能重新办理〔依据：《" GATE_LAW "》第33条第3款〕",
			STR_ARG(c->m.proceedings));
	c->m.step = c->process->steps[step].id;
	c->m.state = MATTER_OPEN;
	c->m.closed_ms = TIME_NONE;
	c->m.outcome = c->m.outcome_reason = STR("");
	c->m.rectified = c->m.corrected_on_spot = c->m.verify_failed = c->m.unheeded = false;
	c->m.round_ms = c->ctx->now_ms; /* documents and approvals of the time before carry nothing new */
	c->m.proposal_on = c->m.gov_approved_on = DAY_NONE;
	c->m.gov_approval_no = STR("");
	if (str_eq(f->step, STR("analysis")) || str_eq(f->step, STR("verification")))
		c->m.finding = MATTER_UNVERIFIED; /* looked at anew: an old conclusion does not carry a new opinion */
	else if (c->m.finding != MATTER_ESTABLISHED)
		return err_set(err, ERR_BLOCKED, "问题没有查明，只能回到线索分析或者问题核实〔依据：《" GATE_LAW "》第28条〕");
	if (clock >= 0)
		TRY(matter_clock_start(c, clock, c->ctx->today, 0, DAY_NONE, err));
	*ret_event =
		str_printf(c->ctx->mem, "重新办理，回到%.*s：%.*s", STR_ARG(c->process->steps[step].label), STR_ARG(brief(c, f->reason)));
	return ERR_OK;
}

/* ---- proceedings: 33(3) ---- */

static enum err_code act_record_proceedings(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	struct instrument_context documents = instrument_context_of(c->ctx);
	struct str kind = choice_label(c, "record_proceedings", "proceedings_kind", f->proceedings_kind);

	TRY(not_future(c, f->on, "受理日期", err));
	c->m.in_proceedings = true;
	c->m.state = MATTER_SUSPENDED;
	c->m.proceedings =
		str_printf(c->ctx->mem, "%.*s（%.*s，%.*s）", STR_ARG(kind), STR_ARG(str_trim(f->organ)), STR_ARG(str_trim(f->case_no)));
	c->m.proceedings_on = f->on;
	TRY(matter_clock_pause(c, f->on, "同一行为进入行政复议或者行政诉讼（条例33(3)）", err));
	TRY(instrument_stop_matter(&documents, c->m.id, true, err));
	TRY(matter_claim_files(c->ctx, &c->m, f->attachments, err));
	*ret_event = str_printf(c->ctx->mem, "中止：同一行为进入%.*s", STR_ARG(c->m.proceedings));
	return ERR_OK;
}

static enum err_code act_end_proceedings(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	struct instrument_context documents = instrument_context_of(c->ctx);
	bool resume = str_eq(f->decision, STR("resume"));

	TRY(not_future(c, f->on, "程序结束日期", err));
	if (f->on < c->m.proceedings_on)
		return err_set(err, ERR_INPUT, "“程序结束日期”早于受理日期");
	c->m.in_proceedings = false;
	if (resume) {
		c->m.state = MATTER_OPEN;
		TRY(matter_clock_resume(c, f->on, err));
		TRY(instrument_stop_matter(&documents, c->m.id, false, err));
	} else {
		set_closed(c, "terminated", f->reason);
		TRY(matter_clock_end(c, PROCESS_ANY, 0, c->ctx->today, err));
	}
	*ret_event = str_printf(c->ctx->mem, "%.*s结束（%.*s），%s：%.*s", STR_ARG(c->m.proceedings), STR_ARG(brief(c, f->text)),
		resume ? "恢复办理" : "终结", STR_ARG(brief(c, f->reason)));
	return ERR_OK;
}

static enum err_code act_add_note(struct matter_case *c, const struct matter_form *f, struct str *ret_event, struct err *err)
{
	TRY(matter_claim_files(c->ctx, &c->m, f->attachments, err));
	*ret_event = str_trim(f->text);
	return ERR_OK;
}

const struct action_row action_rows[] = {
	{ "assign", act_assign, true },
	{ "set_handler", act_set_handler, false },
	{ "attach_clues", act_attach_clues, false },
	{ "start_verification", act_start_verification, false },
	{ "ask_assistance", act_ask_assistance, false },
	{ "record_measure", act_record_measure, false },
	{ "record_verification", act_record_verification, false },
	{ "close_not_established", act_close_not_established, false },
	{ "terminate", act_terminate, false },
	{ "record_onspot_fix", act_record_onspot_fix, false },
	{ "close_without_instrument", act_close_without_instrument, false },
	{ "record_gov_decision", act_record_gov_decision, false },
	{ "record_paper_reply", act_record_paper_reply, true },
	{ "decide_extension", act_decide_extension, true },
	{ "decide_data_wrong", act_decide_data_wrong, true },
	{ "recheck_data", act_recheck_data, true },
	{ "decide_objection", act_decide_objection, true },
	{ "verify_rectification", act_verify_rectification, false },
	{ "escalate", act_escalate, false },
	{ "resume_rectification", act_resume_rectification, false },
	{ "record_feedback", act_record_feedback, false },
	{ "notify_upper", act_notify_upper, false },
	{ "close", act_close, false },
	{ "reopen", act_reopen, false },
	{ "record_proceedings", act_record_proceedings, false },
	{ "end_proceedings", act_end_proceedings, false },
	{ "add_note", act_add_note, false },
};
const size_t action_row_count = sizeof(action_rows) / sizeof(action_rows[0]);

/* ---- the frame ---- */

struct act_call {
	struct matter_context *ctx;
	int64_t id;
	struct str action;
	const struct matter_form *form;
	struct str reevaluate; /* what the committed action wants to be evaluated again */
};

/** Where the matter goes: what the handler set, else the first to_if that holds, else `to`. */
static void move_step(struct matter_case *c, const struct process_action *a, struct str step_before)
{
	if (!str_eq(c->m.step, step_before))
		return;
	for (size_t i = 0; i < a->to_count; i++)
		if (matter_fact_holds(c, a->to_fact[i])) {
			c->m.step = c->process->steps[a->to_step[i]].id;
			return;
		}
	if (a->to != PROCESS_ANY)
		c->m.step = c->process->steps[a->to].id;
}

static enum err_code move_clocks(struct matter_case *c, const struct process_action *a, struct err *err)
{
	for (size_t i = 0; i < a->end_count; i++)
		TRY(matter_clock_end(c, a->ends[i], 0, c->ctx->today, err));
	for (size_t i = 0; i < a->start_count; i++)
		TRY(matter_clock_start(c, a->starts[i], c->ctx->today, 0, DAY_NONE, err));
	return ERR_OK;
}

#define FINDINGS_AT_ONCE 500

/** The findings behind the matter end with it, and come back with it. */
static enum err_code findings_follow(struct matter_case *c, enum matter_state before, struct err *err)
{
	bool ended = c->m.state == MATTER_CLOSED;
	enum finding_state to = !ended                                         ? FINDING_ACCEPTED
	                        : str_eq(c->m.outcome, STR("not_established")) ? FINDING_REJECTED
	                                                                       : FINDING_CLOSED;
	struct clue_context clues = clue_context_of(c->ctx);
	struct str why = str_printf(c->ctx->mem, "事项 %.*s %s", STR_ARG(c->m.no), ended ? "结案" : "重新办理");

	if (ended == (before == MATTER_CLOSED))
		return ERR_OK;
	for (size_t i = 0; i < c->clue_count; i++) {
		int64_t *ids, after = 0, moved;
		size_t count = FINDINGS_AT_ONCE;

		while (count == FINDINGS_AT_ONCE) {
			TRY(clue_finding_ids(&clues, c->clue_ids[i], after, FINDINGS_AT_ONCE, &ids, &count, err));
			if (count == 0)
				break;
			TRY(finding_follow(c->ctx->db, c->ctx->who, c->ctx->ids, c->ctx->now_ms, ids, count, to, why, &moved, err));
			after = ids[count - 1];
		}
	}
	return ERR_OK;
}

static enum err_code act_body(struct db *db, void *arg, struct err *err)
{
	struct act_call *call = arg;
	struct matter_context *ctx = call->ctx;
	struct matter_case c;
	const struct process_action *a;
	const char *article;
	struct str warning, event = STR(""), step_before;
	enum matter_state state_before;

	(void)db;
	TRY(matter_case_load(ctx, call->id, &c, err));
	a = process_action_find(c.process, call->action);
	if (!a)
		return err_set(err, ERR_NOT_FOUND, "没有这个动作");
	if (call->form->version != 0 && call->form->version != c.m.version)
		return err_set(err, ERR_STATE, "事项 %.*s 刚刚被他人办理，请刷新后再操作", STR_ARG(c.m.no));
	TRY(matter_action_check(&c, a, &article, &warning, err));
	TRY(process_check_form(a, call->form, err));
	step_before = c.m.step;
	state_before = c.m.state;
	TRY(action_rows[a->handler].run(&c, call->form, &event, err));
	call->reevaluate = c.reevaluate;
	move_step(&c, a, step_before);
	TRY(move_clocks(&c, a, err));
	TRY(matter_save(ctx, &c.m, err));
	TRY(findings_follow(&c, state_before, err));
	if (warning.len > 0)
		event = str_printf(ctx->mem, "%.*s（提醒：%.*s）", STR_ARG(event), STR_ARG(warning));
	TRY(matter_add_event(ctx, c.m.id, action_rows[a->handler].id, event, STR(""), action_rows[a->handler].for_agency, err));
	return matter_audit(ctx, str_cstr(ctx->mem, str_printf(ctx->mem, "matter.%.*s", STR_ARG(a->id))), c.m.id,
		str_printf(ctx->mem, "事项 %.*s：%.*s", STR_ARG(c.m.no), STR_ARG(a->label)), err);
}

/** Evaluates the contested findings on the records as they stand now; each keeps its own verdict and audit entry. */
static enum err_code reevaluate(struct act_call *call, int *ret_still, int *ret_all, struct err *err)
{
	json_t *ids = json_loadb(call->reevaluate.ptr, call->reevaluate.len, 0, NULL), *item;
	struct matter_context *ctx = call->ctx;
	enum err_code code = ERR_OK;
	size_t i;

	*ret_still = *ret_all = 0;
	json_array_foreach(ids, i, item)
	{
		int64_t id = 0;
		bool still = false;

		if (code != ERR_OK || !str_to_i64(str_of(json_string_value(item)), &id))
			continue;
		code = finding_reevaluate(ctx->db, ctx->app, ctx->who, ctx->ids, ctx->now_ms, ctx->today, id, ctx->mem, &still, err);
		*ret_still += still;
		(*ret_all)++;
	}
	json_decref(ids);
	return code;
}

struct result_call {
	struct act_call *act;
	int still, all;
	bool failed;
};

static enum err_code result_body(struct db *db, void *arg, struct err *err)
{
	struct result_call *call = arg;
	struct matter_context *ctx = call->act->ctx;
	struct str text = call->failed ? STR("重新评估没有完成，请稍后再次复核")
	                               : str_printf(ctx->mem, "重新评估 %d 条，仍命中 %d 条", call->all, call->still);

	(void)db;
	TRY(matter_add_event(ctx, call->act->id, "reevaluate", text, STR(""), !call->failed, err));
	return matter_audit(ctx, "matter.reevaluate", call->act->id, text, err);
}

enum err_code matter_act(struct matter_context *ctx, int64_t id, struct str action, const struct matter_form *form, struct err *err)
{
	struct act_call call = { .ctx = ctx, .id = id, .action = action, .form = form };
	struct result_call result = { .act = &call };

	TRY(db_transact(ctx->db, act_body, &call, err));
	if (call.reevaluate.len == 0)
		return ERR_OK;
	/* reads a snapshot of its own: never inside a transaction; the decision stands whatever comes of it, and can be followed by
	 * recheck_data */
	result.failed = reevaluate(&call, &result.still, &result.all, err) != ERR_OK;
	return result.all > 0 ? db_transact(ctx->db, result_body, &result, err) : ERR_OK;
}

/* ---- opening ---- */

struct open_call {
	struct matter_context *ctx;
	const struct matter_new *in;
	int64_t id;
};

static enum err_code check_agency(struct matter_context *ctx, int64_t org_id, struct err *err)
{
	struct org org, own;

	TRY(org_get_in_scope(ctx->db, ctx->who, org_id, ctx->mem, &org, err));
	if (org_is_agency(org.kind))
		return ERR_OK;
	if (org.kind != ORG_GOVERNMENT) /* 2: departments, dispatched organs, lower governments, authorised organisations */
		return err_set(err, ERR_INPUT, "%.*s不是监督对象〔依据：《" GATE_LAW "》第2条〕", STR_ARG(org.name));
	if (org_government_of(ctx->db, ctx->who->org_id, ctx->mem, &own, NULL) == ERR_OK && own.id == org.id)
		return err_set(err, ERR_INPUT, "本级人民政府不是本监督机构的监督对象〔依据：《" GATE_LAW "》第2条〕");
	return ERR_OK;
}

static enum err_code open_body(struct db *db, void *arg, struct err *err)
{
	struct open_call *call = arg;
	struct matter_context *ctx = call->ctx;
	struct clue_context clues = clue_context_of(ctx);
	struct matter_case c = { .ctx = ctx, .process = ctx->app->processes };
	struct clue first;
	int clock = process_clock_index(c.process, STR("analysis"));

	(void)db;
	TRY(clue_get(&clues, call->in->clue_ids[0], &first, err));
	c.m = (struct matter){ .title = str_trim(call->in->title).len > 0 ? str_trim(call->in->title) : first.title,
		.org_id = call->in->org_id != 0 ? call->in->org_id : first.org_id,
		.body_id = first.owner_id,
		.handler_id = ctx->who->account_id,
		.handler_name = ctx->who->name,
		.step = c.process->steps[0].id };
	if (c.m.org_id == 0)
		return err_set(err, ERR_INPUT, "请先选择线索涉及的执法机关");
	TRY(check_agency(ctx, c.m.org_id, err));
	TRY(matter_insert(ctx, &c.m, err));
	for (size_t i = 0; i < call->in->clue_count; i++)
		TRY(take_clue(&c, call->in->clue_ids[i], err));
	TRY(matter_read(ctx, c.m.id, true, &c.m, err)); /* with what the database filled in; the seal follows from the clues */
	TRY(matter_clocks(ctx, c.m.id, &c.clocks, &c.clock_count, err));
	if (clock >= 0)
		TRY(matter_clock_start(&c, clock, ctx->today, 0, DAY_NONE, err));
	TRY(matter_add_event(ctx, c.m.id, "open",
		str_printf(ctx->mem, "立项：%zu 条线索%s%.*s", call->in->clue_count, call->in->reason.len > 0 ? "，" : "",
			STR_ARG(brief(&c, call->in->reason))),
		STR(""), false, err));
	call->id = c.m.id;
	return matter_audit(ctx, "matter.open", c.m.id, str_printf(ctx->mem, "立项 %.*s", STR_ARG(c.m.no)), err);
}

enum err_code matter_open(struct matter_context *ctx, const struct matter_new *m, int64_t *ret_id, struct err *err)
{
	struct open_call call = { .ctx = ctx, .in = m };

	if (!matter_is_program(ctx->who) && !actor_has(ctx->who, ROLE_SUPERVISOR | ROLE_LEADER))
		return err_set(err, ERR_FORBIDDEN, "只有监督人员和监督机构负责人可以立项");
	if (m->clue_count == 0)
		return err_set(err, ERR_INPUT, "监督事项来自线索，请至少选择一条");
	if (utf8_count(m->title) > 100)
		return err_set(err, ERR_INPUT, "标题不能超过 100 个字");
	TRY(db_transact(ctx->db, open_body, &call, err));
	*ret_id = call.id;
	return ERR_OK;
}
