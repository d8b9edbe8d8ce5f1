/* Groups, windows and referrers. Every derived column is one of three steps: nodes of a program become columns over all rows
 * (run.c), rows are gathered into lists (a group's members, the records that refer to a row), a list is folded (fold.c). */
#include "rule/group.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/fault.h"
#include "crypto/crypto.h"
#include "rule/build.h"
#include "rule/fold.h"

#define THREADS_MAX 64
#define FOLD_INPUTS 6
#define ROWS_A_THREAD 4096 /* fewer are not worth another thread */

/** Which records refer to a row, by the row. */
struct referring {
	const struct dictionary_type *type;
	int reference;
	uint32_t *first, *rows;
	bool hidden; /* some record's reference is not supplied: nobody knows where it belongs */
};

struct derivation {
	const struct rule_pack *pack;
	struct frame_set *set;
	struct frame_set *scratch;
	int32_t today;
	int threads;
	struct grouped **groups;         /* by grouping */
	struct derived_column **columns; /* by program, one a derived */
	VEC(struct referring) referring;
};

const struct rule_pack *derivation_pack(const struct derivation *d)
{
	return d->pack;
}

const struct frame_set *derivation_set(const struct derivation *d)
{
	return d->set;
}

int32_t derivation_today(const struct derivation *d)
{
	return d->today;
}

int derivation_threads(const struct derivation *d)
{
	return d->threads;
}

const struct frame_set *derivation_scratch(const struct derivation *d)
{
	return d->scratch;
}

enum err_code derivation_open(
	const struct rule_pack *pack, const struct frame_set *set, int32_t today, int threads, struct derivation **ret, struct err *err)
{
	CLEANUP(derivation_closep) struct derivation *d = mem_alloc(1, sizeof(*d));

	if (!d)
		return err_nomem(err);
	d->pack = pack;
	d->set = frame_set_take((struct frame_set *)set);
	TRY(frame_set_open(set->dictionary, set->frames, set, &d->scratch, err));
	d->today = today;
	d->threads = threads < 1 ? 1 : threads > THREADS_MAX ? THREADS_MAX : threads;
	d->groups = mem_alloc(pack->grouping_count + 1, sizeof(struct grouped *));
	d->columns = mem_alloc(pack->program_count + 1, sizeof(struct derived_column *));
	if (!d->groups || !d->columns)
		return err_nomem(err);
	*ret = d;
	d = NULL;
	return ERR_OK;
}

void derived_column_clear(struct derived_column *c)
{
	free(c->values);
	free(c->valid);
	free(c->absent);
	*c = (struct derived_column){ 0 };
}

static void grouped_close(struct grouped *g)
{
	if (!g)
		return;
	free(g->of);
	free(g->undecided);
	free(g->absent);
	free(g->first);
	free(g->rows);
	frame_release(g->frame);
	free(g);
}

static void grouped_closep(struct grouped **g)
{
	grouped_close(*g);
}

void derivation_close(struct derivation *d)
{
	if (!d)
		return;
	for (size_t i = 0; d->groups && i < d->pack->grouping_count; i++)
		grouped_close(d->groups[i]);
	for (size_t i = 0; d->columns && i < d->pack->program_count; i++) {
		for (size_t k = 0; d->columns[i] && k < d->pack->programs[i]->derived.len; k++)
			derived_column_clear(&d->columns[i][k]);
		free(d->columns[i]);
	}
	for (size_t i = 0; i < d->referring.len; i++) {
		free(d->referring.v[i].first);
		free(d->referring.v[i].rows);
	}
	vec_clear(&d->referring);
	frame_set_release(d->scratch);
	frame_set_release(d->set);
	free(d->groups);
	free(d->columns);
	free(d);
}

void derivation_closep(struct derivation **d)
{
	derivation_close(*d);
	*d = NULL;
}

/* ---- kept from one sweep to the next ---- */

struct derivation_slot {
	pthread_mutex_t lock;
	struct derivation *kept; /* NULL: none, or somebody has it */
};

struct derivation_slot *derivation_slot_open(void)
{
	struct derivation_slot *s = mem_alloc(1, sizeof(*s));

	if (s)
		pthread_mutex_init(&s->lock, NULL);
	return s;
}

