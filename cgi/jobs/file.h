/*
 * Whole files, read and replaced.  Knows nothing of what is in them.
 */
#ifndef JOBS_FILE_H
#define JOBS_FILE_H

#include "base/str.h"

#include <sys/types.h>

/*
 * The file's bytes in the arena, absent when it cannot be read or is over max
 * bytes, which is found before anything is read; *why is then a sentence.
 */
struct str file_read(struct arena *a, struct str path, ptrdiff_t max,
		     struct str *why);

/* Makes a new file; false when it is there already, or cannot be made. */
bool file_make(struct arena *a, struct str path, struct str text, mode_t mode,
	       struct str *why);

/*
 * Puts text in the place of the file, with its mode, at once: a reader finds
 * the old or the new, also after a crash.
 */
bool file_replace(struct arena *a, struct str path, struct str text,
		  struct str *why);

#endif
