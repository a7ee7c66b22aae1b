/*
 * Growing text.  Prints TAP.
 */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct arena arena;

static void what_is_added_stays_while_it_grows(void **state)
{
	struct buf b = buf_init(&arena, 0);
	struct str all;

	(void)state;
	assert_int_equal(buf_str(&b).n, 0);
	assert_false(str_is_absent(buf_str(&b)));
	for (int i = 0; i < 20000; i++) {
		buf_add_int(&b, i % 10);
		buf_add(&b, STR("ab"));
		buf_add_byte(&b, '\0');
	}
	all = buf_str(&b);
	assert_int_equal(all.n, 80000);
	for (int i = 0; i < 20000; i++) {
		assert_int_equal(all.p[4 * i], '0' + i % 10);
		assert_memory_equal(all.p + 4 * i + 1, "ab", 3);
	}
	arena_reset(&arena);
}

static void each_way_of_adding(void **state)
{
	struct buf b = buf_init(&arena, 3);
	char big[1000];

	(void)state;
	buf_add(&b, STR_ABSENT);
	buf_add(&b, STR(""));
	buf_add_int(&b, INT64_MIN);
	buf_printf(&b, "%s", "");
	buf_printf(&b, "|%05d|", 42);
	memcpy(buf_grow(&b, 2), "xy", 2);
	assert_string_equal(str_z(&arena, buf_str(&b)),
			    "-9223372036854775808|00042|xy");
	memset(big, 'z', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	/* text that fits but for its NUL must not be cut */
	for (int n = 990; n < 1000; n++) {
		struct buf c = buf_init(&arena, 1000);

		buf_printf(&c, "%.*s", n, big);
		buf_printf(&c, "%s", "tail");
		assert_int_equal(buf_str(&c).n, n + 4);
		assert_true(str_ends(buf_str(&c), STR("ztail")));
	}
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_stays_while_it_grows),
		cmocka_unit_test(each_way_of_adding),
	};
	int failed;

	arena_init(&arena, (size_t)16 * 1024 * 1024);
	failed = cmocka_run_group_tests_name("buf", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
