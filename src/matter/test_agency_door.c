/* The seal, from outside: a complaint with caller, telephone, wording and recording becomes a matter with a served opinion; then somebody
 * signs in as the agency that was complained about and asks every route of every module for everything, by every identifier there is.
 * Nothing of the complaint may stand in any answer. issue 2, part 6; 个人信息保护法 51 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "auth/auth.h"
#include "base/log.h"
#include "crypto/crypto.h"
#include "matter/matter_private.h"
#include "support/test_city.h"

#define CALLER "钱多多"
#define PHONE "13800138000"
#define WORDING "让我把钱转到一个私人账号里去"
#define RECORDING "投诉录音二十三号"
#define CLUE_TITLE "卤味店老板举报乱罚款"
#define TICKET_WORDING "工单里说执法人员收钱不开票"
#define TICKET_CALLER "吴投诉"
#define NOTE "承办人内部研判意见"

static const char *const secrets[] = { CALLER, PHONE, "138-0013-8000", WORDING, RECORDING, CLUE_TITLE, TICKET_WORDING, TICKET_CALLER,
	"JD-线-", NOTE, "RX-2026-77" };
#define SECRET_COUNT (sizeof(secrets) / sizeof(secrets[0]))

static const struct route_table *const tables[] = { &auth_routes, &calendar_routes, &clue_routes, &detect_routes, &instrument_routes,
	&matter_routes, &org_routes, &record_routes };
#define TABLE_COUNT (sizeof(tables) / sizeof(tables[0]))

static struct instrument_set *templates;
static struct http_server *server;
static char answer[4 << 20];
static char cookie[128], csrf[128];
static int64_t matter_id, sealed_file, clue_file, note_file;

/* ---- a client of bytes ---- */

static size_t talk(const char *method, const char *path, const char *body)
{
	static char head[8192];
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)http_port(server)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	struct timeval limit = { .tv_sec = 20 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t len = 0;
	ssize_t n;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	snprintf(head, sizeof(head), "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n%s%s%s%s%s%sContent-Length: %zu\r\n\r\n%s",
		method, path, cookie[0] ? "Cookie: " : "", cookie, cookie[0] ? "\r\n" : "", csrf[0] ? "X-CSRF: " : "", csrf,
		csrf[0] ? "\r\n" : "", body ? strlen(body) : 0, body ? body : "");
	if (body) { /* the media type only where there is a body */
		char *end = strstr(head, "Content-Length");
		static char rest[8192];

		snprintf(rest, sizeof(rest), "%s", end);
		snprintf(end, sizeof(head) - (size_t)(end - head), "Content-Type: application/json\r\n%s", rest);
	}
	assert_int_equal(send(fd, head, strlen(head), MSG_NOSIGNAL), (ssize_t)strlen(head));
	while (len < sizeof(answer) - 1 && (n = recv(fd, answer + len, sizeof(answer) - 1 - len, 0)) > 0)
		len += (size_t)n;
	close(fd);
	answer[len] = '\0';
	return len;
}

