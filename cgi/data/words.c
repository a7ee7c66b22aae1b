/*
 * Words by event and zone, in a table that is emptied rather than tidied.
 * Must not know who sees them.
 */
#include "data/words.h"

#include "base/arena.h"

/* A few years of a large site; half a kilobyte each. */
#define WORDS_MAX 4096
#define WORDS_ARENA_MAX ((size_t)32 * 1024 * 1024)

struct words_kept {
	struct arena arena;
	int64_t version;
	int count;
	struct words *at[WORDS_MAX];
};

struct words_kept *words_open(void)
{
	struct words_kept *kept = calloc(1, sizeof(*kept));

	if (!kept)
		abort();
	arena_init(&kept->arena, WORDS_ARENA_MAX);
	return kept;
}

void words_close(struct words_kept *kept)
{
	if (!kept)
		return;
	arena_release(&kept->arena);
	free(kept);
}

static void words_forget(struct words_kept *kept)
{
	arena_reset(&kept->arena);
	kept->count = 0;
	memset(kept->at, 0, sizeof(kept->at));
}

void words_keep(struct words_kept *kept, int64_t version)
{
	if (version != kept->version)
		words_forget(kept);
	kept->version = version;
}

/* Numbers are given one after the other: they spread by themselves. */
static struct words **words_place(struct words_kept *kept, int64_t event)
{
	return &kept->at[(uint64_t)event % WORDS_MAX];
}

static bool is_same(struct str a, struct str b)
{
	return str_is_absent(a) == str_is_absent(b) && str_equal(a, b);
}

const struct words *words_find(struct words_kept *kept, int64_t event,
			       struct str zone)
{
	const struct words *w = *words_place(kept, event);

	while (w && (w->event != event || !is_same(w->zone, zone)))
		w = w->next;
	return w;
}

static struct str keep(struct words_kept *kept, struct str s)
{
	return str_is_absent(s) ? s : str_copy(&kept->arena, s);
}

void words_add(struct words_kept *kept, const struct words *words)
{
	struct words *w, **place;

	if (kept->count == WORDS_MAX)
		words_forget(kept);
	place = words_place(kept, words->event);
	w = ARENA_NEW(&kept->arena, struct words);
	*w = (struct words){
		.event = words->event,
		.zone = keep(kept, words->zone),
		.title = keep(kept, words->title),
		.starts_at = keep(kept, words->starts_at),
		.starts_text = keep(kept, words->starts_text),
		.location = keep(kept, words->location),
		.org_name = keep(kept, words->org_name),
		.org_logo = keep(kept, words->org_logo),
		.is_virtual = words->is_virtual,
		.cursor_at = words->cursor_at,
		.next = *place,
	};
	*place = w;
	kept->count++;
}
