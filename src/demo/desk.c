/* Plays the story of desk_story.c into a store that has been swept, by the accounts of the demo and through the same functions as the API:
 * roles, gate, clocks, numbers, seals and the audit chain are the real ones. Steps are played in the order of time. */
#include "demo/desk.h"

#include <stdlib.h>
#include <string.h>

#include "attachment/attachment.h"
#include "auth/auth.h"
#include "clue/clue.h"
#include "demo/demo.h"
#include "detect/detect.h"
#include "law/law.h"
#include "org/org.h"

#define DESK_BYTES_MAX ((size_t)64 << 20)
#define STEP_BYTES_MAX ((size_t)64 << 20)
#define AGENCIES_MAX 10
#define FINDINGS_OF_A_CLUE 3
#define CELLS_WELCOME 40 /* a cell with fewer open findings is handled as a whole case by case, not in bulk */
#define DAY_MS 86400000ll

struct thread {
	int64_t clue, matter, document, reply;
	int64_t org;
	bool skipped; /* its agency has nothing to take: the thread does not happen */
	struct str rule_id, facts, what, basis, kind;
};

struct desk {
	struct db *db;
	const struct demo_desk_options *o;
	struct arena *mem, *scratch; /* the whole story; one step */
	struct actor actors[DESK_ACTOR_COUNT];
	struct org agencies[AGENCIES_MAX];
	int agency_count;
	struct str contact, person, phone;
	struct thread threads[DESK_THREAD_COUNT];
	int64_t now_ms;
	int32_t today; /* of the step being played */
	struct demo_desk_result result;
};

/* ---- who and where ---- */

static enum err_code find_actors(struct desk *d, struct err *err)
{
	static const char *const names[DESK_ACTOR_COUNT] = { "supervisor", "leader", "mayor", "agency", "township" };

	for (int i = 0; i < DESK_ACTOR_COUNT; i++) {
		struct account account;

		TRY(auth_account_find(d->db, str_of(names[i]), d->mem, &account, err));
		TRY(auth_actor(d->db, account.id, d->mem, &d->actors[i], err));
	}
	return ERR_OK;
}

/** The liaison's agency first, then the body's other agencies in the order of the tree. */
static enum err_code find_agencies(struct desk *d, struct err *err)
{
	struct org government, *list;
	struct org_query q = { .kind = ORG_AGENCY, .limit = 200 };
	size_t count;

	TRY(org_government_of(d->db, d->actors[DESK_SUPERVISOR].org_id, d->mem, &government, err));
	TRY(org_get(d->db, d->actors[DESK_LIAISON].org_id, d->mem, &d->agencies[0], err));
	d->agency_count = 1;
	q.parent_id = government.id;
	TRY(org_list(d->db, &q, d->mem, &list, &count, err));
	for (size_t i = 0; i < count && d->agency_count < AGENCIES_MAX; i++)
		if (list[i].id != d->agencies[0].id && list[i].management == ORG_LOCAL)
			d->agencies[d->agency_count++] = list[i];
	return ERR_OK;
}

static struct matter_context matters(struct desk *d, enum desk_actor who)
{
	return (struct matter_context){ .db = d->db,
		.mem = d->scratch,
		.ids = d->o->ids,
		.app = d->o->app,
		.who = &d->actors[who],
		.now_ms = d->now_ms,
		.today = d->today };
}

static struct clue_context clues(struct desk *d, enum desk_actor who)
{
	return (struct clue_context){ .db = d->db,
		.mem = d->scratch,
		.ids = d->o->ids,
		.app = d->o->app,
		.who = &d->actors[who],
		.now_ms = d->now_ms,
		.today = d->today };
}

static struct instrument_context documents(struct desk *d, enum desk_actor who)
{
	return (struct instrument_context){ .db = d->db,
		.mem = d->scratch,
		.ids = d->o->ids,
		.app = d->o->app,
		.who = &d->actors[who],
		.now_ms = d->now_ms,
		.today = d->today };
}

