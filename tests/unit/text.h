/*
 * What tests expect of a text.
 */
#ifndef UNIT_TEXT_H
#define UNIT_TEXT_H

#include "base/str.h"

/* Equal to expected; NULL expects an absent text, "" one that is empty. */
void assert_str(struct str got, const char *expected);
void assert_has(struct str text, const char *part);
void assert_has_not(struct str text, const char *part);

#endif
