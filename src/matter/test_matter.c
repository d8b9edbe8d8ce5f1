/* Matters on both databases: the whole story from a finding to a closed matter, every refusal with its article, what the agency may do,
 * clocks, proceedings, escalation to the government's decision, reopening, and two people who decide at once. EVIDENCE: 行政执法监督条例
 * 6(2) 22 26 27 28 29 30 33(3) 42(2) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <pthread.h>
#include <cmocka.h>

#include "audit/audit.h"
#include "auth/auth.h"
#include "base/fault.h"
#include "matter/matter_private.h"
#include "support/test_city.h"

static struct instrument_set *templates;

static struct matter_context as(const struct actor *who)
{
	return (struct matter_context){ .db = world.db.db,
		.mem = world.mem,
		.ids = &world.ids,
		.app = &world.app,
		.who = who,
		.now_ms = CITY_NOW,
		.today = world.today };
}

static void load(void)
{
	struct process_set *processes;
	struct err err = { 0 };

	ok(process_load(world.app.assets, world.app.calendar, world.mem, &processes, &err), &err);
	ok(instrument_set_load(world.app.assets, world.app.law, world.mem, &templates, &err), &err);
	instrument_set_hooks(templates, &matter_instrument_hooks);
	world.app.processes = processes;
	world.app.instruments = templates;
}

static int open_sqlite(void **state)
{
	test_city_open_sqlite(state);
	load();
	return 0;
}

static int open_pg(void **state)
{
	test_city_open_pg(state);
	load();
	return 0;
}

#undef BOTH
#define BOTH(f)                                                                                                                            \
	cmocka_unit_test_setup_teardown(f, open_sqlite, test_city_close_db), cmocka_unit_test_setup_teardown(f, open_pg, test_city_close_db)

/* ---- steps that most tests begin with ---- */

#pragma GCC diagnostic ignored "-Woverride-init" /* FORM sets both days, some forms then set one */
#define FORM(...)                                                                                                                          \
	(struct matter_form)                                                                                                               \
	{                                                                                                                                  \
		.on = DAY_NONE, .until = DAY_NONE, __VA_ARGS__                                                                             \
	}

static enum err_code act(const struct actor *who, int64_t id, const char *action, struct matter_form form, struct err *err)
{
	struct matter_context ctx = as(who);

	err->msg[0] = '\0';
	return matter_act(&ctx, id, str_of(action), &form, err);
}

static void does(const struct actor *who, int64_t id, const char *action, struct matter_form form)
{
	struct err err;

	if (act(who, id, action, form, &err) != ERR_OK)
		fail_msg("%s: %s", action, err.msg);
}

/** The action is refused with this code, and the message says this. */
static void refused(const struct actor *who, int64_t id, const char *action, struct matter_form form, enum err_code code, const char *says)
{
	struct err err;
	enum err_code got = act(who, id, action, form, &err);

	if (got != code || !strstr(err.msg, says))
		fail_msg("%s: code %d, “%s”; expected %d and “%s”", action, (int)got, err.msg, (int)code, says);
}

static struct matter get(int64_t id)
{
	struct matter_context ctx = as(&world.leader);
	struct matter m;
	struct err err;

	ok(matter_get(&ctx, id, &m, &err), &err);
	return m;
}

static struct matter_case whole(int64_t id)
{
	static struct matter_context ctx;
	struct matter_case c;
	struct err err;

	ctx = as(&world.leader);
	ok(matter_case_load(&ctx, id, &c, &err), &err);
	return c;
}

static int64_t complaint(const struct org *agency)
{
	struct clue_context ctx = clue_as(&world.supervisor);
	struct clue_new c = { .channel = CLUE_PHONE,
		.title = STR("卤味店老板举报乱罚款"),
		.content = STR("他们上门就说要罚两万，不给票据，让我把钱转到一个私人账号里去"),
		.org_id = agency->id,
		.complainant = STR("钱多多"),
		.phone = STR("13800138000"),
		.happened_on = DAY_NONE,
		.received_on = DAY_NONE };
	struct err err;
	int64_t id;

	ok(clue_add(&ctx, &c, &id, &err), &err);
	return id;
}

static int64_t from_clue(int64_t clue_id)
{
	struct matter_context ctx = as(&world.supervisor);
	struct matter_new m = { .clue_ids = &clue_id, .clue_count = 1 };
	struct err err;
	int64_t id;

	ok(matter_open(&ctx, &m, &id, &err), &err);
	return id;
}

static int64_t from_findings(void)
{
	struct clue_context ctx = clue_as(&world.supervisor);
	struct clue_triage t = { .verdict = CLUE_TAKE, .org_id = world.market.id };
	struct clue_triage_result r;
	struct err err;

	test_penalty("1号", "明州市市场监督管理局", "云山食品厂", 2000);
	test_sweep();
	ok(clue_triage_findings(&ctx, &t, &r, &err), &err);
	assert_int_equal(r.clue_count, 1);
	return from_clue(r.clue_ids[0]);
}

static int64_t verifying(const struct org *agency)
{
	int64_t id = from_clue(complaint(agency));

	does(&world.supervisor, id, "assign",
		FORM(.assigned_title = STR("核查近期罚款的票据"), .assigned_text = STR("请自查近三个月罚款的收缴方式和票据。")));
	does(&world.supervisor, id, "start_verification", FORM(.mode = STR("daily"), .text = STR("调阅近三个月案卷")));
	return id;
}

#define PROVED(k, s)                                                                                                                       \
	FORM(.established = STR("yes"), .kind = STR(k), .severity = STR(s), .facts = STR("三件罚款没有出具票据"),                          \
		.evidence = STR("案卷三册"), .correctable = STR("no"), .instrument_choice = STR("supervision_opinion"),                    \
		.instrument_reason = STR("需要书面纠正"))

static int64_t established(const struct org *agency, const char *kind, const char *severity)
{
	int64_t id = verifying(agency);

	does(&world.supervisor, id, "record_verification",
		FORM(.established = STR("yes"), .kind = str_of(kind), .severity = str_of(severity), .facts = STR("三件罚款没有出具票据"),
			.evidence = STR("案卷三册"), .instrument_choice = STR("none"), .instrument_reason = STR("另定")));
	return id;
}

static const char opinion_fields[] = "{\"investigation\":\"日常监督中发现，调阅案卷查明。\",\"facts\":\"三件罚款没有出具票据。\","
				     "\"evidence\":[{\"name\":\"案卷\",\"source\":\"调阅\",\"proves\":\"未出具票据\"}],"
				     "\"defects\":[{\"problem\":\"未出具票据\",\"basis\":\"行政处罚法第七十条\"}],"
				     "\"corrections\":[\"补开票据\",\"完善制度\"],\"contact\":\"王监督，0570-1234567\"}";
static const char urging_fields[] =
	"{\"duty\":\"投诉举报核查\",\"source\":\"日常监督发现。\",\"duty_basis\":\"《市场监督管理行政处罚程序规定》第十八条。\","
	"\"inaction_facts\":\"七件没有立案。\",\"required_actions\":[\"依法核查\"],\"contact\":\"王监督，0570-1234567\"}";
static const char proposal_fields[] =
	"{\"facts\":\"意见书到期未纠正。\",\"reasons\":\"在先意见书到期未纠正。\",\"draft_decision\":[\"责令补开票据\"],"
	"\"contact\":\"王监督，0570-1234567\"}";
static const char decision_fields[] =
	"{\"facts\":\"意见书到期未纠正。\",\"reasons\":\"条例第二十九条。\",\"decision_items\":[\"责令补开票据\"]}";

static enum err_code draft_as(const struct actor *who, int64_t id, const char *kind, const char *fields, int64_t *ret, struct err *err)
{
	struct matter_context ctx = as(who);
	struct matter_draft d = { .kind = str_of(kind), .fields = str_of(fields) };

	err->msg[0] = '\0';
	return matter_draft_instrument(&ctx, id, &d, ret, err);
}

static int64_t draft(int64_t id, const char *kind, const char *fields)
{
	struct err err;
	int64_t instrument;

	ok(draft_as(&world.supervisor, id, kind, fields, &instrument, &err), &err);
	return instrument;
}

static void draft_refused(int64_t id, const char *kind, const char *fields, enum err_code code, const char *says)
{
	struct err err;
	int64_t instrument;
	enum err_code got = draft_as(&world.supervisor, id, kind, fields, &instrument, &err);

	if (got != code || !strstr(err.msg, says))
		fail_msg("draft %s: code %d, “%s”; expected %d and “%s”", kind, (int)got, err.msg, (int)code, says);
}

static enum err_code step(const struct actor *who, int64_t instrument, struct instrument_step s, struct err *err)
{
	struct matter_context ctx = as(who);
	struct instrument_context documents = instrument_context_of(&ctx);

	err->msg[0] = '\0';
	return instrument_act(&documents, instrument, &s, err);
}

