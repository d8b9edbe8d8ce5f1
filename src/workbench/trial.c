/* Trying a rule: both versions run over the same columns, their hits are walked side by side in row order. Titles and messages are masked
 * as findings are; hits outside the actor's scope are counted and not shown. */
#include <stdlib.h>

#include "base/fault.h"
#include "base/vec.h"
#include "org/org.h"
#include "workbench/workbench_private.h"

#define ORGS_MAX 20000

struct org_tally {
	int64_t id, hit;
	struct str name;
};

struct trying {
	const struct app *app;
	const struct actor *who;
	const struct frame_set *set;
	const struct frame *frame;
	const struct dictionary_type *type;
	struct arena *mem;
	VEC(struct org_tally) orgs; /* of the actor's scope, by id */
	VEC(struct workbench_month) months;
	int64_t nowhere; /* hits on records without an agency */
	struct rule_probe *draft_probe, *base_probe;
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

/** Records without an agency belong to the whole installation: seen by those who see everything. */
static bool in_scope(struct trying *t, uint32_t row)
{
	return t->frame->orgs[row] ? find_org(t, t->frame->orgs[row]) != NULL : t->who->scope_path.len == 0;
}

static int32_t month_of_row(const struct trying *t, uint32_t row)
{
	const struct frame_column *c = t->type->date >= 0 ? &t->frame->table.columns[t->type->date] : NULL;

	if (!c || !c->loaded || c->type != COLUMN_DATE || !frame_bit(c->valid, row))
		return DAY_NONE;
	return c->days[row] - day_to_ymd(c->days[row]).day + 1;
}

static bool count_month(struct trying *t, uint32_t row)
{
	int32_t month = month_of_row(t, row);

	for (size_t i = 0; i < t->months.len; i++)
		if (t->months.v[i].month == month) {
			t->months.v[i].hit++;
			return true;
		}
	return vec_push(&t->months, ((struct workbench_month){ .month = month, .hit = 1 }));
}

static enum err_code add_example(struct trying *t, struct rule_probe *probe, const struct rule *rule, const struct rule_hit *hit,
	struct workbench_examples *to, struct err *err)
{
	struct workbench_example *x = &to->v[to->count];
	struct rule_explanation words = { 0 };
	struct str title;
	size_t record;

	if (to->count == WORKBENCH_EXAMPLES)
		return ERR_OK;
	TRY(rule_probe_record(probe, rule, hit->row, &record, err));
	TRY(rule_message(probe, rule, hit->row, hit->undecided, t->mem, &words.message, err));
	TRY(finding_words(t->frame, (uint32_t)record, &words, t->mem, &title, err));
	*x = (struct workbench_example){ .record_id = t->frame->ids[record],
		.type = t->type->name,
		.title = title,
		.message = words.message,
		.key = str_dup(t->mem, frame_key(t->frame, record)),
		.severity = (enum rule_severity)hit->severity };
	if (!x->key.ptr)
		return err_nomem(err);
	to->count++;
	return ERR_OK;
}

/** A hit of the draft: where and when. */
static enum err_code count_hit(struct trying *t, const struct rule *draft, const struct rule_hit *hit, struct err *err)
{
	struct org_tally *org;
	size_t record;

	TRY(rule_probe_record(t->draft_probe, draft, hit->row, &record, err));
	org = find_org(t, t->frame->orgs[record]);
	if (!in_scope(t, (uint32_t)record)) {
		t->out->outside++;
		return ERR_OK;
	}
	if (org)
		org->hit++;
	else
		t->nowhere++;
	if (!count_month(t, (uint32_t)record))
		return err_nomem(err);
	return add_example(t, t->draft_probe, draft, hit, &t->out->examples, err);
}

static enum err_code count_change(
	struct trying *t, bool added, struct rule_probe *probe, const struct rule *rule, const struct rule_hit *hit, struct err *err)
{
	size_t record;

