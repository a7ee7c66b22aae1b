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
	struct str location;	 /* absent: no redirect */
	struct str set_cookie;	 /* absent: none */
	struct str allow;	 /* absent: no Allow header */
	struct str filename;	 /* absent: shown, not saved as a file */
	struct str etag;	 /* absent: must not be kept */
	int retry_after;	 /* seconds; 0: no header */
	struct buf body;
	struct str rest; /* comes after the body; kept elsewhere till then */
};

/* An empty 200 in the request's arena. */
struct reply reply_init(struct request *rq);

/*
 * Renders the template as the body, in place of what was there.  The context
 * is the page's fields (last name NULL; fields NULL: none) and, under them,
 * what every page has: viewer (a row, or false), csrf, request_id, base_url,
 * contact (the operator's address, or false), path, and note: the sentence that
 * ?note=KEY asks for, or false.  A template that does not exist is a bug.
 */
void reply_page(struct request *rq, struct reply *rs, int status,
		const char *template, const struct value_field *fields);

/* 200 with a short plain text, for machines. */
void reply_plain(struct reply *rs, struct str text);

/*
 * 200 with a file to be saved: the body is emptied, for the caller to fill.
 * name is made of letters, digits, dots and hyphens; the type is such as
 * "text/csv; charset=utf-8".  A file of any size stays where it is, as rest:
 * the arena of a request has room for pages.
 */
void reply_file(struct reply *rs, struct str name, struct str type);

/*
 * The body may be kept by who asked for it, and asked for again with this tag,
 * quotes and all, as its name: 304 and no body when they have it already.
 */
void reply_tagged(struct request *rq, struct reply *rs, struct str etag);

/*
 * 303 to a path of our own, which needs no escaping; one that would lead
 * elsewhere, or holds CR or LF, becomes 500.
 */
void reply_see(struct request *rq, struct reply *rs, struct str path);

/*
 * The error page of a status (400, 403, 404, 405, 409, 410, 413, 415, 422,
 * 425, 429, 500, 503): template problem with status, title, sentence and
 * request_id.  The sentence is that of key in web/message.h, or the status's
 * own for "".  503 and 429 say when to try again.  Says nothing of the viewer,
 * sets no cookie, so that all 404s of a program are the same bytes but for the
 * request id.
 */
void reply_problem(struct request *rq, struct reply *rs, int status,
		   struct str key);

/*
 * Status line as CGI has it, headers, blank line, body; none for HEAD.  What
 * reply_rest() gives is to be sent after it: a long body, too.
 */
struct str reply_text(struct request *rq, const struct reply *rs);
struct str reply_rest(const struct request *rq, const struct reply *rs);

#endif