#define STEP(a, ...)                                                                                                                       \
	(struct instrument_step)                                                                                                           \
	{                                                                                                                                  \
		.action = INSTRUMENT_ACT_##a, .gov_approved_on = DAY_NONE, .issued_on = DAY_NONE, .served_on = DAY_NONE, __VA_ARGS__       \
	}

static void seal_it(int64_t instrument, const struct actor *approver, struct instrument_step approve)
{
	int64_t file = test_upload(&world.supervisor, "用印件.pdf", "%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer <<>>\n%%EOF\n");
	struct err err;

	ok(step(&world.supervisor, instrument, STEP(SUBMIT), &err), &err);
	ok(step(approver, instrument, approve, &err), &err);
	ok(step(&world.supervisor, instrument, STEP(NUMBER), &err), &err);
	ok(step(&world.supervisor, instrument, STEP(SEAL, .file_id = file), &err), &err);
}

static void serve(int64_t instrument, int32_t on)
{
	struct err err;

	ok(step(&world.supervisor, instrument, STEP(SERVE, .served_on = on, .served_to = STR("联络员"), .served_how = STR("直接送达")),
		   &err),
		&err);
}

static int64_t issued(int64_t id, const char *kind, const char *fields)
{
	int64_t instrument = draft(id, kind, fields);

	seal_it(instrument, &world.leader, STEP(APPROVE));
	serve(instrument, world.today);
	return instrument;
}

static enum err_code reply_as(const struct actor *who, int64_t id, struct matter_reply_new r, int64_t *ret, struct err *err)
{
	struct matter_context ctx = as(who);

	err->msg[0] = '\0';
	return matter_reply(&ctx, id, &r, ret, err);
}

#define REPLY(t, ...)                                                                                                                      \
	(struct matter_reply_new)                                                                                                          \
	{                                                                                                                                  \
		.type = STR(t), .text = STR("情况如下"), .until = DAY_NONE, .received_on = DAY_NONE, __VA_ARGS__                           \
	}

static int64_t corrected_by(const struct actor *liaison, int64_t id)
{
	int64_t proof = test_upload(liaison, "补开票据.jpg", "image"), reply;
	struct err err;

	ok(reply_as(liaison, id, REPLY("correction", .items = STR("[{\"item\":\"补开票据\",\"done\":true}]"), .attachments = { &proof, 1 }),
		   &reply, &err),
		&err);
	return reply;
}

static const struct matter_clock *clock_of(const struct matter_case *c, const char *name)
{
	for (size_t i = c->clock_count; i-- > 0;)
		if (str_eq(c->clocks[i].name, str_of(name)))
			return &c->clocks[i];
	fail_msg("no clock %s", name);
	return NULL;
}

static bool is(struct str s, const char *text)
{
	return str_eq(s, str_of(text));
}

static struct str json_of(const struct actor *who, int64_t id, bool assigned)
{
	struct matter_context ctx = as(who);
	struct matter m;
	struct json j;
	struct buf b;
	struct err err;
	struct str text;

	buf_init(&b, 4 << 20);
	json_init(&j, &b);
	if (assigned) {
		ok(matter_read_assigned(&ctx, id, &m, &err), &err);
		ok(matter_assigned_json(&ctx, &m, &j, &err), &err);
	} else {
		ok(matter_get(&ctx, id, &m, &err), &err);
		ok(matter_json(&ctx, &m, &j, &err), &err);
	}
	assert_false(b.failed);
	text = str_dup(world.mem, buf_str(&b));
	buf_clear(&b);
	return text;
}

/* ---- the whole story ---- */

static void a_finding_becomes_a_closed_matter(void **state)
{
	int64_t id = from_findings(), opinion;
	struct audit_report report;
	struct matter_case c;
	struct err err;

	(void)state;
	assert_true(is(get(id).no, "JD-事-2026-000001"));
	assert_true(is(get(id).step, "analysis"));
	assert_false(get(id).sealed);
	does(&world.supervisor, id, "assign", FORM(.assigned_title = STR("核查罚款票据"), .assigned_text = STR("请说明收缴方式。")));
	does(&world.supervisor, id, "start_verification", FORM(.mode = STR("daily")));
	assert_true(is(get(id).step, "verification"));
	does(&world.supervisor, id, "record_measure", FORM(.type = STR("material"), .on = world.today, .text = STR("调阅案卷三册")));
	does(&world.supervisor, id, "record_verification", PROVED("arbitrary_fine", "minor"));
	assert_true(is(get(id).step, "supervision"));
	opinion = issued(id, "supervision_opinion", opinion_fields);
	assert_true(is(get(id).step, "rectification"));
	c = whole(id);
	assert_int_equal(clock_of(&c, "reply_supervision_opinion")->instrument_id, opinion);
	assert_int_equal(clock_of(&c, "reply_supervision_opinion")->due_on, day_from_ymd(2026, 7, 30));
	corrected_by(&world.liaison, id);
	c = whole(id);
	assert_true(is(clock_of(&c, "reply_supervision_opinion")->state, "done"));
	assert_true(is(clock_of(&c, "check")->state, "running"));
	does(&world.supervisor, id, "verify_rectification",
		FORM(.items = STR("[{\"item\":\"补开票据\",\"result\":\"pass\"},{\"item\":\"完善制度\",\"result\":\"pass\"}]"),
			.text = STR("查验原件")));
	assert_true(is(get(id).step, "feedback"));
	does(&world.supervisor, id, "record_feedback", FORM(.on = world.today, .text = STR("已通报")));
	does(&world.supervisor, id, "close", FORM(.reason = STR("已纠正")));
	assert_int_equal(get(id).state, MATTER_CLOSED);
	assert_true(is(get(id).outcome, "rectified"));
	c = whole(id);
	for (size_t i = 0; i < c.clock_count; i++)
		assert_true(is(c.clocks[i].state, "done"));
	assert_true(str_has(json_of(&world.leader, id, false), STR("已随事项办结"))); /* the findings end with their matter */
	assert_true(str_has(json_of(&world.leader, id, false), STR("意见书 明执监意〔2026〕1号：送达")));
	ok(audit_verify(world.db.db, &report, &err), &err);
	assert_int_equal(report.broken_seq, 0);
	assert_true(report.entries > 15);
}

static void not_established_is_closed_with_its_reason(void **state)
{
	int64_t id = verifying(&world.market);

	(void)state;
	refused(&world.supervisor, id, "close_not_established", FORM(.reason = STR("没有问题")), ERR_STATE, "不属实的核实结论");
	does(&world.supervisor, id, "record_verification", FORM(.established = STR("no"), .facts = STR("票据齐全")));
	assert_true(is(get(id).step, "verification"));
	draft_refused(id, "supervision_opinion", opinion_fields, ERR_BLOCKED, "第28条");
	refused(&world.supervisor, id, "close_not_established", FORM(), ERR_INPUT, "结案理由");
	does(&world.supervisor, id, "close_not_established", FORM(.reason = STR("票据齐全")));
	assert_true(is(get(id).outcome, "not_established"));
}

static void what_can_be_corrected_on_the_spot_needs_no_document(void **state)
{
	int64_t id = verifying(&world.market), record = test_upload(&world.supervisor, "现场记录.jpg", "image");

	(void)state;
	does(&world.supervisor, id, "record_verification",
		FORM(.established = STR("yes"), .kind = STR("uncivil"), .severity = STR("minor"), .facts = STR("未亮证"),
			.evidence = STR("录像"), .correctable = STR("yes"), .instrument_choice = STR("none"),
			.instrument_reason = STR("当场纠正")));
	refused(&world.supervisor, id, "record_onspot_fix",
		FORM(.problem = STR("未亮证"), .correction = STR("当场出示"), .on = world.today), ERR_INPUT, "现场记录");
	does(&world.supervisor, id, "record_onspot_fix",
		FORM(.problem = STR("未亮证"), .correction = STR("当场出示"), .on = world.today, .attachments = { &record, 1 }));
	assert_true(is(get(id).step, "feedback"));
	does(&world.supervisor, id, "close", FORM(.reason = STR("当场纠正")));
	assert_true(is(get(id).outcome, "corrected_on_spot"));
}

/* ---- the gate, at draft, at approval, at issue ---- */

