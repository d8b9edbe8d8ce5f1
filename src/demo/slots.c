/* Records as tables of slots. */
#include "demo/slots.h"

#define AT(item, f, type) (*(type *)((char *)(item) + (f)->offset))
#define AT_CONST(item, f, type) (*(const type *)((const char *)(item) + (f)->offset))

void slots_clear(const struct slot *slots, size_t count, void *item)
{
	for (const struct slot *f = slots; f < slots + count; f++)
		switch (f->kind) {
		case SLOT_TEXT:
			AT(item, f, struct str) = (struct str){ 0 };
			break;
		case SLOT_WORD:
		case SLOT_CODE:
			AT(item, f, const char *) = NULL;
			break;
		case SLOT_DAY:
			AT(item, f, int32_t) = DAY_NONE;
			break;
		case SLOT_TIME:
			AT(item, f, int64_t) = CIVIL_NONE;
			break;
		case SLOT_TRI:
			AT(item, f, enum tri) = TRI_UNKNOWN;
			break;
		case SLOT_NUMBER:
			AT(item, f, int) = -1;
			break;
		case SLOT_MONEY:
		case SLOT_DECIMAL:
			AT(item, f, int64_t) = NO_MONEY;
			break;
		}
}

void slots_to_rows(const struct slot *slots, size_t count, const void *item, struct rows *r)
{
	for (const struct slot *f = slots; f < slots + count; f++)
		switch (f->kind) {
		case SLOT_TEXT:
			rows_text(r, f->column, AT_CONST(item, f, struct str));
			break;
		case SLOT_WORD:
			rows_text(r, f->column, str_of(AT_CONST(item, f, char *)));
			break;
		case SLOT_CODE:
			rows_code(r, f->column, AT_CONST(item, f, char *));
			break;
		case SLOT_DAY:
			rows_day(r, f->column, AT_CONST(item, f, int32_t));
			break;
		case SLOT_TIME:
			if (AT_CONST(item, f, int64_t) != CIVIL_NONE)
				rows_i64(r, f->column, AT_CONST(item, f, int64_t));
			break;
		case SLOT_TRI:
			rows_tri(r, f->column, AT_CONST(item, f, enum tri));
			break;
		case SLOT_NUMBER:
			if (AT_CONST(item, f, int) >= 0)
				rows_i64(r, f->column, AT_CONST(item, f, int));
			break;
		case SLOT_MONEY:
			if (AT_CONST(item, f, int64_t) != NO_MONEY)
				rows_i64(r, f->column, AT_CONST(item, f, int64_t));
			break;
		case SLOT_DECIMAL:
			if (AT_CONST(item, f, int64_t) != NO_MONEY)
				rows_decimal(r, f->column, AT_CONST(item, f, int64_t));
			break;
		}
}

static void slot_to_child(const struct slot *f, const void *item, struct child_rows *c)
{
	switch (f->kind) {
	case SLOT_TEXT:
		child_text(c, f->column, AT_CONST(item, f, struct str));
		break;
	case SLOT_WORD:
		child_text(c, f->column, str_of(AT_CONST(item, f, char *)));
		break;
	case SLOT_CODE:
		child_code(c, f->column, AT_CONST(item, f, char *));
		break;
	case SLOT_DAY:
		child_day(c, f->column, AT_CONST(item, f, int32_t));
		break;
	case SLOT_TRI:
		child_tri(c, f->column, AT_CONST(item, f, enum tri));
		break;
	case SLOT_NUMBER:
		if (AT_CONST(item, f, int) >= 0)
			child_i64(c, f->column, AT_CONST(item, f, int));
		break;
	case SLOT_DECIMAL:
		if (AT_CONST(item, f, int64_t) != NO_MONEY)
			child_decimal(c, f->column, AT_CONST(item, f, int64_t));
		break;
	case SLOT_MONEY:
	case SLOT_TIME:
		if (AT_CONST(item, f, int64_t) != NO_MONEY)
			child_i64(c, f->column, AT_CONST(item, f, int64_t));
		break;
	}
}

void slots_to_children(
	const struct slot *slots, size_t count, const char *child, const void *items, size_t item_bytes, int item_count, struct rows *r)
{
	struct child_rows c = rows_child(r, child, (size_t)item_count);

	for (; c.row < (size_t)item_count; c.row++)
		for (const struct slot *f = slots; f < slots + count; f++)
			slot_to_child(f, (const char *)items + c.row * item_bytes, &c);
}
