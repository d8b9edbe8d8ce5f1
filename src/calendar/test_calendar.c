/* Unit tests of the calendar: each trap of the deadline table, both sides of each boundary, dates checked by hand on a wall calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/fault.h"
#include "base/file.h"
#include "calendar/calendar.h"

struct fixture {
	struct arena *mem;
	struct calendar *cal;
};

static int open_calendar(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = { 0 };

	f->mem = arena_open(64u << 20);
	if (calendar_load(&(struct asset_set){ 0 }, STR(""), f->mem, &f->cal, &err) != ERR_OK) {
		print_error("%s\n", err.msg);
		return -1;
	}
	*state = f;
	return 0;
}

static int close_calendar(void **state)
{
	struct fixture *f = *state;

	arena_close(f->mem);
	free(f);
	return 0;
}

static int32_t day(const char *iso)
{
	int32_t d;

	assert_true(day_parse(str_of(iso), &d));
	return d;
}

static const char *iso(int32_t d)
{
	static char ring[8][11];
	static int next;
	char *out = ring[next++ % 8];

	if (d == DAY_NONE)
		return "none";
	day_format(d, out);
	return out;
}

#define DUE(start, n, unit) iso(calendar_deadline(f->cal, day(start), n, unit, true))

/* ---- days ---- */

static void make_up_days_work_and_holidays_rest(void **state)
{
	struct fixture *f = *state;

	assert_false(calendar_is_workday(f->cal, day("2026-02-16"))); /* Monday in the spring festival */
	assert_true(calendar_is_workday(f->cal, day("2026-02-14")));  /* Saturday worked for it */
	assert_true(calendar_is_workday(f->cal, day("2026-02-28")));
	assert_true(calendar_is_workday(f->cal, day("2026-02-24")));
	assert_false(calendar_is_workday(f->cal, day("2026-03-01")));
	assert_true(str_eq(calendar_off_name(f->cal, day("2026-02-16")), STR("春节")));
	assert_true(str_eq(calendar_makeup_name(f->cal, day("2026-02-14")), STR("春节")));
	assert_int_equal(calendar_off_name(f->cal, day("2026-03-01")).len, 0);
}

static void the_later_years_file_decides_december(void **state)
{
	struct fixture *f = *state;

	assert_true(calendar_is_workday(f->cal, day("2018-12-29")));  /* Saturday, named by the 2019 notice */
	assert_false(calendar_is_workday(f->cal, day("2018-12-31"))); /* Monday off, named by the 2019 notice */
	assert_false(calendar_is_workday(f->cal, day("2022-12-31")));
}

static void the_2020_festival_was_prolonged_and_its_make_up_day_cancelled(void **state)
{
	struct fixture *f = *state;

	assert_false(calendar_is_workday(f->cal, day("2020-01-31")));
	assert_false(calendar_is_workday(f->cal, day("2020-02-01"))); /* was a make-up day in the first notice */
	assert_true(calendar_is_workday(f->cal, day("2020-02-03")));
}

static void a_year_has_the_known_number_of_workdays(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(calendar_workdays(f->cal, day("2023-12-31"), day("2024-12-31")), 251);
	assert_int_equal(calendar_workdays(f->cal, day("2024-12-31"), day("2025-12-31")), 248);
	assert_int_equal(calendar_workdays(f->cal, day("2025-12-31"), day("2026-12-31")), 248);
}

static void workdays_leave_out_the_first_day_and_take_the_last(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(calendar_workdays(f->cal, day("2026-06-01"), day("2026-06-02")), 1);
	assert_int_equal(calendar_workdays(f->cal, day("2026-06-01"), day("2026-06-01")), 0);
	assert_int_equal(calendar_workdays(f->cal, day("2026-06-05"), day("2026-06-07")), 0); /* Friday to Sunday */
	assert_int_equal(calendar_workdays(f->cal, day("2026-06-02"), day("2026-06-01")), -1);
}

/* ---- counting ---- */

static void ninety_days_are_natural_days(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(DUE("2025-01-02", 90, UNIT_DAY), "2025-04-02");
	assert_string_equal(DUE("2024-01-01", 90, UNIT_DAY), "2024-04-01"); /* leap year; 31 March is a Sunday */
	assert_string_equal(iso(calendar_deadline(f->cal, day("2024-01-01"), 90, UNIT_DAY, false)), "2024-03-31");
}