static void documents_are_refused_with_their_article(void **state)
{
	int64_t id = verifying(&world.market);

	(void)state;
	draft_refused(id, "supervision_opinion", opinion_fields, ERR_BLOCKED, "〔依据：《行政执法监督条例》第28条〕");
	draft_refused(id, "urging_letter", urging_fields, ERR_BLOCKED, "〔依据：《行政执法监督条例》第27条〕");
	draft_refused(id, "handling_proposal", proposal_fields, ERR_BLOCKED, "第29条");
	draft_refused(id, "supervision_decision", decision_fields, ERR_BLOCKED, "第29条");
	does(&world.supervisor, id, "record_verification", PROVED("failure_to_file", "minor"));
	draft_refused(id, "supervision_opinion", opinion_fields, ERR_BLOCKED, "督办函");
	draft_refused(id, "handling_proposal", proposal_fields, ERR_BLOCKED, "第29条");
	draft_refused(id, "circular", "{}", ERR_BLOCKED, "第31条");
	draft_refused(id, "supervision_notice", "{}", ERR_BLOCKED, "国家档没有通知书");
	draft_refused(id, "nonsense", "{}", ERR_INPUT, "没有");
	draft(id, "urging_letter", urging_fields);
}

static void an_illegal_act_is_not_urged(void **state)
{
	int64_t id = established(&world.market, "illegal_procedure", "minor");

	(void)state;
	draft_refused(id, "urging_letter", urging_fields, ERR_BLOCKED, "第27条");
	draft(id, "supervision_opinion", opinion_fields);
}

static void the_gate_is_asked_again_at_approval_and_issue(void **state)
{
	int64_t id = established(&world.market, "arbitrary_fine", "minor"), opinion = draft(id, "supervision_opinion", opinion_fields);
	struct matter m;
	struct matter_context ctx = as(&test_program);
	struct err err;

	(void)state;
	ok(step(&world.supervisor, opinion, STEP(SUBMIT), &err), &err);
	m = get(id); /* the conclusion is taken back behind the document's back */
	m.finding = MATTER_UNVERIFIED;
	ok(matter_save(&ctx, &m, &err), &err);
	assert_int_equal(step(&world.leader, opinion, STEP(APPROVE), &err), ERR_BLOCKED);
	assert_non_null(strstr(err.msg, "第28条"));
	m.finding = MATTER_ESTABLISHED;
	ok(matter_save(&ctx, &m, &err), &err);
	ok(step(&world.leader, opinion, STEP(APPROVE), &err), &err);
	m = get(id);
	m.kind = STR("inaction");
	ok(matter_save(&ctx, &m, &err), &err);
	assert_int_equal(step(&world.supervisor, opinion, STEP(NUMBER), &err), ERR_BLOCKED);
	assert_non_null(strstr(err.msg, "第27条"));
}

static void urging_before_verification_must_state_its_basis(void **state)
{
	int64_t id = verifying(&world.market), instrument;
	struct matter_context ctx = as(&world.supervisor);
	struct matter_draft d = { .kind = STR("urging_letter"), .fields = STR("{\"duty\":\"核查\"}") };
	struct matter m = get(id);
	struct err err;

	(void)state;
	m.kind = STR("inaction"); /* the class is clear, the facts are not yet confirmed */
	ok(matter_save(&ctx, &m, &err), &err);
	assert_int_equal(matter_draft_instrument(&ctx, id, &d, &instrument, &err), ERR_INPUT);
	assert_non_null(strstr(err.msg, "第27条"));
	d.basis_note = STR("《市场监督管理行政处罚程序规定》第十八条");
	ok(matter_draft_instrument(&ctx, id, &d, &instrument, &err), &err);
	assert_true(str_has(json_of(&world.supervisor, id, false), STR("提醒：问题尚未查明")));
}

static void a_township_never_issues(void **state)
{
	int64_t id = established(&world.market, "inaction", "minor"), instrument;
	struct err err;

	(void)state;
	assert_int_equal(draft_as(&world.township, id, "urging_letter", urging_fields, &instrument, &err), ERR_BLOCKED);
	assert_non_null(strstr(err.msg, "第6条第2款"));
	assert_int_equal(draft_as(&world.liaison, id, "urging_letter", urging_fields, &instrument, &err), ERR_FORBIDDEN);
	refused(&world.township, id, "assign", FORM(.assigned_title = STR("x"), .assigned_text = STR("y")), ERR_NOT_FOUND, "没有");
}

static struct str drafted_fields(int64_t instrument)
{
	struct matter_context ctx = as(&world.supervisor);
	struct instrument_context documents = instrument_context_of(&ctx);
	struct instrument in;
	struct err err;

	ok(instrument_get(&documents, instrument, &in, &err), &err);
	return in.fields;
}

static void a_draft_begins_with_the_facts_but_not_with_those_of_a_complaint(void **state)
{
	int64_t id = from_findings();

	(void)state;
	does(&world.supervisor, id, "start_verification", FORM(.mode = STR("daily")));
	does(&world.supervisor, id, "record_verification", PROVED("illegal", "minor"));
	assert_true(str_has(drafted_fields(draft(id, "supervision_opinion", "{}")), STR("\"facts\":\"三件罚款没有出具票据\"")));
	assert_true(str_has(drafted_fields(draft(id, "supervision_opinion", "{\"facts\":\"另有表述\"}")), STR("\"facts\":\"另有表述\"")));
	id = established(&world.market, "illegal", "minor");
	assert_false(str_has(drafted_fields(draft(id, "supervision_opinion", "{}")), STR("票据")));
}

static enum err_code edit(int64_t instrument, const char *fields, struct err *err)
{
	struct matter_context ctx = as(&world.supervisor);
	struct instrument_context documents = instrument_context_of(&ctx);
	struct instrument_edit e = { .fields = str_of(fields), .template_id = -1 };

	err->msg[0] = '\0';
	return instrument_edit(&documents, instrument, &e, err);
}

static void what_gives_a_complaint_away_is_neither_written_nor_stuck_in_a_draft(void **state)
{
	int64_t id = established(&world.market, "illegal", "minor"), instrument = draft(id, "supervision_opinion", "{}");
	int64_t late = complaint(&world.market);
	struct err err;

	(void)state;
	assert_int_equal(edit(instrument, "{\"facts\":\"钱多多反映罚款没有票据\"}", &err), ERR_BLOCKED);
	assert_false(str_has(drafted_fields(instrument), STR("钱多多")));
	ok(edit(instrument, "{\"facts\":\"三件罚款没有出具票据\"}", &err), &err);
	/* written before the complaint was joined to the matter: the next edit takes it out */
	id = from_findings();
	does(&world.supervisor, id, "start_verification", FORM(.mode = STR("daily")));
	does(&world.supervisor, id, "record_verification", PROVED("illegal", "minor"));
	instrument = draft(id, "supervision_opinion", "{\"facts\":\"钱多多反映罚款没有票据\"}");
	does(&world.supervisor, id, "attach_clues", FORM(.clue_ids = { &late, 1 }));
	assert_int_equal(step(&world.supervisor, instrument, STEP(SUBMIT), &err), ERR_BLOCKED);
	ok(edit(instrument, "{\"facts\":\"三件罚款没有出具票据\"}", &err), &err);
}

static void nobody_approves_what_they_drafted(void **state)
{
	struct actor both = world.leader;
	int64_t id = established(&world.market, "arbitrary_fine", "minor"), instrument;
	struct err err;

	(void)state;
	ok(draft_as(&both, id, "supervision_opinion", opinion_fields, &instrument, &err), &err);
	ok(step(&both, instrument, STEP(SUBMIT), &err), &err);
	assert_int_equal(step(&both, instrument, STEP(APPROVE), &err), ERR_FORBIDDEN);
}

/* ---- the agency ---- */

static void the_agency_answers_in_its_own_account(void **state)
{
	int64_t id = established(&world.market, "arbitrary_fine", "minor"), reply, opinion, proof;
	struct matter_case c;
	struct err err;

	(void)state;
	opinion = issued(id, "supervision_opinion", opinion_fields);
	assert_int_equal(reply_as(&world.tax_liaison, id, REPLY("explanation"), &reply, &err), ERR_NOT_FOUND);
	assert_int_equal(reply_as(&world.liaison, id, REPLY("correction"), &reply, &err), ERR_INPUT); /* without proof */
	assert_int_equal(reply_as(&world.liaison, id, REPLY("extension"), &reply, &err), ERR_INPUT);  /* until when? */
	assert_int_equal(reply_as(&world.liaison, id, REPLY("praise"), &reply, &err), ERR_INPUT);
	ok(reply_as(&world.liaison, id, REPLY("extension", .until = day_from_ymd(2026, 8, 15), .instrument_id = opinion), &reply, &err),
		&err);
	refused(&world.supervisor, id, "decide_extension", FORM(.reply_id = reply, .decision = STR("accept"), .reason = STR("情况属实")),
		ERR_INPUT, "延至");
	does(&world.supervisor, id, "decide_extension",
		FORM(.reply_id = reply, .decision = STR("accept"), .until = day_from_ymd(2026, 8, 15),
			.reason = STR("人员变动，情况属实")));
	refused(&world.second, id, "decide_extension", FORM(.reply_id = reply, .decision = STR("refuse"), .reason = STR("不同意")),
		ERR_STATE, "没有待答复的延期申请");
	c = whole(id);
	assert_int_equal(clock_of(&c, "reply_supervision_opinion")->due_on, day_from_ymd(2026, 8, 15));
	assert_int_equal(clock_of(&c, "reply_supervision_opinion")->extension_count, 1);
	proof = test_upload(&world.liaison, "系统截图.png", "image");
	ok(reply_as(&world.liaison, id, REPLY("data_wrong", .attachments = { &proof, 1 }), &reply, &err), &err);
	refused(&world.supervisor, id, "verify_rectification",
		FORM(.items = STR("[{\"item\":\"a\",\"result\":\"pass\"}]"), .text = STR("看")), ERR_BLOCKED, "第28条第2款");
	does(&world.supervisor, id, "decide_data_wrong",
		FORM(.reply_id = reply, .decision = STR("refuse"), .reason = STR("截图与案卷不符")));
	assert_true(str_has(json_of(&world.liaison, id, true), STR("截图与案卷不符")));
}

