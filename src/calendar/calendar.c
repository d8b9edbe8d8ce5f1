/* Days: loading the year files, and counting on two arrays. index[] numbers the workdays from 1950 on, workday_at[] is its inverse, so
 * “the n-th workday after d” is workday_at[index(d) + n]. Outside the table both continue with plain weeks, which keeps every function
 * total and constant in time. */
#include "calendar/calendar_private.h"

#include <assert.h>
#include <stdio.h>

#define RANGE_DAYS_MAX 31
#define COUNT_MAX 4000000 /* more units than the years 1–9999 have days */

/* ---- counting ---- */

static bool in_table(const struct calendar *cal, int32_t day)
{
	return day >= cal->table.first_day && day < cal->table.first_day + cal->table.count;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a >= 0 ? a / b : -((b - 1 - a) / b);
}

/** Mondays to Fridays from the table's first Monday to `day`, as if there were no holidays; <= 0 before it. */
static int64_t weekday_index(const struct calendar *cal, int32_t day)
{
	int64_t since = (int64_t)day - cal->table.first_day;
	int64_t weeks = floor_div(since, 7);
	int64_t rest = since - weeks * 7 + 1;

	return weeks * 5 + (rest < 5 ? rest : 5);
}

static int64_t weekday_day(const struct calendar *cal, int64_t index)
{
	int64_t weeks = floor_div(index - 1, 5);

	return cal->table.first_day + weeks * 7 + (index - 1 - weeks * 5);
}

int64_t workday_index(const struct calendar *cal, int32_t day)
{
	const struct calendar_table *t = &cal->table;

	if (in_table(cal, day))
		return t->index[day - t->first_day];
	if (day < t->first_day)
		return weekday_index(cal, day);
	return t->workday_count + weekday_index(cal, day) - weekday_index(cal, t->first_day + t->count - 1);
}

static int32_t day_checked(int64_t day)
{
	return day < day_from_ymd(1, 1, 1) || day > day_from_ymd(9999, 12, 31) ? DAY_NONE : (int32_t)day;
}

int32_t workday_day(const struct calendar *cal, int64_t index)
{
	const struct calendar_table *t = &cal->table;

	if (index >= 1 && index <= t->workday_count)
		return t->workday_at[index - 1];
	if (index < 1)
		return day_checked(weekday_day(cal, index));
	return day_checked(weekday_day(cal, index - t->workday_count + weekday_index(cal, t->first_day + t->count - 1)));
}

bool calendar_is_workday(const struct calendar *cal, int32_t day)
{
	if (!in_table(cal, day))
		return day_weekday(day) < 5;
	uint8_t mark = cal->mark[day - cal->table.first_day];
	return mark == MARK_WORK || (mark == MARK_PLAIN && day_weekday(day) < 5);
}

static struct str name_of(const struct calendar *cal, int32_t day, enum day_mark mark)
{
	if (!in_table(cal, day) || cal->mark[day - cal->table.first_day] != mark)
		return (struct str){ 0 };
	return cal->names[cal->name[day - cal->table.first_day]];
}

struct str calendar_off_name(const struct calendar *cal, int32_t day)
{
	return name_of(cal, day, MARK_OFF);
}

struct str calendar_makeup_name(const struct calendar *cal, int32_t day)
{
	return name_of(cal, day, MARK_WORK);
}

static bool year_known(const struct calendar *cal, int year)
{
	return year >= CALENDAR_FIRST_YEAR && year <= CALENDAR_LAST_YEAR && cal->year_known[year - CALENDAR_FIRST_YEAR];
}

bool calendar_is_provisional(const struct calendar *cal, int32_t from, int32_t to)
{
	if (from == DAY_NONE || to == DAY_NONE)
		return false;
	for (int year = day_to_ymd(from).year; year <= day_to_ymd(to).year; year++) {
		if (!year_known(cal, year))
			return true;
		int32_t overlap_from = day_from_ymd(year, 12, CALENDAR_OVERLAP_DAY);
		if (!year_known(cal, year + 1) && to >= overlap_from && from <= day_from_ymd(year, 12, 31))
			return true;
	}
	return false;
}

int32_t calendar_workdays(const struct calendar *cal, int32_t a, int32_t b)
{
	return (int32_t)(workday_index(cal, b) - workday_index(cal, a));
}

int32_t calendar_roll(const struct calendar *cal, int32_t day)
{
	if (day == DAY_NONE || calendar_is_workday(cal, day))
		return day;
	return workday_day(cal, workday_index(cal, day) + 1);
}

