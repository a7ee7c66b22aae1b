/*
 * Text as a pointer and a length.  Must not know what the text means.
 */
#include "base/str.h"

#include <stdarg.h>

struct str str_of(const char *z)
{
	return z ? (struct str){z, (ptrdiff_t)strlen(z)} : STR_ABSENT;
}

struct str str_at(const char *p, ptrdiff_t n)
{
	return (struct str){p, n};
}

char *str_z(struct arena *a, struct str s)
{
	char *z = arena_get_text(a, (size_t)s.n + 1);

	if (s.n > 0)
		memcpy(z, s.p, (size_t)s.n);
	z[s.n] = '\0';
	return z;
}

struct str str_copy(struct arena *a, struct str s)
{
	char *p;

	if (str_is_absent(s))
		return s;
	p = arena_get_text(a, (size_t)s.n);
	if (s.n > 0)
		memcpy(p, s.p, (size_t)s.n);
	return str_at(p, s.n);
}

struct str str_printf(struct arena *a, const char *format, ...)
{
	va_list args, again;
	char *p;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		abort();
	p = arena_get_text(a, (size_t)n + 1);
	(void)vsnprintf(p, (size_t)n + 1, format, again);
	va_end(again);
	return str_at(p, n);
}

bool str_is_absent(struct str s)
{
	return s.p == NULL;
}

struct str str_or(struct str s, struct str other)
{
	return s.n > 0 ? s : other;
}

bool str_equal(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	return a.n == 0 || (a.p && b.p && memcmp(a.p, b.p, (size_t)a.n) == 0);
}

static char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool str_equal_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (ptrdiff_t i = 0; i < a.n; i++)
		if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	return true;
}

bool str_starts(struct str s, struct str with)
{
	return s.n >= with.n && str_equal(str_first(s, with.n), with);
}

bool str_ends(struct str s, struct str with)
{
	return s.n >= with.n && str_equal(str_from(s, s.n - with.n), with);
}

ptrdiff_t str_find(struct str s, char c)
{
	const char *at = s.n > 0 ? memchr(s.p, c, (size_t)s.n) : NULL;

	return at ? at - s.p : -1;
}

ptrdiff_t str_find_str(struct str s, struct str part)
{
	for (ptrdiff_t i = 0; i + part.n <= s.n; i++)
		if (str_starts(str_from(s, i), part))
			return i;
	return -1;
}

struct str str_from(struct str s, ptrdiff_t from)
{
	if (from > s.n)
		from = s.n;
	return s.p ? str_at(s.p + from, s.n - from) : s;
}

struct str str_first(struct str s, ptrdiff_t n)
{
	return str_at(s.p, n < s.n ? n : s.n);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s = str_from(s, 1);
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str str_cut(struct str s, char sep, struct str *rest)
{
	ptrdiff_t at = str_find(s, sep);

	if (at < 0) {
		*rest = STR_ABSENT;
		return s;
	}
	*rest = str_from(s, at + 1);
	return str_first(s, at);
}

struct str str_lower(struct arena *a, struct str s)
{
	char *p;

	if (str_is_absent(s))
		return s;
	p = arena_get_text(a, (size_t)s.n);
	for (ptrdiff_t i = 0; i < s.n; i++)
		p[i] = ascii_lower(s.p[i]);
	return str_at(p, s.n);
}

bool str_read_int(struct str s, int64_t *out)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	struct str digits = str_from(s, minus ? 1 : 0);
	int64_t v = 0;

	if (digits.n == 0 || (digits.p[0] == '0' && (digits.n > 1 || minus)))
		return false;
	for (ptrdiff_t i = 0; i < digits.n; i++) {
		int d = digits.p[i] - '0';

		if (d < 0 || d > 9 || __builtin_mul_overflow(v, 10, &v))
			return false;
		/* counted below zero, so that the least int64_t is reached */
		if (__builtin_sub_overflow(v, d, &v))
			return false;
	}
	if (!minus && __builtin_sub_overflow(0, v, &v))
		return false;
	*out = v;
	return true;
}

int str_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* How many bytes a UTF-8 character has that begins with c; 0: none does. */
static int utf8_length(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/*
 * Length of the well-formed UTF-8 sequence at s (RFC 3629, section 4), its
 * code point in *cp; 0 when there is none.
 */
static int utf8_read(struct str s, uint32_t *cp)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char c = (unsigned char)s.p[0];
	int n = utf8_length(c);

	if (n == 0 || n > s.n)
		return 0;
	*cp = n == 1 ? c : c & (0xffU >> (n + 1));
	for (int i = 1; i < n; i++) {
		unsigned char d = (unsigned char)s.p[i];

		if ((d & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (d & 0x3fU);
	}
	if (*cp < least[n] || *cp > 0x10ffff)
		return 0;
	return *cp >= 0xd800 && *cp <= 0xdfff ? 0 : n;
}

int str_utf8_first(struct str s)
{
	uint32_t cp;

	return s.n > 0 ? utf8_read(s, &cp) : 0;
}

bool str_is_utf8(struct str s)
{
	while (s.n > 0) {
		int n = str_utf8_first(s);

		if (n == 0)
			return false;
		s = str_from(s, n);
	}
	return true;
}

ptrdiff_t str_utf8_count(struct str s)
{
	ptrdiff_t count = 0;

	for (ptrdiff_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] & 0xc0) != 0x80)
			count++;
	return count;
}

bool str_has_control(struct str s, bool lines)
{
	while (s.n > 0) {
		uint32_t cp = 0;
		int n = utf8_read(s, &cp);
		bool line = cp == '\t' || cp == '\n' || cp == '\r';

		if (n == 0)
			n = 1;
		else if ((cp < 0x20 && !(line && lines)) ||
			 (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 ||
			 cp == 0x2029)
			return true;
		s = str_from(s, n);
	}
	return false;
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

bool str_is_plain(struct str s, const char *others)
{
	for (ptrdiff_t i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) &&
		    (s.p[i] == 0 || !strchr(others, s.p[i])))
			return false;
	return true;
}
