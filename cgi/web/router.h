/*
 * From a request to its handler: the route's row says what is enforced
 * before the handler runs.  Knows no page.
 */
#ifndef WEB_ROUTER_H
#define WEB_ROUTER_H

#include "web/reply.h"

enum who {
	WHO_LINK,    /* the link's token alone says who: no cookie is read */
	WHO_ANYONE,  /* a session is used when there is one */
	WHO_SESSION, /* without one: to /signin, from a GET with the way back */
	/*
	 * The same, and at least that role in the organisation whose short
	 * name is the path's first :name; without it 404, which is logged.
	 */
	WHO_DOOR,
	WHO_STAFF,
	WHO_ADMIN,
	WHO_RESPONDER /* the same for who has that flag there, in any role */
};

/* How a POST proves that it comes from our own page (or need not). */
enum csrf {
	CSRF_NONE,    /* GET */
	CSRF_SESSION, /* header check, and the session's token as field csrf */
	CSRF_FILE,    /* the same, for a form that carries a file */
	CSRF_TOKEN,   /* header check only: the link's token is the authority */
	CSRF_ONE_CLICK /* the same, but none for a mail provider's post */
};

/*
 * pattern is a path; a segment ":name" matches one non-empty segment, given
 * to the handler in params.  GET answers HEAD too.  A table ends with a row
 * whose pattern is NULL.
 */
struct route {
	enum method method;
	const char *pattern;
	enum who who;
	enum csrf csrf;
	void (*handler)(struct request *rq, struct reply *rs);
};

/*
 * Answers the request: 404 for a path in no row or without the right, 405 with
 * Allow for another method, 413 for a body too large, 403 for a POST from
 * elsewhere, 415 for a body that is no form, 400 for one that is broken, 303 to
 * /signin, else the handler's reply.  A form is URL-encoded and of at most
 * REQUEST_BODY_MAX bytes; one that carries a file is multipart/form-data, of at
 * most REQUEST_UPLOAD_MAX bytes, and read only for who has the route's right:
 * that costs a round trip of its own.  Header check: Sec-Fetch-Site
 * same-origin, or without that header Origin equal to BASE_URL.  Every program
 * answers /healthz (it runs) and /readyz (it reaches the database), both also
 * with /NAME behind, and /gate (200 for who is signed in, else 401).
 */
void router_run(const struct route *routes, struct request *rq,
		struct reply *rs);

#endif
