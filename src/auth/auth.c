/* Decisions about accounts: which roles go together, what an account may see, who may change whom. */
#include "auth/auth_private.h"

#include <stdio.h>

#include "audit/audit.h"
#include "base/date.h"

#define NAME_CHARS_MAX 40
#define ROLE_TEXT_MAX 160

/* ---- roles ---- */

struct str auth_roles_text(unsigned int roles, struct arena *mem)
{
	char text[ROLE_TEXT_MAX] = "";
	size_t len = 0;

	for (int i = 0; i < ROLE_COUNT; i++)
		if (roles & (1u << i))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", len ? " " : "", role_slug(i));
	return str_dup(mem, (struct str){ .ptr = text, .len = len });
}

unsigned int auth_roles_parse(struct str text)
{
	unsigned int roles = 0;
	struct str part;

	while (str_next(&text, ' ', &part))
		roles |= role_from_slug(part);
	return roles;
}

static bool is_single(unsigned int roles)
{
	return (roles & (roles - 1)) == 0;
}

const char *auth_roles_problem(unsigned int roles, enum org_kind kind)
{
	if (roles & ~(unsigned int)ROLE_SIGNED_IN)
		return "角色不存在";
	if ((roles & ADMIN_ROLES) && !is_single(roles))
		return "系统管理员、安全管理员、审计员三员分立：一个账号只能有其中一种，且不得兼任业务角色";
	if ((roles & ADMIN_ROLES) && kind != ORG_SUPERVISION_BODY && kind != ORG_GOVERNMENT)
		return "系统管理员、安全管理员、审计员应属于监督机构或本级人民政府";
	if ((roles & ROLE_BODY) && kind != ORG_SUPERVISION_BODY)
		return "监督人员、文书审核人员、监督机构负责人应属于行政执法监督机构";
	if ((roles & ROLE_GOV_APPROVER) && kind != ORG_GOVERNMENT)
		return "政府审批人员应属于本级人民政府";
	if ((roles & ROLE_LIAISON) && !org_is_agency(kind))
		return "联络员应属于行政执法机关或受监督的组织";
	if ((roles & ROLE_TOWNSHIP) && kind != ORG_JUDICIAL_OFFICE)
		return "司法所人员应属于司法所";
	return NULL;
}

/** "/1/2/3/" → "/1/2/" */
static struct str path_above(struct str path)
{
	size_t len = path.len > 0 ? path.len - 1 : 0;

	while (len > 0 && path.ptr[len - 1] != '/')
		len--;
	return str_sub(path, 0, len);
}

static struct str scope_of_place(
	enum org_kind kind, struct str path, enum org_kind parent_kind, enum org_level parent_level, struct str parent_path)
{
	bool under_government = parent_path.len > 0 && parent_kind == ORG_GOVERNMENT;

	if (kind == ORG_SUPERVISION_BODY && under_government)
		return path_above(path);
	if (kind == ORG_JUDICIAL_OFFICE && under_government && parent_level == ORG_TOWNSHIP)
		return path_above(path);
	return path;
}

struct str auth_scope(unsigned int roles, enum org_kind kind, struct str path, enum org_kind parent_kind, enum org_level parent_level,
	struct str parent_path, struct str narrowed)
{
	struct str place = scope_of_place(kind, path, parent_kind, parent_level, parent_path);

	if (roles != 0 && (roles & ~(unsigned int)ADMIN_ROLES) == 0)
		return STR(""); /* accounts and trail of the whole store; no business route admits administrators */
	if (place.len == 0)
		return STR("/-/"); /* no organisation has this path: nothing rather than everything */
	return narrowed.len > 0 && str_starts(narrowed, place) ? narrowed : place;
}

/* ---- passwords ---- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/** ASCII case does not matter. */
static bool contains(struct str text, struct str part)
{
	for (size_t i = 0; i + part.len <= text.len; i++) {
		size_t k = 0;

		while (k < part.len && lower(text.ptr[i + k]) == lower(part.ptr[k]))
			k++;
		if (k == part.len)
			return true;
	}
	return false;
}

