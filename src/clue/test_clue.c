/* Clues on both databases: the one-minute form, the seal, triage one by one and in bulk, import, and who decides when two decide at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <pthread.h>
#include <cmocka.h>

#include "attachment/attachment.h"
#include "audit/audit.h"
#include "clue/clue_private.h"
#include "support/test_city.h"

static int64_t call(const struct actor *who, const char *content)
{
	struct clue_context ctx = clue_as(who);
	struct clue_new c = { .channel = CLUE_PHONE,
		.content = str_of(content),
		.org_id = world.market.id,
		.complainant = STR("钱多多"),
		.phone = STR("138-0013-8000"),
		.happened_on = DAY_NONE,
		.received_on = DAY_NONE };
	struct err err;
	int64_t id;

	ok(clue_add(&ctx, &c, &id, &err), &err);
	return id;
}

static struct clue get(const struct actor *who, int64_t id)
{
	struct clue_context ctx = clue_as(who);
	struct clue c;
	struct err err;

	ok(clue_get(&ctx, id, &c, &err), &err);
	return c;
}

static enum err_code decide(const struct actor *who, int64_t id, enum clue_state to, const char *reason, int64_t into)
{
	struct clue_context ctx = clue_as(who);
	struct clue_decision d = { .to = to, .reason = str_of(reason), .into = into, .transferred_to = STR("市政法委") };
	struct err err;

	return clue_decide(&ctx, id, &d, &err);
}

/* ---- registering ---- */

static void a_telephone_call_takes_a_minute(void **state)
{
	int64_t id = call(&world.supervisor, "市场局来店里检查不出示证件，要求当场交两千元。已经第三次了。");
	struct clue c = get(&world.supervisor, id);

	(void)state;
	assert_true(str_eq(c.no, STR("JD-线-2026-000001")));
	assert_true(str_eq(c.title, STR("市场局来店里检查不出示证件，要求当场交两千元")));
	assert_int_equal(c.state, CLUE_RECEIVED);
	assert_true(c.sealed);
	assert_int_equal(c.owner_id, world.body.id);
	assert_int_equal(c.received_on, world.today);
	assert_true(str_eq(get(&world.supervisor, call(&world.supervisor, "又一件")).no, STR("JD-线-2026-000002")));
}

static void forms_are_checked_in_chinese(void **state)
{
	struct clue_context ctx = clue_as(&world.supervisor);
	struct clue_new good = { .channel = CLUE_WINDOW, .content = STR("来访反映"), .happened_on = DAY_NONE, .received_on = DAY_NONE }, c;
	struct err err;
	int64_t id;

	(void)state;
	c = good;
	c.content = STR("  ");
	assert_int_equal(clue_add(&ctx, &c, &id, &err), ERR_INPUT);
	assert_string_equal(err.msg, "内容不能为空");
	c = good;
	c.phone = STR("无");
	assert_int_equal(clue_add(&ctx, &c, &id, &err), ERR_INPUT);
	c = good;
	c.happened_on = world.today + 1;
	assert_int_equal(clue_add(&ctx, &c, &id, &err), ERR_INPUT);
	c = good;
	c.org_id = 999;
	assert_int_equal(clue_add(&ctx, &c, &id, &err), ERR_NOT_FOUND);
	ok(clue_add(&ctx, &good, &id, &err), &err);
	assert_false(get(&world.supervisor, id).sealed);
}

static void a_window_with_a_complainant_is_sealed_and_media_is_not(void **state)
{
	struct clue_context ctx = clue_as(&world.supervisor);
	struct clue_new window = { .channel = CLUE_WINDOW,
		.content = STR("反映一件事"),
		.complainant = STR("孙来访"),
		.happened_on = DAY_NONE,
		.received_on = DAY_NONE };
	struct clue_new media = { .channel = CLUE_MEDIA, .content = STR("报道称"), .happened_on = DAY_NONE, .received_on = DAY_NONE };
	struct err err;
	int64_t a, b;

	(void)state;
	ok(clue_add(&ctx, &window, &a, &err), &err);
	ok(clue_add(&ctx, &media, &b, &err), &err);
	assert_true(get(&world.supervisor, a).sealed);
	assert_false(get(&world.supervisor, b).sealed);
	for (int c = 0; c < CLUE_CHANNEL_COUNT; c++)
		assert_int_equal(clue_channel_is_complaint((enum clue_channel)c),
			c == CLUE_HOTLINE_12345 || c == CLUE_PHONE || c == CLUE_PORTAL || c == CLUE_PETITION);
}

