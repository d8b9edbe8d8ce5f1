/* Clues (线索): everything that may make a supervision body look closer, whatever the channel: a hotline ticket, a telephone call, a
 * finding of the rules, a referral, a list from another platform. A clue is not a verdict; it is received, looked at within a managerial
 * period, and then accepted into a matter, rejected with a reason, merged into another clue, or transferred to whom it concerns.
 *
 * Invariants: a number JD-线-2026-000001 is never given twice; a clue that came from a complaint is `sealed` and no function here gives an
 * agency's account anything of it; complainant and telephone are masked in every answer and opened one by one by clue_reveal, which is
 * audited; deciding a clue happens once (the second decider gets ERR_STATE); each change writes its audit entry in its own transaction.
 *
 * Functions that change rows open a transaction (nesting in the caller's) and retry when they lose a race. Memory: results live in
 * ctx->mem. */
#ifndef XZ_CLUE_CLUE_H
#define XZ_CLUE_CLUE_H

#include <stdbool.h>
#include <stdint.h>

#include "actor/actor.h"
#include "actor/app.h"
#include "base/date.h"
#include "base/id.h"
#include "base/json.h"
#include "calendar/calendar.h"
#include "db/db.h"

enum clue_channel {
	CLUE_HOTLINE_12345, /* 12345 热线：投诉类 */
	CLUE_RULE,          /* 监督模型发现 */
	CLUE_WINDOW,        /* 来访 */
	CLUE_PHONE,         /* 来电：投诉类 */
	CLUE_PORTAL,        /* 门户投诉：投诉类 */
	CLUE_REFERRAL,      /* 移送交办 */
	CLUE_MEDIA,         /* 媒体舆情 */
	CLUE_FILE_REVIEW,   /* 案卷评查 */
	CLUE_RECON,         /* 行政复议、诉讼 */
	CLUE_PROCURATORIAL, /* 检察监督 */
	CLUE_PETITION,      /* 信访：投诉类 */
	CLUE_NPC_CPPCC,     /* 人大代表、政协委员 */
	CLUE_OTHER,
	CLUE_IMPORTED, /* 从其他平台成批导入 */
	CLUE_CHANNEL_COUNT
};
/** "hotline_12345" … */
const char *clue_channel_slug(enum clue_channel c);
/** 12345 热线 … */
const char *clue_channel_title(enum clue_channel c);
/** CLUE_CHANNEL_COUNT when unknown; takes the slug or the Chinese title. */
enum clue_channel clue_channel_parse(struct str s);
/** hotline, phone, portal, petition: what comes this way is a complaint and always sealed. */
bool clue_channel_is_complaint(enum clue_channel c);

enum clue_state { CLUE_RECEIVED, CLUE_ACCEPTED, CLUE_REJECTED, CLUE_MERGED, CLUE_TRANSFERRED, CLUE_STATE_COUNT };
const char *clue_state_slug(enum clue_state s);  /* "received" … */
const char *clue_state_title(enum clue_state s); /* 待研判 … */

/** What a call needs: who asks, when, with which connection and memory. */
struct clue_context {
	struct db *db;
	struct arena *mem;
	struct id_source *ids;
	const struct app *app; /* calendar, rules, dictionary */
	const struct actor *who;
	int64_t now_ms;
	int32_t today;
};

struct clue {
	int64_t id;
	struct str no; /* JD-线-2026-000001 */
	enum clue_channel channel;
	enum clue_state state;
	struct str title, content;
	int64_t org_id; /* the agency concerned; 0 unknown */
	struct str org_name, org_path;
	int64_t owner_id; /* the supervision body that decides */
	struct str owner_name;
	int64_t from_org_id; /* the organisation that collected it (a township's office, or the body itself) */
	struct str from_org_name;
	struct str complainant, phone; /* in full: mask before showing (clue_json does) */
	bool sealed;
	int32_t happened_on, received_on;
	struct str rule_id;                /* clues made from findings */
	struct str group_key;              /* rule × agency × party */
	struct str source_name, source_no; /* of an imported clue */
	int64_t merged_into_id, matter_id;
	struct str reason; /* of the decision */
	struct str decided_name;
	int64_t decided_ms; /* TIME_NONE: not yet */
	int64_t created_by;
	struct str created_name;
	int64_t created_ms;
	int64_t finding_count;
};

/** What the one-minute form holds. */
struct clue_new {
	enum clue_channel channel;
	struct str title;              /* empty: made from the content's beginning */
	struct str content;            /* required */
	int64_t org_id;                /* 0 unknown */
	struct str complainant, phone; /* optional: anonymous is allowed */
	int32_t happened_on;           /* DAY_NONE unknown */
	int32_t received_on;           /* DAY_NONE: today */
	bool sealed;                   /* seal it although the channel does not demand it */
	struct str source_name, source_no;
	const int64_t *attachments; /* the actor's own uploads */
	size_t attachment_count;
};
/** Registers a clue. Roles: the body's staff and township offices; a township's clue goes to the body of its county. */
enum err_code clue_add(struct clue_context *ctx, const struct clue_new *clue, int64_t *ret_id, struct err *err);

