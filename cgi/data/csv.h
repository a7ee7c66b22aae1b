/*
 * Rows of a CSV file (RFC 4180, and what spreadsheets make of it).  Knows no
 * column's meaning.
 */
#ifndef DATA_CSV_H
#define DATA_CSV_H

#include "base/str.h"

#define CSV_CELLS_MAX 64

struct csv {
	struct str left;
	char separator; /* , ; or tab, whichever the first line has most of */
	int line;	/* of what comes next, from 1 */
};

struct csv_row {
	int line; /* on which it begins */
	int count;
	struct str cells[CSV_CELLS_MAX]; /* blanks at both ends taken off */
};

/* Begins reading text, which must outlive it; a byte order mark is skipped. */
struct csv csv_begin(struct str text);

/*
 * Reads the next row that is not empty.  False at the end, and when the file
 * makes no sense from here on: then *why is a sentence with the line, else
 * absent.
 */
bool csv_next(struct csv *csv, struct arena *a, struct csv_row *row,
	      struct str *why);

#endif
