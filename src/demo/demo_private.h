/* What the generator's files share: random numbers, days, the invented world, one case and its verdicts. */
#ifndef XZ_DEMO_PRIVATE_H
#define XZ_DEMO_PRIVATE_H

#include "demo/demo.h"

#include "base/date.h"
#include <stdio.h>

#include "base/vec.h"
#include "org/org.h"

/* ---- random numbers: one independent stream for every thing made, so that nothing depends on order ---- */
struct rng {
	uint64_t state;
};
enum stream { STREAM_PLACE = 1, STREAM_AGENCY, STREAM_OFFICER, STREAM_PARTY, STREAM_CASE, STREAM_TICKET, STREAM_PERSON };
struct rng rng_open(uint64_t seed, enum stream stream, uint64_t index);
uint64_t rng_next(struct rng *r);
/** from … to, both included. */
int64_t rng_in(struct rng *r, int64_t from, int64_t to);
/** True `per_mille` times in a thousand. */
bool rng_chance(struct rng *r, int per_mille);

/* ---- names.c ---- */
struct str name_place(uint64_t seed, int index, struct arena *mem);    /* two characters, of cities and counties */
struct str name_township(uint64_t seed, int index, struct arena *mem); /* two characters */
struct str name_person(struct rng *r, struct arena *mem);
struct str name_company(struct rng *r, struct str place, bool sole_trader, struct str *ret_industry, struct arena *mem);
struct str name_road(struct rng *r, struct str place, struct arena *mem);
struct str make_credit_code(char kind1, char kind2, struct str region6, uint64_t serial, struct arena *mem);
struct str make_identity_number(struct str region6, int32_t birth, int serial, struct arena *mem);
struct str make_phone(struct rng *r, struct arena *mem);

/* ---- day_walk.c: working days by walking; no table, no index, none of the calendar's code ---- */
struct day_facts;
enum err_code day_facts_load(const struct asset_set *assets, struct arena *mem, struct day_facts **ret, struct err *err);
bool day_is_work(const struct day_facts *f, int32_t day);
/** n-th working day after (n > 0) or before (n < 0) a day, which itself does not count; n = 0 is the day. DAY_NONE stays. */
int32_t workday_step(const struct day_facts *f, int32_t day, int n);
/** The day or, when it is a rest day, the next working day. */
int32_t workday_roll(const struct day_facts *f, int32_t day);
/** n calendar days later, moved off a rest day. DAY_NONE stays. */
int32_t day_deadline(const struct day_facts *f, int32_t day, int n);
/** Working days d with from < d <= to. */
int workday_count(const struct day_facts *f, int32_t from, int32_t to);

/* ---- world.c ---- */
enum { DOMAIN_POLICE, DOMAIN_MARKET, DOMAIN_OTHER };
struct agency_kind {
	const char *title;       /* 市场监督管理局 */
	const char *short_title; /* 市场监管局 */
	const char *domain;      /* code of the dictionary */
	const char *proxy;       /* 市监 */
	enum org_management management;
	int weight;  /* of its cases */
	bool county; /* counties have one too */
};
extern const struct agency_kind agency_kinds[];
extern const int agency_kind_count;

enum agency_trait { AGENCY_NORMAL, AGENCY_NEVER_CONFIRMED, AGENCY_CONFIRMED_LATE, AGENCY_BY_LAW };
struct agency {
	const struct agency_kind *kind;
	struct str name, short_name, code, region, proxy, superior, place; /* place: 岚浦县 */
	enum org_level level;
	enum agency_trait trait;
	int32_t confirmed_on;
	int index, city;
	int64_t first_officer;
	int officer_count;
	int sequence[2][64]; /* last number given by year since 2015: cases and decisions */
	bool limited;        /* its cases come without documents, officers, stages, payments */
};

