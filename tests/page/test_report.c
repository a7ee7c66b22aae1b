/*
 * Who came and what they said, as staff read it: of an event, of the
 * organisation, and the files.
 */
#include "page/fixture.h"
#include "page/team.h"

static struct world world;
static struct team team;

/* Each test has an organisation of its own. */
static int make_team(void **state)
{
	(void)state;
	team = team_make(&world);
	return 0;
}

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "staff");
	world_sql(&world, "update test_clock set at = '2026-11-20 18:00+00'");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static int64_t event_make(const char *title, const char *day, bool taken)
{
	return world_sql_int(
		&world,
		"insert into events (org_id, title, starts_at, ends_at, "
		"status, takes_attendance) values (%lld, '%s', '%s 10:00Z', "
		"'%s 12:00Z', 'completed', %s) returning id",
		(long long)team.org, title, day, day, taken ? "true" : "false");
}

/*
 * So many who registered, asked, of whom the door has that word and who
 * answered so, with that rating, when it is not 0.
 */
static void people_make(int64_t event, int count, const char *door,
			const char *answer, int rating)
{
	world_sql(
		&world,
		"with u as (insert into users (email, name) select 'r' || i || "
		"'-' || nextval('users_id_seq') || '@example.org', '%s ' || i "
		"from generate_series(1, %d) i returning id), m as (insert "
		"into memberships (user_id, org_id) select id, %lld from u), "
		"n as (insert into notifications (user_id, org_id, event_id, "
		"type, prompt_number, title) select id, %lld, %lld, "
		"'attendance_prompt', 1, 'T' from u), p as (insert into "
		"event_participants (event_id, org_id, user_id, "
		"attendance_status, attendance_marked_at) select %lld, %lld, "
		"id, '%s', '2026-11-20 10:12Z' from u) insert into attendance "
		"(user_id, event_id, org_id, status, responded_at, "
		"feedback_rating, feedback_text, feedback_submitted_at) select "
		"id, %lld, %lld, '%s', app_now(), nullif(%d, 0), case when "
		"%d > 0 then 'Good!' end, case when %d > 0 then app_now() end "
		"from u where '%s' <> 'none'",
		door, count, (long long)team.org, (long long)team.org,
		(long long)event, (long long)event, (long long)team.org, door,
		(long long)event, (long long)team.org, answer, rating, rating,
		rating, answer);
}

static struct response get(const char *tail)
{
	return team_get(&world, &team, STAFF,
			str_printf(&world.arena, "/staff/%.*s/%s",
				   STR_ARG(team.slug), tail));
}

static struct response get_of(int64_t event, const char *tail)
{
	return get(
		str_z(&world.arena, str_printf(&world.arena, "events/%lld/%s",
					       (long long)event, tail)));
}

static int64_t talk_make(void)
{
	int64_t event = event_make("Talk", "2026-11-20", true);

	people_make(event, 4, "present", "attended", 5);
	people_make(event, 1, "late", "not_attended", 0);
	people_make(event, 2, "absent", "none", 0);
	people_make(event, 3, "excused", "none", 0);
	return event;
}

static void shows_who_came(void **state)
{
	struct response r = get_of(talk_make(), "report");

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "71 % came: 5 of the 7 people who were "
				     "expected."));
	assert_true(response_has(&r, "but for 3 who excused themselves"));
	assert_true(response_has(&r, "<title id=\"door-title\">"));
	assert_true(response_has(&r, "4 (40 %)"));
	assert_true(
		response_has(&r, "50 % answered: 5 of the 10 who were asked."));
	assert_true(response_has(&r, "5.0 of 5 on average, from 4 people."));
	assert_true(response_has(&r, ">absent 2</a>"));
	assert_true(response_has(&r, ">late 1</a>, at <time"));
	assert_true(response_has(&r, "Good!"));
	assert_false(response_has(&r, "style="));
}

