/*
 * Rows of a CSV file.  Must not know what the columns are for.
 */
#include "data/csv.h"

#include "base/buf.h"

static char guess_separator(struct str text)
{
	static const char separators[] = ",;\t";
	struct str rest;
	struct str line = str_cut(text, '\n', &rest);
	ptrdiff_t most = 0;
	char best = ',';

	for (const char *c = separators; *c; c++) {
		ptrdiff_t n = 0;

		for (ptrdiff_t i = 0; i < line.n; i++)
			n += line.p[i] == *c;
		if (n > most) {
			most = n;
			best = *c;
		}
	}
	return best;
}

struct csv csv_begin(struct str text)
{
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_from(text, 3);
	return (struct csv){text, guess_separator(text), 1};
}

static char peek(const struct csv *csv)
{
	return csv->left.n > 0 ? csv->left.p[0] : '\n';
}

static void skip(struct csv *csv, ptrdiff_t n)
{
	csv->left = str_from(csv->left, n);
}

/* What stands between quotes, two of which stand for one. */
static bool read_quoted(struct csv *csv, struct buf *cell)
{
	skip(csv, 1);
	while (csv->left.n > 0) {
		char c = csv->left.p[0];

		skip(csv, 1);
		if (c == '"' && peek(csv) != '"')
			return true;
		if (c == '"')
			skip(csv, 1);
		csv->line += c == '\n';
		buf_add_byte(cell, c);
	}
	return false;
}

static bool at_cell_end(const struct csv *csv)
{
	return peek(csv) == '\n' || peek(csv) == csv->separator ||
	       str_starts(csv->left, STR("\r\n"));
}

static void skip_blanks(struct csv *csv)
{
	while (!at_cell_end(csv) && (peek(csv) == ' ' || peek(csv) == '\t'))
		skip(csv, 1);
}

/* False when a quoted cell does not end, or goes on after its quote. */
static bool read_cell(struct csv *csv, struct arena *a, struct str *cell,
		      const char **why)
{
	ptrdiff_t n = 0;

	skip_blanks(csv);
	if (peek(csv) == '"') {
		struct buf text = buf_init(a, 32);

		*why = "a quoted field does not end";
		if (!read_quoted(csv, &text))
			return false;
		skip_blanks(csv);
		*why = "text after a closing quote";
		*cell = str_trim(buf_str(&text));
		return at_cell_end(csv);
	}
	while (n < csv->left.n && csv->left.p[n] != '\n' &&
	       csv->left.p[n] != csv->separator)
		n++;
	*cell = str_trim(str_first(csv->left, n));
	skip(csv, n);
	return true;
}

static void end_line(struct csv *csv)
{
	if (str_starts(csv->left, STR("\r")))
		skip(csv, 1);
	skip(csv, 1);
	csv->line++;
}

static bool is_empty(const struct csv_row *row)
{
	return row->count == 1 && row->cells[0].n == 0;
}

bool csv_next(struct csv *csv, struct arena *a, struct csv_row *row,
	      struct str *why)
{
	const char *what = "";

	*why = STR_ABSENT;
	while (csv->left.n > 0) {
		row->line = csv->line;
		row->count = 0;
		for (;;) {
			if (row->count == CSV_CELLS_MAX)
				what = "too many fields";
			if (row->count == CSV_CELLS_MAX ||
			    !read_cell(csv, a, &row->cells[row->count++],
				       &what)) {
				*why = str_printf(a, "line %d: %s", row->line,
						  what);
				return false;
			}
			if (csv->left.n == 0 || peek(csv) != csv->separator)
				break;
			skip(csv, 1);
		}
		end_line(csv);
		if (!is_empty(row))
			return true;
	}
	return false;
}
