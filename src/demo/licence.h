/* One application for a licence of the demo and what its themes (licence_*.c) share. */
#ifndef XZ_DEMO_LICENCE_H
#define XZ_DEMO_LICENCE_H

#include "demo/demo_private.h"
#include "demo/verdict.h"

#define LICENCE_ROWS_MAX 4
struct licence_supplement {
	int32_t notified;
	const char *items;
	enum tri new_issue;
};
struct licence_fee {
	int64_t amount;
	const char *level, *basis;
};
struct licence_checker {
	struct str name;
	int32_t checked;
};
struct licence_prerequisite {
	const char *kind, *basis;
};

struct licence {
	struct agency *agency;
	bool limited; /* no children are supplied */
	struct str application_no, decision_no, agency_name, agency_code, area_code, party_name, party_code, legal_rep;
	const char *item_name, *domain, *party_type, *kind, *approver, *extension_reason, *outcome, *refusal_reason, *exempt_reason;
	enum tri joint, hearing_withdrawn, remedy_told, certificate_needed;
	int32_t received, accepted, rejected, supplement, withdrawn, special_notice, site_checked, hearing_requested, hearing_notice,
		hearing, decided, certificate, expiry, published;
	int limit, extension, special; /* workdays, -1 none */
	struct licence_supplement supplements[LICENCE_ROWS_MAX];
	struct licence_fee fees[LICENCE_ROWS_MAX];
	struct licence_checker checkers[LICENCE_ROWS_MAX];
	struct licence_prerequisite prerequisites[LICENCE_ROWS_MAX];
	int supplement_count, fee_count, checker_count, prerequisite_count;
};

/** Received and accepted (DAY_NONE: not yet), nothing after it. */
void licence_accept(struct maker *m, struct licence *l, int32_t received, int32_t accepted);
void licence_supplement_add(struct licence *l, int32_t day, enum tri new_issue);
/** Decided; certificate and publication follow in time, as far as they lie in the past. */
void licence_decide(struct maker *m, struct licence *l, int32_t decided, bool granted);

static inline bool is_licence_code(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

#define NEW .domain = -1, .full = true, .procedure = "new"
#define RENEWAL .domain = -1, .full = true, .procedure = "renewal"

#define FROM_2019 day_from_ymd(2019, 4, 23) /* 行政许可法 in its text of 2019 */

extern const struct theme licence_intake, licence_decision;

#endif
