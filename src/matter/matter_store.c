/* The only file that runs the queries of matter.sql (the desk's counts are in matter_desk.c). */
#include <ctype.h>
#include <stdlib.h>

#include <jansson.h>

#include "audit/audit.h"
#include "base/buf.h"
#include "matter/matter_private.h"
#include "matter_sql.h"

/* ---- matters ---- */

static enum matter_state state_of(struct str slug)
{
	for (int i = 0; i < MATTER_STATE_COUNT; i++)
		if (str_eq(slug, str_of(matter_state_slug((enum matter_state)i))))
			return (enum matter_state)i;
	return MATTER_OPEN;
}

static enum gate_management management_of(struct str slug)
{
	enum org_management m;

	if (!org_management_parse(slug, &m))
		return GATE_LOCAL_MANAGED;
	return m == ORG_VERTICAL ? GATE_VERTICAL : m == ORG_DUAL_UPPER ? GATE_DUAL_UPPER : GATE_LOCAL_MANAGED;
}

static struct matter matter_from_row(struct db_stmt *q, struct arena *mem)
{
	return (struct matter){ .id = db_i64(q, 0),
		.no = db_str_dup(q, 1, mem),
		.title = db_str_dup(q, 2, mem),
		.assigned_title = db_str_dup(q, 3, mem),
		.assigned_text = db_str_dup(q, 4, mem),
		.org_id = db_i64(q, 5),
		.org_name = db_str_dup(q, 6, mem),
		.org_path = db_str_dup(q, 7, mem),
		.body_id = db_i64(q, 8),
		.body_name = db_str_dup(q, 9, mem),
		.handler_id = db_i64(q, 10),
		.handler_name = db_str_dup(q, 11, mem),
		.step = db_str_dup(q, 12, mem),
		.state = state_of(db_str(q, 13)),
		.mode = db_str_dup(q, 14, mem),
		.sealed = db_bool(q, 15),
		.finding = (enum matter_finding)db_i64(q, 16),
		.kind = db_str_dup(q, 17, mem),
		.major = db_bool(q, 18),
		.facts = db_str_dup(q, 19, mem),
		.evidence = db_str_dup(q, 20, mem),
		.correctable = db_bool(q, 21),
		.corrected_on_spot = db_bool(q, 22),
		.instrument_choice = db_str_dup(q, 23, mem),
		.instrument_reason = db_str_dup(q, 24, mem),
		.basis_note = db_str_dup(q, 25, mem),
		.in_proceedings = db_bool(q, 26),
		.proceedings = db_str_dup(q, 27, mem),
		.proceedings_on = db_day(q, 28),
		.unheeded = db_bool(q, 29),
		.verify_failed = db_bool(q, 30),
		.proposal_on = db_day(q, 31),
		.served_on = db_day(q, 32),
		.gov_approval_no = db_str_dup(q, 33, mem),
		.gov_approved_on = db_day(q, 34),
		.upper_notified_on = db_day(q, 35),
		.rectified = db_bool(q, 36),
		.outcome = db_str_dup(q, 37, mem),
		.outcome_reason = db_str_dup(q, 38, mem),
		.version = db_i64(q, 39),
		.created_ms = db_i64(q, 40),
		.changed_ms = db_i64(q, 41),
		.closed_ms = db_is_null(q, 42) ? TIME_NONE : db_i64(q, 42),
		.management = management_of(db_str(q, 43)),
		.superior_name = or_empty(db_str_dup(q, 44, mem)),
		.next_due_on = db_day(q, 45),
		.round_ms = db_i64(q, 46) };
}

/** A government approver who is not on the body's staff sees only what was proposed to the government. */
static bool proposals_only(const struct actor *who)
{
	return !matter_is_program(who) && !actor_has(who, ROLE_BODY);
}

