/* Detection: runs the rules over the records and keeps what they found. A finding says “look here, and this is why”; it is a clue for a
 * person, never a verdict (行政执法监督条例 8, 28). One finding exists per rule and record; a repeated sweep updates it.
 *
 * The life of a finding: open → accepted (into a clue) | rejected (explained by a person) | false_positive; a hit that vanishes is gone
 * (accepted ones stay accepted and carry the day); corrected is set when a matter verified the correction. A rejected or false-positive
 * finding is a counted exemption as long as the facts it rests on (`digest`) are the same; when they change it is open again. Every step is a row of
 * finding_verdict.
 *
 * Invariants: the five counts of a rule add up to the records checked; findings on sealed record types carry sealed = 1 and no function
 * here shows them to an agency's account; a finding stores its evidence, articles and calendar version as they were.
 *
 * Memory: results live in the given arena. */
#ifndef XZ_DETECT_DETECT_H
#define XZ_DETECT_DETECT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "actor/actor.h"
#include "actor/app.h"
#include "base/date.h"
#include "base/id.h"
#include "base/json.h"
#include "db/db.h"
#include "http/http.h"
#include "job/job.h"
#include "record/record.h"
#include "rule/rule.h"
#include "snapshot/snapshot.h"

/* ---- sweeps ---- */

enum sweep_state { SWEEP_QUEUED, SWEEP_RUNNING, SWEEP_DONE, SWEEP_FAILED, SWEEP_STATE_COUNT };
const char *sweep_state_slug(enum sweep_state s);

struct sweep {
	int64_t id, job_id, import_id, account_id;
	struct str account_name;
	enum sweep_state state;
	struct str type; /* empty: all record types; else only rules that read this type */
	int32_t today;
	struct str calendar_version;
	int64_t change_no; /* records as of this change */
	int64_t new_count, changed_count, gone_count, returned_count; /* findings */
	int64_t created_ms, started_ms, ended_ms; /* TIME_NONE: not yet */
	struct str error;
};

/** One rule in one sweep. clean + hit + exempt + unknown + not_in_force = checked; excused is the part of exempt that persons' verdicts made. */
struct sweep_rule {
	struct str rule_id;
	int64_t rule_version;
	int64_t checked, clean, hit, exempt, unknown, not_in_force, excused;
	int64_t micros;
};

struct sweep_options {
	const struct app *app; /* rules, dictionary, calendar, law, snapshots */
	struct id_source *ids;
	int64_t now_ms;
	int32_t today;
	int threads;
	struct str type;   /* empty: everything */
	int64_t import_id; /* 0: not after an import */
	int64_t job_id;
	/** Called now and then; may be NULL. */
	enum err_code (*on_progress)(void *arg, int64_t done, int64_t total, struct err *err);
	void *arg;
};

/** Registers a sweep in state queued together with its job (kind "sweep"); one transaction, audited. */
enum err_code sweep_queue(struct db *db, const struct sweep_options *o, const struct actor *who, int64_t *ret_sweep_id, int64_t *ret_job_id,
	struct err *err);
/** Runs a sweep now (sweep_id 0 makes one) and stores its findings in batches, each one transaction with its audit entry. Safe to run again
 * after a kill. On failure the sweep is marked failed with the reason. */
enum err_code sweep_run(struct db *db, const struct sweep_options *o, const struct actor *who, int64_t sweep_id, int64_t *ret_sweep_id,
	struct err *err);