static void objections_are_answered_before_closing(void **state)
{
	int64_t id = established(&world.market, "arbitrary_fine", "minor"), reply;
	struct matter_case c;
	struct err err;

	(void)state;
	issued(id, "supervision_opinion", opinion_fields);
	ok(reply_as(&world.liaison, id, REPLY("objection"), &reply, &err), &err);
	c = whole(id);
	assert_int_equal(clock_of(&c, "objection")->kind, PERIOD_MANAGERIAL);
	corrected_by(&world.liaison, id);
	does(&world.supervisor, id, "verify_rectification",
		FORM(.items = STR("[{\"item\":\"补开票据\",\"result\":\"pass\"}]"), .text = STR("查验")));
	refused(&world.supervisor, id, "close", FORM(.reason = STR("已纠正")), ERR_BLOCKED, "第30条");
	refused(&world.supervisor, id, "decide_objection", FORM(.reply_id = reply, .decision = STR("maintain"), .reason = STR("维持")),
		ERR_FORBIDDEN, "角色");
	does(&world.leader, id, "decide_objection", FORM(.reply_id = reply, .decision = STR("maintain"), .reason = STR("事实清楚")));
	does(&world.supervisor, id, "close", FORM(.reason = STR("已纠正")));
}

static void wrong_data_are_corrected_imported_and_evaluated_again(void **state)
{
	int64_t id = from_findings(), reply, proof, finding;
	struct matter_context ctx = as(&world.liaison);
	struct matter_reply_new r;
	struct err err;

	(void)state;
	does(&world.supervisor, id, "assign", FORM(.assigned_title = STR("核查"), .assigned_text = STR("请核查罚款数额。")));
	finding = test_findings(&world.liaison).rows[0].id;
	proof = test_upload(&world.liaison, "决定书扫描件.pdf", "scan");
	r = REPLY("data_wrong", .attachments = { &proof, 1 }, .finding_ids = { &finding, 1 });
	ok(matter_reply(&ctx, id, &r, &reply, &err), &err);
	does(&world.supervisor, id, "decide_data_wrong",
		FORM(.reply_id = reply, .decision = STR("accept"), .reason = STR("扫描件载明二百元")));
	assert_true(str_has(json_of(&world.supervisor, id, false), STR("重新评估 1 条，仍命中 1 条")));
	test_penalty("1号", "明州市市场监督管理局", "云山食品厂", 200);
	does(&world.supervisor, id, "recheck_data", FORM(.reply_id = reply));
	assert_true(str_has(json_of(&world.supervisor, id, false), STR("重新评估 1 条，仍命中 0 条")));
}

static void staff_record_a_paper_answer_with_its_scan(void **state)
{
	int64_t id = established(&world.market, "arbitrary_fine", "minor"), scan = test_upload(&world.supervisor, "回函.pdf", "scan");
	struct matter_case c;

	(void)state;
	refused(&world.supervisor, id, "record_paper_reply",
		FORM(.type = STR("correction"), .text = STR("已补开"), .on = world.today, .attachments = { &scan, 1 }), ERR_STATE,
		"还没有送达过文书");
	issued(id, "supervision_opinion", opinion_fields);
	refused(&world.supervisor, id, "record_paper_reply", FORM(.type = STR("correction"), .text = STR("已补开"), .on = world.today),
		ERR_INPUT, "扫描件");
	does(&world.supervisor, id, "record_paper_reply",
		FORM(.type = STR("correction"), .text = STR("已补开"), .on = world.today, .attachments = { &scan, 1 }));
	c = whole(id);
	assert_true(c.replies[0].on_paper);
	assert_true(is(clock_of(&c, "reply_supervision_opinion")->state, "done"));
	assert_true(str_has(json_of(&world.liaison, id, true), STR("回函.pdf")));
}

/* ---- escalation: 29 ---- */

static void an_unheeded_opinion_goes_to_the_government(void **state)
{
	int64_t id = established(&world.market, "arbitrary_fine", "minor"), proposal, decision, paper;
	struct err err;
	int32_t day;

	(void)state;
	issued(id, "supervision_opinion", opinion_fields);
	refused(&world.supervisor, id, "escalate", FORM(.reason = STR("没有纠正")), ERR_BLOCKED, "第29条");
	draft_refused(id, "handling_proposal", proposal_fields, ERR_BLOCKED, "第29条");
	world.today = day_from_ymd(2026, 7, 31); /* a day after the opinion's day */
	does(&world.supervisor, id, "escalate", FORM(.reason = STR("到期没有纠正，也没有回复")));
	assert_true(get(id).unheeded);
	assert_true(is(get(id).step, "supervision"));
	refused(&world.governor, id, "record_gov_decision", FORM(.decision = STR("approve"), .on = world.today), ERR_NOT_FOUND, "没有");
	proposal = draft(id, "handling_proposal", proposal_fields);
	draft_refused(id, "supervision_decision", decision_fields, ERR_BLOCKED, "第29条");
	seal_it(proposal, &world.leader, STEP(APPROVE));
	day = world.today;
	refused(&world.leader, id, "record_gov_decision", FORM(.decision = STR("approve"), .on = day), ERR_FORBIDDEN, "角色");
	refused(&world.governor, id, "record_gov_decision", FORM(.decision = STR("approve"), .on = day), ERR_INPUT, "批准文号");
	draft_refused(id, "supervision_decision", decision_fields, ERR_BLOCKED, "政府的批准文号");
	paper = test_upload(&world.governor, "批示.pdf", "scan");
	does(&world.governor, id, "record_gov_decision",
		FORM(.decision = STR("approve"), .on = day, .approval_no = STR("明政批〔2026〕7号"), .attachments = { &paper, 1 }));
	decision = draft(id, "supervision_decision", decision_fields);
	ok(step(&world.supervisor, decision, STEP(SUBMIT), &err), &err);
	assert_int_equal(step(&world.leader, decision, STEP(APPROVE), &err), ERR_FORBIDDEN); /* 26(1): the government's, not the body's */
	ok(step(&world.governor, decision, STEP(APPROVE, .gov_approval_no = STR("明政批〔2026〕7号"), .gov_approved_on = day), &err), &err);
	assert_true(str_has(json_of(&world.governor, id, false), STR("\"gov_approval_no\":\"明政批〔2026〕7号\"")));
}

static void a_failed_check_is_unheeded_too(void **state)
{
	int64_t id = established(&world.market, "arbitrary_fine", "minor");

	(void)state;
	issued(id, "supervision_opinion", opinion_fields);
	corrected_by(&world.liaison, id);
	refused(&world.supervisor, id, "verify_rectification", FORM(.items = STR("[]"), .text = STR("看")), ERR_INPUT, "逐项结果");
	refused(&world.supervisor, id, "verify_rectification",
		FORM(.items = STR("[{\"item\":\"a\",\"result\":\"maybe\"}]"), .text = STR("看")), ERR_INPUT, "pass");
	does(&world.supervisor, id, "verify_rectification",
		FORM(.items = STR(
			     "[{\"item\":\"补开票据\",\"result\":\"pass\"},{\"item\":\"完善制度\",\"result\":\"fail\",\"note\":\"没有\"}]"),
			.text = STR("看")));
	assert_true(is(get(id).step, "rectification"));
	refused(&world.supervisor, id, "close", FORM(.reason = STR("算了")), ERR_STATE, "问题整改");
	does(&world.supervisor, id, "escalate", FORM(.reason = STR("制度没有完善")));
	draft(id, "handling_proposal", proposal_fields);
}

static void a_major_problem_may_go_to_the_government_at_once(void **state)
{
	int64_t id = established(&world.market, "profit_driven", "major");

	(void)state;
	assert_true(str_has(json_of(&world.supervisor, id, false), STR("涉及重大问题，可以提出处理建议报本级人民政府")));
	draft(id, "handling_proposal", proposal_fields);
}

/* ---- proceedings: 33(3) ---- */

