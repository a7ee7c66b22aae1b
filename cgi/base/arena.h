/*
 * Memory for one request or one job item: taken piece by piece, given back
 * all at once.  Knows nothing of what is stored in it.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;

/*
 * All fields are private.  An arena that has been zeroed must still be
 * given to arena_init().
 */
struct arena {
	struct arena_block *block; /* newest first */
	size_t used;		   /* bytes handed out since the last reset */
	size_t cap;		   /* most bytes that may be handed out */
};

/*
 * Makes an empty arena that hands out at most cap bytes between two resets.
 * Going over the cap, or finding no memory, is a bug in the caller's limits:
 * the program says so on stderr and aborts.
 */
void arena_init(struct arena *a, size_t cap);

/* Returns n zeroed bytes aligned for any type; they live until the reset. */
void *arena_get(struct arena *a, size_t n);

/* As arena_get(), for count items of size bytes; an overflow aborts. */
void *arena_get_array(struct arena *a, size_t count, size_t size);

/* Returns n bytes that are not zeroed and not aligned: room for text. */
char *arena_get_text(struct arena *a, size_t n);

/* Forgets everything handed out; keeps one block for the next request. */
void arena_reset(struct arena *a);

/* Gives all memory back; arena_init() may follow. */
void arena_release(struct arena *a);

#define ARENA_NEW(a, type) ((type *)arena_get((a), sizeof(type)))
#define ARENA_ARRAY(a, n, type)                                                \
	((type *)arena_get_array((a), (size_t)(n), sizeof(type)))

#endif
