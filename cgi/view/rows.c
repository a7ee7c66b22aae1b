/*
 * Result rows as template values.  Must not know what is asked for or shown.
 */
#include "view/rows.h"

#include "view/json_value.h"

/* A field's value.at: the row above, the column in the low bits. */
#define ROWS_COLUMN_BITS 12
#define ROWS_COLUMN_MASK (((int64_t)1 << ROWS_COLUMN_BITS) - 1)

static struct str rows_field_text(struct value v)
{
	return rows_get(v.of, (ptrdiff_t)(v.at >> ROWS_COLUMN_BITS),
			(int)(v.at & ROWS_COLUMN_MASK));
}

static bool rows_field_truth(struct value v)
{
	return rows_field_text(v).n > 0;
}

static bool rows_bool_truth(struct value v)
{
	return str_equal(rows_field_text(v), STR("t"));
}

/* A NULL shows as nothing, false as `false`. */
static struct str rows_bool_text(struct value v)
{
	struct str field = rows_field_text(v);

	if (str_is_absent(field))
		return field;
	return str_equal(field, STR("t")) ? STR("true") : STR("false");
}

static int row_place(const void *of, struct str name)
{
	return rows_column(of, name);
}

static struct value row_member(struct value v, int column, struct arena *a)
{
	static const struct value_kind text = {
		.text = rows_field_text,
		.truth = rows_field_truth,
	};
	static const struct value_kind truth = {
		.text = rows_bool_text,
		.truth = rows_bool_truth,
	};
	bool is_bool = rows_is_bool(v.of, column);

	if (!is_bool && rows_is_json(v.of, column))
		return json_value_read(a,
				       rows_get(v.of, (ptrdiff_t)v.at, column));
	return (struct value){
		.kind = is_bool ? &truth : &text,
		.of = v.of,
		.at = v.at << ROWS_COLUMN_BITS | column,
	};
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
