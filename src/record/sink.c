/* Rows into the store, a batch at a time: look the keys up, insert what is new, keep the old version of what changed, leave the rest.
 *
 * Invariant: a batch is all of one transaction, under one number of the counter record_change; the search index changes with its row.
 * Speed comes from naming only the columns that the source supplies and from asking for fifty keys at once. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "org/org.h"
#include "record/record_private.h"
#include "record_sql.h"

#define SINK_BYTES_MAX (512u << 20)
#define SQL_BYTES_MAX (256u << 10)
#define LOOKUP_KEYS 50
#define HELD_SLOTS (SINK_BATCH_ROWS * 4)
#define SCRATCH_BYTES_MAX (16u << 20)
#define ORG_CACHE_SLOTS 4096
#define SUPPLY_CACHE 64

/** What the store has under a key. */
struct stored {
	int64_t id, version;
	int64_t latest;
	bool found, deleted, has_latest;
	char digest[33];
};

struct org_slot {
	uint64_t hash;
	int64_t org_id;
	struct str region;
};

struct sink {
	struct db *db;
	struct sink_options o;
	struct arena *mem;        /* as long as the sink */
	struct sink_batch *batch; /* the one that is being written */
	struct {
		const struct record_supply *supply;
		int64_t id;
	} supplies[SUPPLY_CACHE]; /* of rows; most sources have one */
	size_t supply_count;
	int columns[DICTIONARY_COLUMNS_MAX]; /* supplied ones */
	size_t column_count;
	struct buf insert, update, lookup, scratch;
	struct stored stored[SINK_BATCH_ROWS];
	bool was_empty;         /* the table had no row when the sink was opened */
	int64_t last_change_no; /* of our last batch: unchanged counter = nobody else wrote */
	struct org_slot orgs[ORG_CACHE_SLOTS];
	size_t org_count;
};

/* ---- statements ---- */

static void build_insert(struct sink *s)
{
	const struct dictionary_type *t = s->o.type;

	buf_puts(&s->insert, "INSERT INTO ");
	dictionary_table(t, NULL, &s->insert);
	buf_puts(&s->insert, " (id, row_key, region, org_id, version, change_no, import_id, source_line, supply_id, digest");
	for (size_t i = 0; i < s->column_count; i++)
		buf_printf(&s->insert, ", %.*s", STR_ARG(t->columns[s->columns[i]].name));
	buf_puts(&s->insert, ") VALUES ($1");
	for (size_t i = 2; i <= s->column_count + 10; i++)
		buf_printf(&s->insert, ", $%zu", i);
	buf_puts(&s->insert, ")");
}

/** Everything not supplied becomes null: a record is what its last source says. Parameters as in insert, without the key. */
static void build_update(struct sink *s)
{
	const struct dictionary_type *t = s->o.type;
	size_t next = 10;

	buf_puts(&s->update, "UPDATE ");
	dictionary_table(t, NULL, &s->update);
	buf_puts(&s->update, " SET region = $1, org_id = $2, version = $3, change_no = $4, import_id = $5, source_line = $6, supply_id = "
			     "$7, digest = $8, deleted = 0");
	for (size_t i = 0; i < t->column_count; i++) {
		bool supplied = record_supplies_column(s->o.supply, &t->columns[i]);

		buf_printf(&s->update, ", %.*s = ", STR_ARG(t->columns[i].name));
		if (supplied)
			buf_printf(&s->update, "$%zu", next++);
		else
			buf_puts(&s->update, "NULL");
	}
	buf_puts(&s->update, " WHERE id = $9");
}

static void build_lookup(struct sink *s)
{
	buf_puts(&s->lookup, "SELECT row_key, id, version, deleted, digest");
	if (s->o.latest)
		buf_printf(&s->lookup, ", %.*s", STR_ARG(s->o.latest->name));
	buf_puts(&s->lookup, " FROM ");
	dictionary_table(s->o.type, NULL, &s->lookup);
	buf_puts(&s->lookup, " WHERE row_key IN ($1");
	for (int i = 2; i <= LOOKUP_KEYS; i++)
		buf_printf(&s->lookup, ", $%d", i);
	buf_puts(&s->lookup, ")");
}

