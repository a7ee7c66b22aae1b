/*
 * What the door of an event keeps from whom: its people from everybody who
 * has no business there, and itself from nonsense.
 */
#include "page/doorway.h"
#include "page/fixture.h"

static int64_t attempts(void)
{
	return world_sql_int(&doorway.world,
			     "select count(*) from door_attempts");
}

static void takes_nonsense_for_nobody(void **state)
{
	static const char *const searches[] = {
		"?q=%25",
		"?q=_",
		"?q=%00",
		"?q=%ff%fe",
		"?q=%27%3B+drop+table+users--",
		"?q=%5C",
		"?q=...",
		"?q=!%26%7C%28",
		"?q=%F0%9F%98%80",
		"?q=a:b:*",
		"?q=/c/AAAA",
		"?q=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"?after=x",
		"?after=-1",
		"?after=99999999999999999999",
		"?after=9223372036854775807",
		"?q=zoe&after=9223372036854775807",
		"?done=x",
		"?done=%00",
		"?note=x",
		"?q=a&q=b",
	};

	(void)state;
	(void)doorway_person("Anna Berg", "registered");
	for (size_t i = 0; i < sizeof(searches) / sizeof(searches[0]); i++) {
		struct response r = doorway_get(STAFF, searches[i]);

		if (r.status != 200)
			print_error("%s\n", searches[i]);
		expect_status(&r, 200);
		r = doorway_get(STAFF,
				str_z(&doorway.world.arena,
				      str_printf(&doorway.world.arena,
						 "/group%s", searches[i])));
		expect_status(&r, 200);
		r = doorway_get(DOOR, searches[i]);
		expect_status(&r, 200);
		expect_none(&r, "Anna Berg");
	}
}

static void the_door_has_no_lists(void **state)
{
	int64_t anna = doorway_person("Anna Berg", "registered");
	struct response r = doorway_get(DOOR, "");

	(void)state;
	expect_status(&r, 200);
	expect_has(&r, "data-count=\"unmarked\">1<");
	expect_none(&r, "Anna");
	expect_none(&r, "Tick several");
	expect_none(&r, "somebody new");
	r = doorway_get(DOOR, "?q=an");
	expect_none(&r, "Anna Berg");
	expect_has(&r, "at least three letters");
	r = doorway_get(DOOR, "?q=ann");
	expect_has(&r, "Anna Berg");
	expect_button(&r, "check_in", true);
	expect_button(&r, "excuse", false);
	r = doorway_get(DOOR, "/group");
	expect_status(&r, 404);
	r = doorway_get(DOOR, "/new");
	expect_status(&r, 404);
	r = doorway_post(DOOR, "/new", "name=Nora&email=nora2@new.example");
	expect_status(&r, 404);
	/* Nor names by trying numbers. */
	r = doorway_press(DOOR, "undo", anna);
	expect_none(&r, "Anna");
}

static void nobody_else_opens_it(void **state)
{
	static const char *const tails[] = {"", "/group", "/new"};
	static const enum reader others[] = {MEMBER, RESPONDER, OTHER_MEMBER,
					     OTHER_STAFF};
	int64_t anna = doorway_person("Anna Berg", "registered");
	struct str body =
		str_printf(&doorway.world.arena,
			   "what=check_in&participant=%lld", (long long)anna);
	struct str own = doorway.team.slug;
	struct response r;

	(void)state;
	for (size_t t = 0; t < 3; t++)
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]);
		     i++) {
			r = doorway_get(others[i], tails[t]);
			expect_status(&r, 404);
			r = doorway_post(others[i], t == 2 ? "/new" : "",
					 str_z(&doorway.world.arena, body));
			expect_status(&r, 404);
		}
	/* By the address of their own organisation. */
	doorway.team.slug = doorway.team.other_slug;
	for (size_t t = 0; t < 3; t++) {
		r = doorway_get(OTHER_STAFF, tails[t]);
		expect_status(&r, 404);
	}
	r = doorway_post(OTHER_STAFF, "", str_z(&doorway.world.arena, body));
	expect_status(&r, 404);
	r = doorway_post(OTHER_STAFF, "/new",
			 "name=Nora&email=nora3@new.example");
	expect_status(&r, 404);
	doorway.team.slug = own;
	r = fixture_post(
		&doorway.world, doorway.team.cookie[STAFF], doorway_path(""),
		str_printf(&doorway.world.arena, "csrf=x&%.*s", STR_ARG(body)));
	expect_status(&r, 403);
	assert_string_equal(doorway_state(anna), "registered unknown");
	doorway_set("status = 'draft'");
	r = doorway_get(STAFF, "");
	expect_status(&r, 404);
	r = doorway_post(STAFF, "", str_z(&doorway.world.arena, body));
	expect_status(&r, 404);
}

static void nonsense_does_nothing(void **state)
{
	static const char *const refused[] = {"",
					      "what=",
					      "what=x&participant=1",
					      "what=check_in%00",
					      "what=check_in&what=undo",
					      "participant=1"};
	static const char *const nobody[] = {
		"what=check_in&participant=",
		"what=check_in&participant=x",
		"what=check_in&participant=0",
		"what=check_in&participant=-1",
		"what=check_in&participant=1.5",
		"what=check_in&participant=99999999999999999999",
		"what=undo&participant=%00",
		"what=walk_in&user=x",
	};
	int64_t before = attempts();
	struct response r;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		r = doorway_post(STAFF, "", refused[i]);
		expect_status(&r, 422);
	}
	for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
		r = doorway_post(STAFF, "", nobody[i]);
		r = doorway_follow(STAFF, &r);
		expect_has(&r, "You chose nobody");
	}
	assert_int_equal(attempts(), before);
	r = doorway_post(STAFF, "",
			 "what=check_in&participant=9223372036854775807");
	r = doorway_follow(STAFF, &r);
	expect_has(&r, "We could not find that person here.");
}

#define AT_AN_EVENT(name, function)                                            \
	{                                                                      \
		name, function, doorway_make, NULL, NULL                       \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AT_AN_EVENT("a search for nonsense finds nobody",
			    takes_nonsense_for_nobody),
		AT_AN_EVENT("R-O1 the door role has no lists",
			    the_door_has_no_lists),
		AT_AN_EVENT("R-O2 to everybody else there is no door",
			    nobody_else_opens_it),
		AT_AN_EVENT("nonsense in each field does nothing",
			    nonsense_does_nothing),
	};

	return cmocka_run_group_tests_name("door_walls", tests, doorway_open,
					   doorway_close);
}
