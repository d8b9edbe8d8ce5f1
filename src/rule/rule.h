/* Rules: one YAML file each, a condition whoever reads a SQL WHERE can read, its article, its exemptions, its own tests.
 * docs/rule-language.md is the reference. This module loads packs, checks types against the dictionary, runs all rules over frames
 * in one pass, and explains one record.
 *
 * Every record gets exactly one verdict, in this order: not in force, unknown, clean, exempt, hit. Nothing here reads the clock
 * (durations apart): `today` is a parameter. A loaded pack never changes and is shared by threads. */
#ifndef XZ_RULE_RULE_H
#define XZ_RULE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/asset.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/json.h"
#include "calendar/calendar.h"
#include "db/db.h"
#include "dictionary/dictionary.h"
#include "frame/frame.h"
#include "law/law.h"
#include "yaml/yaml.h"

#define RULE_EXEMPTIONS_MAX 32
#define RULE_PARAMS_MAX 32
#define RULE_WINDOW_DAYS_MAX 36500
#define RULE_VERSIONS_MAX 32 /* values of one parameter over time */
#define RULE_SEVERITIES_MAX 8
#define RULES_MAX 4096

struct rule_pack;
struct rule_code; /* compiled form; private */

enum rule_status { RULE_DRAFT, RULE_TRIAL, RULE_STABLE, RULE_RETIRED, RULE_STATUS_COUNT };
enum rule_severity { RULE_INFO, RULE_WARN, RULE_SERIOUS, RULE_SEVERITY_COUNT };
enum rule_param_kind { PARAM_STATUTORY, PARAM_LOCAL, PARAM_MANAGERIAL, PARAM_KIND_COUNT };
enum rule_verdict { VERDICT_NOT_IN_FORCE, VERDICT_UNKNOWN, VERDICT_CLEAN, VERDICT_EXEMPT, VERDICT_HIT, VERDICT_COUNT };

const char *rule_status_slug(enum rule_status s);          /* "stable" */
const char *rule_status_title(enum rule_status s);         /* 正式 */
const char *rule_severity_slug(enum rule_severity s);      /* "warn" */
const char *rule_severity_title(enum rule_severity s);     /* 一般 */
const char *rule_param_kind_slug(enum rule_param_kind k);  /* "statutory" */
const char *rule_param_kind_title(enum rule_param_kind k); /* 法定 · 地方规定 · 管理参数（非法定） */
const char *rule_verdict_slug(enum rule_verdict v);        /* "not_in_force" "unknown" "clean" "exempt" "hit" */
const char *rule_verdict_title(enum rule_verdict v);       /* 不适用 · 无法判断 · 未命中 · 豁免 · 命中 */

struct rule_basis {
	struct str law, article;
	const struct yaml *at; /* for complaints */
};

struct rule_param {
	struct str name, label;
	struct str value; /* as written: "90", "3000 元", "a, b" for a list */
	struct str unit, note;
	enum rule_param_kind kind;
	bool kind_given;
	bool overridden; /* by the profile's params.yaml */
	bool used;       /* by any expression of the rule */
};

struct rule_exemption {
	struct str id, label;
	struct str when; /* source */
};

/** What a group rule divides records by. */
struct rule_group_key {
	struct str name;   /* by which having reads it; may be empty */
	struct str source; /* as written */
};

