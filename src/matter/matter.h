/* Supervision matters (监督事项): the five steps from a clue to a corrected and closed problem, 线索分析 → 问题核实 → 问题监督 → 问题整改 →
 * 整改反馈.
 *
 * The procedure is data (processes/matter.yaml): steps, actions with their forms, roles, needed facts, clocks. What a file cannot change is
 * in C: the gate (matter_gate.h), who sees what, and what an action does to the facts.
 *
 * Invariants: every change is one transaction with its event and audit entry; two people who decide at once: the second gets ERR_STATE;
 * while the same act is in reconsideration or litigation the matter is suspended, its drafts are frozen and its clocks stand still (33(3));
 * nothing is closed without a person's verification; the agency's side (assigned) is made of what a supervisor wrote for it and of sealed
 * copies only, and a text for it that would give a complaint away is refused.
 *
 * Functions that change rows open a transaction (nesting in the caller's) and retry when they lose a race. Memory: results live in
 * ctx->mem. */
#ifndef XZ_MATTER_MATTER_H
#define XZ_MATTER_MATTER_H

#include <stdbool.h>
#include <stdint.h>

#include "actor/actor.h"
#include "actor/app.h"
#include "attachment/attachment.h"
#include "base/asset.h"
#include "base/date.h"
#include "base/id.h"
#include "base/json.h"
#include "calendar/calendar.h"
#include "db/db.h"
#include "http/http.h"
#include "instrument/instrument.h"
#include "matter/matter_gate.h"

/* ---- the procedure as data ---- */

struct process_set;
/** Reads processes/matter.yaml through the overlay and checks every step, action, field, fact, role and period it names; ERR_INPUT points
 * at file, line and column. Memory: `mem` must outlive the set. */
enum err_code process_load(
	const struct asset_set *assets, const struct calendar *calendar, struct arena *mem, struct process_set **ret, struct err *err);

/* ---- one matter ---- */

struct matter_context {
	struct db *db;
	struct arena *mem;
	struct id_source *ids;
	const struct app *app; /* calendar, processes, instruments, dictionary */
	const struct actor *who;
	int64_t now_ms;
	int32_t today;
};

enum matter_state { MATTER_OPEN, MATTER_SUSPENDED, MATTER_CLOSED, MATTER_STATE_COUNT };
const char *matter_state_slug(enum matter_state s);  /* "open" "suspended" "closed" */
const char *matter_state_title(enum matter_state s); /* 办理中 已中止 已结案 */

enum matter_finding { MATTER_UNVERIFIED, MATTER_ESTABLISHED, MATTER_NOT_ESTABLISHED };

struct matter {
	int64_t id;
	struct str no;                            /* JD-事-2026-000001 */
	struct str title;                         /* the body's own title, may repeat the complaint */
	struct str assigned_title, assigned_text; /* 交办内容: what the agency sees; empty: nothing was assigned yet */
	int64_t org_id;                           /* the agency concerned */
	struct str org_name, org_path;
	int64_t body_id; /* the supervision body in charge */
	struct str body_name;
	int64_t handler_id; /* account */
	struct str handler_name;
	struct str step; /* id in the process file */
	enum matter_state state;
	struct str mode; /* "daily" "key" "special" (14) */
	bool sealed;
	enum matter_finding finding;
	struct str kind; /* problem_kinds[].code; empty before verification */
	bool major;
	struct str facts, evidence; /* 查明的事实 */
	bool correctable, corrected_on_spot;
	struct str basis_note;                           /* 督办函在查明之前写明的职责及依据 */
	struct str instrument_choice, instrument_reason; /* 拟用文书／不用文书的理由 */
	bool in_proceedings;
	struct str proceedings; /* 复议 or 诉讼, organ, number */
	int32_t proceedings_on;
	bool unheeded;       /* a letter or opinion ran out without performance */
	bool verify_failed;  /* the last check of the rectification had a failed item */
	int32_t proposal_on; /* a handling proposal carries its seal; DAY_NONE: none */
	int32_t served_on;   /* the first document for the agency was served; DAY_NONE: none */
	struct str gov_approval_no;
	int32_t gov_approved_on;
	int32_t upper_notified_on;
	bool rectified;     /* rectification verified */
	struct str outcome; /* "rectified" "corrected_on_spot" "not_established" "terminated" */
	struct str outcome_reason;
	enum gate_management management; /* of the agency */
	struct str superior_name;
	int64_t round_ms; /* documents made before it belong to the time before the matter was reopened; 0: never reopened */
	int64_t version;  /* optimistic lock */
	int64_t created_ms, changed_ms, closed_ms;
	int32_t next_due_on; /* nearest running clock; DAY_NONE */
};

struct matter_new {
	struct str title;        /* empty: the first clue's */
	int64_t org_id;          /* the agency concerned */
	const int64_t *clue_ids; /* received clues of the same body; at least one */
	size_t clue_count;
	struct str reason; /* of accepting, optional */
};
/** Opens a matter from clues, which become accepted. A sealed clue seals it. Roles: supervisor, leader. */
enum err_code matter_open(struct matter_context *ctx, const struct matter_new *m, int64_t *ret_id, struct err *err);
/** ERR_NOT_FOUND also outside the actor's scope, for an agency always. A government approver sees only matters with a proposal. */
enum err_code matter_get(struct matter_context *ctx, int64_t id, struct matter *ret, struct err *err);
struct matter_query {
	struct str state, step, kind, q;
	int64_t org_id;
	int32_t due_until; /* DAY_NONE: all */
	int64_t after_id;
	int limit;
	bool want_total;
};
struct matter_page {
	struct matter *rows;
	size_t row_count;
	int64_t next_id, total;
};
/** Newest first. */
enum err_code matter_list(struct matter_context *ctx, const struct matter_query *q, struct matter_page *ret, struct err *err);

