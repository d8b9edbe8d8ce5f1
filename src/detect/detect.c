/* The sweep: run the rules over one consistent set, then walk each rule's hits and what the store knew of it side by side, both in record
 * order. */
#include "detect/detect.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/audit.h"
#include "base/fault.h"
#include "crypto/crypto.h"
#include "detect/detect_private.h"

#define EVIDENCE_BYTES_MAX (1u << 20)
#define HIT_MEMORY_MAX (16u << 20)
#define HITS_PER_TRANSACTION 2000

static const struct {
	const char *slug, *title;
} states[FINDING_STATE_COUNT] = {
	{ "open", "待研判" },
	{ "accepted", "已转线索" },
	{ "rejected", "不予采纳" },
	{ "false_positive", "误报" },
	{ "gone", "已消失" },
	{ "corrected", "数据已更正" },
	{ "closed", "已随事项办结" },
};

const char *finding_state_slug(enum finding_state s)
{
	return states[s].slug;
}

const char *finding_state_title(enum finding_state s)
{
	return states[s].title;
}

enum finding_state finding_state_parse(struct str slug)
{
	int s = 0;

	while (s < FINDING_STATE_COUNT && !str_eq(slug, str_of(states[s].slug)))
		s++;
	return (enum finding_state)s;
}

void facts_digest(const struct rule_explanation *x, char out[static 65])
{
	struct buf b;
	struct str text;

	buf_init(&b, EVIDENCE_BYTES_MAX);
	buf_put(&b, x->rule->id);
	for (size_t i = 0; i < x->term_count; i++)
		if (x->terms[i].kind == TERM_COLUMN || x->terms[i].kind == TERM_AGGREGATE) {
			buf_printf(&b, "\n%.*s=%zu:", STR_ARG(x->terms[i].source), x->terms[i].value.len);
			buf_put(&b, x->terms[i].value);
		}
	text = buf_str(&b);
	sm3_hex(&text, 1, out);
	buf_clear(&b);
}

/* ---- one rule ---- */

/** What writing one rule's findings needs at hand. */
struct writing {
	struct db *db;
	const struct sweep_options *o;
	const struct frame *frame;   /* of what the rule judges: records or groups */
	const struct frame *records; /* of the type */
	const struct dictionary_type *type;
	struct rule_probe *probe;
	const struct rule *rule; /* NULL: the rule is not run any more */
	struct str rule_id;
	struct arena *mem; /* reset after each hit */
	struct buf *evidence;
	struct known_finding *known;
	size_t known_count;
	struct sweep_rule *counts;
	int64_t sweep_id;
	int in_transaction; /* findings written since the last commit */
	struct db_tx *tx;
};

/** Every transaction that changes findings carries its own audit entry. */
static enum err_code commit(struct writing *w, struct err *err)
{
	char summary[200];

	if (w->in_transaction > 0) {
		snprintf(summary, sizeof(summary), "检测：规则 %.*s 的疑似问题线索变动 %d 条", STR_ARG(w->rule_id), w->in_transaction);
		TRY(audit_add(w->db, w->o->who, w->o->now_ms,
			&(struct audit_entry){ .action = STR("sweep.findings"),
				.subject = STR("sweep"),
				.subject_id = w->sweep_id,
				.summary = str_of(summary) },
			err));
	}
	w->in_transaction = 0;
	return db_commit(&w->tx, err);
}

/** Commits now and then, so that a reader of the store never waits long and a kill loses little. */
static enum err_code keep_going(struct writing *w, struct err *err)
{
	if (++w->in_transaction < HITS_PER_TRANSACTION)
		return ERR_OK;
	TRY(commit(w, err));
	return db_begin(w->db, &w->tx, err);
}

/** What the sweep itself did to a finding that people may have judged: part of its history beside their verdicts. */
static enum err_code note(struct writing *w, const struct known_finding *k, const char *what, struct str why, struct err *err)
{
	struct finding f = { .id = k->id, .rule_id = w->rule_id };

	return verdict_insert(w->db, w->o->ids, w->o->who, w->o->now_ms, &f, str_of(k->facts), what, why, err);
}

