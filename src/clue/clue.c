/* Decisions about clues that need no database: channels, what is sealed, what a form must hold, what would give a complaint away. */
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/fault.h"
#include "clue/clue_private.h"

/* ---- channels and states ---- */

static const struct {
	const char *slug, *title;
	bool complaint;
} channels[CLUE_CHANNEL_COUNT] = {
	[CLUE_HOTLINE_12345] = { "hotline_12345", "12345 热线", true },
	[CLUE_RULE] = { "rule", "监督模型", false },
	[CLUE_WINDOW] = { "window", "来访", false },
	[CLUE_PHONE] = { "phone", "来电", true },
	[CLUE_PORTAL] = { "portal", "门户投诉", true },
	[CLUE_REFERRAL] = { "referral", "移送交办", false },
	[CLUE_MEDIA] = { "media", "媒体舆情", false },
	[CLUE_FILE_REVIEW] = { "file_review", "案卷评查", false },
	[CLUE_RECON] = { "recon", "行政复议和诉讼", false },
	[CLUE_PROCURATORIAL] = { "procuratorial", "检察监督", false },
	[CLUE_PETITION] = { "petition", "信访", true },
	[CLUE_NPC_CPPCC] = { "npc_cppcc", "人大代表和政协委员", false },
	[CLUE_OTHER] = { "other", "其他", false },
	[CLUE_IMPORTED] = { "imported", "批量导入", false },
};

const char *clue_channel_slug(enum clue_channel c)
{
	assert(c < CLUE_CHANNEL_COUNT);
	return channels[c].slug;
}

const char *clue_channel_title(enum clue_channel c)
{
	assert(c < CLUE_CHANNEL_COUNT);
	return channels[c].title;
}

enum clue_channel clue_channel_parse(struct str s)
{
	for (int i = 0; i < CLUE_CHANNEL_COUNT; i++)
		if (str_eq(s, str_of(channels[i].slug)) || str_eq(s, str_of(channels[i].title)))
			return (enum clue_channel)i;
	return CLUE_CHANNEL_COUNT;
}

bool clue_channel_is_complaint(enum clue_channel c)
{
	assert(c < CLUE_CHANNEL_COUNT);
	return channels[c].complaint;
}

static const char *const state_slugs[CLUE_STATE_COUNT] = { "received", "accepted", "rejected", "merged", "transferred" };
static const char *const state_titles[CLUE_STATE_COUNT] = { "待研判", "已采纳", "不采纳", "已合并", "已转出" };

const char *clue_state_slug(enum clue_state s)
{
	assert(s < CLUE_STATE_COUNT);
	return state_slugs[s];
}

const char *clue_state_title(enum clue_state s)
{
	assert(s < CLUE_STATE_COUNT);
	return state_titles[s];
}

bool clue_may_decide(const struct actor *who)
{
	return who->account_id == 0 || actor_has(who, ROLE_SUPERVISOR | ROLE_LEADER);
}

/* ---- what somebody typed ---- */

struct str clue_phone_digits(struct str phone, struct arena *mem)
{
	char *digits = ARENA_NEW(mem, char, phone.len + 1);
	size_t len = 0;

	if (!digits)
		return STR("");
	for (size_t i = 0; i < phone.len; i++)
		if (isdigit((unsigned char)phone.ptr[i]))
			digits[len++] = phone.ptr[i];
	if (len < 5)
		return STR("");
	if (len == 13 && digits[0] == '8' && digits[1] == '6') /* +86 before a mobile number */
		return (struct str){ .ptr = digits + 2, .len = 11 };
	return (struct str){ .ptr = digits, .len = len };
}

#define TITLE_FROM_CONTENT_CHARS 40

struct str clue_title_of(struct str content, struct arena *mem)
{
	struct str text = str_trim(content);
	size_t at = 0;

	for (int chars = 0; at < text.len && chars < TITLE_FROM_CONTENT_CHARS; chars++) {
		size_t next = at;
		uint32_t c = utf8_next(text, &next);

		if (c == '\n' || c == '\r' || c == 0x3002 /* 。 */ || c == 0xFF1B /* ； */)
			break;
		at = next;
	}
	return str_dup(mem, str_trim(str_sub(text, 0, at)));
}

