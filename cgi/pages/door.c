/*
 * The door of an event.  Must not know who may be checked in, or what became
 * of an attempt: the SQL functions decide and say that.
 */
#include "pages/door.h"

#include "base/json.h"
#include "base/token.h"
#include "query/door.h"
#include "query/own_data.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/message.h"
#include "web/page.h"
#include "web/url.h"

/* A page of the list, and of the one to tick. */
#define LIST_ROWS 50
#define GROUP_ROWS 100

static struct str door_path(struct request *rq, int64_t event, struct str more)
{
	return str_printf(rq->arena, "/staff/%.*s/events/%lld/door%.*s",
			  STR_ARG(page_org(rq)), (long long)event,
			  STR_ARG(more));
}

/* --- who is looked for --- */

struct search {
	struct str words;
	bool has_code; /* the words are the code of a registration */
	int64_t participant, generation;
	const int64_t *after; /* NULL: from the first on */
};

/* A scanner types the code's address, a person perhaps only its end. */
static struct search search_read(struct request *rq)
{
	struct search search = {
		.words = str_or(request_words(rq, "q"), STR("")),
		.after = request_query_number(rq, "after"),
	};
	ptrdiff_t from = search.words.n - TOKEN_TEXT_BYTES;
	struct token token;

	if (from < 0 || (from > 0 && search.words.p[from - 1] != '/') ||
	    !token_read(&rq->app->keys, TOKEN_QR, str_from(search.words, from),
			&token))
		return search;
	search.has_code = true;
	search.participant = token.row;
	search.generation = token.generation;
	return search;
}

static struct rows *find(struct request *rq, int64_t event,
			 const struct search *search, bool unmarked)
{
	return query_door_people(rq->app->db, rq->arena, rq->session,
				 page_org(rq), event,
				 search->has_code ? STR("") : search->words,
				 search->has_code ? &search->participant : NULL,
				 search->has_code ? &search->generation : NULL,
				 unmarked, search->after);
}

/* The first most of them as a list; *next is the way to the others. */
static struct value first_rows(struct request *rq, const struct rows *people,
			       ptrdiff_t most, struct str words,
			       struct str *next)
{
	ptrdiff_t count = rows_count(people);
	struct value *items = ARENA_ARRAY(rq->arena, most, struct value);

	*next = STR_ABSENT;
	if (count > most) {
		count = most;
		*next = str_printf(rq->arena, "q=%.*s&after=%lld",
				   STR_ARG(url_encode(rq->arena, words)),
				   (long long)query_door_people_participant_id(
					   people, most - 1));
	}
	for (ptrdiff_t i = 0; i < count; i++)
		items[i] = row_value(people, i);
	return value_list(items, count);
}

/* --- what was just done --- */

/* Of one: all of it; of many: how many were done, and each that was not. */
static struct value told_value(struct request *rq, const struct rows *done)
{
	ptrdiff_t count = rows_count(done);
	struct value *others = ARENA_ARRAY(rq->arena, count + 1, struct value);
	struct value_field *fields =
		ARENA_ARRAY(rq->arena, 4, struct value_field);
	ptrdiff_t well = 0;

	if (count == 0)
		return value_absent();
	for (ptrdiff_t i = 0; i < count; i++) {
		if (query_door_done_is_done(done, i))
			well++;
		else
			others[i - well] = row_value(done, i);
	}
	struct str number = str_printf(rq->arena, "%lld", (long long)well);
	struct value alone = count == 1 ? row_value(done, 0) : value_absent();
	fields[0] = (struct value_field){"alone", alone};
	fields[1] = (struct value_field){"many", count > 1 ? value_text(&number)
							   : value_absent()};
	fields[2] = (struct value_field){"others",
					 value_list(others, count - well)};
	fields[3] = (struct value_field){.name = NULL};
	return value_object(fields);
}

/* --- the pages --- */

/* What the page and the list to tick have in common. */
struct doorway {
	struct search search;
	struct rows *event, *people;
};

/* To be asked for by page_run().  False when a reply was made. */
static bool doorway_begin(struct request *rq, struct reply *rs, bool unmarked,
			  int64_t *id, struct doorway *door)
{
	if (!page_number(rq, rs, id))
		return false;
	door->search = search_read(rq);
	door->event = query_door_event(rq->app->db, rq->arena, rq->session,
				       page_org(rq), *id);
	door->people = find(rq, *id, &door->search, unmarked);
	return true;
}

/* Runs it.  False when a reply was made. */
static bool doorway_run(struct request *rq, struct reply *rs,
			const struct doorway *door)
{
	if (!page_run(rq, rs))
		return false;
	if (rows_count(door->event) > 0)
		return true;
	page_absent(rq, rs);
	return false;
}

