/* The explained clock: counts once, in the order start → extensions → pauses → roll-over, and writes down a Chinese sentence at each
 * point where the date changed or could have. The sentences are made from the same values as the result, never from a template of
 * what usually happens. */
#include "calendar/calendar_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define STEPS_MAX 48
#define DAYS_LISTED_MAX 400
#define LENGTH_MAX 100000

/** Work in progress. The first failed allocation is remembered and told once at the end. */
struct counting {
	const struct calendar *cal;
	struct arena *mem;
	struct clock *c;
	const struct counting_rule *law; /* of the first basis, NULL when unknown */
	size_t holiday_cap, makeup_cap;
	bool failed;
};

static const struct {
	const char *slug, *title;
} states[CLOCK_STATE_COUNT] = {
	[CLOCK_RUNNING] = { "running", "进行中" },
	[CLOCK_PAUSED] = { "paused", "已中止计算" },
	[CLOCK_DONE] = { "done", "已办结" },
	[CLOCK_OVERDUE] = { "overdue", "已逾期" },
};

const char *clock_state_slug(enum clock_state s)
{
	assert(s < CLOCK_STATE_COUNT);
	return states[s].slug;
}

const char *clock_state_title(enum clock_state s)
{
	assert(s < CLOCK_STATE_COUNT);
	return states[s].title;
}

/* ---- words ---- */

/** "2026-02-24（星期二）" */
static const char *day_words(int32_t day, char out[static 40])
{
	static const char *const weekdays[7] = { "一", "二", "三", "四", "五", "六", "日" };
	char iso[11];

	day_format(day, iso);
	snprintf(out, 40, "%s（星期%s）", iso, weekdays[day_weekday(day)]);
	return out;
}

__attribute__((format(printf, 2, 3))) static void step(struct counting *k, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	if (k->c->step_count >= STEPS_MAX)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	struct str s = str_dup(k->mem, str_of(text));
	if (!s.ptr) {
		k->failed = true;
		return;
	}
	k->c->steps[k->c->step_count++] = s;
}

static void list_day(struct counting *k, struct clock_day **list, size_t *count, int32_t on, struct str name)
{
	if (!*list)
		*list = ARENA_NEW(k->mem, struct clock_day, DAYS_LISTED_MAX);
	if (!*list) {
		k->failed = true;
		return;
	}
	if (*count < DAYS_LISTED_MAX)
		(*list)[(*count)++] = (struct clock_day){ .on = on, .name = name };
}

/** Notes every declared day off and make-up workday in [from, to]; plain weekend days too when `weekends`. */
static void list_days(struct counting *k, int32_t from, int32_t to, bool weekends)
{
	struct clock *c = k->c;

	for (int32_t day = from; day <= to; day++) {
		struct str off = calendar_off_name(k->cal, day), makeup = calendar_makeup_name(k->cal, day);
		if (off.len > 0)
			list_day(k, &c->holidays, &c->holiday_count, day, off);
		else if (makeup.len > 0)
			list_day(k, &c->makeup_days, &c->makeup_count, day, makeup);
		else if (weekends && day_weekday(day) >= 5)
			list_day(k, &c->holidays, &c->holiday_count, day, day_weekday(day) == 5 ? STR("周六") : STR("周日"));
	}
}

/** "春节 2026-02-15 至 2026-02-23" for each run of the same name, joined by 、; at most eight runs. */
static void name_runs(const struct clock_day *days, size_t count, struct buf *out)
{
	int runs = 0;

	for (size_t i = 0; i < count;) {
		size_t last = i;
		char a[11], b[11];
		while (last + 1 < count && days[last + 1].on == days[last].on + 1 && str_eq(days[last + 1].name, days[i].name))
			last++;
		day_format(days[i].on, a);
		day_format(days[last].on, b);
		if (runs++ == 8) {
			buf_puts(out, " 等");
			return;
		}
		buf_puts(out, runs > 1 ? "、" : "");
		if (last == i)
			buf_printf(out, "%.*s %s", STR_ARG(days[i].name), a);
		else
			buf_printf(out, "%.*s %s 至 %s", STR_ARG(days[i].name), a, b);
		i = last + 1;
	}
}

/* ---- checking and copying the request ---- */