static void a_township_collects_for_its_county(void **state)
{
	int64_t id = call(&world.township, "镇上反映");
	struct clue_context ctx = clue_as(&world.township);
	struct clue c = get(&world.township, id);

	(void)state;
	assert_int_equal(c.owner_id, world.county_body.id);
	assert_int_equal(c.from_org_id, world.office.id);
	assert_int_equal(decide(&world.township, id, CLUE_REJECTED, "不管", 0), ERR_FORBIDDEN);
	assert_int_equal(decide(&world.supervisor, id, CLUE_REJECTED, "不管", 0), ERR_FORBIDDEN); /* the county decides */
	assert_int_equal(decide(&world.county_supervisor, id, CLUE_REJECTED, "不属实", 0), ERR_OK);
	assert_int_equal(clue_get(&ctx, call(&world.supervisor, "市局的"), &c, NULL), ERR_NOT_FOUND);
}

static void the_agency_sees_no_clue_at_all(void **state)
{
	int64_t id = call(&world.supervisor, "投诉市场局");
	struct clue_context ctx = clue_as(&world.liaison);
	struct clue_query q = { .state = CLUE_STATE_COUNT, .channel = CLUE_CHANNEL_COUNT, .limit = 50, .want_total = true };
	struct clue_page page;
	struct clue c;
	struct err err;
	bool may = true;

	(void)state;
	assert_int_equal(clue_get(&ctx, id, &c, &err), ERR_NOT_FOUND);
	ok(clue_list(&ctx, &q, &page, &err), &err);
	assert_int_equal(page.row_count, 0);
	ok(clue_may_read(world.db.db, &world.liaison, id, &may, &err), &err);
	assert_false(may);
	assert_int_equal(decide(&world.liaison, id, CLUE_REJECTED, "没有的事", 0), ERR_NOT_FOUND);
}

static void scope_is_the_subtree(void **state)
{
	struct clue_context county = clue_as(&world.county_supervisor);
	struct clue c;
	int64_t city_clue = call(&world.supervisor, "市局的线索"), county_clue = call(&world.county_supervisor, "区局的线索");

	(void)state;
	assert_int_equal(clue_get(&county, city_clue, &c, NULL), ERR_NOT_FOUND);
	assert_int_equal(get(&world.supervisor, county_clue).owner_id, world.county_body.id);
}

/* ---- personal data ---- */

static struct str json_of(const struct actor *who, int64_t id)
{
	struct clue_context ctx = clue_as(who);
	struct clue c = get(who, id);
	struct json j;
	struct buf b;
	struct err err;
	struct str text;

	buf_init(&b, 1 << 20);
	json_init(&j, &b);
	ok(clue_json(&ctx, &c, &j, &err), &err);
	assert_false(b.failed);
	text = str_dup(world.mem, buf_str(&b));
	buf_clear(&b);
	return text;
}

static void personal_data_is_masked_until_revealed_and_that_is_audited(void **state)
{
	int64_t id = call(&world.supervisor, "投诉");
	struct clue_context ctx = clue_as(&world.supervisor);
	struct str json = json_of(&world.supervisor, id), value;
	struct audit_report report;
	struct err err;

	(void)state;
	assert_false(str_has(json, STR("钱多多")) || str_has(json, STR("0013")));
	assert_true(str_has(json, STR("钱")));
	assert_int_equal(clue_reveal(&ctx, id, STR("phone"), STR("回访"), &value, &err), ERR_INPUT);
	ok(clue_reveal(&ctx, id, STR("phone"), STR("电话回访核实"), &value, &err), &err);
	assert_true(str_eq(value, STR("138-0013-8000")));
	ok(clue_reveal(&ctx, id, STR("complainant"), STR("电话回访核实"), &value, &err), &err);
	assert_true(str_eq(value, STR("钱多多")));
	ctx = clue_as(&world.county_supervisor);
	assert_int_equal(clue_reveal(&ctx, id, STR("phone"), STR("随便看看"), &value, &err), ERR_NOT_FOUND);
	ok(audit_verify(world.db.db, &report, &err), &err);
	assert_int_equal(report.broken_seq, 0);
}

