/* Routes of sessions and accounts. */
#include <jansson.h>
#include <stdio.h>

#include "auth/auth_private.h"

#ifndef XZ_VERSION
#define XZ_VERSION "0"
#endif

/* ---- answers ---- */

static void roles_json(unsigned int roles, struct json *j)
{
	json_key(j, "roles");
	json_arr(j);
	for (int i = 0; i < ROLE_COUNT; i++)
		if (roles & (1u << i))
			json_str(j, str_of(role_slug(i)));
	json_arr_end(j);
}

static void org_ref_json(const struct account *a, struct json *j)
{
	json_key(j, "org");
	json_obj(j);
	json_kid(j, "id", a->org_id);
	json_kstr(j, "name", a->org_name);
	json_kputs(j, "kind", org_kind_slug(a->org_kind));
	json_kputs(j, "level", org_level_slug(a->org_level));
	json_obj_end(j);
}

static void put_who(const struct account *a, struct json *j)
{
	json_kid(j, "id", a->id);
	json_kstr(j, "name", a->name);
	json_kstr(j, "display_name", a->display_name);
	roles_json(a->roles, j);
	org_ref_json(a, j);
}

static enum err_code put_account(struct request *req, const struct account *a, struct json *j, struct err *err)
{
	int64_t locked_until;

	TRY(auth_locked_until(req->db, req->now_ms, false, a->name, &locked_until, err));
	json_obj(j);
	put_who(a, j);
	json_kid(j, "scope_org_id", a->scope_org_id);
	json_kbool(j, "enabled", a->enabled);
	json_kbool(j, "disabled", !a->enabled);
	json_kputs(j, "state", locked_until != TIME_NONE ? "locked" : a->enabled ? "enabled" : "disabled");
	json_kbool(j, "must_change_password", a->must_change);
	json_kbool(j, "totp", a->has_totp);
	json_ktime(j, "locked_until", locked_until);
	json_ktime(j, "last_login_at", a->last_login_ms);
	json_ktime(j, "created_at", a->created_ms);
	json_ki64(j, "version", a->version);
	json_obj_end(j);
	return ERR_OK;
}

/** Name of the supervision body that the page heads show. */
static enum err_code bureau_name(struct request *req, int64_t org_id, struct str *ret, struct err *err)
{
	struct org *bodies, body;
	size_t count;

	*ret = STR("");
	if (org_id && org_body_of(req->db, org_id, req->mem, &body, err) == ERR_OK) {
		*ret = body.name;
		return ERR_OK;
	}
	TRY(org_list(req->db, &(struct org_query){ .kind = ORG_SUPERVISION_BODY, .limit = 1 }, req->mem, &bodies, &count, err));
	if (count > 0)
		*ret = bodies[0].name;
	return ERR_OK;
}

/** The sign-in page of a demo store shows who there is. */
static enum err_code put_demo_accounts(struct request *req, struct json *j, struct err *err)
{
	struct account *accounts;
	size_t count;

	TRY(auth_demo_accounts(req->db, req->mem, &accounts, &count, err));
	json_key(j, "demo_accounts");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		json_obj(j);
		json_kstr(j, "name", accounts[i].name);
		json_kputs(j, "password", AUTH_DEMO_PASSWORD);
		json_kstr(j, "display_name", accounts[i].display_name);
		roles_json(accounts[i].roles, j);
		json_kstr(j, "org", accounts[i].org_name);
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

static enum err_code put_session(struct request *req, const struct account *a, struct str csrf, struct json *j, struct err *err)
{
	bool demo = req->app && req->app->demo;
	struct str bureau;

