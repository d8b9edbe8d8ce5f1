/* Documents on both databases: their life, who may do what, numbers without gaps, files, templates, the public check. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <pthread.h>
#include <cmocka.h>

#include "base/fault.h"
#include "base/file.h"
#include "instrument/instrument_api.c" /* NOLINT: reaches the handlers' own forms */
#include "law/law.h"
#include "support/library_leaks.h"
#include "support/test_db.h"

static struct test_db test;
static struct arena *mem, *set_mem;
static struct id_source ids;
static struct app app;
static struct instrument_set *set;
static struct org city, body, market, county, county_body, office;
static struct actor drafter, leader, governor, liaison, township, stranger;
static int32_t today;
static int steps_seen[INSTRUMENT_ACTION_COUNT];
static struct instrument_permit law_says;

static enum err_code permit(struct instrument_context *ctx, const struct instrument *in, enum instrument_action action,
	struct instrument_permit *ret, struct err *err)
{
	(void)ctx, (void)in, (void)action, (void)err;
	*ret = law_says;
	return ERR_OK;
}

static enum err_code on_step(struct instrument_context *ctx, const struct instrument *in, enum instrument_action action, struct err *err)
{
	(void)in, (void)err;
	assert_true(db_in_tx(ctx->db));
	steps_seen[action]++;
	return ERR_OK;
}

static const struct instrument_hooks hooks = { .permit = permit, .on_step = on_step };

