/* Imports: a file is kept, recognised, read into the store batch by batch, and can be taken back as a whole.
 *
 * Invariant: what the import row says (counts, line) and what the tables hold change in one transaction. After a kill the job starts
 * again, reads past the lines that are done (to remember their keys) and goes on behind them. */
#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "attachment/attachment.h"
#include "audit/audit.h"
#include "base/fault.h"
#include "record/import_private.h"

#define IMPORT_BYTES_MAX (64u << 20)
#define REJECTS_PAGE 500
#define REJECT_HEADER "错误原因"
#define UNDO_PAGE 500
#define COPY_BYTES (256u << 10)
#define ROW_COPY_BYTES_MAX (64u << 20)

/* ---- keeping the file ---- */

static enum err_code keep_file(const char *data_dir, const char *path, char ret_sm3[static 65], int64_t *ret_size, struct err *err)
{
	CLEANUP(attachment_abandonp) struct attachment_writer *w = NULL;
	CLEANUP(mem_freep) char *block = mem_alloc(COPY_BYTES, 1);
	FILE *f;
	enum err_code code = ERR_OK;
	size_t n;

	if (!block)
		return err_nomem(err);
	TRY(attachment_open(data_dir, &w, err));
	f = fopen(path, "rb");
	if (!f)
		return err_set(err, ERR_IO, "打不开文件 %s", path);
	while (code == ERR_OK && (n = fread(block, 1, COPY_BYTES, f)) > 0)
		code = attachment_write(w, (struct str){ .ptr = block, .len = n }, err);
	if (code == ERR_OK && ferror(f))
		code = err_set(err, ERR_IO, "读取 %s 失败", path);
	fclose(f);
	TRY(code);
	return attachment_finish(&w, ret_sm3, ret_size, err);
}

/* ---- recognising ---- */

struct str header_digest(const struct str *header, size_t count, struct arena *mem)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < count; i++) {
		struct str normal = header_normalise(header[i], mem);

		for (size_t k = 0; k < normal.len; k++)
			h = (h ^ (unsigned char)normal.ptr[k]) * 0x100000001b3u;
		h = (h ^ 0x1f) * 0x100000001b3u;
	}
	return str_printf(mem, "%016" PRIx64, h);
}

static struct str header_json(const struct str *header, size_t count, struct arena *mem)
{
	CLEANUP(buf_clear) struct buf out;
	struct json j;

	buf_init(&out, 4u << 20);
	json_init(&j, &out);
	json_arr(&j);
	for (size_t i = 0; i < count; i++)
		json_str(&j, header[i].ptr ? header[i] : STR(""));
	json_arr_end(&j);
	return str_dup(mem, buf_str(&out));
}

enum err_code import_mapping(
	const struct import_options *o, const struct import *i, struct arena *mem, const struct mapping **ret, struct err *err)
{
	struct mapping *m;

	*ret = NULL;
	if (i->mapping_text.len > 0) {
		TRY(mapping_parse(i->mapping_text, "（为此文件编辑的映射）", o->dictionary, o->mappings, mem, &m, err));
		*ret = m;
		return ERR_OK;
	}
	if (i->mapping_name.len > 0) {
		*ret = mapping_find(o->mappings, i->mapping_name);
		if (!*ret)
			return err_set(err, ERR_INPUT, "没有映射“%.*s”", STR_ARG(i->mapping_name));
	}
	return ERR_OK;
}

enum err_code mapping_compose(const struct dictionary_type *t, struct str name, struct str base, const struct mapping_choice *choices,
	size_t count, struct buf *out, struct err *err)
{
	struct json j;

	buf_puts(out, "name: ");
	json_init(&j, out);
	json_str(&j, name); /* JSON texts are YAML scalars */
	buf_printf(out, "\ntype: %.*s\n", STR_ARG(t->name));
	if (base.len > 0 && !str_starts(base, STR(MAPPING_NATIVE_PREFIX)))
		buf_printf(out, "base: %.*s\n", STR_ARG(base));
	buf_puts(out, count ? "columns:\n" : "columns: {}\n");
	for (size_t i = 0; i < count; i++) {
		buf_printf(out, "  %.*s: ", STR_ARG(choices[i].column->name));
		if (choices[i].from.len == 0) {
			buf_puts(out, "~\n");
			continue;
		}
		buf_puts(out, "{from: ");
		json_init(&j, out);
		json_str(&j, choices[i].from);
		if (choices[i].unit.len > 0) {
			buf_puts(out, ", unit: ");
			json_init(&j, out);
			json_str(&j, choices[i].unit);
		}
		buf_puts(out, "}\n");
	}
	return out->failed ? err_nomem(err) : ERR_OK;
}

