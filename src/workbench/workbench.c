/* The pack in force, and what can be said of a text without records. */
#include "workbench/workbench.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/vec.h"
#include "snapshot/snapshot.h"
#include "workbench/workbench_private.h"

#define REFRESH_BYTES_MAX ((size_t)64 << 20)

struct workbench {
	const struct rule_pack *built_in; /* borrowed: the pack without revisions */
	int64_t change_no;                /* of the revisions that app->rules holds */
	pthread_mutex_t lock;             /* guards the two above and the list */
	VEC(struct rule_pack *) packs;    /* every pack that was in force; requests may still read the old ones */
};

enum err_code workbench_open(struct app *app, struct workbench **ret, struct err *err)
{
	struct workbench *w = mem_alloc(1, sizeof(*w));

	if (!w)
		return err_nomem(err);
	w->built_in = app->rules;
	pthread_mutex_init(&w->lock, NULL);
	*ret = w;
	return ERR_OK;
}

void workbench_close(struct workbench *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->packs.len; i++)
		rule_pack_close(w->packs.v[i]);
	vec_clear(&w->packs);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static struct rule_options options_of(const struct app *app)
{
	return (struct rule_options){ .assets = app->assets, .dictionary = app->dictionary, .calendar = app->calendar, .law = app->law };
}

struct str revision_path(const struct rule_pack *pack, struct str rule_id, struct arena *mem)
{
	const struct rule *rule = rule_find(pack, rule_id);

	return rule ? rule->path : str_printf(mem, "rules/bureau/%.*s.yaml", STR_ARG(rule_id));
}

static void log_problem(void *arg, const struct err *problem)
{
	(void)arg;
	log_event(LOG_ERROR, "workbench.revision", "error=%s", problem->msg);
}

/** The snapshots hold what the new pack reads. */
static void widen_snapshots(const struct app *app, const struct rule_pack *pack)
{
	struct frame_wanted wanted[DICTIONARY_TYPES_MAX];

	for (size_t t = 0; t < app->dictionary->type_count; t++)
		rule_pack_wanted(pack, &app->dictionary->types[t], &wanted[t]);
	if (app->snapshots)
		snapshot_store_widen(app->snapshots, wanted);
}

static enum err_code load_pack(
	struct workbench *w, const struct app *app, const struct revision *active, size_t count, struct rule_pack **ret, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(REFRESH_BYTES_MAX);
	struct rule_options o = options_of(app);
	struct asset_file *files = mem ? ARENA_NEW(mem, struct asset_file, count + 1) : NULL;

	if (!files)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		files[i] = (struct asset_file){ .path = revision_path(w->built_in, active[i].rule_id, mem), .text = active[i].text };
	o.revisions = files;
	o.revision_count = count;
	o.on_problem = log_problem;
	return rule_pack_load(&o, ret, err);
}

static enum err_code reload(struct workbench *w, struct app *app, struct db *db, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(REFRESH_BYTES_MAX);
	CLEANUP(rule_pack_closep) struct rule_pack *pack = NULL;
	struct revision *active;
	size_t count;

	if (!mem)
		return err_nomem(err);
	TRY(revision_active_texts(db, mem, &active, &count, err));
	if (count == 0) {
		app->rules = w->built_in;
		return ERR_OK;
	}
	TRY(load_pack(w, app, active, count, &pack, err));
	widen_snapshots(app, pack);
	if (!vec_push(&w->packs, pack))
		return err_nomem(err);
	app->rules = pack;
	pack = NULL;
	return ERR_OK;
}

enum err_code workbench_refresh(struct workbench *w, struct app *app, struct db *db, struct err *err)
{
	int64_t change_no;
	enum err_code code;

	if (!w)
		return ERR_OK;
	pthread_mutex_lock(&w->lock);
	code = revision_change_no(db, &change_no, err);
	if (code == ERR_OK && change_no != w->change_no) {
		code = reload(w, app, db, err);
		if (code == ERR_OK)
			w->change_no = change_no;
	}
	pthread_mutex_unlock(&w->lock);
	return code;
}

/* ---- checking a text ---- */

typedef VEC(struct workbench_problem) problem_vec;

struct checking {
	struct arena *mem;
	problem_vec problems;
	bool failed;
};

static void add_problem(struct checking *c, int line, int column, bool fatal, struct str text)
{
	struct workbench_problem p = { .line = line, .column = column, .fatal = fatal, .text = str_dup(c->mem, text) };

	if (!p.text.ptr || !vec_push(&c->problems, p))
		c->failed = true;
}

