/*
 * JSON as template values.  Knows no template and no row.
 */
#ifndef VIEW_JSON_VALUE_H
#define VIEW_JSON_VALUE_H

#include "base/json.h"
#include "view/value.h"

/*
 * A copy of the tree in the arena, as a value: json may be freed after it.
 * Numbers show in their shortest decimal form and are true, 0 included;
 * arrays are lists; objects and arrays show as nothing.
 */
struct value json_value(struct arena *a, const struct json *json);

/* The same from its text; absent or broken text is an absent value. */
struct value json_value_read(struct arena *a, struct str text);

#endif