/** The mapping that was saved for files with this header, when there is one and it still reads. */
static enum err_code use_saved(struct db *db, const struct import_options *o, const struct str *header, size_t count, struct arena *mem,
	struct import *i, struct err *err)
{
	const struct mapping *m = NULL;
	struct err ignored;
	struct str body, sender;

	TRY(mapping_saved_find(db, header_digest(header, count, mem), mem, &body, &sender, err));
	if (body.len == 0)
		return ERR_OK;
	i->mapping_text = body;
	if (import_mapping(o, i, mem, &m, &ignored) != ERR_OK || mapping_score(m, header, count) < 0) {
		i->mapping_text = (struct str){ 0 }; /* saved for an older dictionary */
		return ERR_OK;
	}
	i->sender = sender;
	i->type = m->info.type->name;
	i->mapping_name = m->info.name;
	i->error = (struct str){ 0 };
	return ERR_OK;
}

/** The header of a file that no mapping fits. */
static enum err_code read_header(
	const struct record_reader_options *file, struct arena *mem, struct import *i, struct str **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(sheet_closep) struct sheet *sheet = NULL;
	const struct str *header;
	int64_t line;

	TRY(sheet_open(&(struct sheet_options){ .path = file->path, .name = i->name, .sheet = file->sheet }, &sheet, err));
	header = sheet_header(sheet, ret_count, &line);
	*ret = ARENA_NEW(mem, struct str, *ret_count + 1);
	if (!*ret)
		return err_nomem(err);
	for (size_t k = 0; k < *ret_count; k++)
		(*ret)[k] = str_dup(mem, header[k]);
	i->header = header_json(header, *ret_count, mem);
	return ERR_OK;
}

/** Opens the file: header, type and mapping become known, or the import stays unrecognised with the reason and a person chooses. */
static enum err_code recognise(struct db *db, const struct import_options *o, const struct record_reader_options *file, struct arena *mem,
	struct import *i, struct err *err)
{
	CLEANUP(record_reader_closep) struct record_reader *r = NULL;
	struct record_reader_options options = *file;
	const struct str *header;
	struct str *unknown;
	struct err why = { 0 };
	size_t count;

	options.name = i->name;
	options.dictionary = o->dictionary;
	options.mappings = o->mappings;
	if (record_reader_open(&options, &r, &why) != ERR_OK) {
		if (file->mapping || file->type)
			return err_set(err, why.code, "%s", why.msg);
		TRY(read_header(file, mem, i, &unknown, &count, err));
		i->error = str_dup(mem, str_of(why.msg));
		return use_saved(db, o, unknown, count, mem, i, err);
	}
	header = record_reader_header(r, &count, NULL);
	i->header = header_json(header, count, mem);
	i->type = record_reader_type(r)->name;
	i->mapping_name = record_reader_mapping(r)->info.name;
	if (!mapping_find(o->mappings, i->mapping_name))
		i->mapping_text = record_reader_mapping(r)->text; /* a mapping from the command line is kept with the import */
	return file->mapping || file->type ? ERR_OK : use_saved(db, o, header, count, mem, i, err);
}

static enum err_code create(struct db *db, const struct import_options *o, const struct actor *who,
	const struct record_reader_options *file, struct arena *mem, int64_t *ret_id, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	char sm3[65];
	struct import i = { .id = id_new(o->ids),
		.name = file->name,
		.state = IMPORT_RECOGNISED,
		.account_id = who->account_id,
		.org_id = who->org_id,
		.scope_path = who->scope_path,
		.created_ms = o->now_ms };
	struct attachment a = {
		.name = file->name, .mime = STR("application/octet-stream"), .subject = STR("import"), .account_id = who->account_id
	};
	struct audit_entry entry = { .action = STR("import.create"), .subject = STR("import"), .subject_id = i.id };

	TRY(keep_file(o->data_dir, file->path, sm3, &i.total_bytes, err));
	i.sm3 = str_of(sm3);
	TRY(recognise(db, o, file, mem, &i, err));
	a.sm3 = i.sm3;
	a.size_bytes = i.total_bytes;
	a.subject_id = i.id;
	a.sealed = true; /* a source file is the bureau's own */
	entry.summary = str_printf(mem, "接收导入文件 %.*s（%" PRId64 " 字节）", STR_ARG(i.name), i.total_bytes);
	TRY(db_begin(db, &tx, err));
	TRY(import_add(db, &i, err));
	TRY(attachment_add(db, o->ids, o->now_ms, &a, err));
	TRY(audit_add(db, who, o->now_ms, &entry, err));
	TRY(db_commit(&tx, err));
	*ret_id = i.id;
	return ERR_OK;
}

