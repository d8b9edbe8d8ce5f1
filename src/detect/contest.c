/* Objections of an agency to findings of its own, before they become matters, and their answers. Answering is a person's word: what it
 * says of the finding goes through finding_decide and finding_reevaluate like any other verdict. Source: 条例 8 (supervision does not
 * burden enforcement needlessly), 28 (an opinion presupposes what was established). */
#include <stdio.h>

#include "attachment/attachment.h"
#include "audit/audit.h"
#include "detect/detect_private.h"
#include "detect_sql.h"
#include "org/org.h"

#define CONTESTS_PER_FINDING_MAX 20

static const char *const outcomes[] = { [CONTEST_OPEN] = "", [CONTEST_UPHELD] = "upheld", [CONTEST_DISMISSED] = "dismissed" };
static const char *const titles[] = { [CONTEST_OPEN] = "待答复", [CONTEST_UPHELD] = "异议成立", [CONTEST_DISMISSED] = "异议不成立" };

const char *contest_outcome_slug(enum contest_outcome o)
{
	return o == CONTEST_OPEN ? "open" : outcomes[o];
}

const char *contest_outcome_title(enum contest_outcome o)
{
	return titles[o];
}

static enum contest_outcome parse_outcome(struct str stored)
{
	int o = 0;

	while (o < CONTEST_OUTCOME_COUNT - 1 && !str_eq(stored, str_of(outcomes[o])))
		o++;
	return (enum contest_outcome)o;
}

static void read_contest(struct db_stmt *q, struct arena *mem, struct contest *ret)
{
	*ret = (struct contest){ .id = db_i64(q, 0),
		.finding_id = db_i64(q, 1),
		.rule_id = db_str_dup(q, 2, mem),
		.reason = db_str_dup(q, 3, mem),
		.account = db_str_dup(q, 4, mem),
		.made_ms = db_i64(q, 5),
		.outcome = parse_outcome(db_str(q, 6)),
		.answer = db_str_dup(q, 7, mem),
		.answerer = db_str_dup(q, 8, mem),
		.answered_ms = db_i64(q, 9) };
}

enum err_code contests_of(struct db *db, int64_t finding_id, struct arena *mem, struct contest **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct contest *rows = ARENA_NEW(mem, struct contest, CONTESTS_PER_FINDING_MAX);
	size_t count = 0;
	bool row;

	if (!rows)
		return err_nomem(err);
	TRY(db_prepare(db, &SQL_CONTESTS_OF_FINDING, &q, err));
	db_bind_i64(q, 1, finding_id);
	db_bind_i64(q, 2, CONTESTS_PER_FINDING_MAX);
	TRY(db_step(q, &row, err));
	while (row && count < CONTESTS_PER_FINDING_MAX) {
		read_contest(q, mem, &rows[count++]);
		TRY(db_step(q, &row, err));
	}
	*ret = rows;
	*ret_count = count;
	return ERR_OK;
}

enum err_code contest_list(struct db *db, const struct actor *who, bool only_open, int64_t before_id, int limit, struct arena *mem,
	struct contest **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct contest *rows = ARENA_NEW(mem, struct contest, (size_t)limit + 1);
	size_t count = 0;
	bool row;

	if (!rows)
		return err_nomem(err);
	TRY(db_prepare(db, &SQL_CONTEST_PAGE, &q, err));
	db_bind_i64(q, 1, before_id ? before_id : INT64_MAX);
	db_bind_i64(q, 2, only_open);
	db_bind_str(q, 3, who->scope_path.ptr ? who->scope_path : STR(""));
	db_bind_prefix_end(q, 4, who->scope_path);
	db_bind_i64(q, 5, limit);
	TRY(db_step(q, &row, err));
	while (row && count < (size_t)limit) {
		read_contest(q, mem, &rows[count]);
		rows[count].record_title = db_str_dup(q, 10, mem);
		rows[count++].org_name = db_str_dup(q, 11, mem);
		TRY(db_step(q, &row, err));
	}
	*ret = rows;
	*ret_count = count;
	return ERR_OK;
}

static enum err_code audit_contest(struct db *db, const struct actor *who, int64_t now_ms, const char *action, int64_t id, const char *what,
	struct str rule_id, struct err *err)
{
	char summary[200];

	snprintf(summary, sizeof(summary), "%s（规则 %.*s）", what, STR_ARG(rule_id));
	return audit_add(db, who, now_ms,
		&(struct audit_entry){
			.action = str_of(action), .subject = STR("finding_contest"), .subject_id = id, .summary = str_of(summary) },
		err);
}

static enum err_code insert(
	struct db *db, const struct actor *who, int64_t now_ms, const struct contest *c, int64_t org_id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_CONTEST_INSERT, &q, err));
	db_bind_i64(q, 1, c->id);
	db_bind_i64(q, 2, c->finding_id);
	db_bind_str(q, 3, c->rule_id);
	db_bind_id(q, 4, org_id);
	db_bind_str(q, 5, c->reason);
	db_bind_i64(q, 6, who->account_id);
	db_bind_str(q, 7, who->name);
	db_bind_i64(q, 8, now_ms);
	return db_run(q, NULL, err);
}

