/*
 * A report of non-delivery as mail servers send it (RFC 3464 in RFC 3461's
 * multipart/report): what it says became of the message it is about, and which
 * addresses it came to.  Knows nothing of whose message that was.
 */
#ifndef BASE_REPORT_H
#define BASE_REPORT_H

#include "base/str.h"

/* More of a mail is not looked at; reports say what they say far before. */
#define REPORT_BYTES_MAX (1 << 20)
/* Addresses that are kept of those a mail came to. */
#define REPORT_TO_MAX 16

enum report_action {
	REPORT_NONE,	  /* no such report: an answer, an advertisement */
	REPORT_FAILED,	  /* given up for everybody it names */
	REPORT_DELAYED,	  /* still tried */
	REPORT_DELIVERED, /* delivered, passed on, or for some of several */
};

struct report {
	enum report_action action;
	/*
	 * When it failed, and for all alike: the status (RFC 3463) such as
	 * 5.1.1, "" without a telling one; and the SMTP reply's code, 0
	 * without one.
	 */
	char status[12];
	int reply;
	/* Whom the mail came to, by its headers: anybody may write them. */
	int to_count;
	struct str to[REPORT_TO_MAX];
};

/*
 * Reads a mail, whole or cut off.  False when it is none: no header stands at
 * its top.
 */
bool report_read(struct arena *a, struct str mail, struct report *report);

#endif
