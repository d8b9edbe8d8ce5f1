/* The calendar on the web: counting a period, the table of periods, the days of a year. No database, no personal data. */
#include "calendar/calendar_private.h"
#include "http/http.h"

struct clock_query {
	struct str start, length, unit, law, pause, extend, rollover;
};

static const struct field clock_fields[] = {
	F_STR(struct clock_query, start, .required = true, .max = 20, .label = "起算日，按小时的带时间"),
	F_STR(struct clock_query, length, .max = 8, .label = "长度，倒推为负"),
	F_STR(struct clock_query, unit, .max = 20, .label = "单位：day workday month year hour"),
	F_STR(struct clock_query, law, .max = 100, .label = "期限表的编号，或法律名称"),
	F_STR(struct clock_query, pause, .max = 2000, .label = "扣除期间 A..B，多段用逗号分隔"),
	F_STR(struct clock_query, extend, .max = 2000, .label = "延长，多次用逗号分隔"),
	F_STR(struct clock_query, rollover, .max = 5, .label = "末日顺延：yes 或 no"),
	{ 0 },
};

/** Splits a comma-separated list; false when there are too many parts. */
static bool split(struct str s, struct str parts[static CLOCK_PARTS_MAX], size_t *ret_count)
{
	struct str part;
	size_t count = 0;

	while (s.len > 0 && str_next(&s, ',', &part)) {
		if (count == CLOCK_PARTS_MAX)
			return false;
		if (str_trim(part).len > 0)
			parts[count++] = str_trim(part);
	}
	*ret_count = count;
	return true;
}

static enum err_code clock_get(struct request *req, struct response *res, struct err *err)
{
	const struct clock_query *q = req->query;
	struct clock_options o = {
		.start = q->start, .length = q->length, .unit = q->unit, .law = q->law, .rollover = q->rollover, .today = req->today
	};
	struct clock c;

	if (!split(q->pause, o.pauses, &o.pause_count) || !split(q->extend, o.extensions, &o.extension_count))
		return err_set(err, ERR_INPUT, "扣除期间和延长各不超过 %d 项", CLOCK_PARTS_MAX);
	TRY(clock_from_options(req->app->calendar, &o, req->mem, &c, err));
	clock_json(&c, res->json);
	return ERR_OK;
}

static void period_json(const struct period *p, struct json *j)
{
	json_obj(j);
	json_kstr(j, "id", p->id);
	json_kstr(j, "group", p->group);
	json_kstr(j, "title", p->title);
	json_kstr(j, "from", p->from);
	json_kstr(j, "to", p->to);
	if (p->has_length) {
		json_ki64(j, "length", p->length);
		json_kputs(j, "unit", period_unit_slug(p->unit));
		json_kputs(j, "unit_title", period_unit_title(p->unit));
	} else {
		json_knull(j, "length");
		json_knull(j, "unit");
		json_knull(j, "unit_title");
	}
	json_kbool(j, "rollover", p->rollover);
	json_kputs(j, "kind", period_kind_slug(p->kind));
	json_kputs(j, "kind_title", period_kind_title(p->kind));
	json_kputs(j, "evidence", period_evidence_slug(p->evidence));
	json_kputs(j, "evidence_title", period_evidence_title(p->evidence));
	json_kbool(j, "verified", p->evidence != PERIOD_UNVERIFIED);
	json_key(j, "basis");
	json_arr(j);
	for (size_t i = 0; i < p->basis_count; i++) {
		json_obj(j);
		json_kstr(j, "law", p->basis[i].law);
		json_kstr(j, "article", p->basis[i].article.len > 0 ? p->basis[i].article : STR(""));
		json_obj_end(j);
	}
	json_arr_end(j);
	json_kstr(j, "region", p->region.len > 0 ? p->region : STR(""));
	json_kstr(j, "extension", p->extension.len > 0 ? p->extension : STR(""));
	json_kstr(j, "pause", p->pause.len > 0 ? p->pause : STR(""));
	json_kday(j, "in_force_from", p->in_force_from);
	json_kday(j, "in_force_to", p->in_force_to);
	json_kstr(j, "note", p->note.len > 0 ? p->note : STR(""));
	json_obj_end(j);
}

static enum err_code periods_get(struct request *req, struct response *res, struct err *err)
{
	size_t count;
	const struct period *periods = calendar_periods(req->app->calendar, &count);

	(void)err;
	json_obj(res->json);
	json_key(res->json, "items");
	json_arr(res->json);
	for (size_t i = 0; i < count; i++)
		period_json(&periods[i], res->json);
	json_arr_end(res->json);
	json_kstr(res->json, "calendar_version", calendar_version(req->app->calendar));
	json_obj_end(res->json);
	return ERR_OK;
}

static enum err_code year_get(struct request *req, struct response *res, struct err *err)
{
	const struct calendar *cal = req->app->calendar;
	int64_t year;

	if (!str_to_i64(request_segment(req, "year"), &year) || year < CALENDAR_FIRST_YEAR || year > CALENDAR_LAST_YEAR)
		return err_set(err, ERR_NOT_FOUND, "年份应在 %d 至 %d 之间", CALENDAR_FIRST_YEAR, CALENDAR_LAST_YEAR);
	int32_t first = day_from_ymd((int)year, 1, 1), last = day_from_ymd((int)year, 12, 31);
	json_obj(res->json);
	json_ki64(res->json, "year", year);
	json_kbool(res->json, "known", cal->year_known[year - CALENDAR_FIRST_YEAR]);
	json_kstr(res->json, "calendar_version", cal->version);
	json_key(res->json, "days");
	json_arr(res->json);
	for (int32_t day = first; day <= last; day++) {
		struct str off = calendar_off_name(cal, day), makeup = calendar_makeup_name(cal, day);
		if (off.len == 0 && makeup.len == 0)
			continue;
		json_obj(res->json);
		json_kday(res->json, "on", day);
		json_kstr(res->json, "name", off.len > 0 ? off : makeup);
		json_kbool(res->json, "off", off.len > 0);
		json_obj_end(res->json);
	}
	json_arr_end(res->json);
	json_obj_end(res->json);
	return ERR_OK;
}

static const struct route calendar_rows[] = {
	{ HTTP_GET, "/api/clock", clock_get, .roles = ROLE_SIGNED_IN, .scope = SCOPE_PUBLIC, .summary = "计算期限并说明过程",
		ROUTE_QUERY(struct clock_query, clock_fields), .answers = "Clock" },
	{ HTTP_GET, "/api/periods", periods_get, .roles = ROLE_SIGNED_IN, .scope = SCOPE_PUBLIC, .summary = "期限表",
		.answers = "PeriodList" },
	{ HTTP_GET, "/api/calendar/{year}", year_get, .roles = ROLE_SIGNED_IN, .scope = SCOPE_PUBLIC, .summary = "一年的放假日和调休上班日",
		.answers = "CalendarYear" },
};

const struct route_table calendar_routes = {
	.rows = calendar_rows, .count = sizeof(calendar_rows) / sizeof(calendar_rows[0]), .tag = "calendar"
};