static void fifteen_days_roll_off_the_spring_festival(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(iso(calendar_deadline(f->cal, day("2026-02-05"), 15, UNIT_DAY, false)), "2026-02-20");
	assert_string_equal(DUE("2026-02-05", 15, UNIT_DAY), "2026-02-24");
}

static void a_make_up_saturday_ends_a_period_without_rolling(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(DUE("2026-02-13", 15, UNIT_DAY), "2026-02-28"); /* Saturday, make-up workday */
	assert_string_equal(DUE("2026-02-14", 15, UNIT_DAY), "2026-03-02"); /* Sunday, rolls to Monday */
}

static void seven_workdays_skip_holidays_and_take_make_up_days(void **state)
{
	struct fixture *f = *state;

	/* from Thursday 2026-02-12: 13, 14(make-up), 24, 25, 26, 27, 28(make-up) */
	assert_string_equal(DUE("2026-02-12", 7, UNIT_WORKDAY), "2026-02-28");
	assert_string_equal(DUE("2026-02-12", 6, UNIT_WORKDAY), "2026-02-27");
	/* from Saturday 2026-06-06, a rest day: Monday is the first */
	assert_string_equal(DUE("2026-06-06", 1, UNIT_WORKDAY), "2026-06-08");
	assert_string_equal(DUE("2026-06-05", 1, UNIT_WORKDAY), "2026-06-08");
	assert_string_equal(DUE("2026-06-05", 5, UNIT_WORKDAY), "2026-06-12");
}

static void workdays_before_an_event_count_back_from_it(void **state)
{
	struct fixture *f = *state;

	/* hearing on Monday 2026-06-15: the seventh workday before it is Thursday 2026-06-04 */
	assert_string_equal(DUE("2026-06-15", -7, UNIT_WORKDAY), "2026-06-04");
	assert_string_equal(DUE("2026-06-14", -1, UNIT_WORKDAY), "2026-06-12"); /* from a Sunday */
	assert_string_equal(DUE("2026-02-24", -1, UNIT_WORKDAY), "2026-02-14"); /* over the festival to the make-up Saturday */
	assert_string_equal(DUE("2026-06-30", -30, UNIT_DAY), "2026-05-31");    /* a Sunday: backward periods never move */
}

static void months_end_on_the_same_day_or_the_last(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(iso(calendar_deadline(f->cal, day("2025-01-31"), 1, UNIT_MONTH, false)), "2025-02-28");
	assert_string_equal(iso(calendar_deadline(f->cal, day("2024-01-31"), 1, UNIT_MONTH, false)), "2024-02-29");
	assert_string_equal(iso(calendar_deadline(f->cal, day("2024-02-29"), 1, UNIT_YEAR, false)), "2025-02-28");
	assert_string_equal(iso(calendar_deadline(f->cal, day("2025-11-30"), 3, UNIT_MONTH, false)), "2026-02-28");
	assert_string_equal(DUE("2025-11-15", 3, UNIT_MONTH), "2026-02-24"); /* 15 February opens the festival */
	assert_string_equal(iso(calendar_deadline(f->cal, day("2025-03-31"), -1, UNIT_MONTH, false)), "2025-02-28");
}

static void hours_run_from_the_moment_and_never_roll(void **state)
{
	struct fixture *f = *state;
	int64_t start;
	char text[20];

	(void)f;
	assert_true(civil_parse(STR("2026-02-14 17:30:00"), &start));
	civil_format(calendar_add_hours(start, 24), text);
	assert_string_equal(text, "2026-02-15 17:30:00"); /* first day of the festival all the same */
	assert_true(calendar_add_hours(CIVIL_NONE, 24) == CIVIL_NONE);
}

static void unknown_and_absurd_input_gives_no_date(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(iso(calendar_deadline(f->cal, DAY_NONE, 90, UNIT_DAY, true)), "none");
	assert_string_equal(DUE("9999-12-01", 90, UNIT_DAY), "none");
	assert_string_equal(DUE("9999-12-01", 12, UNIT_MONTH), "none");
	assert_string_equal(DUE("2020-01-01", INT64_MAX, UNIT_DAY), "none");
	assert_string_equal(DUE("0001-01-02", -5, UNIT_DAY), "none");
	assert_true(calendar_roll(f->cal, DAY_NONE) == DAY_NONE);
}

/* The fast arrays against the plainest possible loop, over forty years and across both edges of the table. */
static int32_t slow_deadline(const struct calendar *cal, int32_t start, int n)
{
	int32_t d = start;

	while (n > 0) {
		d++;
		n -= calendar_is_workday(cal, d);
	}
	while (n < 0) {
		d--;
		n += calendar_is_workday(cal, d);
	}
	return d;
}

