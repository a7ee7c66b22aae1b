/*
 * The participants of an event as staff see and correct them.
 */
#include "page/fixture.h"
#include "page/team.h"

static struct world world;
static struct team team;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "staff");
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

static int64_t event_make(const char *status, int people)
{
	int64_t event = world_sql_int(
		&world,
		"insert into events (org_id, title, starts_at, ends_at, status,"
		" takes_attendance) values (%lld, 'Talk', '2026-11-20 14:00Z', "
		"'2026-11-20 16:00Z', '%s', true) returning id",
		(long long)team.org, status);

	world_sql(&world,
		  "with u as (insert into users (email, name) select 'p' || i "
		  "|| '-%lld@example.org', 'Person ' || lpad(i::text, 3, '0') "
		  "from generate_series(1, %d) i returning id) insert into "
		  "event_participants (event_id, org_id, user_id) select %lld, "
		  "%lld, id from u order by id",
		  (long long)event, people, (long long)event,
		  (long long)team.org);
	return event;
}

static int64_t place_of(int64_t event, int which)
{
	return world_sql_int(&world,
			     "select id from event_participants where event_id "
			     "= %lld order by id offset %d limit 1",
			     (long long)event, which);
}

static struct str state_of(int64_t event)
{
	return world_sql(&world,
			 "select string_agg(attendance_status, ' ' order by id)"
			 " from event_participants where event_id = %lld",
			 (long long)event);
}

static struct str path_of(int64_t event, const char *tail)
{
	return str_printf(&world.arena, "/staff/%.*s/events/%lld/people%s",
			  STR_ARG(team.slug), (long long)event, tail);
}

static struct response get(int64_t event, const char *tail)
{
	return team_get(&world, &team, STAFF, path_of(event, tail));
}

static struct response post(int64_t event, const char *tail, struct str body)
{
	return team_post(&world, &team, STAFF, path_of(event, tail), body);
}

static void expect_text(struct str got, const char *wanted)
{
	assert_string_equal(str_z(&world.arena, got), wanted);
}

static void corrects_who_is_ticked(void **state)
{
	int64_t event = event_make("completed", 3);
	struct response r =
		post(event, "?show=unknown&q=Per",
		     str_printf(&world.arena,
				"tick[]=%lld-unknown&tick[]=%lld-unknown&"
				"status=present&"
				"reason_code=other&reason=The+list+was+lost",
				(long long)place_of(event, 0),
				(long long)place_of(event, 2)));

	(void)state;
	expect_status(&r, 303);
	assert_true(response_has(&r, "people?show=unknown&q=Per&note="
				     "corrected\r\n"));
	expect_text(state_of(event), "present unknown present");
	r = get(event, "?show=present&note=corrected");
	assert_true(response_has(&r, "Person 001"));
	assert_false(response_has(&r, "Person 002"));
	assert_true(response_has(&r, "it is kept who did it"));
	r = get(event,
		str_z(&world.arena, str_printf(&world.arena, "/%lld",
					       (long long)place_of(event, 0))));
	assert_true(response_has(&r, "Corrected: Not marked to Present"));
	assert_true(response_has(&r, "The list was lost"));
	assert_true(response_has(&r, "by Staff"));
}

static void ticks_the_whole_page(void **state)
{
	int64_t event = event_make("ongoing", 2);
	struct response r = get(event, "?tick=all");
	struct str tick = str_printf(&world.arena, "%lld-unknown\" checked",
				     (long long)place_of(event, 1));

	(void)state;
	assert_true(response_has(&r, str_z(&world.arena, tick)));
	r = get(event, "");
	assert_false(response_has(&r, "checked"));
}

