/*
 * Posted forms of any bytes, with a field of every type: what is shown again
 * must be text, and what is taken must be what the field allows.
 */
#include "web/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const choices[] = {"yes", "no", NULL};
static const struct form_field fields[] = {
	{.name = "line", .label = "Line", .required = true, .most = 8},
	{.name = "text", .label = "Text", .type = FORM_TEXT, .most = 8},
	{.name = "email", .label = "Email", .type = FORM_EMAIL},
	{.name = "number",
	 .label = "Number",
	 .type = FORM_NUMBER,
	 .least = -3,
	 .most = 5},
	{.name = "choice",
	 .label = "Choice",
	 .type = FORM_CHOICE,
	 .required = true,
	 .choices = choices},
	{.name = NULL},
};

/* What stands in every taken field. */
static void check_values(const struct form *form)
{
	struct str email = form_get(form, "email");
	int64_t number = form_number(form, "number");

	if (str_utf8_count(form_get(form, "line")) > 8 ||
	    str_has_control(form_get(form, "line"), false) ||
	    str_utf8_count(form_get(form, "text")) > 8 ||
	    str_find(form_get(form, "text"), '\r') >= 0)
		abort();
	if (email.n > 0 &&
	    (str_find(email, '@') < 1 || str_has_control(email, false) ||
	     str_find(email, ' ') >= 0 || str_find(email, ',') >= 0))
		abort();
	if (number < -3 || number > 5)
		abort();
}

static void check_form(struct arena *a, const struct form *form)
{
	bool failed = false;

	for (int i = 0; i < form->count; i++) {
		struct str value = form->values[i];

		failed = failed || !str_is_absent(form->errors[i]);
		if (!str_is_utf8(value) || str_find(value, 0) >= 0)
			abort();
	}
	if (failed == form->ok)
		abort();
	if (form->ok)
		check_values(form);
	(void)form_value(a, form);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request rq = {
		.body = str_at((const char *)data, (ptrdiff_t)size),
	};
	struct arena a;
	struct form form;

	arena_init(&a, REQUEST_ARENA_MAX);
	rq.arena = &a;
	(void)form_read(&rq, fields, &form);
	check_form(&a, &form);
	arena_release(&a);
	return 0;
}
