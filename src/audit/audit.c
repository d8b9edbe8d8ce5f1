/* The chain: hash(n) = SM3(hash(n-1) ‖ canonical text of entry n). The canonical text names every column with its length, so that
 * nothing can move between columns. audit_head is updated first: its row lock puts the writers of all processes in one queue. */
#include "audit/audit.h"

#include <assert.h>
#include <stdio.h>

#include "audit_sql.h"
#include "base/buf.h"
#include "crypto/crypto.h"

#define ENTRY_BYTES_MAX (1u << 20)

static void put_text(struct buf *b, const char *name, struct str value)
{
	buf_printf(b, "%s %zu ", name, value.len);
	buf_put(b, value);
	buf_putc(b, '\n');
}

/** One entry as bytes; the same from memory and from the table. */
static void canonical(struct buf *b, const struct audit_row *r)
{
	buf_printf(b, "seq %lld\nat %lld\naccount %lld\nsubject_id %lld\n", (long long)r->seq, (long long)r->at_ms,
		(long long)r->account_id, (long long)r->subject_id);
	put_text(b, "account_name", r->account_name);
	put_text(b, "remote", r->remote);
	put_text(b, "action", r->action);
	put_text(b, "subject", r->subject);
	put_text(b, "summary", r->summary);
	put_text(b, "detail", r->detail);
}

static enum err_code chain_hash(struct str previous, const struct audit_row *r, char out[static SM3_HEX_SIZE], struct err *err)
{
	struct buf b;

	buf_init(&b, ENTRY_BYTES_MAX);
	canonical(&b, r);
	if (b.failed) {
		buf_clear(&b);
		return err_set(err, ERR_LIMIT, "留痕内容超过 %u 字节", ENTRY_BYTES_MAX);
	}
	sm3_hex((struct str[]){ previous, buf_str(&b) }, 2, out);
	buf_clear(&b);
	return ERR_OK;
}

/** Moves the head by one and reads where it was; holds its lock until the transaction ends. */
static enum err_code take_seq(struct db *db, int64_t *ret_seq, char previous[static SM3_HEX_SIZE], struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *lock = NULL;
	CLEANUP(db_stmt_donep) struct db_stmt *read = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_AUDIT_HEAD_LOCK, &lock, err));
	TRY(db_run(lock, NULL, err));
	TRY(db_prepare(db, &SQL_AUDIT_HEAD_READ, &read, err));
	TRY(db_step(read, &row, err));
	if (!row)
		return err_set(err, ERR_CORRUPT, "留痕链头丢失");
	*ret_seq = db_i64(read, 0);
	snprintf(previous, SM3_HEX_SIZE, "%.*s", STR_ARG(db_str(read, 1)));
	return ERR_OK;
}

static void bind_row(struct db_stmt *q, const struct audit_row *r)
{
	db_bind_i64(q, 1, r->seq);
	db_bind_i64(q, 2, r->at_ms);
	db_bind_id(q, 3, r->account_id);
	db_bind_str(q, 4, r->account_name);
	db_bind_str(q, 5, r->remote);
	db_bind_str(q, 6, r->action);
	db_bind_str(q, 7, r->subject);
	db_bind_id(q, 8, r->subject_id);
	db_bind_str(q, 9, r->summary);
	db_bind_str(q, 10, r->detail);
	db_bind_str(q, 11, r->hash);
}

static struct str or_empty(struct str s)
{
	return s.ptr ? s : STR("");
}

enum err_code audit_add(struct db *db, const struct actor *who, int64_t now_ms, const struct audit_entry *e, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *insert = NULL;
	CLEANUP(db_stmt_donep) struct db_stmt *head = NULL;
	char previous[SM3_HEX_SIZE], hash[SM3_HEX_SIZE];
	struct audit_row row = { .at_ms = now_ms,
		.account_id = who->account_id,
		.subject_id = e->subject_id,
		.account_name = or_empty(who->name),
		.action = or_empty(e->action),
		.subject = or_empty(e->subject),
		.summary = or_empty(e->summary),
		.detail = or_empty(e->detail),
		.remote = or_empty(who->remote) };

	assert(db_in_tx(db));
	TRY(take_seq(db, &row.seq, previous, err));
	TRY(chain_hash(str_of(previous), &row, hash, err));
	row.hash = str_of(hash);
	TRY(db_prepare(db, &SQL_AUDIT_INSERT, &insert, err));
	bind_row(insert, &row);
	TRY(db_run(insert, NULL, err));
	TRY(db_prepare(db, &SQL_AUDIT_HEAD_SET, &head, err));
	db_bind_str(head, 1, row.hash);
	return db_run(head, NULL, err);
}

