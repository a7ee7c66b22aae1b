/*
 * What an SMTP refusal means for its message (R-F2).  Knows nothing of
 * connections.
 */
#ifndef SEND_REFUSAL_H
#define SEND_REFUSAL_H

#include "send/channel.h"

/* The SMTP step that was answered, in the order in which they come. */
enum smtp_step {
	STEP_CONNECT,
	STEP_HELLO,
	STEP_AUTH,
	STEP_MAIL,
	STEP_RCPT,
	STEP_DATA
};

/*
 * Of a reply that is not an acceptance.  reply is 0, or under 400, when the
 * other side went away without one; status is an enhanced status code of the
 * reply's own class, or "".
 */
enum send_outcome refusal_judge(enum smtp_step step, int reply,
				const char *status);

/* A fixed phrase for a refusal at this step. */
const char *refusal_phrase(enum smtp_step step);

#endif
