/*
 * C values out of result fields and into parameters.  Must not know libpq,
 * nor what a column means.
 */
#include "data/db.h"

#include <inttypes.h>

struct str rows_named(const struct rows *rows, ptrdiff_t row, const char *name)
{
	return rows_get(rows, row, rows_column(rows, str_of(name)));
}

int64_t rows_int(const struct rows *rows, ptrdiff_t row, int column)
{
	int64_t v = 0;

	(void)str_read_int(rows_get(rows, row, column), &v);
	return v;
}

bool rows_bool(const struct rows *rows, ptrdiff_t row, int column)
{
	return str_equal(rows_get(rows, row, column), STR("t"));
}

struct str rows_bytes(struct arena *a, const struct rows *rows, ptrdiff_t row,
		      int column)
{
	struct str text = rows_get(rows, row, column);
	struct str hex = str_from(text, 2);
	char *p;

	if (!str_starts(text, STR("\\x")) || hex.n % 2 != 0)
		return STR_ABSENT;
	p = arena_get_text(a, (size_t)hex.n / 2);
	for (ptrdiff_t i = 0; i < hex.n / 2; i++) {
		int high = str_hex_digit(hex.p[2 * i]);
		int low = str_hex_digit(hex.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return STR_ABSENT;
		p[i] = (char)(high * 16 + low);
	}
	return str_at(p, hex.n / 2);
}

struct db_param db_param_text_or_null(struct str s)
{
	return (struct db_param){.value = s};
}

struct db_param db_param_text(struct str s)
{
	return (struct db_param){.value = s, .missing = str_is_absent(s)};
}

struct db_param db_param_bytes_or_null(struct str s)
{
	return (struct db_param){.value = s, .binary = true};
}

struct db_param db_param_bytes(struct str s)
{
	return (struct db_param){
		.value = s,
		.binary = true,
		.missing = str_is_absent(s),
	};
}

struct db_param db_param_int(struct arena *a, int64_t v)
{
	return db_param_text(str_printf(a, "%" PRId64, v));
}

struct db_param db_param_int_or_null(struct arena *a, const int64_t *v)
{
	return v ? db_param_int(a, *v) : (struct db_param){0};
}

struct db_param db_param_bool(bool v)
{
	return db_param_text(v ? STR("t") : STR("f"));
}

struct db_param db_param_bool_or_null(const bool *v)
{
	return v ? db_param_bool(*v) : (struct db_param){0};
}
