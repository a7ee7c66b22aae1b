/*
 * Own answers against an absence: those that wait, one of them, and the
 * decision.  Must not know what follows from it: the SQL function decides.
 */
#include "pages/request.h"

#include "query/request.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

static const char *const decisions[] = {"present", "late", "absent", NULL};
static const struct form_field fields[] = {
	{.name = "decision",
	 .label = "Were they there",
	 .type = FORM_CHOICE,
	 .required = true,
	 .choices = decisions},
	{.name = "reason", .label = "Why", .type = FORM_TEXT, .most = 500},
	{.name = NULL},
};

void request_list(struct request *rq, struct reply *rs)
{
	const int64_t *after = request_query_number(rq, "after");
	struct rows *waiting = query_request_list(
		rq->app->db, rq->arena, rq->session, page_org(rq), after);
	struct str next = STR_ABSENT;

	if (!page_run(rq, rs))
		return;
	ptrdiff_t last = rows_count(waiting) - 1;

	if (last >= 0 && query_request_list_has_more(waiting, last))
		next = str_printf(
			rq->arena, "after=%lld",
			(long long)query_request_list_id(waiting, last));
	const struct value_field page[] = {
		{"waiting", rows_value(waiting)},
		{"has_rows", value_bool(last >= 0)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "request_list", page);
}

static void reply_one(struct request *rq, struct reply *rs, int64_t id,
		      int status, const struct form *form, struct str wrong)
{
	struct rows *one = query_request_page(rq->app->db, rq->arena,
					      rq->session, page_org(rq), id);

	if (!page_run(rq, rs))
		return;
	if (rows_count(one) == 0) {
		page_absent(rq, rs);
		return;
	}
	const struct value_field page[] = {
		{"asked", row_value(one, 0)},
		{"form", form_value(rq->arena, form)},
		{"wrong", value_text(&wrong)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "request_page", page);
}

void request_show(struct request *rq, struct reply *rs)
{
	const struct form empty = {.fields = fields, .count = 2, .ok = true};
	int64_t id;

	if (page_number(rq, rs, &id))
		reply_one(rq, rs, id, 200, &empty, STR_ABSENT);
}

void request_decide(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal;
	struct form form;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	if (!form_read(rq, fields, &form)) {
		reply_one(rq, rs, id, 422, &form, STR_ABSENT);
		return;
	}
	query_request_decide(rq->app->db, rq->arena, rq->session, page_org(rq),
			     id, form_get(&form, "decision"),
			     str_or(form_get(&form, "reason"), STR_ABSENT),
			     rq->id);
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal) {
		form_fail(&form, refusal->field, message_find(refusal->key));
		reply_one(rq, rs, id, refusal->status, &form,
			  refusal->field.n > 0 ? STR_ABSENT
					       : message_find(refusal->key));
		return;
	}
	reply_see(rq, rs,
		  str_printf(rq->arena, "/staff/%.*s/requests?note=decided",
			     STR_ARG(page_org(rq))));
}
