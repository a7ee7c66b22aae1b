/*
 * The one form by which admins make, copy and change events.  Must not know
 * when an event is, or what may be changed: the SQL functions decide that, and
 * base/calendar.h which days a rule has.
 */
#include "pages/staff_event_form.h"

#include "base/calendar.h"
#include "base/json.h"
#include "pages/staff_event.h"
#include "query/staff_event.h"
#include "view/rows.h"
#include "web/form_row.h"
#include "web/message.h"
#include "web/page.h"

static const char *const yes[] = {"yes", NULL};
static const char *const statuses[] = {"draft", "published", NULL};
static const char *const scopes[] = {"this", "following", "all", NULL};
static const char *const repeats[] = {
	"none",		"daily",	"weekly",
	"fortnightly",	"monthly_date", "monthly_weekday",
	"monthly_last", "calendar",	NULL};

/* clang-format off */
static const struct form_field fields[] = {
	{.name = "title", .label = "Title", .type = FORM_LINE, .required = true, .most = 500},
	{.name = "all_day", .label = "Whole day", .type = FORM_CHOICE, .choices = yes},
	{.name = "start_date", .label = "First day", .type = FORM_LINE, .required = true},
	{.name = "start_time", .label = "Starts at", .type = FORM_LINE},
	{.name = "end_date", .label = "Last day", .type = FORM_LINE},
	{.name = "end_time", .label = "Ends at", .type = FORM_LINE},
	{.name = "zone", .label = "Time zone", .type = FORM_LINE, .required = true},
	{.name = "location", .label = "Place", .type = FORM_LINE, .most = 2000},
	{.name = "url", .label = "Web page", .type = FORM_LINE, .most = 2000},
	{.name = "description", .label = "Description", .type = FORM_TEXT, .most = 20000},
	{.name = "capacity", .label = "Places", .type = FORM_NUMBER, .least = 1, .most = 999999},
	{.name = "takes_attendance", .label = "Take attendance", .type = FORM_CHOICE, .choices = yes},
	{.name = "repeats", .label = "Repeats", .type = FORM_CHOICE, .required = true, .choices = repeats},
	{.name = "until", .label = "Until", .type = FORM_LINE},
	{.name = "times", .label = "Number of times", .type = FORM_NUMBER, .least = 2, .most = 1000},
	{.name = "status", .label = "Who sees it", .type = FORM_CHOICE, .choices = statuses},
	{.name = "scope", .label = "What to change", .type = FORM_CHOICE, .choices = scopes},
	{.name = "version", .label = "Version", .type = FORM_NUMBER, .least = 0, .most = INT32_MAX},
	{.name = "series_version", .label = "Version", .type = FORM_NUMBER, .least = 0, .most = INT32_MAX},
	{.name = NULL},
};
/* clang-format on */

/* --- showing it --- */

/* Where the form stands: 0 is a new event. */
struct editing {
	int64_t id;
	bool is_copy;
	bool is_posted; /* what was typed is in form */
	bool is_late;	/* somebody else changed it meanwhile */
	struct form form;
};

