/*
 * Rows about messages with the words for their keys, for pages of the team.
 * Knows no page.
 */
#ifndef PAGES_MESSAGE_WORDS_H
#define PAGES_MESSAGE_WORDS_H

#include "data/db.h"
#include "view/value.h"

/* An object: message (the row), what, cause_text and push_text. */
struct value message_words_row(struct arena *a, const struct rows *rows,
			       ptrdiff_t row, struct str kind, struct str cause,
			       struct str push_cause);

/* One of a list to choose from: key, text, is_chosen. */
struct value message_words_choice(struct arena *a, struct str key,
				  struct str text, struct str chosen);

/* An object: pause (the row), text and reason_text. */
struct value message_words_pause(struct arena *a, const struct rows *rows,
				 ptrdiff_t row, struct str category,
				 struct str reason);

/*
 * The rows of staff_message_kinds as a list of categories: key, text,
 * is_chosen, and kinds, a list of choices.
 */
struct value message_words_kinds(struct arena *a, const struct rows *rows,
				 struct str chosen);

#endif
