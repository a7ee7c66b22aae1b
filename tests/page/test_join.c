/*
 * An organisation's public page, and what joining tells whom.
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

static struct str slug_of(const struct fixture *f)
{
	return world_sql(&world,
			 "select slug from organizations where id = "
			 "%lld",
			 (long long)f->org);
}

static struct str org_path(const struct fixture *f, const char *rest)
{
	return str_printf(&world.arena, "/o/%.*s%s", STR_ARG(slug_of(f)), rest);
}

static void set_join(const struct fixture *f, const char *how)
{
	world_sql(&world,
		  "update organizations set \"join\" = '%s' where id = %lld",
		  how, (long long)f->org);
}

/* An open organisation with an event to come. */
static struct fixture open_org(void)
{
	struct fixture f = fixture_event(&world, "-3 days");

	set_join(&f, "open");
	return f;
}

static struct response ask(const struct fixture *f, const char *body)
{
	return world_post(&world, org_path(f, ""), str_of(body));
}

/* The same with the address of somebody known. */
static struct response ask_as(const struct fixture *f,
			      const struct fixture *who)
{
	return world_post(&world, org_path(f, ""),
			  str_printf(&world.arena, "name=X&email=%.*s",
				     STR_ARG(who->email)));
}

/* The path of the newest request's link. */
static struct str newest_link(void)
{
	int64_t request =
		world_sql_int(&world, "select max(id) from sign_in_requests");
	int64_t expires =
		world_sql_int(&world,
			      "select extract(epoch from expires_at)::bigint "
			      "from sign_in_requests where id = %lld",
			      (long long)request);

	return str_printf(&world.arena, "/signin/%.*s",
			  STR_ARG(world_token(&world, TOKEN_SIGN_IN, request, 1,
					      expires)));
}

static int64_t members(const struct fixture *f)
{
	return world_sql_int(
		&world, "select count(*) from memberships where org_id = %lld",
		(long long)f->org);
}

static struct str cookie_of(const struct response *r)
{
	struct str rest;
	struct str set = response_header(r, "Set-Cookie");

	return str_printf(&world.arena, "Cookie: %.*s\r\n",
			  STR_ARG(str_cut(set, ';', &rest)));
}

static void shows_an_open_org(void **state)
{
	struct fixture f = open_org();
	struct response r;

	(void)state;
	world_sql(&world,
		  "insert into events (org_id, title, starts_at, status, "
		  "is_virtual, location) select %lld, t, app_now() + "
		  "interval '1 day', s, v, l from (values ('Secret draft', "
		  "'draft', false, ''), ('Gone', 'cancelled', false, ''), "
		  "('Talk', 'published', true, 'https://meet.example/x')) "
		  "x(t, s, v, l)",
		  (long long)f.org);
	world_sql(&world,
		  "insert into events (org_id, title, starts_at, status) "
		  "values (%lld, 'Long over', app_now() - interval '5 days', "
		  "'completed')",
		  (long long)f.org);
	r = world_get(&world, org_path(&f, ""));
	expect_status(&r, 200);
	assert_true(response_has(&r, "Regatta"));
	assert_true(response_has(&r, "(Europe/Berlin)"));
	assert_true(response_has(&r, "Talk"));
	assert_true(response_has(&r, "Online"));
	assert_false(response_has(&r, "meet.example"));
	assert_false(response_has(&r, "Secret draft"));
	assert_false(response_has(&r, "Gone"));
	assert_false(response_has(&r, "Long over"));
	assert_false(response_has(&r, "href=\"/events/"));
	assert_false(response_has(&r, "Ada Lovelace"));

	/* A member sees the way in. */
	r = fixture_get(&world, fixture_sign_in(&world, &f), org_path(&f, ""));
	expect_status(&r, 200);
	assert_true(response_has(&r, "You are a member."));
	assert_true(response_has(&r, "href=\"/events/"));
	assert_true(response_has(&r, "meet.example"));
	assert_false(response_has(&r, "name=\"email\""));
}

