/*
 * Memory for one request or one job item.  Must not know what it holds.
 */
#include "base/arena.h"

#include <stdalign.h>

#define ARENA_BLOCK ((size_t)64 * 1024)
#define ARENA_ALIGN alignof(max_align_t)

struct arena_block {
	struct arena_block *older;
	size_t size; /* bytes of room after this header */
	size_t used;
	alignas(max_align_t) char room[];
};

static void arena_die(const char *why)
{
	(void)fprintf(stderr,
		      "{\"level\":\"bug\",\"event\":\"arena\","
		      "\"why\":\"%s\"}\n",
		      why);
	abort();
}

void arena_init(struct arena *a, size_t cap)
{
	*a = (struct arena){.cap = cap};
}

static struct arena_block *arena_block_new(size_t need)
{
	size_t size = need > ARENA_BLOCK ? need : ARENA_BLOCK;
	struct arena_block *b = malloc(sizeof(*b) + size);

	if (!b)
		arena_die("no memory");
	b->older = NULL;
	b->size = size;
	b->used = 0;
	return b;
}

static char *arena_take(struct arena *a, size_t n, size_t align)
{
	struct arena_block *b = a->block;
	size_t pad = 0;

	if (n > a->cap || a->used > a->cap - n)
		arena_die("over its cap");
	if (b)
		pad = (align - b->used % align) % align;
	if (!b || b->size - b->used < pad || b->size - b->used - pad < n) {
		b = arena_block_new(n);
		b->older = a->block;
		a->block = b;
		pad = 0;
	}
	a->used += n;
	b->used += pad + n;
	return b->room + b->used - n;
}

void *arena_get(struct arena *a, size_t n)
{
	char *p = arena_take(a, n, ARENA_ALIGN);

	memset(p, 0, n);
	return p;
}

void *arena_get_array(struct arena *a, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		arena_die("size overflows");
	return arena_get(a, n);
}

char *arena_get_text(struct arena *a, size_t n)
{
	return arena_take(a, n, 1);
}

static void arena_free_from(struct arena_block *b)
{
	while (b) {
		struct arena_block *older = b->older;

		free(b);
		b = older;
	}
}

void arena_reset(struct arena *a)
{
	struct arena_block *keep = a->block;

	a->used = 0;
	if (!keep)
		return;
	arena_free_from(keep->older);
	keep->older = NULL;
	keep->used = 0;
	if (keep->size > ARENA_BLOCK) {
		free(keep);
		a->block = NULL;
	}
}

void arena_release(struct arena *a)
{
	arena_free_from(a->block);
	*a = (struct arena){.cap = a->cap};
}