static int status_of_answer(void)
{
	return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

static void sign_in(const char *name)
{
	char body[200], *at;

	cookie[0] = csrf[0] = '\0';
	snprintf(body, sizeof(body), "{\"name\":\"%s\",\"password\":\"%s\"}", name, AUTH_DEMO_PASSWORD);
	talk("POST", "/api/session", body);
	if (status_of_answer() != 201)
		fail_msg("%.500s", answer);
	at = strstr(answer, AUTH_COOKIE "=");
	assert_non_null(at);
	snprintf(cookie, sizeof(cookie), "%.*s", (int)strcspn(at, ";\r"), at);
	at = strstr(answer, "\"csrf\":\"");
	assert_non_null(at);
	at += 8;
	snprintf(csrf, sizeof(csrf), "%.*s", (int)strcspn(at, "\""), at);
}

/* ---- the world ---- */

static enum err_code lend(struct app *app, struct db **ret, struct err *err)
{
	return db_open(str_of(app->db_url), ret, err);
}

static void give_back(struct app *app, struct db *db)
{
	(void)app;
	db_close(db);
}

static void account(const char *name, const struct org *org, unsigned int roles)
{
	struct account_seed seed = { .name = str_of(name), .display_name = str_of(name), .org_id = org->id, .roles = roles };
	char hash[PASSWORD_HASH_SIZE];
	struct err err;
	int64_t id;

	ok(password_hash_fast(STR(AUTH_DEMO_PASSWORD), hash, &err), &err);
	seed.password_hash = str_of(hash);
	ok(auth_account_put(world.db.db, &world.ids, CITY_NOW, &seed, &id, &err), &err);
}

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

#define FORM(...)                                                                                                                          \
	&(struct matter_form)                                                                                                              \
	{                                                                                                                                  \
		.until = DAY_NONE, __VA_ARGS__                                                                                             \
	}

static void does(const struct actor *who, const char *action, const struct matter_form *form)
{
	struct matter_context ctx = as(who);
	struct err err;

	if (matter_act(&ctx, matter_id, str_of(action), form, &err) != ERR_OK)
		fail_msg("%s: %s", action, err.msg);
}

static void step(const struct actor *who, int64_t id, struct instrument_step s)
{
	struct matter_context ctx = as(who);
	struct instrument_context documents = instrument_context_of(&ctx);
	struct err err;

	ok(instrument_act(&documents, id, &s, &err), &err);
}

static void serve_an_opinion(void)
{
	static const char fields[] = "{\"investigation\":\"日常监督中发现。\",\"facts\":\"三件罚款没有票据。\","
				     "\"evidence\":[{\"name\":\"案卷\",\"proves\":\"没有票据\"}],\"defects\":[{\"problem\":\"没有票据\","
				     "\"basis\":\"行政处罚法第七十条\"}],"
				     "\"corrections\":[\"补开票据\"],\"contact\":\"王监督，0570-1234567\"}";
	struct matter_context ctx = as(&world.supervisor);
	struct matter_draft d = { .kind = STR("supervision_opinion"), .fields = str_of(fields) };
	struct instrument_step s = { .gov_approved_on = DAY_NONE, .issued_on = DAY_NONE, .served_on = DAY_NONE };
	struct err err;
	int64_t id;

	ok(matter_draft_instrument(&ctx, matter_id, &d, &id, &err), &err);
	s.action = INSTRUMENT_ACT_SUBMIT;
	step(&world.supervisor, id, s);
	s.action = INSTRUMENT_ACT_APPROVE;
	s.opinion = STR(NOTE);
	step(&world.leader, id, s);
	s.action = INSTRUMENT_ACT_NUMBER;
	step(&world.supervisor, id, s);
	s.action = INSTRUMENT_ACT_SEAL;
	s.file_id = sealed_file = test_upload(&world.supervisor, "意见书用印件.pdf", "%PDF-1.4\n%%EOF\n");
	step(&world.supervisor, id, s);
	s.action = INSTRUMENT_ACT_SERVE;
	s.served_to = STR("联络员");
	s.served_how = STR("直接送达");
	step(&world.supervisor, id, s);
}

/** A complaint by telephone, a hotline ticket that a rule found, both in one matter that went as far as the agency's answer. */
static void make_the_story(void)
{
	static const char *const ticket[] = { "ticket_no", "RX-2026-77", "title", TICKET_WORDING, "content", TICKET_WORDING,
		"complainant_name", TICKET_CALLER, "complainant_phone", PHONE, "agency_name", "明州市市场监督管理局", NULL };
	struct clue_context clues = clue_as(&world.supervisor);
	struct clue_new c = { .channel = CLUE_PHONE,
		.title = STR(CLUE_TITLE),
		.content = STR("他们说要罚两万，" WORDING),
		.org_id = world.market.id,
		.complainant = STR(CALLER),
		.phone = STR("138-0013-8000"),
		.happened_on = DAY_NONE,
		.received_on = DAY_NONE,
		.attachments = &clue_file,
		.attachment_count = 1 };
	struct clue_triage t = { .verdict = CLUE_TAKE, .org_id = world.market.id };
	struct clue_triage_result r;
	struct matter_context ctx = as(&world.supervisor);
	struct err err;
	int64_t ids[8];

	test_record("hotline_ticket", ticket, -1);
	test_penalty("1号", "明州市市场监督管理局", "云山食品厂", 2000);
	test_penalty("2号", "明州市市场监督管理局", "云山食品厂", 3000); /* stays an open finding */
	test_sweep();
	clue_file = test_upload(&world.supervisor, RECORDING ".mp3", "sound");
	note_file = test_upload(&world.supervisor, NOTE ".docx", "note");
	ok(clue_add(&clues, &c, &ids[0], &err), &err);
	t.rule_id = STR("any-ticket");
	ok(clue_triage_findings(&clues, &t, &r, &err), &err);
	assert_int_equal(r.clue_count, 1);
	ids[1] = r.clue_ids[0];
	t = (struct clue_triage){ .verdict = CLUE_TAKE, .finding_count = 1 };
	for (size_t i = 0; i < test_findings(&world.liaison).row_count; i++)
		t.finding_ids = &test_findings(&world.liaison).rows[i].id;
	ok(clue_triage_findings(&clues, &t, &r, &err), &err);
	ids[2] = r.clue_ids[0];
	ok(matter_open(&ctx, &(struct matter_new){ .clue_ids = ids, .clue_count = 3, .reason = STR(NOTE) }, &matter_id, &err), &err);
	does(&world.supervisor, "assign",
		FORM(.assigned_title = STR("核查罚款票据"), .assigned_text = STR("请自查近三个月罚款的收缴方式。")));
	does(&world.supervisor, "start_verification", FORM(.mode = STR("daily"), .text = STR(NOTE)));
	does(&world.supervisor, "record_measure",
		FORM(.type = STR("inquiry"), .on = world.today, .text = STR("向" CALLER "了解：" WORDING)));
	does(&world.supervisor, "add_note", FORM(.text = STR(NOTE CALLER PHONE), .attachments = { &note_file, 1 }));
	does(&world.supervisor, "record_verification",
		FORM(.established = STR("yes"), .kind = STR("arbitrary_fine"), .severity = STR("minor"), .facts = STR(CALLER "所说属实"),
			.evidence = STR(RECORDING), .instrument_choice = STR("supervision_opinion"), .instrument_reason = STR(NOTE)));
	serve_an_opinion();
}

static void start(enum db_dialect dialect)
{
	static struct route_table all[TABLE_COUNT];
	static char upload_dir[96];
	struct process_set *processes;
	struct err err = { 0 };

	log_set_level(LOG_ERROR);
	test_city_open(dialect);
	ok(process_load(world.app.assets, world.app.calendar, world.mem, &processes, &err), &err);
	ok(instrument_set_load(world.app.assets, world.app.law, world.mem, &templates, &err), &err);
	instrument_set_hooks(templates, &matter_instrument_hooks);
	world.app.processes = processes;
	world.app.instruments = templates;
	account("liaison", &world.market, ROLE_LIAISON);
	account("supervisor", &world.body, ROLE_SUPERVISOR);
	make_the_story();
	for (size_t i = 0; i < TABLE_COUNT; i++)
		all[i] = *tables[i];
	snprintf(upload_dir, sizeof(upload_dir), "%s/upload", world.db.dir);
	ok(dir_make(upload_dir, &err), &err);
	ok(http_start(&(struct http_config){ .host = "127.0.0.1",
			      .threads = 2,
			      .json_bytes_max = 1 << 20,
			      .upload_bytes_max = 1 << 20,
			      .header_timeout_s = 5,
			      .upload_dir = upload_dir,
			      .tables = all,
			      .table_count = TABLE_COUNT,
			      .assets = world.app.assets,
			      .data_dir = world.db.dir,
			      .ids = &world.ids,
			      .fixed_today = world.today,
			      .app = &world.app,
			      .db_lend = lend,
			      .db_return = give_back,
			      .authenticate = auth_authenticate },
		   &server, &err),
		&err);
}

static int start_sqlite(void **state)
{
	(void)state;
	start(DB_SQLITE);
	return 0;
}

static int start_pg(void **state)
{
	(void)state;
	start(DB_PG);
	return 0;
}

static int stop(void **state)
{
	http_stop(server);
	return test_city_close_db(state);
}

/* ---- every identifier there is ---- */

static int64_t known[2000];
static size_t known_count;

static void learn(const char *sql)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct err err;
	bool row;

	ok(db_prepare_text(world.db.db, str_of(sql), &q, &err), &err);
	ok(db_step(q, &row, &err), &err);
	while (row && known_count < sizeof(known) / sizeof(known[0])) {
		known[known_count++] = db_i64(q, 0);
		ok(db_step(q, &row, &err), &err);
	}
}

