/*
 * Responders' pages about those who are watched over: the board, one person,
 * what can be done, and who is let in.
 */
#include "page/fixture.h"
#include "page/team.h"

static struct world world;
static struct team team;
static struct str board;
static struct str page; /* of the member who is overdue */

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "staff");
	world_sql(&world, "update test_clock set at = '2026-11-20 18:00+00'");
	team = team_make(&world);
	board = str_printf(&world.arena, "/staff/%.*s/watch",
			   STR_ARG(team.slug));
	page = str_printf(&world.arena, "%.*s/%lld", STR_ARG(board),
			  (long long)team.user[MEMBER]);
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static struct response get(enum reader reader, struct str path)
{
	return team_get(&world, &team, reader, path);
}

static struct response press(enum reader reader, const char *body)
{
	return team_post(&world, &team, reader, page, str_of(body));
}

static int64_t opened(enum reader reader, const char *what)
{
	return world_sql_int(&world,
			     "select count(*) from access_log where action = "
			     "'opened' and user_id = %lld and subject = %lld "
			     "and what = '%s'",
			     (long long)team.user[reader],
			     (long long)team.user[MEMBER], what);
}

static void the_board_is_in_order(void **state)
{
	struct response r = get(RESPONDER, board);

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "Nobody else has asked"));
	world_sql(&world,
		  "insert into monitoring (user_id, org_id, consent_version) "
		  "select u, org, '1' from team, unnest(array[member, staff, "
		  "admin]) u");
	world_sql(&world,
		  "insert into user_status (user_id, org_id, next_due, "
		  "alert_level, alert_triggered_at) select member, org, "
		  "app_now() - interval '49 hours', 'L3', app_now() from team "
		  "union all select staff, org, app_now() + interval "
		  "'3 hours', null, null from team union all select admin, "
		  "org, app_now() + interval '2 hours', null, null from team");
	world_sql(&world, "insert into alerts (user_id, org_id, level) "
			  "select member, org, 'L3' from team");
	r = get(RESPONDER, board);
	expect_status(&r, 200);
	assert_true(
		response_has(&r, "Alerts: <strong>1</strong>, of 3 people."));
	assert_true(response_has(&r, "L3 of 4: others told"));
	assert_true(response_has(&r, "2 days ago"));
	assert_true(response_has(&r, "in 2 hours"));
	assert_true(response_has(&r, "Nobody yet"));
	assert_true(response_has(&r, "Reload this page to see changes."));
	const char *text = r.text.p;
	const char *member = strstr(text, "<bdi>Member</bdi>");
	const char *admin = strstr(text, "<bdi>Admin</bdi>");
	const char *staff = strstr(text, "<bdi>Staff</bdi>");
	assert_non_null(member);
	assert_true(member < admin);
	assert_true(admin < staff);
}

static void a_page_is_opened_and_logged(void **state)
{
	struct response r = get(RESPONDER, page);

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "<h1><bdi>Member</bdi></h1>"));
	assert_true(response_has(&r, "Nobody looks after it yet."));
	assert_true(response_has(&r, "I have seen it"));
	assert_true(response_has(&r, "Responder (you)"));
	assert_true(response_has(&r, "Nobody may be reading this now."));
	assert_int_equal(opened(RESPONDER, "/staff/:org/watch/:id"), 1);
}

static void a_responder_acts(void **state)
{
	struct response r = press(RESPONDER, "press=claim");

	(void)state;
	expect_status(&r, 303);
	r = get(RESPONDER, str_printf(&world.arena, "%.*s?note=alert_taken",
				      STR_ARG(page)));
	assert_true(response_has(&r, "You look after it from now on."));
	assert_true(response_has(&r, "You look after it since"));
	assert_false(response_has(&r, "value=\"hand_over\""));
	r = press(RESPONDER, "press=seen");
	expect_status(&r, 303);
	r = get(RESPONDER, page);
	assert_true(response_has(&r, "Seen by <bdi>Responder</bdi>"));
	assert_true(response_has(&r, "It rises no further until"));
	world_sql(&world, "update memberships set responder = true where "
			  "user_id = (select admin from team)");
	r = press(ADMIN, "press=claim");
	expect_status(&r, 409);
	assert_true(
		response_has(&r, "Another responder looks after it already."));
	r = team_post(&world, &team, RESPONDER, page,
		      str_printf(&world.arena, "press=hand_over&to=%lld",
				 (long long)team.user[STAFF]));
	expect_status(&r, 422);
	assert_true(response_has(&r, "id=\"to-error\""));
	r = team_post(&world, &team, RESPONDER, page,
		      str_printf(&world.arena, "press=hand_over&to=%lld",
				 (long long)team.user[ADMIN]));
	expect_status(&r, 303);
	r = get(RESPONDER, page);
	assert_true(response_has(&r, "<bdi>Admin</bdi> looks after it since"));
	assert_true(response_has(&r, "Handed over to another responder"));
	world_sql(&world, "update memberships set responder = false where "
			  "user_id = (select admin from team)");
}

