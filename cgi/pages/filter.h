/*
 * Filters of a list as an address carries them.  Knows no list.
 */
#ifndef PAGES_FILTER_H
#define PAGES_FILTER_H

#include "web/request.h"

/* A day, absent without one; one that is none is left out and *is_wrong set. */
struct str filter_day(struct request *rq, const char *name, bool *is_wrong);

/* "name=value&" for an address; "" when there is no value. */
struct str filter_say_number(struct arena *a, const char *name,
			     const int64_t *number);
struct str filter_say_words(struct arena *a, const char *name,
			    struct str words);

/* The digits of a number; absent without one. */
struct str filter_number_text(struct arena *a, const int64_t *number);

#endif
