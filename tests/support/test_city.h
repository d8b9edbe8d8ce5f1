/* A small city for tests of clue and matter: governments, bodies, agencies of three kinds of management, a township office, their people,
 * everything of struct app loaded from the built-in files, and one rule of the test's own that finds big fines. Include after cmocka. */
#ifndef XZ_TESTS_SUPPORT_TEST_CITY_H
#define XZ_TESTS_SUPPORT_TEST_CITY_H

#include "base/date.h"
#include "base/file.h"
#include "calendar/calendar.h"
#include "attachment/attachment.h"
#include "clue/clue.h"
#include "detect/detect.h"
#include "law/law.h"
#include "org/org.h"
#include "record/record.h"
#include "rule/rule.h"
#include "snapshot/snapshot.h"
#include "support/test_db.h"

#define CITY_NOW 1782792000000ll /* 2026-06-30 12:00 in China */

struct test_city {
	struct test_db db;
	struct arena *mem;
	struct id_source ids;
	struct app app;
	int32_t today;
	struct rule_pack *rules;
	struct org city, body, market, tax, water, county, county_body, county_market, town, office;
	struct actor supervisor, second, leader, reviewer, governor, liaison, tax_liaison, township, county_supervisor, auditor;
};

static struct test_city world;
static const struct actor test_program = { .name = STR_INIT("系统") };

static const char test_rule_text[] =
	"id: big-fine\ntitle: 大额罚款\nversion: 1\nstatus: stable\n"
	"basis:\n  - {law: 行政处罚法, article: \"51\"}\non: penalty_case\nwhen: fine > limit\n"
	"params:\n  limit: {value: 1000 元, label: 上限, kind: managerial}\n"
	"severity: warn\nproblem: illegal_procedure\ninstrument: supervision_opinion\nmessage: \"罚款 {fine}\"\n";

/** Finds every ticket and repeats its wording: the worst case for the seal. */
static const char test_ticket_rule_text[] =
	"id: any-ticket\ntitle: 热线工单\nversion: 1\nstatus: stable\n"
	"basis:\n  - {law: 行政执法监督条例, article: \"20\"}\non: hotline_ticket\nwhen: title is not null\n"
	"severity: warn\nproblem: inaction\ninstrument: urging_letter\nmessage: \"工单 {title}\"\n";

__attribute__((unused)) static void ok(enum err_code code, const struct err *err)
{
	if (code != ERR_OK)
		fail_msg("%s", err->msg);
}

static inline struct org test_org(const struct org *parent, enum org_kind kind, enum org_level level, enum org_management management,
	const char *code, const char *name)
{
	struct org o = { .parent_id = parent ? parent->id : 0,
		.kind = kind,
		.level = level,
		.management = management,
		.code = str_of(code),
		.name = str_of(name),
		.short_name = str_of(name),
		.superior_name = management == ORG_LOCAL ? STR("") : STR("省级主管部门"),
		.region = STR("3301"),
		.proxy_char = STR("明"),
		.confirmed_on = DAY_NONE,
		.published_on = DAY_NONE,
		.cancelled_on = DAY_NONE };
	struct err err;

	ok(org_add(world.db.db, &world.ids, &test_program, CITY_NOW, &o, world.mem, &err), &err);
	return o;
}

static inline struct actor test_actor(int64_t account, unsigned int roles, const struct org *org, const struct org *scope, const char *name)
{
	return (struct actor){ .account_id = account,
		.roles = roles,
		.org_id = org->id,
		.org_path = org->path,
		.scope_path = scope->path,
		.name = str_of(name),
		.remote = STR("127.0.0.1") };
}

static inline void test_load_rules(void)
{
	static struct asset_set set;
	static char path[160];
	struct rule_options options = { .assets = &set, .dictionary = world.app.dictionary, .calendar = world.app.calendar };
	struct err err;

	snprintf(path, sizeof(path), "%s/rules/test", world.db.dir);
	ok(dir_make(path, &err), &err);
	snprintf(path, sizeof(path), "%s/rules/test/big-fine.yaml", world.db.dir);
	ok(file_write(path, str_of(test_rule_text), &err), &err);
	snprintf(path, sizeof(path), "%s/rules/test/any-ticket.yaml", world.db.dir);
	ok(file_write(path, str_of(test_ticket_rule_text), &err), &err);
	snprintf(path, sizeof(path), "%s/rules", world.db.dir);
	set = (struct asset_set){ .dir_count = 1, .dirs = { { .dir = path, .prefix = "rules/", .replace = true } } };
	ok(rule_pack_load(&options, &world.rules, &err), &err);
	world.app.assets = options.assets;
	world.app.rules = world.rules;
}

