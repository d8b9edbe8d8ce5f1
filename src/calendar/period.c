/* The table of legal periods: data in calendar/periods.yaml, read once. Nothing here counts; it says what is to be counted and how sure
 * we are of it. */
#include "calendar/calendar_private.h"

#include <assert.h>

#define PERIOD_LENGTH_MAX 100000

static const struct {
	const char *slug, *title;
} kinds[PERIOD_KIND_COUNT] = {
	[PERIOD_STATUTORY] = { "statutory", "法定" },
	[PERIOD_LOCAL] = { "local", "地方规定" },
	[PERIOD_MANAGERIAL] = { "managerial", "管理参数（非法定）" },
};

static const struct {
	const char *slug, *title;
} evidences[PERIOD_EVIDENCE_COUNT] = {
	[PERIOD_SEEN] = { "seen", "条文已见" },
	[PERIOD_QUOTED] = { "quoted", "据权威转述" },
	[PERIOD_UNVERIFIED] = { "unverified", "未核实" },
};

const char *period_kind_slug(enum period_kind kind)
{
	assert(kind < PERIOD_KIND_COUNT);
	return kinds[kind].slug;
}

const char *period_kind_title(enum period_kind kind)
{
	assert(kind < PERIOD_KIND_COUNT);
	return kinds[kind].title;
}

const char *period_evidence_slug(enum period_evidence e)
{
	assert(e < PERIOD_EVIDENCE_COUNT);
	return evidences[e].slug;
}

const char *period_evidence_title(enum period_evidence e)
{
	assert(e < PERIOD_EVIDENCE_COUNT);
	return evidences[e].title;
}

static enum err_code read_kind(const struct yaml *row, enum period_kind *ret, struct err *err)
{
	struct str word = yaml_text(row, "kind");

	*ret = PERIOD_STATUTORY;
	if (word.len == 0)
		return ERR_OK;
	for (int i = 0; i < PERIOD_KIND_COUNT; i++) {
		if (str_eq(word, str_of(kinds[i].slug))) {
			*ret = (enum period_kind)i;
			return ERR_OK;
		}
	}
	return yaml_fail(err, ERR_INPUT, yaml_get(row, "kind"), "kind 应为 statutory、local 或 managerial");
}

static enum err_code read_evidence(const struct yaml *row, enum period_evidence *ret, struct err *err)
{
	struct str word = yaml_text(row, "evidence");

	for (int i = 0; i < PERIOD_EVIDENCE_COUNT; i++) {
		if (str_eq(word, str_of(evidences[i].slug))) {
			*ret = (enum period_evidence)i;
			return ERR_OK;
		}
	}
	return yaml_fail(err, ERR_INPUT, row, "evidence 必须写明：seen（条文已见）、quoted（据转述）或 unverified（未核实）");
}

/** basis: ["行政处罚法 60", …]: the law's name, a space, the article. */
static enum err_code read_basis(const struct yaml *row, struct arena *mem, struct period *p, struct err *err)
{
	const struct yaml *list = yaml_get(row, "basis");

	if (yaml_is_null(list))
		return ERR_OK;
	if (list->kind != YAML_SEQ)
		return yaml_fail(err, ERR_INPUT, list, "basis 应为列表，如 [\"行政处罚法 60\"]");
	struct period_basis *basis = ARENA_NEW(mem, struct period_basis, list->count);
	if (!basis && list->count > 0)
		return err_nomem(err);
	for (size_t i = 0; i < list->count; i++) {
		struct str rest = list->values[i]->text;
		if (list->values[i]->kind != YAML_SCALAR || !str_next(&rest, ' ', &basis[i].law) || basis[i].law.len == 0)
			return yaml_fail(err, ERR_INPUT, list->values[i], "应写作“法名 条号”");
		basis[i].article = str_trim(rest);
	}
	p->basis = basis;
	p->basis_count = list->count;
	return ERR_OK;
}

static enum err_code read_length(const struct yaml *row, struct period *p, struct err *err)
{
	if (!yaml_get(row, "length"))
		return ERR_OK;
	TRY(yaml_i64(row, "length", 0, &p->length, err));
	if (p->length == 0 || p->length > PERIOD_LENGTH_MAX || p->length < -PERIOD_LENGTH_MAX)
		return yaml_fail(err, ERR_INPUT, yaml_get(row, "length"), "length 应为非零整数");
	if (!period_unit_parse(yaml_text(row, "unit"), &p->unit))
		return yaml_fail(err, ERR_INPUT, row, "unit 应为 day、workday、month、year 或 hour");
	p->has_length = true;
	return ERR_OK;
}

