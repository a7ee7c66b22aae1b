/*
 * What members and responders write to each other: both sides' pages, and who
 * is let in.
 */
#include "page/fixture.h"
#include "page/team.h"

static struct world world;
static struct world staff;
static struct team team;
static struct str own;	  /* the member's page */
static struct str theirs; /* the responders' page about the member */

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "member");
	world_beside(&world, &staff, "staff");
	world_sql(&world, "update test_clock set at = '2026-11-20 18:00+00'");
	team = team_make(&world);
	own = str_printf(&world.arena, "/talk/%.*s", STR_ARG(team.slug));
	theirs = str_printf(&world.arena, "/staff/%.*s/watch/%lld/talk",
			    STR_ARG(team.slug), (long long)team.user[MEMBER]);
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&staff);
	world_close(&world);
	return 0;
}

static int64_t newest(void)
{
	return world_sql_int(&world, "select max(id) from talk_messages");
}

static void a_member_writes(void **state)
{
	struct response r = team_get(&world, &team, MEMBER, STR("/talk"));

	(void)state;
	expect_status(&r, 303);
	assert_true(str_equal(response_header(&r, "Location"), own));
	r = team_get(&world, &team, MEMBER, own);
	expect_status(&r, 200);
	assert_true(response_has(&r, "Nothing has been written yet."));
	assert_true(response_has(&r, "Nobody may be reading this now."));
	r = team_post(&world, &team, MEMBER, own,
		      STR("body=Is+%3Cb%3Eanybody%0D%0Athere%3F"));
	expect_status(&r, 303);
	r = team_get(
		&world, &team, MEMBER,
		str_printf(&world.arena, "%.*s?note=talk_sent", STR_ARG(own)));
	expect_status(&r, 200);
	assert_true(response_has(&r, "Is &lt;b&gt;anybody\nthere?"));
	assert_true(response_has(&r, "not read yet"));
	assert_true(response_has(&r, "It is sent."));
	assert_false(response_has(&r, "I have read this"));
}

static void a_responder_answers(void **state)
{
	struct response r = team_get(&staff, &team, RESPONDER, theirs);

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "Messages with <bdi>Member</bdi>"));
	assert_true(response_has(&r, "Is &lt;b&gt;anybody\nthere?"));
	assert_true(response_has(&r, "I have read this"));
	assert_int_equal(
		world_sql_int(&world,
			      "select count(*) from access_log where action = "
			      "'opened' and user_id = %lld and subject = %lld",
			      (long long)team.user[RESPONDER],
			      (long long)team.user[MEMBER]),
		1);
	r = team_post(&staff, &team, RESPONDER, theirs,
		      str_printf(&world.arena, "body=Yes&last=%lld",
				 (long long)newest()));
	expect_status(&r, 303);
	r = team_get(&staff, &team, RESPONDER, theirs);
	assert_false(response_has(&r, "I have read this"));
	assert_true(response_has(&r, "not read yet"));
}

static void the_member_reads(void **state)
{
	struct response r = team_get(&world, &team, MEMBER, STR("/me"));
	struct str read = str_printf(&world.arena, "%.*s/read", STR_ARG(own));

	(void)state;
	assert_true(response_has(&r, "1 new"));
	r = team_get(&world, &team, MEMBER, own);
	assert_true(response_has(&r, "<bdi>Responder</bdi>"));
	assert_true(response_has(&r, "I have read this"));
	assert_int_equal(world_sql_int(&world, "select count(*) from "
					       "talk_messages where read_at is "
					       "null"),
			 1);
	r = team_post(&world, &team, MEMBER, read, STR("last=x"));
	expect_status(&r, 422);
	r = team_post(
		&world, &team, MEMBER, read,
		str_printf(&world.arena, "last=%lld", (long long)newest()));
	expect_status(&r, 303);
	r = team_get(&world, &team, MEMBER, own);
	assert_false(response_has(&r, "I have read this"));
	r = team_get(&world, &team, MEMBER, STR("/me"));
	assert_false(response_has(&r, "1 new"));
}

static void others_are_not_let_in(void **state)
{
	static const enum reader others[] = {MEMBER, OTHER_MEMBER, DOOR,
					     STAFF,  OTHER_STAFF,  ADMIN};
	struct response r;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		int64_t before = world_sql_int(
			&world, "select count(*) from access_log where action "
				"= 'refused'");

		r = team_get(&staff, &team, others[i], theirs);
		expect_status(&r, 404);
		assert_int_equal(
			world_sql_int(&world,
				      "select count(*) from access_log where "
				      "action = 'refused'"),
			before + 1);
		r = team_post(&staff, &team, others[i], theirs, STR("body=Hi"));
		expect_status(&r, 404);
	}
	r = team_get(&world, &team, OTHER_MEMBER, own);
	expect_status(&r, 404);
	r = team_get(&world, &team, ADMIN, own);
	expect_status(&r, 200);
	assert_false(response_has(&r, "anybody"));
	r = team_get(&staff, &team, RESPONDER,
		     str_printf(&world.arena, "/staff/%.*s/watch/%lld/talk",
				STR_ARG(team.slug),
				(long long)team.user[STAFF]));
	expect_status(&r, 404);
}

static void keeps_what_was_typed(void **state)
{
	struct buf body = buf_init(&world.arena, 2100);
	struct response r;

	(void)state;
	r = team_post(&world, &team, MEMBER, own, STR("body="));
	expect_status(&r, 422);
	buf_add(&body, STR("body=begins"));
	for (int i = 0; i < 2000; i++)
		buf_add_byte(&body, 'x');
	r = team_post(&world, &team, MEMBER, own, buf_str(&body));
	expect_status(&r, 422);
	assert_true(response_has(&r, "beginsxxx"));
	assert_true(response_has(&r, "2000"));
	r = team_post(&staff, &team, RESPONDER, theirs, buf_str(&body));
	expect_status(&r, 422);
	assert_true(response_has(&r, "beginsxxx"));
	r = team_post(&world, &team, MEMBER, own, STR("body=a%07b"));
	expect_status(&r, 422);
	world_sql(&world, "update memberships set responder = false where "
			  "org_id = (select org from team)");
	r = team_post(&world, &team, MEMBER, own, STR("body=Hello%3F"));
	expect_status(&r, 422);
	assert_true(response_has(&r, "There is no responder at the moment"));
	r = team_get(&world, &team, STAFF, own);
	expect_status(&r, 404);
	r = team_get(&world, &team, STAFF, STR("/talk"));
	expect_status(&r, 200);
	assert_true(response_has(&r, "None of your organisations"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-D2 a member writes to the responders", a_member_writes,
		 NULL, NULL, NULL},
		{"R-O1 a responder answers, and that they looked is logged",
		 a_responder_answers, NULL, NULL, NULL},
		{"R-D1 what is new is counted until it is read",
		 the_member_reads, NULL, NULL, NULL},
		{"R-O1 R-O2 nobody else is let in, which is logged",
		 others_are_not_let_in, NULL, NULL, NULL},
		{"what is refused is not lost", keeps_what_was_typed, NULL,
		 NULL, NULL},
	};

	return cmocka_run_group_tests_name("talk", tests, open_world,
					   close_world);
}
