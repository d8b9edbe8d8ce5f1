/* The tree of governments, supervision bodies, agencies and township offices, on which every data scope hangs. `path` is
 * "/id/id/…/" from the root to the organisation itself, so a subtree is a prefix.
 *
 * Shape: city government → {its supervision body, its agencies, county governments → {…, township governments → judicial office}}.
 * Law: 条例 2 (whom supervision reaches), 6 (who supervises; the township office assists), 42(2) (vertical and dual management). */
#ifndef XZ_ORG_ORG_H
#define XZ_ORG_ORG_H

#include "actor/actor.h"
#include "base/id.h"
#include "db/db.h"
#include "http/http.h"

enum org_kind {
	ORG_GOVERNMENT,
	ORG_SUPERVISION_BODY,
	ORG_AGENCY,
	ORG_DISPATCHED_ORGAN,
	ORG_AUTHORISED_ORG,
	ORG_ENTRUSTED_ORG,
	ORG_JUDICIAL_OFFICE,
	ORG_KIND_COUNT
};
enum org_level { ORG_PROVINCE, ORG_CITY, ORG_COUNTY, ORG_TOWNSHIP, ORG_LEVEL_COUNT };
enum org_management { ORG_LOCAL, ORG_VERTICAL, ORG_DUAL_UPPER, ORG_MANAGEMENT_COUNT };

/** "supervision_body" and 行政执法监督机构. */
const char *org_kind_slug(enum org_kind k);
const char *org_kind_title(enum org_kind k);
/** "county" and 县级. */
const char *org_level_slug(enum org_level l);
const char *org_level_title(enum org_level l);
/** "dual_upper" and 双重领导（以上级为主）. */
const char *org_management_slug(enum org_management m);
const char *org_management_title(enum org_management m);
/** Back from slugs; false when unknown. */
bool org_kind_parse(struct str slug, enum org_kind *ret);
bool org_level_parse(struct str slug, enum org_level *ret);
bool org_management_parse(struct str slug, enum org_management *ret);

struct org {
	int64_t id, parent_id;
	struct str code; /* unified social credit code or another unique code; empty when none is known */
	struct str name, short_name;
	enum org_kind kind;
	enum org_level level;
	struct str path;
	struct str region; /* division code, 6 to 12 digits */
	enum org_management management;
	struct str superior_name;                         /* competent superior department of vertical and dual agencies (42(2)) */
	struct str proxy_char;                            /* 机关代字 of document numbers */
	int32_t confirmed_on, published_on, cancelled_on; /* DAY_NONE: unknown */
	int64_t created_ms;
};

/** True for what can be supervised: agencies, dispatched organs, authorised and entrusted organisations. */
static inline bool org_is_agency(enum org_kind k)
{
	return k == ORG_AGENCY || k == ORG_DISPATCHED_ORGAN || k == ORG_AUTHORISED_ORG || k == ORG_ENTRUSTED_ORG;
}

/** Adds below o->parent_id (0: a root); sets o->id and o->path. Audited. ERR_UNIQUE when the code is taken, ERR_INPUT without a name. */
enum err_code org_add(
	struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, struct org *o, struct arena *mem, struct err *err);
/** Changes names, dates, management, superior, proxy of o->id; code, kind, level and place stay. Audited. */
enum err_code org_update(struct db *db, const struct actor *who, int64_t now_ms, const struct org *o, struct err *err);
/** ERR_NOT_FOUND. Memory: the arena. */
enum err_code org_get(struct db *db, int64_t id, struct arena *mem, struct org *ret, struct err *err);
/** As org_get, but ERR_NOT_FOUND also when it lies outside the actor's scope. */
enum err_code org_get_in_scope(struct db *db, const struct actor *who, int64_t id, struct arena *mem, struct org *ret, struct err *err);
/** By code when there is one, else by name or short name (white space and full width normalised); *ret_id 0 when none or several match. */
enum err_code org_find(struct db *db, struct str code, struct str name, int64_t *ret_id, struct err *err);
/** The path of an organisation, ERR_NOT_FOUND. */
enum err_code org_path(struct db *db, int64_t id, struct arena *mem, struct str *ret, struct err *err);

struct org_query {
	struct str scope_path; /* subtree; empty = all */
	int64_t parent_id;     /* 0 = any */
	int kind;              /* -1 = any, ORG_KIND_COUNT = any that is supervised */
	struct str q;          /* part of the name, or a code */
	int64_t after_id;      /* paging key: pages are in id order */
	int limit;             /* 1…2000 */
};
/** Organisations in id order (parents before children). */
enum err_code org_list(struct db *db, const struct org_query *q, struct arena *mem, struct org **ret, size_t *ret_count, struct err *err);

/** The nearest government at or above an organisation. ERR_NOT_FOUND when there is none. */
enum err_code org_government_of(struct db *db, int64_t id, struct arena *mem, struct org *ret, struct err *err);
/** The supervision body of the nearest government at or above that has one. ERR_NOT_FOUND. */
enum err_code org_body_of(struct db *db, int64_t id, struct arena *mem, struct org *ret, struct err *err);

/** What an imported agency record says of its place in the tree. */
struct org_agency {
	struct str code, name, short_name, region, superior_name, proxy_char;
	enum org_kind kind;
	enum org_level level;
	enum org_management management;
	int32_t confirmed_on, published_on, cancelled_on;
};
/**
 * Finds the agency by code (or, without one, by exact name) and updates it, or adds it under the government of its region: the government
 * with the longest region that is a prefix of the agency's, a root when there is none. Runs inside the caller's transaction and writes no
 * audit entry of its own: the import that calls it has one. *ret_id gets the organisation.
 */
enum err_code org_agency_put(struct db *db, struct id_source *ids, int64_t now_ms, const struct org_agency *a, struct arena *mem,
	int64_t *ret_id, struct err *err);

/** The three named persons of an organisation (分管领导、责任机构负责人、联络员). */
enum org_contact_role { ORG_CONTACT_LEADER, ORG_CONTACT_HEAD, ORG_CONTACT_LIAISON, ORG_CONTACT_COUNT };
struct org_contact {
	enum org_contact_role role;
	struct str name, phone;
};
/** Slug: "leader", "head", "liaison". */
const char *org_contact_slug(enum org_contact_role r);
/** Sets or replaces one contact; audited (without the telephone). */
enum err_code org_contact_set(
	struct db *db, const struct actor *who, int64_t now_ms, int64_t org_id, const struct org_contact *contact, struct err *err);
enum err_code org_contacts(struct db *db, int64_t org_id, struct arena *mem, struct org_contact ret[static ORG_CONTACT_COUNT],
	size_t *ret_count, struct err *err);

/** {id, code, name, short_name, kind, kind_title, level, management, region, parent_id, …} as the API has it. */
void org_json(const struct org *o, struct json *j);

/** GET /api/orgs, /api/orgs/tree, /api/orgs/{id}, PUT /api/orgs/{id}, PUT /api/orgs/{id}/contacts. */
extern const struct route_table org_routes;

#endif
