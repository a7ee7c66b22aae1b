/*
 * Result rows as template values: a result is a list, a row an object, a
 * field a text, a truth (bool columns) or a tree (json columns).
 */
#ifndef VIEW_ROWS_H
#define VIEW_ROWS_H

#include "data/db.h"
#include "view/value.h"

/* All rows as a list. */
struct value rows_value(const struct rows *rows);
/* One row as an object; a row that is not there is false and has no members. */
struct value row_value(const struct rows *rows, ptrdiff_t row);

#endif