static int character_classes(struct str s)
{
	bool low = false, up = false, digit = false, other = false;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c >= 'a' && c <= 'z')
			low = true;
		else if (c >= 'A' && c <= 'Z')
			up = true;
		else if (c >= '0' && c <= '9')
			digit = true;
		else
			other = true;
	}
	return low + up + digit + other;
}

enum err_code auth_password_check(struct str password, struct str account_name, struct err *err)
{
	static const char *const common[] = { "password", "passw0rd", "p@ssw0rd", "qwerty", "admin123", "abc123", "iloveyou", "12345678",
		"87654321", "11111111", "88888888", "1q2w3e4r", "1qaz2wsx", "xiezhi", "letmein", "welcome" };
	size_t chars = utf8_count(password);

	if (!utf8_valid(password) || chars < AUTH_PASSWORD_MIN || chars > AUTH_PASSWORD_MAX)
		return err_set(err, ERR_INPUT, "口令应为 %d 至 %d 个字符", AUTH_PASSWORD_MIN, AUTH_PASSWORD_MAX);
	if (character_classes(password) < 3 && chars < 16)
		return err_set(err, ERR_INPUT, "口令应含大写字母、小写字母、数字、其他字符中的至少三类，或不少于 16 个字符");
	if (account_name.len >= 3 && contains(password, account_name))
		return err_set(err, ERR_INPUT, "口令不能包含账号名");
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (contains(password, str_of(common[i])))
			return err_set(err, ERR_INPUT, "口令含有常用口令“%s”，请换一个", common[i]);
	return ERR_OK;
}

/* ---- names ---- */

struct str auth_name_key(struct str name, struct arena *mem)
{
	struct str key = str_dup(mem, str_trim(name));

	for (size_t i = 0; key.ptr && i < key.len; i++)
		((char *)key.ptr)[i] = lower(key.ptr[i]);
	return key;
}

static enum err_code check_name(struct str key, struct err *err)
{
	size_t chars = utf8_count(key);

	for (size_t at = 0; at < key.len;) {
		uint32_t c = utf8_next(key, &at);

		if (c <= 0x20 || c == 0x7f || c == 0xFFFD || c == '"' || c == '\'' || c == '<' || c == '>' || c == '\\' || c == 0x3000)
			return err_set(err, ERR_INPUT, "账号名不能含空白、引号、尖括号和反斜杠");
	}
	if (chars < 2 || chars > NAME_CHARS_MAX)
		return err_set(err, ERR_INPUT, "账号名应为 2 至 %d 个字符", NAME_CHARS_MAX);
	return ERR_OK;
}

/* ---- reading ---- */

/** After a lookup: by address, because arguments are evaluated in any order. */
static enum err_code must_find(enum err_code code, const bool *found, struct err *err)
{
	if (code != ERR_OK)
		return code;
	return *found ? ERR_OK : err_set(err, ERR_NOT_FOUND, "没有这个账号");
}

static enum err_code need(struct db *db, int64_t id, struct arena *mem, struct account_secret *ret, struct err *err)
{
	bool found = false;

	return must_find(auth_secret_by_id(db, id, mem, ret, &found, err), &found, err);
}

enum err_code auth_account_get(struct db *db, int64_t id, struct arena *mem, struct account *ret, struct err *err)
{
	struct account_secret s;

	TRY(need(db, id, mem, &s, err));
	*ret = s.a;
	return ERR_OK;
}

enum err_code auth_account_find(struct db *db, struct str name, struct arena *mem, struct account *ret, struct err *err)
{
	struct account_secret s;
	bool found = false;

	TRY(must_find(auth_secret_by_name(db, auth_name_key(name, mem), mem, &s, &found, err), &found, err));
	*ret = s.a;
	return ERR_OK;
}

