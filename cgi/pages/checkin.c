/*
 * The button that says that somebody is fine.  Must not know what follows
 * from it.
 */
#include "pages/checkin.h"

#include "query/checkin.h"
#include "query/dashboard.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

/* wrong is what was wrong with a press, or absent. */
static void reply_checkin(struct request *rq, struct reply *rs, int status,
			  struct str wrong)
{
	struct rows *watch =
		query_dashboard_watch(rq->app->db, rq->arena, rq->session);
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"watch", row_value(watch, 0)},
		{"is_enrolled",
		 value_bool(rows_count(watch) > 0 &&
			    query_dashboard_watch_is_enrolled(watch, 0))},
		{"wrong", value_text(&wrong)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "checkin_page", page);
}

void checkin_show(struct request *rq, struct reply *rs)
{
	reply_checkin(rq, rs, 200, STR_ABSENT);
}

static const char *const presses[] = {"cancel", NULL};
static const struct form_field fields[] = {
	{.name = "press",
	 .label = "What",
	 .type = FORM_CHOICE,
	 .choices = presses},
	{.name = NULL},
};

void checkin_press(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal;
	struct db *db = rq->app->db;
	struct form form;

	if (!form_read(rq, fields, &form)) {
		reply_checkin(rq, rs, 422, message_find(STR("bad_choice")));
		return;
	}
	if (form_get(&form, "press").n > 0)
		query_checkin_cancel(db, rq->arena, rq->session);
	else
		query_checkin_press(db, rq->arena, rq->session);
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_checkin(rq, rs, refusal->status,
			      message_find(refusal->key));
	else
		reply_see(rq, rs, STR("/dashboard?note=checked_in"));
}
