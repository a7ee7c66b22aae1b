/*
 * Fellow members.  Must not know who is found or what is shown: the SQL
 * functions decide that.
 */
#include "pages/fellow.h"

#include "pages/cursor.h"
#include "query/fellow.h"
#include "view/rows.h"
#include "web/page.h"
#include "web/url.h"

static struct str list_next(struct arena *a, const struct rows *fellows,
			    struct str words)
{
	ptrdiff_t last = rows_count(fellows) - 1;

	if (last < 0 || !query_fellow_list_has_more(fellows, last))
		return STR_ABSENT;
	struct str q = url_encode(a, words);
	return str_printf(a, "q=%.*s&after=%lld", STR_ARG(q),
			  (long long)query_fellow_list_id(fellows, last));
}

void fellow_list(struct request *rq, struct reply *rs)
{
	struct str words = request_words(rq, "q");
	const int64_t *after = request_query_number(rq, "after");
	struct rows *fellows = query_fellow_list(rq->app->db, rq->arena,
						 rq->session, words, after);
	if (!page_run(rq, rs))
		return;

	struct str next = list_next(rq->arena, fellows, words);
	const struct value_field page[] = {
		{"fellows", rows_value(fellows)},
		{"words", value_text(&words)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "fellow_list", page);
}

static struct str history_next(struct arena *a, const struct rows *history)
{
	ptrdiff_t last = rows_count(history) - 1;

	if (last < 0 || !query_fellow_history_has_more(history, last))
		return STR_ABSENT;
	return cursor_next(a, "before",
			   query_fellow_history_cursor_at(history, last),
			   query_fellow_history_event_id(history, last));
}

void fellow_show(struct request *rq, struct reply *rs)
{
	struct cursor from = cursor_read(rq, "before");
	struct db *db = rq->app->db;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	struct rows *person = query_fellow_page(db, rq->arena, rq->session, id);
	struct rows *history = query_fellow_history(db, rq->arena, rq->session,
						    id, from.at, from.event);
	if (!page_run(rq, rs))
		return;
	if (rows_count(person) == 0) {
		page_absent(rq, rs);
		return;
	}
	struct str next = history_next(rq->arena, history);
	const struct value_field page[] = {
		{"person", row_value(person, 0)},
		{"history", rows_value(history)},
		{"has_rows", value_bool(rows_count(history) > 0)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "fellow_page", page);
}
