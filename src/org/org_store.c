/* Runs the queries of org.sql. */
#include "org/org_private.h"

#include <stdlib.h>

#include "base/date.h"
#include "base/vec.h"
#include "org_sql.h"

static struct str or_empty(struct str s)
{
	return s.ptr ? s : STR("");
}

static struct org read_row(struct db_stmt *q, struct arena *mem)
{
	struct org o = { .id = db_i64(q, 0),
		.parent_id = db_i64(q, 1),
		.code = db_str_dup(q, 2, mem),
		.name = db_str_dup(q, 3, mem),
		.short_name = db_str_dup(q, 4, mem),
		.path = db_str_dup(q, 7, mem),
		.region = db_str_dup(q, 8, mem),
		.superior_name = db_str_dup(q, 10, mem),
		.proxy_char = db_str_dup(q, 11, mem),
		.confirmed_on = db_day(q, 12),
		.published_on = db_day(q, 13),
		.cancelled_on = db_day(q, 14),
		.created_ms = db_i64(q, 15) };

	org_kind_parse(db_str(q, 5), &o.kind);
	org_level_parse(db_str(q, 6), &o.level);
	org_management_parse(db_str(q, 9), &o.management);
	return o;
}

enum err_code org_insert(struct db *db, const struct org *o, struct arena *mem, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_ORG_INSERT, &q, err));
	db_bind_i64(q, 1, o->id);
	db_bind_id(q, 2, o->parent_id);
	db_bind_str(q, 3, o->code.len ? o->code : (struct str){ 0 });
	db_bind_str(q, 4, o->name);
	db_bind_str(q, 5, or_empty(o->short_name));
	db_bind_str(q, 6, org_name_key(o->name, mem));
	db_bind_str(q, 7, org_name_key(or_empty(o->short_name), mem));
	db_bind_str(q, 8, str_of(org_kind_slug(o->kind)));
	db_bind_str(q, 9, str_of(org_level_slug(o->level)));
	db_bind_str(q, 10, o->path);
	db_bind_str(q, 11, or_empty(o->region));
	db_bind_str(q, 12, str_of(org_management_slug(o->management)));
	db_bind_str(q, 13, or_empty(o->superior_name));
	db_bind_str(q, 14, or_empty(o->proxy_char));
	db_bind_day(q, 15, o->confirmed_on);
	db_bind_day(q, 16, o->published_on);
	db_bind_day(q, 17, o->cancelled_on);
	db_bind_i64(q, 18, o->created_ms);
	return db_run(q, NULL, err);
}

enum err_code org_change(struct db *db, const struct org *o, struct arena *mem, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_ORG_CHANGE, &q, err));
	db_bind_i64(q, 1, o->id);
	db_bind_str(q, 2, o->name);
	db_bind_str(q, 3, or_empty(o->short_name));
	db_bind_str(q, 4, org_name_key(o->name, mem));
	db_bind_str(q, 5, org_name_key(or_empty(o->short_name), mem));
	db_bind_str(q, 6, str_of(org_management_slug(o->management)));
	db_bind_str(q, 7, or_empty(o->superior_name));
	db_bind_str(q, 8, or_empty(o->proxy_char));
	db_bind_day(q, 9, o->confirmed_on);
	db_bind_day(q, 10, o->published_on);
	db_bind_day(q, 11, o->cancelled_on);
	return db_run(q, NULL, err);
}

enum err_code org_get(struct db *db, int64_t id, struct arena *mem, struct org *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_ORG_BY_ID, &q, err));
	db_bind_i64(q, 1, id);
	TRY(db_step(q, &row, err));
	if (!row)
		return err_set(err, ERR_NOT_FOUND, "没有这个单位");
	*ret = read_row(q, mem);
	return ERR_OK;
}

enum err_code org_id_by_code(struct db *db, struct str code, int64_t *ret_id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_ORG_BY_CODE, &q, err));
	db_bind_str(q, 1, code);
	TRY(db_step(q, &row, err));
	*ret_id = row ? db_i64(q, 0) : 0;
	return ERR_OK;
}

