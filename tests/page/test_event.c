/*
 * Events as members see them: who may, what looking records, joining.
 */
#include "page/fixture.h"

#include <unistd.h>

static struct world world;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "member");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static struct str path_of(const struct fixture *f, const char *tail)
{
	return str_printf(&world.arena, "/events/%lld%s", (long long)f->event,
			  tail);
}

static int64_t views(const struct fixture *f)
{
	return world_sql_int(&world,
			     "select count(*) from event_views "
			     "where event_id = %lld and user_id = %lld",
			     (long long)f->event, (long long)f->user);
}

static struct str participation(const struct fixture *f)
{
	return world_sql(&world,
			 "select status from event_participants "
			 "where event_id = %lld and user_id = %lld",
			 (long long)f->event, (long long)f->user);
}

static void sends_strangers_to_sign_in(void **state)
{
	struct fixture f = fixture_event(&world, "-1 day");
	const struct str paths[] = {STR("/events"), path_of(&f, ""),
				    STR("/history"), STR("/me")};
	struct response r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		r = world_get(&world, paths[i]);
		expect_status(&r, 303);
		assert_true(str_starts(response_header(&r, "Location"),
				       STR("/signin")));
		assert_false(response_has(&r, "Regatta"));
	}
	r = world_post(&world, path_of(&f, "/register"), STR("csrf=x"));
	assert_true(r.status == 403 || r.status == 401 || r.status == 303);
	assert_true(str_is_absent(participation(&f)));
}

static void records_a_view_once(void **state)
{
	struct fixture f = fixture_event(&world, "-1 day");
	struct str me = fixture_sign_in(&world, &f);
	struct response r = fixture_get(&world, me, STR("/events"));

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "Regatta"));
	assert_int_equal(views(&f), 0);
	r = fixture_get(&world, me, path_of(&f, ""));
	expect_status(&r, 200);
	assert_int_equal(views(&f), 1);
	r = fixture_get(&world, me, path_of(&f, ""));
	assert_int_equal(views(&f), 1);
}

static void records_no_view_by_machines(void **state)
{
	static const char *const headers[] = {
		"Sec-Purpose: prefetch\r\n",
		"Sec-Purpose: prefetch;prerender\r\n",
		"Sec-Purpose: prefetch;anonymous-client-ip\r\n",
	};
	struct fixture f = fixture_event(&world, "-1 day");
	struct str me = fixture_sign_in(&world, &f);
	struct response r;
	size_t i;

	(void)state;
	r = world_sendf(&world, "HEAD %.*s HTTP/1.1\r\n%.*s\r\n",
			STR_ARG(path_of(&f, "")), STR_ARG(me));
	expect_status(&r, 200);
	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		world_sendf(&world, "GET %.*s HTTP/1.1\r\n%s%.*s\r\n",
			    STR_ARG(path_of(&f, "")), headers[i], STR_ARG(me));
	assert_int_equal(views(&f), 0);
}

/* Whether or not a sweep has completed it by then. */
static void records_no_view_after_the_end(void **state)
{
	struct fixture f = fixture_event(&world, "-1 hour");
	struct fixture g = fixture_event(&world, "1 second");
	struct str of_f = fixture_sign_in(&world, &f);
	struct str of_g = fixture_sign_in(&world, &g);
	struct response r;

	(void)state;
	world_clock(&world, "61 minutes");
	r = fixture_get(&world, of_f, path_of(&f, ""));
	world_clock(&world, NULL);
	expect_status(&r, 200);
	assert_int_equal(views(&f), 0);
	r = fixture_get(&world, of_g, path_of(&g, ""));
	expect_status(&r, 200);
	assert_true(response_has(&r, "Over"));
	assert_int_equal(views(&g), 0);
}

static void hides_other_orgs_events(void **state)
{
	struct fixture f = fixture_event(&world, "-1 day");
	struct fixture g = fixture_event(&world, "-1 day");
	struct str me = fixture_sign_in(&world, &f);
	struct response none = fixture_get(&world, me, STR("/no/such/page"));
	struct response r = fixture_get(&world, me, path_of(&g, ""));
	struct str csrf, body;

	(void)state;
	expect_status(&none, 404);
	assert_true(str_equal(r.text, none.text));
	r = fixture_get(&world, me, STR("/events/999999999"));
	assert_true(str_equal(r.text, none.text));
	r = fixture_get(&world, me, STR("/me"));
	csrf = fixture_csrf(&world, &r);
	body = str_printf(&world.arena, "csrf=%.*s", STR_ARG(csrf));
	r = fixture_post(&world, me, path_of(&g, "/register"), body);
	expect_status(&r, 404);
	r = fixture_post(&world, me, path_of(&g, "/withdraw"), body);
	expect_status(&r, 404);
	assert_int_equal(
		world_sql_int(&world,
			      "select (select count(*) from event_views where "
			      "event_id = %lld) + (select count(*) from "
			      "event_participants where event_id = %lld)",
			      (long long)g.event, (long long)g.event),
		0);
	r = fixture_get(&world, me, STR("/events"));
	assert_false(response_has(&r, str_z(&world.arena, path_of(&g, ""))));
}

