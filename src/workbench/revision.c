/* The life of a revision: who may do what in which state. */
#include <stdio.h>

#include "audit/audit.h"
#include "workbench/workbench_private.h"

static const struct {
	const char *slug, *title;
} states[REVISION_STATE_COUNT] = {
	{ "draft", "草稿" },
	{ "proposed", "待批准" },
	{ "active", "已启用" },
	{ "rejected", "未批准" },
	{ "retired", "已停用" },
};

const char *revision_state_slug(enum revision_state s)
{
	return states[s].slug;
}

const char *revision_state_title(enum revision_state s)
{
	return states[s].title;
}

enum revision_state revision_state_parse(struct str slug)
{
	int s = 0;

	while (s < REVISION_STATE_COUNT && !str_eq(slug, str_of(states[s].slug)))
		s++;
	return (enum revision_state)s;
}

static enum err_code audit_step(struct db *db, const struct actor *who, int64_t now_ms, const char *action, const struct revision *r,
	const char *what, struct err *err)
{
	char summary[300];

	snprintf(summary, sizeof(summary), "%s：规则 %.*s（%.*s）第 %lld 版", what, STR_ARG(r->rule_id), STR_ARG(r->title),
		(long long)r->version);
	return audit_add(db, who, now_ms,
		&(struct audit_entry){
			.action = str_of(action), .subject = STR("rule_revision"), .subject_id = r->id, .summary = str_of(summary) },
		err);
}

enum err_code revision_add(
	struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, struct revision *r, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;

	r->author_id = who->account_id;
	r->author_name = who->name;
	r->state = REVISION_DRAFT;
	TRY(db_begin(db, &tx, err));
	r->id = id_new(ids);
	TRY(revision_insert(db, now_ms, r, err));
	TRY(audit_step(db, who, now_ms, "revision.add", r, "起草规则修订", err));
	return db_commit(&tx, err);
}

/** The actor's own revision in one of two states. */
static enum err_code own(struct db *db, const struct actor *who, int64_t id, enum revision_state a, enum revision_state b,
	struct arena *mem, struct revision *ret, struct err *err)
{
	TRY(revision_get(db, id, mem, ret, err));
	if (ret->author_id != who->account_id)
		return err_set(err, ERR_FORBIDDEN, "这是 %.*s 的草稿，只有起草人可以改动", STR_ARG(ret->author_name));
	if (ret->state != a && ret->state != b)
		return err_set(err, ERR_STATE, "修订处于“%s”，不能再改动", revision_state_title(ret->state));
	return ERR_OK;
}

enum err_code revision_save(struct db *db, const struct actor *who, int64_t now_ms, const struct revision *r, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(4 << 20);
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct revision old;

	if (!mem)
		return err_nomem(err);
	TRY(db_begin(db, &tx, err));
	TRY(own(db, who, r->id, REVISION_DRAFT, REVISION_DRAFT, mem, &old, err));
	TRY(revision_update(db, now_ms, r, err));
	TRY(audit_step(db, who, now_ms, "revision.save", r, "修改规则修订", err));
	return db_commit(&tx, err);
}

enum err_code revision_propose(struct db *db, const struct actor *who, int64_t now_ms, int64_t id, struct str trial, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(4 << 20);
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct revision r;

	if (!mem)
		return err_nomem(err);
	TRY(db_begin(db, &tx, err));
	TRY(own(db, who, id, REVISION_DRAFT, REVISION_DRAFT, mem, &r, err));
	TRY(revision_move(db, id, REVISION_DRAFT, REVISION_PROPOSED, trial, now_ms, err));
	TRY(audit_step(db, who, now_ms, "revision.propose", &r, "提请批准规则修订", err));
	return db_commit(&tx, err);
}

static enum err_code need_reason(struct str reason, struct err *err)
{
	return str_trim(reason).len ? ERR_OK : err_set(err, ERR_INPUT, "请写明理由");
}

enum err_code revision_decide(
	struct db *db, const struct actor *who, int64_t now_ms, int64_t id, bool approve, struct str reason, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(4 << 20);
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct revision r;

	if (!mem)
		return err_nomem(err);
	TRY(need_reason(reason, err));
	TRY(db_begin(db, &tx, err));
	TRY(revision_get(db, id, mem, &r, err));
	if (r.author_id == who->account_id)
		return err_set(err, ERR_FORBIDDEN, "规则修订须由起草人以外的人批准");
	if (r.state != REVISION_PROPOSED)
		return err_set(err, ERR_STATE, "修订处于“%s”，不在待批准状态", revision_state_title(r.state));
	TRY(revision_decided(db, id, REVISION_PROPOSED, approve ? REVISION_ACTIVE : REVISION_REJECTED, reason, who, now_ms, err));
	if (approve) {
		TRY(revision_retire_others(db, r.rule_id, id, now_ms, err));
		TRY(revision_change_bump(db, err));
	}
	TRY(audit_step(
		db, who, now_ms, approve ? "revision.approve" : "revision.reject", &r, approve ? "批准规则修订" : "不批准规则修订", err));
	return db_commit(&tx, err);
}

enum err_code revision_retire(struct db *db, const struct actor *who, int64_t now_ms, int64_t id, struct str reason, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(4 << 20);
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct revision r;

	if (!mem)
		return err_nomem(err);
	TRY(need_reason(reason, err));
	TRY(db_begin(db, &tx, err));
	TRY(revision_get(db, id, mem, &r, err));
	if (r.state == REVISION_ACTIVE) {
		if (!actor_has(who, ROLE_LEADER))
			return err_set(err, ERR_FORBIDDEN, "停用已启用的修订须由监督机构负责人决定");
	} else {
		TRY(own(db, who, id, REVISION_DRAFT, REVISION_PROPOSED, mem, &r, err));
	}
	TRY(revision_decided(db, id, r.state, REVISION_RETIRED, reason, who, now_ms, err));
	if (r.state == REVISION_ACTIVE)
		TRY(revision_change_bump(db, err));
	TRY(audit_step(db, who, now_ms, "revision.retire", &r, "停用规则修订", err));
	return db_commit(&tx, err);
}
