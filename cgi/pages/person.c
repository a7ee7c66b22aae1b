/*
 * The people of an organisation: the list, one of them, and what admins do
 * about them.  Must not know who may do what: the SQL functions decide that.
 */
#include "pages/person.h"

#include "pages/cursor.h"
#include "pages/table_file.h"
#include "query/own_data.h"
#include "query/person.h"
#include "query/settings.h"
#include "query/staff.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"
#include "web/url.h"

/* --- the list --- */

static struct str next_page(struct arena *a, const struct rows *people,
			    struct str search)
{
	ptrdiff_t last = rows_count(people) - 1;
	long long id;

	if (last < 0 || !query_person_list_has_more(people, last))
		return STR_ABSENT;
	id = query_person_list_id(people, last);
	if (search.n <= 0)
		return str_printf(a, "after=%lld", id);
	return str_printf(a, "q=%.*s&after=%lld",
			  STR_ARG(url_encode(a, search)), id);
}

void person_list(struct request *rq, struct reply *rs)
{
	struct str search = request_words(rq, "q");
	const int64_t *after = request_query_number(rq, "after");
	struct rows *people =
		query_person_list(rq->app->db, rq->arena, rq->session,
				  page_org(rq), search, after);
	if (!page_run(rq, rs))
		return;

	struct str next = next_page(rq->arena, people, search);
	bool has_rows = rows_count(people) > 0;
	bool is_cut = has_rows && query_person_list_is_cut(people, 0);
	const struct value_field page[] = {
		{"people", rows_value(people)},
		{"has_rows", value_bool(has_rows)},
		{"is_cut", value_bool(is_cut)},
		{"search", value_text(&search)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "staff_person_list", page);
}

/* --- one more --- */

static const char *const roles[] = {"member", "door", "staff", "admin", NULL};
static const struct form_field add_fields[] = {
	{.name = "email",
	 .label = "Email",
	 .type = FORM_EMAIL,
	 .required = true,
	 .most = 254},
	{.name = "name", .label = "Name", .type = FORM_LINE, .required = true},
	{.name = "timezone", .label = "Time zone", .type = FORM_LINE},
	{.name = "role",
	 .label = "Role",
	 .type = FORM_CHOICE,
	 .required = true,
	 .choices = roles},
	{.name = NULL},
};

static void reply_form(struct request *rq, struct reply *rs, int status,
		       const struct form *form)
{
	/* A refused form offers those that hold what was typed. */
	struct rows *zones = query_settings_zones(
		rq->app->db, rq->arena, rq->session,
		status == 200 ? STR_ABSENT
			      : str_or(form_get(form, "timezone"), STR("")));
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"zones", rows_value(zones)},
		{"has_zones", value_bool(rows_count(zones) > 0)},
		{"form", form_value(rq->arena, form)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "staff_person_add", page);
}

void person_new(struct request *rq, struct reply *rs)
{
	const struct form empty = {
		.fields = add_fields,
		.count = 4,
		.values = {[3] = STR("member")},
		.ok = true,
	};

	reply_form(rq, rs, 200, &empty);
}

static void reply_person(struct request *rq, struct reply *rs, int64_t person,
			 const char *note)
{
	reply_see(rq, rs,
		  str_printf(rq->arena, "/staff/%.*s/people/%lld?note=%s",
			     STR_ARG(page_org(rq)), (long long)person, note));
}

void person_add(struct request *rq, struct reply *rs)
{
	struct form form;
	const struct db_refusal *refusal;

	if (!form_read(rq, add_fields, &form)) {
		reply_form(rq, rs, 422, &form);
		return;
	}
	struct rows *added = query_person_add(
		rq->app->db, rq->arena, rq->session, page_org(rq),
		form_get(&form, "email"), form_get(&form, "name"),
		str_or(form_get(&form, "timezone"), STR_ABSENT),
		form_get(&form, "role"), rq->id);
	query_know_address(rq->app->db, rq->arena, form_get(&form, "email"),
			   secret_address_hashes(rq->arena, &rq->app->keys,
						 form_get(&form, "email")));
	if (!page_post(rq, rs, &refusal))
		return;
	if (!refusal) {
		reply_person(rq, rs, query_person_add_person(added, 0),
			     query_person_add_is_new(added, 0) ? "person_added"
							       : "person_here");
		return;
	}
	form_fail(&form, refusal->field, message_find(refusal->key));
	reply_form(rq, rs, refusal->status, &form);
}

/* --- one of them --- */

/* Rows of answers on the person's page, and on the page of all of them. */
#define ANSWERS_FEW 5
#define ANSWERS_MANY 50

static struct str history_next(struct arena *a, const struct rows *history)
{
	ptrdiff_t last = rows_count(history) - 1;

	if (last < 0 || !query_person_history_has_more(history, last))
		return STR_ABSENT;
	return cursor_next(a, "before",
			   query_person_history_cursor_at(history, last),
			   query_person_history_event_id(history, last));
}