static void hides_drafts_and_deleted(void **state)
{
	struct fixture f = fixture_event(&world, "-1 day");
	struct str me = fixture_sign_in(&world, &f);
	struct response r;

	(void)state;
	world_sql(&world, "update events set status = 'draft' where id = %lld",
		  (long long)f.event);
	r = fixture_get(&world, me, path_of(&f, ""));
	expect_status(&r, 404);
	world_sql(&world,
		  "update events set status = 'published', "
		  "deleted_at = app_now() where id = %lld",
		  (long long)f.event);
	r = fixture_get(&world, me, path_of(&f, ""));
	expect_status(&r, 404);
	assert_int_equal(views(&f), 0);
}

static void takes_numbers_only(void **state)
{
	static const char *const paths[] = {
		"/events/0",	"/events/-1",	  "/events/1x",
		"/events/01",	"/events/1%00",	  "/events/9223372036854775808",
		"/events/1%20", "/events/%31%zz", "/events/%C3%28",
		"/events/1e3",	"/events//",
	};
	struct fixture f = fixture_event(&world, "-1 day");
	struct str me = fixture_sign_in(&world, &f);
	struct response r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		r = fixture_get(&world, me, str_of(paths[i]));
		if (r.status != 404 && r.status != 400)
			fail_msg("%s: %d", paths[i], r.status);
	}
}

static void registers_and_withdraws(void **state)
{
	struct fixture f = fixture_event(&world, "-1 day");
	struct str me = fixture_sign_in(&world, &f);
	struct response r = fixture_get(&world, me, path_of(&f, ""));
	struct str csrf = fixture_csrf(&world, &r);
	struct str body = str_printf(&world.arena, "csrf=%.*s", STR_ARG(csrf));

	(void)state;
	r = fixture_post(&world, me, path_of(&f, "/register"), body);
	expect_status(&r, 303);
	assert_true(str_equal(participation(&f), STR("registered")));
	r = fixture_get(&world, me, response_header(&r, "Location"));
	expect_status(&r, 200);
	assert_true(response_has(&r, "You are registered"));
	r = fixture_post(&world, me, path_of(&f, "/register"), body);
	expect_status(&r, 303);
	r = fixture_post(&world, me, path_of(&f, "/withdraw"), body);
	expect_status(&r, 303);
	assert_true(str_equal(participation(&f), STR("cancelled")));
	r = fixture_post(&world, me, path_of(&f, "/register"), body);
	expect_status(&r, 303);
	assert_true(str_equal(participation(&f), STR("registered")));
	assert_int_equal(
		world_sql_int(&world,
			      "select count(*) from event_participants "
			      "where event_id = %lld and attendance_status = "
			      "'unknown'",
			      (long long)f.event),
		1);
}

static void registers_by_own_post_only(void **state)
{
	struct fixture f = fixture_event(&world, "-1 day");
	struct str me = fixture_sign_in(&world, &f);
	struct response r = fixture_get(&world, me, path_of(&f, ""));
	struct str csrf = fixture_csrf(&world, &r);
	struct str path = path_of(&f, "/register");

	(void)state;
	r = fixture_get(&world, me, path);
	expect_status(&r, 405);
	r = fixture_post(&world, me, path, STR(""));
	expect_status(&r, 403);
	r = world_sendf(&world,
			"POST %.*s HTTP/1.1\r\nSec-Fetch-Site: cross-site\r\n"
			"Origin: " WORLD_BASE_URL "\r\n%.*s\r\ncsrf=%.*s",
			STR_ARG(path), STR_ARG(me), STR_ARG(csrf));
	expect_status(&r, 403);
	r = world_sendf(&world, "POST %.*s HTTP/1.1\r\n%.*s\r\ncsrf=%.*s",
			STR_ARG(path), STR_ARG(me), STR_ARG(csrf));
	expect_status(&r, 403);
	assert_true(str_is_absent(participation(&f)));
}

