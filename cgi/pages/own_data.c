/*
 * A person's own data: all of it as one file, and being erased.  Must not know
 * where it stands: the SQL functions do.
 */
#include "pages/own_data.h"

#include "query/me.h"
#include "query/own_data.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"
#include "web/session.h"

#define ERASE_WORD "erase"

static const struct form_field fields[] = {
	{.name = "word",
	 .label = "Type the word " ERASE_WORD,
	 .type = FORM_LINE,
	 .required = true,
	 .most = 20},
	{.name = NULL},
};

void own_data_show(struct request *rq, struct reply *rs)
{
	if (page_run(rq, rs))
		reply_page(rq, rs, 200, "me_data", NULL);
}

void own_data_take(struct request *rq, struct reply *rs)
{
	struct rows *taken =
		query_own_data_take(rq->app->db, rq->arena, rq->session);

	if (!page_run(rq, rs))
		return;
	reply_file(rs, STR("rollcall-data.json"), STR("application/json"));
	rs->rest = query_own_data_take_data(taken, 0);
}

static void reply_erase(struct request *rq, struct reply *rs, int status,
			const struct form *form)
{
	struct db *db = rq->app->db;
	struct rows *orgs =
		query_own_data_last_admin(db, rq->arena, rq->session);
	struct rows *me = query_me_page(db, rq->arena, rq->session);
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"me", row_value(me, 0)},
		{"orgs", rows_value(orgs)},
		{"has_orgs", value_bool(rows_count(orgs) > 0)},
		{"form", form_value(rq->arena, form)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "me_erase", page);
}

void own_data_erase(struct request *rq, struct reply *rs)
{
	const struct form empty = {.fields = fields, .count = 1, .ok = true};

	reply_erase(rq, rs, 200, &empty);
}

/* The address is asked for first: its hashes outlive it. */
static bool erase(struct request *rq, struct reply *rs,
		  const struct db_refusal **refusal)
{
	struct db *db = rq->app->db;
	struct rows *me = query_me_page(db, rq->arena, rq->session);

	if (!page_run(rq, rs))
		return false;
	query_own_data_erase(db, rq->arena, rq->session,
			     secret_address_hashes(rq->arena, &rq->app->keys,
						   query_me_page_email(me, 0)),
			     rq->id);
	return page_post(rq, rs, refusal);
}

void own_data_erase_now(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal = NULL;
	struct form form;

	(void)form_read(rq, fields, &form);
	if (form.ok &&
	    !str_equal_nocase(form_get(&form, "word"), STR(ERASE_WORD)))
		form_fail(&form, STR("word"), message_find(STR("word_other")));
	if (!form.ok) {
		reply_erase(rq, rs, 422, &form);
		return;
	}
	if (!erase(rq, rs, &refusal))
		return;
	if (refusal) {
		/* Of that one the page says more than a sentence. */
		if (!str_equal(refusal->key, STR("last_admin_erased")))
			form_fail(&form, STR("word"),
				  message_find(refusal->key));
		reply_erase(rq, rs, refusal->status, &form);
		return;
	}
	session_forget(rq, rs);
	reply_see(rq, rs, STR("/?note=erased"));
}
