/*
 * The zones that a calendar file brings along.  Knows no zone but those.
 */
#ifndef BASE_CALENDAR_ZONES_H
#define BASE_CALENDAR_ZONES_H

#include "base/calendar.h"
#include "base/calendar_parts.h"

struct calendar_zones;

/* Lives in the arena. */
const struct calendar_zones *
calendar_zones_read(struct arena *a, const struct calendar_parts *parts);

/*
 * Fills in the rule of each time of an event whose zone its own calendar, the
 * one of that index, brings along.
 */
void calendar_zones_say(struct arena *a, const struct calendar_zones *own,
			ptrdiff_t calendar, struct calendar_event *e);

#endif