/** {facts} {what} {basis} {kind} {contact} {person} {phone} in a text of the story. Memory: the step. */
static struct str filled(struct desk *d, const struct thread *t, struct str text)
{
	const struct {
		struct str name, value;
	} words[] = { { STR("{facts}"), t->facts }, { STR("{what}"), t->what }, { STR("{basis}"), t->basis }, { STR("{kind}"), t->kind },
		{ STR("{contact}"), d->contact }, { STR("{person}"), d->person }, { STR("{phone}"), d->phone } };
	CLEANUP(buf_clear) struct buf out;
	size_t at = 0;

	buf_init(&out, 1 << 20);
	if (text.len == 0 || !memchr(text.ptr, '{', text.len))
		return text;
	while (at < text.len) {
		size_t used = 0;

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && used == 0; i++)
			if (str_starts(str_sub(text, at, text.len), words[i].name)) {
				buf_put(&out, words[i].value);
				used = words[i].name.len;
			}
		if (used == 0)
			buf_putc(&out, text.ptr[at]);
		at += used ? used : 1;
	}
	return str_dup(d->scratch, buf_str(&out));
}

/** A file that the account uploads: what is said in it is that it is none. */
static enum err_code upload(
	struct desk *d, enum desk_actor who, struct str name, struct str mime, struct str content, int64_t *ret, struct err *err)
{
	CLEANUP(attachment_abandonp) struct attachment_writer *w = NULL;
	struct attachment a = { .name = name, .mime = mime, .subject = STR("upload"), .account_id = d->actors[who].account_id };
	char sm3[65];

	TRY(attachment_open(d->o->app->data_dir, &w, err));
	TRY(attachment_write(w, content, err));
	TRY(attachment_finish(&w, sm3, &a.size_bytes, err));
	a.sm3 = str_of(sm3);
	TRY(attachment_add(d->db, d->o->ids, d->now_ms, &a, err));
	*ret = a.id;
	return ERR_OK;
}

static enum err_code upload_proof(struct desk *d, enum desk_actor who, int64_t *ret, struct err *err)
{
	return upload(d, who, STR("材料.txt"), STR("text/plain"), STR("演示数据：这里是扫描件或者证明材料的位置。\n"), ret, err);
}

/* ---- clues ---- */

static enum err_code put_clue(struct desk *d, struct thread *t, const struct desk_step *s, struct err *err)
{
	struct clue_context ctx = clues(d, s->who);
	struct clue_new clue = *s->clue;

	clue.org_id = t->org;
	clue.received_on = d->today;
	clue.complainant = filled(d, t, clue.complainant);
	clue.phone = filled(d, t, clue.phone);
	return clue_add(&ctx, &clue, &t->clue, err);
}

/** 《行政处罚法》第59条第1款 from 59(1). */
static struct str cite(struct desk *d, struct str law, struct str article)
{
	struct str rest = article, part;

	str_next(&rest, '(', &part);
	return rest.len > 1
	               ? str_printf(d->mem, "《%.*s》第%.*s条第%.*s款", STR_ARG(law), STR_ARG(part), (int)strcspn(rest.ptr, ")"), rest.ptr)
	               : str_printf(d->mem, "《%.*s》第%.*s条", STR_ARG(law), STR_ARG(part));
}

/** What the thread's rule is about, in words that documents use. */
static enum err_code describe_findings(
	struct desk *d, struct thread *t, const struct rule *rule, const struct finding *rows, size_t count, struct err *err)
{
	CLEANUP(buf_clear) struct buf facts;

