/*
 * The one form by which admins make and change shifts.  Must not know when a
 * shift is, or what may be changed: the SQL functions decide that.
 */
#include "pages/staff_shift_form.h"

#include "pages/staff_shift.h"
#include "query/staff_shift.h"
#include "web/form_row.h"
#include "web/message.h"
#include "web/page.h"

static const char *const scopes[] = {"this", "following", NULL};
static const char *const repeats[] = {
	"none",	       "daily",	       "workdays",	  "weekly",
	"fortnightly", "monthly_date", "monthly_weekday", NULL};

/* clang-format off */
static const struct form_field fields[] = {
	{.name = "title", .label = "Title", .type = FORM_LINE, .required = true, .most = 200},
	{.name = "start_date", .label = "Day", .type = FORM_LINE, .required = true},
	{.name = "start_time", .label = "Begins at", .type = FORM_LINE, .required = true},
	{.name = "end_date", .label = "Last day", .type = FORM_LINE},
	{.name = "end_time", .label = "Ends at", .type = FORM_LINE, .required = true},
	{.name = "location", .label = "Place", .type = FORM_LINE, .most = 500},
	{.name = "notes", .label = "Notes", .type = FORM_TEXT, .most = 2000},
	{.name = "capacity", .label = "Places", .type = FORM_NUMBER, .least = 1, .most = 999999},
	{.name = "repeats", .label = "Repeats", .type = FORM_CHOICE, .choices = repeats},
	{.name = "until", .label = "Until", .type = FORM_LINE},
	{.name = "times", .label = "Number of times", .type = FORM_NUMBER, .least = 2, .most = 200},
	{.name = "scope", .label = "Which shifts", .type = FORM_CHOICE, .choices = scopes},
	{.name = "version", .label = "Version", .type = FORM_NUMBER, .least = 0, .most = INT32_MAX},
	{.name = NULL},
};
/* clang-format on */

/* Where the form stands: 0 is a new shift. */
struct editing {
	int64_t id;
	bool is_posted; /* what was typed is in form */
	bool is_late;	/* somebody else changed it meanwhile */
	struct form form;
};

static void editing_show(struct request *rq, struct reply *rs, int status,
			 struct editing *editing, const struct rows *shift,
			 const struct rows *zone)
{
	struct str name = query_staff_shift_zone_zone(zone, 0);
	const struct value_field page[] = {
		{"form", form_value(rq->arena, &editing->form)},
		{"shift", row_value(shift, 0)},
		{"zone_name", value_text(&name)},
		{"is_late", value_bool(editing->is_late)},
		{"is_new", value_bool(!editing->id)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "staff_shift_form", page);
}

static void reply_form(struct request *rq, struct reply *rs, int status,
		       struct editing *editing)
{
	struct db *db = rq->app->db;
	struct str org = page_org(rq);
	struct str json = editing->is_posted
				  ? form_json(rq->arena, &editing->form)
				  : STR("{}");
	struct rows *zone =
		query_staff_shift_zone(db, rq->arena, rq->session, org);
	struct rows *shift = query_staff_shift_page(db, rq->arena, rq->session,
						    org, editing->id);
	struct rows *start = query_staff_shift_form(db, rq->arena, rq->session,
						    org, editing->id);
	struct rows *faults =
		query_staff_shift_faults(db, rq->arena, rq->session, org, json);

	if (!page_run(rq, rs))
		return;
	if (editing->id && rows_count(start) == 0) {
		page_absent(rq, rs);
		return;
	}
	if (!editing->is_posted)
		form_fill(&editing->form, fields, start);
	else
		form_judge(&editing->form, faults);
	if (!editing->is_posted && !editing->id)
		form_set(&editing->form, "repeats", STR("none"));
	/* What was typed and not taken is shown beside what is there now. */
	if (editing->is_late)
		form_set(&editing->form, "version",
			 rows_named(shift, 0, "version"));
	editing_show(rq, rs, status, editing, shift, zone);
}

void staff_shift_new(struct request *rq, struct reply *rs)
{
	struct editing editing = {0};

	reply_form(rq, rs, 200, &editing);
}

void staff_shift_edit(struct request *rq, struct reply *rs)
{
	struct editing editing = {0};

	if (page_number(rq, rs, &editing.id))
		reply_form(rq, rs, 200, &editing);
}

static void reply_refused(struct request *rq, struct reply *rs,
			  struct editing *editing,
			  const struct db_refusal *refusal)
{
	editing->is_late = refusal->status == 409;
	if (!editing->is_late)
		form_fail(&editing->form,
			  refusal->status == 422 ? refusal->field
						 : STR("title"),
			  message_find(refusal->key));
	reply_form(rq, rs, refusal->status, editing);
}

static void form_take(struct request *rq, struct reply *rs,
		      struct editing *editing)
{
	const struct db_refusal *refusal;
	struct db *db = rq->app->db;
	struct rows *made = NULL;
	struct str json;

	editing->is_posted = true;
	if (!form_read(rq, fields, &editing->form)) {
		reply_form(rq, rs, 422, editing);
		return;
	}
	json = form_json(rq->arena, &editing->form);
	if (editing->id)
		(void)query_staff_shift_change(
			db, rq->arena, rq->session, page_org(rq), editing->id,
			(int)form_number(&editing->form, "version"), json);
	else
		made = query_staff_shift_make(db, rq->arena, rq->session,
					      page_org(rq), json);
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_refused(rq, rs, editing, refusal);
	else if (made)
		reply_see(rq, rs,
			  staff_shift_path(rq,
					   query_staff_shift_make_id(made, 0),
					   "?note=shift_made"));
	else
		reply_see(
			rq, rs,
			staff_shift_path(rq, editing->id, "?note=shift_saved"));
}

void staff_shift_make(struct request *rq, struct reply *rs)
{
	struct editing editing = {0};

	form_take(rq, rs, &editing);
}

void staff_shift_change(struct request *rq, struct reply *rs)
{
	struct editing editing = {0};

	if (page_number(rq, rs, &editing.id))
		form_take(rq, rs, &editing);
}
