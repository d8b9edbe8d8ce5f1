/* The tables of the dictionary: making them, and reading rows with their children, supply and versions. */
#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "record/record_private.h"
#include "record_sql.h"

#define SQL_BYTES_MAX (256u << 10)
#define SCAN_PAGE_ROWS 2000

/* ---- tables ---- */

/** Columns that a table has, by asking for no row. */
static enum err_code table_has_column(struct db *db, struct str table, struct str column, bool *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct err ignored = { 0 };
	char sql[200];
	bool row;

	(void)err;
	snprintf(sql, sizeof(sql), "SELECT %.*s FROM %.*s WHERE 1 = 0", STR_ARG(column), STR_ARG(table));
	*ret = db_prepare_text(db, str_of(sql), &q, &ignored) == ERR_OK && db_step(q, &row, &ignored) == ERR_OK;
	return ERR_OK;
}

/** Does the table have all columns? One statement in the usual case; asking for each only when not. Outside a transaction, because a
 * failed question dooms one on PostgreSQL. */
static enum err_code add_missing(struct db *db, const struct dictionary_type *t, const struct dictionary_child *child, struct err *err)
{
	const struct dictionary_column *columns = child ? child->columns : t->columns;
	size_t count = child ? child->column_count : t->column_count;
	CLEANUP(buf_clear) struct buf table, all, sql;
	bool has;

	buf_init(&table, 200);
	buf_init(&all, SQL_BYTES_MAX);
	buf_init(&sql, SQL_BYTES_MAX);
	dictionary_table(t, child, &table);
	for (size_t i = 0; i < count; i++)
		buf_printf(&all, "%s%.*s", i ? ", " : "", STR_ARG(columns[i].name));
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	CLEANUP(buf_clear) struct buf probe;
	struct err ignored = { 0 };
	bool row;

	buf_init(&probe, SQL_BYTES_MAX);
	buf_printf(&probe, "SELECT %s FROM %s WHERE 1 = 0", all.ptr, table.ptr);
	if (db_prepare_text(db, buf_str(&probe), &q, &ignored) == ERR_OK && db_step(q, &row, &ignored) == ERR_OK)
		return ERR_OK;
	for (size_t i = 0; i < count; i++) {
		TRY(table_has_column(db, buf_str(&table), columns[i].name, &has, err));
		if (!has)
			buf_printf(&sql, "ALTER TABLE %s ADD COLUMN %.*s %s;\n", table.ptr, STR_ARG(columns[i].name),
				column_sql_type(columns[i].type, db_dialect(db)));
	}
	return db_exec_script(db, buf_str(&sql), err);
}

enum err_code record_tables_ensure(struct db *db, const struct dictionary *d, struct err *err)
{
	for (size_t i = 0; i < d->type_count; i++) {
		const struct dictionary_type *t = &d->types[i];
		CLEANUP(buf_clear) struct buf sql;
		CLEANUP(db_rollbackp) struct db_tx *tx = NULL;

		buf_init(&sql, SQL_BYTES_MAX);
		dictionary_ddl(t, db_dialect(db), &sql);
		search_ddl(t, db_dialect(db), &sql);
		if (sql.failed)
			return err_nomem(err);
		TRY(db_begin(db, &tx, err));
		TRY(db_exec_script(db, buf_str(&sql), err));
		TRY(db_commit(&tx, err));
		TRY(add_missing(db, t, NULL, err));
		for (size_t c = 0; c < t->child_count; c++)
			TRY(add_missing(db, t, &t->children[c], err));
	}
	return ERR_OK;
}

/* ---- supply sets ---- */

