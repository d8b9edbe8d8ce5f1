/* The vector engine against a second, naive evaluator that walks the syntax tree row by row: random typed expressions on
 * random records with empty and absent facts, children and parents, many rules in one pack, one and several threads.
 * XZ_SEED repeats a run; XZ_ROUNDS makes it longer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fault.h"
#include "base/file.h"
#include "rule/kernel.h"
#include "rule/code.h"
#include "support/naive_rules.h"

#define ROWS 2500 /* more than a block */
#define RULES 60
#define DEPTH 4

static struct asset_set assets = { .dirs = { { .dir = "tests/rule/dictionary", .prefix = "dictionary/", .replace = true },
					   { .prefix = "rules/", .replace = true } },
	.dir_count = 2 };
static char rules_dir[64];

/* ---- the property ---- */

static void write_rule(int index, const char *when)
{
	char path[128];
	struct buf text;

	buf_init(&text, 1 << 20);
	buf_printf(&text,
		"id: r%03d\ntitle: t\non: penalty\nseverity: warn\nwhen: |\n  %s\nunless:\n  - {id: a, when: \"procedure = 'simple' and "
		"fine > 50 元\"}\n"
		"  - {id: b, when: major}\nin_force: 2024-06-01..2026-03-01\njudged_by: coalesce(decided_on, filed_on)\n",
		index, when);
	snprintf(path, sizeof(path), "%s/r%03d.yaml", rules_dir, index);
	assert_int_equal(file_write(path, buf_str(&text), NULL), ERR_OK);
	buf_clear(&text);
}

static enum rule_verdict verdict_of(const struct rule *rule, const struct record *r, int *ret_exemption, uint32_t *ret_undecided)
{
	struct place at = { r, .child = -1 };
	struct value by = walk(at, rule->code->judged_by.ast), when = walk(at, rule->code->when.ast);

	*ret_exemption = -1;
	*ret_undecided = 0;
	if (by.state != HAS)
		return VERDICT_UNKNOWN;
	if (by.i < rule->in_force_from || by.i > rule->in_force_to)
		return VERDICT_NOT_IN_FORCE;
	if (when.state != HAS)
		return VERDICT_UNKNOWN;
	if (!when.i)
		return VERDICT_CLEAN;
	for (size_t i = 0; i < rule->exemption_count; i++) {
		struct value x = walk(at, rule->code->exemptions[i].ast);

		if (x.state != HAS)
			*ret_undecided |= (uint32_t)1 << i;
		else if (x.i && *ret_exemption < 0)
			*ret_exemption = (int)i;
	}
	return *ret_exemption >= 0 ? VERDICT_EXEMPT : VERDICT_HIT;
}

static void check_rule(const struct rule_result *result, struct rule_probe *probe)
{
	int64_t counts[VERDICT_COUNT] = { 0 };
	size_t next = 0;

	for (int i = 0; i < penalties.count; i++) {
		int exemption;
		uint32_t undecided;
		enum rule_verdict want = verdict_of(result->rule, &penalties.rows[i], &exemption, &undecided), got = VERDICT_CLEAN;

		counts[want]++;
		if (next < result->hit_count && result->hits[next].row == (uint32_t)i)
			got = (enum rule_verdict)result->hits[next++].verdict;
		else if (want == VERDICT_NOT_IN_FORCE)
			got = VERDICT_NOT_IN_FORCE;
		if (got != want)
			fail_msg("row %d: naive %s, vector %s\n%.*s", i, rule_verdict_slug(want), rule_verdict_slug(got),
				STR_ARG(result->rule->when));
		if (want == VERDICT_HIT || want == VERDICT_EXEMPT) {
			assert_int_equal(result->hits[next - 1].exemption, exemption);
			assert_int_equal(result->hits[next - 1].undecided, undecided);
		}
		if (i % 97 == 0) {
			CLEANUP(arena_closep) struct arena *own = arena_open((size_t)8 << 20);
			struct rule_explanation x;

			assert_int_equal(rule_explain(probe, result->rule, (size_t)i, own, &x, NULL), ERR_OK);
			assert_int_equal(x.verdict, want);
		}
	}
	for (int v = 0; v < VERDICT_COUNT; v++)
		assert_int_equal(result->counts[v], counts[v]);
	assert_int_equal(next, result->hit_count);
}