static struct str leak(int64_t id, const char *text)
{
	struct clue_context ctx = clue_as(&world.leader);
	struct str why;
	struct err err;

	ok(clue_leak(&ctx, &id, 1, str_of(text), &why, &err), &err);
	return why;
}

static void a_text_for_the_agency_must_not_give_the_complaint_away(void **state)
{
	int64_t id = call(&world.supervisor, "明州市市场监督管理局的人来我店里三次，说不交钱就封门，我不敢开门做生意");

	(void)state;
	assert_true(str_eq(leak(id, "请核查近期对小餐饮店的检查是否出示证件、是否重复"), STR("")));
	assert_true(str_eq(leak(id, "请明州市市场监督管理局核查检查频次"), STR("")));
	assert_true(str_eq(leak(id, "钱多多反映的问题"), STR("写出了反映人的姓名")));
	assert_true(str_eq(leak(id, "来电 13800138000 反映"), STR("写出了反映人的电话")));
	assert_true(str_eq(leak(id, "线索 JD-线-2026-000001"), STR("写出了线索或者工单的编号")));
	assert_true(str_eq(leak(id, "有人说：不交钱就封门， 我不敢开门做生意。"), STR("照抄了投诉举报的原话")));
}

/* ---- deciding ---- */

static void each_decision_happens_once_with_its_reason(void **state)
{
	int64_t id = call(&world.supervisor, "甲"), other = call(&world.supervisor, "乙"), third = call(&world.supervisor, "丙");

	(void)state;
	assert_int_equal(decide(&world.supervisor, id, CLUE_REJECTED, " ", 0), ERR_INPUT);
	assert_int_equal(decide(&world.supervisor, id, CLUE_REJECTED, "不属于执法活动", 0), ERR_OK);
	assert_int_equal(decide(&world.second, id, CLUE_REJECTED, "同上", 0), ERR_STATE);
	assert_int_equal(decide(&world.supervisor, other, CLUE_MERGED, "", id), ERR_STATE);
	assert_int_equal(decide(&world.supervisor, other, CLUE_MERGED, "", other), ERR_INPUT);
	assert_int_equal(decide(&world.supervisor, other, CLUE_MERGED, "", third), ERR_OK);
	assert_int_equal(get(&world.supervisor, other).merged_into_id, third);
	assert_int_equal(decide(&world.reviewer, third, CLUE_TRANSFERRED, "反映法院", 0), ERR_FORBIDDEN);
	assert_int_equal(decide(&world.leader, third, CLUE_TRANSFERRED, "反映法院", 0), ERR_OK);
	assert_true(str_eq(get(&world.leader, third).reason, STR("转市政法委：反映法院")));
}

static void merging_a_complaint_seals_the_clue_that_stays(void **state)
{
	struct clue_context ctx = clue_as(&world.supervisor);
	struct clue_new media = {
		.channel = CLUE_MEDIA, .content = STR("报道称"), .org_id = world.market.id, .happened_on = DAY_NONE, .received_on = DAY_NONE
	};
	struct err err;
	int64_t stays, id = call(&world.supervisor, "投诉");

	(void)state;
	ok(clue_add(&ctx, &media, &stays, &err), &err);
	assert_false(get(&world.supervisor, stays).sealed);
	assert_int_equal(decide(&world.supervisor, id, CLUE_MERGED, "", stays), ERR_OK);
	assert_true(get(&world.supervisor, stays).sealed);
}

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
	struct clue_context ctx = clue_as(r->who);
	struct clue_decision d = { .to = CLUE_REJECTED, .reason = STR("同时处理") };
	struct err err;

	if (db_open(str_of(world.db.url), &db, &err) != ERR_OK)
		return NULL;
	ctx.db = db;
	ctx.mem = mem;
	r->code = clue_decide(&ctx, r->id, &d, &err);
	return NULL;
}

