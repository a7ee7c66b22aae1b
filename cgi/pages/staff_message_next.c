/*
 * What an organisation will send, and to whom it sends nothing.  Must not know
 * what decides either.
 */
#include "pages/staff_message_next.h"

#include "pages/cursor.h"
#include "pages/filter.h"
#include "pages/message_words.h"
#include "query/staff_message.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/page.h"
#include "web/router.h"

static void log_opening(struct request *rq)
{
	query_staff_message_open(rq->app->db, rq->arena, rq->session,
				 page_org(rq), str_of(rq->route->pattern),
				 rq->id);
}

static struct str next_waiting(struct arena *a, const struct rows *rows,
			       struct str what)
{
	ptrdiff_t last = rows_count(rows) - 1;
	struct str from;

	if (last < 0 || !query_staff_message_waiting_has_more(rows, last))
		return STR_ABSENT;
	from = cursor_next(a, "after",
			   query_staff_message_waiting_cursor_at(rows, last),
			   query_staff_message_waiting_id(rows, last));
	return str_printf(a, "%.*s%.*s",
			  STR_ARG(filter_say_words(a, "what", what)),
			  STR_ARG(from));
}

static struct value waiting_in_words(struct arena *a, const struct rows *rows)
{
	ptrdiff_t count = rows_count(rows);
	struct value *items = ARENA_ARRAY(a, count + 1, struct value);

	for (ptrdiff_t i = 0; i < count; i++)
		items[i] = message_words_row(
			a, rows, i, query_staff_message_waiting_kind(rows, i),
			query_staff_message_waiting_cause(rows, i), STR_ABSENT);
	return value_list(items, count);
}

static struct value plans_in_words(struct arena *a, const struct rows *rows)
{
	ptrdiff_t count = rows_count(rows);
	struct value *items = ARENA_ARRAY(a, count + 1, struct value);

	for (ptrdiff_t i = 0; i < count; i++)
		items[i] = message_words_row(
			a, rows, i, query_staff_message_plans_kind(rows, i),
			STR_ABSENT, STR_ABSENT);
	return value_list(items, count);
}

static struct value pauses_in_words(struct arena *a, const struct rows *rows)
{
	ptrdiff_t count = rows_count(rows);
	struct value *items = ARENA_ARRAY(a, count + 1, struct value);

	for (ptrdiff_t i = 0; i < count; i++)
		items[i] = message_words_pause(
			a, rows, i,
			query_staff_message_pauses_category(rows, i),
			query_staff_message_pauses_reason(rows, i));
	return value_list(items, count);
}

void staff_message_next(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	struct arena *a = rq->arena;
	struct str what = request_words(rq, "what");
	struct cursor from = cursor_read(rq, "after");
	struct rows *kinds, *plans, *rows, *pauses;

	log_opening(rq);
	kinds = query_staff_message_kinds(db, a, rq->session, page_org(rq));
	plans = query_staff_message_plans(db, a, rq->session, page_org(rq));
	pauses = query_staff_message_pauses(db, a, rq->session, page_org(rq));
	rows = query_staff_message_waiting(db, a, rq->session, page_org(rq),
					   what, from.at, from.event);
	if (!page_run(rq, rs))
		return;

	struct str next = next_waiting(a, rows, what);
	ptrdiff_t planned = rows_count(plans);
	const struct value_field page[] = {
		{"waiting", waiting_in_words(a, rows)},
		{"has_rows", value_bool(rows_count(rows) > 0)},
		{"plans", plans_in_words(a, plans)},
		{"has_plans", value_bool(planned > 0)},
		{"more_plans",
		 value_bool(planned > 0 &&
			    query_staff_message_plans_has_more(plans, 0))},
		{"pauses", pauses_in_words(a, pauses)},
		{"groups", message_words_kinds(a, kinds, what)},
		{"is_later", value_bool(from.at)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "staff_message_next", page);
}

static const struct form_field pause_fields[] = {
	{.name = "category", .label = "Which", .type = FORM_LINE},
	{.name = "reason", .label = "Why", .type = FORM_LINE},
	{.name = NULL},
};

/* Runs what was queued, and shows the page again. */
static void reply_done(struct request *rq, struct reply *rs, const char *note)
{
	if (page_run(rq, rs))
		reply_see(rq, rs,
			  str_printf(rq->arena,
				     "/staff/%.*s/messages/next?note=%s",
				     STR_ARG(page_org(rq)), note));
}

void staff_message_pause(struct request *rq, struct reply *rs)
{
	struct form form;

	(void)form_read(rq, pause_fields, &form);
	query_staff_message_pause(
		rq->app->db, rq->arena, rq->session, page_org(rq),
		str_or(form_get(&form, "category"), STR("")),
		str_or(form_get(&form, "reason"), STR("")), rq->id);
	reply_done(rq, rs, "paused");
}

void staff_message_resume(struct request *rq, struct reply *rs)
{
	struct form form;

	(void)form_read(rq, pause_fields, &form);
	query_staff_message_resume(
		rq->app->db, rq->arena, rq->session, page_org(rq),
		str_or(form_get(&form, "category"), STR("")), rq->id);
	reply_done(rq, rs, "resumed");
}

void staff_message_addresses(struct request *rq, struct reply *rs)
{
	struct arena *a = rq->arena;
	struct cursor from = cursor_read(rq, "before");
	struct str next = STR_ABSENT;
	struct rows *rows;
	ptrdiff_t last;

	log_opening(rq);
	rows = query_staff_message_suppressed(
		rq->app->db, a, rq->session, page_org(rq), from.at, from.event);
	if (!page_run(rq, rs))
		return;

	last = rows_count(rows) - 1;
	if (last >= 0 && query_staff_message_suppressed_has_more(rows, last))
		next = cursor_next(
			a, "before",
			query_staff_message_suppressed_cursor_at(rows, last),
			query_staff_message_suppressed_id(rows, last));
	const struct value_field page[] = {
		{"people", rows_value(rows)},
		{"has_rows", value_bool(last >= 0)},
		{"is_later", value_bool(from.at)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "staff_message_addresses", page);
}
