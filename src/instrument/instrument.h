/* Documents that a supervision body or its government issues: what kinds there are (templates/<kind>.yaml), their life
 * (draft → approved → numbered → sealed → served, or void), their numbers without gaps, their files, their public check.
 *
 * What this module decides: who may do which step, that the fields are complete, that numbers are right. Whether a kind is
 * lawful for a matter (regulation825.md 2.1) is decided by module matter, which gives the answer as a struct instrument_permit
 * when it drafts, and through instrument_set_hooks at every later step; without hooks every step but drafting is refused, so a
 * forgotten hook locks the door.
 *
 * Invariants: a number row is written in the transaction that makes the document numbered; a voided number keeps its row and is
 * never given again; nobody approves what they drafted; township accounts issue nothing (条例 6(2)、26); a document is a draft until
 * its sealed copy is attached; files of sealed clues are never attached to a document.
 *
 * Every function that changes rows opens its own transaction (nesting in the caller's), writes its audit entry in it, and is safe to
 * run again after ERR_RETRY. Memory: results live in ctx->mem. */
#ifndef XZ_INSTRUMENT_INSTRUMENT_H
#define XZ_INSTRUMENT_INSTRUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "actor/actor.h"
#include "actor/app.h"
#include "base/asset.h"
#include "base/date.h"
#include "base/id.h"
#include "base/json.h"
#include "db/db.h"
#include "document/document.h"

struct law_register;

enum instrument_state {
	INSTRUMENT_DRAFT,
	INSTRUMENT_APPROVED,
	INSTRUMENT_NUMBERED,
	INSTRUMENT_SEALED,
	INSTRUMENT_SERVED,
	INSTRUMENT_VOID,
	INSTRUMENT_STATE_COUNT
};
const char *instrument_state_slug(enum instrument_state s);  /* "draft" … */
const char *instrument_state_title(enum instrument_state s); /* 草稿 … */

enum instrument_action {
	INSTRUMENT_ACT_DRAFT, /* asked of the permit only */
	INSTRUMENT_ACT_EDIT,
	INSTRUMENT_ACT_SUBMIT,
	INSTRUMENT_ACT_RETURN, /* approve with decision "return" */
	INSTRUMENT_ACT_APPROVE,
	INSTRUMENT_ACT_NUMBER,
	INSTRUMENT_ACT_SEAL,
	INSTRUMENT_ACT_SERVE,
	INSTRUMENT_ACT_VOID,
	INSTRUMENT_ACTION_COUNT
};
const char *instrument_action_slug(enum instrument_action a);

/* ---- kinds: templates/<kind>.yaml ---- */

enum instrument_issuer { INSTRUMENT_BY_BODY, INSTRUMENT_BY_GOVERNMENT };
enum instrument_field_type {
	INSTRUMENT_LINE, /* one line */
	INSTRUMENT_TEXT, /* paragraphs */
	INSTRUMENT_LIST, /* JSON array of texts */
	INSTRUMENT_ROWS, /* JSON array of objects with the field's columns */
	INSTRUMENT_DAY,  /* ISO date */
};
struct instrument_column {
	struct str name, label;
	int width;
	bool required;
};
struct instrument_field {
	struct str name, label, hint;
	enum instrument_field_type type;
	bool required;                     /* before it may be submitted; a draft may lack it */
	int64_t chars_max;                 /* of one text */
	size_t items_max;                  /* of a list */
	struct instrument_column *columns; /* ROWS */
	size_t column_count;
};
struct instrument_citation {
	struct str law, article; /* 行政执法监督条例, 27 */
};
struct instrument_part; /* layout, private */
struct instrument_kind {
	struct str kind;        /* "urging_letter" */
	struct str title;       /* 行政执法监督督办函 */
	struct str short_title; /* 督办函 */
	struct str title_en;
	bool statutory; /* named by 条例 26–29 */
	enum instrument_issuer issuer;
	bool to_government;         /* upward: the main recipient is the body's own government (处理建议) */
	bool has_deadline;          /* carries a day until which the agency has to act or answer */
	unsigned int approve_roles; /* leader; gov_approver for decisions */
	bool needs_gov_approval;    /* approval number of the government and its day are required at approval */
	struct instrument_citation *articles;
	size_t article_count;
	int64_t reply_length;     /* default period; 0 = none. A managerial parameter, never statutory */
	struct str reply_unit;    /* "day" or "workday" */
	struct str reply_note;    /* 管理参数（非法定） */
	struct str category;      /* 督 */
	struct str number_format; /* {proxy}执监督〔{year}〕{seq}号 */
	enum document_form form;
	struct instrument_field *fields;
	size_t field_count;
	struct str heading_pattern; /* of the document's title; {agency} and the names of fields in braces */
	struct str mark_pattern;    /* 发文机关标志; empty: the issuer's name */
	struct str note_pattern, cc_pattern, printer_pattern;
	bool shows_signer;           /* 签发人, upward documents */
	struct str *forbidden_words; /* must not stand in any text (a question must not conclude) */
	size_t forbidden_count;
	struct instrument_part *parts;
	size_t part_count;
};