static bool phone_is_plausible(struct str phone, struct str digits)
{
	for (size_t i = 0; i < phone.len; i++) {
		char c = phone.ptr[i];

		if (!isdigit((unsigned char)c) && !strchr("+-() ,/#*", c))
			return false;
	}
	return digits.len >= 5 && digits.len <= 40;
}

static enum err_code check_length(struct str text, size_t max, const char *label, struct err *err)
{
	if (utf8_count(text) > max)
		return err_set(err, ERR_INPUT, "%s不能超过 %zu 个字", label, max);
	return ERR_OK;
}

enum err_code clue_complete(struct clue_context *ctx, const struct clue_new *clue, struct clue_row *ret, struct err *err)
{
	struct clue_row row = { .channel = clue->channel,
		.title = str_trim(clue->title),
		.content = str_trim(clue->content),
		.complainant = str_trim(clue->complainant),
		.phone = str_trim(clue->phone),
		.rule_id = STR(""),
		.group_key = STR(""),
		.source_name = str_trim(clue->source_name),
		.source_no = str_trim(clue->source_no),
		.org_id = clue->org_id,
		.happened_on = clue->happened_on,
		.received_on = clue->received_on == DAY_NONE ? ctx->today : clue->received_on,
		.attachments = clue->attachments,
		.attachment_count = clue->attachment_count,
		.event = "登记线索" };

	if (clue->channel >= CLUE_CHANNEL_COUNT)
		return err_set(err, ERR_INPUT, "来源渠道不在清单内");
	if (row.content.len == 0)
		return err_set(err, ERR_INPUT, "内容不能为空");
	TRY(check_length(row.content, CLUE_CONTENT_CHARS, "内容", err));
	if (row.title.len == 0)
		row.title = clue_title_of(row.content, ctx->mem);
	TRY(check_length(row.title, CLUE_TITLE_CHARS, "标题", err));
	TRY(check_length(row.complainant, 50, "反映人", err));
	if (row.phone.len > 0 && !phone_is_plausible(row.phone, clue_phone_digits(row.phone, ctx->mem)))
		return err_set(err, ERR_INPUT, "联系电话只能有数字和 + - ( ) 空格，且不少于五位数字");
	if (row.happened_on != DAY_NONE && row.happened_on > ctx->today)
		return err_set(err, ERR_INPUT, "发生日期不能晚于今天");
	if (row.received_on > ctx->today)
		return err_set(err, ERR_INPUT, "收到日期不能晚于今天");
	row.sealed = clue->sealed || clue_channel_is_complaint(clue->channel) || row.complainant.len > 0 || row.phone.len > 0;
	*ret = row;
	return ERR_OK;
}

/* ---- what would give a complaint away ---- */

