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

#include "base/calendar_event.h"
#include "base/calendar_parts.h"
#include "base/calendar_zones.h"

#include <libical/ical.h>

/*
 * For each line that it cannot read libical goes through all that it has read
 * of the event: so many steps in a file, two seconds at worst.
 */
#define CALENDAR_STEPS_MAX INT64_C(400000000)

/* What a file may still ask for. */
struct budget {
	ptrdiff_t dates;
	int64_t steps;
};

/* --- values ----------------------------------------------------------------
 */

/* The only property of its kind; more than one is wrong. */
static icalproperty *event_property(struct arena *a, struct calendar_event *e,
				    icalcomponent *c, icalproperty_kind kind)
{
	icalproperty *p = icalcomponent_get_first_property(c, kind);

	if (p && icalcomponent_get_next_property(c, kind))
		calendar_event_is_wrong(a, e, icalproperty_kind_to_string(kind),
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

static struct str event_line(struct arena *a, struct calendar_event *e,
			     icalcomponent *c, icalproperty_kind kind)
{
	struct str s = property_text(event_property(a, e, c, kind));

	return calendar_event_line(a, e, icalproperty_kind_to_string(kind), s);
}

static struct str event_text(struct arena *a, struct calendar_event *e,
			     icalcomponent *c, icalproperty_kind kind,
			     struct str lines)
{
	struct str s = property_text(event_property(a, e, c, kind));

	return calendar_event_text(a, s, lines);
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

static struct str time_text(struct arena *a, struct icaltimetype t)
{
	return str_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d", t.year, t.month,
			  t.day, t.hour, t.minute, t.second);
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
	time->local = time_text(a, t);
}

/* The local time that a value holds, or none. */
static struct icaltimetype value_time(const icalvalue *v)
{
	struct icaltimetype t = icaltime_null_time();

	switch (v ? (int)icalvalue_isa(v) : (int)ICAL_NO_VALUE) {
	case ICAL_DATE_VALUE:
		t = icalvalue_get_date(v);
		break;
	case ICAL_DATETIME_VALUE:
		t = icalvalue_get_datetime(v);
		break;
	case ICAL_DATETIMEPERIOD_VALUE:
		t = icalvalue_get_datetimeperiod(v).time;
		break;
	default:
		break;
	}
	if (t.second == 60)
		t.second = 59; /* RFC 5545, 3.3.12 */
	return t;
}

/* A time that the property p holds, in the property's zone. */
static struct calendar_time property_time(struct arena *a,
					  struct calendar_event *e,
					  icalproperty *p,
					  struct icaltimetype t)
{
	struct calendar_time time = {.kind = CALENDAR_NONE};

	if (time_exists(t))
		time_place(a, &time, p, t);
	else
		calendar_event_is_wrong(
			a, e, icalproperty_kind_to_string(icalproperty_isa(p)),
			"is no date or time that exists");
	if (str_has_control(time.tzid, false) || !str_is_utf8(time.tzid) ||
	    time.tzid.n > 255) {
		time.tzid = STR_ABSENT;
		calendar_event_is_wrong(a, e, "TZID", "is no name");
	}
	return time;
}

static struct calendar_time event_time(struct arena *a,
				       struct calendar_event *e,
				       icalcomponent *c, icalproperty_kind kind)
{
	icalproperty *p = event_property(a, e, c, kind);

	if (!p)
		return (struct calendar_time){.kind = CALENDAR_NONE};
	return property_time(a, e, p, value_time(icalproperty_get_value(p)));
}

static struct calendar_duration duration_of(struct arena *a,
					    struct calendar_event *e,
					    struct icaldurationtype d,
					    const char *name)
{
	int64_t days = (int64_t)d.weeks * 7 + d.days;
	int64_t seconds =
		(int64_t)d.hours * 3600 + (int64_t)d.minutes * 60 + d.seconds;

	return calendar_event_duration(a, e, name, d.is_neg ? -1 : days,
				       seconds);
}

static void event_duration(struct arena *a, struct calendar_event *e,
			   icalcomponent *c)
{
	icalproperty *p = event_property(a, e, c, ICAL_DURATION_PROPERTY);
	const icalvalue *v = p ? icalproperty_get_value(p) : NULL;

	if (!v || icalvalue_isa(v) != ICAL_DURATION_VALUE)
		return;
	e->duration = duration_of(a, e, icalvalue_get_duration(v), "DURATION");
	if (e->end.kind != CALENDAR_NONE)
		calendar_event_is_wrong(a, e, "DURATION",
					"stands beside DTEND");
}

/* --- repeats ---------------------------------------------------------------
 */

static void event_rule(struct arena *a, struct calendar_event *e,
		       icalcomponent *c)
{
	icalproperty *p = event_property(a, e, c, ICAL_RRULE_PROPERTY);
	const icalvalue *v = p ? icalproperty_get_value(p) : NULL;

	if (v && icalvalue_isa(v) == ICAL_RECUR_VALUE)
		calendar_event_rule(
			a, e, str_copy(a, str_of(icalvalue_as_ical_string(v))));
}

static struct calendar_extra extra_of(struct arena *a, struct calendar_event *e,
				      icalproperty *p)
{
	const icalvalue *v = icalproperty_get_value(p);
	struct calendar_extra extra = {.start = {.kind = CALENDAR_NONE}};
	struct icalperiodtype period;

	if (v && icalvalue_isa(v) == ICAL_PERIOD_VALUE)
		period = icalvalue_get_period(v);
	else if (v && icalvalue_isa(v) == ICAL_DATETIMEPERIOD_VALUE)
		period = icalvalue_get_datetimeperiod(v).period;
	else
		period = icalperiodtype_null_period();
	if (icalperiodtype_is_null_period(period)) {
		extra.start = property_time(a, e, p, value_time(v));
		return extra;
	}
	extra.start = property_time(a, e, p, period.start);
	if (icaltime_is_null_time(period.end))
		extra.duration = duration_of(a, e, period.duration, "RDATE");
	else
		extra.end = property_time(a, e, p, period.end);
	return extra;
}

/* How many of them there are; none when the file has no room for more. */
static ptrdiff_t count_dates(struct arena *a, struct calendar_event *e,
			     icalcomponent *c, icalproperty_kind kind,
			     struct budget *left)
{
	ptrdiff_t count = icalcomponent_count_properties(c, kind);

	if (kind == ICAL_RDATE_PROPERTY && count > CALENDAR_REPEATS_MAX) {
		calendar_event_is_wrong(a, e, "RDATE",
					"stands more than 1,500 times");
		return 0;
	}
	if (count > left->dates) {
		calendar_event_is_wrong(
			a, e, icalproperty_kind_to_string(kind),
			"comes after 100,000 dates of this file: "
			"divide it");
		return 0;
	}
	left->dates -= count;
	return count;
}

static void event_dates(struct arena *a, struct calendar_event *e,
			icalcomponent *c, struct budget *left)
{
	ptrdiff_t extra = count_dates(a, e, c, ICAL_RDATE_PROPERTY, left);
	ptrdiff_t except = count_dates(a, e, c, ICAL_EXDATE_PROPERTY, left);
	icalproperty *p =
		icalcomponent_get_first_property(c, ICAL_RDATE_PROPERTY);

	e->extra = ARENA_ARRAY(a, extra, struct calendar_extra);
	e->except = ARENA_ARRAY(a, except, struct calendar_time);
	for (; p && e->extra_count < extra;
	     p = icalcomponent_get_next_property(c, ICAL_RDATE_PROPERTY))
		e->extra[e->extra_count++] = extra_of(a, e, p);
	p = icalcomponent_get_first_property(c, ICAL_EXDATE_PROPERTY);
	for (; p && e->except_count < except;
	     p = icalcomponent_get_next_property(c, ICAL_EXDATE_PROPERTY))
		e->except[e->except_count++] = property_time(
			a, e, p, value_time(icalproperty_get_value(p)));
}

/* An instance that takes all later ones along. */
static void event_range(struct arena *a, struct calendar_event *e,
			icalcomponent *c)
{
	icalproperty *p =
		icalcomponent_get_first_property(c, ICAL_RECURRENCEID_PROPERTY);

	if (p && icalproperty_get_first_parameter(p, ICAL_RANGE_PARAMETER))
		calendar_event_is_wrong(
			a, e, "RECURRENCE-ID",
			"changes all later ones too (RANGE), which "
			"cannot be taken over");
}

/* What libical could not read it leaves out, with a note. */
static void event_errors(struct arena *a, struct calendar_event *e,
			 icalcomponent *c)
{
	static const char *const names[] = {
		"DTSTART", "DTEND", "DURATION", "RECURRENCE-ID",
		"RRULE",   "RDATE", "EXDATE"};
	icalproperty *p =
		icalcomponent_get_first_property(c, ICAL_XLICERROR_PROPERTY);

	for (; p && str_is_absent(e->wrong);
	     p = icalcomponent_get_next_property(c, ICAL_XLICERROR_PROPERTY)) {
		struct str note = property_text(p);

		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			struct str in = str_printf(a, " %s property", names[i]);

			if (str_find_str(note, in) >= 0)
				calendar_event_is_wrong(a, e, names[i],
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
		       icalcomponent *c, struct budget *left)
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
	event_rule(a, e, c);
	event_dates(a, e, c, left);
	event_range(a, e, c);
	if (str_is_absent(e->uid))
		calendar_event_is_wrong(a, e, "UID", "is missing");
	if (e->start.kind == CALENDAR_NONE)
		calendar_event_is_wrong(a, e, "DTSTART", "is missing");
}

static void event_parse(struct arena *a, struct calendar_event *e,
			struct str text, struct budget *left)
{
	icalcomponent *c = icalparser_parse_string(str_z(a, text));

	if (c && icalcomponent_isa(c) == ICAL_VEVENT_COMPONENT)
		event_fill(a, e, c, left);
	else
		e->wrong = STR("it cannot be read");
	if (c)
		icalcomponent_free(c);
}

static void event_read(struct arena *a, struct calendar_event *e,
		       const struct calendar_part *part, struct budget *left)
{
	const char *long_list = calendar_parts_long_list(part->text);

	left->steps -=
		(int64_t)part->properties * (part->properties + part->commas);
	if (!str_is_utf8(part->text)) {
		e->wrong = STR("its text is not UTF-8");
	} else if (left->steps < 0) {
		e->wrong = STR("it has too many lines, or those before it "
			       "had: divide the file");
	} else {
		if (long_list)
			calendar_event_is_wrong(
				a, e, long_list,
				"names over 500 days in one line");
		event_parse(a, e, part->text, left);
	}
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
	const struct calendar_zones *own;
	struct budget left = {CALENDAR_DATES_MAX, CALENDAR_STEPS_MAX};
	ptrdiff_t of = -1;

	if (!parts)
		return NULL;
	icalerror_set_errors_are_fatal(0);
	own = calendar_zones_read(a, parts);
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
		event_read(a, e, part, &left);
		e->cancelled |= head.cancels;
		calendar_zones_say(a, own, part->calendar, e);
	}
	return calendar;
}
