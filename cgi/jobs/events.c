/*
 * Events out of a calendar file.  Must not compute with times: what is local
 * stays local until PostgreSQL places it.
 */
#include "jobs/events.h"

#include "base/calendar.h"
#include "base/json.h"

/* Why an event cannot be taken, or NULL. */
static const char *find_fault(const struct calendar_event *event)
{
	if (event->uid.n == 0)
		return "it has no UID";
	if (event->repeats)
		return "repeating events cannot be imported yet";
	if (event->start.kind == CALENDAR_NONE)
		return "it has no start";
	if (str_trim(event->summary).n == 0)
		return "it has no title";
	if (str_has_control(event->summary, false) ||
	    str_has_control(event->location, false))
		return "a control character in its title or place";
	if (event->description.n > 0 &&
	    str_has_control(event->description, true))
		return "a control character in its description";
	return NULL;
}

static bool is_virtual(struct str location)
{
	struct str place = str_trim(location);

	return place.n == 0 || str_equal_nocase(place, STR("online")) ||
	       str_equal_nocase(place, STR("virtual")) ||
	       str_starts(place, STR("https://")) ||
	       str_starts(place, STR("http://"));
}

static void add_text(struct buf *json, const char *key, struct str text)
{
	if (str_is_absent(text))
		return;
	buf_printf(json, ",\"%s\":", key);
	json_add_text(json, text);
}

static void add_number(struct buf *json, const char *key, int number)
{
	buf_printf(json, ",\"%s\":%d", key, number);
}

static void add_bool(struct buf *json, const char *key, bool truth)
{
	buf_printf(json, ",\"%s\":%s", key, truth ? "true" : "false");
}

/* The zone that a time is local in; absent: the organisation's. */
static struct str find_zone(const struct calendar_event *event,
			    const struct calendar_time *time)
{
	if (time->kind == CALENDAR_UTC)
		return STR("UTC");
	if (time->kind == CALENDAR_ZONED)
		return time->tzid;
	return event->zone.n > 0 ? event->zone : STR_ABSENT;
}

static void add_time(struct buf *json, const char *local_key,
		     const char *zone_key, const struct calendar_event *event,
		     const struct calendar_time *time)
{
	if (time->kind == CALENDAR_NONE)
		return;
	add_text(json, local_key, time->local);
	add_text(json, zone_key, find_zone(event, time));
}

static void add_json(struct buf *json, const struct calendar_event *event)
{
	buf_printf(json, "%s{\"line\":%d", json->n > 1 ? "," : "", event->line);
	add_text(json, "uid", event->uid);
	add_time(json, "recurrence_local", "recurrence_zone", event,
		 &event->recurrence);
	add_number(json, "sequence", event->sequence);
	add_text(json, "title", str_trim(event->summary));
	add_text(json, "description", event->description);
	add_text(json, "location", event->location);
	add_text(json, "url", event->url);
	add_bool(json, "is_virtual", is_virtual(event->location));
	add_bool(json, "all_day", event->start.kind == CALENDAR_DATE);
	add_time(json, "starts_local", "starts_zone", event, &event->start);
	add_time(json, "ends_local", "ends_zone", event, &event->end);
	if (event->has_duration) {
		add_number(json, "duration_days", event->duration_days);
		add_number(json, "duration_seconds", event->duration_seconds);
	}
	add_bool(json, "cancelled", event->cancelled);
	buf_add_byte(json, '}');
}

static struct str name_event(struct arena *a,
			     const struct calendar_event *event)
{
	if (event->summary.n > 0)
		return event->summary;
	return event->uid.n > 0
		       ? event->uid
		       : str_printf(a, "event on line %d", event->line);
}

bool events_read(struct arena *a, struct str text, struct events *events,
		 struct str *why)
{
	struct calendar *calendar = calendar_read(a, text, why);
	struct buf json = buf_init(a, text.n + 64);

	if (!calendar)
		return false;
	events->count = calendar->count;
	events->verdicts = ARENA_ARRAY(a, calendar->count + 1, struct verdict);
	buf_add_byte(&json, '[');
	for (ptrdiff_t i = 0; i < calendar->count; i++) {
		const struct calendar_event *event = &calendar->events[i];
		struct str fault = event->wrong.n > 0
					   ? event->wrong
					   : str_of(find_fault(event));

		events->verdicts[i] = (struct verdict){
			.line = event->line,
			.what = name_event(a, event),
			.result = fault.n > 0 ? STR("refused") : STR_ABSENT,
			.why = fault,
		};
		if (fault.n == 0)
			add_json(&json, event);
	}
	buf_add_byte(&json, ']');
	events->json = buf_str(&json);
	return true;
}
