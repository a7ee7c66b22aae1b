/*
 * An organisation's own page, and joining it there.  Must not know whether an
 * address is known, nor make anybody a member by a look at a page.
 */
#include "pages/org.h"

#include "pages/signin.h"
#include "query/org.h"
#include "query/own_data.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"
#include "web/session.h"

static const struct form_field fields[] = {
	{.name = "name",
	 .label = "Your name",
	 .type = FORM_LINE,
	 .required = true,
	 .most = 200},
	{.name = "email",
	 .label = "Email",
	 .type = FORM_EMAIL,
	 .required = true,
	 .most = 254},
	{.name = NULL},
};

static struct str org_path(struct request *rq, const char *rest)
{
	return str_printf(rq->arena, "/o/%.*s%s", STR_ARG(rq->params[0]), rest);
}

static void reply_org(struct request *rq, struct reply *rs, int status,
		      const struct form *form)
{
	struct db *db = rq->app->db;
	struct rows *org =
		query_org_page(db, rq->arena, rq->session, rq->params[0]);
	struct rows *events =
		query_org_event_list(db, rq->arena, rq->session, rq->params[0]);
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"org", row_value(org, 0)},
		{"events", rows_value(events)},
		{"has_events", value_bool(rows_count(events) > 0)},
		{"form", form_value(rq->arena, form)},
		{.name = NULL},
	};
	if (rows_count(org) == 0)
		page_absent(rq, rs);
	else
		reply_page(rq, rs, status, "org_page", page);
}

void org_show(struct request *rq, struct reply *rs)
{
	const struct form none = {.fields = fields, .count = 2, .ok = true};

	reply_org(rq, rs, 200, &none);
}

void org_ask(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal = NULL;
	struct form form;

	if (!form_read(rq, fields, &form)) {
		reply_org(rq, rs, 422, &form);
		return;
	}
	struct str email = form_get(&form, "email");
	query_join_ask(rq->app->db, rq->arena, rq->params[0], email,
		       signin_address_hash(rq, email), form_get(&form, "name"));
	query_know_asker(
		rq->app->db, rq->arena,
		secret_address_hashes(rq->arena, &rq->app->keys, email));
	struct rows *org = query_org_page(rq->app->db, rq->arena, rq->session,
					  rq->params[0]);
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal) {
		form_fail(&form, refusal->field, message_find(refusal->key));
		reply_org(rq, rs, 422, &form);
		return;
	}
	const struct value_field page[] = {
		{"org", row_value(org, 0)},
		{.name = NULL},
	};
	session_keep_next(rq, rs, org_path(rq, ""));
	reply_page(rq, rs, 200, "org_asked", page);
}

void org_join(struct request *rq, struct reply *rs)
{
	struct rows *joined = query_join_org(rq->app->db, rq->arena,
					     rq->session, rq->params[0]);
	if (!page_run(rq, rs))
		return;
	reply_see(rq, rs,
		  org_path(rq, query_join_org_joined(joined, 0) ? "?note=joined"
								: ""));
}
