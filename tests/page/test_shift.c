/*
 * A member's shifts, the link of a reminder, and shifts that go from one to
 * another.
 */
#include "page/fixture.h"
#include "page/team.h"

static struct world world, answer;
static struct team team;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "member");
	world_beside(&world, &answer, "answer");
	world_sql(&world, "update test_clock set at = '2026-11-20 18:00+00'");
	team = team_make(&world);
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&answer);
	world_close(&world);
	return 0;
}

/* --- helpers --- */

/* A shift that begins and ends in so many minutes. */
static int64_t shift_make(const char *title, int starts, int ends)
{
	return world_sql_int(
		&world,
		"insert into duty_schedules (org_id, title, location, notes, "
		"start_at, end_at) select %lld, '%s', 'Hall', 'Bring gloves', "
		"app_now() + interval '%d minutes', "
		"app_now() + interval '%d minutes' returning id",
		(long long)team.org, title, starts, ends);
}

static int64_t assign(int64_t shift, enum reader reader)
{
	return world_sql_int(
		&world,
		"insert into duty_assignments (org_id, schedule_id, user_id) "
		"values (%lld, %lld, %lld) returning id",
		(long long)team.org, (long long)shift,
		(long long)team.user[reader]);
}

static struct str path_of(int64_t shift, const char *after)
{
	return str_printf(&world.arena, "/shifts/%lld%s", (long long)shift,
			  after);
}

static struct response get(enum reader reader, int64_t shift, const char *after)
{
	return team_get(&world, &team, reader, path_of(shift, after));
}

static struct response post(enum reader reader, int64_t shift,
			    const char *after, const char *body)
{
	return team_post(&world, &team, reader, path_of(shift, after),
			 str_of(body));
}

static void expect_led(const struct response *r, struct str to)
{
	struct str got = response_header(r, "Location");

	expect_status(r, 303);
	if (!str_equal(got, to))
		fail_msg("led to %.*s, not %.*s", STR_ARG(got), STR_ARG(to));
}

static struct str people(int64_t shift)
{
	return world_sql(
		&world,
		"select coalesce(string_agg(concat_ws(' ', u.name, a.status, "
		"a.late_minutes, l.type), ', ' order by u.name, l.id), '') "
		"from duty_assignments a join users u on u.id = a.user_id "
		"left join attendance_logs l on l.schedule_id = a.schedule_id "
		"and l.user_id = a.user_id where a.schedule_id = %lld",
		(long long)shift);
}

static void expect_people(int64_t shift, const char *wanted)
{
	assert_string_equal(str_z(&world.arena, people(shift)), wanted);
}

/* --- what is theirs --- */

static void lists_what_is_theirs(void **state)
{
	struct response r = team_get(&world, &team, MEMBER, STR("/shifts"));

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "You have no shift to come"));
	assert_false(response_has(&r, "<a href=\"/shifts\""));
	assign(shift_make("Tomorrow", 1440, 1500), MEMBER);
	assign(shift_make("Soon", 30, 90), MEMBER);
	assign(shift_make("Gone", -90, -60), MEMBER);
	assign(shift_make("Of Staff", 30, 90), STAFF);
	r = team_get(&world, &team, MEMBER, STR("/shifts"));
	expect_status(&r, 200);
	assert_true(response_has(&r, "<a href=\"/shifts\""));
	assert_true(str_find_str(r.body, STR("Soon")) <
		    str_find_str(r.body, STR("Tomorrow")));
	assert_true(str_find_str(r.body, STR("Tomorrow")) <
		    str_find_str(r.body, STR("Gone")));
	assert_false(response_has(&r, "Of Staff"));
	assert_true(response_has(&r, "Not checked in"));
}

static void pages_what_is_over(void **state)
{
	struct response r;

	(void)state;
	for (int i = 0; i < 41; i++)
		assign(shift_make(
			       str_printf(&world.arena, "Old %02d.%c", i, 0).p,
			       -2000 - i * 10, -1999 - i * 10),
		       DOOR);
	r = team_get(&world, &team, DOOR, STR("/shifts"));
	assert_true(response_has(&r, "Old 19."));
	assert_false(response_has(&r, "Old 20."));
	for (int i = 20; i <= 40; i += 20) {
		ptrdiff_t at = str_find_str(r.body, STR("/shifts?before="));
		struct str rest;
		struct str next = str_cut(str_from(r.body, at), '"', &rest);
		struct buf plain = buf_init(&world.arena, 100);

		assert_true(at > 0);
		while (!str_is_absent(next)) {
			struct str part = str_cut(next, ';', &next);
			bool cut = str_ends(part, STR("&amp"));

			buf_add(&plain,
				str_first(part, part.n - (cut ? 3 : 0)));
		}
		r = team_get(&world, &team, DOOR, buf_str(&plain));
		expect_status(&r, 200);
		assert_true(response_has(
			&r, str_printf(&world.arena, "Old %d.%c", i, 0).p));
		assert_false(response_has(
			&r, str_printf(&world.arena, "Old %d.%c", i - 1, 0).p));
	}
	assert_false(response_has(&r, "Older shifts"));
}

