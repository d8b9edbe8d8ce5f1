/* What detect's files share. */
#ifndef XZ_DETECT_DETECT_PRIVATE_H
#define XZ_DETECT_DETECT_PRIVATE_H

#include "detect/detect.h"

/** What the store knows of a rule's finding on one record. */
struct known_finding {
	int64_t id, record_id, version;
	enum finding_state state;
	bool present, seen;
	char facts[65];
};

enum err_code sweep_insert(struct db *db, int64_t id, int32_t today, int64_t now_ms, int64_t account_id, struct err *err);
enum err_code sweep_end(struct db *db, int64_t id, const char *state, int64_t now_ms, int64_t records, double seconds, struct err *err);
enum err_code sweep_rule_put(struct db *db, int64_t sweep_id, const struct sweep_rule *r, struct err *err);
enum err_code sweep_list(
	struct db *db, int64_t before_id, int limit, struct arena *mem, struct sweep **ret, size_t *ret_count, struct err *err);
/** Rows of the last finished sweep, by rule id. */
enum err_code sweep_rules_last(struct db *db, struct arena *mem, struct sweep_rule **ret, size_t *ret_count, struct err *err);

/** Rules with findings that are still present, by id. */
enum err_code finding_rules(struct db *db, struct arena *mem, struct str **ret, size_t *ret_count, struct err *err);
/** All findings of a rule in record order; heap, freed by the caller with free. */
enum err_code known_findings(struct db *db, struct str rule_id, struct known_finding **ret, size_t *ret_count, struct err *err);
/** f->id 0 inserts (f->id is set), else refreshes; f->state is written. `facts` is the digest. */
enum err_code finding_put(struct db *db, struct id_source *ids, struct finding *f, struct str facts, int64_t now_ms, struct err *err);
enum err_code finding_vanish(struct db *db, int64_t id, int64_t now_ms, struct err *err);
/** True in ret_changed when the finding was open or gone. */
enum err_code finding_set_state(
	struct db *db, int64_t id, enum finding_state to, int64_t clue_id, int64_t now_ms, bool *ret_changed, struct err *err);
/** Along with its matter: accepted to closed or rejected, and back. */
enum err_code finding_move(struct db *db, int64_t id, enum finding_state to, int64_t now_ms, bool *ret_changed, struct err *err);
enum err_code finding_set_corrected(struct db *db, int64_t id, int64_t now_ms, struct err *err);
enum err_code finding_read(struct db *db, int64_t id, struct arena *mem, struct finding *ret, struct str *ret_facts, struct err *err);
enum err_code verdict_insert(struct db *db, struct id_source *ids, const struct actor *who, int64_t now_ms, const struct finding *f,
	struct str facts, const char *verdict, struct str reason, struct err *err);

struct verdict_row {
	struct str verdict, reason, account;
	int64_t at_ms;
};
enum err_code verdicts_of(
	struct db *db, int64_t finding_id, struct arena *mem, struct verdict_row **ret, size_t *ret_count, struct err *err);
struct similar_row {
	int64_t id;
	struct str title, state, message;
};
enum err_code finding_similar(
	struct db *db, const struct finding *f, struct arena *mem, struct similar_row **ret, size_t *ret_count, struct err *err);

/** SM3 of the record's own values that the rule read; what a verdict was judged on. Days that pass do not change it. */
void facts_digest(const struct rule_explanation *x, char out[static 65]);

/* ---- engine.c ---- */

/** One consistent set of records and what the rules say of it, by the engine that the options name. Release and clear both. */
enum err_code sweep_judge(
	struct db *db, const struct sweep_options *o, struct frame_set **ret_set, struct rule_results *ret, struct err *err);

#endif
