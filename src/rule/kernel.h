/* What a sweep does to 64 rows at a time. One source, kernel_body.h, is compiled once for any machine and once for each level of
 * x86-64; kernels_best asks the CPU. Private to src/rule.
 *
 * A condition is two masks a word of 64 rows: where it holds (yes), where it does not (no); neither means null. So NOT costs nothing, and
 * OR is AND with the masks exchanged. */
#ifndef XZ_RULE_KERNEL_H
#define XZ_RULE_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "frame/frame.h"

enum kernel_compare { KERNEL_EQ, KERNEL_GT, KERNEL_LT, KERNEL_COMPARE_COUNT };

/** 64 rows a word: a against b (the _k form: against k), taken where both are valid. */
typedef void kernel_compare_fn(const void *a, const void *b, int64_t k, const uint64_t *a_valid, const uint64_t *b_valid, size_t words,
	uint64_t *yes, uint64_t *no);

/** What a rule's masks are. */
struct kernel_judged {
	const uint64_t *force_yes, *force_no; /* of the window */
	const uint64_t *when_yes, *when_no;
	const uint64_t *exempt_yes; /* of any exemption */
	uint64_t last;              /* the rows that exist of the last word */
	uint64_t *hit, *exempt, *unknown;
	int64_t outside_count, unknown_count, exempt_count, hit_count; /* of these words */
};

struct kernels {
	const char *name;
	kernel_compare_fn *columns[FRAME_WIDTH_BITS][KERNEL_COMPARE_COUNT];
	kernel_compare_fn *constant[FRAME_WIDTH_BITS][KERNEL_COMPARE_COUNT];
	/** both = a & b, either = c | d: AND of two conditions, or OR with its masks exchanged. */
	void (*join)(
		const uint64_t *a, const uint64_t *b, const uint64_t *c, const uint64_t *d, size_t words, uint64_t *both, uint64_t *either);
	/** a where `is`, else b. */
	void (*choose)(const uint64_t *is, const uint64_t *a_yes, const uint64_t *a_no, const uint64_t *b_yes, const uint64_t *b_no,
		size_t words, uint64_t *yes, uint64_t *no);
	/** a, but null where `none`. */
	void (*blank)(const uint64_t *none, const uint64_t *a_yes, const uint64_t *a_no, size_t words, uint64_t *yes, uint64_t *no);
	/** yes = neither a nor b; no = a or b. */
	void (*neither)(const uint64_t *a, const uint64_t *b, size_t words, uint64_t *yes, uint64_t *no);
	void (*judge)(struct kernel_judged *j, size_t words);
};

/** The kernels of a name ("base", "v2", "v3", "v4"), NULL when this machine cannot run them. */
const struct kernels *kernels_named(const char *name);
/** The fastest that this machine can run. */
const struct kernels *kernels_best(void);

#endif