static void supply_write(const struct dictionary_type *t, const struct record_supply *s, struct buf *out)
{
	struct json j;

	json_init(&j, out);
	json_obj(&j);
	json_key(&j, "columns");
	json_arr(&j);
	for (size_t i = 0; i < t->column_count; i++)
		if (record_supplies_column(s, &t->columns[i]))
			json_str(&j, t->columns[i].name);
	json_arr_end(&j);
	json_key(&j, "children");
	json_obj(&j);
	for (size_t c = 0; c < t->child_count; c++) {
		const struct dictionary_child *child = &t->children[c];

		if (!record_supplies_child(s, child))
			continue;
		json_key_str(&j, child->name);
		json_arr(&j);
		for (size_t i = 0; i < child->column_count; i++)
			if ((s->child_columns[c][i / 64] >> (i % 64)) & 1)
				json_str(&j, child->columns[i].name);
		json_arr_end(&j);
	}
	json_obj_end(&j);
	json_obj_end(&j);
}

static void supply_read(const struct dictionary_type *t, struct str body, struct record_supply *s)
{
	json_t *root = json_loadb(body.ptr, body.len, 0, NULL), *item, *list;
	const char *key;
	size_t i;

	*s = (struct record_supply){ 0 };
	json_array_foreach(json_object_get(root, "columns"), i, item) record_supply_add(t, str_of(json_string_value(item)), s);
	json_object_foreach(json_object_get(root, "children"), key, list)
	{
		const struct dictionary_child *child = dictionary_child(t, str_of(key));

		if (!child)
			continue;
		s->children |= (uint32_t)1 << child->index;
		json_array_foreach(list, i, item)
		{
			const struct dictionary_column *c = dictionary_child_column(child, str_of(json_string_value(item)));

			if (c)
				s->child_columns[child->index][c->index / 64] |= (uint64_t)1 << (c->index % 64);
		}
	}
	json_decref(root);
}

enum err_code supply_id_of(
	struct db *db, struct id_source *ids, const struct dictionary_type *t, const struct record_supply *s, int64_t *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *find = NULL;
	CLEANUP(db_stmt_donep) struct db_stmt *add = NULL;
	CLEANUP(buf_clear) struct buf body;
	bool found;

	buf_init(&body, SQL_BYTES_MAX);
	supply_write(t, s, &body);
	TRY(db_prepare(db, &SQL_SUPPLY_FIND, &find, err));
	db_bind_str(find, 1, t->name);
	db_bind_str(find, 2, buf_str(&body));
	TRY(db_step(find, &found, err));
	if (found) {
		*ret = db_i64(find, 0);
		return ERR_OK;
	}
	*ret = id_new(ids);
	TRY(db_prepare(db, &SQL_SUPPLY_ADD, &add, err));
	db_bind_i64(add, 1, *ret);
	db_bind_str(add, 2, t->name);
	db_bind_str(add, 3, buf_str(&body));
	return db_run(add, NULL, err);
}

enum err_code supply_of_id(struct db *db, struct supply_cache *cache, int64_t id, const struct record_supply **ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	struct record_supply *s;
	bool found;

	for (size_t i = 0; i < cache->count; i++) {
		if (cache->v[i].id == id) {
			*ret = cache->v[i].supply;
			return ERR_OK;
		}
	}
	TRY(db_prepare(db, &SQL_SUPPLY_GET, &q, err));
	db_bind_i64(q, 1, id);
	TRY(db_step(q, &found, err));
	s = ARENA_NEW(cache->mem, struct record_supply, 1);
	if (!s)
		return err_nomem(err);
	if (!found)
		return err_set(err, ERR_CORRUPT, "来源范围 %" PRId64 " 不存在", id);
	supply_read(cache->type, db_str(q, 0), s);
	if (cache->count == sizeof(cache->v) / sizeof(cache->v[0]))
		cache->count = 0; /* sources are few; the memory stays with the arena */
	cache->v[cache->count].id = id;
	cache->v[cache->count++].supply = s;
	*ret = s;
	return ERR_OK;
}

