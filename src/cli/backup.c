/* Backup and restore: one ZIP with every table as lines of JSON and every attachment. Logical, so that a SQLite store can be restored into
 * PostgreSQL and back. The tables are read in one transaction that sees one state; attachments never change once they exist, so a running
 * server does not disturb the copy. Search indexes are caches and are made anew. */
#include <dirent.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "backup_sql.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/json.h"
#include "base/vec.h"
#include "cli/commands.h"
#include "record/record.h"

#define LINE_BYTES_MAX (64u << 20)
#define TABLES_MAX 256

struct work {
	struct context *c;
	char dir[PATH_MAX]; /* temporary folder for the tables' files */
	zip_t *zip;
};

static enum err_code zip_failed(zip_t *zip, const char *what, struct err *err)
{
	return err_set(err, ERR_IO, "%s：%s", what, zip_strerror(zip));
}

/** Names of all tables in the order of their making, so that what is referred to comes first. */
static enum err_code table_names(struct context *c, struct str *names, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	size_t count = 0;
	bool row;

	TRY(db_prepare(c->db, &SQL_BACKUP_TABLES, &q, err));
	TRY(db_step(q, &row, err));
	while (row) {
		if (count >= TABLES_MAX)
			return err_set(err, ERR_LIMIT, "表的数量超过 %d", TABLES_MAX);
		names[count++] = db_str_dup(q, 0, c->mem);
		TRY(db_step(q, &row, err));
	}
	*ret_count = count;
	return ERR_OK;
}

/** One row as a JSON array of texts and nulls. */
static void put_row(struct json *j, struct db_stmt *q, int columns)
{
	json_arr(j);
	for (int i = 0; i < columns; i++)
		if (db_is_null(q, i))
			json_none(j);
		else
			json_str(j, db_str(q, i).ptr ? db_str(q, i) : STR(""));
	json_arr_end(j);
}

static void put_names(struct json *j, struct db_stmt *q, int columns)
{
	json_arr(j);
	for (int i = 0; i < columns; i++)
		json_str(j, db_column_name(q, i));
	json_arr_end(j);
}

/** Writes a table's rows to a file: first line the column names, then one line a row. */
static enum err_code dump_table(struct context *c, struct str table, FILE *file, struct buf *line, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare_text(c->db, str_printf(c->mem, "SELECT * FROM %.*s", STR_ARG(table)), &q, err));
	db_stmt_stream(q);
	TRY(db_step(q, &row, err));
	for (bool first = true; row; first = false) {
		int columns = db_column_count(q);
		struct json j;

		buf_reset(line);
		json_init(&j, line);
		if (first) {
			put_names(&j, q, columns);
			buf_putc(line, '\n');
			json_init(&j, line);
		}
		put_row(&j, q, columns);
		buf_putc(line, '\n');
		if (line->failed || fwrite(line->ptr, 1, line->len, file) != line->len)
			return err_set(err, ERR_IO, "写临时文件失败（表 %.*s）", STR_ARG(table));
		TRY(db_step(q, &row, err));
	}
	return ERR_OK;
}

static enum err_code add_file(struct work *w, const char *path, const char *name, struct err *err)
{
	zip_source_t *source = zip_source_file(w->zip, path, 0, -1);

	if (!source)
		return zip_failed(w->zip, path, err);
	if (zip_file_add(w->zip, name, source, ZIP_FL_ENC_UTF_8) < 0) {
		zip_source_free(source);
		return zip_failed(w->zip, path, err);
	}
	return ERR_OK;
}

static enum err_code dump_tables(struct work *w, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct str names[TABLES_MAX];
	size_t count = 0;
	struct buf line;
	enum err_code code = ERR_OK;

	TRY(db_begin_read(w->c->db, &tx, err));
	TRY(table_names(w->c, names, &count, err));
	buf_init(&line, LINE_BYTES_MAX);
	for (size_t i = 0; i < count && code == ERR_OK; i++) {
		char path[PATH_MAX + 80], name[96];
		FILE *file;

		snprintf(name, sizeof(name), "tables/%03zu-%.*s.jsonl", i, STR_ARG(names[i]));
		snprintf(path, sizeof(path), "%s/%zu", w->dir, i);
		file = fopen(path, "w");
		if (!file)
			code = err_set(err, ERR_IO, "%s：打不开", path);
		else
			code = dump_table(w->c, names[i], file, &line, err);
		if (file && fclose(file) != 0 && code == ERR_OK)
			code = err_set(err, ERR_IO, "%s：写入失败", path);
		if (code == ERR_OK)
			code = add_file(w, path, name, err);
	}
	buf_clear(&line);
	return code;
}

