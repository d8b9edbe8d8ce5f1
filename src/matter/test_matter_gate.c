/* Matrix 2.1 of domain/regulation825.md, cell by cell: for every document the facts that release it, then every single fact changed. What
 * the table `refused` does not name must stay allowed, so a condition too many fails as surely as one too few. EVIDENCE: 行政执法监督条例
 * 6(2) 13 21 22 24 26 27 28 29 31 32 33 42 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "matter/matter_gate.h"

#define OF_COUNTY .level = GATE_LEVEL_COUNTY
#define PROVED .established = true

/* The facts under which each row releases its document. */
static const struct gate_facts released[GATE_ITEM_COUNT] = {
	[GATE_EXPLAIN_REQUEST] = { OF_COUNTY },
	[GATE_MATERIAL_REQUEST] = { OF_COUNTY },
	[GATE_INQUIRY_RECORD] = { OF_COUNTY },
	[GATE_INTERVIEW_NOTICE] = { OF_COUNTY },
	[GATE_SITE_CHECK_RECORD] = { OF_COUNTY },
	[GATE_FEEDBACK_LETTER] = { OF_COUNTY },
	[GATE_ONSPOT_FIX] = { OF_COUNTY },
	[GATE_URGING_LETTER] = { OF_COUNTY, PROVED, .problem = GATE_CLASS_INACTION },
	[GATE_SUPERVISION_OPINION] = { OF_COUNTY, PROVED, .problem = GATE_CLASS_ILLEGAL },
	[GATE_HANDLING_PROPOSAL] = { OF_COUNTY, PROVED, .problem = GATE_CLASS_ILLEGAL, .major = true },
	[GATE_SUPERVISION_DECISION] = { OF_COUNTY, PROVED, .problem = GATE_CLASS_ILLEGAL, .major = true, .issuer = GATE_ISSUER_GOVERNMENT,
		.gov_approval = true, .prior_proposal = true },
	[GATE_CIRCULAR] = { OF_COUNTY, .refuses_system = true, .separately_approved = true, .deidentified = true },
	[GATE_PUBLICATION] = { OF_COUNTY, .prominent = true, .separately_approved = true, .deidentified = true },
	[GATE_PERSONNEL_SUGGESTION] = { OF_COUNTY, PROVED },
	[GATE_TRANSFER_SUPERVISORY] = { OF_COUNTY, .reader_named = true },
	[GATE_TRANSFER_OTHER] = { OF_COUNTY, .jurisdiction_basis = true },
	[GATE_UPPER_NOTICE] = { OF_COUNTY, PROVED, .management = GATE_VERTICAL },
	[GATE_GUIDE_NOTICE] = { OF_COUNTY },
	[GATE_SUGGESTION_LETTER] = { OF_COUNTY },
	[GATE_TYPICAL_CASE] = { OF_COUNTY },
	[GATE_COORDINATION] = { OF_COUNTY, .parties_same_level = true },
	[GATE_SUPERVISION_NOTICE] = { OF_COUNTY, .local_profile = true },
	[GATE_LOCAL_SUGGESTION] = { OF_COUNTY, .local_profile = true },
	[GATE_SPECIAL_LAUNCH] = { .level = GATE_LEVEL_PROVINCE, .plan_approved = true },
	[GATE_SPECIAL_REGISTER] = { OF_COUNTY },
	[GATE_CLOSE] = { OF_COUNTY, PROVED },
};

