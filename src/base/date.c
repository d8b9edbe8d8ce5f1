/* Civil calendar arithmetic after Howard Hinnant's days_from_civil (public algorithm): eras of 400 years, years from March. */
#include "base/date.h"

#include <stdio.h>
#include <time.h>

int32_t day_from_ymd(int year, int month, int day)
{
	int y = year - (month <= 2);
	int era = (y >= 0 ? y : y - 399) / 400;
	int year_of_era = y - era * 400;
	int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

struct ymd day_to_ymd(int32_t day)
{
	int z = day + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int day_of_era = z - era * 146097;
	int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int march_month = (5 * day_of_year + 2) / 153;
	int month = march_month + (march_month < 10 ? 3 : -9);

	return (struct ymd){
		.year = year_of_era + era * 400 + (month <= 2), .month = month, .day = day_of_year - (153 * march_month + 2) / 5 + 1
	};
}

int month_length(int year, int month)
{
	static const int lengths[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return lengths[month - 1] + (month == 2 && leap);
}

bool ymd_is_valid(int year, int month, int day)
{
	return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= month_length(year, month);
}

int day_weekday(int32_t day)
{
	return ((day + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
}

int32_t day_add_months(int32_t day, int months)
{
	struct ymd d = day_to_ymd(day);
	int count = d.year * 12 + d.month - 1 + months;
	int year = count >= 0 ? count / 12 : -((11 - count) / 12);
	int month = count - year * 12 + 1;
	int last = month_length(year, month);

	return day_from_ymd(year, month, d.day < last ? d.day : last);
}

/** Exactly `width` digits at s.ptr[at]; -1 otherwise. */
static int digits(struct str s, size_t at, size_t width)
{
	int value = 0;

	for (size_t i = at; i < at + width; i++) {
		if (i >= s.len || s.ptr[i] < '0' || s.ptr[i] > '9')
			return -1;
		value = value * 10 + (s.ptr[i] - '0');
	}
	return value;
}

bool day_parse(struct str s, int32_t *ret_day)
{
	int year = digits(s, 0, 4), month = digits(s, 5, 2), day = digits(s, 8, 2);

	if (s.len != 10 || s.ptr[4] != '-' || s.ptr[7] != '-' || !ymd_is_valid(year, month, day))
		return false;
	*ret_day = day_from_ymd(year, month, day);
	return true;
}

/** Writes a non-negative number of fixed width. */
static void put_digits(char *out, int width, int value)
{
	for (int i = width - 1; i >= 0; i--, value /= 10)
		out[i] = (char)('0' + value % 10);
}

void day_format(int32_t day, char out[static 11])
{
	struct ymd d = day_to_ymd(day);

	put_digits(out, 4, d.year);
	out[4] = '-';
	put_digits(out + 5, 2, d.month);
	out[7] = '-';
	put_digits(out + 8, 2, d.day);
	out[10] = '\0';
}

bool civil_parse(struct str s, int64_t *ret_civil_s)
{
	int32_t day;
	int hour = digits(s, 11, 2), minute = digits(s, 14, 2), second = s.len == 16 ? 0 : digits(s, 17, 2);

	if ((s.len != 16 && s.len != 19) || !day_parse(str_sub(s, 0, 10), &day) || (s.ptr[10] != ' ' && s.ptr[10] != 'T'))
		return false;
	if (s.ptr[13] != ':' || (s.len == 19 && s.ptr[16] != ':'))
		return false;
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return false;
	*ret_civil_s = (int64_t)day * 86400 + hour * 3600 + minute * 60 + second;
	return true;
}

/** Day of a count of seconds, rounding towards the past. */
static int32_t floor_day(int64_t seconds)
{
	return (int32_t)((seconds - (seconds < 0 ? 86399 : 0)) / 86400);
}

void civil_format(int64_t civil_s, char out[static 20])
{
	int32_t day = floor_day(civil_s);
	int rest = (int)(civil_s - (int64_t)day * 86400);

	day_format(day, out);
	out[10] = ' ';
	put_digits(out + 11, 2, rest / 3600);
	out[13] = ':';
	put_digits(out + 14, 2, rest / 60 % 60);
	out[16] = ':';
	put_digits(out + 17, 2, rest % 60);
	out[19] = '\0';
}

int64_t time_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int32_t day_of_time(int64_t time_ms)
{
	return floor_day((time_ms - (time_ms < 0 ? 999 : 0)) / 1000 + CST_OFFSET_S);
}

int64_t time_on_day(int32_t day, int64_t time_ms)
{
	return day == DAY_NONE ? time_ms : time_ms + ((int64_t)day - day_of_time(time_ms)) * 86400000;
}

void time_format(int64_t time_ms, char out[static 25])
{
	int64_t seconds = (time_ms - (time_ms < 0 ? 999 : 0)) / 1000;

	civil_format(seconds, out);
	out[10] = 'T';
	out[19] = '.';
	put_digits(out + 20, 3, (int)(time_ms - seconds * 1000));
	out[23] = 'Z';
	out[24] = '\0';
}
