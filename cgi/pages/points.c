/*
 * A person's points: the balances, and the ledger, the last first.  Must not
 * know what gives how many.
 */
#include "pages/points.h"

#include "query/points.h"
#include "view/rows.h"
#include "web/page.h"

/* The address's query string for the rows after these. */
static struct str next_page(struct arena *a, const struct rows *rows)
{
	ptrdiff_t last = rows_count(rows) - 1;

	if (last < 0 || !query_points_list_has_more(rows, last))
		return STR_ABSENT;
	return str_printf(a, "before=%lld",
			  (long long)query_points_list_id(rows, last));
}

void points_list(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	const int64_t *before = request_query_number(rq, "before");
	struct rows *balances =
		query_points_balances(db, rq->arena, rq->session);
	struct rows *ledger =
		query_points_list(db, rq->arena, rq->session, before);
	if (!page_run(rq, rs))
		return;

	struct str next = next_page(rq->arena, ledger);
	const struct value_field page[] = {
		{"balances", rows_value(balances)},
		{"ledger", rows_value(ledger)},
		{"has_rows", value_bool(rows_count(ledger) > 0)},
		{"is_later", value_bool(before)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "me_points", page);
}
