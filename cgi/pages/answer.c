/*
 * A person's own answer about one event.  Must not know who may say or see
 * what, or until when: the SQL functions decide that.
 */
#include "pages/answer.h"

#include "pages/feedback.h"
#include "pages/prompt.h"
#include "query/answer.h"
#include "view/rows.h"
#include "web/message.h"
#include "web/page.h"

static const char *const switched[] = {"yes", NULL};
static const struct form_field share_fields[] = {
	{.name = "show_on_profile",
	 .label = "Fellow members",
	 .type = FORM_CHOICE,
	 .choices = switched},
	{.name = "show_to_other_orgs",
	 .label = "Other teams",
	 .type = FORM_CHOICE,
	 .choices = switched},
	{.name = NULL},
};

static struct str path_of(struct request *rq, int64_t event, const char *after)
{
	return str_printf(rq->arena, "/history/%lld%s", (long long)event,
			  after);
}

/* The event's row; NULL when a reply has been made. */
static struct rows *answer_get(struct request *rq, struct reply *rs,
			       int64_t event)
{
	struct rows *answer =
		query_answer_page(rq->app->db, rq->arena, rq->session, event);

	if (!page_run(rq, rs))
		return NULL;
	if (rows_count(answer) > 0)
		return answer;
	page_absent(rq, rs);
	return NULL;
}

/* wrong is what was wrong with a press, or absent. */
static void reply_answer(struct request *rq, struct reply *rs, int64_t event,
			 int status, struct str wrong)
{
	struct rows *answer = answer_get(rq, rs, event);
	if (!answer)
		return;

	struct str link = path_of(rq, event, "");
	struct str now = rows_named(answer, 0, "status");
	bool answered = !str_is_absent(now);
	bool open = str_equal(query_answer_page_state(answer, 0), STR("open"));
	bool changes = !str_is_absent(wrong) ||
		       !str_is_absent(request_query(rq, "change"));
	bool said = !str_is_absent(rows_named(answer, 0, "feedback_rating"));
	bool can = query_answer_page_can_feedback(answer, 0);
	bool asks = open && (!answered || changes);
	const struct value_field page[] = {
		{"answer", row_value(answer, 0)},
		{"link", value_text(&link)},
		{"wrong", value_text(&wrong)},
		{"asks", value_bool(asks)},
		{"answered", value_bool(answered)},
		{"is_attended", value_bool(str_equal(now, STR("attended")))},
		{"is_partial", value_bool(str_equal(now, STR("partial")))},
		{"is_not_attended",
		 value_bool(str_equal(now, STR("not_attended")))},
		{"asks_feedback", value_bool(can && !said && !asks)},
		{"has_feedback", value_bool(said)},
		{"changes_feedback", value_bool(can && said)},
		{"form", value_absent()}, /* nothing was filled in yet */
		{.name = NULL},
	};
	reply_page(rq, rs, status, "answer_page", page);
}

void answer_show(struct request *rq, struct reply *rs)
{
	int64_t event;

	if (page_number(rq, rs, &event))
		reply_answer(rq, rs, event, 200, STR_ABSENT);
}

/* After a press: to the event's page, or why it was refused. */
static void reply_pressed(struct request *rq, struct reply *rs, int64_t event,
			  const char *note)
{
	const struct db_refusal *refusal;

	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_answer(rq, rs, event, refusal->status,
			     message_find(refusal->key));
	else
		reply_see(rq, rs, path_of(rq, event, note));
}

void answer_give(struct request *rq, struct reply *rs)
{
	struct form form;
	int64_t event;

	if (!page_number(rq, rs, &event))
		return;
	if (!form_read(rq, prompt_fields, &form)) {
		reply_answer(rq, rs, event, 422, form.errors[0]);
		return;
	}
	query_answer_give(rq->app->db, rq->arena, rq->session, event,
			  form_get(&form, "status"), rq->id);
	reply_pressed(rq, rs, event, "?note=saved");
}

/* --- how it was --- */

/* form NULL: what was said before. */
static void reply_feedback(struct request *rq, struct reply *rs, int64_t event,
			   int status, const struct form *form)
{
	struct rows *answer = answer_get(rq, rs, event);
	if (!answer)
		return;
	if (!query_answer_page_can_feedback(answer, 0)) {
		reply_see(rq, rs, path_of(rq, event, ""));
		return;
	}
	struct str link = path_of(rq, event, "");
	struct form said = feedback_said(answer);
	const struct value_field page[] = {
		{"answer", row_value(answer, 0)},
		{"link", value_text(&link)},
		{"form", form_value(rq->arena, form ? form : &said)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "answer_feedback", page);
}

void answer_feedback(struct request *rq, struct reply *rs)
{
	int64_t event;

	if (page_number(rq, rs, &event))
		reply_feedback(rq, rs, event, 200, NULL);
}

static void reply_unsaid(struct request *rq, struct reply *rs, int64_t event,
			 struct form *form, const struct db_refusal *refusal)
{
	struct str why = message_find(refusal->key);

	if (refusal->status != 422) {
		reply_answer(rq, rs, event, refusal->status, why);
		return;
	}
	form_fail(form, refusal->field, why);
	reply_feedback(rq, rs, event, 422, form);
}

void answer_feedback_give(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal;
	struct form form;
	int64_t event;

	if (!page_number(rq, rs, &event))
		return;
	if (!form_read(rq, feedback_fields, &form)) {
		reply_feedback(rq, rs, event, 422, &form);
		return;
	}
	int64_t rating = feedback_rating(&form);
	query_answer_feedback(rq->app->db, rq->arena, rq->session, event,
			      &rating, form_get(&form, "feedback"));
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_unsaid(rq, rs, event, &form, refusal);
	else
		reply_see(rq, rs, path_of(rq, event, "?note=feedback"));
}

/* --- who sees it --- */

static bool is_on(const struct form *form, const char *name)
{
	return form_get(form, name).n > 0;
}

void answer_share(struct request *rq, struct reply *rs)
{
	struct form form;
	int64_t event;

	if (!page_number(rq, rs, &event))
		return;
	if (!form_read(rq, share_fields, &form)) {
		reply_problem(rq, rs, 422, STR(""));
		return;
	}
	bool members = is_on(&form, "show_on_profile");
	bool others = is_on(&form, "show_to_other_orgs");
	query_answer_share(rq->app->db, rq->arena, rq->session, event, members,
			   others);
	reply_pressed(rq, rs, event,
		      others && !members ? "?note=hidden_everywhere"
					 : "?note=sharing");
}