void derivation_slot_close(struct derivation_slot *s)
{
	if (!s)
		return;
	derivation_close(s->kept);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/** Puts `d` (or nothing) into the slot and gives what was there. */
static struct derivation *exchange(struct derivation_slot *s, struct derivation *d)
{
	struct derivation *was;

	pthread_mutex_lock(&s->lock);
	was = s->kept;
	s->kept = d;
	pthread_mutex_unlock(&s->lock);
	return was;
}

enum err_code derivation_borrow(
	const struct rule_pack *pack, const struct frame_set *set, int32_t today, int threads, struct derivation **ret, struct err *err)
{
	struct derivation *d = exchange(pack->kept, NULL);

	if (d && d->set == set && d->today == today) {
		d->threads = threads < 1 ? 1 : threads > THREADS_MAX ? THREADS_MAX : threads;
		*ret = d;
		return ERR_OK;
	}
	derivation_close(d); /* of an older set: its memory goes before that of the new one comes */
	return derivation_open(pack, set, today, threads, ret, err);
}

void derivation_return(struct derivation *d)
{
	if (d)
		derivation_close(exchange(d->pack->kept, d));
}

const struct derived_column *derivation_columns(const struct derivation *d, const struct program *p)
{
	return d->columns[p->index];
}

static enum err_code rows_fill(
	struct derivation *d, const struct program *p, const int *nodes, size_t count, struct derived_column *columns, struct err *err)
{
	struct build_input in = { .program = p,
		.set = d->set,
		.frame = d->set->frames[p->type->index],
		.calendar = d->pack->options.calendar,
		.today = d->today,
		.threads = d->threads,
		.derivation = d };

	return build_rows(&in, nodes, columns, count, err);
}

static const struct frame *records_frame(const struct derivation *d, const struct program *p)
{
	return d->set->frames[p->type->index];
}

enum err_code derivation_frame(struct derivation *d, const struct program *p, const struct frame **ret, struct err *err)
{
	const struct grouped *g;

	*ret = records_frame(d, p);
	if (!p->grouping)
		return ERR_OK;
	TRY(derivation_groups(d, p->grouping, &g, err));
	*ret = g ? g->frame : NULL;
	return ERR_OK;
}

/* ---- classes of rows that are equal in columns ---- */

struct key_column {
	struct derived_column column;
	enum value_type type;
};

/** Open addressing over classes; the values stay in the columns, at the class's first row. */
struct classes {
	const struct key_column *keys;
	size_t key_count;
	uint32_t *of; /* class of each row, FRAME_NO_ROW: left out */
	VEC(uint32_t) firsts;
	uint32_t *slots;
	size_t mask;
};

static void classes_clear(struct classes *c)
{
	free(c->of);
	free(c->slots);
	vec_clear(&c->firsts);
}

static uint64_t mix(uint64_t h, uint64_t x)
{
	h = (h ^ x) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

static uint64_t key_hash(const struct classes *c, size_t row)
{
	uint64_t h = 0x243f6a8885a308d3u;

	for (size_t k = 0; k < c->key_count; k++) {
		const struct key_column *key = &c->keys[k];

		if (!frame_bit(key->column.valid, row))
			h = mix(h, 0x452821e638d01377u);
		else if (key->type == TYPE_TEXT)
			h = mix(h, str_hash(((const struct str *)key->column.values)[row]));
		else
			h = mix(h, (uint64_t)column_number(&key->column, key->type, row));
	}
	return h;
}

static bool key_same(const struct key_column *key, size_t a, size_t b)
{
	bool valid = frame_bit(key->column.valid, a);

	if (valid != frame_bit(key->column.valid, b))
		return false;
	if (!valid)
		return true;
	if (key->type == TYPE_TEXT)
		return str_eq(((const struct str *)key->column.values)[a], ((const struct str *)key->column.values)[b]);
	return column_number(&key->column, key->type, a) == column_number(&key->column, key->type, b);
}

static uint32_t *class_slot(const struct classes *c, size_t row)
{
	size_t i = key_hash(c, row) & c->mask;

	for (;; i = (i + 1) & c->mask) {
		bool same = true;

		if (c->slots[i] == FRAME_NO_ROW)
			return &c->slots[i];
		for (size_t k = 0; same && k < c->key_count; k++)
			same = key_same(&c->keys[k], c->firsts.v[c->slots[i]], row);
		if (same)
			return &c->slots[i];
	}
}

static bool classes_room(struct classes *c)
{
	size_t cap = c->mask ? (c->mask + 1) * 2 : 1024;
	uint32_t *slots;

	if (c->firsts.len * 2 < c->mask)
		return true;
	slots = mem_alloc(cap, sizeof(*slots));
	if (!slots)
		return false;
	memset(slots, 0xff, cap * sizeof(*slots));
	free(c->slots);
	c->slots = slots;
	c->mask = cap - 1;
	for (size_t i = 0; i < c->firsts.len; i++)
		*class_slot(c, c->firsts.v[i]) = (uint32_t)i;
	return true;
}

/** Numbers the classes by their first row. @param out  bits of the rows to leave out; NULL: none */
static enum err_code classes_make(struct classes *c, size_t rows, const uint64_t *out, struct err *err)
{
	c->of = mem_alloc(rows + 1, sizeof(*c->of));
	if (!c->of || !classes_room(c))
		return err_nomem(err);
	for (size_t row = 0; row < rows; row++) {
		uint32_t *slot;

		c->of[row] = FRAME_NO_ROW;
		if (out && frame_bit(out, row))
			continue;
		slot = class_slot(c, row);
		if (*slot == FRAME_NO_ROW) {
			if (c->firsts.len == RULE_GROUPS_MAX)
				return err_set(err, ERR_LIMIT, "分组超过 %zu 个，请缩小范围或少用一个键", RULE_GROUPS_MAX);
			*slot = (uint32_t)c->firsts.len;
			if (!vec_push(&c->firsts, (uint32_t)row))
				return err_nomem(err);
		}
		c->of[row] = *slot;
		if (!classes_room(c))
			return err_nomem(err);
	}
	return ERR_OK;
}

/** Lists the rows of each bucket in their order. */
static enum err_code bucket_rows(
	const uint32_t *of, size_t rows, size_t buckets, uint32_t **ret_first, uint32_t **ret_rows, struct err *err)
{
	uint32_t *first = mem_alloc(buckets + 2, sizeof(*first)), *list = mem_alloc(rows + 1, sizeof(*list));

	if (!first || !list) {
		free(first);
		free(list);
		return err_nomem(err);
	}
	for (size_t i = 0; i < rows; i++)
		if (of[i] != FRAME_NO_ROW)
			first[of[i] + 2]++;
	for (size_t i = 2; i < buckets + 2; i++)
		first[i] += first[i - 1];
	for (size_t i = 0; i < rows; i++) /* first[b + 1] walks from the bucket's start to its end */
		if (of[i] != FRAME_NO_ROW)
			list[first[of[i] + 1]++] = (uint32_t)i;
	*ret_first = first;
	*ret_rows = list;
	return ERR_OK;
}

/* ---- groups ---- */

/** Keys, what is absent of them, and the members' condition, as columns of the records. */
struct placing {
	struct key_column keys[GROUP_KEYS_MAX];
	struct derived_column columns[2 * GROUP_KEYS_MAX + 2];
	size_t count;
};

static void placing_clear(struct placing *p)
{
	for (size_t i = 0; i < p->count; i++)
		derived_column_clear(&p->columns[i]);
}

static enum err_code place(struct derivation *d, const struct grouping *g, struct placing *p, struct err *err)
{
	int nodes[2 * GROUP_KEYS_MAX + 2];

	for (size_t i = 0; i < g->key_count; i++)
		nodes[p->count++] = g->keys[i];
	for (size_t i = 0; i < g->key_count; i++)
		nodes[p->count++] = g->keys_absent[i];
	nodes[p->count++] = g->members;
	nodes[p->count++] = g->members_absent;
	TRY(rows_fill(d, g->records, nodes, p->count, p->columns, err));
	for (size_t i = 0; i < g->key_count; i++)
		p->keys[i] = (struct key_column){ .column = p->columns[i], .type = g->records->nodes.v[g->keys[i]].type };
	return ERR_OK;
}

/** Sorts records into taking part, not taking part, undecided; out[] gets a bit for the latter two. */
static void sort_out(const struct grouping *g, const struct placing *p, size_t rows, struct grouped *ret, uint64_t *out)
{
	const struct derived_column *members = &p->columns[2 * g->key_count], *members_absent = members + 1;

	for (size_t w = 0; w < (rows + 63) / 64; w++) {
		uint64_t live = rows - w * 64 >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << (rows - w * 64)) - 1;
		uint64_t outside = 0, unknown = 0, absent = 0;

		if (members->values) {
			outside = members->valid[w] & ~((const uint64_t *)members->values)[w];
			unknown = ~members->valid[w];
			absent = members_absent->values ? unknown & ((const uint64_t *)members_absent->values)[w] : 0;
		}
		for (size_t k = 0; k < g->key_count; k++) {
			const struct derived_column *gone = &p->columns[g->key_count + k];

			unknown |= ~p->columns[k].valid[w];
			absent |= gone->values ? ~p->columns[k].valid[w] & ((const uint64_t *)gone->values)[w] : 0;
		}
		ret->undecided[w] = unknown & ~outside & live;
		ret->absent[w] = absent & ~outside & live;
		ret->undecided_count += (size_t)__builtin_popcountll(ret->undecided[w]);
		out[w] = (unknown | outside) & live;
	}
}

/** A key as a part of the group's own key: a parent by its key, everything else as exports write it. */
static void put_key(
	const struct derivation *d, const struct grouping *g, const struct key_column *key, int node, size_t row, struct buf *out)
{
	const struct node *n = &g->records->nodes.v[node];
	struct dictionary_column column = {
		.type = n->type < TYPE_ROW ? (enum column_type)n->type : COLUMN_INT, .foreign = -1, .currency = -1
	};
	struct dictionary_value value = { 0 };

	if (n->type == TYPE_TEXT) {
		buf_put(out, ((const struct str *)key->column.values)[row]);
		return;
	}
	value.i = column_number(&key->column, n->type, row);
	if (n->type == TYPE_ROW) {
		buf_put(out, frame_key(d->set->frames[n->target->index], (size_t)value.i));
		return;
	}
	if (n->type == TYPE_CODE)
		value.s = n->codes->codes[value.i].code;
	column_format(&column, &value, out);
}

/** The agency of a group: the key that is one, else the one that all members have in common. */
static int64_t group_org(
	const struct derivation *d, const struct grouping *g, const struct placing *p, const struct grouped *grouped, size_t group)
{
	const struct frame *records = records_frame(d, g->records);
	uint32_t first = grouped->rows[grouped->first[group]];
	int64_t org = records->orgs[first];

	for (size_t k = 0; k < g->key_count; k++) {
		const struct node *n = &g->records->nodes.v[g->keys[k]];

		if (n->type == TYPE_ROW && n->target->is_agency)
			return d->set->frames[n->target->index]->orgs[column_number(&p->keys[k].column, TYPE_ROW, first)];
	}
	for (uint32_t i = grouped->first[group]; i < grouped->first[group + 1]; i++)
		if (records->orgs[grouped->rows[i]] != org)
			return 0;
	return org;
}

static enum err_code make_frame(
	const struct derivation *d, const struct grouping *g, const struct placing *p, struct grouped *grouped, struct err *err)
{
	CLEANUP(frame_builder_closep) struct frame_builder *b = NULL;
	CLEANUP(buf_clear) struct buf key;
	struct frame_supply supply;
	size_t index;

	buf_init(&key, 1 << 16);
	frame_supply_all(&g->type, &supply);
	TRY(frame_builder_open(&g->type, NULL, &b, err));
	TRY(frame_builder_supply(b, &supply, &index, err));
	for (size_t group = 0; group < grouped->count; group++) {
		buf_reset(&key);
		for (size_t k = 0; k < g->key_count; k++) {
			buf_puts(&key, k ? "|" : "");
			put_key(d, g, &p->keys[k], g->keys[k], grouped->rows[grouped->first[group]], &key);
		}
		TRY(frame_builder_row(b,
			&(struct frame_row){ .key = buf_str(&key), .org_id = group_org(d, g, p, grouped, group), .supply = index }, err));
	}
	return frame_builder_finish(&b, &grouped->frame, err);
}

/** The keys of the groups as derived columns of the groups' program. */
static enum err_code fill_keys(
	struct derivation *d, const struct grouping *g, const struct placing *p, const struct grouped *grouped, struct err *err)
{
	struct derived_column *columns = d->columns[g->groups->index];

	for (size_t i = 0; i < g->key_count; i++) {
		const struct derived *key = &g->groups->derived.v[i];
		const struct key_column *from = &p->keys[i];

		TRY(derived_column_make(key->type, grouped->count, &columns[i], err));
		for (size_t group = 0; group < grouped->count; group++) {
			uint32_t row = grouped->rows[grouped->first[group]];

			columns[i].valid[group >> 6] |= (uint64_t)1 << (group & 63);
			if (key->type == TYPE_TEXT)
				((struct str *)columns[i].values)[group] = ((const struct str *)from->column.values)[row];
			else
				column_put_number(&columns[i], key->type, group, column_number(&from->column, key->type, row));
		}
	}
	return ERR_OK;
}

static enum err_code columns_open(struct derivation *d, const struct program *p, struct err *err)
{
	if (!d->columns[p->index])
		d->columns[p->index] = mem_alloc(p->derived.len + 1, sizeof(struct derived_column));
	return d->columns[p->index] ? ERR_OK : err_nomem(err);
}

static enum err_code make_groups(struct derivation *d, const struct grouping *g, struct grouped **ret, struct err *err)
{
	CLEANUP(placing_clear) struct placing p = { 0 };
	CLEANUP(classes_clear) struct classes c = { 0 };
	CLEANUP(grouped_closep) struct grouped *out = mem_alloc(1, sizeof(*out));
	CLEANUP(mem_freep) uint64_t *skip = NULL;
	size_t rows = records_frame(d, g->records)->table.rows, words = rows / 64 + 1;

	if (!out)
		return err_nomem(err);
	out->undecided = mem_alloc(words, sizeof(*out->undecided));
	out->absent = mem_alloc(words, sizeof(*out->absent));
	skip = mem_alloc(words, sizeof(*skip));
	if (!out->undecided || !out->absent || !skip)
		return err_nomem(err);
	TRY(place(d, g, &p, err));
	sort_out(g, &p, rows, out, skip);
	c.keys = p.keys;
	c.key_count = g->key_count;
	TRY(classes_make(&c, rows, skip, err));
	out->count = c.firsts.len;
	out->of = c.of;
	c.of = NULL;
	TRY(bucket_rows(out->of, rows, out->count, &out->first, &out->rows, err));
	TRY(make_frame(d, g, &p, out, err));
	TRY(columns_open(d, g->groups, err));
	TRY(fill_keys(d, g, &p, out, err));
	*ret = out;
	out = NULL;
	return ERR_OK;
}

enum err_code derivation_groups(struct derivation *d, const struct grouping *g, const struct grouped **ret, struct err *err)
{
	*ret = NULL;
	if (!records_frame(d, g->records))
		return ERR_OK;
	if (!d->groups[g->index])
		TRY(make_groups(d, g, &d->groups[g->index], err));
	*ret = d->groups[g->index];
	return ERR_OK;
}

/* ---- folding ---- */

/** The columns of a fold. Order of the nodes: value, filter, order and what is absent of each. */
struct folding {
	struct fold_input in;
	struct derived_column columns[FOLD_INPUTS + 2]; /* and of a window: date, what is absent of it */
	size_t count;
};

static void folding_clear(struct folding *f)
{
	for (size_t i = 0; i < f->count; i++)
		derived_column_clear(&f->columns[i]);
}

static enum err_code folding_open(
	struct derivation *d, const struct program *members, const struct derived *of, struct folding *f, struct err *err)
{
	const struct fold *fold = &of->fold;
	const int nodes[FOLD_INPUTS + 2] = { fold->value, fold->filter, fold->order, fold->value_absent, fold->filter_absent,
		fold->order_absent, of->date, of->date_absent };

	f->count = FOLD_INPUTS + 2;
	TRY(rows_fill(d, members, nodes, f->count, f->columns, err));
	f->in = (struct fold_input){ .fold = fold,
		.type = fold->value >= 0 ? members->nodes.v[fold->value].type : TYPE_INT,
		.order_type = fold->order >= 0 ? members->nodes.v[fold->order].type : TYPE_INT,
		.value = f->columns[0],
		.filter = f->columns[1],
		.order = f->columns[2],
		.value_absent = f->columns[3],
		.filter_absent = f->columns[4],
		.order_absent = f->columns[5] };
	return ERR_OK;
}

/** One thread's share of the buckets. */
struct fold_work {
	const struct folding *folding;
	const struct derived *derived;
	const uint32_t *first, *rows;
	bool absent;
	size_t from, to; /* buckets */
	struct derived_column *out;
	struct fold_scratch scratch;
	void (*run)(struct fold_work *w);
	size_t visits;
	uint32_t *sorted; /* windows: members by date, shared by all threads, disjoint parts */
	pthread_t thread;
	bool running;
};

static void fold_buckets(struct fold_work *w)
{
	for (size_t i = w->from; i < w->to; i++)
		fold_rows(&w->folding->in, w->rows + w->first[i], w->first[i + 1] - w->first[i], w->absent, &w->scratch, w->out,
			w->derived->type, i);
}

static void *work_run(void *arg)
{
	struct fold_work *w = arg;

	w->run(w);
	return NULL;
}

/** Runs buckets on threads. Parts begin at multiples of 64 buckets, so that no two threads share a word of bits. */
static enum err_code run_parts(const struct derivation *d, const struct fold_work *like, size_t buckets, struct err *err)
{
	struct fold_work work[THREADS_MAX];
	size_t count = (size_t)d->threads, words = (buckets + 63) / 64, visits = 0;
	bool failed = false;

	if (count > buckets / ROWS_A_THREAD + 1)
		count = buckets / ROWS_A_THREAD + 1;
	for (size_t i = 0; i < count; i++) {
		work[i] = *like;
		work[i].from = words * i / count * 64;
		work[i].to = i + 1 == count ? buckets : words * (i + 1) / count * 64;
		work[i].running = i > 0 && pthread_create(&work[i].thread, NULL, work_run, &work[i]) == 0;
	}
	for (size_t i = 0; i < count; i++)
		if (!work[i].running)
			work_run(&work[i]);
	for (size_t i = 0; i < count; i++) {
		if (work[i].running)
			pthread_join(work[i].thread, NULL);
		failed |= work[i].scratch.failed;
		visits += work[i].visits;
		fold_scratch_clear(&work[i].scratch);
	}
	if (visits > RULE_WINDOW_VISITS_MAX)
		return err_set(err, ERR_LIMIT, "时间窗里的成员合计超过 %zu，请缩短时间窗或多用一个键", RULE_WINDOW_VISITS_MAX);
	return failed ? err_nomem(err) : ERR_OK;
}

static enum err_code need_fold(struct derivation *d, const struct derived *of, struct derived_column *out, struct err *err)
{
	CLEANUP(folding_clear) struct folding f = { 0 };
	const struct grouped *g = d->groups[of->grouping->index];
	struct fold_work work = { .derived = of, .first = g->first, .rows = g->rows, .run = fold_buckets, .out = out };

	TRY(folding_open(d, of->grouping->records, of, &f, err));
	TRY(derived_column_make(of->type, g->count, out, err));
	work.folding = &f;
	return run_parts(d, &work, g->count, err);
}

/* ---- share and prior ---- */

static bool divide_scaled(__int128 num, __int128 den, int64_t *ret)
{
	__int128 n = num < 0 ? -num : num, m = den < 0 ? -den : den, q;

	if (den == 0 || n > ((__int128)1 << 110))
		return false;
	q = (n * 10000 + m / 2) / m;
	q = (num < 0) != (den < 0) ? -q : q;
	*ret = (int64_t)q;
	return q == *ret;
}

/** Keys of the groups, for classes of groups. */
static size_t group_keys(const struct derivation *d, const struct grouping *g, struct key_column *keys)
{
	for (size_t i = 0; i < g->key_count; i++)
		keys[i] = (struct key_column){ .column = d->columns[g->groups->index][i], .type = g->groups->derived.v[i].type };
	return g->key_count;
}

static enum err_code need_share(struct derivation *d, const struct derived *of, struct derived_column *out, struct err *err)
{
	CLEANUP(classes_clear) struct classes c = { 0 };
	CLEANUP(mem_freep) __int128 *totals = NULL;
	CLEANUP(mem_freep) uint8_t *gone = NULL;
	const struct program *groups = of->grouping->groups;
	const struct derived_column *inner;
	enum value_type type = groups->derived.v[of->inner].type;
	struct key_column all[GROUP_KEYS_MAX], keys[GROUP_KEYS_MAX];
	size_t count = d->groups[of->grouping->index]->count;

	TRY(derivation_need(d, groups, of->inner, err));
	inner = &d->columns[groups->index][of->inner];
	group_keys(d, of->grouping, all);
	for (size_t k = 0; k < of->grouping->key_count; k++)
		if (of->keys >> k & 1)
			keys[c.key_count++] = all[k];
	c.keys = keys;
	TRY(classes_make(&c, count, NULL, err));
	totals = mem_alloc(c.firsts.len + 1, sizeof(*totals));
	gone = mem_alloc(c.firsts.len + 1, 1);
	if (!totals || !gone)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		gone[c.of[i]] |= frame_bit(inner->absent, i);
		totals[c.of[i]] += frame_bit(inner->valid, i) ? column_number(inner, type, i) : 0;
	}
	TRY(derived_column_make(of->type, count, out, err));
	for (size_t i = 0; i < count; i++) {
		int64_t share;

		if (gone[c.of[i]])
			out->absent[i >> 6] |= (uint64_t)1 << (i & 63);
		else if (frame_bit(inner->valid, i) && divide_scaled(column_number(inner, type, i), totals[c.of[i]], &share)) {
			out->valid[i >> 6] |= (uint64_t)1 << (i & 63);
			column_put_number(out, of->type, i, share);
		}
	}
	return ERR_OK;
}