static enum err_code table_is_empty(struct db *db, const struct dictionary_type *t, bool *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	char sql[100];
	bool row;

	snprintf(sql, sizeof(sql), "SELECT 1 FROM r_%.*s LIMIT 1", STR_ARG(t->name));
	TRY(db_prepare_text(db, str_of(sql), &q, err));
	TRY(db_step(q, &row, err));
	*ret = !row;
	return ERR_OK;
}

enum err_code sink_open(struct db *db, const struct sink_options *o, struct sink **ret, struct err *err)
{
	CLEANUP(sink_closep) struct sink *s = mem_alloc(1, sizeof(*s));

	if (!s)
		return err_nomem(err);
	s->db = db;
	s->o = *o;
	s->last_change_no = -1;
	s->mem = arena_open(64u << 20);
	buf_init(&s->insert, SQL_BYTES_MAX);
	buf_init(&s->update, SQL_BYTES_MAX);
	buf_init(&s->lookup, SQL_BYTES_MAX);
	buf_init(&s->scratch, SCRATCH_BYTES_MAX);
	if (!s->mem)
		return err_nomem(err);
	for (size_t i = 0; i < o->type->column_count; i++)
		if (record_supplies_column(o->supply, &o->type->columns[i]))
			s->columns[s->column_count++] = (int)i;
	build_insert(s);
	build_update(s);
	build_lookup(s);
	if (s->insert.failed || s->update.failed || s->lookup.failed)
		return err_nomem(err);
	TRY(table_is_empty(db, o->type, &s->was_empty, err));
	*ret = s;
	s = NULL;
	return ERR_OK;
}

void sink_closep(struct sink **s)
{
	if (!*s)
		return;
	buf_clear(&(*s)->insert);
	buf_clear(&(*s)->update);
	buf_clear(&(*s)->lookup);
	buf_clear(&(*s)->scratch);
	arena_close((*s)->mem);
	free(*s);
	*s = NULL;
}

/* ---- batches ---- */

enum err_code sink_batch_open(const struct dictionary_type *t, struct sink_batch **ret, struct err *err)
{
	CLEANUP(sink_batch_closep) struct sink_batch *b = mem_alloc(1, sizeof(*b));

	if (!b)
		return err_nomem(err);
	b->type = t;
	buf_init(&b->scratch, SCRATCH_BYTES_MAX);
	b->mem = arena_open(SINK_BYTES_MAX);
	if (!b->mem)
		return err_nomem(err);
	*ret = b;
	b = NULL;
	return ERR_OK;
}

void sink_batch_closep(struct sink_batch **b)
{
	if (!*b)
		return;
	arena_close((*b)->mem);
	buf_clear(&(*b)->scratch);
	free(*b);
	*b = NULL;
}

static size_t held_slot(const struct sink_batch *b, uint64_t hash)
{
	size_t at = (size_t)(hash % HELD_SLOTS);

	while (b->held[at] && b->held[at] != hash)
		at = (at + 1) % HELD_SLOTS;
	return at;
}

bool sink_batch_holds(const struct sink_batch *b, struct str key)
{
	return b->held[held_slot(b, str_hash(key) | 1)] != 0;
}

enum err_code sink_batch_add(struct sink_batch *b, const struct record_row *row, struct err *err)
{
	uint64_t hash = str_hash(row->key) | 1;
	size_t at = held_slot(b, hash);

	assert(b->count < SINK_BATCH_ROWS && !b->held[at]);
	buf_reset(&b->scratch);
	search_row_tokens(b->type, row->values, &b->scratch);
	b->words[b->count] = b->scratch.len ? str_dup(b->mem, buf_str(&b->scratch)) : (struct str){ 0 };
	if (b->scratch.len > 0 && !b->words[b->count].ptr)
		return err_nomem(err);
	b->held[at] = hash;
	b->held_row[at] = (uint32_t)b->count;
	b->rows[b->count++] = *row;
	return ERR_OK;
}

void sink_batch_reset(struct sink_batch *b)
{
	b->count = 0;
	memset(b->held, 0, sizeof(b->held));
	arena_reset(b->mem);
}

/* ---- agencies ---- */

static struct str text_of(const struct dictionary_type *t, const struct record_row *row, const char *name)
{
	const struct dictionary_column *c = dictionary_column(t, str_of(name));

	return c && !row->values[c->index].null && (c->type == COLUMN_TEXT || c->type == COLUMN_CODE) ? row->values[c->index].s
	                                                                                              : (struct str){ 0 };
}