void person_answers(struct request *rq, struct reply *rs)
{
	struct cursor from = cursor_read(rq, "before");
	struct db *db = rq->app->db;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	struct rows *person =
		query_person_page(db, rq->arena, rq->session, page_org(rq), id);
	struct rows *history =
		query_person_history(db, rq->arena, rq->session, page_org(rq),
				     id, from.at, from.event, ANSWERS_MANY);
	if (!page_run(rq, rs))
		return;
	if (rows_count(person) == 0) {
		page_absent(rq, rs);
		return;
	}

	struct str next = history_next(rq->arena, history);
	const struct value_field page[] = {
		{"person", row_value(person, 0)},
		{"history", rows_value(history)},
		{"has_rows", value_bool(rows_count(history) > 0)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "staff_person_answers", page);
}

void person_file(struct request *rq, struct reply *rs)
{
	static const char *const columns[] = {
		"event",     "starts_at", "organisation", "door",
		"marked_at", "answer",	  "rating",	  NULL};
	struct db *db = rq->app->db;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	struct rows *person =
		query_person_page(db, rq->arena, rq->session, page_org(rq), id);
	struct rows *history =
		query_person_file(db, rq->arena, rq->session, page_org(rq), id);
	if (table_file_is_there(rq, rs, person))
		table_file_reply(rq, rs, "history", rq->params[1], history,
				 columns);
}

/* wrong: a sentence above it all; absent: all is well. */
static void reply_one(struct request *rq, struct reply *rs, int64_t id,
		      int status, struct str wrong)
{
	struct db *db = rq->app->db;
	struct rows *person =
		query_person_page(db, rq->arena, rq->session, page_org(rq), id);
	struct rows *changes = query_person_changes(db, rq->arena, rq->session,
						    page_org(rq), id);
	struct rows *history =
		query_person_history(db, rq->arena, rq->session, page_org(rq),
				     id, NULL, NULL, ANSWERS_FEW);
	struct rows *doors = query_person_doors(db, rq->arena, rq->session,
						page_org(rq), id);
	if (!page_run(rq, rs))
		return;
	if (rows_count(person) == 0) {
		page_absent(rq, rs);
		return;
	}

	struct str next = history_next(rq->arena, history);
	const struct value_field page[] = {
		{"person", row_value(person, 0)},
		{"doors", row_value(doors, 0)},
		{"history", rows_value(history)},
		{"has_rows", value_bool(rows_count(history) > 0)},
		{"next", value_text(&next)},
		{"changes", rows_value(changes)},
		{"wrong", value_text(&wrong)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "staff_person_page", page);
}

void person_show(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (page_number(rq, rs, &id))
		reply_one(rq, rs, id, 200, STR_ABSENT);
}

/* Runs what was queued: false when it was refused and the page says so. */
static bool is_done(struct request *rq, struct reply *rs, int64_t id)
{
	const struct db_refusal *refusal;

	if (!page_post(rq, rs, &refusal))
		return false;
	if (refusal)
		reply_one(rq, rs, id, refusal->status,
			  message_find(refusal->key));
	return !refusal;
}

/* Who has just given up their own right to be here. */
static bool is_own(const struct request *rq, int64_t id)
{
	return query_staff_viewer_user_id(rq->viewer, 0) == id;
}

static bool is_staff(struct str role)
{
	return str_equal(role, STR("staff")) || str_equal(role, STR("admin"));
}

void person_role(struct request *rq, struct reply *rs)
{
	static const struct form_field fields[] = {
		{.name = "was",
		 .label = "Role",
		 .type = FORM_CHOICE,
		 .required = true,
		 .choices = roles},
		{.name = "role",
		 .label = "Role",
		 .type = FORM_CHOICE,
		 .required = true,
		 .choices = roles},
		{.name = NULL},
	};
	struct form form;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	if (!form_read(rq, fields, &form)) {
		reply_one(rq, rs, id, 422, message_find(STR("bad_role")));
		return;
	}
	query_person_role(rq->app->db, rq->arena, rq->session, page_org(rq), id,
			  form_get(&form, "was"), form_get(&form, "role"),
			  rq->id);
	if (!is_done(rq, rs, id))
		return;
	if (is_own(rq, id) && !is_staff(form_get(&form, "role")))
		reply_see(rq, rs, STR("/events?note=role_changed"));
	else
		reply_person(rq, rs, id, "role_changed");
}

void person_responder(struct request *rq, struct reply *rs)
{
	static const char *const words[] = {"yes", "no", NULL};
	static const struct form_field fields[] = {
		{.name = "responder",
		 .label = "Responder",
		 .type = FORM_CHOICE,
		 .required = true,
		 .choices = words},
		{.name = NULL},
	};
	struct form form;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	if (!form_read(rq, fields, &form)) {
		reply_one(rq, rs, id, 422, form.errors[0]);
		return;
	}
	bool given = str_equal(form_get(&form, "responder"), STR("yes"));
	query_person_responder(rq->app->db, rq->arena, rq->session,
			       page_org(rq), id, given, rq->id);
	if (is_done(rq, rs, id))
		reply_person(rq, rs, id,
			     given ? "responder_given" : "responder_taken");
}

void person_remove(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	query_person_remove(rq->app->db, rq->arena, rq->session, page_org(rq),
			    id, rq->id);
	if (!is_done(rq, rs, id))
		return;
	if (is_own(rq, id))
		reply_see(rq, rs, STR("/events?note=person_removed"));
	else
		reply_see(rq, rs,
			  str_printf(rq->arena,
				     "/staff/%.*s/people?note=person_removed",
				     STR_ARG(page_org(rq))));
}

void person_mail(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	query_person_mail(rq->app->db, rq->arena, rq->session, page_org(rq),
			  id);
	if (is_done(rq, rs, id))
		reply_person(rq, rs, id, "mail_again");
}