/* Every single fact, set to each of its values. Setting what is already so changes nothing and must stay allowed. */
enum change {
	IN_PROCEEDINGS,
	NOT_ESTABLISHED,
	IS_ESTABLISHED,
	CLASS_NONE,
	CLASS_INACTION,
	CLASS_ILLEGAL,
	CLASS_IMPROPER,
	MINOR,
	MAJOR,
	UNHEEDED,
	BY_BODY,
	BY_GOVERNMENT,
	BY_TOWNSHIP,
	NO_GOV_APPROVAL,
	WITH_GOV_APPROVAL,
	NO_PROPOSAL,
	WITH_PROPOSAL,
	LOCAL,
	VERTICAL,
	DUAL,
	UPPER_TOLD,
	BASIS_STATED,
	SAYS_ILLEGAL,
	REFUSES_AND_PROMINENT,
	NEITHER_REFUSES_NOR_PROMINENT,
	NOT_APPROVED_APART,
	NOT_DEIDENTIFIED,
	SANCTIONS,
	NO_READER,
	NO_JURISDICTION,
	NAMES_CASE,
	NAMES_CASE_IN_PROCEEDINGS,
	CROSS_LEVEL,
	NATIONAL_PROFILE,
	REPLACES_DECISION,
	CITY,
	PROVINCE,
	NO_PLAN,
	CHANGE_COUNT
};

static const char *const change_names[CHANGE_COUNT] = { "in proceedings", "not established", "established", "no class", "inaction",
	"illegal", "obviously improper", "minor", "major", "unheeded", "by the body", "by the government", "by a township",
	"no government approval", "government approval", "no proposal", "prior proposal", "local", "vertical", "dual",
	"upper department told", "basis stated", "says illegal", "refuses and prominent", "neither refuses nor prominent",
	"not approved apart", "not de-identified", "sanctions", "no reader", "no jurisdiction", "names a case",
	"names a case in proceedings", "cross level", "national profile", "replaces the decision", "city", "province", "no plan" };

static struct gate_facts with(struct gate_facts f, enum change c)
{
	switch (c) {
	case IN_PROCEEDINGS:
		f.in_proceedings = true;
		break;
	case NOT_ESTABLISHED:
		f.established = false;
		break;
	case IS_ESTABLISHED:
		f.established = true;
		break;
	case CLASS_NONE:
		f.problem = GATE_CLASS_NONE;
		break;
	case CLASS_INACTION:
		f.problem = GATE_CLASS_INACTION;
		break;
	case CLASS_ILLEGAL:
		f.problem = GATE_CLASS_ILLEGAL;
		break;
	case CLASS_IMPROPER:
		f.problem = GATE_CLASS_IMPROPER;
		break;
	case MINOR:
		f.major = false;
		break;
	case MAJOR:
		f.major = true;
		break;
	case UNHEEDED:
		f.unheeded = true;
		break;
	case BY_BODY:
		f.issuer = GATE_ISSUER_BODY;
		break;
	case BY_GOVERNMENT:
		f.issuer = GATE_ISSUER_GOVERNMENT;
		break;
	case BY_TOWNSHIP:
		f.issuer = GATE_ISSUER_TOWNSHIP;
		break;
	case NO_GOV_APPROVAL:
		f.gov_approval = false;
		break;
	case WITH_GOV_APPROVAL:
		f.gov_approval = true;
		break;
	case NO_PROPOSAL:
		f.prior_proposal = false;
		break;
	case WITH_PROPOSAL:
		f.prior_proposal = true;
		break;
	case LOCAL:
		f.management = GATE_LOCAL_MANAGED;
		break;
	case VERTICAL:
		f.management = GATE_VERTICAL;
		break;
	case DUAL:
		f.management = GATE_DUAL_UPPER;
		break;
	case UPPER_TOLD:
		f.upper_notified = true;
		break;
	case BASIS_STATED:
		f.basis_stated = true;
		break;
	case SAYS_ILLEGAL:
		f.says_illegal = true;
		break;
	case REFUSES_AND_PROMINENT:
		f.refuses_system = f.prominent = true;
		break;
	case NEITHER_REFUSES_NOR_PROMINENT:
		f.refuses_system = f.prominent = false;
		break;
	case NOT_APPROVED_APART:
		f.separately_approved = false;
		break;
	case NOT_DEIDENTIFIED:
		f.deidentified = false;
		break;
	case SANCTIONS:
		f.imposes_sanction = true;
		break;
	case NO_READER:
		f.reader_named = false;
		break;
	case NO_JURISDICTION:
		f.jurisdiction_basis = false;
		break;
	case NAMES_CASE:
		f.names_case = true;
		break;
	case NAMES_CASE_IN_PROCEEDINGS:
		f.names_case = f.in_proceedings = true;
		break;
	case CROSS_LEVEL:
		f.parties_same_level = false;
		break;
	case NATIONAL_PROFILE:
		f.local_profile = false;
		break;
	case REPLACES_DECISION:
		f.replaces_decision = true;
		break;
	case CITY:
		f.level = GATE_LEVEL_CITY;
		break;
	case PROVINCE:
		f.level = GATE_LEVEL_PROVINCE;
		break;
	case NO_PLAN:
		f.plan_approved = false;
		break;
	case CHANGE_COUNT:
		break;
	}
	return f;
}

