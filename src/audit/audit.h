/* The audit trail: an append-only chain, one SM3 over the entry before and this entry, written in the transaction of the
 * change itself. Whoever changes rows calls audit_add before committing; there is no other way to write the tables. */
#ifndef XZ_AUDIT_AUDIT_H
#define XZ_AUDIT_AUDIT_H

#include "actor/actor.h"
#include "base/id.h"
#include "db/db.h"

struct audit_entry {
	struct str action;  /* "clue.accept": noun.verb */
	struct str subject; /* noun of the thing, e.g. "clue" */
	int64_t subject_id;
	struct str summary; /* one Chinese line for people; no personal data, no complaint wording */
	struct str detail;  /* JSON or empty: what changed */
};

/** Appends inside the caller's open transaction (asserts one). now_ms is the instant of the change. */
enum err_code audit_add(struct db *db, const struct actor *who, int64_t now_ms, const struct audit_entry *e, struct err *err);

struct audit_report {
	int64_t entries;
	int64_t broken_seq; /* 0 when the chain holds */
	char broken_why[160];
	char head[65]; /* hash of the last entry */
};
/** Walks the whole chain. */
enum err_code audit_verify(struct db *db, struct audit_report *ret, struct err *err);

/** Rows newest first: before_seq 0 starts at the head. on_row gets each; seq is the paging key. */
struct audit_row {
	int64_t seq;
	int64_t at_ms;
	int64_t account_id;
	int64_t subject_id;
	struct str account_name, action, subject, summary, detail, remote, hash;
};
enum err_code audit_list(struct db *db, int64_t before_seq, struct str subject, int64_t subject_id, struct str action_prefix, int limit,
	enum err_code (*on_row)(const struct audit_row *row, void *arg), void *arg, struct err *err);

#endif
