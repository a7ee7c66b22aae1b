/*
 * The question after an event: were you there?  Looking changes nothing; only
 * a pressed button does.  Must not know when a question is open: the SQL
 * functions decide that.
 */
#include "pages/prompt.h"

#include "query/prompt.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

static const char *const answers[] = {"attended", "partial", "not_attended",
				      NULL};
const struct form_field prompt_fields[] = {
	{.name = "status",
	 .label = "Your answer",
	 .type = FORM_CHOICE,
	 .required = true,
	 .choices = answers},
	{.name = NULL},
};

/* What is shown when there is nothing to answer. */
static const struct {
	struct str state;
	const char *template;
	int status;
} shut[] = {
	{STR_INIT("early"), "prompt_early", 200},
	{STR_INIT("closed"), "prompt_closed", 410},
	{STR_INIT("cancelled"), "prompt_cancelled", 410},
};

struct str prompt_path(struct request *rq, const struct link *link,
		       const char *after)
{
	return str_printf(rq->arena, "/r/%.*s%s", STR_ARG(link->text), after);
}

struct rows *prompt_queue(struct request *rq, const struct link *link)
{
	return query_prompt_link(rq->app->db, rq->arena, link->row,
				 link->generation, link->expires);
}

/* The buttons; wrong is what was wrong with the last try, or absent. */
static void reply_question(struct request *rq, struct reply *rs,
			   const struct link *link, const struct rows *prompt,
			   int status, struct str wrong)
{
	struct str to = prompt_path(rq, link, "");
	struct str now = rows_named(prompt, 0, "status");
	const struct value_field page[] = {
		{"prompt", row_value(prompt, 0)},
		{"link", value_text(&to)},
		{"wrong", value_text(&wrong)},
		{"answered", value_bool(!str_is_absent(now))},
		{"is_attended", value_bool(str_equal(now, STR("attended")))},
		{"is_partial", value_bool(str_equal(now, STR("partial")))},
		{"is_not_attended",
		 value_bool(str_equal(now, STR("not_attended")))},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "prompt_ask", page);
}

/* The saved answer, and for who was there how it was. */
static void reply_saved(struct request *rq, struct reply *rs,
			const struct link *link, const struct rows *prompt)
{
	struct str to = prompt_path(rq, link, "");
	bool said = !str_is_absent(rows_named(prompt, 0, "feedback_rating"));
	bool can = query_prompt_link_can_feedback(prompt, 0);
	const struct value_field page[] = {
		{"prompt", row_value(prompt, 0)},
		{"link", value_text(&to)},
		{"form", value_absent()}, /* nothing was filled in yet */
		{"asks_feedback", value_bool(can && !said)},
		{"has_feedback", value_bool(can && said)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "prompt_saved", page);
}

static bool reply_shut(struct request *rq, struct reply *rs,
		       const struct rows *prompt, int status)
{
	const struct value_field page[] = {
		{"prompt", row_value(prompt, 0)},
		{.name = NULL},
	};
	struct str state = query_prompt_link_state(prompt, 0);

	for (size_t i = 0; i < sizeof(shut) / sizeof(*shut); i++) {
		if (!str_equal(state, shut[i].state))
			continue;
		reply_page(rq, rs, status ? status : shut[i].status,
			   shut[i].template, page);
		return true;
	}
	return false;
}

void prompt_reply(struct request *rq, struct reply *rs, const struct link *link,
		  const struct rows *prompt, int status, struct str wrong)
{
	if (rows_count(prompt) == 0) {
		reply_problem(rq, rs, 404, STR(""));
		return;
	}
	if (reply_shut(rq, rs, prompt, status))
		return;
	if (status || str_is_absent(rows_named(prompt, 0, "status")) ||
	    !str_is_absent(request_query(rq, "change")))
		reply_question(rq, rs, link, prompt, status ? status : 200,
			       wrong);
	else
		reply_saved(rq, rs, link, prompt);
}

void prompt_show(struct request *rq, struct reply *rs)
{
	struct link link;

	if (!link_read(rq, rs, TOKEN_PROMPT, &link))
		return;
	struct rows *prompt = prompt_queue(rq, &link);
	if (page_run(rq, rs))
		prompt_reply(rq, rs, &link, prompt, 0, STR_ABSENT);
}

static void reply_refused(struct request *rq, struct reply *rs,
			  const struct link *link, int status, struct str why)
{
	struct rows *prompt = prompt_queue(rq, link);

	if (page_run(rq, rs))
		prompt_reply(rq, rs, link, prompt, status, why);
}

/* After a press: back to the link, or why it was refused. */
static void reply_pressed(struct request *rq, struct reply *rs,
			  const struct link *link)
{
	const struct db_refusal *refusal;

	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_refused(rq, rs, link, refusal->status,
			      message_find(refusal->key));
	else
		reply_see(rq, rs, prompt_path(rq, link, ""));
}

void prompt_answer(struct request *rq, struct reply *rs)
{
	struct link link;
	struct form form;

	if (!link_read(rq, rs, TOKEN_PROMPT, &link))
		return;
	if (!form_read(rq, prompt_fields, &form)) {
		reply_refused(rq, rs, &link, 422, form.errors[0]);
		return;
	}
	query_prompt_answer(rq->app->db, rq->arena, link.row, link.generation,
			    link.expires, form_get(&form, "status"), rq->id);
	reply_pressed(rq, rs, &link);
}

void prompt_snooze(struct request *rq, struct reply *rs)
{
	struct link link;

	if (!link_read(rq, rs, TOKEN_PROMPT, &link))
		return;
	query_prompt_snooze(rq->app->db, rq->arena, link.row, link.generation,
			    link.expires);
	reply_pressed(rq, rs, &link);
}
