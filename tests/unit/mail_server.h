/*
 * A mail server that answers as it is told, in a process of its own.  Knows
 * no rule.
 */
#ifndef TESTS_MAIL_SERVER_H
#define TESTS_MAIL_SERVER_H

#include "send/channel.h"

#include <sys/types.h>

/*
 * What it says at each step; NULL: it hangs up there; an empty text is never
 * said.
 */
struct script {
	const char *greeting;
	const char *hello;
	const char *mail;
	const char *rcpt;
	const char *data;
	const char *end;
};

/* What the servers that are started from now on do besides. */
struct mood {
	const struct script *later; /* after a connection's first message */
	int byte_ms;		    /* between two bytes of what they say */
	bool ignores_quit;
	bool forgets; /* what a message says: it is not kept as heard */
};
extern struct mood mail_server_mood;

struct mail_server {
	pid_t pid;
	int heard; /* all that came in on the wire */
	struct str url;
	struct channel *channel; /* that sends there */
};

/* On 127.0.0.1; ends by itself after a minute at most. */
struct mail_server mail_server_start(struct arena *a,
				     const struct script *script);

/* Closes the channel and ends the server; returns all it heard. */
struct str mail_server_stop(struct arena *a, struct mail_server *server);

/* A message with a line that begins with a dot, and what became of it. */
struct send_message mail_server_message(void);
struct send_result mail_server_send(struct mail_server *server);

#endif
