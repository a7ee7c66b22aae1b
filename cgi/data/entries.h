/*
 * Events out of a calendar file, ready for import_events().  Knows no
 * database: zones and moments are judged by that function.
 */
#ifndef DATA_ENTRIES_H
#define DATA_ENTRIES_H

#include "data/verdict.h"

struct entries {
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
 * Reads a whole calendar file; of what repeats, the days from `from` to before
 * `to`, local times as 2026-11-20T18:30:00 that the database names.  False when
 * it cannot be read at all; *why is then a sentence, with the line.  Everything
 * lives in the arena: give it 448 MiB.
 */
bool entries_read(struct arena *a, struct str text, struct str from,
		  struct str to, struct entries *entries, struct str *why);

#endif
