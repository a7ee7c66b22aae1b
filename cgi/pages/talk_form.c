/*
 * Its fields.  Must not know who writes.
 */
#include "pages/talk_form.h"

const struct form_field talk_fields[] = {
	{.name = "body",
	 .label = "Your message",
	 .type = FORM_TEXT,
	 .required = true,
	 .most = 2000},
	{.name = "last",
	 .label = "The newest",
	 .type = FORM_NUMBER,
	 .least = 1,
	 .most = INT64_MAX},
	{.name = NULL},
};

const struct form talk_empty = {.fields = talk_fields, .count = 2, .ok = true};

const int64_t *talk_last(struct request *rq, const struct form *form)
{
	int64_t *last = ARENA_NEW(rq->arena, int64_t);

	*last = form_number(form, "last");
	return *last > 0 ? last : NULL;
}
