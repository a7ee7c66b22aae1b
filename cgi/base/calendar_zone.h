/*
 * A calendar's own time zone (VTIMEZONE), said as POSIX says zones, which
 * PostgreSQL reads.  Knows no zone but the one in its text, and no library.
 */
#ifndef BASE_CALENDAR_ZONE_H
#define BASE_CALENDAR_ZONE_H

#include "base/str.h"

struct calendar_zone;

/*
 * text: from BEGIN:VTIMEZONE to END:VTIMEZONE.  NULL when it has no name or
 * nothing usable in it.  Lives in the arena.
 */
const struct calendar_zone *calendar_zone_read(struct arena *a,
					       struct str text);
struct str calendar_zone_name(const struct calendar_zone *zone);

/*
 * The zone as it is in the year around a local time, such as
 * "<+01>-1<+02>,M3.5.0/2,M10.5.0/3", or "<+09>-9" when clocks do not change;
 * absent when POSIX has no words for it.
 */
struct str calendar_zone_text(struct arena *a, const struct calendar_zone *zone,
			      struct str local);

#endif
