/*
 * Key files, keyed hashes and base64url.  Prints TAP.
 */
#include "base/secret.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define HEX "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

static struct arena arena;
static char path[] = "/tmp/test_secret.XXXXXX";

static int tear_down(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static void write_file(struct str text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.p, (size_t)text.n), text.n);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

static bool read_keys(const char *text, struct secret_keys *keys,
		      struct str *why)
{
	write_file(str_of(text), 0640);
	*why = STR_ABSENT;
	return secret_keys_read(&arena, str_of(path), keys, why);
}

static void keys_are_read_newest_first(void **state)
{
	struct secret_keys keys;
	struct str why;

	(void)state;
	assert_true(read_keys("# ours\n\n 9 " HEX " # new\r\n65535   " HEX
			      "\n1 " HEX,
			      &keys, &why));
	assert_int_equal(keys.count, 3);
	assert_int_equal(keys.keys[0].id, 9);
	assert_int_equal(keys.keys[1].id, 65535);
	assert_int_equal(keys.keys[2].id, 1);
	assert_memory_equal(keys.keys[0].bytes, "\x00\x11\x22\x33", 4);
	assert_memory_equal(keys.keys[0].bytes + 28, "\xcc\xdd\xee\xff", 4);
}

static void each_wrong_line_is_named_and_no_key_shown(void **state)
{
	static const char *const lines[] = {
		"0 " HEX,
		"65536 " HEX,
		"-1 " HEX,
		"x " HEX,
		"01 " HEX,
		HEX,
		"3",
		"3 ",
		"3 " HEX "0",
		"3 " HEX "00",
		"3 0" HEX,
		"3 abc",
		"3\t" HEX,
		"3 g" HEX,
		"1 " HEX,
		"3 " HEX " x",
		"3 "
		"zz112233445566778899aabbccddeeff00112233445566778899aabbccdde"
		"eff",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct secret_keys keys;
		struct str why;
		char *text = str_z(&arena, str_printf(&arena, "1 " HEX "\n%s\n",
						      lines[i]));

		if (read_keys(text, &keys, &why))
			fail_msg("'%s' was taken", lines[i]);
		assert_int_equal(keys.count, 0);
		assert_true(str_find_str(why, STR("line 2:")) >= 0);
		assert_int_equal(str_find_str(why, STR("22334455")), -1);
	}
}

static void a_file_must_be_private_small_and_there(void **state)
{
	struct secret_keys keys;
	struct str why = STR_ABSENT;
	char big[20000];
	static const mode_t open_modes[] = {0644, 0641, 0642, 0604, 0777};

	(void)state;
	write_file(STR("1 " HEX "\n"), 0600);
	assert_true(secret_keys_read(&arena, str_of(path), &keys, &why));
	for (size_t i = 0; i < 5; i++) {
		write_file(STR("1 " HEX "\n"), open_modes[i]);
		assert_false(
			secret_keys_read(&arena, str_of(path), &keys, &why));
		assert_true(str_find_str(why, STR("0640")) >= 0);
	}
	assert_false(read_keys("", &keys, &why));
	assert_true(str_find_str(why, STR("has no key")) >= 0);
	assert_false(read_keys("# nothing\n", &keys, &why));
	memset(big, '#', sizeof(big));
	write_file(str_at(big, sizeof(big)), 0600);
	assert_false(secret_keys_read(&arena, str_of(path), &keys, &why));
	assert_false(secret_keys_read(&arena, STR("/nonexistent/keys"), &keys,
				      &why));
	assert_true(str_find_str(why, STR("KEYS_FILE")) >= 0);
	assert_false(secret_keys_read(&arena, STR("/tmp"), &keys, &why));
}

static void sixty_four_keys_and_no_more(void **state)
{
	struct secret_keys keys;
	struct str why;
	struct str text = STR("");

	(void)state;
	for (int i = 1; i <= SECRET_KEYS_MAX; i++)
		text = str_printf(&arena, "%.*s%d " HEX "\n", STR_ARG(text), i);
	assert_true(read_keys(str_z(&arena, text), &keys, &why));
	assert_int_equal(keys.count, SECRET_KEYS_MAX);
	text = str_printf(&arena, "%.*s65 " HEX "\n", STR_ARG(text));
	assert_false(read_keys(str_z(&arena, text), &keys, &why));
	assert_true(str_find_str(why, STR("line 65:")) >= 0);
}

