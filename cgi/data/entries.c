/*
 * Events out of a calendar file.  Must not compute with times: what is local
 * stays local until PostgreSQL places it.
 */
#include "data/entries.h"

#include "base/calendar.h"
#include "base/json.h"

#include <inttypes.h>

#define DAY_SECONDS 86400

static void add_text(struct buf *json, const char *key, struct str text)
{
	if (str_is_absent(text))
		return;
	buf_printf(json, ",\"%s\":", key);
	json_add_text(json, text);
}

static void add_number(struct buf *json, const char *key, int64_t number)
{
	buf_printf(json, ",\"%s\":%" PRId64, key, number);
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

/* The same event may not begin in one zone and end in another. */
static bool has_one_zone(const struct calendar_event *event)
{
	return event->end.kind == CALENDAR_NONE ||
	       str_equal(find_zone(event, &event->start),
			 find_zone(event, &event->end));
}

/* Why an event cannot be taken, or NULL. */
static const char *find_fault(const struct calendar_event *event)
{
	if (event->uid.n == 0)
		return "it has no UID";
	if (event->repeats)
		return "repeating events cannot be imported yet";
	if (event->start.kind == CALENDAR_NONE)
		return "it has no start";
	if (!has_one_zone(event))
		return "it ends in another time zone than it begins in, which "
		       "cannot be imported yet";
	if (str_has_control(event->summary, false) ||
	    str_has_control(event->location, false))
		return "a control character in its title or place";
	if (event->description.n > 0 &&
	    str_has_control(event->description, true))
		return "a control character in its description";
	return NULL;
}

static void add_recurrence(struct arena *a, struct buf *json,
			   const struct calendar_time *time)
{
	if (time->kind != CALENDAR_NONE)
		add_text(json, "recurrence_time",
			 str_printf(a, "%.*s%s", STR_ARG(time->local),
				    time->kind == CALENDAR_UTC ? "Z" : ""));
}

static void add_json(struct arena *a, struct buf *json,
		     const struct calendar_event *event)
{
	buf_printf(json, "%s{\"line\":%d", json->n > 1 ? "," : "", event->line);
	add_text(json, "uid", event->uid);
	add_recurrence(a, json, &event->recurrence);
	add_number(json, "sequence", event->sequence);
	add_text(json, "title", str_trim(event->summary));
	add_text(json, "description", event->description);
	add_text(json, "location", event->location);
	add_text(json, "url", event->url);
	add_bool(json, "all_day", event->start.kind == CALENDAR_DATE);
	add_text(json, "starts_local", event->start.local);
	add_text(json, "zone", find_zone(event, &event->start));
	if (event->end.kind != CALENDAR_NONE)
		add_text(json, "ends_local", event->end.local);
	if (event->has_duration)
		add_number(json, "duration_seconds",
			   (int64_t)event->duration_days * DAY_SECONDS +
				   event->duration_seconds);
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

bool entries_read(struct arena *a, struct str text, struct str from,
		  struct str to, struct entries *entries, struct str *why)
{
	struct calendar *calendar = calendar_read(a, text, why);
	struct buf json = buf_init(a, text.n + 64);

	if (!calendar)
		return false;
	entries->count = calendar->count;
	entries->verdicts = ARENA_ARRAY(a, calendar->count + 1, struct verdict);
	(void)from;
	(void)to;
	buf_add_byte(&json, '[');
	for (ptrdiff_t i = 0; i < calendar->count; i++) {
		const struct calendar_event *event = &calendar->events[i];
		struct str fault = event->wrong.n > 0
					   ? event->wrong
					   : str_of(find_fault(event));

		entries->verdicts[i] = (struct verdict){
			.line = event->line,
			.what = name_event(a, event),
			.result = fault.n > 0 ? STR("refused") : STR_ABSENT,
			.why = fault,
		};
		if (fault.n == 0)
			add_json(a, &json, event);
	}
	buf_add_byte(&json, ']');
	entries->json = buf_str(&json);
	return true;
}
