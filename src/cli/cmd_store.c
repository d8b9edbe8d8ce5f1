/* Commands on the store: init, demo, import, export, sweep, check, audit verify, version. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit.h"
#include "auth/auth.h"
#include "backup_sql.h"
#include "base/file.h"
#include "calendar/calendar.h"
#include "cli/commands.h"
#include "demo/demo.h"
#include "detect/detect.h"
#include "document/document.h"
#include "org/org.h"
#include "record/record.h"
#include "rule/rule.h"

#define OUTPUT_BYTES_MAX (512u << 20)

/** The command line itself as an actor: no account, everything in scope. */
static struct actor command_line(void)
{
	return (struct actor){ .name = STR("命令行"), .roles = ROLE_SIGNED_IN, .remote = STR("") };
}

/** Loads, opens the store, runs body. */
static enum err_code with_store(const struct arguments *args, enum err_code (*body)(struct context *c, bool *ret_found, struct err *err),
	bool *ret_found, struct err *err)
{
	struct context c;
	enum err_code code = context_load(&c, args, err);

	if (code == ERR_OK)
		code = context_open_store(&c, err);
	if (code == ERR_OK)
		code = body(&c, ret_found, err);
	context_close(&c);
	return code;
}

static bool is_terminal(void)
{
	return isatty(STDERR_FILENO);
}

static void put_count(struct json *j, const char *key, int64_t v)
{
	json_ki64(j, key, v);
}

/* ---- init ---- */

static enum err_code first_accounts(struct context *c, bool *ret_found, struct err *err)
{
	const char *admin = argument(c->args, "admin");
	struct first_account made_accounts[AUTH_FIRST_COUNT];
	struct actor who = command_line();
	bool made;

	(void)ret_found;
	TRY(auth_first_accounts(c->db, &c->ids, &who, c->now_ms, str_of(admin ? admin : "admin"), STR("行政执法监督机构"), c->mem,
		made_accounts, &made, err));
	if (!made) {
		fprintf(stderr, "库已存在，没有改变任何东西\n");
		return ERR_OK;
	}
	printf("库已建立：%.*s\n账号与一次性口令（首次登录须修改）：\n", STR_ARG(c->db_url));
	for (int i = 0; i < AUTH_FIRST_COUNT; i++)
		printf("  %-20.*s %s\n", STR_ARG(made_accounts[i].name), made_accounts[i].password);
	return ERR_OK;
}

enum err_code cmd_init(const struct arguments *args, bool *ret_found, struct err *err)
{
	return with_store(args, first_accounts, ret_found, err);
}

/* ---- demo ---- */

static void show_demo_progress(void *arg, const char *what, int64_t done, int64_t total)
{
	(void)arg;
	if (is_terminal())
		fprintf(stderr, "\r\033[K%s %lld/%lld%s", what, (long long)done, (long long)total, done == total ? "\n" : "");
}

static enum err_code mark_demo(struct db *db, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_CONTEXT_DEMO_SET, &q, err));
	return db_run(q, NULL, err);
}

/** What a bureau has before it on an ordinary day: the store is swept, and the story of the desk is played on what was found. */
static enum err_code fill_desk(struct context *c, const struct demo_options *filled, struct id_source *ids, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(1u << 30);
	const struct sweep_options sweep = {
		.app = &c->app, .ids = ids, .who = filled->who, .now_ms = filled->now_ms, .today = filled->today, .threads = 2
	};
	const struct demo_desk_options desk = { .app = &c->app, .ids = ids, .seed = filled->seed, .today = filled->today };
	struct demo_desk_result result;
	struct sweep swept;
	bool fang;

	if (!mem)
		return err_nomem(err);
	TRY(document_fonts_load(context_fonts_folder(), &fang, err));
	TRY(context_open_snapshots(c, err));
	show_demo_progress(NULL, "监督规则检测", 0, 1);
	TRY(detect_sweep(c->db, &sweep, NULL, NULL, mem, &swept, err));
	show_demo_progress(NULL, "监督规则检测", 1, 1);
	TRY(demo_desk(c->db, &desk, &result, err));
	fprintf(stderr, "工作台：研判 %lld 条疑似问题，%lld 条线索，%lld 件监督事项，%lld 份文书\n", (long long)result.findings,
		(long long)result.clues, (long long)result.matters, (long long)result.documents);
	return ERR_OK;
}

