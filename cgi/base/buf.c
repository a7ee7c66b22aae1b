/*
 * Text that grows at its end.  Must not know what the text means.
 */
#include "base/buf.h"

#include <inttypes.h>
#include <stdarg.h>

#define BUF_LEAST 256

struct buf buf_init(struct arena *a, ptrdiff_t room)
{
	ptrdiff_t cap = room > BUF_LEAST ? room : BUF_LEAST;

	return (struct buf){
		.arena = a,
		.p = arena_get_text(a, (size_t)cap),
		.cap = cap,
	};
}

char *buf_grow(struct buf *b, ptrdiff_t n)
{
	if (b->cap - b->n < n) {
		ptrdiff_t cap = 2 * b->cap > b->n + n ? 2 * b->cap : b->n + n;
		char *p = arena_get_text(b->arena, (size_t)cap);

		memcpy(p, b->p, (size_t)b->n);
		b->p = p;
		b->cap = cap;
	}
	b->n += n;
	return b->p + b->n - n;
}

void buf_add(struct buf *b, struct str s)
{
	if (s.n > 0)
		memcpy(buf_grow(b, s.n), s.p, (size_t)s.n);
}

void buf_add_byte(struct buf *b, char c)
{
	*buf_grow(b, 1) = c;
}

void buf_add_int(struct buf *b, int64_t v)
{
	buf_printf(b, "%" PRId64, v);
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args, again;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n > 0) {
		/* vsnprintf ends with a NUL: room for it, then take it back */
		char *p = buf_grow(b, (ptrdiff_t)n + 1);

		(void)vsnprintf(p, (size_t)n + 1, format, again);
		b->n--;
	}
	va_end(again);
}

struct str buf_str(const struct buf *b)
{
	return str_at(b->p, b->n);
}
