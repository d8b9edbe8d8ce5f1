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
	enum tri certified, recused;
	const char *relation;
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
	enum tri hard_to_collect, remote_request;
	const char *receipt;
};

/** The facts of a case beyond the ones above, as a table of slots (penalty_more.c). The flags keep what a scenario has set from being
 * filled in when the case is settled. */
struct penalty_more {
	/* filing and jurisdiction */
	int32_t no_filing;
	int filing_extension;
	enum tri lead_pending;
	struct str act_area, site;
	const char *designation, *assist, *special, *procedure_basis, *extension_basis;
	int32_t extension_approved;
	/* notice, hearing, review, deliberation */
	enum tri right_told, withdrawn, defaulted, hearing_held, aggravated;
	struct str host_name, host_cert;
	int64_t notice_fine;
	const char *kind_text, *notice_kind;
	enum tri public_interest, complex_case, review_required, review_passed, reviewed_flag, discussed_flag;
	/* evidence, crime, correction */
	int32_t evidence_reviewed, device_legal, device_tech, device_published, police_refused;
	enum tri crime_suspected, correction, act_ended;
	/* payment and enforcement */
	enum tri installment, exec_power, execution_over, in_recon;
	int32_t urged, surcharge_from, remedy_ended, court_applied, fine_paid_on;
	int64_t surcharge_rate, surcharge, fine_paid;
	int surcharge_days;
	/* substance and discretion */
	const char *basis_level, *reason, *mitigation, *aggravating, *leniency_note;
	int64_t goods, gain, refunded;
	enum tri gain_unknown, major_harm, harm, harm_minor, minor_act, corrected, first_violation, listed, per_day;
	int32_t deviation_approved, violation_ended, correction_due;
	struct str item_code, tier_code;
	int item, tier; /* numbers of item.h; -1: not in the catalogue */
	bool item_set, item_none, notice_set, cash_set, evidence_set, unpaid, host_set;
	enum tri party_small; /* of the register */
};

/** Publication, and what rules over groups of cases read (penalty_public.c). */
struct case_public {
	int32_t changed, withdrawn, ended;
	enum tri explained, outside, fixed;
	struct str text, device_no, entered_by;
	int64_t entered_at, fine_max;
	bool again; /* the same decision is reported once more */
};

struct penalty {
	struct case_public public;
	struct penalty_more more;
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
/** Moves some ordinary cases into one quarter and to one device. */
void penalty_public_gather(struct maker *m, struct penalty *p);
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

/* ---- penalty_discretion.c ---- */
/** A reasoned fine under an item of the catalogue (item.h), decided so many days ago for an act so many days before. Gives the case back.
 */
struct penalty *penalty_under(struct maker *m, void *item, int number, int64_t fine, int decided_ago, int acted_before);

/* ---- penalty_more.c ---- */
/** All empty, then what every ordinary case has. */
void penalty_more_make(struct maker *m, struct penalty *p);
/** After the scenario: what follows from the rest, lawfully. */
void penalty_more_settle(struct maker *m, struct penalty *p);
void penalty_more_to_rows(const struct penalty *p, struct rows *r);

/** A made case (struct penalty) as a record with its children. */
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

extern const struct theme penalty_public, penalty_groups, penalty_oversight;
extern const struct theme penalty_register, penalty_limit, penalty_spot, penalty_officers, penalty_hearing, penalty_delivery,
	penalty_course, penalty_money, penalty_quality, penalty_filing, penalty_review, penalty_collection, penalty_evidence,
	penalty_discretion, penalty_leniency, penalty_pattern;

#endif