static inline void test_people(void)
{
	struct test_city *w = &world;

	w->supervisor = test_actor(11, ROLE_SUPERVISOR, &w->body, &w->city, "王监督");
	w->second = test_actor(12, ROLE_SUPERVISOR, &w->body, &w->city, "赵监督");
	w->leader = test_actor(13, ROLE_LEADER, &w->body, &w->city, "李局长");
	w->reviewer = test_actor(14, ROLE_REVIEWER, &w->body, &w->city, "周审核");
	w->governor = test_actor(15, ROLE_GOV_APPROVER, &w->city, &w->city, "张市长");
	w->liaison = test_actor(16, ROLE_LIAISON, &w->market, &w->market, "市场局联络员");
	w->tax_liaison = test_actor(17, ROLE_LIAISON, &w->tax, &w->tax, "税务局联络员");
	w->township = test_actor(18, ROLE_TOWNSHIP, &w->office, &w->town, "白沙司法所");
	w->county_supervisor = test_actor(19, ROLE_SUPERVISOR | ROLE_LEADER, &w->county_body, &w->county, "区局");
	w->auditor = test_actor(20, ROLE_AUDITOR, &w->city, &w->city, "审计员");
}

static inline void test_city_open(enum db_dialect dialect)
{
	static const struct asset_set builtin;
	struct test_city *w = &world;
	struct calendar *calendar;
	struct dictionary *dictionary;
	struct mapping_set *mappings;
	struct law_register *law;
	struct err err = { 0 };

	*w = (struct test_city){ .today = day_from_ymd(2026, 6, 30) };
	test_db_open(&w->db, dialect);
	w->mem = arena_open((size_t)1 << 30);
	id_source_init(&w->ids, 0, 0);
	ok(calendar_load(&builtin, STR(""), w->mem, &calendar, &err), &err);
	ok(law_load(&builtin, w->mem, &law, &err), &err);
	ok(dictionary_load(&builtin, w->mem, &dictionary, &err), &err);
	ok(mapping_load(&builtin, dictionary, w->mem, &mappings, &err), &err);
	ok(record_tables_ensure(w->db.db, dictionary, &err), &err);
	w->app = (struct app){ .assets = &builtin,
		.calendar = calendar,
		.law = law,
		.dictionary = dictionary,
		.mappings = mappings,
		.ids = &w->ids,
		.data_dir = w->db.dir,
		.db_url = w->db.url,
		.fixed_today = w->today };
	test_load_rules();
	ok(snapshot_store_open(dictionary, NULL, &w->app.snapshots, &err), &err);
	w->city = test_org(NULL, ORG_GOVERNMENT, ORG_CITY, ORG_LOCAL, "G1", "明州市人民政府");
	w->body = test_org(&w->city, ORG_SUPERVISION_BODY, ORG_CITY, ORG_LOCAL, "B1", "明州市司法局");
	w->market = test_org(&w->city, ORG_AGENCY, ORG_CITY, ORG_LOCAL, "A1", "明州市市场监督管理局");
	w->tax = test_org(&w->city, ORG_AGENCY, ORG_CITY, ORG_VERTICAL, "A2", "明州市税务局");
	w->water = test_org(&w->city, ORG_AGENCY, ORG_CITY, ORG_DUAL_UPPER, "A3", "明州市水利局");
	w->county = test_org(&w->city, ORG_GOVERNMENT, ORG_COUNTY, ORG_LOCAL, "G2", "江北区人民政府");
	w->county_body = test_org(&w->county, ORG_SUPERVISION_BODY, ORG_COUNTY, ORG_LOCAL, "B2", "江北区司法局");
	w->county_market = test_org(&w->county, ORG_AGENCY, ORG_COUNTY, ORG_LOCAL, "A4", "江北区市场监督管理局");
	w->town = test_org(&w->county, ORG_GOVERNMENT, ORG_TOWNSHIP, ORG_LOCAL, "G3", "白沙镇人民政府");
	w->office = test_org(&w->town, ORG_JUDICIAL_OFFICE, ORG_TOWNSHIP, ORG_LOCAL, "T1", "白沙司法所");
	test_people();
}

static inline void test_city_close(void)
{
	snapshot_store_close(world.app.snapshots);
	rule_pack_close(world.rules);
	arena_close(world.mem);
	test_db_close(&world.db);
}

