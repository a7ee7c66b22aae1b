/*
 * What staff are told about an event and about their organisation, with
 * charts, and each table as a file.  Must not know how anything is counted.
 */
#include "pages/report.h"

#include "pages/funnel.h"
#include "pages/table_file.h"
#include "query/funnel.h"
#include "query/report.h"
#include "view/chart.h"
#include "view/rows.h"
#include "web/page.h"

#define POINTS_MAX 60
/* Events on the page of an organisation, and in its file. */
#define EVENTS_FEW 20
#define EVENTS_MANY 10000

/* --- an event --- */

struct event_rows {
	struct rows *event, *doors, *late, *absent, *ratings, *comments;
};

static bool is_more(const struct rows *people)
{
	return rows_count(people) > 0 &&
	       query_report_people_has_more(people, 0);
}

static void show_event(struct request *rq, struct reply *rs,
		       const struct event_rows *all)
{
	struct arena *a = rq->arena;
	bool rated = rows_count(all->ratings) > 0 &&
		     query_funnel_ratings_rated(all->ratings, 0) > 0;
	struct str next = funnel_next(a, all->comments);
	const struct value_field page[] = {
		{"event", row_value(all->event, 0)},
		{"doors", rows_value(all->doors)},
		{"door_chart", chart_counts(a, all->doors)},
		{"late", rows_value(all->late)},
		{"has_late", value_bool(rows_count(all->late) > 0)},
		{"more_late", value_bool(is_more(all->late))},
		{"absent", rows_value(all->absent)},
		{"has_absent", value_bool(rows_count(all->absent) > 0)},
		{"more_absent", value_bool(is_more(all->absent))},
		{"ratings", rows_value(all->ratings)},
		{"rating", row_value(all->ratings, 0)},
		{"is_rated", value_bool(rated)},
		{"rating_chart", chart_counts(a, all->ratings)},
		{"comments", rows_value(all->comments)},
		{"has_comments", value_bool(rows_count(all->comments) > 0)},
		{"next", value_text(&next)},
		{.name = NULL},
	};

	reply_page(rq, rs, 200, "staff_report_event", page);
}

void report_event(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	struct arena *a = rq->arena;
	struct str org = page_org(rq);
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	const struct event_rows all = {
		.event = query_report_event(db, a, rq->session, org, id),
		.doors = query_report_doors(db, a, rq->session, org, id),
		.late = query_report_people(db, a, rq->session, org, id,
					    STR("late")),
		.absent = query_report_people(db, a, rq->session, org, id,
					      STR("absent")),
		.ratings = query_funnel_ratings(db, a, rq->session, org, id),
		.comments = query_funnel_comments(db, a, rq->session, org, id,
						  NULL, NULL),
	};
	if (!page_run(rq, rs))
		return;
	if (rows_count(all.event) == 0)
		page_absent(rq, rs);
	else
		show_event(rq, rs, &all);
}

void report_event_file(struct request *rq, struct reply *rs)
{
	static const char *const columns[] = {
		"what",	   "people",	   "percent",	 "attended",
		"partial", "not_attended", "unanswered", NULL};
	struct db *db = rq->app->db;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	struct rows *event = query_report_event(db, rq->arena, rq->session,
						page_org(rq), id);
	struct rows *doors = query_report_doors(db, rq->arena, rq->session,
						page_org(rq), id);
	if (table_file_is_there(rq, rs, event))
		table_file_reply(rq, rs, "attendance", rq->params[1], doors,
				 columns);
}

void report_people_file(struct request *rq, struct reply *rs)
{
	static const char *const columns[] = {
		"name",	  "registration", "door", "marked_at",
		"answer", "rating",	  NULL};
	struct db *db = rq->app->db;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	struct rows *event = query_report_event(db, rq->arena, rq->session,
						page_org(rq), id);
	struct rows *people = query_report_people_file(
		db, rq->arena, rq->session, page_org(rq), id,
		request_words(rq, "show"));
	if (!table_file_is_there(rq, rs, event))
		return;
	table_file_reply(rq, rs, "participants", rq->params[1], people,
			 columns);
	if (rows_count(people) > 0)
		table_file_left_off(
			rq, rs, people,
			query_report_people_file_all_rows(people, 0));
}

/* --- an organisation --- */

struct period {
	const char *days;
	const char *words;
	int64_t number;
};

/* The second is what is shown to who says nothing. */
static const struct period periods[] = {
	{"7", "7 days", 7},
	{"30", "30 days", 30},
	{"90", "90 days", 90},
	{"all", "All time", 0},
};

#define PERIODS ((int)(sizeof(periods) / sizeof(periods[0])))

static const struct period *period_read(struct request *rq)
{
	struct str days = request_query(rq, "days");

	for (int i = 0; i < PERIODS; i++)
		if (str_equal(days, str_of(periods[i].days)))
			return &periods[i];
	return &periods[1];
}

static struct value period_list(struct arena *a, const struct period *chosen)
{
	struct value *items = ARENA_ARRAY(a, PERIODS, struct value);

