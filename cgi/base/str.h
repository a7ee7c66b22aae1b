/*
 * Text as a pointer and a length, passed by value.  Knows nothing of where
 * the bytes live: whoever makes a str keeps them alive and unchanged.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * n bytes at p, not terminated.  p NULL means "absent" (SQL NULL, a header
 * that was not sent) and has n 0; an empty text has n 0 and p not NULL.
 */
struct str {
	const char *p;
	ptrdiff_t n;
};

/* A str of a string literal; STR_INIT is the same for static tables. */
#define STR(literal) ((struct str){"" literal, (ptrdiff_t)sizeof(literal) - 1})
#define STR_INIT(literal)                                                      \
	{                                                                      \
		"" literal, (ptrdiff_t)sizeof(literal) - 1                     \
	}
#define STR_ABSENT ((struct str){NULL, 0})

/* For printf("%.*s", STR_ARG(s)). */
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""

/* A str of a C string, which may be NULL: then it is absent. */
struct str str_of(const char *z);
/* A str of n bytes at p. */
struct str str_at(const char *p, ptrdiff_t n);
/* A NUL-terminated copy in the arena; absent becomes "". */
char *str_z(struct arena *a, struct str s);
/* A copy in the arena. */
struct str str_copy(struct arena *a, struct str s);
/* printf into the arena. */
struct str str_printf(struct arena *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

bool str_is_absent(struct str s);
/* s, or the other when s is absent or empty. */
struct str str_or(struct str s, struct str other);
bool str_equal(struct str a, struct str b);
/* As str_equal(), with ASCII letters of either case alike. */
bool str_equal_nocase(struct str a, struct str b);
bool str_starts(struct str s, struct str with);
bool str_ends(struct str s, struct str with);
/* Index of the first byte c, or -1. */
ptrdiff_t str_find(struct str s, char c);
/* Index of the first occurrence of part, or -1. */
ptrdiff_t str_find_str(struct str s, struct str part);
/* s from byte from (capped) to its end. */
struct str str_from(struct str s, ptrdiff_t from);
/* At most the first n bytes of s. */
struct str str_first(struct str s, ptrdiff_t n);
/* s without spaces, tabs, CR and LF at both ends. */
struct str str_trim(struct str s);
/*
 * Cuts s at the first sep: returns what stands before it and leaves in *rest
 * what stands after; without a sep returns all and leaves *rest absent.
 */
struct str str_cut(struct str s, char sep, struct str *rest);
/* A copy in the arena with ASCII letters in lower case; absent stays so. */
struct str str_lower(struct arena *a, struct str s);

/*
 * Reads a decimal integer: optional '-', digits, nothing else, no leading
 * zeros, within int64_t.  False leaves *out alone.
 */
bool str_read_int(struct str s, int64_t *out);

/* The value of a hex digit of either case, or -1. */
int str_hex_digit(char c);

/* Well-formed UTF-8 (no overlong forms, no surrogates) by RFC 3629. */
bool str_is_utf8(struct str s);
/* Length in bytes of the well-formed character that s begins with, or 0. */
int str_utf8_first(struct str s);
/* Number of code points in a well-formed UTF-8 text. */
ptrdiff_t str_utf8_count(struct str s);
/*
 * Any C0 or C1 control character, DEL, or U+2028/U+2029.  With lines true,
 * TAB, CR and LF are allowed.
 */
bool str_has_control(struct str s, bool lines);
/* Nothing but ASCII letters, digits and the bytes of others. */
bool str_is_plain(struct str s, const char *others);

#endif