static void arrays_agree_with_counting_day_by_day(void **state)
{
	struct fixture *f = *state;
	static const char *const spans[][2] = { { "1949-11-01", "1950-03-01" }, { "2014-11-01", "2027-03-01" },
		{ "2099-11-01", "2100-03-01" } };

	for (size_t s = 0; s < 3; s++) {
		for (int32_t d = day(spans[s][0]); d <= day(spans[s][1]); d++) {
			for (int n = -12; n <= 25; n++) {
				if (n != 0)
					assert_int_equal(calendar_deadline(f->cal, d, n, UNIT_WORKDAY, false), slow_deadline(f->cal, d, n));
			}
		}
	}
}

static void ten_million_deadlines_take_well_under_a_second(void **state)
{
	struct fixture *f = *state;
	struct timespec a, b;
	int64_t sum = 0;
	int32_t from = day("2015-01-01");

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int32_t i = 0; i < 10000000; i++)
		sum += calendar_deadline(f->cal, from + i % 4000, 1 + i % 90, i & 1 ? UNIT_WORKDAY : UNIT_DAY, true);
	clock_gettime(CLOCK_MONOTONIC, &b);
	double seconds = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	print_message("10,000,000 deadlines: %.3f s (%lld)\n", seconds, (long long)(sum & 1));
	assert_true(seconds < 5.0); /* room for sanitizers and busy machines */
}

static void years_without_a_file_are_provisional(void **state)
{
	struct fixture *f = *state;

	assert_true(calendar_is_provisional(f->cal, day("2027-01-04"), day("2027-01-04")));
	assert_true(calendar_is_provisional(f->cal, day("2014-06-02"), day("2014-06-03")));
	assert_false(calendar_is_provisional(f->cal, day("2026-12-01"), day("2026-12-24")));
	assert_true(calendar_is_provisional(f->cal, day("2026-12-25"), day("2026-12-31"))); /* the 2027 notice may change them */
	assert_false(calendar_is_provisional(f->cal, day("2025-12-25"), day("2026-01-31")));
	assert_false(calendar_is_provisional(f->cal, DAY_NONE, DAY_NONE));
}

/* ---- the explained clock ---- */

static struct clock count(struct fixture *f, struct clock_request r)
{
	struct clock c;
	struct err err = { 0 };

	if (clock_count(f->cal, &r, f->mem, &c, &err) != ERR_OK)
		fail_msg("%s", err.msg);
	return c;
}

static bool steps_say(const struct clock *c, const char *words)
{
	for (size_t i = 0; i < c->step_count; i++) {
		if (str_has(c->steps[i], str_of(words)))
			return true;
	}
	return false;
}

static void a_rolled_clock_names_the_rest_days(void **state)
{
	struct fixture *f = *state;
	const struct period *p = period_find(f->cal, STR("pen_decision"));
	struct clock_request r;

	assert_non_null(p);
	assert_int_equal(period_request(p, day("2025-11-17"), &r, NULL), ERR_OK); /* + 90 = 2026-02-15, first day of the festival */
	r.today = day("2026-02-20");
	struct clock c = count(f, r);

	assert_string_equal(iso(c.due_plain), "2026-02-15");
	assert_string_equal(iso(c.due_on), "2026-02-24");
	assert_true(c.rolled);
	assert_int_equal(c.holiday_count, 9);
	assert_true(str_eq(c.holidays[0].name, STR("春节")));
	assert_int_equal(c.days_left, 4);
	assert_int_equal(c.state, CLOCK_RUNNING);
	assert_true(steps_say(&c, "民法典203条"));
	assert_true(steps_say(&c, "行政处罚法没有末日顺延的一般规定"));
	assert_false(c.provisional);
}

static void the_last_lawful_day_is_not_overdue_and_the_next_is(void **state)
{
	struct fixture *f = *state;
	struct clock_request r = CLOCK_REQUEST;

	r.start_on = day("2025-01-02");
	r.length = 90;
	r.today = day("2025-04-02");
	struct clock last = count(f, r);
	r.today = day("2025-04-03");
	struct clock late = count(f, r);

	assert_int_equal(last.state, CLOCK_RUNNING);
	assert_int_equal(last.days_left, 0);
	assert_int_equal(late.state, CLOCK_OVERDUE);
	assert_int_equal(late.days_left, -1);
}