static void registers_not_after_the_end(void **state)
{
	struct fixture f = fixture_event(&world, "-1 hour");
	struct str me = fixture_sign_in(&world, &f);
	struct response r = fixture_get(&world, me, path_of(&f, ""));
	struct str csrf = fixture_csrf(&world, &r);
	struct str body = str_printf(&world.arena, "csrf=%.*s", STR_ARG(csrf));

	(void)state;
	world_clock(&world, "61 minutes");
	r = fixture_post(&world, me, path_of(&f, "/register"), body);
	expect_status(&r, 410);
	assert_true(response_has(&r, "over"));
	world_clock(&world, NULL);
	world_sql(&world,
		  "update events set status = 'cancelled' where id = %lld",
		  (long long)f.event);
	r = fixture_post(&world, me, path_of(&f, "/register"), body);
	expect_status(&r, 410);
	assert_true(response_has(&r, "cancelled"));
	assert_true(str_is_absent(participation(&f)));
}

static void fills_no_more_than_its_places(void **state)
{
	struct fixture f = fixture_event(&world, "-1 day");
	struct str me = fixture_sign_in(&world, &f);
	struct response r = fixture_get(&world, me, path_of(&f, ""));
	struct str csrf = fixture_csrf(&world, &r);
	struct fixture g = fixture_event(&world, "-1 day");

	(void)state;
	world_sql(&world, "update events set capacity = 1 where id = %lld",
		  (long long)f.event);
	world_sql(&world,
		  "insert into event_participants (event_id, org_id, user_id) "
		  "values (%lld, %lld, %lld)",
		  (long long)f.event, (long long)f.org, (long long)g.user);
	r = fixture_post(&world, me, path_of(&f, "/register"),
			 str_printf(&world.arena, "csrf=%.*s", STR_ARG(csrf)));
	expect_status(&r, 303);
	assert_true(str_equal(participation(&f), STR("waitlisted")));
	r = fixture_get(&world, me, response_header(&r, "Location"));
	assert_true(response_has(&r, "The event is full."));
	assert_false(response_has(&r, "You are registered"));
	assert_false(response_has(&r, "/ticket"));

	r = fixture_get(&world, me, path_of(&f, "/ticket"));
	expect_status(&r, 200);
	assert_true(response_has(&r, "number 1 on the waiting list"));
	assert_false(response_has(&r, "<svg") || response_has(&r, "/c/"));
	world_sql(&world,
		  "update event_participants set status = 'cancelled' "
		  "where event_id = %lld and user_id = %lld",
		  (long long)f.event, (long long)g.user);
	r = fixture_get(&world, me, path_of(&f, "/ticket"));
	assert_true(response_has(&r, "<svg") && response_has(&r, "/c/"));
}

static void shows_events_for_14_days(void **state)
{
	struct fixture f = fixture_event(&world, "13 days 23 hours");
	struct fixture g = fixture_event(&world, "14 days 1 hour");
	struct str of_f = fixture_sign_in(&world, &f);
	struct str of_g = fixture_sign_in(&world, &g);
	struct response r = fixture_get(&world, of_f, STR("/events"));

	(void)state;
	assert_true(response_has(&r, str_z(&world.arena, path_of(&f, "\""))));
	r = fixture_get(&world, of_g, STR("/events"));
	assert_false(response_has(&r, str_z(&world.arena, path_of(&g, "\""))));
}

static int64_t instance(const struct fixture *f, const char *cond)
{
	return world_sql_int(&world,
			     "select id from events where org_id = %lld and "
			     "title = 'Weekly' order by starts_at %s limit 1",
			     (long long)f->org, cond);
}

static void shows_a_series_once(void **state)
{
	struct fixture f = fixture_event(&world, "-1 day");
	struct str me = fixture_sign_in(&world, &f);

	(void)state;
	world_sql(&world,
		  "with s as (insert into event_series (org_id, starts_local, "
		  "zone, rule, title, status) values (%lld, app_now()::date, "
		  "'UTC', 'FREQ=WEEKLY', 'Weekly', 'published') returning *) "
		  "insert into events (org_id, series_id, recurrence_time, "
		  "title, starts_at, status) select org_id, id, t, title, t, "
		  "status from s, generate_series(app_now() + interval '1 "
		  "day', app_now() + interval '60 days', '7 days') t",
		  (long long)f.org);
	struct str first = str_printf(&world.arena, "/events/%lld",
				      (long long)instance(&f, "asc"));
	struct str last = str_printf(&world.arena, "/events/%lld",
				     (long long)instance(&f, "desc"));
	struct response r = fixture_get(&world, me, STR("/events"));

	assert_true(response_has(&r, str_z(&world.arena, first)));
	assert_true(response_has(&r, "and on later days"));
	assert_false(response_has(&r, str_z(&world.arena, last)));
	r = fixture_get(&world, me, first);
	assert_true(response_has(&r, "Later dates"));
	assert_true(response_has(&r, str_z(&world.arena, last)));
	r = fixture_get(&world, me, last);
	expect_status(&r, 200);
	assert_false(response_has(&r, "Later dates"));
}

