/*
 * The nesting of an iCalendar file, read strictly: a file that was cut off is
 * found here.  Must not know what a line means except BEGIN and END.
 */
#include "base/calendar_parts.h"

#include "base/buf.h"
#include "base/calendar.h"

#define PARTS_DEPTH_MAX 8
/* libical's time grows with the square of a line's length. */
#define PARTS_LINE_MAX 262144
/* Values of one line, folded or not, after which it drops the others. */
#define PARTS_VALUES_MAX 500
/* Bytes of a calendar's head that are kept. */
#define PARTS_HEAD_MAX 4096
#define NO_CALENDAR                                                            \
	"this is no calendar: it does not begin with BEGIN:VCALENDAR."

/* A component whose END has not come yet. */
struct open_part {
	struct str name;
	int line;
};

struct reading {
	struct arena *a;
	struct calendar_parts *parts;
	ptrdiff_t events_room;
	ptrdiff_t heads_room;
	ptrdiff_t zones_room;
	struct str rest;
	int line;	/* of the line taken last */
	int properties; /* of the part that is open at depth 1 */
	int commas;	/* likewise */
	struct open_part open[PARTS_DEPTH_MAX];
	int depth;
	struct buf head;   /* of the calendar that is open */
	bool keeps;	   /* the line taken last stands in it */
	const char *event; /* where the open event begins, or NULL */
	const char *zone;  /* likewise */
	struct str *why;
};

static bool reading_fails(struct reading *r, int line, const char *what)
{
	*r->why = str_printf(r->a, "line %d: %s", line, what);
	return false;
}

/* Room for one more item in a list of count. */
static void *list_grow(struct arena *a, void *list, ptrdiff_t count,
		       ptrdiff_t *room, size_t size)
{
	void *bigger;

	if (count < *room)
		return list;
	*room = *room > 0 ? 2 * *room : 64;
	bigger = arena_get_array(a, (size_t)*room, size);
	if (count > 0)
		memcpy(bigger, list, (size_t)count * size);
	return bigger;
}

static void calendar_begins(struct reading *r)
{
	r->head = buf_init(r->a, 0);
	buf_add(&r->head, STR("BEGIN:VCALENDAR\r\n"));
}

static void calendar_ends(struct reading *r)
{
	struct calendar_parts *parts = r->parts;

	buf_add(&r->head, STR("END:VCALENDAR\r\n"));
	parts->heads = list_grow(r->a, parts->heads, parts->calendars,
				 &r->heads_room, sizeof(parts->heads[0]));
	parts->heads[parts->calendars++] = buf_str(&r->head);
}

static bool event_ends(struct reading *r, int line)
{
	struct calendar_parts *parts = r->parts;

	if (parts->count == CALENDAR_EVENTS_MAX)
		return reading_fails(r, r->line,
				     "more than 50,000 events: divide the "
				     "file.");
	parts->events = list_grow(r->a, parts->events, parts->count,
				  &r->events_room, sizeof(parts->events[0]));
	parts->events[parts->count++] = (struct calendar_part){
		.line = line,
		.properties = r->properties,
		.commas = r->commas,
		.text = str_at(r->event, r->rest.p - r->event),
		.calendar = parts->calendars,
	};
	r->event = NULL;
	return true;
}

static void zone_ends(struct reading *r, int line)
{
	struct calendar_parts *parts = r->parts;

	parts->zones = list_grow(r->a, parts->zones, parts->zone_count,
				 &r->zones_room, sizeof(parts->zones[0]));
	parts->zones[parts->zone_count++] = (struct calendar_part){
		.line = line,
		.text = str_at(r->zone, r->rest.p - r->zone),
		.calendar = parts->calendars,
	};
	r->zone = NULL;
}

static bool part_begins(struct reading *r, struct str name, const char *at)
{
	bool calendar = str_equal_nocase(name, STR("VCALENDAR"));

	if (r->depth == PARTS_DEPTH_MAX)
		return reading_fails(r, r->line, "nested too deep.");
	if (r->depth == 0 && !calendar)
		return reading_fails(r, r->line, NO_CALENDAR);
	if (r->depth > 0 && calendar)
		return reading_fails(r, r->line,
				     "a calendar inside another component.");
	if (calendar)
		calendar_begins(r);
	else if (r->depth == 1 && str_equal_nocase(name, STR("VEVENT")))
		r->event = at;
	else if (r->depth == 1 && str_equal_nocase(name, STR("VTIMEZONE")))
		r->zone = at;
	if (r->depth == 1)
		r->properties = r->commas = 0;
	r->open[r->depth++] = (struct open_part){name, r->line};
	return true;
}

static bool part_ends(struct reading *r, struct str name)
{
	struct open_part part;

	if (r->depth == 0)
		return reading_fails(r, r->line, "END without its BEGIN.");
	part = r->open[--r->depth];
	if (!str_equal_nocase(part.name, name)) {
		*r->why = str_printf(r->a,
				     "line %d: END does not fit the BEGIN of "
				     "line %d.",
				     r->line, part.line);
		return false;
	}
	if (r->depth == 0)
		calendar_ends(r);
	else if (r->depth == 1 && r->event)
		return event_ends(r, part.line);
	else if (r->depth == 1 && r->zone)
		zone_ends(r, part.line);
	return true;
}

