/*
 * A person's own account: who they are here, and where they are signed in.
 */
#include "pages/me.h"

#include "query/dashboard.h"
#include "query/me.h"
#include "query/session.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

static const struct form_field fields[] = {
	{.name = "name",
	 .label = "Your name",
	 .type = FORM_LINE,
	 .required = true,
	 .most = 200},
	{.name = NULL},
};

void me_show(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	struct rows *sessions = query_session_list(db, rq->arena, rq->session);
	struct rows *orgs = query_me_org_list(db, rq->arena, rq->session);
	struct rows *me = query_me_page(db, rq->arena, rq->session);
	struct rows *watch = query_dashboard_me(db, rq->arena, rq->session);
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"me", row_value(me, 0)},
		{"watch", row_value(watch, 0)},
		{"orgs", rows_value(orgs)},
		{"sessions", rows_value(sessions)},
		{"has_push", value_bool(rq->app->config.push_url.n > 0)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "me_page", page);
}

void me_session_end(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	query_session_end(rq->app->db, rq->arena, rq->session, id);
	if (page_run(rq, rs))
		reply_see(rq, rs, STR("/me?note=session_ended"));
}

static void reply_name(struct request *rq, struct reply *rs, int status,
		       const struct form *form)
{
	const struct value_field page[] = {
		{"form", form_value(rq->arena, form)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "me_name", page);
}

void me_name(struct request *rq, struct reply *rs)
{
	struct rows *me = query_me_page(rq->app->db, rq->arena, rq->session);
	if (!page_run(rq, rs))
		return;

	const struct form now = {
		.fields = fields,
		.count = 1,
		.values = {query_me_page_name(me, 0)},
		.ok = true,
	};
	reply_name(rq, rs, 200, &now);
}

void me_name_save(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal = NULL;
	struct form form;

	if (form_read(rq, fields, &form)) {
		query_me_name_save(rq->app->db, rq->arena, rq->session,
				   form_get(&form, "name"));
		if (!page_post(rq, rs, &refusal))
			return;
		if (!refusal) {
			reply_see(rq, rs, STR("/me?note=name_saved"));
			return;
		}
		form_fail(&form, refusal->field, message_find(refusal->key));
	}
	if (page_run(rq, rs))
		reply_name(rq, rs, 422, &form);
}
