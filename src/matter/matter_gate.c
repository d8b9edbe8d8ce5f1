/* The matrix as data. A row lists what has to hold; what does not hold gives its verdict and article. The order of the checks inside a row
 * is the order in which a person should read the reasons. */
#include "matter/matter_gate.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define NOTHING GATE_ITEM_COUNT

/** Conditions that rows are made of. */
enum fact {
	NOT_TOWNSHIP,
	NOT_IN_PROCEEDINGS,
	ISSUER_BODY,
	ISSUER_GOVERNMENT,
	ESTABLISHED,
	CLASS_KNOWN,
	CLASS_INACTION,
	CLASS_NOT_INACTION,
	NOT_MAJOR,
	MAJOR_OR_UNHEEDED,
	GOV_APPROVED,
	PRIOR_PROPOSAL,
	NOT_SAYS_ILLEGAL,
	REFUSES_OR_PROMINENT,
	SEPARATELY_APPROVED,
	DEIDENTIFIED,
	NO_SANCTION,
	READER_NAMED,
	JURISDICTION_BASIS,
	UPPER_MANAGED,
	UPPER_NOTIFIED,
	NAMES_NO_CASE_IN_PROCEEDINGS,
	NAMES_NO_CASE,
	SAME_LEVEL,
	LOCAL_PROFILE,
	NOT_REPLACING_DECISION,
	PROVINCE_OR_ABOVE,
	PLAN_APPROVED,
};

static bool holds(enum fact fact, const struct gate_facts *f)
{
	switch (fact) {
	case NOT_TOWNSHIP:
		return f->issuer != GATE_ISSUER_TOWNSHIP;
	case NOT_IN_PROCEEDINGS:
		return !f->in_proceedings;
	case ISSUER_BODY:
		return f->issuer == GATE_ISSUER_BODY;
	case ISSUER_GOVERNMENT:
		return f->issuer == GATE_ISSUER_GOVERNMENT;
	case ESTABLISHED:
		return f->established;
	case CLASS_KNOWN:
		return f->problem != GATE_CLASS_NONE;
	case CLASS_INACTION:
		return f->problem == GATE_CLASS_INACTION;
	case CLASS_NOT_INACTION:
		return f->problem != GATE_CLASS_INACTION;
	case NOT_MAJOR:
		return !f->major;
	case MAJOR_OR_UNHEEDED:
		return f->major || f->unheeded;
	case GOV_APPROVED:
		return f->gov_approval;
	case PRIOR_PROPOSAL:
		return f->prior_proposal;
	case NOT_SAYS_ILLEGAL:
		return !f->says_illegal;
	case REFUSES_OR_PROMINENT:
		return f->refuses_system || f->prominent;
	case SEPARATELY_APPROVED:
		return f->separately_approved;
	case DEIDENTIFIED:
		return f->deidentified;
	case NO_SANCTION:
		return !f->imposes_sanction;
	case READER_NAMED:
		return f->reader_named;
	case JURISDICTION_BASIS:
		return f->jurisdiction_basis;
	case UPPER_MANAGED:
		return f->management == GATE_VERTICAL || f->management == GATE_DUAL_UPPER;
	case UPPER_NOTIFIED: /* asked only of what must be told: confirmed problems of vertically or dually managed agencies */
		return f->upper_notified || !f->established || f->management == GATE_LOCAL_MANAGED;
	case NAMES_NO_CASE_IN_PROCEEDINGS:
		return !(f->names_case && f->in_proceedings);
	case NAMES_NO_CASE:
		return !f->names_case || f->in_proceedings; /* in proceedings the check above has answered */
	case SAME_LEVEL:
		return f->parties_same_level;
	case LOCAL_PROFILE:
		return f->local_profile;
	case NOT_REPLACING_DECISION:
		return !f->replaces_decision;
	case PROVINCE_OR_ABOVE:
		return f->level >= GATE_LEVEL_PROVINCE;
	case PLAN_APPROVED:
		return f->plan_approved;
	}
	assert(false);
	return false;
}

struct check {
	enum fact need;
	struct gate_reason otherwise;
	bool state_basis;
};
#define CHECKS_MAX 9

struct row {
	const char *code, *title, *basis;
	struct check checks[CHECKS_MAX];
	size_t check_count;
};

#define BLOCK(fact, art, why)                                                                                                              \
	{                                                                                                                                  \
		.need = fact, .otherwise = { GATE_BLOCKED, art, why, NOTHING, false }                                                      \
	}