static void proceedings_suspend_everything_until_a_person_resumes(void **state)
{
	int64_t id = established(&world.market, "arbitrary_fine", "minor"), explain, opinion;
	struct matter_case c;
	struct err err;

	(void)state;
	explain = issued(id, "explain_request",
		"{\"subject\":\"罚款票据\",\"background\":\"日常监督。\",\"questions\":[\"说明收缴方式\"],\"contact\":\"王监督，0570-"
		"1234567\"}");
	opinion = draft(id, "supervision_opinion", opinion_fields);
	refused(&world.supervisor, id, "record_proceedings",
		FORM(.proceedings_kind = STR("war"), .organ = STR("x"), .case_no = STR("y"), .on = world.today), ERR_INPUT, "选项");
	does(&world.supervisor, id, "record_proceedings",
		FORM(.proceedings_kind = STR("reconsideration"), .organ = STR("明州市人民政府"), .case_no = STR("明政复〔2026〕9号"),
			.on = world.today));
	assert_int_equal(get(id).state, MATTER_SUSPENDED);
	draft_refused(id, "supervision_opinion", opinion_fields, ERR_BLOCKED, "第33条第3款");
	draft_refused(id, "explain_request", "{}", ERR_BLOCKED, "第33条第3款");
	assert_int_equal(step(&world.supervisor, opinion, STEP(SUBMIT), &err), ERR_BLOCKED);
	assert_non_null(strstr(err.msg, "第33条第3款"));
	refused(&world.supervisor, id, "record_measure", FORM(.type = STR("check"), .on = world.today, .text = STR("去看看")), ERR_BLOCKED,
		"第33条第3款");
	refused(&world.supervisor, id, "set_handler", FORM(.handler_id = 5), ERR_NOT_FOUND, "");
	c = whole(id);
	assert_true(is(clock_of(&c, "reply_explain_request")->state, "paused"));
	assert_int_equal(clock_of(&c, "reply_explain_request")->instrument_id, explain);
	does(&world.supervisor, id, "add_note", FORM(.text = STR("等待复议结果")));
	world.today += 20; /* the draft still has ten days */
	refused(&world.supervisor, id, "end_proceedings",
		FORM(.on = world.today, .text = STR("维持"), .decision = STR("resume"), .reason = STR("继续")), ERR_FORBIDDEN, "角色");
	does(&world.leader, id, "end_proceedings",
		FORM(.on = world.today, .text = STR("维持"), .decision = STR("resume"), .reason = STR("票据问题未审")));
	assert_int_equal(get(id).state, MATTER_OPEN);
	c = whole(id);
	assert_true(is(clock_of(&c, "reply_explain_request")->state, "running"));
	assert_true(clock_of(&c, "reply_explain_request")->due_on > world.today);
	ok(step(&world.supervisor, opinion, STEP(SUBMIT), &err), &err);
}

static void proceedings_may_end_the_matter(void **state)
{
	int64_t id = established(&world.market, "arbitrary_fine", "minor");

	(void)state;
	does(&world.supervisor, id, "record_proceedings",
		FORM(.proceedings_kind = STR("litigation"), .organ = STR("明州市中级人民法院"), .case_no = STR("（2026）明行初3号"),
			.on = world.today));
	refused(&world.leader, id, "end_proceedings",
		FORM(.on = world.today - 1, .text = STR("撤销"), .decision = STR("terminate"), .reason = STR("已撤销")), ERR_INPUT,
		"早于受理日期");
	does(&world.leader, id, "end_proceedings",
		FORM(.on = world.today, .text = STR("撤销"), .decision = STR("terminate"), .reason = STR("已撤销")));
	assert_true(is(get(id).outcome, "terminated"));
}

/* ---- vertical management: 42(2) ---- */

static void closing_warns_until_the_superior_department_was_told(void **state)
{
	int64_t id = established(&world.tax, "arbitrary_fine", "minor");
	struct matter_case c = whole(id);

	(void)state;
	assert_true(is(clock_of(&c, "upper_notice")->state, "running"));
	issued(id, "supervision_opinion", opinion_fields);
	corrected_by(&world.tax_liaison, id);
	does(&world.supervisor, id, "verify_rectification",
		FORM(.items = STR("[{\"item\":\"补开票据\",\"result\":\"pass\"}]"), .text = STR("查验")));
	assert_true(str_has(json_of(&world.supervisor, id, false),
		STR("尚未告知上一级主管部门\",\"reason\":null,\"article\":\"《行政执法监督条例》第42条第2款\"")));
	does(&world.supervisor, id, "notify_upper", FORM(.organ = STR("省税务局"), .on = world.today, .text = STR("书面告知")));
	c = whole(id);
	assert_true(is(clock_of(&c, "upper_notice")->state, "done"));
	assert_false(str_has(json_of(&world.supervisor, id, false), STR("尚未告知上一级主管部门\",\"reason\":null")));
	does(&world.supervisor, id, "close", FORM(.reason = STR("已纠正")));
}

static void a_local_agency_has_no_superior_to_tell(void **state)
{
	int64_t id = established(&world.market, "arbitrary_fine", "minor");

	(void)state;
	refused(&world.supervisor, id, "notify_upper", FORM(.organ = STR("省局"), .on = world.today, .text = STR("告知")), ERR_BLOCKED,
		"第42条第2款");
}

/* ---- reopening, roles, scope ---- */

static void a_closed_matter_is_reopened_with_a_reason(void **state)
{
	int64_t id = verifying(&world.market);

	(void)state;
	does(&world.supervisor, id, "record_verification", FORM(.established = STR("no"), .facts = STR("票据齐全")));
	does(&world.supervisor, id, "close_not_established", FORM(.reason = STR("票据齐全")));
	refused(&world.supervisor, id, "record_verification", PROVED("arbitrary_fine", "minor"), ERR_STATE, "已结案");
	draft_refused(id, "explain_request", "{}", ERR_STATE, "已结案");
	refused(&world.supervisor, id, "reopen", FORM(.step = STR("verification")), ERR_INPUT, "理由");
	refused(&world.supervisor, id, "reopen", FORM(.step = STR("rectification"), .reason = STR("又有投诉")), ERR_BLOCKED, "第28条");
	does(&world.supervisor, id, "reopen", FORM(.step = STR("verification"), .reason = STR("又有投诉")));
	assert_int_equal(get(id).state, MATTER_OPEN);
	assert_int_equal(get(id).finding, MATTER_UNVERIFIED);
	does(&world.supervisor, id, "record_verification", PROVED("arbitrary_fine", "minor"));
}

static void a_corrected_matter_that_comes_back_starts_anew(void **state)
{
	int64_t id = established(&world.market, "arbitrary_fine", "minor");

	(void)state;
	issued(id, "supervision_opinion", opinion_fields);
	corrected_by(&world.liaison, id);
	does(&world.supervisor, id, "verify_rectification",
		FORM(.items = STR("[{\"item\":\"补开票据\",\"result\":\"pass\"}]"), .text = STR("查验")));
	does(&world.supervisor, id, "close", FORM(.reason = STR("已纠正")));
	does(&world.leader, id, "reopen", FORM(.step = STR("verification"), .reason = STR("问题反复")));
	draft_refused(id, "supervision_opinion", opinion_fields, ERR_BLOCKED, "第28条"); /* an old conclusion carries no new opinion */
	does(&world.supervisor, id, "record_verification", PROVED("arbitrary_fine", "major"));
	draft(id, "handling_proposal", proposal_fields);
}

static void reopening_to_rectification_starts_its_clock_again(void **state)
{
	int64_t id = established(&world.market, "arbitrary_fine", "minor");
	struct matter_case c;

	(void)state;
	issued(id, "supervision_opinion", opinion_fields);
	corrected_by(&world.liaison, id);
	does(&world.supervisor, id, "verify_rectification",
		FORM(.items = STR("[{\"item\":\"补开票据\",\"result\":\"pass\"}]"), .text = STR("查验")));
	does(&world.supervisor, id, "close", FORM(.reason = STR("已纠正")));
	does(&world.leader, id, "reopen", FORM(.step = STR("rectification"), .reason = STR("问题反复")));
	c = whole(id);
	assert_int_equal(c.m.finding, MATTER_ESTABLISHED);
	assert_true(is(c.clocks[c.clock_count - 1].label, "核验整改"));
	assert_true(is(c.clocks[c.clock_count - 1].state, "running"));
	assert_int_equal(c.clocks[c.clock_count - 1].start_on, world.today);
	assert_int_equal(c.clocks[c.clock_count - 1].kind, PERIOD_MANAGERIAL);
}

