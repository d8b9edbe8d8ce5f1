/* Decisions about the tree: where something stands, whether two names are the same, which body is responsible. */
#include "org/org.h"

#include <stdio.h>

#include "audit/audit.h"
#include "base/date.h"
#include "org/org_private.h"

#define DEPTH_MAX 16

struct naming {
	const char *slug, *title;
};
static const struct naming kinds[ORG_KIND_COUNT] = {
	{ "government", "人民政府" },
	{ "supervision_body", "行政执法监督机构" },
	{ "agency", "行政执法机关" },
	{ "dispatched_organ", "派出机关" },
	{ "authorised_org", "法律法规授权的组织" },
	{ "entrusted_org", "受委托组织" },
	{ "judicial_office", "司法所" },
};
static const struct naming levels[ORG_LEVEL_COUNT] = { { "province", "省级" }, { "city", "市级" }, { "county", "县级" },
	{ "township", "乡镇（街道）" } };
static const struct naming managements[ORG_MANAGEMENT_COUNT] = {
	{ "local", "属地管理" },
	{ "vertical", "垂直管理" },
	{ "dual_upper", "双重领导（以上级为主）" },
};
static const char *const contact_slugs[ORG_CONTACT_COUNT] = { "leader", "head", "liaison" };

static bool find_slug(const struct naming *rows, int count, struct str slug, int *ret)
{
	for (int i = 0; i < count; i++)
		if (str_eq(slug, str_of(rows[i].slug))) {
			*ret = i;
			return true;
		}
	return false;
}

const char *org_kind_slug(enum org_kind k)
{
	return kinds[k].slug;
}

const char *org_kind_title(enum org_kind k)
{
	return kinds[k].title;
}

const char *org_level_slug(enum org_level l)
{
	return levels[l].slug;
}

const char *org_level_title(enum org_level l)
{
	return levels[l].title;
}

const char *org_management_slug(enum org_management m)
{
	return managements[m].slug;
}

const char *org_management_title(enum org_management m)
{
	return managements[m].title;
}

const char *org_contact_slug(enum org_contact_role r)
{
	return contact_slugs[r];
}

bool org_kind_parse(struct str slug, enum org_kind *ret)
{
	int i;

	if (!find_slug(kinds, ORG_KIND_COUNT, slug, &i))
		return false;
	*ret = (enum org_kind)i;
	return true;
}

bool org_level_parse(struct str slug, enum org_level *ret)
{
	int i;

	if (!find_slug(levels, ORG_LEVEL_COUNT, slug, &i))
		return false;
	*ret = (enum org_level)i;
	return true;
}

bool org_management_parse(struct str slug, enum org_management *ret)
{
	int i;

	if (!find_slug(managements, ORG_MANAGEMENT_COUNT, slug, &i))
		return false;
	*ret = (enum org_management)i;
	return true;
}

struct str org_name_key(struct str name, struct arena *mem)
{
	char *out = ARENA_NEW(mem, char, name.len + 1);
	size_t len = 0;

	if (!out)
		return STR("");
	for (size_t at = 0; at < name.len;) {
		uint32_t c = utf8_next(name, &at);

		if (c == ' ' || c == 0x3000 || c == 0xA0 || c == '\t' || c == '\n' || c == '\r')
			continue;
		if (c >= 0xFF01 && c <= 0xFF5E)
			c -= 0xFEE0; /* full-width ASCII */
		if (c == 0x3014 || c == 0x3010)
			c = '[';
		if (c == 0x3015 || c == 0x3011)
			c = ']';
		if (c != 0xFFFD && len + 4 <= name.len + 1)
			len += utf8_put(c, out + len);
	}
	return (struct str){ .ptr = out, .len = len };
}

static enum err_code check_names(const struct org *o, struct err *err)
{
	if (str_trim(o->name).len == 0)
		return err_set(err, ERR_INPUT, "单位名称不能为空");
	if (o->name.len > 300 || o->short_name.len > 120)
		return err_set(err, ERR_INPUT, "单位名称超过 100 字或简称超过 40 字");
	return ERR_OK;
}