/** Stores one record of a type: `columns` are name, text pairs ending in NULL; `fine_yuan` < 0 for types without. */
__attribute__((unused)) static void test_record(const char *type, const char *const *columns, int64_t fine_yuan)
{
	const struct dictionary_type *t = dictionary_type(world.app.dictionary, str_of(type));
	struct import_options options = { .dictionary = world.app.dictionary,
		.mappings = world.app.mappings,
		.ids = &world.ids,
		.data_dir = world.db.dir,
		.now_ms = CITY_NOW };
	CLEANUP(record_writer_closep) struct record_writer *writer = NULL;
	struct dictionary_value values[DICTIONARY_COLUMNS_MAX];
	struct record_child_rows children[DICTIONARY_CHILDREN_MAX] = { 0 };
	struct record_row row = { .line = 1, .values = values, .children = children };
	struct record_supply supply;
	struct record_counts counts;
	struct err err;

	for (size_t i = 0; i < t->column_count; i++)
		values[i] = (struct dictionary_value){ .null = true };
	record_supply_all(t, &supply);
	row.supply = &supply;
	for (size_t i = 0; columns[i]; i += 2)
		values[dictionary_column(t, str_of(columns[i]))->index] = (struct dictionary_value){ .s = str_of(columns[i + 1]) };
	if (fine_yuan >= 0)
		values[dictionary_column(t, STR("fine"))->index] = (struct dictionary_value){ .i = fine_yuan * 100 };
	ok(record_writer_open(world.db.db, &options, &test_program, t, &supply, str_of(columns[1]), &writer, &err), &err);
	ok(record_writer_put(writer, &row, &err), &err);
	ok(record_writer_finish(&writer, &counts, &err), &err);
}

/** Stores one penalty of an agency. */
__attribute__((unused)) static void test_penalty(const char *case_no, const char *agency, const char *party, int64_t fine_yuan)
{
	const char *const columns[] = { "case_no", case_no, "agency_name", agency, "party_name", party, NULL };

	test_record("penalty_case", columns, fine_yuan);
}

__attribute__((unused)) static void test_sweep(void)
{
	struct sweep_options o = { .app = &world.app, .ids = &world.ids, .who = &test_program, .now_ms = CITY_NOW, .today = world.today };
	struct sweep s;
	struct err err;

	ok(detect_sweep(world.db.db, &o, NULL, NULL, world.mem, &s, &err), &err);
}

/** All findings that somebody sees. */
__attribute__((unused)) static struct finding_page test_findings(const struct actor *who)
{
	struct finding_query q = { .who = who, .state = FINDING_STATE_COUNT, .severity = -1, .limit = 500, .want_total = true };
	struct finding_page page;
	struct err err;

	ok(finding_list(world.db.db, &q, world.mem, &page, &err), &err);
	return page;
}

__attribute__((unused)) static struct clue_context clue_as(const struct actor *who)
{
	return (struct clue_context){ .db = world.db.db,
		.mem = world.mem,
		.ids = &world.ids,
		.app = &world.app,
		.who = who,
		.now_ms = CITY_NOW,
		.today = world.today };
}

/** An upload of this account, not yet attached to anything. */
__attribute__((unused)) static int64_t test_upload(const struct actor *who, const char *name, const char *content)
{
	CLEANUP(attachment_abandonp) struct attachment_writer *w = NULL;
	struct attachment a = {
		.name = str_of(name), .mime = STR("application/octet-stream"), .subject = STR("upload"), .account_id = who->account_id
	};
	char sm3[65];
	struct err err;

	ok(attachment_open(world.db.dir, &w, &err), &err);
	ok(attachment_write(w, str_of(content), &err), &err);
	ok(attachment_finish(&w, sm3, &a.size_bytes, &err), &err);
	a.sm3 = str_of(sm3);
	ok(attachment_add(world.db.db, &world.ids, CITY_NOW, &a, &err), &err);
	return a.id;
}

__attribute__((unused)) static int test_city_open_sqlite(void **state)
{
	(void)state;
	test_city_open(DB_SQLITE);
	return 0;
}

__attribute__((unused)) static int test_city_open_pg(void **state)
{
	(void)state;
	test_city_open(DB_PG);
	return 0;
}

__attribute__((unused)) static int test_city_close_db(void **state)
{
	(void)state;
	test_city_close();
	return 0;
}

#define BOTH(f)                                                                                                                            \
	cmocka_unit_test_setup_teardown(f, test_city_open_sqlite, test_city_close_db),                                                     \
		cmocka_unit_test_setup_teardown(f, test_city_open_pg, test_city_close_db)

/** Runs the PostgreSQL half only where there is one. */
__attribute__((unused)) static int test_city_run(const char *name, const struct CMUnitTest *tests, size_t count)
{
	struct CMUnitTest chosen[256];
	size_t n = 0;
	bool pg = test_db_has_pg();

	for (size_t i = 0; i < count; i++)
		if (pg || tests[i].setup_func != test_city_open_pg)
			chosen[n++] = tests[i];
	return _cmocka_run_group_tests(name, chosen, n, NULL, NULL);
}

#endif
