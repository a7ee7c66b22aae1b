/*
 * Link tokens: only what we signed for this purpose, in the one spelling it
 * has, is taken.  Prints TAP.
 */
#include "base/token.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct arena arena;
static struct secret_keys keys;

static const struct token example = {
	.purpose = TOKEN_PROMPT,
	.row = 1234567890123,
	.generation = 3,
	.expires = 1800000000,
};

/* The example under the test key, as it was when this format was made. */
#define GOLDEN                                                                 \
	"AQAHAQAAAR9x-wTLAAAAAwAAAABrSdIAMkZ_SoygJMyyYxkJ08i6HoYez-nERlBZ"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789-_";

static int set_up(void **state)
{
	(void)state;
	keys = (struct secret_keys){.count = 1};
	keys.keys[0].id = 7;
	for (int i = 0; i < SECRET_KEY_BYTES; i++)
		keys.keys[0].bytes[i] = (unsigned char)(i * 7 + 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static bool taken(struct str text)
{
	struct token token;

	return token_read(&keys, TOKEN_PROMPT, text, &token);
}

/* The token with one character changed. */
static struct str changed(struct str text, ptrdiff_t at, char c)
{
	char *p = str_z(&arena, text);

	p[at] = c;
	return str_at(p, text.n);
}

static void there_and_back(void **state)
{
	static const int64_t rows[] = {1, 255, 256, INT64_MAX};
	static const uint32_t generations[] = {0, 1, UINT32_MAX};
	static const int64_t ends[] = {0, 1, 1800000000, INT64_MAX};

	(void)state;
	for (int purpose = TOKEN_PROMPT; purpose <= TOKEN_SHIFT; purpose++) {
		for (int i = 0; i < 4 * 3 * 4; i++) {
			struct token made = {
				.purpose = (enum token_purpose)purpose,
				.row = rows[i % 4],
				.generation = generations[i / 4 % 3],
				.expires = ends[i / 12],
			};
			struct token got = {.row = 0};
			struct str text = token_make(&arena, &keys, &made);

			assert_int_equal(text.n, TOKEN_TEXT_BYTES);
			assert_true(
				token_read(&keys, made.purpose, text, &got));
			assert_int_equal(got.purpose, made.purpose);
			assert_true(got.row == made.row);
			assert_true(got.generation == made.generation);
			assert_true(got.expires == made.expires);
		}
	}
}

/* Links in mails that are out must stay good: the bytes may never change. */
static void the_format_stays(void **state)
{
	struct str text = token_make(&arena, &keys, &example);
	unsigned char bytes[48];

	(void)state;
	assert_true(secret_base64url_read(text, bytes, sizeof(bytes)));
	assert_memory_equal(bytes,
			    "\x01"
			    "\x00\x07"
			    "\x01"
			    "\x00\x00\x01\x1f\x71\xfb\x04\xcb"
			    "\x00\x00\x00\x03"
			    "\x00\x00\x00\x00\x6b\x49\xd2\x00",
			    24);
	assert_string_equal(str_z(&arena, text), GOLDEN);
	/* never random, never dated: a mail can be made again later */
	assert_true(str_equal(text, token_make(&arena, &keys, &example)));
}

static void every_single_bit_counts(void **state)
{
	struct str text = token_make(&arena, &keys, &example);
	unsigned char bytes[48];

	(void)state;
	assert_true(secret_base64url_read(text, bytes, sizeof(bytes)));
	for (int bit = 0; bit < 48 * 8; bit++) {
		bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
		if (taken(secret_base64url(&arena, bytes, sizeof(bytes))))
			fail_msg("bit %d may be flipped", bit);
		bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
	}
	assert_true(taken(secret_base64url(&arena, bytes, sizeof(bytes))));
}

static void every_character_counts(void **state)
{
	struct str text = token_make(&arena, &keys, &example);
	int good = 0;

	(void)state;
	for (ptrdiff_t at = 0; at < text.n; at++) {
		good = 0;
		for (int c = 0; c < 256; c++)
			good += taken(changed(text, at, (char)c));
		assert_int_equal(good, 1);
		arena_reset(&arena);
		text = token_make(&arena, &keys, &example);
	}
}

static void only_the_exact_length(void **state)
{
	struct str text = token_make(&arena, &keys, &example);

	(void)state;
	assert_false(taken(STR_ABSENT));
	for (ptrdiff_t n = 0; n < text.n; n++) {
		assert_false(taken(str_first(text, n)));
		assert_false(taken(str_from(text, n + 1)));
	}
	for (size_t i = 0; i < sizeof(alphabet) - 1; i++) {
		struct str longer = str_printf(&arena, "%.*s%c", STR_ARG(text),
					       alphabet[i]);

		assert_false(taken(longer));
	}
	static const char *const tails[] = {"=", "==", " ", "\n",   ".",
					    "/", "?x", "A", "AAAA", "%20"};

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		assert_false(taken(
			str_printf(&arena, "%.*s%s", STR_ARG(text), tails[i])));
		assert_false(taken(
			str_printf(&arena, "%s%.*s", tails[i], STR_ARG(text))));
	}
	assert_false(taken(
		str_printf(&arena, "%.*s%.*s", STR_ARG(text), STR_ARG(text))));
}

/* Characters of the other base64, blanks and padding inside. */
static void no_other_spelling(void **state)
{
	static const char foreign[] = "+/= \t\r\n.,~!%\"'\0\x80\xff";
	struct str text = token_make(&arena, &keys, &example);

	(void)state;
	for (size_t i = 0; i < sizeof(foreign) - 1; i++)
		for (ptrdiff_t at = 0; at < text.n; at++)
			assert_false(taken(changed(text, at, foreign[i])));
}

static void another_purpose_is_another_key(void **state)
{
	(void)state;
	for (int made = TOKEN_PROMPT; made <= TOKEN_SHIFT; made++) {
		struct token token = example;
		struct str text;

		token.purpose = (enum token_purpose)made;
		text = token_make(&arena, &keys, &token);
		for (int read = TOKEN_PROMPT; read <= TOKEN_SHIFT; read++) {
			unsigned char bytes[48];
			struct token got;

			assert_int_equal(token_read(&keys,
						    (enum token_purpose)read,
						    text, &got),
					 made == read);
			/* nor by writing the other purpose into it */
			assert_true(secret_base64url_read(text, bytes, 48));
			bytes[3] = (unsigned char)read;
			assert_int_equal(
				token_read(&keys, (enum token_purpose)read,
					   secret_base64url(&arena, bytes, 48),
					   &got),
				made == read);
		}
	}
}

static void rotated_keys_still_verify_and_retired_do_not(void **state)
{
	struct str old = token_make(&arena, &keys, &example);
	struct secret_key first = keys.keys[0];
	struct str new;

	(void)state;
	keys.keys[1] = first;
	keys.keys[0].id = 8;
	secret_random(keys.keys[0].bytes, SECRET_KEY_BYTES);
	keys.count = 2;
	new = token_make(&arena, &keys, &example);
	assert_false(str_equal(old, new));
	assert_true(taken(old));
	assert_true(taken(new));
	keys.count = 1;
	assert_false(taken(old));
	assert_true(taken(new));
	/* the same id with other bytes is another key */
	keys.keys[0].id = 7;
	assert_false(taken(old));
	keys.keys[0] = first;
	assert_true(taken(old));
	assert_false(taken(new));
}

/* What only a key's holder could make, but token_make() would not. */
static void impossible_contents_are_refused_though_signed(void **state)
{
	static const struct {
		uint64_t row, expires;
		unsigned char version;
		bool good;
	} cases[] = {
		{1, 0, 1, true},
		{0, 0, 1, false},
		{(uint64_t)INT64_MAX + 1, 0, 1, false},
		{1, (uint64_t)INT64_MAX + 1, 1, false},
		{1, 0, 0, false},
		{1, 0, 2, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned char b[48] = {cases[i].version, 0, 7, TOKEN_PROMPT};

		for (int k = 0; k < 8; k++) {
			b[11 - k] = (unsigned char)(cases[i].row >> 8 * k);
			b[23 - k] = (unsigned char)(cases[i].expires >> 8 * k);
		}
		secret_mac(&keys.keys[0], SECRET_TOKEN + TOKEN_PROMPT - 1,
			   str_at((const char *)b, 24), b + 24, 24);
		assert_int_equal(taken(secret_base64url(&arena, b, 48)),
				 cases[i].good);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(there_and_back, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_format_stays, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(every_single_bit_counts, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(every_character_counts, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(only_the_exact_length, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(no_other_spelling, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(another_purpose_is_another_key,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			rotated_keys_still_verify_and_retired_do_not, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			impossible_contents_are_refused_though_signed, set_up,
			tear_down),
	};
	int failed;

	if (!secret_init())
		return 1;
	arena_init(&arena, (size_t)64 * 1024 * 1024);
	failed = cmocka_run_group_tests_name("token", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