static void same_results(const struct rule_results *a, const struct rule_results *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_int_equal(a->v[i].hit_count, b->v[i].hit_count);
		if (a->v[i].hit_count > 0)
			assert_memory_equal(a->v[i].hits, b->v[i].hits, a->v[i].hit_count * sizeof(struct rule_hit));
		assert_memory_equal(a->v[i].counts, b->v[i].counts, sizeof(a->v[i].counts));
	}
}

/** The sets this machine lacks are left out; counting without listing counts alike. */
static void every_instruction_set_agrees(const struct rule_pack *pack, const struct frame_set *set, const struct rule_results *want)
{
	static const char *const names[] = { "base", "v2", "v3", "v4" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		CLEANUP(rule_results_clear) struct rule_results listed = { 0 }, counted = { 0 };
		struct rule_run_options o = { .today = TODAY, .keep_unknown = true, .kernels = names[i] };

		if (!kernels_named(names[i]))
			continue;
		assert_int_equal(rule_run(pack, set, &o, &listed, NULL), ERR_OK);
		same_results(want, &listed);
		o.counts_only = true;
		assert_int_equal(rule_run(pack, set, &o, &counted, NULL), ERR_OK);
		for (size_t r = 0; r < want->count; r++) {
			assert_memory_equal(want->v[r].counts, counted.v[r].counts, sizeof(want->v[r].counts));
			assert_int_equal(counted.v[r].hit_count, 0);
		}
	}
}

static void make_rules(void)
{
	struct buf text;

	for (int i = 0; i < RULES; i++) {
		struct writer w = { .out = &text, .child = -1 };

		buf_init(&text, 1 << 20);
		do {
			buf_reset(&text);
			write_expression(&w, TYPE_BOOL, DEPTH);
		} while (text.failed || text.len > 3000);
		write_rule(i, text.ptr);
		buf_clear(&text);
	}
}

/* ---- sets made by changing others ---- */

static void same_table(const struct dictionary_column *columns, const struct frame_table *a, const struct frame_table *b)
{
	assert_int_equal(a->rows, b->rows);
	for (size_t c = 0; c < a->column_count; c++)
		for (size_t row = 0; row < a->rows; row++) {
			struct dictionary_value x = frame_value(&columns[c], &a->columns[c], row),
						y = frame_value(&columns[c], &b->columns[c], row);

			assert_int_equal(x.null, y.null);
			assert_true(x.null || (x.i == y.i && str_eq(x.s, y.s)));
		}
}

static void same_frame(const struct frame *a, const struct frame *b)
{
	same_table(a->type->columns, &a->table, &b->table);
	assert_memory_equal(a->ids, b->ids, a->table.rows * sizeof(*a->ids));
	for (size_t row = 0; row < a->table.rows; row++)
		assert_memory_equal(&a->supplies[a->supply[row]], &b->supplies[b->supply[row]], sizeof(*a->supplies));
	for (size_t c = 0; c < a->type->child_count; c++) {
		const struct frame_child *x = &a->children[c], *y = &b->children[c];

		same_table(a->type->children[c].columns, &x->table, &y->table);
		assert_memory_equal(x->first, y->first, (a->table.rows + 1) * sizeof(*x->first));
		assert_memory_equal(x->parent, y->parent, x->table.rows * sizeof(*x->parent));
	}
}

static void same_links(const struct frame_set *a, const struct frame_set *b, const struct dictionary_type *type)
{
	for (int child = -1; child < (int)type->child_count; child++) {
		size_t count = child < 0 ? type->reference_count : type->children[child].reference_count;
		const struct frame *f = a->frames[type->index];
		size_t rows = child < 0 ? f->table.rows : f->children[child].table.rows;

		for (size_t i = 0; i < count; i++) {
			size_t slot = frame_link_slot(type, child, (int)i);

			assert_memory_equal(a->links[type->index][slot]->rows, b->links[type->index][slot]->rows, rows * sizeof(uint32_t));
		}
	}
}