/** The proofs are files that this account has uploaded and not used elsewhere. */
static enum err_code take_proofs(struct db *db, const struct actor *who, const struct contest *c, struct id_list proofs, struct err *err)
{
	for (size_t i = 0; i < proofs.count; i++)
		TRY(attachment_claim(db, proofs.v[i], who->account_id, STR("finding_contest"), c->id, false, err));
	return ERR_OK;
}

enum err_code contest_add(struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, struct contest *c,
	struct id_list proofs, struct arena *mem, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct contest *before;
	struct finding f;
	size_t count;

	if (utf8_count(str_trim(c->reason)) < 4)
		return err_set(err, ERR_INPUT, "请写明异议的理由（至少 4 个字）");
	TRY(db_begin(db, &tx, err));
	TRY(finding_get(db, who, c->finding_id, mem, &f, err));
	if (f.state != FINDING_OPEN && f.state != FINDING_ACCEPTED)
		return err_set(err, ERR_STATE, "这条疑似问题线索处于“%s”，不再需要提出异议", finding_state_title(f.state));
	TRY(contests_of(db, c->finding_id, mem, &before, &count, err));
	if (count && before[0].outcome == CONTEST_OPEN)
		return err_set(err, ERR_STATE, "已有一件异议等待答复");
	c->id = id_new(ids);
	c->rule_id = f.rule_id;
	TRY(take_proofs(db, who, c, proofs, err));
	TRY(insert(db, who, now_ms, c, f.org_id, err));
	TRY(audit_contest(db, who, now_ms, "contest.add", c->id, "执法机关对疑似问题线索提出异议", f.rule_id, err));
	return db_commit(&tx, err);
}

static enum err_code contest_get(struct db *db, int64_t id, struct arena *mem, struct contest *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_CONTEST_BY_ID, &q, err));
	db_bind_i64(q, 1, id);
	TRY(db_step(q, &row, err));
	if (!row)
		return err_set(err, ERR_NOT_FOUND, "没有这件异议");
	read_contest(q, mem, ret);
	return ERR_OK;
}

static enum err_code close_contest(struct db *db, const struct actor *who, int64_t now_ms, int64_t id, enum contest_outcome outcome,
	struct str answer, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t changed;

	TRY(db_prepare(db, &SQL_CONTEST_ANSWER, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, str_of(outcomes[outcome]));
	db_bind_str(q, 3, answer);
	db_bind_str(q, 4, who->name);
	db_bind_i64(q, 5, now_ms);
	TRY(db_run(q, &changed, err));
	return changed == 1 ? ERR_OK : err_set(err, ERR_STATE, "这件异议已经答复过了");
}

enum err_code contest_answer(struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, int64_t id,
	enum contest_outcome outcome, struct str answer, struct arena *mem, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct finding_verdict verdict = { .to = FINDING_FALSE_POSITIVE, .reason = answer };
	struct contest c;
	struct finding f;
	int64_t changed;

	if (outcome != CONTEST_UPHELD && outcome != CONTEST_DISMISSED)
		return err_set(err, ERR_INPUT, "答复只能是：异议成立、异议不成立");
	if (utf8_count(str_trim(answer)) < 4)
		return err_set(err, ERR_INPUT, "请写明答复的理由（至少 4 个字）");
	TRY(db_begin(db, &tx, err));
	TRY(contest_get(db, id, mem, &c, err));
	TRY(finding_get(db, who, c.finding_id, mem, &f, err));
	TRY(close_contest(db, who, now_ms, id, outcome, answer, err));
	if (outcome == CONTEST_UPHELD && f.state == FINDING_OPEN)
		TRY(finding_decide(db, who, ids, now_ms, &c.finding_id, 1, &verdict, &changed, err));
	TRY(audit_contest(
		db, who, now_ms, "contest.answer", id, outcome == CONTEST_UPHELD ? "答复：异议成立" : "答复：异议不成立", c.rule_id, err));
	return db_commit(&tx, err);
}

enum err_code contest_count(struct db *db, struct str rule_id, struct contest_counts *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	*ret = (struct contest_counts){ 0 };
	TRY(db_prepare(db, &SQL_CONTEST_COUNTS, &q, err));
	db_bind_str(q, 1, rule_id);
	TRY(db_step(q, &row, err));
	while (row) {
		ret->by_outcome[parse_outcome(db_str(q, 0))] += db_i64(q, 1);
		TRY(db_step(q, &row, err));
	}
	return ERR_OK;
}

enum err_code contest_may_read(struct db *db, const struct actor *who, int64_t id, bool *ret, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(1 << 20);
	struct err none = { 0 };
	struct contest c;
	struct finding f;
	enum err_code code;

	*ret = false;
	if (!mem)
		return err_nomem(err);
	code = contest_get(db, id, mem, &c, &none);
	if (code == ERR_OK)
		code = finding_get(db, who, c.finding_id, mem, &f, &none);
	if (code != ERR_OK && code != ERR_NOT_FOUND)
		return err_set(err, code, "%s", none.msg);
	*ret = code == ERR_OK;
	return ERR_OK;
}