enum err_code import_create(struct db *db, const struct import_options *o, const struct actor *who, const char *path, struct str name,
	int64_t *ret_id, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(IMPORT_BYTES_MAX);

	if (!mem)
		return err_nomem(err);
	return create(db, o, who, &(struct record_reader_options){ .path = path, .name = name }, mem, ret_id, err);
}

/* ---- running ---- */

struct reject_line {
	int64_t line;
	struct str reasons, cells;
};

/** A piece of the file between its reader (a thread of its own) and its writer (the caller's thread with the database). */
struct stage {
	struct sink_batch *batch;
	struct reject_line rejects[SINK_BATCH_ROWS]; /* memory: the batch's */
	size_t reject_count;
	struct record_counts read; /* rows read, rejected, repeated, superseded within the file */
	int64_t line, done_bytes, total_bytes;
	bool last;
	bool full;          /* the writer's turn; guarded by run.lock */
	enum err_code code; /* what ended the reader in this stage; its rows before that are good */
	struct err err;
};
#define STAGES 2

struct run {
	struct db *db;
	const struct import_options *o;
	struct import *i;
	struct record_reader *reader;
	struct sink *sink;
	const struct dictionary_type *type;
	struct stage *stages[STAGES];
	int64_t resume_behind;  /* lines done before the program was killed: only their keys are remembered */
	struct arena *spare;    /* memory of the row that opens the next stage */
	struct record_row held; /* a row whose key the full stage already has */
	bool has_held;
	enum err_code (*on_progress)(void *arg, int64_t done, int64_t total, struct err *err);
	void *arg;

	pthread_mutex_t lock;
	pthread_cond_t turned;
	bool stop; /* the writer failed: the reader ends */
};

/* ---- the reader's side ---- */

static enum err_code note_reject(struct run *r, struct stage *s, const struct record_reject *rejects, size_t count, struct err *err)
{
	CLEANUP(buf_clear) struct buf text;
	const struct str *cells;
	size_t cell_count;

	buf_init(&text, 1u << 20);
	for (size_t k = 0; k < count; k++)
		buf_printf(&text, "%s%.*s%s%.*s", k ? "；" : "", STR_ARG(rejects[k].column), rejects[k].column.len ? "：" : "",
			STR_ARG(rejects[k].reason));
	cells = record_reader_cells(r->reader, &cell_count);
	s->rejects[s->reject_count] = (struct reject_line){
		.line = rejects[0].line,
		.reasons = str_dup(s->batch->mem, buf_str(&text)),
		.cells = header_json(cells, cell_count, s->batch->mem),
	};
	return s->rejects[s->reject_count++].cells.ptr ? ERR_OK : err_nomem(err);
}

/** Takes what the reader said of a row; *ret_end when the row has to wait for the next stage. */
static enum err_code take_row(struct run *r, struct stage *s, enum record_outcome outcome, const struct record_row *row,
	const struct record_reject *rejects, size_t reject_count, bool *ret_end, struct err *err)
{
	if (outcome == RECORD_TAKEN && sink_batch_holds(s->batch, row->key)) {
		/* the same key again: the earlier version has to be in the store first */
		arena_reset(r->spare);
		r->has_held = *ret_end = true;
		return record_row_copy(r->type, row, r->spare, &r->held, err);
	}
	s->line = record_reader_line(r->reader);
	s->read.read++;
	switch (outcome) {
	case RECORD_TAKEN:
		return sink_batch_add(s->batch, row, err);
	case RECORD_REJECTED:
		s->read.rejected++;
		return note_reject(r, s, rejects, reject_count, err);
	case RECORD_REPEATED:
		s->read.same++;
		return ERR_OK;
	case RECORD_OLDER:
		s->read.older++;
		return ERR_OK;
	case RECORD_END:
		break;
	}
	return ERR_OK;
}

static enum err_code take_held(struct run *r, struct stage *s, struct err *err)
{
	struct record_row row;

	if (!r->has_held)
		return ERR_OK;
	r->has_held = false;
	TRY(record_row_copy(r->type, &r->held, s->batch->mem, &row, err));
	s->read.read++;
	s->line = row.line;
	return sink_batch_add(s->batch, &row, err);
}

/** Fills one stage, up to its size or the end of the file. */
static enum err_code fill(struct run *r, struct stage *s, struct err *err)
{
	bool end = false;

