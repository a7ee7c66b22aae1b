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
#include "web/multipart.h"

/*
 * Most bytes of a body, and of one that carries a file of REQUEST_FILE_MAX;
 * nginx's client_max_body_size says the same.
 */
#define REQUEST_BODY_MAX ((ptrdiff_t)64 * 1024)
#define REQUEST_FILE_MAX ((ptrdiff_t)10 * 1024 * 1024)
#define REQUEST_UPLOAD_MAX (REQUEST_FILE_MAX + REQUEST_BODY_MAX)
#define REQUEST_WORDS_MAX 200
/* Most memory one request may take, and most :names in a pattern. */
#define REQUEST_ARENA_MAX ((size_t)16 * 1024 * 1024)
#define REQUEST_PARAMS_MAX 4

struct words_kept;

/* What a program holds from its start to its end. */
struct app {
	const char *name; /* answer, member, staff */
	struct config config;
	struct secret_keys keys;
	struct template_set *templates;
	struct db *db;
	struct words_kept *words; /* data/words.h */
};

enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_OTHER };

/* Where a body comes from that has not been read yet. */
struct request_source {
	/* Fewer than n bytes: there are no more. NULL: the body is there. */
	ptrdiff_t (*read)(void *with, char *p, ptrdiff_t n);
	void *with;
	int64_t left; /* bytes that are announced and not yet read */
};

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
	struct str body;  /* the router reads it, from the source */
	struct request_source source;
	struct str content_type;
	struct str cookie;
	struct str origin;
	struct str sec_fetch_site;
	struct str sec_purpose;
	struct str user_agent;
	struct str if_none_match;
	struct str id; /* request id: nginx's, or a made one */

	/* set by the router */
	const struct route *route;	       /* NULL while none has matched */
	const struct multipart *parts;	       /* of a body with a file */
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

/*
 * Reads the body from the source.  0, or the status that says why there is
 * none: 413 for one over max bytes, of which nothing is read, 400 when less
 * came than was announced.
 */
int request_take_body(struct request *rq, ptrdiff_t max);
/* Reads what was left unread, up to 1 MiB of it, and forgets it. */
void request_drop_body(struct request *rq);

/*
 * The fields of a form, in order: after request_fields() each call gives the
 * next one, decoded; false at the end.  *bad says that it could not be
 * decoded; then value is as sent.  Files are none.
 */
struct request_fields {
	struct str rest;
	int part;
};
struct request_fields request_fields(const struct request *rq);
bool request_next_field(const struct request *rq, struct request_fields *at,
			struct str *name, struct str *value, bool *bad);

/* The one file of that name; NULL without one, or with two. */
const struct multipart_part *request_file(const struct request *rq,
					  struct str name);

/* The number in params[i]: false when it is not one over 0. */
bool request_number(const struct request *rq, int i, int64_t *out);

/*
 * Whether the body is a mail provider's one-click unsubscribe, as a form of
 * either encoding (RFC 8058, 3.2).
 */
bool request_is_one_click(const struct request *rq);

/* A decoded field of the query string; absent when missing or not UTF-8. */
struct str request_query(const struct request *rq, const char *name);

/* One that is a number from 0 on; NULL when it is none.  In the arena. */
const int64_t *request_query_number(const struct request *rq, const char *name);

/*
 * One that holds words to look for, without blanks around them and cut off
 * after REQUEST_WORDS_MAX bytes; absent when it says nothing.
 */
struct str request_words(const struct request *rq, const char *name);

#endif