static int32_t day_of(const struct dictionary_type *t, const struct record_row *row, const char *name)
{
	const struct dictionary_column *c = dictionary_column(t, str_of(name));

	return c && c->type == COLUMN_DATE && !row->values[c->index].null ? (int32_t)row->values[c->index].i : DAY_NONE;
}

/** The record is an organisation: it becomes or updates its node of the tree. */
static enum err_code put_agency(struct sink *s, const struct record_row *row, int64_t *ret_id, struct err *err)
{
	const struct dictionary_type *t = s->o.type;
	struct org_agency a = {
		.code = text_of(t, row, "code"),
		.name = text_of(t, row, "name"),
		.short_name = text_of(t, row, "short_name"),
		.region = text_of(t, row, "area_code"),
		.superior_name = text_of(t, row, "superior_name"),
		.proxy_char = text_of(t, row, "proxy_char"),
		.kind = ORG_AGENCY,
		.level = ORG_COUNTY,
		.management = ORG_LOCAL,
		.confirmed_on = day_of(t, row, "confirmed_on"),
		.published_on = day_of(t, row, "published_on"),
		.cancelled_on = day_of(t, row, "cancelled_on"),
	};

	org_kind_parse(text_of(t, row, "kind"), &a.kind);
	org_level_parse(text_of(t, row, "level"), &a.level);
	org_management_parse(text_of(t, row, "management"), &a.management);
	if (a.kind == ORG_GOVERNMENT)
		return org_find(s->db, a.code, a.name, ret_id, err); /* governments are made by init, not by a register of agencies */
	return org_agency_put(s->db, s->o.ids, s->o.now_ms, &a, s->batch->mem, ret_id, err);
}

/** Code and name that a row gives for its agency: the dictionary's reference pairs whose target is the agency's code or name. */
static void agency_words(const struct dictionary_type *t, const struct record_row *row, struct str *ret_code, struct str *ret_name)
{
	const struct dictionary_reference *r = &t->references[t->agency];

	*ret_code = *ret_name = (struct str){ 0 };
	for (size_t i = 0; i < r->by_count; i++) {
		const struct dictionary_value *v = &row->values[r->by[i].from];
		struct str target = r->type->columns[r->by[i].to].name;

		if (v->null || t->columns[r->by[i].from].type != COLUMN_TEXT)
			continue;
		if (str_eq(target, STR("code")))
			*ret_code = v->s;
		else if (str_eq(target, STR("name")))
			*ret_name = v->s;
	}
}

static enum err_code find_org(
	struct db *db, struct str code, struct str name, struct arena *mem, int64_t *ret_id, struct str *ret_region, struct err *err)
{
	struct org org;

	*ret_id = 0;
	*ret_region = (struct str){ 0 };
	if (code.len > 0)
		TRY(org_find(db, code, (struct str){ 0 }, ret_id, err));
	if (*ret_id == 0 && name.len > 0)
		TRY(org_find(db, (struct str){ 0 }, name, ret_id, err));
	if (*ret_id == 0)
		return ERR_OK;
	TRY(org_get(db, *ret_id, mem, &org, err));
	*ret_region = org.region;
	return ERR_OK;
}

static enum err_code resolve_org(struct sink *s, const struct record_row *row, int64_t *ret_id, struct str *ret_region, struct err *err)
{
	const struct dictionary_type *t = s->o.type;
	struct str code, name;
	uint64_t hash;
	size_t at;

	*ret_id = row->org_id;
	*ret_region = row->region;
	if (row->org_id != 0 && row->region.len > 0)
		return ERR_OK;
	if (t->is_agency)
		return put_agency(s, row, ret_id, err);
	if (t->agency < 0)
		return ERR_OK;
	agency_words(t, row, &code, &name);
	hash = (str_hash(code) * 31 + str_hash(name)) | 1;
	for (at = (size_t)(hash % ORG_CACHE_SLOTS); s->orgs[at].hash && s->orgs[at].hash != hash;)
		at = (at + 1) % ORG_CACHE_SLOTS;
	if (!s->orgs[at].hash) {
		if (s->org_count * 2 > ORG_CACHE_SLOTS) {
			memset(s->orgs, 0, sizeof(s->orgs));
			s->org_count = 0;
			at = (size_t)(hash % ORG_CACHE_SLOTS);
		}
		TRY(find_org(s->db, code, name, s->mem, &s->orgs[at].org_id, &s->orgs[at].region, err));
		s->orgs[at].hash = hash;
		s->org_count++;
	}
	if (*ret_id == 0)
		*ret_id = s->orgs[at].org_id;
	*ret_region = s->orgs[at].region;
	return ERR_OK;
}

