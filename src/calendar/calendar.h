/* Working days and legal periods. A due date is never a bare number: `struct clock` carries the article, the unit, the pauses and
 * extensions, the rest days it met and one Chinese sentence for every step, so that a person can recompute it with a wall calendar.
 *
 * The facts are files: calendar/YYYY.yaml (days off and make-up workdays of one State Council notice; a later year's file wins for the
 * December days it names), calendar/extra/ (regional holidays of a profile), calendar/periods.yaml (the table of legal periods and how
 * each law counts its days). A year without a file is counted with weekends only and everything that touched it is `provisional`.
 *
 * Invariant: a loaded calendar never changes, so threads share it without a lock. Sources: 民法典 201–204, 1259; the laws' own counting
 * articles stand in calendar/periods.yaml. */
#ifndef XZ_CALENDAR_CALENDAR_H
#define XZ_CALENDAR_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/asset.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

struct calendar;

/**
 * Reads calendar/ through the overlay.
 *
 * @param region  division code of the installation ("" = none): files of calendar/extra/ whose `region` is a prefix of it apply
 * Errors: ERR_SYNTAX and ERR_INPUT with "path:line:column: ".
 * Memory: everything lives in `mem`, which must outlive the calendar.
 */
enum err_code calendar_load(const struct asset_set *set, struct str region, struct arena *mem, struct calendar **ret, struct err *err);
/** "2015-2026-1f0c6a35": the years that have a file and a digest of the day facts. Equal versions count alike. */
struct str calendar_version(const struct calendar *cal);
/** First and last year with a file. */
void calendar_years(const struct calendar *cal, int *ret_first, int *ret_last);

/* ---- single days ---- */
bool calendar_is_workday(const struct calendar *cal, int32_t day);
/** Name of the holiday when the day is a declared day off ("春节"), empty for an ordinary day or a plain weekend. */
struct str calendar_off_name(const struct calendar *cal, int32_t day);
/** Name of the holiday that a make-up workday on a weekend pays for, empty for any other day. */
struct str calendar_makeup_name(const struct calendar *cal, int32_t day);
/** True when a day in [from, to] lies in a year without a file, or in the last week of December before such a year. */
bool calendar_is_provisional(const struct calendar *cal, int32_t from, int32_t to);

/* ---- counting; constant time, no allocation, made for millions of calls ---- */
enum period_unit { UNIT_DAY, UNIT_WORKDAY, UNIT_MONTH, UNIT_YEAR, UNIT_HOUR, UNIT_COUNT };
/** "day" "workday" "month" "year" "hour". */
const char *period_unit_slug(enum period_unit unit);
/** 日（自然日） · 个工作日 · 个月 · 年 · 小时 */
const char *period_unit_title(enum period_unit unit);
/** Slug, Chinese word (日 天 自然日 工作日 月 个月 年 小时) or upper-case short form (ND WD MON YEAR HR). */
bool period_unit_parse(struct str s, enum period_unit *ret);

/** Workdays d with a < d <= b; negative (counted the other way) when b < a. The first day is never counted (民法典 201). */
int32_t calendar_workdays(const struct calendar *cal, int32_t a, int32_t b);
/** The day itself when it is a workday, otherwise the first workday after it (民法典 203). */
int32_t calendar_roll(const struct calendar *cal, int32_t day);
/**
 * Last day of a period of n units that starts on `start`; the start day is not counted.
 * n > 0: forward. n < 0: backward (“n 个工作日前”: the latest day that leaves n whole units before `start`). n = 0: `start`.
 * `rollover` moves the end off a rest day, for day, month and year and n >= 0 only: workdays end on one by themselves, backward periods
 * never move. UNIT_HOUR is calendar_add_hours' job; here 24 hours are a day and nothing rolls. DAY_NONE in, or a result outside years
 * 1–9999, gives DAY_NONE.
 */
int32_t calendar_deadline(const struct calendar *cal, int32_t start, int64_t n, enum period_unit unit, bool rollover);
/** Hours count from the given moment on and do not roll (民法典 201(2)). CIVIL_NONE in gives CIVIL_NONE. */
int64_t calendar_add_hours(int64_t start_civil_s, int64_t hours);