static enum err_code fill_demo(struct context *c, bool *ret_found, struct err *err)
{
	const char *size = argument(c->args, "size");
	struct id_source ids;
	struct import_options import = {
		.dictionary = c->app.dictionary, .mappings = c->app.mappings, .ids = &ids, .data_dir = c->data_dir.ptr
	};
	struct actor who = command_line();
	struct demo_options o = {
		.today = c->app.fixed_today, .assets = &c->assets, .import = &import, .who = &who, .on_progress = show_demo_progress
	};
	struct demo_result result;
	struct str key = str_printf(c->mem, "%s/answer-key.json", c->data_dir.ptr);
	int64_t seed;

	(void)ret_found;
	if (!key.ptr)
		return err_nomem(err);
	TRY(context_number(c->args, "seed", 1, 0, INT64_MAX, &seed, err));
	TRY(demo_size_parse(str_of(size), &o.size, err));
	if (o.today == DAY_NONE)
		day_parse(STR(DEMO_TODAY), &o.today);
	o.now_ms = (int64_t)o.today * 86400000;
	import.now_ms = o.now_ms;
	id_source_init(&ids, 0, o.now_ms);
	o.seed = (uint64_t)seed;
	o.key_path = key.ptr;
	TRY(mark_demo(c->db, err));
	TRY(demo_fill(c->db, &o, &result, err));
	fprintf(stderr,
		"演示数据：%lld 个组织，%lld 个执法主体，%lld 名执法人员，%lld 家企业，%lld 件处罚案件，%lld 件热线工单；预设违法 %lld "
		"处，其他记录 %lld 条，答案在 %s\n",
		(long long)result.organisations, (long long)result.agencies, (long long)result.officers, (long long)result.parties,
		(long long)result.cases, (long long)result.tickets, (long long)result.planted, (long long)result.others, key.ptr);
	if (result.unintended > 0)
		return err_set(err, ERR_INTERNAL, "演示数据有 %lld 处与预设不符", (long long)result.unintended);
	return fill_desk(c, &o, &ids, err);
}

enum err_code cmd_demo(const struct arguments *args, bool *ret_found, struct err *err)
{
	return with_store(args, fill_demo, ret_found, err);
}

/* ---- import, export ---- */

/** --mapping NAME finds a built-in mapping, anything with a dot or a slash is a file. */
static enum err_code mapping_from_option(struct context *c, const char *option, const struct mapping **ret, struct err *err)
{
	struct str text;
	struct mapping *parsed;

	*ret = mapping_find(c->app.mappings, str_of(option));
	if (*ret)
		return ERR_OK;
	if (!strpbrk(option, "./"))
		return err_set(err, ERR_INPUT, "没有映射 %s，也没有这个文件", option);
	TRY(context_input(option, err));
	TRY(file_read(option, 1 << 20, c->mem, &text, err));
	TRY(mapping_parse(text, option, c->app.dictionary, c->app.mappings, c->mem, &parsed, err));
	*ret = parsed;
	return ERR_OK;
}

static void import_json(const struct import *import, struct json *j)
{
	json_obj(j);
	json_kid(j, "id", import->id);
	json_kstr(j, "file", import->name);
	json_kstr(j, "type", import->type);
	json_kstr(j, "mapping", import->mapping_name);
	json_kputs(j, "state", import_state_slug(import->state));
	put_count(j, "new", import->counts.added);
	put_count(j, "changed", import->counts.changed);
	put_count(j, "same", import->counts.same);
	put_count(j, "older", import->counts.older);
	put_count(j, "rejected", import->counts.rejected);
	json_obj_end(j);
}

/** Name of the sheet that the rejects go to: beside the file when that folder can be written, else in the store. */
static enum err_code write_rejects(struct context *c, const struct import *import, const char *file, struct err *err)
{
	const char *dot = strrchr(file, '.');
	struct str path;
	int64_t rows;