	TRY(take_held(r, s, err));
	while (!end && !sink_batch_is_full(s->batch) && s->reject_count < SINK_BATCH_ROWS) {
		struct record_row row = { 0 };
		const struct record_reject *rejects;
		enum record_outcome outcome;
		size_t reject_count;

		TRY(record_reader_next_in(r->reader, s->batch->mem, &outcome, &row, &rejects, &reject_count, NULL, err));
		if (outcome == RECORD_END)
			s->last = end = true;
		else if (record_reader_line(r->reader) <= r->resume_behind)
			arena_reset(s->batch->mem); /* nothing of the stage is used yet */
		else
			TRY(take_row(r, s, outcome, &row, rejects, reject_count, &end, err));
	}
	record_reader_progress(r->reader, &s->done_bytes, &s->total_bytes);
	return ERR_OK;
}

static void *read_file(void *arg)
{
	struct run *r = arg;
	bool go = true;

	for (int turn = 0; go; turn = (turn + 1) % STAGES) {
		struct stage *s = r->stages[turn];

		pthread_mutex_lock(&r->lock);
		while (s->full && !r->stop)
			pthread_cond_wait(&r->turned, &r->lock);
		go = !r->stop;
		pthread_mutex_unlock(&r->lock);
		if (!go)
			break;
		s->code = fill(r, s, &s->err);
		go = s->code == ERR_OK && !s->last;
		pthread_mutex_lock(&r->lock);
		s->full = true;
		pthread_cond_broadcast(&r->turned);
		pthread_mutex_unlock(&r->lock);
	}
	return NULL;
}

/* ---- the writer's side ---- */

struct write {
	struct run *run;
	struct stage *stage;
};

/** Everything of one stage, in one transaction; run again from the start when the database says so. */
static enum err_code write_stage(struct db *db, void *arg, struct err *err)
{
	const struct write *w = arg;
	const struct stage *s = w->stage;
	struct import next = *w->run->i;
	int64_t change_no = 0;

	TRY(sink_write(w->run->sink, s->batch, &next.counts, &change_no, err));
	for (size_t k = 0; k < s->reject_count; k++)
		TRY(import_reject_add(db, next.id, s->rejects[k].line, s->rejects[k].reasons, s->rejects[k].cells, err));
	next.counts.read += s->read.read;
	next.counts.rejected += s->read.rejected;
	next.counts.same += s->read.same;
	next.counts.older += s->read.older;
	next.done_bytes = s->done_bytes;
	next.done_line = s->line > next.done_line ? s->line : next.done_line;
	if (change_no > 0) {
		next.change_to = change_no;
		if (next.change_from == 0)
			next.change_from = change_no;
	}
	TRY(import_set_progress(db, &next, change_no, err));
	*w->run->i = next;
	return ERR_OK;
}

static void stage_reset(struct stage *s)
{
	sink_batch_reset(s->batch);
	s->reject_count = 0;
	s->read = (struct record_counts){ 0 };
	s->line = 0;
	s->last = false;
}

static enum err_code write_all(struct run *r, struct err *err)
{
	for (int turn = 0;; turn = (turn + 1) % STAGES) {
		struct stage *s = r->stages[turn];
		struct write w = { .run = r, .stage = s };

		pthread_mutex_lock(&r->lock);
		while (!s->full)
			pthread_cond_wait(&r->turned, &r->lock);
		pthread_mutex_unlock(&r->lock);
		TRY(db_transact(r->db, write_stage, &w, err));
		if (r->on_progress)
			TRY(r->on_progress(r->arg, s->done_bytes, s->total_bytes, err));
		if (s->code != ERR_OK)
			return err_set(err, s->code, "%s", s->err.msg);
		if (s->last)
			return ERR_OK;
		stage_reset(s);
		pthread_mutex_lock(&r->lock);
		s->full = false;
		pthread_cond_broadcast(&r->turned);
		pthread_mutex_unlock(&r->lock);
	}
}

static enum err_code read_and_write(struct run *r, struct err *err)
{
	pthread_t thread;
	enum err_code code;

	r->spare = arena_open(ROW_COPY_BYTES_MAX);
	if (!r->spare)
		return err_nomem(err);
	for (int k = 0; k < STAGES; k++) {
		r->stages[k] = mem_alloc(1, sizeof(*r->stages[k]));
		if (!r->stages[k])
			return err_nomem(err);
		TRY(sink_batch_open(r->type, &r->stages[k]->batch, err));
	}
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->turned, NULL);
	if (pthread_create(&thread, NULL, read_file, r) != 0)
		return err_set(err, ERR_LIMIT, "不能再开线程，请稍后重试");
	code = write_all(r, err);
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_broadcast(&r->turned);
	pthread_mutex_unlock(&r->lock);
	pthread_join(thread, NULL);
	return code;
}

