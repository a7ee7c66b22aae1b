/*
 * Which mail addresses are accepted.  Prints TAP.
 */
#include "base/address.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void addresses_that_could_be_two_are_refused(void **state)
{
	static const char *const good[] = {
		"a@b",
		"ada.love+lace@example.org",
		"o'neil@sub.example.org",
		"rollcall@localhost",
		"x_y-z~1@xn--bcher-kva.example",
	};
	static const char *const bad[] = {
		"",
		"@",
		"a@",
		"@b",
		"a",
		"a@b@c",
		"a b@c",
		"a@b c",
		"<a@b>",
		"a@b>",
		"a@b\r\nRCPT TO:<c@d>",
		".a@b",
		"a.@b",
		"a..b@c",
		"a@.b",
		"a@b.",
		"a@b..c",
		"a@-b",
		"a@b-",
		"\"a b\"@c",
		"a@[127.0.0.1]",
		"z\xc3\xb6@example.org",
		"a,b@c",
		"a@b,c@d",
		"a@b_c",
		("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff"
		 "12345@example.org"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!address_is_valid(str_of(good[i])))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (address_is_valid(str_of(bad[i])))
			fail_msg("accepted: %s", bad[i]);
	assert_false(address_is_valid(STR_ABSENT));
	assert_false(address_is_valid(STR("a\0b@c")));
	assert_false(address_is_valid(STR("a@b\0c")));
}

static void the_domain_is_behind_the_at(void **state)
{
	(void)state;
	assert_true(str_equal(address_domain(STR("a.b@c.example")),
			      STR("c.example")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-F4 addresses that could be more than one are refused",
		 addresses_that_could_be_two_are_refused, NULL, NULL, NULL},
		{"R-F4 the domain is what stands behind the @",
		 the_domain_is_behind_the_at, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