static enum err_code read_one(
	struct matter_context *ctx, int64_t id, struct str scope, bool only_proposals, bool assigned, struct matter *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool found;

	TRY(db_prepare(ctx->db, &SQL_MATTER_BY_ID, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, or_empty(scope));
	db_bind_i64(q, 3, only_proposals);
	db_bind_i64(q, 4, assigned);
	TRY(db_step(q, &found, err));
	if (!found)
		return err_set(err, ERR_NOT_FOUND, "没有这个监督事项");
	*ret = matter_from_row(q, ctx->mem);
	return ERR_OK;
}

enum err_code matter_read(struct matter_context *ctx, int64_t id, bool any_scope, struct matter *ret, struct err *err)
{
	if (any_scope)
		return read_one(ctx, id, STR(""), false, false, ret, err);
	if (!matter_is_program(ctx->who) && !actor_has(ctx->who, ROLE_OFFICE))
		return err_set(err, ERR_NOT_FOUND, "没有这个监督事项");
	return read_one(ctx, id, ctx->who->scope_path, proposals_only(ctx->who), false, ret, err);
}

enum err_code matter_read_assigned(struct matter_context *ctx, int64_t id, struct matter *ret, struct err *err)
{
	if (!actor_has(ctx->who, ROLE_LIAISON) || ctx->who->scope_path.len == 0)
		return err_set(err, ERR_NOT_FOUND, "没有这个交办事项");
	return read_one(ctx, id, ctx->who->scope_path, false, true, ret, err);
}

static void bind_filter(struct db_stmt *s, struct matter_context *ctx, const struct matter_query *q, bool assigned, int64_t before_id)
{
	char day[11] = "";

	if (q->due_until != DAY_NONE)
		day_format(q->due_until, day);
	db_bind_i64(s, 1, before_id > 0 ? before_id : INT64_MAX);
	db_bind_str(s, 2, or_empty(ctx->who->scope_path));
	db_bind_i64(s, 3, !assigned && proposals_only(ctx->who));
	db_bind_i64(s, 4, assigned);
	db_bind_str(s, 5, or_empty(q->state));
	db_bind_str(s, 6, or_empty(q->step));
	db_bind_str(s, 7, or_empty(q->kind));
	db_bind_i64(s, 8, q->org_id);
	db_bind_like_lower(s, 9, q->q);
	db_bind_str(s, 10, str_of(day));
}

enum err_code matter_page_read(
	struct matter_context *ctx, const struct matter_query *q, bool assigned, struct matter_page *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *s = NULL;
	CLEANUP(db_stmt_donep) struct db_stmt *t = NULL;
	struct matter_page page = { .total = -1 };
	int limit = q->limit < 1 ? 50 : q->limit > 500 ? 500 : q->limit;
	bool row;

	page.rows = ARENA_NEW(ctx->mem, struct matter, (size_t)limit);
	if (!page.rows)
		return err_nomem(err);
	TRY(db_prepare(ctx->db, &SQL_MATTER_PAGE, &s, err));
	bind_filter(s, ctx, q, assigned, q->after_id);
	db_bind_i64(s, 11, limit + 1);
	TRY(db_step(s, &row, err));
	while (row && page.row_count < (size_t)limit) {
		page.rows[page.row_count++] = matter_from_row(s, ctx->mem);
		TRY(db_step(s, &row, err));
	}
	if (row)
		page.next_id = page.rows[page.row_count - 1].id;
	if (q->want_total) {
		TRY(db_prepare(ctx->db, &SQL_MATTER_TOTAL, &t, err));
		bind_filter(t, ctx, q, assigned, 0);
		TRY(db_step(t, &row, err));
		page.total = row ? db_i64(t, 0) : 0;
	}
	*ret = page;
	return ERR_OK;
}

static enum err_code next_no(struct matter_context *ctx, struct str *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *add = NULL;
	CLEANUP(db_stmt_donep) struct db_stmt *read = NULL;
	int year = day_to_ymd(ctx->today).year;
	struct str name = str_printf(ctx->mem, "matter-%04d", year);
	bool row;

	TRY(db_prepare(ctx->db, &SQL_MATTER_COUNTER_ADD, &add, err));
	db_bind_str(add, 1, name);
	TRY(db_run(add, NULL, err));
	TRY(db_prepare(ctx->db, &SQL_MATTER_COUNTER_READ, &read, err));
	db_bind_str(read, 1, name);
	TRY(db_step(read, &row, err));
	*ret = str_printf(ctx->mem, "JD-事-%04d-%06lld", year, (long long)db_i64(read, 0));
	return ERR_OK;
}

enum err_code matter_insert(struct matter_context *ctx, struct matter *m, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(next_no(ctx, &m->no, err));
	m->id = id_new(ctx->ids);
	TRY(db_prepare(ctx->db, &SQL_MATTER_INSERT, &q, err));
	db_bind_i64(q, 1, m->id);
	db_bind_str(q, 2, m->no);
	db_bind_str(q, 3, m->title);
	db_bind_i64(q, 4, m->org_id);
	db_bind_i64(q, 5, m->body_id);
	db_bind_id(q, 6, m->handler_id);
	db_bind_str(q, 7, or_empty(m->handler_name));
	db_bind_str(q, 8, m->step);
	db_bind_bool(q, 9, m->sealed);
	db_bind_i64(q, 10, ctx->now_ms);
	return db_run(q, NULL, err);
}

enum err_code matter_save(struct matter_context *ctx, struct matter *m, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t changed;

	TRY(db_prepare(ctx->db, &SQL_MATTER_UPDATE, &q, err));
	db_bind_i64(q, 1, m->id);
	db_bind_i64(q, 2, m->version);
	db_bind_str(q, 3, or_empty(m->assigned_title));
	db_bind_str(q, 4, or_empty(m->assigned_text));
	db_bind_id(q, 5, m->handler_id);
	db_bind_str(q, 6, or_empty(m->handler_name));
	db_bind_str(q, 7, or_empty(m->step));
	db_bind_str(q, 8, str_of(matter_state_slug(m->state)));
	db_bind_str(q, 9, or_empty(m->mode));
	db_bind_bool(q, 10, m->sealed);
	db_bind_i64(q, 11, m->finding);
	db_bind_str(q, 12, or_empty(m->kind));
	db_bind_bool(q, 13, m->major);
	db_bind_str(q, 14, or_empty(m->facts));
	db_bind_str(q, 15, or_empty(m->evidence));
	db_bind_bool(q, 16, m->correctable);
	db_bind_bool(q, 17, m->corrected_on_spot);
	db_bind_str(q, 18, or_empty(m->instrument_choice));
	db_bind_str(q, 19, or_empty(m->instrument_reason));
	db_bind_str(q, 20, or_empty(m->basis_note));
	db_bind_bool(q, 21, m->in_proceedings);
	db_bind_str(q, 22, or_empty(m->proceedings));
	db_bind_day(q, 23, m->proceedings_on);
	db_bind_bool(q, 24, m->unheeded);
	db_bind_bool(q, 25, m->verify_failed);
	db_bind_day(q, 26, m->proposal_on);
	db_bind_day(q, 27, m->served_on);
	db_bind_str(q, 28, or_empty(m->gov_approval_no));
	db_bind_day(q, 29, m->gov_approved_on);
	db_bind_day(q, 30, m->upper_notified_on);
	db_bind_bool(q, 31, m->rectified);
	db_bind_str(q, 32, or_empty(m->outcome));
	db_bind_str(q, 33, or_empty(m->outcome_reason));
	db_bind_i64(q, 34, ctx->now_ms);
	if (m->closed_ms != TIME_NONE)
		db_bind_i64(q, 35, m->closed_ms);
	db_bind_i64(q, 36, m->round_ms);
	TRY(db_run(q, &changed, err));
	if (changed != 1)
		return err_set(err, ERR_STATE, "事项 %.*s 刚刚被他人办理，请刷新后再操作", STR_ARG(m->no));
	m->version++;
	return ERR_OK;
}

enum err_code matter_clue_add(struct matter_context *ctx, int64_t matter_id, int64_t clue_id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(ctx->db, &SQL_MATTER_CLUE_INSERT, &q, err));
	db_bind_i64(q, 1, matter_id);
	db_bind_i64(q, 2, clue_id);
	return db_run(q, NULL, err);
}

