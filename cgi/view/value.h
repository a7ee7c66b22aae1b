/*
 * What a template sees: a tree of values behind a small table of functions,
 * so that result rows, form values and JSON are shown without being copied.
 * Knows nothing of templates or HTML.
 */
#ifndef VIEW_VALUE_H
#define VIEW_VALUE_H

#include "base/str.h"

struct value_kind;

/* A value: its kind, whose it is, and a number that the kind gives meaning. */
struct value {
	const struct value_kind *kind;
	const void *of;
	int64_t at;
};

struct value_kind {
	/* Finds the member of that name; false when there is none. */
	bool (*member)(struct value v, struct str name, struct value *out);
	/* Its text when interpolated; absent shows as nothing. */
	struct str (*text)(struct value v);
	/* Whether a section of it is shown; see below. */
	bool (*truth)(struct value v);
	/* Number of items of a list, or -1 when it is no list. */
	ptrdiff_t (*count)(struct value v);
	/* The item'th item of a list. */
	struct value (*item)(struct value v, ptrdiff_t item);
};

/*
 * False is: SQL NULL, JSON null and false, a bool column `f`, an empty text,
 * a list without items.  "0" is true.
 */

/* A text, which must outlive the value: of points to the struct str. */
struct value value_text(const struct str *text);
struct value value_bool(bool truth);

/* A named value, for the outermost context of a template. */
struct value_field {
	const char *name;
	struct value value;
};

/* An object of named values; the last field has name NULL. */
struct value value_object(const struct value_field *fields);

#endif
