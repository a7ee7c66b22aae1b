/*
 * The events a person was asked about, newest first, and what they said.
 */
#include "pages/history.h"

#include "query/history.h"
#include "view/rows.h"
#include "web/page.h"

/* A cursor's number in the query: false when it is no sensible one. */
static bool read_cursor(const struct request *rq, const char *name,
			int64_t *out)
{
	/* The year 10000, in microseconds: no later start can be written. */
	const int64_t most = INT64_C(253402300800000000);

	return str_read_int(request_query(rq, name), out) && *out <= most &&
	       *out >= -most;
}

static struct str next_page(struct arena *a, const struct rows *history)
{
	ptrdiff_t last = rows_count(history) - 1;

	if (last < 0 || !query_history_list_has_more(history, last))
		return STR_ABSENT;
	return str_printf(
		a, "before=%lld&event=%lld",
		(long long)query_history_list_cursor_at(history, last),
		(long long)query_history_list_event_id(history, last));
}

void history_list(struct request *rq, struct reply *rs)
{
	int64_t before, event;
	bool further = read_cursor(rq, "before", &before) &&
		       read_cursor(rq, "event", &event);
	struct rows *history = query_history_list(
		rq->app->db, rq->arena, rq->session, further ? &before : NULL,
		further ? &event : NULL);
	if (!page_run(rq, rs))
		return;

	struct str next = next_page(rq->arena, history);
	const struct value_field page[] = {
		{"history", rows_value(history)},
		{"has_rows", value_bool(rows_count(history) > 0)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "history_list", page);
}
