/*
 * Reading iCalendar files by libical, one event at a time.  Must not look up
 * a zone: libical takes a TZID for a path below zoneinfo, so no call that
 * resolves one is made here.
 *
 * libical forgives broken files without a word and knows no lines.  So the
 * nesting of components is read here, strictly, and libical is given single
 * events whose place in the file is known.
 */
#include "base/calendar.h"

#include "base/buf.h"
#include "base/calendar_parts.h"

#include <libical/ical.h>

#define CALENDAR_DAYS_MAX 3660

/* --- values ----------------------------------------------------------------
 */

static void event_is_wrong(struct arena *a, struct calendar_event *e,
			   const char *name, const char *what)
{
	if (str_is_absent(e->wrong))
		e->wrong = str_printf(a, "%s %s", name, what);
}

/* The only property of its kind; more than one is wrong. */
static icalproperty *event_property(struct arena *a, struct calendar_event *e,
				    icalcomponent *c, icalproperty_kind kind)
{
	icalproperty *p = icalcomponent_get_first_property(c, kind);

	if (p && icalcomponent_get_next_property(c, kind))
		event_is_wrong(a, e, icalproperty_kind_to_string(kind),
			       "stands twice");
	return p;
}

/* Its kind is looked at first: a getter of another would read wild memory. */
static struct str property_text(const icalproperty *p)
{
	const icalvalue *v = p ? icalproperty_get_value(p) : NULL;

	switch (v ? (int)icalvalue_isa(v) : (int)ICAL_NO_VALUE) {
	case ICAL_TEXT_VALUE:
		return str_of(icalvalue_get_text(v));
	case ICAL_URI_VALUE:
		return str_of(icalvalue_get_uri(v));
	case ICAL_STRING_VALUE:
		return str_of(icalvalue_get_string(v));
	default:
		return STR_ABSENT;
	}
}

/* A copy without controls: line breaks become `lines`, others a space. */
static struct str text_clean(struct arena *a, struct str s, struct str lines)
{
	struct buf out = buf_init(a, s.n);

	while (s.n > 0) {
		int n = str_utf8_first(s);
		struct str c = str_first(s, n > 0 ? n : 1);

		s = str_from(s, c.n);
		if (c.p[0] == '\r' && str_starts(s, STR("\n")))
			continue;
		if (c.p[0] == '\n' || c.p[0] == '\r')
			buf_add(&out, lines);
		else if (n == 0 || str_has_control(c, false))
			buf_add_byte(&out, ' ');
		else
			buf_add(&out, c);
	}
	return str_trim(buf_str(&out));
}

/* A text that must be one line as it is: a title goes into mail subjects. */
static struct str event_line(struct arena *a, struct calendar_event *e,
			     icalcomponent *c, icalproperty_kind kind)
{
	struct str s = property_text(event_property(a, e, c, kind));

	s = str_trim(s);
	if (str_has_control(s, false))
		event_is_wrong(a, e, icalproperty_kind_to_string(kind),
			       "holds a line break or a control character");
	if (s.n == 0)
		return STR_ABSENT;
	return text_clean(a, s, STR(" "));
}

static struct str event_text(struct arena *a, struct calendar_event *e,
			     icalcomponent *c, icalproperty_kind kind,
			     struct str lines)
{
	struct str s = property_text(event_property(a, e, c, kind));

	s = text_clean(a, s, lines);
	return s.n > 0 ? s : STR_ABSENT;
}

static struct str event_url(struct arena *a, struct calendar_event *e,
			    icalcomponent *c)
{
	struct str s = event_text(a, e, c, ICAL_URL_PROPERTY, STR(" "));

	if (str_starts(s, STR("https://")) || str_starts(s, STR("http://")))
		return s;
	return STR_ABSENT;
}

static int event_int(struct arena *a, struct calendar_event *e,
		     icalcomponent *c, icalproperty_kind kind)
{
	icalproperty *p = event_property(a, e, c, kind);
	const icalvalue *v = p ? icalproperty_get_value(p) : NULL;

	if (!v || icalvalue_isa(v) != ICAL_INTEGER_VALUE)
		return 0;
	return icalvalue_get_integer(v) > 0 ? icalvalue_get_integer(v) : 0;
}

/* --- times -----------------------------------------------------------------
 */

/* Hour 25 and the 30th of February are moved by normalizing. */
static bool time_exists(struct icaltimetype t)
{
	struct icaltimetype n = icaltime_normalize(t);

	return t.year >= 1 && t.year <= 9999 && t.month >= 1 && t.day >= 1 &&
	       t.year == n.year && t.month == n.month && t.day == n.day &&
	       t.hour == n.hour && t.minute == n.minute && t.second == n.second;
}