enum err_code record_supplies(struct db *db, const struct dictionary_type *t, struct arena *mem, int64_t **ret_ids,
	struct record_supply **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t *ids = NULL;
	struct record_supply *supplies = NULL;
	size_t count = 0, cap = 0;
	bool row;

	TRY(db_prepare(db, &SQL_SUPPLY_ALL, &q, err));
	db_bind_str(q, 1, t->name);
	for (;;) {
		TRY(db_step(q, &row, err));
		if (!row)
			break;
		if (count == cap) {
			size_t wider = cap ? cap * 2 : 16;
			int64_t *more_ids = ARENA_NEW(mem, int64_t, wider);
			struct record_supply *more = ARENA_NEW(mem, struct record_supply, wider);

			if (!more_ids || !more)
				return err_nomem(err);
			if (count > 0) {
				memcpy(more_ids, ids, count * sizeof(*ids));
				memcpy(more, supplies, count * sizeof(*supplies));
			}
			ids = more_ids;
			supplies = more;
			cap = wider;
		}
		ids[count] = db_i64(q, 0);
		supply_read(t, db_str(q, 1), &supplies[count++]);
	}
	*ret_ids = ids;
	*ret = supplies;
	*ret_count = count;
	return ERR_OK;
}

enum err_code supply_in_use(struct db *db, const struct dictionary_type *t, struct arena *mem, struct record_supply *ret, struct err *err)
{
	enum { SETS_MAX = 1000 };
	struct supply_cache cache = { .type = t, .mem = mem };
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t *ids = ARENA_NEW(mem, int64_t, SETS_MAX);
	size_t count = 0;
	char sql[120];
	bool row;

	*ret = (struct record_supply){ 0 };
	if (!ids)
		return err_nomem(err);
	snprintf(sql, sizeof(sql), "SELECT DISTINCT supply_id FROM r_%.*s WHERE deleted = 0 LIMIT %d", STR_ARG(t->name), SETS_MAX);
	TRY(db_prepare_text(db, str_of(sql), &q, err));
	for (;;) {
		TRY(db_step(q, &row, err));
		if (!row || count == SETS_MAX)
			break;
		ids[count++] = db_i64(q, 0);
	}
	for (size_t i = 0; i < count; i++) {
		const struct record_supply *s;

		TRY(supply_of_id(db, &cache, ids[i], &s, err));
		for (size_t w = 0; w < RECORD_SUPPLY_WORDS; w++)
			ret->columns[w] |= s->columns[w];
		ret->children |= s->children;
	}
	return ERR_OK;
}

/* ---- rows ---- */

void row_columns_sql(const struct dictionary_type *t, const char *prefix, struct buf *out)
{
	static const char *const system[ROW_SYSTEM_COLUMNS] = { "id", "row_key", "region", "org_id", "sealed", "deleted", "version",
		"change_no", "import_id", "source_line", "supply_id", "digest" };

	for (size_t i = 0; i < ROW_SYSTEM_COLUMNS; i++)
		buf_printf(out, "%s%s%s", i ? ", " : "", prefix, system[i]);
	for (size_t i = 0; i < t->column_count; i++)
		buf_printf(out, ", %s%.*s", prefix, STR_ARG(t->columns[i].name));
}

enum err_code row_read(struct db_stmt *q, const struct dictionary_type *t, struct arena *mem, struct record_row *ret,
	int64_t *ret_supply_id, int64_t *ret_import_id, struct err *err)
{
	struct str digest = db_str(q, 11);

	*ret = (struct record_row){ .id = db_i64(q, 0),
		.key = db_str_dup(q, 1, mem),
		.region = db_str_dup(q, 2, mem),
		.org_id = db_i64(q, 3),
		.sealed = db_bool(q, 4),
		.deleted = db_bool(q, 5),
		.version = db_i64(q, 6),
		.change_no = db_i64(q, 7),
		.line = db_i64(q, 9) };
	snprintf(ret->digest, sizeof(ret->digest), "%.*s", STR_ARG(digest));
	if (ret_import_id)
		*ret_import_id = db_i64(q, 8);
	if (ret_supply_id)
		*ret_supply_id = db_i64(q, 10);
	ret->values = ARENA_NEW(mem, struct dictionary_value, t->column_count);
	ret->children = ARENA_NEW(mem, struct record_child_rows, t->child_count + 1);
	if (!ret->values || !ret->children)
		return err_nomem(err);
	for (size_t i = 0; i < t->column_count; i++)
		ret->values[i] = column_read(&t->columns[i], q, (int)(ROW_SYSTEM_COLUMNS + i), mem);
	return ERR_OK;
}

