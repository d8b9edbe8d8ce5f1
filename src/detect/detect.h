/* Sweeps and findings. A sweep runs the rules over the records of the store and keeps what it found: one finding a rule and record, with
 * its evidence. A finding is a suspected problem (疑似问题线索) until a person has verified it; people's verdicts stay with it, and a false
 * positive becomes a counted exemption for as long as the facts it was judged on stay the same.
 *
 * Invariants: a second sweep over unchanged data changes nothing; a hit that vanishes makes its open finding `gone`, a hit that returns
 * opens it again; findings on sealed record types are sealed and no agency ever gets one; counts of a sweep add up to the records checked.
 *
 * Law: 条例 8 (supervision does not replace enforcement), 28 (an opinion presupposes what was established), 个人信息保护法 24(3). */
#ifndef XZ_DETECT_DETECT_H
#define XZ_DETECT_DETECT_H

#include "http/http.h"
#include "job/job.h"
#include "record/record.h"
#include "rule/rule.h"
#include "snapshot/snapshot.h"

/* ---- sweeps ---- */

/** What a sweep says of one rule. checked = hit + exempt + suppressed + unknown + not_in_force + clean. */
struct sweep_rule {
	struct str rule_id;
	int64_t version;
	int64_t checked, hit, exempt, unknown, not_in_force, clean;
	int64_t suppressed;  /* hits that a person called false positives on the same facts; counted as exempt in reports */
	int64_t fresh, gone; /* findings opened and findings that vanished */
	double seconds;
};

struct sweep {
	int64_t id;
	struct str state; /* "running" "done" "failed" */
	int32_t today;
	int64_t started_ms, ended_ms, records;
	struct sweep_rule *rules;
	size_t rule_count;
	double seconds;
};

/** Which engine judges: columns in memory, or SQL in the database. Their verdicts are the same. */
enum sweep_engine { SWEEP_VECTOR, SWEEP_SQL, SWEEP_ENGINE_COUNT };
const char *sweep_engine_slug(enum sweep_engine e); /* "vector" "sql" */

struct sweep_options {
	const struct app *app; /* rules, dictionary, calendar, snapshots */
	struct id_source *ids;
	const struct actor *who;
	int64_t now_ms;
	int32_t today;
	int threads;
	enum sweep_engine engine;
	bool dry_run; /* nothing is written, ret->id stays 0 */
};
/** Runs all active rules and writes the findings, rule by rule, each in transactions of their own. on_progress may be NULL. */
enum err_code detect_sweep(struct db *db, const struct sweep_options *o,
	enum err_code (*on_progress)(void *arg, int64_t done, int64_t total, struct err *err), void *arg, struct arena *mem,
	struct sweep *ret, struct err *err);
enum err_code sweep_get(struct db *db, int64_t id, struct arena *mem, struct sweep *ret, struct err *err);
/** The counts of the last finished sweep for one rule; *ret_found false when there is none. */
enum err_code sweep_last_of_rule(
	struct db *db, struct str rule_id, struct arena *mem, struct sweep_rule *ret, bool *ret_found, struct err *err);
/** The object of `sweep --json`, GET /api/sweeps/{id} and job results. */
void sweep_json(const struct sweep *s, struct json *j);
/** Job kind "sweep"; its result is sweep_json. */
extern const struct job_kind sweep_job;

/* ---- findings ---- */

enum finding_state {
	FINDING_OPEN,
	FINDING_ACCEPTED,
	FINDING_REJECTED,
	FINDING_FALSE_POSITIVE,
	FINDING_GONE,
	FINDING_CORRECTED,
	FINDING_CLOSED, /* its matter came to an end */
	FINDING_STATE_COUNT
};
/** "open" … and 待研判 …. FINDING_STATE_COUNT when a slug is unknown. */
const char *finding_state_slug(enum finding_state s);
const char *finding_state_title(enum finding_state s);
enum finding_state finding_state_parse(struct str slug);