static void shows_own_history_by_pages(void **state)
{
	struct fixture f = fixture_event(&world, "1 day");
	struct str me = fixture_sign_in(&world, &f);
	struct response r = fixture_get(&world, me, STR("/history"));
	const struct str before = STR("href=\"/history?");
	struct str next, rest;
	ptrdiff_t at;

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "nothing here yet"));
	world_sql(&world,
		  "with e as (insert into events (org_id, title, starts_at, "
		  "status) select %lld, 'Past ' || n || '!', app_now() - n * "
		  "interval '1 day', 'completed' from generate_series(1, 53) n "
		  "returning *) insert into attendance (user_id, event_id, "
		  "org_id, status, responded_at, event_starts_at) select %lld, "
		  "id, org_id, 'attended', app_now(), starts_at from e",
		  (long long)f.org, (long long)f.user);
	r = fixture_get(&world, me, STR("/history"));
	assert_true(response_has(&r, "Past 50!"));
	assert_false(response_has(&r, "Past 51!"));
	at = str_find_str(r.body, before);
	assert_true(at > 0);
	next = str_cut(str_from(r.body, at + 6), '"', &rest);
	/* As it stands in the page, so &amp; becomes &. */
	at = str_find_str(next, STR("&amp;"));
	if (at > 0)
		next = str_printf(&world.arena, "%.*s&%.*s", (int)at, next.p,
				  STR_ARG(str_from(next, at + 5)));
	r = fixture_get(&world, me, next);
	expect_status(&r, 200);
	assert_true(response_has(&r, "Past 51!"));
	assert_true(response_has(&r, "Past 53!"));
	assert_false(response_has(&r, "Past 50!"));
	r = fixture_get(&world, me, STR("/history?before=x&event=%00"));
	assert_true(r.status == 200 || r.status == 400 || r.status == 404 ||
		    r.status == 422);
}

static void rename_to(const struct fixture *f, const char *title)
{
	world_sql(&world, "update events set title = '%s' where id = %lld",
		  title, (long long)f->event);
}

/* What a worker keeps of an event must not outlive it. */
static void shows_what_events_are_called_now(void **state)
{
	struct fixture f = fixture_event(&world, "-1 day");
	struct str me = fixture_sign_in(&world, &f);
	struct response r;

	(void)state;
	world_sql(&world,
		  "insert into attendance (user_id, event_id, org_id, status, "
		  "responded_at) select %lld, id, org_id, 'attended', app_now()"
		  " from events where id = %lld",
		  (long long)f.user, (long long)f.event);
	rename_to(&f, "Evening One");
	r = fixture_get(&world, me, STR("/history"));
	assert_true(response_has(&r, "Evening One"));
	r = fixture_get(&world, me, STR("/history"));
	assert_true(response_has(&r, "Evening One"));
	rename_to(&f, "Evening Two");
	r = fixture_get(&world, me, STR("/history"));
	assert_true(response_has(&r, "Evening Two"));
	assert_false(response_has(&r, "Evening One"));
	world_sql(&world,
		  "update events set starts_at = '2024-02-29 12:00+00', ends_at"
		  " = null, location = 'Attic' where id = %lld",
		  (long long)f.event);
	r = fixture_get(&world, me, STR("/history"));
	assert_true(response_has(&r, "29 February 2024"));
	assert_true(response_has(&r, "2024-02-29T12:00:00Z"));
	assert_true(response_has(&r, "Attic"));
	world_sql(&world,
		  "update organizations set name = 'New Name' where id = %lld",
		  (long long)f.org);
	r = fixture_get(&world, me, STR("/history"));
	assert_true(response_has(&r, "data-label=\"From\">New Name"));
	world_sql(&world,
		  "update users set timezone = 'Asia/Tokyo' where id = %lld",
		  (long long)f.user);
	r = fixture_get(&world, me, STR("/history"));
	assert_true(response_has(&r, "29 February 2024, 21:00"));
	world_sql(&world,
		  "update events set deleted_at = app_now() where id = %lld",
		  (long long)f.event);
	r = fixture_get(&world, me, STR("/history"));
	assert_true(response_has(&r, "nothing here yet"));
}

