/*
 * The page of a contact, who need not be a user.  Looking changes nothing;
 * only a pressed button does.  Must not know whom they are told about when.
 */
#include "pages/contact_link.h"

#include "pages/link.h"
#include "query/contact.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

static struct str path_of(struct request *rq, const struct link *link,
			  const char *after)
{
	return str_printf(rq->arena, "/contact/%.*s%s", STR_ARG(link->text),
			  after);
}

/* wrong is what was wrong with a press, or absent. */
static void reply_contact(struct request *rq, struct reply *rs,
			  const struct link *link, int status, struct str wrong)
{
	struct rows *contact =
		query_contact_link(rq->app->db, rq->arena, link->row,
				   link->generation, link->expires);

	if (!page_run(rq, rs))
		return;
	if (rows_count(contact) == 0) {
		page_absent(rq, rs);
		return;
	}
	struct str to = path_of(rq, link, "");
	const struct value_field page[] = {
		{"contact", row_value(contact, 0)},
		{"link", value_text(&to)},
		{"wrong", value_text(&wrong)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "contact_link", page);
}

void contact_link_show(struct request *rq, struct reply *rs)
{
	struct link link;

	if (link_read(rq, rs, TOKEN_CONTACT_CONSENT, &link))
		reply_contact(rq, rs, &link, 200, STR_ABSENT);
}

static const char *const answers[] = {"yes", "no", NULL};
static const struct form_field fields[] = {
	{.name = "answer",
	 .label = "Answer",
	 .type = FORM_CHOICE,
	 .required = true,
	 .choices = answers},
	{.name = NULL},
};

void contact_link_press(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal;
	struct link link;
	struct form form;

	if (!link_read(rq, rs, TOKEN_CONTACT_CONSENT, &link))
		return;
	if (!form_read(rq, fields, &form)) {
		reply_contact(rq, rs, &link, 422,
			      message_find(STR("bad_choice")));
		return;
	}
	(void)query_contact_answer(rq->app->db, rq->arena, link.row,
				   link.generation, link.expires,
				   form_get(&form, "answer"));
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_contact(rq, rs, &link, refusal->status,
			      message_find(refusal->key));
	else
		reply_see(rq, rs, path_of(rq, &link, "?note=contact_saved"));
}

void contact_link_data(struct request *rq, struct reply *rs)
{
	struct link link;

	if (!link_read(rq, rs, TOKEN_CONTACT_CONSENT, &link))
		return;
	struct rows *data = query_contact_data(rq->app->db, rq->arena, link.row,
					       link.generation);
	if (!page_run(rq, rs))
		return;
	struct str text = rows_count(data) > 0
				  ? query_contact_data_data(data, 0)
				  : STR_ABSENT;
	if (str_is_absent(text)) {
		page_absent(rq, rs);
		return;
	}
	reply_file(rs, STR("contact.json"), STR("application/json"));
	buf_add(&rs->body, text);
	buf_add_byte(&rs->body, '\n');
}

static const char *const sure[] = {"yes", NULL};
static const struct form_field erase_fields[] = {
	{.name = "sure",
	 .label = "I am sure",
	 .type = FORM_CHOICE,
	 .required = true,
	 .choices = sure},
	{.name = NULL},
};

void contact_link_erase(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	struct link link;
	struct form form;

	if (!link_read(rq, rs, TOKEN_CONTACT_CONSENT, &link))
		return;
	if (!form_read(rq, erase_fields, &form)) {
		reply_contact(rq, rs, &link, 422,
			      message_find(STR("erase_unsure")));
		return;
	}
	struct rows *data =
		query_contact_address(db, rq->arena, link.row, link.generation);
	if (!page_run(rq, rs))
		return;
	struct str email = rows_count(data) > 0
				   ? query_contact_address_email(data, 0)
				   : STR_ABSENT;
	if (str_is_absent(email)) {
		page_absent(rq, rs);
		return;
	}
	query_contact_erase(
		db, rq->arena, link.row, link.generation,
		secret_address_hashes(rq->arena, &rq->app->keys, email));
	if (page_run(rq, rs))
		reply_page(rq, rs, 200, "contact_erased", NULL);
}
