/*
 * Takes a multipart/form-data body apart.  Must not know what its fields are
 * for, nor copy what they hold.
 */
#include "web/multipart.h"

#include "base/buf.h"

#define BOUNDARY_MAX 70
#define HEADERS_MAX 2000
#define NAME_MAX_BYTES 200
#define FILENAME_MAX_BYTES 1000

/* --- a header's value and its parameters --- */

static bool is_token_byte(char c)
{
	return c > ' ' && c < 127 && !strchr("()<>@,;:\\\"/[]?=", c);
}

static struct str token_take(struct str *rest)
{
	ptrdiff_t n = 0;
	struct str token;

	while (n < rest->n && is_token_byte(rest->p[n]))
		n++;
	token = str_first(*rest, n);
	*rest = str_from(*rest, n);
	return token;
}

/* Length of the quoted string at s without its last quote, or -1. */
static ptrdiff_t quoted_length(struct str s)
{
	for (ptrdiff_t i = 1; i < s.n; i++) {
		if (s.p[i] == '"')
			return i;
		i += s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == '"';
	}
	return -1;
}

/* Browsers escape a quote as %22; older ones put a backslash before it. */
static bool quoted_take(struct arena *a, struct str *rest, struct str *out)
{
	ptrdiff_t length = quoted_length(*rest);
	ptrdiff_t n = 0;
	char *p;

	if (length < 0)
		return false;
	p = arena_get_text(a, (size_t)length + 1);
	for (ptrdiff_t i = 1; i < length; i++) {
		i += rest->p[i] == '\\' && rest->p[i + 1] == '"';
		p[n++] = rest->p[i];
	}
	*rest = str_from(*rest, length + 1);
	*out = str_at(p, n);
	return true;
}

static void blanks_skip(struct str *rest)
{
	while (rest->n > 0 && (rest->p[0] == ' ' || rest->p[0] == '\t'))
		*rest = str_from(*rest, 1);
}

static bool byte_take(struct str *rest, char c)
{
	if (rest->n == 0 || rest->p[0] != c)
		return false;
	*rest = str_from(*rest, 1);
	return true;
}

/*
 * Takes `; name=value` from *rest.  False at the end, and with *bad where it
 * is none.
 */
static bool parameter_take(struct arena *a, struct str *rest, struct str *name,
			   struct str *value, bool *bad)
{
	blanks_skip(rest);
	if (rest->n == 0)
		return false;
	*bad = !byte_take(rest, ';');
	blanks_skip(rest);
	*name = token_take(rest);
	*bad = *bad || name->n == 0 || !byte_take(rest, '=');
	if (!*bad && rest->n > 0 && rest->p[0] == '"') {
		*bad = !quoted_take(a, rest, value);
	} else {
		*value = token_take(rest);
		*bad = *bad || value->n == 0;
	}
	return !*bad;
}

/* --- the boundary --- */

static struct str type_take(struct str *rest)
{
	ptrdiff_t n = str_find(*rest, ';');
	struct str type = str_first(*rest, n < 0 ? rest->n : n);

	*rest = str_from(*rest, type.n);
	return str_trim(type);
}

bool multipart_is(struct str content_type)
{
	return str_equal_nocase(type_take(&content_type),
				STR("multipart/form-data"));
}

static bool boundary_is_good(struct str s)
{
	return s.n >= 1 && s.n <= BOUNDARY_MAX && s.p[s.n - 1] != ' ' &&
	       str_is_plain(s, "'()+_,-./:=? ");
}

/* Absent unless there is exactly one that is allowed. */
static struct str boundary_find(struct arena *a, struct str content_type)
{
	struct str found = STR_ABSENT;
	struct str name, value;
	bool bad = false;

	(void)type_take(&content_type);
	while (parameter_take(a, &content_type, &name, &value, &bad)) {
		if (!str_equal_nocase(name, STR("boundary")))
			continue;
		if (!str_is_absent(found) || !boundary_is_good(value))
			return STR_ABSENT;
		found = value;
	}
	return bad ? STR_ABSENT : found;
}

/* --- a part's headers --- */

struct reading {
	struct arena *arena;
	struct str delimiter; /* CRLF, "--" and the boundary */
	struct str rest;
	ptrdiff_t text; /* bytes of text fields so far */
};

/* What browsers write for a quote and for line breaks, of which none stays. */
static struct str name_decode(struct arena *a, struct str s)
{
	static const struct {
		struct str from;
		char to;
	} escapes[] = {
		{STR_INIT("%22"), '"'},
		{STR_INIT("%0D"), ' '},
		{STR_INIT("%0A"), ' '},
	};
	struct buf out = buf_init(a, s.n);

