/*
 * Events as members see them: what comes, one event, joining and leaving it.
 * Must not know who may see or join what: the SQL functions decide that.
 */
#include "pages/event.h"

#include "query/event.h"
#include "view/rows.h"
#include "web/message.h"
#include "web/page.h"

void event_list(struct request *rq, struct reply *rs)
{
	struct rows *events =
		query_event_list(rq->app->db, rq->arena, rq->session);
	if (!page_run(rq, rs))
		return;

	/* What is over comes last. */
	ptrdiff_t count = rows_count(events);
	int is_over = rows_column(events, STR("is_over"));
	bool has_next = count > 0 && !rows_bool(events, 0, is_over);
	bool has_over = count > 0 && rows_bool(events, count - 1, is_over);
	const struct value_field page[] = {
		{"events", rows_value(events)},
		{"has_next", value_bool(has_next)},
		{"has_over", value_bool(has_over)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "event_list", page);
}

/* A browser that fetches a page ahead has shown it to nobody. */
static bool is_seen(const struct request *rq)
{
	return rq->method == METHOD_GET &&
	       str_find_str(rq->sec_purpose, STR("prefetch")) < 0;
}

void event_show(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	if (is_seen(rq))
		query_event_view(rq->app->db, rq->arena, rq->session, id);
	struct rows *event =
		query_event_page(rq->app->db, rq->arena, rq->session, id);
	struct rows *dates =
		query_event_dates(rq->app->db, rq->arena, rq->session, id);
	if (!page_run(rq, rs))
		return;
	if (rows_count(event) == 0) {
		page_absent(rq, rs);
		return;
	}

	struct str why_not_asked =
		message_cause(query_event_page_not_asked(event, 0));
	const struct value_field page[] = {
		{"event", row_value(event, 0)},
		{"why_not_asked", value_text(&why_not_asked)},
		{"dates", rows_value(dates)},
		{"has_dates", value_bool(rows_count(dates) > 0)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "event_page", page);
}

static void reply_event(struct request *rq, struct reply *rs, int64_t id,
			struct str note)
{
	reply_see(rq, rs,
		  str_printf(rq->arena, "/events/%lld?note=%.*s", (long long)id,
			     STR_ARG(note)));
}

void event_register(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	struct rows *registered = query_event_register(rq->app->db, rq->arena,
						       rq->session, id, rq->id);
	if (page_run(rq, rs))
		reply_event(rq, rs, id,
			    query_event_register_status(registered, 0));
}

void event_withdraw(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	query_event_withdraw(rq->app->db, rq->arena, rq->session, id, rq->id);
	if (page_run(rq, rs))
		reply_event(rq, rs, id, STR("withdrawn"));
}
