/*
 * Writes iCalendar.  Must not know what an entry is about.
 */
#include "view/calendar_file.h"

/* Bytes of a line without its break: RFC 5545, 3.1. */
#define LINE_MAX_BYTES 75

/* A line that is being written, and how long it is so far. */
struct line {
	struct buf *out;
	ptrdiff_t width;
};

/* A character, or an escaped one, is never torn. */
static void add_whole(struct line *line, struct str part)
{
	if (line->width + part.n > LINE_MAX_BYTES) {
		buf_add(line->out, STR("\r\n "));
		line->width = 1;
	}
	buf_add(line->out, part);
	line->width += part.n;
}

static void add_plain(struct line *line, struct str text)
{
	while (text.n > 0) {
		ptrdiff_t n = str_utf8_first(text);

		add_whole(line, str_first(text, n > 0 ? n : 1));
		text = str_from(text, n > 0 ? n : 1);
	}
}

/* What a character of a TEXT becomes: RFC 5545, 3.3.11. */
static struct str escape(struct str one)
{
	if (one.n > 1)
		return str_has_control(one, false) ? STR(" ") : one;
	switch (one.p[0]) {
	case '\\':
		return STR("\\\\");
	case ';':
		return STR("\\;");
	case ',':
		return STR("\\,");
	case '\n':
		return STR("\\n");
	case '\t':
		return STR(" ");
	default:
		return str_has_control(one, false) ? STR("") : one;
	}
}

static void add_text(struct line *line, struct str text)
{
	while (text.n > 0) {
		ptrdiff_t n = str_utf8_first(text);

		if (n > 0)
			add_whole(line, escape(str_first(text, n)));
		text = str_from(text, n > 0 ? n : 1);
	}
}

static void add_line(struct buf *out, const char *name, struct str value,
		     void (*add)(struct line *line, struct str text))
{
	struct line line = {out, 0};

	if (value.n == 0)
		return;
	add_plain(&line, str_of(name));
	add_whole(&line, STR(":"));
	add(&line, value);
	buf_add(out, STR("\r\n"));
}

void calendar_file_begin(struct buf *out, struct str name)
{
	buf_add(out, STR("BEGIN:VCALENDAR\r\n"
			 "VERSION:2.0\r\n"
			 "PRODID:-//Rollcall//Calendar//EN\r\n"
			 "CALSCALE:GREGORIAN\r\n"));
	add_line(out, "X-WR-CALNAME", name, add_text);
	add_line(out, "NAME", name, add_text);
	/* Once an hour: RFC 7986, 5.7, and what came before it. */
	buf_add(out, STR("REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n"
			 "X-PUBLISHED-TTL:PT1H\r\n"));
}

void calendar_file_entry(struct buf *out, const struct calendar_entry *entry)
{
	const char *starts =
		entry->whole_days ? "DTSTART;VALUE=DATE" : "DTSTART";
	const char *ends = entry->whole_days ? "DTEND;VALUE=DATE" : "DTEND";

	buf_add(out, STR("BEGIN:VEVENT\r\n"));
	add_line(out, "UID", entry->uid, add_text);
	add_line(out, "DTSTAMP", entry->stamp, add_plain);
	add_line(out, "LAST-MODIFIED", entry->stamp, add_plain);
	buf_printf(out, "SEQUENCE:%lld\r\n", (long long)entry->sequence);
	add_line(out, starts, entry->starts, add_plain);
	add_line(out, ends, entry->ends, add_plain);
	add_line(out, "STATUS", entry->status, add_plain);
	add_line(out, "SUMMARY", entry->summary, add_text);
	add_line(out, "LOCATION", entry->location, add_text);
	add_line(out, "DESCRIPTION", entry->description, add_text);
	add_line(out, "URL", entry->url, add_plain);
	buf_add(out, STR("END:VEVENT\r\n"));
}

void calendar_file_end(struct buf *out, ptrdiff_t count)
{
	/* There must be something in it: RFC 5545, 3.6. */
	if (count == 0)
		buf_add(out, STR("BEGIN:VTIMEZONE\r\n"
				 "TZID:UTC\r\n"
				 "BEGIN:STANDARD\r\n"
				 "DTSTART:19700101T000000\r\n"
				 "TZOFFSETFROM:+0000\r\n"
				 "TZOFFSETTO:+0000\r\n"
				 "END:STANDARD\r\n"
				 "END:VTIMEZONE\r\n"));
	buf_add(out, STR("END:VCALENDAR\r\n"));
}
