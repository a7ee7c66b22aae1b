/*
 * A person's devices.  Must not show a token: it is the device's own.
 */
#include "pages/device.h"

#include <inttypes.h>

#include "base/json.h"
#include "query/device.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

enum { TOKEN, NAME };

static const struct form_field fields[] = {
	[TOKEN] = {.name = "token",
		   .label = "Token",
		   .type = FORM_LINE,
		   .required = true,
		   .most = 4096},
	[NAME] = {.name = "name",
		  .label = "Name",
		  .type = FORM_LINE,
		  .required = true,
		  .most = 200},
	{.name = NULL},
};

void device_list(struct request *rq, struct reply *rs)
{
	struct rows *devices =
		query_device_list(rq->app->db, rq->arena, rq->session);
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"devices", rows_value(devices)},
		{"has_push", value_bool(rq->app->config.push_url.n > 0)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "me_devices", page);
}

void device_remove(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	query_device_remove(rq->app->db, rq->arena, rq->session, id);
	if (page_run(rq, rs))
		reply_see(rq, rs, STR("/me/devices?note=device_removed"));
}

void device_tell(struct request *rq, struct reply *rs)
{
	struct rows *devices =
		query_device_list(rq->app->db, rq->arena, rq->session);
	if (!page_run(rq, rs))
		return;

	rs->content_type = STR("application/json");
	buf_add(&rs->body, STR("{\"csrf\":"));
	json_add_text(&rs->body, rq->csrf);
	buf_add(&rs->body, STR(",\"devices\":["));
	for (ptrdiff_t i = 0; i < rows_count(devices); i++) {
		buf_printf(&rs->body,
			   "%s{\"id\":%" PRId64 ",\"name\":", i ? "," : "",
			   query_device_list_id(devices, i));
		json_add_text(&rs->body, query_device_list_name(devices, i));
		buf_add_byte(&rs->body, '}');
	}
	buf_add(&rs->body, STR("]}\n"));
}

static void reply_refusal(struct reply *rs, struct str key, struct str field,
			  struct str sentence)
{
	rs->status = 422;
	rs->content_type = STR("application/json");
	buf_add(&rs->body, STR("{\"error\":"));
	json_add_text(&rs->body, key);
	buf_add(&rs->body, STR(",\"field\":"));
	json_add_text(&rs->body, field);
	buf_add(&rs->body, STR(",\"sentence\":"));
	json_add_text(&rs->body, sentence);
	buf_add(&rs->body, STR("}\n"));
}

void device_add(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal = NULL;
	struct form form;

	if (!form_read(rq, fields, &form)) {
		if (str_is_absent(form.errors[TOKEN]))
			reply_refusal(rs, STR("bad_name"), STR("name"),
				      form.errors[NAME]);
		else
			reply_refusal(rs, STR("bad_device"), STR("token"),
				      form.errors[TOKEN]);
		return;
	}
	struct rows *added = query_device_add(
		rq->app->db, rq->arena, rq->session, form_get(&form, "token"),
		form_get(&form, "name"));
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal) {
		reply_refusal(rs, refusal->key, refusal->field,
			      message_find(refusal->key));
		return;
	}
	rs->status = 201;
	rs->content_type = STR("application/json");
	buf_printf(&rs->body, "{\"id\":%" PRId64 "}\n",
		   query_device_add_id(added, 0));
}