static void pauses_are_taken_once_and_only_inside_the_period(void **state)
{
	struct fixture *f = *state;
	struct clock_pause pauses[] = {
		{ day("2025-02-10"), day("2025-02-19"), STR("检测") },
		{ day("2025-02-15"), day("2025-02-24"), STR("听证") }, /* overlaps: together fifteen days */
		{ day("2024-12-01"), day("2025-01-02"), STR("起算之前") },
		{ day("2026-01-01"), day("2026-01-31"), STR("届满之后") },
	};
	struct clock_request r = CLOCK_REQUEST;

	r.start_on = day("2025-01-02");
	r.length = 90;
	r.pauses = pauses;
	r.pause_count = 4;
	struct clock c = count(f, r);

	assert_string_equal(iso(c.due_plain), "2025-04-17"); /* 2025-04-02 + 15 */
	assert_int_equal(c.request.pause_count, 3);
	assert_true(steps_say(&c, "不在期限之内"));
}

static void a_pause_on_the_last_day_still_counts(void **state)
{
	struct fixture *f = *state;
	struct clock_pause pause = { day("2025-04-02"), day("2025-04-02"), STR("") };
	struct clock_request r = CLOCK_REQUEST;

	r.start_on = day("2025-01-02");
	r.length = 90;
	r.pauses = &pause;
	r.pause_count = 1;
	assert_string_equal(iso(count(f, r).due_plain), "2025-04-03");
	pause.from = pause.to = day("2025-04-03");
	assert_string_equal(iso(count(f, r).due_plain), "2025-04-02");
}

static void a_pause_takes_only_workdays_from_a_workday_period(void **state)
{
	struct fixture *f = *state;
	struct clock_pause pause = { day("2026-06-05"), day("2026-06-08"), STR("补正") }; /* Friday to Monday: two workdays */
	struct clock_request r = CLOCK_REQUEST;

	r.start_on = day("2026-06-01");
	r.length = 5;
	r.unit = UNIT_WORKDAY;
	assert_string_equal(iso(count(f, r).due_on), "2026-06-08");
	r.pauses = &pause;
	r.pause_count = 1;
	assert_string_equal(iso(count(f, r).due_on), "2026-06-10");
}

static void an_open_pause_stops_the_clock(void **state)
{
	struct fixture *f = *state;
	struct clock_pause pause = { day("2025-03-01"), DAY_NONE, STR("等待鉴定") };
	struct clock_request r = CLOCK_REQUEST;
	struct err err = { 0 };
	struct clock unused;

	r.start_on = day("2025-01-02");
	r.length = 90;
	r.pauses = &pause;
	r.pause_count = 1;
	assert_int_equal(clock_count(f->cal, &r, f->mem, &unused, &err), ERR_INPUT); /* needs to know today */
	r.today = day("2025-06-30");
	struct clock c = count(f, r);
	assert_int_equal(c.state, CLOCK_PAUSED);
	assert_string_equal(iso(c.due_plain), "2025-08-02"); /* 122 days of pause so far */
	r.ended_on = day("2025-07-01");
	assert_int_equal(count(f, r).state, CLOCK_DONE);
}

static void extensions_add_before_the_end_rolls(void **state)
{
	struct fixture *f = *state;
	struct clock_extension more = { 30, UNIT_DAY, STR("上一级公安机关批准") };
	struct clock_request r;

	assert_int_equal(period_request(period_find(f->cal, STR("ps_decision")), day("2026-01-05"), &r, NULL), ERR_OK);
	assert_string_equal(iso(count(f, r).due_on), "2026-02-04");
	r.extensions = &more;
	r.extension_count = 1;
	assert_string_equal(iso(count(f, r).due_on), "2026-03-06");
	struct clock_extension months = { 1, UNIT_MONTH, STR("") };
	r = CLOCK_REQUEST;
	r.start_on = day("2026-01-31");
	r.length = 1;
	r.unit = UNIT_MONTH;
	r.extensions = &months;
	r.extension_count = 1;
	assert_string_equal(iso(count(f, r).due_plain), "2026-03-31"); /* two months, not one and one */
}

static void a_due_date_in_2027_is_provisional_and_says_so(void **state)
{
	struct fixture *f = *state;
	struct clock_request r = CLOCK_REQUEST;

	r.start_on = day("2026-12-28");
	r.length = 7;
	r.unit = UNIT_WORKDAY;
	struct clock c = count(f, r);

	assert_true(c.provisional);
	assert_string_equal(iso(c.due_on), "2027-01-06"); /* weekends only: new year's day is not known to be off */
	assert_true(steps_say(&c, "只按周末推算"));
}

