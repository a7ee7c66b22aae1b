/*
 * One HTTP request as handlers see it: parsed, size-capped, its arena, and
 * the program it came to.  Knows no page and no FastCGI.
 */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include "base/config.h"
#include "base/secret.h"
#include "data/db.h"
#include "view/mustache.h"

/* Most bytes of a body; nginx's client_max_body_size says the same. */
#define REQUEST_BODY_MAX ((ptrdiff_t)64 * 1024)
/* Most memory one request may take, and most :names in a pattern. */
#define REQUEST_ARENA_MAX ((size_t)16 * 1024 * 1024)
#define REQUEST_PARAMS_MAX 4

/* What a program holds from its start to its end. */
struct app {
	const char *name; /* answer, member, staff */
	struct config config;
	struct secret_keys keys;
	struct template_set *templates;
	struct db *db;
};

enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_OTHER };

struct route;

/*
 * Header texts are absent when the header was not sent.  Everything lives
 * until the request's end.
 */
struct request {
	const struct app *app;
	struct arena *arena;
	enum method method;
	struct str path;  /* as sent, before '?': not decoded */
	struct str query; /* after '?', not decoded; absent without one */
	struct str body;
	bool body_too_large; /* then body is empty */
	struct str content_type;
	struct str cookie;
	struct str origin;
	struct str sec_fetch_site;
	struct str sec_purpose;
	struct str user_agent;
	struct str id; /* request id: nginx's, or a made one */

	/* set by the router */
	const struct route *route;	       /* NULL while none has matched */
	struct str params[REQUEST_PARAMS_MAX]; /* decoded :names, in order */
	struct str session;  /* hash of the cookie's id; absent without one */
	struct str csrf;     /* the session's form token; absent without one */
	struct rows *viewer; /* queued with the page's queries; see page.h */
};

/*
 * Fills in what the CGI variables (RFC 3875; "NAME=value", NULL at the end)
 * say of method, path, query and headers, and makes an id when there is none.
 * The texts stay where they are.  The body is not theirs: request_length() is
 * its announced length, 0 when that is no number.
 */
void request_read(struct request *rq, char *const *env);
int64_t request_length(char *const *env);

/* The number in params[i]: false when it is not one over 0. */
bool request_number(const struct request *rq, int i, int64_t *out);

/*
 * Whether the body is a mail provider's one-click unsubscribe, as a form of
 * either encoding (RFC 8058, 3.2).
 */
bool request_is_one_click(const struct request *rq);

/* A decoded field of the query string; absent when missing or not UTF-8. */
struct str request_query(const struct request *rq, const char *name);

#endif
