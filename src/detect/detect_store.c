/* Runs the queries of detect.sql. */
#include "detect/detect_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"
#include "detect_sql.h"
#include "org/org.h"

static struct str or_empty(struct str s)
{
	return s.ptr ? s : STR("");
}

static int64_t micros(double seconds)
{
	return (int64_t)(seconds * 1e6);
}

/* ---- sweeps ---- */

enum err_code sweep_insert(struct db *db, int64_t id, int32_t today, int64_t now_ms, int64_t account_id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_SWEEP_INSERT, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_day(q, 2, today);
	db_bind_i64(q, 3, now_ms);
	db_bind_id(q, 4, account_id);
	return db_run(q, NULL, err);
}

enum err_code sweep_end(struct db *db, int64_t id, const char *state, int64_t now_ms, int64_t records, double seconds, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_SWEEP_END, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, str_of(state));
	db_bind_i64(q, 3, now_ms);
	db_bind_i64(q, 4, records);
	db_bind_i64(q, 5, micros(seconds));
	return db_run(q, NULL, err);
}

enum err_code sweep_rule_put(struct db *db, int64_t sweep_id, const struct sweep_rule *r, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	const int64_t numbers[] = { r->version, r->checked, r->hit, r->exempt, r->unknown, r->not_in_force, r->clean, r->suppressed,
		r->fresh, r->gone, micros(r->seconds) };

	TRY(db_prepare(db, &SQL_SWEEP_RULE_PUT, &q, err));
	db_bind_i64(q, 1, sweep_id);
	db_bind_str(q, 2, r->rule_id);
	for (int i = 0; i < (int)(sizeof(numbers) / sizeof(numbers[0])); i++)
		db_bind_i64(q, i + 3, numbers[i]);
	return db_run(q, NULL, err);
}

static struct sweep_rule read_sweep_rule(struct db_stmt *q, struct arena *mem)
{
	return (struct sweep_rule){ .rule_id = db_str_dup(q, 0, mem),
		.version = db_i64(q, 1),
		.checked = db_i64(q, 2),
		.hit = db_i64(q, 3),
		.exempt = db_i64(q, 4),
		.unknown = db_i64(q, 5),
		.not_in_force = db_i64(q, 6),
		.clean = db_i64(q, 7),
		.suppressed = db_i64(q, 8),
		.fresh = db_i64(q, 9),
		.gone = db_i64(q, 10),
		.seconds = (double)db_i64(q, 11) / 1e6 };
}

/** All rows of a statement that yields sweep rules. */
static enum err_code read_sweep_rules(struct db_stmt *q, struct arena *mem, struct sweep_rule **ret, size_t *ret_count, struct err *err)
{
	struct sweep_rule *rules = ARENA_NEW(mem, struct sweep_rule, RULES_MAX);
	size_t count = 0;
	bool row;

	if (!rules)
		return err_nomem(err);
	TRY(db_step(q, &row, err));
	while (row && count < RULES_MAX) {
		rules[count++] = read_sweep_rule(q, mem);
		TRY(db_step(q, &row, err));
	}
	*ret = rules;
	*ret_count = count;
	return ERR_OK;
}

static struct sweep read_sweep(struct db_stmt *q, struct arena *mem)
{
	return (struct sweep){ .id = db_i64(q, 0),
		.state = db_str_dup(q, 1, mem),
		.today = db_day(q, 2),
		.started_ms = db_i64(q, 3),
		.ended_ms = db_is_null(q, 4) ? TIME_NONE : db_i64(q, 4),
		.records = db_i64(q, 5),
		.seconds = (double)db_i64(q, 6) / 1e6 };
}

enum err_code sweep_get(struct db *db, int64_t id, struct arena *mem, struct sweep *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	CLEANUP(db_stmt_donep) struct db_stmt *rules = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_SWEEP_BY_ID, &q, err));
	db_bind_i64(q, 1, id);
	TRY(db_step(q, &row, err));
	if (!row)
		return err_set(err, ERR_NOT_FOUND, "没有这次检测");
	*ret = read_sweep(q, mem);
	TRY(db_prepare(db, &SQL_SWEEP_RULES_OF, &rules, err));
	db_bind_i64(rules, 1, id);
	return read_sweep_rules(rules, mem, &ret->rules, &ret->rule_count, err);
}