struct cell {
	enum gate_item item;
	enum change change;
	enum gate_verdict verdict;
	const char *article;
	enum gate_item instead;
	bool interpretation;
};
#define NONE GATE_ITEM_COUNT
#define BLOCKED(i, c, a)                                                                                                                   \
	{                                                                                                                                  \
		GATE_##i, c, GATE_BLOCKED, a, NONE, false                                                                                  \
	}
#define BLOCKED_USE(i, c, a, u)                                                                                                            \
	{                                                                                                                                  \
		GATE_##i, c, GATE_BLOCKED, a, GATE_##u, false                                                                              \
	}
#define BLOCKED_READ(i, c, a)                                                                                                              \
	{                                                                                                                                  \
		GATE_##i, c, GATE_BLOCKED, a, NONE, true                                                                                   \
	}
#define WARNED(i, c, a)                                                                                                                    \
	{                                                                                                                                  \
		GATE_##i, c, GATE_WARNED, a, NONE, false                                                                                   \
	}
#define WARNED_USE(i, c, a, u)                                                                                                             \
	{                                                                                                                                  \
		GATE_##i, c, GATE_WARNED, a, GATE_##u, false                                                                               \
	}
#define WARNED_READ(i, c, a)                                                                                                               \
	{                                                                                                                                  \
		GATE_##i, c, GATE_WARNED, a, NONE, true                                                                                    \
	}

/* 33(3): the document is itself the repetition that the article forbids. Naming a case in proceedings brings the proceedings with it. */
#define NOT_AGAIN(i) BLOCKED_USE(i, IN_PROCEEDINGS, "33(3)", GUIDE_NOTICE), BLOCKED_USE(i, NAMES_CASE_IN_PROCEEDINGS, "33(3)", GUIDE_NOTICE)
/* 33(3)〔读〕: frozen while the same act is under review. */
#define FROZEN(i) BLOCKED_READ(i, IN_PROCEEDINGS, "33(3)"), BLOCKED_READ(i, NAMES_CASE_IN_PROCEEDINGS, "33(3)")
#define NOT_TOWNSHIPS(i) BLOCKED(i, BY_TOWNSHIP, "6(2)")

