/* Accounts, sessions and rights on both databases; the routes over a real server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "audit/audit.h"
#include "auth/auth_private.h"
#include "base/date.h"
#include "base/log.h"
#include "support/test_db.h"

#define MINUTE 60000ll
#define START 1750000000000ll

static struct test_db test;
static struct arena *mem;
static struct id_source ids;
static struct err err;
static struct org city, bureau, market, county, county_body, town, office;
static int64_t sysadmin, secadmin, supervisor, liaison, officer;
static char fast_hash[PASSWORD_HASH_SIZE];

#define PASSWORD "Yun-Ling 2026"
#define OK(call)                                                                                                                           \
	do {                                                                                                                               \
		if ((call) != ERR_OK)                                                                                                      \
			fail_msg("%s: %s", #call, err.msg);                                                                                \
	} while (0)

static struct org add_org(const struct org *parent, enum org_kind kind, enum org_level level, const char *code, const char *name)
{
	struct org o = { .parent_id = parent ? parent->id : 0,
		.kind = kind,
		.level = level,
		.code = str_of(code),
		.name = str_of(name),
		.region = STR("36"),
		.confirmed_on = DAY_NONE,
		.published_on = DAY_NONE,
		.cancelled_on = DAY_NONE };

	OK(org_add(test.db, &ids, &(struct actor){ .name = STR("测试") }, START, &o, mem, &err));
	return o;
}

static int64_t seed(const char *name, const struct org *org, unsigned int roles)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	int64_t id;

	OK(db_begin(test.db, &tx, &err));
	OK(auth_account_put(test.db, &ids, START,
		&(struct account_seed){ .name = str_of(name),
			.display_name = str_of(name),
			.password_hash = str_of(fast_hash),
			.org_id = org->id,
			.roles = roles },
		&id, &err));
	OK(db_commit(&tx, &err));
	return id;
}

static int open_with(enum db_dialect dialect)
{
	test_db_open(&test, dialect);
	mem = arena_open(64 << 20);
	id_source_init(&ids, 0, 0);
	if (!fast_hash[0])
		OK(password_hash_fast(STR(PASSWORD), fast_hash, &err));
	city = add_org(NULL, ORG_GOVERNMENT, ORG_CITY, "C1", "临川市人民政府");
	bureau = add_org(&city, ORG_SUPERVISION_BODY, ORG_CITY, "C2", "临川市司法局");
	market = add_org(&city, ORG_AGENCY, ORG_CITY, "C3", "临川市市场监督管理局");
	county = add_org(&city, ORG_GOVERNMENT, ORG_COUNTY, "C4", "云岭县人民政府");
	county_body = add_org(&county, ORG_SUPERVISION_BODY, ORG_COUNTY, "C5", "云岭县司法局");
	town = add_org(&county, ORG_GOVERNMENT, ORG_TOWNSHIP, "C6", "白石镇人民政府");
	office = add_org(&town, ORG_JUDICIAL_OFFICE, ORG_TOWNSHIP, "C7", "白石司法所");
	sysadmin = seed("sysadmin", &bureau, ROLE_SYSADMIN);
	secadmin = seed("secadmin", &bureau, ROLE_SECADMIN);
	supervisor = seed("supervisor", &bureau, ROLE_SUPERVISOR);
	liaison = seed("agency", &market, ROLE_LIAISON);
	officer = seed("township", &office, ROLE_TOWNSHIP);
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
	arena_close(mem);
	test_db_close(&test);
	return 0;
}

static struct actor actor_of(int64_t account_id)
{
	struct actor who;

	OK(auth_actor(test.db, account_id, mem, &who, &err));
	return who;
}

static enum err_code sign_in(const char *name, const char *password, const char *remote, int64_t now_ms, struct session_ticket *ret)
{
	return auth_sign_in(test.db, &ids, now_ms, str_of(remote), str_of(name), str_of(password), STR(""), mem, ret, &err);
}

static int64_t audited(const char *action)
{
	struct db_stmt *q;
	int64_t count;
	bool row;

	OK(db_prepare_text(test.db, STR("SELECT COUNT(*) FROM audit_log WHERE action = $1"), &q, &err));
	db_bind_str(q, 1, str_of(action));
	OK(db_step(q, &row, &err));
	count = db_i64(q, 0);
	db_stmt_done(q);
	return count;
}

/* ---- rules without a database ---- */

