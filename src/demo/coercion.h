/* One coercive measure or enforcement of the demo and what its themes (coercion_*.c) share. */
#ifndef XZ_DEMO_COERCION_H
#define XZ_DEMO_COERCION_H

#include "demo/demo_private.h"
#include "demo/verdict.h"

#define COERCION_ROWS_MAX 6
struct coercion_officer {
	const char *role;
	struct str name, cert_no;
	int32_t acted;
	enum tri certified;
};
struct coercion_document {
	const char *kind;
	int32_t made, handed_over;
};
struct coercion_extension {
	int32_t approved, notified;
	int days;
	const char *approver, *reason;
};
struct coercion_thing {
	const char *name, *unit;
	enum tri related, necessity, elsewhere;
};
struct coercion_fee {
	const char *kind, *payer;
	int64_t amount;
};

struct coercion {
	struct agency *agency;
	bool limited; /* no children are supplied */
	struct str measure_no, decision_no, measure_name, agency_name, agency_code, area_code, party_name, party_code, entrusted_name;
	const char *domain, *kind, *method, *actor_kind, *party_type, *facts, *basis, *measures_text, *release_event, *exempt_reason;
	enum tri urgent, party_absent, witness, authorised, refused, immediate, flight, special, for_living, disclosure;
	int64_t approved_at, imposed_at, urgent_reported_at;
	int32_t imposed, delivered, test_notified, handled, ended, release_event_on, released, transferred;
	int32_t urged, enforce_decided, court_applied, announced, review_end, litigation_end, decided, published;
	int limit_days, extension_days, test_days;
	struct coercion_officer officers[COERCION_ROWS_MAX];
	struct coercion_document documents[COERCION_ROWS_MAX];
	struct coercion_extension extensions[COERCION_ROWS_MAX];
	struct coercion_thing things[COERCION_ROWS_MAX];
	struct coercion_fee fees[COERCION_ROWS_MAX];
	int officer_count, document_count, extension_count, thing_count, fee_count;
};

/** Sets the day and time at which it was carried out; approval, service and the rest follow lawfully. */
void coercion_lay_out(struct maker *m, struct coercion *c, int32_t imposed);
struct coercion_officer coercion_officer_make(struct maker *m, const struct coercion *c, int index);
bool coercion_is_seizure(const struct coercion *c);
bool coercion_has_document(const struct coercion *c, const char *kind);
void coercion_drop_document(struct coercion *c, const char *kind);
/** The first of: ended, disposed of, released; DAY_NONE while it lasts. */
int32_t coercion_end(const struct coercion *c);

#define SEIZURE .domain = -1, .full = true, .procedure = "seize"
#define SEAL .domain = -1, .full = true, .procedure = "seal"
#define FREEZE .domain = -1, .full = true, .procedure = "freeze"
#define ENFORCEMENT .domain = -1, .full = true, .procedure = "clear"
#define SUBSTITUTE .domain = -1, .full = true, .procedure = "substitute"
#define DEMOLITION .domain = -1, .full = true, .procedure = "demolish"
#define COURT .domain = -1, .full = true, .procedure = "court"

#define FROM_2012 day_from_ymd(2012, 1, 1) /* 行政强制法 */

extern const struct theme coercion_seizure, coercion_manner, coercion_enforcement;

#endif
