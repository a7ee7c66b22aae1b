/*
 * Words people read that are not in a template: the sentence for each key
 * that SQL functions raise and redirects carry.  The only such table.
 */
#ifndef WEB_MESSAGE_H
#define WEB_MESSAGE_H

#include "base/str.h"

/* The sentence of a key; absent when there is none. */
struct str message_find(struct str key);

/* The same for keys that an address may carry (?note=KEY), no others. */
struct str message_note(struct str key);

/*
 * Of messages that people get, in words: what a kind is, why one came to
 * somebody, and why it waits or did not come.  Absent for an unknown key; the
 * keys are those of notification_kinds, message_reason() and the causes in the
 * queue and its log.
 */
struct str message_kind(struct str key);
struct str message_reason(struct str key);
struct str message_cause(struct str key);
/* The same for the team that sends it. */
struct str message_team_cause(struct str key);
/* Why one was mailed, and not pushed. */
struct str message_push_cause(struct str key);
/* What a category of messages is about. */
struct str message_category(struct str key);
/* Why one is held back. */
struct str message_pause_reason(struct str key);

/* Title and sentence of an error page; those of 500 for an unknown status. */
struct message_problem {
	struct str title;
	struct str sentence;
};
struct message_problem message_problem(int status);

/* What {label}, {least} and {most} in a sentence stand for. */
struct message_blanks {
	struct str label;
	int64_t least, most;
};
/* The sentence of a key, which must exist, with its blanks filled in. */
struct str message_fill(struct arena *a, struct str key,
			const struct message_blanks *blanks);

#endif
