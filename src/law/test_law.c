/* Unit tests of the law register: the shipped files load, citations resolve by date, and what is wrong is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "law/law.h"

struct fixture {
	struct arena *mem;
	struct law_register *reg;
};

static int open_register(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = { 0 };

	f->mem = arena_open(64u << 20);
	if (law_load(&(struct asset_set){ 0 }, f->mem, &f->reg, &err) != ERR_OK) {
		print_error("%s\n", err.msg);
		return -1;
	}
	*state = f;
	return 0;
}

static int close_register(void **state)
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

static void a_citation_resolves_by_short_full_and_bracketed_name(void **state)
{
	struct fixture *f = *state;
	struct law_citation c;

	assert_int_equal(law_lookup(f->reg, STR("行政处罚法"), STR("60"), day("2025-01-02"), &c), LAW_FOUND);
	assert_true(str_has(c.article->gist, STR("九十日")));
	assert_int_equal(c.article->evidence, LAW_SEEN);
	assert_int_equal(law_lookup(f->reg, STR("《中华人民共和国行政处罚法》"), STR("第60条"), DAY_NONE, &c), LAW_FOUND);
	assert_int_equal(law_lookup(f->reg, STR("处罚法"), STR("59(1)(6)"), DAY_NONE, &c), LAW_FOUND);
	assert_true(str_eq(c.paragraph, STR("(1)(6)")));
	assert_true(str_eq(c.article->number, STR("59")));
}

static void a_citation_outside_the_window_is_not_in_force(void **state)
{
	struct fixture *f = *state;
	struct law_citation c;

	assert_int_equal(law_lookup(f->reg, STR("行政处罚法"), STR("60"), day("2021-07-14"), &c), LAW_NOT_IN_FORCE);
	assert_int_equal(law_lookup(f->reg, STR("行政处罚法"), STR("60"), day("2021-07-15"), &c), LAW_FOUND);
	assert_int_equal(law_lookup(f->reg, STR("行政执法监督条例"), STR("28"), day("2026-01-31"), &c), LAW_NOT_IN_FORCE);
	assert_int_equal(law_lookup(f->reg, STR("行政执法监督条例"), STR("28"), day("2026-02-01"), &c), LAW_FOUND);
	assert_int_equal(law_lookup(f->reg, STR("治安管理处罚法"), STR("118"), day("2025-12-31"), &c), LAW_NOT_IN_FORCE);
	assert_int_equal(law_lookup(f->reg, STR("国办发〔2018〕118号"), STR("二"), day("2018-12-04"), &c), LAW_NOT_IN_FORCE);
	assert_int_equal(law_lookup(f->reg, STR("国办发〔2018〕118号"), STR("二"), day("2018-12-05"), &c), LAW_FOUND);
	assert_int_equal(c.article->evidence, LAW_QUOTED);
}

static void unknown_names_and_articles_suggest(void **state)
{
	struct fixture *f = *state;
	struct law_citation c;
	struct err err = { 0 };

	assert_int_equal(law_need(f->reg, STR("行政处罚发"), STR("60"), DAY_NONE, &c, &err), ERR_INPUT);
	assert_non_null(strstr(err.msg, "行政处罚法"));
	assert_int_equal(law_need(f->reg, STR("行政处罚法"), STR("99"), DAY_NONE, &c, &err), ERR_INPUT);
	assert_non_null(strstr(err.msg, "没有第 99 条"));
	assert_int_equal(law_need(f->reg, STR("行政处罚法"), STR("60"), day("2020-01-01"), &c, &err), ERR_INPUT);
	assert_non_null(strstr(err.msg, "2020-01-01"));
}

static void what_was_not_seen_is_never_verified(void **state)
{
	struct fixture *f = *state;
	struct law_citation c;
	struct buf out;
	struct json j;

	assert_int_equal(law_lookup(f->reg, STR("市场监督管理行政处罚程序规定"), STR("64"), DAY_NONE, &c), LAW_FOUND);
	assert_int_equal(c.article->evidence, LAW_UNVERIFIED);
	buf_init(&out, 4096);
	json_init(&j, &out);
	law_citation_json(&c, STR("市场监督管理行政处罚程序规定"), STR("64"), &j);
	assert_true(str_has(buf_str(&out), STR("\"verified\":false")));
	buf_clear(&out);
}

static void every_shipped_article_has_a_gist_of_our_own_length(void **state)
{
	struct fixture *f = *state;
	size_t count;
	const struct law_instrument *all = law_instruments(f->reg, &count);

	assert_true(count >= 40);
	for (size_t i = 0; i < count; i++) {
		for (size_t e = 0; e < all[i].edition_count; e++) {
			for (size_t a = 0; a < all[i].editions[e].article_count; a++) {
				size_t words = utf8_count(all[i].editions[e].articles[a].gist);
				assert_true(words >= 4 && words <= 90);
			}
		}
	}
}

static enum err_code load_text(struct fixture *f, const char *text, struct law_register **ret, struct err *err)
{
	char dir[] = "/tmp/xz-law-XXXXXX", path[64];

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/a.yaml", dir);
	assert_int_equal(file_write(path, str_of(text), NULL), ERR_OK);
	struct asset_set set = { .dirs = { { .dir = dir, .prefix = "law/", .replace = true } }, .dir_count = 1 };
	return law_load(&set, f->mem, ret, err);
}

static void editions_with_their_own_numbers_are_chosen_by_date(void **state)
{
	struct fixture *f = *state;
	struct law_register *reg;
	struct law_citation c;
	struct err err = { 0 };

	assert_int_equal(load_text(f,
				 "name: 甲法\nshort: 甲\nlevel: statute\nevidence: seen\neditions:\n"
				 "  - {label: 旧, in_force: \"..2020-12-31\", articles: {\"9\": 旧的第九条}}\n"
				 "  - {label: 新, in_force: \"2021-01-01..\", articles: {\"12\": 新的第十二条}}\n",
				 &reg, &err),
		ERR_OK);
	assert_int_equal(law_lookup(reg, STR("甲"), STR("9"), day("2020-12-31"), &c), LAW_FOUND);
	assert_int_equal(law_lookup(reg, STR("甲"), STR("9"), day("2021-01-01"), &c), LAW_UNKNOWN_ARTICLE);
	assert_int_equal(law_lookup(reg, STR("甲"), STR("12"), day("2021-01-01"), &c), LAW_FOUND);
}

static void bad_files_are_refused(void **state)
{
	struct fixture *f = *state;
	struct law_register *reg;
	struct err err = { 0 };

	assert_int_equal(load_text(f,
				 "name: 甲法\nshort: 甲\nlevel: statute\neditions:\n"
				 "  - {label: 一, in_force: \"2020-01-01..\"}\n  - {label: 二, in_force: \"2021-01-01..\"}\n",
				 &reg, &err),
		ERR_INPUT);
	assert_non_null(strstr(err.msg, "不重叠"));
	assert_int_equal(
		load_text(f, "name: 甲法\nshort: 甲\nlevel: law\neditions: [{label: 一, in_force: \"..\"}]\n", &reg, &err), ERR_INPUT);
	assert_int_equal(
		load_text(f, "name: 甲法\nshort: 甲\nlevel: statute\neditions: [{label: 一, in_force: \"..\", articles: {\"1\": \"\"}}]\n",
			&reg, &err),
		ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_citation_resolves_by_short_full_and_bracketed_name),
		cmocka_unit_test(a_citation_outside_the_window_is_not_in_force),
		cmocka_unit_test(unknown_names_and_articles_suggest),
		cmocka_unit_test(what_was_not_seen_is_never_verified),
		cmocka_unit_test(every_shipped_article_has_a_gist_of_our_own_length),
		cmocka_unit_test(editions_with_their_own_numbers_are_chosen_by_date),
		cmocka_unit_test(bad_files_are_refused),
	};

	return cmocka_run_group_tests(tests, open_register, close_register);
}