static struct str region_of(const struct dictionary_type *t, const struct record_row *row, struct str org_region)
{
	struct str own = text_of(t, row, "area_code");

	return own.len > 0 ? own : org_region;
}

/* ---- the search index ---- */

static enum err_code index_put(struct db *db, const struct dictionary_type *t, int64_t id, struct str words, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	char sql[240];

	if (words.len == 0)
		return ERR_OK;
	if (db_dialect(db) == DB_PG)
		snprintf(sql, sizeof(sql),
			"INSERT INTO fts_%.*s (record_id, words) VALUES ($1, array_to_tsvector(string_to_array($2, ' '))) "
			"ON CONFLICT (record_id) DO UPDATE SET words = excluded.words",
			STR_ARG(t->name));
	else
		snprintf(sql, sizeof(sql), "INSERT INTO fts_%.*s (rowid, words) VALUES ($1, $2)", STR_ARG(t->name));
	TRY(db_prepare_text(db, str_of(sql), &q, err));
	db_bind_i64(q, 1, id);
	db_bind_str(q, 2, words);
	return db_run(q, NULL, err);
}

/** A contentless index forgets a row only when it is told the row's words again. */
static enum err_code index_drop(struct db *db, const struct dictionary_type *t, int64_t id, const struct dictionary_value *values,
	struct buf *scratch, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	char sql[160];

	buf_reset(scratch);
	search_row_tokens(t, values, scratch);
	if (scratch->len == 0)
		return ERR_OK;
	if (db_dialect(db) == DB_PG)
		snprintf(sql, sizeof(sql), "DELETE FROM fts_%.*s WHERE record_id = $1", STR_ARG(t->name));
	else
		snprintf(sql, sizeof(sql), "INSERT INTO fts_%.*s (fts_%.*s, rowid, words) VALUES ('delete', $1, $2)", STR_ARG(t->name),
			STR_ARG(t->name));
	TRY(db_prepare_text(db, str_of(sql), &q, err));
	db_bind_i64(q, 1, id);
	if (db_dialect(db) != DB_PG)
		db_bind_str(q, 2, buf_str(scratch));
	return db_run(q, NULL, err);
}

struct index_fill {
	struct db *db;
	const struct dictionary_type *type;
	struct buf scratch;
};

static enum err_code index_fill_row(const struct record_row *row, void *arg, struct err *err)
{
	struct index_fill *fill = arg;

	buf_reset(&fill->scratch);
	search_row_tokens(fill->type, row->values, &fill->scratch);
	return index_put(fill->db, fill->type, row->id, buf_str(&fill->scratch), err);
}

enum err_code record_index_fill(struct db *db, const struct dictionary *d, struct err *err)
{
	struct index_fill fill = { .db = db };
	enum err_code code = ERR_OK;

	buf_init(&fill.scratch, 16u << 20);
	for (size_t i = 0; i < d->type_count && code == ERR_OK; i++) {
		fill.type = &d->types[i];
		code = record_scan(db, d, fill.type, 0, index_fill_row, &fill, err);
	}
	buf_clear(&fill.scratch);
	return code;
}

/* ---- children ---- */

static enum err_code put_children(struct db *db, const struct dictionary_type *t, int64_t id, const struct record_row *row, struct err *err)
{
	for (size_t c = 0; c < t->child_count; c++) {
		const struct dictionary_child *child = &t->children[c];
		CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
		CLEANUP(buf_clear) struct buf sql;

		buf_init(&sql, SQL_BYTES_MAX);
		if (row->children[c].row_count == 0)
			continue;
		buf_puts(&sql, "INSERT INTO ");
		dictionary_table(t, child, &sql);
		buf_puts(&sql, " (record_id, seq");
		for (size_t i = 0; i < child->column_count; i++)
			buf_printf(&sql, ", %.*s", STR_ARG(child->columns[i].name));
		buf_puts(&sql, ") VALUES ($1, $2");
		for (size_t i = 0; i < child->column_count; i++)
			buf_printf(&sql, ", $%zu", i + 3);
		buf_puts(&sql, ")");
		TRY(db_prepare_text(db, buf_str(&sql), &q, err));
		for (size_t r = 0; r < row->children[c].row_count; r++) {
			db_bind_i64(q, 1, id);
			db_bind_i64(q, 2, (int64_t)r + 1);
			for (size_t i = 0; i < child->column_count; i++)
				column_bind(&child->columns[i], q, (int)i + 3, &row->children[c].cells[r * child->column_count + i]);
			TRY(db_run(q, NULL, err));
		}
	}
	return ERR_OK;
}

