/* Opening what a command needs, in the order in which it depends on each other. */
#include "cli/context.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup_sql.h"
#include "base/file.h"
#include "calendar/calendar.h"
#include "dictionary/dictionary.h"
#include "instrument/instrument.h"
#include "law/law.h"
#include "matter/matter.h"
#include "record/record.h"
#include "rule/rule.h"
#include "snapshot/snapshot.h"
#include "workbench/workbench.h"

enum err_code context_date(const char *text, const char *option, int32_t *ret, struct err *err)
{
	if (!text || day_parse(str_of(text), ret))
		return ERR_OK;
	return err_set(err, ERR_INPUT, "--%s 应为 YYYY-MM-DD 的日期，收到的是 %.40s", option, text);
}

enum err_code context_number(
	const struct arguments *args, const char *name, int64_t fallback, int64_t min, int64_t max, int64_t *ret, struct err *err)
{
	const char *text = argument(args, name);

	*ret = fallback;
	if (!text)
		return ERR_OK;
	if (!str_to_i64(str_of(text), ret) || *ret < min || *ret > max)
		return err_set(err, ERR_INPUT, "--%s 应为 %lld 到 %lld 的整数，收到的是 %.40s", name, (long long)min, (long long)max, text);
	return ERR_OK;
}

static void add_folder(struct context *c, const char *option, const char *prefix, bool replace)
{
	const char *dir = argument(c->args, option);

	if (dir)
		c->assets.dirs[c->assets.dir_count++] = (struct asset_dir){ .dir = dir, .prefix = prefix, .replace = replace };
}

static enum err_code load_data(struct context *c, struct err *err)
{
	struct calendar *calendar;
	struct law_register *law;
	struct dictionary *dictionary;
	struct mapping_set *mappings;
	struct process_set *processes;
	struct instrument_set *instruments;
	struct rule_options rules = { .assets = &c->assets };

	TRY(calendar_load(&c->assets, STR(""), c->mem, &calendar, err));
	c->app.calendar = calendar;
	TRY(law_load(&c->assets, c->mem, &law, err));
	c->app.law = law;
	TRY(dictionary_load(&c->assets, c->mem, &dictionary, err));
	c->app.dictionary = dictionary;
	TRY(mapping_load(&c->assets, dictionary, c->mem, &mappings, err));
	c->app.mappings = mappings;
	rules.dictionary = dictionary;
	rules.calendar = calendar;
	rules.law = law;
	TRY(rule_pack_load(&rules, &c->rules, err));
	c->app.rules = c->rules;
	TRY(process_load(&c->assets, calendar, c->mem, &processes, err));
	c->app.processes = processes;
	TRY(instrument_set_load(&c->assets, law, c->mem, &instruments, err));
	instrument_set_hooks(instruments, &matter_instrument_hooks);
	c->app.instruments = instruments;
	return ERR_OK;
}

enum err_code context_load(struct context *c, const struct arguments *args, struct err *err)
{
	int64_t node;
	int32_t today = DAY_NONE;

	*c = (struct context){ .args = args };
	c->mem = arena_open(CONTEXT_BYTES_MAX);
	if (!c->mem)
		return err_nomem(err);
	c->json = argument(args, "json") != NULL;
	TRY(context_date(argument(args, "today"), "today", &today, err));
	TRY(context_date(argument(args, "as-of"), "as-of", &c->as_of, err));
	TRY(context_number(args, "node", 0, 0, 63, &node, err));
	c->now_ms = time_on_day(today, time_now_ms());
	c->today = day_of_time(c->now_ms);
	id_source_init(&c->ids, (int)node, 0);
	add_folder(c, "rules", "rules/", true);
	add_folder(c, "dictionary", "dictionary/", true);
	add_folder(c, "profile", "", false);
	c->app.assets = &c->assets;
	c->app.ids = &c->ids;
	c->app.fixed_today = today;
	c->app.public_check = argument(args, "public-check") != NULL;
	return load_data(c, err);
}

