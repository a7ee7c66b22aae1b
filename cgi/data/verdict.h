/*
 * What became of each row of an import, for whoever brought the file.  Knows
 * neither people nor events.
 */
#ifndef DATA_VERDICT_H
#define DATA_VERDICT_H

#include "base/str.h"

#include <stdio.h>

struct verdict {
	int line;
	struct str what;   /* whom or what the row is about */
	struct str result; /* new, changed, unchanged or refused */
	struct str why;	   /* of a refusal; else absent */
};

/*
 * What the database said about the row of a line, when it is one of verdicts,
 * which are in the order of their lines.
 */
void verdict_set(struct verdict *verdicts, ptrdiff_t count, int line,
		 struct str result, struct str why);

/* [{"line":2,"title":...,"why":...}, ...] of those that have a why. */
struct str verdict_refused(struct arena *a, const struct verdict *verdicts,
			   ptrdiff_t count);

/*
 * Prints a line a verdict, then their numbers; returns how many were refused.
 * Control characters that a row holds are shown as '?'.
 */
ptrdiff_t verdict_print(FILE *out, const struct verdict *verdicts,
			ptrdiff_t count, bool dry_run);

#endif