static enum err_code read_period(const struct yaml *row, struct str group, struct arena *mem, struct period *p, struct err *err)
{
	if (row->kind != YAML_MAP)
		return yaml_fail(err, ERR_INPUT, row, "每个期限是一个映射");
	TRY(yaml_only(
		row, "id|title|from|to|length|unit|rollover|kind|evidence|basis|region|extension|extension_max|pause|in_force|note", err));
	p->group = group;
	p->id = yaml_text(row, "id");
	p->title = yaml_text(row, "title");
	p->from = yaml_text(row, "from");
	p->to = yaml_text(row, "to");
	p->region = yaml_text(row, "region");
	p->extension = yaml_text(row, "extension");
	p->pause = yaml_text(row, "pause");
	p->note = yaml_text(row, "note");
	p->in_force_from = p->in_force_to = DAY_NONE;
	if (p->id.len == 0 || p->title.len == 0)
		return yaml_fail(err, ERR_INPUT, row, "期限必须有 id 和 title");
	TRY(read_length(row, p, err));
	TRY(read_kind(row, &p->kind, err));
	TRY(read_evidence(row, &p->evidence, err));
	TRY(read_basis(row, mem, p, err));
	TRY(yaml_i64(row, "extension_max", 0, &p->extension_max, err));
	bool rolls = p->length > 0 && p->unit != UNIT_HOUR && p->unit != UNIT_WORKDAY;
	TRY(yaml_bool(row, "rollover", rolls, &p->rollover, err));
	if (yaml_get(row, "in_force") && !day_range_parse(yaml_text(row, "in_force"), &p->in_force_from, &p->in_force_to))
		return yaml_fail(err, ERR_INPUT, yaml_get(row, "in_force"), "in_force 应为“起..止”，如 2026-01-01..");
	if (p->kind != PERIOD_MANAGERIAL && p->basis_count == 0)
		return yaml_fail(err, ERR_INPUT, row, "法定或地方期限必须有 basis");
	return ERR_OK;
}

static enum err_code read_numbers(const struct yaml *list, struct arena *mem, struct counting_rule *rule, struct err *err)
{
	int64_t *numbers;

	if (!list)
		return ERR_OK;
	if (list->kind != YAML_SEQ)
		return yaml_fail(err, ERR_INPUT, list, "numbers 应为整数列表");
	numbers = ARENA_NEW(mem, int64_t, list->count);
	if (!numbers && list->count > 0)
		return err_nomem(err);
	for (size_t i = 0; i < list->count; i++) {
		if (!str_to_i64(list->values[i]->text, &numbers[i]))
			return yaml_fail(err, ERR_INPUT, list->values[i], "应为整数");
	}
	rule->numbers = numbers;
	rule->number_count = list->count;
	return ERR_OK;
}

static enum err_code read_counting(const struct yaml *row, struct arena *mem, struct counting_rule *rule, struct err *err)
{
	const struct yaml *aliases = yaml_get(row, "aliases");

	TRY(yaml_only(row, "law|aliases|article|workdays|up_to|numbers|note|roll", err));
	rule->law = yaml_text(row, "law");
	rule->article = yaml_text(row, "article");
	rule->note = yaml_text(row, "note");
	rule->roll = yaml_text(row, "roll");
	if (rule->law.len == 0)
		return yaml_fail(err, ERR_INPUT, row, "counting 必须有 law");
	TRY(yaml_bool(row, "workdays", false, &rule->all_workdays, err));
	TRY(yaml_i64(row, "up_to", 0, &rule->up_to, err));
	TRY(read_numbers(yaml_get(row, "numbers"), mem, rule, err));
	if (!aliases)
		return ERR_OK;
	if (aliases->kind != YAML_SEQ)
		return yaml_fail(err, ERR_INPUT, aliases, "aliases 应为列表");
	rule->aliases = ARENA_NEW(mem, struct str, aliases->count);
	if (!rule->aliases && aliases->count > 0)
		return err_nomem(err);
	rule->alias_count = aliases->count;
	for (size_t i = 0; i < aliases->count; i++)
		rule->aliases[i] = aliases->values[i]->text;
	return ERR_OK;
}

static enum err_code load_counting(struct calendar *cal, const struct yaml *list, struct arena *mem, struct err *err)
{
	cal->counting = ARENA_NEW(mem, struct counting_rule, list->count);
	if (!cal->counting && list->count > 0)
		return err_nomem(err);
	cal->counting_count = list->count;
	for (size_t i = 0; i < list->count; i++)
		TRY(read_counting(list->values[i], mem, &cal->counting[i], err));
	return ERR_OK;
}

/** A row whose id is already there replaces it: a profile may append its own groups. */
static enum err_code load_groups(struct calendar *cal, const struct yaml *groups, struct arena *mem, struct err *err)
{
	size_t total = 0;

	for (size_t g = 0; g < groups->count; g++)
		total += groups->values[g]->count;
	cal->periods = ARENA_NEW(mem, struct period, total);
	if (!cal->periods && total > 0)
		return err_nomem(err);
	for (size_t g = 0; g < groups->count; g++) {
		const struct yaml *rows = groups->values[g];
		if (rows->kind != YAML_SEQ)
			return yaml_fail(err, ERR_INPUT, rows, "每组是期限的列表");
		for (size_t i = 0; i < rows->count; i++) {
			struct period *p = &cal->periods[cal->period_count];
			TRY(read_period(rows->values[i], groups->keys[g]->text, mem, p, err));
			if (period_find(cal, p->id))
				return yaml_fail(err, ERR_INPUT, rows->values[i], "期限 %.*s 重复", STR_ARG(p->id));
			cal->period_count++;
		}
	}
	return ERR_OK;
}

