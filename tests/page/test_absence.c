/*
 * Marking those absent whom nobody marked, as admins do it by hand.
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

/* With three participants, of whom one was checked in. */
static int64_t event_make(const char *ends, const char *status)
{
	int64_t event = world_sql_int(
		&world,
		"insert into events (org_id, title, starts_at, ends_at, status,"
		" takes_attendance) values (%lld, 'Talk', '2026-11-20 14:00Z', "
		"'%s', '%s', true) returning id",
		(long long)team.org, ends, status);

	world_sql(&world,
		  "with u as (insert into users (email, name) select 'p' || i "
		  "|| '-%lld@example.org', 'P' from generate_series(1, 3) i "
		  "returning id) insert into event_participants (event_id, "
		  "org_id, user_id, attendance_status) select %lld, %lld, id, "
		  "case when row_number() over () = 1 then 'present' else "
		  "'unknown' end from u",
		  (long long)event, (long long)event, (long long)team.org);
	return event;
}

static const char *words_of(int64_t event)
{
	return str_z(&world.arena,
		     world_sql(&world,
			       "select string_agg(attendance_status, ' ' order "
			       "by id) from event_participants where event_id "
			       "= %lld",
			       (long long)event));
}

static struct str path_of(int64_t event, const char *tail)
{
	return str_printf(&world.arena, "/staff/%.*s/events/%lld%s",
			  STR_ARG(team.slug), (long long)event, tail);
}

static struct response get(enum reader reader, int64_t event, const char *tail)
{
	return team_get(&world, &team, reader, path_of(event, tail));
}

static struct response press(int64_t event, const char *tail)
{
	return team_post(&world, &team, ADMIN, path_of(event, tail), STR(""));
}

static void says_first_and_takes_back(void **state)
{
	int64_t event = event_make("2026-11-20 16:00Z", "completed");
	struct response r = get(ADMIN, event, "/absences");
	const char *back;

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "Mark 2 absent"));
	assert_string_equal(words_of(event), "present unknown unknown");
	r = press(event, "/absences");
	expect_status(&r, 303);
	assert_string_equal(words_of(event), "present absent absent");
	r = get(ADMIN, event, "/absences?note=absences_started");
	assert_true(response_has(&r, "2 marked absent."));
	assert_false(response_has(&r, "Mark 2 absent"));
	r = get(STAFF, event, "/absences");
	assert_false(response_has(&r, "Take it back"));
	back = str_z(&world.arena,
		     str_printf(&world.arena, "/absences/%lld/back",
				(long long)world_sql_int(
					&world,
					"select id from absence_batches"
					" where event_id = %lld",
					(long long)event)));
	r = press(event, back);
	expect_status(&r, 303);
	assert_string_equal(words_of(event), "present unknown unknown");
	r = press(event, back);
	expect_status(&r, 409);
	assert_true(response_has(&r, "taken back already"));
	assert_true(response_has(&r, "2 taken back by Admin"));
}

static void waits_for_the_end(void **state)
{
	int64_t event = event_make("2026-11-20 19:00Z", "ongoing");
	struct response r = get(ADMIN, event, "/absences");

	(void)state;
	assert_true(response_has(&r, "The event ends"));
	assert_false(response_has(&r, "Mark 2 absent"));
	r = press(event, "/absences");
	expect_status(&r, 425);
	assert_true(response_has(&r, "The event is not over yet"));
	assert_string_equal(words_of(event), "present unknown unknown");
}

static void asks_and_takes_a_no(void **state)
{
	int64_t event = event_make("2026-11-20 16:00Z", "completed");
	struct response r;

	(void)state;
	world_sql(&world,
		  "insert into absence_batches (org_id, event_id, revision, "
		  "automatic, state) values (%lld, %lld, 1, true, 'asked')",
		  (long long)team.org, (long long)event);
	r = get(ADMIN, event, "");
	assert_true(response_has(&r, "Say which it was"));
	r = get(STAFF, event, "");
	assert_true(response_has(&r, "An admin can say which it was"));
	r = get(ADMIN, event, "/absences");
	assert_true(response_has(&r, "Was attendance taken here?"));
	r = press(event, "/absences/none");
	expect_status(&r, 303);
	r = get(ADMIN, event, "");
	assert_false(response_has(&r, "Was attendance taken here?"));
	assert_string_equal(words_of(event), "present unknown unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-B5 a dry run, a batch, and taking it back",
		 says_first_and_takes_back, NULL, NULL, NULL},
		{"R-B5 refused before the end", waits_for_the_end, NULL, NULL,
		 NULL},
		{"R-B5 asked first, and no is an answer", asks_and_takes_a_no,
		 NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("absence", tests, open_world,
					   close_world);
}