enum err_code auth_locked_until(struct db *db, int64_t now_ms, bool by_remote, struct str key, int64_t *ret_until_ms, struct err *err)
{
	int nth = by_remote ? AUTH_FAILURES_ADDRESS_MAX : AUTH_FAILURES_MAX;
	int64_t newest, oldest;

	*ret_until_ms = TIME_NONE;
	if (by_remote && key.len == 0)
		return ERR_OK;
	TRY(auth_attempts(db, by_remote, key, nth, &newest, &oldest, err));
	if (oldest != TIME_NONE && newest - oldest < AUTH_LOCK_MS && now_ms < newest + AUTH_LOCK_MS)
		*ret_until_ms = newest + AUTH_LOCK_MS;
	return ERR_OK;
}

/* ---- changing ---- */

static enum err_code note(
	struct db *db, const struct actor *who, int64_t now_ms, const char *action, int64_t id, struct str summary, struct err *err)
{
	if (!summary.ptr)
		return err_nomem(err);
	return audit_add(db, who, now_ms,
		&(struct audit_entry){ .action = str_of(action), .subject = STR("account"), .subject_id = id, .summary = summary }, err);
}

enum err_code auth_account_create(struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms,
	const struct account_new *a, struct arena *mem, int64_t *ret_id, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	char hash[PASSWORD_HASH_SIZE];
	struct account_row row = { .name = auth_name_key(a->name, mem),
		.display_name = str_trim(a->display_name),
		.org_id = a->org_id,
		.created_ms = now_ms,
		.must_change = true };
	struct account_secret other;
	struct org org;
	bool taken = false;

	if (!row.name.ptr)
		return err_nomem(err);
	TRY(check_name(row.name, err));
	if (row.display_name.len == 0)
		return err_set(err, ERR_INPUT, "姓名不能为空");
	TRY(auth_password_check(a->password, row.name, err));
	TRY(password_hash(a->password, hash, err)); /* before the transaction: it takes a quarter of a second */
	row.password_hash = str_of(hash);
	TRY(db_begin(db, &tx, err));
	if (org_get(db, a->org_id, mem, &org, err) != ERR_OK)
		return err_set(err, ERR_INPUT, "所属单位（org_id）不存在");
	TRY(auth_secret_by_name(db, row.name, mem, &other, &taken, err));
	if (taken)
		return err_set(err, ERR_UNIQUE, "账号名 %.*s 已被使用", STR_ARG(row.name));
	row.id = id_new(ids);
	TRY(auth_account_insert(db, &row, mem, err));
	TRY(note(db, who, now_ms, "account.create", row.id,
		str_printf(mem, "新建账号 %.*s（%.*s），停用，未授权", STR_ARG(row.name), STR_ARG(org.name)), err));
	TRY(db_commit(&tx, err));
	*ret_id = row.id;
	return ERR_OK;
}

/** The last enabled administrator of a kind stays, or nobody could enable anybody again. */
static enum err_code check_last_admin(struct db *db, const struct account *a, struct arena *mem, struct err *err)
{
	static const struct {
		unsigned int role;
		const char *title;
	} kept[] = { { ROLE_SYSADMIN, "系统管理员" }, { ROLE_SECADMIN, "安全管理员" } };

	for (int i = 0; i < 2; i++) {
		int64_t others;

		if (!a->enabled || a->roles != kept[i].role)
			continue;
		TRY(auth_count_role(db, kept[i].role, a->id, mem, &others, err));
		if (others == 0)
			return err_set(err, ERR_STATE, "这是最后一个启用的%s，请先启用另一个", kept[i].title);
	}
	return ERR_OK;
}

static enum err_code check_scope(
	struct db *db, const struct account *a, unsigned int roles, int64_t scope_org_id, struct arena *mem, struct err *err)
{
	struct org own, parent = { .kind = ORG_AGENCY }, chosen;
	struct str base;