	(void)err;
	buf_init(&facts, 1 << 20);
	buf_printf(&facts, "经核对，%zu 件案件存在“%.*s”：", count, STR_ARG(rule->title));
	for (size_t i = 0; i < count; i++)
		buf_printf(&facts, "%s%.*s，%.*s", i ? "；" : "", STR_ARG(rows[i].record_title), STR_ARG(rows[i].message));
	buf_puts(&facts, "。");
	for (size_t i = 0; i < facts.len; i++) /* it goes into JSON as it is */
		if (facts.ptr[i] == '"' || facts.ptr[i] == '\\' || facts.ptr[i] == '\n')
			facts.ptr[i] = ' ';
	t->facts = str_dup(d->mem, buf_str(&facts));
	t->rule_id = rule->id;
	t->what = rule->title;
	t->kind = rule->problem;
	t->basis = rule->basis_count > 0 ? cite(d, rule->basis[0].law, rule->basis[0].article) : rule->title;
	return ERR_OK;
}

static bool is_told(const struct desk *d, struct str rule_id)
{
	for (int i = 0; i < DESK_THREAD_COUNT; i++)
		if (str_eq(d->threads[i].rule_id, rule_id))
			return true;
	return false;
}

/** An agency's findings of one rule that a person could look at one by one: the first such rule by name, of those that no other thread
 * tells unless `again`. No rows: there are none. */
static enum err_code find_findings(
	struct desk *d, const struct thread *t, bool again, const struct rule **ret_rule, struct finding_page *ret, struct err *err)
{
	struct finding_query q = { .who = &d->actors[DESK_SUPERVISOR], .state = FINDING_OPEN, .severity = -1, .limit = FINDINGS_OF_A_CLUE };
	struct finding_cell *cells;
	size_t count;

	*ret = (struct finding_page){ 0 };
	TRY(finding_summary(d->db, &(struct finding_query){ .who = q.who }, d->scratch, &cells, &count, err));
	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = rule_find(d->o->app->rules, cells[i].rule_id);

		if (cells[i].org_id != t->org || !rule || cells[i].open == 0 || cells[i].open > CELLS_WELCOME ||
			!str_eq(rule->on->name, STR("penalty_case")) || !str_eq(rule->instrument, STR("supervision_opinion")) ||
			(!again && is_told(d, rule->id)))
			continue;
		q.rule_id = cells[i].rule_id;
		q.org_id = t->org;
		*ret_rule = rule;
		return finding_list(d->db, &q, d->scratch, ret, err);
	}
	return ERR_OK;
}

static enum err_code take_findings(struct desk *d, struct thread *t, const struct desk_step *s, struct err *err)
{
	struct clue_context ctx = clues(d, s->who);
	struct clue_triage triage = { .verdict = s->what == DESK_TAKE ? CLUE_TAKE : CLUE_DISMISS, .reason = str_of(s->text) };
	struct clue_triage_result result;
	const struct rule *rule = NULL;
	struct finding_page page = { 0 };
	int64_t ids[FINDINGS_OF_A_CLUE];

	for (int i = 0; i < 2 * d->agency_count && page.row_count == 0; i++) {
		if (d->agency_count > 1 && i % d->agency_count > 0 && desk_agency[s->thread] != 0) /* the liaison's own stay its own */
			t->org = d->agencies[1 + (desk_agency[s->thread] + i) % (d->agency_count - 1)].id;
		TRY(find_findings(d, t, i >= d->agency_count, &rule, &page, err));
	}
	t->skipped = page.row_count == 0;
	if (t->skipped)
		return ERR_OK;
	for (size_t i = 0; i < page.row_count; i++)
		ids[i] = page.rows[i].id;
	triage.finding_ids = ids;
	triage.finding_count = page.row_count;
	TRY(describe_findings(d, t, rule, page.rows, page.row_count, err));
	TRY(clue_triage_findings(&ctx, &triage, &result, err));
	d->result.findings += result.finding_count;
	if (result.clue_count > 0)
		t->clue = result.clue_ids[0];
	return ERR_OK;
}