	path = str_printf(c->mem, "%.*s.rejects%s", (int)(dot ? dot - file : (ptrdiff_t)strlen(file)), file,
		dot && strcmp(dot, ".xlsx") == 0 ? ".xlsx" : ".csv");
	if (!path.ptr)
		return err_nomem(err);
	TRY(import_rejects_write(c->db, import->id, path.ptr, &rows, err));
	fprintf(stderr, "被拒 %lld 行及原因：%s（改正后可再次导入）\n", (long long)rows, path.ptr);
	return ERR_OK;
}

static enum err_code import_one(struct context *c, const char *file, struct json *j, struct err *err)
{
	struct import_options options = { .dictionary = c->app.dictionary,
		.mappings = c->app.mappings,
		.ids = &c->ids,
		.data_dir = c->data_dir.ptr,
		.now_ms = c->now_ms };
	struct record_reader_options read = { .path = file, .dictionary = c->app.dictionary, .mappings = c->app.mappings };
	const char *type = argument(c->args, "as"), *mapping = argument(c->args, "mapping");
	struct actor who = command_line();
	struct import import;

	TRY(context_input(file, err));
	if (type && !(read.type = dictionary_type(c->app.dictionary, str_of(type))))
		return err_set(err, ERR_INPUT, "没有记录类型 %s", type);
	if (mapping)
		TRY(mapping_from_option(c, mapping, &read.mapping, err));
	TRY(import_file(c->db, &options, &who, &read, &import, c->mem, err));
	if (c->json)
		import_json(&import, j);
	else
		printf("%s：%.*s，映射 %.*s，新增 %lld，变更 %lld，相同 %lld，较旧 %lld，被拒 %lld\n", file, STR_ARG(import.type),
			STR_ARG(import.mapping_name), (long long)import.counts.added, (long long)import.counts.changed,
			(long long)import.counts.same, (long long)import.counts.older, (long long)import.counts.rejected);
	return import.counts.rejected > 0 ? write_rejects(c, &import, file, err) : ERR_OK;
}

static enum err_code import_all(struct context *c, bool *ret_found, struct err *err)
{
	struct buf out;
	struct json j;
	enum err_code code = ERR_OK;

	(void)ret_found;
	buf_init(&out, OUTPUT_BYTES_MAX);
	json_init(&j, &out);
	json_obj(&j);
	json_key(&j, "imports");
	json_arr(&j);
	for (int i = 0; i < c->args->positional_count && code == ERR_OK; i++)
		code = import_one(c, c->args->positional[i], &j, err);
	if (code == ERR_OK && c->json) {
		json_arr_end(&j);
		json_obj_end(&j);
		buf_putc(&out, '\n');
		code = context_print(c, &out, err);
	}
	buf_clear(&out);
	return code;
}

enum err_code cmd_import(const struct arguments *args, bool *ret_found, struct err *err)
{
	return with_store(args, import_all, ret_found, err);
}

static enum err_code export_type(struct context *c, bool *ret_found, struct err *err)
{
	const char *format = argument(c->args, "format"), *out = argument(c->args, "out");
	struct actor who = command_line();
	struct record_query query = {
		.type = dictionary_type(c->app.dictionary, str_of(c->args->positional[0])), .who = &who, .limit = 500, .as_of = c->as_of
	};
	struct str path;
	int64_t rows;

	(void)ret_found;
	if (!query.type)
		return err_set(err, ERR_INPUT, "没有记录类型 %s", c->args->positional[0]);
	format = format ? format : "csv";
	if (strcmp(format, "csv") != 0 && strcmp(format, "xlsx") != 0 && strcmp(format, "jsonl") != 0)
		return err_set(err, ERR_INPUT, "--format 只能是 csv、xlsx 或 jsonl，收到的是 %.20s", format);
	path = out ? str_of(out) : str_printf(c->mem, "%s.%s", c->args->positional[0], format);
	if (!path.ptr)
		return err_nomem(err);
	TRY(record_export(c->db, c->app.dictionary, &query, true, path.ptr, &rows, err));
	fprintf(stderr, "%lld 条记录写入 %s\n", (long long)rows, path.ptr);
	return ERR_OK;
}

