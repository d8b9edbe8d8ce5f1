/* Trying a rule: both versions run over the same columns, their hits are walked side by side in the order of what they are on: a record's
 * identifier or a group's number. Titles and messages are masked as findings are; hits outside the actor's scope are counted and not shown.
 */
#include <stdlib.h>

#include "base/fault.h"
#include "base/vec.h"
#include "org/org.h"
#include "workbench/workbench_private.h"

#define ORGS_MAX 20000

/** What a hit is on: a record's identifier, or the number of a group. */
struct subject {
	int64_t id;
	const struct rule_hit *hit;
};

struct org_tally {
	int64_t id, hit;
	struct str name;
};

/** One version of the rule with what it said. */
struct version {
	const struct rule *rule;
	struct rule_results results;
	struct rule_probe *probe;
	const struct frame *judged; /* of records or of groups */
	VEC(struct subject) hits;   /* by id */
};

struct trying {
	const struct actor *who;
	const struct frame *records;
	const struct dictionary_type *type;
	struct arena *mem;
	VEC(struct org_tally) orgs; /* of the actor's scope, by id */
	VEC(struct workbench_month) months;
	int64_t nowhere; /* hits on records without an agency */
	struct version draft, base;
	struct workbench_trial *out;
};

static enum err_code read_orgs(struct trying *t, struct db *db, struct err *err)
{
	struct org_query q = { .scope_path = t->who->scope_path, .kind = -1, .limit = 2000 };
	struct org *orgs;
	size_t count;

	do {
		TRY(org_list(db, &q, t->mem, &orgs, &count, err));
		for (size_t i = 0; i < count; i++)
			if (!vec_push(&t->orgs, ((struct org_tally){ .id = orgs[i].id, .name = orgs[i].name })))
				return err_nomem(err);
		if (count)
			q.after_id = orgs[count - 1].id;
	} while (count == (size_t)q.limit && t->orgs.len < ORGS_MAX);
	return ERR_OK;
}

static struct org_tally *find_org(struct trying *t, int64_t id)
{
	size_t low = 0, high = t->orgs.len;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (t->orgs.v[middle].id == id)
			return &t->orgs.v[middle];
		if (t->orgs.v[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/** What is of no agency belongs to the whole installation: seen by those who see everything. */
static bool in_scope(struct trying *t, int64_t org_id)
{
	return org_id ? find_org(t, org_id) != NULL : t->who->scope_path.len == 0;
}

static int32_t month_of_row(const struct trying *t, size_t row)
{
	const struct frame_column *c = t->type->date >= 0 ? &t->records->table.columns[t->type->date] : NULL;

	if (!c || !c->loaded || c->type != COLUMN_DATE || !frame_bit(c->valid, row))
		return DAY_NONE;
	return c->days[row] - day_to_ymd(c->days[row]).day + 1;
}

/** By the record's main date; a group counts where its first record does. */
static enum err_code count_month(struct trying *t, const struct rule_hit *hit, struct err *err)
{
	int32_t month;
	size_t record;

	TRY(rule_probe_record(t->draft.probe, t->draft.rule, hit->row, &record, err));
	month = month_of_row(t, record);
	for (size_t i = 0; i < t->months.len; i++)
		if (t->months.v[i].month == month) {
			t->months.v[i].hit++;
			return ERR_OK;
		}
	return vec_push(&t->months, ((struct workbench_month){ .month = month, .hit = 1 })) ? ERR_OK : err_nomem(err);
}

static enum err_code add_example(
	struct trying *t, struct version *v, const struct subject *s, struct workbench_examples *to, struct err *err)
{
	struct workbench_example *x = &to->v[to->count];
	struct rule_explanation words;
	struct str title, key;
	int64_t line;

	if (to->count == WORKBENCH_EXAMPLES)
		return ERR_OK;
	TRY(rule_explain(v->probe, v->rule, s->hit->row, t->mem, &words, err));
	TRY(finding_words(v->probe, v->rule, t->records, s->hit->row, &words, t->mem, &title, err));
	TRY(rule_hit_key(v->probe, v->rule, s->hit, &key, &line, err));
	*x = (struct workbench_example){ .record_id = v->rule->having ? 0 : s->id,
		.type = t->type->name,
		.title = title,
		.message = words.message,
		.key = str_dup(t->mem, key),
		.severity = (enum rule_severity)s->hit->severity };
	if (!x->key.ptr)
		return err_nomem(err);
	to->count++;
	return ERR_OK;
}

/** A hit of the draft: where and when. */
static enum err_code count_hit(struct trying *t, const struct subject *s, struct err *err)
{
	int64_t org_id = t->draft.judged->orgs[s->hit->row];
	struct org_tally *org = find_org(t, org_id);

	if (!in_scope(t, org_id)) {
		t->out->outside++;
		return ERR_OK;
	}
	if (org)
		org->hit++;
	else
		t->nowhere++;
	TRY(count_month(t, s->hit, err));
	return add_example(t, &t->draft, s, &t->out->examples, err);
}

static enum err_code count_change(struct trying *t, struct version *v, const struct subject *s, struct err *err)
{
	bool added = v == &t->draft;

	*(added ? &t->out->added : &t->out->removed) += 1;
	if (!in_scope(t, v->judged->orgs[s->hit->row]))
		return ERR_OK;
	return add_example(t, v, s, added ? &t->out->added_examples : &t->out->removed_examples, err);
}

static enum err_code walk(struct trying *t, struct err *err)
{
	const struct subject *now = t->draft.hits.v, *now_end = now + t->draft.hits.len;
	const struct subject *was = t->base.hits.v, *was_end = was + t->base.hits.len;

	while (now < now_end || was < was_end) {
		bool has_now = now < now_end && (was >= was_end || now->id <= was->id);
		bool has_was = was < was_end && (now >= now_end || was->id <= now->id);

		if (has_now)
			TRY(count_hit(t, now, err));
		if (has_now && !has_was && t->base.rule)
			TRY(count_change(t, &t->draft, now, err));
		if (has_was && !has_now)
			TRY(count_change(t, &t->base, was, err));
		now += has_now;
		was += has_was;
	}
	return ERR_OK;
}

static int by_month(const void *a, const void *b)
{
	int32_t x = ((const struct workbench_month *)a)->month, y = ((const struct workbench_month *)b)->month;

	return (x > y) - (x < y);
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct workbench_agency *)a)->name, ((const struct workbench_agency *)b)->name);
}

