/*
 * Marking those absent whom nobody marked: what would be done, what was, and
 * taking it back.  Must not know who would be marked: the SQL functions
 * decide that.
 */
#include "pages/absence.h"

#include "pages/staff_event.h"
#include "query/absence.h"
#include "view/rows.h"
#include "web/message.h"
#include "web/page.h"

static void reply_absences(struct request *rq, struct reply *rs, int64_t event,
			   int status, struct str wrong)
{
	struct db *db = rq->app->db;
	struct rows *head = query_absence_event(db, rq->arena, rq->session,
						page_org(rq), event);
	struct rows *preview = query_absence_preview(db, rq->arena, rq->session,
						     page_org(rq), event);
	struct rows *batches = query_absence_list(db, rq->arena, rq->session,
						  page_org(rq), event);

	if (!page_run(rq, rs))
		return;
	if (rows_count(head) == 0) {
		page_absent(rq, rs);
		return;
	}
	const struct value_field page[] = {
		{"event", row_value(head, 0)},
		{"preview", row_value(preview, 0)},
		{"is_any",
		 value_bool(query_absence_preview_would_flag(preview, 0) > 0)},
		{"batches", rows_value(batches)},
		{"wrong", value_text(&wrong)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "absence_page", page);
}

void absence_show(struct request *rq, struct reply *rs)
{
	int64_t event;

	if (page_number(rq, rs, &event))
		reply_absences(rq, rs, event, 200, STR_ABSENT);
}

/* After a press: to the page, or why it was refused. */
static void reply_pressed(struct request *rq, struct reply *rs, int64_t event,
			  const char *tail)
{
	const struct db_refusal *refusal;

	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_absences(rq, rs, event, refusal->status,
			       message_find(refusal->key));
	else
		reply_see(rq, rs, staff_event_path(rq, event, str_of(tail)));
}

void absence_start(struct request *rq, struct reply *rs)
{
	int64_t event;

	if (!page_number(rq, rs, &event))
		return;
	(void)query_absence_start(rq->app->db, rq->arena, rq->session,
				  page_org(rq), event, rq->id);
	reply_pressed(rq, rs, event, "/absences?note=absences_started");
}

void absence_decline(struct request *rq, struct reply *rs)
{
	int64_t event;

	if (!page_number(rq, rs, &event))
		return;
	query_absence_decline(rq->app->db, rq->arena, rq->session, page_org(rq),
			      event);
	reply_pressed(rq, rs, event, "?note=absences_declined");
}

void absence_take_back(struct request *rq, struct reply *rs)
{
	int64_t event, batch;

	if (!page_number(rq, rs, &event))
		return;
	if (!request_number(rq, 2, &batch)) {
		reply_problem(rq, rs, 404, STR(""));
		return;
	}
	query_absence_take_back(rq->app->db, rq->arena, rq->session,
				page_org(rq), event, batch, rq->id);
	reply_pressed(rq, rs, event, "/absences?note=absences_taken_back");
}
