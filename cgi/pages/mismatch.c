/*
 * Where the door and the people's own answers disagree.  Must not know when
 * they do, nor what a decision changes.
 */
#include "pages/mismatch.h"

#include "pages/table_file.h"
#include "query/mismatch.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

/* What the list shows: of the address, or of a form that was refused. */
struct view {
	bool is_decided;
	const int64_t *event; /* NULL: of all events */
	const int64_t *before;
};

static struct view view_read(struct request *rq)
{
	return (struct view){
		.is_decided =
			str_equal(request_query(rq, "show"), STR("decided")),
		.event = request_query_number(rq, "event"),
		.before = request_query_number(rq, "before"),
	};
}

static struct str event_text(struct arena *a, const struct view *view)
{
	if (!view->event)
		return STR_ABSENT;
	return str_printf(a, "%lld", (long long)*view->event);
}

static struct str next_page(struct arena *a, const struct rows *rows,
			    const struct view *view)
{
	ptrdiff_t last = rows_count(rows) - 1;
	struct str event = event_text(a, view);

	if (last < 0 || !query_mismatch_list_has_more(rows, last))
		return STR_ABSENT;
	return str_printf(a, "%s%s%.*s%sbefore=%lld",
			  view->is_decided ? "show=decided&" : "",
			  view->event ? "event=" : "", STR_ARG(event),
			  view->event ? "&" : "",
			  (long long)query_mismatch_list_id(rows, last));
}

/* wrong: a sentence above it all; absent: all is well. */
static void reply_list(struct request *rq, struct reply *rs,
		       const struct view *view, int status, struct str wrong)
{
	struct rows *rows = query_mismatch_list(
		rq->app->db, rq->arena, rq->session, page_org(rq), view->event,
		view->is_decided, view->before);
	if (!page_run(rq, rs))
		return;

	struct str next = next_page(rq->arena, rows, view);
	struct str event = event_text(rq->arena, view);
	const struct value_field page[] = {
		{"mismatches", rows_value(rows)},
		{"has_rows", value_bool(rows_count(rows) > 0)},
		{"is_decided", value_bool(view->is_decided)},
		{"event", value_text(&event)},
		{"next", value_text(&next)},
		{"wrong", value_text(&wrong)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "staff_mismatch_list", page);
}

void mismatch_list(struct request *rq, struct reply *rs)
{
	struct view view = view_read(rq);

	reply_list(rq, rs, &view, 200, STR_ABSENT);
}

void mismatch_file(struct request *rq, struct reply *rs)
{
	static const char *const columns[] = {
		"name",	      "event",	    "starts_at",   "door",
		"door_at",    "answer",	    "answered_at", "decision",
		"decided_by", "decided_at", NULL};
	bool is_decided = view_read(rq).is_decided;
	struct rows *rows = query_mismatch_file(
		rq->app->db, rq->arena, rq->session, page_org(rq), is_decided);

	if (!page_run(rq, rs))
		return;
	table_file_reply(rq, rs, "mismatches",
			 is_decided ? STR("decided") : STR("waiting"), rows,
			 columns);
	if (rows_count(rows) > 0)
		table_file_left_off(rq, rs, rows,
				    query_mismatch_file_all_rows(rows, 0));
}

void mismatch_decide(struct request *rq, struct reply *rs)
{
	static const char *const decisions[] = {"door", "answer", NULL};
	static const struct form_field fields[] = {
		{.name = "decision",
		 .label = "Who is right",
		 .type = FORM_CHOICE,
		 .required = true,
		 .choices = decisions},
		{.name = "door", .label = "The door", .type = FORM_LINE},
		{.name = "answer", .label = "Their answer", .type = FORM_LINE},
		{.name = "event", .label = "Event", .type = FORM_LINE},
		{.name = NULL},
	};
	const struct db_refusal *refusal;
	struct form form;
	int64_t id, event;

	if (!page_number(rq, rs, &id))
		return;
	bool good = form_read(rq, fields, &form);
	bool is_one = str_read_int(form_get(&form, "event"), &event);
	const struct view view = {.event = is_one ? &event : NULL};
	if (!good) {
		reply_list(rq, rs, &view, 422,
			   message_find(STR("bad_decision")));
		return;
	}
	query_mismatch_decide(rq->app->db, rq->arena, rq->session, page_org(rq),
			      id, form_get(&form, "decision"),
			      str_or(form_get(&form, "door"), STR("")),
			      str_or(form_get(&form, "answer"), STR("")),
			      rq->id);
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_list(rq, rs, &view, refusal->status,
			   message_find(refusal->key));
	else
		reply_see(rq, rs,
			  str_printf(rq->arena,
				     "/staff/%.*s/mismatches?note=mismatch_"
				     "decided%s%.*s",
				     STR_ARG(page_org(rq)),
				     view.event ? "&event=" : "",
				     STR_ARG(event_text(rq->arena, &view))));
}
