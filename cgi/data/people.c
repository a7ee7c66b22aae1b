/*
 * People out of a CSV file.  Must not trust a byte of it.
 */
#include "data/people.h"

#include "base/address.h"
#include "base/json.h"
#include "data/csv.h"

enum column {
	COLUMN_EMAIL,
	COLUMN_NAME,
	COLUMN_TIMEZONE,
	COLUMN_ROLE,
	COLUMNS
};

static const struct str column_names[COLUMNS] = {
	STR_INIT("email"), STR_INIT("name"), STR_INIT("timezone"),
	STR_INIT("role")};

/* Where each column stands in a row; -1 when it does not. */
struct header {
	int at[COLUMNS];
	int count;
};

static int find_column(struct str name)
{
	for (int i = 0; i < COLUMNS; i++)
		if (str_equal_nocase(column_names[i], name))
			return i;
	return -1;
}

static bool read_header(struct arena *a, const struct csv_row *row,
			struct header *header, struct str *why)
{
	header->count = row->count;
	for (int i = 0; i < COLUMNS; i++)
		header->at[i] = -1;
	for (int i = 0; i < row->count; i++) {
		int column = find_column(row->cells[i]);

		if (column < 0 || header->at[column] >= 0) {
			*why = str_printf(a,
					  "line %d: column %d is %s; the "
					  "columns are email, name, timezone "
					  "and role",
					  row->line, i + 1,
					  column < 0 ? "not known"
						     : "there twice");
			return false;
		}
		header->at[column] = i;
	}
	if (header->at[COLUMN_EMAIL] >= 0 && header->at[COLUMN_NAME] >= 0)
		return true;
	*why = str_printf(a,
			  "line %d: the first row must name the columns: "
			  "email, name, timezone, role",
			  row->line);
	return false;
}

static struct str get_cell(const struct csv_row *row,
			   const struct header *header, enum column column)
{
	int at = header->at[column];

	return at >= 0 && at < row->count ? row->cells[at] : STR("");
}

/* Why a row cannot be taken, or NULL. */
static const char *find_fault(const struct csv_row *row,
			      const struct header *header)
{
	if (row->count > header->count)
		return "more fields than the first row";
	for (int i = 0; i < row->count; i++)
		if (str_has_control(row->cells[i], false))
			return "a line break or control character in a field";
	if (get_cell(row, header, COLUMN_EMAIL).n == 0)
		return "no address";
	if (!address_is_valid(get_cell(row, header, COLUMN_EMAIL)))
		return "this is not a mail address";
	if (get_cell(row, header, COLUMN_NAME).n == 0)
		return "no name";
	return NULL;
}

static void add_json(struct buf *json, const struct csv_row *row,
		     const struct header *header)
{
	buf_printf(json, "%s{\"line\":%d", json->n > 1 ? "," : "", row->line);
	for (int i = 0; i < COLUMNS; i++) {
		struct str cell = get_cell(row, header, (enum column)i);

		if (cell.n == 0)
			continue;
		buf_printf(json, ",\"%.*s\":", STR_ARG(column_names[i]));
		json_add_text(json, cell);
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
		      const struct header *header, struct people *people,
		      struct str *why)
{
	struct buf json = buf_init(a, csv->left.n * 2 + 64);
	struct csv_row row;

	people->count = 0;
	buf_add_byte(&json, '[');
	while (csv_next(csv, a, &row, why)) {
		const char *fault = find_fault(&row, header);
		struct verdict *v = &people->verdicts[people->count++];

		*v = (struct verdict){
			.line = row.line,
			.what = get_cell(&row, header, COLUMN_EMAIL),
			.result = fault ? STR("refused") : STR_ABSENT,
			.why = str_of(fault),
		};
		if (!fault)
			add_json(&json, &row, header);
	}
	buf_add_byte(&json, ']');
	people->json = buf_str(&json);
	return str_is_absent(*why);
}

bool people_read(struct arena *a, struct str text, struct people *people,
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
	if (!read_header(a, &row, &header, why))
		return false;
	people->verdicts =
		ARENA_ARRAY(a, count_lines(csv.left) + 1, struct verdict);
	return read_rows(a, &csv, &header, people, why);
}

static void add_hex(struct buf *out, struct str bytes)
{
	for (ptrdiff_t i = 0; i < bytes.n; i++)
		buf_printf(out, "%02x", (unsigned char)bytes.p[i]);
}

struct str people_hashes(struct arena *a, const struct people *people,
			 const struct secret_keys *keys)
{
	struct buf json = buf_init(a, people->count * 128 + 64);

	buf_add_byte(&json, '[');
	for (ptrdiff_t i = 0; i < people->count; i++) {
		struct str email = people->verdicts[i].what;

		if (!str_is_absent(people->verdicts[i].result))
			continue;
		buf_add(&json,
			json.n > 1 ? STR(",{\"email\":") : STR("{\"email\":"));
		json_add_text(&json, email);
		buf_add(&json, STR(",\"hashes\":\""));
		add_hex(&json, secret_address_hashes(a, keys, email));
		buf_add(&json, STR("\"}"));
	}
	buf_add_byte(&json, ']');
	return buf_str(&json);
}