enum err_code cmd_export(const struct arguments *args, bool *ret_found, struct err *err)
{
	return with_store(args, export_type, ret_found, err);
}

/* ---- check, sweep ---- */

enum err_code cmd_check(const struct arguments *args, bool *ret_found, struct err *err)
{
	struct context c;
	struct check_options o = { .app = &c.app, .paths = args->positional, .path_count = (size_t)args->positional_count };
	const char *type = argument(args, "as"), *mapping = argument(args, "mapping"), *format = argument(args, "format");
	int64_t workers = 1;
	struct buf out;
	enum err_code code = context_load(&c, args, err);

	buf_init(&out, OUTPUT_BYTES_MAX);
	if (code == ERR_OK && type && !(o.type = dictionary_type(c.app.dictionary, str_of(type))))
		code = err_set(err, ERR_INPUT, "没有记录类型 %s", type);
	if (code == ERR_OK && mapping)
		code = mapping_from_option(&c, mapping, &o.mapping, err);
	if (code == ERR_OK && format && strcmp(format, "text") != 0 && strcmp(format, "json") != 0 && strcmp(format, "csv") != 0)
		code = err_set(err, ERR_INPUT, "--format 只能是 text、json 或 csv，收到的是 %.20s", format);
	for (int i = 0; i < args->positional_count && code == ERR_OK; i++)
		code = context_input(args->positional[i], err);
	if (code == ERR_OK)
		code = context_number(args, "limit", 0, 0, INT32_MAX, &o.limit, err);
	if (code == ERR_OK)
		code = context_number(args, "workers", 1, 1, 64, &workers, err);
	if (code == ERR_OK) {
		o.format = c.json ? STR("json") : str_of(format ? format : "text");
		o.today = c.today;
		o.as_of = c.as_of;
		o.threads = (int)workers;
		code = detect_check(&o, c.mem, &out, ret_found, err);
	}
	if (code == ERR_OK)
		code = context_print(&c, &out, err);
	buf_clear(&out);
	context_close(&c);
	return code;
}

static enum err_code show_progress(void *arg, int64_t done, int64_t total, struct err *err)
{
	(void)arg;
	(void)err;
	if (is_terminal())
		fprintf(stderr, "\r检测 %lld/%lld 条规则%s", (long long)done, (long long)total, done == total ? "\n" : "");
	return ERR_OK;
}

static void sweep_text(const struct sweep *s, struct buf *out)
{
	buf_printf(out, "检测 %lld 条记录，用时 %.2f 秒\n%-36s %8s %6s %6s %8s %6s %6s\n", (long long)s->records, s->seconds, "规则",
		"检查", "命中", "豁免", "无法判断", "不适用", "秒");
	for (size_t i = 0; i < s->rule_count; i++) {
		const struct sweep_rule *r = &s->rules[i];

		buf_printf(out, "%-36.*s %8lld %6lld %6lld %8lld %6lld %6.3f\n", STR_ARG(r->rule_id), (long long)r->checked,
			(long long)r->hit, (long long)(r->exempt + r->suppressed), (long long)r->unknown, (long long)r->not_in_force,
			r->seconds);
	}
}

static enum err_code sweep_engine_of(const struct arguments *args, enum sweep_engine *ret, struct err *err)
{
	const char *name = argument(args, "engine");

	for (int e = 0; e < SWEEP_ENGINE_COUNT; e++)
		if (!name || strcmp(name, sweep_engine_slug((enum sweep_engine)e)) == 0) {
			*ret = (enum sweep_engine)e;
			return ERR_OK;
		}
	return err_set(err, ERR_INPUT, "--engine 只能是 vector 或 sql，收到的是 %s", name);
}

static enum err_code sweep_store(struct context *c, bool *ret_found, struct err *err)
{
	struct actor who = command_line();
	int64_t workers;
	struct sweep_options o = { .app = &c->app,
		.ids = &c->ids,
		.who = &who,
		.now_ms = c->now_ms,
		.today = c->today,
		.dry_run = argument(c->args, "dry-run") != NULL };
	struct sweep s;
	struct buf out;
	struct json j;
	enum err_code code;