static void run_clear(struct run *r)
{
	for (int k = 0; k < STAGES; k++) {
		if (r->stages[k])
			sink_batch_closep(&r->stages[k]->batch);
		free(r->stages[k]);
	}
	arena_close(r->spare);
	record_reader_closep(&r->reader);
	sink_closep(&r->sink);
}

static enum err_code finish(struct db *db, const struct import_options *o, const struct actor *who, const struct dictionary_type *t,
	struct import *i, struct arena *mem, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct audit_entry entry = { .action = STR("import.run"), .subject = STR("import"), .subject_id = i->id };
	int64_t change_no = 0;

	entry.summary = str_printf(mem, "导入 %.*s：新增 %" PRId64 "，变更 %" PRId64 "，相同 %" PRId64 "，较旧 %" PRId64 "，退回 %" PRId64,
		STR_ARG(i->name), i->counts.added, i->counts.changed, i->counts.same, i->counts.older, i->counts.rejected);
	TRY(db_begin(db, &tx, err));
	if (t->is_agency && i->counts.added + i->counts.changed > 0)
		TRY(sink_link_agencies(db, o->dictionary, &change_no, err));
	TRY(import_end(db, i->id, IMPORT_DONE, o->now_ms, (struct str){ 0 }, err));
	TRY(audit_add(db, who, o->now_ms, &entry, err));
	return db_commit(&tx, err);
}

static enum err_code run_open(
	struct db *db, const struct import_options *o, struct import *i, struct run *r, struct arena *mem, struct err *err)
{
	struct record_reader_options file = { .name = i->name, .dictionary = o->dictionary, .mappings = o->mappings };
	struct sink_options sink = { .dictionary = o->dictionary, .ids = o->ids, .import_id = i->id, .now_ms = o->now_ms };
	const struct str *header;
	size_t count;

	file.path = attachment_path(o->data_dir, i->sm3, mem);
	if (!file.path)
		return err_nomem(err);
	TRY(import_mapping(o, i, mem, &file.mapping, err));
	if (!file.mapping && i->type.len > 0)
		file.type = dictionary_type(o->dictionary, i->type);
	TRY(record_reader_open(&file, &r->reader, err));
	r->type = record_reader_type(r->reader);
	header = record_reader_header(r->reader, &count, NULL);
	i->header = header_json(header, count, mem);
	sink.type = r->type;
	sink.supply = record_reader_supply(r->reader);
	sink.latest = record_reader_mapping(r->reader)->latest;
	sink.unique_keys = !sink.latest;
	TRY(sink_open(db, &sink, &r->sink, err));
	r->resume_behind = i->done_line;
	i->total_bytes = i->total_bytes ? i->total_bytes : 1;
	TRY(import_set_header(db, i->id, r->type->name, record_reader_mapping(r->reader)->info.name, i->header, err));
	return import_start(db, i->id, o->now_ms, err);
}

static enum err_code run(struct db *db, const struct import_options *o, const struct actor *who, struct import *i, struct run *r,
	struct arena *mem, struct err *err)
{
	enum err_code code = run_open(db, o, i, r, mem, err);

	if (code == ERR_OK)
		code = read_and_write(r, err);
	if (code == ERR_OK)
		code = finish(db, o, who, r->type, i, mem, err);
	if (code != ERR_OK) {
		struct err ignored;

		import_end(db, i->id, IMPORT_FAILED, o->now_ms, err ? str_of(err->msg) : STR("导入失败"), &ignored);
	}
	return code;
}

enum err_code import_run(struct db *db, const struct import_options *o, const struct actor *who, int64_t id,
	enum err_code (*on_progress)(void *arg, int64_t done, int64_t total, struct err *err), void *arg, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(IMPORT_BYTES_MAX);
	CLEANUP(mem_freep) struct run *r = mem_alloc(1, sizeof(*r));
	struct import i;
	enum err_code code;

	if (!mem || !r)
		return err_nomem(err);
	TRY(import_get(db, id, mem, &i, err));
	if (i.state == IMPORT_DONE)
		return ERR_OK;
	if (i.state == IMPORT_UNDONE)
		return err_set(err, ERR_STATE, "这次导入已经撤销，请重新上传文件");
	*r = (struct run){ .db = db, .o = o, .i = &i, .on_progress = on_progress, .arg = arg };
	code = run(db, o, who, &i, r, mem, err);
	run_clear(r);
	return code;
}

enum err_code import_file(struct db *db, const struct import_options *o, const struct actor *who, const struct record_reader_options *file,
	struct import *ret, struct arena *mem, struct err *err)
{
	struct record_reader_options named = *file;
	int64_t id;

