/*
 * An organisation's messages as its team reads them: what became of each and
 * why, the file, what comes next, and one that is sent again.
 */
#include "page/team.h"

static struct world world;
static struct team team;
static int64_t event;

/* A message to the member, ended on the given day: its number. */
static int64_t ended(const char *state, const char *cause, const char *day)
{
	return world_sql_int(
		&world,
		"insert into notification_log (id, notification_id, org_id, "
		"kind, event_id, user_id, revision, scheduled_for, state, "
		"cause, reply_code, last_error, retry_count, created_at, "
		"processed_at) select n, 'try-' || n, %lld, 'registration', "
		"%lld, %lld, 1, app_now(), '%s', nullif('%s', ''), 550, "
		"'5.1.1 recipient refused', 2, app_now(), '%s 12:00Z' from "
		"nextval(pg_get_serial_sequence('scheduled_notifications', "
		"'id')) n returning id",
		(long long)team.org, (long long)event,
		(long long)team.user[MEMBER], state, cause, day);
}

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "staff");
	world_sql(&world, "update test_clock set at = '2026-11-20 18:00+00'");
	team = team_make(&world);
	event = world_sql_int(
		&world,
		"insert into events (org_id, title, starts_at, status) values "
		"(%lld, '=1+1 <b>', '2026-11-23 17:00Z', 'published') "
		"returning id",
		(long long)team.org);
	(void)ended("sent", "", "2026-11-18");
	(void)ended("skipped", "not_wanted", "2026-11-19");
	(void)ended("dead", "address_refused", "2026-11-20");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static struct response get_as(enum reader reader, const char *tail)
{
	return team_get(&world, &team, reader,
			str_printf(&world.arena, "/staff/%.*s/messages%s",
				   STR_ARG(team.slug), tail));
}

static struct response get(const char *tail)
{
	return get_as(STAFF, tail);
}

static void says_what_became_of_each(void **state)
{
	struct response r = get("");

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "What place you have"));
	assert_true(response_has(&r, "=1+1 &lt;b&gt;"));
	assert_true(response_has(&r, ">Sent</span>"));
	assert_true(response_has(&r, ">Refused</span>"));
	assert_true(response_has(
		&r, "The mail server said that their address does not exist."));
	assert_true(response_has(&r, "550, 5.1.1 recipient refused"));
	assert_true(response_has(
		&r, "They chose not to get messages of this kind."));
	assert_false(response_has(&r, "You chose"));
	assert_false(response_has(&r, "/again"));
	r = get("?state=dead");
	assert_false(response_has(&r, ">Sent</span>"));
	assert_true(response_has(&r, "value=\"dead\" selected"));
	r = get("?what=shift");
	assert_true(response_has(&r, "There are no such messages."));
}

static void takes_any_filter(void **state)
{
	static const char *const all[] = {
		"?about=-1&what=%3Cb%3E&state=open&cause=x",
		"?about=99999999999999999999",
		"?from=0001-01-01&to=9999-12-31",
		"?before=1&event=x",
		"?before=253402300799999999&event=253402300799999999",
		"?what=prompt&cause=answered&state=bounced",
		"/next?what=%3Cb%3E&after=1&event=2",
		"/next?after=253402300799999999&event=1",
		"/addresses?before=1&event=2",
	};
	struct response r;

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		r = get(all[i]);
		expect_status(&r, 200);
	}
	r = get("?from=2026-02-30");
	assert_true(response_has(&r, "We could not read that day."));
	r = get("?to=2026-11-17");
	assert_true(response_has(&r, "There are no such messages."));
}

static void knows_no_one_else(void **state)
{
	struct str other = str_printf(&world.arena, "?about=%lld",
				      (long long)team.user[OTHER_MEMBER]);
	struct response r = get(str_z(&world.arena, other));

	(void)state;
	expect_status(&r, 404);
	r = get(".csv?about=999999");
	expect_status(&r, 404);
}

static void file_is_safe_to_open(void **state)
{
	struct response r = get(".csv?state=dead");

	(void)state;
	expect_status(&r, 200);
	assert_true(str_equal(response_header(&r, "Content-Type"),
			      STR("text/csv; charset=utf-8")));
	assert_true(response_has(&r, "\xEF\xBB\xBFmessage,at,kind,"));
	assert_true(response_has(&r, ",'=1+1 <b>,"));
	assert_true(response_has(&r, ",dead,address_refused,550,5.1.1 "
				     "recipient refused,2,"));
	assert_false(response_has(&r, ",sent,"));
}

static void file_says_where_it_ends(void **state)
{
	struct response r;

	(void)state;
	world_sql(&world,
		  "insert into notification_log (id, notification_id, org_id, "
		  "kind, event_id, user_id, revision, scheduled_for, state, "
		  "cause, retry_count, created_at) select 1000000 + n, 'many-' "
		  "|| n, %lld, 'digest', %lld, %lld, 1, app_now(), 'expired', "
		  "'too_late', 1, app_now() from generate_series(1, 10001) n",
		  (long long)team.org, (long long)event,
		  (long long)team.user[MEMBER]);
	world_sql(&world,
		  "update events set title = repeat('ü', 500) where id "
		  "= %lld",
		  (long long)event);
	r = get(".csv?what=digest");
	expect_status(&r, 200);
	assert_true(response_has(&r, "The file ends here, after 10000 rows"));
	r = get(".csv?state=dead");
	assert_false(response_has(&r, "The file ends here"));
	r = get("?what=digest");
	assert_true(response_has(&r, "rel=\"next\""));
	world_sql(&world, "delete from notification_log where id > 1000000");
	world_sql(&world,
		  "update events set title = '=1+1 <b>' where id = "
		  "%lld",
		  (long long)event);
}

