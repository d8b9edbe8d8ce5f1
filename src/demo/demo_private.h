/* What the generator's files share: random numbers, days, the invented world, generators of record types, the key. */
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
/** A day off of the yearly notice, weekends inside it too; a plain weekend is none. */
bool day_is_off(const struct day_facts *f, int32_t day);
/** n-th working day after (n > 0) or before (n < 0) a day, which itself does not count; n = 0 is the day. DAY_NONE stays. */
int32_t workday_step(const struct day_facts *f, int32_t day, int n);
/** The day or, when it is a rest day, the next working day. */
int32_t workday_roll(const struct day_facts *f, int32_t day);
/** n calendar days later, moved off a rest day. DAY_NONE stays. */
int32_t day_deadline(const struct day_facts *f, int32_t day, int n);
/** Working days d with from < d <= to. */
int workday_count(const struct day_facts *f, int32_t from, int32_t to);

enum tri { TRI_FALSE, TRI_TRUE, TRI_UNKNOWN };

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

enum agency_trait { AGENCY_NORMAL, AGENCY_NEVER_CONFIRMED, AGENCY_CONFIRMED_LATE, AGENCY_BY_LAW, AGENCY_TOWNSHIP };
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
	int cases_of_year;   /* noted while they are made: cases of the last 365 days, instruments and matters about it */
	int supervised;
};

struct county {
	struct str name, region; /* 岚浦县 */
	int64_t gov_id, body_id;
	int first_agency, agency_count;
	int first_township, township_count;
};
struct world;
struct township {
	struct str name, region;
	int64_t gov_id, office_id;
	int tickets; /* noted while they are made: of the last 180 days */
};
/** Name and code of its government, as they are in the tree of organisations. */
void township_government(const struct world *w, int index, struct arena *mem, struct str *ret_name, struct str *ret_code);
struct city {
	struct str name, region;
	int64_t gov_id, body_id; /* 0 when the world is one county */
	int first_county, county_count;
	int first_agency, agency_count;
};
/** A penalty case that later records may refer to. */
struct case_ref {
	const struct agency *agency;
	struct str case_no, decision_no, party_name, party_code;
	const char *party_type, *procedure, *violation;
	int64_t fine;
	int32_t filed, decided, delivered, closed;
};
/** A lawful entrustment that later records may refer to. */
struct entrustment_ref {
	struct str number, entrusted_name, scope;
	int32_t from, to, letter, published;
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
	VEC(struct case_ref) cases; /* every eighth fined case or so, for records that refer to one */
	int64_t case_count;
	VEC(struct entrustment_ref) entrustments;
};

/** Prefix of the division codes that the agency is competent for; NULL ptr when the register does not say. */
struct str agency_jurisdiction(const struct agency *a);
/** How often the agency may inspect one enterprise in a year, as published; -1: not published. */
int agency_inspection_cap(const struct agency *a);

