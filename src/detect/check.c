/* `xiezhi check`: files in, findings out, no store. Every file is read, recognised and put into frames; the rules run once over all of
 * them, so that a file of officers can serve the references of a file of penalties. */
#include <stdlib.h>

#include "base/vec.h"
#include "detect/detect_private.h"

#define FINDINGS_SHOWN 20
#define REJECTS_SHOWN 10
#define REJECTS_KEPT 1000

struct file_report {
	const char *path;
	const struct dictionary_type *type;
	struct str mapping; /* its Chinese label */
	struct record_counts counts;
	struct record_reject *rejects; /* the first REJECTS_KEPT */
	size_t reject_count;
};

struct lines {
	VEC(int64_t) v;
};

struct check {
	const struct check_options *o;
	struct arena *mem;
	struct frame_builder *builders[DICTIONARY_TYPES_MAX];
	struct file_report *files;
	struct frame_set *set;
};

static bool has_line(const struct lines *lines, int64_t line)
{
	for (size_t i = 0; i < lines->v.len; i++)
		if (lines->v.v[i] == line)
			return true;
	return false;
}

static void keep_rejects(struct check *c, struct file_report *f, const struct record_reject *rejects, size_t count)
{
	for (size_t i = 0; i < count && f->reject_count < REJECTS_KEPT; i++)
		f->rejects[f->reject_count++] = (struct record_reject){
			.line = rejects[i].line, .column = str_dup(c->mem, rejects[i].column), .reason = str_dup(c->mem, rejects[i].reason)
		};
}

/** One row of a file into its frame, or into the counts. `skip` holds lines that a later version of the same record supersedes. */
static enum err_code take_row(struct check *c, struct file_report *f, const struct lines *skip, struct lines *superseded,
	enum record_outcome outcome, const struct record_row *row, int64_t replaces, struct frame_builder *builder, struct err *err)
{
	switch (outcome) {
	case RECORD_TAKEN:
		if (replaces) {
			f->counts.older++;
			if (!vec_push(&superseded->v, replaces))
				return err_nomem(err);
		}
		if (has_line(skip, row->line))
			return ERR_OK;
		f->counts.added += !replaces;
		return builder ? snapshot_put(builder, f->type, row, c->o->as_of, err) : ERR_OK;
	case RECORD_REPEATED:
		f->counts.same++;
		return ERR_OK;
	case RECORD_OLDER:
		f->counts.older++;
		return ERR_OK;
	case RECORD_REJECTED:
		f->counts.rejected++;
		return ERR_OK;
	case RECORD_END:
		break;
	}
	(void)c;
	return ERR_OK;
}

/** Reads a file once. The first pass (skip empty) finds what is superseded; a second one leaves those lines out. */
static enum err_code read_file(struct check *c, struct file_report *f, const struct lines *skip, struct lines *superseded, struct err *err)
{
	CLEANUP(record_reader_closep) struct record_reader *reader = NULL;
	struct record_reader_options options = { .path = f->path,
		.dictionary = c->o->app->dictionary,
		.mappings = c->o->app->mappings,
		.type = c->o->type,
		.mapping = c->o->mapping };
	struct frame_builder **slot;

	TRY(record_reader_open(&options, &reader, err));
	f->type = record_reader_type(reader);
	f->mapping = mapping_info(record_reader_mapping(reader))->label.zh;
	f->counts = (struct record_counts){ 0 };
	f->reject_count = 0;
	slot = &c->builders[f->type->index];
	if (!*slot)
		TRY(frame_builder_open(f->type, NULL, slot, err));
	for (;;) {
		enum record_outcome outcome;
		struct record_row row;
		const struct record_reject *rejects;
		size_t reject_count;
		int64_t replaces = 0;

		TRY(record_reader_next(reader, &outcome, &row, &rejects, &reject_count, &replaces, err));
		if (outcome == RECORD_END)
			return ERR_OK;
		f->counts.read++;
		if (outcome == RECORD_REJECTED)
			keep_rejects(c, f, rejects, reject_count);
		TRY(take_row(c, f, skip, superseded, outcome, &row, replaces, *slot, err));
	}
}

