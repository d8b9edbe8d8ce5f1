/* Which kinds of tests a rule has: hit, clean, both sides of a boundary, unknown, each exemption, not in force. */
#include <stdio.h>
#include <stdlib.h>

#include "rule/code.h"

#define BOUNDARY_DAYS 10 /* a pair may straddle a holiday */

static bool is_ordering(const struct ast *a)
{
	if (a->kind == AST_LT || a->kind == AST_LE || a->kind == AST_GT || a->kind == AST_GE || a->kind == AST_BETWEEN)
		return true;
	for (int i = 0; i < a->arg_count; i++)
		if (is_ordering(a->args[i]))
			return true;
	return a->where && is_ordering(a->where);
}

/** Numbers and dates are close when a boundary may lie between them; everything else when it differs at all. */
static bool is_close(struct str a, struct str b)
{
	int32_t x, y;

	if (day_parse(a, &x) && day_parse(b, &y))
		return abs(x - y) <= BOUNDARY_DAYS;
	return true;
}

int test_differences(const struct yaml *a, const struct yaml *b)
{
	int n = 0;

	if (!a || !b || a->kind != b->kind)
		return (a != NULL) + (b != NULL);
	if (a->kind == YAML_SCALAR)
		return str_eq(a->text, b->text) ? 0 : is_close(a->text, b->text) ? 1 : 9;
	if (a->kind == YAML_SEQ) {
		for (size_t i = 0; i < a->count || i < b->count; i++)
			n += test_differences(i < a->count ? a->values[i] : NULL, i < b->count ? b->values[i] : NULL);
		return n;
	}
	for (size_t i = 0; i < a->count; i++)
		n += test_differences(a->values[i], yaml_get(b, a->keys[i]->text.ptr));
	for (size_t i = 0; i < b->count; i++)
		n += yaml_get(a, b->keys[i]->text.ptr) == NULL;
	return n;
}

static bool is_hit(const struct yaml *test, bool hit)
{
	struct str said = yaml_text(test, "hit");

	return str_eq(said, hit ? STR("true") : STR("false"));
}

static bool has_boundary_pair(const struct rule *rule)
{
	for (size_t i = 0; rule->tests && i < rule->tests->count; i++)
		for (size_t k = 0; k < rule->tests->count; k++) {
			const struct yaml *a = rule->tests->values[i], *b = rule->tests->values[k];

			if (is_hit(a, true) && !is_hit(b, true) &&
				test_differences(yaml_get(a, "given"), yaml_get(b, "given")) +
						test_differences(yaml_get(a, "today"), yaml_get(b, "today")) ==
					1)
				return true;
		}
	return false;
}

static bool has_test(const struct rule *rule, const char *key, struct str value)
{
	for (size_t i = 0; rule->tests && i < rule->tests->count; i++) {
		struct str said = yaml_text(rule->tests->values[i], key);

		if (said.len && str_eq(said, value))
			return true;
	}
	return false;
}

static void tell_missing(
	const struct rule *rule, const char *what, struct str which, void (*on_missing)(void *arg, struct str text), void *arg)
{
	char text[400];

	snprintf(text, sizeof(text), "%.*s:1: 缺少%s%.*s", STR_ARG(rule->path), what, STR_ARG(which));
	on_missing(arg, str_of(text));
}

void rule_missing_tests(const struct rule *rule, void (*on_missing)(void *arg, struct str text), void *arg)
{
	if (!has_test(rule, "hit", STR("true")))
		tell_missing(rule, "命中的测试（hit: true）", (struct str){ 0 }, on_missing, arg);
	if (!has_test(rule, "hit", STR("false")))
		tell_missing(rule, "未命中的测试（hit: false）", (struct str){ 0 }, on_missing, arg);
	if (!has_test(rule, "unknown", STR("true")))
		tell_missing(rule, "无法判断的测试（unknown: true）", (struct str){ 0 }, on_missing, arg);
	for (size_t i = 0; i < rule->exemption_count; i++)
		if (!has_test(rule, "exempt", rule->exemptions[i].id))
			tell_missing(rule, "豁免的测试 exempt: ", rule->exemptions[i].id, on_missing, arg);
	if (is_ordering(rule->code->when.ast) && !has_boundary_pair(rule))
		tell_missing(rule, "边界的一对测试（只差一个值，一个命中一个不命中）", (struct str){ 0 }, on_missing, arg);
}

static int64_t count_tests(const struct rule *rule, const char *key, struct str value)
{
	int64_t n = 0;

	for (size_t i = 0; rule->tests && i < rule->tests->count; i++)
		n += str_eq(yaml_text(rule->tests->values[i], key), value);
	return n;
}

void rule_coverage(const struct rule *rule, struct rule_coverage *ret)
{
	*ret = (struct rule_coverage){ .hit = count_tests(rule, "hit", STR("true")),
		.clean = count_tests(rule, "hit", STR("false")),
		.unknown = count_tests(rule, "unknown", STR("true")),
		.not_in_force = count_tests(rule, "not_in_force", STR("true")),
		.needs_boundary = is_ordering(rule->code->when.ast),
		.boundary = has_boundary_pair(rule),
		.has_window = rule->code->in_force >= 0 };
	for (size_t i = 0; i < rule->exemption_count; i++)
		ret->exemptions_tested += has_test(rule, "exempt", rule->exemptions[i].id);
}
