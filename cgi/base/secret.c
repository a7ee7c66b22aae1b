/*
 * Keys, keyed hashes, random bytes and base64url by libsodium.  Must not know
 * what is signed.
 */
#include "base/secret.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYS_FILE_MAX 16384
/* Part of every signature: never changes. */
#define SECRET_CONTEXT "rollcall"

bool secret_init(void)
{
	return sodium_init() >= 0;
}

static struct str keys_wrong(struct arena *a, struct str path, int line,
			     const char *what)
{
	return str_printf(a, "%.*s line %d: %s.", STR_ARG(path), line, what);
}

static bool key_read(struct str text, struct secret_key *key)
{
	struct str hex;
	struct str id = str_cut(text, ' ', &hex);
	int64_t number;
	size_t n;

	hex = str_trim(hex);
	if (!str_read_int(id, &number) || number < 1 || number > 65535 ||
	    hex.n != 2 * SECRET_KEY_BYTES)
		return false;
	key->id = (uint16_t)number;
	return sodium_hex2bin(key->bytes, sizeof(key->bytes), hex.p,
			      (size_t)hex.n, NULL, &n, NULL) == 0 &&
	       n == sizeof(key->bytes);
}

static const struct secret_key *key_find(const struct secret_keys *keys,
					 uint16_t id)
{
	for (int i = 0; i < keys->count; i++)
		if (keys->keys[i].id == id)
			return &keys->keys[i];
	return NULL;
}

/* Takes one line; what is wrong with it, or NULL. */
static const char *keys_take(struct secret_keys *keys, struct str line)
{
	struct str comment;
	struct str text = str_trim(str_cut(line, '#', &comment));
	struct secret_key key;

	if (text.n == 0)
		return NULL;
	if (keys->count == SECRET_KEYS_MAX)
		return "there are more than 64 keys; retire old ones";
	if (!key_read(text, &key))
		return "write an id from 1 to 65535, a space and 64 hex digits";
	if (key_find(keys, key.id))
		return "this id is already used further up";
	keys->keys[keys->count++] = key;
	sodium_memzero(&key, sizeof(key));
	return NULL;
}

static bool keys_parse(struct arena *a, struct str path, struct str text,
		       struct secret_keys *keys, struct str *why)
{
	for (int n = 1; !str_is_absent(text); n++) {
		const char *wrong = keys_take(keys, str_cut(text, '\n', &text));

		if (wrong) {
			*why = keys_wrong(a, path, n, wrong);
			return false;
		}
	}
	if (keys->count > 0)
		return true;
	*why = str_printf(a, "%.*s has no key; run `rollcallctl keys init`.",
			  STR_ARG(path));
	return false;
}

static struct secret_stamp stamp_of(const struct stat *st)
{
	return (struct secret_stamp){
		.device = st->st_dev,
		.inode = st->st_ino,
		.changed_s = st->st_ctim.tv_sec,
		.changed_ns = st->st_ctim.tv_nsec,
	};
}

static bool stamp_equal(const struct secret_stamp *a,
			const struct secret_stamp *b)
{
	return a->device == b->device && a->inode == b->inode &&
	       a->changed_s == b->changed_s && a->changed_ns == b->changed_ns;
}

/* Bytes read into room, or -1 with a sentence. */
static ptrdiff_t keys_load(struct arena *a, struct str path, char *room,
			   size_t size, struct secret_stamp *stamp,
			   struct str *why)
{
	struct stat st = {0};
	int fd = open(str_z(a, path), O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd < 0)
		*why = str_printf(a,
				  "%.*s cannot be read; set KEYS_FILE, or run "
				  "`rollcallctl keys init`.",
				  STR_ARG(path));
	else if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		*why = str_printf(a, "%.*s is no file.", STR_ARG(path));
	else if (st.st_mode & 7)
		*why = str_printf(a,
				  "%.*s is open to everyone; run "
				  "`chmod 0640` on it.",
				  STR_ARG(path));
	else if ((n = read(fd, room, size)) == (ssize_t)size || n < 0) {
		*why = str_printf(a, "%.*s is over 16 KiB or unreadable.",
				  STR_ARG(path));
		n = -1;
	}
	*stamp = stamp_of(&st);
	if (fd >= 0)
		(void)close(fd);
	return n;
}

