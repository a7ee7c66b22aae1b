/*
 * Where the door and people's answers disagree: the list, what staff decide,
 * and what they are told.
 */
#include "page/fixture.h"
#include "page/team.h"

static struct world world;
static struct team team;

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
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

/* So many people whom the door has as late and who say they were not there. */
static int64_t event_make(const char *title, int count)
{
	return world_sql_int(
		&world,
		"with e as (insert into events (org_id, title, starts_at, "
		"ends_at, status, takes_attendance) values (%lld, '%s', "
		"app_now() - interval '4 hours', app_now() - interval '3 "
		"hours', 'completed', true) returning *), u as (insert into "
		"users (email, name) select 'm' || nextval('users_id_seq') || "
		"'@example.org', '<b>' || i from generate_series(1, %d) i "
		"returning id), p as (insert into event_participants "
		"(event_id, org_id, user_id, attendance_status, "
		"attendance_marked_at) select e.id, e.org_id, u.id, 'late', "
		"app_now() from e, u returning *), a as (insert into "
		"attendance (user_id, event_id, org_id, status, responded_at) "
		"select user_id, event_id, org_id, 'not_attended', app_now() "
		"from p), m as (insert into mismatches (org_id, event_id, "
		"participant_id, user_id, door, answer) select org_id, "
		"event_id, id, user_id, 'late', 'not_attended' from p) select "
		"id from e",
		(long long)team.org, title, count);
}

static struct str path(const char *tail)
{
	return str_printf(&world.arena, "/staff/%.*s/%s", STR_ARG(team.slug),
			  tail);
}

static struct response get(const char *tail)
{
	return team_get(&world, &team, STAFF, path(tail));
}

static struct response decide(int64_t event, const char *body)
{
	long long id = world_sql_int(&world,
				     "select id from mismatches where "
				     "event_id = %lld",
				     (long long)event);

	return team_post(
		&world, &team, STAFF,
		path(str_z(&world.arena,
			   str_printf(&world.arena, "mismatches/%lld", id))),
		str_of(body));
}

static void says_when_nothing_waits(void **state)
{
	struct response r = get("mismatches");

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "Nothing waits for you here."));
	r = get("mismatches?show=decided&event=x&before=-1");
	assert_true(response_has(&r, "Nothing was decided yet."));
	r = team_get(
		&world, &team, STAFF,
		str_printf(&world.arena, "/staff/%.*s", STR_ARG(team.slug)));
	assert_false(response_has(&r, "say otherwise than the door"));
}

static void shows_both_and_decides(void **state)
{
	int64_t event = event_make("Talk", 1);
	struct response r = get("mismatches");

	(void)state;
	assert_true(response_has(&r, "&lt;b&gt;1"));
	assert_true(response_has(&r, "<span class=\"status late\">Late<"));
	assert_true(response_has(
		&r, "<span class=\"status not_attended\">Was not there<"));
	r = team_get(
		&world, &team, STAFF,
		str_printf(&world.arena, "/staff/%.*s", STR_ARG(team.slug)));
	assert_true(response_has(&r, "They say otherwise than the door: 1"));
	r = decide(event, "decision=answer&door=late&answer=not_attended");
	expect_status(&r, 303);
	r = get("mismatches?note=mismatch_decided");
	assert_true(response_has(&r, "Both are kept as they were."));
	assert_true(response_has(&r, "Nothing waits for you here."));
	r = get("mismatches?show=decided");
	assert_true(response_has(&r, "the door’s word was corrected"));
	assert_true(response_has(&r, "<span class=\"status late\">Late<"));
	assert_true(str_equal(
		world_sql(&world,
			  "select attendance_status from event_participants "
			  "where event_id = %lld",
			  (long long)event),
		STR("absent")));
}

static void says_what_changed_meanwhile(void **state)
{
	int64_t event = event_make("Talk", 1);
	struct response r =
		decide(event, "decision=door&door=present&answer=not_attended");

	(void)state;
	expect_status(&r, 409);
	assert_true(response_has(&r, "This is what is there now."));
	r = decide(event, "door=late&answer=not_attended");
	expect_status(&r, 422);
	assert_true(response_has(&r, "Please choose what you decide."));
	r = decide(event, "decision=door&door=late&answer=not_attended");
	expect_status(&r, 303);
	r = decide(event, "decision=door&door=late&answer=not_attended");
	expect_status(&r, 409);
	assert_true(response_has(&r, "Somebody else has decided that"));
}

static void comes_fifty_a_page(void **state)
{
	int64_t many = event_make("Many", 51);
	int64_t few = event_make("Few", 1);
	struct response r = get("mismatches");
	struct str before, rest;

	(void)state;
	assert_true(response_has(&r, ">Few</a>"));
	before = str_from(r.body, str_find_str(r.body, STR("?before=")));
	before = str_cut(before, '"', &rest);
	r = get(str_z(&world.arena, str_printf(&world.arena, "mismatches%.*s",
					       STR_ARG(before))));
	expect_status(&r, 200);
	assert_true(response_has(&r, "&lt;b&gt;1<"));
	assert_false(response_has(&r, ">Few</a>"));
	r = get(str_z(&world.arena,
		      str_printf(&world.arena, "mismatches?event=%lld",
				 (long long)many)));
	assert_false(response_has(&r, ">Few</a>"));
	assert_true(response_has(&r, "?event="));
	r = get(str_z(&world.arena,
		      str_printf(&world.arena, "mismatches?event=%lld",
				 (long long)few)));
	assert_false(response_has(&r, ">Many</a>"));
}

static void a_file_holds_the_list(void **state)
{
	struct response r;

	(void)state;
	(void)event_make("Talk", 2);
	world_sql(&world, "update users set name = '@x' where name = '<b>2'");
	r = get("mismatches.csv");
	expect_status(&r, 200);
	assert_true(response_has(&r, "name,event,starts_at,door,door_at,answer,"
				     "answered_at,decision,decided_by,"
				     "decided_at\r\n'@x,Talk,"));
	assert_true(response_has(&r, ",Was not there,"));
	r = get("mismatches.csv?show=decided");
	assert_false(response_has(&r, "Talk"));
}

#define IN_A_TEAM(name, function)                                              \
	{                                                                      \
		name, function, make_team, NULL, NULL                          \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_TEAM("R-B9 nothing waits, and the page says so",
			  says_when_nothing_waits),
		IN_A_TEAM("R-B9 both are shown, and kept when it is decided",
			  shows_both_and_decides),
		IN_A_TEAM("R-B9 nobody decides about what they have not seen",
			  says_what_changed_meanwhile),
		IN_A_TEAM("R-B9 fifty a page, or those of an event",
			  comes_fifty_a_page),
		IN_A_TEAM("R-B8 a file of them", a_file_holds_the_list),
	};

	return cmocka_run_group_tests_name("mismatch", tests, open_world,
					   close_world);
}