static void learn_everything(void)
{
	static const char *const lists[] = { "SELECT id FROM clue", "SELECT id FROM matter", "SELECT id FROM instrument",
		"SELECT id FROM finding", "SELECT id FROM attachment", "SELECT id FROM r_penalty_case", "SELECT id FROM r_hotline_ticket",
		"SELECT id FROM sweep", "SELECT id FROM import", "SELECT id FROM matter_reply", "SELECT id FROM matter_event",
		"SELECT id FROM account", "SELECT id FROM org WHERE parent_id IS NOT NULL" };

	known_count = 0;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		learn(lists[i]);
	assert_true(known_count > 20);
}

/* ---- the walk ---- */

static int asked, answered;

static void look(const char *method, const char *path, const char *body)
{
	size_t len = talk(method, path, body);

	asked++;
	if (status_of_answer() == 200 || status_of_answer() == 201)
		answered++;
	if (status_of_answer() >= 500 || status_of_answer() == 0)
		fail_msg("%s %s: %.600s", method, path, answer);
	for (size_t i = 0; i < SECRET_COUNT; i++)
		if (memmem(answer, len, secrets[i], strlen(secrets[i])))
			fail_msg("%s %s gives away “%s”:\n%.3000s", method, path, secrets[i], answer);
}

/** Fills the {segments} of a route with this identifier and word. */
static void fill(const char *pattern, int64_t id, const char *type, char out[static 300])
{
	size_t len = 0;

	for (const char *c = pattern; *c && len < 260; c++) {
		if (*c != '{') {
			out[len++] = *c;
			continue;
		}
		if (strncmp(c, "{id}", 4) == 0)
			len += (size_t)snprintf(out + len, 40, "%lld", (long long)id);
		else if (strncmp(c, "{year}", 6) == 0)
			len += (size_t)snprintf(out + len, 40, "2026");
		else
			len += (size_t)snprintf(out + len, 40, "%s", type);
		c = strchr(c, '}');
	}
	out[len] = '\0';
}