/** Sets the path below the parent. */
static enum err_code place(struct db *db, struct org *o, struct arena *mem, struct err *err)
{
	struct str parent = STR("/");

	if (o->parent_id)
		TRY(org_path(db, o->parent_id, mem, &parent, err));
	o->path = str_printf(mem, "%.*s%lld/", STR_ARG(parent), (long long)o->id);
	return o->path.ptr ? ERR_OK : err_nomem(err);
}

static enum err_code note(
	struct db *db, const struct actor *who, int64_t now_ms, const char *action, int64_t id, struct str summary, struct err *err)
{
	return audit_add(db, who, now_ms,
		&(struct audit_entry){ .action = str_of(action), .subject = STR("org"), .subject_id = id, .summary = summary }, err);
}

enum err_code org_add(
	struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, struct org *o, struct arena *mem, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;

	TRY(check_names(o, err));
	TRY(db_begin(db, &tx, err));
	o->id = id_new(ids);
	o->created_ms = now_ms;
	TRY(place(db, o, mem, err));
	if (org_insert(db, o, mem, err) != ERR_OK)
		return err->code == ERR_UNIQUE ? err_set(err, ERR_UNIQUE, "代码 %.*s 已被另一个单位使用", STR_ARG(o->code)) : err->code;
	TRY(note(db, who, now_ms, "org.add", o->id, str_printf(mem, "登记单位：%.*s", STR_ARG(o->name)), err));
	return db_commit(&tx, err);
}

enum err_code org_update(struct db *db, const struct actor *who, int64_t now_ms, const struct org *o, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(1 << 20);
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct org old;

	if (!mem)
		return err_nomem(err);
	TRY(check_names(o, err));
	TRY(db_begin(db, &tx, err));
	TRY(org_get(db, o->id, mem, &old, err));
	TRY(org_change(db, o, mem, err));
	TRY(note(db, who, now_ms, "org.update", o->id, str_printf(mem, "修改单位：%.*s", STR_ARG(o->name)), err));
	return db_commit(&tx, err);
}

enum err_code org_get_in_scope(struct db *db, const struct actor *who, int64_t id, struct arena *mem, struct org *ret, struct err *err)
{
	TRY(org_get(db, id, mem, ret, err));
	if (!actor_sees(who, ret->path))
		return err_set(err, ERR_NOT_FOUND, "没有这个单位");
	return ERR_OK;
}

enum err_code org_path(struct db *db, int64_t id, struct arena *mem, struct str *ret, struct err *err)
{
	struct org o;

	TRY(org_get(db, id, mem, &o, err));
	*ret = o.path;
	return ERR_OK;
}

enum err_code org_find(struct db *db, struct str code, struct str name, int64_t *ret_id, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = NULL;
	struct str key;

	*ret_id = 0;
	if (code.len > 0) {
		TRY(org_id_by_code(db, code, ret_id, err));
		if (*ret_id)
			return ERR_OK;
	}
	if (name.len == 0)
		return ERR_OK;
	mem = arena_open(1 << 16);
	if (!mem)
		return err_nomem(err);
	key = org_name_key(name, mem);
	return key.len ? org_id_by_name(db, key, false, ret_id, err) : ERR_OK;
}

enum err_code org_government_of(struct db *db, int64_t id, struct arena *mem, struct org *ret, struct err *err)
{
	struct org o;

	for (int depth = 0; id && depth < DEPTH_MAX; depth++) {
		TRY(org_get(db, id, mem, &o, err));
		if (o.kind == ORG_GOVERNMENT) {
			*ret = o;
			return ERR_OK;
		}
		id = o.parent_id;
	}
	return err_set(err, ERR_NOT_FOUND, "该单位之上没有登记本级人民政府");
}

enum err_code org_body_of(struct db *db, int64_t id, struct arena *mem, struct org *ret, struct err *err)
{
	struct org government;
	bool found = false;

	for (int depth = 0; id && depth < DEPTH_MAX; depth++) {
		TRY(org_government_of(db, id, mem, &government, err));
		TRY(org_child_of_kind(db, government.id, ORG_SUPERVISION_BODY, mem, ret, &found, err));
		if (found)
			return ERR_OK;
		id = government.parent_id;
	}
	return err_set(err, ERR_NOT_FOUND, "没有登记负责该单位的行政执法监督机构〔依据：条例第6条〕");
}

