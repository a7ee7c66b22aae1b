/*
 * Somebody whom the door has as absent says that they were there: what they
 * read, what staff read of it, and what becomes of the decision.
 */
#include "page/fixture.h"
#include "page/team.h"

static struct world world;
static struct world member;
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
	world_sql(&world, "update test_clock set at = '2026-11-20 18:00+00'");
	world_beside(&world, &member, "member");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&member);
	world_close(&world);
	return 0;
}

/* An event that is over, at which this reader was absent. */
static int64_t event_make(enum reader reader)
{
	return world_sql_int(
		&world,
		"with e as (insert into events (org_id, title, starts_at, "
		"ends_at, status, takes_attendance) values (%lld, 'Talk', "
		"'2026-11-20 14:00Z', '2026-11-20 16:00Z', 'completed', true) "
		"returning *) insert into event_participants (event_id, "
		"org_id, user_id, attendance_status, attendance_updated_at) "
		"select id, org_id, %lld, 'absent', app_now() from e returning "
		"event_id",
		(long long)team.org, (long long)team.user[reader]);
}

static struct str history_path(int64_t event)
{
	return str_printf(&world.arena, "/history/%lld", (long long)event);
}

/* What the person reads about it now. */
static struct response told(int64_t event)
{
	return team_get(&member, &team, MEMBER, history_path(event));
}