static enum err_code check_request(const struct clock_request *r, struct err *err)
{
	if (r->start_on == DAY_NONE && r->start_at == CIVIL_NONE)
		return err_set(err, ERR_INPUT, "缺少起算日");
	if (r->unit >= UNIT_COUNT || r->length == 0 || r->length > LENGTH_MAX || r->length < -LENGTH_MAX)
		return err_set(err, ERR_INPUT, "期限长度应为 1 至 %d 之间的整数（倒推的写负数）", LENGTH_MAX);
	if (r->pause_count > CLOCK_PARTS_MAX || r->extension_count > CLOCK_PARTS_MAX)
		return err_set(err, ERR_LIMIT, "扣除期间和延长各不超过 %d 项", CLOCK_PARTS_MAX);
	if (r->length < 0 && (r->pause_count > 0 || r->extension_count > 0))
		return err_set(err, ERR_INPUT, "倒推的期限不能扣除或延长");
	if (r->unit == UNIT_HOUR && r->pause_count > 0)
		return err_set(err, ERR_INPUT, "按小时计算的期限不能扣除期间");
	for (size_t i = 0; i < r->extension_count; i++) {
		if (r->extensions[i].n <= 0 || r->extensions[i].n > LENGTH_MAX)
			return err_set(err, ERR_INPUT, "延长的长度应为 1 至 %d", LENGTH_MAX);
		if ((r->extensions[i].unit == UNIT_HOUR) != (r->unit == UNIT_HOUR))
			return err_set(err, ERR_INPUT, "小时期限只能按小时延长，其他期限不能按小时延长");
	}
	for (size_t i = 0; i < r->pause_count; i++) {
		if (r->pauses[i].from == DAY_NONE)
			return err_set(err, ERR_INPUT, "第 %zu 段扣除期间缺少开始日期", i + 1);
		if (r->pauses[i].to != DAY_NONE && r->pauses[i].to < r->pauses[i].from)
			return err_set(err, ERR_INPUT, "第 %zu 段扣除期间的结束早于开始", i + 1);
		if (r->pauses[i].to == DAY_NONE && r->today == DAY_NONE)
			return err_set(err, ERR_INPUT, "第 %zu 段扣除期间尚未结束，须给出今天的日期", i + 1);
	}
	return ERR_OK;
}