static const struct cell refused[] = {
	/* 要求说明情况、调阅、访谈、约谈、现场检查: 22；33(3) */
	NOT_AGAIN(EXPLAIN_REQUEST),
	NOT_TOWNSHIPS(EXPLAIN_REQUEST),
	BLOCKED(EXPLAIN_REQUEST, BY_GOVERNMENT, "22"),
	NOT_AGAIN(MATERIAL_REQUEST),
	NOT_TOWNSHIPS(MATERIAL_REQUEST),
	BLOCKED(MATERIAL_REQUEST, BY_GOVERNMENT, "22"),
	NOT_AGAIN(INQUIRY_RECORD),
	NOT_TOWNSHIPS(INQUIRY_RECORD),
	BLOCKED(INQUIRY_RECORD, BY_GOVERNMENT, "22"),
	NOT_AGAIN(INTERVIEW_NOTICE),
	NOT_TOWNSHIPS(INTERVIEW_NOTICE),
	BLOCKED(INTERVIEW_NOTICE, BY_GOVERNMENT, "22"),
	NOT_AGAIN(SITE_CHECK_RECORD),
	NOT_TOWNSHIPS(SITE_CHECK_RECORD),
	BLOCKED(SITE_CHECK_RECORD, BY_GOVERNMENT, "22"),
	/* 问题反馈函: 22、26(2)〔读〕 */
	FROZEN(FEEDBACK_LETTER),
	NOT_TOWNSHIPS(FEEDBACK_LETTER),
	BLOCKED_READ(FEEDBACK_LETTER, SAYS_ILLEGAL, "28"),
	/* 当场纠正记录: 26(2) */
	NOT_AGAIN(ONSPOT_FIX),
	NOT_TOWNSHIPS(ONSPOT_FIX),
	/* 督办函: 27；33(3) */
	NOT_AGAIN(URGING_LETTER),
	NOT_TOWNSHIPS(URGING_LETTER),
	BLOCKED(URGING_LETTER, BY_GOVERNMENT, "26(1)"),
	BLOCKED(URGING_LETTER, CLASS_NONE, "27"),
	BLOCKED_USE(URGING_LETTER, CLASS_ILLEGAL, "27", SUPERVISION_OPINION),
	BLOCKED_USE(URGING_LETTER, CLASS_IMPROPER, "27", SUPERVISION_OPINION),
	WARNED(URGING_LETTER, NOT_ESTABLISHED, "27"),
	/* 意见书: 28；33(3) */
	NOT_AGAIN(SUPERVISION_OPINION),
	NOT_TOWNSHIPS(SUPERVISION_OPINION),
	BLOCKED(SUPERVISION_OPINION, BY_GOVERNMENT, "26(1)"),
	BLOCKED(SUPERVISION_OPINION, NOT_ESTABLISHED, "28"),
	BLOCKED(SUPERVISION_OPINION, CLASS_NONE, "28"),
	BLOCKED_USE(SUPERVISION_OPINION, CLASS_INACTION, "27", URGING_LETTER),
	WARNED_USE(SUPERVISION_OPINION, MAJOR, "29", HANDLING_PROPOSAL),
	/* 处理建议: 29 */
	NOT_AGAIN(HANDLING_PROPOSAL),
	NOT_TOWNSHIPS(HANDLING_PROPOSAL),
	BLOCKED(HANDLING_PROPOSAL, BY_GOVERNMENT, "29"),
	BLOCKED(HANDLING_PROPOSAL, NOT_ESTABLISHED, "29"),
	BLOCKED(HANDLING_PROPOSAL, MINOR, "29"),
	/* 决定书: 26(1)、29 */
	FROZEN(SUPERVISION_DECISION),
	NOT_TOWNSHIPS(SUPERVISION_DECISION),
	BLOCKED(SUPERVISION_DECISION, BY_BODY, "26(1)"),
	BLOCKED(SUPERVISION_DECISION, NO_GOV_APPROVAL, "29"),
	BLOCKED_USE(SUPERVISION_DECISION, NO_PROPOSAL, "29", HANDLING_PROPOSAL),
	/* 通报、向社会公布: 31 */
	FROZEN(CIRCULAR),
	NOT_TOWNSHIPS(CIRCULAR),
	BLOCKED(CIRCULAR, NEITHER_REFUSES_NOR_PROMINENT, "31"),
	BLOCKED(CIRCULAR, NOT_APPROVED_APART, "31"),
	BLOCKED(CIRCULAR, NOT_DEIDENTIFIED, "31"),
	FROZEN(PUBLICATION),
	NOT_TOWNSHIPS(PUBLICATION),
	BLOCKED(PUBLICATION, NEITHER_REFUSES_NOR_PROMINENT, "31"),
	BLOCKED(PUBLICATION, NOT_APPROVED_APART, "31"),
	BLOCKED(PUBLICATION, NOT_DEIDENTIFIED, "31"),
	/* 人员处理建议书: 32 */
	FROZEN(PERSONNEL_SUGGESTION),
	NOT_TOWNSHIPS(PERSONNEL_SUGGESTION),
	BLOCKED(PERSONNEL_SUGGESTION, NOT_ESTABLISHED, "32"),
	BLOCKED(PERSONNEL_SUGGESTION, SANCTIONS, "32"),
	/* 问题线索移送函（监察）: 33(1); in proceedings too */
	NOT_TOWNSHIPS(TRANSFER_SUPERVISORY),
	BLOCKED(TRANSFER_SUPERVISORY, NO_READER, "33(1)"),
	/* 移送其他机关: 各该法 */
	NOT_TOWNSHIPS(TRANSFER_OTHER),
	WARNED(TRANSFER_OTHER, NO_JURISDICTION, ""),
	WARNED_READ(TRANSFER_OTHER, IN_PROCEEDINGS, "33(3)"),
	WARNED_READ(TRANSFER_OTHER, NAMES_CASE_IN_PROCEEDINGS, "33(3)"),
	/* 问题告知函（上一级主管部门）: 42(2) */
	NOT_TOWNSHIPS(UPPER_NOTICE),
	WARNED(UPPER_NOTICE, LOCAL, "42(2)"),
	WARNED(UPPER_NOTICE, NOT_ESTABLISHED, "42(2)"),
	WARNED_READ(UPPER_NOTICE, IN_PROCEEDINGS, "33(3)"),
	WARNED_READ(UPPER_NOTICE, NAMES_CASE_IN_PROCEEDINGS, "33(3)"),
	/* 引导告知书（当事人）: 33(3), never refused to the body */
	NOT_TOWNSHIPS(GUIDE_NOTICE),
	/* 制度完善建议、典型案例: 24; in proceedings too unless the case is named */
	NOT_TOWNSHIPS(SUGGESTION_LETTER),
	BLOCKED(SUGGESTION_LETTER, NAMES_CASE_IN_PROCEEDINGS, "24"),
	WARNED(SUGGESTION_LETTER, NAMES_CASE, "24"),
	NOT_TOWNSHIPS(TYPICAL_CASE),
	BLOCKED(TYPICAL_CASE, NAMES_CASE_IN_PROCEEDINGS, "24"),
	WARNED(TYPICAL_CASE, NAMES_CASE, "24"),
	/* 协调意见书: 13 */
	FROZEN(COORDINATION),
	NOT_TOWNSHIPS(COORDINATION),
	BLOCKED(COORDINATION, CROSS_LEVEL, "13"),
	/* 地方通知书、建议书: only with a local profile, never instead of the decision */
	NOT_AGAIN(SUPERVISION_NOTICE),
	NOT_TOWNSHIPS(SUPERVISION_NOTICE),
	BLOCKED(SUPERVISION_NOTICE, NATIONAL_PROFILE, "26(1)"),
	BLOCKED_USE(SUPERVISION_NOTICE, REPLACES_DECISION, "26(1)", HANDLING_PROPOSAL),
	NOT_AGAIN(LOCAL_SUGGESTION),
	NOT_TOWNSHIPS(LOCAL_SUGGESTION),
	BLOCKED(LOCAL_SUGGESTION, NATIONAL_PROFILE, "26(1)"),
	BLOCKED_USE(LOCAL_SUGGESTION, REPLACES_DECISION, "26(1)", HANDLING_PROPOSAL),
	/* 发起专项监督: 21 */
	NOT_TOWNSHIPS(SPECIAL_LAUNCH),
	BLOCKED_USE(SPECIAL_LAUNCH, CITY, "21", SPECIAL_REGISTER),
	BLOCKED(SPECIAL_LAUNCH, NO_PLAN, "21"),
	NOT_TOWNSHIPS(SPECIAL_REGISTER),
	/* 结案: 42(2) warns until the upper department was told */
	NOT_TOWNSHIPS(CLOSE),
	WARNED_USE(CLOSE, VERTICAL, "42(2)", UPPER_NOTICE),
	WARNED_USE(CLOSE, DUAL, "42(2)", UPPER_NOTICE),
};
static const size_t refused_count = sizeof(refused) / sizeof(refused[0]);

