/*
 * A person's calendar for other programs.  Must not know what stands in it:
 * the SQL functions decide that.
 */
#include "pages/feed.h"

#include "pages/link.h"
#include "query/feed.h"
#include "view/calendar_file.h"
#include "view/rows.h"
#include "web/form.h"
#include "web/page.h"

/* --- its address --- */

static struct str make_address(struct request *rq, const struct rows *feed)
{
	const struct token token = {
		.purpose = TOKEN_FEED,
		.row = query_feed_own_id(feed, 0),
		.generation = (uint32_t)query_feed_own_generation(feed, 0),
	};

	return str_printf(
		rq->arena, "%.*s/feed/%.*s.ics",
		STR_ARG(rq->app->config.base_url),
		STR_ARG(token_make(rq->arena, &rq->app->keys, &token)));
}

/* As a link that calendar programs open: without http in front. */
static struct str make_subscription(struct request *rq, struct str address)
{
	return str_printf(rq->arena, "webcal%.*s",
			  STR_ARG(str_from(address, str_find(address, ':'))));
}

void feed_show(struct request *rq, struct reply *rs)
{
	struct rows *feed = query_feed_own(rq->app->db, rq->arena, rq->session);
	struct str address = STR_ABSENT, subscription = STR_ABSENT;

	if (!page_run(rq, rs))
		return;
	bool has_feed = rows_count(feed) > 0;
	if (has_feed) {
		address = make_address(rq, feed);
		subscription = make_subscription(rq, address);
	}
	const struct value_field page[] = {
		{"feed", row_value(feed, 0)},
		{"has_feed", value_bool(has_feed)},
		{"address", value_text(&address)},
		{"subscription", value_text(&subscription)},
		{.name = NULL},
	};
	reply_page(rq, rs, 200, "feed_page", page);
}

static const char *const presses[] = {"make", "renew", "revoke", NULL};
static const struct form_field press_fields[] = {
	{.name = "press",
	 .label = "What",
	 .type = FORM_CHOICE,
	 .required = true,
	 .choices = presses},
	{.name = NULL},
};

void feed_press(struct request *rq, struct reply *rs)
{
	struct db *db = rq->app->db;
	const char *note = "feed_made";
	struct form form;

	if (!form_read(rq, press_fields, &form)) {
		reply_problem(rq, rs, 422, STR("bad_choice"));
		return;
	}
	struct str press = form_get(&form, "press");
	if (str_equal(press, STR("make"))) {
		query_feed_make(db, rq->arena, rq->session);
	} else if (str_equal(press, STR("renew"))) {
		note = "feed_renewed";
		query_feed_renew(db, rq->arena, rq->session);
	} else {
		note = "feed_revoked";
		query_feed_revoke(db, rq->arena, rq->session);
	}
	if (page_run(rq, rs))
		reply_see(rq, rs,
			  str_printf(rq->arena, "/me/calendar?note=%s", note));
}

/* --- what it opens --- */

/* The host of BASE_URL, which makes our numbers different from others'. */
static struct str host_of(const struct request *rq)
{
	struct str url = rq->app->config.base_url;
	struct str rest;

	return str_cut(str_from(url, str_find_str(url, STR("://")) + 3), '/',
		       &rest);
}

static struct calendar_entry entry_of(struct request *rq,
				      const struct rows *rows, ptrdiff_t i)
{
	struct str path = query_feed_entries_path(rows, i);
	struct calendar_entry entry = {
		.uid = str_printf(rq->arena, "%.*s@%.*s",
				  STR_ARG(query_feed_entries_uid(rows, i)),
				  STR_ARG(host_of(rq))),
		.sequence = query_feed_entries_sequence(rows, i),
		.stamp = query_feed_entries_stamp(rows, i),
		.whole_days = query_feed_entries_whole_days(rows, i),
		.starts = query_feed_entries_starts(rows, i),
		.ends = query_feed_entries_ends(rows, i),
		.status = query_feed_entries_status(rows, i),
		.summary = query_feed_entries_summary(rows, i),
		.location = query_feed_entries_location(rows, i),
		.description = query_feed_entries_description(rows, i),
	};

	if (!str_is_absent(path))
		entry.url = str_printf(rq->arena, "%.*s%.*s",
				       STR_ARG(rq->app->config.base_url),
				       STR_ARG(path));
	return entry;
}

static struct str tag_of(struct request *rq, struct str body)
{
	unsigned char hash[SECRET_HASH_BYTES];

	secret_hash(body, hash);
	return str_printf(rq->arena, "\"%.*s\"",
			  STR_ARG(secret_base64url(rq->arena, hash, 18)));
}

static void reply_calendar(struct request *rq, struct reply *rs,
			   const struct rows *entries)
{
	ptrdiff_t count = rows_count(entries);

	rs->content_type = CALENDAR_FILE_TYPE;
	calendar_file_begin(&rs->body, STR("Rollcall"));
	for (ptrdiff_t i = 0; i < count; i++) {
		const struct calendar_entry entry = entry_of(rq, entries, i);

		calendar_file_entry(&rs->body, &entry);
	}
	calendar_file_end(&rs->body, count);
	reply_tagged(rq, rs, tag_of(rq, buf_str(&rs->body)));
}

void feed_read(struct request *rq, struct reply *rs)
{
	const struct str ending = STR(".ics");
	struct db *db = rq->app->db;
	struct link link;

	if (!str_ends(rq->params[0], ending)) {
		reply_problem(rq, rs, 404, STR(""));
		return;
	}
	rq->params[0] = str_first(rq->params[0], rq->params[0].n - ending.n);
	if (!link_read(rq, rs, TOKEN_FEED, &link))
		return;
	struct rows *found =
		query_feed_found(db, rq->arena, link.row, link.generation);
	struct rows *entries =
		query_feed_entries(db, rq->arena, link.row, link.generation);
	if (!page_run(rq, rs))
		return;
	if (query_feed_found_found(found, 0))
		reply_calendar(rq, rs, entries);
	else
		page_absent(rq, rs);
}