/** The period key `months` earlier: a year, or the first day of a month or quarter. */
static int64_t earlier(int64_t period, enum value_type type, int64_t months)
{
	struct ymd day;
	int64_t month;

	if (type == TYPE_INT)
		return period - months / 12;
	day = day_to_ymd((int32_t)period);
	month = (int64_t)day.year * 12 + day.month - 1 - months;
	return month < 12 ? INT32_MIN : day_from_ymd((int)(month / 12), (int)(month % 12) + 1, 1);
}

static enum err_code need_prior(struct derivation *d, const struct derived *of, struct derived_column *out, struct err *err)
{
	CLEANUP(classes_clear) struct classes c = { 0 };
	CLEANUP(derived_column_clear) struct derived_column shifted = { 0 };
	const struct program *groups = of->grouping->groups;
	const struct derived_column *inner;
	struct key_column keys[GROUP_KEYS_MAX], *period;
	size_t count = d->groups[of->grouping->index]->count;

	TRY(derivation_need(d, groups, of->inner, err));
	inner = &d->columns[groups->index][of->inner];
	c.key_count = group_keys(d, of->grouping, keys);
	c.keys = keys;
	TRY(classes_make(&c, count, NULL, err));
	period = &keys[of->grouping->period];
	/* one lane behind the groups holds the key that is looked for */
	TRY(derived_column_make(of->type, count, out, err));
	for (size_t k = 0; k < c.key_count; k++) { /* columns are padded to more than count rows: the lane is there */
		struct derived_column *column = (struct derived_column *)&keys[k].column;

		column->valid[count >> 6] |= (uint64_t)1 << (count & 63);
	}
	for (size_t i = 0; i < count; i++) {
		uint32_t found;

		for (size_t k = 0; k < c.key_count; k++) {
			if (keys[k].type == TYPE_TEXT)
				((struct str *)keys[k].column.values)[count] = ((struct str *)keys[k].column.values)[i];
			else if (keys[k].type == TYPE_BOOL) {
				((uint64_t *)keys[k].column.values)[count >> 6] &= ~((uint64_t)1 << (count & 63));
				column_put_number(&keys[k].column, TYPE_BOOL, count, column_number(&keys[k].column, TYPE_BOOL, i));
			} else
				column_put_number(&keys[k].column, keys[k].type, count, column_number(&keys[k].column, keys[k].type, i));
		}
		column_put_number(&period->column, period->type, count,
			earlier(column_number(&period->column, period->type, i), period->type, of->months));
		found = *class_slot(&c, count);
		if (found == FRAME_NO_ROW)
			continue;
		if (!frame_bit(inner->valid, found)) {
			out->absent[i >> 6] |= (uint64_t)frame_bit(inner->absent, found) << (i & 63);
			continue;
		}
		out->valid[i >> 6] |= (uint64_t)1 << (i & 63);
		if (of->type == TYPE_TEXT)
			((struct str *)out->values)[i] = ((const struct str *)inner->values)[found];
		else
			column_put_number(out, of->type, i, column_number(inner, of->type, found));
	}
	for (size_t k = 0; k < c.key_count; k++)
		keys[k].column.valid[count >> 6] &= ~((uint64_t)1 << (count & 63));
	return ERR_OK;
}

