/*
 * A calendar file from an admin, to the events it becomes.  Must not know what
 * becomes of an entry: the SQL functions decide that.
 */
#include "pages/import.h"

#include "base/json.h"
#include "data/entries.h"
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
/* Longer than any other page may take, and less than nginx waits. */
#define IMPORT_MS 120000

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

/* --- a connection for what takes long --- */

/*
 * An import may take longer than a page's statement, and much memory in the
 * server and in libpq: it gets a connection of its own, which is closed.
 */
struct patience {
	struct app app;
	const struct app *lent;
};

static void patience_begin(struct request *rq, struct patience *patience)
{
	patience->lent = rq->app;
	patience->app = *rq->app;
	patience->app.db = db_open(rq->app->config.database_url,
				   "rollcall_staff", IMPORT_MS);
	rq->app = &patience->app;
}

static void patience_end(struct request *rq, struct patience *patience)
{
	rq->app = patience->lent;
	rq->viewer = NULL;
	db_close(patience->app.db);
}

/* As page_post(); SQLSTATE 57014: the statement took too long. */
static bool patient_post(struct request *rq, struct reply *rs,
			 const struct db_refusal **refusal)
{
	struct db *db = rq->app->db;

	if (db_run(db) == DB_AWAY && str_equal(db_sqlstate(db), STR("57014"))) {
		reply_problem(rq, rs, 503, STR("import_slow"));
		return false;
	}
	return page_post(rq, rs, refusal);
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

static struct str refused_json(struct arena *a, const struct entries *entries)
{
	struct buf json = buf_init(a, 1024);

	buf_add_byte(&json, '[');
	for (ptrdiff_t i = 0; i < entries->count; i++) {
		const struct verdict *v = &entries->verdicts[i];

		if (v->why.n == 0)
			continue;
		buf_printf(&json,
			   "%s{\"line\":%d,\"title\":", json.n > 1 ? "," : "",
			   v->line);
		json_add_text(&json, v->what);
		buf_add(&json, STR(",\"why\":"));
		json_add_text(&json, v->why);
		buf_add_byte(&json, '}');
	}
	buf_add_byte(&json, ']');
	return buf_str(&json);
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
	file->refused = refused_json(&file->arena, &file->entries);
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

static void reply_upload(struct request *rq, struct reply *rs, int64_t id,
			 const char *note)
{
	reply_see(rq, rs,
		  str_printf(rq->arena, "/staff/%.*s/import/%lld%s",
			     STR_ARG(page_org(rq)), (long long)id, note));
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
	if (!patient_post(rq, rs, &refusal))
		return;
	if (!refusal) {
		reply_upload(rq, rs, query_upload_hold_id(held, 0), "");
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

/* --- one that was handed in --- */

void import_page(struct request *rq, struct reply *rs)
{
	struct str slug = page_org(rq);
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	struct rows *upload = query_upload_page(rq->app->db, rq->arena,
						rq->session, slug, id);
	struct rows *verdicts = query_upload_verdicts(rq->app->db, rq->arena,
						      rq->session, slug, id);
	if (!page_run(rq, rs))
		return;
	if (rows_count(upload) == 0) {
		page_absent(rq, rs);
		return;
	}

	const struct value_field page[] = {
		{"upload", row_value(upload, 0)},
		{"verdicts", rows_value(verdicts)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "staff_import_page", page);
}

static void confirm(struct request *rq, struct reply *rs, int64_t id)
{
	const struct db_refusal *refusal = NULL;
	struct rows *done = query_upload_import(rq->app->db, rq->arena,
						rq->session, page_org(rq), id);

	if (!patient_post(rq, rs, &refusal))
		return;
	if (refusal)
		reply_upload(rq, rs, id, "?note=import_busy");
	else
		reply_upload(rq, rs, id,
			     query_upload_import_imported(done, 0)
				     ? "?note=imported"
				     : "?note=was_imported");
}

void import_confirm(struct request *rq, struct reply *rs)
{
	struct patience patience;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	/* Who is looking was asked for on the lent connection. */
	if (!page_run(rq, rs))
		return;
	patience_begin(rq, &patience);
	confirm(rq, rs, id);
	patience_end(rq, &patience);
}

void import_discard(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	struct rows *done = query_upload_discard(rq->app->db, rq->arena,
						 rq->session, page_org(rq), id);
	if (!page_run(rq, rs))
		return;
	if (query_upload_discard_discarded(done, 0))
		reply_see(rq, rs,
			  str_printf(rq->arena,
				     "/staff/%.*s/import?note=discarded",
				     STR_ARG(page_org(rq))));
	else
		reply_upload(rq, rs, id, "?note=was_imported");
}
