/*
 * The ledger of an organisation's messages, its filters and its file.  Must
 * not know what decides what becomes of a message.
 */
#include "pages/staff_message.h"

#include "pages/cursor.h"
#include "pages/filter.h"
#include "pages/message_words.h"
#include "query/staff_message.h"
#include "view/csv_file.h"
#include "view/rows.h"
#include "web/message.h"
#include "web/page.h"
#include "web/router.h"

/* What only some are asked for by; NULL or absent: not by that. */
struct filters {
	const int64_t *person;
	struct str what; /* a kind or a category */
	struct str state;
	struct str cause;
	struct str from, to; /* days */
	bool is_wrong;	     /* a day that is none is left out */
};

static const char *const states[] = {"sent",	"bounced",   "skipped",
				     "expired", "cancelled", "dead"};
#define STATES (sizeof(states) / sizeof(states[0]))

/* Absent for what is no state. */
static struct str state_read(struct request *rq)
{
	struct str text = request_words(rq, "state");

	for (size_t i = 0; i < STATES; i++)
		if (str_equal(text, str_of(states[i])))
			return text;
	return STR_ABSENT;
}

static struct filters filters_read(struct request *rq)
{
	struct filters f = {
		.person = request_query_number(rq, "about"),
		.what = request_words(rq, "what"),
		.state = state_read(rq),
		.cause = request_words(rq, "cause"),
	};

	f.from = filter_day(rq, "from", &f.is_wrong);
	f.to = filter_day(rq, "to", &f.is_wrong);
	return f;
}

/* The filters as an address has them, each with an & after it. */
static struct str filters_say(struct arena *a, struct filters f)
{
	struct str person = filter_say_number(a, "about", f.person);
	struct str what = filter_say_words(a, "what", f.what);
	struct str state = filter_say_words(a, "state", f.state);
	struct str cause = filter_say_words(a, "cause", f.cause);
	struct str from = filter_say_words(a, "from", f.from);
	struct str to = filter_say_words(a, "to", f.to);

	return str_printf(a, "%.*s%.*s%.*s%.*s%.*s%.*s", STR_ARG(person),
			  STR_ARG(what), STR_ARG(state), STR_ARG(cause),
			  STR_ARG(from), STR_ARG(to));
}

static struct rows *about_queue(struct request *rq, struct filters f)
{
	query_staff_message_open(rq->app->db, rq->arena, rq->session,
				 page_org(rq), str_of(rq->route->pattern),
				 rq->id);
	return query_staff_message_about(rq->app->db, rq->arena, rq->session,
					 page_org(rq), f.person);
}

/* Runs what was queued: false when the person is of another organisation. */
static bool is_there(struct request *rq, struct reply *rs,
		     const struct rows *about)
{
	if (!page_run(rq, rs))
		return false;
	if (rows_count(about) > 0)
		return true;
	page_absent(rq, rs);
	return false;
}

static struct str next_page(struct arena *a, const struct rows *rows,
			    struct filters f)
{
	ptrdiff_t last = rows_count(rows) - 1;
	struct str from;

	if (last < 0 || !query_staff_message_list_has_more(rows, last))
		return STR_ABSENT;
	from = cursor_next(a, "before",
			   query_staff_message_list_cursor_at(rows, last),
			   query_staff_message_list_id(rows, last));
	return str_printf(a, "%.*s%.*s", STR_ARG(filters_say(a, f)),
			  STR_ARG(from));
}

/* Which of the states was chosen, by name. */
static struct value chosen_state(struct arena *a, struct str chosen)
{
	struct value_field *fields =
		ARENA_ARRAY(a, STATES + 1, struct value_field);

	for (size_t i = 0; i < STATES; i++)
		fields[i] = (struct value_field){
			states[i],
			value_bool(str_equal(chosen, str_of(states[i])))};
	fields[STATES] = (struct value_field){.name = NULL};
	return value_object(fields);
}

static struct value list_in_words(struct arena *a, const struct rows *rows)
{
	ptrdiff_t count = rows_count(rows);
	struct value *items = ARENA_ARRAY(a, count + 1, struct value);

