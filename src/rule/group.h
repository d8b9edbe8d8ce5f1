/* What is computed for whole frames before a sweep: groups of records, aggregates over groups, windows and referrers. Private to
 * src/rule.
 *
 * A derivation belongs to one set and one day. It computes what is asked for once and keeps it; results do not depend on the
 * number of threads. Groups are numbered by their first member. One thread at a time may ask; what it answered may be read by all. */
#ifndef XZ_RULE_GROUP_H
#define XZ_RULE_GROUP_H

#include "rule/code.h"

#define RULE_GROUPS_MAX ((size_t)50000000)
#define RULE_WINDOW_VISITS_MAX ((size_t)20000000000) /* members looked at by all windows of one aggregate */

struct derivation;

/** Records divided by a grouping. */
struct grouped {
	size_t count;        /* groups */
	uint32_t *of;        /* group of each record, FRAME_NO_ROW: in none */
	uint64_t *undecided; /* records that cannot be placed: a key or `members` has no value */
	uint64_t *absent;    /* of these, for want of something that is not supplied */
	size_t undecided_count;
	uint32_t *first, *rows; /* members of group g are rows[first[g], first[g + 1]), in the order of the records */
	struct frame *frame;    /* of the groups: keys and organisations, no columns */
};

/** An empty derivation of a set and a day: nothing is computed before it is asked for. It keeps the set; pack and its programs must outlive
 * it. */
enum err_code derivation_open(
	const struct rule_pack *pack, const struct frame_set *set, int32_t today, int threads, struct derivation **ret, struct err *err);
void derivation_close(struct derivation *d); /* NULL is a no-op */
void derivation_closep(struct derivation **d);
/** Like derivation_open, but takes the one that the pack keeps when it is of this set and day and nobody else has it. */
enum err_code derivation_borrow(
	const struct rule_pack *pack, const struct frame_set *set, int32_t today, int threads, struct derivation **ret, struct err *err);
/** Leaves it with the pack for the next one, in place of an older one; it keeps its set alive until then. NULL is a no-op. */
void derivation_return(struct derivation *d);

struct derivation_slot *derivation_slot_open(void); /* NULL when memory is out */
void derivation_slot_close(struct derivation_slot *s);
/** The frame whose rows a program is about: records, or groups. *ret NULL: no records of the type are known. Borrowed. */
enum err_code derivation_frame(struct derivation *d, const struct program *p, const struct frame **ret, struct err *err);
/** The groups of a grouping; *ret NULL: no records of the type are known. Borrowed. */
enum err_code derivation_groups(struct derivation *d, const struct grouping *g, const struct grouped **ret, struct err *err);
/** Computes derived column k of a program. ERR_LIMIT: too many groups or members. */
enum err_code derivation_need(struct derivation *d, const struct program *p, int k, struct err *err);
/** One a program.derived; those that were needed are there. Borrowed; moves when another program's first column is needed. */
const struct derived_column *derivation_columns(const struct derivation *d, const struct program *p);

/** Frees a column's arrays. */
void derived_column_clear(struct derived_column *c);

/** What a derivation was made of. */
const struct rule_pack *derivation_pack(const struct derivation *d);
const struct frame_set *derivation_set(const struct derivation *d);
int32_t derivation_today(const struct derivation *d);
int derivation_threads(const struct derivation *d);
/** A set with the same frames whose packed columns go with the derivation: those of groups do not outlive it. */
const struct frame_set *derivation_scratch(const struct derivation *d);
/** Gives every derived column its key. ERR_LIMIT when an expression repeats itself without end. */
enum err_code derived_keys(const struct rule_pack *pack, struct err *err);

#endif