	TRY(bureau_name(req, a ? a->org_id : 0, &bureau, err));
	json_obj(j);
	json_key(j, "account");
	if (a) {
		json_obj(j);
		put_who(a, j);
		json_kbool(j, "totp", a->has_totp);
		json_obj_end(j);
	} else {
		json_none(j);
	}
	json_kstr(j, "csrf", csrf.ptr ? csrf : STR(""));
	json_kbool(j, "must_change_password", a && a->must_change);
	json_kbool(j, "demo", demo);
	json_kday(j, "today", req->today);
	json_kputs(j, "version", XZ_VERSION);
	json_kstr(j, "bureau", bureau);
	json_kbool(j, "public_check", req->app && req->app->public_check);
	if (demo)
		TRY(put_demo_accounts(req, j, err));
	json_obj_end(j);
	return ERR_OK;
}

/* ---- session ---- */

struct sign_in_body {
	struct str name, password, code;
};
static const struct field sign_in_fields[] = {
	F_STR(struct sign_in_body, name, .required = true, .max = 64, .label = "用户名"),
	F_STR(struct sign_in_body, password, .required = true, .max = 256, .label = "口令"),
	F_STR(struct sign_in_body, code, .max = 6, .label = "动态口令"),
	{ 0 },
};

/** The cookie with a token, or one that removes it. Secure where the proxy on this machine says that it speaks TLS. */
static struct str cookie(struct request *req, const char *token)
{
	bool tls = str_eq(request_header(req, "X-Forwarded-Proto"), STR("https"));

	return str_printf(req->mem, "%s=%s; Path=/api; HttpOnly; SameSite=Strict%s%s", AUTH_COOKIE, token, tls ? "; Secure" : "",
		*token ? "" : "; Max-Age=0");
}

static enum err_code session_post(struct request *req, struct response *res, struct err *err)
{
	const struct sign_in_body *in = req->body;
	struct session_ticket ticket;

	TRY(auth_sign_in(req->db, req->ids, req->now_ms, req->who.remote, in->name, in->password, in->code, req->mem, &ticket, err));
	if (req->who.session_id)
		TRY(auth_sign_out(req->db, &req->who, req->now_ms, err));
	res->status = 201;
	res->set_cookie = cookie(req, ticket.token);
	return put_session(req, &ticket.account, str_of(ticket.csrf), res->json, err);
}

static enum err_code session_get(struct request *req, struct response *res, struct err *err)
{
	struct account a;

	if (req->who.account_id == 0)
		return put_session(req, NULL, STR(""), res->json, err);
	TRY(auth_account_get(req->db, req->who.account_id, req->mem, &a, err));
	return put_session(req, &a, req->csrf, res->json, err);
}

static enum err_code session_delete(struct request *req, struct response *res, struct err *err)
{
	if (req->who.session_id)
		TRY(auth_sign_out(req->db, &req->who, req->now_ms, err));
	res->set_cookie = cookie(req, "");
	return ERR_OK;
}

struct password_body {
	struct str old, new;
};
static const struct field password_fields[] = {
	F_STR(struct password_body, old, .required = true, .max = 256, .label = "原口令"),
	F_STR(struct password_body, new, .required = true, .max = 256, .label = "新口令"),
	{ 0 },
};

static enum err_code password_put(struct request *req, struct response *res, struct err *err)
{
	const struct password_body *in = req->body;

	(void)res;
	return auth_password_change(req->db, &req->who, req->now_ms, in->old, in->new, req->mem, err);
}

struct code_body {
	struct str code;
};
static const struct field code_fields[] = {
	F_STR(struct code_body, code, .required = true, .min = 6, .max = 6, .label = "动态口令"),
	{ 0 },
};

static enum err_code totp_post(struct request *req, struct response *res, struct err *err)
{
	char secret[TOTP_SECRET_SIZE];
	struct account a;

	TRY(auth_totp_begin(req->db, &req->who, req->now_ms, req->mem, secret, err));
	TRY(auth_account_get(req->db, req->who.account_id, req->mem, &a, err));
	json_obj(res->json);
	json_kputs(res->json, "secret", secret);
	json_kstr(res->json, "uri", str_printf(req->mem, "otpauth://totp/xiezhi:%lld?secret=%s&issuer=xiezhi", (long long)a.id, secret));
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code totp_put(struct request *req, struct response *res, struct err *err)
{
	const struct code_body *in = req->body;

	(void)res;
	return auth_totp_confirm(req->db, &req->who, req->now_ms, in->code, req->mem, err);
}

static enum err_code totp_delete(struct request *req, struct response *res, struct err *err)
{
	const struct code_body *in = req->body;

