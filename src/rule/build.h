/* Columns for sweeps, computed over all rows by the general evaluation of vector.h. Private to src/rule. */
#ifndef XZ_RULE_BUILD_H
#define XZ_RULE_BUILD_H

#include "calendar/calendar.h"
#include "frame/frame.h"
#include "rule/program.h"

#define BUILD_THREADS_MAX 64

struct derivation;
struct derived_column;

struct build_input {
	const struct program *program;
	const struct frame_set *set;
	const struct frame *frame;
	const struct calendar *calendar;
	int32_t today;
	int threads;
	struct derivation *derivation; /* of the set, where OP_DERIVED nodes have their columns from */
};

/** One node of the record's scope, of any type but text and row. */
struct build_column {
	int node;
	enum frame_width width; /* at least; FRAME_WIDTH_8: as narrow as the values allow */
	struct str key;
	struct frame_packed
		*old; /* NULL, or the column of the frame this one was made from: only what changed is computed. The caller's reference */
	struct frame_packed *made; /* the caller's reference, also after a failure */
};

/** Computes the columns together, what they share once. Their order may change. */
enum err_code build_columns(const struct build_input *in, struct build_column *columns, size_t count, struct err *err);
/** Computes nodes over all rows in the form of the general evaluation, texts and rows included: values and valid, padded. Node -1 leaves
 * its column zero. Memory: the caller's, also after a failure (derived_column_clear). */
enum err_code build_rows(const struct build_input *in, const int *nodes, struct derived_column *columns, size_t count, struct err *err);

#endif