struct county {
	struct str name, region; /* 岚浦县 */
	int64_t gov_id, body_id;
	int first_agency, agency_count;
	int first_township, township_count;
};
struct township {
	struct str name, region;
	int64_t gov_id, office_id;
};
struct city {
	struct str name, region;
	int64_t gov_id, body_id; /* 0 when the world is one county */
	int first_county, county_count;
	int first_agency, agency_count;
};
struct world {
	struct demo_options o;
	struct arena *mem; /* as long as the generator runs */
	struct day_facts *days;
	VEC(struct city) cities;
	VEC(struct county) counties;
	VEC(struct township) townships;
	VEC(struct agency) agencies;
	struct str province; /* empty unless there are several cities */
	int64_t province_id;
	/* cumulative weights for choosing an agency: all normal ones, police, market, neither, limited */
	int64_t weight_total;
	VEC(int64_t) weights;
};

enum officer_trait { OFFICER_EXPIRED, OFFICER_EXTENDED, OFFICER_SUSPENDED, OFFICER_NEW, OFFICER_NORMAL };
#define OFFICER_TRAITS 4 /* the first officers of every agency */
struct officer {
	struct str cert_no, name;
	enum officer_trait trait;
	int32_t cert_from, cert_to, extended_to, status_on, birth;
	const char *status;
	bool female;
	struct str id_no;
};
struct officer officer_make(const struct world *w, const struct agency *a, int index, struct arena *mem);

struct party {
	struct str code, name, legal_rep, industry, region, address, phone, place;
	bool sole_trader, small;
	int32_t established;
	const char *status, *grade;
};
struct party party_make(const struct world *w, int64_t index, struct arena *mem);

enum err_code world_make(struct world *w, struct err *err);
/** Governments, supervision bodies, townships into the tree; agencies come as records. */
enum err_code world_store_orgs(struct world *w, struct db *db, int64_t *ret_count, struct err *err);
enum err_code world_store_accounts(struct world *w, struct db *db, int64_t *ret_count, struct err *err);

/* ---- one penalty case ---- */
enum tri { TRI_FALSE, TRI_TRUE, TRI_UNKNOWN };

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
	bool known; /* cert_no is in the register */
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

#define NO_MONEY INT64_MIN
struct penalty {
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
	int64_t crime_approved, crime_transferred;                                 /* civil seconds */
	int tolled, extension_days, extension_count, appraisal_days, hearing_days; /* -1 none */
	const char *extension_approver, *delivery_method, *suspended_reason, *no_disclosure_reason;
	struct case_document documents[CASE_ROWS_MAX];
	struct case_officer officers[CASE_ROWS_MAX];
	struct case_stage stages[CASE_ROWS_MAX];
	struct case_penalty penalties[CASE_ROWS_MAX];
	struct case_payment payments[CASE_ROWS_MAX];
	int document_count, officer_count, stage_count, penalty_count, payment_count;
};

/* ---- verdict.c: what each shipped rule has to say, written by hand ---- */
enum verdict { VERDICT_NOT_IN_FORCE, VERDICT_UNKNOWN, VERDICT_CLEAN, VERDICT_EXEMPT, VERDICT_HIT };
enum rule {
	RULE_DECISION_OVERDUE,
	RULE_DECISION_OVERDUE_POLICE,
	RULE_LONG_OPEN,
	RULE_SIMPLE_OVERLIMIT,
	RULE_SIMPLE_NOT_FILED,
	RULE_SINGLE_OFFICER,
	RULE_NO_PRIOR_NOTICE,
	RULE_BEFORE_HEARING_WINDOW,
	RULE_HEARING_NOTICE_LATE,
	RULE_DOC_ELEMENTS,
	RULE_DELIVERY_LATE,
	RULE_E_DELIVERY,
	RULE_ANNOUNCEMENT,
	RULE_RECORD_MISSING,
	RULE_ORDER_INVERTED,
	RULE_CASH_REMIT,
	RULE_CRIME_TRANSFER,
	RULE_MINOR_PARTY,
	RULE_AGENCY_UNCONFIRMED,
	RULE_CERT_EXPIRED,
	RULE_NO_CERT,
	RULE_PUBLICATION,
	RULE_KEY_DATE_MISSING,
	RULE_IMPOSSIBLE,
	RULE_COUNT
};
extern const char *const rule_ids[RULE_COUNT];
enum verdict verdict_of(enum rule rule, const struct penalty *p, const struct day_facts *days, int32_t today);