enum err_code sweep_list(
	struct db *db, int64_t before_id, int limit, struct arena *mem, struct sweep **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct sweep *found = ARENA_NEW(mem, struct sweep, (size_t)limit + 1);
	size_t count = 0;
	bool row;

	if (!found)
		return err_nomem(err);
	TRY(db_prepare(db, &SQL_SWEEP_PAGE, &q, err));
	db_bind_i64(q, 1, before_id ? before_id : INT64_MAX);
	db_bind_i64(q, 2, limit);
	TRY(db_step(q, &row, err));
	while (row) {
		found[count++] = read_sweep(q, mem);
		TRY(db_step(q, &row, err));
	}
	*ret = found;
	*ret_count = count;
	return ERR_OK;
}

enum err_code sweep_last_of_rule(
	struct db *db, struct str rule_id, struct arena *mem, struct sweep_rule *ret, bool *ret_found, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_SWEEP_RULE_LAST, &q, err));
	db_bind_str(q, 1, rule_id);
	TRY(db_step(q, ret_found, err));
	if (*ret_found)
		*ret = read_sweep_rule(q, mem);
	return ERR_OK;
}

enum err_code sweep_rules_last(struct db *db, struct arena *mem, struct sweep_rule **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_SWEEP_RULES_LAST, &q, err));
	return read_sweep_rules(q, mem, ret, ret_count, err);
}

/* ---- findings, written ---- */

enum err_code finding_rules(struct db *db, struct arena *mem, struct str **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct str *ids = ARENA_NEW(mem, struct str, RULES_MAX);
	size_t count = 0;
	bool row;

	if (!ids)
		return err_nomem(err);
	TRY(db_prepare(db, &SQL_FINDING_RULES, &q, err));
	TRY(db_step(q, &row, err));
	while (row && count < RULES_MAX) {
		ids[count++] = db_str_dup(q, 0, mem);
		TRY(db_step(q, &row, err));
	}
	*ret = ids;
	*ret_count = count;
	return ERR_OK;
}

enum err_code known_findings(struct db *db, struct str rule_id, struct known_finding **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	VEC(struct known_finding) found = { 0 };
	enum err_code code;
	bool row = true;

	TRY(db_prepare(db, &SQL_FINDING_OF_RULE, &q, err));
	db_bind_str(q, 1, rule_id);
	while ((code = db_step(q, &row, err)) == ERR_OK && row) {
		struct known_finding k = { .id = db_i64(q, 0),
			.record_id = db_i64(q, 1),
			.state = finding_state_parse(db_str(q, 2)),
			.present = db_bool(q, 3),
			.version = db_i64(q, 4) };

		snprintf(k.facts, sizeof(k.facts), "%.*s", STR_ARG(db_str(q, 5)));
		if (!vec_push(&found, k)) {
			code = err_nomem(err);
			break;
		}
	}
	if (code != ERR_OK) {
		vec_clear(&found);
		return code;
	}
	*ret = found.v;
	*ret_count = found.len;
	return ERR_OK;
}

/** A sweep at the same time may have written the same finding already: then there is nothing to add. */
static enum err_code finding_insert(struct db *db, const struct finding *f, struct str facts, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_FINDING_INSERT, &q, err));
	db_bind_i64(q, 1, f->id);
	db_bind_str(q, 2, f->rule_id);
	db_bind_i64(q, 3, f->rule_version);
	db_bind_str(q, 4, f->type);
	db_bind_i64(q, 5, f->record_id);
	db_bind_str(q, 6, or_empty(f->row_key));
	db_bind_str(q, 7, or_empty(f->record_title));
	db_bind_id(q, 8, f->org_id);
	db_bind_bool(q, 9, f->sealed);
	db_bind_i64(q, 10, (int64_t)f->severity);
	db_bind_str(q, 11, or_empty(f->message));
	db_bind_str(q, 12, or_empty(f->evidence));
	db_bind_str(q, 13, facts);
	db_bind_i64(q, 14, now_ms);
	db_bind_str(q, 15, or_empty(f->calendar_version));
	db_bind_day(q, 16, f->judged_on);
	return db_run(q, NULL, err);
}

enum err_code finding_put(struct db *db, struct id_source *ids, struct finding *f, struct str facts, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	if (f->id == 0) {
		f->id = id_new(ids);
		return finding_insert(db, f, facts, now_ms, err);
	}
	TRY(db_prepare(db, &SQL_FINDING_REFRESH, &q, err));
	db_bind_i64(q, 1, f->id);
	db_bind_i64(q, 2, f->rule_version);
	db_bind_id(q, 3, f->org_id);
	db_bind_i64(q, 4, (int64_t)f->severity);
	db_bind_str(q, 5, str_of(finding_state_slug(f->state)));
	db_bind_str(q, 6, or_empty(f->message));
	db_bind_str(q, 7, or_empty(f->evidence));
	db_bind_str(q, 8, facts);
	db_bind_i64(q, 9, now_ms);
	db_bind_str(q, 10, or_empty(f->record_title));
	db_bind_str(q, 11, or_empty(f->calendar_version));
	db_bind_day(q, 12, f->judged_on);
	return db_run(q, NULL, err);
}