static void roles_that_may_not_meet_are_refused(void **state)
{
	(void)state;
	assert_null(auth_roles_problem(ROLE_SUPERVISOR | ROLE_LEADER, ORG_SUPERVISION_BODY));
	assert_null(auth_roles_problem(ROLE_SECADMIN, ORG_SUPERVISION_BODY));
	assert_null(auth_roles_problem(0, ORG_AGENCY));
	assert_non_null(auth_roles_problem(ROLE_SYSADMIN | ROLE_SECADMIN, ORG_SUPERVISION_BODY));
	assert_non_null(auth_roles_problem(ROLE_AUDITOR | ROLE_SUPERVISOR, ORG_SUPERVISION_BODY));
	assert_non_null(auth_roles_problem(ROLE_SYSADMIN, ORG_AGENCY));
	assert_non_null(auth_roles_problem(ROLE_SUPERVISOR, ORG_AGENCY));
	assert_non_null(auth_roles_problem(ROLE_LIAISON, ORG_SUPERVISION_BODY));
	assert_non_null(auth_roles_problem(ROLE_GOV_APPROVER, ORG_SUPERVISION_BODY));
	assert_non_null(auth_roles_problem(ROLE_TOWNSHIP, ORG_SUPERVISION_BODY));
	assert_non_null(auth_roles_problem(ROLE_ANYONE, ORG_SUPERVISION_BODY));
}

static void weak_passwords_are_refused_with_the_rule(void **state)
{
	(void)state;
	assert_int_equal(auth_password_check(STR("Aa1-xyz"), STR("li"), &err), ERR_INPUT);
	assert_int_equal(auth_password_check(STR("abcdefgh12"), STR("li"), &err), ERR_INPUT);
	assert_non_null(strstr(err.msg, "至少三类"));
	assert_int_equal(auth_password_check(STR("Wang-2026x"), STR("wang"), &err), ERR_INPUT);
	assert_non_null(strstr(err.msg, "账号名"));
	assert_int_equal(auth_password_check(STR("Password-1x"), STR("wang"), &err), ERR_INPUT);
	assert_int_equal(auth_password_check(STR("Yun-Ling 2026"), STR("wang"), &err), ERR_OK);
	assert_int_equal(auth_password_check(STR("correct horse battery staple"), STR("wang"), &err), ERR_OK);
}

static void a_missing_path_means_nothing_not_everything(void **state)
{
	(void)state;
	assert_true(str_eq(auth_scope(ROLE_LIAISON, ORG_AGENCY, STR(""), ORG_GOVERNMENT, ORG_CITY, STR("/1/"), STR("")), STR("/-/")));
	assert_true(str_eq(auth_scope(0, ORG_AGENCY, STR(""), ORG_GOVERNMENT, ORG_CITY, STR(""), STR("")), STR("/-/")));
	assert_true(str_eq(
		auth_scope(ROLE_AUDITOR, ORG_SUPERVISION_BODY, STR("/1/2/"), ORG_GOVERNMENT, ORG_CITY, STR("/1/"), STR("")), STR("")));
}

/* ---- scope ---- */

static void the_scope_follows_the_organisation(void **state)
{
	(void)state;
	assert_true(str_eq(actor_of(supervisor).scope_path, city.path));
	assert_true(str_eq(actor_of(seed("county", &county_body, ROLE_SUPERVISOR)).scope_path, county.path));
	assert_true(str_eq(actor_of(seed("mayor", &city, ROLE_GOV_APPROVER)).scope_path, city.path));
	assert_true(str_eq(actor_of(liaison).scope_path, market.path));
	assert_true(str_eq(actor_of(officer).scope_path, town.path));
	assert_int_equal(actor_of(secadmin).scope_path.len, 0);
}

