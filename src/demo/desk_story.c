/* The story of the demo desk as data: sixteen clues and what became of them, day by day before “today”. Everything said here is invented;
 * {facts} and {what} become the thread's own findings, {contact} the body's line. Steps of one thread stand in order of time. */
#include "clue/clue.h"
#include "demo/desk.h"

#define AT(h, m) ((h)*60 + (m))
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FORM(...)                                                                                                                          \
	&(const struct matter_form)                                                                                                        \
	{                                                                                                                                  \
		.on = DAY_NONE, .until = DAY_NONE, __VA_ARGS__                                                                             \
	}
#define CLUE(...)                                                                                                                          \
	&(const struct clue_new)                                                                                                           \
	{                                                                                                                                  \
		.happened_on = DAY_NONE, .received_on = DAY_NONE, __VA_ARGS__                                                              \
	}
#pragma GCC diagnostic ignored "-Wmissing-field-initializers" /* a step names what it needs */

const int desk_agency[DESK_THREAD_COUNT] = {
	[DESK_PROPOSAL] = 1,
	[DESK_CLOSED] = 0,
	[DESK_OVERDUE] = 0,
	[DESK_FEEDBACK] = 2,
	[DESK_COMPLAINT] = 3,
	[DESK_EXTENSION] = 0,
	[DESK_DRAFT] = 4,
	[DESK_EXPLAIN] = 0,
	[DESK_FRESH] = 5,
	[DESK_REJECTED] = 6,
	[DESK_MOVED] = 2,
	[DESK_CALL] = 0,
	[DESK_TICKET] = 3,
	[DESK_TOWNSHIP] = 7,
	[DESK_MODEL] = 8,
	[DESK_SKIPPED] = 9,
};

#define OPINION                                                                                                                                             \
	"{\"investigation\":\"监督规则在报送的案卷数据中检出疑似问题，监督人员调阅案卷逐件核对。\",\"facts\":\"{facts}\"," \
	"\"evidence\":[{\"name\":\"行政处罚案卷\",\"source\":\"调阅\",\"proves\":\"{what}\"}],"                                                     \
	"\"defects\":[{\"problem\":\"{what}\",\"basis\":\"{basis}\"}],"                                                                                     \
	"\"corrections\":[\"逐件自查上述案件，依法纠正\",\"完善案件审核和提醒机制，防止再次发生\"],\"contact\":\"{contact}\"}"
#define PROVED(k, serious)                                                                                                                 \
	FORM(.established = STR_INIT("yes"), .kind = STR_INIT(k), .severity = STR_INIT(serious), .facts = STR_INIT("{facts}"),             \
		.evidence = STR_INIT("调阅的案卷和报送的数据"), .correctable = STR_INIT("no"),                                             \
		.instrument_choice = STR_INIT("supervision_opinion"), .instrument_reason = STR_INIT("需要书面提出纠正要求并核验"))