/** The rows of one child for records of a sorted list, in one range query. */
static enum err_code read_child(struct db *db, const struct dictionary_type *t, const struct dictionary_child *child,
	struct record_row *rows, size_t count, struct arena *mem, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	CLEANUP(buf_clear) struct buf sql;
	size_t at = 0;
	bool row;

	buf_init(&sql, SQL_BYTES_MAX);
	buf_puts(&sql, "SELECT record_id");
	for (size_t i = 0; i < child->column_count; i++)
		buf_printf(&sql, ", %.*s", STR_ARG(child->columns[i].name));
	buf_puts(&sql, " FROM ");
	dictionary_table(t, child, &sql);
	buf_puts(&sql,
		count == 1 ? " WHERE record_id = $1 ORDER BY seq" : " WHERE record_id >= $1 AND record_id <= $2 ORDER BY record_id, seq");
	TRY(db_prepare_text(db, buf_str(&sql), &q, err));
	db_bind_i64(q, 1, rows[0].id);
	if (count > 1)
		db_bind_i64(q, 2, rows[count - 1].id);
	for (;;) {
		struct record_child_rows *into;
		struct dictionary_value *grown;
		int64_t id;

		TRY(db_step(q, &row, err));
		if (!row)
			return ERR_OK;
		id = db_i64(q, 0);
		while (at < count && rows[at].id < id)
			at++;
		if (at == count)
			return ERR_OK;
		if (rows[at].id != id)
			continue; /* of a record between the listed ones */
		into = &rows[at].children[child->index];
		grown = ARENA_NEW(mem, struct dictionary_value, (into->row_count + 1) * child->column_count);
		if (!grown)
			return err_nomem(err);
		if (into->row_count > 0)
			memcpy(grown, into->cells, into->row_count * child->column_count * sizeof(*grown));
		for (size_t i = 0; i < child->column_count; i++)
			grown[into->row_count * child->column_count + i] = column_read(&child->columns[i], q, (int)(1 + i), mem);
		into->cells = grown;
		into->row_count++;
	}
}

enum err_code rows_read_children(
	struct db *db, const struct dictionary_type *t, struct record_row *rows, size_t count, struct arena *mem, struct err *err)
{
	if (count == 0)
		return ERR_OK;
	for (size_t c = 0; c < t->child_count; c++)
		TRY(read_child(db, t, &t->children[c], rows, count, mem, err));
	return ERR_OK;
}

enum err_code row_load(struct db *db, const struct dictionary_type *t, int64_t id, struct arena *mem, struct record_row *ret,
	int64_t *ret_supply_id, int64_t *ret_import_id, bool *ret_found, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	CLEANUP(buf_clear) struct buf sql;

	buf_init(&sql, SQL_BYTES_MAX);
	buf_puts(&sql, "SELECT ");
	row_columns_sql(t, "", &sql);
	buf_puts(&sql, " FROM ");
	dictionary_table(t, NULL, &sql);
	buf_puts(&sql, " WHERE id = $1");
	TRY(db_prepare_text(db, buf_str(&sql), &q, err));
	db_bind_i64(q, 1, id);
	TRY(db_step(q, ret_found, err));
	if (!*ret_found)
		return ERR_OK;
	TRY(row_read(q, t, mem, ret, ret_supply_id, ret_import_id, err));
	return rows_read_children(db, t, ret, 1, mem, err);
}

/* ---- scope ---- */

bool scope_sees_type(const struct dictionary_type *t, const struct actor *who)
{
	if (!who || !actor_is_agency(who))
		return true;
	return !t->sealed && (t->is_agency || t->agency >= 0);
}

static bool scope_is_limited(const struct dictionary_type *t, const struct actor *who)
{
	return who && who->scope_path.len > 0 && (t->is_agency || t->agency >= 0);
}