#define BLOCK_USE(fact, art, why, use)                                                                                                     \
	{                                                                                                                                  \
		.need = fact, .otherwise = { GATE_BLOCKED, art, why, use, false }                                                          \
	}
#define BLOCK_READ(fact, art, why)                                                                                                         \
	{                                                                                                                                  \
		.need = fact, .otherwise = { GATE_BLOCKED, art, why, NOTHING, true }                                                       \
	}
#define WARN(fact, art, why)                                                                                                               \
	{                                                                                                                                  \
		.need = fact, .otherwise = { GATE_WARNED, art, why, NOTHING, false }                                                       \
	}
#define WARN_USE(fact, art, why, use)                                                                                                      \
	{                                                                                                                                  \
		.need = fact, .otherwise = { GATE_WARNED, art, why, use, false }                                                           \
	}
#define WARN_READ(fact, art, why)                                                                                                          \
	{                                                                                                                                  \
		.need = fact, .otherwise = { GATE_WARNED, art, why, NOTHING, true }                                                        \
	}

#define NO_TOWNSHIP BLOCK(NOT_TOWNSHIP, "6(2)", "司法所只协助县级监督机构，可以采集线索、协助核查，不能签发监督文书")
#define NO_PROCEEDINGS BLOCK_USE(NOT_IN_PROCEEDINGS, "33(3)", "同一行为已进入行政复议或者行政诉讼程序，不重复监督", GATE_GUIDE_NOTICE)
#define NO_PROCEEDINGS_READ BLOCK_READ(NOT_IN_PROCEEDINGS, "33(3)", "同一行为已进入行政复议或者行政诉讼程序，事项应当中止，文书冻结")
#define BY_BODY(art) BLOCK(ISSUER_BODY, art, "这一文书由行政执法监督机构制发，本级人民政府不直接制发")

#define ROW(c, t, b, ...)                                                                                                                  \
	{                                                                                                                                  \
		.code = c, .title = t, .basis = b, .checks = { __VA_ARGS__ },                                                              \
		.check_count = sizeof((struct check[]){ __VA_ARGS__ }) / sizeof(struct check)                                              \
	}

