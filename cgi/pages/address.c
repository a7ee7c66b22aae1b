/*
 * Another mail address: ask for it, open the link that was mailed there, press
 * the button.  Must not know whether an address is known: nothing may tell.
 */
#include "pages/address.h"

#include "pages/link.h"
#include "query/address.h"
#include "query/me.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

static const struct form_field fields[] = {
	{.name = "email",
	 .label = "New address",
	 .type = FORM_EMAIL,
	 .required = true,
	 .most = 254},
	{.name = NULL},
};

static void reply_form(struct request *rq, struct reply *rs, int status,
		       const struct form *form)
{
	struct rows *me = query_me_page(rq->app->db, rq->arena, rq->session);
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"me", row_value(me, 0)},
		{"form", form_value(rq->arena, form)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "me_address", page);
}

void address_form(struct request *rq, struct reply *rs)
{
	const struct form empty = {.fields = fields, .count = 1, .ok = true};

	reply_form(rq, rs, 200, &empty);
}

void address_ask(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal = NULL;
	struct form form;

	if (!form_read(rq, fields, &form)) {
		reply_form(rq, rs, 422, &form);
		return;
	}
	struct str email = form_get(&form, "email");
	query_address_ask(
		rq->app->db, rq->arena, rq->session, email,
		secret_address_hashes(rq->arena, &rq->app->keys, email));
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal) {
		form_fail(&form, refusal->field, message_find(refusal->key));
		reply_form(rq, rs, refusal->status, &form);
		return;
	}
	const struct value_field page[] = {
		{"form", form_value(rq->arena, &form)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "me_address_asked", page);
}

/* Why a link changes nothing: used, taken by somebody, or past its time. */
static void reply_over(struct request *rq, struct reply *rs, struct str why)
{
	const struct value_field page[] = {
		{"used", value_bool(str_equal(why, STR("used")))},
		{"taken", value_bool(str_equal(why, STR("taken")))},
		{.name = NULL},
	};
	reply_page(rq, rs, 410, "address_over", page);
}

void address_link(struct request *rq, struct reply *rs)
{
	struct link link;

	if (!link_read(rq, rs, TOKEN_ADDRESS_CHANGE, &link))
		return;
	struct rows *row = query_address_link(rq->app->db, rq->arena, link.row,
					      link.generation, link.expires);
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"link", row_value(row, 0)},
		{.name = NULL},
	};
	if (rows_count(row) == 0)
		reply_problem(rq, rs, 404, STR(""));
	else if (str_equal(query_address_link_state(row, 0), STR("open")))
		reply_page(rq, rs, 200, "address_link", page);
	else
		reply_over(rq, rs, query_address_link_state(row, 0));
}

void address_use(struct request *rq, struct reply *rs)
{
	struct link link;
	const struct db_refusal *refusal;

	if (!link_read(rq, rs, TOKEN_ADDRESS_CHANGE, &link))
		return;
	query_address_use(rq->app->db, rq->arena, link.row, link.generation,
			  link.expires);
	if (!page_post(rq, rs, &refusal))
		return;
	/* link_used and the like, as address_link's state has it. */
	if (refusal)
		reply_over(rq, rs,
			   str_from(refusal->key,
				    str_find(refusal->key, '_') + 1));
	else
		reply_page(rq, rs, 200, "address_done", NULL);
}