#define CLUES_MAX 2000

enum err_code matter_clue_ids(struct matter_context *ctx, int64_t matter_id, int64_t **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t *ids = ARENA_NEW(ctx->mem, int64_t, CLUES_MAX);
	size_t count = 0;
	bool row;

	if (!ids)
		return err_nomem(err);
	TRY(db_prepare(ctx->db, &SQL_MATTER_CLUE_LIST, &q, err));
	db_bind_i64(q, 1, matter_id);
	TRY(db_step(q, &row, err));
	while (row && count < CLUES_MAX) {
		ids[count++] = db_i64(q, 0);
		TRY(db_step(q, &row, err));
	}
	*ret = ids;
	*ret_count = count;
	return ERR_OK;
}

/* ---- events, audit, files ---- */

enum err_code matter_add_event(struct matter_context *ctx, int64_t matter_id, const char *action, struct str text, struct str detail,
	bool for_agency, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(ctx->db, &SQL_MATTER_EVENT_INSERT, &q, err));
	db_bind_i64(q, 1, id_new(ctx->ids));
	db_bind_i64(q, 2, matter_id);
	db_bind_i64(q, 3, ctx->now_ms);
	db_bind_str(q, 4, str_of(action));
	db_bind_str(q, 5, or_empty(text));
	db_bind_str(q, 6, or_empty(detail));
	db_bind_id(q, 7, ctx->who->account_id);
	db_bind_str(q, 8, or_empty(ctx->who->name));
	db_bind_bool(q, 9, for_agency);
	return db_run(q, NULL, err);
}

#define EVENTS_MAX 2000

enum err_code matter_events(
	struct matter_context *ctx, int64_t matter_id, bool for_agency, struct matter_event **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct matter_event *events = ARENA_NEW(ctx->mem, struct matter_event, EVENTS_MAX);
	size_t count = 0;
	bool row;

	if (!events)
		return err_nomem(err);
	TRY(db_prepare(ctx->db, &SQL_MATTER_EVENT_LIST, &q, err));
	db_bind_i64(q, 1, matter_id);
	db_bind_i64(q, 2, for_agency);
	TRY(db_step(q, &row, err));
	while (row && count < EVENTS_MAX) {
		events[count++] = (struct matter_event){ .id = db_i64(q, 0),
			.at_ms = db_i64(q, 1),
			.action = db_str_dup(q, 2, ctx->mem),
			.text = db_str_dup(q, 3, ctx->mem),
			.detail = db_str_dup(q, 4, ctx->mem),
			.account_name = db_str_dup(q, 5, ctx->mem),
			.for_agency = db_bool(q, 6) };
		TRY(db_step(q, &row, err));
	}
	*ret = events;
	*ret_count = count;
	return ERR_OK;
}