/* ---- penalty.c: lawful cases; scenario.c: what is made wrong, nearly wrong or exempt ---- */
struct case_need {
	int domain; /* -1 any, else DOMAIN_* */
	bool not_police;
	bool natural, enterprise; /* who the party must be */
	const char *procedure;    /* NULL any */
	enum agency_trait trait;
	bool full; /* not from a limited source */
};
struct maker {
	struct world *w;
	struct rng rng;
	struct arena *mem; /* of this case */
	struct case_need need;
};
/** A lawful case of the need's kind, decided or open, with everything filled in. */
void penalty_make(struct maker *m, struct penalty *ret);
/** Lays out filing … closing around (filed, decided), lawfully; decided DAY_NONE for an open case. */
void penalty_lay_out(struct maker *m, struct penalty *p, int32_t filed, int32_t decided);
/** Documents, officers, stages, penalties, payments from the dates. */
void penalty_fill(struct maker *m, struct penalty *p);
/** Who is the party: natural person, enterprise. */
void penalty_set_person(struct maker *m, struct penalty *p, int32_t birth);
void penalty_number(struct penalty *p, struct arena *mem);
int32_t random_workday(struct maker *m, int from_days_ago, int to_days_ago);
struct case_officer participation(struct maker *m, const struct penalty *p, int officer_index, const char *stage, int32_t acted);
int normal_officer(struct maker *m, const struct penalty *p);

enum plan { PLAN_NONE, PLAN_HIT, PLAN_NEAR, PLAN_EXEMPT, PLAN_UNKNOWN };
struct scenario {
	enum rule rule;
	enum plan plan;
	int per_100k; /* of all cases */
	struct case_need need;
	/** False when it cannot be made for this today (a law not yet in force): an ordinary case is made instead. */
	bool (*make)(struct maker *m, struct penalty *p);
};
extern const struct scenario scenarios[];
extern const int scenario_count;
/** Scenario of the i-th case, NULL for an ordinary one. */
const struct scenario *scenario_of(const struct world *w, int64_t index);

/* ---- answer_key.c ---- */
struct answer_key;
enum err_code answer_key_open(struct answer_key **ret, struct err *err);
void answer_key_close(struct answer_key *k);
void answer_key_closep(struct answer_key **k);
void answer_key_add(struct answer_key *k, enum rule rule, enum verdict verdict, bool near_miss, struct str record_key);
int64_t answer_key_hits(const struct answer_key *k);
enum err_code answer_key_write(const struct answer_key *k, uint64_t seed, int32_t today, const char *path, struct err *err);

/* ---- rows.c: values of a dictionary type by column name ---- */
struct rows {
	const struct dictionary_type *type;
	struct dictionary_value *values;
	struct record_child_rows *children;
	struct arena *mem;
	struct str missing; /* a column or code that the dictionary does not have */
};
enum err_code rows_open(const struct dictionary *d, const char *type, struct arena *mem, struct rows *ret, struct err *err);
/** All null again; children empty. Memory of the last row may be gone. */
void rows_reset(struct rows *r);
void rows_text(struct rows *r, const char *column, struct str s);     /* NULL ptr stays null */
void rows_code(struct rows *r, const char *column, const char *code); /* NULL stays null */
void rows_i64(struct rows *r, const char *column, int64_t v);
void rows_day(struct rows *r, const char *column, int32_t day); /* DAY_NONE stays null */
void rows_tri(struct rows *r, const char *column, enum tri v);
/** Room for `count` rows of a child; then rows_child_*. */
struct child_rows {
	struct rows *r;
	const struct dictionary_child *child;
	struct dictionary_value *cells;
	size_t row;
};
struct child_rows rows_child(struct rows *r, const char *child, size_t count);
void child_text(struct child_rows *c, const char *column, struct str s);
void child_code(struct child_rows *c, const char *column, const char *code);
void child_i64(struct child_rows *c, const char *column, int64_t v);
void child_day(struct child_rows *c, const char *column, int32_t day);
void child_tri(struct child_rows *c, const char *column, enum tri v);
void penalty_to_rows(const struct penalty *p, const struct world *w, struct rows *r);

/* ---- ticket.c ---- */
void ticket_to_rows(const struct world *w, int64_t index, struct rows *r);

#endif