/* ---- columns of records ---- */

/** What the group has, beside each of its members. */
static enum err_code need_of_group(
	struct derivation *d, const struct program *p, const struct derived *of, struct derived_column *out, struct err *err)
{
	const struct grouped *g = d->groups[of->grouping->index];
	const struct program *groups = of->grouping->groups;
	const struct derived_column *inner;
	size_t rows = records_frame(d, p)->table.rows;

	TRY(derivation_need(d, groups, of->inner, err));
	inner = &d->columns[groups->index][of->inner];
	TRY(derived_column_make(of->type, rows, out, err));
	memcpy(out->absent, g->absent, rows / 64 * 8 + 8);
	for (size_t i = 0; i < rows; i++) {
		uint32_t group = g->of[i];

		if (group == FRAME_NO_ROW)
			continue;
		out->absent[i >> 6] |= (uint64_t)frame_bit(inner->absent, group) << (i & 63);
		if (!frame_bit(inner->valid, group))
			continue;
		out->valid[i >> 6] |= (uint64_t)1 << (i & 63);
		if (of->type == TYPE_TEXT)
			((struct str *)out->values)[i] = ((const struct str *)inner->values)[group];
		else
			column_put_number(out, of->type, i, column_number(inner, of->type, group));
	}
	return ERR_OK;
}