	while (s.n > 0) {
		size_t i = 0;

		while (i < 3 && !str_starts(s, escapes[i].from))
			i++;
		buf_add_byte(&out, i < 3 ? escapes[i].to : s.p[0]);
		s = str_from(s, i < 3 ? 3 : 1);
	}
	return buf_str(&out);
}

static bool take_once(struct arena *a, struct str value, ptrdiff_t most,
		      struct str *out)
{
	if (!str_is_absent(*out) || value.n > most)
		return false;
	*out = name_decode(a, value);
	return true;
}

static bool disposition_read(struct arena *a, struct str value,
			     struct multipart_part *part)
{
	struct str name, text;
	bool bad = false;

	if (!str_is_absent(part->name) ||
	    !str_equal_nocase(type_take(&value), STR("form-data")))
		return false;
	while (parameter_take(a, &value, &name, &text, &bad)) {
		if (str_equal_nocase(name, STR("name")))
			bad = !take_once(a, text, NAME_MAX_BYTES, &part->name);
		else if (str_equal_nocase(name, STR("filename")))
			bad = !take_once(a, text, FILENAME_MAX_BYTES,
					 &part->filename);
		else
			/* RFC 7578, 4.2: filename* must not be used */
			bad = str_equal_nocase(name, STR("filename*"));
		if (bad)
			return false;
	}
	return !bad && part->name.n > 0;
}

/* RFC 7578, 4.7: no encodings; 4.8: other headers are to be ignored. */
static bool header_read(struct arena *a, struct str line,
			struct multipart_part *part)
{
	struct str value;
	struct str name = str_cut(line, ':', &value);

	if (str_is_absent(value) || name.n == 0 || str_find(line, '\0') >= 0 ||
	    str_find(line, '\r') >= 0 || str_find(line, '\n') >= 0)
		return false;
	if (str_equal_nocase(name, STR("Content-Disposition")))
		return disposition_read(a, str_trim(value), part);
	return !str_equal_nocase(name, STR("Content-Transfer-Encoding"));
}

/* Index of CRLF in s, or -1; only so far as headers go. */
static ptrdiff_t line_end(struct str s)
{
	return str_find_str(str_first(s, HEADERS_MAX), STR("\r\n"));
}

static bool headers_read(struct reading *r, struct multipart_part *part)
{
	ptrdiff_t room = HEADERS_MAX;

	for (;;) {
		ptrdiff_t n = line_end(r->rest);
		struct str line = str_first(r->rest, n);

		if (n < 0 || n > room)
			return false;
		room -= n;
		r->rest = str_from(r->rest, n + 2);
		if (n == 0)
			return !str_is_absent(part->name);
		if (!header_read(r->arena, line, part))
			return false;
	}
}

/* --- the parts --- */

/* A body may be megabytes of anything: from one CR to the next. */
static ptrdiff_t delimiter_find(const struct reading *r)
{
	struct str s = r->rest;
	ptrdiff_t skipped = 0;
	ptrdiff_t at;

	while ((at = str_find(s, '\r')) >= 0) {
		s = str_from(s, at);
		skipped += at;
		if (str_starts(s, r->delimiter))
			return skipped;
		s = str_from(s, 1);
		skipped++;
	}
	return -1;
}

static bool part_read(struct reading *r, struct multipart_part *part)
{
	ptrdiff_t n;

	if (!headers_read(r, part))
		return false;
	n = delimiter_find(r);
	if (n < 0)
		return false;
	if (str_is_absent(part->filename))
		r->text += n;
	part->bytes = str_first(r->rest, n);
	r->rest = str_from(r->rest, n + r->delimiter.n);
	return r->text <= MULTIPART_TEXT_MAX;
}

static bool is_end(struct str rest)
{
	return str_equal(rest, STR("--")) || str_equal(rest, STR("--\r\n"));
}

static bool parts_read(struct reading *r, struct multipart *out)
{
	while (!is_end(r->rest)) {
		if (out->count == MULTIPART_PARTS_MAX ||
		    !str_starts(r->rest, STR("\r\n")))
			return false;
		r->rest = str_from(r->rest, 2);
		if (!part_read(r, &out->parts[out->count++]))
			return false;
	}
	return out->count > 0;
}

struct multipart *multipart_read(struct arena *a, struct str content_type,
				 struct str body)
{
	struct multipart *out = ARENA_NEW(a, struct multipart);
	struct str boundary = boundary_find(a, content_type);
	struct reading r = {.arena = a};
	struct str first;

	if (!multipart_is(content_type) || str_is_absent(boundary))
		return NULL;
	r.delimiter = str_printf(a, "\r\n--%.*s", STR_ARG(boundary));
	first = str_from(r.delimiter, 2);
	if (!str_starts(body, first))
		return NULL;
	r.rest = str_from(body, first.n);
	return parts_read(&r, out) ? out : NULL;
}