/** Letters, digits and Han characters of a text, without the agency's own name, which may of course be repeated. */
static uint32_t *code_points(struct str text, struct str without, struct arena *mem, size_t *ret_count)
{
	uint32_t *points = ARENA_NEW(mem, uint32_t, text.len + 1);
	size_t count = 0, at = 0;

	if (!points)
		return NULL;
	while (at < text.len) {
		if (without.len > 0 && str_starts(str_sub(text, at, text.len), without)) {
			points[count++] = 0; /* nothing equals it: a run of equal characters ends here */
			at += without.len;
			continue;
		}
		uint32_t c = utf8_next(text, &at);

		if (c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		if (c >= 0x3400 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
			if (c < 0xFF00 && c != 0xFFFD)
				points[count++] = c;
		}
	}
	*ret_count = count;
	return points;
}

static uint64_t hash_run(const uint32_t *p)
{
	return str_hash((struct str){ .ptr = (const char *)p, .len = CLUE_LEAK_CHARS * sizeof(*p) });
}

static bool run_is_wording(const uint32_t *p)
{
	for (int i = 0; i < CLUE_LEAK_CHARS; i++)
		if (p[i] == 0)
			return false;
	return true;
}

/** A set of runs by their position in `points`, open addressing. */
struct runs {
	const uint32_t *points;
	uint32_t *slots; /* position + 1 */
	size_t mask;
};

static bool runs_build(struct runs *r, const uint32_t *points, size_t count, struct arena *mem)
{
	size_t size = 64;

	while (size < count * 2)
		size *= 2;
	*r = (struct runs){ .points = points, .slots = ARENA_NEW(mem, uint32_t, size), .mask = size - 1 };
	if (!r->slots)
		return false;
	for (size_t i = 0; i + CLUE_LEAK_CHARS <= count; i++) {
		size_t slot = hash_run(points + i) & r->mask;

		if (!run_is_wording(points + i))
			continue;
		while (r->slots[slot])
			slot = (slot + 1) & r->mask;
		r->slots[slot] = (uint32_t)i + 1;
	}
	return true;
}

static bool runs_have(const struct runs *r, const uint32_t *run)
{
	for (size_t slot = hash_run(run) & r->mask; r->slots[slot]; slot = (slot + 1) & r->mask)
		if (memcmp(r->points + r->slots[slot] - 1, run, CLUE_LEAK_CHARS * sizeof(*run)) == 0)
			return true;
	return false;
}

/** True when twelve characters of `wording` stand in the text that `r` was built from. */
static bool repeats(const struct runs *r, struct str wording, struct str org_name, struct arena *mem)
{
	size_t count;
	const uint32_t *points = code_points(wording, org_name, mem, &count);

	if (!points)
		return true; /* out of memory: rather refuse than leak */
	for (size_t i = 0; i + CLUE_LEAK_CHARS <= count; i++)
		if (run_is_wording(points + i) && runs_have(r, points + i))
			return true;
	return false;
}

/** Whether one sealed clue shows in the text; *ret_why stays empty when not. */
static void find_leak(struct clue_context *ctx, const struct clue *c, struct str text, const struct runs *runs, struct str *ret_why)
{
	struct str digits = clue_phone_digits(text, ctx->mem), phone = clue_phone_digits(c->phone, ctx->mem);

	if (utf8_count(c->complainant) >= 2 && str_has(text, c->complainant))
		*ret_why = STR("写出了反映人的姓名");
	else if (phone.len >= 7 && str_has(digits, phone))
		*ret_why = STR("写出了反映人的电话");
	else if (str_has(text, c->no) || (c->source_no.len >= 6 && str_has(text, c->source_no)))
		*ret_why = STR("写出了线索或者工单的编号");
	else if (repeats(runs, c->content, c->org_name, ctx->mem) || repeats(runs, c->title, c->org_name, ctx->mem))
		*ret_why = STR("照抄了投诉举报的原话");
}

enum err_code clue_leak(
	struct clue_context *ctx, const int64_t *clue_ids, size_t clue_count, struct str text, struct str *ret_why, struct err *err)
{
	const struct actor program = { .name = STR_INIT("系统") };
	struct clue_context all = *ctx; /* whoever asks: the answer must not depend on what they may see */
	struct str why = STR("");

	all.who = &program;
	for (size_t i = 0; i < clue_count && why.len == 0; i++) {
		struct runs runs;
		struct clue c;
		size_t count;
		const uint32_t *points;

		TRY(clue_get(&all, clue_ids[i], &c, err));
		if (!c.sealed)
			continue;
		points = code_points(text, c.org_name, ctx->mem, &count);
		if (!points || !runs_build(&runs, points, count, ctx->mem))
			return err_nomem(err);
		find_leak(ctx, &c, text, &runs, &why);
	}
	*ret_why = why;
	return ERR_OK;
}

/* ---- the managerial clock ---- */

enum err_code clue_clock(struct clue_context *ctx, const struct clue *c, struct clock *ret, struct err *err)
{
	const struct period *period;
	struct clock_request request;

	TRY(period_need(ctx->app->calendar, STR(CLUE_PERIOD), &period, err));
	TRY(period_request(period, c->received_on, &request, err));
	request.today = ctx->today;
	if (c->state != CLUE_RECEIVED && c->decided_ms != TIME_NONE)
		request.ended_on = day_of_time(c->decided_ms);
	return clock_count(ctx->app->calendar, &request, ctx->mem, ret, err);
}