enum err_code finding_vanish(struct db *db, int64_t id, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_FINDING_VANISH, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_i64(q, 2, now_ms);
	return db_run(q, NULL, err);
}

enum err_code finding_set_state(
	struct db *db, int64_t id, enum finding_state to, int64_t clue_id, int64_t now_ms, bool *ret_changed, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t changed;

	TRY(db_prepare(db, &SQL_FINDING_SET_STATE, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, str_of(finding_state_slug(to)));
	db_bind_id(q, 3, clue_id);
	db_bind_i64(q, 4, now_ms);
	TRY(db_run(q, &changed, err));
	*ret_changed = changed > 0;
	return ERR_OK;
}

enum err_code finding_move(struct db *db, int64_t id, enum finding_state to, int64_t now_ms, bool *ret_changed, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t changed;

	TRY(db_prepare(db, &SQL_FINDING_MOVE, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, str_of(finding_state_slug(to)));
	db_bind_i64(q, 3, now_ms);
	TRY(db_run(q, &changed, err));
	*ret_changed = changed > 0;
	return ERR_OK;
}

enum err_code finding_set_corrected(struct db *db, int64_t id, int64_t now_ms, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_FINDING_SET_CORRECTED, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_i64(q, 2, now_ms);
	return db_run(q, NULL, err);
}

enum err_code verdict_insert(struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, const struct finding *f,
	struct str facts, const char *verdict, struct str reason, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_VERDICT_INSERT, &q, err));
	db_bind_i64(q, 1, id_new(ids));
	db_bind_i64(q, 2, f->id);
	db_bind_str(q, 3, f->rule_id);
	db_bind_str(q, 4, str_of(verdict));
	db_bind_str(q, 5, or_empty(reason));
	db_bind_str(q, 6, facts);
	db_bind_id(q, 7, who->account_id);
	db_bind_str(q, 8, or_empty(who->name));
	db_bind_i64(q, 9, now_ms);
	return db_run(q, NULL, err);
}

/* ---- findings, read ---- */

static struct finding read_finding(struct db_stmt *q, struct arena *mem)
{
	return (struct finding){ .id = db_i64(q, 0),
		.rule_id = db_str_dup(q, 1, mem),
		.rule_version = db_i64(q, 2),
		.type = db_str_dup(q, 3, mem),
		.record_id = db_i64(q, 4),
		.row_key = db_str_dup(q, 5, mem),
		.record_title = db_str_dup(q, 6, mem),
		.org_id = db_i64(q, 7),
		.org_name = db_str_dup(q, 8, mem),
		.org_path = db_str_dup(q, 9, mem),
		.sealed = db_bool(q, 10),
		.severity = (enum rule_severity)db_i64(q, 11),
		.state = finding_state_parse(db_str(q, 12)),
		.present = db_bool(q, 13),
		.message = db_str_dup(q, 14, mem),
		.clue_id = db_i64(q, 15),
		.first_ms = db_i64(q, 16),
		.last_ms = db_i64(q, 17) };
}

enum err_code finding_read(struct db *db, int64_t id, struct arena *mem, struct finding *ret, struct str *ret_facts, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_FINDING_BY_ID, &q, err));
	db_bind_i64(q, 1, id);
	TRY(db_step(q, &row, err));
	if (!row)
		return err_set(err, ERR_NOT_FOUND, "没有这条疑似问题线索");
	*ret = read_finding(q, mem);
	*ret_facts = db_str_dup(q, 18, mem);
	ret->evidence = db_str_dup(q, 19, mem);
	ret->calendar_version = db_str_dup(q, 20, mem);
	ret->judged_on = db_day(q, 21);
	return ERR_OK;
}

/** Findings whose agency is unknown are shown to whoever sees a whole tree, from its root. */
static bool sees_unknown(const struct actor *who)
{
	const char *second = who->scope_path.len > 1 ? memchr(who->scope_path.ptr + 1, '/', who->scope_path.len - 1) : NULL;

	return !actor_is_agency(who) && (!second || second == who->scope_path.ptr + who->scope_path.len - 1);
}

