/*
 * What an event of a file may hold, and what makes it wrong.  Knows no file
 * and no library.
 */
#ifndef BASE_CALENDAR_EVENT_H
#define BASE_CALENDAR_EVENT_H

#include "base/calendar.h"

/* Its first fault is the one that is told: "NAME WHAT". */
void calendar_event_is_wrong(struct arena *a, struct calendar_event *e,
			     const char *name, const char *what);

/*
 * A text that must be one line as it is: a title goes into mail subjects.
 * Absent when there is none; cleaned when it is wrong.
 */
struct str calendar_event_line(struct arena *a, struct calendar_event *e,
			       const char *name, struct str text);

/* A copy without controls: line breaks become `lines`; absent when empty. */
struct str calendar_event_text(struct arena *a, struct str text,
			       struct str lines);

/* Days below zero are wrong, and so is more than ten years. */
struct calendar_duration calendar_event_duration(struct arena *a,
						 struct calendar_event *e,
						 const char *name, int64_t days,
						 int64_t seconds);

/* Takes an RRULE's text for an event whose start is known. */
void calendar_event_rule(struct arena *a, struct calendar_event *e,
			 struct str text);

#endif