static void a_refused_proposal_leads_back_to_the_agency(void **state)
{
	int64_t id = established(&world.market, "arbitrary_fine", "major"), proposal;

	(void)state;
	issued(id, "supervision_opinion", opinion_fields);
	proposal = draft(id, "handling_proposal", proposal_fields);
	seal_it(proposal, &world.leader, STEP(APPROVE));
	refused(&world.governor, id, "record_gov_decision", FORM(.decision = STR("refuse"), .on = world.today), ERR_INPUT, "意见");
	does(&world.governor, id, "record_gov_decision",
		FORM(.decision = STR("refuse"), .on = world.today, .reason = STR("先由机关自行纠正")));
	draft_refused(id, "supervision_decision", decision_fields, ERR_BLOCKED, "第29条");
	serve(proposal, world.today);
	world.today = day_from_ymd(2026, 8, 3);
	does(&world.supervisor, id, "escalate", FORM(.reason = STR("到期未纠正")));
	does(&world.supervisor, id, "resume_rectification", FORM(.reason = STR("政府要求继续督促")));
	assert_true(is(get(id).step, "rectification"));
}

static void opening_survives_any_failing_statement(void **state)
{
	int64_t clue = complaint(&world.market), id;
	struct matter_context ctx = as(&world.supervisor);
	struct matter_new m = { .clue_ids = &clue, .clue_count = 1 };
	struct clue_context clues = clue_as(&world.supervisor);
	struct matter_query q = { .due_until = DAY_NONE, .limit = 10 };
	struct matter_page page;
	struct clue c;
	struct err err;
	int n = 0;

	(void)state;
	for (;; n++) {
		enum err_code code;

		fault_arm(FAULT_SQL, n);
		code = matter_open(&ctx, &m, &id, &err);
		fault_arm(FAULT_SQL, -1);
		if (code == ERR_OK)
			break;
		ok(clue_get(&clues, clue, &c, &err), &err);
		assert_int_equal(c.state, CLUE_RECEIVED); /* nothing half-written */
		ok(matter_list(&ctx, &q, &page, &err), &err);
		assert_int_equal(page.row_count, 0);
	}
	assert_true(n > 10);
	assert_true(is(get(id).step, "analysis"));
}

static void steps_and_roles_are_the_process_files(void **state)
{
	int64_t id = from_clue(complaint(&world.market));
	struct matter_context ctx = as(&world.county_supervisor);
	struct matter m;

	(void)state;
	refused(&world.supervisor, id, "close", FORM(.reason = STR("x")), ERR_STATE, "线索分析");
	refused(&world.reviewer, id, "start_verification", FORM(.mode = STR("daily")), ERR_FORBIDDEN, "角色");
	refused(&world.supervisor, id, "start_verification", FORM(.mode = STR("weekly")), ERR_INPUT, "监督方式");
	refused(&world.supervisor, id, "fly", FORM(), ERR_NOT_FOUND, "动作");
	refused(&world.supervisor, id, "terminate", FORM(.reason = STR("不属管辖")), ERR_FORBIDDEN, "角色");
	assert_int_equal(matter_get(&ctx, id, &m, NULL), ERR_NOT_FOUND);
	ctx = as(&world.liaison);
	assert_int_equal(matter_get(&ctx, id, &m, NULL), ERR_NOT_FOUND);
	ctx = as(&world.governor);
	assert_int_equal(matter_get(&ctx, id, &m, NULL), ERR_NOT_FOUND); /* nothing was proposed to the government */
	does(&world.leader, id, "terminate", FORM(.reason = STR("不属管辖，已转")));
}

static void a_higher_body_sees_but_does_not_act_for_a_lower_one(void **state)
{
	struct clue_context clues = clue_as(&world.county_supervisor);
	struct clue_new c = { .channel = CLUE_MEDIA,
		.content = STR("报道"),
		.org_id = world.county_market.id,
		.happened_on = DAY_NONE,
		.received_on = DAY_NONE };
	struct matter_context ctx = as(&world.county_supervisor);
	struct err err;
	int64_t clue, id;

	(void)state;
	ok(clue_add(&clues, &c, &clue, &err), &err);
	ok(matter_open(&ctx, &(struct matter_new){ .clue_ids = &clue, .clue_count = 1 }, &id, &err), &err);
	assert_int_equal(get(id).body_id, world.county_body.id);
	refused(&world.supervisor, id, "start_verification", FORM(.mode = STR("daily")), ERR_FORBIDDEN, "不能代为办理");
}

static void only_what_is_supervised_can_be_a_matter(void **state)
{
	struct clue_context clues = clue_as(&world.supervisor);
	struct clue_new c = { .channel = CLUE_MEDIA, .content = STR("报道"), .happened_on = DAY_NONE, .received_on = DAY_NONE };
	struct matter_context ctx = as(&world.supervisor);
	struct err err;
	int64_t clue, id;

	(void)state;
	ok(clue_add(&clues, &c, &clue, &err), &err);
	assert_int_equal(matter_open(&ctx, &(struct matter_new){ .clue_ids = &clue, .clue_count = 1 }, &id, &err), ERR_INPUT);
	assert_int_equal(matter_open(&ctx, &(struct matter_new){ .clue_ids = &clue, .clue_count = 1, .org_id = world.city.id }, &id, &err),
		ERR_INPUT);
	assert_int_equal(
		matter_open(&ctx, &(struct matter_new){ .clue_ids = &clue, .clue_count = 1, .org_id = world.office.id }, &id, &err),
		ERR_INPUT);
	assert_int_equal(matter_open(&ctx, &(struct matter_new){ .org_id = world.market.id }, &id, &err), ERR_INPUT);
	ok(matter_open(&ctx, &(struct matter_new){ .clue_ids = &clue, .clue_count = 1, .org_id = world.county.id }, &id, &err), &err);
}

static void clues_join_a_matter_and_seal_it(void **state)
{
	int64_t id = from_findings(), clue = complaint(&world.market), other = complaint(&world.tax);

	(void)state;
	assert_false(get(id).sealed);
	refused(&world.supervisor, id, "attach_clues", FORM(.clue_ids = { &other, 1 }), ERR_INPUT, "不是本事项的机关");
	does(&world.supervisor, id, "attach_clues", FORM(.clue_ids = { &clue, 1 }));
	assert_true(get(id).sealed);
	refused(&world.second, id, "attach_clues", FORM(.clue_ids = { &clue, 1 }), ERR_STATE, "已经处理过");
}

static void the_handler_belongs_to_the_body(void **state)
{
	int64_t id = from_clue(complaint(&world.market)), good, bad;
	struct account_seed seed = { .name = STR("zhao"),
		.display_name = STR("赵监督"),
		.password_hash = STR("x"),
		.org_id = world.body.id,
		.roles = ROLE_SUPERVISOR };
	struct err err;

	(void)state;
	ok(auth_account_put(world.db.db, &world.ids, CITY_NOW, &seed, &good, &err), &err);
	seed.name = STR("qu");
	seed.org_id = world.county_body.id;
	ok(auth_account_put(world.db.db, &world.ids, CITY_NOW, &seed, &bad, &err), &err);
	refused(&world.leader, id, "set_handler", FORM(.handler_id = bad), ERR_INPUT, "本监督机构");
	does(&world.leader, id, "set_handler", FORM(.handler_id = good));
	assert_true(is(get(id).handler_name, "赵监督"));
}

static void a_township_helps_when_asked(void **state)
{
	int64_t id = verifying(&world.market);
	struct matter_context ctx = as(&world.township);
	struct matter_assist *assists;
	struct err err;
	size_t count;

	(void)state;
	refused(&world.supervisor, id, "ask_assistance", FORM(.org_id = world.tax.id, .text = STR("去看看")), ERR_INPUT, "司法所");
	does(&world.supervisor, id, "ask_assistance", FORM(.org_id = world.office.id, .text = STR("走访三家店，问是否开票")));
	ok(matter_assists(&ctx, 0, true, 0, 10, &assists, &count, &err), &err);
	assert_int_equal(count, 1);
	ok(matter_assist_answer(&ctx, assists[0].id, STR("三家都没有"), &err), &err);
	assert_int_equal(matter_assist_answer(&ctx, assists[0].id, STR("再答"), &err), ERR_STATE);
	assert_true(str_has(json_of(&world.supervisor, id, false), STR("三家都没有")));
}

/* ---- the seal ---- */

static void texts_for_the_agency_must_not_repeat_the_complaint(void **state)
{
	int64_t id = from_clue(complaint(&world.market)), instrument;
	struct err err;

	(void)state;
	assert_true(get(id).sealed);
	refused(&world.supervisor, id, "assign", FORM(.assigned_title = STR("核查"), .assigned_text = STR("钱多多反映罚款没有票据")),
		ERR_INPUT, "姓名");
	refused(&world.supervisor, id, "assign", FORM(.assigned_title = STR("13800138000"), .assigned_text = STR("请核查")), ERR_INPUT,
		"电话");
	refused(&world.supervisor, id, "assign",
		FORM(.assigned_title = STR("核查"), .assigned_text = STR("有人说让我把钱转到一个私人账号里去")), ERR_INPUT, "原话");
	does(&world.supervisor, id, "start_verification", FORM(.mode = STR("daily")));
	does(&world.supervisor, id, "record_verification", PROVED("arbitrary_fine", "minor"));
	assert_int_equal(
		draft_as(&world.supervisor, id, "supervision_opinion", "{\"investigation\":\"钱多多来电反映。\"}", &instrument, &err),
		ERR_INPUT);
	instrument = draft(id, "supervision_opinion", "{\"investigation\":\"日常监督。\"}");
	(void)instrument;
}