static void tells_by_its_buttons(void **state)
{
	static const struct {
		const char *press;
		const char *note;
		const char *people;
	} presses[] = {
		{"press=late_5", "?note=own_shift_late", "Member assigned 5"},
		{"press=late_15", "?note=own_shift_late", "Member assigned 15"},
		{"press=late_30", "?note=own_shift_late", "Member assigned 30"},
		{"press=coming", "?note=own_shift_coming", "Member assigned"},
		{"press=declined", "?note=own_shift_declined",
		 "Member declined"},
		{"press=coming", "?note=own_shift_coming", "Member assigned"},
		{"press=check_in", "?note=own_shift_came",
		 "Member assigned check_in"},
		{"press=check_in", "?note=own_shift_came",
		 "Member assigned check_in"},
		{"press=check_out", "?note=own_shift_went",
		 "Member assigned check_in, Member assigned check_out"},
	};
	int64_t shift = shift_make("Desk", 30, 90);
	struct response r;

	(void)state;
	assign(shift, MEMBER);
	for (size_t i = 0; i < sizeof(presses) / sizeof(presses[0]); i++) {
		r = post(MEMBER, shift, "", presses[i].press);
		expect_led(&r, path_of(shift, presses[i].note));
		expect_people(shift, presses[i].people);
		r = team_get(&world, &team, MEMBER,
			     response_header(&r, "Location"));
		expect_status(&r, 200);
		assert_true(response_has(&r, "role=\"status\""));
	}
}

static void asks_before_not_coming(void **state)
{
	int64_t shift = shift_make("Asked", 30, 90);
	struct response r;
	struct str before;

	(void)state;
	assign(shift, MEMBER);
	before = world_digest(&world);
	r = get(MEMBER, shift, "/decline");
	expect_status(&r, 200);
	assert_true(response_has(&r, "value=\"declined\""));
	r = get(MEMBER, shift, "");
	assert_false(response_has(&r, "value=\"declined\""));
	assert_true(response_has(&r, "/decline\""));
	assert_true(str_equal(before, world_digest(&world)));
	post(MEMBER, shift, "", "press=declined");
	r = get(MEMBER, shift, "/decline");
	expect_status(&r, 200);
	assert_false(response_has(&r, "value=\"declined\""));
	assert_true(response_has(&r, "I can come after all"));
}

static void refuses_what_is_no_button(void **state)
{
	static const char *const bodies[] = {
		"",	      "press=",
		"press=late", "press=late_600",
		"press=take", "press=check_in&press=check_out"};
	int64_t shift = shift_make("No", 30, 90);
	int64_t far = shift_make("Far", 3000, 3090);
	struct response r;
	struct str before;

	(void)state;
	assign(shift, MEMBER);
	assign(far, MEMBER);
	before = world_digest(&world);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		r = post(MEMBER, shift, "", bodies[i]);
		expect_status(&r, 422);
		assert_true(response_has(&r, "role=\"alert\""));
	}
	r = post(MEMBER, far, "", "press=check_in");
	expect_status(&r, 425);
	r = post(MEMBER, shift, "", "press=coming");
	expect_led(&r, path_of(shift, "?note=own_shift_coming"));
	assert_true(str_equal(before, world_digest(&world)));
}

/* --- from one to another --- */

