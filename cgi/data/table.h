/*
 * A CSV file whose first row names its columns, ready for a function of the
 * database.  Knows no column.
 */
#ifndef DATA_TABLE_H
#define DATA_TABLE_H

#include "data/verdict.h"

#define TABLE_COLUMNS_MAX 8

struct table_shape {
	int count;
	/* Those that must be there come first. */
	struct str columns[TABLE_COLUMNS_MAX];
	int required;
	/* Why a row cannot be taken, or NULL; cells are in the columns' order,
	 * "" where there is none. */
	const char *(*find_fault)(const struct str *cells);
};

struct table {
	ptrdiff_t count;
	/* One a row, of its first column; result refused, or absent when the
	 * row is in json. */
	struct verdict *verdicts;
	/* [{"line":2,COLUMN:...}, ...]; a field that is empty is left out. */
	struct str json;
};

/*
 * Reads a whole file, its columns in any order.  False when it cannot be read
 * at all; *why is then a sentence, with the line.  Everything lives in the
 * arena.
 */
bool table_read(struct arena *a, struct str text,
		const struct table_shape *shape, struct table *table,
		struct str *why);

#endif
