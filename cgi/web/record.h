/*
 * An answer as the records of FastCGI, handed over at once: by libfcgi each
 * 8 KB are a write, and nginx is woken for every one.  Knows no request, nor
 * who accepted it.
 */
#ifndef WEB_RECORD_H
#define WEB_RECORD_H

#include "base/str.h"

/*
 * Writes text, then rest, as the standard output of the numbered request, and
 * the request's end; waits until all is taken.  False when nobody takes it.
 */
bool record_answer(int fd, int request, struct str text, struct str rest);

#endif