static enum err_code drop_children(struct db *db, const struct dictionary_type *t, int64_t id, struct err *err)
{
	for (size_t c = 0; c < t->child_count; c++) {
		CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
		char sql[160];

		snprintf(sql, sizeof(sql), "DELETE FROM r_%.*s__%.*s WHERE record_id = $1", STR_ARG(t->name), STR_ARG(t->children[c].name));
		TRY(db_prepare_text(db, str_of(sql), &q, err));
		db_bind_i64(q, 1, id);
		TRY(db_run(q, NULL, err));
	}
	return ERR_OK;
}

/* ---- what is there already ---- */

static void take_stored(struct sink *s, struct db_stmt *q)
{
	struct str key = db_str(q, 0), digest;
	const struct sink_batch *b = s->batch;
	size_t at = held_slot(b, str_hash(key) | 1);
	struct stored *stored = &s->stored[b->held_row[at]];

	if (!b->held[at] || !str_eq(b->rows[b->held_row[at]].key, key))
		return;
	*stored = (struct stored){ .found = true, .id = db_i64(q, 1), .version = db_i64(q, 2), .deleted = db_bool(q, 3) };
	digest = db_str(q, 4);
	if (digest.len < sizeof(stored->digest))
		memcpy(stored->digest, digest.ptr, digest.len); /* the rest is zero */
	if (s->o.latest && !db_is_null(q, 5)) {
		stored->has_latest = true;
		stored->latest = s->o.latest->type == COLUMN_DATE ? db_day(q, 5) : db_i64(q, 5);
	}
}

static enum err_code look_up(struct sink *s, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare_text(s->db, buf_str(&s->lookup), &q, err));
	for (size_t from = 0; from < s->batch->count; from += LOOKUP_KEYS) {
		size_t count = s->batch->count - from < LOOKUP_KEYS ? s->batch->count - from : LOOKUP_KEYS;
		bool row;

		if (from > 0) {
			db_stmt_done(q);
			q = NULL;
			TRY(db_prepare_text(s->db, buf_str(&s->lookup), &q, err));
		}
		for (size_t i = 0; i < count; i++)
			db_bind_str(q, (int)i + 1, s->batch->rows[from + i].key);
		for (;;) {
			TRY(db_step(q, &row, err));
			if (!row)
				break;
			take_stored(s, q);
		}
	}
	return ERR_OK;
}

static enum err_code bump(struct db *db, int64_t *ret, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	TRY(db_prepare(db, &SQL_CHANGE_BUMP, &q, err));
	TRY(db_run(q, NULL, err));
	return record_change_no(db, ret, err);
}

/* ---- writing ---- */

static void bind_columns(const struct sink *s, struct db_stmt *q, int first, const struct record_row *row)
{
	for (size_t i = 0; i < s->column_count; i++)
		column_bind(&s->o.type->columns[s->columns[i]], q, first + (int)i, &row->values[s->columns[i]]);
}

static enum err_code row_supply_id(struct sink *s, const struct record_row *row, int64_t *ret, struct err *err)
{
	const struct record_supply *supply = row->supply ? row->supply : s->o.supply;

	for (size_t i = 0; i < s->supply_count; i++) {
		if (s->supplies[i].supply == supply) {
			*ret = s->supplies[i].id;
			return ERR_OK;
		}
	}
	TRY(supply_id_of(s->db, s->o.ids, s->o.type, supply, ret, err));
	if (s->supply_count == SUPPLY_CACHE)
		s->supply_count = 0;
	s->supplies[s->supply_count].supply = supply;
	s->supplies[s->supply_count++].id = *ret;
	return ERR_OK;
}

static enum err_code insert_row(
	struct sink *s, struct db_stmt *q, struct record_row *row, struct str words, int64_t change_no, struct err *err)
{
	struct str region;
	int64_t org_id, supply_id;