static void no_rate_without_attendance(void **state)
{
	int64_t off = event_make("Off", "2026-11-20", false);
	int64_t forgotten = event_make("Forgotten", "2026-11-20", true);
	struct response r;

	(void)state;
	people_make(off, 2, "present", "none", 0);
	r = get_of(off, "report");
	assert_true(response_has(&r, "No attendance is taken at this event. 2 "
				     "registered."));
	assert_false(response_has(&r, "% came"));
	people_make(forgotten, 3, "unknown", "none", 0);
	r = get_of(forgotten, "report");
	assert_true(response_has(&r, "Nobody was marked at the door, so there "
				     "is no rate. 3 registered."));
	assert_false(response_has(&r, "% came"));
	r = get("report");
	assert_true(response_has(&r, "Attendance was taken at none."));
}

static void shows_fifty_names(void **state)
{
	int64_t event = event_make("Many", "2026-11-20", true);
	struct response r;

	(void)state;
	people_make(event, 51, "absent", "none", 0);
	r = get_of(event, "report");
	assert_true(response_has(&r, "Everyone who was absent"));
	assert_false(response_has(&r, ">absent 9</a>"));
	r = get_of(event, "participants.csv?show=absent");
	assert_true(response_has(&r, "\r\nabsent 9,registered,Absent,"));
}

static void event_files_hold_the_tables(void **state)
{
	int64_t event = talk_make();
	struct response r = get_of(event, "report.csv");

	(void)state;
	expect_status(&r, 200);
	assert_true(str_equal(
		response_header(&r, "Content-Disposition"),
		str_printf(&world.arena,
			   "attachment; filename=\"attendance-%.*s-%lld.csv\"",
			   STR_ARG(team.slug), (long long)event)));
	assert_true(response_has(
		&r, "\xEF\xBB\xBFwhat,people,percent,attended,partial,"
		    "not_attended,unanswered\r\nPresent,4,40,4,0,0,0\r\n"
		    "Late,1,10,0,0,1,0\r\n"));
	world_sql(&world,
		  "update users u set name = '=1+1' from event_participants p "
		  "where p.user_id = u.id and p.event_id = %lld and "
		  "p.attendance_status = 'late'",
		  (long long)event);
	r = get_of(event, "participants.csv");
	assert_true(response_has(
		&r, "name,registration,door,marked_at,answer,rating\r\n"
		    "'=1+1,registered,Late,2026-11-20T"));
	assert_true(response_has(&r, ",Was there,5\r\n"));
	r = get_of(event, "participants.csv?show=late");
	assert_true(response_has(&r, "=1+1"));
	assert_false(response_has(&r, "absent 1"));
}

static void shows_an_organisation(void **state)
{
	int64_t event;
	struct response r;

	(void)state;
	talk_make();
	event = event_make("Walk", "2026-11-02", true);
	people_make(event, 1, "present", "attended", 3);
	people_make(event, 2, "absent", "none", 0);
	event_make("Old", "2024-01-02", true);
	r = get("report");
	expect_status(&r, 200);
	assert_true(response_has(&r, "60 % came: 6 of the 10 who were "
				     "expected, at 2 events"));
	assert_true(response_has(&r, "46 % answered: 6 of the 13 who were "
				     "asked. 4.6 of 5 on average, from 5 "
				     "ratings."));
	assert_true(response_has(&r, "?days=30\" aria-current=\"page\">"));
	assert_true(response_has(&r, "<title id=\"came-title\">"));
	assert_true(response_has(&r, "<title id=\"funnel-title\">"));
	assert_true(response_has(&r, ">33 %, 1 of 3<"));
	assert_false(response_has(&r, ">Old<"));
	r = get("report?days=7");
	assert_true(response_has(&r, "71 % came: 5 of the 7"));
	assert_false(response_has(&r, ">Walk<"));
	r = get("report?days=all");
	assert_true(response_has(&r, ">Old<"));
	assert_true(response_has(&r, "<th scope=\"row\">2025</th>"));
	r = get("report?days=' or");
	assert_true(response_has(&r, "?days=30\" aria-current=\"page\">"));
}

static void says_when_there_was_nothing(void **state)
{
	struct response r = get("report?days=all");

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "No event ended in this time."));
	assert_false(response_has(&r, "<svg"));
	r = get("report/trend.csv?days=all");
	expect_status(&r, 200);
}

