/*
 * What is said to a mail server of one message after another, and what it
 * answers (RFC 5321, RFC 2920): bytes in, bytes out.  Knows no connection;
 * somebody else makes it, greets, and logs in.
 */
#ifndef SEND_TALK_H
#define SEND_TALK_H

#include "base/address.h"
#include "send/refusal.h"

#define TALK_ROOM (16 * 1024)
/* A longer reply is none. */
#define TALK_REPLY_MAX (64 * 1024)
/* As much of a reply's line as is looked at. */
#define TALK_LINE 40

enum talk_state {
	TALK_GOES_ON,
	TALK_OVER,  /* the connection may carry the next message */
	TALK_BROKEN /* over too, and it may not */
};

/* What is said of a message, in this order; RSET where it is needed. */
enum talk_part {
	PART_RSET,
	PART_MAIL,
	PART_RCPT,
	PART_DATA,
	PART_MESSAGE,
	PART_END
};

/* All zero before its first use. */
struct talk {
	/* For who judges; where it was refused, of the first refusal. */
	enum smtp_step step;
	int reply;	 /* the last code, 0 without one */
	char status[12]; /* of that reply (RFC 3463), or "" */
	bool accepted;
	bool said_all; /* with the final dot; it may have arrived */

	/* The rest is private.  Of the connection: */
	bool pipelines;
	bool unsettled; /* the last message's envelope still stands there */
	/* of the order: */
	char from[ADDRESS_MAX + 1];
	char to[ADDRESS_MAX + 1];
	struct str bytes;
	/* of the message: */
	enum talk_state state;
	enum talk_part said;  /* the next to be said */
	enum talk_part heard; /* the next to be answered */
	bool refused;
	bool answered; /* with anything but a farewell */
	struct str left;
	bool at_line; /* left begins a line */
	bool dotted;
	ptrdiff_t heard_n; /* bytes since the last whole reply */
	char line[TALK_LINE];
	ptrdiff_t line_n;
	ptrdiff_t out_n;
	ptrdiff_t out_gone;
	char out[TALK_ROOM];
};

/* --- while somebody else greets and logs in --- */

/* A new connection: nothing is known of it. */
void talk_dial(struct talk *talk);
/* Is told each line that goes out, and each of a reply. */
void talk_see_sent(struct talk *talk, struct str line);
void talk_see_reply(struct talk *talk, struct str line);

/* --- then, for each message --- */

/*
 * Whether a message can be told from the words around it: its lines, the last
 * too, end in CRLF, and neither CR nor LF stands elsewhere.
 */
bool talk_is_sound(struct str bytes);

/*
 * What is to be carried: valid addresses, copied, and bytes that are sound and
 * live on.
 */
void talk_order(struct talk *talk, struct str from, struct str to,
		struct str bytes);
/* From the beginning, on whichever connection there is. */
void talk_begin(struct talk *talk);

enum talk_state talk_state(const struct talk *talk);
/* What is to be sent; empty while it waits for a reply. */
struct str talk_speak(const struct talk *talk);
/* So many bytes of it were. */
void talk_spoke(struct talk *talk, ptrdiff_t n);
void talk_hear(struct talk *talk, struct str bytes);

/*
 * Whether a connection that is lost or broken now was so before this message:
 * on another it may begin again.
 */
bool talk_was_late(const struct talk *talk);

#endif
