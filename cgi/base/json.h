/*
 * Reading and writing JSON: the only user of jansson.  Knows no meaning of
 * what it reads.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

struct json; /* a JSON value; jansson's json_t */

/*
 * Parses text; NULL leaves in *why the line and what is wrong.  Depth and
 * duplicates: at most 64 deep, repeated keys refused.  Freed by json_free().
 */
struct json *json_read(struct arena *a, struct str text, struct str *why);
void json_free(struct json *json);

enum json_type {
	JSON_IS_NULL,
	JSON_IS_BOOL,
	JSON_IS_NUMBER,
	JSON_IS_TEXT,
	JSON_IS_ARRAY,
	JSON_IS_OBJECT
};
enum json_type json_type(const struct json *json);
/* A member of an object, or NULL. */
const struct json *json_member(const struct json *json, struct str name);
ptrdiff_t json_count(const struct json *json); /* items of an array */
const struct json *json_item(const struct json *json, ptrdiff_t i);
/* Text of a string; of a number its shortest decimal form. */
struct str json_text(struct arena *a, const struct json *json);
bool json_is_true(const struct json *json);
/* Name and value of an object's i-th member, in order of appearance. */
const struct json *json_member_at(const struct json *json, ptrdiff_t i,
				  struct str *name);

/* Adds s as a JSON string with its quotes; not UTF-8 becomes U+FFFD. */
void json_add_text(struct buf *out, struct str s);

#endif