static void goes_from_one_to_another(void **state)
{
	int64_t shift = shift_make("Swap", 600, 660);
	struct response r;

	(void)state;
	assign(shift, MEMBER);
	r = get(RESPONDER, shift, "");
	expect_status(&r, 404);
	r = post(MEMBER, shift, "/offer", "");
	expect_led(&r, path_of(shift, "?note=shift_offered"));
	r = get(MEMBER, shift, "");
	assert_true(response_has(&r, "Offer it no more"));
	r = team_get(&world, &team, RESPONDER, STR("/shifts"));
	assert_true(response_has(&r, "Who takes these?"));
	assert_true(response_has(&r, "from <bdi>Member</bdi>"));
	r = get(RESPONDER, shift, "");
	expect_status(&r, 200);
	assert_true(response_has(&r, "Take it</button>"));
	assert_false(response_has(&r, "Bring gloves"));
	r = post(RESPONDER, shift, "/take", "");
	expect_led(&r, path_of(shift, "?note=shift_taken"));
	expect_people(shift, "Responder assigned");
	/* Mails and the inbox still lead there. */
	r = get(MEMBER, shift, "");
	expect_led(&r, STR("/shifts?note=shift_left"));
	/* Who comes second is told, and sees what else is offered. */
	r = post(DOOR, shift, "/take", "");
	expect_status(&r, 409);
	assert_true(response_has(&r, "Somebody else has taken it"));
	assert_true(response_has(&r, "<h1>Your shifts</h1>"));
	expect_people(shift, "Responder assigned");
}

static void keeps_what_nobody_took(void **state)
{
	int64_t shift = shift_make("Kept", 600, 660);
	struct response r;

	(void)state;
	assign(shift, MEMBER);
	post(MEMBER, shift, "/offer", "");
	r = post(MEMBER, shift, "/withdraw", "");
	expect_led(&r, path_of(shift, "?note=shift_kept"));
	r = post(DOOR, shift, "/take", "");
	expect_status(&r, 409);
	expect_people(shift, "Member assigned");
}

static void says_what_they_have_then(void **state)
{
	int64_t shift = shift_make("Twice", 1600, 1660);
	struct response r;

	(void)state;
	assign(shift, MEMBER);
	post(MEMBER, shift, "/offer", "");
	r = get(DOOR, shift, "");
	assert_false(response_has(&r, "anyway"));
	assign(shift_make("Other", 1630, 1690), DOOR);
	r = post(DOOR, shift, "/take", "");
	expect_status(&r, 422);
	assert_true(response_has(&r, "You have something else at that time"));
	assert_true(response_has(&r, "Other, "));
	assert_true(response_has(&r, "name=\"anyway\" value=\"yes\""));
	expect_people(shift, "Member assigned");
	r = post(DOOR, shift, "/take", "anyway=yes");
	expect_led(&r, path_of(shift, "?note=shift_taken"));
	expect_people(shift, "Door assigned");
}

/* --- the link of a reminder --- */

static struct str link_to(int64_t assignment, int minutes, uint32_t generation)
{
	int64_t expires = world_sql_int(
		&world,
		"select extract(epoch from app_now() + interval '%d minutes')"
		"::bigint",
		minutes);

	return str_printf(&world.arena, "/s/%.*s",
			  STR_ARG(world_token(&answer, TOKEN_SHIFT, assignment,
					      generation, expires)));
}

static struct response link_get(struct str link, const char *after)
{
	return world_get(&answer, str_printf(&world.arena, "%.*s%s",
					     STR_ARG(link), after));
}

static void opens_by_its_link(void **state)
{
	int64_t shift = shift_make("Linked", 15, 75);
	struct str link = link_to(assign(shift, MEMBER), 105, 1);
	struct str before = world_digest(&world);
	struct response r = link_get(link, "");

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "value=\"check_in\""));
	assert_true(response_has(&r, "value=\"late_15\""));
	assert_true(response_has(&r, "Bring gloves"));
	assert_false(response_has(&r, "name=\"csrf\""));
	assert_true(str_is_absent(response_header(&r, "Set-Cookie")));
	r = link_get(link, "/decline");
	expect_status(&r, 200);
	assert_true(response_has(&r, "value=\"declined\""));
	r = world_sendf(&answer, "HEAD %.*s HTTP/1.1\r\n\r\n", STR_ARG(link));
	expect_status(&r, 200);
	assert_int_equal(r.body.n, 0);
	assert_true(str_equal(before, world_digest(&world)));
}

static void tells_by_its_link(void **state)
{
	static const char *const presses[][2] = {
		{"press=late_30", "Member assigned 30"},
		{"press=declined", "Member declined"},
		{"press=coming", "Member assigned"},
		{"press=check_in", "Member assigned check_in"},
		{"press=check_out",
		 "Member assigned check_in, Member assigned check_out"},
	};
	int64_t shift = shift_make("Pressed", 15, 75);
	struct str link = link_to(assign(shift, MEMBER), 105, 1);
	struct response r;

	(void)state;
	/* Nobody else's page can press for them. */
	r = world_sendf(&answer,
			"POST %.*s HTTP/1.1\r\nSec-Fetch-Site: cross-site\r\n"
			"Content-Type: application/x-www-form-urlencoded\r\n"
			"\r\npress=declined",
			STR_ARG(link));
	expect_status(&r, 403);
	expect_people(shift, "Member assigned");
	for (size_t i = 0; i < sizeof(presses) / sizeof(presses[0]); i++) {
		r = world_post(&answer, link, str_of(presses[i][0]));
		expect_status(&r, 303);
		assert_true(str_starts(response_header(&r, "Location"), link));
		expect_people(shift, presses[i][1]);
	}
	r = world_post(&answer, link, STR("press=offer"));
	expect_status(&r, 422);
}