static void shows_titles_as_text(void **state)
{
	struct fixture f = fixture_event(&world, "-1 day");
	struct str me = fixture_sign_in(&world, &f);
	struct response r;

	(void)state;
	world_sql(&world,
		  "update events set title = '<script>alert(1)</script>', "
		  "location = '\" onload=\"x', description = '</p><img src=x>'"
		  " where id = %lld",
		  (long long)f.event);
	r = fixture_get(&world, me, path_of(&f, ""));
	expect_status(&r, 200);
	assert_false(response_has(&r, "<script>alert"));
	assert_false(response_has(&r, "<img src=x"));
	assert_false(response_has(&r, "\" onload"));
	r = fixture_get(&world, me, STR("/events"));
	assert_false(response_has(&r, "<script>alert"));
}

static void shows_the_longest_list(void **state)
{
	struct fixture f = fixture_event(&world, "-1 day");
	struct str me = fixture_sign_in(&world, &f);
	struct response r;

	(void)state;
	world_sql(&world,
		  "insert into events (org_id, title, location, starts_at, "
		  "status) select %lld, repeat('\"', 500), repeat('\"', 2000), "
		  "app_now() + n * interval '1 minute', 'published' "
		  "from generate_series(1, 250) n",
		  (long long)f.org);
	r = fixture_get(&world, me, STR("/events"));
	expect_status(&r, 200);
	/* A title of 3,000 bytes, a place of 1,200 and 500 around them. */
	assert_true(r.body.n > 200 * 4000);
	assert_true(r.body.n < 200 * 4700);
	world_sql(&world,
		  "insert into attendance (user_id, event_id, org_id, status, "
		  "responded_at) select %lld, id, org_id, 'attended', app_now()"
		  " from events where org_id = %lld",
		  (long long)f.user, (long long)f.org);
	r = fixture_get(&world, me, STR("/history"));
	expect_status(&r, 200);
	assert_true(r.body.n < 51 * 4700);
}

static void is_not_kept_by_caches(void **state)
{
	struct fixture f = fixture_event(&world, "-1 day");
	struct str me = fixture_sign_in(&world, &f);
	struct response r = fixture_get(&world, me, STR("/events"));
	struct str cache = response_header(&r, "Cache-Control");

	(void)state;
	assert_true(str_find_str(cache, STR("no-store")) >= 0 ||
		    str_find_str(cache, STR("private")) >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-O5 who is not signed in is sent to sign in",
		 sends_strangers_to_sign_in, NULL, NULL, NULL},
		{"R-A2 opening the page records one view", records_a_view_once,
		 NULL, NULL, NULL},
		{"R-A2 HEAD and prefetches record no view",
		 records_no_view_by_machines, NULL, NULL, NULL},
		{"R-A2 no view after the end", records_no_view_after_the_end,
		 NULL, NULL, NULL},
		{"R-O5 another org's event is a 404, to the byte",
		 hides_other_orgs_events, NULL, NULL, NULL},
		{"R-O5 drafts and deleted events are a 404",
		 hides_drafts_and_deleted, NULL, NULL, NULL},
		{"R-O5 an event's address is a number", takes_numbers_only,
		 NULL, NULL, NULL},
		{"R-B1 register, withdraw, register again",
		 registers_and_withdraws, NULL, NULL, NULL},
		{"R-B1 registering takes our own page's post",
		 registers_by_own_post_only, NULL, NULL, NULL},
		{"R-B1 no registering after the end or when cancelled",
		 registers_not_after_the_end, NULL, NULL, NULL},
		{"R-B1 a full event has a waiting list, and no ticket for it",
		 fills_no_more_than_its_places, NULL, NULL, NULL},
		{"R-O5 the list goes 14 days back", shows_events_for_14_days,
		 NULL, NULL, NULL},
		{"R-O5 a series stands there once, its page has the rest",
		 shows_a_series_once, NULL, NULL, NULL},
		{"R-A11 history comes 50 a page", shows_own_history_by_pages,
		 NULL, NULL, NULL},
		{"R-A11 the history calls events what they are called now",
		 shows_what_events_are_called_now, NULL, NULL, NULL},
		{"R-O5 what people wrote is shown as text",
		 shows_titles_as_text, NULL, NULL, NULL},
		{"R-O5 long titles and places fit into the lists",
		 shows_the_longest_list, NULL, NULL, NULL},
		{"R-O5 a person's pages are kept by no cache",
		 is_not_kept_by_caches, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("event", tests, open_world,
					   close_world);
}
