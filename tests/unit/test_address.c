/*
 * Which mail addresses are accepted.  Prints TAP.
 */
#include "base/address.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define LIST "tests/addresses.txt"

/* Lines "good ADDRESS" and "bad ADDRESS", which tests/sql reads too. */
static void addresses_that_could_be_two_are_refused(void **state)
{
	FILE *f = fopen(LIST, "r");
	char line[512];
	int seen[2] = {0, 0};

	(void)state;
	if (!f)
		fail_msg("no " LIST);
	while (fgets(line, sizeof(line), f)) {
		struct str address;
		struct str word;

		line[strcspn(line, "\n")] = 0;
		word = str_cut(str_of(line), ' ', &address);
		if (str_equal(word, STR("#")))
			continue;
		bool good = str_equal(word, STR("good"));

		seen[good]++;
		if (address_is_valid(address) != good)
			fail_msg("should be %s", line);
	}
	(void)fclose(f);
	assert_true(seen[true] > 9 && seen[false] > 30);
	assert_false(address_is_valid(STR_ABSENT));
	assert_false(address_is_valid(STR("a\0b@c")));
	assert_false(address_is_valid(STR("a@b\0c")));
	assert_false(address_is_valid(STR("a@b\r\nRCPT TO:<c@d>")));
	assert_false(address_is_valid(STR("a@b\n")));
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
