/*
 * People, events and what they were asked: rows for page tests, each call an
 * organisation of its own.
 */
#ifndef PAGE_FIXTURE_H
#define PAGE_FIXTURE_H

#include "page/harness.h"

struct fixture {
	int64_t org, user, event;
	int64_t notification; /* 0: not asked */
	int64_t expires;      /* of the prompt's link, Unix seconds */
	struct str email;
	struct str token; /* of the prompt's link */
	struct str link;  /* its path */
};

/*
 * A member who looked at an event that ended `ago` (an interval, negative for
 * one still to come) after two hours, and was asked.
 */
struct fixture fixture_asked(struct world *w, const char *ago);
/* The same, not asked yet and never there. */
struct fixture fixture_event(struct world *w, const char *ago);

/* Signs the person in; the Cookie header's line, with its CRLF. */
struct str fixture_sign_in(struct world *member, const struct fixture *f);
/* The form token in a page. */
struct str fixture_csrf(struct world *w, const struct response *r);

/* The saved answer; absent without one.  Rows of the audit about the event. */
struct str fixture_answer(struct world *w, const struct fixture *f);
int64_t fixture_audits(struct world *w, const struct fixture *f);

/* A post of a form with a cookie, from our own page. */
struct response fixture_post(struct world *w, struct str cookie,
			     struct str path, struct str body);
struct response fixture_get(struct world *w, struct str cookie,
			    struct str path);

#endif