/* ---- two at once ---- */

struct race {
	const struct actor *who;
	int64_t id;
	enum err_code code;
};

static void *race_main(void *arg)
{
	struct race *r = arg;
	CLEANUP(db_closep) struct db *db = NULL;
	CLEANUP(arena_closep) struct arena *mem = arena_open(64 << 20);
	struct matter_context ctx = as(r->who);
	struct matter_form form = PROVED("arbitrary_fine", "minor");
	struct err err;

	if (db_open(str_of(world.db.url), &db, &err) != ERR_OK)
		return NULL;
	ctx.db = db;
	ctx.mem = mem;
	form.version = 4; /* both looked at the same page */
	r->code = matter_act(&ctx, r->id, STR("record_verification"), &form, &err);
	return NULL;
}

static void of_two_deciders_the_second_is_told(void **state)
{
	int64_t id = verifying(&world.market);
	struct race a = { .who = &world.supervisor, .id = id, .code = ERR_INTERNAL },
		    b = { .who = &world.second, .id = id, .code = ERR_INTERNAL };
	pthread_t ta, tb;

	(void)state;
	does(&world.supervisor, id, "add_note", FORM(.text = STR("准备下结论")));
	assert_int_equal(get(id).version, 4);
	pthread_create(&ta, NULL, race_main, &a);
	pthread_create(&tb, NULL, race_main, &b);
	pthread_join(ta, NULL);
	pthread_join(tb, NULL);
	if (!((a.code == ERR_OK && b.code == ERR_STATE) || (a.code == ERR_STATE && b.code == ERR_OK)))
		fail_msg("codes %d and %d", (int)a.code, (int)b.code);
	assert_int_equal(get(id).version, 5);
}

/* ---- desk and search ---- */

static struct str desk_of(const struct actor *who)
{
	struct matter_context ctx = as(who);
	struct json j;
	struct buf b;
	struct err err;
	struct str text;

	buf_init(&b, 1 << 20);
	json_init(&j, &b);
	ok(matter_desk_json(&ctx, &j, &err), &err);
	assert_false(b.failed);
	text = str_dup(world.mem, buf_str(&b));
	buf_clear(&b);
	return text;
}

static void a_desk_says_whose_matter_it_is_once(void **state)
{
	int64_t id = from_findings(), instrument;
	struct err err;

	(void)state;
	does(&world.supervisor, id, "start_verification", FORM(.mode = STR("daily")));
	does(&world.supervisor, id, "record_verification", PROVED("illegal", "minor"));
	assert_false(str_has(desk_of(&world.supervisor), STR("明州市市场监督管理局 · 明州市市场监督管理局")));
	instrument = draft(id, "supervision_opinion", opinion_fields);
	ok(step(&world.supervisor, instrument, STEP(SUBMIT), &err), &err);
	assert_true(str_has(desk_of(&world.leader), STR("意见书 · 明州市市场监督管理局")));
}

static void an_explanation_waits_until_the_conclusion_is_drawn(void **state)
{
	int64_t id = from_findings(), reply;
	struct err err;

	(void)state;
	does(&world.supervisor, id, "start_verification", FORM(.mode = STR("daily")));
	issued(id, "explain_request",
		"{\"subject\":\"罚款票据\",\"background\":\"调阅案卷\",\"questions\":[\"票据如何出具\"],\"contact\":\"王监督，0570-"
		"1234567\"}");
	ok(reply_as(&world.liaison, id, REPLY("explanation"), &reply, &err), &err);
	assert_true(str_has(desk_of(&world.supervisor), STR("\"kind\":\"reply\"")));
	does(&world.supervisor, id, "record_verification", PROVED("illegal", "minor"));
	assert_false(str_has(desk_of(&world.supervisor), STR("\"kind\":\"reply\"")));
}

static void the_agency_finds_a_matter_by_its_document(void **state)
{
	int64_t id = from_findings();

	(void)state;
	does(&world.supervisor, id, "start_verification", FORM(.mode = STR("daily")));
	does(&world.supervisor, id, "record_verification", PROVED("illegal", "minor"));
	issued(id, "supervision_opinion", opinion_fields);
	assert_true(str_has(desk_of(&world.liaison), STR("\"title\":\"意见书 ")));
}

static void every_role_has_its_own_desk(void **state)
{
	int64_t id = established(&world.market, "arbitrary_fine", "minor"), opinion = draft(id, "supervision_opinion", opinion_fields);
	struct err err;

	(void)state;
	complaint(&world.market);
	ok(step(&world.supervisor, opinion, STEP(SUBMIT), &err), &err);
	assert_true(str_has(desk_of(&world.leader), STR("\"kind\":\"approval\"")));
	assert_true(str_has(desk_of(&world.leader), STR("\"approvals\":1")));
	assert_true(str_has(desk_of(&world.supervisor), STR("\"kind\":\"clue\"")));
	assert_true(str_has(desk_of(&world.supervisor), STR("\"clues\":1")));
	ok(step(&world.leader, opinion, STEP(APPROVE), &err), &err);
	ok(step(&world.supervisor, opinion, STEP(NUMBER), &err), &err);
	ok(step(&world.supervisor, opinion, STEP(SEAL, .file_id = test_upload(&world.supervisor, "a.pdf", "%PDF-1.4\n%%EOF\n")), &err),
		&err);
	serve(opinion, world.today);
	assert_true(str_has(desk_of(&world.liaison), STR("核查近期罚款的票据")));
	assert_true(str_has(desk_of(&world.liaison), STR("\"days_left\":30")));
	corrected_by(&world.liaison, id);
	assert_true(str_has(desk_of(&world.supervisor), STR("\"kind\":\"reply\"")));
	does(&world.supervisor, id, "ask_assistance", FORM(.org_id = world.office.id, .text = STR("走访")));
	assert_true(str_has(desk_of(&world.township), STR("\"kind\":\"assist\"")));
	assert_true(str_has(desk_of(&world.auditor), STR("\"todo\":[]")));
	assert_true(str_has(desk_of(&world.county_supervisor), STR("\"todo\":[]")));
}

