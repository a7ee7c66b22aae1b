/*
 * One connection to PostgreSQL: queries are queued, then sent and waited for
 * together in one round trip.  The only user of libpq.  Knows no table; the
 * statements are generated from sql/query.
 */
#ifndef DATA_DB_H
#define DATA_DB_H

#include "base/str.h"

struct db;

/*
 * The result of one queued statement: empty until db_run() has succeeded,
 * valid until db_reset().
 */
struct rows;

/* A statement, made by the generator; static, compared by address. */
struct db_statement {
	const char *name; /* the prepared statement's name */
	const char *sql;  /* with $1, $2, ... */
	int params;
	/* it holds a lock that many wait for: see db_run() */
	bool is_early;
};

/*
 * One parameter in text or binary form; value absent is SQL NULL.  missing
 * says that it is absent although the query does not take NULL there.
 */
struct db_param {
	struct str value;
	bool binary;
	bool missing;
};

enum db_outcome {
	DB_OK,
	DB_REFUSED, /* a function raised a coded error: db_refusal() */
	DB_AWAY	    /* no server, or it failed: answer 503, try again later */
};

/* What a coded error said; key and field are "" when there is none. */
struct db_refusal {
	int status;	  /* 401, 404, 409, 410, 422, 425, 429 */
	struct str key;	  /* stable word, such as too_early */
	struct str field; /* for 422: the field's name */
};

/*
 * Makes a connection object for url as role; does not connect: the first
 * db_run() does, and each later one that finds the connection lost.
 * timeout_ms bounds the connecting, and each statement on the server.
 */
struct db *db_open(struct str url, const char *role, int timeout_ms);
void db_close(struct db *db);

/*
 * Queues a statement.  The parameters' bytes must live until db_run().
 * Statements of one run are one transaction: all or nothing.  A text that
 * holds NUL or is not UTF-8 is never sent: the run is then DB_REFUSED with
 * 422 `bad_text`.  A parameter that is missing makes it DB_AWAY, and is
 * logged as a bug.
 */
struct rows *db_queue(struct db *db, const struct db_statement *statement,
		      const struct db_param *params);

/*
 * Sends everything queued, waits once, fills the rows.  After a failure the
 * rows of this run are empty, and so is everything queued and run until
 * db_reset().  A lost connection is made again, and the run repeated once,
 * only when nothing of it can have been committed: when the connection was
 * found closed before anything was sent, or when the server took the run back
 * because of another's (SQLSTATE 40001, 40P01).
 *
 * DB_OK says that what was done is on disk, as the server is set to have it.
 * With a statement among them that is early, the transaction lets go of its
 * locks before that, so that those who wait for them need not wait for the
 * disk too: others may then see what a crash at that moment takes away again.
 * What they write themselves is later on the same disk, and goes with it.
 */
enum db_outcome db_run(struct db *db);

/* Of the last run, when it was DB_REFUSED; valid until db_reset(). */
const struct db_refusal *db_refusal(const struct db *db);

/*
 * Of the last run, when it was DB_AWAY: SQLSTATE or "" - never the message,
 * which may quote values.
 */
struct str db_sqlstate(const struct db *db);

/* Ends the request: frees results, clears the sticky error. */
void db_reset(struct db *db);

/*
 * Resets, LISTENs on channel (a literal), then waits up to timeout_ms for a
 * notification, or until *stop is not 0 (set by a signal handler; may be
 * NULL).  True when one came, and when the listening only began, since one
 * may have been missed before.  While the server is away it waits the time
 * out.
 */
bool db_listen(struct db *db, const char *channel, int timeout_ms,
	       const volatile int *stop);

ptrdiff_t rows_count(const struct rows *rows);
/* Column index of a name, or -1. */
int rows_column(const struct rows *rows, struct str name);
bool rows_is_bool(const struct rows *rows, int column); /* OID 16 */
bool rows_is_json(const struct rows *rows, int column); /* OID 114, 3802 */
/* Text form of a field; absent for NULL and for a row or column not there. */
struct str rows_get(const struct rows *rows, ptrdiff_t row, int column);
/* The same by name. */
struct str rows_named(const struct rows *rows, ptrdiff_t row, const char *name);

/* Text form of one field as a value; 0, false for NULL. */
int64_t rows_int(const struct rows *rows, ptrdiff_t row, int column);
bool rows_bool(const struct rows *rows, ptrdiff_t row, int column);
/* Bytes of a bytea field, decoded into the arena. */
struct str rows_bytes(struct arena *a, const struct rows *rows, ptrdiff_t row,
		      int column);

/*
 * Parameters from C values; numbers become text in the arena.  An absent
 * value is SQL NULL for the _or_null kind, else a bug that fails the run.
 */
struct db_param db_param_text(struct str s);
struct db_param db_param_text_or_null(struct str s);
struct db_param db_param_bytes(struct str s);
struct db_param db_param_bytes_or_null(struct str s);
struct db_param db_param_int(struct arena *a, int64_t v);
struct db_param db_param_int_or_null(struct arena *a, const int64_t *v);
struct db_param db_param_bool(bool v);
struct db_param db_param_bool_or_null(const bool *v);

#endif