static const struct row rows[GATE_ITEM_COUNT] = {
	[GATE_EXPLAIN_REQUEST] = ROW("explain_request", "要求说明情况（自查）函", "22；33(3)", NO_TOWNSHIP, NO_PROCEEDINGS, BY_BODY("22")),
	[GATE_MATERIAL_REQUEST] = ROW("material_request", "调阅资料通知", "22；33(3)", NO_TOWNSHIP, NO_PROCEEDINGS, BY_BODY("22")),
	[GATE_INQUIRY_RECORD] = ROW("inquiry_record", "访谈（询问）笔录", "22；33(3)", NO_TOWNSHIP, NO_PROCEEDINGS, BY_BODY("22")),
	[GATE_INTERVIEW_NOTICE] = ROW("interview_notice", "约谈通知", "22；33(3)", NO_TOWNSHIP, NO_PROCEEDINGS, BY_BODY("22")),
	[GATE_SITE_CHECK_RECORD] =
		ROW("site_check_record", "现场检查（暗访）笔录", "22；33(3)", NO_TOWNSHIP, NO_PROCEEDINGS, BY_BODY("22")),
	[GATE_FEEDBACK_LETTER] = ROW("feedback_letter", "问题反馈函", "22；26(2)", NO_TOWNSHIP, NO_PROCEEDINGS_READ,
		BLOCK_READ(NOT_SAYS_ILLEGAL, "28", "问题反馈函不是法定文书，不写“违法”结论；认定违法或者明显不当应当查明后用意见书")),
	[GATE_ONSPOT_FIX] = ROW("onspot_fix", "当场纠正记录", "26(2)", NO_TOWNSHIP, NO_PROCEEDINGS),
	[GATE_URGING_LETTER] = ROW("urging_letter", "督办函", "27；33(3)", NO_TOWNSHIP, NO_PROCEEDINGS, BY_BODY("26(1)"),
		BLOCK(CLASS_KNOWN, "27", "还没有认定问题的类别；督办函只用于应当履行而未履行职责"),
		{ .need = CLASS_INACTION,
			.otherwise = { GATE_BLOCKED, "27", "督办函只用于应当履行而未履行职责；违法或者明显不当的，查明后用意见书",
				GATE_SUPERVISION_OPINION, false } },
		{ .need = ESTABLISHED,
			.otherwise = { GATE_WARNED, "27", "问题尚未查明；仍要督办的，应当写明应履行的职责及其依据", NOTHING, false },
			.state_basis = true }),
	[GATE_SUPERVISION_OPINION] = ROW("supervision_opinion", "意见书", "28；33(3)", NO_TOWNSHIP, NO_PROCEEDINGS, BY_BODY("26(1)"),
		BLOCK(ESTABLISHED, "28", "意见书以查明为前提，应当先完成核查并确认"),
		BLOCK(CLASS_KNOWN, "28", "还没有认定问题的类别；意见书只用于查明的违法或者明显不当"),
		BLOCK_USE(CLASS_NOT_INACTION, "27", "应当履行而未履行职责的，应当用督办函", GATE_URGING_LETTER),
		WARN_USE(NOT_MAJOR, "29", "涉及重大问题，可以提出处理建议报本级人民政府", GATE_HANDLING_PROPOSAL)),
	[GATE_HANDLING_PROPOSAL] = ROW("handling_proposal", "处理建议", "29；33(3)", NO_TOWNSHIP, NO_PROCEEDINGS, BY_BODY("29"),
		BLOCK(ESTABLISHED, "29", "处理建议以查明为前提，应当先完成核查并确认"),
		BLOCK(MAJOR_OR_UNHEEDED, "29", "处理建议只用于重大问题，或者督办函、意见书到期仍未履行、未纠正")),
	[GATE_SUPERVISION_DECISION] = ROW("supervision_decision", "决定书", "26(1)；29", NO_TOWNSHIP,
		BLOCK(ISSUER_GOVERNMENT, "26(1)", "决定书由本级人民政府制发，监督机构只能提出处理建议"),
		BLOCK(GOV_APPROVED, "29", "没有本级人民政府的批准文号和用印件"),
		BLOCK_USE(PRIOR_PROPOSAL, "29", "没有在先的处理建议", GATE_HANDLING_PROPOSAL), NO_PROCEEDINGS_READ),
	[GATE_CIRCULAR] = ROW("circular", "通报", "31", NO_TOWNSHIP,
		BLOCK(REFUSES_OR_PROMINENT, "31", "通报只用于拒不落实制度或者问题突出"), BLOCK(SEPARATELY_APPROVED, "31", "通报须另行审批"),
		BLOCK(DEIDENTIFIED, "31", "通报前须完成脱密脱敏审核"), NO_PROCEEDINGS_READ),
	[GATE_PUBLICATION] = ROW("publication", "向社会公布", "31", NO_TOWNSHIP,
		BLOCK(REFUSES_OR_PROMINENT, "31", "向社会公布只用于拒不落实制度或者问题突出"),
		BLOCK(SEPARATELY_APPROVED, "31", "向社会公布须另行审批"), BLOCK(DEIDENTIFIED, "31", "向社会公布前须完成脱密脱敏审核"),
		NO_PROCEEDINGS_READ),
	[GATE_PERSONNEL_SUGGESTION] = ROW("personnel_suggestion", "人员处理建议书", "32", NO_TOWNSHIP,
		BLOCK(ESTABLISHED, "32", "人员处理建议以查明为前提"),
		BLOCK(NO_SANCTION, "32", "监督机构只提出建议，不直接给予处分、不直接取消执法资格，由有权机关处理"), NO_PROCEEDINGS_READ),
	[GATE_TRANSFER_SUPERVISORY] = ROW("transfer_supervisory", "问题线索移送函", "33(1)", NO_TOWNSHIP,
		BLOCK(READER_NAMED, "33(1)", "移送监察机关的函须密封，未指定知悉人")),
	[GATE_TRANSFER_OTHER] = ROW("transfer_other", "线索（案件）移送函", "各该法", NO_TOWNSHIP,
		WARN(JURISDICTION_BASIS, "", "没有写明受移送机关的管辖依据"),
		WARN_READ(NOT_IN_PROCEEDINGS, "33(3)", "同一行为已进入行政复议或者行政诉讼程序，请核实移送的必要")),
	[GATE_UPPER_NOTICE] = ROW("upper_notice", "问题告知函", "42(2)", NO_TOWNSHIP,
		WARN(UPPER_MANAGED, "42(2)", "该机关不是垂直管理或者双重管理，没有应当告知的上一级主管部门"),
		WARN(ESTABLISHED, "42(2)", "问题尚未确认，确认后应当及时告知"),
		WARN_READ(NOT_IN_PROCEEDINGS, "33(3)", "同一行为已进入行政复议或者行政诉讼程序，告知时应当说明")),
	[GATE_GUIDE_NOTICE] = ROW("guide_notice", "引导告知书", "33(3)", NO_TOWNSHIP),
	[GATE_SUGGESTION_LETTER] = ROW("suggestion_letter", "制度完善建议书", "24", NO_TOWNSHIP,
		BLOCK(NAMES_NO_CASE_IN_PROCEEDINGS, "24", "点名了正在行政复议或者行政诉讼中的个案"),
		WARN(NAMES_NO_CASE, "24", "点名了个案；共性问题的建议以不点名为宜")),
	[GATE_TYPICAL_CASE] = ROW("typical_case", "典型案例", "24", NO_TOWNSHIP,
		BLOCK(NAMES_NO_CASE_IN_PROCEEDINGS, "24", "点名了正在行政复议或者行政诉讼中的个案"),
		WARN(NAMES_NO_CASE, "24", "点名了个案；发布前应当脱敏")),
	[GATE_COORDINATION] = ROW("coordination", "执法争议协调意见书", "13", NO_TOWNSHIP,
		BLOCK(SAME_LEVEL, "13", "只能协调本级执法机关之间的争议；跨级的，请报共同的上级机关"), NO_PROCEEDINGS_READ),
	[GATE_SUPERVISION_NOTICE] = ROW("supervision_notice", "行政执法监督通知书", "地方条例", NO_TOWNSHIP, NO_PROCEEDINGS,
		BLOCK(LOCAL_PROFILE, "26(1)", "国家档没有通知书；只有地方条例设定了这一文书的地区启用地方档后才能使用"),
		BLOCK_USE(NOT_REPLACING_DECISION, "26(1)", "地方文书不能替代决定书", GATE_HANDLING_PROPOSAL)),
	[GATE_LOCAL_SUGGESTION] = ROW("local_suggestion", "行政执法监督建议书", "地方条例", NO_TOWNSHIP, NO_PROCEEDINGS,
		BLOCK(LOCAL_PROFILE, "26(1)", "国家档没有建议书；只有地方条例设定了这一文书的地区启用地方档后才能使用"),
		BLOCK_USE(NOT_REPLACING_DECISION, "26(1)", "地方文书不能替代决定书", GATE_HANDLING_PROPOSAL)),
	[GATE_SPECIAL_LAUNCH] = ROW("special_launch", "发起专项监督", "21", NO_TOWNSHIP,
		BLOCK_USE(PROVINCE_OR_ABOVE, "21", "专项监督由省级以上监督机构发起，市县只能登记落实上级专项监督", GATE_SPECIAL_REGISTER),
		BLOCK(PLAN_APPROVED, "21", "专项监督的工作方案未经本级人民政府批准")),
	[GATE_SPECIAL_REGISTER] = ROW("special_register", "登记落实上级专项监督", "21", NO_TOWNSHIP),
	[GATE_CLOSE] = ROW("close", "结案", "42(2)", NO_TOWNSHIP,
		WARN_USE(UPPER_NOTIFIED, "42(2)", "该机关为垂直管理或者双重管理，问题已确认，尚未告知上一级主管部门", GATE_UPPER_NOTICE)),
};