static void walk_row(const struct route *row)
{
	static const char *const types[] = { "penalty_case", "hotline_ticket", "party", "agency", "officer", "big-fine", "any-ticket" };
	static const char *const queries[] = { "", "?limit=500", "?q=%E9%92%B1", "?q=%E5%B7%A5%E5%8D%95&limit=100", "?state=all",
		"?format=csv", "?count=1" };
	bool by_id = strstr(row->path, "{id}") != NULL, by_type = strstr(row->path, "{type}") != NULL;
	char path[300], whole[400];

	for (size_t t = 0; t < (by_type || strstr(row->path, "rules/{id}") ? sizeof(types) / sizeof(types[0]) : 1); t++)
		for (size_t i = 0; i < (by_id ? known_count : 1); i++) {
			fill(row->path, by_id ? known[i] : 0, types[t], path);
			for (size_t q = 0; q < (by_id ? 1 : sizeof(queries) / sizeof(queries[0])); q++) {
				snprintf(whole, sizeof(whole), "%s%s", path, queries[q]);
				look("GET", whole, NULL);
			}
		}
}

static void every_route_hides_the_complaint_from_the_agency(void **state)
{
	(void)state;
	sign_in("liaison");
	learn_everything();
	asked = answered = 0;
	for (size_t t = 0; t < TABLE_COUNT; t++)
		for (size_t r = 0; r < tables[t]->count; r++)
			if (tables[t]->rows[r].method == HTTP_GET)
				walk_row(&tables[t]->rows[r]);
	print_message("asked %d, of which %d answered\n", asked, answered);
	assert_true(asked > 500);
	assert_true(answered > 20);
}

static void the_agency_sees_what_it_is_meant_to_see(void **state)
{
	char path[100];

	(void)state;
	sign_in("liaison");
	look("GET", "/api/assigned", NULL);
	assert_non_null(strstr(answer, "核查罚款票据"));
	snprintf(path, sizeof(path), "/api/assigned/%lld", (long long)matter_id);
	look("GET", path, NULL);
	assert_non_null(strstr(answer, "请自查近三个月罚款的收缴方式"));
	assert_non_null(strstr(answer, "明执监意〔2026〕1号"));
	assert_non_null(strstr(answer, "\"rule\":{\"id\":\"big-fine\"")); /* an unsealed finding of its own record */
	assert_null(strstr(answer, "any-ticket"));
	look("GET", "/api/desk", NULL);
	assert_non_null(strstr(answer, "核查罚款票据"));
}