static int by_day(const void *a, const void *b, void *arg)
{
	const int32_t *days = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return days[x] != days[y] ? (days[x] > days[y]) - (days[x] < days[y]) : (x > y) - (x < y);
}

/** One value a day: records of one day have one window, whose value stands in the place of the first of them. */
static void fold_windows(struct fold_work *w)
{
	const struct derived_column *date = &w->folding->columns[FOLD_INPUTS], *gone = date + 1;
	int32_t *days = date->values;

	for (size_t g = w->from; g < w->to && w->visits <= RULE_WINDOW_VISITS_MAX; g++) {
		uint32_t *list = w->sorted + w->first[g];
		size_t count = 0, low = 0;
		bool absent = false;

		for (uint32_t i = w->first[g]; i < w->first[g + 1]; i++) {
			uint32_t row = w->rows[i];

			if (frame_bit(date->valid, row))
				list[count++] = row;
			else
				absent |= gone->values && frame_bit(gone->values, row);
		}
		qsort_r(list, count, sizeof(*list), by_day, days);
		for (size_t from = 0, to; from < count; from = to) {
			for (to = from; to < count && days[list[to]] == days[list[from]]; to++)
				;
			while ((int64_t)days[list[low]] <= (int64_t)days[list[from]] - w->derived->days)
				low++;
			w->visits += to - low;
			fold_rows(&w->folding->in, list + low, to - low, absent, &w->scratch, w->out, w->derived->type, w->first[g] + from);
		}
	}
}

