/* How fast the shipped rules run: a frame of made-up penalty cases in memory (three documents and two officers a case), all active rules on
 * that type, one line a number of threads. usage: bench_rules [ROWS [THREADS]] */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "rule/rule.h"

#define TODAY 20634 /* 2026-06-30 */

static const struct asset_set builtin;
static uint64_t random_state = 88172645463325252u;

static int64_t random_below(int64_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (int64_t)((random_state >> 11) % (uint64_t)n);
}

static struct dictionary_value made_up(const struct dictionary_column *c)
{
	struct dictionary_value v = { .null = random_below(8) == 0 };

	switch (c->type) {
	case COLUMN_BOOL:
		v.i = random_below(2);
		break;
	case COLUMN_INT:
		v.i = random_below(30);
		break;
	case COLUMN_MONEY:
	case COLUMN_DECIMAL:
		v.i = random_below(1000) * 1000;
		break;
	case COLUMN_DATE:
		v.i = TODAY - 1500 + random_below(1500);
		break;
	case COLUMN_DATETIME:
		v.i = (TODAY - 1500 + random_below(1500)) * 86400;
		break;
	case COLUMN_TEXT:
		v.s = STR("行政处罚决定书（2025）第 12 号");
		break;
	case COLUMN_CODE:
		v.i = random_below((int64_t)c->code_count);
		v.s = c->codes[v.i].code;
		break;
	case COLUMN_TYPE_COUNT:
		break;
	}
	return v;
}

static void must(enum err_code code, const struct err *err)
{
	if (code == ERR_OK)
		return;
	fprintf(stderr, "%s\n", err->msg);
	exit(3);
}

static struct frame *make_cases(const struct dictionary *d, const struct rule_pack *pack, const struct dictionary_type *type, size_t rows)
{
	struct frame_builder *b = NULL;
	struct frame_wanted wanted;
	struct frame_supply supply;
	struct frame *f = NULL;
	struct dictionary_value values[DICTIONARY_COLUMNS_MAX];
	struct err err = { 0 };
	size_t set;

	(void)d;
	rule_pack_wanted(pack, type, &wanted);
	must(frame_builder_open(type, &wanted, &b, &err), &err);
	frame_supply_all(type, &supply);
	must(frame_builder_supply(b, &supply, &set, &err), &err);
	for (size_t i = 0; i < rows; i++) {
		for (size_t k = 0; k < type->column_count; k++)
			values[k] = made_up(&type->columns[k]);
		must(frame_builder_row(b, &(struct frame_row){ .key = STR("k"), .supply = set, .values = values }, &err), &err);
		for (size_t c = 0; c < type->child_count && c < 2; c++)
			for (int m = 0; m < (c ? 2 : 3); m++) {
				for (size_t k = 0; k < type->children[c].column_count; k++)
					values[k] = made_up(&type->children[c].columns[k]);
				must(frame_builder_child(b, (int)c, values, &err), &err);
			}
	}
	must(frame_builder_finish(&b, &f, &err), &err);
	return f;
}

int main(int argc, char **argv)
{
	size_t rows = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	int threads_max = argc > 2 ? atoi(argv[2]) : 2;
	struct arena *mem = arena_open((size_t)256 << 20);
	struct dictionary *d = NULL;
	struct calendar *calendar = NULL;
	struct rule_pack *pack = NULL;
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 };
	struct frame_set *set = NULL;
	const struct dictionary_type *type;
	struct err err = { 0 };

	must(dictionary_load(&builtin, mem, &d, &err), &err);
	must(calendar_load(&builtin, STR(""), mem, &calendar, &err), &err);
	must(rule_pack_load(&(struct rule_options){ .assets = &builtin, .dictionary = d, .calendar = calendar }, &pack, &err), &err);
	type = dictionary_type(d, STR("penalty_case"));
	frames[type->index] = make_cases(d, pack, type, rows);
	must(frame_set_open(d, frames, NULL, &set, &err), &err);
	for (int threads = 1; threads <= threads_max; threads++) {
		double best = 1e9;
		int64_t hits = 0;
		size_t rules = 0;

		for (int round = 0; round < 3; round++) {
			struct rule_results results;

			must(rule_run(pack, set, &(struct rule_run_options){ .today = TODAY, .threads = threads }, &results, &err), &err);
			best = results.seconds < best ? results.seconds : best;
			hits = 0;
			rules = 0;
			for (size_t i = 0; i < results.count; i++) {
				hits += results.v[i].counts[VERDICT_HIT];
				rules += results.v[i].checked > 0;
			}
			if (round == 2 && getenv("XZ_EACH"))
				for (size_t i = 0; i < results.count; i++)
					printf("%8.1f ms %10lld hits  %.*s\n", results.v[i].seconds * 1e3,
						(long long)results.v[i].counts[VERDICT_HIT], STR_ARG(results.v[i].rule->id));
			rule_results_clear(&results);
		}
		printf("%zu rows, %zu rules, %lld hits, %d thread(s): %.3f s, %.2f M rows/s, %.0f M rule checks/s, %.0f MiB\n", rows, rules,
			(long long)hits, threads, best, (double)rows / best * 1e-6, (double)rows * (double)rules / best * 1e-6,
			(double)frame_bytes(frames[type->index]) / 1048576);
	}
	frame_set_release(set);
	frame_release(frames[type->index]);
	rule_pack_close(pack);
	arena_close(mem);
	return 0;
}
