/*
 * The keys file through its life: made once, rotated, relieved of old keys,
 * with links that verify as long as their key is there.  Prints TAP.
 */
#include "base/token.h"
#include "jobs/file.h"
#include "jobs/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define TEST_MEMORY ((size_t)16 << 20)
#define FILE_MAX 65536

static struct arena arena;
static char folder[] = "/tmp/rollcall-keys.XXXXXX";
static struct str path;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, TEST_MEMORY);
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	umask(022);
	if (!mkdtemp(folder))
		return -1;
	path = str_printf(&arena, "%s/keys", folder);
	return secret_init() ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(str_z(&arena, path));
	rmdir(folder);
	arena_release(&arena);
	return 0;
}

static void init(void)
{
	struct str said;
	struct str why;

	assert_true(keys_init(&arena, path, &said, &why));
}

static void rotate(void)
{
	struct str said;
	struct str why;

	assert_true(keys_rotate(&arena, path, &said, &why));
}

static bool retire(const char *id, struct str *why)
{
	struct str said;

	return keys_retire(&arena, path, str_of(id), &said, why);
}

static struct secret_keys *read_keys(void)
{
	struct secret_keys *keys = ARENA_NEW(&arena, struct secret_keys);
	struct str why;

	if (!secret_keys_read(&arena, path, keys, &why))
		fail_msg("%.*s", STR_ARG(why));
	return keys;
}

static mode_t read_mode(void)
{
	struct stat st;

	assert_int_equal(stat(str_z(&arena, path), &st), 0);
	return st.st_mode & 0777;
}

static struct str read_text(void)
{
	struct str why;
	struct str text = file_read(&arena, path, FILE_MAX, &why);

	assert_false(str_is_absent(text));
	return text;
}

static void test_init(void **state)
{
	struct str said;
	struct str why;
	struct str before;

	(void)state;
	init();
	before = read_text();
	assert_int_equal(read_mode(), 0640);
	assert_int_equal(read_keys()->count, 1);
	assert_int_equal(read_keys()->keys[0].id, 1);
	assert_false(keys_init(&arena, path, &said, &why));
	assert_true(str_equal(read_text(), before));
}

static void test_rotate(void **state)
{
	const struct token made = {TOKEN_UNSUBSCRIBE, 7, 1, 0};
	struct str link;
	struct token token;

	(void)state;
	init();
	link = token_make(&arena, read_keys(), &made);
	for (int i = 0; i < 3; i++)
		rotate();
	assert_int_equal(read_keys()->count, 4);
	assert_int_equal(read_keys()->keys[0].id, 4);
	assert_int_equal(read_mode(), 0640);
	assert_true(token_read(read_keys(), TOKEN_UNSUBSCRIBE, link, &token));
	assert_false(str_equal(link, token_make(&arena, read_keys(), &made)));
}

static void test_retire(void **state)
{
	const struct token made = {TOKEN_UNSUBSCRIBE, 7, 1, 0};
	struct str link;
	struct token token;
	struct str why;

	(void)state;
	init();
	link = token_make(&arena, read_keys(), &made);
	assert_false(retire("1", &why)); /* it signs */
	rotate();
	assert_false(retire("2", &why));
	assert_false(retire("3", &why)); /* there is none */
	assert_false(retire("x", &why));
	assert_false(retire("", &why));
	assert_int_equal(read_keys()->count, 2);
	assert_true(retire("1", &why));
	assert_int_equal(read_keys()->count, 1);
	assert_false(token_read(read_keys(), TOKEN_UNSUBSCRIBE, link, &token));
	rotate();
	assert_int_equal(read_keys()->keys[0].id, 3);
}

static void test_replace(void **state)
{
	struct str why;
	struct stat st;

	(void)state;
	assert_true(file_make(&arena, path, STR("a"), 0600, &why));
	assert_false(file_make(&arena, path, STR("b"), 0600, &why));
	assert_true(file_replace(&arena, path, STR("longer"), &why));
	assert_true(str_equal(read_text(), STR("longer")));
	assert_int_equal(read_mode(), 0600);
	assert_int_not_equal(
		stat(str_z(&arena, str_printf(&arena, "%s.new", path.p)), &st),
		0);
	assert_true(str_is_absent(file_read(&arena, path, 5, &why)));
	assert_true(str_is_absent(
		file_read(&arena, str_of(folder), FILE_MAX, &why)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"keys init makes one key, and never a second file", test_init,
		 set_up, tear_down, NULL},
		{"R-G2 a link verifies after three rotations", test_rotate,
		 set_up, tear_down, NULL},
		{"a retired key's links are not found; the first stays",
		 test_retire, set_up, tear_down, NULL},
		{"a file is replaced whole, with its mode", test_replace,
		 set_up, tear_down, NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