/** Windows are folded into the place of the member in the list by date, and then brought to the rows. */
static enum err_code need_window(
	struct derivation *d, const struct program *p, const struct derived *of, struct derived_column *out, struct err *err)
{
	CLEANUP(folding_clear) struct folding f = { 0 };
	CLEANUP(mem_freep) uint32_t *sorted = NULL;
	CLEANUP(derived_column_clear) struct derived_column made = { 0 };
	const struct grouped *g = d->groups[of->grouping->index];
	size_t rows = records_frame(d, p)->table.rows;
	struct fold_work work = { .derived = of, .first = g->first, .rows = g->rows, .run = fold_windows };
	const struct derived_column *date, *gone;

	sorted = mem_alloc(rows + 1, sizeof(*sorted));
	if (!sorted)
		return err_nomem(err);
	memset(sorted, 0xff, (rows + 1) * sizeof(*sorted));
	TRY(folding_open(d, p, of, &f, err));
	TRY(derived_column_make(of->type, rows, &made, err));
	TRY(derived_column_make(of->type, rows, out, err));
	work.folding = &f;
	work.sorted = sorted;
	work.out = &made;
	{ /* members of neighbouring groups share words of bits: one thread */
		struct derivation alone = *d;

		alone.threads = 1;
		TRY(run_parts(&alone, &work, g->count, err));
	}
	date = &f.columns[FOLD_INPUTS];
	gone = date + 1;
	memcpy(out->absent, g->absent, rows / 64 * 8 + 8);
	for (size_t i = 0; i < rows; i++)
		if (g->of[i] != FRAME_NO_ROW && !frame_bit(date->valid, i))
			out->absent[i >> 6] |= (uint64_t)(gone->values && frame_bit(gone->values, i)) << (i & 63);
	for (size_t group = 0; group < g->count; group++)
		for (size_t i = g->first[group], from = i; i < g->first[group + 1] && sorted[i] != FRAME_NO_ROW; i++) {
			uint32_t row = sorted[i];

			if (((const int32_t *)date->values)[row] != ((const int32_t *)date->values)[sorted[from]])
				from = i;
			out->absent[row >> 6] |= (uint64_t)frame_bit(made.absent, from) << (row & 63);
			if (!frame_bit(made.valid, from))
				continue;
			out->valid[row >> 6] |= (uint64_t)1 << (row & 63);
			if (of->type == TYPE_TEXT)
				((struct str *)out->values)[row] = ((const struct str *)made.values)[from];
			else
				column_put_number(out, of->type, row, column_number(&made, of->type, from));
		}
	return ERR_OK;
}