enum err_code matter_audit(struct matter_context *ctx, const char *action, int64_t matter_id, struct str summary, struct err *err)
{
	struct audit_entry e = { .action = str_of(action), .subject = STR("matter"), .subject_id = matter_id, .summary = summary };

	return audit_add(ctx->db, ctx->who, ctx->now_ms, &e, err);
}

enum err_code matter_claim_files(struct matter_context *ctx, const struct matter *m, struct id_list files, struct err *err)
{
	for (size_t i = 0; i < files.count; i++)
		TRY(attachment_claim(ctx->db, files.v[i], ctx->who->account_id, STR("matter"), m->id, true, err));
	return ERR_OK;
}

/* ---- clocks as rows ---- */

static struct str json_text(json_t *value, struct arena *mem)
{
	char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
	struct str copy = text ? str_dup(mem, str_of(text)) : STR("[]");

	free(text);
	json_decref(value);
	return copy;
}

static json_t *json_day(int32_t day)
{
	char text[11];

	if (day == DAY_NONE)
		return json_null();
	day_format(day, text);
	return json_string(text);
}

static struct str pauses_json(const struct matter_clock *k, struct arena *mem)
{
	json_t *list = json_array();

	for (size_t i = 0; i < k->pause_count; i++)
		json_array_append_new(list, json_pack("{s:o,s:o,s:s%}", "from", json_day(k->pauses[i].from), "to",
						    json_day(k->pauses[i].to), "why", k->pauses[i].why.ptr, k->pauses[i].why.len));
	return json_text(list, mem);
}

static struct str extensions_json(const struct matter_clock *k, struct arena *mem)
{
	json_t *list = json_array();

	for (size_t i = 0; i < k->extension_count; i++)
		json_array_append_new(
			list, json_pack("{s:I,s:s,s:s%}", "n", (json_int_t)k->extensions[i].n, "unit",
				      period_unit_slug(k->extensions[i].unit), "why", k->extensions[i].why.ptr, k->extensions[i].why.len));
	return json_text(list, mem);
}

static struct str basis_json(const struct matter_clock *k, struct arena *mem)
{
	json_t *list = json_array();

	for (size_t i = 0; i < k->basis_count; i++)
		json_array_append_new(list, json_pack("{s:s%,s:s%}", "law", k->basis[i].law.ptr, k->basis[i].law.len, "article",
						    k->basis[i].article.ptr ? k->basis[i].article.ptr : "", k->basis[i].article.len));
	return json_text(list, mem);
}

static struct str member_text(const json_t *object, const char *key, struct arena *mem)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? str_dup(mem, str_of(text)) : STR("");
}

static int32_t member_day(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	int32_t day;

	return text && day_parse(str_of(text), &day) ? day : DAY_NONE;
}

/** Reads the three lists of a clock; what this program wrote always parses. */
static void read_lists(struct matter_clock *k, struct str basis, struct str pauses, struct str extensions, struct arena *mem)
{
	json_t *b = json_loadb(basis.ptr, basis.len, 0, NULL), *p = json_loadb(pauses.ptr, pauses.len, 0, NULL);
	json_t *e = json_loadb(extensions.ptr, extensions.len, 0, NULL), *item;
	size_t i;

	k->basis = ARENA_NEW(mem, struct period_basis, json_array_size(b) + 1);
	k->pauses = ARENA_NEW(mem, struct clock_pause, json_array_size(p) + 2);
	k->extensions = ARENA_NEW(mem, struct clock_extension, json_array_size(e) + 2);
	if (k->basis && k->pauses && k->extensions) {
		json_array_foreach(b, i, item) k->basis[k->basis_count++] =
			(struct period_basis){ .law = member_text(item, "law", mem), .article = member_text(item, "article", mem) };
		json_array_foreach(p, i, item) k->pauses[k->pause_count++] = (struct clock_pause){
			.from = member_day(item, "from"), .to = member_day(item, "to"), .why = member_text(item, "why", mem)
		};
		json_array_foreach(e, i, item)
		{
			struct clock_extension x = { .n = json_integer_value(json_object_get(item, "n")),
				.why = member_text(item, "why", mem) };

			period_unit_parse(member_text(item, "unit", mem), &x.unit);
			k->extensions[k->extension_count++] = x;
		}
	}
	json_decref(b);
	json_decref(p);
	json_decref(e);
}

static enum period_kind kind_of(struct str slug)
{
	for (int i = 0; i < PERIOD_KIND_COUNT; i++)
		if (str_eq(slug, str_of(period_kind_slug((enum period_kind)i))))
			return (enum period_kind)i;
	return PERIOD_MANAGERIAL;
}

