/* What org.c, org_store.c and org_api.c share. */
#ifndef XZ_ORG_ORG_PRIVATE_H
#define XZ_ORG_ORG_PRIVATE_H

#include "org/org.h"

/** The form in which names are compared: no white space, full-width Latin and brackets as half-width. Memory: the arena. */
struct str org_name_key(struct str name, struct arena *mem);

enum err_code org_insert(struct db *db, const struct org *o, struct arena *mem, struct err *err);
enum err_code org_change(struct db *db, const struct org *o, struct arena *mem, struct err *err);
/** *ret_id 0 when there is none. */
enum err_code org_id_by_code(struct db *db, struct str code, int64_t *ret_id, struct err *err);
/** *ret_id 0 when there is none or the name is not unique. */
enum err_code org_id_by_name(struct db *db, struct str key, bool exact, int64_t *ret_id, struct err *err);
enum err_code org_child_of_kind(
	struct db *db, int64_t parent_id, enum org_kind kind, struct arena *mem, struct org *ret, bool *ret_found, struct err *err);
enum err_code org_government_of_region(struct db *db, struct str region, int64_t *ret_id, struct err *err);
enum err_code org_contact_put(struct db *db, int64_t org_id, const struct org_contact *contact, struct err *err);

#endif
