/*
 * The contacts of whoever is signed in.  Must not know who is told when: the
 * SQL functions decide that.
 */
#include "pages/contact.h"

#include "query/contact.h"
#include "query/dashboard.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

static const struct form_field fields[] = {
	{.name = "name", .label = "Name", .type = FORM_LINE, .required = true},
	{.name = "email",
	 .label = "Email",
	 .type = FORM_EMAIL,
	 .required = true,
	 .most = 254},
	{.name = NULL},
};

static const struct form nothing = {.fields = fields, .count = 2, .ok = true};

/* wrong is what was wrong with a press and is at no field, or absent. */
static void reply_list(struct request *rq, struct reply *rs, int status,
		       const struct form *form, struct str wrong)
{
	struct db *db = rq->app->db;
	struct rows *watch = query_dashboard_watch(db, rq->arena, rq->session);
	struct rows *contacts = query_contact_list(db, rq->arena, rq->session);

	if (!page_run(rq, rs))
		return;
	bool enrolled = rows_count(watch) > 0 &&
			query_dashboard_watch_is_enrolled(watch, 0);
	const struct value_field page[] = {
		{"watch", row_value(watch, 0)},
		{"is_enrolled", value_bool(enrolled)},
		{"contacts", rows_value(contacts)},
		{"has_rows", value_bool(rows_count(contacts) > 0)},
		{"form", form_value(rq->arena, form)},
		{"wrong", value_text(&wrong)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "contact_list", page);
}

void contact_list(struct request *rq, struct reply *rs)
{
	reply_list(rq, rs, 200, &nothing, STR_ABSENT);
}

static bool is_at_field(const struct db_refusal *refusal)
{
	return str_equal(refusal->field, STR("name")) ||
	       str_equal(refusal->field, STR("email"));
}

void contact_add(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal = NULL;
	struct str wrong = STR_ABSENT;
	struct form form;

	if (form_read(rq, fields, &form)) {
		struct str email = form_get(&form, "email");

		(void)query_contact_add(rq->app->db, rq->arena, rq->session,
					form_get(&form, "name"), email,
					secret_address_hashes(rq->arena,
							      &rq->app->keys,
							      email));
		if (!page_post(rq, rs, &refusal))
			return;
		if (!refusal) {
			reply_see(rq, rs,
				  STR("/dashboard/contacts?note="
				      "contact_asked"));
			return;
		}
		if (is_at_field(refusal))
			form_fail(&form, refusal->field,
				  message_find(refusal->key));
		else
			wrong = message_find(refusal->key);
	}
	reply_list(rq, rs, refusal ? refusal->status : 422, &form, wrong);
}

/* --- the buttons at one --- */

static const char *const presses[] = {"up", "down", "ask", "remove", NULL};
static const struct form_field press_fields[] = {
	{.name = "press",
	 .label = "What",
	 .type = FORM_CHOICE,
	 .required = true,
	 .choices = presses},
	{.name = NULL},
};

/* Queues what was pressed, and gives the note that says so. */
static struct str queue_press(struct request *rq, int64_t id, struct str press)
{
	struct db *db = rq->app->db;

	if (str_equal(press, STR("ask"))) {
		query_contact_ask(db, rq->arena, rq->session, id);
		return STR("?note=contact_asked");
	}
	if (str_equal(press, STR("remove"))) {
		query_contact_remove(db, rq->arena, rq->session, id);
		return STR("?note=contact_removed");
	}
	query_contact_move(db, rq->arena, rq->session, id,
			   str_equal(press, STR("up")));
	return STR("");
}

void contact_press(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal;
	struct form form;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	if (!form_read(rq, press_fields, &form)) {
		reply_list(rq, rs, 422, &nothing,
			   message_find(STR("bad_choice")));
		return;
	}
	struct str note = queue_press(rq, id, form_get(&form, "press"));
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_list(rq, rs, refusal->status, &nothing,
			   message_find(refusal->key));
	else
		reply_see(rq, rs,
			  str_printf(rq->arena, "/dashboard/contacts%.*s",
				     STR_ARG(note)));
}
