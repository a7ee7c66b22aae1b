/*
 * What events are called, kept from one request to the next for as long as
 * the database says that the words are the same.  Knows no page.
 */
#ifndef DATA_WORDS_H
#define DATA_WORDS_H

#include "base/str.h"

/* Of one event, told in one zone; texts are absent where there is nothing. */
struct words {
	int64_t event;
	struct str zone; /* absent: the organisation's */
	struct str title;
	struct str starts_at; /* in UTC, for machines */
	struct str starts_text;
	struct str location;
	struct str org_name;
	struct str org_logo;
	bool is_virtual;
	int64_t cursor_at;  /* microseconds since 1970 */
	struct words *next; /* private */
};

/* What a program keeps; words in it live until words_keep() or words_add(). */
struct words_kept;

struct words_kept *words_open(void);
void words_close(struct words_kept *kept);

/* Forgets all that was read under another version than this one. */
void words_keep(struct words_kept *kept, int64_t version);

/* NULL when they are not kept. */
const struct words *words_find(struct words_kept *kept, int64_t event,
			       struct str zone);

/*
 * Keeps a copy.  When there would be too many, all others are forgotten: then
 * what is not found any more has to be asked for again.
 */
void words_add(struct words_kept *kept, const struct words *words);

#endif
