/*
 * The wire to PostgreSQL: one connection in pipeline mode, what goes over it
 * and what comes back.  Private to data/.  Knows no stickiness, no retries
 * and no meaning of an error.
 */
#ifndef DATA_WIRE_H
#define DATA_WIRE_H

#include "data/db.h"

struct pg_conn;
struct pg_result;

/* A statement to run and, later, what came back. */
struct rows {
	struct rows *next;
	const struct db_statement *statement;
	const char **values;
	int *lengths;
	int *formats;
	bool is_apart; /* a transaction of its own, after those before it */
	bool prepare;  /* in this run a prepare goes before it */
	struct pg_result *result;
	struct str *names; /* of the columns */
};

/* All fields are private to wire.c; zeroed it is a wire that is down. */
struct wire {
	struct pg_conn *conn;
	const struct db_statement **prepared; /* on this connection */
	int prepared_count;
	int prepared_room;
	bool listening;
	struct arena *arena;  /* of this run */
	struct rows *reading; /* whose result comes next; NULL: the end */
	bool reading_prepare;
	int transactions; /* whose end is still to be read */
	struct wire_error *error;
};

/* The first error of a run: those after it only follow from it. */
struct wire_error {
	bool any;
	bool is_apart;	    /* of such a statement: those before it are done */
	char sqlstate[6];   /* "" when the server gave none */
	struct str message; /* in the run's arena; may quote values */
	struct str detail;
	const char *statement; /* its name */
};

/*
 * Connects, using the arena for what it needs on the way; false leaves in
 * *why what the operator needs to know, without values or passwords.
 */
bool wire_connect(struct wire *wire, struct arena *a, struct str url,
		  const char *role, int timeout_ms, struct str *why);
void wire_disconnect(struct wire *wire);
/* Disconnects and gives back memory. */
void wire_release(struct wire *wire);

/*
 * Whether the idle connection still stands: a server that went away has said
 * so, or closed it, which only reading shows.
 */
bool wire_stands(struct wire *wire);

/*
 * Sends the list of statements as one pipeline and one transaction, but for
 * those that are apart, and reads all results; names of columns go into the
 * arena.  False when the connection broke, or was silent for limit_ms: it must
 * then be disconnected.
 */
bool wire_run(struct wire *wire, struct arena *a, struct rows *first,
	      int limit_ms, struct wire_error *error);

bool wire_listens(const struct wire *wire);
/* LISTENs on a channel, as wire_run(). */
bool wire_listen(struct wire *wire, struct arena *a, const char *channel,
		 int limit_ms);
/* Takes what has arrived: true when a notification was among it. */
bool wire_notified(struct wire *wire);
/* To poll; -1 when it is down. */
int wire_socket(const struct wire *wire);

void wire_free_result(struct rows *rows);

#endif
