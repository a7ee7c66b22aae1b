/*
 * Events out of a calendar file, ready for import_events().  Knows no
 * database: zones and moments are judged by that function.
 */
#ifndef JOBS_EVENTS_H
#define JOBS_EVENTS_H

#include "jobs/verdict.h"

struct events {
	ptrdiff_t count;
	/* One an event; result refused, or absent when it is in json. */
	struct verdict *verdicts;
	/*
	 * What import_events() reads: [{"line", "uid", "recurrence_time",
	 * "sequence", "title", "description", "location", "url", "all_day",
	 * "starts_local", "zone", "ends_local", "duration_seconds",
	 * "cancelled"}].  Local times as 2026-11-20T18:30:00; zone is a name as
	 * the file has it, left out when the organisation's is meant, as are
	 * texts and times that are not in the file.
	 */
	struct str json;
};

/*
 * Reads a whole calendar file.  False when it cannot be read at all; *why is
 * then a sentence, with the line.  Everything lives in the arena.
 */
bool events_read(struct arena *a, struct str text, struct events *events,
		 struct str *why);

#endif