	TRY(context_number(c->args, "workers", 2, 1, 64, &workers, err));
	o.threads = (int)workers;
	TRY(sweep_engine_of(c->args, &o.engine, err));
	if (c->as_of != 0 && (!o.dry_run || o.engine == SWEEP_SQL))
		return err_set(err, ERR_INPUT, "--as-of 只用于推演：须加 --dry-run，且只能用 --engine vector");
	TRY(context_open_snapshots(c, err));
	TRY(detect_sweep(c->db, &o, show_progress, NULL, c->mem, &s, err));
	for (size_t i = 0; i < s.rule_count; i++)
		*ret_found = *ret_found || s.rules[i].hit > 0;
	buf_init(&out, OUTPUT_BYTES_MAX);
	json_init(&j, &out);
	if (c->json) {
		sweep_json(&s, &j);
		buf_putc(&out, '\n');
	} else {
		sweep_text(&s, &out);
	}
	code = context_print(c, &out, err);
	buf_clear(&out);
	return code;
}

enum err_code cmd_sweep(const struct arguments *args, bool *ret_found, struct err *err)
{
	return with_store(args, sweep_store, ret_found, err);
}

/* ---- audit ---- */

static enum err_code verify(struct context *c, bool *ret_found, struct err *err)
{
	struct audit_report report;
	struct buf out;
	struct json j;
	enum err_code code = ERR_OK;

	TRY(audit_verify(c->db, &report, err));
	*ret_found = report.broken_seq > 0;
	buf_init(&out, 4096);
	json_init(&j, &out);
	if (c->json) {
		json_obj(&j);
		json_kbool(&j, "intact", !*ret_found);
		json_ki64(&j, "entries", report.entries);
		json_ki64(&j, "broken_seq", report.broken_seq);
		json_kputs(&j, "why", *ret_found ? report.broken_why : NULL);
		json_kputs(&j, "head", report.head);
		json_obj_end(&j);
	} else if (*ret_found) {
		buf_printf(&out, "第 %lld 条断链：%s（此前 %lld 条完好）", (long long)report.broken_seq, report.broken_why,
			(long long)report.entries);
	} else {
		buf_printf(&out, "%lld 条留痕，链条完好，链头 %s", (long long)report.entries, report.head);
	}
	buf_putc(&out, '\n');
	code = context_print(c, &out, err);
	buf_clear(&out);
	return code;
}

enum err_code cmd_audit_verify(const struct arguments *args, bool *ret_found, struct err *err)
{
	return with_store(args, verify, ret_found, err);
}

/* ---- version ---- */

enum err_code cmd_version(const struct arguments *args, bool *ret_found, struct err *err)
{
	struct context c;
	struct buf out;
	enum err_code code = context_load(&c, args, err);
	struct json j;

	(void)ret_found;
	buf_init(&out, 65536);
	json_init(&j, &out);
	if (code == ERR_OK && c.json) {
		json_obj(&j);
		json_kputs(&j, "version", XZ_VERSION);
		json_kputs(&j, "compiler", __VERSION__);
		json_kstr(&j, "calendar", calendar_version(c.app.calendar));
		json_ki64(&j, "rules", (int64_t)rule_count(c.app.rules));
		json_ki64(&j, "migrations", (int64_t)db_migration_count());
		json_obj_end(&j);
		buf_putc(&out, '\n');
	} else if (code == ERR_OK) {
		struct str calendar = calendar_version(c.app.calendar);

		buf_printf(&out, "xiezhi %s\n编译器 %s\n日历 %.*s\n规则 %zu 条\n库结构 %d 个迁移\n", XZ_VERSION, __VERSION__,
			STR_ARG(calendar), rule_count(c.app.rules), db_migration_count());
	}
	if (code == ERR_OK)
		code = context_print(&c, &out, err);
	buf_clear(&out);
	context_close(&c);
	return code;
}