static void wants_a_reason_and_keeps_the_ticks(void **state)
{
	int64_t event = event_make("completed", 2);
	struct str tick = str_printf(&world.arena, "%lld-unknown",
				     (long long)place_of(event, 1));
	struct response r = post(
		event, "",
		str_printf(&world.arena, "tick[]=%.*s&status=late&reason=Bus",
			   STR_ARG(tick)));

	(void)state;
	expect_status(&r, 422);
	expect_text(state_of(event), "unknown unknown");
	assert_true(response_has(&r, "so please say why it is changed"));
	assert_true(response_has(
		&r, str_z(&world.arena,
			  str_printf(&world.arena, "value=\"%.*s\" checked",
				     STR_ARG(tick)))));
	assert_true(response_has(&r, "value=\"late\" selected"));
	assert_true(response_has(&r, "value=\"Bus\""));
	r = post(event, "", STR("status=late&reason_code=not_marked"));
	expect_status(&r, 422);
	assert_true(response_has(&r, "tick at least one person"));
	r = post(event, "",
		 STR("tick[]=x&tick[]=-&tick[]=99999999999999999999-x&"
		     "status=late&reason_code=not_marked"));
	expect_status(&r, 422);
	r = post(event, "", STR("tick[]=1-unknown&status=&reason_code=other"));
	expect_status(&r, 422);
}

static void overwrites_nothing_unseen(void **state)
{
	int64_t event = event_make("completed", 1);
	const char *body = str_z(
		&world.arena,
		str_printf(&world.arena,
			   "tick[]=%lld-unknown&status=absent&reason_code="
			   "not_there",
			   (long long)place_of(event, 0)));
	struct response r;

	(void)state;
	world_sql(&world,
		  "update event_participants set attendance_status = 'present' "
		  "where event_id = %lld",
		  (long long)event);
	r = post(event, "", str_of(body));
	expect_status(&r, 409);
	assert_true(response_has(&r, "Someone changed this while"));
	assert_true(response_has(&r, ">Present</a>"));
	expect_text(state_of(event), "present");
}

static void goes_on_after_24(void **state)
{
	int64_t event = event_make("completed", 27);
	struct response r = get(event, "");
	struct str next;

	(void)state;
	assert_true(response_has(&r, "Everyone 27"));
	assert_true(response_has(&r, "Person 024"));
	assert_false(response_has(&r, "Person 025"));
	next = str_printf(&world.arena, "?show=all&q=&after=%lld",
			  (long long)place_of(event, 23));
	r = get(event, str_z(&world.arena, next));
	assert_true(response_has(&r, "Person 025"));
	assert_false(response_has(&r, "Person 024"));
	assert_false(response_has(&r, "More people"));
	r = get(event, "?q=son+007");
	assert_true(response_has(&r, "Person 007"));
	assert_false(response_has(&r, "Person 008"));
	r = get(event, "?q=nobody");
	assert_true(response_has(&r, "Nobody here has"));
}

static void shows_one_of_that_event_only(void **state)
{
	int64_t event = event_make("completed", 1);
	int64_t other = event_make("completed", 1);
	const char *tail =
		str_z(&world.arena, str_printf(&world.arena, "/%lld",
					       (long long)place_of(other, 0)));
	struct response r = get(event, tail);

	(void)state;
	expect_status(&r, 404);
	r = post(event, tail,
		 STR("seen=unknown&status=late&reason_code=not_marked"));
	expect_status(&r, 404);
	r = post(other, tail, STR("seen=unknown&status=late"));
	expect_status(&r, 422);
	r = post(other, tail,
		 STR("seen=unknown&status=late&reason_code=not_marked"));
	expect_status(&r, 303);
	r = post(other, tail,
		 STR("seen=unknown&status=absent&reason_code=not_there"));
	expect_status(&r, 409);
	expect_text(state_of(other), "late");
	r = get(event, "/x");
	expect_status(&r, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-B4 who is ticked is corrected, with words",
		 corrects_who_is_ticked, NULL, NULL, NULL},
		{"a whole page can be ticked", ticks_the_whole_page, NULL, NULL,
		 NULL},
		{"R-B4 without a reason nothing is lost",
		 wants_a_reason_and_keeps_the_ticks, NULL, NULL, NULL},
		{"R-B4 what was marked meanwhile stays",
		 overwrites_nothing_unseen, NULL, NULL, NULL},
		{"the list goes on after 24", goes_on_after_24, NULL, NULL,
		 NULL},
		{"R-O2 one of another event is absent",
		 shows_one_of_that_event_only, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("participant", tests, open_world,
					   close_world);
}