struct matter_clock matter_clock_from_row(struct db_stmt *q, struct arena *mem)
{
	struct matter_clock k = { .id = db_i64(q, 0),
		.name = db_str_dup(q, 1, mem),
		.instrument_id = db_i64(q, 2),
		.label = db_str_dup(q, 3, mem),
		.kind = kind_of(db_str(q, 4)),
		.note = db_str_dup(q, 6, mem),
		.start_on = db_day(q, 7),
		.length = db_i64(q, 8),
		.roll = db_bool(q, 10),
		.ended_on = db_day(q, 13),
		.state = db_str_dup(q, 14, mem),
		.due_plain = db_day(q, 15),
		.due_on = db_day(q, 16) };

	period_unit_parse(db_str(q, 9), &k.unit);
	read_lists(&k, db_str(q, 5), db_str(q, 11), db_str(q, 12), mem);
	return k;
}

#define CLOCKS_MAX 200

enum err_code matter_clocks(struct matter_context *ctx, int64_t matter_id, struct matter_clock **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct matter_clock *clocks = ARENA_NEW(ctx->mem, struct matter_clock, CLOCKS_MAX + PROCESS_LIST_MAX);
	size_t count = 0;
	bool row;

	if (!clocks)
		return err_nomem(err);
	TRY(db_prepare(ctx->db, &SQL_MATTER_CLOCK_LIST, &q, err));
	db_bind_i64(q, 1, matter_id);
	TRY(db_step(q, &row, err));
	while (row && count < CLOCKS_MAX) {
		clocks[count++] = matter_clock_from_row(q, ctx->mem);
		TRY(db_step(q, &row, err));
	}
	*ret = clocks;
	*ret_count = count;
	return ERR_OK;
}

enum err_code matter_clock_count(const struct matter_context *ctx, const struct matter_clock *k, struct clock *ret, struct err *err)
{
	struct clock_request request = CLOCK_REQUEST;

	request.id = str_printf(ctx->mem, "%lld", (long long)k->id);
	request.label = k->label;
	request.kind = k->kind;
	request.basis = k->basis;
	request.basis_count = k->basis_count;
	request.start_on = k->start_on;
	request.length = k->length;
	request.unit = k->unit;
	request.rollover = k->roll ? CLOCK_ROLL_DEFAULT : CLOCK_ROLL_NO;
	request.pauses = k->pauses;
	request.pause_count = k->pause_count;
	request.extensions = k->extensions;
	request.extension_count = k->extension_count;
	request.today = ctx->today;
	request.ended_on = k->ended_on;
	request.unit_note = k->note;
	return clock_count(ctx->app->calendar, &request, ctx->mem, ret, err);
}

/** Recounts, and keeps the explanation as it stands on this day. */
static enum err_code recount(struct matter_context *ctx, struct matter_clock *k, struct str *ret_explanation, struct err *err)
{
	struct clock clock;
	struct json j;
	struct buf b;

	TRY(matter_clock_count(ctx, k, &clock, err));
	k->due_plain = clock.due_plain;
	k->due_on = clock.due_on;
	buf_init(&b, 1u << 20);
	json_init(&j, &b);
	clock_json(&clock, &j);
	*ret_explanation = b.failed ? STR("{}") : str_dup(ctx->mem, buf_str(&b));
	buf_clear(&b);
	return ERR_OK;
}

static enum err_code clock_insert(struct matter_context *ctx, int64_t matter_id, struct matter_clock *k, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct str explanation;

	TRY(recount(ctx, k, &explanation, err));
	k->id = id_new(ctx->ids);
	TRY(db_prepare(ctx->db, &SQL_MATTER_CLOCK_INSERT, &q, err));
	db_bind_i64(q, 1, k->id);
	db_bind_i64(q, 2, matter_id);
	db_bind_str(q, 3, k->name);
	db_bind_id(q, 4, k->instrument_id);
	db_bind_str(q, 5, k->label);
	db_bind_str(q, 6, str_of(period_kind_slug(k->kind)));
	db_bind_str(q, 7, basis_json(k, ctx->mem));
	db_bind_str(q, 8, or_empty(k->note));
	db_bind_day(q, 9, k->start_on);
	db_bind_i64(q, 10, k->length);
	db_bind_str(q, 11, str_of(period_unit_slug(k->unit)));
	db_bind_bool(q, 12, k->roll);
	db_bind_str(q, 13, STR("[]"));
	db_bind_str(q, 14, STR("[]"));
	db_bind_str(q, 15, k->state);
	db_bind_day(q, 16, k->due_plain);
	db_bind_day(q, 17, k->due_on);
	db_bind_str(q, 18, explanation);
	return db_run(q, NULL, err);
}

