/*
 * The keys that people would have from their mails, made from the stack's own.
 *
 *   bench_key sessions KEYS COUNT          prints `cookie-value hash` in hex
 *   bench_key prompts KEYS FIRST COUNT EXPIRES
 *                                          prints the tokens of those rows
 */
#include "base/token.h"

#include "web/session.h"

static void print_sessions(struct arena *a, long count)
{
	for (long i = 0; i < count; i++) {
		unsigned char id[SECRET_HASH_BYTES], hash[SECRET_HASH_BYTES];
		struct str text;

		secret_random(id, sizeof(id));
		secret_hash(str_at((const char *)id, sizeof(id)), hash);
		text = secret_base64url(a, id, sizeof(id));
		printf("%s=%.*s ", SESSION_COOKIE, STR_ARG(text));
		for (size_t byte = 0; byte < sizeof(hash); byte++)
			printf("%02x", hash[byte]);
		putchar('\n');
	}
}

static void print_prompts(struct arena *a, const struct secret_keys *keys,
			  char **numbers)
{
	long first = strtol(numbers[0], NULL, 10);
	long count = strtol(numbers[1], NULL, 10);

	for (long i = 0; i < count; i++) {
		struct token token = {
			.purpose = TOKEN_PROMPT,
			.row = first + i,
			.generation = 1,
			.expires = strtol(numbers[2], NULL, 10),
		};
		struct str text = token_make(a, keys, &token);

		printf("%.*s\n", STR_ARG(text));
	}
}

int main(int argc, char **argv)
{
	struct secret_keys keys;
	struct arena arena;
	struct str why;

	arena_init(&arena, (size_t)256 << 20);
	if (argc < 4 || !secret_init())
		return 2;
	if (!secret_keys_read(&arena, str_of(argv[2]), &keys, &why)) {
		(void)fprintf(stderr, "%.*s\n", STR_ARG(why));
		return 1;
	}
	if (strcmp(argv[1], "sessions") == 0)
		print_sessions(&arena, strtol(argv[3], NULL, 10));
	else if (argc == 6)
		print_prompts(&arena, &keys, argv + 3);
	arena_release(&arena);
	return 0;
}