static void answers(int64_t event, const char *status)
{
	struct response r =
		team_post(&member, &team, MEMBER, history_path(event),
			  str_printf(&world.arena, "status=%s", status));

	expect_status(&r, 303);
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

/* "requests/N": the last one. */
static const char *last(void)
{
	return str_z(&world.arena,
		     world_sql(&world, "select 'requests/' || max(id) from "
				       "attendance_requests"));
}

/* An event at which the member was absent, and says otherwise. */
static const char *request_make(int64_t *event)
{
	*event = event_make(MEMBER);
	answers(*event, "attended");
	return last();
}

static struct response decide(const char *one, struct str body)
{
	return team_post(&world, &team, STAFF, path(one), body);
}

static struct str door_of(int64_t event)
{
	return world_sql(&world,
			 "select attendance_status from event_participants "
			 "where event_id = %lld",
			 (long long)event);
}

static void expect_door(int64_t event, const char *word)
{
	assert_string_equal(str_z(&world.arena, door_of(event)), word);
}

/* What it was decided with; absent while it waits. */
static struct str outcome_of(int64_t event)
{
	return world_sql(&world,
			 "select concat_ws(': ', outcome, reason) from "
			 "attendance_requests where event_id = %lld and "
			 "outcome is not null",
			 (long long)event);
}

/* It says that, and nothing is another after it. */
static void expect_refused(const char *one, struct str body, int status,
			   const char *sentence)
{
	struct str before = world_digest(&world);
	struct response r = decide(one, body);

	if (r.status != status || !response_has(&r, sentence))
		fail_msg("no %d with \"%s\" but:\n%.*s", status, sentence,
			 STR_ARG(r.text));
	assert_true(str_equal(before, world_digest(&world)));
}

/* --- the way of one --- */

static void is_asked_and_approved(void **state)
{
	int64_t event = event_make(MEMBER);
	struct response r = told(event);
	const char *one;

	(void)state;
	assert_true(response_has(&r, "The door has you as absent."));
	assert_true(response_has(&r, "If you were there, say so"));
	r = get("requests");
	assert_true(response_has(&r, "Nobody waits for you."));

	answers(event, "attended");
	one = last();
	r = told(event);
	assert_true(response_has(&r, "What they decide stands here."));
	r = team_get(
		&world, &team, STAFF,
		str_printf(&world.arena, "/staff/%.*s", STR_ARG(team.slug)));
	assert_true(response_has(&r, "They say they were there: 1"));
	r = get("requests");
	assert_true(response_has(&r, one));
	assert_true(response_has(&r, "<bdi>Member</bdi>"));
	r = get(one);
	expect_status(&r, 200);
	assert_true(response_has(&r, "Was <bdi>Member</bdi> there?"));
	assert_true(response_has(&r, "<span class=\"status absent\">Absent<"));
	assert_true(response_has(&r, "<span class=\"status attended\">"));
	expect_door(event, "absent");

	r = decide(one, STR("decision=present&reason="));
	expect_status(&r, 303);
	expect_door(event, "present");
	r = get("requests?note=decided");
	assert_true(response_has(&r, "Nobody waits for you."));
	r = get(one);
	assert_true(response_has(&r, "It was approved."));
	assert_false(response_has(&r, "name=\"decision\""));
	r = told(event);
	assert_true(response_has(&r, "You are on the list."));
	assert_false(response_has(&r, "as absent"));
	assert_string_equal(
		str_z(&world.arena,
		      world_sql(&world,
				"select string_agg(concat_ws(' ', action, "
				"reason_code, actor_id = %lld), ', ' order by "
				"seq) from event_attendance_audit where "
				"event_id = %lld",
				(long long)team.user[STAFF], (long long)event)),
		"self_report f, request f, correction request_approved t");
}

static void is_denied_with_a_reason(void **state)
{
	int64_t event;
	const char *one = request_make(&event);
	struct response r;

	(void)state;
	r = decide(one, STR("decision=absent&reason="
			    "The+room+was+%3Cempty%3E+at+%22ten%22"));
	expect_status(&r, 303);
	expect_door(event, "absent");
	r = told(event);
	assert_true(response_has(&r, "left it so: <q dir=\"auto\">The room was "
				     "&lt;empty&gt; at &quot;ten&quot;</q>"));
	r = get(one);
	assert_true(response_has(&r, "They were left absent: <q dir=\"auto\">"
				     "The room was &lt;empty&gt;"));
	/* The same again opens nothing; the answer stands beside the door's. */
	answers(event, "partial");
	assert_string_equal(last(), one);
	r = get("requests");
	assert_true(response_has(&r, "Nobody waits for you."));
}

/* --- what is refused --- */

static void keeps_what_was_typed(void **state)
{
	int64_t event;
	const char *one = request_make(&event);
	struct buf much = buf_init(&world.arena, 600);
	struct response r;

	(void)state;
	expect_refused(one, STR("decision=absent&reason="), 422,
		       "Please say why you leave them absent: they read it.");
	expect_refused(one, STR("decision=absent&reason=+%0D%0A+"), 422,
		       "Please say why you leave them absent: they read it.");
	expect_refused(one, STR("reason=I+saw+%3Cb%3E+there"), 422,
		       "I saw &lt;b&gt; there</textarea>");
	expect_refused(one, STR("decision=maybe&reason=I+saw+them"), 422,
		       "I saw them</textarea>");
	expect_refused(one, STR("decision=&reason=I+saw+them"), 422,
		       "id=\"decision\"");
	buf_add(&much, STR("decision=absent&reason=At+the+door+"));
	for (int i = 0; i < 100; i++)
		buf_add(&much, STR("x%C3%A9x%20x"));
	expect_refused(one, buf_str(&much), 422, "At the door x");
	expect_refused(one, STR("decision=absent&reason=a%00b"), 422,
		       "holds characters that could not be read");
	expect_refused(one, STR("decision=absent&reason=%ff"), 422,
		       "holds characters that could not be read");
	assert_true(str_is_absent(outcome_of(event)));
	r = decide(one, STR("decision=late&reason=I+saw+them"));
	expect_status(&r, 303);
	expect_door(event, "late");
}

static void is_decided_once(void **state)
{
	int64_t event;
	const char *one = request_make(&event);
	struct response r = decide(one, STR("decision=absent&reason=No"));

	(void)state;
	expect_status(&r, 303);
	expect_refused(one, STR("decision=present&reason=Yes"), 409,
		       "Somebody decided this already.");
	expect_refused(one, STR("decision=absent&reason=Never"), 409,
		       "Somebody decided this already.");
	assert_true(str_equal(outcome_of(event), STR("denied: No")));

	one = request_make(&event);
	answers(event, "not_attended");
	expect_refused(one, STR("decision=present"), 409,
		       "Somebody decided this already.");
	r = get(one);
	assert_true(response_has(&r, "They took it back"));

	one = request_make(&event);
	world_sql(&world,
		  "update event_participants set attendance_status = 'late', "
		  "attendance_updated_at = app_now() where event_id = %lld",
		  (long long)event);
	expect_refused(one, STR("decision=present"), 409,
		       "so there is nothing to decide.");
	expect_door(event, "late");
	r = get("requests");
	assert_true(response_has(&r, "Nobody waits for you."));
}

static void is_for_its_staff_only(void **state)
{
	static const enum reader others[] = {MEMBER, DOOR, RESPONDER,
					     OTHER_MEMBER, OTHER_STAFF};
	static const char *const none[] = {"requests/0",
					   "requests/-1",
					   "requests/x",
					   "requests/1e3",
					   "requests/99999999999999999999",
					   "requests/9223372036854775807"};
	int64_t event;
	const char *one = request_make(&event);
	struct str from = str_printf(&world.arena, "/staff/%.*s/%s",
				     STR_ARG(team.other_slug), one);
	struct response r;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		r = team_get(&world, &team, others[i], path(one));
		expect_status(&r, 404);
		r = team_post(&world, &team, others[i], path(one),
			      STR("decision=present"));
		expect_status(&r, 404);
	}
	/* Their own address does not help them. */
	r = team_get(&world, &team, OTHER_STAFF, from);
	expect_status(&r, 404);
	assert_false(response_has(&r, "Member"));
	r = team_post(&world, &team, OTHER_STAFF, from,
		      STR("decision=present"));
	expect_status(&r, 404);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		r = get(none[i]);
		expect_status(&r, 404);
		r = decide(none[i], STR("decision=present"));
		expect_status(&r, 404);
	}
	/* Another page's form. */
	r = fixture_post(&world, team.cookie[STAFF], path(one),
			 STR("csrf=forged&decision=present"));
	expect_status(&r, 403);
	expect_door(event, "absent");
	assert_true(str_is_absent(outcome_of(event)));
}

