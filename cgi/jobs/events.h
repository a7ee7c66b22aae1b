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
	 * [{"line", "uid", "recurrence_local", "recurrence_zone", "sequence",
	 *   "title", "description", "location", "url", "is_virtual",
	 *   "all_day", "starts_local", "starts_zone", "ends_local",
	 *   "ends_zone", "duration_days", "duration_seconds", "cancelled"}]
	 * Local times as 2026-11-20T18:30:00; a zone is a name as the file has
	 * it, left out when the organisation's is meant.  Texts and times that
	 * are not in the file are left out.
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