static enum err_code org_prefix(struct db *db, int64_t org_id, struct arena *mem, struct str *ret, struct err *err)
{
	*ret = STR("");
	return org_id ? org_path(db, org_id, mem, ret, err) : ERR_OK;
}

static void bind_query(struct db_stmt *q, const struct finding_query *query, struct str org)
{
	db_bind_i64(q, 1, query->after_id ? query->after_id : INT64_MAX);
	db_bind_str(q, 2, or_empty(query->rule_id));
	db_bind_str(q, 3, or_empty(query->type));
	db_bind_str(q, 4, query->state == FINDING_STATE_COUNT ? STR("") : str_of(finding_state_slug(query->state)));
	db_bind_i64(q, 5, query->severity);
	db_bind_i64(q, 6, query->record_id);
	db_bind_i64(q, 7, query->clue_id && actor_is_agency(query->who) ? -1 : query->clue_id); /* an agency cannot ask about clues */
	db_bind_str(q, 8, or_empty(query->who->scope_path));
	db_bind_prefix_end(q, 9, query->who->scope_path);
	db_bind_str(q, 10, or_empty(query->q));
	db_bind_like(q, 11, query->q);
	db_bind_i64(q, 12, actor_is_agency(query->who));
	db_bind_str(q, 13, org);
	db_bind_prefix_end(q, 14, org);
	db_bind_i64(q, 15, sees_unknown(query->who));
}

/** A named query with the rows of the import, when one is asked for, and its end. */
static enum err_code prepare_query(struct db *db, const struct finding_query *query, const struct query *named, int next, const char *tail,
	struct db_stmt **ret, struct err *err)
{
	CLEANUP(buf_clear) struct buf sql;
	int first = next;

	buf_init(&sql, 64u << 10);
	buf_puts(&sql, named->sqlite);
	if (query->import) {
		buf_puts(&sql, " AND f.record_id IN (");
		import_rows_sql(query->import_type, &next, &sql);
		buf_puts(&sql, ")");
	}
	buf_puts(&sql, tail);
	TRY(db_prepare_text(db, buf_str(&sql), ret, err));
	if (query->import)
		import_rows_bind(query->import, *ret, &first);
	return ERR_OK;
}

static enum err_code count_findings(struct db *db, const struct finding_query *query, struct str org, int64_t *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct finding_query all = *query;
	bool row;

	all.after_id = 0;
	TRY(prepare_query(db, query, &SQL_FINDING_TOTAL, 16, "", &q, err));
	bind_query(q, &all, org);
	TRY(db_step(q, &row, err));
	*ret = db_i64(q, 0);
	return ERR_OK;
}

enum err_code finding_list(struct db *db, const struct finding_query *query, struct arena *mem, struct finding_page *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct finding *rows = ARENA_NEW(mem, struct finding, (size_t)query->limit + 1);
	struct finding_page page = { .rows = rows, .total = -1 };
	struct str org;
	bool row;

	if (!rows)
		return err_nomem(err);
	TRY(org_prefix(db, query->org_id, mem, &org, err));
	TRY(prepare_query(db, query, &SQL_FINDING_PAGE, 17, " ORDER BY f.id DESC LIMIT $16", &q, err));
	bind_query(q, query, org);
	db_bind_i64(q, 16, query->limit);
	TRY(db_step(q, &row, err));
	while (row) {
		rows[page.row_count] = read_finding(q, mem);
		if (actor_is_agency(query->who))
			rows[page.row_count].clue_id = 0;
		page.row_count++;
		TRY(db_step(q, &row, err));
	}
	if (page.row_count == (size_t)query->limit)
		page.next_id = rows[page.row_count - 1].id;
	if (query->want_total)
		TRY(count_findings(db, query, org, &page.total, err));
	*ret = page;
	return ERR_OK;
}