static void editing_show(struct request *rq, struct reply *rs, int status,
			 struct editing *editing, const struct rows *event,
			 const struct rows *zones)
{
	bool is_new = !editing->id || editing->is_copy;
	struct str copied = editing->is_copy
				    ? query_staff_event_page_title(event, 0)
				    : STR_ABSENT;
	bool chooses = is_new || query_staff_event_page_is_draft(event, 0);
	const struct value_field page[] = {
		{"form", form_value(rq->arena, &editing->form)},
		{"event",
		 editing->is_copy ? value_absent() : row_value(event, 0)},
		{"copied", value_text(&copied)},
		{"zones", rows_value(zones)},
		{"is_late", value_bool(editing->is_late)},
		{"is_new", value_bool(is_new)},
		{"chooses_status", value_bool(chooses)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "staff_event_form", page);
}

/* A form that was sent and not taken is shown beside what is there now. */
static void form_renew(struct form *form, const struct rows *event)
{
	form_set(form, "version", rows_named(event, 0, "version"));
	form_set(form, "series_version",
		 rows_named(event, 0, "series_version"));
}

static void reply_form(struct request *rq, struct reply *rs, int status,
		       struct editing *editing)
{
	struct db *db = rq->app->db;
	struct str org = page_org(rq);
	struct str json = editing->is_posted
				  ? form_json(rq->arena, &editing->form)
				  : STR("{}");
	/* The whole list is for the first look only: it is long. */
	struct rows *zones = query_staff_event_zones(
		db, rq->arena, rq->session, org,
		editing->is_posted
			? str_or(form_get(&editing->form, "zone"), STR("UTC"))
			: STR(""));
	struct rows *event = query_staff_event_page(db, rq->arena, rq->session,
						    org, editing->id);
	struct rows *start =
		editing->id ? query_staff_event_form(db, rq->arena, rq->session,
						     org, editing->id,
						     editing->is_copy)
			    : query_staff_event_new(db, rq->arena, rq->session,
						    org);
	struct rows *faults = query_staff_event_faults(db, rq->arena, json);

	if (!page_run(rq, rs))
		return;
	if (rows_count(start) == 0) {
		page_absent(rq, rs);
		return;
	}
	if (!editing->is_posted)
		form_fill(&editing->form, fields, start);
	else
		form_judge(&editing->form, faults);
	if (editing->is_late)
		form_renew(&editing->form, event);
	editing_show(rq, rs, status, editing, event, zones);
}

void staff_event_new(struct request *rq, struct reply *rs)
{
	struct editing editing = {0};

	reply_form(rq, rs, 200, &editing);
}

void staff_event_copy(struct request *rq, struct reply *rs)
{
	struct editing editing = {.is_copy = true};

	if (page_number(rq, rs, &editing.id))
		reply_form(rq, rs, 200, &editing);
}

void staff_event_edit(struct request *rq, struct reply *rs)
{
	struct editing editing = {0};

	if (page_number(rq, rs, &editing.id))
		reply_form(rq, rs, 200, &editing);
}

/* --- taking it --- */

static struct str dates_json(struct request *rq,
			     const struct calendar_repeats *dates)
{
	struct buf out = buf_init(rq->arena, 1000);

	buf_add_byte(&out, '[');
	for (ptrdiff_t i = 0; i < dates->count; i++) {
		if (i > 0)
			buf_add_byte(&out, ',');
		json_add_text(&out, dates->starts[i]);
	}
	buf_add_byte(&out, ']');
	return buf_str(&out);
}

/*
 * The days on which it repeats; absent when it does not.  False when a reply
 * has been made.
 */
static bool dates_read(struct request *rq, struct reply *rs,
		       struct editing *editing, struct str json,
		       struct str *dates)
{
	const int64_t *id = editing->id ? &editing->id : NULL;

	*dates = STR_ABSENT;
	if (str_equal(form_get(&editing->form, "repeats"), STR("none")))
		return true;
	struct rows *rule = query_staff_event_repeat(
		rq->app->db, rq->arena, rq->session, page_org(rq), id, json);
	if (!page_run(rq, rs))
		return false;
	if (rows_count(rule) == 0)
		return true;
	struct str starts = query_staff_event_repeat_starts(rule, 0);
	struct str until = query_staff_event_repeat_until(rule, 0);
	struct str why;
	const struct calendar_repeats *found = calendar_repeat(
		rq->arena, query_staff_event_repeat_rule(rule, 0), starts,
		starts, until, &why);
	if (found)
		*dates = dates_json(rq, found);
	return true;
}

static void reply_refused(struct request *rq, struct reply *rs,
			  struct editing *editing,
			  const struct db_refusal *refusal)
{
	editing->is_late = refusal->status == 409;
	if (!editing->is_late)
		form_fail(&editing->form,
			  refusal->status == 422 ? refusal->field
						 : STR("scope"),
			  message_find(refusal->key));
	reply_form(rq, rs, refusal->status, editing);
}

/* Queues what the form asks for; the rows tell the event, or the note. */
static struct rows *form_send(struct request *rq, const struct editing *editing,
			      struct str json, struct str dates)
{
	struct db *db = rq->app->db;

	if (!editing->id)
		return query_staff_event_make(db, rq->arena, rq->session,
					      page_org(rq), json, dates);
	return query_staff_event_change(
		db, rq->arena, rq->session, page_org(rq), editing->id,
		form_number(&editing->form, "version"),
		form_number(&editing->form, "series_version"), json, dates);
}

static void form_take(struct request *rq, struct reply *rs,
		      struct editing *editing)
{
	const struct db_refusal *refusal;
	struct str json, dates;

	editing->is_posted = true;
	if (!form_read(rq, fields, &editing->form)) {
		reply_form(rq, rs, 422, editing);
		return;
	}
	json = form_json(rq->arena, &editing->form);
	if (!dates_read(rq, rs, editing, json, &dates))
		return;
	struct rows *done = form_send(rq, editing, json, dates);
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_refused(rq, rs, editing, refusal);
	else if (editing->id)
		reply_see(rq, rs,
			  staff_event_path(
				  rq, editing->id,
				  str_printf(
					  rq->arena, "?note=%.*s",
					  STR_ARG(query_staff_event_change_note(
						  done, 0)))));
	else
		reply_see(rq, rs,
			  staff_event_path(rq,
					   query_staff_event_make_id(done, 0),
					   STR("?note=event_made")));
}

void staff_event_make(struct request *rq, struct reply *rs)
{
	struct editing editing = {0};

	form_take(rq, rs, &editing);
}

void staff_event_change(struct request *rq, struct reply *rs)
{
	struct editing editing = {0};

	if (page_number(rq, rs, &editing.id))
		form_take(rq, rs, &editing);
}
