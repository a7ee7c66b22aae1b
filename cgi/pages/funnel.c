/*
 * What became of an event's questions: how many people were asked, answered
 * and told us how it was.  Must not know how they are counted.
 */
#include "pages/funnel.h"

#include "pages/cursor.h"
#include "pages/table_file.h"
#include "query/funnel.h"
#include "view/chart.h"
#include "view/csv_file.h"
#include "view/rows.h"
#include "web/page.h"

#define BARS_MAX 16

/* --- the chart --- */

static bool is_drawn(struct str stage)
{
	return str_equal(stage, STR("asked")) ||
	       str_equal(stage, STR("accepted")) ||
	       str_equal(stage, STR("answered")) ||
	       str_equal(stage, STR("feedback"));
}

static struct str number(struct arena *a, int64_t count)
{
	return str_printf(a, "%lld", (long long)count);
}

/* A stage's two bars; one while nobody was asked a second time. */
static int add_stage(struct arena *a, const struct rows *stages, ptrdiff_t row,
		     bool twice, struct chart_bar *bars)
{
	int64_t first = query_funnel_list_first_question(stages, row);
	int64_t second = query_funnel_list_second_question(stages, row);

	bars[0] = (struct chart_bar){
		.label = query_funnel_list_what(stages, row),
		.beside = number(a, first),
		.amount = first,
	};
	bars[1] = (struct chart_bar){
		.label = STR_ABSENT,
		.beside = number(a, second),
		.amount = second,
		.hatched = true,
	};
	return twice ? 2 : 1;
}

static struct value stage_chart(struct arena *a, const struct rows *stages,
				bool twice)
{
	struct chart_bar bars[BARS_MAX];
	int count = 0;

	for (ptrdiff_t row = 0; row < rows_count(stages); row++)
		if (is_drawn(query_funnel_list_stage(stages, row)) &&
		    count + 2 <= BARS_MAX)
			count += add_stage(a, stages, row, twice, &bars[count]);
	return chart_bars(a, bars, count);
}

/* --- the page --- */

struct str funnel_next(struct arena *a, const struct rows *comments)
{
	ptrdiff_t last = rows_count(comments) - 1;

	if (last < 0 || !query_funnel_comments_has_more(comments, last))
		return STR_ABSENT;
	return cursor_next(a, "before",
			   query_funnel_comments_cursor_at(comments, last),
			   query_funnel_comments_user_id(comments, last));
}

/* The first row says of all how many were asked. */
static bool is_any(const struct rows *stages, bool second)
{
	if (rows_count(stages) == 0)
		return false;
	return second ? query_funnel_list_second_question(stages, 0) > 0
		      : query_funnel_list_people(stages, 0) > 0;
}

struct answers {
	struct rows *event, *stages, *unasked, *ratings, *comments;
};

static void show(struct request *rq, struct reply *rs,
		 const struct answers *all, bool is_later)
{
	struct arena *a = rq->arena;
	bool twice = is_any(all->stages, true);
	bool rated = rows_count(all->ratings) > 0 &&
		     query_funnel_ratings_rated(all->ratings, 0) > 0;
	struct str next = funnel_next(a, all->comments);
	const struct value_field page[] = {
		{"event", row_value(all->event, 0)},
		{"stages", rows_value(all->stages)},
		{"unasked", rows_value(all->unasked)},
		{"has_unasked", value_bool(rows_count(all->unasked) > 0)},
		{"is_asked", value_bool(is_any(all->stages, false))},
		{"is_twice", value_bool(twice)},
		{"stage_chart", stage_chart(a, all->stages, twice)},
		{"ratings", rows_value(all->ratings)},
		{"rating", row_value(all->ratings, 0)},
		{"is_rated", value_bool(rated)},
		{"rating_chart", chart_counts(a, all->ratings)},
		{"comments", rows_value(all->comments)},
		{"has_comments", value_bool(rows_count(all->comments) > 0)},
		{"is_later", value_bool(is_later)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "staff_funnel_page", page);
}

void funnel_show(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	struct arena *a = rq->arena;
	struct str org = page_org(rq);
	struct cursor from = cursor_read(rq, "before");
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	const struct answers all = {
		.event = query_funnel_event(db, a, rq->session, org, id),
		.stages = query_funnel_list(db, a, rq->session, org, id),
		.unasked = query_funnel_unasked(db, a, rq->session, org, id),
		.ratings = query_funnel_ratings(db, a, rq->session, org, id),
		.comments = query_funnel_comments(db, a, rq->session, org, id,
						  from.at, from.event),
	};
	if (!page_run(rq, rs))
		return;
	if (rows_count(all.event) == 0)
		page_absent(rq, rs);
	else
		show(rq, rs, &all, from.at);
}

/* --- the files --- */

static const char *const stage_columns[] = {
	"what", "first_question", "second_question", "people", "percent", NULL};
static const char *const rating_columns[] = {"rating", "people", "percent",
					     NULL};
static const char *const feedback_columns[] = {"name",	  "answer",   "rating",
					       "comment", "given_at", NULL};

void funnel_answers_file(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	struct rows *event = query_funnel_event(db, rq->arena, rq->session,
						page_org(rq), id);
	struct rows *stages =
		query_funnel_list(db, rq->arena, rq->session, page_org(rq), id);
	struct rows *unasked = query_funnel_unasked(db, rq->arena, rq->session,
						    page_org(rq), id);
	if (!table_file_is_there(rq, rs, event))
		return;
	table_file_reply(rq, rs, "answers", rq->params[1], stages,
			 stage_columns);
	csv_file_rows(&rs->body, unasked, stage_columns);
}

void funnel_ratings_file(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	struct rows *event = query_funnel_event(db, rq->arena, rq->session,
						page_org(rq), id);
	struct rows *ratings = query_funnel_ratings(db, rq->arena, rq->session,
						    page_org(rq), id);
	if (table_file_is_there(rq, rs, event))
		table_file_reply(rq, rs, "ratings", rq->params[1], ratings,
				 rating_columns);
}

void funnel_feedback_file(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	struct rows *event = query_funnel_event(db, rq->arena, rq->session,
						page_org(rq), id);
	struct rows *feedback = query_funnel_feedback(
		db, rq->arena, rq->session, page_org(rq), id);
	if (!table_file_is_there(rq, rs, event))
		return;
	table_file_reply(rq, rs, "feedback", rq->params[1], feedback,
			 feedback_columns);
	if (rows_count(feedback) > 0)
		table_file_left_off(
			rq, rs, feedback,
			query_funnel_feedback_all_rows(feedback, 0));
}
