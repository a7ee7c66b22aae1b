/*
 * An organisation's shifts as its staff see and fill them.  Must not know who
 * may be assigned, or checked in when: the SQL functions decide that.
 */
#include "pages/staff_shift.h"

#include "pages/cursor.h"
#include "pages/enroll.h"
#include "query/staff_shift.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

#define PAGE_ROWS 50

struct str staff_shift_path(struct request *rq, int64_t id, const char *query)
{
	return str_printf(rq->arena, "/staff/%.*s/shifts/%lld%s",
			  STR_ARG(page_org(rq)), (long long)id, query);
}

/* --- the list --- */

static struct str next_page(struct request *rq, const struct rows *shifts,
			    bool past)
{
	const ptrdiff_t last = PAGE_ROWS - 1;

	if (rows_count(shifts) <= PAGE_ROWS)
		return STR_ABSENT;
	return str_printf(
		rq->arena, "%s%.*s", past ? "show=past&" : "",
		STR_ARG(cursor_next(
			rq->arena, "after",
			query_staff_shift_list_cursor_at(shifts, last),
			query_staff_shift_list_id(shifts, last))));
}

static struct value page_rows(struct request *rq, const struct rows *shifts)
{
	ptrdiff_t count = rows_count(shifts);
	struct value *items = ARENA_ARRAY(rq->arena, PAGE_ROWS, struct value);

	count = count > PAGE_ROWS ? PAGE_ROWS : count;
	for (ptrdiff_t i = 0; i < count; i++)
		items[i] = row_value(shifts, i);
	return value_list(items, count);
}