static int pause_order(const void *a, const void *b)
{
	const struct clock_pause *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

/** Last day of a pause that counts now: an open one runs to `today`. */
static int32_t pause_end(const struct clock_pause *p, int32_t today)
{
	if (p->to != DAY_NONE)
		return p->to;
	return today > p->from ? today : p->from;
}

/** Sorted copy with overlaps merged, so that no day is taken off twice. An open pause stays open. */
static enum err_code merge_pauses(struct clock_request *r, struct arena *mem, struct err *err)
{
	struct clock_pause *merged;
	size_t count = 0;

	if (r->pause_count == 0)
		return ERR_OK;
	merged = ARENA_NEW(mem, struct clock_pause, r->pause_count);
	if (!merged)
		return err_nomem(err);
	memcpy(merged, r->pauses, r->pause_count * sizeof(*merged));
	qsort(merged, r->pause_count, sizeof(*merged), pause_order);
	for (size_t i = 0; i < r->pause_count; i++) {
		struct clock_pause *last = count > 0 ? &merged[count - 1] : NULL;
		if (!last || merged[i].from > pause_end(last, r->today)) {
			merged[count++] = merged[i];
			continue;
		}
		if (merged[i].to == DAY_NONE || last->to == DAY_NONE)
			last->to = DAY_NONE;
		else if (merged[i].to > last->to)
			last->to = merged[i].to;
		if (merged[i].why.len > 0 && !str_eq(merged[i].why, last->why))
			last->why = last->why.len == 0 ? merged[i].why
			                               : str_printf(mem, "%.*s；%.*s", STR_ARG(last->why), STR_ARG(merged[i].why));
	}
	r->pauses = merged;
	r->pause_count = count;
	return ERR_OK;
}

/* ---- counting ---- */

static void step_start(struct counting *k)
{
	const struct clock_request *r = &k->c->request;
	char day[40], next[40], at[20];

	if (r->unit == UNIT_HOUR) {
		civil_format(r->start_at, at);
		step(k, "按小时计算的期间自规定的时间 %s 起算（民法典201条2款）。", at);
	} else if (r->length > 0) {
		step(k, "%s 为开始之日，当日不计入，自 %s 起算（民法典201条1款）。", day_words(r->start_on, day),
			day_words(r->start_on + 1, next));
	} else {
		step(k, "自 %s 往前倒推，当日不计入。", day_words(r->start_on, day));
	}
	if (r->unit_note.len > 0)
		step(k, "%.*s", STR_ARG(r->unit_note));
}

static void step_extensions(struct counting *k)
{
	const struct clock_request *r = &k->c->request;

	for (size_t i = 0; i < r->extension_count; i++) {
		const struct clock_extension *e = &r->extensions[i];
		step(k, "延长 %lld %s%s%.*s。", (long long)e->n, period_unit_title(e->unit), e->why.len > 0 ? "：" : "", STR_ARG(e->why));
	}
}

static void step_workdays(struct counting *k, int32_t from, int32_t to, int64_t n, const char *direction)
{
	struct clock *c = k->c;
	CLEANUP(buf_clear) struct buf names = { 0 };
	char day[40];

	buf_init(&names, 4096);
	list_days(k, from, to, false);
	name_runs(c->holidays, c->holiday_count, &names);
	if (names.len > 0)
		step(k, "期间内的放假日不计：%.*s。", STR_ARG(buf_str(&names)));
	buf_reset(&names);
	name_runs(c->makeup_days, c->makeup_count, &names);
	if (names.len > 0)
		step(k, "期间内的调休上班日计入：%.*s。", STR_ARG(buf_str(&names)));
	step(k, "只数工作日，%s第 %lld 个工作日是 %s。", direction, (long long)n, day_words(c->due_plain, day));
	k->failed = k->failed || names.failed;
}

static void step_plain(struct counting *k, int64_t n)
{
	struct clock *c = k->c;
	enum period_unit unit = c->request.unit;
	char day[40];

	if (unit == UNIT_DAY) {
		step(k, "自然日连续计算，%s第 %lld 日是 %s。", n < 0 ? "往前" : "", (long long)(n < 0 ? -n : n),
			day_words(c->due_plain, day));
		return;
	}
	bool clamped = day_to_ymd(c->due_plain).day != day_to_ymd(c->request.start_on).day;
	step(k, "%lld %s%s，到期月的%s为最后一日：%s（民法典202条）。", (long long)(n < 0 ? -n : n), period_unit_title(unit),
		n < 0 ? "之前" : "", clamped ? "没有对应日，月末日" : "对应日", day_words(c->due_plain, day));
}

/** Length and extensions in the same unit are one sum (one month and one month from 31 January is 31 March, not 28). */
static enum err_code count_length(struct counting *k, struct err *err)
{
	struct clock *c = k->c;
	const struct clock_request *r = &c->request;
	int64_t n = r->length;

	for (size_t i = 0; i < r->extension_count; i++)
		n += r->extensions[i].unit == r->unit ? r->extensions[i].n : 0;
	c->due_plain = calendar_deadline(k->cal, r->start_on, n, r->unit, false);
	if (c->due_plain == DAY_NONE)
		return err_set(err, ERR_INPUT, "到期日超出可计算的年份");
	if (r->unit == UNIT_WORKDAY && n > 0)
		step_workdays(k, r->start_on + 1, c->due_plain, n, "");
	else if (r->unit == UNIT_WORKDAY)
		step_workdays(k, c->due_plain, r->start_on - 1, -n, "往前");
	else
		step_plain(k, n);
	for (size_t i = 0; i < r->extension_count; i++) {
		char day[40];
		if (r->extensions[i].unit == r->unit)
			continue;
		c->due_plain = calendar_deadline(k->cal, c->due_plain, r->extensions[i].n, r->extensions[i].unit, false);
		if (c->due_plain == DAY_NONE)
			return err_set(err, ERR_INPUT, "到期日超出可计算的年份");
		step(k, "加上延长的 %lld %s，为 %s。", (long long)r->extensions[i].n, period_unit_title(r->extensions[i].unit),
			day_words(c->due_plain, day));
	}
	return ERR_OK;
}

/** Each pause that touches the running period moves its end by the days it takes from it. */
static enum err_code count_pauses(struct counting *k, struct err *err)
{
	struct clock *c = k->c;
	const struct clock_request *r = &c->request;

	for (size_t i = 0; i < r->pause_count; i++) {
		const struct clock_pause *p = &r->pauses[i];
		int32_t from = p->from > r->start_on ? p->from : r->start_on + 1;
		int32_t to = pause_end(p, r->today);
		char a[11], b[11], due[40];
		int64_t taken;
		day_format(p->from, a);
		day_format(to, b);
		if (to < from || from > c->due_plain) {
			step(k, "扣除期间 %s 至 %s 不在期限之内，不影响到期日。", a, b);
			continue;
		}
		int32_t before = c->due_plain;
		taken = r->unit == UNIT_WORKDAY ? workday_index(k->cal, to) - workday_index(k->cal, from - 1) : (int64_t)to - from + 1;
		c->due_plain = calendar_deadline(k->cal, before, taken, r->unit == UNIT_WORKDAY ? UNIT_WORKDAY : UNIT_DAY, false);
		if (c->due_plain == DAY_NONE)
			return err_set(err, ERR_INPUT, "到期日超出可计算的年份");
		if (r->unit == UNIT_WORKDAY)
			list_days(k, before + 1, c->due_plain, false);
		step(k, "扣除 %s 至 %s%s（含首尾，共 %lld %s）%s%.*s，到期日移至 %s。", a, b,
			p->to == DAY_NONE ? "（尚未结束，暂算至今天）" : "", (long long)taken, r->unit == UNIT_WORKDAY ? "个工作日" : "日",
			p->why.len > 0 ? "，事由：" : "", STR_ARG(p->why), day_words(c->due_plain, due));
	}
	return ERR_OK;
}

static bool does_roll(const struct clock_request *r)
{
	if (r->unit == UNIT_HOUR || r->unit == UNIT_WORKDAY || r->length < 0)
		return false;
	return r->rollover != CLOCK_ROLL_NO;
}

static void count_roll(struct counting *k)
{
	struct clock *c = k->c;
	CLEANUP(buf_clear) struct buf names = { 0 };
	char due[40], plain[40];

	c->due_on = c->due_plain;
	if (c->request.unit == UNIT_HOUR) {
		step(k, "按小时计算的期间不因休息日顺延。");
		return;
	}
	if (c->request.unit == UNIT_WORKDAY)
		return;
	if (!does_roll(&c->request)) {
		step(k, c->request.length < 0 ? "倒推的期限不顺延。" : "本期限不按休息日顺延。");
		return;
	}
	c->due_on = calendar_roll(k->cal, c->due_plain);
	c->rolled = c->due_on != c->due_plain;
	if (!c->rolled) {
		step(k, "%s 是工作日，末日不顺延。", day_words(c->due_plain, due));
		return;
	}
	list_days(k, c->due_plain, c->due_on, true);
	buf_init(&names, 4096);
	name_runs(c->holidays, c->holiday_count, &names);
	step(k, "末日 %s 是休息日（%.*s），顺延至休息日结束的次日 %s（民法典203条1款）。", day_words(c->due_plain, plain),
		STR_ARG(buf_str(&names)), day_words(c->due_on, due));
	if (k->law && k->law->roll.len > 0)
		step(k, "%.*s。", STR_ARG(k->law->roll));
	k->failed = k->failed || names.failed;
}

static enum err_code count_hours(struct counting *k, struct err *err)
{
	struct clock *c = k->c;
	int64_t hours = c->request.length;
	char at[20];

	for (size_t i = 0; i < c->request.extension_count; i++)
		hours += c->request.extensions[i].n;
	c->due_at = calendar_add_hours(c->request.start_at, hours);
	int64_t day = c->due_at / 86400 - (c->due_at % 86400 < 0);
	if (c->due_at == CIVIL_NONE || day < day_from_ymd(1, 1, 1) || day > day_from_ymd(9999, 12, 31))
		return err_set(err, ERR_INPUT, "到期时间超出可计算的年份");
	c->due_plain = (int32_t)day;
	civil_format(c->due_at, at);
	step(k, "%lld 小时%s是 %s。", (long long)(hours < 0 ? -hours : hours), hours < 0 ? "之前" : "之后", at);
	return ERR_OK;
}

/** Days whose status as workdays decided the result. */
static void mark_provisional(struct counting *k)
{
	struct clock *c = k->c;
	int32_t from = c->due_plain, to = c->due_on;
	int first, last;

	if (c->request.unit == UNIT_HOUR)
		return;
	if (c->request.unit == UNIT_WORKDAY) {
		from = c->request.length > 0 ? c->request.start_on + 1 : c->due_plain;
		to = c->request.length > 0 ? c->due_on : c->request.start_on - 1;
	} else if (!does_roll(&c->request)) {
		return;
	}
	c->provisional = calendar_is_provisional(k->cal, from, to);
	if (!c->provisional)
		return;
	calendar_years(k->cal, &first, &last);
	step(k, "需要的年份没有国务院办公厅的放假安排（日历有 %d—%d 年），该部分只按周末推算；安排公布后须重算。", first, last);
}

static void tell_state(struct counting *k)
{
	struct clock *c = k->c;
	const struct clock_request *r = &c->request;
	int32_t at = r->ended_on != DAY_NONE ? r->ended_on : r->today;

	c->remind_on = calendar_deadline(k->cal, c->due_plain, -CLOCK_REMIND_WORKDAYS, UNIT_WORKDAY, false);
	if (at != DAY_NONE) {
		c->has_days_left = true;
		c->days_left = (int64_t)c->due_on - at;
	}
	c->state = CLOCK_RUNNING;
	if (r->ended_on != DAY_NONE)
		c->state = CLOCK_DONE;
	else if (r->pause_count > 0 && r->pauses[r->pause_count - 1].to == DAY_NONE && r->pauses[r->pause_count - 1].from <= r->today)
		c->state = CLOCK_PAUSED;
	else if (r->today != DAY_NONE && r->today > c->due_on)
		c->state = CLOCK_OVERDUE;
}

enum err_code clock_count(
	const struct calendar *cal, const struct clock_request *req, struct arena *mem, struct clock *ret, struct err *err)
{
	struct clock c = { .request = *req, .due_plain = DAY_NONE, .due_on = DAY_NONE, .due_at = CIVIL_NONE, .remind_on = DAY_NONE };
	struct counting k = { .cal = cal, .mem = mem, .c = &c };

	TRY(check_request(req, err));
	TRY(merge_pauses(&c.request, mem, err));
	c.steps = ARENA_NEW(mem, struct str, STEPS_MAX);
	if (!c.steps)
		return err_nomem(err);
	if (c.request.start_at == CIVIL_NONE)
		c.request.start_at = (int64_t)c.request.start_on * 86400;
	if (c.request.start_on == DAY_NONE)
		c.request.start_on = (int32_t)(c.request.start_at / 86400 - (c.request.start_at % 86400 < 0));
	if (c.request.basis_count > 0)
		k.law = counting_find(cal, c.request.basis[0].law, NULL);
	c.calendar_version = calendar_version(cal);
	step_start(&k);
	step_extensions(&k);
	if (c.request.unit == UNIT_HOUR) {
		TRY(count_hours(&k, err));
	} else {
		TRY(count_length(&k, err));
		TRY(count_pauses(&k, err));
	}
	count_roll(&k);
	mark_provisional(&k);
	tell_state(&k);
	if (k.failed)
		return err_nomem(err);
	*ret = c;
	return ERR_OK;
}

/* ---- writing ---- */

static void days_json(struct json *j, const char *key, const struct clock_day *days, size_t count)
{
	json_key(j, key);
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		json_obj(j);
		json_kday(j, "on", days[i].on);
		json_kstr(j, "name", days[i].name);
		json_obj_end(j);
	}
	json_arr_end(j);
}

