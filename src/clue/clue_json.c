/* Clues as answers of the API: personal data masked, for the office only. */
#include "attachment/attachment.h"
#include "base/buf.h"
#include "clue/clue_private.h"
#include "dictionary/dictionary.h"

#define MASKED_BYTES_MAX 1024

static void masked(struct json *j, const char *key, enum column_privacy privacy, struct str value)
{
	struct buf b;

	if (value.len == 0) {
		json_kputs(j, key, NULL);
		return;
	}
	buf_init(&b, MASKED_BYTES_MAX);
	privacy_mask(privacy, value, &b);
	json_kstr(j, key, b.failed ? STR("***") : buf_str(&b));
	buf_clear(&b);
}

static void org_ref(struct json *j, const char *key, int64_t id, struct str name)
{
	json_key(j, key);
	if (id == 0) {
		json_none(j);
		return;
	}
	json_obj(j);
	json_kid(j, "id", id);
	json_kstr(j, "name", name);
	json_obj_end(j);
}

static void put_due(struct clue_context *ctx, const struct clue *c, struct json *j)
{
	struct clock clock;

	if (c->state != CLUE_RECEIVED || clue_clock(ctx, c, &clock, NULL) != ERR_OK) {
		json_knull(j, "due");
		json_knull(j, "days_left");
		return;
	}
	json_kday(j, "due", clock.due_on);
	json_ki64(j, "days_left", clock.days_left);
}

/** The members that a row and the whole answer share; the object stays open. */
static void put_head(struct clue_context *ctx, const struct clue *c, struct json *j)
{
	json_kid(j, "id", c->id);
	json_kstr(j, "no", c->no);
	json_kputs(j, "channel", clue_channel_slug(c->channel));
	json_kputs(j, "channel_title", clue_channel_title(c->channel));
	json_kstr(j, "title", c->title);
	org_ref(j, "org", c->org_id, c->org_name);
	org_ref(j, "owner", c->owner_id, c->owner_name);
	org_ref(j, "from", c->from_org_id, c->from_org_name);
	json_kputs(j, "state", clue_state_slug(c->state));
	json_kputs(j, "state_title", clue_state_title(c->state));
	json_kbool(j, "sealed", c->sealed);
	json_kday(j, "happened_on", c->happened_on);
	json_kday(j, "received_on", c->received_on);
	json_kstr(j, "rule", c->rule_id.len > 0 ? c->rule_id : (struct str){ 0 });
	json_ki64(j, "finding_count", c->finding_count);
	json_kid(j, "matter_id", c->matter_id);
	json_kid(j, "merged_into_id", c->merged_into_id);
	json_ktime(j, "created_at", c->created_ms);
	put_due(ctx, c, j);
}

void clue_row_json(struct clue_context *ctx, const struct clue *c, struct json *j)
{
	json_obj(j);
	put_head(ctx, c, j);
	json_obj_end(j);
}

static enum err_code put_hints(struct clue_context *ctx, const struct clue *c, struct json *j, struct err *err)
{
	struct clue_hint *hints;
	size_t count;

	TRY(clue_similar(ctx, c, &hints, &count, err));
	json_key(j, "similar");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		json_obj(j);
		json_kid(j, "id", hints[i].id);
		json_kstr(j, "no", hints[i].no);
		json_kstr(j, "title", hints[i].title);
		json_kputs(j, "state", clue_state_slug(hints[i].state));
		json_kstr(j, "why", hints[i].why);
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

static enum err_code put_events(struct clue_context *ctx, const struct clue *c, struct json *j, struct err *err)
{
	struct clue_event *events;
	size_t count;

	TRY(clue_events(ctx, c->id, &events, &count, err));
	json_key(j, "events");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		json_obj(j);
		json_ktime(j, "at", events[i].at_ms);
		json_kstr(j, "action", events[i].action);
		json_kstr(j, "text", events[i].text);
		json_kstr(j, "account", events[i].account_name);
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

static enum err_code put_attachments(struct clue_context *ctx, const struct clue *c, struct json *j, struct err *err)
{
	struct attachment *files;
	size_t count;

	TRY(attachment_list(ctx->db, STR("clue"), c->id, ctx->mem, &files, &count, err));
	json_key(j, "attachments");
	json_arr(j);
	for (size_t i = 0; i < count; i++) {
		json_obj(j);
		json_kid(j, "id", files[i].id);
		json_kstr(j, "name", files[i].name);
		json_ki64(j, "size", files[i].size_bytes);
		json_obj_end(j);
	}
	json_arr_end(j);
	return ERR_OK;
}

enum err_code clue_json(struct clue_context *ctx, const struct clue *c, struct json *j, struct err *err)
{
	struct clock clock;

	json_obj(j);
	put_head(ctx, c, j);
	json_kstr(j, "content", c->content);
	masked(j, "complainant", PRIVACY_NAME, c->complainant);
	masked(j, "phone", PRIVACY_PHONE, c->phone);
	json_kstr(j, "source_name", c->source_name.len > 0 ? c->source_name : (struct str){ 0 });
	json_kstr(j, "source_no", c->source_no.len > 0 ? c->source_no : (struct str){ 0 });
	json_kstr(j, "reason", c->reason);
	json_kstr(j, "decided_by", c->decided_name.len > 0 ? c->decided_name : (struct str){ 0 });
	json_ktime(j, "decided_at", c->decided_ms);
	json_kstr(j, "created_by", c->created_name);
	TRY(clue_clock(ctx, c, &clock, err));
	json_key(j, "clock");
	clock_json(&clock, j);
	TRY(clue_put_findings(ctx, c, j, err));
	TRY(put_hints(ctx, c, j, err));
	TRY(put_attachments(ctx, c, j, err));
	TRY(put_events(ctx, c, j, err));
	json_obj_end(j);
	return ERR_OK;
}
