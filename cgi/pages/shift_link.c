/*
 * What a reminder of a shift opens.  Looking changes nothing; only a pressed
 * button does.  Must not know what can be said when: the SQL functions decide
 * that.
 */
#include "pages/shift_link.h"

#include "pages/link.h"
#include "pages/shift_press.h"
#include "query/shift.h"
#include "view/rows.h"
#include "web/message.h"
#include "web/page.h"

static struct str path_of(struct request *rq, const struct link *link,
			  const char *after)
{
	return str_printf(rq->arena, "/s/%.*s%s", STR_ARG(link->text), after);
}

static struct rows *queue_shift(struct request *rq, const struct link *link)
{
	return query_shift_link(rq->app->db, rq->arena, link->row,
				link->generation, link->expires);
}

static bool is_open(const struct rows *shift)
{
	return str_equal(query_shift_link_state(shift, 0), STR("open"));
}

static void reply_shut(struct request *rq, struct reply *rs,
		       const struct rows *shift)
{
	struct str state = query_shift_link_state(shift, 0);
	const struct value_field page[] = {
		{"shift", row_value(shift, 0)},
		{"was_cancelled",
		 value_bool(str_equal(state, STR("cancelled")))},
		{"is_old", value_bool(str_equal(state, STR("old")))},
		{.name = NULL},
	};
	reply_page(rq, rs, 410, "shift_link_shut", page);
}

/* The shift that the link is about, as long as it is open; NULL: replied. */
static struct rows *open_shift(struct request *rq, struct reply *rs,
			       const struct link *link)
{
	struct rows *shift = queue_shift(rq, link);

	if (!page_run(rq, rs))
		return NULL;
	if (rows_count(shift) == 0)
		page_absent(rq, rs);
	else if (!is_open(shift))
		reply_shut(rq, rs, shift);
	else
		return shift;
	return NULL;
}

/* wrong is what was wrong with a press, or absent. */
static void reply_shift(struct request *rq, struct reply *rs,
			const struct link *link, int status, struct str wrong)
{
	struct rows *shift = open_shift(rq, rs, link);

	if (!shift)
		return;
	struct str to = path_of(rq, link, "");
	const struct value_field page[] = {
		{"shift", row_value(shift, 0)},
		{"link", value_text(&to)},
		{"wrong", value_text(&wrong)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "shift_link", page);
}

void shift_link_show(struct request *rq, struct reply *rs)
{
	struct link link;

	if (link_read(rq, rs, TOKEN_SHIFT, &link))
		reply_shift(rq, rs, &link, 200, STR_ABSENT);
}

void shift_link_decline(struct request *rq, struct reply *rs)
{
	struct rows *shift;
	struct link link;

	if (!link_read(rq, rs, TOKEN_SHIFT, &link))
		return;
	shift = open_shift(rq, rs, &link);
	if (!shift)
		return;
	struct str to = path_of(rq, &link, "");
	const struct value_field page[] = {
		{"shift", row_value(shift, 0)},
		{"link", value_text(&to)},
		{.name = NULL},
	};
	if (query_shift_link_can_decline(shift, 0))
		reply_page(rq, rs, 200, "shift_link_decline", page);
	else
		reply_see(rq, rs, to);
}

void shift_link_press(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal;
	struct db *db = rq->app->db;
	struct link link;

	if (!link_read(rq, rs, TOKEN_SHIFT, &link))
		return;
	const struct shift_press *press = shift_press_read(rq);
	if (!press) {
		reply_shift(rq, rs, &link, 422,
			    message_find(STR("bad_choice")));
		return;
	}
	if (press->type)
		(void)query_shift_link_check(db, rq->arena, link.row,
					     link.generation, link.expires,
					     str_of(press->type));
	else
		query_shift_link_word(db, rq->arena, link.row, link.generation,
				      link.expires, str_of(press->word),
				      shift_press_minutes(press));
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_shift(rq, rs, &link, refusal->status,
			    shift_press_refused(refusal->key));
	else
		reply_see(rq, rs, path_of(rq, &link, press->note));
}
