/*
 * What people set for themselves: name, zone, quiet hours, mail.
 */
#include "page/fixture.h"

static struct world world;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "member");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

/* Somebody signed in. */
struct person {
	struct fixture f;
	struct str cookie, csrf;
};

static struct person make_person(void)
{
	struct person p = {.f = fixture_event(&world, "-1 day")};
	struct response r;

	p.cookie = fixture_sign_in(&world, &p.f);
	r = fixture_get(&world, p.cookie, STR("/me"));
	p.csrf = fixture_csrf(&world, &r);
	return p;
}

static struct response save(const struct person *p, struct str path,
			    const char *body)
{
	return fixture_post(&world, p->cookie, path,
			    str_printf(&world.arena, "csrf=%.*s&%s",
				       STR_ARG(p->csrf), body));
}

static struct str column(const struct person *p, const char *name)
{
	return world_sql(&world, "select %s from users where id = %lld", name,
			 (long long)p->f.user);
}

static struct str mail_path(const struct person *p)
{
	return str_printf(
		&world.arena, "/me/mail/%.*s",
		STR_ARG(world_sql(&world,
				  "select slug from organizations where id = "
				  "%lld",
				  (long long)p->f.org)));
}

static struct str frequency(const struct person *p)
{
	return world_sql(&world,
			 "select frequency from event_notification_preferences "
			 "where user_id = %lld",
			 (long long)p->f.user);
}

static void changes_the_name(void **state)
{
	struct person p = make_person();
	struct response r = save(&p, STR("/me/name"), "name=+Zo%C3%AB+");

	(void)state;
	expect_status(&r, 303);
	assert_true(str_equal(column(&p, "name"), STR("Zo\xc3\xab")));
	r = save(&p, STR("/me/name"), "name=A%0dB");
	expect_status(&r, 422);
	assert_true(response_has(&r, "This is not saved yet"));
	r = save(&p, STR("/me/name"), "name=");
	expect_status(&r, 422);
	assert_true(str_equal(column(&p, "name"), STR("Zo\xc3\xab")));
	r = fixture_get(&world, p.cookie, STR("/me/name"));
	assert_true(response_has(&r, "value=\"Zo\xc3\xab\""));
}

static void offers_zones(void **state)
{
	struct person p = make_person();
	struct str before = world_digest(&world);
	struct response r =
		fixture_get(&world, p.cookie, STR("/me/zone?q=new+york"));

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "value=\"America/New_York\""));
	assert_true(response_has(&r, "as your organisation has it"));
	assert_true(response_has(&r, "data-zone=\"Europe/Berlin\""));
	assert_true(response_has(&r, "id=\"zone-here\" hidden"));
	r = fixture_get(&world, p.cookie, STR("/me/zone?q=%3Ci%3E%25_%27"));
	expect_status(&r, 200);
	assert_true(response_has(&r, "We found no zone"));
	assert_false(response_has(&r, "<i>"));
	r = fixture_get(&world, p.cookie, STR("/me/zone?q=%00"));
	expect_status(&r, 200);
	r = fixture_get(&world, p.cookie, STR("/me/zone?zone=Asia/Tokyo"));
	expect_status(&r, 200);
	assert_true(str_equal(before, world_digest(&world)));
}

static void takes_a_zone_by_a_press(void **state)
{
	struct person p = make_person();
	struct response r =
		save(&p, STR("/me/zone"), "zone=America%2FNew_York");

	(void)state;
	expect_status(&r, 303);
	assert_true(str_equal(column(&p, "timezone"), STR("America/New_York")));
	r = fixture_get(&world, p.cookie, STR("/me/zone"));
	assert_true(response_has(&r, "Use my organisation"));
	r = save(&p, STR("/me/zone"), "zone=CEST");
	expect_status(&r, 422);
	assert_true(response_has(&r, "This time zone is not known"));
	r = save(&p, STR("/me/zone"), "zone=..%2F..%2Fetc%2Fpasswd");
	expect_status(&r, 422);
	assert_true(str_equal(column(&p, "timezone"), STR("America/New_York")));
	r = save(&p, STR("/me/zone"), "zone=");
	expect_status(&r, 303);
	assert_true(str_is_absent(column(&p, "timezone")));
}