static void a_scope_can_be_narrowed_but_not_widened(void **state)
{
	struct actor who = actor_of(secadmin);

	(void)state;
	OK(auth_account_grant(test.db, &who, START, supervisor, ROLE_SUPERVISOR, county.id, true, mem, &err));
	assert_true(str_eq(actor_of(supervisor).scope_path, county.path));
	assert_int_equal(auth_account_grant(test.db, &who, START, liaison, ROLE_LIAISON, county.id, true, mem, &err), ERR_INPUT);
	assert_true(str_eq(actor_of(liaison).scope_path, market.path));
}

/* ---- signing in ---- */

static void the_right_password_opens_a_session(void **state)
{
	struct session_ticket ticket, second;

	(void)state;
	OK(sign_in(" Supervisor ", PASSWORD, "10.0.0.1", START, &ticket));
	assert_int_equal(ticket.account.id, supervisor);
	assert_int_equal(strlen(ticket.token), 64);
	assert_string_not_equal(ticket.token, ticket.csrf);
	OK(sign_in("supervisor", PASSWORD, "10.0.0.1", START, &second));
	assert_string_not_equal(ticket.token, second.token);
	assert_int_equal(audited("session.open"), 2);
}

static void wrong_name_and_wrong_password_sound_alike(void **state)
{
	struct session_ticket ticket;
	struct err first;

	(void)state;
	assert_int_equal(sign_in("supervisor", "wrong", "10.0.0.1", START, &ticket), ERR_UNAUTHENTICATED);
	first = err;
	assert_int_equal(sign_in("nobody", "wrong", "10.0.0.1", START, &ticket), ERR_UNAUTHENTICATED);
	assert_string_equal(first.msg, err.msg);
	assert_int_equal(audited("session.refuse"), 2);
}

static void five_failures_lock_the_account_for_fifteen_minutes(void **state)
{
	struct session_ticket ticket;

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(sign_in("supervisor", "wrong", "10.0.0.1", START + i * MINUTE, &ticket), ERR_UNAUTHENTICATED);
	assert_int_equal(audited("account.lock"), 1);
	assert_int_equal(sign_in("supervisor", PASSWORD, "10.0.0.2", START + 5 * MINUTE, &ticket), ERR_LOCKED);
	assert_non_null(strstr(err.msg, "14 分钟"));
	assert_int_equal(sign_in("supervisor", PASSWORD, "10.0.0.1", START + 19 * MINUTE - 1, &ticket), ERR_LOCKED);
	OK(sign_in("agency", PASSWORD, "10.0.0.1", START + 5 * MINUTE, &ticket));
	OK(sign_in("supervisor", PASSWORD, "10.0.0.1", START + 19 * MINUTE, &ticket));
}

static void a_success_forgets_the_failures_before_it(void **state)
{
	struct session_ticket ticket;

	(void)state;
	for (int i = 0; i < 4; i++)
		sign_in("supervisor", "wrong", "10.0.0.1", START + i, &ticket);
	OK(sign_in("supervisor", PASSWORD, "10.0.0.1", START + 5, &ticket));
	assert_int_equal(sign_in("supervisor", "wrong", "10.0.0.1", START + 6, &ticket), ERR_UNAUTHENTICATED);
	OK(sign_in("supervisor", PASSWORD, "10.0.0.1", START + 7, &ticket));
}

static void many_names_from_one_address_lock_the_address(void **state)
{
	struct session_ticket ticket;
	char name[16];

	(void)state;
	for (int i = 0; i < AUTH_FAILURES_ADDRESS_MAX; i++) {
		snprintf(name, sizeof(name), "guess%d", i);
		OK(auth_attempt_insert(test.db, id_new(&ids), START + i, str_of(name), STR("10.0.0.9"), &err));
	}
	assert_int_equal(sign_in("supervisor", PASSWORD, "10.0.0.9", START + MINUTE, &ticket), ERR_LOCKED);
	OK(sign_in("supervisor", PASSWORD, "10.0.0.8", START + MINUTE, &ticket));
	OK(sign_in("supervisor", PASSWORD, "10.0.0.9", START + 16 * MINUTE, &ticket));
}

