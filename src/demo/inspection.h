/* One inspection of the demo and what its themes (inspection_*.c) share. */
#ifndef XZ_DEMO_INSPECTION_H
#define XZ_DEMO_INSPECTION_H

#include "demo/demo_private.h"
#include "demo/verdict.h"

#define INSPECTION_ROWS_MAX 6
struct inspection_officer {
	struct str name, cert_no;
	int32_t acted;
	const char *employment;
	enum tri certified;
};
struct inspection_item {
	struct str code, name;
	enum tri listed, noted, offsite;
	int joint; /* departments on the joint list, -1 not filled in */
};
struct inspection_scan {
	int64_t at; /* civil seconds */
	struct str agency, cert_no;
	int64_t longitude, latitude; /* ten thousandths of a degree */
};
struct inspection {
	struct agency *agency;
	bool limited; /* items and scans are not supplied */
	struct str no, name, area, party_name, party_code, party_address, item_code;
	const char *party_type, *body_kind, *kind, *source, *mode, *purpose, *outcome;
	struct str entrusted_name, entrustment_no, special_no, joint_no, assist_no, plan_no, notice_no, check_code, cert_nos;
	bool entrustment_known;
	int32_t letter, entrustment_published; /* of the entrustment register */
	enum tri random_object, random_inspector, key_industry, food, urgent, secret, superior_authorised, cert_shown, exec_attended,
		party_objected, record_made, party_signed;
	int32_t approved, backfilled, started, ended, result, informed, published;
	int64_t arrived_at, left_at; /* CIVIL_NONE: not filled in */
	int64_t longitude, latitude;
	const char *offsite_reason, *exec_reason;
	struct str case_no;
	int64_t fine;
	struct inspection_officer officers[INSPECTION_ROWS_MAX];
	struct inspection_item items[INSPECTION_ROWS_MAX];
	struct inspection_scan scans[INSPECTION_ROWS_MAX];
	int officer_count, item_count, scan_count;
};

/** What an inspection is as one of a series; items by their number in the table of items. */
struct inspection_series {
	struct agency *agency;
	int64_t party;
	int32_t started;
	int item;
	const char *kind, *source, *outcome;
	bool joint;
	int64_t fine;
	enum tri urgent;
};
/** False: the inspection of this number stands alone. */
bool inspection_series_at(const struct world *w, int64_t index, struct inspection_series *s);
#define INSPECTION_ITEM_JOINT 7 /* the first item of the joint list */
#define INSPECTION_ITEM_LABOUR 8

/** Moves the inspection to a day with everything that follows from it. */
void inspection_lay_out(struct maker *m, struct inspection *i, int32_t started);
/** On site or off site, with what belongs to it. */
void inspection_set_mode(struct maker *m, struct inspection *i, const char *mode);
void inspection_set_person(struct maker *m, struct inspection *i);
/** The source is the yearly plan: a routine inspection. */
void inspection_set_routine(struct inspection *i);

#define FROM_2021 day_from_ymd(2021, 7, 15) /* 行政处罚法 in its text of 2021 */
#define FROM_54 day_from_ymd(2024, 12, 26)  /* 国办发〔2024〕54号 */
#define INSPECTION_FULL .domain = -1, .full = true
#define INSPECTION_MARKET .domain = DOMAIN_MARKET, .full = true

extern const struct theme inspection_entry, inspection_conduct, inspection_result, inspection_groups;

#endif
