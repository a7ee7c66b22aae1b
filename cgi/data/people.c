/*
 * People out of a CSV file.  Must not trust a byte of it.
 */
#include "data/people.h"

#include "base/address.h"
#include "base/json.h"
#include "data/table.h"

enum column {
	COLUMN_EMAIL,
	COLUMN_NAME,
	COLUMN_TIMEZONE,
	COLUMN_ROLE,
	COLUMNS
};

static const char *find_fault(const struct str *cells)
{
	if (cells[COLUMN_EMAIL].n == 0)
		return "no address";
	if (!address_is_valid(cells[COLUMN_EMAIL]))
		return "this is not a mail address";
	if (cells[COLUMN_NAME].n == 0)
		return "no name";
	return NULL;
}

static const struct table_shape shape = {
	.count = COLUMNS,
	.columns = {STR_INIT("email"), STR_INIT("name"), STR_INIT("timezone"),
		    STR_INIT("role")},
	.required = 2,
	.find_fault = find_fault,
};

bool people_read(struct arena *a, struct str text, struct people *people,
		 struct str *why)
{
	struct table table;

	if (!table_read(a, text, &shape, &table, why))
		return false;
	*people = (struct people){table.count, table.verdicts, table.json};
	return true;
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
