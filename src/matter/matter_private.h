/* Between the files of module matter only: the process file in memory, a matter with everything around it, pieces of a change. */
#ifndef XZ_MATTER_MATTER_PRIVATE_H
#define XZ_MATTER_MATTER_PRIVATE_H

#include "clue/clue.h"
#include "law/law.h"
#include "matter/matter.h"
#include "org/org.h"

/* ---- forms ---- */

enum form_type { FORM_TEXT, FORM_DAY, FORM_ID, FORM_FILES, FORM_IDS, FORM_ITEMS };
struct form_member {
	const char *name;
	enum form_type type;
	size_t at; /* in struct matter_form */
};
extern const struct form_member form_members[];
extern const size_t form_member_count;
const char *form_type_slug(enum form_type t); /* "text" "day" "id" "files" "ids" "items" */

/* ---- facts that a process file may ask for ---- */

enum matter_fact {
	FACT_ASSIGNED,
	FACT_ESTABLISHED,
	FACT_NOT_ESTABLISHED,
	FACT_NOT_ESTABLISHED_YET,
	FACT_NO_LIVE_DOCUMENT,
	FACT_NO_OPEN_DOCUMENT,
	FACT_PROPOSAL_SUBMITTED,
	FACT_DOCUMENT_SERVED,
	FACT_EXTENSION_ASKED,
	FACT_DATA_WRONG_CLAIMED,
	FACT_DATA_WRONG_ACCEPTED,
	FACT_OBJECTION_RAISED,
	FACT_REPLY_RECEIVED,
	FACT_OVERDUE_OR_FAILED,
	FACT_UPPER_MANAGED,
	FACT_CORRECTED,
	FACT_RECTIFIED,
	FACT_NO_UNDECIDED_REPLY,
	FACT_COUNT
};
struct fact_name {
	const char *name;
	const char *missing; /* Chinese: what to say when it does not hold */
	const char *article; /* of the Regulation; NULL when no article forbids it */
};
extern const struct fact_name fact_names[FACT_COUNT];

/* ---- the process file ---- */

#define PROCESS_STEPS_MAX 12
#define PROCESS_ANY -1
struct process_step {
	struct str id, label, label_en, purpose;
	struct str clock; /* that a matter reopened at this step starts; empty: none */
};
struct process_clock {
	struct str id, label, note;
	enum period_kind kind;
	int64_t length;
	enum period_unit unit;
	bool rollover;
	const struct period_basis *basis;
	size_t basis_count;
};
struct process_choice {
	struct str value, label;
};
struct process_field {
	const struct form_member *member;
	struct str label, hint;
	bool required;
	int64_t max;
	struct process_choice *choices;
	size_t choice_count;
};
#define PROCESS_LIST_MAX 8
struct process_action {
	struct str id, label, does;
	unsigned int roles, steps, states; /* bits */
	unsigned int needs;                /* bits of enum matter_fact */
	int to;                            /* step, PROCESS_ANY: stays */
	enum matter_fact to_fact[PROCESS_LIST_MAX];
	int to_step[PROCESS_LIST_MAX];
	size_t to_count;
	struct period_basis basis[PROCESS_LIST_MAX];
	size_t basis_count;
	enum gate_item gate; /* GATE_ITEM_COUNT: none */
	int starts[PROCESS_LIST_MAX];
	size_t start_count;
	int ends[PROCESS_LIST_MAX]; /* clocks; PROCESS_ANY: all */
	size_t end_count;
	struct process_field *fields;
	size_t field_count;
	size_t handler; /* in action_handlers */
};
struct process_document {
	struct str kind;
	unsigned int steps;
	int reply_clock; /* PROCESS_ANY: none */
};
struct process_set {
	struct str id, version;
	bool readings_warn_only, local_documents;
	struct process_step steps[PROCESS_STEPS_MAX];
	size_t step_count;
	struct process_clock *clocks;
	size_t clock_count;
	struct process_action *actions;
	size_t action_count;
	struct process_document *documents;
	size_t document_count;
};
int process_step_index(const struct process_set *p, struct str id);  /* -1 when unknown */
int process_clock_index(const struct process_set *p, struct str id); /* -1 when unknown */
const struct process_action *process_action_find(const struct process_set *p, struct str id);
const struct process_document *process_document_find(const struct process_set *p, struct str kind);
/** Every required field is there, choices are among the allowed, texts fit. ERR_INPUT names the field by its label. */
enum err_code process_check_form(const struct process_action *a, const struct matter_form *form, struct err *err);

/* ---- a matter with everything around it ---- */

