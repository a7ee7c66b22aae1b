/*
 * Keys, keyed hashes, random bytes and base64url: the only user of libsodium.
 * Knows no token format and no database.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/str.h"

#define SECRET_KEY_BYTES 32
#define SECRET_HASH_BYTES 32
#define SECRET_KEYS_MAX 64

/* What a key is used for: each has a subkey of its own (crypto_kdf). */
enum secret_use {
	SECRET_TOKEN = 1, /* + the token's purpose, up to 64 purposes */
	SECRET_CSRF = 100,
	SECRET_ADDRESS = 101, /* hashes of mail addresses */
	SECRET_MESSAGE_ID = 102,
	SECRET_BOUNCE = 103 /* envelope senders */
};

struct secret_key {
	uint16_t id; /* 1 to 65535 */
	unsigned char bytes[SECRET_KEY_BYTES];
};

/* Which file was read, as it was then: another one has another stamp. */
struct secret_stamp {
	uint64_t device;
	uint64_t inode;
	int64_t changed_s;
	int64_t changed_ns;
};

/* Newest first: keys[0] signs, all verify.  count is at least 1. */
struct secret_keys {
	int count;
	struct secret_key keys[SECRET_KEYS_MAX];
	struct secret_stamp stamp;
};

/* Must be called once before anything else here; false: no random source. */
bool secret_init(void);

/*
 * Reads lines "id hex" (64 hex digits), newest first; '#' starts a comment.
 * False leaves the file's line and what to do in *why, never a key.  A file
 * that everyone may read (mode & 7) is refused.
 */
bool secret_keys_read(struct arena *a, struct str path,
		      struct secret_keys *keys, struct str *why);

/*
 * Reads the file again if it is no longer the one that was read: one stat()
 * when it is.  A file that is gone or of no use leaves the keys as they are;
 * false with *why is said once for each such file, not at each call.
 */
bool secret_keys_renew(struct arena *a, struct str path,
		       struct secret_keys *keys, struct str *why);

/* Writes a new random key's line ("id hex\n") into the arena. */
struct str secret_key_line(struct arena *a, uint16_t id);

/*
 * Keyed BLAKE2b of data under the subkey `use` of key; n is 16 to 32 bytes.
 * use is an enum secret_use, for tokens SECRET_TOKEN + purpose - 1.
 */
void secret_mac(const struct secret_key *key, uint64_t use, struct str data,
		unsigned char *out, size_t n);

/*
 * The hashes of a mail address in lower case under each of the keys, newest
 * first, SECRET_HASH_BYTES each, one after another: what was kept under an
 * older key is found too.
 */
struct str secret_address_hashes(struct arena *a,
				 const struct secret_keys *keys,
				 struct str email);

/* Unkeyed BLAKE2b-256, for random ids of which only the hash is stored. */
void secret_hash(struct str data, unsigned char out[SECRET_HASH_BYTES]);

void secret_random(unsigned char *out, size_t n);

/* Compares in constant time. */
bool secret_equal(const unsigned char *a, const unsigned char *b, size_t n);

/* base64url without padding. */
struct str secret_base64url(struct arena *a, const unsigned char *p, size_t n);

/*
 * Decodes base64url that is exactly n bytes long, without padding, junk or
 * non-zero trailing bits; false otherwise.
 */
bool secret_base64url_read(struct str text, unsigned char *out, size_t n);

#endif