enum err_code org_id_by_name(struct db *db, struct str key, bool exact, int64_t *ret_id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	*ret_id = 0;
	TRY(db_prepare(db, exact ? &SQL_ORG_BY_EXACT_NAME : &SQL_ORG_BY_NAME, &q, err));
	db_bind_str(q, 1, key);
	TRY(db_step(q, &row, err));
	if (!row)
		return ERR_OK;
	*ret_id = db_i64(q, 0);
	TRY(db_step(q, &row, err));
	if (row)
		*ret_id = 0; /* two organisations of that name: a person has to say which */
	return ERR_OK;
}

enum err_code org_list(
	struct db *db, const struct org_query *query, struct arena *mem, struct org **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	VEC(struct org) found = { 0 };
	struct str key = org_name_key(or_empty(query->q), mem);
	struct org *copy = NULL;
	enum err_code code;
	bool row = true;

	TRY(db_prepare(db, &SQL_ORG_PAGE, &q, err));
	db_bind_i64(q, 1, query->after_id);
	db_bind_str(q, 2, or_empty(query->scope_path));
	db_bind_prefix_end(q, 3, query->scope_path);
	db_bind_i64(q, 4, query->parent_id);
	db_bind_str(q, 5,
		query->kind < 0                 ? STR("")
		: query->kind == ORG_KIND_COUNT ? STR("supervised")
						: str_of(org_kind_slug((enum org_kind)query->kind)));
	db_bind_str(q, 6, key);
	db_bind_like(q, 7, key);
	db_bind_i64(q, 8, query->limit);
	while ((code = db_step(q, &row, err)) == ERR_OK && row)
		if (!vec_push(&found, read_row(q, mem))) {
			code = err_nomem(err);
			break;
		}
	if (code == ERR_OK && !(copy = ARENA_NEW(mem, struct org, found.len + 1)))
		code = err_nomem(err);
	if (code == ERR_OK) {
		if (found.len > 0)
			memcpy(copy, found.v, found.len * sizeof(*copy));
		*ret = copy;
		*ret_count = found.len;
	}
	vec_clear(&found);
	return code;
}

enum err_code org_child_of_kind(
	struct db *db, int64_t parent_id, enum org_kind kind, struct arena *mem, struct org *ret, bool *ret_found, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_ORG_CHILD_OF_KIND, &q, err));
	db_bind_i64(q, 1, parent_id);
	db_bind_str(q, 2, str_of(org_kind_slug(kind)));
	TRY(db_step(q, ret_found, err));
	if (*ret_found)
		*ret = read_row(q, mem);
	return ERR_OK;
}

enum err_code org_government_of_region(struct db *db, struct str region, int64_t *ret_id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_ORG_GOVERNMENT_OF_REGION, &q, err));
	db_bind_str(q, 1, or_empty(region));
	TRY(db_step(q, &row, err));
	*ret_id = row ? db_i64(q, 0) : 0;
	return ERR_OK;
}

enum err_code org_contact_put(struct db *db, int64_t org_id, const struct org_contact *contact, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_ORG_CONTACT_PUT, &q, err));
	db_bind_i64(q, 1, org_id);
	db_bind_str(q, 2, str_of(org_contact_slug(contact->role)));
	db_bind_str(q, 3, or_empty(contact->name));
	db_bind_str(q, 4, or_empty(contact->phone));
	return db_run(q, NULL, err);
}

enum err_code org_contacts(struct db *db, int64_t org_id, struct arena *mem, struct org_contact ret[static ORG_CONTACT_COUNT],
	size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	size_t count = 0;
	bool row;

	TRY(db_prepare(db, &SQL_ORG_CONTACT_LIST, &q, err));
	db_bind_i64(q, 1, org_id);
	TRY(db_step(q, &row, err));
	while (row && count < ORG_CONTACT_COUNT) {
		int role = 0;

		while (role < ORG_CONTACT_LIAISON && !str_eq(db_str(q, 0), str_of(org_contact_slug((enum org_contact_role)role))))
			role++;
		ret[count++] = (struct org_contact){
			.role = (enum org_contact_role)role, .name = db_str_dup(q, 1, mem), .phone = db_str_dup(q, 2, mem)
		};
		TRY(db_step(q, &row, err));
	}
	*ret_count = count;
	return ERR_OK;
}
