/*
 * How it was, from people who say that they were there.  Must not know who
 * may say it, or until when: the SQL functions decide that.
 */
#include "pages/feedback.h"

#include "pages/prompt.h"
#include "query/prompt.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

enum { RATING, FEEDBACK };

static const char *const ratings[] = {"1", "2", "3", "4", "5", NULL};
const struct form_field feedback_fields[] = {
	[RATING] = {.name = "rating",
		    .label = "Your rating",
		    .type = FORM_CHOICE,
		    .required = true,
		    .choices = ratings},
	[FEEDBACK] = {.name = "feedback",
		      .label = "In your words",
		      .type = FORM_TEXT,
		      .most = 2000},
	{.name = NULL},
};

struct form feedback_said(const struct rows *row)
{
	return (struct form){
		.fields = feedback_fields,
		.count = 2,
		.values = {[RATING] = rows_named(row, 0, "feedback_rating"),
			   [FEEDBACK] = rows_named(row, 0, "feedback_text")},
		.ok = true,
	};
}

int64_t feedback_rating(const struct form *form)
{
	return form_get(form, "rating").p[0] - '0';
}

static void reply_form(struct request *rq, struct reply *rs,
		       const struct link *link, const struct rows *prompt,
		       int status, const struct form *form)
{
	struct str to = prompt_path(rq, link, "");
	const struct value_field page[] = {
		{"prompt", row_value(prompt, 0)},
		{"form", form_value(rq->arena, form)},
		{"link", value_text(&to)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "prompt_feedback", page);
}

static bool may_say(const struct rows *prompt)
{
	return rows_count(prompt) > 0 &&
	       query_prompt_link_can_feedback(prompt, 0);
}

void feedback_show(struct request *rq, struct reply *rs)
{
	struct link link;

	if (!link_read(rq, rs, TOKEN_PROMPT, &link))
		return;
	struct rows *prompt = prompt_queue(rq, &link);
	if (!page_run(rq, rs))
		return;
	if (!may_say(prompt)) {
		prompt_reply(rq, rs, &link, prompt, 0, STR_ABSENT);
		return;
	}
	const struct form said = feedback_said(prompt);
	reply_form(rq, rs, &link, prompt, 200, &said);
}

/* The form again, as it was sent, for who may fill it in. */
static void reply_wrong(struct request *rq, struct reply *rs,
			const struct link *link, const struct form *form)
{
	const struct str needs = STR("feedback_needs_attendance");
	struct rows *prompt = prompt_queue(rq, link);

	if (!page_run(rq, rs))
		return;
	if (may_say(prompt))
		reply_form(rq, rs, link, prompt, 422, form);
	else
		prompt_reply(rq, rs, link, prompt, 409, message_find(needs));
}

static void reply_refused(struct request *rq, struct reply *rs,
			  const struct link *link, struct form *form,
			  const struct db_refusal *refusal)
{
	struct str why = message_find(refusal->key);

	if (refusal->status == 422) {
		form_fail(form, refusal->field, why);
		reply_wrong(rq, rs, link, form);
		return;
	}
	struct rows *prompt = prompt_queue(rq, link);
	if (page_run(rq, rs))
		prompt_reply(rq, rs, link, prompt, refusal->status, why);
}

void feedback_give(struct request *rq, struct reply *rs)
{
	struct link link;
	struct form form;
	const struct db_refusal *refusal;

	if (!link_read(rq, rs, TOKEN_PROMPT, &link))
		return;
	if (!form_read(rq, feedback_fields, &form)) {
		reply_wrong(rq, rs, &link, &form);
		return;
	}
	int64_t rating = feedback_rating(&form);
	query_prompt_feedback(rq->app->db, rq->arena, link.row, link.generation,
			      link.expires, &rating,
			      form_get(&form, "feedback"));
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_refused(rq, rs, &link, &form, refusal);
	else
		reply_see(rq, rs, prompt_path(rq, &link, "?note=feedback"));
}
