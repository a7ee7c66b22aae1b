/*
 * An organisation's events as its staff see them, and the steps of their life
 * that an admin takes.  Must not know which step fits when: the SQL functions
 * decide that.
 */
#include "pages/staff_event.h"

#include "pages/cursor.h"
#include "query/staff_event.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"
#include "web/url.h"

#define PAGE_ROWS 50

struct str staff_event_path(struct request *rq, int64_t id, struct str query)
{
	return str_printf(rq->arena, "/staff/%.*s/events/%lld%.*s",
			  STR_ARG(page_org(rq)), (long long)id, STR_ARG(query));
}

/* --- the list --- */

static struct str next_page(struct request *rq, const struct rows *events,
			    struct str show, struct str words)
{
	const ptrdiff_t last = PAGE_ROWS - 1;

	if (rows_count(events) <= PAGE_ROWS)
		return STR_ABSENT;
	return str_printf(
		rq->arena, "show=%.*s&q=%.*s&%.*s", STR_ARG(show),
		STR_ARG(url_encode(rq->arena, words)),
		STR_ARG(cursor_next(
			rq->arena, "after",
			query_staff_event_list_cursor_at(events, last),
			query_staff_event_list_id(events, last))));
}

static struct value page_rows(struct request *rq, const struct rows *events)
{
	ptrdiff_t count = rows_count(events);
	struct value *items = ARENA_ARRAY(rq->arena, PAGE_ROWS, struct value);

	count = count > PAGE_ROWS ? PAGE_ROWS : count;
	for (ptrdiff_t i = 0; i < count; i++)
		items[i] = row_value(events, i);
	return value_list(items, count);
}

void staff_event_list(struct request *rq, struct reply *rs)
{
	struct cursor from = cursor_read(rq, "after");
	struct str show = request_query(rq, "show");
	struct str words = str_or(request_words(rq, "q"), STR(""));
	bool past = str_equal(show, STR("past"));
	bool drafts = str_equal(show, STR("drafts"));

	if (!past && !drafts)
		show = STR("coming");
	struct rows *events = query_staff_event_list(
		rq->app->db, rq->arena, rq->session, page_org(rq), show, words,
		from.at, from.event);
	if (!page_run(rq, rs))
		return;

	struct str next = next_page(rq, events, show, words);
	const struct value_field page[] = {
		{"events", page_rows(rq, events)},
		{"has_rows", value_bool(rows_count(events) > 0)},
		{"is_past", value_bool(past)},
		{"is_drafts", value_bool(drafts)},
		{"show", value_text(&show)},
		{"words", value_text(&words)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "staff_event_list", page);
}

/* --- one event --- */

/* The event's row; NULL when a reply has been made. */
static struct rows *event_read(struct request *rq, struct reply *rs, int64_t id)
{
	struct rows *event = query_staff_event_page(
		rq->app->db, rq->arena, rq->session, page_org(rq), id);

	if (!page_run(rq, rs))
		return NULL;
	if (rows_count(event) == 0) {
		page_absent(rq, rs);
		return NULL;
	}
	return event;
}

static void reply_event(struct request *rq, struct reply *rs, int64_t id,
			int status, struct str wrong)
{
	struct rows *next = query_staff_event_next(
		rq->app->db, rq->arena, rq->session, page_org(rq), id);
	struct rows *event = event_read(rq, rs, id);
	const struct value_field page[] = {
		{"event", row_value(event, 0)},
		{"next", rows_value(next)},
		{"wrong", value_text(&wrong)},
		{.name = NULL},
	};

	if (event)
		reply_page(rq, rs, status, "staff_event_page", page);
}

void staff_event_show(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (page_number(rq, rs, &id))
		reply_event(rq, rs, id, 200, STR_ABSENT);
}

/* --- steps --- */

enum { VERSION, SCOPE };

static const char *const scopes[] = {"this", "following", "all", NULL};
static const struct form_field fields[] = {
	[VERSION] = {.name = "version",
		     .label = "Version",
		     .type = FORM_NUMBER,
		     .required = true,
		     .least = 0,
		     .most = INT32_MAX},
	[SCOPE] = {.name = "scope",
		   .label = "Which of them",
		   .type = FORM_CHOICE,
		   .required = true,
		   .choices = scopes},
	{.name = NULL},
};

/* The question before a step that takes something away. */
static void reply_question(struct request *rq, struct reply *rs, int status,
			   const struct rows *event, const struct form *form)
{
	const struct value_field page[] = {
		{"event", row_value(event, 0)},
		{"form", form_value(rq->arena, form)},
		{.name = NULL},
	};
	reply_page(rq, rs, status,
		   query_staff_event_page_is_draft(event, 0)
			   ? "staff_event_delete"
			   : "staff_event_cancel",
		   page);
}

static void ask(struct request *rq, struct reply *rs, bool deletes)
{
	const struct form form = {
		.fields = fields,
		.count = 2,
		.values = {[SCOPE] = STR_INIT("this")},
		.ok = true,
	};
	int64_t id;
	struct rows *event;

	if (!page_number(rq, rs, &id))
		return;
	event = event_read(rq, rs, id);
	if (!event)
		return;
	if (deletes ? query_staff_event_page_is_draft(event, 0)
		    : query_staff_event_page_can_cancel(event, 0))
		reply_question(rq, rs, 200, event, &form);
	else
		reply_see(rq, rs, staff_event_path(rq, id, STR("")));
}

void staff_event_cancel_ask(struct request *rq, struct reply *rs)
{
	ask(rq, rs, false);
}

void staff_event_delete_ask(struct request *rq, struct reply *rs)
{
	ask(rq, rs, true);
}

static void step(struct request *rq, struct reply *rs, const char *name)
{
	const struct db_refusal *refusal;
	struct form form;
	int64_t id;
	bool deletes = name[0] == 'd';

	if (!page_number(rq, rs, &id))
		return;
	if (!form_read(rq, fields, &form)) {
		reply_event(rq, rs, id, 422,
			    message_find(STR("event_step_unclear")));
		return;
	}
	struct rows *done = query_staff_event_step(
		rq->app->db, rq->arena, rq->session, page_org(rq), id,
		form_number(&form, "version"), form_get(&form, "scope"),
		str_of(name));
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal) {
		reply_event(rq, rs, id, refusal->status,
			    message_find(refusal->key));
		return;
	}
	struct str note =
		str_printf(rq->arena, "?note=%.*s",
			   STR_ARG(query_staff_event_step_note(done, 0)));
	if (deletes)
		reply_see(rq, rs,
			  str_printf(rq->arena, "/staff/%.*s/events%.*s",
				     STR_ARG(page_org(rq)), STR_ARG(note)));
	else
		reply_see(rq, rs, staff_event_path(rq, id, note));
}

void staff_event_publish(struct request *rq, struct reply *rs)
{
	step(rq, rs, "publish");
}

void staff_event_resume(struct request *rq, struct reply *rs)
{
	step(rq, rs, "resume");
}

void staff_event_cancel(struct request *rq, struct reply *rs)
{
	step(rq, rs, "cancel");
}

void staff_event_delete(struct request *rq, struct reply *rs)
{
	step(rq, rs, "delete");
}
