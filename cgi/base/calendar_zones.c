/*
 * The zones that a calendar file brings along, found for its times.  Must not
 * look a name up anywhere else.
 */
#include "base/calendar_zones.h"

#include "base/calendar_zone.h"

/*
 * What is read: each time of the file is looked up among them.  A zone with
 * all its history since 1883 is 30,000 bytes long.  Of others only the name
 * counts.
 */
#define ZONE_BYTES_MAX 65536
#define ZONES_MAX 1000

struct own_zone {
	ptrdiff_t calendar;
	const struct calendar_zone *zone;
};

struct calendar_zones {
	ptrdiff_t count;
	struct own_zone *zones;
};

const struct calendar_zones *
calendar_zones_read(struct arena *a, const struct calendar_parts *parts)
{
	struct calendar_zones *own = ARENA_NEW(a, struct calendar_zones);

	own->zones = ARENA_ARRAY(a, ZONES_MAX, struct own_zone);
	for (ptrdiff_t i = 0; i < parts->zone_count && own->count < ZONES_MAX;
	     i++) {
		const struct calendar_part *part = &parts->zones[i];
		const struct calendar_zone *zone = NULL;

		if (part->text.n <= ZONE_BYTES_MAX && str_is_utf8(part->text))
			zone = calendar_zone_read(a, part->text);
		if (zone)
			own->zones[own->count++] =
				(struct own_zone){part->calendar, zone};
	}
	return own;
}

static void time_rule(struct arena *a, struct calendar_time *time,
		      struct str event_zone, const struct calendar_zones *own,
		      ptrdiff_t calendar)
{
	struct str name = str_or(time->tzid, event_zone);

	if (time->kind == CALENDAR_NONE || time->kind == CALENDAR_UTC ||
	    name.n == 0)
		return;
	for (ptrdiff_t i = 0; i < own->count; i++) {
		if (own->zones[i].calendar != calendar ||
		    !str_equal(calendar_zone_name(own->zones[i].zone), name))
			continue;
		time->rule =
			calendar_zone_text(a, own->zones[i].zone, time->local);
		return;
	}
}

void calendar_zones_say(struct arena *a, const struct calendar_zones *own,
			ptrdiff_t calendar, struct calendar_event *e)
{
	if (own->count == 0)
		return;
	time_rule(a, &e->start, e->zone, own, calendar);
	time_rule(a, &e->end, e->zone, own, calendar);
	time_rule(a, &e->recurrence, e->zone, own, calendar);
	time_rule(a, &e->until, e->zone, own, calendar);
	for (ptrdiff_t i = 0; i < e->extra_count; i++) {
		time_rule(a, &e->extra[i].start, e->zone, own, calendar);
		time_rule(a, &e->extra[i].end, e->zone, own, calendar);
	}
	for (ptrdiff_t i = 0; i < e->except_count; i++)
		time_rule(a, &e->except[i], e->zone, own, calendar);
}
