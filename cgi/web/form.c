/*
 * Reads a posted form by its declared fields, and shows it to templates.
 * Must not know what a form is for.
 */
#include "web/form.h"

#include "base/address.h"
#include "web/message.h"

#define LINE_MAX_POINTS 200
#define TEXT_MAX_POINTS 2000

/* What one field's checks work on. */
struct reading {
	struct arena *arena;
	struct form *form;
	int i;
};

static void fail(const struct reading *r, struct str key)
{
	const struct form_field *field = &r->form->fields[r->i];
	const struct message_blanks blanks = {
		.label = str_of(field->label),
		.least = field->least,
		.most = field->most,
	};

	if (!str_is_absent(r->form->errors[r->i]))
		return;
	r->form->errors[r->i] = message_fill(r->arena, key, &blanks);
	r->form->ok = false;
}

/* --- the text of a field --- */

/* Length of the well-formed character at s that may be shown, or 0. */
static ptrdiff_t shown_length(struct str s)
{
	for (ptrdiff_t n = 1; n <= 4 && n <= s.n; n++)
		if (str_is_utf8(str_first(s, n)))
			return str_has_control(str_first(s, n), true) ? 0 : n;
	return 0;
}

/* What can be shown again of a text that cannot be taken. */
static struct str text_mended(struct arena *a, struct str s)
{
	struct buf out = buf_init(a, s.n + 16);

	while (s.n > 0) {
		ptrdiff_t n = shown_length(s);

		buf_add(&out, n > 0 ? str_first(s, n) : STR("\xef\xbf\xbd"));
		s = str_from(s, n > 0 ? n : 1);
	}
	return buf_str(&out);
}

/* Lines end with LF, whichever way they were sent. */
static struct str lines_plain(struct arena *a, struct str s)
{
	struct buf out = buf_init(a, s.n);

	for (ptrdiff_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\r')
			buf_add_byte(&out, s.p[i]);
		else if (i + 1 == s.n || s.p[i + 1] != '\n')
			buf_add_byte(&out, '\n');
	}
	return buf_str(&out);
}

static void text_take(const struct reading *r, struct str value, bool bad)
{
	struct form *form = r->form;
	bool lines = form->fields[r->i].type == FORM_TEXT;

	if (!str_is_absent(form->values[r->i])) {
		fail(r, STR("field_repeated"));
		return;
	}
	if (bad || !str_is_utf8(value) || str_find(value, 0) >= 0) {
		form->values[r->i] = text_mended(r->arena, value);
		fail(r, STR("field_unreadable"));
		return;
	}
	value = lines ? lines_plain(r->arena, value) : str_trim(value);
	form->values[r->i] = value;
	if (str_has_control(value, lines)) {
		form->values[r->i] = text_mended(r->arena, value);
		fail(r, lines ? STR("field_unreadable") : STR("field_control"));
	}
}

/* A file's name is only shown: nothing is refused for it. */
static void file_take(const struct reading *r, const struct request *rq)
{
	struct str name = str_of(r->form->fields[r->i].name);
	const struct multipart_part *file = request_file(rq, name);

	if (file)
		r->form->values[r->i] = text_mended(r->arena, file->filename);
}

/* --- what a field may hold --- */

static void check_length(const struct reading *r, struct str value)
{
	if (str_utf8_count(value) > r->form->fields[r->i].most)
		fail(r, STR("field_long"));
}

static void check_email(const struct reading *r, struct str value)
{
	if (!address_is_valid(value))
		fail(r, STR("field_email"));
}

static void check_number(const struct reading *r, struct str value)
{
	const struct form_field *field = &r->form->fields[r->i];
	int64_t n;

	if (!str_read_int(value, &n) || n < field->least || n > field->most)
		fail(r, STR("field_number"));
	else
		r->form->numbers[r->i] = n;
}

static void check_choice(const struct reading *r, struct str value)
{
	const char *const *choice = r->form->fields[r->i].choices;

	for (; *choice; choice++)
		if (str_equal(value, str_of(*choice)))
			return;
	fail(r, STR("field_choose"));
}

static struct str missing_key(enum form_type type)
{
	if (type == FORM_CHOICE)
		return STR("field_choose");
	return type == FORM_FILE ? STR("field_file") : STR("field_missing");
}

static void field_check(const struct reading *r)
{
	const struct form_field *field = &r->form->fields[r->i];
	struct str value = r->form->values[r->i];

	if (!str_is_absent(r->form->errors[r->i]))
		return;
	if (str_trim(value).n == 0) {
		/* Blank lines are no text, however many. */
		r->form->values[r->i] = str_first(value, 0);
		if (field->required)
			fail(r, missing_key(field->type));
		return;
	}
	switch (field->type) {
	case FORM_LINE:
	case FORM_TEXT:
		check_length(r, value);
		break;
	case FORM_EMAIL:
		check_email(r, value);
		break;
	case FORM_NUMBER:
		check_number(r, value);
		break;
	case FORM_CHOICE:
		check_choice(r, value);
		break;
	case FORM_FILE:
		break;
	}
}

/* --- the form --- */

static int field_find(const struct form *form, struct str name)
{
	for (int i = 0; i < form->count; i++)
		if (str_equal(str_of(form->fields[i].name), name))
			return i;
	return -1;
}

static int field_must(const struct form *form, const char *name)
{
	int i = field_find(form, str_of(name));

	if (i < 0) {
		fprintf(stderr, "bug: no field %s is declared\n", name);
		abort();
	}
	return i;
}