/** Adds DIR/files/ab/… (not the incoming folder of uploads under way). */
static enum err_code add_attachments(struct work *w, struct err *err)
{
	char folder[PATH_MAX];
	DIR *top;
	struct dirent *sub;
	enum err_code code = ERR_OK;

	snprintf(folder, sizeof(folder), "%s/files", w->c->data_dir.ptr);
	top = opendir(folder);
	while (top && code == ERR_OK && (sub = readdir(top))) {
		char inner[PATH_MAX + 300];
		struct dirent *entry;
		DIR *dir;

		if (strlen(sub->d_name) != 2 || sub->d_name[0] == '.')
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", folder, sub->d_name);
		dir = opendir(inner);
		while (dir && code == ERR_OK && (entry = readdir(dir))) {
			char path[PATH_MAX + 600], name[600];

			if (entry->d_name[0] == '.')
				continue;
			snprintf(path, sizeof(path), "%s/%s", inner, entry->d_name);
			snprintf(name, sizeof(name), "files/%s/%s", sub->d_name, entry->d_name);
			code = add_file(w, path, name, err);
		}
		if (dir)
			closedir(dir);
	}
	if (top)
		closedir(top);
	return code;
}

static void remove_folder(const char *dir)
{
	char path[PATH_MAX + 300];
	DIR *folder = opendir(dir);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		unlink(path);
	}
	if (folder)
		closedir(folder);
	rmdir(dir);
}

static enum err_code write_archive(struct work *w, const char *target, struct err *err)
{
	char temporary[PATH_MAX];
	int zip_error;
	enum err_code code;

	snprintf(temporary, sizeof(temporary), "%s.part", target);
	unlink(temporary);
	w->zip = zip_open(temporary, ZIP_CREATE | ZIP_EXCL, &zip_error);
	if (!w->zip)
		return err_set(err, ERR_IO, "建不了文件 %s", temporary);
	code = dump_tables(w, err);
	if (code == ERR_OK)
		code = add_attachments(w, err);
	if (code != ERR_OK) {
		zip_discard(w->zip);
		return code;
	}
	if (zip_close(w->zip) != 0) {
		code = zip_failed(w->zip, temporary, err);
		zip_discard(w->zip);
		return code;
	}
	return rename(temporary, target) == 0 ? ERR_OK : err_set(err, ERR_IO, "%s：改名失败", target);
}

enum err_code cmd_backup(const struct arguments *args, bool *ret_found, struct err *err)
{
	struct context c;
	struct work w = { .c = &c };
	enum err_code code = context_load(&c, args, err);

	(void)ret_found;
	if (code == ERR_OK)
		code = context_open_store(&c, err);
	if (code == ERR_OK) {
		snprintf(w.dir, sizeof(w.dir), "%s/backup-XXXXXX", c.data_dir.ptr);
		if (!mkdtemp(w.dir)) {
			code = err_set(err, ERR_IO, "建不了临时目录 %s", w.dir);
		} else {
			code = write_archive(&w, args->positional[0], err);
			remove_folder(w.dir);
		}
	}
	if (code == ERR_OK)
		fprintf(stderr, "已备份到 %s\n", args->positional[0]);
	context_close(&c);
	return code;
}

/* ---- restore ---- */

static enum err_code is_empty(struct context *c, bool *ret_empty, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *accounts = NULL;
	CLEANUP(db_stmt_donep) struct db_stmt *records = NULL;
	bool row;

	TRY(db_prepare(c->db, &SQL_BACKUP_ACCOUNT_COUNT, &accounts, err));
	TRY(db_step(accounts, &row, err));
	TRY(db_prepare(c->db, &SQL_BACKUP_RECORD_COUNT, &records, err));
	TRY(db_step(records, &row, err));
	*ret_empty = db_i64(accounts, 0) == 0 && db_i64(records, 0) == 0;
	return ERR_OK;
}