enum officer_trait { OFFICER_EXPIRED, OFFICER_EXTENDED, OFFICER_SUSPENDED, OFFICER_NEW, OFFICER_LEFT, OFFICER_MOVED, OFFICER_NORMAL };
#define OFFICER_TRAITS 6 /* the first officers of every agency */
struct officer {
	struct str cert_no, name;
	enum officer_trait trait;
	int32_t cert_from, cert_to, extended_to, status_on, birth;
	const char *status;
	bool female;
	struct str id_no;
	int32_t posted_from, left_on, moved_on;
	struct str former_agency; /* before moved_on */
};
/** Whose officer it was on the day by the register's periods; NULL ptr when no period holds the day. */
struct str officer_agency_on(const struct officer *o, const struct agency *now, int32_t day);
struct registered_officer {
	const struct agency *agency;
	struct officer officer;
	enum tri reviewer, qualified; /* of decisions before they are made */
	int32_t first_review;
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

/* ---- three-valued facts ---- */
#define NO_MONEY INT64_MIN

struct rows;
/* ---- generator.c: one record type = one generator: lawful records, what is planted in them, what the rules have to say ---- */
enum verdict { VERDICT_NOT_IN_FORCE, VERDICT_UNKNOWN, VERDICT_CLEAN, VERDICT_EXEMPT, VERDICT_HIT };
enum plan { PLAN_NONE, PLAN_HIT, PLAN_NEAR, PLAN_EXEMPT, PLAN_UNKNOWN };

struct case_need {
	int domain; /* -1 any, else DOMAIN_* */
	bool not_police;
	bool natural, enterprise; /* who the party must be */
	const char *procedure;    /* NULL any */
	enum agency_trait trait;
	bool full;  /* not from a limited source */
	int number; /* for the scenario: which of its variants */
};
struct maker {
	struct world *w;
	struct rng rng;
	struct arena *mem; /* of this case */
	struct case_need need;
};

/** What a rule has to say about one record, written by hand from the rule's text (helpers in verdict.h): no expression, no engine. */
struct planned_rule {
	const char *id;
	enum verdict (*judge)(const void *item, const struct world *w);
};
/** What is planted. It starts from a lawful record of the kind `need` says and changes as little as it can. */
struct scenario {
	const char *rule;
	enum plan plan;
	int per_100k; /* of all records of the type; each is made at least once */
	struct case_need need;
	/** False when it cannot be made for this today (a law not yet in force): an ordinary record is made instead. */
	bool (*make)(struct maker *m, void *item);
};
struct answer_key;
/** Rules that look at many records (groups, windows): a naive log of facts, recounted when all records are made. */
struct recount {
	const char *const *ids; /* of its rules, NULL at the end */
	void *(*open)(const struct world *w);
	/** Notes the facts of a record; texts must be copied. False: out of memory. */
	bool (*note)(void *log, const void *item, struct str record_key);
	/** Adds every verdict with answer_key_add. */
	enum err_code (*finish)(void *log, const struct world *w, struct answer_key *k, struct err *err);
	void (*close)(void *log);
};
/** Rules of one subject with what is planted for them: one file. */
struct theme {
	const struct planned_rule *rules;
	int rule_count;
	const struct scenario *scenarios;
	int scenario_count;
	const struct recount *recount; /* NULL: none */
};
#define GENERATOR_SOURCES_MAX 2
/** One import: `only_child` NULL when the source supplies every collection, else the only one it supplies. */
struct source {
	const char *title, *only_child;
};
struct generator {
	const char *type;                             /* of the dictionary */
	const char *what;                             /* for progress and messages: 行政处罚案件 */
	enum stream stream;                           /* 0: of the type's name */
	struct source sources[GENERATOR_SOURCES_MAX]; /* ends with an empty title or the array */
	size_t item_bytes;
	size_t counter; /* offset of the count in struct demo_result */
	int64_t (*count)(const struct world *w);
	/** A lawful record of the kind m->need says. `index` is the number of the record of its type. */
	void (*make)(struct maker *m, int64_t index, void *item);
	int (*source_of)(const void *item);          /* NULL: the first */
	void (*settle)(struct maker *m, void *item); /* after the scenario: numbers in order, sums; NULL: nothing */
	void (*to_rows)(const void *item, const struct world *w, struct rows *r);
	struct str (*region_of)(const void *item); /* NULL: none */
	const struct theme *const *themes;         /* NULL at the end; NULL: no rules */
};
/** In the order in which they are made; NULL at the end. A new record type: one file and one line here. */
extern const struct generator *const generators[];
enum err_code generator_run(
	const struct generator *g, struct world *w, struct db *db, struct answer_key *k, struct demo_result *result, struct err *err);
/** Every rule of every generator becomes known to the key, so that a rule without findings stands in it too. */
enum err_code generator_rules_register(struct answer_key *k, struct err *err);
int32_t maker_today(const struct maker *m);
int32_t random_workday(struct maker *m, int from_days_ago, int to_days_ago);
/** An agency that m->need allows, by weight; `planned`: of the wanted trait too. */
struct agency *choose_agency(struct maker *m, bool planned);

/* ---- reviewer.c: officers who review decisions ---- */
void reviewer_make(struct maker *m, struct registered_officer *o);
extern const struct theme reviewers;

/* ---- answer_key.c ---- */
enum err_code answer_key_open(struct answer_key **ret, struct err *err);
void answer_key_close(struct answer_key *k);
void answer_key_closep(struct answer_key **k);
/** Makes a rule known to the key; twice is the same. False: no room. */
bool answer_key_rule(struct answer_key *k, const char *id);
/** Ignores verdicts that are in no list (clean, not in force). A rule that was never registered is a mistake of the generator. */
void answer_key_add(struct answer_key *k, const char *rule, enum verdict verdict, bool near_miss, struct str record_key);
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
void rows_decimal(struct rows *r, const char *column, int64_t ten_thousandths);
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
void child_decimal(struct child_rows *c, const char *column, int64_t ten_thousandths);

#endif