/** The n-th workday before `day`; a rest day stands for itself, so the count starts with the workday before it. */
static int32_t workdays_before(const struct calendar *cal, int32_t day, int64_t n)
{
	int64_t index = workday_index(cal, day) + (calendar_is_workday(cal, day) ? 0 : 1);

	return workday_day(cal, index - n);
}

static int32_t add_months(int32_t start, int64_t months)
{
	struct ymd d = day_to_ymd(start);
	int64_t month = (int64_t)d.year * 12 + d.month - 1 + months;

	return month < 12 || month >= 120000 ? DAY_NONE : day_add_months(start, (int)months);
}

int32_t calendar_deadline(const struct calendar *cal, int32_t start, int64_t n, enum period_unit unit, bool rollover)
{
	int32_t due = DAY_NONE;

	if (start == DAY_NONE || n > COUNT_MAX || n < -COUNT_MAX)
		return DAY_NONE;
	switch (unit) {
	case UNIT_DAY:
		due = day_checked((int64_t)start + n);
		break;
	case UNIT_WORKDAY:
		if (n == 0)
			return start;
		return n > 0 ? workday_day(cal, workday_index(cal, start) + n) : workdays_before(cal, start, -n);
	case UNIT_MONTH:
		due = add_months(start, n);
		break;
	case UNIT_YEAR:
		due = add_months(start, n * 12);
		break;
	case UNIT_HOUR:
		return day_checked((int64_t)start + floor_div(n, 24));
	case UNIT_COUNT:
		assert(!"a unit");
	}
	return rollover && n >= 0 ? calendar_roll(cal, due) : due;
}

int64_t calendar_add_hours(int64_t start_civil_s, int64_t hours)
{
	int64_t seconds, due;

	if (start_civil_s == CIVIL_NONE || __builtin_mul_overflow(hours, 3600, &seconds) ||
		__builtin_add_overflow(start_civil_s, seconds, &due))
		return CIVIL_NONE;
	return due;
}

const struct calendar_table *calendar_table(const struct calendar *cal)
{
	return &cal->table;
}

struct str calendar_version(const struct calendar *cal)
{
	return cal->version;
}

void calendar_years(const struct calendar *cal, int *ret_first, int *ret_last)
{
	*ret_first = cal->first_year;
	*ret_last = cal->last_year;
}

/* ---- units ---- */

static const struct {
	const char *slug, *title;
} units[UNIT_COUNT] = {
	[UNIT_DAY] = { "day", "日（自然日）" },
	[UNIT_WORKDAY] = { "workday", "个工作日" },
	[UNIT_MONTH] = { "month", "个月" },
	[UNIT_YEAR] = { "year", "年" },
	[UNIT_HOUR] = { "hour", "小时" },
};

static const struct {
	const char *word;
	enum period_unit unit;
} unit_words[] = {
	{ "日", UNIT_DAY },
	{ "天", UNIT_DAY },
	{ "自然日", UNIT_DAY },
	{ "days", UNIT_DAY },
	{ "ND", UNIT_DAY },
	{ "工作日", UNIT_WORKDAY },
	{ "个工作日", UNIT_WORKDAY },
	{ "workdays", UNIT_WORKDAY },
	{ "WD", UNIT_WORKDAY },
	{ "月", UNIT_MONTH },
	{ "个月", UNIT_MONTH },
	{ "months", UNIT_MONTH },
	{ "MON", UNIT_MONTH },
	{ "年", UNIT_YEAR },
	{ "years", UNIT_YEAR },
	{ "YEAR", UNIT_YEAR },
	{ "小时", UNIT_HOUR },
	{ "hours", UNIT_HOUR },
	{ "HR", UNIT_HOUR },
};

const char *period_unit_slug(enum period_unit unit)
{
	assert(unit < UNIT_COUNT);
	return units[unit].slug;
}

const char *period_unit_title(enum period_unit unit)
{
	assert(unit < UNIT_COUNT);
	return units[unit].title;
}

bool period_unit_parse(struct str s, enum period_unit *ret)
{
	for (int i = 0; i < UNIT_COUNT; i++) {
		if (str_eq(s, str_of(units[i].slug))) {
			*ret = (enum period_unit)i;
			return true;
		}
	}
	for (size_t i = 0; i < sizeof(unit_words) / sizeof(unit_words[0]); i++) {
		if (str_eq(s, str_of(unit_words[i].word))) {
			*ret = unit_words[i].unit;
			return true;
		}
	}
	return false;
}

/* ---- loading ---- */

