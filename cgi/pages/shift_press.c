/*
 * The table of those buttons.  Must not know who presses one.
 */
#include "pages/shift_press.h"

#include "web/form.h"
#include "web/message.h"

static const struct shift_press presses[] = {
	{"check_in", "check_in", NULL, 0, "?note=own_shift_came"},
	{"check_out", "check_out", NULL, 0, "?note=own_shift_went"},
	{"late_5", NULL, "late", 5, "?note=own_shift_late"},
	{"late_15", NULL, "late", 15, "?note=own_shift_late"},
	{"late_30", NULL, "late", 30, "?note=own_shift_late"},
	{"declined", NULL, "declined", 0, "?note=own_shift_declined"},
	{"coming", NULL, "coming", 0, "?note=own_shift_coming"},
};

static const struct form_field fields[] = {
	{.name = "press", .label = "What", .type = FORM_LINE, .required = true},
	{.name = NULL},
};

const struct shift_press *shift_press_read(struct request *rq)
{
	struct form form;

	if (!form_read(rq, fields, &form))
		return NULL;
	for (size_t i = 0; i < sizeof(presses) / sizeof(presses[0]); i++)
		if (str_equal(form_get(&form, "press"),
			      str_of(presses[i].name)))
			return &presses[i];
	return NULL;
}

struct str shift_press_refused(struct str key)
{
	/* Who assigns others is told what to do about it. */
	if (str_equal(key, STR("shift_full")))
		key = STR("own_shift_full");
	return message_find(key);
}

const int64_t *shift_press_minutes(const struct shift_press *press)
{
	return press->minutes ? &press->minutes : NULL;
}