static const struct cell *find_cell(enum gate_item item, enum change change)
{
	for (size_t i = 0; i < refused_count; i++)
		if (refused[i].item == item && refused[i].change == change)
			return &refused[i];
	return NULL;
}

static void check_cell(enum gate_item item, enum change change)
{
	struct gate_facts facts = with(released[item], change);
	const struct cell *expected = find_cell(item, change);
	struct gate_answer answer;

	matter_gate(item, &facts, &answer);
	if (answer.verdict != (expected ? expected->verdict : GATE_ALLOWED))
		fail_msg("%s when %s: %s, expected %s (%s)", gate_item_code(item), change_names[change], gate_verdict_slug(answer.verdict),
			gate_verdict_slug(expected ? expected->verdict : GATE_ALLOWED),
			answer.reason_count ? answer.reasons[0].text : "no reason");
	assert_int_equal(answer.reason_count > 0, expected != NULL);
	if (!expected)
		return;
	assert_string_equal(answer.reasons[0].article, expected->article);
	if (answer.reasons[0].instead != expected->instead || answer.reasons[0].interpretation != expected->interpretation)
		fail_msg("%s when %s: points to %d, reading %d", gate_item_code(item), change_names[change], (int)answer.reasons[0].instead,
			answer.reasons[0].interpretation);
	assert_true(answer.reasons[0].text[0] != '\0');
}