static struct response send_again(enum reader reader, int64_t id)
{
	return team_post(&world, &team, reader,
			 str_printf(&world.arena,
				    "/staff/%.*s/messages/%lld/again",
				    STR_ARG(team.slug), (long long)id),
			 STR(""));
}

static void sends_again(void **state)
{
	int64_t id = ended("dead", "recipient_refused", "2026-11-20");
	struct response r = get_as(ADMIN, "?state=dead");

	(void)state;
	assert_true(response_has(
		&r, str_z(&world.arena,
			  str_printf(&world.arena, "/messages/%lld/again",
				     (long long)id))));
	r = send_again(ADMIN, id);
	expect_status(&r, 303);
	assert_int_equal(
		world_sql_int(&world,
			      "select count(*) from scheduled_notifications "
			      "where notification_id = 'try-%lld'",
			      (long long)id),
		1);
	r = get_as(ADMIN, "?note=message_again");
	assert_true(response_has(&r, "It is in line again"));
	r = send_again(ADMIN, id);
	expect_status(&r, 409);
	assert_true(response_has(&r, "cannot be sent again any more"));
	r = get("/next");
	assert_true(response_has(&r, ">Due</span>"));
}

static struct response press(enum reader reader, const char *tail,
			     struct str body)
{
	return team_post(&world, &team, reader,
			 str_printf(&world.arena, "/staff/%.*s/messages%s",
				    STR_ARG(team.slug), tail),
			 body);
}

static struct response get_home(void)
{
	return team_get(
		&world, &team, STAFF,
		str_printf(&world.arena, "/staff/%.*s", STR_ARG(team.slug)));
}

static void holds_back(void **state)
{
	struct response r = press(ADMIN, "/pause", STR("reason=wrong"));

	(void)state;
	expect_status(&r, 422);
	assert_true(response_has(&r, "Please choose which messages."));
	r = press(ADMIN, "/pause", STR("category=account&reason=wrong"));
	expect_status(&r, 422);
	r = press(ADMIN, "/pause", STR("category=event&reason=because"));
	expect_status(&r, 422);
	r = get("/next");
	assert_false(response_has(&r, "Held back:"));
	assert_false(response_has(&r, "Hold messages back"));
	r = press(ADMIN, "/pause", STR("category=event&reason=wrong"));
	expect_status(&r, 303);
	r = get("/next");
	assert_true(response_has(&r, "Held back: Places at events."));
	assert_true(response_has(&r, "something in them is wrong"));
	assert_false(response_has(&r, "Let them go"));
	r = get_as(ADMIN, "/next");
	assert_true(response_has(&r, "Let them go"));
	r = get_home();
	assert_true(response_has(&r, "messages that are held back: 1"));
	r = press(ADMIN, "/resume", STR("category=event"));
	expect_status(&r, 303);
	r = get("/next");
	assert_false(response_has(&r, "Held back:"));
	r = get_home();
	assert_false(response_has(&r, "held back"));
}

static void is_logged(void **state)
{
	static const char *const pages[] = {"", ".csv", "/next", "/addresses"};
	struct response r;

	(void)state;
	world_sql(&world, "delete from access_log");
	for (size_t i = 0; i < 4; i++) {
		r = get(pages[i]);
		expect_status(&r, 200);
		assert_int_equal(
			world_sql_int(&world,
				      "select count(*) from access_log where "
				      "action = 'opened' and user_id = %lld "
				      "and what = '/staff/:org/messages%s'",
				      (long long)team.user[STAFF], pages[i]),
			1);
	}
}

static void names_who_refuses(void **state)
{
	struct response r = get("/addresses");

	(void)state;
	assert_true(response_has(&r, "No address refuses our mail."));
	world_sql(&world,
		  "update users set suppressed_at = app_now(), "
		  "suppressed_cause = '5.1.1' where id = %lld",
		  (long long)team.user[MEMBER]);
	r = get("/addresses");
	assert_true(response_has(&r, "(5.1.1)"));
	assert_true(response_has(&r, "Mail them again"));
	assert_false(response_has(&r, str_z(&world.arena, team.email[MEMBER])));
	r = get_as(ADMIN, "/addresses");
	assert_true(response_has(&r, str_z(&world.arena, team.email[MEMBER])));
	r = get("");
	assert_true(response_has(&r, "1 not written to"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-F5 what became of each message, and why, said to the team",
		 says_what_became_of_each, NULL, NULL, NULL},
		{"R-F5 whatever an address asks for", takes_any_filter, NULL,
		 NULL, NULL},
		{"R-O2 nobody of others is known", knows_no_one_else, NULL,
		 NULL, NULL},
		{"R-B8 no cell of the file is a formula", file_is_safe_to_open,
		 NULL, NULL, NULL},
		{"R-F5 a file says where it ends", file_says_where_it_ends,
		 NULL, NULL, NULL},
		{"R-F5 a refused one is sent again, once", sends_again, NULL,
		 NULL, NULL},
		{"R-F5 a category is held back and let go", holds_back, NULL,
		 NULL, NULL},
		{"R-T7 each opening is logged", is_logged, NULL, NULL, NULL},
		{"R-F2 who is not written to, and why", names_who_refuses, NULL,
		 NULL, NULL},
	};

	return cmocka_run_group_tests_name("staff_message", tests, open_world,
					   close_world);
}
