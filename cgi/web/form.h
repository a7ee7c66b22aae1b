/*
 * A posted form: fields declared with their validators, the values typed,
 * and what is wrong with them.  Knows no page.
 */
#ifndef WEB_FORM_H
#define WEB_FORM_H

#include "web/request.h"

#define FORM_FIELDS_MAX 32

enum form_type {
	FORM_LINE,   /* one line of text, trimmed; no control characters */
	FORM_TEXT,   /* text of several lines; CRLF becomes LF */
	FORM_EMAIL,  /* one address, as base/address.h takes it */
	FORM_NUMBER, /* a whole number in [least, most] */
	FORM_CHOICE, /* one of choices */
	FORM_FILE    /* the value is its name, the bytes are request_file()'s */
};

struct form_field {
	const char *name;
	const char *label; /* as the page calls it: used in messages */
	enum form_type type;
	bool required;
	int64_t least, most;	    /* of a number; most: code points of a text,
				       0: 200 of a line, 2,000 of a text */
	const char *const *choices; /* ends with NULL */
};

/* Values and errors stand in the order of the declared fields. */
struct form {
	const struct form_field *fields;
	int count;
	struct str values[FORM_FIELDS_MAX]; /* as typed, safe to show again */
	int64_t numbers[FORM_FIELDS_MAX];
	struct str errors[FORM_FIELDS_MAX]; /* a sentence; absent: all well */
	bool ok;
};

/*
 * Reads the form that was sent, of either encoding, by the fields, which
 * end with a row whose name is NULL.  Missing, repeated, too long, not UTF-8
 * or NUL-holding fields each get an error that names the field and says what
 * to do; fields that are not declared are ignored.  Returns form->ok.
 */
bool form_read(struct request *rq, const struct form_field *fields,
	       struct form *form);

/* The value of a field, which must be declared; absent when not given. */
struct str form_get(const struct form *form, const char *name);
int64_t form_number(const struct form *form, const char *name);

/* Puts an error at a field: what a function refused. */
void form_fail(struct form *form, struct str name, struct str sentence);

/*
 * The form for templates, a copy of it: for each field NAME the members NAME
 * (value), NAME_error, and NAME_is_CHOICE for choices; failed is true when
 * there is any error, and errors is the list of {field, label, sentence}.
 */
struct value form_value(struct arena *a, const struct form *form);

#endif
