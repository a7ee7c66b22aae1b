/*
 * Responders' pages about those who are watched over.  Must not know what an
 * alert leads to, or whom they may look at: the SQL functions do.
 */
#include "pages/watch.h"

#include "pages/message_words.h"
#include "query/talk.h"
#include "query/watch.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"
#include "web/router.h"

/* --- everyone --- */

void watch_board(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	struct arena *a = rq->arena;
	struct rows *people =
		query_watch_list(db, a, rq->session, page_org(rq));

	if (!page_run(rq, rs))
		return;
	ptrdiff_t count = rows_count(people);
	ptrdiff_t alerts = 0;
	/* They come first. */
	while (alerts < count && query_watch_list_is_alert(people, alerts))
		alerts++;
	const struct str all = str_printf(a, "%td", count);
	const struct str open = str_printf(a, "%td", alerts);
	const struct value_field page[] = {
		{"people", rows_value(people)},
		{"has_rows", value_bool(count > 0)},
		{"is_one", value_bool(count == 1)},
		{"count", value_text(&all)},
		{"has_alerts", value_bool(alerts > 0)},
		{"alerts", value_text(&open)},
		{"is_cut",
		 value_bool(count > 0 && query_watch_list_has_more(people, 0))},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "watch_board", page);
}

/* --- one of them --- */

static const char *const presses[] = {"seen", "claim", "hand_over", "close",
				      NULL};

static const struct form_field fields[] = {
	{.name = "press",
	 .label = "What to do",
	 .type = FORM_CHOICE,
	 .required = true,
	 .choices = presses},
	{.name = "to",
	 .label = "Responder",
	 .type = FORM_NUMBER,
	 .least = 1,
	 .most = INT64_MAX},
	{.name = "note", .label = "How it ended", .type = FORM_TEXT},
	{.name = NULL},
};

static const struct form untouched = {.fields = fields, .count = 3, .ok = true};

static struct str path_of(struct request *rq, int64_t id, const char *after)
{
	return str_printf(rq->arena, "/staff/%.*s/watch/%lld%s",
			  STR_ARG(page_org(rq)), (long long)id, after);
}

static struct value steps_in_words(struct arena *a, const struct rows *rows)
{
	ptrdiff_t count = rows_count(rows);
	struct value *items = ARENA_ARRAY(a, count + 1, struct value);

	for (ptrdiff_t i = 0; i < count; i++)
		items[i] = message_words_row(
			a, rows, i, query_watch_steps_kind(rows, i),
			query_watch_steps_cause(rows, i), STR_ABSENT);
	return value_list(items, count);
}

/* wrong is what was refused and is at no field, or absent. */
static void reply_person(struct request *rq, struct reply *rs, int status,
			 int64_t id, const struct form *form, struct str wrong)
{
	struct db *db = rq->app->db;
	struct arena *a = rq->arena;
	const struct str session = rq->session;
	const struct str org = page_org(rq);
	query_staff_talk_open(db, a, session, org, str_of(rq->route->pattern),
			      id, rq->id);
	struct rows *person = query_watch_person(db, a, session, org, id);
	struct rows *contacts = query_watch_contacts(db, a, session, org, id);
	struct rows *steps = query_watch_steps(db, a, session, org, id);
	struct rows *past = query_watch_alerts(db, a, session, org, id);
	struct rows *events = query_watch_activities(db, a, session, org, id);
	struct rows *others = query_watch_others(db, a, session, org, id);

	if (!page_run(rq, rs))
		return;
	if (rows_count(person) == 0) {
		page_absent(rq, rs);
		return;
	}
	const struct str link = path_of(rq, id, "");
	const struct value_field page[] = {
		{"person", row_value(person, 0)},
		{"link", value_text(&link)},
		{"contacts", rows_value(contacts)},
		{"steps", steps_in_words(a, steps)},
		{"has_steps", value_bool(rows_count(steps) > 0)},
		{"past", rows_value(past)},
		{"has_past", value_bool(rows_count(past) > 0)},
		{"activities", rows_value(events)},
		{"others", rows_value(others)},
		{"has_others", value_bool(rows_count(others) > 0)},
		{"form", form_value(a, form)},
		{"wrong", value_text(&wrong)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "watch_page", page);
}

void watch_show(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (page_number(rq, rs, &id))
		reply_person(rq, rs, 200, id, &untouched, STR_ABSENT);
}

/* Queues what was pressed; gives the note that the page then shows. */
static const char *queue_press(struct request *rq, int64_t id,
			       const struct form *form)
{
	struct db *db = rq->app->db;
	struct arena *a = rq->arena;
	const struct str press = form_get(form, "press");
	const struct str org = page_org(rq);

	if (str_equal(press, STR("seen"))) {
		query_watch_acknowledge(db, a, rq->session, org, id);
		return "?note=alert_seen";
	}
	if (str_equal(press, STR("claim"))) {
		query_watch_claim(db, a, rq->session, org, id);
		return "?note=alert_taken";
	}
	if (str_equal(press, STR("hand_over"))) {
		query_watch_hand_over(db, a, rq->session, org, id,
				      form_number(form, "to"));
		return "?note=alert_handed";
	}
	query_watch_close(db, a, rq->session, org, id,
			  str_or(form_get(form, "note"), STR("")));
	return "?note=alert_closed";
}

void watch_press(struct request *rq, struct reply *rs)
{
	const struct db_refusal *refusal = NULL;
	struct str wrong = STR_ABSENT;
	struct form form;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	if (form_read(rq, fields, &form)) {
		const char *after = queue_press(rq, id, &form);

		if (!page_post(rq, rs, &refusal))
			return;
		if (!refusal) {
			reply_see(rq, rs, path_of(rq, id, after));
			return;
		}
		if (refusal->field.n > 0)
			form_fail(&form, refusal->field,
				  message_find(refusal->key));
		else
			wrong = message_find(refusal->key);
	} else if (form.errors[0].n > 0) {
		wrong = form.errors[0];
	}
	reply_person(rq, rs, refusal ? refusal->status : 422, id, &form, wrong);
}
