/*
 * Who may ask for what: a row a route, and the things that routes are about.
 * To add a route, add a row to rights[] (and, when it is about something new,
 * a place); tests/page/test_rights.c says what is done with them.
 */
#ifndef PAGE_RIGHTS_H
#define PAGE_RIGHTS_H

#include "page/team.h"

/* Instead of a status: 303 to /signin.  A 303 in the table leads elsewhere. */
#define SIGN 1

/*
 * program, method and pattern are the route's.  :org stands for the team's
 * own organisation; `things` names a place for each other :name, in order,
 * divided by blanks.  In body, NULL for GET, {place} stands for its text; the
 * form token comes by itself.  "file:FIELD:TEXT" is a form with a file.  Each
 * reader gets things of their own.
 */
struct right {
	const char *program;
	enum method method;
	const char *pattern;
	const char *things;
	const char *body;
	int status[READERS]; /* in the order of enum reader */
};

/*
 * A thing and the statement that makes it and gives its text: its number.
 * The statement reads the table `team` (page/team.h), whose one row has org,
 * other, slug and the readers' ids, and `me`, who asks (null: nobody); each
 * of these columns is a place too.  With a purpose the statement gives
 * "NUMBER EXPIRES", and the text is that link's token.  It must make the thing
 * in team.org: it is also made in another organisation, to see that there it
 * is not found.
 */
struct place {
	const char *name;
	enum token_purpose purpose; /* 0: none */
	const char *sql;
};

/* Both end with a row of NULLs. */
extern const struct right rights[];
extern const struct place places[];

#endif