/** INSERT INTO table (columns) VALUES ($1, …) from the names line; names are identifiers of our own schema or refused. */
static enum err_code insert_statement(struct context *c, struct str table, const json_t *names, struct db_stmt **ret, struct err *err)
{
	struct buf sql;
	size_t count = json_array_size(names);
	enum err_code code;

	buf_init(&sql, 1 << 16);
	buf_printf(&sql, "INSERT INTO %.*s (", STR_ARG(table));
	for (size_t i = 0; i < count; i++) {
		const char *name = json_string_value(json_array_get(names, i));

		if (!name || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name)) {
			buf_clear(&sql);
			return err_set(err, ERR_INPUT, "备份文件中表 %.*s 的列名不合规", STR_ARG(table));
		}
		buf_printf(&sql, "%s%s", i ? ", " : "", name);
	}
	buf_puts(&sql, ") VALUES (");
	for (size_t i = 1; i <= count; i++)
		buf_printf(&sql, "%s$%zu", i > 1 ? ", " : "", i);
	buf_puts(&sql, ")");
	code = sql.failed ? err_nomem(err) : db_prepare_text(c->db, buf_str(&sql), ret, err);
	buf_clear(&sql);
	return code;
}

static enum err_code insert_row(struct db_stmt *q, const json_t *row, size_t columns, struct err *err)
{
	if (!json_is_array(row) || json_array_size(row) != columns)
		return err_set(err, ERR_INPUT, "备份文件中有一行的列数不对");
	for (size_t i = 0; i < columns; i++) {
		const json_t *value = json_array_get(row, i);

		if (json_is_string(value))
			db_bind_str(q, (int)i + 1, (struct str){ .ptr = json_string_value(value), .len = json_string_length(value) });
		else
			db_bind_null(q, (int)i + 1);
	}
	return db_run(q, NULL, err);
}

/** Rows of one table from its lines. Tables that migrations filled themselves are emptied first. */
static enum err_code load_lines(struct context *c, struct str table, FILE *lines, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *insert = NULL;
	CLEANUP(mem_freep) char *line = NULL;
	size_t room = 0, columns = 0;
	ssize_t len;

	TRY(db_exec_script(c->db, str_printf(c->mem, "DELETE FROM %.*s", STR_ARG(table)), err));
	while ((len = getline(&line, &room, lines)) > 0) {
		json_t *row = json_loadb(line, (size_t)len, JSON_REJECT_DUPLICATES, NULL);
		enum err_code code;

		if (!row)
			return err_set(err, ERR_SYNTAX, "备份文件中表 %.*s 有一行不是 JSON", STR_ARG(table));
		if (!insert) {
			columns = json_array_size(row);
			code = insert_statement(c, table, row, &insert, err);
		} else {
			code = insert_row(insert, row, columns, err);
		}
		json_decref(row);
		TRY(code);
	}
	return ERR_OK;
}

/** Copies a member of the archive into a file. */
static enum err_code extract(zip_t *zip, zip_uint64_t index, FILE *out, struct err *err)
{
	zip_file_t *member = zip_fopen_index(zip, index, 0);
	char bytes[65536];
	zip_int64_t n = 0;

	if (!member)
		return zip_failed(zip, "备份文件损坏", err);
	while ((n = zip_fread(member, bytes, sizeof(bytes))) > 0)
		if (fwrite(bytes, 1, (size_t)n, out) != (size_t)n)
			break;
	zip_fclose(member);
	if (n != 0)
		return err_set(err, n < 0 ? ERR_CORRUPT : ERR_IO, n < 0 ? "备份文件损坏" : "写入失败");
	return ERR_OK;
}

/** "tables/012-matter.jsonl" → "matter"; empty when it is no table of this program. */
static struct str table_of(struct str member)
{
	struct str name = str_sub(member, strlen("tables/000-"), member.len - strlen(".jsonl"));