static void answering_and_forbidden_changes_give_nothing_away(void **state)
{
	static const char *const bodies[] = { "{\"decision\":\"accept\"}", "{\"field\":\"phone\",\"purpose\":\"我想知道是谁\"}",
		"{\"verdict\":\"reject\",\"reason\":\"没有的事\"}", "{\"text\":\"我方意见\"}" };
	char path[200];

	(void)state;
	sign_in("liaison");
	snprintf(path, sizeof(path), "/api/assigned/%lld/reply", (long long)matter_id);
	look("POST", path, "{\"type\":\"explanation\",\"text\":\"情况说明如下\"}");
	assert_int_equal(status_of_answer(), 201);
	look("POST", path, "{\"type\":\"correction\",\"text\":\"已纠正\"}");
	assert_int_equal(status_of_answer(), 422);
	learn_everything();
	for (size_t i = 0; i < known_count; i++)
		for (size_t b = 0; b < sizeof(bodies) / sizeof(bodies[0]); b++) {
			static const char *const routes[] = { "/api/clues/%lld/decide", "/api/clues/%lld/reveal",
				"/api/matters/%lld/actions/add_note", "/api/matters/%lld/instruments", "/api/assigned/%lld/reply" };

			for (size_t r = 0; r < sizeof(routes) / sizeof(routes[0]); r++) {
				if (r == 4 && known[i] == matter_id)
					continue;
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
				snprintf(path, sizeof(path), routes[r], (long long)known[i]);
				look("POST", path, bodies[b]);
				assert_true(status_of_answer() >= 400);
			}
		}
	look("POST", "/api/findings/triage", "{\"verdict\":\"reject\",\"reason\":\"没有的事\",\"rule\":\"big-fine\"}");
	assert_int_equal(status_of_answer(), 403);
}

static void files_and_search_follow_the_same_rule(void **state)
{
	struct matter_hit *hits;
	struct record_hit *records;
	struct err err;
	size_t count;

	(void)state;
	learn_everything();
	for (size_t i = 0; i < known_count; i++) {
		struct attachment a;
		bool may = false;

		if (attachment_get(world.db.db, known[i], world.mem, &a, NULL) != ERR_OK)
			continue;
		if (str_eq(a.subject, STR("clue")))
			ok(clue_may_read(world.db.db, &world.liaison, a.subject_id, &may, &err), &err);
		else
			ok(matter_may_read_file(world.db.db, &world.liaison, &a, &may, &err), &err);
		if (may != (known[i] == sealed_file))
			fail_msg("%.*s (%.*s)", STR_ARG(a.name), STR_ARG(a.subject));
	}
	for (size_t i = 0; i < SECRET_COUNT; i++) {
		ok(matter_search(world.db.db, &world.liaison, str_of(secrets[i]), 50, world.mem, &hits, &count, &err), &err);
		assert_int_equal(count, 0);
		ok(record_search(
			   world.db.db, world.app.dictionary, &world.liaison, str_of(secrets[i]), 50, world.mem, &records, &count, &err),
			&err);
		assert_int_equal(count, 0);
	}
}

/** The test would also pass if the server answered nothing: the supervisor, asking the same, sees it all. */
static void the_supervisor_sees_the_complaint(void **state)
{
	char path[100];

	(void)state;
	sign_in("supervisor");
	snprintf(path, sizeof(path), "/api/matters/%lld", (long long)matter_id);
	talk("GET", path, NULL);
	assert_int_equal(status_of_answer(), 200);
	assert_non_null(strstr(answer, CLUE_TITLE));
	assert_non_null(strstr(answer, WORDING));
	assert_non_null(strstr(answer, "any-ticket"));
}

#undef BOTH
#define BOTH(f) cmocka_unit_test_setup_teardown(f, start_sqlite, stop), cmocka_unit_test_setup_teardown(f, start_pg, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(every_route_hides_the_complaint_from_the_agency),
		BOTH(the_agency_sees_what_it_is_meant_to_see),
		BOTH(answering_and_forbidden_changes_give_nothing_away),
		BOTH(files_and_search_follow_the_same_rule),
		BOTH(the_supervisor_sees_the_complaint),
	};
	struct CMUnitTest chosen[sizeof(tests) / sizeof(tests[0])];
	size_t count = 0;
	bool pg = test_db_has_pg();

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (pg || tests[i].setup_func != start_pg)
			chosen[count++] = tests[i];
	return _cmocka_run_group_tests("the agency's door", chosen, count, NULL, NULL);
}