static enum err_code clock_update(struct matter_context *ctx, struct matter_clock *k, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct str explanation;

	TRY(recount(ctx, k, &explanation, err));
	TRY(db_prepare(ctx->db, &SQL_MATTER_CLOCK_UPDATE, &q, err));
	db_bind_i64(q, 1, k->id);
	db_bind_str(q, 2, pauses_json(k, ctx->mem));
	db_bind_str(q, 3, extensions_json(k, ctx->mem));
	db_bind_day(q, 4, k->ended_on);
	db_bind_str(q, 5, k->state);
	db_bind_day(q, 6, k->due_plain);
	db_bind_day(q, 7, k->due_on);
	db_bind_str(q, 8, explanation);
	return db_run(q, NULL, err);
}

enum err_code matter_clock_start(
	struct matter_case *c, int clock, int32_t start_on, int64_t instrument_id, int32_t fixed_due, struct err *err)
{
	const struct process_clock *p = &c->process->clocks[clock];
	struct matter_clock k = { .name = p->id,
		.label = p->label,
		.note = p->note,
		.instrument_id = instrument_id,
		.kind = p->kind,
		.basis = (struct period_basis *)p->basis,
		.basis_count = p->basis_count,
		.start_on = start_on,
		.length = p->length,
		.unit = p->unit,
		.roll = p->rollover,
		.ended_on = DAY_NONE,
		.state = STR("running"),
		.pauses = ARENA_NEW(c->ctx->mem, struct clock_pause, 2),
		.extensions = ARENA_NEW(c->ctx->mem, struct clock_extension, 2) };

	if (!k.pauses || !k.extensions)
		return err_nomem(err);
	if (fixed_due != DAY_NONE && fixed_due > start_on) { /* the document names the day: 27(2), 28(2) */
		k.length = fixed_due - start_on;
		k.unit = UNIT_DAY;
		k.roll = false;
		k.note = STR("期限以文书载明的日期为准");
	}
	TRY(clock_insert(c->ctx, c->m.id, &k, err));
	if (c->clock_count < CLOCKS_MAX + PROCESS_LIST_MAX)
		c->clocks[c->clock_count++] = k;
	return ERR_OK;
}

static bool is_over(const struct matter_clock *k)
{
	return str_eq(k->state, STR("done"));
}

enum err_code matter_clock_end(struct matter_case *c, int clock, int64_t instrument_id, int32_t on, struct err *err)
{
	for (size_t i = 0; i < c->clock_count; i++) {
		struct matter_clock *k = &c->clocks[i];

		if (is_over(k) || (clock != PROCESS_ANY && !str_eq(k->name, c->process->clocks[clock].id)) ||
			(instrument_id != 0 && k->instrument_id != instrument_id))
			continue;
		for (size_t p = 0; p < k->pause_count; p++)
			if (k->pauses[p].to == DAY_NONE)
				k->pauses[p].to = on > k->pauses[p].from ? on : k->pauses[p].from;
		k->ended_on = on > k->start_on ? on : k->start_on;
		k->state = STR("done");
		TRY(clock_update(c->ctx, k, err));
	}
	return ERR_OK;
}

/** Room for one more; lists are short and live in the arena. */
static bool grow(void **list, size_t count, size_t size, struct arena *mem)
{
	void *bigger = arena_alloc(mem, count + 2, size, _Alignof(max_align_t));

	if (!bigger)
		return false;
	if (count > 0)
		memcpy(bigger, *list, count * size);
	*list = bigger;
	return true;
}

enum err_code matter_clock_pause(struct matter_case *c, int32_t from, const char *why, struct err *err)
{
	for (size_t i = 0; i < c->clock_count; i++) {
		struct matter_clock *k = &c->clocks[i];
		struct clock_pause pause = { .from = from > k->start_on ? from : k->start_on, .to = DAY_NONE, .why = str_of(why) };

		if (!str_eq(k->state, STR("running")))
			continue;
		if (!grow((void **)&k->pauses, k->pause_count, sizeof(pause), c->ctx->mem))
			return err_nomem(err);
		k->pauses[k->pause_count++] = pause;
		k->state = STR("paused");
		TRY(clock_update(c->ctx, k, err));
	}
	return ERR_OK;
}

enum err_code matter_clock_resume(struct matter_case *c, int32_t on, struct err *err)
{
	for (size_t i = 0; i < c->clock_count; i++) {
		struct matter_clock *k = &c->clocks[i];

		if (!str_eq(k->state, STR("paused")))
			continue;
		for (size_t p = 0; p < k->pause_count; p++)
			if (k->pauses[p].to == DAY_NONE)
				k->pauses[p].to = on > k->pauses[p].from ? on : k->pauses[p].from;
		k->state = STR("running");
		TRY(clock_update(c->ctx, k, err));
	}
	return ERR_OK;
}