static void every_row_is_released_on_its_own_conditions(void **state)
{
	struct gate_answer answer;

	(void)state;
	for (int item = 0; item < GATE_ITEM_COUNT; item++) {
		matter_gate((enum gate_item)item, &released[item], &answer);
		if (answer.verdict != GATE_ALLOWED)
			fail_msg("%s: %s", gate_item_code((enum gate_item)item), answer.reasons[0].text);
	}
}

static void every_cell_answers_as_the_matrix_says(void **state)
{
	(void)state;
	for (int item = 0; item < GATE_ITEM_COUNT; item++)
		for (int change = 0; change < CHANGE_COUNT; change++)
			check_cell((enum gate_item)item, (enum change)change);
}

/* Cells that two facts make together. */
static const struct {
	const char *what;
	enum gate_item item;
	struct gate_facts facts;
	enum gate_verdict verdict;
	const char *article;
} together[] = {
	{ "proposal on an unheeded letter about a minor problem", GATE_HANDLING_PROPOSAL,
		{ OF_COUNTY, PROVED, .problem = GATE_CLASS_INACTION, .unheeded = true }, GATE_ALLOWED, NULL },
	{ "proposal, unheeded but not established", GATE_HANDLING_PROPOSAL, { OF_COUNTY, .problem = GATE_CLASS_INACTION, .unheeded = true },
		GATE_BLOCKED, "29" },
	{ "opinion on an obviously improper act", GATE_SUPERVISION_OPINION, { OF_COUNTY, PROVED, .problem = GATE_CLASS_IMPROPER },
		GATE_ALLOWED, NULL },
	{ "urging letter, not established, illegal: the class blocks before the warning", GATE_URGING_LETTER,
		{ OF_COUNTY, .problem = GATE_CLASS_ILLEGAL }, GATE_BLOCKED, "27" },
	{ "decision by the government without any approval or proposal", GATE_SUPERVISION_DECISION,
		{ OF_COUNTY, .issuer = GATE_ISSUER_GOVERNMENT }, GATE_BLOCKED, "29" },
	{ "circular about a prominent problem", GATE_CIRCULAR,
		{ OF_COUNTY, .prominent = true, .separately_approved = true, .deidentified = true }, GATE_ALLOWED, NULL },
	{ "publication by one who refuses", GATE_PUBLICATION,
		{ OF_COUNTY, .refuses_system = true, .separately_approved = true, .deidentified = true }, GATE_ALLOWED, NULL },
	{ "transfer to the supervisory authority during litigation", GATE_TRANSFER_SUPERVISORY,
		{ OF_COUNTY, .reader_named = true, .in_proceedings = true }, GATE_ALLOWED, NULL },
	{ "guide notice during litigation", GATE_GUIDE_NOTICE, { OF_COUNTY, .in_proceedings = true }, GATE_ALLOWED, NULL },
	{ "suggestion during litigation without naming", GATE_SUGGESTION_LETTER, { OF_COUNTY, .in_proceedings = true }, GATE_ALLOWED,
		NULL },
	{ "typical case during litigation without naming", GATE_TYPICAL_CASE, { OF_COUNTY, .in_proceedings = true }, GATE_ALLOWED, NULL },
	{ "upper notice to a dually managed agency's superior", GATE_UPPER_NOTICE, { OF_COUNTY, PROVED, .management = GATE_DUAL_UPPER },
		GATE_ALLOWED, NULL },
	{ "closing after the superior was told", GATE_CLOSE, { OF_COUNTY, PROVED, .management = GATE_VERTICAL, .upper_notified = true },
		GATE_ALLOWED, NULL },
	{ "closing a vertical agency's matter that was not established", GATE_CLOSE, { OF_COUNTY, .management = GATE_VERTICAL },
		GATE_ALLOWED, NULL },
	{ "launch by the State Council's body", GATE_SPECIAL_LAUNCH, { .level = GATE_LEVEL_STATE, .plan_approved = true }, GATE_ALLOWED,
		NULL },
	{ "launch by a county with an approved plan", GATE_SPECIAL_LAUNCH, { OF_COUNTY, .plan_approved = true }, GATE_BLOCKED, "21" },
	{ "registering a superior's campaign in a city", GATE_SPECIAL_REGISTER, { .level = GATE_LEVEL_CITY }, GATE_ALLOWED, NULL },
	{ "local notice in place of a decision under a local profile", GATE_SUPERVISION_NOTICE,
		{ OF_COUNTY, .local_profile = true, .replaces_decision = true }, GATE_BLOCKED, "26(1)" },
};