/** A file, read again without its superseded lines when it has any. */
static enum err_code add_file(struct check *c, struct file_report *f, struct err *err)
{
	struct lines none = { 0 }, superseded = { 0 }, again = { 0 };
	enum err_code code;
	struct record_counts first;

	f->rejects = ARENA_NEW(c->mem, struct record_reject, REJECTS_KEPT + 1);
	if (!f->rejects)
		return err_nomem(err);
	code = read_file(c, f, &none, &superseded, err);
	first = f->counts;
	if (code == ERR_OK && superseded.v.len > 0 &&
		frame_builder_rows(c->builders[f->type->index]) != (size_t)first.added + superseded.v.len)
		code = err_set(err, ERR_UNSUPPORTED, "同一类型的几个文件中有需要按更新时间取舍的记录，请逐个检查");
	if (code == ERR_OK && superseded.v.len > 0) {
		frame_builder_closep(&c->builders[f->type->index]);
		code = read_file(c, f, &superseded, &again, err);
		f->counts = first;
	}
	vec_clear(&superseded.v);
	vec_clear(&again.v);
	return code == ERR_OK || str_starts(str_of(err->msg), str_of(f->path)) ? code : err_prefix(err, "%s", f->path);
}

static enum err_code build_set(struct check *c, struct err *err)
{
	struct frame *frames[DICTIONARY_TYPES_MAX] = { 0 };
	enum err_code code = ERR_OK;

	for (size_t t = 0; t < DICTIONARY_TYPES_MAX && code == ERR_OK; t++)
		if (c->builders[t])
			code = frame_builder_finish(&c->builders[t], &frames[t], err);
	if (code == ERR_OK)
		code = frame_set_open(c->o->app->dictionary, frames, NULL, &c->set, err);
	for (size_t t = 0; t < DICTIONARY_TYPES_MAX; t++)
		frame_release(frames[t]);
	return code;
}

/* ---- printing ---- */

static int64_t count_hits(const struct rule_results *results)
{
	int64_t hits = 0;

	for (size_t i = 0; i < results->count; i++)
		hits += results->v[i].counts[VERDICT_HIT];
	return hits;
}

static void print_file(const struct file_report *f, struct buf *out)
{
	buf_printf(out, "%s：%.*s，映射“%.*s”，%lld 行：接收 %lld，重复 %lld，被更新版本取代 %lld，被拒 %lld\n", f->path,
		STR_ARG(f->type->label.zh), STR_ARG(f->mapping), (long long)f->counts.read, (long long)f->counts.added,
		(long long)f->counts.same, (long long)f->counts.older, (long long)f->counts.rejected);
	for (size_t i = 0; i < f->reject_count && i < REJECTS_SHOWN; i++)
		buf_printf(out, "  被拒 第 %lld 行%s%.*s：%.*s\n", (long long)f->rejects[i].line, f->rejects[i].column.len ? "，" : "",
			STR_ARG(f->rejects[i].column), STR_ARG(f->rejects[i].reason));
	if (f->counts.rejected > REJECTS_SHOWN)
		buf_printf(out, "  …共 %lld 行被拒（--format json 列出全部）\n", (long long)f->counts.rejected);
}

static void print_basis(const struct rule *rule, struct buf *out)
{
	for (size_t i = 0; i < rule->basis_count; i++)
		buf_printf(out, "%s%.*s%s%.*s%s", i ? "、" : "", STR_ARG(rule->basis[i].law), rule->basis[i].article.len ? " 第" : "",
			STR_ARG(rule->basis[i].article), rule->basis[i].article.len ? "条" : "");
}

static enum err_code print_findings(
	struct check *c, struct rule_probe *probe, const struct rule_results *results, struct buf *out, struct err *err)
{
	int64_t left = c->o->limit > 0 ? c->o->limit : FINDINGS_SHOWN, hits = count_hits(results);

