/*
 * Tokens of any bytes: what is taken is exactly what we would make.
 */
#include "base/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct secret_keys *keys_get(void)
{
	static struct secret_keys keys;

	if (keys.count == 0 && secret_init()) {
		keys.count = 2;
		keys.keys[0].id = 1;
		keys.keys[1].id = 2;
	}
	return &keys;
}

/* The input with a true MAC, so that what stands behind it is reached. */
static struct str signed_text(struct arena *a, const uint8_t *data)
{
	unsigned char bytes[48];

	memcpy(bytes, data, 24);
	secret_mac(&keys_get()->keys[0], (uint64_t)(bytes[3] ? bytes[3] : 1),
		   str_at((const char *)bytes, 24), bytes + 24, 24);
	return secret_base64url(a, bytes, sizeof(bytes));
}

static void check(struct arena *a, struct str text)
{
	struct token token;

	for (int p = TOKEN_PROMPT; p <= TOKEN_FEED; p++) {
		struct secret_keys one = {.count = 1};
		bool same = false;

		if (!token_read(keys_get(), (enum token_purpose)p, text,
				&token))
			continue;
		for (int k = 0; k < keys_get()->count; k++) {
			one.keys[0] = keys_get()->keys[k];
			same |= str_equal(token_make(a, &one, &token), text);
		}
		if (!same || (int)token.purpose != p)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;

	arena_init(&a, (size_t)1 << 20);
	check(&a, str_at((const char *)data, (ptrdiff_t)size));
	if (size >= 24)
		check(&a, signed_text(&a, data));
	arena_release(&a);
	return 0;
}