/** The penalties as they were before: some others, some missing at the end, or one more. What changed is told by `changes` and `changed`.
 */
static struct frame *earlier_frame(struct frame_change *changes, size_t *ret_count, struct frame **ret_changed)
{
	struct table before = penalties, part = penalties;
	int missing = random_below(3) == 0 ? 0 : random_below(400), extra = random_below(4) == 0;
	size_t count = 0;
	struct frame *f;

	before.rows = ARENA_NEW(mem, struct record, penalties.count + 1);
	part.rows = ARENA_NEW(mem, struct record, penalties.count + 1);
	memcpy(before.rows, penalties.rows, (size_t)penalties.count * sizeof(*before.rows));
	before.count = extra ? penalties.count + 1 : penalties.count - missing;
	if (extra)
		random_record(&before, &before.rows[penalties.count], penalties.count);
	for (int i = 0; i < penalties.count; i++) {
		if (i >= before.count || random_below(300) == 0) {
			if (i < before.count)
				random_record(&before, &before.rows[i], i);
			part.rows[count] = penalties.rows[i];
			changes[count] = (struct frame_change){ .id = i + 1, .row = (uint32_t)count };
			count++;
		}
	}
	part.count = (int)count;
	*ret_changed = frame_of(&part);
	for (size_t i = 0; i < count; i++)
		(*ret_changed)->ids[i] = changes[i].id;
	if (extra)
		changes[count++] = (struct frame_change){ .id = penalties.count + 1, .row = FRAME_NO_ROW };
	*ret_count = count;
	f = frame_of(&before);
	return f;
}

static void a_changed_set_judges_like_one_made_anew(
	const struct rule_pack *pack, const struct frame_set *want_set, const struct rule_results *want)
{
	CLEANUP(frame_set_releasep) struct frame_set *old_set = NULL, *new_set = NULL;
	CLEANUP(rule_results_clear) struct rule_results before = { 0 }, after = { 0 };
	CLEANUP(mem_freep) struct frame_change *changes = mem_alloc(ROWS + 2, sizeof(*changes));
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 }, *old, *changed = NULL, *patched = NULL;
	struct rule_run_options o = { .today = TODAY, .threads = 1, .keep_unknown = true };
	size_t count;

	old = earlier_frame(changes, &count, &changed);
	memcpy(frames, want_set->frames, dictionary->type_count * sizeof(*frames));
	frames[penalty->index] = old;
	assert_int_equal(frame_set_open(dictionary, frames, NULL, &old_set, NULL), ERR_OK);
	assert_int_equal(rule_run(pack, old_set, &o, &before, NULL), ERR_OK);
	assert_int_equal(frame_patch(old, NULL, changed, changes, count, &patched, NULL), ERR_OK);
	same_frame(patched, want_set->frames[penalty->index]);
	assert_true((patched->patched_from == old) == (changes[count - 1].row != FRAME_NO_ROW));
	frames[penalty->index] = patched;
	assert_int_equal(frame_set_open(dictionary, frames, old_set, &new_set, NULL), ERR_OK);
	same_links(new_set, want_set, penalty);
	assert_int_equal(rule_run(pack, new_set, &o, &after, NULL), ERR_OK);
	same_results(want, &after);
	frame_release(old);
	frame_release(changed);
	frame_release(patched);
}

static void a_set_from_its_file_judges_alike(
	const struct rule_pack *pack, const struct frame_set *want_set, const struct rule_results *want)
{
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	CLEANUP(rule_results_clear) struct rule_results got = { 0 };
	struct rule_run_options o = { .today = TODAY, .threads = 1, .keep_unknown = true };
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 };
	struct frame_stamp stamp = { 0 };
	char path[96];

	snprintf(path, sizeof(path), "%s/image", rules_dir);
	assert_int_equal(frame_image_write(path, want_set, &stamp, NULL), ERR_OK);
	assert_int_equal(frame_image_open(path, dictionary, frames, &stamp, NULL), ERR_OK);
	unlink(path);
	assert_int_equal(frame_set_open(dictionary, frames, NULL, &set, NULL), ERR_OK);
	for (size_t t = 0; t < dictionary->type_count; t++)
		if (frames[t]) {
			same_frame(frames[t], want_set->frames[t]);
			frame_release(frames[t]);
		}
	assert_int_equal(rule_run(pack, set, &o, &got, NULL), ERR_OK);
	same_results(want, &got);
}

