/* `xiezhi clock` and GET /api/clock: from words as typed to a clock request. A period of the table, a law that says what its “日” means, or
 * plain numbers; what was typed differently from the table is never called statutory. */
#include "calendar/calendar_private.h"

/** "30", "30day", "10个工作日", "30=检测" → number, unit (default `unit`), reason. */
static bool parse_extension(struct str s, enum period_unit unit, struct clock_extension *ret)
{
	ptrdiff_t equals = str_find(s, STR("="));
	size_t digits = 0;

	*ret = (struct clock_extension){ .unit = unit };
	if (equals >= 0) {
		ret->why = str_trim(str_sub(s, (size_t)equals + 1, s.len));
		s = str_sub(s, 0, (size_t)equals);
	}
	s = str_trim(s);
	while (digits < s.len && s.ptr[digits] >= '0' && s.ptr[digits] <= '9')
		digits++;
	struct str word = str_trim(str_sub(s, digits, s.len));
	return str_to_i64(str_sub(s, 0, digits), &ret->n) && (word.len == 0 || period_unit_parse(word, &ret->unit));
}

static bool parse_pause(struct str s, struct clock_pause *ret)
{
	ptrdiff_t equals = str_find(s, STR("="));

	*ret = (struct clock_pause){ 0 };
	if (equals >= 0) {
		ret->why = str_trim(str_sub(s, (size_t)equals + 1, s.len));
		s = str_sub(s, 0, (size_t)equals);
	}
	return day_range_parse(str_trim(s), &ret->from, &ret->to) && ret->from != DAY_NONE;
}

static enum err_code option_start(const struct clock_options *o, struct clock_request *r, struct err *err)
{
	struct str s = str_trim(o->start);

	if (day_parse(s, &r->start_on))
		return ERR_OK;
	if (!civil_parse(s, &r->start_at))
		return err_set(err, ERR_INPUT, "起算日“%.*s”不是日期；应写作 2026-02-14，按小时的写作 2026-02-14T09:30", STR_ARG(o->start));
	r->start_on = (int32_t)(r->start_at / 86400 - (r->start_at % 86400 < 0));
	return ERR_OK;
}

static enum err_code option_length(const struct clock_options *o, struct clock_request *r, bool *ret_given, struct err *err)
{
	*ret_given = o->length.len > 0;
	if (*ret_given && !str_to_i64(str_trim(o->length), &r->length))
		return err_set(err, ERR_INPUT, "期限长度“%.*s”不是整数", STR_ARG(o->length));
	if (o->unit.len > 0 && !period_unit_parse(str_trim(o->unit), &r->unit))
		return err_set(
			err, ERR_INPUT, "单位“%.*s”不认识；可用 day 日、workday 工作日、month 月、year 年、hour 小时", STR_ARG(o->unit));
	return ERR_OK;
}

/** --law as the name of a law: “日” is counted as that law says; 自然日 and 工作日 are taken as written. */
static enum err_code option_law(
	const struct calendar *cal, const struct clock_options *o, struct arena *mem, struct clock_request *r, struct err *err)
{
	struct str rest;
	const struct counting_rule *rule = counting_find(cal, str_trim(o->law), &rest);
	struct period_basis *basis;
	struct str law, article;

	if (!rule) {
		const struct period *unused;
		return period_need(cal, o->law, &unused, err);
	}
	if (str_starts(rest, STR("第")))
		rest = str_sub(rest, STR("第").len, rest.len);
	if (str_ends(rest, STR("条")))
		rest = str_sub(rest, 0, rest.len - STR("条").len);
	basis = ARENA_NEW(mem, struct period_basis, 2);
	if (!basis)
		return err_nomem(err);
	if (rest.len > 0)
		basis[r->basis_count++] = (struct period_basis){ .law = rule->law, .article = rest };
	bool explicit_days = str_eq(o->unit, STR("自然日")) || str_eq(o->unit, STR("ND"));
	if (r->unit == UNIT_DAY && !explicit_days) {
		TRY(period_unit_of_law(cal, rule->law, r->length, mem, &r->unit, &law, &article, &r->unit_note, err));
		if (article.len > 0)
			basis[r->basis_count++] = (struct period_basis){ .law = law, .article = article };
	}
	if (r->basis_count == 0)
		basis[r->basis_count++] = (struct period_basis){ .law = rule->law, .article = STR("") };
	r->basis = basis;
	r->kind = PERIOD_STATUTORY;
	r->label = str_printf(mem, "%.*s期限", STR_ARG(rule->law));
	return r->label.ptr ? ERR_OK : err_nomem(err);
}

