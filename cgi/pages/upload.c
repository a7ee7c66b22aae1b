/*
 * Files that were handed in: what would become of them, the yes and the no.
 * Must not know what stands in them.
 */
#include "pages/upload.h"

#include "query/upload.h"
#include "view/rows.h"
#include "web/page.h"

/* Longer than any other page may take, and less than nginx waits. */
#define IMPORT_MS 120000

/* --- a connection for what takes long --- */

void patience_begin(struct request *rq, struct patience *patience)
{
	patience->lent = rq->app;
	patience->app = *rq->app;
	patience->app.db = db_open(rq->app->config.database_url,
				   "rollcall_staff", IMPORT_MS);
	rq->app = &patience->app;
}

void patience_end(struct request *rq, struct patience *patience)
{
	rq->app = patience->lent;
	rq->viewer = NULL;
	db_close(patience->app.db);
}

/* SQLSTATE 57014: the statement took too long. */
bool patience_post(struct request *rq, struct reply *rs,
		   const struct db_refusal **refusal)
{
	struct db *db = rq->app->db;

	if (db_run(db) == DB_AWAY && str_equal(db_sqlstate(db), STR("57014"))) {
		reply_problem(rq, rs, 503, STR("import_slow"));
		return false;
	}
	return page_post(rq, rs, refusal);
}

void upload_reply(struct request *rq, struct reply *rs, int64_t id,
		  const char *note)
{
	reply_see(rq, rs,
		  str_printf(rq->arena, "/staff/%.*s/import/%lld%s",
			     STR_ARG(page_org(rq)), (long long)id, note));
}

/* --- one that was handed in --- */

void upload_page(struct request *rq, struct reply *rs)
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
	reply_page(rq, rs, 200, "staff_upload_page", page);
}

static void confirm(struct request *rq, struct reply *rs, int64_t id)
{
	const struct db_refusal *refusal = NULL;
	struct rows *done = query_upload_import(rq->app->db, rq->arena,
						rq->session, page_org(rq), id);

	if (!patience_post(rq, rs, &refusal))
		return;
	if (refusal)
		upload_reply(rq, rs, id, "?note=import_busy");
	else
		upload_reply(rq, rs, id,
			     query_upload_import_imported(done, 0)
				     ? "?note=imported"
				     : "?note=was_imported");
}

void upload_confirm(struct request *rq, struct reply *rs)
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

/* Where the form stands that this file came by. */
static struct str form_path(struct request *rq, const struct rows *upload)
{
	struct str slug = page_org(rq);

	if (query_upload_page_is_shifts(upload, 0))
		return str_printf(rq->arena, "/staff/%.*s/shifts/import",
				  STR_ARG(slug));
	if (!query_upload_page_is_people(upload, 0))
		return str_printf(rq->arena, "/staff/%.*s/import",
				  STR_ARG(slug));
	if (query_upload_page_event_id(upload, 0) == 0)
		return str_printf(rq->arena, "/staff/%.*s/people/import",
				  STR_ARG(slug));
	return str_printf(rq->arena, "/staff/%.*s/events/%lld/people/import",
			  STR_ARG(slug),
			  (long long)query_upload_page_event_id(upload, 0));
}

void upload_discard(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	struct rows *upload =
		query_upload_page(db, rq->arena, rq->session, page_org(rq), id);
	struct rows *done = query_upload_discard(db, rq->arena, rq->session,
						 page_org(rq), id);
	if (!page_run(rq, rs))
		return;
	if (query_upload_discard_discarded(done, 0))
		reply_see(rq, rs,
			  str_printf(rq->arena, "%.*s?note=discarded",
				     STR_ARG(form_path(rq, upload))));
	else
		upload_reply(rq, rs, id, "?note=was_imported");
}