static void a_security_administrator_unlocks(void **state)
{
	struct session_ticket ticket;
	struct actor who = actor_of(secadmin);

	(void)state;
	for (int i = 0; i < 5; i++)
		sign_in("supervisor", "wrong", "10.0.0.1", START + i, &ticket);
	OK(auth_account_unlock(test.db, &who, START + MINUTE, supervisor, mem, &err));
	OK(sign_in("supervisor", PASSWORD, "10.0.0.1", START + MINUTE, &ticket));
}

/* ---- the three administrators ---- */

static int64_t create(const char *name, const struct org *org)
{
	struct actor who = actor_of(sysadmin);
	int64_t id;

	OK(auth_account_create(test.db, &ids, &who, START,
		&(struct account_new){ .name = str_of(name), .display_name = STR("张三"), .password = STR(PASSWORD), .org_id = org->id },
		mem, &id, &err));
	return id;
}

static void a_new_account_can_do_nothing_until_it_is_granted(void **state)
{
	struct actor who = actor_of(secadmin);
	int64_t id = create("Zhang.San", &bureau);
	struct session_ticket ticket;
	struct account a;

	(void)state;
	OK(auth_account_find(test.db, STR("zhang.san"), mem, &a, &err));
	assert_int_equal(a.id, id);
	assert_int_equal(a.roles, 0);
	assert_false(a.enabled);
	assert_true(a.must_change);
	assert_int_equal(sign_in("zhang.san", PASSWORD, "", START, &ticket), ERR_FORBIDDEN);
	assert_int_equal(auth_account_grant(test.db, &who, START, id, 0, 0, true, mem, &err), ERR_INPUT);
	OK(auth_account_grant(test.db, &who, START, id, ROLE_REVIEWER, 0, true, mem, &err));
	OK(sign_in("zhang.san", PASSWORD, "", START, &ticket));
	assert_int_equal(audited("account.grant"), 1);
}

static void a_name_is_taken_once_in_any_case(void **state)
{
	struct actor who = actor_of(sysadmin);
	int64_t id;

	(void)state;
	create("zhang", &bureau);
	assert_int_equal(auth_account_create(test.db, &ids, &who, START,
				 &(struct account_new){
					 .name = STR("ZHANG"), .display_name = STR("张"), .password = STR(PASSWORD), .org_id = bureau.id },
				 mem, &id, &err),
		ERR_UNIQUE);
}

static void nobody_changes_their_own_rights(void **state)
{
	struct actor who = actor_of(secadmin);

	(void)state;
	assert_int_equal(auth_account_grant(test.db, &who, START, secadmin, ROLE_SUPERVISOR, 0, true, mem, &err), ERR_FORBIDDEN);
	assert_int_equal(auth_account_unlock(test.db, &who, START, secadmin, mem, &err), ERR_FORBIDDEN);
}

static void administrators_keep_to_their_own_half(void **state)
{
	struct actor system = actor_of(sysadmin), security = actor_of(secadmin);

	(void)state;
	assert_int_equal(auth_account_change(test.db, &system, START, supervisor,
				 &(struct account_change){ .has_roles = true, .roles = ROLE_LEADER }, mem, &err),
		ERR_FORBIDDEN);
	assert_int_equal(auth_account_change(test.db, &security, START, supervisor,
				 &(struct account_change){ .password = STR("Neu-Wort 77") }, mem, &err),
		ERR_FORBIDDEN);
	OK(auth_account_change(
		test.db, &security, START, supervisor, &(struct account_change){ .has_roles = true, .roles = ROLE_LEADER }, mem, &err));
	assert_int_equal(actor_of(supervisor).roles, ROLE_LEADER);
}

