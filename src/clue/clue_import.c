/* Ready-made clues from a table of another platform: a row is a clue; its number there, or a digest of its cells, makes importing it again
 * harmless. */
#include <ctype.h>

#include "audit/audit.h"
#include "clue/clue_private.h"
#include "crypto/crypto.h"
#include "dictionary/dictionary.h"
#include "org/org.h"
#include "sheet/sheet.h"

enum column { SOURCE_NO, CHANNEL, TITLE, CONTENT, AGENCY, AGENCY_CODE, COMPLAINANT, PHONE, HAPPENED_ON, RECEIVED_ON, COLUMN_COUNT };

/* Headers as other platforms write them; compared after normalising. */
static const struct {
	const char *field;
	const char *names; /* separated by '|' */
} columns[COLUMN_COUNT] = {
	[SOURCE_NO] = { "source_no", "来源编号|工单编号|工单号|线索编号|编号|受理编号" },
	[CHANNEL] = { "channel", "来源渠道|渠道|线索来源|来源" },
	[TITLE] = { "title", "标题|线索标题|主题|诉求标题" },
	[CONTENT] = { "content", "内容|线索内容|诉求内容|问题描述|主要内容|反映内容" },
	[AGENCY] = { "agency", "涉及机关|被监督机关|执法机关|涉及单位|被投诉单位|承办单位" },
	[AGENCY_CODE] = { "agency_code", "机关代码|执法机关代码|统一社会信用代码" },
	[COMPLAINANT] = { "complainant", "反映人|投诉人|来电人|举报人|联系人|姓名" },
	[PHONE] = { "phone", "联系电话|电话|来电号码|联系方式|手机号" },
	[HAPPENED_ON] = { "happened_on", "发生日期|发生时间|事发时间" },
	[RECEIVED_ON] = { "received_on", "收到日期|受理日期|受理时间|登记时间|登记日期|来电时间" },
};

static bool names_column(int column, struct str header)
{
	struct str names = str_of(columns[column].names), name;

	if (header.len == strlen(columns[column].field) && strncasecmp(header.ptr, columns[column].field, header.len) == 0)
		return true;
	while (str_next(&names, '|', &name))
		if (str_eq(header, name))
			return true;
	return false;
}

/** Position of each column in the header, -1 when absent. */
static void find_columns(const struct str *header, size_t count, int ret_at[static COLUMN_COUNT])
{
	for (int c = 0; c < COLUMN_COUNT; c++) {
		ret_at[c] = -1;
		for (size_t i = 0; i < count && ret_at[c] < 0; i++)
			if (names_column(c, header[i]))
				ret_at[c] = (int)i;
	}
}

static int header_score(void *arg, const struct str *cells, size_t count)
{
	int at[COLUMN_COUNT], score = 0;

	(void)arg;
	find_columns(cells, count, at);
	for (int c = 0; c < COLUMN_COUNT; c++)
		score += at[c] >= 0;
	return at[CONTENT] >= 0 ? score : 0;
}

struct importer {
	struct clue_context *ctx;
	struct str source_name;
	int64_t owner_id;
	int at[COLUMN_COUNT];
	struct clue_import_result *result;
};

static struct str cell(const struct importer *im, const struct sheet_row *row, enum column c)
{
	if (im->at[c] < 0 || (size_t)im->at[c] >= row->cell_count || !row->cells[im->at[c]].text.ptr)
		return STR("");
	return str_trim(row->cells[im->at[c]].text);
}

static enum err_code read_day(struct str text, const char *label, int32_t *ret, struct err *err)
{
	int32_t seconds;

	*ret = DAY_NONE;
	if (text.len > 0 && !date_parse_loose(text, ret, &seconds))
		return err_set(err, ERR_INPUT, "%s“%.*s”不是日期", label, STR_ARG(text));
	return ERR_OK;
}

/** A number for a row that has none at its source: digest of its cells. */
static struct str digest_no(struct clue_context *ctx, const struct sheet_row *row)
{
	struct str *parts = ARENA_NEW(ctx->mem, struct str, row->cell_count * 2);
	char hex[SM3_HEX_SIZE];

	if (!parts)
		return STR("");
	for (size_t i = 0; i < row->cell_count; i++) {
		parts[2 * i] = row->cells[i].text;
		parts[2 * i + 1] = STR("\x1f");
	}
	sm3_hex(parts, row->cell_count * 2, hex);
	hex[32] = '\0';
	return str_printf(ctx->mem, "sm3:%s", hex);
}

static enum err_code read_row(struct importer *im, const struct sheet_row *row, struct clue_new *ret, struct err *err)
{
	struct str channel = cell(im, row, CHANNEL), no = cell(im, row, SOURCE_NO);
	struct clue_new clue = { .channel = CLUE_IMPORTED,
		.title = cell(im, row, TITLE),
		.content = cell(im, row, CONTENT),
		.complainant = cell(im, row, COMPLAINANT),
		.phone = cell(im, row, PHONE),
		.source_name = im->source_name,
		.source_no = no.len > 0 ? no : digest_no(im->ctx, row) };

