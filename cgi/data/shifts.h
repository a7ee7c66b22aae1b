/*
 * Shifts out of a CSV file, ready for the function that judges them.  Knows no
 * database: times, places and people are judged there.
 */
#ifndef DATA_SHIFTS_H
#define DATA_SHIFTS_H

#include "data/table.h"

#define SHIFTS_FILE_MAX ((ptrdiff_t)4 << 20) /* bytes */
#define SHIFTS_MAX 5000			     /* rows */

/*
 * Columns title, start and end, and perhaps location, capacity and people,
 * which are addresses with semicolons between.
 */
bool shifts_read(struct arena *a, struct str text, struct table *table,
		 struct str *why);

#endif
