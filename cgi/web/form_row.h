/*
 * A form and the database: as a row has it, as a function takes it, and what
 * a function finds wrong with it.  Knows no page.
 */
#ifndef WEB_FORM_ROW_H
#define WEB_FORM_ROW_H

#include "view/rows.h"
#include "web/form.h"

/* {"NAME":"VALUE", ...} of the fields that are not empty. */
struct str form_json(struct arena *a, const struct form *form);

/* The fields with the row's columns of their names as values. */
void form_fill(struct form *form, const struct form_field *fields,
	       const struct rows *row);

/* Gives a declared field another value. */
void form_set(struct form *form, const char *name, struct str value);

/* Rows of field and key: puts the key's sentence where no fault is known. */
void form_judge(struct form *form, const struct rows *faults);

#endif