static const struct form_field *
fields_copy(struct arena *a, const struct form_field *fields, int *count)
{
	struct form_field *copy =
		ARENA_ARRAY(a, FORM_FIELDS_MAX, struct form_field);
	int n = 0;

	for (; fields[n].name; n++) {
		if (n == FORM_FIELDS_MAX) {
			fprintf(stderr, "bug: a form has too many fields\n");
			abort();
		}
		copy[n] = fields[n];
		if (copy[n].most == 0 && copy[n].type == FORM_LINE)
			copy[n].most = LINE_MAX_POINTS;
		if (copy[n].most == 0 && copy[n].type == FORM_TEXT)
			copy[n].most = TEXT_MAX_POINTS;
	}
	*count = n;
	return copy;
}

bool form_read(struct request *rq, const struct form_field *fields,
	       struct form *form)
{
	struct reading r = {.arena = rq->arena, .form = form};
	struct request_fields at = request_fields(rq);
	struct str name, value;
	bool bad;

	*form = (struct form){.ok = true};
	form->fields = fields_copy(rq->arena, fields, &form->count);
	while (request_next_field(rq, &at, &name, &value, &bad)) {
		r.i = field_find(form, name);
		if (r.i >= 0 && fields[r.i].type != FORM_FILE)
			text_take(&r, value, bad);
	}
	for (r.i = 0; r.i < form->count; r.i++) {
		if (fields[r.i].type == FORM_FILE)
			file_take(&r, rq);
		field_check(&r);
	}
	return form->ok;
}

struct str form_get(const struct form *form, const char *name)
{
	return form->values[field_must(form, name)];
}

int64_t form_number(const struct form *form, const char *name)
{
	return form->numbers[field_must(form, name)];
}

void form_fail(struct form *form, struct str name, struct str sentence)
{
	int i = field_find(form, name);

	form->ok = false;
	if (i >= 0)
		form->errors[i] = sentence;
}

/* --- the form in a template --- */

/*
 * A member's place: FAILED, ERRORS, else FIRST + field * SLOTS + slot, where
 * slot is the value, the error, or a choice.
 */
#define FAILED 0
#define ERRORS 1
#define FIRST 2
#define SLOTS 64
#define SLOT_VALUE 0
#define SLOT_ERROR 1
#define SLOT_CHOICES 2

static int choice_slot(const struct form_field *field, struct str name)
{
	if (field->type != FORM_CHOICE)
		return -1;
	for (int c = 0; c < SLOTS - SLOT_CHOICES && field->choices[c]; c++)
		if (str_equal(name, str_of(field->choices[c])))
			return SLOT_CHOICES + c;
	return -1;
}

static int field_slot(const struct form_field *field, struct str name)
{
	struct str own = str_of(field->name);

	if (!str_starts(name, own))
		return -1;
	name = str_from(name, own.n);
	if (name.n == 0)
		return SLOT_VALUE;
	if (str_equal(name, STR("_error")))
		return SLOT_ERROR;
	if (str_starts(name, STR("_is_")))
		return choice_slot(field, str_from(name, 4));
	return -1;
}

static int form_place(const void *of, struct str name)
{
	const struct form *form = of;

	for (int i = 0; i < form->count; i++) {
		int slot = field_slot(&form->fields[i], name);

		if (slot >= 0)
			return FIRST + i * SLOTS + slot;
	}
	if (str_equal(name, STR("failed")))
		return FAILED;
	if (str_equal(name, STR("errors")))
		return ERRORS;
	return -1;
}

static struct value error_value(struct arena *a, const struct form *form, int i)
{
	struct str *texts = ARENA_ARRAY(a, 2, struct str);
	struct value_field *fields = ARENA_ARRAY(a, 4, struct value_field);

	texts[0] = str_of(form->fields[i].name);
	texts[1] = str_of(form->fields[i].label);
	fields[0] = (struct value_field){"field", value_text(&texts[0])};
	fields[1] = (struct value_field){"label", value_text(&texts[1])};
	fields[2] =
		(struct value_field){"sentence", value_text(&form->errors[i])};
	return value_object(fields);
}

static struct value errors_value(struct arena *a, const struct form *form)
{
	struct value *items = ARENA_ARRAY(a, FORM_FIELDS_MAX, struct value);
	ptrdiff_t n = 0;

	for (int i = 0; i < form->count; i++)
		if (!str_is_absent(form->errors[i]))
			items[n++] = error_value(a, form, i);
	return value_list(items, n);
}

static struct value form_member(struct value v, int place, struct arena *a)
{
	const struct form *form = v.of;
	int i = (place - FIRST) / SLOTS;
	int slot = (place - FIRST) % SLOTS;

	if (place == FAILED)
		return value_bool(!form->ok);
	if (place == ERRORS)
		return errors_value(a, form);
	if (slot == SLOT_VALUE)
		return value_text(&form->values[i]);
	if (slot == SLOT_ERROR)
		return value_text(&form->errors[i]);
	return value_bool(str_equal(
		form->values[i],
		str_of(form->fields[i].choices[slot - SLOT_CHOICES])));
}

static bool form_truth(struct value v)
{
	return v.of != NULL;
}

struct value form_value(struct arena *a, const struct form *form)
{
	static const struct value_kind kind = {
		.place = form_place,
		.member = form_member,
		.truth = form_truth,
	};
	struct form *copy = ARENA_NEW(a, struct form);

	*copy = *form;
	return (struct value){.kind = &kind, .of = copy};
}