void matter_gate(enum gate_item item, const struct gate_facts *f, struct gate_answer *ret)
{
	const struct row *row;

	assert(item < GATE_ITEM_COUNT);
	row = &rows[item];
	*ret = (struct gate_answer){ .verdict = GATE_ALLOWED };
	for (int pass = GATE_BLOCKED; pass >= GATE_WARNED; pass--)
		for (size_t i = 0; i < row->check_count; i++) {
			struct gate_reason reason = row->checks[i].otherwise;

			if (holds(row->checks[i].need, f))
				continue;
			if (reason.interpretation && f->readings_warn_only)
				reason.verdict = GATE_WARNED;
			if ((int)reason.verdict != pass)
				continue;
			ret->reasons[ret->reason_count++] = reason;
			ret->must_state_basis |= row->checks[i].state_basis;
			if (reason.verdict > ret->verdict)
				ret->verdict = reason.verdict;
		}
}

enum err_code matter_gate_need(enum gate_item item, const struct gate_facts *f, struct err *err)
{
	struct gate_answer answer;
	char article[96];

	matter_gate(item, f, &answer);
	if (answer.verdict != GATE_BLOCKED)
		return ERR_OK;
	gate_article_text(answer.reasons[0].article, article);
	return err_set(err, ERR_BLOCKED, "不能办理“%s”：%s%s%s%s%s", rows[item].title, answer.reasons[0].text,
		answer.reasons[0].interpretation ? "（本级对条文的理解）" : "", article[0] ? "〔依据：" : "", article,
		article[0] ? "〕" : "");
}

