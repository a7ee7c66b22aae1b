/*
 * The door of an event by plain forms: finding people, one press, many,
 * taking back, somebody new.
 */
#include "page/doorway.h"

/* --- finding --- */

static void finds_by_words(void **state)
{
	int64_t anna = doorway_person("Anna Berg", "registered");
	struct response r;

	(void)state;
	(void)doorway_person("Bob Annable <b>", "registered");
	(void)doorway_person("Cara", "registered");
	r = doorway_get(STAFF, "");
	expect_status(&r, 200);
	expect_has(&r, "data-count=\"here\">0<");
	expect_has(&r, "data-count=\"unmarked\">3<");
	expect_has(&r, "Anna Berg");
	expect_has(&r, "Bob Annable &lt;b&gt;");
	r = doorway_get(STAFF, "?q=ann");
	expect_has(&r, "Anna Berg");
	expect_has(&r, "Annable");
	expect_none(&r, ">Cara<");
	expect_has(&r, "value=\"ann\"");
	r = doorway_get(STAFF, "?q=BERG+anna");
	expect_has(&r, "Anna Berg");
	expect_none(&r, "Annable");
	r = doorway_get(
		STAFF,
		str_z(&doorway.world.arena,
		      world_sql(&doorway.world,
				"select '?q=' || u.email from users u join "
				"event_participants p on p.user_id = u.id "
				"where p.id = %lld",
				(long long)anna)));
	expect_has(&r, "Anna Berg");
	r = doorway_get(STAFF, "?q=zoe");
	expect_has(&r, "We found nobody called “zoe”.");
	/* A member who did not register. */
	r = doorway_get(STAFF, "?q=member");
	expect_has(&r, "Not registered");
	expect_button(&r, "walk_in", true);
}

static void comes_50_a_page(void **state)
{
	struct str next, rest;
	struct response r;

	(void)state;
	for (int i = 1; i <= 52; i++)
		(void)doorway_person(str_z(&doorway.world.arena,
					   str_printf(&doorway.world.arena,
						      "Visitor %02d", i)),
				     "registered");
	r = doorway_get(STAFF, "");
	expect_has(&r, "Visitor 50");
	expect_none(&r, "Visitor 51");
	next = str_from(r.body, str_find_str(r.body, STR("door?q=&amp;after")));
	assert_true(next.n > 0);
	next = str_cut(str_from(next, 4), '"', &rest);
	r = doorway_get(
		STAFF,
		str_z(&doorway.world.arena,
		      str_printf(&doorway.world.arena, "?after=%.*s",
				 STR_ARG(str_from(
					 next, (ptrdiff_t)strlen(
						       "?q=&amp;after="))))));
	expect_has(&r, "Visitor 51");
	expect_has(&r, "Visitor 52");
	expect_none(&r, "Visitor 50");
	expect_none(&r, "rel=\"next\"");
}

/* --- one press --- */

static void one_press_checks_in(void **state)
{
	int64_t anna = doorway_person("Anna Berg", "registered");
	struct response r = doorway_press(STAFF, "check_in", anna);

	(void)state;
	expect_has(&r, "Anna Berg is here.");
	expect_has(&r, "data-count=\"here\">1<");
	expect_has(&r, "data-count=\"unmarked\">0<");
	assert_string_equal(doorway_state(anna), "registered present");
	/* What was done is told by its own address once only to who did it. */
	r = doorway_get(ADMIN, "?done=" WORLD_REQUEST_ID);
	expect_none(&r, "is here.");
}

static void a_second_press_says_when_and_by_whom(void **state)
{
	int64_t anna = doorway_person("Anna Berg", "registered");
	struct response r = doorway_press(STAFF, "check_in", anna);
	struct str before = world_sql(
		&doorway.world, "select count(*) from event_attendance_audit");

	(void)state;
	world_sql(&doorway.world,
		  "update test_clock set at = '2026-11-20 14:09Z'");
	r = doorway_press(ADMIN, "check_in", anna);
	world_sql(&doorway.world,
		  "update test_clock set at = '2026-11-20 14:05Z'");
	expect_has(&r, "Anna Berg has been here since 15:05, checked in by "
		       "Staff.");
	assert_string_equal(doorway_state(anna), "registered present");
	assert_true(str_equal(before, world_sql(&doorway.world,
						"select count(*) from "
						"event_attendance_audit")));
	r = doorway_get(STAFF, "");
	expect_has(&r, "15:05, by Staff");
}

