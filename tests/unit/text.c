/*
 * What tests expect of a text.  Must not know where it came from.
 */
#include "unit/text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

void assert_str(struct str got, const char *expected)
{
	if (str_is_absent(got) != !expected ||
	    !str_equal(got, str_of(expected)))
		fail_msg("'%.*s'%s, not '%s'", STR_ARG(got),
			 str_is_absent(got) ? " (absent)" : "",
			 expected ? expected : "(absent)");
}

void assert_has(struct str text, const char *part)
{
	if (str_find_str(text, str_of(part)) < 0)
		fail_msg("no '%s' in: %.*s", part, STR_ARG(text));
}

void assert_has_not(struct str text, const char *part)
{
	if (str_find_str(text, str_of(part)) >= 0)
		fail_msg("'%s' in: %.*s", part, STR_ARG(text));
}
