/*
 * Signed link tokens: version, key id, purpose, row id, generation, expiry,
 * MAC; never stored, never random, each computed from its row.  Knows no
 * database: expiry, generation and use are decided by the SQL function that
 * loads the row.
 */
#ifndef BASE_TOKEN_H
#define BASE_TOKEN_H

#include "base/secret.h"

/* Length of every token's text, in bytes. */
#define TOKEN_TEXT_BYTES 64

/* Written into tokens: a number is never used again for another purpose. */
enum token_purpose {
	TOKEN_PROMPT = 1,
	TOKEN_SIGN_IN = 2,
	TOKEN_UNSUBSCRIBE = 3,
	TOKEN_ADDRESS_CHANGE = 4,
	TOKEN_CONTACT_CONSENT = 5,
	TOKEN_CHECK_IN = 6,
	TOKEN_QR = 7,
	TOKEN_FEED = 8,
	TOKEN_CATEGORY = 9, /* stops a category of one organisation's mail */
	TOKEN_SHIFT = 10    /* an assignment to a shift */
};

struct token {
	enum token_purpose purpose;
	int64_t row; /* over 0 */
	uint32_t generation;
	int64_t expires; /* Unix seconds; 0: no end */
};

/* The token's text, signed with the newest key. */
struct str token_make(struct arena *a, const struct secret_keys *keys,
		      const struct token *token);

/*
 * Reads a token of that purpose: false for any other length, version, key,
 * purpose or MAC, and for anything but the one canonical spelling.  Compared
 * in constant time.  Does not look at the clock.
 */
bool token_read(const struct secret_keys *keys, enum token_purpose purpose,
		struct str text, struct token *token);

#endif