/** ERR_NOT_FOUND also outside the actor's scope; always for an agency's account. */
enum err_code clue_get(struct clue_context *ctx, int64_t id, struct clue *ret, struct err *err);
struct clue_query {
	enum clue_state state;     /* CLUE_STATE_COUNT: all */
	enum clue_channel channel; /* CLUE_CHANNEL_COUNT: all */
	int64_t org_id;            /* 0: all in scope */
	int64_t matter_id;         /* 0: all */
	struct str rule_id, q;     /* empty: all; q in number, title, content */
	int64_t after_id;          /* paging: newest first */
	int limit;                 /* 1…500 */
	bool want_total;
};
struct clue_page {
	struct clue *rows;
	size_t row_count;
	int64_t next_id; /* 0 at the end */
	int64_t total;   /* -1 when not asked for */
};
enum err_code clue_list(struct clue_context *ctx, const struct clue_query *q, struct clue_page *ret, struct err *err);
/** Clues that may be the same: same number at the source, same telephone, same agency and day, same party; newest first with the reason
 * why. */
struct clue_hint {
	int64_t id;
	struct str no, title, why;
	enum clue_state state;
};
enum err_code clue_similar(struct clue_context *ctx, const struct clue *c, struct clue_hint **ret, size_t *ret_count, struct err *err);
/** Findings of a clue, in id order, after after_id. */
enum err_code clue_finding_ids(
	struct clue_context *ctx, int64_t clue_id, int64_t after_id, int limit, int64_t **ret, size_t *ret_count, struct err *err);
/** The managerial clock of looking at it (5 workdays, 管理参数), explained. */
enum err_code clue_clock(struct clue_context *ctx, const struct clue *c, struct clock *ret, struct err *err);

/** One decision. Accepting needs a matter and is done by module matter through clue_accept. */
struct clue_decision {
	enum clue_state to;        /* CLUE_REJECTED, CLUE_MERGED, CLUE_TRANSFERRED */
	struct str reason;         /* required for REJECTED and TRANSFERRED */
	int64_t into;              /* MERGED: the clue that stays */
	struct str transferred_to; /* TRANSFERRED: who gets it */
};
/** ERR_STATE when it was decided already (also by somebody else in the same instant). Roles: supervisor, leader of the owning body. */
enum err_code clue_decide(struct clue_context *ctx, int64_t id, const struct clue_decision *d, struct err *err);
/** Marks a received clue as accepted into the matter; inside matter's transaction. */
enum err_code clue_accept(struct clue_context *ctx, int64_t id, int64_t matter_id, struct err *err);

/** Bulk triage of findings. */
enum clue_verdict { CLUE_TAKE, CLUE_DISMISS, CLUE_FALSE_POSITIVE, CLUE_MERGE };
struct clue_triage {
	enum clue_verdict verdict;
	const int64_t *finding_ids; /* these, or everything open that the filter names */
	size_t finding_count;
	struct str rule_id; /* filter: rule and agency; at least one of them */
	int64_t org_id;
	bool per_party;    /* TAKE: one clue per rule × agency × party instead of rule × agency */
	struct str reason; /* required for DISMISS and FALSE_POSITIVE */
	int64_t clue_id;   /* MERGE: into this received clue */
};
struct clue_triage_result {
	int64_t *clue_ids; /* made or extended */
	size_t clue_count;
	int64_t finding_count; /* findings decided by this call */
};
/** TAKE makes clues or extends received ones of the same group; findings that are no longer open are left alone and not counted. */
enum err_code clue_triage_findings(struct clue_context *ctx, const struct clue_triage *t, struct clue_triage_result *ret, struct err *err);

/** Ready-made clues from a table; the header names its columns in Chinese or by field. Importing a row with a known source number again
 * changes nothing. Each row is its own transaction. */
struct clue_import_result {
	int64_t added, same, rejected;
	struct {
		int64_t line;
		struct str reason;
	} errors[50]; /* the first ones */
	size_t error_count;
};
enum err_code clue_import(struct clue_context *ctx, const char *path, struct str name, struct str source_name,
	struct clue_import_result *ret, struct err *err);

/** One masked value in full ("complainant" or "phone"), audited with its purpose (at least 4 characters). Roles: supervisor, leader of the
 * owner. */
enum err_code clue_reveal(struct clue_context *ctx, int64_t id, struct str field, struct str purpose, struct str *ret, struct err *err);
/** Whether the account may read a clue's attachments: never an agency. */
enum err_code clue_may_read(struct db *db, const struct actor *who, int64_t id, bool *ret, struct err *err);
/** Whether `text`, which an agency will read, gives a sealed clue away: complainant, telephone, number, or twelve characters of its wording
 * in a row. *ret_why is Chinese, names the kind of leak and never repeats it; empty when the text is clean. */
enum err_code clue_leak(
	struct clue_context *ctx, const int64_t *clue_ids, size_t clue_count, struct str text, struct str *ret_why, struct err *err);
/** Received clues of the actor's body; of them, how many are past their managerial day. */
enum err_code clue_inbox(struct clue_context *ctx, int64_t *ret_received, int64_t *ret_late, struct err *err);

/** A list row and the whole answer; personal data masked. */
void clue_row_json(struct clue_context *ctx, const struct clue *c, struct json *j);
/** Also findings, hints, attachments, events and the clock. */
enum err_code clue_json(struct clue_context *ctx, const struct clue *c, struct json *j, struct err *err);

struct route_table;
extern const struct route_table clue_routes;

#endif
