/* The rule workbench: a copy of a rule is edited, tried on every record of the store, explained, proposed, and switched on by a second
 * person. What is switched on is a revision: a rule file kept in the store, which takes the place of the built-in (or the profile's) file
 * of the same rule for this installation.
 *
 * Invariants: nothing is switched on by the person who wrote it; only a revision that compiles, cites the law register and passes its own
 * tests can be proposed; a rule has at most one active revision; every step is in the audit trail. A trial writes nothing.
 *
 * Threads: the pack in app->rules is replaced whole; packs that were replaced stay until workbench_close, because requests may still read
 * them. Law: 条例 8 (supervision does not replace enforcement), 个人信息保护法 24(3) (people decide, not the program). */
#ifndef XZ_WORKBENCH_WORKBENCH_H
#define XZ_WORKBENCH_WORKBENCH_H

#include "detect/detect.h"

#define WORKBENCH_TEXT_BYTES_MAX 65536 /* of a rule file */
#define WORKBENCH_EXAMPLES 20

/* ---- the pack in force ---- */

struct workbench;

/** Takes over app->rules (the pack without revisions, owned by the caller) and remembers what later packs are made of. */
enum err_code workbench_open(struct app *app, struct workbench **ret, struct err *err);
void workbench_close(struct workbench *w); /* NULL is a no-op */
/**
 * Puts the pack with the store's active revisions into app->rules, when another process or person changed them since. Cheap when nothing
 * changed: one row is read. A revision that no longer compiles (the dictionary changed) is left out and logged.
 */
enum err_code workbench_refresh(struct workbench *w, struct app *app, struct db *db, struct err *err);

/* ---- editing ---- */

/** One mistake with its place in the text; line 0: none is known. */
struct workbench_problem {
	int line, column;
	struct str text;
	bool fatal; /* the rule cannot be switched on with it */
};

/** What can be said of a text without records: does it compile, what does lint say, how did its own tests go. */
struct workbench_report {
	struct rule_pack *pack; /* NULL: it does not compile; closed by workbench_report_clear */
	const struct rule *rule;
	struct workbench_problem *problems;
	size_t problem_count;
	struct rule_test_summary tests;
};
/** @param today  for tests that do not give their own; memory: mem. Only memory or the machine make it fail. */
enum err_code workbench_check(
	const struct app *app, struct str text, int32_t today, struct arena *mem, struct workbench_report *ret, struct err *err);
void workbench_report_clear(struct workbench_report *r);

/* ---- trying ---- */

struct workbench_month {
	int32_t month; /* its first day; DAY_NONE: records without their main date */
	int64_t hit;
};
struct workbench_agency {
	int64_t org_id; /* 0: unknown */
	struct str name;
	int64_t hit;
};
struct workbench_example {
	int64_t record_id; /* 0: a group */
	struct str type, key, title, message;
	enum rule_severity severity;
};
struct workbench_examples {
	struct workbench_example v[WORKBENCH_EXAMPLES];
	size_t count;
};

/** How a text judges all records, and what would change against the rule in force. */
struct workbench_trial {
	int64_t checked, counts[VERDICT_COUNT];
	int64_t outside; /* hits outside the actor's scope: counted, never shown */
	struct workbench_month *months;
	size_t month_count;
	struct workbench_agency *agencies; /* in the order of their names */
	size_t agency_count;
	struct workbench_examples examples;
	bool has_base; /* a rule of this id is in force */
	int64_t base_version, base_hit, added, removed;
	struct workbench_examples added_examples, removed_examples;
	double seconds; /* of the evaluation */
};
/**
 * @param draft  of workbench_check
 * @param base   the rule in force, NULL when there is none
 */
enum err_code workbench_try(const struct app *app, struct db *db, const struct actor *who, const struct rule *draft,
	const struct rule_pack *draft_pack, const struct rule *base, int32_t today, struct arena *mem, struct workbench_trial *ret,
	struct err *err);

/** The trial as API and command line have it, one JSON object. */
void workbench_trial_json(const struct workbench_trial *t, struct json *j);

/* ---- revisions ---- */

enum revision_state { REVISION_DRAFT, REVISION_PROPOSED, REVISION_ACTIVE, REVISION_REJECTED, REVISION_RETIRED, REVISION_STATE_COUNT };
/** "draft" and 草稿. REVISION_STATE_COUNT when a slug is unknown. */
const char *revision_state_slug(enum revision_state s);
const char *revision_state_title(enum revision_state s);
enum revision_state revision_state_parse(struct str slug);

struct revision {
	int64_t id;
	struct str rule_id, title;
	int64_t version;
	enum revision_state state;
	struct str text, note, reason; /* reason: of the decision */
	int64_t author_id, decider_id;
	struct str author_name, decider_name;
	int64_t created_ms, updated_ms, decided_ms;
	struct str trial; /* JSON of the trial at the time of the proposal, may be empty */
};

/** A new draft; r->text may be wrong, r->rule_id is read from it when it compiles. Sets r->id. Audited. */
enum err_code revision_add(
	struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, struct revision *r, struct err *err);
/** Text and note of the actor's own draft. ERR_STATE when it is no draft, ERR_FORBIDDEN when it is somebody else's. */
enum err_code revision_save(struct db *db, const struct actor *who, int64_t now_ms, const struct revision *r, struct err *err);
enum err_code revision_get(struct db *db, int64_t id, struct arena *mem, struct revision *ret, struct err *err);
/** Newest first, without texts. rule_id empty: all; state REVISION_STATE_COUNT: all. */
enum err_code revision_list(struct db *db, struct str rule_id, enum revision_state state, int64_t before_id, int limit, struct arena *mem,
	struct revision **ret, size_t *ret_count, struct err *err);
/** draft → proposed, by its author. The caller has checked the text; `trial` is kept with it. */
enum err_code revision_propose(struct db *db, const struct actor *who, int64_t now_ms, int64_t id, struct str trial, struct err *err);
/** proposed → active or rejected, by somebody else, with a reason. The active revision before it is retired. */
enum err_code revision_decide(
	struct db *db, const struct actor *who, int64_t now_ms, int64_t id, bool approve, struct str reason, struct err *err);
/** active → retired: the built-in rule is in force again; by a leader, with a reason. Also draft, proposed → retired by the author. */
enum err_code revision_retire(struct db *db, const struct actor *who, int64_t now_ms, int64_t id, struct str reason, struct err *err);

extern const struct route_table workbench_routes;

#endif