	TRY(resolve_org(s, row, &org_id, &region, err));
	TRY(row_supply_id(s, row, &supply_id, err));
	row->id = id_new(s->o.ids);
	region = region_of(s->o.type, row, region);
	db_bind_i64(q, 1, row->id);
	db_bind_str(q, 2, row->key);
	db_bind_str(q, 3, region);
	db_bind_id(q, 4, org_id);
	db_bind_i64(q, 5, 1);
	db_bind_i64(q, 6, change_no);
	db_bind_i64(q, 7, s->o.import_id);
	db_bind_i64(q, 8, row->line);
	db_bind_i64(q, 9, supply_id);
	db_bind_str(q, 10, str_of(row->digest));
	bind_columns(s, q, 11, row);
	TRY(db_run(q, NULL, err));
	TRY(put_children(s->db, s->o.type, row->id, row, err));
	return index_put(s->db, s->o.type, row->id, words, err);
}

static enum err_code keep_version(struct sink *s, const struct record_row *old, int64_t supply_id, int64_t import_id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;

	buf_reset(&s->scratch);
	version_write(s->o.type, old, &s->scratch);
	if (s->scratch.failed)
		return err_nomem(err);
	TRY(db_prepare(s->db, &SQL_VERSION_ADD, &q, err));
	db_bind_str(q, 1, s->o.type->name);
	db_bind_i64(q, 2, old->id);
	db_bind_i64(q, 3, old->version);
	db_bind_i64(q, 4, import_id);
	db_bind_i64(q, 5, s->o.import_id);
	db_bind_i64(q, 6, s->o.now_ms);
	db_bind_bool(q, 7, old->deleted);
	db_bind_i64(q, 8, supply_id);
	db_bind_id(q, 9, old->org_id);
	db_bind_str(q, 10, old->region);
	db_bind_i64(q, 11, old->line);
	db_bind_str(q, 12, str_of(old->digest));
	db_bind_str(q, 13, buf_str(&s->scratch));
	return db_run(q, NULL, err);
}

static enum err_code update_row(struct sink *s, struct db_stmt *q, struct record_row *row, struct str words, const struct stored *stored,
	int64_t change_no, struct err *err)
{
	struct record_row old;
	struct str region;
	int64_t org_id, supply_id, old_supply, old_import;
	bool found;

	TRY(row_load(s->db, s->o.type, stored->id, s->batch->mem, &old, &old_supply, &old_import, &found, err));
	if (!found)
		return err_set(err, ERR_RETRY, "记录刚被删除");
	TRY(keep_version(s, &old, old_supply, old_import, err));
	TRY(resolve_org(s, row, &org_id, &region, err));
	TRY(row_supply_id(s, row, &supply_id, err));
	row->id = stored->id;
	region = region_of(s->o.type, row, region);
	db_bind_str(q, 1, region);
	db_bind_id(q, 2, org_id);
	db_bind_i64(q, 3, stored->version + 1);
	db_bind_i64(q, 4, change_no);
	db_bind_i64(q, 5, s->o.import_id);
	db_bind_i64(q, 6, row->line);
	db_bind_i64(q, 7, supply_id);
	db_bind_str(q, 8, str_of(row->digest));
	db_bind_i64(q, 9, row->id);
	bind_columns(s, q, 10, row);
	TRY(db_run(q, NULL, err));
	TRY(drop_children(s->db, s->o.type, row->id, err));
	TRY(put_children(s->db, s->o.type, row->id, row, err));
	if (!old.deleted)
		TRY(index_drop(s->db, s->o.type, row->id, old.values, &s->scratch, err));
	return index_put(s->db, s->o.type, row->id, words, err);
}

enum verdict { VERDICT_NEW, VERDICT_CHANGED, VERDICT_SAME, VERDICT_OLDER };

static enum verdict judge(const struct sink *s, const struct record_row *row, const struct stored *stored)
{
	const struct dictionary_value *latest = s->o.latest ? &row->values[s->o.latest->index] : NULL;

	if (!stored->found)
		return VERDICT_NEW;
	if (!stored->deleted && strcmp(stored->digest, row->digest) == 0)
		return VERDICT_SAME;
	if (!stored->deleted && latest && stored->has_latest && (latest->null || latest->i < stored->latest))
		return VERDICT_OLDER;
	return VERDICT_CHANGED;
}