	for (ptrdiff_t i = 0; i < count; i++)
		items[i] = message_words_row(
			a, rows, i, query_staff_message_list_kind(rows, i),
			query_staff_message_list_cause(rows, i),
			query_staff_message_list_push_cause(rows, i));
	return value_list(items, count);
}

static struct value causes_in_words(struct arena *a, const struct rows *rows,
				    struct str chosen)
{
	ptrdiff_t count = rows_count(rows);
	struct value *items = ARENA_ARRAY(a, count + 1, struct value);

	for (ptrdiff_t i = 0; i < count; i++) {
		struct str key = query_staff_message_causes_cause(rows, i);

		items[i] = message_words_choice(a, key, message_team_cause(key),
						chosen);
	}
	return value_list(items, count);
}

void staff_message_list(struct request *rq, struct reply *rs)
{
	struct filters f = filters_read(rq);
	struct db *db = rq->app->db;
	struct arena *a = rq->arena;
	struct cursor from = cursor_read(rq, "before");
	struct rows *about = about_queue(rq, f);
	struct rows *kinds =
		query_staff_message_kinds(db, a, rq->session, page_org(rq));
	struct rows *causes =
		query_staff_message_causes(db, a, rq->session, page_org(rq));
	struct rows *rows = query_staff_message_list(
		db, a, rq->session, page_org(rq), f.person, f.what, f.state,
		f.cause, f.from, f.to, from.at, from.event);
	if (!is_there(rq, rs, about))
		return;

	struct filters anyone = f;
	anyone.person = NULL;
	struct str all = filters_say(a, f);
	struct str all_people = filters_say(a, anyone);
	struct str person = filter_number_text(a, f.person);
	struct str next = next_page(a, rows, f);
	const struct value_field page[] = {
		{"about", row_value(about, 0)},
		{"messages", list_in_words(a, rows)},
		{"has_rows", value_bool(rows_count(rows) > 0)},
		{"groups", message_words_kinds(a, kinds, f.what)},
		{"causes", causes_in_words(a, causes, f.cause)},
		{"has_causes", value_bool(rows_count(causes) > 0)},
		{"state", chosen_state(a, f.state)},
		{"filters", value_text(&all)},
		{"all_people", value_text(&all_people)},
		{"person", value_text(&person)},
		{"from", value_text(&f.from)},
		{"to", value_text(&f.to)},
		{"is_wrong", value_bool(f.is_wrong)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "staff_message_list", page);
}

void staff_message_again(struct request *rq, struct reply *rs)
{
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	query_staff_message_again(rq->app->db, rq->arena, rq->session,
				  page_org(rq), id, rq->id);
	if (page_run(rq, rs))
		reply_see(rq, rs,
			  str_printf(rq->arena,
				     "/staff/%.*s/messages?note=message_again",
				     STR_ARG(page_org(rq))));
}

static const char *const columns[] = {
	"message", "at",	 "kind",       "prompt_number", "person_id",
	"person",  "event_id",	 "event",      "shift_id",	"shift",
	"state",   "cause",	 "reply_code", "why",		"tries",
	"channel", "not_pushed", "due_at",     "came_back_at",	NULL};

/* A last row for what did not fit: no file is short without a word. */
static void say_cut(struct request *rq, struct reply *rs, ptrdiff_t rows)
{
	const struct message_blanks blanks = {.most = rows};
	struct str cell = message_fill(rq->arena, STR("audit_cut"), &blanks);

	csv_file_row(&rs->body, &cell, 1);
}

void staff_message_file(struct request *rq, struct reply *rs)
{
	struct filters f = filters_read(rq);
	struct rows *about = about_queue(rq, f);
	struct rows *rows = query_staff_message_file(
		rq->app->db, rq->arena, rq->session, page_org(rq), f.person,
		f.what, f.state, f.cause, f.from, f.to);
	if (!is_there(rq, rs, about))
		return;
	reply_file(rs,
		   str_printf(rq->arena, "messages-%.*s.csv",
			      STR_ARG(page_org(rq))),
		   CSV_FILE_TYPE);
	csv_file_begin(&rs->body, columns);
	csv_file_rows(&rs->body, rows, columns);
	if (rows_count(rows) > 0 && query_staff_message_file_is_cut(rows, 0))
		say_cut(rq, rs, rows_count(rows));
}
