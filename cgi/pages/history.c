/*
 * The events a person was asked about, newest first, and what they said.
 */
#include "pages/history.h"

#include "pages/cursor.h"
#include "query/history.h"
#include "query/pending.h"
#include "view/rows.h"
#include "web/page.h"

static struct str next_page(struct arena *a, const struct rows *history)
{
	ptrdiff_t last = rows_count(history) - 1;

	if (last < 0 || !query_history_list_has_more(history, last))
		return STR_ABSENT;
	return cursor_next(a, "before",
			   query_history_list_cursor_at(history, last),
			   query_history_list_event_id(history, last));
}

void history_list(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	struct cursor from = cursor_read(rq, "before");
	struct rows *pending = NULL;

	/* What waits stands on the first page only. */
	if (!from.at)
		pending = query_pending_list(db, rq->arena, rq->session);
	struct rows *history = query_history_list(db, rq->arena, rq->session,
						  from.at, from.event);
	if (!page_run(rq, rs))
		return;

	struct str next = next_page(rq->arena, history);
	struct str back = STR("history");
	bool waiting = pending && rows_count(pending) > 0;
	const struct value_field page[] = {
		{"pending", waiting ? rows_value(pending) : value_absent()},
		{"has_pending", value_bool(waiting)},
		{"back", value_text(&back)},
		{"history", rows_value(history)},
		{"has_rows", value_bool(rows_count(history) > 0)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "history_list", page);
}
