/*
 * Result rows as template values.  Must not know what is asked for or shown.
 */
#include "view/rows.h"

#include "view/json_value.h"

/* What a column holds is part of a member's place: asked for once. */
enum rows_holds { ROWS_TEXT, ROWS_BOOL, ROWS_JSON };
#define ROWS_HOLDS 2 /* bits */

static int row_place(const void *of, struct str name)
{
	int column = rows_column(of, name);
	enum rows_holds holds = ROWS_TEXT;

	if (column < 0)
		return -1;
	if (rows_is_bool(of, column))
		holds = ROWS_BOOL;
	else if (rows_is_json(of, column))
		holds = ROWS_JSON;
	return column << ROWS_HOLDS | (int)holds;
}

static struct value row_member(struct value v, int place, struct arena *a)
{
	struct str field = rows_get(v.of, (ptrdiff_t)v.at, place >> ROWS_HOLDS);
	int holds = place & ((1 << ROWS_HOLDS) - 1);

	if (str_is_absent(field))
		return value_absent();
	if (holds == ROWS_BOOL)
		return value_bool(str_equal(field, STR("t")));
	if (holds == ROWS_JSON)
		return json_value_read(a, field);
	return value_text(&field);
}

static bool row_truth(struct value v)
{
	return v.at < rows_count(v.of);
}

static ptrdiff_t rows_list_count(struct value v)
{
	return rows_count(v.of);
}

static struct value rows_list_item(struct value v, ptrdiff_t item)
{
	return row_value(v.of, item);
}

struct value rows_value(const struct rows *rows)
{
	static const struct value_kind kind = {
		.count = rows_list_count,
		.item = rows_list_item,
	};

	return (struct value){.kind = &kind, .of = rows};
}

struct value row_value(const struct rows *rows, ptrdiff_t row)
{
	static const struct value_kind kind = {
		.place = row_place,
		.member = row_member,
		.truth = row_truth,
	};

	return (struct value){.kind = &kind, .of = rows, .at = row};
}