static void natural_days_need_no_holiday_file_but_at_their_end(void **state)
{
	struct fixture *f = *state;
	struct clock_request r = CLOCK_REQUEST;

	r.start_on = day("2014-11-01");
	r.length = 90;
	assert_false(count(f, r).provisional); /* ends 2015-01-30; how 2014 rested does not matter */
}

static void bad_requests_are_refused_in_words(void **state)
{
	struct fixture *f = *state;
	struct clock_request r = CLOCK_REQUEST;
	struct clock_pause pause = { day("2025-03-02"), day("2025-03-01"), STR("") };
	struct clock c;
	struct err err = { 0 };

	r.length = 90;
	assert_int_equal(clock_count(f->cal, &r, f->mem, &c, &err), ERR_INPUT);
	assert_string_equal(err.msg, "缺少起算日");
	r.start_on = day("2025-01-02");
	r.length = 0;
	assert_int_equal(clock_count(f->cal, &r, f->mem, &c, &err), ERR_INPUT);
	r.length = 90;
	r.pauses = &pause;
	r.pause_count = 1;
	assert_int_equal(clock_count(f->cal, &r, f->mem, &c, &err), ERR_INPUT);
	r.unit = UNIT_HOUR;
	pause.to = pause.from;
	assert_int_equal(clock_count(f->cal, &r, f->mem, &c, &err), ERR_INPUT);
	r.unit = UNIT_DAY;
	r.length = -7;
	assert_int_equal(clock_count(f->cal, &r, f->mem, &c, &err), ERR_INPUT);
}

/* ---- how each law counts (deadlines.md 0.1 and 10) ---- */

static enum period_unit unit_of(struct fixture *f, const char *law, int n)
{
	enum period_unit unit;
	struct str name, article, note;

	assert_int_equal(period_unit_of_law(f->cal, str_of(law), n, f->mem, &unit, &name, &article, &note, NULL), ERR_OK);
	return unit;
}

static void each_law_counts_its_own_way(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unit_of(f, "行政处罚法", 7), UNIT_WORKDAY);
	assert_int_equal(unit_of(f, "行政处罚法", 2), UNIT_WORKDAY);
	assert_int_equal(unit_of(f, "行政处罚法", 15), UNIT_DAY);
	assert_int_equal(unit_of(f, "中华人民共和国行政处罚法", 90), UNIT_DAY);
	assert_int_equal(unit_of(f, "处罚法", 10), UNIT_DAY); /* not one of the four numbers */
	assert_int_equal(unit_of(f, "行政强制法", 10), UNIT_WORKDAY);
	assert_int_equal(unit_of(f, "行政强制法", 15), UNIT_DAY);
	assert_int_equal(unit_of(f, "行政强制法", 30), UNIT_DAY);
	assert_int_equal(unit_of(f, "行政许可法", 20), UNIT_WORKDAY);
	assert_int_equal(unit_of(f, "行政复议法", 10), UNIT_WORKDAY);
	assert_int_equal(unit_of(f, "行政复议法", 60), UNIT_DAY);
	assert_int_equal(unit_of(f, "信访工作条例", 15), UNIT_DAY);
	assert_int_equal(unit_of(f, "治安管理处罚法", 2), UNIT_DAY);
	assert_int_equal(unit_of(f, "行政执法机关移送涉嫌犯罪案件的规定", 3), UNIT_DAY);
}

static void evidence_hold_is_seven_workdays_not_thirty_days(void **state)
{
	struct fixture *f = *state;
	const struct period *hold = period_find(f->cal, STR("pen_evidence_hold")), *seizure = period_find(f->cal, STR("coe_seizure"));

	assert_int_equal(hold->length, 7);
	assert_int_equal(hold->unit, UNIT_WORKDAY);
	assert_int_equal(seizure->length, 30);
	assert_int_equal(seizure->unit, UNIT_DAY);
}

static void inspection_approval_has_no_hours_and_measures_have_24(void **state)
{
	struct fixture *f = *state;

	assert_false(period_find(f->cal, STR("ins_preapprove"))->has_length);
	assert_int_equal(period_find(f->cal, STR("coe_urgent_report"))->unit, UNIT_HOUR);
	assert_false(period_find(f->cal, STR("pen_filing_general"))->has_length);
	assert_int_equal(period_find(f->cal, STR("pen_onspot_file_default"))->kind, PERIOD_MANAGERIAL);
	assert_int_equal(period_find(f->cal, STR("proc_suggestion"))->evidence, PERIOD_UNVERIFIED);
}