bool day_range_parse(struct str s, int32_t *ret_from, int32_t *ret_to)
{
	ptrdiff_t dots = str_find(s, STR(".."));
	int32_t from = DAY_NONE, to = DAY_NONE;

	if (dots < 0) {
		if (!day_parse(s, &from))
			return false;
		to = from;
	} else {
		struct str a = str_trim(str_sub(s, 0, (size_t)dots)), b = str_trim(str_sub(s, (size_t)dots + 2, s.len));
		if ((a.len > 0 && !day_parse(a, &from)) || (b.len > 0 && !day_parse(b, &to)))
			return false;
		if (from != DAY_NONE && to != DAY_NONE && to < from)
			return false;
	}
	*ret_from = from;
	*ret_to = to;
	return true;
}

/** Index of a name in cal->names, making it when new; 0 when the table is full. */
static uint8_t name_index(struct calendar *cal, struct str name)
{
	for (int i = 1; i < cal->name_count; i++) {
		if (str_eq(cal->names[i], name))
			return (uint8_t)i;
	}
	if (cal->name_count == 256)
		return 0;
	cal->names[cal->name_count] = name;
	return (uint8_t)cal->name_count++;
}

/** `year` 0: a regional file, whose days may lie anywhere in the table. */
static enum err_code mark_range(struct calendar *cal, const struct yaml *at, struct str name, enum day_mark mark, int year, struct err *err)
{
	int32_t from, to;

	if (at->kind != YAML_SCALAR || !day_range_parse(at->text, &from, &to) || from == DAY_NONE || to == DAY_NONE)
		return yaml_fail(err, ERR_INPUT, at, "应为日期或日期范围，如 2026-10-01 或 2026-10-01..2026-10-07");
	if (to - from >= RANGE_DAYS_MAX || !in_table(cal, from) || !in_table(cal, to))
		return yaml_fail(err, ERR_INPUT, at, "日期范围最长 %d 天，且须在 %d—%d 年内", RANGE_DAYS_MAX, CALENDAR_FIRST_YEAR,
			CALENDAR_LAST_YEAR);
	for (int32_t day = from; day <= to; day++) {
		struct ymd d = day_to_ymd(day);
		if (year != 0 && d.year != year && !(d.year == year - 1 && d.month == 12))
			return yaml_fail(err, ERR_INPUT, at, "%d 年的文件只能写当年的日期和上一年 12 月的日期", year);
		if (mark == MARK_WORK && year != 0 && day_weekday(day) < 5)
			return yaml_fail(err, ERR_INPUT, at, "调休上班日必须是周六或周日");
		cal->mark[day - cal->table.first_day] = (uint8_t)mark;
		cal->name[day - cal->table.first_day] = name_index(cal, name);
	}
	return ERR_OK;
}

static enum err_code mark_days(struct calendar *cal, const struct yaml *map, enum day_mark mark, int year, struct err *err)
{
	if (yaml_is_null(map))
		return ERR_OK;
	if (map->kind != YAML_MAP)
		return yaml_fail(err, ERR_INPUT, map, "应为“节日名: [日期, …]”");
	for (size_t i = 0; i < map->count; i++) {
		const struct yaml *days = map->values[i];
		if (days->kind == YAML_SCALAR)
			TRY(mark_range(cal, days, map->keys[i]->text, mark, year, err));
		for (size_t k = 0; days->kind == YAML_SEQ && k < days->count; k++)
			TRY(mark_range(cal, days->values[k], map->keys[i]->text, mark, year, err));
		if (days->kind == YAML_MAP)
			return yaml_fail(err, ERR_INPUT, days, "应为日期列表");
	}
	return ERR_OK;
}

static enum err_code load_year(struct calendar *cal, const struct yaml *root, int year, struct err *err)
{
	int64_t stated;

	TRY(yaml_only(root, "year|papers|off|work|note", err));
	TRY(yaml_i64(root, "year", 0, &stated, err));
	if (stated != year || year < CALENDAR_FIRST_YEAR || year > CALENDAR_LAST_YEAR)
		return yaml_fail(err, ERR_INPUT, root, "year 应与文件名一致，且在 %d—%d 之间", CALENDAR_FIRST_YEAR, CALENDAR_LAST_YEAR);
	TRY(mark_days(cal, yaml_get(root, "off"), MARK_OFF, year, err));
	TRY(mark_days(cal, yaml_get(root, "work"), MARK_WORK, year, err));
	const struct yaml *off = yaml_get(root, "off");
	if (yaml_is_null(off) || off->count == 0)
		return ERR_OK; /* an empty file: the notice is not out yet, the year stays provisional */
	cal->year_known[year - CALENDAR_FIRST_YEAR] = true;
	if (cal->first_year == 0)
		cal->first_year = year;
	cal->last_year = year;
	return ERR_OK;
}

