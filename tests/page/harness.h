/*
 * A page test's world: a copy of the test database, one program's real routes
 * and templates under its own database role, literal requests in, whole
 * responses out.  Knows no page.
 *
 * The stack (tests/stack.sh) is the one ROLLCALL_STACK names, or one of the
 * test program's own, which goes when the program does.  Everything returned
 * lives until world_close().  What cannot go on ends the program with a line
 * that says why.
 */
#ifndef PAGE_HARNESS_H
#define PAGE_HARNESS_H

#include "base/arena.h"
#include "base/token.h"
#include "web/router.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The request id of every request that brings none: so bytes can be compared.
 */
#define WORLD_REQUEST_ID "00000000000000000000000000000abc"
#define WORLD_BASE_URL "http://127.0.0.1:8080"
/* The header of a browser's own post. */
#define SAME_SITE "Sec-Fetch-Site: same-origin\r\n"

struct world {
	struct app app;
	const struct route *routes;
	struct arena arena;
	struct db *owner; /* as superuser: sets things up and looks at them */
	struct str database_url;
};

struct response {
	int status;
	struct str head; /* all header lines, each with its CRLF */
	struct str body;
	struct str text; /* all of it */
};

/* program: answer, member or staff. */
void world_open(struct world *w, const char *program);
void world_close(struct world *w);

/* Another program on the same database: the member page after an answer. */
void world_beside(const struct world *w, struct world *other,
		  const char *program);

/*
 * In a child of fork(): connections of its own.  Nothing is shared with the
 * parent but the database.
 */
void world_reopen(struct world *w);

/*
 * Runs one request through the router.  text is as on the wire: request line,
 * headers, blank line, body; lengths are not looked at.
 */
struct response world_send(struct world *w, struct str text);
struct response world_sendf(struct world *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
struct response world_get(struct world *w, struct str path);
/* A browser's own post of a form. */
struct response world_post(struct world *w, struct str path, struct str body);

/* The value of a header; absent without one. */
struct str response_header(const struct response *r, const char *name);
bool response_has(const struct response *r, const char *part);

/* Fails the test with the response's text when the status is another. */
void expect_status(const struct response *r, int status);

/*
 * SQL as superuser: the first field of the first row, absent for NULL and
 * for no row.  The format's values stand in the SQL as they are: test data.
 */
struct str world_sql(struct world *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int64_t world_sql_int(struct world *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* SQLSTATE of what a role gets for a statement; "" when it is allowed. */
struct str world_sql_state(struct world *w, const char *role, const char *sql);

/*
 * A digest of every row of every table of ours: equal means that nothing was
 * changed.
 */
struct str world_digest(struct world *w);

/*
 * Stops the database's clock at "61 minutes" from now, or whatever interval;
 * NULL lets it go by the real one again.
 */
void world_clock(struct world *w, const char *ahead);

/* A link token signed with this world's key. */
struct str world_token(struct world *w, enum token_purpose purpose, int64_t row,
		       uint32_t generation, int64_t expires);

#endif
