/* Shared by calendar.c (days), period.c (table of periods) and clock.c (explanations); nobody else includes it. */
#ifndef XZ_CALENDAR_CALENDAR_PRIVATE_H
#define XZ_CALENDAR_CALENDAR_PRIVATE_H

#include "calendar/calendar.h"
#include "yaml/yaml.h"

#define CALENDAR_FIRST_YEAR 1950 /* of the table; 1950-01-02, its first day, is a Monday */
#define CALENDAR_LAST_YEAR 2099
#define CALENDAR_OVERLAP_DAY 25 /* from this December day on the next year's notice may still change things */
#define CLOCK_REMIND_WORKDAYS 5 /* 管理参数 */

enum day_mark { MARK_PLAIN, MARK_OFF, MARK_WORK };

/** How a law counts its “日”. */
struct counting_rule {
	struct str law;      /* short name */
	struct str *aliases; /* full name and others */
	size_t alias_count;
	struct str article;     /* where it says so, empty when the law is silent */
	bool all_workdays;      /* every n */
	int64_t up_to;          /* n <= up_to are workdays; 0 = unused */
	const int64_t *numbers; /* exactly these n are workdays */
	size_t number_count;
	struct str note; /* sentence for the steps */
	struct str roll; /* sentence on the last day: own rule or analogy */
};

struct calendar {
	struct calendar_table table;
	uint8_t *mark; /* enum day_mark a table day */
	uint8_t *name; /* index into names, 0 = none */
	struct str names[256];
	int name_count;
	bool year_known[CALENDAR_LAST_YEAR - CALENDAR_FIRST_YEAR + 1];
	int first_year, last_year;
	struct str version;
	struct period *periods;
	size_t period_count;
	struct counting_rule *counting;
	size_t counting_count;
};

/** Fills periods and counting from calendar/periods.yaml. */
enum err_code periods_load(struct calendar *cal, const struct yaml *root, struct arena *mem, struct err *err);
/** The counting rule whose name or alias is `law` or, with *ret_rest, a prefix of it; NULL when none. */
const struct counting_rule *counting_find(const struct calendar *cal, struct str law, struct str *ret_rest);
/** "A..B", "A..", "..B" or "A" as a closed range of days; open ends give DAY_NONE. */
bool day_range_parse(struct str s, int32_t *ret_from, int32_t *ret_to);

/** Workday number of a day and back, for any day of years 1–9999. */
int64_t workday_index(const struct calendar *cal, int32_t day);
int32_t workday_day(const struct calendar *cal, int64_t index);

#endif
