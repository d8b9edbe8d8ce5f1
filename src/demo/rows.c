/* Values of a record by column name. A name that the dictionary does not have is remembered once and fails the run at its end: the
 * dictionary is data and may be another than ours. */
#include "demo/demo_private.h"

enum err_code rows_open(const struct dictionary *d, const char *type, struct arena *mem, struct rows *ret, struct err *err)
{
	const struct dictionary_type *t = dictionary_type(d, str_of(type));

	if (!t)
		return err_set(err, ERR_INPUT, "字典里没有记录类型 %s，无法生成演示数据", type);
	*ret = (struct rows){ .type = t, .mem = mem };
	return ERR_OK;
}

void rows_reset(struct rows *r)
{
	r->values = ARENA_NEW(r->mem, struct dictionary_value, r->type->column_count);
	r->children = ARENA_NEW(r->mem, struct record_child_rows, r->type->child_count + 1);
	for (size_t i = 0; r->values && i < r->type->column_count; i++)
		r->values[i].null = true;
	if (!r->values || !r->children)
		r->missing = STR("（内存不足）");
}

static struct dictionary_value *cell_of(
	struct rows *r, const struct dictionary_column *c, const char *name, struct dictionary_value *cells, int type_a, int type_b)
{
	if (!c || (c->type != (enum column_type)type_a && c->type != (enum column_type)type_b)) {
		r->missing = str_of(name);
		return NULL;
	}
	return cells ? &cells[c->index] : NULL;
}

static void put_text(struct rows *r, const struct dictionary_column *c, const char *name, struct dictionary_value *cells, struct str s)
{
	struct dictionary_value *v = s.ptr ? cell_of(r, c, name, cells, COLUMN_TEXT, COLUMN_TEXT) : NULL;

	if (v)
		*v = (struct dictionary_value){ .s = s };
}

static void put_code(struct rows *r, const struct dictionary_column *c, const char *name, struct dictionary_value *cells, const char *code)
{
	struct dictionary_value *v = code ? cell_of(r, c, name, cells, COLUMN_CODE, COLUMN_CODE) : NULL;
	int index = v ? dictionary_code(c, str_of(code)) : 0;

	if (index < 0)
		r->missing = str_of(code);
	else if (v)
		*v = (struct dictionary_value){ .i = index, .s = str_of(code) };
}

static void put_i64(struct rows *r, const struct dictionary_column *c, const char *name, struct dictionary_value *cells, int64_t i)
{
	struct dictionary_value *v;

	if (c && c->type == COLUMN_DATETIME)
		v = cells ? &cells[c->index] : NULL;
	else
		v = cell_of(r, c, name, cells, COLUMN_INT, COLUMN_MONEY);
	if (v)
		*v = (struct dictionary_value){ .i = i };
}

static void put_day(struct rows *r, const struct dictionary_column *c, const char *name, struct dictionary_value *cells, int32_t day)
{
	struct dictionary_value *v = day != DAY_NONE ? cell_of(r, c, name, cells, COLUMN_DATE, COLUMN_DATE) : NULL;

	if (v)
		*v = (struct dictionary_value){ .i = day };
}

static void put_tri(struct rows *r, const struct dictionary_column *c, const char *name, struct dictionary_value *cells, enum tri t)
{
	struct dictionary_value *v = t != TRI_UNKNOWN ? cell_of(r, c, name, cells, COLUMN_BOOL, COLUMN_BOOL) : NULL;

	if (v)
		*v = (struct dictionary_value){ .i = t == TRI_TRUE };
}

void rows_text(struct rows *r, const char *column, struct str s)
{
	put_text(r, dictionary_column(r->type, str_of(column)), column, r->values, s);
}

void rows_code(struct rows *r, const char *column, const char *code)
{
	put_code(r, dictionary_column(r->type, str_of(column)), column, r->values, code);
}

void rows_i64(struct rows *r, const char *column, int64_t v)
{
	put_i64(r, dictionary_column(r->type, str_of(column)), column, r->values, v);
}

void rows_decimal(struct rows *r, const char *column, int64_t ten_thousandths)
{
	struct dictionary_value *v =
		cell_of(r, dictionary_column(r->type, str_of(column)), column, r->values, COLUMN_DECIMAL, COLUMN_DECIMAL);

	if (v)
		*v = (struct dictionary_value){ .i = ten_thousandths };
}

void rows_day(struct rows *r, const char *column, int32_t day)
{
	put_day(r, dictionary_column(r->type, str_of(column)), column, r->values, day);
}

void rows_tri(struct rows *r, const char *column, enum tri v)
{
	put_tri(r, dictionary_column(r->type, str_of(column)), column, r->values, v);
}

struct child_rows rows_child(struct rows *r, const char *child, size_t count)
{
	struct child_rows c = { .r = r, .child = dictionary_child(r->type, str_of(child)) };
	size_t cells;

	if (!c.child) {
		r->missing = str_of(child);
		return c;
	}
	cells = count * c.child->column_count;
	c.cells = ARENA_NEW(r->mem, struct dictionary_value, cells ? cells : 1);
	if (!c.cells || !r->children) {
		r->missing = STR("（内存不足）");
		return c;
	}
	for (size_t i = 0; i < cells; i++)
		c.cells[i].null = true;
	r->children[c.child->index] = (struct record_child_rows){ .cells = c.cells, .row_count = count };
	return c;
}

#define CHILD_CELLS(c) ((c)->cells ? (c)->cells + (c)->row * (c)->child->column_count : NULL)
#define CHILD_COLUMN(c, name) ((c)->child ? dictionary_child_column((c)->child, str_of(name)) : NULL)

void child_text(struct child_rows *c, const char *column, struct str s)
{
	put_text(c->r, CHILD_COLUMN(c, column), column, CHILD_CELLS(c), s);
}

void child_code(struct child_rows *c, const char *column, const char *code)
{
	put_code(c->r, CHILD_COLUMN(c, column), column, CHILD_CELLS(c), code);
}

void child_i64(struct child_rows *c, const char *column, int64_t v)
{
	put_i64(c->r, CHILD_COLUMN(c, column), column, CHILD_CELLS(c), v);
}

void child_day(struct child_rows *c, const char *column, int32_t day)
{
	put_day(c->r, CHILD_COLUMN(c, column), column, CHILD_CELLS(c), day);
}

void child_tri(struct child_rows *c, const char *column, enum tri v)
{
	put_tri(c->r, CHILD_COLUMN(c, column), column, CHILD_CELLS(c), v);
}

void child_decimal(struct child_rows *c, const char *column, int64_t ten_thousandths)
{
	struct dictionary_value *v = cell_of(c->r, CHILD_COLUMN(c, column), column, CHILD_CELLS(c), COLUMN_DECIMAL, COLUMN_DECIMAL);

	if (v)
		*v = (struct dictionary_value){ .i = ten_thousandths };
}