	for (int i = 0; i < PERIODS; i++) {
		struct str days = str_of(periods[i].days);
		struct str words = str_of(periods[i].words);
		const struct value_field fields[] = {
			{"days", value_text(&days)},
			{"words", value_text(&words)},
			{"is_chosen", value_bool(chosen == &periods[i])},
			{.name = NULL},
		};
		struct value_field *kept =
			ARENA_ARRAY(a, 4, struct value_field);

		for (int k = 0; k < 4; k++)
			kept[k] = fields[k];
		items[i] = value_object(kept);
	}
	return value_list(items, PERIODS);
}

/*
 * The rows begin with the last step, a chart with the first.  False: there is
 * nothing to draw.
 */
static bool trend_chart(struct arena *a, const struct rows *trend,
			struct str (*rate)(const struct rows *, ptrdiff_t),
			struct value *chart)
{
	struct chart_point points[POINTS_MAX];
	int count = 0;
	int known = 0;

	for (ptrdiff_t i = rows_count(trend) - 1; i >= 0; i--) {
		struct str percent = rate(trend, i);
		struct chart_point *point = &points[count];

		if (count == POINTS_MAX)
			break;
		*point = (struct chart_point){
			.below = i == 0 ? query_report_trend_until(trend, i)
					: query_report_trend_since(trend, i),
			.beside = str_printf(a, "%.*s %%", STR_ARG(percent)),
		};
		point->known = str_read_int(percent, &point->amount);
		known += point->known;
		count++;
	}
	*chart = chart_line(a, points, count, 100);
	return known > 0;
}

struct org_rows {
	struct rows *sum, *trend, *funnel, *events;
};

static void show_org(struct request *rq, struct reply *rs,
		     const struct period *period, const struct org_rows *all)
{
	struct arena *a = rq->arena;
	struct value came, response;
	bool has_came =
		trend_chart(a, all->trend, query_report_trend_rate, &came);
	bool has_response = trend_chart(a, all->trend,
					query_report_trend_response, &response);
	struct str days = str_of(period->days);
	struct str most = str_printf(a, "%d", EVENTS_FEW);
	bool is_cut = rows_count(all->events) > 0 &&
		      query_report_events_all_rows(all->events, 0) > EVENTS_FEW;
	const struct value_field page[] = {
		{"days", value_text(&days)},
		{"periods", period_list(a, period)},
		{"sum", row_value(all->sum, 0)},
		{"trend", rows_value(all->trend)},
		{"came_chart", came},
		{"has_came", value_bool(has_came)},
		{"response_chart", response},
		{"has_response", value_bool(has_response)},
		{"funnel", rows_value(all->funnel)},
		{"funnel_chart", chart_counts(a, all->funnel)},
		{"events", rows_value(all->events)},
		{"is_cut", value_bool(is_cut)},
		{"most", value_text(&most)},
		{.name = NULL},
	};

	reply_page(rq, rs, 200, "staff_report_org", page);
}

void report_org(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	struct arena *a = rq->arena;
	struct str org = page_org(rq);
	const struct period *period = period_read(rq);
	const struct org_rows all = {
		.sum = query_report_org(db, a, rq->session, org,
					period->number),
		.trend = query_report_trend(db, a, rq->session, org,
					    period->number),
		.funnel = query_report_funnel(db, a, rq->session, org,
					      period->number),
		.events = query_report_events(db, a, rq->session, org,
					      period->number, EVENTS_FEW),
	};

	if (page_run(rq, rs))
		show_org(rq, rs, period, &all);
}

void report_trend_file(struct request *rq, struct reply *rs)
{
	static const char *const columns[] = {
		"label", "events",   "expected", "came", "rate",
		"asked", "answered", "response", NULL};
	const struct period *period = period_read(rq);
	struct rows *trend =
		query_report_trend(rq->app->db, rq->arena, rq->session,
				   page_org(rq), period->number);

	if (page_run(rq, rs))
		table_file_reply(rq, rs, "trend", str_of(period->days), trend,
				 columns);
}

void report_answers_file(struct request *rq, struct reply *rs)
{
	static const char *const columns[] = {"what", "people", "percent",
					      NULL};
	const struct period *period = period_read(rq);
	struct rows *funnel =
		query_report_funnel(rq->app->db, rq->arena, rq->session,
				    page_org(rq), period->number);

	if (page_run(rq, rs))
		table_file_reply(rq, rs, "answers", str_of(period->days),
				 funnel, columns);
}

void report_events_file(struct request *rq, struct reply *rs)
{
	static const char *const columns[] = {
		"title", "starts_at", "registered", "expected", "came", "rate",
		"asked", "answered",  "response",   "average",	NULL};
	const struct period *period = period_read(rq);
	struct rows *events =
		query_report_events(rq->app->db, rq->arena, rq->session,
				    page_org(rq), period->number, EVENTS_MANY);

	if (!page_run(rq, rs))
		return;
	table_file_reply(rq, rs, "events", str_of(period->days), events,
			 columns);
	if (rows_count(events) > 0)
		table_file_left_off(rq, rs, events,
				    query_report_events_all_rows(events, 0));
}