static struct str property_tzid(struct arena *a, icalproperty *p)
{
	icalparameter *q =
		icalproperty_get_first_parameter(p, ICAL_TZID_PARAMETER);

	return q ? str_copy(a, str_of(icalparameter_get_tzid(q))) : STR_ABSENT;
}

static void time_place(struct arena *a, struct calendar_time *time,
		       icalproperty *p, struct icaltimetype t)
{
	time->kind = CALENDAR_FLOATING;
	if (t.is_date) {
		time->kind = CALENDAR_DATE;
	} else if (icaltime_is_utc(t)) {
		time->kind = CALENDAR_UTC;
	} else {
		time->tzid = property_tzid(a, p);
		if (time->tzid.n > 0)
			time->kind = CALENDAR_ZONED;
	}
	time->local = str_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d", t.year,
				 t.month, t.day, t.hour, t.minute, t.second);
}

static struct calendar_time event_time(struct arena *a,
				       struct calendar_event *e,
				       icalcomponent *c, icalproperty_kind kind)
{
	icalproperty *p = event_property(a, e, c, kind);
	const icalvalue *v = p ? icalproperty_get_value(p) : NULL;
	struct calendar_time time = {.kind = CALENDAR_NONE};
	struct icaltimetype t;

	if (!p)
		return time;
	if (v && icalvalue_isa(v) == ICAL_DATE_VALUE)
		t = icalvalue_get_date(v);
	else if (v && icalvalue_isa(v) == ICAL_DATETIME_VALUE)
		t = icalvalue_get_datetime(v);
	else
		t = icaltime_null_time();
	if (t.second == 60)
		t.second = 59; /* RFC 5545, 3.3.12 */
	if (time_exists(t))
		time_place(a, &time, p, t);
	else
		event_is_wrong(a, e, icalproperty_kind_to_string(kind),
			       "is no date or time that exists");
	if (str_has_control(time.tzid, false) || !str_is_utf8(time.tzid) ||
	    time.tzid.n > 255) {
		time.tzid = STR_ABSENT;
		event_is_wrong(a, e, "TZID", "is no name");
	}
	return time;
}

static void event_duration(struct arena *a, struct calendar_event *e,
			   icalcomponent *c)
{
	icalproperty *p = event_property(a, e, c, ICAL_DURATION_PROPERTY);
	const icalvalue *v = p ? icalproperty_get_value(p) : NULL;
	struct icaldurationtype d;
	int64_t days, seconds;

	if (!v || icalvalue_isa(v) != ICAL_DURATION_VALUE)
		return;
	d = icalvalue_get_duration(v);
	days = (int64_t)d.weeks * 7 + d.days;
	seconds = (int64_t)d.hours * 3600 + (int64_t)d.minutes * 60 + d.seconds;
	if (d.is_neg || days > CALENDAR_DAYS_MAX ||
	    seconds > (int64_t)CALENDAR_DAYS_MAX * 86400) {
		event_is_wrong(a, e, "DURATION",
			       "is below zero or over ten years");
		return;
	}
	e->has_duration = true;
	e->duration_days = (int)days;
	e->duration_seconds = (int)seconds;
	if (e->end.kind != CALENDAR_NONE)
		event_is_wrong(a, e, "DURATION", "stands beside DTEND");
}

/* What libical could not read it leaves out, with a note. */
static void event_errors(struct arena *a, struct calendar_event *e,
			 icalcomponent *c)
{
	static const char *const names[] = {"DTSTART", "DTEND", "DURATION",
					    "RECURRENCE-ID", "RRULE"};
	icalproperty *p =
		icalcomponent_get_first_property(c, ICAL_XLICERROR_PROPERTY);

	for (; p;
	     p = icalcomponent_get_next_property(c, ICAL_XLICERROR_PROPERTY)) {
		struct str note = property_text(p);

		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			struct str in = str_printf(a, " %s property", names[i]);

			if (str_find_str(note, in) >= 0)
				event_is_wrong(a, e, names[i],
					       "cannot be read");
		}
	}
}

/* --- an event --------------------------------------------------------------
 */

static bool event_is_cancelled(icalcomponent *c)
{
	icalproperty *p =
		icalcomponent_get_first_property(c, ICAL_STATUS_PROPERTY);
	const icalvalue *v = p ? icalproperty_get_value(p) : NULL;

	return v && icalvalue_isa(v) == ICAL_STATUS_VALUE &&
	       icalvalue_get_status(v) == ICAL_STATUS_CANCELLED;
}

