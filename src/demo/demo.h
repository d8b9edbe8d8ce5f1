/* The synthetic city of `xiezhi demo`: governments, agencies, officers, enterprises, penalty cases and hotline tickets with planted
 * violations, and the answer key that says record by record what every shipped rule has to find.
 *
 * Invariants: everything follows from (size, seed, today): the same three give the same identifiers, records and answer key. The module
 * calls neither the rule engine nor the calendar code: it counts days by walking them over the facts of calendar/, and judges its own
 * records by hand-written verdicts (verdict.c), so that the key is evidence about the engine. All names are invented; division codes
 * begin with 99 and telephone numbers with 100, which nobody has. */
#ifndef XZ_DEMO_DEMO_H
#define XZ_DEMO_DEMO_H

#include "actor/actor.h"
#include "base/asset.h"
#include "base/err.h"
#include "base/id.h"
#include "db/db.h"
#include "record/record.h"

#define DEMO_CASES_MAX 5000000
#define DEMO_TODAY "2026-06-30" /* when --today is not given */

struct demo_size {
	int cities, counties,
		townships; /* counties of a city; townships of a county (of all counties of a city together when there are several) */
	int city_agencies, county_agencies;
	int64_t officers, parties, cases, tickets;
};
/** "county", "city", "province" or a number of penalty cases (200 … DEMO_CASES_MAX) to which everything else is in proportion.
 * ERR_INPUT names what is allowed. Empty text is "city". */
enum err_code demo_size_parse(struct str text, struct demo_size *ret, struct err *err);

struct demo_options {
	struct demo_size size;
	uint64_t seed;
	int32_t today;
	int64_t now_ms;                 /* creation time of rows and of the audit trail */
	const char *key_path;           /* where answer-key.json goes; NULL: nowhere */
	const struct asset_set *assets; /* for calendar/YYYY.yaml */
	const struct import_options
		*import; /* dictionary, mappings, ids, data_dir; ids decide the identifiers: give a source with fixed_ms */
	const struct actor *who;
	/** Called now and then; may be NULL. */
	void (*on_progress)(void *arg, const char *what, int64_t done, int64_t total);
	void *on_progress_arg;
};

struct demo_result {
	int64_t organisations, accounts, agencies, officers, parties, cases, tickets;
	int64_t others;     /* records of every other type */
	int64_t planted;    /* cases made as a violation, a near-miss or an exemption of one rule */
	int64_t unintended; /* planted ones whose verdict is not the planned one: 0 or the generator is wrong */
	int64_t hits;       /* pairs of rule and case, collateral ones too */
};

/**
 * Fills an empty store. ERR_STATE when it holds organisations or records already. Long: report through on_progress. What was written before
 * an error stays (imports commit in batches); such a store is to be thrown away. Needs the tables of org, auth and record: db_migrate and
 * record_tables_ensure come before.
 */
enum err_code demo_fill(struct db *db, const struct demo_options *o, struct demo_result *ret, struct err *err);

/* ---- the desk ---- */

struct app;
struct demo_desk_options {
	const struct app *app; /* calendar, rules, dictionary, processes, instruments with their hooks set, data_dir */
	struct id_source *ids; /* fixed time: the same identifiers each time */
	uint64_t seed;
	int32_t today; /* everything happens on the workdays before it */
};
struct demo_desk_result {
	int64_t findings, clues, matters, documents; /* decided, received, opened, drafted */
};
/**
 * Seeds a believable desk (and a small catalogue of items, tiers and lenient lists) into a store that demo_fill has filled and detect_sweep
 * has swept: findings taken up and rejected, clues by telephone, hotline and township (sealed where the law demands it), a matter in each
 * of the five steps, one overdue, one that waits for the leader, one before the government, one with an extension asked for, one closed.
 * All by the demo's accounts through the modules' public functions, so gate, numbers and audit chain are the real ones. No finding becomes
 * a false positive: what a sweep counts stays the same.
 */
enum err_code demo_desk(struct db *db, const struct demo_desk_options *o, struct demo_desk_result *ret, struct err *err);

/** Check character of a unified social credit code (GB 32100-2015) from its first 17; 0 when one of them is not allowed. */
char demo_credit_check(const char first17[static 17]);
/** Check character of an organisation code (GB 11714-1997), the 9th to 17th of a credit code, from its first 8. */
char demo_organisation_check(const char first8[static 8]);
/** Check character of a resident identity number (GB 11643-1999) from its first 17 digits. */
char demo_identity_check(const char first17[static 17]);

#endif