static void what_was_typed_is_kept(void **state)
{
	struct buf body = buf_init(&world.arena, 2100);
	struct response r = press(RESPONDER, "press=dance");

	(void)state;
	expect_status(&r, 422);
	r = press(RESPONDER, "press=close&note=+");
	expect_status(&r, 422);
	assert_true(response_has(&r, "id=\"note-error\""));
	buf_add(&body, STR("press=close&note=begins"));
	for (int i = 0; i < 2000; i++)
		buf_add_byte(&body, 'x');
	r = team_post(&world, &team, RESPONDER, page, buf_str(&body));
	expect_status(&r, 422);
	assert_true(response_has(&r, "beginsxxx"));
	assert_int_equal(world_sql_int(&world, "select count(*) from alerts "
					       "where closed_at is null"),
			 1);
}

static void others_are_not_let_in(void **state)
{
	static const enum reader others[] = {MEMBER, OTHER_MEMBER, DOOR,
					     STAFF,  OTHER_STAFF,  ADMIN};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		int64_t before = world_sql_int(
			&world, "select count(*) from access_log where action "
				"= 'refused'");
		struct response r = get(others[i], board);

		expect_status(&r, 404);
		r = get(others[i], page);
		expect_status(&r, 404);
		r = press(others[i], "press=close&note=Well");
		expect_status(&r, 404);
		assert_int_equal(
			world_sql_int(&world,
				      "select count(*) from access_log where "
				      "action = 'refused'"),
			before + 3);
		assert_int_equal(opened(others[i], "/staff/:org/watch/:id"),
				 others[i] == ADMIN ? 1 : 0);
	}
	struct response r = get(
		RESPONDER, str_printf(&world.arena, "%.*s/%lld", STR_ARG(board),
				      (long long)team.user[RESPONDER]));
	expect_status(&r, 404);
	r = get(RESPONDER, str_printf(&world.arena, "%.*s/%lld", STR_ARG(board),
				      (long long)team.user[OTHER_MEMBER]));
	expect_status(&r, 404);
}

static void a_responder_finds_the_board(void **state)
{
	struct response r = get(RESPONDER, STR("/staff"));

	(void)state;
	expect_status(&r, 303);
	assert_true(str_equal(response_header(&r, "Location"), board));
	r = get(RESPONDER, board);
	assert_true(response_has(
		&r,
		str_printf(&world.arena, "href=\"%.*s\"", STR_ARG(board)).p));
	r = get(ADMIN,
		str_printf(&world.arena, "/staff/%.*s", STR_ARG(team.slug)));
	assert_false(response_has(&r, "/watch\""));
}

static void an_alert_is_closed(void **state)
{
	struct response r = press(
		RESPONDER, "press=close&note=Rang%3A+%3Cb%3Ewell%3C%2Fb%3E");

	(void)state;
	expect_status(&r, 303);
	r = get(RESPONDER, page);
	expect_status(&r, 200);
	assert_true(response_has(&r, "Rang: &lt;b&gt;well&lt;/b&gt;"));
	assert_true(response_has(&r, "Closed by <bdi>Responder</bdi>"));
	assert_false(response_has(&r, "I have seen it"));
	r = press(RESPONDER, "press=seen");
	expect_status(&r, 409);
	assert_true(response_has(&r, "There is no alert any more"));
	r = get(RESPONDER, board);
	assert_true(response_has(&r, "and no alert"));
	world_sql(&world, "update monitoring set stopped_at = app_now() where "
			  "user_id = (select member from team)");
	r = get(RESPONDER, page);
	expect_status(&r, 200);
	assert_true(response_has(&r, "They have stopped it on"));
	assert_false(response_has(&r, "Rang"));
}

static void many_fit_on_one_page(void **state)
{
	(void)state;
	world_sql(&world,
		  "with u as (insert into users (email, name) select 'many' || "
		  "n || random() || '@example.org', 'Person ' || "
		  "md5(n::text) from generate_series(1, 1001) n returning id), "
		  "m as (insert into memberships (user_id, org_id) select "
		  "u.id, t.org from u, team t), w as (insert into monitoring "
		  "(user_id, org_id, consent_version) select u.id, t.org, '1' "
		  "from u, team t) insert into user_status (user_id, org_id, "
		  "next_due) select u.id, t.org, app_now() + u.id * interval "
		  "'1 minute' from u, team t");
	struct response r = get(RESPONDER, board);
	expect_status(&r, 200);
	assert_true(response_has(&r, "More than a thousand people fit."));
	assert_true(response_has(&r, "1000 people, and no alert."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-D3 the most urgent come first", the_board_is_in_order, NULL,
		 NULL, NULL},
		{"R-O1 that a responder looked is logged",
		 a_page_is_opened_and_logged, NULL, NULL, NULL},
		{"R-D3 responders claim, acknowledge and hand over",
		 a_responder_acts, NULL, NULL, NULL},
		{"what is refused is not lost", what_was_typed_is_kept, NULL,
		 NULL, NULL},
		{"R-O1 R-O2 nobody else is let in, which is logged",
		 others_are_not_let_in, NULL, NULL, NULL},
		{"who is only a responder comes to the board",
		 a_responder_finds_the_board, NULL, NULL, NULL},
		{"R-D4 an alert is closed with a note, and R-D2 what was "
		 "stopped is shown no more",
		 an_alert_is_closed, NULL, NULL, NULL},
		{"a thousand people are on one page, and more are said",
		 many_fit_on_one_page, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("watch", tests, open_world,
					   close_world);
}
