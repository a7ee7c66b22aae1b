/*
 * The audit, its filters and its file.  Must not know what a row means, nor
 * who may read it: the SQL functions do.
 */
#include "pages/audit.h"

#include "pages/cursor.h"
#include "pages/filter.h"
#include "query/audit.h"
#include "view/csv_file.h"
#include "view/rows.h"
#include "web/message.h"
#include "web/page.h"
#include "web/router.h"

/* What only some rows are asked for by; NULL or absent: not by that. */
struct filters {
	const int64_t *event;
	const int64_t *person;
	const int64_t *actor; /* 0: the system */
	struct str action;
	struct str from, to; /* days */
	bool is_wrong;	     /* a day that is none is left out */
};

static struct filters filters_read(struct request *rq)
{
	struct filters f = {
		.event = request_query_number(rq, "on"),
		.person = request_query_number(rq, "about"),
		.actor = request_query_number(rq, "by"),
		.action = request_words(rq, "action"),
	};

	f.from = filter_day(rq, "from", &f.is_wrong);
	f.to = filter_day(rq, "to", &f.is_wrong);
	return f;
}

/* The filters as an address has them, each with an & after it. */
static struct str filters_say(struct arena *a, struct filters f)
{
	struct str event = filter_say_number(a, "on", f.event);
	struct str person = filter_say_number(a, "about", f.person);
	struct str actor = filter_say_number(a, "by", f.actor);
	struct str action = filter_say_words(a, "action", f.action);
	struct str from = filter_say_words(a, "from", f.from);
	struct str to = filter_say_words(a, "to", f.to);

	return str_printf(a, "%.*s%.*s%.*s%.*s%.*s%.*s", STR_ARG(event),
			  STR_ARG(person), STR_ARG(actor), STR_ARG(action),
			  STR_ARG(from), STR_ARG(to));
}

static struct rows *about_queue(struct request *rq, struct filters f)
{
	query_audit_open(rq->app->db, rq->arena, rq->session, page_org(rq),
			 str_of(rq->route->pattern), rq->id);
	return query_audit_about(rq->app->db, rq->arena, rq->session,
				 page_org(rq), f.event, f.person, f.actor);
}

/* Runs what was queued: false when a filter is of another organisation. */
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

static struct str next_page(struct arena *a, const struct rows *audit,
			    struct filters f)
{
	ptrdiff_t last = rows_count(audit) - 1;
	struct str from;

	if (last < 0 || !query_audit_list_has_more(audit, last))
		return STR_ABSENT;
	from = cursor_next(a, "before", query_audit_list_cursor_at(audit, last),
			   query_audit_list_seq(audit, last));
	return str_printf(a, "%.*s%.*s", STR_ARG(filters_say(a, f)),
			  STR_ARG(from));
}

void audit_show(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	struct arena *a = rq->arena;
	struct filters f = filters_read(rq);
	struct cursor from = cursor_read(rq, "before");
	struct rows *about = about_queue(rq, f);
	struct rows *actions = query_audit_actions(db, a, f.action);
	struct rows *audit = query_audit_list(
		db, a, rq->session, page_org(rq), f.event, f.person, f.actor,
		f.action, f.from, f.to, from.at, from.event);
	if (!is_there(rq, rs, about))
		return;

	struct str all = filters_say(a, f);
	struct str event = filter_number_text(a, f.event);
	struct str person = filter_number_text(a, f.person);
	struct str actor = filter_number_text(a, f.actor);
	struct str next = next_page(a, audit, f);
	struct filters no_event = f;
	struct filters no_person = f;
	struct filters no_actor = f;
	no_event.event = no_person.person = no_actor.actor = NULL;
	struct str all_events = filters_say(a, no_event);
	struct str all_people = filters_say(a, no_person);
	struct str all_actors = filters_say(a, no_actor);
	const struct value_field page[] = {
		{"about", row_value(about, 0)},
		{"actions", rows_value(actions)},
		{"audit", rows_value(audit)},
		{"has_rows", value_bool(rows_count(audit) > 0)},
		{"filters", value_text(&all)},
		{"event", value_text(&event)},
		{"person", value_text(&person)},
		{"actor", value_text(&actor)},
		{"all_events", value_text(&all_events)},
		{"all_people", value_text(&all_people)},
		{"all_actors", value_text(&all_actors)},
		{"from", value_text(&f.from)},
		{"to", value_text(&f.to)},
		{"is_wrong", value_bool(f.is_wrong)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "staff_audit_list", page);
}

static const char *const columns[] = {
	"row",	  "at",		"action", "before", "after", "event_id",
	"event",  "person_id",	"person", "by_id",  "by",    "reason_code",
	"reason", "request_id", "hash",	  NULL};

/* A last row for what did not fit: no file is short without a word. */
static void say_cut(struct request *rq, struct reply *rs, ptrdiff_t rows)
{
	const struct message_blanks blanks = {.most = rows};
	struct str cell = message_fill(rq->arena, STR("audit_cut"), &blanks);

	csv_file_row(&rs->body, &cell, 1);
}

void audit_file(struct request *rq, struct reply *rs)
{
	struct filters f = filters_read(rq);
	struct rows *about = about_queue(rq, f);
	struct rows *audit = query_audit_file(
		rq->app->db, rq->arena, rq->session, page_org(rq), f.event,
		f.person, f.actor, f.action, f.from, f.to);
	if (!is_there(rq, rs, about))
		return;
	reply_file(
		rs,
		str_printf(rq->arena, "audit-%.*s.csv", STR_ARG(page_org(rq))),
		CSV_FILE_TYPE);
	csv_file_begin(&rs->body, columns);
	csv_file_rows(&rs->body, audit, columns);
	if (rows_count(audit) > 0 && query_audit_file_is_cut(audit, 0))
		say_cut(rq, rs, rows_count(audit));
}