struct matter_clock {
	int64_t id;
	struct str name, label, note;
	int64_t instrument_id;
	enum period_kind kind;
	struct period_basis *basis;
	size_t basis_count;
	int32_t start_on;
	int64_t length;
	enum period_unit unit;
	bool roll;
	struct clock_pause *pauses;
	size_t pause_count;
	struct clock_extension *extensions;
	size_t extension_count;
	int32_t ended_on;
	struct str state; /* "running" "paused" "done" */
	int32_t due_plain, due_on;
};
struct matter_reply {
	int64_t id, matter_id, instrument_id, org_id;
	struct str type, text, items, finding_ids, account_name, state, decision, reason, decided_name;
	int32_t until, received_on;
	bool on_paper;
	int64_t decided_ms, created_ms;
};
struct matter_event {
	int64_t id, at_ms;
	struct str action, text, detail, account_name;
	bool for_agency;
};
struct matter_assist {
	int64_t id, matter_id, org_id;
	struct str org_name, text, asked_name, answer, answered_name, matter_no;
	int32_t until;
	int64_t created_ms, answered_ms;
};

/** Loaded at once: decisions look at nothing else. */
struct matter_case {
	struct matter_context *ctx;
	const struct process_set *process;
	struct matter m;
	struct instrument *instruments;
	size_t instrument_count;
	struct matter_clock *clocks;
	size_t clock_count;
	struct matter_reply *replies;
	size_t reply_count;
	int64_t *clue_ids;
	size_t clue_count;
	enum org_level level;  /* of the body */
	struct str reevaluate; /* set by an action: JSON list of findings to evaluate again once it is committed */
};
enum err_code matter_case_load(struct matter_context *ctx, int64_t id, struct matter_case *ret, struct err *err);
/** The same for one that was read already. */
enum err_code matter_case_of(struct matter_context *ctx, const struct matter *m, struct matter_case *ret, struct err *err);
bool matter_fact_holds(const struct matter_case *c, enum matter_fact fact);
bool instrument_is_statutory(const struct instrument *in);
/** What the gate asks, for a document of this issuer. */
void matter_case_facts(const struct matter_case *c, enum gate_issuer issuer, struct gate_facts *ret);
/** Whether an action is allowed now: ERR_OK, or why not in err; *ret_article the article that forbids ("" when only the state does),
 * *ret_warning a text when it is allowed but advised against. */
enum err_code matter_action_check(
	const struct matter_case *c, const struct process_action *a, const char **ret_article, struct str *ret_warning, struct err *err);
/** The gate's answer for one kind of document at this step, as the matter's procedure sees it. */
enum err_code matter_document_check(
	const struct matter_case *c, struct str kind, struct gate_answer *ret, const char **ret_article, struct err *err);
/** ERR_FORBIDDEN when the matter belongs to another body. */
enum err_code matter_check_own(const struct matter_case *c, struct err *err);
/** ERR_INPUT when a text for the agency gives the complaint away. */
enum err_code matter_check_leak(const struct matter_case *c, const char *label, struct str text, struct err *err);

/** What an action does to the facts; the frame has checked, and afterwards moves the step, the clocks, writes event and audit entry. */
typedef enum err_code action_handler(struct matter_case *c, const struct matter_form *form, struct str *ret_event, struct err *err);
struct action_row {
	const char *id;
	action_handler *run;
	bool for_agency; /* the agency sees the event */
};
extern const struct action_row action_rows[];
extern const size_t action_row_count;

/* ---- store; inside the caller's transaction ---- */

enum err_code matter_read(struct matter_context *ctx, int64_t id, bool any_scope, struct matter *ret, struct err *err);
/** As the agency may: assigned to it. ERR_NOT_FOUND. */
enum err_code matter_read_assigned(struct matter_context *ctx, int64_t id, struct matter *ret, struct err *err);
enum err_code matter_page_read(
	struct matter_context *ctx, const struct matter_query *q, bool assigned, struct matter_page *ret, struct err *err);
/** Writes every changeable member; ERR_STATE when somebody else changed it since it was read. m->version follows. */
enum err_code matter_save(struct matter_context *ctx, struct matter *m, struct err *err);
enum err_code matter_insert(struct matter_context *ctx, struct matter *m, struct err *err);
enum err_code matter_clue_add(struct matter_context *ctx, int64_t matter_id, int64_t clue_id, struct err *err);
enum err_code matter_clue_ids(struct matter_context *ctx, int64_t matter_id, int64_t **ret, size_t *ret_count, struct err *err);
enum err_code matter_add_event(struct matter_context *ctx, int64_t matter_id, const char *action, struct str text, struct str detail,
	bool for_agency, struct err *err);
enum err_code matter_events(
	struct matter_context *ctx, int64_t matter_id, bool for_agency, struct matter_event **ret, size_t *ret_count, struct err *err);