struct rule {
	struct str id, title, title_en, pack; /* pack: the folder, "penalty" */
	struct str catalog;                   /* number in the catalogue of models, "A02"; may be empty */
	struct str path;                      /* "rules/penalty/penalty-decision-overdue.yaml" */
	int64_t version;
	enum rule_status status;
	bool off;                           /* of a local pack (rules/local/…) that no profile turns on */
	int32_t in_force_from, in_force_to; /* DAY_NONE = open */
	struct str judged_by;               /* source; empty when there is no window */
	struct str act, new_law;            /* source of the act's date and "heavier" "lighter" "unclear"; empty: not written */
	const struct rule_basis *basis;
	size_t basis_count;
	const struct dictionary_type *on;
	struct str when; /* source; of a group rule its having */
	const struct rule_group_key *group;
	size_t group_count;  /* 0: no groups */
	bool having;         /* groups are judged; else each record is */
	struct str members;  /* source; empty: every record takes part */
	int64_t within_days; /* 0: no window */
	struct str within_by;
	const struct rule_param *params;
	size_t param_count;
	const struct rule_exemption *exemptions;
	size_t exemption_count;
	enum rule_severity severity; /* fixed, or the worst of the list */
	bool severity_varies;
	struct str problem;    /* code of the Regulation's article 11 */
	struct str instrument; /* what could follow once verified */
	struct str message;    /* template */
	struct str false_positives, note;
	const struct yaml *tests; /* NULL when there are none */
	size_t test_count;
	size_t index; /* in the pack */
	struct rule_code *code;
};

/* ---- loading ---- */

struct rule_options {
	const struct asset_set *assets; /* rules/<pack>/<id>.yaml and params.yaml */
	const struct dictionary *dictionary;
	const struct calendar *calendar;
	const struct law_register *law; /* for lint and explanations; may be NULL */
	/** Rule files kept in the store: each takes the place of the file of the same path, or is added. */
	const struct asset_file *revisions;
	size_t revision_count;
	/** Called for every rule that cannot be loaded; NULL: the first such rule is the error of rule_pack_load. */
	void (*on_problem)(void *arg, const struct err *problem);
	void *arg;
};

/**
 * Reads all rules under rules/, compiles them, and applies the profile's params.yaml ({rule-id: {param: value}}; statutory ones refuse) and
 * packs.yaml (enabled: [local/hainan]; packs under rules/local are off unless they stand there).
 * ERR_SYNTAX / ERR_INPUT: "path:line:column: what", the source line and carets. Dictionary, calendar and law must outlive the pack.
 */
enum err_code rule_pack_load(const struct rule_options *o, struct rule_pack **ret, struct err *err);
/** One rule from text (an editor, a back-test); it is the pack's only one. */
enum err_code rule_pack_parse(const struct rule_options *o, struct str path, struct str text, struct rule_pack **ret, struct err *err);
void rule_pack_close(struct rule_pack *p); /* NULL is a no-op */
void rule_pack_closep(struct rule_pack **p);
size_t rule_count(const struct rule_pack *p);
const struct rule *rule_at(const struct rule_pack *p, size_t index); /* by id */
const struct rule *rule_find(const struct rule_pack *p, struct str id);
/** trial and stable rules are run, local ones where the profile turns their pack on; draft and retired ones only on demand. */
static inline bool rule_is_active(const struct rule *r)
{
	return (r->status == RULE_TRIAL || r->status == RULE_STABLE) && !r->off;
}
/** What the pack reads of a type (conditions, messages, keys of references): the columns a snapshot has to hold. False when it reads none.
 */
bool rule_pack_wanted(const struct rule_pack *p, const struct dictionary_type *type, struct frame_wanted *ret);

/** The i-th function of the language and how it is written, for completion; false past the last. */
bool rule_function(size_t index, struct str *ret_name, struct str *ret_usage);

/* ---- running ---- */

struct rule_hit {
	uint32_t row;       /* of the frame that the rule judges: rule_probe_frame */
	int8_t exemption;   /* VERDICT_EXEMPT: which one; else -1 */
	bool unplaced;      /* having rules: row is a record that could be put into no group; VERDICT_UNKNOWN */
	uint8_t severity;   /* enum rule_severity */
	uint8_t verdict;    /* VERDICT_HIT, VERDICT_EXEMPT, or VERDICT_UNKNOWN when asked for */
	uint32_t undecided; /* bit i: exemption i could not be decided */
};