static void a_new_key_can_be_read_back_and_is_new(void **state)
{
	struct secret_keys keys;
	struct str why;
	struct str both = str_printf(&arena, "%.*s%.*s",
				     STR_ARG(secret_key_line(&arena, 65535)),
				     STR_ARG(secret_key_line(&arena, 2)));

	(void)state;
	assert_true(read_keys(str_z(&arena, both), &keys, &why));
	assert_int_equal(keys.count, 2);
	assert_int_equal(keys.keys[0].id, 65535);
	assert_false(secret_equal(keys.keys[0].bytes, keys.keys[1].bytes,
				  SECRET_KEY_BYTES));
}

static void a_mac_is_of_its_key_use_data_and_length(void **state)
{
	struct secret_key a = {.id = 1, .bytes = {1}};
	struct secret_key b = {.id = 1, .bytes = {2}};
	unsigned char x[32], y[32];

	(void)state;
	secret_mac(&a, SECRET_CSRF, STR("data"), x, 32);
	secret_mac(&a, SECRET_CSRF, STR("data"), y, 32);
	assert_true(secret_equal(x, y, 32));
	secret_mac(&b, SECRET_CSRF, STR("data"), y, 32);
	assert_false(secret_equal(x, y, 32));
	secret_mac(&a, SECRET_ADDRESS, STR("data"), y, 32);
	assert_false(secret_equal(x, y, 32));
	secret_mac(&a, SECRET_CSRF, STR("datb"), y, 32);
	assert_false(secret_equal(x, y, 32));
	secret_mac(&a, SECRET_CSRF, STR(""), y, 32);
	assert_false(secret_equal(x, y, 32));
	secret_mac(&a, SECRET_CSRF, STR("data"), y, 16);
	assert_false(secret_equal(x, y, 16));
}

static void the_plain_hash_is_blake2b_256(void **state)
{
	unsigned char out[SECRET_HASH_BYTES];

	(void)state;
	secret_hash(STR("abc"), out);
	assert_memory_equal(out,
			    "\xbd\xdd\x81\x3c\x63\x42\x39\x72"
			    "\x31\x71\xef\x3f\xee\x98\x57\x9b"
			    "\x94\x96\x4e\x3b\xb1\xcb\x3e\x42"
			    "\x72\x62\xc8\xc0\x68\xd5\x23\x19",
			    32);
	secret_hash(STR(""), out);
	assert_memory_equal(out, "\x0e\x57\x51\xc0\x26\xe5\x43\xb2", 8);
}

static void base64url_there_and_back_and_nothing_else(void **state)
{
	unsigned char in[64], out[64];

	(void)state;
	for (size_t n = 1; n <= sizeof(in); n++) {
		struct str text;

		secret_random(in, n);
		text = secret_base64url(&arena, in, n);
		assert_true(secret_base64url_read(text, out, n));
		assert_memory_equal(in, out, n);
		assert_false(secret_base64url_read(text, out, n - 1));
		assert_false(secret_base64url_read(
			text, out, n < sizeof(in) ? n + 1 : n - 1));
		assert_false(secret_base64url_read(
			str_printf(&arena, "%.*s=", STR_ARG(text)), out, n));
	}
	assert_false(secret_base64url_read(STR(""), out, 0));
	assert_false(secret_base64url_read(STR_ABSENT, out, 0));
	assert_false(secret_base64url_read(STR("AB"), out, 1));
	assert_true(secret_base64url_read(STR("AA"), out, 1));
	assert_false(secret_base64url_read(STR("A\x80"), out, 1));
	assert_false(secret_base64url_read(STR("+/8"), out, 2));
	assert_true(secret_base64url_read(STR("-_8"), out, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(keys_are_read_newest_first,
					  tear_down),
		cmocka_unit_test_teardown(
			each_wrong_line_is_named_and_no_key_shown, tear_down),
		cmocka_unit_test_teardown(
			a_file_must_be_private_small_and_there, tear_down),
		cmocka_unit_test_teardown(sixty_four_keys_and_no_more,
					  tear_down),
		cmocka_unit_test_teardown(a_new_key_can_be_read_back_and_is_new,
					  tear_down),
		cmocka_unit_test_teardown(
			a_mac_is_of_its_key_use_data_and_length, tear_down),
		cmocka_unit_test_teardown(the_plain_hash_is_blake2b_256,
					  tear_down),
		cmocka_unit_test_teardown(
			base64url_there_and_back_and_nothing_else, tear_down),
	};
	int fd = mkstemp(path);
	int failed;

	if (fd < 0 || !secret_init())
		return 1;
	(void)close(fd);
	arena_init(&arena, (size_t)64 * 1024 * 1024);
	failed = cmocka_run_group_tests_name("secret", tests, NULL, NULL);
	arena_release(&arena);
	(void)unlink(path);
	return failed;
}
