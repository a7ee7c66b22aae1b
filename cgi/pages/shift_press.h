/*
 * The buttons by which somebody tells of a shift of theirs, signed in or by
 * the link of a reminder.
 */
#ifndef PAGES_SHIFT_PRESS_H
#define PAGES_SHIFT_PRESS_H

#include "web/request.h"

/* type of a check-in or check-out, or else the word that is said. */
struct shift_press {
	const char *name;
	const char *type;
	const char *word;
	int64_t minutes;  /* of "late", else 0 */
	const char *note; /* what the page says then: the address's query */
};

/* The button that was pressed (field press); NULL when it is none of them. */
const struct shift_press *shift_press_read(struct request *rq);

/* Why a press was refused, in the words of who pressed. */
struct str shift_press_refused(struct str key);

/* What the queries take: NULL when they are none. */
const int64_t *shift_press_minutes(const struct shift_press *press);

#endif
