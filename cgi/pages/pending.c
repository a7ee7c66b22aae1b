/*
 * The questions that wait for a person, answered on the spot.  Must not know
 * which wait, or until when they are open: the SQL functions decide that.
 */
#include "pages/pending.h"

#include "pages/prompt.h"
#include "query/pending.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

static const char *const places[] = {"history", NULL};
static const struct form_field back_fields[] = {
	{.name = "back",
	 .label = "Back",
	 .type = FORM_CHOICE,
	 .choices = places},
	{.name = NULL},
};

/* wrong is what was wrong with a press, or absent. */
static void reply_list(struct request *rq, struct reply *rs, int status,
		       struct str wrong)
{
	struct rows *pending =
		query_pending_list(rq->app->db, rq->arena, rq->session);
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"pending", rows_value(pending)},
		{"wrong", value_text(&wrong)},
		{"back", value_absent()},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "pending_list", page);
}

void pending_list(struct request *rq, struct reply *rs)
{
	reply_list(rq, rs, 200, STR_ABSENT);
}

/* To where the button stood. */
static void reply_back(struct request *rq, struct reply *rs, const char *note)
{
	struct form form;
	const char *to = "/prompts";

	if (form_read(rq, back_fields, &form) && form_get(&form, "back").n > 0)
		to = "/history";
	reply_see(rq, rs, str_printf(rq->arena, "%s?note=%s", to, note));
}

void pending_answer(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal;
	struct form form;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	if (!form_read(rq, prompt_fields, &form)) {
		reply_list(rq, rs, 422, form.errors[0]);
		return;
	}
	struct str status = form_get(&form, "status");
	struct rows *answered = query_pending_answer(
		rq->app->db, rq->arena, rq->session, id, status, rq->id);
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_list(rq, rs, refusal->status, message_find(refusal->key));
	else if (str_equal(status, STR("not_attended")))
		reply_back(rq, rs, "saved");
	else
		reply_see(rq, rs,
			  str_printf(rq->arena, "/history/%lld?note=saved",
				     (long long)query_pending_answer_event_id(
					     answered, 0)));
}

void pending_later(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	query_pending_later(rq->app->db, rq->arena, rq->session, id);
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_list(rq, rs, refusal->status, message_find(refusal->key));
	else
		reply_back(rq, rs, "later");
}
