/*
 * A form and the database.  Must not know what is wrong with a value: the
 * database's functions say so.
 */
#include "web/form_row.h"

#include "base/json.h"
#include "web/message.h"

struct str form_json(struct arena *a, const struct form *form)
{
	struct buf out = buf_init(a, 1000);

	buf_add_byte(&out, '{');
	for (int i = 0; i < form->count; i++) {
		if (form->values[i].n == 0)
			continue;
		if (out.n > 1)
			buf_add_byte(&out, ',');
		json_add_text(&out, str_of(form->fields[i].name));
		buf_add_byte(&out, ':');
		json_add_text(&out, form->values[i]);
	}
	buf_add_byte(&out, '}');
	return buf_str(&out);
}

void form_fill(struct form *form, const struct form_field *fields,
	       const struct rows *row)
{
	*form = (struct form){.fields = fields, .ok = true};
	for (; fields[form->count].name; form->count++)
		form->values[form->count] =
			rows_named(row, 0, fields[form->count].name);
}

void form_set(struct form *form, const char *name, struct str value)
{
	for (int i = 0; i < form->count; i++)
		if (str_equal(str_of(form->fields[i].name), str_of(name)))
			form->values[i] = value;
}

void form_judge(struct form *form, const struct rows *faults)
{
	for (ptrdiff_t i = 0; i < rows_count(faults); i++) {
		struct str name = rows_named(faults, i, "field");

		for (int f = 0; f < form->count; f++)
			if (str_equal(str_of(form->fields[f].name), name) &&
			    !str_is_absent(form->errors[f]))
				name = STR_ABSENT;
		if (!str_is_absent(name))
			form_fail(form, name,
				  message_find(rows_named(faults, i, "key")));
	}
}