	buf_printf(out, "\n疑似问题线索 %lld 条（线索不是结论，须经人工核实）\n", (long long)hits);
	for (size_t i = 0; i < results->count && left > 0; i++) {
		const struct rule_result *r = &results->v[i];
		bool headed = false;

		for (size_t h = 0; h < r->hit_count && left > 0; h++) {
			struct str message, key;
			int64_t line;

			if (r->hits[h].verdict != VERDICT_HIT)
				continue;
			if (!headed) {
				buf_printf(out, "\n%s  %.*s（%.*s）  依据：", rule_severity_title(r->rule->severity),
					STR_ARG(r->rule->title), STR_ARG(r->rule->id));
				print_basis(r->rule, out);
				buf_putc(out, '\n');
				headed = true;
			}
			TRY(rule_message(probe, r->rule, r->hits[h].row, r->hits[h].undecided, c->mem, &message, err));
			TRY(rule_hit_key(probe, r->rule, &r->hits[h], &key, &line, err));
			if (r->rule->having)
				buf_printf(out, "  %.*s：%.*s\n", STR_ARG(key), STR_ARG(message));
			else
				buf_printf(out, "  第 %lld 行 %.*s：%.*s\n", (long long)line, STR_ARG(key), STR_ARG(message));
			left--;
		}
	}
	if (hits > (c->o->limit > 0 ? c->o->limit : FINDINGS_SHOWN))
		buf_printf(out, "  …（--limit N 多列一些，--format csv 全部列出）\n");
	return ERR_OK;
}

/** Rules that could decide nothing say so together: a sheet seldom supplies what every rule needs. */
static void print_counts(const struct rule_results *results, struct buf *out)
{
	size_t silent = 0;

	buf_puts(out, "\n规则                                  检查   命中   豁免 无法判断 不适用   未命中\n");
	for (size_t i = 0; i < results->count; i++) {
		const struct rule_result *r = &results->v[i];
		bool decided = r->counts[VERDICT_UNKNOWN] < r->checked;

		silent += r->checked > 0 && !decided;
		if (decided)
			buf_printf(out, "%-36.*s %6lld %6lld %6lld %8lld %6lld %8lld\n", STR_ARG(r->rule->id), (long long)r->checked,
				(long long)r->counts[VERDICT_HIT], (long long)r->counts[VERDICT_EXEMPT],
				(long long)r->counts[VERDICT_UNKNOWN], (long long)r->counts[VERDICT_NOT_IN_FORCE],
				(long long)r->counts[VERDICT_CLEAN]);
	}
	if (silent)
		buf_printf(out, "另有 %zu 条规则因来源没有提供所需的数据而全部无法判断（--format json 逐条列出）\n", silent);
}

static enum err_code print_text(
	struct check *c, struct rule_probe *probe, const struct rule_results *results, struct buf *out, struct err *err)
{
	for (size_t i = 0; i < c->o->path_count; i++)
		print_file(&c->files[i], out);
	TRY(print_findings(c, probe, results, out, err));
	print_counts(results, out);
	return ERR_OK;
}

static void json_file(const struct file_report *f, struct json *j)
{
	json_obj(j);
	json_kputs(j, "file", f->path);
	json_kstr(j, "type", f->type->name);
	json_kstr(j, "mapping", f->mapping);
	json_ki64(j, "read", f->counts.read);
	json_ki64(j, "taken", f->counts.added);
	json_ki64(j, "repeated", f->counts.same);
	json_ki64(j, "older", f->counts.older);
	json_ki64(j, "rejected", f->counts.rejected);
	json_key(j, "rejects");
	json_arr(j);
	for (size_t i = 0; i < f->reject_count; i++) {
		json_obj(j);
		json_ki64(j, "line", f->rejects[i].line);
		json_kstr(j, "column", f->rejects[i].column);
		json_kstr(j, "reason", f->rejects[i].reason);
		json_obj_end(j);
	}
	json_arr_end(j);
	json_obj_end(j);
}

static enum err_code print_json(
	struct check *c, struct rule_probe *probe, const struct rule_results *results, struct buf *out, struct err *err)
{
	int64_t left = c->o->limit > 0 ? c->o->limit : INT64_MAX;
	struct json j;