struct rule_result {
	const struct rule *rule;
	int64_t checked;               /* records; of a having rule groups and the records that could be put into none */
	int64_t counts[VERDICT_COUNT]; /* they add up to checked */
	struct rule_hit *hits;         /* hits and exempts (and unknowns) in row order */
	size_t hit_count;
	double seconds; /* of all threads; what rules share counts for the first of them */
};

struct rule_results {
	struct rule_result *v;
	size_t count;
	double seconds;          /* the whole run, wall clock */
	double prepare_seconds;  /* of it: conditions lowered, and columns built that the set did not keep yet */
	size_t column_bytes;     /* of the columns that were swept */
	uint64_t match_failures; /* patterns that ran into their limit; the rows are unknown */
};

struct rule_run_options {
	int32_t today;
	int threads;             /* 0 or 1: the caller's own */
	bool inactive;           /* run draft and retired rules too */
	bool keep_unknown;       /* list unknown rows as well */
	bool counts_only;        /* list no rows at all */
	const char *kernels;     /* "base" "v2" "v3" "v4": for this instruction set (tests); NULL: the best there is */
	const struct rule *only; /* NULL: all */
	const bool *types;       /* by type index; NULL: all. Rules on other types are left out */
};

/** Runs the rules over the set. Rules on types without a frame are checked on 0 records. Results do not depend on `threads` or `kernels`.
 * Columns that stem from children, parents, texts or the calendar are computed in the first run over a set and kept with it. */
enum err_code rule_run(const struct rule_pack *p, const struct frame_set *set, const struct rule_run_options *o, struct rule_results *ret,
	struct err *err);
void rule_results_clear(struct rule_results *r);

/* ---- running in the database ---- */

/** What the supply ids of one type's rows stand for. */
struct rule_sql_supplies {
	const int64_t *ids;
	const struct frame_supply *supplies;
	size_t count;
};

/**
 * The second engine: the same rules as SQL on the tables of the dictionary (dictionary_ddl), one statement for many rules. Verdicts are
 * those of rule_run, record by record; docs/adr/0009-sql-engine.md says how SQL is made to mean the same and what it costs.
 *
 * It keeps temporary tables on its connection (calendar, unique keys of registers, what patterns match), which rule_sql_close drops.
 */
struct rule_sql;
/** Makes the temporary tables. Not inside a transaction. `db` and `pack` must outlive it. */
enum err_code rule_sql_open(const struct rule_pack *pack, struct db *db, struct rule_sql **ret, struct err *err);
void rule_sql_close(struct rule_sql *s); /* NULL is a no-op */
void rule_sql_closep(struct rule_sql **s);
/**
 * Runs the rules over the live rows. Call it inside db_begin_read when `set` and the tables must be of one state.
 *
 * @param set       gives the row numbers of the results: a row's id is looked up in the type's frame
 * @param supplies  one entry a type of the dictionary
 * Errors: ERR_UNSUPPORTED names the rule and what SQL has no words for; ERR_CONFLICT when a row is not in the set.
 * `seconds` of a rule is its share of the statement it is part of.
 */
enum err_code rule_sql_run(struct rule_sql *s, const struct frame_set *set, const struct rule_sql_supplies *supplies,
	const struct rule_run_options *o, struct rule_results *ret, struct err *err);
/** The text of the statement for one rule, for people: `rules show --sql`. Values of supply sets are those of `supplies`. */
enum err_code rule_sql_text(struct rule_sql *s, const struct rule *rule, const struct rule_sql_supplies *supplies, int32_t today,
	struct buf *out, struct err *err);

/* ---- explaining ---- */

/** Reads single records: verdicts, messages, terms. One thread each; blocks of neighbouring rows are computed once. */
struct rule_probe;
enum err_code rule_probe_open(
	const struct rule_pack *p, const struct frame_set *set, int32_t today, struct rule_probe **ret, struct err *err);
void rule_probe_close(struct rule_probe *p);
void rule_probe_closep(struct rule_probe **p);

