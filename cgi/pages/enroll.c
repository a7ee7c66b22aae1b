/*
 * People whom a team brings in.  Must not know what becomes of a row, nor who
 * gets a place: the SQL functions decide that.
 */
#include "pages/enroll.h"

#include "base/json.h"
#include "data/people.h"
#include "pages/upload.h"
#include "query/participant.h"
#include "query/upload.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"

/* A cap for what is taken with the file, and all of it after the page. */
#define READING_MAX ((size_t)96 * 1024 * 1024)

/* --- a file --- */

static const struct form_field file_fields[] = {
	{.name = "list", .label = "File", .type = FORM_FILE, .required = true},
	{.name = NULL},
};

/* event: NULL for the organisation alone. */
static void reply_list(struct request *rq, struct reply *rs, int status,
		       const int64_t *event, const struct form *form)
{
	struct db *db = rq->app->db;
	struct rows *head = NULL;

	if (event)
		head = query_participant_event(db, rq->arena, rq->session,
					       page_org(rq), *event);
	struct rows *uploads = query_upload_people(db, rq->arena, rq->session,
						   page_org(rq), event);
	if (!page_run(rq, rs))
		return;
	if (head && rows_count(head) == 0) {
		page_absent(rq, rs);
		return;
	}
	const struct value_field page[] = {
		{"event", head ? row_value(head, 0) : value_absent()},
		{"uploads", rows_value(uploads)},
		{"has_uploads", value_bool(rows_count(uploads) > 0)},
		{"form", form_value(rq->arena, form)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "staff_people_import", page);
}

static const struct form empty_file = {
	.fields = file_fields, .count = 1, .ok = true};

/* Reads the file, and has it kept with what would become of each row. */
static void hold(struct request *rq, struct reply *rs, struct arena *a,
		 const int64_t *event, struct form *form)
{
	const struct db_refusal *refusal = NULL;
	struct str text = request_file(rq, STR("list"))->bytes;
	struct people people;
	struct str why;

	if (!people_read(a, text, &people, &why)) {
		form_fail(form, STR("list"),
			  str_printf(rq->arena,
				     "We cannot read this file: "
				     "%.*s.",
				     STR_ARG(why)));
		reply_list(rq, rs, 422, event, form);
		return;
	}
	if (people.count == 0) {
		form_fail(form, STR("list"),
			  message_find(STR("file_no_people")));
		reply_list(rq, rs, 422, event, form);
		return;
	}
	struct rows *held = query_upload_hold_people(
		rq->app->db, rq->arena, rq->session, page_org(rq), event,
		str_or(form_get(form, "list"), STR("people.csv")), (int)text.n,
		people.json, people_hashes(a, &people, &rq->app->keys),
		verdict_refused(a, people.verdicts, people.count));

	if (!patience_post(rq, rs, &refusal))
		return;
	if (!refusal) {
		upload_reply(rq, rs, query_upload_hold_people_id(held, 0), "");
		return;
	}
	form_fail(form, STR("list"), message_find(refusal->key));
	reply_list(rq, rs, refusal->status, event, form);
}

static void look(struct request *rq, struct reply *rs, const int64_t *event)
{
	struct patience patience;
	struct arena arena;
	struct form form;

	if (!form_read(rq, file_fields, &form)) {
		reply_list(rq, rs, 422, event, &form);
		return;
	}
	if (request_file(rq, STR("list"))->bytes.n > PEOPLE_FILE_MAX) {
		form_fail(&form, STR("list"), message_find(STR("list_large")));
		reply_list(rq, rs, 413, event, &form);
		return;
	}
	/* Who is looking was asked for on the lent connection. */
	if (!page_run(rq, rs))
		return;
	arena_init(&arena, READING_MAX);
	patience_begin(rq, &patience);
	hold(rq, rs, &arena, event, &form);
	patience_end(rq, &patience);
	arena_release(&arena);
}

void enroll_file(struct request *rq, struct reply *rs)
{
	reply_list(rq, rs, 200, NULL, &empty_file);
}

void enroll_file_look(struct request *rq, struct reply *rs)
{
	look(rq, rs, NULL);
}

void enroll_event_file(struct request *rq, struct reply *rs)
{
	int64_t event;

	if (page_number(rq, rs, &event))
		reply_list(rq, rs, 200, &event, &empty_file);
}

void enroll_event_file_look(struct request *rq, struct reply *rs)
{
	int64_t event;

	if (page_number(rq, rs, &event))
		look(rq, rs, &event);
}

/* --- picked --- */

struct str enroll_ticks(const struct request *rq)
{
	struct request_fields at = request_fields(rq);
	struct buf json = buf_init(rq->arena, 256);
	struct str name, value;
	int64_t id;
	bool bad;

	buf_add_byte(&json, '[');
	while (request_next_field(rq, &at, &name, &value, &bad)) {
		if (bad || !str_equal(name, STR("tick[]")) ||
		    !str_read_int(value, &id))
			continue;
		if (json.n > 1)
			buf_add_byte(&json, ',');
		buf_add_int(&json, id);
	}
	buf_add_byte(&json, ']');
	return buf_str(&json);
}

static void reply_pick(struct request *rq, struct reply *rs, int64_t event,
		       int status, struct str wrong)
{
	struct db *db = rq->app->db;
	struct str words = str_or(request_words(rq, "q"), STR(""));
	struct rows *head = query_participant_event(db, rq->arena, rq->session,
						    page_org(rq), event);
	struct rows *people = query_participant_outside(
		db, rq->arena, rq->session, page_org(rq), event, words);
	if (!page_run(rq, rs))
		return;
	if (rows_count(head) == 0) {
		page_absent(rq, rs);
		return;
	}
	ptrdiff_t count = rows_count(people);
	const struct value_field page[] = {
		{"event", row_value(head, 0)},
		{"people", rows_value(people)},
		{"has_rows", value_bool(count > 0)},
		{"has_more",
		 value_bool(count > 0 &&
			    query_participant_outside_has_more(people, 0))},
		{"words", value_text(&words)},
		{"wrong", value_text(&wrong)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "staff_event_add", page);
}

void enroll_pick(struct request *rq, struct reply *rs)
{
	int64_t event;

	if (page_number(rq, rs, &event))
		reply_pick(rq, rs, event, 200, STR_ABSENT);
}

void enroll_add(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal = NULL;
	int64_t event;

	if (!page_number(rq, rs, &event))
		return;
	struct rows *added = query_participant_add(
		rq->app->db, rq->arena, rq->session, page_org(rq), event,
		enroll_ticks(rq), rq->id);
	if (!page_post(rq, rs, &refusal))
		return;
	if (refusal) {
		reply_pick(rq, rs, event, refusal->status,
			   message_find(refusal->key));
		return;
	}
	reply_see(rq, rs,
		  str_printf(rq->arena,
			     "/staff/%.*s/events/%lld/people?note=%s",
			     STR_ARG(page_org(rq)), (long long)event,
			     query_participant_add_waitlisted(added, 0) > 0
				     ? "added_waiting"
				     : "added"));
}