/** True when a record whose reference is open does not even have the columns it would go by. */
static bool is_hidden(const struct frame *f, const struct dictionary_reference *r, size_t row)
{
	const struct frame_supply *s = &f->supplies[f->supply[row]];

	for (size_t k = 0; k < r->by_count; k++)
		if (frame_bit(s->columns, (size_t)r->by[k].from))
			return false;
	return true;
}

static enum err_code need_referring(
	struct derivation *d, const struct derived *of, size_t targets, const struct referring **ret, struct err *err)
{
	const struct dictionary_type *type = of->members->type;
	const struct frame *f = d->set->frames[type->index];
	const struct frame_link *link = d->set->links[type->index][frame_link_slot(type, -1, of->reference)];
	struct referring r = { .type = type, .reference = of->reference };

	for (size_t i = 0; i < d->referring.len; i++)
		if (d->referring.v[i].type == type && d->referring.v[i].reference == of->reference) {
			*ret = &d->referring.v[i];
			return ERR_OK;
		}
	for (size_t row = 0; row < f->table.rows && !r.hidden; row++)
		r.hidden = link->rows[row] == FRAME_NO_ROW && is_hidden(f, &type->references[of->reference], row);
	TRY(bucket_rows(link->rows, f->table.rows, targets, &r.first, &r.rows, err));
	if (!vec_push(&d->referring, r)) {
		free(r.first);
		free(r.rows);
		return err_nomem(err);
	}
	*ret = &d->referring.v[d->referring.len - 1];
	return ERR_OK;
}

/** No records and no source of any: nobody can say that there are none. */
static bool is_supplied(const struct frame *f)
{
	return f && f->supply_count > 0;
}

static enum err_code need_referrers(
	struct derivation *d, const struct program *p, const struct derived *of, struct derived_column *out, struct err *err)
{
	CLEANUP(folding_clear) struct folding f = { 0 };
	size_t targets = records_frame(d, p)->table.rows;
	const struct referring *found = NULL;
	struct referring r;
	struct fold_work work = { .derived = of, .run = fold_buckets, .out = out };

	TRY(derived_column_make(of->type, targets, out, err));
	if (!is_supplied(records_frame(d, of->members))) {
		memset(out->absent, 0xff, targets / 64 * 8 + 8);
		return ERR_OK;
	}
	TRY(need_referring(d, of, targets, &found, err));
	r = *found; /* others may join the list while the members' columns are computed */
	TRY(folding_open(d, of->members, of, &f, err));
	work.folding = &f;
	work.first = r.first;
	work.rows = r.rows;
	work.absent = r.hidden;
	return run_parts(d, &work, targets, err);
}

enum err_code derivation_need(struct derivation *d, const struct program *p, int k, struct err *err)
{
	const struct derived *of = &p->derived.v[k];
	struct derived_column *out, made = { 0 };
	const struct grouped *g;
	enum err_code code = ERR_OK;

	TRY(columns_open(d, p, err));
	if (of->grouping)
		TRY(derivation_groups(d, of->grouping, &g, err));
	if (of->grouping && !g)
		return err_set(err, ERR_INTERNAL, "没有可以分组的记录");
	if (d->columns[p->index][k].values)
		return ERR_OK;
	switch (of->kind) {
	case DERIVED_FOLD:
		code = need_fold(d, of, &made, err);
		break;
	case DERIVED_SHARE:
		code = need_share(d, of, &made, err);
		break;
	case DERIVED_PRIOR:
		code = need_prior(d, of, &made, err);
		break;
	case DERIVED_OF_GROUP:
		code = need_of_group(d, p, of, &made, err);
		break;
	case DERIVED_WINDOW:
		code = need_window(d, p, of, &made, err);
		break;
	case DERIVED_REFERRERS:
		code = need_referrers(d, p, of, &made, err);
		break;
	case DERIVED_KEY: /* made with the groups */
	case DERIVED_KIND_COUNT:
		break;
	}
	if (code != ERR_OK) {
		derived_column_clear(&made);
		return code;
	}
	out = &d->columns[p->index][k];
	*out = made;
	return ERR_OK;
}