/** What is stored with what the record says: an empty new value keeps the old one. */
static struct org merged(const struct org *old, const struct org_agency *a)
{
	struct org o = *old;

	o.name = a->name.len ? a->name : old->name;
	o.short_name = a->short_name.len ? a->short_name : old->short_name;
	o.superior_name = a->superior_name.len ? a->superior_name : old->superior_name;
	o.proxy_char = a->proxy_char.len ? a->proxy_char : old->proxy_char;
	o.management = a->management;
	o.confirmed_on = a->confirmed_on == DAY_NONE ? old->confirmed_on : a->confirmed_on;
	o.published_on = a->published_on == DAY_NONE ? old->published_on : a->published_on;
	o.cancelled_on = a->cancelled_on;
	return o;
}

enum err_code org_agency_put(struct db *db, struct id_source *ids, int64_t now_ms, const struct org_agency *a, struct arena *mem,
	int64_t *ret_id, struct err *err)
{
	struct org o = { .code = a->code,
		.name = a->name,
		.short_name = a->short_name,
		.kind = a->kind,
		.level = a->level,
		.region = a->region,
		.management = a->management,
		.superior_name = a->superior_name,
		.proxy_char = a->proxy_char,
		.confirmed_on = a->confirmed_on,
		.published_on = a->published_on,
		.cancelled_on = a->cancelled_on,
		.created_ms = now_ms };

	TRY(check_names(&o, err));
	if (a->code.len)
		TRY(org_id_by_code(db, a->code, &o.id, err));
	else
		TRY(org_id_by_name(db, org_name_key(a->name, mem), true, &o.id, err));
	*ret_id = o.id;
	if (o.id) {
		struct org old;

		TRY(org_get(db, o.id, mem, &old, err));
		o = merged(&old, a);
		return org_change(db, &o, mem, err);
	}
	o.id = *ret_id = id_new(ids);
	TRY(org_government_of_region(db, a->region, &o.parent_id, err));
	TRY(place(db, &o, mem, err));
	return org_insert(db, &o, mem, err);
}

enum err_code org_contact_set(
	struct db *db, const struct actor *who, int64_t now_ms, int64_t org_id, const struct org_contact *contact, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(1 << 16);
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct org o;

	if (!mem)
		return err_nomem(err);
	if (str_trim(contact->name).len == 0)
		return err_set(err, ERR_INPUT, "联系人姓名不能为空");
	TRY(db_begin(db, &tx, err));
	TRY(org_get(db, org_id, mem, &o, err));
	TRY(org_contact_put(db, org_id, contact, err));
	TRY(note(db, who, now_ms, "org.contact", org_id,
		str_printf(mem, "登记联系人（%s）：%.*s", org_contact_slug(contact->role), STR_ARG(o.name)), err));
	return db_commit(&tx, err);
}

void org_json(const struct org *o, struct json *j)
{
	json_obj(j);
	json_kid(j, "id", o->id);
	json_kid(j, "parent_id", o->parent_id);
	json_kstr(j, "code", o->code);
	json_kstr(j, "name", o->name);
	json_kstr(j, "short_name", o->short_name);
	json_kputs(j, "kind", org_kind_slug(o->kind));
	json_kputs(j, "kind_title", org_kind_title(o->kind));
	json_kputs(j, "level", org_level_slug(o->level));
	json_kputs(j, "level_title", org_level_title(o->level));
	json_kputs(j, "management", org_management_slug(o->management));
	json_kputs(j, "management_title", org_management_title(o->management));
	json_kstr(j, "superior_name", o->superior_name);
	json_kstr(j, "proxy_char", o->proxy_char);
	json_kstr(j, "region", o->region);
	json_kday(j, "confirmed_on", o->confirmed_on);
	json_kday(j, "published_on", o->published_on);
	json_kday(j, "cancelled_on", o->cancelled_on);
	json_obj_end(j);
}