	if (channel.len > 0) {
		clue.channel = clue_channel_parse(channel);
		if (clue.channel == CLUE_CHANNEL_COUNT) /* hotlines call themselves by many names */
			clue.channel = str_has(channel, STR("12345")) || str_has(channel, STR("热线")) ? CLUE_HOTLINE_12345
			               : str_has(channel, STR("信访"))                                 ? CLUE_PETITION
			               : str_has(channel, STR("检察"))                                 ? CLUE_PROCURATORIAL
			                                                                               : CLUE_IMPORTED;
	}
	TRY(read_day(cell(im, row, HAPPENED_ON), "发生日期", &clue.happened_on, err));
	TRY(read_day(cell(im, row, RECEIVED_ON), "收到日期", &clue.received_on, err));
	TRY(org_find(im->ctx->db, cell(im, row, AGENCY_CODE), cell(im, row, AGENCY), &clue.org_id, err));
	*ret = clue;
	return ERR_OK;
}

struct row_call {
	struct importer *im;
	const struct clue_row *row;
	bool same;
};

static enum err_code row_body(struct db *db, void *arg, struct err *err)
{
	struct row_call *call = arg;
	int64_t id;

	(void)db;
	TRY(clue_find_source(call->im->ctx, call->row->owner_id, call->row->source_name, call->row->source_no, &id, err));
	call->same = id != 0;
	if (call->same)
		return ERR_OK;
	return clue_insert(call->im->ctx, call->row, &id, err);
}

static enum err_code take_row(struct importer *im, const struct sheet_row *row, struct err *err)
{
	struct clue_row stored;
	struct row_call call = { .im = im, .row = &stored };
	struct clue_new clue;
	enum err_code code;

	TRY(read_row(im, row, &clue, err));
	TRY(clue_complete(im->ctx, &clue, &stored, err));
	stored.event = "从其他平台导入";
	stored.owner_id = im->owner_id;
	stored.from_org_id = im->ctx->who->org_id;
	code = db_transact(im->ctx->db, row_body, &call, err);
	if (code != ERR_OK && code != ERR_UNIQUE)
		return code;
	if (call.same || code == ERR_UNIQUE) /* UNIQUE: somebody imported it in the same instant */
		im->result->same++;
	else
		im->result->added++;
	return ERR_OK;
}

static void reject(struct importer *im, int64_t line, struct str reason)
{
	struct clue_import_result *r = im->result;

	r->rejected++;
	if (r->error_count < sizeof(r->errors) / sizeof(r->errors[0])) {
		r->errors[r->error_count].line = line;
		r->errors[r->error_count++].reason = str_dup(im->ctx->mem, reason);
	}
}

static bool is_about_the_row(enum err_code code)
{
	return code == ERR_INPUT || code == ERR_LIMIT || code == ERR_SYNTAX || code == ERR_CONFLICT || code == ERR_NOT_FOUND;
}

/** Rows live in an arena of their own, emptied after each, so that a table of any length fits. */
static enum err_code read_all(struct importer *im, struct sheet *s, struct err *err)
{
	CLEANUP(arena_closep) struct arena *row_mem = arena_open(64u << 20);
	struct clue_context *ctx = im->ctx, row_ctx = *ctx;
	struct importer row_im = *im;
	struct sheet_row row;

	if (!row_mem)
		return err_nomem(err);
	row_ctx.mem = row_mem;
	row_im.ctx = &row_ctx;
	for (;;) {
		struct err why = { 0 };

		TRY(sheet_next(s, &row, err));
		if (row.kind == SHEET_ROW_END)
			return ERR_OK;
		if (row.kind == SHEET_ROW_REJECTED) {
			reject(im, row.line, row.reason);
		} else if (row.kind == SHEET_ROW_DATA) {
			enum err_code code = take_row(&row_im, &row, &why);

			if (code != ERR_OK && !is_about_the_row(code)) {
				*err = why;
				return code;
			}
			if (code != ERR_OK)
				reject(im, row.line, str_of(why.msg));
		}
		arena_reset(row_mem);
	}
}

enum err_code clue_import(struct clue_context *ctx, const char *path, struct str name, struct str source_name,
	struct clue_import_result *ret, struct err *err)
{
	CLEANUP(sheet_closep) struct sheet *s = NULL;
	CLEANUP(db_rollbackp) struct db_tx *tx = NULL;
	struct sheet_options options = { .path = path, .name = name, .header_score = header_score };
	struct importer im = { .ctx = ctx, .source_name = str_trim(source_name), .result = ret };
	const struct str *header;
	size_t header_count;
	int64_t line;

	*ret = (struct clue_import_result){ 0 };
	if (ctx->who->account_id != 0 && !actor_has(ctx->who, ROLE_SUPERVISOR | ROLE_LEADER))
		return err_set(err, ERR_FORBIDDEN, "只有监督人员和监督机构负责人可以成批导入线索");
	TRY(sheet_open(&options, &s, err));
	header = sheet_header(s, &header_count, &line);
	find_columns(header, header_count, im.at);
	if (im.at[CONTENT] < 0)
		return err_set(err, ERR_INPUT, "第 %lld 行的表头里没有“内容”一列（也可以叫线索内容、诉求内容、问题描述）", (long long)line);
	if (im.source_name.len == 0)
		im.source_name = STR("导入");
	TRY(clue_owner(ctx, &im.owner_id, err));
	TRY(read_all(&im, s, err));
	TRY(db_begin(ctx->db, &tx, err));
	TRY(clue_audit(ctx, "clue.import", 0,
		str_printf(ctx->mem, "导入线索：新增 %lld，已有 %lld，退回 %lld", (long long)ret->added, (long long)ret->same,
			(long long)ret->rejected),
		STR(""), err));
	return db_commit(&tx, err);
}