static void facts_that_meet_answer_together(void **state)
{
	struct gate_answer answer;

	(void)state;
	for (size_t i = 0; i < sizeof(together) / sizeof(together[0]); i++) {
		matter_gate(together[i].item, &together[i].facts, &answer);
		if (answer.verdict != together[i].verdict)
			fail_msg("%s: %s", together[i].what, gate_verdict_slug(answer.verdict));
		if (together[i].article)
			assert_string_equal(answer.reasons[0].article, together[i].article);
	}
}

static void an_urging_letter_on_unproved_facts_must_state_its_basis(void **state)
{
	struct gate_facts facts = { OF_COUNTY, .problem = GATE_CLASS_INACTION };
	struct gate_answer answer;

	(void)state;
	matter_gate(GATE_URGING_LETTER, &facts, &answer);
	assert_int_equal(answer.verdict, GATE_WARNED);
	assert_true(answer.must_state_basis);
	facts.established = true;
	matter_gate(GATE_URGING_LETTER, &facts, &answer);
	assert_false(answer.must_state_basis);
}

static void a_township_is_refused_every_document(void **state)
{
	struct gate_facts facts = { .issuer = GATE_ISSUER_TOWNSHIP };
	struct err err;

	(void)state;
	for (int item = 0; item < GATE_ITEM_COUNT; item++) {
		assert_int_equal(matter_gate_need((enum gate_item)item, &facts, &err), ERR_BLOCKED);
		assert_non_null(strstr(err.msg, "第6条第2款"));
	}
}