static void org_files_hold_the_tables(void **state)
{
	struct response r;

	(void)state;
	talk_make();
	r = get("report/trend.csv?days=7");
	expect_status(&r, 200);
	assert_true(str_equal(
		response_header(&r, "Content-Disposition"),
		str_printf(&world.arena,
			   "attachment; filename=\"trend-%.*s-7.csv\"",
			   STR_ARG(team.slug))));
	assert_true(response_has(&r, "label,events,expected,came,rate,asked,"
				     "answered,response\r\nFriday 20 November,"
				     "1,7,5,71,10,5,50\r\nThursday 19 "
				     "November,0,0,0,,0,0,\r\n"));
	r = get("report/answers.csv");
	assert_true(response_has(&r, "Asked,10,100\r\nAnswered,5,50\r\n"));
	r = get("report/events.csv?days=all");
	assert_true(response_has(&r, "Talk,2026-11-20T"));
	assert_true(response_has(&r, ",10,7,5,71,10,5,50,5.0\r\n"));
}

static void shows_a_person(void **state)
{
	int64_t event = event_make("Talk", "2026-11-20", true);
	int64_t person;
	struct response r;

	(void)state;
	people_make(event, 1, "late", "partial", 4);
	person = world_sql_int(&world,
			       "select user_id from event_participants where "
			       "event_id = %lld",
			       (long long)event);
	world_sql(&world,
		  "insert into event_participants (event_id, org_id, user_id, "
		  "attendance_status, attendance_marked_at) values (%lld, "
		  "%lld, %lld, 'absent', app_now())",
		  (long long)event_make("Walk", "2026-11-18", true),
		  (long long)team.org, (long long)person);
	r = get(str_z(&world.arena, str_printf(&world.arena, "people/%lld",
					       (long long)person)));
	expect_status(&r, 200);
	assert_true(response_has(&r, "They came to 1 of 2 events, late to 1."));
	assert_true(response_has(&r, "<span class=\"status late\">Late<"));
	assert_true(response_has(&r, "<span class=\"status absent\">Absent<"));
	assert_true(response_has(&r, "Was there for part of it"));
	r = get(str_z(&world.arena,
		      str_printf(&world.arena, "people/%lld/answers.csv",
				 (long long)person)));
	assert_true(response_has(&r, "event,starts_at,organisation,door,"
				     "marked_at,answer,rating\r\nTalk,"));
	assert_true(response_has(&r, ",Late,2026-11-20T"));
	assert_true(response_has(&r, "\r\nWalk,"));
}

static void looking_changes_nothing(void **state)
{
	int64_t event = talk_make();
	struct str before = world_digest(&world);
	struct response r = get_of(event, "report");

	(void)state;
	expect_status(&r, 200);
	r = get("report?days=all");
	expect_status(&r, 200);
	r = get_of(event, "participants.csv");
	expect_status(&r, 200);
	assert_true(str_equal(world_digest(&world), before));
}

#define IN_A_TEAM(name, function)                                              \
	{                                                                      \
		name, function, make_team, NULL, NULL                          \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_TEAM("R-B8 the rate with its denominator, absentees, "
			  "late, answers against the door",
			  shows_who_came),
		IN_A_TEAM("R-B8 a rate only where attendance was taken",
			  no_rate_without_attendance),
		IN_A_TEAM("R-B8 fifty names, and a file of all",
			  shows_fifty_names),
		IN_A_TEAM("R-B8 a file for every table of an event",
			  event_files_hold_the_tables),
		IN_A_TEAM("R-B8 an organisation over 7, 30, 90 days and all",
			  shows_an_organisation),
		IN_A_TEAM("R-B8 a time without events says so",
			  says_when_there_was_nothing),
		IN_A_TEAM("R-B8 a file for every table of an organisation",
			  org_files_hold_the_tables),
		IN_A_TEAM("R-B8 a person's history: the door and answers",
			  shows_a_person),
		IN_A_TEAM("R-A8 GET changes nothing", looking_changes_nothing),
	};

	return cmocka_run_group_tests_name("report", tests, open_world,
					   close_world);
}