static void of_two_deciders_one_is_told_that_it_is_done(void **state)
{
	int64_t id = call(&world.supervisor, "同时");
	struct race a = { .who = &world.supervisor, .id = id, .code = ERR_INTERNAL },
		    b = { .who = &world.second, .id = id, .code = ERR_INTERNAL };
	pthread_t ta, tb;

	(void)state;
	pthread_create(&ta, NULL, race_main, &a);
	pthread_create(&tb, NULL, race_main, &b);
	pthread_join(ta, NULL);
	pthread_join(tb, NULL);
	assert_true((a.code == ERR_OK && b.code == ERR_STATE) || (a.code == ERR_STATE && b.code == ERR_OK));
}

static void *number_main(void *arg)
{
	CLEANUP(db_closep) struct db *db = NULL;
	CLEANUP(arena_closep) struct arena *mem = arena_open(64 << 20);
	struct clue_context ctx = clue_as(&world.supervisor);
	struct clue_new c = { .channel = CLUE_OTHER, .content = STR("同时登记"), .happened_on = DAY_NONE, .received_on = DAY_NONE };
	int *done = arg;
	struct err err;
	int64_t id;

	if (db_open(str_of(world.db.url), &db, &err) != ERR_OK)
		return NULL;
	ctx.db = db;
	ctx.mem = mem;
	for (int i = 0; i < 20; i++)
		*done += clue_add(&ctx, &c, &id, &err) == ERR_OK;
	return NULL;
}

static void numbers_are_unique_under_concurrency(void **state)
{
	struct clue_context ctx = clue_as(&world.supervisor);
	struct clue_query q = {
		.state = CLUE_STATE_COUNT, .channel = CLUE_CHANNEL_COUNT, .q = STR("JD-线-2026-"), .limit = 500, .want_total = true
	};
	struct clue_page page;
	pthread_t t[4];
	int done[4] = { 0 };
	struct err err;

	(void)state;
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, number_main, &done[i]);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	ok(clue_list(&ctx, &q, &page, &err), &err);
	assert_int_equal(done[0] + done[1] + done[2] + done[3], 80);
	assert_int_equal(page.total, 80); /* the column is UNIQUE: eighty rows are eighty numbers */
}

/* ---- lists and hints ---- */

static void lists_filter_page_and_find(void **state)
{
	struct clue_context ctx = clue_as(&world.supervisor);
	struct clue_query q = { .state = CLUE_STATE_COUNT, .channel = CLUE_CHANNEL_COUNT, .limit = 2, .want_total = true };
	struct clue_page page;
	struct err err;

	(void)state;
	for (int i = 0; i < 5; i++)
		call(&world.supervisor, i == 3 ? "百分之100%的罚款" : "普通投诉");
	ok(clue_list(&ctx, &q, &page, &err), &err);
	assert_int_equal(page.total, 5);
	assert_int_equal(page.row_count, 2);
	q.after_id = page.next_id;
	ok(clue_list(&ctx, &q, &page, &err), &err);
	q.after_id = page.next_id;
	ok(clue_list(&ctx, &q, &page, &err), &err);
	assert_int_equal(page.row_count, 1);
	assert_int_equal(page.next_id, 0);
	q = (struct clue_query){ .state = CLUE_RECEIVED, .channel = CLUE_PHONE, .q = STR("100%"), .limit = 50 };
	ok(clue_list(&ctx, &q, &page, &err), &err);
	assert_int_equal(page.row_count, 1);
	q = (struct clue_query){ .state = CLUE_ACCEPTED, .channel = CLUE_CHANNEL_COUNT, .limit = 50 };
	ok(clue_list(&ctx, &q, &page, &err), &err);
	assert_int_equal(page.row_count, 0);
}