static enum err_code decide_clue(struct desk *d, struct thread *t, const struct desk_step *s, struct err *err)
{
	struct clue_context ctx = clues(d, s->who);

	return clue_decide(&ctx, t->clue, s->decision, err);
}

/* ---- matters ---- */

static enum err_code open_matter(struct desk *d, struct thread *t, const struct desk_step *s, struct err *err)
{
	struct matter_context ctx = matters(d, s->who);
	const struct matter_new m = { .clue_ids = &t->clue, .clue_count = 1, .org_id = t->org };

	d->result.matters++;
	return matter_open(&ctx, &m, &t->matter, err);
}

static enum err_code act(struct desk *d, struct thread *t, const struct desk_step *s, struct err *err)
{
	struct matter_context ctx = matters(d, s->who);
	struct matter_form form = *s->form;
	int64_t file;

	form.kind = filled(d, t, form.kind);
	form.facts = filled(d, t, form.facts);
	if (s->dated)
		form.on = d->today;
	if (s->until)
		form.until = d->today + s->until;
	if (strcmp(s->name, "ask_assistance") == 0)
		form.org_id = d->actors[DESK_OFFICE].org_id;
	if (s->proved) {
		TRY(upload_proof(d, s->who, &file, err));
		form.attachments = (struct id_list){ .v = &file, .count = 1 };
	}
	return matter_act(&ctx, t->matter, str_of(s->name), &form, err);
}

static enum err_code draft(struct desk *d, struct thread *t, const struct desk_step *s, struct err *err)
{
	struct matter_context ctx = matters(d, s->who);
	const struct matter_draft m = { .kind = str_of(s->name), .fields = filled(d, t, str_of(s->text)) };

	d->result.documents++;
	return matter_draft_instrument(&ctx, t->matter, &m, &t->document, err);
}

/** The sealed copy of the demo is the document itself, printed. */
static enum err_code print_copy(struct desk *d, struct thread *t, enum desk_actor who, int64_t *ret_file, struct err *err)
{
	CLEANUP(buf_clear) struct buf pdf;
	struct instrument_context ctx = documents(d, who);
	struct instrument in;

	buf_init(&pdf, 32u << 20);
	TRY(instrument_get(&ctx, t->document, &in, err));
	TRY(instrument_render(&ctx, &in, INSTRUMENT_PDF, &pdf, err));
	return upload(d, who, str_printf(d->scratch, "%.*s 盖章件.pdf", STR_ARG(in.number)), STR("application/pdf"), buf_str(&pdf),
		ret_file, err);
}

static enum err_code document_step(struct desk *d, struct thread *t, const struct desk_step *s, struct err *err)
{
	struct instrument_context ctx = documents(d, s->who);
	struct instrument_step step = { .action = s->action, .gov_approved_on = DAY_NONE, .issued_on = DAY_NONE, .served_on = DAY_NONE };

	if (s->action == INSTRUMENT_ACT_SEAL)
		TRY(print_copy(d, t, s->who, &step.file_id, err));
	if (s->action == INSTRUMENT_ACT_SERVE) {
		step.served_to = STR("机关联络员");
		step.served_how = STR("直接送达");
	}
	return instrument_act(&ctx, t->document, &step, err);
}

static enum err_code reply(struct desk *d, struct thread *t, const struct desk_step *s, struct err *err)
{
	struct matter_context ctx = matters(d, s->who);
	struct matter_reply_new r = { .type = str_of(s->name), .text = str_of(s->text), .until = DAY_NONE, .received_on = DAY_NONE };
	int64_t file;

	if (s->until)
		r.until = d->today + s->until;
	if (s->proved) {
		r.items = STR(
			"[{\"item\":\"逐件自查上述案件，依法纠正\",\"done\":true},{\"item\":\"完善案件审核和提醒机制\",\"done\":true}]");
		TRY(upload_proof(d, s->who, &file, err));
		r.attachments = (struct id_list){ .v = &file, .count = 1 };
	}
	return matter_reply(&ctx, t->matter, &r, &t->reply, err);
}

