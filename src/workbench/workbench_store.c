/* The queries of revisions. */
#include <stdlib.h>

#include "base/vec.h"
#include "workbench/workbench_private.h"
#include "workbench_sql.h"

enum err_code revision_change_no(struct db *db, int64_t *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool found;

	TRY(db_prepare(db, &SQL_REVISION_CHANGE_GET, &q, err));
	TRY(db_step(q, &found, err));
	*ret = found ? db_i64(q, 0) : 0;
	return ERR_OK;
}

enum err_code revision_change_bump(struct db *db, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_REVISION_CHANGE_BUMP, &q, err));
	return db_run(q, NULL, err);
}

static void read_head(struct db_stmt *q, struct arena *mem, struct revision *ret)
{
	*ret = (struct revision){ .id = db_i64(q, 0),
		.rule_id = db_str_dup(q, 1, mem),
		.title = db_str_dup(q, 2, mem),
		.version = db_i64(q, 3),
		.state = revision_state_parse(db_str(q, 4)),
		.note = db_str_dup(q, 5, mem),
		.reason = db_str_dup(q, 6, mem),
		.author_id = db_i64(q, 7),
		.author_name = db_str_dup(q, 8, mem),
		.decider_id = db_i64(q, 9),
		.decider_name = db_str_dup(q, 10, mem),
		.created_ms = db_i64(q, 11),
		.updated_ms = db_i64(q, 12),
		.decided_ms = db_i64(q, 13) };
}

enum err_code revision_active_texts(struct db *db, struct arena *mem, struct revision **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	VEC(struct revision) rows = { 0 };
	bool found;

	TRY(db_prepare(db, &SQL_REVISION_ACTIVE_TEXTS, &q, err));
	TRY(db_step(q, &found, err));
	while (found) {
		if (!vec_push(&rows, ((struct revision){ .rule_id = db_str_dup(q, 0, mem), .text = db_str_dup(q, 1, mem) }))) {
			vec_clear(&rows);
			return err_nomem(err);
		}
		TRY(db_step(q, &found, err));
	}
	*ret = ARENA_NEW(mem, struct revision, rows.len + 1);
	*ret_count = rows.len;
	if (*ret && rows.len)
		memcpy(*ret, rows.v, rows.len * sizeof(*rows.v));
	vec_clear(&rows);
	return *ret ? ERR_OK : err_nomem(err);
}

enum err_code revision_insert(struct db *db, int64_t now_ms, const struct revision *r, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_REVISION_INSERT, &q, err));
	db_bind_i64(q, 1, r->id);
	db_bind_str(q, 2, r->rule_id);
	db_bind_str(q, 3, r->title);
	db_bind_i64(q, 4, r->version);
	db_bind_str(q, 5, r->text);
	db_bind_str(q, 6, r->note);
	db_bind_i64(q, 7, r->author_id);
	db_bind_str(q, 8, r->author_name);
	db_bind_i64(q, 9, now_ms);
	return db_run(q, NULL, err);
}

enum err_code revision_update(struct db *db, int64_t now_ms, const struct revision *r, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_REVISION_UPDATE, &q, err));
	db_bind_i64(q, 1, r->id);
	db_bind_str(q, 2, r->rule_id);
	db_bind_str(q, 3, r->title);
	db_bind_i64(q, 4, r->version);
	db_bind_str(q, 5, r->text);
	db_bind_str(q, 6, r->note);
	db_bind_i64(q, 7, now_ms);
	return db_run(q, NULL, err);
}

enum err_code revision_get(struct db *db, int64_t id, struct arena *mem, struct revision *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool found;

	TRY(db_prepare(db, &SQL_REVISION_BY_ID, &q, err));
	db_bind_i64(q, 1, id);
	TRY(db_step(q, &found, err));
	if (!found)
		return err_set(err, ERR_NOT_FOUND, "没有这个规则修订");
	read_head(q, mem, ret);
	ret->text = db_str_dup(q, 14, mem);
	ret->trial = db_str_dup(q, 15, mem);
	return ERR_OK;
}

enum err_code revision_list(struct db *db, struct str rule_id, enum revision_state state, int64_t before_id, int limit, struct arena *mem,
	struct revision **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct revision *rows = ARENA_NEW(mem, struct revision, (size_t)limit + 1);
	size_t count = 0;
	bool found;

	if (!rows)
		return err_nomem(err);
	TRY(db_prepare(db, &SQL_REVISION_PAGE, &q, err));
	db_bind_i64(q, 1, before_id ? before_id : INT64_MAX);
	db_bind_str(q, 2, rule_id.ptr ? rule_id : STR(""));
	db_bind_str(q, 3, state == REVISION_STATE_COUNT ? STR("") : str_of(revision_state_slug(state)));
	db_bind_i64(q, 4, limit);
	TRY(db_step(q, &found, err));
	while (found && count < (size_t)limit) {
		read_head(q, mem, &rows[count++]);
		TRY(db_step(q, &found, err));
	}
	*ret = rows;
	*ret_count = count;
	return ERR_OK;
}

/** One row must have moved: somebody else was quicker otherwise. */
static enum err_code run_move(struct db_stmt *q, struct err *err)
{
	int64_t changed;

	TRY(db_run(q, &changed, err));
	return changed == 1 ? ERR_OK : err_set(err, ERR_STATE, "这个修订的状态已经变了，请刷新后再试");
}

enum err_code revision_move(
	struct db *db, int64_t id, enum revision_state from, enum revision_state to, struct str trial, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_REVISION_MOVE, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, str_of(revision_state_slug(from)));
	db_bind_str(q, 3, str_of(revision_state_slug(to)));
	db_bind_str(q, 4, trial.ptr ? trial : STR(""));
	db_bind_i64(q, 5, now_ms);
	return run_move(q, err);
}

enum err_code revision_decided(struct db *db, int64_t id, enum revision_state from, enum revision_state to, struct str reason,
	const struct actor *who, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_REVISION_DECIDED, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, str_of(revision_state_slug(from)));
	db_bind_str(q, 3, str_of(revision_state_slug(to)));
	db_bind_str(q, 4, reason);
	db_bind_id(q, 5, who->account_id);
	db_bind_str(q, 6, who->name);
	db_bind_i64(q, 7, now_ms);
	return run_move(q, err);
}

enum err_code revision_retire_others(struct db *db, struct str rule_id, int64_t id, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_REVISION_RETIRE_OTHERS, &q, err));
	db_bind_str(q, 1, rule_id);
	db_bind_i64(q, 2, id);
	db_bind_i64(q, 3, now_ms);
	return db_run(q, NULL, err);
}