struct finding {
	int64_t id, record_id, org_id, clue_id;
	struct str rule_id;
	int64_t rule_version;
	struct str type, row_key, record_title; /* title masked */
	struct str org_name, org_path;
	bool sealed;
	enum rule_severity severity;
	enum finding_state state;
	bool present;                 /* the last sweep still hit it */
	struct str message, evidence; /* evidence: rule_explanation_json */
	struct str calendar_version;  /* and the day on which it was judged: with the evidence, what recomputes it */
	int32_t judged_on;
	int64_t first_ms, last_ms;
};

struct finding_query {
	const struct actor *who;                   /* supervisors: their scope; an agency: its own, unsealed, not dismissed */
	struct str rule_id, type;                  /* empty: all */
	int64_t org_id, record_id, clue_id;        /* 0: all; org_id includes the subtree */
	enum finding_state state;                  /* FINDING_STATE_COUNT: all */
	int severity;                              /* -1: all */
	const struct import *import;               /* only findings on records that this import wrote last; NULL: all */
	const struct dictionary_type *import_type; /* its type */
	struct str q;                              /* in message or key */
	int64_t after_id;                          /* paging: newest first */
	int limit;                                 /* 1…500 */
	bool want_total;
};
struct finding_page {
	struct finding *rows;
	size_t row_count;
	int64_t next_id; /* 0 at the end */
	int64_t total;   /* -1 when not asked for */
};
/** Without evidence texts. */
enum err_code finding_list(struct db *db, const struct finding_query *q, struct arena *mem, struct finding_page *ret, struct err *err);
/** With evidence; ERR_NOT_FOUND also for what the actor may not see. */
enum err_code finding_get(struct db *db, const struct actor *who, int64_t id, struct arena *mem, struct finding *ret, struct err *err);
/** {id, rule, record, org, severity, message, state, found_on, clue_id}. finding_list and finding_get give an agency no clue_id. */
void finding_json(const struct finding *f, const struct rule_pack *rules, struct json *j);

/** Open findings by agency and rule, in the order of the agency's name (never of the count). */
struct finding_cell {
	int64_t org_id;
	struct str org_name, rule_id;
	int64_t open, accepted, total;
	enum rule_severity severity; /* the worst */
};
/** Of `q` only who, type and import count. */
enum err_code finding_summary(
	struct db *db, const struct finding_query *q, struct arena *mem, struct finding_cell **ret, size_t *ret_count, struct err *err);

/** Findings are read by many and kept for years: masks personal data of the record, or of the group's listed members, in the message and
 * the terms of an explanation, and gives the masked title of what was judged. `row` is of rule_probe_frame, `records` the type's frame.
 * Memory: mem. */
enum err_code finding_words(struct rule_probe *probe, const struct rule *rule, const struct frame *records, uint32_t row,
	struct rule_explanation *x, struct arena *mem, struct str *ret_title, struct err *err);

/* ---- verdicts ---- */

/** A person's word on findings that are open: all of ids, in the actor's scope. Inside the caller's transaction, with its own audit entry.
 */
struct finding_verdict {
	enum finding_state to; /* ACCEPTED (with clue_id), REJECTED, FALSE_POSITIVE, CORRECTED */
	struct str reason;     /* required for REJECTED and FALSE_POSITIVE */
	int64_t clue_id;
};
/** *ret_count gets how many changed. ERR_INPUT without a reason; findings that are not open any more are left alone. */
enum err_code finding_decide(struct db *db, const struct actor *who, struct id_source *ids, int64_t now_ms, const int64_t *finding_ids,
	size_t count, const struct finding_verdict *verdict, int64_t *ret_count, struct err *err);
/** Ids of the open findings of a rule (empty: all) × agency (0: all) in the actor's scope, oldest first. */
enum err_code finding_open_ids(struct db *db, const struct actor *who, struct str rule_id, int64_t org_id, struct arena *mem, int64_t **ret,
	size_t *ret_count, struct err *err);
/**
 * A matter came to an end or was opened again, and its findings with it: accepted ones become CLOSED or REJECTED (the problem was not
 * established), those become ACCEPTED again. Others are left alone. `why` names the matter. Inside the caller's transaction, audited.
 */