/** The frame whose rows the rule judges: its records, or its groups (their keys and organisations, no columns). NULL: no such records.
 * Borrowed from the probe. */
enum err_code rule_probe_frame(struct rule_probe *p, const struct rule *rule, const struct frame **ret, struct err *err);
/** What a hit is on: key and source line of the record, or the key of the group (line 0). Borrowed from the probe. */
enum err_code rule_hit_key(
	struct rule_probe *p, const struct rule *rule, const struct rule_hit *hit, struct str *ret_key, int64_t *ret_line, struct err *err);
/** A number for a group that is the same in every sweep, negative so that it is no record's. */
int64_t rule_group_id(struct str key);
/** Row of the group with that number, or of the record; FRAME_NO_ROW when there is none. */
enum err_code rule_probe_find_id(struct rule_probe *p, const struct rule *rule, int64_t id, size_t *ret_row, struct err *err);
/** Row that the rule judges for a record: its own, or its group's; FRAME_NO_ROW when it is in none. */
enum err_code rule_probe_row(struct rule_probe *p, const struct rule *rule, size_t record, size_t *ret_row, struct err *err);
/** Whether nobody can say in which group a record is (and not that it takes no part). */
enum err_code rule_probe_unplaced(struct rule_probe *p, const struct rule *rule, size_t record, bool *ret, struct err *err);
/** A record to show for what is judged: the record itself, or the first of the group. */
enum err_code rule_probe_record(struct rule_probe *p, const struct rule *rule, size_t row, size_t *ret_record, struct err *err);
/** Rows of the records in a group; none for a rule that judges records. Borrowed from the probe. */
enum err_code rule_probe_members(
	struct rule_probe *p, const struct rule *rule, size_t row, const uint32_t **ret_rows, size_t *ret_count, struct err *err);

enum rule_term_kind {
	TERM_CONDITION,
	TERM_COLUMN,
	TERM_PARAM,
	TERM_AGGREGATE,
	TERM_CALENDAR,
	TERM_EXEMPTION,
	TERM_WINDOW,
	TERM_KIND_COUNT
};
/** "condition" "column" "param" "aggregate" "calendar" "exemption" "window". */
const char *rule_term_kind_slug(enum rule_term_kind k);

/** One part of a rule with its value for one record. */
struct rule_term {
	enum rule_term_kind kind;
	int depth;         /* of the condition tree, for indenting */
	struct str source; /* as written in the rule */
	struct str label;  /* Chinese: the column's, the parameter's */
	struct str value;  /* as people read it; 是/否 for conditions; 无法判断, 未提供 or （空） when there is none */
	bool known;        /* it has a value */
	bool absent;       /* it has none because the source does not supply it */
	bool holds;        /* conditions: true */
	enum rule_param_kind param_kind; /* TERM_PARAM */
};

#define RULE_MEMBERS_LISTED 100

/** A record of a group. Texts borrow from the set. */
struct rule_member {
	int64_t id, line;
	struct str key;
};

struct rule_explanation {
	const struct rule *rule;
	enum rule_verdict verdict;
	enum rule_severity severity;            /* when hit */
	const struct rule_exemption *exemption; /* when exempt */
	uint32_t undecided;
	struct str message; /* when hit or exempt */
	struct rule_term *terms;
	size_t term_count;
	struct law_citation *basis;        /* one a rule.basis entry; result UNKNOWN_INSTRUMENT without a register */
	struct str group_key;              /* having rules: the keys joined by "|" */
	const struct rule_member *members; /* of the group, the first RULE_MEMBERS_LISTED */
	size_t member_count;               /* all of them */
};

/** Everything about one record under one rule. Memory: `mem`. */
enum err_code rule_explain(
	struct rule_probe *p, const struct rule *rule, size_t row, struct arena *mem, struct rule_explanation *ret, struct err *err);