enum err_code matter_clock_extend(struct matter_case *c, int64_t instrument_id, int32_t until, struct str why, struct err *err)
{
	for (size_t i = 0; i < c->clock_count; i++) {
		struct matter_clock *k = &c->clocks[i];
		struct clock_extension x = { .unit = UNIT_DAY, .why = why };

		if (!str_eq(k->state, STR("running")) || k->instrument_id == 0 || (instrument_id != 0 && k->instrument_id != instrument_id))
			continue;
		if (until <= k->due_on)
			return err_set(err, ERR_INPUT, "延至的日期应当晚于现在的期限");
		if (!grow((void **)&k->extensions, k->extension_count, sizeof(x), c->ctx->mem))
			return err_nomem(err);
		x.n = until - k->due_on;
		k->extensions[k->extension_count++] = x;
		k->roll = false; /* the day was named */
		return clock_update(c->ctx, k, err);
	}
	return err_set(err, ERR_STATE, "没有正在计算的反馈期限可以延长");
}

/* ---- replies ---- */

static struct matter_reply reply_from_row(struct db_stmt *q, struct arena *mem)
{
	return (struct matter_reply){ .id = db_i64(q, 0),
		.matter_id = db_i64(q, 1),
		.instrument_id = db_i64(q, 2),
		.type = db_str_dup(q, 3, mem),
		.text = db_str_dup(q, 4, mem),
		.items = db_str_dup(q, 5, mem),
		.until = db_day(q, 6),
		.finding_ids = db_str_dup(q, 7, mem),
		.on_paper = db_bool(q, 8),
		.received_on = db_day(q, 9),
		.org_id = db_i64(q, 10),
		.account_name = db_str_dup(q, 11, mem),
		.state = db_str_dup(q, 12, mem),
		.decision = db_str_dup(q, 13, mem),
		.reason = db_str_dup(q, 14, mem),
		.decided_name = db_str_dup(q, 15, mem),
		.decided_ms = db_is_null(q, 16) ? TIME_NONE : db_i64(q, 16),
		.created_ms = db_i64(q, 17) };
}

#define REPLIES_MAX 500

enum err_code matter_replies(struct matter_context *ctx, int64_t matter_id, struct matter_reply **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct matter_reply *replies = ARENA_NEW(ctx->mem, struct matter_reply, REPLIES_MAX);
	size_t count = 0;
	bool row;

	if (!replies)
		return err_nomem(err);
	TRY(db_prepare(ctx->db, &SQL_MATTER_REPLY_LIST, &q, err));
	db_bind_i64(q, 1, matter_id);
	TRY(db_step(q, &row, err));
	while (row && count < REPLIES_MAX) {
		replies[count++] = reply_from_row(q, ctx->mem);
		TRY(db_step(q, &row, err));
	}
	*ret = replies;
	*ret_count = count;
	return ERR_OK;
}

enum err_code matter_reply_insert(struct matter_context *ctx, struct matter_reply *r, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	r->id = id_new(ctx->ids);
	TRY(db_prepare(ctx->db, &SQL_MATTER_REPLY_INSERT, &q, err));
	db_bind_i64(q, 1, r->id);
	db_bind_i64(q, 2, r->matter_id);
	db_bind_id(q, 3, r->instrument_id);
	db_bind_str(q, 4, r->type);
	db_bind_str(q, 5, r->text);
	db_bind_str(q, 6, or_empty(r->items));
	db_bind_day(q, 7, r->until);
	db_bind_str(q, 8, or_empty(r->finding_ids));
	db_bind_bool(q, 9, r->on_paper);
	db_bind_day(q, 10, r->received_on);
	db_bind_i64(q, 11, r->org_id);
	db_bind_id(q, 12, ctx->who->account_id);
	db_bind_str(q, 13, or_empty(ctx->who->name));
	db_bind_i64(q, 14, ctx->now_ms);
	return db_run(q, NULL, err);
}

enum err_code matter_reply_decide(
	struct matter_context *ctx, int64_t reply_id, const char *state, struct str decision, struct str reason, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t changed;

	TRY(db_prepare(ctx->db, &SQL_MATTER_REPLY_DECIDE, &q, err));
	db_bind_i64(q, 1, reply_id);
	db_bind_str(q, 2, str_of(state));
	db_bind_str(q, 3, or_empty(decision));
	db_bind_str(q, 4, or_empty(reason));
	db_bind_str(q, 5, or_empty(ctx->who->name));
	db_bind_i64(q, 6, ctx->now_ms);
	TRY(db_run(q, &changed, err));
	return changed == 1 ? ERR_OK : err_set(err, ERR_STATE, "这份回复已经处理过了");
}

enum err_code matter_replies_settle(struct matter_context *ctx, int64_t matter_id, bool corrections, const char *state, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(ctx->db, &SQL_MATTER_REPLIES_SETTLE, &q, err));
	db_bind_i64(q, 1, matter_id);
	db_bind_str(q, 2, str_of(state));
	db_bind_str(q, 3, or_empty(ctx->who->name));
	db_bind_i64(q, 4, ctx->now_ms);
	db_bind_i64(q, 5, corrections);
	return db_run(q, NULL, err);
}

