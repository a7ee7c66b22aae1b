/*
 * A person's calendar for other programs: its address, and what it opens.
 */
#include "base/calendar.h"
#include "page/fixture.h"
#include "page/team.h"

static struct world world;
static struct team team;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "member");
	world_sql(&world, "update test_clock set at = '2026-11-20 18:00+00'");
	team = team_make(&world);
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static struct response press(enum reader reader, const char *body)
{
	return team_post(&world, &team, reader, STR("/me/calendar"),
			 str_of(body));
}

/* The path that the page shows; fails when it shows none. */
static struct str address_of(enum reader reader)
{
	const struct str before = STR("<a href=\"" WORLD_BASE_URL "/feed/");
	struct response r =
		team_get(&world, &team, reader, STR("/me/calendar"));
	ptrdiff_t at = str_find_str(r.body, before);
	struct str rest;

	expect_status(&r, 200);
	if (at < 0)
		fail_msg("no address in:\n%.*s", STR_ARG(r.body));
	return str_printf(
		&world.arena, "/feed/%.*s",
		STR_ARG(str_cut(str_from(r.body, at + before.n), '"', &rest)));
}

static struct response get_known(struct str path, const char *method,
				 struct str tag)
{
	return world_sendf(&world,
			   "%s %.*s HTTP/1.1\r\nIf-None-Match: %.*s\r\n\r\n",
			   method, STR_ARG(path), STR_ARG(tag));
}

static void shift_make(enum reader reader, const char *title)
{
	world_sql(&world,
		  "with s as (insert into duty_schedules (org_id, title, "
		  "location, start_at, end_at) values (%lld, '%s', "
		  "'Hall 1, left', app_now() + interval '1 day', "
		  "app_now() + interval '26 hours') returning id, org_id) "
		  "insert into duty_assignments (org_id, schedule_id, user_id) "
		  "select org_id, id, %lld from s",
		  (long long)team.org, title, (long long)team.user[reader]);
}

static void has_one_when_asked_for(void **state)
{
	struct response r;
	struct str address;

	(void)state;
	r = team_get(&world, &team, MEMBER, STR("/me/calendar"));
	expect_status(&r, 200);
	assert_false(response_has(&r, "/feed/"));
	assert_true(response_has(&r, "value=\"make\""));
	r = press(MEMBER, "press=make");
	expect_status(&r, 303);
	address = address_of(MEMBER);
	assert_int_equal(address.n, 6 + 64 + 4);
	assert_true(str_ends(address, STR(".ics")));
	press(MEMBER, "press=make");
	assert_true(str_equal(address, address_of(MEMBER)));
	r = team_get(&world, &team, MEMBER, STR("/me/calendar"));
	assert_true(response_has(&r, "href=\"webcal://127.0.0.1:8080/feed/"));
	r = press(MEMBER, "press=dance");
	expect_status(&r, 422);
}

static void gives_a_calendar(void **state)
{
	struct response r;
	struct calendar *calendar;
	struct str why = STR_ABSENT;
	struct str before;

	(void)state;
	press(DOOR, "press=make");
	struct str address = address_of(DOOR);

	r = world_get(&world, address);
	expect_status(&r, 200);
	assert_false(response_has(&r, "VEVENT"));
	shift_make(DOOR, "Zoë; bar, \\ late");
	shift_make(MEMBER, "Of Member");
	before = world_digest(&world);
	r = world_get(&world, address);
	expect_status(&r, 200);
	assert_true(str_equal(response_header(&r, "Content-Type"),
			      STR("text/calendar; charset=utf-8")));
	assert_true(str_equal(response_header(&r, "Cache-Control"),
			      STR("private, no-cache")));
	assert_true(str_is_absent(response_header(&r, "Set-Cookie")));
	calendar = calendar_read(&world.arena, r.body, &why);
	assert_non_null(calendar);
	assert_int_equal(calendar->count, 1);
	assert_true(str_equal(calendar->events[0].summary,
			      STR("Zoë; bar, \\ late")));
	assert_true(str_ends(calendar->events[0].uid, STR("@127.0.0.1:8080")));
	assert_true(str_equal(calendar->events[0].start.local,
			      STR("2026-11-21T18:00:00")));
	assert_true(str_starts(calendar->events[0].url,
			       STR(WORLD_BASE_URL "/shifts/")));
	assert_true(str_equal(before, world_digest(&world)));
}

