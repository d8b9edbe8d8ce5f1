/* Working days by walking from day to day over the facts of calendar/YYYY.yaml. Slow and simple on purpose: the answer key must not
 * share code, tables or mistakes with the calendar module. */
#include <stdlib.h>

#include "demo/demo_private.h"
#include "yaml/yaml.h"

#define FACT_YEAR_FIRST 2015
#define FACT_YEAR_LAST 2035
#define WALK_DAYS_MAX 4000

enum fact { FACT_NONE, FACT_OFF, FACT_WORK };

struct day_facts {
	int32_t first;
	int32_t count;
	unsigned char *fact;
};

/** "2026-02-15..2026-02-23" or one day. */
static enum err_code mark(struct day_facts *f, const struct yaml *node, enum fact fact, struct err *err)
{
	ptrdiff_t dots = str_find(node->text, STR(".."));
	int32_t from, to;

	if (!day_parse(dots < 0 ? node->text : str_sub(node->text, 0, (size_t)dots), &from) ||
		!day_parse(dots < 0 ? node->text : str_sub(node->text, (size_t)dots + 2, node->text.len), &to))
		return yaml_fail(err, ERR_INPUT, node, "应为日期或者“起..止”");
	for (int32_t d = from; d <= to; d++)
		if (d >= f->first && d < f->first + f->count)
			f->fact[d - f->first] = (unsigned char)fact;
	return ERR_OK;
}

static enum err_code mark_all(struct day_facts *f, const struct yaml *map, enum fact fact, struct err *err)
{
	for (size_t i = 0; map && map->kind == YAML_MAP && i < map->count; i++) {
		const struct yaml *list = map->values[i];

		if (list->kind == YAML_SCALAR)
			TRY(mark(f, list, fact, err));
		for (size_t k = 0; list->kind == YAML_SEQ && k < list->count; k++)
			TRY(mark(f, list->values[k], fact, err));
	}
	return ERR_OK;
}

enum err_code day_facts_load(const struct asset_set *assets, struct arena *mem, struct day_facts **ret, struct err *err)
{
	struct day_facts *f = ARENA_NEW(mem, struct day_facts, 1);

	if (!f)
		return err_nomem(err);
	f->first = day_from_ymd(FACT_YEAR_FIRST - 1, 12, 1);
	f->count = day_from_ymd(FACT_YEAR_LAST + 1, 2, 1) - f->first;
	f->fact = ARENA_NEW(mem, unsigned char, (size_t)f->count);
	if (!f->fact)
		return err_nomem(err);
	for (int year = FACT_YEAR_FIRST; year <= FACT_YEAR_LAST; year++) {
		struct asset_file file;
		struct yaml *root;
		char path[32];
		enum err_code code;

		snprintf(path, sizeof(path), "calendar/%d.yaml", year);
		code = asset_read(assets, str_of(path), mem, &file, err);
		if (code == ERR_NOT_FOUND)
			continue;
		TRY(code);
		TRY(yaml_parse(file.text, str_cstr(mem, str_of(path)), mem, &root, err));
		TRY(mark_all(f, yaml_get(root, "off"), FACT_OFF, err));
		TRY(mark_all(f, yaml_get(root, "work"), FACT_WORK, err));
	}
	*ret = f;
	return ERR_OK;
}

bool day_is_work(const struct day_facts *f, int32_t day)
{
	enum fact fact = day >= f->first && day < f->first + f->count ? (enum fact)f->fact[day - f->first] : FACT_NONE;

	return fact == FACT_WORK || (fact == FACT_NONE && day_weekday(day) < 5);
}

bool day_is_off(const struct day_facts *f, int32_t day)
{
	return day >= f->first && day < f->first + f->count && f->fact[day - f->first] == FACT_OFF;
}

int32_t workday_step(const struct day_facts *f, int32_t day, int n)
{
	int step = n < 0 ? -1 : 1;

	if (day == DAY_NONE)
		return DAY_NONE;
	for (int left = n * step; left > 0;) {
		day += step;
		if (day_is_work(f, day))
			left--;
	}
	return day;
}

int32_t workday_roll(const struct day_facts *f, int32_t day)
{
	while (day != DAY_NONE && !day_is_work(f, day))
		day++;
	return day;
}

int32_t day_deadline(const struct day_facts *f, int32_t day, int n)
{
	return day == DAY_NONE ? DAY_NONE : workday_roll(f, day + n);
}

int workday_count(const struct day_facts *f, int32_t from, int32_t to)
{
	int count = 0;

	for (int32_t d = from + 1; d <= to && d - from < WALK_DAYS_MAX; d++)
		count += day_is_work(f, d);
	return count;
}
