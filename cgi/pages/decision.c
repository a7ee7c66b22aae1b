/*
 * A person's own messages, the last first, and why each came or did not.  Must
 * not know what decides that.
 */
#include "pages/decision.h"

#include "pages/cursor.h"
#include "query/address.h"
#include "query/decision.h"
#include "view/rows.h"
#include "web/message.h"
#include "web/page.h"

static struct str next_page(struct arena *a, const struct rows *rows)
{
	ptrdiff_t last = rows_count(rows) - 1;

	if (last < 0 || !query_decision_list_has_more(rows, last))
		return STR_ABSENT;
	return cursor_next(a, "before",
			   query_decision_list_cursor_at(rows, last),
			   query_decision_list_id(rows, last));
}

/* A row, and the words for its keys. */
static struct value in_words(struct arena *a, const struct rows *rows,
			     ptrdiff_t row)
{
	struct str what = message_kind(query_decision_list_kind(rows, row));
	struct str cause = message_cause(query_decision_list_cause(rows, row));
	struct str reason =
		message_reason(query_decision_list_reason(rows, row));
	const struct value_field fields[] = {
		{"message", row_value(rows, row)},
		{"what", value_text(&what)},
		{"cause_text", value_text(&cause)},
		{"reason_text", value_text(&reason)},
		{.name = NULL},
	};
	const ptrdiff_t count = sizeof(fields) / sizeof(fields[0]);
	struct value_field *kept = ARENA_ARRAY(a, count, struct value_field);

	for (ptrdiff_t i = 0; i < count; i++)
		kept[i] = fields[i];
	return value_object(kept);
}

void decision_list(struct request *rq, struct reply *rs)
{
	struct cursor from = cursor_read(rq, "before");
	struct rows *rows = query_decision_list(
		rq->app->db, rq->arena, rq->session, from.at, from.event);
	struct rows *asked =
		query_address_request_list(rq->app->db, rq->arena, rq->session);
	if (!page_run(rq, rs))
		return;

	ptrdiff_t count = rows_count(rows);
	struct value *items = ARENA_ARRAY(rq->arena, count + 1, struct value);
	struct str next = next_page(rq->arena, rows);

	for (ptrdiff_t i = 0; i < count; i++)
		items[i] = in_words(rq->arena, rows, i);
	const struct value_field page[] = {
		{"messages", value_list(items, count)},
		{"has_rows", value_bool(count > 0)},
		{"asked", rows_value(asked)},
		{"has_asked", value_bool(!from.at && rows_count(asked) > 0)},
		{"is_later", value_bool(from.at)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "me_message_list", page);
}