/* --- the list --- */

static void comes_25_a_page(void **state)
{
	struct str after, rest;
	struct response r;

	(void)state;
	world_sql(&world,
		  "with e as (insert into events (org_id, title, starts_at, "
		  "ends_at, status) select %lld, 'Talk ' || lpad(i::text, 2, "
		  "'0'), '2026-11-20 14:00Z', '2026-11-20 16:00Z', 'completed' "
		  "from generate_series(1, 27) i returning *), p as (insert "
		  "into event_participants (event_id, org_id, user_id, "
		  "attendance_status, attendance_updated_at) select id, "
		  "org_id, %lld, 'absent', app_now() from e returning *) "
		  "insert into attendance_requests (org_id, event_id, "
		  "participant_id, user_id, answer) select p.org_id, "
		  "p.event_id, p.id, p.user_id, 'attended' from p join e on "
		  "e.id = p.event_id order by e.title",
		  (long long)team.org, (long long)team.user[MEMBER]);
	r = get("requests");
	assert_true(response_has(&r, "Talk 25"));
	assert_false(response_has(&r, "Talk 26"));
	after = str_from(r.body, str_find_str(r.body, STR("requests?after=")));
	after = str_cut(after, '"', &rest);
	r = get(str_z(&world.arena, after));
	expect_status(&r, 200);
	assert_false(response_has(&r, "Talk 25"));
	assert_true(response_has(&r, "Talk 26"));
	assert_true(response_has(&r, "Talk 27"));
	assert_false(response_has(&r, "rel=\"next\""));
	r = get("requests?after=x");
	assert_true(response_has(&r, "Talk 01"));
	r = get("requests?after=9223372036854775807");
	assert_true(response_has(&r, "Nobody waits for you."));
}

#define IN_A_TEAM(name, function)                                              \
	{                                                                      \
		name, function, make_team, NULL, NULL                          \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_TEAM("R-B5 an answer against an absence is looked at, and "
			  "put right",
			  is_asked_and_approved),
		IN_A_TEAM("R-B5 no comes with a reason, which the person reads",
			  is_denied_with_a_reason),
		IN_A_TEAM("R-B5 what cannot be decided so changes nothing and "
			  "keeps what was typed",
			  keeps_what_was_typed),
		IN_A_TEAM("R-B5 what is decided, taken back or overtaken is "
			  "not decided again",
			  is_decided_once),
		IN_A_TEAM("R-O2 nobody but its staff sees or decides one",
			  is_for_its_staff_only),
		IN_A_TEAM("the list goes on after 25", comes_25_a_page),
	};

	return cmocka_run_group_tests_name("request", tests, open_world,
					   close_world);
}
