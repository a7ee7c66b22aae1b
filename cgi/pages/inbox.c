/*
 * A person's inbox, the last first.  Must not know what comes into it.
 */
#include "pages/inbox.h"

#include "query/inbox.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

static const struct form_field fields[] = {
	{.name = "last",
	 .label = "The newest",
	 .type = FORM_NUMBER,
	 .required = true,
	 .least = 1,
	 .most = INT64_MAX},
	{.name = NULL},
};

/* A row, and the words for its kind. */
static struct value in_words(struct arena *a, const struct rows *rows,
			     ptrdiff_t row)
{
	struct str what = message_kind(query_inbox_list_kind(rows, row));
	const struct value_field members[] = {
		{"news", row_value(rows, row)},
		{"what", value_text(&what)},
		{.name = NULL},
	};
	const ptrdiff_t count = sizeof(members) / sizeof(members[0]);
	struct value_field *kept = ARENA_ARRAY(a, count, struct value_field);

	memcpy(kept, members, sizeof(members));
	return value_object(kept);
}

static bool has_unread(const struct rows *rows)
{
	for (ptrdiff_t i = 0; i < rows_count(rows); i++)
		if (query_inbox_list_is_unread(rows, i))
			return true;
	return false;
}

static struct str say_id(struct arena *a, const struct rows *rows,
			 ptrdiff_t row)
{
	return str_printf(a, "%lld", (long long)query_inbox_list_id(rows, row));
}

void inbox_list(struct request *rq, struct reply *rs)
{
	const int64_t *before = request_query_number(rq, "before");
	struct rows *rows =
		query_inbox_list(rq->app->db, rq->arena, rq->session, before);
	if (!page_run(rq, rs))
		return;

	struct arena *a = rq->arena;
	ptrdiff_t count = rows_count(rows);
	struct value *items = ARENA_ARRAY(a, count + 1, struct value);
	bool has_more = count > 0 && query_inbox_list_has_more(rows, count - 1);
	struct str next = has_more ? say_id(a, rows, count - 1) : STR_ABSENT;
	struct str newest = count > 0 ? say_id(a, rows, 0) : STR_ABSENT;

	for (ptrdiff_t i = 0; i < count; i++)
		items[i] = in_words(a, rows, i);
	const struct value_field page[] = {
		{"inbox", value_list(items, count)},
		{"has_rows", value_bool(count > 0)},
		{"has_unread", value_bool(has_unread(rows))},
		{"is_later", value_bool(before)},
		{"newest", value_text(&newest)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "inbox_list", page);
}

void inbox_read(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	query_inbox_read(rq->app->db, rq->arena, rq->session, id);
	if (page_run(rq, rs))
		reply_see(rq, rs, STR("/inbox"));
}

void inbox_read_all(struct request *rq, struct reply *rs)
{
	struct form form;

	if (!form_read(rq, fields, &form)) {
		reply_problem(rq, rs, 422, STR(""));
		return;
	}
	query_inbox_read_all(rq->app->db, rq->arena, rq->session,
			     form_number(&form, "last"));
	if (page_run(rq, rs))
		reply_see(rq, rs, STR("/inbox?note=inbox_read"));
}
