/*
 * Arena: alignment, zeroes, caps and resets.  Prints TAP.
 */
#include "base/arena.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CAP ((size_t)1024 * 1024)

/* Whether doing it ends the process by abort(), in a child of ours. */
static bool aborts(void (*doing)(struct arena *a))
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct arena a;
		int null = open("/dev/null", O_WRONLY);

		(void)dup2(null, STDERR_FILENO);
		arena_init(&a, CAP);
		doing(&a);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status);
}

static void take_more_than_cap(struct arena *a)
{
	(void)arena_get(a, CAP + 1);
}

static void take_cap(struct arena *a)
{
	(void)arena_get(a, CAP);
}

static void take_one_after_cap(struct arena *a)
{
	(void)arena_get_text(a, CAP);
	(void)arena_get_text(a, 1);
}

static void take_the_whole_address_space(struct arena *a)
{
	(void)arena_get(a, 1);
	(void)arena_get(a, SIZE_MAX);
}

static void take_overflowing_array(struct arena *a)
{
	(void)arena_get_array(a, SIZE_MAX / 2, 3);
}

static void take_cap_after_reset(struct arena *a)
{
	(void)arena_get_text(a, CAP);
	arena_reset(a);
	(void)arena_get_text(a, CAP);
}

static void the_cap_ends_the_program_and_nothing_less_does(void **state)
{
	(void)state;
	assert_false(aborts(take_cap));
	assert_false(aborts(take_cap_after_reset));
	assert_true(aborts(take_more_than_cap));
	assert_true(aborts(take_one_after_cap));
	assert_true(aborts(take_the_whole_address_space));
	assert_true(aborts(take_overflowing_array));
}

static void all_is_zeroed_and_aligned_even_in_used_memory(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, CAP);
	memset(arena_get_text(&a, 60000), 0xaa, 60000);
	arena_reset(&a);
	for (size_t n = 0; n < 200; n++) {
		unsigned char *p;

		(void)arena_get_text(&a, n % 7);
		p = arena_get(&a, n);
		assert_int_equal((uintptr_t)p % sizeof(void *), 0);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xaa, n);
	}
	arena_release(&a);
}

/* Each piece keeps its own pattern while others are taken around it. */
static void pieces_do_not_overlap(void **state)
{
	static unsigned char *pieces[1000];
	struct arena a;

	(void)state;
	arena_init(&a, (size_t)64 * CAP);
	for (size_t i = 0; i < 1000; i++) {
		size_t n = 1 + i * 37 % 5000;

		pieces[i] = (unsigned char *)arena_get_text(&a, n);
		memset(pieces[i], (int)(i % 251), n);
	}
	for (size_t i = 0; i < 1000; i++)
		for (size_t k = 0; k < 1 + i * 37 % 5000; k++)
			assert_int_equal(pieces[i][k], i % 251);
	arena_release(&a);
}

static void pieces_over_a_block_are_given_back_by_the_reset(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, CAP);
	for (int i = 0; i < 1000; i++) {
		(void)arena_get(&a, 100000);
		(void)arena_get(&a, 10);
		arena_reset(&a);
		assert_int_equal(a.used, 0);
	}
	arena_reset(&a);
	arena_release(&a);
	arena_release(&a);
	arena_reset(&a);
	assert_non_null(arena_get(&a, 0));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_cap_ends_the_program_and_nothing_less_does),
		cmocka_unit_test(all_is_zeroed_and_aligned_even_in_used_memory),
		cmocka_unit_test(pieces_do_not_overlap),
		cmocka_unit_test(
			pieces_over_a_block_are_given_back_by_the_reset),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
