/*
 * A calendar file from an admin, to the events it becomes.  Must not know what
 * becomes of an entry: the SQL functions decide that.
 */
#include "pages/import.h"

#include "data/entries.h"
#include "pages/upload.h"
#include "query/import.h"
#include "query/upload.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

/* A cap; what is taken goes with the file, and all of it after the page. */
#define READING_MAX ((size_t)448 * 1024 * 1024)
/* What jsonb takes in one piece, with room for its own form. */
#define ENTRIES_MAX ((ptrdiff_t)64 * 1024 * 1024)

static const struct form_field fields[] = {
	{.name = "calendar",
	 .label = "Calendar file",
	 .type = FORM_FILE,
	 .required = true},
	{.name = NULL},
};

/* --- the form --- */

static void reply_form(struct request *rq, struct reply *rs, int status,
		       const struct form *form)
{
	struct rows *uploads = query_upload_list(rq->app->db, rq->arena,
						 rq->session, page_org(rq));
	if (!page_run(rq, rs))
		return;

	const struct value_field page[] = {
		{"uploads", rows_value(uploads)},
		{"has_uploads", value_bool(rows_count(uploads) > 0)},
		{"form", form_value(rq->arena, form)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "staff_import_form", page);
}

void import_show(struct request *rq, struct reply *rs)
{
	const struct form form = {.fields = fields, .count = 1, .ok = true};

	reply_form(rq, rs, 200, &form);
}

/* --- looking at a file --- */

/* What was sent, and what stands in it. */
struct calendar_file {
	struct arena arena;
	struct str name;
	struct str text;
	struct entries entries;
	struct str refused; /* JSON for hold_upload() */
};

static bool fail(struct form *form, struct str sentence)
{
	form_fail(form, STR("calendar"), sentence);
	return false;
}

/* False, with an error in the form, for what is no calendar of use. */
static bool entries_take(struct calendar_file *file, const struct rows *window,
			 struct form *form)
{
	struct str why;

	if (!entries_read(&file->arena, file->text,
			  query_import_window_starts(window, 0),
			  query_import_window_ends(window, 0), &file->entries,
			  &why))
		return fail(form,
			    str_printf(&file->arena,
				       "We cannot read %.*s: %.*s",
				       STR_ARG(file->name), STR_ARG(why)));
	if (file->entries.count == 0)
		return fail(form, message_find(STR("file_no_events")));
	file->refused = verdict_refused(&file->arena, file->entries.verdicts,
					file->entries.count);
	if (file->entries.json.n > ENTRIES_MAX || file->refused.n > ENTRIES_MAX)
		return fail(form, message_find(STR("file_many_events")));
	return true;
}

static struct rows *hold(struct request *rq, const struct calendar_file *file)
{
	struct str name = str_or(file->name, STR("calendar.ics"));

	return query_upload_hold(rq->app->db, rq->arena, rq->session,
				 page_org(rq), name, (int)file->text.n,
				 file->entries.json, file->refused);
}

static void look(struct request *rq, struct reply *rs,
		 struct calendar_file *file, struct form *form)
{
	const struct db_refusal *refusal = NULL;
	struct rows *window = query_import_window(rq->app->db, rq->arena);

	if (!page_run(rq, rs))
		return;
	if (!entries_take(file, window, form)) {
		reply_form(rq, rs, 422, form);
		return;
	}
	struct rows *held = hold(rq, file);
	if (!patience_post(rq, rs, &refusal))
		return;
	if (!refusal) {
		upload_reply(rq, rs, query_upload_hold_id(held, 0), "");
		return;
	}
	(void)fail(form, message_find(refusal->key));
	reply_form(rq, rs, refusal->status, form);
}

void import_look(struct request *rq, struct reply *rs)
{
	struct calendar_file file = {0};
	struct patience patience;
	struct form form;

	if (!form_read(rq, fields, &form)) {
		reply_form(rq, rs, 422, &form);
		return;
	}
	file.name = form_get(&form, "calendar");
	file.text = request_file(rq, STR("calendar"))->bytes;
	if (file.text.n > REQUEST_FILE_MAX) {
		(void)fail(&form, message_find(STR("file_large")));
		reply_form(rq, rs, 413, &form);
		return;
	}
	arena_init(&file.arena, READING_MAX);
	patience_begin(rq, &patience);
	look(rq, rs, &file, &form);
	patience_end(rq, &patience);
	arena_release(&file.arena);
}
