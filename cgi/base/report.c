/*
 * Takes a report of non-delivery apart.  Must not believe it: whoever reads it
 * decides by the address it came to whether it is about anything.
 */
#include "base/report.h"

#include "base/buf.h"

/* Multiparts within multiparts, and parts of all of them. */
#define DEPTH_MAX 6
#define PARTS_MAX 200
#define BOUNDARY_MAX 70

struct header {
	struct str name;
	struct str value; /* unfolded */
};

/* --- lines and headers --- */

/* The next line without its end. */
static struct str take_line(struct str *rest)
{
	struct str line = str_cut(*rest, '\n', rest);

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static bool is_folded(struct str rest)
{
	return rest.n > 0 && (rest.p[0] == ' ' || rest.p[0] == '\t');
}

/* RFC 5322: printable, without a colon. */
static bool is_name(struct str s)
{
	for (ptrdiff_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.n > 0;
}

/*
 * The next header; false at the blank line that ends them, or the end.  A line
 * that is none has no name.
 */
static bool take_header(struct arena *a, struct str *rest, struct header *h)
{
	struct str line, more;
	struct buf value;

	*h = (struct header){.name = STR_ABSENT, .value = STR_ABSENT};
	if (str_is_absent(*rest))
		return false;
	line = take_line(rest);
	if (line.n == 0)
		return false;
	h->name = str_trim(str_cut(line, ':', &more));
	h->value = str_trim(more);
	if (is_folded(*rest)) {
		value = buf_init(a, h->value.n + 64);
		buf_add(&value, h->value);
		while (is_folded(*rest)) {
			buf_add_byte(&value, ' ');
			buf_add(&value, str_trim(take_line(rest)));
		}
		h->value = str_trim(buf_str(&value));
	}
	if (str_is_absent(more) || !is_name(h->name))
		h->name = STR_ABSENT;
	return true;
}

static bool is_header(const struct header *h, const char *name)
{
	return !str_is_absent(h->name) &&
	       str_equal_nocase(h->name, str_of(name));
}

/* --- Content-Type --- */

struct type {
	struct str name; /* such as message/delivery-status */
	struct str boundary;
};

static struct str unquote(struct arena *a, struct str s)
{
	struct buf out = buf_init(a, s.n + 1);

	if (s.n == 0 || s.p[0] != '"')
		return s;
	for (ptrdiff_t i = 1; i < s.n && s.p[i] != '"'; i++) {
		i += s.p[i] == '\\' && i + 1 < s.n;
		buf_add_byte(&out, s.p[i]);
	}
	return buf_str(&out);
}

/* Up to the next semicolon that is in no quotes. */
static struct str take_parameter(struct str *rest)
{
	struct str all = *rest;
	bool quoted = false;
	ptrdiff_t n = 0;

	for (; n < all.n && (quoted || all.p[n] != ';'); n++)
		if (all.p[n] == '"')
			quoted = !quoted;
		else if (all.p[n] == '\\' && quoted)
			n += n + 1 < all.n;
	*rest = n < all.n ? str_from(all, n + 1) : STR_ABSENT;
	return str_trim(str_first(all, n));
}

static struct type type_read(struct arena *a, struct str value)
{
	struct str rest = value;
	struct type type = {.name = take_parameter(&rest),
			    .boundary = STR_ABSENT};

	while (!str_is_absent(rest)) {
		struct str text;
		struct str name = str_cut(take_parameter(&rest), '=', &text);

		if (str_equal_nocase(str_trim(name), STR("boundary")))
			type.boundary = unquote(a, str_trim(text));
	}
	return type;
}

static bool is_type(struct type type, const char *name)
{
	return str_equal_nocase(type.name, str_of(name));
}

/* --- the part that says it --- */

/* What is told of one recipient. */
struct group {
	struct str action;
	struct str status;
	struct str diagnostic;
};

/* Copies a status that stands at the beginning of s; "" when none does. */
static void read_status(struct str s, char status[12])
{
	ptrdiff_t n = 0;
	int dots = 0;

	status[0] = 0;
	while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '.'))
		dots += s.p[n++] == '.';
	if (dots != 2 || n < 5 || n > 11 || s.p[1] != '.' ||
	    s.p[n - 1] == '.' || (s.p[0] != '4' && s.p[0] != '5'))
		return;
	memcpy(status, s.p, (size_t)n);
	status[n] = 0;
}

/* x.0.0 says no more than that it failed. */
static bool is_telling(const char *status)
{
	return status[0] && strcmp(status + 1, ".0.0") != 0;
}

/* Of "smtp; 550 5.1.1 no such user", or 550-5.1.1. */
static int read_reply(struct str diagnostic, char status[12])
{
	struct str text;
	struct str type = str_trim(str_cut(diagnostic, ';', &text));
	int64_t code;

	status[0] = 0;
	text = str_trim(text);
	if (!str_equal_nocase(type, STR("smtp")) ||
	    !str_read_int(str_first(text, 3), &code) || code < 400 ||
	    code > 599)
		return 0;
	if (text.n > 4 && (text.p[3] == ' ' || text.p[3] == '-'))
		read_status(str_from(text, 4), status);
	return (int)code;
}

static bool group_take(struct arena *a, struct str *rest, struct group *g)
{
	struct header h;
	bool any = false;

	*g = (struct group){.action = STR_ABSENT,
			    .status = STR_ABSENT,
			    .diagnostic = STR_ABSENT};
	while (take_header(a, rest, &h)) {
		any = true;
		if (is_header(&h, "Action"))
			g->action = h.value;
		else if (is_header(&h, "Status"))
			g->status = h.value;
		else if (is_header(&h, "Diagnostic-Code"))
			g->diagnostic = h.value;
	}
	return any || !str_is_absent(*rest);
}

