/*
 * Result rows as a CSV file (RFC 4180) that spreadsheets open as they are.
 * Knows no column's meaning.
 */
#ifndef VIEW_CSV_FILE_H
#define VIEW_CSV_FILE_H

#include "base/buf.h"
#include "data/db.h"

#define CSV_FILE_TYPE STR("text/csv; charset=utf-8")

/*
 * Adds what such a file begins with, the mark by which spreadsheets know
 * UTF-8, and a row of names.  The names, the last NULL, are those of columns
 * of a query.
 */
void csv_file_begin(struct buf *out, const char *const *columns);

/* Adds those columns of all rows. */
void csv_file_rows(struct buf *out, const struct rows *rows,
		   const char *const *columns);

/*
 * Adds one row.  A text that a spreadsheet would take for a formula gets an
 * apostrophe in front; an absent one is an empty cell.
 */
void csv_file_row(struct buf *out, const struct str *cells, int count);

#endif