static void the_same_telephone_is_a_hint(void **state)
{
	struct clue_context ctx = clue_as(&world.supervisor);
	int64_t first = call(&world.supervisor, "第一次"), second = call(&world.supervisor, "第二次");
	struct clue c = get(&world.supervisor, second);
	struct clue_hint *hints;
	struct err err;
	size_t count;

	(void)state;
	ok(clue_similar(&ctx, &c, &hints, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_int_equal(hints[0].id, first);
	assert_true(str_eq(hints[0].why, STR("联系电话相同")));
}

static void looking_at_it_has_a_managerial_period(void **state)
{
	struct clue_context ctx = clue_as(&world.supervisor);
	struct clue c = get(&world.supervisor, call(&world.supervisor, "投诉"));
	struct clock clock;
	struct err err;
	int64_t received, late;

	(void)state;
	ok(clue_clock(&ctx, &c, &clock, &err), &err);
	assert_int_equal(clock.due_on, day_from_ymd(2026, 7, 7)); /* five workdays after Tuesday 2026-06-30 */
	assert_int_equal(clock.request.kind, PERIOD_MANAGERIAL);
	ok(clue_inbox(&ctx, &received, &late, &err), &err);
	assert_int_equal(received, 1);
	assert_int_equal(late, 0);
	ctx.today = day_from_ymd(2026, 7, 7);
	ok(clue_inbox(&ctx, &received, &late, &err), &err);
	assert_int_equal(late, 0);
	ctx.today = day_from_ymd(2026, 7, 8);
	ok(clue_inbox(&ctx, &received, &late, &err), &err);
	assert_int_equal(late, 1);
}

/* ---- triage of findings ---- */

static struct clue_triage_result triage(const struct actor *who, const struct clue_triage *t)
{
	struct clue_context ctx = clue_as(who);
	struct clue_triage_result r;
	struct err err;

	ok(clue_triage_findings(&ctx, t, &r, &err), &err);
	return r;
}

static void plant(void)
{
	test_penalty("1号", "明州市市场监督管理局", "云山食品厂", 2000);
	test_penalty("2号", "明州市市场监督管理局", "云山食品厂", 3000);
	test_penalty("3号", "明州市市场监督管理局", "江月酒楼", 4000);
	test_penalty("4号", "明州市税务局", "江月酒楼", 5000);
	test_penalty("5号", "明州市税务局", "江月酒楼", 10);
	test_sweep();
}

static void bulk_triage_makes_one_clue_a_rule_and_agency(void **state)
{
	struct clue_triage_result r;
	struct clue c;

	(void)state;
	plant();
	r = triage(&world.supervisor, &(struct clue_triage){ .verdict = CLUE_TAKE, .rule_id = STR("big-fine") });
	assert_int_equal(r.finding_count, 4);
	assert_int_equal(r.clue_count, 2);
	for (size_t i = 0; i < r.clue_count; i++) {
		c = get(&world.supervisor, r.clue_ids[i]);
		assert_int_equal(c.finding_count, c.org_id == world.market.id ? 3 : 1);
		assert_int_equal(c.channel, CLUE_RULE);
		assert_false(c.sealed);
		assert_true(str_has(json_of(&world.supervisor, c.id), STR("\"big-fine\"")));
	}
	r = triage(&world.supervisor, &(struct clue_triage){ .verdict = CLUE_TAKE, .rule_id = STR("big-fine") });
	assert_int_equal(r.finding_count, 0);
	test_penalty("6号", "明州市市场监督管理局", "海棠书店", 7000);
	test_sweep();
	r = triage(&world.supervisor, &(struct clue_triage){ .verdict = CLUE_TAKE, .org_id = world.market.id });
	assert_int_equal(r.clue_count, 1);
	assert_int_equal(get(&world.supervisor, r.clue_ids[0]).finding_count, 4); /* the received clue is extended */
}

static void triage_may_separate_parties(void **state)
{
	struct clue_triage_result r;

	(void)state;
	plant();
	r = triage(&world.supervisor, &(struct clue_triage){ .verdict = CLUE_TAKE, .org_id = world.market.id, .per_party = true });
	assert_int_equal(r.clue_count, 2);
	assert_int_equal(r.finding_count, 3);
}

static void one_finding_may_be_taken_rejected_or_called_false(void **state)
{
	struct finding_page page;
	struct clue_context ctx = clue_as(&world.supervisor);
	struct clue_triage_result r;
	struct clue_triage t;
	struct err err;

	(void)state;
	plant();
	page = test_findings(&world.supervisor);
	assert_int_equal(page.total, 4);
	t = (struct clue_triage){ .verdict = CLUE_FALSE_POSITIVE, .finding_ids = &page.rows[0].id, .finding_count = 1 };
	assert_int_equal(clue_triage_findings(&ctx, &t, &r, &err), ERR_INPUT);
	t.reason = STR("已经集体讨论，系统未对接");
	assert_int_equal(triage(&world.supervisor, &t).finding_count, 1);
	assert_int_equal(triage(&world.supervisor, &t).finding_count, 0); /* decided already */
	t = (struct clue_triage){
		.verdict = CLUE_DISMISS, .finding_ids = &page.rows[1].id, .finding_count = 1, .reason = STR("数额在法定幅度内")
	};
	assert_int_equal(triage(&world.supervisor, &t).finding_count, 1);
	t = (struct clue_triage){ .verdict = CLUE_TAKE, .finding_ids = &page.rows[2].id, .finding_count = 1 };
	r = triage(&world.supervisor, &t);
	assert_int_equal(r.clue_count, 1);
	t = (struct clue_triage){ .verdict = CLUE_MERGE, .finding_ids = &page.rows[3].id, .finding_count = 1, .clue_id = r.clue_ids[0] };
	triage(&world.supervisor, &t);
	assert_int_equal(get(&world.supervisor, r.clue_ids[0]).finding_count, 2);
	test_sweep();
	assert_int_equal(test_findings(&world.supervisor).rows[0].state, FINDING_FALSE_POSITIVE); /* a counted exemption now */
}

static void triage_needs_a_choice_a_role_and_the_scope(void **state)
{
	struct clue_context ctx = clue_as(&world.supervisor);
	struct clue_triage t = { .verdict = CLUE_TAKE };
	struct clue_triage_result r;
	struct finding_page page;
	struct err err;

	(void)state;
	plant();
	assert_int_equal(clue_triage_findings(&ctx, &t, &r, &err), ERR_INPUT);
	ctx = clue_as(&world.liaison);
	t.org_id = world.market.id;
	assert_int_equal(clue_triage_findings(&ctx, &t, &r, &err), ERR_FORBIDDEN);
	ctx = clue_as(&world.county_supervisor);
	ok(clue_triage_findings(&ctx, &t, &r, &err), &err);
	assert_int_equal(r.finding_count, 0); /* the city's agency is outside the county's scope */
	page = test_findings(&world.supervisor);
	t = (struct clue_triage){ .verdict = CLUE_TAKE, .finding_ids = &page.rows[0].id, .finding_count = 1 };
	assert_int_equal(clue_triage_findings(&ctx, &t, &r, &err), ERR_NOT_FOUND);
}

/* ---- import ---- */

static struct clue_import_result import_text(const char *name, const char *text)
{
	struct clue_context ctx = clue_as(&world.supervisor);
	struct clue_import_result r;
	struct err err;
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", world.db.dir, name);
	ok(file_write(path, str_of(text), &err), &err);
	ok(clue_import(&ctx, path, str_of(name), STR("智慧法治平台"), &r, &err), &err);
	return r;
}

static void a_ready_made_list_is_imported_once(void **state)
{
	static const char table[] = "工单编号,来源渠道,诉求内容,被投诉单位,投诉人,联系电话,受理时间\n"
				    "G001,12345热线,检查不出示证件,明州市市场监督管理局,李某某,13900000001,2026-06-01 09:30:00\n"
				    "G002,行政检察,有案不立,明州市税务局,,,2026/6/2\n"
				    "G003,其他,,明州市税务局,,,2026-06-03\n"
				    "G004,其他,内容好,明州市税务局,,,明天\n";
	struct clue_context ctx = clue_as(&world.supervisor);
	struct clue_query q = { .state = CLUE_STATE_COUNT, .channel = CLUE_CHANNEL_COUNT, .limit = 10 };
	struct clue_import_result r = import_text("线索.csv", table);
	struct clue_page page;
	struct err err;

	(void)state;
	assert_int_equal(r.added, 2);
	assert_int_equal(r.rejected, 2);
	assert_int_equal(r.errors[0].line, 4);
	assert_true(str_has(r.errors[0].reason, STR("内容不能为空")));
	assert_true(str_has(r.errors[1].reason, STR("不是日期")));
	r = import_text("线索.csv", table);
	assert_int_equal(r.added, 0);
	assert_int_equal(r.same, 2);
	ok(clue_list(&ctx, &q, &page, &err), &err);
	assert_int_equal(page.row_count, 2);
	assert_int_equal(page.rows[1].channel, CLUE_HOTLINE_12345);
	assert_true(page.rows[1].sealed);
	assert_int_equal(page.rows[1].org_id, world.market.id);
	assert_int_equal(page.rows[1].received_on, day_from_ymd(2026, 6, 1));
	assert_int_equal(page.rows[0].channel, CLUE_PROCURATORIAL);
	assert_false(page.rows[0].sealed);
}

static void a_row_without_a_number_is_known_by_its_content(void **state)
{
	static const char table[] = "内容,涉及机关\n乱收费,明州市水利局\n乱检查,明州市水利局\n";

	(void)state;
	assert_int_equal(import_text("a.csv", table).added, 2);
	assert_int_equal(import_text("b.csv", table).same, 2);
}

static void a_table_without_content_says_what_is_missing(void **state)
{
	struct clue_context ctx = clue_as(&world.supervisor);
	struct clue_import_result r;
	struct err err;
	char path[160];

	(void)state;
	snprintf(path, sizeof(path), "%s/x.csv", world.db.dir);
	ok(file_write(path, STR("甲,乙\n1,2\n"), &err), &err);
	assert_int_equal(clue_import(&ctx, path, STR("x.csv"), STR(""), &r, &err), ERR_INPUT);
	assert_non_null(strstr(err.msg, "内容"));
	ctx = clue_as(&world.township);
	assert_int_equal(clue_import(&ctx, path, STR("x.csv"), STR(""), &r, &err), ERR_FORBIDDEN);
}

static void attachments_are_closed_to_the_agency(void **state)
{
	struct clue_context ctx = clue_as(&world.supervisor);
	int64_t file = test_upload(&world.supervisor, "投诉录音.mp3", "sound"), id;
	struct clue_new c = { .channel = CLUE_PETITION,
		.content = STR("信访"),
		.happened_on = DAY_NONE,
		.received_on = DAY_NONE,
		.attachments = &file,
		.attachment_count = 1 };
	struct attachment *files;
	struct err err;
	size_t count;

	(void)state;
	ok(clue_add(&ctx, &c, &id, &err), &err);
	ok(attachment_list(world.db.db, STR("clue"), id, world.mem, &files, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_true(files[0].sealed);
	assert_int_equal(clue_add(&ctx, &c, &id, &err), ERR_NOT_FOUND); /* the file is taken: nothing is registered twice */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_telephone_call_takes_a_minute),
		BOTH(forms_are_checked_in_chinese),
		BOTH(a_window_with_a_complainant_is_sealed_and_media_is_not),
		BOTH(a_township_collects_for_its_county),
		BOTH(the_agency_sees_no_clue_at_all),
		BOTH(scope_is_the_subtree),
		BOTH(personal_data_is_masked_until_revealed_and_that_is_audited),
		BOTH(a_text_for_the_agency_must_not_give_the_complaint_away),
		BOTH(each_decision_happens_once_with_its_reason),
		BOTH(merging_a_complaint_seals_the_clue_that_stays),
		BOTH(of_two_deciders_one_is_told_that_it_is_done),
		BOTH(numbers_are_unique_under_concurrency),
		BOTH(lists_filter_page_and_find),
		BOTH(the_same_telephone_is_a_hint),
		BOTH(looking_at_it_has_a_managerial_period),
		BOTH(bulk_triage_makes_one_clue_a_rule_and_agency),
		BOTH(triage_may_separate_parties),
		BOTH(one_finding_may_be_taken_rejected_or_called_false),
		BOTH(triage_needs_a_choice_a_role_and_the_scope),
		BOTH(a_ready_made_list_is_imported_once),
		BOTH(a_row_without_a_number_is_known_by_its_content),
		BOTH(a_table_without_content_says_what_is_missing),
		BOTH(attachments_are_closed_to_the_agency),
	};

	return test_city_run("clue", tests, sizeof(tests) / sizeof(tests[0]));
}
