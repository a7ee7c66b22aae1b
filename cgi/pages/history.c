/*
 * The events a person was asked about, newest first, and what they said.
 */
#include "pages/history.h"

#include "base/buf.h"
#include "data/words.h"
#include "pages/cursor.h"
#include "query/history.h"
#include "query/pending.h"
#include "query/session.h"
#include "view/rows.h"
#include "web/page.h"

#define ROWS_A_PAGE 50

static struct str own_zone(const struct request *rq)
{
	return query_viewer_own_zone(rq->viewer, 0);
}

/* A page's rows, and what their events are called: NULL where it is not known.
 */
struct shown {
	const struct rows *rows;
	ptrdiff_t count;
	const struct words **words;
};

static struct shown shown_init(struct request *rq, const struct rows *rows)
{
	ptrdiff_t n = rows_count(rows);

	n = n < ROWS_A_PAGE ? n : ROWS_A_PAGE;
	return (struct shown){
		.rows = rows,
		.count = n,
		.words = ARENA_ARRAY(rq->arena, n, const struct words *),
	};
}

/* --- what the events are called --- */

/* Those of the page that are not known, as '{1,2,3}'; "{}" when all are. */
static struct str words_look(struct request *rq, struct shown *shown)
{
	struct str zone = own_zone(rq);
	struct buf out = buf_init(rq->arena, 256);

	buf_add_byte(&out, '{');
	for (ptrdiff_t i = 0; i < shown->count; i++) {
		int64_t event = query_history_list_event_id(shown->rows, i);

		shown->words[i] = words_find(rq->app->words, event, zone);
		if (shown->words[i])
			continue;
		if (out.n > 1)
			buf_add_byte(&out, ',');
		buf_add_int(&out, event);
	}
	buf_add_byte(&out, '}');
	return buf_str(&out);
}

static void words_take(struct request *rq, const struct rows *rows)
{
	for (ptrdiff_t i = 0; i < rows_count(rows); i++) {
		const struct words words = {
			.event = query_history_words_event_id(rows, i),
			.zone = own_zone(rq),
			.title = query_history_words_title(rows, i),
			.starts_at = query_history_words_starts_at(rows, i),
			.starts_text = query_history_words_starts_text(rows, i),
			.location = query_history_words_location(rows, i),
			.org_name = query_history_words_org_name(rows, i),
			.org_logo = query_history_words_org_logo(rows, i),
			.is_virtual = query_history_words_is_virtual(rows, i),
			.cursor_at = query_history_words_cursor_at(rows, i),
		};

		words_keep(rq->app->words,
			   query_history_words_version(rows, i));
		words_add(rq->app->words, &words);
	}
}

/*
 * Asks for what is not known, together with whatever else is queued; once
 * more when something was renamed between the two.
 */
static bool words_learn(struct request *rq, struct reply *rs,
			struct shown *shown)
{
	struct str unknown = words_look(rq, shown);

	for (int i = 0; i < 3; i++) {
		struct rows *words = NULL;

		if (unknown.n > 2)
			words = query_history_words(rq->app->db, rq->arena,
						    unknown, own_zone(rq));
		if (!page_run(rq, rs))
			return false;
		if (!words)
			break;
		words_take(rq, words);
		unknown = words_look(rq, shown);
	}
	return true;
}

/* --- the rows as the template sees them --- */

/* As row_make() fills them in. */
static const struct str names[] = {
	STR_INIT("event_id"),	 STR_INIT("title"),    STR_INIT("starts_at"),
	STR_INIT("starts_text"), STR_INIT("location"), STR_INIT("is_virtual"),
	STR_INIT("org_name"),	 STR_INIT("org_logo"), STR_INIT("status"),
	STR_INIT("status_text"), STR_INIT("rating"),
};
#define MEMBERS ((int)(sizeof(names) / sizeof(names[0])))

static struct value text_or_absent(struct str s)
{
	return str_is_absent(s) ? value_absent() : value_text(&s);
}

static void row_make(const struct rows *history, ptrdiff_t i,
		     const struct words *words, struct value out[MEMBERS])
{
	int event = rows_column(history, STR("event_id"));
	const struct value members[MEMBERS] = {
		text_or_absent(rows_get(history, i, event)),
		text_or_absent(words->title),
		text_or_absent(words->starts_at),
		text_or_absent(words->starts_text),
		text_or_absent(words->location),
		value_bool(words->is_virtual),
		text_or_absent(words->org_name),
		text_or_absent(words->org_logo),
		text_or_absent(query_history_list_status(history, i)),
		text_or_absent(query_history_list_status_text(history, i)),
		text_or_absent(query_history_list_rating(history, i)),
	};

	memcpy(out, members, sizeof(members));
}

/* An event that was thrown away since has no words, and no row. */
static struct value rows_make(struct request *rq, const struct shown *shown)
{
	struct arena *a = rq->arena;
	ptrdiff_t n = shown->count, count = 0;
	struct value_shape *shape = ARENA_NEW(a, struct value_shape);
	struct value *members = ARENA_ARRAY(a, n * MEMBERS, struct value);
	struct value *items = ARENA_ARRAY(a, n, struct value);

	*shape = (struct value_shape){members, names, MEMBERS};
	for (ptrdiff_t i = 0; i < n; i++) {
		if (!shown->words[i])
			continue;
		row_make(shown->rows, i, shown->words[i],
			 members + count * MEMBERS);
		items[count] = value_record(shape, count * MEMBERS);
		count++;
	}
	return value_list(items, count);
}

static struct str next_page(struct request *rq, const struct shown *shown)
{
	const ptrdiff_t last = ROWS_A_PAGE - 1;

	if (rows_count(shown->rows) <= ROWS_A_PAGE || !shown->words[last])
		return STR_ABSENT;
	return cursor_next(rq->arena, "before", shown->words[last]->cursor_at,
			   query_history_list_event_id(shown->rows, last));
}

void history_list(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	struct cursor from = cursor_read(rq, "before");
	struct rows *history = query_history_list(db, rq->arena, rq->session,
						  from.at, from.event);
	struct rows *pending = NULL;

	if (!page_run(rq, rs))
		return;
	/* What waits stands on the first page only. */
	if (!from.at && query_viewer_waiting(rq->viewer, 0) > 0)
		pending = query_pending_list(db, rq->arena, rq->session);
	if (rows_count(history) > 0)
		words_keep(rq->app->words,
			   query_history_list_version(history, 0));
	struct shown shown = shown_init(rq, history);

	if (!words_learn(rq, rs, &shown))
		return;

	struct str next = next_page(rq, &shown);
	struct str back = STR("history");
	bool waiting = pending && rows_count(pending) > 0;
	const struct value rows = rows_make(rq, &shown);
	const struct value_field page[] = {
		{"pending", waiting ? rows_value(pending) : value_absent()},
		{"has_pending", value_bool(waiting)},
		{"back", value_text(&back)},
		{"history", rows},
		{"has_rows", value_bool(value_is_true(rows))},
		{"next", value_text(&next)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "history_list", page);
}