struct gate_suspension matter_gate_suspension(bool in_proceedings)
{
	return (struct gate_suspension){ .suspend_matter = in_proceedings,
		.freeze_drafts = in_proceedings,
		.stop_reminders = in_proceedings,
		.resume_by_person = in_proceedings,
		.article = "33(3)",
		.text = "同一行为进入行政复议或者行政诉讼：事项中止，草稿冻结，已发文书停止催办；程序结束后由人决定恢复或者终结",
		.interpretation = true };
}

const char *gate_item_code(enum gate_item item)
{
	assert(item < GATE_ITEM_COUNT);
	return rows[item].code;
}

const char *gate_item_title(enum gate_item item)
{
	assert(item < GATE_ITEM_COUNT);
	return rows[item].title;
}

const char *gate_item_basis(enum gate_item item)
{
	assert(item < GATE_ITEM_COUNT);
	return rows[item].basis;
}

enum gate_item gate_item_parse(struct str code)
{
	for (int i = 0; i < GATE_ITEM_COUNT; i++)
		if (str_eq(code, str_of(rows[i].code)))
			return (enum gate_item)i;
	return GATE_ITEM_COUNT;
}

const char *gate_verdict_slug(enum gate_verdict v)
{
	static const char *const slugs[GATE_VERDICT_COUNT] = { "allowed", "warned", "blocked" };

	assert(v < GATE_VERDICT_COUNT);
	return slugs[v];
}

void gate_article_text(const char *article, char out[static 96])
{
	const char *open = strchr(article, '(');

	if (!article[0])
		out[0] = '\0';
	else if (open)
		snprintf(
			out, 96, "《" GATE_LAW "》第%.*s条第%.*s款", (int)(open - article), article, (int)strcspn(open + 1, ")"), open + 1);
	else
		snprintf(out, 96, "《" GATE_LAW "》第%s条", article);
}

/* 11(2): three ways of not acting where the law demands it are inaction; the rest is what was done wrongly. */
const struct problem_kind problem_kinds[] = {
	{ "inaction", "应当履行而未履行职责", GATE_CLASS_INACTION },
	{ "failure_to_file", "有案不立", GATE_CLASS_INACTION },
	{ "buck_passing", "推诿扯皮", GATE_CLASS_INACTION },
	{ "illegal", "违法", GATE_CLASS_ILLEGAL },
	{ "no_qualification", "主体或者人员不具备资格", GATE_CLASS_ILLEGAL },
	{ "illegal_procedure", "程序违法", GATE_CLASS_ILLEGAL },
	{ "illegal_substance", "决定违法", GATE_CLASS_ILLEGAL },
	{ "penalty_in_lieu", "以罚代管", GATE_CLASS_ILLEGAL },
	{ "cross_jurisdiction", "违规异地执法", GATE_CLASS_ILLEGAL },
	{ "profit_driven", "趋利性执法", GATE_CLASS_ILLEGAL },
	{ "arbitrary_fee", "乱收费", GATE_CLASS_ILLEGAL },
	{ "arbitrary_fine", "乱罚款", GATE_CLASS_ILLEGAL },
	{ "arbitrary_inspection", "乱检查", GATE_CLASS_ILLEGAL },
	{ "arbitrary_seizure", "乱查封", GATE_CLASS_ILLEGAL },
	{ "equipment_violation", "证件、标志、装备、着装不合规定", GATE_CLASS_ILLEGAL },
	{ "obviously_improper", "明显不当", GATE_CLASS_IMPROPER },
	{ "uncivil", "简单粗暴", GATE_CLASS_IMPROPER },
};
const size_t problem_kind_count = sizeof(problem_kinds) / sizeof(problem_kinds[0]);

const struct problem_kind *problem_kind_find(struct str code)
{
	for (size_t i = 0; i < problem_kind_count; i++)
		if (str_eq(code, str_of(problem_kinds[i].code)))
			return &problem_kinds[i];
	return NULL;
}