static void event_fill(struct arena *a, struct calendar_event *e,
		       icalcomponent *c)
{
	e->uid = event_line(a, e, c, ICAL_UID_PROPERTY);
	e->summary = event_line(a, e, c, ICAL_SUMMARY_PROPERTY);
	e->description =
		event_text(a, e, c, ICAL_DESCRIPTION_PROPERTY, STR("\n"));
	e->location = event_text(a, e, c, ICAL_LOCATION_PROPERTY, STR(", "));
	e->url = event_url(a, e, c);
	e->sequence = event_int(a, e, c, ICAL_SEQUENCE_PROPERTY);
	event_errors(a, e, c);
	e->start = event_time(a, e, c, ICAL_DTSTART_PROPERTY);
	e->end = event_time(a, e, c, ICAL_DTEND_PROPERTY);
	e->recurrence = event_time(a, e, c, ICAL_RECURRENCEID_PROPERTY);
	event_duration(a, e, c);
	e->cancelled = event_is_cancelled(c);
	e->repeats = icalcomponent_get_first_property(c, ICAL_RRULE_PROPERTY) ||
		     icalcomponent_get_first_property(c, ICAL_RDATE_PROPERTY);
	if (str_is_absent(e->uid))
		event_is_wrong(a, e, "UID", "is missing");
	if (e->start.kind == CALENDAR_NONE)
		event_is_wrong(a, e, "DTSTART", "is missing");
}

/* text: from BEGIN:VEVENT to END:VEVENT. */
static void event_read(struct arena *a, struct calendar_event *e,
		       struct str text)
{
	icalcomponent *c;

	if (!str_is_utf8(text)) {
		e->wrong = STR("its text is not UTF-8");
		return;
	}
	c = icalparser_parse_string(str_z(a, text));
	if (c && icalcomponent_isa(c) == ICAL_VEVENT_COMPONENT)
		event_fill(a, e, c);
	else
		e->wrong = STR("it cannot be read");
	if (c)
		icalcomponent_free(c);
}

/* --- the file --------------------------------------------------------------
 */

/* What a calendar's own properties say of all its events. */
struct calendar_head {
	struct str zone;
	bool cancels; /* METHOD:CANCEL */
};

static struct str head_zone(struct arena *a, icalcomponent *c)
{
	icalproperty *p = icalcomponent_get_first_property(c, ICAL_X_PROPERTY);

	for (; p; p = icalcomponent_get_next_property(c, ICAL_X_PROPERTY)) {
		struct str name = str_of(icalproperty_get_x_name(p));
		struct str zone;

		if (!str_equal_nocase(name, STR("X-WR-TIMEZONE")))
			continue;
		/* icalproperty_get_x() is NULL when VALUE=TEXT is written */
		zone = str_of(icalproperty_get_value_as_string(p));
		if (zone.n > 0 && zone.n <= 255 &&
		    !str_has_control(zone, false))
			return str_copy(a, zone);
	}
	return STR_ABSENT;
}

static struct calendar_head head_read(struct arena *a, struct str text)
{
	struct calendar_head head = {.zone = STR_ABSENT};
	icalcomponent *c = NULL;

	if (str_is_utf8(text))
		c = icalparser_parse_string(str_z(a, text));
	if (!c)
		return head;
	head.zone = head_zone(a, c);
	head.cancels = icalcomponent_get_method(c) == ICAL_METHOD_CANCEL;
	icalcomponent_free(c);
	return head;
}

struct calendar *calendar_read(struct arena *a, struct str text,
			       struct str *why)
{
	const struct calendar_parts *parts = calendar_parts_read(a, text, why);
	struct calendar *calendar = ARENA_NEW(a, struct calendar);
	struct calendar_head head = {.zone = STR_ABSENT};
	ptrdiff_t of = -1;

	if (!parts)
		return NULL;
	icalerror_set_errors_are_fatal(0);
	calendar->count = parts->count;
	calendar->events = ARENA_ARRAY(a, parts->count, struct calendar_event);
	for (ptrdiff_t i = 0; i < parts->count; i++) {
		const struct calendar_part *part = &parts->events[i];
		struct calendar_event *e = &calendar->events[i];

		if (part->calendar != of)
			head = head_read(a, parts->heads[part->calendar]);
		of = part->calendar;
		e->line = part->line;
		e->zone = head.zone;
		event_read(a, e, part->text);
		e->cancelled |= head.cancels;
	}
	return calendar;
}