static enum err_code write_rows(struct sink *s, int64_t change_no, struct record_counts *counts, bool *ret_any, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *insert = NULL;
	CLEANUP(db_stmt_donep) struct db_stmt *update = NULL;

	TRY(db_prepare_text(s->db, buf_str(&s->insert), &insert, err));
	TRY(db_prepare_text(s->db, buf_str(&s->update), &update, err));
	for (size_t i = 0; i < s->batch->count; i++) {
		struct stored *stored = &s->stored[i];
		struct record_row *row = &s->batch->rows[i];

		switch (judge(s, row, stored)) {
		case VERDICT_NEW:
			TRY(insert_row(s, insert, row, s->batch->words[i], change_no, err));
			counts->added++;
			*ret_any = true;
			break;
		case VERDICT_CHANGED:
			TRY(update_row(s, update, row, s->batch->words[i], stored, change_no, err));
			if (stored->deleted)
				counts->added++;
			else
				counts->changed++;
			*ret_any = true;
			break;
		case VERDICT_SAME:
			counts->same++;
			break;
		case VERDICT_OLDER:
			counts->older++;
			break;
		}
	}
	return ERR_OK;
}

enum err_code sink_write(struct sink *s, struct sink_batch *b, struct record_counts *counts, int64_t *ret_change_no, struct err *err)
{
	struct record_counts did = { 0 };
	int64_t change_no;
	bool any = false, alone;

	*ret_change_no = 0;
	if (b->count == 0)
		return ERR_OK;
	assert(db_in_tx(s->db));
	s->batch = b;
	TRY(bump(s->db, &change_no, err)); /* first: on PostgreSQL this makes writers queue until the commit */
	s->supply_count = 0;               /* an identifier that a rolled-back transaction made is none */
	memset(s->stored, 0, b->count * sizeof(s->stored[0]));
	alone = s->was_empty && s->o.unique_keys && (s->last_change_no < 0 || change_no == s->last_change_no + 1);
	if (!alone || s->last_change_no < 0)
		TRY(look_up(s, err));
	TRY(db_batch_begin(s->db, err));
	TRY(write_rows(s, change_no, &did, &any, err));
	TRY(db_batch_end(s->db, err));
	if (!alone)
		s->was_empty = false;
	s->last_change_no = change_no;
	counts->added += did.added;
	counts->changed += did.changed;
	counts->same += did.same;
	counts->older += did.older;
	*ret_change_no = any ? change_no : 0;
	return ERR_OK;
}

/* ---- undo ---- */

static enum err_code restore_columns(struct db *db, const struct dictionary_type *t, const struct record_row *row, int64_t change_no,
	int64_t import_id, int64_t supply_id, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	CLEANUP(buf_clear) struct buf sql;

	buf_init(&sql, SQL_BYTES_MAX);
	buf_printf(&sql,
		"UPDATE r_%.*s SET region = $1, org_id = $2, version = $3, change_no = $4, import_id = $5, source_line = $6, supply_id = "
		"$7, digest = $8, "
		"deleted = $9",
		STR_ARG(t->name));
	for (size_t i = 0; i < t->column_count; i++)
		buf_printf(&sql, ", %.*s = $%zu", STR_ARG(t->columns[i].name), i + 11);
	buf_puts(&sql, " WHERE id = $10");
	TRY(db_prepare_text(db, buf_str(&sql), &q, err));
	db_bind_str(q, 1, row->region);
	db_bind_id(q, 2, row->org_id);
	db_bind_i64(q, 3, row->version);
	db_bind_i64(q, 4, change_no);
	db_bind_i64(q, 5, import_id);
	db_bind_i64(q, 6, row->line);
	db_bind_i64(q, 7, supply_id);
	db_bind_str(q, 8, str_of(row->digest));
	db_bind_bool(q, 9, row->deleted);
	db_bind_i64(q, 10, row->id);
	for (size_t i = 0; i < t->column_count; i++)
		column_bind(&t->columns[i], q, (int)i + 11, &row->values[i]);
	return db_run(q, NULL, err);
}