/** The arrays behind the functions above, for vectors of dates and for the SQL engine's calendar table. Days outside
 * [first_day, first_day + count) must go through the functions (they count weekends only there). */
struct calendar_table {
	int32_t first_day;
	int32_t count;
	const int32_t *index; /* index[d - first_day] = workdays in [first_day, d] */
	int32_t workday_count;
	const int32_t *workday_at; /* workday_at[k - 1] = the k-th workday of the table, 1 <= k <= workday_count */
};
const struct calendar_table *calendar_table(const struct calendar *cal);

/* ---- the explained clock ---- */
enum period_kind { PERIOD_STATUTORY, PERIOD_LOCAL, PERIOD_MANAGERIAL, PERIOD_KIND_COUNT };
const char *period_kind_slug(enum period_kind kind);  /* "statutory" "local" "managerial" */
const char *period_kind_title(enum period_kind kind); /* 法定 · 地方规定 · 管理参数（非法定） */

struct period_basis {
	struct str law;     /* short name as in law/: 行政处罚法 */
	struct str article; /* "60", "61(1)" */
};

/** Days that are not counted, both ends included (检测、听证、公告 …). `to` DAY_NONE: still going on. */
struct clock_pause {
	int32_t from, to;
	struct str why;
};
struct clock_extension {
	int64_t n; /* > 0 */
	enum period_unit unit;
	struct str why;
};
#define CLOCK_PARTS_MAX 64

enum clock_roll { CLOCK_ROLL_DEFAULT, CLOCK_ROLL_YES, CLOCK_ROLL_NO };

/** What is counted. Zero-initialise, then set; days that are unknown must be DAY_NONE (CLOCK_REQUEST does it). */
struct clock_request {
	struct str id, label;
	enum period_kind kind;
	const struct period_basis *basis;
	size_t basis_count;
	int32_t start_on;
	int64_t start_at; /* civil seconds, for UNIT_HOUR; CIVIL_NONE: start_on 00:00 */
	int64_t length;   /* < 0: before the event `start_on` */
	enum period_unit unit;
	enum clock_roll rollover;         /* default: yes for day, month, year forward */
	const struct clock_pause *pauses; /* any order; overlaps are counted once */
	size_t pause_count;
	const struct clock_extension *extensions;
	size_t extension_count;
	int32_t today;        /* DAY_NONE: days_left and the running state are not told */
	int32_t ended_on;     /* the day the act was done; DAY_NONE: not yet */
	struct str unit_note; /* why a law's “日” is this unit (period_unit_of_law); becomes a step */
};
#define CLOCK_REQUEST                                                                                                                      \
	(struct clock_request)                                                                                                             \
	{                                                                                                                                  \
		.start_on = DAY_NONE, .start_at = CIVIL_NONE, .today = DAY_NONE, .ended_on = DAY_NONE                                      \
	}

enum clock_state { CLOCK_RUNNING, CLOCK_PAUSED, CLOCK_DONE, CLOCK_OVERDUE, CLOCK_STATE_COUNT };
const char *clock_state_slug(enum clock_state s);  /* "running" … */
const char *clock_state_title(enum clock_state s); /* 进行中 · 已中止计算 · 已办结 · 已逾期 */

struct clock_day {
	int32_t on;
	struct str name;
};

struct clock {
	struct clock_request request; /* as counted; arrays are copies, pauses sorted and merged */
	int32_t due_plain;            /* without roll-over: what a reminder should use */
	int32_t due_on;               /* with roll-over: later is overdue */
	int64_t due_at;               /* UNIT_HOUR: civil seconds; otherwise CIVIL_NONE */
	int32_t remind_on;            /* five workdays before due_plain (管理参数) */
	bool rolled;
	bool provisional;
	struct clock_day *holidays; /* workdays: declared days off met on the way; a rolled end: every rest day rolled over */
	size_t holiday_count;
	struct clock_day *makeup_days; /* weekend days that counted as workdays */
	size_t makeup_count;
	int64_t days_left; /* natural days from today (or ended_on) to due_on; < 0 = late. Valid when has_days_left */
	bool has_days_left;
	enum clock_state state;
	struct str calendar_version;
	struct str *steps;
	size_t step_count;
};