static void a_reset_disables_until_the_other_administrator_enables(void **state)
{
	struct actor system = actor_of(sysadmin), security = actor_of(secadmin);
	struct session_ticket ticket;
	struct account a;

	(void)state;
	OK(auth_account_change(test.db, &system, START, supervisor, &(struct account_change){ .password = STR("Neu-Wort 77") }, mem, &err));
	OK(auth_account_get(test.db, supervisor, mem, &a, &err));
	assert_false(a.enabled);
	assert_int_equal(sign_in("supervisor", "Neu-Wort 77", "", START, &ticket), ERR_FORBIDDEN);
	OK(auth_account_change(
		test.db, &security, START, supervisor, &(struct account_change){ .has_enabled = true, .enabled = true }, mem, &err));
	OK(sign_in("supervisor", "Neu-Wort 77", "", START, &ticket));
	assert_true(ticket.account.must_change);
}

static void a_system_administrator_cannot_capture_the_last_security_administrator(void **state)
{
	struct actor system = actor_of(sysadmin);

	(void)state;
	assert_int_equal(auth_account_change(
				 test.db, &system, START, secadmin, &(struct account_change){ .password = STR("Neu-Wort 77") }, mem, &err),
		ERR_STATE);
	assert_int_equal(auth_account_change(test.db, &system, START, secadmin, &(struct account_change){ .org_id = city.id }, mem, &err),
		ERR_STATE);
}

static void moving_to_another_organisation_takes_the_roles_away(void **state)
{
	struct actor system = actor_of(sysadmin);
	struct account a;

	(void)state;
	OK(auth_account_change(test.db, &system, START, supervisor, &(struct account_change){ .org_id = county_body.id }, mem, &err));
	OK(auth_account_get(test.db, supervisor, mem, &a, &err));
	assert_int_equal(a.roles, 0);
	assert_false(a.enabled);
	assert_int_equal(a.org_id, county_body.id);
}

static void a_password_is_changed_by_who_knows_the_old_one(void **state)
{
	struct session_ticket ticket;
	struct actor who = actor_of(supervisor);

	(void)state;
	assert_int_equal(auth_password_change(test.db, &who, START, STR("wrong"), STR("Neu-Wort 77"), mem, &err), ERR_INPUT);
	assert_int_equal(auth_password_change(test.db, &who, START, STR(PASSWORD), STR(PASSWORD), mem, &err), ERR_INPUT);
	assert_int_equal(auth_password_change(test.db, &who, START, STR(PASSWORD), STR("short"), mem, &err), ERR_INPUT);
	OK(auth_password_change(test.db, &who, START, STR(PASSWORD), STR("Neu-Wort 77"), mem, &err));
	assert_int_equal(sign_in("supervisor", PASSWORD, "", START, &ticket), ERR_UNAUTHENTICATED);
	OK(sign_in("supervisor", "Neu-Wort 77", "", START, &ticket));
}

static void the_first_accounts_are_made_once(void **state)
{
	struct first_account made[AUTH_FIRST_COUNT];
	struct session_ticket ticket;
	struct test_db fresh;
	bool did;

	(void)state;
	test_db_open(&fresh, db_dialect(test.db));
	OK(auth_first_accounts(
		fresh.db, &ids, &(struct actor){ .name = STR("命令行") }, START, STR("admin"), STR("某县司法局"), mem, made, &did, &err));
	assert_true(did);
	assert_true(str_eq(made[1].name, STR("admin-sec")));
	OK(auth_sign_in(fresh.db, &ids, START, STR(""), STR("admin-audit"), str_of(made[2].password), STR(""), mem, &ticket, &err));
	assert_int_equal(ticket.account.roles, ROLE_AUDITOR);
	assert_true(ticket.account.must_change);
	OK(auth_first_accounts(
		fresh.db, &ids, &(struct actor){ .name = STR("命令行") }, START, STR("other"), STR("某县司法局"), mem, made, &did, &err));
	assert_false(did);
	test_db_close(&fresh);
}

/* ---- one-time codes ---- */

