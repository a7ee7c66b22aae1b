/*
 * The file of signing keys.  Must not print or log a key.
 */
#include "jobs/keys.h"

#include "base/buf.h"
#include "base/secret.h"
#include "jobs/file.h"

#define KEYS_BYTES_MAX 65536

bool keys_init(struct arena *a, struct str path, struct str *said,
	       struct str *why)
{
	struct buf text = buf_init(a, 256);

	if (!secret_init()) {
		*why = STR("there is no source of random bytes");
		return false;
	}
	buf_add(&text, STR("# Signing keys, newest first. Keep them secret "
			   "and in your backup:\n# without them every link "
			   "already mailed is dead.\n"));
	buf_add(&text, secret_key_line(a, 1));
	*said = str_printf(a, "Made %.*s with key 1.", STR_ARG(path));
	return file_make(a, path, buf_str(&text), 0640, why);
}

static bool read_both(struct arena *a, struct str path, struct str *text,
		      struct secret_keys *keys, struct str *why)
{
	if (!secret_init()) {
		*why = STR("there is no source of random bytes");
		return false;
	}
	if (!secret_keys_read(a, path, keys, why))
		return false;
	*text = file_read(a, path, KEYS_BYTES_MAX, why);
	return !str_is_absent(*text);
}

bool keys_rotate(struct arena *a, struct str path, struct str *said,
		 struct str *why)
{
	struct secret_keys *keys = ARENA_NEW(a, struct secret_keys);
	struct buf text = buf_init(a, 4096);
	struct str old;
	int id = 0;

	if (!read_both(a, path, &old, keys, why))
		return false;
	for (int i = 0; i < keys->count; i++)
		if (keys->keys[i].id > id)
			id = keys->keys[i].id;
	if (keys->count == SECRET_KEYS_MAX || id == UINT16_MAX) {
		*why = STR("there are too many keys: retire one first");
		return false;
	}
	buf_add(&text, secret_key_line(a, (uint16_t)(id + 1)));
	buf_add(&text, old);
	*said = str_printf(a,
			   "Key %d signs from now on; the others still "
			   "verify.",
			   id + 1);
	return file_replace(a, path, buf_str(&text), why);
}

/* The text without the line that begins with the id. */
static struct str leave_out(struct arena *a, struct str text, struct str id)
{
	struct buf out = buf_init(a, text.n + 1);

	while (text.n > 0) {
		struct str line = str_cut(text, '\n', &text);
		struct str rest;
		struct str word = str_cut(str_trim(line), ' ', &rest);

		if (str_equal(word, id))
			continue;
		buf_add(&out, line);
		buf_add_byte(&out, '\n');
	}
	return buf_str(&out);
}

bool keys_retire(struct arena *a, struct str path, struct str id,
		 struct str *said, struct str *why)
{
	struct secret_keys *keys = ARENA_NEW(a, struct secret_keys);
	struct str text;
	int64_t number = 0;
	bool found = false;

	if (!read_both(a, path, &text, keys, why))
		return false;
	(void)str_read_int(id, &number);
	for (int i = 1; i < keys->count; i++)
		found = found || keys->keys[i].id == number;
	if (!found) {
		*why = number == keys->keys[0].id
			       ? STR("this key signs: rotate first")
			       : STR("there is no such key");
		return false;
	}
	*said = str_printf(a,
			   "Key %.*s is gone; links that it signed are not "
			   "found any more. Of people who had themselves "
			   "erased while it was the newest, the stops are "
			   "lost: if they come back, they get mail again.",
			   STR_ARG(id));
	return file_replace(a, path, leave_out(a, text, id), why);
}