	json_init(&j, out);
	json_obj(&j);
	json_kday(&j, "today", c->o->today);
	json_key(&j, "files");
	json_arr(&j);
	for (size_t i = 0; i < c->o->path_count; i++)
		json_file(&c->files[i], &j);
	json_arr_end(&j);
	rule_results_json(results, &j);
	json_key(&j, "findings");
	json_arr(&j);
	for (size_t i = 0; i < results->count; i++)
		for (size_t h = 0; h < results->v[i].hit_count && left > 0; h++)
			if (results->v[i].hits[h].verdict == VERDICT_HIT) {
				TRY(rule_finding_json(probe, results->v[i].rule, &results->v[i].hits[h], &j, err));
				left--;
			}
	json_arr_end(&j);
	json_obj_end(&j);
	buf_putc(out, '\n');
	return ERR_OK;
}

/** One CSV cell; a cell that a spreadsheet would take for a formula gets an apostrophe. */
static void csv_cell(struct buf *out, struct str s, bool last)
{
	buf_putc(out, '"');
	if (s.len > 0 && strchr("=+-@\t\r", s.ptr[0]))
		buf_putc(out, '\'');
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"')
			buf_putc(out, '"');
		buf_putc(out, s.ptr[i]);
	}
	buf_puts(out, last ? "\"\r\n" : "\",");
}

static enum err_code print_csv(
	struct check *c, struct rule_probe *probe, const struct rule_results *results, struct buf *out, struct err *err)
{
	buf_puts(out, "\xEF\xBB\xBF规则,名称,级别,记录,行,说明\r\n");
	for (size_t i = 0; i < results->count; i++)
		for (size_t h = 0; h < results->v[i].hit_count; h++) {
			const struct rule *rule = results->v[i].rule;
			const struct rule_hit *hit = &results->v[i].hits[h];
			struct str message, key;
			int64_t line;

			if (hit->verdict != VERDICT_HIT)
				continue;
			TRY(rule_message(probe, rule, hit->row, hit->undecided, c->mem, &message, err));
			TRY(rule_hit_key(probe, rule, hit, &key, &line, err));
			csv_cell(out, rule->id, false);
			csv_cell(out, rule->title, false);
			csv_cell(out, str_of(rule_severity_title((enum rule_severity)hit->severity)), false);
			csv_cell(out, key, false);
			buf_printf(out, "%lld,", (long long)line);
			csv_cell(out, message, true);
		}
	return ERR_OK;
}

static enum err_code run_and_print(struct check *c, struct buf *out, bool *ret_found, struct err *err)
{
	CLEANUP(rule_probe_closep) struct rule_probe *probe = NULL;
	struct rule_results results = { 0 };
	enum err_code code;

	TRY(build_set(c, err));
	TRY(rule_run(
		c->o->app->rules, c->set, &(struct rule_run_options){ .today = c->o->today, .threads = c->o->threads }, &results, err));
	code = rule_probe_open(c->o->app->rules, c->set, c->o->today, &probe, err);
	if (code == ERR_OK) {
		*ret_found = count_hits(&results) > 0;
		if (str_eq(c->o->format, STR("json")))
			code = print_json(c, probe, &results, out, err);
		else if (str_eq(c->o->format, STR("csv")))
			code = print_csv(c, probe, &results, out, err);
		else
			code = print_text(c, probe, &results, out, err);
	}
	rule_results_clear(&results);
	return code;
}

enum err_code detect_check(const struct check_options *o, struct arena *mem, struct buf *out, bool *ret_found, struct err *err)
{
	struct check c = { .o = o, .mem = mem };
	enum err_code code = ERR_OK;

	c.files = ARENA_NEW(mem, struct file_report, o->path_count + 1);
	if (!c.files)
		return err_nomem(err);
	for (size_t i = 0; i < o->path_count && code == ERR_OK; i++) {
		c.files[i].path = o->paths[i];
		code = add_file(&c, &c.files[i], err);
	}
	if (code == ERR_OK)
		code = run_and_print(&c, out, ret_found, err);
	for (size_t t = 0; t < DICTIONARY_TYPES_MAX; t++)
		frame_builder_close(c.builders[t]);
	frame_set_release(c.set);
	return code;
}