/** The root of the tree: its staff also see rows whose agency is not known. */
static bool scope_is_root(const struct actor *who)
{
	size_t slashes = 0;

	for (size_t i = 0; i < who->scope_path.len; i++)
		slashes += who->scope_path.ptr[i] == '/';
	return slashes <= 2 && !actor_is_agency(who);
}

void scope_sql(const struct dictionary_type *t, const struct actor *who, const char *prefix, int *next_parameter, struct buf *out)
{
	if (!scope_is_limited(t, who))
		return;
	/* An agency's few rows are found by organisation; a body's many are walked by date: "+" keeps the planner off the index of org_id.
	 */
	buf_printf(out, " AND (%s%sorg_id IN (SELECT id FROM org WHERE path >= $%d AND path < $%d)%s%s%s)", actor_is_agency(who) ? "" : "+",
		prefix, *next_parameter, *next_parameter + 1, scope_is_root(who) ? " OR " : "", scope_is_root(who) ? prefix : "",
		scope_is_root(who) ? "org_id IS NULL" : "");
	*next_parameter += 2;
	if (actor_is_agency(who))
		buf_printf(out, " AND %ssealed = 0", prefix);
}

void scope_bind(const struct dictionary_type *t, const struct actor *who, struct db_stmt *q, int *next_parameter)
{

	if (!scope_is_limited(t, who))
		return;
	db_bind_str(q, (*next_parameter)++, who->scope_path);
	db_bind_prefix_end(q, (*next_parameter)++, who->scope_path);
}

/* ---- one record ---- */

static enum err_code get_where(struct db *db, const struct actor *who, const struct dictionary_type *t, const char *where, int64_t id,
	struct str key, struct arena *mem, struct record_row *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	CLEANUP(buf_clear) struct buf sql;
	struct supply_cache cache = { .type = t, .mem = mem };
	int next = 2;
	int64_t supply_id;
	bool found = false;

	buf_init(&sql, SQL_BYTES_MAX);
	buf_puts(&sql, "SELECT ");
	row_columns_sql(t, "", &sql);
	buf_puts(&sql, " FROM ");
	dictionary_table(t, NULL, &sql);
	buf_printf(&sql, " WHERE deleted = 0 AND %s = $1", where);
	scope_sql(t, who, "", &next, &sql);
	if (scope_sees_type(t, who)) {
		TRY(db_prepare_text(db, buf_str(&sql), &q, err));
		if (key.ptr)
			db_bind_str(q, 1, key);
		else
			db_bind_i64(q, 1, id);
		next = 2;
		scope_bind(t, who, q, &next);
		TRY(db_step(q, &found, err));
	}
	if (!found)
		return err_set(err, ERR_NOT_FOUND, "没有找到这条%.*s记录", STR_ARG(t->label.zh));
	TRY(row_read(q, t, mem, ret, &supply_id, NULL, err));
	TRY(supply_of_id(db, &cache, supply_id, &ret->supply, err));
	return rows_read_children(db, t, ret, 1, mem, err);
}

enum err_code record_get(struct db *db, const struct dictionary *d, const struct actor *who, const struct dictionary_type *t, int64_t id,
	struct arena *mem, struct record_row *ret, struct err *err)
{
	(void)d;
	return get_where(db, who, t, "id", id, (struct str){ 0 }, mem, ret, err);
}

enum err_code record_find(struct db *db, const struct dictionary *d, const struct actor *who, const struct dictionary_type *t,
	struct str key, struct arena *mem, struct record_row *ret, struct err *err)
{
	(void)d;
	return get_where(db, who, t, "row_key", 0, key.ptr ? key : STR(""), mem, ret, err);
}

/* ---- all of them ---- */

struct scan {
	struct db *db;
	const struct dictionary_type *type;
	bool changes; /* by change_no, else by id */
	int64_t after_change, after_id;
	struct supply_cache supplies;
	enum err_code (*on_row)(const struct record_row *row, void *arg, struct err *err);
	void *arg;
};