static struct audit_row read_row(struct db_stmt *q)
{
	return (struct audit_row){ .seq = db_i64(q, 0),
		.at_ms = db_i64(q, 1),
		.account_id = db_i64(q, 2),
		.account_name = db_str(q, 3),
		.remote = db_str(q, 4),
		.action = db_str(q, 5),
		.subject = db_str(q, 6),
		.subject_id = db_i64(q, 7),
		.summary = db_str(q, 8),
		.detail = db_str(q, 9),
		.hash = db_str(q, 10) };
}

static void broken(struct audit_report *report, int64_t seq, const char *why)
{
	report->broken_seq = seq;
	snprintf(report->broken_why, sizeof(report->broken_why), "%s", why);
}

/** Checks entries after `*seq`; *ret_more tells whether there may be others. */
static enum err_code verify_some(struct db *db, struct audit_report *report, bool *ret_more, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	*ret_more = false;
	TRY(db_prepare(db, &SQL_AUDIT_FROM, &q, err));
	db_bind_i64(q, 1, report->entries);
	TRY(db_step(q, &row, err));
	while (row) {
		struct audit_row r = read_row(q);
		char hash[SM3_HEX_SIZE];

		if (r.seq != report->entries + 1) {
			broken(report, report->entries + 1, "此序号的记录不存在（被删除或改号）");
			return ERR_OK;
		}
		TRY(chain_hash(str_of(report->head), &r, hash, err));
		if (!str_eq(r.hash, str_of(hash))) {
			broken(report, r.seq, "内容与散列值不符（被改动）");
			return ERR_OK;
		}
		report->entries++;
		memcpy(report->head, hash, sizeof(hash));
		*ret_more = true;
		TRY(db_step(q, &row, err));
	}
	return ERR_OK;
}

static enum err_code verify_head(struct db *db, struct audit_report *report, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	bool row;

	TRY(db_prepare(db, &SQL_AUDIT_HEAD_READ, &q, err));
	TRY(db_step(q, &row, err));
	if (!row || db_i64(q, 0) != report->entries)
		broken(report, report->entries + 1, "链尾缺少记录（末尾被截断）");
	else if (!str_eq(db_str(q, 1), str_of(report->head)))
		broken(report, report->entries, "链头散列值与最后一条不符");
	return ERR_OK;
}

enum err_code audit_verify(struct db *db, struct audit_report *ret, struct err *err)
{
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct audit_report report = { 0 };
	bool more = true;

	TRY(db_begin(db, &tx, err)); /* nobody adds entries while the chain is walked */
	while (more && report.broken_seq == 0)
		TRY(verify_some(db, &report, &more, err));
	if (report.broken_seq == 0)
		TRY(verify_head(db, &report, err));
	*ret = report;
	return ERR_OK;
}

/** The smallest text that is greater than everything starting with prefix: for actions, which are ASCII. */
static struct str after_prefix(struct str prefix, char room[static 64])
{
	size_t len = prefix.len < 63 ? prefix.len : 63;

	memcpy(room, prefix.ptr ? prefix.ptr : "", len);
	if (len > 0)
		room[len - 1]++;
	return (struct str){ .ptr = room, .len = len };
}

enum err_code audit_list(struct db *db, int64_t before_seq, struct str subject, int64_t subject_id, struct str action_prefix, int limit,
	enum err_code (*on_row)(const struct audit_row *row, void *arg), void *arg, struct err *err)
{
	CLEANUP(db_stmt_donep) struct db_stmt *q = NULL;
	char room[64];
	bool row;

	TRY(db_prepare(db, &SQL_AUDIT_PAGE, &q, err));
	db_bind_i64(q, 1, before_seq > 0 ? before_seq : INT64_MAX);
	db_bind_str(q, 2, or_empty(subject));
	db_bind_i64(q, 3, subject_id);
	db_bind_str(q, 4, or_empty(action_prefix));
	db_bind_str(q, 5, after_prefix(action_prefix, room));
	db_bind_i64(q, 6, limit);
	TRY(db_step(q, &row, err));
	while (row) {
		struct audit_row r = read_row(q);

		TRY(on_row(&r, arg));
		TRY(db_step(q, &row, err));
	}
	return ERR_OK;
}
