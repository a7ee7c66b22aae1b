/*
 * The session cookie and what is derived from it.  Only the hash of its
 * random id ever reaches the database.
 */
#ifndef WEB_SESSION_H
#define WEB_SESSION_H

#include "web/reply.h"

#define SESSION_COOKIE "__Host-rollcall"
#define SESSION_NEXT_COOKIE "__Host-next"

/* Fills rq->session and rq->csrf from the Cookie header. */
void session_read(struct request *rq);

/* Makes a new random session: returns the hash to store, and id its cookie. */
struct str session_make(struct request *rq, struct str *id);

/* Sets that cookie; reply_problem() drops it again. */
void session_start(struct request *rq, struct reply *rs, struct str id,
		   int64_t seconds);

/* Tells the browser to forget the cookie. */
void session_forget(struct request *rq, struct reply *rs);

/*
 * Keeps where the person wanted to go while they look for the mailed link;
 * a path that leads elsewhere, or is absent, is not kept.  Not for replies
 * that start a session: there is one cookie a reply.
 */
void session_keep_next(struct request *rq, struct reply *rs, struct str path);
/* What was kept in this browser, else the list of events. */
struct str session_next(const struct request *rq);

/* Whether token is the session's form token, under any key we hold. */
bool session_csrf_ok(const struct request *rq, struct str token);

#endif
