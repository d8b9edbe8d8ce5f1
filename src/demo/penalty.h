/* One penalty case of the demo and what its themes (penalty_*.c) share. */
#ifndef XZ_DEMO_PENALTY_H
#define XZ_DEMO_PENALTY_H

#include "demo/demo_private.h"
#include "demo/verdict.h"

#define CASE_ROWS_MAX 16
struct case_document {
	const char *kind, *method;
	int32_t made, delivered, signed_on;
	/* TRI_UNKNOWN: not filled in */
	enum tri has_party, has_facts, has_evidence, has_reasons, has_kind, has_basis, has_performance, has_remedy, has_rights, has_agency,
		has_date, stamped;
};
struct case_officer {
	const char *stage, *role, *status;
	struct str name, cert_no;
	int32_t acted, cert_from, cert_to, extended_to; /* extended_to: of the register */
	enum tri certified;
	bool known;           /* cert_no is in the register */
	struct str posted_to; /* whose officer it was on the day, by the register */
	int32_t left_on;      /* of the register */
};
struct case_stage {
	const char *stage;
	int32_t from, to;
	enum tri required, text, av_required, av, explained;
};
struct case_penalty {
	const char *kind;
	int64_t amount; /* fen, -1 none */
};
struct case_payment {
	const char *method;
	int64_t amount;
	int32_t collected, landed, to_agency, to_bank;
};

/** Publication, and what rules over groups of cases read (penalty_public.c). */
struct case_public {
	int32_t changed, withdrawn, ended;
	enum tri explained, outside, fixed;
	struct str text, item_code, device_no, entered_by;
	int64_t entered_at, fine_max;
	bool again; /* the same decision is reported once more */
};

struct penalty {
	struct case_public public;
	struct agency *agency;
	struct str agency_name; /* as written in the record */
	bool agency_known;
	bool limited; /* children other than penalties are not supplied */
	struct str case_no, decision_no;
	const char *domain, *procedure, *source, *status, *outcome;
	/* party */
	struct str party_name, party_code, party_id_no, party_address, legal_rep;
	const char *party_type;
	int32_t party_birth;
	const char *violation, *basis, *violation_facts;
	int64_t fine, confiscated;
	enum tri mitigated, hearing_eligible, onspot_notice, disclosure, urgent, suspect_unknown, delivered_on_site, delivered_otherwise,
		early_consent, major;
	int32_t violated, found, filed, investigated, notice, hearing_requested, hearing_waived, hearing, hearing_notice, reviewed,
		discussed, decided;
	int32_t delivered, delivery_started, e_consent, announced, deemed, agency_filed, published, closed, transferred_crime;
	int32_t crime_reported, police_filed, crime_handed;
	int64_t crime_approved, crime_transferred;                                             /* civil seconds */
	int tolled, extension_days, extension_count, appraisal_days, hearing_days;             /* -1 none */
	struct str reviewer_cert, entrusted_name, entrustment_no, entrust_item, entrust_scope; /* entrust_scope: of the register */
	int32_t entrust_from, entrust_to;                                                      /* of the register */
	bool entrustment_known;
	enum tri joint_case;
	const char *extension_approver, *delivery_method, *suspended_reason, *no_disclosure_reason;
	struct case_document documents[CASE_ROWS_MAX];
	struct case_officer officers[CASE_ROWS_MAX];
	struct case_stage stages[CASE_ROWS_MAX];
	struct case_penalty penalties[CASE_ROWS_MAX];
	struct case_payment payments[CASE_ROWS_MAX];
	int document_count, officer_count, stage_count, penalty_count, payment_count;
};

/** Lays out filing … closing around (filed, decided), lawfully; decided DAY_NONE for an open case. */
void penalty_lay_out(struct maker *m, struct penalty *p, int32_t filed, int32_t decided);
/** Documents, officers, stages, penalties, payments from the dates. */
void penalty_fill(struct maker *m, struct penalty *p);
/** Who is the party: natural person, enterprise. */
void penalty_set_person(struct maker *m, struct penalty *p, int32_t birth);
/** The case is laid around the day on which one officer of the register acts. */
void penalty_act_on(struct maker *m, struct penalty *p, int officer_index, int32_t acted);
struct case_officer participation(struct maker *m, const struct penalty *p, int officer_index, const char *stage, int32_t acted);
int normal_officer(struct maker *m, const struct penalty *p);

/* ---- penalty_public.c ---- */
void penalty_public_clear(struct case_public *c);
/** What no scenario has set, from the finished case. */
void penalty_public_settle(struct maker *m, struct penalty *p);
void penalty_public_to_rows(const struct case_public *c, struct rows *r);
/** Code of the enforcement item, NULL when there is none. */
struct str penalty_item_code(const struct penalty *p);

/* ---- penalty_plan.c: steps that many scenarios take ---- */
/** Lays the case out again around the two days and fills it in again. */
void penalty_redo(struct maker *m, struct penalty *p, int32_t filed, int32_t decided);
/** A decision long enough ago for everything after it to have happened. */
void penalty_redo_old(struct maker *m, struct penalty *p, int days_ago);
/** A fine and nothing else, too small for a hearing. */
void penalty_set_fine(struct penalty *p, int64_t fen);
struct case_document *penalty_decision_document(struct penalty *p);
void penalty_close_after_delivery(struct maker *m, struct penalty *p);
/** A day under the police law of 2026, at least so many days ago; DAY_NONE when there is none yet. */
int32_t penalty_police_day(struct maker *m, int days_ago);
/** Filing date and lead are not in the record: several rules have to say unknown. */
bool penalty_plant_unfiled(struct maker *m, void *item);

void penalty_to_rows(const void *item, const struct world *w, struct rows *r);
bool penalty_has_kind(const struct penalty *p, const char *const *list);         /* one of the kinds in the list */
bool penalty_has_kind_outside(const struct penalty *p, const char *const *list); /* one that is not */
bool penalty_is_police(const struct penalty *p);
bool penalty_is_penalised(const struct penalty *p); /* not decided otherwise */

/* What a scenario needs. */
#define GENERAL .domain = -1, .not_police = true, .procedure = "general", .full = true
#define SIMPLE .domain = -1, .procedure = "simple", .full = true
#define SIMPLE_CIVIL .domain = -1, .not_police = true, .procedure = "simple", .full = true
#define POLICE .domain = DOMAIN_POLICE, .procedure = "general", .full = true
#define MARKET .domain = DOMAIN_MARKET, .procedure = "general", .full = true
#define NOT_MARKET .domain = DOMAIN_OTHER, .procedure = "general", .full = true

#define FROM_2021 day_from_ymd(2021, 7, 15) /* 行政处罚法 in its text of 2021 */
#define FROM_2025 day_from_ymd(2025, 8, 1)  /* 政务数据共享条例 */

static const char *const no_penalty[] __attribute__((unused)) = { "not_penalised", "dismissed", "transferred", NULL };

extern const struct theme penalty_public, penalty_groups;
extern const struct theme penalty_register, penalty_limit, penalty_spot, penalty_officers, penalty_hearing, penalty_delivery,
	penalty_course, penalty_money, penalty_quality;

#endif
