/* Evaluates nodes of a program on blocks of rows. Private to src/rule.
 *
 * A value is a pointer to lanes and a word array that says which lanes are valid. Booleans are one bit a lane and never
 * true where not valid: with the valid bits that is two masks a term (true, unknown). Lanes that are not valid hold anything
 * that may be computed with; texts there are empty. A block starts at a multiple of 64 rows. */
#ifndef XZ_RULE_VECTOR_H
#define XZ_RULE_VECTOR_H

#include "calendar/calendar.h"
#include "frame/frame.h"
#include "rule/program.h"

/** What a pattern may cost on one text before the row is given up as unknown. */
#define RULE_MATCH_LIMIT 100000
#define RULE_MATCH_DEPTH 1000

struct vector {
	union {
		void *any;
		uint64_t *bits;   /* TYPE_BOOL */
		int32_t *days;    /* TYPE_DATE */
		uint32_t *rows;   /* TYPE_ROW */
		int64_t *nums;    /* INT, MONEY, DECIMAL, DATETIME */
		uint16_t *codes;  /* TYPE_CODE */
		struct str *text; /* TYPE_TEXT */
	};
	uint64_t *valid;
};

/** Per aggregate and lane of the record, while children are walked. */
struct gather {
	uint8_t *state; /* GATHER_* */
	int64_t *order; /* FIRST, LAST: order value of the member kept */
};
enum { GATHER_HAS = 1, GATHER_ABSENT = 2, GATHER_UNKNOWN = 4, GATHER_FALSE = 8, GATHER_NULL = 16 };

/** A column for a whole frame, padded to blocks. `absent`: why there is no value. */
struct derived_column {
	void *values;
	uint64_t *valid, *absent;
};

/** One thread's evaluation of one program on one frame. */
struct evaluation {
	const struct program *program;
	const struct frame_set *set;
	const struct frame *frame;
	const struct calendar *calendar;
	const struct derived_column *derived; /* one a program.derived; those that the plan reads are there */
	int32_t today;
	struct vector *v;      /* one a node; buffers assigned by the plan */
	struct gather *gather; /* one a node, used for aggregates */
	size_t first;          /* row of lane 0, multiple of 64 */
	size_t lanes;          /* <= FRAME_BLOCK */
	size_t child_first;    /* the same for the child that is walked */
	size_t child_lanes;
	int32_t **memos;    /* deadlines by start day, one table a node whose length is fixed: millions of rows share few days */
	struct arena *text; /* OP_FORMAT, OP_CODE_TEXT; reset by the owner */
	pcre2_match_data *match;
	pcre2_match_context *match_limits;
	uint64_t match_failures; /* rows on which a pattern ran into its limit */
	bool failed;             /* memory was out */
};

/** Bytes of one lane; 0 for bits. */
size_t vector_width(enum value_type type);
size_t vector_buffer_bytes(enum value_type type); /* of a whole block */

/** True when the node's lanes are the frame's own column: no buffer is needed. */
bool vector_is_borrowed(const struct evaluation *e, int node);

enum err_code evaluation_open(struct evaluation *e, struct err *err); /* memos, match data, text; the rest is the owner's */
void evaluation_clear(struct evaluation *e);

/** Computes one node whose arguments are computed, for the current block of its scope. Not for OP_AGGREGATE. */
void vector_eval(struct evaluation *e, int node);
/** Starts, feeds with the current child block, and ends an aggregate. */
void vector_gather_begin(struct evaluation *e, int node);
void vector_gather(struct evaluation *e, int node);
void vector_gather_end(struct evaluation *e, int node);

/** PCRE2 with our limits; ERR_INPUT with PCRE2's own words. */
enum err_code regex_compile(struct str pattern, pcre2_code **ret, int *ret_offset, struct err *err);
/** Text of one lane as people read it ("" when null). Memory: `mem`. */
struct str vector_display(const struct node *n, const struct vector *v, size_t lane, struct arena *mem);

#endif