static void payment_starts_on_receipt(void **state)
{
	struct fixture *f = *state;
	const struct period *p = period_find(f->cal, STR("pen_payment"));

	assert_true(str_has(p->from, STR("收到")));
	assert_string_equal(DUE("2026-01-20", 15, UNIT_DAY), "2026-02-04");
}

static void every_period_counts_or_says_why_not(void **state)
{
	struct fixture *f = *state;
	size_t n;
	const struct period *all = calendar_periods(f->cal, &n);

	assert_true(n > 130);
	for (size_t i = 0; i < n; i++) {
		struct clock_request r;
		struct clock c;
		struct err err = { 0 };
		enum err_code code = period_request(&all[i], day("2026-03-10"), &r, &err);
		assert_int_equal(code, all[i].has_length ? ERR_OK : ERR_INPUT);
		if (code == ERR_OK)
			assert_int_equal(clock_count(f->cal, &r, f->mem, &c, &err), ERR_OK);
	}
}

/* ---- command and files ---- */

static enum err_code command(struct fixture *f, struct clock_options o, bool json, struct buf *out, struct err *err)
{
	buf_init(out, 65536);
	return clock_main(f->cal, &o, json, f->mem, out, err);
}

static void the_command_takes_a_law_or_a_period(void **state)
{
	struct fixture *f = *state;
	CLEANUP(buf_clear) struct buf out = { 0 };
	struct err err = { 0 };

	assert_int_equal(command(f,
				 (struct clock_options){ .start = STR("2026-02-12"),
					 .length = STR("7"),
					 .unit = STR("day"),
					 .law = STR("行政处罚法"),
					 .today = DAY_NONE },
				 true, &out, &err),
		ERR_OK);
	assert_true(str_has(buf_str(&out), STR("\"due_on\":\"2026-02-28\"")));
	assert_true(str_has(buf_str(&out), STR("\"unit\":\"workday\"")));
	buf_clear(&out);
	assert_int_equal(command(f, (struct clock_options){ .start = STR("2025-11-17"), .law = STR("pen_decision"), .today = DAY_NONE },
				 true, &out, &err),
		ERR_OK);
	assert_true(str_has(buf_str(&out), STR("\"due_on\":\"2026-02-24\"")));
	assert_true(str_has(buf_str(&out), STR("{\"law\":\"行政处罚法\",\"article\":\"60\"}")));
}

static void the_command_pauses_and_extends(void **state)
{
	struct fixture *f = *state;
	CLEANUP(buf_clear) struct buf out = { 0 };
	struct err err = { 0 };
	struct clock_options o = { .start = STR("2025-01-02"), .length = STR("90"), .unit = STR("day"), .today = DAY_NONE };

	o.pauses[o.pause_count++] = STR("2025-02-10..2025-02-24=检测");
	o.extensions[o.extension_count++] = STR("30=负责人批准");
	assert_int_equal(command(f, o, true, &out, &err), ERR_OK);
	assert_true(str_has(buf_str(&out), STR("\"due_plain\":\"2025-05-17\"")));
	assert_true(str_has(buf_str(&out), STR("\"due_on\":\"2025-05-19\"")));
	assert_true(str_has(buf_str(&out), STR("\"why\":\"检测\"")));
	buf_clear(&out);
	assert_int_equal(command(f, o, false, &out, &err), ERR_OK);
	assert_true(str_has(buf_str(&out), STR("到期日  2025-05-19（星期一），已顺延")));
}

static void the_command_counts_hours(void **state)
{
	struct fixture *f = *state;
	CLEANUP(buf_clear) struct buf out = { 0 };
	struct err err = { 0 };

	assert_int_equal(
		command(f, (struct clock_options){ .start = STR("2026-02-14T17:30"), .law = STR("coe_urgent_report"), .today = DAY_NONE },
			true, &out, &err),
		ERR_OK);
	assert_true(str_has(buf_str(&out), STR("\"due_at\":\"2026-02-15 17:30:00\"")));
}