struct instrument_set;
/** Reads templates/<kind>.yaml through the overlay and resolves every citation in the law register (NULL skips that). ERR_INPUT points at
 * the line. Memory: `mem` must outlive the set. */
enum err_code instrument_set_load(
	const struct asset_set *assets, const struct law_register *law, struct arena *mem, struct instrument_set **ret, struct err *err);
const struct instrument_kind *instrument_kinds(const struct instrument_set *set, size_t *ret_count);
/** NULL when unknown. */
const struct instrument_kind *instrument_kind_find(const struct instrument_set *set, struct str kind);
/** Address printed into QR codes before "?code=…" (https://…/check); NULL: the code alone. Before serving starts. */
void instrument_set_public_url(struct instrument_set *set, const char *url);

/* ---- who asks, with what ---- */

struct instrument_context {
	struct db *db;
	struct arena *mem;
	struct id_source *ids;
	const struct app *app; /* instruments, demo, public_check, data_dir */
	const struct actor *who;
	int64_t now_ms;
	int32_t today;
};

/** Module matter's answer for one document and one step, e.g. { .allowed = false, .reason = "未经核查确认，不得制发意见书", .article = "28"
 * }. */
struct instrument_permit {
	bool allowed;
	struct str reason;  /* Chinese, shown with ERR_BLOCKED; required when not allowed */
	struct str article; /* of 行政执法监督条例, e.g. "27；33(3)" */
	struct str warning; /* allowed, but say so */
};

struct instrument {
	int64_t id;
	int64_t matter_id;
	int64_t agency_id; /* the organisation it concerns (data scope, liaison's view) */
	struct str agency_path;
	int64_t body_id;   /* the supervision body that drafts */
	int64_t issuer_id; /* the body, or its government */
	struct str issuer_name;
	const struct instrument_kind *kind; /* NULL only when the kind's file was removed */
	struct str kind_name;
	enum instrument_state state;
	bool submitted;   /* a draft that waits for approval */
	struct str title; /* rendered from the pattern */
	struct str main_to;
	struct str fields; /* JSON object */
	int64_t version;   /* of the fields, from 1 */
	struct str number; /* 明司执监督〔2026〕1号; empty before */
	struct str check_code;
	int32_t deadline_on; /* from the fields; DAY_NONE */
	int32_t issued_on;   /* 成文日期: set with the number */
	int32_t served_on;   /* clocks of the reply start here */
	struct str served_to, served_how;
	struct str gov_approval_no;
	int32_t gov_approved_on;
	bool sealed;         /* derives from a complaint: nothing but its sealed copy goes to the agency */
	bool to_agency;      /* addressed to the agency: it sees the sealed copy once served */
	bool stopped;        /* frozen by matter (review or litigation began, 33(3)): no step but void */
	int64_t template_id; /* 0: the program's own layout */
	int64_t drafter_id, approver_id;
	struct str drafter_name, approver_name;
	struct str return_reason; /* why the approver sent it back */
	struct str void_reason;
	int64_t created_ms, changed_ms;
};

/** Set by module matter (through cli) once, before serving. All run inside the transaction of the step. */
struct instrument_hooks {
	/** May this document take this step now? Asked for EDIT … SERVE, never for VOID. */
	enum err_code (*permit)(struct instrument_context *ctx, const struct instrument *in, enum instrument_action action,
		struct instrument_permit *ret, struct err *err);
	/** The step is done (in has the new state): write the matter's event, start or end clocks. May be NULL. */
	enum err_code (*on_step)(
		struct instrument_context *ctx, const struct instrument *in, enum instrument_action action, struct err *err);
};
void instrument_set_hooks(struct instrument_set *set, const struct instrument_hooks *hooks);

/* ---- life ---- */

struct instrument_draft {
	int64_t matter_id;
	int64_t agency_id; /* the agency that the matter is about */
	int64_t body_id;   /* 0: the actor's organisation */
	struct str kind;
	struct str fields;   /* JSON object; main_to and deadline_on may be absent: filled from the agency and from `deadline_on` */
	int32_t deadline_on; /* matter's proposal (from kind->reply_*); DAY_NONE */
	int64_t template_id; /* 0: the default of the kind, else the program's own layout */
	bool sealed;
};
/** permit->allowed false → ERR_BLOCKED with its reason and article. Roles: supervisor, leader. */
enum err_code instrument_draft(struct instrument_context *ctx, const struct instrument_draft *draft, const struct instrument_permit *permit,
	int64_t *ret_id, struct err *err);