	if (scope_org_id == 0)
		return ERR_OK;
	TRY(org_get(db, a->org_id, mem, &own, err));
	if (own.parent_id)
		TRY(org_get(db, own.parent_id, mem, &parent, err));
	base = auth_scope(roles & ~(unsigned int)ADMIN_ROLES, own.kind, own.path, parent.kind, parent.level,
		own.parent_id ? parent.path : STR(""), STR(""));
	if (org_get(db, scope_org_id, mem, &chosen, err) != ERR_OK || !str_starts(chosen.path, base))
		return err_set(err, ERR_INPUT, "数据范围（scope_org_id）应在账号单位的范围之内");
	return ERR_OK;
}

static enum err_code grant(struct db *db, const struct actor *who, int64_t now_ms, const struct account *a, unsigned int roles,
	int64_t scope_org_id, bool enabled, struct arena *mem, struct err *err)
{
	const char *problem = auth_roles_problem(roles, a->org_kind);
	struct str text = auth_roles_text(roles, mem);

	if (who->account_id != 0 && who->account_id == a->id)
		return err_set(err, ERR_FORBIDDEN, "不能变更自己账号的权限");
	if (problem)
		return err_set(err, ERR_INPUT, "%s", problem);
	if (enabled && roles == 0)
		return err_set(err, ERR_INPUT, "没有角色的账号不能启用，请先授权");
	if (!enabled || roles != a->roles)
		TRY(check_last_admin(db, a, mem, err));
	TRY(check_scope(db, a, roles, scope_org_id, mem, err));
	TRY(auth_account_rights(db, a->id, roles, scope_org_id, enabled, mem, err));
	TRY(auth_session_delete_of(db, a->id, 0, err));
	return note(db, who, now_ms, "account.grant", a->id,
		str_printf(
			mem, "账号 %.*s：角色 %.*s，%s", STR_ARG(a->name), STR_ARG(text.len ? text : STR("无")), enabled ? "启用" : "停用"),
		err);
}

enum err_code auth_account_grant(struct db *db, const struct actor *who, int64_t now_ms, int64_t id, unsigned int roles,
	int64_t scope_org_id, bool enabled, struct arena *mem, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct account_secret s;

	TRY(db_begin(db, &tx, err));
	TRY(need(db, id, mem, &s, err));
	TRY(grant(db, who, now_ms, &s.a, roles, scope_org_id, enabled, mem, err));
	return db_commit(&tx, err);
}

static enum err_code reset_password(struct db *db, const struct actor *who, int64_t now_ms, const struct account *a, struct str hash,
	struct arena *mem, struct err *err)
{
	if (who->account_id == a->id)
		return err_set(err, ERR_FORBIDDEN, "修改自己的口令请用“修改口令”");
	TRY(check_last_admin(db, a, mem, err));
	TRY(auth_account_reset(db, a->id, hash, err));
	TRY(auth_session_delete_of(db, a->id, 0, err));
	return note(db, who, now_ms, "account.reset", a->id,
		str_printf(mem, "重置账号 %.*s 的口令，停用待安全管理员启用", STR_ARG(a->name)), err);
}

static enum err_code move_account(
	struct db *db, const struct actor *who, int64_t now_ms, const struct account *a, int64_t org_id, struct arena *mem, struct err *err)
{
	struct org org;

	if (who->account_id == a->id)
		return err_set(err, ERR_FORBIDDEN, "不能变更自己账号的单位");
	if (org_get(db, org_id, mem, &org, err) != ERR_OK)
		return err_set(err, ERR_INPUT, "所属单位（org_id）不存在");
	TRY(check_last_admin(db, a, mem, err));
	TRY(auth_account_move(db, a->id, org_id, err));
	TRY(auth_session_delete_of(db, a->id, 0, err));
	return note(db, who, now_ms, "account.move", a->id,
		str_printf(mem, "账号 %.*s 转到 %.*s，角色清空，停用待重新授权", STR_ARG(a->name), STR_ARG(org.name)), err);
}