static void civil_json(struct json *j, const char *key, int64_t civil_s)
{
	char text[20];

	if (civil_s == CIVIL_NONE) {
		json_knull(j, key);
		return;
	}
	civil_format(civil_s, text);
	json_kputs(j, key, text);
}

static void request_json(const struct clock_request *r, struct json *j)
{
	json_key(j, "id");
	json_str(j, r->id.len > 0 ? r->id : (struct str){ 0 });
	json_kstr(j, "label", r->label.len > 0 ? r->label : STR("期限"));
	json_kputs(j, "kind", period_kind_slug(r->kind));
	json_kputs(j, "kind_title", period_kind_title(r->kind));
	json_key(j, "basis");
	json_arr(j);
	for (size_t i = 0; i < r->basis_count; i++) {
		json_obj(j);
		json_kstr(j, "law", r->basis[i].law);
		json_kstr(j, "article", r->basis[i].article.len > 0 ? r->basis[i].article : STR(""));
		json_obj_end(j);
	}
	json_arr_end(j);
	json_kday(j, "start_on", r->start_on);
	if (r->unit == UNIT_HOUR)
		civil_json(j, "start_at", r->start_at);
	json_ki64(j, "length", r->length);
	json_kputs(j, "unit", period_unit_slug(r->unit));
	json_kputs(j, "unit_title", period_unit_title(r->unit));
	json_key(j, "pauses");
	json_arr(j);
	for (size_t i = 0; i < r->pause_count; i++) {
		json_obj(j);
		json_kday(j, "from", r->pauses[i].from);
		json_kday(j, "to", r->pauses[i].to);
		json_kstr(j, "why", r->pauses[i].why.len > 0 ? r->pauses[i].why : STR(""));
		json_obj_end(j);
	}
	json_arr_end(j);
	json_key(j, "extensions");
	json_arr(j);
	for (size_t i = 0; i < r->extension_count; i++) {
		json_obj(j);
		json_ki64(j, "n", r->extensions[i].n);
		json_kputs(j, "unit", period_unit_slug(r->extensions[i].unit));
		json_kstr(j, "why", r->extensions[i].why.len > 0 ? r->extensions[i].why : STR(""));
		json_obj_end(j);
	}
	json_arr_end(j);
}