enum err_code finding_follow(struct db *db, const struct actor *who, struct id_source *ids, int64_t now_ms, const int64_t *finding_ids,
	size_t count, enum finding_state to, struct str why, int64_t *ret_count, struct err *err);
/**
 * “The data are wrong”: evaluates the finding's record again as it stands now. *ret_still_hit tells the outcome; a finding that is no hit
 * any more becomes corrected. Counted either way in the rule's precision.
 */
enum err_code finding_reevaluate(struct db *db, const struct app *app, const struct actor *who, struct id_source *ids, int64_t now_ms,
	int32_t today, int64_t id, struct arena *mem, bool *ret_still_hit, struct err *err);

/** What people said of a rule's findings: confirmed (accepted), false, rejected, contested and corrected. */
struct rule_precision {
	int64_t accepted, rejected, false_positive, corrected;
};
enum err_code finding_precision(struct db *db, struct str rule_id, struct rule_precision *ret, struct err *err);

/* ---- objections ---- */

enum contest_outcome { CONTEST_OPEN, CONTEST_UPHELD, CONTEST_DISMISSED, CONTEST_OUTCOME_COUNT };
/** "open" and 待答复. */
const char *contest_outcome_slug(enum contest_outcome o);
const char *contest_outcome_title(enum contest_outcome o);

/** An agency's objection to a finding of its own, and the answer. */
struct contest {
	int64_t id, finding_id;
	struct str rule_id, reason, account;
	int64_t made_ms;
	enum contest_outcome outcome;
	struct str answer, answerer;
	int64_t answered_ms;
	struct str record_title, org_name; /* contest_list only */
};

/** Adds one with its proofs (uploads of the account); sets c->id. ERR_NOT_FOUND for findings that the actor does not see, ERR_STATE while
 * one waits for its answer or when the finding is open no more. Audited. */
enum err_code contest_add(struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, struct contest *c,
	struct id_list proofs, struct arena *mem, struct err *err);
/** Upheld: an open finding becomes a false positive with this reason. ERR_STATE when it was answered before. Audited. */
enum err_code contest_answer(struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, int64_t id,
	enum contest_outcome outcome, struct str answer, struct arena *mem, struct err *err);
/** Of one finding, newest first. */
enum err_code contests_of(struct db *db, int64_t finding_id, struct arena *mem, struct contest **ret, size_t *ret_count, struct err *err);
/** In the actor's scope, newest first. */
enum err_code contest_list(struct db *db, const struct actor *who, bool only_open, int64_t before_id, int limit, struct arena *mem,
	struct contest **ret, size_t *ret_count, struct err *err);
/** How the objections to a rule's findings ended: part of its precision. */
struct contest_counts {
	int64_t by_outcome[CONTEST_OUTCOME_COUNT];
};
enum err_code contest_count(struct db *db, struct str rule_id, struct contest_counts *ret, struct err *err);
/** Whether the actor may read the proofs of an objection. */
enum err_code contest_may_read(struct db *db, const struct actor *who, int64_t id, bool *ret, struct err *err);

/* ---- without a store ---- */

struct check_options {
	const struct app *app;
	const char *const *paths;
	size_t path_count;
	const struct dictionary_type *type; /* NULL: recognised */
	const struct mapping *mapping;      /* NULL: recognised */
	int32_t today;
	int32_t as_of; /* registers as they were on this day; 0: as the files have them */
	int threads;
	struct str format; /* "text" "json" "csv" */
	int64_t limit;     /* findings printed; 0 = 20 in text, all otherwise */
};
/** `xiezhi check`: reads the files, runs the rules, prints. *ret_found tells whether there are findings. ERR_INPUT for an unreadable file.
 */
enum err_code detect_check(const struct check_options *o, struct arena *mem, struct buf *out, bool *ret_found, struct err *err);

/** Rules, sweeps, findings. */
extern const struct route_table detect_routes;

#endif
