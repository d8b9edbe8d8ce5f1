/* Enforcement items and discretion tiers of the demo: what penalty cases are decided under. Both are functions of their number. */
#ifndef XZ_DEMO_ITEM_H
#define XZ_DEMO_ITEM_H

#include "demo/demo_private.h"

/** Items made for one rule each come first; then three of every kind of violation: for on-the-spot fines, ordinary and large ones. */
enum special_item {
	ITEM_NEW_LAW,     /* in force for 200 days */
	ITEM_REPEALED,    /* until 300 days ago */
	ITEM_HEAVIER,     /* its range became heavier 400 days ago */
	ITEM_LIGHTER,     /* … lighter */
	ITEM_BY_GAIN,     /* once to five times the gain, which has to be determined */
	ITEM_BY_GOODS,    /* twice to ten times the value of the goods */
	ITEM_SET_AMOUNT,  /* exactly 200 yuan */
	ITEM_NORMATIVE,   /* rests on a normative document only */
	ITEM_UNPUBLISHED, /* in force for 2000 days, never published */
	ITEM_LATE,        /* in force and published 120 days ago, published 45 days after that */
	ITEM_TOWNSHIP,    /* given to townships from 500 to 150 days ago */
	ITEM_TOWN_BY_LAW, /* townships have it by statute */
	ITEM_STEADY,      /* always fined about 1,000 yuan: a crowd to stand out of */
	ITEM_SPECIALS
};

#define ITEM_PERIODS_MAX 2
struct item_period {
	int32_t from, to; /* DAY_NONE: open */
	const char *status;
	enum tri township;
	int64_t fine_min, fine_max; /* fen */
};
struct item {
	int number;
	struct str code, name;
	const char *domain, *basis_level, *base;
	int64_t times_min, times_max; /* ten thousandths; NO_MONEY none */
	int32_t published, effective;
	enum tri needs_gain, township_by_law;
	struct item_period periods[ITEM_PERIODS_MAX];
	int period_count;
};
/** One of the items; `number` below item_count(). Texts live in mem. */
struct item item_make(const struct world *w, int number, struct arena *mem);
int item_count(void);
/** The same without code and name, for verdicts. */
struct item item_facts(const struct world *w, int number);
/** The version on the day, NULL when none holds it. */
const struct item_period *item_on(const struct item *i, int32_t day);
/** The ordinary item for a violation (by its text) and a fine; the first one when the violation is unknown. */
int item_for(const char *violation, int64_t fine);

/** Two tiers an item: tier 2 i and 2 i + 1. */
struct tier {
	struct str code, item_code, name;
	const char *level;
	struct item_period periods[ITEM_PERIODS_MAX];
	int period_count;
};
struct tier tier_make(const struct world *w, int number, struct arena *mem);
struct tier tier_facts(const struct world *w, int number);
const struct item_period *tier_on(const struct tier *t, int32_t day);
/** Which of an ordinary item's two tiers a fine is in. */
int tier_for(int item, int64_t fine);

/* violations.c of penalty cases: number of the kinds, and their texts */
struct violation_kind {
	const char *domain, *violation;
};
extern const struct violation_kind violation_kinds[];
extern const int violation_kind_count;

#endif
