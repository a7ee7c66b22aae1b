/*
 * Text that grows at its end, in an arena.  Knows nothing of its content.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"
#include "base/str.h"

/* p[0..n) is the text so far; the rest is private. */
struct buf {
	struct arena *arena;
	char *p;
	ptrdiff_t n;
	ptrdiff_t cap;
};

/* An empty buf that grows in the arena; room is the first size in bytes. */
struct buf buf_init(struct arena *a, ptrdiff_t room);
void buf_add(struct buf *b, struct str s);
void buf_add_byte(struct buf *b, char c);
void buf_add_int(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Returns room for n bytes at the end, which then belong to the text. */
char *buf_grow(struct buf *b, ptrdiff_t n);
/* The text so far; valid until the buf grows again. */
struct str buf_str(const struct buf *b);

#endif