void clock_json(const struct clock *c, struct json *j)
{
	json_obj(j);
	request_json(&c->request, j);
	json_kday(j, "due_plain", c->due_plain);
	json_kday(j, "due_on", c->due_on);
	if (c->request.unit == UNIT_HOUR)
		civil_json(j, "due_at", c->due_at);
	json_kday(j, "remind_on", c->remind_on);
	json_kbool(j, "rolled", c->rolled);
	days_json(j, "holidays", c->holidays, c->holiday_count);
	days_json(j, "makeup_days", c->makeup_days, c->makeup_count);
	json_kbool(j, "provisional", c->provisional);
	json_kstr(j, "calendar_version", c->calendar_version);
	if (c->has_days_left)
		json_ki64(j, "days_left", c->days_left);
	else
		json_knull(j, "days_left");
	json_kday(j, "ended_on", c->request.ended_on);
	json_kputs(j, "state", clock_state_slug(c->state));
	json_key(j, "steps");
	json_arr(j);
	for (size_t i = 0; i < c->step_count; i++)
		json_str(j, c->steps[i]);
	json_arr_end(j);
	json_obj_end(j);
}

/** "64(1)" → 第64条(1); a document without articles is cited by its part: 二 → （二）. */
static void article_text(struct str article, struct buf *out)
{
	size_t digits = 0;

	while (digits < article.len && article.ptr[digits] >= '0' && article.ptr[digits] <= '9')
		digits++;
	if (digits > 0)
		buf_printf(out, "第%.*s条%.*s", (int)digits, article.ptr, STR_ARG(str_sub(article, digits, article.len)));
	else if (article.len > 0)
		buf_printf(out, "（%.*s）", STR_ARG(article));
}