static void is_late_after_the_grace(void **state)
{
	int64_t anna = doorway_person("Anna Berg", "registered");
	struct response r;

	(void)state;
	doorway_set("grace = '4 minutes 59 seconds'");
	r = doorway_press(STAFF, "check_in", anna);
	expect_has(&r, "Anna Berg is here, late.");
	expect_has(&r, "data-count=\"here\">1<");
	expect_has(&r, "<span data-some>, <span data-count=\"late\">1<");
	assert_string_equal(doorway_state(anna), "registered late");
}

static void is_taken_back(void **state)
{
	int64_t anna = doorway_person("Anna Berg", "registered");
	int64_t bob = doorway_person("Bob", "registered");
	struct response r = doorway_press(STAFF, "excuse", anna);

	(void)state;
	expect_has(&r, "Anna Berg is excused.");
	expect_has(&r, "data-count=\"unmarked\">1<");
	expect_has(&r, "data-count=\"excused\">1<");
	r = doorway_press(STAFF, "undo", anna);
	expect_has(&r, "Undone. Anna Berg is not marked.");
	assert_string_equal(doorway_state(anna), "registered unknown");
	r = doorway_press(STAFF, "undo", anna);
	expect_has(&r, "so there is nothing to undo.");
	r = doorway_press(STAFF, "check_in", bob);
	expect_button(&r, "undo", true);
	/* Nobody at the door takes back what somebody else did. */
	r = doorway_press(DOOR, "undo", bob);
	expect_has(&r, "Only who marked it, or staff, can undo it.");
	assert_string_equal(doorway_state(bob), "registered present");
	r = doorway_press(DOOR, "excuse", anna);
	expect_has(&r, "Only staff can do that.");
	assert_string_equal(doorway_state(anna), "registered unknown");
	r = doorway_press(DOOR, "check_in", anna);
	r = doorway_press(DOOR, "undo", anna);
	expect_has(&r, "Undone. Anna Berg is not marked.");
}

static void lets_in_who_did_not_register(void **state)
{
	int64_t waits = doorway_person("Wanda", "waitlisted");
	int64_t left = doorway_person("Leo", "cancelled");
	struct response r = doorway_get(STAFF, "?q=wanda");
	struct str body;

	(void)state;
	expect_has(&r, "on the waiting list");
	expect_button(&r, "walk_in", true);
	expect_button(&r, "check_in", false);
	r = doorway_press(STAFF, "check_in", waits);
	expect_has(&r, "Wanda is not registered. Let them in as a walk-in.");
	assert_string_equal(doorway_state(waits), "waitlisted unknown");
	r = doorway_press(STAFF, "walk_in", waits);
	expect_has(&r, "Wanda is here.");
	assert_string_equal(doorway_state(waits), "registered present");
	r = doorway_press(STAFF, "undo", waits);
	assert_string_equal(doorway_state(waits), "waitlisted unknown");
	r = doorway_press(STAFF, "walk_in", left);
	assert_string_equal(doorway_state(left), "registered present");
	/* A member by their own number. */
	body = str_printf(&doorway.world.arena, "what=walk_in&user=%lld",
			  (long long)doorway.team.user[MEMBER]);
	r = doorway_post(STAFF, "", str_z(&doorway.world.arena, body));
	r = doorway_follow(STAFF, &r);
	expect_has(&r, "Member is here.");
	/* Of the other organisation, nobody. */
	body = str_printf(&doorway.world.arena, "what=walk_in&user=%lld",
			  (long long)doorway.team.user[OTHER_MEMBER]);
	r = doorway_post(STAFF, "", str_z(&doorway.world.arena, body));
	r = doorway_follow(STAFF, &r);
	expect_has(&r, "We could not find that person here.");
	expect_none(&r, "Other_Member");
}