static struct known_finding *find_known(struct writing *w, int64_t record_id)
{
	size_t low = 0, high = w->known_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (w->known[middle].record_id == record_id)
			return &w->known[middle];
		if (w->known[middle].record_id < record_id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/** The record, or for a group the number that it always has. */
static int64_t subject_id(const struct writing *w, uint32_t row)
{
	return w->rule->having ? rule_group_id(frame_key(w->frame, row)) : w->frame->ids[row];
}

/** A text of a record with the record's personal data masked. */
static struct str masked_text(const struct privacy_words *words, struct str text, struct arena *mem)
{
	CLEANUP(buf_clear) struct buf out = { 0 };

	buf_init(&out, 256u << 10);
	if (words->count == 0 || text.len == 0)
		return text;
	privacy_words_mask(words, text, &out);
	return out.failed ? (struct str){ 0 } : str_dup(mem, buf_str(&out));
}

/** Masks one record's personal data in the words; *ret_title gets its masked title. */
static enum err_code record_words(
	const struct frame *f, uint32_t row, struct rule_explanation *x, struct arena *mem, struct str *ret_title, struct err *err)
{
	const struct dictionary_type *t = f->type;
	CLEANUP(buf_clear) struct buf title;
	struct dictionary_value values[DICTIONARY_COLUMNS_MAX];
	struct privacy_words words;

	buf_init(&title, 4096);
	for (size_t c = 0; c < t->column_count; c++)
		values[c] = f->table.columns[c].loaded ? frame_value(&t->columns[c], &f->table.columns[c], row)
		                                       : (struct dictionary_value){ .null = true };
	privacy_words(t, values, &words);
	x->message = masked_text(&words, x->message, mem);
	x->group_key = masked_text(&words, x->group_key, mem);
	for (size_t i = 0; i < x->term_count; i++)
		if (x->terms[i].known)
			x->terms[i].value = masked_text(&words, x->terms[i].value, mem);
	dictionary_title(t, values, true, &title);
	*ret_title = str_dup(mem, buf_str(&title));
	return ret_title->ptr ? ERR_OK : err_nomem(err);
}

enum err_code finding_words(struct rule_probe *probe, const struct rule *rule, const struct frame *records, uint32_t row,
	struct rule_explanation *x, struct arena *mem, struct str *ret_title, struct err *err)
{
	const uint32_t *rows;
	struct str ignored;
	size_t count;

	if (!rule->having)
		return record_words(records, row, x, mem, ret_title, err);
	TRY(rule_probe_members(probe, rule, row, &rows, &count, err));
	for (size_t i = 0; i < count && i < RULE_MEMBERS_LISTED; i++)
		TRY(record_words(records, rows[i], x, mem, &ignored, err));
	*ret_title = str_printf(mem, "%.*s %zu 条：%.*s", STR_ARG(rule->on->label.zh), x->member_count, STR_ARG(x->group_key));
	return ret_title->ptr ? ERR_OK : err_nomem(err);
}

/** The finding as it is now, with evidence; memory: w->mem and w->evidence. */
static enum err_code describe(struct writing *w, const struct rule_hit *hit, struct finding *ret, char facts[static 65], struct err *err)
{
	struct rule_explanation x;
	struct str title;
	struct json j;

	TRY(rule_explain(w->probe, w->rule, hit->row, w->mem, &x, err));
	facts_digest(&x, facts);
	TRY(finding_words(w->probe, w->rule, w->records, hit->row, &x, w->mem, &title, err));
	buf_reset(w->evidence);
	json_init(&j, w->evidence);
	rule_explanation_json(&x, &j);
	if (w->evidence->failed)
		return err_set(err, ERR_LIMIT, "规则 %.*s 的证据过长", STR_ARG(w->rule->id));
	*ret = (struct finding){ .record_id = subject_id(w, hit->row),
		.org_id = w->frame->orgs[hit->row],
		.rule_id = w->rule->id,
		.rule_version = w->rule->version,
		.type = w->type->name,
		.row_key = w->rule->having ? x.group_key : frame_key(w->frame, hit->row),
		.record_title = title,
		.sealed = w->type->sealed,
		.severity = (enum rule_severity)hit->severity,
		.state = FINDING_OPEN,
		.message = x.message,
		.evidence = buf_str(w->evidence),
		.calendar_version = calendar_version(w->o->app->calendar),
		.judged_on = w->o->today };
	return ERR_OK;
}

/** A person's acceptance or rejection, and the end of a matter, stand on what it was; other facts, or a return, put the question again. */
static enum finding_state state_after(enum finding_state before, bool same_facts)
{
	if (same_facts && (before == FINDING_REJECTED || before == FINDING_CLOSED))
		return before;
	return before == FINDING_ACCEPTED ? FINDING_ACCEPTED : FINDING_OPEN;
}

/** A hit on a record: new, known and unchanged, known with other facts, or judged a false positive before. */
static enum err_code write_hit(struct writing *w, const struct rule_hit *hit, struct err *err)
{
	struct known_finding *known = find_known(w, subject_id(w, hit->row));
	struct finding f;
	char facts[65];
	bool same;

	TRY(describe(w, hit, &f, facts, err));
	if (known)
		known->seen = true;
	same = known && strcmp(known->facts, facts) == 0;
	if (same && known->state == FINDING_FALSE_POSITIVE) {
		w->counts->suppressed++;
		w->counts->hit--;
		return ERR_OK;
	}
	if (same && known->present && known->version == f.rule_version && known->state != FINDING_GONE)
		return ERR_OK;
	if (known) {
		f.id = known->id;
		f.state = state_after(known->state, same);
	}
	w->counts->fresh += !known || known->state == FINDING_GONE;
	if (known && !known->present)
		TRY(note(w, known, "returned", STR("再次命中"), err));
	else if (known && f.state != known->state)
		TRY(note(w, known, "reopened", STR("所依据的事实有变化"), err));
	TRY(finding_put(w->db, w->o->ids, &f, str_of(facts), w->o->now_ms, err));
	return keep_going(w, err);
}

static enum err_code write_vanished(struct writing *w, struct err *err)
{
	for (size_t i = 0; i < w->known_count; i++) {
		const struct known_finding *k = &w->known[i];

		if (k->seen || !k->present)
			continue;
		w->counts->gone++;
		TRY(finding_vanish(w->db, k->id, w->o->now_ms, err));
		TRY(note(w, k, "gone", w->rule ? STR("按现在的数据不再命中") : STR("规则已停用或者删除"), err));
		TRY(keep_going(w, err));
	}
	return ERR_OK;
}

static enum err_code write_rule(struct writing *w, const struct rule_result *result, struct err *err)
{
	for (size_t i = 0; i < result->hit_count; i++) {
		if (result->hits[i].verdict != VERDICT_HIT)
			continue;
		TRY(write_hit(w, &result->hits[i], err));
		arena_reset(w->mem);
	}
	return write_vanished(w, err);
}

static struct sweep_rule counts_of(const struct rule_result *r)
{
	return (struct sweep_rule){ .rule_id = r->rule->id,
		.version = r->rule->version,
		.checked = r->checked,
		.hit = r->counts[VERDICT_HIT],
		.exempt = r->counts[VERDICT_EXEMPT],
		.unknown = r->counts[VERDICT_UNKNOWN],
		.not_in_force = r->counts[VERDICT_NOT_IN_FORCE],
		.clean = r->counts[VERDICT_CLEAN],
		.seconds = r->seconds };
}

/** Opens what one rule needs, writes, closes. */
static enum err_code store_rule(struct db *db, const struct sweep_options *o, int64_t sweep_id, const struct frame_set *set,
	struct rule_probe *probe, const struct rule_result *result, struct arena *mem, struct buf *evidence, struct sweep_rule *counts,
	struct err *err)
{
	CLEANUP(mem_freep) struct known_finding *known = NULL;
	struct writing w = { .db = db,
		.o = o,
		.sweep_id = sweep_id,
		.rule = result->rule,
		.rule_id = result->rule->id,
		.type = result->rule->on,
		.records = set->frames[result->rule->on->index],
		.probe = probe,
		.mem = mem,
		.evidence = evidence,
		.counts = counts };
	enum err_code code;

	TRY(rule_probe_frame(probe, result->rule, &w.frame, err));
	TRY(known_findings(db, result->rule->id, &known, &w.known_count, err));
	w.known = known;
	if (!w.frame && w.known_count == 0)
		return ERR_OK;
	TRY(db_begin(db, &w.tx, err));
	code = write_rule(&w, result, err);
	if (code == ERR_OK)
		code = commit(&w, err);
	db_rollbackp(&w.tx);
	return code;
}

static bool is_in(const struct rule_results *results, struct str rule_id)
{
	for (size_t i = 0; i < results->count; i++)
		if (str_eq(results->v[i].rule->id, rule_id))
			return true;
	return false;
}

/** Findings of a rule that was retired, deleted or renamed are gone: nobody can say any more what they rest on. */
static enum err_code retire_rule(struct db *db, const struct sweep_options *o, int64_t sweep_id, struct str rule_id, struct err *err)
{
	CLEANUP(mem_freep) struct known_finding *known = NULL;
	struct sweep_rule counts = { 0 };
	struct writing w = { .db = db, .o = o, .sweep_id = sweep_id, .rule_id = rule_id, .counts = &counts };
	enum err_code code;

	TRY(known_findings(db, rule_id, &known, &w.known_count, err));
	w.known = known;
	TRY(db_begin(db, &w.tx, err));
	code = write_vanished(&w, err);
	if (code == ERR_OK)
		code = commit(&w, err);
	db_rollbackp(&w.tx);
	return code;
}

static enum err_code retire_rules(struct db *db, const struct sweep_options *o, int64_t sweep_id, const struct rule_results *results,
	struct arena *mem, struct err *err)
{
	struct str *rule_ids;
	size_t count;

	TRY(finding_rules(db, mem, &rule_ids, &count, err));
	for (size_t i = 0; i < count; i++)
		if (!is_in(results, rule_ids[i]))
			TRY(retire_rule(db, o, sweep_id, rule_ids[i], err));
	return ERR_OK;
}

/* ---- the sweep ---- */

static enum err_code store_all(struct db *db, const struct sweep_options *o, const struct frame_set *set,
	const struct rule_results *results, enum err_code (*on_progress)(void *arg, int64_t done, int64_t total, struct err *err),
	void *arg, struct sweep *sweep, struct err *err)
{
	CLEANUP(rule_probe_closep) struct rule_probe *probe = NULL;
	CLEANUP(arena_closep) struct arena *mem = arena_open(HIT_MEMORY_MAX);
	struct buf evidence;
	enum err_code code = ERR_OK;

	if (!mem)
		return err_nomem(err);
	TRY(rule_probe_open(o->app->rules, set, o->today, &probe, err));
	buf_init(&evidence, EVIDENCE_BYTES_MAX);
	for (size_t i = 0; i < results->count && code == ERR_OK; i++) {
		code = store_rule(db, o, sweep->id, set, probe, &results->v[i], mem, &evidence, &sweep->rules[i], err);
		if (code == ERR_OK)
			code = sweep_rule_put(db, sweep->id, &sweep->rules[i], err);
		if (code == ERR_OK && on_progress)
			code = on_progress(arg, (int64_t)i + 1, (int64_t)results->count, err);
	}
	buf_clear(&evidence);
	arena_reset(mem);
	return code == ERR_OK ? retire_rules(db, o, sweep->id, results, mem, err) : code;
}

static int64_t records_in(const struct frame_set *set)
{
	int64_t count = 0;

	for (size_t t = 0; t < set->dictionary->type_count; t++)
		count += set->frames[t] ? (int64_t)set->frames[t]->table.rows : 0;
	return count;
}

static enum err_code finish(struct db *db, const struct sweep_options *o, const struct sweep *s, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	char summary[200];
	int64_t hits = 0;

	for (size_t i = 0; i < s->rule_count; i++)
		hits += s->rules[i].hit;
	snprintf(summary, sizeof(summary), "检测 %lld 条记录，%zu 条规则，疑似问题线索 %lld 条", (long long)s->records, s->rule_count,
		(long long)hits);
	TRY(db_begin(db, &tx, err));
	TRY(sweep_end(db, s->id, "done", s->ended_ms, s->records, s->seconds, err));
	TRY(audit_add(db, o->who, s->ended_ms,
		&(struct audit_entry){
			.action = STR("sweep.done"), .subject = STR("sweep"), .subject_id = s->id, .summary = str_of(summary) },
		err));
	return db_commit(&tx, err);
}

static enum err_code sweep_set(struct db *db, const struct sweep_options *o, const struct frame_set *set,
	const struct rule_results *results, enum err_code (*on_progress)(void *arg, int64_t done, int64_t total, struct err *err),
	void *arg, struct arena *mem, struct sweep *s, struct err *err)
{
	s->rules = ARENA_NEW(mem, struct sweep_rule, results->count + 1);
	if (!s->rules)
		return err_nomem(err);
	s->rule_count = results->count;
	s->records = records_in(set);
	s->seconds = results->seconds;
	for (size_t i = 0; i < results->count; i++)
		s->rules[i] = counts_of(&results->v[i]);
	s->ended_ms = o->now_ms;
	s->state = STR("done");
	if (o->dry_run)
		return ERR_OK;
	s->id = id_new(o->ids);
	TRY(sweep_insert(db, s->id, o->today, o->now_ms, o->who->account_id, err));
	enum err_code code = store_all(db, o, set, results, on_progress, arg, s, err);
	if (code == ERR_OK)
		return finish(db, o, s, err);
	struct err unheard; /* what failed first is the answer; the mark is for whoever looks at the list of sweeps */
	sweep_end(db, s->id, "failed", o->now_ms, s->records, s->seconds, &unheard);
	return code;
}

enum err_code detect_sweep(struct db *db, const struct sweep_options *o,
	enum err_code (*on_progress)(void *arg, int64_t done, int64_t total, struct err *err), void *arg, struct arena *mem,
	struct sweep *ret, struct err *err)
{
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	struct rule_results results = { 0 };
	struct sweep s = { .today = o->today, .started_ms = o->now_ms };
	enum err_code code;

	TRY(sweep_judge(db, o, &set, &results, err));
	code = sweep_set(db, o, set, &results, on_progress, arg, mem, &s, err);
	rule_results_clear(&results);
	if (code == ERR_OK)
		*ret = s;
	return code;
}

void sweep_json(const struct sweep *s, struct json *j)
{
	json_obj(j);
	json_kid(j, "id", s->id);
	json_kstr(j, "state", s->state);
	json_kday(j, "today", s->today);
	json_ktime(j, "started_at", s->started_ms);
	json_ktime(j, "ended_at", s->ended_ms);
	json_ki64(j, "records", s->records);
	json_key(j, "seconds");
	json_double(j, s->seconds);
	json_key(j, "rules");
	json_arr(j);
	for (size_t i = 0; i < s->rule_count; i++) {
		const struct sweep_rule *r = &s->rules[i];

		json_obj(j);
		json_kstr(j, "id", r->rule_id);
		json_ki64(j, "version", r->version);
		json_ki64(j, "checked", r->checked);
		json_ki64(j, "hit", r->hit);
		json_ki64(j, "exempt", r->exempt + r->suppressed);
		json_ki64(j, "false_positive", r->suppressed);
		json_ki64(j, "unknown", r->unknown);
		json_ki64(j, "not_in_force", r->not_in_force);
		json_ki64(j, "clean", r->clean);
		json_ki64(j, "fresh", r->fresh);
		json_ki64(j, "gone", r->gone);
		json_key(j, "seconds");
		json_double(j, r->seconds);
		json_obj_end(j);
	}
	json_arr_end(j);
	json_obj_end(j);
}

/* ---- the job ---- */

struct job_progress_of {
	struct job_context *ctx;
	const struct job *job;
};

static enum err_code tell_progress(void *arg, int64_t done, int64_t total, struct err *err)
{
	struct job_progress_of *p = arg;

	return job_progress(p->ctx->db, p->job, done, total, time_now_ms(), err);
}

/** The import that a sweep follows: {"import_id": "…"}; 0 when it follows none. */
static int64_t import_of(struct str args)
{
	json_t *object = json_loadb(args.ptr ? args.ptr : "{}", args.ptr ? args.len : 2, 0, NULL);
	const char *text = json_string_value(json_object_get(object, "import_id"));
	int64_t id = 0;

	if (!text || !str_to_i64(str_of(text), &id))
		id = 0;
	json_decref(object);
	return id;
}

static enum err_code run_sweep_job(struct job_context *ctx, const struct job *job, struct buf *result, struct err *err)
{
	struct job_progress_of progress = { .ctx = ctx, .job = job };
	struct actor who = { .account_id = job->account_id, .name = STR("后台检测"), .roles = ROLE_SIGNED_IN };
	struct sweep_options o = { .app = ctx->app,
		.ids = ctx->ids,
		.who = &who,
		.now_ms = ctx->now_ms,
		.today = ctx->app->fixed_today == DAY_NONE ? day_of_time(ctx->now_ms) : ctx->app->fixed_today,
		.threads = 2 };
	int64_t import_id = import_of(job->args);
	struct sweep s;
	struct json j;

	TRY(detect_sweep(ctx->db, &o, tell_progress, &progress, ctx->mem, &s, err));
	if (import_id)
		TRY(import_set_sweep(ctx->db, import_id, s.id, err));
	json_init(&j, result);
	sweep_json(&s, &j);
	return ERR_OK;
}

const struct job_kind sweep_job = { .kind = "sweep", .run = run_sweep_job };

/* ---- verdicts ---- */

enum err_code finding_get(struct db *db, const struct actor *who, int64_t id, struct arena *mem, struct finding *ret, struct err *err)
{
	struct str facts;
	bool seen;

	TRY(finding_read(db, id, mem, ret, &facts, err));
	seen = ret->org_path.ptr ? actor_sees(who, ret->org_path) : !actor_is_agency(who);
	if (actor_is_agency(who))
		seen = seen && !ret->sealed && ret->present && ret->state != FINDING_REJECTED && ret->state != FINDING_FALSE_POSITIVE;
	if (actor_is_agency(who))
		ret->clue_id = 0; /* that there is a clue is the bureau's business */
	return seen ? ERR_OK : err_set(err, ERR_NOT_FOUND, "没有这条疑似问题线索");
}

static enum err_code check_verdict(const struct finding_verdict *v, struct err *err)
{
	bool needs_reason = v->to == FINDING_REJECTED || v->to == FINDING_FALSE_POSITIVE;

	if (v->to == FINDING_OPEN || v->to == FINDING_GONE || v->to == FINDING_CLOSED || v->to >= FINDING_STATE_COUNT)
		return err_set(err, ERR_INPUT, "研判结论只能是：采纳、不予采纳、误报、数据已更正");
	if (needs_reason && utf8_count(str_trim(v->reason)) < 4)
		return err_set(err, ERR_INPUT, "请写明理由（至少 4 个字）：理由会用于统计规则的准确率");
	return ERR_OK;
}

static enum err_code decide_one(struct db *db, const struct actor *who, struct id_source *ids, int64_t now_ms, int64_t id,
	const struct finding_verdict *v, struct arena *mem, int64_t *count, struct err *err)
{
	struct finding f;
	struct str facts;
	bool changed;

	TRY(finding_read(db, id, mem, &f, &facts, err));
	if (f.org_path.ptr ? !actor_sees(who, f.org_path) : actor_is_agency(who))
		return err_set(err, ERR_NOT_FOUND, "没有这条疑似问题线索");
	TRY(finding_set_state(db, id, v->to, v->clue_id, now_ms, &changed, err));
	if (!changed)
		return ERR_OK;
	++*count;
	return verdict_insert(db, ids, who, now_ms, &f, facts, finding_state_slug(v->to), v->reason, err);
}

enum err_code finding_decide(struct db *db, const struct actor *who, struct id_source *ids, int64_t now_ms, const int64_t *finding_ids,
	size_t count, const struct finding_verdict *verdict, int64_t *ret_count, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(16 << 20);
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	char summary[160];
	int64_t changed = 0;

	if (!mem)
		return err_nomem(err);
	TRY(check_verdict(verdict, err));
	TRY(db_begin(db, &tx, err));
	for (size_t i = 0; i < count; i++) {
		TRY(decide_one(db, who, ids, now_ms, finding_ids[i], verdict, mem, &changed, err));
		arena_reset(mem);
	}
	snprintf(summary, sizeof(summary), "研判疑似问题线索 %lld 条：%s", (long long)changed, finding_state_title(verdict->to));
	TRY(audit_add(db, who, now_ms,
		&(struct audit_entry){ .action = STR("finding.decide"),
			.subject = STR("finding"),
			.subject_id = count > 0 ? finding_ids[0] : 0,
			.summary = str_of(summary) },
		err));
	*ret_count = changed;
	return db_commit(&tx, err);
}

enum err_code finding_follow(struct db *db, const struct actor *who, struct id_source *ids, int64_t now_ms, const int64_t *finding_ids,
	size_t count, enum finding_state to, struct str why, int64_t *ret_count, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(16 << 20);
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	const char *verdict = to == FINDING_ACCEPTED ? "resumed" : finding_state_slug(to);
	char summary[200];
	int64_t moved = 0;

	if (!mem)
		return err_nomem(err);
	TRY(db_begin(db, &tx, err));
	for (size_t i = 0; i < count; i++) {
		struct finding f;
		struct str facts;
		bool changed;

		TRY(finding_move(db, finding_ids[i], to, now_ms, &changed, err));
		if (!changed)
			continue;
		TRY(finding_read(db, finding_ids[i], mem, &f, &facts, err));
		TRY(verdict_insert(db, ids, who, now_ms, &f, facts, verdict, why, err));
		arena_reset(mem);
		moved++;
	}
	*ret_count = moved;
	if (moved == 0)
		return db_commit(&tx, err);
	snprintf(summary, sizeof(summary), "疑似问题线索 %lld 条随事项：%s（%.*s）", (long long)moved, finding_state_title(to),
		STR_ARG(why));
	TRY(audit_add(db, who, now_ms,
		&(struct audit_entry){ .action = STR("finding.follow"),
			.subject = STR("finding"),
			.subject_id = finding_ids[0],
			.summary = str_of(summary) },
		err));
	return db_commit(&tx, err);
}

/** Whether the finding's rule still hits its record in this set. */
static enum err_code still_hits(const struct app *app, const struct frame_set *set, int32_t today, const struct finding *f,
	struct arena *mem, bool *ret, struct err *err)
{
	CLEANUP(rule_probe_closep) struct rule_probe *probe = NULL;
	const struct rule *rule = rule_find(app->rules, f->rule_id);
	struct rule_explanation x;
	size_t row;

	*ret = false;
	if (!rule)
		return ERR_OK;
	TRY(rule_probe_open(app->rules, set, today, &probe, err));
	TRY(rule_probe_find_id(probe, rule, f->record_id, &row, err));
	if (row == FRAME_NO_ROW)
		return ERR_OK;
	TRY(rule_explain(probe, rule, row, mem, &x, err));
	*ret = x.verdict == VERDICT_HIT;
	return ERR_OK;
}

enum err_code finding_reevaluate(struct db *db, const struct app *app, const struct actor *who, struct id_source *ids, int64_t now_ms,
	int32_t today, int64_t id, struct arena *mem, bool *ret_still_hit, struct err *err)
{
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct finding f;
	struct str facts;

	TRY(finding_read(db, id, mem, &f, &facts, err));
	TRY(snapshot_get(app->snapshots, db, &set, NULL, err));
	TRY(still_hits(app, set, today, &f, mem, ret_still_hit, err));
	TRY(db_begin(db, &tx, err));
	if (!*ret_still_hit)
		TRY(finding_set_corrected(db, id, now_ms, err));
	TRY(verdict_insert(
		db, ids, who, now_ms, &f, facts, *ret_still_hit ? "contested" : "corrected", STR("机关提出数据有误，重新检测"), err));
	TRY(audit_add(db, who, now_ms,
		&(struct audit_entry){ .action = STR("finding.reevaluate"),
			.subject = STR("finding"),
			.subject_id = id,
			.summary =
				*ret_still_hit ? STR("机关提出数据有误，重新检测后仍命中") : STR("机关提出数据有误，重新检测后不再命中") },
		err));
	return db_commit(&tx, err);
}
