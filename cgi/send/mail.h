/*
 * One mail as the bytes that go over the wire (RFC 5322, MIME): the same
 * input always gives the same bytes.  Knows nothing of templates, the
 * database or how it is sent.
 */
#ifndef SEND_MAIL_H
#define SEND_MAIL_H

#include "base/buf.h"
#include "base/secret.h"

/* The largest message, in bytes: a larger one is refused. */
#define MAIL_BYTES_MAX (20 * 1024)
/* The longest name or subject, in bytes. */
#define MAIL_NAME_MAX 998

struct mail {
	struct str date; /* as RFC 5322 writes it */
	struct str id;	 /* mail_id(): left of the @ of Message-ID */
	struct str from_name;
	struct str from; /* addresses without brackets */
	struct str to_name;
	struct str to;
	struct str subject;
	struct str text; /* lines end in LF or CRLF */
	struct str html;
	struct str stop_url; /* one-click unsubscribe (RFC 8058), or absent */
};

/*
 * The part left of the @ of Message-ID, and the MIME boundary: a keyed hash
 * of the notification's id, so that copies are known to be copies and the id
 * itself is not told.
 */
struct str mail_id(struct arena *a, const struct secret_keys *keys,
		   struct str notification_id);

/*
 * The whole message, absent when it is refused; then *why is a sentence
 * without anything of its content: bad addresses, control characters or
 * broken UTF-8 anywhere, an empty or over-long subject, more than
 * MAIL_BYTES_MAX.
 */
struct str mail_write(struct arena *a, const struct mail *mail,
		      const char **why);

#endif
