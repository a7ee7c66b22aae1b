/*
 * QR codes: that both drawings show the code's own modules, dark on light,
 * with the quiet zone around them.  Whether a reader makes sense of them is
 * tried on the page itself.  Prints TAP.
 */
#include "view/qr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define QUIET 4
#define MOST 200

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, (size_t)1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

/* An address as long as those of tickets. */
static struct qr ticket(void)
{
	struct qr qr;

	assert_true(qr_make(&arena,
			    STR("https://rollcall.example.org/c/"
				"AAEAAQcAAAAAAAAAKgAAAAEAAAAAaSA1AAAAAAAAAAAAAA"
				"AAAAAAAAAAAAAAAAAA"),
			    &qr));
	return qr;
}

static void a_code_has_its_three_corners(void **state)
{
	struct qr qr = ticket();
	int last = qr.size - 1;

	(void)state;
	assert_int_equal((qr.size - 17) % 4, 0);
	/* Around a finder's ring of seven runs a light one. */
	for (int i = 0; i < 7; i++) {
		assert_true(qr.dark[i]);
		assert_true(qr.dark[last - i]);
		assert_true(qr.dark[last * qr.size + i]);
		assert_false(qr.dark[7 * qr.size + i]);
	}
}

static void no_code_for_nothing_or_too_much(void **state)
{
	char *much = arena_get_text(&arena, 2332);
	struct qr qr;

	(void)state;
	for (int i = 0; i < 2332; i++)
		much[i] = 'a';
	assert_false(qr_make(&arena, STR(""), &qr));
	assert_false(qr_make(&arena, STR("a\0b"), &qr));
	assert_false(qr_make(&arena, str_at(much, 2332), &qr));
	assert_true(qr_make(&arena, str_at(much, 2331), &qr));
	assert_int_equal(qr.size, 177);
}

static void a_picture_has_each_module_once(void **state)
{
	static bool drawn[MOST][MOST];
	struct qr qr = ticket();
	struct value picture = qr_picture(&arena, &qr);
	struct value size;
	struct value path;

	(void)state;
	assert_true(value_member(picture, STR("size"), &arena, &size));
	assert_string_equal(
		str_z(&arena, value_as_text(size)),
		str_z(&arena, str_printf(&arena, "%d", qr.size + 2 * QUIET)));
	assert_true(value_member(picture, STR("path"), &arena, &path));

	const char *at = str_z(&arena, value_as_text(path));
	int x;
	int y;
	int n;
	int back;
	int used;
	while (sscanf(at, "M%d %dh%dv1h-%dz%n", &x, &y, &n, &back, &used) ==
	       4) {
		assert_int_equal(n, back);
		for (int i = 0; i < n; i++) {
			assert_false(drawn[y][x + i]);
			drawn[y][x + i] = true;
		}
		at += used;
	}
	assert_string_equal(at, "");
	for (y = 0; y < qr.size; y++)
		for (x = 0; x < qr.size; x++)
			assert_int_equal(drawn[y + QUIET][x + QUIET],
					 qr.dark[y * qr.size + x]);
}

static bool is_dark(const struct qr *qr, int x, int y)
{
	return x >= 0 && y >= 0 && x < qr->size && y < qr->size &&
	       qr->dark[y * qr->size + x];
}

static void lines_show_two_rows_each(void **state)
{
	static const char *const blocks[] = {" ", "▄", "▀", "█"};
	struct qr qr = ticket();
	struct str rest = qr_lines(&arena, &qr);

	(void)state;
	for (int y = -QUIET; y < qr.size + QUIET; y += 2) {
		struct str line = str_cut(rest, '\n', &rest);
		for (int x = -QUIET; x < qr.size + QUIET; x++) {
			struct str wanted =
				str_of(blocks[is_dark(&qr, x, y) * 2 +
					      is_dark(&qr, x, y + 1)]);
			assert_true(str_starts(line, wanted));
			line = str_from(line, wanted.n);
		}
		assert_int_equal(line.n, 0);
	}
	assert_int_equal(rest.n, 0);
}

#define TEST(name, does)                                                       \
	{                                                                      \
		name, does, set_up, tear_down, NULL                            \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("R-B3 a code has its three corners",
		     a_code_has_its_three_corners),
		TEST("R-B3 no code for nothing, nor for too much",
		     no_code_for_nothing_or_too_much),
		TEST("R-B3 the picture has each dark module once, and no other",
		     a_picture_has_each_module_once),
		TEST("R-B3 lines of text show the same, two rows in each",
		     lines_show_two_rows_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