static int by_id(const void *a, const void *b)
{
	const struct record_row *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int by_change(const void *a, const void *b)
{
	const struct record_row *x = a, *y = b;

	return x->change_no != y->change_no ? (x->change_no > y->change_no) - (x->change_no < y->change_no) : by_id(a, b);
}

static enum err_code scan_select(
	struct scan *s, const char *sql, struct arena *mem, struct record_row *rows, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	int64_t supply_ids[SCAN_PAGE_ROWS];
	bool row;

	*ret_count = 0;
	TRY(db_prepare_text(s->db, str_of(sql), &q, err));
	db_bind_i64(q, 1, s->changes ? s->after_change : s->after_id);
	if (s->changes)
		db_bind_i64(q, 2, s->after_id);
	db_bind_i64(q, s->changes ? 3 : 2, SCAN_PAGE_ROWS);
	for (;;) {
		TRY(db_step(q, &row, err));
		if (!row)
			break;
		TRY(row_read(q, s->type, mem, &rows[*ret_count], &supply_ids[*ret_count], NULL, err));
		(*ret_count)++;
	}
	for (size_t i = 0; i < *ret_count; i++)
		TRY(supply_of_id(s->db, &s->supplies, supply_ids[i], &rows[i].supply, err));
	return ERR_OK;
}

/** One page of rows with their children; *ret_more false at the end. */
static enum err_code scan_page(struct scan *s, const char *sql, struct arena *mem, bool *ret_more, struct err *err)
{
	struct record_row *rows = ARENA_NEW(mem, struct record_row, SCAN_PAGE_ROWS);
	size_t count;

	if (!rows)
		return err_nomem(err);
	TRY(scan_select(s, sql, mem, rows, &count, err));
	*ret_more = count == SCAN_PAGE_ROWS;
	if (count == 0)
		return ERR_OK;
	s->after_change = rows[count - 1].change_no;
	s->after_id = rows[count - 1].id;
	if (s->changes) {
		/* few rows, far apart: children one record at a time */
		for (size_t i = 0; i < count; i++)
			TRY(rows_read_children(s->db, s->type, &rows[i], 1, mem, err));
		qsort(rows, count, sizeof(*rows), by_change);
	} else {
		TRY(rows_read_children(s->db, s->type, rows, count, mem, err));
	}
	for (size_t i = 0; i < count; i++)
		TRY(s->on_row(&rows[i], s->arg, err));
	return ERR_OK;
}

enum err_code record_scan(struct db *db, const struct dictionary *d, const struct dictionary_type *t, int64_t since_change_no,
	enum err_code (*on_row)(const struct record_row *row, void *arg, struct err *err), void *arg, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open((size_t)1 << 30);
	CLEANUP(arena_closep) struct arena *supplies = arena_open(16u << 20);
	CLEANUP(buf_clear) struct buf sql;
	struct scan s = {
		.db = db, .type = t, .changes = since_change_no > 0, .after_change = since_change_no, .on_row = on_row, .arg = arg
	};
	bool more = true;

	(void)d;
	buf_init(&sql, SQL_BYTES_MAX);
	if (!mem || !supplies)
		return err_nomem(err);
	s.supplies = (struct supply_cache){ .type = t, .mem = supplies };
	if (s.changes)
		s.after_id = INT64_MAX; /* nothing of the number itself */
	buf_puts(&sql, "SELECT ");
	row_columns_sql(t, "", &sql);
	buf_puts(&sql, " FROM ");
	dictionary_table(t, NULL, &sql);
	buf_puts(&sql, s.changes ? " WHERE (change_no, id) > ($1, $2) ORDER BY change_no, id LIMIT $3"
				 : " WHERE id > $1 AND deleted = 0 ORDER BY id LIMIT $2");
	while (more) {
		arena_reset(mem);
		TRY(scan_page(&s, sql.ptr, mem, &more, err));
	}
	return ERR_OK;
}

enum err_code record_change_no(struct db *db, int64_t *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_CHANGE_GET, &q, err));
	TRY(db_step(q, &row, err));
	*ret = row ? db_i64(q, 0) : 0;
	return ERR_OK;
}