static void a_local_reading_softens_only_what_is_marked_as_reading(void **state)
{
	struct gate_facts facts = released[GATE_FEEDBACK_LETTER];
	struct gate_answer answer;

	(void)state;
	facts.says_illegal = facts.readings_warn_only = true;
	matter_gate(GATE_FEEDBACK_LETTER, &facts, &answer);
	assert_int_equal(answer.verdict, GATE_WARNED);
	facts = released[GATE_SUPERVISION_OPINION];
	facts.in_proceedings = facts.readings_warn_only = true;
	matter_gate(GATE_SUPERVISION_OPINION, &facts, &answer);
	assert_int_equal(answer.verdict, GATE_BLOCKED);
	facts = released[GATE_SUPERVISION_DECISION];
	facts.issuer = GATE_ISSUER_BODY;
	facts.readings_warn_only = true;
	matter_gate(GATE_SUPERVISION_DECISION, &facts, &answer);
	assert_int_equal(answer.verdict, GATE_BLOCKED);
}

static void proceedings_suspend_freeze_and_wait_for_a_person(void **state)
{
	struct gate_suspension s = matter_gate_suspension(true);

	(void)state;
	assert_true(s.suspend_matter && s.freeze_drafts && s.stop_reminders && s.resume_by_person && s.interpretation);
	assert_string_equal(s.article, "33(3)");
	s = matter_gate_suspension(false);
	assert_false(s.suspend_matter || s.freeze_drafts || s.stop_reminders || s.resume_by_person);
}

static void a_refusal_says_what_why_and_by_which_article(void **state)
{
	struct gate_facts facts = { OF_COUNTY, .problem = GATE_CLASS_ILLEGAL };
	struct err err;

	(void)state;
	assert_int_equal(matter_gate_need(GATE_SUPERVISION_OPINION, &facts, &err), ERR_BLOCKED);
	assert_string_equal(err.msg, "不能办理“意见书”：意见书以查明为前提，应当先完成核查并确认〔依据：《行政执法监督条例》第28条〕");
	facts.in_proceedings = true;
	assert_int_equal(matter_gate_need(GATE_CIRCULAR, &facts, &err), ERR_BLOCKED);
	assert_non_null(strstr(err.msg, "第31条"));
}

static void codes_and_kinds_are_found_by_name(void **state)
{
	(void)state;
	for (int item = 0; item < GATE_ITEM_COUNT; item++)
		assert_int_equal(gate_item_parse(str_of(gate_item_code((enum gate_item)item))), item);
	assert_int_equal(gate_item_parse(STR("none_such")), GATE_ITEM_COUNT);
	assert_int_equal(problem_kind_find(STR("failure_to_file"))->problem, GATE_CLASS_INACTION);
	assert_int_equal(problem_kind_find(STR("arbitrary_fine"))->problem, GATE_CLASS_ILLEGAL);
	assert_int_equal(problem_kind_find(STR("obviously_improper"))->problem, GATE_CLASS_IMPROPER);
	assert_null(problem_kind_find(STR("other")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_released_on_its_own_conditions),
		cmocka_unit_test(every_cell_answers_as_the_matrix_says),
		cmocka_unit_test(facts_that_meet_answer_together),
		cmocka_unit_test(an_urging_letter_on_unproved_facts_must_state_its_basis),
		cmocka_unit_test(a_township_is_refused_every_document),
		cmocka_unit_test(a_local_reading_softens_only_what_is_marked_as_reading),
		cmocka_unit_test(proceedings_suspend_freeze_and_wait_for_a_person),
		cmocka_unit_test(a_refusal_says_what_why_and_by_which_article),
		cmocka_unit_test(codes_and_kinds_are_found_by_name),
	};

	return cmocka_run_group_tests_name("matter gate", tests, NULL, NULL);
}