static void the_command_refuses_in_words(void **state)
{
	struct fixture *f = *state;
	CLEANUP(buf_clear) struct buf out = { 0 };
	struct err err = { 0 };

	assert_int_equal(
		command(f, (struct clock_options){ .start = STR("2026-2-1"), .length = STR("7"), .unit = STR("day") }, true, &out, &err),
		ERR_INPUT);
	assert_true(strstr(err.msg, "不是日期") != NULL);
	assert_int_equal(
		command(f, (struct clock_options){ .start = STR("2026-02-01"), .length = STR("7"), .unit = STR("week") }, true, &out, &err),
		ERR_INPUT);
	assert_int_equal(
		command(f, (struct clock_options){ .start = STR("2026-02-01"), .law = STR("pen_decison") }, true, &out, &err), ERR_INPUT);
	assert_int_equal(command(f,
				 (struct clock_options){
					 .start = STR("2026-02-01"), .length = STR("7"), .unit = STR("day"), .law = STR("pen_decison") },
				 true, &out, &err),
		ERR_NOT_FOUND);
	assert_true(strstr(err.msg, "pen_decision") != NULL);
	assert_int_equal(
		command(f, (struct clock_options){ .start = STR("2026-02-01"), .law = STR("sup_reply") }, true, &out, &err), ERR_INPUT);
	assert_true(strstr(err.msg, "法律没有规定天数") != NULL);
}

struct profile {
	char dir[64];
	struct asset_set set;
};

static void profile_write(const struct profile *p, const char *name, const char *text)
{
	char path[128], command_line[160];

	snprintf(command_line, sizeof(command_line), "%s/calendar/extra", p->dir);
	assert_int_equal(dir_make(command_line, NULL), ERR_OK);
	snprintf(path, sizeof(path), "%s/%s", p->dir, name);
	assert_int_equal(file_write(path, str_of(text), NULL), ERR_OK);
}

