/* Between the files of module clue only. */
#ifndef XZ_CLUE_CLUE_PRIVATE_H
#define XZ_CLUE_CLUE_PRIVATE_H

#include "clue/clue.h"

#define CLUE_TITLE_CHARS 100
#define CLUE_CONTENT_CHARS 20000
#define CLUE_REASON_CHARS 2000
#define CLUE_LEAK_CHARS 12 /* characters of a complaint's wording in a row that count as giving it away */
#define CLUE_PERIOD "sup_clue_triage"

/** A row to be stored, complete. */
struct clue_row {
	enum clue_channel channel;
	struct str title, content, complainant, phone, rule_id, group_key, source_name, source_no;
	int64_t org_id, owner_id, from_org_id;
	int32_t happened_on, received_on;
	bool sealed;
	const int64_t *attachments;
	size_t attachment_count;
	const char *event; /* Chinese, of the first event */
};

/** Checks and completes what somebody typed: lengths, telephone, the title from the content, the seal. */
enum err_code clue_complete(struct clue_context *ctx, const struct clue_new *clue, struct clue_row *ret, struct err *err);
/** Digits of a telephone number; empty when there are fewer than five. */
struct str clue_phone_digits(struct str phone, struct arena *mem);
/** The first sentence or 40 characters of a text, for a title. */
struct str clue_title_of(struct str content, struct arena *mem);
/** Whether the account may decide about clues: a supervisor or leader, or the program itself. */
bool clue_may_decide(const struct actor *who);

/* store; inside the caller's transaction where nothing else is said */
enum err_code clue_insert(struct clue_context *ctx, const struct clue_row *row, int64_t *ret_id, struct err *err);
enum err_code clue_add_event(struct clue_context *ctx, int64_t clue_id, const char *action, struct str text, struct err *err);
enum err_code clue_audit(
	struct clue_context *ctx, const char *action, int64_t clue_id, struct str summary, struct str detail, struct err *err);
enum err_code clue_put_finding(struct clue_context *ctx, int64_t clue_id, int64_t finding_id, struct err *err);
enum err_code clue_recount(struct clue_context *ctx, int64_t clue_id, struct err *err);
enum err_code clue_set_sealed(struct clue_context *ctx, int64_t clue_id, struct err *err);
/** The received clue of a group, 0 when there is none. */
enum err_code clue_find_group(
	struct clue_context *ctx, int64_t owner_id, struct str group_key, int64_t *ret_id, bool *ret_sealed, struct err *err);
/** A clue with this number at its source, 0 when there is none. */
enum err_code clue_find_source(
	struct clue_context *ctx, int64_t owner_id, struct str source_name, struct str source_no, int64_t *ret_id, struct err *err);
/** The body that decides about what this actor collects: its own organisation, or its county's body for a township office. */
enum err_code clue_owner(struct clue_context *ctx, int64_t *ret_owner_id, struct err *err);
struct clue_event {
	int64_t at_ms;
	struct str action, text, account_name;
};
/** Writes the member "findings" of a clue: the first of them as the API of detect shows them. */
enum err_code clue_put_findings(struct clue_context *ctx, const struct clue *c, struct json *j, struct err *err);
enum err_code clue_events(struct clue_context *ctx, int64_t clue_id, struct clue_event **ret, size_t *ret_count, struct err *err);

#endif