enum err_code finding_summary(
	struct db *db, const struct finding_query *query, struct arena *mem, struct finding_cell **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	VEC(struct finding_cell) found = { 0 };
	struct finding_cell *copy = NULL;
	enum err_code code;
	bool row = true;

	TRY(prepare_query(
		db, query, &SQL_FINDING_CELLS, 5, " GROUP BY f.org_id, o.name, f.rule_id ORDER BY o.name, f.org_id, f.rule_id", &q, err));
	db_bind_str(q, 1, or_empty(query->type));
	db_bind_str(q, 2, or_empty(query->who->scope_path));
	db_bind_prefix_end(q, 3, query->who->scope_path);
	db_bind_i64(q, 4, sees_unknown(query->who));
	while ((code = db_step(q, &row, err)) == ERR_OK && row) {
		struct finding_cell cell = { .org_id = db_i64(q, 0),
			.org_name = db_str_dup(q, 1, mem),
			.rule_id = db_str_dup(q, 2, mem),
			.open = db_i64(q, 3),
			.accepted = db_i64(q, 4),
			.total = db_i64(q, 5),
			.severity = (enum rule_severity)db_i64(q, 6) };

		if (!vec_push(&found, cell)) {
			code = err_nomem(err);
			break;
		}
	}
	if (code == ERR_OK && !(copy = ARENA_NEW(mem, struct finding_cell, found.len + 1)))
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

#define OPEN_IDS_MAX 100000

enum err_code finding_open_ids(struct db *db, const struct actor *who, struct str rule_id, int64_t org_id, struct arena *mem, int64_t **ret,
	size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	VEC(int64_t) found = { 0 };
	int64_t *copy = NULL;
	enum err_code code;
	bool row = true;

	TRY(db_prepare(db, &SQL_FINDING_OPEN, &q, err));
	db_bind_str(q, 1, or_empty(rule_id));
	db_bind_str(q, 2, or_empty(who->scope_path));
	db_bind_prefix_end(q, 3, who->scope_path);
	db_bind_i64(q, 4, org_id);
	db_bind_i64(q, 5, OPEN_IDS_MAX);
	db_bind_i64(q, 6, sees_unknown(who));
	while ((code = db_step(q, &row, err)) == ERR_OK && row)
		if (!vec_push(&found, db_i64(q, 0))) {
			code = err_nomem(err);
			break;
		}
	if (code == ERR_OK && !(copy = ARENA_NEW(mem, int64_t, found.len + 1)))
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

enum err_code finding_precision(struct db *db, struct str rule_id, struct rule_precision *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	*ret = (struct rule_precision){ 0 };
	TRY(db_prepare(db, &SQL_VERDICT_COUNTS, &q, err));
	db_bind_str(q, 1, rule_id);
	TRY(db_step(q, &row, err));
	while (row) {
		struct str verdict = db_str(q, 0);
		int64_t count = db_i64(q, 1);

		if (str_eq(verdict, STR("accepted")))
			ret->accepted = count;
		else if (str_eq(verdict, STR("rejected")))
			ret->rejected = count;
		else if (str_eq(verdict, STR("false_positive")))
			ret->false_positive = count;
		else if (str_eq(verdict, STR("corrected")))
			ret->corrected = count;
		TRY(db_step(q, &row, err));
	}
	return ERR_OK;
}

#define ROWS_PER_FINDING_MAX 64

enum err_code verdicts_of(
	struct db *db, int64_t finding_id, struct arena *mem, struct verdict_row **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct verdict_row *rows = ARENA_NEW(mem, struct verdict_row, ROWS_PER_FINDING_MAX);
	size_t count = 0;
	bool row;

	if (!rows)
		return err_nomem(err);
	TRY(db_prepare(db, &SQL_VERDICTS_OF_FINDING, &q, err));
	db_bind_i64(q, 1, finding_id);
	TRY(db_step(q, &row, err));
	while (row && count < ROWS_PER_FINDING_MAX) {
		rows[count++] = (struct verdict_row){ .verdict = db_str_dup(q, 0, mem),
			.reason = db_str_dup(q, 1, mem),
			.at_ms = db_i64(q, 2),
			.account = db_str_dup(q, 3, mem) };
		TRY(db_step(q, &row, err));
	}
	*ret = rows;
	*ret_count = count;
	return ERR_OK;
}

enum err_code finding_similar(
	struct db *db, const struct finding *f, struct arena *mem, struct similar_row **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct similar_row *rows = ARENA_NEW(mem, struct similar_row, ROWS_PER_FINDING_MAX);
	size_t count = 0;
	bool row;

	if (!rows)
		return err_nomem(err);
	TRY(db_prepare(db, &SQL_FINDING_SIMILAR, &q, err));
	db_bind_str(q, 1, f->rule_id);
	db_bind_i64(q, 2, f->org_id);
	db_bind_i64(q, 3, f->id);
	TRY(db_step(q, &row, err));
	while (row && count < ROWS_PER_FINDING_MAX) {
		rows[count++] = (struct similar_row){
			.id = db_i64(q, 0), .title = db_str_dup(q, 1, mem), .state = db_str_dup(q, 2, mem), .message = db_str_dup(q, 3, mem)
		};
		TRY(db_step(q, &row, err));
	}
	*ret = rows;
	*ret_count = count;
	return ERR_OK;
}
