/* An aggregate over any list of rows of a frame whose values are columns. Private to src/rule. */
#ifndef XZ_RULE_FOLD_H
#define XZ_RULE_FOLD_H

#include "rule/vector.h"

/** The columns of a fold's nodes; those that the fold lacks are zero. */
struct fold_input {
	const struct fold *fold;
	enum value_type type;       /* of value */
	enum value_type order_type; /* of order */
	struct derived_column value, filter, order;
	struct derived_column value_absent, filter_absent, order_absent; /* booleans: bits in values */
};

/** Working memory of one thread; grows. */
struct fold_scratch {
	int64_t *numbers;
	struct str *texts;
	size_t cap;
	bool failed;
};
void fold_scratch_clear(struct fold_scratch *s);

/**
 * Folds rows[0, count) and writes the result into lane `at` of the column (whose bits are zero there).
 *
 * @param absent  something about the members is not known from the start: what cannot be decided without it is absent
 */
void fold_rows(const struct fold_input *in, const uint32_t *rows, size_t count, bool absent, struct fold_scratch *scratch,
	struct derived_column *out, enum value_type out_type, size_t at);

/** Padded to whole blocks of `rows`; zeroed. */
enum err_code derived_column_make(enum value_type type, size_t rows, struct derived_column *ret, struct err *err);
/** Value of a row that is not a text, as a number. */
int64_t column_number(const struct derived_column *c, enum value_type type, size_t row);
/** Writes a value that is not a text. */
void column_put_number(struct derived_column *c, enum value_type type, size_t row, int64_t value);

#endif