static struct org add_org(
	const struct org *parent, enum org_kind kind, enum org_level level, const char *code, const char *name, const char *proxy)
{
	static const struct actor program = { .name = STR_INIT("测试") };
	struct org o = { .parent_id = parent ? parent->id : 0,
		.kind = kind,
		.level = level,
		.code = str_of(code),
		.name = str_of(name),
		.short_name = str_of(name),
		.region = STR("3301"),
		.proxy_char = str_of(proxy),
		.confirmed_on = DAY_NONE,
		.published_on = DAY_NONE,
		.cancelled_on = DAY_NONE };
	struct err err;

	if (org_add(test.db, &ids, &program, 1000, &o, mem, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return o;
}

static struct actor actor_at(int64_t account, unsigned int roles, const struct org *org, const struct org *scope, const char *name)
{
	return (struct actor){ .account_id = account,
		.roles = roles,
		.org_id = org->id,
		.org_path = org->path,
		.scope_path = scope->path,
		.name = str_of(name) };
}

static int open_with(enum db_dialect dialect)
{
	static const struct asset_set assets;
	struct law_register *law;
	struct err err = { 0 };

	test_db_open(&test, dialect);
	mem = arena_open(512 << 20);
	set_mem = arena_open(64 << 20);
	id_source_init(&ids, 0, 0);
	if (law_load(&assets, set_mem, &law, &err) != ERR_OK || instrument_set_load(&assets, law, set_mem, &set, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	instrument_set_hooks(set, &hooks);
	app = (struct app){ .instruments = set, .data_dir = test.dir, .public_check = true };
	city = add_org(NULL, ORG_GOVERNMENT, ORG_CITY, "G1", "明州市人民政府", "明政");
	body = add_org(&city, ORG_SUPERVISION_BODY, ORG_CITY, "B1", "明州市司法局", "明司");
	market = add_org(&city, ORG_AGENCY, ORG_CITY, "A1", "明州市市场监督管理局", "");
	county = add_org(&city, ORG_GOVERNMENT, ORG_COUNTY, "G2", "江北区人民政府", "江政");
	county_body = add_org(&county, ORG_SUPERVISION_BODY, ORG_COUNTY, "B2", "江北区司法局", "江司");
	office = add_org(&county, ORG_JUDICIAL_OFFICE, ORG_TOWNSHIP, "T1", "白沙司法所", "");
	drafter = actor_at(11, ROLE_SUPERVISOR, &body, &city, "王喆堃");
	leader = actor_at(12, ROLE_LEADER, &body, &city, "李局长");
	governor = actor_at(13, ROLE_GOV_APPROVER, &city, &city, "张市长");
	liaison = actor_at(14, ROLE_LIAISON, &market, &market, "联络员");
	township = actor_at(15, ROLE_TOWNSHIP, &office, &county, "所长");
	stranger = actor_at(16, ROLE_SUPERVISOR | ROLE_LEADER, &county_body, &county, "区局");
	today = day_from_ymd(2026, 11, 23);
	law_says = (struct instrument_permit){ .allowed = true };
	memset(steps_seen, 0, sizeof(steps_seen));
	return 0;
}

static int open_sqlite(void **state)
{
	(void)state;
	return open_with(DB_SQLITE);
}

static int open_pg(void **state)
{
	(void)state;
	return open_with(DB_PG);
}

static int close_db(void **state)
{
	(void)state;
	fault_arm(FAULT_SQL, -1);
	arena_close(mem);
	arena_close(set_mem);
	test_db_close(&test);
	return 0;
}

static struct instrument_context context(const struct actor *who)
{
	return (struct instrument_context){
		.db = test.db, .mem = mem, .ids = &ids, .app = &app, .who = who, .now_ms = 1795420800000, .today = today
	};
}

#define URGING                                                                                                                                                      \
	"{\"duty\":\"投诉举报核查\",\"source\":\"日常监督发现。\",\"duty_basis\":\"《市场监督管理行政处罚程序规定》第十八条。\"," \
	"\"inaction_facts\":\"7件没有立案。\\n最长超期46个工作日。\",\"required_actions\":[\"依法核查\",\"自查同类情况\"],\"contact\":"    \
	"\"王喆堃，0570-1234567\"}"

static int64_t draft_kind(const char *kind, const char *fields)
{
	struct instrument_context ctx = context(&drafter);
	struct instrument_draft d = {
		.matter_id = 900, .agency_id = market.id, .kind = str_of(kind), .fields = str_of(fields), .deadline_on = today + 15
	};
	struct err err = { 0 };
	int64_t id = 0;

	if (instrument_draft(&ctx, &d, &(struct instrument_permit){ .allowed = true }, &id, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return id;
}

static enum err_code act_as(const struct actor *who, int64_t id, struct instrument_step step, struct err *err)
{
	struct instrument_context ctx = context(who);

	err->msg[0] = '\0';
	return instrument_act(&ctx, id, &step, err);
}

static void must(enum err_code code, const struct err *err)
{
	if (code != ERR_OK)
		fail_msg("%s", err->msg);
}

#pragma GCC diagnostic ignored "-Woverride-init" /* STEP names days that some steps then set */
#define STEP(a, ...)                                                                                                                       \
	(struct instrument_step)                                                                                                           \
	{                                                                                                                                  \
		.action = INSTRUMENT_ACT_##a, .gov_approved_on = DAY_NONE, .issued_on = DAY_NONE, .served_on = DAY_NONE, __VA_ARGS__       \
	}

static int64_t approved(const char *kind, const char *fields)
{
	int64_t id = draft_kind(kind, fields);
	struct err err;

	must(act_as(&drafter, id, STEP(SUBMIT), &err), &err);
	must(act_as(&leader, id, STEP(APPROVE), &err), &err);
	return id;
}

static struct instrument read_back(int64_t id)
{
	struct instrument_context ctx = context(&leader);
	struct instrument in = { 0 };
	struct err err;

	must(instrument_get(&ctx, id, &in, &err), &err);
	return in;
}

static int64_t upload_file(const struct actor *who, struct str bytes, const char *subject, bool sealed)
{
	CLEANUP(attachment_abandonp) struct attachment_writer *w = NULL;
	struct attachment a = { .name = STR("文件.pdf"), .account_id = who->account_id, .subject = str_of(subject), .sealed = sealed };
	struct err err;
	char sm3[65];

	must(attachment_open(test.dir, &w, &err), &err);
	must(attachment_write(w, bytes, &err), &err);
	must(attachment_finish(&w, sm3, &a.size_bytes, &err), &err);
	a.sm3 = str_dup(mem, str_of(sm3));
	must(attachment_add(test.db, &ids, 1000, &a, &err), &err);
	return a.id;
}

/* ---- kinds ---- */

static void every_kind_cites_the_register_and_marks_its_default_period(void **state)
{
	size_t count;
	const struct instrument_kind *kinds = instrument_kinds(set, &count);

	(void)state;
	assert_int_equal(count, 5);
	for (size_t i = 0; i < count; i++)
		assert_true(kinds[i].reply_length == 0 || str_eq(kinds[i].reply_note, STR("管理参数（非法定）")));
	assert_true(instrument_kind_find(set, STR("urging_letter"))->statutory);
	assert_false(instrument_kind_find(set, STR("explain_request"))->statutory);
	assert_int_equal(instrument_kind_find(set, STR("supervision_decision"))->issuer, INSTRUMENT_BY_GOVERNMENT);
	assert_int_equal(instrument_kind_find(set, STR("supervision_decision"))->approve_roles, ROLE_GOV_APPROVER);
}

/* ---- life ---- */

static void a_letter_lives_from_draft_to_served(void **state)
{
	struct err err = { 0 };
	int64_t id = draft_kind("urging_letter", URGING), file;
	struct instrument in = read_back(id);

	(void)state;
	assert_int_equal(in.state, INSTRUMENT_DRAFT);
	assert_true(str_eq(in.main_to, STR("明州市市场监督管理局")));
	assert_true(str_eq(in.title, STR("关于督促明州市市场监督管理局\n履行投诉举报核查职责的督办函")));
	assert_int_equal(in.deadline_on, today + 15);
	must(act_as(&drafter, id, STEP(SUBMIT), &err), &err);
	assert_int_equal(act_as(&leader, id, STEP(RETURN), &err), ERR_INPUT);
	must(act_as(&leader, id, STEP(RETURN, .opinion = STR("补充依据")), &err), &err);
	assert_true(str_eq(read_back(id).return_reason, STR("补充依据")));
	must(act_as(&drafter, id, STEP(SUBMIT), &err), &err);
	must(act_as(&leader, id, STEP(APPROVE), &err), &err);
	must(act_as(&drafter, id, STEP(NUMBER), &err), &err);
	assert_true(str_eq(read_back(id).number, STR("明司执监督〔2026〕1号")));
	assert_int_equal(read_back(id).issued_on, today);
	file = upload_file(&drafter, STR("plain text named pdf"), "upload", false);
	assert_int_equal(act_as(&drafter, id, STEP(SEAL, .file_id = file), &err), ERR_UNSUPPORTED);
	file = upload_file(&drafter, STR("%PDF-1.7 sealed"), "upload", false);
	must(act_as(&drafter, id, STEP(SEAL, .file_id = file), &err), &err);
	assert_int_equal(act_as(&drafter, id, STEP(SERVE), &err), ERR_INPUT);
	assert_int_equal(act_as(&drafter, id, STEP(SERVE, .served_to = STR("收发室"), .served_on = today + 1), &err), ERR_INPUT);
	must(act_as(&drafter, id, STEP(SERVE, .served_to = STR("收发室")), &err), &err);
	in = read_back(id);
	assert_int_equal(in.state, INSTRUMENT_SERVED);
	assert_int_equal(in.served_on, today);
	assert_int_equal(steps_seen[INSTRUMENT_ACT_SERVE], 1);
	assert_int_equal(act_as(&drafter, id, STEP(SERVE, .served_to = STR("x")), &err), ERR_STATE);
}

static void nobody_approves_what_they_drafted(void **state)
{
	struct actor both = leader;
	struct err err;
	int64_t id = draft_kind("urging_letter", URGING);

	(void)state;
	both.account_id = drafter.account_id;
	must(act_as(&drafter, id, STEP(SUBMIT), &err), &err);
	assert_int_equal(act_as(&drafter, id, STEP(APPROVE), &err), ERR_FORBIDDEN);
	assert_int_equal(act_as(&both, id, STEP(APPROVE), &err), ERR_FORBIDDEN);
	assert_non_null(strstr(err.msg, "拟稿人"));
	assert_int_equal(act_as(&governor, id, STEP(APPROVE), &err), ERR_FORBIDDEN);
	must(act_as(&leader, id, STEP(APPROVE), &err), &err);
}

static void a_township_account_issues_nothing_and_is_told_the_article(void **state)
{
	struct instrument_context ctx = context(&township);
	struct actor disguised = actor_at(17, ROLE_SUPERVISOR | ROLE_LEADER, &office, &county, "所长");
	struct instrument_draft d = {
		.matter_id = 1, .agency_id = market.id, .kind = STR("urging_letter"), .fields = STR("{}"), .deadline_on = DAY_NONE
	};
	struct err err;
	int64_t id;

	(void)state;
	assert_int_equal(instrument_draft(&ctx, &d, &(struct instrument_permit){ .allowed = true }, &id, &err), ERR_BLOCKED);
	assert_non_null(strstr(err.msg, "〔依据：《行政执法监督条例》第6条第2款、第26条〕"));
	ctx.who = &disguised;
	assert_int_equal(instrument_draft(&ctx, &d, &(struct instrument_permit){ .allowed = true }, &id, &err), ERR_BLOCKED);
	assert_int_equal(act_as(&township, draft_kind("urging_letter", URGING), STEP(SUBMIT), &err), ERR_BLOCKED);
}

static void what_the_law_forbids_is_refused_at_every_step(void **state)
{
	struct instrument_context ctx = context(&drafter);
	struct instrument_draft d = {
		.matter_id = 1, .agency_id = market.id, .kind = STR("supervision_opinion"), .fields = STR("{}"), .deadline_on = DAY_NONE
	};
	struct instrument_permit no = { .reason = STR("未经核查确认，不得制发意见书"), .article = STR("第28条") };
	int64_t id = draft_kind("urging_letter", URGING);
	struct err err;

	(void)state;
	assert_int_equal(instrument_draft(&ctx, &d, &no, &id, &err), ERR_BLOCKED);
	assert_string_equal(err.msg, "未经核查确认，不得制发意见书〔依据：《行政执法监督条例》第28条〕");
	law_says = no;
	assert_int_equal(act_as(&drafter, id, STEP(SUBMIT), &err), ERR_BLOCKED);
	instrument_set_hooks(set, NULL);
	assert_int_equal(act_as(&drafter, id, STEP(SUBMIT), &err), ERR_BLOCKED); /* a forgotten hook locks the door */
}

static void a_stopped_matter_freezes_its_documents(void **state)
{
	struct instrument_context ctx = context(&leader);
	int64_t id = draft_kind("urging_letter", URGING);
	struct err err;

	(void)state;
	must(instrument_stop_matter(&ctx, 900, true, &err), &err);
	assert_int_equal(act_as(&drafter, id, STEP(SUBMIT), &err), ERR_BLOCKED);
	assert_non_null(strstr(err.msg, "第33条第3款"));
	must(instrument_stop_matter(&ctx, 900, false, &err), &err);
	must(act_as(&drafter, id, STEP(SUBMIT), &err), &err);
}

static void only_the_government_decides(void **state)
{
	static const char fields[] = "{\"facts\":\"事实\",\"reasons\":\"理由\",\"decision_items\":[\"责令履行\"]}";
	int64_t id = draft_kind("supervision_decision", fields);
	struct err err;

	(void)state;
	assert_int_equal(read_back(id).issuer_id, city.id);
	must(act_as(&drafter, id, STEP(SUBMIT), &err), &err);
	assert_int_equal(act_as(&leader, id, STEP(APPROVE), &err), ERR_FORBIDDEN);
	assert_int_equal(act_as(&governor, id, STEP(APPROVE), &err), ERR_INPUT);
	assert_non_null(strstr(err.msg, "批准文号"));
	must(act_as(&governor, id, STEP(APPROVE, .gov_approval_no = STR("明政批〔2026〕8号"), .gov_approved_on = today), &err), &err);
	must(act_as(&governor, id, STEP(NUMBER), &err), &err);
	assert_true(str_eq(read_back(id).number, STR("明政执监决〔2026〕1号")));
}

static void fields_are_checked_and_a_draft_may_be_incomplete(void **state)
{
	struct instrument_context ctx = context(&drafter);
	int64_t id = draft_kind("explain_request", "{\"subject\":\"有关投诉\"}");
	struct instrument_edit edit = { .template_id = -1 };
	struct err err;

	(void)state;
	assert_int_equal(act_as(&drafter, id, STEP(SUBMIT), &err), ERR_INPUT);
	assert_non_null(strstr(err.msg, "情况来源"));
	edit.fields = STR("{\"nonsense\":1}");
	assert_int_equal(instrument_edit(&ctx, id, &edit, &err), ERR_INPUT);
	edit.fields = STR("{\"questions\":\"not a list\"}");
	assert_int_equal(instrument_edit(&ctx, id, &edit, &err), ERR_INPUT);
	edit.fields = STR("{\"deadline_on\":\"2026-02-30\"}");
	assert_int_equal(instrument_edit(&ctx, id, &edit, &err), ERR_INPUT);
	edit.fields = STR("{\"background\":\"你局构成违法\",\"questions\":[\"是否收到\"],\"contact\":\"王\"}");
	must(instrument_edit(&ctx, id, &edit, &err), &err);
	assert_int_equal(act_as(&drafter, id, STEP(SUBMIT), &err), ERR_BLOCKED); /* a question must not conclude */
	edit.fields = STR("{\"background\":\"收到线索\"}");
	edit.expected_version = 1;
	assert_int_equal(instrument_edit(&ctx, id, &edit, &err), ERR_CONFLICT);
	edit.expected_version = 2;
	must(instrument_edit(&ctx, id, &edit, &err), &err);
	assert_int_equal(read_back(id).version, 3);
	must(act_as(&drafter, id, STEP(SUBMIT), &err), &err);
	edit.expected_version = 0;
	assert_int_equal(instrument_edit(&ctx, id, &edit, &err), ERR_STATE);
}

/* ---- numbers ---- */

static void numbers_are_brought_to_one_form(void **state)
{
	static const char *const same[] = { "明司执监督〔2026〕3号", "明司执监督[2026]3号", "明司执监督（２０２６）３号",
		"明司执监督【2026】第 3 号", " 明司执监督 〔2026〕 003 号 " };
	static const char *const wrong[] = { "", "3号", "明司执监督2026年3号", "明司执监督〔26〕3号", "明司执监督〔2026〕号",
		"明司执监督〔2026〕0号", "明司执监督〔2026〕3", "〔2026〕3号", "明司执监督〔2026〕三号" };
	struct instrument_number n;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		must(instrument_number_parse(str_of(same[i]), &n, &err), &err);
		assert_string_equal(n.text, "明司执监督〔2026〕3号");
		assert_int_equal(n.year, 2026);
		assert_int_equal(n.seq, 3);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(instrument_number_parse(str_of(wrong[i]), &n, &err), ERR_INPUT);
}

static void numbers_from_the_office_system_are_kept_apart_and_never_doubled(void **state)
{
	int64_t a = approved("urging_letter", URGING), b = approved("urging_letter", URGING), c = approved("urging_letter", URGING),
		d = approved("urging_letter", URGING);
	struct err err;

	(void)state;
	must(act_as(&drafter, a, STEP(NUMBER, .number = STR("明司执监督［２０２６］第2号")), &err), &err);
	assert_true(str_eq(read_back(a).number, STR("明司执监督〔2026〕2号")));
	assert_int_equal(act_as(&drafter, b, STEP(NUMBER, .number = STR("明司执监督(2026)2号")), &err), ERR_UNIQUE);
	assert_int_equal(
		act_as(&drafter, b, STEP(NUMBER, .number = STR("明司执监意〔2026〕2号")), &err), ERR_INPUT); /* the opinions' series */
	assert_int_equal(act_as(&drafter, b, STEP(NUMBER, .number = STR("明司执监督〔2025〕9号")), &err),
		ERR_INPUT); /* another year than its date */
	must(act_as(&drafter, b, STEP(NUMBER, .number = STR("明司函〔2026〕88号")), &err), &err);
	must(act_as(&drafter, c, STEP(NUMBER), &err), &err);
	must(act_as(&drafter, d, STEP(NUMBER), &err), &err);
	assert_true(str_eq(read_back(c).number, STR("明司执监督〔2026〕1号")));
	assert_true(str_eq(read_back(d).number, STR("明司执监督〔2026〕3号"))); /* 2 is taken */
}

static void a_voided_number_is_never_given_again(void **state)
{
	int64_t a = approved("urging_letter", URGING), b = approved("urging_letter", URGING);
	struct err err;

	(void)state;
	must(act_as(&drafter, a, STEP(NUMBER), &err), &err);
	assert_int_equal(act_as(&drafter, a, STEP(VOID, .reason = STR("误发")), &err), ERR_FORBIDDEN);
	assert_int_equal(act_as(&leader, a, STEP(VOID), &err), ERR_INPUT);
	must(act_as(&leader, a, STEP(VOID, .reason = STR("误发")), &err), &err);
	assert_true(str_eq(read_back(a).number, STR("明司执监督〔2026〕1号")));
	assert_int_equal(act_as(&drafter, b, STEP(NUMBER, .number = STR("明司执监督〔2026〕1号")), &err), ERR_UNIQUE);
	must(act_as(&drafter, b, STEP(NUMBER), &err), &err);
	assert_true(str_eq(read_back(b).number, STR("明司执监督〔2026〕2号")));
}

static void a_failure_at_any_statement_leaves_no_gap(void **state)
{
	int64_t id = approved("urging_letter", URGING), next = approved("urging_letter", URGING);
	struct err err;
	int n = 0;

	(void)state;
	if (db_dialect(test.db) == DB_SQLITE) {
		enum err_code code;

		do {
			fault_arm(FAULT_SQL, n++);
			code = act_as(&drafter, id, STEP(NUMBER), &err);
			fault_arm(FAULT_SQL, -1);
		} while (code != ERR_OK && n < 200);
		assert_int_equal(code, ERR_OK);
		assert_true(n > 5);
	} else {
		law_says.allowed = false;
		assert_int_equal(act_as(&drafter, id, STEP(NUMBER), &err), ERR_BLOCKED);
		law_says.allowed = true;
		must(act_as(&drafter, id, STEP(NUMBER), &err), &err);
	}
	assert_true(str_eq(read_back(id).number, STR("明司执监督〔2026〕1号")));
	must(act_as(&drafter, next, STEP(NUMBER), &err), &err);
	assert_true(str_eq(read_back(next).number, STR("明司执监督〔2026〕2号")));
}

#define THREADS 8
#define EACH 6
static int64_t to_issue[THREADS * EACH];

static void *issue_many(void *arg)
{
	int64_t *list = arg;
	struct arena *own = arena_open(64 << 20);
	struct db *db = NULL;
	struct err err = { 0 };

	if (db_open(str_of(test.url), &db, &err) != ERR_OK)
		return (void *)"open";
	for (int i = 0; i < EACH; i++) {
		struct instrument_context ctx = context(&drafter);
		struct instrument_step step = STEP(NUMBER);
		enum err_code code;
		int tries = 0;

		ctx.db = db;
		ctx.mem = own;
		do
			code = instrument_act(&ctx, list[i], &step, &err);
		while (code == ERR_RETRY && ++tries < 100);
		if (code != ERR_OK) {
			fprintf(stderr, "%s\n", err.msg);
			return (void *)"issue";
		}
	}
	db_close(db);
	arena_close(own);
	return NULL;
}

static int order(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void eight_who_issue_at_once_leave_no_gap_and_no_double(void **state)
{
	pthread_t threads[THREADS];
	int64_t seqs[THREADS * EACH];

	(void)state;
	for (int i = 0; i < THREADS * EACH; i++)
		to_issue[i] = approved("urging_letter", URGING);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, issue_many, &to_issue[i * EACH]), 0);
	for (int i = 0; i < THREADS; i++) {
		void *failed = NULL;

		pthread_join(threads[i], &failed);
		if (failed)
			fail_msg("%s", (const char *)failed);
	}
	for (int i = 0; i < THREADS * EACH; i++) {
		struct instrument_number n;
		struct err err;

		must(instrument_number_parse(read_back(to_issue[i]).number, &n, &err), &err);
		seqs[i] = n.seq;
	}
	qsort(seqs, THREADS * EACH, sizeof(seqs[0]), order);
	for (int i = 0; i < THREADS * EACH; i++)
		assert_int_equal(seqs[i], i + 1);
}

/* ---- files and sight ---- */

static void files_of_sealed_complaints_never_enter_a_document(void **state)
{
	struct instrument_context ctx = context(&drafter);
	int64_t id = draft_kind("urging_letter", URGING), copy;
	struct instrument_edit edit = { .template_id = -1, .fields = STR("{}"), .annexes = &copy, .annex_count = 1 };
	struct err err;

	(void)state;
	upload_file(&drafter, STR("投诉原件"), "clue", true);
	copy = upload_file(&drafter, STR("投诉原件"), "upload", false); /* downloaded and uploaded again */
	assert_int_equal(instrument_edit(&ctx, id, &edit, &err), ERR_BLOCKED);
	assert_non_null(strstr(err.msg, "保密"));
	copy = upload_file(&drafter, STR("办理情况清单"), "upload", false);
	must(instrument_edit(&ctx, id, &edit, &err), &err);
	assert_int_equal(instrument_edit(&ctx, id, &edit, &err), ERR_NOT_FOUND); /* used already */
	copy = upload_file(&leader, STR("别人的文件"), "upload", false);
	assert_int_equal(instrument_edit(&ctx, id, &edit, &err), ERR_NOT_FOUND);
}

static void an_agency_sees_served_copies_only_and_another_body_nothing(void **state)
{
	int64_t id = approved("urging_letter", URGING), file;
	struct instrument_context ctx = context(&liaison);
	struct instrument in;
	struct err err;
	bool visible;

	(void)state;
	assert_int_equal(instrument_get(&ctx, id, &in, &err), ERR_NOT_FOUND);
	must(act_as(&drafter, id, STEP(NUMBER), &err), &err);
	file = upload_file(&drafter, STR("%PDF-1.7 sealed"), "upload", false);
	must(act_as(&drafter, id, STEP(SEAL, .file_id = file), &err), &err);
	must(instrument_file_visible(&ctx, file, &visible, &err), &err);
	assert_false(visible);
	must(act_as(&drafter, id, STEP(SERVE, .served_to = STR("收发室")), &err), &err);
	must(instrument_get(&ctx, id, &in, &err), &err);
	ctx.app = NULL; /* asked without what the program loaded */
	must(instrument_file_visible(&ctx, file, &visible, &err), &err);
	assert_true(visible);
	ctx = context(&stranger);
	assert_int_equal(instrument_get(&ctx, id, &in, &err), ERR_NOT_FOUND);
	assert_int_equal(act_as(&stranger, id, STEP(VOID, .reason = STR("x")), &err), ERR_NOT_FOUND);
}

static void drafts_wait_for_the_right_approver(void **state)
{
	int64_t letter = draft_kind("urging_letter", URGING);
	int64_t decision =
		draft_kind("supervision_decision", "{\"facts\":\"事实\",\"reasons\":\"理由\",\"decision_items\":[\"责令履行\"]}");
	struct instrument_context ctx = context(&leader);
	struct instrument *list;
	struct err err;
	size_t count;

	(void)state;
	must(act_as(&drafter, letter, STEP(SUBMIT), &err), &err);
	must(act_as(&drafter, decision, STEP(SUBMIT), &err), &err);
	must(instrument_to_approve(&ctx, 10, &list, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_int_equal(list[0].id, letter);
	ctx = context(&governor);
	must(instrument_to_approve(&ctx, 10, &list, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_int_equal(list[0].id, decision);
}

static void the_answer_names_allowed_and_forbidden_steps(void **state)
{
	int64_t id = draft_kind("urging_letter", URGING);
	struct instrument_context ctx = context(&drafter);
	struct instrument in = read_back(id);
	struct buf out;
	struct json j;
	struct err err;

	(void)state;
	must(act_as(&drafter, id, STEP(SUBMIT), &err), &err);
	buf_init(&out, 1 << 20);
	json_init(&j, &out);
	must(instrument_json(&ctx, &in, &j, &err), &err);
	assert_false(out.failed);
	{
		CLEANUP(json_decrefp) json_t *root = json_loadb(out.ptr, out.len, JSON_REJECT_DUPLICATES, NULL);
		json_t *first;

		assert_non_null(root);
		assert_string_equal(json_string_value(json_object_get(root, "state")), "draft");
		assert_true(json_is_null(json_object_get(root, "no")));
		assert_int_equal(json_array_size(json_object_get(root, "versions")), 1);
		first = json_array_get(json_object_get(root, "actions"), 0);
		assert_string_equal(json_string_value(json_object_get(first, "action")), "return");
		assert_false(json_boolean_value(json_object_get(first, "allowed")));
		assert_non_null(json_string_value(json_object_get(first, "reason")));
	}
	buf_clear(&out);
}

/* ---- pages ---- */

static void every_kind_renders_the_same_bytes_twice(void **state)
{
	static const struct {
		const char *kind, *fields;
	} examples[] = {
		{ "explain_request", "{\"subject\":\"投诉举报办理\",\"background\":\"收到线索。\",\"questions\":[\"是否收到\",\"何时办理\"]"
				     ",\"contact\":\"王喆堃，0570-1234567\"}" },
		{ "urging_letter", URGING },
		{ "supervision_opinion",
			"{\"investigation\":\"经调阅案卷、询问承办人。\",\"facts\":\"2026年3月2日，你局对某公司作出罚款5万元的决定。\","
			"\"evidence\":[{\"name\":\"行政处罚决定书\",\"source\":\"调阅\",\"proves\":"
			"\"处罚内容\"}],\"defects\":[{\"problem\":\"未告知听证权利\",\"basis\":\"违反《行政处罚法》第六十三条\"}],"
			"\"corrections\":[\"撤销原决定，依法重新作出\"],\"contact\":\"王\",\"attachments\":[\"证据复印件\"]}" },
		{ "handling_proposal", "{\"facts\":\"事实\",\"prior_docs\":[{\"title\":\"督办函\",\"number\":\"明司执监督〔2026〕1号\","
				       "\"result\":\"到期未履行\"}],\"reasons\":\"到期未履行。\",\"draft_decision\":["
				       "\"责令履行\"],\"contact\":\"王\"}" },
		{ "supervision_decision", "{\"facts\":\"经查……\",\"reasons\":\"理由\",\"decision_items\":[\"责令履行\"],\"cc\":"
					  "\"明州市司法局\",\"printer\":\"明州市人民政府办公室\"}" },
	};
	struct err err = { 0 };
	bool fang;

	(void)state;
	must(document_fonts_load("fonts", &fang, &err), &err);
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct instrument_context ctx = context(&leader);
		struct instrument in = read_back(draft_kind(examples[i].kind, examples[i].fields));
		struct buf a, b;
		char path[200];

		for (int format = 0; format < 2; format++) {
			buf_init(&a, DOCUMENT_BYTES_MAX);
			buf_init(&b, DOCUMENT_BYTES_MAX);
			must(instrument_render(&ctx, &in, (enum instrument_format)format, &a, &err), &err);
			must(instrument_render(&ctx, &in, (enum instrument_format)format, &b, &err), &err);
			assert_int_equal(a.len, b.len);
			assert_memory_equal(a.ptr, b.ptr, a.len);
			if (getenv("XZ_KEEP")) {
				snprintf(path, sizeof(path), "%s/%s.%s", getenv("XZ_KEEP"), examples[i].kind, format ? "docx" : "pdf");
				must(file_write(path, buf_str(&a), &err), &err);
			}
			buf_clear(&a);
			buf_clear(&b);
		}
	}
}

static void a_bureaus_own_template_is_checked_and_filled(void **state)
{
	struct instrument_context ctx = context(&leader);
	struct err err;
	int64_t template_id, id;
	struct instrument in;
	struct buf out;
	struct str *names;
	size_t count;
	struct str bytes;

	(void)state;
	assert_int_equal(template_upload(&ctx, STR("urging_letter"), STR("错配"), "examples/templates/supervision_opinion.docx", true,
				 &template_id, &err),
		ERR_INPUT);
	assert_non_null(strstr(err.msg, "{{"));
	must(template_upload(&ctx, STR("supervision_opinion"), STR("本局意见书"), "examples/templates/supervision_opinion.docx", true,
		     &template_id, &err),
		&err);
	id = draft_kind("supervision_opinion",
		"{\"facts\":\"事实一\\n事实二\",\"evidence\":[{\"name\":\"决定书 "
		"<1>\",\"proves\":\"内容\"},{\"name\":\"笔录\",\"proves\":\"经过\"}],\"defects\":[{\"problem\":\"未告知听证权利\","
		"\"basis\":\"违反《行政处罚法》第六十三条\"}],\"corrections\":[\"撤销\",\"重作\"],\"contact\":\"王\"}");
	in = read_back(id);
	assert_int_equal(in.template_id, template_id);
	buf_init(&out, DOCUMENT_BYTES_MAX);
	app.demo = true;
	must(instrument_render(&ctx, &in, INSTRUMENT_DOCX, &out, &err), &err);
	must(document_placeholders(buf_str(&out), mem, &names, &count, &err), &err);
	assert_int_equal(count, 0);
	if (getenv("XZ_KEEP")) {
		char path[200];

		snprintf(path, sizeof(path), "%s/own-template.docx", getenv("XZ_KEEP"));
		must(file_write(path, buf_str(&out), &err), &err);
	}
	buf_clear(&out);
	must(file_read("examples/templates/supervision_opinion.docx", 1 << 20, mem, &bytes, &err), &err);
	must(document_placeholders(bytes, mem, &names, &count, &err), &err);
	assert_int_equal(count, 18);
	assert_true(str_eq(names[0], STR("发文机关")));
	assert_true(str_eq(names[2], STR("标题"))); /* split over three runs */
	ctx.who = &stranger;
	{
		struct template_row *rows_found;

		must(store_templates(test.db, stranger.org_id, STR(""), mem, &rows_found, &count, &err), &err);
		assert_int_equal(count, 0); /* templates are a bureau's own */
	}
}

/* ---- the portal's check ---- */

static json_t *check(const char *code)
{
	struct check_query query = { .code = str_of(code) };
	struct request req = { .db = test.db, .mem = mem, .app = &app, .query = &query };
	struct buf out;
	struct json j;
	struct response res = { .out = &out, .json = &j };
	struct err err;
	json_t *root;

	buf_init(&out, 1 << 16);
	json_init(&j, &out);
	must(check_get(&req, &res, &err), &err);
	root = json_loadb(out.ptr, out.len, 0, NULL);
	buf_clear(&out);
	return root;
}

static void the_public_check_tells_number_issuer_date_and_digest_only(void **state)
{
	int64_t id = approved("urging_letter", URGING), file;
	struct err err;
	char code[40];

	(void)state;
	must(act_as(&drafter, id, STEP(NUMBER), &err), &err);
	snprintf(code, sizeof(code), "%.*s", STR_ARG(read_back(id).check_code));
	assert_int_equal(strlen(code), 12);
	{
		CLEANUP(json_decrefp) json_t *before = check(code);

		assert_false(json_boolean_value(json_object_get(before, "found"))); /* not sealed yet */
	}
	file = upload_file(&drafter, STR("%PDF-1.7 sealed"), "upload", false);
	must(act_as(&drafter, id, STEP(SEAL, .file_id = file), &err), &err);
	{
		CLEANUP(json_decrefp) json_t *after = check(code);

		assert_int_equal(json_object_size(after), 5);
		assert_true(json_boolean_value(json_object_get(after, "found")));
		assert_string_equal(json_string_value(json_object_get(after, "no")), "明司执监督〔2026〕1号");
		assert_string_equal(json_string_value(json_object_get(after, "issuer")), "明州市司法局");
		assert_string_equal(json_string_value(json_object_get(after, "issued_on")), "2026-11-23");
		assert_int_equal(json_string_length(json_object_get(after, "sm3")), 64);
	}
	{
		struct check_query query = { .code = str_of(code) };
		struct request req = { .db = test.db, .mem = mem, .app = &app, .query = &query };
		struct response res = { 0 };

		app.public_check = false;
		assert_int_equal(check_get(&req, &res, &err), ERR_NOT_FOUND); /* off by default */
	}
}

#define BOTH(f) cmocka_unit_test_setup_teardown(f, open_sqlite, close_db), cmocka_unit_test_setup_teardown(f, open_pg, close_db)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_kind_cites_the_register_and_marks_its_default_period, open_sqlite, close_db),
		cmocka_unit_test_setup_teardown(numbers_are_brought_to_one_form, open_sqlite, close_db),
		BOTH(a_letter_lives_from_draft_to_served),
		BOTH(nobody_approves_what_they_drafted),
		BOTH(a_township_account_issues_nothing_and_is_told_the_article),
		BOTH(what_the_law_forbids_is_refused_at_every_step),
		BOTH(a_stopped_matter_freezes_its_documents),
		BOTH(only_the_government_decides),
		BOTH(fields_are_checked_and_a_draft_may_be_incomplete),
		BOTH(numbers_from_the_office_system_are_kept_apart_and_never_doubled),
		BOTH(a_voided_number_is_never_given_again),
		BOTH(a_failure_at_any_statement_leaves_no_gap),
		BOTH(eight_who_issue_at_once_leave_no_gap_and_no_double),
		BOTH(files_of_sealed_complaints_never_enter_a_document),
		BOTH(an_agency_sees_served_copies_only_and_another_body_nothing),
		BOTH(drafts_wait_for_the_right_approver),
		BOTH(the_answer_names_allowed_and_forbidden_steps),
		BOTH(every_kind_renders_the_same_bytes_twice),
		BOTH(a_bureaus_own_template_is_checked_and_filled),
		BOTH(the_public_check_tells_number_issuer_date_and_digest_only),
	};
	struct CMUnitTest chosen[sizeof(tests) / sizeof(tests[0])];
	size_t count = 0;
	bool pg = test_db_has_pg();

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (pg || tests[i].setup_func != open_pg)
			chosen[count++] = tests[i];
	return _cmocka_run_group_tests("instrument", chosen, count, NULL, NULL);
}
