/*
 * Responders' side of a conversation.  Must not know whom they may write with:
 * the SQL functions decide that.
 */
#include "pages/staff_talk.h"

#include "pages/talk_form.h"
#include "query/talk.h"
#include "view/rows.h"
#include "web/message.h"
#include "web/page.h"
#include "web/router.h"

static struct str path_of(struct request *rq, int64_t id, const char *after)
{
	return str_printf(rq->arena, "/staff/%.*s/watch/%lld/talk%s",
			  STR_ARG(page_org(rq)), (long long)id, after);
}

void staff_talk_list(struct request *rq, struct reply *rs)
{
	struct rows *talks = query_staff_talk_list(rq->app->db, rq->arena,
						   rq->session, page_org(rq));
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"talks", rows_value(talks)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "staff_talk_list", page);
}

static bool has_unread(const struct rows *rows)
{
	for (ptrdiff_t i = 0; i < rows_count(rows); i++)
		if (query_staff_talk_page_is_unread(rows, i))
			return true;
	return false;
}

static struct str say_id(struct arena *a, const struct rows *rows,
			 ptrdiff_t row)
{
	return str_printf(a, "%lld",
			  (long long)query_staff_talk_page_id(rows, row));
}

static void reply_talk(struct request *rq, struct reply *rs, int status,
		       int64_t id, const struct form *form)
{
	struct db *db = rq->app->db;
	struct arena *a = rq->arena;
	const int64_t *before = request_query_number(rq, "before");
	query_staff_talk_open(db, a, rq->session, page_org(rq),
			      str_of(rq->route->pattern), id, rq->id);
	struct rows *person =
		query_staff_talk_person(db, a, rq->session, page_org(rq), id);
	struct rows *talk = query_staff_talk_page(db, a, rq->session,
						  page_org(rq), id, before);

	if (!page_run(rq, rs))
		return;
	if (rows_count(person) == 0) {
		page_absent(rq, rs);
		return;
	}
	ptrdiff_t count = rows_count(talk);
	bool has_more =
		count > 0 && query_staff_talk_page_has_more(talk, count - 1);
	struct str newest = count > 0 ? say_id(a, talk, 0) : STR_ABSENT;
	struct str link = path_of(rq, id, "");
	struct str next = has_more ? say_id(a, talk, count - 1) : STR_ABSENT;
	const struct value_field page[] = {
		{"person", row_value(person, 0)},
		{"link", value_text(&link)},
		{"talk", rows_value(talk)},
		{"has_rows", value_bool(count > 0)},
		{"has_unread", value_bool(has_unread(talk))},
		{"is_later", value_bool(before)},
		{"newest", value_text(&newest)},
		{"next", value_text(&next)},
		{"form", form_value(a, form)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "staff_talk_page", page);
}

void staff_talk_show(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (page_number(rq, rs, &id))
		reply_talk(rq, rs, 200, id, &talk_empty);
}

void staff_talk_say(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal = NULL;
	struct form form;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	if (form_read(rq, talk_fields, &form)) {
		query_staff_talk_say(rq->app->db, rq->arena, rq->session,
				     page_org(rq), id, form_get(&form, "body"),
				     talk_last(rq, &form));
		if (!page_post(rq, rs, &refusal))
			return;
		if (!refusal) {
			reply_see(rq, rs, path_of(rq, id, "?note=talk_sent"));
			return;
		}
		form_fail(&form, refusal->field, message_find(refusal->key));
	}
	reply_talk(rq, rs, 422, id, &form);
}

static const struct form_field read_fields[] = {
	{.name = "last",
	 .label = "The newest",
	 .type = FORM_NUMBER,
	 .required = true,
	 .least = 1,
	 .most = INT64_MAX},
	{.name = NULL},
};

void staff_talk_read(struct request *rq, struct reply *rs)
{
	struct form form;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	if (!form_read(rq, read_fields, &form)) {
		reply_problem(rq, rs, 422, STR(""));
		return;
	}
	query_staff_talk_read(rq->app->db, rq->arena, rq->session, page_org(rq),
			      id, form_number(&form, "last"));
	if (page_run(rq, rs))
		reply_see(rq, rs, path_of(rq, id, ""));
}