/* ---- playing ---- */

typedef enum err_code (*desk_play)(struct desk *d, struct thread *t, const struct desk_step *s, struct err *err);
static const desk_play plays[] = {
	[DESK_CLUE] = put_clue,
	[DESK_TAKE] = take_findings,
	[DESK_DISMISS] = take_findings,
	[DESK_OPEN] = open_matter,
	[DESK_ACT] = act,
	[DESK_DOCUMENT] = draft,
	[DESK_STEP] = document_step,
	[DESK_REPLY] = reply,
	[DESK_DECIDE] = decide_clue,
};

/** Earlier steps first; of one moment, the order of the table. */
static int by_time(const void *a, const void *b)
{
	const struct desk_step *x = *(const struct desk_step *const *)a, *y = *(const struct desk_step *const *)b;

	if (x->ago != y->ago)
		return x->ago > y->ago ? -1 : 1;
	if (x->minute != y->minute)
		return x->minute < y->minute ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int32_t workdays_before(const struct calendar *c, int32_t today, int n)
{
	while (n > 0)
		n -= calendar_is_workday(c, --today);
	return today;
}

static enum err_code play(struct desk *d, const struct desk_step *s, struct err *err)
{
	struct thread *t = &d->threads[s->thread];

	if (t->skipped)
		return ERR_OK;
	d->today = workdays_before(d->o->app->calendar, d->o->today, s->ago);
	d->now_ms = (int64_t)d->today * DAY_MS + (int64_t)s->minute * 60000 - (int64_t)CST_OFFSET_S * 1000;
	if (plays[s->what](d, t, s, err) != ERR_OK)
		return err_prefix(err, "演示工作台第 %zu 步", (size_t)(s - desk_steps) + 1);
	arena_reset(d->scratch);
	return ERR_OK;
}

static void desk_clear(struct desk *d)
{
	arena_close(d->mem);
	arena_close(d->scratch);
}

enum err_code demo_desk(struct db *db, const struct demo_desk_options *o, struct demo_desk_result *ret, struct err *err)
{
	CLEANUP(desk_clear) struct desk d = { .db = db, .o = o, .mem = arena_open(DESK_BYTES_MAX), .scratch = arena_open(STEP_BYTES_MAX) };
	const struct desk_step **order;

	if (!d.mem || !d.scratch)
		return err_nomem(err);
	TRY(find_actors(&d, err));
	TRY(find_agencies(&d, err));
	desk_names(o->seed, d.mem, &d.person, &d.phone, &d.contact);
	for (int i = 0; i < DESK_THREAD_COUNT; i++)
		d.threads[i].org = d.agencies[desk_agency[i] % d.agency_count].id;
	order = ARENA_NEW(d.mem, const struct desk_step *, desk_step_count);
	if (!order)
		return err_nomem(err);
	for (size_t i = 0; i < desk_step_count; i++)
		order[i] = &desk_steps[i];
	TRY(desk_catalog(db,
		&(struct desk_catalog_options){ .import = &(struct import_options){ .dictionary = o->app->dictionary,
							.mappings = o->app->mappings,
							.ids = o->ids,
							.data_dir = o->app->data_dir,
							.now_ms = (int64_t)o->today * DAY_MS },
			.who = &d.actors[DESK_SUPERVISOR],
			.agency = &d.agencies[0],
			.today = o->today },
		d.scratch, err));
	arena_reset(d.scratch);
	qsort(order, desk_step_count, sizeof(*order), by_time);
	for (size_t i = 0; i < desk_step_count; i++)
		TRY(play(&d, order[i], err));
	for (int i = 0; i < DESK_THREAD_COUNT; i++)
		d.result.clues += d.threads[i].clue != 0;
	*ret = d.result;
	return ERR_OK;
}