/** Runs the rules over the store and stores nothing. The caller clears *ret with rule_results_clear. */
enum err_code sweep_dry_run(struct db *db, const struct sweep_options *o, struct rule_results *ret, struct err *err);
/** ERR_NOT_FOUND. */
enum err_code sweep_get(struct db *db, int64_t id, struct arena *mem, struct sweep *ret, struct err *err);
/** Newest first, after_id 0 starts. */
enum err_code sweep_list(struct db *db, int64_t after_id, int limit, struct arena *mem, struct sweep **ret, size_t *ret_count, struct err *err);
/** By rule id. */
enum err_code sweep_rules(struct db *db, int64_t sweep_id, struct arena *mem, struct sweep_rule **ret, size_t *ret_count, struct err *err);
/** {id, state, rules: [{id, title, checked, …}], …} as GET /api/sweeps/{id} and `xiezhi sweep --json` have it. */
enum err_code sweep_json(struct db *db, const struct rule_pack *rules, int64_t id, struct arena *mem, struct json *j, struct err *err);
/** The table per rule for a terminal, with totals. */
enum err_code sweep_text(struct db *db, const struct rule_pack *rules, int64_t id, struct arena *mem, struct buf *out, struct err *err);
/** The same table for a dry run. */
void sweep_results_text(const struct rule_results *r, struct buf *out);

/** Job kind "sweep", args {"sweep_id":"…"}; its result is {"sweep_id":"…","new":n,"gone":n}. */
extern const struct job_kind sweep_job;

/* ---- findings ---- */

enum finding_state { FINDING_OPEN, FINDING_ACCEPTED, FINDING_REJECTED, FINDING_FALSE_POSITIVE, FINDING_GONE, FINDING_CORRECTED, FINDING_STATE_COUNT };
/** "open" "accepted" "rejected" "false_positive" "gone" "corrected". */
const char *finding_state_slug(enum finding_state s);
/** 待研判 · 已采纳 · 不采纳 · 误报 · 已消失 · 已纠正 */
const char *finding_state_title(enum finding_state s);
/** FINDING_STATE_COUNT when unknown. */
enum finding_state finding_state_parse(struct str slug);

struct finding {
	int64_t id;
	struct str rule_id;
	int64_t rule_version;
	struct str type;       /* record type */
	int64_t record_id;
	struct str record_key;
	struct str record_title; /* masked */
	int64_t org_id;        /* the agency concerned, 0 unknown */
	struct str org_name, org_path;
	struct str region;
	struct str party_key;  /* groups findings on one party: a digest, no personal data; empty when unknown */
	bool sealed;
	enum rule_severity severity;
	enum finding_state state;
	struct str problem;    /* code of article 11, from the rule */
	struct str message;
	struct str evidence;   /* JSON array [{term, label, value, kind}] */
	struct str digest;     /* of the facts it rests on */
	struct str calendar_version;
	int32_t found_on, gone_on; /* gone_on DAY_NONE: the hit is there */
	int64_t found_ms, updated_ms;
	int64_t first_sweep_id, last_sweep_id;
	int64_t clue_id;       /* 0: none */
	struct str reason;     /* of the last verdict */
};

/** Filters; zero values filter nothing. */
struct finding_query {
	const struct actor *who; /* required: scope; an agency's account sees its own, unsealed, not dismissed or gone */
	struct str rule_id;
	int64_t org_id;        /* this agency */
	struct str type;
	int64_t record_id;     /* with type: the findings of one record */
	int64_t clue_id;
	int64_t sweep_id;      /* found first by this sweep */
	struct str severity;   /* slug */
	struct str state;      /* slug; empty: all but gone; "all": really all */
	struct str q;          /* in the message and the title */
	int64_t after_id;      /* paging: newest first, ids below this one */
	int limit;             /* 1…500 */
	bool want_total;
};
struct finding_page {
	struct finding *rows; /* without evidence */
	size_t row_count;
	int64_t next_id; /* 0 at the end */
	int64_t total;   /* -1 when not asked for */
};
/** ERR_NOT_FOUND also outside the actor's scope. */
enum err_code finding_get(struct db *db, const struct actor *who, int64_t id, struct arena *mem, struct finding *ret, struct err *err);
enum err_code finding_list(struct db *db, const struct finding_query *q, struct arena *mem, struct finding_page *ret, struct err *err);