/** The columns of query matter_clock_list, which stand first in others too. */
struct matter_clock matter_clock_from_row(struct db_stmt *q, struct arena *mem);
enum err_code matter_clocks(struct matter_context *ctx, int64_t matter_id, struct matter_clock **ret, size_t *ret_count, struct err *err);
enum err_code matter_replies(struct matter_context *ctx, int64_t matter_id, struct matter_reply **ret, size_t *ret_count, struct err *err);
enum err_code matter_reply_insert(struct matter_context *ctx, struct matter_reply *r, struct err *err);
/** ERR_STATE when it was decided already. */
enum err_code matter_reply_decide(
	struct matter_context *ctx, int64_t reply_id, const char *state, struct str decision, struct str reason, struct err *err);
/** Settles the explanations, and the corrections too when a rectification check looked at them. */
enum err_code matter_replies_settle(struct matter_context *ctx, int64_t matter_id, bool corrections, const char *state, struct err *err);
enum err_code matter_assist_insert(struct matter_context *ctx, struct matter_assist *a, struct err *err);
/** matter_id 0: all in the actor's scope; open_only: not answered. Newest first. */
enum err_code matter_assists(struct matter_context *ctx, int64_t matter_id, bool open_only, int64_t after_id, int limit,
	struct matter_assist **ret, size_t *ret_count, struct err *err);
/** ERR_STATE when answered already. */
enum err_code matter_assist_answer(struct matter_context *ctx, int64_t id, struct str answer, struct err *err);
enum err_code matter_audit(struct matter_context *ctx, const char *action, int64_t matter_id, struct str summary, struct err *err);
/** Files of an event: claimed for the matter, closed to the agency. */
enum err_code matter_claim_files(struct matter_context *ctx, const struct matter *m, struct id_list files, struct err *err);

/** Stores an answer, claims its files, moves the clocks; the caller saves the matter. */
enum err_code matter_take_reply(struct matter_case *c, const struct matter_reply_new *in, int64_t *ret_id, struct err *err);

/* clocks */
enum err_code matter_clock_start(
	struct matter_case *c, int clock, int32_t start_on, int64_t instrument_id, int32_t fixed_due, struct err *err);
/** Ends the running and paused clocks of a name (PROCESS_ANY: all) or instrument (0: any) on a day. */
enum err_code matter_clock_end(struct matter_case *c, int clock, int64_t instrument_id, int32_t on, struct err *err);
enum err_code matter_clock_pause(struct matter_case *c, int32_t from, const char *why, struct err *err);
enum err_code matter_clock_resume(struct matter_case *c, int32_t on, struct err *err);
/** Extends the running reply clock of an instrument to a later day. */
enum err_code matter_clock_extend(struct matter_case *c, int64_t instrument_id, int32_t until, struct str why, struct err *err);
/** Counts a stored clock again with the calendar there is now, and stores what came out. */
enum err_code matter_clock_recount(struct matter_context *ctx, struct matter_clock *k, struct err *err);
/** Counts a stored clock as of today. */
enum err_code matter_clock_count(const struct matter_context *ctx, const struct matter_clock *k, struct clock *ret, struct err *err);

/* ---- answers ---- */

enum err_code matter_assigned_row_json(struct matter_context *ctx, const struct matter *m, struct json *j, struct err *err);
enum err_code matter_assigned_json(struct matter_context *ctx, const struct matter *m, struct json *j, struct err *err);
void matter_assist_json(const struct matter_assist *a, struct json *j);
enum err_code matter_put_clock(const struct matter_context *ctx, const struct matter_clock *k, struct json *j, struct err *err);
void matter_put_reply(const struct matter_reply *r, bool for_agency, struct json *j);
enum err_code matter_put_reply_files(struct matter_context *ctx, int64_t reply_id, struct json *j, struct err *err);
const char *matter_reply_title(struct str type);

/* ---- contexts ---- */

static inline struct instrument_context instrument_context_of(const struct matter_context *ctx)
{
	return (struct instrument_context){ .db = ctx->db,
		.mem = ctx->mem,
		.ids = ctx->ids,
		.app = ctx->app,
		.who = ctx->who,
		.now_ms = ctx->now_ms,
		.today = ctx->today };
}
static inline struct clue_context clue_context_of(const struct matter_context *ctx)
{
	return (struct clue_context){ .db = ctx->db,
		.mem = ctx->mem,
		.ids = ctx->ids,
		.app = ctx->app,
		.who = ctx->who,
		.now_ms = ctx->now_ms,
		.today = ctx->today };
}
static inline bool matter_is_program(const struct actor *who)
{
	return who->account_id == 0;
}
static inline struct str or_empty(struct str s)
{
	return s.ptr ? s : STR("");
}

#endif
