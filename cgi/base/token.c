/*
 * Signed link tokens.  Must not know the clock or the database: it says only
 * that we made this token for this purpose.
 *
 * 48 bytes, numbers big-endian, as 64 characters of base64url:
 *   version 1 | key id 2 | purpose 1 | row 8 | generation 4 | expiry 8 | MAC 24
 */
#include "base/token.h"

#define TOKEN_VERSION 1
#define TOKEN_BYTES 48
#define TOKEN_MAC_BYTES 24
#define TOKEN_SIGNED_BYTES (TOKEN_BYTES - TOKEN_MAC_BYTES)

enum token_at {
	AT_VERSION = 0,
	AT_KEY = 1,
	AT_PURPOSE = 3,
	AT_ROW = 4,
	AT_GENERATION = 12,
	AT_EXPIRY = 16,
	AT_MAC = 24
};

_Static_assert(AT_MAC == TOKEN_SIGNED_BYTES, "the MAC ends the token");
_Static_assert(TOKEN_BYTES / 3 * 4 == TOKEN_TEXT_BYTES, "no padding");

static void put(unsigned char *p, int bytes, uint64_t v)
{
	for (int i = bytes - 1; i >= 0; i--) {
		p[i] = (unsigned char)(v & 0xff);
		v >>= 8;
	}
}

static uint64_t take(const unsigned char *p, int bytes)
{
	uint64_t v = 0;

	for (int i = 0; i < bytes; i++)
		v = v << 8 | p[i];
	return v;
}

static void token_mac(const struct secret_key *key, enum token_purpose purpose,
		      const unsigned char *bytes,
		      unsigned char mac[TOKEN_MAC_BYTES])
{
	uint64_t use = SECRET_TOKEN + (uint64_t)purpose - 1;

	secret_mac(key, use, str_at((const char *)bytes, TOKEN_SIGNED_BYTES),
		   mac, TOKEN_MAC_BYTES);
}

struct str token_make(struct arena *a, const struct secret_keys *keys,
		      const struct token *token)
{
	const struct secret_key *key = &keys->keys[0];
	unsigned char bytes[TOKEN_BYTES];

	if (keys->count < 1 || token->row < 1 || token->expires < 0)
		abort();
	bytes[AT_VERSION] = TOKEN_VERSION;
	put(bytes + AT_KEY, 2, key->id);
	put(bytes + AT_PURPOSE, 1, token->purpose);
	put(bytes + AT_ROW, 8, (uint64_t)token->row);
	put(bytes + AT_GENERATION, 4, token->generation);
	put(bytes + AT_EXPIRY, 8, (uint64_t)token->expires);
	token_mac(key, token->purpose, bytes, bytes + AT_MAC);
	return secret_base64url(a, bytes, sizeof(bytes));
}

static const struct secret_key *key_of(const struct secret_keys *keys,
				       uint64_t id)
{
	for (int i = 0; i < keys->count; i++)
		if (keys->keys[i].id == id)
			return &keys->keys[i];
	return NULL;
}

bool token_read(const struct secret_keys *keys, enum token_purpose purpose,
		struct str text, struct token *token)
{
	unsigned char bytes[TOKEN_BYTES];
	unsigned char mac[TOKEN_MAC_BYTES];
	const struct secret_key *key;
	uint64_t row, expires;

	if (!secret_base64url_read(text, bytes, sizeof(bytes)) ||
	    bytes[AT_VERSION] != TOKEN_VERSION ||
	    take(bytes + AT_PURPOSE, 1) != (uint64_t)purpose)
		return false;
	key = key_of(keys, take(bytes + AT_KEY, 2));
	if (!key)
		return false;
	token_mac(key, purpose, bytes, mac);
	if (!secret_equal(mac, bytes + AT_MAC, sizeof(mac)))
		return false;
	row = take(bytes + AT_ROW, 8);
	expires = take(bytes + AT_EXPIRY, 8);
	if (row < 1 || row > INT64_MAX || expires > INT64_MAX)
		return false;
	*token = (struct token){
		.purpose = purpose,
		.row = (int64_t)row,
		.generation = (uint32_t)take(bytes + AT_GENERATION, 4),
		.expires = (int64_t)expires,
	};
	return true;
}
