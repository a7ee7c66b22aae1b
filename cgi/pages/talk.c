/*
 * A member's conversations with responders.  Must not know who may write with
 * whom: the SQL functions decide that.
 */
#include "pages/talk.h"

#include "pages/talk_form.h"
#include "query/talk.h"
#include "view/rows.h"
#include "web/message.h"
#include "web/page.h"

static struct str path_of(struct request *rq, struct str slug,
			  const char *after)
{
	return str_printf(rq->arena, "/talk/%.*s%s", STR_ARG(slug), after);
}

void talk_list(struct request *rq, struct reply *rs)
{
	struct rows *talks = query_talk_list(rq->app->db, rq->arena,
					     rq->session, STR_ABSENT);
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"talks", rows_value(talks)},
		{.name = NULL},
	};
	if (rows_count(talks) == 1)
		reply_see(rq, rs,
			  path_of(rq, query_talk_list_slug(talks, 0), ""));
	else
		reply_page(rq, rs, 200, "talk_list", page);
}

static bool has_unread(const struct rows *rows)
{
	for (ptrdiff_t i = 0; i < rows_count(rows); i++)
		if (query_talk_page_is_unread(rows, i))
			return true;
	return false;
}

static struct str say_id(struct arena *a, const struct rows *rows,
			 ptrdiff_t row)
{
	return str_printf(a, "%lld", (long long)query_talk_page_id(rows, row));
}

static void reply_talk(struct request *rq, struct reply *rs, int status,
		       const struct form *form)
{
	struct db *db = rq->app->db;
	struct arena *a = rq->arena;
	struct str slug = rq->params[0];
	const int64_t *before = request_query_number(rq, "before");
	struct rows *with = query_talk_list(db, a, rq->session, slug);
	struct rows *talk = query_talk_page(db, a, rq->session, slug, before);

	if (!page_run(rq, rs))
		return;
	if (rows_count(with) == 0) {
		page_absent(rq, rs);
		return;
	}
	ptrdiff_t count = rows_count(talk);
	bool has_more = count > 0 && query_talk_page_has_more(talk, count - 1);
	struct str newest = count > 0 ? say_id(a, talk, 0) : STR_ABSENT;
	struct str link = path_of(rq, slug, "");
	struct str next = has_more ? say_id(a, talk, count - 1) : STR_ABSENT;
	const struct value_field page[] = {
		{"with", row_value(with, 0)},
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
	reply_page(rq, rs, status, "talk_page", page);
}

void talk_show(struct request *rq, struct reply *rs)
{
	reply_talk(rq, rs, 200, &talk_empty);
}

void talk_say(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal = NULL;
	struct form form;

	if (form_read(rq, talk_fields, &form)) {
		query_talk_say(rq->app->db, rq->arena, rq->session,
			       rq->params[0], form_get(&form, "body"),
			       talk_last(rq, &form));
		if (!page_post(rq, rs, &refusal))
			return;
		if (!refusal) {
			reply_see(
				rq, rs,
				path_of(rq, rq->params[0], "?note=talk_sent"));
			return;
		}
		form_fail(&form, refusal->field, message_find(refusal->key));
	}
	reply_talk(rq, rs, 422, &form);
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

void talk_read(struct request *rq, struct reply *rs)
{
	struct form form;

	if (!form_read(rq, read_fields, &form)) {
		reply_problem(rq, rs, 422, STR(""));
		return;
	}
	query_talk_read(rq->app->db, rq->arena, rq->session, rq->params[0],
			form_number(&form, "last"));
	if (page_run(rq, rs))
		reply_see(rq, rs, path_of(rq, rq->params[0], ""));
}
