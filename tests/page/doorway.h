/*
 * An event that is on and its door, by plain forms, as a browser without
 * script sends them.  There is one of it in a test program.
 */
#ifndef PAGE_DOORWAY_H
#define PAGE_DOORWAY_H

#include "page/team.h"

struct doorway {
	struct world world; /* of the staff's program, at 14:05 in UTC */
	struct team team;
	int64_t event; /* since 14:00, which is 15:00 at the club */
};

extern struct doorway doorway;

/* For cmocka: the world once, a team and its event for each test. */
int doorway_open(void **state);
int doorway_close(void **state);
int doorway_make(void **state);

/* Their number at the event; how: registered, waitlisted, cancelled. */
int64_t doorway_person(const char *name, const char *how);
/* "registered present": what is known of them. */
const char *doorway_state(int64_t person);
/* Changes the event: "status = 'draft'". */
void doorway_set(const char *set);

/* The address of the door's page, and of what comes after it. */
struct str doorway_path(const char *tail);
struct response doorway_get(enum reader reader, const char *tail);
struct response doorway_post(enum reader reader, const char *tail,
			     const char *body);
/* The page that a post led to. */
struct response doorway_follow(enum reader reader, const struct response *r);
/* That of a press on the button of one person. */
struct response doorway_press(enum reader reader, const char *what,
			      int64_t person);

/* Fails with the whole response. */
void expect_has(const struct response *r, const char *part);
void expect_none(const struct response *r, const char *part);
/* Whether somebody in the list has that button. */
void expect_button(const struct response *r, const char *what, bool shown);

#endif