static void one_404_for_links(void **state)
{
	int64_t shift = shift_make("Forged", 15, 75);
	int64_t id = assign(shift, MEMBER);
	struct str good = link_to(id, 105, 1);
	struct response none = world_get(&answer, STR("/no/such/page"));
	struct str tries[] = {
		link_to(id, 105, 0),
		link_to(id, 105, 2),
		link_to(id + 1000, 105, 1),
		str_first(good, good.n - 1),
		str_printf(&world.arena, "%.*sA", STR_ARG(good)),
		str_printf(
			&world.arena, "/s/%.*s",
			STR_ARG(world_token(&answer, TOKEN_PROMPT, id, 1, 0))),
		STR("/s/x"),
	};
	struct str before = world_digest(&world);

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		struct response r = link_get(tries[i], "");

		assert_true(str_equal(r.text, none.text));
		r = link_get(tries[i], "/decline");
		assert_true(str_equal(r.text, none.text));
		r = world_post(&answer, tries[i], STR("press=check_in"));
		assert_true(str_equal(r.text, none.text));
	}
	assert_true(str_equal(before, world_digest(&world)));
	world_sql(&world,
		  "update duty_assignments set generation = 2 where id = %lld",
		  (long long)id);
	struct response r = link_get(good, "");
	assert_true(str_equal(r.text, none.text));
}

static void says_what_is_over(void **state)
{
	int64_t gone = shift_make("Gone", -120, -60);
	int64_t off = shift_make("Off", 15, 75);
	int64_t moved = shift_make("Moved", 500, 560);
	struct str links[] = {
		link_to(assign(gone, MEMBER), 105, 1),
		link_to(assign(off, MEMBER), 105, 1),
		link_to(assign(moved, MEMBER), -1, 1),
	};
	static const char *const words[] = {"This shift is over",
					    "This shift was cancelled",
					    "This link is too old"};
	struct str before;

	(void)state;
	world_sql(&world,
		  "update duty_schedules set status = 'cancelled' "
		  "where id = %lld",
		  (long long)off);
	before = world_digest(&world);
	for (int i = 0; i < 3; i++) {
		struct response r = link_get(links[i], "");

		expect_status(&r, 410);
		assert_true(response_has(&r, words[i]));
		assert_false(response_has(&r, "<button"));
		r = link_get(links[i], "/decline");
		expect_status(&r, 410);
		r = world_post(&answer, links[i], STR("press=declined"));
		expect_status(&r, 410);
	}
	assert_true(str_equal(before, world_digest(&world)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"/shifts has theirs: the next first, then what is over",
		 lists_what_is_theirs, NULL, NULL, NULL},
		{"what is over comes a page at a time", pages_what_is_over,
		 NULL, NULL, NULL},
		{"R-C6 late, can't come, after all, in and out: a press each",
		 tells_by_its_buttons, NULL, NULL, NULL},
		{"it asks once before it is said that they can't come",
		 asks_before_not_coming, NULL, NULL, NULL},
		{"what is no button changes nothing", refuses_what_is_no_button,
		 NULL, NULL, NULL},
		{"R-O2 offered, taken, and gone for who comes second",
		 goes_from_one_to_another, NULL, NULL, NULL},
		{"an offer that is withdrawn cannot be taken",
		 keeps_what_nobody_took, NULL, NULL, NULL},
		{"what they have then is said before they take it",
		 says_what_they_have_then, NULL, NULL, NULL},
		{"R-A8 R-C6 the link of a reminder opens it, and changes "
		 "nothing",
		 opens_by_its_link, NULL, NULL, NULL},
		{"R-C6 the same presses by the link, from its own page only",
		 tells_by_its_link, NULL, NULL, NULL},
		{"R-A8 forged and revoked links are the one 404",
		 one_404_for_links, NULL, NULL, NULL},
		{"R-A8 past its date it says what is over", says_what_is_over,
		 NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("shift", tests, open_world,
					   close_world);
}
