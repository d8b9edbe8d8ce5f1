/* Three-valued logic for hand-written verdicts. Order of a verdict: not in force, unknown, clean, exempt, hit. A fact that is empty is
 * DAY_NONE, NULL, NO_MONEY or TRI_UNKNOWN. Nothing here is shared with the rule engine. */
#ifndef XZ_DEMO_VERDICT_H
#define XZ_DEMO_VERDICT_H

#include "demo/demo_private.h"

static inline enum tri tri(bool b)
{
	return b ? TRI_TRUE : TRI_FALSE;
}

static inline enum tri not3(enum tri a)
{
	return a == TRI_UNKNOWN ? a : tri(a == TRI_FALSE);
}

static inline enum tri and3(enum tri a, enum tri b)
{
	if (a == TRI_FALSE || b == TRI_FALSE)
		return TRI_FALSE;
	return a == TRI_UNKNOWN || b == TRI_UNKNOWN ? TRI_UNKNOWN : TRI_TRUE;
}

static inline enum tri or3(enum tri a, enum tri b)
{
	return not3(and3(not3(a), not3(b)));
}

static inline bool yes(enum tri a)
{
	return a == TRI_TRUE;
}

/** coalesce(x, true) */
static inline bool not_false(enum tri a)
{
	return a != TRI_FALSE;
}

static inline enum tri later(int32_t a, int32_t b)
{
	return a == DAY_NONE || b == DAY_NONE ? TRI_UNKNOWN : tri(a > b);
}

static inline enum tri not_later(int32_t a, int32_t b)
{
	return not3(later(a, b));
}

static inline enum tri money_over(int64_t fen, int64_t cap)
{
	return fen == NO_MONEY ? TRI_UNKNOWN : tri(fen > cap);
}

static inline enum tri is(const char *code, const char *wanted)
{
	return code ? tri(strcmp(code, wanted) == 0) : TRI_UNKNOWN;
}

static inline bool one_of(const char *code, const char *const *list)
{
	for (; code && *list; list++)
		if (strcmp(code, *list) == 0)
			return true;
	return false;
}

static inline int32_t first_day(int32_t a, int32_t b)
{
	return a != DAY_NONE ? a : b;
}

static inline enum verdict judge(int32_t in_force_from, int32_t judged_by, enum tri when, enum tri exempt)
{
	if (judged_by == DAY_NONE)
		return VERDICT_UNKNOWN;
	if (judged_by < in_force_from)
		return VERDICT_NOT_IN_FORCE;
	if (when == TRI_UNKNOWN)
		return VERDICT_UNKNOWN;
	if (when == TRI_FALSE)
		return VERDICT_CLEAN;
	return yes(exempt) ? VERDICT_EXEMPT : VERDICT_HIT;
}

#endif