enum err_code record_count(struct db *db, const struct dictionary_type *t, int64_t *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	char sql[120];
	bool row;

	snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM r_%.*s WHERE deleted = 0", STR_ARG(t->name));
	TRY(db_prepare_text(db, str_of(sql), &q, err));
	TRY(db_step(q, &row, err));
	*ret = row ? db_i64(q, 0) : 0;
	return ERR_OK;
}

/* ---- versions ---- */

static void write_values(
	struct json *j, struct buf *scratch, const struct dictionary_column *columns, size_t count, const struct dictionary_value *values)
{
	json_obj(j);
	for (size_t i = 0; i < count; i++) {
		if (values[i].null)
			continue;
		buf_reset(scratch);
		column_to_stored(&columns[i], &values[i], scratch);
		json_key_str(j, columns[i].name);
		json_str(j, scratch->len ? buf_str(scratch) : STR(""));
	}
	json_obj_end(j);
}

void version_write(const struct dictionary_type *t, const struct record_row *row, struct buf *out)
{
	CLEANUP(buf_clear) struct buf scratch;
	struct json j;

	buf_init(&scratch, 1u << 20);
	json_init(&j, out);
	json_obj(&j);
	json_key(&j, "values");
	write_values(&j, &scratch, t->columns, t->column_count, row->values);
	json_key(&j, "children");
	json_obj(&j);
	for (size_t c = 0; c < t->child_count; c++) {
		const struct dictionary_child *child = &t->children[c];

		if (row->children[c].row_count == 0)
			continue;
		json_key_str(&j, child->name);
		json_arr(&j);
		for (size_t r = 0; r < row->children[c].row_count; r++)
			write_values(&j, &scratch, child->columns, child->column_count, row->children[c].cells + r * child->column_count);
		json_arr_end(&j);
	}
	json_obj_end(&j);
	json_obj_end(&j);
	out->failed |= scratch.failed;
}

static void read_values(
	json_t *object, const struct dictionary_column *columns, size_t count, struct arena *mem, struct dictionary_value *values)
{
	for (size_t i = 0; i < count; i++) {
		json_t *text = object ? json_object_getn(object, columns[i].name.ptr, columns[i].name.len) : NULL;
		struct str s = { .ptr = json_string_value(text), .len = json_string_length(text) };

		values[i] = (struct dictionary_value){ .null = true };
		if (text && !column_from_stored(&columns[i], s, mem, &values[i]))
			values[i] = (struct dictionary_value){ .null = true };
	}
}

enum err_code version_read(const struct dictionary_type *t, struct str body, struct arena *mem, struct record_row *ret, struct err *err)
{
	json_t *root = json_loadb(body.ptr ? body.ptr : "{}", body.ptr ? body.len : 2, 0, NULL),
	       *children = json_object_get(root, "children");
	enum err_code code = ERR_OK;

	ret->values = ARENA_NEW(mem, struct dictionary_value, t->column_count);
	ret->children = ARENA_NEW(mem, struct record_child_rows, t->child_count + 1);
	if (!root)
		return err_set(err, ERR_CORRUPT, "历史版本无法读取");
	if (!ret->values || !ret->children) {
		json_decref(root);
		return err_nomem(err);
	}
	read_values(json_object_get(root, "values"), t->columns, t->column_count, mem, ret->values);
	for (size_t c = 0; c < t->child_count && code == ERR_OK; c++) {
		const struct dictionary_child *child = &t->children[c];
		json_t *list = json_object_getn(children, child->name.ptr, child->name.len);
		size_t rows = json_array_size(list);

		if (rows == 0)
			continue;
		ret->children[c].cells = ARENA_NEW(mem, struct dictionary_value, rows * child->column_count);
		ret->children[c].row_count = rows;
		if (!ret->children[c].cells)
			code = err_nomem(err);
		for (size_t r = 0; r < rows && code == ERR_OK; r++)
			read_values(json_array_get(list, r), child->columns, child->column_count, mem,
				ret->children[c].cells + r * child->column_count);
	}
	json_decref(root);
	return code;
}