static void a_code_of_the_standard_is_accepted_around_its_time(void **state)
{
	int64_t step;

	(void)state; /* RFC 6238, appendix B: secret "12345678901234567890", time 59 s → 94287082 */
	assert_true(totp_check(STR("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), STR("287082"), 59000, &step));
	assert_int_equal(step, 1);
	assert_true(totp_check(STR("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), STR("287082"), 89000, &step));
	assert_int_equal(step, 1);
	assert_false(totp_check(STR("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), STR("287082"), 150000, &step));
	assert_false(totp_check(STR("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), STR("28708"), 59000, &step));
}

static void a_code_opens_one_session_only(void **state)
{
	struct session_ticket ticket;
	bool fresh;

	(void)state;
	OK(auth_totp_set(test.db, supervisor, STR("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), (struct str){ 0 }, &err));
	assert_int_equal(sign_in("supervisor", PASSWORD, "", 59000, &ticket), ERR_UNAUTHENTICATED);
	assert_non_null(strstr(err.msg, "动态口令"));
	OK(auth_sign_in(test.db, &ids, 59000, STR(""), STR("supervisor"), STR(PASSWORD), STR("287082"), mem, &ticket, &err));
	assert_int_equal(auth_sign_in(test.db, &ids, 60000, STR(""), STR("supervisor"), STR(PASSWORD), STR("287082"), mem, &ticket, &err),
		ERR_UNAUTHENTICATED);
	assert_int_equal(auth_sign_in(test.db, &ids, 60000, STR(""), STR("supervisor"), STR(PASSWORD), STR("000000"), mem, &ticket, &err),
		ERR_UNAUTHENTICATED);
	OK(auth_totp_used(test.db, supervisor, 1, &fresh, &err));
	assert_false(fresh);
}

/* ---- over the wire ---- */

static struct app app;
static struct http_server *server;
static char answer[1 << 16], cookie[128], csrf[80];

static enum err_code lend(struct app *a, struct db **ret, struct err *e)
{
	(void)a;
	return db_open(str_of(test.url), ret, e);
}

static void give_back(struct app *a, struct db *db)
{
	(void)a;
	db_close(db);
}

static void serve(void)
{
	static struct route_table tables[2];

	tables[0] = auth_routes;
	tables[1] = org_routes;
	log_set_level(LOG_ERROR);
	OK(http_start(&(struct http_config){ .host = "127.0.0.1",
			      .threads = 2,
			      .upload_dir = test.dir,
			      .tables = tables,
			      .table_count = 2,
			      .ids = &ids,
			      .fixed_today = DAY_NONE,
			      .app = &app,
			      .db_lend = lend,
			      .db_return = give_back,
			      .authenticate = auth_authenticate },
		&server, &err));
}

/** Sends one request; more holds header lines. */
static void ask(const char *method, const char *path, const char *more, const char *body)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)http_port(server)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char text[4096];
	size_t len = 0;
	ssize_t n;

	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	n = snprintf(text, sizeof(text),
		"%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n%s",
		method, path, more, strlen(body), body);
	assert_int_equal(send(fd, text, (size_t)n, MSG_NOSIGNAL), n);
	while ((n = recv(fd, answer + len, sizeof(answer) - 1 - len, 0)) > 0)
		len += (size_t)n;
	answer[len] = '\0';
	close(fd);
}

static void assert_answer(const char *status, const char *what)
{
	if (strncmp(answer + 9, status, 3) != 0 || !strstr(answer, what))
		fail_msg("expected %s with “%s”, got %.1500s", status, what, answer);
}

/** Text between two marks of the answer. */
static void cut(const char *after, const char *until, char *out, size_t size)
{
	const char *from = strstr(answer, after);
	const char *end = from ? strstr(from + strlen(after), until) : NULL;

	assert_non_null(end);
	snprintf(out, size, "%.*s", (int)(end - from - (ptrdiff_t)strlen(after)), from + strlen(after));
}

static const char *session_headers(bool with_csrf)
{
	static char text[400];

	snprintf(text, sizeof(text), "Cookie: %s\r\n%s%s%s", cookie, with_csrf ? "X-CSRF: " : "", with_csrf ? csrf : "",
		with_csrf ? "\r\n" : "");
	return text;
}

static void enter(const char *name)
{
	char body[200];

	snprintf(body, sizeof(body), "{\"name\":\"%s\",\"password\":\"" PASSWORD "\"}", name);
	ask("POST", "/api/session", "", body);
	assert_answer("201", "HttpOnly; SameSite=Strict");
	cut("Set-Cookie: ", ";", cookie, sizeof(cookie));
	cut("\"csrf\":\"", "\"", csrf, sizeof(csrf));
}

static void a_session_works_from_sign_in_to_sign_out(void **state)
{
	(void)state;
	serve();
	ask("GET", "/api/session", "", "");
	assert_answer("200", "\"account\":null");
	ask("POST", "/api/session", "", "{\"name\":\"supervisor\",\"password\":\"x\"}");
	assert_answer("401", "不正确");
	enter("supervisor");
	assert_null(strstr(answer, "demo_accounts"));
	ask("GET", "/api/session", session_headers(false), "");
	assert_answer("200", "\"roles\":[\"supervisor\"]");
	assert_answer("200", "\"bureau\":\"临川市司法局\"");
	ask("GET", "/api/orgs/tree", session_headers(false), "");
	assert_answer("200", "白石司法所");
	ask("GET", "/api/accounts", session_headers(false), "");
	assert_answer("403", "系统管理员");
	ask("DELETE", "/api/session", session_headers(false), "");
	assert_answer("403", "X-CSRF");
	ask("DELETE", "/api/session", session_headers(true), "");
	assert_answer("204", "Max-Age=0");
	ask("GET", "/api/orgs/tree", session_headers(false), "");
	assert_answer("401", "请先登录");
	http_stop(server);
}

static void a_stolen_or_invented_cookie_opens_nothing(void **state)
{
	(void)state;
	serve();
	ask("GET", "/api/orgs/tree", "Cookie: xz_session=0123456789012345678901234567890123456789012345678901234567890123\r\n", "");
	assert_answer("401", "");
	ask("GET", "/api/orgs/tree", "Cookie: xz_session=' OR 1=1 --\r\n", "");
	assert_answer("401", "");
	http_stop(server);
}

static void old_sessions_end(void **state)
{
	struct session_row row;
	bool found;

	(void)state;
	serve();
	enter("supervisor");
	OK(db_exec_script(test.db, STR("UPDATE session SET seen_ms = seen_ms - 1801000"), &err));
	ask("GET", "/api/orgs/tree", session_headers(false), "");
	assert_answer("401", "");
	enter("supervisor");
	OK(db_exec_script(test.db, STR("UPDATE session SET created_ms = created_ms - 43201000"), &err));
	ask("GET", "/api/orgs/tree", session_headers(false), "");
	assert_answer("401", "");
	enter("supervisor");
	OK(auth_actor_by_account(test.db, supervisor, mem, &row, &found, &err));
	OK(auth_account_grant(test.db, &(struct actor){ .account_id = secadmin, .roles = ROLE_SECADMIN, .name = STR("s") }, time_now_ms(),
		supervisor, ROLE_LEADER, 0, true, mem, &err));
	ask("GET", "/api/orgs/tree", session_headers(false), "");
	assert_answer("401", "");
	http_stop(server);
}

static void a_password_set_by_another_must_be_changed_first(void **state)
{
	(void)state;
	serve();
	OK(db_exec_script(test.db, STR("UPDATE account SET must_change = 1 WHERE name = 'supervisor'"), &err));
	enter("supervisor");
	assert_answer("201", "\"must_change_password\":true");
	ask("GET", "/api/orgs/tree", session_headers(false), "");
	assert_answer("403", "请先修改");
	ask("PUT", "/api/session/password", session_headers(true), "{\"old\":\"" PASSWORD "\",\"new\":\"Neu-Wort 77\"}");
	assert_answer("204", "");
	ask("GET", "/api/orgs/tree", session_headers(false), "");
	assert_answer("200", "");
	http_stop(server);
}

static void two_administrators_make_an_account_over_the_wire(void **state)
{
	char body[300], path[80], id[24];

	(void)state;
	serve();
	enter("sysadmin");
	snprintf(body, sizeof(body), "{\"name\":\"li.si\",\"display_name\":\"李四\",\"password\":\"" PASSWORD "\",\"org_id\":\"%lld\"}",
		(long long)bureau.id);
	ask("POST", "/api/accounts", session_headers(true), body);
	assert_answer("201", "\"state\":\"disabled\"");
	cut("{\"id\":\"", "\"", id, sizeof(id));
	snprintf(path, sizeof(path), "/api/accounts/%s", id);
	ask("PUT", path, session_headers(true), "{\"roles\":[\"supervisor\"],\"enabled\":true}");
	assert_answer("403", "安全管理员");
	enter("secadmin");
	ask("POST", "/api/accounts", session_headers(true), body);
	assert_answer("403", "系统管理员");
	ask("PUT", path, session_headers(true), "{\"roles\":[\"supervisor\",\"auditor\"],\"enabled\":true}");
	assert_answer("422", "三员分立");
	ask("PUT", path, session_headers(true), "{\"roles\":[\"king\"]}");
	assert_answer("422", "roles");
	ask("PUT", path, session_headers(true), "{\"roles\":[\"supervisor\",\"leader\"],\"enabled\":true}");
	assert_answer("200", "\"roles\":[\"supervisor\",\"leader\"]");
	ask("GET", "/api/accounts?q=%E6%9D%8E", session_headers(false), "");
	assert_answer("200", "\"name\":\"li.si\"");
	http_stop(server);
}

static void a_demo_store_shows_its_accounts(void **state)
{
	(void)state;
	OK(db_exec_script(test.db, STR("UPDATE account SET demo = 1 WHERE name = 'supervisor'"), &err));
	app.demo = true;
	serve();
	ask("GET", "/api/session", "", "");
	assert_answer("200", "\"demo_accounts\":[{\"name\":\"supervisor\",\"password\":\"xiezhi-demo\"");
	app.demo = false;
	http_stop(server);
}

#define ALL                                                                                                                                \
	T(the_scope_follows_the_organisation), T(a_scope_can_be_narrowed_but_not_widened), T(the_right_password_opens_a_session),          \
		T(wrong_name_and_wrong_password_sound_alike), T(five_failures_lock_the_account_for_fifteen_minutes),                       \
		T(a_success_forgets_the_failures_before_it), T(many_names_from_one_address_lock_the_address),                              \
		T(a_security_administrator_unlocks), T(a_new_account_can_do_nothing_until_it_is_granted),                                  \
		T(a_name_is_taken_once_in_any_case), T(nobody_changes_their_own_rights), T(administrators_keep_to_their_own_half),         \
		T(a_reset_disables_until_the_other_administrator_enables),                                                                 \
		T(a_system_administrator_cannot_capture_the_last_security_administrator),                                                  \
		T(moving_to_another_organisation_takes_the_roles_away), T(a_password_is_changed_by_who_knows_the_old_one),                 \
		T(the_first_accounts_are_made_once), T(a_code_opens_one_session_only), T(a_session_works_from_sign_in_to_sign_out),        \
		T(a_stolen_or_invented_cookie_opens_nothing), T(old_sessions_end), T(a_password_set_by_another_must_be_changed_first),     \
		T(two_administrators_make_an_account_over_the_wire), T(a_demo_store_shows_its_accounts)

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, open_sqlite, close_db)
	const struct CMUnitTest tests[] = { cmocka_unit_test(roles_that_may_not_meet_are_refused),
		cmocka_unit_test(weak_passwords_are_refused_with_the_rule), cmocka_unit_test(a_missing_path_means_nothing_not_everything),
		cmocka_unit_test(a_code_of_the_standard_is_accepted_around_its_time), ALL };
#undef T
#define T(test) cmocka_unit_test_setup_teardown(test, open_pg, close_db)
	const struct CMUnitTest pg_tests[] = { ALL };
	int failed = cmocka_run_group_tests_name("sqlite", tests, NULL, NULL);

	if (test_db_has_pg())
		failed += cmocka_run_group_tests_name("pg", pg_tests, NULL, NULL);
	return failed;
}