/** Takes "rule.yaml:12:" or "rule.yaml:12:5:" off the front of a complaint. */
static struct str take_place(struct str text, int *ret_line, int *ret_column)
{
	int *places[] = { ret_line, ret_column };
	ptrdiff_t colon = str_find(text, STR(":"));

	*ret_line = *ret_column = 0;
	for (int i = 0; i < 2 && colon > 0; i++) {
		struct str rest = str_sub(text, (size_t)colon + 1, text.len);
		ptrdiff_t end = str_find(rest, STR(":"));
		int64_t n;

		if (end <= 0 || !str_to_i64(str_sub(rest, 0, (size_t)end), &n) || n > 1000000)
			break;
		*places[i] = (int)n;
		text = rest;
		colon = end;
	}
	return *ret_line ? str_trim(str_sub(text, (size_t)colon + 1, text.len)) : text;
}

static void on_lint(void *arg, const struct rule_lint_entry *entry)
{
	int line, column;
	struct str text = take_place(entry->text, &line, &column);

	add_problem(arg, line, column, entry->level == LINT_ERROR, text);
}

static void on_test(void *arg, const struct rule_test_outcome *outcome)
{
	struct checking *c = arg;
	struct str text;

	if (outcome->passed)
		return;
	text = outcome->name.len ? str_printf(c->mem, "测试“%.*s”：%.*s", STR_ARG(outcome->name), STR_ARG(outcome->text))
	                         : str_printf(c->mem, "测试不全：%.*s", STR_ARG(outcome->text));
	add_problem(c, 0, 0, true, text);
}

/** A new version counts up, and what the law fixed is not changed in passing. */
static void compare_with_base(struct checking *c, const struct rule *draft, const struct rule *base)
{
	if (!base)
		return;
	if (draft->version <= base->version)
		add_problem(c, 0, 0, true,
			str_printf(
				c->mem, "version 应当大于现行的 %lld，收到的是 %lld", (long long)base->version, (long long)draft->version));
	for (size_t i = 0; i < draft->param_count; i++)
		for (size_t k = 0; k < base->param_count; k++) {
			const struct rule_param *now = &draft->params[i], *was = &base->params[k];

			if (was->kind == PARAM_STATUTORY && str_eq(now->name, was->name) && !str_eq(now->value, was->value))
				add_problem(c, 0, 0, false,
					str_printf(c->mem, "参数 %.*s（%.*s）标为法定，由 %.*s 改为 %.*s：批准人须核对新的依据",
						STR_ARG(now->name), STR_ARG(now->label), STR_ARG(was->value), STR_ARG(now->value)));
		}
}

static enum err_code check_compiled(struct checking *c, const struct app *app, int32_t today, struct workbench_report *r, struct err *err)
{
	const struct rule *base;

	r->rule = rule_at(r->pack, 0);
	base = rule_find(app->rules, r->rule->id);
	rule_lint(r->pack, on_lint, c);
	TRY(rule_test(r->pack, NULL, today, on_test, c, &r->tests, NULL, err));
	compare_with_base(c, r->rule, base);
	return ERR_OK;
}

enum err_code workbench_check(
	const struct app *app, struct str text, int32_t today, struct arena *mem, struct workbench_report *ret, struct err *err)
{
	struct checking c = { .mem = mem };
	struct rule_options o = options_of(app);
	struct err problem = { 0 };
	enum err_code code;

	*ret = (struct workbench_report){ 0 };
	code = rule_pack_parse(&o, STR("rule.yaml"), text, &ret->pack, &problem);
	if (code == ERR_NOMEM)
		return err_nomem(err);
	if (code != ERR_OK) {
		int line, column;
		struct str what = take_place(str_of(problem.msg), &line, &column);

		add_problem(&c, line, column, true, what);
		code = ERR_OK;
	} else {
		code = check_compiled(&c, app, today, ret, err);
	}
	ret->problems = ARENA_NEW(mem, struct workbench_problem, c.problems.len + 1);
	if (code == ERR_OK && (c.failed || !ret->problems))
		code = err_nomem(err);
	if (code == ERR_OK && c.problems.len) {
		memcpy(ret->problems, c.problems.v, c.problems.len * sizeof(*c.problems.v));
		ret->problem_count = c.problems.len;
	}
	vec_clear(&c.problems);
	if (code != ERR_OK)
		workbench_report_clear(ret);
	return code;
}

void workbench_report_clear(struct workbench_report *r)
{
	rule_pack_close(r->pack);
	r->pack = NULL;
	r->rule = NULL;
}