const struct desk_step desk_steps[] = {
	/* letter → nothing done → proposal to the government */
	{ 62, AT(9, 10), DESK_PROPOSAL, DESK_SUPERVISOR, DESK_CLUE,
		.clue = CLUE(.channel = CLUE_REFERRAL, .title = STR_INIT("信访部门移送：多起投诉长期没有立案结论"),
			.content = STR_INIT("信访联席会议梳理发现，七起事项转办后超过两个月没有立案与否的结论，请依职责监督。"),
			.source_name = STR_INIT("信访联席会议"), .source_no = STR_INIT("移送函第12号")) },
	{ 61, AT(10, 0), DESK_PROPOSAL, DESK_SUPERVISOR, DESK_OPEN },
	{ 61, AT(10, 20), DESK_PROPOSAL, DESK_SUPERVISOR, DESK_ACT, "assign",
		.form = FORM(.assigned_title = STR_INIT("投诉举报事项的核查与立案"),
			.assigned_text = STR_INIT("请逐件说明七起转办事项的核查情况和立案与否的结论。")) },
	{ 60, AT(9, 0), DESK_PROPOSAL, DESK_SUPERVISOR, DESK_ACT, "start_verification",
		.form = FORM(.mode = STR_INIT("key"), .text = STR_INIT("调阅转办登记簿和核查记录")) },
	{ 56, AT(15, 0), DESK_PROPOSAL, DESK_SUPERVISOR, DESK_ACT, "record_measure", .dated = true,
		.form = FORM(.type = STR_INIT("material"), .text = STR_INIT("调阅转办登记簿一册，七起事项均无核查记录。")) },
	{ 54, AT(16, 0), DESK_PROPOSAL, DESK_SUPERVISOR, DESK_ACT, "record_verification",
		.form = FORM(.established = STR_INIT("yes"), .kind = STR_INIT("failure_to_file"), .severity = STR_INIT("major"),
			.facts = STR_INIT("七起转办事项自签收之日起均超过六十日，没有核查记录，也没有作出立案与否的决定。"),
			.evidence = STR_INIT("转办登记簿、签收单"), .correctable = STR_INIT("no"),
			.instrument_choice = STR_INIT("urging_letter"),
			.instrument_reason = STR_INIT("应当履行的职责没有履行，先行督办")) },
	{ 53, AT(9, 30), DESK_PROPOSAL, DESK_SUPERVISOR, DESK_DOCUMENT, "urging_letter",
		"{\"duty\":\"投诉举报核查立案\",\"source\":\"有关部门移送，监督人员调阅登记簿核实。\",\"duty_basis\":"
		"\"《行政处罚法》第五十四条第二款。\","
		"\"inaction_facts\":\"七起转办事项自签收之日起均超过六十日，没有核查记录，也没有作出立案与否的决定。\","
		"\"required_actions\":[\"七起事项逐件核查，作出立案与否的决定\",\"将结果逐件书面报送\"],\"contact\":\"{contact}\"}" },
	{ 53, AT(9, 50), DESK_PROPOSAL, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SUBMIT },
	{ 52, AT(10, 30), DESK_PROPOSAL, DESK_LEADER, DESK_STEP, .action = INSTRUMENT_ACT_APPROVE },
	{ 52, AT(11, 0), DESK_PROPOSAL, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_NUMBER },
	{ 52, AT(14, 30), DESK_PROPOSAL, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SEAL },
	{ 51, AT(9, 0), DESK_PROPOSAL, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SERVE },
	{ 30, AT(9, 0), DESK_PROPOSAL, DESK_SUPERVISOR, DESK_ACT, "escalate",
		.form = FORM(.reason = STR_INIT("督办函到期，七起事项仍没有作出决定，也没有说明理由。")) },
	{ 29, AT(10, 0), DESK_PROPOSAL, DESK_SUPERVISOR, DESK_DOCUMENT, "handling_proposal",
		"{\"facts\":\"七起转办事项均超过六十日没有立案与否的决定，督办函到期后仍未履行。\","
		"\"reasons\":\"属于重大问题，在先督办函到期未履行。\",\"draft_decision\":[\"责令三十日内对七起事项逐件作出立案与否的决定\","
		"\"书面报告办理结果\"],"
		"\"contact\":\"{contact}\"}" },
	{ 29, AT(10, 30), DESK_PROPOSAL, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SUBMIT },
	{ 28, AT(9, 0), DESK_PROPOSAL, DESK_LEADER, DESK_STEP, .action = INSTRUMENT_ACT_APPROVE },
	{ 3, AT(9, 30), DESK_PROPOSAL, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_NUMBER },
	{ 3, AT(15, 0), DESK_PROPOSAL, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SEAL },

	/* found by the rules, corrected, closed */
	{ 48, AT(9, 0), DESK_CLOSED, DESK_SUPERVISOR, DESK_TAKE },
	{ 47, AT(9, 0), DESK_CLOSED, DESK_SUPERVISOR, DESK_OPEN },
	{ 47, AT(9, 30), DESK_CLOSED, DESK_SUPERVISOR, DESK_ACT, "assign",
		.form = FORM(.assigned_title = STR_INIT("行政处罚案件自查"),
			.assigned_text = STR_INIT("请对照清单逐件自查，有误的请依法纠正。")) },
	{ 46, AT(9, 0), DESK_CLOSED, DESK_SUPERVISOR, DESK_ACT, "start_verification",
		.form = FORM(.mode = STR_INIT("daily"), .text = STR_INIT("调阅案卷")) },
	{ 44, AT(15, 0), DESK_CLOSED, DESK_SUPERVISOR, DESK_ACT, "record_measure", .dated = true,
		.form = FORM(.type = STR_INIT("material"), .text = STR_INIT("调阅案卷，与报送数据一致。")) },
	{ 43, AT(10, 0), DESK_CLOSED, DESK_SUPERVISOR, DESK_ACT, "record_verification", .form = PROVED("{kind}", "minor") },
	{ 42, AT(9, 0), DESK_CLOSED, DESK_SUPERVISOR, DESK_DOCUMENT, "supervision_opinion", OPINION },
	{ 42, AT(9, 40), DESK_CLOSED, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SUBMIT },
	{ 41, AT(10, 0), DESK_CLOSED, DESK_LEADER, DESK_STEP, .action = INSTRUMENT_ACT_APPROVE },
	{ 41, AT(10, 30), DESK_CLOSED, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_NUMBER },
	{ 41, AT(15, 0), DESK_CLOSED, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SEAL },
	{ 40, AT(9, 0), DESK_CLOSED, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SERVE },
	{ 24, AT(16, 0), DESK_CLOSED, DESK_LIAISON, DESK_REPLY, "correction", "已逐件自查并纠正，完善了案件审核提醒，材料附后。",
		.proved = true },
	{ 20, AT(10, 0), DESK_CLOSED, DESK_SUPERVISOR, DESK_ACT, "verify_rectification",
		.form = FORM(.items = STR_INIT("[{\"item\":\"逐件自查上述案件，依法纠正\",\"result\":\"pass\"},{\"item\":"
					       "\"完善案件审核和提醒机制\",\"result\":\"pass\"}]"),
			.text = STR_INIT("查验纠正材料原件，抽查三件，属实。")) },
	{ 18, AT(11, 0), DESK_CLOSED, DESK_SUPERVISOR, DESK_ACT, "record_feedback", .dated = true,
		.form = FORM(.text = STR_INIT("已将结果记入监督规则的准确率统计，并通报业务科室。")) },
	{ 17, AT(9, 0), DESK_CLOSED, DESK_SUPERVISOR, DESK_ACT, "close", .form = FORM(.reason = STR_INIT("整改已经核验，问题纠正到位。")) },

	/* an urging letter that ran out */
	{ 36, AT(9, 20), DESK_OVERDUE, DESK_SUPERVISOR, DESK_CLUE,
		.clue = CLUE(.channel = CLUE_NPC_CPPCC, .title = STR_INIT("代表建议反映农贸市场计量器具长期无人检查"),
			.content = STR_INIT("代表建议第37号：三家农贸市场的电子秤两年没有检查记录，建议督促履行监督检查职责。"),
			.source_name = STR_INIT("代表建议"), .source_no = STR_INIT("第37号")) },
	{ 35, AT(9, 0), DESK_OVERDUE, DESK_SUPERVISOR, DESK_OPEN },
	{ 35, AT(9, 20), DESK_OVERDUE, DESK_SUPERVISOR, DESK_ACT, "assign",
		.form = FORM(.assigned_title = STR_INIT("农贸市场计量器具监督检查"),
			.assigned_text = STR_INIT("请说明三家农贸市场计量器具的检查计划和记录。")) },
	{ 34, AT(9, 0), DESK_OVERDUE, DESK_SUPERVISOR, DESK_ACT, "start_verification",
		.form = FORM(.mode = STR_INIT("daily"), .text = STR_INIT("调阅检查记录，现场核查")) },
	{ 30, AT(15, 0), DESK_OVERDUE, DESK_SUPERVISOR, DESK_ACT, "record_verification",
		.form = FORM(.established = STR_INIT("yes"), .kind = STR_INIT("inaction"), .severity = STR_INIT("minor"),
			.facts = STR_INIT("三家农贸市场在用电子秤四十六台，两年内没有监督检查记录。"),
			.evidence = STR_INIT("检查记录台账、现场照片"), .correctable = STR_INIT("no"),
			.instrument_choice = STR_INIT("urging_letter"), .instrument_reason = STR_INIT("应当履行而没有履行检查职责")) },
	{ 29, AT(9, 0), DESK_OVERDUE, DESK_SUPERVISOR, DESK_DOCUMENT, "urging_letter",
		"{\"duty\":\"计量监督检查\",\"source\":\"代表建议反映，监督人员调阅台账核实。\",\"duty_basis\":\"《计量法》第十八条。\","
		"\"inaction_facts\":\"三家农贸市场在用电子秤四十六台，两年内没有监督检查记录。\","
		"\"required_actions\":[\"对三家农贸市场的计量器具开展一次监督检查\",\"报送检查结果\"],\"contact\":\"{contact}\"}" },
	{ 29, AT(9, 30), DESK_OVERDUE, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SUBMIT },
	{ 28, AT(10, 0), DESK_OVERDUE, DESK_LEADER, DESK_STEP, .action = INSTRUMENT_ACT_APPROVE },
	{ 28, AT(10, 30), DESK_OVERDUE, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_NUMBER },
	{ 28, AT(15, 0), DESK_OVERDUE, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SEAL },
	{ 27, AT(9, 0), DESK_OVERDUE, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SERVE },

	/* verified on paper, feedback is due */
	{ 33, AT(9, 0), DESK_FEEDBACK, DESK_SUPERVISOR, DESK_TAKE },
	{ 32, AT(9, 0), DESK_FEEDBACK, DESK_SUPERVISOR, DESK_OPEN },
	{ 32, AT(9, 30), DESK_FEEDBACK, DESK_SUPERVISOR, DESK_ACT, "assign",
		.form = FORM(.assigned_title = STR_INIT("行政处罚案件自查"), .assigned_text = STR_INIT("请对照清单逐件自查。")) },
	{ 31, AT(9, 0), DESK_FEEDBACK, DESK_SUPERVISOR, DESK_ACT, "start_verification",
		.form = FORM(.mode = STR_INIT("daily"), .text = STR_INIT("调阅案卷")) },
	{ 28, AT(10, 0), DESK_FEEDBACK, DESK_SUPERVISOR, DESK_ACT, "record_verification", .form = PROVED("{kind}", "minor") },
	{ 27, AT(9, 0), DESK_FEEDBACK, DESK_SUPERVISOR, DESK_DOCUMENT, "supervision_opinion", OPINION },
	{ 27, AT(9, 30), DESK_FEEDBACK, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SUBMIT },
	{ 26, AT(10, 0), DESK_FEEDBACK, DESK_LEADER, DESK_STEP, .action = INSTRUMENT_ACT_APPROVE },
	{ 26, AT(11, 0), DESK_FEEDBACK, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_NUMBER },
	{ 26, AT(15, 0), DESK_FEEDBACK, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SEAL },
	{ 25, AT(9, 0), DESK_FEEDBACK, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SERVE },
	{ 8, AT(16, 0), DESK_FEEDBACK, DESK_SUPERVISOR, DESK_ACT, "record_paper_reply", .dated = true, .proved = true,
		.form = FORM(.type = STR_INIT("correction"), .text = STR_INIT("来函报告已逐件纠正，附材料一套。")) },
	{ 4, AT(10, 0), DESK_FEEDBACK, DESK_SUPERVISOR, DESK_ACT, "verify_rectification",
		.form = FORM(.items = STR_INIT("[{\"item\":\"逐件自查上述案件，依法纠正\",\"result\":\"pass\"},{\"item\":"
					       "\"完善案件审核和提醒机制\",\"result\":\"pass\"}]"),
			.text = STR_INIT("查验材料，与案卷一致。")) },

	/* a sealed complaint on its way through verification */
	{ 13, AT(8, 50), DESK_COMPLAINT, DESK_SUPERVISOR, DESK_CLUE,
		.clue = CLUE(.channel = CLUE_HOTLINE_12345, .title = STR_INIT("来电称被要求多次停业配合检查"),
			.content = STR_INIT("经营户来电：一个月里来了五拨人检查，每次都要关半天门，没有看到任何检查通知，问谁批准的也不说。"
					    "希望不要让他们知道是我反映的。"),
			.complainant = STR_INIT("{person}"), .phone = STR_INIT("{phone}"), .source_name = STR_INIT("12345 热线"),
			.source_no = STR_INIT("RX-0413-2207")) },
	{ 12, AT(9, 0), DESK_COMPLAINT, DESK_SUPERVISOR, DESK_OPEN },
	{ 12, AT(9, 30), DESK_COMPLAINT, DESK_SUPERVISOR, DESK_ACT, "assign",
		.form = FORM(.assigned_title = STR_INIT("涉企行政检查情况自查"),
			.assigned_text = STR_INIT("请报送近三个月涉企行政检查的批准手续、检查通知和频次统计。")) },
	{ 11, AT(9, 0), DESK_COMPLAINT, DESK_SUPERVISOR, DESK_ACT, "start_verification",
		.form = FORM(.mode = STR_INIT("key"), .text = STR_INIT("调阅检查审批和扫码记录，请司法所协助走访")) },
	{ 10, AT(10, 0), DESK_COMPLAINT, DESK_SUPERVISOR, DESK_ACT, "ask_assistance", .until = 14,
		.form = FORM(.text = STR_INIT("请走访辖区沿街经营户十家，了解近三个月接受检查的次数、有无出示检查通知。")) },
	{ 6, AT(15, 30), DESK_COMPLAINT, DESK_SUPERVISOR, DESK_ACT, "record_measure", .dated = true,
		.form = FORM(.type = STR_INIT("material"), .text = STR_INIT("调阅检查审批单二十一份，其中六份没有负责人签批。")) },

	/* the agency asks for more time */
	{ 26, AT(9, 30), DESK_EXTENSION, DESK_SUPERVISOR, DESK_TAKE },
	{ 25, AT(9, 0), DESK_EXTENSION, DESK_SUPERVISOR, DESK_OPEN },
	{ 25, AT(9, 30), DESK_EXTENSION, DESK_SUPERVISOR, DESK_ACT, "assign",
		.form = FORM(.assigned_title = STR_INIT("行政处罚程序问题自查"), .assigned_text = STR_INIT("请对照清单逐件说明并纠正。")) },
	{ 24, AT(9, 0), DESK_EXTENSION, DESK_SUPERVISOR, DESK_ACT, "start_verification",
		.form = FORM(.mode = STR_INIT("daily"), .text = STR_INIT("调阅案卷")) },
	{ 21, AT(10, 0), DESK_EXTENSION, DESK_SUPERVISOR, DESK_ACT, "record_verification", .form = PROVED("{kind}", "minor") },
	{ 20, AT(9, 0), DESK_EXTENSION, DESK_SUPERVISOR, DESK_DOCUMENT, "supervision_opinion", OPINION },
	{ 20, AT(9, 30), DESK_EXTENSION, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SUBMIT },
	{ 19, AT(10, 0), DESK_EXTENSION, DESK_LEADER, DESK_STEP, .action = INSTRUMENT_ACT_APPROVE },
	{ 19, AT(10, 30), DESK_EXTENSION, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_NUMBER },
	{ 19, AT(15, 0), DESK_EXTENSION, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SEAL },
	{ 18, AT(9, 0), DESK_EXTENSION, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SERVE },
	{ 1, AT(16, 20), DESK_EXTENSION, DESK_LIAISON, DESK_REPLY, "extension", "其中一件正在补充送达，申请延期二十日报送。", .until = 25 },

	/* an opinion that waits for the leader */
	{ 15, AT(9, 30), DESK_DRAFT, DESK_SUPERVISOR, DESK_TAKE },
	{ 14, AT(9, 0), DESK_DRAFT, DESK_SUPERVISOR, DESK_OPEN },
	{ 14, AT(9, 30), DESK_DRAFT, DESK_SUPERVISOR, DESK_ACT, "assign",
		.form = FORM(.assigned_title = STR_INIT("行政处罚案件自查"), .assigned_text = STR_INIT("请对照清单逐件自查。")) },
	{ 13, AT(9, 30), DESK_DRAFT, DESK_SUPERVISOR, DESK_ACT, "start_verification",
		.form = FORM(.mode = STR_INIT("daily"), .text = STR_INIT("调阅案卷")) },
	{ 5, AT(10, 0), DESK_DRAFT, DESK_SUPERVISOR, DESK_ACT, "record_verification", .form = PROVED("{kind}", "minor") },
	{ 2, AT(9, 0), DESK_DRAFT, DESK_SUPERVISOR, DESK_DOCUMENT, "supervision_opinion", OPINION },
	{ 1, AT(9, 30), DESK_DRAFT, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SUBMIT },

	/* a question to the agency */
	{ 9, AT(9, 0), DESK_EXPLAIN, DESK_SUPERVISOR, DESK_TAKE },
	{ 8, AT(9, 0), DESK_EXPLAIN, DESK_SUPERVISOR, DESK_OPEN },
	{ 8, AT(9, 30), DESK_EXPLAIN, DESK_SUPERVISOR, DESK_ACT, "assign",
		.form = FORM(.assigned_title = STR_INIT("案件数据核对"),
			.assigned_text = STR_INIT("请核对清单所列案件的日期和文书，数据有误的请说明。")) },
	{ 7, AT(9, 0), DESK_EXPLAIN, DESK_SUPERVISOR, DESK_ACT, "start_verification",
		.form = FORM(.mode = STR_INIT("daily"), .text = STR_INIT("先请机关说明")) },
	{ 7, AT(10, 0), DESK_EXPLAIN, DESK_SUPERVISOR, DESK_DOCUMENT, "explain_request",
		"{\"subject\":\"部分行政处罚案件办理\",\"background\":\"在报送的案卷数据中，清单所列案件的办理情况需要了解。\","
		"\"questions\":[\"清单所列案件的办理经过\",\"数据是否准确，有误的如何更正\"],\"contact\":\"{contact}\"}" },
	{ 7, AT(10, 20), DESK_EXPLAIN, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SUBMIT },
	{ 6, AT(9, 0), DESK_EXPLAIN, DESK_LEADER, DESK_STEP, .action = INSTRUMENT_ACT_APPROVE },
	{ 6, AT(9, 30), DESK_EXPLAIN, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_NUMBER },
	{ 6, AT(15, 0), DESK_EXPLAIN, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SEAL },
	{ 5, AT(9, 0), DESK_EXPLAIN, DESK_SUPERVISOR, DESK_STEP, .action = INSTRUMENT_ACT_SERVE },

	/* just opened */
	{ 3, AT(14, 0), DESK_FRESH, DESK_SUPERVISOR, DESK_TAKE },
	{ 2, AT(14, 0), DESK_FRESH, DESK_SUPERVISOR, DESK_OPEN },

	/* clues that ended early */
	{ 22, AT(9, 0), DESK_REJECTED, DESK_SUPERVISOR, DESK_CLUE,
		.clue = CLUE(.channel = CLUE_WINDOW, .title = STR_INIT("来访反映罚款金额偏高"),
			.content = STR_INIT("来访人认为罚款两千元偏高，要求说明标准。")) },
	{ 20, AT(9, 0), DESK_REJECTED, DESK_SUPERVISOR, DESK_DECIDE,
		.decision = &(const struct clue_decision){ .to = CLUE_REJECTED,
			.reason = STR_INIT("罚款在公布的裁量基准之内，已向来访人说明并告知复议、诉讼途径。") } },
	{ 16, AT(11, 0), DESK_MOVED, DESK_SUPERVISOR, DESK_CLUE,
		.clue = CLUE(.channel = CLUE_MEDIA, .title = STR_INIT("网帖称执法人员收受烟酒"),
			.content = STR_INIT("论坛网帖称某执法人员收受经营户烟酒，附图一张。")) },
	{ 15, AT(11, 0), DESK_MOVED, DESK_SUPERVISOR, DESK_DECIDE,
		.decision = &(const struct clue_decision){ .to = CLUE_TRANSFERRED,
			.reason = STR_INIT("涉嫌违纪，不属行政执法监督职责"),
			.transferred_to = STR_INIT("纪检监察机关") } },

	/* the inbox of today */
	{ 1, AT(10, 40), DESK_CALL, DESK_SUPERVISOR, DESK_CLUE,
		.clue = CLUE(.channel = CLUE_PHONE, .title = STR_INIT("来电反映当场收缴罚款没有票据"),
			.content = STR_INIT("来电人说昨天下午被当场罚了二百元，收了现金没有给票，问有没有这样的规定。"),
			.complainant = STR_INIT("{person}"), .phone = STR_INIT("{phone}")) },
	{ 9, AT(11, 20), DESK_TICKET, DESK_SUPERVISOR, DESK_CLUE,
		.clue = CLUE(.channel = CLUE_HOTLINE_12345, .title = STR_INIT("热线转办：举报后一直没有答复"),
			.content = STR_INIT("来电人称一个半月前举报占道加工，至今没有人联系他，也没有处理结果。"),
			.complainant = STR_INIT("{person}"), .phone = STR_INIT("{phone}"), .source_name = STR_INIT("12345 热线"),
			.source_no = STR_INIT("RX-0418-0093")) },
	{ 2, AT(16, 0), DESK_TOWNSHIP, DESK_OFFICE, DESK_CLUE,
		.clue = CLUE(.channel = CLUE_WINDOW, .title = STR_INIT("赶集日摊贩反映收费没有依据"),
			.content = STR_INIT("摊贩反映每逢赶集被收取卫生费十元，没有收费公示，也不给票据。")) },
	{ 2, AT(9, 0), DESK_MODEL, DESK_SUPERVISOR, DESK_TAKE },
	{ 4, AT(9, 0), DESK_SKIPPED, DESK_SUPERVISOR, DESK_DISMISS, .text = "与机关核对，属于报送口径问题，已请其在下次报送时更正" },
};
const size_t desk_step_count = COUNT(desk_steps);