static void sets_quiet_hours(void **state)
{
	struct person p = make_person();
	struct response r = fixture_get(&world, p.cookie, STR("/me/quiet"));

	(void)state;
	assert_true(response_has(&r, "value=\"21:00\""));
	assert_true(response_has(&r, "value=\"yes\" checked"));
	r = save(&p, STR("/me/quiet"),
		 "quiet=yes&quiet_from=22:30&quiet_to=06:00");
	expect_status(&r, 303);
	assert_true(str_equal(column(&p, "quiet || ' ' || quiet_from"),
			      STR("true 22:30:00")));
	r = save(&p, STR("/me/quiet"), "quiet_from=22:30&quiet_to=06:00");
	expect_status(&r, 303);
	assert_true(str_equal(column(&p, "quiet"), STR("f")));
	r = save(&p, STR("/me/quiet"),
		 "quiet=yes&quiet_from=24:00&quiet_to=06:00");
	expect_status(&r, 422);
	assert_true(response_has(&r, "id=\"quiet_from-error\""));
	assert_true(response_has(&r, "value=\"24:00\""));
	r = save(&p, STR("/me/quiet"),
		 "quiet=yes&quiet_from=06:00&quiet_to=06:00");
	expect_status(&r, 422);
	r = save(&p, STR("/me/quiet"), "quiet=yes");
	expect_status(&r, 422);
}

static void sets_how_often(void **state)
{
	struct person p = make_person();
	struct response r = fixture_get(&world, p.cookie, mail_path(&p));

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "value=\"all\" required checked"));
	assert_false(response_has(&r, "name=\"shift\""));
	r = save(&p, mail_path(&p), "frequency=weekly&seen=all");
	expect_status(&r, 303);
	assert_true(str_equal(frequency(&p), STR("weekly")));
	r = save(&p, mail_path(&p), "frequency=often&seen=weekly");
	expect_status(&r, 422);
	r = save(&p, mail_path(&p), "seen=weekly");
	expect_status(&r, 422);
	assert_true(str_equal(frequency(&p), STR("weekly")));
	r = save(&p, STR("/me/mail/nowhere"), "frequency=none&seen=weekly");
	expect_status(&r, 404);
}

static void does_not_undo_a_stop(void **state)
{
	struct person p = make_person();
	struct response r =
		save(&p, mail_path(&p), "frequency=daily&event=yes&seen=all");

	(void)state;
	expect_status(&r, 303);
	/* The page is open, and the link in a mail is pressed. */
	world_sql(&world,
		  "select unsubscribe(id, generation) from "
		  "event_notification_preferences where user_id = %lld",
		  (long long)p.f.user);
	r = save(&p, mail_path(&p), "frequency=daily&event=yes&seen=daily");
	expect_status(&r, 409);
	assert_true(response_has(&r, "something changed meanwhile"));
	assert_true(response_has(&r, "Now we ask you nothing."));
	assert_true(response_has(&r, "value=\"daily\" required checked"));
	assert_true(response_has(&r, "name=\"seen\" value=\"none\""));
	assert_true(str_equal(frequency(&p), STR("none")));
	/* Now that they have seen it. */
	r = save(&p, mail_path(&p), "frequency=daily&event=yes&seen=none");
	expect_status(&r, 303);
	assert_true(str_equal(frequency(&p), STR("daily")));
}

static void stops_a_category(void **state)
{
	struct person p = make_person();
	struct response r;

	(void)state;
	world_sql(&world,
		  "update memberships set role = 'admin' where user_id = %lld",
		  (long long)p.f.user);
	r = fixture_get(&world, p.cookie, mail_path(&p));
	assert_true(response_has(&r, "name=\"shift\" value=\"yes\" checked"));
	r = save(&p, mail_path(&p), "frequency=all&event=yes&seen=all");
	expect_status(&r, 303);
	r = fixture_get(&world, p.cookie, STR("/me/mail"));
	assert_true(response_has(&r, "You stopped other mail from it"));
	r = fixture_get(&world, p.cookie, mail_path(&p));
	assert_true(response_has(&r, "name=\"shift\" value=\"yes\">"));
	assert_true(response_has(&r, "name=\"seen\" value=\"all shift\""));
	r = save(&p, mail_path(&p),
		 "frequency=all&event=yes&shift=yes&seen=all+shift");
	expect_status(&r, 303);
	assert_int_equal(world_sql_int(&world,
				       "select count(*) from "
				       "category_preferences where user_id = "
				       "%lld and wanted and category = "
				       "'shift'",
				       (long long)p.f.user),
			 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-O1 people change their own name", changes_the_name, NULL,
		 NULL, NULL},
		{"R-O1 zones are found and offered, never taken", offers_zones,
		 NULL, NULL, NULL},
		{"R-O1 a zone is taken by a press", takes_a_zone_by_a_press,
		 NULL, NULL, NULL},
		{"R-F7 quiet hours are the person's", sets_quiet_hours, NULL,
		 NULL, NULL},
		{"R-A12 how often each organisation asks", sets_how_often, NULL,
		 NULL, NULL},
		{"R-G2 an old page does not undo a stop unseen",
		 does_not_undo_a_stop, NULL, NULL, NULL},
		{"R-G2 a category is stopped, and wanted again",
		 stops_a_category, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("preferences", tests, open_world,
					   close_world);
}