void door_show(struct request *rq, struct reply *rs)
{
	struct doorway door;
	struct str next;
	int64_t id;

	if (!doorway_begin(rq, rs, false, &id, &door))
		return;
	struct rows *done = query_door_done(
		rq->app->db, rq->arena, rq->session, page_org(rq), id,
		str_or(request_query(rq, "done"), STR("")));
	if (!doorway_run(rq, rs, &door))
		return;
	struct value list = first_rows(rq, door.people, LIST_ROWS,
				       door.search.words, &next);
	struct str found = str_printf(rq->arena, "%lld",
				      (long long)rows_count(door.people));
	const struct value_field page[] = {
		{"event", row_value(door.event, 0)},
		{"people", list},
		{"found", value_text(&found)},
		{"has_people", value_bool(rows_count(door.people) > 0)},
		{"words", value_text(&door.search.words)},
		{"has_code", value_bool(door.search.has_code)},
		{"told", told_value(rq, done)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "door_page", page);
}

void door_group(struct request *rq, struct reply *rs)
{
	bool ticked = !str_is_absent(request_query(rq, "tick"));
	struct doorway door;
	struct str next;
	int64_t id;

	if (!doorway_begin(rq, rs, true, &id, &door) ||
	    !doorway_run(rq, rs, &door))
		return;
	struct value list = first_rows(rq, door.people, GROUP_ROWS,
				       door.search.words, &next);
	struct str here =
		str_printf(rq->arena, "q=%.*s",
			   STR_ARG(url_encode(rq->arena, door.search.words)));
	const struct value_field page[] = {
		{"event", row_value(door.event, 0)},
		{"people", list},
		{"has_people", value_bool(rows_count(door.people) > 0)},
		{"words", value_text(&door.search.words)},
		{"ticked", value_bool(ticked)},
		{"here", value_text(&here)},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "door_group", page);
}

/* --- doing it --- */

static const char *const deeds[] = {"check_in", "walk_in", "undo", "excuse",
				    NULL};

static void add_member(struct buf *json, const char *name, struct str value)
{
	buf_printf(json, "%s\"%s\":", json->p[json->n - 1] == '{' ? "" : ",",
		   name);
	json_add_text(json, value);
}

/* An attempt for each person of the form; "[]" when there is nobody. */
static struct str attempts_read(const struct request *rq, struct str what)
{
	struct request_fields at = request_fields(rq);
	struct buf json = buf_init(rq->arena, 4096);
	struct str name, value;
	int64_t id;
	bool bad;

	buf_add_byte(&json, '[');
	while (request_next_field(rq, &at, &name, &value, &bad)) {
		bool member = str_equal(name, STR("user"));

		if (bad ||
		    (!member && !str_equal(name, STR("participant")) &&
		     !str_equal(name, STR("participant[]"))) ||
		    !str_read_int(value, &id) || id <= 0)
			continue;
		buf_add(&json, json.n > 1 ? STR(",{") : STR("{"));
		add_member(&json, "what", what);
		add_member(&json, member ? "user" : "participant", value);
		buf_add_byte(&json, '}');
	}
	buf_add_byte(&json, ']');
	return buf_str(&json);
}

static void reply_done(struct request *rq, struct reply *rs, int64_t id)
{
	reply_see(
		rq, rs,
		door_path(rq, id,
			  str_printf(rq->arena, "?done=%.*s",
				     STR_ARG(url_encode(rq->arena, rq->id)))));
}

void door_record(struct request *rq, struct reply *rs)
{
	static const struct form_field fields[] = {
		{.name = "what",
		 .label = "What to do",
		 .type = FORM_CHOICE,
		 .required = true,
		 .choices = deeds},
		{.name = NULL},
	};
	struct form form;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	if (!form_read(rq, fields, &form)) {
		reply_problem(rq, rs, 422, STR("bad_attempts"));
		return;
	}
	struct str attempts = attempts_read(rq, form_get(&form, "what"));
	query_door_record(rq->app->db, rq->arena, rq->session, page_org(rq), id,
			  attempts, rq->id);
	if (!page_run(rq, rs))
		return;
	if (attempts.n > 2)
		reply_done(rq, rs, id);
	else
		reply_see(rq, rs, door_path(rq, id, STR("?note=door_nobody")));
}

/* --- somebody new --- */

static const struct form_field new_fields[] = {
	{.name = "name", .label = "Name", .type = FORM_LINE, .required = true},
	{.name = "email",
	 .label = "Email",
	 .type = FORM_EMAIL,
	 .required = true},
	{.name = NULL},
};

static void reply_new(struct request *rq, struct reply *rs, int64_t id,
		      int status, const struct form *form, struct str wrong)
{
	struct rows *event = query_door_event(rq->app->db, rq->arena,
					      rq->session, page_org(rq), id);

	if (!page_run(rq, rs))
		return;
	if (rows_count(event) == 0) {
		page_absent(rq, rs);
		return;
	}
	const struct value_field page[] = {
		{"event", row_value(event, 0)},
		{"form", form_value(rq->arena, form)},
		{"wrong", value_text(&wrong)},
		{.name = NULL},
	};
	reply_page(rq, rs, status, "door_new", page);
}

void door_new(struct request *rq, struct reply *rs)
{
	const struct form form = {
		.fields = new_fields,
		.count = 2,
		.values = {str_or(request_words(rq, "q"), STR(""))},
		.ok = true,
	};
	int64_t id;

	if (page_number(rq, rs, &id))
		reply_new(rq, rs, id, 200, &form, STR_ABSENT);
}

void door_add(struct request *rq, struct reply *rs)
{
	struct buf json = buf_init(rq->arena, 256);
	struct form form;
	int64_t id;

	if (!page_number(rq, rs, &id))
		return;
	if (!form_read(rq, new_fields, &form)) {
		reply_new(rq, rs, id, 422, &form, STR_ABSENT);
		return;
	}
	buf_add(&json, STR("[{"));
	add_member(&json, "what", STR("walk_in"));
	add_member(&json, "name", form_get(&form, "name"));
	add_member(&json, "email", form_get(&form, "email"));
	buf_add(&json, STR("}]"));
	struct rows *told =
		query_door_record(rq->app->db, rq->arena, rq->session,
				  page_org(rq), id, buf_str(&json), rq->id);
	query_know_address(rq->app->db, rq->arena, form_get(&form, "email"),
			   secret_address_hashes(rq->arena, &rq->app->keys,
						 form_get(&form, "email")));
	if (!page_run(rq, rs))
		return;
	if (query_door_record_is_done(told, 0) ||
	    str_equal(query_door_record_result(told, 0), STR("already")))
		reply_done(rq, rs, id);
	else
		reply_new(rq, rs, id, 422, &form,
			  query_door_record_said(told, 0));
}