	if (named.name.len == 0) {
		const char *slash = strrchr(file->path, '/');

		named.name = str_of(slash ? slash + 1 : file->path);
	}
	TRY(create(db, o, who, &named, mem, &id, err));
	TRY(import_get(db, id, mem, ret, err));
	if (ret->type.len == 0)
		return err_set(err, ERR_INPUT, "%.*s", STR_ARG(ret->error));
	TRY(import_run(db, o, who, id, NULL, NULL, err));
	return import_get(db, id, mem, ret, err);
}

/* ---- rejects ---- */

static size_t cells_of(struct str json, struct sheet_cell *cells, size_t max, struct arena *mem)
{
	json_t *array = json_loadb(json.ptr, json.len, 0, NULL), *item;
	size_t i, count = 0;

	json_array_foreach(array, i, item) if (count < max) cells[count++] = (struct sheet_cell){
		.text = str_dup(mem, (struct str){ .ptr = json_string_value(item), .len = json_string_length(item) })
	};
	json_decref(array);
	return count;
}

static enum err_code write_rejects(
	struct db *db, const struct import *i, struct sheet_writer *w, size_t header_count, int64_t *ret_rows, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open((size_t)1 << 30);
	struct import_reject *page = mem_alloc(REJECTS_PAGE, sizeof(*page));
	enum err_code code = page && mem ? ERR_OK : err_nomem(err);
	int64_t after = -1;
	size_t count = REJECTS_PAGE;

	*ret_rows = 0;
	while (code == ERR_OK && count == REJECTS_PAGE) {
		arena_reset(mem);
		code = import_reject_list(db, i->id, after, REJECTS_PAGE, mem, page, &count, err);
		for (size_t k = 0; k < count && code == ERR_OK; k++) {
			struct sheet_cell *cells = ARENA_NEW(mem, struct sheet_cell, header_count + 1);

			if (!cells) {
				code = err_nomem(err);
				break;
			}
			cells_of(page[k].cells, cells, header_count, mem);
			cells[header_count].text = str_printf(mem, "第 %" PRId64 " 行：%.*s", page[k].line, STR_ARG(page[k].reasons));
			code = sheet_writer_row(w, cells, header_count + 1, err);
			after = page[k].line;
			(*ret_rows)++;
		}
	}
	free(page);
	return code;
}

/** To a file, or to `out` when path is NULL. */
static enum err_code rejects_to(
	struct db *db, int64_t id, const char *path, struct buf *out, enum sheet_format format, int64_t *ret_rows, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(IMPORT_BYTES_MAX);
	CLEANUP(sheet_writer_closep) struct sheet_writer *w = NULL;
	struct sheet_writer_options options = { .path = path, .out = out, .format = format, .title = STR("退回的行"), .bom = true };
	struct sheet_cell *cells;
	struct str *header;
	struct import i;
	size_t count;

	if (!mem)
		return err_nomem(err);
	if (options.format != SHEET_CSV && options.format != SHEET_XLSX)
		return err_set(err, ERR_UNSUPPORTED, "退回的行可导出为 csv 或 xlsx");
	TRY(import_get(db, id, mem, &i, err));
	cells = ARENA_NEW(mem, struct sheet_cell, SHEET_COLUMNS_MAX);
	header = ARENA_NEW(mem, struct str, SHEET_COLUMNS_MAX);
	if (!cells || !header)
		return err_nomem(err);
	count = cells_of(i.header, cells, SHEET_COLUMNS_MAX - 1, mem);
	if (count > 0 && str_eq(cells[count - 1].text, STR(REJECT_HEADER))) /* a corrected sheet that was sent in again */
		count--;
	for (size_t k = 0; k < count; k++)
		header[k] = cells[k].text.ptr ? cells[k].text : STR("");
	header[count] = STR(REJECT_HEADER);
	options.header = header;
	options.header_count = count + 1;
	options.now_ms = i.created_ms;
	TRY(sheet_writer_open(&options, &w, err));
	TRY(write_rejects(db, &i, w, count, ret_rows, err));
	return sheet_writer_finish(w, err);
}

enum err_code import_rejects_write(struct db *db, int64_t id, const char *path, int64_t *ret_rows, struct err *err)
{
	return rejects_to(db, id, path, NULL, sheet_format_of_name(str_of(path)), ret_rows, err);
}

enum err_code import_rejects_to_buf(struct db *db, int64_t id, enum sheet_format format, struct buf *out, struct err *err)
{
	int64_t rows;

	return rejects_to(db, id, NULL, out, format, &rows, err);
}

/* ---- undo ---- */