static void profile_open(struct profile *p)
{
	strcpy(p->dir, "/tmp/xz-calendar-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	p->set = (struct asset_set){ .dirs = { { .dir = p->dir, .prefix = "" } }, .dir_count = 1 };
}

static void a_profile_adds_regional_holidays_for_its_region_only(void **state)
{
	struct fixture *f = *state;
	struct profile p;
	struct calendar *in, *out;
	struct err err = { 0 };

	profile_open(&p);
	profile_write(&p, "calendar/extra/xinjiang.yaml", "region: \"65\"\nname: 新疆\noff:\n  肉孜节: [2026-03-20]\n");
	assert_int_equal(calendar_load(&p.set, STR("650100"), f->mem, &in, &err), ERR_OK);
	assert_int_equal(calendar_load(&p.set, STR("510100"), f->mem, &out, &err), ERR_OK);

	assert_false(calendar_is_workday(in, day("2026-03-20")));
	assert_true(calendar_is_workday(out, day("2026-03-20")));
	assert_false(str_eq(calendar_version(in), calendar_version(out)));
	assert_true(str_eq(calendar_version(out), calendar_version(f->cal)));
}

static void a_profile_file_for_2027_ends_the_provision(void **state)
{
	struct fixture *f = *state;
	struct profile p;
	struct calendar *cal;
	struct err err = { 0 };

	profile_open(&p);
	profile_write(
		&p, "calendar/2027.yaml", "year: 2027\npapers: []\noff:\n  元旦: [2027-01-01..2027-01-03]\nwork:\n  元旦: [2026-12-27]\n");
	assert_int_equal(calendar_load(&p.set, STR(""), f->mem, &cal, &err), ERR_OK);

	assert_false(calendar_is_provisional(cal, day("2026-12-25"), day("2027-01-10")));
	assert_true(calendar_is_workday(cal, day("2026-12-27"))); /* a Sunday of the year before */
	assert_true(str_starts(calendar_version(cal), STR("2015-2027-")));
}

static void broken_files_are_refused_with_their_place(void **state)
{
	struct fixture *f = *state;
	struct profile p;
	struct calendar *cal;
	struct err err = { 0 };

	profile_open(&p);
	profile_write(&p, "calendar/2027.yaml", "year: 2027\nwork:\n  元旦: [2027-01-04]\n"); /* a Monday */
	assert_int_equal(calendar_load(&p.set, STR(""), f->mem, &cal, &err), ERR_INPUT);
	assert_non_null(strstr(err.msg, "calendar/2027.yaml:3:"));
	profile_write(&p, "calendar/2027.yaml", "year: 2026\n");
	assert_int_equal(calendar_load(&p.set, STR(""), f->mem, &cal, &err), ERR_INPUT);
	profile_write(&p, "calendar/2027.yaml", "year: 2027\noff:\n  元旦: [2025-01-01]\n");
	assert_int_equal(calendar_load(&p.set, STR(""), f->mem, &cal, &err), ERR_INPUT);
}

static void a_clock_survives_any_single_allocation_failure(void **state)
{
	struct fixture *f = *state;
	struct clock_request r = CLOCK_REQUEST;
	struct clock c;
	enum err_code code;
	int n = 0;

	r.start_on = day("2026-02-05");
	r.length = 15;
	do {
		CLEANUP(arena_closep) struct arena *mem = arena_open(1u << 20);
		fault_arm(FAULT_ALLOC, n++);
		code = mem ? clock_count(f->cal, &r, mem, &c, NULL) : ERR_NOMEM;
		fault_arm(FAULT_ALLOC, -1);
	} while (code == ERR_NOMEM && n < 100);
	assert_int_equal(code, ERR_OK);
	assert_true(n > 1);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--days") == 0) { /* for tests/calendar: every day with a file, "2015-01-01 0" */
		struct fixture *f;
		int first, last;
		if (open_calendar((void **)&f) != 0)
			return 3;
		calendar_years(f->cal, &first, &last);
		for (int32_t d = day_from_ymd(first, 1, 1); d <= day_from_ymd(last, 12, 31); d++)
			printf("%s %d\n", iso(d), calendar_is_workday(f->cal, d));
		return close_calendar((void **)&f);
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(make_up_days_work_and_holidays_rest),
		cmocka_unit_test(the_later_years_file_decides_december),
		cmocka_unit_test(the_2020_festival_was_prolonged_and_its_make_up_day_cancelled),
		cmocka_unit_test(a_year_has_the_known_number_of_workdays),
		cmocka_unit_test(workdays_leave_out_the_first_day_and_take_the_last),
		cmocka_unit_test(ninety_days_are_natural_days),
		cmocka_unit_test(fifteen_days_roll_off_the_spring_festival),
		cmocka_unit_test(a_make_up_saturday_ends_a_period_without_rolling),
		cmocka_unit_test(seven_workdays_skip_holidays_and_take_make_up_days),
		cmocka_unit_test(workdays_before_an_event_count_back_from_it),
		cmocka_unit_test(months_end_on_the_same_day_or_the_last),
		cmocka_unit_test(hours_run_from_the_moment_and_never_roll),
		cmocka_unit_test(unknown_and_absurd_input_gives_no_date),
		cmocka_unit_test(arrays_agree_with_counting_day_by_day),
		cmocka_unit_test(ten_million_deadlines_take_well_under_a_second),
		cmocka_unit_test(years_without_a_file_are_provisional),
		cmocka_unit_test(a_rolled_clock_names_the_rest_days),
		cmocka_unit_test(the_last_lawful_day_is_not_overdue_and_the_next_is),
		cmocka_unit_test(pauses_are_taken_once_and_only_inside_the_period),
		cmocka_unit_test(a_pause_on_the_last_day_still_counts),
		cmocka_unit_test(a_pause_takes_only_workdays_from_a_workday_period),
		cmocka_unit_test(an_open_pause_stops_the_clock),
		cmocka_unit_test(extensions_add_before_the_end_rolls),
		cmocka_unit_test(a_due_date_in_2027_is_provisional_and_says_so),
		cmocka_unit_test(natural_days_need_no_holiday_file_but_at_their_end),
		cmocka_unit_test(bad_requests_are_refused_in_words),
		cmocka_unit_test(each_law_counts_its_own_way),
		cmocka_unit_test(evidence_hold_is_seven_workdays_not_thirty_days),
		cmocka_unit_test(inspection_approval_has_no_hours_and_measures_have_24),
		cmocka_unit_test(payment_starts_on_receipt),
		cmocka_unit_test(every_period_counts_or_says_why_not),
		cmocka_unit_test(the_command_takes_a_law_or_a_period),
		cmocka_unit_test(the_command_pauses_and_extends),
		cmocka_unit_test(the_command_counts_hours),
		cmocka_unit_test(the_command_refuses_in_words),
		cmocka_unit_test(a_profile_adds_regional_holidays_for_its_region_only),
		cmocka_unit_test(a_profile_file_for_2027_ends_the_provision),
		cmocka_unit_test(broken_files_are_refused_with_their_place),
		cmocka_unit_test(a_clock_survives_any_single_allocation_failure),
	};

	return cmocka_run_group_tests(tests, open_calendar, close_calendar);
}