/** Changes a draft that is not submitted; keeps the old version. `fields` holds only what changes; null removes. expected_version 0 = any,
 * else ERR_CONFLICT when somebody else was faster. New annexes are the actor's own uploads. */
struct instrument_edit {
	struct str fields;
	int64_t expected_version;
	int64_t template_id; /* < 0: unchanged */
	const int64_t *annexes;
	size_t annex_count;
};
enum err_code instrument_edit(struct instrument_context *ctx, int64_t id, const struct instrument_edit *edit, struct err *err);

/** What the steps need; unused members stay zero (dates DAY_NONE). */
struct instrument_step {
	enum instrument_action action;
	struct str opinion;         /* APPROVE, RETURN (required there) */
	struct str gov_approval_no; /* APPROVE of a kind with needs_gov_approval */
	int32_t gov_approved_on;
	struct str number;                /* NUMBER: from the office system; empty: the next of the series */
	int32_t issued_on;                /* NUMBER: 成文日期; DAY_NONE: today */
	int64_t file_id;                  /* SEAL: uploaded PDF, OFD, PNG, JPEG or TIFF */
	int32_t served_on;                /* SERVE; DAY_NONE: today */
	struct str served_to, served_how; /* SERVE: 签收人, 直接送达|电子送达|邮寄送达|转交送达 */
	struct str reason;                /* VOID, required */
};
/** One step of its life, retried while it loses races. ERR_FORBIDDEN (who), ERR_STATE (when), ERR_BLOCKED (law), ERR_INPUT (what). */
enum err_code instrument_act(struct instrument_context *ctx, int64_t id, const struct instrument_step *step, struct err *err);
/** Freezes or thaws every unfinished document of a matter (33(3)); inside matter's transaction. */
enum err_code instrument_stop_matter(struct instrument_context *ctx, int64_t matter_id, bool stopped, struct err *err);

/* ---- reading ---- */

/** ERR_NOT_FOUND also when it lies outside the actor's scope (an agency sees only what was served to it). */
enum err_code instrument_get(struct instrument_context *ctx, int64_t id, struct instrument *ret, struct err *err);
/** Without asking about scope: for module matter, which has asked. Oldest first; only kind_name when not empty. */
enum err_code instrument_of_matter(
	struct instrument_context *ctx, int64_t matter_id, struct instrument **ret, size_t *ret_count, struct err *err);
/** The whole answer of GET /instruments/{id}: fields, form, files, versions, actions with reasons. */
enum err_code instrument_json(struct instrument_context *ctx, const struct instrument *in, struct json *j, struct err *err);
/** A list row: {id,matter_id,kind,kind_title,state,state_title,no,title,main_to,issuer,deadline_on,issued_on,served_on,org}. */
void instrument_row_json(const struct instrument *in, struct json *j);
/** What an agency may see of a served document: number, title, dates, the sealed copy's file. */
enum err_code instrument_assigned_json(struct instrument_context *ctx, const struct instrument *in, struct json *j, struct err *err);
/** True when attachment `file_id` is the sealed copy of a served document in the actor's scope, or any file of one the actor may work on.
 * ctx->app may be NULL here. */
enum err_code instrument_file_visible(struct instrument_context *ctx, int64_t file_id, bool *ret, struct err *err);
/** Drafts that wait for this actor's approval, oldest first, at most `limit`. */
enum err_code instrument_to_approve(struct instrument_context *ctx, int limit, struct instrument **ret, size_t *ret_count, struct err *err);
/** {kind,title,title_en,statutory,issuer,articles,reply,fields:[…]} */
void instrument_kind_json(const struct instrument_kind *kind, struct json *j);

/* ---- rendering ---- */

enum instrument_format { INSTRUMENT_PDF, INSTRUMENT_DOCX };
/** PDF: always the program's own layout. DOCX: the bureau's template when the document has one. Byte-identical for the same version. */
enum err_code instrument_render(
	struct instrument_context *ctx, const struct instrument *in, enum instrument_format format, struct buf *out, struct err *err);

/* ---- numbers (public for tests and for other modules' documents) ---- */

#define INSTRUMENT_NUMBER_BYTES 160
struct instrument_number {
	char text[INSTRUMENT_NUMBER_BYTES]; /* 明司执监督〔2026〕1号 */
	struct str prefix;                  /* 明司执监督 (points into text) */
	int year;
	int64_t seq;
};
/** Full-width digits and letters, any brackets, 第, leading zeros and spaces are brought to the one form. ERR_INPUT says what a number
 * looks like. */
enum err_code instrument_number_parse(struct str text, struct instrument_number *ret, struct err *err);

struct route_table;
/** GET PUT /api/instruments, their actions, preview and files; /api/instrument-kinds; /api/templates; /api/public/check. */
extern const struct route_table instrument_routes;

#endif