/** Counts. ERR_INPUT: no start, length 0 or absurd, a pause that ends before it begins, an hour period with pauses. Memory: `mem`. */
enum err_code clock_count(
	const struct calendar *cal, const struct clock_request *req, struct arena *mem, struct clock *ret, struct err *err);
/** The contract's clock object. */
void clock_json(const struct clock *c, struct json *j);
/** The same for a terminal. */
void clock_text(const struct clock *c, struct buf *out);

/* ---- the table of legal periods ---- */
enum period_evidence { PERIOD_SEEN, PERIOD_QUOTED, PERIOD_UNVERIFIED, PERIOD_EVIDENCE_COUNT };
const char *period_evidence_slug(enum period_evidence e);  /* "seen" "quoted" "unverified" */
const char *period_evidence_title(enum period_evidence e); /* 条文已见 · 据权威转述 · 未核实 */

struct period {
	struct str id, group, title;
	struct str from, to; /* the event that starts it, the act it limits */
	bool has_length;     /* false: the law says “及时”, no number */
	int64_t length;      /* < 0: at least that long before the event */
	enum period_unit unit;
	bool rollover;
	enum period_kind kind;
	enum period_evidence evidence;
	const struct period_basis *basis;
	size_t basis_count;
	struct str region;                  /* division code prefix of a local rule, empty = nationwide */
	struct str extension;               /* how it may be extended, in words */
	struct str pause;                   /* what is not counted, in words */
	int64_t extension_max;              /* longest lawful extension in `unit`, 0 = none or not a number */
	int32_t in_force_from, in_force_to; /* DAY_NONE = open */
	struct str note;
};

/** The whole table, in the order of the file. Memory: the calendar's. */
const struct period *calendar_periods(const struct calendar *cal, size_t *ret_count);
/** NULL when unknown. */
const struct period *period_find(const struct calendar *cal, struct str id);
/** ERR_NOT_FOUND names the nearest id. */
enum err_code period_need(const struct calendar *cal, struct str id, const struct period **ret, struct err *err);
/** A clock request for a period; ERR_INPUT when it has no number of days. */
enum err_code period_request(const struct period *p, int32_t start_on, struct clock_request *ret, struct err *err);

/**
 * What a law's “n 日” is: 行政处罚法's 7 日 are workdays (art. 85), its 90 日 are not.
 * `law` is a short or full name or an alias; ERR_NOT_FOUND when the table has no counting rule for it.
 * *ret_note gets the Chinese reason (memory of the calendar or of `mem`).
 */
enum err_code period_unit_of_law(const struct calendar *cal, struct str law, int64_t n, struct arena *mem, enum period_unit *ret_unit,
	struct str *ret_law, struct str *ret_article, struct str *ret_note, struct err *err);

/* ---- command line and web ---- */
/** `xiezhi clock START LENGTH UNIT [--law NAME] [--pause A..B]… [--extend N[UNIT]]… [--rollover yes|no] [--json]`, all as typed.
 * --law takes a period's id (then LENGTH and UNIT may be left out) or the name of a law (then “日” is counted as that law says).
 * LENGTH may be negative. START is a date, or a date and time for hours. */
struct clock_options {
	struct str start, length, unit, law;
	struct str pauses[CLOCK_PARTS_MAX];
	size_t pause_count;
	struct str extensions[CLOCK_PARTS_MAX];
	size_t extension_count;
	struct str rollover; /* "", "yes"/"true"/"1", "no"/"false"/"0" */
	int32_t today;       /* DAY_NONE allowed */
};
/** Turns the words into a counted clock. ERR_INPUT / ERR_NOT_FOUND say which word and what is allowed (exit status 2). */
enum err_code clock_from_options(
	const struct calendar *cal, const struct clock_options *o, struct arena *mem, struct clock *ret, struct err *err);
/** The whole command: text, or one JSON document. */
enum err_code clock_main(
	const struct calendar *cal, const struct clock_options *o, bool as_json, struct arena *mem, struct buf *out, struct err *err);

struct route_table;
/** GET /api/clock, GET /api/periods, GET /api/calendar/{year}. */
extern const struct route_table calendar_routes;

#endif