static enum err_code put_tallies(struct trying *t, struct err *err)
{
	struct workbench_trial *out = t->out;
	struct workbench_agency *agencies = ARENA_NEW(t->mem, struct workbench_agency, t->orgs.len + 1);
	struct workbench_month *months = ARENA_NEW(t->mem, struct workbench_month, t->months.len + 1);

	if (!agencies || !months)
		return err_nomem(err);
	for (size_t i = 0; i < t->orgs.len; i++)
		if (t->orgs.v[i].hit)
			agencies[out->agency_count++] =
				(struct workbench_agency){ .org_id = t->orgs.v[i].id, .name = t->orgs.v[i].name, .hit = t->orgs.v[i].hit };
	qsort(agencies, out->agency_count, sizeof(*agencies), by_name);
	if (t->nowhere)
		agencies[out->agency_count++] = (struct workbench_agency){ .name = STR("未对应到机关"), .hit = t->nowhere };
	if (t->months.len)
		memcpy(months, t->months.v, t->months.len * sizeof(*months));
	qsort(months, t->months.len, sizeof(*months), by_month);
	out->agencies = agencies;
	out->months = months;
	out->month_count = t->months.len;
	return ERR_OK;
}

static int by_id(const void *a, const void *b)
{
	int64_t x = ((const struct subject *)a)->id, y = ((const struct subject *)b)->id;

	return (x > y) - (x < y);
}

/** Runs one version and lists what it hits, by id. Records come in the order of their ids already, groups do not. */
static enum err_code run_version(struct version *v, const struct rule_pack *pack, const struct rule *rule, const struct frame_set *set,
	int32_t today, struct err *err)
{
	const struct rule_run_options o = { .today = today, .threads = 2, .only = rule };
	const struct rule_result *r;

	v->rule = rule;
	TRY(rule_run(pack, set, &o, &v->results, err));
	TRY(rule_probe_open(pack, set, today, &v->probe, err));
	TRY(rule_probe_frame(v->probe, rule, &v->judged, err));
	r = &v->results.v[0];
	for (size_t i = 0; i < r->hit_count; i++) {
		const struct rule_hit *hit = &r->hits[i];
		int64_t id;

		if (hit->verdict != VERDICT_HIT)
			continue;
		id = rule->having ? rule_group_id(frame_key(v->judged, hit->row)) : v->judged->ids[hit->row];
		if (!vec_push(&v->hits, ((struct subject){ .id = id, .hit = hit })))
			return err_nomem(err);
	}
	if (v->hits.len > 1)
		qsort(v->hits.v, v->hits.len, sizeof(*v->hits.v), by_id);
	return ERR_OK;
}