/** What was counted, how long and in what unit: from the words, the period table, or both. */
static enum err_code option_period(
	const struct calendar *cal, const struct clock_options *o, struct arena *mem, struct clock_request *r, struct err *err)
{
	const struct period *p = o->law.len > 0 ? period_find(cal, str_trim(o->law)) : NULL;
	struct clock_request typed = CLOCK_REQUEST;
	bool given;

	TRY(option_start(o, &typed, err));
	TRY(option_length(o, &typed, &given, err));
	if (!p) {
		if (!given || o->unit.len == 0)
			return err_set(
				err, ERR_INPUT, "须给出期限长度和单位，如 90 day；或用 --law 给出期限表里的期限，如 --law pen_decision");
		*r = typed;
		r->kind = PERIOD_MANAGERIAL;
		r->label = STR("自定期限");
		return o->law.len > 0 ? option_law(cal, o, mem, r, err) : ERR_OK;
	}
	if (p->has_length)
		TRY(period_request(p, typed.start_on, r, err));
	else if (!given)
		return period_request(p, typed.start_on, r, err);
	else
		*r = (struct clock_request){ .id = p->id,
			.label = p->title,
			.kind = PERIOD_MANAGERIAL,
			.basis = p->basis,
			.basis_count = p->basis_count,
			.start_on = typed.start_on,
			.today = DAY_NONE,
			.ended_on = DAY_NONE };
	r->start_at = typed.start_at;
	if (given) {
		bool other = !p->has_length || typed.length != p->length || (o->unit.len > 0 && typed.unit != p->unit);
		r->length = typed.length;
		r->unit = o->unit.len > 0 ? typed.unit : r->unit;
		if (other)
			r->kind = PERIOD_MANAGERIAL; /* what was typed is not what the table holds */
		if (other && p->has_length)
			r->unit_note = str_printf(mem, "期限表里“%.*s”为 %lld %s；以下按输入的长度计算，不是法定期限。", STR_ARG(p->title),
				(long long)p->length, period_unit_title(p->unit));
	}
	if (p->evidence == PERIOD_UNVERIFIED)
		r->unit_note = STR("本期限的依据未核实，只供参考，不得作为法律依据。");
	return ERR_OK;
}

static enum err_code option_rollover(const struct clock_options *o, struct clock_request *r, struct err *err)
{
	static const struct {
		const char *word;
		enum clock_roll roll;
	} words[] = { { "yes", CLOCK_ROLL_YES }, { "true", CLOCK_ROLL_YES }, { "1", CLOCK_ROLL_YES }, { "no", CLOCK_ROLL_NO },
		{ "false", CLOCK_ROLL_NO }, { "0", CLOCK_ROLL_NO } };

	if (o->rollover.len == 0)
		return ERR_OK;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_eq(o->rollover, str_of(words[i].word))) {
			r->rollover = words[i].roll;
			return ERR_OK;
		}
	}
	return err_set(err, ERR_INPUT, "rollover 应为 yes 或 no");
}

enum err_code clock_from_options(
	const struct calendar *cal, const struct clock_options *o, struct arena *mem, struct clock *ret, struct err *err)
{
	struct clock_request r;
	struct clock_pause *pauses = ARENA_NEW(mem, struct clock_pause, o->pause_count + 1);
	struct clock_extension *extensions = ARENA_NEW(mem, struct clock_extension, o->extension_count + 1);

	if (!pauses || !extensions)
		return err_nomem(err);
	TRY(option_period(cal, o, mem, &r, err));
	TRY(option_rollover(o, &r, err));
	for (size_t i = 0; i < o->pause_count; i++) {
		if (!parse_pause(o->pauses[i], &pauses[i]))
			return err_set(err, ERR_INPUT, "扣除期间“%.*s”应写作 2026-02-01..2026-02-10，可加事由：2026-02-01..2026-02-10=检测",
				STR_ARG(o->pauses[i]));
	}
	for (size_t i = 0; i < o->extension_count; i++) {
		if (!parse_extension(o->extensions[i], r.unit, &extensions[i]))
			return err_set(err, ERR_INPUT, "延长“%.*s”应写作 30、30day 或 10workday，可加事由：30=负责人批准",
				STR_ARG(o->extensions[i]));
	}
	r.pauses = pauses;
	r.pause_count = o->pause_count;
	r.extensions = extensions;
	r.extension_count = o->extension_count;
	r.today = o->today;
	return clock_count(cal, &r, mem, ret, err);
}

enum err_code clock_main(
	const struct calendar *cal, const struct clock_options *o, bool as_json, struct arena *mem, struct buf *out, struct err *err)
{
	struct clock c;
	struct json j;

	TRY(clock_from_options(cal, o, mem, &c, err));
	if (as_json) {
		json_init(&j, out);
		clock_json(&c, &j);
		buf_putc(out, '\n');
	} else {
		clock_text(&c, out);
	}
	return out->failed ? err_nomem(err) : ERR_OK;
}