/** The rule's message for one record; for undecided exemptions (bits) a sentence is added that says so. */
enum err_code rule_message(
	struct rule_probe *p, const struct rule *rule, size_t row, uint32_t undecided, struct arena *mem, struct str *ret, struct err *err);
/** {"terms":[{term,label,value,…}]} for findings and the why panel: the explanation as one JSON object. */
void rule_explanation_json(const struct rule_explanation *x, struct json *j);
/** The same for a terminal. */
void rule_explanation_text(const struct rule_explanation *x, struct buf *out);
/** The evidence of a finding as JSON: {"<source>": value, …} of the columns, aggregates and calendar terms. */
void rule_evidence_json(const struct rule_explanation *x, struct json *j);

/* ---- checking a pack ---- */

enum rule_lint_level { LINT_ERROR, LINT_WARNING };
struct rule_lint_entry {
	enum rule_lint_level level;
	const struct rule *rule; /* NULL: the file could not be loaded */
	struct str text;         /* "path:line: …" */
};
/**
 * Complains about citations the register does not hold or has not seen, conditions that are always or never true, parameters
 * without use or kind, missing kinds of tests.
 * Files that do not load are reported by rule_options.on_problem while loading.
 */
void rule_lint(const struct rule_pack *p, void (*on_entry)(void *arg, const struct rule_lint_entry *entry), void *arg);

struct rule_test_outcome {
	const struct rule *rule;
	struct str name; /* of the test; empty: a kind of test is missing, `text` says which */
	bool passed;
	struct str text; /* what was expected and what came out, with the place in the file */
};
struct rule_test_summary {
	int64_t passed, failed, missing;
};
/**
 * Runs each rule's own tests (active or not): expected verdict, exemption, and message and severity when the test names them.
 * Missing kinds (hit, clean, unknown, one an exemption, a boundary pair) are reported with an empty name.
 *
 * @param today  for tests that do not give their own
 */
enum err_code rule_test(const struct rule_pack *p, const struct rule *only, int32_t today,
	void (*on_outcome)(void *arg, const struct rule_test_outcome *outcome), void *arg, struct rule_test_summary *ret,
	struct rule_results *ret_results, struct err *err);

/** How many tests of each kind a rule has. */
struct rule_coverage {
	int64_t hit, clean, unknown, not_in_force;
	size_t exemptions_tested;      /* of rule.exemption_count */
	bool needs_boundary, boundary; /* a comparison by size; a pair of tests that differ in one value, one a hit and one not */
	bool has_window;
};
void rule_coverage(const struct rule *rule, struct rule_coverage *ret);

/** A rule that hits positive examples of another one. Often rightly so: the same record can break two articles. */
struct rule_fire {
	const struct rule *example_of, *rule;
	int64_t examples; /* positive tests of example_of */
	int64_t hits;     /* of these that `rule` hits as well */
};
struct rule_fire_summary {
	int64_t examples, hits, pairs;
};
/** Runs all active rules over the positive tests of each active rule and tells who else hits. */
enum err_code rule_cross_fire(const struct rule_pack *p, int32_t today, void (*on_fire)(void *arg, const struct rule_fire *fire), void *arg,
	struct rule_fire_summary *ret, struct err *err);

/* ---- machine form of the command line ---- */

/** Writes "rules": [{id, version, title, status, checked, hit, exempt, unknown, not_in_force, clean, seconds}] into an open object. */
void rule_results_json(const struct rule_results *r, struct json *j);
/** One entry of `check`'s findings: {rule, title, key, line, severity, message, verdict, exemption?, undecided?, group?, evidence{}}.
 * group: {key, count, members[{id, key, line}]} of a having rule. */
enum err_code rule_finding_json(struct rule_probe *p, const struct rule *rule, const struct rule_hit *hit, struct json *j, struct err *err);
/** One rule as GET /api/rules/{id} and `rules show --json` have it, without counts: an object's members, without braces. */
void rule_json(const struct rule *rule, const struct law_register *law, struct json *j);

#endif
