/*
 * The response, built whole before a byte leaves, so that a late error can
 * still become a clean error page.  Knows no page and no FastCGI.
 */
#ifndef WEB_REPLY_H
#define WEB_REPLY_H

#include "web/request.h"

struct reply {
	int status;
	struct str content_type; /* "text/html; charset=utf-8" unless set */
	struct str location;     /* absent: no redirect */
	struct str set_cookie;   /* absent: none */
	struct str allow;        /* absent: no Allow header */
	int retry_after;         /* seconds; 0: no header */
	struct buf body;
};

/* An empty 200 in the request's arena. */
struct reply reply_init(struct request *rq);

/*
 * Renders the template as the body, in place of what was there.  The context
 * is the page's fields (last name NULL) and, under them, what every page has:
 * viewer (a row, or false), csrf, request_id, base_url, path.
 */
void reply_page(struct request *rq, struct reply *rs, int status,
		const char *template, const struct value_field *fields);

/* 303 to a path of our own, which is made by us and needs no escaping. */
void reply_see(struct request *rq, struct reply *rs, struct str path);

/*
 * The error page of a status (400, 403, 404, 405, 409, 410, 413, 422, 429,
 * 500, 503), with the sentence of key from web/message.h, "" for the status's
 * own.  All 404s of a program are the same bytes but for the request id.
 */
void reply_problem(struct request *rq, struct reply *rs, int status,
		   struct str key);

/* Status line as CGI has it, headers, blank line, body; none for HEAD. */
struct str reply_text(struct request *rq, const struct reply *rs);

#endif
