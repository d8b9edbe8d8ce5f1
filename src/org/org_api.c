/* Routes of the organisation tree. Everybody who is signed in may look organisations up by name (an agency has to address others); what is
 * inside the scope can be changed by the supervision body's leader. Telephones are shown to the supervision body only. */
#include <stdio.h>

#include "base/date.h"
#include "org/org.h"

#define TREE_MAX 2000

struct list_query {
	struct str kind, q, after;
	int64_t parent, limit;
};
static const struct field list_fields[] = {
	F_STR(struct list_query, kind,
		.one_of = "government|supervision_body|agency|dispatched_organ|authorised_org|entrusted_org|judicial_office|supervised",
		.label = "单位类型"),
	F_STR(struct list_query, q, .max = 100, .label = "名称或代码"),
	F_STR(struct list_query, after, .max = 24, .label = "上一页末尾"),
	F_ID(struct list_query, parent, .label = "上级单位"),
	F_I64(struct list_query, limit, .min = 1, .max = 500, .label = "条数"),
	{ 0 },
};

static int kind_number(struct str slug)
{
	enum org_kind kind;

	if (str_eq(slug, STR("supervised")))
		return ORG_KIND_COUNT;
	return org_kind_parse(slug, &kind) ? (int)kind : -1;
}

static enum err_code orgs_get(struct request *req, struct response *res, struct err *err)
{
	const struct list_query *in = req->query;
	struct org_query query = { .scope_path = req->who.scope_path,
		.parent_id = in->parent,
		.kind = kind_number(in->kind),
		.q = in->q,
		.limit = in->limit > 0 ? (int)in->limit : 50 };
	struct org *orgs;
	size_t count;

	if (in->after.len && !str_to_i64(in->after, &query.after_id))
		return err_set(err, ERR_INPUT, "after 不是上一页给出的值");
	TRY(org_list(req->db, &query, req->mem, &orgs, &count, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < count; i++)
		org_json(&orgs[i], res->json);
	json_arr_end(res->json);
	json_key(res->json, "next");
	json_id(res->json, count == (size_t)query.limit ? orgs[count - 1].id : 0);
	json_obj_end(res->json);
	return ERR_OK;
}

/** Governments, bodies and offices in scope with the number of agencies below each: small enough for one answer. */
static enum err_code tree_get(struct request *req, struct response *res, struct err *err)
{
	struct org_query query = { .scope_path = req->who.scope_path, .kind = -1, .limit = TREE_MAX };
	struct org *orgs;
	size_t count;