static void one_round(void)
{
	CLEANUP(frame_set_releasep) struct frame_set *set = NULL;
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	CLEANUP(rule_results_clear) struct rule_results one = { 0 }, two = { 0 };
	CLEANUP(rule_probe_closep) struct rule_probe *probe = NULL;
	struct rule_options o = { .assets = &assets, .dictionary = dictionary, .calendar = calendar };
	struct rule_run_options run = { .today = TODAY, .threads = 1, .keep_unknown = true };
	struct err err = { 0 };

	random_table(&penalties, penalty, ROWS);
	random_table(&agencies, agency, AGENCIES);
	random_table(&officers, officer, OFFICERS);
	tie_keys();
	forget_unsupplied(&penalties);
	forget_unsupplied(&agencies);
	forget_unsupplied(&officers);
	set = set_of_all();
	make_rules();
	if (rule_pack_load(&o, &pack, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(rule_run(pack, set, &run, &one, &err), ERR_OK);
	assert_int_equal(rule_probe_open(pack, set, TODAY, &probe, &err), ERR_OK);
	assert_int_equal(one.count, RULES);
	for (size_t i = 0; i < one.count; i++)
		check_rule(&one.v[i], probe);
	run.threads = 2;
	assert_int_equal(rule_run(pack, set, &run, &two, &err), ERR_OK);
	same_results(&one, &two);
	every_instruction_set_agrees(pack, set, &one);
	a_changed_set_judges_like_one_made_anew(pack, set, &one);
	a_set_from_its_file_judges_alike(pack, set, &one);
}

static void vector_and_naive_evaluation_agree(void **state)
{
	const char *seed = getenv("XZ_SEED"), *rounds = getenv("XZ_ROUNDS");

	(void)state;
	random_state = seed ? strtoull(seed, NULL, 10) : (uint64_t)time_now_ms() * 2654435761u + 1;
	for (int i = 0; i < (rounds ? atoi(rounds) : 3); i++) {
		print_message("XZ_SEED=%llu\n", (unsigned long long)random_state);
		one_round();
		arena_reset(mem);
		assert_int_equal(dictionary_load(&assets, mem, &dictionary, NULL), ERR_OK);
		assert_int_equal(calendar_load(&assets, STR(""), mem, &calendar, NULL), ERR_OK);
		penalty = dictionary_type(dictionary, STR("penalty"));
		agency = dictionary_type(dictionary, STR("agency"));
		officer = dictionary_type(dictionary, STR("officer"));
	}
}

static int setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	mem = arena_open((size_t)1 << 30);
	snprintf(rules_dir, sizeof(rules_dir), "/tmp/xz-rules-XXXXXX");
	if (!mem || !mkdtemp(rules_dir))
		return -1;
	assets.dirs[1].dir = rules_dir;
	if (dictionary_load(&assets, mem, &dictionary, &err) != ERR_OK || calendar_load(&assets, STR(""), mem, &calendar, &err) != ERR_OK) {
		print_error("%s\n", err.msg);
		return -1;
	}
	penalty = dictionary_type(dictionary, STR("penalty"));
	agency = dictionary_type(dictionary, STR("agency"));
	officer = dictionary_type(dictionary, STR("officer"));
	return 0;
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	for (int i = 0; i < RULES; i++) {
		snprintf(path, sizeof(path), "%s/r%03d.yaml", rules_dir, i);
		unlink(path);
	}
	rmdir(rules_dir);
	arena_close(mem);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vector_and_naive_evaluation_agree),
	};

	return cmocka_run_group_tests_name("vector", tests, setup, teardown);
}