static void hides_an_invite_org(void **state)
{
	struct fixture f = fixture_event(&world, "-3 days");
	struct fixture other = fixture_event(&world, "-3 days");
	struct str me = fixture_sign_in(&world, &other);
	struct response there = world_get(&world, org_path(&f, ""));
	struct response nowhere = world_get(&world, STR("/o/nowhere"));
	struct str before = world_digest(&world);
	struct response r;

	(void)state;
	expect_status(&there, 404);
	assert_true(str_equal(there.text, nowhere.text));
	r = ask(&f, "name=Zoe&email=zoe@new.example");
	nowhere = world_post(&world, STR("/o/nowhere"),
			     STR("name=Zoe&email=zoe@new.example"));
	assert_true(str_equal(r.text, nowhere.text));
	there = fixture_get(&world, me, org_path(&f, ""));
	nowhere = fixture_get(&world, me, STR("/o/nowhere"));
	expect_status(&there, 404);
	assert_true(str_equal(there.text, nowhere.text));
	r = fixture_get(&world, me, STR("/me"));
	r = fixture_post(&world, me, org_path(&f, "/join"),
			 str_printf(&world.arena, "csrf=%.*s",
				    STR_ARG(fixture_csrf(&world, &r))));
	expect_status(&r, 404);
	assert_true(str_equal(before, world_digest(&world)));
	r = fixture_get(&world, fixture_sign_in(&world, &f), org_path(&f, ""));
	expect_status(&r, 200);
	assert_true(response_has(&r, "by invitation only"));
}

static void answers_all_alike(void **state)
{
	struct fixture f = open_org();
	struct fixture other = open_org();
	struct response unknown = ask(&f, "name=Zoe&email=zoe1@new.example");
	struct response member, known, late;

	(void)state;
	expect_status(&unknown, 200);
	member = ask_as(&f, &f);
	known = ask_as(&f, &other);
	assert_true(str_equal(unknown.text, member.text));
	assert_true(str_equal(unknown.text, known.text));
	for (int i = 0; i < 3; i++)
		late = ask(&f, "name=Zoe&email=zoe1@new.example");
	assert_true(str_equal(unknown.text, late.text));
	assert_int_equal(world_sql_int(&world,
				       "select count(*) from sign_in_requests "
				       "where email = 'zoe1@new.example'"),
			 3);
	assert_int_equal(members(&f), 1);
}

static void joins_by_the_button(void **state)
{
	struct fixture f = open_org();
	struct response r = ask(&f, "name=+Zo%C3%AB+New+&email=Zoe2@new."
				    "example");
	struct str link = newest_link();
	struct str before;

	(void)state;
	expect_status(&r, 200);
	before = world_digest(&world);
	for (int i = 0; i < 3; i++) {
		r = world_get(&world, link);
		expect_status(&r, 200);
		assert_true(response_has(&r, "Zo\xc3\xab New"));
		assert_true(response_has(&r, "Join"));
	}
	assert_true(str_equal(before, world_digest(&world)));
	r = world_post(&world, link, STR("go=1"));
	expect_status(&r, 303);
	assert_true(str_equal(response_header(&r, "Location"),
			      org_path(&f, "?note=joined")));
	assert_int_equal(members(&f), 2);
	assert_true(str_equal(world_sql(&world,
					"select name from users where email = "
					"'Zoe2@new.example'"),
			      STR("Zo\xc3\xab New")));
	r = fixture_get(&world, cookie_of(&r), org_path(&f, "?note=joined"));
	expect_status(&r, 200);
	assert_true(response_has(&r, "You are a member now."));
	r = world_post(&world, link, STR("go=1"));
	expect_status(&r, 410);
}