	TRY(org_list(req->db, &query, req->mem, &orgs, &count, err));
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < count; i++) {
		json_obj(res->json);
		json_kid(res->json, "id", orgs[i].id);
		json_kid(res->json, "parent_id", orgs[i].parent_id);
		json_kstr(res->json, "name", orgs[i].name);
		json_kputs(res->json, "kind", org_kind_slug(orgs[i].kind));
		json_kputs(res->json, "level", org_level_slug(orgs[i].level));
		json_obj_end(res->json);
	}
	json_arr_end(res->json);
	json_kbool(res->json, "complete", count < TREE_MAX);
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code put_org(struct request *req, struct response *res, int64_t id, struct err *err)
{
	struct org_contact contacts[ORG_CONTACT_COUNT];
	bool phones = actor_has(&req->who, ROLE_BODY);
	size_t count;
	struct org o;

	TRY(org_get_in_scope(req->db, &req->who, id, req->mem, &o, err));
	TRY(org_contacts(req->db, id, req->mem, contacts, &count, err));
	json_obj(res->json);
	json_key(res->json, "org");
	org_json(&o, res->json);
	json_key(res->json, "contacts");
	json_arr(res->json);
	for (size_t i = 0; i < count; i++) {
		json_obj(res->json);
		json_kputs(res->json, "role", org_contact_slug(contacts[i].role));
		json_kstr(res->json, "name", contacts[i].name);
		json_kstr(res->json, "phone", phones ? contacts[i].phone : (struct str){ 0 });
		json_obj_end(res->json);
	}
	json_arr_end(res->json);
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code org_get_route(struct request *req, struct response *res, struct err *err)
{
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	return put_org(req, res, id, err);
}

struct org_body {
	struct str name, short_name, superior_name, proxy_char, management;
	int32_t confirmed_on, published_on, cancelled_on;
};
static const struct field org_fields[] = {
	F_STR(struct org_body, name, .required = true, .min = 1, .max = 100, .label = "单位名称"),
	F_STR(struct org_body, short_name, .max = 40, .label = "简称"),
	F_STR(struct org_body, superior_name, .max = 100, .label = "上一级主管部门"),
	F_STR(struct org_body, proxy_char, .max = 20, .label = "机关代字"),
	F_STR(struct org_body, management, .one_of = "local|vertical|dual_upper", .label = "管理体制"),
	F_DAY(struct org_body, confirmed_on, .label = "主体资格确认日期"),
	F_DAY(struct org_body, published_on, .label = "主体资格公告日期"),
	F_DAY(struct org_body, cancelled_on, .label = "撤销日期"),
	{ 0 },
};

static enum err_code org_put_route(struct request *req, struct response *res, struct err *err)
{
	const struct org_body *in = req->body;
	struct org o;
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(org_get_in_scope(req->db, &req->who, id, req->mem, &o, err));
	o.name = in->name;
	o.short_name = in->short_name;
	o.superior_name = in->superior_name;
	o.proxy_char = in->proxy_char;
	o.confirmed_on = in->confirmed_on;
	o.published_on = in->published_on;
	o.cancelled_on = in->cancelled_on;
	if (in->management.len)
		org_management_parse(in->management, &o.management);
	TRY(org_update(req->db, &req->who, req->now_ms, &o, err));
	return put_org(req, res, id, err);
}

struct contact_body {
	struct str role, name, phone;
};
static const struct field contact_fields[] = {
	F_STR(struct contact_body, role, .required = true, .one_of = "leader|head|liaison", .label = "联系人类别"),
	F_STR(struct contact_body, name, .required = true, .min = 1, .max = 50, .label = "姓名"),
	F_STR(struct contact_body, phone, .max = 50, .label = "电话"),
	{ 0 },
};

static enum err_code contact_put_route(struct request *req, struct response *res, struct err *err)
{
	const struct contact_body *in = req->body;
	struct org_contact contact = { .name = in->name, .phone = in->phone };
	struct org o;
	int64_t id;

	TRY(request_id(req, "id", &id, err));
	TRY(org_get_in_scope(req->db, &req->who, id, req->mem, &o, err));
	for (int r = 0; r < ORG_CONTACT_COUNT; r++)
		if (str_eq(in->role, str_of(org_contact_slug((enum org_contact_role)r))))
			contact.role = (enum org_contact_role)r;
	TRY(org_contact_set(req->db, &req->who, req->now_ms, id, &contact, err));
	return put_org(req, res, id, err);
}

#define ROLE_LOOKS (ROLE_SIGNED_IN & ~(unsigned int)ROLE_AUDITOR)

static const struct route rows[] = {
	{ HTTP_GET, "/api/orgs", orgs_get, .roles = ROLE_LOOKS, .scope = SCOPE_ORG, ROUTE_QUERY(struct list_query, list_fields),
		.summary = "单位列表" },
	{ HTTP_GET, "/api/orgs/tree", tree_get, .roles = ROLE_LOOKS, .scope = SCOPE_ORG, .summary = "单位树" },
	{ HTTP_GET, "/api/orgs/{id}", org_get_route, .roles = ROLE_LOOKS, .scope = SCOPE_ORG, .summary = "一个单位" },
	{ HTTP_PUT, "/api/orgs/{id}", org_put_route, .roles = ROLE_LEADER, .scope = SCOPE_ORG, ROUTE_BODY(struct org_body, org_fields),
		.summary = "修改单位" },
	{ HTTP_PUT, "/api/orgs/{id}/contacts", contact_put_route, .roles = ROLE_SUPERVISOR | ROLE_LEADER, .scope = SCOPE_ORG,
		ROUTE_BODY(struct contact_body, contact_fields), .summary = "登记联系人" },
};
const struct route_table org_routes = { .rows = rows, .count = sizeof(rows) / sizeof(rows[0]), .tag = "org" };
