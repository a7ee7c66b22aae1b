/*
 * The participants of an event: the list, one of them, and correcting what
 * the door says of them.  Must not know when a reason is needed: the SQL
 * functions decide that.
 */
#include "pages/participant.h"

#include "base/json.h"
#include "query/participant.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"
#include "web/url.h"

/* --- the correction that both pages offer --- */

static const char *const words[] = {"present", "late",	  "absent",
				    "excused", "unknown", NULL};
static const struct form_field fields[] = {
	{.name = "status",
	 .label = "They were",
	 .type = FORM_CHOICE,
	 .required = true,
	 .choices = words},
	{.name = "reason_code", .label = "Why", .type = FORM_LINE},
	{.name = "reason",
	 .label = "In your words",
	 .type = FORM_LINE,
	 .most = 500},
	{.name = "seen", .label = "What was there", .type = FORM_LINE},
	/* Comes as ticks, which are many. */
	{.name = "who", .label = "Participants", .type = FORM_LINE},
	{.name = NULL},
};

static const struct form empty = {.fields = fields, .count = 5, .ok = true};

/* One that was sent as NUMBER-WORD, the word being what was seen of it. */
static void who_add(struct buf *json, struct str value)
{
	struct str seen;
	int64_t id;

	if (!str_read_int(str_cut(value, '-', &seen), &id) || id <= 0)
		return;
	buf_add(json, json->n > 1 ? STR(",{") : STR("{"));
	buf_add(json, STR("\"participant\":"));
	buf_add_int(json, id);
	if (!str_is_absent(seen) && str_is_utf8(seen)) {
		buf_add(json, STR(",\"seen\":"));
		json_add_text(json, seen);
	}
	buf_add_byte(json, '}');
}

/* All ticks, as the function takes them. */
static struct str who_read(const struct request *rq)
{
	struct request_fields at = request_fields(rq);
	struct buf json = buf_init(rq->arena, 256);
	struct str name, value;
	bool bad;

	buf_add_byte(&json, '[');
	while (request_next_field(rq, &at, &name, &value, &bad))
		if (!bad && str_equal(name, STR("tick[]")))
			who_add(&json, value);
	buf_add_byte(&json, ']');
	return buf_str(&json);
}

/* What became of it: 200, or why not. */
struct outcome {
	int status;
	int64_t changed;
	struct str wrong; /* that is at no field */
};

/* A refusal is put into the form that was read.  False: a reply was made. */
static bool correct(struct request *rq, struct reply *rs, int64_t event,
		    struct str who, struct form *form, struct outcome *outcome)
{
	const struct db_refusal *refusal;

	*outcome = (struct outcome){.status = 422, .wrong = STR_ABSENT};
	if (!form->ok)
		return true;
	struct rows *done = query_participant_correct(
		rq->app->db, rq->arena, rq->session, page_org(rq), event, who,
		form_get(form, "status"),
		str_or(form_get(form, "reason_code"), STR_ABSENT),
		str_or(form_get(form, "reason"), STR_ABSENT), rq->id);
	if (!page_post(rq, rs, &refusal))
		return false;
	if (!refusal) {
		outcome->status = 200;
		outcome->changed = query_participant_correct_changed(done, 0);
		return true;
	}
	outcome->status = refusal->status;
	form_fail(form, refusal->field, message_find(refusal->key));
	if (refusal->field.n == 0)
		outcome->wrong = message_find(refusal->key);
	return true;
}

static const char *note_of(const struct outcome *outcome)
{
	return outcome->changed > 0 ? "corrected" : "corrected_none";
}

/* --- the list --- */

static const char *const shows[] = {"all",    "unknown", "present", "late",
				    "absent", "excused", NULL};

/* What the address asks to see. */
struct view {
	struct str show, words;
	const int64_t *after; /* NULL: from the first on */
};

static struct view view_read(struct request *rq)
{
	struct str show = request_query(rq, "show");
	struct view view = {
		.show = STR("all"),
		.words = str_or(request_words(rq, "q"), STR("")),
		.after = request_query_number(rq, "after"),
	};

	for (int i = 0; shows[i]; i++)
		if (str_equal(show, str_of(shows[i])))
			view.show = str_of(shows[i]);
	return view;
}

/* The query string of that view, from there on. */
static struct str view_query(struct arena *a, const struct view *view,
			     const int64_t *after)
{
	struct str query =
		str_printf(a, "show=%.*s&q=%.*s", STR_ARG(view->show),
			   STR_ARG(url_encode(a, view->words)));

	if (!after)
		return query;
	return str_printf(a, "%.*s&after=%lld", STR_ARG(query),
			  (long long)*after);
}

static struct str next_page(struct arena *a, const struct rows *people,
			    const struct view *view)
{
	ptrdiff_t last = rows_count(people) - 1;

	if (last < 0 || !query_participant_list_has_more(people, last))
		return STR_ABSENT;
	int64_t after = query_participant_list_id(people, last);

	return view_query(a, view, &after);
}