/* ---- keys ---- */

/** Keys are bytes: each behind its length. */
static struct str join_keys(const struct str *keys, size_t count, struct arena *mem)
{
	size_t bytes = 0;
	char *out, *at;

	for (size_t i = 0; i < count; i++)
		bytes += sizeof(keys[i].len) + keys[i].len;
	out = at = ARENA_NEW(mem, char, bytes + 1);
	for (size_t i = 0; out && i < count; i++) {
		memcpy(at, &keys[i].len, sizeof(keys[i].len));
		at += sizeof(keys[i].len);
		if (keys[i].len > 0)
			memcpy(at, keys[i].ptr, keys[i].len);
		at += keys[i].len;
	}
	return (struct str){ .ptr = out, .len = out ? bytes : 0 };
}

/** The keys of several nodes of one program. An empty text when memory is out. */
static struct str node_keys(const struct program *p, const int *nodes, size_t count, struct arena *mem)
{
	struct str *memo = ARENA_NEW(mem, struct str, p->nodes.len + 1), keys[2 * GROUP_KEYS_MAX] = { 0 };

	if (!memo)
		return (struct str){ 0 };
	for (size_t i = 0; i < count; i++) {
		if (nodes[i] < 0)
			continue;
		keys[i] = node_key(p, nodes[i], 0, memo, mem);
		if (keys[i].len == 0)
			return (struct str){ 0 };
	}
	return join_keys(keys, count, mem);
}

static struct str grouping_key(const struct grouping *g, struct arena *mem)
{
	int nodes[GROUP_KEYS_MAX + 1];

	memcpy(nodes, g->keys, g->key_count * sizeof(nodes[0]));
	nodes[g->key_count] = g->members;
	return node_keys(g->records, nodes, g->key_count + 1, mem);
}

/** Derived columns that a node reads get their keys first. */
static enum err_code need_keys(const struct program *p, const int *nodes, size_t count, struct arena *mem, struct err *err);

static enum err_code derived_key(const struct program *p, int k, struct arena *mem, struct err *err)
{
	struct derived *d = &((struct program *)p)->derived.v[k]; /* ours until loading ends */
	const struct program *members = d->members ? d->members : d->grouping->records;
	const struct program *inner = d->kind == DERIVED_OF_GROUP ? d->grouping->groups : p;
	const int nodes[] = { d->fold.value, d->fold.filter, d->fold.order, d->date };
	const int64_t facts[] = { d->kind, d->type, d->fold.kind, d->fold.quantile, members->type->index, d->reference, d->keys, d->months,
		d->days };
	bool folds = d->kind == DERIVED_FOLD || d->kind == DERIVED_WINDOW || d->kind == DERIVED_REFERRERS;
	struct str keys[] = { { .ptr = (const char *)facts, .len = sizeof(facts) }, STR("-"), STR("-"), STR("-") }, all;

	if (d->key[0])
		return ERR_OK;
	if (folds)
		TRY(need_keys(members, nodes, 4, mem, err));
	if (d->grouping)
		TRY(need_keys(d->grouping->records, d->grouping->keys, d->grouping->key_count, mem, err));
	if (d->grouping)
		TRY(need_keys(d->grouping->records, &d->grouping->members, 1, mem, err));
	if (d->inner >= 0)
		TRY(derived_key(inner, d->inner, mem, err));
	keys[1] = folds ? node_keys(members, nodes, 4, mem) : keys[1];
	keys[2] = d->grouping ? grouping_key(d->grouping, mem) : keys[2];
	keys[3] = d->inner >= 0 ? str_of(inner->derived.v[d->inner].key) : keys[3];
	all = join_keys(keys, 4, mem);
	if (!keys[1].len || !keys[2].len || !all.len)
		return err_set(err, ERR_LIMIT, "规则里的分组表达式太长");
	sm3_hex(&all, 1, d->key);
	return ERR_OK;
}

static enum err_code need_keys_below(const struct program *p, int node, bool *seen, struct arena *mem, struct err *err)
{
	const struct node *n = node < 0 ? NULL : &p->nodes.v[node];

	if (!n || seen[node])
		return ERR_OK;
	seen[node] = true;
	if (n->op == OP_DERIVED || n->op == OP_DERIVED_ABSENT)
		return derived_key(p, (int)n->k, mem, err);
	for (int i = 0; i < NODE_ARGS; i++)
		TRY(need_keys_below(p, n->arg[i], seen, mem, err));
	return ERR_OK;
}

static enum err_code need_keys(const struct program *p, const int *nodes, size_t count, struct arena *mem, struct err *err)
{
	bool *seen = ARENA_NEW(mem, bool, p->nodes.len + 1);

	if (!seen)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		TRY(need_keys_below(p, nodes[i], seen, mem, err));
	return ERR_OK;
}

enum err_code derived_keys(const struct rule_pack *pack, struct err *err)
{
	CLEANUP(arena_closep) struct arena *mem = arena_open((size_t)512 << 20);

	if (!mem)
		return err_nomem(err);
	for (size_t i = 0; i < pack->program_count; i++)
		for (size_t k = 0; pack->programs[i] && k < pack->programs[i]->derived.len; k++) {
			TRY(derived_key(pack->programs[i], (int)k, mem, err));
			arena_reset(mem);
		}
	return ERR_OK;
}
