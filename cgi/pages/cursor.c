/*
 * Reads and writes where a list goes on.  Must not know whose it is.
 */
#include "pages/cursor.h"

/* False when it is no sensible number. */
static bool number_read(const struct request *rq, const char *name,
			int64_t *out)
{
	/* The years 1 and 10000, in microseconds: what can be written. */
	const int64_t least = INT64_C(-62135596800000000);
	const int64_t most = INT64_C(253402300800000000);

	return str_read_int(request_query(rq, name), out) && *out <= most &&
	       *out >= least;
}

struct cursor cursor_read(struct request *rq, const char *name)
{
	int64_t *at = ARENA_ARRAY(rq->arena, 2, int64_t);

	if (!number_read(rq, name, &at[0]) || !number_read(rq, "event", &at[1]))
		return (struct cursor){NULL, NULL};
	return (struct cursor){&at[0], &at[1]};
}

struct str cursor_next(struct arena *a, const char *name, int64_t at,
		       int64_t event)
{
	return str_printf(a, "%s=%lld&event=%lld", name, (long long)at,
			  (long long)event);
}