/* only: those who were ticked when it was refused; absent: all. */
static void reply_list(struct request *rq, struct reply *rs, int64_t event,
		       const struct form *form, struct str only,
		       const struct outcome *outcome)
{
	const struct view all = {.show = STR("all"), .words = STR("")};
	struct view asked = view_read(rq);
	const struct view *view = str_is_absent(only) ? &asked : &all;
	bool ticked = !str_is_absent(only) ||
		      !str_is_absent(request_query(rq, "tick"));
	struct db *db = rq->app->db;
	struct arena *a = rq->arena;
	struct rows *head = query_participant_event(db, a, rq->session,
						    page_org(rq), event);
	struct rows *people = query_participant_list(
		db, a, rq->session, page_org(rq), event, view->show,
		view->words, view->after, only, ticked);
	struct rows *counts = query_participant_shows(
		db, a, rq->session, page_org(rq), event, asked.show);
	struct rows *reasons = query_participant_reasons(
		db, a, str_or(form_get(form, "reason_code"), STR("")));

	if (!page_run(rq, rs))
		return;
	if (rows_count(head) == 0) {
		page_absent(rq, rs);
		return;
	}
	struct str here = view_query(a, &asked, asked.after);
	struct str next = next_page(a, people, view);
	const struct value_field page[] = {
		{"event", row_value(head, 0)},
		{"people", rows_value(people)},
		{"has_rows", value_bool(rows_count(people) > 0)},
		{"ticked", value_bool(ticked)},
		{"shows", rows_value(counts)},
		{"show", value_text(&asked.show)},
		{"words", value_text(&asked.words)},
		{"reasons", rows_value(reasons)},
		{"form", form_value(a, form)},
		{"wrong", value_text(&outcome->wrong)},
		{"here", value_text(&here)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, outcome->status, "participant_list", page);
}

void participant_list(struct request *rq, struct reply *rs)
{
	const struct outcome none = {.status = 200, .wrong = STR_ABSENT};
	int64_t event;

	if (page_number(rq, rs, &event))
		reply_list(rq, rs, event, &empty, STR_ABSENT, &none);
}

void participant_correct(struct request *rq, struct reply *rs)
{
	struct outcome outcome;
	struct form form;
	int64_t event;

	if (!page_number(rq, rs, &event))
		return;
	struct view view = view_read(rq);
	form_read(rq, fields, &form);
	struct str who = who_read(rq);

	if (!correct(rq, rs, event, who, &form, &outcome))
		return;
	if (outcome.status != 200) {
		reply_list(rq, rs, event, &form,
			   str_equal(who, STR("[]")) ? STR_ABSENT : who,
			   &outcome);
		return;
	}
	struct str here = view_query(rq->arena, &view, view.after);
	reply_see(rq, rs,
		  str_printf(rq->arena,
			     "/staff/%.*s/events/%lld/people?%.*s&note=%s",
			     STR_ARG(page_org(rq)), (long long)event,
			     STR_ARG(here), note_of(&outcome)));
}

/* --- one of them --- */

static void reply_one(struct request *rq, struct reply *rs, int64_t event,
		      int64_t participant, const struct form *form,
		      const struct outcome *outcome)
{
	struct db *db = rq->app->db;
	struct arena *a = rq->arena;
	struct rows *head = query_participant_event(db, a, rq->session,
						    page_org(rq), event);
	struct rows *one = query_participant_page(
		db, a, rq->session, page_org(rq), event, participant);
	struct rows *changes = query_participant_changes(
		db, a, rq->session, page_org(rq), participant);
	struct rows *reasons = query_participant_reasons(
		db, a, str_or(form_get(form, "reason_code"), STR("")));

	if (!page_run(rq, rs))
		return;
	if (rows_count(one) == 0) {
		page_absent(rq, rs);
		return;
	}
	const struct value_field page[] = {
		{"event", row_value(head, 0)},
		{"person", row_value(one, 0)},
		{"changes", rows_value(changes)},
		{"reasons", rows_value(reasons)},
		{"form", form_value(a, form)},
		{"wrong", value_text(&outcome->wrong)},
		{.name = NULL},
	};
	reply_page(rq, rs, outcome->status, "participant_page", page);
}

/* The event's number and the participant's; false when a reply was made. */
static bool numbers_read(struct request *rq, struct reply *rs, int64_t *event,
			 int64_t *participant)
{
	if (!page_number(rq, rs, event))
		return false;
	if (request_number(rq, 2, participant))
		return true;
	reply_problem(rq, rs, 404, STR(""));
	return false;
}

void participant_show(struct request *rq, struct reply *rs)
{
	const struct outcome none = {.status = 200, .wrong = STR_ABSENT};
	int64_t event, participant;

	if (numbers_read(rq, rs, &event, &participant))
		reply_one(rq, rs, event, participant, &empty, &none);
}

void participant_correct_one(struct request *rq, struct reply *rs)
{
	struct outcome outcome;
	struct form form;
	int64_t event, participant;

	if (!numbers_read(rq, rs, &event, &participant))
		return;
	struct buf who = buf_init(rq->arena, 64);

	form_read(rq, fields, &form);
	buf_add_byte(&who, '[');
	who_add(&who, str_printf(rq->arena, "%lld-%.*s", (long long)participant,
				 STR_ARG(form_get(&form, "seen"))));
	buf_add_byte(&who, ']');
	if (!correct(rq, rs, event, buf_str(&who), &form, &outcome))
		return;
	if (outcome.status != 200) {
		reply_one(rq, rs, event, participant, &form, &outcome);
		return;
	}
	reply_see(rq, rs,
		  str_printf(rq->arena,
			     "/staff/%.*s/events/%lld/people/%lld?note=%s",
			     STR_ARG(page_org(rq)), (long long)event,
			     (long long)participant, note_of(&outcome)));
}