static void version_clear(struct version *v)
{
	rule_probe_close(v->probe);
	rule_results_clear(&v->results);
	vec_clear(&v->hits);
}

static void trying_clear(struct trying *t)
{
	vec_clear(&t->orgs);
	vec_clear(&t->months);
	version_clear(&t->draft);
	version_clear(&t->base);
}

static void put_counts(const struct rule_result *r, struct workbench_trial *out)
{
	out->checked = r->checked;
	memcpy(out->counts, r->counts, sizeof(out->counts));
}

enum err_code workbench_try(const struct app *app, struct db *db, const struct actor *who, const struct rule *draft,
	const struct rule_pack *draft_pack, const struct rule *base, int32_t today, struct arena *mem, struct workbench_trial *ret,
	struct err *err)
{
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	CLEANUP(trying_clear) struct trying t = { .who = who, .type = draft->on, .mem = mem, .out = ret };
	const struct rule_pack *rules = app->rules;
	struct frame_wanted wanted[DICTIONARY_TYPES_MAX];

	if (base && base->on != draft->on)
		base = NULL; /* about other records: nothing to compare */
	*ret = (struct workbench_trial){ .has_base = base != NULL };
	for (size_t i = 0; i < app->dictionary->type_count; i++)
		rule_pack_wanted(draft_pack, &app->dictionary->types[i], &wanted[i]);
	snapshot_store_widen(app->snapshots, wanted);
	TRY(snapshot_get(app->snapshots, db, &set, NULL, err));
	t.records = set->frames[draft->on->index];
	TRY(run_version(&t.draft, draft_pack, draft, set, today, err));
	ret->seconds = t.draft.results.seconds;
	put_counts(&t.draft.results.v[0], ret);
	if (base) {
		TRY(run_version(&t.base, rules, base, set, today, err));
		ret->base_version = base->version;
		ret->base_hit = t.base.results.v[0].counts[VERDICT_HIT];
	}
	TRY(read_orgs(&t, db, err));
	TRY(walk(&t, err));
	return put_tallies(&t, err);
}

/* ---- as the API has it ---- */

static void put_examples(struct json *j, const char *key, const struct workbench_examples *x)
{
	json_key(j, key);
	json_arr(j);
	for (size_t i = 0; i < x->count; i++) {
		json_obj(j);
		json_kid(j, "record_id", x->v[i].record_id);
		json_kstr(j, "type", x->v[i].type);
		json_kstr(j, "title", x->v[i].title);
		json_kstr(j, "message", x->v[i].message);
		json_kputs(j, "severity", rule_severity_slug(x->v[i].severity));
		json_obj_end(j);
	}
	json_arr_end(j);
}

static void put_against(struct json *j, const struct workbench_trial *t)
{
	json_key(j, "against");
	if (!t->has_base) {
		json_none(j);
		return;
	}
	json_obj(j);
	json_ki64(j, "version", t->base_version);
	json_ki64(j, "hit", t->base_hit);
	json_ki64(j, "added", t->added);
	json_ki64(j, "removed", t->removed);
	put_examples(j, "added_examples", &t->added_examples);
	put_examples(j, "removed_examples", &t->removed_examples);
	json_obj_end(j);
}

void workbench_trial_json(const struct workbench_trial *t, struct json *j)
{
	json_obj(j);
	json_ki64(j, "checked", t->checked);
	for (int v = 0; v < VERDICT_COUNT; v++)
		json_ki64(j, rule_verdict_slug((enum rule_verdict)v), t->counts[v]);
	json_ki64(j, "outside", t->outside);
	json_key(j, "by_month");
	json_arr(j);
	for (size_t i = 0; i < t->month_count; i++) {
		json_obj(j);
		json_kday(j, "month", t->months[i].month);
		json_ki64(j, "hit", t->months[i].hit);
		json_obj_end(j);
	}
	json_arr_end(j);
	json_key(j, "by_agency");
	json_arr(j);
	for (size_t i = 0; i < t->agency_count; i++) {
		json_obj(j);
		json_kid(j, "org_id", t->agencies[i].org_id);
		json_kstr(j, "name", t->agencies[i].name);
		json_ki64(j, "hit", t->agencies[i].hit);
		json_obj_end(j);
	}
	json_arr_end(j);
	put_examples(j, "examples", &t->examples);
	put_against(j, t);
	json_ki64(j, "microseconds", (int64_t)(t->seconds * 1e6));
	json_obj_end(j);
}