/** Counts by agency, by rule, or by agency × rule (both set), in the actor's scope. */
struct finding_count {
	int64_t org_id;
	struct str org_name, rule_id;
	struct str severity;  /* of most weight among them */
	int64_t count, serious;
};
enum err_code finding_summary(struct db *db, const struct finding_query *q, bool by_agency, bool by_rule, struct arena *mem,
	struct finding_count **ret, size_t *ret_count, struct err *err);

enum finding_decision { FINDING_TAKE, FINDING_DISMISS, FINDING_MISTAKEN, FINDING_CORRECT, FINDING_DECISION_COUNT };
/** "accept" "reject" "false_positive" "corrected". */
const char *finding_decision_slug(enum finding_decision d);
struct finding_verdict {
	int64_t id;
	struct str verdict; /* a decision's slug, or found again: "gone" "returned" "changed" "reopened" "retired" */
	struct str reason, account_name;
	int64_t at_ms, clue_id, sweep_id;
};
/**
 * A person's decision on one finding, for clue and matter. Inside the caller's transaction (asserts one); writes the verdict row, the
 * caller writes the audit entry. TAKE and DISMISS and MISTAKEN decide open findings only, CORRECT accepted ones: otherwise *ret_done is false and
 * nothing changed (somebody else was faster). DISMISS and MISTAKEN need a reason (ERR_INPUT).
 *
 * @param clue_id  the clue that takes it; 0 for the others
 */
enum err_code finding_decide(struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, int64_t finding_id,
	enum finding_decision decision, struct str reason, int64_t clue_id, bool *ret_done, struct err *err);
/** Takes an accepted finding back to open, when its clue was rejected. Inside the caller's transaction. */
enum err_code finding_release(struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, int64_t finding_id, struct str reason,
	struct err *err);
/** Oldest first. */
enum err_code finding_verdicts(struct db *db, int64_t finding_id, struct arena *mem, struct finding_verdict **ret, size_t *ret_count, struct err *err);

/** What persons said of a rule's findings. precision is accepted / (accepted + false positives), and -1 when nobody decided yet. */
struct rule_record {
	struct str rule_id;
	int64_t open, accepted, rejected, false_positive, gone, corrected;
	double precision;
};
enum err_code finding_rule_records(struct db *db, struct arena *mem, struct rule_record **ret, size_t *ret_count, struct err *err);

/** A list row of the API: {id, rule:{id,title}, record:{type,id,title}, org, severity, message, state, found_on, clue_id}. An agency gets no clue_id. */
void finding_row_json(const struct finding *f, const struct actor *who, const struct rule_pack *rules, const struct dictionary *d, struct json *j);

/** GET /api/rules, /api/rules/{id}, POST and GET /api/sweeps, GET /api/sweeps/{id}, GET /api/findings, /summary, /{id}. */
extern const struct route_table detect_routes;

/* ---- files without a store ---- */

enum check_format { CHECK_TEXT, CHECK_JSON, CHECK_CSV };
struct check_options {
	const struct dictionary *dictionary;
	const struct mapping_set *mappings;
	const struct rule_pack *rules;
	const struct law_register *law; /* may be NULL */
	const struct calendar *calendar;
	const char *const *files;
	size_t file_count;
	const struct dictionary_type *type; /* NULL: recognised a file */
	const struct mapping *mapping;	    /* NULL: recognised a file */
	int32_t today;
	int threads;
	enum check_format format;
	int64_t limit; /* findings printed in text form; 0 = 200. JSON and CSV print all */
};
/**
 * `xiezhi check`: reads the files, runs the rules, writes findings. Rejected rows are reported and do not fail. Several files may hold several
 * record types; references between them resolve. ERR_INPUT / ERR_UNSUPPORTED / ERR_IO when a file cannot be read (exit 2).
 *
 * @param ret_found  true when there is at least one finding (exit 1)
 */
enum err_code detect_check(const struct check_options *o, FILE *out, bool *ret_found, struct err *err);

#endif