	*(added ? &t->out->added : &t->out->removed) += 1;
	TRY(rule_probe_record(probe, rule, hit->row, &record, err));
	if (!in_scope(t, (uint32_t)record))
		return ERR_OK;
	return add_example(t, probe, rule, hit, added ? &t->out->added_examples : &t->out->removed_examples, err);
}

/** A hit and what it is on in both versions: the row of a record, the number of a group. */
struct placed {
	int64_t at;
	const struct rule_hit *hit;
};

static int by_place(const void *a, const void *b)
{
	int64_t x = ((const struct placed *)a)->at, y = ((const struct placed *)b)->at;

	return (x > y) - (x < y);
}

/** The hits in the order of what they are on, with one entry behind them that has no hit. */
static enum err_code place_hits(
	struct trying *t, struct rule_probe *probe, const struct rule_result *r, struct placed **ret, struct err *err)
{
	struct placed *list = ARENA_NEW(t->mem, struct placed, (r ? r->hit_count : 0) + 1);
	size_t count = 0;

	if (!list)
		return err_nomem(err);
	for (size_t i = 0; r && i < r->hit_count; i++) {
		const struct frame *frame;

		if (r->hits[i].verdict != VERDICT_HIT)
			continue;
		TRY(rule_probe_frame(probe, r->rule, &frame, err));
		list[count++] = (struct placed){ .at = r->rule->having ? rule_group_id(frame_key(frame, r->hits[i].row)) : r->hits[i].row,
			.hit = &r->hits[i] };
	}
	qsort(list, count, sizeof(*list), by_place);
	*ret = list;
	return ERR_OK;
}

static enum err_code walk(struct trying *t, const struct rule_result *draft, const struct rule_result *base, struct err *err)
{
	struct placed *now, *was;

	TRY(place_hits(t, t->draft_probe, draft, &now, err));
	TRY(place_hits(t, t->base_probe, base, &was, err));
	while (now->hit || was->hit) {
		bool added = now->hit && (!was->hit || now->at < was->at), removed = was->hit && (!now->hit || was->at < now->at);

		if (!removed)
			TRY(count_hit(t, draft->rule, now->hit, err));
		if (base && added)
			TRY(count_change(t, true, t->draft_probe, draft->rule, now->hit, err));
		if (removed)
			TRY(count_change(t, false, t->base_probe, base->rule, was->hit, err));
		now += !removed;
		was += !added;
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

/** One rule of a pack over the set. */
static enum err_code run_one(const struct rule_pack *pack, const struct rule *rule, const struct frame_set *set, int32_t today,
	struct rule_results *ret, struct err *err)
{
	return rule_run(pack, set, &(struct rule_run_options){ .today = today, .threads = 2, .only = rule }, ret, err);
}

static void trying_clear(struct trying *t)
{
	vec_clear(&t->orgs);
	vec_clear(&t->months);
	rule_probe_close(t->draft_probe);
	rule_probe_close(t->base_probe);
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
	CLEANUP(rule_results_clear) struct rule_results now = { 0 }, was = { 0 };
	CLEANUP(trying_clear) struct trying t = { .app = app, .who = who, .type = draft->on, .mem = mem, .out = ret };
	const struct rule_pack *rules = app->rules;
	struct frame_wanted wanted[DICTIONARY_TYPES_MAX];

	*ret = (struct workbench_trial){ .has_base = base != NULL };
	for (size_t i = 0; i < app->dictionary->type_count; i++)
		rule_pack_wanted(draft_pack, &app->dictionary->types[i], &wanted[i]);
	snapshot_store_widen(app->snapshots, wanted);
	TRY(snapshot_get(app->snapshots, db, &set, NULL, err));
	t.set = set;
	t.frame = set->frames[draft->on->index];
	TRY(run_one(draft_pack, draft, set, today, &now, err));
	ret->seconds = now.seconds;
	put_counts(&now.v[0], ret);
	if (base) {
		TRY(run_one(rules, base, set, today, &was, err));
		ret->base_version = base->version;
		ret->base_hit = was.v[0].counts[VERDICT_HIT];
		TRY(rule_probe_open(rules, set, today, &t.base_probe, err));
	}
	TRY(read_orgs(&t, db, err));
	TRY(rule_probe_open(draft_pack, set, today, &t.draft_probe, err));
	if (t.frame)
		TRY(walk(&t, &now.v[0], base ? &was.v[0] : NULL, err));
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
