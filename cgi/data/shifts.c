/*
 * Shifts out of a CSV file.  Must not trust a byte of it.
 */
#include "data/shifts.h"

enum column {
	COLUMN_TITLE,
	COLUMN_START,
	COLUMN_END,
	COLUMN_LOCATION,
	COLUMN_CAPACITY,
	COLUMN_PEOPLE,
	COLUMNS
};

static const char *find_fault(const struct str *cells)
{
	if (cells[COLUMN_TITLE].n == 0)
		return "no title";
	if (cells[COLUMN_START].n == 0)
		return "no start";
	if (cells[COLUMN_END].n == 0)
		return "no end";
	return NULL;
}

static const struct table_shape shape = {
	.count = COLUMNS,
	.columns = {STR_INIT("title"), STR_INIT("start"), STR_INIT("end"),
		    STR_INIT("location"), STR_INIT("capacity"),
		    STR_INIT("people")},
	.required = 3,
	.find_fault = find_fault,
};

bool shifts_read(struct arena *a, struct str text, struct table *table,
		 struct str *why)
{
	if (!table_read(a, text, &shape, table, why))
		return false;
	if (table->count <= SHIFTS_MAX)
		return true;
	*why = str_printf(a, "it has more than %d shifts", SHIFTS_MAX);
	return false;
}
