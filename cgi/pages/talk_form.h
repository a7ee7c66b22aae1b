/*
 * The form under which both sides of a conversation write.
 */
#ifndef PAGES_TALK_FORM_H
#define PAGES_TALK_FORM_H

#include "web/form.h"

/* Of the newest message that was shown, and what is written. */
extern const struct form_field talk_fields[];
extern const struct form talk_empty;

/* The newest that was shown; NULL when the form does not say. */
const int64_t *talk_last(struct request *rq, const struct form *form);

#endif