/** The matter and the path of the agency of a reply: for its files. */
static enum err_code reply_owner(
	struct matter_context *ctx, int64_t reply_id, int64_t *ret_matter_id, struct str *ret_path, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(ctx->db, &SQL_MATTER_REPLY_BY_ID, &q, err));
	db_bind_i64(q, 1, reply_id);
	TRY(db_step(q, &row, err));
	*ret_matter_id = row ? db_i64(q, 0) : 0;
	*ret_path = row ? db_str_dup(q, 1, ctx->mem) : STR("");
	return ERR_OK;
}

/* ---- assistance ---- */

enum err_code matter_assist_insert(struct matter_context *ctx, struct matter_assist *a, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	a->id = id_new(ctx->ids);
	TRY(db_prepare(ctx->db, &SQL_MATTER_ASSIST_INSERT, &q, err));
	db_bind_i64(q, 1, a->id);
	db_bind_i64(q, 2, a->matter_id);
	db_bind_i64(q, 3, a->org_id);
	db_bind_str(q, 4, a->text);
	db_bind_day(q, 5, a->until);
	db_bind_str(q, 6, or_empty(ctx->who->name));
	db_bind_i64(q, 7, ctx->now_ms);
	return db_run(q, NULL, err);
}

enum err_code matter_assists(struct matter_context *ctx, int64_t matter_id, bool open_only, int64_t after_id, int limit,
	struct matter_assist **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct matter_assist *rows = ARENA_NEW(ctx->mem, struct matter_assist, (size_t)limit + 1);
	size_t count = 0;
	bool row;

	if (!rows)
		return err_nomem(err);
	TRY(db_prepare(ctx->db, &SQL_MATTER_ASSIST_PAGE, &q, err));
	db_bind_i64(q, 1, after_id > 0 ? after_id : INT64_MAX);
	db_bind_i64(q, 2, matter_id);
	db_bind_str(q, 3, or_empty(ctx->who->scope_path));
	db_bind_i64(q, 4, open_only);
	db_bind_i64(q, 5, limit);
	TRY(db_step(q, &row, err));
	while (row) {
		rows[count++] = (struct matter_assist){ .id = db_i64(q, 0),
			.matter_id = db_i64(q, 1),
			.org_id = db_i64(q, 2),
			.org_name = db_str_dup(q, 3, ctx->mem),
			.text = db_str_dup(q, 4, ctx->mem),
			.until = db_day(q, 5),
			.asked_name = db_str_dup(q, 6, ctx->mem),
			.created_ms = db_i64(q, 7),
			.answer = db_str_dup(q, 8, ctx->mem),
			.answered_name = db_str_dup(q, 9, ctx->mem),
			.answered_ms = db_is_null(q, 10) ? TIME_NONE : db_i64(q, 10),
			.matter_no = db_str_dup(q, 11, ctx->mem) };
		TRY(db_step(q, &row, err));
	}
	*ret = rows;
	*ret_count = count;
	return ERR_OK;
}

enum err_code matter_assist_answer(struct matter_context *ctx, int64_t id, struct str answer, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t changed;

	TRY(db_prepare(ctx->db, &SQL_MATTER_ASSIST_ANSWER, &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, answer);
	db_bind_str(q, 3, or_empty(ctx->who->name));
	db_bind_i64(q, 4, ctx->now_ms);
	TRY(db_run(q, &changed, err));
	return changed == 1 ? ERR_OK : err_set(err, ERR_STATE, "这件协助已经答复过了");
}

enum err_code matter_clock_recount(struct matter_context *ctx, struct matter_clock *k, struct err *err)
{
	return clock_update(ctx, k, err);
}

/* ---- files ---- */

enum err_code matter_may_read_file(struct db *db, const struct actor *who, const struct attachment *a, bool *ret, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(16u << 20);
	struct matter_context ctx = { .db = db, .mem = mem, .who = who };
	struct instrument_context documents = { .db = db, .mem = mem, .who = who };
	struct matter m;
	struct str path;
	int64_t matter_id = a->subject_id;

	*ret = false;
	if (!mem)
		return err_nomem(err);
	if (str_eq(a->subject, STR("instrument")))
		return instrument_file_visible(&documents, a->id, ret, err);
	if (str_eq(a->subject, STR("reply"))) {
		TRY(reply_owner(&ctx, a->subject_id, &matter_id, &path, err));
		if (actor_is_agency(who)) {
			*ret = !a->sealed && path.len > 0 && who->scope_path.len > 0 && str_starts(path, who->scope_path);
			return ERR_OK;
		}
	} else if (!str_eq(a->subject, STR("matter")) || actor_is_agency(who)) {
		return ERR_OK;
	}
	*ret = matter_read(&ctx, matter_id, false, &m, NULL) == ERR_OK;
	return ERR_OK;
}
