/* Reading registers as of a day, and what hangs on one enterprise. */
#include "catalog/catalog.h"

#include <stdlib.h>
#include <string.h>

/* ---- as of a day ---- */

static bool holds_day(const struct dictionary_history *h, const struct dictionary_value *cells, int32_t day)
{
	const struct dictionary_value *from = &cells[h->from], *to = &cells[h->to];

	return (from->null || from->i <= day) && (to->null || to->i >= day);
}

/** The period that holds the day; of several the one that began last. NULL: none does. */
static const struct dictionary_value *period_of(
	const struct dictionary_history *h, const struct dictionary_child *child, const struct record_child_rows *rows, int32_t day)
{
	const struct dictionary_value *best = NULL;

	for (size_t i = 0; i < rows->row_count; i++) {
		const struct dictionary_value *cells = rows->cells + i * child->column_count;

		if (!holds_day(h, cells, day))
			continue;
		if (!best || (!cells[h->from].null && (best[h->from].null || cells[h->from].i >= best[h->from].i)))
			best = cells;
	}
	return best;
}

static int32_t day_or_none(const struct dictionary_value *v)
{
	return v->null ? DAY_NONE : (int32_t)v->i;
}

enum err_code catalog_as_of(const struct dictionary_type *t, const struct record_row *row, int32_t day, struct arena *mem,
	struct dictionary_value **ret_values, struct catalog_version *ret, struct err *err)
{
	struct dictionary_value *values = ARENA_NEW(mem, struct dictionary_value, t->column_count);
	const struct dictionary_child *child;
	const struct dictionary_value *period;

	*ret = (struct catalog_version){ .in_force = true, .from_on = DAY_NONE, .to_on = DAY_NONE };
	if (!values)
		return err_nomem(err);
	memcpy(values, row->values, t->column_count * sizeof(*values));
	*ret_values = values;
	if (t->history.child < 0)
		return ERR_OK;
	child = &t->children[t->history.child];
	if (row->children[t->history.child].row_count == 0 && !(row->supply && record_supplies_child(row->supply, child)))
		return ERR_OK;
	ret->has_history = true;
	period = period_of(&t->history, child, &row->children[t->history.child], day);
	ret->in_force = period != NULL;
	if (!period)
		return ERR_OK;
	ret->from_on = day_or_none(&period[t->history.from]);
	ret->to_on = day_or_none(&period[t->history.to]);
	for (size_t i = 0; i < child->column_count; i++) {
		const struct dictionary_column *c = dictionary_column(t, child->columns[i].name);

		if (c && c->type == child->columns[i].type && !period[i].null)
			values[c->index] = period[i];
	}
	return ERR_OK;
}

/* ---- tiers ---- */

static bool money_of(const struct dictionary_type *t, const struct dictionary_value *values, const char *column, int64_t *ret)
{
	const struct dictionary_column *c = dictionary_column(t, str_of(column));

	if (!c || values[c->index].null)
		return false;
	*ret = values[c->index].i;
	return true;
}

static int by_key(const void *a, const void *b)
{
	return str_cmp(((const struct catalog_tier *)a)->row.key, ((const struct catalog_tier *)b)->row.key);
}

static enum err_code read_tier(struct db *db, const struct dictionary *d, const struct actor *who, const struct dictionary_type *t,
	int64_t id, int32_t day, int64_t fine_fen, struct arena *mem, struct catalog_tier *ret, struct err *err)
{
	TRY(record_get(db, d, who, t, id, mem, &ret->row, err));
	TRY(catalog_as_of(t, &ret->row, day, mem, &ret->values, &ret->version, err));
	ret->has_least = money_of(t, ret->values, "fine_min", &ret->least_fen);
	ret->has_most = money_of(t, ret->values, "fine_max", &ret->most_fen);
	ret->holds = fine_fen >= 0 && ret->version.in_force && (ret->has_least || ret->has_most) &&
	             (!ret->has_least || fine_fen >= ret->least_fen) && (!ret->has_most || fine_fen <= ret->most_fen);
	return ERR_OK;
}

enum err_code catalog_tiers(struct db *db, const struct dictionary *d, const struct actor *who, struct str item_code, int32_t day,
	int64_t fine_fen, struct arena *mem, struct catalog_tier **ret, size_t *ret_count, struct err *err)
{
	const struct dictionary_type *t = dictionary_type(d, STR("discretion_tier"));
	const struct dictionary_column *code = t ? dictionary_column(t, STR("item_code")) : NULL;
	struct record_query q = { .type = t, .who = who, .q = item_code, .limit = CATALOG_TIERS_MAX };
	struct catalog_tier *tiers = ARENA_NEW(mem, struct catalog_tier, CATALOG_TIERS_MAX);
	struct record_page page;

	*ret = tiers;
	*ret_count = 0;
	if (!tiers)
		return err_nomem(err);
	if (!code || item_code.len == 0)
		return ERR_OK;
	q.filters[q.filter_count++] = (struct record_filter){ .column = code, .value = { .s = item_code } };
	if (!code->search)
		q.q = STR("");
	TRY(record_list(db, d, &q, mem, &page, err));
	for (size_t i = 0; i < page.row_count; i++)
		TRY(read_tier(db, d, who, t, page.rows[i].id, day, fine_fen, mem, &tiers[(*ret_count)++], err));
	qsort(tiers, *ret_count, sizeof(*tiers), by_key);
	return ERR_OK;
}

/* ---- an enterprise ---- */

static bool is_there(const struct record_row *rows, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].id == id)
			return true;
	return false;
}

enum err_code catalog_party_rows(struct db *db, const struct dictionary *d, const struct actor *who, const struct dictionary_type *t,
	const struct record_row *party, int max, struct arena *mem, struct record_row **ret, size_t *ret_count, struct err *err)
{
	const struct dictionary_reference *r = dictionary_reference(t, STR("party"));
	struct record_row *rows = ARENA_NEW(mem, struct record_row, (size_t)max * DICTIONARY_KEY_MAX);

	*ret = rows;
	*ret_count = 0;
	if (!rows)
		return err_nomem(err);
	for (size_t i = 0; r && i < r->by_count; i++) {
		const struct dictionary_column *from = &t->columns[r->by[i].from];
		const struct dictionary_value *value = &party->values[r->by[i].to];
		struct record_query q = { .type = t, .who = who, .limit = max, .filter_count = 1 };
		struct record_page page;

		if (value->null || (str_ends(from->name, STR("id_no")) && credit_code_valid(value->s)))
			continue; /* an organisation's code is nobody's identity number */
		q.filters[0] = (struct record_filter){ .column = from, .value = *value };
		if (from->search)
			q.q = value->s; /* the index narrows what would be a walk through all */
		TRY(record_list(db, d, &q, mem, &page, err));
		for (size_t k = 0; k < page.row_count; k++)
			if (!is_there(rows, *ret_count, page.rows[k].id))
				rows[(*ret_count)++] = page.rows[k];
	}
	return ERR_OK;
}