static enum err_code load_extra(struct calendar *cal, const struct yaml *root, struct str region, struct err *err)
{
	TRY(yaml_only(root, "region|name|basis|off|work|note", err));
	if (!str_starts(region, yaml_text(root, "region")))
		return ERR_OK;
	TRY(mark_days(cal, yaml_get(root, "off"), MARK_OFF, 0, err));
	return mark_days(cal, yaml_get(root, "work"), MARK_WORK, 0, err);
}

/** "calendar/2026.yaml" -> 2026, anything else -> 0. */
static int year_of_path(struct str path)
{
	struct str name = str_sub(path, STR("calendar/").len, path.len - STR(".yaml").len);
	int64_t year;

	return name.len == 4 && str_to_i64(name, &year) && year > 0 ? (int)year : 0;
}

static void build_table(struct calendar *cal, int32_t *index, int32_t *workday_at)
{
	int32_t k = 0;

	for (int32_t i = 0; i < cal->table.count; i++) {
		if (calendar_is_workday(cal, cal->table.first_day + i))
			workday_at[k++] = cal->table.first_day + i;
		index[i] = k;
	}
	cal->table.workday_count = k;
}

/** FNV over what was declared, not over the files: a comment does not make a new version. */
static uint32_t day_digest(const struct calendar *cal)
{
	uint64_t h = str_hash(STR("xiezhi calendar"));

	for (int32_t i = 0; i < cal->table.count; i++) {
		if (cal->mark[i] == MARK_PLAIN)
			continue;
		int32_t fact[2] = { cal->table.first_day + i, cal->mark[i] };
		h = (h ^ (uint64_t)(uint32_t)fact[0]) * 1099511628211u;
		h = (h ^ (uint64_t)(uint32_t)fact[1]) * 1099511628211u;
	}
	return (uint32_t)(h ^ (h >> 32));
}

static enum err_code load_file(struct calendar *cal, const struct asset_file *file, struct str region, struct arena *mem, struct err *err)
{
	const char *path = str_cstr(mem, file->path);
	struct yaml *root;
	int year = year_of_path(file->path);

	if (!path)
		return err_nomem(err);
	TRY(yaml_parse(file->text, path, mem, &root, err));
	if (year != 0)
		return load_year(cal, root, year, err);
	if (str_starts(file->path, STR("calendar/extra/")))
		return load_extra(cal, root, region, err);
	if (str_eq(file->path, STR("calendar/periods.yaml")))
		return periods_load(cal, root, mem, err);
	return yaml_fail(err, ERR_INPUT, root, "calendar/ 下只放 YYYY.yaml、periods.yaml 和 extra/ 目录");
}

enum err_code calendar_load(const struct asset_set *set, struct str region, struct arena *mem, struct calendar **ret, struct err *err)
{
	struct asset_file *files;
	size_t count;
	struct calendar *cal = ARENA_NEW(mem, struct calendar, 1);
	int32_t first = day_from_ymd(CALENDAR_FIRST_YEAR, 1, 2), last = day_from_ymd(CALENDAR_LAST_YEAR, 12, 31);
	int32_t *index, *workday_at;

	assert(day_weekday(first) == 0);
	if (!cal)
		return err_nomem(err);
	cal->table.first_day = first;
	cal->table.count = last - first + 1;
	cal->name_count = 1;
	cal->mark = ARENA_NEW(mem, uint8_t, (size_t)cal->table.count);
	cal->name = ARENA_NEW(mem, uint8_t, (size_t)cal->table.count);
	index = ARENA_NEW(mem, int32_t, (size_t)cal->table.count);
	workday_at = ARENA_NEW(mem, int32_t, (size_t)cal->table.count);
	if (!cal->mark || !cal->name || !index || !workday_at)
		return err_nomem(err);
	TRY(asset_list(set, STR("calendar/"), STR(".yaml"), mem, &files, &count, err));
	for (int extra = 0; extra <= 1; extra++) { /* years in order first: the later one wins, regional days win over both */
		for (size_t i = 0; i < count; i++) {
			if (str_starts(files[i].path, STR("calendar/extra/")) == (extra == 1))
				TRY(load_file(cal, &files[i], region, mem, err));
		}
	}
	build_table(cal, index, workday_at);
	cal->table.index = index;
	cal->table.workday_at = workday_at;
	cal->version = str_printf(mem, "%d-%d-%08x", cal->first_year, cal->last_year, (unsigned int)day_digest(cal));
	if (!cal->version.ptr)
		return err_nomem(err);
	*ret = cal;
	return ERR_OK;
}