enum err_code sink_restore(
	struct db *db, const struct dictionary_type *t, const struct record_row *row, int64_t import_id, int64_t supply_id, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(64u << 20);
	CLEANUP(buf_clear) struct buf scratch;
	struct record_row now;
	bool found;

	buf_init(&scratch, 16u << 20);
	if (!mem)
		return err_nomem(err);
	TRY(row_load(db, t, row->id, mem, &now, NULL, NULL, &found, err));
	if (!found)
		return err_set(err, ERR_CORRUPT, "记录 %lld 不存在", (long long)row->id);
	if (!now.deleted)
		TRY(index_drop(db, t, row->id, now.values, &scratch, err));
	TRY(restore_columns(db, t, row, row->change_no, import_id, supply_id, err));
	TRY(drop_children(db, t, row->id, err));
	TRY(put_children(db, t, row->id, row, err));
	if (row->deleted)
		return ERR_OK;
	buf_reset(&scratch);
	search_row_tokens(t, row->values, &scratch);
	return index_put(db, t, row->id, buf_str(&scratch), err);
}

/* ---- agencies that came later ---- */

struct unknown {
	struct str code, name;
};

static enum err_code list_unknown(struct db *db, const struct dictionary_type *t, struct str code_column, struct str name_column,
	struct arena *mem, struct unknown *ret, size_t max, size_t *ret_count, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	char sql[400];
	bool row;

	*ret_count = 0;
	snprintf(sql, sizeof(sql), "SELECT DISTINCT %.*s, %.*s FROM r_%.*s WHERE org_id IS NULL AND deleted = 0 LIMIT %zu",
		STR_ARG(code_column), STR_ARG(name_column), STR_ARG(t->name), max);
	TRY(db_prepare_text(db, str_of(sql), &q, err));
	while (*ret_count < max) {
		TRY(db_step(q, &row, err));
		if (!row)
			return ERR_OK;
		ret[*ret_count].code = db_str_dup(q, 0, mem);
		ret[(*ret_count)++].name = db_str_dup(q, 1, mem);
	}
	return ERR_OK;
}

static enum err_code link_type(
	struct db *db, const struct dictionary_type *t, int64_t change_no, struct arena *mem, bool *ret_any, struct err *err)
{
	enum { UNKNOWN_MAX = 5000 };
	const struct dictionary_reference *r = &t->references[t->agency];
	struct unknown *list = ARENA_NEW(mem, struct unknown, UNKNOWN_MAX);
	struct str columns[2] = { { 0 }, { 0 } };
	size_t count;

	if (!list)
		return err_nomem(err);
	for (size_t i = 0; i < r->by_count; i++)
		columns[str_eq(r->type->columns[r->by[i].to].name, STR("name"))] = t->columns[r->by[i].from].name;
	if (columns[0].len == 0)
		columns[0] = columns[1];
	if (columns[1].len == 0)
		columns[1] = columns[0];
	TRY(list_unknown(db, t, columns[0], columns[1], mem, list, UNKNOWN_MAX, &count, err));
	for (size_t i = 0; i < count; i++) {
		CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
		struct str region;
		int64_t org_id;
		char sql[600];

		TRY(find_org(db, list[i].code, list[i].name, mem, &org_id, &region, err));
		if (org_id == 0)
			continue;
		snprintf(sql, sizeof(sql),
			"UPDATE r_%.*s SET org_id = $1, region = COALESCE(region, CAST($2 AS TEXT)), change_no = $3 WHERE org_id IS NULL "
			"AND deleted = 0 "
			"AND COALESCE(%.*s, '') = $4 AND COALESCE(%.*s, '') = $5",
			STR_ARG(t->name), STR_ARG(columns[0]), STR_ARG(columns[1]));
		TRY(db_prepare_text(db, str_of(sql), &q, err));
		db_bind_i64(q, 1, org_id);
		db_bind_str(q, 2, region);
		db_bind_i64(q, 3, change_no);
		db_bind_str(q, 4, list[i].code.ptr ? list[i].code : STR(""));
		db_bind_str(q, 5, list[i].name.ptr ? list[i].name : STR(""));
		TRY(db_run(q, NULL, err));
		*ret_any = true;
	}
	return ERR_OK;
}

enum err_code sink_link_agencies(struct db *db, const struct dictionary *d, int64_t *ret_change_no, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(64u << 20);
	int64_t change_no;
	bool any = false;

	if (!mem)
		return err_nomem(err);
	TRY(bump(db, &change_no, err));
	for (size_t i = 0; i < d->type_count; i++)
		if (d->types[i].agency >= 0)
			TRY(link_type(db, &d->types[i], change_no, mem, &any, err));
	*ret_change_no = any ? change_no : 0;
	return ERR_OK;
}