/** Every field that a form of the process file may ask for; a form uses some. Absent: empty, 0, DAY_NONE. */
struct matter_form {
	struct str reason, text, title;
	struct str assigned_title, assigned_text;
	struct str mode;           /* daily|key|special */
	struct str established;    /* yes|no */
	struct str kind, severity; /* problem_kinds[].code; minor|major */
	struct str facts, evidence;
	struct str correctable; /* yes|no */
	struct str instrument_choice, instrument_reason;
	struct str problem, correction;
	struct str decision;         /* accept|refuse, resume|terminate, maintain|change|withdraw, approve|refuse */
	struct str type;             /* of a reply: correction|extension|data_wrong|explanation|objection */
	struct str proceedings_kind; /* reconsideration|litigation */
	struct str organ, case_no, approval_no, step;
	struct str items; /* JSON: [{"item":"…","result":"pass|fail","note":"…"}] */
	int32_t on, until;
	int64_t reply_id, org_id, handler_id, instrument_id;
	struct id_list attachments, finding_ids, clue_ids;
	int64_t version; /* what the caller saw; 0: any */
};
/** Does one action of the process file. ERR_FORBIDDEN (role, or another body's matter), ERR_STATE (step, state, somebody was faster),
 * ERR_BLOCKED (the law, with its article), ERR_INPUT (a field). */
enum err_code matter_act(struct matter_context *ctx, int64_t id, struct str action, const struct matter_form *form, struct err *err);

/** Drafts a document for the matter after asking the gate. `fields` as instrument_draft wants them. */
struct matter_draft {
	struct str kind, fields;
	int64_t template_id;
	struct str basis_note; /* 督办函 before verification: the duty and its basis */
};
enum err_code matter_draft_instrument(
	struct matter_context *ctx, int64_t id, const struct matter_draft *draft, int64_t *ret_instrument_id, struct err *err);
/** The facts the gate asks for, from the matter, its documents and its organisations. */
enum err_code matter_facts(struct matter_context *ctx, const struct matter *m, struct gate_facts *ret, struct err *err);
/** To be given to instrument_set_hooks before serving: the gate at every later step of a document, clocks and events after it. */
extern const struct instrument_hooks matter_instrument_hooks;

/** The whole answer of GET /matters/{id} with steps, events, clocks, instruments, replies and actions; and a list row. */
enum err_code matter_json(struct matter_context *ctx, const struct matter *m, struct json *j, struct err *err);
void matter_row_json(const struct matter_context *ctx, const struct matter *m, struct json *j);

/** What this account has to do, in the order of the clocks: the answer of GET /desk. Each role gets its own. */
enum err_code matter_desk_json(struct matter_context *ctx, struct json *j, struct err *err);

/* ---- when holidays are announced ---- */

struct clock_recount {
	int64_t counted, moved;
};
/** Counts all clocks that go on again when the calendar is not the one that the store was last counted with; otherwise changes nothing. A
 * moved due day is told in the matter's history and kept as a clock_move. Audited. Source: 民法典 203, 全国年节及纪念日放假办法. */
enum err_code matter_clocks_recount(struct matter_context *ctx, struct clock_recount *ret, struct err *err);

struct clock_move {
	int64_t id, matter_id;
	struct str no, title, label, calendar_version;
	int32_t due_before, due_after;
	int64_t at_ms;
};
/** Moved clocks of the bodies in the actor's scope, newest first. */
enum err_code clock_moves(
	struct matter_context *ctx, int64_t before_id, int limit, struct clock_move **ret, size_t *ret_count, struct err *err);

/* ---- the agency's door ---- */

struct matter_reply_new {
	struct str type; /* correction|extension|data_wrong|explanation|objection */
	struct str text;
	struct str items;      /* JSON: what was corrected, item by item */
	int32_t until;         /* extension: asked for */
	int64_t instrument_id; /* 0: the last document served */
	struct id_list attachments, finding_ids;
	int32_t received_on; /* paper: the day it came in; DAY_NONE: today */
	bool on_paper;       /* recorded by staff for the agency: needs a scan */
};
/** The agency's answer; its own account only, and only about what was assigned to it. */
enum err_code matter_reply(
	struct matter_context *ctx, int64_t matter_id, const struct matter_reply_new *reply, int64_t *ret_id, struct err *err);
/** Whether the account may have this file (subject matter, reply or instrument): the body by scope; an agency its own replies and sealed
 * copies. */
enum err_code matter_may_read_file(struct db *db, const struct actor *who, const struct attachment *a, bool *ret, struct err *err);

/** What the one search box finds here: matters and clues for the office, assigned matters for an agency (by its own words only). */
struct matter_hit {
	const char *kind; /* "matter" "clue" "assigned" */
	int64_t id;
	struct str title, sub;
};
enum err_code matter_search(struct db *db, const struct actor *who, struct str text, int limit, struct arena *mem, struct matter_hit **ret,
	size_t *ret_count, struct err *err);

/** The routes of matters, replies, desk, assistance, accepting a clue and drafting a document. */
extern const struct route_table matter_routes;

#endif