/** Whether the store was filled by `xiezhi demo`. */
static enum err_code context_read_demo(struct context *c, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(c->db, &SQL_CONTEXT_DEMO_MARK, &q, err));
	return db_step(q, &c->app.demo, err);
}

enum err_code context_open_store(struct context *c, struct err *err)
{
	const char *data = argument(c->args, "data"), *url = argument(c->args, "database");
	int version;

	c->data_dir = str_of(data ? data : "./data");
	TRY(dir_make(c->data_dir.ptr, err));
	c->db_url = url ? str_of(url) : str_printf(c->mem, "sqlite:%s/xiezhi.db", c->data_dir.ptr);
	if (!c->db_url.ptr)
		return err_nomem(err);
	c->app.data_dir = c->data_dir.ptr;
	c->app.db_url = c->db_url.ptr;
	TRY(db_open(c->db_url, &c->db, err));
	TRY(db_migrate(c->db, &version, err));
	TRY(record_tables_ensure(c->db, c->app.dictionary, err));
	TRY(workbench_open(&c->app, &c->app.workbench, err));
	return context_read_demo(c, err);
}

const char *context_fonts_folder(void)
{
	static const char *const places[] = { "/usr/share/xiezhi/fonts", "fonts" };
	const char *given = getenv("XZ_FONTS");

	for (size_t i = 0; !given && i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return given;
}

/** DATA/cache/frames: what was built once need not be read from the store again. May be deleted at any time. */
static enum err_code open_cache(struct context *c, struct err *err)
{
	struct str folder = str_printf(c->mem, "%s/cache", c->data_dir.ptr), file = str_printf(c->mem, "%s/cache/frames", c->data_dir.ptr);

	if (!folder.ptr || !file.ptr)
		return err_nomem(err);
	TRY(dir_make(folder.ptr, err));
	return snapshot_store_cache(c->app.snapshots, file.ptr, err);
}

/** The frames of the store, holding the columns that the rules read. */
enum err_code context_open_snapshots(struct context *c, struct err *err)
{
	struct frame_wanted wanted[DICTIONARY_TYPES_MAX] = { 0 };

	for (size_t t = 0; t < c->app.dictionary->type_count; t++)
		rule_pack_wanted(c->app.rules, &c->app.dictionary->types[t], &wanted[t]);
	TRY(snapshot_store_open(c->app.dictionary, wanted, &c->app.snapshots, err));
	if (c->as_of != 0) /* a cache holds the present */
		snapshot_store_as_of(c->app.snapshots, c->as_of);
	else
		TRY(open_cache(c, err));
	return workbench_refresh(c->app.workbench, &c->app, c->db, err);
}

void context_close(struct context *c)
{
	workbench_close(c->app.workbench);
	snapshot_store_close(c->app.snapshots);
	db_close(c->db);
	rule_pack_close(c->rules);
	arena_close(c->mem);
}

enum err_code context_input(const char *path, struct err *err)
{
	struct stat st;

	if (access(path, R_OK) != 0 || stat(path, &st) != 0)
		return err_set(err, ERR_INPUT, "%s：读取失败：%s", path, strerror(errno));
	return S_ISDIR(st.st_mode) ? err_set(err, ERR_INPUT, "%s：这是文件夹，不是文件", path) : ERR_OK;
}

enum err_code context_print(const struct context *c, const struct buf *out, struct err *err)
{
	const char *path = argument(c->args, "out");

	if (out->failed)
		return err_set(err, ERR_LIMIT, "输出过大");
	if (path)
		return file_write(path, buf_str(out), err);
	if (fwrite(out->ptr ? out->ptr : "", 1, out->len, stdout) != out->len || fflush(stdout) != 0)
		return err_set(err, ERR_IO, "写标准输出失败");
	return ERR_OK;
}
