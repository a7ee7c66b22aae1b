/*
 * The pages of somebody who checks in.  Must not know when one is due, or
 * what follows: the SQL functions do.
 */
#include "pages/dashboard.h"

#include "base/date.h"
#include "query/dashboard.h"
#include "query/talk.h"
#include "view/chart.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

/* So much of the past is shown. */
#define DAYS 60
#define ACTIVITIES 20

/* Of the words in dashboard_settings that people say yes to. */
#define CONSENT_VERSION "1"

/* --- how it is --- */

static struct value make_calendar(struct arena *a, const struct rows *rows)
{
	int count = (int)rows_count(rows);
	struct chart_day *days = ARENA_ARRAY(a, count + 1, struct chart_day);

	for (int i = 0; i < count; i++)
		days[i] = (struct chart_day){
			.number = query_dashboard_days_number(rows, i),
			.beside = query_dashboard_days_level(rows, i),
			.weekday = query_dashboard_days_weekday(rows, i),
			.filled = query_dashboard_days_check_ins(rows, i) > 0,
		};
	return chart_calendar(a, days, count);
}

void dashboard_show(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	struct arena *a = rq->arena;
	struct rows *watch = query_dashboard_watch(db, a, rq->session);
	struct rows *days = query_dashboard_days(db, a, rq->session, DAYS);
	struct rows *activities =
		query_dashboard_activities(db, a, rq->session, ACTIVITIES);
	struct rows *talks = query_talk_list(db, a, rq->session, STR_ABSENT);

	if (!page_run(rq, rs))
		return;
	bool has_watch = rows_count(watch) > 0;
	const struct value_field page[] = {
		{"watch", row_value(watch, 0)},
		{"has_watch", value_bool(has_watch)},
		{"calendar", make_calendar(a, days)},
		{"past", rows_value(days)},
		{"activities", rows_value(activities)},
		{"has_activities", value_bool(rows_count(activities) > 0)},
		{"has_talk", value_bool(rows_count(talks) > 0)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "dashboard_page", page);
}

/* --- what is set --- */

static const char *const yes[] = {"yes", NULL};

enum { ORG, HOURS, TIME, CONSENT };
static const struct form_field fields[] = {
	[ORG] = {.name = "org", .label = "Organisation", .type = FORM_LINE},
	[HOURS] = {.name = "interval_hours",
		   .label = "Hours",
		   .type = FORM_NUMBER,
		   .required = true,
		   .least = 1,
		   .most = 168},
	[TIME] = {.name = "preferred_time",
		  .label = "Time of day",
		  .type = FORM_LINE,
		  .most = 5},
	[CONSENT] = {.name = "consent",
		     .label = "I agree",
		     .type = FORM_CHOICE,
		     .choices = yes},
	{.name = NULL},
};

static struct form form_of(const struct rows *watch)
{
	bool enrolled = rows_count(watch) > 0 &&
			query_dashboard_watch_is_enrolled(watch, 0);

	return (struct form){
		.fields = fields,
		.count = 4,
		.values =
			{[HOURS] = enrolled ? rows_named(watch, 0,
							 "interval_hours")
					    : STR("24"),
			 [TIME] =
				 enrolled
					 ? query_dashboard_watch_preferred_time(
						   watch, 0)
					 : STR_ABSENT},
		.ok = true,
	};
}

static ptrdiff_t count_open(const struct rows *orgs)
{
	ptrdiff_t open = 0;

	for (ptrdiff_t i = 0; i < rows_count(orgs); i++)
		open += query_dashboard_org_list_has_responder(orgs, i);
	return open;
}

/*
 * form NULL: as it is set.  wrong is what was refused and is at no field, or
 * absent.
 */
static void reply_settings(struct request *rq, struct reply *rs, int status,
			   const struct form *form, struct str wrong)
{
	struct db *db = rq->app->db;
	struct rows *watch = query_dashboard_watch(db, rq->arena, rq->session);
	struct rows *orgs = query_dashboard_org_list(
		db, rq->arena, rq->session,
		form ? form_get(form, "org") : STR_ABSENT);

	if (!page_run(rq, rs))
		return;
	const struct form now = form_of(watch);
	const struct value_field page[] = {
		{"watch", row_value(watch, 0)},
		{"is_enrolled",
		 value_bool(rows_count(watch) > 0 &&
			    query_dashboard_watch_is_enrolled(watch, 0))},
		{"orgs", rows_value(orgs)},
		{"can_enrol", value_bool(count_open(orgs) > 0)},
		{"form", form_value(rq->arena, form ? form : &now)},
		{"wrong", value_text(&wrong)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "dashboard_settings", page);
}

void dashboard_settings(struct request *rq, struct reply *rs)
{
	reply_settings(rq, rs, 200, NULL, STR_ABSENT);
}

/* Where the form leads: enrolling names an organisation, changing none. */
static void queue_save(struct request *rq, const struct form *form)
{
	struct db *db = rq->app->db;
	struct str org = form_get(form, "org");
	struct str time = str_or(form_get(form, "preferred_time"), STR_ABSENT);
	int64_t hours = form_number(form, "interval_hours");

	if (org.n > 0)
		query_dashboard_enrol(db, rq->arena, rq->session, org, hours,
				      time, STR(CONSENT_VERSION));
	else
		query_dashboard_change(db, rq->arena, rq->session, hours, time);
}

static bool has_field(struct str name)
{
	for (const struct form_field *f = fields; f->name; f++)
		if (str_equal(name, str_of(f->name)))
			return true;
	return false;
}

void dashboard_settings_save(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal = NULL;
	struct str wrong = STR_ABSENT;
	struct form form;
	bool ok = form_read(rq, fields, &form);
	bool enrols = form_get(&form, "org").n > 0;

	if (enrols && form_get(&form, "consent").n <= 0) {
		form_fail(&form, STR("consent"),
			  message_find(STR("no_consent")));
		ok = false;
	}
	if (ok) {
		queue_save(rq, &form);
		if (!page_post(rq, rs, &refusal))
			return;
		if (!refusal) {
			reply_see(rq, rs,
				  enrols ? STR("/dashboard?note=watch_begun")
					 : STR("/dashboard?note=watch_saved"));
			return;
		}
		if (has_field(refusal->field))
			form_fail(&form, refusal->field,
				  message_find(refusal->key));
		else
			wrong = message_find(refusal->key);
	}
	reply_settings(rq, rs, refusal ? refusal->status : 422, &form, wrong);
}

/* --- pausing and stopping --- */

static const struct form_field pause_fields[] = {
	{.name = "last_day",
	 .label = "The last day",
	 .type = FORM_LINE,
	 .required = true,
	 .most = 10},
	{.name = NULL},
};

static bool is_day(struct arena *a, struct str text)
{
	int64_t seconds;

	return date_read_local(str_printf(a, "%.*sT00:00:00", STR_ARG(text)),
			       &seconds);
}

/* After a press of a button that has no field but one date. */
static void reply_pressed(struct request *rq, struct reply *rs,
			  const char *note)
{
	const struct db_refusal *refusal;

	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_settings(rq, rs, refusal->status, NULL,
			       message_find(refusal->key));
	else
		reply_see(rq, rs,
			  str_printf(rq->arena, "/dashboard?note=%s", note));
}

void dashboard_pause(struct request *rq, struct reply *rs)
{
	struct form form;

	if (!form_read(rq, pause_fields, &form)) {
		reply_settings(rq, rs, 422, NULL, form.errors[0]);
		return;
	}
	struct str day = form_get(&form, "last_day");
	if (!is_day(rq->arena, day)) {
		reply_settings(rq, rs, 422, NULL,
			       message_find(STR("bad_date")));
		return;
	}
	query_dashboard_pause(rq->app->db, rq->arena, rq->session, day);
	reply_pressed(rq, rs, "watch_paused");
}

void dashboard_resume(struct request *rq, struct reply *rs)
{
	query_dashboard_resume(rq->app->db, rq->arena, rq->session);
	reply_pressed(rq, rs, "watch_resumed");
}

void dashboard_stop_ask(struct request *rq, struct reply *rs)
{
	struct rows *watch =
		query_dashboard_watch(rq->app->db, rq->arena, rq->session);
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"watch", row_value(watch, 0)},
		{.name = NULL},
	};
	if (rows_count(watch) > 0 &&
	    query_dashboard_watch_is_enrolled(watch, 0))
		reply_page(rq, rs, 200, "dashboard_stop", page);
	else
		reply_see(rq, rs, STR("/dashboard"));
}

void dashboard_stop(struct request *rq, struct reply *rs)
{
	query_dashboard_stop(rq->app->db, rq->arena, rq->session);
	reply_pressed(rq, rs, "watch_stopped");
}
