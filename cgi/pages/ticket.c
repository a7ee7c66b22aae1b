/*
 * A member's own registration and its code.  Must not know what the door does
 * with it.
 */
#include "pages/ticket.h"

#include "base/token.h"
#include "query/ticket.h"
#include "view/qr.h"
#include "view/rows.h"
#include "web/page.h"

/* Who is on the waiting list has none: it would not let them in. */
static struct str make_code(struct request *rq, const struct rows *ticket)
{
	if (query_ticket_page_is_waiting(ticket, 0))
		return STR_ABSENT;
	const struct token token = {
		.purpose = TOKEN_QR,
		.row = query_ticket_page_id(ticket, 0),
		.generation = (uint32_t)query_ticket_page_generation(ticket, 0),
		.expires = query_ticket_page_expires(ticket, 0),
	};

	return str_printf(
		rq->arena, "%.*s/c/%.*s", STR_ARG(rq->app->config.base_url),
		STR_ARG(token_make(rq->arena, &rq->app->keys, &token)));
}

void ticket_show(struct request *rq, struct reply *rs)
{
	struct qr qr;
	int64_t event;

	if (!page_number(rq, rs, &event))
		return;
	struct rows *ticket =
		query_ticket_page(rq->app->db, rq->arena, rq->session, event);
	if (!page_run(rq, rs))
		return;
	if (rows_count(ticket) == 0) {
		page_absent(rq, rs);
		return;
	}
	struct str code = make_code(rq, ticket);
	struct str id = str_printf(rq->arena, "%lld", (long long)event);
	const struct value_field page[] = {
		{"event_id", value_text(&id)},
		{"ticket", row_value(ticket, 0)},
		{"code", value_text(&code)},
		{"qr", !str_is_absent(code) && qr_make(rq->arena, code, &qr)
			       ? qr_picture(rq->arena, &qr)
			       : value_absent()},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "ticket_page", page);
}

void ticket_renew(struct request *rq, struct reply *rs)
{
	int64_t event;

	if (!page_number(rq, rs, &event))
		return;
	query_ticket_renew(rq->app->db, rq->arena, rq->session, event);
	if (page_run(rq, rs))
		reply_see(rq, rs,
			  str_printf(rq->arena,
				     "/events/%lld/ticket?note=code_renewed",
				     (long long)event));
}
