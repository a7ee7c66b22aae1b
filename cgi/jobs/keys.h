/*
 * The file of signing keys: made, given a new first key, relieved of an old
 * one.  Never shows a key.
 */
#ifndef JOBS_KEYS_H
#define JOBS_KEYS_H

#include "base/str.h"

/* Each: false leaves a sentence in *why; true leaves what was done in *said. */

/* Makes the file, mode 0640 less the umask, with one key. */
bool keys_init(struct arena *a, struct str path, struct str *said,
	       struct str *why);

/*
 * Puts a new key first: it signs from now on, the others still verify.  Web
 * programs that run take it up at their next request, a following sweep at
 * its next run.
 */
bool keys_rotate(struct arena *a, struct str path, struct str *said,
		 struct str *why);

/*
 * Takes out the key with that id, never the first: links that it signed are
 * not found any more from each web program's next request on, unsubscribe
 * links and addresses of calendars, which have no end, among them.  A sweep's
 * run that began before the rotation may still sign with it.
 */
bool keys_retire(struct arena *a, struct str path, struct str id,
		 struct str *said, struct str *why);

#endif
