/*
 * Shifts that an admin brings in by a file.  Must not know what becomes of a
 * row: the SQL functions decide that.
 */
#include "pages/staff_shift_file.h"

#include "data/shifts.h"
#include "pages/upload.h"
#include "query/upload.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

/* A cap for what is taken with the file, and all of it after the page. */
#define READING_MAX ((size_t)64 * 1024 * 1024)

static const struct form_field fields[] = {
	{.name = "list", .label = "File", .type = FORM_FILE, .required = true},
	{.name = NULL},
};

static const struct form empty = {.fields = fields, .count = 1, .ok = true};

static void reply_list(struct request *rq, struct reply *rs, int status,
		       const struct form *form)
{
	struct rows *uploads = query_upload_shifts(rq->app->db, rq->arena,
						   rq->session, page_org(rq));

	if (!page_run(rq, rs))
		return;
	const struct value_field page[] = {
		{"uploads", rows_value(uploads)},
		{"has_uploads", value_bool(rows_count(uploads) > 0)},
		{"form", form_value(rq->arena, form)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "staff_shift_import", page);
}

/* Reads the file, and has it kept with what would become of each row. */
static void hold(struct request *rq, struct reply *rs, struct arena *a,
		 struct form *form)
{
	const struct db_refusal *refusal = NULL;
	struct str text = request_file(rq, STR("list"))->bytes;
	struct table table;
	struct str why;

	if (!shifts_read(a, text, &table, &why)) {
		form_fail(form, STR("list"),
			  str_printf(rq->arena,
				     "We cannot read this file: %.*s.",
				     STR_ARG(why)));
		reply_list(rq, rs, 422, form);
		return;
	}
	if (table.count == 0) {
		form_fail(form, STR("list"),
			  message_find(STR("file_no_shifts")));
		reply_list(rq, rs, 422, form);
		return;
	}
	struct rows *held = query_upload_hold_shifts(
		rq->app->db, rq->arena, rq->session, page_org(rq),
		str_or(form_get(form, "list"), STR("shifts.csv")), (int)text.n,
		table.json, verdict_refused(a, table.verdicts, table.count));

	if (!patience_post(rq, rs, &refusal))
		return;
	if (!refusal) {
		upload_reply(rq, rs, query_upload_hold_shifts_id(held, 0), "");
		return;
	}
	form_fail(form, STR("list"), message_find(refusal->key));
	reply_list(rq, rs, refusal->status, form);
}

void staff_shift_file(struct request *rq, struct reply *rs)
{
	reply_list(rq, rs, 200, &empty);
}

void staff_shift_file_look(struct request *rq, struct reply *rs)
{
	struct patience patience;
	struct arena arena;
	struct form form;

	if (!form_read(rq, fields, &form)) {
		reply_list(rq, rs, 422, &form);
		return;
	}
	if (request_file(rq, STR("list"))->bytes.n > SHIFTS_FILE_MAX) {
		form_fail(&form, STR("list"), message_find(STR("list_large")));
		reply_list(rq, rs, 413, &form);
		return;
	}
	/* Who is looking was asked for on the lent connection. */
	if (!page_run(rq, rs))
		return;
	arena_init(&arena, READING_MAX);
	patience_begin(rq, &patience);
	hold(rq, rs, &arena, &form);
	patience_end(rq, &patience);
	arena_release(&arena);
}
