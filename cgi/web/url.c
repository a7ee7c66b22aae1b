/*
 * Percent-encoding, form fields and addresses of our own.  Must not know what
 * any field is for.
 */
#include "web/url.h"

#define OWN_MAX 1000

/* The byte that "%XX" at s means, or -1. */
static int escape_read(struct str s)
{
	int high, low;

	if (s.n < 3)
		return -1;
	high = str_hex_digit(s.p[1]);
	low = str_hex_digit(s.p[2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool url_decode(struct arena *a, struct str s, bool plus, struct str *out)
{
	char *p = arena_get_text(a, (size_t)s.n + 1);
	ptrdiff_t n = 0;
	ptrdiff_t i = 0;

	while (i < s.n) {
		int byte;

		if (s.p[i] != '%') {
			p[n++] = plus && s.p[i] == '+' ? ' ' : s.p[i];
			i++;
			continue;
		}
		byte = escape_read(str_from(s, i));
		if (byte < 0)
			return false;
		p[n++] = (char)byte;
		i += 3;
	}
	*out = str_at(p, n);
	return true;
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

struct str url_encode(struct arena *a, struct str s)
{
	static const char digits[] = "0123456789ABCDEF";
	char *p = arena_get_text(a, 3 * (size_t)s.n + 1);
	ptrdiff_t n = 0;

	for (ptrdiff_t i = 0; i < s.n; i++) {
		unsigned char byte = (unsigned char)s.p[i];

		if (is_unreserved(s.p[i])) {
			p[n++] = s.p[i];
			continue;
		}
		p[n++] = '%';
		p[n++] = digits[byte >> 4];
		p[n++] = digits[byte & 15];
	}
	return str_at(p, n);
}

bool url_is_own(struct str s)
{
	if (s.n < 1 || s.n > OWN_MAX || s.p[0] != '/')
		return false;
	if (s.n > 1 && s.p[1] == '/')
		return false;
	for (ptrdiff_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '\\')
			return false;
	return true;
}

bool url_next_pair(struct arena *a, struct str *rest, struct str *name,
		   struct str *value, bool *bad)
{
	struct str raw_name, raw_value;

	do {
		if (rest->n == 0)
			return false;
		raw_name = str_cut(*rest, '&', rest);
	} while (raw_name.n == 0);
	raw_name = str_cut(raw_name, '=', &raw_value);
	if (str_is_absent(raw_value))
		raw_value = STR("");
	*bad = !url_decode(a, raw_name, true, name);
	if (*bad)
		*name = raw_name;
	if (!url_decode(a, raw_value, true, value)) {
		*bad = true;
		*value = raw_value;
	}
	return true;
}