bool secret_keys_read(struct arena *a, struct str path,
		      struct secret_keys *keys, struct str *why)
{
	char text[KEYS_FILE_MAX];
	ptrdiff_t n;
	bool good;

	keys->count = 0;
	n = keys_load(a, path, text, sizeof(text), &keys->stamp, why);
	good = n >= 0 && keys_parse(a, path, str_at(text, n), keys, why);
	sodium_memzero(text, sizeof(text));
	if (!good)
		sodium_memzero(keys, sizeof(*keys));
	return good;
}

bool secret_keys_renew(struct arena *a, struct str path,
		       struct secret_keys *keys, struct str *why)
{
	struct secret_keys new;
	struct secret_stamp stamp;
	struct stat st;
	bool good;

	if (stat(str_z(a, path), &st) != 0)
		return true;
	stamp = stamp_of(&st);
	if (stamp_equal(&stamp, &keys->stamp))
		return true;
	good = secret_keys_read(a, path, &new, why);
	if (good)
		*keys = new;
	else
		keys->stamp = stamp;
	sodium_memzero(&new, sizeof(new));
	return good;
}

struct str secret_key_line(struct arena *a, uint16_t id)
{
	unsigned char key[SECRET_KEY_BYTES];
	char hex[2 * SECRET_KEY_BYTES + 1];
	struct str line;

	secret_random(key, sizeof(key));
	(void)sodium_bin2hex(hex, sizeof(hex), key, sizeof(key));
	line = str_printf(a, "%u %s\n", (unsigned)id, hex);
	sodium_memzero(key, sizeof(key));
	sodium_memzero(hex, sizeof(hex));
	return line;
}

void secret_mac(const struct secret_key *key, uint64_t use, struct str data,
		unsigned char *out, size_t n)
{
	unsigned char subkey[crypto_generichash_KEYBYTES];

	if (crypto_kdf_derive_from_key(subkey, sizeof(subkey), use,
				       SECRET_CONTEXT, key->bytes) != 0 ||
	    crypto_generichash(out, n, (const unsigned char *)data.p,
			       (size_t)data.n, subkey, sizeof(subkey)) != 0)
		abort(); /* only for an n that is out of bounds */
	sodium_memzero(subkey, sizeof(subkey));
}

struct str secret_address_hashes(struct arena *a,
				 const struct secret_keys *keys,
				 struct str email)
{
	struct str lower = str_lower(a, email);
	size_t n = (size_t)keys->count * SECRET_HASH_BYTES;
	unsigned char *hashes = arena_get(a, n);

	for (int i = 0; i < keys->count; i++)
		secret_mac(&keys->keys[i], SECRET_ADDRESS, lower,
			   hashes + (size_t)i * SECRET_HASH_BYTES,
			   SECRET_HASH_BYTES);
	return str_at((const char *)hashes, (ptrdiff_t)n);
}

void secret_hash(struct str data, unsigned char out[SECRET_HASH_BYTES])
{
	(void)crypto_generichash(out, SECRET_HASH_BYTES,
				 (const unsigned char *)data.p, (size_t)data.n,
				 NULL, 0);
}

void secret_random(unsigned char *out, size_t n)
{
	randombytes_buf(out, n);
}

bool secret_equal(const unsigned char *a, const unsigned char *b, size_t n)
{
	return sodium_memcmp(a, b, n) == 0;
}

struct str secret_base64url(struct arena *a, const unsigned char *p, size_t n)
{
	const int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
	size_t room = sodium_base64_encoded_len(n, variant); /* with the NUL */
	char *text = arena_get_text(a, room);

	(void)sodium_bin2base64(text, room, p, n, variant);
	return str_at(text, (ptrdiff_t)room - 1);
}

static bool is_base64url(struct str s)
{
	for (ptrdiff_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') &&
		    !(c >= '0' && c <= '9') && c != '-' && c != '_')
			return false;
	}
	return true;
}

bool secret_base64url_read(struct str text, unsigned char *out, size_t n)
{
	const int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
	size_t got;

	/*
	 * libsodium 1.0.18 takes the empty text for a good one, and each byte
	 * over 0x7f for one of the 64 characters.
	 */
	if (text.n == 0 || !is_base64url(text) ||
	    (size_t)text.n + 1 != sodium_base64_encoded_len(n, variant))
		return false;
	return sodium_base642bin(out, n, text.p, (size_t)text.n, NULL, &got,
				 NULL, variant) == 0 &&
	       got == n;
}
