/* What the workbench's files share. */
#ifndef XZ_WORKBENCH_WORKBENCH_PRIVATE_H
#define XZ_WORKBENCH_WORKBENCH_PRIVATE_H

#include "workbench/workbench.h"

/** Where the pack of revisions places a rule: the built-in file's path when there is one, else rules/bureau/<id>.yaml. Memory: mem. */
struct str revision_path(const struct rule_pack *pack, struct str rule_id, struct arena *mem);

enum err_code revision_change_no(struct db *db, int64_t *ret, struct err *err);
enum err_code revision_change_bump(struct db *db, struct err *err);
/** Rule ids and texts of the active revisions, by rule id. */
enum err_code revision_active_texts(struct db *db, struct arena *mem, struct revision **ret, size_t *ret_count, struct err *err);
enum err_code revision_insert(struct db *db, int64_t now_ms, const struct revision *r, struct err *err);
enum err_code revision_update(struct db *db, int64_t now_ms, const struct revision *r, struct err *err);
/** ERR_STATE when it is not in state `from` any more. */
enum err_code revision_move(
	struct db *db, int64_t id, enum revision_state from, enum revision_state to, struct str trial, int64_t now_ms, struct err *err);
enum err_code revision_decided(struct db *db, int64_t id, enum revision_state from, enum revision_state to, struct str reason,
	const struct actor *who, int64_t now_ms, struct err *err);
enum err_code revision_retire_others(struct db *db, struct str rule_id, int64_t id, int64_t now_ms, struct err *err);

#endif
