/*
 * A CSV file whose first row names its columns.  Must not trust a byte of it.
 */
#include "data/table.h"

#include "base/json.h"
#include "data/csv.h"

/* Where each column stands in a row; -1 when it does not. */
struct header {
	int at[TABLE_COLUMNS_MAX];
	int count;
};

static int find_column(const struct table_shape *shape, struct str name)
{
	for (int i = 0; i < shape->count; i++)
		if (str_equal_nocase(shape->columns[i], name))
			return i;
	return -1;
}

/* a, b and c; with another word before the last one, that. */
static struct str list_columns(struct arena *a, const struct table_shape *shape,
			       const char *last)
{
	struct str list = shape->columns[0];

	for (int i = 1; i < shape->count; i++)
		list = str_printf(a, "%.*s%s%.*s", STR_ARG(list),
				  i + 1 < shape->count ? ", " : last,
				  STR_ARG(shape->columns[i]));
	return list;
}

static bool has_required(const struct table_shape *shape,
			 const struct header *header)
{
	for (int i = 0; i < shape->required; i++)
		if (header->at[i] < 0)
			return false;
	return true;
}

static bool read_header(struct arena *a, const struct table_shape *shape,
			const struct csv_row *row, struct header *header,
			struct str *why)
{
	header->count = row->count;
	for (int i = 0; i < TABLE_COLUMNS_MAX; i++)
		header->at[i] = -1;
	for (int i = 0; i < row->count; i++) {
		int column = find_column(shape, row->cells[i]);

		if (column < 0 || header->at[column] >= 0) {
			struct str list = list_columns(a, shape, " and ");

			*why = str_printf(a,
					  "line %d: column %d is %s; the "
					  "columns are %.*s",
					  row->line, i + 1,
					  column < 0 ? "not known"
						     : "there twice",
					  STR_ARG(list));
			return false;
		}
		header->at[column] = i;
	}
	if (has_required(shape, header))
		return true;
	*why = str_printf(a,
			  "line %d: the first row must name the columns: %.*s",
			  row->line, STR_ARG(list_columns(a, shape, ", ")));
	return false;
}

static void get_cells(const struct csv_row *row,
		      const struct table_shape *shape,
		      const struct header *header, struct str *cells)
{
	for (int i = 0; i < shape->count; i++) {
		int at = header->at[i];

		cells[i] =
			at >= 0 && at < row->count ? row->cells[at] : STR("");
	}
}

/* Why a row cannot be taken, or NULL. */
static const char *find_fault(const struct csv_row *row,
			      const struct table_shape *shape,
			      const struct header *header,
			      const struct str *cells)
{
	if (row->count > header->count)
		return "more fields than the first row";
	for (int i = 0; i < row->count; i++)
		if (str_has_control(row->cells[i], false))
			return "a line break or control character in a field";
	return shape->find_fault(cells);
}

static void add_json(struct buf *json, int line,
		     const struct table_shape *shape, const struct str *cells)
{
	buf_printf(json, "%s{\"line\":%d", json->n > 1 ? "," : "", line);
	for (int i = 0; i < shape->count; i++) {
		if (cells[i].n == 0)
			continue;
		buf_printf(json, ",\"%.*s\":", STR_ARG(shape->columns[i]));
		json_add_text(json, cells[i]);
	}
	buf_add_byte(json, '}');
}

static ptrdiff_t count_lines(struct str text)
{
	ptrdiff_t n = 1;

	for (ptrdiff_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

/* The first line that is not UTF-8 text, or 0. */
static int find_bad_line(struct str text)
{
	int line = 1;

	if (str_find(text, 0) < 0 && str_is_utf8(text))
		return 0;
	for (; text.n > 0; line++) {
		struct str one = str_cut(text, '\n', &text);

		if (str_find(one, 0) >= 0 || !str_is_utf8(one))
			return line;
	}
	return line;
}

static bool read_rows(struct arena *a, struct csv *csv,
		      const struct table_shape *shape,
		      const struct header *header, struct table *table,
		      struct str *why)
{
	struct buf json = buf_init(a, csv->left.n * 2 + 64);
	struct str cells[TABLE_COLUMNS_MAX];
	struct csv_row row;

	table->count = 0;
	buf_add_byte(&json, '[');
	while (csv_next(csv, a, &row, why)) {
		struct verdict *v = &table->verdicts[table->count++];
		const char *fault;

		get_cells(&row, shape, header, cells);
		fault = find_fault(&row, shape, header, cells);
		*v = (struct verdict){
			.line = row.line,
			.what = cells[0],
			.result = fault ? STR("refused") : STR_ABSENT,
			.why = str_of(fault),
		};
		if (!fault)
			add_json(&json, row.line, shape, cells);
	}
	buf_add_byte(&json, ']');
	table->json = buf_str(&json);
	return str_is_absent(*why);
}

bool table_read(struct arena *a, struct str text,
		const struct table_shape *shape, struct table *table,
		struct str *why)
{
	struct csv csv = csv_begin(text);
	struct header header;
	struct csv_row row;
	int bad = find_bad_line(text);

	if (bad > 0) {
		*why = str_printf(a,
				  "line %d: not UTF-8 text; save the file "
				  "as CSV in UTF-8",
				  bad);
		return false;
	}
	if (!csv_next(&csv, a, &row, why)) {
		if (str_is_absent(*why))
			*why = STR("the file is empty");
		return false;
	}
	if (!read_header(a, shape, &row, &header, why))
		return false;
	table->verdicts =
		ARENA_ARRAY(a, count_lines(csv.left) + 1, struct verdict);
	return read_rows(a, &csv, shape, &header, table, why);
}
