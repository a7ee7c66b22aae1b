/*
 * The question after an event: were you there?  Looking changes nothing; only
 * a pressed button does.  Must not know when a question is open: the SQL
 * functions decide that.
 */
#include "pages/prompt.h"

#include "pages/link.h"
#include "query/prompt.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

static const char *const answers[] = {"attended", "partial", "not_attended",
				      NULL};
static const struct form_field fields[] = {
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

static struct rows *queue_link(struct request *rq, const struct link *link)
{
	return query_prompt_link(rq->app->db, rq->arena, link->row,
				 link->generation, link->expires);
}

/* The three buttons; wrong is what was wrong with the last try, or absent. */
static void reply_question(struct request *rq, struct reply *rs,
			   const struct rows *prompt, int status,
			   struct str wrong)
{
	struct str now = rows_named(prompt, 0, "status");
	const struct value_field page[] = {
		{"prompt", row_value(prompt, 0)},
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

/*
 * The page for the link's state.  status 0 is the state's own; another one
 * says that an answer was refused, for the reason in wrong.
 */
static void reply_state(struct request *rq, struct reply *rs,
			const struct rows *prompt, int status, struct str wrong)
{
	const struct value_field page[] = {
		{"prompt", row_value(prompt, 0)},
		{.name = NULL},
	};
	struct str state;

	if (rows_count(prompt) == 0) {
		reply_problem(rq, rs, 404, STR(""));
		return;
	}
	state = query_prompt_link_state(prompt, 0);
	for (size_t i = 0; i < sizeof(shut) / sizeof(*shut); i++) {
		if (!str_equal(state, shut[i].state))
			continue;
		reply_page(rq, rs, status ? status : shut[i].status,
			   shut[i].template, page);
		return;
	}
	if (status || str_is_absent(rows_named(prompt, 0, "status")) ||
	    !str_is_absent(request_query(rq, "change")))
		reply_question(rq, rs, prompt, status ? status : 200, wrong);
	else
		reply_page(rq, rs, 200, "prompt_saved", page);
}

void prompt_show(struct request *rq, struct reply *rs)
{
	struct link link;

	if (!link_read(rq, rs, TOKEN_PROMPT, &link))
		return;
	struct rows *prompt = queue_link(rq, &link);
	if (page_run(rq, rs))
		reply_state(rq, rs, prompt, 0, STR_ABSENT);
}

static void reply_refused(struct request *rq, struct reply *rs,
			  const struct link *link, int status, struct str why)
{
	struct rows *prompt = queue_link(rq, link);

	if (page_run(rq, rs))
		reply_state(rq, rs, prompt, status, why);
}

void prompt_answer(struct request *rq, struct reply *rs)
{
	struct link link;
	struct form form;
	const struct db_refusal *refusal;

	if (!link_read(rq, rs, TOKEN_PROMPT, &link))
		return;
	if (!form_read(rq, fields, &form)) {
		reply_refused(rq, rs, &link, 422, form.errors[0]);
		return;
	}
	query_prompt_answer(rq->app->db, rq->arena, link.row, link.generation,
			    link.expires, form_get(&form, "status"), rq->id);
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal) {
		int status = refusal->status;
		struct str why = message_find(refusal->key);
		reply_refused(rq, rs, &link, status, why);
		return;
	}
	reply_see(rq, rs, str_printf(rq->arena, "/r/%.*s", STR_ARG(link.text)));
}
