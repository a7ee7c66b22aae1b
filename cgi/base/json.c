/*
 * Reading and writing JSON by jansson.  Must not know what the values mean.
 */
#include "base/json.h"

#define json_type jansson_type /* ours is a function */
#include <jansson.h>
#undef json_type
#undef json_is_true

#define JSON_DEPTH_MAX 64

static const json_t *json_theirs(const struct json *json)
{
	return (const json_t *)(const void *)json;
}

static const struct json *json_ours(const json_t *json)
{
	return (const struct json *)(const void *)json;
}

/* The line on which brackets go deeper than allowed, or 0. */
static int json_too_deep(struct str text)
{
	bool quoted = false;
	int depth = 0;
	int line = 1;

	for (ptrdiff_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		line += c == '\n';
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if ((c == '[' || c == '{') && ++depth > JSON_DEPTH_MAX)
			return line;
		else if (c == ']' || c == '}')
			depth--;
	}
	return 0;
}

struct json *json_read(struct arena *a, struct str text, struct str *why)
{
	json_error_t error;
	json_t *json;
	int line = json_too_deep(text);

	if (line > 0) {
		*why = str_printf(a, "line %d: nested more than 64 deep", line);
		return NULL;
	}
	json = json_loadb(text.p ? text.p : "", (size_t)text.n,
			  JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!json)
		*why = str_printf(a, "line %d: %s",
				  error.line > 0 ? error.line : 1, error.text);
	return (struct json *)(void *)json;
}

void json_free(struct json *json)
{
	json_decref((json_t *)(void *)json);
}

enum json_type json_type(const struct json *json)
{
	switch (json_typeof(json_theirs(json))) {
	case JSON_OBJECT:
		return JSON_IS_OBJECT;
	case JSON_ARRAY:
		return JSON_IS_ARRAY;
	case JSON_STRING:
		return JSON_IS_TEXT;
	case JSON_INTEGER:
	case JSON_REAL:
		return JSON_IS_NUMBER;
	case JSON_TRUE:
	case JSON_FALSE:
		return JSON_IS_BOOL;
	case JSON_NULL:
		break;
	}
	return JSON_IS_NULL;
}

const struct json *json_member(const struct json *json, struct str name)
{
	return json_ours(json_object_getn(
		json_theirs(json), name.p ? name.p : "", (size_t)name.n));
}

const struct json *json_member_at(const struct json *json, ptrdiff_t i,
				  struct str *name)
{
	/* iterating changes nothing, but jansson has no const for it */
	union {
		const struct json *ours;
		json_t *theirs;
	} object = {.ours = json};
	void *at = json_object_iter(object.theirs);

	while (at && i-- > 0)
		at = json_object_iter_next(object.theirs, at);
	if (!at)
		return NULL;
	*name = str_of(json_object_iter_key(at));
	return json_ours(json_object_iter_value(at));
}

ptrdiff_t json_count(const struct json *json)
{
	return (ptrdiff_t)json_array_size(json_theirs(json));
}

const struct json *json_item(const struct json *json, ptrdiff_t i)
{
	if (i < 0)
		return NULL;
	return json_ours(json_array_get(json_theirs(json), (size_t)i));
}

/* The fewest digits that read back as the same number. */
static struct str json_real_text(struct arena *a, double v)
{
	struct str text = STR_ABSENT;

	for (int digits = 15; digits <= 17; digits++) {
		text = str_printf(a, "%.*g", digits, v);
		if (strtod(text.p, NULL) == v)
			break;
	}
	return text;
}

struct str json_text(struct arena *a, const struct json *json)
{
	const json_t *t = json_theirs(json);

	if (json_is_string(t))
		return str_at(json_string_value(t),
			      (ptrdiff_t)json_string_length(t));
	if (json_is_integer(t))
		return str_printf(a, "%" JSON_INTEGER_FORMAT,
				  json_integer_value(t));
	if (json_is_real(t))
		return json_real_text(a, json_real_value(t));
	return STR_ABSENT;
}

bool json_is_true(const struct json *json)
{
	return json && json_typeof(json_theirs(json)) == JSON_TRUE;
}

static void json_add_char(struct buf *out, struct str c)
{
	static const char from[] = "\"\\\n\r\t\b\f";
	static const char to[] = "\"\\nrtbf";
	const char *at = c.n == 1 && c.p[0] ? strchr(from, c.p[0]) : NULL;

	if (at) {
		buf_add_byte(out, '\\');
		buf_add_byte(out, to[at - from]);
	} else if (c.n == 1 &&
		   ((unsigned char)c.p[0] < 0x20 || c.p[0] == 0x7f)) {
		buf_printf(out, "\\u%04x", (unsigned)c.p[0]);
	} else {
		buf_add(out, c);
	}
}

void json_add_text(struct buf *out, struct str s)
{
	buf_add_byte(out, '"');
	while (s.n > 0) {
		int n = str_utf8_first(s);

		if (n > 0)
			json_add_char(out, str_first(s, n));
		else
			buf_add(out, STR("\xef\xbf\xbd"));
		s = str_from(s, n > 0 ? n : 1);
	}
	buf_add_byte(out, '"');
}
