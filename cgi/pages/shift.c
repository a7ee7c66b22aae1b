/*
 * A member's shifts.  Must not know what can be said of one when, or who may
 * take it: the SQL functions decide that.
 */
#include "pages/shift.h"

#include "pages/cursor.h"
#include "pages/shift_press.h"
#include "query/shift.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

/* What is over is shown so many at a time. */
#define PAST_ROWS 20

static struct str path_of(struct request *rq, int64_t id, const char *after)
{
	return str_printf(rq->arena, "/shifts/%lld%s", (long long)id, after);
}

/* --- the list --- */

/* How many of the rows, which come last, are over. */
static ptrdiff_t count_past(const struct rows *shifts)
{
	ptrdiff_t count = 0;

	for (ptrdiff_t i = rows_count(shifts) - 1; i >= 0; i--) {
		if (!query_shift_list_is_over(shifts, i))
			break;
		count++;
	}
	return count;
}

static struct value rows_first(struct arena *a, const struct rows *rows,
			       ptrdiff_t count)
{
	struct value *items = ARENA_ARRAY(a, count + 1, struct value);

	for (ptrdiff_t i = 0; i < count; i++)
		items[i] = row_value(rows, i);
	return value_list(items, count);
}

/* wrong is what was wrong with a press, or absent. */
static void reply_list(struct request *rq, struct reply *rs, int status,
		       struct str wrong)
{
	struct db *db = rq->app->db;
	struct cursor from = cursor_read(rq, "before");
	struct rows *shifts = query_shift_list(db, rq->arena, rq->session,
					       from.at, from.event);
	struct rows *offers =
		query_shift_offer_list(db, rq->arena, rq->session);

	if (!page_run(rq, rs))
		return;
	ptrdiff_t past = count_past(shifts);
	ptrdiff_t count = rows_count(shifts) - (past > PAST_ROWS ? 1 : 0);
	struct str next = STR_ABSENT;

	if (past > PAST_ROWS)
		next = cursor_next(
			rq->arena, "before",
			query_shift_list_cursor_at(shifts, count - 1),
			query_shift_list_id(shifts, count - 1));
	const struct value_field page[] = {
		{"shifts", rows_first(rq->arena, shifts, count)},
		{"has_next", value_bool(rows_count(shifts) > past)},
		{"has_past", value_bool(past > 0)},
		{"offers", rows_value(offers)},
		{"has_offers", value_bool(rows_count(offers) > 0)},
		{"is_later", value_bool(from.at != NULL)},
		{"next", value_text(&next)},
		{"wrong", value_text(&wrong)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "shift_list", page);
}

void shift_list(struct request *rq, struct reply *rs)
{
	reply_list(rq, rs, 200, STR_ABSENT);
}

/* --- one shift --- */

static void reply_own(struct request *rq, struct reply *rs, int64_t id,
		      const struct rows *shift, int status, struct str wrong)
{
	struct str link = path_of(rq, id, "");
	const struct value_field page[] = {
		{"shift", row_value(shift, 0)},
		{"link", value_text(&link)},
		{"wrong", value_text(&wrong)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "shift_page", page);
}

static void reply_offer(struct request *rq, struct reply *rs,
			const struct rows *offer, int status, struct str wrong)
{
	const struct value_field page[] = {
		{"offer", row_value(offer, 0)},
		{"wrong", value_text(&wrong)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "shift_offer", page);
}

/*
 * Theirs, else one that they may take.  One that they could take a moment ago,
 * or that was theirs, is said to be gone on the list, where others stand.
 */
static void reply_shift(struct request *rq, struct reply *rs, int64_t id,
			int status, struct str wrong)
{
	struct db *db = rq->app->db;
	struct rows *shift = query_shift_page(db, rq->arena, rq->session, id);
	struct rows *offer = query_shift_offer(db, rq->arena, rq->session, id);
	struct rows *left = query_shift_left(db, rq->arena, rq->session, id);

	if (!page_run(rq, rs))
		return;
	if (rows_count(shift) > 0)
		reply_own(rq, rs, id, shift, status, wrong);
	else if (rows_count(offer) > 0)
		reply_offer(rq, rs, offer, status, wrong);
	else if (!str_is_absent(wrong))
		reply_list(rq, rs, status, wrong);
	else if (query_shift_left_has_left(left, 0))
		reply_see(rq, rs, STR("/shifts?note=shift_left"));
	else
		page_absent(rq, rs);
}

void shift_show(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (page_number(rq, rs, &id))
		reply_shift(rq, rs, id, 200, STR_ABSENT);
}

void shift_decline(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	struct rows *shift =
		query_shift_page(rq->app->db, rq->arena, rq->session, id);
	if (!page_run(rq, rs))
		return;
	struct str link = path_of(rq, id, "");
	const struct value_field page[] = {
		{"shift", row_value(shift, 0)},
		{"link", value_text(&link)},
		{.name = NULL},
	};
	if (rows_count(shift) == 0)
		page_absent(rq, rs);
	else if (query_shift_page_can_decline(shift, 0))
		reply_page(rq, rs, 200, "shift_decline", page);
	else
		reply_own(rq, rs, id, shift, 200, STR_ABSENT);
}

/* --- what is pressed --- */

/* After a press: to the shift's page, or why it was refused. */
static void reply_pressed(struct request *rq, struct reply *rs, int64_t id,
			  const char *note)
{
	const struct db_refusal *refusal;

	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_shift(rq, rs, id, refusal->status,
			    shift_press_refused(refusal->key));
	else
		reply_see(rq, rs, path_of(rq, id, note));
}

void shift_press(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	const struct shift_press *press = shift_press_read(rq);
	if (!press) {
		reply_shift(rq, rs, id, 422, message_find(STR("bad_choice")));
		return;
	}
	if (press->type)
		(void)query_shift_check(db, rq->arena, rq->session, id,
					str_of(press->type));
	else
		query_shift_word(db, rq->arena, rq->session, id,
				 str_of(press->word),
				 shift_press_minutes(press));
	reply_pressed(rq, rs, id, press->note);
}

void shift_offer(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	query_shift_offer_make(rq->app->db, rq->arena, rq->session, id);
	reply_pressed(rq, rs, id, "?note=shift_offered");
}

void shift_withdraw(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	query_shift_offer_withdraw(rq->app->db, rq->arena, rq->session, id);
	reply_pressed(rq, rs, id, "?note=shift_kept");
}

static const char *const yes[] = {"yes", NULL};
static const struct form_field take_fields[] = {
	{.name = "anyway",
	 .label = "All the same",
	 .type = FORM_CHOICE,
	 .choices = yes},
	{.name = NULL},
};

void shift_take(struct request *rq, struct reply *rs)
{
	struct form form;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	bool anyway = form_read(rq, take_fields, &form) &&
		      form_get(&form, "anyway").n > 0;
	query_shift_take(rq->app->db, rq->arena, rq->session, id, anyway);
	reply_pressed(rq, rs, id, "?note=shift_taken");
}