enum err_code periods_load(struct calendar *cal, const struct yaml *root, struct arena *mem, struct err *err)
{
	struct yaml *counting, *groups;

	TRY(yaml_only(root, "counting|periods", err));
	TRY(yaml_need(root, "counting", YAML_SEQ, &counting, err));
	TRY(yaml_need(root, "periods", YAML_MAP, &groups, err));
	TRY(load_counting(cal, counting, mem, err));
	return load_groups(cal, groups, mem, err);
}

const struct period *calendar_periods(const struct calendar *cal, size_t *ret_count)
{
	*ret_count = cal->period_count;
	return cal->periods;
}

const struct period *period_find(const struct calendar *cal, struct str id)
{
	for (size_t i = 0; i < cal->period_count; i++) {
		if (str_eq(cal->periods[i].id, id))
			return &cal->periods[i];
	}
	return NULL;
}

enum err_code period_need(const struct calendar *cal, struct str id, const struct period **ret, struct err *err)
{
	enum { WORDS_MAX = 512 };
	struct str words[WORDS_MAX];
	size_t count = cal->period_count < WORDS_MAX ? cal->period_count : WORDS_MAX;
	const struct period *p = period_find(cal, id);

	if (p) {
		*ret = p;
		return ERR_OK;
	}
	for (size_t i = 0; i < count; i++)
		words[i] = cal->periods[i].id;
	struct str nearest = yaml_nearest(id, words, count);
	if (nearest.len > 0)
		return err_set(err, ERR_NOT_FOUND, "期限表里没有“%.*s”；最接近的是 %.*s", STR_ARG(id), STR_ARG(nearest));
	return err_set(err, ERR_NOT_FOUND, "期限表里没有“%.*s”", STR_ARG(id));
}

enum err_code period_request(const struct period *p, int32_t start_on, struct clock_request *ret, struct err *err)
{
	if (!p->has_length)
		return err_set(err, ERR_INPUT, "“%.*s”（%.*s）法律没有规定天数，不能计算到期日", STR_ARG(p->title), STR_ARG(p->id));
	*ret = CLOCK_REQUEST;
	ret->id = p->id;
	ret->label = p->title;
	ret->kind = p->kind;
	ret->basis = p->basis;
	ret->basis_count = p->basis_count;
	ret->start_on = start_on;
	ret->length = p->length;
	ret->unit = p->unit;
	ret->rollover = p->rollover ? CLOCK_ROLL_YES : CLOCK_ROLL_NO;
	return ERR_OK;
}

/** Length of `name` when `law` starts with it, otherwise 0. */
static size_t prefix_length(struct str law, struct str name)
{
	return name.len > 0 && str_starts(law, name) ? name.len : 0;
}

const struct counting_rule *counting_find(const struct calendar *cal, struct str law, struct str *ret_rest)
{
	const struct counting_rule *best = NULL;
	size_t best_length = 0;

	if (str_starts(law, STR("《"))) /* 《行政处罚法》第85条 */
		law = str_sub(law, STR("《").len, law.len);
	for (size_t i = 0; i < cal->counting_count; i++) {
		const struct counting_rule *rule = &cal->counting[i];
		size_t length = prefix_length(law, rule->law);
		for (size_t k = 0; k < rule->alias_count; k++) {
			size_t other = prefix_length(law, rule->aliases[k]);
			length = other > length ? other : length;
		}
		if (length > best_length) {
			best = rule;
			best_length = length;
		}
	}
	struct str rest = str_sub(law, best_length, law.len);
	if (str_starts(rest, STR("》")))
		rest = str_sub(rest, STR("》").len, rest.len);
	if (ret_rest)
		*ret_rest = str_trim(rest);
	else if (rest.len > 0)
		return NULL;
	return best;
}

static bool is_workday_number(const struct counting_rule *rule, int64_t n)
{
	if (rule->all_workdays || (rule->up_to > 0 && n <= rule->up_to))
		return true;
	for (size_t i = 0; i < rule->number_count; i++) {
		if (rule->numbers[i] == n)
			return true;
	}
	return false;
}

enum err_code period_unit_of_law(const struct calendar *cal, struct str law, int64_t n, struct arena *mem, enum period_unit *ret_unit,
	struct str *ret_law, struct str *ret_article, struct str *ret_note, struct err *err)
{
	const struct counting_rule *rule = counting_find(cal, law, NULL);

	if (!rule)
		return err_set(err, ERR_NOT_FOUND, "没有“%.*s”的计日规则", STR_ARG(law));
	bool workdays = is_workday_number(rule, n < 0 ? -n : n);
	struct str note = str_printf(
		mem, "%.*s：本期限的“%lld日”按%s计算。", STR_ARG(rule->note), (long long)(n < 0 ? -n : n), workdays ? "工作日" : "自然日");
	if (!note.ptr)
		return err_nomem(err);
	*ret_unit = workdays ? UNIT_WORKDAY : UNIT_DAY;
	*ret_law = rule->law;
	*ret_article = rule->article;
	*ret_note = note;
	return ERR_OK;
}
