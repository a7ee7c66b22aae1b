/*
 * What a device at the door sends when it reaches us, and gets back.  Must
 * not know what becomes of an attempt: the SQL function decides that.
 */
#include "pages/door_sync.h"

#include "base/json.h"
#include "query/door.h"
#include "query/door_sync.h"
#include "query/own_data.h"
#include "web/form.h"
#include "web/page.h"

#define ATTEMPTS_MAX 100
#define UUID_LENGTH 36

static const char *const choices[] = {"yes", "no", NULL};
static const struct form_field fields[] = {
	{.name = "device",
	 .label = "Device",
	 .type = FORM_LINE,
	 .required = true,
	 .most = UUID_LENGTH},
	{.name = "contact",
	 .label = "Contact",
	 .type = FORM_LINE,
	 .most = UUID_LENGTH},
	{.name = "whole",
	 .label = "Whole list",
	 .type = FORM_CHOICE,
	 .required = true,
	 .choices = choices},
	{.name = "attempts",
	 .label = "Attempts",
	 .type = FORM_TEXT,
	 .required = true,
	 .most = REQUEST_BODY_MAX},
	{.name = NULL},
};

/* Whether text is a JSON array of objects, and of not too many. */
static bool are_attempts(struct arena *a, struct str text)
{
	struct str why;
	struct json *json = json_read(a, text, &why);
	bool ok;

	if (!json)
		return false;
	ok = json_type(json) == JSON_IS_ARRAY &&
	     json_count(json) <= ATTEMPTS_MAX;
	for (ptrdiff_t i = 0; ok && i < json_count(json); i++)
		ok = json_type(json_item(json, i)) == JSON_IS_OBJECT;
	json_free(json);
	return ok;
}

/* Of who may be new: what they said to us under that address before. */
static void know_addresses(struct request *rq, struct str attempts)
{
	struct str why;
	struct json *json = json_read(rq->arena, attempts, &why);

	for (ptrdiff_t i = 0; i < json_count(json); i++) {
		const struct json *email =
			json_member(json_item(json, i), STR("email"));
		struct str address;

		if (!email || json_type(email) != JSON_IS_TEXT)
			continue;
		address = json_text(rq->arena, email);
		query_know_address(rq->app->db, rq->arena, address,
				   secret_address_hashes(
					   rq->arena, &rq->app->keys, address));
	}
	json_free(json);
}

void door_sync(struct request *rq, struct reply *rs)
{
	struct form form;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	if (!form_read(rq, fields, &form) ||
	    !are_attempts(rq->arena, form_get(&form, "attempts"))) {
		reply_problem(rq, rs, 422, STR(""));
		return;
	}
	struct rows *synced = query_door_sync(
		rq->app->db, rq->arena, rq->session, page_org(rq), id,
		form_get(&form, "device"), form_get(&form, "contact"),
		str_equal(form_get(&form, "whole"), STR("yes")),
		form_get(&form, "attempts"), rq->id);
	know_addresses(rq, form_get(&form, "attempts"));
	struct rows *event = query_door_event(rq->app->db, rq->arena,
					      rq->session, page_org(rq), id);
	if (!page_run(rq, rs))
		return;
	rs->content_type = STR("application/json");
	buf_printf(&rs->body, "{\"counts\":%.*s,",
		   STR_ARG(query_door_event_counts(event, 0)));
	/* An object, too: its members go on where ours end. */
	rs->rest = str_from(query_door_sync_answer(synced, 0), 1);
}
