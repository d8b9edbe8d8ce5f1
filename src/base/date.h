/* Dates are day numbers (days since 1970-01-01, proleptic Gregorian), civil times are seconds since 1970-01-01 00:00 of
 * the same civil clock (China has one zone), instants are milliseconds UTC. Nothing here reads a clock but time_now_ms. */
#ifndef XZ_BASE_DATE_H
#define XZ_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define DAY_NONE INT32_MIN
#define CIVIL_NONE INT64_MIN
#define TIME_NONE INT64_MIN
/** China Standard Time, the civil clock of every record. */
#define CST_OFFSET_S (8 * 3600)

struct ymd {
	int year;
	int month; /* 1–12 */
	int day;   /* 1–31 */
};

/** Day number of a valid date, and back. */
int32_t day_from_ymd(int year, int month, int day);
struct ymd day_to_ymd(int32_t day);
bool ymd_is_valid(int year, int month, int day); /* years 1–9999 */
int month_length(int year, int month);
/** 0 = Monday … 6 = Sunday. */
int day_weekday(int32_t day);
/** n months later, clamped to the month's last day (民法典 202). */
int32_t day_add_months(int32_t day, int months);

/** Exactly YYYY-MM-DD. */
bool day_parse(struct str s, int32_t *ret_day);
/** Writes YYYY-MM-DD and NUL. */
void day_format(int32_t day, char out[static 11]);
/** Exactly "YYYY-MM-DD HH:MM:SS" (or with T, or without seconds) as civil seconds. */
bool civil_parse(struct str s, int64_t *ret_civil_s);
/** Writes "YYYY-MM-DD HH:MM:SS" and NUL. */
void civil_format(int64_t civil_s, char out[static 20]);

/** The machine's clock, milliseconds UTC. Callers below cli and http take time as a parameter instead. */
int64_t time_now_ms(void);
/** The civil day in China of an instant. */
int32_t day_of_time(int64_t time_ms);
/** The same time of day on another civil day: the present of a store that lives on a fixed day (--today). DAY_NONE changes nothing. */
int64_t time_on_day(int32_t day, int64_t time_ms);
/** Writes "2026-11-23T04:05:06.789Z" and NUL. */
void time_format(int64_t time_ms, char out[static 25]);

#endif