static void search_finds_by_what_each_may_know(void **state)
{
	int64_t id = verifying(&world.market);
	struct matter_hit *hits;
	struct err err;
	size_t count;

	(void)state;
	ok(matter_search(world.db.db, &world.supervisor, STR("卤味店"), 20, world.mem, &hits, &count, &err), &err);
	assert_int_equal(count, 2); /* the clue and the matter */
	ok(matter_search(world.db.db, &world.liaison, STR("卤味店"), 20, world.mem, &hits, &count, &err), &err);
	assert_int_equal(count, 0);
	ok(matter_search(world.db.db, &world.liaison, STR("票据"), 20, world.mem, &hits, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_int_equal(hits[0].id, id);
	ok(matter_search(world.db.db, &world.tax_liaison, STR("票据"), 20, world.mem, &hits, &count, &err), &err);
	assert_int_equal(count, 0);
}

/* ---- the process file ---- */

static void process_of(const char *text, enum err_code code, const char *says)
{
	static char dir[160], path[200];
	struct asset_set set = { .dir_count = 1, .dirs = { { .dir = dir, .prefix = "" } } };
	struct process_set *p;
	struct err err = { 0 };
	enum err_code got;

	snprintf(dir, sizeof(dir), "%s/profile/processes", world.db.dir);
	ok(dir_make(dir, &err), &err);
	snprintf(path, sizeof(path), "%s/matter.yaml", dir);
	ok(file_write(path, str_of(text), &err), &err);
	snprintf(dir, sizeof(dir), "%s/profile", world.db.dir);
	got = process_load(&set, world.app.calendar, world.mem, &p, &err);
	if (got != code || !strstr(err.msg, says))
		fail_msg("code %d: %s", (int)got, err.msg);
}

#define SMALL(more)                                                                                                                        \
	"process: matter\nversion: \"1\"\nsteps:\n"                                                                                        \
	"  - {id: analysis, label: {zh: 分析, en: A}}\n  - {id: verification, label: {zh: 核实, en: V}}\n"                             \
	"  - {id: supervision, label: {zh: 监督, en: S}}\n  - {id: rectification, label: {zh: 整改, en: R}}\n"                         \
	"  - {id: feedback, label: {zh: 反馈, en: F}}\n  - {id: closed, label: {zh: 结案, en: C}}\n" more

static void a_process_file_with_a_slip_is_refused_with_its_place(void **state)
{
	static const char clocks[] =
		"clocks:\n  check: {label: 核验, length: 3, unit: workday}\ndocuments:\n  urging_letter: [supervision]\n";
	char text[4096];

	(void)state;
	snprintf(text, sizeof(text), "%s%sactions:\n  - {action: close, label: 结案, roles: leader, steps: [feedback], to: closed}\n",
		SMALL(""), clocks);
	process_of(text, ERR_OK, "");
	snprintf(text, sizeof(text), "%s%sactions:\n  - {action: fly, label: 飞, roles: leader, steps: [feedback]}\n", SMALL(""), clocks);
	process_of(text, ERR_INPUT, "processes/matter.yaml:");
	snprintf(text, sizeof(text), "%s%sactions:\n  - {action: close, label: 结案, roles: leader township, steps: [feedback]}\n",
		SMALL(""), clocks);
	process_of(text, ERR_INPUT, "不能办理监督事项");
	snprintf(
		text, sizeof(text), "%s%sactions:\n  - {action: close, label: 结案, roles: leader, steps: [nowhere]}\n", SMALL(""), clocks);
	process_of(text, ERR_INPUT, "nowhere");
	snprintf(text, sizeof(text), "%s%sactions:\n  - {action: close, label: 结案, roles: leader, steps: [feedback], needs: [luck]}\n",
		SMALL(""), clocks);
	process_of(text, ERR_INPUT, "luck");
	snprintf(text, sizeof(text), "%sclocks:\n  check: {label: 核验, period: none_such}\ndocuments: {}\nactions: []\n", SMALL(""));
	process_of(text, ERR_INPUT, "none_such");
	process_of("process: matter\nsteps: []\n", ERR_INPUT, "步骤");
}

static void every_citation_of_the_process_file_is_in_the_law_register(void **state)
{
	const struct process_set *p = world.app.processes;
	struct law_citation found;

	(void)state;
	for (size_t i = 0; i < p->action_count; i++)
		for (size_t b = 0; b < p->actions[i].basis_count; b++)
			assert_int_equal(
				law_lookup(world.app.law, p->actions[i].basis[b].law, p->actions[i].basis[b].article, world.today, &found),
				LAW_FOUND);
	for (size_t i = 0; i < p->clock_count; i++)
		for (size_t b = 0; b < p->clocks[i].basis_count; b++)
			assert_int_equal(
				law_lookup(world.app.law, p->clocks[i].basis[b].law, p->clocks[i].basis[b].article, world.today, &found),
				LAW_FOUND);
	assert_int_equal(p->action_count, action_row_count); /* every handler can be reached */
}

static void managerial_periods_are_labelled_as_such(void **state)
{
	const struct process_set *p = world.app.processes;

	(void)state;
	for (size_t i = 0; i < p->clock_count; i++)
		assert_int_equal(p->clocks[i].kind, PERIOD_MANAGERIAL); /* the Regulation itself names no number of days */
}

static struct clock_recount recounted(void)
{
	struct matter_context ctx = as(&world.supervisor);
	struct clock_recount r;
	struct err err;

	ok(matter_clocks_recount(&ctx, &r, &err), &err);
	return r;
}

/** The calendar of 2026 with five more days off, 6 to 10 July. */
static void announce_holiday(void)
{
	static struct asset_set set;
	static char dir[128], path[160];
	struct asset_file file;
	struct calendar *calendar;
	struct err err;
	size_t at;

	ok(asset_read(world.app.assets, STR("calendar/2026.yaml"), world.mem, &file, &err), &err);
	at = (size_t)str_find(file.text, STR("off:\n"));
	snprintf(dir, sizeof(dir), "%s/profile", world.db.dir);
	snprintf(path, sizeof(path), "%s/calendar", dir);
	ok(dir_make(path, &err), &err);
	snprintf(path, sizeof(path), "%s/calendar/2026.yaml", dir);
	ok(file_write(path,
		   str_printf(world.mem, "%.*soff:\n  临时放假: [2026-07-06..2026-07-10]\n%.*s", (int)at, file.text.ptr,
			   (int)(file.text.len - at - 5), file.text.ptr + at + 5),
		   &err),
		&err);
	set = (struct asset_set){ .dir_count = 1, .dirs = { { .dir = dir, .prefix = "" } } };
	ok(calendar_load(&set, STR(""), world.mem, &calendar, &err), &err);
	world.app.calendar = calendar;
}

/* 核实期限 20 个工作日（管理参数）：2026-06-30 起算，7 月 28 日届满；多放五天假，8 月 4 日届满。 */
static void clocks_move_when_holidays_are_announced_and_the_matter_says_so(void **state)
{
	int64_t id = verifying(&world.market);
	struct matter_context ctx;
	struct clock_move *moves;
	struct clock_recount r;
	struct err err;
	size_t count;

	(void)state;
	assert_int_equal(recounted().counted, 0); /* the first calendar that this store sees */
	assert_int_equal(get(id).next_due_on, day_from_ymd(2026, 7, 28));
	announce_holiday();
	r = recounted();
	assert_int_equal(r.moved, 1);
	assert_int_equal(get(id).next_due_on, day_from_ymd(2026, 8, 4));
	assert_int_equal(recounted().counted, 0); /* once is enough */
	ctx = as(&world.leader);
	ok(clock_moves(&ctx, 0, 10, &moves, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_int_equal(moves[0].due_before, day_from_ymd(2026, 7, 28));
	assert_int_equal(moves[0].due_after, day_from_ymd(2026, 8, 4));
	ctx = as(&world.county_supervisor);
	ok(clock_moves(&ctx, 0, 10, &moves, &count, &err), &err);
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_finding_becomes_a_closed_matter),
		BOTH(not_established_is_closed_with_its_reason),
		BOTH(what_can_be_corrected_on_the_spot_needs_no_document),
		BOTH(documents_are_refused_with_their_article),
		BOTH(an_illegal_act_is_not_urged),
		BOTH(the_gate_is_asked_again_at_approval_and_issue),
		BOTH(urging_before_verification_must_state_its_basis),
		BOTH(a_township_never_issues),
		BOTH(a_draft_begins_with_the_facts_but_not_with_those_of_a_complaint),
		BOTH(what_gives_a_complaint_away_is_neither_written_nor_stuck_in_a_draft),
		BOTH(nobody_approves_what_they_drafted),
		BOTH(the_agency_answers_in_its_own_account),
		BOTH(objections_are_answered_before_closing),
		BOTH(wrong_data_are_corrected_imported_and_evaluated_again),
		BOTH(staff_record_a_paper_answer_with_its_scan),
		BOTH(an_unheeded_opinion_goes_to_the_government),
		BOTH(a_failed_check_is_unheeded_too),
		BOTH(a_major_problem_may_go_to_the_government_at_once),
		BOTH(proceedings_suspend_everything_until_a_person_resumes),
		BOTH(proceedings_may_end_the_matter),
		BOTH(closing_warns_until_the_superior_department_was_told),
		BOTH(a_local_agency_has_no_superior_to_tell),
		BOTH(a_closed_matter_is_reopened_with_a_reason),
		BOTH(reopening_to_rectification_starts_its_clock_again),
		BOTH(a_corrected_matter_that_comes_back_starts_anew),
		BOTH(a_refused_proposal_leads_back_to_the_agency),
		BOTH(opening_survives_any_failing_statement),
		BOTH(steps_and_roles_are_the_process_files),
		BOTH(a_higher_body_sees_but_does_not_act_for_a_lower_one),
		BOTH(only_what_is_supervised_can_be_a_matter),
		BOTH(clues_join_a_matter_and_seal_it),
		BOTH(the_handler_belongs_to_the_body),
		BOTH(a_township_helps_when_asked),
		BOTH(texts_for_the_agency_must_not_repeat_the_complaint),
		BOTH(of_two_deciders_the_second_is_told),
		BOTH(a_desk_says_whose_matter_it_is_once),
		BOTH(an_explanation_waits_until_the_conclusion_is_drawn),
		BOTH(the_agency_finds_a_matter_by_its_document),
		BOTH(every_role_has_its_own_desk),
		BOTH(search_finds_by_what_each_may_know),
		BOTH(a_process_file_with_a_slip_is_refused_with_its_place),
		BOTH(every_citation_of_the_process_file_is_in_the_law_register),
		BOTH(managerial_periods_are_labelled_as_such),
		BOTH(clocks_move_when_holidays_are_announced_and_the_matter_says_so),
	};
	struct CMUnitTest chosen[sizeof(tests) / sizeof(tests[0])];
	size_t count = 0;
	bool pg = test_db_has_pg();

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (pg || tests[i].setup_func != open_pg)
			chosen[count++] = tests[i];
	return _cmocka_run_group_tests("matter", chosen, count, NULL, NULL);
}