static void a_code_finds_who_has_it(void **state)
{
	int64_t anna = doorway_person("Anna Berg", "registered");
	struct str code = world_token(&doorway.world, TOKEN_QR, anna, 1,
				      INT64_C(1795000000));
	struct str at =
		str_printf(&doorway.world.arena, "/c/%.*s", STR_ARG(code));
	struct response r;

	(void)state;
	(void)doorway_person("Bob", "registered");
	r = team_get(&doorway.world, &doorway.team, DOOR, at);
	r = doorway_follow(DOOR, &r);
	expect_has(&r, "Anna Berg");
	expect_none(&r, "Bob");
	/* Who has no door here is told nothing, signed in or not. */
	r = team_get(&doorway.world, &doorway.team, NOBODY, at);
	expect_status(&r, 200);
	expect_none(&r, "Anna");
	r = team_get(&doorway.world, &doorway.team, OTHER_STAFF, at);
	expect_status(&r, 404);
	r = team_get(&doorway.world, &doorway.team, MEMBER, at);
	expect_status(&r, 404);
	/* One that was replaced. */
	world_sql(&doorway.world,
		  "update event_participants set generation = 2 where id = "
		  "%lld",
		  (long long)anna);
	r = team_get(&doorway.world, &doorway.team, STAFF, at);
	r = doorway_follow(STAFF, &r);
	expect_has(&r, "there is a newer one");
	expect_none(&r, "<b data-name>Anna");
	r = team_get(&doorway.world, &doorway.team, STAFF, STR("/c/AAAA"));
	expect_status(&r, 404);
}

/* --- many at once --- */

static void ticks_many(void **state)
{
	int64_t anna = doorway_person("Anna Berg", "registered");
	int64_t bob = doorway_person("Bob", "registered");
	int64_t waits = doorway_person("Wanda", "waitlisted");
	struct response r = doorway_get(STAFF, "/group");
	struct str body;

	(void)state;
	expect_has(&r, "Anna Berg");
	expect_none(&r, "Wanda");
	expect_none(&r, "checked>");
	r = doorway_get(STAFF, "/group?tick=all&q=ann");
	expect_has(&r, "checked>");
	expect_none(&r, "Bob");
	r = doorway_post(STAFF, "", "what=check_in");
	r = doorway_follow(STAFF, &r);
	expect_has(&r, "You chose nobody");
	body = str_printf(&doorway.world.arena,
			  "what=check_in&participant[]=%lld&participant[]=%lld"
			  "&participant[]=%lld&participant[]=x"
			  "&participant[]=999999999",
			  (long long)anna, (long long)bob, (long long)waits);
	r = doorway_post(STAFF, "", str_z(&doorway.world.arena, body));
	r = doorway_follow(STAFF, &r);
	expect_has(&r, "Done for 2.");
	expect_has(&r, "Wanda is not registered.");
	expect_has(&r, "We could not find that person here.");
	assert_string_equal(doorway_state(anna), "registered present");
	assert_string_equal(doorway_state(bob), "registered present");
	r = doorway_get(STAFF, "/group");
	expect_has(&r, "Everyone is marked.");
}

/* --- somebody new --- */

static void lets_in_somebody_new(void **state)
{
	struct response r = doorway_get(STAFF, "/new?q=New+Nora");

	(void)state;
	expect_has(&r, "value=\"New Nora\"");
	r = doorway_post(STAFF, "/new", "name=New+Nora&email=nora@new.example");
	r = doorway_follow(STAFF, &r);
	expect_has(&r, "New Nora is here.");
	assert_int_equal(
		world_sql_int(&doorway.world,
			      "select count(*) from memberships m join users u "
			      "on u.id = m.user_id where m.org_id = %lld and "
			      "u.email = 'nora@new.example' and m.role = "
			      "'member'",
			      (long long)doorway.team.org),
		1);
	/* Once more: they are here already, under whatever name. */
	r = doorway_post(STAFF, "/new", "name=Nora&email=NORA@new.example");
	r = doorway_follow(STAFF, &r);
	expect_has(&r, "New Nora has been here since 15:05");
}