	for (size_t i = 0; i < name.len; i++)
		if (!((name.ptr[i] >= 'a' && name.ptr[i] <= 'z') || name.ptr[i] == '_' || (name.ptr[i] >= '0' && name.ptr[i] <= '9')))
			return STR("");
	return name;
}

static enum err_code restore_table(struct context *c, zip_t *zip, zip_uint64_t index, struct str member, struct err *err)
{
	struct str table = table_of(member);
	FILE *lines = tmpfile();
	enum err_code code;

	if (!lines)
		return err_set(err, ERR_IO, "建不了临时文件");
	code = table.len == 0 ? err_set(err, ERR_INPUT, "备份文件中有不认识的内容 %.*s", STR_ARG(member)) : extract(zip, index, lines, err);
	if (code == ERR_OK && !str_eq(table, STR("schema_version"))) {
		rewind(lines);
		code = load_lines(c, table, lines, err);
	}
	fclose(lines);
	return code;
}

static enum err_code restore_file(struct context *c, zip_t *zip, zip_uint64_t index, struct str member, struct err *err)
{
	char path[PATH_MAX], folder[PATH_MAX];
	FILE *out;
	enum err_code code;

	/* files/ab/<64 hex digits>: nothing else may name a path */
	if (member.len < 10 || strspn(member.ptr + 6, "0123456789abcdef/") != member.len - 6)
		return err_set(err, ERR_INPUT, "备份文件中有不认识的内容 %.*s", STR_ARG(member));
	snprintf(folder, sizeof(folder), "%s/files/%.2s", c->data_dir.ptr, member.ptr + 6);
	TRY(dir_make(folder, err));
	snprintf(path, sizeof(path), "%s/%.*s", c->data_dir.ptr, STR_ARG(member));
	out = fopen(path, "w");
	if (!out)
		return err_set(err, ERR_IO, "%s：打不开", path);
	code = extract(zip, index, out, err);
	if (fclose(out) != 0 && code == ERR_OK)
		code = err_set(err, ERR_IO, "%s：写入失败", path);
	return code;
}

static enum err_code restore_members(struct context *c, zip_t *zip, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	zip_int64_t count = zip_get_num_entries(zip, 0);

	for (zip_int64_t i = 0; i < count; i++) {
		struct str name = str_of(zip_get_name(zip, (zip_uint64_t)i, 0));

		if (str_starts(name, STR("files/")))
			TRY(restore_file(c, zip, (zip_uint64_t)i, name, err));
	}
	TRY(db_begin(c->db, &tx, err));
	for (zip_int64_t i = 0; i < count; i++) {
		struct str name = str_of(zip_get_name(zip, (zip_uint64_t)i, 0));

		if (str_starts(name, STR("tables/")))
			TRY(restore_table(c, zip, (zip_uint64_t)i, name, err));
	}
	TRY(record_index_fill(c->db, c->app.dictionary, err));
	return db_commit(&tx, err);
}

static enum err_code restore(struct context *c, const char *source, struct err *err)
{
	bool empty;
	int zip_error = 0;
	zip_t *zip;
	enum err_code code;

	TRY(context_input(source, err));
	TRY(is_empty(c, &empty, err));
	if (!empty)
		return err_set(err, ERR_CONFLICT, "库不是空的，不能恢复；请指定一个新的 --data 目录或空数据库");
	zip = zip_open(source, ZIP_RDONLY | ZIP_CHECKCONS, &zip_error);
	if (!zip)
		return err_set(err, ERR_INPUT, "%s 不是备份文件或已损坏", source);
	code = restore_members(c, zip, err);
	zip_discard(zip);
	return code;
}

enum err_code cmd_restore(const struct arguments *args, bool *ret_found, struct err *err)
{
	struct context c;
	enum err_code code = context_load(&c, args, err);

	(void)ret_found;
	if (code == ERR_OK)
		code = context_open_store(&c, err);
	if (code == ERR_OK)
		code = restore(&c, args->positional[0], err);
	if (code == ERR_OK)
		fprintf(stderr, "已从 %s 恢复\n", args->positional[0]);
	context_close(&c);
	return code;
}