static enum err_code undo_row(struct db *db, const struct dictionary_type *t, const struct import *i, int64_t record_id, int64_t change_no,
	struct arena *mem, struct err *err)
{
	struct record_row row;
	int64_t supply_id, import_id;
	bool found;

	TRY(version_before(db, t, record_id, i->id, mem, &row, &supply_id, &import_id, &found, err));
	if (!found) { /* it was new: the row stays as a mark that others can see it gone */
		TRY(row_load(db, t, record_id, mem, &row, &supply_id, &import_id, &found, err));
		row.deleted = true;
		row.digest[0] = '\0';
		for (size_t c = 0; c < t->child_count; c++)
			row.children[c].row_count = 0;
	}
	row.change_no = change_no;
	TRY(sink_restore(db, t, &row, import_id, supply_id, err));
	return version_drop(db, t, record_id, i->id, err);
}

struct undo {
	const struct dictionary_type *type;
	const struct import_options *o;
	const struct actor *who;
	const struct import *i;
};

static enum err_code undo_all(struct db *db, void *arg, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open((size_t)256 << 20);
	const struct undo *u = arg;
	struct audit_entry entry = { .action = STR("import.undo"), .subject = STR("import"), .subject_id = u->i->id };
	int64_t ids[UNDO_PAGE], change_no, after = 0, later_id, rows = 0;
	struct str later;
	size_t count = UNDO_PAGE;

	if (!mem)
		return err_nomem(err);
	TRY(change_bump(db, &change_no, err));
	TRY(import_later(db, u->i->id, mem, &later_id, &later, err));
	if (later_id != 0)
		return err_set(err, ERR_CONFLICT, "不能撤销：之后的导入“%.*s”又改动了其中的记录，请先撤销那一次", STR_ARG(later));
	while (count == UNDO_PAGE && u->i->change_from > 0) {
		TRY(import_rows(db, u->type, u->i, after, ids, UNDO_PAGE, &count, err));
		for (size_t k = 0; k < count; k++) {
			arena_reset(mem);
			TRY(undo_row(db, u->type, u->i, ids[k], change_no, mem, err));
			after = ids[k];
			rows++;
		}
	}
	entry.summary = str_printf(mem, "撤销导入 %.*s：恢复 %" PRId64 " 条记录", STR_ARG(u->i->name), rows);
	TRY(import_set_undone(db, u->i->id, u->o->now_ms, err));
	return audit_add(db, u->who, u->o->now_ms, &entry, err);
}

enum err_code import_undo(struct db *db, const struct import_options *o, const struct actor *who, int64_t id, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open(IMPORT_BYTES_MAX);
	struct import i;
	struct undo u = { .o = o, .who = who, .i = &i };

	if (!mem)
		return err_nomem(err);
	TRY(import_get(db, id, mem, &i, err));
	if (i.state != IMPORT_DONE && i.state != IMPORT_FAILED)
		return err_set(err, ERR_STATE, "只有已完成或失败的导入可以撤销");
	u.type = dictionary_type(o->dictionary, i.type);
	if (!u.type)
		return err_set(err, ERR_STATE, "记录类型“%.*s”已不在字典中", STR_ARG(i.type));
	return db_transact(db, undo_all, &u, err);
}

/* ---- rows made by a program ---- */

struct record_writer {
	struct db *db;
	struct sink *sink;
	struct sink_batch *batch;
	const struct dictionary_type *type;
	struct import i;
	struct import_options o;
	struct actor who;
	struct record_supply supply;
	int64_t line; /* rows put so far */
	struct arena *mem;
};

enum err_code record_writer_open(struct db *db, const struct import_options *o, const struct actor *who, const struct dictionary_type *type,
	const struct record_supply *supply, struct str name, struct record_writer **ret, struct err *err)
{
	CLEANUP(record_writer_closep) struct record_writer *w = mem_alloc(1, sizeof(*w));
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct sink_options sink;

	if (!w)
		return err_nomem(err);
	w->mem = arena_open(16u << 20);
	if (!w->mem)
		return err_nomem(err);
	w->db = db;
	w->o = *o;
	w->who = *who;
	w->type = type;
	w->supply = *supply;
	w->i = (struct import){ .id = id_new(o->ids),
		.name = str_dup(w->mem, name),
		.type = type->name,
		.mapping_name = STR("program"),
		.header = STR("[]"),
		.state = IMPORT_RUNNING,
		.account_id = who->account_id,
		.org_id = who->org_id,
		.scope_path = str_dup(w->mem, who->scope_path),
		.created_ms = o->now_ms };
	sink = (struct sink_options){
		.dictionary = o->dictionary, .type = type, .supply = &w->supply, .ids = o->ids, .import_id = w->i.id, .now_ms = o->now_ms
	};
	TRY(sink_open(db, &sink, &w->sink, err));
	TRY(sink_batch_open(type, &w->batch, err));
	TRY(db_begin(db, &tx, err));
	TRY(import_add(db, &w->i, err));
	TRY(import_start(db, w->i.id, o->now_ms, err));
	TRY(db_commit(&tx, err));
	*ret = w;
	w = NULL;
	return ERR_OK;
}