static void wants_a_name_and_an_address(void **state)
{
	static const char *const bodies[] = {
		"",
		"name=&email=",
		"name=Nora&email=",
		"name=Nora&email=nora",
		"name=Nora&email=a%0d%0ab@new.example",
		"name=&email=x@new.example",
		"name=+&email=x@new.example",
		"name=A%00B&email=x@new.example",
		"name=A%0aB&email=x@new.example",
		"name=%ff&email=x@new.example",
		"name=A&name=B&email=x@new.example",
	};
	int64_t people =
		world_sql_int(&doorway.world, "select count(*) from users");
	struct response r;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		r = doorway_post(STAFF, "/new", bodies[i]);
		expect_status(&r, 422);
	}
	r = doorway_post(STAFF, "/new", "name=%3Cb%3ENora&email=nora");
	expect_has(&r, "value=\"&lt;b&gt;Nora\"");
	doorway_set("status = 'completed', ends_at = '2026-11-20 14:01Z'");
	r = doorway_post(STAFF, "/new", "name=Nora&email=late@new.example");
	expect_status(&r, 422);
	expect_has(&r, "The event is over and its door is closed.");
	expect_has(&r, "value=\"Nora\"");
	assert_int_equal(
		world_sql_int(&doorway.world, "select count(*) from users"),
		people);
}

/* --- when the door is shut --- */

static void is_shut(void **state)
{
	int64_t anna = doorway_person("Anna Berg", "registered");
	struct response r;

	(void)state;
	doorway_set("starts_at = '2026-11-20 14:20:01Z'");
	r = doorway_get(STAFF, "");
	expect_has(&r, "Check-in opens");
	expect_button(&r, "check_in", false);
	r = doorway_press(STAFF, "check_in", anna);
	expect_has(&r, "Check-in opens at 15:05.");
	doorway_set("starts_at = '2026-11-20 14:20:00Z'");
	doorway_set("status = 'cancelled'");
	r = doorway_press(STAFF, "check_in", anna);
	expect_has(&r, "This event is cancelled.");
	expect_has(&r, "Nobody can be checked in.");
	doorway_set("status = 'completed', starts_at = '2026-11-20 12:00Z', "
		    "ends_at = '2026-11-20 14:00Z'");
	r = doorway_press(STAFF, "check_in", anna);
	expect_has(&r, "The event is over and its door is closed.");
	r = doorway_get(STAFF, "");
	expect_has(&r, "Correct who was there</a>");
	expect_button(&r, "undo", false);
	r = doorway_get(DOOR, "");
	expect_has(&r, "Staff can correct who was there.");
	assert_string_equal(doorway_state(anna), "registered unknown");
}

#define AT_AN_EVENT(name, function)                                            \
	{                                                                      \
		name, function, doorway_make, NULL, NULL                       \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AT_AN_EVENT("finds by words, address and beginnings",
			    finds_by_words),
		AT_AN_EVENT("the list goes on after 50", comes_50_a_page),
		AT_AN_EVENT("R-B3 one press checks in", one_press_checks_in),
		AT_AN_EVENT("R-B3 a second press says since when, and by whom",
			    a_second_press_says_when_and_by_whom),
		AT_AN_EVENT("R-B3 after the grace one is late",
			    is_late_after_the_grace),
		AT_AN_EVENT("what was done is taken back, by whom it may be",
			    is_taken_back),
		AT_AN_EVENT("R-B3 who waits, withdrew or never registered is "
			    "let in in one step",
			    lets_in_who_did_not_register),
		AT_AN_EVENT("a code leads to who has it",
			    a_code_finds_who_has_it),
		AT_AN_EVENT("many are ticked at once", ticks_many),
		AT_AN_EVENT(
			"R-B3 somebody new is a member and here in one step",
			lets_in_somebody_new),
		AT_AN_EVENT("without a name and an address nobody is new",
			    wants_a_name_and_an_address),
		AT_AN_EVENT("R-B3 before, after and when it is cancelled the "
			    "door is shut",
			    is_shut),
	};

	return cmocka_run_group_tests_name("door", tests, doorway_open,
					   doorway_close);
}
