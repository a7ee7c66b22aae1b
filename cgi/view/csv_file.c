/*
 * Writes CSV.  Must not know what is in the cells, nor who reads them.
 */
#include "view/csv_file.h"

/* What makes a spreadsheet read a cell as a formula, at its beginning. */
static bool is_formula(struct str text)
{
	return text.n > 0 && str_find(STR("=+-@\t\r\n"), text.p[0]) >= 0;
}

static bool needs_quotes(struct str text)
{
	for (ptrdiff_t i = 0; i < text.n; i++)
		if (str_find(STR(",;\"\t\r\n"), text.p[i]) >= 0)
			return true;
	return text.n > 0 && (text.p[0] == ' ' || text.p[text.n - 1] == ' ');
}

static void add_cell(struct buf *out, struct str text)
{
	bool quoted = needs_quotes(text);

	if (quoted)
		buf_add_byte(out, '"');
	if (is_formula(text))
		buf_add_byte(out, '\'');
	for (ptrdiff_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"')
			buf_add_byte(out, '"');
		buf_add_byte(out, text.p[i]);
	}
	if (quoted)
		buf_add_byte(out, '"');
}

/* What add_cell() adds, or two bytes more. */
static ptrdiff_t cell_size(struct str text)
{
	ptrdiff_t size = text.n + 3;

	for (ptrdiff_t i = 0; i < text.n; i++)
		size += text.p[i] == '"';
	return size;
}

/* Asked for at once: what grows step by step takes twice the room. */
static void make_room(struct buf *out, const struct rows *rows,
		      const char *const *columns)
{
	ptrdiff_t size = 0;

	for (ptrdiff_t row = 0; row < rows_count(rows); row++) {
		for (int i = 0; columns[i]; i++)
			size += 1 +
				cell_size(rows_named(rows, row, columns[i]));
		size += 2;
	}
	(void)buf_grow(out, size);
	out->n -= size;
}

void csv_file_row(struct buf *out, const struct str *cells, int count)
{
	for (int i = 0; i < count; i++) {
		if (i > 0)
			buf_add_byte(out, ',');
		add_cell(out, cells[i]);
	}
	buf_add(out, STR("\r\n"));
}

void csv_file_begin(struct buf *out, const char *const *columns)
{
	buf_add(out, STR("\xEF\xBB\xBF"));
	for (int i = 0; columns[i]; i++) {
		if (i > 0)
			buf_add_byte(out, ',');
		add_cell(out, str_of(columns[i]));
	}
	buf_add(out, STR("\r\n"));
}

void csv_file_rows(struct buf *out, const struct rows *rows,
		   const char *const *columns)
{
	make_room(out, rows, columns);
	for (ptrdiff_t row = 0; row < rows_count(rows); row++) {
		for (int i = 0; columns[i]; i++) {
			if (i > 0)
				buf_add_byte(out, ',');
			add_cell(out, rows_named(rows, row, columns[i]));
		}
		buf_add(out, STR("\r\n"));
	}
}