static enum err_code writer_batch(struct db *db, void *arg, struct err *err)
{
	struct record_writer *w = arg;
	struct import next = w->i;
	int64_t change_no = 0;

	TRY(sink_write(w->sink, w->batch, &next.counts, &change_no, err));
	if (change_no > 0) {
		next.change_to = change_no;
		if (next.change_from == 0)
			next.change_from = change_no;
	}
	next.counts.read = next.done_line = w->line;
	TRY(import_set_progress(db, &next, change_no, err));
	w->i = next;
	return ERR_OK;
}

static enum err_code writer_flush(struct record_writer *w, struct err *err)
{
	TRY(db_transact(w->db, writer_batch, w, err));
	sink_batch_reset(w->batch);
	return ERR_OK;
}

enum err_code record_writer_put(struct record_writer *w, const struct record_row *row, struct err *err)
{
	struct record_row copy;
	struct str key = dictionary_row_key(w->type, row->values, w->batch->mem);

	if (!key.ptr)
		return err_nomem(err);
	if (sink_batch_is_full(w->batch) || sink_batch_holds(w->batch, key))
		TRY(writer_flush(w, err));
	TRY(record_row_copy(w->type, row, w->batch->mem, &copy, err));
	copy.key = dictionary_row_key(w->type, copy.values, w->batch->mem);
	if (!copy.key.ptr)
		return err_nomem(err);
	copy.supply = &w->supply;
	copy.line = ++w->line;
	record_digest(w->type, &copy, copy.digest);
	return sink_batch_add(w->batch, &copy, err);
}

enum err_code record_writer_finish(struct record_writer **writer, struct record_counts *ret, struct err *err)
{
	struct record_writer *w = *writer;

	TRY(writer_flush(w, err));
	TRY(finish(w->db, &w->o, &w->who, w->type, &w->i, w->mem, err));
	if (ret)
		*ret = w->i.counts;
	record_writer_closep(writer);
	return ERR_OK;
}

void record_writer_closep(struct record_writer **writer)
{
	struct record_writer *w = *writer;

	if (!w)
		return;
	sink_closep(&w->sink);
	sink_batch_closep(&w->batch);
	arena_close(w->mem);
	free(w);
	*writer = NULL;
}

/* ---- the job ---- */

struct job_progress_to {
	struct db *db;
	const struct job *job;
};

static enum err_code on_job_progress(void *arg, int64_t done, int64_t total, struct err *err)
{
	const struct job_progress_to *to = arg;

	return job_progress(to->db, to->job, done, total, time_now_ms(), err);
}

static enum err_code run_job(struct job_context *ctx, const struct job *job, struct buf *result, struct err *err)
{
	const struct import_options o = { .dictionary = ctx->app->dictionary,
		.mappings = ctx->app->mappings,
		.ids = ctx->ids,
		.data_dir = ctx->app->data_dir,
		.now_ms = ctx->now_ms };
	struct job_progress_to to = { .db = ctx->db, .job = job };
	json_t *args = json_loadb(job->args.ptr, job->args.len, 0, NULL);
	const char *text = json_string_value(json_object_get(args, "import_id"));
	struct actor who = { .account_id = job->account_id, .name = STR("导入任务"), .remote = STR("") };
	struct import i;
	int64_t id = 0;
	struct json j;

	if (!text || !str_to_i64(str_of(text), &id)) {
		json_decref(args);
		return err_set(err, ERR_INPUT, "导入任务缺少 import_id");
	}
	json_decref(args);
	TRY(import_run(ctx->db, &o, &who, id, on_job_progress, &to, err));
	TRY(import_get(ctx->db, id, ctx->mem, &i, err));
	json_init(&j, result);
	json_obj(&j);
	json_kid(&j, "import_id", id);
	json_ki64(&j, "read", i.counts.read);
	json_ki64(&j, "new", i.counts.added);
	json_ki64(&j, "changed", i.counts.changed);
	json_ki64(&j, "same", i.counts.same);
	json_ki64(&j, "older", i.counts.older);
	json_ki64(&j, "rejected", i.counts.rejected);
	json_obj_end(&j);
	return ERR_OK;
}

const struct job_kind import_job = { .kind = "import", .run = run_job };