static void basis_text(const struct clock_request *r, struct buf *out)
{
	buf_puts(out, "依据    ");
	for (size_t i = 0; i < r->basis_count; i++) {
		buf_puts(out, i > 0 ? "、" : "");
		buf_put(out, r->basis[i].law);
		article_text(r->basis[i].article, out);
	}
	buf_putc(out, '\n');
}

void clock_text(const struct clock *c, struct buf *out)
{
	const struct clock_request *r = &c->request;
	char day[40], at[20];

	buf_printf(out, "期限    %.*s", STR_ARG(r->label.len > 0 ? r->label : STR("自定期限")));
	if (r->id.len > 0)
		buf_printf(out, "（%.*s）", STR_ARG(r->id));
	buf_printf(out, "，%lld %s\n", (long long)r->length, period_unit_title(r->unit));
	buf_printf(out, "性质    %s\n", period_kind_title(r->kind));
	if (r->basis_count > 0)
		basis_text(r, out);
	buf_printf(out, "起算日  %s\n", day_words(r->start_on, day));
	if (r->unit == UNIT_HOUR) {
		civil_format(c->due_at, at);
		buf_printf(out, "到期    %s\n", at);
	} else {
		buf_printf(out, "到期日  %s%s%s\n", day_words(c->due_on, day), c->rolled ? "，已顺延" : "",
			c->provisional ? "，暂定（缺放假安排）" : "");
	}
	if (c->has_days_left)
		buf_printf(out, "剩余    %lld 日（%s）\n", (long long)c->days_left, clock_state_title(c->state));
	buf_puts(out, "计算\n");
	for (size_t i = 0; i < c->step_count; i++)
		buf_printf(out, "  %zu. %.*s\n", i + 1, STR_ARG(c->steps[i]));
	buf_printf(out, "日历    %.*s\n", STR_ARG(c->calendar_version));
}