static enum err_code change_by_sysadmin(struct db *db, const struct actor *who, int64_t now_ms, const struct account *a,
	const struct account_change *c, struct str hash, struct arena *mem, struct err *err)
{
	if (c->display_name.ptr) {
		if (str_trim(c->display_name).len == 0)
			return err_set(err, ERR_INPUT, "姓名不能为空");
		TRY(auth_account_display(db, a->id, str_trim(c->display_name), err));
		TRY(note(db, who, now_ms, "account.rename", a->id, str_printf(mem, "账号 %.*s 的姓名已改", STR_ARG(a->name)), err));
	}
	if (c->org_id && c->org_id != a->org_id)
		TRY(move_account(db, who, now_ms, a, c->org_id, mem, err));
	return hash.len > 0 ? reset_password(db, who, now_ms, a, hash, mem, err) : ERR_OK;
}

enum err_code auth_account_change(struct db *db, const struct actor *who, int64_t now_ms, int64_t id, const struct account_change *c,
	struct arena *mem, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	bool rights = c->has_roles || c->has_scope || c->has_enabled, data = c->display_name.ptr || c->password.ptr || c->org_id;
	char hash[PASSWORD_HASH_SIZE] = "";
	struct account_secret s;

	if (rights && !actor_has(who, ROLE_SECADMIN))
		return err_set(err, ERR_FORBIDDEN, "角色、数据范围和启用停用由安全管理员变更（三员分立）");
	if (data && !actor_has(who, ROLE_SYSADMIN))
		return err_set(err, ERR_FORBIDDEN, "姓名、单位和口令由系统管理员变更（三员分立）");
	TRY(need(db, id, mem, &s, err));
	if (c->password.ptr) {
		TRY(auth_password_check(c->password, s.a.name, err));
		TRY(password_hash(c->password, hash, err));
	}
	TRY(db_begin(db, &tx, err));
	TRY(need(db, id, mem, &s, err));
	if (data)
		TRY(change_by_sysadmin(db, who, now_ms, &s.a, c, str_of(hash), mem, err));
	if (rights)
		TRY(grant(db, who, now_ms, &s.a, c->has_roles ? c->roles : s.a.roles, c->has_scope ? c->scope_org_id : s.a.scope_org_id,
			c->has_enabled ? c->enabled : s.a.enabled, mem, err));
	return db_commit(&tx, err);
}

enum err_code auth_account_unlock(struct db *db, const struct actor *who, int64_t now_ms, int64_t id, struct arena *mem, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct account_secret s;

	TRY(db_begin(db, &tx, err));
	TRY(need(db, id, mem, &s, err));
	if (who->account_id == id)
		return err_set(err, ERR_FORBIDDEN, "不能给自己的账号解锁");
	TRY(auth_attempt_forget(db, s.a.name, err));
	TRY(note(db, who, now_ms, "account.unlock", id, str_printf(mem, "解除账号 %.*s 的登录锁定", STR_ARG(s.a.name)), err));
	return db_commit(&tx, err);
}

/* ---- seeds ---- */

enum err_code auth_account_put(
	struct db *db, struct id_source *ids, int64_t now_ms, const struct account_seed *seed, int64_t *ret_id, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(1 << 16);
	struct account_row row = { .display_name = seed->display_name,
		.org_id = seed->org_id,
		.password_hash = seed->password_hash,
		.roles = seed->roles,
		.enabled = seed->roles != 0,
		.must_change = seed->must_change,
		.demo = seed->demo,
		.created_ms = now_ms };
	struct account_secret s;
	bool found = false;

	if (!mem || !(row.name = auth_name_key(seed->name, mem)).ptr)
		return err_nomem(err);
	TRY(check_name(row.name, err));
	TRY(auth_secret_by_name(db, row.name, mem, &s, &found, err));
	row.id = found ? s.a.id : id_new(ids);
	TRY(found ? auth_account_seed(db, &row, mem, err) : auth_account_insert(db, &row, mem, err));
	if (ret_id)
		*ret_id = row.id;
	return ERR_OK;
}