/* "failed", and "failed (user unknown)" as some write it. */
static bool is_action(struct str action, const char *word)
{
	struct str rest;
	struct str first = str_cut(action, ' ', &rest);

	return str_equal_nocase(first, str_of(word));
}

/* Where several failed otherwise, it is not known how any did. */
static void note_failure(struct report *report, const struct group *g,
			 bool is_first)
{
	char status[12], said[12];
	int reply = read_reply(g->diagnostic, said);

	read_status(g->status, status);
	if (!is_telling(status) && said[0])
		memcpy(status, said, sizeof(status));
	if (!is_telling(status))
		status[0] = 0;
	if (is_first) {
		memcpy(report->status, status, sizeof(status));
		report->reply = reply;
	} else if (strcmp(report->status, status) != 0 ||
		   report->reply != reply) {
		report->status[0] = 0;
		report->reply = 0;
	}
}

static void read_groups(struct arena *a, struct str body, struct report *report)
{
	int failed = 0, delayed = 0, other = 0;
	struct group g;

	while (group_take(a, &body, &g)) {
		if (str_is_absent(g.action))
			continue; /* of the whole message, or a blank line */
		if (is_action(g.action, "failed"))
			note_failure(report, &g, failed++ == 0);
		else if (is_action(g.action, "delayed"))
			delayed++;
		else
			other++;
	}
	if (other > 0)
		report->action = REPORT_DELIVERED;
	else if (delayed > 0)
		report->action = REPORT_DELAYED;
	else if (failed > 0)
		report->action = REPORT_FAILED;
	if (report->action != REPORT_FAILED) {
		report->status[0] = 0;
		report->reply = 0;
	}
}

/* --- parts within parts --- */

struct walk {
	struct arena *arena;
	struct report *report;
	int parts;
};

/*
 * Where the next line --BOUNDARY begins, or -1; *after is what follows the
 * line, absent at the end of it all.
 */
static ptrdiff_t find_delimiter(struct str text, struct str boundary,
				struct str *after)
{
	struct str rest = text;

	while (!str_is_absent(rest)) {
		ptrdiff_t at = text.n - rest.n;
		struct str line = take_line(&rest);
		struct str end;

		if (!str_starts(line, STR("--")) ||
		    !str_starts(str_from(line, 2), boundary))
			continue;
		end = str_trim(str_from(line, 2 + boundary.n));
		if (end.n > 0 && !str_equal(end, STR("--")))
			continue;
		*after = end.n > 0 ? STR_ABSENT : rest;
		return at;
	}
	*after = STR_ABSENT;
	return -1;
}

static void read_part(struct walk *w, struct str part, int depth);

static void read_parts(struct walk *w, struct str body, struct str boundary,
		       int depth)
{
	struct str after;

	if (boundary.n == 0 || boundary.n > BOUNDARY_MAX || depth > DEPTH_MAX ||
	    find_delimiter(body, boundary, &after) < 0)
		return;
	while (!str_is_absent(after) && w->report->action == REPORT_NONE &&
	       w->parts++ < PARTS_MAX) {
		struct str part = after;
		ptrdiff_t n = find_delimiter(part, boundary, &after);

		/* Cut off, it goes on to the end. */
		read_part(w, n < 0 ? part : str_first(part, n), depth);
	}
}

/* What a part that has this type says; returned messages are not opened. */
static void read_body(struct walk *w, struct type type, struct str body,
		      int depth)
{
	if (str_starts(str_lower(w->arena, type.name), STR("multipart/")))
		read_parts(w, body, type.boundary, depth + 1);
	else if (is_type(type, "message/delivery-status") ||
		 is_type(type, "message/global-delivery-status"))
		read_groups(w->arena, body, w->report);
}

static void read_part(struct walk *w, struct str part, int depth)
{
	struct type type = {.name = STR_ABSENT, .boundary = STR_ABSENT};
	struct header h;

	while (take_header(w->arena, &part, &h))
		if (is_header(&h, "Content-Type"))
			type = type_read(w->arena, h.value);
	read_body(w, type, part, depth);
}

/* --- the whole mail --- */

/* Words of a header that have an @ in them. */
static void note_addresses(struct report *report, struct str value)
{
	ptrdiff_t from = 0;

	for (ptrdiff_t i = 0; i <= value.n; i++) {
		struct str word;

		if (i < value.n && !strchr("<>,; \t\"()", value.p[i]))
			continue;
		word = str_first(str_from(value, from), i - from);
		from = i + 1;
		if (str_find(word, '@') >= 0 &&
		    report->to_count < REPORT_TO_MAX)
			report->to[report->to_count++] = word;
	}
}

bool report_read(struct arena *a, struct str mail, struct report *report)
{
	static const char *const names[] = {"Delivered-To", "X-Original-To",
					    "Envelope-To", "To"};
	struct walk w = {.arena = a, .report = report};
	struct type type = {.name = STR_ABSENT, .boundary = STR_ABSENT};
	struct str rest = str_first(mail, REPORT_BYTES_MAX);
	bool is_mail = false;
	struct header h;

	*report = (struct report){.action = REPORT_NONE};
	if (str_starts(rest, STR("From ")))
		(void)take_line(&rest);
	while (take_header(a, &rest, &h)) {
		is_mail = is_mail || !str_is_absent(h.name);
		if (is_header(&h, "Content-Type"))
			type = type_read(a, h.value);
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (is_header(&h, names[i]))
				note_addresses(report, h.value);
	}
	read_body(&w, type, rest, 0);
	return is_mail;
}