static void tells_who_came_too_late(void **state)
{
	struct fixture f = open_org();
	struct fixture other = fixture_event(&world, "-1 day");
	struct response r = ask(&f, "name=Zoe&email=zoe3@new.example");
	struct str link = newest_link();

	(void)state;
	set_join(&f, "invite");
	r = world_get(&world, link);
	expect_status(&r, 410);
	assert_true(response_has(&r, "You cannot join by yourself any more"));
	r = world_post(&world, link, STR("go=1"));
	expect_status(&r, 410);
	assert_true(response_has(&r, "You cannot join by yourself any more"));
	assert_true(str_is_absent(response_header(&r, "Set-Cookie")));
	assert_int_equal(world_sql_int(&world,
				       "select count(*) from users where email "
				       "= 'zoe3@new.example'"),
			 0);

	/* Somebody known is signed in, and told. */
	set_join(&f, "open");
	r = ask_as(&f, &other);
	link = newest_link();
	set_join(&f, "invite");
	r = world_post(&world, link, STR("go=1"));
	expect_status(&r, 303);
	assert_true(str_equal(response_header(&r, "Location"),
			      STR("/me?note=join_closed")));
	r = fixture_get(&world, cookie_of(&r), STR("/me?note=join_closed"));
	assert_true(response_has(&r, "you did not join"));
	assert_int_equal(members(&f), 1);
}

static void refuses_bad_input(void **state)
{
	static const char *const bodies[] = {
		"",
		"name=Zoe",
		"email=zoe@new.example",
		"name=Zoe&email=zoe",
		"name=Zoe&email=a@x.example%0d%0aRCPT",
		"name=Zo%00e&email=zoe@new.example",
		"name=Zo%0de&email=zoe@new.example",
		"name=Zo%80&email=zoe@new.example",
		"name=Zoe&name=Zoe&email=zoe@new.example",
	};
	struct fixture f = open_org();
	struct str before = world_digest(&world);

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct response r = ask(&f, bodies[i]);

		if (r.status != 422)
			fail_msg("%s: %d", bodies[i], r.status);
		assert_true(response_has(&r, "This is not saved yet"));
	}
	struct response r = world_sendf(
		&world,
		"POST %.*s HTTP/1.1\r\nSec-Fetch-Site: cross-site\r\n"
		"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
		"name=Zoe&email=zoe@new.example",
		STR_ARG(org_path(&f, "")));
	expect_status(&r, 403);
	assert_true(str_equal(before, world_digest(&world)));
}

static void joins_who_is_signed_in(void **state)
{
	struct fixture f = open_org();
	struct fixture other = fixture_event(&world, "-1 day");
	struct str me = fixture_sign_in(&world, &other);
	struct response r = fixture_get(&world, me, org_path(&f, ""));
	struct str body = str_printf(&world.arena, "csrf=%.*s",
				     STR_ARG(fixture_csrf(&world, &r)));

	(void)state;
	assert_false(response_has(&r, "name=\"email\""));
	r = fixture_post(&world, me, org_path(&f, "/join"), STR("csrf=x"));
	expect_status(&r, 403);
	assert_int_equal(members(&f), 1);
	for (int i = 0; i < 2; i++) {
		r = fixture_post(&world, me, org_path(&f, "/join"), body);
		expect_status(&r, 303);
		assert_true(
			str_equal(response_header(&r, "Location"),
				  org_path(&f, i == 0 ? "?note=joined" : "")));
		assert_int_equal(members(&f), 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-O5 an open organisation's page shows what is coming",
		 shows_an_open_org, NULL, NULL, NULL},
		{"R-O5 others' are as if they were not there",
		 hides_an_invite_org, NULL, NULL, NULL},
		{"R-O4, R-O3 asking tells nobody whether an address is known",
		 answers_all_alike, NULL, NULL, NULL},
		{"R-O4 the link's button joins, looking at it does not",
		 joins_by_the_button, NULL, NULL, NULL},
		{"R-O4 who comes after it closed is told so",
		 tells_who_came_too_late, NULL, NULL, NULL},
		{"R-O4 what is no name or address is refused, and kept to mend",
		 refuses_bad_input, NULL, NULL, NULL},
		{"R-O4 who is signed in joins by one press",
		 joins_who_is_signed_in, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("join", tests, open_world,
					   close_world);
}