	(void)res;
	return auth_totp_remove(req->db, &req->who, req->now_ms, in->code, req->mem, err);
}

/* ---- accounts ---- */

struct list_query {
	struct str q, after;
	int64_t org, limit;
};
static const struct field list_fields[] = {
	F_STR(struct list_query, q, .max = 40, .label = "账号名或姓名"),
	F_STR(struct list_query, after, .max = 24, .label = "上一页末尾"),
	F_ID(struct list_query, org, .label = "单位"),
	F_I64(struct list_query, limit, .min = 1, .max = 200, .label = "条数"),
	{ 0 },
};

static enum err_code accounts_get(struct request *req, struct response *res, struct err *err)
{
	const struct list_query *in = req->query;
	int limit = in->limit > 0 ? (int)in->limit : 50;
	struct account *accounts;
	int64_t after = 0;
	size_t count;

	if (in->after.len && !str_to_i64(in->after, &after))
		return err_set(err, ERR_INPUT, "after 不是上一页给出的值");
	TRY(auth_account_list(req->db, in->org, in->q, after, limit, req->mem, &accounts, &count, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < count; i++)
		TRY(put_account(req, &accounts[i], res->json, err));
	json_arr_end(res->json);
	json_key(res->json, "next");
	json_id(res->json, count == (size_t)limit ? accounts[count - 1].id : 0);
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code answer_account(struct request *req, struct response *res, int64_t id, struct err *err)
{
	struct account a;

	TRY(auth_account_get(req->db, id, req->mem, &a, err));
	return put_account(req, &a, res->json, err);
}

static enum err_code account_get(struct request *req, struct response *res, struct err *err)
{
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	return answer_account(req, res, id, err);
}

struct account_body {
	struct str name, display_name, password;
	int64_t org_id;
};
static const struct field account_fields[] = {
	F_STR(struct account_body, name, .required = true, .max = 40, .label = "账号名"),
	F_STR(struct account_body, display_name, .required = true, .max = 40, .label = "姓名"),
	F_STR(struct account_body, password, .required = true, .max = 256, .label = "初始口令"),
	F_ID(struct account_body, org_id, .required = true, .label = "所属单位"),
	{ 0 },
};

static enum err_code account_post(struct request *req, struct response *res, struct err *err)
{
	const struct account_body *in = req->body;
	int64_t id;

	TRY(auth_account_create(req->db, req->ids, &req->who, req->now_ms,
		&(struct account_new){ .name = in->name, .display_name = in->display_name, .password = in->password, .org_id = in->org_id },
		req->mem, &id, err));
	res->status = 201;
	return answer_account(req, res, id, err);
}

struct change_body {
	struct str display_name, password, roles, enabled, scope_org_id;
	int64_t org_id;
};
static const struct field change_fields[] = {
	F_STR(struct change_body, display_name, .max = 40, .label = "姓名（系统管理员）"),
	F_STR(struct change_body, password, .max = 256, .label = "新的初始口令（系统管理员）"),
	F_ID(struct change_body, org_id, .label = "所属单位（系统管理员）"),
	F_JSON(struct change_body, roles, .label = "角色数组（安全管理员）"),
	F_JSON(struct change_body, enabled, .label = "是否启用 true 或 false（安全管理员）"),
	F_STR(struct change_body, scope_org_id, .max = 19, .label = "收窄的数据范围，空串取消（安全管理员）"),
	{ 0 },
};

static enum err_code parse_roles(struct str text, unsigned int *ret, struct err *err)
{
	json_t *root = json_loadb(text.ptr, text.len, JSON_DECODE_ANY, NULL);
	bool ok = root && json_is_array(root) && json_array_size(root) <= ROLE_COUNT;

	*ret = 0;
	for (size_t i = 0; ok && i < json_array_size(root); i++) {
		const json_t *one = json_array_get(root, i);
		unsigned int role =
			json_is_string(one) ? role_from_slug((struct str){ json_string_value(one), json_string_length(one) }) : 0;

		ok = role != 0;
		*ret |= role;
	}
	json_decref(root);
	return ok ? ERR_OK
	          : err_set(err, ERR_INPUT,
			    "角色（roles）应为数组，每项是 "
			    "supervisor、reviewer、leader、gov_approver、liaison、township、auditor、sysadmin、secadmin 之一");
}

static enum err_code read_change(const struct change_body *in, struct account_change *c, struct err *err)
{
	*c = (struct account_change){ .display_name = in->display_name,
		.password = in->password,
		.org_id = in->org_id,
		.has_roles = in->roles.ptr != NULL,
		.has_scope = in->scope_org_id.ptr != NULL,
		.has_enabled = in->enabled.ptr != NULL,
		.enabled = str_eq(in->enabled, STR("true")) };
	if (c->has_roles)
		TRY(parse_roles(in->roles, &c->roles, err));
	if (c->has_enabled && !c->enabled && !str_eq(in->enabled, STR("false")))
		return err_set(err, ERR_INPUT, "是否启用（enabled）应为 true 或 false");
	if (in->scope_org_id.len > 0 && (!str_to_i64(in->scope_org_id, &c->scope_org_id) || c->scope_org_id <= 0))
		return err_set(err, ERR_INPUT, "数据范围（scope_org_id）应为单位编号，或空串");
	return ERR_OK;
}

static enum err_code account_put(struct request *req, struct response *res, struct err *err)
{
	struct account_change change;
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(read_change(req->body, &change, err));
	TRY(auth_account_change(req->db, &req->who, req->now_ms, id, &change, req->mem, err));
	return answer_account(req, res, id, err);
}

static enum err_code unlock_post(struct request *req, struct response *res, struct err *err)
{
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(auth_account_unlock(req->db, &req->who, req->now_ms, id, req->mem, err));
	return answer_account(req, res, id, err);
}

#define ADMINS (ROLE_SYSADMIN | ROLE_SECADMIN)

static const struct route auth_rows[] = {
	{ HTTP_POST, "/api/session", session_post, .roles = ROLE_ANYONE, .scope = SCOPE_ACCOUNT, .summary = "登录",
		ROUTE_BODY(struct sign_in_body, sign_in_fields), .answers = "Session" },
	{ HTTP_GET, "/api/session", session_get, .roles = ROLE_ANYONE, .scope = SCOPE_ACCOUNT,
		.summary = "当前会话；未登录时 account 为 null", .answers = "Session" },
	{ HTTP_DELETE, "/api/session", session_delete, .roles = ROLE_ANYONE, .scope = SCOPE_ACCOUNT, .summary = "退出" },
	{ HTTP_PUT, "/api/session/password", password_put, .roles = ROLE_SIGNED_IN, .scope = SCOPE_ACCOUNT, .summary = "修改自己的口令",
		ROUTE_BODY(struct password_body, password_fields) },
	{ HTTP_POST, "/api/session/totp", totp_post, .roles = ROLE_SIGNED_IN, .scope = SCOPE_ACCOUNT, .summary = "开始绑定动态口令",
		.answers = "{secret, uri}" },
	{ HTTP_PUT, "/api/session/totp", totp_put, .roles = ROLE_SIGNED_IN, .scope = SCOPE_ACCOUNT, .summary = "用一个动态口令确认绑定",
		ROUTE_BODY(struct code_body, code_fields) },
	{ HTTP_POST, "/api/session/totp/remove", totp_delete, .roles = ROLE_SIGNED_IN, .scope = SCOPE_ACCOUNT, .summary = "停用动态口令",
		ROUTE_BODY(struct code_body, code_fields) },
	{ HTTP_GET, "/api/accounts", accounts_get, .roles = ADMINS, .scope = SCOPE_INSTALLATION, .summary = "账号列表",
		ROUTE_QUERY(struct list_query, list_fields), .answers = "AccountList" },
	{ HTTP_POST, "/api/accounts", account_post, .roles = ROLE_SYSADMIN, .scope = SCOPE_INSTALLATION,
		.summary = "新建账号（停用、无角色）", ROUTE_BODY(struct account_body, account_fields), .answers = "Account" },
	{ HTTP_GET, "/api/accounts/{id}", account_get, .roles = ADMINS, .scope = SCOPE_INSTALLATION, .summary = "一个账号",
		.answers = "Account" },
	{ HTTP_PUT, "/api/accounts/{id}", account_put, .roles = ADMINS, .scope = SCOPE_INSTALLATION,
		.summary = "变更账号：姓名、单位、口令由系统管理员，角色、范围、启用由安全管理员",
		ROUTE_BODY(struct change_body, change_fields), .answers = "Account" },
	{ HTTP_POST, "/api/accounts/{id}/unlock", unlock_post, .roles = ROLE_SECADMIN, .scope = SCOPE_INSTALLATION,
		.summary = "解除登录锁定", .answers = "Account" },
};
const struct route_table auth_routes = { .rows = auth_rows, .count = sizeof(auth_rows) / sizeof(auth_rows[0]), .tag = "auth" };