static bool goes_on(struct str line)
{
	return str_starts(line, STR(" ")) || str_starts(line, STR("\t"));
}

static ptrdiff_t name_length(struct str line)
{
	ptrdiff_t n = 0;

	while (n < line.n && line.p[n] != ':' && line.p[n] != ';')
		n++;
	return n;
}

/* What is said of all events; the rest of a head is nobody's here. */
static void head_takes(struct reading *r, struct str line)
{
	struct str name = str_first(line, name_length(line));

	if (!goes_on(line))
		r->keeps = str_equal_nocase(name, STR("X-WR-TIMEZONE")) ||
			   str_equal_nocase(name, STR("METHOD"));
	if (!r->keeps || r->head.n + line.n > PARTS_HEAD_MAX)
		return;
	buf_add(&r->head, line);
	buf_add(&r->head, STR("\r\n"));
}

static int count_commas(struct str line)
{
	int n = 0;

	for (ptrdiff_t i = 0; i < line.n; i++)
		n += line.p[i] == ',';
	return n;
}

/* Any other line belongs to the component that is open. */
static bool part_holds(struct reading *r, struct str line)
{
	if (r->depth == 0 && str_trim(line).n > 0)
		return reading_fails(r, r->line, NO_CALENDAR);
	r->properties += !goes_on(line);
	r->commas += count_commas(line);
	if (r->depth == 1)
		head_takes(r, line);
	return true;
}

/* The next line, without its end; rest then begins right after it. */
static struct str line_take(struct reading *r)
{
	ptrdiff_t end = str_find(r->rest, '\n');
	struct str line = str_first(r->rest, end >= 0 ? end : r->rest.n);

	r->rest = str_from(r->rest, end >= 0 ? end + 1 : r->rest.n);
	r->line++;
	if (str_ends(line, STR("\r")))
		line.n--;
	return line;
}

static bool line_read(struct reading *r)
{
	struct str line = line_take(r);
	struct str name;
	struct str word = str_cut(line, ':', &name);

	if (line.n > PARTS_LINE_MAX)
		return reading_fails(r, r->line,
				     "over 256 KiB long: lines of a calendar "
				     "are short.");
	if (str_equal_nocase(word, STR("BEGIN")))
		return part_begins(r, str_trim(name), line.p);
	if (str_equal_nocase(word, STR("END")))
		return part_ends(r, str_trim(name));
	return part_holds(r, line);
}

static int line_of(struct str text, ptrdiff_t at)
{
	int line = 1;

	for (ptrdiff_t i = 0; i < at; i++)
		line += text.p[i] == '\n';
	return line;
}

static bool reading_run(struct reading *r, struct str text)
{
	ptrdiff_t nul = str_find(text, '\0');

	if (text.n > CALENDAR_FILE_MAX) {
		*r->why = STR("the file is over 16 MiB: divide it.");
		return false;
	}
	if (str_starts(text, STR("\xff\xfe")) ||
	    str_starts(text, STR("\xfe\xff")))
		return reading_fails(r, 1,
				     "this is UTF-16: save the file as "
				     "UTF-8.");
	if (nul >= 0)
		return reading_fails(r, line_of(text, nul),
				     "this is no calendar: it holds a NUL "
				     "byte.");
	r->rest = str_from(text, str_starts(text, STR("\xef\xbb\xbf")) ? 3 : 0);
	while (r->rest.n > 0)
		if (!line_read(r))
			return false;
	if (r->depth > 0)
		return reading_fails(r, r->open[r->depth - 1].line,
				     "what begins here does not end: the file "
				     "may be cut off.");
	return r->parts->calendars > 0 || reading_fails(r, 1, NO_CALENDAR);
}

const struct calendar_parts *
calendar_parts_read(struct arena *a, struct str text, struct str *why)
{
	struct reading r = {
		.a = a,
		.parts = ARENA_NEW(a, struct calendar_parts),
		.why = why,
	};

	return reading_run(&r, text) ? r.parts : NULL;
}

const char *calendar_parts_long_list(struct str text)
{
	const char *name = NULL;
	int values = 0;

	while (!str_is_absent(text)) {
		struct str line = str_cut(text, '\n', &text);

		if (!goes_on(line)) {
			struct str word = str_first(line, 6);

			values = 1;
			name = str_equal_nocase(word, STR("EXDATE")) ? "EXDATE"
			       : str_equal_nocase(str_first(word, 5),
						  STR("RDATE"))
				       ? "RDATE"
				       : NULL;
		}
		values += name ? count_commas(line) : 0;
		if (name && values > PARTS_VALUES_MAX)
			return name;
	}
	return NULL;
}