static void says_when_nothing_is_new(void **state)
{
	struct response first, r;
	struct str tag;

	(void)state;
	press(STAFF, "press=make");
	shift_make(STAFF, "Desk");
	struct str address = address_of(STAFF);

	first = world_get(&world, address);
	tag = response_header(&first, "ETag");
	assert_true(tag.n > 10);
	r = get_known(address, "GET", tag);
	expect_status(&r, 304);
	assert_int_equal(r.body.n, 0);
	assert_true(str_equal(response_header(&r, "ETag"), tag));
	assert_true(str_is_absent(response_header(&r, "Content-Length")));
	r = get_known(address, "HEAD", tag);
	expect_status(&r, 304);
	r = get_known(address, "HEAD", STR("\"other\""));
	expect_status(&r, 200);
	assert_int_equal(r.body.n, 0);
	assert_true(str_equal(response_header(&r, "ETag"), tag));
	r = world_get(&world, address);
	assert_true(str_equal(r.text, first.text));
	world_sql(&world, "update duty_schedules set location = 'Elsewhere', "
			  "updated_at = app_now() where title = 'Desk'");
	r = get_known(address, "GET", tag);
	expect_status(&r, 200);
	assert_true(response_has(&r, "LOCATION:Elsewhere"));
}

static void expect_none(struct str path, const struct response *none)
{
	struct response r = world_get(&world, path);

	if (!str_equal(r.text, none->text))
		fail_msg("%.*s: not the one 404 but:\n%.*s", STR_ARG(path),
			 STR_ARG(r.text));
}

static void one_404_for_addresses(void **state)
{
	struct response none = world_get(&world, STR("/no/such/page"));
	struct str address, other;
	int64_t id;

	(void)state;
	press(ADMIN, "press=make");
	address = address_of(ADMIN);
	id = world_sql_int(&world,
			   "select id from calendar_feeds where user_id = %lld",
			   (long long)team.user[ADMIN]);
	expect_none(str_first(address, address.n - 4), &none);
	expect_none(str_printf(&world.arena, "%.*s.ics", STR_ARG(address)),
		    &none);
	expect_none(STR("/feed/.ics"), &none);
	expect_none(STR("/feed/x.ics"), &none);
	for (int purpose = TOKEN_PROMPT; purpose <= TOKEN_SHIFT; purpose++) {
		if (purpose == TOKEN_FEED)
			continue;
		expect_none(
			str_printf(&world.arena, "/feed/%.*s.ics",
				   STR_ARG(world_token(
					   &world, (enum token_purpose)purpose,
					   id, 1, 0))),
			&none);
	}
	press(ADMIN, "press=renew");
	expect_none(address, &none);
	other = address_of(ADMIN);
	struct response r = world_get(&world, other);
	expect_status(&r, 200);
	press(ADMIN, "press=revoke");
	expect_none(other, &none);
	press(ADMIN, "press=make");
	expect_none(address, &none);
	expect_none(other, &none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"an address is made when it is asked for",
		 has_one_when_asked_for, NULL, NULL, NULL},
		{"R-O2 it opens what is theirs, as libical reads it",
		 gives_a_calendar, NULL, NULL, NULL},
		{"who has it as it is gets 304", says_when_nothing_is_new, NULL,
		 NULL, NULL},
		{"R-A8 forged and revoked addresses are the one 404",
		 one_404_for_addresses, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("feed", tests, open_world,
					   close_world);
}