/** The organisation that the first accounts belong to: any supervision body, or a new root government with one. */
static enum err_code first_body(struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, struct str bureau,
	struct arena *mem, int64_t *ret_id, struct err *err)
{
	struct org government = { .kind = ORG_GOVERNMENT,
		.level = ORG_COUNTY,
		.name = STR("本级人民政府"),
		.confirmed_on = DAY_NONE,
		.published_on = DAY_NONE,
		.cancelled_on = DAY_NONE };
	struct org body = { .kind = ORG_SUPERVISION_BODY,
		.level = ORG_COUNTY,
		.name = bureau,
		.confirmed_on = DAY_NONE,
		.published_on = DAY_NONE,
		.cancelled_on = DAY_NONE };
	struct org *bodies;
	size_t count;

	TRY(org_list(db, &(struct org_query){ .kind = ORG_SUPERVISION_BODY, .limit = 1 }, mem, &bodies, &count, err));
	if (count > 0) {
		*ret_id = bodies[0].id;
		return ERR_OK;
	}
	TRY(org_add(db, ids, who, now_ms, &government, mem, err));
	body.parent_id = government.id;
	TRY(org_add(db, ids, who, now_ms, &body, mem, err));
	*ret_id = body.id;
	return ERR_OK;
}

enum err_code auth_first_accounts(struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, struct str name,
	struct str bureau, struct arena *mem, struct first_account ret[static AUTH_FIRST_COUNT], bool *ret_made, struct err *err)
{
	static const struct {
		const char *suffix, *title;
		unsigned int role;
	} kinds[AUTH_FIRST_COUNT] = { { "", "系统管理员", ROLE_SYSADMIN }, { "-sec", "安全管理员", ROLE_SECADMIN },
		{ "-audit", "审计员", ROLE_AUDITOR } };
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	int64_t accounts, org_id, id;

	*ret_made = false;
	TRY(db_begin(db, &tx, err));
	TRY(auth_account_count(db, &accounts, err));
	if (accounts > 0)
		return db_commit(&tx, err);
	TRY(first_body(db, ids, who, now_ms, bureau, mem, &org_id, err));
	for (int i = 0; i < AUTH_FIRST_COUNT; i++) {
		char hash[PASSWORD_HASH_SIZE];

		ret[i].name = str_printf(mem, "%.*s%s", STR_ARG(name), kinds[i].suffix);
		ret[i].role = kinds[i].role;
		if (!ret[i].name.ptr)
			return err_nomem(err);
		random_hex(12, ret[i].password);
		TRY(password_hash(str_of(ret[i].password), hash, err));
		TRY(auth_account_put(db, ids, now_ms,
			&(struct account_seed){ .name = ret[i].name,
				.display_name = str_of(kinds[i].title),
				.password_hash = str_of(hash),
				.org_id = org_id,
				.roles = kinds[i].role,
				.must_change = true },
			&id, err));
		TRY(note(db, who, now_ms, "account.first", id, str_printf(mem, "建立首个%s账号 %.*s", kinds[i].title, STR_ARG(ret[i].name)),
			err));
	}
	TRY(db_commit(&tx, err));
	*ret_made = true;
	return ERR_OK;
}

enum err_code auth_actor(struct db *db, int64_t account_id, struct arena *mem, struct actor *ret, struct err *err)
{
	struct session_row row;
	bool found = false;

	TRY(must_find(auth_actor_by_account(db, account_id, mem, &row, &found, err), &found, err));
	*ret = row.who;
	return ERR_OK;
}