void staff_shift_list(struct request *rq, struct reply *rs)
{
	struct cursor from = cursor_read(rq, "after");
	bool past = str_equal(request_query(rq, "show"), STR("past"));
	struct rows *shifts =
		query_staff_shift_list(rq->app->db, rq->arena, rq->session,
				       page_org(rq), past, from.at, from.event);
	if (!page_run(rq, rs))
		return;

	struct str next = next_page(rq, shifts, past);
	const struct value_field page[] = {
		{"shifts", page_rows(rq, shifts)},
		{"has_rows", value_bool(rows_count(shifts) > 0)},
		{"is_past", value_bool(past)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "staff_shift_list", page);
}

/* --- one shift --- */

static void reply_shift(struct request *rq, struct reply *rs, int64_t id,
			int status, struct str wrong)
{
	struct db *db = rq->app->db;
	struct rows *shift = query_staff_shift_page(db, rq->arena, rq->session,
						    page_org(rq), id);
	struct rows *people = query_staff_shift_people(
		db, rq->arena, rq->session, page_org(rq), id);

	if (!page_run(rq, rs))
		return;
	if (rows_count(shift) == 0) {
		page_absent(rq, rs);
		return;
	}
	const struct value_field page[] = {
		{"shift", row_value(shift, 0)},
		{"people", rows_value(people)},
		{"has_people", value_bool(rows_count(people) > 0)},
		{"wrong", value_text(&wrong)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "staff_shift_page", page);
}

void staff_shift_show(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (page_number(rq, rs, &id))
		reply_shift(rq, rs, id, 200, STR_ABSENT);
}

/* What a button does, and what the page says then. */
static const struct press {
	const char *name;
	const char *type; /* of a check-in or check-out, else NULL */
	bool undo;
	int64_t minutes; /* late, else 0 */
	const char *note;
} presses[] = {
	{"check_in", "check_in", false, 0, "?note=shift_came"},
	{"check_out", "check_out", false, 0, "?note=shift_went"},
	{"undo_check_in", "check_in", true, 0, "?note=shift_undone"},
	{"undo_check_out", "check_out", true, 0, "?note=shift_undone"},
	{"late", NULL, false, 15, "?note=shift_late"},
	{"declined", NULL, false, 0, "?note=shift_declined"},
	{"coming", NULL, false, 0, "?note=shift_coming"},
	{"unassign", NULL, false, 0, "?note=shift_unassigned"},
};

static const char *const press_names[] = {
	"check_in",	  "check_out", "undo_check_in",
	"undo_check_out", "late",      "declined",
	"coming",	  "unassign",  NULL};

enum { PERSON, PRESS };

static const struct form_field press_fields[] = {
	[PERSON] = {.name = "person",
		    .label = "Person",
		    .type = FORM_NUMBER,
		    .required = true,
		    .least = 1,
		    .most = INT64_MAX},
	[PRESS] = {.name = "press",
		   .label = "What",
		   .type = FORM_CHOICE,
		   .required = true,
		   .choices = press_names},
	{.name = NULL},
};

static const struct press *press_find(struct str name)
{
	size_t i = 0;

	while (!str_equal(name, str_of(presses[i].name)))
		i++;
	return &presses[i];
}

static void press_send(struct request *rq, int64_t id, int64_t person,
		       const struct press *press)
{
	struct db *db = rq->app->db;
	struct str org = page_org(rq);

	if (press->type)
		(void)query_staff_shift_check(db, rq->arena, rq->session, org,
					      id, person, str_of(press->type),
					      press->undo);
	else if (strcmp(press->name, "unassign") == 0)
		query_staff_shift_unassign(db, rq->arena, rq->session, org, id,
					   person);
	else
		query_staff_shift_word(db, rq->arena, rq->session, org, id,
				       person, str_of(press->name),
				       press->minutes ? &press->minutes : NULL);
}

void staff_shift_press(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal;
	const struct press *press;
	struct form form;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	if (!form_read(rq, press_fields, &form)) {
		reply_shift(rq, rs, id, 422, message_find(STR("bad_choice")));
		return;
	}
	press = press_find(form_get(&form, "press"));
	press_send(rq, id, form_number(&form, "person"), press);
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_shift(rq, rs, id, refusal->status,
			    message_find(refusal->key));
	else
		reply_see(rq, rs, staff_shift_path(rq, id, press->note));
}

/* --- assigning --- */

static const char *const yes[] = {"yes", NULL};
static const struct form_field anyway_fields[] = {
	{.name = "anyway",
	 .label = "All the same",
	 .type = FORM_CHOICE,
	 .choices = yes},
	{.name = NULL},
};

/* only: those who were ticked, when it is asked whether they are meant. */
static void reply_pick(struct request *rq, struct reply *rs, int64_t id,
		       int status, struct str wrong, struct str only)
{
	struct db *db = rq->app->db;
	struct str words = str_or(request_words(rq, "q"), STR(""));
	struct rows *shift = query_staff_shift_page(db, rq->arena, rq->session,
						    page_org(rq), id);
	struct rows *people = query_staff_shift_outside(
		db, rq->arena, rq->session, page_org(rq), id, words, only);

	if (!page_run(rq, rs))
		return;
	if (rows_count(shift) == 0) {
		page_absent(rq, rs);
		return;
	}
	ptrdiff_t count = rows_count(people);
	const struct value_field page[] = {
		{"shift", row_value(shift, 0)},
		{"people", rows_value(people)},
		{"has_rows", value_bool(count > 0)},
		{"has_more",
		 value_bool(count > 0 &&
			    query_staff_shift_outside_has_more(people, 0))},
		{"words", value_text(&words)},
		{"wrong", value_text(&wrong)},
		{"clashing", value_bool(!str_is_absent(only))},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "staff_shift_assign", page);
}

void staff_shift_pick(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (page_number(rq, rs, &id))
		reply_pick(rq, rs, id, 200, STR_ABSENT, STR_ABSENT);
}

void staff_shift_assign(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal = NULL;
	struct str who = enroll_ticks(rq);
	struct form form;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	(void)form_read(rq, anyway_fields, &form);
	(void)query_staff_shift_assign(
		rq->app->db, rq->arena, rq->session, page_org(rq), id, who,
		str_equal(form_get(&form, "anyway"), STR("yes")));
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_pick(rq, rs, id, refusal->status,
			   message_find(refusal->key),
			   str_equal(refusal->key, STR("shift_overlap"))
				   ? who
				   : STR_ABSENT);
	else
		reply_see(rq, rs,
			  staff_shift_path(rq, id, "?note=shift_assigned"));
}

/* --- cancelling --- */

enum { VERSION, SCOPE };

static const char *const scopes[] = {"this", "following", NULL};
static const struct form_field cancel_fields[] = {
	[VERSION] = {.name = "version",
		     .label = "Version",
		     .type = FORM_NUMBER,
		     .required = true,
		     .least = 0,
		     .most = INT32_MAX},
	[SCOPE] = {.name = "scope",
		   .label = "Which shifts",
		   .type = FORM_CHOICE,
		   .required = true,
		   .choices = scopes},
	{.name = NULL},
};

static void reply_question(struct request *rq, struct reply *rs, int64_t id)
{
	const struct form form = {
		.fields = cancel_fields,
		.count = 2,
		.values = {[SCOPE] = STR_INIT("this")},
		.ok = true,
	};
	struct rows *shift = query_staff_shift_page(
		rq->app->db, rq->arena, rq->session, page_org(rq), id);

	if (!page_run(rq, rs))
		return;
	if (rows_count(shift) == 0) {
		page_absent(rq, rs);
		return;
	}
	if (!query_staff_shift_page_can_change(shift, 0)) {
		reply_see(rq, rs, staff_shift_path(rq, id, ""));
		return;
	}
	const struct value_field page[] = {
		{"shift", row_value(shift, 0)},
		{"form", form_value(rq->arena, &form)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "staff_shift_cancel", page);
}

void staff_shift_cancel_ask(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (page_number(rq, rs, &id))
		reply_question(rq, rs, id);
}

void staff_shift_cancel(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal;
	struct form form;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	if (!form_read(rq, cancel_fields, &form)) {
		reply_shift(rq, rs, id, 422, message_find(STR("bad_choice")));
		return;
	}
	(void)query_staff_shift_cancel(
		rq->app->db, rq->arena, rq->session, page_org(rq), id,
		(int)form_number(&form, "version"), form_get(&form, "scope"));
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_shift(rq, rs, id, refusal->status,
			    message_find(refusal->key));
	else
		reply_see(rq, rs,
			  staff_shift_path(rq, id, "?note=shift_cancel"));
}
